//! Arrow's schema, which Parquet files carry among their notes: a message of `FlatBuffers` in base64.
//!
//! Arrow checks every offset in it before it reads the file, so that a file in which it is damaged opens nowhere. Here the
//! fields are followed by their names and types, as far as it takes to see that; what is said of a type is not looked at.

use crate::detect::base64;

/// How deep fields may lie in each other: Arrow's own bound.
const DEEPEST: usize = 64;

/// What a message is that has a schema, its last version, and the last type of a field that is known.
const SCHEMA: u8 = 1;
const VERSION: usize = 4;
const TYPES: u8 = 26;

/// The bytes of a schema, where it is whole.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let bare = text.trim_end_matches('=');
    let padded = text.len().is_multiple_of(4) && text.len() - bare.len() < 3;
    let bytes = base64::decode(bare).filter(|_| padded)?;
    let behind = bytes.strip_prefix(&[0xFF; 4]).unwrap_or(&bytes);
    let (length, behind) = behind.split_first_chunk()?;
    let flat = behind.get(..usize::try_from(i32::from_le_bytes(*length)).ok()?)?;
    let mut reader = Reader { flat, left: flat.len() };
    reader.message()?;
    Some(bytes)
}

/// Follows offsets.
struct Reader<'a> {
    flat: &'a [u8],
    /// How many tables there may still be: they could share bytes.
    left: usize,
}

/// Where a table is, and its list of places.
#[derive(Clone, Copy)]
struct Table {
    at: usize,
    places: usize,
    count: usize,
    /// Its length.
    size: usize,
}

impl Reader<'_> {
    fn message(&mut self) -> Option<()> {
        let root = self.table(self.wide(0)?)?;
        let kind = self.field(root, 1).and_then(|at| self.flat.get(at)).copied();
        let version = self.field(root, 0).map_or(Some(0), |at| self.narrow(at))?;
        let schema = self.field(root, 2).filter(|_| kind == Some(SCHEMA) && version <= VERSION)?;
        let schema = self.table(self.follow(schema)?)?;
        self.fields(schema, 1, 0)
    }

    /// A list of fields.
    fn fields(&mut self, table: Table, slot: usize, depth: usize) -> Option<()> {
        let Some(list) = self.field(table, slot) else { return (depth > 0).then_some(()) };
        let list = self.follow(list)?;
        for number in 0..self.wide(list)? {
            let field = self.table(self.follow(list.checked_add(4 + 4 * number)?)?)?;
            if let Some(name) = self.field(field, 0) {
                let name = self.follow(name)?;
                let end = name.checked_add(4)?.checked_add(self.wide(name)?)?;
                str::from_utf8(self.flat.get(name + 4..end)?).ok()?;
                self.flat.get(end).filter(|&&byte| byte == 0)?;
            }
            let kind = *self.flat.get(self.field(field, 2)?)?;
            self.table(self.follow(self.field(field, 3)?)?)?;
            if !(1..=TYPES).contains(&kind) || depth > DEEPEST {
                return None;
            }
            self.fields(field, 5, depth + 1)?;
        }
        Some(())
    }

    fn table(&mut self, at: usize) -> Option<Table> {
        self.left = self.left.checked_sub(1)?;
        let back = i32::from_le_bytes(*self.flat.get(at..)?.first_chunk()?);
        let places = usize::try_from(i64::try_from(at).ok()? - i64::from(back)).ok()?;
        let (length, size) = (self.narrow(places)?, self.narrow(places.checked_add(2)?)?);
        let whole = length >= 4 && length % 2 == 0 && size >= 4 && places % 2 == 0;
        let inside = places + length <= self.flat.len() && at + size <= self.flat.len();
        (whole && inside).then_some(Table { at, places, count: length.saturating_sub(4) / 2, size })
    }

    /// Where a field of a table is, if it has it.
    fn field(&self, table: Table, slot: usize) -> Option<usize> {
        let offset = if slot < table.count { self.narrow(table.places + 4 + 2 * slot)? } else { 0 };
        (offset > 0 && offset < table.size).then_some(table.at + offset)
    }

    /// What an offset leads to.
    fn follow(&self, at: usize) -> Option<usize> {
        at.checked_add(self.wide(at)?).filter(|&to| to % 4 == 0 && to < self.flat.len())
    }

    fn wide(&self, at: usize) -> Option<usize> {
        usize::try_from(u32::from_le_bytes(*self.flat.get(at..)?.first_chunk()?)).ok()
    }

    fn narrow(&self, at: usize) -> Option<usize> {
        Some(u16::from_le_bytes(*self.flat.get(at..)?.first_chunk()?).into())
    }
}

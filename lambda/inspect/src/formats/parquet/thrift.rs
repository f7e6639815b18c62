//! Thrift's compact protocol, as far as Parquet uses it.
//!
//! What may be long (the footer, an index) is walked, and only its parts become trees: a tree takes up to forty
//! times the bytes that it is made of.

use crate::input::tape::Tape;
use crate::verdict::Kind;
use crate::verdict::Stop;

/// How deep structures may lie in each other, and how many values there may be in a tree.
const DEEPEST: usize = 32;
const MOST: usize = 1 << 16;

/// A value.
#[derive(Debug)]
pub(super) enum Thrift {
    Bool(bool),
    Int(i64),
    Double,
    Binary(Vec<u8>),
    List(List),
    Struct(Vec<Field>),
}

/// A list, with the type of its items.
#[derive(Debug)]
pub(super) struct List {
    pub(super) kind: u8,
    pub(super) items: Vec<Thrift>,
}

/// A field of a structure, with its number and its type.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) id: i16,
    pub(super) kind: u8,
    pub(super) value: Thrift,
}

impl Thrift {
    /// Reads a structure of no more bytes than these.
    pub(super) fn read(tape: &mut Tape, longest: u64) -> Result<Self, Stop> {
        Reader::new(tape, longest).structure(0)
    }

    /// A field of a structure.
    pub(super) fn field(&self, id: i16) -> Option<&Self> {
        let Self::Struct(fields) = self else { return None };
        fields.iter().find(|field| field.id == id).map(|field| &field.value)
    }

    /// A field of a structure of a structure.
    pub(super) fn path(&self, ids: &[i16]) -> Option<&Self> {
        ids.iter().try_fold(self, |value, &id| value.field(id))
    }

    pub(super) fn int(&self, id: i16) -> Option<i64> {
        if let Some(Self::Int(number)) = self.field(id) { Some(*number) } else { None }
    }

    /// A length, a count or an offset.
    pub(super) fn count(&self, id: i16) -> Option<u64> {
        self.int(id).and_then(|number| number.try_into().ok())
    }

    pub(super) fn size(&self, id: i16) -> Option<usize> {
        self.int(id).and_then(|number| number.try_into().ok())
    }

    pub(super) fn binary(&self, id: i16) -> Option<&[u8]> {
        if let Some(Self::Binary(bytes)) = self.field(id) { Some(bytes) } else { None }
    }

    pub(super) fn list(&self, id: i16) -> &[Self] {
        if let Some(Self::List(list)) = self.field(id) { &list.items } else { &[] }
    }

    /// Takes all bytes in it, whatever they are for.
    pub(super) fn bytes(&self, take: &mut impl FnMut(&[u8])) {
        match self {
            Self::Binary(bytes) => take(bytes),
            Self::List(list) => list.items.iter().for_each(|item| item.bytes(take)),
            Self::Struct(fields) => fields.iter().for_each(|field| field.value.bytes(take)),
            Self::Bool(_) | Self::Int(_) | Self::Double => {}
        }
    }
}

/// Walks a structure.
pub(super) struct Reader<'a, 'b> {
    tape: &'a mut Tape<'b>,
    /// Where the bytes end that it may have.
    end: u64,
    /// How many values the tree that is read may still have.
    left: usize,
}

impl<'a, 'b> Reader<'a, 'b> {
    /// Reads no more bytes than these.
    pub(super) fn new(tape: &'a mut Tape<'b>, longest: u64) -> Self {
        let end = tape.offset().saturating_add(longest);
        Self { tape, end, left: MOST }
    }

    /// Calls for each field of a structure, which has to be read then: with its number and its type.
    pub(super) fn fields(&mut self, mut each: impl FnMut(&mut Self, i16, u8) -> Result<(), Stop>) -> Result<(), Stop> {
        let mut last = 0_i16;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Ok(());
            }
            let id = match head >> 4 {
                0 => self.zigzag()?.try_into().ok(),
                delta => last.checked_add(delta.into()),
            };
            last = id.ok_or_else(|| self.broken())?;
            each(self, last, head & 0xF)?;
        }
    }

    /// Calls for each item of a list, with its type.
    pub(super) fn items(
        &mut self,
        kind: u8,
        mut each: impl FnMut(&mut Self, u8) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        if !matches!(kind, 9 | 10) {
            return Err(self.broken());
        }
        let head = self.byte()?;
        let count = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
        if head & 0xF > 12 {
            return Err(self.broken());
        }
        for _ in 0..count {
            each(self, head & 0xF)?;
        }
        Ok(())
    }

    /// Reads a field as a tree.
    pub(super) fn tree(&mut self, kind: u8) -> Result<Thrift, Stop> {
        self.left = MOST;
        self.field(kind, 1)
    }

    /// Reads an item of a list as a tree.
    pub(super) fn item(&mut self, kind: u8) -> Result<Thrift, Stop> {
        self.left = MOST;
        self.value(kind, 1)
    }

    /// Reads past a field.
    pub(super) fn skip(&mut self, kind: u8) -> Result<(), Stop> {
        match kind {
            9 | 10 => self.items(kind, |reader, kind| reader.item(kind).map(drop)),
            _ => self.tree(kind).map(drop),
        }
    }

    /// Why what is read is refused.
    pub(super) fn broken(&self) -> Stop {
        self.tape.stop(Kind::Syntax, "broken metadata")
    }

    /// Counts bytes that are read.
    fn count(&self, bytes: usize) -> Result<(), Stop> {
        let fits = self.tape.offset().saturating_add(bytes as u64) <= self.end;
        if fits { Ok(()) } else { Err(self.tape.stop(Kind::Limit, "metadata that is too long")) }
    }

    fn byte(&mut self) -> Result<u8, Stop> {
        self.count(1)?;
        self.tape.exact().map(|[byte]| byte)
    }

    fn varint(&mut self) -> Result<u64, Stop> {
        let mut value = 0;
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.broken())
    }

    fn zigzag(&mut self) -> Result<i64, Stop> {
        let value = self.varint()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    fn structure(&mut self, depth: usize) -> Result<Thrift, Stop> {
        let mut fields = Vec::new();
        self.fields(|reader, id, kind| {
            fields.push(Field { id, kind, value: reader.field(kind, depth + 1)? });
            Ok(())
        })?;
        Ok(Thrift::Struct(fields))
    }

    /// A field, whose type says which truth it is.
    fn field(&mut self, kind: u8, depth: usize) -> Result<Thrift, Stop> {
        match kind {
            1 | 2 => {
                self.step(depth)?;
                Ok(Thrift::Bool(kind == 1))
            }
            _ => self.value(kind, depth),
        }
    }

    /// Counts a value of a tree.
    fn step(&mut self, depth: usize) -> Result<(), Stop> {
        self.left = self.left.checked_sub(1).ok_or_else(|| self.tape.stop(Kind::Limit, "too much metadata"))?;
        if depth > DEEPEST { Err(self.broken()) } else { Ok(()) }
    }

    fn value(&mut self, kind: u8, depth: usize) -> Result<Thrift, Stop> {
        self.step(depth)?;
        Ok(match kind {
            // In a list a truth is a byte.
            1 | 2 => Thrift::Bool(self.byte()? == 1),
            3 => Thrift::Int(i64::from(self.byte()?.cast_signed())),
            4..=6 => Thrift::Int(self.zigzag()?),
            7 => {
                self.count(8)?;
                self.tape.exact::<8>()?;
                Thrift::Double
            }
            8 => {
                let length = usize::try_from(self.varint()?).map_err(|_| self.broken())?;
                self.count(length)?;
                Thrift::Binary(self.tape.take_bytes(length)?)
            }
            9 | 10 => {
                let mut list = List { kind: 0, items: Vec::new() };
                self.items(kind, |reader, kind| {
                    list.kind = kind;
                    list.items.push(reader.value(kind, depth + 1)?);
                    Ok(())
                })?;
                Thrift::List(list)
            }
            12 => self.structure(depth)?,
            _ => return Err(self.broken()),
        })
    }
}

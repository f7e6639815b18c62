//! The footer: the schema's leaves, where their columns lie, and what it says for people.
//!
//! It is walked and never a tree as a whole. Whatever it has of text goes to the scanner meanwhile.

use super::notes::Notes;
use super::schema::{Leaf, Tree, number_of};
use super::shapes::{COLUMN, ELEMENT, FOOTER, GROUP, PAIR, SORTING, Seen};
use super::size::{Size, broken};
use super::thrift::{Reader, Thrift};
use super::{FORMAT, path};
use crate::codecs::block::Codec;
use crate::input::tape::Tape;
use crate::pass::Pass;
use crate::scan::{Mask, Scanner};
use crate::verdict::Kind;
use crate::verdict::{Fault, Stop};

/// A column of a row group.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) leaf: u32,
    group: u32,
    pub(super) codec: Codec,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) values: u64,
}

/// How many rows a row group has, and all before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    pub(super) rows: u64,
    pub(super) before: u64,
}

/// Where the index of a column's pages lies, which shows values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Index {
    pub(super) leaf: u32,
    pub(super) start: u64,
    pub(super) length: u64,
}

/// What the footer says.
pub(super) struct Metadata {
    pub(super) leaves: Vec<Leaf>,
    groups: Vec<Group>,
    /// In the order in which they lie in the file.
    pub(super) chunks: Vec<Chunk>,
    pub(super) indexes: Vec<Index>,
    _size: Size,
}

impl Metadata {
    /// Reads the footer, which starts where the columns end.
    pub(super) fn read(footer: &[u8], start: u64, pass: &mut Pass) -> Result<Self, Stop> {
        let mut bytes = footer;
        let mut tape = Tape::starting(FORMAT, &mut bytes, start);
        let mut builder = Builder {
            tree: Tree::default(),
            groups: Vec::new(),
            chunks: Vec::new(),
            indexes: Vec::new(),
            rows: 0,
            stated: None,
            orders: None,
            size: Size::new(&pass.budget),
            scanner: &mut pass.scanner,
        };
        builder.size.add(footer.len()).map_err(|fault| fault.stop(FORMAT, start))?;
        let mut reader = Reader::new(&mut tape, footer.len() as u64);
        let stop = |fault: Fault| fault.stop(FORMAT, start);
        let mut seen = Seen::default();
        reader.fields(|reader, id, kind| {
            seen.field(&FOOTER, id, kind).map_err(stop)?;
            builder.field(reader, id, kind, start)
        })?;
        seen.end(&FOOTER).map_err(stop)?;
        if !tape.at_end()? {
            return Err(tape.stop(Kind::Syntax, "a footer with more than its metadata"));
        }
        builder.finish(start).map_err(|fault| fault.stop(FORMAT, start))
    }

    /// The row group of a column.
    pub(super) fn group(&self, chunk: &Chunk) -> Group {
        self.groups[chunk.group as usize]
    }

    /// What the values of a column are.
    pub(super) fn leaf(&self, number: u32) -> &Leaf {
        &self.leaves[number as usize]
    }
}

struct Builder<'a> {
    tree: Tree,
    groups: Vec<Group>,
    chunks: Vec<Chunk>,
    indexes: Vec<Index>,
    /// The rows of all groups so far, and of the file as it says.
    rows: u64,
    stated: Option<u64>,
    /// How many columns have an order of their values.
    orders: Option<usize>,
    size: Size,
    scanner: &'a mut Scanner,
}

impl Builder<'_> {
    /// Takes a field of the footer.
    fn field(&mut self, reader: &mut Reader, id: i16, kind: u8, start: u64) -> Result<(), Stop> {
        let stop = |fault: Fault| fault.stop(FORMAT, start);
        match id {
            2 => reader.items(kind, |reader, kind| {
                let element = reader.item(kind)?;
                ELEMENT.holds(&element).map_err(stop)?;
                self.element(&element).map_err(stop)
            }),
            3 => {
                let Thrift::Int(rows) = reader.tree(kind)? else { return Err(reader.broken()) };
                self.stated = rows.try_into().ok();
                Ok(())
            }
            4 => {
                self.tree.finish().map_err(stop)?;
                reader.items(kind, |reader, _| self.row_group(reader, start))
            }
            5 => reader.items(kind, |reader, kind| {
                let pair = reader.item(kind)?;
                PAIR.holds(&pair).map_err(stop)?;
                Notes(self.scanner).pair(&pair).map_err(stop)
            }),
            6 => {
                let Thrift::Binary(producer) = reader.tree(kind)? else { return Err(reader.broken()) };
                Notes(self.scanner).text(&producer).map_err(stop)
            }
            7 => {
                let mut orders = 0;
                reader.items(kind, |reader, kind| {
                    orders += 1;
                    reader.item(kind).map(drop)
                })?;
                self.orders = Some(orders);
                Ok(())
            }
            8 => Err(stop(Fault::new(Kind::Encrypted, "the file is encrypted", 0))),
            // What else there is goes to the scanner with the bytes of the footer.
            _ => reader.skip(kind),
        }
    }

    /// Takes a column or a group of the schema.
    fn element(&mut self, element: &Thrift) -> Result<(), Fault> {
        let name = element.binary(4).ok_or_else(|| broken("a column without a name"))?;
        Notes(self.scanner).text(name)?;
        self.tree.add(element, str::from_utf8(name).unwrap_or_default(), &mut self.size)
    }

    /// Takes a row group: its columns, each as it comes, and the number of its rows.
    fn row_group(&mut self, reader: &mut Reader, start: u64) -> Result<(), Stop> {
        let stop = |fault: Fault| fault.stop(FORMAT, start);
        let (mut rows, first) = (None, self.chunks.len());
        let (mut columns, mut seen) = (0, Seen::default());
        reader.fields(|reader, id, kind| {
            seen.field(&GROUP, id, kind).map_err(stop)?;
            match id {
                1 => reader.items(kind, |reader, kind| {
                    let column = reader.item(kind)?;
                    COLUMN.holds(&column).map_err(stop)?;
                    self.column(columns, &column).map_err(stop)?;
                    columns += 1;
                    Ok(())
                }),
                3 => {
                    let Thrift::Int(number) = reader.tree(kind)? else { return Err(reader.broken()) };
                    rows = u64::try_from(number).ok();
                    Ok(())
                }
                4 => reader.items(kind, |reader, kind| SORTING.holds(&reader.item(kind)?).map_err(stop)),
                _ => reader.skip(kind),
            }
        })?;
        seen.end(&GROUP).map_err(stop)?;
        let rows = rows.ok_or_else(|| stop(broken("a row group without its length")))?;
        if columns as usize != self.tree.leaves.len() {
            return Err(stop(broken("a row group that has not the columns of the schema")));
        }
        self.size.add(size_of::<Group>()).map_err(stop)?;
        self.groups.push(Group { rows, before: self.rows });
        self.rows = self.rows.checked_add(rows).ok_or_else(|| stop(broken("too many rows")))?;
        // A column of no rows has no place.
        if rows == 0 {
            let kept = self.chunks.split_off(first);
            self.chunks.extend(kept.into_iter().filter(|chunk| chunk.values > 0 || chunk.start < chunk.end));
        }
        Ok(())
    }

    /// Takes a column of the row group that comes next.
    fn column(&mut self, leaf: u32, column: &Thrift) -> Result<(), Fault> {
        let of = self.tree.leaves.get(leaf as usize);
        let of = of.ok_or_else(|| broken("a row group that has not the columns of the schema"))?;
        let group = u32::try_from(self.groups.len()).map_err(|_| broken("too many row groups"))?;
        self.size.add(size_of::<Chunk>())?;
        self.chunks.push(chunk((leaf, group), of, column)?);
        if let (Some(start), Some(length @ 1..)) = (column.count(6), column.count(7)) {
            self.size.add(size_of::<Index>())?;
            self.indexes.push(Index { leaf, start, length });
        }
        let Some(data) = column.field(3) else { return Ok(()) };
        if let Some(statistics) = data.field(12) {
            let path = path(of, Mask::default(), self.scanner);
            Notes(self.scanner).statistics(statistics, of, &path);
        }
        data.list(8).iter().try_for_each(|pair| Notes(self.scanner).pair(pair))
    }

    /// Compares what was said, and sorts the columns by their place; they end at `end`.
    fn finish(mut self, end: u64) -> Result<Metadata, Fault> {
        self.tree.finish()?;
        if self.stated != Some(self.rows) {
            return Err(broken("the row groups have not as many rows as the file"));
        }
        if self.orders.is_some_and(|orders| orders < self.tree.leaves.len()) {
            return Err(broken("fewer orders of values than columns"));
        }
        self.chunks.sort_unstable_by_key(|chunk| chunk.start);
        self.indexes.sort_unstable_by_key(|index| index.start);
        let mut at = 4;
        for chunk in &self.chunks {
            if chunk.start < at {
                return Err(Fault::new(Kind::Bomb, "two columns that share bytes", 0));
            }
            if chunk.end > end {
                return Err(broken("a column that is not in the file"));
            }
            at = chunk.end;
        }
        let Self { tree, groups, chunks, indexes, size, .. } = self;
        Ok(Metadata { leaves: tree.leaves, groups, chunks, indexes, _size: size })
    }
}

fn chunk((leaf, group): (u32, u32), of: &Leaf, column: &Thrift) -> Result<Chunk, Fault> {
    if column.field(1).is_some() {
        return Err(Fault::new(Kind::Unsupported, "a column in another file", 0));
    }
    if column.field(8).is_some() {
        return Err(Fault::new(Kind::Encrypted, "a column is encrypted", 0));
    }
    let data = column.field(3).ok_or_else(|| broken("a column without its metadata"))?;
    if data.int(1) != Some(number_of(of.kind)) {
        return Err(broken("a column of another type than in the schema"));
    }
    let (names, own) = (data.list(3), of.node.names());
    let same = |(name, own): (&Thrift, &&str)| matches!(name, Thrift::Binary(name) if name == own.as_bytes());
    if names.len() != own.len() || !names.iter().zip(&own).all(same) {
        return Err(broken("a column that is not where the schema has it"));
    }
    let codec = match data.int(4) {
        Some(0) => Codec::Null,
        Some(1) => Codec::Snappy,
        Some(2) => Codec::Gzip,
        Some(4) => Codec::Brotli,
        Some(5) => Codec::Lz4Hadoop,
        Some(6) => Codec::Zstd,
        Some(7) => Codec::Lz4,
        _ => return Err(Fault::new(Kind::Unsupported, "an unknown codec", 0)),
    };
    let first = data.count(9).ok_or_else(|| broken("a column without its place"))?;
    // A column without a page has its dictionary only, or neither.
    let offsets = [Some(first), data.count(11)].into_iter().flatten().filter(|&offset| offset > 0);
    let start = offsets.min().unwrap_or(0);
    let end = data.count(7).and_then(|length| start.checked_add(length));
    let (Some(end), Some(values)) = (end, data.count(5)) else { return Err(broken("a column without its length")) };
    Ok(Chunk { leaf, group, codec, start, end, values })
}

//! The footer: the schema's leaves, and where their columns lie.

use super::thrift::Thrift;
use crate::codecs::block::Codec;
use crate::scan::value;
use crate::verdict::Fault;
use crate::verdict::Kind;

/// How deep groups may lie in each other.
const DEEPEST: usize = 100;

/// How long the ways to all columns may be together, in bytes.
const NAMES: usize = 16 << 20;

/// What a column's values are.
#[derive(Debug)]
pub(super) struct Leaf {
    pub(super) names: Vec<String>,
    pub(super) kind: Physical,
    pub(super) meaning: Meaning,
    pub(super) definition: u32,
    pub(super) repetition: u32,
}

/// How values are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Physical {
    Boolean,
    Int32,
    Int64,
    Int96,
    Float,
    Double,
    Bytes,
    Fixed(usize),
}

/// What values stand for, where it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Plain,
    Day,
    /// A point in time, in units of which a day has so many.
    Moment(i64),
    Decimal(u32),
}

/// A column of a row group.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) leaf: usize,
    pub(super) codec: Codec,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) values: u64,
    /// The rows of its group, and those of all groups before.
    pub(super) rows: u64,
    pub(super) before: u64,
}

/// What the footer says.
pub(super) struct Metadata {
    pub(super) leaves: Vec<Leaf>,
    /// In the order in which they lie in the file.
    pub(super) chunks: Vec<Chunk>,
}

fn broken(what: &str) -> Fault {
    Fault::syntax(what, 0)
}

impl Metadata {
    /// Reads the footer of a file whose columns end at `end`.
    pub(super) fn read(footer: &Thrift, end: u64) -> Result<Self, Fault> {
        if footer.field(8).is_some() {
            return Err(Fault::new(Kind::Encrypted, "the file is encrypted", 0));
        }
        let leaves = leaves(footer.list(2))?;
        let (mut chunks, mut before) = (Vec::new(), 0_u64);
        for group in footer.list(4) {
            let rows = group.count(3).ok_or_else(|| broken("a row group without its length"))?;
            if group.list(1).len() != leaves.len() {
                return Err(broken("a row group that has not the columns of the schema"));
            }
            for (leaf, column) in group.list(1).iter().enumerate() {
                chunks.push(chunk(leaf, &leaves[leaf], column, rows, before)?);
            }
            before = before.checked_add(rows).ok_or_else(|| broken("too many rows"))?;
        }
        if footer.count(3) != Some(before) {
            return Err(broken("the row groups have not as many rows as the file"));
        }
        // A column of no rows has no place.
        chunks.retain(|chunk| chunk.rows > 0 || chunk.values > 0 || chunk.start < chunk.end);
        chunks.sort_by_key(|chunk| chunk.start);
        let mut at = 4;
        for chunk in &chunks {
            if chunk.start < at {
                return Err(Fault::new(Kind::Bomb, "two columns that share bytes", 0));
            }
            if chunk.end > end {
                return Err(broken("a column that is not in the file"));
            }
            at = chunk.end;
        }
        Ok(Self { leaves, chunks })
    }
}

fn chunk(leaf: usize, of: &Leaf, column: &Thrift, rows: u64, before: u64) -> Result<Chunk, Fault> {
    if column.field(1).is_some() {
        return Err(Fault::new(Kind::Unsupported, "a column in another file", 0));
    }
    if column.field(8).is_some() {
        return Err(Fault::new(Kind::Encrypted, "a column is encrypted", 0));
    }
    let data = column.field(3).ok_or_else(|| broken("a column without its metadata"))?;
    let names = data.list(3);
    let same = |(name, own): (&Thrift, &String)| matches!(name, Thrift::Binary(name) if name == own.as_bytes());
    if names.len() != of.names.len() || !names.iter().zip(&of.names).all(same) {
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
    Ok(Chunk { leaf, codec, start, end, values, rows, before })
}

/// The leaves of the schema, which lists its tree in order.
fn leaves(elements: &[Thrift]) -> Result<Vec<Leaf>, Fault> {
    struct Group {
        left: usize,
        named: bool,
        definition: u32,
        repetition: u32,
    }
    let (mut leaves, mut names, mut total) = (Vec::new(), Vec::<String>::new(), 0);
    let root = elements.first().and_then(|root| root.size(5)).ok_or_else(|| broken("there is no schema"))?;
    let mut open = vec![Group { left: root, named: false, definition: 0, repetition: 0 }];
    for element in elements.iter().skip(1) {
        while open.last().is_some_and(|group| group.left == 0) {
            if open.pop().is_some_and(|group| group.named) {
                names.pop();
            }
        }
        let Some(group) = open.last_mut() else { return Err(broken("a schema with more than its parts")) };
        group.left -= 1;
        let repeated = element.int(3) == Some(2);
        let definition = group.definition + u32::from(repeated || element.int(3) == Some(1));
        let repetition = group.repetition + u32::from(repeated);
        let name = element.binary(4).ok_or_else(|| broken("a column without a name"))?;
        names.push(String::from_utf8_lossy(name).into_owned());
        if let Some(left) = element.size(5).filter(|&children| children > 0) {
            if open.len() >= DEEPEST {
                return Err(Fault::new(Kind::Limit, "a schema that is nested too deep", 0));
            }
            open.push(Group { left, named: true, definition, repetition });
            continue;
        }
        // Each leaf repeats the names of its groups.
        total = names.iter().map(String::len).fold(total, usize::saturating_add);
        if total > NAMES {
            return Err(Fault::new(Kind::Limit, "a schema of too many long names", 0));
        }
        let (kind, meaning) = (physical(element)?, meaning(element));
        leaves.push(Leaf { names: names.clone(), kind, meaning, definition, repetition });
        names.pop();
    }
    if open.iter().any(|group| group.left > 0) { Err(broken("a schema with less than its parts")) } else { Ok(leaves) }
}

fn physical(element: &Thrift) -> Result<Physical, Fault> {
    Ok(match element.int(1) {
        Some(0) => Physical::Boolean,
        Some(1) => Physical::Int32,
        Some(2) => Physical::Int64,
        Some(3) => Physical::Int96,
        Some(4) => Physical::Float,
        Some(5) => Physical::Double,
        Some(6) => Physical::Bytes,
        Some(7) => {
            Physical::Fixed(element.size(2).filter(|&size| size > 0).ok_or_else(|| broken("a type without size"))?)
        }
        _ => return Err(broken("a column of no type")),
    })
}

fn meaning(element: &Thrift) -> Meaning {
    match element.int(6) {
        Some(5) => Meaning::Decimal(element.int(7).and_then(|scale| scale.try_into().ok()).unwrap_or(0)),
        Some(6) => Meaning::Day,
        Some(9) => Meaning::Moment(value::MILLISECONDS),
        Some(10) => Meaning::Moment(value::MILLISECONDS * 1000),
        // What is new has no number of old: a TIMESTAMP of nanoseconds.
        _ if element.path(&[10, 8, 2, 3]).is_some() => Meaning::Moment(value::MILLISECONDS * 1_000_000),
        _ if element.path(&[10, 8, 2, 2]).is_some() => Meaning::Moment(value::MILLISECONDS * 1000),
        _ if element.path(&[10, 8, 2, 1]).is_some() => Meaning::Moment(value::MILLISECONDS),
        _ => Meaning::Plain,
    }
}

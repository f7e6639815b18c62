//! A column: its pages, one after the other, and the rows that they have.

use super::hybrid::{Hybrid, short};
use super::metadata::{Chunk, Leaf, Physical};
use super::thrift::Thrift;
use super::values::{Values, plain};
use crate::input::tape::Tape;
use crate::pass::{Budget, Hold};
use crate::scan::Scanner;
use crate::scan::path::Path;
use crate::verdict::Kind;
use crate::verdict::{Fault, Stop};

/// The longest header of a page, where statistics repeat values, in bytes.
const HEADER: usize = 16 << 20;

/// Reads a column.
pub(super) struct Column<'a> {
    pub(super) chunk: &'a Chunk,
    pub(super) leaf: &'a Leaf,
    pub(super) path: &'a Path,
    pub(super) budget: &'a Budget,
    dictionary: Vec<String>,
    hold: Hold,
    rows: u64,
    values: u64,
}

/// A page of values: how many, in which encoding, and its three parts.
struct Page<'a> {
    count: u64,
    encoding: i64,
    repetitions: &'a [u8],
    definitions: &'a [u8],
    values: &'a [u8],
}

impl<'a> Column<'a> {
    pub(super) fn new(chunk: &'a Chunk, leaf: &'a Leaf, path: &'a Path, budget: &'a Budget) -> Self {
        Self { chunk, leaf, path, budget, dictionary: Vec::new(), hold: budget.hold(), rows: 0, values: 0 }
    }

    /// Reads all pages, from where the tape is.
    pub(super) fn read(mut self, tape: &mut Tape, scanner: &mut Scanner) -> Result<(), Stop> {
        while tape.offset() < self.chunk.end {
            let offset = tape.offset();
            let header = Thrift::read(tape, HEADER)?;
            let (Some(packed), Some(size)) = (header.size(3), header.size(2)) else {
                return Err(tape.stop(Kind::Syntax, "a page without its length"));
            };
            let left = self.chunk.end.checked_sub(tape.offset());
            if packed.max(size) > self.budget.block() {
                return Err(tape.stop(Kind::Limit, format!("a page larger than {} bytes", self.budget.block())));
            }
            if left.is_none_or(|left| packed as u64 > left) {
                return Err(tape.stop(Kind::Syntax, "a page that is longer than its column"));
            }
            let data = tape.take_bytes(packed)?;
            self.page(&header, &data, size, scanner).map_err(|fault| fault.stop(super::FORMAT, offset))?;
        }
        if tape.offset() != self.chunk.end || self.values != self.chunk.values || self.rows != self.chunk.rows {
            return Err(tape.stop(Kind::Syntax, "a column that has not as many values as it says"));
        }
        Ok(())
    }

    fn page(&mut self, header: &Thrift, data: &[u8], size: usize, scanner: &mut Scanner) -> Result<(), Fault> {
        if let Some(checksum) = header.int(4)
            && i64::from(crc32fast::hash(data).cast_signed()) != checksum
        {
            return Err(Fault::new(Kind::Checksum, "the checksum of a page differs", 0));
        }
        let codec = self.chunk.codec;
        match (header.int(1), header.field(5), header.field(7), header.field(8)) {
            (Some(0), Some(own), _, _) => {
                let data = codec.unpack(data, Some(size), self.budget)?;
                self.page_v1(own, &data, scanner)
            }
            // An index of pages is no part of any file that is known.
            (Some(1), ..) => Ok(()),
            (Some(2), _, Some(own), _) => {
                let data = codec.unpack(data, Some(size), self.budget)?;
                self.read_dictionary(own, &data)
            }
            (Some(3), _, _, Some(own)) => self.page_v2(own, data, size, scanner),
            _ => Err(Fault::syntax("a page of no kind", 0)),
        }
    }

    fn read_dictionary(&mut self, own: &Thrift, mut data: &[u8]) -> Result<(), Fault> {
        let count = own.count(1).ok_or_else(short)?;
        if !self.dictionary.is_empty() || self.leaf.kind == Physical::Boolean {
            return Err(Fault::syntax("a second dictionary", 0));
        }
        for _ in 0..count {
            let value = plain(&mut data, self.leaf)?;
            self.hold.add(value.len() + size_of::<String>())?;
            self.dictionary.push(value);
        }
        if data.is_empty() { Ok(()) } else { Err(Fault::syntax("a dictionary with more than its values", 0)) }
    }

    /// A page whose levels are before its values, compressed with them.
    fn page_v1(&mut self, own: &Thrift, data: &[u8], scanner: &mut Scanner) -> Result<(), Fault> {
        let mut rest = data;
        let mut levels = |most: u32, encoding: Option<i64>| -> Result<&[u8], Fault> {
            if most == 0 {
                return Ok(&[]);
            }
            if encoding != Some(3) {
                return Err(Fault::new(Kind::Unsupported, "levels in an old encoding", 0));
            }
            let (length, behind) = rest.split_first_chunk().ok_or_else(short)?;
            let (own, behind) = behind.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or_else(short)?;
            rest = behind;
            Ok(own)
        };
        let repetitions = levels(self.leaf.repetition, own.int(4))?;
        let definitions = levels(self.leaf.definition, own.int(3))?;
        let (Some(count), Some(encoding)) = (own.count(1), own.int(2)) else { return Err(short()) };
        self.show(&Page { count, encoding, repetitions, definitions, values: rest }, scanner)
    }

    /// A page whose levels are never compressed.
    fn page_v2(&mut self, own: &Thrift, data: &[u8], size: usize, scanner: &mut Scanner) -> Result<(), Fault> {
        let (Some(definitions), Some(repetitions)) = (own.size(5), own.size(6)) else { return Err(short()) };
        let (repetitions, rest) = data.split_at_checked(repetitions).ok_or_else(short)?;
        let (definitions, rest) = rest.split_at_checked(definitions).ok_or_else(short)?;
        let left = size.checked_sub(repetitions.len() + definitions.len()).ok_or_else(short)?;
        let plain = matches!(own.field(7), Some(Thrift::Bool(false))) || (left == 0 && rest.is_empty());
        let codec = if plain { super::Codec::Null } else { self.chunk.codec };
        let values = codec.unpack(rest, Some(left), self.budget)?;
        let (Some(count), Some(encoding)) = (own.count(1), own.int(4)) else { return Err(short()) };
        self.show(&Page { count, encoding, repetitions, definitions, values: &values }, scanner)
    }

    /// Passes on the values of a page.
    fn show(&mut self, page: &Page, scanner: &mut Scanner) -> Result<(), Fault> {
        let bits = |most: u32| u32::BITS - most.leading_zeros();
        let Leaf { repetition, definition, .. } = *self.leaf;
        let mut repetitions = Hybrid::new(page.repetitions, bits(repetition));
        let mut definitions = Hybrid::new(page.definitions, bits(definition));
        let mut values = Values::new(page.encoding, self.leaf, page.values, &self.dictionary)?;
        let of_dictionary = matches!(values, Values::Dictionary(..));
        for _ in 0..page.count {
            // Runs and dictionaries make many values of few bytes.
            self.budget.expand(1, u64::MAX, 0)?;
            if repetitions.next()? == 0 {
                self.rows += 1;
            }
            self.values += 1;
            if self.values > self.chunk.values {
                return Err(Fault::syntax("a column with more values than it says", 0));
            }
            if definitions.next()? < u64::from(definition) {
                continue;
            }
            let value = values.next(self.leaf)?;
            if value.is_empty() {
                continue;
            }
            if of_dictionary {
                self.budget.expand(value.len(), u64::MAX, 0)?;
            }
            let row = self.chunk.before.saturating_add(self.rows);
            scanner.begin(self.path.names(), self.path.place_in("row", row));
            scanner.text(&value);
            scanner.separate();
        }
        if values.has_more() { Err(Fault::syntax("a page with more than its values", 0)) } else { Ok(()) }
    }
}

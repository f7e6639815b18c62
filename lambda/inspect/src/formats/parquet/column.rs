//! A column: its pages, one after the other, and the rows that they have.

use super::dictionary::Dictionary;
use super::hybrid::{Hybrid, short};
use super::metadata::{Chunk, Group};
use super::notes::{Notes, strings};
use super::schema::{Leaf, Physical};
use super::shapes;
use super::thrift::Thrift;
use super::values::Values;
use crate::input::tape::Tape;
use crate::pass::{Budget, Hold};
use crate::scan::path::Path;
use crate::scan::{Mask, Scanner};
use crate::verdict::Kind;
use crate::verdict::{Fault, Stop};

/// The longest header of a page, where statistics repeat values, in bytes.
const HEADER: u64 = 4 << 20;

/// Reads a column.
pub(super) struct Column<'a> {
    chunk: &'a Chunk,
    group: Group,
    leaf: &'a Leaf,
    path: &'a Path,
    budget: &'a Budget,
    dictionary: Dictionary,
    hold: Hold,
    rows: u64,
    values: u64,
    /// What keys of a map say of its values.
    names: Mask,
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
    pub(super) fn new(chunk: &'a Chunk, group: Group, leaf: &'a Leaf, path: &'a Path, budget: &'a Budget) -> Self {
        let (dictionary, hold) = (Dictionary::default(), budget.hold());
        Self { chunk, group, leaf, path, budget, dictionary, hold, rows: 0, values: 0, names: Mask::default() }
    }

    /// Reads all pages, from where the tape is; returns what its values say of others, where they are the keys of a map.
    pub(super) fn read(mut self, tape: &mut Tape, scanner: &mut Scanner) -> Result<Mask, Stop> {
        while tape.offset() < self.chunk.end {
            let offset = tape.offset();
            let header = Thrift::read(tape, HEADER)?;
            shapes::HEADER.holds(&header).map_err(|fault| fault.stop(super::FORMAT, offset))?;
            let (Some(packed), Some(size)) = (header.size(3), header.size(2)) else {
                return Err(tape.stop(Kind::Syntax, "a page without its length"));
            };
            let left = self.chunk.end.checked_sub(tape.offset());
            if packed.max(size) > self.budget.block() {
                return Err(tape.stop(
                    Kind::Limit,
                    format!("a page larger than {} bytes (write smaller ones)", self.budget.block()),
                ));
            }
            let count = header.field(7).and_then(|own| own.count(1)).unwrap_or(0);
            let dictionary = self.dictionary.size().saturating_add(Dictionary::weight(self.leaf, size, count));
            if packed.saturating_add(size).saturating_add(dictionary) > 2 * self.budget.block() {
                return Err(tape.stop(Kind::Limit, "a page and a dictionary that are too large together"));
            }
            if left.is_none_or(|left| packed as u64 > left) {
                return Err(tape.stop(Kind::Syntax, "a page that is longer than its column"));
            }
            let data = tape.take_bytes(packed)?;
            self.page(&header, &data, size, scanner).map_err(|fault| fault.stop(super::FORMAT, offset))?;
            Notes(scanner).header(&header, self.leaf, self.path);
        }
        if tape.offset() != self.chunk.end || self.values != self.chunk.values || self.rows != self.group.rows {
            return Err(tape.stop(Kind::Syntax, "a column that has not as many values as it says"));
        }
        self.show_rest(scanner);
        Ok(self.names)
    }

    /// Passes on the values of the dictionary that no row has: readers show dictionaries, too.
    fn show_rest(&self, scanner: &mut Scanner) {
        for value in self.dictionary.rest(self.leaf) {
            scanner.begin(self.path.names(), self.path.place());
            scanner.text(&value);
            scanner.separate();
        }
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
            // No file that is known has one.
            (Some(1), ..) => Err(Fault::new(Kind::Unsupported, "a page that is an index", 0)),
            (Some(2), _, Some(own), _) => {
                let data = codec.unpack(data, Some(size), self.budget)?;
                self.read_dictionary(own, data)
            }
            (Some(3), _, _, Some(own)) => self.page_v2(own, data, size, scanner),
            _ => Err(Fault::syntax("a page of no kind", 0)),
        }
    }

    fn read_dictionary(&mut self, own: &Thrift, data: Vec<u8>) -> Result<(), Fault> {
        let count = own.count(1).ok_or_else(short)?;
        // PLAIN, and what it was called there of old.
        if !matches!(own.int(2), Some(0 | 2)) {
            return Err(Fault::syntax("a dictionary in an encoding of its own", 0));
        }
        if !self.dictionary.is_empty() || self.leaf.kind == Physical::Boolean {
            return Err(Fault::syntax("a second dictionary", 0));
        }
        if self.values > 0 {
            return Err(Fault::syntax("a dictionary behind values", 0));
        }
        self.hold.add(data.len().saturating_add(Dictionary::weight(self.leaf, data.len(), count)))?;
        self.dictionary = Dictionary::new(self.leaf, data, count)?;
        Ok(())
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
        let dictionary = std::mem::take(&mut self.dictionary);
        self.show_from(page, &dictionary, scanner)?;
        self.dictionary = dictionary;
        Ok(())
    }

    fn show_from(&mut self, page: &Page, dictionary: &Dictionary, scanner: &mut Scanner) -> Result<(), Fault> {
        let bits = |most: u32| u32::BITS - most.leading_zeros();
        let Leaf { repetition, definition, .. } = *self.leaf;
        let mut repetitions = Hybrid::new(page.repetitions, bits(repetition));
        let mut definitions = Hybrid::new(page.definitions, bits(definition));
        let mut values = Values::new(page.encoding, self.leaf, page.values, dictionary)?;
        for _ in 0..page.count {
            // Runs and dictionaries make many values of few bytes.
            self.budget.expand(1, u64::MAX, 0)?;
            let (level, defined) = (repetitions.next()?, definitions.next()?);
            self.count(level, defined)?;
            if defined < u64::from(definition) {
                continue;
            }
            let value = values.next(self.leaf)?;
            if let Some(entry) = values.entry() {
                dictionary.show(entry);
                self.budget.expand(value.len(), u64::MAX, 0)?;
                self.budget.work(value.len())?;
            }
            if value.is_empty() {
                continue;
            }
            if self.leaf.keys_of.is_some() {
                let names = scanner.names(&value);
                // There are few detectors, and there may be a million keys.
                self.names = std::mem::take(&mut self.names).joined(names);
            }
            let row = self.group.before.saturating_add(self.rows);
            scanner.begin(self.path.names(), self.path.place_in("row", row));
            scanner.text(&value);
            scanner.separate();
        }
        if values.has_more() {
            return Err(Fault::syntax("a page with more than its values", 0));
        }
        // What is behind the last run nobody reads.
        for rest in [repetitions.rest(), definitions.rest(), values.rest()].into_iter().flatten() {
            strings(rest, "/page", scanner);
        }
        Ok(())
    }

    /// Counts a value by its levels.
    fn count(&mut self, repetition: u64, definition: u64) -> Result<(), Fault> {
        if repetition > self.leaf.repetition.into() || definition > self.leaf.definition.into() {
            return Err(Fault::syntax("a level that the schema does not have", 0));
        }
        if self.values == 0 && repetition > 0 {
            return Err(Fault::syntax("a column that starts inside a row", 0));
        }
        self.rows += u64::from(repetition == 0);
        self.values += 1;
        if self.values > self.chunk.values {
            return Err(Fault::syntax("a column with more values than it says", 0));
        }
        Ok(())
    }
}

//! What a Parquet file says beside its values: names, pairs of key and value, statistics, indexes, and gaps.

use std::io::BufRead;

use super::metadata::{Index, Metadata};
use super::schema::{Leaf, Meaning, Physical};
use super::thrift::{Reader, Thrift};
use super::{FORMAT, path, values};
use crate::detect::base64;
use crate::input::tape::Tape;
use crate::scan::path::{Path, shown};
use crate::scan::{Mask, Place, Scanner, Strings, value};
use crate::verdict::Fault;
use crate::verdict::{Kind, Stop};

/// The longest index of a column's pages, in bytes.
const INDEX: u64 = 16 << 20;

/// The schema of Arrow: a structure of its own in base64.
const ARROW: &[u8] = b"ARROW:schema";

/// Passes notes on.
pub(super) struct Notes<'a>(pub(super) &'a mut Scanner);

impl Notes<'_> {
    /// A text that stands for itself: a name, a producer.
    pub(super) fn text(&mut self, text: &[u8]) -> Result<(), Fault> {
        let text = utf8(text)?;
        self.show(Mask::default(), "/footer", text);
        Ok(())
    }

    /// A key and its value, which anyone may have written.
    pub(super) fn pair(&mut self, pair: &Thrift) -> Result<(), Fault> {
        let key = pair.binary(1).unwrap_or_default();
        let (name, text) = (utf8(key)?, utf8(pair.binary(2).unwrap_or_default())?);
        let (names, place) = (self.0.names(name), format!("/footer/{}", shown(name)));
        self.0.begin(names, Place::Path(place.into()));
        self.0.text(name);
        self.0.text(": ");
        self.0.text(text);
        self.0.separate();
        if key == ARROW {
            let decoded = base64::decode(text.trim_end_matches('=')).unwrap_or_default();
            strings(&decoded, "/footer/ARROW:schema", self.0);
        }
        Ok(())
    }

    /// The least and the greatest value of a column or a page, as of now and as of old.
    pub(super) fn statistics(&mut self, statistics: &Thrift, leaf: &Leaf, path: &Path) {
        self.0.echo(true);
        for bytes in [1, 2, 5, 6].into_iter().filter_map(|id| statistics.binary(id)) {
            self.value(bytes, leaf, path);
        }
        self.0.echo(false);
    }

    /// A value outside of the pages, which has no length before it and may be cut.
    fn value(&mut self, bytes: &[u8], leaf: &Leaf, path: &Path) {
        let whole = match leaf.kind {
            Physical::Bytes | Physical::Fixed(_) => None,
            _ => values::plain(&mut &*bytes, leaf).ok(),
        };
        let scale = if let Meaning::Decimal(scale) = leaf.meaning { Some(scale) } else { None };
        self.0.begin(path.names(), path.place());
        self.0.text(&whole.unwrap_or_else(|| value::bytes(bytes, scale)));
        self.0.separate();
    }

    /// All that a header of a page has of bytes.
    pub(super) fn header(&mut self, header: &Thrift, leaf: &Leaf, path: &Path) {
        for statistics in [header.path(&[5, 5]), header.path(&[8, 8])].into_iter().flatten() {
            self.statistics(statistics, leaf, path);
        }
        self.0.echo(true);
        header.bytes(&mut |bytes| strings(bytes, "/page", self.0));
        self.0.echo(false);
    }

    fn show(&mut self, names: Mask, place: &str, text: &str) {
        self.0.begin(names, Place::Path(place.into()));
        self.0.text(text);
        self.0.separate();
    }
}

fn utf8(text: &[u8]) -> Result<&str, Fault> {
    str::from_utf8(text).map_err(|_| Fault::new(Kind::Encoding, "text in the metadata that is no UTF-8", 0))
}

/// Passes on what there is of text in bytes.
pub(super) fn strings(bytes: &[u8], place: &str, scanner: &mut Scanner) {
    if bytes.is_empty() {
        return;
    }
    scanner.begin(Mask::default(), Place::Path(place.into()));
    let mut strings = Strings::default();
    strings.push(bytes, scanner);
    strings.finish(scanner);
    scanner.separate();
}

/// Reads what lies between columns, up to the next one: indexes, filters, and what nothing names.
pub(super) fn gap(
    tape: &mut Tape,
    end: u64,
    indexes: &mut &[Index],
    metadata: &Metadata,
    scanner: &mut Scanner,
) -> Result<(), Stop> {
    while let Some((index, rest)) = indexes.split_first().filter(|(index, _)| index.start < end) {
        *indexes = rest;
        // What lies in a column or beyond is no index; its bytes are looked at as what they are.
        if index.start < tape.offset() || index.length > end - index.start {
            continue;
        }
        bytes(tape, index.start, scanner)?;
        if index.length > INDEX {
            return Err(tape.stop(Kind::Limit, "an index that is too long"));
        }
        let held = tape.take_bytes(usize::try_from(index.length).unwrap_or_default())?;
        scanner.echo(true);
        strings(&held, "/index", scanner);
        // What does not parse shows nothing more.
        let _ = page_index(&held, metadata.leaf(index.leaf), scanner);
        scanner.echo(false);
    }
    bytes(tape, end, scanner)
}

/// Passes on the least and the greatest values of the pages of a column.
fn page_index(mut held: &[u8], leaf: &Leaf, scanner: &mut Scanner) -> Result<(), Stop> {
    let length = held.len() as u64;
    let path = path(leaf, scanner);
    let mut tape = Tape::starting(FORMAT, &mut held, 0);
    Reader::new(&mut tape, length).fields(|reader, id, kind| match id {
        2 | 3 => reader.items(kind, |reader, kind| {
            if let Thrift::Binary(bytes) = reader.item(kind)? {
                Notes(scanner).value(&bytes, leaf, &path);
            }
            Ok(())
        }),
        _ => reader.skip(kind),
    })
}

/// Passes on what there is of text up to a place.
fn bytes(tape: &mut Tape, end: u64, scanner: &mut Scanner) -> Result<(), Stop> {
    if tape.offset() == end {
        return Ok(());
    }
    scanner.begin(Mask::default(), Place::Path("/between columns".into()));
    let mut strings = Strings::default();
    while tape.offset() < end {
        let left = usize::try_from(end - tape.offset()).unwrap_or(usize::MAX);
        let piece = tape.fill_buf()?;
        let taken = piece.len().min(left);
        if taken == 0 {
            return Err(tape.cut());
        }
        strings.push(&piece[..taken], scanner);
        tape.consume(taken);
    }
    strings.finish(scanner);
    scanner.separate();
    Ok(())
}

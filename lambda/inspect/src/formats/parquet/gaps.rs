//! What lies between the columns of a Parquet file: indexes of pages, filters, and what nothing names.

use std::io::BufRead;

use super::metadata::{Index, Metadata};
use super::notes::{Notes, strings};
use super::schema::Leaf;
use super::thrift::{Reader, Thrift};
use super::{FORMAT, path};
use crate::input::tape::Tape;
use crate::scan::{Mask, Place, Scanner, Strings};
use crate::verdict::{Kind, Stop};

/// The longest index of a column's pages, in bytes.
const INDEX: u64 = 16 << 20;

/// Reads what lies between columns, up to the next one: indexes, filters, and what nothing names.
pub(super) fn read(
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
    let path = path(leaf, Mask::default(), scanner);
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

//! Parquet: the footer is fetched first, then the columns are read in the order in
//! which they lie in the file, page by page.
//!
//! An own reader, since the `parquet` crate needs random access to all of the file
//! and does not say where it is broken. Every page is decompressed, compared with its
//! checksum where it has one, and all of its values are decoded: a page, a column, a
//! group and the file have to have as many values as they say.

mod column;
mod delta;
mod hybrid;
mod metadata;
mod thrift;
mod values;

use std::io::{self, Read};

use crate::codecs::block::Codec;
use crate::input::held::Held;
use crate::input::tape::Tape;
use crate::pass::Pass;
use crate::pass::{Input, Named, Ranges};
use crate::scan::path::Path;
use crate::scan::{Mask, Place};
use crate::verdict::Kind;
use crate::verdict::{Fault, Stop};
use column::Column;
use contract::Format;
use metadata::Metadata;
use thrift::Thrift;

const FORMAT: Format = Format::Parquet;

/// The largest footer, in bytes.
const FOOTER: u64 = 16 << 20;

/// The mark at both ends, and the length of the footer before the last one.
const MARK: &[u8] = b"PAR1";
const END: u64 = 8;

/// Judges a Parquet file.
pub(crate) fn check(_file: Named, input: Input, pass: &mut Pass) -> Result<(), Stop> {
    let Input { stream, ranges } = input;
    if let Some(ranges) = ranges {
        return read(stream, ranges, pass);
    }
    let held = Held::read(FORMAT, stream, &pass.budget)?;
    read(&mut held.clone(), &held, pass)
}

fn read(stream: &mut dyn Read, ranges: &dyn Ranges, pass: &mut Pass) -> Result<(), Stop> {
    let (footer, start) = footer(ranges)?;
    let mut bytes = &footer[..];
    let mut tape = Tape::starting(FORMAT, &mut bytes, start);
    let parsed = Thrift::read(&mut tape, footer.len())?;
    if !tape.at_end()? {
        return Err(tape.stop(Kind::Syntax, "a footer with more than its metadata"));
    }
    let metadata = Metadata::read(&parsed, start).map_err(|fault| fault.stop(FORMAT, start))?;
    notes(&parsed, pass);
    let paths: Vec<Path> = metadata.leaves.iter().map(|leaf| path(&leaf.names, pass)).collect();
    let mut tape = Tape::new(FORMAT, stream);
    if tape.exact::<4>()? != *MARK {
        return Err(tape.stop(Kind::Syntax, "no mark at the start"));
    }
    for chunk in &metadata.chunks {
        // Between columns there may be indices and filters.
        let gap = chunk.start - tape.offset();
        io::copy(&mut tape.by_ref().take(gap), &mut io::sink())?;
        let column = Column::new(chunk, &metadata.leaves[chunk.leaf], &paths[chunk.leaf], &pass.budget);
        column.read(&mut tape, &mut pass.scanner)?;
    }
    io::copy(&mut tape, &mut io::sink())?;
    Ok(())
}

/// Fetches the footer, and says where it starts.
fn footer(ranges: &dyn Ranges) -> Result<(Vec<u8>, u64), Stop> {
    let size = ranges.size();
    let stop = |kind, what: &str| Fault::new(kind, what, 0).stop(FORMAT, size);
    let cut = || stop(Kind::Truncated, "the end is missing");
    let end = size.checked_sub(END).filter(|&end| end >= 4).ok_or_else(cut)?;
    let last = ranges.read_at(end, 8)?;
    let (length, mark) = last.split_first_chunk().ok_or_else(cut)?;
    match mark {
        MARK => {}
        b"PARE" => return Err(stop(Kind::Encrypted, "the file is encrypted")),
        _ => return Err(cut()),
    }
    let length = u64::from(u32::from_le_bytes(*length));
    if length > FOOTER {
        return Err(stop(Kind::Limit, "too much metadata"));
    }
    let start = end.checked_sub(length).filter(|&start| start >= 4);
    let start = start.ok_or_else(|| stop(Kind::Syntax, "a footer that is longer than the file"))?;
    Ok((ranges.read_at(start, usize::try_from(length).unwrap_or_default())?, start))
}

/// Passes on what anyone may have written into the footer.
fn notes(footer: &Thrift, pass: &mut Pass) {
    for note in footer.list(5) {
        pass.scanner.begin(Mask::default(), Place::Path("/footer".into()));
        for text in [note.binary(1), note.binary(2)].into_iter().flatten() {
            pass.scanner.text(&String::from_utf8_lossy(text));
            pass.scanner.text(": ");
        }
        pass.scanner.separate();
    }
}

fn path(names: &[String], pass: &mut Pass) -> Path {
    let mut path = Path::new();
    for name in names {
        let keywords = pass.scanner.names(name);
        path.enter(name, keywords);
    }
    path
}

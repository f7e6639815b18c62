//! One streaming pass over a file: digest, decoding, format check and detectors.
//!
//! [`inspect()`] meters the source, reads its head to see what it is, and hands
//! the stream to the reader of its format; the reader passes every text it
//! meets to the scanner. An inspection takes no more memory than 64 MiB beyond what has to be held: a PDF, which
//! points across itself, and what has its index at its end where that cannot be asked for first. That is never more
//! than [`Limits::held`]; where its length is not known before, an allocator that copies what grows has it twice for
//! a moment. This crate knows no AWS, no async and no clock.
//!
//! Containers have each member judged under its own name; their levels share one `budget` and
//! one scanner.
//!
//! | module | what it has | what it may use |
//! |---|---|---|
//! | `judge` | the table of formats: a row is a format, its extensions, its marks, its reader | `formats`, `recognise`, `pass` |
//! | `formats` | the readers, a file or a folder each | all below |
//! | `codecs` | what is compressed | `input`, `pass`, `verdict` |
//! | `input` | streams, files in memory, text, members of containers | `recognise`, `pass`, `scan`, `verdict` |
//! | `recognise` | which row a file is judged by | `pass`, `verdict` |
//! | `pass` | what is carried through all levels: scanner, limits, budget, the table | `scan`, `verdict` |
//! | `scan` | where the detectors look, and what they find | `detect`, `verdict` |
//! | `detect` | what is looked for | |
//! | `verdict` | the answer | |
//!
//! A new format is a file in `formats`, a variant of [`Format`] and a row in `judge`.
//!
//! # What differs from `pandas.read_fwf`
//!
//! The lab that this replaces took a file for whole when `pandas.read_fwf` raised nothing.
//! That reads lines, guesses columns from blanks, and can fail in two ways only: there is no
//! line at all, or the bytes are no UTF-8. Of the 188 files of the policy's author it judges 124
//! right; of the 12 public ones 4, and of the 418 that its rules were tried on here 217. All
//! of the 12 are judged right here.
//!
//! | file | `read_fwf` | here | why |
//! |---|---|---|---|
//! | CSV with a row too short or too long, or cut inside of quotes | passes | `ragged`, `truncated` | commas are no blanks to it; a row short of fields is filled up |
//! | JSON with a wrong bracket, two values, `NaN`; XML whose root is open | passes | `syntax`, `truncated` | it is text with lines |
//! | an error page named `.csv`, JSON named `.xml`, `.png` with text in it | passes | `mismatch`, `unsupported` | the name is a claim; it looks at none |
//! | a log with a hole of NULs | passes | `nul` | a hole is what a failed write leaves |
//! | tar that is cut, or whose checksum is wrong | passes | `truncated`, `checksum` | headers and zeros are ASCII |
//! | XML whose entities multiply | passes | `bomb` | it expands none |
//! | UTF-16 with a byte order mark | refuses | passes | the mark says how to read it |
//! | gzip, zip, Avro, Parquet, PDF, xlsx, docx | refuses | passes, if all inside of it is whole | they are no UTF-8; it would have to be told |
//! | Latin-1, other encodings | refuses | `encoding`, unless XML declares it or the rules name it | nothing says which one it is |
//! | no bytes, white space only | refuses | `empty` | |
//! | fixed width and any plain text | passes | passes | lines may be of any length and have any number of columns |
//!
//! # How fast
//!
//! `cargo bench -p inspect --profile classifier --bench pass -- --bytes-format decimal` measures the pass
//! in MB/s, format by format, as the function in Lambda is built. README has the numbers.
//!
//! # How it is tried
//!
//! `tests/samples.rs` judges files of many producers, `tests/mutations.rs` damages them, `tests/memory.rs` holds all of
//! these, and files that are made to cost much, to the memory above, and `tests/readers` asks the readers that
//! people use what they show: in every place of a format, and of damaged files. `lambda/inspect/fuzz` has the targets
//! for `cargo fuzz`. What a run finds stays in `tests/samples/found`.

mod codecs;
mod detect;
mod formats;
mod input;
mod judge;
mod pass;
mod recognise;
mod scan;
mod verdict;

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use input::meter::Meter;
use judge::FORMATS;
use pass::{Budget, Input, Pass};
use recognise::judge;
use scan::Scanner;
use verdict::Stop;

pub use contract::{CustomError, CustomIdentifier, Encoding, Format, Severity, SeverityLevel};
pub use detect::Detectors;
pub use pass::{Limits, Ranges, Switch};
pub use verdict::{Extent, Finding, Inspection, Kind, Reason};

/// Judges the file `name` as [`inspect_for`] does, and looks for the managed identifiers only.
///
/// # Errors
///
/// As [`inspect_for`].
pub fn inspect(name: &str, source: impl Read, limits: &Limits) -> io::Result<Inspection> {
    inspect_for(&Detectors::default(), name, source, limits)
}

/// Judges the file `name`, whose bytes `source` yields, and finds sensitive data in it.
///
/// The source is always read to its end, so that the digest and the length cover
/// all of it. A broken file has no findings: it was not read as a whole, and what
/// was found before the break would depend on where the break is.
///
/// # Errors
///
/// Only an error of `source`. It says nothing about the file; try again.
pub fn inspect_for(detectors: &Detectors, name: &str, source: impl Read, limits: &Limits) -> io::Result<Inspection> {
    inspect_with(detectors, name, source, None, limits)
}

/// As [`inspect_for()`] for an object of any size, of which `ranges` can fetch the end first.
///
/// # Errors
///
/// Only an error of `source` or `ranges`.
pub fn inspect_object(
    detectors: &Detectors,
    name: &str,
    source: impl Read,
    ranges: &dyn Ranges,
    limits: &Limits,
) -> io::Result<Inspection> {
    inspect_with(detectors, name, source, Some(ranges), limits)
}

fn inspect_with(
    detectors: &Detectors,
    name: &str,
    source: impl Read,
    ranges: Option<&dyn Ranges>,
    limits: &Limits,
) -> io::Result<Inspection> {
    let mut meter = Meter::new(source, limits.stop.clone());
    let read = ranges.map_or_else(|| meter.count(), |ranges| Rc::new(Cell::new(ranges.size())));
    let scanner = Scanner::new(detectors, limits.locations);
    let mut pass = Pass { scanner, limits, budget: Budget::new(limits, read), known: FORMATS };
    let (format, verdict) = judge(name, Input { stream: &mut meter, ranges }, &mut pass);
    let broken = match verdict {
        Ok(()) => None,
        Err(Stop::Broken(reason)) => Some(reason),
        Err(Stop::Io(error)) => return Err(error),
    };
    io::copy(&mut meter, &mut io::sink())?;
    let (findings, unread) = if broken.is_none() { pass.scanner.finish_mail() } else { (Vec::new(), None) };
    let broken = broken.or_else(|| unread.map(|what| what.reason(format)));
    // How far a broken file was read depends on the size of the reads.
    let (findings, extent) = match broken {
        None => (findings, pass.budget.extent()),
        Some(_) => (Vec::new(), Extent::default()),
    };
    let (bytes, sha256) = meter.finish();
    Ok(Inspection { format, broken, findings, extent, bytes, sha256 })
}

/// Decompresses a gzip file that must not become larger than `most` bytes; `None` when it is broken or does.
#[must_use]
pub fn gunzip(data: &[u8], most: usize) -> Option<Vec<u8>> {
    codecs::gzip::unpack(data, &Budget::new(&Limits::default(), Rc::new(Cell::new(data.len() as u64))), most).ok()
}

/// The formats that are known, each with the extensions that claim it.
pub fn known() -> impl Iterator<Item = (Format, &'static [&'static str])> {
    FORMATS.iter().map(|row| (row.format, row.extensions))
}

#[cfg(test)]
mod tests;

//! One streaming pass over a file: digest, decoding, format check and detectors.
//!
//! [`inspect()`] meters the source, reads its head to see what it is, and hands
//! the stream to the checker of its format; the checker passes every text it
//! meets to the scanner. Memory does not grow with the size of the file.
//!
//! Containers hand each member back to `judge` under its own name; their levels
//! share one `budget` and one scanner.
//!
//! A new format is a file here, a variant of [`Format`] and a line in `judge`.
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
//! | Latin-1, other encodings | refuses | `encoding` | nothing says which one it is |
//! | no bytes, white space only | refuses | `empty` | |
//! | fixed width and any plain text | passes | passes | lines may be of any length and have any number of columns |
//!
//! # How fast
//!
//! `cargo bench -p classifier --profile classifier --bench pass -- --bytes-format decimal` measures the pass
//! in MB/s, format by format, as the function in Lambda is built. README has the numbers.
//!
//! # How it is tried
//!
//! `tests/samples.rs` judges files of many producers, `tests/mutations.rs` damages them, and
//! `lambda/fuzz` has the targets for `cargo fuzz`. What a run finds stays in `tests/samples/found`.

mod avro;
mod budget;
mod claim;
mod codec;
mod container;
mod decode;
mod delimited;
mod detectors;
mod format;
mod gzip;
mod inflate;
mod json;
mod keyword;
mod limits;
mod magic;
mod office;
mod parquet;
mod pass;
mod path;
mod pdf;
mod ranges;
mod scan;
mod source;
mod tape;
mod tar;
mod text;
mod value;
mod verdict;
mod xml;
mod zip;

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use budget::Budget;
use claim::Claim;
use contract::{custom, severity};
use decode::TextReader;
use format::Content;
use json::Values;
use pass::Pass;
use ranges::Input;
use scan::Scanner;
use source::{Fault, Meter, Stop};

pub use budget::Extent;
pub use contract::{CustomError, CustomIdentifier, Format, Severity, SeverityLevel};
pub use detectors::Detectors;
pub use limits::Limits;
pub use ranges::Ranges;
pub use verdict::{Finding, Inspection, Kind, Reason};

/// How much of a file is read before its checker is chosen.
const HEAD: u64 = 4096;

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
    let mut meter = Meter::new(source);
    let read = ranges.map_or_else(|| meter.count(), |ranges| Rc::new(Cell::new(ranges.size())));
    let scanner = Scanner::new(detectors, limits.locations);
    let mut pass = Pass { scanner, limits, budget: Budget::new(limits, read) };
    let (format, verdict) = judge(name, Input { stream: &mut meter, ranges }, &mut pass);
    let broken = match verdict {
        Ok(()) => None,
        Err(Stop::Broken(reason)) => Some(reason),
        Err(Stop::Io(error)) => return Err(error),
    };
    io::copy(&mut meter, &mut io::sink())?;
    // How far a broken file was read depends on the size of the reads.
    let (findings, extent) = match broken {
        None => (pass.scanner.finish(), pass.budget.extent()),
        Some(_) => (Vec::new(), Extent::default()),
    };
    let (bytes, sha256) = meter.finish();
    Ok(Inspection { format, broken, findings, extent, bytes, sha256 })
}

/// Decompresses a gzip file that must not become larger than `most` bytes; `None` when it is broken or does.
#[must_use]
pub fn gunzip(data: &[u8], most: usize) -> Option<Vec<u8>> {
    gzip::unpack(data, &Budget::new(&Limits::default(), Rc::new(Cell::new(data.len() as u64))), most).ok()
}

/// Chooses the format by name and content, and runs its checker. Containers call
/// this for each of their members.
fn judge(name: &str, input: Input, pass: &mut Pass) -> (Option<Format>, Result<(), Stop>) {
    let Input { stream, ranges } = input;
    let mut head = Vec::new();
    if let Err(error) = (&mut *stream).take(HEAD).read_to_end(&mut head) {
        return (None, Err(error.into()));
    }
    let (format, content) = match format::decide(&Claim::of(name), &head) {
        Ok(decision) => decision,
        Err((format, reason)) => return (format, Err(reason.into())),
    };
    if content == Content::Sniffed {
        pass.budget.note(|extent| extent.unnamed += 1);
    }
    // What is in an archive that nothing names, its index tells: an Office document, perhaps.
    if (format, content) != (Format::Zip, Content::Sniffed)
        && let Err(reason) = pass.accept(format)
    {
        return (Some(format), Err(reason.into()));
    }
    let mut stream = head.chain(stream);
    (Some(format), run(name, format, content, Input { stream: &mut stream, ranges }, pass))
}

/// Runs the checker of a format over a stream.
fn run(name: &str, format: Format, content: Content, input: Input, pass: &mut Pass) -> Result<(), Stop> {
    match format {
        Format::Gzip => gzip::check(name, input.stream, pass),
        Format::Tar => tar::check(input.stream, pass),
        Format::Zip | Format::Xlsx | Format::Docx => zip::check(format, content, input, pass),
        Format::Pdf => pdf::check(input.stream, pass),
        Format::Avro => avro::check(input.stream, pass),
        Format::Parquet => parquet::check(input, pass),
        Format::Text => check(format, input.stream, text::Text::new(), pass),
        Format::Csv | Format::Tsv | Format::Psv => {
            check(format, input.stream, delimited::Delimited::new(format::delimiter(format)), pass)
        }
        Format::Json | Format::Ndjson => {
            let values = match (format, content) {
                (Format::Ndjson, _) => Values::OnePerLine,
                (_, Content::Claimed) => Values::One,
                (_, Content::Sniffed) => Values::Any,
            };
            check(format, input.stream, json::Json::new(values, pass.limits.depth, pass.budget.clone()), pass)
        }
        Format::Xml => check(format, input.stream, xml::Xml::new(pass.limits), pass),
    }
}

/// The grammar of a text format, fed with pieces of any length.
trait Checker {
    /// Takes what the bytes of the text are, before the text: whether they are UTF-16.
    fn encoded(&mut self, _wide: bool) {}
    /// Takes the next piece of text.
    fn push(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault>;
    /// Takes the end of the text.
    fn finish(&mut self, scanner: &mut Scanner) -> Result<(), Fault>;
}

/// Runs a checker over a text, and says where it failed in bytes of the file.
fn check(format: Format, stream: &mut dyn Read, mut checker: impl Checker, pass: &mut Pass) -> Result<(), Stop> {
    let mut stream = TextReader::new(stream);
    let scanner = &mut pass.scanner;
    let mut begun = false;
    while stream.advance(format)? {
        if !std::mem::replace(&mut begun, true) {
            checker.encoded(stream.is_wide());
        }
        let text = stream.text();
        checker.push(text, scanner).map_err(|fault| {
            let offset = stream.offset(fault.at);
            fault.reason(format, offset)
        })?;
    }
    if stream.blank() {
        let text = format!("{format}: nothing but white space");
        return Err(Reason { kind: Kind::Empty, text }.into());
    }
    checker.finish(scanner).map_err(|fault| fault.reason(format, stream.offset(0)).into())
}

#[cfg(test)]
mod tests;

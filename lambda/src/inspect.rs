//! One streaming pass over a file: digest, decoding, format check and detectors.
//!
//! [`inspect()`] meters the source, reads its head to see what it is, and hands
//! the stream to the checker of its format; the checker passes every text it
//! meets to the scanner. Memory does not grow with the size of the file.
//!
//! A new format is a file here, a variant of [`Format`] and a line in `judge`.

mod claim;
mod custom;
mod decode;
mod delimited;
mod detectors;
mod format;
mod json;
mod keyword;
mod limits;
mod magic;
mod path;
mod scan;
mod severity;
mod source;
mod text;
mod verdict;
mod xml;

use std::io::{self, Read};

use claim::Claim;
use decode::TextReader;
use format::Content;
use json::Values;
use scan::Scanner;
use source::{Fault, Meter, Stop};

pub use custom::{CustomError, CustomIdentifier};
pub use detectors::Detectors;
pub use format::Format;
pub use limits::Limits;
pub use severity::{Severity, SeverityLevel};
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
    let mut meter = Meter::new(source);
    let mut scanner = Scanner::new(detectors, limits.locations);
    let (format, verdict) = judge(name, &mut meter, &mut scanner, limits);
    let broken = match verdict {
        Ok(()) => None,
        Err(Stop::Broken(reason)) => Some(reason),
        Err(Stop::Io(error)) => return Err(error),
    };
    io::copy(&mut meter, &mut io::sink())?;
    let findings = match broken {
        None => scanner.finish(),
        Some(_) => Vec::new(),
    };
    let (bytes, sha256) = meter.finish();
    Ok(Inspection { format, broken, findings, bytes, sha256 })
}

/// Chooses the format by name and content, and runs its checker.
///
/// Containers will call this for each of their members.
fn judge(
    name: &str,
    source: &mut dyn Read,
    scanner: &mut Scanner,
    limits: &Limits,
) -> (Option<Format>, Result<(), Stop>) {
    let mut head = Vec::new();
    if let Err(error) = (&mut *source).take(HEAD).read_to_end(&mut head) {
        return (None, Err(error.into()));
    }
    let (format, content) = match format::decide(&Claim::of(name), &head) {
        Ok(decision) => decision,
        Err((format, reason)) => return (format, Err(reason.into())),
    };
    (Some(format), run(format, content, head.chain(source), scanner, limits))
}

/// Runs the checker of a format over a stream.
fn run(
    format: Format,
    content: Content,
    source: impl Read,
    scanner: &mut Scanner,
    limits: &Limits,
) -> Result<(), Stop> {
    let stream = TextReader::new(source);
    match format {
        Format::Text => check(format, stream, text::Text::new(), scanner),
        Format::Csv | Format::Tsv | Format::Psv => {
            check(format, stream, delimited::Delimited::new(format.delimiter()), scanner)
        }
        Format::Json | Format::Ndjson => {
            let values = match (format, content) {
                (Format::Ndjson, _) => Values::OnePerLine,
                (_, Content::Claimed) => Values::One,
                (_, Content::Sniffed) => Values::Any,
            };
            check(format, stream, json::Json::new(values, limits.depth), scanner)
        }
        Format::Xml => check(format, stream, xml::Xml::new(limits), scanner),
        _ => {
            let text = format!("{format}: files of this format cannot be inspected yet");
            Err(Reason { kind: Kind::Unsupported, text }.into())
        }
    }
}

/// The grammar of a text format, fed with pieces of any length.
trait Checker {
    /// Takes the next piece of text.
    fn push(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault>;
    /// Takes the end of the text.
    fn finish(&mut self, scanner: &mut Scanner) -> Result<(), Fault>;
}

/// Runs a checker over a text, and says where it failed in bytes of the file.
fn check<R: Read>(
    format: Format,
    mut stream: TextReader<R>,
    mut checker: impl Checker,
    scanner: &mut Scanner,
) -> Result<(), Stop> {
    while stream.advance(format)? {
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

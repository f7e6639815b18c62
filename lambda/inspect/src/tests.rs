//! Whole files in pieces of several lengths: the same answer for all of them.

use std::io::{self, Read};

use crate::pass::Named;
use crate::*;

mod accepted;
mod custom;
mod delimited;
mod encodings;
mod extent;
mod files;
mod json;
mod sensitive;
mod stop;
mod xml;

/// A source that yields so many bytes at once, and may fail at the end.
struct Pieces<'a> {
    bytes: &'a [u8],
    length: usize,
    fails: bool,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.bytes.is_empty() && self.fails {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        let length = self.length.min(self.bytes.len());
        (&self.bytes[..length]).read(buffer).inspect(|&read| self.bytes = &self.bytes[read..])
    }
}

/// Judges a file as a whole, and demands the same answer in pieces.
fn judge_all(name: &str, bytes: &[u8]) -> Inspection {
    let limits = Limits { depth: 50, markup: 4096, entities: 4096, locations: 5, ..Limits::default() };
    judge_within(&limits, name, bytes)
}

/// As [`judge_all`], within other limits.
fn judge_within(limits: &Limits, name: &str, bytes: &[u8]) -> Inspection {
    let whole = inspect(name, bytes, limits).unwrap();
    assert_eq!(whole.bytes, bytes.len() as u64);
    for length in [1, 2, 3, 7, 64 << 10] {
        let pieces = Pieces { bytes, length, fails: false };
        assert_eq!(inspect(name, pieces, limits).unwrap(), whole, "{name} by {length}");
        // The head of a file is read at once; without it even its first bytes come in pieces.
        if let Ok((row, content)) = recognise::choose(FORMATS, name, bytes) {
            let scanner = Scanner::new(&Detectors::default(), limits.locations);
            let read = Rc::new(Cell::new(bytes.len() as u64));
            let mut pass = Pass { scanner, limits, budget: Budget::new(limits, read), known: FORMATS };
            let mut pieces = Pieces { bytes, length, fails: false };
            let file = Named { name, format: row.format, content };
            match (row.reader)(file, Input::stream(&mut pieces), &mut pass) {
                Ok(()) => assert_eq!((None, pass.scanner.finish()), (whole.broken.clone(), whole.findings.clone())),
                Err(Stop::Broken(reason)) => {
                    assert_eq!(Some(reason), whole.broken, "{name} by {length}");
                }
                Err(Stop::Io(error)) => panic!("{error}"),
            }
        }
    }
    whole
}

fn kind(name: &str, bytes: impl AsRef<[u8]>) -> Option<Kind> {
    judge_all(name, bytes.as_ref()).broken.map(|reason| reason.kind)
}

fn assert_kinds(name: &str, table: &[(&str, Option<Kind>)]) {
    for (text, expected) in table {
        let broken = judge_all(name, text.as_bytes()).broken;
        assert_eq!(broken.as_ref().map(|reason| reason.kind), *expected, "{name}: {text:?} {broken:?}");
    }
}

fn cards(name: &str, text: impl AsRef<[u8]>) -> (u64, Vec<String>) {
    let answer = judge_all(name, text.as_ref());
    assert_eq!(answer.broken, None);
    let found = answer.findings.into_iter().find(|found| found.identifier == "CREDIT_CARD_NUMBER");
    found.map_or((0, Vec::new()), |found| (found.count, found.locations))
}

const OK: Option<Kind> = None;
const SYNTAX: Option<Kind> = Some(Kind::Syntax);
const CUT: Option<Kind> = Some(Kind::Truncated);
const RAGGED: Option<Kind> = Some(Kind::Ragged);

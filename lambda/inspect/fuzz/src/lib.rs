//! What the fuzz targets have in common: inputs with a name, readers that yield little at a time, and a watch
//! on the memory that is taken.

use std::io::{self, Read};

use inspect::{Inspection, Kind, Limits, Ranges};
use peak_alloc::PeakAlloc;

#[path = "../../tests/support/window.rs"]
pub mod window;

use window::{BEYOND, By, window};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The names that a file may have. The first one claims nothing.
pub const NAMES: &[&str] = &[
    "a",
    "a.txt",
    "a.csv",
    "a.tsv",
    "a.psv",
    "a.json",
    "a.ndjson",
    "a.xml",
    "a.gz",
    "a.csv.gz",
    "a.json.gz",
    "a.tar",
    "a.tgz",
    "a.zip",
    "a.parquet",
    "a.avro",
    "a.pdf",
    "a.xlsx",
    "a.docx",
    "a.eml",
    "a.sql",
    "a.html",
];

/// The name of an input, how much of it to read at a time, and its bytes.
#[must_use]
pub fn split(input: &[u8]) -> Option<(&'static str, usize, &[u8])> {
    let (&[name, length], bytes) = input.split_first_chunk()?;
    Some((NAMES[usize::from(name) % NAMES.len()], 1 + usize::from(length), bytes))
}

/// As much as a fuzzer's input may cost.
#[must_use]
pub fn limits() -> Limits {
    Limits { expanded: 64 << 20, ratio_from: 1 << 20, held: 16 << 20, block: 4 << 20, ..Limits::default() }
}

/// Judges a file of some length, and fails where that takes more memory than any file may.
///
/// # Errors
///
/// Those of the inspection.
///
/// # Panics
///
/// Where more is held.
pub fn watched(length: usize, by: By, judge: impl FnOnce() -> io::Result<Inspection>) -> io::Result<Inspection> {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let answer = judge()?;
    let peak = MEMORY.peak_usage().saturating_sub(before);
    let most = BEYOND + window(answer.format, length, by);
    assert!(peak <= most, "{peak} bytes held for {length}, {by:?}: {answer:?}");
    Ok(answer)
}

/// Whether a bound was met. Where exactly depends on the size of the reads.
#[must_use]
pub fn is_bound(answer: &Inspection) -> bool {
    answer.broken.as_ref().is_some_and(|reason| matches!(reason.kind, Kind::Bomb | Kind::Limit))
}

/// Two answers for the same bytes.
pub fn assert_same(one: &Inspection, other: &Inspection) {
    if is_bound(one) || is_bound(other) {
        assert!(one.broken.is_some() && other.broken.is_some(), "{one:?}\n{other:?}");
    } else {
        assert_eq!(one, other);
    }
}

/// Yields a few bytes at a time.
pub struct Pieces<'a>(pub &'a [u8], pub usize);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.1.min(self.0.len()).min(buffer.len());
        let (piece, rest) = self.0.split_at(length);
        buffer[..length].copy_from_slice(piece);
        self.0 = rest;
        Ok(length)
    }
}

/// A file of which any part can be had, as of an object in S3, but for those from a place on.
pub struct Object<'a>(pub &'a [u8], pub u64);

impl Ranges for Object<'_> {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        if offset >= self.1 {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        let start = usize::try_from(offset).expect("within the file");
        Ok(self.0[start..start + length].to_vec())
    }
}

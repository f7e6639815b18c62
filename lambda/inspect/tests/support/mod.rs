//! The samples and the ways in which they are read.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use inspect::Ranges;
use serde_json::Value;

/// A folder of samples.
pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(name)
}

/// The files of a folder with the answers to expect, or of a list of some of its files.
pub fn samples(name: &str) -> Vec<(String, Vec<u8>, Value)> {
    let (name, list) = name.split_once('/').unwrap_or((name, "expected.json"));
    let folder = folder(name);
    let expected = fs::read(folder.join(list)).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    let files = expected["files"].as_array().unwrap();
    let sample = |answer: &Value| {
        let file = answer["file"].as_str().unwrap().to_owned();
        let bytes = fs::read(folder.join(&file)).unwrap();
        (file, bytes, answer.clone())
    };
    files.iter().map(sample).collect()
}

/// Yields a few bytes at a time.
pub struct Pieces<'a>(pub &'a [u8], pub usize);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.1.min(self.0.len());
        let read = (&self.0[..length]).read(buffer)?;
        self.0 = &self.0[read..];
        Ok(read)
    }
}

/// A file that is only named, not in memory.
pub struct Object<'a>(pub &'a [u8]);

impl Ranges for Object<'_> {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let start = usize::try_from(offset).unwrap();
        Ok(self.0[start..start + length].to_vec())
    }
}

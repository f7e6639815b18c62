//! DEFLATE as a stream, by `miniz_oxide`'s core: it takes not a byte too many, and
//! what lies before a broken place is delivered, so that the size of the reads
//! never changes the verdict.

use std::io::{self, BufRead};

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_COMPUTE_ADLER32, TINFL_FLAG_HAS_MORE_INPUT, TINFL_FLAG_PARSE_ZLIB_HEADER,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

/// A power of two, and no less than DEFLATE looks back.
const WINDOW: usize = 64 << 10;

/// What a read yielded.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Inflated {
    /// So many bytes, at least one unless the buffer is empty.
    Bytes(usize),
    /// The stream is complete.
    End,
    /// The source ended first.
    Cut,
    /// The stream is broken.
    Broken,
}

/// Decompresses one stream.
pub(crate) struct Inflater {
    core: Box<DecompressorOxide>,
    flags: u32,
    window: Vec<u8>,
    /// Where the next byte goes, and which ones were not delivered yet.
    at: usize,
    ready: std::ops::Range<usize>,
    last: Option<Inflated>,
    input: u64,
    output: u64,
}

impl Inflater {
    /// A stream without a header.
    pub(crate) fn raw() -> Self {
        Self::new(0)
    }

    /// A stream with zlib's header and checksum.
    pub(crate) fn zlib() -> Self {
        Self::new(TINFL_FLAG_PARSE_ZLIB_HEADER | TINFL_FLAG_COMPUTE_ADLER32)
    }

    fn new(flags: u32) -> Self {
        Self {
            core: Box::default(),
            flags,
            window: vec![0; WINDOW],
            at: 0,
            ready: 0..0,
            last: None,
            input: 0,
            output: 0,
        }
    }

    /// How many bytes were taken from the source.
    pub(crate) fn input(&self) -> u64 {
        self.input
    }

    /// How many bytes were delivered.
    pub(crate) fn output(&self) -> u64 {
        self.output
    }

    /// Reads on.
    pub(crate) fn read(&mut self, source: &mut impl BufRead, buffer: &mut [u8]) -> io::Result<Inflated> {
        loop {
            if !self.ready.is_empty() || buffer.is_empty() {
                let length = buffer.len().min(self.ready.len());
                let end = self.ready.start + length;
                buffer[..length].copy_from_slice(&self.window[self.ready.start..end]);
                self.ready.start = end;
                self.output += length as u64;
                return Ok(Inflated::Bytes(length));
            }
            match self.last {
                Some(Inflated::End) => return Ok(Inflated::End),
                Some(Inflated::Cut) => return Ok(Inflated::Cut),
                Some(_) => return Ok(Inflated::Broken),
                None => self.step(source)?,
            }
        }
    }

    fn step(&mut self, source: &mut impl BufRead) -> io::Result<()> {
        let bytes = source.fill_buf()?;
        let more = if bytes.is_empty() { 0 } else { TINFL_FLAG_HAS_MORE_INPUT };
        let (status, taken, written) = decompress(&mut self.core, bytes, &mut self.window, self.at, self.flags | more);
        let exhausted = bytes.is_empty();
        source.consume(taken);
        self.input += taken as u64;
        self.ready = self.at..self.at + written;
        self.at = self.ready.end % WINDOW;
        self.last = match status {
            TINFLStatus::Done => Some(Inflated::End),
            TINFLStatus::HasMoreOutput => None,
            TINFLStatus::NeedsMoreInput if !exhausted => None,
            TINFLStatus::NeedsMoreInput | TINFLStatus::FailedCannotMakeProgress => Some(Inflated::Cut),
            _ => Some(Inflated::Broken),
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_not_a_byte_too_many() {
        let data: Vec<u8> = (0..200_000_u32).flat_map(|n| n.wrapping_mul(n).to_le_bytes()).collect();
        let mut packed = miniz_oxide::deflate::compress_to_vec(&data, 6);
        let length = packed.len();
        packed.extend(b"behind");
        for piece in [1, 2, 7, 9, 15, 4096] {
            let mut source = io::BufReader::with_capacity(piece, &packed[..]);
            let (mut inflater, mut all, mut buffer) = (Inflater::raw(), Vec::new(), [0; 1000]);
            while let Inflated::Bytes(read) = inflater.read(&mut source, &mut buffer).unwrap() {
                all.extend_from_slice(&buffer[..read]);
            }
            assert!(all == data && inflater.last == Some(Inflated::End));
            assert_eq!(inflater.input(), length as u64);
        }
    }
}

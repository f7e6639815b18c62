//! DEFLATE as a stream, by `flate2`: it takes not a byte too many, and what lies before a broken
//! place is delivered, so that the size of the reads never changes the verdict.
//!
//! `flate2`'s own readers drop what was decoded just before a broken place when it does not fit into
//! their caller's buffer. Here each call may write up to the end of a window as long as the decoder's
//! own, which always fits.

use std::io::{self, BufRead};

use flate2::{Decompress, FlushDecompress, Status};

/// As far as DEFLATE looks back, and the length of the decoder's own window.
const WINDOW: usize = 32 << 10;

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
    core: Decompress,
    window: Vec<u8>,
    /// What of the window was not delivered yet.
    ready: std::ops::Range<usize>,
    last: Option<Inflated>,
    output: u64,
}

impl Inflater {
    /// A stream without a header.
    pub(crate) fn raw() -> Self {
        Self::new(false)
    }

    /// A stream with zlib's header and checksum.
    pub(crate) fn zlib() -> Self {
        Self::new(true)
    }

    fn new(zlib: bool) -> Self {
        Self { core: Decompress::new(zlib), window: vec![0; WINDOW], ready: 0..0, last: None, output: 0 }
    }

    /// How many bytes were taken from the source.
    pub(crate) fn input(&self) -> u64 {
        self.core.total_in()
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
        let exhausted = bytes.is_empty();
        let before = self.core.total_in();
        // Where the decoder is in its window, too.
        let at = self.ready.end % WINDOW;
        let status = self.core.decompress(bytes, &mut self.window[at..], FlushDecompress::None);
        let length = |number: u64| usize::try_from(number).unwrap_or_default();
        let taken = length(self.core.total_in() - before);
        let written = length(self.core.total_out() - self.output);
        source.consume(taken);
        self.ready = at..at + written;
        self.last = match status {
            Ok(Status::StreamEnd) => Some(Inflated::End),
            Ok(_) if exhausted && written == 0 => Some(Inflated::Cut),
            Ok(_) => None,
            Err(_) => Some(Inflated::Broken),
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn pack(data: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    /// What comes out, and how it ends, when the source comes in pieces.
    fn unpack(packed: &[u8], piece: usize, room: usize) -> (Vec<u8>, Inflater) {
        let mut source = io::BufReader::with_capacity(piece, packed);
        let (mut inflater, mut all, mut buffer) = (Inflater::raw(), Vec::new(), vec![0; room]);
        while let Inflated::Bytes(read) = inflater.read(&mut source, &mut buffer).unwrap() {
            all.extend_from_slice(&buffer[..read]);
        }
        (all, inflater)
    }

    #[test]
    fn takes_not_a_byte_too_many() {
        let data: Vec<u8> = (0..200_000_u32).flat_map(|n| n.wrapping_mul(n).to_le_bytes()).collect();
        let mut packed = pack(&data);
        let length = packed.len();
        packed.extend(b"behind");
        for piece in [1, 2, 7, 9, 15, 4096] {
            let (all, inflater) = unpack(&packed, piece, 1000);
            assert!(all == data && inflater.last == Some(Inflated::End));
            assert_eq!(inflater.input(), length as u64);
        }
    }

    /// What is delivered before a broken place or a missing end does not depend on the pieces.
    #[test]
    fn all_before_a_broken_place_is_delivered() {
        let data: Vec<u8> = (0..60_000_u32).flat_map(|n| (n * n / 977).to_le_bytes()).collect();
        let packed = pack(&data);
        for at in [packed.len() / 3, packed.len() / 2, packed.len() - 9] {
            let broken = [&packed[..at], &[0xFF; 40]].concat();
            let (first, inflater) = unpack(&broken, 1, 7);
            let kind = inflater.last;
            assert!(kind == Some(Inflated::Broken) || kind == Some(Inflated::End), "{kind:?}");
            let (cut, inflater) = unpack(&packed[..at], 1, 7);
            assert_eq!(inflater.last, Some(Inflated::Cut));
            assert!(data.starts_with(&cut) && cut.len() > at);
            for (piece, room) in [(3, 100_000), (4096, 50), (1 << 20, 1000), (1 << 20, 1 << 20)] {
                assert!(unpack(&broken, piece, room).0 == first, "{at} by {piece}, {room}");
                assert!(unpack(&packed[..at], piece, room).0 == cut, "{at} by {piece}, {room}");
            }
        }
    }
}

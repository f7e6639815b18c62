//! A binary file as it is read, with the place where reading is.

use std::io::{self, BufRead, BufReader, Read};

use crate::verdict::Kind;
use crate::verdict::{Fault, Stop};
use contract::Format;

const BUFFER: usize = 32 << 10;

/// A buffered stream that knows its place.
pub(crate) struct Tape<'a> {
    reader: BufReader<&'a mut dyn Read>,
    format: Format,
    offset: u64,
}

impl<'a> Tape<'a> {
    /// Reads a file of a format, which reasons name.
    pub(crate) fn new(format: Format, stream: &'a mut dyn Read) -> Self {
        Self::starting(format, stream, 0)
    }

    /// Reads a part of a file, from this place on.
    pub(crate) fn starting(format: Format, stream: &'a mut dyn Read, offset: u64) -> Self {
        Self { reader: BufReader::with_capacity(BUFFER, stream), format, offset }
    }

    /// How many bytes were taken.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether all bytes were taken.
    pub(crate) fn at_end(&mut self) -> io::Result<bool> {
        self.fill_buf().map(<[u8]>::is_empty)
    }

    /// Fills as much of a buffer as there are bytes.
    pub(crate) fn fill(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.read(&mut buffer[filled..])? {
                0 => break,
                read => filled += read,
            }
        }
        Ok(filled)
    }

    /// The next bytes, which have to be there.
    pub(crate) fn exact<const N: usize>(&mut self) -> Result<[u8; N], Stop> {
        let mut bytes = [0; N];
        if self.fill(&mut bytes)? < N { Err(self.cut()) } else { Ok(bytes) }
    }

    /// So many bytes, which have to be there; `length` was checked to be bearable.
    pub(crate) fn take_bytes(&mut self, length: usize) -> Result<Vec<u8>, Stop> {
        let mut bytes = Vec::new();
        let read = self.by_ref().take(length as u64).read_to_end(&mut bytes)?;
        if read < length { Err(self.cut()) } else { Ok(bytes) }
    }

    /// The reason for a file whose end is missing.
    pub(crate) fn cut(&self) -> Stop {
        self.stop(Kind::Truncated, "the end is missing")
    }

    /// A reason that names the format and this place.
    pub(crate) fn stop(&self, kind: Kind, what: impl Into<String>) -> Stop {
        Fault::new(kind, what, 0).reason(self.format, self.offset).into()
    }
}

impl Read for Tape<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.offset += read as u64;
        Ok(read)
    }
}

impl BufRead for Tape<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.reader.consume(amount);
        self.offset += amount as u64;
    }
}

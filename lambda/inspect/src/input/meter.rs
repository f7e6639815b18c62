//! The file as it is read: counted and digested.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use sha2::{Digest, Sha256};

use crate::pass::Switch;

/// Counts and digests all bytes that are read through it.
pub(crate) struct Meter<R> {
    source: R,
    stop: Switch,
    digest: Sha256,
    bytes: u64,
    /// The number of bytes, for those who cannot ask.
    count: Rc<Cell<u64>>,
}

impl<R: Read> Meter<R> {
    pub(crate) fn new(source: R, stop: Switch) -> Self {
        Self { source, stop, digest: Sha256::new(), bytes: 0, count: Rc::default() }
    }

    /// Where the number of bytes that were read so far is to be seen.
    pub(crate) fn count(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.count)
    }

    /// The number of bytes read, and their SHA-256.
    pub(crate) fn finish(self) -> (u64, [u8; 32]) {
        (self.bytes, self.digest.finalize().into())
    }
}

impl<R: Read> Read for Meter<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = loop {
            if self.stop.is_thrown() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            match self.source.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.digest.update(&buffer[..read]);
        self.bytes += read as u64;
        self.count.set(self.bytes);
        Ok(read)
    }
}

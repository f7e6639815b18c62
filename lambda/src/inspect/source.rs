//! The file as it is read: metered, and stopped by an error or a verdict.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use sha2::{Digest, Sha256};

use super::format::Format;
use super::verdict::{Kind, Reason};

/// Counts and digests all bytes that are read through it.
pub(super) struct Meter<R> {
    source: R,
    digest: Sha256,
    bytes: u64,
    /// The number of bytes, for those who cannot ask.
    count: Rc<Cell<u64>>,
}

impl<R: Read> Meter<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, digest: Sha256::new(), bytes: 0, count: Rc::default() }
    }

    /// Where the number of bytes that were read so far is to be seen.
    pub(super) fn count(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.count)
    }

    /// The number of bytes read, and their SHA-256.
    pub(super) fn finish(self) -> (u64, [u8; 32]) {
        (self.bytes, self.digest.finalize().into())
    }
}

impl<R: Read> Read for Meter<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = loop {
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

/// Why an inspection ends before the end of the file.
#[derive(Debug)]
pub(super) enum Stop {
    /// The source failed, which is no verdict.
    Io(io::Error),
    /// The file is broken.
    Broken(Reason),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Reason> for Stop {
    fn from(reason: Reason) -> Self {
        Self::Broken(reason)
    }
}

/// A broken rule, at a byte of the piece of text that a checker was given.
#[derive(Debug)]
pub(super) struct Fault {
    kind: Kind,
    what: String,
    pub(super) at: usize,
}

impl Fault {
    pub(super) fn new(kind: Kind, what: impl Into<String>, at: usize) -> Self {
        Self { kind, what: what.into(), at }
    }

    pub(super) fn syntax(what: impl Into<String>, at: usize) -> Self {
        Self::new(Kind::Syntax, what, at)
    }

    /// A rule that the end of the text breaks.
    pub(super) fn truncated(what: impl Into<String>) -> Self {
        Self::new(Kind::Truncated, what, 0)
    }

    /// The same fault at another place.
    pub(super) fn at(self, at: usize) -> Self {
        Self { at, ..self }
    }

    /// The same fault in a text that starts so many bytes earlier.
    pub(super) fn after(self, bytes: usize) -> Self {
        Self { at: self.at + bytes, ..self }
    }

    /// The same fault of something that has a name.
    pub(super) fn named(self, name: &str) -> Self {
        Self { what: format!("{name}{}", self.what), ..self }
    }

    /// The reason to give, `offset` being the place of the fault in the file.
    pub(super) fn reason(self, format: Format, offset: u64) -> Reason {
        Reason { kind: self.kind, text: format!("{format}: {} (byte {offset})", self.what) }
    }

    /// The reason to give, where it ends the inspection.
    pub(super) fn stop(self, format: Format, offset: u64) -> Stop {
        self.reason(format, offset).into()
    }
}

//! What is inspected: a stream and, for an object in S3, a way to look ahead in it.
//!
//! Formats with their index at the end (zip, Parquet) need it before they read the
//! rest. Of an object they fetch it by [`Ranges`]; a member of a container is held
//! in memory for this, up to [`super::Limits::held`].

use std::io::{self, Read};
use std::rc::Rc;

use super::budget::{Budget, Hold};
use super::format::Format;
use super::source::Stop;

/// Access to any part of the file that a stream yields: the same bytes, whatever is read of the stream.
pub trait Ranges {
    /// The length of the file.
    fn size(&self) -> u64;

    /// Exactly these bytes; they are within the file.
    ///
    /// # Errors
    /// They cannot be had now, which says nothing about the file.
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>>;
}

/// A file to judge, or a member of one.
pub(super) struct Input<'a> {
    pub(super) stream: &'a mut dyn Read,
    pub(super) ranges: Option<&'a dyn Ranges>,
}

impl<'a> Input<'a> {
    /// A file that can only be read in order.
    pub(super) fn stream(stream: &'a mut dyn Read) -> Self {
        Self { stream, ranges: None }
    }
}

/// A file in memory.
#[derive(Clone)]
pub(super) struct Held {
    bytes: Rc<Vec<u8>>,
    at: usize,
    _hold: Rc<Hold>,
}

impl Held {
    /// Reads a stream to its end, up to a limit.
    pub(super) fn read(format: Format, stream: &mut dyn Read, budget: &Budget) -> Result<Self, Stop> {
        let mut hold = budget.hold();
        let mut bytes = Vec::new();
        let mut piece = vec![0; 64 << 10];
        loop {
            let read = stream.read(&mut piece)?;
            if read == 0 {
                return Ok(Self { bytes: Rc::new(bytes), at: 0, _hold: Rc::new(hold) });
            }
            hold.add(read).map_err(|fault| fault.stop(format, bytes.len() as u64))?;
            bytes.extend_from_slice(&piece[..read]);
        }
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        &self.bytes
    }
}

impl Read for Held {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.get(self.at..).unwrap_or_default().read(buffer)?;
        self.at += read;
        Ok(read)
    }
}

impl Ranges for Held {
    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let start = usize::try_from(offset).ok();
        let range = start.and_then(|start| Some(start..start.checked_add(length)?));
        let part = range.and_then(|range| self.bytes.get(range));
        part.map(<[u8]>::to_vec).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

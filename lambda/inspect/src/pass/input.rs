//! What is inspected: a stream and, for an object in S3, a way to look ahead in it.
//!
//! Formats with their index at the end (zip, Parquet) need it before they read the
//! rest. Of an object they fetch it by [`Ranges`]; a member of a container is held
//! in memory for this, up to [`crate::Limits::held`].

use std::io::{self, Read};

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
pub(crate) struct Input<'a> {
    pub(crate) stream: &'a mut dyn Read,
    pub(crate) ranges: Option<&'a dyn Ranges>,
}

impl<'a> Input<'a> {
    /// A file that can only be read in order.
    pub(crate) fn stream(stream: &'a mut dyn Read) -> Self {
        Self { stream, ranges: None }
    }
}

//! A row of the table of formats, which is in [`mod@crate::judge`].

use contract::Format;

use super::{Input, Pass};
use crate::verdict::Stop;

/// A format: how its files are named, what they start with, and who reads them.
pub(crate) struct Known {
    pub(crate) format: Format,
    pub(crate) shape: Shape,
    /// The extensions that claim it, in lower case.
    pub(crate) extensions: &'static [&'static str],
    pub(crate) marks: &'static [Mark],
    pub(crate) reader: Reader,
}

/// Judges a stream by the rules of a format.
pub(crate) type Reader = fn(Named, Input, &mut Pass) -> Result<(), Stop>;

/// What a file of a format is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Text: what has no marks of another format may be any of these.
    Text,
    /// Bytes with marks of their own.
    Binary,
    /// An archive of this format, with parts of its own in it.
    In(Format),
}

/// What the first bytes of a file of a format are.
pub(crate) enum Mark {
    /// These bytes at this place.
    Bytes(usize, &'static [u8]),
    /// As [`Mark::Bytes`], but printable: they count only where the head is no text.
    Printable(usize, &'static [u8]),
    /// What this finds in the head, unless it starts with the bytes of any other format.
    Head(fn(&[u8]) -> bool),
    /// What this finds in the first characters of a text.
    Opening(fn(&str) -> bool),
}

/// The file that is judged, and by what.
#[derive(Clone, Copy)]
pub(crate) struct Named<'a> {
    pub(crate) name: &'a str,
    pub(crate) format: Format,
    pub(crate) content: Content,
}

/// How the format of a file became known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// Its name says so, and its content does not contradict.
    Claimed,
    /// Its name says nothing.
    Sniffed,
    /// Its name says nothing, and it starts as a web page does.
    Page,
}

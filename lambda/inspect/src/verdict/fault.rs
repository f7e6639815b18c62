//! Why an inspection ends before the end of the file.

use std::io;

use contract::Format;

use super::{Kind, Reason};

/// Why an inspection ends before the end of the file.
#[derive(Debug)]
pub(crate) enum Stop {
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
pub(crate) struct Fault {
    kind: Kind,
    what: String,
    pub(crate) at: usize,
}

impl Fault {
    pub(crate) fn new(kind: Kind, what: impl Into<String>, at: usize) -> Self {
        Self { kind, what: what.into(), at }
    }

    pub(crate) fn syntax(what: impl Into<String>, at: usize) -> Self {
        Self::new(Kind::Syntax, what, at)
    }

    /// A rule that the end of the text breaks.
    pub(crate) fn truncated(what: impl Into<String>) -> Self {
        Self::new(Kind::Truncated, what, 0)
    }

    /// The same fault at another place.
    pub(crate) fn at(self, at: usize) -> Self {
        Self { at, ..self }
    }

    /// The same fault in a text that starts so many bytes earlier.
    pub(crate) fn after(self, bytes: usize) -> Self {
        Self { at: self.at + bytes, ..self }
    }

    /// The same fault of something that has a name.
    pub(crate) fn named(self, name: &str) -> Self {
        Self { what: format!("{name}{}", self.what), ..self }
    }

    /// The reason to give where no format has read it.
    pub(crate) fn bare(self) -> Reason {
        Reason { kind: self.kind, text: self.what }
    }

    /// The reason to give, `offset` being the place of the fault in the file.
    pub(crate) fn reason(self, format: Format, offset: u64) -> Reason {
        Reason { kind: self.kind, text: format!("{format}: {} (byte {offset})", self.what) }
    }

    /// The reason to give, where it ends the inspection.
    pub(crate) fn stop(self, format: Format, offset: u64) -> Stop {
        self.reason(format, offset).into()
    }
}

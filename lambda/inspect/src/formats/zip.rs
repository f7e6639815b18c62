//! zip: its index is at the end, so that it is fetched first; then members are
//! judged in the order in which they lie in the file.
//!
//! The index and the headers in front of the members have to agree, and the members
//! have to fill the file without a gap and without sharing a byte: what one program
//! unpacks is then what any other does, and all of it was inspected.

mod index;
mod member;
mod record;

use std::io::Read;

use contract::Format;

use crate::input::nested::{Stream, drain, judge_member, shown};
use crate::input::tape::Tape;
use crate::pass::Pass;
use crate::verdict::{Fault, Kind, Stop};
pub(crate) use index::Index;
pub(crate) use member::Member;
pub(crate) use record::Entry;

/// Judges the members of an archive, whose index was read.
pub(crate) fn check_members(format: Format, index: &Index, stream: &mut dyn Read, pass: &mut Pass) -> Result<(), Stop> {
    let mut tape = Tape::new(format, stream);
    for entry in &index.entries {
        each(format, &mut tape, entry, pass)?;
    }
    if index.entries.iter().all(Entry::is_folder) {
        return Err(tape.stop(Kind::Empty, "there are no files inside"));
    }
    drain(&mut tape)
}

/// Judges one entry: a folder, which is empty, or a file.
fn each(format: Format, tape: &mut Tape, entry: &Entry, pass: &mut Pass) -> Result<(), Stop> {
    let member = Member::open(format, tape, entry, pass.budget.clone())?;
    if entry.is_folder() {
        return drain(&mut Stream::new(member)).map_err(|_| refuse(format, Kind::Syntax, entry, "a broken folder"));
    }
    judge_member(&entry.name, &format!("{format}: "), &mut Stream::new(member), pass)
}

/// A reason that names a member and where it starts.
fn refuse(format: Format, kind: Kind, entry: &Entry, what: &str) -> Stop {
    let what = format!("member \"{}\": {what}", shown(&entry.name));
    Fault::new(kind, what, 0).reason(format, entry.offset).into()
}

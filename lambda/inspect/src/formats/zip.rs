//! zip: its index is at the end, so that it is fetched first; then members are
//! judged in the order in which they lie in the file.
//!
//! The index and the headers in front of the members have to agree, and the members
//! have to fill the file without a gap and without sharing a byte: what one program
//! unpacks is then what any other does. That is why the reader is our own: of 10,986 damaged files (22 sound ones, a
//! byte changed or gone, or cut off) the `zip` crate (9.8) unpacks 1,598 to their end that are refused here. A header of a member that was written to a pipe may
//! leave open its checksum, its length or its packed length, each by itself.
//!
//! | part | what becomes of it |
//! |---|---|
//! | content of a member | judged by the member's own name; an empty one passes |
//! | `AppleDouble` and `.DS_Store` of macOS, by name and mark | scanned as text |
//! | names of members, comments on them and on the archive | scanned, as UTF-8 or Latin-1 |
//! | extra fields of the directory, and of headers where they differ | scanned whole, known or not |
//! | a zip, gzip or PDF in an extra field or a comment | refused |
//! | what a zip64 end record has beside its numbers | scanned |
//! | checksums, lengths, places, methods, flags | compared or used |
//! | time, version, attributes (22 bytes a member) | not looked at |
//! | symbolic links of Unix | their aims are scanned; what is no aim (lines, more than 4096 bytes) is a file |
//! | folders | refused if they have content |
//! | bytes before, between and behind | refused, zeros too: the policy lets nothing stand behind the end |

mod index;
mod member;
mod record;

use std::io::Read;

use contract::Format;

use crate::formats::hidden;
use crate::input::nested::{Stream, drain, judge_member, shown, within};
use crate::input::tape::Tape;
use crate::pass::Pass;
use crate::scan::Scanner;
use crate::scan::loose;
use crate::verdict::{Fault, Kind, Reason, Stop};
pub(crate) use index::Index;
pub(crate) use member::Member;
pub(crate) use record::Entry;

/// Where what extra fields say is found.
const EXTRA: &str = "extra field";

/// Passes on what the directory has beside the members: their names, extra fields, and comments.
pub(crate) fn scan_beside(format: Format, index: &Index, scanner: &mut Scanner) -> Result<(), Stop> {
    hides(format, "a comment", &index.comments)?;
    loose::scan(scanner, "comment", &index.comments);
    for entry in &index.entries {
        loose::scan(scanner, "name of a member", entry.raw_name());
        hides(format, "an extra field", &entry.extra)?;
        for (id, field) in record::fields(&entry.extra) {
            loose::scan(scanner, EXTRA, record::text(id, field));
        }
    }
    Ok(())
}

/// Refuses an archive in what stands beside its members.
fn hides(format: Format, place: &str, bytes: &[u8]) -> Result<(), Stop> {
    match hidden::find_in(bytes) {
        None => Ok(()),
        Some(what) => {
            let text = format!("{format}: {place} has {what} in it (pack again without it)");
            Err(Reason { kind: Kind::Mismatch, text }.into())
        }
    }
}

/// Opens a member, and passes on what its own header has beside it.
pub(crate) fn open<'a, 'b>(
    format: Format,
    tape: &'a mut Tape<'b>,
    entry: &'a Entry,
    pass: &mut Pass,
) -> Result<Member<'a, 'b>, Stop> {
    let member = Member::open(format, tape, entry, pass.budget.clone())?;
    for text in member.extra_texts() {
        hides(format, "an extra field", text)?;
        loose::scan(&mut pass.scanner, EXTRA, text);
    }
    Ok(member)
}

/// Judges the members of an archive, whose index was read.
pub(crate) fn check_members(format: Format, index: &Index, stream: &mut dyn Read, pass: &mut Pass) -> Result<(), Stop> {
    let mut tape = Tape::new(format, stream);
    let mut filled = false;
    for entry in &index.entries {
        filled |= each(format, &mut tape, entry, pass)?;
    }
    if !filled {
        let folders = index.entries.iter().all(Entry::is_folder);
        let what = if folders { "there are no files inside" } else { "all files inside are empty" };
        return Err(tape.stop(Kind::Empty, what));
    }
    drain(&mut tape)
}

/// Judges one entry, a folder or a file, and says whether there is anything in it.
fn each(format: Format, tape: &mut Tape, entry: &Entry, pass: &mut Pass) -> Result<bool, Stop> {
    let mut member = Stream::new(open(format, tape, entry, pass)?);
    if entry.is_folder() {
        drain(&mut member).map_err(|_| refuse(format, Kind::Syntax, entry, "a broken folder"))?;
        return Ok(false);
    }
    if entry.link && is_aim(member.peek(LONGEST + 1)) {
        // The link has no content; what it aims at is a member like any other.
        let prefix = format!("{format}: member \"{}\": ", shown(&entry.name));
        pass.scanner.enter(&shown(&entry.name));
        let verdict = within(&prefix, &mut member, |member| Ok(loose::scan_stream(&mut pass.scanner, member)?));
        pass.scanner.leave();
        return verdict.map(|()| false);
    }
    judge_member(&entry.name, &format!("{format}: "), &mut member, pass)
}

/// How long the aim of a link is at most, in bytes.
const LONGEST: usize = 4096;

/// Whether the content of a link is nothing but its aim: a program that knows no links takes it for a file.
fn is_aim(content: &[u8]) -> bool {
    let text = str::from_utf8(content).ok().filter(|text| !text.is_empty() && text.len() <= LONGEST);
    text.is_some_and(|text| !text.contains(char::is_control))
}

/// A reason that names a member and where it starts.
fn refuse(format: Format, kind: Kind, entry: &Entry, what: &str) -> Stop {
    let what = format!("member \"{}\": {what}", shown(&entry.name));
    Fault::new(kind, what, 0).reason(format, entry.offset).into()
}

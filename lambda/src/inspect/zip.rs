//! zip: its index is at the end, so that it is fetched first; then members are
//! judged in the order in which they lie in the file.
//!
//! The index and the headers in front of the members have to agree, and the members
//! have to fill the file without a gap and without sharing a byte: what one program
//! unpacks is then what any other does, and all of it was inspected.

mod index;
mod member;

use std::io::Read;

use super::container::{Stream, drain, judge_member, shown};
use super::format::{Content, Format};
use super::office;
use super::pass::Pass;
use super::ranges::{Held, Input, Ranges};
use super::scan::{Mask, Place};
use super::source::{Fault, Stop};
use super::tape::Tape;
use super::verdict::{Kind, Reason};
pub(super) use index::{Entry, Index};
pub(super) use member::Member;

/// Judges a zip archive, or an Office document, which is one.
pub(super) fn check(format: Format, content: Content, input: Input, pass: &mut Pass) -> Result<(), Stop> {
    let _level = pass.budget.enter().map_err(|fault| fault.stop(format, 0))?;
    let Input { stream, ranges } = input;
    if let Some(ranges) = ranges {
        return judge(format, content, stream, ranges, pass);
    }
    let held = Held::read(format, stream, &pass.budget)?;
    judge(format, content, &mut held.clone(), &held, pass)
}

fn judge(
    format: Format,
    content: Content,
    stream: &mut dyn Read,
    ranges: &dyn Ranges,
    pass: &mut Pass,
) -> Result<(), Stop> {
    let index = Index::read(format, ranges, &pass.budget)?;
    for comment in &index.comments {
        pass.scanner.begin(Mask::default(), Place::Path("comment".into()));
        pass.scanner.text(&String::from_utf8_lossy(comment));
        pass.scanner.separate();
    }
    let package = office::recognise(&index);
    if content == Content::Sniffed {
        pass.accept(package.unwrap_or(format))?;
    }
    match (format, package) {
        (Format::Zip, Some(package)) if content == Content::Sniffed => {
            return office::check_package(package, &index, stream, ranges, pass);
        }
        (Format::Zip, _) => {}
        (_, Some(package)) if package == format => {
            return office::check_package(format, &index, stream, ranges, pass);
        }
        _ => {
            let text = format!("{format}: the content is {}", package.unwrap_or(Format::Zip));
            return Err(Reason { kind: Kind::Mismatch, text }.into());
        }
    }
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

//! Which format a file is judged by: its name is a claim, its first bytes are looked at, and the
//! table of formats says who reads it.

mod claim;
mod decide;
mod magic;

use std::io::Read;

use contract::Format;

use crate::pass::{Content, Input, Known, Named, Pass, Shape};
use crate::verdict::{Kind, Reason, Stop};
pub(crate) use claim::{Claim, extension, inside};
use decide::{Refusal, decide};
pub(crate) use magic::{is_json, is_markup};

/// How much of a file is read before its reader is chosen.
const HEAD: u64 = 4096;

/// Judges a file by the row of the table that its name and content choose. Containers call this
/// for each of their members.
pub(crate) fn judge(name: &str, input: Input, pass: &mut Pass) -> (Option<Format>, Result<(), Stop>) {
    let Input { stream, ranges } = input;
    let mut head = Vec::new();
    if let Err(error) = (&mut *stream).take(HEAD).read_to_end(&mut head) {
        return (None, Err(error.into()));
    }
    let (row, content) = match choose(pass.known, name, &head) {
        Ok(choice) => choice,
        Err((format, reason)) => return (format, Err(reason.into())),
    };
    let format = row.format;
    if content != Content::Claimed {
        pass.budget.note(|extent| extent.unnamed += 1);
    }
    // What is in an archive that nothing names, its index tells: an Office document, perhaps.
    if (format, content) != (Format::Zip, Content::Sniffed)
        && let Err(reason) = pass.accept(format)
    {
        return (Some(format), Err(reason.into()));
    }
    let mut stream = head.chain(stream);
    let input = Input { stream: &mut stream, ranges };
    (Some(format), (row.reader)(Named { name, format, content }, input, pass))
}

/// Whether a head has the marks of a format that is no text.
pub(crate) fn is_binary(known: &[Known], head: &[u8]) -> bool {
    let magic::Content::Known(format) = magic::sniff(known, head) else { return false };
    known.iter().any(|row| row.format == format && row.shape != Shape::Text)
}

/// Chooses the row of the table, from the name and the first bytes of a file; or says by what format
/// the file is refused, if by any, and why.
pub(crate) fn choose(known: &'static [Known], name: &str, head: &[u8]) -> Result<(&'static Known, Content), Refusal> {
    let (format, content) = decide(known, &Claim::of(known, name), head)?;
    let row = known.iter().find(|row| row.format == format);
    let unread = || Reason { kind: Kind::Unsupported, text: format!("unsupported: {format} has no reader") };
    Ok((row.ok_or_else(|| (Some(format), unread()))?, content))
}

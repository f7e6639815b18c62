//! What lies between the objects that the cross-references name: comments, tables, and objects
//! that no reader would find, but whoever mends the document.

use std::ops::Range;

use super::content::Painter;
use super::document::Document;
use super::indirect::Indirect;
use super::streams::check_object;
use super::told::tell;
use super::trouble::Trouble;
use super::uses::Uses;
use crate::pass::Pass;
use crate::scan::{Mask, Place};

/// Passes on the text of a gap, and judges what is an object in it.
pub(super) fn check(
    painter: &mut Painter,
    uses: &Uses,
    data: &[u8],
    gap: Range<usize>,
    pass: &mut Pass,
) -> Result<(), Trouble> {
    let mut at = gap.start;
    while let Some((offset, indirect)) = next(painter.document, data, at..gap.end)? {
        let end = indirect.tail.end;
        text(data.get(at..offset), pass);
        check_object(painter, uses, data, &indirect, offset, pass)?;
        at = end;
    }
    text(data.get(at..gap.end), pass);
    Ok(())
}

fn text(data: Option<&[u8]>, pass: &mut Pass) {
    let data = data.unwrap_or_default();
    if data.iter().all(u8::is_ascii_whitespace) {
        return;
    }
    pass.scanner.separate();
    pass.scanner.begin(Mask::default(), Place::Path("between objects".into()));
    tell(data, |string| string, &mut pass.scanner);
    pass.scanner.separate();
}

/// The next object in a gap, where it is whole.
fn next<'a>(document: &Document<'a>, data: &[u8], gap: Range<usize>) -> Result<Option<(usize, Indirect<'a>)>, Trouble> {
    let mut from = gap.start;
    while let Some(found) = data.get(from..gap.end).and_then(|rest| rest.windows(3).position(|word| word == b"obj")) {
        let word = from + found;
        from = word + 3;
        let Some(offset) = start(data.get(gap.start..word).unwrap_or_default()) else { continue };
        let offset = gap.start + offset;
        let indirect = document.parse_any(offset);
        // What is no object may be looked through again and again.
        document.budget.work(indirect.as_ref().map_or(gap.end - offset, |indirect| indirect.tail.end - offset))?;
        if let Ok(indirect) = indirect
            && indirect.tail.end <= gap.end
        {
            return Ok(Some((offset, indirect)));
        }
    }
    Ok(None)
}

/// Where the two numbers before `obj` start.
fn start(before: &[u8]) -> Option<usize> {
    let mut at = before.len();
    for _ in 0..2 {
        let rest = before.get(..at)?.trim_ascii_end();
        let digits = rest.iter().rev().take(10).take_while(|byte| byte.is_ascii_digit()).count();
        at = rest.len().checked_sub(digits).filter(|_| digits > 0)?;
    }
    Some(at)
}

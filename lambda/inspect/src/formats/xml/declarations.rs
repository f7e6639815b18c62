//! Declarations that only have to be well formed: a document is not validated.

use std::rc::Rc;

use super::cursor::{self, Cursor};
use super::entities::Entities;
use crate::verdict::Fault;

/// As much of an element's name as holds for the defaults of its attributes, in bytes.
const SHOWN: usize = 256;

fn wrong() -> Fault {
    Fault::syntax("a declaration with an error", 0)
}

/// `SYSTEM` or `PUBLIC` and its literals, if it comes.
pub(super) fn external(cursor: &mut Cursor<'_>) -> Result<bool, Fault> {
    let public = cursor.skip("PUBLIC");
    if !public && !cursor.skip("SYSTEM") {
        return Ok(false);
    }
    cursor.need_space()?;
    cursor.literal()?;
    if public {
        cursor.need_space()?;
        cursor.literal()?;
    }
    Ok(true)
}

/// An element and its content, behind `<!ELEMENT`.
pub(super) fn element(cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    cursor.need_space()?;
    cursor.name()?;
    cursor.need_space()?;
    if !cursor.skip("EMPTY") && !cursor.skip("ANY") {
        group(cursor)?;
    }
    end(cursor)
}

/// A notation and where it is, behind `<!NOTATION`.
pub(super) fn notation(cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    cursor.need_space()?;
    cursor.name()?;
    cursor.need_space()?;
    let public = cursor.skip("PUBLIC");
    if !public && !cursor.skip("SYSTEM") {
        return Err(wrong());
    }
    cursor.need_space()?;
    cursor.literal()?;
    if public && cursor.space() && cursor.rest.starts_with(['"', '\'']) {
        cursor.literal()?;
    }
    end(cursor)
}

/// The attributes of an element, behind `<!ATTLIST`.
pub(super) fn attributes(cursor: &mut Cursor<'_>, entities: &mut Entities) -> Result<(), Fault> {
    cursor.need_space()?;
    let element = cursor.name()?;
    // It is repeated for each attribute, so that all of a long one would be too much.
    let element = Rc::from(&element[..element.floor_char_boundary(SHOWN)]);
    loop {
        let spaced = cursor.space();
        if cursor.skip(">") {
            return Ok(());
        }
        if !spaced {
            return Err(wrong());
        }
        let attribute = cursor.name()?;
        cursor.need_space()?;
        kind(cursor)?;
        cursor.need_space()?;
        if cursor.skip("#REQUIRED") || cursor.skip("#IMPLIED") {
            continue;
        }
        if cursor.skip("#FIXED") {
            cursor.need_space()?;
        }
        let value = cursor.literal()?;
        if value.contains('<') {
            return Err(wrong());
        }
        entities.default(&element, attribute, value);
    }
}

/// The type of an attribute.
fn kind(cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    const WORDS: [&str; 8] = ["CDATA", "ID", "IDREF", "IDREFS", "ENTITY", "ENTITIES", "NMTOKEN", "NMTOKENS"];
    if cursor.rest.starts_with('(') {
        return group(cursor);
    }
    match cursor.name()? {
        "NOTATION" => {
            cursor.need_space()?;
            group(cursor)
        }
        word if WORDS.contains(&word) => Ok(()),
        _ => Err(wrong()),
    }
}

/// Names in balanced brackets, with the signs that say how they follow each other.
fn group(cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    let mut depth = 0_usize;
    // Whether a name or a bracket has to come, or a sign.
    let mut open = true;
    loop {
        cursor.space();
        if open && cursor.skip("(") {
            depth += 1;
            continue;
        }
        let item = if open {
            let start = cursor.rest;
            let name = |sign| cursor::is_name(sign) || sign == '#';
            cursor.rest = start.trim_start_matches(name);
            let word = &start[..start.len() - cursor.rest.len()];
            depth > 0 && !word.is_empty() && (word == "#PCDATA" || !word.contains('#'))
        } else {
            cursor.skip(")")
        };
        if item {
            depth -= usize::from(!open);
            open = false;
            let _ = cursor.skip("?") || cursor.skip("*") || cursor.skip("+");
        } else if !open && (cursor.skip("|") || cursor.skip(",")) {
            open = true;
        } else {
            return Err(wrong());
        }
        if depth == 0 {
            return Ok(());
        }
    }
}

fn end(cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    cursor.space();
    if cursor.skip(">") { Ok(()) } else { Err(wrong()) }
}

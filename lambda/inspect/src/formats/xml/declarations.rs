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
    if public {
        identifier(cursor)?;
        cursor.need_space()?;
    }
    cursor.literal()?;
    Ok(true)
}

/// A public identifier, which has few signs.
fn identifier(cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    let fits = |sign: char| sign.is_ascii_alphanumeric() || " \r\n-'()+,./:=?;!*#@$_%".contains(sign);
    if cursor.literal()?.chars().all(fits) { Ok(()) } else { Err(wrong()) }
}

/// An element and its content, behind `<!ELEMENT`.
pub(super) fn element(cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    cursor.need_space()?;
    cursor.name()?;
    cursor.need_space()?;
    if !cursor.skip("EMPTY") && !cursor.skip("ANY") {
        let inside = cursor.rest.strip_prefix('(').map(|rest| rest.trim_start_matches(cursor::is_space));
        let mixed = inside.is_some_and(|inside| inside.starts_with("#PCDATA"));
        if mixed { mixture(cursor)? } else { children(cursor)? }
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
    if public {
        identifier(cursor)?;
        if cursor.space() && cursor.rest.starts_with(['"', '\'']) {
            cursor.literal()?;
        }
    } else {
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
        entities.check_default(value)?;
        entities.default(&element, attribute, value);
    }
}

/// The type of an attribute.
fn kind(cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    const WORDS: [&str; 8] = ["CDATA", "ID", "IDREF", "IDREFS", "ENTITY", "ENTITIES", "NMTOKEN", "NMTOKENS"];
    if cursor.rest.starts_with('(') {
        return choice(cursor, Cursor::token);
    }
    match cursor.name()? {
        "NOTATION" => {
            cursor.need_space()?;
            choice(cursor, Cursor::name)
        }
        word if WORDS.contains(&word) => Ok(()),
        _ => Err(wrong()),
    }
}

/// Words in brackets, of which one is chosen.
fn choice<'a>(cursor: &mut Cursor<'a>, word: fn(&mut Cursor<'a>) -> Result<&'a str, Fault>) -> Result<(), Fault> {
    let mut open = cursor.skip("(");
    while open {
        cursor.space();
        word(cursor)?;
        cursor.space();
        open = cursor.skip("|");
    }
    if cursor.skip(")") { Ok(()) } else { Err(wrong()) }
}

/// Text, with the elements that may stand in it: `(#PCDATA)`, `(#PCDATA | a)*`.
fn mixture(cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    cursor.skip("(");
    cursor.space();
    cursor.skip("#PCDATA");
    cursor.space();
    let mut alone = true;
    while cursor.skip("|") {
        alone = false;
        cursor.space();
        cursor.name()?;
        cursor.space();
    }
    let ends = cursor.skip(")") && (cursor.skip("*") || alone);
    if ends { Ok(()) } else { Err(wrong()) }
}

/// Names and brackets in brackets, with one kind of sign between those of each.
fn children(cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    // The sign of each bracket that is open, or zero while it is not known.
    let mut signs: Vec<u8> = Vec::new();
    loop {
        cursor.space();
        if cursor.skip("(") {
            signs.push(0);
            continue;
        }
        if signs.is_empty() {
            return Err(wrong());
        }
        cursor.name()?;
        occurrence(cursor);
        while !separated(cursor, &mut signs)? {
            signs.pop();
            occurrence(cursor);
            if signs.is_empty() {
                return Ok(());
            }
        }
    }
}

/// Goes over the sign between two names or brackets; false at the end of the bracket.
fn separated(cursor: &mut Cursor<'_>, signs: &mut [u8]) -> Result<bool, Fault> {
    cursor.space();
    let sign = cursor.rest.bytes().next().filter(|sign| matches!(sign, b')' | b'|' | b',')).ok_or_else(wrong)?;
    cursor.rest = &cursor.rest[1..];
    if sign == b')' {
        return Ok(false);
    }
    match signs.last_mut() {
        Some(own) if *own == 0 || *own == sign => *own = sign,
        _ => return Err(wrong()),
    }
    Ok(true)
}

/// How often something may come.
fn occurrence(cursor: &mut Cursor<'_>) {
    let _ = cursor.skip("?") || cursor.skip("*") || cursor.skip("+");
}

fn end(cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    cursor.space();
    if cursor.skip(">") { Ok(()) } else { Err(wrong()) }
}

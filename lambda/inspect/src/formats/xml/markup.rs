//! Tags, processing instructions and the XML declaration.

use std::collections::HashSet;

use encoding_rs::Encoding;

use super::Width;
use super::cursor::Cursor;
use crate::input::text::Declared;
use crate::verdict::Fault;
use crate::verdict::Kind;

/// A tag and what is in it.
pub(super) enum Tag<'a> {
    Start {
        name: &'a str,
        /// Names and values, whose references are not expanded.
        attributes: Vec<(&'a str, &'a str)>,
        empty: bool,
    },
    End(&'a str),
}

/// Parses a tag, without its angle brackets.
pub(super) fn tag(text: &str) -> Result<Tag<'_>, Fault> {
    let mut cursor = Cursor::new(text);
    if cursor.skip("/") {
        let name = cursor.name()?;
        cursor.space();
        return if cursor.rest.is_empty() {
            Ok(Tag::End(name))
        } else {
            Err(Fault::syntax("something after the name of an end tag", 0))
        };
    }
    let name = cursor.name()?;
    let mut attributes: Vec<(&str, &str)> = Vec::new();
    let mut seen = HashSet::new();
    loop {
        let spaced = cursor.space();
        if cursor.rest.is_empty() || cursor.rest == "/" {
            return Ok(Tag::Start { name, attributes, empty: cursor.rest == "/" });
        }
        if !spaced {
            return Err(Fault::syntax("no white space before an attribute", 0));
        }
        let attribute = cursor.name()?;
        if twice(attribute, &attributes, &mut seen) {
            return Err(Fault::syntax("an attribute given twice", 0));
        }
        attributes.push((attribute, cursor.value()?));
    }
}

/// As many attributes are compared one by one.
const FEW: usize = 16;

/// Whether an attribute is there already, and notes that it is.
fn twice<'a>(attribute: &'a str, attributes: &[(&'a str, &str)], seen: &mut HashSet<&'a str>) -> bool {
    if attributes.len() < FEW {
        return attributes.iter().any(|(name, _)| *name == attribute);
    }
    if seen.is_empty() {
        seen.extend(attributes.iter().map(|(name, _)| name));
    }
    !seen.insert(attribute)
}

/// Parses a processing instruction, without its marks; `first` if nothing is before it. Says whether it is a declaration
/// of a document that stands alone.
pub(super) fn instruction(text: &str, first: Option<Width>) -> Result<bool, Fault> {
    let mut cursor = Cursor::new(text);
    let target = cursor.name()?;
    if let (Some(width), "xml") = (first, target) {
        return declaration(cursor, width);
    }
    if target.eq_ignore_ascii_case("xml") {
        return Err(Fault::syntax("an XML declaration out of place", 0));
    }
    if !cursor.rest.is_empty() {
        cursor.need_space()?;
    }
    Ok(false)
}

/// The encoding that the start of a document declares, if it is another than UTF-8; whether it is that the
/// bytes of UTF-16 tell.
pub(super) fn declared(head: &[u8]) -> Declared {
    let text = head.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let Some(declaration) = text.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")) else {
        // It may still come.
        let more = text.len() == head.len() && head.len() < DECLARATION;
        let begun = text.starts_with("<?xml") || "<?xml".starts_with(text);
        return if more && begun { Declared::Unfinished } else { Declared::Nothing };
    };
    let mut cursor = Cursor::new(declaration.0);
    loop {
        cursor.space();
        let (Ok(name), Ok(value)) = (cursor.name(), cursor.value()) else { return Declared::Nothing };
        if name == "encoding" {
            return encoding(value);
        }
    }
}

/// The longest declaration that is looked at, in bytes.
const DECLARATION: usize = 1024;

fn encoding(label: &str) -> Declared {
    // What is ASCII is UTF-8, and what says UTF-16 and is not is refused where the declaration is read.
    let known = ["UTF-8", "UTF8", "UTF-16", "UTF-16LE", "UTF-16BE", "US-ASCII", "ASCII"];
    if known.iter().any(|known| label.eq_ignore_ascii_case(known)) {
        return Declared::Nothing;
    }
    Encoding::for_label_no_replacement(label.as_bytes()).map_or(Declared::Unknown, Declared::As)
}

/// Parses what is in an XML declaration, and says whether the document stands alone. The encoding it names is not judged here, since the bytes were read in it.
fn declaration(mut cursor: Cursor<'_>, width: Width) -> Result<bool, Fault> {
    let wrong = || Fault::syntax("an XML declaration with an error", 0);
    let mut expected = ["version", "encoding", "standalone"].iter().peekable();
    let (mut versioned, mut alone) = (false, false);
    loop {
        let spaced = cursor.space();
        if cursor.rest.is_empty() {
            return if versioned { Ok(alone) } else { Err(wrong()) };
        }
        let name = cursor.name()?;
        let value = cursor.value()?;
        if !spaced || !expected.any(|known| *known == name) {
            return Err(wrong());
        }
        let right = match name {
            "version" => value
                .strip_prefix("1.")
                .is_some_and(|minor| !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit())),
            "encoding" => {
                let sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
                if width == Width::Narrow && value.to_ascii_uppercase().starts_with("UTF-16") {
                    return Err(Fault::new(Kind::Encoding, "UTF-16 by its declaration, and UTF-8 by its bytes", 0));
                }
                value.starts_with(|c: char| c.is_ascii_alphabetic()) && value.chars().all(sign)
            }
            _ => matches!(value, "yes" | "no"),
        };
        versioned |= name == "version";
        alone |= name == "standalone" && value == "yes";
        if !right || !versioned {
            return Err(wrong());
        }
    }
}

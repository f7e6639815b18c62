//! The text of objects themselves: titles, notes, fields of forms, outlines, scripts.

use std::rc::Rc;

use super::document::Document;
use super::lexer::Lexer;
use super::object::{Dict, Object, Resolve};
use super::told;
use super::uses::Name;
use crate::pass::Pass;
use crate::scan::{Mask, Place, Scanner};
use crate::verdict::Fault;

/// How many fields may lie in each other.
const DEEPEST: usize = 8;

/// How much of their names is one name, in bytes.
const LONGEST: usize = 256;

/// What the entries start with by which an object is a field or a note.
const SAYS: [&[u8]; 6] = [b"/V", b"/D", b"/T", b"/O", b"/R", b"/M"];

/// The entries that are the values of fields and notes, or what they may be.
const VALUES: [&str; 7] = ["V", "DV", "Opt", "RV", "RC", "MK", "Contents"];

/// Starts the text of an object, and gives it where it may be a field or a note. Its name says what its value is.
pub(super) fn begin(
    document: &Document,
    data: &[u8],
    own: (u32, Option<&Name>),
    pass: &mut Pass,
) -> Result<Object, Fault> {
    let object = if data.windows(2).any(|two| SAYS.contains(&two)) {
        document.budget.work(data.len())?;
        Lexer::new(data, 0).object().ok().flatten()
    } else {
        None
    };
    let object = object.unwrap_or(Object::Null);
    begin_parsed(document, &object, own, pass);
    Ok(object)
}

/// As [`begin()`], for an object that was parsed: its number, and what a value is called.
pub(super) fn begin_parsed(document: &Document, object: &Object, own: (u32, Option<&Name>), pass: &mut Pass) {
    let scanner = &mut pass.scanner;
    let outer = called(document, own.1, scanner);
    let names = object.dict().map_or_else(Mask::default, |dict| names(document, dict, scanner));
    scanner.separate();
    scanner.begin(names | outer, Place::Path(format!("object {}", own.0).into()));
}

/// What the value is called that an object is.
pub(super) fn called(document: &Document, name: Option<&Name>, scanner: &mut Scanner) -> Mask {
    match name {
        Some(Name::Key(key)) => scanner.names(key),
        Some(&Name::Field(field)) => {
            document.get(field).dict().map_or_else(Mask::default, |field| names(document, field, scanner))
        }
        None => Mask::default(),
    }
}

/// What a field or a note is called, by itself and by the fields around it.
fn names(document: &Document, dict: &Dict, scanner: &mut Scanner) -> Mask {
    if !VALUES.iter().any(|value| dict.get(value).is_some()) {
        return Mask::default();
    }
    let (mut names, mut whole) = (Mask::default(), String::new());
    let mut around: Option<Rc<Dict>> = None;
    for _ in 0..DEEPEST {
        let field = around.as_deref().unwrap_or(dict);
        for key in ["TU", "TM", "Subj", "T"] {
            let Some(name) = document.entry(field, key).string().map(told::text) else { continue };
            names = scanner.names(&name) | names;
            if key == "T" && whole.len() < LONGEST {
                // Names are parted by points, which are no part of a keyword.
                whole = format!("{} {whole}", name.get(..name.floor_char_boundary(LONGEST)).unwrap_or_default());
            }
        }
        let Some(above) = document.above(field) else { break };
        around = Some(above);
    }
    scanner.names(whole.trim_end()) | names
}

/// Passes on the rich texts of a field or a note as they are shown: without tags.
pub(super) fn rich(document: &Document, object: &Object, scanner: &mut Scanner) {
    for key in ["RC", "RV"] {
        let text = object.dict().map(|dict| document.entry(dict, key));
        let Some(text) = text.as_ref().and_then(|text| text.string()).map(told::text) else { continue };
        scanner.echo(true);
        scanner.begin(Mask::default(), Place::Path("rich text".into()));
        show(untagged(&text).as_bytes(), scanner);
        scanner.separate();
        scanner.echo(false);
    }
}

/// A text without tags: those of paragraphs and lines end lines.
fn untagged(text: &str) -> String {
    let (mut plain, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, tag)) = rest.split_once('<') {
        plain.push_str(before);
        let (tag, behind) = tag.split_once('>').unwrap_or((tag, ""));
        if matches!(tag.trim_start_matches('/').get(..1), Some("p" | "b")) && !matches!(tag, "b" | "/b") {
            plain.push('\n');
        }
        rest = behind;
    }
    plain.push_str(rest);
    plain
}

/// Passes on a stream that is text. Signs that XML writes as numbers are what they stand for.
pub(super) fn show(data: &[u8], scanner: &mut Scanner) {
    let mut rest = data;
    while let Some(at) = rest.windows(2).position(|two| two == b"&#") {
        let (before, from) = rest.split_at(at);
        told::show(before, scanner);
        let Some((character, length)) = reference(from) else {
            scanner.text("&#");
            rest = from.get(2..).unwrap_or_default();
            continue;
        };
        scanner.text(character.encode_utf8(&mut [0; 4]));
        rest = from.get(length..).unwrap_or_default();
    }
    told::show(rest, scanner);
}

/// A character that is written as `&#52;` or `&#x34;`, and how long that is.
fn reference(data: &[u8]) -> Option<(char, usize)> {
    let end = data.iter().take(12).position(|&byte| byte == b';')?;
    let digits = str::from_utf8(data.get(2..end)?).ok()?;
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    Some((char::from_u32(code.ok()?)?, end + 1))
}

//! What the first bytes of a file show.
//!
//! Magic numbers that are printable count only where the head is no text, so that
//! a note that starts with `BM` or `ID3` stays a note.

use std::str;

use contract::Format;

use crate::pass::{Known, Mark};

/// What the head of a file looks like.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// A known format with marks of its own.
    Known(Format),
    /// A format that is not accepted, and what it is.
    Foreign(&'static str),
    /// A web page, which may be XML or not.
    Html,
    /// Anything else; whether it is text its reader will tell.
    Text,
}

const FOREIGN: &[(&[u8], &str)] = &[
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xFF\xD8\xFF", "a JPEG image"),
    (b"II*\0", "a TIFF image"),
    (b"MM\0*", "a TIFF image"),
    (b"\0\0\x01\0", "an icon"),
    (b"\x7FELF", "an ELF program"),
    (b"\xCA\xFE\xBA\xBE", "a Java class or a Mach-O program"),
    (b"\xCF\xFA\xED\xFE", "a Mach-O program"),
    (b"\0asm", "a WebAssembly program"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\xD0\xCF\x11\xE0", "an old Office document"),
    (b"\xFD7zXZ\0", "an xz archive"),
    (b"\x28\xB5\x2F\xFD", "a zstd archive"),
    (b"7z\xBC\xAF", "a 7z archive"),
    (b"Rar!\x1A\x07", "a RAR archive"),
    (b"\x04\x22\x4D\x18", "an LZ4 archive"),
];

/// Formats that are not accepted and whose marks are printable.
const FOREIGN_BINARY: &[(&[u8], &str)] = &[
    (b"GIF8", "a GIF image"),
    (b"BM", "a BMP image"),
    (b"RIFF", "a RIFF file"),
    (b"OggS", "an Ogg file"),
    (b"ID3", "an MP3 file"),
    (b"MZ", "a Windows program"),
    (b"BZh", "a bzip2 archive"),
    (b"ORC", "an ORC file"),
];

/// Formats that are not accepted and that are text, behind white space as well: what shows them does not show all of
/// what they say as it is written.
const FOREIGN_TEXT: &[(&str, &str)] = &[
    ("{\\rtf", "an RTF document"),
    ("%!PS-", "a PostScript program"),
    ("%PDF-", "a PDF that does not start at the first byte"),
];

/// Within how many bytes readers of PDF look for its start.
const PDF: usize = 1024;

/// Looks at the first bytes of a file.
pub(super) fn sniff(formats: &[Known], head: &[u8]) -> Content {
    let at = |offset: usize, mark: &[u8]| head.get(offset..).is_some_and(|tail| tail.starts_with(mark));
    let known = |holds: &dyn Fn(&Mark) -> bool| {
        formats.iter().find(|row| row.marks.iter().any(holds)).map(|row| Content::Known(row.format))
    };
    let foreign =
        |table: &[(&[u8], &'static str)]| table.iter().find(|row| at(0, row.0)).map(|row| Content::Foreign(row.1));
    let binary = || {
        let printable = known(&|mark| matches!(mark, Mark::Printable(offset, bytes) if at(*offset, bytes)));
        printable.or_else(|| foreign(FOREIGN_BINARY))
    };
    known(&|mark| matches!(mark, Mark::Bytes(offset, bytes) if at(*offset, bytes)))
        .or_else(|| foreign(FOREIGN))
        .or_else(|| known(&|mark| matches!(mark, Mark::Head(holds) if holds(head))))
        .or_else(|| is_binary(head).then(binary).flatten())
        .unwrap_or_else(|| {
            let opening = opening(head);
            let text = opening.trim_start();
            let known = known(&|mark| matches!(mark, Mark::Opening(holds) if holds(text)));
            match foreign_text(text) {
                Some(what) => Content::Foreign(what),
                None if is_page(text) => Content::Html,
                None => known.unwrap_or(Content::Text),
            }
        })
}

/// What a text is that is not accepted.
fn foreign_text(text: &str) -> Option<&'static str> {
    let found = FOREIGN_TEXT.iter().find(|row| text.starts_with(row.0)).map(|row| row.1);
    // Something may be before a PDF, too; notes that show how it begins have no objects.
    let mut lines = text[..text.len().min(PDF)].split(['\n', '\r']);
    let starts =
        |line: &str| line.strip_prefix("%PDF-").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    found.or_else(|| (lines.any(starts) && text.contains(" obj")).then_some("a PDF with something before it"))
}

/// Whether a text starts with what may be a tag.
pub(super) fn is_tagged(head: &[u8]) -> bool {
    opening(head).trim_start().starts_with('<')
}

/// Whether a text starts with a row whose first field looks like a tag: what is behind the tab is none.
pub(super) fn is_row(head: &[u8]) -> bool {
    let opening = opening(head);
    let first = opening.lines().next().unwrap_or_default().split_once('\t');
    first.is_some_and(|(field, rest)| field.ends_with('>') && !rest.trim_start().starts_with('<'))
}

/// Whether a head holds what no UTF-8 text holds.
fn is_binary(head: &[u8]) -> bool {
    head.contains(&0) || str::from_utf8(head).is_err_and(|error| error.error_len().is_some())
}

/// The start of the text, in whatever encoding, without what is not ASCII.
fn opening(head: &[u8]) -> String {
    let units: &[u8] = match head {
        [0xEF, 0xBB, 0xBF, rest @ ..] | [0xFF, 0xFE, rest @ ..] | [0xFE, 0xFF, rest @ ..] => rest,
        _ => head,
    };
    units.iter().filter(|byte| byte.is_ascii() && **byte != 0).map(|&byte| char::from(byte)).collect()
}

/// Whether a text starts as JSON does.
///
/// A bracket alone is no JSON: texts start with `[default]` or `[ERROR]`, and a
/// first column may be named `[id]`.
pub(crate) fn is_json(text: &str) -> bool {
    let mut signs = text.chars().filter(|c| !c.is_whitespace());
    match (signs.next(), signs.next()) {
        (Some('{'), Some('"' | '}')) | (Some('['), Some('{' | '"' | ']')) => true,
        (Some('['), Some('[')) => {
            let inner = text.split_once('[').and_then(|outer| outer.1.split_once('[')).map_or("", |inner| inner.1);
            begins_value(inner.trim_start())
        }
        _ => false,
    }
}

/// Whether a list of JSON may go on so. A table of TOML goes on with a name: `[[source]]`.
fn begins_value(text: &str) -> bool {
    let word = text.split(|c: char| !c.is_ascii_alphanumeric()).next();
    let number = text.strip_prefix('-').unwrap_or(text).starts_with(|c: char| c.is_ascii_digit());
    text.is_empty()
        || number
        || text.starts_with(['{', '[', ']', '"'])
        || matches!(word, Some("true" | "false" | "null"))
}

/// Whether a text starts as HTML does.
fn is_page(text: &str) -> bool {
    let start: String = text.chars().take(14).collect::<String>().to_ascii_lowercase();
    is_markup(text) && (start.starts_with("<!doctype html") || start.starts_with("<html"))
}

/// Whether a text starts with a remark before markup; in Markdown text may follow.
fn is_remark(text: &str) -> bool {
    let behind = text.strip_prefix("<!--").and_then(|rest| rest.split_once("-->"));
    behind.is_some_and(|(_, rest)| rest.trim_start().starts_with('<'))
}

/// Whether a text starts as XML does: with markup, and not merely with a sign in a text.
pub(crate) fn is_markup(text: &str) -> bool {
    let Some(behind) = text.strip_prefix('<') else { return false };
    match behind.chars().find(|c| !c.is_whitespace()) {
        Some('?') => text.starts_with("<?xml"),
        Some('!') => text.starts_with("<!DOCTYPE") || text.starts_with("<!doctype") || is_remark(text),
        Some(second) => (second.is_ascii_alphabetic() || second == '_') && is_tag(behind.trim_start()) && has_end(text),
        None => false,
    }
}

/// Whether a tag goes on as one: with its end or an attribute. `<VirtualHost *:80>` is none.
fn is_tag(text: &str) -> bool {
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    let rest = text.trim_start_matches(name).trim_start();
    let attribute = rest.trim_start_matches(name);
    // The tag may be longer than what is looked at.
    rest.is_empty()
        || rest.starts_with('>')
        || rest.starts_with("/>")
        || (attribute.len() < rest.len() && (attribute.is_empty() || attribute.trim_start().starts_with('=')))
}

/// Whether a text has the end of an element in it. Tables of characters have signs like it: `<//>`, `</>'>`.
fn has_end(text: &str) -> bool {
    let closes = |(at, _): (usize, &str)| text[at + 2..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let empty = |(at, _): (usize, &str)| !text[..at].ends_with(['/', '<']);
    text.match_indices("</").any(closes) || text.match_indices("/>").any(empty)
}

//! What the first bytes of a file show.
//!
//! Magic numbers that are printable count only where the head is no text, so that
//! a note that starts with `BM` or `ID3` stays a note.

use std::str;

use super::format::Format;
use super::tar;

/// What the head of a file looks like.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// A known format with marks of its own.
    Known(Format),
    /// A format that is not accepted, and what it is.
    Foreign(&'static str),
    /// A web page, which may be XML or not.
    Html,
    /// Anything else; whether it is text its reader will tell.
    Text,
}

const KNOWN: &[(usize, &[u8], Format)] = &[
    (0, b"\x1F\x8B", Format::Gzip),
    (0, b"PK\x03\x04", Format::Zip),
    (0, b"PK\x05\x06", Format::Zip),
    (0, b"%PDF-", Format::Pdf),
    (0, b"Obj\x01", Format::Avro),
];

/// Known formats whose marks are printable.
const KNOWN_BINARY: &[(usize, &[u8], Format)] = &[(0, b"PAR1", Format::Parquet), (257, b"ustar", Format::Tar)];

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

/// Looks at the first bytes of a file.
pub(super) fn sniff(head: &[u8]) -> Content {
    let at = |offset: usize, mark: &[u8]| head.get(offset..).is_some_and(|tail| tail.starts_with(mark));
    let known =
        |table: &[(usize, &[u8], Format)]| table.iter().find(|row| at(row.0, row.1)).map(|row| Content::Known(row.2));
    let foreign =
        |table: &[(&[u8], &'static str)]| table.iter().find(|row| at(0, row.0)).map(|row| Content::Foreign(row.1));
    known(KNOWN)
        .or_else(|| foreign(FOREIGN))
        // The tar of old has no mark but its checksum.
        .or_else(|| tar::is_header(head).then_some(Content::Known(Format::Tar)))
        .or_else(|| is_binary(head).then(|| known(KNOWN_BINARY).or_else(|| foreign(FOREIGN_BINARY))).flatten())
        .unwrap_or_else(|| sniff_text(&opening(head)))
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

/// Tells the marks of JSON, XML and HTML at the start of a text.
///
/// A bracket alone is no JSON: texts start with `[default]` or `[ERROR]`, and a
/// first column may be named `[id]`.
fn sniff_text(text: &str) -> Content {
    let text = text.trim_start();
    let mut signs = text.chars().filter(|c| !c.is_whitespace());
    match (signs.next(), signs.next()) {
        (Some('{'), Some('"' | '}')) | (Some('['), Some('{' | '[' | '"' | ']')) => Content::Known(Format::Json),
        (Some('<'), Some(second)) if is_markup(text, second) => {
            let start: String = text.chars().take(14).collect::<String>().to_ascii_lowercase();
            let page = start.starts_with("<!doctype html") || start.starts_with("<html");
            if page { Content::Html } else { Content::Known(Format::Xml) }
        }
        _ => Content::Text,
    }
}

/// Whether a text starts with a remark before markup; in Markdown text may follow.
fn is_remark(text: &str) -> bool {
    let behind = text.strip_prefix("<!--").and_then(|rest| rest.split_once("-->"));
    behind.is_some_and(|(_, rest)| rest.trim_start().starts_with('<'))
}

/// Whether a text that starts with `<` is markup, and not merely a sign in a text.
fn is_markup(text: &str, second: char) -> bool {
    match second {
        '?' => text.starts_with("<?xml"),
        '!' => text.starts_with("<!DOCTYPE") || text.starts_with("<!doctype") || is_remark(text),
        _ => (second.is_ascii_alphabetic() || second == '_') && (text.contains("</") || text.contains("/>")),
    }
}

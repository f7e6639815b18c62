//! Private keys, by their header and the beginning of the key itself.
//!
//! A key may be far longer than what is in sight, so that its end is not looked for:
//! the header counts where a key follows, and a header alone is none. The lines may be
//! apart by line ends, by `\n` in letters, or by what marks quotations and comments.

use super::base64::{is_plain, run};
use super::number::distinct;
use super::{ANY, Detector, Found, HIGH, Sign, runs};
use crate::detect::keyword::BARRIER;

pub(super) const PRIVATE_KEY: Detector = Detector {
    identifiers: &["PKCS", "OPENSSH_PRIVATE_KEY", "PGP_PRIVATE_KEY"],
    keywords: &[],
    starts: |byte| byte == b'-',
    runs: ANY,
    signs: &[Sign::Behind("-----", "BEGIN ")],
    find: armoured,
    levels: HIGH,
};

pub(super) const PUTTY_PRIVATE_KEY: Detector = Detector {
    identifiers: &["PUTTY_PRIVATE_KEY"],
    keywords: &[],
    starts: |byte| byte == b'P',
    // `PuTTY` and `-`.
    runs: runs(&[5]),
    signs: &[Sign::Word(PUTTY_HEADER)],
    find: putty,
    levels: HIGH,
};

const PUTTY_HEADER: &str = "PuTTY-User-Key-File-";

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----";

/// What stands between the dashes, and which identifier it is.
const LABELS: &[(&str, usize)] = &[
    ("PRIVATE KEY", 0),
    ("RSA PRIVATE KEY", 0),
    ("EC PRIVATE KEY", 0),
    ("DSA PRIVATE KEY", 0),
    ("ENCRYPTED PRIVATE KEY", 0),
    ("OPENSSH PRIVATE KEY", 1),
    ("PGP PRIVATE KEY BLOCK", 2),
    ("PGP SECRET KEY BLOCK", 2),
];

/// How much of a key has to follow its header, in characters, and how many different ones.
const KEY: usize = 40;
const DISTINCT: usize = 12;

/// Shorter lines are words.
const LINE: usize = 16;

/// How far behind its header the private part of a `PuTTY` key may begin, in bytes.
const PUTTY: usize = 4000;

fn armoured(text: &str, at: usize) -> Option<Found> {
    let rest = text[at..].strip_prefix(BEGIN)?;
    let (label, variant) =
        LABELS.iter().find(|label| rest.strip_prefix(label.0).is_some_and(|r| r.starts_with(END)))?;
    let start = at + BEGIN.len() + label.len() + END.len();
    let end = key(text, start)?;
    Some(Found { variant: *variant, ..Found::sure(end) })
}

/// Where as much of a key ends as has to follow a header.
fn key(text: &str, start: usize) -> Option<usize> {
    let mut at = start;
    let mut found = Vec::new();
    while found.len() < KEY {
        at = skip(text, at);
        let length = run(text, at, is_plain);
        let field = length > 0 && text[at + length..].starts_with([':', '-', '.']);
        // Armour headers: `Version: …`, `Proc-Type: …`.
        if field && found.is_empty() {
            at += text[at..].find(['\n', '\r', '\\'])?;
        } else if length < LINE || field {
            return None;
        } else {
            found.extend_from_slice(&text.as_bytes()[at..at + length.min(KEY)]);
            at += length;
        }
    }
    (distinct(&found) >= DISTINCT).then_some(at)
}

/// Skips what may stand between the lines of a key.
fn skip(text: &str, at: usize) -> usize {
    let mut rest = &text[at..];
    loop {
        let marks =
            |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '>' | '#' | '|' | ';' | '*' | BARRIER);
        let next = rest.trim_start_matches(marks);
        let next = ["\\n", "\\r", "\\t", "\\"].iter().find_map(|escape| next.strip_prefix(escape)).unwrap_or(next);
        if next.len() == rest.len() {
            return text.len() - rest.len();
        }
        rest = next;
    }
}

fn putty(text: &str, at: usize) -> Option<Found> {
    const PRIVATE: &str = "Private-Lines:";
    let rest = text[at..].strip_prefix(PUTTY_HEADER)?;
    let rest = &rest[..rest.floor_char_boundary(PUTTY)];
    // Where another key begins, this one has to be complete.
    let rest = rest.split(PUTTY_HEADER).next().unwrap_or_default();
    let start = at + PUTTY_HEADER.len() + rest.find(PRIVATE)? + PRIVATE.len();
    let start = skip(text, start);
    let count = run(text, start, |byte| byte.is_ascii_digit());
    (count > 0).then(|| key(text, start + count)).flatten().map(Found::sure)
}

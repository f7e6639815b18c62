//! Base64 and quoted-printable, and how texts say that they are in them.

use memchr::{memchr, memchr2};

use super::sink::Sink;
use crate::detect::base64;
use crate::scan::Scanner;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notation {
    Base64,
    Quoted,
    /// None: the text stands as it is.
    Plain,
}

impl Notation {
    /// For people.
    pub(super) fn says(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Quoted => "quoted-printable",
            Self::Plain => "a mail",
        }
    }

    fn of(name: &str) -> Option<Self> {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        match name {
            _ if is("base64") || is("b") => Some(Self::Base64),
            _ if is("quoted-printable") => Some(Self::Quoted),
            _ => ["7bit", "8bit", "binary"].into_iter().any(is).then_some(Self::Plain),
        }
    }
}

/// Whether a text ends with a word in any case.
pub(super) fn ends_with(text: &str, word: &str) -> bool {
    text.len().checked_sub(word.len()).and_then(|at| text.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(word))
}

/// The word that a text starts with.
fn word(text: &str) -> &str {
    let end = text.find(|sign: char| !sign.is_ascii_alphanumeric() && sign != '-');
    &text[..end.unwrap_or(text.len())]
}

/// The notation that stands behind the name of its header: `: base64`, perhaps on the next line.
pub(super) fn of_header(behind: &str) -> Option<Notation> {
    let value = behind.trim_start_matches([' ', '\t']).strip_prefix(':')?;
    Notation::of(word(value.trim_start_matches([' ', '\t', '\r', '\n', '"'])))
}

/// The notation of a field, and how much stands before its value: `=BASE64;TYPE=note:`.
pub(super) fn of_field(behind: &str) -> Option<(Notation, usize)> {
    let value = behind.strip_prefix('=')?;
    let notation = Notation::of(word(value)).filter(|notation| *notation != Notation::Plain)?;
    let most = behind.floor_char_boundary(MOST);
    let end = behind[..most].find([':', '\n', '\r']).filter(|&end| behind[end..].starts_with(':'))?;
    Some((notation, end + 1))
}

/// How far the value of a field may be from its notation, and its first signs from each other, in bytes.
const MOST: usize = 256;

/// The value of a parameter: `="a b"`, `=ab`, or the first part of one in parts, `*0=ab`.
pub(super) fn value(behind: &str, most: usize) -> Option<&str> {
    let sign = behind.strip_prefix("*0").unwrap_or(behind).trim_start_matches(['*', ' ', '\t']).strip_prefix('=')?;
    let value = sign.trim_start_matches([' ', '\t']);
    let value = match value.strip_prefix('"') {
        Some(quoted) => quoted.split(['"', '\n', '\r']).next(),
        None => value.split([';', ' ', '\t', '\n', '\r', '"', '\'', '<']).next(),
    };
    value.map(str::trim_end).filter(|value| !value.is_empty() && value.len() <= most)
}

/// Where the line ends that goes on at a place, behind its end, or as much of it as is looked at.
pub(super) fn line_end(text: &str, from: usize, most: usize) -> usize {
    let bytes = text.as_bytes();
    match memchr2(b'\n', b'\r', &bytes[from..most]).map(|length| from + length) {
        Some(end) if bytes[end..].starts_with(b"\r\n") => end + 2,
        Some(end) => end + 1,
        None => most,
    }
}

/// The name of a field in base64 that a line of LDIF starts with, `name:: value`, and how much stands before its value.
/// A line may be folded anywhere.
pub(super) fn of_line(line: &str) -> Option<(String, usize)> {
    let (mut name, mut colons, mut rest) = (String::new(), 0, line.as_bytes());
    loop {
        rest = match rest {
            [b'\r', b'\n', b' ' | b'\t', rest @ ..] | [b'\n' | b'\r', b' ' | b'\t', rest @ ..] => rest,
            [b':', rest @ ..] if !name.is_empty() && colons < 2 => {
                colons += 1;
                rest
            }
            [b' ' | b'\t', rest @ ..] if colons == 2 => rest,
            rest if colons == 2 => return Some((name, line.len() - rest.len())),
            [sign, rest @ ..] if colons == 0 && (sign.is_ascii_alphanumeric() || b";-._".contains(sign)) => {
                name.push(char::from(*sign));
                rest
            }
            _ => return None,
        };
    }
}

/// A character that base64 is made of, in either alphabet.
pub(super) fn is_base64(byte: u8) -> bool {
    is_plain(byte) || matches!(byte, b'-' | b'_')
}

/// Whether a text starts with so many signs of base64, or what stands for them in addresses; `folded`: blanks and ends of
/// lines may be between them.
pub(super) fn is_run(text: &str, least: usize, folded: bool) -> bool {
    let signs = text.bytes().take(MOST).filter(|byte| !folded || !byte.is_ascii_whitespace()).take(least);
    let is_sign = |byte: &u8| is_base64(*byte) || matches!(byte, b'%' | b'\\');
    let mut all = signs.skip_while(is_sign);
    all.next().is_none() && text.len() >= least
}

/// A character that base64 in mails is made of.
pub(super) fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// Decodes base64 as it comes.
#[derive(Default)]
pub(super) struct Base64 {
    /// What is not yet as much as says whole bytes.
    held: String,
}

impl Base64 {
    /// Takes signs of the alphabet. A pad ends what belongs together.
    pub(super) fn push(&mut self, signs: &str, sink: &mut Sink, inside: &mut Scanner) {
        for (number, part) in signs.split('=').enumerate() {
            if number > 0 {
                self.end(sink, inside);
            }
            self.held.push_str(part);
            let whole = self.held.len() / 4 * 4;
            self.decode(whole, sink, inside);
        }
    }

    /// Takes the end, which may lack its pads.
    pub(super) fn end(&mut self, sink: &mut Sink, inside: &mut Scanner) {
        // One sign more than whole bytes says nothing.
        let rest = if self.held.len() % 4 == 1 { self.held.len() - 1 } else { self.held.len() };
        self.decode(rest, sink, inside);
        self.held.clear();
    }

    fn decode(&mut self, length: usize, sink: &mut Sink, inside: &mut Scanner) {
        if let Some(bytes) = base64::decode(&self.held[..length]) {
            sink.push(&bytes, inside);
        }
        self.held.drain(..length);
    }
}

/// Decodes a part of a quoted-printable text; false where its line goes on behind its end. No part ends within
/// what stands for a byte.
pub(super) fn unquote(part: &str, out: &mut Vec<u8>) -> bool {
    let line = part.trim_end_matches(['\n', '\r']);
    let soft = line.len() < part.len() && line.trim_end_matches([' ', '\t']).ends_with('=');
    let mut rest = if soft { line.trim_end_matches([' ', '\t', '=']).as_bytes() } else { part.as_bytes() };
    while let Some(at) = memchr(b'=', rest) {
        out.extend_from_slice(&rest[..at]);
        let byte = rest.get(at + 1..at + 3).and_then(hexadecimal);
        out.push(byte.unwrap_or(b'='));
        rest = &rest[at + if byte.is_some() { 3 } else { 1 }..];
    }
    out.extend_from_slice(rest);
    !soft
}

/// The byte that two digits say.
pub(super) fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let digits = str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u8::from_str_radix(digits, 16).ok()
}

//! Texts that are not drawn: strings, and objects as they are written.

use super::lexer::{Lexer, Piece, is_delimiter, is_space};
use crate::scan::Scanner;

/// How many bytes of a text are passed on at once.
const PIECE: usize = 64 << 10;

/// The characters of a string: UTF-16 or UTF-8 where a mark says so or the bytes are, else those of `PDFDocEncoding`.
/// What shows nothing is left out: zeros, and the language that a text is in.
pub(super) fn text(string: &[u8]) -> String {
    let text = match string {
        [0xFE, 0xFF, wide @ ..] => spoken(utf16(wide, u16::from_be_bytes)),
        [0xFF, 0xFE, wide @ ..] => spoken(utf16(wide, u16::from_le_bytes)),
        [0xEF, 0xBB, 0xBF, text @ ..] => spoken(String::from_utf8_lossy(text).into_owned()),
        _ => str::from_utf8(string).map_or_else(|_| string.iter().copied().map(documented).collect(), str::to_owned),
    };
    if text.contains('\0') { text.replace('\0', "") } else { text }
}

/// The characters of `PDFDocEncoding` that are none of Latin-1, from 0x80 on.
const DOCUMENTED: &str = "•†‡…—–ƒ⁄‹›−‰„“”‘’‚™ﬁﬂŁŒŠŸŽıłœšž";

fn documented(byte: u8) -> char {
    let own = byte.checked_sub(0x80).and_then(|at| DOCUMENTED.chars().nth(at.into()));
    own.unwrap_or(char::from(byte))
}

/// A text without the language that it says it is in, between two escapes.
fn spoken(text: String) -> String {
    if !text.contains('\u{1b}') {
        return text;
    }
    let (mut plain, mut rest) = (String::with_capacity(text.len()), &*text);
    while let Some((before, escaped)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        // Languages and countries are of two letters each; anything else is a text.
        rest = match escaped.split_once('\u{1b}') {
            Some((language, behind)) if language.len() <= 5 && language.is_ascii() => behind,
            _ => escaped,
        };
    }
    plain.push_str(rest);
    plain
}

/// The characters of UTF-16.
pub(super) fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks(2).map(|pair| match pair {
        [first, second] => unit([*first, *second]),
        _ => u16::from(pair.first().copied().unwrap_or_default()),
    });
    char::decode_utf16(units).map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// Passes on a text of any length, which may have NULs in it or be UTF-16.
pub(super) fn show(bytes: &[u8], scanner: &mut Scanner) {
    if let [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] = bytes {
        let (mark, rest) = bytes.split_at(2);
        for piece in rest.chunks(PIECE) {
            scanner.text(&text(&[mark, piece].concat()));
        }
        return;
    }
    let mut rest = bytes;
    while !rest.is_empty() {
        // A character is not cut.
        let mut length = rest.len().min(PIECE);
        while length > PIECE - 4 && length < rest.len() && rest.get(length).is_some_and(|byte| byte & 0xC0 == 0x80) {
            length -= 1;
        }
        let (piece, next) = rest.split_at(length);
        let piece = String::from_utf8_lossy(piece);
        if piece.contains('\0') {
            scanner.text(&piece.replace('\0', ""));
        } else {
            scanner.text(&piece);
        }
        rest = next;
    }
}

/// Passes on objects as they are written, and all between them; strings and names are decoded.
pub(super) fn tell(data: &[u8], decrypt: impl Fn(Vec<u8>) -> Vec<u8>, scanner: &mut Scanner) {
    let mut lexer = Lexer::new(data, 0);
    while let Some(piece) = lexer.piece() {
        match piece {
            Piece::Raw(raw) => show(raw, scanner),
            Piece::Name(name) => {
                scanner.text("/");
                scanner.text(&name);
            }
            Piece::String(string) => {
                // What is called by a name is no part of it: `/Card(…)`.
                scanner.text(" ");
                let string = decrypt(string);
                if is_marked(&string) {
                    show_marked(&string, scanner);
                } else {
                    show_plain(&string, scanner);
                }
                scanner.text(" ");
            }
        }
    }
}

fn is_marked(string: &[u8]) -> bool {
    matches!(string, [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] | [0xEF, 0xBB, 0xBF, ..])
}

fn show_marked(string: &[u8], scanner: &mut Scanner) {
    let string = string.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(string);
    show(string, scanner);
}

fn show_plain(string: &[u8], scanner: &mut Scanner) {
    for piece in string.chunks(PIECE) {
        scanner.text(&text(piece));
    }
}

/// What bytes look like that may be no text.
#[derive(Default)]
pub(super) struct Look {
    bytes: usize,
    printable: usize,
    /// The end of what was looked at, which a word may go on from.
    end: Vec<u8>,
    begins: bool,
    ends: bool,
}

impl Look {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len();
        let printable = |byte: &&u8| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r');
        self.printable += bytes.iter().filter(printable).count();
        let start = bytes.get(..4).unwrap_or(bytes);
        let edge = [&self.end, start].concat();
        for part in [&edge, bytes] {
            self.begins = self.begins || has_word(part, *b"BT");
            self.ends = self.ends || has_word(part, *b"ET");
        }
        self.end = bytes.get(bytes.len().saturating_sub(3)..).unwrap_or_default().to_vec();
    }

    /// Whether most of it can be read.
    pub(super) fn is_text(&self) -> bool {
        self.printable >= self.bytes / 4 * 3 && self.bytes > 0
    }

    /// Whether it begins and ends a text as pages do.
    pub(super) fn is_drawn(&self) -> bool {
        self.begins && self.ends
    }
}

/// Whether bytes can be read for the most part.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    let mut look = Look::default();
    look.add(bytes);
    look.is_text()
}

/// Whether a word of two letters stands alone in bytes.
pub(super) fn has_word(bytes: &[u8], word: [u8; 2]) -> bool {
    let apart = |byte: Option<&u8>| byte.is_none_or(|&byte| is_space(byte) || is_delimiter(byte));
    let mut places = bytes.windows(2).enumerate().filter(|place| place.1 == word);
    places.any(|(at, _)| apart(at.checked_sub(1).and_then(|at| bytes.get(at))) && apart(bytes.get(at + 2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings() {
        let table: [(&[u8], &str); 8] = [
            (b"4539\x851488\x8a0343", "4539\u{2013}1488\u{2212}0343"),
            (b"4539\xa01488", "4539\u{a0}1488"),
            (b"\0c\0a\0r\0d", "card"),
            (b"\xfe\xff\0c\0\x1b\0e\0n\0\x1b\0a", "ca"),
            (b"\xef\xbb\xbfc\x1bdeDE\x1ba\x1b", "ca"),
            (b"\xef\xbb\xbf\x1bcard 4539\x1b", "card 4539"),
            (b"\xff\xfec\0", "c"),
            ("\u{e9}".as_bytes(), "\u{e9}"),
        ];
        for (string, expected) in table {
            assert_eq!(text(string), expected, "{string:?}");
        }
    }
}

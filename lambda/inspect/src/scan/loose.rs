//! Bytes beside the content: names, comments and extra fields of containers, metadata, pictures.
//!
//! Nothing says how they are encoded. What is UTF-8 is read so, any other byte as Latin-1 unless it is beside a digit, and where at
//! least three characters of Latin-1 in a row are UTF-16, in either order of bytes, they are joined.
//! A NUL ends a line.

pub(crate) mod parts;

use std::io::{self, Read};

use parts::Parts;

use crate::scan::{Mask, Place, Scanner};

/// How many bytes decide what the first of them is.
const AHEAD: usize = 6;

/// How much is decoded before it is passed on, in bytes.
const PIECE: usize = 8 << 10;

/// Passes on bytes that lie at one place, as a text of their own.
pub(crate) fn scan(scanner: &mut Scanner, place: &'static str, bytes: &[u8]) {
    if bytes.iter().all(|&byte| byte == 0) {
        return;
    }
    scanner.separate();
    scanner.begin(Mask::default(), Place::Path(place.into()));
    let mut loose = Loose::default();
    loose.push(bytes, &mut |text| scanner.text(text));
    loose.finish(&mut |text| scanner.text(text));
    scanner.separate();
}

/// Bytes as a text of their own.
pub(crate) fn text(bytes: &[u8]) -> String {
    let (mut loose, mut text) = (Loose::default(), String::new());
    loose.push(bytes, &mut |part| text.push_str(part));
    loose.finish(&mut |part| text.push_str(part));
    text
}

/// How long a text in a picture is at least.
const RUN: usize = 4;

/// Passes on all that a stream yields.
pub(crate) fn scan_stream(scanner: &mut Scanner, stream: &mut dyn Read) -> io::Result<()> {
    scan_loose(Loose::default(), scanner, stream)
}

/// Passes on what a stream of other things than text has of it: characters of UTF-8 or UTF-16 that can be
/// printed, at least four in a row.
pub(crate) fn scan_texts(scanner: &mut Scanner, stream: &mut dyn Read) -> io::Result<()> {
    scan_loose(Loose::texts(), scanner, stream)
}

fn scan_loose(mut loose: Loose, scanner: &mut Scanner, stream: &mut dyn Read) -> io::Result<()> {
    let (mut buffer, mut parts) = (vec![0; PIECE], Parts::default());
    loop {
        let read = stream.read(&mut buffer)?;
        let mut rest = &buffer[..read];
        if rest.is_empty() {
            break;
        }
        while !rest.is_empty() {
            let (part, behind, ends) = parts.cut(rest);
            loose.push(part, &mut |text| scanner.text(text));
            if ends {
                loose.pause(&mut |text| scanner.text(text));
            }
            rest = behind;
        }
    }
    loose.finish(&mut |text| scanner.text(text));
    Ok(())
}

/// Decodes bytes as they come.
#[derive(Default)]
pub(super) struct Loose {
    /// Bytes of which the last few wait for what follows.
    held: Vec<u8>,
    /// In UTF-16.
    wide: bool,
    /// The character before.
    last: Option<char>,
    text: String,
    /// What may become a text that is long enough, where the rest is left out.
    run: Option<String>,
    /// How long it was when it was passed on.
    passed: usize,
}

impl Loose {
    /// Leaves out what cannot be printed, and shorter texts.
    pub(super) fn texts() -> Self {
        Self { run: Some(String::new()), ..Self::default() }
    }

    pub(super) fn push(&mut self, bytes: &[u8], out: &mut impl FnMut(&str)) {
        for piece in bytes.chunks(PIECE) {
            self.held.extend_from_slice(piece);
            self.decode(AHEAD, out);
        }
    }

    pub(super) fn finish(mut self, out: &mut impl FnMut(&str)) {
        self.decode(0, out);
        if let Some(run) = self.run.filter(|run| run.len() != self.passed) {
            out(&run);
        }
    }

    /// Passes on what may be the end of a text: if more follows, all of it is passed on again.
    fn pause(&mut self, out: &mut impl FnMut(&str)) {
        self.decode(0, out);
        if let Some(run) = self.run.as_ref().filter(|run| run.len() >= RUN) {
            out(run);
            out("\n");
            self.passed = run.len();
        }
    }

    /// Decodes what there is, but for the last bytes.
    fn decode(&mut self, keep: usize, out: &mut impl FnMut(&str)) {
        let held = std::mem::take(&mut self.held);
        let mut rest = &held[..];
        while rest.len() > keep {
            let (character, length) = self.next(rest);
            self.take(character, length);
            rest = &rest[length..];
        }
        out(&self.text);
        self.text.clear();
        self.held = rest.to_vec();
    }

    /// Takes a character that so many bytes stood for.
    fn take(&mut self, character: char, length: usize) {
        let ends = character == '\0';
        let character = if ends { '\n' } else { character };
        let last = self.last.replace(character);
        let Some(run) = &mut self.run else {
            if !ends || last != Some('\n') {
                self.text.push(character);
            }
            return;
        };
        let printable = !character.is_control() && (character.is_ascii() || length > 1);
        if !printable {
            if run.len() >= RUN && run.len() != self.passed {
                self.text.push_str(run);
                self.text.push('\n');
            }
            run.clear();
            self.passed = 0;
        } else if run.len() < PIECE {
            run.push(character);
        } else {
            self.text.push_str(run);
            run.clear();
            run.push(character);
            self.passed = 0;
        }
    }

    /// The first character of bytes, of which there is one at least, and its length.
    fn next(&mut self, bytes: &[u8]) -> (char, usize) {
        let first = bytes[0];
        let is_wide = |at: usize| bytes.get(at).is_some_and(|&byte| byte != 0) && bytes.get(at + 1) == Some(&0);
        self.wide = is_wide(0) && (self.wide || (is_wide(2) && is_wide(4)));
        match first {
            0 => ('\0', 1),
            _ if self.wide => (char::from(first), 2),
            1..0x80 => (char::from(first), 1),
            _ => {
                let chunk = bytes[..bytes.len().min(4)].utf8_chunks().next();
                let character = chunk.and_then(|chunk| chunk.valid().chars().next());
                // Beside a digit it is no letter, but any byte behind a number; a no-break blank may part digits.
                let digits =
                    self.last.is_some_and(|last| last.is_ascii_digit()) || bytes.get(1).is_some_and(u8::is_ascii_digit);
                let single = if digits && first != 0xa0 { char::REPLACEMENT_CHARACTER } else { char::from(first) };
                character.map_or((single, 1), |character| (character, character.len_utf8()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8], piece: usize) -> String {
        let (mut loose, mut all) = (Loose::default(), String::new());
        for piece in bytes.chunks(piece) {
            loose.push(piece, &mut |text| all.push_str(text));
        }
        loose.finish(&mut |text| all.push_str(text));
        all
    }

    #[test]
    fn any_encoding() {
        let wide = |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        let table: [(&[u8], &str); 9] = [
            ("card \u{ff14}\u{a0}\u{1f30a}".as_bytes(), "card \u{ff14}\u{a0}\u{1f30a}"),
            (b"s\xe9curit\xe9\0sociale", "s\u{e9}curit\u{e9}\nsociale"),
            (&wide("card 4000", u16::to_le_bytes), "card 4000"),
            (&wide("card 4000", u16::to_be_bytes), "\ncard 4000"),
            (&[b"x\0\0\0y", &wide("s\u{e9}cu", u16::to_le_bytes)[..], b"z"].concat(), "x\nys\u{e9}cuz"),
            (b"\xc3\xa9\xc3", "\u{e9}\u{c3}"),
            (b"\xff4000\xff", "\u{fffd}4000\u{fffd}"),
            (b"4000\xa00044", "4000\u{a0}0044"),
            (b"a\n\nb\0\0\n\0", "a\n\nb\n\n"),
        ];
        for (bytes, expected) in table {
            for piece in [1, 2, 3, 5, 100] {
                assert_eq!(text(bytes, piece), expected, "{bytes:?} by {piece}");
            }
        }
    }
}

//! Text in bytes that are no text as a whole, as `strings` finds it.
//!
//! Bytes that no reader shows (gaps, padding, unknown structures) are looked at for what a person would find there:
//! runs of printable characters. Shorter ones are left out, as chance makes them.

use super::Scanner;

/// The shortest run that is looked at, in characters: no value with a keyword is shorter.
const SHORTEST: usize = 8;

/// Passes the text in bytes on, which come in pieces.
#[derive(Default)]
pub(crate) struct Strings {
    /// A run that may still be too short, and how many characters it has.
    run: String,
    length: usize,
    /// The start of a character whose end is still to come.
    part: Vec<u8>,
}

impl Strings {
    /// Takes a piece.
    pub(crate) fn push(&mut self, bytes: &[u8], scanner: &mut Scanner) {
        let joined = if self.part.is_empty() { None } else { Some([&std::mem::take(&mut self.part), bytes].concat()) };
        let mut rest = joined.as_deref().unwrap_or(bytes);
        while !rest.is_empty() {
            let (valid, broken) = match str::from_utf8(rest) {
                Ok(text) => (text, 0),
                Err(error) => {
                    let (valid, behind) = rest.split_at(error.valid_up_to());
                    if error.error_len().is_none() {
                        self.part = behind.to_vec();
                    }
                    (str::from_utf8(valid).unwrap_or_default(), error.error_len().unwrap_or(behind.len()))
                }
            };
            self.text(valid, scanner);
            rest = &rest[valid.len() + broken..];
            if broken > 0 && self.part.is_empty() {
                self.end(scanner);
            }
        }
    }

    /// Takes the end.
    pub(crate) fn finish(mut self, scanner: &mut Scanner) {
        self.end(scanner);
    }

    fn text(&mut self, text: &str, scanner: &mut Scanner) {
        let is_end = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
        for (number, part) in text.split(is_end).enumerate() {
            if number > 0 {
                self.end(scanner);
            }
            if self.length >= SHORTEST {
                scanner.text(part);
                continue;
            }
            self.run.push_str(part);
            self.length += part.chars().count();
            if self.length >= SHORTEST {
                scanner.text(&self.run);
                self.run.clear();
            }
        }
    }

    fn end(&mut self, scanner: &mut Scanner) {
        if self.length >= SHORTEST {
            scanner.text("\n");
        }
        self.run.clear();
        self.length = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Detectors;

    #[test]
    fn text_between_bytes_is_found_in_pieces_of_any_length() {
        let text = "caf\u{e9} card \u{ff14}000004427083831".as_bytes();
        let bytes = [b"\0\x01\xff4000".as_slice(), text, b"\0abc\xc3card \x80 4000000953693159\xff"].concat();
        for length in 1..bytes.len() {
            let mut scanner = Scanner::new(&Detectors::default(), 5);
            let mut strings = Strings::default();
            bytes.chunks(length).for_each(|piece| strings.push(piece, &mut scanner));
            strings.finish(&mut scanner);
            let found = scanner.finish();
            assert_eq!(found.first().map(|finding| finding.count), Some(2), "{length}");
        }
    }
}

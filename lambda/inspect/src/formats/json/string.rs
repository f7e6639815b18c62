//! A JSON string, decoded as it comes.

use crate::scan::Scanner;
use crate::verdict::Fault;
use crate::verdict::Kind;

/// The longest name, in bytes: names are held.
pub(super) const NAME: usize = 64 << 10;

/// How much is kept of a string that may name a column, in bytes.
const KEPT: usize = super::heads::NAME;

#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum State {
    #[default]
    Plain,
    Escape,
    /// In `\u`: how many digits were read, and their value.
    Unicode(u8, u16),
}

/// How far a string was read.
pub(super) enum Progress {
    /// The string goes on from here.
    Inside(usize),
    /// Its closing quote is here.
    Closed,
}

/// Reads strings, one after the other.
#[derive(Default)]
pub(super) struct StringReader {
    state: State,
    /// The first half of a surrogate pair, while the second may follow.
    high: Option<u16>,
    /// What is kept of it, if anything is.
    name: String,
    keeps: bool,
}

impl StringReader {
    /// Starts a string, behind its opening quote, and keeps its text if that may be a name.
    pub(super) fn begin(&mut self, keeps: bool) {
        (self.state, self.high, self.keeps) = (State::Plain, None, keeps);
        self.name.clear();
    }

    /// As much as was kept of a string that is no name.
    pub(super) fn kept(&self) -> &str {
        &self.name
    }

    /// What a name was.
    pub(super) fn take_name(&mut self) -> String {
        std::mem::take(&mut self.name)
    }

    /// Gives the memory of a name back.
    pub(super) fn return_name(&mut self, name: String) {
        self.name = name;
    }

    /// Reads on; the text goes to the scanner, or, without one, is kept as a name.
    pub(super) fn step(&mut self, text: &str, at: usize, mut scanner: Option<&mut Scanner>) -> Result<Progress, Fault> {
        let byte = text.as_bytes()[at];
        if self.name.len() > NAME {
            return Err(Fault::new(Kind::Limit, format!("a name longer than {NAME} bytes"), at));
        }
        match self.state {
            State::Plain => match byte {
                b'\\' => self.state = State::Escape,
                b'"' => {
                    self.flush(&mut scanner);
                    return Ok(Progress::Closed);
                }
                0..0x20 => return Err(Fault::syntax("a control character in a string", at)),
                _ => {
                    self.flush(&mut scanner);
                    let end = plain_end(text.as_bytes(), at);
                    self.emit(&text[at..end], &mut scanner);
                    return Ok(Progress::Inside(end));
                }
            },
            State::Escape => self.escape(byte, at, &mut scanner)?,
            State::Unicode(count, value) => {
                let Some(digit) = char::from(byte).to_digit(16) else {
                    return Err(Fault::syntax("an unknown escape in a string", at));
                };
                // A hexadecimal digit fits.
                let value = value << 4 | u16::try_from(digit).unwrap_or_default();
                self.state = State::Unicode(count + 1, value);
                if count == 3 {
                    self.state = State::Plain;
                    self.unit(value, &mut scanner);
                }
            }
        }
        Ok(Progress::Inside(at + 1))
    }

    fn escape(&mut self, byte: u8, at: usize, scanner: &mut Option<&mut Scanner>) -> Result<(), Fault> {
        let text = match byte {
            b'u' => {
                self.state = State::Unicode(0, 0);
                return Ok(());
            }
            b'"' => "\"",
            b'\\' => "\\",
            b'/' => "/",
            b'b' => "\u{8}",
            b'f' => "\u{c}",
            b'n' => "\n",
            b'r' => "\r",
            b't' => "\t",
            _ => return Err(Fault::syntax("an unknown escape in a string", at)),
        };
        self.flush(scanner);
        self.emit(text, scanner);
        self.state = State::Plain;
        Ok(())
    }

    /// Takes a unit of UTF-16 that was escaped.
    fn unit(&mut self, unit: u16, scanner: &mut Option<&mut Scanner>) {
        if let Some(high) = self.high.take() {
            if let Some(Ok(character)) = char::decode_utf16([high, unit]).next() {
                return self.emit(character.encode_utf8(&mut [0; 4]), scanner);
            }
            self.emit("\u{fffd}", scanner);
        }
        match char::from_u32(unit.into()) {
            Some(character) => self.emit(character.encode_utf8(&mut [0; 4]), scanner),
            None if unit < 0xDC00 => self.high = Some(unit),
            None => self.emit("\u{fffd}", scanner),
        }
    }

    /// Gives up waiting for the second half of a surrogate pair.
    fn flush(&mut self, scanner: &mut Option<&mut Scanner>) {
        if self.high.take().is_some() {
            self.emit("\u{fffd}", scanner);
        }
    }

    fn emit(&mut self, text: &str, scanner: &mut Option<&mut Scanner>) {
        if let Some(scanner) = scanner {
            scanner.text(text);
            if self.keeps && self.name.len() < KEPT {
                self.name.push_str(&text[..text.floor_char_boundary(KEPT)]);
            }
        } else {
            self.name.push_str(text);
        }
    }
}

/// One in each byte, and the high bit of each.
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x80 * ONES;

/// Where the text ends that stands for itself, from a place on: at a quote, a backslash or a control character.
pub(super) fn plain_end(bytes: &[u8], at: usize) -> usize {
    // Eight bytes at a time: most strings are short.
    let (words, rest) = bytes[at..].as_chunks::<8>();
    for (word, place) in words.iter().zip((at..).step_by(8)) {
        let word = u64::from_le_bytes(*word);
        // The high bit of the first byte that is less than another one is right; those behind it may not be.
        let below = |word: u64, least: u64| word.wrapping_sub(least * ONES) & !word & HIGH;
        let is = |byte: u8| below(word ^ (u64::from(byte) * ONES), 1);
        let ends = is(b'"') | is(b'\\') | below(word, 0x20);
        if ends != 0 {
            return place + ends.trailing_zeros() as usize / 8;
        }
    }
    let end = rest.iter().position(|&byte| matches!(byte, b'"' | b'\\' | ..0x20));
    end.map_or(bytes.len(), |length| bytes.len() - rest.len() + length)
}

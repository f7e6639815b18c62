//! The characters, names and literals that markup consists of.

use memchr::memchr;

use crate::verdict::Fault;

/// A place in markup that is held as a whole.
pub(super) struct Cursor<'a> {
    pub(super) rest: &'a str,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(rest: &'a str) -> Self {
        Self { rest }
    }

    /// Skips what is expected, if it comes.
    pub(super) fn skip(&mut self, expected: &str) -> bool {
        let rest = self.rest.strip_prefix(expected);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Skips white space, and says whether there was some.
    pub(super) fn space(&mut self) -> bool {
        let rest = self.rest.trim_start_matches(is_space);
        let skipped = rest.len() < self.rest.len();
        self.rest = rest;
        skipped
    }

    /// White space that has to be there.
    pub(super) fn need_space(&mut self) -> Result<(), Fault> {
        if self.space() { Ok(()) } else { Err(Fault::syntax("no white space where it is needed", 0)) }
    }

    /// Takes the text before a mark, and skips both.
    pub(super) fn until(&mut self, mark: &str) -> Result<&'a str, Fault> {
        let (text, rest) = self.rest.split_once(mark).ok_or_else(|| Fault::syntax("markup without its end", 0))?;
        self.rest = rest;
        Ok(text)
    }

    pub(super) fn name(&mut self) -> Result<&'a str, Fault> {
        // Nearly all names are ASCII.
        let plain = self.rest.bytes().take_while(|&byte| is_plain_name(byte)).count();
        let end = match self.rest.as_bytes().get(plain) {
            Some(0x80..) => self.rest.find(|c| !is_name(c)).unwrap_or(self.rest.len()),
            _ => plain,
        };
        let (name, rest) = self.rest.split_at(end);
        if !name.starts_with(is_name_start) {
            return Err(Fault::syntax("no name where one is expected", 0));
        }
        self.rest = rest;
        Ok(name)
    }

    /// A word of the signs of names, whatever it starts with.
    pub(super) fn token(&mut self) -> Result<&'a str, Fault> {
        let rest = self.rest.trim_start_matches(is_name);
        let token = &self.rest[..self.rest.len() - rest.len()];
        self.rest = rest;
        if token.is_empty() { Err(Fault::syntax("no name where one is expected", 0)) } else { Ok(token) }
    }

    /// A literal in either kind of quotes.
    pub(super) fn literal(&mut self) -> Result<&'a str, Fault> {
        let quote = self.rest.bytes().next().filter(|quote| matches!(quote, b'"' | b'\''));
        let quote = quote.ok_or_else(|| Fault::syntax("no quotes where they are expected", 0))?;
        let rest = &self.rest[1..];
        let end = memchr(quote, rest.as_bytes()).ok_or_else(|| Fault::syntax("markup without its end", 0))?;
        self.rest = &rest[end + 1..];
        Ok(&rest[..end])
    }

    /// `=` and a literal.
    pub(super) fn value(&mut self) -> Result<&'a str, Fault> {
        self.space();
        if !self.skip("=") {
            return Err(Fault::syntax("no = after a name", 0));
        }
        self.space();
        self.literal()
    }
}

pub(super) fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

pub(super) fn is_name_start(character: char) -> bool {
    matches!(character,
        ':' | '_' | 'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}'
        | '\u{f8}'..='\u{2ff}' | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}'
        | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}'
        | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

pub(super) fn is_name(character: char) -> bool {
    is_name_start(character)
        || matches!(character,
            '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

/// The same of ASCII.
fn is_plain_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'-' | b'.')
}

fn is_legal(character: char) -> bool {
    !matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Refuses a character that no XML text may have.
pub(super) fn legal(character: char) -> Result<(), Fault> {
    if is_legal(character) { Ok(()) } else { Err(Fault::syntax("a character that XML does not allow", 0)) }
}

/// Whether one of eight bytes is a control character or 0xEF.
fn has_control_or_ef(eight: u64) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let below = |bytes: u64, least: u64| bytes.wrapping_sub(least * ONES) & !bytes & (0x80 * ONES);
    below(eight, 0x20) | below(eight ^ (0xEF * ONES), 1) != 0
}

/// Refuses a text with a character that no XML text may have.
pub(super) fn all_legal(text: &str) -> Result<(), Fault> {
    // Only the two behind 0xEF are no control characters.
    let may_be_illegal = |byte: &u8| matches!(byte, 0..=8 | 11 | 12 | 14..=31 | 0xEF);
    let (eights, rest) = text.as_bytes().as_chunks::<8>();
    let mut eights = eights.iter().filter(|eight| has_control_or_ef(u64::from_le_bytes(**eight)));
    if !eights.any(|eight| eight.iter().any(may_be_illegal)) && !rest.iter().any(may_be_illegal) {
        return Ok(());
    }
    match text.find(|character| !is_legal(character)) {
        Some(at) => Err(Fault::syntax("a character that XML does not allow", at)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_legal_characters() {
        for (text, name) in [("a:b-c_d.1 x", "a:b-c_d.1"), ("größe=", "größe"), ("a\u{b7}>", "a\u{b7}"), ("名", "名")]
        {
            assert_eq!(Cursor::new(text).name().ok(), Some(name));
        }
        for text in ["", "1a", "-", " a", "\u{d7}"] {
            assert!(Cursor::new(text).name().is_err(), "{text:?}");
        }
        for text in ["a\tb\r\n", "\u{fffd}", "\u{f900}", "é\u{7f}"] {
            assert!(all_legal(text).is_ok(), "{text:?}");
        }
        for text in ["a\0", "\u{1f}", "x\u{fffe}", "\u{ffff}y"] {
            assert!(all_legal(text).is_err(), "{text:?}");
            for before in 1..20 {
                let (start, end) = ("\n ".repeat(before), "é\t".repeat(before));
                assert!(all_legal(&format!("{start}{text}{end}")).is_err(), "{before} {text:?}");
                assert!(all_legal(&format!("{start}\u{fffd}{end}")).is_ok(), "{before}");
            }
        }
    }
}

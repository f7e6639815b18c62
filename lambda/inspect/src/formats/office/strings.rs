//! The shared strings of a workbook, held while its sheets are read.

use std::borrow::Cow;

use memchr::memchr;

use super::words::scan_attributes;
use crate::formats::xml::{Attributes, Reader, local};
use crate::pass::{Budget, Hold};
use crate::scan::Scanner;
use crate::verdict::{Fault, Kind};

/// What a string costs beside its text, in bytes.
const EACH: usize = 12;

/// As much as all strings may take, and as long as one may be; Excel writes 32,767 characters at most.
const MOST: usize = 48 << 20;
const LONGEST: usize = 8 << 20;

/// How much text, or how many strings, are kept in one piece: a table that grows as a whole is copied.
const CHUNK: usize = 1 << 20;
const STRINGS: usize = 4096;

/// The table of strings.
pub(super) struct Strings {
    chunks: Vec<Chunk>,
    /// How much all of it takes.
    kept: usize,
    /// In a text that belongs to the string: neither in its pronunciation nor between its runs.
    inside: bool,
    spoken: bool,
    /// See [`Strings::beside`].
    beside: bool,
    hold: Hold,
}

/// Strings in a row.
#[derive(Default)]
struct Chunk {
    /// The number of the first.
    first: usize,
    text: String,
    /// Where each string ends, and whether a cell showed it.
    ends: Vec<usize>,
    shown: Vec<bool>,
}

impl Chunk {
    /// The text of a string, counted from the first one here.
    fn get(&self, number: usize) -> Option<&str> {
        let start = number.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.text.get(start..*self.ends.get(number)?)
    }
}

impl Strings {
    pub(super) fn new(budget: &Budget) -> Self {
        let chunks = vec![Chunk::default()];
        Self { chunks, kept: 0, inside: false, spoken: false, beside: false, hold: budget.hold() }
    }

    /// A reader that keeps nothing, and passes on what is beside the strings: the part was read before.
    pub(super) fn beside(budget: &Budget) -> Self {
        Self { beside: true, ..Self::new(budget) }
    }

    /// The string of a number, which a cell shows.
    pub(super) fn show(&mut self, number: usize) -> Option<&str> {
        let chunk = self.chunks.partition_point(|chunk| chunk.first <= number).checked_sub(1)?;
        let chunk = self.chunks.get_mut(chunk)?;
        let number = number - chunk.first;
        *chunk.shown.get_mut(number)? = true;
        chunk.get(number)
    }

    /// Passes on the strings that no cell showed.
    pub(super) fn scan_unused(&self, scanner: &mut Scanner) {
        for chunk in &self.chunks {
            for (number, _) in chunk.shown.iter().enumerate().filter(|shown| !shown.1) {
                scanner.text(&unescaped(chunk.get(number).unwrap_or_default()));
                scanner.separate();
                scanner.text("\n");
            }
        }
    }

    fn keep(&mut self, bytes: usize) -> Result<(), Fault> {
        self.kept += bytes;
        if self.kept > MOST {
            let what = format!("more than {MOST} bytes of shared strings (split the workbook, or save it as CSV)");
            return Err(Fault::new(Kind::Limit, what, 0));
        }
        self.hold.add(bytes)
    }

    /// Takes a part of the text of a string.
    fn push(&mut self, text: &str) -> Result<(), Fault> {
        self.keep(text.len())?;
        let Some(chunk) = self.chunks.last_mut() else { return Ok(()) };
        chunk.text.push_str(text);
        let start = chunk.ends.last().copied().unwrap_or_default();
        if chunk.text.len() - start > LONGEST {
            return Err(Fault::new(Kind::Limit, format!("a shared string longer than {LONGEST} bytes"), 0));
        }
        Ok(())
    }

    /// Ends a string.
    fn end_string(&mut self) -> Result<(), Fault> {
        self.keep(EACH)?;
        let Some(chunk) = self.chunks.last_mut() else { return Ok(()) };
        chunk.ends.push(chunk.text.len());
        chunk.shown.push(false);
        if chunk.text.len() >= CHUNK || chunk.ends.len() >= STRINGS {
            chunk.text.shrink_to_fit();
            let first = chunk.first + chunk.ends.len();
            self.chunks.push(Chunk { first, ..Chunk::default() });
        }
        Ok(())
    }
}

/// A text of a workbook, in which a character can be written as `_x0034_`.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    // A single sign is searched for faster than a text, and most cells have none.
    if memchr(b'_', text.as_bytes()).is_none() || !text.contains("_x") {
        return Cow::Borrowed(text);
    }
    let (mut plain, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find("_x") {
        plain.push_str(&rest[..at]);
        let code = rest.get(at + 2..at + 6).filter(|_| rest.as_bytes().get(at + 6) == Some(&b'_'));
        let code = code.filter(|code| code.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let character = code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
        let (shown, length) = character.map_or(('_', 1), |character| (character, 7));
        plain.push(shown);
        rest = &rest[at + length..];
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

impl Reader for Strings {
    fn start(&mut self, name: &str, attributes: &Attributes, scanner: &mut Scanner) -> Result<(), Fault> {
        match local(name) {
            "t" => self.inside = !self.spoken,
            "rPh" => self.spoken = true,
            _ => {}
        }
        if self.beside {
            scanner.text(if local(name) == "rPh" { "\n" } else { "" });
            scan_attributes(name, attributes, scanner);
        }
        Ok(())
    }

    fn text(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        match (self.inside, self.beside) {
            (true, false) => self.push(text)?,
            (false, true) => scanner.text(text),
            _ => {}
        }
        Ok(())
    }

    fn aside(&mut self, text: &str, scanner: &mut Scanner) {
        if self.beside {
            scanner.text(text);
        }
    }

    fn end(&mut self, name: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        match local(name) {
            "t" => self.inside = false,
            "rPh" => {
                self.spoken = false;
                if self.beside {
                    scanner.text("\n");
                }
            }
            "si" if !self.beside => self.end_string()?,
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::unescaped;

    #[test]
    fn escapes() {
        for (text, plain) in
            [("a_x0034_b", "a4b"), ("_x005F_x0034_", "_x0034_"), ("_x12_", "_x12_"), ("_xé_", "_xé_"), ("4", "4")]
        {
            assert_eq!(unescaped(text), plain);
        }
    }
}

//! What stands in a content stream and is not drawn: comments, texts in place of what is shown,
//! names, words that are no operators, pictures within the text.

use super::super::object::Object;
use super::super::told;
use crate::scan::{Mask, Place, Scanner};

/// How much is gathered, in bytes.
const MOST: usize = 256 << 10;

/// How much of it is passed on again with what follows, in bytes.
const AGAIN: usize = 1024;

/// The shortest name and number that can be a value.
const NAME: usize = 12;
const NUMBER: usize = 9;

/// Whether a word is an operator that shows no text.
#[rustfmt::skip]
pub(super) fn is_operator(word: &str) -> bool {
    matches!(
        word,
        "b" | "B" | "b*" | "B*" | "BDC" | "BI" | "BMC" | "BX" | "c" | "cs" | "CS" | "d" | "d0" | "d1" | "DP" | "EI"
            | "EMC" | "ET" | "EX" | "f" | "F" | "f*" | "g" | "G" | "gs" | "h" | "i" | "ID" | "j" | "J" | "k" | "K"
            | "l" | "m" | "M" | "MP" | "n" | "re" | "rg" | "RG" | "ri" | "s" | "S" | "sc" | "SC" | "scn" | "SCN"
            | "sh" | "Ts" | "v" | "w" | "W" | "W*" | "y" | "{" | "}" | "]" | ")" | ">"
    )
}

/// What stands aside.
pub(super) struct Aside {
    text: String,
    place: Place,
    /// The last word was none that is known: numbers behind it are of its text.
    odd: bool,
    /// A text was shown on the page.
    pub(super) shown: bool,
}

impl Aside {
    pub(super) fn new(place: Place) -> Self {
        Self { text: String::new(), place, odd: false, shown: false }
    }

    /// Passes on what was gathered: the text of the page is not begun yet.
    pub(super) fn flush(&mut self, scanner: &mut Scanner) {
        if !self.text.is_empty() {
            scanner.separate();
            scanner.begin(Mask::default(), self.place.clone());
            scanner.text(&self.text);
            scanner.separate();
            self.text.clear();
        }
    }

    /// Adds a text, of which a part may have been passed on already.
    fn add(&mut self, text: &str, scanner: &mut Scanner) {
        if self.text.len() + text.len() > MOST {
            let again = self.text.ceil_char_boundary(self.text.len().saturating_sub(AGAIN));
            let again = self.text.get(again..).unwrap_or_default().to_owned();
            self.flush(scanner);
            self.text = again;
        }
        self.text.push_str(text);
    }

    /// An operator that is known.
    pub(super) fn known(&mut self) {
        if std::mem::take(&mut self.odd) {
            self.text.push('\n');
        }
    }

    /// A word that is no operator.
    pub(super) fn word(&mut self, word: &[u8], scanner: &mut Scanner) {
        self.raw(word, scanner);
        self.odd = true;
    }

    /// A number, which may be more than a measure.
    pub(super) fn number(&mut self, number: &[u8], scanner: &mut Scanner) {
        let digits = number.iter().filter(|byte| byte.is_ascii_digit()).count();
        // Measures have a point.
        if self.odd || (digits >= NUMBER && !number.contains(&b'.')) {
            self.raw(number, scanner);
        }
    }

    fn raw(&mut self, bytes: &[u8], scanner: &mut Scanner) {
        self.add(" ", scanner);
        self.add(String::from_utf8_lossy(bytes.trim_ascii()).as_ref(), scanner);
    }

    /// The strings and names of an operand that is not shown.
    pub(super) fn object(&mut self, object: &Object, scanner: &mut Scanner) {
        match object {
            Object::String(string) => {
                self.add(&told::text(string), scanner);
                self.add("\n", scanner);
            }
            Object::Name(name) if name.len() >= NAME => self.raw(name.as_bytes(), scanner),
            Object::Array(items) => items.iter().for_each(|item| self.object(item, scanner)),
            Object::Dict(dict) => {
                for (name, value) in &dict.0 {
                    if name.len() >= NAME {
                        self.raw(name.as_bytes(), scanner);
                    }
                    self.object(value, scanner);
                }
            }
            _ => {}
        }
    }

    /// Bytes that may be a text: comments, a picture within the text, what is no object.
    pub(super) fn text(&mut self, bytes: &[u8], scanner: &mut Scanner) {
        if bytes.is_empty() {
            return;
        }
        for piece in bytes.chunks(MOST / 4) {
            self.add(&String::from_utf8_lossy(piece).replace('\0', ""), scanner);
        }
        self.add("\n", scanner);
    }
}

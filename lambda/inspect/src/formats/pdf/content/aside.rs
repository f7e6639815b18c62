//! What stands in a content stream and is not drawn: comments, texts in place of what is shown,
//! names, words that are no operators, pictures within the text.

use super::super::object::Object;
use super::super::told;
use crate::scan::{Mask, Place, Scanner};

/// How much is gathered, in bytes.
const MOST: usize = 256 << 10;

/// The shortest name and number that can be a value.
const NAME: usize = 12;
const NUMBER: usize = 9;

/// All operators that draw, but those that show text.
const OPERATORS: [&str; 62] = [
    "b", "B", "b*", "B*", "BDC", "BI", "BMC", "BX", "c", "cs", "CS", "d", "d0", "d1", "DP", "EI", "EMC", "ET", "EX",
    "f", "F", "f*", "g", "G", "gs", "h", "i", "ID", "j", "J", "k", "K", "l", "m", "M", "MP", "n", "re", "rg", "RG",
    "ri", "s", "S", "sc", "SC", "scn", "SCN", "sh", "Tr", "Ts", "v", "w", "W", "W*", "y", "null", "{", "}", "]", ")",
    ">", ">>",
];

/// Whether a word is an operator that shows no text.
pub(super) fn is_operator(word: &str) -> bool {
    OPERATORS.contains(&word)
}

/// What stands aside.
#[derive(Default)]
pub(super) struct Aside {
    text: String,
    /// The last word was none that is known: numbers behind it are of its text.
    odd: bool,
    /// A text was shown on the page.
    pub(super) shown: bool,
}

impl Aside {
    pub(super) fn is_full(&self) -> bool {
        self.text.len() > MOST
    }

    /// Passes on what was gathered.
    pub(super) fn flush(&mut self, place: &Place, scanner: &mut Scanner) {
        if !self.text.is_empty() {
            scanner.separate();
            scanner.begin(Mask::default(), place.clone());
            scanner.text(&std::mem::take(&mut self.text));
            scanner.separate();
        }
    }

    /// An operator that is known.
    pub(super) fn known(&mut self) {
        if std::mem::take(&mut self.odd) {
            self.text.push('\n');
        }
    }

    /// A word that is no operator.
    pub(super) fn word(&mut self, word: Option<&[u8]>) {
        self.raw(word);
        self.odd = true;
    }

    /// A number, which may be more than a measure.
    pub(super) fn number(&mut self, number: Option<&[u8]>) {
        let digits = number.unwrap_or_default().iter().filter(|byte| byte.is_ascii_digit()).count();
        // Measures have a point.
        let measure = number.unwrap_or_default().contains(&b'.');
        if self.odd || (digits >= NUMBER && !measure) {
            self.raw(number);
        }
    }

    fn raw(&mut self, bytes: Option<&[u8]>) {
        let text = String::from_utf8_lossy(bytes.unwrap_or_default());
        self.text.push(' ');
        self.text.push_str(text.trim());
    }

    /// The strings and names of an operand that is not shown.
    pub(super) fn object(&mut self, object: &Object) {
        match object {
            Object::String(string) => {
                self.text.push_str(&told::text(string));
                self.text.push('\n');
            }
            Object::Name(name) if name.len() >= NAME => self.raw(Some(name.as_bytes())),
            Object::Array(items) => items.iter().for_each(|item| self.object(item)),
            Object::Dict(dict) => {
                for (name, value) in &dict.0 {
                    if name.len() >= NAME {
                        self.raw(Some(name.as_bytes()));
                    }
                    self.object(value);
                }
            }
            _ => {}
        }
    }

    pub(super) fn comments(&mut self, comments: &mut Option<String>) {
        if let Some(comments) = comments.as_mut().filter(|comments| !comments.is_empty()) {
            self.text.push_str(comments);
            comments.clear();
        }
    }

    /// The bytes of a picture within the text, where they may be a text.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        if told::is_text(bytes) {
            self.text.push_str(&String::from_utf8_lossy(bytes));
            self.text.push('\n');
        }
    }
}

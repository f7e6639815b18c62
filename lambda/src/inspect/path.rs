//! The way to a field of JSON or XML: for people, and as a set of keywords.

use std::fmt::Write;
use std::rc::Rc;

use super::scan::{Mask, Place};

/// The longest name that is shown.
const SHOWN: usize = 40;

/// The names and positions from the root to a field.
pub(super) struct Path {
    text: String,
    levels: Vec<Level>,
}

struct Level {
    /// The length of the text up to here.
    length: usize,
    /// The identifiers whose keywords are in the names up to here.
    names: Mask,
}

impl Path {
    pub(super) fn new() -> Self {
        Self { text: String::new(), levels: Vec::new() }
    }

    /// Goes to a field by its name; `names` are the identifiers it has keywords of.
    pub(super) fn enter(&mut self, name: &str, names: Mask) {
        let (length, outer) = (self.text.len(), self.names());
        self.text.push('/');
        self.text.push_str(shown(name));
        self.levels.push(Level { length, names: outer | names });
    }

    /// Goes to an item of a list.
    pub(super) fn enter_item(&mut self, index: u64) {
        let (length, names) = (self.text.len(), self.names());
        // Writing to a string cannot fail.
        let _ = write!(self.text, "/{index}");
        self.levels.push(Level { length, names });
    }

    /// Goes back from a field.
    pub(super) fn leave(&mut self) {
        if let Some(level) = self.levels.pop() {
            self.text.truncate(level.length);
        }
    }

    /// The identifiers whose keywords are in a name on the path.
    pub(super) fn names(&self) -> Mask {
        self.levels.last().map_or_else(Mask::default, |level| level.names.clone())
    }

    /// The path for people, after a prefix.
    pub(super) fn place(&self, prefix: &str) -> Place {
        let path = if self.text.is_empty() { "/" } else { &self.text };
        // One for each value of the file: a copy less counts.
        Place::Path(if prefix.is_empty() { Rc::from(path) } else { Rc::from([prefix, path].concat()) })
    }
}

/// A name as far as it may be shown. Names may be data: `{"4000 0044 …": "paid"}`.
pub(super) fn shown(name: &str) -> &str {
    let digits = name.chars().filter(|c| c.is_numeric()).count();
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.' | ':' | '@' | '#');
    if name.len() <= SHOWN && digits < 4 && name.chars().all(plain) { name } else { "*" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_data_are_not_shown() {
        assert_eq!(shown("credit_card"), "credit_card");
        assert_eq!(shown("line2"), "line2");
        assert_eq!(shown("4000 0044"), "*");
        assert_eq!(shown("g8OhHZlj9Nn7ep52YLX/UVZSidxZrMBMosgHAPSH"), "*");
        assert_eq!(shown("a\nb"), "*");
    }
}

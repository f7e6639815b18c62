//! The way to a field of JSON or XML: for people, and as a set of keywords.

use std::cell::OnceCell;
use std::fmt::{Display, Write};
use std::rc::Rc;

use crate::scan::{Mask, Place};
use crate::verdict::{Fault, Kind};

/// The longest name that is shown.
const SHOWN: usize = 40;

/// From this length on a way is not shown any further, in bytes.
const LONGEST: usize = 2048;

/// How much the keywords in the names on a way may take, in bytes. There are few in any file that is known: as
/// much is reached by thousands of names in each other.
const HEAVIEST: usize = 8 << 20;

/// The names and positions from the root to a field.
pub(crate) struct Path {
    text: String,
    levels: Vec<Level>,
    /// What the masks of all levels take.
    weight: usize,
    /// The text as it was shown last, while it is the same: there is a place for each value of the file.
    shared: OnceCell<Rc<str>>,
}

struct Level {
    /// The length of the text up to here, and what the mask takes if it is not that of the level outside.
    length: u32,
    weight: u32,
    /// The identifiers whose keywords are in the names up to here.
    names: Mask,
}

impl Path {
    pub(crate) fn new() -> Self {
        Self { text: String::new(), levels: Vec::new(), weight: 0, shared: OnceCell::new() }
    }

    /// Goes to a field by its name; `names` are the identifiers it has keywords of.
    pub(crate) fn enter(&mut self, name: &str, names: Mask) {
        let (length, outer) = (self.text.len(), self.names());
        self.extend(shown(name));
        let own = names.clone();
        let names = outer.clone() | names;
        let weight = if own == names { names.weight_beside(&own) } else { names.weight_beside(&outer) };
        self.push(length, names, weight);
    }

    fn push(&mut self, length: usize, names: Mask, weight: usize) {
        // Both are bounded: see `LONGEST`, and there are few detectors.
        let [length, weight] = [length, weight].map(|number| u32::try_from(number).unwrap_or(u32::MAX));
        self.weight += weight as usize;
        self.levels.push(Level { length, weight, names });
    }

    /// Whether the keywords in the names on the way take no more than they may.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        if self.weight <= HEAVIEST {
            return Ok(());
        }
        Err(Fault::new(Kind::Limit, "too many keywords in the names around a value", 0))
    }

    /// Goes to an item of a list.
    pub(crate) fn enter_item(&mut self, index: u64) {
        let (length, names) = (self.text.len(), self.names());
        self.extend(index);
        self.push(length, names, 0);
    }

    fn extend(&mut self, part: impl Display) {
        self.shared.take();
        // Writing to a string cannot fail.
        let _ = match self.text.len() {
            ..LONGEST => write!(self.text, "/{part}"),
            _ if self.text.ends_with('…') => Ok(()),
            _ => self.text.write_str("/…"),
        };
    }

    /// Goes back from a field.
    pub(crate) fn leave(&mut self) {
        if let Some(level) = self.levels.pop() {
            self.text.truncate(level.length as usize);
            self.weight -= level.weight as usize;
            self.shared.take();
        }
    }

    /// The identifiers whose keywords are in a name on the path.
    pub(crate) fn names(&self) -> Mask {
        self.levels.last().map_or_else(Mask::default, |level| level.names.clone())
    }

    /// The path for people.
    pub(crate) fn place(&self) -> Place {
        Place::Path(self.share())
    }

    /// The path for people, in a record of this number.
    pub(crate) fn place_in(&self, what: &'static str, number: u64) -> Place {
        Place::Field(what, number, self.share())
    }

    fn share(&self) -> Rc<str> {
        let path = if self.text.is_empty() { "/" } else { &self.text };
        Rc::clone(self.shared.get_or_init(|| Rc::from(path)))
    }
}

/// A name as far as it may be shown. Names may be data: `{"4000 0044 …": "paid"}`.
pub(crate) fn shown(name: &str) -> &str {
    let digits = name.chars().filter(|c| c.is_numeric()).count();
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.' | ':' | '@' | '#');
    if name.len() <= SHOWN && digits < 4 && name.chars().all(plain) { name } else { "*" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_way_is_cut() {
        let mut path = Path::new();
        for index in 0..100_000 {
            path.enter_item(index);
        }
        assert!(path.text.len() < LONGEST + 100 && path.text.ends_with("/…"));
        for _ in 0..99_999 {
            path.leave();
        }
        assert_eq!(path.text, "/0");
    }

    #[test]
    fn names_that_are_data_are_not_shown() {
        assert_eq!(shown("credit_card"), "credit_card");
        assert_eq!(shown("line2"), "line2");
        assert_eq!(shown("4000 0044"), "*");
        assert_eq!(shown("g8OhHZlj9Nn7ep52YLX/UVZSidxZrMBMosgHAPSH"), "*");
        assert_eq!(shown("a\nb"), "*");
    }
}

//! The way to a field of JSON or XML: for people, and as a set of keywords.

use std::cell::OnceCell;
use std::fmt::{self, Display, Write};
use std::rc::Rc;

use super::recent::Recent;
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
    /// The text as it was shown last, while it is the same.
    shared: OnceCell<Rc<str>>,
    /// The innermost name or position: most are left again before anything is entered from there, as there is one
    /// for each value of the file.
    leaf: Option<(Step, Level)>,
    shown: Recent<Rc<str>>,
}

/// A part of a way: a name as it is shown, or the position in a list.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Name(Rc<str>),
    Item(u64),
}

impl Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Item(index) => index.fmt(f),
        }
    }
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
        Self {
            text: String::new(),
            levels: Vec::new(),
            weight: 0,
            shared: OnceCell::new(),
            leaf: None,
            shown: Recent::default(),
        }
    }

    /// Goes to a field by its name; `names` are the identifiers it has keywords of.
    pub(crate) fn enter(&mut self, name: &str, names: Mask) {
        let (names, weight) = self.within(names);
        let step = Step::Name(self.show(name));
        self.push(step, names, weight);
    }

    /// These names inside of those on the way, and what that takes.
    fn within(&self, names: Mask) -> (Mask, usize) {
        let outer = self.names();
        if names.is_empty() {
            return (outer, 0);
        }
        let own = names.clone();
        let names = outer.clone() | names;
        let weight = if own == names { names.weight_beside(&own) } else { names.weight_beside(&outer) };
        (names, weight)
    }

    /// A name as it is shown.
    pub(crate) fn show(&mut self, name: &str) -> Rc<str> {
        if let Some(shown) = self.shown.get(name) {
            return Rc::clone(shown);
        }
        let text = Rc::from(shown(name));
        self.shown.insert(name, Rc::clone(&text));
        text
    }

    fn push(&mut self, step: Step, names: Mask, weight: usize) {
        if let Some((step, level)) = self.leaf.take() {
            let length = self.text.len();
            extend(&mut self.text, &step);
            self.shared.take();
            self.levels.push(Level { length: bounded(length), ..level });
        }
        self.weight += weight;
        self.leaf = Some((step, Level { length: 0, weight: bounded(weight), names }));
    }

    /// Whether the keywords in the names on the way take no more than they may.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        if self.weight <= HEAVIEST {
            return Ok(());
        }
        Err(Fault::new(Kind::Limit, "too many keywords in the names around a value", 0))
    }

    /// Whether the names on the way are far from taking more than they may.
    pub(crate) fn is_light(&self) -> bool {
        self.weight <= HEAVIEST / 2
    }

    /// Goes to an item of a list; `names` are the identifiers that its column has keywords of.
    pub(crate) fn enter_item(&mut self, index: u64, names: Mask) {
        let (names, weight) = self.within(names);
        self.push(Step::Item(index), names, weight);
    }

    /// Goes back from a field.
    pub(crate) fn leave(&mut self) {
        if let Some((_, level)) = self.leaf.take() {
            self.weight -= level.weight as usize;
        } else if let Some(level) = self.levels.pop() {
            self.text.truncate(level.length as usize);
            self.weight -= level.weight as usize;
            self.shared.take();
        }
    }

    /// The identifiers whose keywords are in a name on the path.
    pub(crate) fn names(&self) -> Mask {
        let leaf = self.leaf.as_ref().map(|leaf| &leaf.1);
        leaf.or(self.levels.last()).map_or_else(Mask::default, |level| level.names.clone())
    }

    /// The path for people.
    pub(crate) fn place(&self) -> Place {
        Place::Way(self.way())
    }

    /// The path for people, in a record of this number.
    pub(crate) fn place_in(&self, what: &'static str, number: u64) -> Place {
        Place::Field(what, number, self.way())
    }

    /// The path as it is, to be put together where it is shown.
    pub(crate) fn way(&self) -> Way {
        let outer = Rc::clone(self.shared.get_or_init(|| Rc::from(&self.text[..])));
        Way { outer, leaf: self.leaf.as_ref().map(|leaf| leaf.0.clone()) }
    }
}

/// A path as it was, put together only where it is shown.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    outer: Rc<str>,
    leaf: Option<Step>,
}

impl Way {
    /// The path and some more steps, for people.
    pub(super) fn along(&self, steps: &[Step]) -> String {
        let mut text = self.outer.to_string();
        for step in self.leaf.iter().chain(steps) {
            extend(&mut text, step);
        }
        if text.is_empty() { "/".to_owned() } else { text }
    }
}

impl Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.along(&[]))
    }
}

/// Lengths of names and ways: see `LONGEST`, and there are few detectors.
fn bounded(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn extend(text: &mut String, part: &Step) {
    // Writing to a string cannot fail.
    let _ = match text.len() {
        ..LONGEST => write!(text, "/{part}"),
        _ if text.ends_with('…') => Ok(()),
        _ => text.write_str("/…"),
    };
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
            path.enter_item(index, Mask::default());
        }
        let way = path.way().to_string();
        assert!(way.len() < LONGEST + 100 && way.ends_with("/…"));
        for _ in 0..99_999 {
            path.leave();
        }
        assert_eq!(path.way().to_string(), "/0");
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

//! What a file says again: statistics that show values of the columns, an index, a raw copy of what is read otherwise.
//!
//! Such a text has to be looked at, since it may say something else than what it repeats. But what it truly repeats
//! must not count twice. So echoes have an account of their own in which each value counts once, and an
//! identifier has as many occurrences as the larger of the two accounts says.

use std::cell::RefCell;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use super::{Scanner, Tally};

/// How many different values are told from each other; from there on each counts as new.
const MOST: usize = 1 << 16;

/// The account of what is said again.
pub(super) struct Echoes {
    pub(super) tallies: Vec<Tally>,
    /// The values in it, and in those of what is in another notation: it may say again what stands around it.
    known: Rc<RefCell<HashSet<u64>>>,
}

impl Echoes {
    pub(super) fn new(identities: usize) -> Self {
        Self { tallies: vec![Tally::default(); identities], known: Rc::default() }
    }

    /// An account of the same values.
    pub(super) fn inside(&self) -> Self {
        Self { tallies: vec![Tally::default(); self.tallies.len()], known: Rc::clone(&self.known) }
    }

    /// Whether a value was not met in an echo before.
    pub(super) fn is_new(&mut self, identity: usize, value: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        (identity, value).hash(&mut hasher);
        let mut known = self.known.borrow_mut();
        if known.len() >= MOST { !known.contains(&hasher.finish()) } else { known.insert(hasher.finish()) }
    }
}

impl Tally {
    /// The larger account.
    pub(super) fn or_echo((own, echo): (Self, Self)) -> Self {
        if echo.count > own.count { echo } else { own }
    }
}

impl Scanner {
    /// Whether the segments that start from now on may repeat what others have; gives whether those before did.
    pub(crate) fn echo(&mut self, echo: bool) -> bool {
        std::mem::replace(&mut self.echo, echo)
    }
}

#[cfg(test)]
mod tests {
    use crate::detect::Detectors;
    use crate::scan::{Mask, Place, Scanner};

    #[test]
    fn an_echo_counts_only_beyond_what_it_repeats() {
        let count = |own: &[&str], echoes: &[&str]| {
            let mut scanner = Scanner::new(&Detectors::default(), 5);
            for (echo, texts) in [(true, echoes), (false, own)] {
                scanner.echo(echo);
                for text in texts {
                    scanner.begin(Mask::default(), Place::Path("/a".into()));
                    scanner.text(text);
                    scanner.separate();
                }
            }
            scanner.finish().first().map_or(0, |finding| finding.count)
        };
        let (one, other) = ("card 4000004427083831", "card 4000000953693159");
        assert_eq!(count(&[one], &[one, one, one]), 1);
        assert_eq!(count(&[one, other, one], &[one, other]), 3);
        assert_eq!(count(&[], &[one, one, other]), 2);
        assert_eq!(count(&[one], &[one, other]), 2);
    }
}

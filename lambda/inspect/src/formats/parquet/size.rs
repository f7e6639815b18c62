//! What the footer takes in memory, and how its parts are refused.

use crate::pass::{Budget, Hold};
use crate::verdict::{Fault, Kind};

/// How much memory may be needed for columns and their places, in bytes.
const MOST: usize = 24 << 20;

/// How much memory is taken.
pub(super) struct Size {
    hold: Hold,
    bytes: usize,
}

impl Size {
    pub(super) fn new(budget: &Budget) -> Self {
        Self { hold: budget.hold(), bytes: 0 }
    }

    pub(super) fn add(&mut self, bytes: usize) -> Result<(), Fault> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > MOST {
            return Err(Fault::new(Kind::Limit, "too much metadata", 0));
        }
        self.hold.add(bytes)
    }
}

/// A part of the footer that cannot be.
pub(super) fn broken(what: &str) -> Fault {
    Fault::syntax(what, 0)
}

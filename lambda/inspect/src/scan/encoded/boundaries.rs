//! The boundaries that mails name for their parts.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// How many boundaries are remembered, and the longest; mails may have 70 characters.
const MOST: usize = 1 << 10;
pub(super) const BOUNDARY: usize = 200;

/// The boundaries that were named, by their hashes.
#[derive(Default)]
pub(super) struct Boundaries {
    /// Whether the last part of one is still to come.
    known: HashMap<u64, bool>,
    open: usize,
    /// There were too many: some are forgotten.
    lost: bool,
}

impl Boundaries {
    /// Remembers one. Of too many only the last ones may still end a part.
    pub(super) fn add(&mut self, name: &str) {
        if self.known.len() >= MOST {
            self.known.retain(|_, open| *open);
        }
        if self.known.len() >= MOST {
            self.known.clear();
            self.open = 0;
            self.lost = true;
        }
        if self.known.insert(hash(name), true) != Some(true) {
            self.open += 1;
        }
    }

    /// Takes a line behind `--`: it may end the last part of one.
    pub(super) fn close(&mut self, line: &str) {
        let name = line.trim_end().strip_suffix("--").filter(|name| name.len() <= BOUNDARY);
        if let Some(open) = name.and_then(|name| self.known.get_mut(&hash(name)))
            && std::mem::take(open)
        {
            self.open -= 1;
        }
    }

    /// Whether a part of one is open.
    pub(super) fn are_open(&self) -> bool {
        self.open > 0
    }

    /// Whether all that are open are known, and at least one is.
    pub(super) fn are_all(&self) -> bool {
        self.are_open() && !self.lost
    }

    /// Whether a line behind `--` is one of them, or the end of one.
    pub(super) fn has(&self, line: &str) -> bool {
        let name = line.trim_end();
        let is = |name: &str| name.len() <= BOUNDARY && self.known.contains_key(&hash(name));
        is(name) || name.strip_suffix("--").is_some_and(is)
    }
}

fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

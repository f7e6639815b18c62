//! The boundaries that mails name for their parts.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// How many boundaries are remembered, and the longest; mails may have 70 characters.
const MOST: usize = 1 << 10;
pub(super) const BOUNDARY: usize = 200;

/// The boundaries that were named, by their hashes.
#[derive(Default)]
pub(super) struct Boundaries {
    known: HashSet<u64>,
    /// There were too many: some are forgotten.
    lost: bool,
}

impl Boundaries {
    /// Remembers one. Of too many only the last ones may still end a part.
    pub(super) fn add(&mut self, name: &str) {
        if self.known.len() >= MOST {
            self.known.clear();
            self.lost = true;
        }
        self.known.insert(hash(name));
    }

    /// Whether all that were named are known, and at least one was named.
    pub(super) fn are_all(&self) -> bool {
        !self.known.is_empty() && !self.lost
    }

    /// Whether a line behind `--` is one of them, or the end of one.
    pub(super) fn has(&self, line: &str) -> bool {
        let name = line.trim_end();
        let is = |name: &str| name.len() <= BOUNDARY && self.known.contains(&hash(name));
        is(name) || name.strip_suffix("--").is_some_and(is)
    }
}

fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

//! Ranges of codes, of which a later one may lie within an earlier one: it counts there, and the rest of the
//! earlier one goes on.

use std::collections::BTreeMap;

/// What ranges of codes stand for.
pub(super) struct Ranges<T>(BTreeMap<u32, Range<T>>);

struct Range<T> {
    last: u32,
    /// How far its first code is behind the one that it was stated with.
    behind: u32,
    to: T,
}

impl<T> Default for Ranges<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Clone> Ranges<T> {
    /// Adds a range.
    pub(super) fn insert(&mut self, first: u32, last: u32, to: T) {
        if last < first {
            return;
        }
        while let Some((&start, _)) = self.0.range(..=last).next_back().filter(|(_, range)| range.last >= first) {
            let Some(old) = self.0.remove(&start) else { break };
            if old.last > last {
                let behind = old.behind.saturating_add(last + 1 - start);
                self.0.insert(last + 1, Range { last: old.last, behind, to: old.to.clone() });
            }
            if start < first {
                self.0.insert(start, Range { last: first - 1, ..old });
            }
        }
        self.0.insert(first, Range { last, behind: 0, to });
    }

    /// What a code stands for: what was stated for its range, and how far it is from the first one.
    pub(super) fn get(&self, code: u32) -> Option<(&T, u32)> {
        let (start, range) = self.0.range(..=code).next_back()?;
        (code <= range.last).then(|| (&range.to, range.behind.saturating_add(code - start)))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_range_counts_where_it_lies() {
        let mut ranges = Ranges::default();
        for (first, last, to) in [(10, 99, 'a'), (20, 20, 'b'), (40, 49, 'c'), (45, 60, 'd'), (9, 5, 'x')] {
            ranges.insert(first, last, to);
        }
        let table = [
            (9, None),
            (10, Some(('a', 0))),
            (19, Some(('a', 9))),
            (20, Some(('b', 0))),
            (21, Some(('a', 11))),
            (44, Some(('c', 4))),
            (45, Some(('d', 0))),
            (61, Some(('a', 51))),
            (100, None),
        ];
        for (code, expected) in table {
            assert_eq!(ranges.get(code).map(|(to, behind)| (*to, behind)), expected, "{code}");
        }
        ranges.insert(0, u32::MAX, 'e');
        assert_eq!((ranges.len(), ranges.get(u32::MAX)), (1, Some((&'e', u32::MAX))));
    }
}

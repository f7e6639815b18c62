//! What speaks for a value: the names that hold for it, and the words near to it.

use std::cmp::Reverse;
use std::ops::BitOr;
use std::rc::Rc;

use super::spans::managed;
use crate::detect::Set;

/// The detectors that names have keywords of.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Mask(Option<Rc<[Named]>>);

/// A keyword of a detector in a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    pub(super) detector: u16,
    /// How far inside the name is, among those that are in the mask; it says more than one further out.
    pub(super) level: u16,
    /// The length of the keyword: `social insurance number` says more than `insurance number`.
    pub(super) length: u16,
}

/// Why a value is taken for what it is; what says more is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Evidence {
    /// A keyword behind it: how far away and how long.
    After(Reverse<usize>, usize),
    /// A keyword before it.
    Before(Reverse<usize>, usize),
    /// A keyword in a name: how far inside and how long.
    Named(u16, usize),
    /// The value suffices.
    Value,
}

impl Mask {
    pub(super) fn new(mut names: Vec<Named>) -> Self {
        // Of each detector the keyword that says most.
        names.sort_unstable_by_key(|named| (named.detector, Reverse((named.level, named.length))));
        names.dedup_by_key(|named| named.detector);
        Self((!names.is_empty()).then(|| names.into()))
    }

    /// The same with the lowest levels that are in this order.
    fn ranked(mut self) -> Self {
        if let Some(names) = self.0.as_mut().and_then(Rc::get_mut) {
            let mut levels: Vec<u16> = names.iter().map(|named| named.level).collect();
            levels.sort_unstable();
            levels.dedup();
            for named in names {
                named.level = (0..).zip(&levels).find(|level| *level.1 == named.level).map_or(0, |level| level.0);
            }
        }
        self
    }

    /// Whether no detector has a keyword there.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Whether all detectors that have a keyword in another have one here.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let has = |detector| self.0.iter().flat_map(|names| names.iter()).any(|named| named.detector == detector);
        other.0.iter().flat_map(|names| names.iter()).all(|named| has(named.detector))
    }

    /// The same with another one that holds for the same values, where that has more.
    pub(crate) fn joined(self, other: Self) -> Self {
        if self.covers(&other) { self } else { self | other }
    }

    /// The managed detectors that have a keyword there.
    pub(super) fn set(&self) -> Set {
        self.0.as_ref().map_or(0, |names| managed(names.iter().map(|named| named.detector)))
    }

    /// What the names say for a detector.
    pub(super) fn evidence(&self, detector: u16) -> Option<Evidence> {
        let named = self.0.as_ref()?.iter().find(|named| named.detector == detector)?;
        Some(Evidence::Named(named.level, named.length.into()))
    }

    /// What this one takes in memory if it is no other one.
    pub(super) fn weight_beside(&self, other: &Self) -> usize {
        match (&self.0, &other.0) {
            (None, _) => 0,
            (Some(own), Some(other)) if Rc::ptr_eq(own, other) => 0,
            (Some(own), _) => size_of_val(&own[..]) + 2 * size_of::<usize>(),
        }
    }
}

/// The names on the left are outside of those on the right.
impl BitOr for Mask {
    type Output = Self;

    fn bitor(self, inner: Self) -> Self {
        let (Some(outer), Some(names)) = (&self.0, &inner.0) else {
            return if self.0.is_some() { self } else { inner };
        };
        let level = outer.iter().map(|named| named.level).max().unwrap_or(0).saturating_add(1);
        let names = names.iter().map(|named| Named { level, ..*named });
        let both = Self::new(outer.iter().copied().chain(names).collect()).ranked();
        // Elements in elements of the same names share what they have.
        [self, inner].into_iter().find(|one| *one == both).unwrap_or(both)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(detectors: &[u16]) -> Mask {
        Mask::new(detectors.iter().map(|&detector| Named { detector, level: 0, length: 3 }).collect())
    }

    #[test]
    fn the_same_names_inside_take_no_more() {
        let outer = mask(&[1, 2]);
        let both = outer.clone() | mask(&[1, 2]);
        assert_eq!(both.weight_beside(&outer), 0);
        assert_eq!((mask(&[1]) | outer.clone()).weight_beside(&outer), 0);
        assert_eq!((outer.clone() | Mask::default()).weight_beside(&outer), 0);
    }

    #[test]
    fn a_name_further_inside_says_more() {
        let mut path = mask(&[1]) | mask(&[2]);
        assert!(path.evidence(2) > path.evidence(1));
        path = path | mask(&[1]);
        assert!(path.evidence(1) > path.evidence(2));
        for _ in 0..70_000 {
            path = path | mask(&[2]);
            assert!(path.evidence(2) > path.evidence(1));
            path = path | mask(&[1]);
            assert!(path.evidence(1) > path.evidence(2));
        }
    }
}

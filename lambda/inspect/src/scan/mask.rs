//! What speaks for a value: the names that hold for it, and the words near to it.

use std::cmp::Reverse;
use std::ops::BitOr;
use std::rc::Rc;

/// The detectors that names have keywords of.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Mask(Option<Rc<[Named]>>);

/// A keyword of a detector in a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    pub(super) detector: u16,
    /// How far inside the name is; it says more than one further out.
    pub(super) level: u16,
    /// The length of the keyword: `social insurance number` says more than `insurance number`.
    pub(super) length: usize,
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

    /// Whether no detector has a keyword there.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// What the names say for a detector.
    pub(super) fn evidence(&self, detector: u16) -> Option<Evidence> {
        let named = self.0.as_ref()?.iter().find(|named| named.detector == detector)?;
        Some(Evidence::Named(named.level, named.length))
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
        Self::new(outer.iter().copied().chain(names).collect())
    }
}

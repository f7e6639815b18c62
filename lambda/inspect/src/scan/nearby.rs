//! The keywords around the values in the window.
//!
//! Those of managed identifiers are sought first, in all of the text and once for all detectors: values are tried
//! only near to them ([`super::spans`]). Those of custom identifiers are looked for where a value is.

use std::cmp::Reverse;
use std::ops::Range;

use super::rows::is_divided;
use super::{Evidence, Segment};
use crate::detect::keyword::{BARRIER, Keywords, LONGEST, LONGEST_MANAGED, Occurrence};

/// How many characters may lie between a managed identifier's keyword and its value.
pub(crate) const BETWEEN: usize = 30;

/// The farthest that custom identifiers may reach.
pub(crate) const FARTHEST: usize = contract::FARTHEST;

/// How many bytes before a value its keyword may start.
pub(super) const REACH: usize = 4 * (FARTHEST + LONGEST);

/// How near a keyword has to be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Near {
    /// So many characters may lie between the keyword and the value.
    Between(usize),
    /// So many characters may lie between the end of the keyword and the end of the value behind it.
    ToEnd(usize),
}

impl Near {
    /// How many bytes before a value its keyword may start.
    fn reach(self) -> usize {
        match self {
            Self::Between(most) => 4 * (most + LONGEST_MANAGED),
            Self::ToEnd(most) => 4 * (most + LONGEST),
        }
    }
}

/// The keywords in a part of the window.
#[derive(Default)]
pub(super) struct Nearby {
    found: Vec<Occurrence>,
    /// Up to here the window was searched, and for values up to here.
    to: usize,
    end: usize,
}

impl Nearby {
    /// What the words near to a value say for a detector.
    pub(super) fn evidence(
        &mut self,
        (keywords, detector): (&Keywords, u16),
        (window, segments): (&str, &[Segment]),
        value: &Range<usize>,
        near: Near,
    ) -> Option<Evidence> {
        self.search(keywords, (window, segments), value, near.reach());
        evidence(&self.found, (keywords, detector), window, value, near)
    }

    /// Searches on as far as a keyword may be behind a value.
    fn search(
        &mut self,
        keywords: &Keywords,
        (window, segments): (&str, &[Segment]),
        value: &Range<usize>,
        reach: usize,
    ) {
        // Several detectors ask for the same value.
        if value.end <= self.end {
            return;
        }
        self.end = value.end;
        // What lies between two values that are far apart is of no interest. Most text is ASCII.
        let short = value.start.saturating_sub(reach / 4);
        let far = value.start.saturating_sub(reach);
        let ascii = window.as_bytes()[short..value.start].is_ascii();
        let from = self.to.max(if ascii { short } else { far });
        let near = (value.end + BETWEEN + 1).min(window.len());
        let ascii = window.as_bytes()[value.end..near].is_ascii();
        let to = if ascii { near } else { (value.end + 4 * (BETWEEN + 1)).min(window.len()) };
        if to > from {
            keywords.find(window, from..to, |occurrence| {
                if !is_divided(segments, window, &occurrence.place) {
                    self.found.push(occurrence);
                }
            });
            self.to = to;
        }
    }

    /// Follows the window, whose first bytes were dropped.
    pub(super) fn shift(&mut self, bytes: usize) {
        self.found.retain_mut(|found| {
            let inside = found.place.start >= bytes;
            found.place = found.place.start.saturating_sub(bytes)..found.place.end.saturating_sub(bytes);
            inside
        });
        self.to = self.to.saturating_sub(bytes);
        self.end = self.end.saturating_sub(bytes);
    }
}

/// What the nearest of some keywords says for a detector's value.
pub(super) fn evidence(
    found: &[Occurrence],
    (keywords, detector): (&Keywords, u16),
    window: &str,
    value: &Range<usize>,
    near: Near,
) -> Option<Evidence> {
    let first = found.partition_point(|found| found.place.start + near.reach() < value.start);
    let candidates = found[first..].iter().take_while(|found| found.place.start <= value.end + 4 * BETWEEN);
    let candidates = candidates.filter(|found| keywords.belongs(found, detector));
    candidates.filter_map(|found| weigh(found, window, value, near)).max()
}

/// What a keyword says for a value, if it is near.
fn weigh(found: &Occurrence, window: &str, value: &Range<usize>, near: Near) -> Option<Evidence> {
    let length = found.place.len();
    let before = found.place.end <= value.start;
    let (gap, most) = match near {
        Near::Between(most) if before => (found.place.end..value.start, most),
        Near::Between(most) => (value.end..found.place.start, most),
        Near::ToEnd(most) => (found.place.end..value.end, most),
    };
    let gap = window.get(gap).filter(|gap| gap.len() <= 4 * most && !gap.contains(BARRIER))?;
    let distance = gap.chars().count();
    if distance > most || (matches!(near, Near::ToEnd(_)) && !before) {
        return None;
    }
    let distance = Reverse(distance);
    Some(if before { Evidence::Before(distance, length) } else { Evidence::After(distance, length) })
}

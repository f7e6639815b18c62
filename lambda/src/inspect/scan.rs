//! The scanner: runs all detectors over the text that the checkers pass on.
//!
//! Text gathers in a window that slides over the file, by steps that do not depend
//! on the pieces it comes in. Each place where a value may start is tried once, when
//! all it may depend on is in the window: a reach of text before it, a margin behind
//! it. A new segment (a cell, a JSON value, an XML element) ends every value, and
//! brings the names that hold for it.
//!
//! A value is one occurrence of one managed identifier: that for which most speaks
//! ([`Evidence`]). Custom identifiers are counted on their own.

mod custom;
mod header;
mod mask;
mod nearby;
mod place;
mod plain;
mod position;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::ops::Range;

use super::detectors::{Detectors, Found, Set};
use super::keyword;
use super::verdict::Finding;
use header::Header;
pub(super) use mask::Mask;
use mask::{Evidence, Named};
pub(super) use nearby::{BETWEEN, FARTHEST, Near};
use nearby::{Nearby, REACH};
pub(super) use place::Place;
use plain::plain;
use position::Position;

/// How much new text is gathered before it is scanned.
const BATCH: usize = 32 << 10;

/// How much text there is behind a place that is tried, unless the file ends.
const MARGIN: usize = 4096;

/// Letters and digits of ASCII.
static IN_WORD: [bool; 256] = {
    let (mut table, mut byte) = ([false; 256], 0_u8);
    while byte < 0x80 {
        table[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    table
};

/// As much of a name as is looked at for keywords, in bytes.
const NAME: usize = 256;

/// How many names are remembered with their keywords.
const NAMES: usize = 4096;

struct Segment {
    start: usize,
    names: Mask,
    place: Place,
}

#[derive(Clone, Default)]
struct Tally {
    count: u64,
    locations: Vec<String>,
}

/// Finds sensitive data in a stream of text.
pub(super) struct Scanner {
    detectors: Detectors,
    /// One for each identifier.
    tallies: Vec<Tally>,
    /// Where in the window the last value of each detector ended, counted or not.
    ends: Vec<usize>,
    /// Where in the window the last value ended that was counted.
    claimed: usize,
    window: String,
    /// Up to here the window was scanned.
    done: usize,
    segments: Vec<Segment>,
    position: Position,
    header: Header,
    nearby: Nearby,
    customs: Vec<custom::State>,
    names: HashMap<String, Mask>,
    locations: usize,
}

impl Scanner {
    pub(super) fn new(detectors: &Detectors, locations: usize) -> Self {
        Self {
            tallies: vec![Tally::default(); detectors.identities().len()],
            ends: vec![0; Detectors::managed().len()],
            claimed: 0,
            window: String::new(),
            done: 0,
            segments: vec![Segment { start: 0, names: Mask::default(), place: Place::Text }],
            position: Position::default(),
            header: Header::default(),
            nearby: Nearby::default(),
            customs: detectors.customs().iter().map(|_| custom::State::default()).collect(),
            names: HashMap::new(),
            locations,
            detectors: detectors.clone(),
        }
    }

    /// Adds text to the segment.
    pub(super) fn text(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let full = self.done + BATCH + MARGIN;
            let room = rest.floor_char_boundary(full.saturating_sub(self.window.len()));
            let next = rest.ceil_char_boundary(1);
            let (part, more) = rest.split_at(room.max(next));
            if part.is_ascii() {
                self.window.push_str(part);
            } else {
                self.window.extend(part.chars().map(plain));
            }
            rest = more;
            if self.window.len() >= full {
                self.scan(self.window.len() - MARGIN);
            }
        }
    }

    /// Starts a segment: text that is no part of the text before.
    pub(super) fn begin(&mut self, names: Mask, place: Place) {
        self.text("\n");
        self.segments.push(Segment { start: self.window.len(), names, place });
    }

    /// Ends a record: what was before is not near to what will follow.
    pub(super) fn separate(&mut self) {
        if !self.window.ends_with(keyword::BARRIER) {
            self.text("\n");
            // In text it would be replaced. There is room: the window is less than full.
            self.window.push(keyword::BARRIER);
        }
    }

    /// Takes the header line of a text, which names the columns under it.
    pub(super) fn header(&mut self, line: &str, number: u64) {
        let line: String = line.chars().map(plain).collect();
        self.header = Header::new(&line, number, self.detectors.keywords());
    }

    /// The detectors that have a keyword in a name.
    pub(super) fn names(&mut self, name: &str) -> Mask {
        let name = &name[..name.floor_char_boundary(NAME)];
        if let Some(names) = self.names.get(name) {
            return names.clone();
        }
        let (mut all, keywords) = (Vec::new(), self.detectors.keywords());
        let text: String = name.chars().map(plain).collect();
        keywords.find(&text, 0..text.len(), |found| {
            let length = found.place.len();
            let entry = |&detector: &u16| Named { detector, level: 0, length };
            all.extend(keywords.detectors(&found).iter().map(entry));
        });
        let names = Mask::new(all);
        if self.names.len() >= NAMES {
            self.names.clear();
        }
        self.names.insert(name.to_owned(), names.clone());
        names
    }

    /// What was found in all of the text.
    pub(super) fn finish(mut self) -> Vec<Finding> {
        self.scan(self.window.len());
        let found = self.detectors.identities().iter().zip(self.tallies);
        found
            .filter_map(|(identity, tally)| {
                let severity = identity.severity(tally.count)?;
                let identifier = identity.name.clone();
                Some(Finding { identifier, severity, count: tally.count, locations: tally.locations })
            })
            .collect()
    }

    /// Tries each place up to a limit, and drops what is out of reach then.
    fn scan(&mut self, limit: usize) {
        let limit = self.window.floor_char_boundary(limit);
        let detectors = self.detectors.clone();
        let start = self.position;
        let mut continued = self.window[..self.done].ends_with(char::is_alphanumeric);
        let mut at = self.done;
        while at < limit {
            let bytes = self.window.as_bytes();
            let byte = bytes[at];
            let run = bytes[at..].iter().take_while(|&&byte| IN_WORD[usize::from(byte)]).count();
            if run > 0 {
                if !continued && at >= self.claimed {
                    let set = detectors.starting(&bytes[at..at + run], bytes.get(at + run).copied());
                    self.probe(&detectors, at, set);
                }
                continued = true;
                at += run;
            } else if byte.is_ascii() {
                let set = detectors.starting_with(byte);
                if set != 0 && at >= self.claimed {
                    self.probe(&detectors, at, set);
                }
                continued = false;
                at += 1;
            } else {
                let character = self.window[at..].chars().next().unwrap_or(char::REPLACEMENT_CHARACTER);
                continued = character.is_alphanumeric();
                at += character.len_utf8();
            }
        }
        self.scan_customs(&detectors, limit, start);
        self.done = limit;
        self.slide();
    }

    /// Tries the detectors of a set at a place.
    fn probe(&mut self, detectors: &Detectors, at: usize, mut set: Set) {
        if set == 0 {
            return;
        }
        let mut best: Option<(Evidence, u16, Found)> = None;
        let mut place = None;
        while set != 0 {
            let number = set.trailing_zeros() as usize;
            set &= set - 1;
            // A value is not looked for inside another one.
            if at < self.ends[number] {
                continue;
            }
            let Some(found) = (Detectors::managed()[number].find)(&self.window, at) else {
                continue;
            };
            self.ends[number] = found.end;
            // There are few managed detectors.
            let detector = u16::try_from(number).unwrap_or(u16::MAX);
            let segment = *place.get_or_insert_with(|| self.segment(at));
            let evidence =
                if found.sure { Some(Evidence::Value) } else { self.evidence(detector, segment, &(at..found.end)) };
            if let Some(evidence) = evidence
                && best.as_ref().is_none_or(|best| evidence > best.0)
            {
                best = Some((evidence, detector, found));
            }
        }
        if let Some((_, detector, found)) = best {
            self.claimed = found.end;
            let segment = self.segment(at);
            if matches!(self.segments[segment].place, Place::Text) {
                self.position.advance(&self.window, at, self.header.sign());
            }
            self.count(detectors.identity(detector, found.variant), segment, self.position);
        }
    }

    /// The segment of a place.
    fn segment(&self, at: usize) -> usize {
        self.segments.partition_point(|segment| segment.start <= at) - 1
    }

    /// What speaks for a value of a managed identifier.
    fn evidence(&mut self, detector: u16, segment: usize, value: &Range<usize>) -> Option<Evidence> {
        let segment = &self.segments[segment];
        let named = segment.names.evidence(detector).or_else(|| {
            if !matches!(segment.place, Place::Text) || self.header.is_empty() {
                return None;
            }
            self.position.advance(&self.window, value.start, self.header.sign());
            let (text, rest) = self.window[value.start..].split_at(value.len());
            self.header.evidence(detector, self.position, text, rest)
        });
        let keywords = (self.detectors.keywords(), detector);
        named.or_else(|| self.nearby.evidence(keywords, &self.window, value, Near::Between(BETWEEN)))
    }

    /// Counts a value.
    fn count(&mut self, identity: usize, segment: usize, position: Position) {
        let tally = &mut self.tallies[identity];
        tally.count += 1;
        if tally.locations.len() < self.locations {
            tally.locations.push(self.segments[segment].place.describe(position));
        }
    }

    /// Drops the text and the segments that nothing can depend on any more.
    fn slide(&mut self) {
        let cut = self.window.floor_char_boundary(self.done.saturating_sub(REACH));
        let current = self.segment(self.done);
        if matches!(self.segments[current].place, Place::Text) {
            self.position.advance(&self.window, self.done, self.header.sign());
        }
        self.window.drain(..cut);
        self.segments.drain(..current);
        self.done -= cut;
        self.position.shift(cut);
        self.nearby.shift(cut);
        for segment in &mut self.segments {
            segment.start = segment.start.saturating_sub(cut);
        }
        let ends = self.customs.iter_mut().map(|custom| custom.shift(cut));
        for end in self.ends.iter_mut().chain([&mut self.claimed]).chain(ends) {
            *end = end.saturating_sub(cut);
        }
    }
}

#[cfg(test)]
pub(super) use tests::{count, found};

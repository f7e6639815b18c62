//! The scanner: runs all detectors over the text that the checkers pass on.
//!
//! Text gathers in a window that slides over the file. Each place where a value
//! may start is tried once, when all it may depend on is in the window: a reach of
//! text before it, a margin behind it. A new segment (a cell, a JSON value, an
//! XML element) ends every value, and brings the names that hold for it.

mod header;
mod member;
mod place;
mod plain;
mod position;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use super::detectors::Detector;
use super::keyword;
use super::verdict::Finding;
use header::Header;
pub(super) use place::Place;
use plain::plain;
use position::Position;

/// A set of detectors, one bit for each.
pub(super) type Mask = u64;

/// How much new text is gathered before it is scanned.
const BATCH: usize = 32 << 10;

/// How much text must follow a place before it is tried: a value and its reach.
const MARGIN: usize = 1024;

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
    /// Where in the window the last value ended.
    end: usize,
}

/// Finds sensitive data in a stream of text.
pub(super) struct Scanner {
    detectors: &'static [Detector],
    /// For each byte the detectors whose values may start with it.
    starts: [Mask; 256],
    tallies: Vec<Tally>,
    window: String,
    /// Up to here the window was scanned.
    done: usize,
    segments: Vec<Segment>,
    position: Position,
    header: Header,
    names: HashMap<String, Mask>,
    locations: usize,
    /// The names of the containers' members that are open.
    members: Vec<String>,
}

impl Scanner {
    pub(super) fn new(detectors: &'static [Detector], locations: usize) -> Self {
        let mut starts = [0; 256];
        for byte in 0..=u8::MAX {
            for (bit, detector) in detectors.iter().enumerate().take(64) {
                starts[usize::from(byte)] |= Mask::from((detector.starts)(byte)) << bit;
            }
        }
        Self {
            detectors,
            starts,
            tallies: vec![Tally::default(); detectors.len()],
            window: String::new(),
            done: 0,
            segments: vec![Segment { start: 0, names: 0, place: Place::Text }],
            position: Position::default(),
            header: Header::default(),
            names: HashMap::new(),
            locations,
            members: Vec::new(),
        }
    }

    /// Adds text to the segment.
    pub(super) fn text(&mut self, text: &str) {
        if text.is_ascii() {
            self.window.push_str(text);
        } else {
            self.window.extend(text.chars().map(plain));
        }
        self.catch_up();
    }

    /// Scans when there is enough to scan.
    fn catch_up(&mut self) {
        if self.window.len() - self.done > BATCH + MARGIN {
            self.scan(self.window.len() - MARGIN);
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
            self.window.push(keyword::BARRIER);
            self.catch_up();
        }
    }

    /// Takes the header line of a text, which names the columns under it.
    pub(super) fn header(&mut self, line: &str, number: u64) {
        self.header = Header::new(&line.chars().map(plain).collect::<String>(), number, self.detectors);
    }

    /// The detectors that have a keyword in a name.
    pub(super) fn names(&mut self, name: &str) -> Mask {
        let name = &name[..name.floor_char_boundary(NAME)];
        if let Some(&names) = self.names.get(name) {
            return names;
        }
        let mut names = 0;
        for (bit, detector) in self.detectors.iter().enumerate() {
            names |= Mask::from(keyword::within(name, detector.keywords)) << bit;
        }
        if self.names.len() >= NAMES {
            self.names.clear();
        }
        self.names.insert(name.to_owned(), names);
        names
    }

    /// What was found in all of the text.
    pub(super) fn finish(mut self) -> Vec<Finding> {
        self.scan(self.window.len());
        let found = self.detectors.iter().zip(self.tallies);
        found
            .filter(|(detector, tally)| tally.count > 0 && tally.count >= detector.at_least)
            .map(|(detector, tally)| Finding {
                identifier: detector.identifier,
                count: tally.count,
                locations: tally.locations,
            })
            .collect()
    }

    /// Tries each place up to a limit, and drops what is out of reach then.
    fn scan(&mut self, limit: usize) {
        let limit = self.window.floor_char_boundary(limit);
        let mut continued = self.window[..self.done].ends_with(char::is_alphanumeric);
        let mut at = self.done;
        while at < limit {
            let byte = self.window.as_bytes()[at];
            let starts = self.starts[usize::from(byte)];
            if !continued && starts != 0 {
                self.probe(at, starts);
            }
            if byte.is_ascii() {
                continued = byte.is_ascii_alphanumeric();
                at += 1;
            } else {
                let character = self.window[at..].chars().next().unwrap_or(char::REPLACEMENT_CHARACTER);
                continued = character.is_alphanumeric();
                at += character.len_utf8();
            }
        }
        self.done = limit;
        self.slide();
    }

    /// Tries the detectors of a set at one place.
    fn probe(&mut self, at: usize, mut set: Mask) {
        while set != 0 {
            let bit = set.trailing_zeros() as usize;
            set &= set - 1;
            let detector = &self.detectors[bit];
            // A value is not looked for inside another one.
            if at < self.tallies[bit].end {
                continue;
            }
            let ends = (detector.pattern)(&self.window, at);
            let Some(end) = ends.into_iter().find(|&end| (detector.check)(&self.window[at..end])) else {
                continue;
            };
            self.tallies[bit].end = end;
            self.hit(bit, at, end);
        }
    }

    /// Counts a value if it needs no keyword or has one.
    fn hit(&mut self, bit: usize, at: usize, end: usize) {
        let segment = self.segments.partition_point(|segment| segment.start <= at) - 1;
        let segment = &self.segments[segment];
        let keywords = self.detectors[bit].keywords;
        let is_text = matches!(segment.place, Place::Text);
        if is_text {
            self.position.advance(&self.window, at, self.header.sign());
        }
        let (value, rest) = self.window[at..].split_at(end - at);
        let named = keywords.is_empty()
            || segment.names >> bit & 1 == 1
            || keyword::near(&self.window, &(at..end), keywords)
            || (is_text && self.header.covers(bit, self.position, value, rest));
        if !named {
            return;
        }
        let place = segment.place.describe(self.position);
        self.count(bit, &place);
    }

    /// Drops the text and the segments that nothing can depend on any more.
    fn slide(&mut self) {
        let cut = self.window.floor_char_boundary(self.done.saturating_sub(keyword::REACH));
        let current = self.segments.partition_point(|segment| segment.start <= self.done) - 1;
        if matches!(self.segments[current].place, Place::Text) {
            self.position.advance(&self.window, self.done, self.header.sign());
        }
        self.window.drain(..cut);
        self.segments.drain(..current);
        self.done -= cut;
        self.position.shift(cut);
        for segment in &mut self.segments {
            segment.start = segment.start.saturating_sub(cut);
        }
        for tally in &mut self.tallies {
            tally.end = tally.end.saturating_sub(cut);
        }
    }
}

#[cfg(test)]
pub(super) use tests::count;

//! The scanner: runs all detectors over the text that the checkers pass on.
//!
//! Text gathers in a window that slides over the file, by steps that do not depend
//! on the pieces it comes in. Each place where a value may start is tried once, when
//! all it may depend on is in the window: a reach of text before it, a margin behind
//! it. A new segment (a cell, a JSON value, an XML element) ends every value, and
//! brings the names that hold for it.
//!
//! Nearly every identifier needs a keyword. So the text is searched for these first, and for what the few others begin
//! with; values are tried near to what was found, and where a name holds ([`spans`]). Lines, characters and cells are
//! counted, and ways to fields put together, only for what is reported.
//!
//! What stands in the text in another notation, as base64 in a mail, is decoded and scanned by itself ([`encoded`]).
//!
//! A value is one occurrence of one managed identifier: that for which most speaks
//! ([`Evidence`]). Custom identifiers are counted on their own.

mod beside;
mod custom;
mod echo;
mod encoded;
mod header;
pub(crate) mod loose;
mod markup;
mod mask;
mod member;
mod nearby;
pub(crate) mod path;
mod place;
mod plain;
mod position;
mod probe;
mod recent;
mod records;
mod rows;
mod spans;
mod strings;
#[cfg(test)]
mod tests;
pub(crate) mod value;

use std::collections::HashMap;
use std::mem;

use crate::detect::Detectors;
use crate::detect::keyword;
use crate::verdict::Finding;
use echo::Echoes;
use encoded::Encoded;
pub(crate) use encoded::{Kin, Unread};
use header::Header;
pub(crate) use header::HeaderLine;
pub(crate) use markup::Markup;
pub(crate) use mask::Mask;
use mask::{Evidence, Named};
use nearby::REACH;
pub(crate) use nearby::{BETWEEN, Near};
pub(crate) use place::Place;
use plain::{plainly, push_plain};
use position::Position;
use recent::Recent;
pub(crate) use records::{Record, Records, SLOTS, Slot, Slots};
pub(crate) use rows::{NamedCell, Row};
use spans::{Sought, Span};
pub(crate) use strings::Strings;

/// How much new text is gathered before it is scanned.
const BATCH: usize = 32 << 10;

/// How much text there is behind a place that is tried, unless the file ends.
const MARGIN: usize = 4096;

/// How many segments are gathered before they are scanned: each brings its place.
const SEGMENTS: usize = 8192;

/// As much of a name as is looked at for keywords, in bytes.
const NAME: usize = 256;

/// How many names are remembered with their keywords.
const NAMES: usize = 4096;

struct Segment {
    start: usize,
    names: Mask,
    place: Place,
    /// It may repeat what other segments have: see [`Scanner::echo`].
    echo: bool,
}

impl Segment {
    /// The segment that a text starts with.
    fn first() -> Self {
        Self { start: 0, names: Mask::default(), place: Place::Text, echo: false }
    }
}

#[derive(Clone, Default)]
struct Tally {
    count: u64,
    locations: Vec<String>,
}

/// What was found up to a place in the text, and in what stands in it in another notation.
#[derive(Default)]
pub(crate) struct Tallies {
    own: Vec<(u64, usize)>,
    inside: Option<Box<Tallies>>,
}

/// Finds sensitive data in a stream of text.
pub(crate) struct Scanner {
    detectors: Detectors,
    /// One for each identifier.
    tallies: Vec<Tally>,
    echoes: Echoes,
    echo: bool,
    /// Where in the window the last value of each detector ended, counted or not.
    ends: Vec<usize>,
    /// Where in the window the last value ended that was counted.
    claimed: usize,
    window: String,
    /// Up to here the window was scanned.
    done: usize,
    segments: Vec<Segment>,
    /// How many more segments there would be if each cell of a row had its own.
    cells: usize,
    /// The segment of the place that is tried.
    current: usize,
    position: Position,
    header: Header,
    sought: Sought,
    encoded: Encoded,
    /// How many notations this text is in.
    depth: usize,
    /// What is in another notation and was not looked at, if anything is.
    unread: Option<Unread>,
    /// The scanner of texts that repeat this one.
    beside: Option<Box<Self>>,
    /// Where values were tried last: kept for its memory.
    spans: Vec<Span>,
    customs: Vec<custom::State>,
    names: HashMap<String, Mask>,
    recent: Recent<Mask>,
    locations: usize,
    /// The names of the containers' members that are open.
    members: Vec<String>,
}

impl Scanner {
    pub(crate) fn new(detectors: &Detectors, locations: usize) -> Self {
        Self {
            tallies: vec![Tally::default(); detectors.identities().len()],
            echoes: Echoes::new(detectors.identities().len()),
            echo: false,
            ends: vec![0; Detectors::managed().len()],
            claimed: 0,
            window: String::new(),
            done: 0,
            segments: vec![Segment::first()],
            cells: 0,
            current: 0,
            position: Position::default(),
            header: Header::default(),
            sought: Sought::default(),
            encoded: Encoded::default(),
            depth: 0,
            unread: None,
            beside: None,
            spans: Vec::new(),
            customs: detectors.customs().iter().map(|_| custom::State::default()).collect(),
            names: HashMap::new(),
            recent: Recent::default(),
            locations,
            detectors: detectors.clone(),
            members: Vec::new(),
        }
    }

    /// Adds text to the segment.
    pub(crate) fn text(&mut self, text: &str) {
        if self.window.len() + text.len() < self.done + BATCH + MARGIN {
            return push_plain(&mut self.window, text);
        }
        let mut rest = text;
        while !rest.is_empty() {
            let full = self.done + BATCH + MARGIN;
            let room = rest.floor_char_boundary(full.saturating_sub(self.window.len()));
            let next = rest.ceil_char_boundary(1);
            let (part, more) = rest.split_at(room.max(next));
            push_plain(&mut self.window, part);
            rest = more;
            if self.window.len() >= full {
                self.scan(self.window.len() - MARGIN);
            }
        }
    }

    /// Starts a segment: text that is no part of the text before.
    pub(crate) fn begin(&mut self, names: Mask, place: Place) {
        self.break_line();
        self.segments.push(Segment { start: self.window.len(), names, place, echo: self.echo });
    }

    /// Goes on with the same text, in which these names hold from here on.
    pub(crate) fn go_on(&mut self, names: Mask) {
        self.segments.push(Segment { start: self.window.len(), names, place: Place::Text, echo: self.echo });
    }

    /// Adds a line end; there is one for each cell of a table.
    fn break_line(&mut self) {
        self.window.push('\n');
        let full = self.window.len() >= self.done + BATCH + MARGIN;
        if full || (self.segments.len() + self.cells >= SEGMENTS && self.window.len() > self.done + MARGIN) {
            self.scan(self.window.len() - MARGIN);
        }
    }

    /// Ends a record: what was before is not near to what will follow.
    pub(crate) fn separate(&mut self) {
        if !self.window.ends_with(keyword::BARRIER) {
            self.break_line();
            // In text it would be replaced. There is room: the window is less than full.
            self.window.push(keyword::BARRIER);
        }
    }

    /// Ends a record, and says what was found so far.
    pub(crate) fn tally(&mut self) -> Tallies {
        self.separate();
        self.scan(self.window.len());
        self.end_encoded();
        let own = self.tallies.iter().map(|tally| (tally.count, tally.locations.len())).collect();
        Tallies { own, inside: self.encoded.inside().map(|inside| Box::new(inside.tally())) }
    }

    /// Ends a record that was the one before in another order: of each identifier the view with more counts.
    pub(crate) fn count_once(&mut self, before: &Tallies, between: &Tallies) {
        self.tally();
        let zero = (0, 0);
        for (number, tally) in self.tallies.iter_mut().enumerate() {
            let [before, between] = [before, between].map(|tallies| *tallies.own.get(number).unwrap_or(&zero));
            let (first, second) = (between.0 - before.0, tally.count - between.0);
            tally.count = before.0 + first.max(second);
            if first >= second {
                tally.locations.truncate(between.1);
            } else {
                tally.locations.drain(before.1..between.1);
            }
        }
        if let Some(inside) = self.encoded.inside() {
            let none = Tallies::default();
            let [before, between] = [before, between].map(|tallies| tallies.inside.as_deref().unwrap_or(&none));
            inside.count_once(before, between);
        }
    }

    /// Takes a header line of a text, which names the columns under it; false if it has no keyword.
    pub(crate) fn header(&mut self, line: &str, number: u64) -> bool {
        let line = plainly(line);
        let header = Header::new(&line, number, self.detectors.keywords());
        let named = !header.is_empty();
        if named {
            self.header = header.below(std::mem::take(&mut self.header));
        }
        named
    }

    /// The detectors that have a keyword in a name.
    pub(crate) fn names(&mut self, name: &str) -> Mask {
        let name = &name[..name.floor_char_boundary(NAME)];
        if let Some(names) = self.recent.get(name) {
            return names.clone();
        }
        let names = self.all_names(name);
        self.recent.insert(name, names.clone());
        names
    }

    fn all_names(&mut self, name: &str) -> Mask {
        if let Some(names) = self.names.get(name) {
            return names.clone();
        }
        let (mut all, keywords) = (Vec::new(), self.detectors.keywords());
        let text = plainly(name);
        keywords.find(&text, 0..text.len(), |found| {
            // A name is looked at no further.
            let length = u16::try_from(found.place.len()).unwrap_or(u16::MAX);
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

    /// What was found in all of the text, and what is in it and was not looked at.
    pub(crate) fn finish_mail(mut self) -> (Vec<Finding>, Option<Unread>) {
        let accounts = self.accounts();
        let unread = self.unread;
        (self.findings(accounts), unread)
    }

    /// What was found in all of the text.
    #[cfg(test)]
    pub(crate) fn finish(self) -> Vec<Finding> {
        self.finish_mail().0
    }

    fn findings(&self, (own, echoes): (Vec<Tally>, Vec<Tally>)) -> Vec<Finding> {
        let tallies = own.into_iter().zip(echoes).map(Tally::or_echo);
        let found = self.detectors.identities().iter().zip(tallies);
        found
            .filter_map(|(identity, tally)| {
                let severity = identity.severity(tally.count)?;
                let identifier = identity.name.clone();
                Some(Finding { identifier, severity, count: tally.count, locations: tally.locations })
            })
            .collect()
    }

    /// The two accounts at the end, with those of what was in another notation.
    fn accounts(&mut self) -> (Vec<Tally>, Vec<Tally>) {
        self.scan(self.window.len());
        self.end_encoded();
        let mut accounts = (mem::take(&mut self.tallies), mem::take(&mut self.echoes.tallies));
        if let Some(inside) = self.encoded.inside() {
            let (own, echoes) = inside.accounts();
            self.unread = self.unread.or(inside.unread);
            let pairs = accounts.0.iter_mut().zip(own).chain(accounts.1.iter_mut().zip(echoes));
            for (tally, more) in pairs {
                let room = self.locations.saturating_sub(tally.locations.len());
                tally.count += more.count;
                tally.locations.extend(more.locations.into_iter().take(room));
            }
        }
        accounts
    }

    /// Drops the text and the segments that nothing can depend on any more.
    fn slide(&mut self) {
        let cut = self.window.floor_char_boundary(self.done.saturating_sub(REACH.max(encoded::BEFORE)));
        let current = self.segment(self.done);
        if matches!(self.segments[current].place, Place::Text) {
            self.position.advance(&self.window, self.done, self.header.sign());
        }
        self.segments.drain(..current);
        self.cut_rows(cut);
        self.window.drain(..cut);
        self.current = 0;
        self.done -= cut;
        self.position.shift(cut);
        self.sought.shift(cut);
        self.encoded.shift(cut);
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
pub(crate) use tests::{count, found};

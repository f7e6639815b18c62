//! The places of the window, one after the other, and what values there are.

use std::ops::Range;

use super::position::Position;
use super::spans::Span;
use super::{BETWEEN, Evidence, Near, Place, Scanner, nearby};
use crate::detect::{Detectors, Found, Set, escape, is_joined};

/// Letters and digits of ASCII.
static IN_WORD: [bool; 256] = {
    let (mut table, mut byte) = ([false; 256], 0_u8);
    while byte < 0x80 {
        table[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    table
};

impl Scanner {
    /// Tries the places up to a limit where a value may be, and drops what is out of reach then.
    pub(super) fn scan(&mut self, limit: usize) {
        let limit = self.window.floor_char_boundary(limit);
        let detectors = self.detectors.clone();
        let start = self.position;
        let spans = self.spans(&detectors, limit);
        self.decode(limit);
        self.try_spans(&detectors, &spans);
        self.spans = spans;
        self.scan_customs(&detectors, limit, start);
        self.done = limit;
        self.slide();
    }

    /// Tries what overlaps together, and in the order of the text.
    pub(super) fn try_spans(&mut self, detectors: &Detectors, spans: &[Span]) {
        let mut spans = spans.iter().peekable();
        let mut open: Vec<Span> = Vec::new();
        let mut at = self.done;
        let escapes = self.sought.may_escape(at);
        loop {
            open.retain(|span| span.end > at);
            if open.is_empty()
                && let Some(next) = spans.peek()
            {
                at = at.max(next.start);
            }
            while let Some(next) = spans.next_if(|next| next.start <= at) {
                open.push(*next);
            }
            let Some(end) = open.iter().map(|span| span.end).min() else { return };
            let end = spans.peek().map_or(end, |next| next.start.min(end));
            let set = open.iter().fold(0, |set, span| set | span.set);
            at = self.try_part(detectors, at..end.max(at), (set, escapes));
        }
    }

    /// Tries each place of a part for the detectors of a set; returns where to go on. `escapes`: there may be some.
    fn try_part(&mut self, detectors: &Detectors, part: Range<usize>, (only, escapes): (Set, bool)) -> usize {
        let mut at = part.start;
        while let Some(rest) = self.window.as_bytes().get(at..part.end) {
            let Some(ahead) = detectors.next_start(rest, only) else { break };
            at += ahead;
            let bytes = self.window.as_bytes();
            let byte = bytes[at];
            let run = bytes[at..].iter().take_while(|&&byte| IN_WORD[usize::from(byte)]).count();
            if run > 0 {
                // No value starts inside of a word, but behind an escape.
                let escape = if escapes { escape::last_end(bytes, at) } else { None };
                if at >= self.claimed && (escape == Some(at) || !self.continues(at)) {
                    let set = detectors.starting(&bytes[at..at + run], bytes.get(at + run).copied());
                    self.probe(detectors, at, set & only);
                }
                at = escape.filter(|&end| end > at && end < at + run).unwrap_or(at + run);
            } else {
                if byte.is_ascii() && at >= self.claimed {
                    self.probe(detectors, at, detectors.starting_with(byte) & only);
                }
                at += 1;
            }
        }
        self.window.ceil_char_boundary(at.max(part.end))
    }

    /// Whether a letter or a digit is before a place.
    fn continues(&self, at: usize) -> bool {
        match at.checked_sub(1).map(|before| self.window.as_bytes()[before]) {
            Some(byte) if !byte.is_ascii() => self.window[..at].ends_with(char::is_alphanumeric),
            before => before.is_some_and(|byte| IN_WORD[usize::from(byte)]),
        }
    }

    /// Tries the detectors of a set at a place.
    fn probe(&mut self, detectors: &Detectors, at: usize, mut set: Set) {
        if set == 0 {
            return;
        }
        let mut best: Option<(Evidence, u16, Found)> = None;
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
            let segment = self.advance(at);
            let evidence =
                if found.sure { Some(Evidence::Value) } else { self.evidence(detector, segment, &(at..found.end)) };
            if let Some(evidence) = evidence
                && best.as_ref().is_none_or(|best| evidence > best.0)
            {
                best = Some((evidence, detector, found));
            }
        }
        if let Some((_, detector, found)) = best {
            // Where a plus joins, what is behind it may be another value than a phone number.
            if !(self.window[at..].starts_with('+') && is_joined(&self.window.as_bytes()[..at])) {
                self.claimed = found.end;
            }
            let segment = self.advance(at);
            if matches!(self.segments[segment].place, Place::Text) {
                self.position.advance(&self.window, at, self.header.sign());
            }
            self.count(detectors.identity(detector, found.variant), segment, self.position, at..found.end);
        }
    }

    /// The segment of a place that is not before the last one.
    fn advance(&mut self, at: usize) -> usize {
        while self.segments.get(self.current + 1).is_some_and(|next| next.start <= at) {
            self.current += 1;
        }
        self.current
    }

    /// The segment of any place.
    pub(super) fn segment(&self, at: usize) -> usize {
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
        let found = self.sought.keywords();
        named.or_else(|| nearby::evidence(found, keywords, &self.window, value, Near::Between(BETWEEN)))
    }

    /// Counts a value.
    pub(super) fn count(&mut self, identity: usize, segment: usize, position: Position, value: Range<usize>) {
        let echo = self.segments[segment].echo;
        if echo && !self.echoes.is_new(identity, &self.window[value.clone()]) {
            return;
        }
        let tallies = if echo { &self.echoes.tallies } else { &self.tallies };
        let wanted = tallies[identity].locations.len() < self.locations;
        let place = wanted.then(|| self.located(&self.place(segment, value.start).describe(position)));
        let tallies = if echo { &mut self.echoes.tallies } else { &mut self.tallies };
        let tally = &mut tallies[identity];
        tally.count += 1;
        tally.locations.extend(place);
    }
}

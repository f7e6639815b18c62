//! Custom identifiers over the window.
//!
//! Their expressions run over the text as it is in the window, which never depends
//! on the pieces that the file comes in. A match of up to [`super::MARGIN`] bytes is
//! found wherever it lies; a longer one counts as far as the window reaches.

use super::nearby::Nearby;
use super::position::Position;
use super::{Evidence, Near, Place, Scanner};
use crate::detect::keyword::BARRIER;
use crate::detect::{Custom, Detectors};
use memchr::memchr;
use std::ops::Range;

/// What is remembered for one custom identifier.
#[derive(Default)]
pub(super) struct State {
    /// Where in the window its last match ended.
    end: usize,
    nearby: Nearby,
}

impl State {
    /// Follows the window, whose first bytes were dropped; the end is left to the caller.
    pub(super) fn shift(&mut self, bytes: usize) -> &mut usize {
        self.nearby.shift(bytes);
        &mut self.end
    }
}

impl Scanner {
    /// Runs the custom identifiers up to a limit; `start` is the position where the scan begins.
    pub(super) fn scan_customs(&mut self, detectors: &Detectors, limit: usize, start: Position) {
        for (number, custom) in detectors.customs().iter().enumerate() {
            let mut position = start;
            let mut at = self.customs[number].end.max(self.done);
            while let Some(found) = self.next_match(custom, &mut at, limit) {
                if custom.ignores(&self.window[found.clone()]) {
                    continue;
                }
                let segment = self.segment(found.start);
                let is_text = matches!(self.segments[segment].place, Place::Text);
                if is_text {
                    position.advance(&self.window, found.start, self.header.sign());
                }
                if custom.needs_keyword() && self.custom_evidence(number, custom, position, &found).is_none() {
                    continue;
                }
                self.count(custom.identity, segment, position, found);
            }
            self.customs[number].end = at;
        }
    }

    /// The next match that starts before a limit and stays inside its segment.
    fn next_match(&self, custom: &Custom, at: &mut usize, limit: usize) -> Option<Range<usize>> {
        while *at < limit {
            let found = custom.regex.find_at(&self.window, *at).filter(|found| found.start() < limit)?;
            let end = self.end_of_segment(found.start());
            // Where the match leaves its segment, a shorter one may be inside.
            let found =
                if found.end() <= end { Some(found) } else { custom.regex.find_at(&self.window[..end], found.start()) };
            let Some(found) = found else {
                *at = self.window.ceil_char_boundary(end + 1);
                continue;
            };
            if found.is_empty() {
                *at = self.window.ceil_char_boundary(found.end() + 1);
                continue;
            }
            *at = found.end();
            return (found.start() < limit).then(|| found.range());
        }
        None
    }

    /// Where the text of a segment ends.
    pub(super) fn end_of_segment(&self, at: usize) -> usize {
        let segment = self.segment(at);
        let cell = match self.segments[segment].place {
            Place::Row { .. } | Place::Record(_) => {
                memchr(b'\n', &self.window.as_bytes()[at..]).map(|length| at + length + 1)
            }
            _ => None,
        };
        let Some(next) = cell.or_else(|| Some(self.segments.get(segment + 1)?.start)) else {
            return self.window.len();
        };
        let text = self.window[..next].trim_end_matches(['\n', BARRIER]);
        // What is trimmed may be the text itself: a match inside of it is inside the segment.
        text.len().max(at)
    }

    fn custom_evidence(
        &mut self,
        number: usize,
        custom: &Custom,
        position: Position,
        value: &Range<usize>,
    ) -> Option<Evidence> {
        let segment = &self.segments[self.segment(value.start)];
        let named = segment.names.evidence(custom.detector).or_else(|| {
            let (text, rest) = self.window[value.start..].split_at(value.len());
            let is_text = matches!(segment.place, Place::Text);
            is_text.then(|| self.header.evidence(custom.detector, position, text, rest)).flatten()
        });
        let keywords = (self.detectors.keywords(), custom.detector);
        let near = Near::ToEnd(custom.distance);
        let text = (&*self.window, &*self.segments);
        named.or_else(|| self.customs[number].nearby.evidence(keywords, text, value, near))
    }
}

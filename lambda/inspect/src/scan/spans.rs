//! The parts of the window where values are tried, and for which detectors.
//!
//! A value of most detectors needs a keyword: in a name that holds for it, or near to it in the text. So the text is
//! searched for keywords first, and values are tried in what is near to them only; the few that need none have a
//! rare beginning, which is found by the same search.
//!
//! A detector tries each place of a part in turn, and looks for no value inside of another one. What it finds must
//! not depend on where the part starts. So a part starts where no value can go on: at the start of a line or, where a
//! line is long, behind a sign that is in no value ([`is_apart`]).

use std::ops::Range;

use memchr::{memchr_iter, memchr2, memrchr2};

use super::rows::is_divided;
use super::{BETWEEN, Place, Scanner, Segment};
use crate::detect::escape::{LONGEST, last_start};
use crate::detect::keyword::{BARRIER, Keywords, LONGEST_MANAGED, Mark, Occurrence, set_of};
use crate::detect::{Detectors, Set};

/// The end of the window that is searched again when more text is there: a keyword may go on.
const AGAIN: usize = 4 * LONGEST_MANAGED + 64;

/// How many bytes may lie between a keyword and its value.
const WIDEST: usize = 4 * (BETWEEN + 1);

/// How far the start of a line is looked for before other signs are.
const LINE: usize = 256;

/// How far around a sign no `^` may be for it to be apart: data of magnetic stripes may have it between two.
const STRIPE: usize = 64;

/// A part of the window, and what is tried there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) set: Set,
}

/// Where no value goes on before places that move forward: a line without an end and without signs, full of keywords,
/// would be looked through again for each of them.
pub(super) struct Apart {
    /// Up to here the window was looked through.
    to: usize,
    /// Behind the last sign before it.
    behind: usize,
}

impl Apart {
    /// Starts where the last scan ended.
    pub(super) fn new(scanner: &Scanner) -> Self {
        Self { to: scanner.done, behind: scanner.done }
    }

    /// The same as [`Scanner::apart`].
    pub(super) fn before(&mut self, scanner: &Scanner, at: usize) -> usize {
        let line = at.saturating_sub(LINE);
        let bytes = scanner.window.as_bytes();
        if line < self.to || memrchr2(b'\n', b'\r', &bytes[line..at]).is_some() {
            return scanner.apart(at);
        }
        if let Some(place) = (self.to..line).rev().find(|&place| is_apart(&scanner.window, place)) {
            self.behind = place + 1;
        }
        self.to = line;
        self.behind
    }
}

/// The keywords and the rare beginnings in the window.
#[derive(Default)]
pub(super) struct Sought {
    /// The keywords, in order.
    found: Vec<Occurrence>,
    /// Where values may start that need none, and of which detectors.
    others: Vec<(usize, Set)>,
    /// The words that say how a text is written, in order.
    marks: Vec<(Range<usize>, Mark)>,
    /// Behind the start of the last escape; zero if there is none.
    escape: usize,
    /// Up to here the window was searched.
    to: usize,
}

impl Sought {
    /// The keywords that were found.
    pub(super) fn keywords(&self) -> &[Occurrence] {
        &self.found
    }

    /// Whether an escape may end from a place on.
    pub(super) fn may_escape(&self, from: usize) -> bool {
        self.escape > 0 && self.escape + LONGEST >= from
    }

    /// The first word from a place on that says how a text is written.
    pub(super) fn mark(&self, from: usize) -> Option<(Range<usize>, Mark)> {
        self.marks.get(self.marks.partition_point(|mark| mark.0.start < from)).cloned()
    }

    /// Searches what is new in the window; `last`: nothing that is near will follow.
    fn search(&mut self, detectors: &Detectors, (window, segments): (&str, &[Segment]), last: bool) {
        let from = self.to.min(window.len());
        self.found.truncate(self.found.partition_point(|found| found.place.start < from));
        self.marks.truncate(self.marks.partition_point(|mark| mark.0.start < from));
        self.others.retain(|other| other.0 < from);
        if let Some(start) = last_start(&window.as_bytes()[from..]) {
            self.escape = from + start + 1;
        }
        let part = (from..window.len(), self.may_escape(from));
        let (found, marks, others) = (&mut self.found, &mut self.marks, &mut self.others);
        let accounts = detectors.accounts();
        let other = |at, set| others.push((at, if set == 0 { accounts } else { set }));
        let found = |occurrence: Occurrence| {
            if !is_divided(segments, window, &occurrence.place) {
                found.push(occurrence);
            }
        };
        let marked = |place, mark| marks.push((place, mark));
        detectors.keywords().search(window, part, found, marked, other);
        let pluses = memchr_iter(b'+', &window.as_bytes()[from..]);
        self.others.extend(pluses.map(|at| (from + at, detectors.pluses())));
        let to = if last { window.len() } else { window.len().saturating_sub(AGAIN) };
        self.to = window.floor_char_boundary(to).max(from);
    }

    /// Follows the window, whose first bytes were dropped.
    pub(super) fn shift(&mut self, bytes: usize) {
        let dropped = self.found.partition_point(|found| found.place.start < bytes);
        self.found.drain(..dropped);
        for found in &mut self.found {
            found.place = found.place.start - bytes..found.place.end - bytes;
        }
        let dropped = self.marks.partition_point(|mark| mark.0.start < bytes);
        self.marks.drain(..dropped);
        for mark in &mut self.marks {
            mark.0 = mark.0.start - bytes..mark.0.end - bytes;
        }
        self.others.retain_mut(|other| {
            let inside = other.0 >= bytes;
            other.0 = other.0.saturating_sub(bytes);
            inside
        });
        self.escape = self.escape.saturating_sub(bytes);
        self.to = self.to.saturating_sub(bytes);
    }
}

/// The part of a text that is near to a keyword, in bytes.
pub(super) fn near(window: &str, keyword: &Range<usize>) -> Range<usize> {
    let bytes = window.as_bytes();
    let part = &bytes[keyword.start.saturating_sub(BETWEEN + 1)..keyword.start];
    let before = plain(part, || part.iter().rev().take_while(|byte| byte.is_ascii()).count());
    let start = keyword.start - before;
    let start = match before {
        _ if window[..start].ends_with(BARRIER) => start,
        0..=BETWEEN => keyword.start.saturating_sub(WIDEST),
        _ => start,
    };
    let part = &bytes[keyword.end..bytes.len().min(keyword.end + BETWEEN + 1)];
    let behind = plain(part, || part.iter().take_while(|byte| byte.is_ascii()).count());
    let end = keyword.end + behind;
    let end = match behind {
        _ if window[end..].starts_with(BARRIER) => end,
        0..=BETWEEN => (keyword.end + WIDEST).min(window.len()),
        _ => end,
    };
    start..end
}

/// How many bytes are ASCII up to another one: most often all, which is seen at once.
fn plain(part: &[u8], count: impl FnOnce() -> usize) -> usize {
    if part.is_ascii() { part.len() } else { count() }
}

impl Scanner {
    /// Where to try which detectors up to a limit, in order.
    pub(super) fn spans(&mut self, detectors: &Detectors, limit: usize) -> Vec<Span> {
        let last = limit == self.window.len();
        self.sought.search(detectors, (&self.window, &self.segments), last);
        let mut spans = std::mem::take(&mut self.spans);
        spans.clear();
        self.keyed(detectors.keywords(), limit, &mut spans);
        let others = self.sought.others.iter().filter(|other| (self.done..limit).contains(&other.0));
        spans.extend(others.map(|&(start, set)| Span { start, end: start + 1, set }));
        self.named(limit, &mut spans);
        if !last && self.is_open(limit) {
            spans.push(Span { start: self.apart(limit), end: limit, set: Set::MAX });
        }
        // Most of them are in order.
        spans.sort_by_key(|span| span.start);
        spans
    }

    /// Adds what is near to keywords.
    fn keyed(&self, keywords: &Keywords, limit: usize, spans: &mut Vec<Span>) {
        let mut apart = Apart::new(self);
        for keyword in self.sought.keywords() {
            let set = keywords.managed(keyword);
            let near = near(&self.window, &keyword.place);
            if set == 0 || near.end <= self.done {
                continue;
            }
            let start = match spans.last() {
                // Most keywords in a row are of one line.
                Some(span)
                    if span.start <= near.start
                        && near.start <= span.start + 64
                        && !self.is_parted(span.start..near.start) =>
                {
                    span.start
                }
                _ => apart.before(self, near.start),
            };
            let end = near.end.min(limit);
            // Of one start there are as many as there are sets, and not as many as keywords.
            let mut alike = spans.iter_mut().rev().take_while(|span| span.start == start);
            match alike.find(|span| span.set == set) {
                Some(span) => span.end = span.end.max(end),
                None if start < end => spans.push(Span { start, end, set }),
                None => {}
            }
        }
    }

    /// Whether a line ends in a part.
    fn is_parted(&self, part: Range<usize>) -> bool {
        memchr2(b'\n', b'\r', &self.window.as_bytes()[part]).is_some()
    }

    /// Adds what names hold for: those of segments, and those in the header of a text.
    fn named(&self, limit: usize, spans: &mut Vec<Span>) {
        let header = self.header.set();
        let first = self.segment(self.done);
        for (number, segment) in self.segments.iter().enumerate().skip(first) {
            if segment.start >= limit {
                break;
            }
            let text = if matches!(segment.place, Place::Text) { header } else { 0 };
            let set = segment.names.set() | text;
            if set != 0 {
                let end = self.segments.get(number + 1).map_or(limit, |next| next.start.min(limit));
                spans.push(Span { start: segment.start.max(self.done), end, set });
            }
        }
    }

    /// Where no value goes on, at a place or before it: no farther than where the last scan ended.
    pub(super) fn apart(&self, at: usize) -> usize {
        let done = self.done.min(at);
        let bytes = &self.window.as_bytes()[done..at];
        let line = bytes.len().saturating_sub(LINE);
        if let Some(end) = memrchr2(b'\n', b'\r', &bytes[line..]) {
            return done + line + end + 1;
        }
        let sign = (0..line).rev().find(|&place| is_apart(&self.window, done + place));
        sign.map_or(done, |place| done + place + 1)
    }

    /// Whether a part that starts behind what was searched may have to start before a limit.
    fn is_open(&self, limit: usize) -> bool {
        let end = self.window.len().saturating_sub(AGAIN + WIDEST + LINE + STRIPE);
        let bytes = self.window.as_bytes().get(limit..end).unwrap_or_default();
        memrchr2(b'\n', b'\r', bytes).is_none() && !(limit..end).rev().any(|at| is_apart(&self.window, at))
    }
}

/// Whether no value that needs a keyword has what stands here.
fn is_apart(window: &str, at: usize) -> bool {
    let bytes = window.as_bytes();
    let sign = matches!(
        bytes[at],
        b'\n' | b'\r' | b'\t' | b'"' | b'\'' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'|' | b':' | b'\\' | b'@'
    );
    sign && !bytes[at.saturating_sub(STRIPE)..at].contains(&b'^')
}

/// The managed detectors of some.
pub(super) fn managed(detectors: impl Iterator<Item = u16>) -> Set {
    detectors.fold(0, |set, detector| set | set_of(detector))
}

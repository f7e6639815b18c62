//! What stands in a text in another notation, as people are shown it.
//!
//! Words announce it ([`Mark`]), which are found with the keywords. It is decoded as it slides by, and passed to a
//! scanner of its own, which does the same again for what it finds there, [`DEEPEST`] notations in each other at most.
//!
//! | what | from where to where |
//! |---|---|
//! | mails and their parts, `Content-Transfer-Encoding: base64` or `quoted-printable`, and HTML as it stands (`7bit`) | from the blank line behind the header to a boundary that was named before, or `From ` behind a blank line (mailboxes); without a boundary to any line that starts with `--` (base64), and to the end |
//! | words in their headers, `=?utf-8?B?…?=` | words in a row together |
//! | addresses with data, `data:…;base64,…`, wherever they stand | up to what is not base64; lines that are filled go on |
//! | fields of contacts and calendars, `NOTE;ENCODING=BASE64:` | the line, with those that it is folded into |
//!
//! What does not keep the notation is passed over, as mail programs do it. Of bytes that are
//! no text, as of pictures, the texts in them are looked at; HTML is looked at as it is shown, too. Files are not unpacked: a text
//! in which a document, an archive, a database or a program is so is refused, since nothing reads it there. Texts are in UTF-16, or as
//! the header of their mail says, or in UTF-8. Other notations (uuencode, percent signs, hexadecimal) are not decoded. What is quoted-printable can be read as it
//! stands, too, so that it counts as an echo.

mod body;
mod boundaries;
mod files;
mod header;
mod notation;
mod sink;
mod unread;
mod words;

use std::mem;

use super::position::Position;
use super::{Mask, Place, Scanner};
use crate::detect::keyword::Mark;
use body::{Body, Kind};
use boundaries::{BOUNDARY, Boundaries};
use header::Header;
use notation::Notation;
use sink::Sink;
pub(crate) use unread::Unread;

/// How many notations may be in each other: each takes a scanner. A text with more is refused.
const DEEPEST: usize = 4;

/// The depth of a scanner that decodes nothing.
pub(super) const UNDECODED: usize = DEEPEST + 1;

/// How many signs of base64 an address or a field has at least that is looked at.
pub(super) const SHORTEST: usize = 11;

/// As much of the line before a text in another notation as may name it, in bytes.
const CONTEXT: usize = 80;

/// What was announced, and is read.
#[derive(Default)]
pub(super) struct Encoded {
    /// Up to here the window was looked at.
    to: usize,
    state: State,
    boundaries: Boundaries,
    /// Where the last text in another notation starts, as far as lines are counted.
    position: Position,
    /// The scanner of what was decoded.
    inside: Option<Box<Scanner>>,
    /// Something is announced that is in too many notations to be decoded.
    too_deep: bool,
}

#[derive(Default)]
enum State {
    #[default]
    Idle,
    /// In the header of a mail or of its part, whose body is in a notation.
    Header(Header),
    Body(Box<Body>),
}

impl Scanner {
    /// Decodes what is announced in the window up to a limit.
    pub(super) fn decode(&mut self, limit: usize) {
        if self.depth < UNDECODED {
            let mut encoded = mem::take(&mut self.encoded);
            encoded.run(self, limit);
            self.unread = self.unread.or(encoded.too_deep.then_some(Unread::Deep));
            self.encoded = encoded;
        }
    }

    /// Ends what is decoded: the text ends.
    pub(super) fn end_encoded(&mut self) {
        self.encoded.end();
    }
}

impl Encoded {
    /// The scanner of what was decoded, if anything was.
    pub(super) fn inside(&mut self) -> Option<&mut Scanner> {
        self.inside.as_deref_mut()
    }

    /// Follows the window, whose first bytes were dropped.
    pub(super) fn shift(&mut self, bytes: usize) {
        self.to = self.to.saturating_sub(bytes);
    }

    /// Starts with another text.
    pub(super) fn restart(&mut self) {
        self.to = 0;
        self.boundaries = Boundaries::default();
    }

    /// Ends what is read.
    fn end(&mut self) {
        if let (State::Body(body), Some(inside)) = (mem::take(&mut self.state), self.inside.as_deref_mut()) {
            body.finish(inside);
        }
    }

    fn run(&mut self, text: &Scanner, limit: usize) {
        self.to = self.to.max(text.done);
        self.position = text.position;
        let mut word = None;
        while self.to < limit {
            if matches!(self.state, State::Idle) {
                self.seek(text, limit, &mut word);
                continue;
            }
            let end = text.end_of_segment(self.to);
            match &mut self.state {
                // The segment ended before.
                _ if end <= self.to => self.end(),
                State::Idle => {}
                State::Header(_) => self.header(text, limit.min(end)),
                State::Body(body) => {
                    let Some(inside) = &mut self.inside else { return self.end() };
                    let (to, goes_on) = body.take(&text.window[..end], self.to, limit, &self.boundaries, inside);
                    self.to = to;
                    if !goes_on {
                        self.end();
                    }
                }
            }
        }
    }

    /// Goes to the next text in another notation. `word` is where one in a header may be, if that is known.
    fn seek(&mut self, text: &Scanner, limit: usize, word: &mut Option<usize>) {
        if word.is_none_or(|word| word < self.to) {
            *word = words::next(&text.window, self.to..limit).or(Some(limit));
        }
        let at = word.unwrap_or(limit);
        match text.sought.mark(self.to) {
            Some((place, mark)) if place.start < limit.min(at) => {
                self.to = place.end;
                self.mark(text, place.start, mark);
            }
            _ if at < limit => self.words(text, at),
            _ => self.to = limit,
        }
    }

    /// Takes a word that announces something. The text goes on behind it.
    fn mark(&mut self, text: &Scanner, start: usize, mark: Mark) {
        let before = &text.window[..start];
        let window = &text.window[..text.end_of_segment(start).max(self.to)];
        let behind = &window[self.to..];
        match mark {
            Mark::Boundary => self.boundary(behind),
            Mark::Encoding if notation::ends_with(before, "content-transfer-") => {
                let header = notation::of_header(behind).map(|notation| Header::new(before, notation));
                if let Some(header) = header.filter(|header| header.is_read_before(behind)) {
                    self.state = State::Header(header);
                }
            }
            Mark::Encoding => {
                if let Some((notation, length)) = notation::of_field(behind) {
                    self.begin(text, self.to + length, Kind::Field, notation);
                }
            }
            Mark::Base64 if before.ends_with(';') && behind.starts_with(',') => {
                self.begin(text, self.to + 1, Kind::Address, Notation::Base64);
            }
            Mark::Base64 if before.ends_with(';') && behind.starts_with(':') => {
                self.begin(text, self.to + 1, Kind::Field, Notation::Base64);
            }
            Mark::Base64 => {}
        }
    }

    /// Remembers the boundary that is named behind the word.
    fn boundary(&mut self, behind: &str) {
        if let Some(value) = notation::value(behind, BOUNDARY) {
            self.boundaries.add(value);
        }
    }

    /// Goes on in a header, up to the blank line behind it.
    fn header(&mut self, text: &Scanner, limit: usize) {
        let State::Header(mut header) = self.state else { return };
        let line = self.to..notation::line_end(&text.window[..limit], self.to);
        header.take(&text.window[line.clone()]);
        self.state = State::Header(header);
        let mut words_from = line.start;
        // Words over the fold of a line are taken together, to behind its end.
        while words_from < line.end
            && let Some(at) = words::next(&text.window, words_from..line.end).filter(|&at| at < line.end)
        {
            self.words(text, at);
            words_from = self.to;
        }
        while let Some((place, mark)) = text.sought.mark(self.to).filter(|mark| mark.0.start < line.end) {
            self.to = place.end;
            if mark == Mark::Boundary {
                self.boundary(&text.window[place.end..line.end.max(place.end)]);
            }
        }
        self.to = self.to.max(line.end);
        if text.window[..self.to].ends_with(['\n', '\r']) && text.window[self.to..].starts_with(['\n', '\r']) {
            self.state = State::Idle;
            if header.is_read() {
                self.begin(text, notation::line_end(&text.window, self.to), Kind::Mail, header.notation);
                if let State::Body(body) = &mut self.state {
                    body.is_of(header);
                }
            }
        }
    }

    /// Starts to decode at a place.
    fn begin(&mut self, text: &Scanner, at: usize, kind: Kind, notation: Notation) {
        let at = at.min(text.window.len());
        self.to = at;
        // What is shorter is no value, and each text takes some work.
        let is_short = || !notation::is_run(&text.window[at..], SHORTEST);
        if notation == Notation::Base64 && kind != Kind::Mail && is_short() {
            return;
        }
        if text.depth == DEEPEST {
            self.state = State::Idle;
            self.too_deep = true;
            return;
        }
        let mut sink = self.sink(text, at, (notation.says(), kind != Kind::Mail), notation != Notation::Base64);
        sink.body = kind == Kind::Mail;
        self.state = State::Body(Box::new(Body::new(kind, notation, sink)));
    }

    /// A new text for what is decoded from a place on; `in_line`: what is before it in its line may name it.
    fn sink(&mut self, text: &Scanner, at: usize, (what, in_line): (&str, bool), echo: bool) -> Sink {
        let number = text.segment(at);
        let segment = &text.segments[number];
        if matches!(segment.place, Place::Text) {
            self.position.advance(&text.window, at, text.header.sign());
        }
        let place = text.place(number, at).describe(self.position);
        let inside = self.inside.get_or_insert_with(|| {
            let scanner = Scanner::new(&text.detectors, text.locations);
            Box::new(Scanner { depth: text.depth + 1, echoes: text.echoes.inside(), ..scanner })
        });
        let before = &text.window[segment.start.min(at)..at];
        let before = &before[before.ceil_char_boundary(before.len().saturating_sub(CONTEXT))..];
        let line = before.rsplit(['\n', '\r']).next().unwrap_or_default();
        let names = if in_line { inside.names(line) } else { Mask::default() };
        inside.members.clone_from(&text.members);
        inside.enter(&format!("{what} at {place}"));
        if let Some(first) = inside.segments.last_mut() {
            first.names = segment.names.clone() | names;
            first.echo = segment.echo || echo;
        }
        Sink::default()
    }
}

#[cfg(test)]
mod tests;

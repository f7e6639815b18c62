//! What stands in a text in another notation, as people are shown it.
//!
//! Words announce it ([`Mark`]), which are found with the keywords. It is decoded as it slides by, and passed to a
//! scanner of its own, which does the same again for what it finds there, [`DEEPEST`] notations in each other at most.
//!
//! | what | from where to where |
//! |---|---|
//! | mails and their parts, `Content-Transfer-Encoding: base64` or `quoted-printable`, and what stands as it is: HTML, and Japanese in signs of ASCII (`7bit`) | from the blank line behind the header to a boundary that was named before, or `From ` behind a blank line and before a field (mailboxes); where no part of a mail is open also to the next header with a notation, in base64 to any line that starts with `--`; and to the end |
//! | words in their headers, `=?utf-8?B?…?=` | words in a row together, also over a fold |
//! | addresses with data, `data:…;base64,…`, wherever they stand | up to what is not base64; lines that are filled go on |
//! | fields of contacts and calendars, `NOTE;ENCODING=BASE64:`, and of LDIF, `description:: …` | the line, with those that it is folded into |
//!
//! Where a header, a part of a mail or LDIF may be, the text is looked at by lines, each once.
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
use super::{Place, Scanner};
use crate::detect::keyword::Mark;
use body::{Body, Kind};
use boundaries::{BOUNDARY, Boundaries};
pub(super) use header::BEFORE;
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

/// As much of a line as is looked at to see what it is, in bytes. Behind the limit there is more, unless the text ends:
/// what a line is does not depend on where the window ends.
const LINE: usize = 3 << 10;

/// What a text is, where that says what is in another notation in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Kin {
    #[default]
    Any,
    /// A mail: HTML in it is HTML, though its header names no notation.
    Mail,
    /// Fields, of which LDIF has some in base64: `name:: value`.
    Fields,
}

/// What was announced, and is read.
#[derive(Default)]
pub(super) struct Encoded {
    /// Up to here the window was looked at.
    to: usize,
    kin: Kin,
    state: State,
    /// The header of a mail or of its part, while its lines pass by.
    header: Option<Header>,
    boundaries: Boundaries,
    /// Where the line ends that was looked at last, if lines are; whether it goes on there, as it is too long.
    line: usize,
    goes_on: bool,
    /// Where the segment ends that was looked at last.
    segment: usize,
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
    Body(Box<Body>),
}

impl Scanner {
    /// Says what the text is, up to the next member.
    pub(crate) fn is_kin(&mut self, kin: Kin) {
        self.encoded.kin = kin;
    }

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
        self.encoded.header = None;
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
        self.line = self.line.saturating_sub(bytes);
    }

    /// Starts with another text.
    pub(super) fn restart(&mut self) {
        (self.to, self.line, self.goes_on) = (0, 0, false);
        self.kin = Kin::Any;
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
        self.segment = 0;
        let mut word = None;
        while self.to < limit {
            let is_body = matches!(self.state, State::Body(_));
            if (is_body || self.header.is_some()) && self.segment_end(text, self.to) <= self.to {
                // The segment ended before.
                self.end();
                self.header = None;
            } else if is_body {
                self.go_on(text, limit);
            } else if self.header.is_some() || self.boundaries.are_open() || self.kin != Kin::Any {
                self.by_line(text, limit, &mut word);
            } else {
                self.seek(text, (limit, limit), &mut word);
            }
        }
    }

    /// Where the segment of a place ends; places only move forward.
    fn segment_end(&mut self, text: &Scanner, at: usize) -> usize {
        if at >= self.segment {
            self.segment = text.end_of_segment(at);
        }
        self.segment
    }

    /// Goes on in what is read, which is in the segment that was looked at last.
    fn go_on(&mut self, text: &Scanner, limit: usize) {
        let (State::Body(body), Some(inside)) = (&mut self.state, &mut self.inside) else { return };
        let (to, goes_on) = body.take(&text.window[..self.segment], self.to, limit, &self.boundaries, inside);
        self.to = to;
        if !goes_on {
            // The line that is none of it may end the last part of a mail.
            if body.has_lines() {
                (self.line, self.goes_on) = (to, false);
            }
            self.end();
        }
    }

    /// Goes to the next text in another notation, no farther than `to`. `word` is where one in a header may be before
    /// the limit, if that is known.
    fn seek(&mut self, text: &Scanner, (to, limit): (usize, usize), word: &mut Option<usize>) {
        if word.is_none_or(|word| word < self.to) {
            *word = words::next(&text.window, self.to..limit).or(Some(limit));
        }
        let at = word.unwrap_or(limit);
        match text.sought.mark(self.to) {
            Some((place, mark)) if place.start < to.min(at) => {
                self.to = place.end;
                self.mark(text, place.start, mark);
            }
            _ if at < to => self.words(text, at),
            _ => self.to = to,
        }
    }

    /// Takes a word that announces something. The text goes on behind it.
    fn mark(&mut self, text: &Scanner, start: usize, mark: Mark) {
        let end = self.segment_end(text, start).max(self.to);
        let before = &text.window[text.segments[text.segment(start)].start.min(start)..start];
        let behind = &text.window[self.to..end];
        let behind = &behind[..behind.floor_char_boundary(LINE)];
        match mark {
            Mark::Boundary => {
                if let Some(value) = notation::value(behind, BOUNDARY) {
                    self.boundaries.add(value);
                }
            }
            Mark::Encoding if notation::ends_with(before, "content-transfer-") => {
                if let Some(notation) = notation::of_header(behind) {
                    self.header.get_or_insert_with(|| Header::before(before)).says(notation);
                }
            }
            Mark::Encoding => {
                if let Some((notation, length)) = notation::of_field(behind) {
                    self.begin(text, self.to + length, (Kind::Field, notation), None);
                }
            }
            Mark::Base64 if before.ends_with(';') && behind.starts_with(',') => {
                self.begin(text, self.to + 1, (Kind::Address, Notation::Base64), None);
            }
            Mark::Base64 if before.ends_with(';') && behind.starts_with(':') => {
                self.begin(text, self.to + 1, (Kind::Field, Notation::Base64), None);
            }
            Mark::Base64 => {}
        }
    }

    /// Goes on in the line, or starts one.
    fn by_line(&mut self, text: &Scanner, limit: usize, word: &mut Option<usize>) {
        if self.to < self.line || !self.start_line(text) {
            self.seek(text, (self.line.min(limit), limit), word);
        }
    }

    /// Looks at the line that starts here, or at what there is of a long one; whether something begins in it.
    fn start_line(&mut self, text: &Scanner) -> bool {
        let (follows, goes_on) = (self.to == self.line, self.goes_on);
        let most = text.window.floor_char_boundary(self.to + LINE);
        self.line = notation::line_end(&text.window, self.to, most);
        let line = &text.window[self.to..self.line];
        self.goes_on = !line.ends_with(['\n', '\r']);
        match &mut self.header {
            // Behind words and addresses it is the rest of a line.
            Some(header) if !follows || goes_on => {
                header.take_rest(line);
                if goes_on {
                    header.cut();
                }
            }
            None if !follows || goes_on => {}
            Some(header) if line.starts_with(['\n', '\r']) => {
                let header = *header;
                self.end_header(text, header);
                return true;
            }
            // A part starts, and no body came.
            Some(header) if line.starts_with("--") && (!header.is_coded() || self.boundaries.has(&line[2..])) => {
                self.header = None;
            }
            Some(header) => header.take(line),
            None if self.kin == Kin::Mail && header::is_type(line) => {
                self.header.insert(Header::default()).take(line);
            }
            None => {}
        }
        if !follows || goes_on {
            return false;
        }
        if let Some(name) = line.strip_prefix("--") {
            self.boundaries.close(name);
        }
        self.kin == Kin::Fields && self.field(text)
    }

    /// Begins the body behind a header, at the blank line between them.
    fn end_header(&mut self, text: &Scanner, header: Header) {
        self.header = None;
        self.to = self.line;
        if let Some(notation) = header.reads(self.kin == Kin::Mail) {
            self.begin(text, self.line, (Kind::Mail, notation), None);
            if let State::Body(body) = &mut self.state {
                body.is_of(header);
                body.kin = self.kin;
            }
        }
    }

    /// Begins the field in base64 that starts here, if one does.
    fn field(&mut self, text: &Scanner) -> bool {
        let line = &text.window[self.to..];
        let field = notation::of_line(&line[..line.floor_char_boundary(LINE)]);
        if let Some((name, length)) = &field {
            self.begin(text, self.to + length, (Kind::Field, Notation::Base64), Some(name));
        }
        field.is_some()
    }

    /// Starts to decode at a place. `name` is what names it, if that is not what stands before it in its line.
    fn begin(&mut self, text: &Scanner, at: usize, (kind, notation): (Kind, Notation), name: Option<&str>) {
        let at = at.min(text.window.len());
        self.to = at;
        // What is shorter is no value, and each text takes some work.
        let is_short = || !notation::is_run(&text.window[at..], SHORTEST, kind == Kind::Field);
        let is_short = notation == Notation::Base64 && kind != Kind::Mail && is_short();
        let hides = kind == Kind::Field && self.header.is_some_and(|header| header.is_of_type());
        if is_short || hides {
            return;
        }
        if text.depth == DEEPEST {
            self.too_deep = true;
            return;
        }
        let name = if kind == Kind::Mail { "" } else { name.unwrap_or_else(|| before(text, at)) };
        let mut sink = self.sink(text, at, (notation.says(), name), notation != Notation::Base64);
        sink.body = kind == Kind::Mail;
        self.state = State::Body(Box::new(Body::new(kind, notation, sink)));
    }

    /// A new text for what is decoded from a place on, with what names it.
    fn sink(&mut self, text: &Scanner, at: usize, (what, name): (&str, &str), echo: bool) -> Sink {
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
        let names = inside.names(name);
        inside.members.clone_from(&text.members);
        inside.enter(&format!("{what} at {place}"));
        if let Some(first) = inside.segments.last_mut() {
            first.names = segment.names.clone() | names;
            first.echo = segment.echo || echo;
        }
        Sink::default()
    }
}

/// What is before a place in its line.
fn before(text: &Scanner, at: usize) -> &str {
    let before = &text.window[text.segments[text.segment(at)].start.min(at)..at];
    let before = &before[before.ceil_char_boundary(before.len().saturating_sub(CONTEXT))..];
    before.rsplit(['\n', '\r']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests;

//! A text in another notation, while it is read: by lines, or sign by sign.

use memchr::memchr_iter;

use super::boundaries::Boundaries;
use super::header::{Header, is_type};
use super::notation::{Base64, Notation, hexadecimal, is_base64, is_plain, line_end, of_line, unquote};
use super::sink::Sink;
use super::{Kin, LINE, Scanner};

/// How far behind the limit a line may end that is taken as a whole, in bytes.
const BEHIND: usize = 256;

/// How long the lines of an address are that goes on on the next one, and how much of a next line has to be base64, in
/// bytes.
const FILLED: usize = 57;
const NEXT: usize = 20;

/// What says where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Mail,
    Field,
    Address,
}

pub(super) struct Body {
    kind: Kind,
    notation: Notation,
    base64: Base64,
    sink: Sink,
    /// At the start of a line, whose end goes on if the one before was soft; the line before was blank.
    starts: bool,
    soft: bool,
    blank: bool,
    /// How many signs of an address its line has so far.
    signs: usize,
    /// What it stands in: it hides no fields.
    pub(super) kin: Kin,
}

impl Body {
    pub(super) fn new(kind: Kind, notation: Notation, sink: Sink) -> Self {
        let (base64, starts) = (Base64::default(), kind == Kind::Mail);
        Self { kind, notation, base64, sink, starts, soft: false, blank: false, signs: 0, kin: Kin::Any }
    }

    /// Takes what the header says of it.
    pub(super) fn is_of(&mut self, header: Header) {
        self.sink.is_html = header.is_html;
        self.sink.charset = header.charset();
    }

    /// Whether it ends where a line starts.
    pub(super) fn has_lines(&self) -> bool {
        self.kind != Kind::Address
    }

    /// Ends the text.
    pub(super) fn finish(mut self, inside: &mut Scanner) {
        self.base64.end(&mut self.sink, inside);
        self.sink.finish(inside);
    }

    /// Decodes from a place up to a limit or, where a line ends there, somewhat farther; the text is one segment up to
    /// its end. Says up to where it came, and whether the body goes on there.
    pub(super) fn take(
        &mut self,
        text: &str,
        from: usize,
        limit: usize,
        boundaries: &Boundaries,
        inside: &mut Scanner,
    ) -> (usize, bool) {
        let limit = limit.min(text.len());
        if self.kind == Kind::Address {
            return self.take_address(text, from, limit, inside);
        }
        let mut at = from;
        while at < limit {
            if self.starts && self.ends(&text[at..text.floor_char_boundary(at + LINE)], boundaries) {
                return (at, false);
            }
            let end = piece(text, at, limit);
            self.line(&text[at..end], inside);
            at = end;
        }
        (at, true)
    }

    /// Whether a line is no more of it.
    fn ends(&self, ahead: &str, boundaries: &Boundaries) -> bool {
        if self.kind == Kind::Field {
            return match self.notation {
                Notation::Base64 => !ahead.starts_with([' ', '\t']),
                Notation::Quoted | Notation::Plain => !self.soft || is_of_header(ahead),
            };
        }
        let line = ahead.split(['\n', '\r']).next().unwrap_or_default();
        if let Some(name) = line.strip_prefix("--")
            && (boundaries.has(name) || (!boundaries.are_all() && self.notation == Notation::Base64))
        {
            return true;
        }
        let next = self.blank && is_next(ahead);
        // Behind a blank line, what is no line of base64 is another text.
        let text = line.trim_matches([' ', '\t']);
        let odd = text.len() < NEXT || text.bytes().any(|byte| !is_plain(byte) && byte != b'=');
        let other = self.blank && self.notation == Notation::Base64 && !boundaries.are_all() && !text.is_empty() && odd;
        let field = self.kin == Kin::Fields && of_line(ahead).is_some();
        next || other || field || (!boundaries.are_all() && is_notation(line))
    }

    /// Decodes a part of a line.
    fn line(&mut self, part: &str, inside: &mut Scanner) {
        let ended = part.ends_with(['\n', '\r']);
        self.blank = (self.starts || self.blank) && part.trim_start_matches([' ', '\t', '\n', '\r']).is_empty();
        self.starts = ended;
        match self.notation {
            Notation::Base64 => {
                let signs: String = part.chars().filter(|&sign| is_sign(sign)).collect();
                self.base64.push(&signs, &mut self.sink, inside);
            }
            Notation::Quoted => {
                let mut bytes = Vec::with_capacity(part.len());
                self.soft = !unquote(part, &mut bytes);
                self.sink.push(&bytes, inside);
            }
            Notation::Plain => self.sink.push(part.as_bytes(), inside),
        }
    }

    fn take_address(&mut self, text: &str, from: usize, limit: usize, inside: &mut Scanner) -> (usize, bool) {
        let (bytes, mut at) = (text.as_bytes(), from);
        while at < limit {
            let run = bytes[at..limit].iter().take_while(|&&byte| is_base64(byte)).count();
            self.base64.push(&text[at..at + run], &mut self.sink, inside);
            self.signs += run;
            at += run;
            if at == limit {
                break;
            }
            let behind = &bytes[at..];
            match behind {
                [b'%', rest @ ..] => {
                    let sign = rest.get(..2).and_then(hexadecimal).filter(|&byte| is_base64(byte));
                    let Some(sign) = sign else { return (at, false) };
                    self.base64.push(char::from(sign).encode_utf8(&mut [0; 4]), &mut self.sink, inside);
                    self.signs += 1;
                    at += 3;
                }
                // As JSON may write it.
                [b'\\', b'/', ..] => at += 1,
                _ => match self.next_line(behind) {
                    Some(length) => at += length,
                    None => return (at, false),
                },
            }
        }
        (at, true)
    }

    /// How long the blanks are before the next line of an address that goes on there.
    fn next_line(&mut self, behind: &[u8]) -> Option<usize> {
        let blanks = behind.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let next = behind[blanks..].iter().take(NEXT).take_while(|&&byte| is_base64(byte)).count();
        // Behind a blank line another text starts.
        let ends = |end: u8| memchr_iter(end, &behind[..blanks]).count();
        let is_next = blanks > 0 && ends(b'\n') < 2 && ends(b'\r') < 2;
        let goes_on = is_next && next == NEXT && self.signs >= FILLED && self.signs.is_multiple_of(4);
        self.signs = 0;
        goes_on.then_some(blanks)
    }
}

/// Whether a text starts with the line before a mail in a mailbox, and a field of its header. Texts have sentences that
/// start so.
fn is_next(text: &str) -> bool {
    if !text.starts_with("From ") {
        return false;
    }
    let next = &text[line_end(text, 0, text.len())..];
    let name = next[..line_end(next, 0, next.len())].split_once(':').map_or("", |field| field.0);
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether a text starts with what a field does not hide of the header that it may be in: its end, and what the body is.
fn is_of_header(text: &str) -> bool {
    text.starts_with(['\n', '\r']) || is_type(text) || is_notation(text)
}

/// Whether a line is that of a header which says a notation.
fn is_notation(line: &str) -> bool {
    const NAME: &str = "content-transfer-encoding";
    line.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME))
}

/// A sign of base64, or its pad.
fn is_sign(sign: char) -> bool {
    sign == '=' || u8::try_from(sign).is_ok_and(is_plain)
}

/// Where a part of a text ends that is taken together: a line, or what there is of a long one, but no part of what
/// stands for a byte.
fn piece(text: &str, at: usize, limit: usize) -> usize {
    let end = line_end(text, at, text.floor_char_boundary(limit + BEHIND));
    if end <= limit || text[..end].ends_with(['\n', '\r']) {
        return end;
    }
    let limit = text.ceil_char_boundary(limit);
    let cut = text[at..limit].bytes().rev().take(2).any(|byte| byte == b'=');
    if cut { text.ceil_char_boundary((limit + 2).min(text.len())) } else { limit }
}

//! What the header of a mail, or of a part of it, says of its body.

use encoding_rs::{Encoding, ISO_2022_JP, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE};
use memchr::memrchr2;

use super::notation::{Notation, value};

/// How far before its notation a header may begin, in bytes; the window keeps as much. Behind it a header has no end
/// but a blank line.
pub(in crate::scan) const BEFORE: usize = 4096;

/// How long the name of an encoding is at most, in bytes.
const NAME: usize = 40;

/// The field that says what a body is.
const TYPE: &str = "content-type";

#[derive(Clone, Copy, Default)]
pub(super) struct Header {
    notation: Option<Notation>,
    pub(super) is_html: bool,
    is_text: bool,
    charset: Option<&'static Encoding>,
    /// In the field that says what it is, which may be folded.
    of_type: bool,
}

/// Whether a line of a header says what the body is.
pub(super) fn is_type(line: &str) -> bool {
    let name = line.get(..TYPE.len()).filter(|name| name.eq_ignore_ascii_case(TYPE));
    name.is_some() && line[TYPE.len()..].trim_ascii_start().starts_with(':')
}

impl Header {
    /// The header in which a text ends.
    pub(super) fn before(text: &str) -> Self {
        let text = &text[text.ceil_char_boundary(text.len().saturating_sub(BEFORE))..];
        let mut header = Self::default();
        text[start(text)..].split_inclusive(['\n', '\r']).for_each(|line| header.take(line));
        header
    }

    /// Takes the notation: the first one that it names.
    pub(super) fn says(&mut self, notation: Notation) {
        self.notation = self.notation.filter(|&said| said != Notation::Plain).or(Some(notation));
    }

    /// Whether it names a notation.
    pub(super) fn is_coded(&self) -> bool {
        self.notation.is_some()
    }

    /// Takes a line.
    pub(super) fn take(&mut self, line: &str) {
        if line.trim_ascii().is_empty() {
            return;
        }
        if !line.starts_with([' ', '\t']) {
            self.of_type = is_type(line);
        }
        self.take_rest(line);
    }

    /// Takes the rest of a line, behind words in it, or what is too long of it.
    pub(super) fn take_rest(&mut self, line: &str) {
        if self.of_type {
            let line = line.to_ascii_lowercase();
            self.is_text |= line.contains("text/");
            self.is_html |= line.contains("text/html");
            let named = line.split("charset").skip(1).find_map(|behind| value(behind, NAME));
            self.charset = self.charset.or_else(|| Encoding::for_label(named?.as_bytes()));
        }
    }

    /// A line is cut where it is too long: it may say anything there.
    pub(super) fn cut(&mut self) {
        self.is_html |= self.of_type;
    }

    /// Whether it goes on in the field that says what the body is, in which nothing else begins.
    pub(super) fn is_of_type(&self) -> bool {
        self.of_type
    }

    /// The notation in which the body is read by itself, if it is: what is in no notation is looked at where it
    /// stands. `in_mail`: no other text has a body of HTML in a header that names no notation.
    pub(super) fn reads(&self, in_mail: bool) -> Option<Notation> {
        let differs = self.is_html || self.is_switched();
        match self.notation {
            Some(Notation::Plain) => differs.then_some(Notation::Plain),
            None => (in_mail && differs).then_some(Notation::Plain),
            coded => coded,
        }
    }

    /// The encoding of a text. UTF-8 and UTF-16 show themselves, and what stands as it is was decoded with all the
    /// text, unless its bytes are those of ASCII.
    pub(super) fn charset(&self) -> Option<&'static Encoding> {
        let is_other = !matches!(self.notation, None | Some(Notation::Plain));
        let says = |charset: &&Encoding| ![UTF_8, UTF_16LE, UTF_16BE, REPLACEMENT].contains(charset);
        self.charset.filter(|_| self.is_text && (is_other || self.is_switched())).filter(says)
    }

    /// A text in signs of ASCII that stand for others: mails in Japanese.
    fn is_switched(&self) -> bool {
        self.is_text && self.charset == Some(ISO_2022_JP)
    }
}

/// Where the header starts in which a text ends: behind a blank line or a boundary. No byte before it is looked at.
fn start(text: &str) -> usize {
    let bytes = text.as_bytes();
    let line = |end: usize| memrchr2(b'\n', b'\r', &bytes[..end]).map_or(0, |at| at + 1);
    let mut start = line(bytes.len());
    while start > 0 {
        let end = start - if bytes[..start].ends_with(b"\r\n") { 2 } else { 1 };
        let before = line(end);
        if before == end || bytes[before..end].starts_with(b"--") {
            break;
        }
        start = before;
    }
    start
}

//! What the header of a mail, or of a part of it, says of its body.

use encoding_rs::{Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE};

use super::notation::{Notation, value};

/// How far before its notation a header may begin, and how long the name of an encoding is at most, in bytes.
const BEFORE: usize = 4096;
const NAME: usize = 40;

#[derive(Clone, Copy)]
pub(super) struct Header {
    pub(super) notation: Notation,
    pub(super) is_html: bool,
    is_text: bool,
    charset: Option<&'static Encoding>,
    /// In the field that says what it is, which may be folded.
    of_type: bool,
}

impl Header {
    /// A header that has these lines before its notation, behind other texts.
    pub(super) fn new(before: &str, notation: Notation) -> Self {
        let mut header = Self { notation, is_html: false, is_text: false, charset: None, of_type: false };
        let before = &before[before.ceil_char_boundary(before.len().saturating_sub(BEFORE))..];
        let blank = ["\n\n", "\r\n\r\n", "\r\r", "\n--"].into_iter().filter_map(|end| before.rfind(end)).max();
        before[blank.unwrap_or(0)..].split_inclusive(['\n', '\r']).for_each(|line| header.take(line));
        header
    }

    /// Takes a line.
    pub(super) fn take(&mut self, line: &str) {
        let line = line.to_ascii_lowercase();
        if line.trim_ascii().is_empty() {
            return;
        }
        if !line.starts_with([' ', '\t']) {
            let behind = line.strip_prefix("content-type").map(str::trim_ascii_start);
            self.of_type = behind.is_some_and(|behind| behind.starts_with(':'));
        }
        if self.of_type {
            self.is_text |= line.contains("text/");
            self.is_html |= line.contains("text/html");
            let named = line.split("charset").skip(1).find_map(|behind| value(behind, NAME));
            self.charset = self.charset.or_else(|| Encoding::for_label(named?.as_bytes()));
        }
    }

    /// Whether the body is read by itself if the header goes on so. What is in no notation is only where a body follows.
    pub(super) fn is_read_before(mut self, behind: &str) -> bool {
        if self.notation != Notation::Plain {
            return true;
        }
        let behind = &behind[..behind.floor_char_boundary(BEFORE)];
        let end = ["\n\n", "\r\n\r\n", "\r\r"].into_iter().filter_map(|end| behind.find(end)).min();
        behind[..end.unwrap_or(0)].split_inclusive(['\n', '\r']).for_each(|line| self.take(line));
        self.is_html && end.is_some()
    }

    /// Whether the body is read by itself: what is in no notation is looked at where it stands.
    pub(super) fn is_read(&self) -> bool {
        self.notation != Notation::Plain || self.is_html
    }

    /// The encoding of a text. UTF-8 and UTF-16 show themselves, and what stands as it is was decoded with all the text.
    pub(super) fn charset(&self) -> Option<&'static Encoding> {
        let says = |charset: &&Encoding| ![UTF_8, UTF_16LE, UTF_16BE, REPLACEMENT].contains(charset);
        self.charset.filter(|_| self.is_text && self.notation != Notation::Plain).filter(says)
    }
}

//! Line and character of a place in the window.

use std::fmt;

use memchr::{memchr, memchr_iter, memrchr2};

/// Counts lines and characters up to a place that only moves forward.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Position {
    /// Up to here the window was counted.
    at: usize,
    /// Line ends so far.
    pub(super) line: u64,
    /// Characters of the line so far.
    pub(super) character: usize,
    /// Separators of the line so far.
    pub(super) field: usize,
    /// Whether the last character was a carriage return, whose line feed is no line.
    returned: bool,
}

impl Position {
    /// Counts on to a place in the window.
    pub(super) fn advance(&mut self, window: &str, to: usize, separator: Option<char>) {
        let Some(text) = window.get(self.at..to) else {
            return;
        };
        let bytes = text.as_bytes();
        let Some(&last) = bytes.last() else { return };
        let count = |bytes: &[u8], sign: u8| memchr_iter(sign, bytes).count();
        if let Some(end) = memrchr2(b'\n', b'\r', bytes) {
            let feeds = count(bytes, b'\n');
            let returns = if memchr(b'\r', bytes).is_some() { count(bytes, b'\r') } else { 0 };
            let joined = if returns > 0 { bytes.windows(2).filter(|pair| pair == b"\r\n").count() } else { 0 };
            let first = usize::from(self.returned && bytes[0] == b'\n');
            self.line += (feeds + returns - joined - first) as u64;
            // A line feed behind its carriage return is no line, and no character.
            self.character = 0;
            self.field = 0;
            self.count(&text[end + 1..], separator);
        } else {
            self.count(text, separator);
        }
        self.returned = last == b'\r';
        self.at = to;
    }

    /// Counts the characters and separators of a part of a line.
    fn count(&mut self, text: &str, separator: Option<char>) {
        self.character += text.chars().count();
        self.field += separator.map_or(0, |separator| text.matches(separator).count());
    }

    /// Follows the window, whose first bytes were dropped.
    pub(super) fn shift(&mut self, bytes: usize) {
        self.at = self.at.saturating_sub(bytes);
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, character {}", self.line + 1, self.character + 1)
    }
}

//! Line and character of a place in the window.

use std::fmt;

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
        for character in text.chars() {
            match character {
                '\n' if self.returned => {}
                '\n' | '\r' => {
                    self.line += 1;
                    self.character = 0;
                    self.field = 0;
                }
                _ => {
                    self.character += 1;
                    self.field += usize::from(separator == Some(character));
                }
            }
            self.returned = character == '\r';
        }
        self.at = to;
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

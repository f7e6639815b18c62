//! The views of a page: one text in several orders, of which each value counts once.

use super::super::boxes::{Column, comb, group};
use super::super::font::NOTHING;
use super::BYTES;
use super::wrap::{Extent, Wrap};
use crate::scan::{Mask, Place, Scanner, Tallies};

/// How long a line is held.
const LINE: usize = 64 << 10;

/// The views of a page, of which each value counts once.
pub(super) struct Views<'s> {
    before: Option<Tallies>,
    /// Lines in which digits stand in boxes or below each other, without the gaps between them.
    combed: String,
    /// What may go on from one line in the next.
    joined: String,
    pub(super) scanner: &'s mut Scanner,
}

impl<'s> Views<'s> {
    pub(super) fn new(scanner: &'s mut Scanner) -> Self {
        Self { before: None, combed: String::new(), joined: String::new(), scanner }
    }

    /// Passes on a view.
    pub(super) fn show(&mut self, text: impl FnOnce(&mut Out)) {
        let tally = self.scanner.tally();
        let mut out = Out {
            line: String::new(),
            extent: None,
            wrap: Wrap::default(),
            column: Column::default(),
            combed: &mut self.combed,
            joined: &mut self.joined,
            scanner: self.scanner,
        };
        text(&mut out);
        out.end_line();
        out.column.take("", out.combed);
        match &self.before {
            Some(before) => self.scanner.count_once(before, &tally),
            None => self.before = Some(tally),
        }
    }

    pub(super) fn finish(mut self, place: &Place) {
        let combed = std::mem::take(&mut self.combed);
        if !combed.is_empty() {
            self.show(|out| out.scanner.text(&combed));
        }
        if !self.joined.is_empty() {
            self.scanner.separate();
            // Most of it was shown before.
            let echo = self.scanner.echo(true);
            self.scanner.begin(Mask::default(), place.clone());
            for line in self.joined.lines() {
                self.scanner.text(line);
                self.scanner.separate();
            }
            self.scanner.echo(echo);
            self.scanner.begin(Mask::default(), place.clone());
        }
    }
}

/// Where a view goes, line by line.
pub(super) struct Out<'s> {
    line: String,
    /// Where the line is that ends.
    pub(super) extent: Option<Extent>,
    wrap: Wrap,
    column: Column,
    combed: &'s mut String,
    joined: &'s mut String,
    pub(super) scanner: &'s mut Scanner,
}

impl Out<'_> {
    pub(super) fn text(&mut self, text: &str) {
        self.line.push_str(text);
        if text == "\n" || self.line.len() > LINE {
            self.end_line();
        }
    }

    fn end_line(&mut self) {
        if self.line.contains(NOTHING) {
            self.line = parted(&self.line);
        }
        self.scanner.text(&self.line);
        if self.combed.len() < BYTES {
            comb(&self.line, self.combed);
            group(&self.line, self.combed);
            self.column.take(&self.line, self.combed);
        }
        let extent = self.extent.take();
        if self.joined.len() < BYTES {
            self.wrap.take(&self.line, extent, self.joined);
        }
        self.line.clear();
    }
}

/// A line without what shows nothing; between a word and something else a blank is left of it.
pub(super) fn parted(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    for part in line.split(NOTHING).filter(|part| !part.is_empty()) {
        let word = part.starts_with(char::is_alphabetic);
        let within = match plain.chars().next_back() {
            Some(last) if last.is_ascii_digit() => !word,
            last => last.is_none_or(|last| last.is_alphabetic() && word),
        };
        if !within {
            plain.push(' ');
        }
        plain.push_str(part);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shows_nothing_parts_words_and_numbers() {
        assert_eq!(parted("\u{fffb}c\u{fffb}ard\u{fffb}\u{fffb}40\u{fffb}00 \u{fffb}"), "card 4000 ");
    }
}

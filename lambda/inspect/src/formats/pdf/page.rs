//! The pieces of text of a page, and what lies between one and the next.
//!
//! Programs place words, letters or lines in any order; what belongs together is guessed from
//! where it is, since a number may be shown digit by digit. The text is passed on in the order of
//! drawing, and where that is not how it stands on the page, line by line as well.

use std::cmp::Ordering;
use std::ops::Range;

use super::placement::Spot;
use crate::scan::Scanner;

/// How many pieces and bytes of a page are held: longer ones are passed on in parts,
/// of which the last pieces are in the next part, too.
const PIECES: usize = 1 << 15;
const BYTES: usize = 1 << 20;
const AGAIN: usize = 256;

/// Gaps in parts of the font's size: a blank, and one that parts columns.
const BLANK: f64 = 0.18;
const COLUMN: f64 = 2.0;

/// One that is a blank behind a word, at least.
const NARROW: f64 = 0.1;

/// How far a piece may be beside a line.
const BESIDE: f64 = 0.4;

/// How far a piece may start before the end of the last one: letters lie over one another a bit.
const BACK: f64 = -1.5;

/// Two that are the same and nearer than this are one that is drawn twice, to be bold.
const SAME: f64 = 0.12;

struct Piece {
    text: Range<usize>,
    spot: Spot,
    /// The text was placed here, and does not merely continue the last one.
    moved: bool,
}

/// The text of a page.
#[derive(Default)]
pub(super) struct Page {
    text: String,
    pieces: Vec<Piece>,
    pub(super) shown: bool,
}

impl Page {
    /// Adds a piece.
    pub(super) fn add(&mut self, spot: Spot, moved: bool, show: impl FnOnce(&mut String)) {
        let start = self.text.len();
        show(&mut self.text);
        let text = start..self.text.len();
        self.shown = true;
        match self.pieces.last_mut() {
            Some(last) if !moved => {
                last.text.end = text.end;
                last.spot.end = spot.end;
                last.spot.doubt = spot.doubt;
            }
            Some(last) if is_same(&self.text, last, &text, &spot) => self.text.truncate(start),
            _ => self.pieces.push(Piece { text, spot, moved }),
        }
    }

    /// Adds a blank to the last piece.
    pub(super) fn blank(&mut self) {
        if let Some(last) = self.pieces.last_mut() {
            self.text.push(' ');
            last.text.end = self.text.len();
        }
    }

    /// Whether there is enough to pass on.
    pub(super) fn is_full(&self) -> bool {
        self.pieces.len() >= PIECES || self.text.len() >= BYTES
    }

    /// Passes on what there is; `more` will follow.
    pub(super) fn flush(&mut self, scanner: &mut Scanner, more: bool) {
        let lines = self.lines();
        let before = (!lines.is_empty()).then(|| scanner.tally());
        self.as_drawn(scanner);
        if let Some(before) = before {
            let between = scanner.tally();
            for line in &lines {
                self.line(line, scanner);
            }
            scanner.count_once(&before, &between);
        }
        let from = if more { self.pieces.len().saturating_sub(AGAIN) } else { self.pieces.len() };
        // One piece that is a whole part is not passed on again.
        let kept = self.pieces.get(from).map_or(self.text.len(), |piece| piece.text.start);
        let kept = if self.text.len() - kept > BYTES / 2 { self.text.len() } else { kept };
        self.pieces.retain(|piece| piece.text.start >= kept);
        self.text.drain(..kept);
        for piece in &mut self.pieces {
            piece.text = piece.text.start - kept..piece.text.end - kept;
        }
    }

    fn as_drawn(&self, scanner: &mut Scanner) {
        let mut last: Option<&Piece> = None;
        for piece in &self.pieces {
            if let Some(last) = last.filter(|_| piece.moved) {
                scanner.text(self.gap(last, piece));
            }
            scanner.text(self.text.get(piece.text.clone()).unwrap_or_default());
            last = Some(piece);
        }
        scanner.text("\n");
    }

    /// The lines of the page whose pieces are not drawn one after the other, from left to right.
    fn lines(&self) -> Vec<Vec<usize>> {
        let mut order: Vec<usize> = (0..self.pieces.len()).collect();
        let spot = |at: usize| self.pieces.get(at).map(|piece| piece.spot);
        order.sort_by(|&one, &other| match (spot(one), spot(other)) {
            (Some(first), Some(second)) => {
                let across = first.turn.cmp(&second.turn).then(second.across.total_cmp(&first.across));
                across.then(one.cmp(&other))
            }
            _ => Ordering::Equal,
        });
        let mut lines: Vec<Vec<usize>> = Vec::new();
        let mut first: Option<Spot> = None;
        let mut line: Vec<usize> = Vec::new();
        let mut end = |line: &mut Vec<usize>| {
            let mut line = std::mem::take(line);
            line.sort_by(|&one, &other| match (spot(one), spot(other)) {
                (Some(first), Some(second)) => first.start.total_cmp(&second.start).then(one.cmp(&other)),
                _ => Ordering::Equal,
            });
            if line.windows(2).any(|two| two[0] + 1 != two[1]) {
                lines.push(line);
            }
        };
        for at in order {
            let Some(here) = spot(at) else { continue };
            let joins = first.is_some_and(|first| {
                first.turn == here.turn && (first.across - here.across).abs() <= BESIDE * first.size.min(here.size)
            });
            if !joins {
                end(&mut line);
                first = Some(here);
            }
            line.push(at);
        }
        end(&mut line);
        lines
    }

    fn line(&self, line: &[usize], scanner: &mut Scanner) {
        let mut last: Option<&Piece> = None;
        for piece in line.iter().filter_map(|&at| self.pieces.get(at)) {
            if let Some(last) = last {
                if is_same(&self.text, last, &piece.text, &piece.spot) {
                    continue;
                }
                scanner.text(self.gap(last, piece));
            }
            scanner.text(self.text.get(piece.text.clone()).unwrap_or_default());
            last = Some(piece);
        }
        scanner.text("\n");
    }

    /// What lies between two pieces.
    fn gap(&self, last: &Piece, next: &Piece) -> &'static str {
        let text = |piece: &Piece| self.text.get(piece.text.clone()).unwrap_or_default();
        let (before, behind) = (text(last), text(next));
        let (last, next) = (&last.spot, &next.spot);
        let large = next.size.max(last.size);
        let ahead = (next.start - last.end) / large;
        if last.turn != next.turn || (next.across - last.across).abs() > large * BESIDE || ahead < BACK {
            "\n"
        } else if ahead > COLUMN {
            "\t"
        } else if ahead > least(before, behind, last.doubt) {
            " "
        } else {
            ""
        }
    }
}

fn is_same(text: &str, last: &Piece, again: &Range<usize>, spot: &Spot) -> bool {
    let near = |one: f64, other: f64| (one - other).abs() < SAME * spot.size;
    last.spot.turn == spot.turn
        && near(last.spot.start, spot.start)
        && near(last.spot.across, spot.across)
        && text.get(last.text.clone()) == text.get(again.clone())
}

/// How large a gap is that is a blank. In doubt digits belong together, and words, but not words and digits.
fn least(before: &str, behind: &str, doubt: f64) -> f64 {
    let mut ends = before.chars().rev();
    let end = ends.next();
    // Letters that are set one by one may be far from each other.
    let word = ends.next().is_some_and(char::is_alphabetic) && end.is_some_and(char::is_alphabetic);
    let digit = behind.starts_with(|sign: char| sign.is_ascii_digit());
    match (word, digit) {
        (true, true) => NARROW,
        // Not more than a blank.
        (true, false) => NARROW + doubt.min(BLANK),
        _ => BLANK + doubt,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Detectors;

    fn page(pieces: &[(&str, f64, f64)]) -> Page {
        let mut page = Page::default();
        for &(text, x, y) in pieces {
            // Characters of half the size.
            let width = text.chars().map(|_| 5.0).sum::<f64>();
            let spot = Spot { start: x, end: x + width, across: y, size: 10.0, doubt: 0.0, turn: 0 };
            page.add(spot, true, |shown| shown.push_str(text));
        }
        page
    }

    #[test]
    fn lines_are_read_as_they_stand() {
        assert!(page(&[("card", 0.0, 9.0), ("4000", 25.0, 9.0), ("tide", 0.0, 0.0)]).lines().is_empty());
        assert_eq!(page(&[("4000", 25.0, 9.0), ("tide", 0.0, 0.0), ("card", 0.0, 9.0)]).lines(), [[2, 0]]);
    }

    #[test]
    fn a_value_is_counted_once_in_all_orders() {
        for pieces in [
            [("card", 0.0, 9.0), ("4000004427083831", 25.0, 9.0), ("tide", 0.0, 0.0)],
            [("4000004427083831", 25.0, 9.0), ("card", 0.0, 9.0), ("tide", 0.0, 0.0)],
            [("card", 0.0, 9.0), ("tide", 0.0, 0.0), ("4000004427083831", 25.0, 9.0)],
        ] {
            let mut scanner = Scanner::new(&Detectors::default(), 5);
            page(&pieces).flush(&mut scanner, false);
            let found = scanner.finish();
            assert_eq!(found.iter().map(|found| (found.count, found.locations.len())).collect::<Vec<_>>(), [(1, 1)]);
        }
    }
}

//! The pieces of text of a page, and what lies between one and the next.
//!
//! Programs place words, letters or lines in any order; what belongs together is guessed from
//! where it is, since a number may be shown digit by digit. The text is passed on in the order of
//! drawing, and where that is not how it stands on the page, line by line as well.

mod table;
mod views;
mod wrap;

use std::cmp::Ordering;
use std::ops::Range;

use super::placement::Spot;
use crate::scan::{Mask, Place, Scanner};
use views::{Out, Views, parted};
use wrap::Extent;

/// How many pieces and bytes of a page are held: longer ones are passed on in parts,
/// of which the last pieces are in the next part, too.
const PIECES: usize = 1 << 15;
const BYTES: usize = 1 << 20;
const AGAIN: usize = 256;

/// How much of a piece that is longer than all that is held is in the next part, too, in bytes.
const END: usize = 1024;

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

/// What a piece shows.
pub(super) struct Shown<'t> {
    /// By the map of its font, or by its encoding where that says nothing.
    pub(super) mapped: &'t str,
    /// By the encoding alone, which is what the page shows: a map may say anything.
    pub(super) drawn: Option<&'t str>,
    /// By what the document says that it stands for.
    pub(super) meant: Option<&'t str>,
}

struct Piece {
    spot: Spot,
    /// The text was placed here, and does not merely continue the last one.
    moved: bool,
    /// It is what a field says, and no content draws it.
    said: bool,
}

/// The texts of all pieces, as one reader shows them.
#[derive(Clone, Default)]
struct Layer {
    text: String,
    ranges: Vec<Range<usize>>,
}

impl Layer {
    fn get(&self, piece: usize) -> &str {
        self.ranges.get(piece).and_then(|range| self.text.get(range.clone())).unwrap_or_default()
    }

    /// Adds a text to the last piece, or as a piece of its own.
    fn add(&mut self, text: &str, fresh: bool) {
        let start = self.text.len();
        self.text.push_str(text);
        match self.ranges.last_mut().filter(|_| !fresh) {
            Some(last) => last.end = self.text.len(),
            None => self.ranges.push(start..self.text.len()),
        }
    }

    /// Cuts off all of the one piece that there is but its end.
    fn cut(&mut self) {
        let from = self.text.ceil_char_boundary(self.text.len().saturating_sub(END));
        self.text.drain(..from);
        if let Some(range) = self.ranges.first_mut() {
            *range = 0..self.text.len();
        }
    }

    /// How much text there is from a piece on.
    fn from(&self, piece: usize) -> usize {
        self.text.len() - self.ranges.get(piece).map_or(self.text.len(), |range| range.start)
    }

    /// Drops the pieces before one.
    fn drop_before(&mut self, piece: usize) {
        let cut = self.text.len() - self.from(piece);
        self.text.drain(..cut);
        self.ranges.drain(..piece.min(self.ranges.len()));
        for range in &mut self.ranges {
            *range = range.start - cut..range.end - cut;
        }
    }
}

/// The text of a page.
#[derive(Default)]
pub(super) struct Page {
    pieces: Vec<Piece>,
    mapped: Layer,
    /// As it is drawn and as it is meant, where that is something else.
    others: [Option<Layer>; 2],
    pub(super) shown: bool,
}

impl Page {
    /// Adds a piece.
    pub(super) fn add(&mut self, spot: Spot, moved: bool, shown: &Shown) {
        self.shown = true;
        let plain = shown.drawn.is_none() && shown.meant.is_none() && self.others.iter().all(Option::is_none);
        let fresh = match self.pieces.last_mut() {
            Some(last) if !moved && !last.said => {
                last.spot.end = spot.end;
                last.spot.doubt = spot.doubt;
                false
            }
            Some(last)
                if plain
                    && is_same(&last.spot, &spot)
                    && self.mapped.get(self.mapped.ranges.len() - 1) == shown.mapped =>
            {
                return;
            }
            _ => {
                self.pieces.push(Piece { spot, moved, said: false });
                true
            }
        };
        for (layer, text) in self.others.iter_mut().zip([shown.drawn, shown.meant]) {
            if text.is_some() && layer.is_none() {
                *layer = Some(self.mapped.clone());
            }
            if let Some(layer) = layer {
                layer.add(text.unwrap_or(shown.mapped), fresh);
            }
        }
        self.mapped.add(shown.mapped, fresh);
    }

    /// Adds what a field says, which is looked at as a part of its object, too.
    pub(super) fn say(&mut self, spot: Spot, text: &str) {
        self.pieces.push(Piece { spot, moved: true, said: true });
        self.layers().for_each(|layer| layer.add(text, true));
    }

    /// Adds a blank to the last piece.
    pub(super) fn blank(&mut self) {
        if !self.pieces.is_empty() {
            self.layers().for_each(|layer| layer.add(" ", false));
        }
    }

    fn layers(&mut self) -> impl Iterator<Item = &mut Layer> {
        std::iter::once(&mut self.mapped).chain(self.others.iter_mut().flatten())
    }

    /// Whether there is enough to pass on.
    pub(super) fn is_full(&self) -> bool {
        let full = |layer: &Layer| layer.text.len() >= BYTES;
        self.pieces.len() >= PIECES || full(&self.mapped) || self.others.iter().flatten().any(full)
    }

    /// Passes on what there is at a place; `more` will follow.
    pub(super) fn flush(&mut self, place: &Place, scanner: &mut Scanner, more: bool) {
        let lines = self.lines(false);
        let is_moved = |line: &&Vec<usize>| line.windows(2).any(|two| two[0] + 1 != two[1]);
        let mut views = Views::new(scanner);
        for layer in std::iter::once(&self.mapped).chain(self.others.iter().flatten()) {
            views.show(|out| self.as_drawn(layer, out));
            if lines.iter().any(|line| is_moved(&line)) {
                views.show(|out| lines.iter().filter(is_moved).for_each(|line| self.line(layer, line, out)));
            }
            let table = self.table(layer, &lines, views.scanner);
            if table.has_columns() {
                views.show(|out| table.show(place, out.scanner));
            }
        }
        views.finish(place);
        if self.pieces.iter().any(|piece| piece.said) {
            self.flush_said(place, scanner);
        }
        let from = if more { self.pieces.len().saturating_sub(AGAIN) } else { self.pieces.len() };
        // Of pieces that are a whole part only the end is passed on again.
        let large = self.layers().any(|layer| layer.from(from) > BYTES / 2);
        let from = if large && more { self.pieces.len().saturating_sub(1) } else { from };
        self.pieces.drain(..from);
        self.layers().for_each(|layer| layer.drop_before(from));
        if large {
            self.layers().for_each(Layer::cut);
        }
        let mapped = &self.mapped;
        for layer in &mut self.others {
            *layer = layer.take().filter(|layer| layer.text != mapped.text);
        }
    }

    /// Passes on the lines of the page with what fields say in them: their objects say the same.
    fn flush_said(&self, place: &Place, scanner: &mut Scanner) {
        scanner.separate();
        scanner.echo(true);
        scanner.begin(Mask::default(), place.clone());
        let lines = self.lines(true);
        let mut views = Views::new(scanner);
        for layer in std::iter::once(&self.mapped).chain(self.others.iter().flatten()) {
            views.show(|out| lines.iter().for_each(|line| self.line(layer, line, out)));
            views.show(|out| self.table(layer, &lines, out.scanner).show(place, out.scanner));
        }
        views.finish(place);
        scanner.echo(false);
        scanner.begin(Mask::default(), place.clone());
    }

    fn as_drawn(&self, layer: &Layer, out: &mut Out) {
        let drawn = self.pieces.iter().enumerate().filter(|(_, piece)| !piece.said);
        self.row(layer, drawn.map(|(at, piece)| (at, piece.moved)), out);
    }

    fn line(&self, layer: &Layer, line: &[usize], out: &mut Out) {
        self.row(layer, line.iter().map(|&at| (at, true)), out);
    }

    /// Pieces one after the other; those that are apart from the one before are not said again where they are drawn twice.
    fn row(&self, layer: &Layer, pieces: impl Iterator<Item = (usize, bool)>, out: &mut Out) {
        let mut last: Option<usize> = None;
        let mut first = 0;
        for (at, is_apart) in pieces {
            if let Some(last) = last.filter(|_| is_apart) {
                if self.is_again(layer, last, at) {
                    continue;
                }
                let gap = self.gap(layer, last, at);
                if gap == "\n" {
                    out.extent = self.extent(first, last);
                    first = at;
                }
                out.text(gap);
            }
            out.text(layer.get(at));
            first = if last.is_none() { at } else { first };
            last = Some(at);
        }
        out.extent = last.and_then(|last| self.extent(first, last));
        out.text("\n");
    }

    /// Where a line is, by its first and its last piece.
    fn extent(&self, first: usize, last: usize) -> Option<Extent> {
        self.pieces.get(first).zip(self.pieces.get(last)).map(|(first, last)| Extent::new(first.spot, last.spot.end))
    }

    /// Whether two pieces are one that is drawn twice.
    fn is_again(&self, layer: &Layer, last: usize, next: usize) -> bool {
        let spots = self.pieces.get(last).zip(self.pieces.get(next));
        spots.is_some_and(|(last, next)| is_same(&last.spot, &next.spot)) && layer.get(last) == layer.get(next)
    }

    /// The lines of the page, from left to right; `all`: with what fields say.
    fn lines(&self, all: bool) -> Vec<Vec<usize>> {
        let pieces = self.pieces.iter().enumerate().filter(|(_, piece)| all || !piece.said);
        let mut order: Vec<usize> = pieces.map(|(at, _)| at).collect();
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
            lines.extend((!line.is_empty()).then_some(line));
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

    /// What lies between two pieces.
    fn gap(&self, layer: &Layer, last: usize, next: usize) -> &'static str {
        let (before, behind) = (layer.get(last), layer.get(next));
        let (Some(last), Some(next)) = (self.pieces.get(last), self.pieces.get(next)) else { return "" };
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

fn is_same(last: &Spot, spot: &Spot) -> bool {
    let near = |one: f64, other: f64| (one - other).abs() < SAME * spot.size;
    last.turn == spot.turn && near(last.start, spot.start) && near(last.across, spot.across)
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
            page.add(spot, true, &Shown { mapped: text, drawn: None, meant: None });
        }
        page
    }

    #[test]
    fn lines_are_read_as_they_stand() {
        let lines = |pieces: &[(&str, f64, f64)]| page(pieces).lines(true);
        assert_eq!(lines(&[("card", 0.0, 9.0), ("4000", 25.0, 9.0), ("tide", 0.0, 0.0)]), [vec![0, 1], vec![2]]);
        assert_eq!(lines(&[("4000", 25.0, 9.0), ("tide", 0.0, 0.0), ("card", 0.0, 9.0)]), [vec![2, 0], vec![1]]);
    }

    #[test]
    fn a_value_is_counted_once_in_all_orders() {
        for pieces in [
            [("card", 0.0, 9.0), ("4000004427083831", 25.0, 9.0), ("tide", 0.0, 0.0)],
            [("4000004427083831", 25.0, 9.0), ("card", 0.0, 9.0), ("tide", 0.0, 0.0)],
            [("card", 0.0, 9.0), ("tide", 0.0, 0.0), ("4000004427083831", 25.0, 9.0)],
        ] {
            let mut scanner = Scanner::new(&Detectors::default(), 5);
            page(&pieces).flush(&Place::Text, &mut scanner, false);
            let found = scanner.finish();
            assert_eq!(found.iter().map(|found| (found.count, found.locations.len())).collect::<Vec<_>>(), [(1, 1)]);
        }
    }
}

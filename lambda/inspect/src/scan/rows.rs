//! Rows of tables, each taken as a whole: its cells are told apart only where something is found.
//!
//! The window is the same as if each cell had come by itself ([`Scanner::begin`]), and so are the steps in which it
//! is scanned: a row that does not fit is not taken, and comes by its cells.

use std::ops::Range;
use std::rc::Rc;

use memchr::{memchr_iter, memchr2};

use super::{BATCH, MARGIN, Mask, Place, SEGMENTS, Scanner, Segment, push_plain};
use crate::detect::keyword::BARRIER;

/// A cell of a row whose column has a name with a keyword.
pub(crate) struct NamedCell {
    /// Its column, from 1 on.
    pub(crate) column: u64,
    pub(crate) names: Mask,
    pub(crate) name: Rc<str>,
}

/// A row, as it is put together.
#[derive(Default)]
pub(crate) struct Row {
    /// The cells, each but the last with a line end.
    bytes: Vec<u8>,
    cells: usize,
}

impl Row {
    /// Starts a row.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.cells = 1;
    }

    /// Adds cells with a delimiter between them, and before and behind them if it is there.
    pub(crate) fn cells(&mut self, text: &str, delimiter: u8) {
        let ended = |&byte: &u8| if byte == delimiter { b'\n' } else { byte };
        self.bytes.extend(text.as_bytes().iter().map(ended));
        self.cells += text.bytes().filter(|&byte| byte == delimiter).count();
    }

    /// Adds a part of a cell.
    pub(crate) fn part(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// How many cells it has.
    pub(crate) fn len(&self) -> usize {
        self.cells
    }
}

impl Scanner {
    /// Takes a row of which nothing was taken but that it begins, and begins the next one; false if it does not fit.
    pub(crate) fn row(&mut self, number: u64, row: &Row, named: &[NamedCell]) -> bool {
        let full = self.done + BATCH + MARGIN;
        let (start, most) = (self.window.len(), row.bytes.len() + 2 + BARRIER.len_utf8());
        if start + most >= full || self.segments.len() + self.cells + row.cells >= SEGMENTS {
            return false;
        }
        // The bytes of a text with other signs of ASCII in it are a text.
        push_plain(&mut self.window, simdutf8::basic::from_utf8(&row.bytes).unwrap_or_default());
        let end = self.window.len();
        // What began with the row before.
        self.segments.pop();
        let before = self.segments.len();
        let (mut column, mut at) = (1, start);
        for cell in named.iter().take_while(|cell| cell.column <= row.cells as u64) {
            if cell.column > column {
                self.push_segment(at, Mask::default(), Place::Row { row: number, column });
                let skipped = usize::try_from(cell.column - column).unwrap_or(usize::MAX);
                at = self.behind_cells(at..end, skipped);
            }
            let place = Place::Cell { row: number, column: cell.column, name: Some(Rc::clone(&cell.name)) };
            self.push_segment(at, cell.names.clone(), place);
            column = cell.column + 1;
            at = self.behind_cells(at..end, 1);
        }
        if column <= row.cells as u64 {
            self.push_segment(at, Mask::default(), Place::Row { row: number, column });
        }
        self.cells += row.cells - (self.segments.len() - before);
        self.window.push('\n');
        self.window.push(BARRIER);
        self.window.push('\n');
        self.push_segment(self.window.len(), Mask::default(), Place::Row { row: number + 1, column: 1 });
        true
    }

    /// Says where the cell is that begins here, behind the last row that was taken as a whole.
    pub(crate) fn first_cell(&mut self, (names, place): (Mask, Place)) {
        if let Some(last) = self.segments.last_mut() {
            (last.names, last.place) = (names, place);
        }
    }

    /// Where the cell starts that is so many behind the first one of a part.
    fn behind_cells(&self, part: Range<usize>, cells: usize) -> usize {
        let mut ends = memchr_iter(b'\n', &self.window.as_bytes()[part.clone()]);
        ends.nth(cells - 1).map_or(part.end, |end| part.start + end + 1)
    }

    pub(super) fn push_segment(&mut self, start: usize, names: Mask, place: Place) {
        self.segments.push(Segment { start, names, place, echo: self.echo });
    }

    /// The place of a value in a segment, where a row stands for its cells.
    pub(super) fn place(&self, segment: usize, at: usize) -> Place {
        let Segment { start, place, .. } = &self.segments[segment];
        match *place {
            Place::Record(ref records) => self.place_of(*start, at, records),
            Place::Row { row, column } => {
                let before = memchr_iter(b'\n', &self.window.as_bytes()[*start..at]).count();
                Place::Cell { row, column: column + before as u64, name: None }
            }
            _ => place.clone(),
        }
    }

    /// Before the first bytes of the window are dropped: what is left of the rows is counted.
    pub(super) fn cut_rows(&mut self, cut: usize) {
        if let Some(Segment { start, place, .. }) = self.segments.first_mut()
            && *start < cut
        {
            let ends = |from: usize| memchr_iter(b'\n', &self.window.as_bytes()[from..cut]).count();
            match place {
                Place::Row { column, .. } => *column += ends(*start) as u64,
                Place::Record(records) => records.cut(ends(*start)),
                _ => {}
            }
        }
        self.cells = 0;
        for (number, segment) in self.segments.iter().enumerate() {
            if matches!(segment.place, Place::Row { .. } | Place::Record(_)) {
                let end = self.segments.get(number + 1).map_or(self.window.len(), |next| next.start);
                // Before a barrier is a line end that starts no cell, and what starts at the end is another segment.
                let part = &self.window[segment.start.max(self.done)..end];
                let ends = memchr_iter(b'\n', part.as_bytes()).count();
                let others = part.matches(BARRIER).count() + usize::from(part.ends_with('\n'));
                self.cells += ends.saturating_sub(others);
            }
        }
    }
}

/// Whether a part of the window is in more than one segment or cell: each starts on a line of its own.
pub(super) fn is_divided(segments: &[Segment], window: &str, part: &Range<usize>) -> bool {
    if memchr2(b'\n', b'\r', &window.as_bytes()[part.clone()]).is_none() {
        return false;
    }
    let next = segments.partition_point(|segment| segment.start <= part.start);
    let cells = || matches!(segments[next - 1].place, Place::Row { .. } | Place::Record(_));
    segments.get(next).is_some_and(|next| next.start < part.end) || cells()
}

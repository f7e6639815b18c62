//! The names of a table's columns: in its first row, below a title, or in a row of texts further down.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use crate::scan::path;
use crate::scan::{Mask, Scanner};

/// In so many rows names are looked for: what stands above a table may look like one.
const ROWS: u64 = 100;

/// The columns whose names have keywords.
type Names = HashMap<u64, (Mask, Rc<str>)>;

/// The names that are known, and what the row that is read may add.
#[derive(Default)]
pub(super) struct Headings {
    known: Names,
    fresh: Names,
    /// What a cell of this row says that has keywords, and the column behind it and the empty cells that follow.
    last: Option<(u64, Mask, Rc<str>)>,
    /// The names of cells that have empty ones behind them, for the columns of these.
    spread: Names,
    rows: u64,
    /// The cells of this row that are filled, and whether one of them is a number.
    filled: u64,
    numbers: bool,
    /// A row with several cells has come.
    several: bool,
}

impl Headings {
    /// Whether this row may name the columns: one of the first ones, or as long as each has one cell at most.
    pub(super) fn may_come(&self) -> bool {
        !self.several || self.is_early()
    }

    /// Whether it is one of the first rows.
    pub(super) fn is_early(&self) -> bool {
        self.rows < ROWS
    }

    /// Takes a filled cell that covers these columns.
    pub(super) fn cell(&mut self, columns: Range<u64>, text: &str, is_number: bool, scanner: &mut Scanner) {
        self.filled += 1;
        self.numbers |= is_number;
        let names = scanner.names(text);
        self.last = None;
        if !names.is_empty() {
            let name: Rc<str> = Rc::from(path::shown(text));
            self.last = Some((columns.end, names.clone(), Rc::clone(&name)));
            self.fresh.extend(columns.map(|column| (column, (names.clone(), Rc::clone(&name)))));
        }
    }

    /// Takes a cell that is there, and empty: the one before may be merged with it.
    pub(super) fn empty(&mut self, column: u64) {
        if let Some((next, names, name)) = &mut self.last
            && *next == column
        {
            self.spread.insert(column, (names.clone(), Rc::clone(name)));
            *next += 1;
        }
    }

    /// Ends a row. The rows up to the first one with several cells may all name the columns: a single cell is the title above the
    /// table, or the name of the only column. Behind it rows of texts do. What a name has said stays, whatever is below it.
    pub(super) fn end_row(&mut self) {
        let mut fresh = std::mem::take(&mut self.fresh);
        let spread = std::mem::take(&mut self.spread);
        self.last = None;
        // A title stands above all columns, and is the name of none but its own; below the header are gaps in the data.
        if self.filled > 1 && !self.several {
            fresh.extend(spread);
        }
        if !self.several || !self.numbers {
            for (column, (names, name)) in fresh {
                let (known, _) = self.known.entry(column).or_insert_with(|| (Mask::default(), name));
                *known = std::mem::take(known).joined(names);
            }
        }
        self.several |= self.filled > 1;
        (self.filled, self.numbers) = (0, false);
        self.rows += 1;
    }

    /// What the name of a column says, and the first one of its names.
    pub(super) fn get(&self, column: u64) -> Option<(Mask, Rc<str>)> {
        self.known.get(&column).cloned()
    }
}

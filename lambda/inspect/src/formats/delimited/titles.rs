//! Which of the first rows name the columns: the first one, or one below a title, as spreadsheets and reports write it.

use super::columns::Columns;

/// In so many rows names are looked for.
const ROWS: u64 = 100;

/// Where the names may still come, and what the row that is read has.
#[derive(Default)]
pub(super) struct Titles {
    rows: u64,
    /// The first row with several cells that are filled has been read: it names them.
    named: bool,
    /// The cells of the row that are filled, and how many of them begin like a number.
    filled: u64,
    numbers: u64,
    /// The first character of the cell that is no blank.
    first: Option<char>,
}

impl Titles {
    /// Whether this row may name the columns.
    pub(super) fn may_come(&self) -> bool {
        self.rows < ROWS
    }

    /// Takes a part of a cell.
    pub(super) fn cell(&mut self, part: &str) {
        self.first = self.first.or_else(|| part.chars().find(|character| !character.is_whitespace()));
    }

    /// Ends a cell.
    pub(super) fn end_cell(&mut self) {
        if let Some(first) = self.first.take() {
            self.filled += 1;
            self.numbers += u64::from(first.is_ascii_digit() || matches!(first, '-' | '+' | '.'));
        }
    }

    /// Ends a row of a table with so many columns. One cell alone is a title, and a row with a number is one of data; texts alone
    /// may be a second row of names.
    pub(super) fn end_row(&mut self, expected: Option<u64>, columns: &mut Columns) {
        let several = std::mem::take(&mut self.filled) > 1;
        let texts = std::mem::take(&mut self.numbers) == 0;
        if !self.named && (several || columns.is_empty()) {
            columns.replace();
        } else if self.named && texts {
            columns.extend();
        } else {
            columns.skip();
        }
        self.named |= several;
        self.rows += 1;
        // Of a table with one column the first row is all there is to say.
        if expected == Some(1) || self.rows == ROWS {
            self.rows = ROWS;
            columns.finish();
        }
    }
}

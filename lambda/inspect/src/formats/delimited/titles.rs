//! Which of the first rows name the columns: the first one, or one below a title, as spreadsheets and reports write it.

use super::columns::Columns;
use crate::verdict::Fault;

/// In so many rows names are looked for, and in so many behind the first one that has several.
const ROWS: u64 = 100;
const MORE: u64 = 2;

/// Where the names may still come, and what the row that is read has.
#[derive(Default)]
pub(super) struct Titles {
    rows: u64,
    /// How many rows are behind the first one with several cells that are filled.
    behind: Option<u64>,
    /// How many cells of the row are filled, and whether this one is, and whether any has a digit.
    cells: u64,
    filled: bool,
    numbers: bool,
}

impl Titles {
    /// Whether this row may name the columns.
    pub(super) fn may_come(&self) -> bool {
        self.rows < ROWS
    }

    /// Takes a part of a cell.
    pub(super) fn cell(&mut self, part: &str) {
        self.filled |= part.contains(|character: char| !character.is_whitespace());
        self.numbers |= part.contains(|character: char| character.is_ascii_digit());
    }

    /// Ends a cell.
    pub(super) fn end_cell(&mut self) {
        self.cells += u64::from(std::mem::take(&mut self.filled));
    }

    /// Ends a row of a table with so many columns. The first row names them, and so do the rows below it up to the first one with
    /// several cells, which is the last that a title may stand above. Behind it names may go on in rows without a number.
    pub(super) fn end_row(&mut self, expected: Option<u64>, columns: &mut Columns) -> Result<(), Fault> {
        let several = std::mem::take(&mut self.cells) > 1;
        let numbers = std::mem::take(&mut self.numbers);
        if self.behind.is_none() || !numbers {
            columns.extend()?;
        } else {
            columns.skip();
        }
        self.behind = self.behind.map(|behind| behind + 1).or(several.then_some(0));
        self.rows += 1;
        // Of a table with one column the first row is all there is to say; and a row of data, which has a number, ends them.
        let is_data = several && numbers && self.rows > 1;
        if expected == Some(1) || self.rows == ROWS || is_data || self.behind == Some(MORE) {
            self.rows = ROWS;
            columns.finish();
        }
        Ok(())
    }
}

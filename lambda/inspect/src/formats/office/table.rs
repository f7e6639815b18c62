//! Tables of a document: the names in the first row hold for the cells below them, as in a sheet.

use super::headings::Headings;
use crate::formats::xml::{Attributes, local};
use crate::scan::{Mask, Place, Scanner};

/// How many tables in each other are told apart, and how many columns of each.
const DEEPEST: usize = 8;
const COLUMNS: u64 = 1024;

/// As much of a cell as may name its column, in bytes.
const NAME: usize = 256;

/// From so many digits on a cell has a number in it, and names nothing.
const NUMBER: usize = 4;

/// The tables that are open.
#[derive(Default)]
pub(super) struct Tables {
    open: Vec<Table>,
    /// How many more are open within, or in a paragraph.
    other: usize,
}

#[derive(Default)]
struct Table {
    row: u64,
    /// The column of the cell and how many it covers.
    column: u64,
    span: u64,
    /// The cell is open.
    inside: bool,
    /// What the cell says, as far as it may be a name.
    text: String,
    headings: Headings,
}

impl Tables {
    /// An element starts, within a paragraph or not. Says whether a cell does.
    pub(super) fn start(&mut self, element: &str, attributes: &Attributes, within: bool) -> bool {
        if element == "tbl" && (within || self.other > 0 || self.open.len() >= DEEPEST) {
            self.other += 1;
        } else if element == "tbl" {
            self.open.push(Table::default());
        }
        let Some(table) = self.open.last_mut().filter(|_| self.other == 0) else { return false };
        let count = || {
            let value = attributes.iter().find(|found| local(found.0) == "val")?;
            value.1.parse::<u64>().ok().filter(|count| (1..=COLUMNS).contains(count))
        };
        match element {
            "tr" => (table.row, table.column, table.span) = (table.row + 1, 0, 0),
            "tc" => {
                table.column += table.span.max(1);
                (table.span, table.inside) = (1, true);
                table.text.clear();
                return true;
            }
            "gridSpan" => table.span = count().unwrap_or(1),
            "gridBefore" => table.column = count().unwrap_or(0),
            _ => {}
        }
        false
    }

    /// Takes a text that is shown in a cell.
    pub(super) fn text(&mut self, text: &str) {
        if let Some(table) =
            self.open.last_mut().filter(|table| self.other == 0 && table.inside && table.text.len() < NAME)
        {
            table.text.push_str(&text[..text.floor_char_boundary(NAME)]);
        }
    }

    /// An element ends. Says whether a cell does.
    pub(super) fn end(&mut self, element: &str, scanner: &mut Scanner) -> bool {
        if element == "tbl" && self.other > 0 {
            self.other -= 1;
        } else if element == "tbl" {
            self.open.pop();
        } else if let Some(table) = self.open.last_mut().filter(|_| self.other == 0) {
            match element {
                "tc" => {
                    table.end_cell(scanner);
                    return true;
                }
                "tr" => table.end_row(),
                _ => {}
            }
        }
        false
    }

    /// What the name of the column says of the innermost cell whose column has one, and where it is.
    pub(super) fn cell(&self) -> Option<(Mask, Place)> {
        self.open.iter().rev().filter(|table| table.inside).find_map(|table| {
            let (names, name) = table.headings.get(table.column)?;
            Some((names, Place::Cell { row: table.row, column: table.column, name: Some(name) }))
        })
    }
}

impl Table {
    fn end_cell(&mut self, scanner: &mut Scanner) {
        self.inside = false;
        let text = self.text.trim();
        // A cell may go over as many columns as there are.
        if self.headings.is_early() && !text.is_empty() {
            let is_number = text.chars().filter(|sign| sign.is_numeric()).count() >= NUMBER;
            let columns = self.column..self.column.saturating_add(self.span).min(COLUMNS);
            self.headings.cell(columns, text, is_number, scanner);
        }
    }

    fn end_row(&mut self) {
        self.headings.end_row();
        self.column = 0;
    }
}

//! Tables of a document: the names in the first row hold for the cells below them, as in a sheet.

use std::collections::HashMap;
use std::rc::Rc;

use crate::formats::xml::{Attributes, local};
use crate::scan::{Mask, Place, Scanner, path};

/// How many tables in each other are told apart, and how many columns of each.
const DEEPEST: usize = 8;
const COLUMNS: u64 = 1024;

/// As much of a cell as may name its column, in bytes.
const NAME: usize = 256;

/// In so many rows names are looked for: what stands above a table may look like one.
const TITLES: u64 = 100;

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
    /// The cells of this row that are filled, and those with numbers.
    filled: u64,
    numbers: u64,
    /// The row with the names has come.
    named: bool,
    names: Names,
    /// What this row would name the columns.
    fresh: Names,
}

/// The columns whose names have keywords.
type Names = HashMap<u64, (Mask, Rc<str>)>;

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
            let (names, name) = table.names.get(&table.column)?;
            let place = Place::Cell { row: table.row, column: table.column, name: Some(Rc::clone(name)) };
            Some((names.clone(), place))
        })
    }
}

impl Table {
    fn end_cell(&mut self, scanner: &mut Scanner) {
        self.inside = false;
        let text = self.text.trim();
        if text.is_empty() || self.row > TITLES {
            return;
        }
        self.filled += 1;
        self.numbers += u64::from(text.chars().filter(|sign| sign.is_numeric()).count() >= NUMBER);
        let names = scanner.names(text);
        if !names.is_empty() {
            let name = Rc::from(path::shown(text));
            let columns = self.column..self.column.saturating_add(self.span).min(COLUMNS);
            self.fresh.extend(columns.map(|column| (column, (names.clone(), Rc::clone(&name)))));
        }
    }

    fn end_row(&mut self) {
        // One cell in a row may be the title above the table, or the name of the only column.
        let fresh = std::mem::take(&mut self.fresh);
        if !self.named && (self.filled > 1 || self.names.is_empty()) {
            self.names = fresh;
        } else if self.numbers == 0 {
            self.names.extend(fresh);
        }
        self.named |= self.filled > 1;
        (self.filled, self.numbers, self.column) = (0, 0, 0);
    }
}

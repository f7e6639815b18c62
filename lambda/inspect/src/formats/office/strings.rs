//! The shared strings of a workbook, held while its sheets are read.

use super::words::scan_attributes;
use crate::formats::xml::{Reader, local};
use crate::pass::{Budget, Hold};
use crate::scan::Scanner;
use crate::verdict::Fault;

/// What a string costs beside its text, in bytes.
const EACH: usize = 16;

/// The table of strings.
pub(super) struct Strings {
    text: String,
    /// Where each string ends, and whether a cell showed it.
    table: Vec<(usize, bool)>,
    /// In a text that belongs to the string: neither in its pronunciation nor between its runs.
    inside: bool,
    spoken: bool,
    /// See [`Strings::beside`].
    beside: bool,
    hold: Hold,
}

impl Strings {
    pub(super) fn new(budget: &Budget) -> Self {
        let (text, table) = (String::new(), Vec::new());
        Self { text, table, inside: false, spoken: false, beside: false, hold: budget.hold() }
    }

    /// A reader that keeps nothing, and passes on what is beside the strings: the part was read before.
    pub(super) fn beside(budget: &Budget) -> Self {
        Self { beside: true, ..Self::new(budget) }
    }

    /// The string of a number, which a cell shows.
    pub(super) fn show(&mut self, number: usize) -> Option<&str> {
        let start = number.checked_sub(1).map_or(Some(0), |before| self.table.get(before).map(|string| string.0))?;
        let (end, shown) = self.table.get_mut(number)?;
        *shown = true;
        self.text.get(start..*end)
    }

    /// Passes on the strings that no cell showed.
    pub(super) fn scan_unused(&self, scanner: &mut Scanner) {
        let mut start = 0;
        for &(end, shown) in &self.table {
            if !shown {
                scanner.text(&self.text[start..end]);
                scanner.separate();
                scanner.text("\n");
            }
            start = end;
        }
    }

    fn keep(&mut self, bytes: usize) -> Result<(), Fault> {
        self.hold.add(bytes)
    }
}

impl Reader for Strings {
    fn start(&mut self, name: &str, attributes: &[(&str, String)], scanner: &mut Scanner) -> Result<(), Fault> {
        match local(name) {
            "t" => self.inside = !self.spoken,
            "rPh" => self.spoken = true,
            _ => {}
        }
        if self.beside {
            scanner.text(if local(name) == "rPh" { "\n" } else { "" });
            scan_attributes(name, attributes, scanner);
        }
        Ok(())
    }

    fn text(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        match (self.inside, self.beside) {
            (true, false) => {
                self.keep(text.len())?;
                self.text.push_str(text);
            }
            (false, true) => scanner.text(text),
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, name: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        match local(name) {
            "t" => self.inside = false,
            "rPh" => {
                self.spoken = false;
                if self.beside {
                    scanner.text("\n");
                }
            }
            "si" if !self.beside => {
                self.keep(EACH)?;
                self.table.push((self.text.len(), false));
            }
            _ => {}
        }
        Ok(())
    }
}

//! The shared strings of a workbook, held while its sheets are read.

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
    deaf: bool,
    hold: Hold,
}

impl Strings {
    pub(super) fn new(budget: &Budget) -> Self {
        let (text, table) = (String::new(), Vec::new());
        Self { text, table, inside: false, spoken: false, deaf: false, hold: budget.hold() }
    }

    /// A reader that keeps nothing: the part was read before.
    pub(super) fn deaf(budget: &Budget) -> Self {
        Self { deaf: true, ..Self::new(budget) }
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
    fn start(&mut self, name: &str, _: &[(&str, String)], _: &mut Scanner) -> Result<(), Fault> {
        match local(name) {
            "t" => self.inside = !self.spoken,
            "rPh" => self.spoken = true,
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str, _: &mut Scanner) -> Result<(), Fault> {
        if self.inside && !self.deaf {
            self.keep(text.len())?;
            self.text.push_str(text);
        }
        Ok(())
    }

    fn end(&mut self, name: &str, _: &mut Scanner) -> Result<(), Fault> {
        match local(name) {
            "t" => self.inside = false,
            "rPh" => self.spoken = false,
            "si" if !self.deaf => {
                self.keep(EACH)?;
                self.table.push((self.text.len(), false));
            }
            _ => {}
        }
        Ok(())
    }
}

//! The cells of a sheet, under the names of their columns.

use super::headings::Headings;
use super::strings::unescaped;
use super::words::scan_attributes;
use super::{Book, margin};
use crate::formats::xml::{Attributes, Reader, local};
use crate::scan::value;
use crate::scan::{Mask, Place, Scanner};
use crate::verdict::Fault;

/// As much of a cell as is held before it is passed on, in bytes.
const HELD: usize = 64 << 10;

/// How much of a formula is held; Excel knows no longer ones.
const FORMULA: usize = 8 << 10;

/// The columns of a sheet: XFD.
const COLUMNS: u64 = 16_384;

#[derive(Clone, Copy, PartialEq)]
enum Inside {
    Nothing,
    Value,
    Formula,
    /// A header or a footer of the page.
    Margin,
    /// Text around the table, as that of a header or a data validation.
    Other,
}

/// Reads a sheet.
pub(super) struct Sheet<'a> {
    book: &'a mut Book,
    row: u64,
    column: u64,
    /// The cell's type, as `t` says, and what was read of its value.
    kind: String,
    value: String,
    dated: bool,
    /// The number of its style.
    style: usize,
    inside: Inside,
    /// The formula of the cell.
    formula: String,
    /// Comments, which must not part the text around them.
    aside: String,
    /// In the pronunciation of a cell.
    spoken: bool,
    headings: Headings,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(book: &'a mut Book) -> Self {
        Self {
            book,
            row: 0,
            column: 0,
            kind: String::new(),
            value: String::new(),
            dated: false,
            style: 0,
            inside: Inside::Nothing,
            formula: String::new(),
            aside: String::new(),
            spoken: false,
            headings: Headings::default(),
        }
    }

    fn start_cell(&mut self, attributes: &Attributes, scanner: &mut Scanner) {
        let attribute = |name: &str| attributes.iter().find(|found| found.0 == name).map(|found| &*found.1);
        attribute("t").unwrap_or("n").clone_into(&mut self.kind);
        self.column = attribute("r").and_then(column).unwrap_or(self.column + 1);
        self.value.clear();
        self.style = attribute("s").and_then(|style| style.parse().ok()).unwrap_or(0);
        self.dated = self.book.styles.is_date(self.style);
        self.begin(scanner);
    }

    /// Starts a text of the cell.
    fn begin(&self, scanner: &mut Scanner) {
        let (names, name) = self.headings.get(self.column).unzip();
        let names = names.unwrap_or_default();
        scanner.begin(names, Place::Cell { row: self.row, column: self.column, name });
    }

    /// Passes on what was read of the value.
    fn end_value(&mut self, scanner: &mut Scanner) -> Result<(), Fault> {
        let held = std::mem::take(&mut self.value);
        let number;
        // As its format shows it.
        let mut otherwise = None;
        let text = match self.kind.as_str() {
            "s" => {
                let index = held.trim().parse().ok().and_then(|index| self.book.strings.show(index));
                index.ok_or_else(|| Fault::syntax("a cell that refers to no shared string", 0))?
            }
            "n" => {
                number = if self.dated { date(&held) } else { value::whole(&held) };
                let number = number.as_deref().unwrap_or(&held);
                otherwise = if self.dated { None } else { self.book.styles.shown(self.style, number) };
                number
            }
            _ => &held,
        };
        // One string may be shown by any number of cells.
        self.book.budget.work(text.len())?;
        let text = &*unescaped(text);
        scanner.text(text);
        if self.headings.may_come() && !text.trim().is_empty() && self.column <= COLUMNS {
            let is_number = !matches!(self.kind.as_str(), "s" | "str" | "inlineStr");
            self.headings.cell(self.column..self.column + 1, text, is_number, scanner);
        }
        if let Some(shown) = otherwise {
            scanner.echo(true);
            self.begin(scanner);
            scanner.text(&shown);
            scanner.echo(false);
            self.begin(scanner);
        }
        Ok(())
    }

    /// Passes on what a formula joins, as it gives it where nobody has stored that yet.
    fn end_formula(&mut self, scanner: &mut Scanner) {
        let formula = std::mem::take(&mut self.formula);
        if formula.contains(['"', '&']) {
            let joined = formula.replace(['"', '&', ',', ';', ' '], "");
            scanner.echo(true);
            self.begin(scanner);
            scanner.text(&joined);
            scanner.echo(false);
            self.begin(scanner);
        }
    }

    fn end_row(&mut self, scanner: &mut Scanner) {
        self.headings.end_row();
        scanner.separate();
        scanner.begin(Mask::default(), Place::Cell { row: self.row + 1, column: 1, name: None });
    }
}

impl Reader for Sheet<'_> {
    fn start(&mut self, name: &str, attributes: &Attributes, scanner: &mut Scanner) -> Result<(), Fault> {
        self.inside = match local(name) {
            "row" => {
                let number = attributes.iter().find(|found| found.0 == "r").and_then(|found| found.1.parse().ok());
                self.row = number.unwrap_or(self.row + 1);
                self.column = 0;
                Inside::Nothing
            }
            "c" | "cell" => {
                self.start_cell(attributes, scanner);
                Inside::Nothing
            }
            "rPh" => {
                self.spoken = true;
                scanner.text("\n");
                Inside::Nothing
            }
            "v" | "t" if !self.spoken => Inside::Value,
            "f" => {
                scanner.text("\n");
                Inside::Formula
            }
            "is" | "r" | "rPr" => Inside::Nothing,
            "oddHeader" | "oddFooter" | "evenHeader" | "evenFooter" | "firstHeader" | "firstFooter" => Inside::Margin,
            _ => Inside::Other,
        };
        scan_attributes(name, attributes, scanner);
        Ok(())
    }

    fn text(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        match self.inside {
            Inside::Value => {
                self.value.push_str(text);
                // No index and no number is as long.
                if self.value.len() > HELD {
                    scanner.text(&std::mem::take(&mut self.value));
                }
            }
            Inside::Margin => {
                self.value.push_str(text);
                if self.value.len() > HELD {
                    scanner.text(&margin::plain(&std::mem::take(&mut self.value)));
                }
            }
            // Between the elements there is white space.
            Inside::Nothing if text.trim().is_empty() => {}
            Inside::Formula => {
                scanner.text(text);
                if self.formula.len() < FORMULA {
                    self.formula.push_str(text);
                }
            }
            Inside::Other | Inside::Nothing => scanner.text(text),
        }
        Ok(())
    }

    fn aside(&mut self, text: &str, scanner: &mut Scanner) {
        self.aside.push_str(text);
        if self.aside.len() > HELD {
            scanner.text(&std::mem::take(&mut self.aside));
        }
    }

    fn end(&mut self, name: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        match local(name) {
            "f" => {
                scanner.text("\n");
                self.end_formula(scanner);
            }
            "rPh" => {
                self.spoken = false;
                scanner.text("\n");
            }
            "c" | "cell" if !self.value.is_empty() => self.end_value(scanner)?,
            "c" | "cell" if self.headings.may_come() && self.column <= COLUMNS => self.headings.empty(self.column),
            _ if self.inside == Inside::Margin => {
                scanner.text("\n");
                scanner.text(&margin::plain(&std::mem::take(&mut self.value)));
                scanner.text("\n");
            }
            "row" => self.end_row(scanner),
            _ => {}
        }
        if !self.aside.is_empty() {
            scanner.text("\n");
            scanner.text(&std::mem::take(&mut self.aside));
            scanner.text("\n");
        }
        self.inside = Inside::Nothing;
        Ok(())
    }
}

/// The column of a cell's name: 28 for `AB7`.
fn column(cell: &str) -> Option<u64> {
    let letters = cell.bytes().take_while(u8::is_ascii_alphabetic);
    let add = |column: u64, letter: u8| {
        column.checked_mul(26)?.checked_add(u64::from(letter.to_ascii_uppercase() - b'A') + 1)
    };
    letters.map(Some).try_fold(0, |column, letter| add(column, letter?)).filter(|&column| column > 0)
}

/// The day of a number, which counts from the end of 1899 on.
fn date(value: &str) -> Option<String> {
    /// The first day of 1970.
    const EPOCH: f64 = 25_569.0;
    let day: f64 = value.trim().parse().ok()?;
    let (day, is_day) = ((day - EPOCH).floor(), (1.0..3e6).contains(&day));
    #[expect(clippy::cast_possible_truncation, reason = "it was floored, and is in range")]
    is_day.then(|| value::day(day as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells() {
        assert_eq!([column("A1"), column("AB7"), column("7"), column("XFD1")], [Some(1), Some(28), None, Some(16_384)]);
        assert_eq!(column(&"Z".repeat(99)), None);
        assert_eq!(date("31149.5").as_deref(), Some("1985-04-12"));
        assert_eq!([date("x"), date("-1"), date("1e300")], [None, None, None]);
    }
}

//! The tables of HTML: what the names of columns say of the cells below them.

use std::ops::Range;
use std::rc::Rc;

/// How many columns have names, as much of a row's name as is looked at, and how long one is that is no heading, in bytes.
const COLUMNS: usize = 256;
const NAME: usize = 256;
const CELL: usize = 48;

/// What is shorter is no value, and of what is longer only so much is looked at, in bytes.
const SHORTEST: usize = 6;
const LONGEST: usize = 1024;

/// Where in a table the text is.
#[derive(Default)]
pub(super) struct Table {
    names: Vec<Option<Rc<str>>>,
    column: usize,
    /// The row has several cells: those of one with a single one are a title.
    named: bool,
    /// Where the cell begins that is open, in what is shown, and whether it is a heading.
    cell: Option<(usize, bool)>,
    /// The cells below names, each with its own.
    cells: Vec<(Rc<str>, String)>,
}

impl Table {
    /// Takes a tag by its name, in lower case and with `/` before it where it closes, at the end of what is shown.
    pub(super) fn tag(&mut self, tag: &str, shown: &str) {
        match tag {
            "table" => *self = Self { cells: std::mem::take(&mut self.cells), ..Self::default() },
            "tr" => {
                self.end_cell(shown);
                self.named |= self.column > 1;
                self.column = 0;
            }
            "td" | "th" => {
                self.end_cell(shown);
                self.column += 1;
                self.cell = Some((shown.len(), tag == "th"));
            }
            "/td" | "/th" | "/tr" | "/table" => self.end_cell(shown),
            _ => {}
        }
    }

    /// Takes that only the end of what is shown is still there, from so many bytes on.
    pub(super) fn drained(&mut self, bytes: usize) {
        if let Some((start, _)) = &mut self.cell {
            *start = start.saturating_sub(bytes);
        }
    }

    /// The cells since the last time, each with the name of its column.
    pub(super) fn take(&mut self) -> Vec<(Rc<str>, String)> {
        std::mem::take(&mut self.cells)
    }

    fn end_cell(&mut self, shown: &str) {
        let Some((start, is_heading)) = self.cell.take() else { return };
        let text = shown.get(start..).unwrap_or_default().trim();
        let Some(column) = self.column.checked_sub(1).filter(|&column| column < COLUMNS) else { return };
        let may_name = || text.len() <= CELL && text.bytes().filter(u8::is_ascii_digit).count() < SHORTEST;
        if is_heading || (!self.named && may_name()) {
            self.name(column, text);
        } else if text.len() >= SHORTEST
            && let Some(Some(name)) = self.names.get(column)
        {
            self.cells.push((Rc::clone(name), text[to(text, LONGEST)].to_owned()));
        }
    }

    /// Adds to the name of a column, which may go on in the row below.
    fn name(&mut self, column: usize, text: &str) {
        self.names.resize(self.names.len().max(column + 1), None);
        let text = &text[to(text, NAME)];
        let known = self.names[column].as_deref();
        let name = known.map_or_else(|| text.to_owned(), |known| format!("{known} {text}"));
        self.names[column] = Some(Rc::from(&name[to(&name, LONGEST)]));
    }
}

/// As much of a text as there is up to a length.
fn to(text: &str, length: usize) -> Range<usize> {
    0..text.floor_char_boundary(length)
}

#[cfg(test)]
mod tests {
    use super::Table;

    /// The cells below names, each with its name.
    fn cells(rows: &[&[&str]]) -> Vec<String> {
        let (mut table, mut shown) = (Table::default(), String::new());
        table.tag("table", &shown);
        for row in rows {
            table.tag("tr", &shown);
            for cell in *row {
                let (tag, text) = cell.strip_prefix('#').map_or(("td", *cell), |text| ("th", text));
                table.tag(tag, &shown);
                shown.push_str(text);
            }
        }
        table.tag("/table", &shown);
        table.take().into_iter().map(|(name, cell)| format!("{name}: {cell}")).collect()
    }

    #[test]
    fn names_in_several_rows_hold_together() {
        assert_eq!(cells(&[&["#Card", "#x"], &["#of", "#y"], &["1234567", "z"]]), ["Card of: 1234567"]);
        assert_eq!(cells(&[&["Card"], &["visa"], &["1234567"]]), ["Card visa: 1234567"]);
        assert_eq!(cells(&[&["#Card", "#x"], &["1234567", "z"], &["1234568", "z"]]).len(), 2);
        let long = "Ä".repeat(200);
        let found = cells(&[&[&format!("#{long}"), "#x"], &["#Card", "#y"], &["1234567", "z"]]).remove(0);
        assert!(found.ends_with("Ä Card: 1234567") && found.len() < super::NAME + 20, "{found}");
    }
}

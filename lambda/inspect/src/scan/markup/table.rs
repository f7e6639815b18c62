//! The tables of HTML: what the names of columns say of the cells below them.

use std::ops::Range;
use std::rc::Rc;

/// How many columns have names, how many names each has at most, as much of one as is looked at, and how long one is that is no
/// heading, in bytes.
const COLUMNS: usize = 256;
const NAMES: usize = 32;
const NAME: usize = 256;
const CELL: usize = 48;

/// What is shorter is no value, and of what is longer only so much is looked at, in bytes.
const SHORTEST: usize = 6;
const LONGEST: usize = 1024;

/// What a column is called, in rows below each other.
pub(super) type Names = Rc<Vec<Rc<str>>>;

/// Over how many columns and rows a cell goes.
#[derive(Clone, Copy)]
pub(super) struct Spans {
    pub(super) columns: usize,
    pub(super) rows: usize,
}

impl Default for Spans {
    fn default() -> Self {
        Self { columns: 1, rows: 1 }
    }
}

/// Where in a table the text is.
#[derive(Default)]
pub(super) struct Table {
    names: Vec<Names>,
    /// The columns of the cell, up to where the next one begins.
    columns: Range<usize>,
    /// How many cells the row has.
    count: usize,
    /// In how many rows below there is no cell of its own, column by column.
    taken: Vec<usize>,
    /// The row has several cells: those of one with a single one are a title.
    named: bool,
    /// Where the cell begins that is open, in what is shown, and whether it is a heading.
    cell: Option<(usize, bool)>,
    /// The cells below names, each with its own.
    cells: Vec<(Names, String)>,
}

impl Table {
    /// Takes a tag by its name, in lower case and with `/` before it where it closes, at the end of what is shown.
    pub(super) fn tag(&mut self, tag: &str, spans: Spans, shown: &str) {
        match tag {
            "table" => *self = Self { cells: std::mem::take(&mut self.cells), ..Self::default() },
            "tr" => {
                self.end_cell(shown);
                self.named |= self.count > 1;
                self.skip(true);
                (self.columns, self.count) = (0..0, 0);
            }
            "td" | "th" => {
                self.end_cell(shown);
                self.count += 1;
                self.skip(false);
                let start = self.columns.end.min(COLUMNS);
                self.columns = start..(start + spans.columns.clamp(1, COLUMNS)).min(COLUMNS);
                self.taken.resize(self.taken.len().max(self.columns.end), 0);
                self.taken[self.columns.clone()].fill(spans.rows.saturating_sub(1));
                self.cell = Some((shown.len(), tag == "th"));
            }
            "/td" | "/th" | "/tr" | "/table" => self.end_cell(shown),
            // No cell goes on in another group of rows.
            "thead" | "tbody" | "tfoot" | "/thead" | "/tbody" | "/tfoot" => {
                self.end_cell(shown);
                self.taken.clear();
            }
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
    pub(super) fn take(&mut self) -> Vec<(Names, String)> {
        std::mem::take(&mut self.cells)
    }

    /// Goes behind what the cells above take of the row from here on, up to a place for a cell or to its end.
    fn skip(&mut self, all: bool) {
        for taken in self.taken.iter_mut().skip(self.columns.end) {
            if *taken == 0 && !all {
                break;
            }
            *taken = taken.saturating_sub(1);
            self.columns.end += 1;
        }
    }

    fn end_cell(&mut self, shown: &str) {
        let Some((start, is_heading)) = self.cell.take() else { return };
        let text = shown.get(start..).unwrap_or_default().trim();
        let column = self.columns.start;
        let may_name = || text.len() <= CELL && text.bytes().filter(u8::is_ascii_digit).count() < SHORTEST;
        if is_heading || (!self.named && may_name()) {
            let name: Rc<str> = Rc::from(&text[to(text, NAME)]);
            self.names.resize(self.names.len().max(self.columns.end), Names::default());
            self.names[self.columns.clone()].iter_mut().for_each(|names| add(names, &name));
        } else if text.len() >= SHORTEST
            && let Some(names) = self.names.get(column).filter(|names| !names.is_empty())
        {
            self.cells.push((Rc::clone(names), text[to(text, LONGEST)].to_owned()));
        }
    }
}

/// Adds a name to those of a column; of too many the last ones make room.
fn add(names: &mut Names, name: &Rc<str>) {
    if name.is_empty() || names.last() == Some(name) {
        return;
    }
    let names = Rc::make_mut(names);
    names.truncate(NAMES - 1);
    names.push(Rc::clone(name));
}

/// As much of a text as there is up to a length.
fn to(text: &str, length: usize) -> Range<usize> {
    0..text.floor_char_boundary(length)
}

#[cfg(test)]
mod tests {
    use super::{Spans, Table};

    /// The cells below names, each with its name: `#` is a heading, and `/2x1` goes over two columns and one row.
    fn cells(rows: &[&[&str]]) -> Vec<String> {
        let (mut table, mut shown) = (Table::default(), String::new());
        table.tag("table", Spans::default(), &shown);
        for row in rows {
            table.tag("tr", Spans::default(), &shown);
            for cell in *row {
                let (tag, text) = cell.strip_prefix('#').map_or(("td", *cell), |text| ("th", text));
                let (text, spans) = match text.split_once('/') {
                    Some((text, spans)) => {
                        let (columns, rows) = spans.split_once('x').unwrap();
                        (text, Spans { columns: columns.parse().unwrap(), rows: rows.parse().unwrap() })
                    }
                    None => (text, Spans::default()),
                };
                table.tag(tag, spans, &shown);
                shown.push_str(text);
            }
        }
        table.tag("/table", Spans::default(), &shown);
        table.take().into_iter().map(|(names, cell)| format!("{}: {cell}", names.join(" "))).collect()
    }

    #[test]
    fn cells_over_several_columns_and_rows() {
        let row = &["1234567", "2345678", "3456789"][..];
        let all = ["A: 1234567", "A: 2345678", "B: 3456789"];
        assert_eq!(cells(&[&["#A/2x1", "#B"], row]), all);
        assert_eq!(cells(&[&["#A/2x2", "#B"], &["#x"], row]), ["A: 1234567", "A: 2345678", "B x: 3456789"]);
        assert_eq!(cells(&[&["#x", "#B/1x2"], &["#A"], row]), ["x A: 1234567", "B: 2345678"]);
        assert_eq!(cells(&[&["#A", "#B", "#C"], &["1234567/1x2", "z", "z"], &["2345678", "3456789"]]).len(), 3);
        let below = cells(&[&["#A", "#B", "#C"], &["1234567/1x2", "z", "z"], &["2345678", "3456789"], row]);
        assert_eq!(below[1..], ["B: 2345678", "C: 3456789", "A: 1234567", "B: 2345678", "C: 3456789"]);
        assert_eq!(cells(&[&["A/9999999999x9999999999"], &["z"], row]).len(), 0);
    }

    #[test]
    fn names_in_several_rows_hold_together() {
        assert_eq!(cells(&[&["#Card", "#x"], &["#of", "#y"], &["1234567", "z"]]), ["Card of: 1234567"]);
        assert_eq!(cells(&[&["Card"], &["visa"], &["1234567"]]), ["Card visa: 1234567"]);
        assert_eq!(cells(&[&["#Card", "#x"], &["1234567", "z"], &["1234568", "z"]]).len(), 2);
        let long = "Ä".repeat(200);
        let found = cells(&[&[&format!("#{long}"), "#x"], &["#Card", "#y"], &["1234567", "z"]]).remove(0);
        assert!(found.ends_with("Ä Card: 1234567") && found.len() < super::NAME + 20, "{found}");
        let labels: Vec<String> = (0..50).map(|row| format!("#label {row}")).collect();
        let rows: Vec<[&str; 2]> = labels.iter().map(|label| [label, "1234567"]).collect();
        let mut rows: Vec<&[&str]> = rows.iter().map(|row| &row[..]).collect();
        rows.extend([&["#Card", "#x"][..], &["1234567", "z"]]);
        assert!(cells(&rows).pop().unwrap().ends_with(" Card: 1234567"), "the last one is always among them");
    }
}

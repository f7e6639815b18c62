//! Rows that are lists: a list of texts says what the items of the lists behind it are called.
//!
//! It is the first row, or one of the last three lists of their own that came before them, as in `{"columns": ["id", "card"], "data": [[…], …]}`.

use std::collections::VecDeque;
use std::rc::Rc;

use crate::scan::{Mask, Scanner};
use crate::verdict::{Fault, Kind};

/// In so many rows names are looked for: behind the first one only where no text has a digit.
const ROWS: u64 = 3;

/// How much of a name is looked at, in bytes, and how many columns a list has; how many all lists have that are open.
pub(super) const NAME: usize = 256;
const COLUMNS: usize = 16 << 10;
const MOST: usize = 128 << 10;

/// How many lists before the rows may have their names.
const LISTS: usize = 3;

/// Lists of rows, and what their columns are called.
#[derive(Default)]
pub(super) struct Heads {
    /// The lists of rows that are read and have names, the innermost last, and how many columns that are, each list one more.
    rows: Vec<Rows>,
    columns: usize,
    /// The items of the list that is read, as long as they may be names.
    items: Option<Items>,
    /// The last lists by themselves that had only texts, and their keywords once they are needed: another one may stand
    /// between the names and the rows, as the index of `pandas` does.
    last: VecDeque<Items>,
    named: Option<Rc<Vec<Mask>>>,
}

/// The rows of a list.
struct Rows {
    /// How many lists and objects are around a row.
    around: usize,
    /// What the columns have keywords of by the list before, and by their own names.
    before: Rc<Vec<Mask>>,
    own: Vec<Mask>,
}

/// The texts of a list, one behind the other.
#[derive(Default)]
struct Items {
    text: String,
    ends: Vec<usize>,
    /// One of them is no text, and one has a digit.
    others: bool,
    numbers: bool,
}

impl Items {
    fn add(&mut self, text: &str) {
        if self.ends.len() < COLUMNS {
            self.text.push_str(&text[..text.floor_char_boundary(NAME)]);
            self.ends.push(self.text.len());
            self.numbers |= text.bytes().any(|byte| byte.is_ascii_digit());
        }
    }

    /// Adds the keywords of the texts to those of the columns.
    fn name(&self, columns: &mut Vec<Mask>, scanner: &mut Scanner) {
        let mut start = 0;
        for (column, &end) in self.ends.iter().enumerate() {
            let names = scanner.names(&self.text[start..end]);
            start = end;
            if !names.is_empty() {
                columns.resize(columns.len().max(column + 1), Mask::default());
                columns[column] = std::mem::take(&mut columns[column]).joined(names);
            }
        }
    }
}

impl Heads {
    /// A list begins with so many others and objects around it, as an item of a list that has so many before it, or by
    /// itself.
    pub(super) fn begin_list(&mut self, around: usize, row: Option<u64>, scanner: &mut Scanner) -> Result<(), Fault> {
        self.items = row.is_none_or(|row| row < ROWS).then(Items::default);
        if row.is_some() && self.rows.last().is_none_or(|rows| rows.around < around) {
            let last = &self.last;
            let before = self.named.get_or_insert_with(|| {
                let mut columns = Vec::new();
                for list in last {
                    list.name(&mut columns, scanner);
                }
                Rc::new(columns)
            });
            if !before.is_empty() {
                let before = Rc::clone(before);
                self.rows.push(Rows { around, before, own: Vec::new() });
                self.columns += 1;
            }
        }
        self.check()
    }

    /// Whether a text that begins may be a name.
    pub(super) fn may_come(&self) -> bool {
        self.items.is_some()
    }

    /// Takes an item of the list that is a text.
    pub(super) fn text(&mut self, text: &str) {
        if let Some(items) = &mut self.items {
            items.add(text);
        }
    }

    /// Takes one that is a number or a word.
    pub(super) fn other(&mut self) {
        if let Some(items) = &mut self.items {
            items.add("");
            items.others = true;
        }
    }

    /// An object begins with so many lists and others around it: a list that it is in has no names, and rows that are values of
    /// their own have come to their end.
    pub(super) fn begin_object(&mut self, around: usize) {
        self.items = None;
        if around == 0 {
            self.rows.clear();
            self.columns = 0;
        }
    }

    /// A list ends: see `begin_list`.
    pub(super) fn end_list(&mut self, around: usize, row: Option<u64>, scanner: &mut Scanner) -> Result<(), Fault> {
        // The rows in it have come to their end.
        while let Some(rows) = self.rows.pop_if(|rows| rows.around > around) {
            self.columns -= rows.own.len() + 1;
        }
        let Some(items) = self.items.take() else { return Ok(()) };
        match row {
            Some(row) if row == 0 || !(items.numbers || items.others) => self.name(around, &items, scanner),
            None if !items.others && !items.ends.is_empty() => {
                self.last.truncate(LISTS - 1);
                self.last.push_front(items);
                self.named = None;
            }
            _ => {}
        }
        self.check()
    }

    /// Takes a row that names the columns.
    fn name(&mut self, around: usize, items: &Items, scanner: &mut Scanner) {
        if self.rows.last().is_none_or(|rows| rows.around < around) {
            self.rows.push(Rows { around, before: Rc::default(), own: Vec::new() });
            self.columns += 1;
        }
        if let Some(rows) = self.rows.last_mut() {
            let known = rows.own.len();
            items.name(&mut rows.own, scanner);
            self.columns += rows.own.len() - known;
        }
    }

    fn check(&self) -> Result<(), Fault> {
        if self.columns <= MOST {
            return Ok(());
        }
        Err(Fault::new(Kind::Limit, "too many columns with names that matter", 0))
    }

    /// What the column of an item has keywords of, in a list with so many others and objects around it.
    pub(super) fn column(&self, around: usize, item: u64) -> Mask {
        let rows = self.rows.last().filter(|rows| rows.around == around);
        let Some((rows, item)) = rows.zip(usize::try_from(item).ok()) else { return Mask::default() };
        let of = |columns: &[Mask]| columns.get(item).cloned().unwrap_or_default();
        of(&rows.before) | of(&rows.own)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Limits, inspect};

    const FAR: &str = "\"a note that keeps all keywords far away from what is behind it\"";
    const CARD: &str = "4539148803436467";

    fn found(name: &str, text: &str) -> Vec<String> {
        let answer = inspect(name, text.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(answer.broken, None, "{text}");
        answer.findings.into_iter().flat_map(|found| found.locations).collect()
    }

    #[test]
    fn the_first_row_names_the_columns() {
        let row = format!("[{FAR}, {CARD}]");
        assert_eq!(found("a.json", &format!("[[\"note\", \"card\"], {row}, {row}]")), ["/1/1", "/2/1"]);
        assert_eq!(found("a.ndjson", &format!("[\"note\", \"card\"]\n{row}\n{row}\n")).len(), 2);
        assert_eq!(found("a.json", &format!("[\"note\", \"card\"]\n{row}\n{row}\n")).len(), 2);
        assert_eq!(found("a.json", &format!("{{\"values\": [[\"note\", \"c\\u0061rd\"], {row}]}}")).len(), 1);
        assert_eq!(found("a.json", &format!("[[2026, \"card\"], {row}]")).len(), 1);
        assert_eq!(found("a.json", &format!("[[\"title\"], [\"note\", \"card\"], {row}]")).len(), 1);
        assert_eq!(
            found("a.json", &format!("[[\"note\", \"card\"], [\"x\", \"passport\"], {row}]")).len(),
            1,
            "it stays"
        );
    }

    #[test]
    fn a_list_before_the_rows_names_the_columns() {
        let rows = format!("[[{FAR}, {CARD}], [{FAR}, \"{CARD}\"]]");
        let split = |columns: &str| format!("{{\"columns\": [{columns}], \"index\": [0, 1], \"data\": {rows}}}");
        assert_eq!(found("a.json", &split("\"note\", \"card\"")), ["/data/0/1", "/data/1/1"]);
        assert_eq!(found("a.json", &split("\"card\", \"note\"")), [""; 0]);
        assert_eq!(found("a.json", &split("\"note\", \"card\", \"line2\"")).len(), 2);
        assert_eq!(found("a.json", &split("\"note\", \"card\"").replace("[0, 1]", "[\"a\", \"b1\"]")).len(), 2);
        let again =
            format!("{{\"columns\": [\"x\", \"y\"]}}\n{{\"columns\": [\"note\", \"card\"]}}\n{{\"data\": {rows}}}\n");
        assert_eq!(found("a.ndjson", &again).len(), 2, "an object that looks like one before");
        let row = format!("[{FAR}, {CARD}]\n");
        let twice = format!("[\"card\", \"x\"]\n[1, 2]\n{{\"columns\": [\"note\", \"card\"]}}\n{row}");
        assert_eq!(found("a.ndjson", &twice).len(), 1, "rows of another list");
        let lines = format!("{}\n", split("\"note\", \"card\"")).repeat(9);
        let count = inspect("a.ndjson", lines.as_bytes(), &Limits::default()).unwrap().findings[0].count;
        assert_eq!(count, 18, "records that look like one before");
    }

    /// Lists in each other whose columns all have names take no more memory than one does.
    #[test]
    fn columns_are_bounded() {
        let names = format!("[{}\"card\"]", "\"card\",".repeat(9_999));
        let beside = format!("[{}1]", format!("[{names},[1]],").repeat(60));
        let answer = inspect("a.json", beside.as_bytes(), &Limits::default()).unwrap();
        assert!(answer.broken.is_none(), "each has come to its end: {:?}", answer.broken);
        let open = format!("{}1{}", format!("[{names},").repeat(60), "]".repeat(60));
        let answer = inspect("a.json", open.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(answer.broken.unwrap().kind, crate::Kind::Limit);
    }

    #[test]
    fn lists_in_cells_and_rows_of_others_change_nothing() {
        let list = format!("[[\"tags\", \"card\"], [[\"a\", [[1, 2], [3, 4]]], {CARD}], [[], {CARD}]]");
        assert_eq!(found("a.json", &list).len(), 2);
        let two = format!("{{\"a\": [[\"x\", \"card\"], [1, 2]], \"b\": [[{FAR}, \"x\"], [1, {CARD}]]}}");
        assert_eq!(found("a.json", &two), [""; 0]);
        let numbers = format!("[[\"x\", \"y\"], [\"card 12\", \"card 12\"], [{FAR}, {CARD}]]");
        assert_eq!(found("a.json", &numbers), [""; 0], "a row of data");
    }
}

//! Statements that have rows, and those that say what the columns of a table are called.

use std::collections::HashMap;
use std::rc::Rc;

use memchr::memchr2;

use super::lexer::Token;
use crate::scan::{Mask, Scanner};
use crate::verdict::{Fault, Kind};

/// How many columns a list has, and how many all tables have that are known.
const COLUMNS: usize = 16 << 10;
const MOST: usize = 256 << 10;

/// What a table's list of columns has beside these.
const CONSTRAINTS: [&str; 10] =
    ["CHECK", "CONSTRAINT", "EXCLUDE", "FOREIGN", "FULLTEXT", "INDEX", "KEY", "LIKE", "PRIMARY", "UNIQUE"];

/// What the columns have keywords of, in their order.
type Columns = Rc<Vec<Mask>>;

/// What a sign says of cells whose columns have names: that one ends before it, and what the one behind it has keywords of.
#[derive(Default)]
pub(super) struct Cell {
    pub(super) ends: bool,
    pub(super) names: Mask,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Verb {
    Create,
    Insert,
    Copy,
}

/// Where in a statement the text is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Inside {
    /// In none, or in one that has no rows.
    Other,
    /// Behind `CREATE`.
    Create,
    /// Behind the verb, up to the list of columns or what comes instead.
    Table(Verb),
    /// In the list of columns: how many brackets are open, and whether the name of one is still to come.
    Names(Verb, usize, bool),
    /// Behind the list, and behind `FROM stdin`.
    Named(Verb),
    From,
    /// Between rows, and in one: how many brackets are open.
    Rows,
    Row(usize),
    /// In the line with `FROM stdin;`, and in the lines behind it: at the beginning of one, behind a backslash there, and further on.
    Copied,
    Line,
    Backslash,
    Fields,
}

/// The statement that is read, and the tables so far.
pub(super) struct Statement {
    inside: Inside,
    table: String,
    columns: Vec<Mask>,
    /// Those of the rows that are read.
    named: Columns,
    column: usize,
    /// The cell that is open has keywords.
    open: bool,
    tables: HashMap<String, Columns>,
    known: usize,
}

impl Default for Statement {
    fn default() -> Self {
        let (table, columns, named, tables) = Default::default();
        Self { inside: Inside::Other, table, columns, named, column: 0, open: false, tables, known: 0 }
    }
}

impl Statement {
    /// Takes a token; `word` is the last word.
    pub(super) fn take(&mut self, token: &Token, word: &str, scanner: &mut Scanner) -> Result<Cell, Fault> {
        match token {
            Token::Word { quoted } => self.word(word, *quoted, scanner),
            Token::Sign(sign) => return self.sign(*sign),
            Token::Statement => {
                self.inside = Inside::Other;
                word.split_whitespace().for_each(|word| self.word(word, false, scanner));
                return Ok(self.cell(None));
            }
        }
        Ok(Cell::default())
    }

    fn word(&mut self, word: &str, quoted: bool, scanner: &mut Scanner) {
        let is = |words: &[&str]| !quoted && words.iter().any(|other| other.eq_ignore_ascii_case(word));
        match self.inside {
            Inside::Names(verb, depth, true) => {
                if self.columns.len() < COLUMNS && (verb != Verb::Create || !is(&CONSTRAINTS)) {
                    self.columns.push(scanner.names(word));
                }
                self.inside = Inside::Names(verb, depth, false);
            }
            Inside::Create if is(&["TABLE"]) => self.inside = Inside::Table(Verb::Create),
            Inside::Table(Verb::Insert) if is(&["VALUES", "VALUE"]) => self.begin_rows(Inside::Rows),
            Inside::Table(Verb::Copy) if is(&["FROM"]) => self.begin_rows(Inside::Named(Verb::Copy)),
            Inside::Table(_) if is(&["SELECT", "SET", "DEFAULT", "AS"]) => self.inside = Inside::Other,
            Inside::Table(_) => word.clone_into(&mut self.table),
            Inside::Named(Verb::Insert) if is(&["VALUES", "VALUE"]) => self.inside = Inside::Rows,
            Inside::Named(Verb::Copy) if is(&["STDIN"]) => self.inside = Inside::From,
            Inside::Named(_) if is(&["SELECT", "WITH"]) => self.inside = Inside::Other,
            Inside::From if is(&["CSV", "BINARY", "DELIMITER"]) => self.inside = Inside::Other,
            Inside::Other | Inside::Create | Inside::Rows | Inside::Named(Verb::Insert) => self.begin(&is),
            _ => {}
        }
    }

    /// Begins a statement, if this is its verb: not everybody ends them with semicolons.
    fn begin(&mut self, is: &impl Fn(&[&str]) -> bool) {
        self.inside = match () {
            () if is(&["CREATE"]) => Inside::Create,
            () if is(&["INSERT", "REPLACE"]) => Inside::Table(Verb::Insert),
            () if is(&["COPY"]) => Inside::Table(Verb::Copy),
            () => return,
        };
        self.table.clear();
    }

    fn sign(&mut self, sign: u8) -> Result<Cell, Fault> {
        match (self.inside, sign) {
            (Inside::Row(1), b',') => {
                self.column += 1;
                return Ok(self.cell(Some(self.column)));
            }
            (Inside::Row(1), b')') => {
                self.inside = Inside::Rows;
                return Ok(self.cell(None));
            }
            (Inside::Row(depth), b'(') => self.inside = Inside::Row(depth + 1),
            (Inside::Row(depth), b')') => self.inside = Inside::Row(depth - 1),
            (Inside::Rows, b'(') => {
                (self.inside, self.column) = (Inside::Row(1), 0);
                return Ok(self.cell(Some(0)));
            }
            (Inside::Table(verb), b'(') => {
                self.columns.clear();
                self.inside = Inside::Names(verb, 1, true);
            }
            (Inside::Names(verb, 1, _), b',') => self.inside = Inside::Names(verb, 1, true),
            (Inside::Names(verb, 1, _), b')') => self.end_names(verb)?,
            (Inside::Names(verb, depth, next), b'(') => self.inside = Inside::Names(verb, depth + 1, next),
            (Inside::Names(verb, depth, next), b')') => self.inside = Inside::Names(verb, depth - 1, next),
            (Inside::From, b';') => self.inside = Inside::Copied,
            (Inside::Names(..) | Inside::Row(_), _) => {}
            (_, b';') => self.inside = Inside::Other,
            _ => {}
        }
        Ok(Cell::default())
    }

    /// Ends a list of columns.
    fn end_names(&mut self, verb: Verb) -> Result<(), Fault> {
        let columns = Rc::new(std::mem::take(&mut self.columns));
        if verb != Verb::Create {
            self.named = columns;
            self.inside = Inside::Named(verb);
            return Ok(());
        }
        self.inside = Inside::Other;
        let table = self.table.to_ascii_lowercase();
        let before = if columns.iter().any(|names| !names.is_empty()) {
            self.known += columns.len() + 1;
            self.tables.insert(table, columns)
        } else {
            self.tables.remove(&table)
        };
        self.known -= before.map_or(0, |columns| columns.len() + 1);
        if self.known > MOST {
            return Err(Fault::new(Kind::Limit, "too many columns with names that matter", 0));
        }
        Ok(())
    }

    /// Begins rows whose columns are those of the table.
    fn begin_rows(&mut self, inside: Inside) {
        self.named = self.tables.get(&self.table.to_ascii_lowercase()).cloned().unwrap_or_default();
        self.inside = inside;
    }

    /// Goes to a cell of this column, or behind the last one.
    fn cell(&mut self, column: Option<usize>) -> Cell {
        let names = column.and_then(|column| self.named.get(column).cloned()).unwrap_or_default();
        let ends = std::mem::replace(&mut self.open, !names.is_empty());
        Cell { ends, names }
    }

    /// Whether the text is in what `COPY … FROM stdin` takes, and is no SQL.
    pub(super) fn is_copied(&self) -> bool {
        matches!(self.inside, Inside::Copied | Inside::Line | Inside::Backslash | Inside::Fields)
    }

    /// The next cell of it, from a place on, and where that begins. A line of a backslash and a dot ends it all.
    pub(super) fn copied(&mut self, text: &str, mut at: usize) -> Option<(Cell, usize)> {
        let bytes = text.as_bytes();
        loop {
            match (self.inside, *bytes.get(at)?) {
                (Inside::Line, b'\\') => (self.inside, at) = (Inside::Backslash, at + 1),
                (Inside::Backslash, b'.') => {
                    self.inside = Inside::Other;
                    return Some((self.cell(None), at + 1));
                }
                (Inside::Line | Inside::Backslash, _) => self.inside = Inside::Fields,
                (inside, _) => {
                    at += memchr2(b'\t', b'\n', &bytes[at..])? + 1;
                    if bytes[at - 1] == b'\n' {
                        (self.inside, self.column) = (Inside::Line, 0);
                    } else if inside == Inside::Fields {
                        self.column += 1;
                    } else {
                        continue;
                    }
                    return Some((self.cell(Some(self.column)), at));
                }
            }
        }
    }
}

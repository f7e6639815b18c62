//! Delimited text: rows of the same number of fields, quoted after RFC 4180.
//!
//! A state machine of our own. csv-core (0.1, tried) reads `1,"2` as a whole row and `"2"x` as `2x`, without a sign
//! that a quote is open or that text follows one: checks around it would be the whole machine again.
//! As the `csv` module of Python in its strict mode, it takes a quote inside a field that does not start
//! with one for a character. What separates the fields of a file named `.csv` its head shows, see
//! [`delimiter`]; the end of a row that differs is refused wherever it is.
//!
//! Fields are passed on as they come and never held; of the first row, and of the first ones below a title, the names
//! with keywords are kept, in bounds.
//!
//! | what | is looked at |
//! |---|---|
//! | cells, with what is in quotes as it is meant | under the name of their column |
//! | the first row, titles, lines that are comments | as cells |
//! | `sep=;` in the first line | not: it has one sign to choose of four |

mod columns;
mod delimiter;
mod titles;
mod whole;

use std::io::Read;

use contract::Format;

use crate::input::checker::{Checker, check_text};
use crate::input::text::{Encodings, TextReader};
use crate::pass::{Hold, Input, Named, Pass};
use crate::scan::{Mask, Place, Scanner};
use crate::verdict::Kind;
use crate::verdict::{Fault, Stop};
use columns::Columns;
use delimiter::{Guess, HEAD, guess};
use titles::Titles;
use whole::Whole;

/// What programs of DOS and mainframes write at the end of a text: a row of it is blank.
const END: u8 = 0x1a;

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// In the line that names the delimiter, which is no row.
    Named,
    /// Before the first character of a field.
    Start,
    Plain,
    Quoted,
    /// Behind a quote in a quoted field: it ends the field, or is doubled.
    Quote,
}

/// Judges delimited text.
pub(crate) fn check(file: Named, input: Input, pass: &mut Pass) -> Result<(), Stop> {
    let fixed = |sign| Guess { sign, named: false };
    let (mut head, mut stream) = (Vec::new(), input.stream);
    let guess = match file.format {
        Format::Tsv => fixed(b'\t'),
        Format::Psv => fixed(b'|'),
        _ => {
            (&mut stream).take(HEAD).read_to_end(&mut head)?;
            let encodings = Encodings::allowed(&pass.limits.encodings);
            guess(&text_of(file.format, &head, encodings), (head.len() as u64) < HEAD)
        }
    };
    let mut stream = head.chain(stream);
    let checker = Delimited::new(&guess, pass.budget.hold());
    checker.begin(&mut pass.scanner);
    check_text(file.format, &mut stream, checker, pass)
}

/// The text of a head, as far as it is one.
fn text_of(format: Format, head: &[u8], encodings: Encodings) -> String {
    let (mut reader, mut text) = (TextReader::new(head, encodings), String::new());
    while let Ok(true) = reader.advance(format) {
        text.push_str(reader.text());
    }
    text
}

/// The checker of delimited text.
struct Delimited {
    delimiter: u8,
    state: State,
    /// The last character was a carriage return that ended a row.
    returned: bool,
    /// The number of the row, and of the field in it.
    row: u64,
    field: u64,
    /// The row has a character that is no blank, or a quote.
    filled: bool,
    /// The row that opened the quote.
    opened: u64,
    /// How many fields each row has to have.
    expected: Option<u64>,
    /// The first of the blank lines just before.
    blank: Option<u64>,
    columns: Columns,
    titles: Titles,
    whole: Whole,
    /// The first line names the delimiter.
    named: bool,
}

impl Delimited {
    /// A checker for a delimiter.
    fn new(guess: &Guess, hold: Hold) -> Self {
        Self {
            delimiter: guess.sign,
            state: if guess.named { State::Named } else { State::Start },
            returned: false,
            row: 1,
            field: 1,
            filled: false,
            opened: 0,
            expected: None,
            blank: None,
            columns: Columns::new(hold),
            titles: Titles::default(),
            whole: Whole::default(),
            named: guess.named,
        }
    }

    fn parse(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            at = self.rows(text, at, scanner);
            let Some(&byte) = bytes.get(at) else { break };
            let returned = std::mem::take(&mut self.returned);
            match self.state {
                State::Named if !matches!(byte, b'\n' | b'\r') => {}
                State::Named => {
                    self.state = State::Start;
                    self.returned = byte == b'\r';
                }
                State::Start if byte == b'\n' && returned => {}
                State::Start if byte == b'"' => {
                    self.state = State::Quoted;
                    self.opened = self.row;
                    self.filled = true;
                }
                State::Quoted if byte == b'"' => self.state = State::Quote,
                State::Quoted => {
                    let end = find(bytes, at, |byte| byte == b'"');
                    self.emit(&text[at..end], scanner);
                    at = end;
                    continue;
                }
                State::Quote if byte == b'"' => {
                    self.emit("\"", scanner);
                    self.state = State::Quoted;
                }
                _ if byte == self.delimiter => self.next_field(scanner).map_err(|fault| fault.at(at))?,
                _ if byte == b'\n' || byte == b'\r' => {
                    self.end_row(at, scanner)?;
                    self.returned = byte == b'\r';
                }
                State::Quote => {
                    let what = format!(
                        "row {}, field {}: text after a closing quote (quotes inside of a field are doubled)",
                        self.row, self.field
                    );
                    return Err(Fault::syntax(what, at));
                }
                State::Start | State::Plain => {
                    let delimiter = self.delimiter;
                    let end = find(bytes, at, |byte| byte == delimiter || byte == b'\n' || byte == b'\r');
                    let field = &text[at..end];
                    self.state = State::Plain;
                    self.filled = self.filled || field.bytes().any(|byte| !matches!(byte, b' ' | END));
                    self.emit(field, scanner);
                    at = end;
                    continue;
                }
            }
            at += 1;
        }
        Ok(())
    }

    /// Passes a part of a field on.
    fn emit(&mut self, part: &str, scanner: &mut Scanner) {
        if self.titles.may_come() {
            self.titles.cell(part);
            self.columns.add(part);
        }
        scanner.text(part);
    }

    fn next_field(&mut self, scanner: &mut Scanner) -> Result<(), Fault> {
        if self.titles.may_come() {
            self.titles.end_cell();
            self.columns.close(self.field, scanner)?;
        }
        self.field += 1;
        self.state = State::Start;
        self.begin(scanner);
        Ok(())
    }

    /// Starts the segment of the field.
    fn begin(&self, scanner: &mut Scanner) {
        let (names, place) = self.begun();
        scanner.begin(names, place);
    }

    /// What holds for the field, and where it is.
    fn begun(&self) -> (Mask, Place) {
        let (names, name) = self.columns.get(self.field);
        (names, Place::Cell { row: self.row, column: self.field, name })
    }

    fn end_row(&mut self, at: usize, scanner: &mut Scanner) -> Result<(), Fault> {
        self.check_row(Kind::Ragged).map_err(|fault| fault.at(at))?;
        if self.titles.may_come() {
            self.titles.end_cell();
            self.columns.close(self.field, scanner).map_err(|fault| fault.at(at))?;
            self.titles.end_row(self.expected, &mut self.columns).map_err(|fault| fault.at(at))?;
        }
        self.row += 1;
        self.field = 1;
        self.filled = false;
        self.state = State::Start;
        // A column's name holds for its column, a cell's text for its row.
        scanner.separate();
        self.begin(scanner);
        Ok(())
    }

    /// Compares the row with those before; `kind` is what to call too few fields.
    fn check_row(&mut self, kind: Kind) -> Result<(), Fault> {
        // White space alone is a blank line, unless it may be the one field of its row.
        let blank = self.state == State::Start || self.expected != Some(1) || self.blank.is_some();
        if self.field == 1 && !self.filled && blank {
            self.blank = self.blank.or(Some(self.row));
            return Ok(());
        }
        if let Some(row) = self.blank {
            return Err(Fault::new(Kind::Ragged, format!("row {row} is blank, but not at the end (remove it)"), 0));
        }
        let expected = *self.expected.get_or_insert(self.field);
        if self.field == expected {
            return Ok(());
        }
        let kind = if self.field < expected { kind } else { Kind::Ragged };
        let fields = if self.field == 1 { "field" } else { "fields" };
        let what = format!("row {} has {} {fields}, expected {expected}", self.row, self.field);
        Err(Fault::new(kind, what, 0))
    }
}

/// The first byte from a place on that is searched for, or the end.
fn find(bytes: &[u8], from: usize, is: impl Fn(u8) -> bool) -> usize {
    bytes[from..].iter().position(|&byte| is(byte)).map_or(bytes.len(), |length| from + length)
}

impl Checker for Delimited {
    fn encodings(&self, allowed: Encodings) -> Encodings {
        allowed
    }

    fn push(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        self.parse(text, scanner)
    }

    fn finish(&mut self, _: &mut Scanner) -> Result<(), Fault> {
        if self.state == State::Quoted {
            return Err(Fault::truncated(format!("the quote opened in row {} is never closed", self.opened)));
        }
        if self.state == State::Named || (self.named && self.expected.is_none() && self.field == 1 && !self.filled) {
            return Err(Fault::new(Kind::Empty, "nothing but the line that names the delimiter", 0));
        }
        if self.state == State::Start && self.field == 1 {
            return Ok(());
        }
        self.check_row(Kind::Truncated)
    }
}

//! Delimited text: rows of the same number of fields, quoted after RFC 4180.
//!
//! A state machine of our own, since csv-core accepts what the policy refuses
//! (text behind a closing quote, a quote that is never closed) without a sign, and
//! does not say where it is. As the `csv` module of Python in its strict mode, it
//! takes a quote inside a field that does not start with one for a character.
//!
//! Fields are passed on as they come and never held; of the first row the names
//! with keywords are kept.

mod columns;
mod delimiter;

use contract::Format;

use crate::input::checker::{Checker, check_text};
use crate::pass::{Input, Named, Pass};
use crate::scan::{Place, Scanner};
use crate::verdict::Kind;
use crate::verdict::{Fault, Stop};
use columns::Columns;
use delimiter::Detection;

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// Before the first character of a field.
    Start,
    Plain,
    Quoted,
    /// Behind a quote in a quoted field: it ends the field, or is doubled.
    Quote,
}

/// Judges delimited text.
pub(crate) fn check(file: Named, input: Input, pass: &mut Pass) -> Result<(), Stop> {
    let delimiter = match file.format {
        Format::Tsv => Some(b'\t'),
        Format::Psv => Some(b'|'),
        _ => None,
    };
    check_text(file.format, input.stream, Delimited::new(delimiter), pass)
}

/// The checker of delimited text.
pub(crate) struct Delimited {
    delimiter: u8,
    /// The first row, while it is read to know the delimiter.
    detection: Option<Detection>,
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
}

impl Delimited {
    /// A checker for a delimiter, or for the one that the first row shows.
    pub(crate) fn new(delimiter: Option<u8>) -> Self {
        Self {
            delimiter: b',',
            detection: Some(Detection::new(delimiter)),
            state: State::Start,
            returned: false,
            row: 1,
            field: 1,
            filled: false,
            opened: 0,
            expected: None,
            blank: None,
            columns: Columns::default(),
        }
    }

    fn parse(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            let returned = std::mem::take(&mut self.returned);
            match self.state {
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
                _ if byte == self.delimiter => self.next_field(scanner),
                _ if byte == b'\n' || byte == b'\r' => {
                    self.end_row(at, scanner)?;
                    self.returned = byte == b'\r';
                }
                State::Quote => {
                    let what = format!("row {}, field {}: text after a closing quote", self.row, self.field);
                    return Err(Fault::syntax(what, at));
                }
                State::Start | State::Plain => {
                    let delimiter = self.delimiter;
                    let end = find(bytes, at, |byte| byte == delimiter || byte == b'\n' || byte == b'\r');
                    let field = &text[at..end];
                    self.state = State::Plain;
                    self.filled = self.filled || field.bytes().any(|byte| byte != b' ');
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
        if self.row == 1 {
            self.columns.add(part);
        }
        scanner.text(part);
    }

    fn next_field(&mut self, scanner: &mut Scanner) {
        if self.row == 1 {
            self.columns.close(self.field, scanner);
        }
        self.field += 1;
        self.state = State::Start;
        self.begin(scanner);
    }

    /// Starts the segment of the field.
    fn begin(&self, scanner: &mut Scanner) {
        let (names, name) = self.columns.get(self.field);
        scanner.begin(names, Place::Cell { row: self.row, column: self.field, name });
    }

    fn end_row(&mut self, at: usize, scanner: &mut Scanner) -> Result<(), Fault> {
        self.check_row(Kind::Ragged).map_err(|fault| fault.at(at))?;
        if self.row == 1 {
            self.columns.close(self.field, scanner);
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
            return Err(Fault::new(Kind::Ragged, format!("row {row} is blank, but not at the end"), 0));
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

    /// Parses what was held while the delimiter was not known.
    fn replay(&mut self, detection: Detection, scanner: &mut Scanner) -> Result<(), Fault> {
        let (delimiter, held) = detection.decide();
        self.delimiter = delimiter;
        self.begin(scanner);
        self.parse(&held, scanner)
    }
}

/// The first byte from a place on that is searched for, or the end.
fn find(bytes: &[u8], from: usize, is: impl Fn(u8) -> bool) -> usize {
    bytes[from..].iter().position(|&byte| is(byte)).map_or(bytes.len(), |length| from + length)
}

impl Checker for Delimited {
    fn push(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        let Some(mut detection) = self.detection.take() else {
            return self.parse(text, scanner);
        };
        let Some(rest) = detection.add(text) else {
            self.detection = Some(detection);
            return Ok(());
        };
        // The row may have begun in an earlier piece, its end is in this one.
        self.replay(detection, scanner).map_err(|fault| fault.at(rest))?;
        self.parse(&text[rest..], scanner).map_err(|fault| fault.after(rest))
    }

    fn finish(&mut self, scanner: &mut Scanner) -> Result<(), Fault> {
        if let Some(detection) = self.detection.take() {
            self.replay(detection, scanner).map_err(|fault| fault.at(0))?;
        }
        if self.state == State::Quoted {
            return Err(Fault::truncated(format!("the quote opened in row {} is never closed", self.opened)));
        }
        if self.state == State::Start && self.field == 1 {
            return Ok(());
        }
        self.check_row(Kind::Truncated)
    }
}

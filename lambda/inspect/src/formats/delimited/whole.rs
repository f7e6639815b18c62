//! Rows that are in sight as a whole and as they should be: nearly all rows of nearly all tables.
//!
//! Their ends, quotes and delimiters are searched for, and nothing else of them is looked at here. A row with anything
//! odd is left to the machine in [`super`], which knows what to say of it.

use memchr::{memchr, memchr2};

use super::{Delimited, State};
use crate::scan::{NamedCell, Row, Scanner};

/// Rows of so many fields have more named ones than are worth it: the machine takes them.
const NAMED: usize = 64;

/// What is kept from row to row.
#[derive(Default)]
pub(super) struct Whole {
    row: Row,
    /// The columns that have names with keywords, once the rows are read that may have some.
    named: Option<Vec<NamedCell>>,
}

impl Delimited {
    /// Takes rows from a place on as long as they are as they should be; returns where to go on.
    pub(super) fn rows(&mut self, text: &str, mut at: usize, scanner: &mut Scanner) -> usize {
        let Some(expected) = self.expected.filter(|&expected| expected > 1) else { return at };
        if self.state != State::Start
            || self.field != 1
            || self.returned
            || self.titles.may_come()
            || self.blank.is_some()
        {
            return at;
        }
        let mut whole = std::mem::take(&mut self.whole);
        let named = whole.named.get_or_insert_with(|| self.columns.named());
        while named.len() <= NAMED {
            let Some(length) = fill(&mut whole.row, &text[at..], self.delimiter) else { break };
            if whole.row.len() as u64 != expected || !scanner.row(self.row, &whole.row, named) {
                break;
            }
            at += length + 1;
            self.row += 1;
            if text.as_bytes()[at - 1] == b'\r' {
                match text.as_bytes().get(at) {
                    Some(b'\n') => at += 1,
                    Some(_) => {}
                    None => self.returned = true,
                }
                if self.returned {
                    break;
                }
            }
        }
        self.whole = whole;
        scanner.first_cell(self.begun());
        at
    }
}

/// Puts a row together; how long it is without its line end. Nothing where it is not in sight, or odd.
fn fill(row: &mut Row, text: &str, delimiter: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    let length = memchr2(b'\n', b'\r', bytes)?;
    let (line, mut at) = (&bytes[..length], 0);
    row.clear();
    while let Some(plain) = memchr(b'"', &line[at..]) {
        let quote = at + plain;
        // A quote inside of a field is a character like any other.
        if quote > 0 && line[quote - 1] != delimiter {
            return None;
        }
        row.cells(&text[at..quote], delimiter);
        let end = quote + 1 + memchr(b'"', &line[quote + 1..])?;
        if line.get(end + 1).is_some_and(|&next| next != delimiter) {
            return None;
        }
        row.part(&text[quote + 1..end]);
        at = end + 1;
    }
    row.cells(&text[at..length], delimiter);
    Some(length)
}

//! JSON after RFC 8259: one value, one on each line, or objects back to back as Firehose writes them (not in what is
//! named NDJSON, where a line end is lost then).
//!
//! A state machine of our own. struson (0.7, tried) reads 48 of 48 cases right and passes strings on in pieces, but
//! calls itself experimental and refuses lone surrogates, which `JSON.stringify` writes; others hold whole
//! strings. Here a string of any length takes no memory, and the end
//! of the text is told from a wrong character. By the RFC numbers may be of any
//! size, names may repeat, and a lone surrogate may be escaped.
//!
//! | what | is looked at |
//! |---|---|
//! | strings, with their escapes as what they mean, and numbers | under all names on the way to them; in rows that are lists under the names in the first one, or in one of the last three lists of texts before them |
//! | numbers with an exponent | also in full, as readers show them |
//! | names | as keywords for what is below; as text if they have six digits or are long |
//! | `true`, `false`, `null`, white space | not: nothing else may stand there |

mod heads;
mod number;
mod shape;
mod string;
mod value;

use contract::Format;

use crate::input::checker::{Checker, check_text};
use crate::pass::{Budget, Content, Input, Named, Pass};
use crate::scan::Scanner;
use crate::scan::path::Path;
use crate::verdict::{Fault, Stop};
use heads::Heads;
use number::Number;
use shape::Shapes;
use string::StringReader;

/// Judges JSON, of one value or of one a line.
pub(crate) fn check(file: Named, Input { stream, .. }: Input, pass: &mut Pass) -> Result<(), Stop> {
    let values = match (file.format, file.content) {
        (Format::Ndjson, _) => Values::OnePerLine,
        (_, Content::Claimed) => Values::OneOrLines,
        (_, Content::Sniffed | Content::Page) => Values::Any,
    };
    check_text(file.format, stream, Json::new(values, pass.limits.depth, pass.budget.clone()), pass)
}

/// How many values there are in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Values {
    /// One, or one on each line.
    OneOrLines,
    /// One on each line that is not blank.
    OnePerLine,
    /// One or more, on lines of their own: nothing claims which.
    Any,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    /// Before a value.
    Value,
    /// Before the first item of a list or its end.
    FirstItem,
    /// Before the first name of an object or its end.
    FirstName,
    Name,
    Colon,
    /// Behind a value in a list or an object.
    Comma,
    String,
    NameString,
    Number(Number),
    /// In `true`, `false` or `null`: what is still to come.
    Literal(&'static [u8]),
    /// Behind the outermost value.
    Done,
}

/// An open list with the number of its items so far, or an open object with the place in all of the text where it
/// begins.
#[derive(Debug, Clone, Copy)]
enum Container {
    List(u64),
    Object(usize),
}

/// The checker of JSON.
pub(crate) struct Json {
    values: Values,
    depth: usize,
    budget: Budget,
    state: State,
    open: Vec<Container>,
    path: Path,
    string: StringReader,
    /// The number that is open, as far as a number of an account may be long.
    number: String,
    line: u64,
    returned: bool,
    /// How many outermost values have begun, and whether the last one was an object that ended right here.
    begun: u64,
    joined: bool,
    /// An outermost value took several lines.
    broad: bool,
    /// How long the pieces before this one were.
    before: usize,
    shapes: Shapes,
    heads: Heads,
}

impl Json {
    pub(crate) fn new(values: Values, depth: usize, budget: Budget) -> Self {
        Self {
            values,
            depth,
            budget,
            state: State::Value,
            open: Vec::new(),
            path: Path::new(),
            string: StringReader::default(),
            number: String::new(),
            line: 1,
            returned: false,
            begun: 0,
            joined: false,
            broad: false,
            before: 0,
            shapes: Shapes::default(),
            heads: Heads::default(),
        }
    }

    /// Takes one token or a part of one; returns where to go on.
    fn step(&mut self, text: &str, at: usize, scanner: &mut Scanner) -> Result<usize, Fault> {
        let byte = text.as_bytes()[at];
        let joined = std::mem::take(&mut self.joined);
        match self.state {
            State::Done if joined && byte == b'{' => return self.begin_value(text, at, scanner),
            State::String | State::NameString => return self.step_string(text, at, scanner),
            State::Number(number) => return self.step_number(number, text, at, scanner),
            State::Literal([expected, rest @ ..]) if *expected == byte => {
                self.state = State::Literal(rest);
                if rest.is_empty() {
                    self.heads.other();
                    self.end_value();
                }
            }
            State::Literal(_) => return Err(self.unexpected(at)),
            _ => match byte {
                b' ' | b'\t' => {}
                b'\n' | b'\r' => self.end_line(byte, at)?,
                _ => return self.step_structure(text, at, scanner),
            },
        }
        Ok(at + 1)
    }

    fn step_structure(&mut self, text: &str, at: usize, scanner: &mut Scanner) -> Result<usize, Fault> {
        let byte = text.as_bytes()[at];
        match (self.state, byte) {
            (State::FirstItem, b']') | (State::FirstName, b'}') => self.close(text, at, scanner)?,
            (State::Comma, b']' | b'}') if self.closes(byte) => self.close(text, at, scanner)?,
            (State::Comma, b',') => {
                self.path.leave();
                self.state = State::Name;
                if let Some(Container::List(index)) = self.open.last_mut() {
                    *index += 1;
                    let index = *index;
                    self.enter_item(index);
                    self.state = State::Value;
                }
            }
            (State::FirstName | State::Name, b'"') => return self.begin_name(text, at, scanner),
            (State::Colon, b':') => self.state = State::Value,
            (State::FirstItem, _) => {
                self.enter_item(0);
                return self.begin_value(text, at, scanner);
            }
            (State::Value, _) => return self.begin_value(text, at, scanner),
            (State::Done, _) => {
                return Err(Fault::syntax(format!("{}something after the value", self.place()), at));
            }
            _ => return Err(self.unexpected(at)),
        }
        Ok(at + 1)
    }

    /// Goes to an item of the innermost list.
    fn enter_item(&mut self, index: u64) {
        let around = self.open.len().saturating_sub(1);
        self.path.enter_item(index, self.heads.column(around, index));
    }

    /// How many rows are before the innermost list, where it is one: an item of a list, or a value among others.
    fn row(&self) -> Option<u64> {
        match self.open.last() {
            Some(Container::List(index)) => Some(*index),
            Some(Container::Object(_)) => None,
            None => Some(self.begun - 1),
        }
    }

    fn end_value(&mut self) {
        self.state = if self.open.is_empty() { State::Done } else { State::Comma };
    }

    fn closes(&self, byte: u8) -> bool {
        match self.open.last() {
            Some(Container::List(_)) => byte == b']',
            Some(Container::Object(_)) => byte == b'}',
            None => false,
        }
    }

    /// Closes a list or an object; behind an object other values are no longer near.
    fn close(&mut self, text: &str, at: usize, scanner: &mut Scanner) -> Result<(), Fault> {
        if self.state == State::Comma {
            self.path.leave();
        }
        match self.open.pop() {
            Some(Container::Object(start)) => {
                scanner.separate();
                // On lines of their own nothing joins them but a line end that was lost.
                self.joined = self.open.is_empty() && !self.broad && self.values != Values::OnePerLine;
                if let Some(start) = start.checked_sub(self.before) {
                    self.shapes.learn(&text[start..=at], &mut self.path, scanner);
                }
            }
            Some(Container::List(_)) => {
                let row = self.row();
                self.heads.end_list(self.open.len(), row, scanner).map_err(|fault| fault.at(at))?;
            }
            None => {}
        }
        self.end_value();
        Ok(())
    }

    fn end_line(&mut self, byte: u8, at: usize) -> Result<(), Fault> {
        let returned = std::mem::replace(&mut self.returned, byte == b'\r');
        if byte == b'\n' && returned {
            return Ok(());
        }
        // One value may take as many lines as it likes, unless there are others.
        if !matches!(self.state, State::Done) && !self.is_outside() {
            let lines = self.values == Values::OnePerLine || (self.values == Values::OneOrLines && self.begun > 1);
            if lines {
                return Err(Fault::syntax(format!("{}the value does not end on its line", self.place()), at));
            }
            self.broad = true;
        } else if self.values != Values::OneOrLines || !self.broad {
            self.state = State::Value;
        }
        self.line += 1;
        Ok(())
    }

    fn is_outside(&self) -> bool {
        self.state == State::Value && self.open.is_empty()
    }

    fn unexpected(&self, at: usize) -> Fault {
        let what = match self.state {
            State::Value | State::FirstItem => "no value where one is expected",
            State::FirstName | State::Name => "no name where one is expected",
            State::Colon => "no colon after a name",
            State::Comma => "neither a comma nor the right bracket after a value",
            State::Number(_) => "an incomplete number",
            _ => "an unknown word",
        };
        Fault::syntax(format!("{}{what}", self.place()), at)
    }

    fn place(&self) -> String {
        format!("line {}: ", self.line)
    }
}

impl Checker for Json {
    fn push(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        let mut at = 0;
        while at < text.len() {
            let before = at;
            at = self.step(text, at, scanner)?;
            // A carriage return counts only right before its line feed.
            self.returned = self.returned && at == before + 1 && text.as_bytes()[before] == b'\r';
        }
        self.before += text.len();
        Ok(())
    }

    fn finish(&mut self, scanner: &mut Scanner) -> Result<(), Fault> {
        if let State::Number(number) = self.state
            && number.is_whole()
        {
            self.end_number(number, scanner)?;
        }
        if self.state == State::Done || self.is_outside() {
            return Ok(());
        }
        Err(Fault::truncated(format!("{}the text ends inside a value", self.place())))
    }
}

//! Values: how they start, and the parts of strings and numbers.

use super::number::Number;
use super::string::{NAME, Progress, plain_end};
use super::{Container, Json, State, Values};
use crate::scan::{Records, Scanner, value};
use crate::verdict::Fault;
use crate::verdict::Kind;

/// A name with so many digits, or as long as this in bytes, may itself be what is looked for.
const NAME_DIGITS: usize = 6;
const NAME_LENGTH: usize = 32;

/// The longest number with an exponent, in bytes; others may be of any length.
const NUMBER: usize = 4 << 10;

impl Json {
    /// Starts a value by its first character, and takes a string as a whole where it is all here; returns where to go
    /// on.
    pub(super) fn begin_value(&mut self, text: &str, at: usize, scanner: &mut Scanner) -> Result<usize, Fault> {
        let byte = text.as_bytes()[at];
        self.begun += u64::from(self.open.is_empty());
        if byte == b'{' {
            self.heads.begin_object(self.open.len());
            if let Some(end) = self.known(text, at, scanner) {
                return Ok(end);
            }
        }
        self.state = match byte {
            b'{' | b'[' => {
                if self.open.len() >= self.depth {
                    let what = format!("nested deeper than {} levels", self.depth);
                    return Err(Fault::new(Kind::Limit, what, at));
                }
                let list = byte == b'[';
                if list {
                    let row = self.row();
                    self.heads.begin_list(self.open.len(), row, scanner).map_err(|fault| fault.at(at))?;
                }
                self.open.push(if list { Container::List(0) } else { Container::Object(self.before + at) });
                let deep = self.open.len();
                self.budget.note(|extent| extent.depth = extent.depth.max(deep));
                if list { State::FirstItem } else { State::FirstName }
            }
            b'"' => {
                self.begin_segment(scanner);
                if let Some(string) = whole(text, at + 1) {
                    scanner.text(string);
                    self.heads.text(string);
                    self.end_value();
                    return Ok(at + string.len() + 2);
                }
                self.string.begin(self.heads.may_come());
                State::String
            }
            b'-' | b'0'..=b'9' => {
                self.begin_segment(scanner);
                scanner.text(char::from(byte).encode_utf8(&mut [0; 4]));
                self.number.clear();
                self.number.push(byte.into());
                State::Number(Number::starting(byte))
            }
            b't' => State::Literal(b"rue"),
            b'f' => State::Literal(b"alse"),
            b'n' => State::Literal(b"ull"),
            _ => return Err(self.unexpected(at)),
        };
        Ok(at + 1)
    }

    /// Takes an object as a whole that looks like one before; returns where to go on.
    fn known(&mut self, text: &str, at: usize, scanner: &mut Scanner) -> Option<usize> {
        let known = self.shapes.find(text, at, &self.path.names(), scanner.is_separated())?;
        let alone = self.values == Values::OneOrLines && self.begun == 1;
        let deep = self.open.len() + known.depth;
        // Only what is in one value may have lines in it.
        if deep > self.depth || !self.path.is_light() || (known.lines > 0 && (!alone || self.open.is_empty())) {
            return None;
        }
        let place = Records::new(if alone { 0 } else { self.line }, self.path.way(), &known.slots);
        if !scanner.record(&self.shapes.record, place) {
            return None;
        }
        self.budget.note(|extent| extent.depth = extent.depth.max(deep));
        self.line += known.lines;
        self.broad |= known.lines > 0;
        self.joined = self.open.is_empty() && !self.broad;
        self.end_value();
        Some(known.end)
    }

    /// Starts the name of a field, and takes it as a whole where it is all here; returns where to go on.
    pub(super) fn begin_name(&mut self, text: &str, at: usize, scanner: &mut Scanner) -> Result<usize, Fault> {
        if let Some(name) = whole(text, at + 1).filter(|name| name.len() <= NAME) {
            self.enter(name, scanner).map_err(|fault| fault.at(at))?;
            return Ok(at + name.len() + 2);
        }
        self.state = State::NameString;
        self.string.begin(true);
        Ok(at + 1)
    }

    /// Goes to the field of a name.
    fn enter(&mut self, name: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        // Names hold for what is under them, and are no text near to other values; those that are data themselves
        // are looked at.
        if is_data(name) {
            self.begin_segment(scanner);
            scanner.text(name);
        }
        let names = scanner.names(name);
        self.path.enter(name, names);
        self.path.check()?;
        self.state = State::Colon;
        Ok(())
    }

    fn begin_segment(&self, scanner: &mut Scanner) {
        let place = match self.values {
            Values::OneOrLines if self.begun == 1 => self.path.place(),
            _ => self.path.place_in("line", self.line),
        };
        scanner.begin(self.path.names(), place);
    }

    /// Takes a part of a string.
    pub(super) fn step_string(&mut self, text: &str, at: usize, scanner: &mut Scanner) -> Result<usize, Fault> {
        let is_name = self.state == State::NameString;
        let sink = if is_name { None } else { Some(&mut *scanner) };
        match self.string.step(text, at, sink)? {
            Progress::Inside(next) => return Ok(next),
            Progress::Closed if is_name => {
                let name = self.string.take_name();
                self.enter(&name, scanner).map_err(|fault| fault.at(at))?;
                self.string.return_name(name);
            }
            Progress::Closed => {
                self.heads.text(self.string.kept());
                self.end_value();
            }
        }
        Ok(at + 1)
    }

    /// Takes a part of a number.
    pub(super) fn step_number(
        &mut self,
        mut number: Number,
        text: &str,
        at: usize,
        scanner: &mut Scanner,
    ) -> Result<usize, Fault> {
        let bytes = text.as_bytes();
        let mut end = at;
        while let Some(next) = bytes.get(end).and_then(|&byte| number.next(byte)) {
            number = next;
            end += 1;
        }
        scanner.text(&text[at..end]);
        if self.number.len() <= NUMBER {
            self.number.push_str(&text[at..end]);
        }
        self.state = State::Number(number);
        if end < bytes.len() {
            if !number.is_whole() {
                return Err(self.unexpected(end));
            }
            self.end_number(number, scanner).map_err(|fault| fault.at(end))?;
        }
        Ok(end)
    }

    /// Ends a number. Readers show one with an exponent in full, so it is looked at like that, too.
    pub(super) fn end_number(&mut self, number: Number, scanner: &mut Scanner) -> Result<(), Fault> {
        if number == Number::Exponent {
            if self.number.len() > NUMBER {
                return Err(Fault::new(Kind::Limit, "a number that is too long", 0));
            }
            if let Some(whole) = value::whole(&self.number) {
                // The same number once more.
                let echo = scanner.echo(true);
                self.begin_segment(scanner);
                scanner.text(&whole);
                scanner.separate();
                scanner.echo(echo);
            }
        }
        self.heads.other();
        self.end_value();
        Ok(())
    }
}

/// The string that starts here, if it ends in this text and stands for itself.
pub(super) fn whole(text: &str, at: usize) -> Option<&str> {
    let end = plain_end(text.as_bytes(), at);
    (text.as_bytes().get(end) == Some(&b'"')).then(|| &text[at..end])
}

/// Whether a name may itself be what is looked for.
pub(super) fn is_data(name: &str) -> bool {
    name.len() >= NAME_LENGTH
        || name.len() >= NAME_DIGITS && name.chars().filter(|c| c.is_numeric()).count() >= NAME_DIGITS
}

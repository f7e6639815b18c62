//! How the objects of PDF are written.

use std::ops::Range;

use super::object::{Dict, Object};
use crate::verdict::Fault;
use crate::verdict::Kind;

/// How deep objects may lie in each other.
const DEEPEST: usize = 100;

/// How many parts an object may have: each takes memory.
const MOST: usize = 1 << 19;

/// How many parts an object may have that is looked up, since several are held at once.
const MOST_FOUND: usize = 1 << 17;

/// How many bytes of a string or a name count as a part.
const PART: usize = 32;

/// The longest string, and the longest word, in bytes.
const LONGEST: usize = 4 << 20;
const WORD: usize = 1 << 20;

/// Reads objects out of bytes.
pub(super) struct Lexer<'a> {
    pub(super) data: &'a [u8],
    pub(super) at: usize,
    parsed: usize,
    most: usize,
    /// Whether there is no `>` any more, so that none is looked for again.
    endless: bool,
    /// A string has signs among its digits that are none: some readers skip them, others take them for zeros.
    pub(super) odd: bool,
    /// Where comments are, for who wants them.
    pub(super) comments: Option<Vec<Range<usize>>>,
    /// Where the value of the first `/Root` starts that is in no other object.
    pub(super) root: Option<usize>,
}

/// A piece of an object as it is written.
pub(super) enum Piece<'a> {
    String(Vec<u8>),
    Name(String),
    Raw(&'a [u8]),
}

impl<'a> Lexer<'a> {
    pub(super) fn new(data: &'a [u8], at: usize) -> Self {
        Self { data, at, parsed: 0, most: MOST, endless: false, odd: false, comments: None, root: None }
    }

    /// A lexer for an object that is looked up.
    pub(super) fn look_up(data: &'a [u8], at: usize) -> Self {
        Self { most: MOST_FOUND, ..Self::new(data, at) }
    }

    /// Forgets how much was parsed: it is no longer held.
    pub(super) fn reset(&mut self) {
        self.parsed = 0;
    }

    /// Whether more was parsed than may be held.
    pub(super) fn is_full(&self) -> bool {
        self.parsed > self.most
    }

    /// Counts what is held.
    fn grow(&mut self, parts: usize) -> Result<(), Fault> {
        self.parsed += parts;
        if self.is_full() { Err(Fault::new(Kind::Limit, "an object of too many parts", self.at)) } else { Ok(()) }
    }

    fn rest(&self) -> &'a [u8] {
        self.data.get(self.at..).unwrap_or_default()
    }

    fn fault(&self, what: &str) -> Fault {
        Fault::syntax(what, self.at)
    }

    fn peek(&self) -> Option<u8> {
        self.data.get(self.at).copied()
    }

    /// Skips white space and comments.
    pub(super) fn space(&mut self) {
        let mut comments: Option<Range<usize>> = None;
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                let rest = self.rest();
                let end = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len());
                let start = comments.map_or(self.at, |comments| comments.start);
                self.at += end;
                comments = Some(start..self.at);
            } else if is_space(byte) {
                self.at += 1;
            } else {
                break;
            }
        }
        if let Some(all) = &mut self.comments {
            all.extend(comments);
        }
    }

    /// Skips a word, if it comes.
    pub(super) fn skip(&mut self, word: &str) -> bool {
        self.space();
        let comes = self.data.get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes()));
        self.at += if comes { word.len() } else { 0 };
        comes
    }

    /// The generation of the object that the first `/Root` names.
    pub(super) fn root_generation(&self) -> Option<u64> {
        let mut lexer = Self::new(self.data, self.root?);
        lexer.integer()?;
        lexer.integer()
    }

    /// A number of a few digits.
    pub(super) fn integer(&mut self) -> Option<u64> {
        self.space();
        let rest = self.data.get(self.at..)?;
        let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = str::from_utf8(&rest[..length]).ok()?.parse().ok()?;
        self.at += length;
        Some(number)
    }

    /// The next object; `None` at the end.
    pub(super) fn object(&mut self) -> Result<Option<Object>, Fault> {
        self.nested(0)
    }

    fn nested(&mut self, depth: usize) -> Result<Option<Object>, Fault> {
        self.grow(if depth > DEEPEST { self.most } else { 1 })?;
        self.space();
        let Some(first) = self.peek() else { return Ok(None) };
        let second = self.data.get(self.at + 1).copied();
        Ok(Some(match first {
            b'(' => Object::String(self.literal()?),
            b'<' if second == Some(b'<') => Object::Dict(self.dict(depth)?),
            b'<' => Object::String(self.hexadecimal()?),
            b'[' => {
                self.at += 1;
                let mut items = Vec::new();
                while !self.skip("]") {
                    items.push(self.nested(depth + 1)?.ok_or_else(|| self.fault("an array without its end"))?);
                }
                items.shrink_to_fit();
                Object::Array(items)
            }
            b'/' => {
                self.at += 1;
                let name = self.word_of_name()?;
                self.grow(name.len() / PART)?;
                Object::Name(name)
            }
            b'+' | b'-' | b'.' | b'0'..=b'9' => self.number_or_reference()?,
            b')' | b'>' | b'{' | b'}' | b']' => {
                self.at += 1;
                Object::Operator(char::from(first).to_string())
            }
            _ => match self.word()? {
                b"null" => Object::Null,
                word @ (b"true" | b"false") => Object::Bool(word == b"true"),
                word => Object::Operator(String::from_utf8_lossy(word).into_owned()),
            },
        }))
    }

    /// The next piece of a text of objects; `None` at the end.
    pub(super) fn piece(&mut self) -> Option<Piece<'a>> {
        let start = self.at;
        self.reset();
        let piece = match self.rest() {
            [] => return None,
            [b'(', ..] => self.literal().map(Piece::String),
            [b'<', second, ..] if *second != b'<' => self.hexadecimal().map(Piece::String),
            [b'/', ..] => {
                self.at += 1;
                self.word_of_name().map(Piece::Name)
            }
            rest => {
                let special = |byte: &u8| matches!(byte, b'(' | b'<' | b'/');
                // Two signs that open a dictionary are no string.
                let opens = 2 * usize::from(rest.starts_with(b"<<"));
                let length = rest.iter().skip(opens).position(special).map_or(rest.len(), |at| at + opens);
                let comment = rest.iter().take(length).position(|&byte| byte == b'%');
                let line = |at: usize| rest[at..].iter().position(|byte| matches!(byte, b'\r' | b'\n'));
                let end = comment.map_or(length, |at| line(at).map_or(rest.len(), |end| at + end));
                self.at += end.max(1).min(rest.len());
                Ok(Piece::Raw(&rest[..self.at - start]))
            }
        };
        Some(piece.unwrap_or_else(|_| {
            // What is no string is what it is, to the end: it is not looked through again.
            let text = self.data.get(start) == Some(&b'(');
            self.at = if text { self.data.len() } else { start + 1 };
            Piece::Raw(self.data.get(start..self.at).unwrap_or_default())
        }))
    }

    fn dict(&mut self, depth: usize) -> Result<Dict, Fault> {
        self.at += 2;
        let mut dict = Dict::default();
        while !self.skip(">>") {
            let Some(Object::Name(name)) = self.nested(depth + 1)? else {
                return Err(self.fault("a dictionary with a key that is no name"));
            };
            if depth == 0 && name == "Root" {
                self.root.get_or_insert(self.at);
            }
            let value = self.nested(depth + 1)?.filter(|value| !matches!(value, Object::Operator(_)));
            dict.0.push((name, value.ok_or_else(|| self.fault("a dictionary without its end"))?));
        }
        dict.0.shrink_to_fit();
        Ok(dict)
    }

    fn word(&mut self) -> Result<&'a [u8], Fault> {
        let rest = self.rest();
        let length = rest.iter().position(|&byte| is_space(byte) || is_delimiter(byte)).unwrap_or(rest.len());
        self.at += length;
        if length > WORD { Err(self.fault("a word without its end")) } else { Ok(&rest[..length]) }
    }

    /// A name, whose odd characters are written as `#20`.
    fn word_of_name(&mut self) -> Result<String, Fault> {
        let word = String::from_utf8_lossy(self.word()?).into_owned();
        let mut parts = word.split('#');
        let mut name = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            match part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
                Some(byte) => name.extend([char::from(byte).to_string().as_str(), &part[2..]]),
                None => name.extend(["#", part]),
            }
        }
        Ok(name)
    }

    fn number_or_reference(&mut self) -> Result<Object, Fault> {
        let word = String::from_utf8_lossy(self.word()?);
        let number = word.parse::<f64>().ok().filter(|number| number.is_finite());
        // Some programs write --1 or 1.2-3; readers take them for what they can.
        let Some(number) = number else {
            return if word.contains(|c: char| c.is_ascii_digit()) {
                Ok(Object::Number(0.0))
            } else {
                Err(self.fault("no number"))
            };
        };
        if let Ok(reference) = word.parse::<u32>() {
            let before = self.at;
            if self.integer().is_some()
                && self.skip("R")
                && self.peek().is_none_or(|next| is_space(next) || is_delimiter(next))
            {
                return Ok(Object::Reference(reference));
            }
            self.at = before;
        }
        Ok(Object::Number(number))
    }

    fn hexadecimal(&mut self) -> Result<Vec<u8>, Fault> {
        self.at += 1;
        let rest = self.rest();
        let end = if self.endless { None } else { rest.iter().position(|&byte| byte == b'>') };
        self.endless = end.is_none();
        let end = end.ok_or_else(|| self.fault("a string without its end"))?;
        self.at += end + 1;
        self.grow(if end / 2 > LONGEST { self.most } else { end / PART })?;
        if rest[..end].iter().any(|&byte| !byte.is_ascii_hexdigit() && !is_space(byte)) {
            self.odd = true;
            return Err(self.fault("a string with signs among its digits that are none"));
        }
        let mut digits = rest[..end].iter().filter(|byte| !is_space(**byte)).map(|&byte| digit(byte));
        let mut string = Vec::with_capacity(end / 2 + 1);
        while let Some(high) = digits.next() {
            string.push(high << 4 | digits.next().unwrap_or(0));
        }
        Ok(string)
    }

    fn literal(&mut self) -> Result<Vec<u8>, Fault> {
        let (mut string, mut open) = (Vec::new(), 0_usize);
        loop {
            let byte = self.peek().ok_or_else(|| self.fault("a string without its end"))?;
            self.at += 1;
            match byte {
                b'(' if open == 0 => open = 1,
                b')' if open == 1 => return Ok(string),
                b'\\' => self.escape(&mut string),
                // A line end is one character, however it is written.
                b'\r' => {
                    self.at += usize::from(self.peek() == Some(b'\n'));
                    string.push(b'\n');
                }
                _ => {
                    open = open + usize::from(byte == b'(') - usize::from(byte == b')');
                    string.push(byte);
                    // What stands for itself, as far as what is counted next.
                    let rest = self.data.get(self.at..).unwrap_or_default();
                    let most = PART - 1 - (string.len() % PART).min(PART - 1);
                    let is_sign = |byte: &&u8| !matches!(byte, b'(' | b')' | b'\\' | b'\r');
                    let length = rest.iter().take(most).take_while(is_sign).count();
                    string.extend_from_slice(&rest[..length]);
                    self.at += length;
                }
            }
            if string.len() % PART == PART - 1 {
                self.grow(if string.len() > LONGEST { self.most } else { 1 })?;
            }
        }
    }

    fn escape(&mut self, string: &mut Vec<u8>) {
        let Some(byte) = self.peek() else { return };
        self.at += 1;
        match byte {
            b'n' => string.push(b'\n'),
            b'r' => string.push(b'\r'),
            b't' => string.push(b'\t'),
            b'b' | b'f' => string.push(b' '),
            b'\r' => self.at += usize::from(self.peek() == Some(b'\n')),
            b'\n' => {}
            b'0'..=b'7' => {
                let mut value = byte - b'0';
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else { break };
                    self.at += 1;
                    value = value.wrapping_mul(8).wrapping_add(digit - b'0');
                }
                string.push(value);
            }
            _ => string.push(byte),
        }
    }
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b'\0' | b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}

pub(super) fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

pub(super) fn digit(byte: u8) -> u8 {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_ends_is_looked_through_once() {
        let data = b"<a".repeat(200_000);
        let mut lexer = Lexer::new(&data, 0);
        let mut faults = 0;
        while !matches!(lexer.object(), Ok(None)) {
            (faults, lexer.at) = (faults + 1, lexer.at + 1);
            lexer.reset();
        }
        assert_eq!(faults, 200_000);
    }

    #[test]
    fn objects_are_told_as_they_are_written() {
        let mut lexer = Lexer::new(b"<</A#42 (x\\051) % (y)\n /C <41 42> 7>> (open", 0);
        let mut told = String::new();
        while let Some(piece) = lexer.piece() {
            match piece {
                Piece::Raw(raw) => told.push_str(&String::from_utf8_lossy(raw)),
                Piece::Name(name) => told.extend(["{", &name, "}"]),
                Piece::String(string) => told.extend(["[", &String::from_utf8_lossy(&string), "]"]),
            }
        }
        assert_eq!(told, "<<{AB} [x)] % (y)\n {C} [AB] 7>> (open");
    }
}

//! How the objects of PDF are written.

use super::object::{Dict, Object};
use crate::verdict::Fault;
use crate::verdict::Kind;

/// How deep objects may lie in each other.
const DEEPEST: usize = 100;

/// How many objects may be parsed at once: each takes memory.
const MOST: usize = 1 << 20;

/// Reads objects out of bytes.
pub(super) struct Lexer<'a> {
    pub(super) data: &'a [u8],
    pub(super) at: usize,
    parsed: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(data: &'a [u8], at: usize) -> Self {
        Self { data, at, parsed: 0 }
    }

    /// Forgets how much was parsed: it is no longer held.
    pub(super) fn reset(&mut self) {
        self.parsed = 0;
    }

    /// How much was parsed.
    pub(super) fn parsed(&self) -> usize {
        self.parsed
    }

    fn fault(&self, what: &str) -> Fault {
        Fault::syntax(what, self.at)
    }

    fn peek(&self) -> Option<u8> {
        self.data.get(self.at).copied()
    }

    /// Skips white space and comments.
    pub(super) fn space(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                while self.peek().is_some_and(|byte| !matches!(byte, b'\r' | b'\n')) {
                    self.at += 1;
                }
            } else if is_space(byte) {
                self.at += 1;
            } else {
                break;
            }
        }
    }

    /// Skips a word, if it comes.
    pub(super) fn skip(&mut self, word: &str) -> bool {
        self.space();
        let comes = self.data.get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes()));
        self.at += if comes { word.len() } else { 0 };
        comes
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
        self.parsed += 1;
        if depth > DEEPEST || self.parsed > MOST {
            return Err(Fault::new(Kind::Limit, "an object of too many parts", self.at));
        }
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
                Object::Array(items)
            }
            b'/' => {
                self.at += 1;
                Object::Name(self.word_of_name())
            }
            b'+' | b'-' | b'.' | b'0'..=b'9' => self.number_or_reference()?,
            b')' | b'>' | b'{' | b'}' | b']' => {
                self.at += 1;
                Object::Operator(char::from(first).to_string())
            }
            _ => match self.word() {
                b"null" => Object::Null,
                b"true" | b"false" => Object::Bool,
                word => Object::Operator(String::from_utf8_lossy(word).into_owned()),
            },
        }))
    }

    fn dict(&mut self, depth: usize) -> Result<Dict, Fault> {
        self.at += 2;
        let mut dict = Dict::default();
        while !self.skip(">>") {
            let Some(Object::Name(name)) = self.nested(depth + 1)? else {
                return Err(self.fault("a dictionary with a key that is no name"));
            };
            let value = self.nested(depth + 1)?.filter(|value| !matches!(value, Object::Operator(_)));
            dict.0.push((name, value.ok_or_else(|| self.fault("a dictionary without its end"))?));
        }
        Ok(dict)
    }

    fn word(&mut self) -> &'a [u8] {
        let rest = &self.data[self.at..];
        let length = rest.iter().position(|&byte| is_space(byte) || is_delimiter(byte)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// A name, whose odd characters are written as `#20`.
    fn word_of_name(&mut self) -> String {
        let word = String::from_utf8_lossy(self.word()).into_owned();
        let mut parts = word.split('#');
        let mut name = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            match part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
                Some(byte) => name.extend([char::from(byte).to_string().as_str(), &part[2..]]),
                None => name.extend(["#", part]),
            }
        }
        name
    }

    fn number_or_reference(&mut self) -> Result<Object, Fault> {
        let word = String::from_utf8_lossy(self.word());
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
        let rest = &self.data[self.at..];
        let end = rest.iter().position(|&byte| byte == b'>').ok_or_else(|| self.fault("a string without its end"))?;
        self.at += end + 1;
        let digits: Vec<u8> = rest[..end].iter().filter(|byte| !is_space(**byte)).map(|&byte| digit(byte)).collect();
        Ok(digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).unwrap_or(&0)).collect())
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
                _ => {
                    open = open + usize::from(byte == b'(') - usize::from(byte == b')');
                    string.push(byte);
                }
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

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

pub(super) fn digit(byte: u8) -> u8 {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap_or(0)
}

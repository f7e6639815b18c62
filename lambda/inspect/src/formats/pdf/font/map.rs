//! Character maps: `bfchar` and `bfrange`.

use std::rc::Rc;

use super::super::object::Object;
use super::super::told::utf16;
use super::operators::operators;
use super::ranges::Ranges;
use crate::verdict::{Fault, Kind};

/// How large a map is in memory, about, in bytes.
const MOST: usize = 8 << 20;

/// How long a text is that one code stands for, in bytes (Adobe's technical note 5411).
const LONGEST: usize = 512;

/// A character map.
#[derive(Default)]
pub(super) struct Map {
    /// From the first code of a range to its last one and its text.
    ranges: Ranges<Rc<str>>,
    bytes: usize,
}

impl Map {
    /// Reads a map.
    pub(super) fn read(&mut self, map: &[u8]) -> Result<(), Fault> {
        operators(map, |operator, operands| match operator {
            "endbfchar" => operands.chunks_exact(2).try_for_each(|pair| self.range(&pair[0], &pair[0], &pair[1])),
            "endbfrange" => operands.chunks_exact(3).try_for_each(|three| self.range(&three[0], &three[1], &three[2])),
            _ => Ok(()),
        })
    }

    fn range(&mut self, first: &Object, last: &Object, to: &Object) -> Result<(), Fault> {
        let (Some(first), Some(last)) = (code(first), code(last)) else { return Ok(()) };
        match to {
            Object::String(text) => self.add(first, last, text),
            Object::Array(texts) => {
                let texts = texts.iter().map(|text| text.string().unwrap_or_default());
                (first..=last).zip(texts).try_for_each(|(code, text)| self.add(code, code, text))
            }
            _ => Ok(()),
        }
    }

    fn add(&mut self, first: u32, last: u32, text: &[u8]) -> Result<(), Fault> {
        self.bytes += 64 + text.len();
        if text.len() > LONGEST || self.bytes > MOST {
            let what = "a font in which one code is a long text, or with too many codes";
            return Err(Fault::new(Kind::Limit, what, 0));
        }
        self.ranges.insert(first, last, utf16(text, u16::from_be_bytes).into());
        Ok(())
    }

    /// How many bytes it takes, about.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Adds the text of a code; says whether there is any.
    pub(super) fn text(&self, code: u32, text: &mut String) -> bool {
        let Some((to, behind)) = self.ranges.get(code) else { return false };
        let mut characters = to.chars();
        let last = characters.next_back().map(|last| u32::from(last).saturating_add(behind));
        text.push_str(characters.as_str());
        text.extend(last.and_then(char::from_u32));
        true
    }
}

fn code(object: &Object) -> Option<u32> {
    let Object::String(bytes) = object else { return None };
    (bytes.len() <= 4).then(|| bytes.iter().fold(0, |code, &byte| code << 8 | u32::from(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_code_is_left_out() {
        let mut map = Map::default();
        map.read(b"3 beginbfchar <01> <0034> <02> <00x5> <03> <0033> endbfchar").unwrap();
        let text = |code| {
            let mut text = String::new();
            map.text(code, &mut text);
            text
        };
        assert_eq!([1, 2, 3].map(text), ["4", "", "3"]);
    }
}

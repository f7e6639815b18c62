//! Fonts: which characters the codes of a text stand for.

use std::collections::{BTreeMap, HashMap};

use super::document::{Document, Indirect};
use super::filter::{Decoded, decode};
use super::lexer::Lexer;
use super::object::{Dict, Object};
use crate::pass::Budget;

/// How many entries of a map are read.
const MOST: usize = 1 << 17;

/// A font as far as its text is concerned.
#[derive(Default)]
pub(super) struct Font {
    /// Whether codes have two bytes.
    wide: bool,
    /// From the first code of a range to its last one and its first character.
    ranges: BTreeMap<u32, (u32, String)>,
    /// Characters by the names that an encoding gives them.
    differences: HashMap<u32, char>,
    /// How wide the codes from the first one on are, in thousandths of the size.
    first: usize,
    widths: Vec<f64>,
    /// How wide a digit is where that is not known.
    digit: Option<f64>,
}

/// How wide a character is that nothing is known of, in parts of the size.
const WIDTH: f64 = 0.5;

/// How wide a digit is in most fonts.
const DIGIT: f64 = 0.556;

/// How wrong the width of a character may be that is not known.
const DOUBT: f64 = 0.015;

impl Font {
    pub(super) fn read(document: &Document, dict: &Dict, budget: &Budget) -> Self {
        let mut font = Self { wide: dict.is("Subtype", "Type0"), ..Self::default() };
        // The fonts that every reader has come without widths.
        font.digit = match dict.get("BaseFont").and_then(Object::name) {
            Some(name) if name.contains("Courier") => Some(0.6),
            Some(name) if name.contains("Times") => Some(0.5),
            _ => None,
        };
        if let Object::Dict(encoding) = document.entry(dict, "Encoding") {
            font.differences(&document.entry(&encoding, "Differences"));
        }
        font.first = document.entry(dict, "FirstChar").count().unwrap_or(0);
        let widths = document.entry(dict, "Widths");
        font.widths =
            widths.items().iter().take(256).map(|width| document.resolve(width).number().unwrap_or(0.0)).collect();
        if let Some(&Object::Reference(number)) = dict.get("ToUnicode")
            && let Some(Indirect { object: Object::Dict(dict), stream: Some(stream) }) = document.stream(number)
            && let Ok(Decoded::Data(map)) = decode(document, &dict, stream, budget)
        {
            font.map(&map);
        }
        font
    }

    fn differences(&mut self, differences: &Object) {
        let mut code = 0;
        for item in differences.items() {
            match item {
                Object::Number(_) => code = item.count().and_then(|code| u32::try_from(code).ok()).unwrap_or(0),
                Object::Name(name) => {
                    self.differences.extend(character(name).map(|character| (code, character)));
                    code = code.saturating_add(1);
                }
                _ => {}
            }
        }
    }

    /// Reads a character map: `bfchar` and `bfrange`.
    fn map(&mut self, map: &[u8]) {
        let mut lexer = Lexer::new(map, 0);
        let mut operands = Vec::new();
        while let Ok(Some(object)) = lexer.object() {
            let Object::Operator(operator) = &object else {
                operands.push(object);
                if operands.len() > MOST {
                    return;
                }
                continue;
            };
            match operator.as_str() {
                "endcodespacerange" => {
                    self.wide = operands.iter().any(|code| matches!(code, Object::String(code) if code.len() > 1));
                }
                "endbfchar" => {
                    for pair in operands.chunks_exact(2) {
                        self.range(&pair[0], &pair[0], &pair[1]);
                    }
                }
                "endbfrange" => {
                    for three in operands.chunks_exact(3) {
                        self.range(&three[0], &three[1], &three[2]);
                    }
                }
                _ => {}
            }
            operands.clear();
            if self.ranges.len() > MOST {
                return;
            }
        }
    }

    fn range(&mut self, first: &Object, last: &Object, to: &Object) {
        let (Some(first), Some(last)) = (code(first), code(last)) else { return };
        match to {
            Object::String(text) => {
                self.ranges.insert(first, (last, utf16(text)));
            }
            Object::Array(texts) => {
                for (code, text) in (first..=last).zip(texts) {
                    if let Object::String(text) = text {
                        self.ranges.insert(code, (code, utf16(text)));
                    }
                }
            }
            _ => {}
        }
    }

    /// How wide a string is, in parts of the size, and how wrong that may be.
    pub(super) fn width(&self, string: &[u8]) -> (f64, f64) {
        let (mut width, mut doubt) = (0.0, 0.0);
        for bytes in string.chunks(if self.wide { 2 } else { 1 }) {
            let code = bytes.iter().fold(0, |code, &byte| code << 8 | usize::from(byte));
            let known = code.checked_sub(self.first).and_then(|at| self.widths.get(at)).filter(|&&known| known > 0.0);
            width += match known {
                Some(known) => known / 1000.0,
                None if (48..58).contains(&code) => self.digit.unwrap_or(DIGIT),
                None => WIDTH,
            };
            doubt += if known.is_some() { 0.0 } else { DOUBT };
        }
        (width, doubt)
    }

    /// The text that a string shows.
    pub(super) fn text(&self, string: &[u8]) -> String {
        let mut text = String::new();
        for bytes in string.chunks(if self.wide { 2 } else { 1 }) {
            let code = bytes.iter().fold(0, |code, &byte| code << 8 | u32::from(byte));
            let range = self.ranges.range(..=code).next_back().filter(|(_, (last, _))| code <= *last);
            if let Some((first, (_, to))) = range {
                let mut characters = to.chars().rev();
                let last = characters.next().map(|last| u32::from(last).saturating_add(code - first));
                text.extend(characters.rev());
                text.extend(last.and_then(char::from_u32));
            } else if let Some(&character) = self.differences.get(&code) {
                text.push(character);
            } else if !self.wide || self.ranges.is_empty() {
                text.extend(char::from_u32(code).filter(|character| !character.is_control()));
            }
        }
        text
    }
}

fn code(object: &Object) -> Option<u32> {
    let Object::String(bytes) = object else { return None };
    (bytes.len() <= 4).then(|| bytes.iter().fold(0, |code, &byte| code << 8 | u32::from(byte)))
}

/// The characters of big-endian UTF-16.
pub(super) fn utf16(bytes: &[u8]) -> String {
    let units = bytes.chunks(2).map(|pair| match pair {
        [high, low] => u16::from_be_bytes([*high, *low]),
        _ => u16::from(pair[0]),
    });
    char::decode_utf16(units).map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// The character of a glyph's name, as far as they matter here.
fn character(name: &str) -> Option<char> {
    const NAMES: [(&str, char); 27] = [
        ("zero", '0'),
        ("one", '1'),
        ("two", '2'),
        ("three", '3'),
        ("four", '4'),
        ("five", '5'),
        ("six", '6'),
        ("seven", '7'),
        ("eight", '8'),
        ("nine", '9'),
        ("space", ' '),
        ("nbspace", ' '),
        ("hyphen", '-'),
        ("minus", '-'),
        ("endash", '-'),
        ("period", '.'),
        ("comma", ','),
        ("colon", ':'),
        ("semicolon", ';'),
        ("slash", '/'),
        ("plus", '+'),
        ("equal", '='),
        ("underscore", '_'),
        ("numbersign", '#'),
        ("at", '@'),
        ("parenleft", '('),
        ("parenright", ')'),
    ];
    let name = name.split('.').next().unwrap_or(name);
    let mut characters = name.chars();
    if let (Some(only), None) = (characters.next(), characters.next()) {
        return Some(only);
    }
    let hexadecimal = name.strip_prefix("uni").or_else(|| name.strip_prefix('u')).filter(|digits| digits.len() >= 4);
    let coded = hexadecimal.and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
    coded.or_else(|| NAMES.iter().find(|known| known.0 == name).map(|known| known.1))
}

//! Fonts: which characters the codes of a text stand for.

mod map;
mod name;
mod standard;

use std::collections::HashMap;

use super::document::Document;
use super::object::{Dict, Object, Resolve};
use crate::verdict::Fault;
use map::Map;
use name::{encoded, ligature, named};
use standard::{Widths, widths};

/// A font as far as its text is concerned.
pub(super) struct Font {
    /// Whether codes have two bytes.
    wide: bool,
    map: Map,
    /// Characters by the names that an encoding gives them.
    differences: HashMap<u32, Box<str>>,
    /// What is between a code and its character, where no map says more.
    shift: u32,
    /// How wide the codes from the first one on are, in thousandths of the size.
    first: usize,
    widths: Vec<f64>,
    /// How wide the codes of a font of many characters are.
    wide_widths: HashMap<usize, f64>,
    /// How wide all others are there.
    common: Option<f64>,
    /// How wide its letters are where it does not say so.
    standard: &'static Widths,
}

/// How wide a character is that nothing is known of, in parts of the size.
const WIDTH: f64 = 0.5;

/// How wrong the width of a character may be that is not known.
const DOUBT: f64 = 0.015;

/// How many widths are kept.
const WIDTHS: usize = 1 << 14;

impl Default for Font {
    fn default() -> Self {
        Self {
            wide: false,
            map: Map::default(),
            differences: HashMap::new(),
            shift: 0,
            first: 0,
            widths: Vec::new(),
            wide_widths: HashMap::new(),
            common: None,
            standard: widths(""),
        }
    }
}

impl Font {
    pub(super) fn read(document: &Document, dict: &Dict) -> Result<Self, Fault> {
        let mut font = Self { wide: dict.is("Subtype", "Type0"), ..Self::default() };
        font.standard = widths(document.entry(dict, "BaseFont").name().unwrap_or_default());
        font.encoding(document, &document.entry(dict, "Encoding"));
        font.first = document.entry(dict, "FirstChar").count().unwrap_or(0);
        let widths = document.entry(dict, "Widths");
        font.widths =
            widths.items().iter().take(256).map(|width| document.resolve(width).number().unwrap_or(0.0)).collect();
        if let Some(map) = stream(document, dict.get("ToUnicode"))? {
            font.map.read(&map)?;
        }
        if font.wide {
            font.descendant(document, dict)?;
        }
        Ok(font)
    }

    /// A font of many characters: its codes, its widths, and what its characters are without a map.
    fn descendant(&mut self, document: &Document, dict: &Dict) -> Result<(), Fault> {
        if let Some(encoding) = stream(document, dict.get("Encoding"))? {
            self.wide = map::is_wide(&encoding);
        }
        let descendants = document.entry(dict, "DescendantFonts");
        let Some(own) = descendants.items().first().map(|own| document.resolve(own)) else { return Ok(()) };
        let Some(own) = own.dict() else { return Ok(()) };
        self.common = Some(document.entry(own, "DW").number().unwrap_or(1000.0));
        self.wide_widths(document, &document.entry(own, "W"));
        let system = document.entry(own, "CIDSystemInfo");
        let ordering = system.dict().map(|system| document.entry(system, "Ordering"));
        let known: [&[u8]; 5] = [b"Japan1", b"GB1", b"CNS1", b"Korea1", b"KR"];
        let is_known = ordering.as_ref().and_then(|name| name.string()).is_some_and(|name| known.contains(&name));
        if is_known && dict.get("Encoding").and_then(Object::name).is_some_and(|name| name.starts_with("Identity")) {
            self.shift = 31;
        }
        Ok(())
    }

    /// `first [width …]` and `first last width`.
    fn wide_widths(&mut self, document: &Document, widths: &Object) {
        let mut numbers: Vec<f64> = Vec::new();
        for item in widths.items() {
            match &*document.resolve(item) {
                Object::Number(number) => numbers.push(*number),
                Object::Array(all) => {
                    let first = numbers.pop().map(Object::Number).and_then(|first| first.count()).unwrap_or(0);
                    let all = all.iter().enumerate();
                    let all = all.map(|(at, width)| (first.saturating_add(at), width.number().unwrap_or(0.0)));
                    self.wide_widths.extend(all.take(WIDTHS));
                    numbers.clear();
                }
                _ => {}
            }
            if let [first, last, width] = numbers[..] {
                let (first, last) = (Object::Number(first).count(), Object::Number(last).count());
                let codes = first.unwrap_or(0)..last.map_or(0, |last| last.saturating_add(1));
                self.wide_widths.extend(codes.take(WIDTHS).map(|code| (code, width)));
                numbers.clear();
            }
            if self.wide_widths.len() > WIDTHS {
                return;
            }
        }
    }

    /// An encoding by its name, and what is different from it.
    fn encoding(&mut self, document: &Document, encoding: &Object) {
        let base = encoding.dict().map(|encoding| document.entry(encoding, "BaseEncoding"));
        let name = base.as_ref().and_then(|base| base.name()).or_else(|| encoding.name());
        if !self.wide {
            self.differences.extend(encoded(name).into_iter().map(|(code, sign)| (code, sign.to_string().into())));
        }
        if let Object::Dict(encoding) = encoding {
            self.differences(&document.entry(encoding, "Differences"));
        }
    }

    fn differences(&mut self, differences: &Object) {
        let mut code = 0;
        for item in differences.items() {
            match item {
                Object::Number(_) => code = item.count().and_then(|code| u32::try_from(code).ok()).unwrap_or(0),
                Object::Name(name) => {
                    self.differences.extend(named(name).filter(|_| code < 256).map(|text| (code, text.into())));
                    code = code.saturating_add(1);
                }
                _ => {}
            }
        }
    }

    /// How many bytes it takes, about.
    pub(super) fn bytes(&self) -> usize {
        self.map.bytes() + 64 * (self.wide_widths.len() + self.differences.len())
    }

    /// How many bytes a code has.
    pub(super) fn step(&self) -> usize {
        if self.wide { 2 } else { 1 }
    }

    /// How wide a string is, in parts of the size, and how wrong that may be.
    pub(super) fn width(&self, string: &[u8]) -> (f64, f64) {
        let (mut width, mut doubt) = (0.0, 0.0);
        let alone = string.len() <= self.step();
        for bytes in string.chunks(self.step()) {
            let code = bytes.iter().fold(0, |code, &byte| code << 8 | usize::from(byte));
            let known = code.checked_sub(self.first).and_then(|at| self.widths.get(at)).filter(|&&known| known > 0.0);
            let known = known.or_else(|| self.wide_widths.get(&code)).or(self.common.as_ref());
            width += known.map_or_else(|| self.usual(code, alone), |known| known / 1000.0);
            doubt += if known.is_some() { 0.0 } else { DOUBT };
        }
        (width, doubt)
    }

    /// How wide a character is that the font says nothing of.
    fn usual(&self, code: usize, alone: bool) -> f64 {
        let named = u32::try_from(code).ok().and_then(|code| self.differences.get(&code));
        let sign = named.and_then(|text| text.chars().next()).map_or(code, |sign| sign as usize);
        let known = sign.checked_sub(usize::from(b' ')).and_then(|at| self.standard.get(at));
        let known = known.map_or(WIDTH, |&known| f64::from(known) / 1000.0);
        // Letters that are set one by one are as far from each other as is usual, however narrow they are.
        if alone { known.max(WIDTH) } else { known }
    }

    /// Adds the text that a string shows.
    pub(super) fn text(&self, string: &[u8], text: &mut String) {
        let start = text.len();
        self.characters(string, text);
        // Letters that are one character are several for whoever searches.
        if text.get(start..).is_some_and(|shown| shown.chars().any(|shown| ligature(shown).is_some())) {
            for character in text.split_off(start).chars() {
                match ligature(character) {
                    Some(letters) => text.push_str(letters),
                    None => text.push(character),
                }
            }
        }
    }

    fn characters(&self, string: &[u8], text: &mut String) {
        for bytes in string.chunks(self.step()) {
            let code = bytes.iter().fold(0, |code, &byte| code << 8 | u32::from(byte));
            if self.map.text(code, text) {
                continue;
            }
            if let Some(named) = self.differences.get(&code) {
                text.push_str(named);
            } else if !self.wide || self.map.is_empty() {
                let code = if (1..=94).contains(&code) { code + self.shift } else { code };
                text.extend(char::from_u32(code).filter(|character| !character.is_control()));
            }
        }
    }
}

/// A stream that an entry names, decoded.
fn stream(document: &Document, entry: Option<&Object>) -> Result<Option<Vec<u8>>, Fault> {
    let Some((_, indirect)) = entry.and_then(Object::reference).and_then(|number| document.stream(number)) else {
        return Ok(None);
    };
    Ok(Some(document.decode(&indirect)?.data.into_owned()))
}

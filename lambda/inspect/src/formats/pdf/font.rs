//! Fonts: which characters the codes of a text stand for.

mod builtin;
mod codes;
mod map;
mod name;
mod operators;
mod ranges;
mod signs;
mod standard;

use std::collections::HashMap;

use super::document::Document;
use super::object::{Dict, Object, Resolve};
use crate::verdict::Fault;
use codes::{Codes, Collection, code_of};
use map::Map;
use name::{encoded, ligature, named};
use signs::Signs;
use standard::{Widths, widths};

/// A font as far as its text is concerned.
pub(super) struct Font {
    /// Whether it has many characters, whose codes may have several bytes.
    wide: bool,
    codes: Codes,
    /// What its characters are by their numbers, where no map says more.
    collection: Collection,
    map: Map,
    /// Characters by the names that an encoding gives them.
    differences: Signs,
    /// The codes of one byte of which the map says something else than the encoding.
    lies: Box<[bool]>,
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

/// What a code stands for that shows nothing, or nobody knows what: between letters and between digits it is as if it were
/// not there, and between a word and a number it parts them.
pub(super) const NOTHING: char = '\u{fffb}';

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
            codes: Codes::default(),
            collection: Collection::default(),
            map: Map::default(),
            differences: Signs::default(),
            lies: Box::default(),
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
        font.encoding(document, dict)?;
        font.first = document.entry(dict, "FirstChar").count().unwrap_or(0);
        let widths = document.entry(dict, "Widths");
        font.widths =
            widths.items().iter().take(256).map(|width| document.resolve(width).number().unwrap_or(0.0)).collect();
        if let Some(map) = stream(document, dict.get("ToUnicode"))? {
            font.map.read(&map)?;
        }
        if font.wide {
            font.descendant(document, dict)?;
        } else if !font.map.is_empty() {
            font.lies = (0..=u8::MAX).map(|code| font.lies_about(code)).collect();
        }
        Ok(font)
    }

    /// Whether the map says something else of a code than the encoding.
    fn lies_about(&self, code: u8) -> bool {
        let [mut mapped, mut drawn] = [String::new(), String::new()];
        self.text(&[code], true, &mut mapped);
        self.text(&[code], false, &mut drawn);
        mapped != drawn
    }

    /// A font of many characters: its codes, its widths, and what its characters are without a map.
    fn descendant(&mut self, document: &Document, dict: &Dict) -> Result<(), Fault> {
        self.codes = codes(document, dict.get("Encoding").unwrap_or(&Object::Null), 0)?;
        let descendants = document.entry(dict, "DescendantFonts");
        let Some(own) = descendants.items().first().map(|own| document.resolve(own)) else { return Ok(()) };
        let Some(own) = own.dict() else { return Ok(()) };
        self.common = Some(document.entry(own, "DW").number().unwrap_or(1000.0));
        self.wide_widths(document, &document.entry(own, "W"));
        let system = document.entry(own, "CIDSystemInfo");
        let ordering = system.dict().map(|system| document.entry(system, "Ordering"));
        self.collection = Collection::named(ordering.as_ref().and_then(|name| name.string()).unwrap_or_default());
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

    /// An encoding by its name or that of the font itself, and what is different from it.
    fn encoding(&mut self, document: &Document, dict: &Dict) -> Result<(), Fault> {
        let encoding = document.entry(dict, "Encoding");
        let base = encoding.dict().map(|encoding| document.entry(encoding, "BaseEncoding"));
        let name = base.as_ref().and_then(|base| base.name()).or_else(|| encoding.name());
        if !self.wide {
            // Fonts of PostScript that say nothing have the encoding of Adobe.
            let own = if dict.is("Subtype", "TrueType") { None } else { Some("StandardEncoding") };
            for (code, sign) in encoded(name.or(own)) {
                self.differences.insert(code, sign.to_string().into());
            }
        }
        if !self.wide && name.is_none() {
            let descriptor = document.entry(dict, "FontDescriptor");
            let file = descriptor.dict().and_then(|own| own.get("FontFile").or_else(|| own.get("FontFile3")));
            if let Some(file) = stream(document, file)? {
                for (code, sign) in builtin::encoding(&file) {
                    self.differences.insert(code, sign);
                }
            }
        }
        if let Object::Dict(encoding) = &*encoding {
            self.differences(document, &document.entry(encoding, "Differences"));
        }
        Ok(())
    }

    fn differences(&mut self, document: &Document, differences: &Object) {
        let mut code = 0;
        for item in differences.items() {
            match &*document.resolve(item) {
                item @ Object::Number(_) => code = item.count().and_then(|code| u32::try_from(code).ok()).unwrap_or(0),
                Object::Name(name) => {
                    if let Some(text) = named(name) {
                        self.differences.insert(code, text.into());
                    }
                    code = code.saturating_add(1);
                }
                _ => {}
            }
        }
    }

    /// How many bytes it takes, about.
    pub(super) fn bytes(&self) -> usize {
        self.map.bytes() + self.codes.bytes() + 64 * (self.wide_widths.len() + self.differences.len())
    }

    /// Cuts off a piece of so many bytes, about: no code is cut.
    pub(super) fn piece<'s>(&self, string: &'s [u8], most: usize) -> (&'s [u8], &'s [u8]) {
        if self.codes.are_bytes() {
            return string.split_at(most.min(string.len()));
        }
        let mut rest = string;
        while !rest.is_empty() && string.len() - rest.len() < most {
            rest = self.codes.next(rest).1;
        }
        string.split_at(string.len() - rest.len())
    }

    /// How wide a string is, and how many codes it has.
    pub(super) fn extent(&self, string: &[u8]) -> Extent {
        let mut extent = Extent::default();
        let alone = self.codes.next(string).1.is_empty();
        let mut add = |code: usize, known: Option<f64>, is_blank: bool| {
            extent.width += known.map_or_else(|| self.usual(code, alone), |known| known / 1000.0);
            extent.doubt += if known.is_some() { 0.0 } else { DOUBT };
            extent.codes += 1.0;
            extent.blanks += if is_blank { 1.0 } else { 0.0 };
        };
        if self.is_of_bytes() {
            for &byte in string {
                add(byte.into(), self.stated(byte.into()), byte == b' ');
            }
        } else {
            self.each(string, |bytes| {
                let code = code_of(bytes) as usize;
                add(code, self.stated(code).or_else(|| self.wide_width(bytes)), bytes == b" ");
            });
        }
        extent
    }

    /// Whether it has few characters, and each byte is one: most fonts.
    fn is_of_bytes(&self) -> bool {
        self.codes.are_bytes() && !self.wide
    }

    /// How wide a character is by the font's own list.
    fn stated(&self, code: usize) -> Option<f64> {
        code.checked_sub(self.first).and_then(|at| self.widths.get(at)).copied().filter(|&known| known > 0.0)
    }

    /// Calls with each code of a string.
    #[inline]
    fn each(&self, string: &[u8], mut code: impl FnMut(&[u8])) {
        if self.codes.are_bytes() {
            return string.chunks(1).for_each(code);
        }
        let mut rest = string;
        while !rest.is_empty() {
            let (bytes, next) = self.codes.next(rest);
            rest = next;
            code(bytes);
        }
    }

    /// How wide a character of a font of many is.
    fn wide_width(&self, code: &[u8]) -> Option<f64> {
        let common = self.common?;
        match self.codes.number(code) {
            Some(number) => Some(self.wide_widths.get(&(number as usize)).copied().unwrap_or(common)),
            // Of the encodings of old, those of one byte are narrow.
            None if code.len() == 1 => None,
            None => Some(common),
        }
    }

    /// How wide a character is that the font says nothing of.
    fn usual(&self, code: usize, alone: bool) -> f64 {
        let named = u32::try_from(code).ok().and_then(|code| self.differences.get(code));
        let sign = named.and_then(|text| text.chars().next()).map_or(code, |sign| sign as usize);
        let known = sign.checked_sub(usize::from(b' ')).and_then(|at| self.standard.get(at));
        let known = known.map_or(WIDTH, |&known| f64::from(known) / 1000.0);
        // Letters that are set one by one are as far from each other as is usual, however narrow they are.
        if alone { known.max(WIDTH) } else { known }
    }

    /// Whether its map may say something else of a string than its encoding, which is what a page shows.
    pub(super) fn may_differ(&self, string: &[u8]) -> bool {
        if self.wide {
            return !self.map.is_empty() && (self.collection.is_known() || self.codes.are_text());
        }
        string.iter().any(|&code| self.lies.get(usize::from(code)).is_some_and(|&lies| lies))
    }

    /// Adds the text that a string shows: by the map of the font, or by its encoding alone.
    pub(super) fn text(&self, string: &[u8], mapped: bool, text: &mut String) {
        let start = text.len();
        self.characters(string, mapped, text);
        // Letters that are one character are several for whoever searches.
        if text
            .get(start..)
            .is_some_and(|shown| !shown.is_ascii() && shown.chars().any(|shown| ligature(shown).is_some()))
        {
            for character in text.split_off(start).chars() {
                match ligature(character) {
                    Some(letters) => text.push_str(letters),
                    None => text.push(character),
                }
            }
        }
    }

    fn characters(&self, string: &[u8], mapped: bool, text: &mut String) {
        let has_map = !self.map.is_empty();
        // Of those nothing more is known.
        let plain = self.is_of_bytes();
        let is_shown = |byte: &u8| matches!(byte, b' '..=b'~');
        if plain && !(mapped && has_map) && self.differences.leave_ascii() && string.iter().all(is_shown) {
            return text.push_str(str::from_utf8(string).unwrap_or_default());
        }
        self.each(string, |bytes| {
            let code = code_of(bytes);
            if mapped && has_map && self.map.text(code, text) {
                return;
            }
            if let Some(named) = self.differences.get(code) {
                text.push_str(named);
            } else if let Some(known) = if plain { None } else { self.known(bytes) } {
                text.push_str(&known);
            } else {
                let shown = char::from_u32(code).filter(|shown| (!self.wide || !has_map) && !shown.is_control());
                text.push(shown.unwrap_or(NOTHING));
            }
        });
    }

    /// The character of a code by its collection, or by its encoding.
    fn known(&self, code: &[u8]) -> Option<String> {
        let number = self.codes.number(code).filter(|_| self.collection.is_known());
        let known = number.and_then(|number| self.collection.character(number)).map(String::from);
        let shown = |sign: char| if sign.is_control() { NOTHING } else { sign };
        known.or_else(|| self.codes.text(code).map(|text| text.chars().map(shown).collect()))
    }
}

/// How wide a string is, in parts of the size, and how wrong that may be.
#[derive(Debug, Default)]
pub(super) struct Extent {
    pub(super) width: f64,
    pub(super) doubt: f64,
    /// How many codes it has, and how many of these are blanks.
    pub(super) codes: f64,
    pub(super) blanks: f64,
}

/// How many encodings may build upon each other.
const DEEPEST: usize = 4;

/// The codes of a font of many characters: an encoding by its name, or a stream.
fn codes(document: &Document, encoding: &Object, depth: usize) -> Result<Codes, Fault> {
    if let Some(name) = document.resolve(encoding).name() {
        return Ok(Codes::named(name));
    }
    let found = encoding.reference().and_then(|number| document.stream(number));
    let Some((_, indirect)) = found.filter(|_| depth < DEEPEST) else { return Ok(Codes::named("")) };
    let below = indirect.object.dict().and_then(|dict| dict.get("UseCMap"));
    let mut all = codes(document, below.unwrap_or(&Object::Null), depth + 1)?;
    all.read(&document.decode(&indirect)?.data)?;
    Ok(all)
}

/// A stream that an entry names, decoded.
fn stream(document: &Document, entry: Option<&Object>) -> Result<Option<Vec<u8>>, Fault> {
    let Some((_, indirect)) = entry.and_then(Object::reference).and_then(|number| document.stream(number)) else {
        return Ok(None);
    };
    Ok(Some(document.decode(&indirect)?.data.into_owned()))
}

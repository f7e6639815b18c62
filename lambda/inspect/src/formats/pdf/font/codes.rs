//! How the bytes of a string are codes: the encodings of East Asia, and those that a document brings itself.

use encoding_rs::Encoding;

use super::super::object::Object;
use super::operators::operators;
use super::ranges::Ranges;
use crate::verdict::{Fault, Kind};

/// How many ranges of codes an encoding may have: of lengths, and of characters.
const LENGTHS: usize = 256;
const RANGES: usize = 1 << 16;

/// The longest code, in bytes.
const LONGEST: usize = 4;

/// How codes are told from each other where no range says more.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Way {
    #[default]
    One,
    Two,
    /// Of two bytes, which are the number of a character of a collection.
    Numbers,
    Utf8,
    Utf16,
    Utf32,
    /// As in a text of old.
    Text(&'static Encoding),
    /// As there, of two bytes without their highest bits.
    Seven(&'static Encoding),
}

/// How strings are cut into codes.
#[derive(Default)]
pub(super) struct Codes {
    way: Way,
    /// The first and the last code of a range, byte by byte.
    lengths: Vec<(Vec<u8>, Vec<u8>)>,
    /// Ranges of codes, each with the number of its first character.
    numbers: Ranges<u32>,
}

impl Codes {
    /// Those of a font of many characters, by the name of their encoding.
    pub(super) fn named(name: &str) -> Self {
        Self { way: way(name), ..Self::default() }
    }

    /// Reads an encoding that is a stream; what it builds upon was read before.
    pub(super) fn read(&mut self, encoding: &[u8]) -> Result<(), Fault> {
        operators(encoding, |operator, operands| {
            match operator {
                "usecmap" => {
                    if let Some(name) = operands.last().and_then(Object::name) {
                        self.way = way(name);
                    }
                }
                "endcodespacerange" => operands.chunks_exact(2).for_each(|two| self.length(&two[0], &two[1])),
                "endcidrange" => operands.chunks_exact(3).for_each(|three| self.range(&three[0], &three[1], &three[2])),
                "endcidchar" => operands.chunks_exact(2).for_each(|two| self.range(&two[0], &two[0], &two[1])),
                _ => {}
            }
            if self.lengths.len() > LENGTHS || self.numbers.len() > RANGES {
                return Err(Fault::new(Kind::Limit, "a font with too many codes", 0));
            }
            Ok(())
        })
    }

    fn length(&mut self, first: &Object, last: &Object) {
        if let (Object::String(first), Object::String(last)) = (first, last)
            && first.len() == last.len()
            && (1..=LONGEST).contains(&first.len())
        {
            self.lengths.push((first.clone(), last.clone()));
        }
    }

    fn range(&mut self, first: &Object, last: &Object, number: &Object) {
        let code = |object: &Object| object.string().filter(|code| code.len() <= LONGEST).map(code_of);
        let number = number.count().and_then(|number| u32::try_from(number).ok());
        if let (Some(first), Some(last), Some(number)) = (code(first), code(last), number) {
            self.numbers.insert(first, last, number);
        }
    }

    /// How many bytes it takes, about.
    pub(super) fn bytes(&self) -> usize {
        64 * (self.lengths.len() + self.numbers.len())
    }

    /// Whether each byte is a code.
    pub(super) fn are_bytes(&self) -> bool {
        self.lengths.is_empty() && self.way == Way::One
    }

    /// Takes the next code; there is at least a byte.
    #[inline]
    pub(super) fn next<'s>(&self, string: &'s [u8]) -> (&'s [u8], &'s [u8]) {
        if self.are_bytes() {
            return string.split_at(1);
        }
        let length = self.stated(string).unwrap_or_else(|| self.usual(string));
        string.split_at(length.clamp(1, string.len()))
    }

    /// How long a code is by the ranges that are stated.
    fn stated(&self, string: &[u8]) -> Option<usize> {
        if self.lengths.is_empty() {
            return None;
        }
        let within = |(first, last): &&(Vec<u8>, Vec<u8>)| {
            string.len() >= first.len()
                && string.iter().zip(first.iter().zip(last)).all(|(byte, (first, last))| (first..=last).contains(&byte))
        };
        let lengths = self.lengths.iter().filter(within).map(|range| range.0.len());
        // Codes that are in no range are as long as the shortest one.
        lengths.min().or_else(|| {
            let stands_alone = matches!(self.way, Way::One | Way::Two | Way::Numbers);
            self.lengths.iter().map(|range| range.0.len()).min().filter(|_| stands_alone)
        })
    }

    fn usual(&self, string: &[u8]) -> usize {
        let first = string.first().copied().unwrap_or_default();
        match self.way {
            Way::One => 1,
            Way::Two | Way::Numbers | Way::Seven(_) => 2,
            Way::Utf8 => match first {
                0xC0..0xE0 => 2,
                0xE0..0xF0 => 3,
                0xF0.. => 4,
                _ => 1,
            },
            Way::Utf16 => {
                if (0xD8..0xDC).contains(&first) {
                    4
                } else {
                    2
                }
            }
            Way::Utf32 => 4,
            Way::Text(encoding) => old(encoding, string),
        }
    }

    /// The number of a character in its collection, where it is known.
    pub(super) fn number(&self, code: &[u8]) -> Option<u32> {
        let value = code_of(code);
        let stated = self.numbers.get(value).map(|(number, behind)| number.saturating_add(behind));
        stated.or_else(|| (self.way == Way::Numbers).then_some(value))
    }

    /// Whether its codes are characters of an encoding.
    pub(super) fn are_text(&self) -> bool {
        !matches!(self.way, Way::One | Way::Two | Way::Numbers)
    }

    /// The characters that a code is by its encoding.
    pub(super) fn text(&self, code: &[u8]) -> Option<String> {
        let decode =
            |encoding: &'static Encoding, code: &[u8]| Some(encoding.decode_without_bom_handling(code).0.into_owned());
        match self.way {
            Way::One | Way::Two | Way::Numbers => None,
            Way::Utf8 => Some(String::from_utf8_lossy(code).into_owned()),
            Way::Utf16 => decode(encoding_rs::UTF_16BE, code),
            Way::Utf32 => char::from_u32(code_of(code)).map(String::from),
            Way::Text(encoding) => decode(encoding, code),
            Way::Seven(encoding) => decode(encoding, &code.iter().map(|byte| byte | 0x80).collect::<Vec<u8>>()),
        }
    }
}

pub(super) fn code_of(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |code, &byte| code << 8 | u32::from(byte))
}

/// The way of an encoding that every reader knows by its name (ISO 32000-1, table 118).
fn way(name: &str) -> Way {
    let has = |part: &str| name.contains(part);
    let starts = |parts: &[&str]| parts.iter().any(|part| name.starts_with(part));
    match name.strip_suffix("-H").or_else(|| name.strip_suffix("-V")).unwrap_or(name) {
        "Identity" => Way::Numbers,
        _ if has("UTF8") => Way::Utf8,
        _ if has("UTF32") => Way::Utf32,
        _ if has("UTF16") || has("UCS2") => Way::Utf16,
        _ if has("RKSJ") => Way::Text(encoding_rs::SHIFT_JIS),
        "GBK2K" => Way::Text(encoding_rs::GB18030),
        "EUC" | "78-EUC" => Way::Text(encoding_rs::EUC_JP),
        _ if starts(&["GB"]) && has("EUC") => Way::Text(encoding_rs::GBK),
        _ if starts(&["KSC"]) && (has("EUC") || has("UHC") || has("Johab")) => Way::Text(encoding_rs::EUC_KR),
        _ if has("B5") => Way::Text(encoding_rs::BIG5),
        "H" | "V" | "78" | "Add" | "Ext" | "NWP" => Way::Seven(encoding_rs::EUC_JP),
        "GB" | "GBT" => Way::Seven(encoding_rs::GBK),
        "KSC" => Way::Seven(encoding_rs::EUC_KR),
        "Hankaku" | "Hiragana" | "Katakana" | "Roman" | "WP-Symbol" => Way::One,
        _ => Way::Two,
    }
}

/// How long the first code of an old text is.
fn old(encoding: &'static Encoding, string: &[u8]) -> usize {
    let at = |at: usize| string.get(at).copied().unwrap_or_default();
    match at(0) {
        ..=0x80 | 0xFF => 1,
        0xA0..=0xDF if encoding == encoding_rs::SHIFT_JIS => 1,
        0x8F if encoding == encoding_rs::EUC_JP => 3,
        _ if encoding == encoding_rs::GB18030 && at(1).is_ascii_digit() => 4,
        _ => 2,
    }
}

/// The first number of a character, the one behind the last, and the first character.
type Span = (u32, u32, char);

/// The letters and digits of the collections of Adobe, narrow and wide.
const JAPAN: &[Span] = &[(1, 95, ' '), (231, 326, ' '), (780, 790, '0'), (790, 816, 'A'), (816, 842, 'a')];
const CHINA: &[Span] = &[(1, 96, ' '), (262, 355, '!'), (814, 907, '!')];
const TAIWAN: &[Span] = &[(1, 96, ' '), (333, 343, '0'), (365, 391, 'A'), (391, 417, 'a'), (13_648, 13_742, ' ')];
const KOREA: &[Span] = &[(1, 96, ' '), (264, 357, '!'), (8094, 8190, ' ')];

/// A collection of characters, each with a number; none of those that are known.
#[derive(Default)]
pub(super) struct Collection(&'static [Span]);

impl Collection {
    pub(super) fn named(ordering: &[u8]) -> Self {
        Self(match ordering {
            b"Japan1" => JAPAN,
            b"GB1" => CHINA,
            b"CNS1" => TAIWAN,
            b"Korea1" | b"KR" => KOREA,
            _ => &[],
        })
    }

    pub(super) fn is_known(&self) -> bool {
        !self.0.is_empty()
    }

    pub(super) fn character(&self, number: u32) -> Option<char> {
        let span = self.0.iter().find(|span| (span.0..span.1).contains(&number))?;
        char::from_u32(u32::from(span.2) + number - span.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(codes: &Codes, mut string: &[u8]) -> String {
        let mut all = String::new();
        while !string.is_empty() {
            let (code, rest) = codes.next(string);
            all.push_str(&codes.text(code).unwrap_or_else(|| format!("<{:x}>", code_of(code))));
            string = rest;
        }
        all
    }

    #[test]
    fn encodings_by_name() {
        let table: [(&str, &[u8], &str); 12] = [
            ("90ms-RKSJ-H", b"c4\x82\x55\xb1", "c4６ｱ"),
            ("EUC-H", b"c4\xa3\xb6\x8e\xb1", "c4６ｱ"),
            ("H", b"\x23\x36", "６"),
            ("GBK-EUC-H", b"c4\xa3\xb6", "c4６"),
            ("GBK2K-V", b"c\x81\x30\x81\x34", "c\u{84}"),
            ("ETen-B5-H", b"c\xa2\xb5", "c６"),
            ("KSCms-UHC-H", b"c\xa3\xb6", "c６"),
            ("UniJIS-UTF8-H", "c６".as_bytes(), "c６"),
            ("UniJIS-UTF32-H", b"\0\0\0c\0\0\xff\x16", "c６"),
            ("UniGB-UCS2-H", b"\0c\xff\x16", "c６"),
            ("Identity-H", b"\0c", "<63>"),
            ("WP-Symbol", b"c", "<63>"),
        ];
        for (name, string, expected) in table {
            assert_eq!(shown(&Codes::named(name), string), expected, "{name}");
        }
    }

    #[test]
    fn lengths_may_be_mixed() {
        let mut codes = Codes::named("");
        codes.read(b"2 begincodespacerange <8000> <ffff> <00> <7f> endcodespacerange").unwrap();
        codes.read(b"2 begincidrange <20> <7e> 1 <8140> <817e> 633 endcidrange").unwrap();
        assert_eq!(shown(&codes, b"4\x81\x415"), "<34><8141><35>");
        assert_eq!(
            [codes.number(b"4"), codes.number(b"\x81\x41"), codes.number(b"\x90\x41")],
            [Some(21), Some(634), None]
        );
        assert_eq!(Collection::named(b"Japan1").character(21), Some('4'));
    }

    #[test]
    fn digits_of_collections() {
        for (ordering, numbers) in [
            ("Japan1", &[17, 247, 780][..]),
            ("GB1", &[17, 277, 829]),
            ("CNS1", &[17, 333, 13_664]),
            ("Korea1", &[17, 279, 8110]),
        ] {
            for &number in numbers {
                let collection = Collection::named(ordering.as_bytes());
                assert_eq!(collection.character(number), Some('0'), "{ordering} {number}");
            }
        }
    }
}

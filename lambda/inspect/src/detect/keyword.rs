//! Keywords: whole words, in any case, with their blanks in any guise.
//!
//! A blank in a keyword may be missing, `_` or `-`, and a change of case starts a
//! word, so that `secret access key` is also `SECRET_ACCESS_KEY` and
//! `SecretAccessKey`, while `discard` is no `card`. It may be several blanks, tabs or line ends, too, and accents
//! may be missing. A keyword may also start behind an escape ([`escape`]).
//!
//! [`Keywords`] looks for the keywords of all detectors in one pass.

mod start;
mod word;

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use super::sieve::{Start, sift};
use super::{MANAGED, escape};
use start::{Opening, eight};
use word::{GAP, fold, is_blank, is_border, is_start, is_white};

/// Ends the neighbourhood of a value: what is behind it belongs to something else.
/// It is no character, so that texts have no need of it.
pub(crate) const BARRIER: char = '\u{fdd0}';

/// The first byte of [`BARRIER`].
const BARRIER_START: u8 = 0xef;

/// The longest keyword, in characters: Macie allows no longer ones.
pub(crate) const LONGEST: usize = contract::LONGEST_KEYWORD;

/// The longest keyword of the managed identifiers.
pub(crate) const LONGEST_MANAGED: usize = 48;

/// Keywords by how they start: two characters of ASCII, of five bits each.
const BUCKETS: usize = 1 << 10;

/// Keywords by how they start where the second character is not ASCII: those of one character, of five bits.
const FIRSTS: usize = 1 << 5;

/// What a word says of the text behind it: it may be in another notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Encoding,
    Boundary,
    Base64,
}

/// The words that say so. They are found with the keywords, as these are looked for in all of the text.
const MARKS: &[(&str, Mark)] = &[("encoding", Mark::Encoding), ("boundary", Mark::Boundary), ("base64", Mark::Base64)];

/// A keyword in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Occurrence {
    pub(crate) place: Range<usize>,
    /// Which keyword it is.
    word: u16,
}

struct Word {
    text: Vec<char>,
    /// The same, where all of it is ASCII.
    plain: Option<Box<[u8]>>,
    detectors: Vec<u16>,
    /// Those of them that are managed, one bit for each.
    managed: u64,
    /// What it says of the text, if anything; it may be no keyword then.
    mark: Option<Mark>,
    /// It is no keyword: a value of a set of managed detectors starts with it, and these signs before it.
    sign: Option<(&'static str, u64)>,
    exact: &'static str,
}

/// The keywords of all detectors.
pub(crate) struct Keywords {
    words: Vec<Word>,
    /// The bytes that keywords start with, in either case.
    starts: [bool; 256],
    /// A keyword starts with a digit.
    numbers: bool,
    /// How keywords start, one bit for each [`hash`].
    openings: Box<[u64; HASHES / 64]>,
    buckets: Vec<Vec<Opening>>,
    /// What may be third in texts of a bucket, one bit for each kind of character.
    thirds: Vec<u32>,
}

impl Keywords {
    /// Takes the keywords of detectors by their numbers.
    pub(crate) fn new<'a>(
        pairs: impl Iterator<Item = (usize, &'a str)>,
        signs: impl Iterator<Item = (&'static str, &'static str, u64)>,
    ) -> Self {
        let mut words: Vec<Word> = Vec::new();
        let mut known = HashMap::new();
        let mut number = |text: &str, words: &mut Vec<Word>| {
            *known.entry(text.to_lowercase()).or_insert_with(|| {
                words.push(Word::new(text));
                words.len() - 1
            })
        };
        for (detector, text) in pairs {
            let detector = u16::try_from(detector).unwrap_or(u16::MAX);
            let word = number(text, &mut words);
            words[word].detectors.push(detector);
            words[word].managed |= set_of(detector);
        }
        for &(text, mark) in MARKS {
            let word = number(text, &mut words);
            words[word].mark = Some(mark);
        }
        for (before, exact, set) in signs {
            words.push(Word { plain: None, sign: Some((before, set)), exact, ..Word::new(exact) });
        }
        let mut buckets: Vec<Vec<Opening>> = (0..BUCKETS + FIRSTS).map(|_| Vec::new()).collect();
        let mut thirds = vec![0; BUCKETS + FIRSTS];
        let mut openings = Box::new([0; HASHES / 64]);
        for (number, word) in (0..).zip(&words) {
            for [first, second, third] in word.openings() {
                // What is not in ASCII, or may be anything, is any.
                let any = |byte: u8| if byte == 0 { 0..=0x7f } else { byte..=byte };
                for (second, third) in any(second).flat_map(|second| any(third).map(move |third| (second, third))) {
                    let hash = hash(u32::from_le_bytes([first, second, third, 0]));
                    openings[hash / 64] |= 1 << (hash % 64);
                }
                let bucket = bucket(first, second);
                thirds[bucket] |= third_kinds(third);
                if buckets[bucket].last().is_none_or(|last| last.word != number) {
                    buckets[bucket].push(Opening::new(number, word));
                }
            }
            buckets[BUCKETS + word.first()].push(Opening::new(number, word));
        }
        thirds[BUCKETS..].fill(u32::MAX);
        let mut starts = std::array::from_fn(|byte| byte >= 0xc2);
        for byte in words.iter().filter_map(|word| u8::try_from(*word.text.first()?).ok()) {
            starts[usize::from(byte.to_ascii_lowercase())] = true;
            starts[usize::from(byte.to_ascii_uppercase())] = true;
        }
        let numbers = words.iter().any(|word| word.text.first().is_some_and(|first| first.is_numeric()));
        Self { words, starts, numbers, openings, buckets, thirds }
    }

    /// Finds the keywords that start in a part of a text.
    pub(crate) fn find(&self, text: &str, part: Range<usize>, mut found: impl FnMut(Occurrence)) {
        let word = |Start { at, .. }| {
            self.try_at(text, at, &mut |word, end| {
                if !self.words[usize::from(word)].detectors.is_empty() {
                    found(Occurrence { place: at..end, word });
                }
            });
        };
        self.sift(text.as_bytes(), (part, true), word);
    }

    /// Finds the keywords that start in a part of a text, in which escapes may end or may not, the words that say how a
    /// text is written, and where else values may start: `other` is called with the place and what they may be, or
    /// nothing where two letters and two digits stand.
    pub(crate) fn search(
        &self,
        text: &str,
        (part, escapes): (Range<usize>, bool),
        mut found: impl FnMut(Occurrence),
        mut marked: impl FnMut(Range<usize>, Mark),
        mut other: impl FnMut(usize, u64),
    ) {
        let bytes = text.as_bytes();
        let mut other = |at, set| other(at, set);
        self.sift(bytes, (part, escapes), |Start { at, account }| {
            if account && starts_run(bytes, at) {
                other(at, 0);
            }
            self.try_at(text, at, &mut |number, end| {
                let word = &self.words[usize::from(number)];
                if let Some(mark) = word.mark {
                    marked(at..end, mark);
                }
                match word.sign {
                    None if word.detectors.is_empty() => {}
                    None => found(Occurrence { place: at..end, word: number }),
                    Some((before, set)) if text[..at].ends_with(before) => other(at - before.len(), set),
                    Some(_) => {}
                }
            });
        });
    }

    /// Calls with each place of a part where a word may start, in order: also where one touches an escape before it.
    fn sift(&self, bytes: &[u8], (part, escapes): (Range<usize>, bool), mut word: impl FnMut(Start)) {
        let inside = |at: usize, is: fn(&u8) -> bool| is(&bytes[at - 1]) && is(&bytes[at]);
        let is_new = |&at: &usize| inside(at, u8::is_ascii_lowercase) || inside(at, u8::is_ascii_digit);
        let ends = escapes.then(|| escape::ends(bytes, part.clone()));
        let mut ends = ends.into_iter().flatten().filter(is_new);
        let (mut start, mut before) = (part.start, part.start.checked_sub(1).map(|before| bytes[before]));
        loop {
            let end = ends.next();
            let may = |start| (start & ASCII != 0) | self.may_start(start);
            sift(bytes, start..end.unwrap_or(part.end), (before, self.numbers), may, &mut word);
            let Some(end) = end else { return };
            (start, before) = (end, None);
        }
    }

    /// Whether a keyword may start with three characters of ASCII.
    fn may_start(&self, start: u32) -> bool {
        let hash = hash(start);
        self.openings[hash / 64] >> (hash % 64) & 1 == 1
    }

    /// Finds the keywords that start at a place.
    fn try_at(&self, text: &str, at: usize, found: &mut impl FnMut(u16, usize)) {
        let bytes = text.as_bytes();
        let ahead = |places: usize| bytes.get(at + places).copied().unwrap_or_default();
        let byte = bytes[at];
        if !self.starts[usize::from(byte)] || (byte == BARRIER_START && text[at..].starts_with(BARRIER)) {
            return;
        }
        // Small letters of Latin-1 inside of a word, as in most languages of Europe.
        if byte == 0xc3 && ahead(1) > 0x9f && ahead(1) != 0xb7 && at > 0 && bytes[at - 1].is_ascii_lowercase() {
            return;
        }
        let bucket = if byte.is_ascii() { bucket(byte, ahead(1)) } else { other_bucket(&text[at..]) };
        if self.buckets[bucket].is_empty() {
            return;
        }
        if self.thirds[bucket] >> KINDS[usize::from(ahead(2))] & 1 == 0 || !is_start(text, at) {
            return;
        }
        let eight = eight(&bytes[at..]);
        for start in &self.buckets[bucket] {
            if let Some(length) = start.begins(eight)
                && let Some(end) = self.words[usize::from(start.word)].end(text, at, length)
            {
                found(start.word, end);
            }
        }
    }

    /// Whether an occurrence is a keyword of a detector.
    pub(crate) fn belongs(&self, occurrence: &Occurrence, detector: u16) -> bool {
        self.detectors(occurrence).contains(&detector)
    }

    /// The managed detectors that have this keyword.
    pub(crate) fn managed(&self, occurrence: &Occurrence) -> u64 {
        self.words[usize::from(occurrence.word)].managed
    }

    /// The detectors that have this keyword.
    pub(crate) fn detectors(&self, occurrence: &Occurrence) -> &[u16] {
        &self.words[usize::from(occurrence.word)].detectors
    }
}

impl Word {
    /// A keyword of nobody yet.
    fn new(text: &str) -> Self {
        let mut text: Vec<char> = text.chars().map(fold).collect();
        // In the text where it is looked for, too, letters have no accents that are characters of their own.
        text.dedup_by(|next, letter| letter.is_ascii_alphanumeric() && matches!(next, '\u{300}'..='\u{36f}'));
        let plain = text.iter().map(|&sign| u8::try_from(sign).ok().filter(u8::is_ascii)).collect();
        Self { text, plain, detectors: Vec::new(), managed: 0, mark: None, sign: None, exact: "" }
    }

    /// The kind of its first character.
    fn first(&self) -> usize {
        let first = if self.sign.is_some() { self.exact.chars().next() } else { self.text.first().copied() };
        first.map_or(usize::from(OTHER), kind)
    }

    /// The first three characters of texts of ASCII like this keyword; zero is any.
    fn openings(&self) -> Vec<[u8; 3]> {
        if self.sign.is_some() {
            let start = self.exact.to_ascii_lowercase();
            return vec![std::array::from_fn(|place| start.as_bytes().get(place).copied().unwrap_or_default())];
        }
        let mut all = BTreeSet::from([Vec::new()]);
        for &character in &self.text {
            let signs: &[u8] = match u8::try_from(character) {
                _ if is_blank(character) => b" _-\t\r\n",
                Ok(byte) if byte.is_ascii() => &[byte],
                _ => &[0],
            };
            let (whole, short): (Vec<_>, Vec<_>) = all.iter().cloned().partition(|start: &Vec<u8>| start.len() == 3);
            if short.is_empty() {
                break;
            }
            let longer = short.iter().flat_map(|start| signs.iter().map(move |&sign| [&start[..], &[sign]].concat()));
            let longer: Vec<Vec<u8>> = longer.chain(whole).collect();
            // A blank may be missing.
            if !is_blank(character) {
                all.clear();
            }
            all.extend(longer);
        }
        let opening = |start: Vec<u8>| std::array::from_fn(|place| start.get(place).copied().unwrap_or_default());
        all.into_iter().map(opening).collect()
    }

    /// Where the keyword ends if it starts here, where a word starts, and is whole. The first letters were seen.
    fn end(&self, text: &str, start: usize, seen: usize) -> Option<usize> {
        if self.sign.is_some() {
            return text[start..].starts_with(self.exact).then_some(start + self.exact.len());
        }
        let from = start + seen;
        let plain = self.plain.as_ref().ok_or(Unlike::Open);
        let end = match plain.and_then(|plain| along(&plain[seen..], &text.as_bytes()[from..])) {
            Ok(length) => from + length,
            Err(Unlike::Other) => return None,
            Err(Unlike::Open) => self.end_in_any(text, start)?,
        };
        is_border(text, end).then_some(end)
    }

    /// Where the keyword ends in a text that has other signs than those of ASCII in it, or other white space than a blank.
    fn end_in_any(&self, text: &str, start: usize) -> Option<usize> {
        let mut rest = text[start..].chars();
        for &expected in &self.text {
            if is_blank(expected) {
                let text = rest.as_str();
                let white = text.bytes().take(GAP + 1).take_while(|&byte| is_white(byte)).count();
                let sign = usize::from(white == 0 && text.starts_with(is_blank));
                rest = text.get(white + sign..).filter(|_| white <= GAP)?.chars();
            } else if rest.next().map(fold) != Some(expected) {
                return None;
            }
        }
        Some(text.len() - rest.as_str().len())
    }
}

/// Why a text does not start with a keyword as far as bytes of ASCII go.
enum Unlike {
    /// It starts with something else.
    Other,
    /// It has other characters there, or the keyword has.
    Open,
}

/// How long a keyword is that a text starts with. A blank is one sign here: where more white space is, it is open.
fn along(keyword: &[u8], text: &[u8]) -> Result<usize, Unlike> {
    let mut at = 0;
    for (place, &expected) in keyword.iter().enumerate() {
        let next = text.get(at).copied();
        if is_blank(expected.into()) {
            at += usize::from(next.is_some_and(|next| is_blank(next.into())));
        } else if next.is_some_and(|next| next.to_ascii_lowercase() == expected) {
            at += 1;
        } else {
            let behind_blank = || keyword[..place].last().is_some_and(|&sign| is_blank(sign.into()));
            let open = next.is_some_and(|next| !next.is_ascii() || (is_white(next) && behind_blank()));
            return Err(if open { Unlike::Open } else { Unlike::Other });
        }
    }
    Ok(at)
}

/// The high bits of the first three of four bytes.
const ASCII: u32 = 0x0080_8080;

/// How many hashes there are.
const HASHES: usize = 1 << 15;

/// Whether letters and digits start at a place, or an escape ends there.
fn starts_run(bytes: &[u8], at: usize) -> bool {
    at == 0 || !bytes[at - 1].is_ascii_alphanumeric() || escape::last_end(bytes, at) == Some(at)
}

/// A number for the first three of four bytes, whatever their case.
fn hash(start: u32) -> usize {
    let folded = (start | 0x0020_2020) & 0x00ff_ffff;
    (folded.wrapping_mul(0x9e37_79b1) >> 17) as usize
}

/// The set of a detector, if it is managed.
pub(crate) fn set_of(detector: u16) -> u64 {
    if usize::from(detector) < MANAGED.len() { 1 << detector } else { 0 }
}

/// What tells the first two characters of words, whatever their case.
fn bucket(first: u8, second: u8) -> usize {
    let first = usize::from(KINDS[usize::from(first)]);
    if second.is_ascii() { first << 5 | usize::from(KINDS[usize::from(second)]) } else { BUCKETS + first }
}

/// What tells the first character of words that is not ASCII.
fn other_bucket(text: &str) -> usize {
    BUCKETS + text.chars().next().map_or(usize::from(OTHER), kind)
}

/// The kind of a character.
fn kind(character: char) -> usize {
    usize::from(u8::try_from(fold(character)).map_or(OTHER, |byte| KINDS[usize::from(byte)]))
}

/// The kinds of character that may be where a keyword has this one; zero is any.
fn third_kinds(third: u8) -> u32 {
    // With an accent it is not in ASCII.
    if third == 0 { u32::MAX } else { 1 << KINDS[usize::from(third)] | 1 << OTHER }
}

/// What is not in ASCII.
const OTHER: u8 = 31;

/// The letters, and what else of ASCII there is.
static KINDS: [u8; 256] = {
    let (mut kinds, mut byte) = ([OTHER; 256], 0_u8);
    while byte < 0x80 {
        kinds[byte as usize] = match byte.to_ascii_lowercase() {
            letter @ b'a'..=b'z' => letter - b'a',
            b'0'..=b'9' => 26,
            b' ' => 27,
            b'_' => 28,
            b'-' => 29,
            _ => 30,
        };
        byte += 1;
    }
    kinds
};

#[cfg(test)]
mod tests;

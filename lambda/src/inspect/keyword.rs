//! Keywords: whole words, in any case, with their blanks in any guise.
//!
//! A blank in a keyword may be missing, `_` or `-`, and a change of case starts a
//! word, so that `secret access key` is also `SECRET_ACCESS_KEY` and
//! `SecretAccessKey`, while `discard` is no `card`. Accents may be missing, too.
//!
//! [`Keywords`] looks for the keywords of all detectors in one pass.

use std::collections::HashMap;
use std::ops::Range;

/// Ends the neighbourhood of a value: what is behind it belongs to something else.
/// It is no character, so that texts have no need of it.
pub(super) const BARRIER: char = '\u{fdd0}';

/// The longest keyword, in characters: Macie allows no longer ones.
pub(super) const LONGEST: usize = 90;

/// Keywords by how they start: two characters, folded to five bits each.
const BUCKETS: usize = 1 << 10;

/// A keyword in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Occurrence {
    pub(super) place: Range<usize>,
    /// Which keyword it is.
    word: u16,
}

struct Word {
    text: Vec<char>,
    detectors: Vec<u16>,
}

/// The keywords of all detectors.
pub(super) struct Keywords {
    words: Vec<Word>,
    buckets: Vec<Vec<u16>>,
}

impl Keywords {
    /// Takes the keywords of detectors by their numbers.
    pub(super) fn new<'a>(pairs: impl Iterator<Item = (usize, &'a str)>) -> Self {
        let mut words: Vec<Word> = Vec::new();
        let mut known = HashMap::new();
        for (detector, text) in pairs {
            let detector = u16::try_from(detector).unwrap_or(u16::MAX);
            let word = *known.entry(text.to_lowercase()).or_insert_with(|| {
                words.push(Word { text: text.chars().map(fold).collect(), detectors: Vec::new() });
                words.len() - 1
            });
            words[word].detectors.push(detector);
        }
        let mut buckets = vec![Vec::new(); BUCKETS];
        for (number, word) in (0..).zip(&words) {
            for bucket in word.buckets() {
                buckets[bucket].push(number);
            }
        }
        Self { words, buckets }
    }

    /// Finds the keywords that start in a part of a text.
    pub(super) fn find(&self, text: &str, part: Range<usize>, mut found: impl FnMut(Occurrence)) {
        let bytes = text.as_bytes();
        for at in part {
            let next = bytes.get(at + 1).copied().unwrap_or_default();
            let bucket = &self.buckets[bucket(bytes[at], next)];
            if bucket.is_empty() || !text.is_char_boundary(at) || !is_border(text, at) {
                continue;
            }
            for &word in bucket {
                if let Some(end) = self.words[usize::from(word)].end(text, at) {
                    found(Occurrence { place: at..end, word });
                }
            }
        }
    }

    /// Whether an occurrence is a keyword of a detector.
    pub(super) fn belongs(&self, occurrence: &Occurrence, detector: u16) -> bool {
        self.detectors(occurrence).contains(&detector)
    }

    /// The detectors that have this keyword.
    pub(super) fn detectors(&self, occurrence: &Occurrence) -> &[u16] {
        &self.words[usize::from(occurrence.word)].detectors
    }
}

impl Word {
    /// Where texts like this keyword may start.
    fn buckets(&self) -> Vec<usize> {
        let any = || (0..0x20).collect::<Vec<u8>>();
        let mut seconds = self.text.get(1).map_or_else(any, |&second| bytes_of(second));
        if self.text.get(1).is_some_and(|&second| is_blank(second)) {
            seconds = [' ', '_', '-'].iter().chain(self.text.get(2)).flat_map(|&c| bytes_of(c)).collect();
        }
        let mut buckets = Vec::new();
        for first in self.text.first().map_or_else(Vec::new, |&first| bytes_of(first)) {
            let seconds = if first.is_ascii() { seconds.clone() } else { any() };
            buckets.extend(seconds.into_iter().map(|second| bucket(first, second)));
        }
        buckets.sort_unstable();
        buckets.dedup();
        buckets
    }

    /// Where the keyword ends if it starts here, where a word starts, and is whole.
    fn end(&self, text: &str, start: usize) -> Option<usize> {
        let mut rest = text[start..].chars();
        for &expected in &self.text {
            if is_blank(expected) {
                let mut ahead = rest.clone();
                if ahead.next().is_some_and(is_blank) {
                    rest = ahead;
                }
            } else if rest.next().map(fold) != Some(expected) {
                return None;
            }
        }
        let end = text.len() - rest.as_str().len();
        is_border(text, end).then_some(end)
    }
}

/// The first bytes of the characters that fold to one.
fn bytes_of(folded: char) -> Vec<u8> {
    match u8::try_from(folded) {
        Ok(byte) if folded.is_ascii_alphabetic() => vec![byte, 0xc3],
        Ok(byte) if folded.is_ascii() => vec![byte],
        _ => (0xc2..=0xf4).collect(),
    }
}

/// Five bits of each of two bytes: those that tell letters, but not their case.
fn bucket(first: u8, second: u8) -> usize {
    usize::from(first & 0x1f) << 5 | usize::from(second & 0x1f)
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '_' | '-')
}

/// A character without case and accent.
fn fold(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_lowercase();
    }
    match character.to_lowercase().next().unwrap_or(character) {
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' => 'o',
        'ù'..='ü' => 'u',
        other => other,
    }
}

/// Whether a word may start or end here: `card|Number`, `PAN|Number`, `card|2`, `my|_`.
fn is_border(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    if at > 0 && bytes[at - 1].is_ascii_lowercase() && bytes.get(at).is_some_and(u8::is_ascii_lowercase) {
        return false;
    }
    let (Some(left), Some(right)) = (text[..at].chars().next_back(), text[at..].chars().next()) else {
        return true;
    };
    if !left.is_alphanumeric() || !right.is_alphanumeric() {
        return true;
    }
    let next = text[at..].chars().nth(1);
    (left.is_lowercase() && right.is_uppercase())
        || (left.is_uppercase() && right.is_uppercase() && next.is_some_and(char::is_lowercase))
        || left.is_numeric() != right.is_numeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let table = [
            ("card", "card", true),
            ("credit_card", "card", true),
            ("creditCard", "card", true),
            ("cardNumber", "card number", true),
            ("CARDNUMBER", "card number", true),
            ("PANNumber", "pan", true),
            ("card2", "card", true),
            ("ns:Card", "card", true),
            ("CARD-NO", "card", true),
            ("cc#", "cc #", true),
            ("bday", "b-day", true),
            ("B_DAY", "b-day", true),
            ("Birthdate", "birth date", true),
            ("SecretAccessKey", "secret access key", true),
            ("secret__key", "secret key", false),
            ("CODE S\u{c9}CURIT\u{c9} SOCIALE", "s\u{e9}curit\u{e9} sociale", true),
            ("securite_sociale", "s\u{e9}curit\u{e9} sociale", true),
            ("pessoa f\u{ed}sica", "pessoa fisica", true),
            ("\u{e9}tat civil", "etat", true),
            ("\u{c9}TAT", "\u{e9}tat", true),
            ("\u{540d}\u{524d}", "\u{540d}\u{524d}", true),
            ("discard", "card", false),
            ("cardinal", "card", false),
            ("Japan", "pan", false),
            ("companyName", "pan", false),
            ("DISCARD", "card", false),
            ("", "card", false),
        ];
        for (name, keyword, expected) in table {
            let keywords = Keywords::new([(3, keyword)].into_iter());
            let mut found = Vec::new();
            keywords.find(name, 0..name.len(), |occurrence| found.push(occurrence));
            assert_eq!(!found.is_empty(), expected, "{keyword} in {name}");
            assert!(found.iter().all(|found| keywords.belongs(found, 3) && !keywords.belongs(found, 2)));
        }
    }
}

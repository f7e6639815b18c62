//! Keywords: whole words, in any case, with their blanks in any guise.
//!
//! A blank in a keyword may be missing, `_` or `-`, and a change of case starts a
//! word, so that `secret access key` is also `SECRET_ACCESS_KEY` and
//! `SecretAccessKey`, while `discard` is no `card`. Accents may be missing, too.
//!
//! [`Keywords`] looks for the keywords of all detectors in one pass.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

/// Ends the neighbourhood of a value: what is behind it belongs to something else.
/// It is no character, so that texts have no need of it.
pub(crate) const BARRIER: char = '\u{fdd0}';

/// The longest keyword, in characters: Macie allows no longer ones.
pub(crate) const LONGEST: usize = contract::LONGEST_KEYWORD;

/// The longest keyword of the managed identifiers.
pub(crate) const LONGEST_MANAGED: usize = 48;

/// Keywords by how they start: two characters of ASCII, of five bits each.
const BUCKETS: usize = 1 << 10;

/// The bucket of all keywords, for texts that start with another character.
const ALL: usize = BUCKETS;

/// A keyword in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Occurrence {
    pub(crate) place: Range<usize>,
    /// Which keyword it is.
    word: u16,
}

struct Word {
    text: Vec<char>,
    /// The third of three letters of ASCII that it starts with.
    third: Option<u8>,
    detectors: Vec<u16>,
}

/// The keywords of all detectors.
pub(crate) struct Keywords {
    words: Vec<Word>,
    /// The bytes that keywords start with, in either case.
    starts: [bool; 256],
    buckets: Vec<Vec<u16>>,
    /// What may be third in texts of a bucket, one bit for each kind of character.
    thirds: Vec<u32>,
}

impl Keywords {
    /// Takes the keywords of detectors by their numbers.
    pub(crate) fn new<'a>(pairs: impl Iterator<Item = (usize, &'a str)>) -> Self {
        let mut words: Vec<Word> = Vec::new();
        let mut known = HashMap::new();
        for (detector, text) in pairs {
            let detector = u16::try_from(detector).unwrap_or(u16::MAX);
            let word = *known.entry(text.to_lowercase()).or_insert_with(|| {
                let text: Vec<char> = text.chars().map(fold).collect();
                let letters = text.get(..3).filter(|start| start.iter().all(char::is_ascii_alphabetic));
                let third = letters.and_then(|letters| u8::try_from(letters[2]).ok());
                words.push(Word { text, third, detectors: Vec::new() });
                words.len() - 1
            });
            words[word].detectors.push(detector);
        }
        let mut buckets = vec![Vec::new(); BUCKETS + 1];
        let mut thirds = vec![0; BUCKETS + 1];
        for (number, word) in (0..).zip(&words) {
            for [first, second, third] in word.openings() {
                let bucket = bucket(first, second);
                if buckets[bucket].last() != Some(&number) {
                    buckets[bucket].push(number);
                }
                thirds[bucket] |= third_kinds(third);
            }
            buckets[ALL].push(number);
            thirds[ALL] = u32::MAX;
        }
        let mut starts = std::array::from_fn(|byte| byte >= 0xc2);
        for byte in words.iter().filter_map(|word| u8::try_from(*word.text.first()?).ok()) {
            starts[usize::from(byte.to_ascii_lowercase())] = true;
            starts[usize::from(byte.to_ascii_uppercase())] = true;
        }
        Self { words, starts, buckets, thirds }
    }

    /// Finds the keywords that start in a part of a text.
    pub(crate) fn find(&self, text: &str, part: Range<usize>, mut found: impl FnMut(Occurrence)) {
        let bytes = &text.as_bytes()[..part.end];
        let mut at = part.start;
        while let Some(&byte) = bytes.get(at) {
            at += 1;
            if self.starts[usize::from(byte)] {
                let ahead = |places: usize| text.as_bytes().get(at + places).copied().unwrap_or_default();
                let bucket = bucket(byte, ahead(0));
                if self.thirds[bucket] >> KINDS[usize::from(ahead(1))] & 1 == 1 && is_start(text, at - 1) {
                    self.try_at(text, at - 1, bucket, &mut found);
                }
            }
            // Inside of a word, where most places are, none starts.
            if byte.is_ascii_lowercase() {
                at += bytes[at..].iter().take_while(|byte| byte.is_ascii_lowercase()).count();
            }
        }
    }

    /// Finds the keywords of a bucket that start at a place.
    fn try_at(&self, text: &str, at: usize, bucket: usize, found: &mut impl FnMut(Occurrence)) {
        for &word in &self.buckets[bucket] {
            if let Some(end) = self.words[usize::from(word)].end(text, at) {
                found(Occurrence { place: at..end, word });
            }
        }
    }

    /// Whether an occurrence is a keyword of a detector.
    pub(crate) fn belongs(&self, occurrence: &Occurrence, detector: u16) -> bool {
        self.detectors(occurrence).contains(&detector)
    }

    /// The detectors that have this keyword.
    pub(crate) fn detectors(&self, occurrence: &Occurrence) -> &[u16] {
        &self.words[usize::from(occurrence.word)].detectors
    }
}

impl Word {
    /// The first three characters of texts of ASCII like this keyword; zero is any.
    fn openings(&self) -> Vec<[u8; 3]> {
        let mut all = BTreeSet::from([Vec::new()]);
        for &character in &self.text {
            let signs: &[u8] = match u8::try_from(character) {
                _ if is_blank(character) => b" _-",
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

    /// Where the keyword ends if it starts here, where a word starts, and is whole.
    fn end(&self, text: &str, start: usize) -> Option<usize> {
        // Most words that start alike differ soon.
        if let (Some(expected), Some(&[a, b, c])) = (self.third, text.as_bytes()[start..].first_chunk())
            && a.is_ascii()
            && b.is_ascii_alphabetic()
            && c.is_ascii_alphabetic()
            && c.to_ascii_lowercase() != expected
        {
            return None;
        }
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

/// What tells the first two characters of words, whatever their case.
fn bucket(first: u8, second: u8) -> usize {
    if first.is_ascii() && second.is_ascii() {
        usize::from(KINDS[usize::from(first)]) << 5 | usize::from(KINDS[usize::from(second)])
    } else {
        ALL
    }
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

/// Whether a word starts here.
fn is_start(text: &str, at: usize) -> bool {
    // As most words do: in ASCII, behind a sign.
    let bytes = text.as_bytes();
    if bytes[at].is_ascii_alphanumeric()
        && (at == 0 || (bytes[at - 1].is_ascii() && !bytes[at - 1].is_ascii_alphanumeric()))
    {
        return true;
    }
    let letter = |text: &str| text.starts_with(char::is_alphanumeric);
    text.is_char_boundary(at) && letter(&text[at..]) && is_border(text, at)
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
mod tests;

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
pub(super) const LONGEST: usize = rules::LONGEST_KEYWORD;

/// The longest keyword of the managed identifiers.
pub(super) const LONGEST_MANAGED: usize = 48;

/// Keywords by how they start: two characters of ASCII, of five bits each.
const BUCKETS: usize = 1 << 10;

/// The bucket of all keywords, for texts that start with another character.
const ALL: usize = BUCKETS;

/// A keyword in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Occurrence {
    pub(super) place: Range<usize>,
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
pub(super) struct Keywords {
    words: Vec<Word>,
    /// The bytes that keywords start with, in either case.
    starts: [bool; 256],
    buckets: Vec<Vec<u16>>,
    /// Which buckets are not empty.
    filled: Vec<bool>,
}

impl Keywords {
    /// Takes the keywords of detectors by their numbers.
    pub(super) fn new<'a>(pairs: impl Iterator<Item = (usize, &'a str)>) -> Self {
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
        for (number, word) in (0..).zip(&words) {
            for bucket in word.buckets() {
                buckets[bucket].push(number);
            }
            buckets[ALL].push(number);
        }
        let mut starts = std::array::from_fn(|byte| byte >= 0xc2);
        for byte in words.iter().filter_map(|word| u8::try_from(*word.text.first()?).ok()) {
            starts[usize::from(byte.to_ascii_lowercase())] = true;
            starts[usize::from(byte.to_ascii_uppercase())] = true;
        }
        let filled = buckets.iter().map(|bucket| !bucket.is_empty()).collect();
        Self { words, starts, buckets, filled }
    }

    /// Finds the keywords that start in a part of a text.
    pub(super) fn find(&self, text: &str, part: Range<usize>, mut found: impl FnMut(Occurrence)) {
        let bytes = &text.as_bytes()[..part.end];
        let mut at = part.start;
        while let Some(&byte) = bytes.get(at) {
            at += 1;
            if self.starts[usize::from(byte)] {
                let bucket = bucket(byte, text.as_bytes().get(at).copied().unwrap_or_default());
                if self.filled[bucket] && is_start(text, at - 1) {
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
    pub(super) fn belongs(&self, occurrence: &Occurrence, detector: u16) -> bool {
        self.detectors(occurrence).contains(&detector)
    }

    /// The detectors that have this keyword.
    pub(super) fn detectors(&self, occurrence: &Occurrence) -> &[u16] {
        &self.words[usize::from(occurrence.word)].detectors
    }
}

impl Word {
    /// Where texts of ASCII like this keyword may start.
    fn buckets(&self) -> Vec<usize> {
        let mut seconds: Vec<char> = self.text.iter().skip(1).take(1).copied().collect();
        if seconds.first().is_some_and(|&second| is_blank(second)) {
            seconds = [' ', '_', '-'].into_iter().chain(self.text.get(2).copied()).collect();
        }
        let byte = |character: char| u8::try_from(character).ok().filter(u8::is_ascii);
        let first = self.text.first().and_then(|&first| byte(first));
        let seconds = seconds.into_iter().filter_map(byte);
        let mut buckets: Vec<usize> = seconds.filter_map(|second| Some(bucket(first?, second))).collect();
        buckets.sort_unstable();
        buckets.dedup();
        buckets
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

/// The letters, and what else of ASCII there is.
static KINDS: [u8; 256] = {
    let (mut kinds, mut byte) = ([31; 256], 0_u8);
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

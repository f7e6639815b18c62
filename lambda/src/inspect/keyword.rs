//! Keywords: whole words, in any case, with their blanks in any guise.
//!
//! A blank in a keyword may be missing, `_` or `-`, and a change of case starts a
//! word, so that `secret access key` is also `SECRET_ACCESS_KEY` and
//! `SecretAccessKey`, while `discard` is no `card`.

use std::ops::Range;

/// How many characters may lie between a keyword and its value.
const DISTANCE: usize = 30;

/// No keyword is longer, in characters.
const LONGEST: usize = 48;

/// Ends the neighbourhood of a value: what is behind it belongs to something else.
/// It is no character, so that texts have no need of it.
pub(super) const BARRIER: char = '\u{fdd0}';

/// How many bytes on either side of a value `near` may look at.
pub(super) const REACH: usize = 4 * (DISTANCE + LONGEST + 2);

/// Whether one of the keywords is within 30 characters of a value.
pub(super) fn near(text: &str, value: &Range<usize>, keywords: &[&str]) -> bool {
    let before = backward(text, value.start, DISTANCE + LONGEST);
    let after = forward(text, value.end, DISTANCE + LONGEST);
    let (nearest, farthest) = (backward(text, value.start, DISTANCE), forward(text, value.end, DISTANCE));
    // Values are often among values: no letter, no keyword.
    let has_letters =
        |part: Range<usize>| text.as_bytes()[part].iter().any(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii());
    if !has_letters(before..value.start) && !has_letters(value.end..after) {
        return false;
    }
    let found = |start, is: &dyn Fn(usize) -> bool| {
        keywords.iter().any(|keyword| end_of_match(text, start, keyword).is_some_and(is))
    };
    word_starts(text, before..value.start).any(|start| found(start, &|end| end >= nearest && end <= value.start))
        || word_starts(text, value.end..after).any(|start| start <= farthest && found(start, &|end| end <= after))
}

/// Whether one of the keywords is in a name.
pub(super) fn within(name: &str, keywords: &[&str]) -> bool {
    keywords.iter().any(|keyword| occurrences(name, 0..name.len(), keyword).next().is_some())
}

/// The places of a keyword in a part of a text.
pub(super) fn occurrences(text: &str, part: Range<usize>, keyword: &str) -> impl Iterator<Item = Range<usize>> {
    let end = part.end;
    word_starts(text, part).filter_map(move |start| {
        let stop = end_of_match(text, start, keyword)?;
        (stop <= end).then_some(start..stop)
    })
}

/// The places where words start. Few do, which saves most comparisons.
fn word_starts(text: &str, part: Range<usize>) -> impl Iterator<Item = usize> {
    let base = part.start;
    let characters = text[part].char_indices().map(move |(at, character)| (base + at, character));
    characters.filter(|found| found.1.is_alphanumeric()).map(|found| found.0).filter(|&at| is_border(text, at))
}

/// Where a keyword ends that starts here, where a word starts, and is whole.
fn end_of_match(text: &str, start: usize, keyword: &str) -> Option<usize> {
    let mut rest = text[start..].chars();
    for expected in keyword.chars() {
        if is_blank(expected) {
            let mut ahead = rest.clone();
            if ahead.next().is_some_and(is_blank) {
                rest = ahead;
            }
        } else if !rest.next().is_some_and(|found| is_same(found, expected)) {
            return None;
        }
    }
    let end = text.len() - rest.as_str().len();
    is_border(text, end).then_some(end)
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '_' | '-')
}

fn is_same(a: char, b: char) -> bool {
    a.eq_ignore_ascii_case(&b) || (!a.is_ascii() && a.to_lowercase().eq(b.to_lowercase()))
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

/// The place some characters before another, but not beyond a barrier.
fn backward(text: &str, from: usize, characters: usize) -> usize {
    let before = text[..from].char_indices().rev().take(characters);
    before.take_while(|found| found.1 != BARRIER).last().map_or(from, |found| found.0)
}

/// The place some characters behind another, but not beyond a barrier.
fn forward(text: &str, from: usize, characters: usize) -> usize {
    let after = text[from..].chars().take(characters).take_while(|&found| found != BARRIER);
    from + after.map(char::len_utf8).sum::<usize>()
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
            ("SecretAccessKey", "secret access key", true),
            ("secret__key", "secret key", false),
            ("CODE S\u{c9}CURIT\u{c9} SOCIALE", "s\u{e9}curit\u{e9} sociale", true),
            ("discard", "card", false),
            ("cardinal", "card", false),
            ("Japan", "pan", false),
            ("companyName", "pan", false),
            ("DISCARD", "card", false),
            ("", "card", false),
        ];
        for (name, keyword, expected) in table {
            assert_eq!(within(name, &[keyword]), expected, "{keyword} in {name}");
        }
    }

    #[test]
    fn distance() {
        for gap in [0, 1, 29, 30, 31, 60] {
            let pad = "\u{e4}".repeat(gap.max(1) - 1);
            for text in [format!("card {pad}VALUE"), format!("VALUE{pad} card")] {
                let start = text.find("VALUE").unwrap();
                assert_eq!(near(&text, &(start..start + 5), &["card"]), gap <= 30, "{gap}");
            }
        }
        let text = format!("card {BARRIER} VALUE {BARRIER} card");
        let start = text.find("VALUE").unwrap();
        assert!(!near(&text, &(start..start + 5), &["card"]));
    }
}

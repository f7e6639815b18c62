//! Dates of birth, which are found in bulk only: any date with a keyword.

use super::number::{is_continued, is_end};
use super::{BULK, Detector, Found, MIXED, runs_between};

pub(super) const DATE_OF_BIRTH: Detector = Detector {
    identifiers: &["DATE_OF_BIRTH"],
    keywords: &["bday", "b-day", "birth date", "birthday", "date of birth", "dob"],
    starts: |byte| byte.is_ascii_digit() || matches!(byte, b'J' | b'F' | b'M' | b'A' | b'S' | b'O' | b'N' | b'D'),
    runs: runs_between(1, 9) | MIXED,
    signs: &[],
    find,
    levels: BULK,
};

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// A part of a date.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    /// Digits: how many, and their value.
    Number(usize, u32),
    Month(u32),
}

fn find(text: &str, at: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let (first, mut end) = part(text, at)?;
    if is_continued(&bytes[..at]) || matches!(bytes[..at], [.., b'0'..=b'9', b'/' | b':']) {
        return None;
    }
    if let Part::Number(8, number) = first {
        let whole = is_date(number / 10_000, number / 100 % 100, number % 100) && is_end(text, end);
        return whole.then(|| Found::keyed(end));
    }
    let mut parts = [first; 3];
    let mut signs = [0; 2];
    for number in 1..3 {
        let sign = *bytes.get(end)?;
        let blank = usize::from(matches!(bytes.get(end..end + 2), Some([b',' | b'.', b' '])));
        if !matches!(sign, b'/' | b'-' | b'.' | b' ' | b',') {
            return None;
        }
        signs[number - 1] = sign;
        (parts[number], end) = part(text, end + 1 + blank)?;
    }
    let named = parts.iter().any(|part| matches!(part, Part::Month(_)));
    let apart = named || (signs[0] == signs[1] && signs[0] != b',');
    // What follows may be the time.
    let next = text[end..].chars().next();
    let behind = next == Some('T') || (is_end(text, end) && !matches!(text.as_bytes()[end..], [b'/', b'0'..=b'9', ..]));
    (apart && behind && is_calendar(parts)).then(|| Found::keyed(end))
}

/// A number of up to four digits, or eight, or the name of a month.
fn part(text: &str, at: usize) -> Option<(Part, usize)> {
    let rest = &text.as_bytes()[at..];
    let digits = rest.iter().take(9).take_while(|byte| byte.is_ascii_digit()).count();
    if matches!(digits, 1 | 2 | 4 | 8) {
        let value = rest[..digits].iter().fold(0, |value, byte| value * 10 + u32::from(byte - b'0'));
        return Some((Part::Number(digits, value), at + digits));
    }
    let letters = rest.iter().take(10).take_while(|byte| byte.is_ascii_alphabetic()).count();
    let word = rest.get(..letters).filter(|word| word.len() >= 3)?.to_ascii_lowercase();
    let is = |month: &&str| month.as_bytes() == word || (word.len() < 5 && month.as_bytes().starts_with(&word));
    let month = (1..).zip(&MONTHS).find(|(_, month)| is(month))?.0;
    Some((Part::Month(month), at + letters))
}

/// Whether parts are a day, a month and a year in one of the usual orders.
fn is_calendar(parts: [Part; 3]) -> bool {
    use Part::{Month, Number};
    match parts {
        [Number(1 | 2, a), Number(1 | 2, b), Number(length @ (2 | 4), year)] => {
            let year = if length == 2 { 1900 + year } else { year };
            is_date(year, a, b) || is_date(year, b, a)
        }
        [Number(1 | 2, day), Month(month), Number(2, year)] => is_date(1900 + year, month, day),
        [Number(4, year), Number(1 | 2, month) | Month(month), Number(1 | 2, day)]
        | [Number(1 | 2, day), Month(month), Number(4, year)]
        | [Month(month), Number(1 | 2, day), Number(4, year)] => is_date(year, month, day),
        _ => false,
    }
}

/// Whether someone who lives may be born then.
pub(super) fn is_date(year: u32, month: u32, day: u32) -> bool {
    (1890..2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)
}

//! International bank account numbers after ISO 13616.

mod countries;

use super::number::is_continued;
use super::{Detector, Found, HIGH, Sign, runs, runs_between};
pub(super) use countries::COUNTRIES;
use countries::IDENTIFIERS;

pub(super) const BANK_ACCOUNT_NUMBERS: Detector = Detector {
    identifiers: &IDENTIFIERS,
    keywords: &[],
    starts: |byte| byte.is_ascii_alphabetic(),
    // A group, or all of it.
    runs: runs(&[4]) | runs_between(15, 34),
    signs: &[Sign::Account],
    find,
    levels: HIGH,
};

/// The shortest one has 15 characters, that of Norway, the longest that exist 33.
const LONGEST: usize = 34;

/// Where groups are apart, they are of so many characters.
const GROUP: usize = 4;

/// Country, two check digits and what the country defines, in one piece or in groups of four.
fn find(text: &str, at: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let head = bytes.get(at..at + GROUP)?;
    if !(head[1].is_ascii_alphabetic() && head[2].is_ascii_digit() && head[3].is_ascii_digit()) {
        return None;
    }
    let code = [head[0].to_ascii_uppercase(), head[1].to_ascii_uppercase()];
    let (variant, country) = COUNTRIES.iter().enumerate().find(|(_, country)| country.0.as_bytes() == code)?;
    let length = GROUP + country.2.iter().map(|part| usize::from(part.1)).sum::<usize>();
    let (number, end) = read(bytes, at, length)?;
    let lower = head[0].is_ascii_lowercase();
    let uniform = bytes[at..end].iter().all(|byte| !byte.is_ascii_alphabetic() || byte.is_ascii_lowercase() == lower);
    let whole = uniform && fits(&number[GROUP..length], country.2) && remainder(&number[..length]) == 1;
    // No account goes on behind a plus: that is what parts fields of EDI, and blanks in addresses.
    let before = bytes[..at].strip_suffix(b"+").unwrap_or(&bytes[..at]);
    (whole && !is_continued(before) && ends(text, end)).then(|| Found { variant, ..Found::sure(end) })
}

/// The characters of a number without the signs between its groups, and where it ends.
fn read(bytes: &[u8], at: usize, length: usize) -> Option<([u8; LONGEST], usize)> {
    let mut number = [0; LONGEST];
    let (mut end, mut separator) = (at, None);
    for (place, sign) in number.iter_mut().enumerate().take(length) {
        let mut byte = *bytes.get(end)?;
        if place > 0 && place % GROUP == 0 && matches!(byte, b' ' | b'-') && separator.is_none_or(|known| known == byte)
        {
            separator = Some(byte);
            end += 1;
            byte = *bytes.get(end)?;
        }
        if !byte.is_ascii_alphanumeric() {
            return None;
        }
        *sign = byte.to_ascii_uppercase();
        end += 1;
    }
    Some((number, end))
}

/// Whether a number may end here.
fn ends(text: &str, end: usize) -> bool {
    match text.as_bytes()[end..] {
        [b'-', next, ..] => !next.is_ascii_alphanumeric(),
        _ => !text[end..].starts_with(char::is_alphanumeric),
    }
}

/// Whether characters are the digits and letters of a country's numbers.
fn fits(number: &[u8], structure: &[(u8, u8)]) -> bool {
    let mut rest = number.iter();
    structure.iter().all(|&(kind, count)| {
        rest.by_ref().take(usize::from(count)).all(|byte| match kind {
            b'n' => byte.is_ascii_digit(),
            b'a' => byte.is_ascii_uppercase(),
            _ => true,
        })
    })
}

/// The remainder by 97 of country and check digits behind the rest, letters from 10 on.
fn remainder(number: &[u8]) -> u32 {
    let (head, rest) = number.split_at(GROUP);
    rest.iter().chain(head).fold(0, |remainder, &byte| match byte {
        b'0'..=b'9' => (remainder * 10 + u32::from(byte - b'0')) % 97,
        _ => (remainder * 100 + u32::from(byte - b'A') + 10) % 97,
    })
}

//! Numbers of people in the USA: social security, tax and passport.

use super::number::{digits, groups, is_continued, is_end, is_placeholder};
use super::{Detector, Found, HIGH, from, runs};
use contract::severity::{Severity, SeverityLevel};

pub(super) const USA_SOCIAL_SECURITY_NUMBER: Detector = Detector {
    identifiers: &["USA_SOCIAL_SECURITY_NUMBER"],
    keywords: &["social security", "ss#", "ssn", "social security number"],
    starts: |byte| byte.is_ascii_digit(),
    runs: runs(&[3, 9]),
    signs: &[],
    find: social_security,
    levels: HIGH,
};

pub(super) const USA_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER: Detector = Detector {
    identifiers: &["USA_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER"],
    keywords: &["i.t.i.n.", "individual taxpayer identification number", "itin"],
    starts: |byte| byte.is_ascii_digit(),
    runs: runs(&[3, 9]),
    signs: &[],
    find: tax,
    levels: HIGH,
};

/// One passport is rated lower than several.
const PASSPORTS: &[SeverityLevel] = &[from(1, Severity::Medium), from(2, Severity::High)];

pub(super) const USA_PASSPORT_NUMBER: Detector = Detector {
    identifiers: &["USA_PASSPORT_NUMBER"],
    keywords: &["passport", "travel document"],
    starts: |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit(),
    runs: runs(&[9]),
    signs: &[],
    find: passport,
    levels: PASSPORTS,
};

/// Numbers that were printed so often that they are nobody's.
const PRINTED: &[u32] = &[78_051_120, 219_099_999];

/// Nine digits, in one piece or as 3-2-4: where they end, and these parts.
fn parts(text: &str, at: usize) -> Option<(usize, [u32; 3])> {
    let end = groups(text, at, &[3, 2, 4], b"- ").or_else(|| groups(text, at, &[9], b""))?;
    let digits = digits(&text[at..end]);
    let number = digits.iter().fold(0, |number, digit| number * 10 + digit);
    let usual = is_placeholder(&digits) || PRINTED.contains(&number);
    (!usual).then_some((end, [number / 1_000_000, number / 10_000 % 100, number % 10_000]))
}

fn social_security(text: &str, at: usize) -> Option<Found> {
    let (end, [area, group, serial]) = parts(text, at)?;
    (!matches!(area, 0 | 666 | 900..) && group != 0 && serial != 0).then(|| Found::keyed(end))
}

fn tax(text: &str, at: usize) -> Option<Found> {
    let (end, [area, group, _]) = parts(text, at)?;
    (area >= 900 && matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99)).then(|| Found::keyed(end))
}

/// Nine digits, or a letter and eight.
fn passport(text: &str, at: usize) -> Option<Found> {
    let letters = usize::from(text.as_bytes()[at].is_ascii_uppercase());
    let end = at + 9;
    let number = text.get(at + letters..end)?;
    let whole = number.bytes().all(|byte| byte.is_ascii_digit()) && !is_placeholder(&digits(number));
    (whole && !is_continued(&text.as_bytes()[..at]) && is_end(text, end)).then(|| Found::keyed(end))
}

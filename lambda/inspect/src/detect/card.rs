//! Numbers of credit and debit cards.
//!
//! Here is how they are written; whether a scheme issues them is in `issuer`.

mod issuer;

use super::number::{is_joined, is_zero_fraction};
use super::{Detector, Found, HIGH, runs, runs_between};
pub(super) use issuer::check;

pub(super) const CREDIT_CARD_NUMBER: Detector = Detector {
    identifiers: &["CREDIT_CARD_NUMBER"],
    keywords: &[
        "account number",
        "american express",
        "amex",
        "bank card",
        "card",
        "card number",
        "cc #",
        "ccn",
        "check card",
        "credit",
        "credit card",
        "credit cards",
        "dankort",
        "debit",
        "debit card",
        "diners club",
        "discover",
        "electron",
        "jcb",
        "mastercard",
        "mc",
        "pan",
        "payment card number",
        "pcn",
        "union pay",
        "visa",
    ],
    starts: |byte| matches!(byte, b'2'..=b'6'),
    // A digit alone begins a number with an exponent.
    runs: runs(&[1]) | runs_between(4, 19),
    signs: &[],
    find,
    levels: HIGH,
};

const DIGITS: std::ops::RangeInclusive<usize> = 13..=19;

/// How long the groups are of a number in groups, but for the last: 4-4-4-4, 4-6-5, 6-13.
const GROUP: std::ops::RangeInclusive<usize> = 4..=6;

fn find(text: &str, at: usize) -> Option<Found> {
    if text.as_bytes().get(at + 1) == Some(&b'.') {
        return scientific(text, at);
    }
    let ends = pattern(text, at).into_iter();
    ends.map(Found::keyed).find(|found| check(&text[at..found.end]))
}

/// Digits in one piece, or in groups apart by one and the same sign.
///
/// Another number may follow behind a blank, so that each end of a group is a
/// possible end of the card, the first one before the others.
fn pattern(text: &str, at: usize) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut ends = Vec::new();
    if !matches!(bytes[at], b'2'..=b'6') || is_continued(&bytes[..at]) {
        return ends;
    }
    let chained = matches!(bytes[..at], [.., b'0'..=b'9', b'-']);
    let mut separator = None;
    let (mut end, mut digits) = (at, 0);
    loop {
        let run = bytes[end..].iter().take(20).take_while(|byte| byte.is_ascii_digit()).count();
        end += run;
        digits += run;
        if digits > *DIGITS.end() {
            break;
        }
        let alone = !(chained && separator == Some(b'-'));
        if DIGITS.contains(&digits) && alone && is_end(text, end, separator) {
            ends.push(end);
        }
        match bytes[end..] {
            [sign @ (b' ' | b'-'), b'0'..=b'9', ..]
                if GROUP.contains(&run) && separator.is_none_or(|known| known == sign) =>
            {
                separator = Some(sign);
                end += 1;
            }
            _ => break,
        }
    }
    ends
}

/// As few digits as a number with an exponent has behind its point that is no rounded one.
const PRECISE: usize = 12;

/// A number with an exponent, as programs write what is large: `4.000004427083831E15`.
fn scientific(text: &str, at: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let fraction = bytes.get(at + 2..)?.iter().take(20).take_while(|byte| byte.is_ascii_digit()).count();
    let mark = at + 2 + fraction;
    let plus = usize::from(bytes.get(mark + 1) == Some(&b'+'));
    let digits = bytes.get(mark + 1 + plus..)?.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
    let end = mark + 1 + plus + digits;
    if !matches!(bytes.get(mark), Some(b'e' | b'E')) || fraction < PRECISE || is_continued(&bytes[..at]) {
        return None;
    }
    let exponent: usize = text.get(end - digits..end)?.parse().ok().filter(|&exponent| exponent < *DIGITS.end())?;
    let zeros = exponent.checked_sub(fraction)?;
    let number = [text.get(at..=at)?, text.get(at + 2..mark)?, &"0".repeat(zeros)].concat();
    let whole = DIGITS.contains(&number.len()) && check(&number) && is_end(text, end, None);
    whole.then(|| Found::keyed(end))
}

/// Whether what is before a digit makes it a part of a longer number.
fn is_continued(before: &[u8]) -> bool {
    match before {
        [rest @ .., b'+'] => !is_joined(rest),
        [b'.'] => true,
        // A dot behind a letter ends an abbreviation: `no.4000…`.
        [.., last, b'.'] => !last.is_ascii_alphabetic(),
        _ => false,
    }
}

/// Whether a number may end here. `.0` follows where a program took it for a fraction.
fn is_end(text: &str, end: usize, separator: Option<u8>) -> bool {
    let rest = &text[end..];
    match rest.as_bytes() {
        [b'-', b'0'..=b'9', ..] => separator != Some(b'-'),
        [b'.', b'0'..=b'9', ..] => is_zero_fraction(rest),
        _ => !rest.starts_with(char::is_alphanumeric),
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::count;

    #[test]
    fn cards() {
        let table = [
            (1, "guest card 6011-0050-5338-5830 declined"),
            (1, "card 4000 0044 2708 3831"),
            (1, "card 4000\u{a0}0044\u{a0}2708\u{a0}3831"),
            (1, "card:4000004427083831."),
            (1, "card no.4000004427083831"),
            (1, "Visa 4000004427083831.0"),
            (
                1,
                "card \u{ff14}\u{ff10}\u{ff10}\u{ff10}\u{ff10}\u{ff10}\u{ff14}\u{ff14}\u{ff12}\u{ff17}\u{ff10}\u{ff18}\u{ff13}\u{ff18}\u{ff13}\u{ff11}",
            ),
            (1, "card 4000 0044 2708 3831 123"),
            (1, "card 4000 0044 2708 3831 011"),
            (1, "card line 7 4000 0044 2708 3831"),
            (1, "12 4000004427083831 2027 credit"),
            (2, "card 4000004427083831 4000000953693159"),
            (2, "card 4000004427083831,4000000953693159"),
            (1, "creditCardNumber=4000004427083831"),
            (1, "CREDITCARD=4000004427083831"),
            (1, "card_4000004427083831"),
            (1, "?q=visa+4000004427083831"),
            (1, "card++4000004427083831"),
            (0, "card +4000004427083831"),
            (0, "card:+4000004427083831"),
            (1, "4000004427083831 (Master-Card mastercard)"),
            (1, "cc# 4000004427083831"),
            (1, "PAN 4000004427083831"),
            (1, "card 4.000004427083831E15"),
            (1, "card;4.000004427083831e+15;"),
            (0, "card 4.000004427083832E15"),
            (0, "card 4.000004427083831E14"),
            (0, "card 4.000004427083831E16"),
            (0, "card 4.000004427083831E99"),
            (0, "card 4.00000E+15"),
            (0, "card 14.000004427083831E15"),
            (0, "card 4.000004427083831E15x"),
            (0, "card 4.000004427083831"),
            (0, "discard 4000004427083831"),
            (0, "cards 4000004427083831"),
            (0, "company 4000004427083831"),
            (0, "number 4000004427083831"),
            (0, "card 4000004427083832"),
            (0, "card 0.4000004427083831"),
            (0, "card 4000004427083831.57"),
            (0, "card 14000004427083831"),
            (0, "card 40000044270838310"),
            (0, "card x4000004427083831"),
            (0, "card 4000004427083831x"),
            (0, "card \u{e9}4000004427083831"),
            (0, "card 4000004427083831\u{e9}"),
            (0, "card 4000 00** **** 3831"),
            (0, "card 4111 1111 1111 1111"),
            (0, "card 1234-4000-0044-2708-3831"),
            (0, "card 4000-0044-2708-3831-5"),
            (0, "card 4000  0044  2708  3831"),
            (0, "card +4000004427083831"),
            (1, "card, thirty characters away: 4000004427083831"),
            (0, "card, and far more than thirty characters away: 4000004427083831"),
        ];
        for (expected, text) in table {
            assert_eq!(count(text, "CREDIT_CARD_NUMBER"), expected, "{text}");
        }
    }
}

//! What numbers have in common: how they begin and end, groups, placeholders, Luhn.

use std::ops::Deref;

/// Whether what is before a digit makes it a part of something longer.
///
/// A dot makes it a fraction, a dash behind a group with a digit a part of a longer number (or of
/// a UUID). A dash behind a word does not: `SSN-123…`.
pub(super) fn is_continued(before: &[u8]) -> bool {
    match before {
        [rest @ .., b'+'] => !is_joined(rest),
        [b'.'] => true,
        // A dot behind a letter ends an abbreviation: `no.4000…`.
        [.., last, b'.'] => !last.is_ascii_alphabetic(),
        [rest @ .., b'-'] => {
            let token = rest.iter().rev().take(40).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-');
            token.clone().any(u8::is_ascii_digit)
        }
        _ => false,
    }
}

/// Whether a plus behind some text joins what follows to it, as in addresses (`visa+4000…`) and in EDI. Behind all else it
/// begins a phone number.
pub(crate) fn is_joined(before: &[u8]) -> bool {
    before.last().is_some_and(|&last| last.is_ascii_alphanumeric() || last == b'+')
}

/// Whether a number may end here. `.0` follows where a program took it for a fraction.
pub(super) fn is_end(text: &str, end: usize) -> bool {
    let rest = &text[end..];
    match rest.as_bytes() {
        [b'-', next, ..] => !next.is_ascii_alphanumeric(),
        [b'.', b'0'..=b'9', ..] => is_zero_fraction(rest),
        _ => !rest.starts_with(char::is_alphanumeric),
    }
}

/// Whether a fraction is `.0` or `.00`.
pub(super) fn is_zero_fraction(rest: &str) -> bool {
    let fraction = rest[1..].bytes().take_while(u8::is_ascii_alphanumeric);
    fraction.enumerate().all(|(place, digit)| digit == b'0' && place < 2)
}

/// Where groups of digits end that start here, all apart by one and the same sign of some.
///
/// Longer runs of digits are no groups; nor are parts of longer numbers.
pub(super) fn groups(text: &str, at: usize, lengths: &[usize], signs: &[u8]) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut end, mut separator) = (at, None);
    for (number, &length) in lengths.iter().enumerate() {
        if number > 0 {
            let sign = *bytes.get(end)?;
            if !signs.contains(&sign) || separator.is_some_and(|known| known != sign) {
                return None;
            }
            separator = Some(sign);
            end += 1;
        }
        let run = bytes[end..].iter().take(length + 1).take_while(|byte| byte.is_ascii_digit()).count();
        if run != length {
            return None;
        }
        end += length;
    }
    (!is_continued(&bytes[..at]) && is_end(text, end)).then_some(end)
}

/// The digits of a value, up to 20.
pub(super) struct Digits([u32; 20], usize);

impl Deref for Digits {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        &self.0[..self.1]
    }
}

/// The digits of a value.
pub(super) fn digits(value: &str) -> Digits {
    let mut digits = Digits([0; 20], 0);
    for (place, byte) in digits.0.iter_mut().zip(value.bytes().filter(u8::is_ascii_digit)) {
        *place = u32::from(byte - b'0');
        digits.1 += 1;
    }
    digits
}

/// Whether digits are what people write where a number will be: `000000000`, `123456789`.
pub(super) fn is_placeholder(digits: &[u32]) -> bool {
    let same = digits.windows(2).all(|pair| pair[0] == pair[1]);
    let counting = digits.first() == Some(&1) && digits.windows(2).all(|pair| (pair[0] + 1) % 10 == pair[1]);
    same || counting
}

/// The check of Hans Peter Luhn: double every second digit from the right.
pub(super) fn luhn(digits: &[u32]) -> bool {
    let digits = digits.iter().rev().enumerate();
    let sum: u32 = digits.map(|(place, digit)| if place % 2 == 0 { *digit } else { digit * 2 % 10 + digit / 5 }).sum();
    sum.is_multiple_of(10)
}

/// How many different bytes there are: few in what is made up, many in what is random.
pub(super) fn distinct(bytes: &[u8]) -> usize {
    let mut seen = [false; 256];
    bytes.iter().filter(|&&byte| !std::mem::replace(&mut seen[usize::from(byte)], true)).count()
}

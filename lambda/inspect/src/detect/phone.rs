//! Phone numbers, which are found in bulk only.
//!
//! A country code speaks for itself. Without one, a keyword has to be near, and the
//! number has to be written as in the USA and Canada, or to begin with a zero.

use super::birth::is_date;
use super::number::{is_end, is_placeholder};
use super::{BULK, Detector, Found, Sign, runs};

pub(super) const PHONE_NUMBER: Detector = Detector {
    identifiers: &["PHONE_NUMBER"],
    keywords: &["cell", "contact", "fax", "mobile", "phone", "tel", "telephone"],
    starts: |byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'('),
    runs: runs(&[1, 2, 3, 4, 5, 6, 9, 10, 11, 12]),
    signs: &[Sign::Plus],
    find,
    levels: BULK,
};

/// The most digits of a number.
const MOST: usize = 15;

/// How many signs may stand between two digits: `(0) 20`.
const SIGNS: usize = 2;

fn find(text: &str, at: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    // A number inside of something longer is no phone number.
    if let [.., before, b'-' | b'.' | b'/' | b'_' | b':'] = bytes[..at]
        && before.is_ascii_digit()
    {
        return None;
    }
    let end = read(text, at).filter(|_| !is_other(bytes, at))?;
    let whole = !matches!(bytes[..at], [.., b'+']);
    whole.then_some(if bytes[at] == b'+' { Found::sure(end) } else { Found::keyed(end) })
}

/// Where a number ends that starts here: groups apart by one sign, or in brackets.
///
/// Another number may follow, so that the last group with which it is one counts.
fn read(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let international = bytes[at] == b'+';
    let (mut digits, mut count) = ([0; MOST], 0);
    let (mut end, mut brackets) = (at + usize::from(international), 0);
    let mut best = None;
    loop {
        while let Some(digit) = bytes.get(end).filter(|byte| byte.is_ascii_digit()) {
            let Some(place) = digits.get_mut(count) else {
                return best;
            };
            *place = u32::from(digit - b'0');
            (count, end) = (count + 1, end + 1);
        }
        if is_number(&digits[..count], international) && is_end(text, end) {
            best = Some(end);
        }
        let is_sign = |byte: &&u8| matches!(byte, b' ' | b'-' | b'.' | b'(' | b')' | b'/');
        let signs = bytes[end..].iter().take(SIGNS + 1).take_while(is_sign).count();
        let inside = bytes[end..end + signs].iter().filter(|byte| matches!(byte, b'(' | b')')).count();
        brackets += inside;
        // One sign, a bracket, or a bracket and a blank.
        let apart = signs == 1 || (signs == SIGNS && inside > 0);
        if !apart || brackets > 2 || !bytes.get(end + signs).is_some_and(u8::is_ascii_digit) {
            return best;
        }
        end += signs;
    }
}

/// Whether what starts here is a date, behind which a time may stand, or the address of a computer.
fn is_other(bytes: &[u8], at: usize) -> bool {
    let (mut groups, mut signs, mut next) = ([(0, 0); 4], [0; 4], at);
    for (group, sign) in groups.iter_mut().zip(&mut signs) {
        while let Some(digit) = bytes.get(next).filter(|byte| byte.is_ascii_digit() && group.0 <= 4) {
            *group = (group.0 + 1, group.1 * 10 + u32::from(digit - b'0'));
            next += 1;
        }
        *sign = bytes.get(next).copied().unwrap_or_default();
        next += 1;
    }
    if signs[..3] == [b'.'; 3] && signs[3] != b'.' {
        // As computers write them: without zeros at the start.
        return groups.iter().all(|&(length, value)| matches!((length, value), (1, _) | (2, 10..) | (3, 100..=255)));
    }
    let [(first, a), (second, b), (third, c), _] = groups;
    signs[0] == signs[1]
        && matches!(signs[0], b'-' | b'.' | b'/')
        && match (first, second, third) {
            (4, 2, 2) => is_date(a, b, c),
            (1 | 2, 1 | 2, 4) => is_date(c, a, b) || is_date(c, b, a),
            _ => false,
        }
}

/// Whether digits, with a country code or without, are a phone number.
fn is_number(digits: &[u32], international: bool) -> bool {
    let plausible = match digits {
        // The country code behind two zeros.
        [0, 0, 1..=9, ..] => !international && (10..=15).contains(&digits.len()),
        [0, 1..=9, ..] => !international && (9..=12).contains(&digits.len()),
        [2..=9, ..] if international => digits.len() >= 8,
        _ => is_american(digits),
    };
    plausible && !is_placeholder(digits)
}

/// Ten digits, perhaps behind a one; neither area nor exchange begins with zero or one.
fn is_american(digits: &[u32]) -> bool {
    let digits = if digits.len() == 11 && digits[0] == 1 { &digits[1..] } else { digits };
    digits.len() == 10 && digits[0] > 1 && digits[3] > 1
}

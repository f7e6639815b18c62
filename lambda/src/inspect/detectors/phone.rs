//! Phone numbers, which are found in bulk only.
//!
//! A country code speaks for itself. Without one, a keyword has to be near, and the
//! number has to be written as in the USA and Canada, or to begin with a zero.

use super::number::{is_end, is_placeholder};
use super::{BULK, Detector, Found, runs};

pub(super) const PHONE_NUMBER: Detector = Detector {
    identifiers: &["PHONE_NUMBER"],
    keywords: &["cell", "contact", "fax", "mobile", "phone", "tel", "telephone"],
    starts: |byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'('),
    runs: runs(&[1, 2, 3, 4, 5, 6, 9, 10, 11, 12]),
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
    let mut digits = [0; MOST];
    let (end, count) = read(bytes, at, &mut digits)?;
    let digits = &digits[..count];
    let international = bytes[at] == b'+';
    let plausible = if international {
        count >= 8 && digits[0] != 0 && (digits[0] != 1 || is_american(digits))
    } else {
        is_american(digits) || (digits[0] == 0 && (9..=12).contains(&count) && digits[1] != 0)
    };
    let whole = plausible && !matches!(bytes[..at], [.., b'+']) && !is_placeholder(digits) && is_end(text, end);
    whole.then_some(if international { Found::sure(end) } else { Found::keyed(end) })
}

/// Where a number ends that starts here, and how many digits it has: groups apart by one sign, or in brackets.
fn read(bytes: &[u8], at: usize, digits: &mut [u32; MOST]) -> Option<(usize, usize)> {
    let (mut end, mut count, mut brackets) = (at + usize::from(bytes[at] == b'+'), 0, 0);
    loop {
        while let Some(digit) = bytes.get(end).filter(|byte| byte.is_ascii_digit()) {
            *digits.get_mut(count)? = u32::from(digit - b'0');
            (count, end) = (count + 1, end + 1);
        }
        let is_sign = |byte: &&u8| matches!(byte, b' ' | b'-' | b'.' | b'(' | b')' | b'/');
        let signs = bytes[end..].iter().take(SIGNS + 1).take_while(is_sign).count();
        let inside = bytes[end..end + signs].iter().filter(|byte| matches!(byte, b'(' | b')')).count();
        brackets += inside;
        // One sign, a bracket, or a bracket and a blank.
        let apart = signs == 1 || (signs == SIGNS && inside > 0);
        if !apart || brackets > 2 || !bytes.get(end + signs).is_some_and(u8::is_ascii_digit) {
            return (count > 1).then_some((end, count));
        }
        end += signs;
    }
}

/// Ten digits, perhaps behind a one; neither area nor exchange begins with zero or one.
fn is_american(digits: &[u32]) -> bool {
    let digits = if digits.len() == 11 && digits[0] == 1 { &digits[1..] } else { digits };
    digits.len() == 10 && digits[0] > 1 && digits[3] > 1
}

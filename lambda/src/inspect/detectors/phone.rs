//! Phone numbers, which are found in bulk only.
//!
//! A country code speaks for itself. Without one, a keyword has to be near, and the
//! number has to be written as in the USA and Canada, or to begin with a zero.

use super::number::{is_end, is_placeholder};
use super::{BULK, Detector, Found, runs};

pub(super) const PHONE_NUMBER: Detector = Detector {
    identifiers: &["PHONE_NUMBER"],
    keywords: &["cell", "contact", "fax", "mobile", "phone", "tel", "telephone"],
    starts: |byte| matches!(byte, b'+' | b'('),
    runs: runs(&[1, 2, 3, 4, 5, 6, 9, 10, 11, 12]),
    find,
    levels: BULK,
};

/// How many signs may stand between two digits: `(0) 20`.
const SIGNS: usize = 2;

fn find(text: &str, at: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    // A number inside of something longer is no phone number.
    if matches!(bytes[..at], [.., b'+' | b'-' | b'.' | b'/' | b'_' | b':']) && bytes[..at].len() > 1 {
        let before = bytes[at.saturating_sub(2)];
        if bytes[at - 1] == b'+' || before.is_ascii_digit() {
            return None;
        }
    }
    let (end, digits) = read(text, at)?;
    let international = bytes[at] == b'+';
    let plausible = if international {
        (8..=15).contains(&digits.len()) && digits[0] != 0 && (digits[0] != 1 || is_american(&digits))
    } else {
        is_american(&digits) || (digits[0] == 0 && (9..=12).contains(&digits.len()) && digits[1] != 0)
    };
    let whole = plausible && !is_placeholder(&digits) && is_end(text, end);
    whole.then_some(if international { Found::sure(end) } else { Found::keyed(end) })
}

/// Where a number ends that starts here, and its digits: groups apart by one sign, or in brackets.
fn read(text: &str, at: usize) -> Option<(usize, Vec<u32>)> {
    let bytes = text.as_bytes();
    let mut digits = Vec::with_capacity(16);
    let mut end = at + usize::from(bytes[at] == b'+');
    let mut open = 0;
    loop {
        let run = bytes[end..].iter().take(16).take_while(|byte| byte.is_ascii_digit());
        digits.extend(run.map(|byte| u32::from(byte - b'0')));
        end += bytes[end..].iter().take(16).take_while(|byte| byte.is_ascii_digit()).count();
        if digits.len() > 15 {
            return None;
        }
        let signs =
            bytes[end..].iter().take_while(|byte| matches!(byte, b' ' | b'-' | b'.' | b'(' | b')' | b'/')).count();
        let between = &bytes[end..end + signs];
        if signs > SIGNS || !bytes.get(end + signs).is_some_and(u8::is_ascii_digit) {
            break;
        }
        // One sign, a bracket, or a bracket and a blank.
        let brackets = between.iter().filter(|byte| matches!(byte, b'(' | b')')).count();
        open += brackets;
        if (signs == 2 && brackets == 0) || open > 2 {
            break;
        }
        end += signs;
    }
    (digits.len() > 1).then_some((end, digits))
}

/// Ten digits, perhaps behind a one; neither area nor exchange begins with zero or one.
fn is_american(digits: &[u32]) -> bool {
    let digits = if digits.len() == 11 && digits[0] == 1 { &digits[1..] } else { digits };
    digits.len() == 10 && digits[0] > 1 && digits[3] > 1
}

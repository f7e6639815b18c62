//! Data of a card's magnetic stripe: tracks 1 and 2 of ISO 7813.

use super::base64::run;
use super::{Detector, Found, HIGH, card, runs_between};

pub(super) const CREDIT_CARD_MAGNETIC_STRIPE: Detector = Detector {
    identifiers: &["CREDIT_CARD_MAGNETIC_STRIPE"],
    keywords: &["card data", "iso7813", "mag", "magstripe", "stripe", "swipe"],
    starts: |byte| byte.is_ascii_digit() || matches!(byte, b'%' | b'B' | b';'),
    runs: runs_between(13, 20),
    signs: &[],
    find,
    levels: HIGH,
};

/// The longest name on a track, and the longest of what the issuer adds.
const NAME: usize = 26;
const DATA: usize = 40;

/// `%B`, number, `^`, name, `^`, data, `?`, or `;`, number, `=`, data, `?`. Readers may drop the signs at the ends.
fn find(text: &str, at: usize) -> Option<Found> {
    let rest = &text[at..];
    let (start, first) = match rest.as_bytes() {
        [b'%', b'B' | b'b', ..] => (at + 2, true),
        [b'B', ..] => (at + 1, true),
        [b';', ..] => (at + 1, false),
        _ => (at, false),
    };
    let length = run(text, start, |byte| byte.is_ascii_digit());
    let number = text.get(start..start + length).filter(|number| card::check(number))?;
    let behind = start + number.len();
    let data = if first { name(text, behind)? } else { behind + usize::from(text[behind..].starts_with('=')) };
    if data == behind {
        return None;
    }
    let length = run(text, data, |byte| byte.is_ascii_digit());
    // Expiry, year and month, and a service code come first.
    let month = text.get(data + 2..data + 4).and_then(|month| month.parse::<u8>().ok())?;
    if length < 7 || !(1..=12).contains(&month) {
        return None;
    }
    let end = data + run(text, data, |byte| byte.is_ascii_alphanumeric() || byte == b' ').min(DATA);
    let end = if text[end..].starts_with('?') { end + 1 } else { data + length };
    Some(Found::keyed(end))
}

/// What is behind the name on track 1.
fn name(text: &str, at: usize) -> Option<usize> {
    let rest = text[at..].strip_prefix('^')?;
    let length = rest.find('^').filter(|length| (2..=NAME).contains(length))?;
    let whole = rest[..length].bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    whole.then_some(at + length + 2)
}

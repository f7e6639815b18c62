//! Secret keys of Stripe. Publishable ones (`pk_…`) are public, and tokens are none.

use super::base64::run;
use super::number::distinct;
use super::{Detector, Found, HIGH, Sign, runs};

const PREFIXES: &[&str] = &["sk_live_", "sk_test_", "rk_live_", "rk_test_", "sk_org_live_", "sk_org_test_"];

/// How long the random part is, and of how many different characters.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=247;
const DISTINCT: usize = 10;

/// The key that Stripe's documents print.
const EXAMPLE: &str = "sk_test_4eC39HqLyjWDarjtT1zdp7dc";

pub(super) const STRIPE_CREDENTIALS: Detector = Detector {
    identifiers: &["STRIPE_CREDENTIALS"],
    keywords: &[],
    starts: |byte| matches!(byte, b's' | b'r'),
    // `sk` and `_`.
    runs: runs(&[2]),
    signs: &[Sign::Word("sk_"), Sign::Word("rk_")],
    find,
    levels: HIGH,
};

fn find(text: &str, at: usize) -> Option<Found> {
    let prefix = PREFIXES.iter().find(|prefix| text[at..].starts_with(**prefix))?;
    let start = at + prefix.len();
    let length = run(text, start, |byte| byte.is_ascii_alphanumeric());
    let end = start + length;
    let continues = text[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let random = distinct(&text.as_bytes()[start..end]) >= DISTINCT;
    let example = &text[at..end] == EXAMPLE;
    (LENGTHS.contains(&length) && !continues && random && !example).then(|| Found::sure(end))
}

//! The table of what is looked for, one file for each family.
//!
//! A [`Detector`] is a value; the scanner runs all of them in one pass. A new
//! identifier is a row in [`ALL`]; its position there is its bit in a `Mask`.

mod aws;
mod card;

/// One managed data identifier.
pub(super) struct Detector {
    /// Its name at Amazon Macie.
    pub(super) identifier: &'static str,
    /// One of these must be near; if there are none, the value suffices.
    pub(super) keywords: &'static [&'static str],
    /// Which bytes a value may start with: saves most calls of `pattern`.
    pub(super) starts: fn(u8) -> bool,
    /// Where a value that starts at this byte of the text may end, best first.
    pub(super) pattern: fn(&str, usize) -> Vec<usize>,
    /// Whether what the pattern found is such a value.
    pub(super) check: fn(&str) -> bool,
    /// How many occurrences make a finding.
    pub(super) at_least: u64,
}

/// All identifiers, at most 64.
pub(super) static ALL: &[Detector] = &[card::CREDIT_CARD_NUMBER, aws::AWS_CREDENTIALS];

//! The table of what is looked for, one file for each family.
//!
//! A [`Detector`] is a value; the scanner runs all of them in one pass. A new
//! managed identifier is a row in [`MANAGED`]. Where the same text fits several
//! detectors for the same reason, the first one counts: the stricter it is, the
//! earlier it stands.

mod aws;
mod bank;
pub(crate) mod base64;
mod birth;
mod card;
pub(crate) mod escape;
mod google;
mod iban;
pub(crate) mod keyword;
mod magnetic;
mod national;
mod number;
mod phone;
mod private_key;
mod sieve;
mod stripe;
mod table;
mod usa;
mod web;

use contract::severity::{Severity, SeverityLevel, from};
pub(crate) use number::is_joined;
pub use table::Detectors;
pub(crate) use table::{Custom, Set};

/// One managed data identifier, or a family of them with one pattern.
pub(crate) struct Detector {
    /// Its names at Amazon Macie.
    identifiers: &'static [&'static str],
    /// One of these must be near, unless the value itself suffices.
    keywords: &'static [&'static str],
    /// Which bytes a value may start with.
    starts: fn(u8) -> bool,
    /// With how many letters and digits in a row it may start, one bit for each length;
    /// if it starts with a digit, with how many digits, and whether letters may follow
    /// ([`MIXED`]). Saves most calls of `find`.
    runs: u64,
    /// What its values start with that need no keyword.
    signs: &'static [Sign],
    /// Looks for a value that starts at this byte of the text.
    pub(crate) find: fn(&str, usize) -> Option<Found>,
    /// The severity by the number of occurrences, and how many make a finding.
    levels: &'static [SeverityLevel],
}

/// How a value starts that needs no keyword: something rare, so that the text can be searched for it.
#[derive(Clone, Copy)]
enum Sign {
    /// With this text, where a word starts.
    Word(&'static str),
    /// With these signs, and this text behind them.
    Behind(&'static str, &'static str),
    /// With two letters and two digits.
    Account,
    /// With a plus.
    Plus,
}

/// A value.
#[derive(Debug, PartialEq)]
pub(crate) struct Found {
    /// Where it ends.
    pub(crate) end: usize,
    /// Which of the detector's identifiers it is.
    pub(crate) variant: usize,
    /// It needs no keyword.
    pub(crate) sure: bool,
}

impl Found {
    /// A value that needs a keyword.
    fn keyed(end: usize) -> Self {
        Self { end, variant: 0, sure: false }
    }

    /// A value that needs none.
    fn sure(end: usize) -> Self {
        Self { end, variant: 0, sure: true }
    }
}

/// What is bad however often it is there.
const HIGH: &[SeverityLevel] = &[from(1, Severity::High)];

/// What is found in bulk only: Macie rates it high from 100 on.
const BULK: &[SeverityLevel] = &[from(100, Severity::High)];

/// All managed identifiers.
static MANAGED: &[Detector] = &[
    private_key::PRIVATE_KEY,
    private_key::PUTTY_PRIVATE_KEY,
    web::JSON_WEB_TOKEN,
    web::HTTP_BASIC_AUTH_HEADER,
    stripe::STRIPE_CREDENTIALS,
    google::GCP_API_KEY,
    aws::AWS_CREDENTIALS,
    iban::BANK_ACCOUNT_NUMBERS,
    magnetic::CREDIT_CARD_MAGNETIC_STRIPE,
    card::CREDIT_CARD_NUMBER,
    national::FRANCE_NATIONAL_IDENTIFICATION_NUMBER,
    national::BRAZIL_CPF_NUMBER,
    national::SPAIN_DNI_NUMBER,
    national::UK_NATIONAL_INSURANCE_NUMBER,
    usa::USA_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER,
    usa::USA_SOCIAL_SECURITY_NUMBER,
    national::CANADA_SOCIAL_INSURANCE_NUMBER,
    usa::USA_PASSPORT_NUMBER,
    bank::BANK_ACCOUNT_NUMBER,
    phone::PHONE_NUMBER,
    birth::DATE_OF_BIRTH,
];

/// Any number of letters and digits.
const ANY: u64 = u64::MAX;

/// Letters may follow the digits.
const MIXED: u64 = 1 << 62;

/// A bit for each length of a run that values may start with.
const fn runs(lengths: &[u32]) -> u64 {
    let (mut bits, mut at) = (0, 0);
    while at < lengths.len() {
        bits |= 1 << lengths[at];
        at += 1;
    }
    bits
}

/// A bit for each length from one to another.
const fn runs_between(first: u32, last: u32) -> u64 {
    (u64::MAX >> (63 - last)) & (u64::MAX << first)
}

#[cfg(test)]
mod tests;

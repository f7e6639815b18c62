//! Numbers of bank accounts in the USA and Canada: digits, and nothing to check them by.

use super::number::{digits, groups, is_placeholder};
use super::{Detector, Found, HIGH, runs_between};

pub(super) const BANK_ACCOUNT_NUMBER: Detector = Detector {
    identifiers: &["BANK_ACCOUNT_NUMBER"],
    keywords: &[
        "bank account",
        "bank acct",
        "checking account",
        "checking acct",
        "chequing account",
        "chequing acct",
        "deposit account",
        "deposit acct",
        "savings account",
        "savings acct",
        // The longer keyword decides, and `account number` is one of cards.
        "bank account number",
        "checking account number",
        "chequing account number",
        "deposit account number",
        "savings account number",
    ],
    starts: |byte| byte.is_ascii_digit(),
    runs: runs_between(9, 17),
    signs: &[],
    find,
    levels: HIGH,
};

fn find(text: &str, at: usize) -> Option<Found> {
    let run = text.as_bytes()[at..].iter().take(18).take_while(|byte| byte.is_ascii_digit()).count();
    let end = groups(text, at, &[run], b"")?;
    (!is_placeholder(&digits(&text[at..end]))).then(|| Found::keyed(end))
}

//! What is found and what is not, identifier by identifier.

use crate::scan::{count, found};

mod alarms;
mod bulk;
mod credentials;
mod money;
mod national;
mod usa;

/// Checks how often an identifier is in each of some texts, and that nothing else is.
fn assert_counts(identifier: &str, table: &[(u64, &str)]) {
    for (expected, text) in table {
        let all = found(text);
        let expected = if *expected > 0 { vec![(identifier.to_owned(), *expected)] } else { Vec::new() };
        assert_eq!(all, expected, "{text}");
    }
}

/// Puts the check digits into an IBAN whose own are `00`.
fn iban(country: &str, account: &str) -> String {
    let number = |text: &str| {
        text.bytes().fold(0_u64, |rest, byte| match byte {
            b'0'..=b'9' => (rest * 10 + u64::from(byte - b'0')) % 97,
            _ => (rest * 100 + u64::from(byte - b'A') + 10) % 97,
        })
    };
    format!("{country}{:02}{account}", 98 - number(&format!("{account}{country}00")))
}

/// A number with the digit that makes it pass the check of Luhn.
fn with_luhn(number: &str) -> String {
    let digits: Vec<u32> = number.chars().filter_map(|digit| digit.to_digit(10)).collect();
    let last = (0..10).find(|&last| super::number::luhn(&[&digits[..], &[last]].concat())).unwrap();
    format!("{number}{last}")
}

/// Base64 of a text, with padding.
fn base64(text: &str) -> String {
    const SIGNS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |bytes: &[u8]| {
        let bits = bytes.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - bytes.len()));
        let sign = |place: usize| {
            if place > bytes.len() { '=' } else { char::from(SIGNS[bits >> (18 - 6 * place) & 0x3f]) }
        };
        (0..4).map(sign).collect::<String>()
    };
    text.as_bytes().chunks(3).map(group).collect()
}

#[test]
fn a_value_decides_for_one_identifier() {
    let nine = with_luhn("27345678");
    let table = [
        ("SSN", "USA_SOCIAL_SECURITY_NUMBER"),
        ("sin", "CANADA_SOCIAL_INSURANCE_NUMBER"),
        ("passport", "USA_PASSPORT_NUMBER"),
        ("savings account", "BANK_ACCOUNT_NUMBER"),
        ("social insurance number", "CANADA_SOCIAL_INSURANCE_NUMBER"),
        ("passport (not the SSN):", "USA_SOCIAL_SECURITY_NUMBER"),
    ];
    for (keyword, identifier) in table {
        assert_counts(identifier, &[(1, &format!("{keyword} {nine}"))]);
    }
    assert_counts("BANK_ACCOUNT_NUMBER", &[(1, "bank account number 4000004427083831")]);
    assert_counts("CREDIT_CARD_NUMBER", &[(1, "account number 4000004427083831")]);
    let both = found(&format!("passport {nine} and SSN {}", "123-45-7890"));
    assert_eq!(both.len(), 2, "{both:?}");
    // The inner one of the names decides, and the words around do not.
    assert_eq!(count("the card of GB29 NWBK 6016 1331 9268 19", "UK_BANK_ACCOUNT_NUMBER"), 1);
    assert_eq!(found("account number GB29 NWBK 6016 1331 9268 19").len(), 1);
}

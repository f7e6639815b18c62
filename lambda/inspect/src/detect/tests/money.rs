//! Accounts and magnetic stripes.

use super::super::iban::COUNTRIES;
use super::{assert_counts, iban, with_luhn};

#[test]
fn ibans_of_all_countries() {
    for (code, identifier, structure) in COUNTRIES {
        let part = |(kind, count): &(u8, u8)| {
            let sign = |place: u8| {
                if *kind == b'n' { char::from(b'0' + place * 7 % 10) } else { char::from(b'A' + place % 26) }
            };
            (0..*count).map(sign).collect::<String>()
        };
        let number = iban(code, &structure.iter().map(part).collect::<String>());
        let groups: Vec<&str> =
            (0..number.len()).step_by(4).map(|at| &number[at..(at + 4).min(number.len())]).collect();
        let wrong = format!("{}{:02}{}", code, (number[2..4].parse::<u8>().unwrap() + 1) % 97, &number[4..]);
        let table = [
            (1, number.clone()),
            (1, format!("Pay to {}, thanks", groups.join(" "))),
            (1, groups.join("-")),
            (1, format!("IBAN:{}", groups.join("\u{a0}"))),
            (1, number.to_lowercase()),
            (2, format!("{number} {number}")),
            (0, wrong),
            (0, format!("x{number}")),
            (0, format!("{number}7")),
            (0, number[..number.len() - 1].to_owned()),
            (0, groups.join("  ")),
            (0, groups.join(".")),
        ];
        for (expected, text) in table {
            assert_counts(identifier, &[(expected, &text)]);
        }
    }
}

/// The example of a country's number, with its character of this place of another kind, if it has one.
fn example(structure: &[(u8, u8)], other: Option<usize>) -> Option<String> {
    let kinds = structure.iter().flat_map(|&(kind, count)| std::iter::repeat_n(kind, usize::from(count)));
    let sign = |(place, kind)| match (kind, other == Some(place)) {
        (b'n', false) | (b'a', true) => Some('7'),
        (b'c', true) => None,
        (b'n' | b'a', _) => Some('Q'),
        _ => Some(if place % 2 == 0 { '7' } else { 'Q' }),
    };
    kinds.enumerate().map(sign).collect()
}

#[test]
fn the_same_structures_as_iban_validate() {
    let known = |number: &str| match number.parse::<iban::Iban>() {
        Err(iban::ParseIbanError::InvalidBaseIban { .. }) => panic!("{number}"),
        Err(iban::ParseIbanError::UnknownCountry(_)) => None,
        answer => Some(answer.is_ok()),
    };
    let mut unknown = Vec::new();
    for &(code, _, structure) in COUNTRIES {
        let length = structure.iter().map(|part| usize::from(part.1)).sum::<usize>();
        let Some(right) = known(&iban(code, &example(structure, None).unwrap())) else {
            unknown.push(code);
            continue;
        };
        assert!(right, "{code}");
        for place in 0..length {
            let other = example(structure, Some(place)).map(|rest| known(&iban(code, &rest)));
            assert_ne!(other, Some(Some(true)), "{code}, place {place}");
        }
    }
    assert_eq!(unknown, ["HN", "PK", "SN"]);
}

#[test]
fn published_ibans() {
    assert_counts("GERMANY_BANK_ACCOUNT_NUMBER", &[(1, "DE89370400440532013000"), (0, "DE89370400440532013001")]);
    assert_counts(
        "UK_BANK_ACCOUNT_NUMBER",
        &[(1, "GB29NWBK60161331926819"), (1, "GB29-NWBK-6016-1331-9268-19"), (0, "GB29 **** **** **** **68 19")],
    );
    assert_counts("FRANCE_BANK_ACCOUNT_NUMBER", &[(1, "FR14 2004 1010 0505 0001 3M02 606")]);
    assert_counts("MALTA_BANK_ACCOUNT_NUMBER", &[(1, "MT84MALT011000012345MTLCAST001S")]);
    assert_counts("NORWAY_BANK_ACCOUNT_NUMBER", &[(1, "NO93 8601 1117 947")]);
}

#[test]
fn bank_accounts() {
    assert_counts(
        "BANK_ACCOUNT_NUMBER",
        &[
            (1, "bank account 482910375"),
            (1, "Bank Acct: 48291037564738291"),
            (1, "checking_account=482910375"),
            (1, "chequingAccount 482910375"),
            (1, "SAVINGS-ACCT 482910375"),
            (1, "deposit account no. 482910375"),
            (1, "bank account number 482910375.0"),
            (0, "482910375"),
            (0, "bank account 48291037"),
            (0, "bank account 482910375647382910"),
            (0, "bank account 4829 1037 5"),
            (0, "bank account 482910375.25"),
            (0, "bank account 123456789"),
            (0, "bank account 000000000"),
            (0, "bank account ****10375"),
            (0, "bank account a482910375"),
            (0, "bank accounting 482910375"),
            (0, "bank account 550e8400-e29b-41d4-a716-446655440000"),
        ],
    );
}

#[test]
fn magnetic_stripes() {
    let card = with_luhn("400000442708383");
    let first = format!("%B{card}^DOE/JANE ANN^29121011234567890000000?");
    let second = format!(";{card}=29121011234567890?");
    let table = [
        (1, format!("swipe {first}")),
        (1, format!("magstripe: {second}")),
        (2, format!("card data {first} mag {second}")),
        (1, format!("track mag B{card}^DOE/JANE^2912101")),
        (1, format!("stripe {card}=29121011234567890")),
        (0, first.clone()),
        (0, second.clone()),
        (0, format!("swipe ;{card}=29131011234567890?")),
        (0, format!("swipe ;{}=29121011234567890?", with_luhn("900000442708383"))),
        (0, "swipe ;4111111111111111=29121011234567890?".to_owned()),
        (0, format!("swipe %B{card}^^29121011234567890?")),
        (0, "swipe %B****************^DOE/JANE^2912101?".to_owned()),
        (0, format!("magic {second}")),
    ];
    for (expected, text) in table {
        assert_counts("CREDIT_CARD_MAGNETIC_STRIPE", &[(expected, &text)]);
    }
}

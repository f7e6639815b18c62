//! National numbers of other countries, each with its own check.

use super::number::{digits, groups, is_continued, is_end, is_placeholder, luhn};
use super::{Detector, Found, HIGH, MIXED, runs};

pub(super) const UK_NATIONAL_INSURANCE_NUMBER: Detector = Detector {
    identifiers: &["UK_NATIONAL_INSURANCE_NUMBER"],
    keywords: &["insurance no.", "insurance number", "insurance#", "national insurance number", "nin", "nino"],
    starts: |byte| byte.is_ascii_alphabetic(),
    runs: runs(&[2, 4, 8, 9]),
    signs: &[],
    find: insurance,
    levels: HIGH,
};

pub(super) const SPAIN_DNI_NUMBER: Detector = Detector {
    identifiers: &["SPAIN_DNI_NUMBER"],
    keywords: &["dni", "dni#", "documento nacional de identidad", "national identification number", "nationalid#"],
    starts: |byte| byte.is_ascii_digit(),
    runs: runs(&[2, 8]) | MIXED,
    signs: &[],
    find: dni,
    levels: HIGH,
};

pub(super) const FRANCE_NATIONAL_IDENTIFICATION_NUMBER: Detector = Detector {
    identifiers: &["FRANCE_NATIONAL_IDENTIFICATION_NUMBER"],
    keywords: &[
        "assurance sociale",
        "code sécurité sociale",
        "insee",
        "sécurité sociale",
        "numéro d'assurance",
        "social security",
        "ssn",
    ],
    starts: |byte| byte.is_ascii_digit(),
    runs: runs(&[1, 3, 5, 6, 7, 10, 13, 15]) | MIXED,
    signs: &[],
    find: insee,
    levels: HIGH,
};

pub(super) const CANADA_SOCIAL_INSURANCE_NUMBER: Detector = Detector {
    identifiers: &["CANADA_SOCIAL_INSURANCE_NUMBER"],
    keywords: &["canadian id", "numéro d'assurance sociale", "sin", "social insurance number"],
    starts: |byte| byte.is_ascii_digit(),
    runs: runs(&[3, 9]),
    signs: &[],
    find: sin,
    levels: HIGH,
};

pub(super) const BRAZIL_CPF_NUMBER: Detector = Detector {
    identifiers: &["BRAZIL_CPF_NUMBER"],
    keywords: &["cadastro de pessoa física", "cpf"],
    starts: |byte| byte.is_ascii_digit(),
    runs: runs(&[3, 11]),
    signs: &[],
    find: cpf,
    levels: HIGH,
};

/// Two letters, three pairs of digits and a letter, as `AB123456C` or with signs between.
fn insurance(text: &str, at: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let prefix = bytes.get(at..at + 2)?;
    if !prefix.iter().all(u8::is_ascii_alphabetic)
        || !bytes.get(at + 2).is_some_and(|&b| is_sign(b) || b.is_ascii_digit())
    {
        return None;
    }
    let prefix = [prefix[0].to_ascii_uppercase(), prefix[1].to_ascii_uppercase()];
    let barred = |letter: u8| matches!(letter, b'D' | b'F' | b'I' | b'Q' | b'U' | b'V');
    let unused = matches!(&prefix, b"BG" | b"GB" | b"KN" | b"NK" | b"NT" | b"TN" | b"ZZ");
    if prefix.into_iter().any(barred) || prefix[1] == b'O' || unused {
        return None;
    }
    let mut end = at + 2;
    for length in [2, 2, 2] {
        end += usize::from(is_sign(*bytes.get(end)?));
        if !bytes.get(end..end + length)?.iter().all(u8::is_ascii_digit) {
            return None;
        }
        end += length;
    }
    end += usize::from(is_sign(*bytes.get(end)?));
    let suffix = bytes.get(end)?;
    let alike = suffix.is_ascii_uppercase() == bytes[at].is_ascii_uppercase();
    let whole = matches!(suffix.to_ascii_uppercase(), b'A'..=b'D') && alike && is_end(text, end + 1);
    (whole && !is_continued(&bytes[..at])).then(|| Found::keyed(end + 1))
}

fn is_sign(byte: u8) -> bool {
    matches!(byte, b' ' | b'-')
}

/// Eight digits and the letter that their remainder by 23 stands for.
fn dni(text: &str, at: usize) -> Option<Found> {
    const LETTERS: &[u8] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let bytes = text.as_bytes();
    let dotted = matches!(bytes.get(at + 2), Some(b'.'));
    let length = if dotted { 10 } else { 8 };
    let number = text.get(at..at + length)?;
    let placed = number.bytes().enumerate().all(|(place, byte)| match place {
        2 | 6 if dotted => byte == b'.',
        _ => byte.is_ascii_digit(),
    });
    if !placed {
        return None;
    }
    let end = at + length + usize::from(is_sign(*bytes.get(at + length)?));
    let letter = bytes.get(end)?.to_ascii_uppercase();
    let digits = digits(number);
    let remainder = digits.iter().fold(0, |number: usize, &digit| number * 10 + digit as usize) % LETTERS.len();
    let whole = LETTERS[remainder] == letter && !is_placeholder(&digits);
    (whole && !is_continued(&bytes[..at]) && is_end(text, end + 1)).then(|| Found::keyed(end + 1))
}

/// Sex, year, month, department, commune, order and key: 15 characters, in groups or not.
fn insee(text: &str, at: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let mut number = Vec::with_capacity(15);
    let mut end = at;
    while number.len() < 15 {
        let byte = *bytes.get(end)?;
        if is_sign(byte) && matches!(number.len(), 1 | 3 | 5 | 7 | 10 | 13) && !is_sign(bytes[end - 1]) {
            end += 1;
            continue;
        }
        // Corsica has departments with a letter.
        let letter = number.len() == 6 && matches!(byte, b'A' | b'B' | b'a' | b'b');
        if !(byte.is_ascii_digit() || letter) {
            return None;
        }
        number.push(byte);
        end += 1;
    }
    let corsica = match number[6].to_ascii_uppercase() {
        b'A' => Some(b'9'),
        b'B' => Some(b'8'),
        _ => None,
    };
    if let Some(digit) = corsica {
        if number[5] != b'2' {
            return None;
        }
        (number[5], number[6]) = (b'1', digit);
    }
    let value = |part: &[u8]| part.iter().fold(0_u64, |value, byte| value * 10 + u64::from(byte - b'0'));
    let month = matches!(value(&number[3..5]), 1..=12 | 20 | 30..=42 | 50..=99);
    let sex = matches!(number[0], b'1'..=b'4' | b'7' | b'8');
    let key = 97 - value(&number[..13]) % 97 == value(&number[13..]);
    (sex && month && key && !is_continued(&bytes[..at]) && is_end(text, end)).then(|| Found::keyed(end))
}

/// Nine digits that pass the check of Luhn.
fn sin(text: &str, at: usize) -> Option<Found> {
    let end = groups(text, at, &[3, 3, 3], b"- ").or_else(|| groups(text, at, &[9], b""))?;
    let digits = digits(&text[at..end]);
    (luhn(&digits) && !is_placeholder(&digits)).then(|| Found::keyed(end))
}

/// Nine digits and two that check them.
fn cpf(text: &str, at: usize) -> Option<Found> {
    let end = groups(text, at, &[11], b"").or_else(|| cpf_groups(text, at))?;
    let digits = digits(&text[at..end]);
    let check = |length: usize| {
        let sum: u32 =
            digits[..length].iter().zip((2..=11).rev().skip(10 - length)).map(|(d, weight)| d * weight).sum();
        sum * 10 % 11 % 10 == digits[length]
    };
    (check(9) && check(10) && !is_placeholder(&digits[..9])).then(|| Found::keyed(end))
}

/// `123.456.789-09`, or with blanks or without the dash's sign.
fn cpf_groups(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let end = at + 14;
    let placed = bytes.get(at..end)?.iter().enumerate().all(|(place, byte)| match place {
        3 | 7 => matches!(byte, b'.' | b' '),
        11 => matches!(byte, b'-' | b' ' | b'/'),
        _ => byte.is_ascii_digit(),
    });
    (placed && bytes[at + 3] == bytes[at + 7] && !is_continued(&bytes[..at]) && is_end(text, end)).then_some(end)
}

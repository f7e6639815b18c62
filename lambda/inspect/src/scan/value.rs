//! Binary values as texts, as the detectors look for them.

use memchr::memchr;

use super::loose;

/// A floating-point number; a whole one without its fraction.
pub(crate) fn float(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e19 { format!("{number:.0}") } else { number.to_string() }
}

/// A number in another notation that is whole: `4.000004427083831E15`.
pub(crate) fn whole(number: &str) -> Option<String> {
    if !number.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E')) {
        return None;
    }
    let number: f64 = number.trim().parse().ok()?;
    // Beyond this, numbers are not exact, nor shown in full.
    (number.fract() == 0.0 && number.abs() < 1e19).then(|| format!("{number:.0}"))
}

/// Bytes as the text that they are, in UTF-8 or UTF-16, or as the decimal number of a scale.
pub(crate) fn bytes(bytes: &[u8], scale: Option<u32>) -> String {
    match scale {
        // No text has a NUL but one in UTF-16, where it has a digit.
        None if memchr(0, bytes).is_some() => loose::text(bytes),
        None => String::from_utf8_lossy(bytes).into_owned(),
        Some(scale) => decimal(bytes, scale),
    }
}

/// A decimal number in two's complement, the high byte first.
fn decimal(bytes: &[u8], scale: u32) -> String {
    let negative = bytes.first().is_some_and(|&byte| byte & 0x80 != 0);
    let start = if negative { -1 } else { 0 };
    // No more than 38 digits are looked at; larger numbers are no numbers of accounts.
    let digits = bytes.get(bytes.len().saturating_sub(16)..).unwrap_or_default();
    let number = digits.iter().fold(start, |number: i128, &byte| number << 8 | i128::from(byte));
    scaled(number, scale)
}

/// A whole number with its last digits behind a point.
pub(crate) fn scaled(number: i128, scale: u32) -> String {
    let (sign, number) = (if number < 0 { "-" } else { "" }, number.unsigned_abs());
    match 10_u128.checked_pow(scale) {
        Some(unit) if !number.is_multiple_of(unit) => {
            format!("{sign}{}.{:0width$}", number / unit, number % unit, width = scale as usize)
        }
        Some(unit) => format!("{sign}{}", number / unit),
        None => format!("{sign}0"),
    }
}

/// How many milliseconds a day has.
pub(crate) const MILLISECONDS: i64 = 86_400_000;

/// A day, counted from 1970 on: `1985-04-12`.
pub(crate) fn day(days: i64) -> String {
    // The civil calendar by Howard Hinnant, whose eras have 400 years of which March is the first month.
    let Some(days) = days.checked_add(719_468).filter(|days| (0..=3_652_425).contains(days)) else {
        return days.to_string();
    };
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month, late) = (day - (153 * month + 2) / 5 + 1, month, i64::from(month >= 10));
    format!("{:04}-{:02}-{day:02}", year + era * 400 + late, if month < 10 { month + 3 } else { month - 9 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        assert_eq!([day(0), day(5580), day(-1), day(11_016)], ["1970-01-01", "1985-04-12", "1969-12-31", "2000-02-29"]);
        assert_eq!([float(4_000_004_427_083_831.0), float(1.5)], ["4000004427083831", "1.5"]);
        assert_eq!(whole("4.000004427083831E15").as_deref(), Some("4000004427083831"));
        assert_eq!([whole("1.5"), whole("4000004427083831"), whole("1e999")], [None, None, None]);
        let wide = |bytes: fn(u16) -> [u8; 2]| "card 4000".encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        assert_eq!(bytes(&wide(u16::to_le_bytes), None), "card 4000");
        assert_eq!(bytes(&[b"\xfe\xff", &wide(u16::to_be_bytes)[..]].concat(), None), "\u{fe}\u{ff}card 4000");
        assert_eq!(bytes(b"caf\xc3\xa9\xff", None), "caf\u{e9}\u{fffd}");
        assert_eq!(bytes(&[0x01, 0x00], Some(0)), "256");
        assert_eq!(bytes(&[0xFF, 0x38], Some(2)), "-2");
        assert_eq!(bytes(&[0x00, 0x7B], Some(1)), "12.3");
        assert_eq!(bytes(&[0xFF; 40], Some(99)), "-0");
    }
}

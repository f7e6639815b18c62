//! Formats that show a whole number digit by digit: `000-00-0000` shows 78051120 as 078-05-1120.

/// The longest format, in bytes.
pub(super) const LONGEST: usize = 128;

/// A part of a format.
enum Part {
    /// The place of a digit, which is a zero where the number has none, or nothing.
    Digit(bool),
    /// All of the number.
    Whole,
    Sign(char),
}

/// Whether a format may show a whole number otherwise than it is written.
pub(super) fn matters(format: &str) -> bool {
    format.len() <= LONGEST && !matches!(format, "General" | "0" | "@" | "#") && parts(format).is_some()
}

/// The parts of the format for what is not negative; none of one for fractions, dates or texts.
fn parts(format: &str) -> Option<Vec<Part>> {
    let (mut parts, mut signs) = (Vec::new(), format.chars());
    while let Some(sign) = signs.next() {
        match sign {
            ';' => break,
            '0' => parts.push(Part::Digit(true)),
            '#' | '?' => parts.push(Part::Digit(false)),
            '"' => parts.extend(signs.by_ref().take_while(|&sign| sign != '"').map(Part::Sign)),
            '\\' => parts.extend(signs.next().map(Part::Sign)),
            // A colour, a country or a condition.
            '[' => signs.by_ref().take_while(|&sign| sign != ']').for_each(drop),
            // As wide as a sign, or filled with it.
            '_' | '*' => drop(signs.next()),
            'G' if signs.as_str().starts_with("eneral") => {
                signs = signs.as_str().get(6..)?.chars();
                parts.push(Part::Whole);
            }
            '.' | ',' | '%' | '@' => return None,
            sign if sign.is_ascii_alphabetic() => return None,
            sign => parts.push(Part::Sign(sign)),
        }
    }
    Some(parts)
}

/// A whole number as a format shows it.
pub(super) fn shown(format: &str, number: &str) -> Option<String> {
    let is_whole = !number.is_empty() && number.len() <= LONGEST && number.bytes().all(|byte| byte.is_ascii_digit());
    let parts = parts(format).filter(|_| is_whole)?;
    let places = parts.iter().filter(|part| matches!(part, Part::Digit(_))).count();
    // Digits that are too many stand at the first place.
    let mut before = number.len().saturating_sub(places);
    let mut missing = places.saturating_sub(number.len());
    let mut digits = number.chars();
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Sign(sign) => text.push(sign),
            Part::Whole => text.push_str(number),
            Part::Digit(zero) if missing > 0 => {
                missing -= 1;
                text.extend(Some('0').filter(|_| zero));
            }
            Part::Digit(_) => text.extend(digits.by_ref().take(1 + std::mem::take(&mut before))),
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_formats_show_them() {
        for (format, number, expected) in [
            ("000-00-0000", "78051120", Some("078-05-1120")),
            ("000\\-00\\-0000;@", "536904399", Some("536-90-4399")),
            ("000000000", "78051120", Some("078051120")),
            ("0000\" \"0000", "123456789", Some("12345 6789")),
            ("\"4539\"0", "148", Some("4539148")),
            ("[$-407]\"4539\"General", "148", Some("4539148")),
            ("##-00", "7", Some("-07")),
            ("_(000_)", "7", Some("007")),
            ("0.00", "7", None),
            ("#,##0", "7000", None),
            ("yyyy", "7", None),
            ("000", "7.5", None),
            ("000", "-7", None),
        ] {
            assert_eq!(shown(format, number).as_deref(), expected, "{format} {number}");
        }
        assert!(matters("000-00-0000") && !matters("General") && !matters("0.00") && !matters(&"0".repeat(999)));
    }
}

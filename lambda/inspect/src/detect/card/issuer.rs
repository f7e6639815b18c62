//! Which numbers are numbers of cards.
//!
//! The ranges are those of the schemes that Macie names (American Express,
//! Dankort, Diners Club, Discover, Electron, JCB, Mastercard, `UnionPay`, Visa)
//! and of Maestro with its forerunners, whose test numbers Macie lists as well.

use super::super::number;

/// Whether digits, in groups or not, are the number of a card, and no published test number.
pub(in super::super) fn check(value: &str) -> bool {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    is_known(&digits) && number::luhn(&number::digits(&digits)) && !TESTS.contains(&digits.as_str())
}

/// Whether a scheme issues cards with this prefix and length.
fn is_known(digits: &str) -> bool {
    let Some(prefix) = digits.get(..6).and_then(|prefix| prefix.parse::<u32>().ok()) else {
        return false;
    };
    RANGES.iter().any(|(first, last, lengths)| (*first..=*last).contains(&prefix) && lengths.contains(&digits.len()))
}

/// The first six digits from and to, and how long such numbers are.
const RANGES: &[(u32, u32, &[usize])] = &[
    // Visa, Electron, and Dankort with Visa
    (400_000, 499_999, &[13, 16, 19]),
    // Mastercard
    (222_100, 272_099, &[16]),
    (510_000, 559_999, &[16]),
    // American Express
    (340_000, 349_999, &[15]),
    (370_000, 379_999, &[15]),
    // Diners Club
    (300_000, 305_999, &[14, 15, 16, 17, 18, 19]),
    (309_500, 309_599, &[14, 15, 16, 17, 18, 19]),
    (360_000, 369_999, &[14, 15, 16, 17, 18, 19]),
    (380_000, 399_999, &[14, 15, 16, 17, 18, 19]),
    // JCB
    (352_800, 358_999, &[16, 17, 18, 19]),
    // Discover
    (601_100, 601_199, &[16, 17, 18, 19]),
    (644_000, 659_999, &[16, 17, 18, 19]),
    // UnionPay, also at Discover
    (620_000, 629_999, &[16, 17, 18, 19]),
    // Maestro, Switch, Solo, Laser, and Dankort
    (500_000, 509_999, &[13, 14, 15, 16, 17, 18, 19]),
    (560_000, 589_999, &[13, 14, 15, 16, 17, 18, 19]),
    (630_000, 639_999, &[13, 14, 15, 16, 17, 18, 19]),
    (670_000, 679_999, &[13, 14, 15, 16, 17, 18, 19]),
];

/// The published test numbers, which Macie does not report.
const TESTS: &[&str] = &[
    "122000000000003",
    "2222405343248877",
    "2222990905257051",
    "2223007648726984",
    "2223577120017656",
    "30569309025904",
    "34343434343434",
    "3528000700000000",
    "3530111333300000",
    "3566002020360505",
    "36148900647913",
    "36700102000000",
    "371449635398431",
    "378282246310005",
    "378734493671000",
    "38520000023237",
    "4012888888881881",
    "4111111111111111",
    "4222222222222",
    "4444333322221111",
    "4462030000000000",
    "4484070000000000",
    "4911830000000",
    "4917300800000000",
    "4917610000000000",
    "4917610000000000003",
    "5019717010103742",
    "5105105105105100",
    "5111010030175156",
    "5185540810000019",
    "5200828282828210",
    "5204230080000017",
    "5204740009900014",
    "5420923878724339",
    "5454545454545454",
    "5455330760000018",
    "5506900490000436",
    "5506900490000444",
    "5506900510000234",
    "5506920809243667",
    "5506922400634930",
    "5506927427317625",
    "5553042241984105",
    "5555553753048194",
    "5555555555554444",
    "5610591081018250",
    "6011000990139424",
    "6011000400000000",
    "6011111111111117",
    "630490017740292441",
    "630495060000000000",
    "6331101999990016",
    "6759649826438453",
    "6799990100000000019",
    "76009244561",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luhn_and_ranges() {
        for number in TESTS {
            assert!(!check(number), "{number}");
        }
        for number in ["4000004427083831", "6011005053385830", "4242424242424242"] {
            assert!(check(number), "{number}");
        }
        for number in ["4000004427083832", "9000004427083834", "400000442708383", "1234567890123452"] {
            assert!(!check(number), "{number}");
        }
    }
}

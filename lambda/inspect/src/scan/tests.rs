//! Values at the borders of the window, and how much it holds.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// How often an identifier is in a plain text.
pub(crate) fn count(text: &str, identifier: &str) -> u64 {
    let mut scanner = Scanner::new(&Detectors::default(), 5);
    scanner.text(text);
    let findings = scanner.finish();
    findings.iter().find(|finding| finding.identifier == identifier).map_or(0, |found| found.count)
}

/// Everything in a plain text.
pub(crate) fn found(text: &str) -> Vec<(String, u64)> {
    let mut scanner = Scanner::new(&Detectors::default(), 5);
    scanner.text(text);
    scanner.finish().into_iter().map(|finding| (finding.identifier, finding.count)).collect()
}

#[test]
fn a_value_is_found_wherever_the_window_ends() {
    let value = "card 4000 0044 2708 3831 ";
    for shift in (0..100).map(|step| BATCH - 50 + step).chain([0, 2 * BATCH]) {
        let text = format!("{}{value}{}", "- ".repeat(shift / 2), ". ".repeat(MARGIN));
        for chunk in [13, 1000, text.len()] {
            let mut scanner = Scanner::new(&Detectors::default(), 5);
            text.as_bytes().chunks(chunk).for_each(|part| {
                scanner.text(std::str::from_utf8(part).unwrap());
            });
            let findings = scanner.finish();
            assert_eq!(findings.len(), 1, "{shift} {chunk}");
            assert_eq!(findings[0].count, 1);
            let place = format!("line 1, character {}", shift / 2 * 2 + 6);
            assert_eq!(findings[0].locations, [place]);
        }
    }
}

#[test]
fn a_run_longer_than_the_window_holds_nothing() {
    let run = "4000004427083831".repeat(10_000);
    assert_eq!(count(&format!("card {run}"), "CREDIT_CARD_NUMBER"), 0);
}

#[test]
fn the_window_stays_small() {
    let mut scanner = Scanner::new(&Detectors::default(), 5);
    for _ in 0..20_000 {
        scanner.begin(Mask::default(), Place::Text);
        scanner.text("4000004427083831 ");
    }
    assert!(scanner.window.capacity() < 4 * (BATCH + MARGIN));
    assert!(scanner.segments.capacity() < BATCH);
}

/// Otherwise each keyword would have all that is before it tried once more.
#[test]
fn a_line_full_of_keywords_has_few_parts() {
    let mut scanner = Scanner::new(&Detectors::default(), 5);
    scanner.window = "card ssn passport iban ".repeat(500);
    let (detectors, limit) = (scanner.detectors.clone(), scanner.window.len());
    let spans = scanner.spans(&detectors, limit);
    let sets: std::collections::BTreeSet<_> = spans.iter().map(|span| span.set).collect();
    // Near to the start each has its own.
    assert!(sets.len() > 1 && spans.len() < 60, "{} parts of {} sets", spans.len(), sets.len());
}

proptest! {
    /// Whoever moves forward finds the same start of a part as whoever looks for it anew.
    #[test]
    fn a_part_starts_where_it_starts(text in "[a-z^:\"\n ]{0,900}", done in 0..300_usize, steps in vec(1..200_usize, 1..20)) {
        let mut scanner = Scanner::new(&Detectors::default(), 5);
        scanner.window.clone_from(&text);
        scanner.done = done.min(text.len());
        let mut apart = spans::Apart::new(&scanner);
        let mut at = 0;
        for step in steps {
            at = (at + step).min(text.len());
            prop_assert_eq!(apart.before(&scanner, at), scanner.apart(at));
        }
    }
}

#[test]
fn barriers_and_empty_segments_take_no_room() {
    let mut scanner = Scanner::new(&Detectors::default(), 5);
    for _ in 0..100_000 {
        scanner.begin(Mask::default(), Place::Text);
        scanner.separate();
        scanner.separate();
    }
    assert!(scanner.window.capacity() < 4 * (BATCH + MARGIN));
    assert!(scanner.segments.capacity() < BATCH);
}

#[test]
fn no_character_of_a_text_hides_a_keyword() {
    for sign in ["\u{1e}", "\u{fdd0}", "\u{0}", "\n"] {
        let text = format!("card{sign}4000004427083831");
        assert_eq!(count(&text, "CREDIT_CARD_NUMBER"), 1);
    }
}

/// What there is by trying each place of a text for all identifiers, without any search for keywords before.
fn everywhere(text: &str, header: bool) -> Vec<Finding> {
    let mut scanner = Scanner::new(&Detectors::default(), 100);
    if header {
        scanner.header(text.lines().next().unwrap_or_default(), 0);
    }
    push_plain(&mut scanner.window, text);
    let detectors = scanner.detectors.clone();
    scanner.spans(&detectors, scanner.window.len());
    let all = Span { start: 0, end: scanner.window.len(), set: crate::detect::Set::MAX };
    scanner.try_spans(&detectors, &[all]);
    scanner.done = scanner.window.len();
    scanner.finish()
}

/// Keywords, values of all identifiers, and what is neither, in any order.
fn parts() -> impl Strategy<Value = String> {
    let keywords = select(vec![
        "card",
        "creditCard",
        "PANNumber",
        "ssn",
        "date of birth",
        "date of\r\n  birth",
        "phone",
        "passport",
        "bank account",
        "nino",
        "insurance no.",
        "dni",
        "cpf",
        "sin",
        "secret key",
        "authorization",
        "gcp key",
        "stripe",
        "itin",
        "cc#",
        "s\u{e9}curit\u{e9} sociale",
        "\u{e9}lectron",
        "discard",
        "company",
        "TEL",
        "mc",
    ]);
    let values = select(vec![
        "4000004427083831",
        "4000 0044 2708 3831",
        "6011-0050-5338-5830",
        "123-45-6789",
        "912-92-1234",
        "1985-04-12",
        "5 May 1980",
        "(212) 555-0187",
        "+44 20 7946 0958",
        "020 7946 0958",
        "12345678Z",
        "1 85 05 78 006 084 36",
        "AB123456C",
        "046 454 286",
        "111.444.777-35",
        "A12345678",
        "000123456789",
        "DE89370400440532013000",
        "GB29 NWBK 6016 1331 9268 19",
        "g8OhHZlj9Nn7ep52YLX/UVZSidxZrMBMosgHAPSH",
        "AIzaSyD4x9Kq2mVb7nT1pL8wRzE3uYcQ5jH0gFs",
        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        "sk_live_4eC39HqLyjWDarjtT1zdp7dcX9",
        ";4000004427083831=25121010000000000?",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
        "-----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKCAQEA3Tz2mr7SZiAMfQyuvBjM9OiZ1BjP5CE",
    ]);
    let others = select(vec![
        "harbour",
        "F\u{f6}hr",
        "12",
        "3.14",
        "\u{ff14}000",
        "\u{1f30a}",
        "eye",
        "2026-01-02",
        "x",
        "-",
        "^",
        "",
    ]);
    let signs = select(vec![
        " ",
        " ",
        " ",
        "  ",
        "\n",
        "\r\n",
        ", ",
        ": ",
        "\"",
        "\t",
        "_",
        "",
        "                    ",
        "\\n",
        "%20",
        "\u{1b}[1m",
        "+",
    ]);
    (prop_oneof![keywords, values, others], signs).prop_map(|(part, sign)| format!("{part}{sign}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Searching for keywords first misses nothing, adds nothing, and says the same places: on short lines and long
    /// ones, in pieces of any length, and where the window ends.
    #[test]
    fn keywords_first_finds_what_trying_each_place_does(
        parts in vec(parts(), 1..60),
        before in prop_oneof![Just(0), BATCH - 400..BATCH + 50],
        filler in select(vec!["- ", "abc ", "1 \n", "7"]),
        times in prop_oneof![Just(1_usize), Just(1), Just(20)],
        length in 1..5000_usize,
        header in any::<bool>(),
    ) {
        let text = format!("{}{}", filler.repeat(before / filler.len()), parts.concat().repeat(times));
        let mut scanner = Scanner::new(&Detectors::default(), 100);
        if header {
            scanner.header(text.lines().next().unwrap_or_default(), 0);
        }
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (piece, more) = rest.split_at(rest.ceil_char_boundary(length.min(rest.len())));
            scanner.text(piece);
            rest = more;
        }
        prop_assert_eq!(scanner.finish(), everywhere(&text, header));
    }
}

/// An escape ends in a letter or a digit that is no part of what follows.
#[test]
fn escapes_are_no_part_of_what_is_behind_them() {
    let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
    for escape in [
        "\\n",
        "\\r\\n",
        "\\t",
        "\\N",
        "\\u003d",
        "\\x3d",
        "%20",
        "%3d",
        "%253D",
        "\u{1b}[36m",
        "\u{1b}[m\u{1b}[K",
        "\\u001b[1;36m",
        "\\e[0m",
    ] {
        for (identifier, text) in [
            ("CREDIT_CARD_NUMBER", format!("guest paid with card:{escape}4000004427083831{escape}")),
            ("CREDIT_CARD_NUMBER", format!("guest{escape}card 4000004427083831")),
            ("CREDIT_CARD_NUMBER", format!("guest{escape}card{escape}4000004427083831")),
            ("CREDIT_CARD_NUMBER", format!("{escape}CARD {escape}4000004427083831")),
            ("BRAZIL_CPF_NUMBER", format!("a{escape}cpf 11144477735")),
            ("GERMANY_BANK_ACCOUNT_NUMBER", format!("IBAN:{escape}DE89370400440532013000")),
            ("GERMANY_BANK_ACCOUNT_NUMBER", format!("IBAN:{escape}de89370400440532013000")),
            ("USA_SOCIAL_SECURITY_NUMBER", format!("ssn:{escape}536-90-4399")),
            ("STRIPE_CREDENTIALS", format!("key:{escape}sk_live_4eC39HqLyjWDarjtT1zdp7dcX9")),
            ("JSON_WEB_TOKEN", format!("key:{escape}{token}")),
        ] {
            for before in [0, BATCH - 20, BATCH - 5, BATCH, BATCH + 5] {
                let text = format!("{}{text}{}", " ".repeat(before), " .".repeat(3 * MARGIN));
                assert_eq!(count(&text, identifier), 1, "{:?} at {before}", text.trim());
            }
        }
    }
    for text in [
        "card \\q4000004427083831",
        "card n4000004427083831",
        "card [36m4000004427083831",
        "\\discard 4000004427083831",
    ] {
        assert_eq!(count(text, "CREDIT_CARD_NUMBER"), 0, "{text}");
    }
}

/// Words of a keyword may stand below each other, but not in two cells.
#[test]
fn keywords_go_over_lines() {
    let number = "536-90-4399";
    for gap in ["\n", "\r\n", "\t", "  ", "\n\t", "\r\n            "] {
        assert_eq!(count(&format!("your social{gap}security number is {number}"), "USA_SOCIAL_SECURITY_NUMBER"), 1);
        for before in [BATCH - 9, BATCH, BATCH + MARGIN - 9] {
            let text = format!("{}social{gap}security {number}{}", " ".repeat(before), " .".repeat(3 * MARGIN));
            assert_eq!(count(&text, "USA_SOCIAL_SECURITY_NUMBER"), 1, "{gap:?} {before}");
        }
    }
    for gap in ["\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n", "\u{fdd0}", "_\n", ",", ""] {
        let expected = u64::from(matches!(gap, "" | "\u{fdd0}"));
        assert_eq!(count(&format!("social{gap}security {number}"), "USA_SOCIAL_SECURITY_NUMBER"), expected, "{gap:?}");
    }
    let mut scanner = Scanner::new(&Detectors::default(), 5);
    for cell in ["social", "security", number] {
        scanner.begin(Mask::default(), Place::Cell { row: 1, column: 1, name: None });
        scanner.text(cell);
    }
    assert_eq!(scanner.finish(), []);
}

/// What shows nothing hides nothing, wherever it stands.
#[test]
fn what_shows_nothing_is_not_there() {
    for (identifier, text) in [
        ("CREDIT_CARD_NUMBER", "card\u{200b}4000004427083831"),
        ("CREDIT_CARD_NUMBER", "c\u{200b}ard 4000004427083831"),
        ("CREDIT_CARD_NUMBER", "credit\u{200b}card 4000\u{200b}0044\u{200b}27083831\u{200b}visa"),
        ("GERMANY_BANK_ACCOUNT_NUMBER", "D\u{200b}E8\u{200b}9370400440532013000"),
        ("UK_BANK_ACCOUNT_NUMBER", "GB29NW\u{200b}BK60161331926819"),
    ] {
        assert_eq!(count(text, identifier), 1, "{text:?}");
    }
}

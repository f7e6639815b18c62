//! Custom identifiers: what they find.

use super::*;

/// A definition as it comes with a call.
fn custom(json: &str) -> CustomIdentifier {
    serde_json::from_str(json).unwrap()
}

/// How often a custom identifier is in a file, in pieces of several lengths.
fn count(json: &str, name: &str, text: &str) -> u64 {
    let detectors = Detectors::new(&[custom(json)]).unwrap();
    let limits = Limits::default();
    let whole = inspect_for(&detectors, name, text.as_bytes(), &limits).unwrap();
    assert_eq!(whole.broken, None, "{text}");
    for length in [1, 7, 1000] {
        let pieces = Pieces { bytes: text.as_bytes(), length, fails: false };
        assert_eq!(inspect_for(&detectors, name, pieces, &limits).unwrap(), whole);
    }
    whole.findings.iter().find(|found| found.identifier == "Badge").map_or(0, |found| found.count)
}

const BADGE: &str = r#"{"Name": "Badge", "Regex": "HB-\\d{4}"}"#;
const KEYED: &str = r#"{"Name": "Badge", "Regex": "\\d{6}", "Keywords": ["badge no"], "MaximumMatchDistance": 20}"#;

#[test]
fn matches() {
    let table = [
        (2, "HB-1234 and HB-9876"),
        (1, "xHB-12345"),
        (1, "HB-1234HB"),
        (1, "HB\u{2010}1234"),
        (1, "\u{ff28}\u{ff22}-1234"),
        (0, "HB 1234, hb-1234"),
    ];
    for (expected, text) in table {
        assert_eq!(count(BADGE, "a.txt", text), expected, "{text}");
    }
    let any_case = r#"{"Name": "Badge", "Regex": "(?i)hb-\\d{4}\\b"}"#;
    assert_eq!(count(any_case, "a.txt", "HB-1234 hb-1234 hB-12345"), 2);
    let lines = r#"{"Name": "Badge", "Regex": "^\\d{4}$"}"#;
    assert_eq!(count(lines, "a.txt", "1234\n12345\n1234"), 2);
    assert_eq!(count(lines, "a.csv", "a,b\n1234,5678\n1234,1\n12345,1234\n"), 4);
    assert_eq!(count(lines, "a.json", "{\"a\": \"1234\", \"b\": 1234, \"c\": \"1234 \"}"), 2);
    // A match never reaches into another cell, but a shorter one may be in its own.
    let pairs = r#"{"Name": "Badge", "Regex": "\\d{4}(?:\\s\\d{4})?"}"#;
    assert_eq!(count(pairs, "a.csv", "a,b\n1234,5678\n"), 2);
    assert_eq!(count(pairs, "a.txt", "1234 5678"), 1);
    let open = r#"{"Name": "Badge", "Regex": "a{100,}"}"#;
    assert_eq!(count(open, "a.txt", &"a".repeat(99)), 0);
    assert_eq!(count(open, "a.txt", &"a".repeat(4000)), 1);
}

#[test]
fn keywords_precede() {
    let table = [
        (1, "badge no 123456"),
        (1, "Badge-No: 123456"),
        (1, "badgeNo 123456"),
        (0, "123456 badge no"),
        (0, "badges no 123456"),
        (0, "number 123456"),
    ];
    for (expected, text) in table {
        assert_eq!(count(KEYED, "a.txt", text), expected, "{text}");
    }
    // From the end of the keyword to the end of the match.
    assert_eq!(count(KEYED, "a.txt", &format!("badge no{}123456", " ".repeat(14))), 1);
    assert_eq!(count(KEYED, "a.txt", &format!("badge no{}123456", " ".repeat(15))), 0);
    let far = KEYED.replace("20", "300");
    assert_eq!(count(&far, "a.txt", &format!("badge no{}123456", "\u{20ac}".repeat(294))), 1);
    assert_eq!(count(&far, "a.txt", &format!("badge no{}123456", "\u{20ac}".repeat(295))), 0);
    assert_eq!(count(KEYED, "a.csv", "id,badge_no\n1,123456\n2,654321\n"), 2);
    assert_eq!(count(KEYED, "a.json", "{\"badgeNo\": {\"of\": [123456]}, \"x\": 123456}"), 1);
    assert_eq!(count(KEYED, "a.xml", "<a><badge-no>123456</badge-no><b badgeNo='123456'>123456</b></a>"), 2);
    assert_eq!(count(KEYED, "a.txt", "id      badge no\n1       123456\n2       123456\n"), 2);
}

#[test]
fn ignored_words_and_levels() {
    let ignoring = r#"{"Name": "Badge", "Regex": "HB-\\d{4}", "IgnoreWords": ["HB-1234"]}"#;
    assert_eq!(count(ignoring, "a.txt", "HB-1234 HB-1235 HB-1234"), 1);
    let levels = r#"{"Name": "Badge", "Regex": "HB-\\d{4}", "SeverityLevels": [
        {"OccurrencesThreshold": 2, "Severity": "low"}, {"OccurrencesThreshold": 4, "Severity": "high"}]}"#;
    let detectors = Detectors::new(&[custom(levels)]).unwrap();
    let severity = |times: usize| {
        let text = "HB-1234 ".repeat(times);
        let answer = inspect_for(&detectors, "a.txt", text.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(answer.severity(), answer.findings.first().map(|finding| finding.severity));
        answer.severity()
    };
    assert_eq!(
        [1, 2, 3, 4, 100].map(severity),
        [None, Some(Severity::Low), Some(Severity::Low), Some(Severity::High), Some(Severity::High)]
    );
}

#[test]
fn severities_and_blocking() {
    let severity = |text: &str| inspect("a.txt", text.as_bytes(), &Limits::default()).unwrap();
    let table = [
        ("card 4000004427083831".to_owned(), Some(Severity::High)),
        ("ssn 609-76-4218".to_owned(), Some(Severity::High)),
        ("passport 340020013".to_owned(), Some(Severity::Medium)),
        ("passport 340020013, 340020014".to_owned(), Some(Severity::High)),
        ("+1 212 555 0123\n".repeat(99), None),
        ("+1 212 555 0123\n".repeat(100), Some(Severity::High)),
        ("nothing".to_owned(), None),
    ];
    for (text, expected) in table {
        let answer = severity(&text);
        assert_eq!(answer.severity(), expected, "{text}");
        for at in [Severity::Low, Severity::Medium, Severity::High] {
            assert_eq!(answer.blocked(at), expected.is_some_and(|severity| severity >= at), "{text}");
        }
    }
    assert!(severity("a\0").blocked(Severity::High), "a broken file never passes");
}

#[test]
fn many_custom_identifiers_are_no_trouble() {
    let customs: Vec<_> = (0..100)
        .map(|n| custom(&format!(r#"{{"Name": "B{n}", "Regex": "B{n}-\\d", "Keywords": ["key{n}"]}}"#)))
        .collect();
    let detectors = Detectors::new(&customs).unwrap();
    let text = (0..100).map(|n| format!("key{n} B{n}-1\n")).collect::<Vec<_>>().concat();
    let answer = inspect_for(&detectors, "a.txt", text.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(answer.findings.len(), 100);
}

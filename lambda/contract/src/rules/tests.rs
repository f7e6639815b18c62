//! What is refused, and what the wire looks like.

use super::*;
use serde_json::json;

/// A definition as it comes with a call.
fn custom(json: &str) -> CustomIdentifier {
    serde_json::from_str(json).unwrap()
}

fn refusal(json: &str) -> String {
    custom(json).check().unwrap_err().to_string()
}

const BADGE: &str = r#"{"Name": "Badge", "Regex": "HB-\\d{4}"}"#;

#[test]
fn what_is_refused() {
    let table = [
        (r#"{"Name": "x", "Regex": "a(?=b)"}"#, "look-around"),
        (r#"{"Name": "x", "Regex": "(?<!a)b"}"#, "look-around"),
        (r#"{"Name": "x", "Regex": "(a)b"}"#, "capture"),
        (r#"{"Name": "x", "Regex": "(?P<y>a)b"}"#, "capture"),
        (r#"{"Name": "x", "Regex": "a\\1"}"#, "backreferences"),
        (r#"{"Name": "x", "Regex": "a(?R)"}"#, "regex"),
        (r#"{"Name": "x", "Regex": "a("}"#, "unclosed"),
        (r#"{"Name": "x", "Regex": "a*"}"#, "empty"),
        (r#"{"Name": "x", "Regex": "\\b"}"#, "empty"),
        (r#"{"Name": "x", "Regex": "^"}"#, "empty"),
        (r#"{"Name": "x", "Regex": "\\Aa"}"#, "\\A"),
        (r#"{"Name": "x", "Regex": ""}"#, "1 to 512"),
        (r#"{"Name": "x", "Regex": "(?:(?:\\w{100}){100}){100}"}"#, "too large"),
        (r#"{"Name": "", "Regex": "a"}"#, "1 to 128"),
        (r#"{"Name": "x", "Regex": "a", "Keywords": ["ab"]}"#, "3 to 90"),
        (r#"{"Name": "x", "Regex": "a", "Keywords": ["=-="]}"#, "neither"),
        (r#"{"Name": "x", "Regex": "a", "IgnoreWords": ["abc"]}"#, "4 to 90"),
        (r#"{"Name": "x", "Regex": "a", "MaximumMatchDistance": 0}"#, "1 to 300"),
        (r#"{"Name": "x", "Regex": "a", "MaximumMatchDistance": 301}"#, "1 to 300"),
        (
            r#"{"Name": "x", "Regex": "a", "SeverityLevels": [{"OccurrencesThreshold": 0, "Severity": "low"}]}"#,
            "threshold is 1",
        ),
        (
            r#"{"Name": "x", "Regex": "a", "SeverityLevels": [
                {"OccurrencesThreshold": 1, "Severity": "high"}, {"OccurrencesThreshold": 9, "Severity": "low"}]}"#,
            "rise",
        ),
    ];
    for (json, expected) in table {
        let refusal = refusal(json);
        assert!(refusal.contains(expected), "{json}: {refusal}");
        assert!(refusal.starts_with("custom identifier"), "{refusal}");
    }
    assert!(refusal(&format!(r#"{{"Name": "x", "Regex": "{}"}}"#, "a".repeat(513))).contains("512"));
    assert!(custom::check_names(&[custom(BADGE), custom(BADGE)]).is_err());
    assert!(serde_json::from_str::<CustomIdentifier>(r#"{"Name": "x", "Regex": "a", "Colour": 1}"#).is_err());
    assert_eq!(custom(BADGE).maximum_match_distance, 50);
}

/// As it stands in the state machine's definition, where an auditor reads it.
#[test]
fn on_the_wire() {
    let rules = Rules {
        accepted_formats: Some(vec![Format::Csv, Format::Ndjson]),
        custom_identifiers: vec![custom(BADGE)],
        ..Rules::default()
    };
    let wire = json!({
        "AcceptedFormats": ["csv", "ndjson"], "MaxBytes": 10_000_000_000_u64, "MaxExpandedBytes": 10_000_000_000_u64,
        "MaxLevels": 10, "MaxRatio": 100, "BlockAt": "medium",
        "CustomIdentifiers": [{"Name": "Badge", "Regex": "HB-\\d{4}", "Keywords": [], "MaximumMatchDistance": 50,
            "IgnoreWords": [], "SeverityLevels": []}]});
    assert_eq!(serde_json::to_value(&rules).unwrap(), wire);
    assert_eq!(serde_json::from_value::<Rules>(wire.clone()).unwrap(), rules);
    for member in wire.as_object().unwrap().keys().filter(|member| *member != "AcceptedFormats") {
        let mut less = wire.clone();
        less.as_object_mut().unwrap().remove(member);
        assert!(serde_json::from_value::<Rules>(less).is_err(), "{member} may not be missing");
    }
}

#[test]
fn encodings_are_named() {
    let mut wire = serde_json::to_value(Rules::default()).unwrap();
    assert!(wire.get("Encodings").is_none(), "definitions of an older release have none");
    wire["Encodings"] = json!(["Windows-1252", "shift_jis"]);
    let rules: Rules = serde_json::from_value(wire.clone()).unwrap();
    assert_eq!(
        rules.encodings.iter().map(|encoding| encoding.name()).collect::<Vec<_>>(),
        ["windows-1252", "shift_jis"]
    );
    wire["Encodings"] = json!(["utf-7"]);
    let error = serde_json::from_value::<Rules>(wire).unwrap_err().to_string();
    assert!(error.contains("unknown encoding \"utf-7\": use one of windows-1250"), "{error}");
}

#[test]
fn rules_that_cannot_be() {
    let wrong = |change: &dyn Fn(&mut Rules)| {
        let mut rules = Rules::default();
        change(&mut rules);
        rules.check().unwrap_err().to_string()
    };
    assert_eq!(Rules::default().check(), Ok(()));
    assert!(wrong(&|rules| rules.accepted_formats = Some(vec![])).contains("no file would be accepted"));
    let twice = wrong(&|rules| rules.accepted_formats = Some(vec![Format::Csv, Format::Json, Format::Csv]));
    assert!(twice.contains("\"csv\"]: it is there twice"), "{twice}");
    let latin = || serde_json::from_str("\"iso-8859-15\"").unwrap();
    assert!(
        wrong(&|rules| rules.encodings = vec![latin(), latin()]).contains("integrity.encodings = […, \"iso-8859-15\"]")
    );
    assert!(wrong(&|rules| rules.max_bytes = 0).contains("integrity.max_bytes = 0"));
    assert!(wrong(&|rules| rules.max_expanded_bytes = 0).contains("integrity.max_expanded_bytes = 0"));
    assert!(wrong(&|rules| rules.max_ratio = 0).contains("integrity.max_ratio = 0"));
    assert!(wrong(&|rules| rules.max_levels = 0).contains("1 to 32"));
    assert!(wrong(&|rules| rules.max_levels = 33).contains("more than is sensible"));
    assert!(wrong(&|rules| rules.custom_identifiers = vec![custom(BADGE), custom(BADGE)]).contains("two of this name"));
}

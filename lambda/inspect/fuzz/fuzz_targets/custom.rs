//! A custom identifier and a text to look for it in.

#![no_main]

use arbitrary::Arbitrary;
use inspect::{CustomIdentifier, Detectors, inspect_for};
use inspect_fuzz::{Pieces, limits};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    regex: &'a str,
    keywords: Vec<&'a str>,
    ignored: Vec<&'a str>,
    distance: u16,
    threshold: u8,
    table: bool,
    length: u8,
    repeated: u8,
    text: &'a str,
}

fuzz_target!(|input: Input| {
    let definition = json!({
        "name": "Badge",
        "regex": input.regex,
        "keywords": input.keywords,
        "ignore_words": input.ignored,
        "maximum_match_distance": input.distance,
        "severity_levels": [{"occurrences_threshold": input.threshold, "severity": "high"}],
    });
    let Ok(custom) = serde_json::from_value::<CustomIdentifier>(definition) else { return };
    let Ok(detectors) = Detectors::new(&[custom]) else { return };
    let name = if input.table { "a.csv" } else { "a.txt" };
    let text = input.text.repeat(1 + usize::from(input.repeated));
    let whole = inspect_for(&detectors, name, text.as_bytes(), &limits()).expect("the source does not fail");
    let pieces = Pieces(text.as_bytes(), 1 + usize::from(input.length));
    assert_eq!(whole, inspect_for(&detectors, name, pieces, &limits()).expect("the source does not fail"));
});

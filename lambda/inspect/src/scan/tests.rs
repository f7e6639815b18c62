//! Values at the borders of the window, and how much it holds.

use super::*;

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

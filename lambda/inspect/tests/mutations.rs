//! What becomes of files that are damaged: never a panic, and never another content that passes.

#[path = "support/damage.rs"]
mod damage;
#[path = "archives/gzip.rs"]
mod gzip;
mod support;
#[path = "archives/zip.rs"]
mod zip;

use damage::{changed, changes, damaged_format, damaged_text};
use inspect::{Detectors, Limits, inspect, inspect_object};
use proptest::prelude::*;
use proptest::sample::select;
use support::{Object, Pieces};

/// A file whose content has a checksum, and how many cards are in it: no byte of the
/// content can change without their number.
fn protected() -> impl Strategy<Value = (&'static str, Vec<u8>, u64)> {
    let table = format!("card\n{}", "4000004427083831\n4000000953693159\n".repeat(30));
    let table = table.as_bytes();
    let made = [
        ("a.csv.gz", gzip::gzip(table), 60),
        ("a.zip", zip::zip(&[("a.csv", table)]), 60),
        ("a.zip", zip::zip(&[("a.csv", &table[..39]), ("b.csv", table)]), 62),
        ("a.zip", zip::zip(&[("a.csv.gz", &gzip::gzip(table))]), 60),
    ];
    select(made.to_vec())
}

/// How many cases to try: more for a longer run.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(400)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_texts_never_panic(
        bytes in damaged_text(),
        extension in select(vec!["txt", "csv", "tsv", "psv", "json", "ndjson", "xml", "gz", "png", "x/y"]),
        length in 1..20_usize,
    ) {
        let name = format!("a.{extension}");
        let whole = inspect(&name, &bytes[..], &Limits::default()).unwrap();
        let pieces = inspect(&name, Pieces(&bytes, length), &Limits::default()).unwrap();
        prop_assert_eq!(&whole, &pieces);
        prop_assert_eq!(whole.bytes, bytes.len() as u64);
    }

    #[test]
    fn damaged_formats_never_panic((name, bytes) in damaged_format(), length in 1..40_usize) {
        let whole = inspect(&name, &bytes[..], &Limits::default()).unwrap();
        let pieces = inspect(&name, Pieces(&bytes, length), &Limits::default()).unwrap();
        prop_assert_eq!(&whole, &pieces);
        let object = inspect_object(&Detectors::default(), &name, &bytes[..], &Object(&bytes), &Limits::default()).unwrap();
        prop_assert_eq!(&whole, &object);
        // The same bytes under a name that claims nothing: judged by what they are.
        let nameless = inspect("a", &bytes[..], &Limits::default()).unwrap();
        prop_assert_eq!(whole.sha256, nameless.sha256);
    }

    #[test]
    fn what_has_a_checksum_passes_as_it_was_or_not_at_all(
        (name, mut bytes, cards) in protected(),
        changes in changes(any::<u8>()),
    ) {
        let other = bytes.clone();
        changed(&mut bytes, &other, changes);
        let answer = inspect(name, &bytes[..], &Limits::default()).unwrap();
        if answer.broken.is_none() {
            let counts: Vec<u64> = answer.findings.iter().map(|found| found.count).collect();
            prop_assert_eq!(counts, [cards]);
        }
    }
}

/// Each byte by itself, so that none is left out by chance.
#[test]
fn no_byte_of_a_checked_content_can_change() {
    let table = "card\n4000004427083831\n4000000953693159\n";
    for (name, good) in
        [("a.csv.gz", gzip::gzip(table.as_bytes())), ("a.zip", zip::zip(&[("a.csv", table.as_bytes())]))]
    {
        for at in 0..good.len() {
            for mask in [1, 0x10, 0xff] {
                let mut bytes = good.clone();
                bytes[at] ^= mask;
                let answer = inspect(name, &bytes[..], &Limits::default()).unwrap();
                let counts: Vec<u64> = answer.findings.iter().map(|found| found.count).collect();
                assert!(answer.broken.is_some() || counts == [2], "{name}, byte {at}: {counts:?}");
            }
        }
    }
}

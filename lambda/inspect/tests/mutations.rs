//! What becomes of files that are damaged: never a panic, and never another content that passes.

#[path = "archives/gzip.rs"]
mod gzip;
mod support;
#[path = "archives/zip.rs"]
mod zip;

use inspect::{Detectors, Limits, inspect, inspect_object};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use support::{Object, Pieces, samples};

/// A change to a file: what it is, where, where else, and a byte.
type Change = (u8, Index, Index, u8);

/// The longest part that is moved, in bytes.
const PART: usize = 600;

fn changes(sign: impl Strategy<Value = u8>) -> impl Strategy<Value = Vec<Change>> {
    vec((0..8_u8, any::<Index>(), any::<Index>(), sign), 1..6)
}

/// Applies a change; parts may come from another file.
fn change(bytes: &mut Vec<u8>, other: &[u8], (kind, place, length, sign): Change) {
    let at = place.index(bytes.len() + 1);
    let end = at + length.index(PART).min(bytes.len() - at);
    match kind {
        0 => bytes.truncate(at),
        1 => bytes.insert(at, sign),
        2 if at < bytes.len() => bytes[at] ^= 1 << (sign & 7),
        3 if at < bytes.len() => bytes[at] = sign,
        4 => drop(bytes.drain(at..end)),
        5 => {
            let part = bytes[at..end].to_vec();
            bytes.splice(at..at, part);
        }
        6 => {
            let start = place.index(other.len() + 1);
            let part = other[start..].iter().take(end - at).copied();
            bytes.splice(at..end, part);
        }
        // Lengths and offsets are numbers of four bytes.
        _ if at + 4 <= bytes.len() => bytes[at..at + 4].copy_from_slice(&[sign, 0, 0, sign & 0x80]),
        _ => {}
    }
}

fn changed(bytes: &mut Vec<u8>, other: &[u8], changes: Vec<Change>) {
    for each in changes {
        change(bytes, other, each);
    }
}

/// A text, damaged.
fn damaged_text() -> impl Strategy<Value = Vec<u8>> {
    let all: Vec<Vec<u8>> = ["integrity", "sensitive"].into_iter().flat_map(samples).map(|sample| sample.1).collect();
    let extra: [&[u8]; 3] = [
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY e '<b c=\"1\">x</b>'>]><a d='&e2;'>&e;&#65;<![CDATA[x]]></a>",
        b"{\"a\\u00e9\": [1.5e3, true, null, \"\\ud83c\\udf0a\", {}], \"card\": 4000004427083831}",
        "card \u{ff14}000 0044 2708 3831, \"x\"\"y\"\r\n\u{1f30a};\u{e9}|a\t".as_bytes(),
    ];
    let all: Vec<Vec<u8>> = all.into_iter().chain(extra.map(<[u8]>::to_vec)).collect();
    let sign = prop_oneof![any::<u8>(), select(b"\"'<>&;,\n\r[]{}\\!-?/ \x00\xff%#0".to_vec())];
    (select(all.clone()), select(all), changes(sign)).prop_map(|(mut bytes, other, changes)| {
        changed(&mut bytes, &other, changes);
        bytes
    })
}

/// A file of any format under its own name, damaged.
fn damaged_format() -> impl Strategy<Value = (String, Vec<u8>)> {
    let all = samples("formats").into_iter().chain(samples("integrity")).filter(|sample| sample.1.len() < 20_000);
    let all: Vec<(String, Vec<u8>)> = all.map(|sample| (sample.0, sample.1)).collect();
    let sign = prop_oneof![any::<u8>(), select(b"\x00\xff\x7f\x80\x01".to_vec())];
    (select(all.clone()), select(all), changes(sign)).prop_map(|((name, mut bytes), (_, other), changes)| {
        changed(&mut bytes, &other, changes);
        (name, bytes)
    })
}

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

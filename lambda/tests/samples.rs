//! The samples of the policy, and what becomes of them when they are damaged.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use classifier::inspect::{Detectors, Inspection, Kind, Limits, Ranges, inspect, inspect_object};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(name)
}

/// The files of a folder with the answers to expect.
fn samples(name: &str) -> Vec<(String, Vec<u8>, Value)> {
    let folder = folder(name);
    let expected = fs::read(folder.join("expected.json")).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    let files = expected["files"].as_array().unwrap();
    let sample = |answer: &Value| {
        let file = answer["file"].as_str().unwrap().to_owned();
        let bytes = fs::read(folder.join(&file)).unwrap();
        (file, bytes, answer.clone())
    };
    files.iter().map(sample).collect()
}

/// Yields a few bytes at a time.
struct Pieces<'a>(&'a [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.1.min(self.0.len());
        let read = (&self.0[..length]).read(buffer)?;
        self.0 = &self.0[read..];
        Ok(read)
    }
}

/// Inspects a file in pieces of several lengths, which must not matter.
fn inspect_all(name: &str, bytes: &[u8]) -> Inspection {
    let whole = inspect(name, bytes, &Limits::default()).unwrap();
    let object = inspect_object(&Detectors::default(), name, bytes, &Object(bytes), &Limits::default()).unwrap();
    assert_eq!(object, whole, "{name} as an object");
    for length in [1, 2, 3, 7, 64 << 10] {
        let answer = inspect(name, Pieces(bytes, length), &Limits::default()).unwrap();
        assert_eq!(answer, whole, "{name} by {length}");
    }
    whole
}

#[test]
fn integrity() {
    for (file, bytes, expected) in samples("integrity") {
        let answer = inspect_all(&file, &bytes);
        let valid = expected["valid"].as_bool().unwrap();
        assert_eq!(answer.broken.is_none(), valid, "{file}: {:?}", answer.broken);
        let json = serde_json::to_value(&answer).unwrap();
        if !valid {
            assert_eq!(json["broken"]["kind"], expected["reason"], "{file}");
        }
        assert_eq!(json["sha256"], expected["sha256"], "{file}");
        assert_eq!(json["bytes"], expected["bytes"], "{file}");
    }
}

#[test]
fn sensitive() {
    for (file, bytes, expected) in samples("sensitive") {
        let answer = inspect_all(&file, &bytes);
        assert_eq!(answer.broken, None, "{file}");
        assert_eq!(!answer.findings.is_empty(), expected["sensitive"].as_bool().unwrap(), "{file}");
        let counts = answer.findings.iter().map(|found| (found.identifier.clone(), found.count.into()));
        assert_eq!(Value::Object(counts.collect()), expected["counts"], "{file}");
    }
}

/// Files of many producers, and what is wrong with others: see formats.py.
#[test]
fn formats() {
    let mut wrong = Vec::new();
    for (file, bytes, expected) in samples("formats") {
        let answer = inspect_all(&file, &bytes);
        let json = serde_json::to_value(&answer).unwrap();
        let reason = json["broken"]["kind"].as_str().unwrap_or("ok");
        let counts = answer.findings.iter().map(|found| (found.identifier.clone(), found.count.into()));
        let counts = Value::Object(counts.collect());
        let at = answer.findings.first().map(|found| found.locations[0].as_str());
        let right = expected["at"].is_null() || at == expected["at"].as_str();
        if reason != expected["reason"] || counts != expected["counts"] || !right {
            wrong.push(format!("{file}: {:?} {counts} {at:?}", answer.broken));
        }
        assert_eq!(json["sha256"], expected["sha256"], "{file}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A file that is only named, not in memory.
struct Object<'a>(&'a [u8]);

impl Ranges for Object<'_> {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, length: usize) -> std::io::Result<Vec<u8>> {
        let start = usize::try_from(offset).unwrap();
        Ok(self.0[start..start + length].to_vec())
    }
}

/// A file that ends too early is never taken for whole.
#[test]
fn cut_files_are_refused() {
    for (file, bytes, expected) in samples("formats") {
        // Gzip and Avro may end behind any member or block, tar within the zeros at its end.
        let whole = |cut: &[u8]| match file.rsplit('.').next() {
            Some("gz") => cut.ends_with(&[0, 0, 0]) && file.starts_with("several"),
            Some("avro") => cut.ends_with(&(0..16).collect::<Vec<u8>>()),
            Some("tar") => bytes[cut.len()..].iter().all(|&byte| byte == 0),
            Some("pdf") => bytes[cut.len()..].trim_ascii().is_empty(),
            _ => false,
        };
        if expected["valid"] != true {
            continue;
        }
        for length in (0..bytes.len()).step_by(bytes.len() / 150 + 1).chain(bytes.len().saturating_sub(30)..bytes.len())
        {
            let cut = &bytes[..length];
            let answer = inspect(&file, cut, &Limits::default()).unwrap();
            assert!(answer.broken.is_some() || whole(cut), "{file} of {length} bytes");
        }
    }
}

/// A sample with some bytes replaced, removed or added.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let all: Vec<Vec<u8>> = ["integrity", "sensitive"].into_iter().flat_map(samples).map(|sample| sample.1).collect();
    let extra: [&[u8]; 3] = [
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY e '<b c=\"1\">x</b>'>]><a d='&e2;'>&e;&#65;<![CDATA[x]]></a>",
        b"{\"a\\u00e9\": [1.5e3, true, null, \"\\ud83c\\udf0a\", {}], \"card\": 4000004427083831}",
        "card \u{ff14}000 0044 2708 3831, \"x\"\"y\"\r\n\u{1f30a};\u{e9}|a\t".as_bytes(),
    ];
    let all: Vec<Vec<u8>> = all.into_iter().chain(extra.map(<[u8]>::to_vec)).collect();
    let sign = prop_oneof![any::<u8>(), select(b"\"'<>&;,\n\r[]{}\\!-?/ \x00\xff%#0".to_vec())];
    (select(all), vec((any::<Index>(), 0..3_u8, sign), 0..6)).prop_map(|(mut bytes, changes)| {
        for (place, change, sign) in changes {
            let at = place.index(bytes.len() + 1);
            match change {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, sign),
                _ if at < bytes.len() => bytes[at] = sign,
                _ => {}
            }
        }
        bytes
    })
}

/// A file of any format with some bytes replaced, removed or added.
fn damaged_format() -> impl Strategy<Value = (String, Vec<u8>)> {
    let all = samples("formats").into_iter().chain(samples("integrity")).filter(|sample| sample.1.len() < 20_000);
    let all: Vec<(String, Vec<u8>)> = all.map(|sample| (sample.0, sample.1)).collect();
    let sign = prop_oneof![any::<u8>(), select(b"\x00\xff\x7f\x80\x01".to_vec())];
    (select(all), vec((any::<Index>(), 0..4_u8, sign), 1..6)).prop_map(|((name, mut bytes), changes)| {
        for (place, change, sign) in changes {
            let at = place.index(bytes.len() + 1);
            match change {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, sign),
                2 if at < bytes.len() => bytes[at] ^= 1 << (sign & 7),
                _ if at < bytes.len() => bytes[at] = sign,
                _ => {}
            }
        }
        (name, bytes)
    })
}

/// A text of the signs that JSON consists of.
fn nearly_json() -> impl Strategy<Value = String> {
    let parts =
        ["{", "}", "[", "]", ",", ":", "\"", "\"a\"", "1", "-", "0", ".5", "e", "true", "null", " ", "\\n", "\n"];
    vec(select(parts.to_vec()), 1..12).prop_map(|parts| parts.concat())
}

/// How many cases to try: more for a longer run.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(400)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_never_panic(
        bytes in damaged(),
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
    }

    #[test]
    fn json_is_what_serde_takes_for_json(text in nearly_json()) {
        let answer = inspect("a.json", text.as_bytes(), &Limits::default()).unwrap();
        let serde = serde_json::from_str::<serde::de::IgnoredAny>(&text);
        prop_assert_eq!(answer.broken.is_none(), serde.is_ok(), "{}", text);
        // What ends too early for serde is cut for us.
        if serde.is_err_and(|error| error.is_eof()) {
            let kind = answer.broken.map(|reason| reason.kind);
            prop_assert!(matches!(kind, Some(Kind::Truncated | Kind::Empty)), "{}", text);
        }
    }
}

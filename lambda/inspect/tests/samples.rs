//! The samples of the policy.

mod support;

use std::fs;

use inspect::{Detectors, Inspection, Kind, Limits, inspect, inspect_object};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;
use support::{Object, Pieces, folder, samples};

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

/// What fuzzing found, each file under the name it was judged by.
#[test]
fn found() {
    for folder in fs::read_dir(folder("found")).unwrap() {
        for file in fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            let bytes = fs::read(&path).unwrap();
            // What depends on chance differs from time to time.
            for _ in 0..10 {
                inspect_all(name, &bytes);
            }
        }
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
            // Nothing says where a text ends.
            Some("eml") => !cut.is_empty(),
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

/// A text of the signs that JSON consists of.
fn nearly_json() -> impl Strategy<Value = String> {
    let parts =
        ["{", "}", "[", "]", ",", ":", "\"", "\"a\"", "1", "-", "0", ".5", "e", "true", "null", " ", "\\n", "\n"];
    vec(select(parts.to_vec()), 1..12).prop_map(|parts| parts.concat())
}

/// Whether serde takes each line for JSON, or for objects back to back.
fn are_lines(text: &str) -> bool {
    let is_line = |line: &str| {
        let values = serde_json::Deserializer::from_str(line).into_iter::<Value>();
        let (mut count, mut objects) = (0, true);
        for value in values {
            let Ok(value) = value else { return false };
            count += 1;
            objects &= value.is_object();
        }
        count == 1 || (objects && !line.replace("} {", "").contains("} {") && line.matches("}{").count() == count - 1)
    };
    let lines: Vec<&str> = text.split(['\n', '\r']).filter(|line| !line.trim().is_empty()).collect();
    !lines.is_empty() && lines.iter().all(|line| is_line(line.trim()))
}

/// How many cases to try: more for a longer run.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(400)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn json_is_what_serde_takes_for_json(text in nearly_json()) {
        let answer = inspect("a.json", text.as_bytes(), &Limits::default()).unwrap();
        let serde = serde_json::from_str::<serde::de::IgnoredAny>(&text);
        prop_assert_eq!(answer.broken.is_none(), serde.is_ok() || are_lines(&text), "{}", text);
        // What ends too early for serde is cut for us.
        if serde.is_err_and(|error| error.is_eof()) {
            let kind = answer.broken.map(|reason| reason.kind);
            prop_assert!(matches!(kind, Some(Kind::Truncated | Kind::Empty)), "{}", text);
        }
    }
}

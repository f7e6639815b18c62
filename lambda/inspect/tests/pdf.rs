//! PDFs as real producers write them, and such as get past or eat memory.

use std::fs;
use std::path::Path;

use inspect::{Inspection, Limits, inspect};
use serde_json::Value;

/// The files of a folder with the answers to expect.
fn samples(name: &str) -> Vec<(String, Vec<u8>, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(name);
    let expected = fs::read(folder.join("expected_pdf.json")).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    let sample = |answer: &Value| {
        let file = answer["file"].as_str().unwrap().to_owned();
        let bytes = fs::read(folder.join(&file)).unwrap();
        (file, bytes, answer.clone())
    };
    expected["files"].as_array().unwrap().iter().map(sample).collect()
}

fn judge(file: &str, bytes: &[u8]) -> Inspection {
    inspect(file, bytes, &Limits::default()).unwrap()
}

#[test]
fn real() {
    for (file, bytes, expected) in samples("real") {
        let answer = judge(&file, &bytes);
        assert_eq!(answer.broken.is_none(), expected["valid"].as_bool().unwrap(), "{file}: {:?}", answer.broken);
        assert_eq!(!answer.findings.is_empty(), expected["sensitive"].as_bool().unwrap(), "{file}");
    }
}

#[test]
fn hostile() {
    for (file, bytes, expected) in samples("hostile") {
        let answer = judge(&file, &bytes);
        if expected["want"].as_str().unwrap().starts_with("held") {
            assert!(answer.broken.is_some() || !answer.findings.is_empty(), "{file} passes");
        }
    }
}

/// Any viewer opens them without a password; see encrypted.py.
#[test]
fn encrypted() {
    for (file, bytes, expected) in samples("encrypted") {
        let answer = judge(&file, &bytes);
        assert_eq!(answer.broken.is_none(), expected["valid"].as_bool().unwrap(), "{file}: {:?}", answer.broken);
        let found = answer.findings.iter().map(|found| found.count).sum::<u64>();
        assert_eq!(found, expected["cards"].as_u64().unwrap(), "{file}: {:?}", answer.findings);
        if let Some(reason) = answer.broken {
            assert!(reason.text.contains("qpdf --decrypt"), "{file}: {reason}");
        }
    }
}

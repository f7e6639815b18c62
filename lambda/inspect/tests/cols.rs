//! Tables and texts: files of real producers, files made to get past, and damage that must not pass.

#[path = "archives/avro.rs"]
mod avro;
#[path = "archives/parquet.rs"]
mod parquet;
#[expect(dead_code, reason = "not all tests read in pieces")]
mod support;

use std::fs;

use inspect::{Inspection, Kind, Limits, inspect};
use parquet::{Parquet, Struct, dictionary, page, sized};
use serde_json::Value;
use support::folder;

/// The files of a folder with the answers to expect, as far as they are of these formats.
fn samples(name: &str) -> Vec<(String, Vec<u8>, Value)> {
    let folder = folder(name);
    let expected: Value = serde_json::from_slice(&fs::read(folder.join("expected_cols.json")).unwrap()).unwrap();
    let files = expected["files"].as_array().unwrap().iter();
    files
        .map(|answer| {
            let file = answer["file"].as_str().unwrap().to_owned();
            let bytes = fs::read(folder.join(&file)).unwrap();
            (file, bytes, answer.clone())
        })
        .collect()
}

fn judge(name: &str, bytes: &[u8]) -> Inspection {
    inspect(name, bytes, &Limits::default()).unwrap()
}

fn kind(name: &str, bytes: &[u8]) -> Option<Kind> {
    judge(name, bytes).broken.map(|reason| reason.kind)
}

#[test]
fn keys_of_the_header_are_text() {
    let file = |key: &[u8]| avro::avro("\"string\"", &[(key, b"1")], &avro::sized(b"tide"));
    assert_eq!(kind("a.avro", &file("caf\u{e9}".as_bytes())), None);
    assert_eq!(kind("a.avro", &file(b"caf\xe9")), Some(Kind::Encoding));
}

#[test]
fn files_of_real_producers() {
    for (file, bytes, expected) in samples("real") {
        let answer = judge(&file, &bytes);
        assert_eq!(answer.broken.is_none(), expected["valid"].as_bool().unwrap(), "{file}: {:?}", answer.broken);
        assert_eq!(!answer.findings.is_empty(), expected["sensitive"].as_bool().unwrap(), "{file}");
        let found: Vec<Value> = answer.findings.iter().map(|found| found.identifier.clone().into()).collect();
        if let Some(identifiers) = expected["identifiers"].as_array() {
            assert_eq!(&found, identifiers, "{file}");
        }
    }
}

#[test]
fn files_made_to_get_past_are_held() {
    for (file, bytes, _) in samples("hostile") {
        let answer = judge(&file, &bytes);
        assert!(answer.broken.is_some() || !answer.findings.is_empty(), "{file}");
    }
}

#[test]
fn text_in_a_footer_is_utf8() {
    let whole = Parquet::plain("tide", &["1", "2"]);
    assert_eq!(kind("a.parquet", &whole.file()), None);
    let broken = b"ti\xffde".to_vec();
    let cases = [
        Parquet { name: broken.clone(), ..whole.clone() },
        Parquet { producer: broken.clone(), ..whole.clone() },
        Parquet { notes: vec![(broken.clone(), b"1".to_vec())], ..whole.clone() },
        Parquet { notes: vec![(b"1".to_vec(), broken.clone())], ..whole.clone() },
        Parquet::of("tide", 1, page(0, 1, &sized(&broken), &[])),
    ];
    for (number, case) in cases.into_iter().enumerate() {
        assert_eq!(kind("a.parquet", &case.file()), Some(Kind::Encoding), "{number}");
        // Bytes may be any.
        let plain = Parquet { meaning: None, ..case };
        assert_eq!(kind("a.parquet", &plain.file()).is_none(), number == 4, "{number}");
    }
}

#[test]
fn levels_are_those_of_the_schema() {
    // A list of levels as one run: its length, how often, and which.
    let levels = |times: u8, level: u8| [2, 0, 0, 0, times << 1, level];
    let made = |level, rows| {
        let data = [&levels(2, level)[..], &levels(2, 1), &sized(b"1"), &sized(b"2")].concat();
        Parquet { repetition: 2, rows, ..Parquet::of("tide", 2, page(0, 2, &data, &[])) }.file()
    };
    assert_eq!(kind("a.parquet", &made(0, 2)), None);
    assert_eq!(kind("a.parquet", &made(1, 0)), Some(Kind::Syntax), "it starts inside a row");
    assert_eq!(kind("a.parquet", &made(2, 0)), Some(Kind::Syntax), "there is no such level");
}

#[test]
fn values_that_are_said_again_count_once() {
    let value = b"card 4000004427083831";
    let text = str::from_utf8(value).unwrap();
    let first = dictionary(&[text]).len();
    let page = [dictionary(&[text]), page(8, 2, &[1, 2 << 1, 0], value)].concat();
    let index = parquet::index(value, value);
    let said = Parquet { least: value.to_vec(), index: index.len(), behind: index, ..Parquet::of("a", 2, page) };
    let answer = judge("a.parquet", &Parquet { first, ..said }.file());
    assert_eq!(answer.broken, None);
    assert_eq!(answer.findings[0].count, 2);
    assert_eq!(answer.findings[0].locations, ["row 1, /a", "row 2, /a"]);
}

#[test]
fn headers_of_pages_are_bounded() {
    // Truths take half a byte each, and made forty.
    let truths = |count: usize| {
        let header = Struct::new().int(1, 5, 0).int(2, 5, 0).int(3, 5, 0).end();
        let mut header = header[..header.len() - 1].to_vec();
        header.extend(std::iter::repeat_n([0x01, 0x00], count).flatten());
        Parquet::of("tide", 1, [&header[..], &[0]].concat()).file()
    };
    assert_eq!(kind("a.parquet", &truths(100_000)), Some(Kind::Limit));
    let note = vec![b'x'; 5 << 20];
    assert_eq!(kind("a.parquet", &Parquet::of("a", 1, page(0, 1, &sized(b"1"), &note)).file()), Some(Kind::Limit));
}

#[test]
fn keys_of_maps_are_utf8() {
    let map = |key: &[u8]| {
        let record = [&avro::number(1)[..], &avro::sized(key), &[0]].concat();
        avro::avro(r#"{"type": "map", "values": "null"}"#, &[], &record)
    };
    assert_eq!(kind("a.avro", &map(b"tide")), None);
    assert_eq!(kind("a.avro", &map(b"ti\xffde")), Some(Kind::Encoding));
}

#[test]
fn schemas_are_bounded() {
    let fields = |one: &dyn Fn(usize) -> String, count| (0..count).map(one).collect::<Vec<_>>().join(",");
    let record = |space: &str, fields: &str| {
        let schema = format!(r#"{{"type": "record", "name": "r", "namespace": "{space}", "fields": [{fields}]}}"#);
        judge("a.avro", &avro::avro(&schema, &[], b"")).broken.map(|reason| reason.text).unwrap_or_default()
    };
    let nulls = fields(&|number| format!(r#"{{"name": "f{number}", "type": "null"}}"#), 50_000);
    assert!(record("", &nulls).contains("the schema is too large"));
    let fixed = |number| format!(r#"{{"name": "f", "type": {{"type": "fixed", "name": "t{number}", "size": 0}}}}"#);
    assert_eq!(record("a", &fields(&fixed, 1000)), "");
    assert!(record(&"a".repeat(100_000), &fields(&fixed, 1000)).contains("names of the schema are too long"));
}

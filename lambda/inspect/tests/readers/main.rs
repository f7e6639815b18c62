//! The readers that people use, asked about the same files.
//!
//! What a reader shows of a file that we accept, the detectors must have seen: a card number with
//! its keyword is planted in every place that a format has (a row each in `places.py`), and must be found
//! or the file refused, or be in [`NOT_FOUND`]. What a reader calls broken and we accept is a failure, or is in [`TOLERATED`].
//!
//! The readers are Debian's and Python's, asked by `readers.py`, which needs the packages of
//! `requirements.txt`: the first run installs them beside the build. Where that cannot be done the
//! tests say so and pass, unless `CVAULT_READERS=required`.

#[path = "../support/damage.rs"]
mod damage;
#[path = "../archives/gzip.rs"]
mod gzip;
#[expect(dead_code, reason = "pages alone are made here")]
#[path = "../archives/pdf.rs"]
mod pdf;
mod python;
#[path = "../support/repacked.rs"]
mod repacked;
#[path = "../support/say.rs"]
mod say;
#[path = "../support/mod.rs"]
mod support;
#[path = "../archives/zip.rs"]
mod zip;
#[path = "../archives/zlib.rs"]
mod zlib;

use std::fmt::Write;
use std::fs;
use std::path::Path;

use damage::{damaged_format, damaged_text};
use inspect::{Detectors, Inspection, Limits, inspect, inspect_object};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use python::{Answer, Readers};
use repacked::repacked;
use say::say;
use support::{Object, Pieces, folder};

/// What is planted.
const PLANTED: &str = "4539148803436467";
const IDENTIFIER: &str = "CREDIT_CARD_NUMBER";

/// How many damaged files are tried of each kind.
const DAMAGED: usize = 600;

/// How many of the damaged footers may pass that Arrow refuses: without its schema in them, and with it.
const PASSING: &[usize] = &[0, 70];

/// Places in which what is planted is known not to be found, the readers that show them there, and why.
const NOT_FOUND: &[(&str, &str, &str)] = &[];

/// What a reader calls broken and we accept: the end of the file's name, the reader, a part of what it says, and
/// why we are right.
const TOLERATED: &[(&str, &str, &str, &str)] = &[
    (".xlsx", "excel", "Namespace prefix", NAMESPACES),
    (".xlsx", "excel", "is not a valid URI", NAMESPACES),
    (".docx", "word", "Namespace prefix", NAMESPACES),
    (".docx", "word", "is not a valid URI", NAMESPACES),
    (".xml", "lxml_text", "Namespace prefix", NAMESPACES),
    (".xml", "lxml_text", "is not a valid URI", NAMESPACES),
    (".xlsx", "excel", "TypeError: ", SCHEMA),
    (".xlsx", "excel", "KeyError: ", SCHEMA),
    (".xlsx", "excel", "IndexError: ", SCHEMA),
    (".xlsx", "excel", "ValueError: ", SCHEMA),
    (".docx", "word", "TypeError: ", SCHEMA),
    (".docx", "word", "KeyError: ", SCHEMA),
    (".docx", "word", "AttributeError: ", SCHEMA),
    (".docx", "word", "ValueError: ", SCHEMA),
    (
        ".csv",
        "python_csv",
        "unexpected end of data",
        "it takes another sign for the delimiter, of a table that has two",
    ),
    (".json", "python_json", "Extra data", "objects side by side, as Firehose writes them"),
    (".pdf", "pdfium", "Failed to load page", PAGES),
    ("orphan_comment.pdf", "pdfium", "Failed to load document", PAGES),
    ("orphan_object.pdf", "pdfium", "Failed to load document", PAGES),
    (".pdf", "pdftotext", "Invalid page count 0", PAGES),
    (
        ".parquet",
        "arrow",
        "child field",
        "Arrow's schema is followed by names and types; its columns are read by Parquet's own",
    ),
    (".parquet", "arrow", "Nanosecond resolution", "Python's dates end at microseconds"),
    (".parquet", "arrow", "Invalid flatbuffers", "as above: it differs in alignment and what is said of types"),
];

const NAMESPACES: &str = "XML is judged as XML, where a name with a colon is a name";
const SCHEMA: &str = "parts of Office are judged as XML, and not by the schema of each: all of their text is looked at";
const PAGES: &str = "a document may lack pages, or a page what it needs: all that there is is looked at";

/// Judges a file as the function does.
fn judge(name: &str, bytes: &[u8]) -> Inspection {
    let stream = Pieces(bytes, 64 << 10);
    inspect_object(&Detectors::default(), name, stream, &Object(bytes), &Limits::default()).unwrap()
}

fn finds(answer: &Inspection, identifier: &str) -> bool {
    answer.findings.iter().any(|finding| finding.identifier == identifier)
}

/// Each place: what it is, what we say, who shows it. The table stays beside the build.
#[test]
fn what_is_planted_is_found() {
    let Some(mut readers) = Readers::start("planted") else { return };
    let mut table = "| place | here | shown by |\n|---|---|---|\n".to_owned();
    let mut missed = Vec::new();
    for place in readers.plant() {
        let bytes = fs::read(&place.path).unwrap();
        let answer = judge(&place.name, &bytes);
        let mut shown = readers.read(&place.path, &place.name, &answer);
        shown.retain(|_, answer| squeezed(&answer.text).contains(PLANTED));
        let here = match &answer.broken {
            Some(reason) => format!("refused: {}", reason.text),
            None if finds(&answer, IDENTIFIER) => "found".to_owned(),
            None => "MISSED".to_owned(),
        };
        let names: Vec<&str> = shown.keys().map(String::as_str).collect();
        writeln!(table, "| {} | {here} | {} |", place.what, names.join(", ")).unwrap();
        if here == "MISSED" {
            match NOT_FOUND.iter().find(|row| row.0 == place.what && names.join(", ") == row.1) {
                Some((what, reader, why)) => say(&format!("known: {what} is not found, shown by {reader}: {why}")),
                None => missed.push(format!("{} (shown by: {})", place.what, names.join(", "))),
            }
        } else if NOT_FOUND.iter().any(|row| row.0 == place.what) {
            missed.push(format!("{} is found by now: it is no longer to be in the table", place.what));
        }
    }
    fs::write(readers.folder.join("places.md"), table).unwrap();
    assert!(missed.is_empty(), "{missed:#?}");
}

/// A text without what groups digits, and with digits of the usual width.
fn squeezed(text: &str) -> String {
    let digit = |sign: char| ('\u{ff10}'..='\u{ff19}').contains(&sign).then(|| u32::from(sign) - 0xff10 + 0x30);
    let plain = |sign: char| digit(sign).and_then(char::from_u32).unwrap_or(sign);
    text.chars().filter(|sign| !sign.is_whitespace() && *sign != '-').map(plain).collect()
}

#[test]
fn samples_are_seen_as_others_see_them() {
    let Some(mut readers) = Readers::start("samples") else { return };
    let (mut wrong, mut asked) = (Vec::new(), 0);
    let found = fs::read_dir(folder("found")).unwrap().map(|entry| entry.unwrap().path());
    let sets = ["integrity", "sensitive", "formats", "real", "hostile", "encrypted"].map(folder);
    for set in sets.into_iter().chain(found) {
        for entry in fs::read_dir(set).unwrap() {
            let path = entry.unwrap().path();
            let file = path.file_name().unwrap().to_str().unwrap().to_owned();
            if !file.starts_with("expected") && path.extension().is_none_or(|end| end != "py") {
                let bytes = fs::read(&path).unwrap();
                asked += usize::from(compare(&mut readers, &file, &path, &bytes, &mut wrong));
            }
        }
    }
    assert!(asked > 130, "only {asked} samples were asked about");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn damaged_files_are_seen_as_others_see_them() {
    let Some(mut readers) = Readers::start("damaged") else { return };
    let mut random = TestRunner::deterministic();
    let (texts, formats, packed) = (damaged_text(), damaged_format(), repacked());
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for number in 0..DAMAGED {
        let text = texts.new_tree(&mut random).unwrap().current();
        let as_texts = ["a.csv", "a.json", "a.xml"].map(|name| (name.to_owned(), text.clone()));
        let damaged = formats.new_tree(&mut random).unwrap().current();
        let inside = packed.new_tree(&mut random).unwrap().current();
        for (name, bytes) in as_texts.into_iter().chain([damaged, inside]) {
            let path = readers.folder.join(format!("damaged-{number:03}-{name}"));
            asked += usize::from(compare(&mut readers, &name, &path, &bytes, &mut wrong));
        }
    }
    assert!(asked > DAMAGED / 10, "only {asked} damaged files were asked about");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Of every byte of a footer some changes: what Arrow opens no more and passes here. Nothing but the types of its fields
/// tells the damage of a footer.
#[test]
fn damaged_footers_are_refused_as_by_arrow() {
    let Some(mut readers) = Readers::start("footers") else { return };
    for (file, most) in readers.footers().iter().zip(PASSING) {
        let length = u32::from_le_bytes(*file[file.len() - 8..].first_chunk().unwrap()) as usize;
        let (end, mut tried, mut says) = (file.len() - 8, 0, Vec::new());
        for at in end - length..end {
            for change in [1, 2, 0x10, 0x80] {
                let mut bytes = file.clone();
                bytes[at] ^= change;
                tried += 1;
                let answer = judge("a.parquet", &bytes);
                if answer.broken.is_some() {
                    continue;
                }
                let path = readers.folder.join("a.parquet");
                fs::write(&path, &bytes).unwrap();
                let answers = readers.read(&path, "a.parquet", &answer);
                let broken = answers.into_values().find_map(|answer| answer.broken);
                says.extend(broken.map(|why| format!("byte {} of {length}, {change}: {why}", at + length - end)));
            }
        }
        say(&format!("{} of {tried} damaged footers pass here and are refused by Arrow", says.len()));
        assert!(says.len() <= *most, "{} of {tried}, not {most}: {says:#?}", says.len());
    }
}

/// Asks about a file that we accept, and notes where the readers differ from us. The file is kept then.
/// Whether there was somebody to ask.
fn compare(readers: &mut Readers, name: &str, path: &Path, bytes: &[u8], wrong: &mut Vec<String>) -> bool {
    let answer = judge(name, bytes);
    if answer.broken.is_some() {
        return false;
    }
    let own = !path.exists();
    if own {
        fs::write(path, bytes).unwrap();
    }
    let before = wrong.len();
    let answers = readers.read(path, name, &answer);
    let asked = !answers.is_empty();
    for (reader, Answer { text, broken }) in answers {
        let tolerated =
            |says: &str| TOLERATED.iter().any(|row| name.ends_with(row.0) && reader == row.1 && says.contains(row.2));
        if let Some(says) = broken.filter(|says| !tolerated(says)) {
            wrong.push(format!("{}: {reader} calls it broken: {says}", path.display()));
        }
        let shown = inspect("a.txt", text.as_bytes(), &Limits::default()).unwrap();
        for finding in shown.findings.iter().filter(|finding| !finds(&answer, &finding.identifier)) {
            wrong.push(format!("{}: {reader} shows what was not found here: {finding}", path.display()));
        }
    }
    if own && wrong.len() == before {
        fs::remove_file(path).unwrap();
    }
    asked
}

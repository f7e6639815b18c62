//! Files that would cost more than they are worth: refused soon, with little memory.

#[path = "archives/gzip.rs"]
mod gzip;
#[path = "archives/zip.rs"]
mod zip;

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use gzip::gzip;
use inspect::{Kind, Limits, inspect};
use zip::zip;

/// As much as the policy allows, but for tests.
fn small() -> Limits {
    Limits { ratio_from: 1 << 20, expanded: 8 << 20, held: 4 << 20, block: 1 << 20, ..Limits::default() }
}

fn kind(name: &str, source: impl Read, limits: &Limits) -> Option<Kind> {
    let begun = Instant::now();
    let answer = inspect(name, source, limits).unwrap();
    assert!(begun.elapsed() < Duration::from_mins(1), "{name} took {:?}", begun.elapsed());
    answer.broken.map(|reason| reason.kind)
}

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn expansion_out_of_proportion() {
    let flat = b"a tide table\n".repeat(300_000);
    assert_eq!(kind("a.txt.gz", &gzip(&flat)[..], &small()), Some(Kind::Bomb));
    assert_eq!(kind("a.zip", &zip(&[("a.txt", &flat)])[..], &small()), Some(Kind::Bomb));
    assert_eq!(kind("a.txt.gz.gz", &gzip(&gzip(&flat))[..], &small()), Some(Kind::Bomb));
    // What is small may be as flat as it likes.
    assert_eq!(kind("a.txt.gz", &gzip(&flat[..1 << 20])[..], &small()), None);
    // Each member is small, all of them are not.
    let part = &flat[..1 << 20];
    let names: Vec<String> = (0..40).map(|number| format!("{number}.txt")).collect();
    let members: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), part)).collect();
    assert_eq!(kind("a.zip", &zip(&members)[..], &small()), Some(Kind::Bomb));
    let many = gzip(part).repeat(40);
    assert_eq!(kind("a.txt.gz", &many[..], &small()), Some(Kind::Bomb));
}

#[test]
fn memory_is_bounded() {
    let noise: Vec<u8> = (0..3_000_000_u32).flat_map(|n| (n.wrapping_mul(2_654_435_761)).to_le_bytes()).collect();
    let inner = zip(&[("a.txt", b"tide")]);
    let large = [&inner[..], &noise].concat();
    assert_eq!(kind("a.zip", &large[..], &small()), Some(Kind::Limit), "held, since it cannot be asked for its end");
    assert_eq!(kind("a.pdf", &[b"%PDF-1.4\n", &noise[..]].concat()[..], &small()), Some(Kind::Limit));
    assert_eq!(kind("a.parquet", &[b"PAR1", &noise[..]].concat()[..], &small()), Some(Kind::Limit));
}

#[test]
fn lengths_are_lies() {
    // A block of 2^40 bytes, a header of 2^62 entries, a string of 2^40 bytes.
    let schema = b"Obj\x01\x02\x16avro.schema\x10\"string\"\0";
    let marked = |rest: &[u8]| [&schema[..], &[7; 16], rest].concat();
    assert_eq!(kind("a.avro", &marked(b"\x02\x80\x80\x80\x80\x80\x40")[..], &small()), Some(Kind::Limit));
    let many = b"Obj\x01\xfe\xff\xff\xff\xff\xff\xff\xff\x7f\x02a\x02b";
    assert_eq!(kind("a.avro", &many[..], &small()), Some(Kind::Truncated));
    let long = [b"\x02\x0c\x80\x80\x80\x80\x80\x40".as_slice(), &[7; 16]].concat();
    assert_eq!(kind("a.avro", &marked(&long)[..], &small()), Some(Kind::Syntax));
    // Records without a byte, and 2^62 of them.
    let nulls = b"Obj\x01\x02\x16avro.schema\x0c\"null\"\0";
    let endless = [&nulls[..], &[7; 16], b"\xfe\xff\xff\xff\xff\xff\xff\xff\x7f\0", &[7; 16]].concat();
    assert_eq!(kind("a.avro", &endless[..], &small()), Some(Kind::Syntax));
    // Objects within objects, and an array of millions.
    let pdf = |body: &[u8]| {
        let start = 9 + body.len();
        let end = format!(
            "xref\n0 2\n0000000000 65535 f \n0000000009 00000 n \ntrailer<</Root 1 0 R>>\nstartxref\n{start}\n%%EOF"
        );
        [b"%PDF-1.4\n", body, end.as_bytes()].concat()
    };
    assert_eq!(
        kind("a.pdf", &pdf(&[b"1 0 obj", "[".repeat(9999).as_bytes(), b"endobj\n"].concat())[..], &small()),
        Some(Kind::Limit)
    );
    let wide = [b"1 0 obj[", "0 ".repeat(1_100_000).as_bytes(), b"]endobj\n"].concat();
    assert_eq!(kind("a.pdf", &pdf(&wide)[..], &small()), Some(Kind::Limit));
    assert_eq!(
        kind("a.pdf", &pdf(b"1 0 obj<</Length 99999999999>>stream\n\nendstream endobj\n")[..], &small()),
        Some(Kind::Syntax)
    );
    // Millions of free objects in a stream of a few kilobytes.
    let rows = zlib(&vec![0; 5 << 20]);
    let table = format!(
        "1 0 obj<</Type/XRef/W[1 0 0]/Size 5242880/Root 2 0 R/Filter/FlateDecode/Length {}>>stream\n",
        rows.len()
    );
    let file = [b"%PDF-1.5\n", table.as_bytes(), &rows, b"\nendstream endobj startxref 9 %%EOF"].concat();
    assert_eq!(kind("a.pdf", &file[..], &Limits::default()), Some(Kind::Limit));
    // Metadata of 2^60 items.
    let footer = b"\x29\xfc\xff\xff\xff\xff\xff\xff\xff\xff\x01\0";
    let file = [b"PAR1", &footer[..], &12_u32.to_le_bytes(), b"PAR1"].concat();
    assert!(kind("a.parquet", &file[..], &small()).is_some());
}

/// The policy's own numbers; takes a while without optimisation.
#[test]
#[ignore = "inspects gigabytes"]
fn more_than_a_gigabyte() {
    let member = gzip(&b"a tide table\n".repeat(1_300_000));
    assert_eq!(kind("a.txt.gz", &member.repeat(80)[..], &Limits::default()), Some(Kind::Bomb));
}

//! Files that would cost more than they are worth, and how they are refused.

use inspect::{Kind, Limits};

use crate::gzip::gzip;
use crate::zip::zip;
use crate::zlib::zlib;

/// A file, and what it is judged by.
pub struct Bomb {
    pub what: &'static str,
    pub name: &'static str,
    pub bytes: fn() -> Vec<u8>,
    pub limits: fn() -> Limits,
    pub refused: Option<Kind>,
}

/// As much as the policy allows, but for tests.
pub fn small() -> Limits {
    Limits { ratio_from: 1 << 20, expanded: 8 << 20, held: 4 << 20, block: 1 << 20, ..Limits::default() }
}

const fn small_bomb(what: &'static str, name: &'static str, bytes: fn() -> Vec<u8>, refused: Kind) -> Bomb {
    Bomb { what, name, bytes, limits: small, refused: Some(refused) }
}

/// All of them.
pub const BOMBS: &[Bomb] = &[
    // Expansion out of proportion.
    small_bomb("flat gzip", "a.txt.gz", || gzip(&flat(300_000)), Kind::Bomb),
    small_bomb("flat zip", "a.zip", || zip(&[("a.txt", &flat(300_000))]), Kind::Bomb),
    small_bomb("flat gzip in gzip", "a.txt.gz.gz", || gzip(&gzip(&flat(300_000))), Kind::Bomb),
    Bomb {
        what: "what is small may be as flat as it likes",
        name: "a.txt.gz",
        bytes: || gzip(&flat(80_000)),
        limits: small,
        refused: None,
    },
    // Each part is small, all of them are not.
    small_bomb("many flat members of a zip", "a.zip", many_members, Kind::Bomb),
    small_bomb("many flat members of a gzip", "a.txt.gz", || gzip(&flat(80_000)).repeat(40), Kind::Bomb),
    // What has its index at its end, and cannot be asked for it.
    small_bomb("a zip that is long", "a.zip", || [zip(&[("a.txt", b"tide")]), noise()].concat(), Kind::Limit),
    small_bomb("a PDF that is long", "a.pdf", || [b"%PDF-1.4\n".to_vec(), noise()].concat(), Kind::Limit),
    small_bomb("a Parquet file that is long", "a.parquet", || [b"PAR1".to_vec(), noise()].concat(), Kind::Limit),
    // Lengths that are lies.
    small_bomb("a block of 2^40 bytes", "a.avro", || avro("string", b"\x02\x80\x80\x80\x80\x80\x40"), Kind::Limit),
    small_bomb(
        "a header of 2^62 entries",
        "a.avro",
        || b"Obj\x01\xfe\xff\xff\xff\xff\xff\xff\xff\x7f\x02a\x02b".to_vec(),
        Kind::Truncated,
    ),
    small_bomb(
        "a string of 2^40 bytes",
        "a.avro",
        || avro("string", &[b"\x02\x0c\x80\x80\x80\x80\x80\x40".as_slice(), &MARK].concat()),
        Kind::Syntax,
    ),
    small_bomb(
        "2^62 records without a byte",
        "a.avro",
        || avro("null", &[b"\xfe\xff\xff\xff\xff\xff\xff\xff\x7f\0".as_slice(), &MARK].concat()),
        Kind::Syntax,
    ),
    small_bomb("arrays in arrays", "a.pdf", || pdf(&["1 0 obj", &"[".repeat(9999), "endobj\n"].concat()), Kind::Limit),
    small_bomb(
        "an array of millions",
        "a.pdf",
        || pdf(&["1 0 obj[", &"0 ".repeat(1_100_000), "]endobj\n"].concat()),
        Kind::Limit,
    ),
    small_bomb(
        "a stream of 10^11 bytes",
        "a.pdf",
        || pdf("1 0 obj<</Length 99999999999>>stream\n\nendstream endobj\n"),
        Kind::Syntax,
    ),
    Bomb {
        what: "millions of free objects in a stream of a few kilobytes",
        name: "a.pdf",
        bytes: free_objects,
        limits: Limits::default,
        refused: Some(Kind::Limit),
    },
    small_bomb("metadata of 2^60 items", "a.parquet", endless_footer, Kind::Syntax),
];

fn flat(lines: usize) -> Vec<u8> {
    b"a tide table\n".repeat(lines)
}

fn many_members() -> Vec<u8> {
    let part = flat(80_000);
    let names: Vec<String> = (0..40).map(|number| format!("{number}.txt")).collect();
    let members: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &part[..])).collect();
    zip(&members)
}

/// Some megabytes that look random.
fn noise() -> Vec<u8> {
    (0..3_000_000_u32).flat_map(|n| (n.wrapping_mul(2_654_435_761)).to_le_bytes()).collect()
}

/// The mark behind the blocks of Avro.
const MARK: [u8; 16] = [7; 16];

/// An Avro file of this type, and what comes behind its header.
fn avro(kind: &str, rest: &[u8]) -> Vec<u8> {
    let schema = format!("\"{kind}\"");
    let length = u8::try_from(schema.len() * 2).unwrap();
    [b"Obj\x01\x02\x16avro.schema".as_slice(), &[length], schema.as_bytes(), &[0], &MARK, rest].concat()
}

/// A document of one object.
fn pdf(body: &str) -> Vec<u8> {
    let start = 9 + body.len();
    let table = "xref\n0 2\n0000000000 65535 f \n0000000009 00000 n \ntrailer<</Size 2/Root 1 0 R>>\n";
    format!("%PDF-1.4\n{body}{table}startxref\n{start}\n%%EOF").into_bytes()
}

fn free_objects() -> Vec<u8> {
    let rows = zlib(&vec![0; 5 << 20]);
    let keys = "/Type/XRef/W[1 0 0]/Size 5242880/Root 2 0 R/Filter/FlateDecode";
    let head = format!("%PDF-1.5\n1 0 obj<<{keys}/Length {}>>stream\n", rows.len());
    [head.as_bytes(), &rows, b"\nendstream endobj startxref 9 %%EOF"].concat()
}

fn endless_footer() -> Vec<u8> {
    let footer = b"\x29\xfc\xff\xff\xff\xff\xff\xff\xff\xff\x01\0";
    [b"PAR1", &footer[..], &12_u32.to_le_bytes(), b"PAR1"].concat()
}

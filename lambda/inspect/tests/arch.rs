//! Archives and Office documents as people's programs write them, and as somebody writes them who wants to
//! get past: the samples of `real` and `hostile`, and what is made here.

#[path = "archives/beside.rs"]
mod beside;
#[path = "archives/gzip.rs"]
mod gzip;
#[path = "archives/office.rs"]
mod office;
mod support;
#[path = "archives/tar.rs"]
mod tar;
#[path = "archives/zip.rs"]
mod zip;

use beside::zip_with;
use gzip::gzip;
use inspect::{Detectors, Inspection, Kind, Limits, inspect, inspect_object};
use support::{Object, Pieces, samples};
use tar::tar;
use zip::zip;

const CARD: &str = "CREDIT_CARD_NUMBER";
const SECRET: &[u8] = b"credit card number 4539148803436467";

/// Inspects a file in several ways, which must not matter.
fn judge(name: &str, bytes: &[u8]) -> Inspection {
    let limits = Limits::default();
    let whole = inspect(name, bytes, &limits).unwrap();
    for length in [1, 7, 4096] {
        // In pieces of a byte, large files take too long.
        if bytes.len() < 6000 || length > 1000 {
            assert_eq!(inspect(name, Pieces(bytes, length), &limits).unwrap(), whole, "{name} by {length}");
        }
    }
    let object = inspect_object(&Detectors::default(), name, bytes, &Object(bytes), &limits).unwrap();
    assert_eq!(object, whole, "{name} as an object");
    whole
}

fn kind(name: &str, bytes: &[u8]) -> Option<Kind> {
    judge(name, bytes).broken.map(|reason| reason.kind)
}

/// How many cards are found in a file that is whole, and where the first one is.
fn cards(name: &str, bytes: &[u8]) -> (u64, String) {
    let answer = judge(name, bytes);
    assert_eq!(answer.broken, None, "{name}");
    let found = answer.findings.into_iter().find(|found| found.identifier == CARD);
    found.map_or((0, String::new()), |found| (found.count, found.locations[0].clone()))
}

#[test]
fn real() {
    for (file, bytes, expected) in samples("real/expected_arch.json") {
        let answer = judge(&file, &bytes);
        assert_eq!(answer.broken.is_none(), expected["valid"] == true, "{file}: {:?}", answer.broken);
        assert_eq!(!answer.findings.is_empty(), expected["sensitive"] == true, "{file}");
        if let Some(reason) = expected["reason"].as_str() {
            let json = serde_json::to_value(&answer).unwrap();
            assert_eq!(json["broken"]["kind"], reason, "{file}");
        }
    }
}

#[test]
fn hostile() {
    for (file, bytes, expected) in samples("hostile/expected_arch.json") {
        let answer = judge(&file, &bytes);
        let held = answer.broken.is_some() || !answer.findings.is_empty();
        assert!(held, "{file}: {expected}");
    }
}

/// A string that many cells show is work, and a large workbook is none to speak of.
#[test]
fn strings_that_are_shown_often() {
    let shown = |length: usize, rows: usize| {
        let text = "a long note on the tides ".repeat(length / 25 + 1);
        let strings = format!("<sst><si><t>{}</t></si><si><t>calm</t></si></sst>", &text[..length]);
        let row =
            |row| format!("<row r='{row}'><c r='A{row}' t='s'><v>0</v></c><c r='B{row}' t='s'><v>1</v></c></row>");
        let rows: String = (1..=rows).map(row).collect();
        let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
        zip(&[
            ("[Content_Types].xml", b"<Types/>"),
            ("_rels/.rels", office::relations("xl/workbook.xml").as_bytes()),
            ("xl/workbook.xml", b"<workbook/>"),
            ("xl/sharedStrings.xml", strings.as_bytes()),
            ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        ])
    };
    let broken = |length, rows| {
        let answer = inspect("a.xlsx", &shown(length, rows)[..], &Limits::default()).unwrap();
        answer.broken.map(|reason| reason.kind)
    };
    assert_eq!(broken(200, 100_000), None);
    assert_eq!(broken(32_767, 200), None, "as long as Excel allows");
    assert_eq!(broken(100_000, 100_000), Some(Kind::Bomb));
    assert_eq!(broken(9 << 20, 1), Some(Kind::Limit), "it would have to be held");
}

#[test]
fn empty_members_pass() {
    let table: &[u8] = b"day,height\n1,7\n";
    let some: [(&str, &[u8]); 4] = [("a/__init__.py", b""), ("_SUCCESS", b""), ("a.gitkeep", b""), ("b.csv", table)];
    assert_eq!([kind("a.zip", &zip(&some)), kind("a.tar", &tar(&some))], [None, None]);
    let none = &some[..3];
    for (name, bytes) in [("a.zip", zip(none)), ("a.tar", tar(none)), ("a.tgz", gzip(&tar(none)))] {
        let reason = judge(name, &bytes).broken.unwrap();
        assert!(reason.kind == Kind::Empty && reason.text.contains("all files inside are empty"), "{reason}");
    }
    // White space is no data, but no empty file either.
    assert_eq!(kind("a.zip", &zip(&[("a.csv", b"\n"), ("b.csv", table)])), Some(Kind::Empty));
}

#[test]
fn metadata_of_macos_pass_and_are_scanned() {
    let wide: Vec<u8> = SECRET.iter().flat_map(|&byte| [0, byte]).collect();
    let table: &[u8] = b"day,height\n1,7\n";
    let rows: [(&str, Vec<u8>, u64); 5] = [
        ("__MACOSX/._b.csv", b"\0\x05\x16\x07\0\x02\0\0Mac OS X        \0\x02".to_vec(), 0),
        ("__MACOSX/._b.csv", [b"\0\x05\x16\x07\0\x02\0\0Mac OS X        ATTR", SECRET, b"\0"].concat(), 1),
        (".DS_Store", b"\0\0\0\x01Bud1\0\0\x10\0".to_vec(), 0),
        ("a/.DS_Store", [b"\0\0\0\x01Bud1\0\0\x10\0", &wide[..]].concat(), 1),
        ("._b.csv", [b"\0\x05\x16\x07\0\x02\0\0", SECRET].concat(), 1),
    ];
    for (name, content, count) in rows {
        let members = [("b.csv", table), (name, &content)];
        assert_eq!([cards("a.zip", &zip(&members)).0, cards("a.tar", &tar(&members)).0], [count; 2], "{name}");
    }
    assert_eq!(kind("a.zip", &zip(&[("b.csv", table), ("._c.csv", b"\0\x05\x16\0")])), Some(Kind::Nul));
}

/// A gzip file whose header has flags and what they announce.
fn gzip_with(flags: u8, beside: &[u8]) -> Vec<u8> {
    let mut file = gzip(b"day,height\n1,7\n");
    file[3] = flags;
    file.splice(10..10, beside.iter().copied());
    file
}

#[test]
fn beside_the_content_of_gzip() {
    let ended = [SECRET, b"\0"].concat();
    let latin = [b"caf\xe9 ", &ended[..]].concat();
    let length = u16::try_from(SECRET.len()).unwrap().to_le_bytes();
    let extra = [&length[..], SECRET].concat();
    for (flags, beside, place) in [
        (8, &ended, "gzip name"),
        (16, &ended, "gzip comment"),
        (16, &latin, "gzip comment"),
        (4, &extra, "gzip extra field"),
    ] {
        assert_eq!(cards("a.csv.gz", &gzip_with(flags, beside)), (1, place.to_owned()));
    }
    assert_eq!(cards("a.csv.gz", &gzip_with(8, b"tides.csv\0")).0, 0);
    // Of several members, the headers lie inside of the text, which goes on.
    let parts = [gzip(b"note,card\nx,4539148803"), gzip_with(8, b"b.csv\0")].concat();
    assert_eq!(cards("a.csv.gz", &[gzip(b"note,card\nx,4539148803"), gzip(b"436467\n")].concat()).0, 1);
    assert_eq!(kind("a.txt.gz", &parts), None);
    let long = [&b"tide".repeat(1 << 14)[..], b"s\0"].concat();
    let reason = judge("a.csv.gz", &gzip_with(16, &long)).broken.unwrap();
    assert!(reason.kind == Kind::Limit && reason.text.contains("gzip -n"), "{reason}");
    let many: Vec<u8> = (0..20_000).flat_map(|n| gzip_with(8, format!("{n:060}\0").as_bytes())).collect();
    assert_eq!(kind("a.txt.gz", &many), Some(Kind::Limit));
    // The blocks of bgzip are no names.
    let block = gzip_with(4, b"\x06\0BC\x02\0\x1b\0");
    assert_eq!(kind("a.txt.gz", &block.repeat(30)), None);
}

#[test]
fn beside_the_members_of_zip() {
    let table: &[u8] = b"day,height\n1,7\n";
    let length = u16::try_from(SECRET.len()).unwrap().to_le_bytes();
    let field = |id: &[u8]| [id, &length[..], SECRET].concat();
    let unicode = [b"up\x28\0\x01abcX", SECRET].concat();
    let fields = [field(b"AA"), field(b"\x01\0"), field(b"UT"), unicode];
    for (number, extra) in fields.iter().enumerate() {
        let one = (1, "extra field".to_owned());
        assert_eq!(cards("a.zip", &zip_with("a.csv", table, extra, b"", b"")), one, "{number}, in front");
        assert_eq!(cards("a.zip", &zip_with("a.csv", table, b"", extra, b"")), one, "{number}, in the directory");
        assert_eq!(cards("a.zip", &zip_with("a.csv", table, extra, extra, b"")), one, "{number}, in both");
    }
    // What goes on behind the last of them, or ends before it should.
    for extra in [[b"UT\x05\0\x03tide", SECRET].concat(), SECRET.to_vec()] {
        for file in [zip_with("a.csv", table, &extra, b"", b""), zip_with("a.csv", table, b"", &extra, b"")] {
            assert_eq!(kind("a.zip", &file), Some(Kind::Syntax), "{extra:?}");
        }
    }
    // A name that promises something else, wherever it stands.
    let other = [&b"up\x0a\0\x01"[..], &crc32fast::hash(b"a.csv").to_le_bytes(), b"a.txt"].concat();
    for file in [zip_with("a.csv", table, &other, b"", b""), zip_with("a.csv", table, b"", &other, b"")] {
        assert_eq!(kind("a.zip", &file), Some(Kind::Mismatch));
    }
    assert_eq!(cards("a.zip", &zip_with("a.csv", table, b"", b"", SECRET)), (1, "comment".to_owned()));
    let named = zip(&[("card 4539148803436467.csv", table)]);
    assert_eq!(cards("a.zip", &named), (1, "name of a member".to_owned()));
    assert_eq!(kind("a.zip", &zip(&[("a.csv", table), ("b/", table)])), Some(Kind::Syntax), "a folder with content");
}

#[test]
fn beside_the_members_of_tar() {
    let table: &[u8] = b"day,height\n1,7\n";
    // At the start, in the fields of a header.
    let field = |at: usize, text: &[u8]| {
        let mut file = tar(&[("a.csv", table)]);
        file[at..at + text.len()].copy_from_slice(text);
        sum(&mut file);
        file
    };
    let one = (1, "tar header".to_owned());
    for (at, text) in [
        (0, &b"card 4539148803436467.csv"[..]),
        (0, b"a.csv\0card 4539148803436467"),
        (157, b"card 4539148803436467"),
        (265, b"card 4539148803436467"),
        (297, b"card 4539148803436467"),
        (345, b"card 4539148803436467"),
        (329, b"mc 4539148803436"),
    ] {
        let expected = if at == 329 { (0, String::new()) } else { one.clone() };
        assert_eq!(cards("a.tar", &field(at, text)), expected, "at {at}");
    }
    // The user's and the group's name are shown side by side.
    let mut file = tar(&[("a.csv", table)]);
    file[265..269].copy_from_slice(b"card");
    file[297..313].copy_from_slice(b"4539148803436467");
    sum(&mut file);
    assert_eq!(cards("a.tar", &file), one);
    for record in [
        "comment=card 4539148803436467",
        "path=card 4539148803436467.csv",
        "linkpath=card 4539148803436467",
        "uname=card 4539148803436467",
        "SCHILY.xattr.user.note=card 4539148803436467",
        "LIBARCHIVE.xattr.user.note=Y2FyZCA0NTM5MTQ4ODAzNDM2NDY3",
        "card=4539148803436467",
    ] {
        let record = format!("{} {record}\n", record.len() + 4);
        for kind in [b'x', b'g'] {
            if kind == b'g' && record.contains("path=") && !record.contains("linkpath") {
                continue;
            }
            assert_eq!(cards("a.tar", &extended(kind, record.as_bytes(), table)), one, "{record}");
        }
    }
    assert_eq!(cards("a.tar", &extended(b'L', b"card 4539148803436467.csv\0", table)), one);
    assert_eq!(cards("a.tar", &extended(b'K', b"card 4539148803436467\0", table)), one);
    assert_eq!(cards("a.tar", &extended(b'L', b"a.csv\0card 4539148803436467", table)), one);
}

/// Makes the checksum of the first header right.
fn sum(file: &mut [u8]) {
    file[148..156].fill(b' ');
    let sum: u32 = file[..512].iter().map(|&byte| u32::from(byte)).sum();
    file[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// A member with an extended header of this kind before it.
fn extended(kind: u8, data: &[u8], table: &[u8]) -> Vec<u8> {
    let mut file = tar(&[("x", data)]);
    file[156] = kind;
    sum(&mut file);
    file.truncate(file.len() - 1024);
    file.extend(tar(&[("a.csv", table)]));
    file
}

/// A header in front of a member that was written to a pipe leaves open any of its three numbers, and lies in none.
#[test]
fn numbers_that_are_missing_in_front() {
    let table: &[u8] = b"day,height\n1,7\n";
    let file = zip_with("a.csv", table, b"", b"", b"");
    let head: [u32; 3] = [14, 18, 22].map(|at| u32::from_le_bytes(*file[at..].first_chunk().unwrap()));
    let described = |numbers: [u32; 3], extra: &[u8]| {
        let mut file = zip_with("a.csv", table, extra, b"", b"");
        let descriptor: Vec<u8> =
            [0x0807_4b50, head[0], head[1], head[2]].iter().flat_map(|n| n.to_le_bytes()).collect();
        let directory = 30 + 5 + extra.len() + head[1] as usize;
        file.splice(directory..directory, descriptor);
        for (at, number) in [14, 18, 22].into_iter().zip(numbers) {
            file[at..at + 4].copy_from_slice(&number.to_le_bytes());
        }
        let end = file.len() - 22 + 16;
        let moved = u32::from_le_bytes(*file[end..].first_chunk().unwrap()) + 16;
        file[end..end + 4].copy_from_slice(&moved.to_le_bytes());
        file[6] |= 8;
        let start = directory + 16 + 8;
        file[start] |= 8;
        file
    };
    let wide = b"\x01\0\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    for checksum in [0, head[0], u32::MAX] {
        for packed in [0, head[1], u32::MAX] {
            for size in [0, head[2], u32::MAX] {
                assert_eq!(
                    kind("a.zip", &described([checksum, packed, size], wide)),
                    None,
                    "{checksum} {packed} {size}"
                );
            }
        }
    }
    for wrong in [[1, head[1], head[2]], [head[0], 1, head[2]], [head[0], head[1], 1]] {
        assert_eq!(kind("a.zip", &described(wrong, wide)), Some(Kind::Syntax), "{wrong:?}");
    }
    let mut plain = file.clone();
    plain[14..18].fill(0);
    assert_eq!(kind("a.zip", &plain), Some(Kind::Syntax), "nothing says that it is missing");
}

/// `zip -y`, 7-Zip, bsdtar and `git archive` keep links, whose names claim what they aim at.
#[test]
fn links_in_a_zip() {
    let linked = |aim: &[u8]| {
        let mut file = zip(&[("a.json", aim), ("b.csv", b"day,height\n1,7\n")]);
        let start = file.windows(4).position(|word| word == b"PK\x01\x02").unwrap();
        file[start + 5] = 3;
        file[start + 40..start + 42].copy_from_slice(&0o120_777_u16.to_le_bytes());
        file
    };
    assert_eq!(kind("a.zip", &linked(b"../data/b.json")), None);
    assert_eq!(cards("a.zip", &linked(SECRET)).0, 1);
    // What is no aim is a file to whoever knows no links.
    assert_eq!(kind("a.zip", &linked(b"a\nb")), Some(Kind::Syntax));
    assert_eq!(kind("a.zip", &linked(&b"a".repeat(5000))), Some(Kind::Syntax));
    assert_eq!(kind("a.zip", &zip(&[("a.json", b"b.json")])), Some(Kind::Syntax));
}

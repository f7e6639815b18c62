//! What PDFs cost that are made to cost much: memory beside the file, and steps instead of time.

#[expect(dead_code, reason = "others write more of it")]
#[path = "pdf/build.rs"]
mod build;
#[path = "archives/zlib.rs"]
mod zlib;

use std::fs;
use std::path::Path;

use build::{Document, text};
use inspect::{Kind, Limits, inspect};
use peak_alloc::PeakAlloc;
use zlib::zlib;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What may be held beside the file, in bytes.
const MOST: usize = 64 << 20;

fn packed(data: &[u8]) -> Vec<u8> {
    zlib(data)
}

const FLATE: &str = "/Filter /FlateDecode";

/// A page of this content, many times.
fn page(content: &str, times: usize) -> Document {
    Document::new().stream(4, FLATE, packed(content.repeat(times).as_bytes()))
}

/// Forms that each draw the next one ten times.
fn forms(content: &str) -> Document {
    let form = |number: u32| format!("{FLATE} /Resources <</XObject <</X {} 0 R>>>>", number + 1);
    let draws = format!("{content} {}", "/X Do ".repeat(10));
    let document = page("/X Do ", 10).resource("/XObject <</X 10 0 R>>");
    (10..20).fold(document, |document, number| document.stream(number, &form(number), packed(draws.as_bytes())))
}

/// Many pages that draw the same, each with something else that is not there.
fn pages() -> Document {
    let pages = |document: Document, number: u32| {
        document.object(number, &format!("<</Type /Page /Resources <<>> /Contents [4 0 R {} 0 R]>>", number + 9999))
    };
    (1000..3000).fold(page(&text("a"), 20_000), pages)
}

/// So many pages in one list, as programs write them that make a page for each customer: their fonts are in the list
/// or not.
fn flat(number: u32, inherited: bool) -> Document {
    let kids: Vec<String> = (0..number).map(|page| format!("{} 0 R", 10 + 2 * page)).collect();
    let font = "/Resources <</Font <</F1 <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>>>>";
    let (own, all) = if inherited { ("", font) } else { (font, "") };
    let list = format!("<</Type /Pages {all} /Kids [{}] /Count {number}>>", kids.join(" "));
    let page = |document: Document, page: u32| {
        let object = format!("<</Type /Page /Parent 2 0 R {own} /Contents {} 0 R>>", 11 + 2 * page);
        document.object(10 + 2 * page, &object).stream(11 + 2 * page, "", text("tide"))
    };
    (0..number).fold(Document::new().object(2, &list), page)
}

/// Many fields in one that has a long name.
fn fields() -> Document {
    let field = "<</V (a) /Parent 10 0 R>>";
    let around = format!("<</T ({})>>", "card ".repeat(2000));
    (11..20_000).fold(page("", 1).object(10, &around), |document, number| document.object(number, field))
}

/// Many notes of one appearance.
fn notes() -> Document {
    let annotations = format!("/Annots [{}]", "20 0 R ".repeat(20_000));
    let note = "<</Rect [0 0 9 9] /AP <</N 21 0 R>>>>";
    let drawn = text("a").repeat(500);
    Document { page: annotations, ..page("", 1) }.object(20, note).stream(21, FLATE, packed(drawn.as_bytes()))
}

/// Many notes that are one, which has a long text and no appearance.
fn said() -> Document {
    let annotations = format!("/Annots [{}]", "20 0 R ".repeat(20_000));
    let note = format!("<</Subtype /FreeText /Rect [0 0 9 9] /Contents ({})>>", "a\n".repeat(10_000));
    Document { page: annotations, ..page("", 1) }.object(20, &note)
}

/// A map in which each code is a long text, shown often.
fn map(length: usize) -> Document {
    let font = "<</Type /Font /Subtype /Type1 /BaseFont /X /ToUnicode 21 0 R>>";
    let map = format!("1 beginbfchar <41> <{}> endbfchar", "0041".repeat(length));
    let document = page("BT /M 9 Tf (AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA) Tj ET ", 40_000);
    document.resource("/Font <</M 20 0 R>>").object(20, font).stream(21, FLATE, packed(map.as_bytes()))
}

fn judge(name: &str, bytes: &[u8]) -> Option<Kind> {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let answer = inspect("a.pdf", bytes, &Limits::default()).unwrap();
    let used = MEMORY.peak_usage().saturating_sub(before).saturating_sub(bytes.len());
    assert!(used <= MOST, "{name}: {used} bytes");
    answer.broken.map(|reason| reason.kind)
}

/// All in one test: the memory is that of the process.
#[test]
fn memory_and_work_are_bounded() {
    for folder in ["hostile", "real", "encrypted"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(folder);
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "pdf") {
                judge(&path.display().to_string(), &fs::read(&path).unwrap());
            }
        }
    }
    let table: [(&str, Document, Option<Kind>); 22] = [
        ("a code of one character", map(1), None),
        ("pages of one list", flat(4000, false), None),
        ("pages of one list that has their font", flat(4000, true), None),
        ("numbers in an array", page("[0 0 0 0 0 0 0 0 ", 1 << 16), None),
        ("arrays in arrays", page("[", 1 << 19), None),
        ("small dictionaries", page("[<</a 0>>", 1 << 17), None),
        ("texts that never end", page("(a", 1 << 19), None),
        ("hexadecimal texts that never end", page("<a", 1 << 18), None),
        ("a comment", page("%aaaaaaa", 1 << 20), None),
        ("a word", page("aaaaaaaa", 2 << 20), None),
        ("a page that is too long", page("0000000\n", 5 << 20), Some(Kind::Limit)),
        ("letters in any order", page("1 0 0 1 9 9 Tm (4) Tj 1 0 0 1 5 9 Tm (3) Tj ", 1 << 15), None),
        ("names and values below each other", page("30 0 Td (Card) Tj 0 -14 Td (4539148803436467) Tj ", 1 << 15), None),
        ("one row of names", page("30 0 Td (Card) Tj 30 0 Td (4539) Tj ", 1 << 15), None),
        ("forms in forms", forms("BT (a) Tj ET"), Some(Kind::Bomb)),
        ("large forms in forms", forms(&" ".repeat(6 << 20)), Some(Kind::Limit)),
        ("one stream of many pages", pages(), Some(Kind::Bomb)),
        ("one appearance of many notes", notes(), Some(Kind::Bomb)),
        ("one text of many notes", said(), Some(Kind::Bomb)),
        ("fields in one with a long name", fields(), Some(Kind::Bomb)),
        ("a code of 256 characters", map(256), Some(Kind::Bomb)),
        ("a code of 257 characters", map(257), Some(Kind::Limit)),
    ];
    for (name, document, kind) in table {
        assert_eq!(judge(name, &document.build()), kind, "{name}");
    }
}

//! Which text the codes of a PDF's fonts are, as viewers show it: planted in each way, a card number is found.
//!
//! A new way is a row.

use inspect::{Limits, inspect};

use crate::CARD;
use crate::build::{Document, text};
use crate::zlib::zlib;

/// The letters of the text one further: only a map says what they are.
fn coded() -> String {
    CARD.chars().map(|letter| char::from(letter as u8 + 1)).collect()
}

/// The map of the text above.
const MAP: &str = "1 beginbfrange <20> <7e> <001f> endbfrange";

fn hex(bytes: impl IntoIterator<Item = u8>) -> String {
    let digits: Vec<String> = bytes.into_iter().map(|byte| format!("{byte:02x}")).collect();
    format!("<{}>", digits.concat())
}

/// A page that shows a string in a font of many characters, of an encoding and a collection.
fn wide(encoding: &str, ordering: &str, string: &str, says: &str) -> Document {
    let font = format!(
        "<</Type /Font /Subtype /Type0 /BaseFont /KozMinPro /Encoding {encoding} /DescendantFonts [<</Type /Font \
         /Subtype /CIDFontType0 /CIDSystemInfo <</Registry (Adobe) /Ordering ({ordering})>>>>] {says}>>"
    );
    let document = Document::new().stream(4, "", format!("BT /F1 9 Tf {string} Tj ET"));
    document.resource(&format!("/Font <</F1 {font}>>"))
}

/// A page in which codes of a font are text by its map alone.
fn mapped(content: &str, resources: &str) -> Document {
    Document::new()
        .stream(4, "", content)
        .resource(&format!("/Font <</F1 8 0 R>> {resources}"))
        .object(8, "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 9 0 R>>")
        .stream(9, "", MAP)
}

const FORM: &str = "/Type /XObject /Subtype /Form /BBox [0 0 600 800]";

fn numbers(first: u16, digits: u16) -> String {
    hex(CARD.bytes().flat_map(|letter| {
        let number =
            if letter.is_ascii_digit() { digits + u16::from(letter - b'0') } else { u16::from(letter) - first };
        number.to_be_bytes()
    }))
}

fn ways() -> Vec<(&'static str, Document)> {
    let plain = format!("({CARD})");
    let utf32 = hex(CARD.chars().flat_map(|letter| u32::from(letter).to_be_bytes()));
    let jis = hex(CARD.bytes().flat_map(|letter| if letter == b' ' { [0x21, 0x21] } else { [0x23, letter] }));
    let full = |row: u8| {
        let letter = |letter: u8| if letter.is_ascii_digit() { vec![row, 0x80 | letter] } else { vec![letter] };
        hex(CARD.bytes().flat_map(letter))
    };
    let lengths = "2 begincodespacerange <8000> <ffff> <00> <7f> endcodespacerange";
    let own = "/Type /CMap /CMapName /Own";
    let coded = coded();
    let shows = format!("BT 1 0 0 1 9 9 Tm ({coded}) Tj ET");
    let page = text(&coded);
    vec![
        ("a map", mapped(&page, "")),
        ("RKSJ", wide("/90ms-RKSJ-H", "Japan1", &plain, "")),
        ("EUC", wide("/EUC-H", "Japan1", &full(0xA3), "")),
        ("JIS", wide("/H", "Japan1", &jis, "")),
        ("GBK", wide("/GBK-EUC-H", "GB1", &plain, "")),
        ("GB", wide("/GB-EUC-V", "GB1", &full(0xA3), "")),
        ("GB 18030", wide("/GBK2K-H", "GB1", &plain, "")),
        ("Big5", wide("/ETen-B5-H", "CNS1", &plain, "")),
        ("UHC", wide("/KSCms-UHC-H", "Korea1", &full(0xA3), "")),
        ("UTF-8", wide("/UniJIS-UTF8-H", "Japan1", &plain, "")),
        ("UTF-32", wide("/UniJIS-UTF32-H", "Japan1", &utf32, "")),
        ("numbers", wide("/Identity-H", "Japan1", &numbers(31, 17), "")),
        ("numbers of narrow digits", wide("/Identity-H", "Japan1", &numbers(31, 247), "")),
        ("numbers of wide digits", wide("/Identity-H", "Korea1", &numbers(31, 279), "")),
        (
            "numbers that a map leaves out",
            wide("/Identity-H", "GB1", &numbers(31, 829), "/ToUnicode 9 0 R").stream(
                9,
                "",
                "1 beginbfchar <0300> <0041> endbfchar",
            ),
        ),
        (
            "codes of one and two bytes",
            wide("9 0 R", "Japan1", &plain, "").stream(
                9,
                own,
                format!("{lengths} 1 begincidrange <20> <7e> 1 endcidrange"),
            ),
        ),
        (
            "codes of one and two bytes, and a map",
            wide("9 0 R", "Identity", &format!("({coded})"), "/ToUnicode 10 0 R")
                .stream(9, own, lengths)
                .stream(10, "", MAP),
        ),
        (
            "an encoding that builds upon another",
            wide("9 0 R", "Japan1", &plain, "").stream(9, own, "/90ms-RKSJ-H usecmap"),
        ),
        ("a font that a state sets", { mapped(&format!("/G gs {shows}"), "/ExtGState <</G <</Font [8 0 R 9]>>>>") }),
        ("a form in the font of its page", mapped("/F1 9 Tf /X Do", "/XObject <</X 10 0 R>>").stream(10, FORM, &shows)),
        (
            "a form whose resources lack the font",
            mapped("/X Do", "/XObject <</X 10 0 R>>").stream(
                10,
                &format!("{FORM} /Resources <</ProcSet [/PDF]>>"),
                &page,
            ),
        ),
        ("behind a picture that no blank ends", {
            let picture = "BI /W 1 /H 1 /BPC 8 /CS /G ID xEI ";
            mapped(&format!("{picture}{page} % \u{e9}\u{e9}\u{e9}\u{e9}\n EI Q"), "")
        }),
        ("a filter by its short name", Document::new().stream(4, "/F /Fl", zlib(text(CARD).as_bytes()))),
        ("a hyphen of Windows", {
            let font = "/Font <</F1 <</Type /Font /Subtype /Type1 /Encoding /WinAnsiEncoding>>>>";
            Document::new()
                .stream(4, "", "BT /F1 9 Tf (card number 4539\\2551488\\2550343\\2556467) Tj ET")
                .resource(font)
        }),
    ]
}

#[test]
fn codes_are_the_text_that_viewers_show() {
    let mut missed = Vec::new();
    for (way, document) in ways() {
        let answer = inspect("a.pdf", &document.build()[..], &Limits::default()).unwrap();
        if answer.broken.is_some() || answer.findings.is_empty() {
            missed.push((way, answer.broken));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

/// Readers take the first or the last of two.
#[test]
fn what_is_said_twice_and_differs_is_refused() {
    let twice = [
        mapped(&text("tide"), "").object(8, "<</Type /Font /ToUnicode 7 0 R /ToUnicode 9 0 R>>"),
        mapped(&text("tide"), "/Font <</F1 7 0 R>>"),
        Document { page: "/Contents 5 0 R".to_owned(), ..mapped(&text("tide"), "") },
    ];
    for document in twice {
        let answer = inspect("a.pdf", &document.build()[..], &Limits::default()).unwrap();
        assert!(answer.broken.is_some_and(|reason| reason.text.contains("twice")));
    }
    for root in ["/PageMode /UseNone /PageMode /UseOutlines", "/Lang (de) /Lang (de)"] {
        let document = Document { root: root.to_owned(), ..mapped(&text("tide"), "") };
        assert_eq!(inspect("a.pdf", &document.build()[..], &Limits::default()).unwrap().broken, None);
    }
}

//! Where a reader shows what another one does not, or the document says something else than it shows: planted
//! in each way, a card number is found, or the file is refused.
//!
//! A new way is a row.

use std::fmt::Write;

use inspect::{Kind, Limits, inspect};

use crate::CARD;
use crate::build::{Document, text};

const NUMBER: &str = "4539148803436467";
const FORM: &str = "/Type /XObject /Subtype /Form /BBox [0 0 600 800]";

/// The letters of the text one further, and the map that says so.
const MAP: &str = "1 beginbfrange <20> <7e> <001f> endbfrange";

fn coded() -> String {
    CARD.chars().map(|letter| char::from(letter as u8 + 1)).collect()
}

/// A document in which codes of a font are text by a map alone.
fn mapped(content: &str, map: &str, resources: &str) -> Document {
    Document::new()
        .stream(4, "", content)
        .resource(&format!("/Font <</F1 8 0 R>> {resources}"))
        .object(8, "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 9 0 R>>")
        .stream(9, "", map)
}

fn page(content: impl AsRef<[u8]>) -> Document {
    Document::new().stream(4, "", content)
}

/// What a field or a note says, which is object 20.
fn note(says: &str) -> Document {
    let says = format!("<</Type /Annot /Rect [0 0 600 99] /F 4 {says}>>");
    Document { page: "/Annots [20 0 R]".into(), root: "/AcroForm <</Fields [20 0 R]>>".into(), ..page("") }
        .object(20, &says)
}

fn maps() -> Vec<(&'static str, Document)> {
    let digits = "1 beginbfrange <30> <39> <0061> endbfrange";
    let letters = "1 beginbfrange <61> <7a> <03b1> endbfrange";
    let nothing: String = (0x30..0x3a).fold(String::new(), |mut all, code| {
        write!(all, "1 beginbfchar <{code}> <> endbfchar ").unwrap();
        all
    });
    let within = "1 beginbfrange <20> <7e> <001f> endbfrange 1 beginbfchar <21> <0020> endbfchar";
    let font = "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 9 0 R>>";
    let names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let own = (0..10)
        .fold(Document::new(), |document, digit| document.object(30 + digit, &format!("/{}", names[digit as usize])));
    let differences = "[193 30 0 R 31 0 R 32 0 R 33 0 R 34 0 R 35 0 R 36 0 R 37 0 R 38 0 R 39 0 R]";
    let codes: String = NUMBER.bytes().fold(String::new(), |mut all, digit| {
        write!(all, "{:02X}", digit + 145).unwrap();
        all
    });
    vec![
        ("a code within a range", mapped(&text(&coded()), within, "")),
        ("a map that lies about digits", mapped(&text(CARD), digits, "")),
        ("a map that lies about words", mapped(&text(CARD), letters, "")),
        ("a map of nothing", mapped(&text(CARD), &nothing, "")),
        ("a font that refers to another object", {
            mapped(&text(&coded()), MAP, "").object(8, "7 0 R").object(7, font)
        }),
        ("names of glyphs that are objects", {
            own.stream(4, "", format!("BT /F1 9 Tf (credit card number ) Tj <{codes}> Tj ET"))
                .resource("/Font <</F1 8 0 R>>")
                .object(8, &format!("<</Type /Font /Subtype /Type1 /Encoding <</Differences {differences}>>>>"))
        }),
        ("resources that are null", {
            let page = "<</Type /Page /Parent 2 0 R /Contents 4 0 R /Resources null>>";
            let pages = "<</Type /Pages /Kids [3 0 R] /Count 1 /Resources <</Font <</F1 8 0 R>>>>>>";
            mapped(&text(&coded()), MAP, "").object(3, page).object(2, pages)
        }),
        ("an encoding that a font has built in", {
            let program: String =
                names.iter().enumerate().fold("%!PS /Encoding 256 array ".into(), |all, (at, name)| {
                    format!("{all} dup {} /{name} put", 193 + at)
                });
            page(format!("BT /F1 9 Tf (credit card number ) Tj <{codes}> Tj ET"))
                .resource("/Font <</F1 8 0 R>>")
                .object(8, "<</Type /Font /Subtype /Type1 /BaseFont /X /FontDescriptor <</FontFile 9 0 R>>>>")
                .stream(9, "", format!("{program} readonly def eexec"))
        }),
        ("an appearance without resources", {
            let fields = "/AcroForm <</Fields [20 0 R] /DR <</Font <</F2 8 0 R>>>>>>";
            let document = mapped("", MAP, "").stream(21, FORM, text(&coded()).replace("F1", "F2"));
            let note = "<</Type /Annot /Subtype /Widget /Rect [0 0 600 99] /AP <</N 21 0 R>>>>";
            Document { page: "/Annots [20 0 R]".into(), root: fields.into(), ..document }.object(20, note)
        }),
        ("a pattern without resources", {
            mapped("/Pattern cs /P scn 0 0 9 9 re f", MAP, "/Pattern <</P 20 0 R>>").stream(
                20,
                "/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 9 9] /XStep 9 /YStep 9",
                text(&coded()),
            )
        }),
    ]
}

/// Codes between a keyword and a number, or in either, that show nothing or what nobody uses.
fn codes() -> Vec<(String, Document)> {
    let font = |encoding: &str| {
        let says = if encoding.is_empty() { String::new() } else { format!("/Encoding /{encoding}") };
        format!("/Font <</F1 <</Type /Font /Subtype /Type1 /BaseFont /Helvetica {says}>>>>")
    };
    let mut all = Vec::new();
    for encoding in ["", "WinAnsiEncoding", "MacRomanEncoding", "StandardEncoding"] {
        let mut add = |what: &str, content: String| {
            all.push((
                format!("{what} {encoding}"),
                page(format!("BT /F1 9 Tf {content} ET")).resource(&font(encoding)),
            ));
        };
        let unused: &[u8] = match encoding {
            "WinAnsiEncoding" => &[129, 141, 143, 144, 157, 173],
            "MacRomanEncoding" => &[202],
            _ => &[129, 141, 144, 173, 176, 202, 223],
        };
        for code in [1, 9, 10, 13, 31, 127].iter().chain(unused) {
            add(&format!("code {code}"), format!("(credit card number\\{code:03o}{NUMBER}) Tj"));
        }
        add("a code behind the number", format!("({NUMBER}\\011credit card number) Tj"));
        add("a code in a word", format!("(credit ca\\001rd number {NUMBER}) Tj"));
        add("a code at the end of a part of a word", format!("(credit ca\\001) Tj (rd number {NUMBER}) Tj"));
        add("a code in the number", "(credit card number 45391488\\00103436467) Tj".to_owned());
        add("a code at the end of a text", format!("(credit card number\\011) Tj ({NUMBER}) Tj"));
        add("a code in an array", format!("[(credit card number) 1 (\\011) 1 ({NUMBER})] TJ"));
    }
    all
}

fn contents() -> Vec<(&'static str, Document)> {
    let image = "BI /W 1 /H 1 /BPC 8 /CS /G ID xEI ";
    let half = "BT /F1 9 Tf (credit card number 45391488) Tj";
    let each: String = NUMBER.chars().fold(String::new(), |mut all, digit| {
        write!(all, "/Span <</ActualText ({digit})>> BDC (x) Tj EMC ").unwrap();
        all
    });
    let boxes = NUMBER.chars().map(|digit| format!("({digit})")).collect::<Vec<_>>();
    vec![
        ("behind a picture that ends early", {
            mapped(&format!("BT /F1 9 Tf {image} ({}) Tj  EI ET", coded()), MAP, "")
        }),
        ("behind a picture, by a quote", mapped(&format!("BT /F1 9 Tf {image} ({}) '  EI ET", coded()), MAP, "")),
        ("an array where a string belongs", page(format!("BT /F1 9 Tf [({CARD})] Tj ET"))),
        ("an array in an array", page(format!("BT /F1 9 Tf [[({CARD})]] TJ ET"))),
        ("half of it is meant", page(format!("{half} /Span <</ActualText (03436467)>> BDC (x) Tj EMC ET"))),
        ("half of it is meant, by a name", {
            page(format!("{half} /Span /P BDC (x) Tj EMC ET")).resource("/Properties <</P <</ActualText (03436467)>>>>")
        }),
        ("each digit is meant", page(format!("BT /F1 9 Tf (credit card number ) Tj {each} ET"))),
        ("meant by what shows nothing", page(format!("/Span <</ActualText ({CARD})>> BDC EMC"))),
        ("meant without an end", page(format!("/Span <</ActualText ({CARD})>> BDC"))),
        ("digits one behind the other, backwards", {
            let digits: Vec<String> = NUMBER.chars().rev().map(|digit| format!("({digit})")).collect();
            page(format!("BT /F1 12 Tf 9 9 Td (credit card number ) Tj 240 0 Td [{}] TJ ET", digits.join(" 1112 ")))
        }),
        ("with invisible signs between", {
            let signs = CARD.chars().fold(String::new(), |all, sign| format!("{all} 0 Tr ({sign}) Tj 3 Tr (z) Tj"));
            page(format!("BT /F1 12 Tf 9 9 Td {signs} ET"))
        }),
        ("with signs between that are too small", {
            let signs =
                CARD.chars().fold(String::new(), |all, sign| format!("{all} /F1 12 Tf ({sign}) Tj /F1 0.1 Tf (z) Tj"));
            page(format!("BT 9 9 Td {signs} ET"))
        }),
        ("digits one below the other", {
            page(format!("BT /F1 9 Tf 12 TL 9 700 Td (credit card number) Tj {} ET", boxes.join(" ' ") + " '"))
        }),
        ("digits one below the other, each placed", {
            let digits: String = boxes.iter().map(|digit| format!("0 -20 Td {digit} Tj ")).collect();
            page(format!("BT /F1 9 Tf 9 700 Td (credit card number) Tj {digits} ET"))
        }),
        ("digits one below the other, and their label", {
            let digits: String = boxes.iter().map(|digit| format!("0 -20 Td {digit} Tj ")).collect();
            page(format!("BT /F1 9 Tf 9 700 Td {digits} 0 -20 Td (credit card number) Tj ET"))
        }),
        ("digits in boxes", {
            page(format!("BT /F1 12 Tf 9 9 Td [(credit card number ) {}] TJ ET", boxes.join(" -900 ")))
        }),
    ]
}

fn objects() -> Vec<(&'static str, Document)> {
    let far = "/MK <</BG [1 1 1]>> /BS <</W 1 /S /S>> /Border [0 0 1]";
    let field = |says: &str| note(&format!("/Subtype /Widget /T (credit card number) {far} {says}"));
    let title = |title: &str| page("").trailer("/Info 20 0 R").object(20, &format!("<</Title {title}>>"));
    let language: String = "credit card number 45391488\u{1b}en\u{1b}03436467".encode_utf16().fold(
        String::from("<FEFF"),
        |mut all, unit| {
            write!(all, "{unit:04X}").unwrap();
            all
        },
    );
    let nulls: String = CARD.chars().flat_map(|letter| ['\0', letter]).collect();
    vec![
        ("a choice, by the name of its field", field(&format!("/FT /Ch /Opt [[(a) ({NUMBER})]]"))),
        ("rich text, by the name of its field", field(&format!("/FT /Tx /RV (<p>{NUMBER}</p>)"))),
        ("rich text in parts", {
            note("/Subtype /FreeText /RC (<body><p>credit card number <b>45391488</b><i>0343</i>6467</p></body>)")
        }),
        ("a stream, by the name of its field", field("/FT /Tx /V 21 0 R").stream(21, "", NUMBER)),
        ("a note, by its title", note(&format!("/Subtype /Text /T (credit card number) {far} /Contents ({NUMBER})"))),
        ("a note, by its subject", {
            note(&format!("/Subtype /Text /Subj (credit card number) {far} /Contents ({NUMBER})"))
        }),
        ("dashes of a title", title("(credit card number 4539\\2051488\\2050343\\2126467)")),
        ("a title with its language", title(&format!("{language}>"))),
        ("a title with zeros", title(&format!("({nulls})"))),
        ("behind the end of a stream", page("").stream(20, "/Filter /AHx", format!("00> {CARD}"))),
        ("a mark before base 85", page("").stream(4, "/Filter /A85", base85(text(CARD).as_bytes()))),
        ("bookmarks below each other", {
            let root = Document { root: "/Outlines 20 0 R".into(), ..page("") };
            root.object(20, "<</Type /Outlines /First 21 0 R /Last 21 0 R>>")
                .object(21, "<</Title (credit card number) /Parent 20 0 R /First 23 0 R /Next 22 0 R>>")
                .object(22, "<</Title (tide) /Parent 20 0 R /Prev 21 0 R>>")
                .object(23, &format!("<</Title ({NUMBER}) /Parent 21 0 R>>"))
        }),
    ]
}

/// As other programs than viewers write it.
fn base85(data: &[u8]) -> String {
    let mut all = "<~".to_owned();
    for part in data.chunks(4) {
        let mut four = [0; 4];
        four[..part.len()].copy_from_slice(part);
        let number = u32::from_be_bytes(four);
        for power in [4, 3, 2, 1, 0].into_iter().take(part.len() + 1) {
            all.push(char::from(u8::try_from(number / 85_u32.pow(power) % 85).unwrap() + b'!'));
        }
    }
    all + "~>"
}

#[test]
fn whatever_one_reader_shows_is_found() {
    let mut missed = Vec::new();
    let named = [maps(), contents(), objects()].into_iter().flatten();
    for (place, document) in named.map(|(place, document)| (place.to_owned(), document)).chain(codes()) {
        let bytes = document.build();
        crate::write(&place, &bytes);
        let answer = inspect("a.pdf", &bytes[..], &Limits::default()).unwrap();
        let found = answer.findings.iter().any(|found| found.identifier == "CREDIT_CARD_NUMBER");
        if !found || answer.broken.is_some() {
            missed.push(format!("{place}: {:?}", answer.broken));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

/// A content whose table calls it free; a stream beside the table says where it is.
#[test]
fn what_a_table_hides_is_found() {
    let whole = mapped(&text(&coded()), MAP, "").build();
    let place = |word: &[u8]| whole.windows(word.len()).rposition(|part| part == word).unwrap();
    let (content, table) = (place(b"4 0 obj"), place(b"xref\n0 1"));
    let row = [1, u8::try_from(content >> 8).unwrap(), u8::try_from(content & 255).unwrap(), 0];
    let says = "/Type /XRef /W [1 2 1] /Size 99 /Index [4 1] /Root 1 0 R /Length 4";
    let mut file = whole[..table].to_vec();
    file.extend([format!("98 0 obj <<{says}>> stream\n").as_bytes(), &row, b"\nendstream endobj\n"].concat());
    let start = file.len();
    let rest = String::from_utf8(whole[table..].to_vec()).unwrap();
    let rest = rest.replace(&format!("{content:010} 00000 n"), "0000000000 00001 f");
    let rest = rest.replace("/Size 99", &format!("/Size 99 /XRefStm {table}"));
    file.extend(rest.replace(&format!("startxref\n{table}"), &format!("startxref\n{start}")).into_bytes());
    let answer = inspect("a.pdf", &file[..], &Limits::default()).unwrap();
    assert_eq!((answer.broken, answer.findings.len()), (None, 1));
}

/// Of a text of any length parts are passed on, and nothing is lost between them.
#[test]
fn a_text_of_any_length_is_found_wherever_it_is_cut() {
    for before in ((1 << 20) - 60..(1 << 20) + 20).step_by(9) {
        let bytes = page(text(&format!("{}{CARD} tide", " ".repeat(before)))).build();
        let answer = inspect("a.pdf", &bytes[..], &Limits::default()).unwrap();
        assert_eq!((answer.broken, answer.findings.len()), (None, 1), "{before}");
    }
}

#[test]
fn what_readers_differ_in_is_refused() {
    let digits = CARD.bytes().fold(String::new(), |mut all, byte| {
        write!(all, "{:x}x{:x}x", byte >> 4, byte & 15).unwrap();
        all
    });
    let predicted = "/Filter [/FlateDecode] /DecodeParms <</Predictor 12 /Columns 4>>";
    // Nothing, as zlib packs it without compression.
    let packed = b"\x78\x01\x01\x04\x00\xfb\xff(a)T\x02\x6d\x01\x07";
    for (what, document) in [
        ("a string with other signs", page(format!("BT /F1 9 Tf <{digits}> Tj ET"))),
        ("a title with other signs", page("").trailer("/Info 20 0 R").object(20, &format!("<</Title <{digits}>>>"))),
        ("a stream with other signs", page("").stream(4, "/Filter /AHx", format!("{digits}>"))),
        ("base 85 with other signs", page("").stream(4, "/Filter /A85", "87cUR\x7f~>")),
        ("parameters that are no list", page("").stream(4, predicted, packed)),
        (
            "a stream that ends at once",
            page("").stream(4, "/Filter /RL", [&b"\x80"[..], text(CARD).as_bytes()].concat()),
        ),
    ] {
        let answer = inspect("a.pdf", &document.build()[..], &Limits::default()).unwrap();
        assert_eq!(answer.broken.map(|reason| reason.kind), Some(Kind::Syntax), "{what}");
    }
}

#[test]
fn what_no_reader_takes_without_mending_it_is_refused() {
    let file = String::from_utf8(page(text("tide")).build()).unwrap();
    for (what, from, to) in [
        ("nothing", "", ""),
        ("a header without a version", "%PDF-1.7", "%PDF-x.x"),
        ("a trailer without a size", "/Size 99", "/Sixe 99"),
        ("a catalogue of another generation", "/Root 1 0 R", "/Root 1 8 R"),
        ("two numbers of one object", "\n2 1\n", "\n2 1\n0000000009 00000 n \n2 1\n"),
    ] {
        let answer = inspect("a.pdf", file.replacen(from, to, 1).as_bytes(), &Limits::default()).unwrap();
        let expected = (what != "nothing").then_some(Kind::Syntax);
        assert_eq!(answer.broken.map(|reason| reason.kind), expected, "{what}");
    }
}

//! Every place of a PDF where a text can be: planted in each, a card number is found, or the file is refused.
//!
//! A new place is a row.

#![expect(clippy::format_collect, reason = "the texts are short")]

#[path = "pdf/build.rs"]
mod build;
#[path = "pdf/codes.rs"]
mod codes;
#[path = "pdf/sly.rs"]
mod sly;
#[path = "archives/zlib.rs"]
mod zlib;

use build::{Document, packed, text};
use inspect::{Kind, Limits, inspect};
use zlib::zlib;

const CARD: &str = "credit card number 4539148803436467";

/// The places that no reader looks at, for which a file is refused.
const REFUSED: [&str; 5] = [
    "says /ObjStm",
    "a picture attached that is a text",
    "a program attached",
    "behind the end",
    "a comment at the end",
];

/// A page of this content.
fn page(content: impl AsRef<[u8]>) -> Document {
    Document::new().stream(4, "", content)
}

/// A page, and what is said of it and of the document beside.
fn said(page: &str, root: &str) -> Document {
    Document { page: page.to_owned(), root: root.to_owned(), ..Document::new() }.stream(4, "", "")
}

fn wide(text: &str) -> String {
    let units = text.encode_utf16().flat_map(u16::to_be_bytes).map(|byte| format!("{byte:02X}"));
    format!("<FEFF{}>", units.collect::<String>())
}

fn octal(text: &str) -> String {
    text.bytes().map(|byte| format!("\\{byte:03o}")).collect()
}

/// What a page draws.
fn drawn() -> Vec<(&'static str, Document)> {
    let letters: String =
        CARD.chars().enumerate().map(|(at, letter)| format!("1 0 0 1 {} 700 Tm ({letter}) Tj ", 20 + 7 * at)).collect();
    let digits: Vec<String> = ["4539148803", "436467"].map(str::to_owned).into();
    let backwards = format!(
        "BT /F1 10 Tf 1 0 0 1 171.2 700 Tm ({}) Tj 1 0 0 1 115.6 700 Tm ({}) Tj 1 0 0 1 20 700 Tm (credit card number) Tj ET",
        digits[1], digits[0]
    );
    let image = "BI /W 1 /H 1 /BPC 8 /CS /G ID x EI ";
    vec![
        ("Tj", page(text(CARD))),
        ("'", page(format!("BT /F1 9 Tf ({CARD}) ' ET"))),
        ("\"", page(format!("BT /F1 9 Tf 0 0 ({CARD}) \" ET"))),
        ("TJ", page(format!("BT /F1 9 Tf [({CARD})] TJ ET"))),
        ("TJ in pieces", page("BT /F1 9 Tf [(credit card nu) 20 (mber 4539) -5 (1488) 3 (03436467)] TJ ET")),
        ("Tj in pieces", page("BT /F1 9 Tf (credit card number 45391) Tj (48803436467) Tj ET")),
        ("several operands", page(format!("BT /F1 9 Tf (no) ({CARD}) Tj ET"))),
        ("an operand too many", page(format!("BT /F1 9 Tf ({CARD}) (no) Tj ET"))),
        ("behind many operands", page(format!("BT /F1 9 Tf {} ({CARD}) Tj ET", "0 ".repeat(99)))),
        ("octal", page(text(&octal(CARD)))),
        ("hexadecimal", page(format!("BT /F1 9 Tf {} Tj ET", wide(CARD).replace("FEFF", "").replace("00", "")))),
        ("letters", page(format!("BT /F1 12 Tf {letters} ET"))),
        ("drawn backwards", page(backwards)),
        (
            "label behind the value",
            page(
                "BT /F1 9 Tf 1 0 0 1 200 700 Tm (4539148803436467) Tj 1 0 0 1 20 500 Tm (and some other words far away from it) Tj 1 0 0 1 100 700 Tm (credit card number) Tj ET",
            ),
        ),
        // Helvetica has 100 points between here and there, and no widths.
        (
            "label and value, set apart",
            page("BT /F1 12 Tf 10 9 Td (credit card number) Tj 110 0 Td (4539148803436467) Tj ET"),
        ),
        (
            "value and label, set apart",
            page("BT /F1 12 Tf 120 9 Td (4539148803436467) Tj -110 0 Td (credit card number) Tj ET"),
        ),
        (
            "words of a line in any order",
            page(
                "BT /F1 12 Tf 116.4 9 Td (45391488) Tj -106.4 0 Td (credit) Tj 159.8 0 Td (03436467) Tj -97.4 0 Td (number) Tj -28 0 Td (card) Tj ET",
            ),
        ),
        (
            "groups of digits, set apart",
            page(
                "BT /F1 12 Tf 10 9 Td (credit card number) Tj 110 0 Td (4539) Tj 75 0 Td (1488) Tj 75 0 Td (0343) Tj 75 0 Td (6467) Tj ET",
            ),
        ),
        ("outside BT", page(format!("/F1 9 Tf ({CARD}) Tj"))),
        ("invisible", page(format!("BT 3 Tr /F1 9 Tf ({CARD}) Tj ET"))),
        ("an optional layer", page(format!("/OC /Hidden BDC {} EMC", text(CARD)))),
        ("ActualText", page(format!("/Span <</ActualText ({CARD})>> BDC {} EMC", text("no")))),
        ("wide ActualText", page(format!("/Span <</ActualText {}>> BDC {} EMC", wide(CARD), text("no")))),
        ("a comment of a page", page(format!("{} % {CARD}\n", text("no")))),
        ("words of a page", page(format!("{} {CARD} ", text("no")))),
        ("a name of a page", page(format!("/{} MP {}", CARD.replace(' ', "#20"), text("no")))),
        ("a text that is never shown", page(format!("({CARD}) {}", text("no")))),
        ("ID without BI", page(format!("ID {}", text(CARD)))),
        ("behind a picture", page(format!("{image} {}", text(CARD)))),
        ("in a picture", page(format!("BI /W 40 /H 1 /BPC 8 /CS /G ID {CARD} EI {}", text("no")))),
        ("behind a broken text", page(format!("<a<a {}", text(CARD)))),
        (
            "turned",
            page(format!(
                "BT /F1 12 Tf {} ET",
                CARD.chars()
                    .enumerate()
                    .map(|(at, letter)| format!("0 1 -1 0 50 {} Tm ({letter}) Tj ", 20 + 7 * at))
                    .collect::<String>()
            )),
        ),
        (
            "two streams",
            Document::new()
                .stream(4, "", "BT /F1 9 Tf (credit card number 45391488) Tj")
                .stream(20, "", "(03436467) Tj ET")
                .contents("[4 0 R 20 0 R]"),
        ),
        ("an array elsewhere", Document::new().stream(4, "", text(CARD)).object(20, "[4 0 R]").contents("20 0 R")),
        ("the font of an outer state", page(format!("BT /F1 9 Tf q /F9 9 Tf Q ({CARD}) Tj ET"))),
    ]
}

/// What a stream says of itself, and is not.
fn disguised() -> Vec<(&'static str, Document)> {
    let says = |what: &str| Document::new().stream(4, what, text(CARD));
    let packed = zlib(text(CARD).as_bytes());
    vec![
        ("says /Length1", says("/Length1 1")),
        ("says /Image", says("/Subtype /Image")),
        ("says /Type1C", says("/Subtype /Type1C")),
        ("says /OpenType", says("/Subtype /OpenType")),
        ("says /XRef", says("/Type /XRef")),
        ("says /ObjStm", says("/Type /ObjStm")),
        ("says /EmbeddedFile", says("/Type /EmbeddedFile")),
        ("says /DCTDecode", says("/Filter /DCTDecode")),
        ("is an image, too", says("/Subtype /Image").resource("/XObject <</I 4 0 R>>")),
        ("is a font, too", says("").object(20, "<</Type /FontDescriptor /FontFile2 4 0 R>>")),
        ("compressed", Document::new().stream(4, "/Filter /FlateDecode", packed)),
        ("behind an empty stream", behind_empty("/FlateDecode")),
        ("behind an empty stream of two filters", behind_empty("[/A85 /Fl]")),
        ("behind an empty stream of LZW", behind_empty("/LZWDecode")),
        (
            "hexadecimal filter",
            Document::new().stream(
                4,
                "/Filter /AHx",
                text(CARD).bytes().map(|b| format!("{b:02x}")).collect::<String>(),
            ),
        ),
    ]
}

fn behind_empty(filter: &str) -> Document {
    let document = Document::new().stream(4, &format!("/Filter {filter}"), "").stream(20, "", text(CARD));
    document.contents("[4 0 R 20 0 R]")
}

/// What pages name: forms, notes, patterns, glyphs.
fn named() -> Vec<(&'static str, Document)> {
    let form = "/Type /XObject /Subtype /Form /BBox [0 0 500 20]";
    let draws = |what: &str| page(what).resource("/XObject <</X 20 0 R>>");
    let note =
        |what: &str| said("/Annots [20 0 R]", "").object(20, &format!("<</Type /Annot /Rect [0 0 9 9] {what}>>"));
    let kind = |what: &str| if what.contains("/FT") { "" } else { "/FT /Tx" };
    let field = |what: &str| {
        said("/Annots [20 0 R]", "/AcroForm <</Fields [20 0 R]>>")
            .object(20, &format!("<</Subtype /Widget {} /Rect [100 700 300 720] {what}>>", kind(what)))
    };
    vec![
        ("a form", draws("/X Do").stream(20, form, text(CARD))),
        ("a form that is not drawn", draws("").stream(20, form, text(CARD))),
        (
            "a form in a form",
            draws("/X Do").stream(20, &format!("{form} /Resources <</XObject <</Y 21 0 R>>>>"), "/Y Do").stream(
                21,
                form,
                text(CARD),
            ),
        ),
        (
            "beside a form",
            draws("BT /F1 9 Tf 1 0 0 1 20 700 Tm (credit card number 45391488) Tj ET 1 0 0 1 140 700 cm /X Do").stream(
                20,
                form,
                text("03436467"),
            ),
        ),
        ("a note", note(&format!("/Contents ({CARD})"))),
        ("a wide note", note(&format!("/Contents {}", wide(CARD)))),
        ("a rich note", note(&format!("/RC (<p>{CARD}</p>)"))),
        ("a note's appearance", note("/AP <</N 21 0 R>>").stream(21, form, text(CARD))),
        (
            "a note's other appearance",
            note("/AP <</N 21 0 R /D <</On 22 0 R>>>>").stream(21, form, "").stream(22, form, text(CARD)),
        ),
        ("an appearance that says /Image", note("/AP <</N 21 0 R>>").stream(21, "/Subtype /Image", text(CARD))),
        ("a link", note(&format!("/A <</S /URI /URI (https://a.example/{})>>", CARD.replace(' ', "/")))),
        ("a field", field(&format!("/T (a) /V ({CARD})"))),
        ("a field's default", field(&format!("/T (a) /DV ({CARD})"))),
        (
            "a field that is called so",
            field(
                "/T (credit card number) /FT /Tx /Ff 4096 /MaxLen 99 /DA (/Helv 0 Tf 0 g) /MK <<>> /V (4539148803436467)",
            ),
        ),
        ("a field that is called so, with no blanks", field("/T(credit card number)/V(4539148803436467)")),
        (
            "a field that a hint calls so",
            field("/T (a) /TU (credit card number) /MK <</CA (some other words here)>> /DV (4539148803436467)"),
        ),
        (
            "a field that is called so elsewhere",
            field("/T (a) /TM (credit card number) /MK <</CA (some other words here)>> /V (4539148803436467)"),
        ),
        (
            "a field whose value is elsewhere",
            field("/T (credit card number) /V 22 0 R").object(22, "(4539148803436467)"),
        ),
        (
            "a field whose fields are called so together",
            field("/T (number) /V (4539148803436467) /Parent 21 0 R")
                .object(21, "<</T (card) /Parent 22 0 R>>")
                .object(22, "<</T (credit)>>"),
        ),
        ("a field in a field", field("/V (4539148803436467) /Parent 21 0 R").object(21, "<</T (credit card number)>>")),
        ("a field beside its label", {
            let mut document =
                field("/T (a) /AP <</N 21 0 R>>").stream(21, form, "BT /F1 9 Tf 0 4 Td (4539148803436467) Tj ET");
            document = document.stream(4, "", "BT /F1 9 Tf 1 0 0 1 10 704 Tm (credit card number) Tj 1 0 0 1 10 500 Tm (some other words that are far away) Tj ET");
            document
        }),
        ("a choice", field(&format!("/FT /Ch /Opt [({CARD})]"))),
        (
            "a pattern",
            page("").resource("/Pattern <</P 20 0 R>>").stream(20, "/Type /Pattern /PatternType 1", text(CARD)),
        ),
        (
            "a glyph",
            page("")
                .resource("/Font <</T 20 0 R>>")
                .object(20, "<</Type /Font /Subtype /Type3 /CharProcs <</a 21 0 R>>>>")
                .stream(21, "", text(CARD)),
        ),
        ("a mask", page("").resource("/ExtGState <</G <</SMask <</G 20 0 R>>>>>>").stream(20, form, text(CARD))),
    ]
}

/// What fields and notes say that have no appearance, beside and below their labels.
fn unseen() -> Vec<(&'static str, Document)> {
    let label = |at: &str| format!("BT /F1 9 Tf {at} Td (credit card number) Tj ET");
    let note = |what: &str, content: String| {
        said("/Annots [20 0 R]", "")
            .object(20, &format!("<</Type /Annot /Rect [100 700 300 720] {what}>>"))
            .stream(4, "", content)
    };
    let field = "/Subtype /Widget /FT /Tx /T (a)";
    let far = "BT /F1 9 Tf 10 707 Td (and many other words beside it) Tj ET";
    vec![
        (
            "a field without an appearance",
            note(&format!("{field} /DA (/F1 9 Tf) /V (4539148803436467)"), label("10 707")),
        ),
        (
            "a field whose appearance shows nothing",
            note(&format!("{field} /Parent 21 0 R /AP <</N 22 0 R>>"), format!("{far} {}", label("100 722")))
                .object(21, "<</V (4539148803436467)>>")
                .stream(22, "/Subtype /Form /BBox [0 0 9 9]", "/Tx BMC EMC"),
        ),
        (
            "a choice without an appearance",
            note("/Subtype /Widget /FT /Ch /T (a) /V [(4539148803436467)]", label("10 707")),
        ),
        ("a text without an appearance", note("/Subtype /FreeText /Contents (4539148803436467)", label("10 707"))),
    ]
}

/// What codes stand for.
fn fonts() -> Vec<(&'static str, Document)> {
    vec![
        ("codes of a map", {
            let codes: String = (1..=CARD.len()).map(|code| format!("{code:02X}")).collect();
            let map: String =
                CARD.bytes().enumerate().map(|(at, byte)| format!("<{:02X}> <{byte:04X}>\n", at + 1)).collect();
            let font = "<</Type /Font /Subtype /Type1 /BaseFont /X /ToUnicode 21 0 R>>";
            page(format!("BT /M 9 Tf <{codes}> Tj ET")).resource("/Font <</M 20 0 R>>").object(20, font).stream(
                21,
                "",
                format!(
                    "1 begincodespacerange <0000> <FFFF> endcodespacerange {} beginbfchar {map} endbfchar",
                    CARD.len()
                ),
            )
        }),
        ("letters that are one, and names of glyphs", {
            // What a card needs as a keyword is here in the codes and names of an old font.
            let font = "<</Type /Font /Subtype /Type1 /Encoding <</Differences [1 /c /a /r /d 9 /fi]>>>>";
            page("BT /M 9 Tf (con\\011rmed \\001\\002\\003\\004 4539148803436467) Tj ET")
                .resource("/Font <</M 20 0 R>>")
                .object(20, font)
        }),
        ("names of glyphs", {
            // Codes that stand for nothing else.
            let names = ["zero", "one", "two.tab", "three", "four", "uni0035", "u0036", "seven", "eight", "nine"];
            let font =
                format!("<</Type /Font /Subtype /TrueType /Encoding <</Differences [193 /{}]>>>>", names.join(" /"));
            let codes: String = "4539148803436467".bytes().map(|digit| format!("{:02X}", digit + 145)).collect();
            page(format!("BT /M 9 Tf (credit card number ) Tj <{codes}> Tj ET"))
                .resource("/Font <</M 20 0 R>>")
                .object(20, &font)
        }),
        ("names of several glyphs", {
            let font = "<</Type /Font /Subtype /TrueType /Encoding <</Differences [1 /four_five /uni00330039 /c_r]>>>>";
            page("BT /M 9 Tf (\\003edit card number \\001\\002148803436467) Tj ET")
                .resource("/Font <</M 20 0 R>>")
                .object(20, font)
        }),
        ("wide codes", {
            let codes: String = CARD.bytes().map(|byte| format!("{:04X}", byte + 100)).collect();
            let font = "<</Type /Font /Subtype /Type0 /Encoding /Identity-H /ToUnicode 21 0 R>>";
            page(format!("BT /M 9 Tf <{codes}> Tj ET")).resource("/Font <</M 20 0 R>>").object(20, font).stream(
                21,
                "",
                "1 beginbfrange <0084> <00E2> <0020> endbfrange",
            )
        }),
        ("Japanese without a map", {
            let codes: String = CARD.bytes().map(|byte| format!("{:04X}", byte - 31)).collect();
            let font = "<</Type /Font /Subtype /Type0 /Encoding /Identity-H /DescendantFonts [<</Subtype /CIDFontType0 /CIDSystemInfo <</Registry (Adobe) /Ordering (Japan1)>>>>]>>";
            page(format!("BT /M 9 Tf <{codes}> Tj ET")).resource("/Font <</M 20 0 R>>").object(20, font)
        }),
    ]
}

/// What is no page.
fn around() -> Vec<(&'static str, Document)> {
    let xml = format!("<?xpacket begin=''?><x:xmpmeta xmlns:x='adobe:ns:meta/'><a>{CARD}</a></x:xmpmeta>");
    let signs = CARD.bytes().map(|byte| format!("&#{byte};")).collect::<String>();
    let attached = |name: &str, data: &[u8]| {
        said("", "/Names <</EmbeddedFiles <</Names [(a) 20 0 R]>>>>")
            .object(20, &format!("<</Type /Filespec /F ({name}) /EF <</F 21 0 R>>>>"))
            .stream(21, "/Type /EmbeddedFile", data)
    };
    let with = |root: &str, object: &str| said("", root).object(20, object);
    vec![
        ("XMP", said("", "/Metadata 20 0 R").stream(20, "/Type /Metadata /Subtype /XML", xml)),
        (
            "XMP in signs",
            said("", "/Metadata 20 0 R").stream(20, "/Type /Metadata /Subtype /XML", format!("<a>{signs}</a>")),
        ),
        ("outlines", with("/Outlines <</First 20 0 R>>", &format!("<</Title ({CARD})>>"))),
        ("a script", with("/OpenAction 20 0 R", &format!("<</S /JavaScript /JS ({CARD})>>"))),
        (
            "a script in a stream",
            with("/OpenAction 20 0 R", "<</S /JavaScript /JS 21 0 R>>").stream(21, "", format!("app.alert('{CARD}')")),
        ),
        ("a name", with("/A 20 0 R", &format!("<</{} true>>", CARD.replace(' ', "#20")))),
        ("names of places", with("/Names <</Dests 20 0 R>>", &format!("<</Names [({CARD}) [3 0 R /Fit]]>>"))),
        ("a label of pages", said("", &format!("/PageLabels <</Nums [0 <</P ({CARD})>>]>>"))),
        ("a layer's name", with("/OCProperties <</OCGs [20 0 R]>>", &format!("<</Type /OCG /Name ({CARD})>>"))),
        ("a structure's text", with("/StructTreeRoot 20 0 R", &format!("<</Type /StructElem /Alt ({CARD})>>"))),
        ("a table attached", attached("a.csv", b"id,credit_card\n1,4539148803436467\n")),
        ("a picture attached that is a text", attached("a.png", format!("\u{89}PNG {CARD}").as_bytes())),
        ("a program attached", attached("a.exe", b"MZ\x90\0\x03\0\0\0")),
        (
            "an attachment's name",
            attached(CARD, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde"),
        ),
        ("a form in XML", said("", "/AcroForm <</XFA 20 0 R>>").stream(20, "", format!("<a><b>{CARD}</b></a>"))),
        (
            "a form in parts",
            said("", "/AcroForm <</XFA [(a) 20 0 R (b) 21 0 R]>>")
                .stream(20, "/Type /EmbeddedFile", "<a><b>credit card number 45391")
                .stream(21, "/Type /EmbeddedFile", "48803436467</b></a>"),
        ),
        (
            "a form that is no XML",
            said("", "/AcroForm <</XFA 20 0 R>>").stream(20, "", format!("<a><b>{CARD}</b>& &amp; </a>")),
        ),
        (
            "an older object in an object stream",
            said("", "")
                .stream(
                    20,
                    "/Type /ObjStm /N 2 /First 10",
                    "1 0 21 4  <<>> <</Type /Filespec /F (a.csv) /EF <</F 30 0 R>>>>",
                )
                .stream(30, "/Filter /AHx", "6372656469745f636172640a343533393134383830333433363436370a"),
        ),
        ("an object stream", said("", "").stream(20, "/Type /ObjStm /N 1 /First 5", format!("21 0 <</A ({CARD})>>"))),
        (
            "a comment in an object stream",
            said("", "").stream(20, "/Type /ObjStm /N 1 /First 5", format!("21 0 <<>> % {CARD}")),
        ),
        ("a page in an object stream", packed(CARD)),
        (
            "an object that nothing names",
            Document::new().stream(4, "", "").between(&format!("77 0 obj ({}) endobj\n", octal(CARD))),
        ),
        ("a stream that nothing names", Document::new().stream(4, "", "").between(&orphan())),
        ("a broken object", Document::new().stream(4, "", "").between(&format!("77 0 obj << ({CARD}"))),
        ("a comment", Document::new().stream(4, "", "").between(&format!("% {CARD}\n"))),
        ("a comment in an object", with("", &format!("<< % {CARD}\n /A 1>>"))),
        ("a comment behind a stream", Document::new().stream(4, "", "").behind(&format!("% {CARD}\n"))),
        ("words between objects", Document::new().stream(4, "", "").between(CARD)),
        (
            "a wide comment",
            Document::new()
                .stream(4, "", "")
                .between(&format!("%{}\n", CARD.chars().map(|letter| format!("\0{letter}")).collect::<String>())),
        ),
        ("behind the end", Document::new().stream(4, "", "").end(CARD)),
        ("a comment at the end", Document::new().stream(4, "", "").end(&format!("% {CARD}"))),
        ("a number that is no text", with("", "[/credit /card /number 4539148803436467]")),
        ("an image that is a text", page("").resource("/XObject <</I 20 0 R>>").stream(20, "/Subtype /Image", CARD)),
        ("a font that is a text", page("").object(20, "<</FontFile3 21 0 R>>").stream(21, "", CARD)),
    ]
}

/// The information on the document.
fn information() -> Vec<(&'static str, Document)> {
    let info = |object: &str| said("", "").object(20, object).trailer("/Info 20 0 R");
    vec![
        ("a title", info(&format!("<</Title ({CARD})>>"))),
        ("a wide title", info(&format!("<</Title {}>>", wide(CARD)))),
        ("an own entry", info("<</CreditCardNumber (credit card number 4539148803436467)>>")),
        ("a key", info("<</Credit#20card#20number(4539148803436467)>>")),
        ("a key of one word", info("<</CreditCardNumber(4539148803436467)>>")),
        ("a key of a wide value", info(&format!("<</credit_card_number{}>>", wide("4539148803436467")))),
        ("a key of a value elsewhere", info("<</CreditCardNumber 21 0 R>>").object(21, "(4539148803436467)")),
        (
            "a key in the trailer",
            Document::new().stream(4, "", "").trailer("/Info <</CreditCardNumber(4539148803436467)>>"),
        ),
        (
            "a title in the trailer",
            Document::new().stream(4, "", "").trailer(&format!("/Info <</Title ({})>>", octal(CARD))),
        ),
    ]
}

fn orphan() -> String {
    let hex: String = text(CARD).bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("77 0 obj <</Length {} /Filter /AHx>> stream\n{hex}\nendstream endobj\n", hex.len())
}

/// Writes the files, too, where other readers are to see them.
fn write(place: &str, bytes: &[u8]) {
    if let Ok(folder) = std::env::var("PDF_PLACES") {
        let name: String = place.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.pdf")), bytes).unwrap();
    }
}

#[test]
fn every_place_is_looked_at() {
    let (mut missed, mut refused) = (Vec::new(), Vec::new());
    let all = [drawn(), disguised(), named(), unseen(), fonts(), around(), information()];
    for (place, document) in all.into_iter().flatten() {
        let bytes = document.build();
        write(place, &bytes);
        let answer = inspect("a.pdf", &bytes[..], &Limits::default()).unwrap();
        let found =
            answer.findings.iter().filter(|found| found.identifier == "CREDIT_CARD_NUMBER").map(|found| found.count);
        let found: u64 = found.sum();
        match answer.broken {
            None if found != 1 => missed.push(format!("{place}: found {found} times")),
            None => {}
            Some(_) => refused.push(place),
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
    assert_eq!(refused, REFUSED);
}

/// Some readers find no content in a stream that starts elsewhere.
#[test]
fn a_stream_starts_on_a_line_of_its_own() {
    let content = text("tide");
    for (word, expected) in [
        ("stream\n", None),
        ("stream\r\n", None),
        ("stream\r", None),
        ("stream", Some(Kind::Syntax)),
        ("stream ", Some(Kind::Syntax)),
    ] {
        let length = content.len() + word.len() - word.trim_end_matches(' ').len();
        let object = format!("<</Length {length}>> {word}{content}\nendstream");
        let pdf = Document::new().object(4, &object).build();
        let broken = inspect("a.pdf", &pdf[..], &Limits::default()).unwrap().broken;
        assert_eq!(broken.map(|reason| reason.kind), expected, "{word:?}");
    }
}

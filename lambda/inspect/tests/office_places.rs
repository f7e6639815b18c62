//! Every place of an Office document that a person can see is scanned: a row a place.

#[path = "archives/gzip.rs"]
mod gzip;
#[path = "archives/office.rs"]
mod office;
#[path = "archives/zip.rs"]
mod zip;
#[path = "archives/zlib.rs"]
mod zlib;

use gzip::gzip;
use inspect::{Inspection, Kind, Limits, inspect};
use office::relations;
use zip::zip;
use zlib::zlib;

const W: &str = "xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'";
const X: &str = "xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'";
const A: &str = "xmlns:a='http://schemas.openxmlformats.org/drawingml/2006/main'";

/// What is planted, as one text and in two runs.
const SECRET: &str = "credit card number 4539148803436467";
const RUNS: [&str; 2] = ["credit card number 4539148", "803436467"];

fn judge(name: &str, parts: &[(&str, Vec<u8>)]) -> Inspection {
    let sheet = "<Relationship Id='rId1' Type='http://a/worksheet' Target='worksheets/sheet1.xml'/>";
    let empty = if name.ends_with("xlsx") {
        vec![
            ("xl/workbook.xml", format!("<workbook {X}/>")),
            ("xl/_rels/workbook.xml.rels", format!("<Relationships>{sheet}</Relationships>")),
            ("xl/worksheets/sheet1.xml", format!("<worksheet {X}/>")),
        ]
    } else {
        vec![("word/document.xml", format!("<w:document {W}/>"))]
    };
    let main = relations(empty[0].0).into_bytes();
    let mut all = vec![("[Content_Types].xml", b"<Types/>".to_vec()), ("_rels/.rels", main)];
    let missing = empty.into_iter().filter(|one| parts.iter().all(|part| part.0 != one.0));
    all.extend(missing.map(|one| (one.0, one.1.into_bytes())));
    all.extend(parts.iter().cloned());
    let members: Vec<(&str, &[u8])> = all.iter().map(|part| (part.0, &part.1[..])).collect();
    inspect(name, &zip(&members)[..], &Limits::default()).unwrap()
}

/// A paragraph of Word, of these runs.
fn paragraph(runs: &[&str]) -> String {
    let runs: Vec<String> =
        runs.iter().map(|run| format!("<w:r><w:rPr><w:b/></w:rPr><w:t>{run}</w:t></w:r>\n")).collect();
    format!("<w:p>{}</w:p>", runs.concat())
}

/// The part with the queries of a workbook, one with this text.
fn queries(open: &str, text: &str) -> Vec<u8> {
    use base64::Engine;
    let archive = zip(&[("Formulas/Section1.m", text.as_bytes())]);
    let length = u32::try_from(archive.len()).unwrap().to_le_bytes();
    let packed = base64::engine::general_purpose::STANDARD.encode([&[0; 4], &length[..], &archive, &[0; 4]].concat());
    let close = if open.contains("<q:") { "</q:DataMashup>" } else { "</DataMashup>" };
    wide(&format!("\u{feff}<?xml version=\"1.0\" encoding=\"utf-16\"?>{open}{packed}{close}"))
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn assert_found(rows: Vec<(&str, &str, &str, Vec<u8>)>) {
    let mut wrong = Vec::new();
    for (place, file, part, content) in rows {
        let answer = judge(file, &[(part, content)]);
        let found: Vec<(String, u64)> =
            answer.findings.iter().map(|found| (found.identifier.clone(), found.count)).collect();
        if answer.broken.is_some() || found != [("CREDIT_CARD_NUMBER".to_owned(), 1)] {
            wrong.push(format!("{place}: {:?} {found:?}", answer.broken));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn of_documents() {
    let story = |root: &str, inside: String| format!("<w:{root} {W}>{inside}</w:{root}>").into_bytes();
    let one = || paragraph(&[SECRET]);
    let two = || paragraph(&RUNS);
    let run = |text: &str| format!("<w:r><w:t>{text}</w:t></w:r>");
    let deleted = |text: &str| format!("<w:del w:id='1'><w:r><w:delText>{text}</w:delText></w:r></w:del>");
    let aside = format!("<w:p>{}{}{}</w:p>", run(RUNS[0]), deleted("old"), run(RUNS[1]));
    let removed = format!("<w:p>{}{}</w:p>", deleted(RUNS[0]), deleted(RUNS[1]));
    let control = format!(
        "<w:p>{}<w:sdt><w:sdtPr><w:alias w:val='x'/><w:text/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt></w:p>",
        run(RUNS[0]),
        run(RUNS[1])
    );
    let label = "<w:p><w:sdt><w:sdtPr><w:alias w:val='Card'/></w:sdtPr><w:sdtContent><w:r><w:t>4539148803436467</w:t></w:r></w:sdtContent></w:sdt></w:p>";
    let table = format!("<w:tbl><w:tr><w:tc>{}</w:tc></w:tr></w:tbl>", two());
    let alt = format!(
        "<w:p><w:r><w:drawing><wp:docPr xmlns:wp='w' id='1' name='x' descr='{SECRET}'/></w:drawing></w:r></w:p>"
    );
    let link = format!("<w:p><w:r><w:instrText>HYPERLINK \"{SECRET}\"</w:instrText></w:r></w:p>");
    let field = format!("<w:p><w:fldSimple w:instr='DOCPROPERTY {SECRET}'/></w:p>");
    let body = |inside: &str| story("document", format!("<w:body>{inside}</w:body>"));
    let property = "<Properties xmlns:vt='v'><property fmtid='{D5CDD505}' pid='2' name='card'><vt:lpwstr>4539148803436467</vt:lpwstr></property></Properties>";
    let main = "word/document.xml";
    let file = "a.docx";
    assert_found(vec![
        ("a paragraph", file, main, body(&one())),
        ("runs", file, main, body(&two())),
        ("a table", file, main, body(&table)),
        ("around deleted text", file, main, body(&aside)),
        ("deleted text", file, main, body(&removed)),
        ("a content control among runs", file, main, body(&control)),
        ("the name of a content control", file, main, body(label)),
        ("a description", file, main, body(&alt)),
        ("an instruction", file, main, body(&link)),
        ("a simple field", file, main, body(&field)),
        (
            "a comment",
            file,
            "word/comments.xml",
            story("comments", format!("<w:comment w:id='0'>{}</w:comment>", two())),
        ),
        ("a header", file, "word/header1.xml", story("hdr", two())),
        ("a footer", file, "word/footer1.xml", story("ftr", two())),
        ("a footnote", file, "word/footnotes.xml", story("footnotes", format!("<w:footnote>{}</w:footnote>", two()))),
        ("an endnote", file, "word/endnotes.xml", story("endnotes", format!("<w:endnote>{}</w:endnote>", two()))),
        ("a building block", file, "word/glossary/document.xml", story("glossaryDocument", two())),
        ("a setting", file, "word/settings.xml", story("settings", format!("<w:docVar w:name='x' w:val='{SECRET}'/>"))),
        ("a custom property", file, "docProps/custom.xml", property.into()),
        (
            "a core property",
            file,
            "docProps/core.xml",
            format!("<cp:coreProperties xmlns:cp='c' xmlns:dc='d'><dc:title>{SECRET}</dc:title></cp:coreProperties>")
                .into(),
        ),
        (
            "an application property",
            file,
            "docProps/app.xml",
            format!("<Properties><Company>{SECRET}</Company></Properties>").into(),
        ),
        ("a query", file, "customXml/item2.xml", queries("<DataMashup xmlns=\"x\">", &format!("// {SECRET}"))),
        ("a query behind a comment", file, "customXml/item2.xml", {
            queries("<!--<DataMashup>--><q:DataMashup xmlns:q=\"x\">", &format!("// {SECRET}"))
        }),
        ("custom data", file, "customXml/item1.xml", b"<order><card>4539148803436467</card></order>".into()),
        (
            "a diagram",
            file,
            "word/diagrams/data1.xml",
            format!("<d {A}><a:p><a:r><a:t>{}</a:t></a:r><a:r><a:t>{}</a:t></a:r></a:p></d>", RUNS[0], RUNS[1]).into(),
        ),
        (
            "a link",
            file,
            "word/_rels/document.xml.rels",
            format!("<Relationships><Relationship Target='http://a/?{SECRET}'/></Relationships>").into(),
        ),
        (
            "around a remark in XML",
            file,
            main,
            body(&format!("<w:p><w:r><w:t>{}<!-- x --><?x y?>{}</w:t></w:r></w:p>", RUNS[0], RUNS[1])),
        ),
        ("a remark in XML", file, main, body(&format!("<!-- {SECRET} -->"))),
        (
            "the text of a metafile",
            file,
            "word/media/image1.emf",
            [b"\x01\0\0\0\x6c\0\0\0".as_slice(), &[0; 32], b" EMF\0\0\x01\0", &wide(SECRET)].concat(),
        ),
        ("an embedded workbook", file, "word/embeddings/Book1.xlsx", workbook()),
        ("an embedded text", file, "word/embeddings/note.txt", SECRET.into()),
    ]);
}

/// A workbook with a secret in a cell.
fn workbook() -> Vec<u8> {
    let sheet = format!(
        "<worksheet {X}><sheetData><row r='1'><c r='A1' t='str'><v>{SECRET}</v></c></row></sheetData></worksheet>"
    );
    zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("_rels/.rels", relations("xl/workbook.xml").as_bytes()),
        ("xl/workbook.xml", b"<workbook/>"),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

#[test]
fn of_pictures() {
    let file = "a.docx";
    assert_found(vec![
        (
            "the text of a picture",
            file,
            "word/media/image1.png",
            [b"\x89PNG\r\n\x1a\n\0\0\0\rtEXtComment\0", SECRET.as_bytes(), b"\xff\x00"].concat(),
        ),
        (
            "the text of a picture, before a checksum",
            file,
            "word/media/image1.png",
            [b"\x89PNG\r\n\x1a\n\0\0\0\x2btEXtComment\0", SECRET.as_bytes(), b"WXYZ"].concat(),
        ),
    ]);
}

/// A sheet is one by its root, wherever it is.
#[test]
fn a_sheet_in_another_place() {
    let fillers = "<row><c><v>1</v></c></row>".repeat(7);
    let sheet = format!(
        "<x:worksheet xmlns:x='x'><x:sheetData><row r='1'><c r='A1' t='str'><v>credit card number</v></c><c r='B1' \
         t='str'><v>tide</v></c></row>{fillers}<row r='9'><c r='A9'><v>4539148803436467</v></c></row></x:sheetData>\
         </x:worksheet>"
    );
    assert_found(vec![("a sheet", "a.xlsx", "xl/tabs/one.xml", sheet.into_bytes())]);
    let strings = judge("a.xlsx", &[("xl/texts.xml", format!("<sst {X}><si><t>tide</t></si></sst>").into_bytes())]);
    assert!(strings.broken.is_some_and(|reason| reason.text.contains("unusual part")));
}

/// A title of two cells is no row of names, and a row of numbers is none.
#[test]
fn names_below_a_title() {
    let texts = |cells: [&str; 2]| {
        let cells = cells.map(|text| format!("<c t='str'><v>{text}</v></c>"));
        format!("<row>{}</row>", cells.concat())
    };
    let numbers = format!("<row><c><v>4539148803436467</v></c><c><v>7</v></c></row>{}", "<row/>".repeat(9));
    let sheet = |rows: &[String]| format!("<worksheet {X}><sheetData>{}</sheetData></worksheet>", rows.concat());
    let (title, names) = (texts(["Tides of Wismar", "2025"]), texts(["credit card number", "tide"]));
    let far = "<row><c t='str'><v>what is long enough to keep a name away from a value</v></c></row>".repeat(3);
    let below = sheet(&[title.clone(), names.clone(), far.clone(), numbers.clone()]).into_bytes();
    assert_found(vec![("a title", "a.xlsx", "xl/worksheets/sheet1.xml", below)]);
    let mixed = "<row><c t='str'><v>credit card number</v></c><c><v>7</v></c></row>".to_owned();
    let none = judge("a.xlsx", &[("xl/worksheets/sheet1.xml", sheet(&[title, mixed, far, numbers]).into_bytes())]);
    assert!(none.broken.is_none() && none.findings.is_empty(), "{:?}", none.findings);
}

/// What Word does not show in its place must not part the number around it, and readers differ in what that is.
#[test]
fn around_what_is_not_shown() {
    let run = |text: &str| format!("<w:r><w:t>{text}</w:t></w:r>");
    let hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>x</w:t></w:r>";
    let within = |body: &str| format!("<w:r><w:pict><w:txbxContent><w:p>{body}</w:p></w:txbxContent></w:pict></w:r>");
    let long = format!("<w:bookmarkStart w:id='0' w:name='{}'/>", "tide ".repeat(300_000));
    let drawing = |choice: &str, instead: &str| {
        format!(
            "<mc:AlternateContent xmlns:mc='m'><mc:Choice>{choice}</mc:Choice><mc:Fallback>{instead}</mc:Fallback></mc:AlternateContent>"
        )
    };
    let between = |what: &str| format!("{}{what}{}", run(RUNS[0]), run(RUNS[1]));
    let deleted = format!("<w:del w:id='1'><w:r><w:delText>{}</w:delText></w:r></w:del>", RUNS[1]);
    let symbols: Vec<String> =
        RUNS[1].bytes().map(|digit| format!("<w:sym w:font='Arial' w:char='F0{digit:02X}'/>")).collect();
    let symbols = symbols.concat();
    let parted = |change: &str| {
        let mark = format!("<w:pPr><w:rPr><w:{change} w:id='1' w:author='a'/></w:rPr></w:pPr>");
        format!("{mark}{}</w:p><w:p>{}", run(RUNS[0]), run(RUNS[1]))
    };
    let rows = [
        ("the code of a field", between("<w:r><w:instrText>TIDE</w:instrText></w:r>")),
        ("a text box", between(&within(&run("tide")))),
        ("hidden text", between(hidden)),
        ("half of it hidden", format!("{}<w:r><w:rPr><w:vanish/></w:rPr><w:t>{}</w:t></w:r>", run(RUNS[0]), RUNS[1])),
        ("text that is not hidden", between("<w:r><w:rPr><w:vanish w:val='0'/></w:rPr></w:r>")),
        ("moved text", between(&format!("<w:moveFrom w:id='1'>{}</w:moveFrom>", run("x")))),
        ("what a tracked change took out", format!("{}{deleted}<w:ins w:id='2'>{}</w:ins>", run(RUNS[0]), run("x"))),
        ("what stood before what moved there", between(&format!("<w:moveTo w:id='2'>{}</w:moveTo>", run("x")))),
        ("a deleted tab", between("<w:del w:id='1'><w:r><w:tab/></w:r></w:del>")),
        ("a deleted line end", between("<w:del w:id='1'><w:r><w:br/></w:r></w:del>")),
        ("a deleted end of a paragraph", parted("del")),
        ("an added end of a paragraph", parted("ins")),
        ("a drawing, as it is meant", format!("{}{}", run(RUNS[0]), drawing(&run(RUNS[1]), &run("7x")))),
        ("a drawing, what stands in its place", format!("{}{}", run(RUNS[0]), drawing(&run("7x"), &run(RUNS[1])))),
        ("symbols", format!("{}<w:r>{symbols}</w:r>", run(RUNS[0]))),
        ("a long name", between(&long)),
        ("all of it in a text box", within(&between(hidden))),
    ];
    let rows = rows.into_iter().map(|(place, inside)| {
        let document = format!("<w:document {W}><w:body><w:p>{inside}</w:p></w:body></w:document>");
        (place, "a.docx", "word/document.xml", document.into_bytes())
    });
    assert_found(rows.collect());
}

#[test]
fn of_workbooks() {
    let sheet = |inside: String| format!("<worksheet {X}>{inside}</worksheet>").into_bytes();
    let cell = |kind: &str, inside: String| {
        sheet(format!("<sheetData><row r='1'><c r='A1' t='{kind}'>{inside}</c></row></sheetData>"))
    };
    let rich = format!("<r><rPr><b/></rPr><t>{}</t></r><r><t>{}</t></r>", RUNS[0], RUNS[1]);
    let book = |inside: String| format!("<workbook {X}>{inside}</workbook>").into_bytes();
    let (main, file) = ("xl/workbook.xml", "a.xlsx");
    let first = "xl/worksheets/sheet1.xml";
    let strings = "xl/sharedStrings.xml";
    let table = |head: &str, value: &str| {
        format!(
            "<sheetNames><sheetName val='S'/></sheetNames><sheetDataSet><sheetData sheetId='0'><row r='1'><cell r='B1' t='str'><v>{head}</v></cell></row><row r='2'><cell r='B2'><v>{value}</v></cell></row></sheetData></sheetDataSet>"
        )
    };
    assert_found(vec![
        ("a text", file, first, cell("str", format!("<v>{SECRET}</v>"))),
        ("an escape", file, first, cell("str", format!("<v>{}_x0038_{}</v>", RUNS[0], &RUNS[1][1..]))),
        ("an inline text", file, first, cell("inlineStr", format!("<is><t>{SECRET}</t></is>"))),
        ("inline runs", file, first, cell("inlineStr", format!("<is>{rich}</is>"))),
        ("inline runs around a pronunciation", file, first, cell("inlineStr", format!("<is><r><t>{}</t></r><rPh sb='0' eb='1'><t>x</t></rPh><r><t>{}</t></r></is>", RUNS[0], RUNS[1]))),
        ("an inline pronunciation", file, first, cell("inlineStr", format!("<is><t>x</t><rPh sb='0' eb='1'><t>{SECRET}</t></rPh></is>"))),
        ("around a remark in a cell", file, first, cell("str", format!("<v>{}<!-- x -->{}</v>", RUNS[0], RUNS[1]))),
        ("around a remark in a formula", file, first, cell("str", format!("<f>\"{}<!-- x -->{}\"</f><v>x</v>", RUNS[0], RUNS[1]))),
        ("a formula", file, first, cell("str", format!("<f>\"{SECRET}\"</f><v>x</v>"))),
        ("text out of place", file, first, cell("str", SECRET.to_owned())),
        ("a shared string that no cell shows", file, strings, format!("<sst {X}><si>{rich}</si></sst>").into()),
        ("a shared pronunciation", file, strings, format!("<sst {X}><si><t>x</t><rPh sb='0' eb='1'><t>{SECRET}</t></rPh></si></sst>").into()),
        ("a header", file, first, sheet(format!("<headerFooter><oddHeader>&amp;L{SECRET}</oddHeader></headerFooter>"))),
        ("a header with codes", file, first, sheet(format!("<headerFooter><evenFooter>&amp;C&amp;\"Arial\"{}&amp;B{}</evenFooter></headerFooter>", RUNS[0], RUNS[1]))),
        ("a validation", file, first, sheet(format!("<dataValidations><dataValidation prompt='{SECRET}'/></dataValidations>"))),
        ("a link", file, first, sheet(format!("<hyperlinks><hyperlink ref='A1' display='{SECRET}'/></hyperlinks>"))),
        ("a scenario", file, first, sheet(format!("<scenarios><scenario name='x' comment='{SECRET}'/></scenarios>"))),
        ("a defined name", file, main, book("<definedNames><definedName name='card'>4539148803436467</definedName></definedNames>".to_owned())),
        ("the name of a hidden sheet", file, main, book(format!("<sheets><sheet name='{SECRET}' sheetId='1' state='veryHidden' r:id='rId1'/></sheets>"))),
        ("a comment", file, "xl/comments1.xml", format!("<comments {X}><commentList><comment ref='A1'><text>{rich}</text></comment></commentList></comments>").into()),
        ("a threaded comment", file, "xl/threadedComments/threadedComment1.xml", format!("<ThreadedComments><threadedComment ref='A1'><text>{SECRET}</text></threadedComment></ThreadedComments>").into()),
        ("a person", file, "xl/persons/person.xml", format!("<personList><person displayName='{SECRET}'/></personList>").into()),
        ("a legacy comment's drawing", file, "xl/drawings/vmlDrawing1.vml", format!("<xml xmlns:v='v'><v:textbox><div><font>{}</font><font>{}</font></div></v:textbox></xml>", RUNS[0], RUNS[1]).into()),
        ("a text box", file, "xl/drawings/drawing1.xml", format!("<xdr {A}><a:p><a:r><a:t>{}</a:t></a:r><a:r><a:t>{}</a:t></a:r></a:p></xdr>", RUNS[0], RUNS[1]).into()),
        ("a chart", file, "xl/charts/chart1.xml", format!("<c><strCache><pt idx='0'><v>{SECRET}</v></pt></strCache></c>").into()),
        ("a table", file, "xl/tables/table1.xml", format!("<table {X} name='t'><tableColumns><tableColumn id='1' name='{SECRET}'/></tableColumns></table>").into()),
        ("a custom property", file, "docProps/custom.xml", format!("<Properties><property name='x'><lpwstr>{SECRET}</lpwstr></property></Properties>").into()),
        ("an external link", file, "xl/externalLinks/externalLink1.xml", format!("<externalLink {X}><externalBook>{}</externalBook></externalLink>", table("credit card", "4539148803436467")).into()),
        ("an external name", file, "xl/externalLinks/externalLink1.xml", format!("<externalLink {X}><definedNames><definedName name='x' refersTo='{SECRET}'/></definedNames></externalLink>").into()),
        ("a pivot cache", file, "xl/pivotCache/pivotCacheDefinition1.xml", format!("<pivotCacheDefinition {X}><cacheFields><cacheField name='Card'><sharedItems><s v='of {0} and more of it'/><s v='4539148803436467'/></sharedItems></cacheField></cacheFields></pivotCacheDefinition>", "a long value ".repeat(9)).into()),
        ("a sheet property", file, "xl/customProperty1.bin", wide(SECRET)),
        ("a setting of a printer", file, "xl/printerSettings/printerSettings1.bin", [&wide(SECRET)[..], &[0, 0, 1, 4, 0, 6, 220]].concat()),
        ("what fills a deleted part", file, "[trash]/0000.dat", [&[0xFF; 40], SECRET.as_bytes()].concat()),
        ("a style", file, "xl/styles.xml", format!("<styleSheet {X}><numFmts><numFmt numFmtId='164' formatCode='\"{SECRET}\"'/></numFmts></styleSheet>").into()),
        ("a connection", file, "xl/connections.xml", format!("<connections {X}><connection description='{SECRET}'/></connections>").into()),
    ]);
}

#[test]
fn what_is_refused_says_what_to_do() {
    let ole = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0".to_vec();
    let rows: [(&str, Vec<u8>, &str); 7] = [
        ("word/vbaProject.bin", ole.clone(), "macros (save it without them, as .docx)"),
        ("word/activeX/activeX1.bin", ole.clone(), "an ActiveX control (remove it"),
        (
            "word/embeddings/oleObject1.bin",
            ole.clone(),
            "an embedded object that cannot be inspected (embed it as .xlsx",
        ),
        ("word/embeddings/book.txt", ole, "an embedded object that cannot be inspected"),
        ("word/media/image1.png", SECRET.into(), "it is named like a picture, font, sound or film, and is none"),
        ("word/media/image1.emz", b"\x1f\x8b\x08\0\0\0\0\0\0\0".into(), "the end is missing"),
        ("word/model/item.data", b"tide".into(), "a part that cannot be inspected (remove it"),
    ];
    for (part, content, what) in rows {
        let text = judge("a.docx", &[(part, content)]).broken.unwrap().text;
        assert!(text.contains(&format!("docx: part \"{part}\": ")) && text.contains(what), "{text}");
    }
}

#[test]
fn what_passes_whatever_it_is_named() {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01".to_vec();
    let mut font = vec![7; 32];
    for tag in [b"OS/2", b"cmap", b"cvt ", b"fpgm"] {
        font.resize(font.len().next_multiple_of(16) - 4, 0);
        font.extend(tag);
        font.extend([0; 12]);
    }
    let rows: [(&str, Vec<u8>); 6] = [
        ("word/media/image1.tmp", png.clone()),
        ("word/media/image1.dat", png.clone()),
        ("word/media/image", png),
        ("word/media/image1.webp", b"RIFF\x10\0\0\0WEBPVP8 ".to_vec()),
        ("word/fonts/font1.odttf", font),
        ("_xmlsignatures/origin.sigs", Vec::new()),
    ];
    for (part, content) in rows {
        let answer = judge("a.docx", &[(part, content)]);
        assert_eq!((answer.broken, answer.findings), (None, Vec::new()), "{part}");
    }
    assert!(judge("a.docx", &[("word/styles.xml", Vec::new())]).broken.is_some(), "no XML is empty");
}

/// The records of a pivot cache have the names of its fields, wherever these are in the file.
#[test]
fn records_of_a_pivot_cache() {
    let fields = format!(
        "<pivotCacheDefinition {X}><cacheFields><cacheField name='Id'/><cacheField name='Card'/></cacheFields></pivotCacheDefinition>"
    );
    let records = format!(
        "<pivotCacheRecords {X}><r><x v='0'/><s v='4539148803436467'/></r><r><s v='4539148803436467'/><m/></r></pivotCacheRecords>"
    );
    let parts = [
        ("xl/pivotCache/pivotCacheRecords1.xml", records.into_bytes()),
        ("xl/pivotCache/pivotCacheDefinition1.xml", fields.into_bytes()),
    ];
    let answer = judge("a.xlsx", &parts);
    assert_eq!(answer.broken, None);
    assert_eq!(answer.findings[0].locations, ["xl/pivotCache/pivotCacheRecords1.xml: row 1, column 2"]);
}

/// What is shown is not what is stored: zeros before a number, and what a formula joins.
#[test]
fn of_formats_and_formulas() {
    let formats = "<numFmts><numFmt numFmtId='164' formatCode='000\\-00\\-0000'/><numFmt numFmtId='165' formatCode='&quot;45391488034&quot;0'/></numFmts>";
    let styles = format!(
        "<styleSheet {X}>{formats}<cellXfs><xf numFmtId='0'/><xf numFmtId='164'/><xf numFmtId='165'/></cellXfs></styleSheet>"
    );
    let sheet = |name: &str, cell: &str| {
        let head = format!("<row r='1'><c r='A1' t='str'><v>{name}</v></c><c r='B1' t='str'><v>tide</v></c></row>");
        format!("<worksheet {X}><sheetData>{head}<row r='2'>{cell}</row></sheetData></worksheet>").into_bytes()
    };
    let card = "CREDIT_CARD_NUMBER";
    let social = "USA_SOCIAL_SECURITY_NUMBER";
    for (name, cell, identifier) in [
        ("SSN", "<c r='A2' s='1'><v>78051121</v></c>", social),
        ("SSN", "<c r='A2' s='1'><v>536904399</v></c>", social),
        ("card", "<c r='A2' s='2'><v>36467</v></c>", card),
        ("card", "<c r='A2'><f>\"4539\"&amp;\"14880343\" &amp; 6467</f></c>", card),
        ("card", "<c r='A2'><f>CONCATENATE(\"4539\",\"14880343\";\"6467\")</f></c>", card),
        ("card", "<c r='A2'><f>\"4539148803436467\"</f><v>4.539148803436467E15</v></c>", card),
    ] {
        let parts = [("xl/styles.xml", styles.clone().into_bytes()), ("xl/worksheets/sheet1.xml", sheet(name, cell))];
        let answer = judge("a.xlsx", &parts);
        let found: Vec<&str> = answer.findings.iter().map(|found| &*found.identifier).collect();
        assert_eq!((answer.broken, found), (None, vec![identifier]), "{cell}");
    }
}

/// A PNG with a part in it.
fn png(kind: &str, data: &[u8]) -> Vec<u8> {
    let part = |kind: &str, data: &[u8]| {
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&length[..], kind.as_bytes(), data, b"\xff\0\xff\0"].concat()
    };
    [&b"\x89PNG\r\n\x1a\n"[..], &part("IHDR", &[0; 13]), &part(kind, data), &part("IEND", b"")].concat()
}

#[test]
fn of_packed_texts_in_pictures() {
    let packed = zlib(["tide ".repeat(99).as_bytes(), SECRET.as_bytes()].concat().as_slice());
    let image = "word/media/image1.png";
    assert_found(vec![
        ("zTXt", "a.docx", image, png("zTXt", &[&b"Comment\0\0"[..], &packed].concat())),
        ("iTXt", "a.docx", image, png("iTXt", &[&b"Comment\0\x01\0en\0note\0"[..], &packed].concat())),
        (
            "iTXt that is not packed",
            "a.docx",
            image,
            png("iTXt", &[&b"Comment\0\0\0\0\0"[..], SECRET.as_bytes()].concat()),
        ),
    ]);
    let bomb = png("zTXt", &[&b"Comment\0\0"[..], &zlib(&vec![b'a'; 5 << 20])].concat());
    let answer = judge("a.docx", &[(image, bomb)]);
    assert_eq!(answer.broken.map(|reason| reason.kind), Some(Kind::Limit));
}

#[test]
fn what_hides_in_a_part() {
    let (archive, packed) = (zip(&[("a.txt", SECRET.as_bytes())]), gzip(SECRET.as_bytes()));
    let document = b"%PDF-1.7\n\xe2\xe3\xcf\xd3\n";
    let (picture, photo) = (png("tEXt", b"Comment\0tide"), b"\xff\xd8\xff\xe0 a photo \xff\xd9".to_vec());
    for (start, parts) in [
        (&picture[..], ["word/media/image1.png", "word/media/image1.tmp"]),
        (&photo, ["word/media/image1.jpg", "word/media/image1.bin"]),
        (b"\xff\xfb", ["word/media/media1.mp3", "word/media/media1.bin"]),
        (b"\0\x01\0\0\0", ["word/fonts/font1.ttf", "word/fonts/font1.bin"]),
    ] {
        for part in parts {
            assert_eq!(judge("a.docx", &[(part, start.to_vec())]).broken, None, "{part}");
            for (what, inside) in [("zip", &archive[..]), ("gzip", &packed), ("PDF", document)] {
                let broken = judge("a.docx", &[(part, [start, inside].concat())]).broken;
                assert!(
                    broken.as_ref().is_some_and(|reason| reason.text.contains(what)),
                    "{what} in {part}: {broken:?}"
                );
            }
        }
    }
}

#[test]
fn loose_parts_that_are_files() {
    for part in ["xl/printerSettings/printerSettings1.bin", "xl/customProperty1.bin", "[trash]/0000.dat"] {
        for inside in [zip(&[("a.txt", SECRET.as_bytes())]), gzip(SECRET.as_bytes())] {
            let answer = judge("a.xlsx", &[(part, inside)]);
            assert_eq!((answer.broken, answer.findings.len()), (None, 1), "{part}");
        }
        let broken = judge("a.xlsx", &[(part, b"%PDF-1.7\n\xe2\xe3\xcf\xd3\n".to_vec())]).broken;
        assert!(broken.is_some_and(|reason| reason.text.contains("pdf")), "{part}");
        let broken = judge("a.xlsx", &[(part, [b"settings", &gzip(b"tide")[..]].concat())]).broken;
        assert!(broken.is_some_and(|reason| reason.text.contains("gzip")), "{part}");
    }
}

/// Programs open no package without these, whatever else is lost.
#[test]
fn without_what_programs_open_it_by() {
    let kind = |name: &str, parts: &[(&str, &str)]| {
        let parts: Vec<(&str, &[u8])> = parts.iter().map(|part| (part.0, part.1.as_bytes())).collect();
        inspect(name, &zip(&parts)[..], &Limits::default()).unwrap().broken.map(|reason| reason.kind)
    };
    let none: &[(&str, &str)] = &[];
    let (syntax, main) = (Some(Kind::Syntax), relations("/word/Document2.xml"));
    let (types, rels) = (("[Content_Types].xml", "<t:Types xmlns:t='t'/>"), ("_rels/.rels", &*main));
    let (text, style) = (("word/document2.xml", "<w:document xmlns:w='w'/>"), ("word/styles.xml", "<styles/>"));
    for (expected, parts) in [
        (None, [&[text, style, rels, types], none]),
        (syntax, [&[types, rels, style], none]),
        (syntax, [&[types, text, style], none]),
        (syntax, [&[types, ("_rels/.rels", "<Relationships/>"), text, style], none]),
        (syntax, [&[types, rels, ("word/document2.xml", "<x/>"), style], none]),
        (syntax, [&[types, rels, ("word/document2.xml", "<workbook/>"), style], none]),
        (syntax, [&[("[Content_Types].xml", "<x/>"), rels, text, style], none]),
    ] {
        for name in ["a.docx", "a"] {
            assert_eq!(kind(name, &parts.concat()), expected, "{name}: {parts:?}");
        }
    }
    let main = relations("xl/workbook.xml");
    let rels = ("_rels/.rels", &*main);
    let id = "xmlns:r='http://purl.oclc.org/ooxml/officeDocument/relationships' r:id='rId3'";
    let book = format!("<workbook><sheets><sheet name='a' sheetId='1' {id}/></sheets></workbook>");
    let book = ("xl/workbook.xml", &*book);
    let sheet = ("xl/worksheets/sheet1.xml", "<worksheet/>");
    let to = |target: &str, id: &str| {
        let dangling = "<Relationship Id='rId9' Type='http://a/relationships/theme' Target='theme/none.xml'/>";
        let kind = "http://purl.oclc.org/ooxml/officeDocument/relationships/worksheet";
        format!("<Relationships>{dangling}<Relationship Id='{id}' Type='{kind}' Target='{target}'/></Relationships>")
    };
    for (expected, target, id, parts) in [
        (None, "worksheets/sheet1.xml", "rId3", [&[sheet], none]),
        (None, "/xl/worksheets/Sheet1.xml", "rId3", [&[sheet], none]),
        (None, "../xl/./worksheets/sheet1.xml", "rId3", [&[sheet], none]),
        (syntax, "worksheets/sheet2.xml", "rId3", [&[sheet], none]),
        (syntax, "worksheets/sheet1.xml", "rId4", [&[sheet], none]),
        (syntax, "worksheets/sheet1.xml", "rId3", [none, none]),
    ] {
        let relations = to(target, id);
        let all = [&[types, rels, book, ("xl/_rels/workbook.xml.rels", &*relations)], &parts.concat()[..]].concat();
        assert_eq!(kind("a.xlsx", &all), expected, "{target} {id}");
    }
    assert_eq!(kind("a.xlsx", &[types, rels, sheet]), syntax);
    assert_eq!(kind("a.xlsx", &[types, rels, book, sheet]), syntax, "nothing says where its sheet is");
    let chart = to("chartsheets/sheet1.xml", "rId3").replace("/worksheet'", "/chartsheet'");
    let chart =
        [types, rels, book, ("xl/_rels/workbook.xml.rels", &*chart), ("xl/chartsheets/sheet1.xml", "<chartsheet/>")];
    assert_eq!(kind("a.xlsx", &chart), None);
}

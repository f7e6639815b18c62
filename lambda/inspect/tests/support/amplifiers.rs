//! Files of which a byte makes a reader do or hold much: a row each, in some sizes.

use crate::gzip::gzip;
use crate::office::relations;
use crate::parquet::{dictionary, parquet, shown};
use crate::pdf::Pdf;
use crate::zip::zip;

/// What is made large, in which sizes, and how.
pub struct Amplifier {
    pub what: &'static str,
    pub name: &'static str,
    /// What is made, by two numbers.
    pub make: fn(usize, usize) -> Vec<u8>,
    /// The numbers, and whether the file has to be refused: it shows far more than it has.
    pub sizes: &'static [(usize, usize, bool)],
}

/// All of them. Those that take the time of a square take hours where they are not bounded.
pub const AMPLIFIERS: &[Amplifier] = &[
    Amplifier {
        what: "pdf: a code that stands for a long text (its length, how often it is shown)",
        name: "a.pdf",
        make: bfchar,
        sizes: &[(10_000, 100, false), (1_000_000, 1_000, true), (1_000_000, 10_000, true)],
    },
    Amplifier {
        what: "pdf: large resources of many pages (their length, pages)",
        name: "a.pdf",
        make: resources,
        sizes: &[(1_000_000, 20, false), (5_000_000, 100, false)],
    },
    Amplifier {
        what: "pdf: large resources, packed, of many pages (their length, pages)",
        name: "a.pdf",
        make: packed_resources,
        sizes: &[(1_000_000, 20, false), (20_000_000, 60, false)],
    },
    Amplifier {
        what: "pdf: large resources of one page with many contents (their length, contents)",
        name: "a.pdf",
        make: contents,
        sizes: &[(1_000_000, 20, false), (1_000_000, 1_000, false)],
    },
    Amplifier {
        what: "pdf: a content of one token (which one, how often)",
        name: "a.pdf",
        make: tokens,
        sizes: &[
            (0, 5_000, false),
            (0, 50_000, false),
            (0, 500_000, false),
            (1, 100_000, false),
            (2, 100_000, false),
            (3, 100_000, false),
            (4, 100_000, false),
            (5, 100_000, false),
            (6, 100_000, false),
            (7, 100_000, false),
            (8, 100_000, false),
        ],
    },
    Amplifier {
        what: "parquet: a page header of truths (how many)",
        name: "a.parquet",
        make: |count, _| parquet(1, &TRUTH.repeat(count), b""),
        sizes: &[(100_000, 0, false), (1_000_000, 0, false), (4_000_000, 0, false)],
    },
    Amplifier {
        what: "parquet in gzip: a page header of truths (how many)",
        name: "a.parquet.gz",
        make: |count, _| gzip(&parquet(1, &TRUTH.repeat(count), b"")),
        sizes: &[(100_000, 0, false), (4_000_000, 0, false)],
    },
    Amplifier {
        what: "parquet: a footer of truths (how many)",
        name: "a.parquet",
        make: |count, _| parquet(1, b"", &TRUTH.repeat(count)),
        sizes: &[(100_000, 0, false), (4_000_000, 0, false)],
    },
    Amplifier {
        what: "parquet: a page of a flat dictionary (its length, strings in it)",
        name: "a.parquet",
        make: |length, count| parquet(1, &dictionary(count, length, &gzip(&vec![0; length])), b""),
        sizes: &[
            (1_000_000, 200_000, false),
            (8_000_000, 2_000_000, false),
            (24_000_000, 6_000_000, false),
            (60_000_000, 0, false),
        ],
    },
    Amplifier {
        what: "parquet: a value of a dictionary shown often (its length, rows)",
        name: "a.parquet",
        make: |length, count| {
            let text = [&u32::try_from(length).unwrap().to_le_bytes()[..], &vec![b'a'; length]].concat();
            let pages = [dictionary(1, text.len(), &gzip(&text)), shown(count, gzip)].concat();
            parquet(count, &pages, b"")
        },
        sizes: &[(100_000, 100, false), (1_000_000, 30, false)],
    },
    Amplifier {
        what: "xlsx: a long string shown by many cells (its length, cells)",
        name: "a.xlsx",
        make: shared_string,
        sizes: &[(1_000, 1_000, false), (1_000_000, 1_000, true), (1_000_000, 100_000, true)],
    },
    Amplifier {
        what: "xlsx: many shared strings (their length, how many)",
        name: "a.xlsx",
        make: shared_strings,
        sizes: &[(10, 10_000, false), (1, 200_000, false)],
    },
    Amplifier {
        what: "csv: a header of keywords (how many)",
        name: "a.csv",
        make: |count, _| b"card,".repeat(count),
        sizes: &[(10_000, 0, false), (300_000, 0, false), (2_000_000, 0, false)],
    },
    Amplifier {
        what: "json: arrays in arrays (how many)",
        name: "a.json",
        make: |count, _| b"[".repeat(count),
        sizes: &[(1_100_000, 0, true)],
    },
    Amplifier {
        what: "json: objects in objects, by long names (how many, their length)",
        name: "a.json",
        make: |count, length| format!("{{\"{}\":", "card ".repeat(length / 5)).repeat(count).into_bytes(),
        sizes: &[(10, 1_000, true), (20_000, 100, true)],
    },
    Amplifier {
        what: "xml: elements in elements, by long names (how many, their length)",
        name: "a.xml",
        make: |count, length| format!("<{}>", "card.".repeat(length / 5)).repeat(count).into_bytes(),
        sizes: &[(10, 1_000, true), (20_000, 100, true), (100_000, 100, true)],
    },
    Amplifier {
        what: "xml: elements in elements, by other keywords each (how many)",
        name: "a.xml",
        make: |count, _| b"<card><iban><passport><ssn>".repeat(count / 4),
        sizes: &[(100, 0, true), (200_000, 0, true)],
    },
    Amplifier {
        what: "json: objects in objects, by other keywords each (how many)",
        name: "a.json",
        make: |count, _| b"{\"card\":{\"iban\":{\"passport\":{\"ssn\":".repeat(count / 4),
        sizes: &[(100, 0, true), (200_000, 0, true)],
    },
    Amplifier {
        what: "xml: empty elements in many others (in how many, how many)",
        name: "a.xml",
        make: |inside, count| {
            let (name, leaf) = ("card.iban.passport.ssn.tide.tide.a", b"<a/><pin/>");
            [format!("<{name}>").repeat(inside).as_bytes(), &leaf.repeat(count / 2)].concat()
        },
        sizes: &[(1, 1_000, true), (100, 100_000, true)],
    },
    Amplifier {
        what: "xml: attributes of one element (how many)",
        name: "a.xml",
        make: |count, _| {
            let attributes: Vec<String> = (0..count).map(|number| format!("card{number}=''")).collect();
            format!("<a {}/>", attributes.join(" ")).into_bytes()
        },
        sizes: &[(10_000, 0, false), (50_000, 0, false)],
    },
    Amplifier {
        what: "pdf: blanks (how many)",
        name: "a.pdf",
        make: |count, _| blanks(count),
        sizes: &[(1_000_000, 0, true), (100_000_000, 0, true)],
    },
    Amplifier {
        what: "pdf in gzip: blanks (how many)",
        name: "a.pdf.gz",
        make: |count, _| gzip(&blanks(count)),
        sizes: &[(1_000_000, 0, true), (100_000_000, 0, true)],
    },
    Amplifier {
        what: "gzip: a long name (its length)",
        name: "a.csv.gz",
        make: |length, _| {
            let plain = gzip(b"a,b\n");
            [b"\x1f\x8b\x08\x08".as_slice(), &plain[4..10], &b"card ".repeat(length / 5), &[0], &plain[10..]].concat()
        },
        sizes: &[(1_000, 0, false), (10_000_000, 0, false)],
    },
    Amplifier {
        what: "zip: many members (how many)",
        name: "a.zip",
        make: |count, _| {
            let names: Vec<String> = (0..count).map(|number| format!("card/number/{number}.txt")).collect();
            zip(&names.iter().map(|name| (name.as_str(), b"tide".as_slice())).collect::<Vec<_>>())
        },
        sizes: &[(100, 0, false), (20_000, 0, false)],
    },
    Amplifier {
        what: "avro: a schema of many fields (how many)",
        name: "a.avro",
        make: |count, _| avro_of(count),
        sizes: &[(100, 0, false), (150_000, 0, false)],
    },
];

/// A field of a structure in Thrift's compact protocol that is true, and its number.
const TRUTH: &[u8] = b"\x01\0";

/// A document of blanks.
fn blanks(count: usize) -> Vec<u8> {
    [b"%PDF-1.7\n", &b" ".repeat(count)[..]].concat()
}

/// A file of Avro whose record has many fields, and no block.
fn avro_of(fields: usize) -> Vec<u8> {
    let fields: Vec<String> = (0..fields).map(|at| format!("{{\"name\":\"a{at}\",\"type\":\"int\"}}")).collect();
    let schema = format!("{{\"type\":\"record\",\"name\":\"r\",\"fields\":[{}]}}", fields.join(","));
    let mut length = Vec::new();
    let mut rest = schema.len() * 2;
    while rest >= 0x80 {
        length.push(u8::try_from(rest & 0x7f).unwrap() | 0x80);
        rest >>= 7;
    }
    length.push(u8::try_from(rest).unwrap());
    [b"Obj\x01\x02\x16avro.schema".as_slice(), &length, schema.as_bytes(), &[0], &[7; 16]].concat()
}

fn bfchar(length: usize, shown: usize) -> Vec<u8> {
    let content = format!("BT /F1 12 Tf ({}) Tj ET", "A".repeat(shown));
    let mut pdf = Pdf::page("/Font<</F1 5 0 R>>", content.as_bytes());
    pdf.object("<</Type/Font/Subtype/Type1/BaseFont/X/ToUnicode 6 0 R>>");
    let map = format!("1 beginbfchar\n<41> <{}>\nendbfchar\n", "0041".repeat(length));
    pdf.stream("", map.as_bytes());
    pdf.finish()
}

/// Resources of a length.
fn heavy(length: usize) -> String {
    format!("<</Font<<>>/X({})>>", "A".repeat(length))
}

fn resources(length: usize, pages: usize) -> Vec<u8> {
    let mut pdf = Pdf::new();
    pdf.object("<</Type/Pages/Count 0/Kids[]>>");
    pdf.object(heavy(length));
    with_pages(pdf, 3, pages)
}

fn packed_resources(length: usize, pages: usize) -> Vec<u8> {
    let mut pdf = Pdf::new();
    pdf.object("<</Type/Pages/Count 0/Kids[]>>");
    pdf.packed(&heavy(length));
    with_pages(pdf, 4, pages)
}

/// Adds pages that share their resources, each with a content that is not there.
fn with_pages(mut pdf: Pdf, resources: usize, pages: usize) -> Vec<u8> {
    for page in 0..pages {
        pdf.object(format!("<</Type/Page/Resources {resources} 0 R/Contents {} 0 R>>", 900_000 + page));
    }
    pdf.finish()
}

fn contents(length: usize, contents: usize) -> Vec<u8> {
    let mut pdf = Pdf::new();
    let references: Vec<String> = (0..contents).map(|number| format!("{} 0 R", 5 + number)).collect();
    pdf.object("<</Type/Pages/Count 1/Kids[3 0 R]>>");
    pdf.object(format!("<</Type/Page/Parent 2 0 R/Resources 4 0 R/Contents[{}]>>", references.join(" ")));
    pdf.object(heavy(length));
    while pdf.next() < 5 + contents {
        pdf.stream("", b"BT (tide) Tj ET");
    }
    pdf.finish()
}

fn tokens(which: usize, count: usize) -> Vec<u8> {
    let token = ["<a", "(a", "[a ", "<<a ", "BI ", "BI ID ", "/a", "ID ", "<<(a"][which];
    Pdf::page("", token.repeat(count).as_bytes()).finish()
}

fn workbook(strings: &str, cells: &str) -> Vec<u8> {
    let xmlns = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
    let types = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>";
    let strings = format!("<sst {xmlns}>{strings}</sst>");
    let sheet = format!("<worksheet {xmlns}><sheetData>{cells}</sheetData></worksheet>");
    zip(&[
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", relations("xl/workbook.xml").as_bytes()),
        ("xl/workbook.xml", b"<workbook/>"),
        ("xl/sharedStrings.xml", strings.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

fn shared_string(length: usize, cells: usize) -> Vec<u8> {
    let cells = "<row><c t=\"s\"><v>0</v></c></row>".repeat(cells);
    workbook(&format!("<si><t>{}</t></si>", "a ".repeat(length / 2)), &cells)
}

fn shared_strings(length: usize, count: usize) -> Vec<u8> {
    let string = format!("<si><t>{}</t></si>", "a".repeat(length));
    workbook(&string.repeat(count), "<row><c t=\"s\"><v>0</v></c></row>")
}

//! Every place of a format in which somebody can leave a text: what is planted there is found, or the file is refused.
//!
//! A place is a row. The same file with a harmless text in that place has to pass, so that a row tests what it says.

#[path = "archives/avro.rs"]
mod avro;
#[path = "archives/parquet.rs"]
mod parquet;

use avro::avro;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use inspect::{Inspection, Limits, inspect};
use parquet::{Parquet, dictionary, index, page, sized};

/// What is planted where a text may stand.
const TEXT: &str = "credit card number 4539148803436467";

/// What is planted under a name that tells what it is.
const NUMBER: &str = "4539148803436467";

/// Makes a file with a text in a place.
type Plant = fn(&str) -> Vec<u8>;

/// Makes a file with a value under a name.
type Field = fn(&str, &str) -> Vec<u8>;

fn judge(name: &str, bytes: &[u8]) -> Inspection {
    inspect(name, bytes, &Limits::default()).unwrap()
}

fn is_found(answer: &Inspection) -> bool {
    answer.broken.is_none() && answer.findings.iter().any(|found| found.identifier == "CREDIT_CARD_NUMBER")
}

/// Demands that what is planted is found, and that nothing else is wrong.
fn assert_found(rows: &[(&str, &str, Plant)]) {
    let mut missed = Vec::new();
    for (place, name, plant) in rows {
        let harmless = judge(name, &plant("a tide table"));
        assert_eq!((harmless.broken, harmless.findings), (None, vec![]), "{name}, {place}");
        let answer = judge(name, &plant(TEXT));
        if !is_found(&answer) {
            missed.push(format!("{name}, {place}: {:?}", answer.broken));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

/// Demands that a value is found by the name of its field, and only by it.
fn assert_named(rows: &[(&str, &str, Field)]) {
    let mut missed = Vec::new();
    for (place, name, plant) in rows {
        let harmless = judge(name, &plant("tide", NUMBER));
        assert_eq!((harmless.broken, harmless.findings), (None, vec![]), "{name}, {place}");
        let answer = judge(name, &plant("card number", NUMBER));
        if !is_found(&answer) {
            missed.push(format!("{name}, {place}: {:?}", answer.broken));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

/// A page with a dictionary, and one with places in it.
fn by_dictionary(name: &str, texts: &[&str], shown: u8) -> Parquet {
    let first = dictionary(texts);
    let pages = [first.clone(), page(8, 1, &[1, 1 << 1, shown], &[])].concat();
    Parquet { first: first.len(), ..Parquet::of(name, 1, pages) }
}

/// Numbers by their differences: of one number each.
fn delta(number: u8) -> Vec<u8> {
    vec![0x80, 1, 4, 1, number << 1]
}

fn by_lengths(text: &str) -> Vec<u8> {
    [&delta(u8::try_from(text.len()).unwrap()), text.as_bytes()].concat()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn tables() {
    assert_found(&[
        ("the header", "a.csv", |text| format!("a,{text}\n1,2\n").into()),
        ("a cell", "a.csv", |text| format!("a;b\n1;{text}\n").into()),
        ("a cell in quotes", "a.csv", |text| format!("a,b\n1,\"x, {text}\"\n").into()),
        ("a cell over lines", "a.csv", |text| format!("a,b\n1,\"{}\"\n", text.replace(' ', "\n")).into()),
        ("doubled quotes", "a.csv", |text| format!("a,b\n1,\"\"\"{text}\"\"\"\n").into()),
        ("a line that is a comment", "a.csv", |text| format!("# {text},\na,b\n").into()),
        ("behind the line that names the sign", "a.csv", |text| format!("sep=;\n{text};b\n1;2\n").into()),
        ("a cell that starts with a quote", "a.tsv", |text| format!("a\tb\n1\t\"{text}\"\n").into()),
        ("a cell", "a.psv", |text| format!("a|b\n1|{text}\n").into()),
        ("UTF-16", "a.csv", |text| wide(&format!("\u{feff}a\tb\n1\t{text}\n"))),
    ]);
    assert_named(&[
        ("a column", "a.csv", |name, value| format!("a,{name}\n1,{value}\n").into()),
        ("a column behind commas", "a.csv", |name, value| format!("a, b;{name}\n1;{value}\n").into()),
        ("a column below the name of the sign", "a.csv", |name, value| format!("sep=|\n{name}|b\n{value}|2\n").into()),
        ("a column in quotes", "a.csv", |name, value| format!("\"a\"\t\"{name}\"\n1\t\"{value}\"\n").into()),
        ("a column", "a.tsv", |name, value| format!("a\t{name}\n1\t{value}\n").into()),
    ]);
}

#[test]
fn plain_texts() {
    assert_found(&[
        ("the text", "a.txt", |text| format!("1\r\n{text}").into()),
        ("behind a mark", "a.txt", |text| format!("\u{feff}{text}").into()),
        ("full width", "a.txt", |text| {
            let wide = |c: char| if c.is_ascii_digit() { char::from_u32(u32::from(c) + 0xfee0).unwrap() } else { c };
            text.chars().map(wide).collect::<String>().into()
        }),
        ("UTF-16", "a.log", |text| {
            [0xfe, 0xff].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect()
        }),
        ("the body of a mail in base64", "a.eml", |text| {
            format!("Subject: tide\r\nContent-Transfer-Encoding: base64\r\n\r\n{}", STANDARD.encode(text)).into()
        }),
        ("a part of a mail that is quoted-printable", "a", |text| {
            let text = text.bytes().map(|byte| format!("={byte:02X}")).collect::<Vec<_>>().concat();
            let head = "Content-Type: multipart/mixed; boundary=x\n\n--x\n";
            format!("{head}Content-Transfer-Encoding: quoted-printable\n\n{text}\n--x--\n").into()
        }),
        ("a subject", "a.eml", |text| format!("Subject: =?utf-8?B?{}?=\r\n\r\ntide", STANDARD.encode(text)).into()),
        ("an address with data", "a.css", |text| {
            format!("a {{ background: url(data:text/plain;base64,{}) }}", STANDARD.encode(text)).into()
        }),
        ("a note of a contact", "a.vcf", |text| format!("NOTE;ENCODING=b:{}\r\n", STANDARD.encode(text)).into()),
        ("a line without end", "a", |text| format!("{}{text}", "a tide table ".repeat(20_000)).into()),
    ]);
}

/// A text in escapes of JSON.
fn escaped(text: &str) -> String {
    text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect::<Vec<_>>().concat()
}

/// A field of a record, as a schema has it.
fn field(name: &str, rest: &str) -> String {
    format!(r#"{{"type": "record", "name": "r", "fields": [{{"name": "{name}", {rest}}}]}}"#)
}

#[test]
fn avro_places() {
    assert_found(&[
        ("a value", "a.avro", |text| avro("\"string\"", &[], &avro::sized(text.as_bytes()))),
        ("bytes", "a.avro", |text| avro("\"bytes\"", &[], &avro::sized(text.as_bytes()))),
        ("bytes in UTF-16", "a.avro", |text| avro("\"bytes\"", &[], &avro::sized(&wide(text)))),
        ("a fixed length in UTF-16", "a.avro", |text| {
            let schema = format!(r#"{{"type": "fixed", "name": "a", "size": {}}}"#, 2 * text.len());
            avro(&schema, &[], &wide(text))
        }),
        ("a key of the header", "a.avro", |text| avro("\"null\"", &[(text.as_bytes(), b"1")], b"")),
        ("a value of the header", "a.avro", |text| avro("\"null\"", &[(b"a", text.as_bytes())], b"")),
        ("bytes of the header", "a.avro", |text| {
            avro("\"null\"", &[(b"a", &[b"\xff\0", text.as_bytes()].concat())], b"")
        }),
        ("documentation", "a.avro", |text| avro(&field("a", &format!(r#""type": "null", "doc": "{text}""#)), &[], b"")),
        ("documentation with escapes", "a.avro", |text| {
            let text = escaped(text);
            avro(&field("a", &format!(r#""type": "null", "doc": "{text}""#)), &[], b"")
        }),
        ("an alias", "a.avro", |text| {
            avro(&field("a", &format!(r#""type": "null", "aliases": ["{text}"]"#)), &[], b"")
        }),
        ("a name", "a.avro", |text| avro(&field(text, r#""type": "null""#), &[], b"")),
        ("the key of a map", "a.avro", |text| {
            let record = [&avro::number(1)[..], &avro::sized(text.as_bytes()), &[0]].concat();
            avro(r#"{"type": "map", "values": "null"}"#, &[], &record)
        }),
    ]);
    assert_named(&[
        ("a text", "a.avro", |name, value| {
            avro(&field(name, r#""type": "string""#), &[], &avro::sized(value.as_bytes()))
        }),
        ("a number", "a.avro", |name, value| {
            avro(&field(name, r#""type": "long""#), &[], &avro::number(value.parse().unwrap()))
        }),
        ("a text by an alias", "a.avro", |name, value| {
            avro(
                &field("a", &format!(r#""type": "string", "aliases": ["b", "{name}"]"#)),
                &[],
                &avro::sized(value.as_bytes()),
            )
        }),
        ("a symbol", "a.avro", |name, value| {
            let schema = format!(r#""type": {{"type": "enum", "name": "e", "symbols": ["a", "{value}"]}}"#);
            avro(&field(name, &schema), &[], &avro::number(1))
        }),
        ("a default", "a.avro", |name, value| {
            let long = r#""type": "null", "doc": "what is long enough to keep the name away from the value""#;
            avro(&field(name, &format!(r#"{long}, "default": "{value}""#)), &[], b"")
        }),
        ("the key of a map", "a.avro", |name, value| {
            let record = [avro::number(1), avro::sized(name.as_bytes()), avro::sized(value.as_bytes()), vec![0]];
            avro(r#"{"type": "map", "values": "string"}"#, &[], &record.concat())
        }),
        ("a pair of the header", "a.avro", |name, value| avro("\"null\"", &[(name.as_bytes(), value.as_bytes())], b"")),
    ]);
}

#[test]
fn json_places() {
    assert_found(&[
        ("a value", "a.json", |text| format!("{{\"a\": [1, \"{text}\"]}}").into()),
        ("a name", "a.json", |text| format!("{{\"{text}\": 1}}").into()),
        ("escapes", "a.json", |text| {
            let text = escaped(text);
            format!("[\"{text}\"]").into()
        }),
        ("a line", "a.json", |text| format!("1\n\"{text}\"\n").into()),
        ("back to back", "a.json", |text| format!("{{}}{{\"a\": \"{text}\"}}{{}}").into()),
        ("back to back", "a", |text| format!("{{}}{{\"a\": \"{text}\"}}{{}}").into()),
        ("a line", "a.jsonl", |text| format!("[]\n\n[\"{text}\"]\n").into()),
    ]);
    assert_named(&[
        ("a field", "a.json", |name, value| format!("{{\"{name}\": {value}}}").into()),
        ("a number with an exponent", "a.json", |name, value| {
            let (first, rest) = value.split_at(1);
            format!("{{\"{name}\": [{first}.{rest}0E+{}]}}", rest.len()).into()
        }),
        ("far inside", "a.json", |name, value| format!("{{\"{name}\": [{{\"a\": [\"{value}\"]}}]}}").into()),
        ("a name", "a.json", |name, value| format!("{{\"{name}\": {{\"{value}\": 1}}}}").into()),
        ("a line", "a.ndjson", |name, value| format!("{{}}\n{{\"{name}\": {value}}}").into()),
    ]);
}

/// A text in references of XML.
fn referred(text: &str) -> String {
    text.chars().map(|c| format!("&#{};", u32::from(c))).collect::<Vec<_>>().concat()
}

#[test]
fn xml_places() {
    assert_found(&[
        ("text", "a.xml", |text| format!("<a>{text}</a>").into()),
        ("references", "a.xml", |text| format!("<a>{}</a>", referred(text)).into()),
        ("an attribute over lines", "a.xml", |text| format!("<a b=\"{}\"/>", text.replace(' ', "\r\n")).into()),
        ("the default of an attribute over lines", "a.xml", |text| {
            let text = text.replace(' ', "\t");
            format!("<!DOCTYPE a [<!ATTLIST a b CDATA \"{text}\">]><a/>").into()
        }),
        ("CDATA", "a.xml", |text| format!("<a>x <![CDATA[{text}]]></a>").into()),
        ("half in CDATA", "a.xml", |text| {
            let (one, other) = text.split_at(text.len() / 2);
            format!("<a>{one}<![CDATA[{other}]]></a>").into()
        }),
        ("around a comment", "a.xml", |text| {
            let (one, other) = text.split_at(text.len() - 4);
            format!("<a>{one}<!-- x -->{other}</a>").into()
        }),
        ("around an instruction", "a.xml", |text| {
            let (one, other) = text.split_at(text.len() - 4);
            format!("<a>{one}<?x y?>{other}</a>").into()
        }),
        ("around an element", "a.xml", |text| {
            let (one, other) = text.split_at(text.len() - 4);
            format!("<a>{one}<b/>{other}</a>").into()
        }),
        ("letters that are emphasised", "a.xml", |text| {
            let letters: Vec<String> = text.chars().map(|letter| format!("{letter}<b>")).collect();
            format!("<a>{}{}</a>", letters.concat(), "</b>".repeat(letters.len())).into()
        }),
        ("spans in a line", "a.svg", |text| {
            let (one, other) = text.split_at(text.len() - 4);
            format!("<svg><text><tspan>{one}</tspan><tspan>{other}</tspan></text></svg>").into()
        }),
        ("half in a parameter entity", "a.xml", |text| {
            let (one, other) = text.split_at(text.len() - 4);
            format!("<!DOCTYPE a [<!ENTITY % p \"<!ENTITY e '{other}'>\"> %p;]><a>{one}&e;</a>").into()
        }),
        ("an attribute", "a.xml", |text| format!("<a b='{text}'/>").into()),
        ("references in an attribute", "a.xml", |text| format!("<a b='{}'/>", referred(text)).into()),
        ("a comment", "a.xml", |text| format!("<a>1<!--{text}-->2</a>").into()),
        ("a comment before the root", "a.xml", |text| format!("<!--{text}--><a/>").into()),
        ("a comment at the end", "a.xml", |text| format!("<a/><!--{text}-->").into()),
        ("an instruction", "a.xml", |text| format!("<a>1<?x {text}?></a>").into()),
        ("an instruction at the end", "a.xml", |text| format!("<a/><?x {text}?>").into()),
        ("an entity", "a.xml", |text| format!("<!DOCTYPE a [<!ENTITY e '{text}'>]><a>&e;</a>").into()),
        ("an entity that nothing names", "a.xml", |text| format!("<!DOCTYPE a [<!ENTITY e '{text}'>]><a/>").into()),
        ("an entity of references", "a.xml", |text| {
            format!("<!DOCTYPE a [<!ENTITY e '{}'>]><a/>", referred(text)).into()
        }),
        ("a comment of the DTD", "a.xml", |text| format!("<!DOCTYPE a [<!-- {text} -->]><a/>").into()),
        ("an instruction of the DTD", "a.xml", |text| format!("<!DOCTYPE a [<?x {text}?>]><a/>").into()),
        ("a default", "a.xml", |text| format!("<!DOCTYPE a [<!ATTLIST a b CDATA '{text}'>]><a/>").into()),
        ("a default of references", "a.xml", |text| {
            format!("<!DOCTYPE a [<!ATTLIST a b CDATA '{}'>]><a/>", referred(text)).into()
        }),
        ("an address", "a.xml", |text| format!("<!DOCTYPE a SYSTEM '{text}'><a/>").into()),
        ("another encoding", "a.xml", |text| {
            let head = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9 ";
            [head, text.as_bytes(), b"</a>"].concat()
        }),
    ]);
    assert_named(&[
        ("an element", "a.xml", |name, value| format!("<{0}>{value}</{0}>", name.replace(' ', "_")).into()),
        ("an attribute", "a.xml", |name, value| format!("<a {}='{value}'/>", name.replace(' ', "-")).into()),
        ("a default far from its element", "a.xml", |name, value| {
            let others: String = ["b", "c", "d", "e"].map(|other| format!("{other} CDATA #IMPLIED ")).concat();
            format!("<!DOCTYPE a [<!ATTLIST {} {others} f CDATA '{value}'>]><a/>", name.replace(' ', "_")).into()
        }),
    ]);
}

#[test]
fn parquet_texts() {
    assert_found(&[
        ("a value", "a.parquet", |text| Parquet::plain("a", &["1", text]).file()),
        ("a value of bytes", "a.parquet", |text| Parquet { meaning: None, ..Parquet::plain("a", &[text]) }.file()),
        ("a value of bytes in UTF-16", "a.parquet", |text| {
            let data =
                [sized(&wide(text)), sized(&text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>())];
            Parquet { meaning: None, ..Parquet::of("a", 2, page(0, 2, &data.concat(), &[])) }.file()
        }),
        ("a dictionary", "a.parquet", |text| by_dictionary("a", &["1", text], 1).file()),
        ("a dictionary, not shown", "a.parquet", |text| by_dictionary("a", &["1", text], 0).file()),
        ("lengths", "a.parquet", |text| Parquet::of("a", 1, page(6, 1, &by_lengths(text), &[])).file()),
        ("prefixes", "a.parquet", |text| {
            Parquet::of("a", 1, page(7, 1, &[&delta(0)[..], &by_lengths(text)].concat(), &[])).file()
        }),
        ("the name of a column", "a.parquet", |text| Parquet::plain(text, &["1"]).file()),
        ("a key", "a.parquet", |text| {
            Parquet { notes: vec![(text.into(), vec![])], ..Parquet::plain("a", &["1"]) }.file()
        }),
        ("the value of a key", "a.parquet", |text| {
            Parquet { notes: vec![(b"a".to_vec(), text.into())], ..Parquet::plain("a", &["1"]) }.file()
        }),
        ("the producer", "a.parquet", |text| Parquet { producer: text.into(), ..Parquet::plain("a", &["1"]) }.file()),
        ("statistics of a column", "a.parquet", |text| {
            Parquet { least: text.into(), ..Parquet::plain("a", &["1"]) }.file()
        }),
        ("statistics of a page", "a.parquet", |text| {
            Parquet::of("a", 1, page(0, 1, &sized(b"1"), text.as_bytes())).file()
        }),
        ("the index of pages", "a.parquet", |text| {
            let behind = index(b"1", text.as_bytes());
            Parquet { index: behind.len(), behind, ..Parquet::plain("a", &["1"]) }.file()
        }),
        ("before the first column", "a.parquet", |text| {
            Parquet { before: text.into(), ..Parquet::plain("a", &["1"]) }.file()
        }),
        ("behind the last column", "a.parquet", |text| {
            Parquet { behind: [b"\0\xff\0", text.as_bytes()].concat(), ..Parquet::plain("a", &["1"]) }.file()
        }),
        ("behind the last run of a page", "a.parquet", |text| {
            let pages = [dictionary(&["1"]), page(8, 1, &[&[1, 1 << 1, 0], text.as_bytes()].concat(), &[])].concat();
            Parquet { first: dictionary(&["1"]).len(), ..Parquet::of("a", 1, pages) }.file()
        }),
    ]);
}

#[test]
fn parquet_names() {
    assert_named(&[
        ("a text", "a.parquet", |name, value| Parquet::plain(name, &[value]).file()),
        ("a number", "a.parquet", |name, value| {
            let number = value.parse::<i64>().unwrap().to_le_bytes();
            Parquet { kind: 2, meaning: None, ..Parquet::of(name, 1, page(0, 1, &number, &[])) }.file()
        }),
        ("a dictionary", "a.parquet", |name, value| by_dictionary(name, &[value], 0).file()),
        ("statistics of numbers", "a.parquet", |name, value| {
            let least = value.parse::<i64>().unwrap().to_le_bytes().to_vec();
            Parquet { kind: 2, meaning: None, least, ..Parquet::of(name, 1, page(0, 1, &[1; 8], &[])) }.file()
        }),
        ("the index of pages", "a.parquet", |name, value| {
            let number = value.parse::<i64>().unwrap().to_le_bytes();
            let behind = index(&number, &number);
            let file = Parquet { index: behind.len(), behind, ..Parquet::of(name, 1, page(0, 1, &[1; 8], &[])) };
            Parquet { kind: 2, meaning: None, ..file }.file()
        }),
        ("a key and its value", "a.parquet", |name, value| {
            Parquet { notes: vec![(name.into(), value.into())], ..Parquet::plain("a", &["1"]) }.file()
        }),
    ]);
}

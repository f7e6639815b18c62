//! What is inspected: tables and texts with numbers and dates in them, but nothing sensitive.

mod avro;
#[path = "../../tests/archives/gzip.rs"]
mod gzip;
#[path = "../../tests/archives/office.rs"]
mod office;
mod parquet;
mod pdf;
#[path = "../../tests/archives/tar.rs"]
mod tar;
#[path = "../../tests/archives/zip.rs"]
mod zip;

use std::fmt::{Display, Write};

/// How many rows there are: they make some 10 to 30 MB.
const ROWS: u64 = 150_000;

/// A file.
pub struct Input {
    pub name: String,
    pub bytes: Vec<u8>,
    /// How many bytes there are in it without compression.
    pub content: usize,
}

/// A row of the table that each format holds.
struct Row {
    id: u64,
    time: String,
    station: &'static str,
    level: f64,
    order: String,
    note: &'static str,
}

const STATIONS: [&str; 4] = ["Saltmere", "Eastvale harbour", "Kap Föhr", "North Quay 12"];

const NOTES: [&str; 3] =
    ["gauge read by hand after the storm", "calibrated, see the report", "spring tide; the boats were moved"];

/// The rows, which look random and are not.
fn rows() -> impl Iterator<Item = Row> {
    (0..ROWS).map(|id| {
        let number = (id + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let pick = |of: usize| usize::try_from(number >> 40).unwrap_or_default() % of;
        let (month, day, hour) = (1 + id / 9000 % 12, 1 + id / 700 % 28, id / 30 % 24);
        Row {
            id,
            time: format!("2026-{month:02}-{day:02}T{hour:02}:{:02}:00Z", id % 60),
            station: STATIONS[pick(STATIONS.len())],
            level: f64::from(u16::try_from(number >> 50).unwrap_or_default()) / 100.0,
            order: format!("{:08x}-{:04x}-4{:03x}", number >> 32, number >> 16 & 0xffff, number & 0xfff),
            note: NOTES[pick(NOTES.len())],
        }
    })
}

/// A text of all rows.
fn text(mut write: impl FnMut(&mut String, &Row) -> std::fmt::Result) -> String {
    let mut all = String::new();
    for row in rows() {
        write(&mut all, &row).unwrap();
    }
    all
}

fn csv() -> String {
    csv_with(|_| "")
}

/// Rows that have something behind their note.
fn csv_with<T: Display>(more: impl Fn(u64) -> T) -> String {
    let lines = text(|all, row| {
        let Row { id, time, station, level, order, note } = row;
        writeln!(all, "{id},{time},{station},{level},{order},\"{note}{}\"", more(*id))
    });
    format!("id,time,station,level,order,note\n{lines}")
}

fn fixed() -> String {
    text(|all, row| {
        let Row { id, time, station, level, order, note } = row;
        writeln!(all, "{id:>6} {time} {station:<16} {level:>6.2} {order} {note:<34}")
    })
}

fn ndjson() -> String {
    text(|all, row| {
        let Row { id, time, station, level, order, note } = row;
        writeln!(
            all,
            r#"{{"id":{id},"time":"{time}","station":"{station}","level":{level},"order":"{order}","note":"{note}"}}"#
        )
    })
}

fn xml() -> String {
    let elements = text(|all, row| {
        let Row { id, time, station, level, order, note } = row;
        writeln!(
            all,
            "<reading id=\"{id}\"><time>{time}</time><station>{station}</station><level>{level}</level>\
             <order>{order}</order><note>{note}</note></reading>"
        )
    });
    format!("<?xml version=\"1.0\"?>\n<readings>\n{elements}</readings>\n")
}

fn prose() -> String {
    text(|all, row| {
        let Row { id, time, station, level, order, note } = row;
        writeln!(all, "{time} INFO reading {id} at {station}: {level} m, order {order} ({note})")
    })
}

/// A workbook with inline strings, as programs write them that hold nothing in memory.
fn sheet() -> String {
    let rows = text(|all, row| {
        let Row { id, time, station, level, order, note } = row;
        write!(all, "<row r=\"{}\"><c><v>{id}</v></c><c><v>{level}</v></c>", id + 1)?;
        for text in [time.as_str(), station, order, note] {
            write!(all, "<c t=\"inlineStr\"><is><t>{text}</t></is></c>")?;
        }
        all.write_str("</row>")
    });
    format!(
        "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
         <sheetData>{rows}</sheetData></worksheet>"
    )
}

fn document() -> String {
    let paragraphs = text(|all, row| {
        let Row { time, station, level, note, .. } = row;
        write!(all, "<w:p><w:r><w:t>{time} {station}: {level} m, </w:t></w:r><w:r><w:t>{note}</w:t></w:r></w:p>")
    });
    format!(
        "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">\
         <w:body>{paragraphs}</w:body></w:document>"
    )
}

/// An Office file of one part, and of a workbook if that is a sheet.
fn package(name: &str, part: &str) -> Vec<u8> {
    let types = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>";
    let main = if name.starts_with("xl/") { "xl/workbook.xml" } else { name };
    let relations = office::relations(main);
    let mut parts = vec![("[Content_Types].xml", types.as_bytes()), ("_rels/.rels", relations.as_bytes())];
    if main != name {
        parts.push((main, b"<workbook/>"));
    }
    parts.push((name, part.as_bytes()));
    zip::zip(&parts)
}

/// Makes the file of a format.
pub fn make(format: &str) -> Input {
    let name = format!("readings.{format}");
    let plain = |bytes: Vec<u8>| (bytes.len(), bytes);
    let packed = |content: &str, pack: &dyn Fn(&[u8]) -> Vec<u8>| (content.len(), pack(content.as_bytes()));
    let (content, bytes) = match format {
        "txt" => plain(prose().into_bytes()),
        "csv" => plain(csv().into_bytes()),
        "fixed.txt" => plain(fixed().into_bytes()),
        "keyword.csv" => plain(csv_with(|_| ", by phone").into_bytes()),
        // No card has a number with a wrong last digit.
        "number.csv" => plain(csv_with(|id| 4_000_000_000_000_001 + 10 * id).into_bytes()),
        "json" => plain(format!("[{}]", ndjson().trim_end().replace('\n', ",\n")).into_bytes()),
        "ndjson" => plain(ndjson().into_bytes()),
        "xml" => plain(xml().into_bytes()),
        "csv.gz" => packed(&csv(), &gzip::gzip),
        "zip" => packed(&csv(), &|data| zip::zip(&[("readings.csv", data)])),
        "tar" => packed(&csv(), &|data| tar::tar(&[("readings.csv", data)])),
        "parquet" => parquet::make(),
        "avro" => plain(avro::make()),
        "pdf" => pdf::make(),
        "xlsx" => packed(&sheet(), &|data| package("xl/worksheets/sheet1.xml", std::str::from_utf8(data).unwrap())),
        "docx" => packed(&document(), &|data| package("word/document.xml", std::str::from_utf8(data).unwrap())),
        _ => panic!("no such input: {format}"),
    };
    Input { name, bytes, content }
}

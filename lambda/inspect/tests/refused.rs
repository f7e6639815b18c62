//! What README says is refused although one may not expect it is refused, and its reason or its row says what helps.

#[path = "archives/gzip.rs"]
mod gzip;
#[path = "archives/office.rs"]
mod office;
#[path = "archives/zip.rs"]
mod zip;

use gzip::gzip;
use inspect::{Limits, inspect};
use office::relations;
use zip::zip;

const README: &str = include_str!("../../../README.md");

/// The rows of the table, by their first cell.
fn rows() -> Vec<&'static str> {
    let table = README.split_once("### Refused although you may not expect it").unwrap().1;
    let table = table.split_once("\n## ").unwrap().0;
    let rows = table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| what | why"));
    rows.map(|row| row[2..].split(" | ").next().unwrap()).collect()
}

#[test]
fn what_the_table_says_is_refused() {
    let mut tar = vec![0; 512];
    tar[..5].copy_from_slice(b"a.txt");
    let pdf = b"%PDF-1.7\n1 0 obj <</Type/Catalog>> endobj\nstartxref\n9\n%%EOF\n".to_vec();
    let mail = b"Content-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjcKJVBERi0xLjcKJVBERi0xLjcKJVBERi0xLjcK\r\n";
    let wide: Vec<u8> = "a,b\n1,2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let picture = b"\x89PNG\r\n\x1a\n\0\0\0\0IEND\xae\x42\x60\x82";
    let relations = relations("word/document.xml");
    let office = zip(&[
        ("[Content_Types].xml", &b"<Types/>"[..]),
        ("_rels/.rels", relations.as_bytes()),
        ("word/document.xml", b"<document/>"),
        ("word/embeddings/a.bin", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"),
    ]);
    let behind = zip(&[
        ("[Content_Types].xml", &b"<Types/>"[..]),
        ("_rels/.rels", relations.as_bytes()),
        ("word/document.xml", b"<document/>"),
        ("word/media/a.png", &[&picture[..], &gzip(b"tide")].concat()),
    ]);
    let eps = zip(&[
        ("[Content_Types].xml", &b"<Types/>"[..]),
        ("_rels/.rels", relations.as_bytes()),
        ("word/document.xml", b"<document/>"),
        ("word/media/a.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n(tide) show\n"),
    ]);
    // Method 8 is deflate, 9 is Deflate64, in both headers.
    let mut deflate64 = zip(&[("a.txt", &b"tide"[..])]);
    let directory = deflate64.windows(4).position(|mark| mark == b"PK\x01\x02").unwrap();
    for place in [8, directory + 10] {
        assert_eq!(std::mem::replace(&mut deflate64[place], 9), 8);
    }
    let files: Vec<(&str, &str, Vec<u8>)> = vec![
        ("CSV or text in Latin-1", "a.csv", b"a,b\n\xe9,2\n".to_vec()),
        ("Office documents with OLE objects", "a.docx", office),
        ("a picture, a program or a database in an archive", "a.zip", zip(&[("a.png", &picture[..])])),
        ("rows of different numbers of fields", "a.csv", b"a,b\n1,2,3\n".to_vec()),
        ("bytes behind the end of an archive", "a.csv.gz", [gzip(b"a,b\n1,2\n"), b"x".to_vec()].concat()),
        ("zip that `bsdtar` writes", "a.zip", [zip(&[("a.txt", &b"tide"[..])]), vec![0; 512]].concat()),
        ("a zip packed with Deflate64", "a.zip", deflate64),
        ("TSV with a field", "a.tsv", b"a\tb\n\"tide\tx\n".to_vec()),
        ("an EPS picture", "a.docx", eps),
        ("a mail with a PDF", "a.eml", mail.to_vec()),
        ("a picture, a font or a comment with an archive", "a.docx", behind),
        ("blank lines between rows", "a.csv", b"a,b\n\n1,2\n".to_vec()),
        ("UTF-16 without a mark", "a.csv", wide),
        ("a tar without its end", "a.tar", tar),
        ("RTF and PostScript", "a.txt", b"{\\rtf1\\ansi tide\\par}".to_vec()),
        ("RTF and PostScript", "a.log", b"%!PS-Adobe-3.0\n(tide) show\n".to_vec()),
        ("NDJSON with two values", "a.ndjson", b"{}{}\n{}\n".to_vec()),
        ("an Office document without", "a.docx", zip(&[("[Content_Types].xml", &b"<Types/>"[..]), ("word/", b"")])),
        ("bytes before `%PDF-`", "a.pdf", [b"HTTP/1.1 200 OK\n\n".to_vec(), pdf.clone()].concat()),
        ("bytes before `%PDF-`", "a.txt", [b"\n".to_vec(), pdf].concat()),
        ("`.crc`, `Thumbs.db`", "a.zip", zip(&[("Thumbs.db", &b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"[..])])),
        ("`.crc`, `Thumbs.db`", "a.zip", zip(&[("part-0.csv.crc", &b"crc\0\0\0\x02\0"[..])])),
    ];
    // Those are in tests of their own: encrypted samples, attachments of PDFs, blocks that are too large, notations that
    // are too deep.
    let others = ["a PDF with a password", "a PDF with a sound", "pages of Parquet", "base64 or quoted-printable in"];
    for row in rows() {
        let known = files.iter().map(|file| file.0).chain(others).any(|start| row.starts_with(start));
        assert!(known, "nothing shows that this is refused: {row}");
    }
    for (start, name, bytes) in files {
        assert!(rows().iter().any(|row| row.starts_with(start)), "{start}");
        let answer = inspect(name, &bytes[..], &Limits::default()).unwrap();
        assert!(answer.broken.is_some(), "{start}: {name} passes");
    }
}

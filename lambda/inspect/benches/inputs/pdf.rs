//! A PDF of many pages of text, each compressed.

use std::fmt::Write;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// How many rows there are on a page.
const PAGE: usize = 60;

/// The length of all pages without compression, and the file.
pub fn make() -> (usize, Vec<u8>) {
    let rows: Vec<super::Row> = super::rows().collect();
    let pages: Vec<&[super::Row]> = rows.chunks(PAGE).collect();
    let mut kids = String::new();
    for page in 0..pages.len() {
        write!(kids, "{} 0 R ", 4 + 2 * page).unwrap();
    }
    let mut file = File { bytes: b"%PDF-1.4\n".to_vec(), places: Vec::new() };
    file.add(b"<</Type/Catalog/Pages 2 0 R>>");
    file.add(format!("<</Type/Pages/Kids[{kids}]/Count {}>>", pages.len()).as_bytes());
    file.add(b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>");
    let mut content = 0;
    for page in pages {
        let mut text = "BT /F1 9 Tf 12 TL 50 800 Td\n".to_owned();
        for row in page {
            writeln!(text, "({} {} {} m, {}) Tj T*", row.time, row.id, row.level, row.note).unwrap();
        }
        text.push_str("ET\n");
        content += text.len();
        let number = file.places.len() + 2;
        let font = "/Resources<</Font<</F1 3 0 R>>>>";
        file.add(format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]{font}/Contents {number} 0 R>>").as_bytes());
        let packed = deflated(text.as_bytes());
        let head = format!("<</Filter/FlateDecode/Length {}>>stream\n", packed.len());
        file.add(&[head.as_bytes(), &packed, b"\nendstream"].concat());
    }
    (content, file.finish())
}

struct File {
    bytes: Vec<u8>,
    places: Vec<usize>,
}

impl File {
    /// Adds the next object.
    fn add(&mut self, body: &[u8]) {
        self.places.push(self.bytes.len());
        self.bytes.extend(format!("{} 0 obj\n", self.places.len()).bytes());
        self.bytes.extend(body);
        self.bytes.extend(b"\nendobj\n");
    }

    /// Writes the table of the objects' places.
    fn finish(mut self) -> Vec<u8> {
        let (start, size) = (self.bytes.len(), self.places.len() + 1);
        let mut end = format!("xref\n0 {size}\n0000000000 65535 f \n");
        for place in &self.places {
            writeln!(end, "{place:010} 00000 n ").unwrap();
        }
        write!(end, "trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").unwrap();
        self.bytes.extend(end.bytes());
        self.bytes
    }
}

/// Compresses data.
fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

//! Writes small PDFs.

use std::fmt::Write;

/// The text of a page.
pub fn text(shown: &str) -> String {
    format!("BT /F1 9 Tf ({shown}) Tj ET")
}

/// A document of one page, whose content is object 4.
#[derive(Default)]
pub struct Document {
    pub objects: Vec<(u32, Vec<u8>)>,
    /// What the page and the catalogue say beside.
    pub page: String,
    pub root: String,
    pub resources: String,
    pub contents: String,
    pub trailer: String,
    pub between: Vec<u8>,
    pub behind: String,
    pub end: String,
    /// The file, where it is written already.
    pub whole: Vec<u8>,
}

impl Document {
    pub fn new() -> Self {
        Self { contents: "4 0 R".to_owned(), ..Self::default() }
    }

    pub fn object(mut self, number: u32, body: &str) -> Self {
        self.objects.push((number, body.as_bytes().to_vec()));
        self
    }

    /// Adds a stream, in place of one of this number.
    pub fn stream(mut self, number: u32, says: &str, data: impl AsRef<[u8]>) -> Self {
        let data = data.as_ref();
        let head = format!("<<{says} /Length {}>> stream\n", data.len());
        self.objects.retain(|object| object.0 != number);
        self.objects.push((number, [head.as_bytes(), data, b"\nendstream"].concat()));
        self
    }

    pub fn contents(self, contents: &str) -> Self {
        Self { contents: contents.to_owned(), ..self }
    }

    /// Adds to the resources of the page.
    pub fn resource(self, resources: &str) -> Self {
        Self { resources: resources.to_owned(), ..self }
    }

    pub fn trailer(self, says: &str) -> Self {
        Self { trailer: says.to_owned(), ..self }
    }

    /// What stands between two objects.
    pub fn between(self, text: &str) -> Self {
        Self { between: text.as_bytes().to_vec(), ..self }
    }

    /// What stands behind the streams.
    pub fn behind(self, text: &str) -> Self {
        Self { behind: text.to_owned(), ..self }
    }

    /// What stands behind all.
    pub fn end(self, text: &str) -> Self {
        Self { end: text.to_owned(), ..self }
    }

    pub fn build(mut self) -> Vec<u8> {
        if !self.whole.is_empty() {
            return self.whole;
        }
        let font = "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>";
        let fonts = if self.resources.contains("/Font") { String::new() } else { format!("/Font <</F1 {font}>>") };
        let page = format!(
            "<</Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {} /Resources <<{fonts} {}>> {}>>",
            self.contents, self.resources, self.page
        );
        let root = format!("<</Type /Catalog /Pages 2 0 R {}>>", self.root);
        let pages = "<</Type /Pages /Kids [3 0 R] /Count 1>>".to_owned();
        for (number, body) in [(1, root), (2, pages), (3, page)] {
            if !self.objects.iter().any(|object| object.0 == number) {
                self.objects.push((number, body.into_bytes()));
            }
        }
        self.objects.sort();
        let mut file = b"%PDF-1.7\n".to_vec();
        let mut table = String::new();
        for (number, body) in &self.objects {
            writeln!(table, "{number} 1\n{:010} 00000 n ", file.len()).unwrap();
            let (body, behind) = match body.strip_suffix(b"endstream") {
                Some(start) if !self.behind.is_empty() => (start, format!("{}endstream", self.behind)),
                _ => (&body[..], String::new()),
            };
            file.extend([format!("{number} 0 obj ").as_bytes(), body, behind.as_bytes(), b"\nendobj\n"].concat());
            if *number == 2 {
                file.extend(&self.between);
            }
        }
        let start = file.len();
        let trailer =
            format!("trailer <</Size 99 /Root 1 0 R {}>>\nstartxref\n{start}\n%%EOF\n{}", self.trailer, self.end);
        file.extend(format!("xref\n0 1\n0000000000 65535 f \n{table}{trailer}").into_bytes());
        file
    }
}

/// A document whose page is in an object stream.
pub fn packed(shown: &str) -> Document {
    let objects = [
        "<</Type /Catalog /Pages 2 0 R>>",
        "<</Type /Pages /Kids [3 0 R] /Count 1>>",
        "<</Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R>>",
    ];
    let (mut index, mut all) = (String::new(), String::new());
    for (at, object) in objects.iter().enumerate() {
        write!(index, "{} {} ", at + 1, all.len()).unwrap();
        all.push_str(object);
        all.push('\n');
    }
    let mut file = b"%PDF-1.7\n".to_vec();
    let content = text(shown);
    let content_at = file.len();
    file.extend(format!("4 0 obj <</Length {}>> stream\n{content}\nendstream endobj\n", content.len()).into_bytes());
    let stream_at = file.len();
    let says = format!("/Type /ObjStm /N 3 /First {} /Length {}", index.len(), index.len() + all.len());
    file.extend(format!("5 0 obj <<{says}>> stream\n{index}{all}\nendstream endobj\n").into_bytes());
    let table_at = file.len();
    let mut rows = vec![0, 0, 0, 0];
    for number in 0..3 {
        rows.extend([2, 0, 5, number]);
    }
    for offset in [content_at, stream_at, table_at] {
        rows.extend([1, u8::try_from(offset >> 8).unwrap(), u8::try_from(offset & 255).unwrap(), 0]);
    }
    let says = format!("/Type /XRef /W [1 2 1] /Size 7 /Root 1 0 R /Length {}", rows.len());
    file.extend([format!("6 0 obj <<{says}>> stream\n").as_bytes(), &rows, b"\nendstream endobj\n"].concat());
    file.extend(format!("startxref\n{table_at}\n%%EOF\n").into_bytes());
    Document { whole: file, ..Document::default() }
}

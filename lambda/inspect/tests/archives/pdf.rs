//! A PDF whose places are in a cross-reference stream.

use crate::zlib::zlib;

/// A document that grows object by object; the first one is the catalogue.
pub struct Pdf {
    bytes: Vec<u8>,
    /// The rows of the cross-reference: a kind, an offset or the stream an object is packed in, its index there.
    rows: Vec<(u8, usize, usize)>,
}

impl Pdf {
    /// A document whose catalogue names object 2 as the tree of pages.
    pub fn new() -> Self {
        let mut pdf = Self { bytes: b"%PDF-1.7\n".to_vec(), rows: Vec::new() };
        pdf.object("<</Type/Catalog/Pages 2 0 R>>");
        pdf
    }

    /// A document of one page: its resources, and its content, which is object 4. The next object is 5.
    pub fn page(resources: &str, content: &[u8]) -> Self {
        let mut pdf = Self::new();
        pdf.object("<</Type/Pages/Count 1/Kids[3 0 R]>>");
        pdf.object(format!("<</Type/Page/Parent 2 0 R/Resources<<{resources}>>/Contents 4 0 R>>"));
        pdf.stream("", content);
        pdf
    }

    /// The number that the next object gets.
    pub fn next(&self) -> usize {
        self.rows.len() + 1
    }

    /// Adds an object.
    pub fn object(&mut self, body: impl AsRef<[u8]>) {
        self.rows.push((1, self.bytes.len(), 0));
        let number = self.rows.len();
        self.bytes.extend(format!("{number} 0 obj\n").bytes());
        self.bytes.extend(body.as_ref());
        self.bytes.extend(b"\nendobj\n");
    }

    /// Adds a stream, deflated.
    pub fn stream(&mut self, keys: &str, data: &[u8]) {
        let data = zlib(data);
        let head = format!("<<{keys}/Filter/FlateDecode/Length {}>>stream\n", data.len());
        self.object([head.as_bytes(), &data, b"\nendstream"].concat());
    }

    /// Adds an object that is packed in the stream that comes before it.
    pub fn packed(&mut self, body: &str) {
        let (stream, number) = (self.next(), self.next() + 1);
        let head = format!("{number} 0 ");
        self.stream(&format!("/Type/ObjStm/N 1/First {}", head.len()), (head + body).as_bytes());
        self.rows.push((2, stream, 0));
    }

    /// Adds the cross-reference.
    pub fn finish(mut self) -> Vec<u8> {
        let start = self.bytes.len();
        self.rows.push((1, start, 0));
        let mut table = vec![0; 7];
        for &(kind, place, index) in &self.rows {
            table.push(kind);
            table.extend(u32::try_from(place).unwrap().to_be_bytes());
            table.extend(u16::try_from(index).unwrap().to_be_bytes());
        }
        let number = self.rows.len();
        let keys = format!("/Type/XRef/W[1 4 2]/Size {}/Root 1 0 R", number + 1);
        let table = zlib(&table);
        let head = format!("{number} 0 obj\n<<{keys}/Filter/FlateDecode/Length {}>>stream\n", table.len());
        let end = format!("\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n");
        self.bytes.extend([head.as_bytes(), &table, end.as_bytes()].concat());
        self.bytes
    }
}

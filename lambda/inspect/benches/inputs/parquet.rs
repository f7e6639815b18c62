//! A Parquet file of pages compressed with Snappy.

use super::Row;

/// How many rows there are in a page, and pages in a row group.
const PAGE: usize = 5000;
const GROUP: usize = 6;

/// Thrift's types.
const I32: u8 = 5;
const I64: u8 = 6;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

/// How a value is written as Parquet's PLAIN encoding has it.
type Plain = fn(&mut Vec<u8>, &Row);

/// The columns: name, physical type, values.
const COLUMNS: [(&str, i64, Plain); 6] = [
    ("id", 2, |page, row| page.extend(row.id.to_le_bytes())),
    ("time", 6, |page, row| string(page, &row.time)),
    ("station", 6, |page, row| string(page, row.station)),
    ("level", 5, |page, row| page.extend(row.level.to_le_bytes())),
    ("order", 6, |page, row| string(page, &row.order)),
    ("note", 6, |page, row| string(page, row.note)),
];

fn string(page: &mut Vec<u8>, text: &str) {
    page.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
    page.extend(text.as_bytes());
}

/// The length of all pages without compression, and the file.
pub fn make() -> (usize, Vec<u8>) {
    let rows: Vec<Row> = super::rows().collect();
    let mut all = b"PAR1".to_vec();
    let (mut content, mut groups) = (0, Vec::new());
    for group in rows.chunks(PAGE * GROUP) {
        let columns = COLUMNS.map(|column| chunk(&mut all, &mut content, group, column));
        let list = columns.concat();
        groups.push(Struct::new().list(1, STRUCT, columns.len(), &list).int(2, I64, 0).int(3, I64, count(group.len())));
    }
    let root = Struct::new().binary(4, "schema").int(5, I32, count(COLUMNS.len())).end();
    let leaves = COLUMNS.map(|(name, kind, _)| Struct::new().int(1, I32, kind).int(3, I32, 0).binary(4, name).end());
    let schema = [root, leaves.concat()].concat();
    let number = groups.len();
    let groups: Vec<u8> = groups.into_iter().flat_map(Struct::end).collect();
    let footer = Struct::new().int(1, I32, 1).list(2, STRUCT, COLUMNS.len() + 1, &schema);
    let footer = footer.int(3, I64, count(rows.len())).list(4, STRUCT, number, &groups).end();
    all.extend(&footer);
    all.extend(u32::try_from(footer.len()).unwrap().to_le_bytes());
    all.extend(b"PAR1");
    (content, all)
}

/// Writes a column of a row group, and says what the footer says of it.
fn chunk(all: &mut Vec<u8>, content: &mut usize, rows: &[Row], (name, kind, plain): (&str, i64, Plain)) -> Vec<u8> {
    let start = all.len();
    for rows in rows.chunks(PAGE) {
        let mut page = Vec::new();
        for row in rows {
            plain(&mut page, row);
        }
        let packed = snap::raw::Encoder::new().compress_vec(&page).unwrap();
        let data = Struct::new().int(1, I32, count(rows.len())).int(2, I32, 0).int(3, I32, 3).int(4, I32, 3);
        let header = Struct::new().int(1, I32, 0).int(2, I32, count(page.len())).int(3, I32, count(packed.len()));
        all.extend(header.structure(5, &data.end()).end());
        all.extend(packed);
        *content += page.len();
    }
    let mut path = varint(name.len() as u64);
    path.extend(name.as_bytes());
    let data = Struct::new().int(1, I32, kind).list(2, I32, 1, &[0]).list(3, BINARY, 1, &path).int(4, I32, 1);
    let data = data.int(5, I64, count(rows.len())).int(6, I64, 0).int(7, I64, count(all.len() - start));
    let data = data.int(9, I64, count(start)).end();
    Struct::new().int(2, I64, count(start)).structure(3, &data).end()
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap()
}

/// A structure of Thrift's compact protocol, whose fields come in order.
struct Struct {
    bytes: Vec<u8>,
    last: u8,
}

impl Struct {
    fn new() -> Self {
        Self { bytes: Vec::new(), last: 0 }
    }

    fn field(mut self, number: u8, kind: u8) -> Self {
        self.bytes.push((number - self.last) << 4 | kind);
        self.last = number;
        self
    }

    fn with(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    fn int(self, number: u8, kind: u8, value: i64) -> Self {
        let zigzag = (value << 1 ^ value >> 63).cast_unsigned();
        self.field(number, kind).with(&varint(zigzag))
    }

    fn binary(self, number: u8, text: &str) -> Self {
        self.field(number, BINARY).with(&varint(text.len() as u64)).with(text.as_bytes())
    }

    fn list(self, number: u8, kind: u8, length: usize, items: &[u8]) -> Self {
        let head = u8::try_from(length).unwrap();
        assert!(head < 15, "longer lists have another head");
        self.field(number, LIST).with(&[head << 4 | kind]).with(items)
    }

    fn structure(self, number: u8, ended: &[u8]) -> Self {
        self.field(number, STRUCT).with(ended)
    }

    fn end(self) -> Vec<u8> {
        self.with(&[0]).bytes
    }
}

fn varint(number: u64) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), number);
    while rest >= 0x80 {
        bytes.push(u8::try_from(rest & 0x7f).unwrap() | 0x80);
        rest >>= 7;
    }
    bytes.push(u8::try_from(rest).unwrap());
    bytes
}

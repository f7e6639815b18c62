//! A Parquet file of one column in one row group, with something in any of its places.

/// Thrift's types.
const I32: u8 = 5;
const I64: u8 = 6;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

/// What is in the file.
#[derive(Clone)]
pub struct Parquet {
    pub name: Vec<u8>,
    /// The physical type, the one that says what values mean, and the repetition.
    pub kind: i64,
    pub meaning: Option<i64>,
    pub repetition: i64,
    /// The pages with their headers, and where the first one with data is.
    pub pages: Vec<u8>,
    pub first: usize,
    pub values: i64,
    pub rows: i64,
    pub least: Vec<u8>,
    pub notes: Vec<(Vec<u8>, Vec<u8>)>,
    pub producer: Vec<u8>,
    /// Bytes before the first column and behind the last, and how many of the latter are its index.
    pub before: Vec<u8>,
    pub behind: Vec<u8>,
    pub index: usize,
}

impl Parquet {
    /// A column of texts, written one after the other.
    pub fn plain(name: &str, texts: &[&str]) -> Self {
        let data: Vec<u8> = texts.iter().flat_map(|text| sized(text.as_bytes())).collect();
        Self::of(name, texts.len(), page(0, texts.len(), &data, &[]))
    }

    /// A column of these pages.
    pub fn of(name: &str, values: usize, pages: Vec<u8>) -> Self {
        let values = count(values);
        Self {
            name: name.into(),
            kind: 6,
            meaning: Some(0),
            repetition: 0,
            pages,
            first: 0,
            values,
            rows: values,
            least: Vec::new(),
            notes: Vec::new(),
            producer: b"cvault".to_vec(),
            before: Vec::new(),
            behind: Vec::new(),
            index: 0,
        }
    }

    /// The file.
    pub fn file(&self) -> Vec<u8> {
        let start = 4 + self.before.len();
        let end = start + self.pages.len();
        let mut all = [b"PAR1", &self.before[..], &self.pages, &self.behind].concat();
        let root = Struct::new().binary(4, b"schema").int(5, I32, 1).end();
        let mut leaf = Struct::new().int(1, I32, self.kind).int(3, I32, self.repetition).binary(4, &self.name);
        if let Some(meaning) = self.meaning {
            leaf = leaf.int(6, I32, meaning);
        }
        let mut data =
            Struct::new().int(1, I32, self.kind).list(2, I32, 1, &[0]).list(3, BINARY, 1, &bytes(&self.name));
        data = data.int(4, I32, 0).int(5, I64, self.values).int(6, I64, count(self.pages.len()));
        data = data.int(7, I64, count(self.pages.len())).int(9, I64, count(start + self.first));
        if self.first > 0 {
            data = data.int(11, I64, count(start));
        }
        if !self.least.is_empty() {
            data = data.structure(12, &Struct::new().binary(6, &self.least).end());
        }
        let mut column = Struct::new().int(2, I64, count(start)).structure(3, &data.end());
        if self.index > 0 {
            column = column.int(6, I64, count(end)).int(7, I32, count(self.index));
        }
        let group = Struct::new().list(1, STRUCT, 1, &column.end()).int(2, I64, 0).int(3, I64, self.rows).end();
        let notes = self.notes.iter().flat_map(|(key, value)| Struct::new().binary(1, key).binary(2, value).end());
        let footer = Struct::new().int(1, I32, 1).list(2, STRUCT, 2, &[root, leaf.end()].concat());
        let footer = footer.int(3, I64, self.rows).list(4, STRUCT, 1, &group);
        let footer =
            footer.list(5, STRUCT, self.notes.len(), &notes.collect::<Vec<u8>>()).binary(6, &self.producer).end();
        all.extend(&footer);
        all.extend(u32::try_from(footer.len()).unwrap().to_le_bytes());
        all.extend(b"PAR1");
        all
    }
}

/// A page of values in an encoding, without levels; `least` is what its statistics say.
pub fn page(encoding: i64, values: usize, data: &[u8], least: &[u8]) -> Vec<u8> {
    let mut own = Struct::new().int(1, I32, count(values)).int(2, I32, encoding).int(3, I32, 3).int(4, I32, 3);
    if !least.is_empty() {
        own = own.structure(5, &Struct::new().binary(6, least).end());
    }
    let header = Struct::new().int(1, I32, 0).int(2, I32, count(data.len())).int(3, I32, count(data.len()));
    [header.structure(5, &own.end()).end(), data.to_vec()].concat()
}

/// A page with a dictionary of texts.
pub fn dictionary(texts: &[&str]) -> Vec<u8> {
    let data: Vec<u8> = texts.iter().flat_map(|text| sized(text.as_bytes())).collect();
    let own = Struct::new().int(1, I32, count(texts.len())).int(2, I32, 0).end();
    let header = Struct::new().int(1, I32, 2).int(2, I32, count(data.len())).int(3, I32, count(data.len()));
    [header.structure(7, &own).end(), data].concat()
}

/// The index of the pages of a column: the least and the greatest value of each.
pub fn index(least: &[u8], greatest: &[u8]) -> Vec<u8> {
    let index = Struct::new().list(1, 1, 1, &[2]).list(2, BINARY, 1, &bytes(least));
    index.list(3, BINARY, 1, &bytes(greatest)).int(4, I32, 0).end()
}

/// Bytes behind their length, as PLAIN has them.
pub fn sized(data: &[u8]) -> Vec<u8> {
    [&u32::try_from(data.len()).unwrap().to_le_bytes(), data].concat()
}

/// Bytes behind their length, as Thrift has them.
fn bytes(data: &[u8]) -> Vec<u8> {
    [&varint(data.len() as u64), data].concat()
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap()
}

/// A structure of Thrift's compact protocol, whose fields come in order.
pub struct Struct {
    bytes: Vec<u8>,
    last: u8,
}

impl Struct {
    pub fn new() -> Self {
        Self { bytes: Vec::new(), last: 0 }
    }

    pub fn field(mut self, number: u8, kind: u8) -> Self {
        self.bytes.push((number - self.last) << 4 | kind);
        self.last = number;
        self
    }

    fn with(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    pub fn int(self, number: u8, kind: u8, value: i64) -> Self {
        let zigzag = (value << 1 ^ value >> 63).cast_unsigned();
        self.field(number, kind).with(&varint(zigzag))
    }

    pub fn binary(self, number: u8, data: &[u8]) -> Self {
        self.field(number, BINARY).with(&bytes(data))
    }

    fn list(self, number: u8, kind: u8, length: usize, items: &[u8]) -> Self {
        let head = u8::try_from(length).unwrap();
        assert!(head < 15, "longer lists have another head");
        self.field(number, LIST).with(&[head << 4 | kind]).with(items)
    }

    fn structure(self, number: u8, ended: &[u8]) -> Self {
        self.field(number, STRUCT).with(ended)
    }

    pub fn end(self) -> Vec<u8> {
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

//! The header of a member, and the records of pax.

pub(super) const BLOCK: usize = 512;

pub(super) const CHECKSUM: &str = "checksum differs";

/// What a header says.
pub(super) struct Header {
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) kind: u8,
}

impl Header {
    /// Reads a header, or says what is wrong with it.
    pub(super) fn parse(block: &[u8; BLOCK]) -> Result<Self, &'static str> {
        if !is_header(block) {
            return Err(CHECKSUM);
        }
        let mut name = text(&block[..100]);
        // GNU keeps times where POSIX has the first part of the name.
        if &block[257..263] == b"ustar\0" && block[345] != 0 {
            name = format!("{}/{name}", text(&block[345..500]));
        }
        let size = number(&block[124..136]).ok_or("no size")?;
        Ok(Self { name, size, kind: block[156] })
    }
}

/// Whether a block is a header, by its checksum: the sum of its bytes, of which old
/// programs took some for negative.
pub(crate) fn is_header(block: &[u8]) -> bool {
    let Some(block) = block.get(..BLOCK) else { return false };
    let Some(stated) = number(&block[148..156]) else { return false };
    let bytes = || block.iter().enumerate().map(|(at, &byte)| if (148..156).contains(&at) { b' ' } else { byte });
    let unsigned: u64 = bytes().map(u64::from).sum();
    let signed: i64 = bytes().map(|byte| i64::from(byte.cast_signed())).sum();
    block[0] != 0 && (stated == unsigned || i64::try_from(stated) == Ok(signed))
}

/// A number in octal or, for large ones, in binary.
fn number(field: &[u8]) -> Option<u64> {
    if let [0x80, rest @ ..] = field {
        let (high, low) = rest.split_at(rest.len().checked_sub(8)?);
        let whole = high.iter().all(|&byte| byte == 0);
        return whole.then(|| low.iter().fold(0, |value, &byte| value << 8 | u64::from(byte)));
    }
    let digits = str::from_utf8(field).ok()?.trim_matches(|c| matches!(c, ' ' | '\0'));
    let digits = if digits.is_empty() { "0" } else { digits };
    u64::from_str_radix(digits, 8).ok().filter(|_| !digits.starts_with('+'))
}

/// A text that ends at the first NUL.
pub(super) fn text(field: &[u8]) -> String {
    let end = field.iter().position(|&byte| byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end]).into_owned()
}

/// A record of pax.
pub(super) enum Record {
    Path(String),
    Size(u64),
    Sparse,
    Other,
}

/// The records of an extended header: `length key=value\n`, the length of all of it.
pub(super) fn records(mut data: &[u8]) -> impl Iterator<Item = Result<Record, &'static str>> {
    std::iter::from_fn(move || {
        if data.is_empty() {
            return None;
        }
        let Some((record, rest)) = split(data) else {
            data = &[];
            return Some(Err("a record of an extended header is broken"));
        };
        data = rest;
        Some(Ok(record))
    })
}

fn split(data: &[u8]) -> Option<(Record, &[u8])> {
    let blank = data.iter().take(20).position(|&byte| byte == b' ')?;
    let length: usize = str::from_utf8(&data[..blank]).ok()?.parse().ok()?;
    let record = data.get(blank + 1..length)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|&byte| byte == b'=')?;
    let (key, value) = (&record[..equals], &record[equals + 1..]);
    let record = match key {
        b"path" => Record::Path(String::from_utf8_lossy(value).into_owned()),
        b"size" => Record::Size(str::from_utf8(value).ok()?.parse().ok()?),
        key if key.starts_with(b"GNU.sparse.") => Record::Sparse,
        _ => Record::Other,
    };
    Some((record, &data[length..]))
}

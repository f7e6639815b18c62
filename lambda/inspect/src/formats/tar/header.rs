//! The header of a member, and the records of pax.

pub(super) const BLOCK: usize = 512;

pub(super) const CHECKSUM: &str = "checksum differs";

/// What a header says.
pub(super) struct Header {
    pub(super) shown: Shown,
    pub(super) size: u64,
    pub(super) kind: u8,
    /// The fields that hold numbers, and what is behind the ends of texts.
    pub(super) beside: Vec<u8>,
}

/// What a listing shows of a member, in the bytes of the file.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) name: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
    pub(super) user: Option<Vec<u8>>,
    pub(super) group: Option<Vec<u8>>,
}

impl Shown {
    /// A line as `tar -tv` has it.
    pub(super) fn line(&self) -> Vec<u8> {
        let [user, group, name, link] = [&self.user, &self.group, &self.name, &self.link].map(|text| {
            let text: &[u8] = text.as_deref().unwrap_or_default();
            text
        });
        let arrow: &[u8] = if link.is_empty() { b"" } else { b" -> " };
        [user, b"/", group, b" ", name, arrow, link].concat()
    }

    /// What extended headers say, and this header where they say nothing. What is not shown then goes to `beside`,
    /// unless it is the start of what is.
    pub(super) fn over(self, header: Self, beside: &mut Vec<u8>) -> Self {
        let mut choose = |extended: Option<Vec<u8>>, own: Option<Vec<u8>>| {
            let Some(extended) = extended else { return own };
            let own = own.unwrap_or_default();
            if !extended.starts_with(&own) {
                beside.push(0);
                beside.extend(own);
            }
            Some(extended)
        };
        Self {
            name: choose(self.name, header.name),
            link: choose(self.link, header.link),
            user: choose(self.user, header.user),
            group: choose(self.group, header.group),
        }
    }
}

impl Header {
    /// Reads a header, or says what is wrong with it.
    pub(super) fn parse(block: &[u8; BLOCK]) -> Result<Self, &'static str> {
        if !is_header(block) {
            return Err(CHECKSUM);
        }
        let mut beside = block[100..157].to_vec();
        let mut text = |from: usize, to: usize| {
            let (text, rest) = cut(&block[from..to]);
            beside.push(0);
            beside.extend(rest);
            text.to_vec()
        };
        let (mut name, link) = (text(0, 100), text(157, 257));
        let (user, group) = (text(265, 297), text(297, 329));
        // GNU keeps times where POSIX has the first part of the name.
        if &block[257..263] == b"ustar\0" && block[345] != 0 {
            name = [text(345, 500), b"/".to_vec(), name].concat();
        } else {
            beside.extend([&[0], &block[345..500]].concat());
        }
        beside.extend([&[0], &block[257..265], &[0], &block[329..345], &[0], &block[500..]].concat());
        let size = number(&block[124..136]).ok_or("no size")?;
        let shown = Shown { name: Some(name), link: Some(link), user: Some(user), group: Some(group) };
        Ok(Self { shown, size, kind: block[156], beside })
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

/// A text, which ends at the first NUL, and what is behind it.
pub(super) fn cut(field: &[u8]) -> (&[u8], &[u8]) {
    let end = field.iter().position(|&byte| byte == 0).unwrap_or(field.len());
    field.split_at(end)
}

/// The key and the value of a record of pax.
pub(super) type Record<'a> = (&'a [u8], &'a [u8]);

/// The records of an extended header: `length key=value\n`, the length of all of it.
pub(super) fn records(mut data: &[u8]) -> impl Iterator<Item = Result<Record<'_>, &'static str>> {
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

fn split(data: &[u8]) -> Option<(Record<'_>, &[u8])> {
    let blank = data.iter().take(20).position(|&byte| byte == b' ')?;
    let length: usize = str::from_utf8(&data[..blank]).ok()?.parse().ok()?;
    let record = data.get(blank + 1..length)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|&byte| byte == b'=')?;
    Some(((&record[..equals], &record[equals + 1..]), &data[length..]))
}

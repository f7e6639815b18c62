//! The bytes of a record: what index and members both read.

use crate::codecs::block::Codec;
use crate::verdict::Kind;

/// What the central directory says of a member.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) name: Box<str>,
    /// The bytes of the name, where they are no UTF-8.
    pub(super) raw_name: Option<Box<[u8]>>,
    /// The extra fields of the directory.
    pub(super) extra: Box<[u8]>,
    pub(super) flags: u16,
    pub(super) method: u16,
    /// Systems of Unix call it a symbolic link.
    pub(super) link: bool,
    pub(super) checksum: u32,
    pub(super) packed: u64,
    pub(super) size: u64,
    pub(crate) offset: u64,
    /// Where the next member starts, or the directory.
    pub(super) end: u64,
}

impl Entry {
    pub(crate) fn is_folder(&self) -> bool {
        self.name.ends_with('/')
    }

    /// The bytes of the name.
    pub(super) fn raw_name(&self) -> &[u8] {
        self.raw_name.as_deref().unwrap_or(self.name.as_bytes())
    }

    /// Why no two readers would agree on its name or on what stands beside it.
    pub(super) fn trouble(&self) -> Option<(Kind, &'static str)> {
        if self.name.contains('\0') {
            return Some((Kind::Syntax, "a name with a NUL, at which some end it"));
        }
        if self.flags & UTF8 != 0 && self.raw_name.is_some() {
            return Some((Kind::Encoding, "a name that is said to be UTF-8 and is none"));
        }
        self.trouble_with(&self.extra)
    }

    /// Why readers would not agree on extra fields of it, or by them on its name.
    pub(super) fn trouble_with(&self, extra: &[u8]) -> Option<(Kind, &'static str)> {
        if !are_whole(extra) {
            return Some((Kind::Syntax, "broken extra fields"));
        }
        let named = |(id, field): (Option<u64>, &[u8])| id == Some(UNICODE_NAME) && self.is_named_otherwise(field);
        fields(extra).any(named).then_some((Kind::Mismatch, "two names that end differently"))
    }

    /// Whether the name in Unicode promises something else than the one in front of it. It holds only where it says by its
    /// checksum that it was made for that.
    fn is_named_otherwise(&self, field: &[u8]) -> bool {
        let holds = u32_at(field, 1) == Some(crc32fast::hash(self.raw_name()).into());
        holds && ends(text(Some(UNICODE_NAME), field)) != ends(self.raw_name())
    }

    /// How many bytes of the file it takes.
    pub(crate) fn length(&self) -> u64 {
        self.end.saturating_sub(self.offset)
    }
}

const MARKED: u16 = 1 << 1;
pub(super) const UTF8: u16 = 1 << 11;

/// The extra field with the name in Unicode.
const UNICODE_NAME: u64 = 0x7075;

/// What a name ends with, which is what its format is told by: of `a.csv.gz` both.
fn ends(name: &[u8]) -> Vec<Vec<u8>> {
    let mut parts = name.rsplit(|&byte| byte == b'.').map(<[u8]>::to_ascii_lowercase);
    let last = parts.next().unwrap_or_default();
    let is_packed = [&b"gz"[..], b"gzip"].contains(&&*last);
    [last].into_iter().chain(parts.next().filter(|_| is_packed)).collect()
}

/// How a member is compressed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Method {
    Stored,
    Deflated,
    /// In a way that is rare: unpacked as a whole, in memory.
    Rare(Codec),
}

impl Method {
    /// What the directory says, if it is known.
    pub(super) fn of(entry: &Entry) -> Option<Self> {
        Some(match entry.method {
            0 => Self::Stored,
            8 => Self::Deflated,
            12 => Self::Rare(Codec::Bzip2),
            14 => Self::Rare(Codec::Lzma { marked: entry.flags & MARKED != 0 }),
            93 => Self::Rare(Codec::Zstd),
            _ => return None,
        })
    }
}

/// The extra fields: each its number and its bytes, and without a number what is none.
pub(super) fn fields(mut extra: &[u8]) -> impl Iterator<Item = (Option<u64>, &[u8])> {
    std::iter::from_fn(move || {
        if extra.is_empty() {
            return None;
        }
        let whole = u16_at(extra, 2).and_then(|length| extra.get(4..)?.split_at_checked(length.into()));
        let (id, (own, rest)) = match whole {
            Some(parts) => (u16_at(extra, 0).map(u64::from), parts),
            None => (None, (extra, &extra[..0])),
        };
        extra = rest;
        Some((id, own))
    })
}

/// Whether extra fields end where they say; a few zeros may be behind them, by which programs move what follows.
fn are_whole(extra: &[u8]) -> bool {
    fields(extra).all(|(id, rest)| id.is_some() || matches!(rest, [0] | [0, 0] | [0, 0, 0]))
}

/// The large numbers in the extra fields, in their order.
pub(super) fn zip64(extra: &[u8]) -> impl Iterator<Item = u64> {
    let field = fields(extra).find(|field| field.0 == Some(1)).map_or(&[][..], |field| field.1);
    field.as_chunks::<8>().0.iter().map(|&number| u64::from_le_bytes(number))
}

/// The text of an extra field: the names and comments in Unicode come behind a version and a checksum.
pub(super) fn text(id: Option<u64>, field: &[u8]) -> &[u8] {
    match (id, field) {
        (Some(UNICODE_NAME | 0x6375), [1, _, _, _, _, text @ ..]) => text,
        _ => field,
    }
}

pub(super) fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(data.get(at..)?.first_chunk().copied()?))
}

pub(super) fn u32_at(data: &[u8], at: usize) -> Option<u64> {
    Some(u32::from_le_bytes(data.get(at..)?.first_chunk().copied()?).into())
}

pub(super) fn u64_at(data: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(data.get(at..)?.first_chunk().copied()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A member of this name, with the extra fields of the directory.
    fn member(name: &[u8], flags: u16, extra: &[u8]) -> Entry {
        let text: String = name.iter().map(|&byte| char::from(byte)).collect();
        let raw_name = (text.as_bytes() != name).then(|| name.into());
        let (method, link, checksum, packed, size, offset, end) = (0, false, 0, 0, 0, 0, 0);
        let (name, extra) = (text.into(), extra.into());
        Entry { name, raw_name, extra, flags, method, link, checksum, packed, size, offset, end }
    }

    /// The field with a name in Unicode for a name.
    fn unicode(name: &str, of: &[u8]) -> Vec<u8> {
        let length = u16::try_from(name.len() + 5).unwrap().to_le_bytes();
        [&b"\x75\x70"[..], &length, b"\x01", &crc32fast::hash(of).to_le_bytes(), name.as_bytes()].concat()
    }

    #[test]
    fn a_name_is_the_same_to_all_readers() {
        let kind =
            |name: &[u8], flags: u16, extra: &[u8]| member(name, flags, extra).trouble().map(|trouble| trouble.0);
        assert_eq!(kind(b"a.csv", 0, b""), None);
        assert_eq!(kind(b"a.csv\0.txt", 0, b""), Some(Kind::Syntax));
        assert_eq!(kind(b"a\xff.csv", UTF8, b""), Some(Kind::Encoding));
        assert_eq!(kind(b"a\xff.csv", 0, b""), None);
        // As Info-ZIP writes what the system's encoding does not have.
        assert_eq!(kind(b"#U6f6e.csv", 0, &unicode("\u{6f6e}.csv", b"#U6f6e.csv")), None);
        assert_eq!(kind(b"a.txt", 0, &unicode("a.csv", b"a.txt")), Some(Kind::Mismatch));
        assert_eq!(kind(b"a.txt.gz", 0, &unicode("a.csv.gz", b"a.txt.gz")), Some(Kind::Mismatch));
        assert_eq!(kind(b"a.txt", 0, &unicode("a.csv", b"before it was renamed")), None, "nobody takes it");
    }

    #[test]
    fn fields_end_where_they_say() {
        for (extra, is_whole) in [
            (&b""[..], true),
            (b"\x01\0\x02\0ab", true),
            (b"\x01\0\x02\0ab\0\0\0", true),
            (b"\x01\0\x02\0a", false),
            (b"\x01\0\x02\0ab\x01", false),
            (b"\x01\0", false),
        ] {
            assert_eq!(are_whole(extra), is_whole, "{extra:?}");
        }
    }
}

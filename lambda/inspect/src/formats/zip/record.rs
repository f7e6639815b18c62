//! The bytes of a record: what index and members both read.

use crate::codecs::block::Codec;

/// What the central directory says of a member.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(super) raw_name: Vec<u8>,
    pub(super) flags: u16,
    pub(super) method: u16,
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

    /// How many bytes of the file it takes.
    pub(crate) fn length(&self) -> u64 {
        self.end.saturating_sub(self.offset)
    }
}

const MARKED: u16 = 1 << 1;

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

/// The large numbers in the extra field, in their order.
pub(super) fn zip64(mut extra: &[u8]) -> impl Iterator<Item = u64> {
    let mut field: &[u8] = &[];
    while let (Some(id), Some(length)) = (u16_at(extra, 0), u16_at(extra, 2)) {
        let data = extra.get(4..).unwrap_or_default();
        let (own, rest) = data.split_at(usize::from(length).min(data.len()));
        if id == 1 {
            field = own;
            break;
        }
        extra = rest;
    }
    field.as_chunks::<8>().0.iter().map(|&number| u64::from_le_bytes(number)).collect::<Vec<_>>().into_iter()
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

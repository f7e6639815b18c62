//! The index at the end of an archive: the central directory.

use super::record::{Entry, Method, UTF8, u16_at, u32_at, u64_at, zip64};
use super::refuse;
use crate::pass::Ranges;
use crate::pass::{Budget, Hold};
use crate::verdict::Kind;
use crate::verdict::{Fault, Stop};
use contract::Format;

/// The end record, and the longest comment behind it.
const END: usize = 22;
const COMMENT: usize = 0xFFFF;

/// The largest central directory, in bytes.
const LARGEST: u64 = 16 << 20;

/// What a byte of the directory takes in memory: each entry has 46 bytes at least.
const EACH: usize = 3;

const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;

/// The systems whose attributes say what kind of file a member is, the bits of it, and those of a symbolic link.
const UNIX: [u8; 2] = [3, 19];
const KIND: u16 = 0o170_000;
const LINK: u16 = 0o120_000;

/// The members in the order in which they lie in the file.
pub(crate) struct Index {
    pub(crate) entries: Vec<Entry>,
    /// What is remarked on the members and on the archive.
    pub(super) comments: Vec<u8>,
    _hold: Hold,
}

/// Where the central directory is, and how many entries it has.
struct End {
    count: u64,
    size: u64,
    offset: u64,
    /// The comment on the archive, and what a zip64 end record has beside its numbers.
    comments: Vec<u8>,
}

impl Index {
    /// Fetches the directory and checks it.
    pub(crate) fn read(format: Format, ranges: &dyn Ranges, budget: &Budget) -> Result<Self, Stop> {
        let stop = |kind, what: &str, at| Stop::from(Fault::new(kind, what, 0).reason(format, at));
        let length = ranges.size().min((END + COMMENT + 20 + 56) as u64);
        let start = ranges.size() - length;
        let tail = ranges.read_at(start, usize::try_from(length).unwrap_or_default())?;
        let (end, at) = find_end(&tail, start)
            .ok_or_else(|| stop(Kind::Truncated, "there is no end of the archive", ranges.size()))?
            .map_err(|(kind, what)| stop(kind, what, start))?;
        if end.offset.checked_add(end.size) != Some(at) {
            return Err(stop(Kind::Syntax, "the directory is not where its end says", at));
        }
        if end.size > LARGEST {
            return Err(stop(Kind::Limit, "too many members (pack them into several archives)", at));
        }
        let mut hold = budget.hold();
        hold.add(usize::try_from(end.size).unwrap_or(usize::MAX).saturating_mul(EACH))
            .map_err(|fault| fault.stop(format, at))?;
        let directory = ranges.read_at(end.offset, usize::try_from(end.size).unwrap_or_default())?;
        let mut rest = &directory[..];
        let most = usize::try_from(end.count).unwrap_or(usize::MAX).min(directory.len() / 46);
        let (mut entries, mut comments) = (Vec::with_capacity(most), end.comments);
        while !rest.is_empty() {
            let at = end.offset + (directory.len() - rest.len()) as u64;
            let entry = entry(&mut rest, &mut comments);
            entries.push(entry.ok_or_else(|| stop(Kind::Syntax, "the directory is broken", at))?);
        }
        if entries.len() as u64 != end.count {
            return Err(stop(Kind::Syntax, "the directory has not as many entries as its end says", at));
        }
        entries.sort_by_key(|entry| entry.offset);
        check(format, &mut entries, end.offset, budget)?;
        Ok(Self { entries, comments, _hold: hold })
    }

    /// The member of a name.
    pub(crate) fn find(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name))
    }
}

/// Checks what can be seen of the members without reading them.
fn check(format: Format, entries: &mut [Entry], directory: u64, budget: &Budget) -> Result<(), Stop> {
    let ends: Vec<u64> = entries.iter().skip(1).map(|next| next.offset).chain([directory]).collect();
    let mut all = 0_u64;
    let mut expected = 0;
    for (entry, end) in entries.iter_mut().zip(ends) {
        entry.end = end;
        let least =
            entry.packed.checked_add(30 + entry.raw_name().len() as u64).and_then(|n| n.checked_add(entry.offset));
        if least.is_none_or(|least| least > end) {
            return Err(refuse(format, Kind::Bomb, entry, "shares bytes with another or with the directory"));
        }
        if entry.offset != std::mem::replace(&mut expected, end) {
            return Err(refuse(format, Kind::Syntax, entry, "bytes before it that belong to nothing"));
        }
        if let Some((kind, what)) = entry.trouble() {
            return Err(refuse(format, kind, entry, what));
        }
        if entry.flags & ENCRYPTED != 0 {
            return Err(refuse(format, Kind::Encrypted, entry, "it is encrypted (pack it without a password)"));
        }
        if Method::of(entry).is_none() {
            let what = "an unknown method of compression (pack it with deflate)";
            return Err(refuse(format, Kind::Unsupported, entry, what));
        }
        if entry.is_folder() && entry.size > 0 {
            return Err(refuse(format, Kind::Syntax, entry, "a folder with content"));
        }
        all = all.saturating_add(entry.size);
        let grown = budget.foresee(entry.packed, entry.size).and_then(|()| budget.foresee(u64::MAX, all));
        grown.map_err(|fault| fault.stop(format, entry.offset))?;
    }
    match second(entries) {
        Some(entry) => Err(refuse(format, Kind::Syntax, entry, "a second member of this name")),
        None => Ok(()),
    }
}

/// A member that has the name of another one.
fn second(entries: &[Entry]) -> Option<&Entry> {
    let mut order: Vec<&Entry> = entries.iter().collect();
    order.sort_unstable_by_key(|entry| (&entry.name, entry.offset));
    order.windows(2).find(|pair| pair[0].name == pair[1].name).map(|pair| pair[1])
}

type Refusal = (Kind, &'static str);

/// Finds the end record, which has to reach to the end of the file, and with its
/// place: where the directory has to end.
fn find_end(tail: &[u8], start: u64) -> Option<Result<(End, u64), Refusal>> {
    let last = tail.len().checked_sub(END)?;
    let at = (0..=last).rev().find(|&at| {
        let comment = usize::from(u16_at(tail, at + 20).unwrap_or_default());
        tail[at..].starts_with(b"PK\x05\x06") && at + END + comment == tail.len()
    });
    let Some(at) = at else {
        // A whole end record that does not reach to the end.
        let somewhere = (0..=last).any(|at| tail[at..].starts_with(b"PK\x05\x06"));
        return somewhere.then_some(Err((Kind::Trailing, "bytes after the end (pack it again)")));
    };
    // Some take the last mark for the end, wherever it is: a comment can be an archive of its own.
    if tail[at + 4..].windows(4).any(|mark| mark == b"PK\x05\x06") {
        return Some(Err((Kind::Syntax, "a comment with an end of an archive in it")));
    }
    let small = u16_at(tail, at + 10)?;
    let comments = tail[at + END..].to_vec();
    let mut end = End { count: small.into(), size: u32_at(tail, at + 12)?, offset: u32_at(tail, at + 16)?, comments };
    let locator = at.checked_sub(20).filter(|&at| tail[at..].starts_with(b"PK\x06\x07"));
    let Some(locator) = locator else {
        let disks = u32_at(tail, at + 4)? != 0 || u16_at(tail, at + 8)? != small;
        return Some(if disks { Err(PARTS) } else { Ok((end, start + at as u64)) });
    };
    let record = u64_at(tail, locator + 8)?.checked_sub(start).and_then(|at| usize::try_from(at).ok());
    let record = record.filter(|&at| tail.get(at..).is_some_and(|rest| rest.starts_with(b"PK\x06\x06")));
    let Some(record) = record.filter(|&at| u64_at(tail, at + 4) == Some((locator - at).saturating_sub(12) as u64))
    else {
        return Some(Err((Kind::Syntax, "the zip64 end record is not where it should be")));
    };
    end.comments.push(0);
    end.comments.extend(tail.get(record + 56..locator)?);
    let (count, size, offset) = (u64_at(tail, record + 32)?, u64_at(tail, record + 40)?, u64_at(tail, record + 48)?);
    let disks = u64_at(tail, record + 16)? != 0 || u64_at(tail, record + 24)? != count;
    let agrees = |small: u64, most: u64, large: u64| small == most || small == large;
    let agree = agrees(end.count, 0xFFFF, count)
        && agrees(end.size, 0xFFFF_FFFF, size)
        && agrees(end.offset, 0xFFFF_FFFF, offset);
    Some(match (disks, agree) {
        (true, _) => Err(PARTS),
        (_, false) => Err((Kind::Syntax, "the two end records differ")),
        _ => Ok((End { count, size, offset, ..end }, start + record as u64)),
    })
}

const PARTS: Refusal = (Kind::Unsupported, "the archive is one of several parts");

/// Takes an entry of the directory.
fn entry(rest: &mut &[u8], comments: &mut Vec<u8>) -> Option<Entry> {
    let data = *rest;
    let length = |at| u16_at(data, at).map(usize::from);
    let name = data.get(46..)?.get(..length(28)?)?;
    let extra = data.get(46 + name.len()..)?.get(..length(30)?)?;
    let behind = 46 + name.len() + extra.len();
    let comment = data.get(behind..)?.get(..length(32)?)?;
    if !data.starts_with(b"PK\x01\x02") || u16_at(data, 34)? != 0 {
        return None;
    }
    *rest = &data[behind + comment.len()..];
    if !comment.is_empty() {
        comments.push(0);
        comments.extend(comment);
    }
    let flags = u16_at(data, 8)?;
    let mut large = zip64(extra);
    let mut wide = |at| match u32_at(data, at)? {
        0xFFFF_FFFF => large.next(),
        small => Some(small),
    };
    let (size, packed, offset) = (wide(24)?, wide(20)?, wide(42)?);
    let text = match str::from_utf8(name) {
        Ok(text) if flags & UTF8 != 0 || text.is_ascii() => text.to_owned(),
        _ => name.iter().map(|&byte| char::from(byte)).collect(),
    };
    Some(Entry {
        raw_name: (text.as_bytes() != name).then(|| name.into()),
        name: text.into(),
        extra: extra.into(),
        flags,
        method: u16_at(data, 10)?,
        link: UNIX.contains(data.get(5)?) && u16_at(data, 40)? & KIND == LINK,
        checksum: u32::try_from(u32_at(data, 16)?).ok()?,
        packed,
        size,
        offset,
        end: 0,
    })
}

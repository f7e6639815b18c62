//! A member as a stream: its header, its content, and what describes it behind.

use std::io::{Cursor, Read};

use crc32fast::Hasher;

use super::record::{Entry, Method, fields, text, u16_at, u32_at, u64_at, zip64};
use super::refuse;
use crate::codecs::block::Codec;
use crate::codecs::inflate::{Inflated, Inflater};
use crate::input::nested::{Breakable, shown};
use crate::input::tape::Tape;
use crate::pass::{Budget, Hold};
use crate::verdict::Kind;
use crate::verdict::{Fault, Stop};
use contract::Format;

const DESCRIBED: u16 = 1 << 3;

/// The largest member that is unpacked as a whole, in bytes; LZMA keeps as much once more.
const WHOLE: usize = 40 << 20;
const WINDOWED: usize = 24 << 20;

/// In place of a number that an extra field has.
const WIDE: u64 = 0xFFFF_FFFF;

/// What content comes from.
enum Source {
    Tape,
    Inflater(Inflater),
    /// A codec, until all is unpacked in memory.
    Codec(Codec),
    Unpacked(Cursor<Vec<u8>>),
}

/// The content of a member.
pub(crate) struct Member<'a, 'b> {
    format: Format,
    tape: &'a mut Tape<'b>,
    entry: &'a Entry,
    /// The extra fields in front of it.
    extra: Vec<u8>,
    source: Source,
    checksum: Hasher,
    /// Bytes still to take, and given so far.
    left: u64,
    given: u64,
    /// There is more than it says.
    longer: bool,
    checked: bool,
    budget: Budget,
    hold: Hold,
}

impl<'a, 'b> Member<'a, 'b> {
    /// Reads the header in front of a member, where the tape is, and compares it.
    pub(crate) fn open(format: Format, tape: &'a mut Tape<'b>, entry: &'a Entry, budget: Budget) -> Result<Self, Stop> {
        let head: [u8; 30] = tape.exact()?;
        let length = |at| u16_at(&head, at).map_or(0, usize::from);
        let name = tape.take_bytes(length(26))?;
        let extra = tape.take_bytes(length(28))?;
        if !head.starts_with(b"PK\x03\x04") || name != entry.raw_name() || !agrees(&head, &extra, entry) {
            return Err(refuse(format, Kind::Syntax, entry, "its header and the directory differ"));
        }
        if let Some((kind, what)) = entry.trouble_with(&extra) {
            return Err(refuse(format, kind, entry, what));
        }
        let source = match Method::of(entry) {
            Some(Method::Deflated) => Source::Inflater(Inflater::raw()),
            Some(Method::Rare(codec)) => Source::Codec(codec),
            Some(Method::Stored) | None => Source::Tape,
        };
        let (left, checksum, hold) = (entry.packed, Hasher::new(), budget.hold());
        Ok(Self {
            format,
            tape,
            entry,
            extra,
            source,
            checksum,
            left,
            given: 0,
            longer: false,
            checked: false,
            budget,
            hold,
        })
    }

    /// The texts of the extra fields in front of it which the directory has not.
    pub(super) fn extra_texts(&self) -> impl Iterator<Item = &[u8]> {
        let known = |field| fields(&self.entry.extra).any(|known| known == field);
        fields(&self.extra).filter(move |&field| !known(field)).map(|(id, field)| text(id, field))
    }

    fn refuse(&self, kind: Kind, what: &str) -> Stop {
        refuse(self.format, kind, self.entry, what)
    }

    /// Reads content.
    fn content(&mut self, buffer: &mut [u8]) -> Result<usize, Stop> {
        match &mut self.source {
            Source::Tape => {
                let mut source = Read::take(&mut *self.tape, self.left);
                let read = source.read(buffer)?;
                self.left = source.limit();
                let cut = read == 0 && self.left > 0;
                if cut { Err(self.refuse(Kind::Truncated, "the end is missing")) } else { Ok(read) }
            }
            Source::Inflater(inflater) => {
                let mut source = Read::take(&mut *self.tape, self.left);
                let outcome = inflater.read(&mut source, buffer)?;
                self.left = source.limit();
                match outcome {
                    Inflated::Bytes(read) => Ok(read),
                    Inflated::End if self.left == 0 => Ok(0),
                    Inflated::End => Err(self.refuse(Kind::Syntax, "bytes behind its end")),
                    Inflated::Cut => Err(self.refuse(Kind::Truncated, "the compressed data end too early")),
                    Inflated::Broken => Err(self.refuse(Kind::Syntax, "the compressed data are broken")),
                }
            }
            Source::Unpacked(unpacked) => Ok(unpacked.read(buffer)?),
            Source::Codec(codec) => {
                let codec = *codec;
                self.source = Source::Unpacked(Cursor::new(self.unpack(codec)?));
                self.content(buffer)
            }
        }
    }

    /// Unpacks all of it.
    fn unpack(&mut self, codec: Codec) -> Result<Vec<u8>, Stop> {
        let length = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let (packed, size) = (length(self.entry.packed), length(self.entry.size));
        let most = if matches!(codec, Codec::Lzma { .. }) { WINDOWED } else { WHOLE };
        if size > most {
            let what = format!("larger than {most} bytes, and packed in a way that is rare (pack it with deflate)");
            return Err(self.refuse(Kind::Limit, &what));
        }
        let named = |fault: Fault| {
            let name = format!("member \"{}\": ", shown(&self.entry.name));
            fault.named(&name).stop(self.format, self.entry.offset)
        };
        self.hold.add(packed.saturating_add(size)).map_err(named)?;
        let data = self.tape.take_bytes(packed)?;
        self.left = 0;
        codec.unpack(&data, Some(size), &self.budget).map_err(named)
    }

    /// Compares what was read with what was said.
    fn finish(&mut self) -> Result<(), Stop> {
        if self.longer || self.given != self.entry.size {
            return Err(self.refuse(Kind::Checksum, "length differs"));
        }
        if self.checksum.clone().finalize() != self.entry.checksum {
            return Err(self.refuse(Kind::Checksum, "checksum differs"));
        }
        let behind = self.entry.end.checked_sub(self.tape.offset());
        let behind = behind.and_then(|length| usize::try_from(length).ok()).filter(|&length| length <= 24);
        let Some(behind) = behind else {
            return Err(self.refuse(Kind::Syntax, "bytes behind it that belong to nothing"));
        };
        let descriptor = self.tape.take_bytes(behind)?;
        let described = self.entry.flags & DESCRIBED != 0;
        let right = if described { self.describes(&descriptor) } else { descriptor.is_empty() };
        if right { Ok(()) } else { Err(self.refuse(Kind::Syntax, "what is behind it does not describe it")) }
    }

    /// Whether a data descriptor is right; its signature may be missing.
    fn describes(&self, descriptor: &[u8]) -> bool {
        let entry = self.entry;
        let fields = match descriptor.len() {
            16 | 24 => descriptor.strip_prefix(b"PK\x07\x08"),
            12 | 20 => Some(descriptor),
            _ => None,
        };
        fields.is_some_and(|fields| {
            let sizes = match fields.len() {
                12 => (u32_at(fields, 4), u32_at(fields, 8)),
                _ => (u64_at(fields, 4), u64_at(fields, 12)),
            };
            u32_at(fields, 0) == Some(entry.checksum.into()) && sizes == (Some(entry.packed), Some(entry.size))
        })
    }
}

impl Breakable for Member<'_, '_> {
    fn advance(&mut self, buffer: &mut [u8]) -> Result<usize, Stop> {
        if buffer.is_empty() || self.checked {
            return Ok(0);
        }
        let read = if self.longer { 0 } else { self.content(buffer)? };
        // Of a member that is longer than it says only so much is passed on, whatever the size of the reads.
        let left = usize::try_from(self.entry.size - self.given).unwrap_or(usize::MAX);
        self.longer |= read > left;
        let read = read.min(left);
        self.given += read as u64;
        self.checksum.update(&buffer[..read]);
        // What is unpacked as a whole was counted then.
        let fresh = if matches!(self.source, Source::Unpacked(_)) { 0 } else { read };
        let grown = self.budget.expand(fresh, self.entry.packed - self.left, self.given);
        grown.map_err(|fault| fault.stop(self.format, self.tape.offset()))?;
        if read == 0 {
            self.finish()?;
            self.checked = true;
        }
        Ok(read)
    }
}

/// Whether the header in front of a member says what the directory says.
///
/// Whoever writes a stream knows the rest only behind the member. Each number may be missing by itself:
/// Info-ZIP states the length of the content all the same.
fn agrees(head: &[u8; 30], extra: &[u8], entry: &Entry) -> bool {
    let described = entry.flags & DESCRIBED != 0;
    let mut large = zip64(extra);
    let mut same = |at, known: u64| {
        let small = u32_at(head, at);
        let (stated, wide) = if small == Some(WIDE) { (large.next(), true) } else { (small, false) };
        stated == Some(known) || (described && (stated == Some(0) || (wide && stated.is_none())))
    };
    let sizes = same(22, entry.size) && same(18, entry.packed);
    let checksum = u32_at(head, 14);
    let checked = checksum == Some(entry.checksum.into()) || (described && matches!(checksum, Some(0 | WIDE)));
    let flags = u16_at(head, 6);
    // Programs differ in what they say of the name's encoding, which is no matter here.
    let alike = flags.is_some_and(|flags| (flags ^ entry.flags) & (DESCRIBED | 1) == 0);
    alike && u16_at(head, 8) == Some(entry.method) && sizes && checked
}

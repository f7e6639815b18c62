//! Files that hide in what is no container: behind the end of a picture, in a comment, in settings of a printer.
//!
//! A picture shows itself alike with an archive behind it, and programs that unpack look for its end. So the end of a zip
//! and the start of a gzip, of a PDF, of other archives and of old documents are looked for in all that passes for what it is not. Their marks are
//! long enough to be no chance: of gzip all ten bytes are looked at.

mod packed;

use std::io::{self, Read};

use memchr::memmem::find;

use crate::pass::Pass;
use crate::scan::loose;
use crate::scan::loose::parts::Parts;
use crate::verdict::{Fault, Kind, Reason, Stop};

/// How long the end of a zip is without its comment, which is the longest mark.
const LONGEST: usize = 22;

/// How much of texts that a picture has packed is held, in bytes.
const PACKED: usize = 1 << 20;
/// What each text takes beside its bytes.
const EACH: usize = 64;

/// How other archives start, and documents of old, wherever they stand.
const ARCHIVES: &[(&[u8], &str)] = &[
    (b"Rar!\x1A\x07", "a RAR archive"),
    (b"7z\xBC\xAF\x27\x1C", "a 7z archive"),
    (b"\xFD7zXZ\0", "an xz archive"),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Office document"),
];

/// What is in bytes that should not be there, if anything.
pub(crate) fn find_in(bytes: &[u8]) -> Option<&'static str> {
    let any = |mark: &[u8], holds: fn(&[u8]) -> bool| {
        let mut rest = bytes;
        while let Some(at) = find(rest, mark) {
            rest = &rest[at..];
            if holds(rest) {
                return true;
            }
            rest = &rest[1..];
        }
        false
    };
    if any(b"PK\x05\x06", is_end_of_zip) {
        Some("a zip archive")
    } else if let Some((_, what)) = ARCHIVES.iter().find(|(mark, _)| find(bytes, mark).is_some()) {
        Some(*what)
    } else if any(b"\x1F\x8B\x08", is_gzip) {
        Some("a gzip file")
    } else if any(b"%PDF-", |rest| matches!(rest.get(5..8), Some([b'1' | b'2', b'.', b'0'..=b'9']))) {
        Some("a PDF document")
    } else {
        None
    }
}

/// Of one part, with members, and a directory that is long enough for them.
fn is_end_of_zip(bytes: &[u8]) -> bool {
    let narrow = |at: usize| Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
    let size = bytes.get(12..16).and_then(|size| size.first_chunk()).copied().map_or(0, u32::from_le_bytes);
    let (first, count) = (narrow(4), narrow(10).unwrap_or(0));
    bytes.len() >= LONGEST
        && first == narrow(6)
        && narrow(8) == Some(count)
        && count > 0
        && size >= 46 * u32::from(count)
}

/// The start of a gzip, with flags, a level and a system that there are.
fn is_gzip(bytes: &[u8]) -> bool {
    matches!(bytes.get(..10), Some([0x1F, 0x8B, 8, 0..=0x1F, _, _, _, _, 0 | 2 | 4, 0..=13 | 255]))
}

/// Whether a head is that of an archive or a document that is read here, whatever it is named.
pub(crate) fn is_container(head: &[u8]) -> bool {
    let is_archive = || ARCHIVES.iter().any(|(mark, _)| head.starts_with(mark));
    head.starts_with(b"PK\x03\x04") || is_gzip(head) || find(head, b"%PDF-").is_some() || is_archive()
}

/// Why a file is refused in which something hides.
pub(crate) fn refusal(what: &str) -> Reason {
    Reason { kind: Kind::Mismatch, text: format!("{what} hides in it (remove it, and send it as a file of its own)") }
}

/// Follows bytes as they come.
#[derive(Default)]
pub(crate) struct Watch {
    /// The last bytes, which a mark may go on from.
    end: Vec<u8>,
    pub(crate) found: Option<&'static str>,
}

impl Watch {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        if self.found.is_some() {
            return;
        }
        let (start, rest) = bytes.split_at(bytes.len().min(LONGEST - 1));
        self.end.extend_from_slice(start);
        self.found = find_in(&self.end).or_else(|| if rest.is_empty() { None } else { find_in(bytes) });
        self.end.extend_from_slice(&rest[rest.len().saturating_sub(LONGEST)..]);
        self.end.drain(..self.end.len().saturating_sub(LONGEST - 1));
    }
}

/// A stream that is watched, and the texts that a PNG in it has packed.
struct Watched<'a> {
    stream: &'a mut dyn Read,
    watch: Watch,
    parts: Parts,
    /// The part that is read, if it is a packed text, and all before.
    part: Option<Vec<u8>>,
    texts: Vec<Vec<u8>>,
    /// The part that is read is a text that is not packed, and passed on as what it is.
    plain: bool,
    held: usize,
}

impl Watched<'_> {
    fn follow(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (part, rest, ends) = self.parts.cut(bytes);
            match &mut self.part {
                Some(text) if self.held <= PACKED => {
                    text.extend_from_slice(part);
                    self.held += part.len();
                    self.plain = self.parts.is_plain(text);
                    if self.plain {
                        self.held -= text.len();
                        self.part = None;
                    }
                }
                None if self.held <= PACKED && !self.plain && self.parts.is_packed_text() => {
                    self.part = Some(Vec::new());
                    // An empty one takes memory, too.
                    self.held += EACH;
                }
                Some(_) | None => {}
            }
            if ends {
                self.texts.extend(self.part.take().filter(|text| !text.is_empty()));
                self.plain = false;
            }
            bytes = rest;
        }
    }
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buffer)?;
        self.watch.push(&buffer[..read]);
        self.follow(&buffer[..read]);
        Ok(read)
    }
}

/// Passes on what a stream has of text that is a picture, a font, a sound or a film (`media`) or of no known kind, and
/// refuses it where something hides in it.
pub(crate) fn scan(media: bool, stream: &mut dyn Read, pass: &mut Pass) -> Result<(), Stop> {
    let (watch, parts) = (Watch::default(), Parts::default());
    let mut watched = Watched { stream, watch, parts, part: None, texts: Vec::new(), plain: false, held: 0 };
    let how = if media { loose::scan_texts } else { loose::scan_stream };
    how(&mut pass.scanner, &mut watched)?;
    if let Some(what) = watched.watch.found {
        return Err(refusal(what).into());
    }
    if watched.held > PACKED {
        let text = format!("a picture with more than {PACKED} bytes of packed text (save it without its texts)");
        return Err(Reason { kind: Kind::Limit, text }.into());
    }
    for text in watched.texts {
        let plain = packed::text_of_png(&text, &pass.budget).map_err(|fault: Fault| Stop::Broken(fault.bare()))?;
        loose::scan(&mut pass.scanner, "text in a picture", &plain);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZIP: &[u8] = b"PK\x05\x06\0\0\0\0\x01\0\x01\0\x50\0\0\0\x60\0\0\0\0\0";
    const GZIP: &[u8] = b"\x1F\x8B\x08\0\0\0\0\0\0\xFF and more than ten bytes";

    /// A part of a PNG, with a checksum that nobody looks at.
    fn part(kind: &str, data: &[u8]) -> Vec<u8> {
        [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], kind.as_bytes(), data, b"CRC!"].concat()
    }

    fn followed(parts: &[Vec<u8>], piece: usize) -> (Vec<Vec<u8>>, usize) {
        let png = [&b"\x89PNG\r\n\x1A\n"[..], &parts.concat()].concat();
        let (watch, parts) = (Watch::default(), Parts::default());
        let stream = &mut io::empty();
        let mut watched = Watched { stream, watch, parts, part: None, texts: Vec::new(), plain: false, held: 0 };
        png.chunks(piece).for_each(|piece| watched.follow(piece));
        (watched.texts, watched.held)
    }

    #[test]
    fn packed_texts_are_held_and_plain_ones_are_not() {
        let texts = [
            part("iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x/>"),
            part("iTXt", b"k\0\x01\0\0\0z"),
            part("zTXt", b"k\0\0z"),
        ];
        for piece in [1, 3, 1000] {
            assert_eq!(followed(&texts, piece).0, [b"k\0\x01\0\0\0z".to_vec(), b"k\0\0z".to_vec()], "by {piece}");
        }
    }

    /// However many parts without anything there are, they end as too many, and are not kept.
    #[test]
    fn empty_texts_are_counted_and_not_held() {
        let (texts, held) = followed(&vec![part("zTXt", b""); 100_000], 1000);
        assert!(texts.is_empty() && held > PACKED, "{} texts, {held}", texts.len());
    }

    /// Names of devices in UTF-16, and zeros, are none.
    #[test]
    fn containers_are_told_by_all_of_their_marks() {
        for head in [GZIP, b"PK\x03\x04", b"\0\0%PDF-1.7", b"Rar!\x1A\x07"] {
            assert!(is_container(head), "{head:?}");
        }
        for head in [&b"H\0P\0\0\0\0\0\0\0\0\0"[..], b"t\0r\0u\0e\0\0\0", &[0; 64], b""] {
            assert!(!is_container(head), "{head:?}");
        }
    }

    #[test]
    fn marks_are_seen_in_pieces_of_any_length() {
        let table: [(&[u8], bool); 10] = [
            (b"Rar!\x1A\x07\x01\0 and the rest of it", true),
            (b"7z\xBC\xAF\x27\x1C\0\x04 and the rest of it", true),
            (ZIP, true),
            (GZIP, true),
            (b"%PDF-1.7 and the rest of it", true),
            (b"PK\x05\x06 of a text that is no end", false),
            (b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", false),
            (b"\x1F\x8B\x08\xFF\0\0\0\0\0\xFF and more than that", false),
            (b"\x1F\x8B\x08\0\0\0\0\0\x07\xFF and more than that", false),
            (b"%PDF- is a mark, and not all", false),
        ];
        for (mark, hides) in table {
            let bytes = [&[7; 100][..], mark, &[8; 30]].concat();
            for piece in [1, 2, 7, 21, 22, 23, 64, 200] {
                let mut watch = Watch::default();
                bytes.chunks(piece).for_each(|piece| watch.push(piece));
                assert_eq!(watch.found.is_some(), hides, "{mark:?} by {piece}");
            }
        }
    }
}

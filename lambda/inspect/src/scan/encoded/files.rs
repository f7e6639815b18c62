//! Files by their first bytes: those that have text in them which only their readers show.
//!
//! What else may start so is asked for more. A text may start with what is printable (`ORC`, `MSCF`), so such a mark
//! counts only where the head is no text. Bytes of chance, as identifiers and hashes in LDIF, may start with two bytes
//! of a mark, so the header behind these has to hold, too.

use flate2::{Decompress, FlushDecompress, Status};

/// How many bytes decide whether it is a text.
pub(super) const HEAD: usize = 1024;

/// Whether a head that starts with the mark is one of a file.
type Rule = fn(&[u8]) -> bool;

/// How a file starts: where the mark is, the mark, what it is, and what else has to hold.
type File = (usize, &'static [u8], &'static str, Rule);

const FILES: &[File] = &[
    (0, b"%PDF-", "a PDF document", any),
    (0, b"PK\x03\x04", "a zip archive or an Office document", any),
    (0, b"\x1F\x8B\x08", "a gzip file", any),
    (0, b"\xD0\xCF\x11\xE0", "an old Office document", any),
    (0, b"PAR1", "a Parquet file", is_binary),
    (0, b"Obj\x01", "an Avro file", any),
    (0, b"7z\xBC\xAF", "a 7z archive", any),
    (0, b"Rar!\x1A\x07", "a RAR archive", any),
    (0, b"\xFD7zXZ\0", "an xz archive", any),
    (0, b"\x28\xB5\x2F\xFD", "a zstd archive", any),
    (0, b"\x04\x22\x4D\x18", "an LZ4 archive", any),
    (0, b"BZh", "a bzip2 archive", is_bzip2),
    (0, b"\x78\x9F\x3E\x22", "a winmail.dat", is_binary),
    (0, b"SQLite format 3\0", "an SQLite database", any),
    (257, b"ustar", "a tar archive", is_binary),
    (0, b"PK\x05\x06", "a zip archive", any),
    (0, b"PK\x07\x08", "a zip archive", any),
    (0, b"MSCF", "a CAB archive", is_binary),
    (0, b"LZIP", "an LZIP archive", is_binary),
    (2, b"-lh", "an LZH archive", |head| head.get(6) == Some(&b'-') && is_binary(head)),
    (0, b"\x60\xEA", "an ARJ archive", is_arj),
    (0, b"!<arch>\n", "an ar archive", any),
    (0, b"070701", "a cpio archive", |head| has_digits(head, 110, u8::is_ascii_hexdigit)),
    (0, b"070702", "a cpio archive", |head| has_digits(head, 110, u8::is_ascii_hexdigit)),
    (0, b"070707", "a cpio archive", |head| has_digits(head, 76, |byte| matches!(byte, b'0'..=b'7'))),
    (0, b"\xC7\x71", "a cpio archive", |head| number(head, 20).is_some_and(|name| (1..=1024).contains(&name))),
    (0, b"\x1F\x9D", "a .Z archive", is_compress),
    (0, b"\x5D\0\0", "an LZMA archive", is_lzma),
    (0, b"\x78\x01", "packed data (zlib)", is_zlib),
    (0, b"\x78\x9C", "packed data (zlib)", is_zlib),
    (0, b"\x78\xDA", "packed data (zlib)", is_zlib),
    (0, b"\xFF\x06\0\0sNaPpY", "a Snappy file", any),
    (0, b"{\\rtf", "an RTF document", any),
    (4, b"Standard Jet DB", "an Access database", is_binary),
    (4, b"Standard ACE DB", "an Access database", is_binary),
    (0, b"ORC", "an ORC file", is_binary),
    (0, b"ARROW1", "an Arrow file", is_binary),
    (0, b"\x7FELF", "a program", any),
    (0, b"MZ\x90\0", "a program", any),
    (0, b"\xCF\xFA\xED\xFE", "a program", is_binary),
    (0, b"\xCA\xFE\xBA\xBE", "a program", is_binary),
    (0, b"\0asm", "a program", any),
];

/// The file that starts so, if it is none that is looked at. A head of less than [`HEAD`] bytes is all there is.
pub(super) fn file(head: &[u8]) -> Option<&'static str> {
    // Readers of PDF look for its mark behind blanks, too.
    let heads = [head, head.trim_ascii_start()];
    let starts = |file: &&File| {
        let (at, mark, _, rule) = **file;
        heads.iter().any(|head| head.get(at..).is_some_and(|head| head.starts_with(mark)) && rule(head))
    };
    FILES.iter().find(starts).map(|file| file.2)
}

/// Whether bytes may be a text: they have no controls but ends of lines and the like.
pub(super) fn is_text(head: &[u8]) -> bool {
    head.iter().all(|&byte| byte >= b' ' || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b))
}

/// The mark says it all.
fn any(_: &[u8]) -> bool {
    true
}

/// The mark is printable, and so it may start a text.
fn is_binary(head: &[u8]) -> bool {
    !is_text(head)
}

/// A number of two bytes, the low one first.
fn number(head: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*head.get(at..)?.first_chunk()?))
}

/// Whether all signs of a header of this length are digits.
fn has_digits(head: &[u8], length: usize, is_digit: fn(&u8) -> bool) -> bool {
    head.get(..length).is_some_and(|header| header.iter().all(is_digit))
}

/// The level, and the mark of a block or of the end.
fn is_bzip2(head: &[u8]) -> bool {
    let block = head.get(4..10);
    matches!(head.get(3), Some(b'1'..=b'9')) && (block == Some(b"1AY&SY") || block == Some(b"\x17\x72\x45\x38\x50\x90"))
}

/// The header has a size that there is, and is there.
fn is_arj(head: &[u8]) -> bool {
    head.len() > 34 && number(head, 2).is_some_and(|size| (30..=2600).contains(&size))
}

/// No bits that nobody uses, codes of 9 to 16 bits, and more than a number as short as an identifier.
fn is_compress(head: &[u8]) -> bool {
    head.len() > 20 && head[2] & 0x60 == 0 && (9..=16).contains(&(head[2] & 0x1F))
}

/// The size of what is packed is not known, or no more than there is.
fn is_lzma(head: &[u8]) -> bool {
    head.get(5..13).is_some_and(|size| size == [0xFF; 8] || size[5..] == [0; 3]) && head.len() > 13
}

/// Whether it can be unpacked: to its end, as far as it is there, or to some text. No value is as short as an
/// identifier when it is packed.
fn is_zlib(head: &[u8]) -> bool {
    if head.len() <= IDENTIFIER {
        return false;
    }
    let (mut core, mut plain) = (Decompress::new(true), [0; HEAD]);
    let status = core.decompress(head, &mut plain, FlushDecompress::None);
    let length = usize::try_from(core.total_out()).map_or(HEAD, |length| length.min(HEAD));
    let shows =
        || length >= TEXT && plain[..TEXT].iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r'));
    match status {
        Ok(Status::StreamEnd) => true,
        Ok(_) => head.len() >= HEAD || shows(),
        Err(_) => shows(),
    }
}

/// How many characters chance does not make in a row, and how long identifiers are.
const TEXT: usize = 8;
const IDENTIFIER: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    /// Marks at which a text may start, or bytes of chance.
    #[test]
    fn what_is_no_file() {
        let texts: [&[u8]; 14] = [
            "ORCHESTERPROBE fällt aus".as_bytes(),
            b"ORC",
            b"MSCF is a format of archives",
            b"LZIP, too",
            b"PAR1 and PAR2",
            b"ARROW1",
            b"BZh is how bzip2 starts; BZh9 as well",
            b"Al-lhasa",
            b"  -lh5- is a method",
            b"0707012345 is my number, call me",
            b"070701; 070702; 070707",
            b"070707123456701234567",
            b"xxxxStandard Jet DB",
            &[&[b'a'; 257][..], b"ustar"].concat(),
        ];
        for text in texts {
            assert_eq!(file(text), None, "{}", String::from_utf8_lossy(text));
        }
        // As long as identifiers and hashes are.
        let mut chance = 7_u32;
        let mut byte = || {
            chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            chance.to_be_bytes()[0]
        };
        for mark in FILES.iter().filter(|file| file.1.len() == 2) {
            for length in [16, 20].repeat(20) {
                let bytes: Vec<u8> = mark.1.iter().copied().chain((2..length).map(|_| byte())).collect();
                assert_eq!(file(&bytes), None, "{bytes:x?}");
            }
        }
    }

    #[test]
    fn what_is_packed() {
        let packed = |text: &[u8]| {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
            std::io::Write::write_all(&mut encoder, text).unwrap();
            encoder.finish().unwrap()
        };
        let short = packed(b"card 4000004427083831");
        let long = packed("card 4000004427083831, tide\n".repeat(9000).as_bytes());
        let cut = &short[..short.len() - 5];
        for bytes in [&short, cut, &long, &long[..HEAD.min(long.len())]] {
            assert_eq!(file(bytes), Some("packed data (zlib)"), "{bytes:x?}");
        }
    }
}

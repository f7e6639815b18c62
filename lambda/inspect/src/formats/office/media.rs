//! Pictures, fonts, audio and video: what their first bytes tell, whatever the part is named.

use std::str;

/// How many bytes tell them.
pub(super) const HEAD: usize = 1024;

/// Marks that no text starts with.
const MARKS: &[(usize, &[u8])] = &[
    (0, b"\x89PNG\r\n\x1a\n"),
    (0, b"\xFF\xD8\xFF"),
    // TIFF, large TIFF and JPEG XR.
    (0, b"II*\0"),
    (0, b"MM\0*"),
    (0, b"II+\0"),
    (0, b"MM\0+"),
    (0, b"II\xBC\x01"),
    // Icons and pointers.
    (0, b"\0\0\x01\0"),
    (0, b"\0\0\x02\0"),
    // WMF, with and without a size.
    (0, b"\xD7\xCD\xC6\x9A"),
    (0, b"\x01\0\x09\0\0\x03"),
    (0, b"\x02\0\x09\0\0\x03"),
    // JPEG 2000.
    (0, b"\0\0\0\x0CjP  \r\n\x87\n"),
    (0, b"\xFF\x4F\xFF\x51"),
    // PICT, behind 512 bytes that are free.
    (522, b"\0\x11\x02\xFF"),
    // Fonts.
    (0, b"\0\x01\0\0\0"),
    // MP3, WMV, Matroska, MPEG.
    (0, b"\xFF\xFB"),
    (0, b"\xFF\xF3"),
    (0, b"\xFF\xF2"),
    (0, b"\x30\x26\xB2\x75\x8E\x66\xCF\x11"),
    (0, b"\x1A\x45\xDF\xA3"),
    (0, b"\0\0\x01\xBA"),
    (0, b"\0\0\x01\xB3"),
];

/// Marks that are printable: they count where the head is no text.
const PRINTABLE: &[(usize, &[u8])] = &[
    (0, b"GIF87a"),
    (0, b"GIF89a"),
    (40, b" EMF"),
    (8, b"WEBP"),
    (8, b"WAVE"),
    (8, b"AVI "),
    (8, b"AIFF"),
    (0, b"8BPS"),
    (4, b"ftyp"),
    (0, b"ID3"),
    (0, b"OggS"),
    (0, b"fLaC"),
    (0, b"MThd"),
    (0, b"OTTO"),
    (0, b"true\0"),
    (0, b"ttcf\0"),
    (0, b"wOFF"),
    (0, b"wOF2"),
    // The fonts of PowerPoint.
    (34, b"LP"),
];

/// Whether a part is a picture, a font, audio or video, by its first bytes.
pub(super) fn is_media(head: &[u8]) -> bool {
    let at = |&(offset, mark): &(usize, &[u8])| head.get(offset..).is_some_and(|rest| rest.starts_with(mark));
    MARKS.iter().any(at) || (is_binary(head) && (PRINTABLE.iter().any(at) || is_bitmap(head)))
}

/// Whether a part is an EMF or a WMF, as they are packed into `.emz` and `.wmz`.
pub(super) fn is_metafile(head: &[u8]) -> bool {
    is_media(head) && (head.get(40..44) == Some(b" EMF") || matches!(head, [0xD7, 0xCD, ..] | [1 | 2, 0, 9, 0, ..]))
}

/// A BMP keeps four bytes zero between its length and the place of the pixels.
fn is_bitmap(head: &[u8]) -> bool {
    head.starts_with(b"BM") && head.get(6..10) == Some(&[0; 4]) && head.get(12..14) == Some(&[0; 2])
}

/// Whether a part is a font whose first 32 bytes are hidden, as Word embeds them.
///
/// There is no mark left. Of the table of the font the entries from the third on are plain: tags of four
/// printable characters in their order.
pub(super) fn is_hidden_font(head: &[u8]) -> bool {
    let tags: Vec<&[u8]> = [44, 60, 76].iter().filter_map(|&at| head.get(at..at + 4)).collect();
    tags.len() == 3
        && is_binary(head)
        && tags.is_sorted()
        && tags.iter().all(|tag| tag.iter().all(|c| (b' '..=b'~').contains(c)))
}

/// Whether a head holds what no UTF-8 text holds.
fn is_binary(head: &[u8]) -> bool {
    head.contains(&0) || str::from_utf8(head).is_err_and(|error| error.error_len().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_content() {
        let emf = [b"\x01\0\0\0\x6c\0\0\0".as_slice(), &[0; 32], b" EMF\0\0\x01\0"].concat();
        let media: [&[u8]; 5] =
            [b"RIFF\x10\0\0\0WEBPVP8 ", b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0", b"GIF89a\x01\0", &emf, b"\xFF\xD8\xFF\xE0"];
        for head in media {
            assert!(is_media(head), "{head:?}");
        }
        let others: [&[u8]; 5] = [
            b"BM of the month",
            b"GIF89a is a format",
            b"RIFF....WEBP",
            b"ID3 number 7",
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        ];
        for head in others {
            assert!(!is_media(head), "{head:?}");
        }
        assert!(is_metafile(&emf) && !is_metafile(media[0]));
    }

    #[test]
    fn hidden_fonts() {
        let mut font = vec![7; 32];
        for tag in [b"OS/2", b"cmap", b"cvt ", b"fpgm"] {
            font.resize(font.len().next_multiple_of(16) - 4, 0);
            font.extend(tag);
            font.extend([0; 12]);
        }
        assert!(is_hidden_font(&font));
        assert!(!is_hidden_font(&b"social security number 536-90-4399 ".repeat(9)));
    }
}

//! What comes out of a notation: bytes, which are a text or not.

use super::Unread;
use crate::scan::loose::Loose;
use crate::scan::markup::is_markup;
use crate::scan::{HeaderLine, Markup, Scanner};

/// How many bytes decide whether it is a text.
const HEAD: usize = 1024;

/// Passes bytes on as texts.
#[derive(Default)]
pub(super) struct Sink {
    /// The first bytes, while there are too few.
    head: Vec<u8>,
    text: Option<Loose>,
    /// The line of a text that names its columns, while it is sought; what is no text has none.
    header: Option<HeaderLine>,
    /// What a text shows that is HTML.
    markup: Option<Markup>,
    /// It is the body of a mail or of a part of it, which may be a file.
    pub(super) body: bool,
}

/// What files start with that have text in them which only their readers show.
const FILES: &[(usize, &[u8], &str)] = &[
    (0, b"%PDF-", "a PDF document"),
    (0, b"PK\x03\x04", "a zip archive or an Office document"),
    (0, b"\x1F\x8B\x08", "a gzip file"),
    (0, b"\xD0\xCF\x11\xE0", "an old Office document"),
    (0, b"PAR1", "a Parquet file"),
    (0, b"Obj\x01", "an Avro file"),
    (0, b"7z\xBC\xAF", "a 7z archive"),
    (0, b"Rar!\x1A\x07", "a RAR archive"),
    (0, b"\xFD7zXZ\0", "an xz archive"),
    (0, b"\x28\xB5\x2F\xFD", "a zstd archive"),
    (0, b"\x04\x22\x4D\x18", "an LZ4 archive"),
    (0, b"BZh", "a bzip2 archive"),
    (0, b"\x78\x9F\x3E\x22", "a winmail.dat"),
    (0, b"SQLite format 3\0", "an SQLite database"),
    (257, b"ustar", "a tar archive"),
];

impl Sink {
    pub(super) fn push(&mut self, bytes: &[u8], inside: &mut Scanner) {
        if self.text.is_some() {
            return self.pass(bytes, inside);
        }
        self.head.extend_from_slice(bytes);
        if self.head.len() >= HEAD {
            self.decide(inside);
        }
    }

    /// Ends the text.
    pub(super) fn finish(mut self, inside: &mut Scanner) {
        self.decide(inside);
        if let Some(text) = self.text.take() {
            text.finish(&mut |text| show(text, &mut self.markup, inside));
        }
        if let Some(mut markup) = self.markup {
            markup.finish(inside);
        }
        inside.leave();
    }

    fn decide(&mut self, inside: &mut Scanner) {
        if self.text.is_none() {
            let head = std::mem::take(&mut self.head);
            if self.body {
                // Readers of PDF look for its mark behind blanks, too.
                let head = head.trim_ascii_start();
                let starts =
                    |file: &&(usize, &[u8], &str)| head.get(file.0..).is_some_and(|head| head.starts_with(file.1));
                inside.unread = inside.unread.or(FILES.iter().find(starts).map(|file| Unread::Attached(file.2)));
            }
            if is_text(&head) {
                self.header = Some(HeaderLine::default());
                self.markup = is_markup(&String::from_utf8_lossy(&head)).then(Markup::default);
                self.text = Some(Loose::default());
            } else {
                self.text = Some(Loose::texts());
            }
            self.pass(&head, inside);
        }
    }

    fn pass(&mut self, bytes: &[u8], inside: &mut Scanner) {
        let Some(text) = &mut self.text else { return };
        text.push(bytes, &mut |text| {
            if let Some(header) = &mut self.header {
                header.take(text, inside);
            }
            show(text, &mut self.markup, inside);
        });
    }
}

/// Passes on a part of a text, and what it shows.
fn show(text: &str, markup: &mut Option<Markup>, inside: &mut Scanner) {
    inside.text(text);
    if let Some(markup) = markup {
        markup.take_text(text, inside);
    }
}

/// Whether bytes may be a text: they have no controls but ends of lines and the like.
fn is_text(head: &[u8]) -> bool {
    head.iter().all(|&byte| byte >= b' ' || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b))
}

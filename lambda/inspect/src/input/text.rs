//! From bytes to text: UTF-8 with or without a byte order mark, UTF-16 with one, and what is declared or allowed.
//!
//! [`TextReader`] yields the text in pieces that never split a character. A piece
//! lies in a buffer of fixed size; UTF-8 is checked in place, not copied. Text up
//! to a bad byte is delivered before the error, so that the size of the reads
//! never changes the verdict.
//!
//! Where other encodings are allowed ([`Encodings`]), the first byte that is not ASCII decides, together with
//! [`WINDOW`] bytes: UTF-8 if they are, else the first encoding in which all of them are printable. What follows
//! has to keep it.

mod encodings;

use std::io::{self, Read};
use std::str;

use memchr::memchr;

use crate::verdict::Stop;
use crate::verdict::{Kind, Reason};
use contract::Format;
use contract::text::is_hidden;
pub(crate) use encodings::{Declared, Encodings};
use encodings::{Decoder, WINDOW};

const BUFFER: usize = 64 << 10;

enum Encoding {
    Unknown,
    Utf8,
    /// ASCII so far, which may become UTF-8 or another one.
    Open,
    Utf16 {
        big: bool,
    },
    Other(Decoder),
}

/// Reads text from a source of bytes.
pub(crate) struct TextReader<R> {
    source: R,
    encoding: Encoding,
    encodings: Encodings,
    /// Bytes of the file; `taken` of them were delivered, `filled` are there.
    raw: Vec<u8>,
    taken: usize,
    filled: usize,
    /// The offset in the file of the first byte of the piece, and of `raw`.
    start: u64,
    base: u64,
    /// The piece when it had to be decoded; of UTF-8 it is a part of `raw`.
    decoded: String,
    piece: std::ops::Range<usize>,
    end: bool,
    blank: bool,
}

impl<R: Read> TextReader<R> {
    pub(crate) fn new(source: R, encodings: Encodings) -> Self {
        Self {
            source,
            encoding: Encoding::Unknown,
            encodings,
            raw: vec![0; BUFFER],
            taken: 0,
            filled: 0,
            start: 0,
            base: 0,
            decoded: String::new(),
            piece: 0..0,
            end: false,
            blank: true,
        }
    }

    /// Goes to the next piece; false at the end of the text.
    pub(crate) fn advance(&mut self, format: Format) -> Result<bool, Stop> {
        loop {
            let whole = self.take();
            if !(self.piece.is_empty() && self.decoded.is_empty()) {
                self.blank = self.blank && self.text().chars().all(|c| c.is_whitespace() || is_hidden(c));
                return Ok(true);
            }
            if let Err(kind) = whole {
                return Err(self.refuse(kind, format).into());
            }
            if self.end {
                // What is left is a part of a character.
                let whole = self.taken == self.filled;
                return if whole { Ok(false) } else { Err(self.refuse(Kind::Encoding, format).into()) };
            }
            self.fill()?;
        }
    }

    /// The piece of text that `advance` went to.
    pub(crate) fn text(&self) -> &str {
        match self.encoding {
            // The piece was found valid in `take`; checking again keeps this safe code.
            Encoding::Utf8 | Encoding::Open => {
                simdutf8::basic::from_utf8(&self.raw[self.piece.clone()]).unwrap_or_default()
            }
            _ => &self.decoded,
        }
    }

    /// The offset in the file of a byte of the piece.
    pub(crate) fn offset(&self, at: usize) -> u64 {
        let length = match &self.encoding {
            Encoding::Utf8 | Encoding::Open => at,
            Encoding::Other(decoder) => decoder.length(self.decoded.get(..at).unwrap_or_default()),
            _ => self.decoded.get(..at).map_or(0, |text| text.encode_utf16().count() * 2),
        };
        self.start + length as u64
    }

    /// Whether the text is UTF-16.
    pub(crate) fn is_wide(&self) -> bool {
        matches!(self.encoding, Encoding::Utf16 { .. })
    }

    /// Whether all text so far was white space and what shows nothing.
    pub(crate) fn blank(&self) -> bool {
        self.blank
    }

    fn refuse(&self, kind: Kind, format: Format) -> Reason {
        let mut at = self.base + self.taken as u64;
        let what = match (kind, &self.encoding) {
            (Kind::Nul, _) => {
                "a NUL character; UTF-16 needs its mark, or convert it to UTF-8 (iconv -f UTF-16LE -t UTF-8)"
            }
            (_, Encoding::Unknown) => "it declares an encoding that is not known; convert it to UTF-8 (iconv -t UTF-8)",
            (_, Encoding::Other(_)) => "bytes that are no text in its encoding",
            _ => encodings::NONE,
        };
        if let Encoding::Other(decoder) = &self.encoding {
            at = decoder.broken(at);
        }
        // Where to look comes before what to do.
        let (what, remedy) =
            what.split_once("; ").map_or((what, String::new()), |(what, fix)| (what, format!("; {fix}")));
        Reason { kind, text: format!("{format}: {what} (byte {at}){remedy}") }
    }

    /// Reads on behind the bytes that are left: a part of a character at most.
    fn fill(&mut self) -> io::Result<()> {
        self.raw.copy_within(self.taken..self.filled, 0);
        self.base += self.taken as u64;
        self.filled -= self.taken;
        self.taken = 0;
        let read = self.source.read(&mut self.raw[self.filled..])?;
        self.filled += read;
        self.end = read == 0;
        Ok(())
    }

    /// Makes a piece of the bytes there are. What follows the piece may be wrong.
    fn take(&mut self) -> Result<(), Kind> {
        self.piece = self.taken..self.taken;
        self.decoded.clear();
        if matches!(self.encoding, Encoding::Unknown) && !self.detect()? {
            return Ok(());
        }
        self.start = self.base + self.taken as u64;
        match &mut self.encoding {
            Encoding::Utf16 { big } => {
                let big = *big;
                self.take_utf16(big)
            }
            Encoding::Other(decoder) => {
                let raw = &self.raw[self.taken..self.filled];
                self.start = decoder.start(self.start);
                self.taken = self.filled;
                decoder.take(raw, self.start, self.end, &mut self.decoded)
            }
            Encoding::Open => self.take_open(),
            _ => self.take_utf8(self.filled),
        }
    }

    /// Takes what is ASCII, and decides at the first byte that is not.
    fn take_open(&mut self) -> Result<(), Kind> {
        let raw = &self.raw[self.taken..self.filled];
        match raw.iter().position(|byte| !byte.is_ascii()) {
            None => self.take_utf8(self.filled),
            Some(0) if raw.len() < WINDOW && !self.end => Ok(()),
            Some(0) => {
                let window = &raw[..raw.len().min(WINDOW)];
                let other = self.encodings.of(window, raw.len() < WINDOW);
                self.encoding = other.map_or(Encoding::Utf8, Encoding::Other);
                self.take()
            }
            Some(length) => self.take_utf8(self.taken + length),
        }
    }

    /// Looks for a byte order mark or a declaration; false while it may still come.
    fn detect(&mut self) -> Result<bool, Kind> {
        const MARKS: [(&[u8], Encoding); 3] = [
            (b"\xEF\xBB\xBF", Encoding::Utf8),
            (b"\xFF\xFE", Encoding::Utf16 { big: false }),
            (b"\xFE\xFF", Encoding::Utf16 { big: true }),
        ];
        let head = &self.raw[..self.filled];
        for (mark, encoding) in MARKS {
            if head.starts_with(mark) {
                self.encoding = encoding;
                self.taken = mark.len();
                self.piece = self.taken..self.taken;
                return Ok(true);
            }
            if !self.end && mark.starts_with(head) {
                return Ok(false);
            }
        }
        self.encoding = match self.encodings.declaration(head) {
            Declared::Unfinished if !self.end => return Ok(false),
            Declared::Unknown => return Err(Kind::Encoding),
            Declared::As(encoding) => Encoding::Other(Decoder::declared(encoding)),
            _ if self.encodings.is_open() => Encoding::Open,
            _ => Encoding::Utf8,
        };
        Ok(true)
    }

    /// Takes UTF-8 up to a place in what was read.
    fn take_utf8(&mut self, end: usize) -> Result<(), Kind> {
        let bytes = &self.raw[self.taken..end];
        let (valid, mut whole) = match simdutf8::compat::from_utf8(bytes) {
            Ok(_) => (bytes.len(), Ok(())),
            Err(error) => (error.valid_up_to(), error.error_len().map_or(Ok(()), |_| Err(Kind::Encoding))),
        };
        let nul = memchr(0, &bytes[..valid]);
        if nul.is_some() {
            whole = Err(Kind::Nul);
        }
        self.piece = self.taken..self.taken + nul.unwrap_or(valid);
        self.taken = self.piece.end;
        whole
    }

    fn take_utf16(&mut self, big: bool) -> Result<(), Kind> {
        while let [a, b, rest @ ..] = &self.raw[self.taken..self.filled] {
            let unit = |a, b| {
                if big { u16::from_be_bytes([a, b]) } else { u16::from_le_bytes([a, b]) }
            };
            let first = unit(*a, *b);
            let (character, length) = match (first, rest) {
                (0, _) => return Err(Kind::Nul),
                (0xD800..0xDC00, [c, d, ..]) => {
                    let pair = char::decode_utf16([first, unit(*c, *d)]).next();
                    (pair.and_then(Result::ok), 4)
                }
                (0xD800..0xDC00, _) => return Ok(()),
                _ => (char::from_u32(first.into()), 2),
            };
            self.decoded.push(character.ok_or(Kind::Encoding)?);
            self.taken += length;
        }
        Ok(())
    }
}

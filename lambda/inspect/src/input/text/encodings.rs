//! Encodings beside UTF-8 and marked UTF-16: those that a text declares, and those that the rules allow.

use encoding_rs::{DecoderResult, Encoding};

use crate::verdict::Kind;

/// How many bytes decide which of the allowed encodings a text has.
pub(super) const WINDOW: usize = 4096;

/// Why a text is refused that has none of the encodings, and what helps.
pub(super) const NONE: &str = "neither UTF-8 nor UTF-16 with a byte order mark; convert it, as by \
    iconv -f WINDOWS-1252 -t UTF-8, or name its encoding under [integrity] encodings";

/// What the start of a text says of its encoding.
pub(crate) enum Declared {
    /// Nothing, or UTF-8.
    Nothing,
    /// There may come more.
    Unfinished,
    /// This one.
    As(&'static Encoding),
    /// One that is not known.
    Unknown,
}

/// Which encodings a text may have beside UTF-8 and marked UTF-16.
pub(crate) struct Encodings {
    allowed: Vec<&'static Encoding>,
    declared: Option<fn(&[u8]) -> Declared>,
}

impl Encodings {
    /// No others.
    pub(crate) fn none() -> Self {
        Self { allowed: Vec::new(), declared: None }
    }

    /// Those that the rules allow, in the order in which they are tried.
    pub(crate) fn allowed(allowed: &[contract::Encoding]) -> Self {
        let known = |encoding: &contract::Encoding| Encoding::for_label(encoding.name().as_bytes());
        Self { allowed: allowed.iter().filter_map(known).collect(), declared: None }
    }

    /// The one that the text declares.
    pub(crate) fn declared(declared: fn(&[u8]) -> Declared) -> Self {
        Self { allowed: Vec::new(), declared: Some(declared) }
    }

    /// Whether others are allowed.
    pub(super) fn is_open(&self) -> bool {
        !self.allowed.is_empty()
    }

    /// What a text declares that starts so.
    pub(super) fn declaration(&self, head: &[u8]) -> Declared {
        self.declared.map_or(Declared::Nothing, |declared| declared(head))
    }

    /// The encoding of bytes of which the first is not ASCII; `None` is UTF-8, whether they are that or not.
    pub(super) fn of(&self, window: &[u8], whole: bool) -> Option<Decoder> {
        let utf8 = str::from_utf8(window).map_err(|error| error.error_len().is_some() || whole);
        if !matches!(utf8, Err(true)) {
            return None;
        }
        let fits = |encoding: &&&'static Encoding| {
            let mut text = String::new();
            Decoder::allowed(encoding).take(window, 0, whole, &mut text).is_ok()
        };
        self.allowed.iter().find(fits).map(|encoding| Decoder::allowed(encoding))
    }
}

/// Decodes a text in one of the other encodings.
pub(super) struct Decoder {
    encoding: &'static Encoding,
    inner: encoding_rs::Decoder,
    /// Whether each character has to be printable: nothing declares the encoding.
    strict: bool,
    over: bool,
    /// Where in the file the text goes on, once it has begun.
    at: Option<u64>,
    /// Why it does not go on, and where.
    broken: Option<(Kind, u64)>,
}

impl Decoder {
    fn new(encoding: &'static Encoding, strict: bool) -> Self {
        let inner = encoding.new_decoder_without_bom_handling();
        Self { encoding, inner, strict, over: false, at: None, broken: None }
    }

    pub(super) fn declared(encoding: &'static Encoding) -> Self {
        Self::new(encoding, false)
    }

    pub(super) fn allowed(encoding: &'static Encoding) -> Self {
        Self::new(encoding, true)
    }

    /// Where the next piece starts: the first byte of a character may have been taken before.
    pub(super) fn start(&self, at: u64) -> u64 {
        self.at.unwrap_or(at)
    }

    /// Where the text is broken.
    pub(super) fn broken(&self, at: u64) -> u64 {
        self.broken.map_or(at, |broken| broken.1)
    }

    /// How many bytes a part of a piece takes in the file.
    pub(super) fn length(&self, text: &str) -> usize {
        if self.encoding.is_single_byte() { text.chars().count() } else { self.encoding.encode(text).0.len() }
    }

    /// Decodes bytes, of which the text starts at a place in the file. What is broken is told behind the text before it.
    pub(super) fn take(&mut self, bytes: &[u8], start: u64, last: bool, text: &mut String) -> Result<(), Kind> {
        if let Some((kind, _)) = self.broken {
            return Err(kind);
        }
        if self.over || (bytes.is_empty() && !last) {
            return Ok(());
        }
        self.over = last;
        text.reserve(self.inner.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or_default());
        let (result, _) = self.inner.decode_to_string_without_replacement(bytes, text, last);
        let wrong = text.find(|c: char| c == '\0' || (self.strict && !is_printable(c)));
        let kind = wrong.map(|at| if text[at..].starts_with('\0') { Kind::Nul } else { Kind::Encoding });
        text.truncate(wrong.unwrap_or(text.len()));
        let end = start + self.length(text) as u64;
        self.at = Some(end);
        let kind = kind.or_else(|| (result != DecoderResult::InputEmpty).then_some(Kind::Encoding));
        self.broken = kind.map(|kind| (kind, end));
        kind.map_or(Ok(()), Err)
    }
}

/// Whether a text has a character that a person wrote.
fn is_printable(character: char) -> bool {
    !character.is_control() || matches!(character, '\t' | '\n' | '\r' | '\u{c}')
}

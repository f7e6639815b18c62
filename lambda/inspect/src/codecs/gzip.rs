//! gzip after RFC 1952: one or more members in a row are one stream.
//!
//! Each member's checksum and length are compared, and nothing may follow the last one. What a
//! header says beside (extra field, name, comment) is gathered for whoever reads the stream: text may go on
//! from one member to the next, so that it cannot be scanned in between.
//!
//! Headers are read here, what is packed by `flate2`. Its `MultiGzDecoder` shows one header: what the members said that a read
//! went through before is gone.

use std::io::{BufRead, Read};

use crc32fast::Hasher;

use crate::codecs::inflate::{Inflated, Inflater};
use crate::input::nested::Breakable;
use crate::input::tape::Tape;
use crate::pass::Budget;
use crate::verdict::Kind;
use crate::verdict::{Fault, Stop};
use contract::Format;

const RESERVED: u8 = 0xE0;
const HEADER_CHECKSUM: u8 = 2;
const EXTRA: u8 = 4;
const NAME: u8 = 8;
const COMMENT: u8 = 16;

/// The longest name or comment, and as much as all headers of a file may have beside, in bytes.
const LONGEST: usize = 64 << 10;
const MOST: usize = 1 << 20;

/// What each of these takes of memory, beside its bytes.
const EACH: usize = 48;

/// No value that is sought is shorter than this: as short are the lengths of blocks in an extra field.
const SHORTEST: usize = 9;

/// The decompressed stream.
pub(crate) struct Members<'a> {
    tape: Tape<'a>,
    body: Option<Body>,
    started: bool,
    /// What the members before took and gave.
    input: u64,
    output: u64,
    beside: Beside,
    /// How much of memory that takes.
    kept: usize,
    budget: Budget,
}

/// Where something lies beside the content, and the bytes.
type Beside = Vec<(&'static str, Vec<u8>)>;

struct Body {
    inflater: Inflater,
    checksum: Hasher,
}

impl Breakable for Members<'_> {
    fn advance(&mut self, buffer: &mut [u8]) -> Result<usize, Stop> {
        loop {
            let Some(body) = &mut self.body else {
                if self.started && self.tape.at_end()? {
                    return Ok(0);
                }
                self.header()?;
                continue;
            };
            match body.inflater.read(&mut self.tape, buffer)? {
                Inflated::Bytes(read) => {
                    body.checksum.update(&buffer[..read]);
                    let (input, output) = (self.input + body.inflater.input(), self.output + body.inflater.output());
                    let grown = self.budget.expand(read, input, output);
                    grown.map_err(|fault| fault.stop(Format::Gzip, self.tape.offset()))?;
                    return Ok(read);
                }
                Inflated::End => self.trailer()?,
                Inflated::Cut => return Err(self.tape.cut()),
                Inflated::Broken => return Err(self.tape.stop(Kind::Syntax, "the compressed data are broken")),
            }
        }
    }
}

impl<'a> Members<'a> {
    /// Reads a stream from its first member on.
    pub(crate) fn new(stream: &'a mut dyn Read, budget: Budget) -> Self {
        let tape = Tape::new(Format::Gzip, stream);
        Self { tape, body: None, started: false, input: 0, output: 0, beside: Vec::new(), kept: 0, budget }
    }

    /// What the headers have beside the content.
    pub(crate) fn into_beside(self) -> Beside {
        self.beside
    }

    fn header(&mut self) -> Result<(), Stop> {
        if std::mem::replace(&mut self.started, true) && self.tape.fill_buf()?.first() != Some(&0x1F) {
            return Err(self.tape.stop(Kind::Trailing, "bytes after the end (pack it again)"));
        }
        let head: [u8; 10] = self.tape.exact()?;
        let [0x1F, 0x8B, method, flags, ..] = head else {
            return Err(self.tape.stop(Kind::Trailing, "bytes after the end that are no gzip"));
        };
        if method != 8 || flags & RESERVED != 0 {
            return Err(self.tape.stop(Kind::Unsupported, "an unknown method or flag"));
        }
        let mut checksum = Hasher::new();
        checksum.update(&head);
        if flags & EXTRA != 0 {
            let length: [u8; 2] = self.tape.exact()?;
            checksum.update(&length);
            let extra = self.tape.take_bytes(u16::from_le_bytes(length).into())?;
            checksum.update(&extra);
            if extra.len() >= SHORTEST {
                self.keep("gzip extra field", extra)?;
            }
        }
        for (flag, place) in [(NAME, "gzip name"), (COMMENT, "gzip comment")] {
            if flags & flag != 0 {
                let text = self.text(&mut checksum)?;
                self.keep(place, text)?;
            }
        }
        if flags & HEADER_CHECKSUM != 0 {
            let [low, high, ..] = checksum.finalize().to_le_bytes();
            if self.tape.exact()? != [low, high] {
                return Err(self.tape.stop(Kind::Checksum, "the header's checksum differs"));
            }
        }
        self.body = Some(Body { inflater: Inflater::raw(), checksum: Hasher::new() });
        Ok(())
    }

    /// Takes a text that ends with a zero.
    fn text(&mut self, checksum: &mut Hasher) -> Result<Vec<u8>, Stop> {
        let mut text = Vec::new();
        loop {
            let byte: [u8; 1] = self.tape.exact()?;
            checksum.update(&byte);
            match byte {
                [0] => return Ok(text),
                _ if text.len() == LONGEST => {
                    let what = format!("a name or comment longer than {LONGEST} bytes (pack it anew with gzip -n)");
                    return Err(self.tape.stop(Kind::Limit, what));
                }
                [byte] => text.push(byte),
            }
        }
    }

    /// Keeps what is beside the content, once if the members repeat it.
    fn keep(&mut self, place: &'static str, bytes: Vec<u8>) -> Result<(), Stop> {
        let mut last = self.beside.iter().rev().take(3);
        if last.any(|kept| kept.0 == place && kept.1 == bytes) {
            return Ok(());
        }
        self.kept += bytes.len() + EACH;
        self.beside.push((place, bytes));
        if self.kept > MOST {
            let what =
                format!("more than {MOST} bytes of names, comments and extra fields (pack it anew with gzip -n)");
            return Err(self.tape.stop(Kind::Limit, what));
        }
        Ok(())
    }

    fn trailer(&mut self) -> Result<(), Stop> {
        let Some(body) = self.body.take() else { return Ok(()) };
        self.input += body.inflater.input();
        self.output += body.inflater.output();
        if u32::from_le_bytes(self.tape.exact()?) != body.checksum.finalize() {
            return Err(self.tape.stop(Kind::Checksum, "checksum differs"));
        }
        // The length is stated modulo 2^32.
        if u64::from(u32::from_le_bytes(self.tape.exact()?)) != body.inflater.output() & 0xFFFF_FFFF {
            return Err(self.tape.stop(Kind::Checksum, "length differs"));
        }
        Ok(())
    }
}

/// Decompresses a block in memory, with the same checks.
pub(crate) fn unpack(data: &[u8], budget: &Budget, most: usize) -> Result<Vec<u8>, Fault> {
    let mut data = data;
    let mut members = Members::new(&mut data, budget.clone());
    let (mut all, mut buffer) = (Vec::new(), [0; 8 << 10]);
    loop {
        match members.advance(&mut buffer) {
            Ok(0) if members.beside.is_empty() => return Ok(all),
            Ok(0) => return Err(Fault::new(Kind::Unsupported, "a block of gzip with a name or a comment", 0)),
            Ok(read) if all.len() + read > most => {
                return Err(Fault::new(Kind::Limit, format!("a block larger than {most} bytes"), 0));
            }
            Ok(read) => all.extend_from_slice(&buffer[..read]),
            Err(Stop::Broken(reason)) => return Err(Fault::new(reason.kind, reason.text, 0)),
            Err(Stop::Io(_)) => return Err(Fault::syntax("a compressed block is broken", 0)),
        }
    }
}

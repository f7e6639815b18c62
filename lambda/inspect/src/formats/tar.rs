//! tar: ustar, with the long names of GNU and the records of pax.
//!
//! Members are judged as they pass. What no member owns (padding, the blocks behind
//! the end) has to be zero, so that nothing travels uninspected. Links,
//! directories and labels have no content; devices and sparse files are refused.

mod header;

use std::io::Read;

use crate::input::nested::{Breakable, Stream, judge_member, shown};
use crate::input::tape::Tape;
use crate::pass::{Input, Named, Pass};
use crate::verdict::Kind;
use crate::verdict::Stop;
use contract::Format;
pub(crate) use header::is_header;
use header::{BLOCK, Header, Record};

/// The longest extended header, in bytes.
const EXTENSION: u64 = 1 << 20;

/// Judges a tar archive and its members.
pub(crate) fn check(_file: Named, input: Input, pass: &mut Pass) -> Result<(), Stop> {
    let _level = pass.budget.enter().map_err(|fault| fault.stop(Format::Tar, 0))?;
    let mut archive = Archive { tape: Tape::new(Format::Tar, input.stream), name: None, size: None };
    let mut files = 0_u64;
    while let Some(header) = archive.next()? {
        match header.kind {
            b'L' | b'K' | b'x' | b'g' => archive.extension(&header)?,
            _ => files += u64::from(archive.member(header, pass)?),
        }
    }
    if files == 0 {
        return Err(archive.tape.stop(Kind::Empty, "there are no files inside"));
    }
    archive.rest()
}

struct Archive<'a> {
    tape: Tape<'a>,
    /// What an extended header says of the next member.
    name: Option<String>,
    size: Option<u64>,
}

impl Archive<'_> {
    /// The next header; `None` at the two blocks of zeros that end the archive.
    fn next(&mut self) -> Result<Option<Header>, Stop> {
        let offset = self.tape.offset();
        let block: [u8; BLOCK] = self.tape.exact()?;
        if block == [0; BLOCK] {
            let second: [u8; BLOCK] = self.tape.exact()?;
            let whole = second == [0; BLOCK] && self.name.is_none() && self.size.is_none();
            return if whole { Ok(None) } else { Err(self.tape.stop(Kind::Syntax, "a lone block of zeros")) };
        }
        Header::parse(&block).map(Some).map_err(|what| {
            let kind = if what == header::CHECKSUM { Kind::Checksum } else { Kind::Syntax };
            self.tape.stop(kind, format!("the header at byte {offset}: {what}"))
        })
    }

    /// Takes an extended header.
    fn extension(&mut self, header: &Header) -> Result<(), Stop> {
        if header.size > EXTENSION {
            return Err(self.tape.stop(Kind::Limit, format!("a header longer than {EXTENSION} bytes")));
        }
        let data = self.tape.take_bytes(usize::try_from(header.size).unwrap_or_default())?;
        self.padding(header.size)?;
        match header.kind {
            b'L' => self.name = Some(header::text(&data)),
            b'K' => {}
            kind => {
                let global = kind == b'g';
                for record in header::records(&data) {
                    match record.map_err(|what| self.tape.stop(Kind::Syntax, what))? {
                        Record::Path(path) if !global => self.name = Some(path),
                        Record::Size(size) if !global => self.size = Some(size),
                        Record::Other => {}
                        _ => return Err(self.tape.stop(Kind::Unsupported, "a sparse file")),
                    }
                }
            }
        }
        Ok(())
    }

    /// Judges a member; says whether it is a file.
    fn member(&mut self, header: Header, pass: &mut Pass) -> Result<bool, Stop> {
        let name = self.name.take().unwrap_or(header.name);
        let size = self.size.take().unwrap_or(header.size);
        let is_file = matches!(header.kind, 0 | b'0' | b'7') && !(name.ends_with('/') && size == 0);
        if is_file {
            let portion = Portion { tape: &mut self.tape, name: &name, left: size };
            judge_member(&name, "tar: ", &mut Stream::new(portion), pass)?;
        } else if !matches!(header.kind, 0 | b'0' | b'1' | b'2' | b'5' | b'7' | b'V') || size > 0 {
            let what = format!("member \"{}\": a special file", shown(&name));
            return Err(self.tape.stop(Kind::Unsupported, what));
        }
        self.padding(size)?;
        Ok(is_file)
    }

    /// Takes what fills a member's last block.
    fn padding(&mut self, size: u64) -> Result<(), Stop> {
        let block = BLOCK as u64;
        let length = usize::try_from((block - size % block) % block).unwrap_or_default();
        let padding = self.tape.take_bytes(length)?;
        if padding.iter().any(|&byte| byte != 0) {
            return Err(self.tape.stop(Kind::Syntax, "bytes behind a member that belong to none"));
        }
        Ok(())
    }

    /// Takes what is behind the end: blocks of zeros only.
    fn rest(&mut self) -> Result<(), Stop> {
        let mut buffer = [0; BLOCK];
        loop {
            match self.tape.fill(&mut buffer)? {
                0 => return Ok(()),
                BLOCK if buffer == [0; BLOCK] => {}
                _ => return Err(self.tape.stop(Kind::Trailing, "bytes after the end")),
            }
        }
    }
}

/// The content of a member.
struct Portion<'a, 'b> {
    tape: &'a mut Tape<'b>,
    name: &'a str,
    left: u64,
}

impl Breakable for Portion<'_, '_> {
    fn advance(&mut self, buffer: &mut [u8]) -> Result<usize, Stop> {
        let read = (&mut *self.tape).take(self.left).read(buffer)?;
        self.left -= read as u64;
        if read == 0 && self.left > 0 && !buffer.is_empty() {
            let what = format!("member \"{}\": the end is missing", shown(self.name));
            return Err(self.tape.stop(Kind::Truncated, what));
        }
        Ok(read)
    }
}

//! Cross-references: tables or streams, the newest first, each with its trailer.

use std::collections::{HashMap, HashSet};

use super::filter::decode;
use super::indirect;
use super::lexer::Lexer;
use super::object::{Dict, Object, Unresolved};
use crate::pass::Budget;
use crate::verdict::Fault;
use crate::verdict::Kind;

/// The longest end of a file in which `startxref` is looked for.
const TAIL: usize = 2048;

/// How many revisions a document may have.
const REVISIONS: usize = 4096;

/// How many objects a document may have in all revisions: few, or one for so many bytes; never more than the last.
const OBJECTS: usize = 1 << 16;
const BYTES: usize = 4;
const MOST: usize = 1 << 20;

/// Where an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    At(u32),
    /// In an object stream.
    In(u32),
    Free,
}

/// What all cross-references say.
#[derive(Default)]
pub(super) struct Xref {
    /// Where objects are, and their numbers, in all revisions.
    pub(super) offsets: Vec<(u32, u32)>,
    pub(super) newest: HashMap<u32, Place>,
    /// The newest trailer.
    pub(super) trailer: Dict,
    /// The generation of the catalogue, as the trailer says that was read last.
    generation: Option<u64>,
    /// The same of the newest trailer.
    pub(super) root: Option<u64>,
    /// What the last section calls free.
    freed: Vec<u32>,
    entries: usize,
    most: usize,
}

impl Xref {
    /// Reads the cross-references of a document, from its end on.
    pub(super) fn read(data: &[u8], budget: &Budget) -> Result<Self, Fault> {
        let most = MOST.min(OBJECTS + data.len() / BYTES);
        let mut xref = Self { most, ..Self::default() };
        let (mut next, mut seen, mut encrypted) = (vec![start(data)?], HashSet::new(), false);
        while let Some(offset) = next.pop() {
            // A section that two trailers name was read already.
            if !seen.insert(offset) {
                continue;
            }
            if seen.len() > REVISIONS {
                return Err(Fault::new(Kind::Limit, "too many revisions", offset));
            }
            let trailer = xref.section(data, offset, budget)?;
            let root = xref.generation;
            next.extend(pointed(&trailer, "Prev", offset)?);
            encrypted |= is_encrypted(&trailer);
            // Behind a table there may be a stream, which has what the table calls free.
            if let Some(beside) = pointed(&trailer, "XRefStm", offset)?.filter(|&beside| seen.insert(beside)) {
                let trailer = xref.section(data, beside, budget)?;
                next.extend(pointed(&trailer, "Prev", beside)?);
                encrypted |= is_encrypted(&trailer);
            }
            for number in std::mem::take(&mut xref.freed) {
                xref.newest.entry(number).or_insert(Place::Free);
            }
            if xref.trailer.get("Root").is_none() {
                (xref.trailer, xref.root) = (trailer, root);
            }
        }
        if encrypted && xref.trailer.get("Encrypt").is_none() {
            return Err(Fault::new(Kind::Encrypted, "only a part of the document is encrypted", data.len()));
        }
        xref.offsets.sort_unstable();
        xref.offsets.dedup();
        Ok(xref)
    }

    fn add(&mut self, number: u32, place: Place) -> Result<(), Fault> {
        self.entries += 1;
        if self.entries > self.most {
            return Err(Fault::new(Kind::Limit, "too many objects", 0));
        }
        if let Place::At(offset) = place {
            self.offsets.push((offset, number));
        }
        if place == Place::Free {
            self.freed.push(number);
        } else {
            self.newest.entry(number).or_insert(place);
        }
        Ok(())
    }

    fn section(&mut self, data: &[u8], offset: usize, budget: &Budget) -> Result<Dict, Fault> {
        if offset >= data.len() {
            return Err(Fault::syntax("startxref points behind the end", data.len()));
        }
        let mut lexer = Lexer::new(data, offset);
        if lexer.skip("xref") { self.table(&mut lexer) } else { self.stream(data, offset, budget) }
    }

    /// A table, and the trailer behind it.
    fn table(&mut self, lexer: &mut Lexer) -> Result<Dict, Fault> {
        while !lexer.skip("trailer") {
            let fault = Fault::syntax("a broken cross-reference", lexer.at);
            let (Some(first), Some(count)) = (lexer.integer(), lexer.integer()) else { return Err(fault) };
            for index in 0..count {
                let fault = Fault::syntax("a broken cross-reference", lexer.at);
                let (Some(offset), Some(_)) = (lexer.integer(), lexer.integer()) else { return Err(fault) };
                let used = lexer.skip("n");
                if !used && !lexer.skip("f") {
                    return Err(fault);
                }
                let number = first.checked_add(index).and_then(|number| u32::try_from(number).ok());
                let place = if used { used_at(offset, lexer.data.len()) } else { Some(Place::Free) };
                let (Some(number), Some(place)) = (number, place) else { return Err(fault) };
                self.add(number, place)?;
            }
        }
        match lexer.object()? {
            Some(Object::Dict(trailer)) => {
                self.generation = lexer.root_generation();
                Ok(trailer)
            }
            _ => Err(Fault::syntax("a cross-reference without a trailer", lexer.at)),
        }
    }

    /// A stream, whose dictionary is the trailer.
    fn stream(&mut self, data: &[u8], offset: usize, budget: &Budget) -> Result<Dict, Fault> {
        let fault = || Fault::syntax("startxref points at no cross-reference", offset);
        let indirect = indirect::parse(data, offset, &Unresolved).map_err(|_| fault())?;
        let Object::Dict(dict) = indirect.object else { return Err(fault()) };
        let mut lexer = Lexer::new(data, indirect.head.start);
        if lexer.integer().and(lexer.integer()).is_some() && lexer.skip("obj") {
            lexer.object()?;
        }
        self.generation = lexer.root_generation();
        let stream = indirect.stream.filter(|_| dict.is("Type", "XRef")).ok_or_else(fault)?;
        let table = decode(&Unresolved, &dict, stream.into(), budget, false).map_err(|fault| fault.at(offset))?;
        let table = if table.picture { return Err(fault()) } else { table.data };
        let numbers = |name: &str| -> Vec<usize> {
            dict.get(name).map(Object::items).unwrap_or_default().iter().filter_map(Object::count).collect()
        };
        let (widths, mut index) = (numbers("W"), numbers("Index"));
        if index.is_empty() {
            index = vec![0, numbers("Size").first().copied().unwrap_or(0)];
        }
        let [kind, second, third] = widths[..] else { return Err(fault()) };
        if [kind, second, third].iter().any(|&width| width > 8) || kind + second + third == 0 {
            return Err(fault());
        }
        let mut rows = table.chunks_exact(kind + second + third);
        for part in index.chunks_exact(2) {
            for number in part[0]..part[0].saturating_add(part[1]) {
                let (row, number) = (rows.next().ok_or_else(fault)?, u32::try_from(number).map_err(|_| fault())?);
                let field = |from: usize, width: usize| {
                    row[from..from + width].iter().fold(0_u64, |value, &byte| value << 8 | u64::from(byte))
                };
                let value = field(kind, second);
                let place = match if kind == 0 { 1 } else { field(0, kind) } {
                    0 => Place::Free,
                    1 => used_at(value, data.len()).ok_or_else(fault)?,
                    2 => Place::In(u32::try_from(value).map_err(|_| fault())?),
                    _ => return Err(fault()),
                };
                self.add(number, place)?;
            }
        }
        Ok(dict)
    }
}

/// Where a trailer points.
fn pointed(trailer: &Dict, name: &str, offset: usize) -> Result<Option<usize>, Fault> {
    match trailer.get(name).map(Object::count) {
        Some(None) => Err(Fault::syntax("a trailer that points nowhere", offset)),
        place => Ok(place.flatten()),
    }
}

fn is_encrypted(trailer: &Dict) -> bool {
    trailer.get("Encrypt").is_some_and(|encrypt| *encrypt != Object::Null)
}

/// The place of an object in use. Nothing is at byte 0, where the header is: programs write it
/// for numbers that they do not use, and a reference to such a number is null.
fn used_at(offset: u64, length: usize) -> Option<Place> {
    let offset = u32::try_from(offset).ok().filter(|&offset| (offset as usize) < length)?;
    Some(if offset == 0 { Place::Free } else { Place::At(offset) })
}

/// Where the newest cross-reference is. `%%EOF` has to end the file.
fn start(data: &[u8]) -> Result<usize, Fault> {
    let tail = &data[data.len().saturating_sub(TAIL)..];
    let find = |word: &[u8]| tail.windows(word.len()).rposition(|part| part == word);
    let Some(end) = find(b"%%EOF") else {
        return Err(Fault::new(Kind::Truncated, "there is no %%EOF at the end", data.len()));
    };
    if tail[end + 5..].iter().any(|byte| !byte.is_ascii_whitespace()) {
        return Err(Fault::new(Kind::Trailing, "bytes after the end (save it again)", data.len()));
    }
    let at = find(b"startxref").filter(|&at| at < end);
    let at = at.ok_or_else(|| Fault::syntax("there is no startxref", data.len()))?;
    let mut lexer = Lexer::new(&tail[..end], at + 9);
    let offset = lexer.integer().and_then(|offset| usize::try_from(offset).ok());
    offset.ok_or_else(|| Fault::syntax("startxref points nowhere", data.len()))
}

//! A document in memory: where its objects are, and what they are.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::above::Above;
use super::crypt::Crypt;
use super::filter::{self, Decoded};
use super::indirect::{self, Indirect};
use super::lexer::Lexer;
use super::object::{Dict, Object, Resolve};
use super::xref::{Place, Xref};
use crate::pass::Budget;
use crate::verdict::{Fault, Kind};

/// How many references may lie behind one another.
const REFERENCES: usize = 20;

/// How many objects may be in an object stream.
const PACKED: usize = 1 << 18;

/// How much of object streams is kept decoded, in bytes.
const KEPT: usize = 16 << 20;

/// How much may lie behind the ends of streams before it is passed on, in bytes.
const BEHIND: usize = 1 << 20;

/// How many steps it is to decode a stream again and to look at it, and each byte of it.
const AGAIN: usize = 128;
const COST: usize = 4;

/// An object stream, decoded, and where its objects are in it.
pub(super) struct Packed {
    pub(super) data: Vec<u8>,
    /// Sorted by the numbers of the objects.
    starts: Vec<(u32, u32)>,
}

/// The object streams that are kept decoded, and their size.
#[derive(Default)]
struct Kept {
    streams: HashMap<u32, Rc<Packed>>,
    bytes: usize,
}

/// The document.
pub(super) struct Document<'a> {
    data: &'a [u8],
    /// Where objects lie, in all revisions, and their numbers, in this order.
    pub(super) places: Vec<(u32, u32)>,
    /// The newest place of each object.
    newest: HashMap<u32, Place>,
    crypt: Option<Crypt>,
    kept: RefCell<Kept>,
    above: Above,
    /// Where the streams are that were decoded.
    decoded: RefCell<HashSet<usize>>,
    /// What lies behind the ends of compressed streams.
    behind: RefCell<Vec<u8>>,
    /// Why an object could not be looked up.
    fault: RefCell<Option<Fault>>,
    pub(super) budget: Budget,
}

impl<'a> Document<'a> {
    /// The objects that the cross-references name. All are read here once, so that
    /// what they say is known to be true.
    pub(super) fn read(data: &'a [u8], xref: Xref, trailer: &Dict, budget: &Budget) -> Result<Self, Fault> {
        if let Some(two) = xref.offsets.windows(2).find(|two| two[0].0 == two[1].0) {
            let what = format!("objects {} and {} are said to be at one place (save it again)", two[0].1, two[1].1);
            return Err(Fault::syntax(what, two[0].0 as usize));
        }
        let mut document = Self {
            data,
            places: xref.offsets,
            newest: xref.newest,
            crypt: None,
            kept: RefCell::default(),
            above: Above::default(),
            decoded: RefCell::default(),
            behind: RefCell::default(),
            fault: RefCell::default(),
            budget: budget.clone(),
        };
        document.crypt = document.open(trailer)?;
        for &(offset, number) in &document.places {
            let indirect = document.parse(number, offset as usize)?;
            if let (Object::Dict(dict), Some(_)) = (&indirect.object, &indirect.stream)
                && dict.is("Type", "ObjStm")
                && document.newest.get(&number) == Some(&Place::At(offset))
            {
                let packed = document.unpack(&indirect).map_err(|fault| fault.at(offset as usize))?;
                document.check(&packed).map_err(|fault| fault.at(offset as usize))?;
                document.keep(number, packed);
            }
        }
        Ok(document)
    }

    /// The key of an encrypted document.
    fn open(&self, trailer: &Dict) -> Result<Option<Crypt>, Fault> {
        let Some(encrypt) = trailer.get("Encrypt") else { return Ok(None) };
        let id = self.entry(trailer, "ID");
        let id = id.items().first().map(|id| self.resolve(id));
        let id = id.as_ref().and_then(|id| id.string()).unwrap_or_default();
        match &*self.resolve(encrypt) {
            Object::Null => Ok(None),
            Object::Dict(dict) => Ok(Some(Crypt::open(dict, encrypt.reference(), id, self)?)),
            _ => Err(Fault::new(Kind::Encrypted, "the document is encrypted in an unknown way", 0)),
        }
    }

    /// The object that is the newest at its number.
    pub(super) fn is_newest(&self, number: u32, offset: usize) -> bool {
        self.newest.get(&number).is_some_and(|place| matches!(place, Place::At(at) if *at as usize == offset))
    }

    /// The generation of the newest object of a number.
    pub(super) fn generation(&self, number: u32) -> Option<u64> {
        match self.newest.get(&number)? {
            Place::At(offset) => self.parse(number, *offset as usize).ok().map(|indirect| indirect.generation.into()),
            // Those in streams have none.
            Place::In(_) => Some(0),
            Place::Free => None,
        }
    }

    /// Where the next object starts behind a place.
    fn end(&self, offset: usize) -> usize {
        let next = self.places.partition_point(|place| place.0 as usize <= offset);
        self.places.get(next).map_or(self.data.len(), |place| place.0 as usize)
    }

    /// Parses the object at a place, which has to be there.
    pub(super) fn parse(&self, number: u32, offset: usize) -> Result<Indirect<'a>, Fault> {
        let indirect = self.parse_any(offset)?;
        if indirect.number != number {
            let what = format!("object {number}: it is not where the cross-reference says");
            return Err(Fault::syntax(what, offset));
        }
        Ok(indirect)
    }

    /// Parses the object at a place, whatever its number is.
    pub(super) fn parse_any(&self, offset: usize) -> Result<Indirect<'a>, Fault> {
        let data = self.data.get(..self.end(offset)).unwrap_or_default();
        let mut indirect = indirect::parse(data, offset, self)?;
        if let Some(crypt) = &self.crypt {
            crypt.decrypt(&mut indirect.object, indirect.number, indirect.generation);
        }
        Ok(indirect)
    }

    /// The bytes of a stream as they were before their filters.
    pub(super) fn raw<'s>(&self, indirect: &Indirect<'s>) -> Result<Cow<'s, [u8]>, Fault> {
        let data = indirect.stream.unwrap_or_default();
        match (&self.crypt, &indirect.object) {
            (Some(crypt), Object::Dict(dict)) => {
                Ok(crypt.stream(dict, data, (indirect.number, indirect.generation), self)?.into())
            }
            _ => Ok(data.into()),
        }
    }

    /// Decodes a stream.
    pub(super) fn decode<'s>(&self, indirect: &Indirect<'s>) -> Result<Decoded<'s>, Fault> {
        let none = Dict::default();
        let dict = indirect.object.dict().unwrap_or(&none);
        let again = !self.decoded.borrow_mut().insert(indirect.head.start);
        let decoded = filter::decode(self, dict, self.raw(indirect)?, &self.budget, again);
        let mut decoded = decoded.map_err(|fault| fault.named(&format!("object {}: ", indirect.number)))?;
        if again {
            self.budget.work(AGAIN + decoded.data.len().saturating_mul(COST))?;
        } else {
            self.keep_behind(&std::mem::take(&mut decoded.behind))?;
        }
        Ok(decoded)
    }

    /// Keeps what lies behind the end of a stream until it is asked for.
    pub(super) fn keep_behind(&self, bytes: &[u8]) -> Result<(), Fault> {
        let mut behind = self.behind.borrow_mut();
        if bytes.is_empty() {
            return Ok(());
        }
        behind.extend_from_slice(bytes);
        behind.push(b'\n');
        if behind.len() > BEHIND {
            return Err(Fault::new(Kind::Limit, "too much behind the ends of streams", 0));
        }
        Ok(())
    }

    /// Takes what lies behind the ends of the streams that were decoded.
    pub(super) fn take_behind(&self) -> Vec<u8> {
        std::mem::take(&mut self.behind.borrow_mut())
    }

    /// Decrypts a string of an object.
    pub(super) fn string(&self, string: Vec<u8>, number: u32, generation: u16) -> Vec<u8> {
        match &self.crypt {
            Some(crypt) => crypt.string(&string, number, generation),
            None => string,
        }
    }

    /// Decodes an object stream, and reads where its objects are.
    fn unpack(&self, indirect: &Indirect) -> Result<Packed, Fault> {
        let decoded = self.decode(indirect)?;
        let Some(dict) = indirect.object.dict().filter(|_| !decoded.picture) else {
            return Err(Fault::syntax("an object stream that is a picture", 0));
        };
        let (count, first) = (self.entry(dict, "N").count(), self.entry(dict, "First").count());
        let (Some(count), Some(first)) = (count, first) else {
            return Err(Fault::syntax("an object stream without its index", 0));
        };
        if count > PACKED {
            return Err(Fault::new(Kind::Limit, "an object stream of too many objects", 0));
        }
        if decoded.data.len() > KEPT {
            return Err(Fault::new(Kind::Limit, "an object stream that is too large", 0));
        }
        let data = decoded.data.into_owned();
        let mut lexer = Lexer::new(&data, 0);
        let mut starts = Vec::new();
        for _ in 0..count {
            let pair = lexer.integer().and_then(|number| Some((u32::try_from(number).ok()?, lexer.integer()?)));
            let start = pair.and_then(|(number, at)| Some((number, first.checked_add(usize::try_from(at).ok()?)?)));
            let start = start.filter(|start| start.1 <= data.len());
            let start = start.and_then(|(number, start)| Some((number, u32::try_from(start).ok()?)));
            starts.push(start.ok_or_else(|| Fault::syntax("an object stream with a broken index", 0))?);
        }
        // The last object of a number counts.
        starts.reverse();
        starts.sort_by_key(|start| start.0);
        starts.dedup_by_key(|start| start.0);
        Ok(Packed { data, starts })
    }

    /// Parses all objects of an object stream.
    fn check(&self, packed: &Packed) -> Result<(), Fault> {
        for &(number, start) in &packed.starts {
            self.parse_packed(packed, (number, start), false)?;
        }
        Ok(())
    }

    /// The objects of an object stream as they are written, in their order; what lies before them is first.
    pub(super) fn spans(packed: &Packed) -> Vec<(Option<u32>, std::ops::Range<usize>)> {
        let mut starts: Vec<(usize, Option<u32>)> =
            packed.starts.iter().map(|&(number, start)| (start as usize, Some(number))).collect();
        starts.push((0, None));
        starts.sort_unstable();
        let ends = starts.iter().skip(1).map(|start| start.0).chain([packed.data.len()]);
        starts.iter().zip(ends).map(|(&(start, number), end)| (number, start..end)).collect()
    }

    fn parse_packed(&self, packed: &Packed, (number, start): (u32, u32), found: bool) -> Result<Object, Fault> {
        let mut lexer =
            if found { Lexer::look_up(&packed.data, start as usize) } else { Lexer::new(&packed.data, start as usize) };
        let object = lexer.object().map_err(|fault| fault.at(0))?;
        self.budget.work(lexer.at.saturating_sub(start as usize))?;
        let object = object.filter(|object| !matches!(object, Object::Operator(_)));
        object.ok_or_else(|| Fault::syntax(format!("object {number}: it is broken"), 0))
    }

    /// Keeps an object stream, unless there is too much already.
    fn keep(&self, number: u32, packed: Packed) -> Rc<Packed> {
        let mut kept = self.kept.borrow_mut();
        let size = packed.data.len() + packed.starts.len() * 8;
        if kept.bytes + size > KEPT {
            *kept = Kept::default();
        }
        let packed = Rc::new(packed);
        kept.bytes += size;
        kept.streams.insert(number, Rc::clone(&packed));
        packed
    }

    /// An object stream.
    pub(super) fn packed(&self, number: u32) -> Result<Rc<Packed>, Fault> {
        if let Some(packed) = self.kept.borrow().streams.get(&number) {
            return Ok(Rc::clone(packed));
        }
        let Some(&Place::At(offset)) = self.newest.get(&number) else {
            return Err(Fault::syntax(format!("there is no object stream {number}"), 0));
        };
        let packed = self.unpack(&self.parse(number, offset as usize)?)?;
        Ok(self.keep(number, packed))
    }

    /// The object stream at a place.
    pub(super) fn packed_at(&self, indirect: &Indirect, offset: usize) -> Result<Rc<Packed>, Fault> {
        if self.is_newest(indirect.number, offset) {
            return self.packed(indirect.number);
        }
        Ok(Rc::new(self.unpack(indirect)?))
    }

    /// The newest object of a number; what is not there is null.
    pub(super) fn get(&self, number: u32) -> Object {
        // Nothing is looked up any more when something was in vain.
        if self.fault.borrow().is_some() {
            return Object::Null;
        }
        let found = match self.newest.get(&number) {
            Some(&Place::At(offset)) => self.shallow(number, offset as usize),
            Some(&Place::In(stream)) => self.packed(stream).and_then(|packed| {
                let at = packed.starts.binary_search_by_key(&number, |start| start.0);
                match at.ok().and_then(|at| packed.starts.get(at)) {
                    Some(&start) => self.parse_packed(&packed, start, true),
                    None => Ok(Object::Null),
                }
            }),
            _ => Ok(Object::Null),
        };
        found.unwrap_or_else(|fault| {
            *self.fault.borrow_mut() = Some(fault);
            Object::Null
        })
    }

    /// What is around a page or a field, without the list of what is in it.
    pub(super) fn above(&self, dict: &Dict) -> Option<Rc<Dict>> {
        let above = dict.get("Parent")?;
        let number = above.reference();
        if let Some(known) = number.and_then(|number| self.above.known(number)) {
            if self.fault.borrow().is_some() {
                return None;
            }
            if let Err(fault) = self.budget.work(known.steps) {
                *self.fault.borrow_mut() = Some(fault);
                return None;
            }
            return Some(known.dict);
        }
        match self.resolve(above).into_owned() {
            Object::Dict(above) => Some(self.above.keep(number, above)),
            _ => None,
        }
    }

    /// An object without its stream.
    fn shallow(&self, number: u32, offset: usize) -> Result<Object, Fault> {
        let mut lexer = Lexer::look_up(self.data.get(..self.end(offset)).unwrap_or_default(), offset);
        let is_there = lexer.integer() == Some(number.into());
        let generation = lexer.integer().filter(|_| is_there);
        let (Some(generation), true) = (generation, lexer.skip("obj")) else { return Ok(Object::Null) };
        let object = lexer.object().map_err(|fault| fault.named(&format!("object {number}: ")))?;
        let object = object.filter(|object| !matches!(object, Object::Operator(_)));
        self.budget.work(lexer.at.saturating_sub(offset))?;
        let mut object = object.unwrap_or(Object::Null);
        if let Some(crypt) = &self.crypt {
            crypt.decrypt(&mut object, number, u16::try_from(generation).unwrap_or(u16::MAX));
        }
        Ok(object)
    }

    /// The newest object of a number that has a stream.
    pub(super) fn stream(&self, number: u32) -> Option<(usize, Indirect<'a>)> {
        let Some(&Place::At(offset)) = self.newest.get(&number) else { return None };
        let indirect = self.parse(number, offset as usize).ok().filter(|found| found.stream.is_some())?;
        Some((offset as usize, indirect))
    }

    /// The objects of an object stream.
    pub(super) fn objects(&self, packed: &Packed) -> impl Iterator<Item = (u32, Result<Object, Fault>)> {
        packed.starts.iter().map(|&start| (start.0, self.parse_packed(packed, start, false)))
    }

    /// Whether the newest object of a number is in this object stream.
    pub(super) fn is_in(&self, number: u32, stream: u32) -> bool {
        self.newest.get(&number) == Some(&Place::In(stream))
    }

    /// What is wrong when objects were looked up in vain.
    pub(super) fn fault(&self) -> Result<(), Fault> {
        self.fault.borrow_mut().take().map_or(Ok(()), Err)
    }
}

impl Resolve for Document<'_> {
    fn resolve<'o>(&self, object: &'o Object) -> Cow<'o, Object> {
        let Object::Reference(number) = object else { return Cow::Borrowed(object) };
        let mut number = *number;
        for _ in 0..REFERENCES {
            match self.get(number) {
                Object::Reference(next) => number = next,
                object => return Cow::Owned(object),
            }
        }
        Cow::Owned(Object::Null)
    }
}

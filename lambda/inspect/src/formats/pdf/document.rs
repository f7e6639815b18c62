//! A document in memory: where its objects are, and what they are.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};

use super::filter::{Decoded, decode};
use super::lexer::Lexer;
use super::object::{Dict, Object};
use super::xref::Xref;
use crate::pass::{Budget, Hold};
use crate::verdict::Fault;
use crate::verdict::Kind;

/// How many references may lie behind one another.
const REFERENCES: usize = 20;

/// How many objects may be parsed to look others up: those that are large may be looked up often.
const MOST: usize = 50_000_000;

/// How many objects may be in an object stream.
const PACKED: usize = 1 << 20;

/// An object with its stream, if it has one.
pub(super) struct Indirect<'a> {
    pub(super) object: Object,
    pub(super) stream: Option<&'a [u8]>,
}

/// An object stream, decoded, and where its objects are in it.
struct Packed {
    data: Vec<u8>,
    starts: BTreeMap<u32, usize>,
}

/// The document.
pub(super) struct Document<'a> {
    data: &'a [u8],
    /// Where objects lie, in all revisions, and where each ends at the latest.
    pub(super) places: BTreeMap<usize, (u32, usize)>,
    /// The newest place of each object.
    newest: HashMap<u32, Place>,
    packed: HashMap<u32, Packed>,
    /// How many objects were parsed to look them up.
    parsed: Cell<usize>,
    hold: Hold,
}

/// Where an object is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    At(usize),
    /// In an object stream.
    In(u32),
    Free,
}

impl<'a> Document<'a> {
    /// The objects that the cross-references name. All are read here once, so that
    /// what they say is known to be true.
    pub(super) fn read(data: &'a [u8], xref: Xref, budget: &Budget) -> Result<Self, Fault> {
        let mut places = BTreeMap::new();
        for &(number, offset) in &xref.offsets {
            if places.insert(offset, (number, data.len())).is_some_and(|other| other.0 != number) {
                return Err(Fault::new(Kind::Bomb, "two objects share their bytes", offset));
            }
        }
        let mut end = data.len();
        for (&offset, place) in places.iter_mut().rev() {
            place.1 = end;
            end = offset;
        }
        let mut document = Self {
            data,
            places,
            newest: xref.newest,
            packed: HashMap::new(),
            parsed: Cell::new(0),
            hold: budget.hold(),
        };
        for (number, offset) in xref.offsets {
            let indirect = document.parse(number, offset)?;
            let Some((dict, stream)) = indirect.object.dict().zip(indirect.stream) else { continue };
            if dict.is("Type", "ObjStm")
                && matches!(document.newest.get(&number), Some(Place::At(newest)) if *newest == offset)
            {
                let packed = document.unpack(dict, stream, budget).map_err(|fault| fault.at(offset))?;
                document.hold.add(packed.data.len().saturating_add(packed.starts.len().saturating_mul(32)))?;
                document.packed.insert(number, packed);
            }
        }
        Ok(document)
    }

    /// Decodes an object stream, and reads where its objects are.
    fn unpack(&self, dict: &Dict, stream: &[u8], budget: &Budget) -> Result<Packed, Fault> {
        let Decoded::Data(data) = decode(self, dict, stream, budget)? else {
            return Err(Fault::syntax("an object stream that is a picture", 0));
        };
        let number = |name| dict.get(name).map(|value| self.resolve(value)).and_then(|value| value.count());
        let (Some(count), Some(first)) = (number("N"), number("First")) else {
            return Err(Fault::syntax("an object stream without its index", 0));
        };
        if count > PACKED {
            return Err(Fault::new(Kind::Limit, "an object stream of too many objects", 0));
        }
        let mut lexer = Lexer::new(&data, 0);
        let mut starts = BTreeMap::new();
        for _ in 0..count {
            let pair = lexer.integer().and_then(|number| Some((u32::try_from(number).ok()?, lexer.integer()?)));
            let start = pair.and_then(|(number, at)| Some((number, first.checked_add(usize::try_from(at).ok()?)?)));
            let start = start.filter(|start| start.1 <= data.len());
            let (number, start) = start.ok_or_else(|| Fault::syntax("an object stream with a broken index", 0))?;
            starts.insert(number, start);
        }
        Ok(Packed { data, starts })
    }

    /// Parses the object at a place, which has to be there.
    pub(super) fn parse(&self, number: u32, offset: usize) -> Result<Indirect<'a>, Fault> {
        let end = self.places.get(&offset).map_or(self.data.len(), |place| place.1);
        let fault = |what: &str| Fault::syntax(format!("object {number}: {what}"), offset);
        let mut lexer = Lexer::new(&self.data[..end], offset);
        if lexer.integer() != Some(number.into()) || lexer.integer().is_none() || !lexer.skip("obj") {
            return Err(fault("it is not where the cross-reference says"));
        }
        let object = lexer.object().map_err(|fault| fault.named(&format!("object {number}: ")))?;
        let object = match object {
            Some(Object::Operator(word)) if word == "endobj" => {
                return Ok(Indirect { object: Object::Null, stream: None });
            }
            Some(Object::Operator(_)) | None => return Err(fault("it is broken")),
            Some(object) => object,
        };
        let mut stream = None;
        if let Some(dict) = object.dict()
            && lexer.skip("stream")
        {
            let start = match &lexer.data[lexer.at..] {
                [b'\r', b'\n', ..] => lexer.at + 2,
                [b'\n' | b'\r', ..] => lexer.at + 1,
                _ => lexer.at,
            };
            let length = dict.get("Length").map(|length| self.resolve(length)).and_then(|length| length.count());
            let data = length.and_then(|length| lexer.data.get(start..start.checked_add(length)?));
            let data = data.ok_or_else(|| fault("its stream is not as long as it says"))?;
            lexer.at = start + data.len();
            if !lexer.skip("endstream") {
                return Err(fault("its stream does not end where it says"));
            }
            stream = Some(data);
        }
        if lexer.skip("endobj") { Ok(Indirect { object, stream }) } else { Err(fault("it has no end")) }
    }

    /// What an object is, or what it refers to.
    pub(super) fn resolve(&self, object: &Object) -> Object {
        let mut object = object.clone();
        for _ in 0..REFERENCES {
            let Object::Reference(number) = object else { return object };
            object = self.get(number);
        }
        Object::Null
    }

    /// The newest object of a number; what is not there is null.
    pub(super) fn get(&self, number: u32) -> Object {
        if self.parsed.get() > MOST {
            return Object::Null;
        }
        match self.newest.get(&number) {
            Some(&Place::At(offset)) => self.shallow(number, offset),
            Some(Place::In(stream)) => {
                let found = self.packed.get(stream).and_then(|packed| {
                    let mut lexer = Lexer::new(&packed.data, *packed.starts.get(&number)?);
                    let object = lexer.object().ok()?;
                    self.parsed.set(self.parsed.get().saturating_add(lexer.parsed()));
                    object
                });
                found.unwrap_or(Object::Null)
            }
            _ => Object::Null,
        }
    }

    /// An object without its stream.
    fn shallow(&self, number: u32, offset: usize) -> Object {
        let end = self.places.get(&offset).map_or(self.data.len(), |place| place.1);
        let mut lexer = Lexer::new(&self.data[..end], offset);
        let is_there = lexer.integer() == Some(number.into()) && lexer.integer().is_some() && lexer.skip("obj");
        let object = if is_there { lexer.object().ok().flatten() } else { None };
        self.parsed.set(self.parsed.get().saturating_add(lexer.parsed()));
        object.filter(|object| !matches!(object, Object::Operator(_))).unwrap_or(Object::Null)
    }

    /// The object stream's objects, each parsed.
    pub(super) fn packed_objects(&self, number: u32) -> impl Iterator<Item = Result<Object, Fault>> {
        let packed = self.packed.get(&number);
        packed.into_iter().flat_map(|packed| {
            packed.starts.iter().map(|(number, &start)| {
                let object = Lexer::new(&packed.data, start).object().map_err(|fault| fault.at(0))?;
                let object = object.filter(|object| !matches!(object, Object::Operator(_)));
                object.ok_or_else(|| Fault::syntax(format!("object {number}: it is broken"), 0))
            })
        })
    }

    /// An entry of a dictionary, resolved.
    pub(super) fn entry(&self, dict: &Dict, name: &str) -> Object {
        dict.get(name).map_or(Object::Null, |value| self.resolve(value))
    }

    /// The newest object of a number that has a stream.
    pub(super) fn stream(&self, number: u32) -> Option<Indirect<'a>> {
        match self.newest.get(&number)? {
            &Place::At(offset) => self.parse(number, offset).ok(),
            _ => None,
        }
    }

    /// The newest of all objects, in the order of their numbers.
    pub(super) fn newest(&self) -> impl Iterator<Item = Object> {
        let mut numbers: Vec<u32> = self.newest.keys().copied().collect();
        numbers.sort_unstable();
        numbers.into_iter().map(|number| self.get(number))
    }

    /// What is wrong when objects were looked up in vain, since there was too much to look up.
    pub(super) fn exhausted(&self) -> Option<Fault> {
        (self.parsed.get() > MOST).then(|| Fault::new(Kind::Limit, "objects that are too large and too many", 0))
    }
}

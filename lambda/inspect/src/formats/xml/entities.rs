//! Entities: what references stand for, and how much they may add.
//!
//! Every expansion is counted before it is done, so that entities that multiply
//! are refused early. As in libexpat, an expansion beyond a floor must not be out
//! of proportion to what was read.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use memchr::{memchr2, memchr3};

use super::cursor::{self, Cursor};
use crate::verdict::Fault;
use crate::verdict::Kind;

/// How deep references may lie within references.
const NESTED: usize = 20;

/// How many bytes a byte of the document may become.
const RATIO: u64 = 10;

/// What an entity was declared as.
#[derive(Debug, Clone)]
pub(super) enum Entity {
    Internal(Rc<str>),
    External,
    Unparsed,
}

impl Entity {
    /// An internal entity, whose references to characters are replaced at once.
    pub(super) fn internal(literal: &str) -> Result<Self, Fault> {
        let mut value = String::new();
        let mut cursor = Cursor::new(literal);
        while let Some(at) = cursor.rest.find(['&', '%']) {
            value.push_str(&cursor.rest[..at]);
            cursor.rest = &cursor.rest[at..];
            if cursor.skip("%") {
                return Err(Fault::syntax("a parameter entity in a declaration", 0));
            }
            cursor.skip("&");
            let name = cursor.until(";")?;
            if let Some(number) = name.strip_prefix('#') {
                value.push(character(number)?);
            } else {
                is_name(name)?;
                value.extend(["&", name, ";"]);
            }
        }
        value.push_str(cursor.rest);
        Ok(Self::Internal(Rc::from(value)))
    }
}

/// The default of an attribute: its element, its name, and what is written.
pub(super) type Default = (Rc<str>, String, String);

/// What a reference stands for.
pub(super) enum Expansion {
    Character(char),
    /// Text that is parsed in turn; `close` the entity then.
    Text(Rc<str>),
    /// Something that is not in the document.
    Skipped,
}

/// The entities of a document.
pub(super) struct Entities {
    declared: BTreeMap<String, Entity>,
    /// Those for the document type itself.
    parameters: BTreeMap<String, Entity>,
    defaults: Vec<Default>,
    /// There may be declarations that were not read, or that do not count for all.
    unread: bool,
    /// All declarations that count are in the document, as it says.
    standalone: bool,
    open: Vec<String>,
    read: u64,
    expanded: u64,
    allowed: u64,
}

impl Entities {
    pub(super) fn new(allowed: u64) -> Self {
        Self {
            declared: BTreeMap::new(),
            parameters: BTreeMap::new(),
            defaults: Vec::new(),
            unread: false,
            standalone: false,
            open: Vec::new(),
            read: 0,
            expanded: 0,
            allowed,
        }
    }

    /// Counts bytes of the document.
    pub(super) fn read(&mut self, bytes: usize) {
        self.read += bytes as u64;
    }

    pub(super) fn unread(&mut self) {
        self.unread = true;
    }

    /// Takes what the document says of itself.
    pub(super) fn stand_alone(&mut self) {
        self.standalone = true;
    }

    /// Declares an entity; of two declarations the first counts.
    pub(super) fn declare(&mut self, name: &str, entity: Entity, parameter: bool) {
        let all = if parameter { &mut self.parameters } else { &mut self.declared };
        all.entry(name.to_owned()).or_insert(entity);
    }

    /// The declarations that a parameter entity stands for; `close` it then. `None` where they were not read.
    pub(super) fn parameter(&mut self, name: &str) -> Result<Option<Rc<str>>, Fault> {
        // A document with one may be sparing with its declarations, as one with an external subset.
        self.unread();
        let Some(Entity::Internal(text)) = self.parameters.get(name).cloned() else { return Ok(None) };
        self.open(&format!("%{name}"), Rc::clone(&text))?;
        Ok(Some(text))
    }

    /// Whether what the default of an attribute refers to was declared before it.
    pub(super) fn check_default(&self, value: &str) -> Result<(), Fault> {
        for reference in value.split('&').skip(1) {
            let name = reference.split(';').next().unwrap_or_default();
            let known = name.starts_with('#') || predefined(name).is_some() || self.declared.contains_key(name);
            if !known && (self.standalone || !self.unread) {
                return Err(Fault::syntax("a reference to an undeclared entity", 0));
            }
            if matches!(self.declared.get(name), Some(Entity::External)) {
                return Err(external());
            }
        }
        Ok(())
    }

    /// Notes the default of an attribute.
    pub(super) fn default(&mut self, element: &Rc<str>, attribute: &str, value: &str) {
        let value = in_one_line(value.into()).into_owned();
        self.defaults.push((Rc::clone(element), attribute.to_owned(), value));
    }

    pub(super) fn take_defaults(&mut self) -> Vec<Default> {
        std::mem::take(&mut self.defaults)
    }

    /// What the internal entities stand for.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.declared.values().filter_map(|entity| match entity {
            Entity::Internal(text) => Some(&**text),
            _ => None,
        })
    }

    /// Looks up what is between `&` and `;`.
    pub(super) fn expand(&mut self, reference: &str) -> Result<Expansion, Fault> {
        if let Some(number) = reference.strip_prefix('#') {
            return character(number).map(Expansion::Character);
        }
        is_name(reference)?;
        if let Some(character) = predefined(reference) {
            return Ok(Expansion::Character(character));
        }
        match self.declared.get(reference).cloned() {
            Some(Entity::Internal(value)) => self.open(reference, value),
            Some(Entity::External) => Ok(Expansion::Skipped),
            Some(Entity::Unparsed) => Err(Fault::syntax("a reference to an unparsed entity", 0)),
            None if self.unread && !self.standalone => Ok(Expansion::Skipped),
            None => Err(Fault::syntax("a reference to an undeclared entity", 0)),
        }
    }

    fn open(&mut self, name: &str, value: Rc<str>) -> Result<Expansion, Fault> {
        if self.open.iter().any(|open| open == name) {
            return Err(Fault::syntax("an entity that contains itself", 0));
        }
        self.expanded += 1 + value.len() as u64;
        if self.open.len() >= NESTED || self.expanded > self.allowed.max(self.read.saturating_mul(RATIO)) {
            return Err(Fault::new(Kind::Bomb, "entities that multiply", 0));
        }
        self.open.push(name.to_owned());
        Ok(Expansion::Text(value))
    }

    /// Ends the expansion of the entity that was opened last.
    pub(super) fn close(&mut self) {
        self.open.pop();
    }

    /// The value of an attribute, its references expanded.
    pub(super) fn attribute<'a>(&mut self, raw: &'a str) -> Result<Cow<'a, str>, Fault> {
        if memchr2(b'&', b'<', raw.as_bytes()).is_none() {
            return Ok(in_one_line(raw.into()));
        }
        let mut value = String::new();
        self.append(raw, &mut value)?;
        Ok(in_one_line(value.into()))
    }

    /// The nesting of references bounds the recursion.
    fn append(&mut self, raw: &str, value: &mut String) -> Result<(), Fault> {
        let mut cursor = Cursor::new(raw);
        while let Some(at) = cursor.rest.find(['&', '<']) {
            value.push_str(&cursor.rest[..at]);
            cursor.rest = &cursor.rest[at..];
            if cursor.skip("<") {
                return Err(Fault::syntax("a < in an attribute", 0));
            }
            cursor.skip("&");
            let reference = cursor.until(";")?;
            match self.expand(reference)? {
                Expansion::Character(character) => value.push(character),
                Expansion::Skipped if self.declared.contains_key(reference) => return Err(external()),
                Expansion::Skipped => {}
                Expansion::Text(text) => {
                    self.append(&text, value)?;
                    self.close();
                }
            }
        }
        value.push_str(cursor.rest);
        Ok(())
    }
}

/// A value with a blank for each line end and tab, as readers have it.
fn in_one_line(value: Cow<'_, str>) -> Cow<'_, str> {
    if memchr3(b'\n', b'\r', b'\t', value.as_bytes()).is_none() {
        return value;
    }
    value.replace("\r\n", " ").replace(['\n', '\r', '\t'], " ").into()
}

/// An attribute may not have text from elsewhere.
fn external() -> Fault {
    Fault::syntax("a reference to an external entity in an attribute", 0)
}

/// What references stand for that nobody has to declare.
fn predefined(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => None,
    }
}

/// The character of a reference, from behind its `#`.
fn character(number: &str) -> Result<char, Fault> {
    let wrong = || Fault::syntax("a reference to no character", 0);
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
    if !digits.chars().all(|digit| digit.is_digit(radix)) {
        return Err(wrong());
    }
    let code = u32::from_str_radix(digits, radix).map_err(|_| wrong())?;
    let character = char::from_u32(code).ok_or_else(wrong)?;
    cursor::legal(character)?;
    Ok(character)
}

fn is_name(text: &str) -> Result<(), Fault> {
    let mut cursor = Cursor::new(text);
    cursor.name()?;
    if cursor.rest.is_empty() { Ok(()) } else { Err(Fault::syntax("a & that starts no reference", 0)) }
}

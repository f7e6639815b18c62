//! What objects are used for: a stream is what refers to it, whatever it says of itself.

use std::collections::HashMap;

use super::document::Document;
use super::object::{Dict, Object, Resolve};
use super::told::text;
use crate::input::nested::shown;
use crate::pass::Hold;
use crate::verdict::Fault;

/// How many references to arrays and dictionaries may lie behind one another.
const DEEPEST: usize = 16;

/// What a stream is used for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each may hold beside the others")]
pub(super) struct Use {
    /// A page, a note, a pattern or a glyph draws it.
    pub(super) drawn: bool,
    pub(super) font: bool,
    pub(super) file: bool,
    /// A part of a form in XML.
    pub(super) form: bool,
}

/// What refers to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum As {
    Drawn,
    Font,
    File,
    Form,
}

/// What a value is called.
pub(super) enum Name {
    /// As this field.
    Field(u32),
    /// By this key.
    Key(String),
}

/// The uses of all streams.
pub(super) struct Uses {
    streams: HashMap<u32, Use>,
    /// The names of files inside.
    pub(super) files: HashMap<u32, String>,
    /// The parts of forms in XML, each a document.
    pub(super) forms: Vec<Vec<u32>>,
    /// What the values of fields and of the information are called that are objects of their own.
    pub(super) names: HashMap<u32, Name>,
    /// The information on the document.
    info: Option<u32>,
    /// What has pages in it: the object and where it is; those in object streams are at 0.
    pub(super) pages: Vec<(u32, u32)>,
    /// What is to be looked at for what it names: objects, their purpose, and how far away they are.
    next: Vec<(u32, As, usize)>,
    hold: Hold,
}

/// What is around an object that is looked at.
#[derive(Clone, Copy)]
struct Around {
    key: Option<As>,
    number: u32,
    offset: u32,
    /// It is the newest of its number.
    newest: bool,
    depth: usize,
}

impl Uses {
    /// Looks at all objects.
    pub(super) fn read(document: &Document, info: Option<u32>) -> Result<Self, Fault> {
        let mut uses = Self {
            streams: HashMap::new(),
            files: HashMap::new(),
            forms: Vec::new(),
            names: HashMap::new(),
            info,
            pages: Vec::new(),
            next: Vec::new(),
            hold: document.budget.hold(),
        };
        for &(offset, number) in &document.places {
            let indirect = document.parse(number, offset as usize)?;
            let newest = document.is_newest(number, offset as usize);
            uses.look(document, &indirect.object, Around { key: None, number, offset, newest, depth: 0 })?;
            if indirect.stream.is_none() || !indirect.object.dict().is_some_and(|dict| dict.is("Type", "ObjStm")) {
                continue;
            }
            // Older revisions have their objects in here, too.
            let packed = document.packed_at(&indirect, offset as usize)?;
            for (inner, object) in document.objects(&packed) {
                let newest = newest && document.is_in(inner, number);
                uses.look(document, &object?, Around { key: None, number: inner, offset: 0, newest, depth: 0 })?;
            }
        }
        document.fault()?;
        Ok(uses)
    }

    /// What a stream is used for.
    pub(super) fn of(&self, number: u32) -> Use {
        self.streams.get(&number).copied().unwrap_or_default()
    }

    fn look(&mut self, document: &Document, object: &Object, around: Around) -> Result<(), Fault> {
        self.walk(document, object, around)?;
        while let Some((number, purpose, depth)) = self.next.pop() {
            // What it names is used so as well, unless it is a stream, which says for itself what it names.
            if document.stream(number).is_none() {
                let around = Around { key: Some(purpose), number, depth, ..around };
                self.walk(document, &document.get(number), around)?;
            }
        }
        Ok(())
    }

    /// Goes through an object, and notes what it refers to for a purpose.
    fn walk(&mut self, document: &Document, object: &Object, around: Around) -> Result<(), Fault> {
        match object {
            Object::Array(items) => items.iter().try_for_each(|item| self.walk(document, item, around)),
            Object::Dict(dict) => self.dict(document, dict, around),
            Object::Reference(number) => {
                let Some(purpose) = around.key else { return Ok(()) };
                self.hold.add(64)?;
                let mark = self.streams.entry(*number).or_default();
                let known = match purpose {
                    As::Drawn => std::mem::replace(&mut mark.drawn, true),
                    As::Font => std::mem::replace(&mut mark.font, true),
                    As::File => std::mem::replace(&mut mark.file, true),
                    As::Form => std::mem::replace(&mut mark.form, true),
                };
                if !known && around.depth < DEEPEST {
                    self.next.push((*number, purpose, around.depth + 1));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn dict(&mut self, document: &Document, dict: &Dict, around: Around) -> Result<(), Fault> {
        if let Some(name) = dict.conflict() {
            let what = format!("object {}: it says {} twice", around.number, shown(name));
            return Err(Fault::syntax(what, around.offset as usize));
        }
        for (key, value) in &dict.0 {
            let purpose = match key.as_str() {
                "Contents" | "AP" | "CharProcs" | "Pattern" | "G" | "JS" | "RV" | "RC" => Some(As::Drawn),
                "FontFile" | "FontFile2" | "FontFile3" => Some(As::Font),
                "EF" => Some(As::File),
                "XFA" => Some(As::Form),
                // What a note belongs to, and what it is for, is not drawn by it.
                "P" | "Parent" | "Popup" => None,
                _ => around.key,
            };
            match key.as_str() {
                "Contents" if around.depth == 0 && !matches!(value, Object::String(_)) => {
                    self.page((around.number, around.offset))?;
                }
                "EF" => self.file(document, dict, value)?,
                // What older revisions had is no form any more.
                "XFA" if around.newest => self.form(document, value)?,
                _ => {}
            }
            if let (Some(value), 0) = (value.reference(), around.depth) {
                self.name(key, value, around.number)?;
            }
            self.walk(document, value, Around { key: purpose, ..around })?;
        }
        Ok(())
    }

    fn page(&mut self, place: (u32, u32)) -> Result<(), Fault> {
        if self.pages.last() != Some(&place) {
            self.hold.add(8)?;
            self.pages.push(place);
        }
        Ok(())
    }

    /// What a value is called that is an object of its own.
    fn name(&mut self, key: &str, value: u32, number: u32) -> Result<(), Fault> {
        let name = match key {
            "V" | "DV" | "Opt" | "RV" | "RC" | "MK" => Name::Field(number),
            _ if self.info == Some(number) => Name::Key(key.to_owned()),
            _ => return Ok(()),
        };
        self.hold.add(64 + key.len())?;
        self.names.entry(value).or_insert(name);
        Ok(())
    }

    /// A file inside: its name is beside the streams that hold it.
    fn file(&mut self, document: &Document, dict: &Dict, streams: &Object) -> Result<(), Fault> {
        let name =
            ["UF", "F", "DOS", "Mac", "Unix"].iter().find_map(|key| document.entry(dict, key).string().map(text));
        if let Object::Dict(streams) = &*document.resolve(streams) {
            for number in streams.0.iter().filter_map(|entry| entry.1.reference()) {
                let name = name.clone().unwrap_or_default();
                self.hold.add(64 + name.len())?;
                self.files.entry(number).or_insert(name);
            }
        }
        Ok(())
    }

    /// A form in XML: one stream, or names and streams that are parts of one document.
    fn form(&mut self, document: &Document, value: &Object) -> Result<(), Fault> {
        let parts: Vec<u32> = match &*document.resolve(value) {
            Object::Array(items) => items.iter().filter_map(Object::reference).collect(),
            _ => value.reference().into_iter().collect(),
        };
        self.hold.add(24 + parts.len() * 4)?;
        document.budget.work(self.forms.len())?;
        if !parts.is_empty() && !self.forms.contains(&parts) {
            self.forms.push(parts);
        }
        Ok(())
    }
}

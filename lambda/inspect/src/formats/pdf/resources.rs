//! What a page or a form may use by a name: fonts, and other forms.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::document::Document;
use super::font::Font;
use super::object::{Dict, Object, Resolve};
use super::told::text;
use crate::verdict::{Fault, Kind};

/// How many bytes of fonts and resources are kept.
const KEPT: usize = 8 << 20;

/// How many names a page may use.
const NAMES: usize = 1 << 14;

/// How deep pages may lie in the tree of pages.
const DEEPEST: usize = 64;

/// The names of one page or form.
#[derive(Default)]
pub(super) struct Resources {
    fonts: HashMap<String, Named>,
    forms: HashMap<String, u32>,
    /// States that set a font, and its size.
    states: HashMap<String, (u32, f64)>,
    /// What properties say that is meant by what has them.
    meant: HashMap<String, String>,
}

impl Resources {
    /// How many bytes they take, about.
    pub(super) fn bytes(&self) -> usize {
        let own = self.fonts.values().map(|font| if let Named::Font(font) = font { font.bytes() } else { 0 });
        let meant = self.meant.values().map(String::len).sum::<usize>();
        own.sum::<usize>() + meant + 64 * (self.fonts.len() + self.forms.len() + self.states.len() + self.meant.len())
    }
}

/// A font that is an object, or stands where it is used.
enum Named {
    Object(u32),
    Font(Rc<Font>),
}

/// All resources, as far as they are kept.
pub(super) struct Shelf<'a, 'b> {
    document: &'a Document<'b>,
    kept: RefCell<Kept>,
}

#[derive(Default)]
struct Kept {
    fonts: HashMap<u32, Rc<Font>>,
    resources: HashMap<u32, Rc<Resources>>,
    bytes: usize,
}

impl Kept {
    /// Makes room for more.
    fn grow(&mut self, bytes: usize) {
        if self.bytes + bytes > KEPT {
            *self = Self::default();
        }
        self.bytes += bytes;
    }
}

fn many() -> Fault {
    Fault::new(Kind::Limit, "a page that names too many fonts and forms", 0)
}

impl<'a, 'b> Shelf<'a, 'b> {
    pub(super) fn new(document: &'a Document<'b>) -> Self {
        Self { document, kept: RefCell::default() }
    }

    /// The resources of a page, which it may have from the pages around it, or of a form.
    pub(super) fn of(&self, dict: &Dict) -> Result<Option<Rc<Resources>>, Fault> {
        // What is null or not there is not said.
        if let Some(own) = dict.get("Resources").map_or(Ok(None), |own| self.read(own))? {
            return Ok(Some(own));
        }
        let mut around = self.document.above(dict);
        for _ in 0..DEEPEST {
            let Some(above) = around else { break };
            if let Some(own) = above.get("Resources").map_or(Ok(None), |own| self.read(own))? {
                return Ok(Some(own));
            }
            around = self.document.above(&above);
        }
        Ok(None)
    }

    /// The resources that an object is.
    pub(super) fn read(&self, object: &Object) -> Result<Option<Rc<Resources>>, Fault> {
        let number = object.reference();
        if let Some(known) = number.and_then(|number| self.kept.borrow().resources.get(&number).cloned()) {
            return Ok(Some(known));
        }
        let object = self.document.resolve(object);
        let Object::Dict(dict) = &*object else { return Ok(None) };
        let mut resources = Resources::default();
        self.fonts(dict, &mut resources)?;
        self.names(dict, "XObject", |name, form| {
            resources.forms.extend(form.reference().map(|form| (name.to_owned(), form)));
        })?;
        self.names(dict, "ExtGState", |name, state| {
            let state = self.document.resolve(state);
            let font = state.dict().map(|state| self.document.entry(state, "Font"));
            if let Some([Object::Reference(font), size]) = font.as_ref().map(|font| font.items()) {
                resources.states.insert(name.to_owned(), (*font, size.number().unwrap_or(1.0)));
            }
        })?;
        self.names(dict, "Properties", |name, marked| {
            let meant = self.document.resolve(marked).dict().and_then(|marked| self.actual(marked));
            resources.meant.extend(meant.map(|meant| (name.to_owned(), meant)));
        })?;
        if resources.bytes() > KEPT {
            return Err(many());
        }
        let resources = Rc::new(resources);
        if let Some(number) = number {
            let bytes = resources.bytes();
            let mut kept = self.kept.borrow_mut();
            kept.grow(bytes);
            kept.resources.insert(number, Rc::clone(&resources));
        }
        Ok(Some(resources))
    }

    fn fonts(&self, dict: &Dict, resources: &mut Resources) -> Result<(), Fault> {
        let (mut bytes, mut fault) = (0, None);
        self.names(dict, "Font", |name, font| {
            let font = match font {
                Object::Reference(number) => Named::Object(*number),
                Object::Dict(dict) if bytes <= KEPT && fault.is_none() => match Font::read(self.document, dict) {
                    Ok(font) => {
                        bytes += font.bytes();
                        Named::Font(Rc::new(font))
                    }
                    Err(broken) => {
                        fault = Some(broken);
                        return;
                    }
                },
                _ => return,
            };
            resources.fonts.insert(name.to_owned(), font);
        })?;
        match fault {
            Some(fault) => Err(fault),
            None if bytes > KEPT => Err(many()),
            None => Ok(()),
        }
    }

    /// Goes through the names of a kind.
    fn names(&self, dict: &Dict, kind: &str, mut each: impl FnMut(&str, &Object)) -> Result<(), Fault> {
        let Object::Dict(names) = &*self.document.entry(dict, kind) else { return Ok(()) };
        if names.0.len() > NAMES {
            return Err(many());
        }
        names.0.iter().for_each(|(name, object)| each(name, object));
        Ok(())
    }

    /// What a mark says that is meant: its properties, or the name of some.
    pub(super) fn meant(&self, resources: &[Rc<Resources>], properties: &Object) -> Option<String> {
        match properties {
            Object::Dict(properties) => self.actual(properties),
            Object::Name(name) => resources.iter().find_map(|resources| resources.meant.get(name)).cloned(),
            _ => None,
        }
    }

    fn actual(&self, properties: &Dict) -> Option<String> {
        self.document.entry(properties, "ActualText").string().map(text)
    }

    /// A font by its name.
    pub(super) fn font(&self, resources: &[Rc<Resources>], name: &str) -> Result<Option<Rc<Font>>, Fault> {
        match resources.iter().find_map(|resources| resources.fonts.get(name)) {
            Some(Named::Font(font)) => Ok(Some(Rc::clone(font))),
            Some(Named::Object(number)) => self.font_object(*number),
            None => Ok(None),
        }
    }

    pub(super) fn font_object(&self, number: u32) -> Result<Option<Rc<Font>>, Fault> {
        if let Some(font) = self.kept.borrow().fonts.get(&number) {
            return Ok(Some(Rc::clone(font)));
        }
        let reference = Object::Reference(number);
        let font = self.document.resolve(&reference);
        let Some(dict) = font.dict() else { return Ok(None) };
        let font = Rc::new(Font::read(self.document, dict)?);
        let mut kept = self.kept.borrow_mut();
        kept.grow(font.bytes());
        kept.fonts.insert(number, Rc::clone(&font));
        Ok(Some(font))
    }

    /// The object that a name draws.
    pub(super) fn form(resources: &[Rc<Resources>], name: &str) -> Option<u32> {
        resources.iter().find_map(|resources| resources.forms.get(name)).copied()
    }

    /// The font that a state sets, and its size.
    pub(super) fn state(resources: &[Rc<Resources>], name: &str) -> Option<(u32, f64)> {
        resources.iter().find_map(|resources| resources.states.get(name)).copied()
    }
}

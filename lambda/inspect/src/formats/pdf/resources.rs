//! What a page or a form may use by a name: fonts, and other forms.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::document::Document;
use super::font::Font;
use super::object::{Dict, Object, Resolve};
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

impl<'a, 'b> Shelf<'a, 'b> {
    pub(super) fn new(document: &'a Document<'b>) -> Self {
        Self { document, kept: RefCell::default() }
    }

    /// The resources of a page, which it may have from the pages around it, or of a form.
    pub(super) fn of(&self, dict: &Dict) -> Result<Option<Rc<Resources>>, Fault> {
        if let Some(own) = dict.get("Resources") {
            return self.resources(own);
        }
        let mut parent = self.document.entry(dict, "Parent").into_owned();
        for _ in 0..DEEPEST {
            let Object::Dict(above) = &parent else { break };
            if let Some(own) = above.get("Resources") {
                return self.resources(own);
            }
            parent = self.document.entry(above, "Parent").into_owned();
        }
        Ok(None)
    }

    fn resources(&self, object: &Object) -> Result<Option<Rc<Resources>>, Fault> {
        let number = object.reference();
        if let Some(known) = number.and_then(|number| self.kept.borrow().resources.get(&number).cloned()) {
            return Ok(Some(known));
        }
        let object = self.document.resolve(object);
        let Object::Dict(dict) = &*object else { return Ok(None) };
        let mut resources = Resources::default();
        let many = || Fault::new(Kind::Limit, "a page that names too many fonts and forms", 0);
        if let Object::Dict(fonts) = &*self.document.entry(dict, "Font") {
            if fonts.0.len() > NAMES {
                return Err(many());
            }
            let mut bytes = 0;
            for (name, font) in &fonts.0 {
                let font = match font {
                    Object::Reference(number) => Named::Object(*number),
                    Object::Dict(dict) => {
                        let font = Font::read(self.document, dict)?;
                        bytes += font.bytes();
                        if bytes > KEPT {
                            return Err(many());
                        }
                        Named::Font(Rc::new(font))
                    }
                    _ => continue,
                };
                resources.fonts.insert(name.clone(), font);
            }
        }
        if let Object::Dict(forms) = &*self.document.entry(dict, "XObject") {
            if forms.0.len() > NAMES {
                return Err(many());
            }
            let forms = forms.0.iter().filter_map(|(name, form)| Some((name.clone(), form.reference()?)));
            resources.forms.extend(forms);
        }
        if let Object::Dict(states) = &*self.document.entry(dict, "ExtGState") {
            if states.0.len() > NAMES {
                return Err(many());
            }
            for (name, state) in &states.0 {
                let state = self.document.resolve(state);
                let font = state.dict().map(|state| self.document.entry(state, "Font"));
                if let Some([Object::Reference(font), size]) = font.as_ref().map(|font| font.items()) {
                    resources.states.insert(name.clone(), (*font, size.number().unwrap_or(1.0)));
                }
            }
        }
        let resources = Rc::new(resources);
        if let Some(number) = number {
            let own = resources.fonts.values().map(|font| if let Named::Font(font) = font { font.bytes() } else { 0 });
            let names = resources.fonts.len() + resources.forms.len() + resources.states.len();
            let bytes = own.sum::<usize>() + 64 * names;
            let mut kept = self.kept.borrow_mut();
            kept.grow(bytes);
            kept.resources.insert(number, Rc::clone(&resources));
        }
        Ok(Some(resources))
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
        let Object::Dict(dict) = self.document.get(number) else { return Ok(None) };
        let font = Rc::new(Font::read(self.document, &dict)?);
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

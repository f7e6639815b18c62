//! What streams belong to: pages with their fonts, forms, files inside.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::document::Document;
use super::font::Font;
use super::object::{Dict, Object};
use crate::pass::Budget;

/// How deep pages may lie in the tree of pages.
const DEEPEST: usize = 64;

/// How many fonts are kept.
const FONTS: usize = 64;

/// The owners of streams.
pub(super) struct Pages<'a, 'b> {
    document: &'a Document<'b>,
    /// The page of a content stream: its number and its resources.
    contents: HashMap<u32, (u64, Dict)>,
    files: HashMap<u32, String>,
    fonts: RefCell<HashMap<u32, Rc<Font>>>,
}

impl<'a, 'b> Pages<'a, 'b> {
    pub(super) fn new(document: &'a Document<'b>) -> Self {
        let mut pages = Self { document, contents: HashMap::new(), files: HashMap::new(), fonts: RefCell::default() };
        let mut number = 0;
        for object in document.newest() {
            let Object::Dict(dict) = object else { continue };
            if dict.is("Type", "Page") {
                number += 1;
                pages.page(&dict, number);
            }
            if let Object::Dict(files) = document.entry(&dict, "EF") {
                let name = ["UF", "F"].iter().find_map(|key| match document.entry(&dict, key) {
                    Object::String(name) => Some(match name.strip_prefix(b"\xFE\xFF") {
                        Some(wide) => super::font::utf16(wide),
                        None => String::from_utf8_lossy(&name).into_owned(),
                    }),
                    _ => None,
                });
                for (_, file) in &files.0 {
                    if let Object::Reference(number) = file {
                        pages.files.insert(*number, name.clone().unwrap_or_default());
                    }
                }
            }
        }
        pages
    }

    fn page(&mut self, dict: &Dict, number: u64) {
        let mut resources = self.document.entry(dict, "Resources");
        let mut parent = self.document.entry(dict, "Parent");
        for _ in 0..DEEPEST {
            let (Object::Null, Object::Dict(above)) = (&resources, &parent) else { break };
            resources = self.document.entry(above, "Resources");
            parent = self.document.entry(above, "Parent");
        }
        let Object::Dict(resources) = resources else { return };
        let direct = dict.get("Contents").cloned().unwrap_or(Object::Null);
        let contents = match self.document.resolve(&direct) {
            Object::Array(all) => all,
            _ => vec![direct],
        };
        for content in contents {
            if let Object::Reference(stream) = content {
                self.contents.insert(stream, (number, resources.clone()));
            }
        }
    }

    /// The name of the file that a stream is.
    pub(super) fn file(&self, number: u32, dict: &Dict) -> Option<String> {
        let known = self.files.get(&number).cloned();
        known.or_else(|| dict.is("Type", "EmbeddedFile").then(String::new))
    }

    /// Where a stream is, for people.
    pub(super) fn place(&self, number: u32) -> String {
        self.contents.get(&number).map_or_else(|| format!("object {number}"), |page| format!("page {}", page.0))
    }

    /// The fonts that a stream may use, by their names in it.
    pub(super) fn fonts(&self, number: u32, dict: &Dict, budget: &Budget) -> HashMap<String, Rc<Font>> {
        let own = match self.document.entry(dict, "Resources") {
            Object::Dict(own) => Some(own),
            _ => self.contents.get(&number).map(|page| page.1.clone()),
        };
        let fonts = own.map(|own| self.document.entry(&own, "Font"));
        let Some(Object::Dict(fonts)) = fonts else { return HashMap::new() };
        let mut known = HashMap::new();
        for (name, reference) in fonts.0 {
            if let Some(font) = self.font(&reference, budget) {
                known.insert(name, font);
            }
        }
        known
    }

    /// A font, which most pages share.
    fn font(&self, reference: &Object, budget: &Budget) -> Option<Rc<Font>> {
        let number = if let Object::Reference(number) = reference { Some(*number) } else { None };
        if let Some(font) = number.and_then(|number| self.fonts.borrow().get(&number).cloned()) {
            return Some(font);
        }
        let Object::Dict(dict) = self.document.resolve(reference) else { return None };
        let font = Rc::new(Font::read(self.document, &dict, budget));
        let mut fonts = self.fonts.borrow_mut();
        if fonts.len() >= FONTS {
            fonts.clear();
        }
        fonts.extend(number.map(|number| (number, Rc::clone(&font))));
        Some(font)
    }
}

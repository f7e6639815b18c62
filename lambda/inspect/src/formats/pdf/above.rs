//! What is around pages and fields.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::object::{Dict, Object};

/// How many are kept, and how large one may be, in bytes.
const KEPT: usize = 64;
const LARGEST: usize = 16 << 10;

/// How much an object takes beside its texts, in bytes, about.
const OBJECT: usize = 64;

/// What was around the last pages and fields: each of them asks for it, and it has a list of all that are in it.
#[derive(Default)]
pub(super) struct Above(RefCell<HashMap<u32, Node>>);

/// What is around pages or fields, without the list of what is in it.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) dict: Rc<Dict>,
    /// How many steps it is to look at it again: as many as it has bytes where it is written, at most, without its list.
    pub(super) steps: usize,
}

impl Above {
    /// The node of a number, if it is known.
    pub(super) fn known(&self, number: u32) -> Option<Node> {
        self.0.borrow().get(&number).cloned()
    }

    /// Makes a node, and keeps it unless it is large.
    pub(super) fn keep(&self, number: Option<u32>, mut dict: Dict) -> Rc<Dict> {
        dict.0.retain(|entry| entry.0 != "Kids");
        dict.0.shrink_to_fit();
        let (objects, texts) = size(&dict);
        let dict = Rc::new(dict);
        if let Some(number) = number.filter(|_| objects * OBJECT + texts <= LARGEST) {
            let mut kept = self.0.borrow_mut();
            if kept.len() >= KEPT {
                kept.clear();
            }
            kept.insert(number, Node { dict: Rc::clone(&dict), steps: objects + texts });
        }
        dict
    }
}

/// How many objects are in a dictionary, its keys among them, and how long their texts are.
fn size(dict: &Dict) -> (usize, usize) {
    let sizes = dict.0.iter().map(|(key, value)| {
        let (objects, texts) = size_of_value(value);
        (objects + 1, texts + key.len())
    });
    sizes.fold((0, 0), sum)
}

fn size_of_value(value: &Object) -> (usize, usize) {
    let (objects, texts) = match value {
        Object::String(string) => (0, string.len()),
        Object::Name(name) => (0, name.len()),
        Object::Array(items) => items.iter().map(size_of_value).fold((0, 0), sum),
        Object::Dict(dict) => size(dict),
        _ => (0, 0),
    };
    (objects + 1, texts)
}

fn sum(one: (usize, usize), other: (usize, usize)) -> (usize, usize) {
    (one.0 + other.0, one.1 + other.1)
}

#[cfg(test)]
mod tests {
    use super::super::lexer::Lexer;
    use super::*;

    fn dict(written: &str) -> Dict {
        let Ok(Some(Object::Dict(dict))) = Lexer::new(written.as_bytes(), 0).object() else { panic!("{written}") };
        dict
    }

    #[test]
    fn nodes_are_kept_without_their_lists() {
        let above = Above::default();
        let written = "<</T(a)/Kids[3 0 R 4 0 R]/C[1 0]>>";
        assert_eq!(*above.keep(Some(2), dict(written)), dict("<</T(a)/C[1 0]>>"));
        let known = above.known(2).unwrap();
        assert_eq!((&*known.dict, known.steps), (&dict("<</T(a)/C[1 0]>>"), 9));
        assert!(known.steps <= written.len());
        let large = format!("<</T ({})>>", "a".repeat(LARGEST));
        assert_eq!(*above.keep(Some(3), dict(&large)), dict(&large));
        assert!(above.known(3).is_none());
        for number in 0..1000 {
            above.keep(Some(number), dict(written));
        }
        assert!(above.0.borrow().len() <= KEPT);
    }
}

//! What is around pages and fields.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::object::{Dict, Object, Resolve};

/// How many are kept, and how large one may be, in bytes.
const KEPT: usize = 64;
const LARGEST: usize = 16 << 10;

/// How much an object takes beside its texts, in bytes, about.
const OBJECT: usize = 64;

/// What was around the last pages and fields: each of them asks for it, and it has a list of all that are in it.
#[derive(Default)]
pub(super) struct Above(RefCell<HashMap<u32, Rc<Dict>>>);

impl Above {
    /// What is around a page or a field, without the list of what is in it.
    pub(super) fn of(&self, dict: &Dict, resolver: &dyn Resolve) -> Option<Rc<Dict>> {
        let above = dict.get("Parent")?;
        let number = above.reference();
        if let Some(known) = number.and_then(|number| self.0.borrow().get(&number).map(Rc::clone)) {
            return Some(known);
        }
        let Object::Dict(mut above) = resolver.resolve(above).into_owned() else { return None };
        above.0.retain(|entry| entry.0 != "Kids");
        above.0.shrink_to_fit();
        let size = size(&above);
        let above = Rc::new(above);
        if let Some(number) = number.filter(|_| size <= LARGEST) {
            let mut kept = self.0.borrow_mut();
            if kept.len() >= KEPT {
                kept.clear();
            }
            kept.insert(number, Rc::clone(&above));
        }
        Some(above)
    }
}

fn size(dict: &Dict) -> usize {
    dict.0.iter().map(|(key, value)| key.len() + OBJECT + size_of_value(value)).sum()
}

fn size_of_value(value: &Object) -> usize {
    OBJECT
        + match value {
            Object::String(string) => string.len(),
            Object::Name(name) => name.len(),
            Object::Array(items) => items.iter().map(size_of_value).sum(),
            Object::Dict(dict) => size(dict),
            _ => 0,
        }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::cell::Cell;

    use super::super::lexer::Lexer;
    use super::*;

    /// Counts how often something is looked up, which is always the same.
    struct One(Dict, Cell<usize>);

    impl Resolve for One {
        fn resolve<'o>(&self, _object: &'o Object) -> Cow<'o, Object> {
            self.1.set(self.1.get() + 1);
            Cow::Owned(Object::Dict(self.0.clone()))
        }
    }

    fn dict(written: &str) -> Dict {
        let Ok(Some(Object::Dict(dict))) = Lexer::new(written.as_bytes(), 0).object() else { panic!("{written}") };
        dict
    }

    #[test]
    fn what_is_around_many_is_looked_up_once() {
        let (above, page) = (Above::default(), dict("<</Parent 2 0 R>>"));
        let one = One(dict("<</T (a) /Kids [3 0 R 4 0 R]>>"), Cell::default());
        for _ in 0..3 {
            assert_eq!(above.of(&page, &one).as_deref(), Some(&dict("<</T (a)>>")));
        }
        assert_eq!(one.1.get(), 1);
        let large = One(dict(&format!("<</T ({})>>", "a".repeat(LARGEST))), Cell::default());
        let above = Above::default();
        for _ in 0..3 {
            assert!(above.of(&page, &large).is_some());
        }
        assert_eq!(large.1.get(), 3);
        assert_eq!(above.of(&dict("<<>>"), &large), None);
    }
}

//! The objects of PDF.

use std::borrow::Cow;

/// A direct object, or an operator of a content stream.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Object {
    Null,
    Bool(bool),
    Number(f64),
    String(Vec<u8>),
    Name(String),
    Array(Vec<Object>),
    Dict(Dict),
    Reference(u32),
    Operator(String),
}

/// What viewers do beside showing the pages, which may be said twice.
const HARMLESS: [&str; 2] = ["PageLayout", "PageMode"];

/// In how many entries each is compared with each.
const FEW: usize = 16;

/// A dictionary, in its order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Dict(pub(super) Vec<(String, Object)>);

/// Who knows what references stand for.
pub(super) trait Resolve {
    /// What an object is, or what it refers to; what is not there is null.
    fn resolve<'o>(&self, object: &'o Object) -> Cow<'o, Object>;

    /// An entry of a dictionary, resolved.
    fn entry<'o>(&self, dict: &'o Dict, name: &str) -> Cow<'o, Object> {
        dict.get(name).map_or(Cow::Owned(Object::Null), |value| self.resolve(value))
    }
}

/// Nobody: references stand for nothing.
pub(super) struct Unresolved;

impl Resolve for Unresolved {
    fn resolve<'o>(&self, object: &'o Object) -> Cow<'o, Object> {
        match object {
            Object::Reference(_) => Cow::Owned(Object::Null),
            object => Cow::Borrowed(object),
        }
    }
}

impl Dict {
    pub(super) fn get(&self, name: &str) -> Option<&Object> {
        self.0.iter().find(|entry| entry.0 == name).map(|entry| &entry.1)
    }

    /// Whether an entry is this name.
    pub(super) fn is(&self, entry: &str, name: &str) -> bool {
        self.get(entry).and_then(Object::name) == Some(name)
    }

    /// An entry that is there twice and differs: readers take the first or the last.
    pub(super) fn conflict(&self) -> Option<&str> {
        let matters = |name: &str| !HARMLESS.contains(&name);
        if self.0.len() <= FEW {
            let again = |at: usize, entry: &(String, Object)| {
                self.0[..at].iter().any(|before| before.0 == entry.0 && before.1 != entry.1)
            };
            let mut all = self.0.iter().enumerate();
            return all.find(|(at, entry)| again(*at, entry) && matters(&entry.0)).map(|(_, entry)| &*entry.0);
        }
        let mut order: Vec<&(String, Object)> = self.0.iter().collect();
        order.sort_by(|one, other| one.0.cmp(&other.0));
        let differ = |two: &&[&(String, Object)]| two[0].0 == two[1].0 && two[0].1 != two[1].1 && matters(&two[0].0);
        order.windows(2).find(differ).map(|two| &*two[0].0)
    }

    /// Whether an entry is there twice.
    pub(super) fn repeats(&self, name: &str) -> bool {
        self.0.iter().filter(|entry| entry.0 == name).nth(1).is_some()
    }
}

impl Object {
    pub(super) fn name(&self) -> Option<&str> {
        if let Self::Name(name) = self { Some(name) } else { None }
    }

    pub(super) fn dict(&self) -> Option<&Dict> {
        if let Self::Dict(dict) = self { Some(dict) } else { None }
    }

    pub(super) fn string(&self) -> Option<&[u8]> {
        if let Self::String(string) = self { Some(string) } else { None }
    }

    pub(super) fn reference(&self) -> Option<u32> {
        if let Self::Reference(number) = self { Some(*number) } else { None }
    }

    pub(super) fn number(&self) -> Option<f64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    /// A whole number that is not negative.
    pub(super) fn count(&self) -> Option<usize> {
        let number = self.number().filter(|number| number.fract() == 0.0 && (0.0..1e15).contains(number))?;
        // The range was checked.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Some(number as usize)
    }

    /// The items of an array; anything else is an array of itself.
    pub(super) fn items(&self) -> &[Object] {
        if let Self::Array(items) = self { items } else { std::slice::from_ref(self) }
    }
}

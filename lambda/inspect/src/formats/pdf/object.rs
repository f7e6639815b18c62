//! The objects of PDF.

/// A direct object, or an operator of a content stream.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Object {
    Null,
    Bool,
    Number(f64),
    String(Vec<u8>),
    Name(String),
    Array(Vec<Object>),
    Dict(Dict),
    Reference(u32),
    Operator(String),
}

/// A dictionary, in its order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Dict(pub(super) Vec<(String, Object)>);

impl Dict {
    pub(super) fn get(&self, name: &str) -> Option<&Object> {
        self.0.iter().find(|entry| entry.0 == name).map(|entry| &entry.1)
    }

    /// Whether an entry is this name.
    pub(super) fn is(&self, entry: &str, name: &str) -> bool {
        self.get(entry).and_then(Object::name) == Some(name)
    }
}

impl Object {
    pub(super) fn name(&self) -> Option<&str> {
        if let Self::Name(name) = self { Some(name) } else { None }
    }

    pub(super) fn dict(&self) -> Option<&Dict> {
        if let Self::Dict(dict) = self { Some(dict) } else { None }
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

//! What names mean that were met a moment ago: in most files they come again with each record.

/// How many names are remembered, one for each [`slot`].
const SLOTS: usize = 64;

/// The longest name that is remembered, in bytes.
const LONGEST: usize = 64;

/// What the last names meant.
pub(super) struct Recent<T>(Vec<Option<(Box<str>, T)>>);

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Recent<T> {
    /// What a name means, if that is remembered.
    pub(super) fn get(&self, name: &str) -> Option<&T> {
        let (known, meaning) = self.0.get(slot(name))?.as_ref()?;
        (**known == *name).then_some(meaning)
    }

    /// Remembers what a name means, instead of another one.
    pub(super) fn insert(&mut self, name: &str, meaning: T) {
        if name.len() <= LONGEST {
            if self.0.is_empty() {
                self.0.resize_with(SLOTS, || None);
            }
            self.0[slot(name)] = Some((name.into(), meaning));
        }
    }
}

/// Where a name is remembered.
fn slot(name: &str) -> usize {
    let bytes = name.as_bytes();
    let sign = |byte: Option<&u8>| byte.map_or(0, |&byte| usize::from(byte));
    let sum = bytes.len() + 7 * sign(bytes.first()) + 13 * sign(bytes.last()) + 31 * sign(bytes.get(bytes.len() / 2));
    sum % SLOTS
}

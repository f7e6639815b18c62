//! Which stack it is, and the tags by which what is there is known to be its own.

use std::collections::BTreeMap;

/// A stack, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The stack's name, as given by the user.
    pub stack: String,
    /// The suffix of every name.
    pub id: String,
    /// The account, 12 digits.
    pub account: String,
    /// The region.
    pub region: String,
}

/// Whether it is the number of an account.
#[must_use]
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl Identity {
    /// The tags that mean "ours".
    #[must_use]
    pub fn tags(&self) -> Tags<'_> {
        tags(&self.stack, &self.id)
    }
}

/// The tags of a stack: key and value of each.
pub type Tags<'a> = [(&'static str, &'a str); 2];

/// The tags of the stack of this name and id.
#[must_use]
pub fn tags<'a>(stack: &'a str, id: &'a str) -> Tags<'a> {
    [("cvault:id", id), ("cvault:stack", stack)]
}

/// Our two tags out of what AWS lists: others belong to others and are no difference.
pub fn our_tags<'a>(tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> BTreeMap<String, String> {
    tags.into_iter()
        .filter(|(key, _)| key.starts_with("cvault:"))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

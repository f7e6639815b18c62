//! What stands in a text and nobody looks at: the text is refused for it.

use contract::Format;

use super::DEEPEST;
use crate::verdict::{Kind, Reason};

#[derive(Debug, Clone, Copy)]
pub(crate) enum Unread {
    /// This file is attached to a mail.
    Attached(&'static str),
    /// This file is in an address or a field.
    Within(&'static str),
    /// More notations are in each other than are decoded.
    Deep,
}

impl Unread {
    /// Why the text is refused.
    pub(crate) fn reason(self, format: Option<Format>) -> Reason {
        let format = format.map_or_else(String::new, |format| format!("{format}: "));
        let (kind, text) = match self {
            Self::Attached(what) => (
                Kind::Unsupported,
                format!("{what} is attached to a mail (save the attachment by itself, and the mail without it)"),
            ),
            Self::Within(what) => (
                Kind::Unsupported,
                format!("{what} is in the text in base64 (save it by itself, and the text without it)"),
            ),
            Self::Deep => (
                Kind::Limit,
                format!(
                    "base64 or quoted-printable in each other, more than {DEEPEST} levels (save what is inside by itself)"
                ),
            ),
        };
        Reason { kind, text: format!("{format}{text}") }
    }
}

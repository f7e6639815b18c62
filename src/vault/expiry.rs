//! When a stack expires: a tag of its buckets, which are made first and go last of what `list` looks at.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use std::collections::BTreeMap;
use std::fmt;

/// The tag, whose value is a moment as RFC 3339 writes it.
pub const EXPIRES: &str = "cvault:expires";

/// What `up` is to do with the tag. Without it, the tag stays as it is, and is no difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// It says this moment.
    At(String),
    /// It goes.
    Never,
}

impl Expiry {
    /// At a moment.
    ///
    /// # Errors
    /// It has passed, or RFC 3339 has no year for it.
    pub fn at(moment: DateTime, now: DateTime) -> Result<Self, String> {
        if moment.secs() <= now.secs() {
            return Err("a moment that is still to come".into());
        }
        let text = DateTime::from_secs(moment.secs()).fmt(Format::DateTime).ok();
        // Four digits are what a year has there.
        let text = text.filter(|text| text.len() == "2026-12-24T18:00:00Z".len());
        text.map(Self::At).ok_or_else(|| "a moment before the year 10000".into())
    }

    /// The tag that a bucket gets.
    #[must_use]
    pub fn tag(expiry: Option<&Self>) -> Option<(String, String)> {
        match expiry {
            Some(Self::At(moment)) => Some((EXPIRES.into(), moment.clone())),
            Some(Self::Never) | None => None,
        }
    }

    /// Leaves the tag out of what is compared, where nobody wants anything of it.
    pub fn seen(expiry: Option<&Self>, tags: &mut BTreeMap<String, String>) {
        if expiry.is_none() {
            tags.remove(EXPIRES);
        }
    }
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::At(moment) => moment,
            Self::Never => "never",
        })
    }
}

/// The moment that a tag says.
#[must_use]
pub fn moment(text: &str) -> Option<DateTime> {
    DateTime::from_str(text, Format::DateTimeWithOffset).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_wants_is_no_difference() {
        let tags = BTreeMap::from([(EXPIRES.to_owned(), "2026-12-24T18:00:00Z".to_owned())]);
        let seen = |expiry: Option<Expiry>| {
            let mut seen = tags.clone();
            Expiry::seen(expiry.as_ref(), &mut seen);
            seen.len()
        };
        assert_eq!((seen(None), seen(Some(Expiry::Never)), seen(Some(Expiry::At("x".into())))), (0, 1, 1));
    }
}

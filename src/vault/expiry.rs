//! When a stack expires: a tag of its buckets, which are made first and go last of what `list` looks at.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use std::collections::BTreeMap;

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
    /// Reads `3d`, `12h`, `30m` from now on, a moment as RFC 3339 writes it, or `never`.
    ///
    /// # Errors
    /// It is none of them, or has passed.
    pub fn read(text: &str, now: DateTime) -> Result<Self, String> {
        let wrong =
            || "a time from now on such as 12h or 3d, a moment such as 2026-12-24T18:00:00Z, or never".to_owned();
        if text == "never" {
            return Ok(Self::Never);
        }
        let moment = match after(text) {
            Some(seconds) => now.secs().checked_add(seconds).map(DateTime::from_secs),
            None => moment(text).map(|moment| DateTime::from_secs(moment.secs())),
        };
        let moment = moment.ok_or_else(wrong)?;
        if moment.secs() <= now.secs() {
            return Err("a moment that is still to come".into());
        }
        // Four digits are what a year has in RFC 3339.
        let text = moment.fmt(Format::DateTime).ok().filter(|text| text.len() == "2026-12-24T18:00:00Z".len());
        text.map(Self::At).ok_or_else(wrong)
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

/// The moment that a tag says.
#[must_use]
pub fn moment(text: &str) -> Option<DateTime> {
    DateTime::from_str(text, Format::DateTimeWithOffset).ok()
}

/// `30m`, `12h`, `3d` in seconds.
fn after(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    // Nothing that `parse` takes beside digits.
    let number = Some(number).filter(|number| number.chars().all(|c| c.is_ascii_digit()))?;
    number.parse::<i64>().ok()?.checked_mul(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Expiry, String> {
        Expiry::read(text, DateTime::from_secs(1_795_906_800))
    }

    #[test]
    fn it_is_a_moment_to_come() {
        for (text, moment) in [
            ("30m", "2026-11-28T23:30:00Z"),
            ("3d", "2026-12-01T23:00:00Z"),
            ("2026-12-24T18:00:00Z", "2026-12-24T18:00:00Z"),
            ("2026-12-24T18:00:00.5+01:00", "2026-12-24T17:00:00Z"),
        ] {
            assert_eq!(read(text), Ok(Expiry::At(moment.into())), "{text}");
        }
        assert_eq!(read("never"), Ok(Expiry::Never));
        for text in [
            "",
            "d",
            "0d",
            "3",
            "3w",
            "-1d",
            "+1d",
            "2026-11-28T23:00:00Z",
            "2026-12-24",
            "99999999999999999d",
            "9000000d",
            "3ü",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

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

//! When a stack expires: a tag of its buckets, which are made first and go last of what `list` looks at. Beside it is
//! what `gc` has to know of the stack and cannot see any more where all but a bucket is gone.

use crate::vault::names::{Buckets, Names, Zone};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use std::collections::BTreeMap;
use std::fmt;

/// The tag, whose value is a moment as RFC 3339 writes it.
pub const EXPIRES: &str = "cvault:expires";
/// The tag that says how the classifier's role is called: with which prefix the others are, too. S3 takes no comma.
const ROLE: &str = "cvault:classifier-role";

/// The tag that says which bucket of somebody else's is used in a zone.
fn existing(zone: Zone) -> String {
    format!("cvault:{zone}-bucket")
}

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

    /// The tags that a bucket of the stack's own gets.
    #[must_use]
    pub fn tags(expiry: Option<&Self>, names: &Names) -> BTreeMap<String, String> {
        match expiry {
            Some(Self::At(moment)) => {
                let role = names.role("classifier").replace(',', "/");
                let own = [(EXPIRES.to_owned(), moment.clone()), (ROLE.to_owned(), role)];
                let of_others = names.existing.buckets.named();
                own.into_iter().chain(of_others.map(|(zone, name)| (existing(zone), name.to_owned()))).collect()
            }
            Some(Self::Never) | None => BTreeMap::new(),
        }
    }

    /// Leaves the tags out of what is compared, where nobody wants anything of them.
    pub fn seen(expiry: Option<&Self>, tags: &mut BTreeMap<String, String>) {
        if expiry.is_none() {
            tags.retain(|key, _| !Self::is_tag(key));
        }
    }

    /// Whether a tag of this key is one of them.
    #[must_use]
    pub fn is_tag(key: &str) -> bool {
        [EXPIRES, ROLE].contains(&key) || Zone::ALL.map(existing).iter().any(|it| it == key)
    }
}

/// The name of the classifier's role, as the tags of a bucket say it.
#[must_use]
pub fn classifier_role(tags: &[(&str, &str)]) -> Option<String> {
    tags.iter().find(|(key, _)| *key == ROLE).map(|(_, value)| value.replace('/', ","))
}

/// The buckets of others that the stack uses, likewise.
#[must_use]
pub fn existing_buckets(tags: &[(&str, &str)]) -> Buckets {
    let of = |zone: Zone| tags.iter().find(|(key, _)| *key == existing(zone)).map(|(_, value)| (*value).to_owned());
    Buckets { ingress: of(Zone::Ingress), analytics: of(Zone::Analytics), vault: None }
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
    use crate::vault::names::Existing;

    #[test]
    fn what_nobody_wants_is_no_difference() {
        let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("x"));
        let tags = Expiry::tags(Some(&Expiry::At("2026-12-24T18:00:00Z".into())), &names);
        let seen = |expiry: Option<Expiry>| {
            let mut seen = tags.clone();
            Expiry::seen(expiry.as_ref(), &mut seen);
            seen.len()
        };
        assert_eq!((seen(None), seen(Some(Expiry::Never)), seen(Some(Expiry::At("x".into())))), (0, 2, 2));
    }

    /// A role's name may have a comma, and no slash; the value of a tag may have a slash, and no comma.
    #[test]
    fn what_does_not_follow_from_the_id_is_told_as_tags_can_tell_it() {
        let buckets = Buckets { analytics: Some("held".into()), ..Buckets::default() };
        let existing = Existing { buckets: buckets.clone(), ..Existing::default() };
        let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("x"));
        let names = Names { role_prefix: "a,b-".into(), existing, ..names };
        let tags = Expiry::tags(Some(&Expiry::At("2026-12-24T18:00:00Z".into())), &names);
        assert!(tags.values().all(|value| !value.contains(',')), "{tags:?}");
        let tags: Vec<_> = tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(classifier_role(&tags).as_deref(), Some("a,b-cyber_vault-classifier-x"));
        assert_eq!(existing_buckets(&tags), buckets);
        assert_eq!((classifier_role(&[]), existing_buckets(&[])), (None, Buckets::default()));
    }
}

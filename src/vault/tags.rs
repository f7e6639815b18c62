//! The stack's tags: which there are, and as each service wants them. The SDK has a type of its own for each,
//! all alike.
//!
//! Beside ours there are those that the user declares. So that one that is declared no more can be told from
//! other people's, each resource remembers in a tag of ours which it was given.

use crate::deploy::identity::our_tags;
use crate::vault::names::{Names, hash_of};
use std::collections::BTreeMap;

/// The tag that remembers the declared ones: some digits of each key's hash, since the keys themselves would
/// not fit into a value of 256 characters.
const GIVEN: &str = "cvault:tags";
/// How many digits.
const DIGITS: usize = 5;
/// How many tags can be declared: AWS takes 50 on a resource, and some are ours.
pub const MOST_DECLARED: usize = 42;

impl Names {
    /// All tags that a resource of the stack is given.
    #[must_use]
    pub fn all_tags(&self) -> BTreeMap<String, String> {
        let mut tags = our_tags(self.tags());
        if !self.declared_tags.is_empty() {
            let given = self.declared_tags.keys().map(|key| hash_of(key, DIGITS));
            tags.insert(GIVEN.into(), given.collect());
        }
        tags.extend(self.declared_tags.clone());
        tags
    }

    /// Whether what AWS lists has both tags of this stack.
    #[must_use]
    pub fn are_ours<'a>(&self, listed: impl IntoIterator<Item = (&'a str, &'a str)>) -> bool {
        let listed: Vec<_> = listed.into_iter().collect();
        self.tags().iter().all(|tag| listed.contains(tag))
    }

    /// What counts of the tags that AWS lists: ours, the declared ones, and those that were declared when the
    /// resource was last tagged. All others are other people's, and no difference.
    #[must_use]
    pub fn seen_tags<'a>(&self, listed: impl IntoIterator<Item = (&'a str, &'a str)>) -> BTreeMap<String, String> {
        let listed: Vec<_> = listed.into_iter().collect();
        let given = listed.iter().find(|(key, _)| *key == GIVEN).map_or("", |(_, value)| value);
        let given: Vec<_> = given.as_bytes().chunks(DIGITS).collect();
        let is_known =
            |key: &str| self.declared_tags.contains_key(key) || given.contains(&hash_of(key, DIGITS).as_bytes());
        let (known, others): (Vec<_>, Vec<_>) = listed.into_iter().partition(|(key, _)| is_known(key));
        let mut tags = our_tags(others);
        tags.extend(known.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())));
        tags
    }
}

/// A tag in the words of one service.
pub trait Tag: Sized {
    /// The tag of this key and value.
    fn of(key: &str, value: &str) -> Option<Self>;
}

macro_rules! alike {
    ($($tag:ty),* $(,)?) => {
        $(impl Tag for $tag {
            fn of(key: &str, value: &str) -> Option<Self> {
                Self::builder().key(key).value(value).build().ok()
            }
        })*
    };
}

alike!(aws_sdk_eventbridge::types::Tag, aws_sdk_iam::types::Tag, aws_sdk_s3::types::Tag, aws_sdk_sns::types::Tag);

macro_rules! never_incomplete {
    ($($tag:ty),* $(,)?) => {
        $(impl Tag for $tag {
            fn of(key: &str, value: &str) -> Option<Self> {
                Some(Self::builder().key(key).value(value).build())
            }
        })*
    };
}

never_incomplete!(aws_sdk_cloudwatch::types::Tag, aws_sdk_sfn::types::Tag);

impl Tag for aws_sdk_kms::types::Tag {
    fn of(key: &str, value: &str) -> Option<Self> {
        Self::builder().tag_key(key).tag_value(value).build().ok()
    }
}

/// CloudWatch Logs, Lambda, Macie and SQS take a map.
impl Tag for (String, String) {
    fn of(key: &str, value: &str) -> Option<Self> {
        Some((key.to_owned(), value.to_owned()))
    }
}

/// The tags in the form that the service wants.
pub fn tagged<C>(tags: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>) -> C
where
    C: IntoIterator<Item: Tag> + FromIterator<C::Item>,
{
    tags.into_iter().filter_map(|(key, value)| Tag::of(key.as_ref(), value.as_ref())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn a_tag_is_the_same_to_all() {
        let tags = [("cvault:id", "x"), ("cvault:stack", "s")];
        let map: HashMap<String, String> = tagged(tags);
        assert_eq!(map["cvault:stack"], "s");
        let kms: Vec<aws_sdk_kms::types::Tag> = tagged(&map);
        assert!(kms.iter().any(|tag| tag.tag_key() == "cvault:id" && tag.tag_value() == "x"));
        let sns: Vec<aws_sdk_sns::types::Tag> = tagged(tags);
        assert_eq!(sns.len(), 2);
    }

    fn names(declared: &[(&str, &str)]) -> Names {
        let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("x"));
        let declared = declared.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Names { declared_tags: declared.collect(), ..names }
    }

    fn seen(names: &Names, tags: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        names.seen_tags(tags.iter().map(|(key, value)| (key.as_str(), value.as_str())))
    }

    #[test]
    fn without_declared_tags_there_are_our_two() {
        assert_eq!(names(&[]).all_tags().into_keys().collect::<Vec<_>>(), ["cvault:id", "cvault:stack"]);
    }

    #[test]
    fn a_tag_that_was_declared_is_seen_and_other_people_s_is_not() {
        let (before, now) = (names(&[("Owner", "ops"), ("Cost", "1")]), names(&[("Owner", "ops")]));
        let mut there = before.all_tags();
        assert_eq!(seen(&before, &there), there, "nothing differs");
        for theirs in ["Theirs", "aws:cloudformation:stack-name", "owner"] {
            there.insert(theirs.into(), "x".into());
        }
        assert_eq!(seen(&before, &there), before.all_tags());
        assert_eq!(seen(&now, &there), before.all_tags(), "Cost is still there, and was ours");
        assert_eq!(seen(&names(&[]), &there), before.all_tags());
        let theirs = BTreeMap::from([("Cost".to_owned(), "1".to_owned())]);
        assert!(seen(&now, &theirs).is_empty(), "nobody of us has given it");
        assert_eq!(seen(&before, &theirs), theirs, "declared since: it is compared");
    }

    #[test]
    fn as_many_as_can_be_declared_are_remembered() {
        let keys: Vec<_> = (0..MOST_DECLARED).map(|n| format!("{}{n:03}", "k".repeat(125))).collect();
        let declared: Vec<_> = keys.iter().map(|key| (key.as_str(), "v")).collect();
        let all = names(&declared).all_tags();
        assert!(all[GIVEN].len() <= 256 && all.len() + 5 <= 50);
        assert_eq!(seen(&names(&[]), &all), all);
    }
}

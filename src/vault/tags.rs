//! The stack's tags as each service wants them: the SDK has a type of its own for each, all alike.

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

impl Tag for aws_sdk_sfn::types::Tag {
    fn of(key: &str, value: &str) -> Option<Self> {
        Some(Self::builder().key(key).value(value).build())
    }
}

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
}

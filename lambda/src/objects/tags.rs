//! Tags of objects: the users' are kept, and ours say how an object was judged.

use super::{Objects, Place, there};
use crate::messages::Result;
use aws_sdk_s3::types::{Tag as S3Tag, Tagging};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// The tag with the verdict's status.
pub const STATUS: &str = "cvault:status";
/// The tag with the ARN of the execution that came to it.
pub const EXECUTION: &str = "cvault:execution";
/// S3 takes no more tags on an object.
const MOST: usize = 10;

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
}

impl Tag {
    /// The tags with the result of a judgement; `None` when the object's own leave no room for it,
    /// since those are somebody's data.
    #[must_use]
    pub fn judged(tags: &[Self], status: &str, execution: &str) -> Option<Vec<Self>> {
        let ours = [(STATUS, status), (EXECUTION, execution)];
        let theirs = tags.iter().filter(|tag| ours.iter().all(|(key, _)| tag.key != *key)).cloned();
        let ours = ours.map(|(key, value)| Self { key: key.into(), value: value.into() });
        let all: Vec<_> = theirs.chain(ours).collect();
        (all.len() <= MOST).then_some(all)
    }

    /// As `x-amz-tagging` wants them.
    #[must_use]
    pub fn header(tags: &[Self]) -> String {
        let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
        let pairs = tags.iter().map(|tag| format!("{}={}", encoded(&tag.key), encoded(&tag.value)));
        pairs.collect::<Vec<_>>().join("&")
    }
}

impl Objects {
    /// A version's tags; `None` when it is gone.
    ///
    /// # Errors
    /// S3 does not answer or refuses.
    pub async fn tags(&self, place: Place<'_>) -> Result<Option<Vec<Tag>>> {
        let get = self.s3.get_object_tagging().bucket(place.bucket).key(place.key);
        let get = get.set_version_id(place.version_id.map(str::to_owned)).send().await;
        let tags = there(get, || format!("read the tags of {place}"))?;
        let tags = tags.map(|tags| tags.tag_set.into_iter().map(|tag| Tag { key: tag.key, value: tag.value }));
        Ok(tags.map(Iterator::collect))
    }

    /// Gives a version exactly these tags; `None` when it is gone.
    ///
    /// # Errors
    /// S3 does not answer or refuses.
    pub async fn put_tags(&self, place: Place<'_>, tags: &[Tag]) -> Result<Option<()>> {
        // Key and value are there: it cannot fail.
        let tags = tags.iter().flat_map(|tag| S3Tag::builder().key(&tag.key).value(&tag.value).build()).collect();
        let tagging = Tagging::builder().set_tag_set(Some(tags)).build().ok();
        let put = self.s3.put_object_tagging().bucket(place.bucket).key(place.key);
        let put = put.set_version_id(place.version_id.map(str::to_owned)).set_tagging(tagging);
        Ok(there(put.send().await, || format!("tag {place}"))?.map(drop))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(key: &str, value: &str) -> Tag {
        Tag { key: key.into(), value: value.into() }
    }

    #[test]
    fn the_result_comes_to_the_tags_that_are_there() {
        let judged = Tag::judged(&[tag("team", "sea"), tag(STATUS, "forged")], "HAS_FINDINGS", "arn:e").unwrap();
        assert_eq!(judged, [tag("team", "sea"), tag(STATUS, "HAS_FINDINGS"), tag(EXECUTION, "arn:e")]);
        let many: Vec<_> = (0..9).map(|n| tag(&n.to_string(), "")).collect();
        assert_eq!(Tag::judged(&many, "s", "e"), None);
        assert!(Tag::judged(&many[..8], "s", "e").is_some());
    }

    #[test]
    fn odd_tags_are_encoded_for_the_header() {
        assert_eq!(Tag::header(&[tag("a b", "c&d=e"), tag("f", "")]), "a%20b=c%26d%3De&f=");
        assert_eq!(Tag::header(&[]), "");
    }
}

//! Tags of objects: the users' are kept, and ours say how an object was judged.

use super::{Objects, Place, there};
use crate::messages::Result;
use aws_sdk_s3::types::{Tag as S3Tag, Tagging};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// How the names of our tags begin.
const OURS: &str = "cvault:";
/// The tag with the verdict's status.
pub const STATUS: &str = "cvault:status";
/// The tag with the ARN of the execution that came to it.
pub const EXECUTION: &str = "cvault:execution";
/// The tag that says when and by whom a held version was released.
pub const RELEASED: &str = "cvault:released";
/// The tag that says why.
pub const REASON: &str = "cvault:release-reason";
/// S3 takes no more tags on an object.
pub const MOST_TAGS: usize = 10;

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
}

impl Tag {
    /// Those that are not of our names. Ours come from us alone: what an object brings along claims what nobody
    /// has found.
    #[must_use]
    pub fn theirs(tags: &[Self]) -> Vec<Self> {
        tags.iter().filter(|tag| !tag.key.starts_with(OURS)).cloned().collect()
    }

    /// Whether it says how an object was judged.
    #[must_use]
    pub fn is_status(&self) -> bool {
        self.key == STATUS
    }

    /// Whether they say how an object was judged, or have no room to say it.
    #[must_use]
    pub fn are_judged(tags: &[Self]) -> bool {
        let (_, missing) = Self::judged(tags, "", "");
        missing.contains(&STATUS) || tags.iter().any(Self::is_status)
    }

    /// Somebody's tags with the result of a judgement, as far as they leave room for it; and which of ours they
    /// leave none for.
    #[must_use]
    pub fn judged(tags: &[Self], status: &str, execution: &str) -> (Vec<Self>, Vec<&'static str>) {
        let (mut all, mut missing) = (Self::theirs(tags), vec![]);
        for (key, value) in [(STATUS, status), (EXECUTION, execution)] {
            if all.len() < MOST_TAGS {
                all.push(Self { key: key.into(), value: value.into() });
            } else {
                missing.push(key);
            }
        }
        (all, missing)
    }

    /// The tags of a held version with who has released it, when and why, as far as they leave room for it.
    #[must_use]
    pub fn released(tags: &[Self], by: &str, reason: &str) -> Vec<Self> {
        let mut all = Self::theirs(tags);
        let known = |key| tags.iter().find(|tag| tag.key == key).map(|tag| tag.value.as_str());
        let ours =
            [(STATUS, known(STATUS)), (RELEASED, Some(by)), (REASON, Some(reason)), (EXECUTION, known(EXECUTION))];
        let room = MOST_TAGS.saturating_sub(all.len());
        let ours = ours.into_iter().filter_map(|(key, value)| Some(Self { key: key.into(), value: value?.into() }));
        all.extend(ours.take(room));
        all
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
        let (judged, missing) = Tag::judged(&[tag("team", "sea"), tag(STATUS, "forged")], "HAS_FINDINGS", "arn:e");
        assert_eq!(judged, [tag("team", "sea"), tag(STATUS, "HAS_FINDINGS"), tag(EXECUTION, "arn:e")]);
        assert!(missing.is_empty());
    }

    /// Nobody's tags are lost for ours, and none that claims to be ours stays.
    #[test]
    fn without_room_for_ours_others_of_our_names_go_all_the_same() {
        let many: Vec<_> = (0..10).map(|n| tag(&n.to_string(), "")).collect();
        let forged =
            |key: &str| [tag(key, "VAULT_COPY")].into_iter().chain(many[..9].iter().cloned()).collect::<Vec<_>>();
        assert_eq!(Tag::judged(&many, "s", "e"), (many.clone(), vec![STATUS, EXECUTION]));
        assert!(Tag::are_judged(&many) && Tag::are_judged(&forged(STATUS)) && !Tag::are_judged(&many[..9]));
        for key in [STATUS, EXECUTION, "cvault:whatever"] {
            let (judged, missing) = Tag::judged(&forged(key), "s", "e");
            assert_eq!((&judged[..9], &judged[9..], missing), (&many[..9], &[tag(STATUS, "s")][..], vec![EXECUTION]));
            assert_eq!(Tag::theirs(&forged(key)), many[..9]);
        }
        assert_eq!(Tag::theirs(&[tag("cvault", "1"), tag("Cvault:status", "2")]).len(), 2, "those are not ours");
    }

    #[test]
    fn odd_tags_are_encoded_for_the_header() {
        assert_eq!(Tag::header(&[tag("a b", "c&d=e"), tag("f", "")]), "a%20b=c%26d%3De&f=");
        assert_eq!(Tag::header(&[]), "");
    }
}

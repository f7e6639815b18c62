//! Listings of versions.

use super::{Objects, UNVERSIONED, there};
use crate::copies;
use crate::messages::Result;
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::EncodingType;
use contract::ignored::Ignoring;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::vec;

/// One line of a listing of versions.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    /// Its key.
    pub key: String,
    /// Its version.
    pub version_id: String,
    /// Bytes.
    pub size: u64,
    /// The entity tag, with its quotes.
    pub etag: String,
    /// When it was stored, in seconds since 1970.
    pub stored_at: i64,
    /// Whether it is the current one of its key.
    pub is_latest: bool,
    /// When a delete marker was put upon it, in seconds since 1970, where that is on the same page and sure.
    pub removed_at: Option<i64>,
}

/// Where a listing goes on: behind this version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct After {
    /// Its key.
    pub key: Option<String>,
    /// Its version; without one the next key is meant.
    pub version_id: Option<String>,
}

impl Listed {
    /// Whether it is nobody's to judge, where it is in ingress.
    #[must_use]
    pub fn is_ignored(&self, ignoring: &Ignoring) -> bool {
        ignoring.ignores(&self.key, self.stored_at, self.removed_at)
    }
}

impl Objects {
    /// The versions of a key, newest first.
    ///
    /// # Errors
    /// S3 does not answer or refuses.
    pub async fn versions_of(&self, bucket: &str, key: &str) -> Result<Vec<Listed>> {
        // A key sorts before all that begin with it.
        let mut versions = self.list(bucket, key, |listed| listed.key == key).await?;
        versions.retain(|listed| listed.key == key);
        Ok(versions)
    }

    /// Whether the version that the copy of this id was made from is in ingress, so that somebody may still judge it.
    ///
    /// # Errors
    /// S3 does not answer or refuses.
    pub async fn is_waiting(&self, ingress: &str, key: &str, id: &str) -> Result<bool> {
        let waiting = self.versions_of(ingress, key).await?;
        Ok(waiting.iter().any(|listed| copies::copy_id(ingress, key, &listed.version_id) == id))
    }

    /// The versions of all keys that begin with `prefix`, newest first for each key.
    ///
    /// # Errors
    /// S3 does not answer or refuses.
    pub async fn versions(&self, bucket: &str, prefix: &str) -> Result<Vec<Listed>> {
        self.list(bucket, prefix, |_| true).await
    }

    /// The versions of a key that were stored at a time or later, in seconds since 1970; newest first.
    ///
    /// # Errors
    /// S3 does not answer or refuses.
    pub async fn stored_since(&self, bucket: &str, key: &str, time: i64) -> Result<Vec<Listed>> {
        let is_wanted = |listed: &Listed| listed.key == key && listed.stored_at >= time;
        let mut versions = self.list(bucket, key, is_wanted).await?;
        versions.retain(is_wanted);
        Ok(versions)
    }

    /// The next page of all versions whose keys begin with `prefix`, in the order of the keys, and where the page
    /// after it begins; `None` where there is none.
    ///
    /// # Errors
    /// S3 does not answer or refuses.
    pub async fn page_after(&self, bucket: &str, prefix: &str, after: &After) -> Result<(Vec<Listed>, Option<After>)> {
        let (key, version) = (after.key.as_deref(), after.version_id.as_deref());
        let Some(page) = self.page(bucket, prefix, key, version).await? else { return Ok((vec![], None)) };
        let next = page.is_truncated().unwrap_or_default().then(|| After {
            key: page.next_key_marker().map(|key| key_of(&page, key)),
            version_id: page.next_version_id_marker.clone(),
        });
        Ok((listed(&page), next))
    }

    /// Page after page, as long as a page has something that is wanted.
    async fn list(&self, bucket: &str, prefix: &str, wanted: impl Fn(&Listed) -> bool) -> Result<Vec<Listed>> {
        let (mut versions, mut key, mut version) = (vec![], None::<String>, None::<String>);
        loop {
            let page = self.page(bucket, prefix, key.as_deref(), version.as_deref()).await?;
            let Some(page) = page else { return Ok(versions) };
            let found = listed(&page);
            // A page may be all delete markers.
            let more = found.is_empty() || found.iter().any(&wanted);
            versions.extend(found);
            key = page.next_key_marker().map(|key| key_of(&page, key));
            version.clone_from(&page.next_version_id_marker);
            if !page.is_truncated().unwrap_or_default() || !more {
                return Ok(versions);
            }
        }
    }

    async fn page(
        &self,
        bucket: &str,
        prefix: &str,
        key: Option<&str>,
        version: Option<&str>,
    ) -> Result<Option<ListObjectVersionsOutput>> {
        let list = self.s3.list_object_versions().bucket(bucket).prefix(prefix);
        // XML cannot carry every character of a key (truths S21).
        let list = list.encoding_type(EncodingType::Url);
        let list = list.set_key_marker(key.map(str::to_owned)).set_version_id_marker(version.map(str::to_owned));
        there(list.send().await, || format!("list the versions in {bucket}"))
    }
}

/// The versions on a page of a listing; delete markers are none.
#[must_use]
pub fn listed(page: &ListObjectVersionsOutput) -> Vec<Listed> {
    let mut removed = removals(page);
    let each = page.versions().iter().map(|version| Listed {
        key: key_of(page, version.key().unwrap_or_default()),
        version_id: version.version_id().unwrap_or(UNVERSIONED).to_owned(),
        size: version.size().and_then(|size| size.try_into().ok()).unwrap_or_default(),
        etag: version.e_tag().unwrap_or_default().to_owned(),
        stored_at: seconds(version.last_modified()),
        is_latest: version.is_latest().unwrap_or_default(),
        removed_at: version.key().and_then(|key| removed.get_mut(key)?.next().flatten()),
    });
    each.collect()
}

fn seconds(time: Option<&DateTime>) -> i64 {
    time.map_or(0, DateTime::secs)
}

/// When a delete marker was put upon each version of the keys that have markers, newest first.
fn removals(page: &ListObjectVersionsOutput) -> HashMap<&str, vec::IntoIter<Option<i64>>> {
    let mut markers = HashMap::<_, Vec<_>>::new();
    for marker in page.delete_markers() {
        let entry = markers.entry(marker.key().unwrap_or_default()).or_default();
        entry.push((seconds(marker.last_modified()), marker.is_latest().unwrap_or_default()));
    }
    let last = [page.versions().last().and_then(|it| it.key()), page.delete_markers().last().and_then(|it| it.key())];
    let of_key = |(key, markers): (_, Vec<_>)| {
        let versions = page.versions().iter().filter(|version| version.key() == Some(key));
        let versions: Vec<_> = versions.map(|version| seconds(version.last_modified())).collect();
        let is_whole = !page.is_truncated().unwrap_or_default() || !last.contains(&Some(key));
        (key, removals_of(&versions, &markers, is_whole).into_iter())
    };
    markers.into_iter().map(of_key).collect()
}

/// When each version of a key, newest first, was removed: as far as the seconds tell it, which is all that S3 says. Where a
/// marker may as well lie below a version it is not taken for its own.
fn removals_of(versions: &[i64], markers: &[(i64, bool)], is_whole: bool) -> Vec<Option<i64>> {
    let times = || markers.iter().map(|(time, _)| *time);
    let latest = markers.iter().find(|(_, is_latest)| *is_latest).map(|(time, _)| *time);
    let mut removed = vec![None; versions.len()];
    for at in (0..versions.len()).rev() {
        let time = versions[at];
        let Some(above) = at.checked_sub(1).map(|above| versions[above]) else {
            removed[at] = latest.filter(|latest| *latest >= time);
            continue;
        };
        // A marker of the same second is this version's own where there was nothing else to remove.
        let bare = removed.get(at + 1).map_or(is_whole, |below| below.is_some_and(|below| below < time));
        let is_alone = versions.iter().filter(|other| **other == time).count() == 1;
        let tied = bare && is_alone && times().filter(|marker| *marker == time).count() == 1;
        let between = times().filter(|marker| (time + 1..above).contains(marker)).min();
        removed[at] = tied.then_some(time).or(between);
    }
    removed
}

fn key_of(page: &ListObjectVersionsOutput, key: &str) -> String {
    decoded(key, page.encoding_type())
}

/// A key as S3 lists it under `EncodingType=url`: percent-encoded, with a plus for a blank. An emulator may list
/// keys as they are, and does not say then that they are encoded.
#[must_use]
pub fn decoded(key: &str, encoding: Option<&EncodingType>) -> String {
    match encoding {
        Some(_) => percent_encoding::percent_decode_str(&key.replace('+', " ")).decode_utf8_lossy().into_owned(),
        None => key.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_removes_the_version_below_it_and_no_other() {
        let of = |versions: &[i64], markers: &[(i64, bool)]| removals_of(versions, markers, true);
        assert_eq!(of(&[10], &[(11, true)]), [Some(11)]);
        assert_eq!(of(&[10], &[(10, true)]), [Some(10)]);
        // The version that is current was put upon the marker.
        assert_eq!(of(&[10], &[(10, false)]), [None]);
        assert_eq!(of(&[20, 10], &[(11, false)]), [None, Some(11)]);
        // The same temporary name each day.
        assert_eq!(of(&[20, 10], &[(20, true), (10, false)]), [Some(20), Some(10)]);
        assert_eq!(of(&[20, 10], &[(10, false)]), [None, Some(10)]);
        // It may be the older one that was removed.
        assert_eq!(of(&[12, 10, 5], &[(10, false)]), [None, None, None]);
        assert_eq!(of(&[12, 10], &[(12, false)]), [None, None]);
        assert_eq!(of(&[12, 12], &[(12, true)]), [Some(12), None]);
        assert_eq!(removals_of(&[20, 10], &[(10, false)], false), [None, None], "more of the key is on the next page");
    }

    #[test]
    fn listed_keys_are_decoded() {
        assert_eq!(decoded("a+b%2Bc%25d%0A", Some(&EncodingType::Url)), "a b+c%d\n");
        assert_eq!(decoded("a+b%2B", None), "a+b%2B");
    }
}

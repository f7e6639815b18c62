//! Listings of versions.

use super::{Objects, UNVERSIONED, there};
use crate::messages::Result;
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{DeleteMarkerEntry, EncodingType};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

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
    /// When a delete marker was put upon it, in seconds since 1970, where that is current and on the same page.
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
    let is_current = |marker: &&DeleteMarkerEntry| marker.is_latest().unwrap_or_default();
    let mut removed: HashMap<_, _> =
        page.delete_markers().iter().filter(is_current).map(|it| (it.key(), it.last_modified())).collect();
    let each = page.versions().iter().map(|version| Listed {
        key: key_of(page, version.key().unwrap_or_default()),
        version_id: version.version_id().unwrap_or(UNVERSIONED).to_owned(),
        size: version.size().and_then(|size| size.try_into().ok()).unwrap_or_default(),
        etag: version.e_tag().unwrap_or_default().to_owned(),
        stored_at: version.last_modified().map_or(0, DateTime::secs),
        is_latest: version.is_latest().unwrap_or_default(),
        // A current marker comes before all versions of its key: the first that follows is the newest of them.
        removed_at: removed.remove(&version.key()).flatten().map(DateTime::secs),
    });
    each.collect()
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
    fn listed_keys_are_decoded() {
        assert_eq!(decoded("a+b%2Bc%25d%0A", Some(&EncodingType::Url)), "a b+c%d\n");
        assert_eq!(decoded("a+b%2B", None), "a+b%2B");
    }
}

//! What is in a bucket: counting it, and removing it whole — versions, delete markers and
//! unfinished uploads.

use crate::aws::{Answer, Aws, Refusal};
use crate::explain::{AGAIN, Failure};
use anyhow::{Result, bail};
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::types::{Delete, EncodingType, ObjectIdentifier};
use futures::{TryStreamExt, stream};
use percent_encoding::percent_decode_str;
use std::time::Duration;

/// How many batches of deletions are in flight.
const BATCHES: usize = 4;
/// How many objects S3 takes in one call, and lists on one page.
const BATCH: i32 = 1000;
/// In how many passes everything must be gone. A pass may leave what S3 was too busy to delete, or
/// what the policy that was just lifted still denies; the pauses between them grow to some seconds.
const PASSES: u32 = 8;
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// The contents of one bucket.
#[derive(Debug)]
pub struct Contents<'a> {
    aws: &'a Aws,
    bucket: String,
    owner: &'a str,
}

/// One version, or delete marker.
#[derive(Clone, Debug)]
struct Version {
    key: String,
    id: String,
}

/// Where the next page starts.
type Marker = Option<(Option<String>, Option<String>)>;

impl<'a> Contents<'a> {
    /// The contents of the bucket, which `owner` must own.
    #[must_use]
    pub fn new(aws: &'a Aws, bucket: String, owner: &'a str) -> Self {
        Self { aws, bucket, owner }
    }

    /// How many versions and delete markers there are, on one page: `1000` stands for more.
    ///
    /// # Errors
    /// The bucket cannot be listed; that it does not exist is no error.
    pub async fn count(&self) -> Result<usize> {
        Ok(self.page(None).await?.map_or(0, |page| page.versions().len() + page.delete_markers().len()))
    }

    /// Removes everything. An interruption lets the batches in flight end, and begins no more.
    ///
    /// # Errors
    /// A listing or a deletion fails, something cannot be deleted (under Object Lock, say), or the run is
    /// interrupted.
    pub async fn remove(&self) -> Result<()> {
        let mut kept = vec![];
        for pass in 0..PASSES {
            if pass > 0 {
                self.aws.pause("S3 to delete what is left", FIRST_PAUSE * 2_u32.pow(pass - 1)).await?;
            }
            self.abort_uploads().await?;
            kept = self.remove_versions().await?;
            if self.aws.is_interrupted() {
                bail!(Failure::new(format!("empty bucket {}", self.bucket), "the run was interrupted", AGAIN));
            }
            if kept.is_empty() && self.count().await? == 0 {
                return Ok(());
            }
        }
        let first = kept.first().map_or_else(|| "new objects keep arriving".to_owned(), Clone::clone);
        bail!(Failure::new(
            format!("empty bucket {}", self.bucket),
            format!("{} objects cannot be deleted: {first}", kept.len().max(1)),
            "stop what writes to the bucket, or lift Object Lock, retention and legal holds; then run `cvault down` again"
        ))
    }

    /// One pass over all pages, several batches in flight; returns why something stayed.
    async fn remove_versions(&self) -> Result<Vec<String>> {
        let pages = stream::try_unfold(Some(None), async |next: Option<Marker>| {
            let Some(marker) = next.filter(|_| !self.aws.is_interrupted()) else { return Ok(None) };
            let Some(page) = self.page(marker).await? else { return Ok::<_, anyhow::Error>(None) };
            let more = page.is_truncated.unwrap_or_default();
            let key = page.next_key_marker.clone().map(|key| decoded(key, page.encoding_type.as_ref()));
            let next = more.then(|| Some((key, page.next_version_id_marker.clone())));
            Ok(Some((versions(page), next)))
        });
        let kept = pages.map_ok(|batch| self.remove_batch(batch)).try_buffer_unordered(BATCHES);
        Ok(kept.try_collect::<Vec<_>>().await?.concat())
    }

    async fn page(&self, marker: Marker) -> Result<Option<ListObjectVersionsOutput>> {
        let (key, version) = marker.unwrap_or_default();
        let list = self.aws.s3.list_object_versions().bucket(&self.bucket).expected_bucket_owner(self.owner);
        // XML cannot carry every character of a key (truths S21).
        let list = list.encoding_type(EncodingType::Url).max_keys(BATCH);
        let list = list.set_key_marker(key).set_version_id_marker(version).send().await;
        list.or_absent(&["NoSuchBucket"], format!("list the versions in bucket {}", self.bucket))
    }

    async fn remove_batch(&self, batch: Vec<Version>) -> Result<Vec<String>> {
        let (odd, plain): (Vec<_>, Vec<_>) =
            batch.into_iter().partition(|version| version.key.chars().any(|c| c.is_control() || c >= '\u{fffe}'));
        let mut kept = self.remove_together(plain).await?;
        for version in odd {
            kept.extend(self.remove_one(&version).await?);
        }
        Ok(kept)
    }

    /// A 200 may carry failures (truths S19); what S3 was too busy for is left to the next pass.
    async fn remove_together(&self, versions: Vec<Version>) -> Result<Vec<String>> {
        if versions.is_empty() {
            return Ok(vec![]);
        }
        let objects = versions
            .into_iter()
            .map(|version| ObjectIdentifier::builder().key(version.key).version_id(version.id).build());
        let delete = Delete::builder().set_objects(Some(objects.collect::<Result<_, _>>()?)).quiet(true).build()?;
        let deleted = self.aws.s3.delete_objects().bucket(&self.bucket).expected_bucket_owner(self.owner);
        let deleted = deleted.delete(delete).send().await;
        let deleted = deleted.or_refused(format!("delete objects in bucket {}", self.bucket))?;
        let gone = ["NoSuchVersion", "NoSuchKey"];
        let failed = deleted.errors().iter().filter(|error| !gone.contains(&error.code().unwrap_or_default()));
        Ok(failed
            .map(|error| {
                let [key, code, message] = [error.key(), error.code(), error.message()].map(Option::unwrap_or_default);
                format!("{key:?}: {code}: {message}")
            })
            .collect())
    }

    /// For keys that the XML of `DeleteObjects` cannot carry.
    async fn remove_one(&self, version: &Version) -> Result<Option<String>> {
        let delete = self.aws.s3.delete_object().bucket(&self.bucket).expected_bucket_owner(self.owner);
        let deleted = delete.key(&version.key).version_id(&version.id).send().await;
        match deleted.or_done(&["NoSuchVersion", "NoSuchKey"], format!("delete {:?}", version.key)) {
            Ok(()) => Ok(None),
            Err(error) => match error.downcast_ref::<Refusal>() {
                Some(refusal) => Ok(Some(refusal.to_string())),
                None => Err(error),
            },
        }
    }

    async fn abort_uploads(&self) -> Result<()> {
        let what = format!("list the unfinished uploads in bucket {}", self.bucket);
        let (mut key, mut upload) = (None, None);
        loop {
            let list = self.aws.s3.list_multipart_uploads().bucket(&self.bucket).expected_bucket_owner(self.owner);
            let list = list.encoding_type(EncodingType::Url).set_key_marker(key).set_upload_id_marker(upload);
            let Some(page) = list.send().await.or_absent(&["NoSuchBucket"], &what)? else { return Ok(()) };
            for unfinished in page.uploads() {
                let abort = self.aws.s3.abort_multipart_upload().bucket(&self.bucket).expected_bucket_owner(self.owner);
                let key = unfinished.key().unwrap_or_default().to_owned();
                let abort = abort.key(decoded(key, page.encoding_type.as_ref()));
                let aborted = abort.set_upload_id(unfinished.upload_id.clone()).send().await;
                aborted.or_done(&["NoSuchUpload"], format!("abort an upload in bucket {}", self.bucket))?;
            }
            if !page.is_truncated.unwrap_or_default() || self.aws.is_interrupted() {
                return Ok(());
            }
            key = page.next_key_marker.map(|key| decoded(key, page.encoding_type.as_ref()));
            upload = page.next_upload_id_marker;
        }
    }
}

fn versions(page: ListObjectVersionsOutput) -> Vec<Version> {
    let encoding = page.encoding_type;
    let versions = page.versions.unwrap_or_default().into_iter().map(|version| (version.key, version.version_id));
    let markers = page.delete_markers.unwrap_or_default().into_iter().map(|marker| (marker.key, marker.version_id));
    versions
        .chain(markers)
        .map(|(key, id)| Version {
            key: decoded(key.unwrap_or_default(), encoding.as_ref()),
            id: id.unwrap_or_else(|| "null".into()),
        })
        .collect()
}

/// A key as S3 lists it under `EncodingType=url`: percent-encoded, with a plus for a blank. An
/// emulator may list it as it is, and does not say then that it is encoded.
fn decoded(key: String, encoding: Option<&EncodingType>) -> String {
    match encoding {
        Some(_) => percent_decode_str(&key.replace('+', " ")).decode_utf8_lossy().into_owned(),
        None => key,
    }
}

//! Objects in S3, by version: looking, copying with proof, deleting. Nothing else talks to S3.

use crate::messages::{Failure, FailureKind, Result};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{self, Config};
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::{ChecksumMode, ChecksumType, MetadataDirective, StorageClass, TaggingDirective};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::HashMap;

/// What S3 takes unencoded in `x-amz-copy-source`, and the slash.
const COPY_SOURCE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');
/// The version of an object from before versioning.
const UNVERSIONED: &str = "null";

/// The objects of the stack's buckets.
#[derive(Clone, Debug)]
pub struct Objects {
    s3: Client,
}

/// What S3 says of a version without its content.
#[derive(Clone, Debug)]
pub struct Head {
    /// Its version, `null` for one from before versioning.
    pub version_id: String,
    /// Bytes.
    pub size: u64,
    /// The entity tag, with its quotes.
    pub etag: String,
    /// Checksums of the whole object, by algorithm.
    pub checksums: Vec<(&'static str, String)>,
    output: HeadObjectOutput,
}

/// A version's place.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Its bucket.
    pub bucket: &'a str,
    /// Its key.
    pub key: &'a str,
    /// Its version; `None` for the current one.
    pub version_id: Option<&'a str>,
}

/// One line of a listing of versions.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its key.
    pub key: String,
    /// Its version.
    pub version_id: String,
    /// Bytes.
    pub size: u64,
    /// The entity tag, with its quotes.
    pub etag: String,
}

/// Whether two entity tags are the same: HTTP writes them with quotes, events without.
#[must_use]
pub fn same_etag(one: &str, other: &str) -> bool {
    one.trim_matches('"') == other.trim_matches('"')
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { bucket, key, version_id } = self;
        write!(f, "s3://{bucket}/{} (version {})", key.escape_debug(), version_id.unwrap_or("current"))
    }
}

impl Head {
    /// A value of the user's metadata.
    #[must_use]
    pub fn metadata(&self, name: &str) -> Option<&str> {
        self.output.metadata()?.get(name).map(String::as_str)
    }

    /// Its storage class, where S3 names one: not for `STANDARD`.
    #[must_use]
    pub fn storage_class(&self) -> Option<&str> {
        self.output.storage_class().map(StorageClass::as_str)
    }

    /// The key that it is encrypted with.
    #[must_use]
    pub fn kms_key(&self) -> Option<&str> {
        self.output.ssekms_key_id()
    }

    /// Fails unless `copy` has the same bytes, as far as S3's own measures say. S3 keeps the algorithm
    /// of the checksum from copy to copy, so the two can be compared; only an upload in parts may have
    /// none of the whole object. Entity tags of encrypted objects are no digests and say nothing.
    ///
    /// # Errors
    /// [`FailureKind::CopyMismatch`].
    pub fn prove(&self, copy: &Self, what: &Place<'_>) -> Result<()> {
        let mismatch = |measure: &str| {
            Err(Failure::new(FailureKind::CopyMismatch, format!("{what} differs from its source: {measure}")))
        };
        if self.size != copy.size {
            return mismatch(&format!("{} bytes instead of {}", copy.size, self.size));
        }
        let mut compared = self.checksums.is_empty() || copy.checksums.is_empty();
        for (algorithm, value) in &self.checksums {
            for (_, copied) in copy.checksums.iter().filter(|(other, _)| other == algorithm) {
                if copied != value {
                    return mismatch(algorithm);
                }
                compared = true;
            }
        }
        if compared { Ok(()) } else { mismatch("their checksums are of different kinds") }
    }
}

impl From<HeadObjectOutput> for Head {
    fn from(head: HeadObjectOutput) -> Self {
        // The checksum of checksums of a multipart upload says nothing about a copy.
        let whole = head.checksum_type() != Some(&ChecksumType::Composite);
        let checksums = [
            ("SHA256", head.checksum_sha256()),
            ("SHA1", head.checksum_sha1()),
            ("CRC64NVME", head.checksum_crc64_nvme()),
            ("CRC32C", head.checksum_crc32_c()),
            ("CRC32", head.checksum_crc32()),
        ];
        let checksums = checksums.into_iter().filter_map(|(name, value)| Some((name, value?.to_owned())));
        Self {
            version_id: head.version_id().unwrap_or(UNVERSIONED).to_owned(),
            size: head.content_length().and_then(|length| length.try_into().ok()).unwrap_or_default(),
            etag: head.e_tag().unwrap_or_default().to_owned(),
            checksums: checksums.filter(|(_, value)| whole && !value.contains('-')).collect(),
            output: head,
        }
    }
}

impl Objects {
    /// The objects that the client reaches.
    #[must_use]
    pub fn new(s3: Client) -> Self {
        Self { s3 }
    }

    /// Looks at a version; `None` when it is gone, or is a delete marker.
    ///
    /// # Errors
    /// S3 does not answer or refuses.
    pub async fn head(&self, place: Place<'_>) -> Result<Option<Head>> {
        let head = self.s3.head_object().bucket(place.bucket).key(place.key).checksum_mode(ChecksumMode::Enabled);
        let head = head.set_version_id(place.version_id.map(str::to_owned)).send().await;
        Ok(there(head, || format!("look at {place}"))?.map(Head::from))
    }

    /// Opens a version for reading.
    ///
    /// # Errors
    /// As [`Self::head`].
    pub async fn get(&self, place: Place<'_>) -> Result<Option<GetObjectOutput>> {
        let get = self.s3.get_object().bucket(place.bucket).key(place.key).checksum_mode(ChecksumMode::Enabled);
        let get = get.set_version_id(place.version_id.map(str::to_owned)).send().await;
        there(get, || format!("read {place}"))
    }

    /// Exactly these bytes of a version, which has them; `None` when it is gone.
    ///
    /// # Errors
    /// As [`Self::head`], or the answer is not what was asked for.
    pub async fn get_range(&self, place: Place<'_>, offset: u64, length: usize) -> Result<Option<Vec<u8>>> {
        let failed = |what: String| Failure::new(FailureKind::Busy, format!("read a part of {place}: {what}"));
        let Some(last) = (length as u64).checked_sub(1).and_then(|last| last.checked_add(offset)) else {
            return Ok(Some(vec![]));
        };
        let get = self.s3.get_object().bucket(place.bucket).key(place.key).range(format!("bytes={offset}-{last}"));
        let get = get.set_version_id(place.version_id.map(str::to_owned));
        // A checksum would be of the whole object.
        let unchecked =
            Config::builder().response_checksum_validation(config::ResponseChecksumValidation::WhenRequired);
        let answer = get.customize().config_override(unchecked).send().await;
        let Some(part) = there(answer, || format!("read a part of {place}"))? else { return Ok(None) };
        // Whoever ignores the range sends all of it, as HTTP allows and an emulator does.
        let mut skip = if part.content_range().is_some() { 0 } else { offset };
        let (mut body, mut bytes) = (part.body, Vec::new());
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| failed(error.to_string()))?;
            let start = skip.min(chunk.len() as u64);
            skip -= start;
            // It fits: `start` is at most the length of the chunk.
            let chunk = &chunk[usize::try_from(start).unwrap_or(chunk.len())..];
            bytes.extend_from_slice(&chunk[..chunk.len().min(length - bytes.len())]);
            if bytes.len() == length {
                return Ok(Some(bytes));
            }
        }
        Err(failed("it ended too early".into()))
    }

    /// Copies exactly the version that `head` saw, with its metadata, `marks` and tags, and looks at
    /// the copy. `None` when the source is gone by now.
    ///
    /// # Errors
    /// S3 does not answer or refuses, or the copy is not what was copied.
    pub async fn copy(
        &self,
        from: Place<'_>,
        head: &Head,
        to: Place<'_>,
        marks: &[(&str, &str)],
    ) -> Result<Option<Head>> {
        let source = &head.output;
        let mut metadata: HashMap<_, _> = source.metadata().cloned().unwrap_or_default();
        metadata.extend(marks.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let copied = self
            .s3
            .copy_object()
            .copy_source(copy_source(from))
            .copy_source_if_match(&head.etag)
            .bucket(to.bucket)
            .key(to.key)
            // Metadata can only be added to by saying all of it again.
            .metadata_directive(MetadataDirective::Replace)
            .set_metadata(Some(metadata))
            .set_cache_control(source.cache_control.clone())
            .set_content_disposition(source.content_disposition.clone())
            .set_content_encoding(source.content_encoding.clone())
            .set_content_language(source.content_language.clone())
            .set_content_type(source.content_type.clone())
            .set_website_redirect_location(source.website_redirect_location.clone())
            .tagging_directive(TaggingDirective::Copy)
            .send()
            .await;
        let Some(copied) = there(copied, || format!("copy {from} to {to}"))? else { return Ok(None) };
        let version = copied.version_id.unwrap_or_else(|| UNVERSIONED.into());
        let to = Place { version_id: Some(&version), ..to };
        let Some(copy) = self.head(to).await? else {
            return Err(Failure::new(FailureKind::Missing, format!("{to} was copied and is not there")));
        };
        head.prove(&copy, &to)?;
        Ok(Some(copy))
    }

    /// Deletes exactly this version; that it is gone already is success.
    ///
    /// # Errors
    /// S3 does not answer or refuses.
    pub async fn delete(&self, bucket: &str, key: &str, version_id: &str) -> Result<()> {
        let place = Place { bucket, key, version_id: Some(version_id) };
        let deleted = self.s3.delete_object().bucket(bucket).key(key).version_id(version_id).send().await;
        there(deleted, || format!("delete {place}")).map(drop)
    }

    /// The newest versions of a key, at most a page of them: it sorts before all that begin with it.
    ///
    /// # Errors
    /// S3 does not answer or refuses.
    pub async fn versions_of(&self, bucket: &str, key: &str) -> Result<Vec<Listed>> {
        let mut versions = self.list(bucket, key, true).await?;
        versions.retain(|listed| listed.key == key);
        Ok(versions)
    }

    /// The versions of all keys that begin with `prefix`, newest first for each key.
    ///
    /// # Errors
    /// S3 does not answer or refuses.
    pub async fn versions(&self, bucket: &str, prefix: &str) -> Result<Vec<Listed>> {
        self.list(bucket, prefix, false).await
    }

    /// The current keys that begin with `prefix`.
    ///
    /// # Errors
    /// S3 does not answer or refuses.
    pub async fn keys(&self, bucket: &str, prefix: &str) -> Result<Vec<String>> {
        let (mut keys, mut token) = (vec![], None);
        loop {
            let list = self.s3.list_objects_v2().bucket(bucket).prefix(prefix).set_continuation_token(token);
            let Some(page) = there(list.send().await, || format!("list {bucket}"))? else { return Ok(keys) };
            keys.extend(page.contents().iter().filter_map(|object| object.key().map(str::to_owned)));
            token = page.next_continuation_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(keys);
            }
        }
    }

    /// All bytes of a version; `None` when it is gone.
    ///
    /// # Errors
    /// As [`Self::get`], or the answer breaks off, or there are more than `most`.
    pub async fn read(&self, place: Place<'_>, most: usize) -> Result<Option<Vec<u8>>> {
        let Some(object) = self.get(place).await? else { return Ok(None) };
        let (mut body, mut bytes) = (object.body, Vec::new());
        while let Some(chunk) = body.next().await {
            let broken = |error| Failure::new(FailureKind::Busy, format!("read {place}: {error}"));
            bytes.extend_from_slice(&chunk.map_err(broken)?);
            if bytes.len() > most {
                let message = format!("read {place}: more than {most} bytes");
                return Err(Failure::new(FailureKind::Refused, message));
            }
        }
        Ok(Some(bytes))
    }

    async fn list(&self, bucket: &str, prefix: &str, first_page: bool) -> Result<Vec<Listed>> {
        let (mut versions, mut key, mut version) = (vec![], None, None);
        loop {
            let list = self.s3.list_object_versions().bucket(bucket).prefix(prefix);
            // XML cannot carry every character of a key (truths S21).
            let list = list.encoding_type(aws_sdk_s3::types::EncodingType::Url);
            let page = list.set_key_marker(key).set_version_id_marker(version).send().await;
            let Some(page) = there(page, || format!("list the versions in {bucket}"))? else { return Ok(versions) };
            let key_of = |key: &str| if page.encoding_type().is_some() { decoded(key) } else { key.to_owned() };
            versions.extend(page.versions().iter().map(|listed| Listed {
                key: key_of(listed.key().unwrap_or_default()),
                version_id: listed.version_id().unwrap_or(UNVERSIONED).to_owned(),
                size: listed.size().and_then(|size| size.try_into().ok()).unwrap_or_default(),
                etag: listed.e_tag().unwrap_or_default().to_owned(),
            }));
            if first_page || !page.is_truncated().unwrap_or_default() {
                return Ok(versions);
            }
            (key, version) = (page.next_key_marker().map(key_of), page.next_version_id_marker.clone());
        }
    }
}

/// A key as S3 lists it under `EncodingType=url`: percent-encoded, with a plus for a blank. An
/// emulator may list it as it is, and does not say then that it is encoded.
fn decoded(key: &str) -> String {
    percent_encoding::percent_decode_str(&key.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// The SDK sends this header as it is given (truths D1).
fn copy_source(from: Place<'_>) -> String {
    let key = utf8_percent_encode(from.key, COPY_SOURCE);
    match from.version_id {
        Some(version) => format!("{}/{key}?versionId={version}", from.bucket),
        None => format!("{}/{key}", from.bucket),
    }
}

/// An answer, `None` for "not there", or a failure with its stable name.
fn there<T, E>(
    answer: std::result::Result<T, SdkError<E, HttpResponse>>,
    what: impl Fn() -> String,
) -> Result<Option<T>>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let error = match answer {
        Ok(value) => return Ok(Some(value)),
        Err(error) => error,
    };
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    let code = error.code().unwrap_or_default();
    // A HEAD has no body, hence no code; 405 is a delete marker asked for by its version.
    let gone = matches!(code, "NoSuchKey" | "NoSuchVersion" | "NotFound" | "MethodNotAllowed");
    if gone || code.is_empty() && matches!(status, 404 | 405) {
        return Ok(None);
    }
    // A copy's error may come in the body of a 200 (truths D5).
    let passing = ["InternalError", "OperationAborted", "RequestTimeout", "ServiceUnavailable", "SlowDown"];
    let busy = status == 0 || status >= 500 || status == 429 || passing.contains(&code) || code.contains("Throttl");
    let kind = match status {
        _ if busy => FailureKind::Busy,
        401 | 403 => FailureKind::Denied,
        _ => FailureKind::Refused,
    };
    let message = error.message().map_or_else(|| error.to_string(), str::to_owned);
    Err(Failure::new(kind, format!("{}: HTTP {status} {code} {message}", what())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(size: i64, sha256: Option<&str>, crc32: Option<&str>) -> Head {
        let head = HeadObjectOutput::builder().content_length(size);
        head.set_checksum_sha256(sha256.map(Into::into)).set_checksum_crc32(crc32.map(Into::into)).build().into()
    }

    #[test]
    fn a_copy_is_proven_by_size_and_by_what_checksums_both_have() {
        let place = Place { bucket: "b", key: "k", version_id: None };
        let proves = |source: Head, copy: Head| source.prove(&copy, &place).is_ok();
        assert!(proves(head(1, None, Some("a")), head(1, None, Some("a"))));
        assert!(!proves(head(1, None, Some("a")), head(1, None, Some("b"))));
        assert!(!proves(head(1, None, None), head(2, None, None)));
        assert!(!proves(head(1, Some("a"), None), head(1, None, Some("b"))), "of different kinds");
        assert!(proves(head(1, None, None), head(1, None, Some("b"))), "an upload in parts");
        assert!(proves(head(1, None, Some("a-2")), head(1, None, Some("b"))), "composite: not comparable");
    }

    #[test]
    fn odd_keys_are_encoded_for_the_copy_source() {
        let of = |key| copy_source(Place { bucket: "b", key, version_id: Some("v") });
        assert_eq!(of("a b+c%d/é\n?x"), "b/a%20b%2Bc%25d/%C3%A9%0A%3Fx?versionId=v");
    }

    #[test]
    fn listed_keys_are_decoded() {
        assert_eq!(decoded("a+b%2Bc%25d%0A"), "a b+c%d\n");
    }
}

//! Copies of exactly one version, proven. What S3 copies in one call is copied so; what is larger
//! goes in parts, many at once (truths D4).

use super::{Head, Objects, Place, Tag, UNVERSIONED, there};
use crate::messages::{Failure, FailureKind, Result};
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::{
    ChecksumAlgorithm, ChecksumType, CompletedMultipartUpload, CompletedPart, MetadataDirective, TaggingDirective,
};
use futures::{StreamExt, TryStreamExt, stream};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::HashMap;

/// What S3 takes unencoded in `x-amz-copy-source`, and the slash.
const COPY_SOURCE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');
/// What S3 takes of a user's metadata, names and values together, in bytes of UTF-8.
const LARGEST_METADATA: usize = 2048;

/// How large copies are made.
#[derive(Clone, Copy, Debug)]
pub struct Copying {
    /// The largest object that one call copies, in bytes.
    pub whole: u64,
    /// The size of a part, in bytes; larger where there would be too many.
    pub part: u64,
    /// The most parts that an object may have.
    pub parts: u64,
    /// How many parts are copied at once.
    pub at_once: usize,
}

impl Default for Copying {
    fn default() -> Self {
        Self { whole: 5 << 30, part: 128 << 20, parts: 10_000, at_once: 32 }
    }
}

/// A call that makes an object, with the source's metadata, these marks and the source's headers: the
/// same of `CopyObject` and of `CreateMultipartUpload`, whose builders have no type in common.
macro_rules! like_source {
    ($call:expr, $source:expr, $marks:expr) => {
        $call
            .set_metadata(Some(metadata_with($source, $marks)))
            .set_cache_control($source.cache_control.clone())
            .set_content_disposition($source.content_disposition.clone())
            .set_content_encoding($source.content_encoding.clone())
            .set_content_language($source.content_language.clone())
            .set_content_type($source.content_type.clone())
            .set_website_redirect_location($source.website_redirect_location.clone())
    };
}

/// What a copy has beside the source's bytes and headers.
#[derive(Clone, Debug, Default)]
pub struct Marks<'a> {
    /// Metadata in addition to the source's.
    pub metadata: &'a [(&'a str, &'a str)],
    /// Tags instead of the source's; `None` copies those.
    pub tags: Option<Vec<Tag>>,
}

impl Head {
    /// Whether S3 takes the object's own metadata and these in addition.
    #[must_use]
    pub fn has_room_for(&self, metadata: &[(&str, &str)]) -> bool {
        let all = metadata_with(&self.output, metadata);
        all.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() <= LARGEST_METADATA
    }
}

impl Objects {
    /// Copies exactly the version that `head` saw, with its metadata, tags and `marks`, and looks at
    /// the copy. `None` when the source is gone by now.
    ///
    /// # Errors
    /// S3 does not answer or refuses, or the copy is not what was copied.
    pub async fn copy(&self, from: Place<'_>, head: &Head, to: Place<'_>, marks: Marks<'_>) -> Result<Option<Head>> {
        let copied = if head.size <= self.copying.whole {
            self.copy_whole(from, head, to, marks).await?
        } else {
            self.copy_in_parts(from, head, to, marks).await?
        };
        let Some(version) = copied else { return Ok(None) };
        let to = Place { version_id: Some(&version), ..to };
        let Some(copy) = self.head(to).await? else {
            // Not yet or, where a duplicate event has overtaken this one, not any more: another try tells.
            return Err(Failure::new(FailureKind::NotThere, format!("{to} was copied and is not there")));
        };
        head.prove(&copy, &to)?;
        Ok(Some(copy))
    }

    /// Gives the copy's version.
    async fn copy_whole(
        &self,
        from: Place<'_>,
        head: &Head,
        to: Place<'_>,
        marks: Marks<'_>,
    ) -> Result<Option<String>> {
        let tagging = marks.tags.as_deref().map(Tag::header);
        let directive = if tagging.is_some() { TaggingDirective::Replace } else { TaggingDirective::Copy };
        let copy = self.s3.copy_object().bucket(to.bucket).key(to.key);
        let copy = copy.copy_source(copy_source(from)).copy_source_if_match(&head.etag);
        // Metadata can only be added to by saying all of it again.
        let copy = like_source!(copy, &head.output, marks.metadata).metadata_directive(MetadataDirective::Replace);
        let copied = copy.tagging_directive(directive).set_tagging(tagging).send().await;
        let copied = there(copied, || format!("copy {from} to {to}"))?;
        Ok(copied.map(|copied| copied.version_id.unwrap_or_else(|| UNVERSIONED.into())))
    }

    /// The same in parts; an upload that fails is aborted, so that its parts are not kept and paid for.
    async fn copy_in_parts(
        &self,
        from: Place<'_>,
        head: &Head,
        to: Place<'_>,
        marks: Marks<'_>,
    ) -> Result<Option<String>> {
        let tags = match marks.tags {
            Some(tags) => tags,
            None => match self.tags(from).await? {
                Some(tags) => tags,
                None => return Ok(None),
            },
        };
        let (algorithm, kind) = checksum_for(head);
        let create = self.s3.create_multipart_upload().bucket(to.bucket).key(to.key);
        let create =
            like_source!(create, &head.output, marks.metadata).checksum_algorithm(algorithm).checksum_type(kind);
        let created = create.set_tagging(Some(Tag::header(&tags)).filter(|tags| !tags.is_empty())).send().await;
        let created = there(created, || format!("begin to copy {from} to {to}"))?;
        let Some(upload) = created.and_then(|created| created.upload_id) else {
            return Err(Failure::new(FailureKind::Busy, format!("{to}: S3 began no upload")));
        };
        let copied = self.copy_parts(from, head, to, &upload).await;
        if !matches!(copied, Ok(Some(_))) {
            // What cannot be aborted the bucket's lifecycle clears; why the copy failed matters more.
            let _ = self.s3.abort_multipart_upload().bucket(to.bucket).key(to.key).upload_id(&upload).send().await;
        }
        copied
    }

    async fn copy_parts(&self, from: Place<'_>, head: &Head, to: Place<'_>, upload: &str) -> Result<Option<String>> {
        let copies = (1..).zip(ranges(head.size, &self.copying)).map(async |(number, range)| {
            let copy = self.s3.upload_part_copy().bucket(to.bucket).key(to.key).upload_id(upload).part_number(number);
            let copy = copy.copy_source(copy_source(from)).copy_source_if_match(&head.etag).copy_source_range(range);
            let copied = there(copy.send().await, || format!("copy part {number} of {from} to {to}"))?;
            Ok(copied.and_then(|copied| copied.copy_part_result).map(|part| {
                CompletedPart::builder()
                    .part_number(number)
                    .set_e_tag(part.e_tag)
                    .set_checksum_crc32(part.checksum_crc32)
                    .set_checksum_crc32_c(part.checksum_crc32_c)
                    .set_checksum_crc64_nvme(part.checksum_crc64_nvme)
                    .build()
            }))
        });
        let parts: Vec<_> = stream::iter(copies).buffered(self.copying.at_once).try_collect().await?;
        let Some(parts) = parts.into_iter().collect::<Option<Vec<_>>>() else { return Ok(None) };
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let complete = self.s3.complete_multipart_upload().bucket(to.bucket).key(to.key).upload_id(upload);
        let completed = there(complete.multipart_upload(parts).send().await, || format!("complete the copy {to}"))?;
        let Some(completed) = completed else {
            return Err(Failure::new(FailureKind::Busy, format!("{to}: its upload is gone")));
        };
        Ok(Some(completed.version_id.unwrap_or_else(|| UNVERSIONED.into())))
    }
}

/// The checksum of a copy in parts that can be compared with the source's: of the whole object, which
/// only the CRCs can be in parts.
fn checksum_for(head: &Head) -> (ChecksumAlgorithm, ChecksumType) {
    let has = |algorithm: &str| head.checksums.iter().any(|(name, _)| *name == algorithm);
    let algorithm = if has("CRC32C") {
        ChecksumAlgorithm::Crc32C
    } else if has("CRC32") {
        ChecksumAlgorithm::Crc32
    } else {
        ChecksumAlgorithm::Crc64Nvme
    };
    (algorithm, ChecksumType::FullObject)
}

/// The parts of an object, as `x-amz-copy-source-range` wants them.
fn ranges(size: u64, copying: &Copying) -> impl Iterator<Item = String> {
    let part = copying.part.max(size.div_ceil(copying.parts)).max(1);
    (0..size.div_ceil(part)).map(move |number| {
        let first = number * part;
        format!("bytes={first}-{}", (first + part).min(size) - 1)
    })
}

fn metadata_with(source: &HeadObjectOutput, marks: &[(&str, &str)]) -> HashMap<String, String> {
    let mut metadata: HashMap<_, _> = source.metadata().cloned().unwrap_or_default();
    metadata.extend(marks.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    metadata
}

/// The SDK sends this header as it is given (truths D1).
fn copy_source(from: Place<'_>) -> String {
    let key = utf8_percent_encode(from.key, COPY_SOURCE);
    match from.version_id {
        Some(version) => format!("{}/{key}?versionId={version}", from.bucket),
        None => format!("{}/{key}", from.bucket),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stand_in::{Call, Reply, StandIn};

    const FROM: Place<'_> = Place { bucket: "in", key: "a.csv", version_id: Some("v") };
    const TO: Place<'_> = Place { bucket: "an", key: "i/a.csv", version_id: None };

    /// S3 with an object of 25 bytes, of which each part is copied unless `instead` answers.
    fn s3(instead: impl Fn(&Call) -> Option<Reply> + Send + Sync + 'static) -> StandIn {
        let xml = |text: &str| Reply::Bytes(text.into());
        let answer = move |call: &Call| match call.what.as_str() {
            what if what.contains("tagging") => {
                xml("<Tagging><TagSet><Tag><Key>team</Key><Value>sea side</Value></Tag></TagSet></Tagging>")
            }
            what if what.contains("uploads") => {
                xml("<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>")
            }
            what if what.contains("partNumber") => {
                xml("<CopyPartResult><ETag>\"p\"</ETag><ChecksumCRC32>AAAAAA==</ChecksumCRC32></CopyPartResult>")
            }
            what if what.starts_with("POST") => {
                xml("<CompleteMultipartUploadResult><ETag>\"c\"</ETag></CompleteMultipartUploadResult>")
            }
            what if what.starts_with("HEAD") => Reply::Head(vec![
                ("content-length", "25".into()),
                ("etag", "\"e\"".into()),
                ("x-amz-meta-note", "kept".into()),
                ("x-amz-checksum-crc32", "AAAAAA==".into()),
            ]),
            _ => Reply::Status(204),
        };
        StandIn::new(move |call| instead(call).unwrap_or_else(|| answer(call)))
    }

    async fn copied(s3: &StandIn) -> Result<Option<Head>> {
        let copying = Copying { whole: 10, part: 10, parts: 100, at_once: 2 };
        let objects = Objects { copying, ..s3.objects() };
        let head = objects.head(FROM).await?.unwrap();
        objects.copy(FROM, &head, TO, Marks { metadata: &[("mark", "m")], tags: None }).await
    }

    /// The emulator forgets the tags of an upload in parts, so it is looked at what is sent.
    #[tokio::test]
    async fn a_copy_in_parts_has_tags_metadata_and_a_checksum_of_the_whole() {
        let s3 = s3(|_| None);
        assert!(copied(&s3).await.unwrap().is_some());
        let calls = s3.calls();
        let begun = calls.iter().find(|call| call.what.contains("uploads")).unwrap();
        for (header, value) in [
            ("x-amz-tagging", "team=sea%20side"),
            ("x-amz-meta-note", "kept"),
            ("x-amz-meta-mark", "m"),
            ("x-amz-checksum-algorithm", "CRC32"),
            ("x-amz-checksum-type", "FULL_OBJECT"),
        ] {
            assert_eq!(begun.headers.get(header).map(String::as_str), Some(value), "{header}");
        }
        let mut ranges: Vec<_> = calls.iter().filter_map(|call| call.headers.get("x-amz-copy-source-range")).collect();
        ranges.sort();
        assert_eq!(ranges, ["bytes=0-9", "bytes=10-19", "bytes=20-24"]);
    }

    /// Half a copy is never taken for one, whichever call goes wrong in whichever way: it is worth another
    /// try, nothing goes on after it, and what was begun is aborted.
    #[tokio::test]
    async fn a_copy_in_parts_that_goes_wrong_is_aborted() {
        let error = "<Error><Code>SlowDown</Code></Error>";
        let whole = s3(|_| None);
        copied(&whole).await.unwrap();
        let calls = whole.asked();
        assert_eq!(calls.len(), 8, "{calls:#?}");
        for (at, failing) in calls.iter().enumerate() {
            for reply in [Reply::Lost, Reply::Status(503), Reply::Bytes(error.into()), Reply::Bytes("<C".into())] {
                // The answer to a HEAD has no body.
                if failing.starts_with("HEAD") && matches!(reply, Reply::Bytes(_)) {
                    continue;
                }
                let (call, answer) = (failing.clone(), reply.clone());
                let s3 = s3(move |it| (it.what == call).then(|| answer.clone()));
                assert_eq!(copied(&s3).await.unwrap_err().kind, FailureKind::Busy, "{failing} {reply:?}");
                let asked = s3.asked();
                let has = |part: &str| asked.iter().any(|what| what.contains(part));
                let (completes, aborts) = (has("POST /an/i/a.csv?uploadId=u"), has("DELETE /an/i/a.csv?"));
                let begun = calls.iter().position(|what| what.contains("uploads")).unwrap();
                let ends = calls.iter().position(|what| what.starts_with("POST") && what.contains("uploadId")).unwrap();
                assert_eq!(aborts, (begun + 1..=ends).contains(&at), "{failing} {reply:?}: {asked:#?}");
                assert_eq!(completes, at >= ends, "{failing} {reply:?}: {asked:#?}");
            }
        }
    }

    #[test]
    fn odd_keys_are_encoded_for_the_copy_source() {
        let of = |key| copy_source(Place { bucket: "b", key, version_id: Some("v") });
        assert_eq!(of("a b+c%d/é\n?x"), "b/a%20b%2Bc%25d/%C3%A9%0A%3Fx?versionId=v");
    }

    #[test]
    fn parts_cover_the_object_once_and_are_not_too_many() {
        let small = Copying { whole: 0, part: 10, parts: 4, at_once: 1 };
        assert_eq!(ranges(25, &small).collect::<Vec<_>>(), ["bytes=0-9", "bytes=10-19", "bytes=20-24"]);
        assert_eq!(ranges(41, &small).count(), 4);
        assert_eq!(ranges(41, &small).last().unwrap(), "bytes=33-40");
        // The largest object that S3 has.
        let largest = 50_000_000_000_000;
        assert_eq!(ranges(largest, &Copying::default()).count(), 10_000);
    }

    #[test]
    fn metadata_has_room_for_so_much() {
        let head = |length: usize| -> Head {
            HeadObjectOutput::builder().metadata("note", "é".repeat(length)).build().into()
        };
        assert!(head(1000).has_room_for(&[("mark", &"x".repeat(40))]));
        assert!(!head(1000).has_room_for(&[("mark", &"x".repeat(41))]));
    }
}

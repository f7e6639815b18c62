//! Copies in parts, for what S3 does not copy in one call.

use super::super::{Head, Objects, Place, Tag, UNVERSIONED, code_of, there};
use super::{Condition, Copied, Copying, Marks, Over, copy_source, expires_like, metadata_with};
use crate::messages::{Failure, FailureKind, Result};
use aws_sdk_s3::config::{Builder, Config, StalledStreamProtectionConfig};
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumType, CompletedMultipartUpload, CompletedPart};
use futures::{StreamExt, TryStreamExt, stream};
use std::time::Duration;

/// How long S3 may be silent after it has begun to answer: it says "200" at once, and the rest when it has copied
/// or put together (truths D5). The SDK gives up after seconds, and every further try the same.
const PATIENCE: Duration = Duration::from_mins(10);

impl Objects {
    /// The same in parts; an upload that fails is aborted, so that its parts are not kept and paid for.
    pub(super) async fn copy_in_parts(
        &self,
        from: Place<'_>,
        head: &Head,
        to: Place<'_>,
        marks: Marks<'_>,
        over: Over<'_>,
    ) -> Result<Copied<String>> {
        let tags = match marks.tags {
            Some(tags) => tags,
            None => match self.tags(from).await? {
                Some(tags) => tags,
                None => return Ok(Copied::SourceGone),
            },
        };
        let (algorithm, kind) = checksum_for(head);
        let create = self.s3.create_multipart_upload().bucket(to.bucket).key(to.key);
        let create =
            like_source!(create, &head.output, marks.metadata).checksum_algorithm(algorithm).checksum_type(kind);
        let create = create.set_tagging(Some(Tag::header(&tags)).filter(|tags| !tags.is_empty()));
        let created = create.customize().mutate_request(expires_like(head.output.expires_string())).send().await;
        let created = there(created, || format!("begin to copy {from} to {to}"))?;
        let Some(upload) = created.and_then(|created| created.upload_id) else {
            return Err(Failure::new(FailureKind::Busy, format!("{to}: S3 began no upload")));
        };
        let copied = match self.copy_parts(from, head, to, &upload).await {
            Ok(Some(parts)) => self.complete(head, (to, over), &upload, parts, marks.metadata).await,
            Ok(None) => Ok(Copied::SourceGone),
            Err(failure) => Err(failure),
        };
        if !matches!(copied, Ok(Copied::Made(_))) {
            // What cannot be aborted the bucket's lifecycle clears; why the copy failed matters more.
            let _ = self.s3.abort_multipart_upload().bucket(to.bucket).key(to.key).upload_id(&upload).send().await;
        }
        copied
    }

    /// Copies every part; `None` when the source is gone.
    async fn copy_parts(
        &self,
        from: Place<'_>,
        head: &Head,
        to: Place<'_>,
        upload: &str,
    ) -> Result<Option<Vec<CompletedPart>>> {
        let copies = (1..).zip(ranges(head.size, &self.copying)).map(async |(number, range)| {
            let copy = self.s3.upload_part_copy().bucket(to.bucket).key(to.key).upload_id(upload).part_number(number);
            let copy = copy.copy_source(copy_source(from)).copy_source_if_match(&head.etag).copy_source_range(range);
            let copied = copy.customize().config_override(patient()).send().await;
            let copied = there(copied, || format!("copy part {number} of {from} to {to}"))?;
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
        Ok(parts.into_iter().collect())
    }

    /// Makes the object of its parts, and gives its version.
    async fn complete(
        &self,
        head: &Head,
        (to, over): (Place<'_>, Over<'_>),
        upload: &str,
        parts: Vec<CompletedPart>,
        marks: &[(&str, &str)],
    ) -> Result<Copied<String>> {
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let complete = self.s3.complete_multipart_upload().bucket(to.bucket).key(to.key).upload_id(upload);
        let complete = complete.multipart_upload(parts);
        let send = |over: Over<'_>| {
            let complete = complete.clone().set_if_match(over.if_match()).set_if_none_match(over.if_none_match());
            complete.customize().config_override(patient()).send()
        };
        let mut completed = send(over).await;
        match Condition::of(over, code_of(&completed)) {
            Condition::Met => {}
            Condition::NotMet => return Ok(Copied::Overtaken),
            Condition::Unknown => completed = send(Over::Anything).await,
        }
        if code_of(&completed) == "NoSuchUpload" {
            return self.completed_before(head, to, marks).await.map(Copied::Made);
        }
        match there(completed, || format!("complete the copy {to}"))? {
            Some(completed) => Ok(Copied::Made(completed.version_id.unwrap_or_else(|| UNVERSIONED.into()))),
            None => Err(gone(to)),
        }
    }

    /// An upload that is not there may have been completed by a call whose answer was lost, which the SDK
    /// repeats: the copy tells. If there is none, another try makes it.
    async fn completed_before(&self, head: &Head, to: Place<'_>, marks: &[(&str, &str)]) -> Result<String> {
        let metadata = metadata_with(&head.output, marks);
        let copy = self.head(to).await?.filter(|copy| copy.output.metadata() == Some(&metadata));
        let copy = copy.filter(|copy| head.prove(copy, &to).is_ok());
        copy.map(|copy| copy.version_id).ok_or_else(|| gone(to))
    }
}

fn patient() -> Builder {
    let protection = StalledStreamProtectionConfig::enabled().grace_period(PATIENCE).build();
    Config::builder().stalled_stream_protection(protection)
}

fn gone(to: Place<'_>) -> Failure {
    Failure::new(FailureKind::Busy, format!("{to}: its upload is gone"))
}

/// The checksum of a copy in parts that can be compared with the source's: of the whole object, which
/// only the CRCs can be in parts.
fn checksum_for(head: &Head) -> (ChecksumAlgorithm, ChecksumType) {
    let has = |algorithm: &str| head.measures.checksums.contains_key(algorithm);
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
pub(super) fn ranges(size: u64, copying: &Copying) -> impl Iterator<Item = String> {
    let part = copying.part.max(size.div_ceil(copying.parts)).max(1);
    (0..size.div_ceil(part)).map(move |number| {
        let first = number * part;
        format!("bytes={first}-{}", (first + part).min(size) - 1)
    })
}

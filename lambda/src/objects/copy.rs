//! Copies of exactly one version, proven. What S3 copies in one call is copied so; what is larger
//! goes in parts, many at once (truths D4).
//!
//! What S3 lets travel with an object, and what becomes of it here:
//!
//! | beside the bytes | on a copy |
//! |---|---|
//! | metadata, content headers, `Expires`, redirect location | said again, since metadata can only be added to so; nobody else's `cvault-*` (see `copies`) |
//! | tags | copied, or replaced by the same with the verdict; nobody else's `cvault:*` (see `tags`) |
//! | annotations (up to 1 GB a version) | excluded: nobody has looked at them; they cannot be written in ingress and analytics either |
//! | access control lists | none: the buckets have them off |
//! | retention, legal hold, event hold | not copied by S3 unless it is asked to; the vault's own default applies |
//! | encryption, bucket key | the target bucket's own |
//! | storage class | standard; an archived source is not copied at all |
//! | checksum | S3 makes it anew by the same algorithm, and it is compared |

use super::{Head, Objects, Place, Tag, UNVERSIONED, code_of, there};
use crate::messages::{Failure, FailureKind, Result};
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::operation::copy_object::builders::CopyObjectFluentBuilder;
use aws_sdk_s3::operation::copy_object::{CopyObjectError, CopyObjectOutput};
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::{AnnotationDirective, MetadataDirective, TaggingDirective};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::SdkError;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::HashMap;

/// What S3 takes unencoded in `x-amz-copy-source`, and the slash.
const COPY_SOURCE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');
/// What S3 takes of a user's metadata, names and values together, in bytes of UTF-8.
const LARGEST_METADATA: usize = 2048;

/// How S3 names what is said about annotations.
const DIRECTIVE: &str = "x-amz-object-annotation-directive";

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

// Below the macro, which they use.
mod first;
mod parts;

pub use first::Like;

/// What a copy has beside the source's bytes and headers.
#[derive(Clone, Debug, Default)]
pub struct Marks<'a> {
    /// Metadata in addition to the source's.
    pub metadata: &'a [(&'a str, &'a str)],
    /// Tags instead of the source's; `None` copies those.
    pub tags: Option<Vec<Tag>>,
}

/// What may lie at the copy's key when it is made: S3 compares and writes in one step, so that of many who want
/// to be the first one is (`If-None-Match`, `If-Match`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over<'a> {
    /// Whatever there is.
    Anything,
    /// Nothing, or a delete marker.
    Nothing,
    /// The version with this entity tag, and none that came after it.
    This(&'a str),
}

impl Over<'_> {
    fn if_match(self) -> Option<String> {
        if let Self::This(etag) = self { Some(etag.to_owned()) } else { None }
    }

    fn if_none_match(self) -> Option<String> {
        (self == Self::Nothing).then(|| "*".to_owned())
    }
}

/// How a copy went.
#[derive(Clone, Debug)]
pub enum Copied<T = Box<Head>> {
    /// It is there.
    Made(T),
    /// The source is gone.
    SourceGone,
    /// Something else lies at its key or has come there meanwhile, or nobody can say: look what is there.
    Overtaken,
}

/// What the answer to a copy says of a condition.
enum Condition {
    Met,
    NotMet,
    /// This S3 does not know it: another one, or one of a region that lags behind.
    Unknown,
}

impl Condition {
    fn of(over: Over<'_>, code: &str) -> Self {
        match code {
            _ if over == Over::Anything => Self::Met,
            "PreconditionFailed" => Self::NotMet,
            // Of a key at which nothing lies any more; a source is named by its version.
            "NoSuchKey" if matches!(over, Over::This(_)) => Self::NotMet,
            "NotImplemented" => Self::Unknown,
            _ => Self::Met,
        }
    }
}

impl Head {
    /// The same with these of its metadata, by name and value: what a copy of it takes over.
    #[must_use]
    pub fn with_metadata(mut self, is_wanted: impl Fn(&str, &str) -> bool) -> Self {
        if let Some(metadata) = &mut self.output.metadata {
            metadata.retain(|name, value| is_wanted(name, value));
        }
        self
    }

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
        let copied = self.copy_over(from, head, to, marks, Over::Anything).await?;
        Ok(if let Copied::Made(copy) = copied { Some(*copy) } else { None })
    }

    /// The same, if at the key is what is expected there.
    ///
    /// # Errors
    /// As [`Self::copy`].
    pub async fn copy_over(
        &self,
        from: Place<'_>,
        head: &Head,
        to: Place<'_>,
        marks: Marks<'_>,
        over: Over<'_>,
    ) -> Result<Copied> {
        let copied = if head.size <= self.copying.whole {
            self.copy_whole(from, head, to, marks, over).await?
        } else {
            self.copy_in_parts(from, head, to, marks, over).await?
        };
        let version = match copied {
            Copied::Made(version) => version,
            Copied::SourceGone => return Ok(Copied::SourceGone),
            Copied::Overtaken => return Ok(Copied::Overtaken),
        };
        let to = Place { version_id: Some(&version), ..to };
        let Some(copy) = self.head(to).await? else {
            // Not yet or, where a duplicate event has overtaken this one, not any more: another try tells. Every step may copy,
            // so it is a failure that each of them is tried again for.
            return Err(Failure::new(FailureKind::Busy, format!("{to} was copied and is not there")));
        };
        head.prove(&copy, &to)?;
        Ok(Copied::Made(copy.into()))
    }

    /// Gives the copy's version.
    async fn copy_whole(
        &self,
        from: Place<'_>,
        head: &Head,
        to: Place<'_>,
        marks: Marks<'_>,
        over: Over<'_>,
    ) -> Result<Copied<String>> {
        let copy = self.copy_said_again(from, head, to, marks.metadata, marks.tags.as_deref());
        let expires = head.output.expires_string();
        let mut copied = send(&copy, expires, over).await;
        match Condition::of(over, code_of(&copied)) {
            Condition::Met => {}
            Condition::NotMet => return Ok(Copied::Overtaken),
            Condition::Unknown => copied = send(&copy, expires, Over::Anything).await,
        }
        Ok(match there(copied, || format!("copy {from} to {to}"))? {
            Some(copied) => Copied::Made(copied.version_id.unwrap_or_else(|| UNVERSIONED.into())),
            None => Copied::SourceGone,
        })
    }

    /// A copy with the metadata and headers of its source, and these in addition: metadata can only be added to by saying
    /// all of it again.
    fn copy_said_again(
        &self,
        from: Place<'_>,
        head: &Head,
        to: Place<'_>,
        metadata: &[(&str, &str)],
        tags: Option<&[Tag]>,
    ) -> CopyObjectFluentBuilder {
        let copy = self.copy_call(from, &head.etag, to, tags);
        like_source!(copy, &head.output, metadata).metadata_directive(MetadataDirective::Replace)
    }

    /// What every copy in one call has: exactly this version of its source, and tags.
    fn copy_call(&self, from: Place<'_>, etag: &str, to: Place<'_>, tags: Option<&[Tag]>) -> CopyObjectFluentBuilder {
        let tagging = tags.map(Tag::header);
        let directive = if tagging.is_some() { TaggingDirective::Replace } else { TaggingDirective::Copy };
        let copy = self.s3.copy_object().bucket(to.bucket).key(to.key);
        let copy = copy.copy_source(copy_source(from)).copy_source_if_match(etag);
        let copy = copy.tagging_directive(directive).set_tagging(tagging.filter(|tags| !tags.is_empty()));
        // Without this S3 copies them (or refuses, since the role may not read them); in parts it never does.
        copy.annotation_directive(AnnotationDirective::Exclude)
    }
}

/// Sends a copy on a condition.
async fn send(
    copy: &CopyObjectFluentBuilder,
    expires: Option<&str>,
    over: Over<'_>,
) -> std::result::Result<CopyObjectOutput, SdkError<CopyObjectError, HttpResponse>> {
    let copy = copy.clone().set_if_match(over.if_match()).set_if_none_match(over.if_none_match());
    let copied = copy.clone().customize().mutate_request(expires_like(expires)).send().await;
    if !copied.as_ref().is_err_and(may_not_know_annotations) {
        return copied;
    }
    // What S3 does not know of, no object has there. Where it was the condition, this is refused as well.
    copy.set_annotation_directive(None).customize().mutate_request(expires_like(expires)).send().await
}

/// Whether an S3 may have refused for the directive about annotations: another one, or one of a region that lags behind
/// (truths D20). With a 501 it does not say which header it does not know.
fn may_not_know_annotations(error: &SdkError<CopyObjectError, HttpResponse>) -> bool {
    let said = error.raw_response().and_then(|response| response.body().bytes()).unwrap_or_default();
    match error.code() {
        Some("NotImplemented") => true,
        Some("InvalidArgument" | "UnsupportedArgument") => String::from_utf8_lossy(said).contains(DIRECTIVE),
        _ => false,
    }
}

/// Says `Expires` as the source has it: as text, since it may be anything, such as `0`.
fn expires_like(expires: Option<&str>) -> impl Fn(&mut HttpRequest) + Send + Sync + use<> + 'static {
    let expires = expires.map(str::to_owned);
    move |request| {
        if let Some(expires) = expires.clone() {
            // It came in a header, so it fits into one.
            let _ = request.headers_mut().try_insert("expires", expires);
        }
    }
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
mod tests;

//! Objects in S3, by version: looking, reading, deleting; copying with proof, listing and tagging in
//! the modules below. Nothing else talks to S3.

mod compare;
mod copy;
mod files;
mod list;
mod proof;
mod tags;

pub use copy::{Copied, Copying, Like, Marks, Over};
pub use list::{After, Listed, decoded, listed};
pub use tags::{EXECUTION, MOST_TAGS, REASON, RELEASED, STATUS, Tag};

use crate::messages::{Cause, Failure, FailureKind, Measures, Result};
use crate::refusal::said;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{self, Config};
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::{ChecksumMode, StorageClass};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// The version of an object from before versioning.
pub const UNVERSIONED: &str = "null";
/// For how much of a part there is room at once, in bytes.
const LARGEST_PART: usize = 16 << 20;
/// The header by which S3 says that what was deleted is only hidden.
const DELETE_MARKER: &str = "x-amz-delete-marker";

/// The objects of the stack's buckets.
#[derive(Clone, Debug)]
pub struct Objects {
    s3: Client,
    copying: Copying,
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
    /// What a copy of it is proven by.
    pub measures: Measures,
    output: HeadObjectOutput,
}

/// What is at a place.
#[derive(Clone, Debug)]
pub enum At {
    /// A version.
    Version(Box<Head>),
    /// A delete marker.
    Marker,
    /// Nothing, below it neither.
    Nothing,
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

    /// When it was stored, in seconds since 1970.
    #[must_use]
    pub fn stored_at(&self) -> i64 {
        self.output.last_modified.map_or(0, |time| time.secs())
    }

    /// Why the version cannot be read as it is, where it is archived and no restored copy is there.
    #[must_use]
    pub fn archived(&self) -> Option<String> {
        let restored = self.output.restore().is_some_and(|restore| restore.contains("ongoing-request=\"false\""));
        let class = self.output.storage_class().filter(|class| {
            matches!(class, StorageClass::Glacier | StorageClass::DeepArchive)
                || matches!(class, StorageClass::IntelligentTiering) && self.output.archive_status().is_some()
        });
        class.filter(|_| !restored).map(|class| format!("it is archived (storage class {class})"))
    }

    /// Fails unless `copy` has the same bytes, as [`Measures::prove`].
    ///
    /// # Errors
    /// [`FailureKind::CopyMismatch`].
    pub fn prove(&self, copy: &Self, what: &Place<'_>) -> Result<()> {
        self.measures.prove(&copy.measures, what)
    }
}

impl From<HeadObjectOutput> for Head {
    fn from(head: HeadObjectOutput) -> Self {
        let measures = Measures::from(&head);
        Self {
            version_id: head.version_id().unwrap_or(UNVERSIONED).to_owned(),
            size: measures.size,
            etag: head.e_tag().unwrap_or_default().to_owned(),
            measures,
            output: head,
        }
    }
}

impl At {
    /// The version, if there is one.
    #[must_use]
    pub fn version(self) -> Option<Head> {
        if let Self::Version(head) = self { Some(*head) } else { None }
    }
}

impl Objects {
    /// The objects that the client reaches.
    #[must_use]
    pub fn new(s3: Client) -> Self {
        Self::with(s3, Copying::default())
    }

    /// The same, with other sizes of copies.
    #[must_use]
    pub fn with(s3: Client, copying: Copying) -> Self {
        Self { s3, copying }
    }

    /// Looks at a version; `None` when it is gone, or is a delete marker.
    ///
    /// # Errors
    /// S3 does not answer or refuses.
    pub async fn head(&self, place: Place<'_>) -> Result<Option<Head>> {
        Ok(self.at(place).await?.version())
    }

    /// The same, where it matters whether there is nothing or a delete marker, below which there are other versions.
    ///
    /// # Errors
    /// S3 does not answer or refuses.
    pub async fn at(&self, place: Place<'_>) -> Result<At> {
        self.look(place, Some(ChecksumMode::Enabled)).await
    }

    async fn look(&self, place: Place<'_>, checksums: Option<ChecksumMode>) -> Result<At> {
        let head = self.s3.head_object().bucket(place.bucket).key(place.key).set_checksum_mode(checksums);
        let head = head.set_version_id(place.version_id.map(str::to_owned)).send().await;
        let response = head.as_ref().err().and_then(SdkError::raw_response);
        let is_marker = response.is_some_and(|response| response.headers().contains_key(DELETE_MARKER));
        Ok(match there(head, || format!("look at {place}"))? {
            Some(head) => At::Version(Box::new(head.into())),
            None if is_marker => At::Marker,
            None => At::Nothing,
        })
    }

    /// The same of what nobody has to be able to read: checksums need the object's key, and what else S3 says of a version
    /// does not. Where they are withheld the version proves nothing.
    ///
    /// # Errors
    /// S3 does not answer or refuses.
    pub async fn known(&self, place: Place<'_>) -> Result<At> {
        let refused = match self.at(place).await {
            Err(failure) if is_kept_back(&failure) => failure,
            at => return at,
        };
        match self.look(place, None).await {
            Ok(At::Version(mut head)) => {
                head.measures.are_withheld = true;
                Ok(At::Version(head))
            }
            Err(failure) if is_kept_back(&failure) => Err(refused),
            at => at,
        }
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
        // What grows may be twice as large.
        let (mut body, mut bytes) = (part.body, Vec::with_capacity(length.min(LARGEST_PART)));
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

    /// Deletes exactly this version; that it is gone already is success.
    ///
    /// # Errors
    /// S3 does not answer or refuses.
    pub async fn delete(&self, bucket: &str, key: &str, version_id: &str) -> Result<()> {
        let place = Place { bucket, key, version_id: Some(version_id) };
        let deleted = self.s3.delete_object().bucket(bucket).key(key).version_id(version_id).send().await;
        there(deleted, || format!("delete {place}")).map(drop)
    }
}

/// The failure where an answer breaks off that is being read.
pub(crate) fn broken_off(place: Place<'_>, error: &dyn std::fmt::Display) -> Failure {
    Failure::new(FailureKind::Busy, format!("read {place}: {error}"))
}

/// What S3 has answered; `None` where it does not let the version be looked at or read, which may last.
pub(crate) fn readable<T>(answer: Result<Option<T>>) -> Result<Option<T>> {
    match answer {
        Err(failure) if is_kept_back(&failure) => Ok(None),
        answer => answer,
    }
}

/// Whether something is there, or may be: S3 does not let it be looked at.
pub(crate) fn may_be_there<T>(answer: Result<Option<T>>) -> Result<bool> {
    match answer {
        Err(failure) if is_kept_back(&failure) => Ok(true),
        answer => Ok(answer?.is_some()),
    }
}

/// Whether S3 does not let a version be looked at, as under a key of the sender's own or one that is gone.
fn is_kept_back(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Denied | FailureKind::Refused)
}

/// The code of an error; none of a success, or where S3 gives none.
fn code_of<T, E: ProvideErrorMetadata>(answer: &std::result::Result<T, SdkError<E, HttpResponse>>) -> &str {
    answer.as_ref().err().and_then(ProvideErrorMetadata::code).unwrap_or_default()
}

/// Why an answer cannot be read that is whole, and will be the same at every try: HTTP takes headers of any bytes, and what a
/// program made of them that thought of Latin-1 nobody can write down again as it is.
fn unread<E>(error: &SdkError<E, HttpResponse>) -> Option<String> {
    let answer = error.raw_response().filter(|answer| answer.status().is_success())?;
    let is_text = |value: &[u8]| std::str::from_utf8(value).is_ok();
    let (name, _) = answer.headers().iter_bytes().find(|(_, value)| !is_text(value))?;
    Some(format!("the object's header {name} is not UTF-8: upload it again with an ASCII or UTF-8 value"))
}

/// An answer, `None` for "not there", or a failure with its stable name.
fn there<T, E>(
    answer: std::result::Result<T, SdkError<E, HttpResponse>>,
    what: impl Fn() -> String,
) -> Result<Option<T>>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let error = match answer {
        Ok(value) => return Ok(Some(value)),
        Err(error) => error,
    };
    let (status, code, words) = said(&error);
    // A HEAD has no body, hence no code; 405 is a delete marker asked for by its version.
    let gone = matches!(code, "NoSuchKey" | "NoSuchVersion" | "NotFound" | "MethodNotAllowed");
    if gone || code.is_empty() && matches!(status, 404 | 405) {
        return Ok(None);
    }
    // A copy's error may come in the body of a 200 (truths D5), or the body breaks off.
    // An upload that somebody has aborted is begun anew by the next try, and so is a write that met another.
    let passing = [
        "ConditionalRequestConflict",
        "InternalError",
        "NoSuchUpload",
        "OperationAborted",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
    ];
    let unread = unread(&error);
    let words = unread.clone().unwrap_or(words);
    let broken = status < 300 && code.is_empty() && unread.is_none();
    let busy = broken || status >= 500 || status == 429 || passing.contains(&code) || code.contains("Throttl");
    let kind = match status {
        _ if busy => FailureKind::Busy,
        401 | 403 => FailureKind::Denied,
        _ => FailureKind::Refused,
    };
    let failure = Failure::new(kind, format!("{}: HTTP {status} {code} {words}", what()));
    let [code, message] = [error.code(), error.message()].map(|text| text.map(str::to_owned));
    Err(failure.because(Cause { what: what(), status, code, message, error: error.into() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stand_in::{Reply, StandIn};

    /// The second look may fail in a way that passes, or find that it has gone meanwhile.
    #[tokio::test]
    async fn a_second_look_says_what_it_has_found() {
        for (second, expected) in [
            (Reply::Status(503), Err(FailureKind::Busy)),
            (Reply::Status(404), Ok(false)),
            (Reply::Status(400), Err(FailureKind::Denied)),
            (Reply::Head(vec![("content-length", "5".into())]), Ok(true)),
        ] {
            let s3 = StandIn::new(move |call| {
                let is_first = call.headers.contains_key("x-amz-checksum-mode");
                if is_first { Reply::Status(403) } else { second.clone() }
            });
            let known = s3.objects().known(Place { bucket: "va", key: "a.csv", version_id: None }).await;
            let found = known.map(|at| at.version().is_some_and(|head| head.measures.are_withheld));
            assert_eq!(found.map_err(|failure| failure.kind), expected);
        }
    }

    /// It is the same at every try: whoever is told knows what is wrong, and nobody tries for ever.
    #[tokio::test]
    async fn a_header_that_is_no_utf_8_is_refused() {
        let latin = b"attachment; filename=\"caf\xe9.csv\"".to_vec();
        let s3 = StandIn::new(move |_| Reply::Raw("content-disposition", latin.clone()));
        let refused = s3.objects().head(Place { bucket: "in", key: "a.csv", version_id: None }).await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::Refused, "{refused}");
        assert!(refused.message.contains("header content-disposition is not UTF-8"), "{refused}");
    }
}

//! What is in a bucket: counting it, and removing it whole — versions, delete markers and
//! unfinished uploads.

use super::s3_settings::Reads;
use crate::aws::{Answer, Aws, Kind, Refusal};
use crate::outcome::failure::{AGAIN, Failure};
use crate::vault::names::Zone;
use anyhow::{Result, bail};
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{Delete, EncodingType, Error, ObjectIdentifier, ObjectLockLegalHoldStatus};
use classifier::objects::{Listed, decoded, listed};
use contract::canary;
use contract::ignored::Ignoring;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use std::time::{Duration, SystemTime};

/// How many batches of deletions are in flight.
const BATCHES: usize = 4;
/// How many calls about a single object are in flight for each of them.
const CALLS: usize = 16;
/// How many objects S3 takes in one call, and lists on one page.
const BATCH: i32 = 1000;
/// In how many passes everything must be gone. A pass may leave what S3 was too busy to delete, or
/// what the policy that was just replaced still denies; the pauses between them grow to some seconds.
const PASSES: u32 = 8;
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// The contents of one bucket.
#[derive(Debug)]
pub struct Contents<'a> {
    aws: &'a Aws,
    bucket: String,
    owner: &'a str,
    /// What the keys begin with.
    prefix: String,
}

/// How old the versions in a bucket are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ages {
    /// How many there are that are files.
    pub all: u64,
    /// How many are none, or were taken back by their senders: see [`contract::ignored`].
    pub ignored: u64,
    /// How many were there before the moment.
    pub old: u64,
    /// Since when the oldest is.
    pub oldest: Option<DateTime>,
}

impl Ages {
    fn of(page: &ListObjectVersionsOutput, moment: DateTime, ignoring: &Ignoring) -> Self {
        let one = |version: Listed| {
            if version.is_ignored(ignoring) {
                return Self { ignored: 1, ..Self::default() };
            }
            let time = DateTime::from_secs(version.stored_at);
            Self { all: 1, ignored: 0, old: u64::from(time < moment), oldest: Some(time) }
        };
        listed(page).into_iter().map(one).fold(Self::default(), Self::and)
    }

    fn and(self, other: Self) -> Self {
        let oldest = [self.oldest, other.oldest].into_iter().flatten().min_by_key(DateTime::as_nanos);
        Self { all: self.all + other.all, ignored: self.ignored + other.ignored, old: self.old + other.old, oldest }
    }
}

/// One version, or delete marker.
#[derive(Clone, Debug)]
struct Version {
    key: String,
    id: String,
}

/// What a pass could not delete: counted, since it may be everything.
#[derive(Debug, Default)]
struct Kept {
    /// How many versions are locked: no later pass deletes them.
    locked: usize,
    /// What keeps the last of them.
    lock: Option<Lock>,
    /// How many stayed for another reason, and the first one's.
    others: usize,
    why: Option<String>,
}

/// What keeps a version, in the order of how long.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
enum Lock {
    /// Its retention, until then.
    Retention(DateTime),
    /// A legal hold, until it is lifted.
    LegalHold,
}

/// Whether a key is one that `verify` sends its files to: they are no data of anybody's.
#[must_use]
pub fn is_canary(zone: Zone, key: &str) -> bool {
    match zone {
        Zone::Ingress | Zone::Vault => canary::of(key).is_some(),
        Zone::Analytics => canary::of_copy(key).is_some(),
    }
}

/// Where the next page starts.
type Marker = Option<(Option<String>, Option<String>)>;

impl<'a> Contents<'a> {
    /// The contents of the bucket, which `owner` must own.
    #[must_use]
    pub fn new(aws: &'a Aws, bucket: String, owner: &'a str) -> Self {
        Self { aws, bucket, owner, prefix: String::new() }
    }

    /// Only what has keys that begin so. To be listed: [`Self::remove`] is about a whole bucket.
    #[must_use]
    pub fn below(self, prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), ..self }
    }

    /// The keys and versions, delete markers too, on all pages.
    ///
    /// # Errors
    /// The bucket cannot be listed; that it does not exist is no error.
    pub async fn listed(&self) -> Result<Vec<(String, String)>> {
        let pages = self.pages().map_ok(|page| stream::iter(versions(page)).map(|it| Ok((it.key, it.id))));
        pages.try_flatten().try_collect().await
    }

    /// How many versions and delete markers there are, on one page: `1000` stands for more.
    ///
    /// # Errors
    /// The bucket cannot be listed; that it does not exist is no error.
    pub async fn count(&self) -> Result<usize> {
        self.count_of(|_| true).await
    }

    /// The same of those whose keys are meant, on the first page that has any.
    ///
    /// # Errors
    /// As [`Self::count`].
    pub async fn count_of(&self, means: impl Fn(&str) -> bool) -> Result<usize> {
        let mut pages = std::pin::pin!(self.pages());
        while let Some(page) = pages.try_next().await? {
            let count = versions(page).iter().filter(|version| means(&version.key)).count();
            if count > 0 {
                return Ok(count);
            }
        }
        Ok(0)
    }

    /// Whether any version is meant; delete markers are none.
    ///
    /// # Errors
    /// As [`Self::count`].
    pub async fn hold_any(&self, means: impl Fn(&Listed) -> bool) -> Result<bool> {
        let mut pages = std::pin::pin!(self.pages());
        while let Some(page) = pages.try_next().await? {
            if listed(&page).iter().any(&means) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// How many versions there are on all pages, how many of them since before a moment, and since when the
    /// oldest. Nothing of a page is kept.
    ///
    /// # Errors
    /// The bucket cannot be listed; that it does not exist is no error.
    pub async fn ages(&self, moment: DateTime, ignoring: &Ignoring) -> Result<Ages> {
        let pages = self.pages().map_ok(|page| Ages::of(&page, moment, ignoring));
        pages.try_fold(Ages::default(), async |sum, page| Ok(sum.and(page))).await
    }

    /// Removes everything. An interruption lets the batches in flight end, and begins no more.
    ///
    /// # Errors
    /// A listing or a deletion fails, something cannot be deleted (under Object Lock, say), or the run is
    /// interrupted.
    pub async fn remove(&self) -> Result<()> {
        let reads = Reads { s3: &self.aws.s3, bucket: &self.bucket, owner: self.owner };
        let locks = reads.has_object_lock().await?;
        let mut kept = Kept::default();
        for pass in 0..PASSES {
            if pass > 0 {
                self.aws.pause("S3 to delete what is left", FIRST_PAUSE * 2_u32.pow(pass - 1)).await?;
            }
            self.abort_uploads().await?;
            kept = self.remove_versions(locks, |_| true).await?;
            if self.aws.is_interrupted() {
                bail!(Failure::new(format!("empty bucket {}", self.bucket), "the run was interrupted", AGAIN));
            }
            match (kept.locked, kept.others) {
                (0, 0) if self.count().await? == 0 => return Ok(()),
                (1.., 0) => break,
                _ => {}
            }
        }
        bail!(kept.failure(&self.bucket))
    }

    /// Removes the files of `verify`; false where anything else is, or one of them stays.
    ///
    /// # Errors
    /// A listing or a deletion fails.
    pub async fn remove_canaries(&self, zone: Zone) -> Result<bool> {
        if self.count_of(|key| !is_canary(zone, key)).await? > 0 {
            return Ok(false);
        }
        let kept = self.remove_versions(false, |version| is_canary(zone, &version.key)).await?;
        Ok(kept.others == 0)
    }

    /// One pass over all pages, several batches in flight; returns what of the versions that are meant stayed.
    async fn remove_versions(&self, locks: bool, means: impl Fn(&Version) -> bool) -> Result<Kept> {
        let batches = self.pages().map_ok(|page| versions(page).into_iter().filter(&means).collect());
        let kept = batches.map_ok(|batch| self.remove_batch(batch, locks)).try_buffer_unordered(BATCHES);
        kept.try_fold(Kept::default(), async |sum, kept| Ok(sum.and(kept))).await
    }

    /// Page after page, until the run is interrupted.
    fn pages(&self) -> impl Stream<Item = Result<ListObjectVersionsOutput>> {
        stream::try_unfold(Some(None), async |next: Option<Marker>| {
            let Some(marker) = next.filter(|_| !self.aws.is_interrupted()) else { return Ok(None) };
            let Some(page) = self.page(marker).await? else { return Ok::<_, anyhow::Error>(None) };
            let more = page.is_truncated.unwrap_or_default();
            let key = page.next_key_marker().map(|key| decoded(key, page.encoding_type()));
            let next = more.then(|| Some((key, page.next_version_id_marker.clone())));
            Ok(Some((page, next)))
        })
    }

    async fn page(&self, marker: Marker) -> Result<Option<ListObjectVersionsOutput>> {
        let (key, version) = marker.unwrap_or_default();
        let list = self.aws.s3.list_object_versions().bucket(&self.bucket).expected_bucket_owner(self.owner);
        // XML cannot carry every character of a key (truths S21).
        let list = list.encoding_type(EncodingType::Url).max_keys(BATCH);
        let list = list.set_prefix(Some(self.prefix.clone()).filter(|prefix| !prefix.is_empty()));
        let list = list.set_key_marker(key).set_version_id_marker(version);
        let what = format!("list the versions in bucket {}", self.bucket);
        self.aws.speaking_for(&self.bucket).answered(async { list.send().await.or_absent(what) }).await
    }

    async fn remove_batch(&self, batch: Vec<Version>, locks: bool) -> Result<Kept> {
        let (odd, plain): (Vec<_>, Vec<_>) =
            batch.into_iter().partition(|version| version.key.chars().any(|c| c.is_control() || c >= '\u{fffe}'));
        let one_by_one = stream::iter(&odd).map(async |version| self.remove_one(version).await);
        let odd = one_by_one.buffer_unordered(CALLS).try_filter_map(async |kept| Ok(kept)).try_collect::<Vec<_>>();
        let (together, odd) = futures::try_join!(self.remove_together(plain), odd)?;
        let judged = stream::iter(together.into_iter().chain(odd)).map(async |(version, why)| {
            // Only a denial may be a lock's.
            let asks = locks && why.kind() == Kind::Denied;
            let lock = if asks { self.lock(&version).await? } else { None };
            Ok::<_, anyhow::Error>(Kept::of(lock, &why))
        });
        judged.buffer_unordered(CALLS).try_fold(Kept::default(), async |sum, kept| Ok(sum.and(kept))).await
    }

    /// A 200 may carry failures (truths S19): what stayed, and why.
    async fn remove_together(&self, versions: Vec<Version>) -> Result<Vec<(Version, Refusal)>> {
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
        let failed =
            deleted.errors.unwrap_or_default().into_iter().map(|Error { key, version_id, code, message, .. }| {
                let key = key.unwrap_or_default();
                let why = Refusal::inside(format!("{key:?}"), code.as_deref(), message.as_deref());
                (Version { key, id: version_id.unwrap_or_else(|| "null".into()) }, why)
            });
        Ok(failed.filter(|(_, why)| why.kind() != Kind::Absent).collect())
    }

    /// For keys that the XML of `DeleteObjects` cannot carry.
    async fn remove_one(&self, version: &Version) -> Result<Option<(Version, Refusal)>> {
        let delete = self.aws.s3.delete_object().bucket(&self.bucket).expected_bucket_owner(self.owner);
        let deleted = delete.key(&version.key).version_id(&version.id).send().await;
        match deleted.or_gone(format!("delete {:?}", version.key)) {
            Ok(()) => Ok(None),
            Err(error) => match error.downcast_ref::<Refusal>() {
                Some(refusal) => Ok(Some((version.clone(), refusal.clone()))),
                None => Err(error),
            },
        }
    }

    /// What Object Lock says of a version, if anything.
    async fn lock(&self, version: &Version) -> Result<Option<Lock>> {
        let Version { key, id } = version;
        let retention = self.aws.s3.get_object_retention().bucket(&self.bucket).expected_bucket_owner(self.owner);
        let hold = self.aws.s3.get_object_legal_hold().bucket(&self.bucket).expected_bucket_owner(self.owner);
        let (retention, hold) =
            futures::join!(retention.key(key).version_id(id).send(), hold.key(key).version_id(id).send());
        // Without one the answer is a refusal, as it is without the right to ask.
        let none = |refusal: &Refusal| ![Kind::Throttled, Kind::Unanswered].contains(&refusal.kind());
        let retention = retention.or_none_if(none, format!("read the retention of {key:?}"))?;
        let hold = hold.or_none_if(none, format!("read the legal hold of {key:?}"))?;
        let until = retention.and_then(|found| found.retention?.retain_until_date);
        let is_held = hold.and_then(|found| found.legal_hold?.status) == Some(ObjectLockLegalHoldStatus::On);
        let until = until.filter(|until| *until > SystemTime::now().into());
        Ok(if is_held { Some(Lock::LegalHold) } else { until.map(Lock::Retention) })
    }

    async fn abort_uploads(&self) -> Result<()> {
        let what = format!("list the unfinished uploads in bucket {}", self.bucket);
        let (mut key, mut upload) = (None, None);
        loop {
            let list = self.aws.s3.list_multipart_uploads().bucket(&self.bucket).expected_bucket_owner(self.owner);
            let list = list.encoding_type(EncodingType::Url).set_key_marker(key).set_upload_id_marker(upload);
            let Some(page) = list.send().await.or_absent(&what)? else { return Ok(()) };
            let aborts = stream::iter(page.uploads()).map(async |unfinished| {
                let abort = self.aws.s3.abort_multipart_upload().bucket(&self.bucket).expected_bucket_owner(self.owner);
                let key = unfinished.key().unwrap_or_default().to_owned();
                let abort = abort.key(decoded(&key, page.encoding_type.as_ref()));
                let aborted = abort.set_upload_id(unfinished.upload_id.clone()).send().await;
                aborted.or_gone(format!("abort an upload in bucket {}", self.bucket))
            });
            aborts.buffer_unordered(CALLS).try_collect::<()>().await?;
            if !page.is_truncated.unwrap_or_default() || self.aws.is_interrupted() {
                return Ok(());
            }
            key = page.next_key_marker.map(|key| decoded(&key, page.encoding_type.as_ref()));
            upload = page.next_upload_id_marker;
        }
    }
}

impl Kept {
    /// One version that stayed.
    fn of(lock: Option<Lock>, why: &Refusal) -> Self {
        match lock {
            Some(_) => Self { locked: 1, lock, ..Self::default() },
            None => Self { others: 1, why: Some(why.to_string()), ..Self::default() },
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            locked: self.locked + other.locked,
            // Nothing is less than something.
            lock: if self.lock < other.lock { other.lock } else { self.lock },
            others: self.others + other.others,
            why: self.why.or(other.why),
        }
    }

    fn failure(&self, bucket: &str) -> Failure {
        let versions = |count| if count == 1 { "1 version".to_owned() } else { format!("{count} versions") };
        let what = format!("empty bucket {bucket}");
        let locked = self.lock.as_ref().map(|lock| {
            let until = match lock {
                Lock::Retention(until) => format!("until {until}"),
                Lock::LegalHold => "under a legal hold".into(),
            };
            format!("Object Lock keeps {}, the last {until}", versions(self.locked))
        });
        let others = self.why.as_ref().map(|why| format!("{} cannot be deleted: {why}", versions(self.others)));
        let why: Vec<_> = locked.into_iter().chain(others).collect();
        match (why.is_empty(), self.locked) {
            (true, _) => Failure::new(
                what,
                "new objects keep arriving",
                "stop what writes to the bucket; then run `cvault down` again",
            ),
            (false, 0) => {
                Failure::new(what, why.join("; "), "look what denies it to this identity; then run `cvault down` again")
            }
            (false, _) => Failure::new(
                what,
                why.join("; "),
                "run `cvault down` again when these are free, by time or by lifting retention and legal holds; all others are deleted",
            ),
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
            key: decoded(&key.unwrap_or_default(), encoding.as_ref()),
            id: id.unwrap_or_else(|| "null".into()),
        })
        .collect()
}

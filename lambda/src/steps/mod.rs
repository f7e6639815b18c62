//! The steps of the state machine that are the function's, one a module. Each can be repeated:
//! events come twice, and Step Functions tries again.

mod again;
mod claim;
mod clear;
mod copy;
mod create_job;
mod delete;
mod describe_job;
mod hold;
mod inspect;
mod job;
mod kept;
mod macie;
mod newest;
mod pair;
mod read_findings;
mod release;
mod settle;
mod store;
mod unchanged;

pub use self::job::batch_wait_seconds;
pub use self::macie::wait_seconds;
use crate::copies;
use crate::macie::Macie;
use crate::messages::{Answer, EventObject, Failure, FailureKind, Request, Result, Source, Status, Step, Verdict};
use crate::notice::notice;
use crate::objects::{At, Head, Listed, Objects, Place, Tag, UNVERSIONED, same_etag};
use crate::reasons::bounded;
pub use claim::PATIENCE;
use futures::{StreamExt, TryStreamExt, stream};
pub use inspect::Compiled;
pub(crate) use newest::uploaded_by;
pub use release::{Decision, Released};

/// How often a version is looked for that S3 does not show: in the first minutes of versioning it
/// says now and then that an object is not there (truths S9).
const LOOKS: u32 = 4;
/// How many versions are looked at at once.
const HEADS: usize = 16;

/// What every step works with.
#[derive(Clone, Debug)]
pub struct Vault {
    /// The way to S3.
    pub objects: Objects,
    /// The way to Macie.
    pub macie: Macie,
    /// The bucket where files land.
    pub ingress: String,
    /// The bucket where they are judged and held.
    pub analytics: String,
    /// The bucket where clean ones end.
    pub vault: String,
    /// What `InspectContent` looks for.
    pub detectors: Compiled,
    /// How long an execution is waited for that judges a version, in seconds: [`PATIENCE`], but for tests.
    pub patience: i64,
}

impl Vault {
    /// Takes the step that the request names.
    ///
    /// # Errors
    /// A failure with a stable name; nothing was deleted then.
    pub async fn take(&self, request: Request) -> Result<Answer> {
        // Boxed: each is a state machine of kilobytes, and only one of them is needed.
        let answer = match request.step {
            Step::CopyToAnalytics => return Box::pin(copy::copy_to_analytics(self, &request)).await,
            Step::InspectContent => Box::pin(inspect::inspect_content(self, &request)).await?,
            Step::CreateMacieJob => Box::pin(create_job::create_macie_job(self, &request)).await?,
            Step::DescribeMacieJob => Box::pin(describe_job::describe_macie_job(self, &request)).await?,
            Step::ReadMacieFindings => Box::pin(read_findings::read_macie_findings(self, &request)).await?,
            Step::HoldForMacie => Box::pin(hold::hold_for_macie(self, &request)).await?,
            Step::StoreInVault => return Box::pin(store::store_in_vault(self, &request)).await,
            Step::DeleteFromIngress => {
                let deleted = Box::pin(delete::delete_from_ingress(self, &request)).await;
                return deleted.or_else(|failure| again::unless_discarded(self, &request, failure));
            }
            Step::ClearAnalytics => return Box::pin(clear::clear_analytics(self, &request)).await,
        };
        match answer.verdict.status {
            Status::IntegrityFail | Status::HasFindings | Status::JobCancelled | Status::NotAnalysed => {
                if self.judges_again(&request) {
                    return Box::pin(again::unless_as_before(self, &request, answer)).await;
                }
                Box::pin(claim::unless_settled(self, &request, answer)).await
            }
            _ => Ok(answer),
        }
    }

    /// The version that an event is about, and its key: the one that it names or, where it names none, the
    /// one with the event's entity tag.
    async fn event_version(&self, bucket: &str, object: &EventObject) -> Result<Option<(String, Head)>> {
        for key in keys(object) {
            if let Some(head) = self.version_of(Place { bucket, key: &key, version_id: None }, object).await? {
                return Ok(Some((key, head)));
            }
        }
        Ok(None)
    }

    async fn version_of(&self, latest: Place<'_>, object: &EventObject) -> Result<Option<Head>> {
        let place = Place { version_id: object.version_id.as_deref(), ..latest };
        let head = self.objects.head(place).await?;
        let Some(etag) = object.etag.as_deref().filter(|_| object.version_id.is_none()) else { return Ok(head) };
        if head.as_ref().is_some_and(|head| same_etag(&head.etag, etag)) {
            return Ok(head);
        }
        let versions = self.objects.versions_of(place.bucket, place.key).await?;
        match versions.iter().find(|listed| same_etag(&listed.etag, etag)) {
            None => Ok(None),
            Some(listed) => self.objects.head(Place { version_id: Some(&listed.version_id), ..place }).await,
        }
    }

    /// A version's copy in the vault: the key's current version or, should the key have been stored
    /// again since, an older one of this size, `None` for any size, that was stored since a time, in seconds since 1970.
    ///
    /// # Errors
    /// S3 does not answer or refuses.
    pub async fn vaulted(&self, key: &str, copy_id: &str, size: Option<u64>, since: i64) -> Result<Option<Head>> {
        let place = Place { bucket: &self.vault, key, version_id: None };
        match self.objects.known(place).await?.version() {
            Some(head) if head.metadata(copies::COPY) == Some(copy_id) => Ok(Some(head)),
            _ => self.vaulted_among(self.stored_since(key, since).await?, copy_id, size).await,
        }
    }

    /// The versions of a key in the vault that were stored since an upload, newest first: S3 says whole seconds.
    async fn stored_since(&self, key: &str, uploaded_at: i64) -> Result<Vec<Listed>> {
        self.objects.stored_since(&self.vault, key, uploaded_at - 1).await
    }

    /// The key and the version in the vault that was made from a copy in analytics, by the copy's own key and its size, and
    /// that was stored since a time, in seconds since 1970. Most of what is held has nothing of its key there, which one call
    /// says.
    ///
    /// # Errors
    /// S3 does not answer or refuses.
    pub async fn made_from(&self, copy: &str, size: u64, since: i64) -> Result<Option<(String, Head)>> {
        let Some((id, key)) = copies::parts(copy) else { return Ok(None) };
        if copies::may_be_shortened(key) {
            let mut listed = self.objects.versions(&self.vault, copies::beginning(key)).await?;
            listed.retain(|listed| listed.stored_at >= since - 1 && copies::shortened(&listed.key) == key);
            for listed in listed {
                let whole = listed.key.clone();
                if let Some(head) = self.vaulted_among(vec![listed], id, Some(size)).await? {
                    return Ok(Some((whole, head)));
                }
            }
            return Ok(None);
        }
        let found = match self.objects.known(Place { bucket: &self.vault, key, version_id: None }).await? {
            At::Nothing => None,
            At::Version(head) if head.metadata(copies::COPY) == Some(id) => Some(*head),
            At::Version(_) | At::Marker => {
                self.vaulted_among(self.stored_since(key, since).await?, id, Some(size)).await?
            }
        };
        Ok(found.map(|head| (key.to_owned(), head)))
    }

    /// The first of these versions of the vault that is this copy, and has this size.
    async fn vaulted_among(&self, listed: Vec<Listed>, copy_id: &str, size: Option<u64>) -> Result<Option<Head>> {
        let alike = listed.iter().filter(|listed| size.is_none_or(|size| listed.size == size));
        let heads = stream::iter(alike).map(async |listed| {
            let place = Place { bucket: &self.vault, key: &listed.key, version_id: Some(&listed.version_id) };
            self.objects.known(place).await.map(At::version)
        });
        let is_copy = |head: &Head| head.metadata(copies::COPY) == Some(copy_id);
        let found = heads.buffered(HEADS).try_filter_map(async |head| Ok(head.filter(is_copy)));
        std::pin::pin!(found).try_next().await
    }

    /// The copy in analytics, what its tags are, and what they are to be as the verdict stands; with a reason in the
    /// verdict where its own leave no room. `None` when the copy is gone.
    async fn judged_copy(&self, request: &Request, verdict: &mut Verdict) -> Result<Option<(Head, [Vec<Tag>; 2])>> {
        let place = self.analytics_copy(verdict);
        let (head, tags) = futures::join!(self.objects.head(place), self.objects.tags(place));
        let (Some(head), Some(before)) = (head?, tags?) else { return Ok(None) };
        let (tags, missing) = Tag::judged(&before, &verdict.status.to_string(), &request.execution);
        if !missing.is_empty() {
            verdict.reasons.push(format!("its own tags leave no room for {}", missing.join(" and ")));
        }
        Ok(Some((head, [before, tags])))
    }

    /// What lies in analytics where the copy of a version of ingress is, whoever has put it there.
    async fn copy_of(&self, source: &Source) -> Result<Option<Head>> {
        let key = copies::analytics_key(&source.copy_id(), &source.key);
        self.objects.head(Place { bucket: &self.analytics, key: &key, version_id: None }).await
    }

    /// Whether a copy in analytics is held, by its tags: any other has a judge. One whose own tags leave no room for its
    /// verdict is held when its version is not in ingress any more.
    pub(crate) async fn is_held(&self, tags: &[Tag], key: &str, id: &str) -> Result<bool> {
        if tags.iter().any(Tag::is_status) || !Tag::are_judged(tags) {
            return Ok(tags.iter().any(Tag::is_status));
        }
        Ok(!self.objects.is_waiting(&self.ingress, key, id).await?)
    }

    /// A version of ingress, of which no more is known.
    fn source(&self, key: &str, version_id: &str) -> Source {
        let (bucket, key, version_id) = (self.ingress.clone(), key.into(), version_id.into());
        Source { bucket, key, version_id, ..Source::default() }
    }

    /// Where the verdict says that the copy is.
    fn analytics_copy<'a>(&'a self, verdict: &'a Verdict) -> Place<'a> {
        let version_id = Some(verdict.analytics_version_id.as_str());
        Place { bucket: &self.analytics, key: &verdict.analytics_key, version_id }
    }

    /// The answer when the analytics copy is gone: it is in the vault then, by an earlier try, by another
    /// execution or by hand, and S3's event had the copy cleared. Whoever stored it may never come to delete
    /// the version from ingress, so this execution goes on to it.
    async fn copy_is_gone(&self, request: &Request, source: Source, verdict: Verdict) -> Result<Answer> {
        let (id, since) = (source.copy_id(), source.uploaded_at);
        if let Some(stored) = self.vaulted(&source.key, &id, Some(source.size), since).await? {
            let mut looked = newest::Looked::default();
            return store::stored(self, request, (source, verdict), stored, &mut looked).await;
        }
        if self.judges_again(request) {
            return Ok(again::gone(request));
        }
        // Nobody has looked at it yet since it was made: S3 may not show it so soon (truths S9).
        let is_new = source.seen.is_some_and(|seen| seen.copy_etag.is_none());
        let kind = if is_new { FailureKind::Busy } else { FailureKind::Missing };
        let key = verdict.analytics_key.escape_debug();
        Err(Failure::new(kind, format!("the copy s3://{}/{key} is gone", self.analytics)))
    }
}

/// The keys that an event may mean: as it writes it and, should whoever sent it have percent-encoded it, as one
/// emulator does (truths D9), what that means. It is the same version then: its id belongs to one object only, so
/// that nothing else can be met under the other key.
fn keys(object: &EventObject) -> Vec<String> {
    let is_unique = object.version_id.as_deref().is_some_and(|id| id != UNVERSIONED);
    let decoded = percent_encoding::percent_decode_str(&object.key).decode_utf8().ok();
    let decoded = decoded.filter(|key| is_unique && *key != object.key);
    [object.key.clone()].into_iter().chain(decoded.map(Into::into)).collect()
}

/// Fails, so that Step Functions waits and tries again, before what S3 does not show is taken for gone.
fn seen_often_enough(request: &Request, place: Place<'_>) -> Result<()> {
    if request.attempt + 1 < LOOKS {
        return Err(Failure::new(FailureKind::NotThere, format!("S3 does not show {place}")));
    }
    Ok(())
}

/// The version and the verdict so far, which all steps but the first are given.
fn given(request: &Request) -> Result<(Source, Verdict)> {
    match (request.source.clone(), request.verdict.clone()) {
        (Some(source), Some(verdict)) => Ok((source, verdict)),
        _ => Err(Failure::new(FailureKind::InvalidInput, "Source and Verdict are needed for this step")),
    }
}

/// The answer with a copy that is to be judged.
fn copied(vault: &Vault, request: &Request, source: Source, analytics_key: String, version_id: String) -> Answer {
    let verdict = Verdict {
        status: Status::Copied,
        job_id: None,
        analytics_bucket: vault.analytics.clone(),
        analytics_key,
        analytics_version_id: version_id,
        reasons: vec![],
    };
    answer(request, source, verdict)
}

fn answer(request: &Request, source: Source, verdict: Verdict) -> Answer {
    let verdict = Verdict { reasons: bounded(verdict.reasons), ..verdict };
    let notice = notice(&source, &verdict, &request.execution);
    Answer { source: Some(source), verdict, notice, analysis: request.analysis.clone(), wait_seconds: None }
}

#[cfg(test)]
mod tests;

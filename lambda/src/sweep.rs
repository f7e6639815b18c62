//! What waits in a bucket: the page of versions that a sweep starts executions for.
//!
//! Step Functions' Distributed Map reads S3 by `ListObjectsV2`, an inventory or a file: none of them has the
//! versions that are not current, which nobody may have judged. So this function lists them, and the Distributed
//! Map of `definitions/sweep.json` takes each page: whether somebody judges a version already, and the start of
//! its execution, with its retries and its pace, are Step Functions' own.
//!
//! - **Judged or not** is not to be asked: a version leaves ingress as soon as it is judged, so what is there waits.
//!   [`Item::judge`] names the execution that has made the copy, for the machine to ask whether it still runs.
//! - **An execution's name follows from the version and its age**, so that two sweeps, a retry and a second page start
//!   it once. Each time the age doubles, and then once a day, there is another name and so another try: what fails
//!   again and again costs a few e-mails, not one an hour.
//! - **What is in another bucket** than the stack's is to be taken into ingress first, as [`crate::take`] says: of each key
//!   what is current. What became of a page comes with the call for the next one, and is counted.
//! - **What is held** is listed the same way, where somebody wants it judged again: each copy that has a verdict, and
//!   none of the others, which have a judge.
//! - **What is left** in analytics though it should be gone comes behind what waits, as `leftovers` says.

mod leftovers;
mod series;
#[cfg(test)]
mod tests;

use crate::copies;
use crate::messages::{Failure, FailureKind, Result};
use crate::objects::{After, At, Listed, Place, Tag, may_be_there, readable};
use crate::steps::Vault;
use crate::take::{self, Counts, Outcome};
use contract::IngressRules;
use contract::canary;
use contract::ignored::Ignoring;
use contract::metrics;
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
pub use series::{ASKED_SWEEP, ASKED_SWEEP_OF_ALL, Part};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// The step's name.
pub const STEP: &str = "ListUnjudged";
/// How many bytes of items a page may have: Step Functions carries 262,144 from state to state.
const LARGEST: usize = 100 << 10;
/// How many of S3's pages are read in one call, should they have nothing old enough.
const PAGES: usize = 50;
/// How many calls about single versions are in flight.
const CALLS: usize = 16;
/// How much of the time that Lambda grants is kept for the answer.
const RESERVE: Duration = Duration::from_mins(1);
/// The age from which a version is tried once a day.
const DAY: i64 = 24 * 3600;
/// The age from which it is told of, where nobody has begun to judge it.
const HOUR: i64 = 3600;
/// The age at which it is tried first, at the earliest.
const FIRST: i64 = 300;

/// How the names of the executions begin that judge what waits and nobody has judged,
pub const WAITING: &str = "sweep-";
/// the same where somebody has asked for it,
pub const ASKED: &str = "again-";
/// those that judge again what is held,
pub const HELD: &str = "judge-";
/// and those about a copy that should be gone.
pub const LEFT: &str = "clear-";
/// How those begin that have an event which could not be delivered.
pub const UNDELIVERED: &str = "undelivered-";

/// One call.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Request {
    /// What is swept.
    pub sweep: Sweep,
    /// The sweep's own ARN.
    pub execution: String,
    /// When its execution began, as Step Functions writes it.
    #[serde(default)]
    pub begun: String,
    /// When Lambda ends the call, if it does.
    #[serde(skip)]
    pub deadline: Option<Instant>,
}

/// What is swept, as whoever starts a sweep says it and the definition completes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Sweep {
    /// The bucket.
    pub bucket: String,
    /// What the keys begin with.
    pub prefix: String,
    /// How long a version must have been there.
    pub older_than_seconds: i64,
    /// Whether versions are tried that earlier sweeps have just tried.
    pub again: bool,
    /// Whether the events that could not be delivered come first.
    pub dead_letters: bool,
    /// What is no file: see [`contract::ignored`].
    #[serde(default)]
    pub ignore: Vec<String>,
    /// The rules of ingress.
    #[serde(default)]
    pub ingress: IngressRules,
    /// Of what is held, only what has one of these verdicts; all of it where there is none.
    #[serde(default)]
    pub statuses: Vec<String>,
    /// What stands before the keys of another bucket in ingress.
    #[serde(default)]
    pub into: String,
    /// How many objects of another bucket are taken at once.
    #[serde(default)]
    pub concurrency: u32,
    /// What became of all the pages so far.
    #[serde(default)]
    pub counts: Counts,
    /// What became of the last page: counted with the next one.
    #[serde(default)]
    pub results: Vec<Value>,
    /// How many items were on that page: what is missing among the results has failed in a way that tells nothing.
    #[serde(default)]
    pub expected: u64,
    /// Whether copies that should be gone are looked for behind what waits in ingress.
    #[serde(default)]
    pub leftovers: bool,
    /// Whether they are what comes next: what waits was listed to its end.
    #[serde(default)]
    pub are_next: bool,
    /// How often the clock starts a sweep.
    #[serde(default)]
    pub every_seconds: i64,
    /// How many versions whoever started it has counted.
    #[serde(default)]
    pub meant: u64,
    /// When the first of the executions began that go on from each other, as Step Functions writes it.
    #[serde(default)]
    pub begun: String,
    /// The name of the execution that goes on from this one, where it has no room for what is left.
    #[serde(default)]
    pub goes_on_as: String,
    /// Where to go on.
    pub after: Option<After>,
}

impl Sweep {
    /// Counts what became of the last page.
    pub fn settle(&mut self) {
        let (results, expected) = (std::mem::take(&mut self.results), std::mem::take(&mut self.expected));
        let missing = usize::try_from(expected).unwrap_or_default().saturating_sub(results.len());
        let unknown = || Outcome::Left("nobody knows why".into());
        let known = results.into_iter().map(|outcome| serde_json::from_value(outcome).unwrap_or_else(|_| unknown()));
        for outcome in known.chain((0..missing).map(|_| unknown())) {
            self.counts.add(&outcome);
        }
    }
}

/// A page.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Page {
    /// What waits.
    pub items: Vec<Item>,
    /// What is left to sweep.
    pub sweep: Sweep,
    /// Whether there is more.
    pub more: bool,
}

impl Page {
    /// The line of the log from which CloudWatch takes how many nobody judges in ingress; none, where there are none.
    #[must_use]
    pub fn metric(&self, function: &str) -> Option<Value> {
        let unjudged = self.items.iter().filter(|item| item.is_unjudged).count();
        let metric = json!({"Namespace": metrics::NAMESPACE, "Dimensions": [[metrics::FUNCTION]],
            "Metrics": [{"Name": metrics::UNJUDGED, "Unit": "Count"}]});
        let line = json!({"_aws": {"Timestamp": now() * 1000, "CloudWatchMetrics": [metric]},
            metrics::FUNCTION: function, metrics::UNJUDGED: unjudged});
        (unjudged > 0).then_some(line)
    }
}

/// A version that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Item {
    /// The name of the execution that is to judge it.
    pub name: String,
    /// Its input, as a text: an event as S3 writes it.
    pub input: String,
    /// The name of the execution that has made its copy, if there is one and says so.
    pub judge: Option<String>,
    /// What is to be taken into ingress instead, where it is in another bucket.
    pub take: Option<take::Request>,
    /// Whether it is in ingress, and nobody has begun to judge it for an hour.
    #[serde(skip)]
    pub is_unjudged: bool,
}

/// What a sweep looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// What waits in ingress.
    Waiting,
    /// What is held and is to be judged again.
    Held,
    /// Copies that should be gone.
    Leftovers,
    /// What is in another bucket.
    Another,
}

impl Kind {
    fn of(vault: &Vault, sweep: &Sweep) -> Self {
        match &sweep.bucket {
            bucket if *bucket == vault.ingress => Self::Waiting,
            bucket if *bucket != vault.analytics => Self::Another,
            _ if sweep.are_next => Self::Leftovers,
            _ => Self::Held,
        }
    }

    fn is_of_copies(self) -> bool {
        matches!(self, Self::Held | Self::Leftovers)
    }
}

/// A sweep's page while it is being made.
struct Looking<'a> {
    vault: &'a Vault,
    sweep: &'a Sweep,
    kind: Kind,
    /// The sweep's own ARN.
    execution: &'a str,
    /// Seconds since 1970.
    now: i64,
}

/// Lists the next page.
///
/// # Errors
/// S3 does not answer or refuses.
pub async fn list(vault: &Vault, request: Request) -> Result<Page> {
    let Request { mut sweep, execution, begun, deadline } = request;
    sweep.settle();
    if sweep.begun.is_empty() {
        sweep.begun = begun;
    }
    sweep.goes_on_as = Part::of(&execution).next().name();
    let over = || deadline.is_some_and(|deadline| Instant::now() + RESERVE > deadline);
    let kind = Kind::of(vault, &sweep);
    let looking = Looking { vault, sweep: &sweep, kind, execution: &execution, now: now() };
    let (mut items, mut bytes, mut after) = (vec![], 0, sweep.after.clone());
    // The folders of copies begin with a hash.
    let prefix = if kind.is_of_copies() { "" } else { &sweep.prefix };
    let ignoring = Ignoring { patterns: sweep.ignore.clone(), rules: sweep.ingress.clone() };
    for _ in 0..PAGES {
        let from = after.clone().unwrap_or_default();
        let (listed, next) = vault.objects.page_after(&sweep.bucket, prefix, &from).await?;
        let meant = listed.into_iter().filter(|listed| looking.is_old(listed) && looking.is_meant(&ignoring, listed));
        let mut found = std::pin::pin!(stream::iter(meant).map(|listed| looking.item(listed)).buffered(CALLS));
        while let Some((item, behind)) = found.try_next().await? {
            if let Some(item) = item {
                bytes += size(&item)?;
                items.push(item);
            }
            if bytes > LARGEST || over() {
                let sweep = Sweep { expected: items.len() as u64, after: Some(behind), ..sweep.clone() };
                return Ok(Page { items, sweep, more: true });
            }
        }
        after = next;
        if after.is_none() || over() {
            break;
        }
    }
    let sweep = Sweep { expected: items.len() as u64, after, ..sweep.clone() };
    Ok(match (&sweep.after, kind) {
        // What is in analytics comes next.
        (None, Kind::Waiting) if sweep.leftovers => {
            Page { items, sweep: Sweep { bucket: vault.analytics.clone(), are_next: true, ..sweep }, more: true }
        }
        (after, _) => Page { items, more: after.is_some(), sweep },
    })
}

impl Looking<'_> {
    fn is_old(&self, listed: &Listed) -> bool {
        self.now - listed.stored_at >= self.sweep.older_than_seconds
    }

    fn is_meant(&self, ignoring: &Ignoring, listed: &Listed) -> bool {
        let is_another = self.kind == Kind::Another;
        if !self.kind.is_of_copies() {
            // As it will be called there.
            let target = format!("{}{}", self.sweep.into, listed.key);
            let removed_at = listed.removed_at.filter(|_| !is_another);
            let ignored = ignoring.ignores(&target, listed.stored_at, removed_at);
            return !ignored && (listed.is_latest || !is_another);
        }
        copies::parts(&listed.key)
            .is_some_and(|(_, key)| key.starts_with(&self.sweep.prefix) && !canary::is_reserved(key))
    }

    /// A version about which an execution is to begin, and where the listing goes on behind it.
    async fn item(&self, listed: Listed) -> Result<(Option<Item>, After)> {
        let behind = After { key: Some(listed.key.clone()), version_id: Some(listed.version_id.clone()) };
        let item = match self.kind {
            Kind::Another => Some(self.taken(listed)),
            Kind::Held => self.held(&listed).await?,
            Kind::Leftovers => leftovers::item(self, &listed).await?,
            Kind::Waiting => self.waiting(&listed).await?,
        };
        Ok((item, behind))
    }

    /// What is to be taken into ingress.
    fn taken(&self, Listed { key, version_id, .. }: Listed) -> Item {
        let (bucket, into) = (self.sweep.bucket.clone(), self.sweep.into.clone());
        let take = Some(take::Request { bucket, key, version_id, into });
        Item { name: String::new(), input: String::new(), judge: None, take, is_unjudged: false }
    }

    /// A copy that has a verdict, and one of those that are meant.
    async fn held(&self, listed: &Listed) -> Result<Option<Item>> {
        let place = Place { bucket: &self.sweep.bucket, key: &listed.key, version_id: Some(&listed.version_id) };
        let Some(tags) = self.vault.objects.tags(place).await? else { return Ok(None) };
        if !is_meant(&self.sweep.statuses, &tags) || !self.is_held(place, &tags).await? {
            return Ok(None);
        }
        let id = copies::copy_id(&self.sweep.bucket, &listed.key, &listed.version_id);
        Ok(Some(self.about(HELD, &id, &event(&self.sweep.bucket, listed), listed)))
    }

    /// Whether a copy has a verdict. Where its own tags leave no room for one, its version says it.
    async fn is_held(&self, place: Place<'_>, tags: &[Tag]) -> Result<bool> {
        if tags.iter().any(Tag::is_status) {
            return Ok(true);
        }
        let Some((id, key)) = copies::parts(place.key) else { return Ok(false) };
        let Some(copy) = self.vault.objects.known(place).await?.version() else { return Ok(false) };
        self.vault.is_held(tags, &copies::whole(key, copy.metadata(copies::KEY_END)), id).await
    }

    /// A version in ingress, unless whoever judges another one takes it along.
    async fn waiting(&self, listed: &Listed) -> Result<Option<Item>> {
        let (objects, bucket, key) = (&self.vault.objects, &self.sweep.bucket, &listed.key);
        // What S3 does not let be looked at keeps nobody behind it: its own execution says so.
        if let Some(file) = self.sweep.ingress.file_of(key)
            && may_be_there(objects.head(Place { bucket, key: file, version_id: None }).await)?
        {
            return Ok(None);
        }
        let id = copies::copy_id(bucket, key, &listed.version_id);
        let copy = copies::analytics_key(&id, key);
        let copy = objects.known(Place { bucket: &self.vault.analytics, key: &copy, version_id: None }).await;
        let copy = readable(copy.map(At::version))?;
        let judge = copy.and_then(|copy| copy.metadata(copies::EXECUTION).map(str::to_owned));
        let is_late = judge.is_none() && self.now - listed.stored_at >= HOUR;
        // What is in the vault was judged, and may not be deleted from ingress.
        let is_unjudged =
            is_late && readable(self.vault.vaulted(key, &id, Some(listed.size), listed.stored_at).await)?.is_none();
        let kind = if self.sweep.again { ASKED } else { WAITING };
        Ok(Some(Item { judge, is_unjudged, ..self.about(kind, &id, &event(bucket, listed), listed) }))
    }

    /// An execution with this event, by a name that follows from what it is about and how long that has been there.
    fn about(&self, kind: &str, id: &str, event: &Value, listed: &Listed) -> Item {
        let attempt = if self.sweep.again {
            copies::judge(self.execution)
        } else {
            attempt(self.now - listed.stored_at).to_string()
        };
        let name = format!("{kind}{id}-{attempt}");
        Item { name, input: event.to_string(), judge: None, take: None, is_unjudged: false }
    }
}

/// An event as S3 writes it.
fn event(bucket: &str, Listed { key, version_id, size, etag, .. }: &Listed) -> Value {
    let object = json!({"key": key, "version-id": version_id, "size": size, "etag": etag.trim_matches('"')});
    json!({"source": "cvault.sweep", "detail": {"bucket": {"name": bucket}, "object": object}})
}

/// Whether a copy may have a verdict, and one of these.
fn is_meant(statuses: &[String], tags: &[Tag]) -> bool {
    let status = tags.iter().find(|tag| tag.is_status());
    Tag::are_judged(tags) && (statuses.is_empty() || status.is_some_and(|status| statuses.contains(&status.value)))
}

/// Which try it is for a version of this age, in seconds: one each time the age doubles, and one a day later on.
fn attempt(age: i64) -> i64 {
    match age {
        DAY.. => 100 + age / DAY,
        _ => i64::from((age / FIRST).max(1).ilog2()),
    }
}

fn size(item: &Item) -> Result<usize> {
    let text = serde_json::to_string(item);
    text.map(|text| text.len()).map_err(|error| Failure::new(FailureKind::Refused, error.to_string()))
}

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_secs()).unwrap_or(i64::MAX)
}

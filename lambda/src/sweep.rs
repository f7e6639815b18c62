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

use crate::copies;
use crate::messages::{Failure, FailureKind, Result};
use crate::objects::{After, Listed, Objects, Place, Tag};
use crate::take::{self, Counts, Outcome};
use contract::IngressRules;
use contract::canary;
use contract::ignored::Ignoring;
use contract::metrics;
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
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

/// One call.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Request {
    /// What is swept.
    pub sweep: Sweep,
    /// The sweep's own ARN.
    pub execution: String,
    /// When Lambda ends the call, if it does.
    #[serde(skip)]
    pub deadline: Option<Instant>,
}

/// What is swept, as whoever starts a sweep says it and the definition completes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
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
    /// What became of the objects of another bucket so far.
    #[serde(default)]
    pub counts: Counts,
    /// What became of the last page of it: counted with the next one.
    #[serde(default)]
    pub results: Vec<Value>,
    /// How many objects were on that page: what is missing among the results has failed in a way that tells nothing.
    #[serde(default)]
    pub expected: u64,
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
    /// What waits in another bucket was never to be judged by itself.
    #[must_use]
    pub fn metric(&self, ingress: &str, function: &str) -> Option<Value> {
        let unjudged = self.items.iter().filter(|item| item.is_unjudged).count();
        let metric = json!({"Namespace": metrics::NAMESPACE, "Dimensions": [[metrics::FUNCTION]],
            "Metrics": [{"Name": metrics::UNJUDGED, "Unit": "Count"}]});
        let line = json!({"_aws": {"Timestamp": now() * 1000, "CloudWatchMetrics": [metric]},
            metrics::FUNCTION: function, metrics::UNJUDGED: unjudged});
        (unjudged > 0 && self.sweep.bucket == ingress).then_some(line)
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
    /// Whether nobody has begun to judge it for an hour.
    #[serde(skip)]
    pub is_unjudged: bool,
}

/// The stack's buckets that are swept.
#[derive(Clone, Copy, Debug)]
pub struct Zones<'a> {
    /// Where files land.
    pub ingress: &'a str,
    /// Where they are held.
    pub analytics: &'a str,
}

impl Zones<'_> {
    /// Whether a bucket is neither.
    fn are_not(self, bucket: &str) -> bool {
        bucket != self.ingress && bucket != self.analytics
    }
}

/// Lists the next page.
///
/// # Errors
/// S3 does not answer or refuses.
pub async fn list(objects: &Objects, zones: Zones<'_>, request: Request) -> Result<Page> {
    let Request { mut sweep, execution, deadline } = request;
    sweep.settle();
    let over = || deadline.is_some_and(|deadline| Instant::now() + RESERVE > deadline);
    let (mut items, mut bytes, now) = (vec![], 0, now());
    let mut after = sweep.after.clone();
    let (of_held, of_another) = (sweep.bucket == zones.analytics, zones.are_not(&sweep.bucket));
    // The folders of copies begin with a hash.
    let prefix = if of_held { "" } else { &sweep.prefix };
    let ignoring = Ignoring { patterns: sweep.ignore.clone(), rules: sweep.ingress.clone() };
    for _ in 0..PAGES {
        let (listed, next) = objects.page_after(&sweep.bucket, prefix, &after.clone().unwrap_or_default()).await?;
        let is_old = |listed: &Listed| now - listed.stored_at >= sweep.older_than_seconds;
        let is_meant = |listed: &Listed| {
            if !of_held {
                // As it will be called there.
                let target = format!("{}{}", sweep.into, listed.key);
                let removed_at = listed.removed_at.filter(|_| !of_another);
                let ignored = ignoring.ignores(&target, listed.stored_at, removed_at);
                return !ignored && (listed.is_latest || !of_another);
            }
            uploaded(&listed.key).is_some_and(|key| key.starts_with(&sweep.prefix) && !canary::is_reserved(key))
        };
        let old = listed.into_iter().filter(|listed| is_old(listed) && is_meant(listed));
        let found = stream::iter(old).map(|listed| item(objects, zones, &sweep, &execution, (listed, now)));
        let mut found = std::pin::pin!(found.buffered(CALLS));
        while let Some((item, behind)) = found.try_next().await? {
            if let Some(item) = item {
                bytes += size(&item)?;
                items.push(item);
            }
            if bytes > LARGEST || over() {
                let sweep = Sweep { expected: taken(&items), after: Some(behind), ..sweep.clone() };
                return Ok(Page { items, sweep, more: true });
            }
        }
        after = next;
        if after.is_none() || over() {
            break;
        }
    }
    let (more, expected) = (after.is_some(), taken(&items));
    Ok(Page { items, sweep: Sweep { expected, after, ..sweep }, more })
}

/// How many of a page are to be taken into ingress.
fn taken(items: &[Item]) -> u64 {
    items.iter().filter(|item| item.take.is_some()).count() as u64
}

/// The key that a held copy was uploaded under.
fn uploaded(key: &str) -> Option<&str> {
    key.split_once('/').map(|(_, key)| key)
}

/// A version that is to be judged, and where the listing goes on behind it.
async fn item(
    objects: &Objects,
    zones: Zones<'_>,
    sweep: &Sweep,
    execution: &str,
    (listed, now): (Listed, i64),
) -> Result<(Option<Item>, After)> {
    let Listed { key, version_id, size, etag, stored_at, .. } = listed;
    let behind = After { key: Some(key.clone()), version_id: Some(version_id.clone()) };
    let analytics = zones.analytics;
    if zones.are_not(&sweep.bucket) {
        let (bucket, into) = (sweep.bucket.clone(), sweep.into.clone());
        let take = Some(take::Request { bucket, key, version_id, into });
        let (name, input) = (String::new(), String::new());
        return Ok((Some(Item { name, input, judge: None, take, is_unjudged: false }), behind));
    }
    let id = copies::copy_id(&sweep.bucket, &key, &version_id);
    let (kind, judge) = if sweep.bucket == analytics {
        let place = Place { bucket: analytics, key: &key, version_id: Some(&version_id) };
        let tags = objects.tags(place).await?;
        if !tags.is_some_and(|tags| is_held(&sweep.statuses, &tags)) {
            return Ok((None, behind));
        }
        ("judge", None)
    } else {
        if let Some(file) = sweep.ingress.file_of(&key) {
            // Whoever judges the file takes its companion along.
            if objects.head(Place { bucket: &sweep.bucket, key: file, version_id: None }).await?.is_some() {
                return Ok((None, behind));
            }
        }
        let copy = copies::analytics_key(&id, &key);
        let copy = objects.head(Place { bucket: analytics, key: &copy, version_id: None }).await?;
        ("sweep", copy.and_then(|copy| copy.metadata(copies::EXECUTION).map(str::to_owned)))
    };
    let attempt = if sweep.again { copies::judge(execution) } else { attempt(now - stored_at).to_string() };
    let object = json!({"key": &key, "version-id": &version_id, "size": size, "etag": etag.trim_matches('"')});
    let input = json!({"source": "cvault.sweep", "detail": {"bucket": {"name": &sweep.bucket}, "object": object}});
    let is_unjudged = judge.is_none() && now - stored_at >= HOUR;
    let name = format!("{kind}-{id}-{attempt}");
    let item = Item { name, input: input.to_string(), judge, take: None, is_unjudged };
    Ok((Some(item), behind))
}

/// Whether a copy has a verdict, and one of these.
fn is_held(statuses: &[String], tags: &[Tag]) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stand_in::buckets::{Buckets, Version};

    fn sweep(prefix: &str, older_than_seconds: i64) -> Sweep {
        let (bucket, prefix) = ("in".into(), prefix.into());
        Sweep {
            bucket,
            prefix,
            older_than_seconds,
            again: false,
            dead_letters: true,
            ignore: vec!["*.tmp".into()],
            ingress: IngressRules::default(),
            statuses: vec![],
            into: String::new(),
            concurrency: 8,
            counts: Counts::default(),
            results: vec![],
            expected: 0,
            after: None,
        }
    }

    async fn listed(buckets: &Buckets, sweep: Sweep) -> Page {
        let execution = "arn:aws:states:eu-west-1:1:execution:sweep:0a1b".into();
        let zones = Zones { ingress: "in", analytics: "an" };
        let request = Request { sweep, execution, deadline: None };
        list(&buckets.stand_in().objects(), zones, request).await.unwrap()
    }

    #[test]
    fn a_version_is_tried_when_its_age_has_doubled_and_then_once_a_day() {
        let minutes = |minutes: i64| attempt(minutes * 60);
        assert_eq!([0, 1, 5, 9, 10, 19, 20, 40, 80].map(minutes), [0, 0, 0, 0, 1, 1, 2, 3, 4]);
        assert_eq!([1439, 1440, 2879, 2880].map(minutes), [8, 101, 101, 102]);
        let tries: std::collections::BTreeSet<_> = (0..24 * 60 * 7).map(minutes).collect();
        assert_eq!(tries.len(), 9 + 6, "in a week");
    }

    #[tokio::test]
    async fn every_version_that_waits_is_named_once() {
        let buckets = Buckets::default();
        for key in ["in/a b+%.csv", "in/a b+%.csv", "in/c.csv", "in/d.csv.tmp"] {
            buckets.put(key, Version { body: b"1".into(), ..Version::default() });
        }
        let page = listed(&buckets, sweep("", 0)).await;
        assert!(!page.more && page.sweep.after.is_none());
        let names: std::collections::BTreeSet<_> = page.items.iter().map(|item| item.name.clone()).collect();
        assert_eq!((page.items.len(), names.len()), (3, 3), "{page:#?}");
        assert!(names.iter().all(|name| name.len() <= 80));
        let input: serde_json::Value = serde_json::from_str(&page.items[0].input).unwrap();
        assert_eq!(input["detail"]["object"]["key"], "a b+%.csv");
        let (same, again) = (listed(&buckets, sweep("", 0)).await, Sweep { again: true, ..sweep("", 0) });
        assert_eq!(same.items, page.items, "another sweep means the same executions");
        assert_ne!(listed(&buckets, again).await.items[0].name, page.items[0].name);
        assert!(listed(&buckets, sweep("", 3600)).await.items.is_empty(), "too young");
    }

    /// Each copy with a verdict, of the keys and the verdicts that are meant; who is being judged has a judge.
    #[tokio::test]
    async fn what_is_held_is_named_by_its_verdict() {
        let buckets = Buckets::default();
        let put = |key: &str, status: Option<&str>| {
            let tags = status.map(|status| ("cvault:status".to_owned(), status.to_owned()));
            buckets.put(key, Version { body: b"1".into(), tags: tags.into_iter().collect(), ..Version::default() });
        };
        put("an/00aa/in/a.csv", Some("HAS_FINDINGS"));
        put("an/11bb/in/b.csv", Some("INTEGRITY_FAIL"));
        put("an/22cc/out/c.csv", Some("HAS_FINDINGS"));
        put("an/33dd/in/d.csv", None);
        put("an/44ee/.cvault/verify/sensitive.csv", Some("HAS_FINDINGS"));
        let held = |prefix: &str, statuses: &[&str]| Sweep {
            bucket: "an".into(),
            statuses: statuses.iter().map(|status| (*status).to_owned()).collect(),
            again: true,
            ..sweep(prefix, 0)
        };
        let keys = async |sweep: Sweep| {
            let items = listed(&buckets, sweep).await.items;
            assert!(items.iter().all(|item| item.name.starts_with("judge-") && item.judge.is_none()), "{items:?}");
            let inputs = items.iter().map(|item| serde_json::from_str::<serde_json::Value>(&item.input).unwrap());
            inputs.map(|input| input["detail"]["object"]["key"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(keys(held("", &[])).await, ["00aa/in/a.csv", "11bb/in/b.csv", "22cc/out/c.csv"]);
        assert_eq!(keys(held("in/", &["HAS_FINDINGS"])).await, ["00aa/in/a.csv"]);
    }

    /// What is current, and no file of others: each is to be taken in, and what became of the last page is counted.
    #[tokio::test]
    async fn what_is_in_another_bucket_is_to_be_taken_in() {
        let buckets = Buckets::default();
        for key in ["old/a.csv", "old/a.csv", "old/no.tmp", "old/out/c.csv"] {
            buckets.put(key, Version { body: b"1".into(), ..Version::default() });
        }
        let counts = Counts { taken: 5, ..Counts::default() };
        let results = vec![json!("Taken"), json!({"Left": "why"})];
        let of_last = Sweep { counts, results, expected: 3, ..sweep("", 0) };
        let sweep = Sweep { bucket: "old".into(), into: "from/".into(), ..of_last };
        let request = Request { sweep, execution: "arn".into(), deadline: None };
        let zones = Zones { ingress: "in", analytics: "an" };
        let page = list(&buckets.stand_in().objects(), zones, request).await.unwrap();
        let taken: Vec<_> = page.items.iter().map(|item| item.take.clone().unwrap()).collect();
        let of = |key: &str, version: &str| take::Request {
            bucket: "old".into(),
            key: key.into(),
            version_id: version.into(),
            into: "from/".into(),
        };
        assert_eq!(taken, [of("a.csv", "v1-1"), of("out/c.csv", "v3-0")]);
        assert_eq!(
            page.sweep.counts,
            Counts { taken: 6, there: 0, left: [("nobody knows why".into(), 1), ("why".into(), 1)].into() }
        );
        assert_eq!((page.sweep.results.len(), page.sweep.expected), (0, 2), "none is counted twice");
    }

    #[tokio::test]
    async fn what_nobody_has_judged_for_an_hour_is_counted() {
        let buckets = Buckets::default();
        let put = |path: &str, metadata: &[(&str, &str)]| {
            let metadata = metadata.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            buckets.put(path, Version { body: b"1".into(), metadata, ..Version::default() })
        };
        let judged = put("in/judged.csv", &[]);
        let copy = copies::analytics_key(&copies::copy_id("in", "judged.csv", &judged), "judged.csv");
        put(&format!("an/{copy}"), &[(&format!("x-amz-meta-{}", copies::EXECUTION), "arn")]);
        put("in/forgotten.csv", &[]);
        put("in/no.tmp", &[]);
        let metric = async || listed(&buckets, sweep("", 300)).await.metric("in", "cyber_vault-x");
        buckets.age(HOUR - 60);
        assert_eq!(listed(&buckets, sweep("", 300)).await.items.len(), 2);
        assert_eq!(metric().await, None, "not yet");
        buckets.age(120);
        let line = metric().await.unwrap();
        assert_eq!((&line["UnjudgedFiles"], &line["function"]), (&json!(1), &json!("cyber_vault-x")), "{line}");
        let [metric] = line["_aws"]["CloudWatchMetrics"].as_array().unwrap().as_slice() else { panic!("{line}") };
        assert_eq!(metric["Dimensions"], json!([["function"]]));
        assert_eq!(metric["Metrics"][0]["Name"], "UnjudgedFiles");
        let elsewhere = listed(&buckets, sweep("", 300)).await.metric("ingress", "cyber_vault-x");
        assert_eq!(elsewhere, None, "it was in another bucket before");
    }

    #[tokio::test]
    async fn a_page_fits_into_a_state_and_the_next_one_goes_on_behind_it() {
        let buckets = Buckets::default();
        let key = |n: usize| format!("{}{n:04}.csv", "é".repeat(500));
        for n in 0..200 {
            buckets.put(&format!("in/{}", key(n)), Version { body: b"1".into(), ..Version::default() });
        }
        let page = listed(&buckets, sweep("", 0)).await;
        assert!(page.more && page.items.len() < 200, "{}", page.items.len());
        assert!(serde_json::to_string(&page).unwrap().len() < 200_000);
        let last: serde_json::Value = serde_json::from_str(&page.items.last().unwrap().input).unwrap();
        assert_eq!(page.sweep.after.as_ref().unwrap().key.as_deref(), last["detail"]["object"]["key"].as_str());
    }
}

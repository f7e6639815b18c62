//! The short ways of a clean file, and that they are not taken where one is not sure.

use super::vault;
use crate::copies;
use crate::messages::{
    Answer, Failure, FailureKind, GivenRules, Measures, Request, Result, Seen, Source, Status, Verdict,
};
use crate::objects::{EXECUTION, STATUS};
use crate::stand_in::buckets::{Buckets, Version};
use crate::stand_in::{Call, Reply, StandIn};
use crate::steps::Vault;
use contract::Rules;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const CLEAN: &[u8] = b"seq,city\n1,Kingsford\n";
const ARN: &str = "arn:aws:states:eu-west-1:1:express:m:one:1";

/// The buckets, and an S3 that has them.
struct World {
    buckets: Buckets,
    s3: StandIn,
    vault: Vault,
}

impl World {
    fn new() -> Self {
        Self::where_s3(|_| None)
    }

    /// Where S3 answers so instead.
    fn where_s3(instead: impl Fn(&Call) -> Option<Reply> + Send + Sync + 'static) -> Self {
        let buckets = Buckets::default();
        let real = buckets.stand_in();
        let s3 = StandIn::new(move |call| instead(call).unwrap_or_else(|| (real.answer)(call)));
        let vault = vault(&s3);
        Self { buckets, s3, vault }
    }

    /// A file in ingress, with tags and headers.
    fn put(&self, tags: &[&str], headers: &[(&str, &str)]) -> String {
        let tags = tags.iter().map(|tag| ((*tag).to_owned(), "x".to_owned())).collect();
        let metadata = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.buckets.put("in/a.csv", Version { body: CLEAN.into(), tags, metadata, ..Version::default() })
    }

    /// What was asked since the last question.
    fn asked(&self, before: usize) -> Vec<String> {
        let name = |what: String| what.split('?').next().unwrap_or_default().replace(|c: char| c.is_ascii_digit(), "");
        let is_list = |what: &str| what.contains("versions");
        let asked = self.s3.asked().into_iter().skip(before);
        asked.map(|what| if is_list(&what) { "LIST".into() } else { name(what) }).collect()
    }

    async fn copied(&self, version: &str) -> Answer {
        self.vault.take(request("CopyToAnalytics", version)).await.unwrap()
    }

    /// The step after another.
    async fn after(&self, step: &str, answer: &Answer) -> Result<Answer> {
        self.tried(0, step, answer).await
    }

    /// The same at a further try.
    async fn tried(&self, attempt: u32, step: &str, answer: &Answer) -> Result<Answer> {
        // Through the state, as the state machine hands it on.
        let state = json!({"Source": answer.source, "Verdict": answer.verdict});
        let source: Source = serde_json::from_value(state["Source"].clone()).unwrap();
        let verdict: Verdict = serde_json::from_value(state["Verdict"].clone()).unwrap();
        let first = request(step, &source.version_id);
        self.vault.take(Request { source: Some(source), verdict: Some(verdict), attempt, ..first }).await
    }

    async fn inspected(&self, version: &str) -> Answer {
        let copied = self.copied(version).await;
        let answer = self.after("InspectContent", &copied).await.unwrap();
        assert_eq!(answer.verdict.status, Status::Clean, "{answer:#?}");
        answer
    }

    async fn clear(&self, version: &str) {
        let answer = self.vault.take(request("ClearAnalytics", version)).await.unwrap();
        assert_eq!(answer.verdict.status, Status::Cleared);
    }
}

/// A step's first request about a version of the file.
fn request(step: &str, version: &str) -> Request {
    let object = json!({"key": "a.csv", "version-id": version, "sequencer": "0A"});
    let request = json!({"Step": step, "Bucket": "in", "Object": object, "Execution": ARN});
    let request: Request = serde_json::from_value(request).unwrap();
    Request { rules: Some(GivenRules::Known(Rules::default())), ..request }
}

fn seen(answer: &Answer) -> &Seen {
    answer.source.as_ref().unwrap().seen.as_ref().unwrap()
}

/// The same, where something else was seen.
fn with(mut answer: Answer, change: impl FnOnce(&mut Option<Seen>)) -> Answer {
    change(&mut answer.source.as_mut().unwrap().seen);
    answer
}

fn names(version: &Version) -> Vec<&str> {
    version.tags.iter().map(|(key, _)| key.as_str()).collect()
}

fn kind(answer: Result<Answer>) -> FailureKind {
    let failure: Failure = answer.unwrap_err();
    failure.kind
}

#[tokio::test]
async fn a_clean_file_takes_twelve_calls() {
    let world = World::new();
    let version = world.put(&[], &[("x-amz-meta-note", "kept")]);
    let clean = world.inspected(&version).await;
    let stored = world.after("StoreInVault", &clean).await.unwrap();
    assert_eq!(stored.verdict.status, Status::VaultCopy);
    world.after("DeleteFromIngress", &stored).await.unwrap();
    world.clear(stored.source.unwrap().stored_version_id.as_deref().unwrap()).await;
    let all = world.buckets.all("");
    let [(path, left)] = &all[..] else { panic!("{all:#?}") };
    assert_eq!((path.as_str(), &left.body[..], names(left)), ("va/a.csv", CLEAN, vec![STATUS, EXECUTION]));
    let id = copies::copy_id("in", "a.csv", &version);
    for (mark, value) in [("cvault-copy", id.as_str()), ("cvault-order", "0A"), ("note", "kept")] {
        assert_eq!(left.metadata[&format!("x-amz-meta-{mark}")], value);
    }
    let asked = world.asked(0);
    let count = |what: &str| asked.iter().filter(|call| call.starts_with(what)).count();
    assert_eq!(["HEAD", "GET", "PUT", "LIST", "DELETE"].map(count), [5, 2, 2, 1, 2], "{asked:#?}");
}

/// Another execution's copy is looked at, and so is this one's own from an earlier try; what was seen is handed on by who
/// has made it only.
#[tokio::test]
async fn a_copy_that_is_there_is_looked_at() {
    let world = World::new();
    let version = world.put(&[], &[]);
    world.copied(&version).await;
    let before = world.s3.calls().len();
    let other = Request { execution: "arn:other".into(), ..request("CopyToAnalytics", &version) };
    assert_eq!(kind(world.vault.take(other).await), FailureKind::Elsewhere);
    let again = world.copied(&version).await;
    assert_eq!(again.source.unwrap().seen, None);
    let retried = Request { attempt: 1, ..request("CopyToAnalytics", &version) };
    assert_eq!(world.vault.take(retried).await.unwrap().source.unwrap().seen, None);
    let looks = world.asked(before).into_iter().filter(|call| call.starts_with("HEAD /an/")).count();
    assert_eq!((looks, world.buckets.all("an/").len()), (3, 1));
}

/// Nothing is written before it is looked what is there.
#[tokio::test]
async fn an_s3_that_does_not_know_the_condition_is_gone_about_as_before() {
    let world = World::where_s3(|call| {
        call.headers.contains_key("if-none-match").then_some(Reply::Refusal(501, "NotImplemented"))
    });
    let version = world.put(&[], &[]);
    let clean = world.inspected(&version).await;
    assert_eq!(clean.source.as_ref().unwrap().seen, None);
    let given = with(clean, |seen| *seen = Some(sure()));
    let before = world.s3.calls().len();
    let stored = world.after("StoreInVault", &given).await.unwrap();
    assert_eq!(stored.verdict.status, Status::VaultCopy);
    assert_eq!((world.buckets.all("an/").len(), world.buckets.all("va/").len()), (1, 1));
    assert!(world.asked(before).contains(&"LIST".to_owned()), "what is newer may lie below");
}

/// As much as there is to know of this module's file.
fn sure() -> Seen {
    let measures = Measures { size: CLEAN.len() as u64, ..Measures::default() };
    Seen { measures, untagged: true, copy_etag: Some("\"etag\"".into()) }
}

/// The copy's tags are read, and its metadata said again.
async fn goes_the_long_way(world: &World, clean: &Answer, why: &str) -> Version {
    let before = world.s3.calls().len();
    let stored = world.after("StoreInVault", clean).await.unwrap();
    assert_eq!(stored.verdict.status, Status::VaultCopy, "{why}");
    let asked = world.asked(before);
    let looks = asked.iter().filter(|call| call.starts_with("HEAD /an/")).count();
    assert!(looks > 0 && asked.contains(&"LIST".to_owned()), "{why}: {asked:#?}");
    let id = stored.source.unwrap().stored_version_id.unwrap();
    world.buckets.all("va/").into_iter().find(|(_, version)| version.id == id).unwrap().1
}

#[tokio::test]
async fn without_all_that_is_needed_the_copy_is_looked_at_before_it_is_stored() {
    type Change = fn(&mut Option<Seen>);
    let changes: [(&str, Change); 3] = [
        ("an execution of an earlier release", |seen| *seen = None),
        ("tags", |seen| seen.as_mut().unwrap().untagged = false),
        ("a copy that nobody has read", |seen| seen.as_mut().unwrap().copy_etag = None),
    ];
    for (why, change) in changes {
        let world = World::new();
        let clean = world.inspected(&world.put(&[], &[])).await;
        goes_the_long_way(&world, &with(clean, change), why).await;
    }
    let world = World::new();
    let mut clean = world.inspected(&world.put(&[], &[])).await;
    clean.verdict.job_id = Some("job".into());
    goes_the_long_way(&world, &clean, "Macie").await;
}

/// Tags of the sender's come along, those that claim to be ours do not, and S3 does not copy a redirect by itself.
#[tokio::test]
async fn what_s3_does_not_take_over_is_said_again() {
    let world = World::new();
    let clean = world.inspected(&world.put(&["team", STATUS], &[])).await;
    assert!(!seen(&clean).untagged);
    let stored = goes_the_long_way(&world, &clean, "tags").await;
    assert_eq!(names(&stored), ["team", STATUS, EXECUTION]);
    assert_eq!(stored.tags[1].1, "VAULT_COPY");

    let world = World::new();
    let clean = world.inspected(&world.put(&[STATUS], &[])).await;
    assert!(seen(&clean).untagged);
    world.after("StoreInVault", &clean).await.unwrap();
    assert_eq!(
        world.buckets.all("va/")[0].1.tags[0],
        (STATUS.to_owned(), "VAULT_COPY".to_owned()),
        "not the forged one"
    );

    let world = World::new();
    let clean = world.inspected(&world.put(&[], &[("x-amz-website-redirect-location", "/b")])).await;
    assert_eq!(seen(&clean).copy_etag, None);
    let stored = goes_the_long_way(&world, &clean, "a redirect").await;
    assert_eq!(stored.metadata["x-amz-website-redirect-location"], "/b");
}

/// Whatever lies at the key may be older or newer, and so may what a delete marker hides.
#[tokio::test]
async fn only_where_nothing_lies_nothing_is_compared() {
    for order in ["09", "0B"] {
        let world = World::new();
        let version = world.put(&[], &[]);
        let metadata = [("x-amz-meta-cvault-order".to_owned(), order.to_owned())].into();
        world.buckets.put("va/a.csv", Version { body: b"other".into(), metadata, ..Version::default() });
        let clean = world.inspected(&version).await;
        goes_the_long_way(&world, &clean, order).await;
        let newest = world.buckets.all("va/").pop().unwrap().1.body;
        assert_eq!(newest == CLEAN, order == "09", "the newest ends current");
    }
    let world = World::where_s3(|call| (call.what == "HEAD /va/a.csv").then_some(Reply::Marker));
    let clean = world.inspected(&world.put(&[], &[])).await;
    goes_the_long_way(&world, &clean, "a delete marker").await;
}

/// Between look and copy: a duplicate's, which is the same, or another version's, which may be older.
#[tokio::test]
async fn what_comes_to_the_key_meanwhile_is_looked_at() {
    for is_same in [true, false] {
        let buckets = Buckets::default();
        let (real, late) = (buckets.stand_in(), buckets.clone());
        let s3 = StandIn::new(move |call| {
            let is_first = late.all("va/").is_empty();
            if is_first && call.what.starts_with("PUT /va/") {
                let mark = copies::copy_id("in", "a.csv", "v0-0");
                let mark = if is_same { mark } else { "other".into() };
                let metadata = [("x-amz-meta-cvault-copy".to_owned(), mark)].into();
                late.put("va/a.csv", Version { body: CLEAN.into(), metadata, ..Version::default() });
            }
            (real.answer)(call)
        });
        let world = World { vault: Vault { objects: s3.objects(), ..World::new().vault }, buckets, s3 };
        let clean = world.inspected(&world.put(&[], &[])).await;
        world.after("StoreInVault", &clean).await.unwrap();
        assert_eq!(world.buckets.all("va/").len(), if is_same { 1 } else { 2 });
    }
}

/// Whoever others overtake looks again at what they have stored, and at nothing else: a version never changes.
#[tokio::test]
async fn who_is_overtaken_looks_at_each_version_once() {
    const OTHERS: usize = 4;
    let buckets = Buckets::default();
    let (real, late) = (buckets.stand_in(), buckets.clone());
    let other = |buckets: &Buckets| {
        let order = [("x-amz-meta-cvault-order".to_owned(), "09".to_owned())].into();
        buckets.put("va/a.csv", Version { body: CLEAN.into(), metadata: order, ..Version::default() });
    };
    let s3 = StandIn::new(move |call| {
        if call.what.starts_with("PUT /va/") && late.all("va/").len() < 2 * OTHERS {
            other(&late);
        }
        (real.answer)(call)
    });
    let world = World { vault: Vault { objects: s3.objects(), ..World::new().vault }, buckets, s3 };
    (0..OTHERS).for_each(|_| other(&world.buckets));
    let clean = world.inspected(&world.put(&[], &[])).await;
    let before = world.s3.calls().len();
    world.after("StoreInVault", &clean).await.unwrap();
    let asked: Vec<_> = world.s3.asked().into_iter().skip(before).collect();
    let looks = |of: &str| asked.iter().filter(|what| what.starts_with(of)).collect::<Vec<_>>();
    let versions = looks("HEAD /va/a.csv?versionId=");
    let different: std::collections::BTreeSet<_> = versions.iter().collect();
    assert_eq!((different.len(), versions.len()), (2 * OTHERS + 1, 2 * OTHERS + 1), "{asked:#?}");
    assert_eq!((looks("PUT /va/").len(), looks("HEAD /an/").len(), looks("GET /an/").len()), (OTHERS + 1, 1, 1));
    assert_eq!(world.buckets.all("va/").pop().unwrap().1.metadata["x-amz-meta-cvault-order"], "0A");
}

/// Nor is it asked whether what has come meanwhile may be read.
#[tokio::test]
async fn who_is_overtaken_by_what_cannot_be_read_goes_on() {
    let buckets = Buckets::default();
    let (real, late) = (buckets.stand_in(), buckets.clone());
    let other = |buckets: &Buckets| {
        let metadata = [("x-amz-meta-cvault-order".to_owned(), "09".to_owned())].into();
        let withheld = Some((403, "AccessDenied"));
        buckets.put("va/a.csv", Version { body: CLEAN.into(), metadata, withheld, ..Version::default() });
    };
    let s3 = StandIn::new(move |call| {
        if call.what.starts_with("PUT /va/") && late.all("va/").len() == 1 {
            other(&late);
        }
        (real.answer)(call)
    });
    let world = World { vault: Vault { objects: s3.objects(), ..World::new().vault }, buckets, s3 };
    other(&world.buckets);
    let clean = world.inspected(&world.put(&[], &[])).await;
    world.after("StoreInVault", &clean).await.unwrap();
    assert_eq!(world.buckets.all("va/").len(), 3);
}

/// After `up --downgrade`: a rule that the function does not know may be one that holds the file.
#[tokio::test]
async fn what_is_to_be_judged_by_unknown_rules_is_held() {
    let world = World::new();
    let copied = world.copied(&world.put(&[], &[])).await;
    for (place, value, says) in [("Tomorrow", json!(1), "a later release"), ("MaxBytes", json!("x"), "cannot be read")]
    {
        let mut rules = serde_json::to_value(Rules::default()).unwrap();
        rules[place] = value;
        let given: GivenRules = serde_json::from_value(rules).unwrap();
        let (source, verdict) = (copied.source.clone(), Some(copied.verdict.clone()));
        let version = source.as_ref().unwrap().version_id.clone();
        let request = Request { source, verdict, rules: Some(given), ..request("InspectContent", &version) };
        let held = world.vault.take(request).await.unwrap();
        assert_eq!(held.verdict.status, Status::NotAnalysed);
        let reason = &held.verdict.reasons[0];
        assert!(reason.contains(says) && held.notice.is_some(), "{reason}");
        assert_eq!(reason.contains("Tomorrow"), place == "Tomorrow", "what is not known is named: {reason}");
    }
}

/// What is deleted with a file is what `pairs` means, whatever its sender has written.
#[tokio::test]
async fn no_sender_says_what_goes_with_a_file() {
    let world = World::new();
    let other = world.buckets.put("in/a.csv.done", Version { body: CLEAN.into(), ..Version::default() });
    let companions = format!(".done {other} 0 own,spent");
    let version = world.put(&[], &[("x-amz-meta-cvault-companions", &companions)]);
    world.copied(&version).await;
    let claimed = world.copied(&version).await;
    assert_eq!(claimed.source.as_ref().unwrap().companions.len(), 0);
    let judged = world.after("InspectContent", &claimed).await.unwrap();
    let stored = world.after("StoreInVault", &judged).await.unwrap();
    world.after("DeleteFromIngress", &stored).await.unwrap();
    assert_eq!(world.buckets.all("in/").len(), 1);
}

/// Nothing in the bytes says why they are none of their name's.
#[tokio::test]
async fn an_encoding_that_is_not_read_is_named() {
    let world = World::new();
    let metadata = BTreeMap::from([("content-encoding".to_owned(), "br".to_owned())]);
    let body = b"\x8b\x09\x80seq,city\n1\x03".to_vec();
    let version = world.buckets.put("in/a.csv", Version { body, metadata, ..Version::default() });
    let copied = world.copied(&version).await;
    let Verdict { status, reasons, .. } = world.after("InspectContent", &copied).await.unwrap().verdict;
    assert_eq!(status, Status::IntegrityFail);
    assert!(reasons.len() == 2 && reasons[1].starts_with("its Content-Encoding is br"), "{reasons:?}");
}

/// Nobody has looked at the copy before it is read: then it has to be what the version was.
#[tokio::test]
async fn the_copy_is_proven_when_it_is_read() {
    let world = World::new();
    let copied = world.copied(&world.put(&[], &[])).await;
    let other = with(copied.clone(), |seen| seen.as_mut().unwrap().measures.size += 1);
    assert_eq!(kind(world.after("InspectContent", &other).await), FailureKind::CopyMismatch);
    assert!(seen(&world.after("InspectContent", &copied).await.unwrap()).copy_etag.is_some());
    let unseen = with(copied.clone(), |seen| *seen = None);
    assert_eq!(world.after("InspectContent", &unseen).await.unwrap().source.unwrap().seen, None);
    // It is not shown yet, or is gone.
    let place = world.buckets.all("an/").remove(0);
    world.vault.objects.delete("an", place.0.strip_prefix("an/").unwrap(), &place.1.id).await.unwrap();
    assert_eq!(kind(world.after("InspectContent", &copied).await), FailureKind::Busy);
    assert_eq!(kind(world.after("InspectContent", &unseen).await), FailureKind::Missing);
}

/// What was seen of the version is what its copy has to be, or nothing is deleted; else the version is looked at.
#[tokio::test]
async fn nothing_is_deleted_without_proof() {
    let world = World::new();
    let stored = world.after("StoreInVault", &world.inspected(&world.put(&[], &[])).await).await.unwrap();
    let crc = |text: &str| [("CRC32".to_owned(), text.to_owned())].into();
    let larger = with(stored.clone(), |seen| seen.as_mut().unwrap().measures.size += 1);
    assert_eq!(kind(world.after("DeleteFromIngress", &larger).await), FailureKind::CopyMismatch);
    let mut nowhere = stored.clone();
    nowhere.source.as_mut().unwrap().stored_version_id = Some("none".into());
    nowhere.source.as_mut().unwrap().key = "b.csv".into();
    // S3 may not show so soon what was stored.
    for (attempt, expected) in [(0, FailureKind::NotThere), (2, FailureKind::NotThere), (3, FailureKind::Missing)] {
        let failure: Failure = world.tried(attempt, "DeleteFromIngress", &nowhere).await.unwrap_err();
        assert_eq!(failure.kind, expected, "{attempt}");
        let is_named = failure.message.contains("s3://va/b.csv (version none)");
        assert_eq!(is_named, expected == FailureKind::NotThere, "{failure}");
    }
    assert_eq!(world.buckets.all("in/").len(), 1);

    let looks = |asked: Vec<String>| asked.iter().filter(|call| call.starts_with("HEAD /in/")).count();
    let without = with(stored.clone(), |seen| *seen = None);
    for (answer, expected) in [(&without, 1), (&stored, 0)] {
        let before = world.s3.calls().len();
        world.after("DeleteFromIngress", answer).await.unwrap();
        assert_eq!(looks(world.asked(before)), expected);
        assert_eq!(world.buckets.all("in/").len(), 0);
    }
    // A version without an id is not sure to be the one that was seen.
    let mut unversioned = with(stored, |seen| seen.as_mut().unwrap().measures.checksums = crc("AAAAAA=="));
    let source = unversioned.source.as_mut().unwrap();
    source.version_id = "null".into();
    let id = source.copy_id();
    let metadata = [("x-amz-meta-cvault-copy".to_owned(), id)].into();
    let version = Version { body: CLEAN.into(), metadata, ..Version::default() };
    source.stored_version_id = Some(world.buckets.put("va/a.csv", version));
    let before = world.s3.calls().len();
    world.after("DeleteFromIngress", &unversioned).await.unwrap();
    assert_eq!(looks(world.asked(before)), 1);
}

/// What an execution of an earlier release hands on has no such member.
#[test]
fn a_state_without_it_is_read() {
    let source = Source { key: "a.csv".into(), ..Source::default() };
    let mut state = serde_json::to_value(&source).unwrap();
    assert_eq!(state["Seen"], Value::Null);
    state.as_object_mut().unwrap().remove("Seen");
    assert_eq!(serde_json::from_value::<Source>(state).unwrap(), source);
}

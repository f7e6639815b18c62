//! Takes an object of another bucket into ingress, where it is judged as whatever lands there: what was in a bucket
//! before the vault was. The object stays where it is, too.
//!
//! - **Once**: the copy in ingress carries a mark of the version that it was made from, and so does every further copy.
//!   What waits, is held or is stored with this mark and the same bytes is there already.
//! - **On top of nothing**: an object that comes later is current later. Where somebody else's object of the same key
//!   waits or is stored, nothing is taken: it would hide what may be newer.

use crate::copies::{self, LONGEST_KEY, TAKEN};
use crate::messages::{Failure, FailureKind, Result};
use crate::objects::{Copied, Head, Marks, Objects, Over, Place, Tag, UNVERSIONED};
use crate::steps::Vault;
use contract::canary;
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The step's name.
pub const STEP: &str = "TakeIntoIngress";
/// How many calls about single versions are in flight.
const CALLS: usize = 8;

/// One call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Request {
    /// The other bucket.
    pub bucket: String,
    /// The key there.
    pub key: String,
    /// The version there, `null` where it has none.
    pub version_id: String,
    /// What stands before the key in ingress.
    pub into: String,
}

/// What became of it, or of any other item of a sweep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub enum Outcome {
    /// An execution has begun to judge it, where it was not to be taken.
    Started,
    /// It is in ingress, and is judged.
    Taken,
    /// It came there earlier, or somebody judges it already.
    There,
    /// It is not taken, or no execution could be started, and why.
    Left(String),
}

/// How many became what; those that were left by their reasons.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Counts {
    /// That an execution was started for.
    pub started: u64,
    /// That are in ingress now.
    pub taken: u64,
    /// That came there earlier, or had an execution.
    pub there: u64,
    /// That were not taken, or have none.
    pub left: BTreeMap<String, u64>,
}

impl Counts {
    /// These, and one more.
    pub fn add(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Started => self.started += 1,
            Outcome::Taken => self.taken += 1,
            Outcome::There => self.there += 1,
            Outcome::Left(why) => *self.left.entry(why.clone()).or_default() += 1,
        }
    }
}

/// Takes one version.
///
/// # Errors
/// S3 does not answer or refuses, or the copy is not what was copied.
pub async fn take(vault: &Vault, request: &Request) -> Result<Outcome> {
    let Request { bucket, key, version_id, into } = request;
    let target = format!("{into}{key}");
    if canary::is_reserved(&target) || target.len() > LONGEST_KEY {
        return Ok(Outcome::Left("ingress does not accept this key".into()));
    }
    let objects = &vault.objects;
    // Without versions there is one, which the copy's condition on its entity tag means.
    let from = Place { bucket, key, version_id: (version_id != UNVERSIONED).then_some(version_id) };
    let Some(head) = objects.head(from).await? else { return Ok(Outcome::Left("it is gone by now".into())) };
    if let Some(why) = head.archived() {
        return Ok(Outcome::Left(why));
    }
    let mark = mark(request, &head);
    let head = head.with_metadata(copies::is_theirs);
    let marks = [(TAKEN, mark.as_str())];
    // Its copy in analytics has a mark, too, without which nobody could judge it.
    if !head.has_room_for(&[marks[0], (copies::COPY, &mark)]) {
        return Ok(Outcome::Left("its metadata leaves no room for the marks of what is judged".into()));
    }
    if let Some(outcome) = found(vault, &target, (&head, &mark)).await? {
        return Ok(outcome);
    }
    let Some(tags) = objects.tags(from).await? else { return Ok(Outcome::Left("it is gone by now".into())) };
    let marks = Marks { metadata: &marks, tags: Some(Tag::theirs(&tags)) };
    let to = Place { bucket: &vault.ingress, key: &target, version_id: None };
    Ok(match objects.copy_over(from, &head, to, marks, Over::Nothing).await? {
        Copied::Made(_) => Outcome::Taken,
        Copied::SourceGone => Outcome::Left("it is gone by now".into()),
        // A try before this one, whose answer was lost, or a sender's object: the next try looks.
        Copied::Overtaken => {
            return Err(Failure::new(FailureKind::NotThere, format!("{to} has come meanwhile")));
        }
    })
}

/// What identifies the version, also where it has no id and may be written over.
fn mark(request: &Request, head: &Head) -> String {
    let Request { bucket, key, version_id, .. } = request;
    let version = match version_id.as_str() {
        UNVERSIONED => format!("{UNVERSIONED} {}", head.etag),
        version => version.to_owned(),
    };
    copies::copy_id(bucket, key, &version)
}

/// What is there of it, or instead of it.
async fn found(vault: &Vault, target: &str, taken: (&Head, &str)) -> Result<Option<Outcome>> {
    let (objects, ingress) = (&vault.objects, vault.ingress.as_str());
    for (bucket, what) in [(ingress, "waits in ingress"), (vault.vault.as_str(), "is in the vault")] {
        let versions = objects.versions_of(bucket, target).await?;
        let places = versions.iter().map(|listed| (listed.key.as_str(), listed.version_id.as_str(), listed.size));
        if is_among(objects, bucket, places, taken).await? {
            return Ok(Some(Outcome::There));
        }
        if !versions.is_empty() {
            return Ok(Some(Outcome::Left(format!("another object with its key {what}"))));
        }
    }
    let held = objects.versions(&vault.analytics, &copies::key_part(ingress, target)).await?;
    let places = held.iter().map(|listed| (listed.key.as_str(), listed.version_id.as_str(), listed.size));
    Ok(is_among(objects, &vault.analytics, places, taken).await?.then_some(Outcome::There))
}

/// Whether one of these has the mark and the same bytes: a mark alone anybody can write.
async fn is_among<'a>(
    objects: &Objects,
    bucket: &str,
    versions: impl Iterator<Item = (&'a str, &'a str, u64)>,
    (head, mark): (&Head, &str),
) -> Result<bool> {
    let alike = versions.filter(|(_, _, size)| *size == head.size);
    let looks = stream::iter(alike).map(|(key, version, _)| async move {
        let place = Place { bucket, key, version_id: Some(version) };
        let there = objects.known(place).await?.version();
        let is = |there: Head| there.metadata(TAKEN) == Some(mark) && head.prove(&there, &place).is_ok();
        Ok::<_, Failure>(there.is_some_and(is))
    });
    looks.buffer_unordered(CALLS).try_any(|is| async move { is }).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stand_in::StandIn;
    use crate::stand_in::buckets::{Buckets, Version};
    use crate::steps::Compiled;

    fn vault(buckets: &Buckets) -> Vault {
        before(&buckets.stand_in())
    }

    fn before(stand_in: &StandIn) -> Vault {
        Vault {
            objects: stand_in.objects(),
            macie: stand_in.macie(),
            ingress: "in".into(),
            analytics: "an".into(),
            vault: "va".into(),
            detectors: Compiled::default(),
            patience: crate::steps::PATIENCE,
        }
    }

    fn body(body: &str) -> Version {
        Version { body: body.into(), ..Version::default() }
    }

    /// README's price of ten million objects has these numbers.
    #[tokio::test]
    async fn it_takes_few_calls() {
        let buckets = Buckets::default();
        buckets.put("old/a.csv", body("1"));
        let s3 = buckets.stand_in();
        assert_eq!(take(&before(&s3), &of("a.csv", UNVERSIONED)).await, Ok(Outcome::Taken));
        let asked = s3.asked();
        let (writes, reads): (Vec<_>, Vec<_>) =
            asked.iter().partition(|call| call.starts_with("PUT") || call.contains("versions"));
        assert_eq!((writes.len(), reads.len()), (4, 3), "{asked:#?}");
    }

    /// In a bucket without versions an object that is written over is another one.
    #[tokio::test]
    async fn without_versions_what_is_there_is_taken() {
        let buckets = Buckets::default();
        buckets.put("old/a.csv", body("1"));
        let vault = vault(&buckets);
        assert_eq!(take(&vault, &of("a.csv", UNVERSIONED)).await, Ok(Outcome::Taken));
        assert_eq!(take(&vault, &of("a.csv", UNVERSIONED)).await, Ok(Outcome::There));
        buckets.put("old/a.csv", body("2"));
        assert!(matches!(take(&vault, &of("a.csv", UNVERSIONED)).await, Ok(Outcome::Left(_))), "the first one waits");
    }

    fn of(key: &str, version_id: &str) -> Request {
        Request { bucket: "old".into(), key: key.into(), version_id: version_id.into(), into: String::new() }
    }

    #[tokio::test]
    async fn it_is_taken_once_wherever_its_copy_is_by_then() {
        let buckets = Buckets::default();
        let metadata = [("x-amz-meta-team", "sea"), ("x-amz-meta-cvault-digests", ".md5 -")];
        let metadata = metadata.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let tags = vec![("kind".to_owned(), "tide".to_owned()), ("cvault:status".to_owned(), "VAULT_COPY".to_owned())];
        let version = buckets.put("old/a.csv", Version { metadata, tags, ..body("1") });
        let (vault, request) = (vault(&buckets), of("a.csv", &version));
        assert_eq!(take(&vault, &request).await, Ok(Outcome::Taken));
        let [(path, taken)] = &buckets.all("in/")[..] else { panic!("one copy") };
        assert_eq!((path.as_str(), taken.metadata["x-amz-meta-team"].as_str()), ("in/a.csv", "sea"));
        assert_eq!(taken.tags, [("kind".to_owned(), "tide".to_owned())], "nobody else's verdict");
        assert_eq!(taken.metadata.get("x-amz-meta-cvault-digests"), None, "nor marks");
        assert_eq!(buckets.all("old/").len(), 1, "it stays");
        for elsewhere in
            ["va/a.csv".to_owned(), format!("an/{}0000000000000000/a.csv", copies::key_part("in", "a.csv"))]
        {
            assert_eq!(take(&vault, &request).await, Ok(Outcome::There));
            let [(path, taken)] = &buckets.all("in/")[..] else { panic!("one copy") };
            let (path, taken) = (path.clone(), taken.clone());
            buckets.remove(&path);
            buckets.put(&elsewhere, taken.clone());
            assert_eq!(take(&vault, &request).await, Ok(Outcome::There), "{elsewhere}");
            assert!(buckets.all("in/").is_empty());
            buckets.remove(&elsewhere);
            buckets.put("in/a.csv", taken);
        }
    }

    /// What is current in the vault may be newer than what has been in another bucket for years.
    #[tokio::test]
    async fn nothing_is_hidden_by_what_is_taken() {
        for elsewhere in ["va/a.csv", "in/a.csv"] {
            let buckets = Buckets::default();
            let version = buckets.put("old/a.csv", body("1"));
            let vault = vault(&buckets);
            // Of the same size, and with a mark that anybody can write.
            let head = vault.objects.head(Place { bucket: "old", key: "a.csv", version_id: Some(&version) }).await;
            let mark = mark(&of("a.csv", &version), &head.unwrap().unwrap());
            let forged = [(format!("x-amz-meta-{TAKEN}"), mark)].into();
            buckets.put(elsewhere, Version { metadata: forged, ..body("two") });
            let Ok(Outcome::Left(why)) = take(&vault, &of("a.csv", &version)).await else { panic!("{elsewhere}") };
            assert!(why.starts_with("another object with its key"), "{why}");
            let beside = Request { into: "old/".into(), ..of("a.csv", &version) };
            assert_eq!(take(&vault, &beside).await, Ok(Outcome::Taken));
            assert!(buckets.all("in/").iter().any(|(path, _)| path == "in/old/a.csv"));
        }
    }

    /// Nobody knows whether it is the same.
    #[tokio::test]
    async fn what_cannot_be_read_is_another_object() {
        let buckets = Buckets::default();
        let version = buckets.put("old/a.csv", body("1"));
        buckets.put("va/a.csv", body("1"));
        buckets.withhold("va/a.csv", 403, "AccessDenied");
        let left = Outcome::Left("another object with its key is in the vault".into());
        assert_eq!(take(&vault(&buckets), &of("a.csv", &version)).await, Ok(left));
    }

    #[tokio::test]
    async fn what_cannot_be_taken_is_left_with_its_reason() {
        let buckets = Buckets::default();
        let version = buckets.put("old/.cvault/verify/sensitive.csv", body("1"));
        let metadata = [("x-amz-meta-n".to_owned(), "x".repeat(1979))].into();
        let full = buckets.put("old/full.csv", Version { metadata, ..body("1") });
        let (vault, long) = (vault(&buckets), "k".repeat(1020));
        for (request, part) in [
            (of(".cvault/verify/sensitive.csv", &version), "does not accept"),
            (Request { into: "long/".into(), ..of(&long, "v") }, "does not accept"),
            (of("never.csv", "v"), "gone"),
            // Ingress has room for its own mark, and analytics has none for the copy's.
            (of("full.csv", &full), "no room"),
        ] {
            let outcome = take(&vault, &request).await;
            assert!(matches!(&outcome, Ok(Outcome::Left(why)) if why.contains(part)), "{outcome:?}");
        }
        assert!(buckets.all("in/").is_empty());
    }

    #[test]
    fn outcomes_are_counted_by_their_reasons() {
        let mut counts = Counts::default();
        let left = |why: &str| Outcome::Left(why.into());
        for outcome in [Outcome::Started, Outcome::Taken, Outcome::There, left("a"), left("b"), left("a")] {
            counts.add(&serde_json::from_value(serde_json::to_value(outcome).unwrap()).unwrap());
        }
        let expected = Counts { started: 1, taken: 1, there: 1, left: [("a".into(), 2), ("b".into(), 1)].into() };
        assert_eq!(counts, expected);
    }
}

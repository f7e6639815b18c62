//! What is held is judged again, by other rules than before: `cvault judge` has the sweep start an execution for each
//! held copy, whose event names the copy in analytics instead of a version in ingress.
//!
//! Nothing is copied first, since the copy is there. What is clean by now goes to the vault as every clean file does, and
//! S3's event clears the copy. What is held for the same reason as before keeps its place and is told of no more; its
//! tags name the execution that has looked at it last, where its reasons are.

use super::newest::uploaded_by;
use super::{Vault, answer, copied, kept, pair};
use crate::copies;
use crate::messages::{Answer, Failure, FailureKind, Request, Result, Source, Status, Verdict};
use crate::objects::{Head, Place, STATUS};

/// Why nothing is to be judged.
const GONE: &str = "it is no longer held: it was released, discarded or judged meanwhile";

impl Vault {
    /// Whether the execution judges a held copy.
    #[must_use]
    pub fn judges_again(&self, request: &Request) -> bool {
        request.bucket == self.analytics
    }
}

/// Step 1 of such an execution: the copy and the version that it was made from. Nothing is left to do where it is gone,
/// is nobody's copy, or has no verdict yet.
pub(super) async fn held_copy(vault: &Vault, request: &Request) -> Result<Answer> {
    let object = &request.object;
    let place = Place { bucket: &vault.analytics, key: &object.key, version_id: object.version_id.as_deref() };
    let (head, tags) = futures::join!(vault.objects.head(place), vault.objects.tags(place));
    let (Some(head), Some(tags)) = (head?, tags?) else {
        return Ok(gone(request));
    };
    let Some(source) = source(vault, request, &head) else {
        return Ok(left(request, "it does not say which version it is a copy of: release or discard it"));
    };
    if !vault.is_held(&tags, &source.key, &source.copy_id()).await? {
        return Ok(left(request, "it has no verdict yet"));
    }
    Ok(copied(vault, request, source, object.key.clone(), head.version_id))
}

/// The answer with a verdict that holds the copy: the old one, where it is held as before.
pub(super) async fn unless_as_before(vault: &Vault, request: &Request, held: Answer) -> Result<Answer> {
    let (Some(source), mut verdict) = (held.source.clone(), held.verdict.clone()) else { return Ok(held) };
    let Some((_, [before, tags])) = vault.judged_copy(request, &mut verdict).await? else {
        return Ok(gone(request));
    };
    let before = before.iter().find(|tag| tag.key == STATUS);
    if before.is_some_and(|before| before.value != verdict.status.to_string()) {
        return Ok(held);
    }
    vault.objects.put_tags(vault.analytics_copy(&verdict), &tags).await?;
    Ok(answer(request, source, Verdict { status: Status::AlreadySettled, ..verdict }))
}

/// The answer to a deletion that found no held copy: a person has discarded it meanwhile, and nothing of it is in ingress.
pub(super) fn unless_discarded(vault: &Vault, request: &Request, failure: Failure) -> Result<Answer> {
    let is_held = request.verdict.as_ref().is_some_and(|verdict| verdict.status != Status::VaultCopy);
    let is_gone = failure.kind == FailureKind::Missing && is_held && vault.judges_again(request);
    if is_gone { Ok(gone(request)) } else { Err(failure) }
}

/// The version in ingress that a copy was made from; `None` where the copy does not say it.
fn source(vault: &Vault, request: &Request, head: &Head) -> Option<Source> {
    let (id, key) = copies::parts(&request.object.key)?;
    let source = Source {
        bucket: vault.ingress.clone(),
        key: copies::whole(key, head.metadata(copies::KEY_END)),
        version_id: head.metadata(copies::SOURCE_VERSION)?.into(),
        size: head.size,
        uploaded_at: uploaded_by(head),
        companions: pair::marked(head, &request.ingress),
        ..Source::default()
    };
    (head.metadata(copies::COPY) == Some(id) && source.copy_id() == id).then_some(source)
}

/// The answer where the held copy is gone.
pub(super) fn gone(request: &Request) -> Answer {
    left(request, GONE)
}

fn left(request: &Request, reason: &str) -> Answer {
    let (bucket, object) = (&request.bucket, &request.object);
    let source = Source { bucket: bucket.clone(), key: object.key.clone(), ..Source::default() };
    kept::already(request, source, Place { bucket, key: &object.key, version_id: object.version_id.as_deref() }, reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::GivenRules;
    use crate::objects::EXECUTION;
    use crate::stand_in::buckets::{Buckets, Version};
    use crate::stand_in::{Reply, StandIn};
    use crate::steps::{Compiled, PATIENCE};
    use serde_json::json;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const RAGGED: &[u8] = b"seq,city\n1,Kingsford,extra\n";

    fn vault(buckets: &Buckets) -> Vault {
        let s3 = buckets.stand_in();
        let [ingress, analytics, stored] = ["in", "an", "va"].map(str::to_owned);
        let (objects, macie, detectors) = (s3.objects(), s3.macie(), Compiled::default());
        Vault { objects, macie, ingress, analytics, vault: stored, detectors, patience: PATIENCE }
    }

    fn id() -> String {
        copies::copy_id("in", "a/b.csv", "v1")
    }

    /// A copy with these marks and tags.
    fn held(buckets: &Buckets, body: &[u8], mark: &str, tags: &[(&str, &str)]) -> (String, String) {
        let metadata = [("x-amz-meta-cvault-copy", mark), ("x-amz-meta-cvault-source-version", "v1")];
        let metadata = metadata.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let key = format!("{}/a/b.csv", id());
        let version = Version { body: body.into(), metadata, tags, ..Version::default() };
        (buckets.put(&format!("an/{key}"), version), key)
    }

    fn request(step: &str, (version, key): &(String, String)) -> Request {
        let request = json!({"Step": step, "Bucket": "an", "Execution": "arn:new",
            "Object": {"key": key, "version-id": version}});
        serde_json::from_value(request).unwrap()
    }

    /// Goes as far as to the inspection's verdict.
    async fn inspected(vault: &Vault, held: &(String, String)) -> Answer {
        let copied = vault.take(request("CopyToAnalytics", held)).await.unwrap();
        assert_eq!(copied.verdict.status, Status::Copied, "{copied:#?}");
        let rules = Some(GivenRules::Known(contract::Rules::default()));
        let inspect = request("InspectContent", held);
        vault.take(Request { source: copied.source, verdict: Some(copied.verdict), rules, ..inspect }).await.unwrap()
    }

    #[tokio::test]
    async fn what_is_clean_by_now_may_be_stored() {
        let buckets = Buckets::default();
        let copy = held(&buckets, b"seq\n1\n", &id(), &[(STATUS, "HAS_FINDINGS"), (EXECUTION, "arn:old")]);
        let answer = inspected(&vault(&buckets), &copy).await;
        assert_eq!(answer.verdict.status, Status::Clean, "{answer:#?}");
        let source = answer.source.unwrap();
        assert_eq!((source.key.as_str(), source.version_id.as_str(), source.bucket.as_str()), ("a/b.csv", "v1", "in"));
        assert_eq!(answer.verdict.analytics_version_id, copy.0);
    }

    /// Nobody is told twice; the tags lead to the reasons of the last look.
    #[tokio::test]
    async fn what_is_held_as_before_is_told_of_no_more() {
        let buckets = Buckets::default();
        let copy =
            held(&buckets, RAGGED, &id(), &[("team", "sea"), (STATUS, "INTEGRITY_FAIL"), (EXECUTION, "arn:old")]);
        let answer = inspected(&vault(&buckets), &copy).await;
        assert_eq!((answer.verdict.status, answer.notice), (Status::AlreadySettled, None));
        assert!(answer.verdict.reasons[0].contains("row 2 has 3 fields"), "{:?}", answer.verdict.reasons);
        let tags = &buckets.all("an/")[0].1.tags;
        let tags: Vec<_> = tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(tags, [("team", "sea"), (STATUS, "INTEGRITY_FAIL"), (EXECUTION, "arn:new")]);
    }

    #[tokio::test]
    async fn what_is_held_for_another_reason_is_told_of() {
        let buckets = Buckets::default();
        let copy = held(&buckets, RAGGED, &id(), &[(STATUS, "NOT_ANALYSED"), (EXECUTION, "arn:old")]);
        let answer = inspected(&vault(&buckets), &copy).await;
        assert_eq!(answer.verdict.status, Status::IntegrityFail);
        assert!(answer.notice.is_some());
    }

    /// S3 does not show its tags for a moment: no verdict is written over one that nobody has seen.
    #[tokio::test]
    async fn a_verdict_that_is_not_shown_stays() {
        let buckets = Buckets::default();
        let copy = held(&buckets, RAGGED, &id(), &[(STATUS, "NOT_ANALYSED")]);
        let (real, reads) = (buckets.stand_in(), AtomicUsize::new(0));
        let s3 = StandIn::new(move |call| {
            let is_read = call.what.starts_with("GET /an/") && call.what.contains("tagging");
            // The first step has seen them.
            let is_hidden = is_read && reads.fetch_add(1, Ordering::Relaxed) == 1;
            if is_hidden { Reply::Status(404) } else { (real.answer)(call) }
        });
        inspected(&Vault { objects: s3.objects(), ..vault(&buckets) }, &copy).await;
        assert_eq!(buckets.all("an/")[0].1.tags[0].1, "NOT_ANALYSED");
    }

    /// A person discards it while it is looked at: nothing is held that anybody could be told of.
    #[tokio::test]
    async fn what_is_gone_by_now_is_told_of_no_more() {
        for body in [RAGGED, b"seq\n1\n"] {
            let buckets = Buckets::default();
            let copy = held(&buckets, body, &id(), &[(STATUS, "NOT_ANALYSED"), (EXECUTION, "arn:old")]);
            let vault = vault(&buckets);
            let copied = vault.take(request("CopyToAnalytics", &copy)).await.unwrap();
            let rules = Some(GivenRules::Known(contract::Rules::default()));
            let given = |step: &str, answer: Answer| {
                let (source, verdict) = (answer.source, Some(answer.verdict));
                Request { source, verdict, rules: rules.clone(), ..request(step, &copy) }
            };
            let inspected = vault.take(given("InspectContent", copied.clone())).await.unwrap();
            buckets.remove(&format!("an/{}", copy.1));
            let steps = match inspected.verdict.status {
                Status::Clean => vec![given("StoreInVault", inspected)],
                _ => vec![given("InspectContent", copied), given("DeleteFromIngress", inspected)],
            };
            for step in steps {
                let after = vault.take(step).await.unwrap();
                assert_eq!((after.verdict.status, &after.notice), (Status::AlreadySettled, &None), "{after:#?}");
                assert!(after.verdict.reasons[0].contains("no longer held"), "{after:#?}");
            }
        }
    }

    /// Ten tags of its own leave no room for a verdict: it has none while its version waits.
    #[tokio::test]
    async fn what_has_no_room_for_a_verdict_is_held_once_its_version_is_gone() {
        let buckets = Buckets::default();
        let version = buckets.put("in/a/b.csv", Version { body: RAGGED.into(), ..Version::default() });
        let id = copies::copy_id("in", "a/b.csv", &version);
        let names: Vec<_> = (0..10).map(|number| number.to_string()).collect();
        let tags: Vec<_> = names.iter().map(|name| (name.as_str(), "x")).collect();
        let marks = [("x-amz-meta-cvault-copy", id.as_str()), ("x-amz-meta-cvault-source-version", &version)];
        let metadata = marks.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let copy = Version { body: RAGGED.into(), metadata, tags, ..Version::default() };
        let key = format!("{id}/a/b.csv");
        let copy = (buckets.put(&format!("an/{key}"), copy), key);
        let status = async || vault(&buckets).take(request("CopyToAnalytics", &copy)).await.unwrap().verdict.status;
        assert_eq!(status().await, Status::AlreadySettled);
        buckets.remove("in/a/b.csv");
        assert_eq!(status().await, Status::Copied);
    }

    /// What has no verdict is its judge's, what is no copy of ours is nobody's, and what is gone is settled.
    #[tokio::test]
    async fn nothing_else_is_judged_again() {
        let buckets = Buckets::default();
        let unjudged = held(&buckets, b"seq\n1\n", &id(), &[]);
        let foreign = held(&buckets, b"seq\n1\n", "another", &[(STATUS, "HAS_FINDINGS")]);
        let gone = ("no-such-version".to_owned(), unjudged.1.clone());
        for (copy, why) in [(unjudged, "no verdict yet"), (foreign, "does not say"), (gone, "no longer held")] {
            let answer = vault(&buckets).take(request("CopyToAnalytics", &copy)).await.unwrap();
            assert_eq!(answer.verdict.status, Status::AlreadySettled);
            assert!(answer.verdict.reasons[0].contains(why), "{:?}", answer.verdict.reasons);
        }
    }
}

//! What may not be deleted from ingress: it is judged once, and told of once.

use super::senders::{BROKEN, CLEAN, OTHER, World};
use crate::audit;
use crate::messages::{Answer, Failure, FailureKind, Request, Status};
use crate::objects::Place;
use crate::stand_in::Reply;
use crate::steps::{Decision, PATIENCE, Released};
use contract::IngressRules;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where nothing may be deleted from ingress, until it may.
fn held_fast() -> (World, Arc<AtomicBool>) {
    let may = Arc::new(AtomicBool::new(false));
    let is_free = Arc::clone(&may);
    let world = World::where_s3(IngressRules::default(), move |call| {
        let is_refused = call.what.starts_with("DELETE /in/") && !is_free.load(Ordering::Relaxed);
        is_refused.then_some(Reply::Refusal(403, "AccessDenied"))
    });
    (world, may)
}

/// The state machine up to the deletion that fails; its request and failure.
async fn judged(world: &World, body: &[u8]) -> (String, Request, Failure) {
    let version = world.put("a.csv", body);
    let event = ("a.csv", version.as_str());
    let mut answer = world.begun(event.0, event.1).await;
    for (status, step) in [(Status::Copied, "InspectContent"), (Status::Clean, "StoreInVault")] {
        if answer.verdict.status == status {
            answer = world.vault.take(world.given(step, event, &answer)).await.unwrap();
        }
    }
    let request = world.given("DeleteFromIngress", event, &answer);
    let failure = world.vault.take(request.clone()).await.unwrap_err();
    (version, request, failure)
}

/// The state machine up to where a clean version is in the vault.
async fn store(world: &World, version: &str) {
    let event = ("a.csv", version);
    let answer = world.begun(event.0, event.1).await;
    let answer = world.after("InspectContent", event, &answer).await;
    world.after("StoreInVault", event, &answer).await;
}

/// An execution that the sweep begins much later.
async fn swept(world: &World, version: &str) -> Answer {
    world.buckets.age(2 * PATIENCE);
    swept_now(world, version).await
}

async fn swept_now(world: &World, version: &str) -> Answer {
    world.is_swept.set(true);
    let execution = "arn:aws:states:eu-west-1:1:execution:m:sweep".to_owned();
    world.vault.take(Request { execution, ..world.request("CopyToAnalytics", ("a.csv", version)) }).await.unwrap()
}

fn is_quiet(answer: &Answer, why: &str) {
    assert_eq!((answer.verdict.status, &answer.notice), (Status::AlreadySettled, &None), "{answer:#?}");
    assert!(answer.verdict.reasons[0].contains(why), "{answer:#?}");
}

/// However it was judged, and wherever it is by then.
#[tokio::test]
async fn it_is_judged_once_and_deleted_when_it_may_be() {
    for (body, status) in [(BROKEN, Status::IntegrityFail), (CLEAN, Status::VaultCopy)] {
        let (world, may) = held_fast();
        let (version, request, failure) = judged(&world, body).await;
        assert_eq!((failure.kind, failure.is_after_verdict), (FailureKind::Denied, true));
        // The state machine tells of it after its last try, and the verdict is in the record by then.
        let line = |attempt| audit::standing(&failure, &Request { attempt, ..request.clone() });
        assert!(line(3).is_none());
        assert_eq!(line(4).map(|answer| answer.verdict.status), Some(status));
        is_quiet(&swept(&world, &version).await, "may not be deleted");
        is_quiet(&swept(&world, &version).await, "may not be deleted");
        assert_eq!(world.left("in"), ["in/a.csv"], "it waits, and is counted");
        // No other copy is made, and what is in the vault is nowhere else: S3's event about it may be lost.
        let is_stored = usize::from(status == Status::VaultCopy);
        assert_eq!((world.left("an").len(), world.left("va").len()), (1 - is_stored, is_stored));
        may.store(true, Ordering::Relaxed);
        is_quiet(&swept(&world, &version).await, "is deleted from ingress now");
        assert!(world.left("in").is_empty());
    }
}

/// What people have released is in the vault for good.
#[tokio::test]
async fn what_was_released_is_not_held_again() {
    let (world, _) = held_fast();
    let (version, ..) = judged(&world, BROKEN).await;
    let (path, copy) = world.buckets.all("an/").pop().unwrap();
    let from = Place { bucket: "an", key: path.strip_prefix("an/").unwrap(), version_id: Some(&copy.id) };
    let decision = Decision { by: "ana", reason: "test data" };
    assert!(matches!(world.vault.release(from, "a.csv", decision).await, Ok(Released::Stored(_))));
    world.buckets.remove(&path);
    is_quiet(&swept(&world, &version).await, "may not be deleted");
    assert!(world.left("an").is_empty());
}

/// Of what was discarded nothing says that it ever was judged.
#[tokio::test]
async fn what_was_discarded_is_judged_again() {
    let (world, _) = held_fast();
    let (version, ..) = judged(&world, BROKEN).await;
    let (path, _) = world.buckets.all("an/").pop().unwrap();
    world.buckets.remove(&path);
    assert_eq!(swept(&world, &version).await.verdict.status, Status::Copied);
}

/// The execution that stored it goes on by itself, as a Standard one after an Express one of its name: it has to tell.
#[tokio::test]
async fn who_has_stored_it_tells_of_it() {
    let (world, _) = held_fast();
    let (version, ..) = judged(&world, CLEAN).await;
    let (path, _) = world.buckets.all("an/").pop().unwrap();
    world.buckets.remove(&path);
    world.buckets.age(2 * PATIENCE);
    assert_eq!(world.begun("a.csv", &version).await.verdict.status, Status::Copied);
}

/// The sweep takes what is older than a few minutes, while a judge may be older still.
#[tokio::test]
async fn the_next_sweep_says_nothing_either() {
    let (world, _) = held_fast();
    let (version, ..) = judged(&world, CLEAN).await;
    let (path, _) = world.buckets.all("an/").pop().unwrap();
    world.buckets.remove(&path);
    world.buckets.age(PATIENCE / 2);
    is_quiet(&swept_now(&world, &version).await, "may not be deleted");
    assert!(world.left("an").is_empty());
}

/// Its judge died when it had stored it on top of a newer one.
#[tokio::test]
async fn the_newer_one_is_put_on_top_before() {
    let (world, may) = held_fast();
    let (older, newer) = (world.put("a.csv", OTHER), world.put("a.csv", CLEAN));
    may.store(true, Ordering::Relaxed);
    assert_eq!(world.status("a.csv", &newer).await, Status::VaultCopy);
    may.store(false, Ordering::Relaxed);
    store(&world, &older).await;
    assert_eq!(world.stored(), (CLEAN.to_vec(), 2));
    let all = world.buckets.all("va/");
    world.buckets.remove("va/a.csv");
    for (path, version) in all.into_iter().take(2) {
        world.buckets.put(&path, version);
    }
    assert_eq!(world.stored(), (OTHER.to_vec(), 2), "as if it had not been put on top again");
    is_quiet(&swept(&world, &older).await, "may not be deleted");
    assert_eq!(world.stored(), (CLEAN.to_vec(), 2));
}

/// A copy that nobody may clear keeps nothing in ingress.
#[tokio::test]
async fn a_copy_that_stays_is_the_sweeps() {
    let world = World::where_s3(IngressRules::default(), |call| {
        call.what.starts_with("DELETE /an/").then_some(Reply::Refusal(403, "AccessDenied"))
    });
    let version = world.put("a.csv", CLEAN);
    store(&world, &version).await;
    is_quiet(&swept(&world, &version).await, "is deleted from ingress now");
    assert_eq!((world.left("in").len(), world.left("an").len()), (0, 1));
}

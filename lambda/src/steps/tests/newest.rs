//! Versions of one key that came in the same second: S3's sequencers tell which one is newer, and what a sweep starts, or a
//! companion's event, has none.

use super::senders::{CLEAN, OTHER, World};
use super::vault;
use crate::messages::{Failure, FailureKind, Request, Result, Status};
use crate::stand_in::buckets::{Buckets, Version};
use contract::IngressRules;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Two versions of the same second, the older one first.
fn sent() -> (World, [String; 2]) {
    let world = World::of(IngressRules::default());
    let versions = [OTHER, CLEAN].map(|body| world.put("a.csv", body));
    world.buckets.at_once("in/");
    (world, versions)
}

async fn judged(world: &World, version: &str, is_swept: bool) {
    world.is_swept.set(is_swept);
    assert_eq!(world.status("a.csv", version).await, Status::VaultCopy);
}

/// Whichever event was lost, and whichever is judged first.
#[tokio::test]
async fn the_newer_one_of_a_second_stays_current() {
    for lost in [[true, false], [false, true], [true, true], [false, false]] {
        for order in [[0, 1], [1, 0]] {
            let (world, versions) = sent();
            for at in order {
                judged(&world, &versions[at], lost[at]).await;
            }
            // Of the last one alone nobody can say that it came later: it is not put on top of what may be newer.
            let expected = if lost == [false, true] && order == [0, 1] { OTHER } else { CLEAN };
            assert_eq!(world.stored(), (expected.to_vec(), 2), "{lost:?} {order:?}");
            assert_eq!(world.left("in"), [""; 0]);
        }
    }
}

/// A third one, of which S3 says that it is newer than one of the two, is current instead of both.
#[tokio::test]
async fn what_is_surely_newer_comes_on_top() {
    for swept in [0, 1] {
        let (world, [one, two]) = sent();
        let three = world.put("a.csv", b"seq,city\n3,Kingsford\n");
        world.buckets.at_once("in/");
        for (at, version) in [(0, &one), (1, &two), (2, &three)] {
            judged(&world, version, at == swept).await;
        }
        let (current, count) = world.stored();
        assert_eq!((current.as_slice(), count), (&b"seq,city\n3,Kingsford\n"[..], 3), "{swept}");
    }
}

/// Whoever comes to a version again leaves it where it is.
#[tokio::test]
async fn a_second_try_changes_nothing() {
    for order in [[0, 1], [1, 0]] {
        let (world, versions) = sent();
        world.is_swept.set(true);
        let copied = [world.begun("a.csv", &versions[0]).await, world.begun("a.csv", &versions[1]).await];
        for at in order.into_iter().chain(order) {
            world.ended(("a.csv", &versions[at]), copied[at].clone()).await;
        }
        assert_eq!(world.stored(), (CLEAN.to_vec(), 2), "{order:?}");
    }
}

/// Nothing is stored that would hide what is newer and cannot be put on top again: it waits, and is stored once that is
/// restored or under something newer still.
#[tokio::test]
async fn an_older_version_waits_while_the_newer_one_cannot_be_copied() {
    waits_below(|buckets| buckets.archive("va/a.csv"), (FailureKind::Archived, "storage class GLACIER")).await;
    for (status, code) in [(400, "KMS.DisabledException"), (403, "AccessDenied")] {
        let lost = |buckets: &Buckets| buckets.withhold("va/a.csv", status, code);
        waits_below(lost, (FailureKind::Denied, "needs kms:Decrypt")).await;
    }
}

async fn waits_below(shut: impl Fn(&Buckets), (kind, why): (FailureKind, &str)) {
    let (world, [old, new]) = sent();
    judged(&world, &new, false).await;
    shut(&world.buckets);
    world.is_swept.set(false);
    let begun = world.begun("a.csv", &old).await;
    let clean = world.after("InspectContent", ("a.csv", &old), &begun).await;
    let state = Request {
        source: clean.source,
        verdict: Some(clean.verdict),
        ..world.request("StoreInVault", ("a.csv", &old))
    };
    let stores: Result<_> = world.vault.take(state.clone()).await;
    let Err(Failure { kind: found, message, .. }) = stores else { panic!("{stores:?}") };
    assert!(found == kind && message.contains(why), "{found:?} {message}");
    assert_eq!((world.stored(), world.left("in")), ((CLEAN.to_vec(), 1), vec!["in/a.csv".to_owned()]));
    let third = world.put("a.csv", b"seq,city\n3,Kingsford\n");
    judged(&world, &third, false).await;
    world.vault.take(state).await.unwrap();
    let (current, count) = world.stored();
    assert_eq!((current.as_slice(), count), (&b"seq,city\n3,Kingsford\n"[..], 3));
}

/// What its event or its copy says of a version that is gone is enough to leave out others: its size, and when it was uploaded.
#[tokio::test]
async fn a_trace_is_looked_for_among_what_may_be_it() {
    for has_copy in [false, true] {
        let looks = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&looks);
        let world = World::where_s3(IngressRules::default(), move |call| {
            let is_look = call.what.starts_with("HEAD /va/a.csv?versionId=");
            counted.fetch_add(usize::from(is_look), Ordering::Relaxed);
            None
        });
        for _ in 0..10 {
            let body = if has_copy { CLEAN } else { b"seq\n1\n" };
            world.buckets.put("va/a.csv", Version { body: body.into(), ..Version::default() });
        }
        world.buckets.age(600);
        let version = world.put("a.csv", CLEAN);
        let request = world.request("CopyToAnalytics", ("a.csv", &version));
        if has_copy {
            world.vault.take(request.clone()).await.unwrap();
        }
        world.vault.objects.delete("in", "a.csv", &version).await.unwrap();
        let answer = world.vault.take(request).await.unwrap();
        let expected = if has_copy { Status::Copied } else { Status::Gone };
        let is_timed = answer.source.is_some_and(|source| source.uploaded_at > 0);
        assert_eq!((answer.verdict.status, is_timed), (expected, has_copy));
        assert_eq!(looks.load(Ordering::Relaxed), 0, "{has_copy}");
    }
}

/// A key that is sent each minute has a hundred thousand versions in the vault: none from before the upload is looked at.
#[tokio::test]
async fn what_was_stored_before_the_upload_is_not_looked_at() {
    let buckets = Buckets::default();
    let put = |id: &str| {
        let metadata = [("x-amz-meta-cvault-copy".to_owned(), id.to_owned())].into();
        buckets.put("va/a.csv", Version { body: CLEAN.into(), metadata, ..Version::default() })
    };
    let now = || buckets.all("va/").last().unwrap().1.stored_at;
    for _ in 0..50 {
        put("before");
    }
    buckets.age(600);
    let wanted = put("wanted");
    put("after");
    let s3 = buckets.stand_in();
    let size = Some(CLEAN.len() as u64);
    let found = vault(&s3).vaulted("a.csv", "wanted", size, now()).await.unwrap();
    assert_eq!(found.map(|head| head.version_id), Some(wanted));
    let heads = s3.asked().iter().filter(|call| call.starts_with("HEAD")).count();
    assert_eq!(heads, 3, "the current one, and those since the upload");
}

//! What of analytics is cleared when something is in the vault that does not say which copy it is.

use super::senders::{BROKEN, CLEAN, World};
use crate::copies::copy_id;
use crate::messages::{FailureKind, Status};
use crate::objects::Place;
use crate::stand_in::buckets::Version;
use crate::steps::clear::clear_alike;
use contract::IngressRules;
use std::collections::BTreeMap;

/// A tool that copies in parts drops the mark, or a releaser uploads the file by hand.
#[tokio::test]
async fn what_was_stored_without_its_mark_has_its_held_copy_cleared() {
    let world = World::of(IngressRules::default());
    let (first, second) = (world.put("a.csv", BROKEN), world.put("a.csv", b"seq,city\n2,Kingsford,extra\n"));
    for version in [first, second] {
        assert_eq!(world.status("a.csv", &version).await, Status::IntegrityFail);
    }
    let unjudged = world.put("a.csv", BROKEN);
    world.vault.take(world.request("CopyToAnalytics", ("a.csv", &unjudged))).await.unwrap();
    assert_eq!(world.left("an").len(), 3);
    let stored = world.buckets.put("va/a.csv", Version { body: BROKEN.into(), ..Version::default() });
    let cleared = world.vault.take(world.request("ClearAnalytics", ("a.csv", &stored))).await.unwrap();
    assert_eq!((cleared.verdict.status, world.left("an").len()), (Status::Cleared, 2), "{cleared:#?}");
    assert!(cleared.verdict.reasons[0].ends_with("and stay: 1"), "{:?}", cleared.verdict.reasons);
    // What names its copy and has other bytes leaves it, and somebody is told.
    let held = world.buckets.all("an/").into_iter().find(|(_, it)| !it.tags.is_empty()).unwrap();
    let metadata = held.1.metadata.clone();
    let other = world.buckets.put("va/a.csv", Version { body: CLEAN.into(), metadata, ..Version::default() });
    let failure = world.vault.take(world.request("ClearAnalytics", ("a.csv", &other))).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::CopyMismatch);
    assert_eq!(world.left("an").len(), 2);
}

/// What is too large to be read is known by S3's checksums; where they say nothing, somebody is told.
#[tokio::test]
async fn a_large_copy_is_cleared_by_its_checksum_or_told_of() {
    let crc = |value: &str| [("x-amz-checksum-crc64nvme".to_owned(), value.to_owned())].into();
    let sha = |value: &str| [("x-amz-checksum-sha256".to_owned(), value.to_owned())].into();
    for (stored, copied, expected) in [
        (crc("one"), crc("one"), Ok(0)),
        (crc("one"), crc("two"), Ok(1)),
        (crc("one"), sha("one"), Err(FailureKind::CopyMismatch)),
        (crc("one"), BTreeMap::new(), Err(FailureKind::CopyMismatch)),
    ] {
        let world = World::of(IngressRules::default());
        let version = world.put("a.csv", BROKEN);
        world.status("a.csv", &version).await;
        let (path, held) = world.buckets.all("an/").pop().unwrap();
        world.buckets.remove(&path);
        let metadata = held.metadata.clone().into_iter().chain(copied).collect();
        world.buckets.put(&path, Version { metadata, ..held });
        let stored = Version { body: BROKEN.into(), metadata: stored, ..Version::default() };
        let id = world.buckets.put("va/a.csv", stored);
        let place = Place { bucket: "va", key: "a.csv", version_id: Some(&id) };
        let there = world.vault.objects.head(place).await.unwrap().unwrap();
        let most = u64::try_from(BROKEN.len()).unwrap() - 1;
        let cleared = clear_alike(&world.vault, &there, "a.csv", most).await;
        let left = cleared.map(|_| world.left("an").len()).map_err(|failure| failure.kind);
        assert_eq!(left, expected);
    }
}

/// A held copy whose own tags leave no room to say so is no other's: its version has left ingress.
#[tokio::test]
async fn a_copy_without_room_for_its_verdict_is_cleared_as_well() {
    let world = World::of(IngressRules::default());
    let tags: Vec<_> = (0..10).map(|number| (number.to_string(), String::new())).collect();
    let put =
        || world.buckets.put("in/a.csv", Version { body: BROKEN.into(), tags: tags.clone(), ..Version::default() });
    let (held, waiting) = (put(), put());
    assert_eq!(world.status("a.csv", &held).await, Status::IntegrityFail);
    world.vault.take(world.request("CopyToAnalytics", ("a.csv", &waiting))).await.unwrap();
    assert_eq!(world.left("an").len(), 2);
    let stored = world.buckets.put("va/a.csv", Version { body: BROKEN.into(), ..Version::default() });
    world.vault.take(world.request("ClearAnalytics", ("a.csv", &stored))).await.unwrap();
    let left = world.buckets.all("an/");
    let [(path, _)] = &left[..] else { panic!("{left:?}") };
    assert!(path.contains(&copy_id("in", "a.csv", &waiting)), "the other one is being judged");
}

//! Companions that are left over: of an earlier version of their file, or of none that comes.

use super::senders::{CLEAN, MD5, OTHER, World};
use crate::messages::Status;

/// Of [`OTHER`].
const OTHER_MD5: &str = "e20f0ceb61f2bf7efe73fb9f14726efe";
/// More than a digest, so that it is lost with no file.
const LONG: &str = "00000000000000000000000000000000  b.csv\n";

/// A file that was judged by what came with it, which stays.
async fn judged(world: &World, companion: &str, says: &str) {
    world.put("a.csv", OTHER);
    let version = world.put(companion, says.as_bytes());
    assert_eq!(world.status(companion, &version).await, Status::VaultCopy);
    assert_eq!(world.left("in"), [format!("in/{companion}")]);
    world.buckets.age(60);
}

/// What an earlier version was judged by says nothing of the next one, which waits for its own.
#[tokio::test]
async fn a_companion_of_an_earlier_version_has_not_come() {
    let digests = format!("{OTHER_MD5}  a.csv\n{LONG}");
    for (companion, old, new) in [("a.csv.md5", digests.as_str(), MD5), ("a.csv.done", "rows=1\n", "rows=1, again\n")] {
        let world = World::pairing(&[".done", ".md5"]);
        judged(&world, companion, old).await;
        let version = world.put("a.csv", CLEAN);
        let left_over = world.buckets.all(&format!("in/{companion}"))[0].1.id.clone();
        assert_eq!(world.status("a.csv", &version).await, Status::NothingToJudge);
        // As the sweep has it.
        world.buckets.age(4000);
        assert_eq!(world.status(companion, &left_over).await, Status::NothingToJudge);
        assert_eq!(world.status("a.csv", &version).await, Status::NothingToJudge);
        world.buckets.age(3600);
        let newer = world.put(companion, new.as_bytes());
        assert_eq!(world.status(companion, &newer).await, Status::VaultCopy, "{companion}");
        assert_eq!(world.buckets.all("va/a.csv").pop().unwrap().1.body, CLEAN);
    }
}

/// Nobody waits for ever: after a day it is held with a reason that says so, or is stored if it is what the digest says.
#[tokio::test]
async fn who_sends_no_other_companion_is_told_so() {
    let digests = format!("{OTHER_MD5}  a.csv\n{LONG}");
    for (companion, says, body, expected) in [
        ("a.csv.md5", digests.as_str(), CLEAN, Status::IntegrityFail),
        ("a.csv.md5", digests.as_str(), OTHER, Status::VaultCopy),
        ("a.csv.done", "rows=1\n", CLEAN, Status::IntegrityFail),
    ] {
        let world = World::pairing(&[".done", ".md5"]);
        judged(&world, companion, says).await;
        let version = world.put("a.csv", body);
        world.buckets.age(23 * 3600);
        assert_eq!(world.status("a.csv", &version).await, Status::NothingToJudge);
        world.buckets.age(2 * 3600);
        let answer = world.event("a.csv", &version).await;
        assert_eq!(answer.verdict.status, expected, "{companion} {answer:#?}");
        if expected == Status::IntegrityFail {
            let reason = &answer.verdict.reasons[0];
            let is_said = reason.contains("was there before it") && reason.contains("earlier version");
            assert!(is_said && reason.contains(&companion[5..]) && answer.notice.is_some(), "{reason}");
        }
        // Then it is alone, and a file as any other.
        let left_over = world.buckets.all(&format!("in/{companion}"))[0].1.id.clone();
        assert_eq!(world.status(companion, &left_over).await, Status::IntegrityFail, "no format that is known");
        assert_eq!(world.left("in"), [""; 0]);
    }
}

/// A file whose digest came a minute before it is stored, and leaves nothing in ingress.
async fn comes_behind_its_companion(world: &World, body: &[u8], says: &str) {
    world.put("a.csv.md5", says.as_bytes());
    world.buckets.age(60);
    let version = world.put("a.csv", body);
    assert_eq!(world.status("a.csv", &version).await, Status::VaultCopy);
    assert_eq!(world.left("in"), [""; 0]);
    world.buckets.age(60);
}

/// Who sends the companion first is not kept waiting, whatever was judged before it came.
#[tokio::test]
async fn a_companion_may_come_first_each_time() {
    let world = World::pairing(&[".done", ".md5"]);
    for (body, says) in [(OTHER, OTHER_MD5), (CLEAN, MD5)] {
        comes_behind_its_companion(&world, body, says).await;
    }
    // One that is about other bytes says when it came.
    world.put("a.csv.md5", OTHER_MD5.as_bytes());
    world.buckets.age(60);
    let version = world.put("a.csv", CLEAN);
    let answer = world.event("a.csv", &version).await;
    assert_eq!(answer.verdict.status, Status::IntegrityFail);
    assert!(answer.verdict.reasons[0].contains("was there before it"), "{:?}", answer.verdict.reasons);
}

/// What was judged before the key was changed says by which companion, though nobody can read it any more.
#[tokio::test]
async fn what_cannot_be_read_in_the_vault_keeps_no_pair_waiting() {
    let world = World::pairing(&[".md5"]);
    for (body, says) in [(OTHER, OTHER_MD5), (CLEAN, MD5)] {
        comes_behind_its_companion(&world, body, says).await;
        world.buckets.withhold("va/a.csv", 403, "AccessDenied");
    }
    assert_eq!(world.stored(), (CLEAN.to_vec(), 2));
}

/// A fresh companion is enough, and what is left over of another one is not compared.
#[tokio::test]
async fn one_that_has_come_is_enough() {
    let world = World::pairing(&[".done", ".md5"]);
    judged(&world, "a.csv.md5", &format!("{OTHER_MD5}  a.csv\n{LONG}")).await;
    world.put("a.csv", CLEAN);
    let done = world.put("a.csv.done", b"");
    assert_eq!(world.status("a.csv.done", &done).await, Status::VaultCopy);
    assert_eq!(world.left("in"), ["in/a.csv.md5"]);
}

/// One whose file never comes is a file of its own after an hour: here one that is empty.
#[tokio::test]
async fn a_companion_of_no_file_is_judged() {
    let world = World::pairing(&[".done"]);
    let done = world.put("a.csv.done", b"");
    world.buckets.age(3500);
    assert_eq!(world.status("a.csv.done", &done).await, Status::NothingToJudge);
    world.buckets.age(200);
    let answer = world.event("a.csv.done", &done).await;
    assert!(answer.verdict.status == Status::IntegrityFail && answer.notice.is_some(), "{answer:#?}");
    assert_eq!((world.left("in").len(), world.left("an").len()), (0, 1));
}

/// A sender that writes an empty mark beside a digest: the file is judged by what comes first, and then the mark comes.
async fn marked_late() -> (World, String) {
    let world = World::pairing(&[".md5", ".done"]);
    world.put("a.csv", CLEAN);
    let digest = world.put("a.csv.md5", MD5.as_bytes());
    assert_eq!(world.status("a.csv.md5", &digest).await, Status::VaultCopy);
    world.buckets.age(30);
    let done = world.put("a.csv.done", b"");
    (world, done)
}

#[tokio::test]
async fn an_empty_companion_that_comes_late_goes_along() {
    let (world, done) = marked_late().await;
    assert_eq!(world.status("a.csv.done", &done).await, Status::NothingToJudge);
    assert_eq!(world.left("in"), [""; 0]);
}

/// Its event comes when the next version is there, which waits for its own: the digest of that is compared.
#[tokio::test]
async fn an_empty_companion_that_came_late_is_not_the_next_ones() {
    let (world, done) = marked_late().await;
    world.buckets.age(30);
    let next = world.put("a.csv", OTHER);
    assert_eq!(world.status("a.csv", &next).await, Status::NothingToJudge);
    assert_eq!(world.status("a.csv.done", &done).await, Status::NothingToJudge);
    let digest = world.put("a.csv.md5", MD5.as_bytes());
    assert_eq!(world.status("a.csv.md5", &digest).await, Status::IntegrityFail, "it is that of other bytes");
}

/// The mark of a version that still waits, since its event is late, is not the next one's to take away.
#[tokio::test]
async fn an_empty_companion_of_a_version_that_waits_stays() {
    let world = World::pairing(&[".done"]);
    let mut done = vec![];
    for body in [OTHER, CLEAN] {
        world.put("a.csv", body);
        world.buckets.age(10);
        done.push(world.put("a.csv.done", b""));
        world.buckets.age(50);
    }
    for version in done.iter().rev() {
        assert_eq!(world.status("a.csv.done", version).await, Status::VaultCopy);
    }
    assert_eq!((world.stored(), world.left("in").len()), ((CLEAN.to_vec(), 2), 0));
}

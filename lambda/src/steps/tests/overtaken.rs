//! Files with companions whose next version comes before they are judged, or while they are: each is judged by what came for
//! it, however late its event is, and none by what came for another one.

use super::senders::{CLEAN, MD5, OTHER, World};
use crate::messages::Status;

/// Of [`OTHER`].
const OTHER_MD5: &str = "e20f0ceb61f2bf7efe73fb9f14726efe";

/// A sender: puts one after the other, a minute apart, and gives their versions.
fn sent<const N: usize>(world: &World, all: [(&str, &[u8]); N]) -> [String; N] {
    all.map(|(key, body)| {
        world.buckets.age(60);
        world.put(key, body)
    })
}

/// A companion that comes while an earlier version is being judged is the next one's, whenever the earlier one is stored.
#[tokio::test]
async fn a_companion_that_comes_while_another_version_is_judged_is_not_that_ones() {
    for (end, first, second) in [(".md5", OTHER_MD5, MD5), (".done", "", ""), (".done", "rows=1", "rows=1")] {
        let world = World::pairing(&[".done", ".md5"]);
        let companion = format!("a.csv{end}");
        let [_, done] = sent(&world, [("a.csv", OTHER), (&companion, first.as_bytes())]);
        let judging = world.begun(&companion, &done).await;
        let [_] = sent(&world, [(&companion, second.as_bytes())]);
        world.buckets.age(60);
        assert_eq!(world.ended((&companion, &done), judging).await.verdict.status, Status::VaultCopy);
        let [next] = sent(&world, [("a.csv", CLEAN)]);
        assert_eq!(world.status("a.csv", &next).await, Status::VaultCopy, "{end}");
        assert_eq!(world.stored(), (CLEAN.to_vec(), 2));
    }
}

/// Whoever goes on with a version, by whichever event, judges it by what the first one has judged it by, and takes nothing of
/// the next one's away.
#[tokio::test]
async fn who_goes_on_judges_by_the_same_companion() {
    for companion_first in [false, true] {
        for (says, expected) in [(OTHER_MD5, Status::VaultCopy), (MD5, Status::IntegrityFail)] {
            let world = World::pairing(&[".md5"]);
            let all = [("a.csv", OTHER), ("a.csv.md5", says.as_bytes())];
            let [one, two] = sent(&world, if companion_first { [all[1], all[0]] } else { all });
            let event = (if companion_first { "a.csv" } else { "a.csv.md5" }, two.as_str());
            world.begun(event.0, event.1).await;
            let new = [("a.csv", CLEAN), ("a.csv.md5", MD5.as_bytes())];
            let [three, four] = sent(&world, if companion_first { [new[1], new[0]] } else { new });
            // Handed over: it begins anew, under the same name.
            let answer = world.event(event.0, event.1).await;
            assert_eq!(answer.verdict.status, expected, "{companion_first} {answer:#?}");
            let file = if companion_first { &two } else { &one };
            assert_eq!(answer.source.unwrap().version_id, *file);
            let next = (if companion_first { "a.csv" } else { "a.csv.md5" }, &four);
            assert_eq!(world.status(next.0, next.1).await, Status::VaultCopy, "{companion_first} {three}");
            assert_eq!((world.left("in"), world.stored().0), (vec![], CLEAN.to_vec()));
        }
    }
}

/// The events are late, and come in any order: each version has its own.
#[tokio::test]
async fn each_version_is_judged_by_its_own_companion_in_any_order() {
    for companion_first in [false, true] {
        for (says, expected) in [(OTHER_MD5, Status::VaultCopy), (MD5, Status::IntegrityFail)] {
            for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1], [2, 3, 1, 0]] {
                let world = World::pairing(&[".md5"]);
                let (old, new) = (("a.csv.md5", says.as_bytes()), ("a.csv.md5", MD5.as_bytes()));
                let all = [("a.csv", OTHER), old, ("a.csv", CLEAN), new];
                let all = if companion_first { [all[1], all[0], all[3], all[2]] } else { all };
                let versions = sent(&world, all);
                for at in order {
                    world.event(all[at].0, &versions[at]).await;
                }
                assert_eq!(world.left("in"), [""; 0], "{companion_first} {order:?} {expected:?}");
                let held: Vec<_> = world
                    .buckets
                    .all("an/")
                    .into_iter()
                    .filter(|(_, it)| it.tags.iter().any(|(_, value)| value == "INTEGRITY_FAIL"))
                    .map(|(_, it)| it.body)
                    .collect();
                let expected = if expected == Status::VaultCopy { vec![] } else { vec![OTHER.to_vec()] };
                assert_eq!(held, expected, "{companion_first} {order:?}");
                assert_eq!(world.stored(), (CLEAN.to_vec(), 2 - held.len()), "{companion_first} {order:?}");
            }
        }
    }
}

/// The next version is there before anybody hears of the first one's companion: it waits for its own, and the first one is not
/// taken for good without what its companion says.
#[tokio::test]
async fn a_version_below_another_one_is_judged_by_its_companion() {
    for (says, expected) in [(OTHER_MD5, Status::VaultCopy), (MD5, Status::IntegrityFail)] {
        for by_companion in [true, false] {
            let world = World::pairing(&[".md5"]);
            let [old, companion, new] =
                sent(&world, [("a.csv", OTHER), ("a.csv.md5", says.as_bytes()), ("a.csv", CLEAN)]);
            assert_eq!(world.status("a.csv", &new).await, Status::NothingToJudge);
            // As S3 says it, or as the sweep does.
            let (key, version) = if by_companion { ("a.csv.md5", &companion) } else { ("a.csv", &old) };
            let answer = world.event(key, version).await;
            assert_eq!((answer.verdict.status, answer.source.unwrap().version_id), (expected, old));
            assert_eq!(world.left("in"), ["in/a.csv"], "the companion has gone with its file");
            let [own] = sent(&world, [("a.csv.md5", MD5.as_bytes())]);
            assert_eq!(world.status("a.csv.md5", &own).await, Status::VaultCopy);
        }
    }
}

/// Removed by its sender with its companion there: judged by that, too.
#[tokio::test]
async fn a_removed_version_is_judged_by_its_companion() {
    let world = World::pairing(&[".md5"]);
    let [old, _] = sent(&world, [("a.csv", OTHER), ("a.csv.md5", MD5.as_bytes())]);
    world.buckets.age(60);
    world.hide("a.csv");
    assert_eq!(world.status("a.csv", &old).await, Status::IntegrityFail);
}

/// One that may be late for a version that is judged without it is not taken for the next one's.
#[tokio::test]
async fn one_of_another_end_may_be_late() {
    let world = World::pairing(&[".md5", ".done"]);
    let [_, digest] = sent(&world, [("a.csv", OTHER), ("a.csv.md5", OTHER_MD5.as_bytes())]);
    let judging = world.begun("a.csv.md5", &digest).await;
    let [_, next] = sent(&world, [("a.csv.done", b""), ("a.csv", CLEAN)]);
    assert_eq!(world.status("a.csv", &next).await, Status::NothingToJudge, "its own has not come");
    assert_eq!(world.ended(("a.csv.md5", &digest), judging).await.verdict.status, Status::VaultCopy);
    assert_eq!(world.status("a.csv", &next).await, Status::NothingToJudge);
    let [own] = sent(&world, [("a.csv.md5", MD5.as_bytes())]);
    assert_eq!(world.status("a.csv.md5", &own).await, Status::VaultCopy);
}

/// The copies of an earlier release do not say by what they were judged: the moments count.
#[tokio::test]
async fn a_copy_that_does_not_say_it_is_told_by_its_time() {
    let world = World::pairing(&[".done"]);
    let [_, done] = sent(&world, [("a.csv", OTHER), ("a.csv.done", b"rows=1")]);
    assert_eq!(world.status("a.csv.done", &done).await, Status::VaultCopy);
    for path in world.buckets.all("").into_iter().map(|(path, _)| path).filter(|path| !path.starts_with("in/")) {
        for (_, version) in world.buckets.all(&path) {
            world.buckets.remove(&path);
            let metadata = version.metadata.into_iter().filter(|(name, _)| !name.ends_with("companions")).collect();
            world.buckets.put(&path, crate::stand_in::buckets::Version { metadata, ..version });
        }
    }
    let [next] = sent(&world, [("a.csv", CLEAN)]);
    assert_eq!(world.status("a.csv", &next).await, Status::NothingToJudge);
}

/// What another version waits with stays, though a later one has a companion of another end.
#[tokio::test]
async fn what_another_version_waits_with_is_left_to_it() {
    let world = World::pairing(&[".md5", ".done"]);
    let [old, digest, new, done] =
        sent(&world, [("a.csv", OTHER), ("a.csv.md5", MD5.as_bytes()), ("a.csv", CLEAN), ("a.csv.done", b"")]);
    assert_eq!(world.status("a.csv.done", &done).await, Status::VaultCopy, "{new}");
    let answer = world.event("a.csv.md5", &digest).await;
    assert_eq!((answer.verdict.status, answer.source.unwrap().version_id), (Status::IntegrityFail, old));
    assert_eq!((world.left("in"), world.stored()), (vec![], (CLEAN.to_vec(), 1)));
}

/// A version that is judged alone, since its own has not come, takes nothing of the next ones.
#[tokio::test]
async fn one_that_is_judged_alone_has_none_of_the_others() {
    let world = World::pairing(&[".md5"]);
    let all = [("a.csv", CLEAN), ("a.csv", OTHER), ("a.csv.md5", MD5.as_bytes()), ("a.csv", OTHER)];
    let [first, second, _, third] = sent(&world, all);
    let [digest] = sent(&world, [("a.csv.md5", OTHER_MD5.as_bytes())]);
    world.buckets.age(2 * 3600);
    let judging = world.begun("a.csv", &first).await;
    assert_eq!(world.status("a.csv", &second).await, Status::IntegrityFail, "by the digest that came for it");
    assert_eq!(world.status("a.csv.md5", &digest).await, Status::VaultCopy, "{third}");
    assert_eq!(world.ended(("a.csv", &first), judging).await.verdict.status, Status::VaultCopy);
}

//! What is gone from ingress when its event comes: it is told of, unless nothing is lost with it.

use super::senders::{BROKEN, CLEAN, World};
use crate::messages::{Answer, Request, Status};
use crate::objects::Place;
use contract::{IngressRules, Unchanged};

fn rules() -> [IngressRules; 3] {
    let [settling, skipping] = [5, 0].map(|settle_seconds| IngressRules { settle_seconds, ..IngressRules::default() });
    [settling, IngressRules { unchanged: Unchanged::Skip, ..skipping }, IngressRules::default()]
}

/// The event of a version that somebody has deleted before.
async fn gone(world: &World, body: &[u8], change: impl FnOnce(&mut Request)) -> Answer {
    let version = world.put("a.csv", body);
    let mut request = world.request("CopyToAnalytics", ("a.csv", &version));
    change(&mut request);
    world.vault.objects.delete("in", "a.csv", &version).await.unwrap();
    world.vault.take(request).await.unwrap()
}

/// A version of the same key says nothing of it, however large: in ingress, in the vault or held.
#[tokio::test]
async fn another_version_of_its_key_hides_nothing() {
    for rules in rules() {
        for other in ["in", "va", "an"] {
            let world = World::of(rules.clone());
            let version = world.put("a.csv", &if other == "an" { BROKEN.to_vec() } else { [CLEAN, CLEAN].concat() });
            if other != "in" {
                world.event("a.csv", &version).await;
                assert_eq!(world.left(other).len(), 1, "{other}");
            }
            let change = |request: &mut Request| request.object.etag = Some("own".into());
            let answer = gone(&world, &CLEAN.to_ascii_uppercase(), change).await;
            assert_eq!((answer.verdict.status, answer.notice.is_some()), (Status::Gone, true), "{other} {answer:#?}");
        }
    }
}

/// Where it is proven that nothing is lost with it, nobody is told: it was empty, or is there as another version.
#[tokio::test]
async fn what_is_lost_with_nothing_is_told_to_nobody() {
    let [settling, skipping, plain] = rules();
    for (rules, status) in [(&settling, Status::NothingToJudge), (&skipping, Status::Gone), (&plain, Status::Gone)] {
        assert_eq!(gone(&World::of(rules.clone()), b"", |_| {}).await.verdict.status, status);
    }
    for (rules, is_told) in [(settling, false), (skipping, false), (plain, true)] {
        let world = World::of(rules);
        let live = world.put("a.csv", CLEAN);
        let place = Place { bucket: "in", key: "a.csv", version_id: Some(&live) };
        let etag = world.vault.objects.head(place).await.unwrap().unwrap().etag;
        for (etag, size, is_same) in [
            (etag.clone(), CLEAN.len(), true),
            (etag.clone(), CLEAN.len() - 1, false),
            // Of an upload in parts.
            (format!("{etag}-2"), CLEAN.len(), false),
        ] {
            let change = |request: &mut Request| request.object.etag = Some(etag.trim_matches('"').to_owned());
            let answer = gone(&world, &CLEAN[..size], change).await;
            let expected = if is_same && !is_told { Status::NothingToJudge } else { Status::Gone };
            assert_eq!(answer.verdict.status, expected, "{etag} {size}: {answer:#?}");
        }
    }
}

/// Its event comes once more after it was held and discarded. Nobody can know: no place is named, and it is not said that
/// nobody has judged it.
#[tokio::test]
async fn what_was_discarded_is_not_said_to_be_somewhere() {
    let world = World::of(IngressRules::default());
    let version = world.put("a.csv", BROKEN);
    let late = world.request("CopyToAnalytics", ("a.csv", &version));
    assert_eq!(world.status("a.csv", &version).await, Status::IntegrityFail);
    let (path, copy) = world.buckets.all("an/").pop().unwrap();
    world.vault.objects.delete("an", path.strip_prefix("an/").unwrap(), &copy.id).await.unwrap();
    let answer = world.vault.take(late).await.unwrap();
    let (verdict, notice) = (answer.verdict, answer.notice.unwrap());
    let place = [verdict.analytics_bucket, verdict.analytics_key, verdict.analytics_version_id];
    assert_eq!((verdict.status, place), (Status::Gone, [const { String::new() }; 3]));
    assert_eq!(notice.subject, "cvault did not find \"a.csv\": it is gone from ingress, and found nowhere");
    for part in ["it was judged and then discarded", "nothing shows whether it was judged", "`cvault show`"] {
        assert!(notice.message.contains(part), "{part} in {}", notice.message);
    }
    for part in ["Left at", "s3:", "nothing was copied", "before it was judged"] {
        assert!(!notice.message.contains(part), "{part} in {}", notice.message);
    }
}

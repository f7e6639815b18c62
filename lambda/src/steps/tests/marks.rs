//! Metadata by names of ours: what a sender says so, no copy has.

use super::senders::{BROKEN, CLEAN, MD5, World};
use crate::messages::{Answer, Request, Status};
use crate::stand_in::buckets::Version;
use contract::IngressRules;

/// Looks at the one held copy again, as `judge` does.
async fn again(world: &World) -> Answer {
    let (path, copy) = world.buckets.all("an/").pop().unwrap();
    let key = path.strip_prefix("an/").unwrap();
    let request = |step: &str| Request { bucket: "an".into(), ..world.request(step, (key, &copy.id)) };
    let copied = world.vault.take(request("CopyToAnalytics")).await.unwrap();
    assert_eq!(copied.verdict.status, Status::Copied, "{copied:#?}");
    let inspect = Request { source: copied.source, verdict: Some(copied.verdict), ..request("InspectContent") };
    world.vault.take(inspect).await.unwrap()
}

fn with(body: &[u8], marks: &[(&str, &str)]) -> Version {
    let metadata = marks.iter().map(|(name, value)| (format!("x-amz-meta-{name}"), (*value).to_owned())).collect();
    Version { body: body.into(), metadata, ..Version::default() }
}

/// A sentence in an e-mail, a wish to be newer, a key, a judge: none of it is a sender's to say. What is taken from another
/// bucket is known by its mark, which is hexadecimal digits.
#[tokio::test]
async fn what_a_sender_says_by_our_names_is_dropped() {
    let sentence = ".pay-to-evil.example now";
    let taken = "0123456789abcdef01234567";
    for (mark, stays) in [(sentence, false), (taken, true)] {
        for (body, bucket) in [(BROKEN, "an/"), (CLEAN, "va/")] {
            let world = World::of(IngressRules::default());
            let ours = ["digests", "companions", "key-end", "order", "uploaded", "judge", "execution", "reason"];
            let names: Vec<_> = ours.iter().map(|name| format!("cvault-{name}")).collect();
            let mut marks: Vec<_> = names.iter().map(|name| (name.as_str(), sentence)).collect();
            marks.extend([("note", sentence), ("cvault", "theirs"), ("cvault-taken", mark)]);
            let version = world.buckets.put("in/a.csv", with(body, &marks));
            world.event("a.csv", &version).await;
            let copy = world.buckets.all(bucket).pop().unwrap().1;
            let mut theirs: Vec<_> = copy.metadata.iter().filter(|(_, value)| *value == sentence).collect();
            theirs.sort();
            assert_eq!(theirs, [(&"x-amz-meta-note".to_owned(), &sentence.to_owned())], "{:#?}", copy.metadata);
            assert_eq!(copy.metadata["x-amz-meta-cvault"], "theirs");
            assert_eq!(copy.metadata.get("x-amz-meta-cvault-taken").is_some_and(|mark| mark == taken), stays);
            if bucket == "an/" {
                let reasons = again(&world).await.verdict.reasons;
                assert!(reasons[0].contains("row 2 has 3 fields"), "{reasons:?}");
            }
        }
    }
}

/// A copy of an earlier release may have a sender's words: no reason has them.
#[tokio::test]
async fn what_is_no_digest_is_not_shown() {
    let world = World::pairing(&[".md5"]);
    world.put("a.csv", CLEAN);
    let version = world.put("a.csv.md5", "0".repeat(32).as_bytes());
    assert_eq!(world.status("a.csv.md5", &version).await, Status::IntegrityFail);
    let (path, copy) = world.buckets.all("an/").pop().unwrap();
    let mut metadata = copy.metadata.clone();
    let words = format!("call-0900-123456 x .md5 {}", "evil.example/".repeat(5).split_at(32).0);
    metadata.insert("x-amz-meta-cvault-digests".into(), words);
    world.buckets.remove(&path);
    world.buckets.put(&path, Version { metadata, ..copy });
    let reasons = again(&world).await.verdict.reasons.concat();
    assert!(reasons.contains("(*.md5) has not come, or has no digest"), "{reasons}");
    assert!(!reasons.contains("evil") && !reasons.contains("0900"), "{reasons}");
}

/// It is judged by the rules of today: nobody asks for a companion that is in no rule any more, nor compares its digest.
#[tokio::test]
async fn judging_again_asks_for_companions_of_today() {
    let pairs = |all: &[&str]| IngressRules {
        pairs: all.iter().map(|&end| end.to_owned()).collect(),
        ..IngressRules::default()
    };
    for (today, is_held) in [(pairs(&[".md5", ".sha256"]), true), (pairs(&[".sha256"]), false), (pairs(&[]), false)] {
        let world = World::pairing(&[".md5"]);
        world.put("a.csv", CLEAN);
        let wrong = MD5.replace('c', "d");
        let version = world.put("a.csv.md5", wrong.as_bytes());
        assert_eq!(world.status("a.csv.md5", &version).await, Status::IntegrityFail);
        let world = world.by(today);
        let expected = if is_held { Status::AlreadySettled } else { Status::Clean };
        assert_eq!(again(&world).await.verdict.status, expected);
        let kept = &world.buckets.all("an/")[0].1.metadata["x-amz-meta-cvault-digests"];
        assert_eq!(*kept, format!(".md5 {wrong}"), "the rule may come back");
    }
}

use super::*;
use crate::stand_in::buckets::{Buckets, Version};
use crate::stand_in::{Reply, StandIn};
use crate::steps::{Compiled, PATIENCE};

fn sweep(prefix: &str, older_than_seconds: i64) -> Sweep {
    let (bucket, prefix) = ("in".into(), prefix.into());
    Sweep {
        bucket,
        prefix,
        older_than_seconds,
        again: false,
        dead_letters: true,
        ignore: vec!["*.tmp".into()],
        ingress: IngressRules::default(),
        statuses: vec![],
        into: String::new(),
        concurrency: 8,
        counts: Counts::default(),
        results: vec![],
        expected: 0,
        leftovers: false,
        are_next: false,
        every_seconds: 3600,
        meant: 0,
        begun: String::new(),
        goes_on_as: String::new(),
        after: None,
    }
}

fn vault(s3: &StandIn) -> Vault {
    let [ingress, analytics, stored] = ["in", "an", "va"].map(str::to_owned);
    let (objects, macie, detectors) = (s3.objects(), s3.macie(), Compiled::default());
    Vault { objects, macie, ingress, analytics, vault: stored, detectors, patience: PATIENCE }
}

fn of(sweep: Sweep) -> Request {
    let execution = "arn:aws:states:eu-west-1:1:execution:sweep:0a1b".into();
    Request { sweep, execution, begun: "2026-11-29T12:00:00Z".into(), deadline: None }
}

async fn listed(buckets: &Buckets, sweep: Sweep) -> Page {
    list(&vault(&buckets.stand_in()), of(sweep)).await.unwrap()
}

#[test]
fn a_version_is_tried_when_its_age_has_doubled_and_then_once_a_day() {
    let minutes = |minutes: i64| attempt(minutes * 60);
    assert_eq!([0, 1, 5, 9, 10, 19, 20, 40, 80].map(minutes), [0, 0, 0, 0, 1, 1, 2, 3, 4]);
    assert_eq!([1439, 1440, 2879, 2880].map(minutes), [8, 101, 101, 102]);
    let tries: std::collections::BTreeSet<_> = (0..24 * 60 * 7).map(minutes).collect();
    assert_eq!(tries.len(), 9 + 6, "in a week");
}

#[tokio::test]
async fn every_version_that_waits_is_named_once() {
    let buckets = Buckets::default();
    for key in ["in/a b+%.csv", "in/a b+%.csv", "in/c.csv", "in/d.csv.tmp"] {
        buckets.put(key, Version { body: b"1".into(), ..Version::default() });
    }
    let page = listed(&buckets, sweep("", 0)).await;
    assert!(!page.more && page.sweep.after.is_none());
    let names: std::collections::BTreeSet<_> = page.items.iter().map(|item| item.name.clone()).collect();
    assert_eq!((page.items.len(), names.len()), (3, 3), "{page:#?}");
    assert!(names.iter().all(|name| name.len() <= 80));
    let input: serde_json::Value = serde_json::from_str(&page.items[0].input).unwrap();
    assert_eq!(input["detail"]["object"]["key"], "a b+%.csv");
    let (same, again) = (listed(&buckets, sweep("", 0)).await, Sweep { again: true, ..sweep("", 0) });
    assert_eq!(same.items, page.items, "another sweep means the same executions");
    assert_ne!(listed(&buckets, again).await.items[0].name, page.items[0].name);
    assert!(listed(&buckets, sweep("", 3600)).await.items.is_empty(), "too young");
}

/// One file that S3 does not let be looked at keeps none of the others from being named.
#[tokio::test]
async fn what_cannot_be_looked_at_stops_nobody() {
    let buckets = Buckets::default();
    for key in ["in/a.csv", "in/a.csv.done", "in/b.csv"] {
        buckets.put(key, Version { body: b"1".into(), ..Version::default() });
    }
    let inner = buckets.stand_in();
    let asked = |whom: &'static str, status: u16| {
        let inner = inner.clone();
        StandIn::new(move |call| if call.what.starts_with(whom) { Reply::Status(status) } else { (inner.answer)(call) })
    };
    let ingress = IngressRules { pairs: vec![".done".into()], ..IngressRules::default() };
    let sweep = Sweep { ingress, ..sweep("", 0) };
    // A key that the sender gives with each call, and one of KMS that the function may not use.
    for (whom, status) in [("HEAD /in/a.csv", 400), ("HEAD /in/a.csv", 403), ("HEAD ", 403)] {
        let page = list(&vault(&asked(whom, status)), of(sweep.clone())).await.unwrap();
        let keys: Vec<_> = objects(&page).into_iter().map(|(_, key, _)| key).collect();
        assert_eq!(keys, ["a.csv", "b.csv"], "{whom} {status}");
    }
    // What lies in the vault or in analytics may be under a key that is gone.
    buckets.age(2 * HOUR);
    let leftovers = Sweep { bucket: "an".into(), are_next: true, leftovers: true, ..sweep.clone() };
    for key in ["a.csv", "b.csv"] {
        buckets.put(&format!("va/{key}"), Version { body: b"1".into(), ..Version::default() });
        copy(&buckets, &in_analytics(key), key, &[]);
    }
    for whom in ["HEAD /va/b.csv", "HEAD /an/"] {
        let page = list(&vault(&asked(whom, 400)), of(sweep.clone())).await.unwrap();
        let unjudged: Vec<_> = page.items.iter().map(|item| item.is_unjudged).collect();
        assert_eq!(unjudged, [true, true], "{whom}");
    }
    for (whom, expected) in [("HEAD /va/b.csv", 2), ("HEAD /an/", 0), ("HEAD /in/b.csv", 1)] {
        let page = list(&vault(&asked(whom, 403)), of(leftovers.clone())).await.unwrap();
        assert_eq!(page.items.len(), expected, "{whom}");
    }
}

/// Each copy with a verdict, of the keys and the verdicts that are meant; who is being judged has a judge.
#[tokio::test]
async fn what_is_held_is_named_by_its_verdict() {
    let buckets = Buckets::default();
    let put = |key: &str, status: Option<&str>| {
        let tags = status.map(|status| ("cvault:status".to_owned(), status.to_owned()));
        let version = Version { body: b"1".into(), tags: tags.into_iter().collect(), ..Version::default() };
        buckets.put(&format!("an/{key}"), version);
    };
    let of = |digit: &str, key: &str| format!("{}/{key}", digit.repeat(24));
    put(&of("0", "in/a.csv"), Some("HAS_FINDINGS"));
    put(&of("1", "in/b.csv"), Some("INTEGRITY_FAIL"));
    put(&of("2", "out/c.csv"), Some("HAS_FINDINGS"));
    put(&of("3", "in/d.csv"), None);
    put(&of("4", ".cvault/verify/sensitive.csv"), Some("HAS_FINDINGS"));
    put("a-folder-of-somebody/in/e.csv", Some("HAS_FINDINGS"));
    let held = |prefix: &str, statuses: &[&str]| Sweep {
        bucket: "an".into(),
        statuses: statuses.iter().map(|status| (*status).to_owned()).collect(),
        again: true,
        leftovers: true,
        ..sweep(prefix, 0)
    };
    let keys = async |sweep: Sweep| {
        let items = listed(&buckets, sweep).await.items;
        assert!(items.iter().all(|item| item.name.starts_with("judge-") && item.judge.is_none()), "{items:?}");
        let inputs = items.iter().map(|item| serde_json::from_str::<serde_json::Value>(&item.input).unwrap());
        inputs.map(|input| input["detail"]["object"]["key"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let all = [of("0", "in/a.csv"), of("1", "in/b.csv"), of("2", "out/c.csv")];
    assert_eq!(keys(held("", &[])).await, all);
    assert_eq!(keys(held("in/", &["HAS_FINDINGS"])).await, all[..1]);
}

/// Ten tags of its own leave no room for a verdict: while its version waits it has a judge.
#[tokio::test]
async fn a_copy_without_room_for_a_verdict_is_held_once_its_version_is_gone() {
    let buckets = Buckets::default();
    let version = buckets.put("in/a.csv", Version { body: b"1".into(), ..Version::default() });
    let key = copies::analytics_key(&copies::copy_id("in", "a.csv", &version), "a.csv");
    let tags = (0..10).map(|number| (number.to_string(), "x".to_owned())).collect();
    buckets.put(&format!("an/{key}"), Version { body: b"1".into(), tags, ..Version::default() });
    let held = Sweep { bucket: "an".into(), again: true, ..sweep("", 0) };
    assert_eq!(listed(&buckets, held.clone()).await.items, []);
    buckets.remove("in/a.csv");
    assert_eq!(listed(&buckets, held).await.items.len(), 1);
}

/// What is current, and no file of others: each is to be taken in, and what became of the last page is counted.
#[tokio::test]
async fn what_is_in_another_bucket_is_to_be_taken_in() {
    let buckets = Buckets::default();
    for key in ["old/a.csv", "old/a.csv", "old/no.tmp", "old/out/c.csv"] {
        buckets.put(key, Version { body: b"1".into(), ..Version::default() });
    }
    let counts = Counts { taken: 5, ..Counts::default() };
    let results = vec![json!("Taken"), json!({"Left": "why"})];
    let of_last = Sweep { counts, results, expected: 3, ..sweep("", 0) };
    let sweep = Sweep { bucket: "old".into(), into: "from/".into(), ..of_last };
    let page = listed(&buckets, sweep).await;
    let taken: Vec<_> = page.items.iter().map(|item| item.take.clone().unwrap()).collect();
    let request = |key: &str, version: &str| take::Request {
        bucket: "old".into(),
        key: key.into(),
        version_id: version.into(),
        into: "from/".into(),
    };
    assert_eq!(taken, [request("a.csv", "v1-1"), request("out/c.csv", "v3-0")]);
    assert_eq!(
        page.sweep.counts,
        Counts { taken: 6, left: [("nobody knows why".into(), 1), ("why".into(), 1)].into(), ..Counts::default() }
    );
    assert_eq!((page.sweep.results.len(), page.sweep.expected), (0, 2), "none is counted twice");
}

#[tokio::test]
async fn what_nobody_has_judged_for_an_hour_is_counted() {
    let buckets = Buckets::default();
    let put = |path: &str, metadata: &[(&str, &str)]| {
        let metadata = metadata.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        buckets.put(path, Version { body: b"1".into(), metadata, ..Version::default() })
    };
    let judged = put("in/judged.csv", &[]);
    let copy = copies::analytics_key(&copies::copy_id("in", "judged.csv", &judged), "judged.csv");
    put(&format!("an/{copy}"), &[(&format!("x-amz-meta-{}", copies::EXECUTION), "arn")]);
    let stored = put("in/stored.csv", &[]);
    let id = copies::copy_id("in", "stored.csv", &stored);
    put("va/stored.csv", &[(&format!("x-amz-meta-{}", copies::COPY), &id)]);
    put("in/forgotten.csv", &[]);
    put("in/no.tmp", &[]);
    let metric = async || listed(&buckets, sweep("", 300)).await.metric("cyber_vault-x");
    buckets.age(HOUR - 60);
    assert_eq!(listed(&buckets, sweep("", 300)).await.items.len(), 3);
    assert_eq!(metric().await, None, "not yet");
    buckets.age(120);
    let line = metric().await.unwrap();
    assert_eq!((&line["UnjudgedFiles"], &line["function"]), (&json!(1), &json!("cyber_vault-x")), "{line}");
    let [metric] = line["_aws"]["CloudWatchMetrics"].as_array().unwrap().as_slice() else { panic!("{line}") };
    assert_eq!(metric["Dimensions"], json!([["function"]]));
    assert_eq!(metric["Metrics"][0]["Name"], "UnjudgedFiles");
    let elsewhere = Sweep { bucket: "old".into(), ..sweep("", 300) };
    buckets.put("old/a.csv", Version { body: b"1".into(), ..Version::default() });
    buckets.age(2 * HOUR);
    assert_eq!(listed(&buckets, elsewhere).await.metric("cyber_vault-x"), None, "it was in another bucket before");
}

#[tokio::test]
async fn a_page_fits_into_a_state_and_the_next_one_goes_on_behind_it() {
    let buckets = Buckets::default();
    let key = |n: usize| format!("{}{n:04}.csv", "é".repeat(500));
    for n in 0..200 {
        buckets.put(&format!("in/{}", key(n)), Version { body: b"1".into(), ..Version::default() });
    }
    let page = listed(&buckets, sweep("", 0)).await;
    assert!(page.more && page.items.len() < 200, "{}", page.items.len());
    assert!(serde_json::to_string(&page).unwrap().len() < 200_000);
    let last: serde_json::Value = serde_json::from_str(&page.items.last().unwrap().input).unwrap();
    assert_eq!(page.sweep.after.as_ref().unwrap().key.as_deref(), last["detail"]["object"]["key"].as_str());
}

/// Who asks for it has executions of their own names, by which they are counted.
#[tokio::test]
async fn what_becomes_of_a_page_is_counted_with_the_next_one() {
    let buckets = Buckets::default();
    for key in ["in/a.csv", "in/b.csv"] {
        buckets.put(key, Version { body: b"1".into(), ..Version::default() });
    }
    let results = vec![json!("Started"), json!("There"), json!({"Left": "AccessDenied"})];
    let asked = Sweep { again: true, results, expected: 4, meant: 9, ..sweep("", 0) };
    let page = listed(&buckets, asked).await;
    assert!(page.items.iter().all(|item| item.name.starts_with(ASKED)), "{:?}", page.items);
    let left = [("AccessDenied".into(), 1), ("nobody knows why".into(), 1)].into();
    assert_eq!(page.sweep.counts, Counts { started: 1, there: 1, left, ..Counts::default() });
    assert_eq!((page.sweep.expected, page.sweep.meant, page.sweep.begun.as_str()), (2, 9, "2026-11-29T12:00:00Z"));
    let earlier = Sweep { begun: "2026-11-28T12:00:00Z".into(), ..sweep("", 0) };
    assert_eq!(listed(&buckets, earlier).await.sweep.begun, "2026-11-28T12:00:00Z", "it goes on from another one");
}

const VERDICT: (&str, &str) = ("cvault:status", "HAS_FINDINGS");

/// A copy in analytics of `in/<key>`, version `v1`, or what was made from it in the vault.
fn copy(buckets: &Buckets, path: &str, key: &str, tags: &[(&str, &str)]) -> String {
    let id = copies::copy_id("in", key, "v1");
    let marks = [(copies::COPY, id.as_str()), (copies::SOURCE_VERSION, "v1"), (copies::EXECUTION, "judge")];
    let metadata = marks.map(|(name, value)| (format!("x-amz-meta-{name}"), value.to_owned())).into();
    let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    buckets.put(path, Version { body: b"1".into(), metadata, tags, ..Version::default() })
}

fn in_analytics(key: &str) -> String {
    format!("an/{}", copies::analytics_key(&copies::copy_id("in", key, "v1"), key))
}

fn leftovers(older_than_seconds: i64) -> Sweep {
    Sweep { bucket: "an".into(), leftovers: true, are_next: true, ..sweep("", older_than_seconds) }
}

fn objects(page: &Page) -> Vec<(String, String, String)> {
    let inputs = page.items.iter().map(|item| serde_json::from_str::<Value>(&item.input).unwrap()["detail"].clone());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let object =
        |it: Value| (text(&it["bucket"]["name"]), text(&it["object"]["key"]), text(&it["object"]["version-id"]));
    inputs.map(object).collect()
}

#[tokio::test]
async fn what_is_in_analytics_comes_behind_what_waits() {
    let buckets = Buckets::default();
    buckets.put("in/a.csv", Version { body: b"1".into(), ..Version::default() });
    let page = listed(&buckets, Sweep { leftovers: true, ..sweep("", 0) }).await;
    assert_eq!((page.items.len(), page.more, page.sweep.bucket.as_str()), (1, true, "an"));
    let page = listed(&buckets, page.sweep).await;
    assert_eq!((page.items.len(), page.more, page.sweep.bucket.as_str()), (0, false, "an"));
    let alone = listed(&buckets, sweep("", 0)).await;
    assert!(!alone.more, "nobody has asked for it");
}

/// S3's event about the vault was lost: the copy gets it, with a verdict or without.
#[tokio::test]
async fn a_copy_of_what_is_stored_is_to_be_cleared() {
    let buckets = Buckets::default();
    let long = format!("{}.csv", "x".repeat(1017));
    let keys = ["a/b.csv", "released.csv", "twice.csv", long.as_str()];
    let tags: [&[_]; 4] = [&[], &[VERDICT], &[], &[]];
    let mut expected = vec![];
    for (key, tags) in keys.into_iter().zip(tags) {
        copy(&buckets, &in_analytics(key), key, tags);
        let stored = copy(&buckets, &format!("va/{key}"), key, &[]);
        expected.push(("va".to_owned(), key.to_owned(), stored));
    }
    buckets.put("va/twice.csv", Version { body: b"12".into(), ..Version::default() });
    let page = listed(&buckets, leftovers(0)).await;
    let (mut found, named) = (objects(&page), page.items.iter().all(|item| item.name.starts_with(LEFT)));
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    assert!(named && page.items.iter().all(|item| item.judge.is_none() && !item.is_unjudged), "{:?}", page.items);
    assert!(listed(&buckets, leftovers(300)).await.items.is_empty(), "its event may be on its way");
}

/// A key that is sent each minute has thousands of versions in the vault, which were stored before a copy was made.
#[tokio::test]
async fn what_was_stored_before_a_copy_is_not_looked_at() {
    let buckets = Buckets::default();
    for _ in 0..20 {
        copy(&buckets, "va/a.csv", "other.csv", &[]);
    }
    // This copy does not say when its version was uploaded.
    buckets.age(8 * DAY);
    copy(&buckets, &in_analytics("a.csv"), "a.csv", &[VERDICT]);
    copy(&buckets, "va/a.csv", "other.csv", &[]);
    let s3 = buckets.stand_in();
    assert!(list(&vault(&s3), of(leftovers(0))).await.unwrap().items.is_empty());
    let looks = s3.asked().iter().filter(|what| what.starts_with("HEAD /va/")).count();
    assert_eq!(looks, 2, "the current one, and once more by its version");
}

/// Somebody has deleted the version while it was judged. Who judges it is asked first.
#[tokio::test]
async fn a_copy_without_a_verdict_is_gone_on_with_once_its_version_is_gone() {
    let buckets = Buckets::default();
    copy(&buckets, &in_analytics("gone.csv"), "gone.csv", &[]);
    copy(&buckets, &in_analytics("held.csv"), "held.csv", &[VERDICT]);
    let full: Vec<_> = (0..10).map(|n| n.to_string()).collect();
    let full: Vec<_> = full.iter().map(|name| (name.as_str(), "")).collect();
    copy(&buckets, &in_analytics("no room for a verdict.csv"), "no room for a verdict.csv", &full);
    let waits = buckets.put("in/waits.csv", Version { body: b"1".into(), ..Version::default() });
    let id = copies::copy_id("in", "waits.csv", &waits);
    let marks = [(copies::COPY, id.as_str()), (copies::SOURCE_VERSION, waits.as_str())];
    let metadata = marks.map(|(name, value)| (format!("x-amz-meta-{name}"), value.to_owned())).into();
    buckets.put(&format!("an/{id}/waits.csv"), Version { body: b"1".into(), metadata, ..Version::default() });
    // Its key does not stand whole behind the folder; the copy of an earlier release does not say its end.
    let long = format!("{}é/x.csv", "y".repeat(1015));
    let end = copies::end(&long).unwrap();
    let id = copies::copy_id("in", &long, "v1");
    for (version, end) in [("v1", Some(end.as_str())), ("v1", None), ("v2", Some(end.as_str()))] {
        let marks =
            [(copies::COPY, Some(id.as_str())), (copies::SOURCE_VERSION, Some(version)), (copies::KEY_END, end)];
        let metadata =
            marks.into_iter().filter_map(|(name, value)| Some((format!("x-amz-meta-{name}"), value?.to_owned())));
        let (body, metadata) = (b"1".into(), metadata.collect());
        buckets.put(
            &format!("an/{}", copies::analytics_key(&id, &long)),
            Version { body, metadata, ..Version::default() },
        );
    }
    // What says of itself what it is not, and what others have put there.
    copy(&buckets, &in_analytics("another.csv"), "forged.csv", &[]);
    buckets.put("an/notes.csv", Version { body: b"1".into(), ..Version::default() });
    let page = listed(&buckets, leftovers(0)).await;
    let mut found = objects(&page);
    found.sort();
    assert_eq!(found, ["gone.csv", &long].map(|key| ("in".to_owned(), key.to_owned(), "v1".to_owned())));
    let judges: Vec<_> = page.items.iter().filter_map(|item| item.judge.as_deref()).collect();
    assert_eq!(judges, ["judge"]);
}

/// What is held for long is looked at when its age has doubled, and then once or twice a day: not by every sweep.
#[tokio::test]
async fn what_is_held_costs_little() {
    let buckets = Buckets::default();
    copy(&buckets, &in_analytics("held.csv"), "held.csv", &[VERDICT]);
    let (mut looks, mut first) = (vec![], 0);
    for sweeps in 0..=7 * 24 {
        let s3 = buckets.stand_in();
        let page = list(&vault(&s3), of(leftovers(300))).await.unwrap();
        assert!(page.items.is_empty());
        let calls = s3.asked().len() - 1;
        if calls > 0 {
            assert_eq!(calls, 3, "{:#?}", s3.asked());
            looks.push(sweeps);
        }
        if sweeps == 0 {
            assert_eq!(calls, 0, "it is too young");
            buckets.age(600);
            first = listed(&buckets, leftovers(300)).await.items.len();
        }
        buckets.age(HOUR);
    }
    assert_eq!(first, 0);
    let of_last_day = looks.iter().filter(|sweeps| (6 * 24 - 12..7 * 24 - 12).contains(*sweeps)).count();
    assert!(looks.len() <= 20 && of_last_day <= 2 && looks.contains(&1), "{looks:?}");
    for day in 1..7 {
        assert!(looks.iter().any(|sweeps| (day * 24 - 1..=(day + 1) * 24).contains(sweeps)), "{looks:?}");
    }
}

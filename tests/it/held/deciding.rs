//! `release` and `discard`: exactly the version that was meant, told of, once, whenever a run is killed.

use super::{CARDS, RAGGED, holding, json, keys, rows, run};
use crate::support::{Ear, step};
use aws_sdk_s3::types::StorageClass;
use classifier::copies;
use cvault::vault::names::Zone;
use serde_json::{Value, json as value};

const WHY: [&str; 3] = ["--reason", "ticket OPS-12: test data", "--yes"];

fn with<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &WHY[..]].concat()
}

#[tokio::test]
async fn a_held_version_is_released_and_told_of() {
    let vault = holding(&[("in/cards.csv", CARDS), ("in/other.csv", RAGGED)]).await;
    let ear = Ear::open(&vault).await;
    vault.stack.proxy.forget();
    let planned = json(&vault, &with(&["release", "in/cards.csv", "--dry-run"]), 2);
    assert_eq!(rows(&planned, "decision")[0]["state"], "planned");
    assert_eq!(vault.stack.proxy.writes(), Vec::<String>::new());
    assert_eq!(keys(&vault, Zone::Vault).await, Vec::<String>::new());

    let lines = json(&vault, &with(&["release", "in/cards.csv"]), 0);
    let decision = rows(&lines, "decision")[0];
    assert_eq!((&decision["state"], &decision["action"]), (&value!("done"), &value!("release")), "{decision}");
    assert_eq!(vault.objects(Zone::Vault).await["in/cards.csv"], [CARDS.to_vec()]);
    let left = keys(&vault, Zone::Analytics).await;
    assert!(left.len() == 1 && left[0].ends_with("/in/other.csv"), "the other one stays: {left:?}");
    let get = vault.stack.aws.s3.get_object_tagging().bucket(vault.stack.names.bucket(Zone::Vault)).key("in/cards.csv");
    let tags = get.send().await.unwrap();
    let tag = |name: &str| tags.tag_set().iter().find(|tag| tag.key() == name).map(|tag| tag.value().to_owned());
    assert_eq!(tag("cvault:status").as_deref(), Some("HAS_FINDINGS"));
    assert_eq!(tag("cvault:release-reason").as_deref(), Some(WHY[1]));
    let by = format!("{} {}", decision["at"].as_str().unwrap(), decision["by"].as_str().unwrap());
    assert_eq!(tag("cvault:released"), Some(by));

    let events = ear.heard_all(1).await;
    assert_eq!(events.len(), 1, "{events:#?}");
    assert_eq!((&events[0]["source"], &events[0]["detail-type"]), (&value!("cvault"), &value!("Object Released")));
    let detail = &events[0]["detail"];
    for member in ["key", "by", "at", "reason", "place", "vault_version", "status", "size"] {
        assert_eq!(detail[member], decision[member], "{member}");
    }

    run(&vault, &with(&["release", "in/cards.csv", "--dry-run"]), 0);
    let again = json(&vault, &with(&["release", "in/cards.csv"]), 0);
    assert_eq!(rows(&again, "decision")[0]["state"], "already");
    assert_eq!(vault.objects(Zone::Vault).await["in/cards.csv"].len(), 1);
    assert_eq!(ear.heard().await, Vec::<Value>::new(), "it is told of once");
    ear.close().await;
}

#[tokio::test]
async fn a_held_version_is_discarded_for_good() {
    let vault = holding(&[("a.csv", RAGGED), ("b.csv", RAGGED), ("c.csv", CARDS)]).await;
    let ear = Ear::open(&vault).await;
    let lines = json(&vault, &with(&["discard", "--status", "INTEGRITY_FAIL"]), 0);
    assert_eq!(rows(&lines, "total")[0]["count"], 2);
    let left = keys(&vault, Zone::Analytics).await;
    assert!(left.len() == 1 && left[0].ends_with("/c.csv"), "{left:?}");
    let events = ear.heard_all(2).await;
    assert!(events.iter().all(|event| event["detail-type"] == "Object Discarded"), "{events:#?}");
    assert_eq!(events.len(), 2);
    ear.close().await;
    assert_eq!(rows(&json(&vault, &with(&["discard", "a.csv"]), 0), "decision")[0]["state"], "already");
    let nothing = run(&vault, &with(&["discard", "never.csv"]), 1);
    assert!(nothing.stderr.contains("nothing is held under this key"), "{}", nothing.stderr);
}

/// What was begun and refused, or decided of another version, is none of what is done: it is said of nobody.
#[tokio::test]
async fn what_was_refused_is_never_said_to_be_done() {
    let vault = holding(&[("two.csv", RAGGED), ("gone.csv", CARDS), ("kept.csv", CARDS)]).await;
    vault.put("two.csv", CARDS).await;
    vault.executions(Zone::Ingress, "two.csv", 2).await;
    let ear = Ear::open(&vault).await;
    let states = |key: &str| -> Vec<Value> {
        let story = json(&vault, &["show", key], 0);
        rows(&story, "decision").into_iter().map(|row| row["state"].clone()).collect()
    };
    let held = json(&vault, &["held"], 0);
    let version = rows(&held, "held").into_iter().find(|row| row["key"] == "two.csv").unwrap()["version"].clone();
    let version = ["--version-id", version.as_str().unwrap()];
    let denied = value!({"service": "s3", "op": "CopyObject", "code": "AccessDenied", "message": "no", "status": 403});
    vault.stack.proxy.configure(&value!({"faults": [denied]}));
    run(&vault, &with(&[&["release", "two.csv"], &version[..]].concat()), 1);
    run(&vault, &with(&["release", "gone.csv"]), 1);
    run(&vault, &with(&["release", "kept.csv"]), 1);
    vault.stack.proxy.configure(&value!({"faults": []}));

    for selected in [["--version-id", "typo"], ["--status", "NOT_ANALYSED"]] {
        let nothing = run(&vault, &with(&[&["release", "two.csv"], &selected[..]].concat()), 1);
        assert!(nothing.stderr.contains("of this key") || nothing.stderr.contains("selected"), "{}", nothing.stderr);
        run(&vault, &with(&[&["release", "kept.csv"], &selected[..]].concat()), 1);
    }
    json(&vault, &with(&["discard", "gone.csv"]), 0);
    run(&vault, &with(&["release", "gone.csv"]), 1);
    assert_eq!(states("two.csv"), ["refused"]);
    assert_eq!(states("gone.csv"), ["refused", "done"], "the release was refused, and the discard is done");
    assert_eq!(keys(&vault, Zone::Vault).await, Vec::<String>::new());
    let heard = ear.heard_all(1).await;
    assert_eq!(heard.iter().map(|event| &event["detail-type"]).collect::<Vec<_>>(), ["Object Discarded"]);
    ear.close().await;
}

/// What somebody else's verdict has stored is nobody's release, and what has gone was discarded by nobody.
#[tokio::test]
async fn what_a_verdict_has_stored_is_no_release() {
    let vault = holding(&[("a.csv", CARDS), ("b.csv", CARDS)]).await;
    let ear = Ear::open(&vault).await;
    let denied = |op: &str| value!({"service": "s3", "op": op, "code": "AccessDenied", "message": "no", "status": 403});
    vault.stack.proxy.configure(&value!({"faults": [denied("CopyObject"), denied("DeleteObject")]}));
    run(&vault, &with(&["release", "a.csv"]), 1);
    run(&vault, &with(&["discard", "b.csv"]), 1);
    vault.stack.proxy.configure(&value!({"faults": []}));
    for copy in rows(&json(&vault, &["held"], 0), "held") {
        let place = &copy["place"];
        let [bucket, key, version] = ["bucket", "key", "version"].map(|member| place[member].as_str().unwrap());
        // As the classifier stores it, with the mark and without a releaser's tags.
        let source = format!("{bucket}/{key}?versionId={version}");
        let stored = vault.stack.aws.s3.copy_object().bucket(vault.stack.names.bucket(Zone::Vault)).copy_source(source);
        let tags = aws_sdk_s3::types::TaggingDirective::Replace;
        stored.key(copy["key"].as_str().unwrap()).tagging_directive(tags).send().await.unwrap();
    }
    vault.executions(Zone::Vault, "a.csv", 1).await;
    vault.executions(Zone::Vault, "b.csv", 1).await;
    assert_eq!(keys(&vault, Zone::Analytics).await, Vec::<String>::new());
    run(&vault, &with(&["release", "a.csv"]), 1);
    run(&vault, &with(&["discard", "b.csv"]), 1);
    assert_eq!(ear.heard().await, Vec::<Value>::new(), "nobody is said to have decided");
    ear.close().await;
}

/// Whoever runs it again while the held copy is still there changes nothing of who has released it, when and why.
#[tokio::test]
async fn what_is_released_again_is_told_of_once() {
    let vault = holding(&[("slow.csv", CARDS)]).await;
    let ear = Ear::open(&vault).await;
    // Nobody hears of what comes to the vault, so that nothing clears the copy; the last look at it says that it is gone.
    let rule = vault.stack.names.rule(Zone::Vault);
    vault.stack.aws.eventbridge.disable_rule().name(&rule).send().await.unwrap();
    let release = |reason: &str, last: u32| {
        let gone = value!({"service": "s3", "op": "GetObjectTagging", "nth": [last], "code": "NoSuchVersion",
            "status": 404});
        vault.stack.proxy.configure(&value!({"faults": [gone]}));
        let lines = json(&vault, &["release", "slow.csv", "--yes", "--reason", reason], 0);
        vault.stack.proxy.configure(&value!({"faults": []}));
        rows(&lines, "decision")[0].clone()
    };
    // Before the last look come those of two lists and of the release, and the second time two at what is there already.
    let (first, again) = (release("first", 4), release("another", 6));
    assert_eq!((&first["state"], &first["reason"]), (&value!("done"), &value!("first")));
    assert_eq!(again["state"], "already");
    for member in ["reason", "by", "at", "vault_version"] {
        assert_eq!(again[member], first[member], "{member}");
    }
    let story = json(&vault, &["show", "slow.csv"], 0);
    let said = rows(&story, "decision");
    assert_eq!((said.len(), &said[0]["state"], &said[0]["at"]), (1, &value!("done"), &first["at"]));
    assert_eq!(ear.heard_all(1).await.len(), 1);
    assert_eq!(ear.heard().await, Vec::<Value>::new(), "it is told of once");
    ear.close().await;
}

/// What was released, or stored by a verdict, and only waits to be cleared is in the vault: nobody has discarded it, whether
/// one is named or all are meant.
#[tokio::test]
async fn what_is_in_the_vault_is_not_discarded() {
    let vault = holding(&[("released.csv", CARDS), ("stored.csv", CARDS), ("bad.csv", RAGGED)]).await;
    let ear = Ear::open(&vault).await;
    let (s3, stored) = (&vault.stack.aws.s3, vault.stack.names.bucket(Zone::Vault));
    // Nobody hears of what comes to the vault, so that nothing clears the copies; the last look of the release says gone.
    vault.stack.aws.eventbridge.disable_rule().name(vault.stack.names.rule(Zone::Vault)).send().await.unwrap();
    let gone = value!({"service": "s3", "op": "GetObjectTagging", "nth": [4], "code": "NoSuchVersion", "status": 404});
    vault.stack.proxy.configure(&value!({"faults": [gone]}));
    json(&vault, &with(&["release", "released.csv"]), 0);
    vault.stack.proxy.configure(&value!({"faults": []}));
    let held = json(&vault, &["held"], 0);
    let copy = rows(&held, "held").into_iter().find(|row| row["key"] == "stored.csv").unwrap();
    let [bucket, key, version] = ["bucket", "key", "version"].map(|member| copy["place"][member].as_str().unwrap());
    let copying =
        s3.copy_object().bucket(&stored).key("stored.csv").copy_source(format!("{bucket}/{key}?versionId={version}"));
    copying.send().await.unwrap();
    // Another file lies over it.
    s3.put_object().bucket(&stored).key("stored.csv").body(CARDS.to_vec().into()).send().await.unwrap();

    let refused = |lines: &[Value]| {
        let failed = rows(lines, "failed").into_iter();
        let mut keys: Vec<_> =
            failed.filter(|row| row["error"]["why"].as_str().unwrap().contains("it is in the vault")).collect();
        keys.sort_by_key(|row| row["key"].to_string());
        keys.into_iter().map(|row| row["key"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let both = ["released.csv", "stored.csv"];
    for (more, state) in [(&["--dry-run"][..], "planned"), (&[], "done")] {
        vault.stack.proxy.forget();
        let lines = json(&vault, &[&with(&["discard", "--all"])[..], more].concat(), 1);
        assert_eq!(refused(&lines), both, "{lines:#?}");
        let decided: Vec<_> = rows(&lines, "decision").iter().map(|row| (&row["key"], &row["state"])).collect();
        assert_eq!(decided, [(&value!("bad.csv"), &value!(state))]);
        let total = rows(&lines, "total")[0];
        assert_eq!((&total["count"], &total["failed"]), (&value!(1), &value!(2)), "{total}");
        // Of most there is nothing in the vault, which one call says; another file's list and its one alike are two more.
        let asked = vault.stack.proxy.log().iter().filter(|call| call["op"] == "HeadObject").count();
        assert_eq!(asked, 5, "{:#?}", vault.stack.proxy.log());
    }
    assert_eq!(refused(&json(&vault, &with(&["discard", "released.csv"]), 1)), ["released.csv"]);
    assert_eq!(keys(&vault, Zone::Analytics).await.len(), 2, "they are left to be cleared");
    assert_eq!(keys(&vault, Zone::Vault).await, both);
    for key in both {
        let story = json(&vault, &["show", key], 0);
        let done =
            rows(&story, "decision").into_iter().filter(|row| row["action"] == "discard" && row["state"] == "done");
        assert_eq!(done.count(), 0, "{story:#?}");
    }
    let heard = ear.heard_all(2).await;
    let mut told: Vec<_> = heard.iter().map(|event| (&event["detail-type"], &event["detail"]["key"])).collect();
    told.sort_by_key(|(kind, _)| kind.to_string());
    let [discarded, released] = ["Object Discarded", "Object Released"].map(|kind| value!(kind));
    assert_eq!(told, [(&discarded, &value!("bad.csv")), (&released, &value!("released.csv"))]);
    ear.close().await;
}

/// Of a long key a part is missing in analytics. It is stored under all of it, though nobody knows its verdict any more.
#[tokio::test]
async fn a_long_key_is_stored_whole() {
    let vault = holding(&[]).await;
    let (s3, names, key) = (&vault.stack.aws.s3, &vault.stack.names, format!("{}/cards.csv", "k".repeat(1000)));
    let id = copies::copy_id(&names.bucket(Zone::Ingress), &key, "v");
    let put = s3.put_object().bucket(names.bucket(Zone::Analytics)).key(copies::analytics_key(&id, &key));
    let put = put.metadata(copies::COPY, &id).metadata(copies::KEY_END, copies::end(&key).unwrap());
    put.tagging("cvault%3Astatus=HAS_FINDINGS").body(CARDS.to_vec().into()).send().await.unwrap();
    let lines = json(&vault, &with(&["release", &key]), 0);
    assert_eq!(rows(&lines, "decision")[0]["key"], key.as_str());
    assert_eq!(keys(&vault, Zone::Vault).await, [key.as_str()]);
    assert_eq!(keys(&vault, Zone::Analytics).await, Vec::<String>::new());
}

/// What is archived cannot be put on top again: nothing is stored that would hide it, and nothing is written at all.
#[tokio::test]
async fn what_would_hide_what_is_archived_is_refused() {
    let vault = holding(&[("a.csv", CARDS)]).await;
    let (s3, bucket) = (&vault.stack.aws.s3, vault.stack.names.bucket(Zone::Vault));
    let put = s3.put_object().bucket(&bucket).key("a.csv").storage_class(StorageClass::Glacier);
    let put = put
        .metadata(copies::COPY, "0".repeat(24))
        .metadata(copies::ORDER, "FF")
        .metadata(copies::UPLOADED, "9999999999");
    put.body(b"newer".to_vec().into()).send().await.unwrap();
    vault.stack.proxy.forget();
    run(&vault, &with(&["release", "a.csv", "--dry-run"]), 4);
    let refused = json(&vault, &with(&["release", "a.csv"]), 4);
    let error = &rows(&refused, "failed")[0]["error"];
    assert!(error["why"].as_str().unwrap().contains("GLACIER"), "{error}");
    assert!(error["fix"].as_str().unwrap().contains("restore-object"), "{error}");
    assert_eq!(vault.stack.proxy.writes(), Vec::<String>::new());
    assert_eq!(vault.versions(Zone::Vault).await.len(), 1);
    assert_eq!(keys(&vault, Zone::Analytics).await.len(), 1);
}

/// It is stored, and what is newer is not on top again: that is said, and the same command goes on.
#[tokio::test]
async fn what_is_half_done_is_gone_on_with() {
    let vault = holding(&[("a.csv", CARDS)]).await;
    let (s3, bucket) = (&vault.stack.aws.s3, vault.stack.names.bucket(Zone::Vault));
    let put = s3.put_object().bucket(&bucket).key("a.csv").metadata(copies::COPY, "0".repeat(24));
    let put = put.metadata(copies::ORDER, "FF").metadata(copies::UPLOADED, "9999999999");
    put.body(b"newer".to_vec().into()).send().await.unwrap();
    let denied = value!({"service": "s3", "op": "CopyObject", "nth": [2], "code": "AccessDenied", "message": "no",
        "status": 403});
    vault.stack.proxy.configure(&value!({"faults": [denied]}));
    let failed = json(&vault, &with(&["release", "a.csv"]), 1);
    vault.stack.proxy.configure(&value!({"faults": []}));
    let error = &rows(&failed, "failed")[0]["error"];
    assert!(error["fix"].as_str().unwrap().contains("it is in the vault"), "{error}");
    let ended = run(&vault, &with(&["release", "a.csv"]), 0);
    assert!(!ended.stderr.contains("nothing is held"), "{}", ended.stderr);
    assert_eq!(vault.objects(Zone::Vault).await["a.csv"].first().unwrap(), b"newer");
    let story = json(&vault, &["show", "a.csv"], 0);
    let states: Vec<_> = rows(&story, "decision").into_iter().map(|row| &row["state"]).collect();
    assert_eq!(states, ["done"], "{story:#?}");
}

/// What cannot be recorded stops the run, and what was done is said all the same, to be recorded by the next.
#[tokio::test]
async fn what_is_done_and_cannot_be_told_is_said() {
    let vault = holding(&[("a.csv", RAGGED), ("b.csv", RAGGED)]).await;
    let ear = Ear::open(&vault).await;
    let denied = value!({"service": "events", "op": "PutEvents", "code": "AccessDeniedException", "message": "no",
        "status": 400});
    vault.stack.proxy.configure(&value!({"faults": [denied]}));
    let lines = json(&vault, &with(&["discard", "--all"]), 1);
    vault.stack.proxy.configure(&value!({"faults": []}));
    let done: Vec<_> =
        rows(&lines, "decision").into_iter().map(|row| row["key"].as_str().unwrap().to_owned()).collect();
    assert!(!done.is_empty() && keys(&vault, Zone::Analytics).await.len() == 2 - done.len(), "{lines:#?}");
    assert_eq!(rows(&lines, "total")[0]["count"], done.len());
    let error = rows(&lines, "error")[0];
    assert!(error["what"].as_str().unwrap().starts_with("record that"), "{error}");
    assert!(error["fix"].as_str().unwrap().contains("the same command for this key records it"), "{error}");
    for key in &done {
        assert_eq!(rows(&json(&vault, &with(&["discard", key]), 0), "decision")[0]["state"], "already");
    }
    assert_eq!(ear.heard_all(done.len()).await.len(), done.len(), "each is told of after all");
    ear.close().await;
}

/// What is too vague, or could not be recorded, is refused before anything is asked of AWS.
#[tokio::test]
async fn what_is_not_said_plainly_is_refused() {
    let vault = holding(&[("a.csv", RAGGED)]).await;
    vault.put("a.csv", CARDS).await;
    vault.executions(Zone::Ingress, "a.csv", 2).await;
    vault.stack.proxy.forget();
    run(&vault, &["release", "a.csv", "--yes"], 64);
    run(&vault, &["release", "--reason", "r", "--yes"], 64);
    run(&vault, &["release", "a.csv", "--reason", "50%, or so", "--yes"], 64);
    assert_eq!(vault.stack.proxy.log(), Vec::<Value>::new());
    let several = run(&vault, &with(&["release", "a.csv"]), 4);
    assert!(several.stderr.contains("several versions of it are held"), "{}", several.stderr);
    assert_eq!(keys(&vault, Zone::Vault).await, Vec::<String>::new());
    let held = json(&vault, &["held"], 0);
    let cards = rows(&held, "held").into_iter().find(|row| row["status"] == "HAS_FINDINGS").unwrap().clone();
    let version = cards["version"].as_str().unwrap();
    run(&vault, &with(&["release", "a.csv", "--version-id", version]), 0);
    assert_eq!(vault.objects(Zone::Vault).await["a.csv"], [CARDS.to_vec()]);
    assert_eq!(keys(&vault, Zone::Analytics).await.len(), 1);
}

/// Law 3 for what is decided: before or after any writing call, the next run ends as if nothing had happened.
#[tokio::test]
async fn a_run_that_is_killed_is_run_again() {
    let vault = holding(&[]).await;
    for (action, zone) in [("release", Zone::Vault), ("discard", Zone::Analytics)] {
        for moment in (1..).step_by(step(3)) {
            let key = format!("{action}-{moment}.csv");
            vault.put(&key, CARDS).await;
            vault.judged(&key).await;
            let arguments = with(&[action, &key]);
            let killed = vault.stack.killed(&arguments, &value!({"die_after": moment}));
            let lines = json(&vault, &arguments, 0);
            let decisions = rows(&lines, "decision");
            assert_eq!(decisions.len(), 1, "{action} {moment}: {lines:?}");
            let stored = vault.objects(zone).await.remove(&key).unwrap_or_default();
            assert_eq!(stored.len(), usize::from(action == "release"), "{action} {moment}");
            let story = json(&vault, &["show", &key], 0);
            let states: Vec<_> = rows(&story, "decision").into_iter().map(|row| row["state"].clone()).collect();
            assert_eq!(states, ["done"], "{action} {moment}");
            if !killed {
                assert!(moment > 3, "it was killed at least at every line of the audit");
                break;
            }
        }
    }
    assert_eq!(keys(&vault, Zone::Analytics).await, Vec::<String>::new());
}

//! `held` and `show`: what is there, why, and nothing that a key could do to who reads it.

use super::{CARDS, RAGGED, holding, json, keys, rows, run};
use crate::report;
use cvault::vault::names::Zone;
use futures::{StreamExt, stream};
use serde_json::{Value, json as value};
use std::collections::{BTreeMap, BTreeSet};

/// Turns its line, begins another, and clears the screen, by what XML can carry.
const HOSTILE: &str = "in/\u{202e}vsc.\u{9b}2J\nTotal 0\u{200b}.csv";

#[tokio::test]
async fn what_is_held_is_listed_with_its_reasons() {
    let vault = holding(&[("in/ragged.csv", RAGGED), ("in/cards.csv", CARDS), (HOSTILE, RAGGED)]).await;
    let all = json(&vault, &["held"], 0);
    let held = rows(&all, "held");
    let listed: BTreeSet<_> = held.iter().map(|row| row["key"].as_str().unwrap()).collect();
    assert_eq!(listed, ["in/ragged.csv", "in/cards.csv", HOSTILE].into());
    assert_eq!(rows(&all, "total")[0]["count"], 3);
    let cards = held.iter().find(|row| row["key"] == "in/cards.csv").unwrap();
    let execution = vault.judged("in/cards.csv").await;
    assert_eq!(cards["status"], "HAS_FINDINGS");
    assert_eq!(cards["size"], CARDS.len());
    assert_eq!(cards["version"], execution.output["Classifier"]["Source"]["VersionId"]);
    assert_eq!(cards["place"]["key"], execution.verdict("AnalyticsKey"));
    assert_eq!(cards["place"]["version"], execution.verdict("AnalyticsVersionId"));
    assert_eq!(cards["reasons"], execution.output["Classifier"]["Verdict"]["Reasons"]);
    assert_eq!(cards["execution"], execution.output["Execution"]);
    assert!(cards["since"].as_str().unwrap().ends_with('Z') && cards["message"].is_string());

    for (arguments, expected) in [
        (&["--status", "HAS_FINDINGS"][..], &["in/cards.csv"][..]),
        (&["--status", "INTEGRITY_FAIL", "--prefix", "in/r"], &["in/ragged.csv"]),
        (&["--reason", "credit_card_number"], &["in/cards.csv"]),
        (&["--reason", "IBAN"], &[]),
        (&["--older-than", "1h"], &[]),
        (&["--no-reasons", "--prefix", "in/c"], &["in/cards.csv"]),
    ] {
        let some = json(&vault, &[&["held"], arguments].concat(), 0);
        let listed: Vec<_> = rows(&some, "held").into_iter().map(|row| row["key"].as_str().unwrap()).collect();
        assert_eq!(listed, expected, "{arguments:?}");
    }
    let brief = json(&vault, &["held", "--no-reasons"], 0);
    assert!(rows(&brief, "held").iter().all(|row| row["reasons"].is_null()));
    run(&vault, &["held", "--status", "VAULT_COPY"], 64);
}

/// In a terminal of 80 columns or in a file: an escape is shown, and a key is one line.
#[tokio::test]
async fn a_key_does_nothing_to_who_reads_it() {
    let vault = holding(&[(HOSTILE, RAGGED)]).await;
    for arguments in [&["held"][..], &["held", "--output", "json"], &["show", HOSTILE]] {
        let ended = run(&vault, arguments, 0);
        let text = format!("{}{}", ended.stdout, ended.stderr);
        assert!(!text.contains(['\u{202e}', '\u{9b}', '\u{200b}']), "{text}");
        assert!(!text.lines().any(|line| line.starts_with("Total")), "{text}");
        assert!(text.contains("202e"), "{text}");
    }
}

/// More than a page of S3's list below one digit, and some below all others.
#[tokio::test]
async fn every_page_of_every_part_is_listed() {
    let vault = holding(&[]).await;
    let (s3, bucket) = (&vault.stack.aws.s3, vault.stack.names.bucket(Zone::Analytics));
    let folders = (0..1_050).map(|n| format!("7{n:023x}")).chain((0..16).map(|n| format!("{n:x}{:023}", 0)));
    let puts = stream::iter(folders).map(async |folder| {
        let put = s3.put_object().bucket(&bucket).key(format!("{folder}/a.csv")).body(b"x".to_vec().into());
        put.tagging("cvault%3Astatus=HAS_FINDINGS").send().await.unwrap();
    });
    puts.buffer_unordered(8).collect::<()>().await;
    let put = s3.put_object().bucket(&bucket).key(format!("8{:023}/b.csv", 1)).body(b"x".to_vec().into());
    put.send().await.unwrap();
    vault.stack.proxy.forget();
    let all = json(&vault, &["held", "--no-reasons"], 0);
    assert_eq!(rows(&all, "held").len(), 1_066);
    let total = rows(&all, "total")[0];
    assert_eq!((&total["count"], &total["bytes"], &total["unjudged"]), (&value!(1_066), &value!(1_066), &value!(1)));
    let calls = vault.stack.proxy.log();
    let lists = calls.iter().filter(|call| call["op"] == "ListObjectVersions").count();
    assert_eq!(lists, 17, "a page for each part, and one more where it has two");
    assert!(calls.iter().all(|call| call["op"] != "DescribeExecution"));
}

/// A key whose every part has to be escaped somewhere.
const QUOTED: &str = "in/\"it's\" \\ {$.key} 日本.csv";

/// Every version, wherever it is: held, released, discarded.
#[tokio::test]
async fn the_whole_story_of_one_object() {
    let vault = holding(&[(QUOTED, RAGGED)]).await;
    vault.put(QUOTED, CARDS).await;
    vault.executions(Zone::Ingress, QUOTED, 2).await;
    vault.put(QUOTED, b"seq,city\n1,Kingsford\n").await;
    vault.executions(Zone::Vault, QUOTED, 1).await;
    let reason = ["--reason", "test data", "--yes"];
    run(&vault, &[&["release", QUOTED, "--status", "HAS_FINDINGS"], &reason[..]].concat(), 0);
    run(&vault, &[&["discard", QUOTED], &reason[..]].concat(), 0);
    let said = report::lines(&vault, 3).await;
    // Whoever decides may write beside the decisions, and is not the function.
    let mut forged = said[0].clone();
    (forged["execution"], forged["reasons"]) = (value!("arn:forged"), value!(["nothing"]));
    report::write(&vault, "cvault-audit/2026-11-28", &[forged]).await;
    vault.stack.proxy.forget();
    let story = json(&vault, &["show", QUOTED], 0);
    let asked = vault.stack.proxy.log().iter().filter(|call| call["op"] == "DescribeExecution").count();
    assert_eq!(asked, 0, "the log says it");
    let versions = rows(&story, "version");
    let of: Vec<_> = versions.iter().map(|row| (row["zone"].as_str().unwrap(), row["status"].as_str())).collect();
    // The newest good one, and again on top of the older one that was released.
    assert_eq!(of.iter().filter(|it| **it == ("vault", Some("VAULT_COPY"))).count(), 2, "{of:?}");
    assert_eq!(of.iter().filter(|it| **it == ("vault", Some("HAS_FINDINGS"))).count(), 1, "{of:?}");
    assert!(of.iter().all(|(zone, _)| *zone == "vault"), "{of:?}");
    let released = versions.iter().find(|row| row["released"].is_string()).unwrap();
    assert_eq!((&released["release_reason"], &released["status"]), (&value!("test data"), &value!("HAS_FINDINGS")));
    assert!(released["reasons"][0].as_str().unwrap().contains("CREDIT_CARD_NUMBER"), "{released}");
    let clean = versions.iter().find(|row| row["status"] == "VAULT_COPY").unwrap();
    assert_eq!(clean["reasons"], value!([]), "it was judged by the Express workflow, and nothing was found");

    let verdicts = rows(&story, "verdict");
    assert_eq!(verdicts.len(), 3, "{verdicts:#?}");
    for line in &said {
        let verdict = verdicts.iter().find(|row| row["execution"] == line["execution"]).unwrap();
        for member in ["key", "version", "status", "reasons", "format", "size", "at", "again", "place", "vault_version"]
        {
            assert_eq!(verdict[member], line[member], "{member}");
        }
    }
    let discarded = verdicts.iter().find(|row| row["status"] == "INTEGRITY_FAIL").unwrap();
    assert!(discarded["reasons"][0].as_str().unwrap().contains("row 2 has 3 fields"), "{discarded}");
    let decisions = rows(&story, "decision");
    let of: BTreeSet<_> = decisions.iter().map(|row| (row["action"].as_str(), row["state"].as_str())).collect();
    assert_eq!(of, [(Some("release"), Some("done")), (Some("discard"), Some("done"))].into());
    assert!(decisions.iter().all(|row| row["reason"] == "test data" && row["by"] != Value::Null));
    assert_eq!(keys(&vault, Zone::Analytics).await, Vec::<String>::new());
    let nothing = run(&vault, &["show", "b.csv"], 1);
    assert!(nothing.stderr.contains("check the key"), "{}", nothing.stderr);
}

/// Step Functions keeps an execution for 90 days; the log is kept for as long as somebody wants.
#[tokio::test]
async fn reasons_are_known_without_their_execution() {
    let vault = holding(&[("in/cards.csv", CARDS)]).await;
    let mut line = report::lines(&vault, 1).await.remove(0);
    let (s3, names) = (&vault.stack.aws.s3, &vault.stack.names);
    let (key, version) = ("old.csv", "v-of-old");
    let copy = classifier::copies::copy_id(&names.bucket(Zone::Ingress), key, version);
    let execution = names.state_machine_arn().replace(":stateMachine:", ":execution:") + ":over";
    let put = s3.put_object().bucket(names.bucket(Zone::Analytics)).key(format!("{copy}/{key}"));
    let tags = format!("cvault%3Astatus=HAS_FINDINGS&cvault%3Aexecution={execution}");
    let put = put.tagging(tags).body(CARDS.to_vec().into()).send().await.unwrap();
    let held = |key: &str| {
        let held = json(&vault, &["held"], 0);
        rows(&held, "held").into_iter().find(|row| row["key"] == key).unwrap().clone()
    };
    assert_eq!((&held(key)["reasons"], &held(key)["version"]), (&Value::Null, &Value::Null));
    (line["key"], line["version"], line["execution"]) = (key.into(), version.into(), execution.into());
    line["copies"] = classifier::copies::key_part(&names.bucket(Zone::Ingress), key).into();
    line["place"]["version"] = put.version_id().unwrap().into();
    report::write(&vault, "function", std::slice::from_ref(&line)).await;
    let old = held(key);
    assert_eq!((&old["reasons"], &old["version"]), (&line["reasons"], &value!(version)));
    assert_ne!(held("in/cards.csv")["reasons"], Value::Null, "the others' are known as before");
    let shown = json(&vault, &["show", key], 0);
    assert_eq!(rows(&shown, "version")[0]["reasons"], line["reasons"]);
    let selected = json(&vault, &["held", "--reason", "credit_card", "--prefix", "old"], 0);
    assert_eq!(rows(&selected, "held").len(), 1);
}

/// Tags of its own leave no room for the execution, or not even for the verdict: the log knows both, by the copy.
#[tokio::test]
async fn what_has_many_tags_of_its_own_is_explained() {
    let vault = holding(&[("in/few.csv", RAGGED)]).await;
    let (s3, bucket) = (&vault.stack.aws.s3, vault.stack.names.bucket(Zone::Ingress));
    for count in [9, 10] {
        let tags = (0..count).map(|n| format!("t{n}=x")).collect::<Vec<_>>().join("&");
        let put = s3.put_object().bucket(&bucket).key(format!("in/{count}.csv")).tagging(tags);
        put.body(CARDS.to_vec().into()).send().await.unwrap();
    }
    for count in [9, 10] {
        vault.judged(&format!("in/{count}.csv")).await;
    }
    let of = |arguments: &[&str]| {
        let lines = json(&vault, &[&["held"], arguments].concat(), 0);
        let held = rows(&lines, "held").into_iter().cloned();
        held.map(|row| (row["key"].as_str().unwrap().to_owned(), row)).collect::<BTreeMap<_, _>>()
    };
    let both = ["in/10.csv", "in/9.csv"];
    for arguments in
        [&["--status", "HAS_FINDINGS"][..], &["--status", "HAS_FINDINGS", "--no-reasons"], &["--reason", "credit_card"]]
    {
        assert_eq!(of(arguments).keys().collect::<Vec<_>>(), both, "{arguments:?}");
    }
    assert_eq!(of(&["--status", "INTEGRITY_FAIL"]).keys().collect::<Vec<_>>(), ["in/few.csv"]);
    let all = of(&[]);
    for key in both {
        assert_eq!(all[key]["status"], "HAS_FINDINGS", "{}", all[key]);
        assert!(all[key]["reasons"][0].as_str().unwrap().contains("CREDIT_CARD"), "{}", all[key]);
        assert_ne!(all[key]["version"], Value::Null, "{}", all[key]);
    }
}

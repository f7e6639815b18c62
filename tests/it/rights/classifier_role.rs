//! The classifier: every call that the function makes of S3 and of Macie, recorded.

use super::s3::Call;
use super::{Needed, Policies};
use crate::macie::Scanned;
use crate::support::{Pipeline, Stack};
use classifier::objects::{Copying, Marks, Objects, Place};
use cvault::vault::names::{Names, Zone};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const CLEAN: &[u8] = b"seq,city\n1,Kingsford\n2,Saltmere\n";
const RAGGED: &[u8] = b"seq,city\n1,Kingsford,extra\n";
const CARDS: &[u8] = b"seq,credit_card\n0,4000004427083831\n";
/// What Macie finds and cvault itself does not look for.
const PROVIDERS: &[u8] = b"seq,npi\n1,1234567893\n2,1245319599\n";

/// Rights that no recorded call needs, by statement and action, and why they are there.
const NOT_SEEN: [(&str, &str); 4] = [
    // Of objects that are not there S3 says so to those only who may list: all others are denied.
    ("FindVersions", "s3:ListBucket"),
    // S3's documentation asks for it beside the one of a version, and sources are always versions (truths D2).
    ("CopyTags", "s3:GetObjectTagging"),
    // Lambda writes what the function prints, with the function's role.
    ("Log", "logs:CreateLogStream"),
    ("Log", "logs:PutLogEvents"),
];

/// Jobs have ARNs; everything else that the function asks Macie has none.
fn of_macie(operation: &str, names: &Names) -> Needed {
    let job = format!("arn:aws:macie2:{}:{}:classification-job/3ce05dbb", names.region, names.account);
    let of_job = ["CreateClassificationJob", "DescribeClassificationJob", "UpdateClassificationJob"];
    (format!("macie2:{operation}"), if of_job.contains(&operation) { job } else { "*".into() }, vec![])
}

/// Everything that can become of a file, and what only happens on the way to it.
async fn every_way(scanned: &Scanned) {
    let (vault, macie) = (&scanned.vault, &scanned.macie);
    let bucket = vault.stack.names.bucket(Zone::Ingress);
    let event = |object: Value| json!({"detail": {"bucket": {"name": bucket}, "object": object}});
    macie.script(&json!({"key": "/same.csv", "status": "RUNNING", "times": 1}));
    let first = vault.put("same.csv", CLEAN).await;
    scanned.job_of("same.csv", &first).await;
    let newer = vault.put("same.csv", b"seq,city\n3,Saltmere\n").await;
    assert_eq!(vault.judged("same.csv").await.verdict("Status"), "VAULT_COPY");
    // Judged later than the newer one, which is then stored once more, on top.
    macie.release("/same.csv");
    let zip = include_bytes!("../../../src/commands/demo/samples/tides.zip");
    for (key, body, status) in [
        ("tides.zip", &zip[..], "VAULT_COPY"),
        ("cards.csv", CARDS, "HAS_FINDINGS"),
        ("providers.csv", PROVIDERS, "HAS_FINDINGS"),
        ("ragged.csv", RAGGED, "INTEGRITY_FAIL"),
    ] {
        vault.put(key, body).await;
        assert_eq!(vault.judged(key).await.verdict("Status"), status, "{key}");
    }
    vault.executions(Zone::Ingress, "same.csv", 2).await;
    let duplicate = vault.start_execution(&event(json!({"key": "same.csv", "version-id": newer}))).await;
    assert_eq!(duplicate.verdict("Status"), "ALREADY_SETTLED");
    let gone = vault.start_execution(&event(json!({"key": "never.csv", "etag": "e"}))).await;
    assert_eq!(gone.error.as_deref(), Some("GONE"));
    release_by_hand(vault).await;
    scanned.grant_no_time().await;
    macie.script(&json!({"key": "/stuck.csv", "status": "RUNNING"}));
    vault.put("stuck.csv", CLEAN).await;
    assert_eq!(vault.judged("stuck.csv").await.verdict("Status"), "NOT_ANALYSED");
}

async fn release_by_hand(vault: &Pipeline) {
    let held = vault.judged("cards.csv").await;
    let source = format!("{}/{}", held.verdict("AnalyticsBucket"), held.verdict("AnalyticsKey"));
    let copy = vault.stack.aws.s3.copy_object().bucket(vault.stack.names.bucket(Zone::Vault)).key("cards.csv");
    copy.copy_source(source).send().await.unwrap();
    vault.executions(Zone::Vault, "cards.csv", 1).await;
}

/// The function's own code for objects of more than 5 GiB, with parts that fit into a test: once
/// whole, once given up.
async fn copies_in_parts(stack: &Stack) {
    const PART: u64 = 5 << 20;
    let through_proxy = stack.aws.s3.config().to_builder().endpoint_url(stack.proxy.endpoint()).build();
    let copying = Copying { whole: PART, part: PART, parts: 100, at_once: 2 };
    let objects = Objects::with(aws_sdk_s3::Client::from_conf(through_proxy), copying);
    let body = vec![b'x'; usize::try_from(PART).unwrap() + 7];
    for (from, to) in [(Zone::Ingress, Zone::Analytics), (Zone::Analytics, Zone::Vault), (Zone::Vault, Zone::Vault)] {
        let (from, to) = (stack.names.bucket(from), stack.names.bucket(to));
        let put = stack.aws.s3.put_object().bucket(&from).key("large.bin").body(body.clone().into());
        let version = put.tagging("team=sea").send().await.unwrap().version_id.unwrap();
        let source = Place { bucket: &from, key: "large.bin", version_id: Some(&version) };
        let target = Place { bucket: &to, key: "copy.bin", version_id: None };
        let head = objects.head(source).await.unwrap().unwrap();
        assert!(objects.copy(source, &head, target, Marks::default()).await.unwrap().is_some());
        let tags = Some(vec![]);
        stack.aws.s3.delete_object().bucket(&from).key("large.bin").version_id(&version).send().await.unwrap();
        let late = objects.copy(source, &head, target, Marks { metadata: &[], tags }).await;
        assert!(late.unwrap().is_none(), "its source is gone");
    }
}

/// What Lambda does with its role to take notices out of their queue, and what the function does with them.
fn notices(stack: &Stack, policies: &Policies, has_published: bool) -> Vec<Needed> {
    let names = &stack.names;
    let takes = ["DeleteMessage", "GetQueueAttributes", "ReceiveMessage"];
    let takes = takes.map(|action| (format!("sqs:{action}"), names.notices_arn(), vec![]));
    let via = ("kms:ViaService", format!("sns.{}.amazonaws.com", names.region));
    let uses = ["Decrypt", "GenerateDataKey"];
    let uses = uses.map(|action| (format!("kms:{action}"), policies.key_arn.clone(), vec![via.clone()]));
    let tells = [("sns:Publish".to_owned(), names.topic_arn(), vec![])].into_iter().chain(uses);
    takes.into_iter().chain(tells.filter(|_| has_published)).collect()
}

/// The same of files for Macie: what the function asks Step Functions for, and Lambda the queue.
fn files(stack: &Stack, calls: &[Value]) -> Vec<Needed> {
    let names = &stack.names;
    let takes = ["DeleteMessage", "GetQueueAttributes", "ReceiveMessage"];
    let takes = takes.map(|action| (format!("sqs:{action}"), names.macie_queue_arn(), vec![]));
    let of = |call: &Value| match call["op"].as_str() {
        Some("StartExecution") => Some(("states:StartExecution".to_owned(), names.macie_job_machine_arn(), vec![])),
        Some("SendTaskSuccess") => Some(("states:SendTaskSuccess".to_owned(), "*".to_owned(), vec![])),
        _ => None,
    };
    takes.into_iter().chain(calls.iter().filter_map(of)).collect()
}

#[tokio::test]
async fn the_classifier_has_the_rights_that_it_uses() {
    let scanned = Scanned::exporting().await;
    let (stack, macie) = (&scanned.vault.stack, &scanned.macie);
    let before = macie.operations().len();
    stack.watch_function().await;
    let proxy = stack.proxy.endpoint();
    scanned.vault.set_variables(&[("AWS_ENDPOINT_URL_SNS", &proxy), ("AWS_ENDPOINT_URL_SFN", &proxy)]).await;
    every_way(&scanned).await;
    assert!(scanned.vault.messages().await.len() > 3);
    copies_in_parts(stack).await;

    let policies = Policies::of(stack, "classifier").await;
    let results_key =
        format!("arn:aws:kms:{}:{}:key/00000000-0000-4000-8000-000000000000", stack.names.region, stack.names.account);
    let calls = stack.proxy.log();
    assert!(calls.iter().all(|call| call["status"] != 403), "{calls:#?}");
    let of_s3 = calls.iter().filter(|call| call["service"] == "s3").flat_map(|call| {
        let (names, key) = (&stack.names, policies.key_arn.as_str());
        Call { facts: call, names, key, results_key: &results_key }.needs()
    });
    let asked = macie.operations().split_off(before);
    let notices = notices(stack, &policies, calls.iter().any(|call| call["op"] == "Publish"));
    let others = notices.into_iter().chain(files(stack, &calls));
    let needed = of_s3.chain(asked.iter().map(|call| of_macie(call, &stack.names))).chain(others).collect();
    let unused = policies.unused(&needed);
    let unused: BTreeSet<_> = unused.iter().map(|(sid, action, _)| (sid.as_str(), action.as_str())).collect();
    assert_eq!(unused, NOT_SEEN.into());
}

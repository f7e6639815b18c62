//! Law 9: what waits too long is judged without anybody asking, whatever has kept it.

use crate::support::Pipeline;
use aws_sdk_sfn::types::ExecutionStatus;
use cvault::vault::names::Zone;
use serde_json::json;
use std::time::{Duration, Instant};

const CLEAN: &[u8] = b"seq,city\n1,Kingsford\n2,Saltmere\n";
const CARDS: &[u8] = b"seq,credit_card\n0,4000004427083831\n";

async fn count(vault: &Pipeline) -> usize {
    let list = vault.stack.aws.sfn.list_executions().state_machine_arn(vault.stack.names.state_machine_arn());
    list.send().await.unwrap().executions.len()
}

/// A rule that was off: nothing reports these files, and a version that is not current is a file, too.
#[tokio::test]
async fn what_nobody_reported_is_judged() {
    let vault = Pipeline::start().await;
    let (aws, names) = (&vault.stack.aws, &vault.stack.names);
    aws.eventbridge.disable_rule().name(names.rule(Zone::Ingress)).send().await.unwrap();
    let odd = ["a b+c.csv", "d%2Fe/ü.csv", "line\nbreak.csv"];
    for key in odd {
        vault.put(key, CLEAN).await;
    }
    vault.put("twice.csv", CARDS).await;
    vault.put("twice.csv", CLEAN).await;
    // Not one under a delete marker: the emulator knows no tags of such a version, as AWS does.
    vault.put("hers.csv", CLEAN).await;

    assert_eq!(vault.sweep(&json!({"OlderThanSeconds": 3600})).await, ExecutionStatus::Succeeded);
    assert_eq!(count(&vault).await, 0, "they are too young");
    assert_eq!(vault.sweep(&json!({"Prefix": "her"})).await, ExecutionStatus::Succeeded);
    vault.executions(Zone::Ingress, "hers.csv", 1).await;
    assert_eq!(vault.sweep(&json!({})).await, ExecutionStatus::Succeeded);
    // Another sweep starts nothing twice.
    assert_eq!(vault.sweep(&json!({})).await, ExecutionStatus::Succeeded);
    vault.settled(6).await;
    let left = vault.objects(Zone::Ingress).await;
    assert_eq!(left.keys().collect::<Vec<_>>(), Vec::<&String>::new(), "{:#?}", vault.settled(6).await);
    let stored = vault.objects(Zone::Vault).await;
    assert_eq!(stored.keys().collect::<Vec<_>>(), [odd[0], odd[1], "hers.csv", odd[2], "twice.csv"]);
    assert_eq!(stored["twice.csv"], [CLEAN.to_vec()]);
    assert_eq!(vault.objects(Zone::Analytics).await.len(), 1);
    assert_eq!(vault.messages().await.len(), 1, "one file is held, and told of once");
    assert_eq!(vault.executions(Zone::Ingress, "twice.csv", 2).await.len(), 2);
    vault.stack.up();
    vault.stack.run(&["status"]).expect(0);
}

/// What failed is tried again, and is no trouble any more once a sweep has looked at it.
#[tokio::test]
async fn what_failed_is_judged_again() {
    let vault = Pipeline::start().await;
    vault.set_variables(&[("analytics_bucket", "no-such-bucket-of-ours")]).await;
    vault.put("a.csv", CLEAN).await;
    assert_eq!(vault.judged("a.csv").await.status, ExecutionStatus::Failed);
    assert_eq!(vault.messages().await.len(), 1);
    let status = vault.stack.run(&["status", "--output", "json"]).expect(2).document();
    assert_eq!(status["waiting"]["failed"], 1);
    vault.stack.up();
    vault.sweep(&json!({})).await;
    let judged = vault.executions(Zone::Ingress, "a.csv", 2).await;
    assert!(judged.iter().any(|execution| execution.verdict("Status") == "VAULT_COPY"), "{judged:#?}");
    vault.executions(Zone::Vault, "a.csv", 1).await;
    assert_eq!(vault.objects(Zone::Ingress).await.len(), 0);
    vault.stack.run(&["status"]).expect(0);
}

/// Whose judge runs is left to it, however long that takes; whose judge has died is judged.
#[tokio::test]
async fn what_is_being_judged_is_left_alone() {
    let vault = Pipeline::start().await;
    let (aws, names) = (&vault.stack.aws, &vault.stack.names);
    // The judge is held where it has made the copy.
    vault.stack.watch_function().await;
    let hold = json!({"service": "s3", "op": "GetObject", "resource": names.bucket(Zone::Analytics), "hold": true});
    vault.stack.proxy.configure(&json!({"faults": [hold]}));
    aws.eventbridge.disable_rule().name(names.rule(Zone::Ingress)).send().await.unwrap();
    let version = vault.put("a.csv", CLEAN).await;
    let event = json!({"source": "aws.s3", "detail": {"bucket": {"name": names.bucket(Zone::Ingress)},
        "object": {"key": "a.csv", "version-id": version}}});
    let start = aws.sfn.start_execution().state_machine_arn(names.state_machine_arn()).input(event.to_string());
    start.send().await.unwrap();
    let begun = Instant::now();
    while vault.objects_listed(Zone::Analytics).await == 0 {
        assert!(begun.elapsed() < Duration::from_mins(1), "no copy is made");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(vault.running().await.len(), 1);
    vault.sweep(&json!({"Again": true})).await;
    assert_eq!(count(&vault).await, 1, "nobody else was started");
    let (arn, _) = vault.running().await.remove(0);
    aws.sfn.stop_execution().execution_arn(arn).send().await.unwrap();
    vault.stack.proxy.configure(&json!({"faults": []}));
    vault.sweep(&json!({"Again": true})).await;
    let judged = vault.executions(Zone::Ingress, "a.csv", 2).await;
    assert!(judged.iter().any(|execution| execution.verdict("Status") == "VAULT_COPY"), "{judged:#?}");
    // The aborted one has told nobody; the rule for that has.
    let told = vault.messages().await;
    assert!(told.iter().any(|message| message.text.contains("ABORTED")), "{told:#?}");
}

/// An event that could not be delivered comes again, and leaves the queue.
#[tokio::test]
async fn dead_letters_are_delivered() {
    let vault = Pipeline::start().await;
    let (aws, names) = (&vault.stack.aws, &vault.stack.names);
    aws.eventbridge.disable_rule().name(names.rule(Zone::Ingress)).send().await.unwrap();
    let version = vault.put("a.csv", CLEAN).await;
    let event = json!({"source": "aws.s3", "detail": {"bucket": {"name": names.bucket(Zone::Ingress)},
        "object": {"key": "a.csv", "version-id": version}}});
    let url = aws.sqs.get_queue_url().queue_name(names.dead_letters()).send().await.unwrap().queue_url.unwrap();
    aws.sqs.send_message().queue_url(&url).message_body(event.to_string()).send().await.unwrap();
    vault.stack.run(&["status"]).expect(2);
    vault.redeliver().await;
    assert_eq!(vault.judged("a.csv").await.verdict("Status"), "VAULT_COPY");
    let begun = Instant::now();
    while vault.stack.status()["waiting"]["dead_letters"] != 0 {
        assert!(begun.elapsed() < Duration::from_mins(1), "it stays in the queue");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// S3's event about the vault was lost: the copy of what is stored is cleared all the same, and of what is released by hand.
#[tokio::test]
async fn what_is_stored_is_cleared_without_its_event() {
    let vault = Pipeline::start().await;
    let (aws, names) = (&vault.stack.aws, &vault.stack.names);
    aws.eventbridge.disable_rule().name(names.rule(Zone::Vault)).send().await.unwrap();
    vault.put("a b/c.csv", CLEAN).await;
    vault.put("held.csv", CARDS).await;
    vault.put("cards.csv", CARDS).await;
    for key in ["a b/c.csv", "held.csv", "cards.csv"] {
        vault.judged(key).await;
    }
    // An analyst's copy carries the marks along.
    let copies = vault.versions(Zone::Analytics).await;
    let released = copies.iter().find_map(|it| it.key().filter(|key| key.ends_with("/cards.csv"))).unwrap();
    let source = format!("{}/{released}", names.bucket(Zone::Analytics));
    let copy = aws.s3.copy_object().bucket(names.bucket(Zone::Vault)).key("cards.csv").copy_source(source);
    copy.send().await.unwrap();
    assert_eq!(vault.objects(Zone::Analytics).await.len(), 3, "nobody has cleared them");
    let messages = vault.messages().await.len();
    assert_eq!(vault.sweep(&json!({})).await, ExecutionStatus::Succeeded);
    let begun = Instant::now();
    while vault.objects(Zone::Analytics).await.len() > 1 {
        assert!(begun.elapsed() < Duration::from_mins(1), "{:?}", vault.objects(Zone::Analytics).await.keys());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let left = vault.objects(Zone::Analytics).await;
    assert!(left.keys().all(|key| key.ends_with("/held.csv")), "what is held stays: {:?}", left.keys());
    assert_eq!((messages, vault.messages().await.len()), (2, 0), "and nobody is told anything");
}

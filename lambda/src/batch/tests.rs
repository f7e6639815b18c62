use super::*;
use crate::stand_in::{Reply, StandIn};

const MACHINE: &str = "arn:aws:states:eu-west-1:123456789012:stateMachine:CyberVaultMacieJob-x";
const EXECUTION: &str = "arn:aws:states:eu-west-1:123456789012:execution:CyberVaultMacieJob-x:0a1b";

/// A file as the state machine queues it.
fn file(n: usize, key: &str) -> Value {
    let extent = json!({"Levels": 0, "Members": 0, "Largest": 0, "Expanded": 0, "Unnamed": 0, "Depth": 0});
    json!({
        "Token": format!("t{n}"),
        "Source": {"Bucket": "in", "Key": key, "VersionId": "v", "Size": 5, "Sha256": null, "StoredVersionId": null},
        "Verdict": {"Status": "CLEAN", "JobId": null, "AnalyticsBucket": "an", "AnalyticsKey": format!("0/{key}"),
            "AnalyticsVersionId": "w", "Reasons": []},
        "Analysis": {"Format": "csv", "Extent": extent, "JobMade": null, "Waited": 0, "FindingsAwaited": false},
    })
}

fn record(n: usize, key: &str) -> Value {
    let body = json!({"StateMachine": MACHINE, "File": file(n, key)});
    json!({"messageId": format!("m{n:04}"), "body": body.to_string(), "eventSource": "aws:sqs"})
}

fn batch(records: &[Value]) -> Batch {
    serde_json::from_value(json!({"Records": records})).unwrap()
}

fn files(all: &[Value]) -> Vec<File> {
    all.iter().map(|one| serde_json::from_value(one.clone()).unwrap()).collect()
}

fn well() -> StandIn {
    StandIn::new(|_| Reply::Json(json!({"executionArn": EXECUTION, "startDate": 1.0})))
}

/// The names of the executions that were started, and how many files each has.
fn started(sfn: &StandIn) -> Vec<(String, usize)> {
    let of = |body: &Value| {
        assert_eq!(body["stateMachineArn"], MACHINE);
        let input = body["input"].as_str().unwrap();
        assert!(input.len() < 262_144, "{}", input.len());
        let state: State = serde_json::from_str(input).unwrap();
        (body["name"].as_str().unwrap().to_owned(), state.files.len())
    };
    sfn.calls().iter().map(|call| of(&call.body)).collect()
}

#[tokio::test]
async fn a_batch_is_one_execution_and_the_same_batch_the_same() {
    let records: Vec<_> = (0..100).map(|n| record(n, "a.csv")).collect();
    let turned: Vec<_> = records.iter().rev().cloned().collect();
    let sfn = well();
    for records in [&records, &turned] {
        assert_eq!(gather(&sfn.executions(), &batch(records)).await, Left::default());
    }
    let started = started(&sfn);
    assert_eq!((started.len(), started[0].1, &started[0]), (2, 100, &started[1]));
    let other = well();
    gather(&other.executions(), &batch(&records[1..])).await;
    assert_ne!(self::started(&other)[0].0, started[0].0);
    // It runs, or has run.
    let there = StandIn::new(|_| Reply::Error(400, "ExecutionAlreadyExists", "there is one"));
    assert_eq!(gather(&there.executions(), &batch(&records)).await, Left::default());
}

/// Step Functions takes 262,144 bytes.
#[tokio::test]
async fn what_is_too_much_for_one_execution_goes_into_several() {
    let long = "\u{1}".repeat(1024);
    let records: Vec<_> = (0..100).map(|n| record(n, &long)).collect();
    let sfn = well();
    assert_eq!(gather(&sfn.executions(), &batch(&records)).await, Left::default());
    let started = started(&sfn);
    assert!(started.len() > 4 && started.iter().map(|(_, files)| files).sum::<usize>() == 100, "{started:?}");
    let sfn = well();
    gather(&sfn.executions(), &batch(&(0..=FILES).map(|n| record(n, "k")).collect::<Vec<_>>())).await;
    assert_eq!(self::started(&sfn).iter().map(|(_, files)| *files).collect::<Vec<_>>(), [FILES, 1]);
}

#[tokio::test]
async fn what_starts_nothing_stays_in_the_queue() {
    let mut records: Vec<_> = (0..3).map(|n| record(n, "k")).collect();
    records[1]["body"] = "{\"File\": 1}".into();
    let sfn = well();
    let left = gather(&sfn.executions(), &batch(&records)).await;
    assert_eq!((left.batch_item_failures.len(), started(&sfn)[0].1), (1, 2));
    assert_eq!(left.batch_item_failures[0].item_identifier, "m0001");
    for reply in [Reply::Lost, Reply::Status(503), Reply::Error(400, "ThrottlingException", "Rate exceeded")] {
        let sfn = StandIn::new(move |_| reply.clone());
        assert_eq!(gather(&sfn.executions(), &batch(&records)).await.batch_item_failures.len(), 3);
    }
}

#[test]
fn files_are_told_from_notices() {
    assert!(is_of_files(&batch(&[record(0, "k")])));
    let notice = json!({"messageId": "m", "body": "{\"Notice\": {}}", "eventSource": "aws:sqs"});
    assert!(!is_of_files(&batch(&[notice])) && !is_of_files(&batch(&[])));
}

#[tokio::test]
async fn halves_have_names_of_their_own_and_lose_nothing() {
    let sfn = well();
    let all: Vec<_> = (0..5).map(|n| file(n, "k")).collect();
    for _ in 0..2 {
        sfn.executions().halve(EXECUTION, &files(&all)).await.unwrap();
    }
    let started = started(&sfn);
    assert_eq!((started[0].1, started[1].1), (2, 3));
    assert!(started[0].0 != started[1].0 && started[..2] == started[2..], "{started:?}");
}

#[tokio::test]
async fn whoever_waits_no_more_is_no_mistake() {
    let verdict = files(&[file(0, "k")]).remove(0).verdict;
    let answers = || ["a", "b", "c"].map(|token| (token.to_owned(), verdict.clone())).to_vec();
    let gone = StandIn::new(|call| match call.body["taskToken"].as_str() {
        Some("a") => Reply::Error(400, "TaskTimedOut", "too late"),
        Some("b") => Reply::Error(400, "TaskDoesNotExist", "too late"),
        _ => Reply::Json(json!({})),
    });
    gone.executions().answer(answers()).await.unwrap();
    let output: Verdict = serde_json::from_str(gone.calls()[2].body["output"].as_str().unwrap()).unwrap();
    assert_eq!(output, verdict);
    // One that cannot be answered now hinders no other.
    let cases = [
        (Reply::Error(400, "ThrottlingException", "Rate exceeded"), FailureKind::Busy),
        (Reply::Error(400, "AccessDeniedException", "no"), FailureKind::Denied),
        (Reply::Lost, FailureKind::Busy),
        (Reply::Error(400, "InvalidOutput", "no"), FailureKind::Refused),
    ];
    for (reply, kind) in cases {
        let sfn = StandIn::new(move |call| match call.body["taskToken"].as_str() {
            Some("b") => reply.clone(),
            _ => Reply::Json(json!({})),
        });
        assert_eq!(sfn.executions().answer(answers()).await.unwrap_err().kind, kind);
        assert_eq!(sfn.calls().len(), 3);
    }
}

//! The steps of a batch against S3, Macie and Step Functions on HTTP's level.

use super::*;
use crate::copies;
use crate::stand_in::{Call, Reply, StandIn, head};
use crate::steps::{Compiled, PATIENCE};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::SystemTime;

const EXECUTION: &str = "arn:aws:states:eu-west-1:123456789012:execution:CyberVaultMacieJob-x:0a1b";

fn id(key: &str) -> String {
    copies::copy_id("in", key, "v")
}

fn place(key: &str) -> String {
    format!("{}/{key}", id(key))
}

fn file(key: &str) -> Value {
    let extent = json!({"Levels": 0, "Members": 0, "Largest": 0, "Expanded": 0, "Unnamed": 0, "Depth": 0});
    json!({
        "Token": format!("token of {key}"),
        "Source": {"Bucket": "in", "Key": key, "VersionId": "v", "Size": 5, "Sha256": null, "StoredVersionId": null},
        "Verdict": {"Status": "CLEAN", "JobId": null, "AnalyticsBucket": "an", "AnalyticsKey": place(key),
            "AnalyticsVersionId": "w", "Reasons": ["IBAN found 1 time: row 2"]},
        "Analysis": {"Format": "csv", "Extent": extent, "JobMade": null, "Waited": 0, "FindingsAwaited": false},
    })
}

fn ago(seconds: i64) -> String {
    let now = DateTime::from(SystemTime::now());
    DateTime::from_secs(now.secs() - seconds).fmt(Format::DateTime).unwrap()
}

/// A request about these files; their job, if the step wants one, was made so many seconds ago.
fn request(step: &str, keys: &[&str], seconds: Option<i64>) -> Request {
    let job = seconds.map(|it| json!({"Id": "j", "Made": ago(it), "Waited": 0, "FindingsAwaited": false}));
    let files: Vec<_> = keys.iter().map(|key| file(key)).collect();
    serde_json::from_value(json!({
        "Step": step, "Execution": EXECUTION, "Batch": {"Files": files, "Job": job, "Status": "ANALYSING"},
        "MacieRules": {"ManagedDataIdentifierSelector": "ALL", "MaxHours": 2, "BlockAt": "medium"},
    }))
    .unwrap()
}

/// Analytics: each copy is `w`; something lies over that of `covered.csv`, and that of `gone.csv` is gone.
fn s3() -> StandIn {
    StandIn::new(|call| {
        let [key] = ["a.csv", "b.csv", "covered.csv", "gone.csv", "no extension"]
            .into_iter()
            .filter(|key| call.what.contains(&id(key)))
            .collect::<Vec<_>>()[..]
        else {
            return Reply::Status(404);
        };
        match key {
            "gone.csv" => Reply::Status(404),
            "covered.csv" if !call.what.contains("versionId=w") => head("x", "another"),
            _ => head("w", &id(key)),
        }
    })
}

fn sfn() -> StandIn {
    StandIn::new(|_| Reply::Json(json!({"executionArn": EXECUTION, "startDate": 1.0})))
}

async fn take(request: &Request, macie: &StandIn, sfn: &StandIn) -> Result<State> {
    let vault = Vault {
        objects: s3().objects(),
        macie: macie.macie(),
        ingress: "in".into(),
        analytics: "an".into(),
        vault: "va".into(),
        detectors: Compiled::default(),
        patience: PATIENCE,
    };
    vault.take_batch(&sfn.executions(), request.clone()).await
}

/// The answers so far, by the file's key.
fn answers(sfn: &StandIn) -> BTreeMap<String, Verdict> {
    let of = |call: &Call| {
        let token = call.body["taskToken"].as_str()?.strip_prefix("token of ")?.to_owned();
        Some((token, serde_json::from_str(call.body["output"].as_str()?).unwrap()))
    };
    sfn.calls().iter().filter_map(of).collect()
}

fn keys(state: &State) -> Vec<&str> {
    state.files.iter().map(|file| file.source.key.as_str()).collect()
}

#[tokio::test]
async fn what_macie_cannot_analyse_is_answered_before_a_job_is_paid_for() {
    let macie = StandIn::new(|call| match call.what.as_str() {
        "GET /classification-export-configuration" => Reply::Json(json!({})),
        other => panic!("{other}"),
    });
    let sfn = sfn();
    let all = ["a.csv", "covered.csv", "gone.csv", "no extension"];
    let state = take(&request("CheckFiles", &all, None), &macie, &sfn).await.unwrap();
    assert_eq!((keys(&state), state.status, &state.job), (vec!["a.csv"], Progress::Analysing, &None));
    let answers = answers(&sfn);
    let told = |key: &str| (answers[key].status, answers[key].reasons[0].clone());
    assert_eq!(told("covered.csv"), (Status::NotAnalysed, COVERED.into()));
    assert_eq!(answers["gone.csv"].status, Status::Gone);
    let (status, why) = told("no extension");
    assert!(status == Status::NotAnalysed && why.contains("this account exports none"), "{why}");
    assert_eq!(answers["no extension"].reasons[1], "IBAN found 1 time: row 2");
    // Nothing is left to ask for.
    let empty = request("MakeMacieJob", &[], None);
    assert_eq!(take(&empty, &macie, &sfn).await.unwrap().status, Progress::Answered);
}

fn listed(found: bool) -> Reply {
    let job = json!({"jobId": "j", "name": "cvault-0a1b", "jobStatus": "RUNNING", "createdAt": "2026-01-01T00:00:00Z"});
    Reply::Json(json!({"items": if found { vec![job] } else { vec![] }}))
}

#[tokio::test]
async fn one_job_sees_all_of_them_each_once() {
    let macie = StandIn::new(|call| match call.what.as_str() {
        "POST /jobs/list" => listed(false),
        _ => Reply::Json(json!({"jobId": "j"})),
    });
    let state = take(&request("MakeMacieJob", &["b.csv", "a.csv", "b.csv"], None), &macie, &sfn()).await.unwrap();
    let job = state.job.clone().unwrap();
    assert_eq!((job.id.as_str(), job.waited, state.wait_seconds, state.files.len()), ("j", 30, Some(30), 3));
    let sent = &macie.calls()[1].body;
    let mut folders = ["a.csv", "b.csv"].map(|key| format!("{}/", id(key)));
    folders.sort();
    let values = sent.pointer("/s3JobDefinition/scoping/includes/and/0/simpleScopeTerm/values").unwrap();
    assert_eq!((sent["name"].as_str(), values), (Some("cvault-0a1b"), &json!(folders)));
    // Tried again, it finds the one that it has made.
    let there = StandIn::new(|_| listed(true));
    let state = take(&request("MakeMacieJob", &["a.csv"], None), &there, &sfn()).await.unwrap();
    assert_eq!(state.job.unwrap().made.as_deref(), Some("2026-01-01T00:00:00Z"));
}

/// What Macie refuses is tried again with a half each, down to one file.
#[tokio::test]
async fn what_macie_refuses_for_many_is_taken_apart() {
    let refusing = |reply: Reply| {
        StandIn::new(move |call| if call.what == "POST /jobs/list" { listed(false) } else { reply.clone() })
    };
    let refused = refusing(Reply::Error(400, "ValidationException", "too many values"));
    let steps = sfn();
    let state = take(&request("MakeMacieJob", &["a.csv", "b.csv"], None), &refused, &steps).await.unwrap();
    assert_eq!((state.status, state.files.len(), steps.calls().len()), (Progress::Answered, 0, 2));
    let alone = take(&request("MakeMacieJob", &["a.csv"], None), &refused, &steps).await;
    assert_eq!((alone.unwrap_err().kind, steps.calls().len()), (FailureKind::Refused, 2));
    for (code, status, kind) in [
        ("ThrottlingException", 429, FailureKind::MacieBusy),
        ("ServiceQuotaExceededException", 402, FailureKind::MacieQuota),
    ] {
        let busy = refusing(Reply::Error(status, code, "no"));
        let failed = take(&request("MakeMacieJob", &["a.csv", "b.csv"], None), &busy, &steps).await;
        assert_eq!((failed.unwrap_err().kind, steps.calls().len()), (kind, 2), "halves would find the same");
    }
}

/// A Macie whose job is so, and has found something in `b.csv`.
fn macie(status: &'static str, folders: &'static [&'static str]) -> StandIn {
    StandIn::new(move |call| match call.what.as_str() {
        "GET /jobs/j" => {
            let values: Vec<_> = folders.iter().map(|key| format!("{}/", id(key))).collect();
            let term = json!({"simpleScopeTerm": {"key": "OBJECT_KEY", "comparator": "STARTS_WITH", "values": values}});
            let definition = json!({"bucketDefinitions": [{"accountId": "123456789012", "buckets": ["an"]}],
                "scoping": {"includes": {"and": [term]}}});
            Reply::Json(json!({"jobId": "j", "name": "cvault-0a1b", "jobStatus": status, "s3JobDefinition": definition,
                "managedDataIdentifierSelector": "ALL", "lastRunErrorStatus": {"code": "NONE"}}))
        }
        "PATCH /jobs/j" | "GET /classification-export-configuration" => Reply::Json(json!({})),
        "POST /findings" => Reply::Json(json!({"findingIds": ["1"]})),
        "POST /findings/describe" => {
            let object = json!({"key": place("b.csv"), "versionId": "w"});
            let found = json!({"status": {"code": "COMPLETE"}, "sensitiveData": [{"category": "PERSONAL_INFORMATION",
                "detections": [{"type": "ADDRESS", "count": 1}]}]});
            Reply::Json(json!({"findings": [{"id": "1", "severity": {"description": "High"},
                "resourcesAffected": {"s3Bucket": {"name": "an"}, "s3Object": object},
                "classificationDetails": {"jobId": "j", "result": found}}]}))
        }
        other => panic!("{other}"),
    })
}

const ALL: &[&str] = &["a.csv", "b.csv", "covered.csv", "gone.csv"];

#[tokio::test]
async fn each_file_is_judged_for_itself_by_the_one_job() {
    let (macie, sfn) = (macie("COMPLETE", ALL), sfn());
    let first = take(&request("LookAtMacieJob", ALL, Some(60)), &macie, &sfn).await.unwrap();
    let told = answers(&sfn);
    let statuses: Vec<_> = told.iter().map(|(key, verdict)| (key.as_str(), verdict.status)).collect();
    let expected = [("b.csv", Status::HasFindings), ("covered.csv", Status::NotAnalysed), ("gone.csv", Status::Gone)];
    assert_eq!(statuses, expected);
    assert_eq!(
        (told["b.csv"].job_id.as_deref(), &told["b.csv"].reasons[0][..]),
        (Some("j"), "Macie: ADDRESS found 1 time")
    );
    // That nothing was found in the other one is believed a while later.
    assert_eq!((keys(&first), first.wait_seconds), (vec!["a.csv"], Some(GRACE)));
    assert!(first.job.as_ref().is_some_and(|job| job.findings_awaited && job.waited == GRACE));
    let again = Request { batch: first, ..request("LookAtMacieJob", ALL, Some(60)) };
    let last = take(&again, &macie, &sfn).await.unwrap();
    assert_eq!((last.status, keys(&last).len()), (Progress::Answered, 0));
    let clean = &answers(&sfn)["a.csv"];
    assert_eq!((clean.status, &clean.reasons[..]), (Status::Clean, &["IBAN found 1 time: row 2".to_owned()][..]));
}

#[tokio::test]
async fn what_ends_the_job_ends_so_for_all_of_its_files() {
    let gone = || StandIn::new(|_| Reply::Error(404, "ResourceNotFoundException", "no such job"));
    for (macie, seconds, status, why) in [
        (macie("CANCELLED", ALL), 60, Status::JobCancelled, "was cancelled"),
        (gone(), 3600, Status::JobCancelled, "is gone"),
        (macie("RUNNING", ALL), 7200, Status::NotAnalysed, "was still RUNNING after 2 hours"),
        // Of a job that does not see all of them nothing is believed.
        (macie("COMPLETE", &["a.csv"]), 60, Status::NotAnalysed, "does not analyse the copy"),
    ] {
        let sfn = sfn();
        let state = take(&request("LookAtMacieJob", &["a.csv", "b.csv"], Some(seconds)), &macie, &sfn).await.unwrap();
        assert_eq!(state.status, Progress::Answered);
        let told = answers(&sfn);
        assert_eq!(told.len(), 2);
        assert!(told.values().all(|it| it.status == status && it.reasons[0].contains(why)), "{told:?}");
    }
}

#[tokio::test]
async fn a_job_that_runs_is_waited_for() {
    let young = StandIn::new(|_| Reply::Error(404, "ResourceNotFoundException", "no such job"));
    for (macie, seconds, wait) in [(macie("RUNNING", ALL), 0, 30), (macie("PAUSED", ALL), 4000, 1000), (young, 300, 75)]
    {
        let sfn = sfn();
        let state = take(&request("LookAtMacieJob", &["a.csv"], Some(seconds)), &macie, &sfn).await.unwrap();
        assert_eq!((state.status, keys(&state)), (Progress::Analysing, vec!["a.csv"]));
        let (waits, waited) = (state.wait_seconds.unwrap(), state.job.unwrap().waited);
        assert!(waits.abs_diff(wait) <= 1 && waited == waits && sfn.calls().is_empty(), "{waits}");
    }
}

#[tokio::test]
async fn who_gives_up_says_why_and_holds_all() {
    let (macie, sfn) = (macie("RUNNING", ALL), sfn());
    let mut given_up = request("GiveUp", &["a.csv", "b.csv"], Some(0));
    let cause = json!({"errorMessage": "make a Macie job: no", "errorType": "MacieQuota"}).to_string();
    given_up.batch.failure = serde_json::from_value(json!({"Error": "MacieQuota", "Cause": cause})).unwrap();
    assert_eq!(take(&given_up, &macie, &sfn).await.unwrap().status, Progress::Answered);
    assert_eq!(macie.asked(), ["PATCH /jobs/j"], "a job that nobody reads is cancelled");
    let told = answers(&sfn);
    let why = "Macie could not be asked to the end: MacieQuota: make a Macie job: no";
    assert!(
        told.len() == 2 && told.values().all(|it| it.status == Status::NotAnalysed && it.reasons[0] == why),
        "{told:?}"
    );
}

/// Whoever is answered already is answered again by a step that is repeated, which changes nothing.
#[tokio::test]
async fn a_step_that_fails_on_its_way_is_repeated_whole() {
    let macie = macie("CANCELLED", ALL);
    let broken = StandIn::new(|call| match call.body["taskToken"].as_str() {
        Some("token of b.csv") => Reply::Lost,
        _ => Reply::Json(json!({})),
    });
    let look = request("LookAtMacieJob", &["a.csv", "b.csv"], Some(60));
    assert_eq!(take(&look, &macie, &broken).await.unwrap_err().kind, FailureKind::Busy);
    let gone = StandIn::new(|call| match call.body["taskToken"].as_str() {
        Some("token of a.csv") => Reply::Error(400, "TaskDoesNotExist", "it has its answer"),
        _ => Reply::Json(json!({})),
    });
    assert_eq!(take(&look, &macie, &gone).await.unwrap().status, Progress::Answered);
}

#[test]
fn a_job_of_an_hour_costs_each_file_of_a_batch_little() {
    let (mut age, mut looks) = (0, 0);
    while age < 3600 {
        age += batch_wait_seconds(age);
        looks += 1;
    }
    assert!(looks <= 20, "{looks}");
}

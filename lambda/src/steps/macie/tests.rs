//! The three steps against S3 and Macie on HTTP's level.

use super::*;
use crate::messages::{FailureKind, Step};
use crate::stand_in::{Reply, StandIn, head};
use crate::steps::read_findings::GRACE;
use crate::steps::{Compiled, PATIENCE};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

const EXECUTION: &str = "arn:aws:states:eu-west-1:123456789012:execution:CyberVaultOrquestrator-x:e";

fn source() -> Source {
    let json = json!({"Bucket": "in", "Key": "a.csv", "VersionId": "v", "Size": 5});
    serde_json::from_value(json).unwrap()
}

fn id() -> String {
    source().copy_id()
}

fn ago(seconds: i64) -> String {
    let now = DateTime::from(SystemTime::now());
    DateTime::from_secs(now.secs() - seconds).fmt(Format::DateTime).unwrap()
}

/// A request about a job that was made `seconds` ago, with changes.
fn request(step: Step, seconds: i64, changes: Value) -> Request {
    let status = if matches!(step, Step::CreateMacieJob) { "CLEAN" } else { "ANALYSING" };
    let job = if matches!(step, Step::CreateMacieJob) { Value::Null } else { "j".into() };
    let extent = json!({"Levels": 0, "Members": 0, "Largest": 0, "Expanded": 0, "Unnamed": 0, "Depth": 0});
    let mut request = json!({
        "Step": format!("{step:?}"), "Bucket": "in", "Object": {"key": "a.csv"}, "Execution": EXECUTION,
        "Source": source(),
        "Verdict": {"Status": status, "JobId": job, "AnalyticsBucket": "an", "AnalyticsKey": format!("{}/a.csv", id()),
            "AnalyticsVersionId": "w", "Reasons": ["IBAN found 1 time: row 2"]},
        "Analysis": {"Format": "csv", "Extent": extent, "JobMade": ago(seconds), "FindingsAwaited": false},
        "MacieRules": {"ManagedDataIdentifierSelector": "ALL", "MaxHours": 2, "BlockAt": "medium"},
    });
    merge(&mut request, changes);
    serde_json::from_value(request).unwrap()
}

fn merge(into: &mut Value, changes: Value) {
    match (into, changes) {
        (Value::Object(members), Value::Object(changes)) => {
            for (name, change) in changes {
                merge(members.entry(name).or_insert(Value::Null), change);
            }
        }
        (into, change) => *into = change,
    }
}

/// A bucket in which the judged copy is `w`, with this on top.
fn bucket(latest: Reply) -> StandIn {
    StandIn::new(move |call| match call.what.as_str() {
        what if !what.starts_with(&format!("HEAD /an/{}/a.csv", id())) => Reply::Status(404),
        what if what.contains("versionId=w") => head("w", &id()),
        _ => latest.clone(),
    })
}

fn s3() -> StandIn {
    bucket(head("w", &id()))
}

async fn take(request: &Request, s3: &StandIn, macie: &StandIn) -> Result<Answer> {
    let vault = Vault {
        objects: s3.objects(),
        macie: macie.macie(),
        ingress: "in".into(),
        analytics: "an".into(),
        vault: "va".into(),
        detectors: Compiled::default(),
        patience: PATIENCE,
    };
    vault.take(request.clone()).await
}

fn listed(name: &str) -> Value {
    json!({"items": [{"jobId": "j", "name": name, "jobStatus": "RUNNING", "createdAt": "2026-01-01T00:00:00Z"}]})
}

/// A Macie that lists no job until one was made.
fn macie(create: Reply) -> StandIn {
    let made = std::sync::atomic::AtomicBool::new(false);
    StandIn::new(move |call| match call.what.as_str() {
        "POST /jobs/list" if made.load(std::sync::atomic::Ordering::Relaxed) => {
            Reply::Json(listed(&format!("cvault-{}", id())))
        }
        "POST /jobs/list" => Reply::Json(json!({"items": []})),
        "POST /jobs" => {
            made.store(true, std::sync::atomic::Ordering::Relaxed);
            create.clone()
        }
        "GET /classification-export-configuration" => Reply::Json(json!({})),
        other => panic!("{other}"),
    })
}

fn create(changes: Value) -> Request {
    request(Step::CreateMacieJob, 0, changes)
}

#[tokio::test]
async fn a_job_is_made_once_and_found_again() {
    let macie = macie(Reply::Json(json!({"jobId": "j"})));
    let mut made = vec![];
    for _ in 0..2 {
        let answer = take(&create(json!({})), &s3(), &macie).await.unwrap();
        assert_eq!((answer.verdict.status, answer.verdict.job_id.as_deref()), (Status::Analysing, Some("j")));
        assert_eq!((answer.wait_seconds, answer.notice), (Some(30), None));
        assert_eq!(answer.verdict.reasons, ["IBAN found 1 time: row 2"]);
        made.push(answer.analysis.unwrap().job_made.unwrap());
    }
    assert_eq!(macie.asked(), ["POST /jobs/list", "POST /jobs", "POST /jobs/list"]);
    assert!(made[0] > ago(60) && made[1] == "2026-01-01T00:00:00Z", "just now, and when Macie says: {made:?}");
    let sent = &macie.calls()[1].body;
    assert_eq!(sent["name"], format!("cvault-{}", id()));
    assert!(sent.to_string().contains(&format!("[\"{}/\"]", id())), "{sent}");
    assert!(sent.to_string().contains("\"accountId\":\"123456789012\""), "{sent}");
}

/// The answer is lost, the job is there.
#[tokio::test]
async fn a_lost_answer_makes_no_second_job() {
    for (lost, kind) in [
        (Reply::Lost, FailureKind::Busy),
        (Reply::Status(500), FailureKind::Busy),
        (Reply::Error(429, "ThrottlingException", "Rate exceeded"), FailureKind::MacieBusy),
    ] {
        let macie = macie(lost);
        assert_eq!(take(&create(json!({})), &s3(), &macie).await.unwrap_err().kind, kind);
        let answer = take(&create(json!({})), &s3(), &macie).await.unwrap();
        assert_eq!(answer.verdict.job_id.as_deref(), Some("j"));
        assert_eq!(macie.asked().iter().filter(|asked| *asked == "POST /jobs").count(), 1);
    }
}

#[tokio::test]
async fn a_token_that_is_taken_leads_to_its_job() {
    let conflict = || Reply::Error(409, "ConflictException", "in use");
    let answer = take(&create(json!({})), &s3(), &macie(conflict())).await.unwrap();
    assert_eq!(answer.verdict.job_id.as_deref(), Some("j"));
    let hidden = StandIn::new(move |call| match call.what.as_str() {
        "POST /jobs" => conflict(),
        _ => Reply::Json(json!({"items": []})),
    });
    assert_eq!(take(&create(json!({})), &s3(), &hidden).await.unwrap_err().kind, FailureKind::Busy);
}

/// What Macie cannot analyse costs no job, and no call.
#[tokio::test]
async fn no_job_for_what_macie_cannot_analyse() {
    let macie = macie(Reply::Json(json!({"jobId": "j"})));
    let large = create(json!({"Source": {"Size": 20_000_000_001_u64}}));
    let answer = take(&large, &s3(), &macie).await.unwrap();
    assert_eq!((answer.verdict.status, answer.verdict.job_id), (Status::NotAnalysed, None));
    assert!(answer.notice.is_some() && answer.verdict.reasons[0].contains("20000000001 bytes"));
    assert_eq!(answer.verdict.reasons[1], "IBAN found 1 time: row 2");
    assert_eq!(macie.asked(), [""; 0]);
    let frozen = bucket(head("w", &id()));
    let frozen = StandIn::new(move |call| match (frozen.answer)(call) {
        Reply::Head(mut headers) => {
            headers.push(("x-amz-storage-class", "GLACIER".into()));
            headers.push(("x-amz-server-side-encryption-aws-kms-key-id", "arn:aws:kms:r:1:key/other".into()));
            Reply::Head(headers)
        }
        reply => reply,
    });
    let answer = take(&create(json!({})), &frozen, &macie).await.unwrap();
    assert!(answer.verdict.reasons[0].contains("GLACIER"), "{:?}", answer.verdict);
}

/// A name without an extension: only a record would tell whether Macie has read it.
#[tokio::test]
async fn what_is_doubtful_needs_exported_records() {
    let doubtful = create(json!({"Analysis": {"Extent": {"Unnamed": 1}}}));
    let silent = macie(Reply::Json(json!({"jobId": "j"})));
    let answer = take(&doubtful, &s3(), &silent).await.unwrap();
    assert_eq!(answer.verdict.status, Status::NotAnalysed);
    assert!(answer.verdict.reasons[0].contains("exported discovery results"), "{:?}", answer.verdict);
    assert_eq!(silent.asked(), ["GET /classification-export-configuration"]);
    let exporting = StandIn::new(|call| match call.what.as_str() {
        "POST /jobs" => Reply::Json(json!({"jobId": "j"})),
        "POST /jobs/list" => Reply::Json(json!({})),
        _ => Reply::Json(json!({"configuration": {"s3Destination": {"bucketName": "logs"}}})),
    });
    assert_eq!(take(&doubtful, &s3(), &exporting).await.unwrap().verdict.status, Status::Analysing);
}

/// Macie reads the latest version of a key, whichever was judged.
#[tokio::test]
async fn macie_sees_the_judged_copy_or_its_twin_and_nothing_else() {
    let job = || macie(Reply::Json(json!({"jobId": "j"})));
    let answer = take(&create(json!({})), &bucket(head("twin", &id())), &job()).await.unwrap();
    assert_eq!((answer.verdict.status, &answer.verdict.analytics_version_id[..]), (Status::Analysing, "twin"));
    let longer = Reply::Head(vec![
        ("x-amz-version-id", "x".into()),
        ("content-length", "6".into()),
        ("x-amz-meta-cvault-copy", id()),
    ]);
    for over in [head("x", "another"), longer, Reply::Status(404)] {
        let macie = job();
        let answer = take(&create(json!({})), &bucket(over), &macie).await.unwrap();
        assert_eq!((answer.verdict.status, macie.asked().len()), (Status::NotAnalysed, 0));
    }
    let gone = StandIn::new(|call| match call.what.split(' ').next() {
        Some("HEAD") => Reply::Status(404),
        _ => Reply::Bytes(b"<ListVersionsResult/>".to_vec()),
    });
    assert_eq!(take(&create(json!({})), &gone, &job()).await.unwrap_err().kind, FailureKind::Missing);
}

#[tokio::test]
async fn input_that_the_state_machine_does_not_send() {
    let macie = macie(Reply::Lost);
    for changes in [
        json!({"Verdict": {"Status": "HAS_FINDINGS"}}),
        json!({"MacieRules": null}),
        json!({"Execution": "e"}),
        json!({"Analysis": null}),
    ] {
        assert_eq!(take(&create(changes), &s3(), &macie).await.unwrap_err().kind, FailureKind::InvalidInput);
    }
    for step in [Step::DescribeMacieJob, Step::ReadMacieFindings] {
        let without_job = request(step, 0, json!({"Verdict": {"JobId": null}}));
        assert_eq!(take(&without_job, &s3(), &macie).await.unwrap_err().kind, FailureKind::InvalidInput);
    }
}

fn described(status: &str, error: &str) -> Value {
    let below = json!({"simpleScopeTerm": {"key": "OBJECT_KEY", "comparator": "STARTS_WITH",
        "values": [format!("{}/", id())]}});
    json!({"jobId": "j", "name": format!("cvault-{}", id()), "jobStatus": status, "createdAt": "2026-01-01T00:00:00Z",
        "lastRunErrorStatus": {"code": error}, "samplingPercentage": 100, "managedDataIdentifierSelector": "ALL",
        "s3JobDefinition": {"bucketDefinitions": [{"accountId": "123456789012", "buckets": ["an"]}],
            "scoping": {"includes": {"and": [below]}, "excludes": {"and": []}}}})
}

async fn look(job: Value, seconds: i64) -> Result<Answer> {
    let macie = StandIn::new(move |call| match call.what.as_str() {
        "GET /jobs/j" => Reply::Json(job.clone()),
        other => panic!("{other}"),
    });
    take(&request(Step::DescribeMacieJob, seconds, json!({})), &s3(), &macie).await
}

#[tokio::test]
async fn every_state_of_a_job() {
    for open in ["RUNNING", "PAUSED", "USER_PAUSED", "IDLE"] {
        let answer = look(described(open, "NONE"), 4000).await.unwrap();
        assert_eq!((answer.verdict.status, answer.wait_seconds), (Status::Analysing, Some(500)), "{open}");
    }
    let complete = look(described("COMPLETE", "NONE"), 100_000).await.unwrap();
    assert_eq!((complete.verdict.status, complete.wait_seconds), (Status::Analysed, None));
    for (status, error, expected, part) in [
        ("COMPLETE", "ERROR", Status::NotAnalysed, "errors of access"),
        ("COMPLETE", "SOMETHING", Status::NotAnalysed, "errors of access"),
        ("CANCELLED", "NONE", Status::JobCancelled, "was cancelled"),
    ] {
        let answer = look(described(status, error), 0).await.unwrap();
        assert_eq!(answer.verdict.status, expected);
        assert!(answer.verdict.reasons[0].contains(part) && answer.notice.is_some(), "{:?}", answer.verdict);
        assert_eq!(answer.verdict.reasons[1], "IBAN found 1 time: row 2");
    }
    let mut silent = described("COMPLETE", "NONE");
    silent.as_object_mut().unwrap().remove("lastRunErrorStatus");
    assert_eq!(look(silent, 0).await.unwrap().verdict.status, Status::NotAnalysed);
    let failure = look(described("DREAMING", "NONE"), 0).await.unwrap_err();
    assert!(failure.kind == FailureKind::Refused && failure.message.contains("DREAMING"), "{failure}");
}

#[tokio::test]
async fn a_job_of_another_scope_proves_nothing() {
    let mut job = described("COMPLETE", "NONE");
    job["s3JobDefinition"]["bucketDefinitions"][0]["buckets"][0] = "other".into();
    let answer = look(job, 0).await.unwrap();
    assert_eq!(answer.verdict.status, Status::NotAnalysed);
    assert!(answer.verdict.reasons[0].contains("does not analyse the copy"), "{:?}", answer.verdict);
    let mut job = described("COMPLETE", "NONE");
    job["customDataIdentifierIds"] = json!(["c"]);
    let answer = look(job, 0).await.unwrap();
    assert_eq!(answer.verdict.status, Status::NotAnalysed);
    assert!(answer.verdict.reasons[0].contains("by other rules"), "{:?}", answer.verdict);
}

/// Right after it was made it may not be shown yet; later it is gone with all of Macie's data (truths M8).
#[tokio::test]
async fn a_job_that_is_gone() {
    let gone = StandIn::new(|_| Reply::Error(404, "ResourceNotFoundException", "no such job"));
    let look = async |seconds| take(&request(Step::DescribeMacieJob, seconds, json!({})), &s3(), &gone).await.unwrap();
    assert_eq!(look(30).await.verdict.status, Status::Analysing);
    let answer = look(700).await;
    assert!(answer.verdict.status == Status::JobCancelled && answer.verdict.reasons[0].contains("switched off"));
}

/// A job that takes too long: its states, and what a second look shows where it cannot be cancelled.
async fn overdue(seconds: i64, status: &'static str, then: Option<&'static str>) -> (Answer, Vec<String>) {
    let cancelled = std::sync::atomic::AtomicBool::new(false);
    let macie = StandIn::new(move |call| match call.what.as_str() {
        "GET /jobs/j" if cancelled.load(std::sync::atomic::Ordering::Relaxed) => {
            Reply::Json(described(then.unwrap(), "NONE"))
        }
        "GET /jobs/j" => Reply::Json(described(status, "NONE")),
        "PATCH /jobs/j" => {
            cancelled.store(true, std::sync::atomic::Ordering::Relaxed);
            match then {
                None => Reply::Json(json!({})),
                Some(_) => Reply::Error(400, "ValidationException", "cannot update cancelled job for job j"),
            }
        }
        other => panic!("{other}"),
    });
    let answer = take(&request(Step::DescribeMacieJob, seconds, json!({})), &s3(), &macie).await.unwrap();
    (answer, macie.asked())
}

#[tokio::test]
async fn past_the_bound_a_job_is_cancelled() {
    for (status, part) in [
        ("RUNNING", "still RUNNING after 2 hours"),
        ("PAUSED", "monthly quota"),
        ("USER_PAUSED", "somebody had paused it"),
        ("IDLE", "still IDLE"),
    ] {
        let (answer, asked) = overdue(7200, status, None).await;
        assert_eq!(answer.verdict.status, Status::NotAnalysed);
        assert!(answer.verdict.reasons[0].contains(part), "{:?}", answer.verdict);
        assert_eq!(asked, ["GET /jobs/j", "PATCH /jobs/j"]);
    }
    let (answer, asked) = overdue(7200, "COMPLETE", None).await;
    assert_eq!((answer.verdict.status, asked.len()), (Status::Analysed, 1), "it has ended in time");
    assert_eq!(overdue(7100, "RUNNING", None).await.1, ["GET /jobs/j"], "not yet");
}

#[tokio::test]
async fn what_has_ended_meanwhile_is_looked_at_again() {
    for (then, expected) in
        [("COMPLETE", Status::Analysed), ("CANCELLED", Status::JobCancelled), ("RUNNING", Status::Analysing)]
    {
        let (answer, asked) = overdue(7200, "RUNNING", Some(then)).await;
        assert_eq!(answer.verdict.status, expected, "{then}");
        assert_eq!(asked, ["GET /jobs/j", "PATCH /jobs/j", "GET /jobs/j"]);
    }
}

/// A Macie with these findings, each for the judged version, by severity.
fn finding(severities: &'static [&'static str]) -> StandIn {
    StandIn::new(move |call| match call.what.as_str() {
        "POST /findings" => {
            let ids: Vec<_> = (0..severities.len()).map(|number| number.to_string()).collect();
            Reply::Json(json!({"findingIds": ids}))
        }
        "POST /findings/describe" => {
            let findings = severities.iter().enumerate().map(|(number, severity)| {
                json!({"id": number.to_string(), "severity": {"description": severity, "score": 1},
                    "resourcesAffected": {"s3Bucket": {"name": "an"},
                        "s3Object": {"key": format!("{}/a.csv", id()), "versionId": "w"}},
                    "classificationDetails": {"jobId": "j", "result": {"status": {"code": "COMPLETE"},
                        "sensitiveData": [{"detections": [{"type": "ADDRESS", "count": 2}]}]}}})
            });
            Reply::Json(json!({"findings": findings.collect::<Vec<_>>()}))
        }
        "GET /classification-export-configuration" => Reply::Json(json!({})),
        other => panic!("{other}"),
    })
}

async fn read(macie: &StandIn, s3: &StandIn, awaited: bool, seconds: i64) -> Answer {
    let changes = json!({"Analysis": {"FindingsAwaited": awaited}});
    take(&request(Step::ReadMacieFindings, seconds, changes), s3, macie).await.unwrap()
}

#[tokio::test]
async fn findings_decide_and_silence_is_believed_the_second_time() {
    let first = read(&finding(&[]), &s3(), false, 4000).await;
    assert_eq!((first.verdict.status, first.wait_seconds), (Status::Analysing, Some(GRACE)));
    assert!(first.analysis.unwrap().findings_awaited);
    let answer = read(&finding(&[]), &s3(), true, 4000).await;
    assert_eq!((answer.verdict.status, answer.wait_seconds), (Status::Clean, None));
    assert_eq!(answer.verdict.reasons, ["IBAN found 1 time: row 2"]);
    let answer = read(&finding(&[]), &s3(), false, 100_000).await;
    assert_eq!(answer.verdict.status, Status::Analysing, "that it was long in coming changes nothing");
    let answer = read(&finding(&["Low"]), &s3(), true, 100).await;
    assert_eq!(answer.verdict.status, Status::Clean);
    assert_eq!(answer.verdict.reasons, ["Macie: ADDRESS found 2 times", "IBAN found 1 time: row 2"]);
    let answer = read(&finding(&["Low", "Medium"]), &s3(), false, 100).await;
    assert_eq!((answer.verdict.status, answer.notice.is_some()), (Status::HasFindings, true));
}

/// A record may take hours: it is waited for as a job is, up to the same bound.
#[tokio::test]
async fn a_record_that_is_not_there_yet_is_waited_for() {
    let macie = StandIn::new(|call| match call.what.as_str() {
        "POST /findings" => Reply::Json(json!({"findingIds": []})),
        "GET /classification-export-configuration" => {
            Reply::Json(json!({"configuration": {"s3Destination": {"bucketName": "logs"}}}))
        }
        other => panic!("{other}"),
    });
    let s3 = s3();
    let s3 = StandIn::new(move |call| match call.what.strip_prefix("GET /logs/") {
        Some(_) => Reply::Bytes(b"<ListBucketResult/>".to_vec()),
        None => (s3.answer)(call),
    });
    let answer = read(&macie, &s3, true, 4000).await;
    assert_eq!((answer.verdict.status, answer.wait_seconds), (Status::Analysing, Some(500)));
    let answer = read(&macie, &s3, true, 7200).await;
    assert_eq!(answer.verdict.status, Status::NotAnalysed);
    assert!(answer.verdict.reasons[0].contains("exported no record"), "{:?}", answer.verdict);
}

/// What Macie has read may have been something else by then.
#[tokio::test]
async fn a_copy_that_was_covered_meanwhile_is_not_proven() {
    for over in [head("x", "another"), head("twin", &id())] {
        let answer = read(&finding(&[]), &bucket(over), true, 100).await;
        assert_eq!(answer.verdict.status, Status::NotAnalysed);
    }
}

/// Another execution has settled it between two looks: nobody has put anything over it.
#[tokio::test]
async fn a_copy_that_was_settled_meanwhile_is_not_covered() {
    let there = bucket(head("w", &id()));
    let looks = AtomicUsize::new(0);
    let s3 = StandIn::new(move |call| match looks.fetch_add(1, Ordering::Relaxed) {
        0 => (there.answer)(call),
        _ => Reply::Status(404),
    });
    let answer = read(&finding(&[]), &s3, true, 100).await;
    assert_ne!(answer.verdict.status, Status::NotAnalysed, "{:?}", answer.verdict);
}

#[test]
fn waits_grow_with_what_has_passed() {
    assert_eq!([0, 240, 800, 28_800, 10_000_000].map(wait_seconds), [30, 30, 100, 3600, 3600]);
}

use super::*;
use crate::stand_in::{Reply, StandIn};
use inspect::Severity;
use serde_json::{Value, json};

const SCOPE: Scope<'_> =
    Scope { name: "cvault-1", account: "123456789012", bucket: "cv-analytics-zone-x", prefixes: &["0a1b/"] };

fn rules(selector: &str, managed: &[&str], custom: &[&str]) -> MacieRules {
    let owned = |ids: &[&str]| ids.iter().map(ToString::to_string).collect();
    MacieRules {
        managed_data_identifier_selector: selector.into(),
        managed_data_identifier_ids: owned(managed),
        custom_data_identifier_ids: owned(custom),
        max_hours: 24,
        block_at: Severity::Medium,
        prefixes: vec![],
    }
}

fn kind<T>(answer: Result<T>) -> FailureKind {
    answer.map(drop).unwrap_err().kind
}

#[tokio::test]
async fn a_job_sees_its_folders_once() {
    let macie = StandIn::new(|_| Reply::Json(json!({"jobId": "j", "jobArn": "arn:j"})));
    let made = macie.macie().create(SCOPE, &rules("ALL", &[], &[])).await.unwrap();
    assert_eq!(made, Some(Made { id: "j".into(), at: None }));
    macie.macie().create(SCOPE, &rules("EXCLUDE", &["ADDRESS"], &["c1", "c2"])).await.unwrap();
    let calls = macie.calls();
    let below = json!({"simpleScopeTerm": {"key": "OBJECT_KEY", "comparator": "STARTS_WITH", "values": ["0a1b/"]}});
    let definition = json!({"bucketDefinitions": [{"accountId": "123456789012", "buckets": ["cv-analytics-zone-x"]}],
        "scoping": {"includes": {"and": [below]}}});
    let mut sent = json!({"clientToken": "cvault-1", "name": "cvault-1", "jobType": "ONE_TIME",
        "s3JobDefinition": definition, "managedDataIdentifierSelector": "ALL"});
    assert_eq!((calls[0].what.as_str(), &calls[0].body), ("POST /jobs", &sent), "neither initialRun nor ids");
    sent["managedDataIdentifierSelector"] = "EXCLUDE".into();
    sent["managedDataIdentifierIds"] = json!(["ADDRESS"]);
    sent["customDataIdentifierIds"] = json!(["c1", "c2"]);
    assert_eq!(calls[1].body, sent);
    let scope = Scope { prefixes: &["0a1b/", "0a1c/"], ..SCOPE };
    macie.macie().create(scope, &rules("ALL", &[], &[])).await.unwrap();
    let term = "/s3JobDefinition/scoping/includes/and/0/simpleScopeTerm/values";
    assert_eq!(macie.calls()[2].body.pointer(term), Some(&json!(["0a1b/", "0a1c/"])));
}

#[tokio::test]
async fn a_token_that_is_taken_is_no_failure() {
    let macie = StandIn::new(|_| Reply::Error(409, "ConflictException", "The token is in use"));
    assert_eq!(macie.macie().create(SCOPE, &rules("ALL", &[], &[])).await, Ok(None));
}

fn job(id: &str, name: &str, status: &str, day: u32) -> Value {
    json!({"jobId": id, "name": name, "jobStatus": status, "createdAt": format!("2026-01-{day:02}T00:00:00Z")})
}

/// A list of two pages.
fn pages(first: Value, second: Value) -> StandIn {
    StandIn::new(move |call| {
        let (page, next) = if call.body["nextToken"] == "2" { (&second, Value::Null) } else { (&first, "2".into()) };
        Reply::Json(json!({"items": page, "nextToken": next}))
    })
}

#[tokio::test]
async fn a_job_is_found_on_any_page_by_its_exact_name() {
    let macie = pages(json!([job("a", "cvault-11", "RUNNING", 1)]), json!([job("b", "cvault-1", "COMPLETE", 1)]));
    let at = Some(DateTime::from_secs(1_767_225_600));
    assert_eq!(macie.macie().find("cvault-1").await.unwrap(), Some(Made { id: "b".into(), at }));
    assert_eq!(macie.macie().find("cvault-2").await.unwrap(), None);
    let filter = json!({"includes": [{"key": "name", "comparator": "EQ", "values": ["cvault-1"]}]});
    assert_eq!((&macie.calls()[0].what[..], &macie.calls()[0].body["filterCriteria"]), ("POST /jobs/list", &filter));
}

/// Who has cancelled a job and started another one under its name wants that one.
#[tokio::test]
async fn of_several_jobs_the_one_that_says_most_is_found() {
    let cancelled = job("a", "n", "CANCELLED", 3);
    let found = |first: Value, second: Value| async move {
        pages(first, second).macie().find("n").await.unwrap().map(|made| made.id)
    };
    let (old, new) = (job("b", "n", "COMPLETE", 1), job("c", "n", "RUNNING", 2));
    assert_eq!(found(json!([cancelled, old]), json!([new])).await, Some("c".into()));
    assert_eq!(found(json!([new, cancelled]), json!([old])).await, Some("c".into()));
    assert_eq!(found(json!([]), json!([cancelled])).await, Some("a".into()));
}

#[tokio::test]
async fn failures_have_their_names() {
    let cases = [
        (Reply::Error(429, "ThrottlingException", "Rate exceeded"), FailureKind::MacieBusy),
        (Reply::Error(500, "InternalServerException", "Try again"), FailureKind::Busy),
        (Reply::Status(503), FailureKind::Busy),
        (Reply::Lost, FailureKind::Busy),
        (Reply::Error(403, "AccessDeniedException", "Macie is not enabled"), FailureKind::MacieOff),
        (Reply::Error(401, "AccessDeniedException", "Macie is not enabled."), FailureKind::MacieOff),
        (Reply::Error(403, "AccessDeniedException", "User is not authorized"), FailureKind::Denied),
        (Reply::Error(402, "ServiceQuotaExceededException", "Quota"), FailureKind::MacieQuota),
        (Reply::Error(400, "ValidationException", "No such identifier"), FailureKind::Refused),
    ];
    for (reply, expected) in cases {
        let text = format!("{reply:?}");
        let macie = StandIn::new(move |_| reply.clone()).macie();
        assert_eq!(kind(macie.find("n").await), expected, "{text}");
        assert_eq!(kind(macie.create(SCOPE, &rules("ALL", &[], &[])).await), expected, "{text}");
        assert_eq!(kind(macie.describe("j").await), expected, "{text}");
        assert_eq!(kind(macie.findings("j").await), expected, "{text}");
        assert_eq!(kind(macie.destination().await), expected, "{text}");
    }
}

#[tokio::test]
async fn what_is_over_cannot_be_cancelled() {
    let macie = StandIn::new(|call| match call.body["jobStatus"].as_str() {
        Some("CANCELLED") if call.what == "PATCH /jobs/open" => Reply::Json(json!({})),
        _ => Reply::Error(400, "ValidationException", "cannot update cancelled job for job j"),
    });
    assert_eq!(macie.macie().cancel("open").await, Ok(true));
    assert_eq!(macie.macie().cancel("over").await, Ok(false));
}

#[tokio::test]
async fn a_job_that_is_not_there_is_none() {
    let macie = StandIn::new(|_| Reply::Error(404, "ResourceNotFoundException", "No such job"));
    assert!(macie.macie().describe("j").await.unwrap().is_none());
}

/// Findings on two pages, of which one has more ids than a call describes.
fn findings(described: impl Fn(&str) -> bool + Send + Sync + 'static) -> StandIn {
    StandIn::new(move |call| match call.what.as_str() {
        "POST /findings" if call.body["nextToken"] == "2" => Reply::Json(json!({"findingIds": ["last"]})),
        "POST /findings" => {
            let ids: Vec<_> = (0..60).map(|number| number.to_string()).collect();
            Reply::Json(json!({"findingIds": ids, "nextToken": "2"}))
        }
        "POST /findings/describe" => {
            let ids = call.body["findingIds"].as_array().unwrap();
            assert!(ids.len() <= 50, "Macie describes no more at once");
            let ids = ids.iter().filter(|id| described(id.as_str().unwrap()));
            Reply::Json(json!({"findings": ids.map(|id| json!({"id": id})).collect::<Vec<_>>()}))
        }
        other => panic!("{other}"),
    })
}

#[tokio::test]
async fn all_pages_of_findings_are_read() {
    let macie = findings(|_| true);
    assert_eq!(macie.macie().findings("j").await.unwrap().len(), 61);
    let criteria = json!({"criterion": {"classificationDetails.jobId": {"eq": ["j"]}}});
    assert_eq!(macie.calls()[0].body["findingCriteria"], criteria, "the archived ones too");
}

/// One that is listed and not described might be the one that matters.
#[tokio::test]
async fn a_finding_that_is_not_described_is_no_proof_of_anything() {
    let macie = findings(|id| id != "55");
    assert_eq!(kind(macie.macie().findings("j").await), FailureKind::Busy);
}

#[tokio::test]
async fn where_results_are_exported() {
    for nothing in [json!({}), json!({"configuration": {}}), json!({"configuration": {"s3Destination": {}}})] {
        assert_eq!(StandIn::new(move |_| Reply::Json(nothing.clone())).macie().destination().await, Ok(None));
    }
    let destination = json!({"bucketName": "b", "keyPrefix": "p", "kmsKeyArn": "arn:k"});
    let macie = StandIn::new(move |_| Reply::Json(json!({"configuration": {"s3Destination": destination}})));
    let found = macie.macie().destination().await.unwrap().unwrap();
    assert_eq!((found.bucket_name(), found.key_prefix()), (Some("b"), Some("p")));
    assert_eq!(macie.asked(), ["GET /classification-export-configuration"]);
}

fn described(definition: S3JobDefinition, name: &str, percentage: i32) -> DescribeClassificationJobOutput {
    let job = DescribeClassificationJobOutput::builder().name(name).s3_job_definition(definition);
    job.sampling_percentage(percentage).build()
}

#[test]
fn a_job_with_our_name_and_another_scope_is_not_ours() {
    let other = |change: Scope<'static>| described(definition(change), "cvault-1", 100);
    assert!(is_of(&other(SCOPE), SCOPE));
    assert!(!is_of(&other(Scope { prefixes: &["0a1c/"], ..SCOPE }), SCOPE));
    assert!(!is_of(&other(Scope { bucket: "b", ..SCOPE }), SCOPE));
    let both = Scope { prefixes: &["0a1c/", "0a1b/"], ..SCOPE };
    assert!(is_of(&other(both), SCOPE), "it sees more, which is no less");
    assert!(!is_of(&other(SCOPE), both));
    assert!(!is_of(&described(definition(SCOPE), "cvault-2", 100), SCOPE));
    assert!(!is_of(&described(definition(SCOPE), "cvault-1", 50), SCOPE), "it may have sampled something else");
    let empty = JobScopingBlock::builder().set_and(Some(vec![])).build();
    let nothing_excluded = Scoping::builder().set_includes(definition(SCOPE).scoping.unwrap().includes).excludes(empty);
    let mut found = definition(SCOPE);
    found.scoping = Some(nothing_excluded.build());
    assert!(is_of(&described(found.clone(), "cvault-1", 100), SCOPE), "read back with what is empty (truths M7)");
    let excludes = definition(SCOPE).scoping.unwrap().includes;
    found.scoping = Some(Scoping::builder().set_includes(excludes.clone()).set_excludes(excludes).build());
    assert!(!is_of(&described(found, "cvault-1", 100), SCOPE));
}

#[test]
fn a_job_by_other_rules_is_told_from_ours() {
    let job = |selector: &str, managed: &[&str], custom: &[&str]| {
        let owned = |ids: &[&str]| Some(ids.iter().map(ToString::to_string).collect()).filter(|_| !ids.is_empty());
        let job = DescribeClassificationJobOutput::builder().managed_data_identifier_selector(selector.into());
        job.set_managed_data_identifier_ids(owned(managed)).set_custom_data_identifier_ids(owned(custom)).build()
    };
    assert!(is_by(&job("ALL", &[], &[]), &rules("ALL", &[], &[])));
    assert!(is_by(&job("EXCLUDE", &["B", "A"], &["d", "c"]), &rules("EXCLUDE", &["A", "B"], &["c", "d"])));
    assert!(is_by(&DescribeClassificationJobOutput::builder().build(), &rules("RECOMMENDED", &[], &[])));
    for other in [job("RECOMMENDED", &[], &[]), job("ALL", &[], &["c"]), job("ALL", &["A"], &[])] {
        assert!(!is_by(&other, &rules("ALL", &[], &[])));
    }
}

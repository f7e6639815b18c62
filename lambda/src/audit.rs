//! The audit of verdicts: one line in the function's log for each version that has got its verdict, with the
//! members that the event `Object Judged` of the state machine has.
//!
//! The line is the record: `cvault report` reads it, and it needs no call that could fail. CloudWatch makes a metric
//! of it, since it is in the embedded metric format: 0.8 kB of log a file, where `PutMetricData` would be a call a file.

use crate::copies::key_part;
use crate::messages::{Answer, Failure, FailureKind, Request, Source, Status, Step};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use contract::canary;
use contract::metrics::NAMESPACE;
use serde_json::{Value, json};
use std::time::SystemTime;

/// The schema of the line, of the event, and of what `cvault release` and `cvault discard` write.
pub const SCHEMA: &str = "cvault-audit/1";
/// What the line and the event are about.
pub const JUDGED: &str = "Object Judged";
/// The metric: seconds from the upload to the verdict. The number of its samples is that of the verdicts.
const METRIC: &str = "TimeToVerdict";
/// What stands for the format of a file that has none that is known.
const UNKNOWN: &str = "unknown";

/// How often the state machine tries `DeleteFromIngress` again that was denied, as its definition has it: after that it tells
/// of the failure.
pub const DENIED_TRIES: u32 = 4;
/// The same where S3 was busy.
pub const BUSY_TRIES: u32 = 10;

/// What is known of a call beside its answer.
#[derive(Clone, Debug)]
pub struct Call {
    /// The step that was taken.
    pub step: Step,
    /// Whether what was held is judged again: when it was uploaded is not known then.
    pub again: bool,
    /// The execution's ARN.
    pub execution: String,
    /// The name of the function.
    pub function: String,
    /// When it answers.
    pub at: SystemTime,
}

/// The line of a call whose step is the last one of a verdict; `None` for any other. A step that is repeated gives it
/// once more: `execution` and `version` tell which lines are one.
#[must_use]
pub fn line(call: &Call, answer: &Answer) -> Option<Value> {
    let source = answer.source.as_ref().filter(|_| is_last(call.step, answer.verdict.status))?;
    let at = DateTime::from(call.at);
    let verdict = &answer.verdict;
    let mut line = json!({
        "schema": SCHEMA, "event": JUDGED, "function": call.function,
        "key": source.key, "version": source.version_id, "copies": key_part(&source.bucket, &source.key),
        "size": source.size, "format": source.format, "uploaded_at": source.uploaded_at,
        "status": verdict.status, "reasons": verdict.reasons,
        "place": {
            "bucket": verdict.analytics_bucket, "key": verdict.analytics_key, "version": verdict.analytics_version_id,
        },
        "vault_version": source.stored_version_id, "execution": call.execution,
        "at": at.fmt(Format::DateTime).ok(), "again": call.again,
    });
    if let Some(seconds) = waited(source, at).filter(|_| !call.again && !canary::is_reserved(&source.key)) {
        // The metric's dimensions are members of the line, and are texts.
        line["format"] = source.format.map_or_else(|| UNKNOWN.into(), |format| format.to_string()).into();
        line[METRIC] = seconds.into();
        line["_aws"] = json!({
            "Timestamp": at.to_millis().unwrap_or_default(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE, "Dimensions": [["function", "status", "format"]],
                "Metrics": [{"Name": METRIC, "Unit": "Seconds"}],
            }],
        });
    }
    Some(line)
}

/// What a step has answered that failed when the verdict stood, at the last try of the state machine's: a version that cannot
/// be deleted from ingress is judged all the same. `None` for any other failure.
#[must_use]
pub fn standing(failure: &Failure, request: &Request) -> Option<Answer> {
    let is_last = match failure.kind {
        FailureKind::Denied => request.attempt >= DENIED_TRIES,
        FailureKind::Busy => request.attempt >= BUSY_TRIES,
        _ => true,
    };
    let verdict = request.verdict.clone().filter(|_| failure.is_after_verdict && is_last)?;
    Some(Answer { source: request.source.clone(), verdict, notice: None, analysis: None, wait_seconds: None })
}

/// Whether a step with this status is the last one of a verdict: what is clean is stored, what is held is deleted from ingress,
/// and what cannot be copied stays there. That a stored version could not be deleted from ingress changes nothing of its verdict:
/// whoever comes later finds it in the vault, and has no verdict of its own. Nor has what was discarded while it was judged
/// again: it is held no more.
fn is_last(step: Step, status: Status) -> bool {
    match (step, status) {
        (Step::DeleteFromIngress, status) => !matches!(status, Status::VaultCopy | Status::AlreadySettled),
        (Step::CopyToAnalytics, Status::NotCopied | Status::Gone) => true,
        (_, status) => status == Status::VaultCopy,
    }
}

/// How long the verdict took, where S3 has said when it began.
fn waited(source: &Source, now: DateTime) -> Option<i64> {
    (source.uploaded_at > 0).then(|| (now.secs() - source.uploaded_at).max(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::Verdict;
    use std::time::{Duration, UNIX_EPOCH};

    fn of(step: Step, status: Status, source: Source) -> Option<Value> {
        let call = Call {
            step,
            again: false,
            execution: "arn:x".into(),
            function: "cyber_vault-1".into(),
            at: UNIX_EPOCH + Duration::from_millis(1_790_000_012_345),
        };
        let verdict = Verdict {
            status,
            job_id: None,
            analytics_bucket: "held".into(),
            analytics_key: "0/k".into(),
            analytics_version_id: "w".into(),
            reasons: vec!["csv: row 3 has 2 fields, expected 3 (byte 40)".into()],
        };
        line(&call, &Answer { source: Some(source), verdict, notice: None, analysis: None, wait_seconds: None })
    }

    fn source() -> Source {
        Source {
            bucket: "in".into(),
            key: "a/b.csv".into(),
            version_id: "v".into(),
            size: 7,
            uploaded_at: 1_790_000_000,
            format: Some(contract::Format::Csv),
            ..Source::default()
        }
    }

    #[test]
    fn a_verdict_is_one_line_and_one_metric() {
        let line = of(Step::DeleteFromIngress, Status::IntegrityFail, source()).unwrap();
        let expected = json!({
            "schema": "cvault-audit/1", "event": "Object Judged", "function": "cyber_vault-1",
            "key": "a/b.csv", "version": "v", "copies": key_part("in", "a/b.csv"),
            "size": 7, "format": "csv", "uploaded_at": 1_790_000_000,
            "status": "INTEGRITY_FAIL", "reasons": ["csv: row 3 has 2 fields, expected 3 (byte 40)"],
            "place": {"bucket": "held", "key": "0/k", "version": "w"},
            "vault_version": null, "execution": "arn:x", "at": "2026-09-21T14:13:32.345Z", "again": false, "TimeToVerdict": 12,
            "_aws": {"Timestamp": 1_790_000_012_345_i64, "CloudWatchMetrics": [{
                "Namespace": "cvault", "Dimensions": [["function", "status", "format"]],
                "Metrics": [{"Name": "TimeToVerdict", "Unit": "Seconds"}],
            }]},
        });
        assert_eq!(line, expected);
    }

    /// What CloudWatch cannot take as it is would be dropped with the whole metric: each dimension is a text there.
    #[test]
    fn what_has_no_format_is_a_metric_too() {
        let line = of(Step::DeleteFromIngress, Status::NotAnalysed, Source { format: None, ..source() }).unwrap();
        for dimension in ["function", "status", "format"] {
            assert!(line[dimension].as_str().is_some_and(|text| !text.is_empty()), "{line}");
        }
    }

    #[test]
    fn what_is_left_is_judged_by_its_first_step() {
        for status in [Status::NotCopied, Status::Gone] {
            assert_eq!(of(Step::CopyToAnalytics, status, source()).unwrap()["status"], json!(status));
        }
        // Nobody has said when that was: no time is made up.
        let line = of(Step::CopyToAnalytics, Status::Gone, Source { uploaded_at: 0, ..source() }).unwrap();
        assert_eq!((&line["TimeToVerdict"], &line["_aws"]), (&Value::Null, &Value::Null));
    }

    /// A file of `verify` is in the record, and in nobody's numbers.
    #[test]
    fn a_canary_is_no_metric() {
        let canary = Source { key: canary::ALL[0].key().into(), ..source() };
        let line = of(Step::StoreInVault, Status::VaultCopy, canary).unwrap();
        assert_eq!((&line["status"], &line["_aws"]), (&json!("VAULT_COPY"), &Value::Null));
    }

    /// Whoever finds it in the vault later has no verdict of its own, and its judge may never come to delete it from ingress.
    #[test]
    fn what_is_stored_is_judged() {
        for step in [Step::InspectContent, Step::HoldForMacie, Step::StoreInVault] {
            assert_eq!(of(step, Status::VaultCopy, source()).unwrap()["status"], "VAULT_COPY");
        }
        assert_eq!(of(Step::DeleteFromIngress, Status::VaultCopy, source()), None, "it has its line");
    }

    #[test]
    fn no_other_step_is_a_verdict() {
        for step in [Step::InspectContent, Step::HoldForMacie, Step::StoreInVault] {
            assert_eq!(of(step, Status::HasFindings, source()), None);
        }
        assert_eq!(of(Step::ClearAnalytics, Status::Cleared, source()), None);
        for status in [Status::Copied, Status::AlreadySettled] {
            assert_eq!(of(Step::CopyToAnalytics, status, source()), None);
        }
        assert_eq!(of(Step::DeleteFromIngress, Status::AlreadySettled, source()), None, "it was discarded meanwhile");
    }
}

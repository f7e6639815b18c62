//! With Macie: looks whether the job has ended, and ends it when it takes too long.

use super::macie::{Task, age, analysing, analysis, not_analysed, wait_seconds};
use super::{Vault, answer, given};
use crate::macie::{is_by, is_of};
use crate::messages::{Answer, Failure, FailureKind, Request, Result, Source, Status, Verdict};
use aws_sdk_macie2::operation::describe_classification_job::DescribeClassificationJobOutput as Job;
use aws_sdk_macie2::types::{JobStatus, LastRunErrorStatusCode};

/// How long a job may be invisible after it was made, in seconds.
const INVISIBLE: u64 = 600;

/// Looks at the job.
pub(super) async fn describe_macie_job(vault: &Vault, request: &Request) -> Result<Answer> {
    let (source, verdict) = given(request)?;
    let task = Task::of(request, &source)?;
    let Some(job_id) = verdict.job_id.clone() else {
        return Err(Failure::new(FailureKind::InvalidInput, "JobId is needed for this step"));
    };
    let age = age(analysis(request)?);
    let Some(job) = vault.macie.describe(&job_id).await? else {
        if age < INVISIBLE {
            return Ok(analysing(request, source, verdict, wait_seconds(age)));
        }
        let why = format!("Macie's job {job_id} is gone: Macie was switched off meanwhile");
        return Ok(cancelled(request, source, verdict, why));
    };
    if !is_of(&job, task.scope(vault)) {
        let why = format!("Macie's job {job_id} has our name and does not analyse the copy, or not all of it");
        return Ok(not_analysed(request, source, verdict, why));
    }
    if !is_by(&job, task.rules) {
        let why = format!("Macie's job {job_id} was made by other rules than those of now: upload the file again");
        return Ok(not_analysed(request, source, verdict, why));
    }
    let job = match job.job_status() {
        Some(status) if is_open(status) && task.is_over(age) => {
            if vault.macie.cancel(&job_id).await? {
                let hours = task.rules.max_hours;
                let why = format!("Macie's job {job_id} was still {status} after {hours} hours{}", meaning(status));
                return Ok(not_analysed(request, source, verdict, why));
            }
            // It has ended between the two calls.
            vault.macie.describe(&job_id).await?.unwrap_or(job)
        }
        _ => job,
    };
    judged(request, age, source, verdict, &job)
}

fn judged(request: &Request, age: u64, source: Source, verdict: Verdict, job: &Job) -> Result<Answer> {
    let job_id = verdict.job_id.clone().unwrap_or_default();
    match job.job_status() {
        Some(JobStatus::Complete) if has_no_error(job) => {
            Ok(answer(request, source, Verdict { status: Status::Analysed, ..verdict }))
        }
        Some(JobStatus::Complete) => {
            let why = format!(
                "Macie's job {job_id} ended with errors of access to the bucket; its events in the log group \
                 /aws/macie/classificationjobs say which"
            );
            Ok(not_analysed(request, source, verdict, why))
        }
        Some(JobStatus::Cancelled) => {
            let why = format!("Macie's job {job_id} was cancelled, or paused and not resumed within 30 days");
            Ok(cancelled(request, source, verdict, why))
        }
        Some(status) if is_open(status) => Ok(analysing(request, source, verdict, wait_seconds(age))),
        status => {
            let status = status.map_or("none", JobStatus::as_str);
            let message = format!("Macie's job {job_id} has the status {status}, which is not known here");
            Err(Failure::new(FailureKind::Refused, message))
        }
    }
}

fn is_open(status: &JobStatus) -> bool {
    matches!(status, JobStatus::Running | JobStatus::Paused | JobStatus::UserPaused | JobStatus::Idle)
}

fn has_no_error(job: &Job) -> bool {
    job.last_run_error_status().and_then(|status| status.code()) == Some(&LastRunErrorStatusCode::None)
}

/// What a person needs to know of a state in which a job is stuck.
fn meaning(status: &JobStatus) -> &'static str {
    match status {
        JobStatus::Paused => ", so the account's monthly quota is used up; it was cancelled",
        JobStatus::UserPaused => ", so somebody had paused it; it was cancelled",
        _ => "; it was cancelled",
    }
}

fn cancelled(request: &Request, source: Source, verdict: Verdict, why: String) -> Answer {
    let mut reasons = vec![why];
    reasons.extend(verdict.reasons);
    answer(request, source, Verdict { status: Status::JobCancelled, reasons, ..verdict })
}

//! With Macie: looks whether the job has ended, and ends it when it takes too long.

use super::macie::{Task, age_of, analysing, analysis, is_over, wait_seconds};
use super::{Vault, answer, given};
use crate::macie::{Scope, is_by, is_of};
use crate::messages::{Answer, Failure, FailureKind, MacieRules, Request, Result, Status, Verdict};
use aws_sdk_macie2::operation::describe_classification_job::DescribeClassificationJobOutput as Job;
use aws_sdk_macie2::types::{JobStatus, LastRunErrorStatusCode};

/// How long a job may be invisible after it was made, in seconds.
const INVISIBLE: u64 = 600;

/// How far a job is.
#[derive(Debug)]
pub(super) enum Progress {
    /// It has not ended.
    Analysing,
    /// It has ended, and has found what it could.
    Analysed,
    /// It proves nothing: the verdict, and why.
    Over(Status, String),
}

/// A job to look at.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) job_id: &'a str,
    /// In seconds.
    pub(super) age: u64,
    /// What it has to see.
    pub(super) scope: Scope<'a>,
    pub(super) rules: &'a MacieRules,
}

/// Looks at the job of one file. An execution of an earlier release calls it; those of today share a job (`job`).
pub(super) async fn describe_macie_job(vault: &Vault, request: &Request) -> Result<Answer> {
    let (source, verdict) = given(request)?;
    let task = Task::of(request, &source)?;
    let Some(job_id) = verdict.job_id.clone() else {
        return Err(Failure::new(FailureKind::InvalidInput, "JobId is needed for this step"));
    };
    let (age, prefixes) = (age_of(analysis(request)?), [task.prefix.as_str()]);
    let asked = Asked { job_id: &job_id, age, scope: task.scope(vault, &prefixes), rules: task.rules };
    Ok(match progress(vault, asked).await? {
        Progress::Analysing => analysing(request, source, verdict, wait_seconds(age)),
        Progress::Analysed => answer(request, source, Verdict { status: Status::Analysed, ..verdict }),
        Progress::Over(status, why) => {
            let reasons = [vec![why], verdict.reasons].concat();
            answer(request, source, Verdict { status, reasons, ..verdict })
        }
    })
}

/// Looks at a job.
pub(super) async fn progress(vault: &Vault, asked: Asked<'_>) -> Result<Progress> {
    let Asked { job_id, age, scope, rules } = asked;
    let Some(job) = vault.macie.describe(job_id).await? else {
        if age < INVISIBLE {
            return Ok(Progress::Analysing);
        }
        let why = format!("Macie's job {job_id} is gone: Macie was switched off meanwhile");
        return Ok(Progress::Over(Status::JobCancelled, why));
    };
    if !is_of(&job, scope) {
        let why = format!("Macie's job {job_id} has our name and does not analyse the copy, or not all of it");
        return Ok(Progress::Over(Status::NotAnalysed, why));
    }
    if !is_by(&job, rules) {
        let why = format!("Macie's job {job_id} was made by other rules than those of now: upload the file again");
        return Ok(Progress::Over(Status::NotAnalysed, why));
    }
    let job = match job.job_status() {
        Some(status) if is_open(status) && is_over(rules, age) => {
            if vault.macie.cancel(job_id).await? {
                let hours = rules.max_hours;
                let why = format!("Macie's job {job_id} was still {status} after {hours} hours{}", meaning(status));
                return Ok(Progress::Over(Status::NotAnalysed, why));
            }
            // It has ended between the two calls.
            vault.macie.describe(job_id).await?.unwrap_or(job)
        }
        _ => job,
    };
    judged(job_id, &job)
}

fn judged(job_id: &str, job: &Job) -> Result<Progress> {
    Ok(match job.job_status() {
        Some(JobStatus::Complete) if has_no_error(job) => Progress::Analysed,
        Some(JobStatus::Complete) => {
            let why = format!(
                "Macie's job {job_id} ended with errors of access to the bucket; its events in the log group \
                 /aws/macie/classificationjobs say which"
            );
            Progress::Over(Status::NotAnalysed, why)
        }
        Some(JobStatus::Cancelled) => {
            let why = format!("Macie's job {job_id} was cancelled, or paused and not resumed within 30 days");
            Progress::Over(Status::JobCancelled, why)
        }
        Some(status) if is_open(status) => Progress::Analysing,
        status => {
            let status = status.map_or("none", JobStatus::as_str);
            let message = format!("Macie's job {job_id} has the status {status}, which is not known here");
            return Err(Failure::new(FailureKind::Refused, message));
        }
    })
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

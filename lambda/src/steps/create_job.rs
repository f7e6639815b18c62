//! With Macie: makes the job that sees exactly one object, unless Macie cannot analyse that object.

use super::macie::{Current, Task, analysing, analysis, covered, current, not_analysed, now, shown, wait_seconds};
use super::{Vault, given};
use crate::macie::Made;
use crate::macie::coverage::{self, Coverage, Subject};
use crate::messages::{Analysis, Answer, Failure, FailureKind, Request, Result, Status, Verdict};

/// Makes the job, or finds the one that an earlier try or a duplicate event has made.
pub(super) async fn create_macie_job(vault: &Vault, request: &Request) -> Result<Answer> {
    let (source, verdict) = given(request)?;
    if verdict.status != Status::Clean {
        return Err(Failure::new(FailureKind::InvalidInput, "only what is clean so far is for Macie"));
    }
    let task = Task::of(request, &source)?;
    let analysis = analysis(request)?;
    let copy = match current(vault, &source, &verdict).await? {
        Current::Copy(copy) => copy,
        Current::Covered => return Ok(covered(request, source, verdict)),
        Current::Gone => return vault.copy_is_gone(request, source, verdict).await,
    };
    let subject = Subject {
        key: &verdict.analytics_key,
        size: source.size,
        analysis,
        storage_class: copy.storage_class(),
        kms_key: copy.kms_key(),
        our_key: request.key_arn.as_deref(),
    };
    match coverage::of(&subject) {
        Coverage::Impossible(why) => return Ok(not_analysed(request, source, verdict, why)),
        Coverage::Doubtful(why) if vault.macie.destination().await?.is_none() => {
            let why = format!("{why}; only exported discovery results would prove it, and this account exports none");
            return Ok(not_analysed(request, source, verdict, why));
        }
        // Of what is doubtful the record will tell.
        Coverage::Documented | Coverage::Doubtful(_) => {}
    }
    let job = job(vault, &task).await?;
    let wait = wait_seconds(0);
    let analysis = Analysis { job_made: shown(job.at.unwrap_or_else(now)), waited: wait, ..analysis.clone() };
    let verdict = Verdict { job_id: Some(job.id), analytics_version_id: copy.version_id, ..verdict };
    Ok(Answer { analysis: Some(analysis), ..analysing(request, source, verdict, wait) })
}

/// Looks first: a token is remembered for a while only, and a second job costs money.
async fn job(vault: &Vault, task: &Task<'_>) -> Result<Made> {
    if let Some(job) = vault.macie.find(&task.name).await? {
        return Ok(job);
    }
    if let Some(job) = vault.macie.create(task.scope(vault), task.rules).await? {
        return Ok(job);
    }
    // The token is taken, so there is a job; the list may not show it yet.
    vault.macie.find(&task.name).await?.ok_or_else(|| {
        let message = format!("Macie says that there is a job {} already, and does not list it", task.name);
        Failure::new(FailureKind::Busy, message)
    })
}

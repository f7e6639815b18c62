//! With Macie: makes the job that sees exactly one object, unless Macie cannot analyse that object. An execution of an
//! earlier release calls it; those of today ask for many files at once (`job`).

use super::macie::{Current, Task, analysing, analysis, covered, current, not_analysed, now, shown, wait_seconds};
use super::{Vault, given};
use crate::macie::coverage::{self, Coverage, Subject};
use crate::macie::{Made, Scope};
use crate::messages::{Analysis, Answer, Failure, FailureKind, MacieRules, Request, Result, Source, Status, Verdict};
use crate::objects::Head;

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
    let about = About { source: &source, verdict: &verdict, analysis, copy: &copy };
    if let Some(why) = unproven(vault, about, request.key_arn.as_deref()).await? {
        return Ok(not_analysed(request, source, verdict, why));
    }
    let job = job(vault, task.scope(vault, &[&task.prefix]), task.rules).await?;
    let wait = wait_seconds(0);
    let analysis = Analysis { job_made: shown(job.at.unwrap_or_else(now)), waited: wait, ..analysis.clone() };
    let verdict = Verdict { job_id: Some(job.id), analytics_version_id: copy.version_id, ..verdict };
    Ok(Answer { analysis: Some(analysis), ..analysing(request, source, verdict, wait) })
}

/// A copy that is to be analysed.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) source: &'a Source,
    pub(super) verdict: &'a Verdict,
    pub(super) analysis: &'a Analysis,
    pub(super) copy: &'a Head,
}

/// Why a job would prove nothing of a copy, if so: that is asked before, since Macie does not say it and a job costs money.
pub(super) async fn unproven(vault: &Vault, about: About<'_>, our_key: Option<&str>) -> Result<Option<String>> {
    let About { source, verdict, analysis, copy } = about;
    let subject = Subject {
        key: &verdict.analytics_key,
        size: source.size,
        analysis,
        storage_class: copy.storage_class(),
        kms_key: copy.kms_key(),
        our_key,
    };
    Ok(match coverage::of(&subject) {
        Coverage::Impossible(why) => Some(why),
        Coverage::Doubtful(why) if vault.macie.destination().await?.is_none() => {
            Some(format!("{why}; only exported discovery results would prove it, and this account exports none"))
        }
        // Of what is doubtful the record will tell.
        Coverage::Documented | Coverage::Doubtful(_) => None,
    })
}

/// Looks first: a token is remembered for a while only, and a second job costs money.
pub(super) async fn job(vault: &Vault, scope: Scope<'_>, rules: &MacieRules) -> Result<Made> {
    if let Some(job) = vault.macie.find(scope.name).await? {
        return Ok(job);
    }
    if let Some(job) = vault.macie.create(scope, rules).await? {
        return Ok(job);
    }
    // The token is taken, so there is a job; the list may not show it yet.
    vault.macie.find(scope.name).await?.ok_or_else(|| {
        let message = format!("Macie says that there is a job {} already, and does not list it", scope.name);
        Failure::new(FailureKind::Busy, message)
    })
}

//! Who judges a version. S3 reports at least once, so that several executions may have the same one.
//!
//! The copy in analytics is the claim. Its key follows from the version, S3 makes it only where there is none
//! (`If-None-Match`), and its metadata say which execution has made it. So exactly one execution judges; the others
//! wait, and end once the version is settled. Each tries to make it before it looks: only whom S3 refuses looks whose it
//! is. There is no lock that somebody could forget to give back:
//!
//! - **Nobody ends before it is settled.** Who waits fails with `Elsewhere`, and Step Functions tries again. It is
//!   settled when the version has left ingress and is in the vault, or is held with the verdict among its tags,
//!   which the judge writes before it deletes. What may not leave ingress is settled by the same without that (see `kept`).
//! - **A judge that died is followed.** When the copy is older than [`PATIENCE`] and nothing is settled, those who
//!   wait judge it themselves, one after the other: each has a patience of its own ([`patience`]), so that the
//!   next one finds it settled. They take the copy as it is, since Macie may be analysing it. An execution that is
//!   started again by hand goes the same way.
//! - **Who comes to a verdict that holds the version** and finds that another one has settled it meanwhile says
//!   nothing of its own: a judge that was only slow, or one of those who followed.
//!
//! In the vault the same is true of the stored version (see `store`). What is left, and costs a second e-mail,
//! never a file: two judges (one slower than [`PATIENCE`], or two that follow within the same seconds) come to the
//! verdict before either has deleted; the object's own ten tags leave no room for the verdict's; its metadata
//! leaves no room to say who judges; an S3 that does not know these conditions, or takes no notice of them; an event that
//! names no version.

use super::{Vault, answer};
use crate::copies;
use crate::messages::{Answer, Failure, FailureKind, Request, Result, Source, Status, Verdict};
use crate::objects::{Head, Place, Tag};
use std::time::{SystemTime, UNIX_EPOCH};

/// How old a copy may be before its judge is taken for dead, in seconds: what one call of the function may take.
/// Most versions are settled within seconds.
pub const PATIENCE: i64 = 900;

/// Whether this execution judges the copy: at once if it has made it, else when it is old enough.
///
/// # Errors
/// `Elsewhere` while another execution judges.
pub(super) fn claim(vault: &Vault, request: &Request, copy: &Head) -> Result<()> {
    match copy.metadata(copies::JUDGE) {
        // Without one it is of an earlier release, or has no room to say it.
        Some(judge) if judge != copies::judge(&request.execution) && age(copy) < patience(vault, request) => {
            Err(elsewhere(request))
        }
        _ => Ok(()),
    }
}

/// Up to twice the time, at a moment of the execution's own: who follows is done before the next one comes.
fn patience(vault: &Vault, request: &Request) -> i64 {
    let digits = copies::judge(&request.execution);
    let share = i64::from_str_radix(&digits[..4], 16).unwrap_or_default();
    vault.patience + vault.patience * share / 0x1_0000
}

/// What to say when another execution has just made a copy.
pub(super) fn elsewhere(request: &Request) -> Failure {
    let message = format!("another execution judges {:?}", request.object.key);
    Failure::new(FailureKind::Elsewhere, message)
}

/// For how many seconds a version has been there.
pub(super) fn age(copy: &Head) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_secs()).unwrap_or(i64::MAX) - copy.stored_at()
}

/// The answer with a verdict that holds the version, unless another execution has settled it meanwhile.
pub(super) async fn unless_settled(vault: &Vault, request: &Request, held: Answer) -> Result<Answer> {
    let Some(source) = held.source.clone() else { return Ok(held) };
    if !settled(vault, &source, &held.verdict).await? {
        return Ok(held);
    }
    let reasons = vec!["another execution has judged this version meanwhile".to_owned()];
    Ok(answer(request, source, Verdict { status: Status::AlreadySettled, reasons, ..held.verdict }))
}

/// Whether the version has left ingress, and a copy of it says how it was judged.
async fn settled(vault: &Vault, source: &Source, verdict: &Verdict) -> Result<bool> {
    let place = Place { bucket: &vault.ingress, key: &source.key, version_id: Some(&source.version_id) };
    if vault.objects.head(place).await?.is_some() {
        return Ok(false);
    }
    for copy in vault.objects.versions_of(&vault.analytics, &verdict.analytics_key).await? {
        let place = Place { bucket: &vault.analytics, key: &copy.key, version_id: Some(&copy.version_id) };
        let tags = vault.objects.tags(place).await?.unwrap_or_default();
        if tags.iter().any(Tag::is_status) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests;

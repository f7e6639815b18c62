//! Who judges a version. S3 reports at least once, so that several executions may have the same one.
//!
//! The copy in analytics is the claim. Its key follows from the version, S3 makes it only where there is none
//! (`If-None-Match`), and its metadata say which execution has made it. So exactly one execution judges; the others
//! wait, and end once the version is settled. There is no lock that somebody could forget to give back:
//!
//! - **Nobody ends before it is settled.** Who waits fails with `Elsewhere`, and Step Functions tries again. It is
//!   settled when the version has left ingress and is in the vault, or is held with the verdict among its tags,
//!   which the judge writes before it deletes.
//! - **A judge that died is followed.** When the copy is older than [`PATIENCE`] and nothing is settled, one of
//!   those who wait puts a copy of its own over exactly that one (`If-Match`) and is the judge from then on; the
//!   others wait for this one. An execution that is started again by hand goes the same way.
//! - **A judge that was only slow** and finds at its verdict that another one has settled the version meanwhile
//!   says nothing of its own.
//!
//! In the vault the same is true of the stored version (see `store`). What is left, and costs a second e-mail or
//! nothing, never a file: two judges of whom one was slower than [`PATIENCE`] come to the same verdict within
//! the second between the tags and the deletion; the object's own ten tags leave no room for the verdict's; its
//! metadata leaves no room to say who judges; an S3 that does not know these conditions; an event that names no
//! version.

use super::{Vault, answer};
use crate::copies;
use crate::messages::{Answer, Failure, FailureKind, Request, Result, Source, Status, Verdict};
use crate::objects::{Copied, Head, Marks, Over, Place, Tag};
use std::time::{SystemTime, UNIX_EPOCH};

/// How old a copy may be before its judge is taken for dead, in seconds: what one call of the function may take.
/// Most versions are settled within seconds.
pub const PATIENCE: i64 = 900;

/// The execution's own copy, of what another one has made: at once if this one has made it, else when it is old
/// enough.
///
/// # Errors
/// `Elsewhere` while another execution judges.
pub(super) async fn claim(vault: &Vault, request: &Request, to: Place<'_>, copy: Head) -> Result<Head> {
    let me = copies::judge(&request.execution);
    match copy.metadata(copies::JUDGE) {
        // Of an earlier release, or without room for it.
        None => return Ok(copy),
        Some(judge) if judge == me => return Ok(copy),
        Some(_) if age(&copy) < vault.patience => return Err(elsewhere(request)),
        Some(_) => {}
    }
    let from = Place { version_id: Some(&copy.version_id), ..to };
    let marks = Marks { metadata: &[(copies::JUDGE, &me)], tags: None };
    match vault.objects.copy_over(from, &copy, to, marks, Over::This(&copy.etag)).await? {
        Copied::Made(copy) => Ok(*copy),
        // Another of those who wait was faster, or the version is settled after all: the next look tells.
        Copied::Overtaken | Copied::SourceGone => Err(elsewhere(request)),
    }
}

/// What to say when another execution has just made a copy.
pub(super) fn elsewhere(request: &Request) -> Failure {
    let message = format!("another execution judges {:?}", request.object.key);
    Failure::new(FailureKind::Elsewhere, message)
}

fn age(copy: &Head) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_secs()).unwrap_or(i64::MAX) - copy.stored_at()
}

/// The answer with a verdict that holds the version, unless another execution has settled it meanwhile.
pub(super) async fn unless_settled(vault: &Vault, request: &Request, held: Answer) -> Result<Answer> {
    let Some(source) = held.source.clone() else { return Ok(held) };
    let latest = Place { version_id: None, ..vault.analytics_copy(&held.verdict) };
    let judge = copies::judge(&request.execution);
    let copy = vault.objects.head(latest).await?;
    let is_mine = copy.is_some_and(|copy| copy.metadata(copies::JUDGE) == Some(&judge));
    if is_mine || !settled(vault, &source, &held.verdict).await? {
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

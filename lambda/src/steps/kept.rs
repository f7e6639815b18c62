//! What was judged, and is still in ingress: its deletion failed, since a legal hold, a retention or a policy keeps it there.
//!
//! The execution that judged it has told of that. So whoever comes later, by the sweep most likely, judges it no more: it tries
//! to delete it, and says nothing. What is known of the judgement is what S3 has:
//!
//! - **The held copy**, with its verdict among its tags.
//! - **The version in the vault** that was made from it: by a verdict or, once the held copy is cleared, by who released it.
//!   Nearly always an event comes at once, and nothing can be there: so it is looked for when the version is older than a
//!   judge may be ([`Vault::patience`]), or a sweep asks, whose events have no sequencer.
//!
//! Its judge may have died before it looked whether what it stored hides anything newer. So that is done first.
//!
//! What is in the vault leaves analytics as well: the event of S3 that would have cleared its copy may have been lost.
//! If the copy cannot be cleared, the sweep finds it there.
//!
//! Of what was discarded nothing is left. It is judged again, and held again: nobody can tell it from what was never judged.

use super::claim::age;
use super::clear::clear;
use super::newest::{Looked, keep_newest_current};
use super::{Vault, answer, delete, pair};
use crate::copies;
use crate::messages::{Answer, FailureKind, Request, Result, Source, Status, Verdict};
use crate::objects::{Head, Place, Tag};

/// Why there is nothing to judge.
const JUDGED: &str = "it was judged before, and is deleted from ingress now";
const KEPT: &str = "it was judged before, and may not be deleted from ingress";

/// The answer where another execution has judged the version, whose copy in analytics is this.
pub(super) async fn held(vault: &Vault, request: &Request, source: &Source, copy: &Head) -> Result<Option<Answer>> {
    if is_own(request, copy) {
        return Ok(None);
    }
    let key = copies::analytics_key(&source.copy_id(), &source.key);
    let place = Place { bucket: &vault.analytics, key: &key, version_id: Some(&copy.version_id) };
    let tags = vault.objects.tags(place).await?.unwrap_or_default();
    if !tags.iter().any(Tag::is_status) {
        return Ok(None);
    }
    settled(vault, request, source, (place, copy)).await.map(Some)
}

/// The answer where the vault has this version already, by another execution or by who released it.
pub(super) async fn stored(vault: &Vault, request: &Request, source: &Source, head: &Head) -> Result<Option<Answer>> {
    if age(head) <= vault.patience && request.object.sequencer.is_some() {
        return Ok(None);
    }
    let id = source.copy_id();
    let Some(stored) = vault.vaulted(&source.key, &id, Some(source.size), source.uploaded_at).await? else {
        return Ok(None);
    };
    let place = Place { bucket: &vault.vault, key: &source.key, version_id: Some(&stored.version_id) };
    if is_own(request, &stored) || head.prove(&stored, &place).is_err() {
        return Ok(None);
    }
    Box::pin(keep_newest_current(vault, source, &stored, &mut Looked::default())).await?;
    let settled = settled(vault, request, source, (place, &stored)).await?;
    let _ = clear(vault, &stored, &id, &place).await;
    Ok(Some(settled))
}

/// Whether this execution has made it, which tells of its deletion itself.
fn is_own(request: &Request, copy: &Head) -> bool {
    copy.metadata(copies::JUDGE) == Some(&copies::judge(&request.execution))
}

/// Tries to delete it once more. That it may not be deleted was told of.
async fn settled(
    vault: &Vault,
    request: &Request,
    source: &Source,
    (place, copy): (Place<'_>, &Head),
) -> Result<Answer> {
    let companions = pair::by(copy, &request.ingress, source.companions.clone());
    let source = Source { companions, ..source.clone() };
    let why = match delete::delete(vault, &source).await {
        Ok(()) => JUDGED,
        Err(failure) if failure.kind == FailureKind::Denied => KEPT,
        Err(failure) => return Err(failure),
    };
    Ok(already(request, source, place, why))
}

/// The answer where a version was settled before, and what was made of it is at this place.
pub(super) fn already(request: &Request, source: Source, place: Place<'_>, why: &str) -> Answer {
    let verdict = Verdict {
        status: Status::AlreadySettled,
        job_id: None,
        analytics_bucket: place.bucket.into(),
        analytics_key: place.key.into(),
        analytics_version_id: place.version_id.unwrap_or_default().into(),
        reasons: vec![why.into()],
    };
    answer(request, source, verdict)
}

//! What a sender has taken back or replaced while it was left to settle: a way of sending, and nobody's to judge.
//!
//! Senders that rename, and file systems on top of S3, make versions which are none: a temporary name that is copied
//! and deleted, an empty object at the opening of a file, a first part of it. All of it is told by S3's own list:
//!
//! - **Taken back**: its own sender has deleted it that soon. The version stays where it is, below the delete marker;
//!   sweep and `status` leave it out by the same rule ([`contract::ignored::Ignoring`]).
//! - **Replaced**: another version came that soon which begins with all of its bytes. So nothing is lost with it, and it
//!   is deleted. Whatever has other bytes is judged as ever.
//! - **Outlived**: the same, but its event comes so late that what came after it has been judged and has left ingress, so
//!   that it is current again. Then the copy in analytics or the vault is what begins with its bytes.
//!
//! What has a copy in analytics is judged as ever, too: somebody has begun to judge it, this execution's Express workflow for
//! one, and may have died meanwhile. Else the copy would stay there without a verdict, and nobody would be told of it.

use super::Vault;
use super::claim::age;
use super::delete::delete_spare;
use crate::copies;
use crate::messages::{Request, Result};
use crate::objects::{Head, Listed, Place, readable};
use contract::canary;
use std::cmp::Ordering;

/// How many bytes are compared at most.
const MOST: u64 = 64 << 20;
/// How long after the time to settle an event usually comes, in seconds. Until then nothing more is asked.
const LATE: i64 = 5;

/// Why the version is nobody's to judge.
pub(super) const TAKEN_BACK: &str = "its sender has taken it back";
pub(super) const REPLACED: &str = "its sender has replaced it by a version that begins with all of its bytes";

/// Why a version that is not current any more is nobody's to judge, if it is.
pub(super) async fn unwanted(vault: &Vault, request: &Request, key: &str, head: &Head) -> Result<Option<&'static str>> {
    if request.ingress.settle_seconds == 0 || canary::is_reserved(key) {
        return Ok(None);
    }
    let versions = vault.objects.versions_of(&vault.ingress, key).await?;
    let Some(at) = versions.iter().position(|listed| listed.version_id == head.version_id) else { return Ok(None) };
    let this = &versions[at];
    if is_begun(vault, this).await? {
        return Ok(None);
    }
    if this.removed_at.is_some_and(|removed| request.ingress.settles(removed - this.stored_at)) {
        return Ok(Some(TAKEN_BACK));
    }
    let Some(newer) = at.checked_sub(1).map(|above| &versions[above]) else { return Ok(None) };
    if !request.ingress.settles(newer.stored_at - this.stored_at) || !begins_with(vault, newer, this).await? {
        return Ok(None);
    }
    delete_spare(vault, key, &this.version_id).await?;
    Ok(Some(REPLACED))
}

/// Why a version that is current is nobody's to judge, if it is: its event comes late, and what replaced it has been judged
/// meanwhile.
pub(super) async fn outlived(vault: &Vault, request: &Request, key: &str, head: &Head) -> Result<Option<&'static str>> {
    let settles = i64::from(request.ingress.settle_seconds);
    if settles == 0 || canary::is_reserved(key) || head.size > MOST || age(head) <= settles + LATE {
        return Ok(None);
    }
    let id = vault.source(key, &head.version_id).copy_id();
    let copies = copies::key_part(&vault.ingress, key);
    let (stored, judged) = futures::try_join!(
        vault.stored_since(key, head.stored_at()),
        vault.objects.versions(&vault.analytics, &copies),
    )?;
    if judged.iter().any(|listed| listed.key.starts_with(&id)) {
        return Ok(None);
    }
    let this = Place { bucket: &vault.ingress, key, version_id: Some(&head.version_id) };
    let stored = stored.iter().map(|listed| (&vault.vault, listed));
    // A copy of a later version cannot be older than this one.
    let judged = judged.iter().filter(|listed| listed.stored_at >= head.stored_at());
    let judged = judged.map(|listed| (&vault.analytics, listed));
    for (bucket, listed) in stored.chain(judged).filter(|(_, listed)| listed.size >= head.size) {
        let at = Place { bucket, key: &listed.key, version_id: Some(&listed.version_id) };
        let Some(copy) = vault.objects.known(at).await?.version() else { continue };
        // Of what nobody can read it is not known: the version is judged then.
        let begins = async || readable(vault.objects.begins_with(at, this, head.size).await);
        if replaces(request, head, &copy) && begins().await?.unwrap_or_default() {
            delete_spare(vault, key, &head.version_id).await?;
            return Ok(Some(REPLACED));
        }
    }
    Ok(None)
}

/// Whether a copy is of a version that was uploaded after this one, and within the time to settle.
fn replaces(request: &Request, head: &Head, copy: &Head) -> bool {
    let Some(uploaded) = copy.metadata(copies::UPLOADED).and_then(|uploaded| uploaded.parse::<i64>().ok()) else {
        return false;
    };
    let after = uploaded - head.stored_at();
    let order = request.object.sequencer.as_deref().zip(copy.metadata(copies::ORDER));
    let is_newer = match order.map(|(this, other)| copies::compare(other, this)) {
        Some(Ordering::Greater) => true,
        Some(Ordering::Less) => false,
        // S3's times are whole seconds.
        Some(Ordering::Equal) | None => after > 0,
    };
    is_newer && after >= 0 && request.ingress.settles(after)
}

/// Whether a copy of it was made to be judged.
async fn is_begun(vault: &Vault, this: &Listed) -> Result<bool> {
    let source = vault.source(&this.key, &this.version_id);
    let copy = vault.copy_of(&source).await?;
    Ok(copy.is_some_and(|copy| copy.metadata(copies::COPY) == Some(&source.copy_id())))
}

/// Whether a version begins with all the bytes of another one.
async fn begins_with(vault: &Vault, newer: &Listed, older: &Listed) -> Result<bool> {
    let bucket = vault.ingress.as_str();
    let this = Place { bucket, key: &newer.key, version_id: Some(&newer.version_id) };
    let other = Place { bucket, key: &older.key, version_id: Some(&older.version_id) };
    let fits = older.size <= newer.size.min(MOST);
    Ok(fits && vault.objects.begins_with(this, other, older.size).await?.unwrap_or_default())
}

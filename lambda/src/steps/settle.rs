//! What a sender has taken back or replaced while it was left to settle: a way of sending, and nobody's to judge.
//!
//! Senders that rename, and file systems on top of S3, make versions which are none: a temporary name that is copied
//! and deleted, an empty object at the opening of a file, a first part of it. All of it is told by S3's own list:
//!
//! - **Taken back**: its own sender has deleted it that soon. The version stays where it is, below the delete marker;
//!   sweep and `status` leave it out by the same rule ([`contract::ignored::Ignoring`]).
//! - **Replaced**: another version came that soon which begins with all of its bytes. So nothing is lost with it, and it
//!   is deleted. Whatever has other bytes is judged as ever.
//!
//! What has a copy in analytics is judged as ever, too: somebody has begun to judge it, this execution's Express workflow for
//! one, and may have died meanwhile. Else the copy would stay there without a verdict, and nobody would be told of it.

use super::Vault;
use crate::copies;
use crate::messages::{Request, Result};
use crate::objects::{Head, Listed, Place};
use contract::canary;

/// How many bytes are compared at most.
const MOST: u64 = 64 << 20;

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
    vault.objects.delete(&vault.ingress, key, &this.version_id).await?;
    Ok(Some(REPLACED))
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

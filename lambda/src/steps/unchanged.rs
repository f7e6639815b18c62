//! A clean file whose bytes the vault has already, as the current version of its key: where the configuration says so,
//! that version stands for it.
//!
//! - **The same bytes**: the version is read, and its SHA-256 is that of what was inspected.
//!   What nobody can read, as what is archived or under a key that is gone, is compared with nothing: the file is stored.
//! - **The newest stays current**: a version of the key that was uploaded earlier and still waits would be stored on top
//!   later, though this one is newer. So this one is stored as ever while there is such a one. What was uploaded later comes
//!   on top anyhow.

use super::{Vault, answer};
use crate::messages::{Answer, Request, Result, Source, Status, Verdict};
use crate::objects::{Head, Place, broken_off, readable};
use aws_smithy_types::base64;
use contract::{Unchanged, canary};
use sha2::{Digest, Sha256};

/// Why nothing was stored.
pub(super) const SKIPPED: &str = "the vault has these bytes already, as the current version of the key";

/// The answer where the version that is current stands for this one; its copy in analytics is cleared then.
pub(super) async fn skipped(
    vault: &Vault,
    request: &Request,
    source: &Source,
    verdict: &Verdict,
) -> Result<Option<Answer>> {
    if request.ingress.unchanged == Unchanged::Store || canary::is_reserved(&source.key) {
        return Ok(None);
    }
    let place = Place { bucket: &vault.vault, key: &source.key, version_id: None };
    let is_like = |head: &Head| head.size == source.size && head.archived().is_none();
    let Some(_) = readable(vault.objects.head(place).await)?.filter(is_like) else { return Ok(None) };
    if earlier_waits(vault, source).await? {
        return Ok(None);
    }
    // Looked at after that: whatever was uploaded earlier is stored by now.
    let Some(current) = readable(vault.objects.head(place).await)?.filter(is_like) else { return Ok(None) };
    let place = Place { version_id: Some(&current.version_id), ..place };
    if source.sha256.is_none() || digest(vault, place).await? != source.sha256 {
        return Ok(None);
    }
    let copy = vault.analytics_copy(verdict);
    vault.objects.delete(copy.bucket, copy.key, &verdict.analytics_version_id).await?;
    let source = Source { stored_version_id: Some(current.version_id), unchanged: true, ..source.clone() };
    let reasons = vec![SKIPPED.to_owned()];
    Ok(Some(answer(request, source, Verdict { status: Status::VaultCopy, reasons, ..verdict.clone() })))
}

/// Whether another version of the key waits that was not surely uploaded later.
async fn earlier_waits(vault: &Vault, source: &Source) -> Result<bool> {
    let waiting = vault.objects.versions_of(&vault.ingress, &source.key).await?;
    let mut others = waiting.iter().filter(|listed| listed.version_id != source.version_id);
    Ok(others.any(|listed| listed.stored_at <= source.uploaded_at))
}

/// The SHA-256 of a version's bytes, in base64.
async fn digest(vault: &Vault, place: Place<'_>) -> Result<Option<String>> {
    let Some(object) = readable(vault.objects.get(place).await)? else { return Ok(None) };
    let (mut body, mut digest) = (object.body, Sha256::new());
    while let Some(chunk) = body.next().await {
        digest.update(&chunk.map_err(|error| broken_off(place, &error))?);
    }
    Ok(Some(base64::encode(digest.finalize())))
}

//! Step 3: copies the judged version to the vault, and proves that it is the one that was judged.

use super::{Vault, answer, given};
use crate::copies;
use crate::messages::{Answer, Failure, FailureKind, Request, Result, Source, Status, Verdict};
use crate::objects::{Head, Place};
use aws_sdk_s3::types::ChecksumAlgorithm;

/// Stores a clean version under its own key.
pub(super) async fn store_in_vault(vault: &Vault, request: &Request) -> Result<Answer> {
    let (source, verdict) = given(request)?;
    if verdict.status != Status::Clean {
        return Err(Failure::new(FailureKind::InvalidInput, "only a clean version may be stored"));
    }
    let id = source.copy_id();
    let to = Place { bucket: &vault.vault, key: &source.key, version_id: None };
    if let Some(stored) = vault.vaulted(&source.key, &id).await? {
        prove(&source, &stored, to)?;
        return Ok(answer(request, source, Verdict { status: Status::VaultCopy, ..verdict }));
    }
    let from = Place {
        bucket: &vault.analytics,
        key: &verdict.analytics_key,
        version_id: Some(&verdict.analytics_version_id),
    };
    let Some(head) = vault.objects.head(from).await? else {
        return vault.copy_is_gone(request, source, verdict).await;
    };
    let marks = [(copies::COPY, id.as_str()), (copies::SOURCE_VERSION, source.version_id.as_str())];
    let sha256 = Some(ChecksumAlgorithm::Sha256);
    let Some(stored) = vault.objects.copy(from, &head, to, &marks, sha256).await? else {
        return vault.copy_is_gone(request, source, verdict).await;
    };
    prove(&source, &stored, to)?;
    Ok(answer(request, source, Verdict { status: Status::VaultCopy, ..verdict }))
}

/// What S3 measured in the vault is what was measured while judging.
fn prove(source: &Source, stored: &Head, place: Place<'_>) -> Result<()> {
    let differs = match (&source.sha256, stored.checksum("SHA256")) {
        (Some(judged), Some(stored)) => judged != stored,
        // S3 always has one for its own copies; an emulator may not.
        _ => false,
    };
    if differs || source.size != stored.size {
        return Err(Failure::new(FailureKind::CopyMismatch, format!("{place} is not what was judged")));
    }
    Ok(())
}

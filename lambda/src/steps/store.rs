//! Step 3: copies the judged version to the vault, and proves that it is the one that was judged.

use super::clear::clear;
use super::{Vault, answer, given};
use crate::copies;
use crate::messages::{Answer, Failure, FailureKind, Request, Result, Status, Verdict};
use crate::objects::Place;

/// Stores a clean version under its own key.
pub(super) async fn store_in_vault(vault: &Vault, request: &Request) -> Result<Answer> {
    let (source, verdict) = given(request)?;
    if verdict.status != Status::Clean {
        return Err(Failure::new(FailureKind::InvalidInput, "only a clean version may be stored"));
    }
    let id = source.copy_id();
    let to = Place { bucket: &vault.vault, key: &source.key, version_id: None };
    if let Some(stored) = vault.vaulted(&source.key, &id, Some(source.size)).await? {
        // By an earlier try, or for a duplicate event: S3's event about it may be over by now, and
        // nobody else would clear the copy that this execution has made.
        clear(vault, &stored, &id, &to).await?;
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
    if vault.objects.copy(from, &head, to, &marks).await?.is_none() {
        return vault.copy_is_gone(request, source, verdict).await;
    }
    Ok(answer(request, source, Verdict { status: Status::VaultCopy, ..verdict }))
}

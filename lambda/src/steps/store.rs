//! Step 3: copies the judged version to the vault, proves that it is the one that was judged, and
//! sees to it that the newest good version of the key ends current.

use super::clear::clear;
use super::{Vault, answer, given};
use crate::copies;
use crate::messages::{Answer, Failure, FailureKind, Request, Result, Source, Status, Verdict};
use crate::objects::{Head, Marks, Place};
use std::cmp::Ordering;

/// Stores a clean version under its own key.
pub(super) async fn store_in_vault(vault: &Vault, request: &Request) -> Result<Answer> {
    let (source, verdict) = given(request)?;
    if verdict.status != Status::Clean {
        return Err(Failure::new(FailureKind::InvalidInput, "only a clean version may be stored"));
    }
    let id = source.copy_id();
    let to = Place { bucket: &vault.vault, key: &source.key, version_id: None };
    let current = vault.objects.head(to).await?.filter(|head| head.metadata(copies::COPY) == Some(&id));
    let mut verdict = Verdict { status: Status::VaultCopy, ..verdict };
    let stored = if let Some(stored) = current {
        // By an earlier try, or for a duplicate event: S3's event about it may be over by now, and
        // nobody else would clear the copy that this execution has made.
        clear(vault, &stored, &id, &to).await?;
        stored
    } else {
        match copy(vault, request, &id, &mut verdict, to).await? {
            Some(stored) => stored,
            None => return vault.copy_is_gone(request, source, verdict).await,
        }
    };
    keep_newest_current(vault, &source.key, &stored).await?;
    let source = Source { stored_version_id: Some(stored.version_id), ..source };
    Ok(answer(request, source, verdict))
}

/// Copies from analytics, with the result among the tags. `None` when the copy there is gone.
async fn copy(
    vault: &Vault,
    request: &Request,
    copy_id: &str,
    verdict: &mut Verdict,
    to: Place<'_>,
) -> Result<Option<Head>> {
    let Some((head, tags)) = vault.judged_copy(request, verdict).await? else { return Ok(None) };
    // The copy in analytics has it already, unless it was made by hand.
    let metadata = &[(copies::COPY, copy_id)];
    vault.objects.copy(vault.analytics_copy(verdict), &head, to, Marks { metadata, tags }).await
}

/// Versions of one key are judged at the same time, and may be stored in another order than they were
/// uploaded in. Whoever stores one looks at the version that was current before: if that is the newer
/// one, it is stored once more, on top. Since everyone looks after having written, and S3's lists are
/// consistent, nothing older can stay on top of something newer, however executions interleave.
async fn keep_newest_current(vault: &Vault, key: &str, stored: &Head) -> Result<()> {
    let place = Place { bucket: &vault.vault, key, version_id: None };
    let mut top = stored.clone();
    while let Some(order) = top.metadata(copies::ORDER) {
        let Some(before) = vault.objects.version_before(Place { version_id: Some(&top.version_id), ..place }).await?
        else {
            break;
        };
        let before_place = Place { version_id: Some(&before.version_id), ..place };
        let Some(before) = vault.objects.head(before_place).await? else { break };
        let newer = before.metadata(copies::ORDER).is_some_and(|it| copies::compare(it, order) == Ordering::Greater);
        if !newer {
            break;
        }
        let Some(again) = vault.objects.copy(before_place, &before, place, Marks::default()).await? else { break };
        top = again;
    }
    Ok(())
}

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
    let head = if let Some(head) = current {
        // By an earlier try, or for a duplicate event: S3's event about it may be over by now, and
        // nobody else would clear the copy that this execution has made.
        clear(vault, &head, &id, &to).await?;
        head
    } else {
        match copy(vault, request, &id, &mut verdict, to).await? {
            Some(head) => head,
            None => return vault.copy_is_gone(request, source, verdict).await,
        }
    };
    stored(vault, request, source, verdict, head).await
}

/// The answer once the version is in the vault.
pub(super) async fn stored(
    vault: &Vault,
    request: &Request,
    source: Source,
    verdict: Verdict,
    head: Head,
) -> Result<Answer> {
    // Boxed: it copies, which takes kilobytes, and every step that may meet a stored version would have them.
    Box::pin(keep_newest_current(vault, &source.key, &head)).await?;
    let source = Source { stored_version_id: Some(head.version_id), ..source };
    Ok(answer(request, source, Verdict { status: Status::VaultCopy, ..verdict }))
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
/// consistent, nothing older can stay on top of something newer, however executions interleave; unless an
/// answer is lost while others store as well, which loses no version but may leave an older one current.
async fn keep_newest_current(vault: &Vault, key: &str, stored: &Head) -> Result<()> {
    let place = Place { bucket: &vault.vault, key, version_id: None };
    let mut top = stored.clone();
    while let Some(newer) = newer_below(vault, place, &top).await? {
        let newer_place = Place { version_id: Some(&newer.version_id), ..place };
        let Some(again) = vault.objects.copy(newer_place, &newer, place, Marks::default()).await? else { break };
        top = again;
    }
    Ok(())
}

/// The newest version below this one, down to the first that is older. Whoever got no answer has stored a
/// version twice and looks from the second one only: versions of the same upload are passed over, and below
/// a newer one there may be a newer one still.
async fn newer_below(vault: &Vault, place: Place<'_>, top: &Head) -> Result<Option<Head>> {
    let (mut newest, mut below) = (None::<Head>, top.version_id.clone());
    loop {
        let Some(before) = vault.objects.version_before(Place { version_id: Some(&below), ..place }).await? else {
            return Ok(newest);
        };
        let before = vault.objects.head(Place { version_id: Some(&before.version_id), ..place }).await?;
        let order = newest.as_ref().unwrap_or(top).metadata(copies::ORDER);
        let compared = before.as_ref().and_then(|before| before.metadata(copies::ORDER)).zip(order);
        match (compared.map(|(before, order)| copies::compare(before, order)), before) {
            (Some(Ordering::Equal), Some(before)) => below = before.version_id,
            (Some(Ordering::Greater), Some(before)) => {
                below.clone_from(&before.version_id);
                newest = Some(before);
            }
            _ => return Ok(newest),
        }
    }
}

//! Step 3: copies the judged version to the vault, proves that it is the one that was judged, and
//! sees to it that the newest good version of the key ends current.

use super::clear::clear;
use super::{Vault, answer, given};
use crate::copies;
use crate::messages::{Answer, Failure, FailureKind, Request, Result, Source, Status, Verdict};
use crate::objects::{Head, Marks, Place};
use futures::{StreamExt, TryStreamExt, stream};
use std::cmp::Ordering;

/// How many versions are looked at at once.
const HEADS: usize = 16;

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
    Box::pin(keep_newest_current(vault, &source, &head)).await?;
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
    vault.objects.copy(vault.analytics_copy(verdict), &head, to, Marks { metadata, tags: Some(tags) }).await
}

/// Versions of one key are judged at the same time, and may be stored in another order than they were
/// uploaded in. Whoever stores one looks at what was stored since its upload, among which is whatever is
/// newer: if the newest of it is below, it is stored once more, on top. Since everyone looks after having
/// written, and S3's lists are consistent, nothing older can stay on top of something newer, however
/// executions interleave; who gets no answer looks at the next try.
async fn keep_newest_current(vault: &Vault, source: &Source, stored: &Head) -> Result<()> {
    let place = Place { bucket: &vault.vault, key: &source.key, version_id: None };
    let mut top = stored.clone();
    while let Some(newer) = newer_below(vault, source, &top).await? {
        let newer_place = Place { version_id: Some(&newer.version_id), ..place };
        let Some(again) = vault.objects.copy(newer_place, &newer, place, Marks::default()).await? else { break };
        top = again;
    }
    Ok(())
}

/// The newest of all versions that were stored since the upload, where it is below this one.
async fn newer_below(vault: &Vault, source: &Source, top: &Head) -> Result<Option<Head>> {
    let Some(order) = top.metadata(copies::ORDER) else { return Ok(None) };
    // S3 says whole seconds.
    let stored = vault.objects.stored_since(&vault.vault, &source.key, source.uploaded_at - 1).await?;
    let heads = stream::iter(&stored).map(async |listed| {
        let place = Place { bucket: &vault.vault, key: &listed.key, version_id: Some(&listed.version_id) };
        vault.objects.head(place).await
    });
    let heads: Vec<_> = heads.buffered(HEADS).try_filter_map(async |head| Ok(head)).try_collect().await?;
    let (mut newest, mut is_below) = (None, false);
    let mut newest_order = order;
    for head in &heads {
        is_below |= head.version_id == top.version_id;
        let Some(order) = head.metadata(copies::ORDER) else { continue };
        if copies::compare(order, newest_order) == Ordering::Greater {
            newest_order = order;
            newest = is_below.then_some(head);
        }
    }
    Ok(newest.cloned())
}

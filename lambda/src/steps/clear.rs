//! The other way in: S3 says that an object is in the vault, so its copy in analytics may go.
//!
//! The proof is S3's event and the object itself, whoever has put it there. It clears exactly the
//! copy that the object was made from; copies of other versions of the key stay.

use super::{Vault, answer, seen_often_enough};
use crate::copies;
use crate::messages::{Answer, Request, Result, Source, Status, Verdict};
use crate::objects::{Head, Listed, Place};

/// Deletes the copy that the vault's object was made from.
pub(super) async fn clear_analytics(vault: &Vault, request: &Request) -> Result<Answer> {
    let object = &request.object;
    let stored = vault.event_version(&vault.vault, object).await?;
    let (key, stored) = stored.map_or((object.key.clone(), None), |(key, head)| (key, Some(head)));
    let place = Place { bucket: &vault.vault, key: &key, version_id: object.version_id.as_deref() };
    if stored.is_none() {
        seen_often_enough(request)?;
    }
    // Whatever anybody wrote into the metadata must not make us list half of the bucket.
    let copy_id = stored.as_ref().and_then(|head| head.metadata(copies::COPY)).filter(|id| copies::is_copy_id(id));
    let (cleared, reasons) = match (&stored, copy_id) {
        (None, _) => (None, vec!["the object is gone from the vault: nothing is cleared".into()]),
        (Some(_), None) => (None, vec!["the object says of no copy that it was made from it".into()]),
        (Some(stored), Some(id)) => clear(vault, stored, id, &place).await?,
    };
    let source = Source {
        bucket: vault.vault.clone(),
        key: key.clone(),
        version_id: stored.as_ref().map(|head| head.version_id.clone()).unwrap_or_default(),
        size: stored.as_ref().map(|head| head.size).unwrap_or_default(),
        stored_version_id: stored.map(|head| head.version_id),
        ..Source::default()
    };
    let cleared = cleared.unwrap_or_default();
    let verdict = Verdict {
        status: Status::Cleared,
        job_id: None,
        analytics_bucket: vault.analytics.clone(),
        analytics_key: cleared.key,
        analytics_version_id: cleared.version_id,
        reasons,
    };
    Ok(answer(request, source, verdict))
}

/// Clears every version of that copy that has the stored object's bytes; names the last one.
pub(super) async fn clear(
    vault: &Vault,
    stored: &Head,
    id: &str,
    place: &Place<'_>,
) -> Result<(Option<Listed>, Vec<String>)> {
    let (mut cleared, mut reasons) = (None, vec![]);
    for copy in vault.objects.versions(&vault.analytics, &format!("{id}/")).await? {
        let at = Place { bucket: &vault.analytics, key: &copy.key, version_id: Some(&copy.version_id) };
        let Some(head) = vault.objects.head(at).await? else { continue };
        if head.metadata(copies::COPY) != Some(id) {
            reasons.push(format!("{at} is no copy of ours: it stays"));
        } else if let Err(mismatch) = stored.prove(&head, place) {
            reasons.push(format!("{}: the copy stays", mismatch.message));
        } else {
            vault.objects.delete(&vault.analytics, &copy.key, &copy.version_id).await?;
            cleared = Some(copy);
        }
    }
    Ok((cleared, reasons))
}

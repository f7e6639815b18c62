//! The other way in: S3 says that an object is in the vault, so its copy in analytics may go.
//!
//! The proof is S3's event and the object itself, whoever has put it there. It clears exactly the
//! copy that the object was made from; copies of other versions of the key stay. A tool may drop the mark by which
//! that copy is known, or somebody uploads the file again by hand: what is held of the key with the same bytes is cleared
//! then. A copy that the object names and that cannot be cleared fails the step, so that somebody is told; and so does
//! one with as many bytes of which nobody can say whether they are the same.

use super::{Vault, answer, seen_often_enough};
use crate::copies;
use crate::messages::{Answer, Failure, FailureKind, Request, Result, Source, Status, Verdict};
use crate::objects::{Head, Listed, Place};

/// How many bytes are compared at most, where checksums say nothing.
const MOST: u64 = 1 << 30;

/// Deletes the copy that the vault's object was made from.
pub(super) async fn clear_analytics(vault: &Vault, request: &Request) -> Result<Answer> {
    let object = &request.object;
    let stored = vault.event_version(&vault.vault, object).await?;
    let (key, stored) = stored.map_or((object.key.clone(), None), |(key, head)| (key, Some(head)));
    let place = Place { bucket: &vault.vault, key: &key, version_id: object.version_id.as_deref() };
    if stored.is_none() {
        seen_often_enough(request, place)?;
    }
    // Whatever anybody wrote into the metadata must not make us list half of the bucket.
    let copy_id = stored.as_ref().and_then(|head| head.metadata(copies::COPY)).filter(|id| copies::is_copy_id(id));
    let (cleared, reasons) = match (&stored, copy_id) {
        (None, _) => (None, vec!["the object is gone from the vault: nothing is cleared".into()]),
        (Some(stored), None) => clear_alike(vault, stored, &key, MOST).await?,
        (Some(stored), Some(id)) => match clear(vault, stored, id, &place).await? {
            (None, reasons) if !reasons.is_empty() => {
                return Err(Failure::new(FailureKind::CopyMismatch, reasons.join("; ")));
            }
            cleared => cleared,
        },
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

/// Clears what is held of the key and has the bytes of an object that says of no copy that it was made from it: read, up
/// to so many bytes.
///
/// # Errors
/// `CopyMismatch` where one has as many bytes, and nothing says whether they are the same.
pub(super) async fn clear_alike(
    vault: &Vault,
    stored: &Head,
    key: &str,
    most: u64,
) -> Result<(Option<Listed>, Vec<String>)> {
    let (mut cleared, mut others, mut unknown) = (None, 0, vec![]);
    for copy in vault.objects.versions(&vault.analytics, &copies::key_part(&vault.ingress, key)).await? {
        let Some((id, copied)) = copies::parts(&copy.key) else { continue };
        if copied != copies::shortened(key) {
            continue;
        }
        let Some(head) = held(vault, &copy, id, key).await? else { continue };
        match is_alike(vault, (stored, key), (&copy, &head), most).await? {
            Some(true) => {
                vault.objects.delete(&vault.analytics, &copy.key, &copy.version_id).await?;
                cleared = Some(copy);
            }
            Some(false) => others += 1,
            None => unknown.push(format!("{:?}, version {}", copy.key, copy.version_id)),
        }
    }
    let says = "the object does not say which copy it was made from";
    if !unknown.is_empty() {
        let all = unknown.join("; ");
        let message = format!(
            "{says}; these held copies of its key have as many bytes, too many to be read, and no checksum says whether they \
             are the same, so that they stay: {all}"
        );
        return Err(Failure::new(FailureKind::CopyMismatch, message));
    }
    let reason = match others {
        0 => says.to_owned(),
        _ => format!("{says}; held copies of its key have other bytes, and stay: {others}"),
    };
    Ok((cleared, vec![reason]))
}

/// Whether a held copy has the bytes of the stored object; `None` where nothing says it.
async fn is_alike(
    vault: &Vault,
    (stored, key): (&Head, &str),
    (copy, head): (&Listed, &Head),
    most: u64,
) -> Result<Option<bool>> {
    let this = Place { bucket: &vault.vault, key, version_id: Some(&stored.version_id) };
    let at = Place { bucket: &vault.analytics, key: &copy.key, version_id: Some(&copy.version_id) };
    if copy.size != stored.size {
        return Ok(Some(false));
    }
    if copy.size <= most {
        return Ok(Some(vault.objects.begins_with(this, at, copy.size).await?.unwrap_or_default()));
    }
    match stored.measures.compare(&head.measures.checksums, &this) {
        Ok(compared) => Ok(compared.then_some(true)),
        Err(_) => Ok(Some(false)),
    }
}

/// What S3 says of a copy of ours, if it is held.
async fn held(vault: &Vault, copy: &Listed, id: &str, key: &str) -> Result<Option<Head>> {
    let place = Place { bucket: &vault.analytics, key: &copy.key, version_id: Some(&copy.version_id) };
    let (head, tags) = futures::try_join!(vault.objects.head(place), vault.objects.tags(place))?;
    let (Some(head), Some(tags)) = (head.filter(|head| head.metadata(copies::COPY) == Some(id)), tags) else {
        return Ok(None);
    };
    Ok(vault.is_held(&tags, key, id).await?.then_some(head))
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
            reasons.push(format!("{at} is not a copy that cvault made: it stays"));
        } else if let Err(mismatch) = stored.prove(&head, place) {
            reasons.push(format!("{}: the copy stays", mismatch.message));
        } else if !is_compared(stored, &head, place) && !has_bytes_of(vault, stored, place, (&copy, at)).await? {
            reasons.push(format!("{at} has other bytes: it stays"));
        } else {
            vault.objects.delete(&vault.analytics, &copy.key, &copy.version_id).await?;
            cleared = Some(copy);
        }
    }
    Ok((cleared, reasons))
}

/// Whether a checksum of the whole object was compared, or neither has any: S3 gives one to each new object.
fn is_compared(stored: &Head, copy: &Head, place: &Place<'_>) -> bool {
    let has_none = stored.measures.checksums.is_empty() && copy.measures.checksums.is_empty();
    has_none || stored.measures.compare(&copy.measures.checksums, place).unwrap_or_default()
}

/// Whether the stored object has the copy's bytes; of what is too large to be read, its size has to do.
async fn has_bytes_of(
    vault: &Vault,
    stored: &Head,
    place: &Place<'_>,
    (copy, at): (&Listed, Place<'_>),
) -> Result<bool> {
    let this = Place { version_id: Some(&stored.version_id), ..*place };
    // What somebody else has cleared meanwhile needs no proof.
    Ok(copy.size > MOST || vault.objects.begins_with(this, at, copy.size).await?.unwrap_or(true))
}

//! Which version of a key is the newest in the vault, and that it ends current.
//!
//! Versions of one key are judged at the same time, and may be stored in another order than they were uploaded in.
//! Whoever stores one looks at what was stored since its upload, among which is whatever is newer: if the newest of it is
//! below, it is stored once more, on top. Since everyone looks after having written, and S3's lists are consistent,
//! nothing older can stay on top of something newer, however executions interleave; who gets no answer looks at the
//! next try.
//!
//! Which one is newer S3's sequencers say or, where an event had none, the seconds of the uploads. Of the same second is
//! newer what was above in ingress when the other one was stored ([`copies::BELOW`]). Where nothing says it, what was
//! stored first stays current: nothing is put on top of what may be newer.
//!
//! What is archived cannot be copied, nor what may not be read, as under a key that is gone. Where it is newer, nothing is
//! stored that would hide it.

use super::{HEADS, Vault};
use crate::copies;
use crate::messages::{Failure, FailureKind, Result, Source};
use crate::objects::{Head, Marks, Place, UNVERSIONED};
use futures::{StreamExt, TryStreamExt, stream};
use std::cmp::Ordering;
use std::collections::HashMap;

/// How long before a copy was made its version may have been uploaded, in seconds, if the copy does not say when:
/// executions wait for each other, and for Macie.
const EARLIER: i64 = 7 * 86_400;

/// Sees to it that a version that was stored hides none that is newer.
///
/// # Errors
/// S3 does not answer or refuses; [`FailureKind::Archived`] where the newer one is archived, [`FailureKind::Denied`] where it
/// may not be read.
pub(super) async fn keep_newest_current(
    vault: &Vault,
    source: &Source,
    stored: &Head,
    looked: &mut Looked,
) -> Result<()> {
    let place = Place { bucket: &vault.vault, key: &source.key, version_id: None };
    let mut top = stored.clone();
    while let Some(newer) = looked.newest_below(vault, source, &top).await? {
        let newer_place = Place { version_id: Some(&newer.version_id), ..place };
        if let Some(why) = immovable(newer) {
            return Err(hidden(&newer_place, why));
        }
        let Some(again) = vault.objects.copy(newer_place, newer, place, Marks::default()).await? else { break };
        top = again;
    }
    Ok(())
}

impl Vault {
    /// The same for a version that a run before this one has stored.
    ///
    /// # Errors
    /// S3 does not answer or refuses; [`FailureKind::Archived`] or [`FailureKind::Denied`] where the newer one cannot be put
    /// on top again.
    pub async fn keep_newest_current(&self, key: &str, stored: &Head) -> Result<()> {
        let source = Source { key: key.into(), uploaded_at: uploaded_by(stored), ..Source::default() };
        Box::pin(keep_newest_current(self, &source, stored, &mut Looked::default())).await
    }

    /// Fails where a version of analytics cannot be stored under a key, since it would hide a newer one that is archived or
    /// may not be read.
    ///
    /// # Errors
    /// [`FailureKind::Archived`] or [`FailureKind::Denied`], or S3 does not answer or refuses.
    pub async fn hides_nothing(&self, from: Place<'_>, key: &str) -> Result<()> {
        let to = Place { bucket: &self.vault, key, version_id: None };
        let Some(current) = self.objects.known(to).await?.version() else { return Ok(()) };
        // Whoever stores it tells why it cannot be looked at, or is no copy.
        let (Ok(Some(head)), Some((id, _))) = (self.objects.head(from).await, copies::parts(from.key)) else {
            return Ok(());
        };
        let (key, size, uploaded_at) = (key.into(), head.size, uploaded_by(&head));
        let source = Source { key, size, uploaded_at, ..Source::default() };
        let mut looked = Looked::default();
        if looked.copy_of(self, (&source, id), Some(&current)).await?.is_some() {
            return Ok(());
        }
        Box::pin(looked.hides_nothing(self, &source, (id, from), &current)).await
    }
}

/// Why a version cannot be put on top again, if it cannot.
fn immovable(head: &Head) -> Option<(FailureKind, String)> {
    let withheld = || "S3 does not let it be read, which needs kms:Decrypt and the key that it is under".to_owned();
    let archived = head.archived().map(|why| (FailureKind::Archived, why));
    archived.or_else(|| head.measures.are_withheld.then(|| (FailureKind::Denied, withheld())))
}

fn hidden(newer: &Place<'_>, (kind, why): (FailureKind, String)) -> Failure {
    let why = format!("that one is newer, and could not be put on top again, since {why}");
    Failure::new(kind, format!("store an older version than {newer}: {why}"))
}

/// The versions of the same second that are above this one in ingress, as [`copies::BELOW`] says them; `None` where there
/// are none.
pub(super) async fn waiting_above(vault: &Vault, source: &Source) -> Result<Option<String>> {
    let waiting = vault.objects.versions_of(&source.bucket, &source.key).await?;
    let Some(own) = waiting.iter().position(|listed| listed.version_id == source.version_id) else { return Ok(None) };
    let above = waiting[..own].iter().filter(|listed| listed.stored_at == waiting[own].stored_at);
    let above: Vec<_> = above.map(|listed| copies::copy_id(&source.bucket, &source.key, &listed.version_id)).collect();
    Ok((!above.is_empty()).then(|| above.join(" ")))
}

/// When a version was uploaded, in seconds since 1970.
pub(super) fn uploaded(head: &Head) -> Option<i64> {
    head.metadata(copies::UPLOADED)?.parse().ok()
}

/// From when on versions of the vault may be newer than the version that a copy was made from, in seconds since 1970.
pub(crate) fn uploaded_by(copy: &Head) -> i64 {
    uploaded(copy).unwrap_or_else(|| copy.stored_at() - EARLIER)
}

/// Whether a version says where it stands among those of its key.
fn is_placed(head: &Head) -> bool {
    head.metadata(copies::ORDER).is_some() || uploaded(head).is_some()
}

/// Whether both were made from the same version.
fn are_one(one: &Head, other: &Head) -> bool {
    let copy = one.metadata(copies::COPY);
    copy.is_some() && copy == other.metadata(copies::COPY) || one.version_id == other.version_id
}

/// The newest of a key's versions that say where they stand, which are given as they were stored, the first one first.
fn newest<'a>(stored: impl Iterator<Item = &'a Head>) -> Option<&'a Head> {
    let placed = stored.filter(|head| is_placed(head));
    placed.reduce(|newest, later| if takes_its_place(later, newest) { later } else { newest })
}

/// Whether a version that was stored later than another one is current instead of it.
fn takes_its_place(later: &Head, earlier: &Head) -> bool {
    if are_one(later, earlier) {
        return true;
    }
    if let (Some(later), Some(earlier)) = (later.metadata(copies::ORDER), earlier.metadata(copies::ORDER)) {
        return copies::compare(later, earlier) != Ordering::Less;
    }
    // One that an earlier release has stored may not say it.
    let (Some(one), Some(other)) = (uploaded(later), uploaded(earlier)) else { return true };
    one > other || one == other && is_above(later, earlier)
}

/// Whether a version was above another one of the same second in ingress, as far as anybody has seen it.
fn is_above(one: &Head, other: &Head) -> bool {
    let above = other.metadata(copies::BELOW).unwrap_or_default();
    above.split(' ').any(|copy| one.metadata(copies::COPY) == Some(copy))
}

/// The versions in the vault that one call has looked at, by their ids: each once, since a version never changes.
#[derive(Default)]
pub(super) struct Looked {
    heads: HashMap<String, Head>,
}

impl Looked {
    /// The version in the vault: the current one or, should another of the key lie over it, one that was stored since
    /// the upload.
    pub(super) async fn copy_of<'a>(
        &'a mut self,
        vault: &Vault,
        (source, id): (&Source, &str),
        current: Option<&'a Head>,
    ) -> Result<Option<&'a Head>> {
        let is_copy = |head: &&Head| head.metadata(copies::COPY) == Some(id);
        let Some(current) = current else { return Ok(None) };
        if is_copy(&current) {
            return Ok(Some(current));
        }
        let heads = self.since_upload(vault, source).await?;
        Ok(heads.into_iter().find(|head| head.size == source.size && is_copy(head)))
    }

    /// Fails where a version that is to be stored over what is current would hide a newer one that could not be put on top
    /// again. Of the others is known what was looked at: whatever was stored since the upload.
    pub(super) async fn hides_nothing(
        &mut self,
        vault: &Vault,
        source: &Source,
        (id, from): (&str, Place<'_>),
        current: &Head,
    ) -> Result<()> {
        if ![current].into_iter().chain(self.heads.values()).any(|head| immovable(head).is_some()) {
            return Ok(());
        }
        let Some(own) = vault.objects.head(from).await?.filter(is_placed) else { return Ok(()) };
        let heads = self.since_upload(vault, source).await?;
        let newest = newest(heads.into_iter().rev().chain([&own]));
        let Some(newer) = newest.filter(|head| head.metadata(copies::COPY) != Some(id)) else { return Ok(()) };
        let place = Place { bucket: &vault.vault, key: &source.key, version_id: Some(&newer.version_id) };
        immovable(newer).map_or(Ok(()), |why| Err(hidden(&place, why)))
    }

    /// The newest of all versions that were stored since the upload, where it is below this one.
    async fn newest_below(&mut self, vault: &Vault, source: &Source, top: &Head) -> Result<Option<&Head>> {
        self.heads.insert(top.version_id.clone(), top.clone());
        if !is_placed(top) {
            return Ok(None);
        }
        let heads = self.since_upload(vault, source).await?;
        let Some(at) = heads.iter().position(|head| head.version_id == top.version_id) else { return Ok(None) };
        // Whoever has stored what lies above looks, too.
        let is_below = |newest: &&Head| !heads[..=at].iter().any(|head| are_one(head, newest));
        Ok(newest(heads.iter().rev().copied()).filter(is_below))
    }

    /// The key's versions in the vault that were stored since the upload, newest first.
    async fn since_upload(&mut self, vault: &Vault, source: &Source) -> Result<Vec<&Head>> {
        let stored = vault.stored_since(&source.key, source.uploaded_at).await?;
        // What has no id of its own may be another one by now.
        self.heads.remove(UNVERSIONED);
        let unseen = stored.iter().filter(|listed| !self.heads.contains_key(&listed.version_id));
        let heads = stream::iter(unseen).map(async |listed| {
            let place = Place { bucket: &vault.vault, key: &listed.key, version_id: Some(&listed.version_id) };
            Ok(vault.objects.known(place).await?.version().map(|head| (listed.version_id.clone(), head)))
        });
        let heads: Vec<_> = heads.buffer_unordered(HEADS).try_filter_map(async |head| Ok(head)).try_collect().await?;
        self.heads.extend(heads);
        Ok(stored.iter().filter_map(|listed| self.heads.get(&listed.version_id)).collect())
    }
}

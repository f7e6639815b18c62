//! Files that come with a companion, `x.csv` with `x.csv.done` or `x.csv.sha256`: a sender's way to say that a file is
//! complete.
//!
//! Whichever of the two comes last has the file judged: the event of a companion is about its file, and a file whose
//! companion has not come ends quietly, to be found by that event, or by the sweep. A digest in the companion is
//! compared with the file's bytes. Once the file has left ingress its companion goes, too, if nothing is lost with
//! it; so does an empty one that comes later, beside the one by which the file was judged. What stays is judged after [`ALONE`] as a file of its own, and so is a version that another one lies upon, whose
//! companion is gone or another's by then. A file whose companion has not come within a day is held, and told of.
//!
//! A companion is that of the version which was current when it came or, for who sends it first, of the next one, however late
//! the events are (see `around`). So one that was there before its file may be that of an earlier version: one that says more
//! than it has to stays, and one that is spent goes a moment after its file. It has not come for this file, which waits for
//! another one. After a day it is compared, if it has a digest, since the same file may have been sent again without it.
//!
//! What cannot be told, since nothing on S3 says it, and S3's times are whole seconds: whose a companion is that comes while
//! an earlier version still waits for its own (that one's), or in the same second as two versions (the last one's), and
//! whether one of another end is late for a version that is judged without it, or was within [`ALONE`], or early for the next one
//! (late: the next one waits). None of it stores a file against what its companion says.

mod around;
mod digests;
mod taken;

use super::delete::delete_spare;
use super::{Vault, claim};
use crate::copies::{self, LONGEST_KEY};
use crate::messages::{Companion, FailureKind, Request, Result};
use crate::objects::{At, Head, Listed, Place};
use around::{ALONE, Around};
use contract::canary;
pub(super) use digests::Digests;
pub(super) use taken::{by, digests as said_digests, mark, marked};

/// How old a file without its companion is when it is held, in seconds.
const LATE: i64 = 24 * 3600;

/// Why there is nothing to judge.
const AWAITED: &str = "its companion, or its file, has not come";
const EARLIER: &str = "its companion is that of an earlier version, and no other one has come";
const ELSEWHERE: &str = "another execution judges its file";
pub(super) const WENT_ALONG: &str = "it was the companion of a file, and went with it";

/// The key of an event's version, what S3 says of it, and whether it is the current one, as far as anybody has asked.
pub(super) type Found = (String, Head, bool);

/// What an event is about.
pub(super) enum Pair {
    /// This version is to be judged.
    Judged { key: String, head: Box<Head>, companions: Vec<Companion> },
    /// Nothing, and why.
    Nothing(&'static str),
}

/// What is to be judged on account of a version.
pub(super) async fn of(vault: &Vault, request: &Request, (key, head, is_current): Found) -> Result<Pair> {
    if request.ingress.pairs.is_empty() || canary::is_reserved(&key) {
        return Ok(Pair::Judged { key, head: head.into(), companions: vec![] });
    }
    let Some(file) = request.ingress.file_of(&key).map(str::to_owned) else {
        return if is_current {
            together(vault, request, key, head).await
        } else {
            below(vault, request, key, head).await
        };
    };
    let place = Place { bucket: &vault.ingress, key: &file, version_id: None };
    let Some(current) = vault.objects.head(place).await? else {
        let goes = goes_after(vault, (&file, &key), &head).await?;
        return Ok(if goes { Pair::Nothing(WENT_ALONG) } else { alone(key, head) });
    };
    let (found, is_current) = match earlier(vault, request, (&file, &current), (&key[file.len()..], &head)).await? {
        Some(earlier) => (earlier, false),
        None => (current, true),
    };
    if is_judged_elsewhere(vault, request, &file, &found).await? {
        return Ok(Pair::Nothing(ELSEWHERE));
    }
    if is_current { together(vault, request, file, found).await } else { below(vault, request, file, found).await }
}

/// Whether a companion is empty and came after its file was judged by another one. Then it goes, too.
async fn goes_after(vault: &Vault, (file, key): (&str, &str), companion: &Head) -> Result<bool> {
    if companion.size > 0 {
        return Ok(false);
    }
    let versions = vault.objects.versions_of(&vault.ingress, key).await?;
    let around = Box::pin(Around::of(vault, file, since(&versions))).await?;
    let goes = around.has_judged_by(&key[file.len()..], &companion.version_id, &versions);
    if goes {
        delete_spare(vault, key, &companion.version_id).await?;
    }
    Ok(goes)
}

/// What is judged without the other half, once it is too late for that.
fn alone(key: String, head: Head) -> Pair {
    if claim::age(&head) > ALONE {
        Pair::Judged { key, head: head.into(), companions: vec![] }
    } else {
        Pair::Nothing(AWAITED)
    }
}

/// The version that a companion is of, where that is not the current one.
async fn earlier(
    vault: &Vault,
    request: &Request,
    (file, current): (&str, &Head),
    (end, companion): (&str, &Head),
) -> Result<Option<Head>> {
    if companion.stored_at() >= current.stored_at() {
        return Ok(None);
    }
    let key = format!("{file}{end}");
    let versions = vault.objects.versions_of(&vault.ingress, &key).await?;
    let around = Box::pin(Around::of(vault, file, since(&versions))).await?;
    let judge = copies::judge(&request.execution);
    let found = around.file((end, &companion.version_id), &versions, &judge);
    let Some(found) = found.filter(|it| it.version_id != current.version_id) else { return Ok(None) };
    vault.objects.head(Place { bucket: &vault.ingress, key: file, version_id: Some(&found.version_id) }).await
}

/// A version below another one, or below a delete marker: with the companion that came for it.
async fn below(vault: &Vault, request: &Request, key: String, head: Head) -> Result<Pair> {
    let source = vault.source(&key, &head.version_id);
    let copy = vault.copy_of(&source).await?;
    if copy.is_some_and(|copy| copy.metadata(copies::COPY) == Some(&source.copy_id())) {
        // Somebody has begun to judge it, and its copy says by what.
        return Ok(Pair::Judged { key, head: head.into(), companions: vec![] });
    }
    let listed = listed(vault, request, &key).await?;
    if listed.iter().all(|(_, versions)| versions.is_empty()) {
        return Ok(alone(key, head));
    }
    let since = since(listed.iter().flat_map(|(_, versions)| versions));
    let around = Box::pin(Around::of(vault, &key, since)).await?;
    let mut companions = vec![];
    for (end, versions) in &listed {
        if let Some(own) = around.companion(&head.version_id, end, versions) {
            companions.push(companion(vault, (&key, &head), (end, own), false).await?);
        }
    }
    if companions.is_empty() { Ok(alone(key, head)) } else { Ok(Pair::Judged { key, head: head.into(), companions }) }
}

/// A current file with what came with it, or why it waits.
async fn together(vault: &Vault, request: &Request, key: String, head: Head) -> Result<Pair> {
    let listed = listed(vault, request, &key).await?;
    // Nearly always there is one of each end, and it came after its file.
    let is_plain = |versions: &[Listed]| versions.iter().all(|it| it.is_latest && it.stored_at >= head.stored_at());
    let around = if listed.iter().all(|(_, versions)| is_plain(versions)) {
        None
    } else {
        let since = since(listed.iter().flat_map(|(_, versions)| versions));
        Some(Box::pin(Around::of(vault, &key, since)).await?)
    };
    let is_begun = around.as_ref().is_some_and(|around| around.is_begun(&head.version_id));
    // It is in the vault, and whoever stored it went no further.
    if let Some(stored) = around.as_ref().and_then(|around| around.stored(&head.version_id)) {
        let companions = by(stored, &request.ingress, vec![]);
        return Ok(Pair::Judged { key, head: head.into(), companions });
    }
    let mut companions = vec![];
    for (end, versions) in &listed {
        // What whoever has begun to judge it took, its copy says.
        let around = around.as_ref().filter(|_| !is_begun);
        let last = versions.iter().find(|it| it.is_latest);
        let own = around.map_or(last, |around| around.companion(&head.version_id, end, versions));
        // What another version waits with is left to that.
        let is_free = |it: &&Listed| around.is_none_or(|around| !around.pairs_with_any(end, it, versions));
        if let Some(found) = own.or(last.filter(is_free)) {
            companions.push(companion(vault, (&key, &head), (end, found), own.is_none()).await?);
        }
    }
    if is_begun {
        return Ok(Pair::Judged { key, head: head.into(), companions });
    }
    if companions.iter().any(|it| !it.is_of_another) {
        for of_another in companions.iter_mut().filter(|it| it.is_of_another) {
            of_another.digest = None;
        }
    } else if let Some(end) = ends(request, &key).next() {
        if claim::age(&head) <= LATE {
            return Ok(Pair::Nothing(if companions.is_empty() { AWAITED } else { EARLIER }));
        }
        if companions.is_empty() {
            companions.push(Companion::said(end, ""));
        }
        // Where one has a digest, the bytes say whether it is theirs.
        if companions.iter().all(|it| it.digest.as_deref().is_none_or(str::is_empty)) {
            for of_another in &mut companions {
                of_another.digest.get_or_insert_default();
            }
        }
    }
    Ok(Pair::Judged { key, head: head.into(), companions })
}

/// Whether the event's object, which is gone, was a companion: it went with its file.
pub(super) fn was_companion(request: &Request) -> bool {
    super::keys(&request.object).iter().any(|key| request.ingress.file_of(key).is_some())
}

/// Whether an execution has made the copy of a file and may still judge it.
async fn is_judged_elsewhere(vault: &Vault, request: &Request, key: &str, head: &Head) -> Result<bool> {
    let copy = vault.copy_of(&vault.source(key, &head.version_id)).await?;
    let claimed = copy.map(|copy| claim::claim(vault, request, &copy));
    Ok(claimed.is_some_and(|claimed| claimed.is_err_and(|failure| failure.kind == FailureKind::Elsewhere)))
}

/// What may stand behind the key of a file whose companion S3 can have.
fn ends<'a>(request: &'a Request, file: &str) -> impl Iterator<Item = &'a str> {
    let room = LONGEST_KEY.saturating_sub(file.len());
    request.ingress.pairs.iter().map(String::as_str).filter(move |end| end.len() <= room)
}

/// The versions of a file's companions by their ends, newest first.
async fn listed<'a>(vault: &Vault, request: &'a Request, file: &str) -> Result<Vec<(&'a str, Vec<Listed>)>> {
    let looks = ends(request, file).map(async |end| {
        let key = format!("{file}{end}");
        // Mostly there is none, and a list costs twelve times as much.
        let current = vault.objects.at(Place { bucket: &vault.ingress, key: &key, version_id: None }).await?;
        let versions = match current {
            At::Nothing => vec![],
            At::Version(_) | At::Marker => vault.objects.versions_of(&vault.ingress, &key).await?,
        };
        Ok((end, versions))
    });
    futures::future::try_join_all(looks).await
}

/// When the first of these came, in seconds since 1970.
fn since<'a>(versions: impl IntoIterator<Item = &'a Listed>) -> i64 {
    versions.into_iter().map(|listed| listed.stored_at).min().unwrap_or(i64::MAX)
}

/// A companion of a version, or of another one, as it is read.
async fn companion(
    vault: &Vault,
    (file, of): (&str, &Head),
    (end, found): (&str, &Listed),
    is_of_another: bool,
) -> Result<Companion> {
    let (key, version_id, came) = (format!("{file}{end}"), found.version_id.clone(), found.stored_at);
    let place = Place { bucket: &vault.ingress, key: &key, version_id: Some(&version_id) };
    let (is_spent, digest) = digests::said(vault, place, (file, end), found.size).await?;
    // S3's times are whole seconds.
    let is_before = came < of.stored_at();
    Ok(Companion { end: end.to_owned(), version_id, is_spent, digest, came, is_before, is_of_another })
}

impl Companion {
    /// One that is not there, and what it has said; nothing, where it has not come.
    fn said(end: &str, digest: &str) -> Self {
        let digest = Some(digest.to_owned());
        let (end, version_id) = (end.to_owned(), String::new());
        Self { end, version_id, is_spent: false, digest, came: 0, is_before: false, is_of_another: false }
    }
}

//! Step 3: copies the judged version to the vault, and sees to it that the newest good version of the key ends current.
//!
//! Where nothing lies at the key, not even a delete marker, one call does it: S3 takes over what the copy in analytics has,
//! on the condition that nothing lies there (`If-None-Match`). So it is alone, and there is nothing to compare it with.
//! `DeleteFromIngress` looks at it and proves it by what was seen of the version, before it deletes. Whatever is not
//! known of that (see [`short_way`]), what lies there already, and an S3 without the condition lead the long way.
//!
//! A version that two executions store, since its event came twice, is stored once: each looks whether it is there,
//! and S3 makes the copy only over what was current at that look (`If-Match`, `If-None-Match`). Whatever came
//! there meanwhile is looked at again: it may be the other's. Under many writers of one key somebody goes on after
//! [`ROUNDS`] of it without a condition: a version twice is better than none.

use super::clear::clear;
use super::{Vault, answer, given, unchanged};
use crate::copies;
use crate::messages::{Answer, Failure, FailureKind, Measures, Request, Result, Source, Status, Verdict};
use crate::objects::{At, Copied, Head, Like, Listed, Marks, Over, Place, Tag, UNVERSIONED};
use futures::{StreamExt, TryStreamExt, stream};
use std::cmp::Ordering;
use std::collections::HashMap;

/// How often a copy that others overtake is tried with a condition.
const ROUNDS: usize = 10;
/// How many versions are looked at at once.
const HEADS: usize = 16;

/// Stores a clean version under its own key.
pub(super) async fn store_in_vault(vault: &Vault, request: &Request) -> Result<Answer> {
    let (source, verdict) = given(request)?;
    if verdict.status != Status::Clean {
        return Err(Failure::new(FailureKind::InvalidInput, "only a clean version may be stored"));
    }
    if let Some(answer) = Box::pin(unchanged::skipped(vault, request, &source, &verdict)).await? {
        return Ok(answer);
    }
    let mut verdict = Verdict { status: Status::VaultCopy, ..verdict };
    let mut looked = Looked::default();
    match store(vault, request, &source, (&mut verdict, &mut looked)).await? {
        Stored::Alone(version_id) => Ok(in_vault(request, source, verdict, version_id)),
        Stored::Among(head) => stored(vault, request, (source, verdict), *head, &mut looked).await,
        Stored::Gone => vault.copy_is_gone(request, source, verdict).await,
    }
}

/// How it was stored.
enum Stored {
    /// Where nothing lay, so that nothing newer can lie below.
    Alone(String),
    /// Others may lie there.
    Among(Box<Head>),
    /// Not at all: the copy in analytics is gone.
    Gone,
}

/// Stores it, if it is not there.
async fn store(
    vault: &Vault,
    request: &Request,
    source: &Source,
    (verdict, looked): (&mut Verdict, &mut Looked),
) -> Result<Stored> {
    let id = source.copy_id();
    let to = Place { bucket: &vault.vault, key: &source.key, version_id: None };
    let mut at = vault.objects.at(to).await?;
    if let (At::Nothing, Some((measures, etag))) = (&at, short_way(source, verdict)) {
        let (tags, _) = Tag::judged(&[], &verdict.status.to_string(), &request.execution);
        let from = vault.analytics_copy(verdict);
        match vault.objects.copy_first((from, measures), Like::Same(etag), to, &tags).await? {
            Copied::Made(version_id) => return Ok(Stored::Alone(version_id)),
            Copied::SourceGone => return Ok(Stored::Gone),
            Copied::Overtaken => at = vault.objects.at(to).await?,
        }
    }
    let current = if let At::Version(head) = at { Some(*head) } else { None };
    let mut read = None;
    let copy = async |over: Over<'_>| {
        if read.is_none() {
            read = vault.judged_copy(request, verdict).await?;
        }
        let Some((head, tags)) = &read else { return Ok(Copied::SourceGone) };
        // The copy in analytics has it already, unless it was made by hand.
        let marks = Marks { metadata: &[(copies::COPY, &id)], tags: Some(tags.clone()) };
        vault.objects.copy_over(vault.analytics_copy(verdict), head, to, marks, over).await
    };
    Ok(match store_over(vault, (source, &id), looked, current, copy).await? {
        Placed::There(head) => {
            // By an earlier try, or for a duplicate event: S3's event about it may be over by now, and
            // nobody else would clear the copy that this execution has made.
            clear(vault, &head, &id, &to).await?;
            Stored::Among(head)
        }
        Placed::Made(head) => Stored::Among(head),
        Placed::SourceGone => Stored::Gone,
    })
}

/// How a version was stored among others.
pub(super) enum Placed {
    /// By this call.
    Made(Box<Head>),
    /// It was there already.
    There(Box<Head>),
    /// Not at all: what is to be copied is gone.
    SourceGone,
}

/// Stores a version by `copy`, once: over what is `current` and, where another comes there meanwhile, over that, if it
/// is not the version itself.
pub(super) async fn store_over(
    vault: &Vault,
    (source, id): (&Source, &str),
    looked: &mut Looked,
    mut current: Option<Head>,
    mut copy: impl AsyncFnMut(Over<'_>) -> Result<Copied>,
) -> Result<Placed> {
    let to = Place { bucket: &vault.vault, key: &source.key, version_id: None };
    for round in 0..=ROUNDS {
        if let Some(head) = looked.copy_of(vault, (source, id), current.as_ref()).await? {
            return Ok(Placed::There(head.clone().into()));
        }
        let over = match &current {
            _ if round == ROUNDS => Over::Anything,
            Some(current) => Over::This(&current.etag),
            None => Over::Nothing,
        };
        match copy(over).await? {
            Copied::Made(head) => return Ok(Placed::Made(head)),
            Copied::SourceGone => return Ok(Placed::SourceGone),
            Copied::Overtaken => current = vault.objects.head(to).await?,
        }
    }
    Err(Failure::new(FailureKind::Busy, format!("{to}: others store there all the time")))
}

/// What is known of the version and its copy, where nothing has to be read for storing it: the copy was read by this
/// execution, which has made it, and has no tags. Macie may take days, in which tags may come.
fn short_way<'a>(source: &'a Source, verdict: &Verdict) -> Option<(&'a Measures, &'a str)> {
    let seen = source.seen.as_ref().filter(|seen| seen.untagged && verdict.job_id.is_none())?;
    Some((&seen.measures, seen.copy_etag.as_deref()?))
}

/// The answer once the version is in the vault.
pub(super) async fn stored(
    vault: &Vault,
    request: &Request,
    (source, verdict): (Source, Verdict),
    head: Head,
    looked: &mut Looked,
) -> Result<Answer> {
    // Boxed: it copies, which takes kilobytes, and every step that may meet a stored version would have them.
    Box::pin(keep_newest_current(vault, &source, &head, looked)).await?;
    Ok(in_vault(request, source, verdict, head.version_id))
}

fn in_vault(request: &Request, source: Source, verdict: Verdict, version_id: String) -> Answer {
    let source = Source { stored_version_id: Some(version_id), ..source };
    answer(request, source, Verdict { status: Status::VaultCopy, ..verdict })
}

/// Versions of one key are judged at the same time, and may be stored in another order than they were
/// uploaded in. Whoever stores one looks at what was stored since its upload, among which is whatever is
/// newer: if the newest of it is below, it is stored once more, on top. Since everyone looks after having
/// written, and S3's lists are consistent, nothing older can stay on top of something newer, however
/// executions interleave; who gets no answer looks at the next try.
pub(super) async fn keep_newest_current(
    vault: &Vault,
    source: &Source,
    stored: &Head,
    looked: &mut Looked,
) -> Result<()> {
    let place = Place { bucket: &vault.vault, key: &source.key, version_id: None };
    let mut top = stored.clone();
    while let Some(newer) = looked.newer_below(vault, source, &top).await? {
        let newer_place = Place { version_id: Some(&newer.version_id), ..place };
        let Some(again) = vault.objects.copy(newer_place, newer, place, Marks::default()).await? else { break };
        top = again;
    }
    Ok(())
}

/// Whether a version was uploaded later than another: by S3's sequencers or, where an event had none, by the seconds.
fn is_newer(one: &Head, other: &Head) -> bool {
    if let (Some(one), Some(other)) = (one.metadata(copies::ORDER), other.metadata(copies::ORDER)) {
        return copies::compare(one, other) == Ordering::Greater;
    }
    let uploaded = |head: &Head| head.metadata(copies::UPLOADED)?.parse::<i64>().ok();
    uploaded(one).zip(uploaded(other)).is_some_and(|(one, other)| one > other)
}

/// The versions in the vault that one call has looked at, by their ids: each once, since a version never changes.
#[derive(Default)]
pub(super) struct Looked(HashMap<String, Head>);

impl Looked {
    /// The version in the vault: the current one or, should another of the key lie over it, one that was stored since
    /// the upload.
    async fn copy_of<'a>(
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
        let heads = self.since_upload(vault, source, |listed| listed.size == source.size).await?;
        Ok(heads.into_iter().find(is_copy))
    }

    /// The newest of all versions that were stored since the upload, where it is below this one.
    async fn newer_below(&mut self, vault: &Vault, source: &Source, top: &Head) -> Result<Option<&Head>> {
        self.0.insert(top.version_id.clone(), top.clone());
        let (mut newest, mut is_below) = (None, false);
        let mut newest_of_all = top;
        for head in self.since_upload(vault, source, |_| true).await? {
            is_below |= head.version_id == top.version_id;
            if is_newer(head, newest_of_all) {
                newest_of_all = head;
                newest = is_below.then_some(head);
            }
        }
        Ok(newest)
    }

    /// The key's versions in the vault that were stored since the upload, newest first.
    async fn since_upload(
        &mut self,
        vault: &Vault,
        source: &Source,
        wanted: impl Fn(&Listed) -> bool,
    ) -> Result<Vec<&Head>> {
        // S3 says whole seconds.
        let mut stored = vault.objects.stored_since(&vault.vault, &source.key, source.uploaded_at - 1).await?;
        stored.retain(wanted);
        // What has no id of its own may be another one by now.
        self.0.remove(UNVERSIONED);
        let unseen = stored.iter().filter(|listed| !self.0.contains_key(&listed.version_id));
        let heads = stream::iter(unseen).map(async |listed| {
            let place = Place { bucket: &vault.vault, key: &listed.key, version_id: Some(&listed.version_id) };
            Ok(vault.objects.head(place).await?.map(|head| (listed.version_id.clone(), head)))
        });
        let heads: Vec<_> = heads.buffer_unordered(HEADS).try_filter_map(async |head| Ok(head)).try_collect().await?;
        self.0.extend(heads);
        Ok(stored.iter().filter_map(|listed| self.0.get(&listed.version_id)).collect())
    }
}

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
use super::newest::{Looked, keep_newest_current, waiting_above};
use super::{Vault, answer, given, keys, unchanged};
use crate::copies;
use crate::messages::{Answer, Failure, FailureKind, Measures, Request, Result, Source, Status, Verdict};
use crate::objects::{At, Copied, Head, Like, Marks, Over, Place, Tag};

/// How often a copy that others overtake is tried with a condition.
const ROUNDS: usize = 10;

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
    match Box::pin(store(vault, request, &source, (&mut verdict, &mut looked))).await? {
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
    // An event about a companion knows nothing of its file's place, nor does a sweep: what is known now of its order is said.
    let has_order = request.object.sequencer.is_some() && keys(&request.object).contains(&source.key);
    let above = if has_order { None } else { waiting_above(vault, source).await? };
    let mut at = vault.objects.known(to).await?;
    if let (At::Nothing, Some((measures, etag)), None) = (&at, short_way(source, verdict), &above) {
        let (tags, _) = Tag::judged(&[], &verdict.status.to_string(), &request.execution);
        let from = vault.analytics_copy(verdict);
        match vault.objects.copy_first((from, measures), Like::Same(etag), to, &tags).await? {
            Copied::Made(version_id) => return Ok(Stored::Alone(version_id)),
            Copied::SourceGone => return Ok(Stored::Gone),
            Copied::Overtaken => at = vault.objects.known(to).await?,
        }
    }
    let current = at.version();
    let judged = verdict.clone();
    let from = vault.analytics_copy(&judged);
    let mut read = None;
    let copy = async |over: Over<'_>| {
        if read.is_none() {
            read = vault.judged_copy(request, verdict).await?;
        }
        let Some((head, [_, tags])) = &read else { return Ok(Copied::SourceGone) };
        // The copy in analytics has the first already, unless it was made by hand.
        let said = [(copies::COPY, id.as_str()), (copies::BELOW, above.as_deref().unwrap_or_default())];
        let said = if above.is_some() && head.has_room_for(&said) { &said[..] } else { &said[..1] };
        let marks = Marks { metadata: said, tags: Some(tags.clone()) };
        vault.objects.copy_over(from, head, to, marks, over).await
    };
    Ok(match store_over(vault, (source, &id, from), looked, current, copy).await? {
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
///
/// # Errors
/// [`FailureKind::Archived`] or [`FailureKind::Denied`] where nothing is stored, since a newer version could not be put on top
/// again.
pub(super) async fn store_over(
    vault: &Vault,
    (source, id, from): (&Source, &str, Place<'_>),
    looked: &mut Looked,
    mut current: Option<Head>,
    mut copy: impl AsyncFnMut(Over<'_>) -> Result<Copied>,
) -> Result<Placed> {
    let to = Place { bucket: &vault.vault, key: &source.key, version_id: None };
    for round in 0..=ROUNDS {
        if let Some(head) = looked.copy_of(vault, (source, id), current.as_ref()).await? {
            return Ok(Placed::There(head.clone().into()));
        }
        if let Some(current) = &current {
            Box::pin(looked.hides_nothing(vault, source, (id, from), current)).await?;
        }
        let over = match &current {
            _ if round == ROUNDS => Over::Anything,
            Some(current) => Over::This(&current.etag),
            None => Over::Nothing,
        };
        match copy(over).await? {
            Copied::Made(head) => return Ok(Placed::Made(head)),
            Copied::SourceGone => return Ok(Placed::SourceGone),
            Copied::Overtaken => current = vault.objects.known(to).await?.version(),
        }
    }
    Err(Failure::new(FailureKind::Busy, format!("{to}: others keep storing there")))
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

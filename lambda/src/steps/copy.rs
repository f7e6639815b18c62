//! Step 1: copies exactly the event's version to analytics.
//!
//! Nearly always nothing lies there, so the copy is made at once, on the condition that it is so. Nobody looks at it
//! then: `InspectContent` reads it to its end, and proves it by what was seen here of the version. Where something lies
//! there, or one call does not do, it is looked at before and after.

use super::again::held_copy;
use super::claim::{claim, elsewhere};
use super::newest::{uploaded, uploaded_by};
use super::pair::{self, Found, Pair};
use super::{Vault, answer, copied, kept, keys, seen_often_enough, settle};
use crate::copies;
use crate::messages::{Answer, Request, Result, Seen, Source, Status, Verdict};
use crate::objects::{Copied, Head, Like, Listed, Marks, Over, Place, Tag, same_etag};
use contract::Unchanged;

/// Why nothing is to be done about a version that others have settled.
const SETTLED: &str = "the version was gone from ingress before this execution came to it";
/// Why nobody is told of a version that is gone.
const EMPTY: &str = "it is gone, and was empty: nothing is lost with it";
const SAME: &str = "it is gone, and another version of its key has its size and entity tag";
/// What is known of any other one.
const GONE: &str = "it is not in ingress, and nothing that was made of it is in analytics or the vault: it was deleted before \
     anybody judged it, or its event comes once more, and it was judged and then discarded, or replaced, or is in the vault as \
     the same bytes of another version";

/// Copies the version that the event is about.
pub(super) async fn copy_to_analytics(vault: &Vault, request: &Request) -> Result<Answer> {
    if vault.judges_again(request) {
        return held_copy(vault, request).await;
    }
    let Some(found) = found(vault, request).await? else { return gone(vault, request).await };
    let (key, head, is_current) = &found;
    let why = if *is_current {
        settle::outlived(vault, request, key, head).await?
    } else {
        settle::unwanted(vault, request, key, head).await?
    };
    if let Some(why) = why {
        return Ok(nothing(request, why));
    }
    let (key, head, companions) = match Box::pin(pair::of(vault, request, found)).await? {
        Pair::Judged { key, head, companions } => (key, head, companions),
        Pair::Nothing(why) => return Ok(nothing(request, why)),
    };
    // What its sender says by names of ours is no mark of the copy.
    let head = head.with_metadata(copies::is_theirs);
    let key = key.as_str();
    let source = Source {
        bucket: vault.ingress.clone(),
        key: key.into(),
        version_id: head.version_id.clone(),
        size: head.size,
        uploaded_at: head.stored_at(),
        companions,
        ..Source::default()
    };
    if let Some(settled) = Box::pin(kept::stored(vault, request, &source, &head)).await? {
        return Ok(settled);
    }
    let id = source.copy_id();
    let analytics_key = copies::analytics_key(&id, key);
    let from = Place { bucket: &vault.ingress, key, version_id: Some(&source.version_id) };
    let to = Place { bucket: &vault.analytics, key: &analytics_key, version_id: None };
    let judge = copies::judge(&request.execution);
    // An event about a companion knows nothing of its file's place.
    let order = request.object.sequencer.as_deref().filter(|_| keys(&request.object).iter().any(|it| it == key));
    let uploaded = source.uploaded_at.to_string();
    let said = [
        (copies::DIGESTS, pair::said_digests(&source.companions)),
        (copies::COMPANIONS, pair::mark(&request.ingress.pairs, &source.companions)),
    ];
    let end = copies::end(key);
    let place =
        [(copies::ORDER, order), (copies::UPLOADED, Some(uploaded.as_str())), (copies::KEY_END, end.as_deref())];
    let said = said.each_ref().map(|(mark, text)| (*mark, text.as_deref()));
    let marks = marks(&head, (&id, &judge), said, (request, place, &source.version_id));
    if let Some(obstacle) = obstacle(&head, &marks) {
        return match vault.objects.head(to).await?.filter(|copy| is_copy(copy, &id, &head, &to)) {
            Some(copy) => claimed(vault, request, source, analytics_key, &copy).await,
            None => Ok(without_copy(request, source, Status::NotCopied, obstacle)),
        };
    }
    let Some(tags) = vault.objects.tags(from).await? else { return gone(vault, request).await };
    let tags = Tag::theirs(&tags);
    // At a further try the copy is there, most likely: this execution's, or that of the one which judges.
    let first = if request.attempt == 0 {
        vault.objects.copy_first((from, &head.measures), Like::Seen(&head, &marks), to, &tags).await?
    } else {
        Copied::Overtaken
    };
    match first {
        Copied::Made(version_id) => {
            let seen = Seen { measures: head.measures, untagged: tags.is_empty(), copy_etag: None };
            let source = Source { seen: Some(seen), ..source };
            return Ok(copied(vault, request, source, analytics_key, version_id));
        }
        Copied::SourceGone => return gone(vault, request).await,
        Copied::Overtaken => {}
    }
    let there = vault.objects.head(to).await?;
    let over = match &there {
        Some(copy) if is_copy(copy, &id, &head, &to) => {
            return claimed(vault, request, source, analytics_key, copy).await;
        }
        Some(other) => Over::This(&other.etag),
        None => Over::Nothing,
    };
    let marks = Marks { metadata: &marks, tags: Some(tags) };
    match vault.objects.copy_over(from, &head, to, marks, over).await? {
        Copied::Made(copy) => Ok(copied(vault, request, source, analytics_key, copy.version_id)),
        Copied::SourceGone => gone(vault, request).await,
        Copied::Overtaken => Err(elsewhere(request)),
    }
}

/// The version that the event is about. Nearly always it is current, which the same call says.
async fn found(vault: &Vault, request: &Request) -> Result<Option<Found>> {
    let (object, rules) = (&request.object, &request.ingress);
    if rules.settle_seconds > 0 || !rules.pairs.is_empty() {
        let is_meant = |head: &Head| match (&object.version_id, &object.etag) {
            (Some(version_id), _) => head.version_id == *version_id,
            (None, Some(etag)) => same_etag(&head.etag, etag),
            (None, None) => true,
        };
        for key in keys(object) {
            let place = Place { bucket: &vault.ingress, key: &key, version_id: None };
            if let Some(head) = vault.objects.head(place).await?.filter(is_meant) {
                return Ok(Some((key, head, true)));
            }
        }
    }
    let found = vault.event_version(&vault.ingress, object).await?;
    Ok(found.map(|(key, head)| (key, head, false)))
}

/// The answer with a copy that is there already, where this execution judges it: by what whoever has made it judged it by.
async fn claimed(
    vault: &Vault,
    request: &Request,
    source: Source,
    analytics_key: String,
    copy: &Head,
) -> Result<Answer> {
    claim(vault, request, copy)?;
    if let Some(settled) = Box::pin(kept::held(vault, request, &source, copy)).await? {
        return Ok(settled);
    }
    let companions = pair::by(copy, &request.ingress, source.companions);
    let source = Source { companions, ..source };
    Ok(copied(vault, request, source, analytics_key, copy.version_id.clone()))
}

/// What the copy says of itself; where the object's own metadata leaves no room for all of it, what the copy is
/// known by, and of the rest what fits, who judges it first.
fn marks<'a>(
    head: &Head,
    (id, judge): (&'a str, &'a str),
    said: [(&'static str, Option<&'a str>); 2],
    (request, place, version_id): (&'a Request, [(&'static str, Option<&'a str>); 3], &'a str),
) -> Vec<(&'static str, &'a str)> {
    // Without what they say, whoever judges it again would take a file for good that its sender says is another.
    let [digests, companions] = said.map(|(mark, said)| Some((mark, said?)));
    let mut marks: Vec<_> = [(copies::COPY, id)].into_iter().chain(digests).collect();
    let place = place.into_iter().filter_map(|(mark, value)| Some((mark, value?)));
    let execution = copies::execution_name(&request.execution).map(|name| (copies::EXECUTION, name));
    let more = [(copies::JUDGE, judge), (copies::SOURCE_VERSION, version_id)].into_iter();
    for mark in more.chain(place).chain(companions).chain(execution) {
        marks.push(mark);
        if !head.has_room_for(&marks) {
            marks.pop();
        }
    }
    marks
}

/// Why no copy of the version can be made.
fn obstacle(head: &Head, marks: &[(&str, &str)]) -> Option<String> {
    let room = head.has_room_for(marks);
    head.archived().or_else(|| {
        (!room).then(|| "its metadata is so near S3's limit of 2,048 bytes that the copy's mark does not fit".into())
    })
}

/// The answer where nothing is to be judged, for now or at all, and nobody is to be told.
fn nothing(request: &Request, why: &str) -> Answer {
    let source = Source { bucket: request.bucket.clone(), key: request.object.key.clone(), ..Source::default() };
    without_copy(request, source, Status::NothingToJudge, why.into())
}

/// The answer about a version of which no copy is anywhere.
fn without_copy(request: &Request, source: Source, status: Status, why: String) -> Answer {
    let verdict = Verdict {
        status,
        job_id: None,
        analytics_bucket: String::new(),
        analytics_key: String::new(),
        analytics_version_id: String::new(),
        reasons: vec![why],
    };
    answer(request, source, verdict)
}

/// Whether it is the copy that an earlier try, or another execution, has made of the same version.
fn is_copy(copy: &Head, id: &str, source: &Head, to: &Place<'_>) -> bool {
    copy.metadata(copies::COPY) == Some(id) && source.prove(copy, to).is_ok()
}

/// The version is not in ingress any more: judged by another execution, or removed by somebody while one judged.
async fn gone(vault: &Vault, request: &Request) -> Result<Answer> {
    let object = &request.object;
    let of = |key: String| Source {
        bucket: vault.ingress.clone(),
        key,
        version_id: object.version_id.clone().unwrap_or_default(),
        ..Source::default()
    };
    for source in keys(object).into_iter().map(of) {
        let trace = match &object.version_id {
            Some(_) => trace(vault, request, &source).await?,
            None => trace_of_etag(vault, &source, object.etag.as_deref().unwrap_or_default()).await?,
        };
        match trace {
            Trace::Settled => {
                let key = copies::analytics_key(&source.copy_id(), &source.key);
                let copy = Place { bucket: &vault.analytics, key: &key, version_id: None };
                return Ok(kept::already(request, source, copy, SETTLED));
            }
            Trace::Unjudged(copy) => {
                // Where the copy does not say when it was uploaded, whatever was stored may be newer.
                let (size, uploaded_at) = (copy.size, uploaded(&copy).unwrap_or_default());
                let companions = pair::marked(&copy, &request.ingress);
                let source = Source { size, uploaded_at, companions, ..source };
                let key = copies::analytics_key(&source.copy_id(), &source.key);
                return Ok(copied(vault, request, source, key, copy.version_id));
            }
            Trace::None => {}
        }
    }
    let (key, version_id) = (object.key.as_str(), object.version_id.as_deref());
    seen_often_enough(request, Place { bucket: &vault.ingress, key, version_id })?;
    if pair::was_companion(request) {
        return Ok(nothing(request, pair::WENT_ALONG));
    }
    for key in keys(object) {
        if let Some(why) = Box::pin(lives_on(vault, request, &key)).await? {
            return Ok(nothing(request, why));
        }
    }
    // Nothing says whether there was a copy.
    Ok(without_copy(request, of(object.key.clone()), Status::Gone, GONE.into()))
}

/// Why nobody is told of a version that left no trace, where nothing is lost with it by the rules of ingress: its event comes
/// twice, or an answer was lost. Nobody can read it any more; what the event says of its bytes is their number and the entity
/// tag, and of an encrypted version no other one has that. So it is told of, but for an empty one.
async fn lives_on(vault: &Vault, request: &Request, key: &str) -> Result<Option<&'static str>> {
    let (rules, object) = (&request.ingress, &request.object);
    let is_expected = rules.settle_seconds > 0 || rules.unchanged == Unchanged::Skip;
    let (Some(size), true) = (object.size, is_expected) else { return Ok(None) };
    if size == 0 && rules.settle_seconds > 0 {
        return Ok(Some(EMPTY));
    }
    // That of an upload in parts is none of the bytes alone.
    let Some(etag) = object.etag.as_deref().filter(|etag| !etag.contains('-')) else { return Ok(None) };
    let copies = copies::key_part(&vault.ingress, key);
    let (waiting, held, stored) = futures::try_join!(
        vault.objects.versions_of(&vault.ingress, key),
        vault.objects.versions(&vault.analytics, &copies),
        vault.objects.versions_of(&vault.vault, key),
    )?;
    let is_itself = |listed: &Listed| object.version_id.as_ref() == Some(&listed.version_id);
    let waiting = waiting.iter().filter(|listed| !is_itself(listed));
    let mut others = waiting.chain(&held).chain(&stored);
    Ok(others.any(|listed| listed.size == size && same_etag(&listed.etag, etag)).then_some(SAME))
}

/// What is left of a version that is not in ingress any more.
enum Trace {
    /// It was judged: held in analytics, or stored in the vault.
    Settled,
    /// A copy that nobody judges any more, and that is this execution's now.
    Unjudged(Box<Head>),
    None,
}

async fn trace(vault: &Vault, request: &Request, source: &Source) -> Result<Trace> {
    let id = source.copy_id();
    let copy = vault.copy_of(source).await?;
    // Without a copy nobody knows any more when it was uploaded.
    let size = copy.as_ref().map(|copy| copy.size).or(request.object.size);
    let since = copy.as_ref().map_or(0, uploaded_by);
    if vault.vaulted(&source.key, &id, size, since).await?.is_some() {
        return Ok(Trace::Settled);
    }
    let Some(copy) = copy else { return Ok(Trace::None) };
    let key = copies::analytics_key(&id, &source.key);
    let judged = Place { bucket: &vault.analytics, key: &key, version_id: Some(&copy.version_id) };
    match vault.objects.tags(judged).await? {
        Some(tags) if copy.metadata(copies::COPY) == Some(&id) && !Tag::are_judged(&tags) => {}
        // Or somebody has put something over it.
        _ => return Ok(Trace::Settled),
    }
    claim(vault, request, &copy).map(|()| Trace::Unjudged(copy.into()))
}

/// The same for an event without a version, where the entity tag is all there is to know it by.
async fn trace_of_etag(vault: &Vault, source: &Source, etag: &str) -> Result<Trace> {
    let stored = vault.objects.versions_of(&vault.vault, &source.key).await?;
    let held = vault.objects.versions(&vault.analytics, &copies::key_part(&source.bucket, &source.key)).await?;
    let settled = stored.iter().chain(&held).any(|listed| same_etag(&listed.etag, etag));
    Ok(if settled { Trace::Settled } else { Trace::None })
}

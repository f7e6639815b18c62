//! Step 1: copies exactly the event's version to analytics, and proves the copy.

use super::{Vault, answer, keys, seen_often_enough};
use crate::copies;
use crate::messages::{Answer, Request, Result, Source, Status, Verdict};
use crate::objects::{Head, Marks, Place, same_etag};

/// Copies the version that the event is about.
pub(super) async fn copy_to_analytics(vault: &Vault, request: &Request) -> Result<Answer> {
    let Some((key, head)) = vault.event_version(&vault.ingress, &request.object).await? else {
        return gone(vault, request).await;
    };
    let key = key.as_str();
    let source = Source {
        bucket: vault.ingress.clone(),
        key: key.into(),
        version_id: head.version_id.clone(),
        size: head.size,
        uploaded_at: head.stored_at(),
        ..Source::default()
    };
    let id = source.copy_id();
    let analytics_key = copies::analytics_key(&id, key);
    let from = Place { bucket: &vault.ingress, key, version_id: Some(&source.version_id) };
    let to = Place { bucket: &vault.analytics, key: &analytics_key, version_id: None };
    let marks = marks(&head, &id, &source.version_id, request.object.sequencer.as_deref());
    let copied = match (obstacle(&head, &marks), made_before(vault, to, &id, &head).await?) {
        (_, Some(copy)) => Some(copy),
        (Some(obstacle), None) => return Ok(not_copied(request, source, obstacle)),
        (None, None) => vault.objects.copy(from, &head, to, Marks { metadata: &marks, tags: None }).await?,
    };
    let Some(copy) = copied else { return gone(vault, request).await };
    let verdict = Verdict {
        status: Status::Copied,
        job_id: None,
        analytics_bucket: vault.analytics.clone(),
        analytics_key,
        analytics_version_id: copy.version_id,
        reasons: vec![],
    };
    Ok(answer(request, source, verdict))
}

/// What the copy says of itself; where the object's own metadata leaves no room for all of it, only
/// what the copy is known by.
fn marks<'a>(
    head: &Head,
    id: &'a str,
    version_id: &'a str,
    sequencer: Option<&'a str>,
) -> Vec<(&'static str, &'a str)> {
    let known_by = (copies::COPY, id);
    let order = sequencer.map(|sequencer| (copies::ORDER, sequencer));
    let all: Vec<_> = [known_by].into_iter().chain(order).chain([(copies::SOURCE_VERSION, version_id)]).collect();
    if head.has_room_for(&all) { all } else { vec![known_by] }
}

/// Why no copy of the version can be made.
fn obstacle(head: &Head, marks: &[(&str, &str)]) -> Option<String> {
    let room = head.has_room_for(marks);
    head.archived().or_else(|| {
        (!room).then(|| "its metadata is so near S3's limit of 2,048 bytes that the copy's mark does not fit".into())
    })
}

fn not_copied(request: &Request, source: Source, obstacle: String) -> Answer {
    let verdict = Verdict {
        status: Status::NotCopied,
        job_id: None,
        analytics_bucket: String::new(),
        analytics_key: String::new(),
        analytics_version_id: String::new(),
        reasons: vec![obstacle],
    };
    answer(request, source, verdict)
}

/// The copy that an earlier try, or a duplicate event, has made of the same version.
async fn made_before(vault: &Vault, to: Place<'_>, id: &str, source: &Head) -> Result<Option<Head>> {
    let copy = vault.objects.head(to).await?.filter(|copy| copy.metadata(copies::COPY) == Some(id));
    Ok(copy.filter(|copy| source.prove(copy, &to).is_ok()))
}

/// The version is not in ingress any more: judged by another execution, or removed by somebody.
async fn gone(vault: &Vault, request: &Request) -> Result<Answer> {
    let object = &request.object;
    let of = |key: String| Source {
        bucket: vault.ingress.clone(),
        key,
        version_id: object.version_id.clone().unwrap_or_default(),
        ..Source::default()
    };
    let (mut source, mut settled) = (of(object.key.clone()), false);
    for source_there in keys(object).into_iter().map(of) {
        settled = match &object.version_id {
            Some(_) => has_copy(vault, &source_there).await?,
            None => has_copy_of_etag(vault, &source_there, object.etag.as_deref().unwrap_or_default()).await?,
        };
        if settled {
            source = source_there;
            break;
        }
    }
    if !settled {
        seen_often_enough(request)?;
    }
    let verdict = Verdict {
        status: if settled { Status::AlreadySettled } else { Status::Gone },
        job_id: None,
        analytics_bucket: vault.analytics.clone(),
        analytics_key: copies::analytics_key(&source.copy_id(), &source.key),
        analytics_version_id: String::new(),
        reasons: vec!["the version was gone from ingress before this execution came to it".into()],
    };
    Ok(answer(request, source, verdict))
}

/// Whether the version has a copy: held in analytics, or stored in the vault.
async fn has_copy(vault: &Vault, source: &Source) -> Result<bool> {
    let id = source.copy_id();
    let key = copies::analytics_key(&id, &source.key);
    let held = Place { bucket: &vault.analytics, key: &key, version_id: None };
    Ok(vault.objects.head(held).await?.is_some() || vault.vaulted(&source.key, &id, None).await?.is_some())
}

/// The same for an event without a version, where the entity tag is all there is to know it by.
async fn has_copy_of_etag(vault: &Vault, source: &Source, etag: &str) -> Result<bool> {
    let stored = vault.objects.versions_of(&vault.vault, &source.key).await?;
    let held = vault.objects.versions(&vault.analytics, &copies::key_part(&source.bucket, &source.key)).await?;
    Ok(stored.iter().chain(&held).any(|listed| same_etag(&listed.etag, etag)))
}

//! Step 1: copies exactly the event's version to analytics, and proves the copy.

use super::{Vault, answer};
use crate::copies;
use crate::messages::{Answer, Request, Result, Source, Status, Verdict};
use crate::objects::{Head, Place, same_etag};

/// Copies the version that the event is about.
pub(super) async fn copy_to_analytics(vault: &Vault, request: &Request) -> Result<Answer> {
    let key = request.object.key.as_str();
    let Some(head) = vault.event_version(&vault.ingress, &request.object).await? else {
        return gone(vault, request).await;
    };
    let source = Source {
        bucket: vault.ingress.clone(),
        key: key.into(),
        version_id: head.version_id.clone(),
        size: head.size,
        sha256: None,
    };
    let id = source.copy_id();
    let analytics_key = copies::analytics_key(&id, key);
    let from = Place { bucket: &vault.ingress, key, version_id: Some(&source.version_id) };
    let to = Place { bucket: &vault.analytics, key: &analytics_key, version_id: None };
    let copied = if let Some(copy) = made_before(vault, to, &id, &head).await? {
        Some(copy)
    } else {
        let marks = [(copies::COPY, id.as_str()), (copies::SOURCE_VERSION, source.version_id.as_str())];
        vault.objects.copy(from, &head, to, &marks).await?
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

/// The copy that an earlier try, or a duplicate event, has made of the same version.
async fn made_before(vault: &Vault, to: Place<'_>, id: &str, source: &Head) -> Result<Option<Head>> {
    let copy = vault.objects.head(to).await?.filter(|copy| copy.metadata(copies::COPY) == Some(id));
    Ok(copy.filter(|copy| source.prove(copy, &to).is_ok()))
}

/// The version is not in ingress any more: judged by another execution, or removed by somebody.
async fn gone(vault: &Vault, request: &Request) -> Result<Answer> {
    let object = &request.object;
    let source = Source {
        bucket: vault.ingress.clone(),
        key: object.key.clone(),
        version_id: object.version_id.clone().unwrap_or_default(),
        size: 0,
        sha256: None,
    };
    let settled = match &object.version_id {
        Some(_) => has_copy(vault, &source).await?,
        None => has_copy_of_etag(vault, &source, object.etag.as_deref().unwrap_or_default()).await?,
    };
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

//! Step 4: says in the held copy's tags how it was judged, and deletes the version from ingress, once
//! its copy has been seen where the verdict says.

use super::{Vault, answer, given, seen_often_enough};
use crate::copies;
use crate::messages::{Answer, Failure, FailureKind, Request, Result, Source, Status, Verdict};
use crate::objects::{Head, Listed, Place, UNVERSIONED};

/// Deletes exactly the judged version.
pub(super) async fn delete_from_ingress(vault: &Vault, request: &Request) -> Result<Answer> {
    let (source, mut verdict) = given(request)?;
    let copy = match verdict.status {
        Status::VaultCopy if source.unchanged => return unchanged(vault, request, source, verdict).await,
        Status::VaultCopy => stored(vault, &source).await?,
        Status::IntegrityFail | Status::HasFindings | Status::JobCancelled | Status::NotAnalysed => {
            held(vault, request, &mut verdict).await?
        }
        _ => {
            let message = format!("nothing is deleted on status {:?}", verdict.status);
            return Err(Failure::new(FailureKind::InvalidInput, message));
        }
    };
    // A held copy that is gone may have been released to the vault by hand meanwhile.
    let copy = match copy {
        None => vault.vaulted(&source.key, &source.copy_id(), Some(source.size), source.uploaded_at).await?,
        copy => copy,
    };
    if copy.is_none() && verdict.status == Status::VaultCopy {
        let (key, version_id) = (source.key.as_str(), source.stored_version_id.as_deref());
        seen_often_enough(request, Place { bucket: &vault.vault, key, version_id })?;
    }
    prove(vault, &source, copy).await?;
    delete(vault, &source).await.map_err(Failure::after_verdict)?;
    Ok(answer(request, source, verdict))
}

/// The version first, and then what came with it: a file without its companion would wait for it.
pub(super) async fn delete(vault: &Vault, source: &Source) -> Result<()> {
    vault.objects.delete(&vault.ingress, &source.key, &source.version_id).await?;
    for companion in source.companions.iter().filter(|companion| companion.is_spent) {
        let key = format!("{}{}", source.key, companion.end);
        let versions = vault.objects.versions_of(&vault.ingress, &key).await?;
        let Some(at) = versions.iter().position(|it| it.version_id == companion.version_id) else { continue };
        // The lowest first, so that the next try finds what is left by it.
        for listed in empty_below(vault, source, &versions[at + 1..]).await?.into_iter().rev().chain([&versions[at]]) {
            vault.objects.delete(&vault.ingress, &key, &listed.version_id).await?;
        }
    }
    Ok(())
}

/// Deletes a version of ingress with which nothing is lost. If a retention or a policy keeps it, it stays, and nobody is told.
pub(super) async fn delete_spare(vault: &Vault, key: &str, version_id: &str) -> Result<()> {
    match vault.objects.delete(&vault.ingress, key, version_id).await {
        Err(failure) if failure.kind == FailureKind::Denied => Ok(()),
        deleted => deleted,
    }
}

/// The empty ones among the companions below a file's own, which are nothing but what that is. While another version of the
/// file is in ingress, they may be that one's.
async fn empty_below<'a>(vault: &Vault, source: &Source, below: &'a [Listed]) -> Result<Vec<&'a Listed>> {
    let empty: Vec<_> = below.iter().filter(|it| it.size == 0).collect();
    if empty.is_empty() || vault.objects.versions_of(&vault.ingress, &source.key).await?.is_empty() {
        return Ok(empty);
    }
    Ok(vec![])
}

/// The version for which another one in the vault stands: a version never changes, and its bytes were compared.
async fn unchanged(vault: &Vault, request: &Request, source: Source, verdict: Verdict) -> Result<Answer> {
    let place = Place { bucket: &vault.vault, key: &source.key, version_id: source.stored_version_id.as_deref() };
    match vault.objects.head(place).await?.filter(|head| place.version_id.is_some() && head.size == source.size) {
        Some(_) => delete(vault, &source).await.map_err(Failure::after_verdict)?,
        None => return Err(Failure::new(FailureKind::Missing, format!("{place} is gone: nothing is deleted"))),
    }
    Ok(answer(request, source, verdict))
}

/// The version that this execution has stored.
async fn stored(vault: &Vault, source: &Source) -> Result<Option<Head>> {
    let Some(version_id) = source.stored_version_id.as_deref() else { return Ok(None) };
    let place = Place { bucket: &vault.vault, key: &source.key, version_id: Some(version_id) };
    let id = source.copy_id();
    Ok(vault.objects.head(place).await?.filter(|head| head.metadata(copies::COPY) == Some(&id)))
}

/// The held version, tagged with the verdict.
async fn held(vault: &Vault, request: &Request, verdict: &mut Verdict) -> Result<Option<Head>> {
    let Some((head, [_, tags])) = vault.judged_copy(request, verdict).await? else { return Ok(None) };
    let tagged = vault.objects.put_tags(vault.analytics_copy(verdict), &tags).await?;
    Ok(tagged.map(|()| head))
}

/// The copy is there and has the bytes of what is about to be deleted. That the latter is gone
/// already, by an earlier try, is fine.
async fn prove(vault: &Vault, source: &Source, copy: Option<Head>) -> Result<()> {
    let place = Place { bucket: &vault.ingress, key: &source.key, version_id: Some(&source.version_id) };
    let Some(copy) = copy else {
        return Err(Failure::new(FailureKind::Missing, format!("no copy of {place} is left: it is not deleted")));
    };
    // A version never changes: what this execution has seen of it is what there is. That without an id may.
    if let Some(seen) = source.seen.as_ref().filter(|_| source.version_id != UNVERSIONED) {
        return seen.measures.prove(&copy.measures, &place);
    }
    match vault.objects.head(place).await? {
        Some(head) => head.prove(&copy, &place),
        None => Ok(()),
    }
}

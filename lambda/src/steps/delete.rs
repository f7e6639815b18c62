//! Step 4: deletes the version from ingress, once its copy has been seen where the verdict says.

use super::{Vault, answer, given};
use crate::messages::{Answer, Failure, FailureKind, Request, Result, Source, Status, Verdict};
use crate::objects::{Head, Place};

/// Deletes exactly the judged version.
pub(super) async fn delete_from_ingress(vault: &Vault, request: &Request) -> Result<Answer> {
    let (source, verdict) = given(request)?;
    let held = match verdict.status {
        Status::VaultCopy => None,
        Status::IntegrityFail | Status::HasFindings | Status::JobCancelled | Status::NotAnalysed => {
            held(vault, &verdict).await?
        }
        _ => {
            let message = format!("nothing is deleted on status {:?}", verdict.status);
            return Err(Failure::new(FailureKind::InvalidInput, message));
        }
    };
    // A held copy that is gone may have been released to the vault by hand meanwhile.
    let copy = match held {
        None => vault.vaulted(&source.key, &source.copy_id(), Some(source.size)).await?,
        held => held,
    };
    prove(vault, &source, copy).await?;
    vault.objects.delete(&vault.ingress, &source.key, &source.version_id).await?;
    Ok(answer(request, source, verdict))
}

async fn held(vault: &Vault, verdict: &Verdict) -> Result<Option<Head>> {
    let version_id = Some(verdict.analytics_version_id.as_str());
    vault.objects.head(Place { bucket: &vault.analytics, key: &verdict.analytics_key, version_id }).await
}

/// The copy is there and has the bytes of what is about to be deleted. That the latter is gone
/// already, by an earlier try, is fine.
async fn prove(vault: &Vault, source: &Source, copy: Option<Head>) -> Result<()> {
    let place = Place { bucket: &vault.ingress, key: &source.key, version_id: Some(&source.version_id) };
    let Some(copy) = copy else {
        return Err(Failure::new(FailureKind::Missing, format!("no copy of {place} is left: it is not deleted")));
    };
    match vault.objects.head(place).await? {
        Some(head) => head.prove(&copy, &place),
        None => Ok(()),
    }
}

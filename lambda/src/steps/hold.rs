//! With Macie: what holds a file, as its batch has answered it (`job`), becomes this execution's verdict.

use super::{Vault, answer, given};
use crate::messages::{Answer, Failure, FailureKind, Request, Result, Status};

/// Takes the answer over. Where the copy was gone, this execution looks whether it is in the vault by now.
pub(super) async fn hold_for_macie(vault: &Vault, request: &Request) -> Result<Answer> {
    let (source, verdict) = given(request)?;
    match verdict.status {
        Status::Gone => vault.copy_is_gone(request, source, verdict).await,
        Status::HasFindings | Status::JobCancelled | Status::NotAnalysed => Ok(answer(request, source, verdict)),
        other => Err(Failure::new(FailureKind::InvalidInput, format!("{other} is no answer that holds a file"))),
    }
}

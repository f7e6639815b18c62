//! What a check says.

use crate::aws::explained;
use crate::outcome::failure::Failure;
use crate::outcome::row::{Check, Health};
use anyhow::{Error, Result};

/// It is as it should be.
pub(super) fn good(name: &str, says: impl Into<String>) -> Check {
    Check { name: name.into(), state: Health::Good, says: says.into(), fix: None }
}

/// It is not, and this is what to do.
pub(super) fn found(state: Health, name: &str, says: impl Into<String>, fix: &str) -> Check {
    Check { name: name.into(), state, says: says.into(), fix: Some(fix.into()) }
}

/// It failed, and why.
pub(super) fn failed(state: Health, name: &str, error: &Error) -> Check {
    let Failure { what, why, fix, .. } = explained(error);
    found(state, name, format!("could not {what}: {why}"), &fix)
}

/// What was looked at, or why it could not be made.
pub(super) fn or_unknown(name: &str, checks: Result<Vec<Check>>) -> Vec<Check> {
    checks.unwrap_or_else(|error| vec![failed(Health::Unknown, name, &error)])
}

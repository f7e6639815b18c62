//! An older cvault repairs nothing of a stack that a newer one has made: it would undo what the newer one declares.

use crate::deploy::plan::Plan;
use crate::outcome::failure::Failure;
use crate::vault::resources::lambda_state::VERSION_TAG;
use crate::vault::steps;
use anyhow::{Result, bail};

/// Refuses a plan over a stack that a newer version has made.
///
/// # Errors
/// It is one: nothing was changed.
pub fn guard(plan: &Plan) -> Result<()> {
    let Some(theirs) = made_by(plan).filter(|theirs| is_newer(theirs, env!("CARGO_PKG_VERSION"))) else {
        return Ok(());
    };
    bail!(Failure::refused(
        format!("repair a stack of cvault {theirs}"),
        format!(
            "this is cvault {}, which is older, and would undo what the newer one has made",
            env!("CARGO_PKG_VERSION")
        ),
        format!("install cvault {theirs} or newer; or pass --downgrade to go back to this one")
    ));
}

/// The version that has made it, where that differs from ours.
pub fn made_by(plan: &Plan) -> Option<String> {
    let path = format!("/Tags/{VERSION_TAG}");
    let differences = &plan.step(steps::FUNCTION)?.differences;
    let tag = differences.iter().find(|difference| difference.path == path)?.is.as_str()?;
    tag.split(' ').next().map(str::to_owned)
}

/// Whether a version is newer than another; what is no version is not.
fn is_newer(one: &str, other: &str) -> bool {
    let numbers = |version: &str| {
        let release = version.split(['-', '+']).next().unwrap_or_default();
        release.split('.').map(|number| number.parse::<u64>().ok()).collect::<Option<Vec<_>>>()
    };
    matches!((numbers(one), numbers(other)), (Some(one), Some(other)) if one > other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbers() {
        for (one, other) in [("0.2.0", "0.1.9"), ("0.10.0", "0.9.0"), ("1.0.0", "0.99.99"), ("1.0.1-rc.1", "1.0.0")] {
            assert!(is_newer(one, other) && !is_newer(other, one), "{one} {other}");
        }
        for same in ["0.1.0", "", "x", "1.x"] {
            assert!(!is_newer(same, same) && !is_newer(same, "0.1.0"), "{same}");
        }
    }
}

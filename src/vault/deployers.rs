//! Who may change the vault bucket's settings, where the configuration says so.
//!
//! S3 takes a policy that locks out whoever writes it (truths S8), so that this is looked at before.

use crate::deploy::policy::is_like;
use crate::outcome::failure::Failure;
use crate::vault::names::Names;
use anyhow::{Result, bail};

/// Refuses a configuration by which this caller would lock itself out.
///
/// # Errors
/// There are deployers, and the caller is none of them, nor the account's root, who can always lift the policy.
pub fn guard(names: &Names, deployers: &[String], caller: &str) -> Result<()> {
    let root = format!("arn:{}:iam::{}:root", names.partition, names.account);
    if deployers.is_empty() || caller == root || deployers.iter().any(|deployer| is(deployer, caller)) {
        return Ok(());
    }
    bail!(Failure::refused(
        format!("let only the deployers change {}", names.bucket(crate::vault::names::Zone::Vault)),
        format!("{caller} is not among vault.deployers, and would lock itself out"),
        "add its user or role to vault.deployers, or run cvault as one of them"
    ))
}

/// Whether the caller that STS names is the principal of a configuration.
fn is(deployer: &str, caller: &str) -> bool {
    let parts: Vec<_> = caller.splitn(6, ':').collect();
    let ["arn", partition, "sts", "", account, name] = parts[..] else { return is_like(deployer, caller) };
    let Some(role) = name.strip_prefix("assumed-role/").and_then(|name| name.split('/').next()) else {
        return is_like(deployer, caller);
    };
    // The role's path is not in the session's ARN: whatever it is.
    let start = format!("arn:{partition}:iam::{account}:role/");
    let last = deployer.rsplit('/').next().unwrap_or_default();
    is_like(deployer, &format!("{start}{role}")) || is_like(last, role) && is_beginning_of(&start, deployer)
}

/// Whether a pattern may be one of what begins so.
fn is_beginning_of(start: &str, pattern: &str) -> bool {
    let plain = pattern.split(['*', '?']).next().unwrap_or_default();
    plain.starts_with(start) || start.starts_with(plain) && plain != pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(deployers: &[&str], caller: &str) -> bool {
        let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("x"));
        let deployers: Vec<_> = deployers.iter().map(|name| format!("arn:aws:iam::123456789012:{name}")).collect();
        guard(&names, &deployers, caller).is_ok()
    }

    #[test]
    fn whoever_would_lock_itself_out_is_refused() {
        let session = "arn:aws:sts::123456789012:assumed-role/deploy/GitHubActions";
        let single = "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_admin_0a1b/anna";
        let user = "arn:aws:iam::123456789012:user/ci/deploy";
        for (deployers, caller) in [
            (&[] as &[&str], user),
            (&["role/deploy"], session),
            (&["role/ci/deploy"], session),
            (&["role/other", "role/dep*"], session),
            (&["role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_admin_*"], single),
            (&["user/ci/deploy"], user),
            (&["user/*"], user),
            (&["role/deploy"], "arn:aws:iam::123456789012:root"),
        ] {
            assert!(passes(deployers, caller), "{deployers:?} {caller}");
        }
        for (deployers, caller) in [
            (&["role/deploy"] as &[&str], "arn:aws:sts::999999999999:assumed-role/deploy/x"),
            (&["role/deploy"], "arn:aws:iam::999999999999:root"),
            (&["role/deploy2", "user/deploy"], session),
            (&["role/deploy"], user),
            (&["role/?eploy2"], session),
        ] {
            assert!(!passes(deployers, caller), "{deployers:?} {caller}");
        }
    }
}

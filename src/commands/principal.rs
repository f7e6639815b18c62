//! The role behind a session, as IAM and `aws:PrincipalArn` name it: STS leaves its path out.

use super::Session;
use crate::aws::Answer;
use anyhow::Result;

/// The account and name of the role that a session is of; `None` for a user, the root and a federated user.
#[must_use]
pub(super) fn role_of(caller: &str) -> Option<(&str, &str)> {
    let parts: Vec<_> = caller.splitn(6, ':').collect();
    let role = parts.get(5)?.strip_prefix("assumed-role/")?.split('/').next()?;
    Some((parts[4], role))
}

/// The ARN of a role with its path. It is looked up, unless the configuration has it.
///
/// # Errors
/// IAM does not say it (iam:GetRole).
pub(super) async fn role_arn(session: &Session, (account, role): (&str, &str)) -> Result<String> {
    let is_declared = |arn: &&String| {
        let parts: Vec<_> = arn.splitn(6, ':').collect();
        let is_role = parts.len() == 6 && parts[4] == account && parts[5].starts_with("role/");
        is_role && !arn.contains(['*', '?']) && arn.rsplit('/').next() == Some(role)
    };
    // A name is one role's in an account, whatever its path.
    if let Some(declared) = session.settings.vault.releasers.iter().find(is_declared) {
        return Ok(declared.clone());
    }
    let found = session.aws.iam.get_role().role_name(role).send().await;
    let found = found.or_refused(format!("look up the ARN of role {role}"))?;
    Ok(found.role.map(|role| role.arn).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_its_role() {
        let session = "arn:aws:sts::123456789012:assumed-role/analyst/ana@example.com";
        assert_eq!(role_of(session), Some(("123456789012", "analyst")));
        let role = "arn:aws:iam::123456789012:role/ana";
        for other in [role, "arn:aws:iam::1:user/assumed-role/x", "arn:aws:sts::1:federated-user/ana", ""] {
            assert_eq!(role_of(other), None, "{other}");
        }
    }
}

//! What AWS refuses, for people: one table from its codes and words to what to do, looked up at the edge.

use super::refusal::Refusal;
use crate::outcome::failure::{AGAIN, Failure};

/// Rows are tried from top to bottom: a code (any, if empty), a part of the message (any, if
/// empty), the fix.
const FIXES: &[(&str, &str, &str)] = &[
    (
        "",
        "no credentials found in chain",
        "give credentials: AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role",
    ),
    ("", "credentials", "check the credentials: `aws sts get-caller-identity` must answer with the same profile"),
    ("ExpiredToken", "", "sign in again (`aws sso login`, or a new session); then run the same command again"),
    ("InvalidClientTokenId", "", "the access key is unknown to AWS: check the profile or AWS_ACCESS_KEY_ID"),
    ("UnrecognizedClientException", "", "the access key is unknown to AWS: check the profile or AWS_ACCESS_KEY_ID"),
    ("SignatureDoesNotMatch", "", "the secret key does not belong to the access key, or this machine's clock is wrong"),
    ("", "connection refused", "nothing listens at the endpoint: check AWS_ENDPOINT_URL, or unset it to reach AWS"),
    ("", "dns error", "check the region's name and the network"),
    (
        "",
        "explicit deny",
        "a service control policy, permissions boundary or session policy forbids it: ask who administers the account",
    ),
    (
        "",
        "iam:PassRole",
        "grant iam:PassRole on the stack's roles (`cvault policy` prints what is needed), then run the same command again",
    ),
    (
        "",
        "cannot be assumed",
        "the role's trust policy was changed or is blocked: run `cvault status` to see how, then `cvault up`",
    ),
    (
        "",
        "authorized to assume",
        "the role's trust policy was changed or is blocked: run `cvault status` to see how, then `cvault up`",
    ),
    (
        "",
        "Log Destination",
        "the orchestrator's role needs the log-delivery actions that definitions/policies/orchestrator.json lists; a boundary may take them away",
    ),
    (
        "",
        "KMS key does not exist or is not allowed",
        "the key's policy must let CloudWatch Logs use it for this log group: run `cvault status` to see how it differs, then `cvault up`",
    ),
    (
        "AccessDenied",
        "Macie is not enabled",
        "Macie was disabled meanwhile: run the same command again, with --enable-macie if it is to be enabled",
    ),
    (
        "AccessDenied",
        "Mfa Authentication",
        "MFA delete is on for this bucket: its root user must turn it off (`aws s3api put-bucket-versioning --mfa …`); then run `cvault down` again",
    ),
    (
        "AccessDenied",
        "macie2:",
        "grant the action to this identity (`cvault policy` prints what is needed), or choose --macie off to go without Macie",
    ),
    (
        "AccessDenied",
        "",
        "grant the action to this identity (`cvault policy` prints what is needed), then run the same command again",
    ),
    (
        "AuthorizationError",
        "",
        "grant the action to this identity (`cvault policy` prints what is needed), then run the same command again",
    ),
    (
        "BucketNotEmpty",
        "",
        "something landed in it meanwhile: run `cvault down` again, with --delete-data to delete it too",
    ),
    ("BucketAlreadyExists", "", "another account has a bucket of this name: choose another --stack or --id"),
    (
        "OperationAborted",
        "",
        "AWS is still busy with this bucket's name; run the same command again in a while (after a deletion up to some hours)",
    ),
    (
        "QueueDeletedRecently",
        "",
        "a queue's name is free again 60 seconds after its deletion; then run the same command again",
    ),
    (
        "StateMachineDeleting",
        "",
        "the old state machine still has running executions; run the same command again when they have ended",
    ),
    (
        "ConflictException",
        "administrator",
        "this account's Macie is managed by another account of the organisation: ask who administers it there",
    ),
    (
        "ServiceQuotaExceededException",
        "",
        "a quota of Macie's is reached: remove custom data identifiers, or raise it in the Service Quotas console",
    ),
    (
        "LimitExceededException",
        "",
        "a quota of the account is reached: raise it in the Service Quotas console, then run the same command again",
    ),
    ("Throttling", "", "AWS was asked too often, by others too: run the same command again in a while"),
];

/// The failure for any error: ours as it is, AWS's through the table.
#[must_use]
pub fn explained(error: &anyhow::Error) -> Failure {
    if let Some(failure) = error.downcast_ref::<Failure>() {
        return failure.clone();
    }
    if let Some(refusal) = error.downcast_ref::<Refusal>() {
        let (why, fix) = why_and_fix(refusal);
        Failure::new(refusal.what.clone(), why, fix)
    } else {
        let why = error.chain().skip(1).map(ToString::to_string).collect::<Vec<_>>().join(": ");
        let why = if why.is_empty() { "the lines above say more".to_owned() } else { why };
        Failure::new(error.to_string(), why, AGAIN)
    }
}

fn why_and_fix(refusal: &Refusal) -> (String, String) {
    let why = match (refusal.code.as_str(), refusal.status) {
        ("", 0) => refusal.message.clone(),
        ("", status) => format!("HTTP {status} {}", refusal.message).trim().to_owned(),
        ("NotFound", 404) if refusal.message.is_empty() => "it is not there".to_owned(),
        (code, _) if code.starts_with("cvault.") => refusal.message.clone(),
        (code, _) => format!("{code}: {}", refusal.message),
    };
    let fix = FIXES
        .iter()
        .find(|(code, text, _)| (code.is_empty() || refusal.is(&[code])) && (text.is_empty() || refusal.says(text)))
        .map_or(AGAIN, |(.., fix)| fix);
    (why, fix.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::failure::Exit;

    fn refusal(code: &str, message: &str, status: u16) -> anyhow::Error {
        Refusal { what: "create function x".into(), code: code.into(), message: message.into(), status }.into()
    }

    #[test]
    fn a_refusal_keeps_what_and_why_and_gains_a_fix() {
        let failure = explained(&refusal("AccessDeniedException", "not authorized to perform: iam:PassRole", 403));
        assert_eq!(failure.what, "create function x");
        assert_eq!(failure.why, "AccessDeniedException: not authorized to perform: iam:PassRole");
        assert!(failure.fix.contains("iam:PassRole"), "{}", failure.fix);
    }

    #[test]
    fn no_answer_says_so() {
        let failure = explained(&refusal("", "dispatch failure: io error: Connection refused (os error 111)", 0));
        assert!(failure.fix.contains("AWS_ENDPOINT_URL"), "{}", failure.fix);
    }

    #[test]
    fn our_own_failures_pass_through_context() {
        let error = anyhow::Error::from(Failure::refused("a", "b", "c")).context("while doing d");
        assert_eq!(explained(&error).exit, Exit::Refused);
    }

    #[test]
    fn every_row_says_something_and_is_reachable() {
        for (row, (code, text, fix)) in FIXES.iter().enumerate() {
            assert!(!(fix.is_empty() || code.is_empty() && text.is_empty()));
            let refusal = Refusal { what: String::new(), code: (*code).into(), message: (*text).into(), status: 400 };
            assert_eq!(why_and_fix(&refusal).1, *fix, "row {row} is hidden by one above");
        }
    }
}

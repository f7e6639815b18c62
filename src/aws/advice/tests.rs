//! What is said to people of each text that AWS and the SDK send.

mod texts;

use super::{ANSWERED, Row, UNANSWERED};
use crate::aws::caller::WHO;
use crate::aws::explained::row;
use crate::aws::refusal::Refusal;
use crate::aws::{Kind, explained};
use std::fmt::Write;
use texts::Text;

fn refusal(what: &str, (code, status, message, _): &Text) -> Refusal {
    let [what, code, message] = [what, *code, *message].map(str::to_owned);
    Refusal { what, code, message, status: *status }
}

/// All texts, each with its source.
fn all() -> impl Iterator<Item = (&'static str, &'static Text)> {
    let groups = texts::UNANSWERED.iter().chain(texts::ANSWERED);
    groups.flat_map(|(source, texts)| texts.iter().map(move |text| (*source, text)))
}

#[test]
fn each_text_gets_its_advice() {
    for (source, text) in all() {
        let fix = explained(&refusal("read topic x", text).into()).fix;
        assert!(fix.contains(text.3), "{source}: {}: {}\n{fix}", text.0, text.2);
    }
}

/// A row that no text of AWS's reaches is a guess, or is hidden by one above.
#[test]
fn each_row_is_there_for_a_text() {
    let taken: Vec<_> = all().filter_map(|(_, text)| row(&refusal("read topic x", text))).collect();
    let is_taken = |row: &&Row| taken.iter().any(|taken| std::ptr::eq(*taken, *row));
    let idle: Vec<_> = UNANSWERED.iter().chain(ANSWERED).filter(|row| !is_taken(row)).collect();
    assert_eq!(idle, Vec::<&Row>::new());
}

/// To be read as a user reads it.
#[test]
fn what_people_are_told() {
    let mut told = String::new();
    for (source, texts) in texts::UNANSWERED.iter().chain(texts::ANSWERED) {
        let _ = writeln!(told, "# {source}\n");
        for text in *texts {
            let failure = explained(&refusal("read topic x", text).into());
            let _ = writeln!(told, "{failure}\n");
        }
    }
    insta::assert_snapshot!(told);
}

/// A denial of an action by a policy, in the words of IAM.
fn denied(by: &str) -> String {
    format!(
        "User: arn:aws:sts::123456789012:assumed-role/deployer/ci is not authorized to perform: sns:CreateTopic on resource: \
         arn:aws:sns:eu-west-1:123456789012:cyber_vault_notification-x {by}"
    )
}

#[test]
fn each_type_of_policy_has_its_own_advice() {
    let types = [
        ("service control policy", "organisation"),
        ("resource control policy", "organisation"),
        ("permissions boundary", "boundary of this identity"),
        ("session policy", "policy of this session"),
        ("VPC endpoint policy", "administers the network"),
        ("resource-based policy", "resource's own policy"),
        ("role trust policy", "trust policy must let"),
    ];
    for (kind, advice) in types {
        let implicit = match kind {
            "permissions boundary" => denied("because no permissions boundary allows the sns:CreateTopic action"),
            _ => denied(&format!("because no {kind} allows the sns:CreateTopic action")),
        };
        let article = if kind.starts_with(['a', 'e', 'i']) { "an" } else { "a" };
        let explicit = denied(&format!("with an explicit deny in {article} {kind}"));
        let with_arn = format!("{explicit}: arn:aws:organizations::987654321098:policy/o-qv5af4abcd/{kind}/p-2kgnabcd");
        for text in [implicit, explicit, with_arn] {
            for code in ["AccessDenied", "AccessDeniedException", "AuthorizationError"] {
                let refusal = Refusal { what: String::new(), code: code.into(), message: text.clone(), status: 403 };
                assert_eq!(refusal.kind(), Kind::Denied, "no wait helps: {text}");
                let fix = explained(&refusal.into()).fix;
                assert!(fix.contains(advice) && !fix.contains("grant the action"), "{text}: {fix}");
            }
        }
    }
    let of_identity = denied("because no identity-based policy allows the sns:CreateTopic action");
    let explicit = denied("with an explicit deny in an identity-based policy");
    for (text, advice) in [(of_identity, "grant the action"), (explicit, "granting does not help")] {
        let refusal = Refusal { what: String::new(), code: "AccessDenied".into(), message: text, status: 403 };
        assert!(explained(&refusal.into()).fix.contains(advice), "{advice}");
    }
}

#[test]
fn without_macie_is_a_way_out_of_every_denial_of_macies() {
    for by in [
        "with an explicit deny in a service control policy",
        "because no service control policy allows the macie2:GetMacieSession action",
        "because no identity-based policy allows the macie2:GetMacieSession action",
        "because no permissions boundary allows the macie2:GetMacieSession action",
    ] {
        let text = format!("User: arn:aws:iam::1:user/x is not authorized to perform: macie2:GetMacieSession {by}");
        let refusal = Refusal { what: String::new(), code: "AccessDeniedException".into(), message: text, status: 403 };
        assert!(explained(&refusal.into()).fix.contains("--macie off"), "{by}");
    }
}

/// One text for two reasons: what was asked tells which.
#[test]
fn keys_that_are_not_known() {
    let invalid = "The security token included in the request is invalid.";
    let texts = [
        ("InvalidClientTokenId", 403, invalid, ""),
        ("UnrecognizedClientException", 400, "The security token included in the request is invalid", ""),
        ("InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records.", ""),
        ("InvalidToken", 400, "The provided token is malformed or otherwise invalid.", ""),
    ];
    for text in texts {
        let [first, later] = [WHO, "read topic x"].map(|what| explained(&refusal(what, &text).into()).fix);
        assert!(first.contains("check the profile") && first.contains("not enabled this region"), "{first}");
        assert!(later.starts_with("STS knows the access key") && !later.contains("check the profile"), "{later}");
    }
}

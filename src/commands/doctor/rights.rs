//! Whether the identity may do what `up` and `down` do: IAM itself is asked about the very actions of `cvault policy`.

use super::check::{found, good, or_unknown};
use crate::aws::Answer;
use crate::commands::{Session, rights as needed};
use crate::deploy::permission::{self, Phase};
use crate::deploy::policy::texts;
use crate::outcome::row::{Check, Health};
use crate::vault::macie::Macie;
use anyhow::Result;
use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, PolicyEvaluationDecisionType};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::Value;

const NAME: &str = "rights";
/// How many of IAM's small control plane are asked at once.
const TOGETHER: usize = 4;

pub(super) async fn rights(session: &Session, macie: &Macie) -> Vec<Check> {
    or_unknown(NAME, simulated(session, macie).await)
}

async fn simulated(session: &Session, macie: &Macie) -> Result<Vec<Check>> {
    let Some(principal) = principal(&session.caller) else {
        let says =
            format!("IAM has no policies of {} to look at: the account's root may do everything", session.caller);
        return Ok(vec![found(
            Health::Warning,
            NAME,
            says,
            "use a role of its own with what `cvault policy --for up --for down` prints",
        )]);
    };
    let needed = needed::of_the_stack(&session.settings, &session.names, macie)?;
    let document = permission::policy(&needed, &[Phase::Observe, Phase::Apply, Phase::Delete]);
    let statements = document["Statement"].as_array().cloned().unwrap_or_default();
    let asked = stream::iter(&statements).map(async |statement| denied(session, &principal, statement).await);
    let denied: Vec<Vec<String>> = asked.buffered(TOGETHER).try_collect().await?;
    let mut denied = denied.concat();
    denied.sort();
    denied.dedup();
    Ok(vec![if denied.is_empty() {
        let says = format!("{principal} may do all that `up` and `down` do, as far as its own policies say");
        good(NAME, says)
    } else {
        let says = format!("{principal} may not: {}", denied.join(", "));
        found(
            Health::Bad,
            NAME,
            says,
            "grant these: `cvault policy --for up --for down` prints them with their resources",
        )
    }])
}

/// The actions of a statement that are not allowed on one of its resources.
async fn denied(session: &Session, principal: &str, statement: &Value) -> Result<Vec<String>> {
    let texts = |name: &str| texts(&statement[name]).map(str::to_owned).collect::<Vec<_>>();
    let simulate = session.aws.iam.simulate_principal_policy().policy_source_arn(principal);
    let simulate = simulate.set_action_names(Some(texts("Action"))).set_resource_arns(Some(texts("Resource")));
    let simulate = simulate.set_context_entries(context(&statement["Condition"])).into_paginator().items();
    let results = session.aws.iam_call(simulate.send().collect::<Result<Vec<_>, _>>()).await;
    let results = results.or_refused("ask IAM what this identity may do (iam:SimulatePrincipalPolicy)")?;
    let refused = results.into_iter().filter(|it| it.eval_decision != PolicyEvaluationDecisionType::Allowed);
    Ok(refused.map(|it| it.eval_action_name).collect())
}

/// What a request has that fulfils a statement's conditions, all of which are equalities of texts. Where there is none,
/// the field is left out: an empty list is none that IAM's model knows.
fn context(condition: &Value) -> Option<Vec<ContextEntry>> {
    let pairs =
        condition.as_object().into_iter().flatten().flat_map(|(_, pairs)| pairs.as_object().into_iter().flatten());
    let entry = |(key, value): (&String, &Value)| {
        let entry = ContextEntry::builder().context_key_name(key).context_key_type(ContextKeyTypeEnum::String);
        entry.context_key_values(value.as_str().unwrap_or_default()).build()
    };
    Some(pairs.map(entry).collect()).filter(|entries: &Vec<_>| !entries.is_empty())
}

/// Whose policies IAM looks at: of a session its role's, without the path that its ARN does not say.
fn principal(caller: &str) -> Option<String> {
    let (before, resource) = caller.rsplit_once(':')?;
    let (kind, rest) = resource.split_once('/')?;
    match kind {
        "user" => Some(caller.to_owned()),
        "assumed-role" => {
            let (role, _) = rest.split_once('/')?;
            Some(format!("{}:role/{role}", before.replacen(":sts:", ":iam:", 1)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_session_has_the_policies_of_its_role() {
        let principal = |caller: &str| principal(caller);
        assert_eq!(
            principal("arn:aws:sts::123456789012:assumed-role/deployer/run-7").as_deref(),
            Some("arn:aws:iam::123456789012:role/deployer")
        );
        assert_eq!(principal("arn:aws:iam::1:user/ops/ana").as_deref(), Some("arn:aws:iam::1:user/ops/ana"));
        for none in ["arn:aws:iam::1:root", "arn:aws:sts::1:federated-user/ana", ""] {
            assert_eq!(principal(none), None);
        }
    }

    #[test]
    fn conditions_are_fulfilled_by_what_is_asked_with() {
        let entries = context(&json!({"StringEquals": {"aws:ResourceTag/cvault:id": "x", "iam:PassedToService": "s"}}));
        let entries = entries.unwrap();
        let pairs: Vec<_> =
            entries.iter().map(|it| (it.context_key_name().unwrap(), it.context_key_values()[0].as_str())).collect();
        assert_eq!(pairs, [("aws:ResourceTag/cvault:id", "x"), ("iam:PassedToService", "s")]);
        assert!(context(&Value::Null).is_none());
    }
}

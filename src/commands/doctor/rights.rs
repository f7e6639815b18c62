//! Whether the identity may do what is asked: IAM itself is asked about the very actions of `cvault policy`.

use super::check::{found, good, or_unknown};
use crate::aws::{Answer, Refusal, explained};
use crate::commands::Session;
use crate::commands::policy::{Deeds, needed};
use crate::commands::principal::{role_arn, role_of};
use crate::deploy::policy::texts;
use crate::outcome::failure::Failure;
use crate::outcome::row::{Check, Health};
use crate::vault::macie::Macie;
use anyhow::{Error, Result};
use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, PolicyEvaluationDecisionType};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::Value;
use std::collections::BTreeMap;

const NAME: &str = "rights";
/// How many of IAM's small control plane are asked at once.
const TOGETHER: usize = 4;

/// Which rights are asked for.
#[derive(Debug)]
pub struct Asked {
    /// What the identity is to be able to do.
    pub deeds: Deeds,
    /// The options of `policy` that mean the same.
    pub written: String,
    /// Whether the user has named it. Who has not may be no deployer at all.
    pub is_named: bool,
}

/// What IAM says.
pub(super) enum Judged {
    /// It has no policies of this caller to look at.
    Unseen(String),
    /// What this principal may not do.
    Denied(String, Vec<String>),
}

/// Asks IAM about each action on the resources that it is needed on.
pub(super) async fn judged(session: &Session, macie: &Macie, asked: &Asked) -> Result<Judged> {
    let Some((principal, guessed)) = principal(session).await else {
        return Ok(Judged::Unseen(session.caller.clone()));
    };
    let document = needed(&session.settings, &session.names, macie, &asked.deeds)?;
    let questions: Vec<_> = document["Statement"].as_array().into_iter().flatten().flat_map(questions).collect();
    let answers = stream::iter(&questions).map(async |question| denied(session, &principal, question).await);
    let denied: Result<Vec<Vec<String>>> = answers.buffered(TOGETHER).try_collect().await;
    let mut denied = denied.map_err(|error| with_guess(error, &principal, guessed.as_ref()))?.concat();
    denied.sort();
    denied.dedup();
    Ok(Judged::Denied(principal, denied))
}

/// What is to be said of it. Who has not said what the identity is for may run it as anybody: where the stack is there,
/// nobody has to be able to make and remove it.
pub(super) fn rights(judged: Result<Judged>, asked: &Asked, is_there: bool) -> Vec<Check> {
    or_unknown(NAME, judged.map(|judged| vec![said(judged, asked, is_there)]))
}

fn said(judged: Judged, Asked { written, is_named, .. }: &Asked, is_there: bool) -> Check {
    let (principal, denied) = match judged {
        Judged::Denied(principal, denied) => (principal, denied.join(", ")),
        Judged::Unseen(caller) => {
            let says = format!("IAM has no policies of {caller} to look at: the account's root may do everything");
            let fix = format!("use a role of its own with what `cvault policy {written}` prints");
            return found(Health::Warning, NAME, says, &fix);
        }
    };
    if denied.is_empty() {
        let says = format!("{principal} may do all of `cvault policy {written}`, as far as its own policies say");
        return good(NAME, says);
    }
    let grant = format!("`cvault policy {written}` prints them with their resources");
    if *is_named || !is_there {
        return found(Health::Bad, NAME, format!("{principal} may not: {denied}"), &format!("grant these: {grant}"));
    }
    let says = format!("{principal} may not make, repair and remove the stack: {denied}");
    let fix = format!(
        "nothing, if it is not to do that: `cvault doctor --for reader`, say, asks for what somebody else needs. If it \
         is, {grant}"
    );
    found(Health::Warning, NAME, says, &fix)
}

/// Actions of one service, on what of a statement is that service's.
struct Question {
    actions: Vec<String>,
    resources: Vec<String>,
    context: Option<Vec<ContextEntry>>,
}

/// A statement may be about several services, and whose policy has them apart allows no action on what is another
/// service's.
fn questions(statement: &Value) -> Vec<Question> {
    let mut by_service = BTreeMap::<&str, Vec<String>>::new();
    for action in texts(&statement["Action"]) {
        let service = action.split(':').next().unwrap_or_default();
        by_service.entry(service).or_default().push(action.to_owned());
    }
    let is_of = |arn: &str, service: &str| arn == "*" || arn.split(':').nth(2) == Some(service);
    let question = |(service, actions)| {
        let resources = texts(&statement["Resource"]).filter(|arn| is_of(arn, service)).map(str::to_owned);
        Question { actions, resources: resources.collect(), context: context(&statement["Condition"]) }
    };
    // An action of a service that nothing here is of means nothing.
    by_service.into_iter().map(question).filter(|question| !question.resources.is_empty()).collect()
}

/// The actions that are not allowed on one of the resources.
async fn denied(session: &Session, principal: &str, question: &Question) -> Result<Vec<String>> {
    let Question { actions, resources, context } = question;
    let simulate = session.aws.iam.simulate_principal_policy().policy_source_arn(principal);
    let simulate = simulate.set_action_names(Some(actions.clone())).set_resource_arns(Some(resources.clone()));
    let simulate = simulate.set_context_entries(context.clone()).into_paginator().items();
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

/// Whose policies IAM looks at: of a session its role's. Where its path may not be looked up it is taken to have none,
/// and why comes with it: IAM says so if there is no such role.
async fn principal(session: &Session) -> Option<(String, Option<Error>)> {
    let caller = &session.caller;
    let Some(role) = role_of(caller) else {
        let is_user = caller.splitn(6, ':').nth(5).is_some_and(|resource| resource.starts_with("user/"));
        return is_user.then(|| (caller.clone(), None));
    };
    Some(match role_arn(session, role).await {
        Ok(arn) => (arn, None),
        Err(error) => {
            let (account, name) = role;
            (format!("arn:{}:iam::{account}:role/{name}", session.names.partition), Some(error))
        }
    })
}

/// The error, with what was guessed of the principal where that is why.
fn with_guess(error: Error, principal: &str, guessed: Option<&Error>) -> Error {
    let is_unknown = error.downcast_ref::<Refusal>().is_some_and(|refusal| refusal.is(&["NoSuchEntity"]));
    let Some(lookup) = guessed.filter(|_| is_unknown) else { return error };
    let Failure { what, why, .. } = explained(lookup);
    let why = format!("there is no role {principal}: it has a path, and cvault could not {what}: {why}");
    let fix = "grant iam:GetRole on that role, as `cvault policy --for doctor` does";
    Failure::new("ask IAM what this identity may do", why, fix).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn conditions_are_fulfilled_by_what_is_asked_with() {
        let entries = context(&json!({"StringEquals": {"aws:ResourceTag/cvault:id": "x", "iam:PassedToService": "s"}}));
        let entries = entries.unwrap();
        let pairs: Vec<_> =
            entries.iter().map(|it| (it.context_key_name().unwrap(), it.context_key_values()[0].as_str())).collect();
        assert_eq!(pairs, [("aws:ResourceTag/cvault:id", "x"), ("iam:PassedToService", "s")]);
        assert!(context(&Value::Null).is_none());
    }

    #[test]
    fn no_action_is_asked_for_on_another_services_resource() {
        let statement = json!({"Action": ["kms:Decrypt", "sns:Publish", "sns:Subscribe"],
            "Resource": ["arn:aws:kms:eu-west-1:1:key/*", "arn:aws:sns:eu-west-1:1:topic"]});
        let asked: Vec<_> = questions(&statement).into_iter().map(|it| (it.actions, it.resources)).collect();
        let of = |actions: &[&str], resource: &str| {
            (actions.iter().map(|action| (*action).to_owned()).collect::<Vec<_>>(), vec![resource.to_owned()])
        };
        let expected = [
            of(&["kms:Decrypt"], "arn:aws:kms:eu-west-1:1:key/*"),
            of(&["sns:Publish", "sns:Subscribe"], "arn:aws:sns:eu-west-1:1:topic"),
        ];
        assert_eq!(asked, expected);
        assert_eq!(questions(&json!({"Action": ["s3:ListAllMyBuckets"], "Resource": ["*"]}))[0].resources, ["*"]);
    }

    #[test]
    fn who_is_no_deployer_is_only_told_so_once_there_is_a_stack() {
        let said = |denied: &[&str], is_named: bool, is_there: bool| {
            let deeds = Deeds { phases: vec![], existing_key: false };
            let asked = Asked { deeds, written: "--for up".into(), is_named };
            let denied = denied.iter().map(|action| (*action).to_owned()).collect();
            said(Judged::Denied("p".into(), denied), &asked, is_there).state
        };
        assert_eq!(said(&[], false, false), Health::Good);
        assert_eq!(said(&["s3:CreateBucket"], false, false), Health::Bad);
        assert_eq!(said(&["s3:CreateBucket"], false, true), Health::Warning);
        assert_eq!(said(&["s3:CreateBucket"], true, true), Health::Bad);
    }
}

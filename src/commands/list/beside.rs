//! What of a stack is looked for by its name alone: the stack was found by the tags of its buckets, function and state
//! machine, and its other names follow from its id.

use super::super::Session;
use crate::aws::{Answer, Kind, Refusal};
use crate::deploy::permission::{Permission, Phase};
use crate::vault::names::{Names, Zone};
use crate::vault::steps;
use anyhow::Result;
use std::collections::BTreeSet;

/// How the names of all rules of all stacks begin.
const RULES: &str = "cyber_vault_";

/// The names of the topics and the rules of account and region: `None` where they may not be listed.
pub(super) async fn names(session: &Session) -> Result<Option<BTreeSet<String>>> {
    let (topics, rules) = futures::try_join!(topics(session), rules(session))?;
    Ok(topics.zip(rules).map(|(topics, rules)| topics.into_iter().chain(rules).collect()))
}

/// What these names are looked for as: its logical name, and AWS's.
pub(super) fn wanted(names: &Names, topic_arn: Option<&str>) -> Vec<(String, String)> {
    let machines = [(steps::EXPRESS, names.express()), (steps::SWEEP, names.sweep())];
    let machines = machines.map(|(logical, name)| (logical.to_owned(), name));
    // The function says which topic it uses; another's is looked at by `status`.
    let is_own = topic_arn.is_some_and(|arn| arn == names.own_topic_arn());
    let topic = is_own.then(|| (steps::TOPIC.to_owned(), names.own_topic()));
    let [ingress, _, vault] = Zone::ALL.map(|zone| zone.to_string());
    let rules = [ingress, vault, "failures".into(), "sweep".into()];
    let rules = rules.map(|what| (steps::rule(&what), names.rule(&what)));
    machines.into_iter().chain(topic).chain(rules).collect()
}

/// What that reads, of account and region.
pub(super) fn permission() -> Permission {
    Permission::new(Phase::List, &["events:ListRules", "sns:ListTopics"], ["*".into()])
}

/// Whoever has the rights of an older cvault is told what it can tell.
fn is_denied(refusal: &Refusal) -> bool {
    refusal.kind() == Kind::Denied
}

async fn topics(session: &Session) -> Result<Option<Vec<String>>> {
    let mut pages = session.aws.sns.list_topics().into_paginator().send();
    let mut found = vec![];
    while let Some(page) = pages.next().await {
        let Some(page) = page.or_none_if(is_denied, "list the account's topics")? else { return Ok(None) };
        let arns = page.topics.unwrap_or_default().into_iter().filter_map(|topic| topic.topic_arn);
        found.extend(arns.filter_map(|arn| Some(arn.rsplit(':').next()?.to_owned())));
    }
    Ok(Some(found))
}

async fn rules(session: &Session) -> Result<Option<Vec<String>>> {
    let (mut found, mut next) = (vec![], None);
    loop {
        let list = session.aws.eventbridge.list_rules().name_prefix(RULES).set_next_token(next).send().await;
        let Some(page) = list.or_none_if(is_denied, "list the account's rules")? else { return Ok(None) };
        found.extend(page.rules.unwrap_or_default().into_iter().filter_map(|rule| rule.name));
        next = page.next_token;
        if next.is_none() {
            return Ok(Some(found));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_for_has_the_stack_s_names() {
        let names = Names::new("aws", "123456789012", "eu-west-1", "prod", Some("x"));
        let of = |topic: Option<&str>| -> Vec<_> {
            wanted(&names, topic).into_iter().map(|(logical, name)| format!("{logical} {name}")).collect()
        };
        let own = of(Some("arn:aws:sns:eu-west-1:123456789012:cyber_vault_notification-x"));
        assert_eq!(
            own,
            [
                "state-machine/express CyberVaultOrquestratorExpress-x",
                "state-machine/sweep CyberVaultSweep-x",
                "topic cyber_vault_notification-x",
                "rule/ingress cyber_vault_ingress-x",
                "rule/vault cyber_vault_vault-x",
                "rule/failures cyber_vault_failures-x",
                "rule/sweep cyber_vault_sweep-x",
            ]
        );
        for other in [None, Some("arn:aws:sns:eu-west-1:123456789012:acme")] {
            assert!(!of(other).iter().any(|it| it.starts_with("topic")), "nobody knows of an own one");
        }
        assert!(own.iter().filter(|it| it.starts_with("rule/")).all(|it| it.contains(&format!(" {RULES}"))));
    }
}

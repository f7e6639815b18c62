//! A topic that was there before the stack, and is used as it is: its policy, its key and its tags are its owner's.
//! That its policy lets alarms tell it is looked at, and refused where it does not.

use super::sns_topic::Topic;
use crate::aws::{Answer, Aws};
use crate::deploy::permission::{Permission, Phase};
use crate::deploy::plan::{Change, Standing};
use crate::deploy::policy::Policy;
use crate::deploy::resource::{Observed, Resource};
use crate::vault::names::Names;
use crate::vault::steps;
use anyhow::{Result, bail};
use serde::Serialize;
use std::collections::BTreeMap;

/// The topic that the configuration names.
pub struct ExistingTopic {
    names: Names,
    /// Whether alarms tell it.
    has_alarms: bool,
}

/// What is needed of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct State {
    topic_arn: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    policy_allows: BTreeMap<&'static str, bool>,
}

/// Who publishes for an alarm.
const ALARMS: &str = "cloudwatch.amazonaws.com";

impl ExistingTopic {
    /// The topic of these names, which alarms tell or do not.
    #[must_use]
    pub fn new(names: &Names, has_alarms: bool) -> Self {
        Self { names: names.clone(), has_alarms }
    }

    fn state(&self, lets_alarms: bool) -> State {
        let policy_allows = self.has_alarms.then_some((ALARMS, lets_alarms)).into_iter().collect();
        State { topic_arn: self.names.topic_arn(), policy_allows }
    }
}

/// As SNS's own first policy does, which lets everybody of the account.
fn lets_alarms(policy: &Policy) -> bool {
    policy.names("Service", &[ALARMS.to_owned()], "sns:Publish") || policy.names("AWS", &[], "sns:Publish")
}

impl Resource for ExistingTopic {
    type State = State;
    const TYPE: &'static str = Topic::TYPE;

    fn name(&self) -> String {
        steps::TOPIC.into()
    }

    fn id(&self) -> Option<String> {
        Some(self.names.topic())
    }

    fn arn(&self) -> Option<String> {
        Some(self.names.topic_arn())
    }

    fn standing(&self) -> Standing {
        Standing::Shared
    }

    fn desired(&self) -> State {
        self.state(true)
    }

    async fn observe(&self, aws: &Aws) -> Result<Observed<State>> {
        let read = aws.sns.get_topic_attributes().topic_arn(self.names.topic_arn()).send().await;
        let found = read.or_absent(format!("read topic {}", self.names.topic()))?;
        let Some(attributes) = found.and_then(|found| found.attributes) else {
            return Ok(Observed::absent().noted("not there, and not cvault's to make"));
        };
        let attribute = |name: &str| attributes.get(name).map(String::as_str).unwrap_or_default();
        let observed = Observed::present(self.state(lets_alarms(&Policy::parse(attribute("Policy")))));
        Ok(match attribute("KmsMasterKeyId") {
            "" => observed.noted("not encrypted with a key: its owner can give it one"),
            _ => observed,
        })
    }

    async fn apply(&self, _: &Aws, _: &Change) -> Result<()> {
        // Before a plan is carried out it is refused where this is missing: it was removed meanwhile.
        bail!("use topic {}: it is gone", self.names.topic())
    }

    async fn delete(&self, _: &Aws) -> Result<()> {
        // Never reached: what is shared stays.
        Ok(())
    }

    fn permissions(&self) -> Vec<Permission> {
        let on = |phase, actions| Permission::new(phase, actions, [self.names.topic_arn()]);
        vec![
            on(Phase::Observe, &["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"]),
            on(Phase::Apply, &["sns:Subscribe"]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn alarms_are_let_by_name_or_with_everybody() {
        let lets = |principal: serde_json::Value| {
            let statement =
                json!({"Effect": "Allow", "Principal": principal, "Action": "SNS:Publish", "Resource": "*"});
            lets_alarms(&json!({"Statement": [statement]}).into())
        };
        assert!(lets(json!({"AWS": "*"})) && lets(json!({"Service": ["events.amazonaws.com", ALARMS]})));
        assert!(!lets(json!({"AWS": "arn:aws:iam::123456789012:root"})), "a service is not an identity of an account");
        assert!(!lets(json!({"Service": "events.amazonaws.com"})));
    }
}

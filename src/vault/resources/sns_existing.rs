//! A topic that was there before the stack, and is used as it is: its policy, its key and its tags are its owner's.

use super::sns_topic::Topic;
use crate::aws::{Answer, Aws};
use crate::deploy::permission::{Permission, Phase};
use crate::deploy::plan::{Change, Standing};
use crate::deploy::resource::{Observed, Resource};
use crate::vault::names::Names;
use crate::vault::steps;
use anyhow::{Result, bail};
use serde::Serialize;

/// The topic that the configuration names.
pub struct ExistingTopic {
    names: Names,
}

/// That it is there is all that is wanted of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct State {
    topic_arn: String,
}

impl ExistingTopic {
    /// The topic of these names.
    #[must_use]
    pub fn new(names: &Names) -> Self {
        Self { names: names.clone() }
    }
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
        State { topic_arn: self.names.topic_arn() }
    }

    async fn observe(&self, aws: &Aws) -> Result<Observed<State>> {
        let read = aws.sns.get_topic_attributes().topic_arn(self.names.topic_arn()).send().await;
        let found = read.or_absent(format!("read topic {}", self.names.topic()))?;
        Ok(match found.and_then(|found| found.attributes) {
            None => Observed::absent().noted("not there, and not cvault's to make"),
            Some(attributes) if attributes.get("KmsMasterKeyId").is_some_and(|key| !key.is_empty()) => {
                Observed::present(self.desired())
            }
            Some(_) => Observed::present(self.desired()).noted("not encrypted with a key: its owner can give it one"),
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

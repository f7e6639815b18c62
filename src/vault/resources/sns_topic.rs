//! The topic that carries the e-mails about held files: encrypted with the stack's key.

use crate::aws::{Answer, Aws, PROPAGATION};
use crate::deploy::beside::{Parted, Tolerance};
use crate::deploy::permission::{Permission, Phase};
use crate::deploy::plan::Change;
use crate::deploy::policy::Policy;
use crate::deploy::resource::{Assigned, Observed, Resource};
use crate::vault::definitions::{Document, statement_names};
use crate::vault::names::{Existing, Names};
use crate::vault::steps;
use crate::vault::tags::tagged;
use anyhow::Result;
use serde::Serialize;
use std::collections::BTreeMap;

/// What others may be allowed by its policy: to be told, and to tell.
const TOLERATED: &[&str] = &["sns:GetTopicAttributes", "sns:Publish", "sns:Subscribe"];

/// The topic of a stack.
pub struct Topic {
    names: Names,
    key_arn: Assigned,
    policy: Document,
    prunes: bool,
    outdated: bool,
}

/// What is declared of it, under the names of `GetTopicAttributes`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct State {
    kms_master_key_id: String,
    policy: Policy,
    tags: BTreeMap<String, String>,
}

impl Topic {
    /// The topic, encrypted with the key.
    #[must_use]
    pub fn new(names: &Names, key_arn: &Assigned, policy: Document) -> Self {
        Self { names: names.clone(), key_arn: key_arn.clone(), policy, prunes: false, outdated: false }
    }

    /// The stack's own where another is used by now.
    #[must_use]
    pub fn outdated(names: &Names, key_arn: &Assigned, policy: Document) -> Self {
        let own = Names { existing: Existing::default(), ..names.clone() };
        Self { outdated: true, ..Self::new(&own, key_arn, policy) }
    }

    /// The same, from which addresses may be removed that are not declared.
    #[must_use]
    pub fn pruned(self, prunes: bool) -> Self {
        Self { prunes, ..self }
    }

    /// The policy to be written: ours, and what others have added to the one that is there.
    async fn policy(&self, aws: &Aws) -> Result<String> {
        let read = aws.sns.get_topic_attributes().topic_arn(self.names.topic_arn()).send().await;
        let read = read.or_refused(format!("read topic {}", self.names.topic()))?.attributes.unwrap_or_default();
        let found = read.get("Policy").map(String::as_str).unwrap_or_default();
        Ok(parted(found, &self.names.account).joined(&self.policy.value()).to_string())
    }
}

fn parted(policy: &str, account: &str) -> Parted {
    let (own_names, account) = (statement_names(), account.to_owned());
    Parted::of(policy, &Tolerance { own_names, account, actions: TOLERATED, from_outside: &[], through_services: &[] })
}

impl Resource for Topic {
    type State = State;
    const TYPE: &'static str = "AWS::SNS::Topic";

    fn name(&self) -> String {
        if self.outdated { steps::OWN_TOPIC.into() } else { steps::TOPIC.into() }
    }

    fn id(&self) -> Option<String> {
        Some(self.names.topic())
    }

    fn arn(&self) -> Option<String> {
        Some(self.names.topic_arn())
    }

    fn desired(&self) -> State {
        State {
            kms_master_key_id: self.key_arn.or_unknown().into(),
            policy: self.policy.value().into(),
            tags: self.names.all_tags(),
        }
    }

    async fn observe(&self, aws: &Aws) -> Result<Observed<State>> {
        let (name, arn) = (self.names.topic(), self.names.topic_arn());
        let (attributes, tags) = futures::join!(
            aws.sns.get_topic_attributes().topic_arn(&arn).send(),
            aws.sns.list_tags_for_resource().resource_arn(&arn).send(),
        );
        let attributes = attributes.or_absent(format!("read topic {name}"))?;
        let tags = tags.or_absent(format!("read the tags of topic {name}"))?;
        let (Some(attributes), Some(tags)) = (attributes.and_then(|found| found.attributes), tags) else {
            return Ok(Observed::absent());
        };
        let attribute = |name: &str| attributes.get(name).map(String::as_str).unwrap_or_default();
        let policy = parted(attribute("Policy"), &self.names.account);
        let note = policy.note();
        let observed = Observed::present(State {
            kms_master_key_id: attribute("KmsMasterKeyId").into(),
            policy: policy.compared,
            tags: self.names.seen_tags(tags.tags().iter().map(|tag| (tag.key(), tag.value()))),
        });
        Ok(Observed { note, ..observed })
    }

    async fn apply(&self, aws: &Aws, change: &Change) -> Result<()> {
        let (name, arn) = (self.names.topic(), self.names.topic_arn());
        if change.creates() {
            // By name and tags only: CreateTopic refuses a topic whose other attributes differ, which
            // a repeated call would meet (truths N1).
            aws.eventually("SNS's other changes to end", PROPAGATION, async || {
                let created =
                    aws.sns.create_topic().name(&name).set_tags(Some(tagged(self.names.all_tags()))).send().await;
                created.or_refused(format!("create topic {name}"))
            })
            .await?;
        } else if change.touches("/Tags") {
            aws.eventually("SNS's other changes to end", PROPAGATION, async || {
                let tagged = aws
                    .sns
                    .tag_resource()
                    .resource_arn(&arn)
                    .set_tags(Some(tagged(self.names.all_tags())))
                    .send()
                    .await;
                tagged.or_refused(format!("tag topic {name}"))
            })
            .await?;
        }
        if let Some(keys) = change.tags_that_go() {
            aws.eventually("SNS's other changes to end", PROPAGATION, async || {
                let untag = aws.sns.untag_resource().resource_arn(&arn).set_tag_keys(Some(keys.clone()));
                untag.send().await.or_refused(format!("untag topic {name}"))
            })
            .await?;
        }
        // One attribute a call, whatever the call's name says.
        for attribute in ["Policy", "KmsMasterKeyId"] {
            if change.touches(&format!("/{attribute}")) {
                aws.eventually("the new topic to be known", PROPAGATION, async || {
                    let value = match attribute {
                        // A new one has SNS's own.
                        "Policy" if change.creates() => self.policy.value().to_string(),
                        "Policy" => self.policy(aws).await?,
                        _ => self.key_arn.or_unknown().to_owned(),
                    };
                    let set = aws.sns.set_topic_attributes().topic_arn(&arn);
                    let set = set.attribute_name(attribute).attribute_value(&value).send().await;
                    set.or_refused(format!("set {attribute} of topic {name}"))
                })
                .await?;
            }
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws) -> Result<()> {
        aws.eventually("SNS's other changes to end", PROPAGATION, async || {
            let deleted = aws.sns.delete_topic().topic_arn(self.names.topic_arn()).send().await;
            deleted.or_gone(format!("delete topic {}", self.names.topic()))
        })
        .await
    }

    fn permissions(&self) -> Vec<Permission> {
        let on = |phase, actions| Permission::new(phase, actions, [self.names.topic_arn()]);
        if self.outdated {
            let gone = [Phase::Apply, Phase::Delete].map(|phase| on(phase, &["sns:DeleteTopic"]));
            let seen = on(Phase::Observe, &["sns:GetTopicAttributes", "sns:ListTagsForResource"]);
            return gone.into_iter().chain([seen]).collect();
        }
        let pruned = self.prunes.then(|| on(Phase::Apply, &["sns:Unsubscribe"]));
        let own = vec![
            on(Phase::Observe, &["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:ListTagsForResource"]),
            on(
                Phase::Apply,
                &["sns:CreateTopic", "sns:SetTopicAttributes", "sns:Subscribe", "sns:TagResource", "sns:UntagResource"],
            ),
            on(Phase::Delete, &["sns:DeleteTopic"]),
        ];
        own.into_iter().chain(pruned).collect()
    }
}

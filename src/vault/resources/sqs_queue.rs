//! The dead-letter queue: where EventBridge puts events that it could not deliver. Encrypted by
//! SQS itself, which needs no key policy for EventBridge (truths K16).

use crate::aws::{Answer, Aws, PROPAGATION};
use crate::deploy::permission::{Permission, Phase};
use crate::deploy::plan::Change;
use crate::deploy::policy::Policy;
use crate::deploy::resource::{Observed, Resource};
use crate::vault::definitions::Document;
use crate::vault::names::Names;
use crate::vault::steps;
use crate::vault::tags::tagged;
use anyhow::Result;
use aws_sdk_sqs::types::QueueAttributeName as Attribute;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// The dead-letter queue of a stack.
pub struct Queue {
    names: Names,
    policy: Document,
}

/// What is declared of it, under the names of `GetQueueAttributes`, whose values are all text.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct State {
    message_retention_period: String,
    sqs_managed_sse_enabled: String,
    policy: Policy,
    tags: BTreeMap<String, String>,
}

impl Queue {
    /// The queue that only the stack's rules may send to.
    #[must_use]
    pub fn new(names: &Names, policy: Document) -> Self {
        Self { names: names.clone(), policy }
    }

    fn attributes(&self) -> HashMap<Attribute, String> {
        HashMap::from([
            // 14 days, the longest there is: somebody has to find them.
            (Attribute::MessageRetentionPeriod, "1209600".into()),
            (Attribute::SqsManagedSseEnabled, "true".into()),
            (Attribute::Policy, self.policy.value().to_string()),
        ])
    }

    async fn url(&self, aws: &Aws) -> Result<Option<String>> {
        let name = self.names.dead_letters();
        let found = aws.sqs.get_queue_url().queue_name(&name).send().await;
        Ok(found.or_absent(format!("find queue {name}"))?.and_then(|found| found.queue_url))
    }
}

impl Resource for Queue {
    type State = State;
    const TYPE: &'static str = "AWS::SQS::Queue";

    fn name(&self) -> String {
        steps::DEAD_LETTERS.into()
    }

    fn id(&self) -> Option<String> {
        Some(self.names.dead_letters())
    }

    fn arn(&self) -> Option<String> {
        Some(self.names.dead_letters_arn())
    }

    fn desired(&self) -> State {
        let mut attributes = self.attributes();
        let mut attribute = |name| attributes.remove(&name).unwrap_or_default();
        State {
            message_retention_period: attribute(Attribute::MessageRetentionPeriod),
            sqs_managed_sse_enabled: attribute(Attribute::SqsManagedSseEnabled),
            policy: self.policy.value().into(),
            tags: self.names.all_tags(),
        }
    }

    async fn observe(&self, aws: &Aws) -> Result<Observed<State>> {
        let name = self.names.dead_letters();
        let Some(url) = self.url(aws).await? else { return Ok(Observed::absent()) };
        let (attributes, tags) = futures::join!(
            aws.sqs.get_queue_attributes().queue_url(&url).attribute_names(Attribute::All).send(),
            aws.sqs.list_queue_tags().queue_url(&url).send(),
        );
        let attributes = attributes.or_absent(format!("read queue {name}"))?;
        let tags = tags.or_absent(format!("read the tags of queue {name}"))?;
        let (Some(attributes), Some(tags)) = (attributes.and_then(|found| found.attributes), tags) else {
            return Ok(Observed::absent());
        };
        let attribute = |name| attributes.get(&name).map(String::as_str).unwrap_or_default();
        let tags = tags.tags.unwrap_or_default();
        Ok(Observed::present(State {
            message_retention_period: attribute(Attribute::MessageRetentionPeriod).into(),
            sqs_managed_sse_enabled: attribute(Attribute::SqsManagedSseEnabled).to_lowercase(),
            policy: Policy::parse(attribute(Attribute::Policy)),
            tags: self.names.seen_tags(tags.iter().map(|(key, value)| (key.as_str(), value.as_str()))),
        }))
    }

    async fn apply(&self, aws: &Aws, change: &Change) -> Result<()> {
        let name = self.names.dead_letters();
        let attributes = self.attributes();
        if change.creates() {
            // A queue's name is free again only 60 seconds after its deletion (truths Q2).
            let created = aws.eventually("SQS to free the queue's name (60 s)", PROPAGATION, async || {
                let create = aws.sqs.create_queue().queue_name(&name).set_tags(Some(tagged(self.names.all_tags())));
                let created = create.set_attributes(Some(attributes.clone())).send().await;
                // Made meanwhile by another run: with the same attributes, or ours are set by the next.
                created.or_exists(format!("create queue {name}")).map(drop)
            });
            return created.await;
        }
        let Some(url) = self.url(aws).await? else { return Ok(()) };
        if change.touches("/Tags") {
            let tagged = aws.sqs.tag_queue().queue_url(&url).set_tags(Some(tagged(self.names.all_tags()))).send().await;
            tagged.or_refused(format!("tag queue {name}"))?;
        }
        if let Some(keys) = change.tags_that_go() {
            let untagged = aws.sqs.untag_queue().queue_url(&url).set_tag_keys(Some(keys)).send().await;
            untagged.or_refused(format!("untag queue {name}"))?;
        }
        let mut drifted: HashMap<_, _> =
            attributes.into_iter().filter(|(attribute, _)| change.touches(&format!("/{attribute}"))).collect();
        if drifted.contains_key(&Attribute::SqsManagedSseEnabled) {
            // The two ways to encrypt exclude each other (truths Q5).
            drifted.insert(Attribute::KmsMasterKeyId, String::new());
        }
        if !drifted.is_empty() {
            let set = aws.sqs.set_queue_attributes().queue_url(&url).set_attributes(Some(drifted)).send().await;
            set.or_refused(format!("set the attributes of queue {name}"))?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws) -> Result<()> {
        let name = self.names.dead_letters();
        let Some(url) = self.url(aws).await? else { return Ok(()) };
        let deleted = aws.sqs.delete_queue().queue_url(&url).send().await;
        deleted.or_gone(format!("delete queue {name}"))?;
        let gone = |url: &Option<String>| url.is_none();
        aws.until("SQS to remove the queue", PROPAGATION, async || self.url(aws).await, gone).await.map(drop)
    }

    fn permissions(&self) -> Vec<Permission> {
        let on = |phase, actions| Permission::new(phase, actions, [self.names.dead_letters_arn()]);
        vec![
            on(Phase::Observe, &["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"]),
            on(Phase::Apply, &["sqs:CreateQueue", "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue"]),
            on(Phase::Delete, &["sqs:DeleteQueue"]),
        ]
    }
}

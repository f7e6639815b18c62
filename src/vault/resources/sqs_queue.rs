//! The stack's queues: of events that EventBridge could not deliver, of notices that are to be told, and of files that wait
//! for Macie. Encrypted by SQS itself, which needs no key policy for who sends (truths K16).

use crate::aws::{Answer, Aws, PROPAGATION};
use crate::deploy::beside::{Parted, Tolerance};
use crate::deploy::permission::{Permission, Phase};
use crate::deploy::plan::Change;
use crate::deploy::policy::Policy;
use crate::deploy::resource::{Observed, Resource};
use crate::vault::definitions::{Document, statement_names};
use crate::vault::names::Names;
use crate::vault::steps;
use crate::vault::tags::tagged;
use anyhow::Result;
use aws_sdk_sqs::types::QueueAttributeName as Attribute;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// The longest that Lambda gathers messages, and works on them: as long as that, nobody else gets them (truths L17).
const HIDDEN: &str = "1200";

/// What others may be allowed by its policy: to look at it, and at nothing in it.
const TOLERATED: &[&str] = &["sqs:Get*", "sqs:ListQueue*"];

/// A queue of a stack.
pub struct Queue {
    names: Names,
    /// What it is called in the stack.
    step: &'static str,
    name: String,
    arn: String,
    policy: Document,
    /// Without one, that is left to others.
    visibility_timeout: Option<&'static str>,
}

/// What is declared of it, under the names of `GetQueueAttributes`, whose values are all text.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct State {
    message_retention_period: String,
    sqs_managed_sse_enabled: String,
    /// None: what it takes out is told to nobody.
    redrive_policy: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    visibility_timeout: Option<String>,
    policy: Policy,
    tags: BTreeMap<String, String>,
}

impl Queue {
    /// The queue that only the stack's rules may send to.
    #[must_use]
    pub fn dead_letters(names: &Names, policy: Document) -> Self {
        let (name, arn, visibility_timeout) = (names.dead_letters(), names.dead_letters_arn(), None);
        Self { names: names.clone(), step: steps::DEAD_LETTERS, name, arn, policy, visibility_timeout }
    }

    /// The queue that only the state machine may send to.
    #[must_use]
    pub fn notices(names: &Names, policy: Document) -> Self {
        let (name, arn, visibility_timeout) = (names.notices(), names.notices_arn(), Some(HIDDEN));
        Self { names: names.clone(), step: steps::NOTICES, name, arn, policy, visibility_timeout }
    }

    /// The queue of files that wait for Macie, which only the state machine may send to.
    #[must_use]
    pub fn macie(names: &Names, policy: Document) -> Self {
        let (name, arn, visibility_timeout) = (names.macie_queue(), names.macie_queue_arn(), Some(HIDDEN));
        Self { names: names.clone(), step: steps::MACIE_QUEUE, name, arn, policy, visibility_timeout }
    }

    fn attributes(&self) -> HashMap<Attribute, String> {
        let hidden = self.visibility_timeout.map(|seconds| (Attribute::VisibilityTimeout, seconds.to_owned()));
        let all = [
            // 14 days, the longest there is: somebody has to find them.
            (Attribute::MessageRetentionPeriod, "1209600".into()),
            (Attribute::SqsManagedSseEnabled, "true".into()),
            (Attribute::Policy, self.policy.value().to_string()),
        ];
        all.into_iter().chain(hidden).collect()
    }

    /// The policy to be written: ours, and what others have added to the one that is there.
    async fn policy(&self, aws: &Aws, url: &str) -> Result<String> {
        let read = aws.sqs.get_queue_attributes().queue_url(url).attribute_names(Attribute::Policy).send().await;
        let read = read.or_refused(format!("read queue {}", self.name))?.attributes.unwrap_or_default();
        let found = read.get(&Attribute::Policy).map(String::as_str).unwrap_or_default();
        Ok(parted(found, &self.names.account).joined(&self.policy.value()).to_string())
    }

    async fn url(&self, aws: &Aws) -> Result<Option<String>> {
        let name = &self.name;
        let found = aws.sqs.get_queue_url().queue_name(name).send().await;
        Ok(found.or_absent(format!("find queue {name}"))?.and_then(|found| found.queue_url))
    }
}

fn parted(policy: &str, account: &str) -> Parted {
    let (own_names, account) = (statement_names(), account.to_owned());
    Parted::of(policy, &Tolerance { own_names, account, actions: TOLERATED, from_outside: &[], through_services: &[] })
}

impl Resource for Queue {
    type State = State;
    const TYPE: &'static str = "AWS::SQS::Queue";

    fn name(&self) -> String {
        self.step.into()
    }

    fn id(&self) -> Option<String> {
        Some(self.name.clone())
    }

    fn arn(&self) -> Option<String> {
        Some(self.arn.clone())
    }

    fn desired(&self) -> State {
        let mut attributes = self.attributes();
        let mut attribute = |name| attributes.remove(&name).unwrap_or_default();
        State {
            message_retention_period: attribute(Attribute::MessageRetentionPeriod),
            sqs_managed_sse_enabled: attribute(Attribute::SqsManagedSseEnabled),
            redrive_policy: String::new(),
            visibility_timeout: self.visibility_timeout.map(str::to_owned),
            policy: self.policy.value().into(),
            tags: self.names.all_tags(),
        }
    }

    async fn observe(&self, aws: &Aws) -> Result<Observed<State>> {
        let name = &self.name;
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
        let policy = parted(attribute(Attribute::Policy), &self.names.account);
        let note = policy.note();
        let observed = Observed::present(State {
            message_retention_period: attribute(Attribute::MessageRetentionPeriod).into(),
            sqs_managed_sse_enabled: attribute(Attribute::SqsManagedSseEnabled).to_lowercase(),
            redrive_policy: attribute(Attribute::RedrivePolicy).into(),
            visibility_timeout: self.visibility_timeout.map(|_| attribute(Attribute::VisibilityTimeout).into()),
            policy: policy.compared,
            tags: self.names.seen_tags(tags.iter().map(|(key, value)| (key.as_str(), value.as_str()))),
        });
        Ok(Observed { note, ..observed })
    }

    async fn apply(&self, aws: &Aws, change: &Change) -> Result<()> {
        let name = &self.name;
        let attributes = self.attributes();
        if change.creates() {
            // A queue's name is free again only 60 seconds after its deletion (truths Q2).
            let created = aws.eventually("SQS to free the queue's name (60 s)", PROPAGATION, async || {
                let create = aws.sqs.create_queue().queue_name(name).set_tags(Some(tagged(self.names.all_tags())));
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
        if change.touches("/RedrivePolicy") {
            drifted.insert(Attribute::RedrivePolicy, String::new());
        }
        if let Some(policy) = drifted.get_mut(&Attribute::Policy) {
            *policy = self.policy(aws, &url).await?;
        }
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
        let name = &self.name;
        let Some(url) = self.url(aws).await? else { return Ok(()) };
        let deleted = aws.sqs.delete_queue().queue_url(&url).send().await;
        deleted.or_gone(format!("delete queue {name}"))?;
        let gone = |url: &Option<String>| url.is_none();
        aws.until("SQS to remove the queue", PROPAGATION, async || self.url(aws).await, gone).await.map(drop)
    }

    fn permissions(&self) -> Vec<Permission> {
        let on = |phase, actions| Permission::new(phase, actions, [self.arn.clone()]);
        // Where Macie is not used any more its queue goes.
        let goes = (self.step == steps::MACIE_QUEUE).then(|| on(Phase::Apply, &["sqs:DeleteQueue"]));
        let mut permissions = vec![
            on(Phase::Observe, &["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"]),
            on(Phase::Apply, &["sqs:CreateQueue", "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue"]),
            on(Phase::Delete, &["sqs:DeleteQueue"]),
        ];
        permissions.extend(goes);
        permissions
    }
}

//! The log groups of the function and of the state machine: encrypted with the stack's key, with
//! an end to their retention.

use crate::aws::{Answer, Aws, PROPAGATION};
use crate::deploy::permission::{Permission, Phase};
use crate::deploy::plan::Change;
use crate::deploy::resource::{Assigned, Fixed, Observed, Resource};
use crate::vault::names::Names;
use crate::vault::steps;
use crate::vault::tags::tagged;
use anyhow::Result;
use aws_sdk_cloudwatchlogs::types::{LogGroup as Found, LogGroupClass};
use serde::Serialize;
use std::collections::BTreeMap;

/// One log group of a stack.
pub struct LogGroup {
    names: Names,
    role: &'static str,
    name: String,
    key_arn: Assigned,
    retention_in_days: i32,
    class: LogGroupClass,
}

/// What is declared of it, under the names of `DescribeLogGroups`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    kms_key_id: Option<String>,
    retention_in_days: Option<i32>,
    log_group_class: String,
    #[serde(rename = "Tags")]
    tags: BTreeMap<String, String>,
}

impl LogGroup {
    /// The log group of `role`, of the standard class, which keeps events for `retention_in_days`.
    #[must_use]
    pub fn new(names: &Names, role: &'static str, key_arn: &Assigned, retention_in_days: i32) -> Self {
        let (name, key_arn) = (names.own_log_group(role), key_arn.clone());
        Self { names: names.clone(), role, name, key_arn, retention_in_days, class: LogGroupClass::Standard }
    }

    /// The same of the class without metrics and filters, if it is to be. The classifier's stays as it is: `held`, `show` and
    /// `report` ask for single events of it, and CloudWatch makes metrics of its lines.
    #[must_use]
    pub fn infrequent(self, is_infrequent: bool) -> Self {
        let is_infrequent = is_infrequent && self.role != "classifier";
        Self { class: if is_infrequent { LogGroupClass::InfrequentAccess } else { self.class }, ..self }
    }

    /// Until the key's policy has spread, CloudWatch Logs says that the key does not exist, under
    /// two codes (truths G2).
    async fn with_key<T>(&self, aws: &Aws, call: impl AsyncFn() -> Result<T>) -> Result<T> {
        aws.eventually("CloudWatch Logs to see the key's policy", PROPAGATION, call).await
    }
}

/// The class of a log group; where there are no others none is said.
pub(super) fn class(found: &Found) -> &LogGroupClass {
    found.log_group_class().unwrap_or(&LogGroupClass::Standard)
}

impl Resource for LogGroup {
    type State = State;
    const TYPE: &'static str = "AWS::Logs::LogGroup";
    const FIXED: &'static [Fixed] = &[Fixed {
        path: "/logGroupClass",
        why: "a log group has its class from its creation on",
        fix: "delete the log group with what is in it, or set logs.class as it was (the classifier's log group has STANDARD always)",
    }];

    fn name(&self) -> String {
        steps::log_group(self.role)
    }

    fn id(&self) -> Option<String> {
        Some(self.name.clone())
    }

    fn arn(&self) -> Option<String> {
        Some(self.names.log_group_arn(&self.name))
    }

    fn desired(&self) -> State {
        State {
            kms_key_id: Some(self.key_arn.or_unknown().into()),
            retention_in_days: Some(self.retention_in_days),
            log_group_class: self.class.to_string(),
            tags: self.names.all_tags(),
        }
    }

    async fn observe(&self, aws: &Aws) -> Result<Observed<State>> {
        let arn = self.names.log_group_arn(&self.name);
        let (groups, tags) = futures::join!(
            aws.logs.describe_log_groups().log_group_name_prefix(&self.name).send(),
            aws.logs.list_tags_for_resource().resource_arn(&arn).send(),
        );
        let groups = groups.or_refused(format!("read log group {}", self.name))?;
        let tags = tags.or_absent(format!("read the tags of log group {}", self.name))?;
        // A prefix finds others as well; the exact name sorts first.
        let group =
            groups.log_groups.unwrap_or_default().into_iter().find(|group| group.log_group_name() == Some(&self.name));
        let (Some(group), Some(tags)) = (group, tags) else { return Ok(Observed::absent()) };
        let tags = tags.tags.unwrap_or_default();
        Ok(Observed::present(State {
            log_group_class: class(&group).to_string(),
            kms_key_id: group.kms_key_id,
            retention_in_days: group.retention_in_days,
            tags: self.names.seen_tags(tags.iter().map(|(key, value)| (key.as_str(), value.as_str()))),
        }))
    }

    async fn apply(&self, aws: &Aws, change: &Change) -> Result<()> {
        let name = self.name.as_str();
        let arn = self.names.log_group_arn(name);
        let key = self.key_arn.or_unknown();
        if change.creates() {
            self.with_key(aws, async || {
                let create = aws.logs.create_log_group().log_group_name(name).kms_key_id(key);
                // Left out it is the standard one, in regions too that have no other.
                let create = match &self.class {
                    LogGroupClass::Standard => create,
                    other => create.log_group_class(other.clone()),
                };
                let created = create.set_tags(Some(tagged(self.names.all_tags()))).send().await;
                created.or_exists(format!("create log group {name}"))
            })
            .await?;
        } else {
            if change.touches("/Tags") {
                let tagged = aws
                    .logs
                    .tag_resource()
                    .resource_arn(&arn)
                    .set_tags(Some(tagged(self.names.all_tags())))
                    .send()
                    .await;
                tagged.or_refused(format!("tag log group {name}"))?;
            }
            if let Some(keys) = change.tags_that_go() {
                let untagged = aws.logs.untag_resource().resource_arn(&arn).set_tag_keys(Some(keys)).send().await;
                untagged.or_refused(format!("untag log group {name}"))?;
            }
            if change.touches("/kmsKeyId") {
                self.with_key(aws, async || {
                    let associated = aws.logs.associate_kms_key().log_group_name(name).kms_key_id(key).send().await;
                    associated.or_refused(format!("encrypt log group {name}"))
                })
                .await?;
            }
        }
        if change.touches("/retentionInDays") {
            aws.eventually("the new log group to be known", PROPAGATION, async || {
                let put = aws.logs.put_retention_policy().log_group_name(name);
                let put = put.retention_in_days(self.retention_in_days).send().await;
                put.or_refused(format!("set the retention of log group {name}"))
            })
            .await?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws) -> Result<()> {
        aws.eventually("CloudWatch Logs to let go of the log group", PROPAGATION, async || {
            let deleted = aws.logs.delete_log_group().log_group_name(&self.name).send().await;
            deleted.or_gone(format!("delete log group {}", self.name))
        })
        .await
    }

    fn permissions(&self) -> Vec<Permission> {
        // One ARN for those of both state machines: a managed policy has room for 6,144 characters.
        let machines = [self.names.state_machine(), self.names.sweep()];
        let both = format!("CyberVault*-{}", self.names.id);
        let name = machines.iter().fold(self.name.clone(), |name, machine| name.replace(machine, &both));
        let arn = self.names.log_group_arn(&name);
        // With and without the streams: which of the two an action wants differs.
        let on = |phase, actions| Permission::new(phase, actions, [arn.clone(), format!("{arn}:*")]);
        vec![
            Permission::new(Phase::Observe, &["logs:DescribeLogGroups"], ["*".into()]),
            on(Phase::Observe, &["logs:ListTagsForResource"]),
            on(
                Phase::Apply,
                &[
                    "logs:AssociateKmsKey",
                    "logs:CreateLogGroup",
                    "logs:PutRetentionPolicy",
                    "logs:TagResource",
                    "logs:UntagResource",
                ],
            ),
            on(Phase::Delete, &["logs:DeleteLogGroup"]),
        ]
    }
}

//! A log group that was there before the stack, and is used as it is: its retention, its key and its tags are its
//! owner's.

use super::log_group::{LogGroup, class};
use crate::aws::{Answer, Aws};
use crate::deploy::permission::{Permission, Phase};
use crate::deploy::plan::{Change, Standing};
use crate::deploy::resource::{Observed, Resource};
use crate::vault::names::Names;
use crate::vault::steps;
use anyhow::{Result, bail};
use aws_sdk_cloudwatchlogs::types::LogGroupClass;
use serde::Serialize;

/// The log group that the configuration names for a role.
pub struct ExistingLogGroup {
    names: Names,
    role: &'static str,
    name: String,
}

/// What is needed of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Of another than the standard nobody can ask for single events, as `cvault show` does of the classifier's.
    #[serde(skip_serializing_if = "Option::is_none")]
    log_group_class: Option<String>,
    /// One of the stack's own, which has what was logged until now.
    #[serde(rename = "Own", skip_serializing_if = "Option::is_none")]
    own: Option<String>,
}

impl ExistingLogGroup {
    /// The log group `name`, to which `role` writes.
    #[must_use]
    pub fn new(names: &Names, role: &'static str, name: &str) -> Self {
        Self { names: names.clone(), role, name: name.to_owned() }
    }

    fn class(&self, class: &LogGroupClass) -> Option<String> {
        (self.role == "classifier").then(|| class.to_string())
    }

    async fn own(&self, aws: &Aws) -> Result<Option<String>> {
        let name = self.names.own_log_group(self.role);
        let tags = aws.logs.list_tags_for_resource().resource_arn(self.names.log_group_arn(&name)).send().await;
        let tags = tags.or_absent(format!("read the tags of log group {name}"))?.and_then(|found| found.tags);
        let tags = tags.unwrap_or_default();
        let is_ours = self.names.are_ours(tags.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        Ok(is_ours.then_some(name))
    }
}

impl Resource for ExistingLogGroup {
    type State = State;
    const TYPE: &'static str = LogGroup::TYPE;

    fn name(&self) -> String {
        steps::log_group(self.role)
    }

    fn id(&self) -> Option<String> {
        Some(self.name.clone())
    }

    fn arn(&self) -> Option<String> {
        Some(self.names.log_group_arn(&self.name))
    }

    fn standing(&self) -> Standing {
        Standing::Shared
    }

    fn desired(&self) -> State {
        State { log_group_class: self.class(&LogGroupClass::Standard), own: None }
    }

    async fn observe(&self, aws: &Aws) -> Result<Observed<State>> {
        let described = aws.logs.describe_log_groups().log_group_name_prefix(&self.name).send();
        let (groups, own) = futures::join!(described, self.own(aws));
        let groups = groups.or_refused(format!("read log group {}", self.name))?.log_groups.unwrap_or_default();
        // A prefix finds others as well; the exact name sorts first.
        let found = groups.iter().find(|group| group.log_group_name() == Some(&self.name));
        let Some(found) = found else {
            return Ok(Observed::absent().noted("not there, and not cvault's to make"));
        };
        let observed = Observed::present(State { log_group_class: self.class(class(found)), own: own? });
        Ok(match found.kms_key_id() {
            Some(_) => observed,
            None => observed.noted("not encrypted with a key: its owner can give it one"),
        })
    }

    async fn apply(&self, _: &Aws, _: &Change) -> Result<()> {
        // Before a plan is carried out it is refused where something differs: it was changed meanwhile.
        bail!("use log group {}: it is gone, or not as it was any more", self.name)
    }

    async fn delete(&self, _: &Aws) -> Result<()> {
        // Never reached: what is shared stays.
        Ok(())
    }

    fn permissions(&self) -> Vec<Permission> {
        let own = self.names.log_group_arn(&self.names.own_log_group(self.role));
        vec![
            Permission::new(Phase::Observe, &["logs:DescribeLogGroups"], ["*".into()]),
            Permission::new(Phase::Observe, &["logs:ListTagsForResource"], [own.clone(), format!("{own}:*")]),
        ]
    }
}

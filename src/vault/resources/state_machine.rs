//! The state machine that takes each object through the vault, the one that does so for small ones, the one that has Macie
//! analyse many at once, and the one that sweeps: `definitions/` says how.

use crate::aws::{Answer, Aws, Kind, PROPAGATION, REMOVAL, Refusal};
use crate::deploy::permission::{Permission, Phase};
use crate::deploy::plan::Change;
use crate::deploy::resource::{Fixed, Observed, Resource};
use crate::vault::definitions::Document;
use crate::vault::names::Names;
use crate::vault::steps;
use crate::vault::tags::tagged;
use anyhow::Result;
use aws_sdk_sfn::operation::describe_state_machine::DescribeStateMachineOutput;
use aws_sdk_sfn::types::{
    CloudWatchLogsLogGroup, ExecutionStatus, LogDestination, LogLevel, LoggingConfiguration, StateMachineStatus,
    StateMachineType,
};
use futures::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// How many executions are stopped at once: `StopExecution` has a small steady rate (truths F13).
const STOPS: usize = 5;

/// A state machine of a stack.
pub struct StateMachine {
    names: Names,
    step: &'static str,
    name: String,
    arn: String,
    role: &'static str,
    log_group: String,
    r#type: StateMachineType,
    definition: Document,
}

/// What is declared of it, under the names of `DescribeStateMachine`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    definition: Value,
    include_execution_data: bool,
    level: String,
    log_group_arn: String,
    role_arn: String,
    r#type: String,
    #[serde(rename = "Tags")]
    tags: BTreeMap<String, String>,
}

impl StateMachine {
    /// The one that judges.
    #[must_use]
    pub fn orchestrator(names: &Names, definition: Document) -> Self {
        let (name, arn, log_group) = (names.state_machine(), names.state_machine_arn(), names.orchestrator_log_group());
        let (step, role) = (steps::STATE_MACHINE, "orchestrator");
        Self { names: names.clone(), step, name, arn, role, log_group, r#type: StateMachineType::Standard, definition }
    }

    /// The one that judges small files, and logs where the other one does.
    #[must_use]
    pub fn express(names: &Names, definition: Document) -> Self {
        let (name, arn, r#type) = (names.express(), names.express_arn(), StateMachineType::Express);
        Self { step: steps::EXPRESS, name, arn, r#type, ..Self::orchestrator(names, definition) }
    }

    /// The one that has Macie analyse many objects at once, and logs where the first one does.
    #[must_use]
    pub fn macie_job(names: &Names, definition: Document) -> Self {
        let (name, arn) = (names.macie_job(), names.macie_job_machine_arn());
        Self { step: steps::MACIE_JOB, name, arn, ..Self::orchestrator(names, definition) }
    }

    /// The one that looks for what waits.
    #[must_use]
    pub fn sweep(names: &Names, definition: Document) -> Self {
        let (name, arn, log_group) = (names.sweep(), names.sweep_arn(), names.sweep_log_group());
        let (step, role) = (steps::SWEEP, "sweeper");
        Self { names: names.clone(), step, name, arn, role, log_group, r#type: StateMachineType::Standard, definition }
    }

    /// With the `:*` that Step Functions wants behind it (truths F6).
    fn log_group_arn(&self) -> String {
        format!("{}:*", self.names.log_group_arn(&self.log_group))
    }

    fn logging(&self) -> LoggingConfiguration {
        let group = CloudWatchLogsLogGroup::builder().log_group_arn(self.log_group_arn()).build();
        let destination = LogDestination::builder().cloud_watch_logs_log_group(group).build();
        LoggingConfiguration::builder()
            .level(LogLevel::All)
            .include_execution_data(true)
            .destinations(destination)
            .build()
    }

    async fn describe(&self, aws: &Aws) -> Result<Option<DescribeStateMachineOutput>> {
        let described = aws.sfn.describe_state_machine().state_machine_arn(&self.arn).send().await;
        described.or_absent(format!("read state machine {}", self.name))
    }

    async fn create(&self, aws: &Aws) -> Result<()> {
        let name = &self.name;
        aws.eventually("Step Functions to see the role and its policy", REMOVAL, async || {
            let create = aws.sfn.create_state_machine().name(name).r#type(self.r#type.clone());
            let create = create
                .definition(self.definition.value().to_string())
                .role_arn(self.names.role_arn(self.role))
                .logging_configuration(self.logging())
                .set_tags(Some(tagged(self.names.all_tags())));
            create.send().await.or_exists(format!("create state machine {name}")).map(drop)
        })
        .await
    }

    async fn update(&self, aws: &Aws) -> Result<()> {
        let name = &self.name;
        // All three together: what is left out is kept, and one of the first two must be there (truths F7).
        aws.eventually("Step Functions to see the role and its policy", PROPAGATION, async || {
            let update = aws.sfn.update_state_machine().state_machine_arn(&self.arn);
            let update = update
                .definition(self.definition.value().to_string())
                .role_arn(self.names.role_arn(self.role))
                .logging_configuration(self.logging());
            update.send().await.or_refused(format!("update state machine {name}"))
        })
        .await
        .map(drop)
    }

    /// A deletion waits for every execution to end, so they are stopped (truths F8). What they were
    /// doing is not lost: each object is where it was until the execution had proven its copy.
    async fn stop_executions(&self, aws: &Aws) -> Result<()> {
        // Those of an Express workflow can be neither listed nor stopped, and end within five minutes (truths F18).
        if self.r#type == StateMachineType::Express {
            return Ok(());
        }
        let list = aws.sfn.list_executions().state_machine_arn(&self.arn);
        let pages = list.status_filter(ExecutionStatus::Running).into_paginator().items().send();
        let running = pages.collect::<Result<Vec<_>, _>>().await;
        let running = running.or_absent(format!("list the executions of {}", self.name))?;
        stream::iter(running.unwrap_or_default())
            .map(async |execution| {
                let stop = aws.sfn.stop_execution().execution_arn(&execution.execution_arn);
                let stopped = stop.error("Stopped").cause("cvault down removes the stack").send().await;
                // It may have ended by itself meanwhile.
                let ended = |refusal: &Refusal| refusal.kind() == Kind::Absent || refusal.is(&["ValidationException"]);
                stopped.or_none_if(ended, format!("stop execution {}", execution.name)).map(drop)
            })
            .buffer_unordered(STOPS)
            .try_collect()
            .await
    }
}

impl Resource for StateMachine {
    type State = State;
    const TYPE: &'static str = "AWS::StepFunctions::StateMachine";
    const FIXED: &'static [Fixed] =
        &[Fixed { path: "/type", why: "a state machine's type cannot be changed", fix: "delete the state machine" }];

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
        State {
            definition: self.definition.value(),
            include_execution_data: true,
            level: LogLevel::All.to_string(),
            log_group_arn: self.log_group_arn(),
            role_arn: self.names.role_arn(self.role),
            r#type: self.r#type.to_string(),
            tags: self.names.all_tags(),
        }
    }

    async fn observe(&self, aws: &Aws) -> Result<Observed<State>> {
        let arn = self.arn.clone();
        let (described, tags) =
            futures::join!(self.describe(aws), aws.sfn.list_tags_for_resource().resource_arn(&arn).send());
        let tags = tags.or_absent(format!("read the tags of {}", self.name))?;
        let (Some(found), Some(tags)) = (described?, tags) else { return Ok(Observed::absent()) };
        let goes = |found: &DescribeStateMachineOutput| found.status() == Some(&StateMachineStatus::Deleting);
        let going = || Observed::absent().noted("an old one is still being removed by AWS");
        if goes(&found) {
            return Ok(going());
        }
        let tags = tags.tags.unwrap_or_default();
        // It may have gone between the two readings: what is not there any more has no tags, and is nobody else's.
        if tags.is_empty() {
            match self.describe(aws).await? {
                None => return Ok(Observed::absent()),
                Some(found) if goes(&found) => return Ok(going()),
                Some(_) => {}
            }
        }
        let logging = found.logging_configuration;
        let destination = logging.as_ref().and_then(|logging| logging.destinations().first().cloned());
        Ok(Observed::present(State {
            // As text it would differ: AWS gives back the spaces that it was sent.
            definition: serde_json::from_str(&found.definition).unwrap_or_else(|_| found.definition.clone().into()),
            include_execution_data: logging.as_ref().is_some_and(|logging| logging.include_execution_data),
            level: logging.as_ref().and_then(|logging| logging.level()).unwrap_or(&LogLevel::Off).to_string(),
            log_group_arn: destination
                .and_then(|destination| destination.cloud_watch_logs_log_group?.log_group_arn)
                .unwrap_or_default(),
            role_arn: found.role_arn,
            r#type: found.r#type.to_string(),
            tags: self
                .names
                .seen_tags(tags.iter().map(|tag| (tag.key().unwrap_or_default(), tag.value().unwrap_or_default()))),
        }))
    }

    async fn apply(&self, aws: &Aws, change: &Change) -> Result<()> {
        if change.creates() {
            return self.create(aws).await;
        }
        if change.touches("/Tags") {
            let tag = aws.sfn.tag_resource().resource_arn(&self.arn);
            let tagged = tag.set_tags(Some(tagged(self.names.all_tags()))).send().await;
            tagged.or_refused(format!("tag state machine {}", self.name))?;
        }
        if let Some(keys) = change.tags_that_go() {
            let untagged = aws.sfn.untag_resource().resource_arn(&self.arn).set_tag_keys(Some(keys)).send().await;
            untagged.or_refused(format!("untag state machine {}", self.name))?;
        }
        if change.differences.iter().any(|difference| !difference.path.starts_with("/Tags")) {
            self.update(aws).await?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws) -> Result<()> {
        let name = &self.name;
        self.stop_executions(aws).await?;
        let deleted = aws.sfn.delete_state_machine().state_machine_arn(&self.arn).send().await;
        deleted.or_gone(format!("delete state machine {name}"))?;
        let gone = |found: &Option<DescribeStateMachineOutput>| found.is_none();
        aws.until("Step Functions to remove the state machine", REMOVAL, async || self.describe(aws).await, gone)
            .await
            .map(drop)
    }

    fn permissions(&self) -> Vec<Permission> {
        let on = |phase, actions| Permission::new(phase, actions, [self.arn.clone()]);
        let removal = |phase| {
            // All executions of the stack by one pattern: a managed policy has 6,144 characters.
            let stop = Permission::new(phase, &["states:StopExecution"], [self.names.all_executions_arn()]);
            [on(phase, &["states:DeleteStateMachine"]), stop]
        };
        let mut permissions = vec![
            // The last for `status`, which speaks of executions that failed.
            on(Phase::Observe, &["states:DescribeStateMachine", "states:ListTagsForResource", "states:ListExecutions"]),
            on(
                Phase::Apply,
                &[
                    "states:CreateStateMachine",
                    "states:TagResource",
                    "states:UntagResource",
                    "states:UpdateStateMachine",
                ],
            ),
            Permission::pass_role(self.names.role_arn(self.role), "states.amazonaws.com"),
        ];
        permissions.extend(removal(Phase::Delete));
        if self.step == steps::MACIE_JOB {
            // Where Macie is not used any more.
            permissions.extend(removal(Phase::Apply));
        }
        permissions
    }
}

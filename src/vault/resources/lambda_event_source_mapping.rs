//! What has Lambda call the function with the messages of a queue: many at once, where many come.
//!
//! It has no name: Lambda assigns its id, and there is one at most of a queue and a function (truths L17).

use crate::aws::{Answer, Aws, PROPAGATION, REMOVAL, Refusal};
use crate::deploy::permission::{Permission, Phase};
use crate::deploy::plan::Change;
use crate::deploy::resource::{Assigned, Observed, Resource};
use crate::vault::names::Names;
use crate::vault::steps;
use crate::vault::tags::tagged;
use anyhow::{Result, bail};
use aws_sdk_lambda::types::{
    EventSourceMappingConfiguration, Filter, FilterCriteria, FunctionResponseType, ScalingConfig,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// How many notices one call gets at most: as many as fit into an e-mail as a line each.
const NOTICES: i32 = 1000;
/// How many files for Macie: as many as one job has.
const FILES: i32 = 100;
/// For how long they are gathered, in seconds: short beside the minutes that a job takes, and long beside the ten seconds
/// in which Macie takes the next one.
const FILES_WINDOW: i32 = 60;
/// How many calls at once, the fewest there may be: a burst is to be few e-mails, and files need the function, too.
const CALLS: i32 = 2;

/// A mapping of a stack.
pub struct EventSourceMapping {
    names: Names,
    /// What it is called in the stack.
    step: &'static str,
    queue: String,
    queue_arn: String,
    batch_size: i32,
    window_seconds: i32,
    id: Assigned,
}

/// What is declared of it, under the names of `GetEventSourceMapping`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct State {
    batch_size: i32,
    enabled: bool,
    /// None: Lambda throws away what a filter leaves out.
    filters: Vec<String>,
    /// It says what was not told, and that alone comes again.
    function_response_types: Vec<String>,
    maximum_batching_window_in_seconds: i32,
    maximum_concurrency: i32,
    tags: BTreeMap<String, String>,
}

impl EventSourceMapping {
    /// The mapping of the notices, which are gathered for so many seconds.
    #[must_use]
    pub fn notices(names: &Names, window_seconds: i32) -> Self {
        let (queue, queue_arn, step) = (names.notices(), names.notices_arn(), steps::NOTICES_MAPPING);
        let (names, id) = (names.clone(), Assigned::default());
        Self { names, step, queue, queue_arn, batch_size: NOTICES, window_seconds, id }
    }

    /// The mapping of the files that wait for Macie.
    #[must_use]
    pub fn macie(names: &Names) -> Self {
        let (queue, queue_arn, step) = (names.macie_queue(), names.macie_queue_arn(), steps::MACIE_MAPPING);
        let (names, id) = (names.clone(), Assigned::default());
        Self { names, step, queue, queue_arn, batch_size: FILES, window_seconds: FILES_WINDOW, id }
    }

    /// What Lambda has of this queue and this function, which may be gone.
    async fn found(&self, aws: &Aws) -> Result<Option<EventSourceMappingConfiguration>> {
        let list = aws.lambda.list_event_source_mappings().event_source_arn(&self.queue_arn);
        let found = list.send().await;
        let found = found.or_absent(format!("find the event source mapping of queue {}", self.queue))?;
        let function = self.names.function_arn();
        let is_ours = |found: &EventSourceMappingConfiguration| found.function_arn() == Some(function.as_str());
        let found = found.and_then(|found| found.event_source_mappings?.into_iter().find(is_ours));
        if let Some(id) = found.as_ref().and_then(|found| found.uuid.as_deref()) {
            self.id.set(id);
        }
        Ok(found)
    }

    async fn tags(&self, aws: &Aws, arn: &str) -> Result<Option<BTreeMap<String, String>>> {
        let tags = aws.lambda.list_tags().resource(arn).send().await;
        let tags = tags.or_absent(format!("read the tags of the event source mapping of {}", self.queue))?;
        let tags = tags.map(|tags| tags.tags.unwrap_or_default());
        Ok(tags.map(|tags| self.names.seen_tags(tags.iter().map(|(key, value)| (key.as_str(), value.as_str())))))
    }

    async fn create(&self, aws: &Aws) -> Result<()> {
        let (queue, what) = (&self.queue, "Lambda to be able to read the queue by the new role");
        let what_is_done = format!("create the event source mapping of queue {queue}");
        let created = aws.eventually(what, PROPAGATION, async || {
            let create = aws.lambda.create_event_source_mapping().event_source_arn(&self.queue_arn);
            let create = create
                .function_name(self.names.function())
                .batch_size(self.batch_size)
                .maximum_batching_window_in_seconds(self.window_seconds)
                .scaling_config(ScalingConfig::builder().maximum_concurrency(CALLS).build())
                .function_response_types(FunctionResponseType::ReportBatchItemFailures)
                .set_tags(Some(tagged(self.names.all_tags())));
            let created = create.send().await.or_exists(&what_is_done)?;
            // Another run has made it meanwhile, and what differs is set by the next; or it is one that is on its way out.
            if created.is_none() && self.found(aws).await?.is_some_and(|found| is_going(&found)) {
                bail!(Refusal::inside(
                    &what_is_done,
                    Some("ResourceInUseException"),
                    Some("the one before is being deleted")
                ));
            }
            Ok(created)
        });
        if let Some(id) = created.await?.and_then(|created| created.uuid) {
            self.id.set(&id);
        }
        Ok(())
    }
}

fn pattern(filter: &Filter) -> Option<String> {
    filter.pattern().map(str::to_owned)
}

fn is_going(found: &EventSourceMappingConfiguration) -> bool {
    found.state() == Some("Deleting")
}

impl Resource for EventSourceMapping {
    type State = State;
    const TYPE: &'static str = "AWS::Lambda::EventSourceMapping";

    fn name(&self) -> String {
        self.step.into()
    }

    fn id(&self) -> Option<String> {
        self.id.get().map(str::to_owned)
    }

    fn arn(&self) -> Option<String> {
        self.id.get().map(|id| self.names.event_source_mapping_arn(id))
    }

    fn desired(&self) -> State {
        State {
            batch_size: self.batch_size,
            enabled: true,
            filters: vec![],
            function_response_types: vec![FunctionResponseType::ReportBatchItemFailures.to_string()],
            maximum_batching_window_in_seconds: self.window_seconds,
            maximum_concurrency: CALLS,
            tags: self.names.all_tags(),
        }
    }

    async fn observe(&self, aws: &Aws) -> Result<Observed<State>> {
        let found = self.found(aws).await?.filter(|found| !is_going(found));
        let Some(found) = found else { return Ok(Observed::absent()) };
        let arn = self.names.event_source_mapping_arn(found.uuid.as_deref().unwrap_or_default());
        let Some(tags) = self.tags(aws, &arn).await? else { return Ok(Observed::absent()) };
        let state = found.state.as_deref().unwrap_or_default();
        let observed = Observed::present(State {
            batch_size: found.batch_size.unwrap_or_default(),
            enabled: !matches!(state, "Disabled" | "Disabling"),
            filters: found
                .filter_criteria()
                .map(FilterCriteria::filters)
                .unwrap_or_default()
                .iter()
                .filter_map(pattern)
                .collect(),
            function_response_types: found.function_response_types().iter().map(ToString::to_string).collect(),
            maximum_batching_window_in_seconds: found.maximum_batching_window_in_seconds.unwrap_or_default(),
            maximum_concurrency: found
                .scaling_config()
                .and_then(ScalingConfig::maximum_concurrency)
                .unwrap_or_default(),
            tags,
        });
        Ok(match state {
            "Creating" | "Enabling" | "Updating" => observed.pending("Lambda is still changing it"),
            _ => observed,
        })
    }

    async fn apply(&self, aws: &Aws, change: &Change) -> Result<()> {
        if change.creates() {
            return self.create(aws).await;
        }
        // As it is now: it may have been made again meanwhile, under another id.
        let Some(id) = self.found(aws).await?.and_then(|found| found.uuid) else { return Ok(()) };
        let arn = self.names.event_source_mapping_arn(&id);
        let queue = &self.queue;
        if change.touches("/Tags") {
            let tag = aws.lambda.tag_resource().resource(&arn).set_tags(Some(tagged(self.names.all_tags())));
            tag.send().await.or_refused(format!("tag the event source mapping of queue {queue}"))?;
        }
        if let Some(keys) = change.tags_that_go() {
            let untag = aws.lambda.untag_resource().resource(&arn).set_tag_keys(Some(keys));
            untag.send().await.or_refused(format!("untag the event source mapping of queue {queue}"))?;
        }
        let configured = [
            "/BatchSize",
            "/Enabled",
            "/Filters",
            "/FunctionResponseTypes",
            "/MaximumBatchingWindowInSeconds",
            "/MaximumConcurrency",
        ];
        if configured.iter().any(|path| change.touches(path)) {
            aws.eventually("the event source mapping's other changes to end", PROPAGATION, async || {
                let update = aws.lambda.update_event_source_mapping().uuid(&id);
                let update = update
                    .enabled(true)
                    .batch_size(self.batch_size)
                    .filter_criteria(FilterCriteria::builder().build())
                    .maximum_batching_window_in_seconds(self.window_seconds)
                    .scaling_config(ScalingConfig::builder().maximum_concurrency(CALLS).build())
                    .function_response_types(FunctionResponseType::ReportBatchItemFailures);
                update.send().await.or_refused(format!("set the event source mapping of queue {queue}")).map(drop)
            })
            .await?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws) -> Result<()> {
        let what = format!("delete the event source mapping of queue {}", self.queue);
        let gone = |found: &Option<EventSourceMappingConfiguration>| found.is_none();
        // One that is being changed is refused, and deleted when that is over.
        let removed = aws.until(
            "Lambda to remove the event source mapping",
            REMOVAL,
            async || {
                let found = self.found(aws).await?;
                if let Some(id) = found.as_ref().filter(|found| !is_going(found)).and_then(|found| found.uuid()) {
                    aws.lambda.delete_event_source_mapping().uuid(id).send().await.or_gone(&what)?;
                }
                Ok(found)
            },
            gone,
        );
        removed.await.map(drop)
    }

    fn permissions(&self) -> Vec<Permission> {
        let any = || self.names.event_source_mapping_arn("*");
        let of_function = |phase, actions, resource| {
            Permission::new(phase, actions, [resource]).when("lambda:FunctionArn", self.names.function_arn())
        };
        let deletes = |phase| of_function(phase, &["lambda:DeleteEventSourceMapping"], any());
        // Where Macie is not used any more its mapping goes.
        let goes = (self.step == steps::MACIE_MAPPING).then(|| deletes(Phase::Apply));
        let mut permissions = vec![
            Permission::new(Phase::Observe, &["lambda:ListEventSourceMappings"], ["*".into()]),
            Permission::new(Phase::Observe, &["lambda:ListTags"], [any()]),
            // It has no resource yet.
            of_function(Phase::Apply, &["lambda:CreateEventSourceMapping"], "*".into()),
            of_function(Phase::Apply, &["lambda:UpdateEventSourceMapping"], any()),
            Permission::new(Phase::Apply, &["lambda:TagResource"], [any()]).with_our_tags(self.names.tags()),
            Permission::new(Phase::Apply, &["lambda:UntagResource"], [any()]).of_what_is_tagged(self.names.tags()),
            deletes(Phase::Delete),
        ];
        permissions.extend(goes);
        permissions
    }
}

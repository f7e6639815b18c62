//! What has Lambda call the function with the notices of their queue: many at once, where many come.
//!
//! It has no name: Lambda assigns its id, and there is one at most of a queue and a function (truths L17).

use crate::aws::{Answer, Aws, PROPAGATION, REMOVAL};
use crate::deploy::permission::{Permission, Phase};
use crate::deploy::plan::Change;
use crate::deploy::resource::{Assigned, Observed, Resource};
use crate::vault::names::Names;
use crate::vault::steps;
use crate::vault::tags::tagged;
use anyhow::Result;
use aws_sdk_lambda::types::{EventSourceMappingConfiguration, FunctionResponseType};
use serde::Serialize;
use std::collections::BTreeMap;

/// How many notices one call gets at most: as many as fit into an e-mail as a line each.
const BATCH: i32 = 1000;

/// The mapping of a stack.
pub struct EventSourceMapping {
    names: Names,
    window_seconds: i32,
    id: Assigned,
}

/// What is declared of it, under the names of `GetEventSourceMapping`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct State {
    batch_size: i32,
    enabled: bool,
    /// It says what was not told, and that alone comes again.
    function_response_types: Vec<String>,
    maximum_batching_window_in_seconds: i32,
    tags: BTreeMap<String, String>,
}

impl EventSourceMapping {
    /// The mapping of the notices, which are gathered for so many seconds.
    #[must_use]
    pub fn notices(names: &Names, window_seconds: i32) -> Self {
        Self { names: names.clone(), window_seconds, id: Assigned::default() }
    }

    /// What Lambda has of this queue and this function.
    async fn found(&self, aws: &Aws) -> Result<Option<EventSourceMappingConfiguration>> {
        let list = aws.lambda.list_event_source_mappings().event_source_arn(self.names.notices_arn());
        let found = list.function_name(self.names.function()).send().await;
        let found = found.or_absent(format!("find the event source mapping of queue {}", self.names.notices()))?;
        let found = found.and_then(|found| found.event_source_mappings?.into_iter().next());
        if let Some(id) = found.as_ref().and_then(|found| found.uuid.as_deref()) {
            self.id.set(id);
        }
        Ok(found)
    }

    async fn tags(&self, aws: &Aws, arn: &str) -> Result<Option<BTreeMap<String, String>>> {
        let tags = aws.lambda.list_tags().resource(arn).send().await;
        let tags = tags.or_absent(format!("read the tags of the event source mapping of {}", self.names.notices()))?;
        let tags = tags.map(|tags| tags.tags.unwrap_or_default());
        Ok(tags.map(|tags| self.names.seen_tags(tags.iter().map(|(key, value)| (key.as_str(), value.as_str())))))
    }

    async fn create(&self, aws: &Aws) -> Result<()> {
        let (queue, what) = (self.names.notices(), "Lambda to be able to read the queue by the new role");
        // Another run has made it meanwhile: with the same properties, or ours are set by the next.
        let created = aws.eventually(what, PROPAGATION, async || {
            let create = aws.lambda.create_event_source_mapping().event_source_arn(self.names.notices_arn());
            let create = create
                .function_name(self.names.function())
                .batch_size(BATCH)
                .maximum_batching_window_in_seconds(self.window_seconds)
                .function_response_types(FunctionResponseType::ReportBatchItemFailures)
                .set_tags(Some(tagged(self.names.all_tags())));
            create.send().await.or_exists(format!("create the event source mapping of queue {queue}"))
        });
        if let Some(id) = created.await?.and_then(|created| created.uuid) {
            self.id.set(&id);
        }
        Ok(())
    }
}

impl Resource for EventSourceMapping {
    type State = State;
    const TYPE: &'static str = "AWS::Lambda::EventSourceMapping";

    fn name(&self) -> String {
        steps::NOTICES_MAPPING.into()
    }

    fn id(&self) -> Option<String> {
        self.id.get().map(str::to_owned)
    }

    fn arn(&self) -> Option<String> {
        self.id.get().map(|id| self.names.event_source_mapping_arn(id))
    }

    fn desired(&self) -> State {
        State {
            batch_size: BATCH,
            enabled: true,
            function_response_types: vec![FunctionResponseType::ReportBatchItemFailures.to_string()],
            maximum_batching_window_in_seconds: self.window_seconds,
            tags: self.names.all_tags(),
        }
    }

    async fn observe(&self, aws: &Aws) -> Result<Observed<State>> {
        let Some(found) = self.found(aws).await? else { return Ok(Observed::absent()) };
        let arn = self.names.event_source_mapping_arn(found.uuid.as_deref().unwrap_or_default());
        let Some(tags) = self.tags(aws, &arn).await? else { return Ok(Observed::absent()) };
        let state = found.state.as_deref().unwrap_or_default();
        let observed = Observed::present(State {
            batch_size: found.batch_size.unwrap_or_default(),
            enabled: !matches!(state, "Disabled" | "Disabling"),
            function_response_types: found.function_response_types().iter().map(ToString::to_string).collect(),
            maximum_batching_window_in_seconds: found.maximum_batching_window_in_seconds.unwrap_or_default(),
            tags,
        });
        Ok(match state {
            "Creating" | "Enabling" | "Updating" | "Deleting" => observed.pending("Lambda is still changing it"),
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
        let queue = self.names.notices();
        if change.touches("/Tags") {
            let tag = aws.lambda.tag_resource().resource(&arn).set_tags(Some(tagged(self.names.all_tags())));
            tag.send().await.or_refused(format!("tag the event source mapping of queue {queue}"))?;
        }
        if let Some(keys) = change.tags_that_go() {
            let untag = aws.lambda.untag_resource().resource(&arn).set_tag_keys(Some(keys));
            untag.send().await.or_refused(format!("untag the event source mapping of queue {queue}"))?;
        }
        let configured = ["/BatchSize", "/Enabled", "/FunctionResponseTypes", "/MaximumBatchingWindowInSeconds"];
        if configured.iter().any(|path| change.touches(path)) {
            aws.eventually("the event source mapping's other changes to end", PROPAGATION, async || {
                let update = aws.lambda.update_event_source_mapping().uuid(&id);
                let update = update
                    .enabled(true)
                    .batch_size(BATCH)
                    .maximum_batching_window_in_seconds(self.window_seconds)
                    .function_response_types(FunctionResponseType::ReportBatchItemFailures);
                update.send().await.or_refused(format!("set the event source mapping of queue {queue}")).map(drop)
            })
            .await?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws) -> Result<()> {
        let what = format!("delete the event source mapping of queue {}", self.names.notices());
        aws.eventually("the event source mapping's changes to end", PROPAGATION, async || {
            let Some(id) = self.found(aws).await?.and_then(|found| found.uuid) else { return Ok(()) };
            aws.lambda.delete_event_source_mapping().uuid(id).send().await.or_gone(&what)
        })
        .await?;
        let gone = |found: &Option<EventSourceMappingConfiguration>| found.is_none();
        let on = "Lambda to remove the event source mapping";
        aws.until(on, REMOVAL, async || self.found(aws).await, gone).await.map(drop)
    }

    fn permissions(&self) -> Vec<Permission> {
        let any = || self.names.event_source_mapping_arn("*");
        let of_function = |phase, actions| {
            Permission::new(phase, actions, [any()]).when("lambda:FunctionArn", self.names.function_arn())
        };
        vec![
            Permission::new(Phase::Observe, &["lambda:ListEventSourceMappings"], ["*".into()]),
            Permission::new(Phase::Observe, &["lambda:ListTags"], [any()]),
            of_function(Phase::Apply, &["lambda:CreateEventSourceMapping", "lambda:UpdateEventSourceMapping"]),
            Permission::new(Phase::Apply, &["lambda:TagResource"], [any()]).with_our_tags(self.names.tags()),
            Permission::new(Phase::Apply, &["lambda:UntagResource"], [any()]).of_what_is_tagged(self.names.tags()),
            of_function(Phase::Delete, &["lambda:DeleteEventSourceMapping"]),
        ]
    }
}

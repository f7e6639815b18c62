//! A rule that starts a state machine: for each object that is created in one bucket, for executions that have
//! ended without telling anybody, and by the clock. `up` makes the rules last, and `down` removes that of ingress before
//! all else.

use crate::aws::{Answer, Aws, Kind, PROPAGATION, REMOVAL, Refusal};
use crate::deploy::permission::{Permission, Phase};
use crate::deploy::plan::Change;
use crate::deploy::resource::{Observed, Resource};
use crate::vault::definitions::Document;
use crate::vault::names::{Names, Zone};
use crate::vault::steps;
use crate::vault::tags::tagged;
use anyhow::{Result, bail};
use aws_sdk_eventbridge::types::{DeadLetterConfig, RetryPolicy, RuleState, Target};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

const TARGET_ID: &str = "state-machine";
/// EventBridge's own bounds, said openly: 24 hours and 185 tries.
const MAXIMUM_EVENT_AGE_IN_SECONDS: i32 = 86_400;
const MAXIMUM_RETRY_ATTEMPTS: i32 = 185;

/// A rule of a stack.
pub struct Rule {
    names: Names,
    what: String,
    description: String,
    /// What it starts.
    machine: String,
    fires: Fires,
}

/// When a rule fires.
enum Fires {
    /// At events like this.
    At(Document),
    /// By the clock, in this interval; off, where nobody wants it.
    Every { interval: String, on: bool },
}

/// What is declared of it. Other targets are other people's, and stay.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct State {
    event_pattern: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule_expression: Option<String>,
    #[serde(rename = "State")]
    enabled: String,
    target: Option<TargetState>,
    tags: BTreeMap<String, String>,
}

/// Our target, under the names of `ListTargetsByRule`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TargetState {
    arn: String,
    dead_letter_arn: Option<String>,
    input: Option<String>,
    maximum_event_age_in_seconds: Option<i32>,
    maximum_retry_attempts: Option<i32>,
    role_arn: Option<String>,
}

impl Rule {
    /// The rule for what the pattern matches in the zone's bucket.
    #[must_use]
    pub fn created(names: &Names, zone: Zone, pattern: Document, machine: String) -> Self {
        let description = format!("Objects created in {}", names.bucket(zone));
        Self { names: names.clone(), what: zone.to_string(), description, machine, fires: Fires::At(pattern) }
    }

    /// The rule for executions that have ended, and nobody was told.
    #[must_use]
    pub fn failures(names: &Names, pattern: Document) -> Self {
        let description = format!("Executions of {} and {} that told nobody", names.state_machine(), names.sweep());
        let (names, machine) = (names.clone(), names.state_machine_arn());
        Self { names, what: "failures".into(), description, machine, fires: Fires::At(pattern) }
    }

    /// The rule that starts a sweep in this interval, if it is on.
    #[must_use]
    pub fn sweep(names: &Names, interval: String, on: bool) -> Self {
        let description = format!("Looks for what waits in {}", names.bucket(Zone::Ingress));
        let (fires, machine) = (Fires::Every { interval, on }, names.sweep_arn());
        Self { names: names.clone(), what: "sweep".into(), description, machine, fires }
    }

    fn rule_name(&self) -> String {
        self.names.rule(&self.what)
    }

    fn arn_of_rule(&self) -> String {
        self.names.rule_arn(&self.what)
    }

    fn pattern(&self) -> Option<Value> {
        match &self.fires {
            Fires::At(pattern) => Some(pattern.value()),
            Fires::Every { .. } => None,
        }
    }

    fn schedule(&self) -> Option<String> {
        match &self.fires {
            Fires::At(_) => None,
            Fires::Every { interval, .. } => Some(interval.clone()),
        }
    }

    fn state(&self) -> RuleState {
        match self.fires {
            Fires::Every { on: false, .. } => RuleState::Disabled,
            _ => RuleState::Enabled,
        }
    }

    fn target(&self) -> Result<Target> {
        let retries = RetryPolicy::builder()
            .maximum_event_age_in_seconds(MAXIMUM_EVENT_AGE_IN_SECONDS)
            .maximum_retry_attempts(MAXIMUM_RETRY_ATTEMPTS)
            .build();
        let target = Target::builder().id(TARGET_ID).arn(&self.machine).role_arn(self.names.role_arn("trigger"));
        // An event goes whole: what a transformer takes out of it is not escaped (truths E12).
        let target = match self.fires {
            Fires::At(_) => target
                .retry_policy(retries)
                .dead_letter_config(DeadLetterConfig::builder().arn(self.names.dead_letters_arn()).build()),
            // What it would start is started by the next one: nothing of it is worth keeping.
            Fires::Every { .. } => target.input("{}"),
        };
        Ok(target.build()?)
    }

    async fn put_rule(&self, aws: &Aws, creating: bool) -> Result<()> {
        let name = self.rule_name();
        aws.eventually("EventBridge's other changes to end", PROPAGATION, async || {
            // The whole rule each time: what is left out becomes its default. Tags count for a new
            // rule only (truths E1).
            let put = aws.eventbridge.put_rule().name(&name).state(self.state());
            let put = put
                .description(&self.description)
                .set_event_pattern(self.pattern().map(|pattern| pattern.to_string()))
                .set_schedule_expression(self.schedule())
                .set_tags(creating.then(|| tagged(self.names.all_tags())));
            put.send().await.or_refused(format!("put rule {name}"))
        })
        .await
        .map(drop)
    }

    async fn put_target(&self, aws: &Aws) -> Result<()> {
        let what = format!("put the target of rule {}", self.rule_name());
        aws.eventually("EventBridge to be able to assume the new role", PROPAGATION, async || {
            let put = aws.eventbridge.put_targets().rule(self.rule_name()).targets(self.target()?);
            let put = put.send().await.or_refused(&what)?;
            // A 200 may carry a failure (truths E3).
            match put.failed_entries().first() {
                None => Ok(()),
                Some(entry) => bail!(Refusal::inside(&what, entry.error_code(), entry.error_message())),
            }
        })
        .await
    }

    async fn remove_targets(&self, aws: &Aws) -> Result<()> {
        let name = self.rule_name();
        let what = format!("remove the targets of rule {name}");
        let pages = aws.eventbridge.list_targets_by_rule().rule(&name).send().await;
        let listed = pages.or_none_if(is_no_rule, &what)?;
        let ids: Vec<_> = listed.into_iter().flat_map(|page| page.targets.unwrap_or_default()).map(|t| t.id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        aws.eventually("EventBridge's other changes to end", PROPAGATION, async || {
            let removed = aws.eventbridge.remove_targets().rule(&name).set_ids(Some(ids.clone())).send().await;
            let removed = removed.or_absent(&what)?;
            match removed.as_ref().and_then(|removed| removed.failed_entries().first()) {
                None => Ok(()),
                Some(entry) => bail!(Refusal::inside(&what, entry.error_code(), entry.error_message())),
            }
        })
        .await
    }
}

/// What reading the targets of a rule that is not there says: either (truths E6).
fn is_no_rule(refusal: &Refusal) -> bool {
    refusal.kind() == Kind::Absent || refusal.is(&["ValidationException"])
}

impl Resource for Rule {
    type State = State;
    const TYPE: &'static str = "AWS::Events::Rule";

    fn name(&self) -> String {
        steps::rule(&self.what)
    }

    fn id(&self) -> Option<String> {
        Some(self.rule_name())
    }

    fn arn(&self) -> Option<String> {
        Some(self.arn_of_rule())
    }

    fn desired(&self) -> State {
        State {
            event_pattern: self.pattern(),
            schedule_expression: self.schedule(),
            enabled: self.state().to_string(),
            target: self.target().ok().map(TargetState::from),
            tags: self.names.all_tags(),
        }
    }

    async fn observe(&self, aws: &Aws) -> Result<Observed<State>> {
        let (name, arn) = (self.rule_name(), self.arn_of_rule());
        let (rule, targets, tags) = futures::join!(
            aws.eventbridge.describe_rule().name(&name).send(),
            aws.eventbridge.list_targets_by_rule().rule(&name).send(),
            aws.eventbridge.list_tags_for_resource().resource_arn(&arn).send(),
        );
        let rule = rule.or_absent(format!("read rule {name}"))?;
        let targets = targets.or_none_if(is_no_rule, format!("read the targets of rule {name}"))?;
        let tags = tags.or_absent(format!("read the tags of rule {name}"))?;
        let (Some(rule), Some(tags)) = (rule, tags) else { return Ok(Observed::absent()) };
        let targets = targets.and_then(|targets| targets.targets).unwrap_or_default();
        let parsed = |pattern: String| serde_json::from_str(&pattern).unwrap_or_else(|_| pattern.into());
        Ok(Observed::present(State {
            event_pattern: rule.event_pattern.map(parsed),
            schedule_expression: rule.schedule_expression,
            enabled: rule.state.unwrap_or(RuleState::Enabled).to_string(),
            target: targets.into_iter().find(|target| target.id == TARGET_ID).map(TargetState::from),
            tags: self.names.seen_tags(tags.tags().iter().map(|tag| (tag.key(), tag.value()))),
        }))
    }

    async fn apply(&self, aws: &Aws, change: &Change) -> Result<()> {
        if ["/EventPattern", "/ScheduleExpression", "/State"].iter().any(|path| change.touches(path)) {
            self.put_rule(aws, change.creates()).await?;
        }
        if change.touches("/Tags") && !change.creates() {
            aws.eventually("EventBridge's other changes to end", PROPAGATION, async || {
                let tag = aws.eventbridge.tag_resource().resource_arn(self.arn_of_rule());
                let tagged = tag.set_tags(Some(tagged(self.names.all_tags()))).send().await;
                tagged.or_refused(format!("tag rule {}", self.rule_name()))
            })
            .await?;
        }
        if let Some(keys) = change.tags_that_go() {
            aws.eventually("EventBridge's other changes to end", PROPAGATION, async || {
                let untag = aws.eventbridge.untag_resource().resource_arn(self.arn_of_rule());
                let untagged = untag.set_tag_keys(Some(keys.clone())).send().await;
                untagged.or_refused(format!("untag rule {}", self.rule_name()))
            })
            .await?;
        }
        if change.touches("/Target") {
            self.put_target(aws).await?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws) -> Result<()> {
        let name = self.rule_name();
        self.remove_targets(aws).await?;
        // Their removal has to spread first (truths E8).
        aws.eventually("EventBridge to forget the rule's targets", REMOVAL, async || {
            let deleted = aws.eventbridge.delete_rule().name(&name).send().await;
            deleted.or_gone(format!("delete rule {name}"))
        })
        .await
    }

    fn permissions(&self) -> Vec<Permission> {
        let on = |phase, actions| Permission::new(phase, actions, [self.arn_of_rule()]);
        vec![
            on(Phase::Observe, &["events:DescribeRule", "events:ListTagsForResource", "events:ListTargetsByRule"]),
            on(Phase::Apply, &["events:PutRule", "events:PutTargets", "events:TagResource", "events:UntagResource"]),
            on(Phase::Delete, &["events:DeleteRule", "events:RemoveTargets"]),
            Permission::pass_role(self.names.role_arn("trigger"), "events.amazonaws.com"),
        ]
    }
}

impl From<Target> for TargetState {
    fn from(target: Target) -> Self {
        let retries = target.retry_policy;
        Self {
            arn: target.arn,
            dead_letter_arn: target.dead_letter_config.and_then(|config| config.arn),
            input: target.input.or(target.input_path).or(target.input_transformer.map(|it| it.input_template)),
            maximum_event_age_in_seconds: retries.as_ref().and_then(|policy| policy.maximum_event_age_in_seconds),
            maximum_retry_attempts: retries.as_ref().and_then(|policy| policy.maximum_retry_attempts),
            role_arn: target.role_arn,
        }
    }
}

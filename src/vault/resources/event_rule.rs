//! A rule that starts the state machine for each object that is created in one bucket. The rules
//! are the last that `up` makes and the first that `down` removes.

use crate::aws::{Answer, Aws, Kind, PROPAGATION, REMOVAL, Refusal};
use crate::deploy::identity::our_tags;
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

/// The rule of one bucket.
pub struct Rule {
    names: Names,
    zone: Zone,
    pattern: Document,
}

/// What is declared of it. Other targets are other people's, and stay.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct State {
    event_pattern: Value,
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
    pub fn new(names: &Names, zone: Zone, pattern: Document) -> Self {
        Self { names: names.clone(), zone, pattern }
    }

    fn rule_name(&self) -> String {
        self.names.rule(self.zone)
    }

    fn target(&self) -> Result<Target> {
        let retries = RetryPolicy::builder()
            .maximum_event_age_in_seconds(MAXIMUM_EVENT_AGE_IN_SECONDS)
            .maximum_retry_attempts(MAXIMUM_RETRY_ATTEMPTS)
            .build();
        // The event goes whole: what a transformer takes out of it is not escaped (truths E12).
        Ok(Target::builder()
            .id(TARGET_ID)
            .arn(self.names.state_machine_arn())
            .role_arn(self.names.role_arn("trigger"))
            .retry_policy(retries)
            .dead_letter_config(DeadLetterConfig::builder().arn(self.names.dead_letters_arn()).build())
            .build()?)
    }

    async fn put_rule(&self, aws: &Aws, creating: bool) -> Result<()> {
        let name = self.rule_name();
        aws.eventually("EventBridge's other changes to end", PROPAGATION, async || {
            // The whole rule each time: what is left out becomes its default. Tags count for a new
            // rule only (truths E1).
            let put = aws.eventbridge.put_rule().name(&name).state(RuleState::Enabled);
            let put = put
                .description(format!("Objects created in {}", self.names.bucket(self.zone)))
                .event_pattern(self.pattern.value().to_string())
                .set_tags(creating.then(|| tagged(self.names.tags())));
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
        steps::rule(self.zone)
    }

    fn id(&self) -> Option<String> {
        Some(self.rule_name())
    }

    fn arn(&self) -> Option<String> {
        Some(self.names.rule_arn(self.zone))
    }

    fn desired(&self) -> State {
        State {
            event_pattern: self.pattern.value(),
            enabled: RuleState::Enabled.to_string(),
            target: self.target().ok().map(TargetState::from),
            tags: our_tags(self.names.tags()),
        }
    }

    async fn observe(&self, aws: &Aws) -> Result<Observed<State>> {
        let (name, arn) = (self.rule_name(), self.names.rule_arn(self.zone));
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
        let pattern = rule.event_pattern.unwrap_or_default();
        Ok(Observed::present(State {
            event_pattern: serde_json::from_str(&pattern).unwrap_or_else(|_| pattern.into()),
            enabled: rule.state.unwrap_or(RuleState::Enabled).to_string(),
            target: targets.into_iter().find(|target| target.id == TARGET_ID).map(TargetState::from),
            tags: our_tags(tags.tags().iter().map(|tag| (tag.key(), tag.value()))),
        }))
    }

    async fn apply(&self, aws: &Aws, change: &Change) -> Result<()> {
        if change.touches("/EventPattern") || change.touches("/State") {
            self.put_rule(aws, change.creates()).await?;
        }
        if change.touches("/Tags") && !change.creates() {
            aws.eventually("EventBridge's other changes to end", PROPAGATION, async || {
                let tag = aws.eventbridge.tag_resource().resource_arn(self.names.rule_arn(self.zone));
                let tagged = tag.set_tags(Some(tagged(self.names.tags()))).send().await;
                tagged.or_refused(format!("tag rule {}", self.rule_name()))
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
        let on = |phase, actions| Permission::new(phase, actions, [self.names.rule_arn(self.zone)]);
        vec![
            on(Phase::Observe, &["events:DescribeRule", "events:ListTagsForResource", "events:ListTargetsByRule"]),
            on(Phase::Apply, &["events:PutRule", "events:PutTargets", "events:TagResource"]),
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

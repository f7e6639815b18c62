//! An alarm: it tells the topic when what it watches reaches a number.

use crate::aws::{Answer, Aws, PROPAGATION};
use crate::deploy::permission::{Permission, Phase};
use crate::deploy::plan::Change;
use crate::deploy::resource::{Observed, Resource};
use crate::vault::names::Names;
use crate::vault::steps;
use crate::vault::tags::tagged;
use anyhow::Result;
use aws_sdk_cloudwatch::types::{ComparisonOperator, Dimension, MetricAlarm, Statistic};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// When an alarm tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tells {
    /// When the threshold is reached. No numbers mean that nothing has happened: the services write none where nothing is to
    /// be counted.
    Reached,
    /// When it is not reached, which no numbers mean, too.
    Missed,
}

impl Tells {
    fn comparison(self) -> ComparisonOperator {
        match self {
            Self::Reached => ComparisonOperator::GreaterThanOrEqualToThreshold,
            Self::Missed => ComparisonOperator::LessThanThreshold,
        }
    }

    fn missing_data(self) -> &'static str {
        match self {
            Self::Reached => "notBreaching",
            Self::Missed => "breaching",
        }
    }
}

/// What an alarm watches: one metric, which CloudWatch adds up for each period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// What the alarm is called by.
    pub name: &'static str,
    /// What a person reads in the e-mail.
    pub description: String,
    /// Whose metric it is.
    pub namespace: &'static str,
    /// The metric.
    pub metric: &'static str,
    /// Of what: name and value of its dimension.
    pub dimension: (&'static str, String),
    /// How the numbers of a period become one, in CloudWatch's word.
    pub statistic: &'static str,
    /// How long a period is, in seconds.
    pub period: i32,
    /// Of how many periods,
    pub evaluation_periods: i32,
    /// how many must reach, or miss,
    pub datapoints_to_alarm: i32,
    /// this.
    pub threshold: i32,
    /// Which of the two.
    pub tells: Tells,
}

/// An alarm of a stack.
pub struct Alarm {
    names: Names,
    watch: Watch,
    list: AlarmList,
}

/// The alarms of these names, read once for all of them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AlarmList {
    names: Vec<String>,
    read: Arc<OnceCell<Vec<MetricAlarm>>>,
}

/// What is declared of it, under the names of `DescribeAlarms`. Other actions are other people's, and stay.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct State {
    alarm_description: Option<String>,
    namespace: Option<String>,
    metric_name: Option<String>,
    dimensions: BTreeMap<String, String>,
    statistic: Option<String>,
    period: Option<i32>,
    evaluation_periods: Option<i32>,
    datapoints_to_alarm: Option<i32>,
    threshold: Option<f64>,
    comparison_operator: Option<String>,
    treat_missing_data: Option<String>,
    actions_enabled: bool,
    alarm_action: Option<String>,
    tags: BTreeMap<String, String>,
}

impl AlarmList {
    /// The alarms of these names.
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        Self { names: names.into_iter().collect(), read: Arc::default() }
    }

    async fn get(&self, aws: &Aws, name: &str) -> Result<Option<MetricAlarm>> {
        let all = self.read.get_or_try_init(|| described(aws, &self.names)).await?;
        Ok(all.iter().find(|alarm| alarm.alarm_name() == Some(name)).cloned())
    }
}

/// At most fifty, which come in one page.
async fn described(aws: &Aws, names: &[String]) -> Result<Vec<MetricAlarm>> {
    let described = aws.cloudwatch.describe_alarms().set_alarm_names(Some(names.to_vec())).send().await;
    let described = described.or_refused(format!("read alarms {}", names.join(", ")))?;
    Ok(described.metric_alarms.unwrap_or_default())
}

impl Alarm {
    /// The alarm that watches this, which is in the list.
    #[must_use]
    pub fn new(names: &Names, watch: Watch, list: &AlarmList) -> Self {
        Self { names: names.clone(), watch, list: list.clone() }
    }

    fn alarm_name(&self) -> String {
        self.names.alarm(self.watch.name)
    }

    /// The whole alarm each time: what is left out becomes its default. The tags too, which count for a new alarm only:
    /// an organization may deny whoever does not send them (truths W2).
    async fn put(&self, aws: &Aws, is_new: bool) -> Result<()> {
        let (name, watch, topic) = (self.alarm_name(), &self.watch, self.names.topic_arn());
        let there = if is_new { None } else { described(aws, std::slice::from_ref(&name)).await?.pop() };
        let there = there.unwrap_or_else(|| MetricAlarm::builder().build());
        let others = there.alarm_actions().iter().filter(|action| **action != topic).cloned();
        let (dimension, value) = &watch.dimension;
        let put = aws.cloudwatch.put_metric_alarm().alarm_name(&name).alarm_description(&watch.description);
        let put = put.namespace(watch.namespace).metric_name(watch.metric).statistic(watch.statistic.into());
        let put = put.dimensions(Dimension::builder().name(*dimension).value(value).build());
        let put = put.period(watch.period).evaluation_periods(watch.evaluation_periods);
        let put = put.datapoints_to_alarm(watch.datapoints_to_alarm).threshold(watch.threshold.into());
        let put = put.comparison_operator(watch.tells.comparison());
        let put = put.treat_missing_data(watch.tells.missing_data()).actions_enabled(true);
        let put = put
            .set_alarm_actions(Some([topic.clone()].into_iter().chain(others).collect()))
            .set_ok_actions(there.ok_actions)
            .set_insufficient_data_actions(there.insufficient_data_actions)
            .set_tags(Some(tagged(self.names.all_tags())));
        put.send().await.or_refused(format!("put alarm {name}")).map(drop)
    }
}

impl Resource for Alarm {
    type State = State;
    const TYPE: &'static str = "AWS::CloudWatch::Alarm";

    fn name(&self) -> String {
        steps::alarm(self.watch.name)
    }

    fn id(&self) -> Option<String> {
        Some(self.alarm_name())
    }

    fn arn(&self) -> Option<String> {
        Some(self.names.alarm_arn(self.watch.name))
    }

    fn desired(&self) -> State {
        let Watch { description, namespace, metric, dimension, statistic, .. } = self.watch.clone();
        State {
            alarm_description: Some(description),
            namespace: Some(namespace.into()),
            metric_name: Some(metric.into()),
            dimensions: BTreeMap::from([(dimension.0.into(), dimension.1)]),
            statistic: Some(statistic.into()),
            period: Some(self.watch.period),
            evaluation_periods: Some(self.watch.evaluation_periods),
            datapoints_to_alarm: Some(self.watch.datapoints_to_alarm),
            threshold: Some(self.watch.threshold.into()),
            comparison_operator: Some(self.watch.tells.comparison().to_string()),
            treat_missing_data: Some(self.watch.tells.missing_data().into()),
            actions_enabled: true,
            alarm_action: Some(self.names.topic_arn()),
            tags: self.names.all_tags(),
        }
    }

    async fn observe(&self, aws: &Aws) -> Result<Observed<State>> {
        let (name, arn) = (self.alarm_name(), self.names.alarm_arn(self.watch.name));
        let Some(alarm) = self.list.get(aws, &name).await? else { return Ok(Observed::absent()) };
        let tags = aws.cloudwatch.list_tags_for_resource().resource_arn(&arn).send().await;
        let Some(tags) = tags.or_absent(format!("read the tags of alarm {name}"))? else {
            return Ok(Observed::absent());
        };
        let dimension = |it: &Dimension| Some((it.name()?.to_owned(), it.value()?.to_owned()));
        let topic = self.names.topic_arn();
        Ok(Observed::present(State {
            dimensions: alarm.dimensions().iter().filter_map(dimension).collect(),
            alarm_action: alarm.alarm_actions().contains(&topic).then_some(topic),
            statistic: alarm.statistic.as_ref().map(Statistic::to_string),
            comparison_operator: alarm.comparison_operator.as_ref().map(ComparisonOperator::to_string),
            alarm_description: alarm.alarm_description,
            namespace: alarm.namespace,
            metric_name: alarm.metric_name,
            period: alarm.period,
            evaluation_periods: alarm.evaluation_periods,
            datapoints_to_alarm: alarm.datapoints_to_alarm,
            threshold: alarm.threshold,
            treat_missing_data: alarm.treat_missing_data,
            actions_enabled: alarm.actions_enabled.unwrap_or_default(),
            tags: self.names.seen_tags(tags.tags().iter().filter_map(|tag| Some((tag.key()?, tag.value()?)))),
        }))
    }

    async fn apply(&self, aws: &Aws, change: &Change) -> Result<()> {
        let (name, arn) = (self.alarm_name(), self.names.alarm_arn(self.watch.name));
        if change.creates() || change.differences.iter().any(|difference| !difference.path.starts_with("/Tags")) {
            self.put(aws, change.creates()).await?;
        }
        if change.touches("/Tags") && !change.creates() {
            aws.eventually("CloudWatch's other changes to end", PROPAGATION, async || {
                let tag = aws.cloudwatch.tag_resource().resource_arn(&arn);
                let tagged = tag.set_tags(Some(tagged(self.names.all_tags()))).send().await;
                tagged.or_refused(format!("tag alarm {name}"))
            })
            .await?;
        }
        if let Some(keys) = change.tags_that_go() {
            aws.eventually("CloudWatch's other changes to end", PROPAGATION, async || {
                let untag = aws.cloudwatch.untag_resource().resource_arn(&arn).set_tag_keys(Some(keys.clone()));
                untag.send().await.or_refused(format!("untag alarm {name}"))
            })
            .await?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws) -> Result<()> {
        let name = self.alarm_name();
        aws.eventually("CloudWatch's other changes to end", PROPAGATION, async || {
            let deleted = aws.cloudwatch.delete_alarms().alarm_names(&name).send().await;
            deleted.or_gone(format!("delete alarm {name}"))
        })
        .await
    }

    fn permissions(&self) -> Vec<Permission> {
        // All alarms of the stack by one pattern: a managed policy has 6,144 characters.
        let on = |phase, actions| Permission::new(phase, actions, [self.names.alarm_arn("*")]);
        vec![
            Permission::new(Phase::Observe, &["cloudwatch:DescribeAlarms"], ["*".into()]),
            on(Phase::Observe, &["cloudwatch:ListTagsForResource"]),
            on(Phase::Apply, &["cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource"]),
            // One that is switched off goes.
            on(Phase::Apply, &["cloudwatch:DeleteAlarms"]),
            on(Phase::Delete, &["cloudwatch:DeleteAlarms"]),
        ]
    }
}

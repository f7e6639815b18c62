//! The e-mail addresses behind the topic. A subscription has neither name nor tags: it is its
//! address, and it is ours because the topic is.

use crate::aws::{Answer, Aws, PROPAGATION};
use crate::deploy::permission::Permission;
use crate::deploy::plan::{Action, Change, Standing, State as StepState, Step};
use crate::deploy::resource::{Observed, Resource};
use crate::vault::names::Names;
use crate::vault::steps;
use anyhow::Result;
use serde::Serialize;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// One declared address.
pub struct Subscription {
    address: String,
    list: SubscriptionList,
}

/// What is declared of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct State {
    protocol: &'static str,
    endpoint: String,
}

/// The topic's subscriptions, read once for all addresses. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SubscriptionList {
    topic_arn: String,
    read: Arc<OnceCell<Vec<Subscribed>>>,
}

/// An address that is subscribed.
#[derive(Clone, Debug)]
struct Subscribed {
    address: String,
    /// `None` until somebody clicked the link in the e-mail: AWS gives no ARN before (truths N7).
    arn: Option<String>,
}

const UNCONFIRMED: &str = "waits for the link in its e-mail to be clicked";

impl SubscriptionList {
    /// The subscriptions of the stack's topic.
    #[must_use]
    pub fn new(names: &Names) -> Self {
        Self { topic_arn: names.topic_arn(), read: Arc::default() }
    }

    async fn get(&self, aws: &Aws) -> Result<&[Subscribed]> {
        self.read.get_or_try_init(|| self.list(aws)).await.map(Vec::as_slice)
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Subscribed>> {
        let pages = aws.sns.list_subscriptions_by_topic().topic_arn(&self.topic_arn);
        let listed = pages.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        let listed = listed.or_absent(format!("list the subscriptions of {}", self.topic_arn))?;
        let emails = listed.into_iter().flatten().filter(|listed| listed.protocol() == Some("email"));
        Ok(emails
            // One that is deleted stays in the list for a while under that word.
            .filter(|listed| listed.subscription_arn() != Some("Deleted"))
            .map(|listed| Subscribed {
                arn: listed.subscription_arn.filter(|arn| arn.starts_with("arn:")),
                address: listed.endpoint.unwrap_or_default(),
            })
            .collect())
    }

    /// Steps for the addresses that are subscribed but not declared: they stay, and are shown.
    /// With none declared and none subscribed, nobody would hear of a held file: one missing step.
    ///
    /// # Errors
    /// The list cannot be read.
    pub async fn undeclared(&self, aws: &Aws, declared: &[String]) -> Result<Vec<Step>> {
        let subscribed = self.get(aws).await?;
        let others = subscribed.iter().filter(|other| !declared.iter().any(|address| same(address, &other.address)));
        let mut steps: Vec<_> = others
            .map(|other| {
                let state = if other.arn.is_some() { StepState::Ok } else { StepState::Pending };
                let note = match &other.arn {
                    None => Some(UNCONFIRMED),
                    Some(_) if declared.is_empty() => None,
                    Some(_) => Some("not declared here: left as it is"),
                };
                step(&other.address, other.arn.clone(), state, Action::Keep, note)
            })
            .collect();
        if declared.is_empty() && subscribed.is_empty() {
            let note = "nobody is told of held files: give --email, or emails in cvault.toml";
            steps.push(step(steps::NOBODY, None, StepState::Missing, Action::Create, Some(note)));
        }
        Ok(steps)
    }
}

fn step(address: &str, arn: Option<String>, state: StepState, action: Action, note: Option<&str>) -> Step {
    Step {
        name: steps::subscription(address),
        r#type: Subscription::TYPE,
        id: Some(address.into()),
        arn,
        state,
        action,
        differences: vec![],
        note: note.map(str::to_owned),
        owner: None,
        standing: Standing::Wanted,
        halted: false,
        observed: None,
    }
}

/// The part behind the `@` has no case; the part before it hardly ever.
fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

impl Subscription {
    /// The address, with the list that it shares with the others.
    #[must_use]
    pub fn email(address: &str, list: &SubscriptionList) -> Self {
        Self { address: address.into(), list: list.clone() }
    }

    fn state(&self) -> State {
        State { protocol: "email", endpoint: self.address.clone() }
    }
}

impl Resource for Subscription {
    type State = State;
    const TYPE: &'static str = "AWS::SNS::Subscription";

    fn name(&self) -> String {
        steps::subscription(&self.address)
    }

    fn id(&self) -> Option<String> {
        Some(self.address.clone())
    }

    fn arn(&self) -> Option<String> {
        let read = self.list.read.get()?;
        read.iter().find(|subscribed| same(&subscribed.address, &self.address))?.arn.clone()
    }

    fn desired(&self) -> State {
        self.state()
    }

    async fn observe(&self, aws: &Aws) -> Result<Observed<State>> {
        let subscribed = self.list.get(aws).await?;
        Ok(match subscribed.iter().find(|subscribed| same(&subscribed.address, &self.address)) {
            None => Observed::absent(),
            Some(Subscribed { arn: Some(_), .. }) => Observed::present(self.state()),
            Some(_) => Observed::present(self.state()).pending(UNCONFIRMED),
        })
    }

    async fn apply(&self, aws: &Aws, _: &Change) -> Result<()> {
        aws.eventually("the new topic to be known", PROPAGATION, async || {
            let subscribe = aws.sns.subscribe().topic_arn(&self.list.topic_arn).protocol("email");
            let subscribed = subscribe.endpoint(&self.address).send().await;
            subscribed.or_refused(format!("subscribe {}", self.address))
        })
        .await
        .map(drop)
    }

    async fn delete(&self, _: &Aws) -> Result<()> {
        // Goes with its topic; one that was never confirmed cannot be removed otherwise (truths N6, N9).
        Ok(())
    }

    fn permissions(&self) -> Vec<Permission> {
        // The topic's: a subscription is listed and asked for there.
        vec![]
    }
}

//! Who is told of held files: e-mail addresses, HTTPS endpoints and queues behind the topic. A subscription has
//! neither name nor tags: it is its protocol and its endpoint, and it is ours because the topic is.

use crate::aws::{Answer, Aws, PROPAGATION};
use crate::deploy::permission::Permission;
use crate::deploy::plan::{Action, Change, Plan, Standing, State as StepState, Step};
use crate::deploy::resource::{Observed, Resource};
use crate::vault::names::Names;
use crate::vault::steps;
use anyhow::Result;
use serde::Serialize;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// A subscription that is declared.
pub struct Subscription {
    subscriber: Subscriber,
    list: SubscriptionList,
}

/// An e-mail address that is subscribed and not declared, where such are to go.
pub struct Undeclared {
    address: String,
    arn: String,
}

/// Whom SNS tells: by which protocol, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Subscriber {
    protocol: String,
    endpoint: String,
}

/// What is declared of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct State {
    protocol: String,
    endpoint: String,
}

/// The topic's subscriptions, declared and read: once for all of them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SubscriptionList {
    topic_arn: String,
    /// By them the queues of `verify` are known: they come and go with a run.
    names: Names,
    declared: Arc<[Subscriber]>,
    prunes: bool,
    /// Their topic's: the stack's own, or the account's.
    standing: Standing,
    /// Whether the stack has a topic of its own that another replaces; until it was looked for it may be.
    replaces_own: bool,
    read: Arc<OnceCell<Vec<Subscribed>>>,
}

/// A subscription that is there.
#[derive(Clone, Debug)]
struct Subscribed {
    subscriber: Subscriber,
    /// `None` until somebody has confirmed it: AWS gives no ARN before (truths N7).
    arn: Option<String>,
}

const EMAIL: &str = "email";

/// What is said of a subscription that nobody has declared, where others are declared.
const UNDECLARED: &str = "not declared here: left as it is";

impl Subscriber {
    fn new(protocol: &str, endpoint: &str) -> Self {
        Self { protocol: protocol.into(), endpoint: endpoint.into() }
    }

    /// Of an address the part behind the `@` has no case; the part before it hardly ever.
    fn is(&self, other: &Self) -> bool {
        let is = if self.protocol == EMAIL { str::eq_ignore_ascii_case } else { <str as PartialEq>::eq };
        self.protocol == other.protocol && is(&self.endpoint, &other.endpoint)
    }

    /// An address may be subscribed a second time, to e-mails in JSON.
    fn name(&self) -> String {
        let twice = if self.protocol == "email-json" { "email-json:" } else { "" };
        steps::subscription(&format!("{twice}{}", self.endpoint))
    }

    fn waits(&self) -> &'static str {
        match self.protocol.as_str() {
            "email" | "email-json" => "waits for the link in its e-mail to be clicked",
            "http" | "https" => "waits for its endpoint to open the SubscribeURL that AWS has posted to it",
            _ => "waits for its owner to open the SubscribeURL that AWS has sent to it",
        }
    }

    fn step(&self, arn: Option<String>, state: StepState, action: Action, note: Option<&str>) -> Step {
        Step {
            name: self.name(),
            r#type: Subscription::TYPE,
            id: Some(self.endpoint.clone()),
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
}

impl SubscriptionList {
    /// The subscriptions of the stack's topic; those that are declared by protocol.
    #[must_use]
    pub fn new(names: &Names, declared: &[(&str, &[String])]) -> Self {
        let of = |(protocol, endpoints): &(&str, &[String])| {
            endpoints.iter().map(|endpoint| Subscriber::new(protocol, endpoint)).collect::<Vec<_>>()
        };
        Self {
            topic_arn: names.topic_arn(),
            names: names.clone(),
            declared: declared.iter().flat_map(of).collect(),
            prunes: false,
            standing: if names.existing.topic.is_some() { Standing::Shared } else { Standing::Wanted },
            replaces_own: names.existing.topic.is_some(),
            read: Arc::default(),
        }
    }

    /// The same, read, and so that [`Self::undeclared_addresses`] are to go.
    ///
    /// # Errors
    /// The list cannot be read.
    pub async fn pruning(self, aws: &Aws) -> Result<Self> {
        self.get(aws).await?;
        Ok(Self { prunes: true, ..self })
    }

    /// The same, once it was looked whether the stack has a topic of its own beside an existing one.
    ///
    /// # Errors
    /// It cannot be told.
    pub async fn replacing(self, aws: &Aws, names: &Names) -> Result<Self> {
        let own = names.own_topic();
        let read = aws.sns.get_topic_attributes().topic_arn(names.own_topic_arn()).send().await;
        let is_there = read.or_absent(format!("read topic {own}"))?.is_some();
        Ok(Self { replaces_own: is_there, ..self })
    }

    /// Whether a topic of the stack's own is to go.
    #[must_use]
    pub fn replaces_own(&self) -> bool {
        self.replaces_own
    }

    /// One resource for each that is declared.
    pub fn declared(&self) -> impl Iterator<Item = Subscription> {
        self.declared.iter().map(|subscriber| Subscription { subscriber: subscriber.clone(), list: self.clone() })
    }

    /// The addresses that go: whoever has not confirmed yet cannot be removed (truths N6).
    #[must_use]
    pub fn undeclared_addresses(&self) -> Vec<Undeclared> {
        let read = self.read.get().filter(|_| self.prunes).into_iter().flatten();
        let others = read.filter(|subscribed| self.goes(subscribed));
        let undeclared = |Subscribed { subscriber, arn }: &Subscribed| {
            Some(Undeclared { address: subscriber.endpoint.clone(), arn: arn.clone()? })
        };
        others.filter_map(undeclared).collect()
    }

    fn goes(&self, subscribed: &Subscribed) -> bool {
        let is_email = subscribed.subscriber.protocol == EMAIL && subscribed.arn.is_some();
        self.prunes && is_email && !self.declares(&subscribed.subscriber)
    }

    fn declares(&self, other: &Subscriber) -> bool {
        self.declared.iter().any(|declared| declared.is(other))
    }

    async fn get(&self, aws: &Aws) -> Result<&[Subscribed]> {
        self.read.get_or_try_init(|| self.list(aws)).await.map(Vec::as_slice)
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Subscribed>> {
        let pages = aws.sns.list_subscriptions_by_topic().topic_arn(&self.topic_arn);
        let listed = pages.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        let listed = listed.or_absent(format!("list the subscriptions of {}", self.topic_arn))?;
        Ok(listed
            .into_iter()
            .flatten()
            // One that is deleted stays in the list for a while under that word.
            .filter(|listed| listed.subscription_arn() != Some("Deleted"))
            .filter(|listed| !listed.endpoint().is_some_and(|endpoint| self.names.is_verify_queue_arn(endpoint)))
            .map(|listed| Subscribed {
                subscriber: Subscriber::new(
                    listed.protocol().unwrap_or_default(),
                    listed.endpoint().unwrap_or_default(),
                ),
                arn: listed.subscription_arn.filter(|arn| arn.starts_with("arn:")),
            })
            .collect())
    }

    fn found(&self, wanted: &Subscriber) -> Option<&Subscribed> {
        self.read.get()?.iter().find(|subscribed| subscribed.subscriber.is(wanted))
    }

    /// Steps for who is subscribed but not declared, by whatever protocol: they stay, and are shown.
    /// With nobody declared and nobody subscribed, nobody would hear of a held file: one missing step.
    ///
    /// # Errors
    /// The list cannot be read.
    pub async fn undeclared(&self, aws: &Aws) -> Result<Vec<Step>> {
        let subscribed = self.get(aws).await?;
        let others = subscribed.iter().filter(|other| !self.declares(&other.subscriber) && !self.goes(other));
        let mut steps: Vec<_> = others
            .map(|Subscribed { subscriber, arn }| {
                let state = if arn.is_some() { StepState::Ok } else { StepState::Pending };
                let note = match arn {
                    None => Some(subscriber.waits()),
                    Some(_) if self.declared.is_empty() => None,
                    Some(_) => Some(UNDECLARED),
                };
                Step { standing: self.standing, ..subscriber.step(arn.clone(), state, Action::Keep, note) }
            })
            .collect();
        if self.declared.is_empty() && subscribed.is_empty() {
            let note = "nobody is told of held files: give --email, or emails in cvault.toml";
            let nobody = Subscriber::new(EMAIL, steps::NOBODY);
            let nobody = nobody.step(None, StepState::Missing, Action::Create, Some(note));
            steps.push(Step { standing: self.standing, ..nobody });
        }
        Ok(steps)
    }
}

/// What is to be done at a subscriber who has not confirmed yet.
#[must_use]
pub fn to_confirm(endpoint: &str) -> &'static str {
    match endpoint {
        _ if endpoint.starts_with("http") => "let the endpoint open the SubscribeURL that AWS has posted to it",
        _ if endpoint.starts_with("arn:") => "let its owner open the SubscribeURL that AWS has sent to it",
        _ => "click the link in the e-mail that AWS has sent",
    }
}

/// What the user has to do about subscriptions once a plan is carried out, or should know of them.
#[must_use]
pub fn notes(plan: &Plan) -> Vec<String> {
    let all: Vec<_> = plan.resources.iter().filter(|step| step.r#type == Subscription::TYPE).collect();
    let endpoints = |wanted: &dyn Fn(&Step, &str) -> bool| {
        let of = |step: &&Step| step.id.as_deref().filter(|endpoint| wanted(step, endpoint)).map(str::to_owned);
        let found: Vec<_> = all.iter().filter_map(of).collect();
        (!found.is_empty()).then(|| found.join(", "))
    };
    let is_address = |endpoint: &str| !endpoint.starts_with("http") && !endpoint.starts_with("arn:");
    let is_new = |step: &Step| step.action == Action::Create || step.state == StepState::Pending;
    let is_other = |step: &Step| step.note.as_deref() == Some(UNDECLARED);
    let notes = [
        endpoints(&|step, to| is_new(step) && is_address(to))
            .map(|who| format!("click the link that AWS has sent to {who}: until then no e-mail arrives")),
        endpoints(&|step, to| is_new(step) && to.starts_with("http")).map(|who| {
            format!("AWS has posted a SubscribeURL to {who}: until the endpoint has opened it, no notice arrives")
        }),
        endpoints(&|step, to| step.action == Action::Create && to.starts_with("arn:"))
            .map(|who| format!("a notice arrives in {who} only if its policy lets the topic send: see the README")),
        endpoints(&|step, to| step.action != Action::Create && is_new(step) && to.starts_with("arn:"))
            .map(|who| format!("{who} waits for its owner to open the SubscribeURL that AWS has sent to it")),
        endpoints(&|step, _| is_other(step) && step.standing == Standing::Shared)
            .map(|who| format!("told of held files too, since they are subscribed to the existing topic: {who}")),
        endpoints(&|step, to| is_other(step) && step.standing == Standing::Wanted && is_address(to)).map(|who| {
            format!("told of held files too, and not declared: {who}; `cvault up --prune-emails` removes who is not")
        }),
        endpoints(&|step, to| is_other(step) && step.standing == Standing::Wanted && !is_address(to)).map(|who| {
            format!("told of held files too, and not declared: {who}; `aws sns unsubscribe` removes who is not")
        }),
    ];
    notes.into_iter().flatten().collect()
}

impl Subscription {
    fn state(&self) -> State {
        let Subscriber { protocol, endpoint } = self.subscriber.clone();
        State { protocol, endpoint }
    }
}

impl Resource for Subscription {
    type State = State;
    const TYPE: &'static str = "AWS::SNS::Subscription";

    fn name(&self) -> String {
        self.subscriber.name()
    }

    fn id(&self) -> Option<String> {
        Some(self.subscriber.endpoint.clone())
    }

    fn arn(&self) -> Option<String> {
        self.list.found(&self.subscriber)?.arn.clone()
    }

    fn standing(&self) -> Standing {
        self.list.standing
    }

    fn desired(&self) -> State {
        self.state()
    }

    async fn observe(&self, aws: &Aws) -> Result<Observed<State>> {
        self.list.get(aws).await?;
        Ok(match self.list.found(&self.subscriber) {
            None => Observed::absent(),
            Some(Subscribed { arn: Some(_), .. }) => Observed::present(self.state()),
            Some(_) => Observed::present(self.state()).pending(self.subscriber.waits()),
        })
    }

    async fn apply(&self, aws: &Aws, _: &Change) -> Result<()> {
        let Subscriber { protocol, endpoint } = &self.subscriber;
        aws.eventually("the new topic to be known", PROPAGATION, async || {
            let subscribe = aws.sns.subscribe().topic_arn(&self.list.topic_arn).protocol(protocol);
            let subscribed = subscribe.endpoint(endpoint).send().await;
            subscribed.or_refused(format!("subscribe {endpoint}"))
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

impl Resource for Undeclared {
    type State = State;
    const TYPE: &'static str = Subscription::TYPE;

    fn name(&self) -> String {
        steps::subscription(&self.address)
    }

    fn id(&self) -> Option<String> {
        Some(self.address.clone())
    }

    fn arn(&self) -> Option<String> {
        Some(self.arn.clone())
    }

    fn desired(&self) -> State {
        State { protocol: EMAIL.into(), endpoint: self.address.clone() }
    }

    async fn observe(&self, _: &Aws) -> Result<Observed<State>> {
        // It was in the list from which this was made.
        Ok(Observed::present(self.desired()).noted("not declared: it is told no more"))
    }

    async fn apply(&self, _: &Aws, _: &Change) -> Result<()> {
        // Nobody wants it.
        Ok(())
    }

    async fn delete(&self, aws: &Aws) -> Result<()> {
        aws.eventually("SNS's other changes to end", PROPAGATION, async || {
            let gone = aws.sns.unsubscribe().subscription_arn(&self.arn).send().await;
            gone.or_gone(format!("unsubscribe {}", self.address))
        })
        .await
    }

    fn permissions(&self) -> Vec<Permission> {
        // The topic's, which knows whether addresses are to go.
        vec![]
    }
}

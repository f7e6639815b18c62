//! What a command works with.

use super::interruption::{exit_or, reading, until_stopped};
use crate::aws::{self, Aws, Caller, PROPAGATION, explained};
use crate::deploy::event::{Command, Event, Events, Summary};
use crate::deploy::plan::{Action, Plan, StackState, State};
use crate::deploy::resource::Resource;
use crate::deploy::{Direction, Graph, Outcome};
use crate::outcome::failure::{Exit, Failure};
use crate::outcome::interrupt::Interrupt;
use crate::vault::macie::Macie;
use crate::vault::names::Names;
use crate::vault::outputs::outputs;
use crate::vault::resources::sns_subscription::{Subscription, SubscriptionList};
use crate::vault::settings::{MacieMode, Settings};
use crate::vault::stack;
use crate::vault::steps;
use anyhow::{Error, Result, bail};
use aws_config::SdkConfig;
use std::cell::RefCell;
use tokio::time::Instant;

/// What a command works with: who we are, the names that follow, and the way to AWS.
pub struct Session {
    /// The clients.
    pub aws: Aws,
    /// The names of the stack.
    pub names: Names,
    /// The ARN of who we are.
    pub caller: String,
    /// What the user wants.
    pub settings: Settings,
    /// Where events go.
    pub events: Events,
    /// Whether to stop.
    pub interrupt: Interrupt,
    begun: Instant,
}

fn wants_macie(settings: &Settings) -> bool {
    settings.macie.mode != MacieMode::Off
}

/// How a walk ended.
pub(super) struct Ending {
    pub(super) exit: Exit,
    /// What the user has to do or know next.
    pub(super) notes: Vec<String>,
}

/// What `status` and `--dry-run` answer, and with which exit code.
pub struct Answer {
    /// The document.
    pub plan: Plan,
    /// The exit code.
    pub exit: Exit,
}

/// What a look at Macie is called where it takes long.
const MACIE: &str = "macie";

/// Who we are, said to be asked where it takes long.
pub(super) async fn who(aws: &Aws, config: &SdkConfig) -> Result<Caller> {
    aws.speaking_for("the account").telling(Box::pin(aws::caller(config))).await
}

impl Session {
    /// Finds out who we are, and checks that it is who we should be. What is seen of Macie meanwhile is for
    /// the first plan.
    ///
    /// # Errors
    /// AWS cannot be asked, or it is another account than the expected one.
    pub async fn open(
        settings: Settings,
        config: &SdkConfig,
        events: Events,
        interrupt: Interrupt,
    ) -> Result<(Self, Macie)> {
        let begun = Instant::now();
        let aws = Aws::new(config, events.clone(), interrupt.clone());
        // At the same time: whether Macie is enabled costs no round trip.
        let of_macie = aws.speaking_for(MACIE);
        let look = async {
            if !wants_macie(&settings) {
                return None;
            }
            Some(of_macie.reading(Box::pin(Macie::look(&aws, &settings))).await)
        };
        let reads = async { Ok(futures::join!(who(&aws, config), look)) };
        let (caller, macie) = until_stopped(&interrupt, reads).await?;
        let session = Self::of(caller?, settings, aws, (events, interrupt), begun)?;
        let macie = match macie {
            Some(looked) => {
                let Self { aws, settings, names, .. } = &session;
                let looked = Box::pin(Macie::or_not_offered(looked, aws, settings, names));
                until_stopped(&session.interrupt, looked).await?
            }
            None => session.look().await?,
        };
        Ok((session, macie))
    }

    /// The same without a look at Macie: for what is not about the stack's resources.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn without_macie(
        settings: Settings,
        config: &SdkConfig,
        events: Events,
        interrupt: Interrupt,
    ) -> Result<Self> {
        let begun = Instant::now();
        let aws = Aws::new(config, events.clone(), interrupt.clone());
        let caller = until_stopped(&interrupt, who(&aws, config)).await?;
        Self::of(caller, settings, aws, (events, interrupt), begun)
    }

    /// The same for another stack of the account and region.
    #[must_use]
    pub(super) fn of_stack(&self, settings: Settings) -> Self {
        let Names { partition, account, region, .. } = &self.names;
        let names = settings.names(partition, account, region);
        let Self { aws, caller, events, interrupt, .. } = self;
        let (aws, caller) = (aws.clone(), caller.clone());
        let (events, interrupt) = (events.clone(), interrupt.clone());
        Self { aws, names, settings, events, interrupt, caller, begun: Instant::now() }
    }

    fn of(
        caller: Caller,
        settings: Settings,
        aws: Aws,
        (events, interrupt): (Events, Interrupt),
        begun: Instant,
    ) -> Result<Self> {
        let Caller { arn, partition, account, region } = caller;
        if let Some(expected) = settings.expect_account.as_deref().filter(|expected| *expected != account) {
            bail!(Failure::refused(
                format!("work in account {account}"),
                format!("only account {expected} is expected (--expect-account)"),
                "choose the profile or role of that account"
            ));
        }
        let names = settings.names(&partition, &account, &region);
        Ok(Self { aws, names, settings, events, interrupt, caller: arn, begun })
    }

    /// Looks at Macie afresh: what another plan than the first has to reckon with.
    ///
    /// # Errors
    /// It cannot be told whether Macie is enabled.
    pub async fn look(&self) -> Result<Macie> {
        let Self { aws, settings, names, interrupt, .. } = self;
        if wants_macie(settings) {
            let look = async {
                let looked = Macie::look(aws, settings).await;
                Macie::or_not_offered(looked, aws, settings, names).await
            };
            return until_stopped(interrupt, aws.speaking_for(MACIE).reading(Box::pin(look))).await;
        }
        reading(aws, MACIE, Box::pin(Macie::look_back(aws, settings, names))).await
    }

    /// Macie after a walk: looked at afresh, unless the stack has nothing to do with it.
    pub(super) async fn look_after(&self, macie: &Macie) -> Result<Macie> {
        if macie.is_apart() { Ok(macie.clone()) } else { self.look().await }
    }

    /// The stack, and what is to be done with it; `keep` names what `down` leaves.
    ///
    /// # Errors
    /// Something cannot be read.
    pub async fn plan(&self, direction: Direction, keep: &[String], macie: &Macie) -> Result<(Graph, Plan)> {
        let planned = Box::pin(self.plan_with(direction, keep, macie)).await?;
        if !macie.may_have_left(&planned.1) {
            return Ok(planned);
        }
        let left = self.left().await?;
        Box::pin(self.plan_with(direction, keep, &left)).await
    }

    /// What Macie has of a stack that does not use it any more.
    ///
    /// # Errors
    /// It cannot be told.
    pub(super) async fn left(&self) -> Result<Macie> {
        let Self { aws, settings, .. } = self;
        reading(aws, MACIE, Box::pin(Macie::left(aws, settings))).await
    }

    async fn plan_with(&self, direction: Direction, keep: &[String], macie: &Macie) -> Result<(Graph, Plan)> {
        let mut subscriptions = SubscriptionList::new(&self.names, &self.settings.subscribers());
        // On the way down all go with their topic.
        if direction == Direction::Up && self.settings.prunes_emails() {
            subscriptions = reading(&self.aws, steps::TOPIC, subscriptions.pruning(&self.aws)).await?;
        }
        if self.names.existing.topic.is_some() {
            let replacing = Box::pin(subscriptions.replacing(&self.aws, &self.names));
            subscriptions = reading(&self.aws, steps::TOPIC, replacing).await?;
        }
        let stack = Graph::new(self.names.identity());
        let mut stack = stack::vault(stack, &self.names, &self.settings, macie, &subscriptions)?;
        let others = self.aws.speaking_for("subscriptions of others");
        let reads = async {
            let (plan, undeclared) = futures::join!(
                stack.plan(&self.aws, direction, keep),
                others.telling(subscriptions.undeclared(&self.aws))
            );
            Ok((plan?, undeclared?))
        };
        let (Plan { mut resources, .. }, undeclared) = until_stopped(&self.interrupt, reads).await?;
        resources.extend(undeclared);
        if direction == Direction::Down {
            let topic_goes = resources.iter().any(|step| step.name == steps::TOPIC && step.action == Action::Delete);
            for step in resources.iter_mut().filter(|step| step.r#type == Subscription::TYPE) {
                let goes = topic_goes && step.state != State::Missing;
                step.action = if goes { Action::Delete } else { Action::Keep };
            }
        }
        let mut plan = Plan::new(&self.names.identity(), resources);
        let is_there = |name: &str| plan.step(name).is_some_and(|step| step.observed.is_some() && step.owner.is_none());
        plan.outputs = outputs(&self.names, stack.arn(steps::KEY), is_there);
        plan.notes = match direction {
            Direction::Up => macie.notes(&self.names, &plan),
            Direction::Down => macie.farewell(&self.names, &plan).into_iter().collect(),
        };
        Ok((stack, plan))
    }

    /// What is to be done with these resources of a stack that was looked at, seen afresh.
    ///
    /// # Errors
    /// Something cannot be read.
    pub(super) async fn plan_of(&self, stack: &Graph, part: &[String], macie: &Macie) -> Result<Plan> {
        let subscriptions = SubscriptionList::new(&self.names, &self.settings.subscribers());
        let mut again = stack::vault(stack.again(), &self.names, &self.settings, macie, &subscriptions)?;
        again.only(part);
        until_stopped(&self.interrupt, again.plan(&self.aws, Direction::Up, &[])).await
    }

    /// Looks until what `look` finds is settled, or it has waited long enough; returns what it has found last.
    pub(super) async fn settle<T: Clone>(
        &self,
        on: &str,
        look: impl AsyncFn() -> Result<T>,
        settled: impl Fn(&T) -> bool,
    ) -> Result<T> {
        let found = RefCell::new(None);
        let settled = self.aws.until(
            on,
            PROPAGATION,
            async || {
                let seen = look().await?;
                found.replace(Some(seen.clone()));
                Ok(seen)
            },
            settled,
        );
        let settled = settled.await;
        found.into_inner().map_or(settled, Ok)
    }

    /// Sums a walk up, as its last event: what is said of a run is what its outcomes are.
    pub(super) fn sum_up(
        &self,
        command: Command,
        (stack, plan): (&Graph, &Plan),
        outcomes: &[Outcome],
        ending: Ending,
    ) -> Exit {
        let is_there = |name: &str| {
            let both = plan.resources.iter().zip(outcomes).find(|(step, _)| step.name == name);
            both.is_some_and(|(step, outcome)| match outcome {
                Outcome::Done(Action::Delete) => false,
                Outcome::Done(_) => true,
                _ => step.observed.is_some() && step.owner.is_none(),
            })
        };
        let count = |wanted: &dyn Fn(&Outcome) -> bool| outcomes.iter().filter(|outcome| wanted(outcome)).count();
        let done = |action| count(&|outcome| *outcome == Outcome::Done(action));
        let Ending { exit, notes } = ending;
        self.events.send(Event::Summary(Summary {
            command,
            stack: self.names.stack.clone(),
            id: self.names.id.clone(),
            account: self.names.account.clone(),
            region: self.names.region.clone(),
            exit_code: exit as u8,
            created: done(Action::Create),
            updated: done(Action::Update),
            deleted: done(Action::Delete),
            unchanged: count(&|outcome| *outcome == Outcome::Kept),
            failed: count(&|outcome| *outcome == Outcome::Failed),
            not_begun: count(&|outcome| matches!(outcome, Outcome::Blocked(_) | Outcome::Skipped)),
            seconds: self.begun.elapsed().as_secs_f64(),
            absent: plan.state == StackState::Absent,
            outputs: outputs(&self.names, stack.arn(steps::KEY), is_there),
            notes,
        }));
        exit
    }

    /// The ending of a run whose last look, or what follows it, has failed or was stopped: the walk's
    /// work is done, and its summary says so all the same. `rest` is what is not known, or not done.
    pub(super) fn cut_short(&self, command: Command, rest: &str, error: &Error) -> Ending {
        let again = match command {
            Command::Up => "run `cvault up` again",
            Command::Down => "run `cvault down` again",
        };
        let note = if self.interrupt.cause().is_some() {
            format!("stopped before {rest}; {again}")
        } else {
            let Failure { what, why, fix, .. } = explained(error);
            format!("failed before {rest}: {what}: {why}; {fix}; then {again}")
        };
        Ending { exit: exit_or(&self.interrupt, Exit::Failed), notes: vec![note] }
    }

    pub(super) fn exit_of(&self, outcomes: &[Outcome]) -> Exit {
        let done = outcomes.iter().all(|outcome| matches!(outcome, Outcome::Kept | Outcome::Done(_)));
        exit_or(&self.interrupt, if done { Exit::Done } else { Exit::Failed })
    }
}

impl Answer {
    /// For `--dry-run`: 2 if something is to be done.
    pub(super) fn dry(plan: Plan) -> Self {
        let exit = if plan.changes() { Exit::Differs } else { Exit::Done };
        Self { plan, exit }
    }
}

//! `cvault up`: creates what is missing, repairs what has drifted, touches nothing else.

use super::downgrade;
use super::interruption::{exit_or, reading};
use super::session::{Answer, Ending, Session};
use crate::aws::explained;
use crate::deploy::beside;
use crate::deploy::event::{Command, Event};
use crate::deploy::plan::{Action, Plan, State, Step};
use crate::deploy::resource::Fixed;
use crate::deploy::{Direction, Graph, Outcome};
use crate::outcome::failure::{Exit, Failure};
use crate::outcome::nearest::nearest;
use crate::vault::deployers;
use crate::vault::existing;
use crate::vault::existing_buckets;
use crate::vault::macie::Macie;
use crate::vault::names::{Names, Zone};
use crate::vault::replication;
use crate::vault::resources::key::removal;
use crate::vault::resources::macie::macie_session;
use crate::vault::resources::sns_subscription;
use crate::vault::steps;
use anyhow::{Result, bail};

/// What `up` is about to create and to repair, looked at and not refused.
pub struct Deployment {
    stack: Graph,
    plan: Plan,
}

/// What `up` may do although a guard stands before it.
#[derive(Clone, Debug, Default)]
pub struct Allowed {
    /// Take over what is not the stack's.
    pub adopt: Adoption,
    /// Change what a newer version has made.
    pub downgrade: bool,
}

/// What may be taken over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Adoption {
    /// Nothing.
    #[default]
    Nothing,
    /// What there is.
    Everything,
    /// The resources of these names.
    These(Vec<String>),
}

impl Adoption {
    fn takes(&self, step: &Step) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::These(names) => names.contains(&step.name),
        }
    }

    /// Refuses a name that the stack has not: whoever mistypes one gets nothing else.
    fn check(&self, stack: &Graph, plan: &Plan) -> Result<()> {
        let Self::These(names) = self else { return Ok(()) };
        let Some(unknown) = names.iter().find(|name| !stack.knows(name) && plan.step(name).is_none()) else {
            return Ok(());
        };
        let fix = match nearest(unknown, plan.resources.iter().map(|step| step.name.as_str())) {
            Some(meant) => format!("did you mean {meant}?"),
            None => "name one that `cvault status` shows, or leave the name out to take over all".into(),
        };
        bail!(Failure::usage(format!("take over {unknown:?}"), "the stack has no resource of this name", fix));
    }
}

/// Looks at what is missing and what differs.
///
/// # Errors
/// A guard refuses, or something cannot be read: nothing was changed.
pub async fn look(session: &Session, macie: &Macie, allowed: Allowed) -> Result<Deployment> {
    let (stack, plan) = session.plan(Direction::Up, &[], macie).await?;
    macie.guard(&session.names)?;
    deployers::guard(&session.names, &session.settings.vault.deployers, &session.caller)?;
    existing::guard(&session.names, &session.settings)?;
    replication::guard(&session.names, session.settings.vault.replication.as_ref(), &plan)?;
    existing::guard_plan(&plan)?;
    guard(&stack, &plan, &allowed.adopt)?;
    let (aws, ignoring) = (&session.aws, &session.settings.ingress.ignoring());
    let is_meant = |step: &Step| allowed.adopt.takes(step);
    let contents = async {
        existing_buckets::guard_contents(aws, &session.names, &plan, ignoring, is_meant).await?;
        existing::guard_key(aws, &session.names, &plan, ignoring).await
    };
    reading(&session.aws, "what the buckets hold", Box::pin(contents)).await?;
    if !allowed.downgrade {
        downgrade::guard(&plan)?;
    }
    Ok(Deployment { stack, plan })
}

impl Deployment {
    /// What `--dry-run` answers.
    #[must_use]
    pub fn answer(self) -> Answer {
        Answer::dry(self.plan)
    }
}

/// Refuses what nobody can change, before anything else is changed.
fn guard_fixed(stack: &Graph, plan: &Plan) -> Result<()> {
    for step in &plan.resources {
        if let Some(Fixed { path, why, fix }) = stack.fixed(step) {
            bail!(Failure::refused(
                format!("change {} of {} {}", &path[1..], step.name, step.id.as_deref().unwrap_or_default()),
                *why,
                format!("{fix}, then run the same command again")
            ));
        }
    }
    Ok(())
}

/// Creates and repairs what was looked at. A failure of the walk is an exit code.
pub async fn apply(session: &Session, macie: &Macie, deployment: &Deployment) -> Exit {
    let Deployment { stack, plan } = deployment;
    session.events.send(Event::Planned { command: Command::Up, plan: plan.clone() });
    let outcomes = walk(session, stack, plan, macie).await;
    let exit = session.exit_of(&outcomes);
    let mut ending = Ending { exit, notes: notes(&session.names, plan, macie, exit) };
    if exit == Exit::Done && plan.changes() {
        ending = settled(session, ending, async || unsettled(session, (stack, plan), &outcomes, macie).await).await;
    }
    if ending.exit == Exit::Done && plan.step(steps::KEY).is_some_and(|key| key.action == Action::Create) {
        ending = without_doubles(session, ending).await;
    }
    session.sum_up(Command::Up, (stack, plan), &outcomes, ending)
}

/// Walks the stack, once Macie's own role is there, if Macie is to be enabled.
async fn walk(session: &Session, stack: &Graph, plan: &Plan, macie: &Macie) -> Vec<Outcome> {
    if macie.is_to_be_enabled()
        && let Err(error) = macie_session::ensure_service_role(&session.aws).await
    {
        let (name, action) = ("macie".to_owned(), Action::Create);
        session.events.send(Event::Failed { name, action, error: explained(&error) });
        let begun = |step: &Step| if step.action == Action::Keep { Outcome::Kept } else { Outcome::Skipped };
        return plan.resources.iter().map(begun).chain([Outcome::Failed]).collect();
    }
    stack.up(&session.aws, plan, &session.events, &session.interrupt).await
}

/// Looks whether AWS shows what was made.
async fn settled(session: &Session, ending: Ending, look: impl AsyncFn() -> Result<Vec<String>>) -> Ending {
    let unsettled = match session.settle("AWS to show what was made", look, Vec::is_empty).await {
        Ok(unsettled) if unsettled.is_empty() => return ending,
        Ok(unsettled) => unsettled.join(", "),
        Err(error) => return session.cut_short(Command::Up, "all of it was seen to be there", &error),
    };
    let note = match session.interrupt.cause() {
        Some(_) => format!("AWS does not show it yet: {unsettled}; run `cvault up` again to see that it does"),
        None => format!("not as it was made: {unsettled}; is somebody changing or removing the stack meanwhile?"),
    };
    Ending { exit: exit_or(&session.interrupt, Exit::Failed), notes: vec![note] }
}

/// Removes the keys of runs that were killed.
async fn without_doubles(session: &Session, mut ending: Ending) -> Ending {
    let window = session.settings.key.deletion_window_days;
    match removal::remove_doubles(&session.aws, &session.names, window).await {
        Ok(0) => {}
        Ok(removed) => ending.notes.push(format!(
            "keys that an interrupted run had made, and nobody has used: {removed} scheduled for deletion"
        )),
        Err(error) => {
            return session.cut_short(Command::Up, "keys of interrupted runs were looked for", &error);
        }
    }
    ending
}

fn guard(stack: &Graph, plan: &Plan, adopt: &Adoption) -> Result<()> {
    adopt.check(stack, plan)?;
    let foreign: Vec<_> = plan.resources.iter().filter_map(|step| Some((step, step.owner.as_ref()?))).collect();
    if let Some((step, owner)) = foreign.iter().find(|(step, _)| step.observed.is_none()) {
        bail!(Failure::refused(
            format!("make {} {}", step.name, step.id.as_deref().unwrap_or_default()),
            (*owner).clone(),
            "choose another --stack or --id: cvault takes over nothing outside of this account and region"
        ));
    }
    let refused: Vec<_> = foreign.iter().filter(|(step, _)| !adopt.takes(step)).collect();
    if let Some((step, owner)) = refused.first() {
        let others = match refused.len() {
            1 => String::new(),
            count => format!(" (and {} more, see `cvault status`)", count - 1),
        };
        let (name, all) = (&step.name, if refused.len() > 1 { ", or all with `cvault up --adopt`" } else { "" });
        bail!(Failure::refused(
            format!("take over {} {}", step.name, step.id.as_deref().unwrap_or_default()),
            format!("it exists and {owner}{others}"),
            format!("choose another --stack or --id, or take it over: `cvault up --adopt {name}`{all}")
        ));
    }
    guard_fixed(stack, plan)?;
    let nobody = plan.resources.iter().find(|step| step.name == steps::subscription(steps::NOBODY));
    if nobody.is_some_and(|step| step.state == State::Missing) {
        bail!(Failure::usage(
            "create the vault",
            "nobody would be told of held files: no e-mail address, HTTPS endpoint or queue is declared or subscribed",
            "pass --email you@example.com (repeatable), or set emails in cvault.toml"
        ));
    }
    Ok(())
}

/// What is missing or different when looked at afresh: somebody changes or removes the stack at the same
/// time. What was written just now may take a while to be read, and until it is, the next run would
/// write it again (truths X2, K3, S13, N7, F7).
///
/// All is looked at, unless nothing was done but to set what differed: then nothing else can have become another by it, and that the
/// rule of ingress is still there says that no `down` had begun, which removes that one before all else.
async fn unsettled(
    session: &Session,
    (stack, plan): (&Graph, &Plan),
    outcomes: &[Outcome],
    macie: &Macie,
) -> Result<Vec<String>> {
    let seen_plan = match part_to_see(plan, outcomes) {
        Some(part) => session.plan_of(stack, &part, macie).await?,
        None => session.plan(Direction::Up, &[], &session.look_after(macie).await?).await?.1,
    };
    let unsettled = seen_plan.resources.into_iter().filter(|step| step.action != Action::Keep);
    Ok(unsettled.map(seen).collect())
}

/// What to look at where all that was done was to set what differed: the names of that, and the rule that goes first. `None` is all:
/// also where the key or Macie was set, since others depend on how those are.
fn part_to_see(plan: &Plan, outcomes: &[Outcome]) -> Option<Vec<String>> {
    let done = plan.resources.iter().zip(outcomes).filter_map(|(step, outcome)| match outcome {
        Outcome::Done(action) => Some((step.name.clone(), *action)),
        _ => None,
    });
    let done: Vec<_> = done.collect();
    let others_depend_on = |name: &str| [steps::KEY, steps::MACIE].contains(&name);
    let are_set = done.iter().all(|(name, action)| *action == Action::Update && !others_depend_on(name));
    // What the classifier's role is to allow depends on where the function is.
    let of_role = done.iter().any(|(name, _)| *name == steps::role("classifier")).then(|| steps::FUNCTION.into());
    let more = [steps::rule(Zone::Ingress)].into_iter().chain(of_role);
    are_set.then(|| done.into_iter().map(|(name, _)| name).chain(more).collect())
}

fn seen(step: Step) -> String {
    if step.state == State::Missing {
        return format!("{} is gone", step.name);
    }
    let paths: Vec<_> = step.differences.into_iter().map(|difference| difference.path).collect();
    format!("{} differs in {}", step.name, paths.join(" "))
}

/// What the user has to do, or know, next.
fn notes(names: &Names, plan: &Plan, macie: &Macie, exit: Exit) -> Vec<String> {
    let mut notes = vec![];
    if exit != Exit::Done {
        return vec!["finished work is kept: run `cvault up` again to go on".into()];
    }
    let halted = plan.resources.iter().filter(|step| step.halted && step.action == Action::Keep);
    notes.extend(
        halted.filter_map(|step| Some(format!("no file can be judged: {}: {}", step.name, step.note.as_ref()?))),
    );
    notes.extend(sns_subscription::notes(plan));
    notes.extend(existing_buckets::left_behind(plan));
    notes.extend(beside::notes(plan));
    if let Some(ingress) = plan.step(&steps::bucket(Zone::Ingress)).filter(|step| step.action == Action::Create) {
        let ingress = ingress.id.as_deref().unwrap_or_default();
        notes.push(format!("in 5 minutes, drop files into s3://{ingress}: S3 does not report earlier ones"));
    }
    notes.extend(macie.used_now(names));
    notes
}

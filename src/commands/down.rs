//! `cvault down`: removes the stack, each part before what it uses, and checks that nothing of it is left.

use super::interruption::{exit_or, reading};
use super::session::{Answer, Ending, Session};
use super::verify::left;
use crate::aws::{Aws, explained};
use crate::deploy::event::{Command, Event, Question, Typed};
use crate::deploy::plan::{Action, Difference, Plan, Step};
use crate::deploy::{Direction, Graph, Outcome};
use crate::outcome::failure::{Exit, Failure};
use crate::vault::existing;
use crate::vault::existing_buckets;
use crate::vault::macie::Macie;
use crate::vault::names::{Names, Zone};
use crate::vault::resources::bucket::s3_bucket::Bucket;
use crate::vault::resources::bucket::s3_contents::{Contents, is_canary};
use crate::vault::resources::macie::macie_jobs;
use crate::vault::resources::macie::macie_session::Status;
use crate::vault::steps;
use anyhow::{Error, Result, bail};
use futures::future::join_all;
use serde_json::Value;
use std::cell::Cell;
use tokio::time::Instant;

/// What `down` is about to remove.
pub struct Removal {
    stack: Graph,
    plan: Plan,
    keep_vault: bool,
    /// The buckets that go with objects in them, and how many versions those have.
    full: Vec<(String, usize)>,
    /// Whether objects may go, those too that come meanwhile.
    delete_data: bool,
}

/// Looks at what there is to remove.
///
/// # Errors
/// Something cannot be read.
pub async fn look(session: &Session, macie: &Macie, keep_vault: bool) -> Result<Removal> {
    let (stack, mut plan) = session.plan(Direction::Down, &kept(keep_vault), macie).await?;
    existing::guard_own(&plan)?;
    let contents = async {
        existing_buckets::note_contents(&session.aws, &session.names, &mut plan).await?;
        if keep_vault {
            note_expiry(&session.aws, &session.names, &mut plan).await?;
        }
        full_buckets(&session.aws, &session.names, &plan).await
    };
    let full = reading(&session.aws, "what the buckets hold", Box::pin(contents)).await?;
    Ok(Removal { stack, plan, keep_vault, full, delete_data: session.settings.delete_data })
}

impl Removal {
    /// What `--dry-run` answers.
    #[must_use]
    pub fn answer(mut self) -> Answer {
        for (bucket, count) in &self.full {
            if let Some(step) = self.plan.resources.iter_mut().find(|step| step.id.as_ref() == Some(bucket)) {
                let goes = if self.delete_data { ", deleted with it" } else { ": needs --delete-data" };
                step.note = Some(format!("holds {}{goes}", versions(*count)));
            }
        }
        Answer::dry(self.plan)
    }

    /// Whether data goes with it.
    pub(super) fn holds_data(&self) -> bool {
        !self.full.is_empty()
    }

    /// Which data that is.
    pub(super) fn would_be_lost(&self) -> String {
        let counted = |(bucket, count): &(String, usize)| format!("{bucket} ({})", versions(*count));
        let buckets: Vec<_> = self.full.iter().map(counted).collect();
        format!("objects would be lost, old versions included: {}", buckets.join(", "))
    }

    /// Refuses to delete data without being told to.
    ///
    /// # Errors
    /// A bucket that goes holds objects: nothing was changed.
    pub fn guard(&self, delete_data: bool) -> Result<()> {
        if let (Some((bucket, count)), false) = (self.full.first(), delete_data) {
            bail!(Failure::refused(
                format!("remove bucket {bucket}, which holds {}", versions(*count)),
                self.would_be_lost(),
                "pass --delete-data to delete them too, or --keep-vault to leave the vault and its key standing"
            ));
        }
        Ok(())
    }

    /// What a person is asked before it is removed; `None` where there is nothing to remove.
    #[must_use]
    pub fn question(&self, names: &Names) -> Option<Question> {
        if !self.plan.changes() {
            return None;
        }
        let Plan { stack, id, account, region, .. } = &self.plan;
        let goes: Vec<_> = self.plan.resources.iter().filter(|step| step.action == Action::Delete).collect();
        let names_of: Vec<_> = goes.iter().map(|step| step.name.as_str()).collect();
        let mut facts = vec![format!("stack {stack} ({id}) in {account}/{region}")];
        if !goes.is_empty() {
            facts.push(format!("{} resources: {}", goes.len(), names_of.join(", ")));
        }
        if self.keep_vault {
            facts.push("the vault bucket and its key stay".into());
        }
        if let Some(vault) = updated(&self.plan) {
            let bucket = vault.id.as_deref().unwrap_or_default();
            facts.push(format!("the expiry of {bucket} is taken away, since it is to stay"));
        }
        facts.extend(self.full.iter().map(|(bucket, count)| format!("{} in {bucket}, for good", versions(*count))));
        facts.extend(existing_buckets::facts(&self.plan));
        let typed = self.delete_data.then(|| Typed { what: "the stack's name", text: names.stack.clone() });
        Some(Question { what: format!("remove stack {stack}"), facts, typed })
    }
}

/// Removes what was looked at.
pub async fn remove(session: &Session, macie: &Macie, removal: &Removal) -> Exit {
    let Removal { stack, plan, keep_vault, .. } = removal;
    session.events.send(Event::Planned { command: Command::Down, plan: plan.clone() });
    let (update, failed) = prepare(session, plan).await;
    let with_update = |outcome: Outcome, step: &Step| if step.action == Action::Update { update } else { outcome };
    if let Some((what, error)) = failed {
        let ending = session.cut_short(Command::Down, what, &error);
        let keeps = |step: &Step| if step.action == Action::Keep { Outcome::Kept } else { Outcome::Skipped };
        let outcomes: Vec<_> = plan.resources.iter().map(|step| with_update(keeps(step), step)).collect();
        return session.sum_up(Command::Down, (stack, plan), &outcomes, ending);
    }
    let jobs = Jobs { session, macie, plan, cancelled: Cell::new(0) };
    let walk =
        stack.down(&session.aws, plan, (&session.events, &session.interrupt), async |step| jobs.before(step).await);
    let mut outcomes = walk.await;
    outcomes = outcomes.into_iter().zip(&plan.resources).map(|(outcome, step)| with_update(outcome, step)).collect();
    outcomes.extend(gone_with_the_topic(session, plan, &outcomes));
    let exit = session.exit_of(&outcomes);
    let mut ending = Ending { exit, notes: notes(plan, exit) };
    if exit == Exit::Done {
        ending = without_jobs(&jobs, ending).await;
    }
    if ending.exit == Exit::Done && plan.changes() {
        ending = gone(session, (*keep_vault, plan), macie, ending).await;
    }
    session.sum_up(Command::Down, (stack, plan), &outcomes, ending)
}

/// What comes before anything is removed: what became of what is only updated, and what has failed.
async fn prepare(session: &Session, plan: &Plan) -> (Outcome, Option<(&'static str, Error)>) {
    if let Err(error) = without_expiry(session, plan).await {
        return (Outcome::Failed, Some(("the vault's expiry was taken away", error)));
    }
    let failed = without_canaries(session, plan).await.err();
    (Outcome::Done(Action::Update), failed.map(|error| ("the files of `cvault verify` were taken away", error)))
}

/// Notes in the plan that the expiry of a vault goes that is to be kept: a `gc` would remove it later.
async fn note_expiry(aws: &Aws, names: &Names, plan: &mut Plan) -> Result<()> {
    let vault = plan.resources.iter_mut().find(|step| step.name == steps::bucket(Zone::Vault));
    let Some(vault) = vault.filter(|vault| vault.stays() && vault.owner.is_none()) else { return Ok(()) };
    let expiry = Bucket::expiry(aws, names, Zone::Vault).await?.into_iter();
    let goes =
        |(tag, is): (String, String)| Difference { path: format!("/Tags/{tag}"), is: is.into(), should: Value::Null };
    vault.differences = expiry.map(goes).collect();
    if !vault.differences.is_empty() {
        vault.action = Action::Update;
    }
    Ok(())
}

/// The vault that stays without its expiry.
fn updated(plan: &Plan) -> Option<&Step> {
    plan.resources.iter().find(|step| step.action == Action::Update)
}

/// Takes that away. A stack of which one bucket does not expire does not either, so that a run that is killed behind this has kept it
/// already.
async fn without_expiry(session: &Session, plan: &Plan) -> Result<()> {
    let Some(Step { name, action, .. }) = updated(plan) else { return Ok(()) };
    let (name, action, begun) = (name.clone(), *action, Instant::now());
    session.events.send(Event::Started { name: name.clone(), action });
    let taken = Bucket::forget_expiry(&session.aws.speaking_for(&name), &session.names, Zone::Vault).await;
    session.events.send(match &taken {
        Ok(()) => Event::Finished { name, action, seconds: begun.elapsed().as_secs_f64() },
        Err(error) => Event::Failed { name, action, error: explained(error) },
    });
    taken
}

/// Takes away what a `verify` that was killed has left: it is no data of anybody's. A bucket that goes takes what it has of it along;
/// where one stays, all are looked at, since what is in ingress may be judged just now.
async fn without_canaries(session: &Session, plan: &Plan) -> Result<()> {
    if !plan.changes() {
        return Ok(());
    }
    // Somebody else's bucket is not ours to look into.
    let stays = |zone: &Zone| plan.step(&steps::bucket(*zone)).is_some_and(Step::stays);
    let is_ours = |zone: &Zone| plan.is_ours(&steps::bucket(*zone));
    let zones = if Zone::ALL.iter().any(stays) { Zone::ALL.into_iter().filter(is_ours).collect() } else { vec![] };
    let things = left::in_zones(session, &zones).await?;
    // What is locked keeps its bucket, which says so itself.
    left::remove(session, &things).await.map(drop)
}

/// The subscriptions that nobody has declared: AWS removes them with their topic (truths N6, N9), and the plan
/// has counted them.
fn gone_with_the_topic(session: &Session, plan: &Plan, outcomes: &[Outcome]) -> Vec<Outcome> {
    let topic = plan.resources.iter().position(|step| step.name == steps::TOPIC);
    let removed = topic.and_then(|topic| outcomes.get(topic)) == Some(&Outcome::Done(Action::Delete));
    let others = plan.resources.iter().skip(outcomes.len()).filter(|step| step.action == Action::Delete);
    let ended = |step: &Step| {
        if !removed {
            return Outcome::Skipped;
        }
        let (name, action) = (step.name.clone(), step.action);
        session.events.send(Event::Started { name: name.clone(), action });
        session.events.send(Event::Finished { name, action, seconds: 0.0 });
        Outcome::Done(action)
    };
    others.map(ended).collect()
}

/// The jobs of Macie that still run, where it is there.
struct Jobs<'a> {
    session: &'a Session,
    macie: &'a Macie,
    plan: &'a Plan,
    cancelled: Cell<usize>,
}

impl Jobs<'_> {
    /// Cancels them before that goes by which a next run without Macie knows that there may be some (law 3).
    async fn before(&self, step: &Step) -> Result<()> {
        if step.name == steps::MACIE_QUEUE { self.cancel().await } else { Ok(()) }
    }

    async fn cancel(&self) -> Result<()> {
        let Self { session, macie, plan, cancelled } = self;
        let left = if macie.may_have_left(plan) { Some(session.left().await?) } else { None };
        if left.as_ref().unwrap_or(macie).status == Status::Enabled {
            cancelled.set(cancelled.get() + macie_jobs::cancel(&session.aws, &session.names).await?);
        }
        Ok(())
    }
}

/// Cancels what runs after all, and says how many that were.
async fn without_jobs(jobs: &Jobs<'_>, mut ending: Ending) -> Ending {
    if let Err(error) = jobs.cancel().await {
        return jobs.session.cut_short(Command::Down, "all of Macie's jobs were cancelled", &error);
    }
    let cancelled = jobs.cancelled.get();
    if cancelled > 0 {
        ending.notes.push(format!("Macie's jobs of the stack that still ran: {cancelled} cancelled"));
    }
    ending
}

/// Looks whether AWS has forgotten what was removed.
async fn gone(session: &Session, removed: (bool, &Plan), macie: &Macie, ending: Ending) -> Ending {
    match left(session, removed, macie).await {
        Ok(left) if left.all.is_empty() => ending,
        Ok(left) => Ending {
            exit: exit_or(&session.interrupt, Exit::Failed),
            notes: vec![if left.came.is_empty() {
                format!("still there: {}; run `cvault down` again", left.all.join(", "))
            } else {
                let came = left.came.join(", ");
                format!(
                    "made meanwhile, by another run or the last call of a killed one: {came}; run `cvault down` again"
                )
            }],
        },
        Err(error) => session.cut_short(Command::Down, "all of it was seen to be gone", &error),
    }
}

fn kept(keep_vault: bool) -> Vec<String> {
    if keep_vault { vec![steps::bucket(Zone::Vault), steps::KEY.into()] } else { vec![] }
}

/// The buckets that would go with objects in them.
async fn full_buckets(aws: &Aws, names: &Names, plan: &Plan) -> Result<Vec<(String, usize)>> {
    let goes = |zone: &Zone| plan.step(&steps::bucket(*zone)).is_some_and(|step| step.action == Action::Delete);
    let counts = Zone::ALL.into_iter().filter(goes).map(async |zone| {
        let bucket = names.bucket(zone);
        let contents = Contents::new(aws, bucket.clone(), &names.account);
        let count = contents.count_of(|key| !is_canary(zone, key)).await?;
        Ok((bucket, count))
    });
    let counts: Result<Vec<_>> = join_all(counts).await.into_iter().collect();
    Ok(counts?.into_iter().filter(|(_, count)| *count > 0).collect())
}

/// A count of [`Contents`] in words.
pub(super) fn versions(count: usize) -> String {
    match count {
        1 => "1 version".into(),
        1000.. => "1000 versions or more".into(),
        _ => format!("{count} versions"),
    }
}

/// What of the stack is there after all.
#[derive(Clone)]
struct Left {
    all: Vec<String>,
    /// What was not there when `down` began: no waiting removes it.
    came: Vec<String>,
}

/// What of the stack is still there, looked at afresh; reads lag behind deletions for a while.
async fn left(session: &Session, (keep_vault, removed): (bool, &Plan), macie: &Macie) -> Result<Left> {
    let said = |step: &Step| format!("{} {}", step.name, step.id.as_deref().unwrap_or_default());
    let was_there = |step: &&Step| removed.step(&step.name).is_some_and(|step| step.action == Action::Delete);
    let look = async || {
        let (_, plan) = session.plan(Direction::Down, &kept(keep_vault), &session.look_after(macie).await?).await?;
        let left: Vec<_> = plan.resources.iter().filter(|step| step.action == Action::Delete).collect();
        let came = left.iter().copied().filter(|step| !was_there(step)).map(said).collect();
        Ok(Left { all: left.into_iter().map(said).collect(), came })
    };
    let is_over = |left: &Left| left.all.is_empty() || !left.came.is_empty();
    session.settle("AWS to forget what was removed", look, is_over).await
}

fn notes(plan: &Plan, exit: Exit) -> Vec<String> {
    if exit != Exit::Done {
        return vec!["what was removed is removed: run `cvault down` again to go on".into()];
    }
    let mut notes: Vec<_> = plan
        .resources
        .iter()
        .filter(|step| step.owner.is_some())
        .map(|step| format!("left alone, since it is not this stack's: {}", step.id.as_deref().unwrap_or_default()))
        .collect();
    if plan.step(steps::KEY).is_some_and(|step| step.action == Action::Delete) {
        notes.push("AWS deletes the key later; until then `cvault up` brings it back".into());
    }
    notes.extend(existing::notes(plan));
    notes.extend(plan.notes.iter().cloned());
    notes
}

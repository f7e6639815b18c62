//! `cvault down`: removes the stack, each part before what it uses, and checks that nothing of it is left.

use super::interruption::{exit_or, reading};
use super::session::{Answer, Ending, Session};
use super::verify::left;
use crate::aws::Aws;
use crate::deploy::event::{Command, Event, Question, Typed};
use crate::deploy::plan::{Action, Plan, Step};
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
use anyhow::{Result, bail};
use futures::future::join_all;

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
        let mut facts = vec![format!("stack {stack} ({id}) in {account}/{region}"), {
            let names: Vec<_> = goes.iter().map(|step| step.name.as_str()).collect();
            format!("{} resources: {}", goes.len(), names.join(", "))
        }];
        if self.keep_vault {
            facts.push("the vault bucket and its key stay".into());
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
    let prepared = match without_expiry(session, (*keep_vault, plan)).await {
        Ok(()) => {
            without_canaries(session, plan).await.map_err(|it| ("the files of `cvault verify` were taken away", it))
        }
        Err(error) => Err(("the vault's expiry was taken away", error)),
    };
    if let Err((what, error)) = prepared {
        let ending = session.cut_short(Command::Down, what, &error);
        let keeps = |step: &Step| if step.action == Action::Keep { Outcome::Kept } else { Outcome::Skipped };
        let outcomes: Vec<_> = plan.resources.iter().map(keeps).collect();
        return session.sum_up(Command::Down, (stack, plan), &outcomes, ending);
    }
    let mut outcomes = stack.down(&session.aws, plan, &session.events, &session.interrupt).await;
    outcomes.extend(gone_with_the_topic(session, plan, &outcomes));
    let exit = session.exit_of(&outcomes);
    let mut ending = Ending { exit, notes: notes(plan, exit) };
    if exit == Exit::Done {
        ending = without_jobs(session, (macie, plan), ending).await;
    }
    if ending.exit == Exit::Done && plan.changes() {
        ending = gone(session, (*keep_vault, plan), macie, ending).await;
    }
    session.sum_up(Command::Down, (stack, plan), &outcomes, ending)
}

/// Takes the expiry of a vault away that is to be kept: a `gc` would remove it later. A stack of which one bucket does not expire does
/// not either, so that a run that is killed behind this has kept it already.
async fn without_expiry(session: &Session, (keep_vault, plan): (bool, &Plan)) -> Result<()> {
    let vault = plan.step(&steps::bucket(Zone::Vault)).filter(|vault| keep_vault && vault.stays());
    if vault.is_none_or(|vault| vault.owner.is_some()) {
        return Ok(());
    }
    Bucket::forget_expiry(&session.aws, &session.names, Zone::Vault).await
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

/// Cancels the jobs of Macie that still run, where it is there.
async fn without_jobs(session: &Session, (macie, plan): (&Macie, &Plan), mut ending: Ending) -> Ending {
    let cancel = async {
        let left = if macie.may_have_left(plan) { Some(session.left().await?) } else { None };
        match left.as_ref().unwrap_or(macie).status {
            Status::Enabled => macie_jobs::cancel(&session.aws, &session.names).await,
            _ => Ok(0),
        }
    };
    match cancel.await {
        Ok(0) => {}
        Ok(cancelled) => {
            ending.notes.push(format!("Macie's jobs of the stack that still ran: {cancelled} cancelled"));
        }
        Err(error) => return session.cut_short(Command::Down, "all of Macie's jobs were cancelled", &error),
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

//! `cvault judge`: what is held is judged again, by the rules that the stack has by now; or what waits in ingress is; or
//! what is in another bucket, which is copied into ingress and judged as whatever lands there.
//!
//! The list, the pace and the retries are Step Functions': the stack's sweep lists the copies that have a verdict and starts
//! an execution for each, at ten objects as at ten million. So whoever runs this may leave: it goes on, and the same
//! command follows it again. Nothing is kept anywhere for it but the sweep's own execution, whose name says what it is.

mod asked;
mod bucket;
mod executions;
mod listed;
mod sweeps;

use super::Session;
use super::clock::now;
use super::held::{Found, Selection, found};
use super::interruption::{exit_or, reading};
use crate::aws::Answer;
use crate::deploy::event::{Event, Question};
use crate::deploy::permission::{Permission, Phase};
use crate::outcome::failure::{Exit, Failure};
use crate::outcome::row::{Held, Judging, JudgingState, Row, Total};
use crate::vault::names::{Names, Zone};
use crate::vault::settings::Settings;
use anyhow::{Result, bail};
pub use asked::{From, How, Judge};
use asked::{input, is_of_all, kind, looked_at, other};
use aws_sdk_sfn::types::ExecutionStatus;
use aws_smithy_types::DateTime;
use classifier::objects::Listed;
use classifier::sweep::{ASKED_SWEEP, ASKED_SWEEP_OF_ALL};
use classifier::take::Counts;
use executions::counts;
use futures::TryStreamExt;
use listed::{total, youngest};
use serde_json::Value;
use std::pin::pin;
use std::time::{Duration, SystemTime};
use sweeps::{PAUSE, PAUSES, Run, progress, run, running};
use tokio::time::Instant;

/// How long the copies of what was stored are waited for to be cleared, before those that are there are counted.
const CLEARED: Duration = Duration::from_secs(10);

/// What there is to do.
pub struct Work<'a> {
    session: &'a Session,
    judge: &'a Judge,
    /// The ARN of the sweep that runs already, and what it is of.
    running: Option<(String, Run)>,
    meant: Total,
}

/// Looks at what is meant, and whether it is being done already.
///
/// # Errors
/// Something cannot be read, or the stack is of a cvault that could not do it.
pub async fn look<'a>(session: &'a Session, judge: &'a Judge) -> Result<Work<'a>> {
    let reads = async {
        able(session, judge).await?;
        let running = sweeping(session, judge).await?;
        let meant = match &running {
            Some((_, run)) => Total { count: run.meant, ..Total::default() },
            None if matches!(judge.how, How::Stop | How::WouldStop) => Total::default(),
            None => meant(session, judge).await?,
        };
        Ok(Work { session, judge, running, meant })
    };
    reading(&session.aws, "what is to be judged", Box::pin(reads)).await
}

impl Work<'_> {
    /// What a person is asked before anything is begun; `None` where there is nothing to begin.
    #[must_use]
    pub fn question(&self) -> Option<Question> {
        if self.judge.how == How::Stop {
            let facts = vec!["what it has started comes to its end; what it has not come to stays as it is".into()];
            return self.running.is_some().then(|| Question { what: "stop what judges".into(), facts, typed: None });
        }
        if self.running.is_some() || self.meant.count == 0 {
            return None;
        }
        let Total { count, bytes, .. } = self.meant;
        let (what, becomes) = match &self.judge.from {
            From::Ingress => ("judge what waits in ingress".to_owned(), "each is judged as if it had just come"),
            From::Held => (
                "judge again what is held".to_owned(),
                "what is clean by the stack's rules goes to the vault, where nobody can delete it",
            ),
            From::Bucket { bucket, .. } => (
                format!("judge what is in {bucket}"),
                "what was not copied before is copied into ingress and judged there; what is clean goes to the vault, where nobody can delete it",
            ),
        };
        let facts = vec![format!("{count} versions, {bytes} bytes"), becomes.into()];
        Some(Question { what, facts, typed: None })
    }

    /// Begins it, or goes on with what runs, and follows it to its end.
    ///
    /// # Errors
    /// It cannot be begun, followed or stopped.
    pub async fn run(&self) -> Result<Exit> {
        if self.judge.how == How::WouldStop {
            let state = if self.running.is_some() { JudgingState::Running } else { JudgingState::Nothing };
            let execution = self.running.as_ref().map(|(arn, _)| arn.clone());
            self.tell(Judging { execution, ..Judging::of(state, self.meant.count) });
            return Ok(if self.running.is_some() { Exit::Differs } else { Exit::Done });
        }
        let meant = self.meant.count;
        let state = match (&self.running, self.judge.how == How::Stop) {
            (Some(running), true) => return self.stop(running.clone()).await,
            (None, true) => JudgingState::Nothing,
            (Some((arn, _)), false) if self.judge.how == How::DryRun => {
                self.tell(Judging { execution: Some(arn.clone()), ..Judging::of(JudgingState::Running, meant) });
                return Ok(Exit::Differs);
            }
            (Some(running), false) => return self.join(running.clone()).await,
            (None, false) if meant == 0 => JudgingState::Nothing,
            (None, false) if self.judge.how == How::DryRun => JudgingState::Planned,
            (None, false) => {
                // Somebody else may have begun it while a person was asked.
                if let Some(running) = sweeping(self.session, self.judge).await? {
                    return self.join(running).await;
                }
                let arn = self.start().await?;
                return self.follow(arn, None).await;
            }
        };
        if state == JudgingState::Nothing && self.judge.how != How::Stop {
            self.session.events.send(Event::Note { text: looked_at(&self.session.names, self.judge) });
        }
        self.tell(Judging::of(state, meant));
        Ok(if state == JudgingState::Planned { Exit::Differs } else { Exit::Done })
    }

    fn tell(&self, judging: Judging) {
        self.session.events.send(Event::Row(Row::Judging(judging)));
    }

    /// Follows what runs already.
    async fn join(&self, (arn, run): (String, Run)) -> Result<Exit> {
        let text = format!("{arn} judges already: it is followed, and nothing else is begun");
        self.session.events.send(Event::Note { text });
        self.follow(arn, Some(run)).await
    }

    async fn start(&self) -> Result<String> {
        let Session { aws, names, .. } = self.session;
        let now = DateTime::from(SystemTime::now());
        let start = aws.sfn.start_execution().state_machine_arn(names.sweep_arn());
        let mut input = input(names, self.judge);
        input["Meant"] = self.meant.count.into();
        if let From::Bucket { .. } = self.judge.from {
            input["Concurrency"] = bucket::concurrency(self.session).await?.into();
        }
        let kind = if is_of_all(self.judge) { ASKED_SWEEP_OF_ALL } else { ASKED_SWEEP };
        let name = format!("{kind}{}", now.to_millis()?);
        let started = start.name(&name).input(input.to_string()).send().await;
        let started = started.or_exists(format!("start an execution of {}", names.sweep()))?;
        // An answer was lost, and what it had begun had ended before it was asked for again.
        Ok(started.map_or_else(|| format!("{}:{name}", names.sweep_executions_arn()), |started| started.execution_arn))
    }

    /// Stops what runs, and all others that judge just this: two people may have begun it in the same moment.
    async fn stop(&self, begun: (String, Run)) -> Result<Exit> {
        let (mut next, mut stopped) = (Some(begun), vec![]);
        while let Some((arn, begun)) = next {
            let last = self.stop_one(&arn, begun).await?;
            // A list may still show what was stopped.
            stopped.extend([arn, last.arn]);
            let (own, _) = sweeps(self.session, self.judge).await?;
            next = match own.into_iter().find(|arn| !stopped.contains(arn)) {
                Some(arn) => Some((arn.clone(), run(self.session, &arn).await?)),
                None => None,
            };
        }
        Ok(Exit::Done)
    }

    /// Stops one, and says so; returned is where it had come to.
    async fn stop_one(&self, arn: &str, mut run: Run) -> Result<Run> {
        let counted = loop {
            let stop = self.session.aws.sfn.stop_execution().execution_arn(&run.arn).cause("cvault judge --stop");
            stop.send().await.or_refused(format!("stop {}", run.arn))?;
            let progress = progress(self.session, &mut run).await?;
            // It may have come to its end just then, and have gone on as another one.
            if progress.status != ExecutionStatus::Running {
                break progress.counts.unwrap_or_default();
            }
        };
        let (execution, state, meant) = (Some(arn.into()), JudgingState::Stopped, run.meant);
        let counts = match self.judge.from {
            From::Bucket { .. } => Judging { taken: Some(bucket::taken(counted)), ..Judging::of(state, meant) },
            From::Held | From::Ingress => counts(self.session, kind(self.judge), (counted, &run)).await?,
        };
        self.tell(Judging { execution, state, meant, ..counts });
        Ok(run)
    }

    /// Looks until everything that it has started has ended.
    async fn follow(&self, arn: String, run: Option<Run>) -> Result<Exit> {
        let Session { interrupt, events, .. } = self.session;
        if self.judge.how == How::Detach {
            let meant = run.map_or(self.meant.count, |run| run.meant);
            let judging = Judging { execution: Some(arn), ..Judging::of(JudgingState::Running, meant) };
            self.tell(judging);
            return Ok(Exit::Done);
        }
        let followed = interrupt.during(Box::pin(self.to_the_end(&arn, run))).await;
        let judging = match followed {
            Some(Ok(judging)) => judging,
            stopped => {
                let goes = if stopped.is_some() { "may go on" } else { "goes on" };
                let text =
                    format!("{arn} {goes} without this command: run it again to follow it, with --stop to end it");
                events.send(Event::Note { text });
                return stopped.transpose().map(|_| exit_or(interrupt, Exit::Failed));
            }
        };
        let is_left = judging.taken.as_ref().is_some_and(|taken| !taken.left.is_empty());
        let failed = judging.state == JudgingState::Failed || judging.failed > 0 || is_left;
        self.tell(judging);
        Ok(if failed { Exit::Failed } else { Exit::Done })
    }

    async fn to_the_end(&self, arn: &str, known: Option<Run>) -> Result<Judging> {
        let mut run = match known {
            Some(run) => run,
            None => run(self.session, arn).await?,
        };
        if let From::Bucket { into, .. } = &self.judge.from {
            let counts = bucket::to_the_end(self.session, &mut run, into).await?;
            return Ok(Judging { execution: Some(arn.into()), meant: run.meant, ..counts });
        }
        let (mut told, mut counted) = (String::new(), Counts::default());
        loop {
            let looked = Instant::now();
            let progress = progress(self.session, &mut run).await?;
            counted = progress.counts.unwrap_or(counted);
            let counts = counts(self.session, kind(self.judge), (counted.clone(), &run)).await?;
            if progress.status != ExecutionStatus::Running && counts.running == 0 {
                let is_done = progress.status == ExecutionStatus::Succeeded && counts.not_started.is_empty();
                let state = if is_done { JudgingState::Done } else { JudgingState::Failed };
                let held = self.still_held(&run, is_done && counts.failed == 0).await?;
                return Ok(Judging { execution: Some(arn.into()), state, meant: run.meant, held, ..counts });
            }
            let Judging { judged, running, failed, .. } = counts;
            let text = format!("{judged} of {} judged, {running} running, {failed} failed", run.meant);
            if text != told {
                self.session.events.send(Event::Progress { name: "judge".into(), text: text.clone() });
                told = text;
            }
            tokio::time::sleep(PAUSE.max(looked.elapsed() * PAUSES)).await;
        }
    }

    /// How many of what was meant are held at the end; `None` where nobody knows: of what was meant by its verdict, what is
    /// held by another one now cannot be told from what never was meant.
    async fn still_held(&self, run: &Run, is_done: bool) -> Result<Option<u64>> {
        let Judge { selection, from, .. } = self.judge;
        if *from != From::Held || !selection.statuses.is_empty() {
            return Ok(None);
        }
        let (begun, marks) = (Instant::now(), run.marks());
        // What is held again has tags that name the execution which has looked at it now.
        let is_of_before = |held: &Held| {
            held.execution.as_ref().is_some_and(|execution| !marks.iter().any(|mark| execution.ends_with(mark)))
        };
        loop {
            let mut before = 0;
            let total = held(self.session, selection, run.since.secs(), |held| before += u64::from(is_of_before(held)));
            let total = total.await?;
            // The copy of what was just stored is cleared once S3's event about it has come.
            if before == 0 || !is_done || begun.elapsed() > CLEARED {
                return Ok(Some(total.count));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// What `judge` calls.
#[must_use]
pub fn permissions(names: &Names, settings: &Settings) -> Vec<Permission> {
    let [ingress, analytics] = [Zone::Ingress, Zone::Analytics].map(|zone| names.bucket_arn(zone));
    let machines = [names.state_machine_arn(), names.sweep_arn()];
    let read = &["states:DescribeStateMachine", "states:ListExecutions"];
    let executions = [format!("{}:*", names.sweep_executions_arn())];
    let read_and_stop = &["states:DescribeExecution", "states:GetExecutionHistory", "states:StopExecution"];
    let all = vec![
        Permission::new(Phase::Judge, read, machines),
        Permission::new(Phase::Judge, &["states:StartExecution"], [names.sweep_arn()]),
        Permission::new(Phase::Judge, read_and_stop, executions),
        Permission::new(Phase::Judge, &["s3:ListBucketVersions"], [ingress, analytics.clone()]),
        Permission::new(Phase::Judge, &["s3:GetObjectVersionTagging"], [format!("{analytics}/*")]),
    ];
    all.into_iter().chain(bucket::permissions(names, settings)).collect()
}

/// Refuses where the state machines are of a cvault that knew nothing of it: each event would be told of as unknown.
async fn able(session: &Session, judge: &Judge) -> Result<()> {
    let Session { aws, names, .. } = session;
    let definition = async |arn: String| {
        let described = aws.sfn.describe_state_machine().state_machine_arn(&arn).send().await;
        let described = described.or_absent(format!("look at {arn}"))?;
        Ok::<_, anyhow::Error>(described.map(|it| it.definition).unwrap_or_default())
    };
    let (judges, lists) = futures::try_join!(definition(names.state_machine_arn()), definition(names.sweep_arn()))?;
    if judges.contains(&format!("\"{}\"", names.bucket(Zone::Analytics))) && lists.contains("\"Meant\"") {
        return match &judge.from {
            From::Bucket { bucket, .. } => bucket::able(session, bucket, &lists).await,
            From::Held | From::Ingress => Ok(()),
        };
    }
    bail!(Failure::refused(
        "judge again",
        "the stack is not there, or is of an older cvault that could not judge what is held",
        "run `cvault up`, then the same command again"
    ))
}

/// The sweep that runs already, and what it is of. Refuses where that is something else: its end would be told as that of
/// what was asked for.
async fn sweeping(session: &Session, judge: &Judge) -> Result<Option<(String, Run)>> {
    let (own, others) = sweeps(session, judge).await?;
    if let Some(arn) = own.into_iter().next() {
        let run = run(session, &arn).await?;
        return Ok(Some((arn, run)));
    }
    let Some(why) = others.into_iter().next() else { return Ok(None) };
    let fix = "wait for its end, or stop it by the command that has begun it, with --stop";
    bail!(Failure::refused("judge", why, fix))
}

/// The sweeps that run and judge just this, and what all others judge.
async fn sweeps(session: &Session, judge: &Judge) -> Result<(Vec<String>, Vec<String>)> {
    let (mut own, mut others) = (vec![], vec![]);
    for arn in running(session).await? {
        let described = session.aws.sfn.describe_execution().execution_arn(&arn).send().await;
        let runs = described.or_refused(format!("look at {arn}"))?.input.unwrap_or_default();
        let runs: Value = serde_json::from_str(&runs).unwrap_or_default();
        match other(&runs, &input(&session.names, judge)) {
            None => own.push(arn),
            Some(other) => others.push(format!("{arn} judges something else: {other}")),
        }
    }
    Ok((own, others))
}

/// How many versions are meant.
async fn meant(session: &Session, judge: &Judge) -> Result<Total> {
    match &judge.from {
        From::Ingress => return waiting(session, judge).await,
        From::Bucket { bucket, into } => return bucket::meant(session, (bucket, into), &judge.selection).await,
        From::Held => {}
    }
    held(session, &judge.selection, now(), |_| {}).await
}

/// How many versions of a selection are held that were so at a moment.
async fn held(session: &Session, selection: &Selection, moment: i64, mut see: impl FnMut(&Held)) -> Result<Total> {
    let mut found = pin!(found(session, selection, moment));
    let mut total = Total::default();
    while let Some(found) = found.try_next().await? {
        if let Found::Held(held) = found {
            total.count += 1;
            total.bytes += held.size;
            see(&held);
        }
        tokio::task::yield_now().await;
    }
    Ok(total)
}

/// What waits in ingress, as far as it is meant: what the sweep lists.
async fn waiting(session: &Session, judge: &Judge) -> Result<Total> {
    let (youngest, ignoring) = (youngest(&judge.selection), session.settings.ingress.ignoring());
    let is_meant = |listed: &Listed| listed.stored_at <= youngest && !listed.is_ignored(&ignoring);
    let prefix = judge.selection.prefix.clone().unwrap_or_default();
    total(session, session.names.bucket(Zone::Ingress), prefix, is_meant).await
}

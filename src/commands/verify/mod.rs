//! `cvault verify`: proves that the vault that is deployed works, by files of its own through the real thing.
//!
//! | step | what is proven |
//! |---|---|
//! | `links` | every link is as it was declared; whatever is not is named, also where files still get through |
//! | `sent` | S3 takes the files, and once more what it has not reported |
//! | `ear` | what the topic is told, its subscribers are told: a queue of this run is one of them |
//! | `follow` | each outcome: its verdict, where the file ended, its tags, its bytes, the notice |
//! | `left` | nothing stays: what this run has made, and what an earlier one has left, is taken away |

mod ear;
mod executions;
mod follow;
pub(super) mod left;
mod links;
mod permissions;
mod sent;

use super::Session;
use super::interruption::{exit_or, reading};
use crate::deploy::event::Event;
use crate::deploy::plan::StackState;
use crate::outcome::failure::{Exit, Failure};
use crate::outcome::row::{Canary as Sending, Check, Health, Row};
use crate::vault::macie::Macie;
use crate::vault::names::Zone;
use crate::vault::steps;
use anyhow::{Context, Result, bail};
use contract::canary::{self, Canary};
use ear::Ear;
use executions::Executions;
use futures::future::try_join_all;
use left::Thing;
use links::Links;
pub use permissions::permissions;
use sent::{Time, send};
use std::time::Duration;

/// How long files may take, unless it is said: with Macie there are jobs to wait for.
const BOUND: Duration = Duration::from_mins(10);
const BOUND_WITH_MACIE: Duration = Duration::from_hours(2);

/// How `verify` is run.
#[derive(Clone, Copy, Debug)]
pub struct Verifying {
    /// How long the files may take.
    pub timeout: Option<Duration>,
    /// Whether nothing is to be sent.
    pub dry_run: bool,
}

/// Runs `verify`.
///
/// # Errors
/// Something cannot be read or sent; what was sent is taken away all the same, as far as AWS lets.
pub async fn run(session: &Session, macie: &Macie, verifying: Verifying) -> Result<Exit> {
    let looks = async { futures::try_join!(Links::look(session, macie), left::all(session)) };
    let (links, earlier) = reading(&session.aws, "the vault", Box::pin(looks)).await?;
    if links.stack == StackState::Absent {
        bail!(Failure::new("verify the vault", "no stack has this name", "`cvault up` makes it"));
    }
    let canaries = canary::fitting(session.settings.rules().accepted_formats.as_deref(), macie.is_used());
    if verifying.dry_run {
        planned(session, &canaries, earlier.len());
        return Ok(Exit::Differs);
    }
    for check in &links.broken {
        session.events.send(Event::Row(Row::Check(check.clone())));
    }
    let ways = [steps::bucket(Zone::Ingress), steps::TOPIC.to_owned(), steps::STATE_MACHINE.to_owned()];
    if ways.iter().any(|way| links.lacks(way)) {
        // There is nothing to send to, or nothing to listen to.
        return Ok(Exit::Failed);
    }
    take_away(session, &earlier).await?;
    let bound = if macie.is_used() { BOUND_WITH_MACIE } else { BOUND };
    let bound = verifying.timeout.unwrap_or(bound);
    let settle = Duration::from_secs(session.settings.ingress.settle_seconds.into());
    let time = Time::within(bound, settle);
    let mut sent = 0;
    let followed = through(session, &links, &canaries, (time, &mut sent)).await;
    let kept = left::all(session).await.context("look for what this run has left");
    let kept = match kept {
        Ok(things) => take_away(session, &things).await,
        Err(error) => Err(error),
    };
    if session.aws.is_interrupted() && (followed.is_err() || kept.is_err()) {
        bail!(cut_short(sent, kept.is_ok()));
    }
    let rows = followed?;
    let is_proven =
        links.broken.iter().all(|check| check.state != Health::Bad) && rows.iter().all(|row| row.state == Health::Good);
    for row in rows {
        session.events.send(Event::Row(Row::Canary(row)));
    }
    if canaries.len() < 3 {
        let text = "csv, json and text are not accepted: only that another format is held was proven";
        session.events.send(Event::Note { text: text.into() });
    }
    let is_clean = kept?;
    Ok(exit_or(&session.interrupt, if is_proven && is_clean { Exit::Done } else { Exit::Failed }))
}

/// `--dry-run`.
fn planned(session: &Session, canaries: &[&'static Canary], left: usize) {
    if left > 0 {
        let text = format!("an earlier run was cut short: {left} things that it left would be taken away");
        session.events.send(Event::Note { text });
    }
    for canary in canaries {
        session.events.send(Event::Row(Row::Canary(Sending {
            outcome: canary.outcome,
            state: Health::Unknown,
            key: canary.key(),
            version: None,
            expected: canary.status.to_string(),
            status: None,
            says: format!("would be sent to {}, followed, and taken away", session.names.bucket(Zone::Ingress)),
            link: None,
            fix: None,
            execution: None,
            seconds: 0.0,
        })));
    }
}

/// Sends the files, says how many, and follows them.
async fn through(
    session: &Session,
    links: &Links,
    canaries: &[&'static Canary],
    (time, count): (Time, &mut usize),
) -> Result<Vec<Sending>> {
    let mut ear = Ear::open(session).await?;
    let executions = Executions::new(session);
    if session.aws.is_interrupted() {
        bail!(cut_short(0, true));
    }
    *count = canaries.len();
    let sent = try_join_all(canaries.iter().map(|canary| send(session, canary))).await?;
    follow::to_the_end((session, links), &mut ear, executions, (sent, time)).await
}

/// What an interrupted run says of the files that it has sent. What was there of them is taken away, as far as `is_clean`
/// says; their executions go on and may put more there, which no run waits for that is to end.
fn cut_short(sent: usize, is_clean: bool) -> Failure {
    let files = if sent == 1 { "1 file".to_owned() } else { format!("{sent} files") };
    let (rest, both) = ("`cvault verify` again", "or `cvault down`, takes it away");
    let (why, fix) = match (sent, is_clean) {
        (0, true) => ("the run was interrupted before it had sent a file".to_owned(), rest.to_owned()),
        (0, false) => ("the run was interrupted: its queue may stay".to_owned(), format!("{rest}, {both}")),
        (_, true) => (
            format!(
                "the run was interrupted while its {files} were judged, which goes on: what comes of them now stays"
            ),
            format!("{rest}, {both}"),
        ),
        (_, false) => (
            format!("the run was interrupted: what there is of its {files} and of its queue stays, and more may come"),
            format!("{rest}, {both}"),
        ),
    };
    Failure::new("verify the vault", why, fix)
}

/// Takes things away; false where something stays that ought not to.
async fn take_away(session: &Session, things: &[Thing]) -> Result<bool> {
    let kept = left::remove(session, things).await?;
    let (locked, denied): (Vec<_>, Vec<_>) = kept.into_iter().partition(|(thing, _)| is_locked(session, thing));
    if !locked.is_empty() {
        let text = format!(
            "Object Lock keeps {} of these files in the vault, as it keeps all: they go when their time is over, \
             with the next `cvault verify`",
            locked.len()
        );
        session.events.send(Event::Note { text });
    }
    for (thing, failure) in &denied {
        let (name, what) = match thing {
            Thing::Version { zone, key, version } => (steps::bucket(*zone), format!("{key} version {version}")),
            Thing::Subscription(arn) => (steps::TOPIC.to_owned(), arn.clone()),
            Thing::Queue(url) => ("queue".to_owned(), url.clone()),
        };
        let says = format!("{what} stays: {}", failure.why);
        let check = Check { name, state: Health::Bad, says, fix: Some(failure.fix.clone()) };
        session.events.send(Event::Row(Row::Check(check)));
    }
    Ok(denied.is_empty())
}

fn is_locked(session: &Session, thing: &Thing) -> bool {
    matches!(thing, Thing::Version { zone: Zone::Vault, .. }) && session.settings.vault.object_lock.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is judged when a run is interrupted comes after it, and whoever reads that nothing stays would be wrong.
    #[test]
    fn an_interrupted_run_says_what_may_stay() {
        let of = |sent, is_clean| cut_short(sent, is_clean);
        assert!(!of(0, true).why.contains("stays") && !of(0, true).fix.contains("takes"), "nothing was sent");
        assert!(of(0, false).why.contains("its queue may stay"));
        assert!(of(3, true).why.contains("its 3 files") && of(3, true).why.contains("stays"));
        assert!(of(3, false).why.contains("its queue stays"), "it could not be taken away");
        for fix in [of(3, true).fix, of(3, false).fix] {
            assert!(fix.contains("`cvault verify`") && fix.contains("`cvault down`"), "{fix}");
        }
    }
}

//! Why versions are held, and which versions they were. A copy's tags have no room for it: its execution's output
//! says it, and the line that the function has written of the verdict.
//!
//! Of the first versions Step Functions is asked, which answers 300 times at once and then 15 times a second. Of more of them,
//! and of what it does not know any more, the log is read, which has about 1,400 verdicts in a page; Step Functions is asked
//! for what the log does not have.
//!
//! Of a copy whose own tags have left no room for ours the log is read at once: its metadata name the execution that has
//! made it, and not the one that has judged it again.

use super::copy::{Copies, Judgement, is_unknown};
use super::selection::{Found, Selection};
use crate::commands::Session;
use crate::commands::clock::{DAY, now};
use crate::commands::log;
use crate::outcome::row::Held;
use crate::vault::expiry::moment;
use crate::vault::names::Zone;
use anyhow::Result;
use classifier::sweep;
use futures::stream::{self, Stream};
use futures::{StreamExt, TryStreamExt};
use std::collections::{HashMap, HashSet};
use std::pin::{Pin, pin};

/// How many executions are asked for at once, and of how many versions together at first: nobody waits for a long list.
const LOOKS: usize = 32;
/// Of how many versions Step Functions is asked before the log is.
const ASKED: usize = 300;
/// Of how many versions the log is read at once: they are in memory meanwhile.
const JOINED: usize = 20_000;
/// By how much the clocks may differ by which S3 and CloudWatch write down when something was, in seconds.
const SLACK: i64 = 300;
/// For how long Step Functions keeps an execution after its end, in seconds.
const KEPT: i64 = 90 * DAY;

/// Where it is read why a version is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// In the log alone, however few there are.
    Log,
    /// Of nothing but what has no room for its verdict: of the others the tags say it.
    Tags,
    /// In the executions and in the log.
    All,
}

/// What was found, and why it is held; what is not meant, once that is known, is left out. In no order, since what Step
/// Functions does not know any more waits for the log to be read.
pub(super) fn explained<'a, S>(
    session: &'a Session,
    selection: &'a Selection,
    source: Source,
    found: S,
) -> impl Stream<Item = Result<Found>> + 'a
where
    S: Stream<Item = Result<Found>> + 'a,
{
    let explaining = Explaining { session, source, found: Box::pin(found), asked: 0, unknown: vec![] };
    let ingress = session.names.bucket(Zone::Ingress);
    let batches = stream::try_unfold(explaining, move |mut explaining| {
        let ingress = ingress.clone();
        async move {
            let Some(batch) = explaining.next().await? else { return Ok(None) };
            let meant = batch.into_iter().filter(move |found| selection.means_found(found, &ingress)).map(Ok);
            Ok::<_, anyhow::Error>(Some((stream::iter(meant), explaining)))
        }
    });
    batches.try_flatten()
}

struct Explaining<'a, S> {
    session: &'a Session,
    source: Source,
    found: Pin<Box<S>>,
    /// Of how many versions Step Functions was asked.
    asked: usize,
    /// What it did not know.
    unknown: Vec<Held>,
}

impl<S: Stream<Item = Result<Found>>> Explaining<'_, S> {
    /// The next ones; `None` at the end.
    async fn next(&mut self) -> Result<Option<Vec<Found>>> {
        if self.source == Source::All && self.asked < ASKED {
            let batch = self.take(LOOKS.min(ASKED - self.asked)).await?;
            if !batch.is_empty() {
                self.asked += batch.len();
                return self.ask(batch).await.map(Some);
            }
        }
        let unknown = std::mem::take(&mut self.unknown);
        let batch = self.take(JOINED).await?;
        if unknown.is_empty() && batch.is_empty() { Ok(None) } else { self.join(unknown, batch).await.map(Some) }
    }

    async fn take(&mut self, count: usize) -> Result<Vec<Found>> {
        let mut batch = vec![];
        while batch.len() < count
            && let Some(next) = self.found.try_next().await?
        {
            batch.push(next);
        }
        Ok(batch)
    }

    /// By their executions; what has none any more is kept.
    async fn ask(&mut self, batch: Vec<Found>) -> Result<Vec<Found>> {
        let copies = self.copies();
        let asked = stream::iter(batch).map(async |found| {
            let Found::Held(held) = found else { return Ok((found, true)) };
            if is_untagged(&held) {
                return Ok((Found::Held(held), false));
            }
            let judgement = copies.judgement(&held).await?;
            let is_known = judgement.reasons.is_some() || copies.execution(&held).is_none();
            Ok::<_, anyhow::Error>((Found::Held(judgement.explain(*held).into()), is_known))
        });
        let asked: Vec<_> = asked.buffered(LOOKS).try_collect().await?;
        let mut known = vec![];
        for (found, is_known) in asked {
            match found {
                Found::Held(held) if !is_known => self.unknown.push(*held),
                found => known.push(found),
            }
        }
        Ok(known)
    }

    /// By the log, where it is worth to read it, then by their executions.
    async fn join(&self, unknown: Vec<Held>, batch: Vec<Found>) -> Result<Vec<Found>> {
        let held = || batch.iter().filter_map(|found| if let Found::Held(held) = found { Some(&**held) } else { None });
        let is_worth = match self.source {
            Source::Log => true,
            Source::Tags => held().any(is_unknown),
            Source::All => !unknown.is_empty() || held().count() > ASKED || held().any(is_untagged),
        };
        let wanted: Vec<_> = unknown.iter().chain(held()).filter(|held| self.wants(held)).collect();
        let said = if is_worth { self.said(&wanted).await? } else { HashMap::new() };
        let (copies, said) = (self.copies(), &said);
        let of_log = |held: &Held| self.of(&copies, held).and_then(|of| said.get(&of).map(|(_, it)| it.clone()));
        let known = stream::iter(unknown).map(async |held| {
            let judgement = match of_log(&held) {
                None if is_untagged(&held) => copies.judgement_by_marks(&held).await?,
                judgement => judgement.unwrap_or_default(),
            };
            Ok::<_, anyhow::Error>(Found::Held(judgement.explain(held).into()))
        });
        let known: Vec<_> = known.buffered(LOOKS).try_collect().await?;
        let others = stream::iter(batch).map(async |found| {
            let Found::Held(held) = found else { return Ok(found) };
            if !self.wants(&held) {
                return Ok(Found::Held(held));
            }
            let judgement = match of_log(&held) {
                Some(judgement) => judgement,
                None if self.source != Source::Log && is_untagged(&held) => copies.judgement_by_marks(&held).await?,
                None if self.source == Source::Log || is_worth && self.is_over(&copies, &held) => Judgement::default(),
                None => copies.judgement(&held).await?,
            };
            Ok::<_, anyhow::Error>(Found::Held(judgement.explain(*held).into()))
        });
        let others: Vec<_> = others.buffered(LOOKS).try_collect().await?;
        Ok(known.into_iter().chain(others).collect())
    }

    /// What the log says of these, and when it was said.
    async fn said(&self, held: &[&Held]) -> Result<HashMap<Of, (String, Judgement)>> {
        let copies = self.copies();
        let wanted: HashSet<_> = held.iter().filter_map(|held| self.of(&copies, held)).collect();
        let Some(first) = held.iter().map(|held| since(held)).min() else { return Ok(HashMap::new()) };
        let mut said: HashMap<_, (String, _)> = HashMap::new();
        let mut verdicts = pin!(log::holding(&self.session.aws, &self.session.names, first - SLACK..now() + SLACK));
        while let Some(verdict) = verdicts.try_next().await? {
            for execution in [self.exactly(&verdict.execution), None] {
                let of = Of { execution, version: verdict.place.version.clone() };
                let is_newer = said.get(&of).is_none_or(|(at, _)| *at <= verdict.at);
                if is_newer && wanted.contains(&of) {
                    said.insert(of, (verdict.at.clone(), verdict.clone().into()));
                }
            }
        }
        Ok(said)
    }

    /// By what a held version is known in the log; `None` where no execution of ours has judged it.
    fn of(&self, copies: &Copies<'_>, held: &Held) -> Option<Of> {
        let version = held.place.version.clone();
        if is_untagged(held) {
            // The last verdict about it.
            return Some(Of { execution: None, version });
        }
        Some(Of { execution: self.exactly(copies.execution(held)?), version })
    }

    /// Whether it is to be explained.
    fn wants(&self, held: &Held) -> bool {
        self.source != Source::Tags || is_unknown(held)
    }

    /// What was judged again, and is held as before, has no line of its own: in sums that of the verdict before stands for
    /// it, and nobody decides by it.
    fn exactly(&self, execution: &str) -> Option<String> {
        (self.source == Source::All).then(|| execution.to_owned())
    }

    /// Whether no execution can be known any more that the log does not know. That of a sweep may be younger than the copy.
    fn is_over(&self, copies: &Copies<'_>, held: &Held) -> bool {
        now() - since(held) > KEPT
            && i64::from(self.session.settings.logs.retention_days) * DAY >= KEPT
            && !copies.execution(held).is_some_and(is_of_a_sweep)
    }

    fn copies(&self) -> Copies<'_> {
        Copies::new(&self.session.aws, &self.session.names)
    }
}

/// By what a held version and a line of the log are known to be about the same verdict.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Of {
    /// The execution, where it has to be the same.
    execution: Option<String>,
    /// The copy's version.
    version: String,
}

/// Whether its own tags have left no room for the execution that has judged it.
fn is_untagged(held: &Held) -> bool {
    held.execution.is_none()
}

/// Whether a sweep has begun the execution, and not the file's own event.
fn is_of_a_sweep(execution: &str) -> bool {
    let name = execution.rsplit(':').next().unwrap_or_default();
    [sweep::WAITING, sweep::ASKED, sweep::HELD, sweep::LEFT, sweep::UNDELIVERED].iter().any(|by| name.starts_with(by))
}

fn since(held: &Held) -> i64 {
    moment(&held.since).map_or(0, |since| since.secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_s_execution_is_known_by_its_name() {
        let of =
            |name: &str| format!("arn:aws:states:eu-west-1:123456789012:execution:CyberVaultOrquestrator-x:{name}");
        for name in ["judge-0123", "again-0123", "sweep-0123", "clear-0123", "undelivered-0123"] {
            assert!(is_of_a_sweep(&of(name)), "{name}");
        }
        for name in ["0c9a-judge-1", "", "express-0123"] {
            assert!(!is_of_a_sweep(&of(name)), "{name}");
        }
    }
}

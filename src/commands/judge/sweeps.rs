//! The sweep's executions: which run, how one is, and what they have counted.

use super::super::Session;
use crate::aws::Answer;
use crate::outcome::failure::Failure;
use anyhow::{Result, bail};
use aws_sdk_sfn::types::{ExecutionStatus, HistoryEvent};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use classifier::sweep::{ASKED_SWEEP, Part, Sweep};
use classifier::take::Counts;
use serde_json::Value;
use std::time::Duration;

/// The shortest pause between two looks, and how many times as long as a look it is at least.
pub(super) const PAUSE: Duration = Duration::from_secs(2);
pub(super) const PAUSES: u32 = 5;
/// In so many of an execution's last events it says what it has counted: each has all of a page.
const LAST: i32 = 6;
/// How many times as many are read, where they say nothing.
const PAGES: usize = 100;

/// For how many looks an execution that goes on may not be shown before nobody knows what it is called.
const HIDDEN: u32 = 30;

/// A run of this command, which may be several executions that go on from each other.
#[derive(Clone, Debug)]
pub(super) struct Run {
    /// When the first of them began.
    pub(super) since: DateTime,
    /// How many versions whoever began it has counted.
    pub(super) meant: u64,
    /// The ARN of the last of them, as far as anybody has looked.
    pub(super) arn: String,
    /// For how many looks the one that goes on from it was not shown.
    hidden: u32,
}

/// How far a run is.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    /// How the last of its executions is.
    pub(super) status: ExecutionStatus,
    /// What they have counted, as far as anybody knows.
    pub(super) counts: Option<Counts>,
}

impl Run {
    /// What the names of the executions end in that it has started.
    pub(super) fn marks(&self) -> Vec<String> {
        let executions = self.arn.rsplit_once(':').map_or("", |(executions, _)| executions);
        let parts = std::iter::successors(Some(Part::of(&self.arn)), Part::before);
        parts.map(|part| part.mark(executions)).collect()
    }

    /// The ARN of the execution that goes on from the last one.
    fn next(&self) -> Option<String> {
        let (executions, _) = self.arn.rsplit_once(':')?;
        Some(format!("{executions}:{}", Part::of(&self.arn).next().name()))
    }
}

/// The sweeps of this command that run: one, or several that people have begun in the same moment.
pub(super) async fn running(session: &Session) -> Result<Vec<String>> {
    let list = session.aws.sfn.list_executions().state_machine_arn(session.names.sweep_arn());
    let listed = list.status_filter(ExecutionStatus::Running).send().await;
    let listed = listed.or_absent(format!("list the executions of {}", session.names.sweep()))?;
    let all = listed.map(|it| it.executions).unwrap_or_default();
    Ok(all.into_iter().filter(|it| it.name.starts_with(ASKED_SWEEP)).map(|it| it.execution_arn).collect())
}

/// The run that a sweep's execution is of, by what it was started with: one that goes on from another says when the first
/// one began.
pub(super) async fn run(session: &Session, arn: &str) -> Result<Run> {
    let described = session.aws.sfn.describe_execution().execution_arn(arn).send().await;
    let described = described.or_refused(format!("look at {arn}"))?;
    let input: Value = serde_json::from_str(described.input().unwrap_or("null")).unwrap_or_default();
    let begun = input["Begun"].as_str().and_then(|begun| DateTime::from_str(begun, Format::DateTime).ok());
    let since = begun.unwrap_or(described.start_date);
    Ok(Run { since, meant: input["Meant"].as_u64().unwrap_or_default(), arn: arn.to_owned(), hidden: 0 })
}

/// How far a run is: the last of its executions knows, which is found from the one before it, and no other one than its own.
pub(super) async fn progress(session: &Session, run: &mut Run) -> Result<Progress> {
    loop {
        let described = session.aws.sfn.describe_execution().execution_arn(&run.arn).send().await;
        let described = described.or_refused(format!("look at {}", run.arn))?;
        let output: Value = serde_json::from_str(described.output().unwrap_or("null")).unwrap_or_default();
        let counts = match described.status {
            ExecutionStatus::Succeeded => counted(&output, true),
            _ => in_history(session, &run.arn).await?,
        };
        let goes_on = described.status == ExecutionStatus::Succeeded && output["Page"]["More"] == true;
        let Some(next) = run.next().filter(|_| goes_on) else {
            return Ok(Progress { status: described.status, counts });
        };
        let found = session.aws.sfn.describe_execution().execution_arn(&next).send().await;
        if found.or_absent(format!("look at {next}"))?.is_none() {
            // It has begun before this one came to its end, but AWS may show it later.
            run.hidden += 1;
            if run.hidden > HIDDEN {
                bail!(lost(&run.arn));
            }
            return Ok(Progress { status: ExecutionStatus::Running, counts });
        }
        (run.arn, run.hidden) = (next, 0);
    }
}

/// A sweep of an earlier release has given the one that goes on from it another name.
fn lost(arn: &str) -> Failure {
    let why = "it has gone on as an execution that no name ties to it, as a sweep of an earlier release does: what that one does is not known here";
    Failure::new(format!("follow {arn} to its end"), why, "run the same command again: it follows what runs")
}

/// What an execution has counted that has not come to its end.
async fn in_history(session: &Session, arn: &str) -> Result<Option<Counts>> {
    let history = session.aws.sfn.get_execution_history().execution_arn(arn).reverse_order(true).max_results(LAST);
    let mut pages = history.include_execution_data(true).into_paginator().send();
    // Tries of a step that finds no room are events, too, and say nothing.
    for _ in 0..PAGES {
        let Some(page) = pages.next().await else { break };
        let events = page.or_refused(format!("read what {arn} has counted"))?.events;
        let read = |text| counted(&serde_json::from_str(text).unwrap_or_default(), false);
        if let Some(counts) = events.iter().filter_map(said).find_map(read) {
            return Ok(Some(counts));
        }
    }
    Ok(None)
}

/// What a state was given, or has handed on.
fn said(event: &HistoryEvent) -> Option<&str> {
    let entered = event.state_entered_event_details().and_then(|it| it.input());
    entered.or_else(|| event.state_exited_event_details().and_then(|it| it.output()))
}

/// What a sweep has counted, where what its states hand on says it; its last page too, of which nobody knows anything before
/// it is over.
fn counted(state: &Value, is_over: bool) -> Option<Counts> {
    let page = &state["Page"]["Sweep"];
    let sweep = if page.is_null() { &state["Sweep"] } else { page };
    let mut sweep: Sweep = serde_json::from_value(sweep.clone()).ok()?;
    if !is_over && sweep.results.is_empty() {
        sweep.expected = 0;
    }
    sweep.settle();
    Some(sweep.counts)
}

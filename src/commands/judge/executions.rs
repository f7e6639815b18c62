//! The executions that a sweep has started.

use super::super::Session;
use super::sweeps::Run;
use crate::aws::Answer;
use crate::outcome::row::{Judging, JudgingState};
use anyhow::Result;
use aws_sdk_sfn::types::ExecutionStatus;
use aws_smithy_types::DateTime;
use classifier::take::Counts;

/// How far the executions of a kind are, as their names begin, that a run has begun: those that run or have
/// failed are listed, so that the rest of what the sweep has counted has ended well.
pub(super) async fn counts(session: &Session, kind: &str, (counted, run): (Counts, &Run)) -> Result<Judging> {
    let marks = run.marks();
    let is_own = |name: &str| name.starts_with(kind) && marks.iter().any(|mark| name.ends_with(mark));
    let of = |status| number(session, status, (is_own, run.since));
    let (running, failed, timed_out, aborted) = futures::try_join!(
        of(ExecutionStatus::Running),
        of(ExecutionStatus::Failed),
        of(ExecutionStatus::TimedOut),
        of(ExecutionStatus::Aborted),
    )?;
    let failed = failed + timed_out + aborted;
    let judged = counted.started.saturating_sub(running + failed);
    let not_started = counted.left;
    Ok(Judging { judged, running, failed, not_started, ..Judging::of(JudgingState::Running, 0) })
}

/// How many executions of these names have begun since then and are so now.
async fn number(
    session: &Session,
    status: ExecutionStatus,
    (is_own, since): (impl Fn(&str) -> bool, DateTime),
) -> Result<u64> {
    let list = session.aws.sfn.list_executions().state_machine_arn(session.names.state_machine_arn());
    let mut pages = list.status_filter(status).into_paginator().page_size(1000).send();
    let mut number = 0;
    while let Some(page) = pages.next().await {
        let page = page.or_refused(format!("list the executions of {}", session.names.state_machine()))?;
        let begun = page.executions().iter().filter(|it| it.start_date >= since && is_own(&it.name));
        number += begun.count() as u64;
        // The newest come first.
        if page.executions().last().is_none_or(|oldest| oldest.start_date < since) {
            break;
        }
    }
    Ok(number)
}

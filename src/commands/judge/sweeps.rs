//! The sweep's executions: which run, and how one is.

use super::super::Session;
use crate::aws::Answer;
use anyhow::Result;
use aws_sdk_sfn::types::{ExecutionListItem, ExecutionStatus};
use aws_smithy_types::DateTime;
use std::time::Duration;

/// How the names of the sweeps begin that this command starts, and those of the executions that they start.
pub(super) const KIND: &str = "judge-";
/// The shortest pause between two looks, and how many times as long as a look it is at least.
pub(super) const PAUSE: Duration = Duration::from_secs(2);
pub(super) const PAUSES: u32 = 5;

/// The sweep of this command that runs, if there is one.
pub(super) async fn running(session: &Session) -> Result<Option<String>> {
    let running = sweeps(session).await?.into_iter().find(|it| it.name.starts_with(KIND));
    Ok(running.map(|it| it.execution_arn))
}

/// Whether any sweep runs: one that has more than a thousand pages goes on as another.
pub(super) async fn is_sweeping(session: &Session) -> Result<bool> {
    Ok(!sweeps(session).await?.is_empty())
}

async fn sweeps(session: &Session) -> Result<Vec<ExecutionListItem>> {
    let list = session.aws.sfn.list_executions().state_machine_arn(session.names.sweep_arn());
    let list = list.status_filter(ExecutionStatus::Running).send().await;
    Ok(list
        .or_absent(format!("list the executions of {}", session.names.sweep()))?
        .map(|it| it.executions)
        .unwrap_or_default())
}

/// How a sweep's execution is, and when it began.
pub(super) async fn begun(session: &Session, arn: &str) -> Result<(ExecutionStatus, DateTime)> {
    let described = session.aws.sfn.describe_execution().execution_arn(arn).send().await;
    let described = described.or_refused(format!("look at {arn}"))?;
    Ok((described.status, described.start_date))
}

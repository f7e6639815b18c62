//! What waits to be judged: versions in ingress, events that could not be delivered, executions that failed.
//!
//! No execution says in a list which version it judges. But each judges at most one, so that of the versions that
//! have been in ingress for some minutes at least those are stuck that are more than there are executions running.
//! Everything is counted page by page, and nothing of a page is kept.

use super::names::{Names, Zone};
use super::resources::bucket::s3_contents::{Ages, Contents};
use crate::aws::{Answer, Aws};
use crate::deploy::plan::Waiting;
use anyhow::Result;
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_sfn::types::{ExecutionListItem, ExecutionStatus};
use aws_sdk_sqs::types::QueueAttributeName;
use contract::ignored::Ignoring;
use std::ops::Range;
use std::time::{Duration, SystemTime};

/// How long a version may be in ingress before it counts: S3 reports within seconds, and the function may be busy.
pub const PATIENCE: Duration = Duration::from_mins(5);
/// For how long an execution that failed is told of.
const MEMORY: Duration = Duration::from_hours(24);
/// An execution may wait for Macie that long before it fails; lists are sorted by its start.
const LONGEST: Duration = Duration::from_hours(24 * 31);

/// How executions end that do not judge.
const FAILURES: [ExecutionStatus; 3] = [ExecutionStatus::Failed, ExecutionStatus::TimedOut, ExecutionStatus::Aborted];

/// Looks at all of it at once.
///
/// # Errors
/// Something cannot be read; that it is not there is no error.
pub async fn look(aws: &Aws, names: &Names, ignoring: &Ignoring) -> Result<Waiting> {
    let now = SystemTime::now();
    let contents = Contents::new(aws, names.bucket(Zone::Ingress), &names.account);
    // What failed before the last sweep began has been looked at by it.
    let swept = last_sweep(aws, names).await?;
    let since = swept.map_or(now - MEMORY, |swept| swept.max(now - MEMORY));
    let (ages, running, dead_letters, notices, failed) = futures::try_join!(
        contents.ages((now - PATIENCE).into(), ignoring),
        running(aws, names),
        dead_letters(aws, names),
        notices(aws, names),
        failures(aws, names, since..now),
    )?;
    Ok(Waiting {
        stuck: stuck(&ages, running),
        versions: ages.all,
        ignored: ages.ignored,
        oldest: ages.oldest.map(|oldest| oldest.to_string()),
        running,
        failed: failed.count,
        last_failed: failed.last.map(|last| last.1),
        dead_letters: dead_letters.unwrap_or_default(),
        notices: notices.unwrap_or_default(),
    })
}

/// When the last sweep began that came to its end.
async fn last_sweep(aws: &Aws, names: &Names) -> Result<Option<SystemTime>> {
    let list = aws.sfn.list_executions().state_machine_arn(names.sweep_arn());
    let list = list.status_filter(ExecutionStatus::Succeeded).max_results(1).send().await;
    let listed = list.or_absent(format!("list the executions of {}", names.sweep()))?;
    let newest = listed.and_then(|listed| listed.executions.into_iter().next());
    Ok(newest.and_then(|newest| newest.start_date.try_into().ok()))
}

/// How many versions no execution can be judging.
fn stuck(ages: &Ages, running: u64) -> u64 {
    ages.old.saturating_sub(running)
}

async fn running(aws: &Aws, names: &Names) -> Result<u64> {
    let mut count = 0;
    each_page(aws, names, &ExecutionStatus::Running, |page| {
        count += page.len() as u64;
        true
    })
    .await?;
    Ok(count)
}

/// How many executions have failed, and when and by which name the last of them.
#[derive(Debug, Default)]
pub struct Failures {
    /// How many.
    pub count: u64,
    /// When the last one ended, and its name.
    pub last: Option<(DateTime, String)>,
}

impl Failures {
    fn and(self, other: Self) -> Self {
        let last = [self.last, other.last].into_iter().flatten().max_by_key(|last| last.0.as_nanos());
        Self { count: self.count + other.count, last }
    }
}

/// The executions that have failed, run out of time or been aborted in a time.
///
/// # Errors
/// They cannot be listed; that the state machine is not there is no error.
pub async fn failures(aws: &Aws, names: &Names, within: Range<SystemTime>) -> Result<Failures> {
    let within = &(within.start.into()..within.end.into());
    let each = FAILURES.map(|status| failures_of(aws, names, status, within));
    let each = futures::future::try_join_all(each).await?;
    Ok(each.into_iter().fold(Failures::default(), Failures::and))
}

async fn failures_of(aws: &Aws, names: &Names, status: ExecutionStatus, within: &Range<DateTime>) -> Result<Failures> {
    let mut failures = Failures::default();
    let earliest = within.start.secs() - i64::try_from(LONGEST.as_secs()).unwrap_or_default();
    each_page(aws, names, &status, |page| {
        let stops = page.iter().filter_map(|ended| Some((ended, ended.stop_date?)));
        for (ended, stop) in stops.filter(|(_, stop)| within.contains(stop)) {
            failures.count += 1;
            if failures.last.as_ref().is_none_or(|last| last.0 < stop) {
                failures.last = Some((stop, ended.name.clone()));
            }
        }
        page.last().is_some_and(|oldest| oldest.start_date.secs() >= earliest)
    })
    .await?;
    Ok(failures)
}

/// Hands each page of a list over, newest first, until somebody has enough.
async fn each_page(
    aws: &Aws,
    names: &Names,
    status: &ExecutionStatus,
    mut wants_more: impl FnMut(&[ExecutionListItem]) -> bool,
) -> Result<()> {
    let list = aws.sfn.list_executions().state_machine_arn(names.state_machine_arn()).status_filter(status.clone());
    let mut pages = list.into_paginator().send();
    let aws = aws.speaking_for(&names.state_machine());
    let what = || format!("list the executions of {}", names.state_machine());
    while let Some(page) =
        aws.answered(async { pages.next().await.map(|page| page.or_absent(what())).transpose() }).await?
    {
        if !page.is_some_and(|page| wants_more(page.executions())) || aws.is_interrupted() {
            break;
        }
    }
    Ok(())
}

/// How many events could not be delivered; `None` where there is no queue for them.
///
/// # Errors
/// The queue cannot be read.
pub async fn dead_letters(aws: &Aws, names: &Names) -> Result<Option<u64>> {
    messages(aws, &names.dead_letters(), names.dead_letters_url()).await
}

/// How many notices nobody has been told of, the latest among them; `None` where there is no queue for them.
///
/// # Errors
/// The queue cannot be read.
pub async fn notices(aws: &Aws, names: &Names) -> Result<Option<u64>> {
    messages(aws, &names.notices(), names.notices_url()).await
}

/// How many files wait for a job of Macie's; `None` where there is no queue for them.
///
/// # Errors
/// The queue cannot be read.
pub async fn macie_files(aws: &Aws, names: &Names) -> Result<Option<u64>> {
    messages(aws, &names.macie_queue(), names.macie_queue_url()).await
}

async fn messages(aws: &Aws, name: &str, url: String) -> Result<Option<u64>> {
    // Those that somebody has taken out and not given back are counted apart.
    let counts =
        [QueueAttributeName::ApproximateNumberOfMessages, QueueAttributeName::ApproximateNumberOfMessagesNotVisible];
    let read = aws.sqs.get_queue_attributes().queue_url(url).set_attribute_names(Some(counts.to_vec())).send().await;
    let Some(read) = read.or_absent(format!("read queue {name}"))? else { return Ok(None) };
    let read = read.attributes.unwrap_or_default();
    Ok(Some(counts.iter().filter_map(|count| read.get(count)?.parse::<u64>().ok()).sum()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_failure_is_the_latest_of_all_kinds() {
        let of = |count, last: Option<i64>| Failures {
            count,
            last: last.map(|time| (DateTime::from_secs(time), time.to_string())),
        };
        let sum = of(2, Some(5)).and(of(0, None)).and(of(1, Some(7)));
        assert_eq!((sum.count, sum.last.unwrap().1.as_str()), (3, "7"));
    }

    #[test]
    fn a_version_is_stuck_when_no_execution_is_left_for_it() {
        let ages = |old| Ages { all: 9, ignored: 0, old, oldest: None };
        assert_eq!(
            [(3, 0), (3, 2), (3, 3), (3, 9), (0, 0)].map(|(old, running)| stuck(&ages(old), running)),
            [3, 1, 0, 0, 0]
        );
    }
}

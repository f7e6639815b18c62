//! What waits to be judged: versions in ingress, events that could not be delivered, executions that failed.
//!
//! No execution says in a list which version it judges. But each judges at most one, so that of the versions that
//! have been in ingress for some minutes at least those are stuck that are more than there are executions which may judge
//! one of them: what has begun since then judges what has come since then, unless a sweep has started it.
//! Everything is counted page by page, and nothing of a page is kept.

use super::names::{Names, Zone};
use super::resources::bucket::s3_contents::{Ages, Contents};
use super::sweeps::Sweeps;
use crate::aws::{Answer, Aws};
use crate::deploy::plan::Waiting;
use anyhow::Result;
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_sfn::types::{ExecutionListItem, ExecutionStatus};
use aws_sdk_sqs::types::QueueAttributeName;
use classifier::sweep::{ASKED, HELD, LEFT, UNDELIVERED, WAITING};
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
    // What failed before the last sweep began has been looked at by it.
    let swept = last_sweep(aws, names).await?;
    let since = swept.map_or(now - MEMORY, |swept| swept.max(now - MEMORY));
    let (ingress, dead_letters, notices, macie_files, failed) = futures::try_join!(
        ingress(aws, names, ignoring, now),
        dead_letters(aws, names),
        notices(aws, names),
        macie_files(aws, names),
        failures(aws, names, since..now),
    )?;
    Ok(Waiting {
        stuck: ingress.stuck,
        versions: ingress.ages.all,
        ignored: ingress.ages.ignored,
        oldest: ingress.ages.oldest.map(|oldest| oldest.to_string()),
        running: ingress.running,
        failed: failed.count,
        last_failed: failed.last.map(|last| last.1),
        dead_letters: dead_letters.unwrap_or_default(),
        notices: notices.unwrap_or_default(),
        macie_files: macie_files.unwrap_or_default(),
    })
}

/// What is in ingress, and who works on it.
#[derive(Debug)]
pub struct Ingress {
    /// How many versions there are, and since when.
    pub ages: Ages,
    /// How many of them no execution can be judging, of those that have been there for [`PATIENCE`].
    pub stuck: u64,
    /// How many executions run.
    pub running: u64,
}

/// Looks at ingress.
///
/// # Errors
/// It, or the list of executions, cannot be read; that they are not there is no error.
pub async fn ingress(aws: &Aws, names: &Names, ignoring: &Ignoring, now: SystemTime) -> Result<Ingress> {
    let contents = Contents::new(aws, names.bucket(Zone::Ingress), &names.account);
    let before = (now - PATIENCE).into();
    let (ages, running) = futures::try_join!(contents.ages(before, ignoring), running(aws, names, before))?;
    Ok(Ingress { stuck: stuck(&ages, running), ages, running: running.all })
}

/// When the last sweep of all that waits began that came to its end.
async fn last_sweep(aws: &Aws, names: &Names) -> Result<Option<SystemTime>> {
    let mut sweeps = Sweeps::default();
    each_page(aws, (&names.sweep(), names.sweep_arn()), None, |page| {
        for sweep in page {
            sweeps.see(sweep);
        }
        sweeps.last().is_none()
    })
    .await?;
    Ok(sweeps.last().and_then(|begun| begun.try_into().ok()))
}

/// How many versions no execution can be judging.
fn stuck(ages: &Ages, running: Running) -> u64 {
    ages.old.saturating_sub(running.of_old)
}

/// How many executions run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Running {
    /// All of them.
    all: u64,
    /// Those that may judge a version which has been in ingress for some minutes.
    of_old: u64,
}

impl Running {
    fn add(&mut self, name: &str, is_old: bool) {
        let begins = |kinds: &[&str]| kinds.iter().any(|kind| name.starts_with(kind));
        self.all += 1;
        self.of_old += u64::from(begins(&[WAITING, ASKED]) || is_old && !begins(&[HELD, LEFT, UNDELIVERED]));
    }
}

async fn running(aws: &Aws, names: &Names, before: DateTime) -> Result<Running> {
    let mut running = Running::default();
    each_page(aws, (&names.state_machine(), names.state_machine_arn()), Some(&ExecutionStatus::Running), |page| {
        for it in page {
            running.add(&it.name, it.start_date < before);
        }
        true
    })
    .await?;
    Ok(running)
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
    each_page(aws, (&names.state_machine(), names.state_machine_arn()), Some(&status), |page| {
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

/// Hands each page of the list of a state machine's executions over, newest first, until somebody has enough.
async fn each_page(
    aws: &Aws,
    (machine, arn): (&str, String),
    status: Option<&ExecutionStatus>,
    mut wants_more: impl FnMut(&[ExecutionListItem]) -> bool,
) -> Result<()> {
    let list = aws.sfn.list_executions().state_machine_arn(arn).set_status_filter(status.cloned());
    let mut pages = list.into_paginator().send();
    let aws = aws.speaking_for(machine);
    let what = || format!("list the executions of {machine}");
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
        let stuck = |old, of_old| stuck(&Ages { all: 9, ignored: 0, old, oldest: None }, Running { all: 9, of_old });
        let cases = [(3, 0), (3, 2), (3, 3), (3, 9), (0, 0)];
        assert_eq!(cases.map(|(old, of_old)| stuck(old, of_old)), [3, 1, 0, 0, 0]);
    }

    /// What has just come, is cleared or is told of hides nothing that waits.
    #[test]
    fn an_execution_counts_for_a_version_that_it_may_judge() {
        let is_of_old = |name: &str, is_old| {
            let mut running = Running::default();
            running.add(name, is_old);
            assert_eq!(running.all, 1);
            running.of_old == 1
        };
        for name in ["sweep-0a1b-2", "again-0a1b-2c3d"] {
            assert!(is_of_old(name, false) && is_of_old(name, true), "{name}: a sweep has found it");
        }
        for name in ["judge-0a1b-2c3d", "clear-0a1b-2", "undelivered-0a1b"] {
            assert!(!is_of_old(name, false) && !is_of_old(name, true), "{name}: it is somewhere else, or anything");
        }
        assert!(is_of_old("0a1b2c3d-4e5f", true) && !is_of_old("0a1b2c3d-4e5f", false));
    }
}

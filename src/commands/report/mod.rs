//! `cvault report`: what went through a vault in a period, and how it stands.
//!
//! Nothing is kept for it. Verdicts, releases and discards are lines of the audit in the function's log group, which
//! keeps them for `[logs] retention_days`; what is held and what waits is looked at where it lies.

mod holding;
pub mod prices;
mod tallied;
mod times;
mod ways;

use super::Session;
use super::clock::{DAY, now, rfc3339};
use super::held::{Selection, found_in_log};
use super::interruption::reading;
use super::log;
use crate::deploy::event::Event;
use crate::deploy::permission::{Permission, Phase};
use crate::outcome::period::{Failures, Holding, Period};
use crate::vault::names::{Names, Zone};
use crate::vault::waiting;
use anyhow::Result;
use futures::{StreamExt, TryStreamExt, stream};
use holding::HeldSums;
use std::pin::pin;
use std::time::{Duration, UNIX_EPOCH};
use tallied::{Counting, Tallied};

/// From when until when, in seconds since 1970; the end is not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Between {
    /// The first second.
    pub since: i64,
    /// The second behind the last one.
    pub until: i64,
}

/// Reads all of it.
///
/// # Errors
/// Something cannot be read.
pub async fn run(session: &Session, between: Between) -> Result<Period> {
    let Names { stack, id, account, region, .. } = &session.names;
    if let Some(text) = too_old(session.settings.logs.retention_days, between) {
        session.events.send(Event::Note { text });
    }
    let reads = async { futures::try_join!(judged(session, between), held(session, now()), failed(session, between)) };
    let (tallied, held, failures) = reading(&session.aws, "what went through", Box::pin(reads)).await?;
    Ok(Period {
        stack: stack.clone(),
        id: id.clone(),
        account: account.clone(),
        region: region.clone(),
        since: rfc3339(between.since),
        until: rfc3339(between.until),
        held,
        failures,
        ..tallied.period()
    })
}

/// What `report` reads.
#[must_use]
pub fn permissions(names: &Names) -> Vec<Permission> {
    let group = names.log_group_arn(&names.classifier_log_group());
    let [ingress, analytics] = [Zone::Ingress, Zone::Analytics].map(|zone| names.bucket_arn(zone));
    let machines = [names.state_machine_arn(), names.sweep_arn()];
    let express = names.express_arn();
    let queues = [names.dead_letters_arn(), names.notices_arn(), names.macie_queue_arn()];
    vec![
        Permission::new(Phase::Report, &["logs:FilterLogEvents"], [group.clone(), format!("{group}:*")]),
        Permission::new(Phase::Report, &["s3:ListBucketVersions"], [ingress, analytics.clone()]),
        Permission::new(Phase::Report, &["s3:GetObjectVersionTagging"], [format!("{analytics}/*")]),
        Permission::new(Phase::Report, &["states:ListExecutions"], machines),
        Permission::new(Phase::Report, &["states:DescribeStateMachine"], [express]),
        Permission::new(Phase::Report, &["sqs:GetQueueAttributes"], queues),
    ]
}

/// What is to be said of a period that begins before the log does.
fn too_old(retention_days: i32, between: Between) -> Option<String> {
    let begins = now() - i64::from(retention_days) * DAY;
    (between.since < begins).then(|| {
        format!(
            "the log keeps {retention_days} days ([logs] retention_days): what was judged before {} is not counted",
            rfc3339(begins)
        )
    })
}

/// The audit's lines of the period, a day at a time.
async fn judged(session: &Session, between: Between) -> Result<Tallied> {
    let days = (between.since.div_euclid(DAY)..=(between.until - 1).div_euclid(DAY))
        .map(|day| Between { since: between.since.max(day * DAY), until: between.until.min((day + 1) * DAY) });
    let below = ways::express_below(session).await?;
    let days = stream::iter(days).map(|day| of_day(session, day, below));
    days.buffer_unordered(log::TOGETHER).try_fold(Tallied::default(), async |all, day| Ok(all.merge(&day))).await
}

async fn of_day(session: &Session, day: Between, express_below: u64) -> Result<Tallied> {
    let mut counting = Counting::of(rfc3339(day.since)[..10].to_owned(), express_below);
    let wanted = log::Wanted { pattern: log::of_audit(), streams: None, between: Some(day.since..day.until) };
    let mut lines = pin!(log::lines(&session.aws, &session.names, wanted));
    while let Some(line) = lines.try_next().await? {
        counting.add(&line);
    }
    Ok(counting.sums())
}

/// What is held at this moment, whenever the period ends.
async fn held(session: &Session, moment: i64) -> Result<Holding> {
    let selection = Selection::default();
    let found = found_in_log(session, &selection, moment);
    let sums = found.try_fold(HeldSums::default(), async |mut sums, found| {
        sums.add(&found, moment);
        tokio::task::yield_now().await;
        Ok(sums)
    });
    Ok(sums.await?.holding())
}

async fn failed(session: &Session, between: Between) -> Result<Failures> {
    let at = |seconds: i64| UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or_default());
    let (since, until) = (at(between.since), at(between.until));
    let ignoring = session.settings.ingress.ignoring();
    let (waiting, failures) = futures::try_join!(
        waiting::look(&session.aws, &session.names, &ignoring),
        waiting::failures(&session.aws, &session.names, since..until),
    )?;
    Ok(Failures {
        executions: failures.count,
        dead_letters: waiting.dead_letters,
        stuck: waiting.stuck,
        waiting: waiting.versions,
        macie_files: waiting.macie_files,
    })
}

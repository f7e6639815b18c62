//! `cvault report`: what went through a vault in a period, and how it stands.
//!
//! Nothing is kept for it. Verdicts, releases and discards are lines of the audit in the function's log group, which
//! keeps them for `[logs] retention_days`; what is held and what waits is looked at where it lies.

pub mod prices;
mod tallied;
mod times;

use super::Session;
use super::clock::{now, rfc3339};
use super::held::{Found, Selection, found};
use super::interruption::reading;
use crate::aws::Answer;
use crate::deploy::event::Event;
use crate::deploy::permission::{Permission, Phase};
use crate::outcome::period::{Failures, Holding, Period, Tally};
use crate::vault::expiry::moment;
use crate::vault::names::{Names, Zone};
use crate::vault::waiting;
use anyhow::Result;
use classifier::audit::SCHEMA;
use futures::{StreamExt, TryStreamExt, stream};
use std::time::{Duration, UNIX_EPOCH};
use tallied::{Counting, Tallied, Tallies};

const DAY: i64 = 86_400;
/// How many days are read at once: an account may ask `FilterLogEvents` a few times a second.
const TOGETHER: usize = 4;
/// Up to how many days something is how old.
const AGES: [(i64, &str); 3] = [(1, "less than a day"), (7, "1 to 7 days"), (30, "7 to 30 days")];
const OLDEST: &str = "more than 30 days";

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
    let reads =
        async { futures::try_join!(judged(session, between), held(session, between.until), failed(session, between)) };
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
    vec![
        Permission::new(Phase::Report, &["logs:FilterLogEvents"], [group.clone(), format!("{group}:*")]),
        Permission::new(Phase::Report, &["s3:ListBucketVersions"], [ingress, analytics.clone()]),
        Permission::new(Phase::Report, &["s3:GetObjectVersionTagging"], [format!("{analytics}/*")]),
        Permission::new(Phase::Report, &["states:ListExecutions"], machines),
        Permission::new(Phase::Report, &["sqs:GetQueueAttributes"], [names.dead_letters_arn(), names.notices_arn()]),
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
    let days = stream::iter(days).map(|day| of_day(session, day));
    days.buffer_unordered(TOGETHER).try_fold(Tallied::default(), async |all, day| Ok(all.merge(&day))).await
}

async fn of_day(session: &Session, day: Between) -> Result<Tallied> {
    let mut counting = Counting::of(rfc3339(day.since)[..10].to_owned(), session.settings.express.below());
    let mut next = None;
    loop {
        let filter = session.aws.logs.filter_log_events().log_group_name(session.names.classifier_log_group());
        let filter = filter.filter_pattern(format!("{{ $.schema = \"{SCHEMA}\" }}"));
        // Both ends are in what AWS gives, in milliseconds.
        let filter = filter.start_time(day.since * 1000).end_time(day.until * 1000 - 1);
        let page = filter.set_next_token(next).send().await.or_absent("read the audit log")?;
        let Some(page) = page else { return Ok(counting.sums()) };
        page.events().iter().filter_map(|event| event.message()).for_each(|line| counting.add(line));
        next = page.next_token;
        if next.is_none() {
            return Ok(counting.sums());
        }
        // Whoever prints is this same thread's.
        tokio::task::yield_now().await;
    }
}

/// What is held at a moment.
async fn held(session: &Session, moment_of: i64) -> Result<Holding> {
    let selection = Selection::default();
    let found = found(session, &selection, now());
    let sums = found.try_fold((Tallies::default(), Tallies::default(), 0), async |mut sums, found| {
        match found {
            Found::Held(held) => {
                let days = moment(&held.since).map_or(0, |since| (moment_of - since.secs()) / DAY);
                let age = AGES.iter().find(|(up_to, _)| days < *up_to).map_or(OLDEST, |(_, name)| name);
                sums.0.add(held.status.as_deref().unwrap_or("UNKNOWN"), 1, held.size);
                sums.1.add(age, 1, held.size);
            }
            Found::Unjudged => sums.2 += 1,
            Found::Other => {}
        }
        tokio::task::yield_now().await;
        Ok(sums)
    });
    let (statuses, ages, unjudged) = sums.await?;
    let (statuses, mut ages) = (statuses.sorted(), ages.sorted());
    ages.sort_by_key(|tally| AGES.iter().position(|(_, name)| tally.name == *name).unwrap_or(AGES.len()));
    let all = Tally {
        name: "held".into(),
        count: statuses.iter().map(|tally| tally.count).sum(),
        bytes: statuses.iter().map(|tally| tally.bytes).sum(),
    };
    Ok(Holding { all, statuses, ages, unjudged })
}

async fn failed(session: &Session, between: Between) -> Result<Failures> {
    let at = |seconds: i64| UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or_default());
    let (since, until) = (at(between.since), at(between.until));
    let ignoring = session.settings.ingress.ignoring();
    let (waiting, failures) = futures::try_join!(
        waiting::look(&session.aws, &session.names, &ignoring),
        waiting::failures(&session.aws, &session.names, since..until),
    )?;
    Ok(Failures { executions: failures.count, dead_letters: waiting.dead_letters, stuck: waiting.stuck })
}

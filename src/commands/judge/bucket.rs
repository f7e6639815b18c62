//! What is in another bucket: the sweep copies its objects into ingress, and counts them.

use super::super::Session;
use super::super::held::Selection;
use super::listed::{total, youngest};
use super::sweeps::{PAUSE, PAUSES, Run, progress};
use crate::aws::Answer;
use crate::deploy::event::Event;
use crate::deploy::permission::{Permission, Phase};
use crate::outcome::failure::Failure;
use crate::outcome::row::{Judging, JudgingState, Taken, Total};
use crate::vault::names::{Names, Zone};
use crate::vault::settings::Settings;
use anyhow::{Result, bail};
use aws_sdk_lambda::types::AccountLimit;
use aws_sdk_sfn::types::ExecutionStatus;
use aws_smithy_types::DateTime;
use classifier::objects::Listed;
use classifier::take::{Counts, STEP};
use std::time::Duration;
use tokio::time::Instant;

/// For how long what was taken in may not become less before it is left to the next sweep.
const STUCK: Duration = Duration::from_mins(10);
/// Which part of the functions that may run at once copies: the others judge what was copied.
const PART: i32 = 4;
const MOST: i32 = 200;

/// What `judge --bucket` calls beside the rest.
pub(super) fn permissions(names: &Names, settings: &Settings) -> Vec<Permission> {
    let arn = |bucket: &String| format!("arn:{}:s3:::{bucket}", names.partition);
    let list = |bucket| Permission::new(Phase::Judge, &["s3:ListBucketVersions"], [arn(bucket)]);
    let sources = &settings.ingress.sources;
    if sources.is_empty() {
        return vec![];
    }
    let beside = [
        Permission::new(Phase::Judge, &["lambda:GetAccountSettings"], ["*".into()]),
        Permission::new(Phase::Judge, &["iam:GetRolePolicy"], [names.role_arn("classifier")]),
    ];
    sources.iter().map(list).chain(beside).collect()
}

/// Refuses a bucket that the stack may not read, and a stack that could not.
pub(super) async fn able(session: &Session, bucket: &str, sweep: &str) -> Result<()> {
    let names = &session.names;
    let what = format!("judge what is in {bucket}");
    if Zone::ALL.iter().any(|zone| names.bucket(*zone) == bucket) {
        let fix = "`cvault judge` judges again what is held, `cvault judge --ingress` what waits";
        bail!(Failure::usage(what, "it is one of the vault's own buckets", fix));
    }
    if !session.settings.ingress.sources.iter().any(|source| source == bucket) {
        let fix =
            format!("add {bucket:?} to `sources` below `[ingress]` of cvault.toml, run `cvault up`, then this again");
        bail!(Failure::refused(what, "the function may read no bucket that the configuration does not name", fix));
    }
    let role = session.aws.iam.get_role_policy().role_name(names.role("classifier")).policy_name("cvault");
    let policy = role.send().await.or_refused("look at what the function may read")?.policy_document;
    // IAM gives it back as it is in an address.
    let names_it = policy.contains(&format!("%3A%3A%3A{bucket}%2F")) || policy.contains(&format!(":::{bucket}/"));
    if !sweep.contains(STEP) || !names_it {
        bail!(Failure::refused(what, "the stack is not as the configuration says", "run `cvault up`, then this again"));
    }
    Ok(())
}

/// What is current in the bucket, as far as it is meant: what the sweep lists.
pub(super) async fn meant(session: &Session, (bucket, into): (&str, &str), selection: &Selection) -> Result<Total> {
    let (youngest, ignoring) = (youngest(selection), session.settings.ingress.ignoring());
    let is_meant = |listed: &Listed| {
        listed.is_latest && listed.stored_at <= youngest && !ignoring.means(&format!("{into}{}", listed.key))
    };
    total(session, bucket.to_owned(), selection.prefix.clone().unwrap_or_default(), is_meant).await
}

/// How many objects are copied at once: a part of what may run of the function.
pub(super) async fn concurrency(session: &Session) -> Result<i32> {
    let settings = session.aws.lambda.get_account_settings().send().await.or_refused("look at Lambda's quotas")?;
    let limit = settings.account_limit().map_or(0, AccountLimit::concurrent_executions);
    let reserved = session.settings.function.reserved_concurrency.unwrap_or(limit);
    Ok((limit.min(reserved) / PART).clamp(2, MOST))
}

/// What a sweep has counted, of another bucket.
pub(super) fn taken(Counts { taken, there, left, .. }: Counts) -> Taken {
    Taken { taken, there, left }
}

/// Looks until everything was taken in, and has left ingress.
pub(super) async fn to_the_end(session: &Session, run: &mut Run, into: &str) -> Result<Judging> {
    let begun = run.since;
    let (mut told, mut least, mut since) = (String::new(), u64::MAX, Instant::now());
    loop {
        let looked = Instant::now();
        let progress = progress(session, run).await?;
        let is_taking = progress.status == ExecutionStatus::Running;
        let waiting = waiting(session, into, begun).await?;
        if waiting < least || is_taking {
            (least, since) = (waiting, Instant::now());
        }
        let is_stuck = since.elapsed() > STUCK;
        if !is_taking && (waiting == 0 || is_stuck) {
            // What waits may be what others send all the time.
            let state = match progress.status {
                ExecutionStatus::Succeeded if is_stuck => JudgingState::Running,
                ExecutionStatus::Succeeded => JudgingState::Done,
                _ => JudgingState::Failed,
            };
            let taken = progress.counts.map(taken);
            return Ok(Judging { running: waiting, taken, ..Judging::of(state, 0) });
        }
        let what = if is_taking { "objects are being taken in" } else { "all was taken in" };
        let text = format!("{what}, {waiting} that have come since wait in ingress");
        if text != told {
            session.events.send(Event::Progress { name: "judge".into(), text: text.clone() });
            told = text;
        }
        tokio::time::sleep(PAUSE.max(looked.elapsed() * PAUSES)).await;
    }
}

/// How many versions are in ingress that have come since then, below what they were taken to.
async fn waiting(session: &Session, into: &str, since: DateTime) -> Result<u64> {
    let ignoring = session.settings.ingress.ignoring();
    let is_since = |listed: &Listed| listed.stored_at >= since.secs() && !listed.is_ignored(&ignoring);
    Ok(total(session, session.names.bucket(Zone::Ingress), into.to_owned(), is_since).await?.count)
}

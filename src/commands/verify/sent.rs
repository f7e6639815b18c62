//! The files that a run has sent, and sends again where S3 has reported nothing.

use super::super::Session;
use super::left::{self, Thing};
use crate::aws::Answer;
use crate::vault::names::Zone;
use anyhow::{Context, Result};
use contract::canary::Canary;
use std::time::Duration;
use tokio::time::Instant;

/// After how long a file that nobody has begun to judge is sent again: S3 reports nothing in the first minutes after
/// its switch to EventBridge was turned, and never later on (truths S14).
const AGAIN: Duration = Duration::from_mins(1);
/// How long it may take until somebody is seen to judge what was left to its sender for long enough.
const BEGINS: Duration = Duration::from_secs(15);

/// How long a run may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Time {
    pub(super) deadline: Instant,
    /// After how long a file that nobody has begun to judge is sent again.
    pub(super) again: Duration,
}

impl Time {
    /// From now on, in a vault that leaves a file to its sender for so long: what is taken away before would be told of as
    /// gone. Where there is no time for a second try, there is none.
    pub(super) fn within(bound: Duration, settle: Duration) -> Self {
        Self { deadline: Instant::now() + bound, again: AGAIN.min(bound / 10).max(settle + BEGINS) }
    }
}

/// A file that was sent.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) canary: &'static Canary,
    pub(super) version: String,
    pub(super) at: Instant,
    /// When it was sent first.
    pub(super) since: Instant,
}

/// Sends a file.
pub(super) async fn send(session: &Session, canary: &'static Canary) -> Result<Sent> {
    let (bucket, key) = (session.names.bucket(Zone::Ingress), canary.key());
    let put = session.aws.s3.put_object().bucket(&bucket).key(key).body(canary.body.to_vec().into());
    let put = put.expected_bucket_owner(&session.names.account).send().await;
    let put = put.or_refused(format!("send {key} to {bucket}"))?;
    let version = put.version_id.context("ingress is not versioned: `cvault up` repairs it")?;
    let at = Instant::now();
    Ok(Sent { canary, version, at, since: at })
}

/// Sends a file anew in place of a version that nobody was told of.
pub(super) async fn send_again(session: &Session, sent: &mut Sent) -> Result<()> {
    let (zone, key) = (Zone::Ingress, sent.canary.key().to_owned());
    left::remove(session, &[Thing::Version { zone, key, version: sent.version.clone() }]).await?;
    let since = sent.since;
    *sent = Sent { since, ..send(session, sent.canary).await? };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_not_taken_away_before_anybody_may_judge_it() {
        let again =
            |bound, settle| Time::within(Duration::from_secs(bound), Duration::from_secs(settle)).again.as_secs();
        assert_eq!(again(120, 20), 35, "a tenth of the bound is less than it waits");
        assert_eq!((again(600, 2), again(600, 240)), (60, 255));
        assert_eq!(again(90, 2), 17);
    }
}

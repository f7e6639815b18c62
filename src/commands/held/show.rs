//! `cvault show`: one object's whole story: each of its versions, wherever it is, and how each was judged and what was
//! decided of it, wherever it has gone.

use super::audit::{Audit, Story};
use super::copy::{Copies, failed, zone_name};
use super::list::found;
use super::selection::{Found, Selection};
use crate::commands::Session;
use crate::commands::clock::now;
use crate::commands::interruption::reading;
use crate::deploy::event::Event;
use crate::outcome::failure::{Exit, Failure};
use crate::outcome::row::{Held, Row, Total};
use crate::outcome::verdict::Verdict;
use crate::vault::names::Zone;
use anyhow::{Result, bail};
use classifier::copies::COPY;
use classifier::objects::Place;
use futures::{StreamExt, TryStreamExt, stream};

/// How many versions are looked at at once.
const LOOKS: usize = 16;

/// Runs `show`.
///
/// # Errors
/// Something cannot be read, or nothing is known of the key.
pub async fn show(session: &Session, key: &str) -> Result<Exit> {
    let (versions, Story { verdicts, decisions }) =
        reading(&session.aws, "the key's story", Box::pin(story(session, key))).await?;
    if versions.is_empty() && verdicts.is_empty() && decisions.is_empty() {
        bail!(Failure::new(
            format!("show {key:?}"),
            "no version of this key is in a bucket of the stack, and the log has no verdict and no decision about one",
            if key.starts_with("s3://") || key.starts_with('/') {
                "pass the key alone, without a bucket and without a slash before it"
            } else {
                "check the key: it is the one in ingress or the vault, with its folders"
            }
        ));
    }
    let total = Total {
        count: versions.len() as u64,
        bytes: versions.iter().map(|version| version.size).sum(),
        ..Total::default()
    };
    let versions = versions.into_iter().map(Row::Version);
    let said = verdicts.into_iter().map(Row::Verdict).chain(decisions.into_iter().map(Row::Decision));
    for row in versions.chain(said).chain([Row::Total(total)]) {
        session.events.send(Event::Row(row));
    }
    Ok(Exit::Done)
}

/// Every version wherever it is, the oldest first, and what was said of those that are nowhere any more, too.
async fn story(session: &Session, key: &str) -> Result<(Vec<Held>, Story)> {
    let audit = Audit { aws: &session.aws, names: &session.names };
    let [ingress, vault] = [Zone::Ingress, Zone::Vault].map(|zone| stored(session, zone, key));
    let (ingress, analytics, vault, story) = futures::try_join!(ingress, held(session, key), vault, audit.story(key))?;
    let explained = stream::iter([ingress, analytics, vault].concat()).map(|held| explained(session, held, &story));
    let mut versions: Vec<_> = explained.buffered(LOOKS).try_collect().await?;
    versions.sort_by(|one, other| one.since.cmp(&other.since));
    Ok((versions, story))
}

/// With what its verdict says: the log's line of it or, where there is none, its execution.
async fn explained(session: &Session, held: Held, story: &Story) -> Result<Held> {
    let copies = Copies::new(&session.aws, &session.names);
    let execution = copies.execution(&held);
    let of = |verdict: &&Verdict| execution == Some(verdict.execution.as_str());
    // Its own tags have left no room for it: what was said last of this copy.
    let is_untagged = held.execution.is_none() && held.zone == zone_name(Zone::Analytics);
    let of_copy = |verdict: &&Verdict| is_untagged && verdict.place == held.place;
    let said = story.verdicts.iter().find(of);
    let judgement = match said.or_else(|| story.verdicts.iter().filter(of_copy).max_by_key(|verdict| &verdict.at)) {
        Some(verdict) => verdict.clone().into(),
        None if is_untagged => copies.judgement_by_marks(&held).await?,
        None => copies.judgement(&held).await?,
    };
    Ok(judgement.explain(held))
}

/// The copies in analytics.
async fn held(session: &Session, key: &str) -> Result<Vec<Held>> {
    let selection = Selection { key: Some(key.into()), ..Selection::default() };
    let found = found(session, &selection, now() + 1);
    let held = found.try_filter_map(async |found| Ok(if let Found::Held(held) = found { Some(*held) } else { None }));
    held.try_collect().await
}

/// The versions of exactly this key in ingress or in the vault.
async fn stored(session: &Session, zone: Zone, key: &str) -> Result<Vec<Held>> {
    let copies = Copies::new(&session.aws, &session.names);
    let listed = copies.objects.versions_of(&session.names.bucket(zone), key).await.map_err(failed)?;
    let rows = stream::iter(&listed).map(async |listed| {
        let row = copies.row(zone, listed).await?;
        let Some(mut row) = row else { return Ok(None) };
        if zone == Zone::Vault {
            let place = Place { bucket: &row.place.bucket, key, version_id: Some(&listed.version_id) };
            let head = copies.objects.known(place).await.map_err(failed)?.version();
            let made_from = head.as_ref().and_then(|head| head.metadata(COPY));
            // What nobody has judged says so: it was put there by hand, or before the vault was.
            row.status = row.status.filter(|_| made_from.is_some());
        }
        Ok::<_, anyhow::Error>(Some(row))
    });
    rows.buffered(LOOKS).try_filter_map(async |row| Ok(row)).try_collect().await
}

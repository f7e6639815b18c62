//! `cvault show`: one object's whole story: each of its versions, wherever it is, and what was decided of those that
//! are nowhere any more.

use super::audit::Audit;
use super::copy::{Copies, failed};
use super::list::{Found, found};
use super::selection::Selection;
use crate::commands::Session;
use crate::commands::clock::now;
use crate::commands::interruption::reading;
use crate::deploy::event::Event;
use crate::outcome::failure::{Exit, Failure};
use crate::outcome::row::{Held, Row, Total};
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
    let audit = Audit { aws: &session.aws, names: &session.names };
    let story = async {
        futures::try_join!(
            stored(session, Zone::Ingress, key),
            held(session, key),
            stored(session, Zone::Vault, key),
            audit.of_key(key),
        )
    };
    let (ingress, analytics, vault, decisions) = reading(&session.aws, "the key's story", Box::pin(story)).await?;
    let mut versions = [ingress, analytics, vault].concat();
    if versions.is_empty() && decisions.is_empty() {
        bail!(Failure::new(
            format!("show {key:?}"),
            "no version of this key is in a bucket of the stack, and nobody has decided anything of one",
            "check the key: it is the one in ingress or the vault, with its folders"
        ));
    }
    versions.sort_by(|one, other| one.since.cmp(&other.since));
    let total = Total {
        count: versions.len() as u64,
        bytes: versions.iter().map(|version| version.size).sum(),
        ..Total::default()
    };
    for version in versions {
        session.events.send(Event::Row(Row::Version(version)));
    }
    for decision in decisions {
        session.events.send(Event::Row(Row::Decision(decision)));
    }
    session.events.send(Event::Row(Row::Total(total)));
    Ok(Exit::Done)
}

/// The copies in analytics.
async fn held(session: &Session, key: &str) -> Result<Vec<Held>> {
    let selection = Selection { key: Some(key.into()), with_reasons: true, ..Selection::default() };
    let found = found(session, &selection, now() + 1);
    let held = found.try_filter_map(async |found| Ok(if let Found::Held(held) = found { Some(*held) } else { None }));
    held.try_collect().await
}

/// The versions of exactly this key in ingress or in the vault.
async fn stored(session: &Session, zone: Zone, key: &str) -> Result<Vec<Held>> {
    let copies = Copies::new(&session.aws, &session.names);
    let listed = copies.objects.versions_of(&session.names.bucket(zone), key).await.map_err(failed)?;
    let rows = stream::iter(&listed).map(async |listed| {
        let row = copies.row(zone, listed, true).await?;
        let Some(mut row) = row else { return Ok(None) };
        if zone == Zone::Vault {
            let place = Place { bucket: &row.place.bucket, key, version_id: Some(&listed.version_id) };
            let head = copies.objects.head(place).await.map_err(failed)?;
            let made_from = head.as_ref().and_then(|head| head.metadata(COPY));
            // What nobody has judged says so: it was put there by hand, or before the vault was.
            row.status = row.status.filter(|_| made_from.is_some());
        }
        Ok::<_, anyhow::Error>(Some(row))
    });
    rows.buffered(LOOKS).try_filter_map(async |row| Ok(row)).try_collect().await
}

//! `cvault held`: every held version, as soon as it is known.
//!
//! The folders of copies begin with a hash, so that the bucket is listed in sixteen parts at once, each about as
//! large as the others. Of each part there is one page in memory, and of the versions on it a few are looked at.

use super::copy::{Copies, failed, is_unknown};
use super::reasons::{Source, explained};
use super::selection::{Found, Selection};
use crate::commands::Session;
use crate::commands::clock::now;
use crate::commands::interruption::reading;
use crate::deploy::event::Event;
use crate::outcome::failure::Exit;
use crate::outcome::row::{Row, Total};
use crate::vault::names::Zone;
use anyhow::Result;
use classifier::copies;
use classifier::objects::{After, Listed};
use futures::stream::{self, Stream};
use futures::{StreamExt, TryStreamExt};
use std::time::Duration;

/// How many versions are looked at at once.
const LOOKS: usize = 32;
const DIGITS: &str = "0123456789abcdef";

/// Runs `held`.
///
/// # Errors
/// Something cannot be read.
pub async fn held(session: &Session, selection: &Selection) -> Result<Exit> {
    let list = async {
        let found = found(session, selection, now());
        let total = found.try_fold(Total::default(), async |mut total, found| {
            match found {
                Found::Held(held) => {
                    total.count += 1;
                    total.bytes += held.size;
                    session.events.send(Event::Row(Row::Held(*held)));
                }
                Found::Unjudged => total.unjudged += 1,
            }
            // Whoever prints is this same thread's.
            tokio::task::yield_now().await;
            Ok(total)
        });
        total.await
    };
    let total = reading(&session.aws, "what is held", list).await?;
    session.events.send(Event::Row(Row::Total(total)));
    Ok(Exit::Done)
}

/// Everything in analytics that is meant, and was there at a moment, in seconds since 1970.
pub(in crate::commands) fn found<'a>(
    session: &'a Session,
    selection: &'a Selection,
    moment: i64,
) -> impl Stream<Item = Result<Found>> + 'a {
    let tagged = tagged(session, selection, moment);
    if selection.wants_verdicts() {
        explained(session, selection, Source::All, tagged).left_stream()
    } else if !selection.statuses.is_empty() {
        explained(session, selection, Source::Tags, tagged).left_stream()
    } else {
        tagged.right_stream()
    }
}

/// The same with reasons, as far as the log has them: for sums, which do not want a call for each version.
pub(in crate::commands) fn found_in_log<'a>(
    session: &'a Session,
    selection: &'a Selection,
    moment: i64,
) -> impl Stream<Item = Result<Found>> + 'a {
    explained(session, selection, Source::Log, tagged(session, selection, moment))
}

/// What may be meant, as far as lists and tags say.
fn tagged<'a>(session: &'a Session, selection: &'a Selection, moment: i64) -> impl Stream<Item = Result<Found>> + 'a {
    let prefixes: Vec<_> = match &selection.key {
        Some(key) => vec![copies::key_part(&session.names.bucket(Zone::Ingress), key)],
        None => DIGITS.chars().map(String::from).collect(),
    };
    let together = prefixes.len();
    let analytics = session.names.bucket(Zone::Analytics);
    let parts = prefixes.into_iter().map(move |prefix| Box::pin(versions(session, analytics.clone(), prefix)));
    let listed = stream::iter(parts).flatten_unordered(together);
    let may_be = move |listed: &Listed| {
        let age = Duration::from_secs(u64::try_from(moment - listed.stored_at).unwrap_or_default());
        listed.stored_at <= moment && selection.may_mean(copies::own_key(&listed.key), age)
    };
    let listed = listed.try_filter(move |listed| std::future::ready(may_be(listed)));
    let looked = listed.map_ok(move |listed| look(session, selection, listed)).try_buffer_unordered(LOOKS);
    looked.try_filter_map(async |found| Ok(found))
}

/// `None` where it is not meant, or gone.
async fn look(session: &Session, selection: &Selection, listed: Listed) -> Result<Option<Found>> {
    let copies = Copies::new(&session.aws, &session.names);
    let held = copies.row(Zone::Analytics, &listed).await?;
    Ok(match held {
        Some(held) if held.status.is_none() => Some(Found::Unjudged),
        Some(held) if is_unknown(&held) && copies.is_waiting(&held).await? => Some(Found::Unjudged),
        // What its tags have no room for is known later.
        Some(held) if is_unknown(&held) || selection.may_mean_status(&held) => Some(Found::Held(held.into())),
        _ => None,
    })
}

/// The versions below a prefix of a bucket, page after page.
pub(in crate::commands) fn versions(
    session: &Session,
    bucket: String,
    prefix: String,
) -> impl Stream<Item = Result<Listed>> + '_ {
    let pages = stream::try_unfold(Some(After::default()), move |next| {
        let (bucket, prefix) = (bucket.clone(), prefix.clone());
        async move {
            let Some(after) = next else { return Ok(None) };
            let objects = Copies::new(&session.aws, &session.names).objects;
            let page = objects.page_after(&bucket, &prefix, &after).await.map_err(failed)?;
            let (versions, next) = page;
            Ok::<_, anyhow::Error>(Some((stream::iter(versions).map(Ok), next)))
        }
    });
    pages.try_flatten()
}

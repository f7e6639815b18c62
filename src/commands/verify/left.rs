//! What `verify` has in AWS while it runs: its files in the three buckets, its queue, and that queue's subscription.
//! All of it is found again by its names, so that a run that was killed is taken away by the next one, and by `down`.

use super::super::Session;
use crate::aws::{Answer, Kind, Refusal};
use crate::outcome::failure::Failure;
use crate::vault::names::Zone;
use crate::vault::resources::bucket::s3_contents::{Contents, is_canary};
use anyhow::Result;
use classifier::copies;
use contract::canary;
use futures::{StreamExt, TryStreamExt, stream};

/// How many things are looked for, or taken away, at once.
const TOGETHER: usize = 8;

/// One thing of `verify`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::commands) enum Thing {
    /// A version of a file.
    Version {
        /// Where.
        zone: Zone,
        /// Its key there.
        key: String,
        /// Which.
        version: String,
    },
    /// The queue's subscription, by its ARN.
    Subscription(String),
    /// The queue, by its address.
    Queue(String),
}

/// Everything that is there.
pub(in crate::commands) async fn all(session: &Session) -> Result<Vec<Thing>> {
    let (versions, queues, subscriptions) =
        futures::try_join!(versions(session, &Zone::ALL), queues(session), subscriptions(session))?;
    // Ingress first, so that nothing is made of it any more; the subscription before what it leads to.
    Ok([versions, subscriptions, queues].concat())
}

/// The same in the buckets of these zones, but for subscriptions that go with their topic.
pub(in crate::commands) async fn in_zones(session: &Session, zones: &[Zone]) -> Result<Vec<Thing>> {
    let stay = async { if session.names.existing.topic.is_some() { subscriptions(session).await } else { Ok(vec![]) } };
    let (versions, queues, subscriptions) = futures::try_join!(versions(session, zones), queues(session), stay)?;
    Ok([versions, subscriptions, queues].concat())
}

async fn versions(session: &Session, zones: &[Zone]) -> Result<Vec<Thing>> {
    let ingress = session.names.bucket(Zone::Ingress);
    let copies = canary::ALL.iter().map(|canary| (Zone::Analytics, copies::key_part(&ingress, canary.key())));
    let folder = || canary::FOLDER.to_owned();
    let places = std::iter::once((Zone::Ingress, folder())).chain(copies).chain([(Zone::Vault, folder())]);
    let places = places.filter(|(zone, _)| zones.contains(zone));
    let listed = stream::iter(places).map(async |(zone, prefix)| {
        let contents = Contents::new(&session.aws, session.names.bucket(zone), &session.names.account);
        let listed = contents.below(prefix).listed().await?;
        // Of a hash only the beginning was asked for.
        let ours = listed.into_iter().filter(|(key, _)| is_canary(zone, key));
        Ok::<_, anyhow::Error>(ours.map(|(key, version)| Thing::Version { zone, key, version }).collect::<Vec<_>>())
    });
    Ok(listed.buffered(TOGETHER).try_collect::<Vec<_>>().await?.concat())
}

async fn queues(session: &Session) -> Result<Vec<Thing>> {
    let prefix = session.names.verify_queue("");
    let listed = session.aws.sqs.list_queues().queue_name_prefix(&prefix).send().await;
    let listed = listed.or_refused(format!("list the queues {prefix}…"))?;
    let is_ours = |url: &String| url.rsplit('/').next().is_some_and(|name| session.names.is_verify_queue(name));
    Ok(listed.queue_urls.unwrap_or_default().into_iter().filter(is_ours).map(Thing::Queue).collect())
}

async fn subscriptions(session: &Session) -> Result<Vec<Thing>> {
    let topic = session.names.topic_arn();
    let pages = session.aws.sns.list_subscriptions_by_topic().topic_arn(&topic).into_paginator().items().send();
    let listed = pages.collect::<Result<Vec<_>, _>>().await.or_absent(format!("list the subscriptions of {topic}"))?;
    let is_ours = |to: &str| session.names.is_verify_queue_arn(to);
    let ours = listed.into_iter().flatten().filter(|it| it.endpoint().is_some_and(is_ours));
    let arns = ours.filter_map(|it| it.subscription_arn).filter(|arn| arn.starts_with("arn:"));
    Ok(arns.map(Thing::Subscription).collect())
}

/// Takes things away, and gives what is denied and so stays: under Object Lock, say.
pub(in crate::commands) async fn remove(session: &Session, things: &[Thing]) -> Result<Vec<(Thing, Failure)>> {
    let is_of_ingress = |thing: &&Thing| matches!(thing, Thing::Version { zone: Zone::Ingress, .. });
    let (first, then): (Vec<_>, Vec<_>) = things.iter().partition(is_of_ingress);
    let mut kept = vec![];
    for part in [first, then] {
        let removed = stream::iter(part).map(async |thing| match one(session, thing).await {
            Ok(()) => Ok(None),
            Err(error) => match error.downcast_ref::<Refusal>() {
                Some(refusal) if refusal.kind() == Kind::Denied => {
                    Ok(Some((thing.clone(), crate::aws::explained(&error))))
                }
                _ => Err(error),
            },
        });
        kept.extend(removed.buffered(TOGETHER).try_collect::<Vec<_>>().await?.into_iter().flatten());
    }
    Ok(kept)
}

async fn one(session: &Session, thing: &Thing) -> Result<()> {
    match thing {
        Thing::Version { zone, key, version } => {
            let bucket = session.names.bucket(*zone);
            let delete = session.aws.s3.delete_object().bucket(&bucket).key(key).version_id(version);
            let delete = delete.expected_bucket_owner(&session.names.account);
            delete.send().await.or_gone(format!("delete {key} version {version} in {bucket}"))
        }
        Thing::Subscription(arn) => {
            let gone = session.aws.sns.unsubscribe().subscription_arn(arn).send().await;
            gone.or_gone(format!("remove subscription {arn}"))
        }
        Thing::Queue(url) => {
            session.aws.sqs.delete_queue().queue_url(url).send().await.or_gone(format!("delete queue {url}"))
        }
    }
}

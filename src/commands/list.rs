//! `cvault list`: every stack of the account in the region, found by its names and tags.
//!
//! There is no list of stacks to read: what carries the tags of a stack belongs to one. Three kinds of resources are
//! looked at, so that one of them being gone hides nobody's stack.

use super::Session;
use super::interruption::reading;
use crate::aws::Answer;
use crate::deploy::event::Event;
use crate::deploy::permission::{Permission, Phase};
use crate::outcome::failure::Exit;
use crate::outcome::row::{Row, Stack};
use crate::vault::names::{Names, Zone};
use anyhow::Result;
use aws_sdk_s3::operation::get_bucket_tagging::GetBucketTaggingOutput;
use aws_sdk_s3::types::Bucket;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::{BTreeMap, BTreeSet};

/// How many resources' tags are read at once.
const TOGETHER: usize = 8;
/// What a stack that is all there has of what is looked at.
const PARTS: [&str; 5] = ["bucket/analytics", "bucket/ingress", "bucket/vault", "function", "state-machine"];

/// A resource of a stack.
#[derive(Debug)]
struct Part {
    stack: String,
    id: String,
    name: String,
    created: Option<DateTime>,
}

/// Runs `list`.
///
/// # Errors
/// Something cannot be read.
pub async fn run(session: &Session) -> Result<Exit> {
    let parts = async { futures::try_join!(buckets(session), functions(session), machines(session)) };
    let (buckets, functions, machines) = reading(&session.interrupt, Box::pin(parts)).await?;
    for stack in stacks(&session.names, buckets.into_iter().chain(functions).chain(machines)) {
        session.events.send(Event::Row(Row::Stack(stack)));
    }
    Ok(Exit::Done)
}

/// What `list` reads.
#[must_use]
pub fn permissions(names: &Names) -> Vec<Permission> {
    let Names { partition, region, account, .. } = names;
    let arn = |service: &str, rest: &str| [format!("arn:{partition}:{service}:{region}:{account}:{rest}")];
    let all = &["lambda:ListFunctions", "s3:ListAllMyBuckets", "states:ListStateMachines"];
    vec![
        Permission::new(Phase::List, all, ["*".into()]),
        Permission::new(Phase::List, &["s3:GetBucketTagging"], [format!("arn:{partition}:s3:::*cv-*-zone-*")]),
        Permission::new(Phase::List, &["lambda:ListTags"], arn("lambda", "function:cyber_vault-*")),
        Permission::new(
            Phase::List,
            &["states:ListTagsForResource"],
            arn("states", "stateMachine:CyberVaultOrquestrator-*"),
        ),
    ]
}

async fn buckets(session: &Session) -> Result<Vec<Part>> {
    let (s3, names) = (&session.aws.s3, &session.names);
    let (mut found, mut next) = (vec![], None);
    loop {
        let list = s3.list_buckets().bucket_region(&names.region).max_buckets(1000);
        let page = list.set_continuation_token(next).send().await.or_refused("list the account's buckets")?;
        next = page.continuation_token;
        found.extend(page.buckets.unwrap_or_default());
        if next.is_none() {
            break;
        }
    }
    let is_here = |bucket: &Bucket| bucket.bucket_region().is_none_or(|region| region == names.region);
    let parts = stream::iter(found.into_iter().filter(is_here)).map(async |bucket| {
        let name = bucket.name().unwrap_or_default().to_owned();
        let Some((zone, id)) = zone_of(&name) else { return Ok(None) };
        let tags = s3.get_bucket_tagging().bucket(&name).expected_bucket_owner(&names.account).send().await;
        let tags = tags.or_none_if(|_| true, format!("read the tags of bucket {name}"))?;
        let tags: Vec<_> =
            tags.iter().flat_map(GetBucketTaggingOutput::tag_set).map(|tag| (tag.key(), tag.value())).collect();
        Ok::<_, anyhow::Error>(part(&tags, id, format!("bucket/{zone}"), bucket.creation_date))
    });
    parts.buffer_unordered(TOGETHER).try_filter_map(async |part| Ok(part)).try_collect().await
}

/// Which bucket it is of which stack, whatever prefix its name has.
fn zone_of(bucket: &str) -> Option<(Zone, &str)> {
    Zone::ALL.into_iter().find_map(|zone| Some((zone, bucket.rsplit_once(&format!("cv-{zone}-zone-"))?.1)))
}

async fn functions(session: &Session) -> Result<Vec<Part>> {
    let lambda = &session.aws.lambda;
    let listed = lambda.list_functions().into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let listed = listed.or_refused("list the account's functions")?;
    let parts = stream::iter(listed).map(async |function| {
        let (name, arn) = (function.function_name.unwrap_or_default(), function.function_arn.unwrap_or_default());
        let Some(id) = name.strip_prefix("cyber_vault-") else { return Ok(None) };
        let tags = lambda.list_tags().resource(arn).send().await.or_absent(format!("read the tags of {name}"))?;
        let tags = tags.and_then(|tags| tags.tags).unwrap_or_default();
        let tags: Vec<_> = tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        Ok::<_, anyhow::Error>(part(&tags, id, "function".into(), None))
    });
    parts.buffer_unordered(TOGETHER).try_filter_map(async |part| Ok(part)).try_collect().await
}

async fn machines(session: &Session) -> Result<Vec<Part>> {
    let sfn = &session.aws.sfn;
    let listed = sfn.list_state_machines().into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let listed = listed.or_refused("list the account's state machines")?;
    let parts = stream::iter(listed).map(async |machine| {
        let Some(id) = machine.name.strip_prefix("CyberVaultOrquestrator-") else { return Ok(None) };
        let tags = sfn.list_tags_for_resource().resource_arn(&machine.state_machine_arn).send().await;
        let tags = tags.or_absent(format!("read the tags of {}", machine.name))?.and_then(|tags| tags.tags);
        let tags = tags.unwrap_or_default();
        let tags: Vec<_> =
            tags.iter().map(|tag| (tag.key().unwrap_or_default(), tag.value().unwrap_or_default())).collect();
        Ok::<_, anyhow::Error>(part(&tags, id, "state-machine".into(), Some(machine.creation_date)))
    });
    parts.buffer_unordered(TOGETHER).try_filter_map(async |part| Ok(part)).try_collect().await
}

/// A resource whose name and tags say the same id.
fn part(tags: &[(&str, &str)], id: &str, name: String, created: Option<DateTime>) -> Option<Part> {
    let tag = |wanted: &str| tags.iter().find(|(key, _)| *key == wanted).map(|(_, value)| *value);
    let stack = tag("cvault:stack").filter(|_| tag("cvault:id") == Some(id))?;
    Some(Part { stack: stack.into(), id: id.into(), name, created })
}

/// The stacks that these belong to, by name.
fn stacks(names: &Names, parts: impl Iterator<Item = Part>) -> Vec<Stack> {
    let mut found = BTreeMap::<_, (BTreeSet<String>, Option<DateTime>)>::new();
    for part in parts {
        let (all, created) = found.entry((part.stack, part.id)).or_default();
        all.insert(part.name);
        *created = [*created, part.created].into_iter().flatten().min_by_key(DateTime::as_nanos);
    }
    let row = |((stack, id), (parts, created)): ((String, String), (BTreeSet<String>, Option<DateTime>))| {
        let missing: Vec<_> = PARTS.iter().filter(|part| !parts.contains(**part)).map(ToString::to_string).collect();
        let state = if missing.is_empty() { "whole" } else { "partial" };
        let created = created.and_then(|created| created.fmt(Format::DateTime).ok());
        let (account, region) = (names.account.clone(), names.region.clone());
        Stack { stack, id, account, region, state, missing, created }
    };
    found.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_is_what_its_parts_say() {
        assert_eq!(zone_of("acme-cv-vault-zone-prod"), Some((Zone::Vault, "prod")));
        assert_eq!((zone_of("cv-ingress-zone-x"), zone_of("cv-other-zone-x")), (Some((Zone::Ingress, "x")), None));
        let names = Names::new("aws", "123456789012", "eu-west-1", "other", None);
        let tags = |id| [("cvault:stack", "prod"), ("cvault:id", id)];
        let of = |id, name: &str, seconds| part(&tags(id), id, name.into(), Some(DateTime::from_secs(seconds)));
        let parts = PARTS.iter().zip(100..).filter_map(|(name, seconds)| of("a", name, seconds));
        let stacks = stacks(&names, parts.chain(of("b", "bucket/vault", 1)));
        assert_eq!((stacks[0].state, stacks[0].created.as_deref()), ("whole", Some("1970-01-01T00:01:40Z")));
        assert_eq!((stacks[1].id.as_str(), stacks[1].state, stacks[1].missing.len()), ("b", "partial", 4));
    }

    /// Anybody can give a bucket such a name; the tags say whose it is.
    #[test]
    fn a_name_alone_is_no_stack() {
        assert!(part(&[], "a", "function".into(), None).is_none());
        let other = [("cvault:stack", "prod"), ("cvault:id", "b")];
        assert!(part(&other, "a", "function".into(), None).is_none());
    }
}

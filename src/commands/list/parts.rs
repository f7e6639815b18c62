//! What stacks are found by: buckets, functions and state machines whose name and tags say so.

use super::super::Session;
use crate::aws::{Answer, Kind, Refusal};
use crate::deploy::permission::{Permission, Phase};
use crate::vault::expiry::{EXPIRES, classifier_role, existing_buckets};
use crate::vault::names::{Buckets, Names, Zone};
use crate::vault::steps;
use anyhow::Result;
use aws_sdk_s3::operation::get_bucket_tagging::GetBucketTaggingOutput;
use aws_sdk_s3::types::Bucket;
use aws_smithy_types::DateTime;
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::{BTreeSet, HashMap};

/// How many resources' tags are read at once.
const TOGETHER: usize = 8;

/// A resource of a stack.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    pub(super) stack: String,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) created: Option<DateTime>,
    /// Of a bucket: what its name begins with, and when its tag says that it expires.
    pub(super) bucket: Option<(String, Option<String>)>,
    /// Of the function: its role's ARN. Of a bucket: the role's name, as its tag says it.
    pub(super) role: Option<String>,
    /// Of the function: the buckets that it uses and that are not called as the stack's own. Of a bucket: what its tags say of them.
    pub(super) existing: Buckets,
    /// Of the function: the topic that it uses.
    pub(super) topic_arn: Option<String>,
    /// Of a bucket whose tags may not be read: why. Its name alone says whose it may be.
    pub(super) unread: Option<String>,
}

/// What stacks are found by, and the names of all state machines.
pub(super) async fn all(session: &Session) -> Result<(Vec<Part>, BTreeSet<String>)> {
    let (buckets, functions, (machines, names)) =
        futures::try_join!(buckets(session), functions(session), machines(session))?;
    Ok((buckets.into_iter().chain(functions).chain(machines).collect(), names))
}

/// What finds the stacks.
pub(in crate::commands) fn permissions(names: &Names) -> Vec<Permission> {
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
    let parts = stream::iter(found.into_iter().filter(is_here)).map(async |found| bucket(session, found).await);
    parts.buffer_unordered(TOGETHER).try_filter_map(async |part| Ok(part)).try_collect().await
}

pub(super) async fn bucket(session: &Session, bucket: Bucket) -> Result<Option<Part>> {
    let name = bucket.name().unwrap_or_default();
    let Some((prefix, zone, id)) = zone_of(name) else { return Ok(None) };
    let tags = session.aws.s3.get_bucket_tagging().bucket(name).expected_bucket_owner(&session.names.account);
    let tags = match tags.send().await.or_absent(format!("read the tags of bucket {name}")) {
        Err(error) if error.downcast_ref().is_some_and(|refusal: &Refusal| refusal.kind() == Kind::Denied) => {
            return Ok(Some(unread(name, (prefix, zone, id))));
        }
        tags => tags?,
    };
    let tags: Vec<_> =
        tags.iter().flat_map(GetBucketTaggingOutput::tag_set).map(|tag| (tag.key(), tag.value())).collect();
    let Some(part) = part(&tags, id) else { return Ok(None) };
    let expires = tags.iter().find(|(key, _)| *key == EXPIRES).map(|(_, value)| (*value).to_owned());
    let bucket_of = Some((prefix.to_owned(), expires));
    let (name, created) = (steps::bucket(zone), bucket.creation_date);
    let (role, existing) = (classifier_role(&tags), existing_buckets(&tags));
    Ok(Some(Part { name, created, bucket: bucket_of, role, existing, ..part }))
}

/// A bucket whose tags may not be read.
pub(super) fn unread(bucket: &str, (prefix, zone, id): (&str, Zone, &str)) -> Part {
    let why =
        format!("the tags of bucket {bucket} cannot be read (s3:GetBucketTagging), and so not when its stack expires");
    let (id, name, bucket) = (id.to_owned(), steps::bucket(zone), Some((prefix.to_owned(), None)));
    Part { id, name, bucket, unread: Some(why), ..Part::default() }
}

/// Which bucket it is of which stack, and what its name begins with.
pub(super) fn zone_of(bucket: &str) -> Option<(&str, Zone, &str)> {
    let parted = |zone: Zone| bucket.rsplit_once(&format!("cv-{zone}-zone-"));
    Zone::ALL.into_iter().find_map(|zone| parted(zone).map(|(prefix, id)| (prefix, zone, id)))
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
        let variables = function.environment.and_then(|environment| environment.variables).unwrap_or_default();
        let (existing, topic_arn) = (existing(&variables, id), variables.get("topic_arn").cloned());
        let part = part(&tags, id);
        let part =
            part.map(|part| Part { name: steps::FUNCTION.into(), role: function.role, existing, topic_arn, ..part });
        Ok::<_, anyhow::Error>(part)
    });
    parts.buffer_unordered(TOGETHER).try_filter_map(async |part| Ok(part)).try_collect().await
}

/// The buckets among a function's variables that are not called as its stack's own are.
pub(super) fn existing(variables: &HashMap<String, String>, id: &str) -> Buckets {
    let of = |zone: Zone| {
        let name = variables.get(&format!("{zone}_bucket"))?;
        let is_own = zone_of(name).is_some_and(|(_, of, stack)| of == zone && stack == id);
        (!is_own).then(|| name.clone())
    };
    Buckets { ingress: of(Zone::Ingress), analytics: of(Zone::Analytics), vault: None }
}

/// Those that stacks are found by, and the names of all.
async fn machines(session: &Session) -> Result<(Vec<Part>, BTreeSet<String>)> {
    let sfn = &session.aws.sfn;
    let listed = sfn.list_state_machines().into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let listed = listed.or_refused("list the account's state machines")?;
    let names = listed.iter().map(|machine| machine.name.clone()).collect();
    let parts = stream::iter(listed).map(async |machine| {
        let Some(id) = machine.name.strip_prefix("CyberVaultOrquestrator-") else { return Ok(None) };
        let tags = sfn.list_tags_for_resource().resource_arn(&machine.state_machine_arn).send().await;
        let tags = tags.or_absent(format!("read the tags of {}", machine.name))?.and_then(|tags| tags.tags);
        let tags = tags.unwrap_or_default();
        let tags: Vec<_> =
            tags.iter().map(|tag| (tag.key().unwrap_or_default(), tag.value().unwrap_or_default())).collect();
        let created = Some(machine.creation_date);
        let part = part(&tags, id).map(|part| Part { name: steps::STATE_MACHINE.into(), created, ..part });
        Ok::<_, anyhow::Error>(part)
    });
    let parts = parts.buffer_unordered(TOGETHER).try_filter_map(async |part| Ok(part)).try_collect().await?;
    Ok((parts, names))
}

/// A resource whose name and tags say the same id.
pub(super) fn part(tags: &[(&str, &str)], id: &str) -> Option<Part> {
    let tag = |wanted: &str| tags.iter().find(|(key, _)| *key == wanted).map(|(_, value)| *value);
    let stack = tag("cvault:stack").filter(|_| tag("cvault:id") == Some(id))?;
    Some(Part { stack: stack.into(), id: id.into(), ..Part::default() })
}

//! `cvault list`: every stack of the account in the region, found by its names and tags.
//!
//! There is no list of stacks to read: what carries the tags of a stack belongs to one. Three kinds of resources are
//! looked at, so that one of them being gone hides nobody's stack. Of a stack that is found so, what costs no call a
//! stack is looked for, too: its other state machines, topic and rules. All of it, and how it is, is what `status` reads.

mod beside;

use super::Session;
use super::interruption::reading;
use crate::aws::{Answer, Kind, Refusal};
use crate::deploy::event::Event;
use crate::deploy::permission::{Permission, Phase};
use crate::outcome::failure::{Exit, Failure};
use crate::outcome::row::{Row, Stack};
use crate::vault::expiry::{EXPIRES, classifier_role, existing_buckets, moment};
use crate::vault::names::{Buckets, Names, Zone};
use crate::vault::steps;
use anyhow::{Result, bail};
use aws_sdk_s3::operation::get_bucket_tagging::GetBucketTaggingOutput;
use aws_sdk_s3::types::Bucket;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::SystemTime;

/// How many resources' tags are read at once.
const TOGETHER: usize = 8;
/// What a stack that is all there has of what it is found by.
const PARTS: [&str; 5] = ["bucket/analytics", "bucket/ingress", "bucket/vault", "function", "state-machine"];

/// A resource of a stack.
#[derive(Clone, Debug, Default)]
struct Part {
    stack: String,
    id: String,
    name: String,
    created: Option<DateTime>,
    /// Of a bucket: what its name begins with, and when its tag says that it expires.
    bucket: Option<(String, Option<String>)>,
    /// Of the function: its role's ARN. Of a bucket: the role's name, as its tag says it.
    role: Option<String>,
    /// Of the function: the buckets that it uses and that are not called as the stack's own. Of a bucket: what its tags say of them.
    existing: Buckets,
    /// Of the function: the topic that it uses.
    topic_arn: Option<String>,
    /// Of a bucket whose tags may not be read: why. Its name alone says whose it may be.
    unread: Option<String>,
}

/// A stack, and what of its names does not follow from its name and id.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) stack: Stack,
    /// What the names of its buckets begin with: one text, where they are not mixed up.
    pub(super) bucket_prefixes: BTreeSet<String>,
    /// The ARN of the classifier's role, or its name where the function is gone.
    pub(super) role: Option<String>,
    /// The buckets that it uses and has not made.
    pub(super) existing: Buckets,
    /// What of its buckets cannot be known, since the tags of one may not be read: when it expires, too.
    pub(super) unread: Vec<String>,
}

/// Runs `list`.
///
/// # Errors
/// Something cannot be read.
pub async fn run(session: &Session) -> Result<Exit> {
    let looks = async { futures::try_join!(parts(session), beside::names(session)) };
    let ((parts, machines), beside) = reading(&session.aws, "the stacks", Box::pin(looks)).await?;
    if beside.is_none() {
        let text = "only buckets, functions and state machines that judge were looked at: topics and rules may not be \
                    listed (sns:ListTopics, events:ListRules)";
        session.events.send(Event::Note { text: text.into() });
    }
    let there = beside.map(|names| names.into_iter().chain(machines).collect());
    let found = stacks(&session.names, SystemTime::now().into(), (parts.into_iter(), there.as_ref()));
    if found.is_empty() {
        session.events.send(Event::Note { text: none_in(&session.names) });
    }
    for Listed { stack, unread, .. } in found {
        for text in unread {
            session.events.send(Event::Note { text });
        }
        session.events.send(Event::Row(Row::Stack(stack)));
    }
    Ok(Exit::Done)
}

/// What is said where no stack is.
fn none_in(Names { account, region, .. }: &Names) -> String {
    format!("no stack is in {account}/{region}")
}

/// Every stack that there is, by what it is found by.
pub(super) async fn all(session: &Session) -> Result<Vec<Listed>> {
    let (parts, _) = reading(&session.aws, "the stacks", Box::pin(parts(session))).await?;
    Ok(stacks(&session.names, SystemTime::now().into(), (parts.into_iter(), None)))
}

/// What stacks are found by, and the names of all state machines.
async fn parts(session: &Session) -> Result<(Vec<Part>, BTreeSet<String>)> {
    let (buckets, functions, (machines, names)) =
        futures::try_join!(buckets(session), functions(session), machines(session))?;
    Ok((buckets.into_iter().chain(functions).chain(machines).collect(), names))
}

/// Whether the buckets of this session's stack still say that it has expired: somebody may have moved it meanwhile.
pub(super) async fn is_expired(session: &Session) -> Result<bool> {
    let parts =
        Zone::ALL.map(async |zone| bucket(session, Bucket::builder().name(session.names.bucket(zone)).build()).await);
    let parts = reading(&session.aws, "the stack's expiry", futures::future::try_join_all(parts)).await?;
    if let Some(why) = parts.iter().flatten().find_map(|part| part.unread.as_ref()) {
        bail!(Failure::refused("tell whether it still expires", why, "ask for s3:GetBucketTagging on its buckets"));
    }
    let found = stacks(&session.names, SystemTime::now().into(), (parts.into_iter().flatten(), None));
    let Names { stack, id, .. } = &session.names;
    Ok(found.iter().any(|it| it.stack.stack == *stack && it.stack.id == *id && it.stack.expired))
}

/// What `list` reads.
#[must_use]
pub fn permissions(names: &Names) -> Vec<Permission> {
    parts_permissions(names).into_iter().chain([beside::permission()]).collect()
}

/// What finds the stacks.
pub(super) fn parts_permissions(names: &Names) -> Vec<Permission> {
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

async fn bucket(session: &Session, bucket: Bucket) -> Result<Option<Part>> {
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
    let (name, created) = (format!("bucket/{zone}"), bucket.creation_date);
    let (role, existing) = (classifier_role(&tags), existing_buckets(&tags));
    Ok(Some(Part { name, created, bucket: bucket_of, role, existing, ..part }))
}

/// A bucket whose tags may not be read.
fn unread(bucket: &str, (prefix, zone, id): (&str, Zone, &str)) -> Part {
    let why =
        format!("the tags of bucket {bucket} cannot be read (s3:GetBucketTagging), and so not when its stack expires");
    let (id, name, bucket) = (id.to_owned(), steps::bucket(zone), Some((prefix.to_owned(), None)));
    Part { id, name, bucket, unread: Some(why), ..Part::default() }
}

/// Which bucket it is of which stack, and what its name begins with.
fn zone_of(bucket: &str) -> Option<(&str, Zone, &str)> {
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
        let part = part.map(|part| Part { name: "function".into(), role: function.role, existing, topic_arn, ..part });
        Ok::<_, anyhow::Error>(part)
    });
    parts.buffer_unordered(TOGETHER).try_filter_map(async |part| Ok(part)).try_collect().await
}

/// The buckets among a function's variables that are not called as its stack's own are.
fn existing(variables: &HashMap<String, String>, id: &str) -> Buckets {
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
        let part = part(&tags, id).map(|part| Part { name: "state-machine".into(), created, ..part });
        Ok::<_, anyhow::Error>(part)
    });
    let parts = parts.buffer_unordered(TOGETHER).try_filter_map(async |part| Ok(part)).try_collect().await?;
    Ok((parts, names))
}

/// A resource whose name and tags say the same id.
fn part(tags: &[(&str, &str)], id: &str) -> Option<Part> {
    let tag = |wanted: &str| tags.iter().find(|(key, _)| *key == wanted).map(|(_, value)| *value);
    let stack = tag("cvault:stack").filter(|_| tag("cvault:id") == Some(id))?;
    Some(Part { stack: stack.into(), id: id.into(), ..Part::default() })
}

/// The stacks that these belong to, by name; what else is there of them, where that was looked at.
fn stacks(
    names: &Names,
    now: DateTime,
    (parts, there): (impl Iterator<Item = Part>, Option<&BTreeSet<String>>),
) -> Vec<Listed> {
    let mut found = BTreeMap::<_, Vec<Part>>::new();
    let (parts, unread): (Vec<_>, Vec<_>) = parts.partition(|part| part.unread.is_none());
    for part in parts {
        found.entry((part.stack.clone(), part.id.clone())).or_default().push(part);
    }
    // What is called as a bucket of a stack may be its own: it is not missing, and says no expiry.
    for part in unread {
        for (_, parts) in found.iter_mut().filter(|((_, id), _)| *id == part.id) {
            parts.push(part.clone());
        }
    }
    found.into_values().filter_map(|parts| listed(names, now, (&parts, there))).collect()
}

/// The stack of these parts.
fn listed(names: &Names, now: DateTime, (parts, there): (&[Part], Option<&BTreeSet<String>>)) -> Option<Listed> {
    let Part { stack, id, .. } = parts.first()?;
    let function = parts.iter().find(|part| part.name == "function");
    let existing = function.map_or_else(|| existing_by_tags(parts), |part| part.existing.clone());
    let is_of_others = |wanted: &str| existing.named().any(|(zone, _)| wanted == steps::bucket(zone));
    let is_missing = |wanted: &&&str| !parts.iter().any(|part| part.name == **wanted) && !is_of_others(wanted);
    let mut missing: Vec<_> = PARTS.iter().filter(is_missing).map(ToString::to_string).collect();
    if let Some(there) = there {
        let own = Names { stack: stack.clone(), id: id.clone(), ..names.clone() };
        let wanted = beside::wanted(&own, function.and_then(|part| part.topic_arn.as_deref()));
        missing.extend(wanted.into_iter().filter(|(_, name)| !there.contains(name)).map(|(logical, _)| logical));
    }
    let created = parts.iter().filter_map(|part| part.created).min_by_key(DateTime::as_nanos);
    let buckets = || parts.iter().filter_map(|part| part.bucket.as_ref());
    let expires = last(buckets().map(|(_, expires)| expires.as_deref()));
    let stack = Stack {
        stack: stack.clone(),
        id: id.clone(),
        account: names.account.clone(),
        region: names.region.clone(),
        state: if missing.is_empty() { "whole" } else { "partial" },
        missing,
        created: created.and_then(|created| created.fmt(Format::DateTime).ok()),
        age_seconds: created.and_then(|created| u64::try_from(now.secs() - created.secs()).ok()),
        expires: expires.and_then(|expires| expires.fmt(Format::DateTime).ok()),
        expired: expires.is_some_and(|expires| expires.as_nanos() <= now.as_nanos()),
    };
    let role = role(function, parts, &stack.id);
    let bucket_prefixes = buckets().map(|(prefix, _)| prefix.clone()).collect();
    let unread = parts.iter().filter_map(|part| part.unread.clone()).collect();
    Some(Listed { stack, bucket_prefixes, role, existing, unread })
}

/// The buckets of others, as the stack's own say it; none where it has one of its own by now.
fn existing_by_tags(parts: &[Part]) -> Buckets {
    let said = parts.iter().map(|part| &part.existing).find(|said| **said != Buckets::default());
    let of = |zone: Zone| {
        let is_own = parts.iter().any(|part| part.name == steps::bucket(zone));
        said.and_then(|said| said.of(zone)).filter(|_| !is_own).map(str::to_owned)
    };
    Buckets { ingress: of(Zone::Ingress), analytics: of(Zone::Analytics), vault: None }
}

/// The classifier's role: the function's, else the one that the buckets say, if they say the same.
fn role(function: Option<&Part>, parts: &[Part], id: &str) -> Option<String> {
    let is_classifier = |role: &&String| role.ends_with(&format!("cyber_vault-classifier-{id}"));
    let of = |part: &Part| part.role.as_ref().filter(is_classifier).cloned();
    let said: BTreeSet<_> = parts.iter().filter_map(of).collect();
    function.and_then(of).or_else(|| said.first().filter(|_| said.len() == 1).cloned())
}

/// When a stack expires: the last moment that its buckets say, if each of them says one. A run that was killed may have
/// moved some of them only, and a bucket of that name and those tags can be anybody's: in doubt it stays.
fn last<'a>(expires: impl Iterator<Item = Option<&'a str>>) -> Option<DateTime> {
    let moments: Option<Vec<_>> = expires.map(|text| moment(text?)).collect();
    moments?.into_iter().max_by_key(DateTime::as_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names::new("aws", "123456789012", "eu-west-1", "other", None)
    }

    fn of(id: &str, name: &str, seconds: i64) -> Part {
        let tags = [("cvault:stack", "prod"), ("cvault:id", id)];
        Part { name: name.into(), created: Some(DateTime::from_secs(seconds)), ..part(&tags, id).unwrap() }
    }

    #[test]
    fn a_stack_is_what_its_parts_say() {
        assert_eq!(zone_of("acme-cv-vault-zone-prod"), Some(("acme-", Zone::Vault, "prod")));
        assert_eq!(zone_of("cv-ingress-zone-x"), Some(("", Zone::Ingress, "x")));
        assert_eq!(zone_of("cv-other-zone-x"), None);
        let parts = PARTS.iter().zip(100..).map(|(name, seconds)| of("a", name, seconds));
        let found = stacks(&names(), DateTime::from_secs(160), (parts.chain([of("b", "bucket/vault", 1)]), None));
        let [a, b] = [0, 1].map(|at| &found[at].stack);
        assert_eq!((a.state, a.created.as_deref(), a.age_seconds), ("whole", Some("1970-01-01T00:01:40Z"), Some(60)));
        assert_eq!((b.id.as_str(), b.state, b.missing.len(), b.expires.as_deref()), ("b", "partial", 4, None));
    }

    /// Its buckets, function and state machine are not all of it.
    #[test]
    fn a_stack_without_its_topic_and_rules_is_not_whole() {
        let parts = || {
            let topic_arn = Some("arn:aws:sns:eu-west-1:123456789012:cyber_vault_notification-a".into());
            let function = Part { topic_arn, ..of("a", "function", 1) };
            PARTS.iter().filter(|name| **name != "function").map(|name| of("a", name, 1)).chain([function])
        };
        let own = Names { id: "a".into(), ..names() };
        let mut there: BTreeSet<_> =
            beside::wanted(&own, Some(&own.own_topic_arn())).into_iter().map(|(_, name)| name).collect();
        let state = |there: &BTreeSet<String>| {
            let found = stacks(&names(), DateTime::from_secs(9), (parts(), Some(there))).remove(0).stack;
            (found.state, found.missing)
        };
        assert_eq!(state(&there), ("whole", vec![]));
        assert!(there.remove(&own.own_topic()) && there.remove(&own.rule("sweep")) && there.remove(&own.sweep()));
        let missing = ["state-machine/sweep", "topic", "rule/sweep"].map(str::to_owned).to_vec();
        assert_eq!(state(&there), ("partial", missing));
    }

    #[test]
    fn a_stack_that_uses_buckets_of_others_is_whole_without_its_own() {
        let variables = [("ingress_bucket", "landing"), ("analytics_bucket", "acme-cv-analytics-zone-a")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let existing = existing(&variables, "a");
        assert_eq!(existing, Buckets { ingress: Some("landing".into()), ..Buckets::default() });
        let function = Part { existing: existing.clone(), ..of("a", "function", 1) };
        let others = ["bucket/vault", "state-machine"].map(|name| of("a", name, 1));
        let found = stacks(&names(), DateTime::from_secs(60), (others.into_iter().chain([function]), None)).remove(0);
        assert_eq!((found.stack.missing, &found.existing), (vec!["bucket/analytics".to_owned()], &existing));
        let bucket = || Part { existing: existing.clone(), ..of("a", "bucket/vault", 1) };
        let found = |parts: Vec<Part>| stacks(&names(), DateTime::from_secs(60), (parts.into_iter(), None)).remove(0);
        assert_eq!(found(vec![bucket()]).existing, existing, "the function is gone, and a bucket says it");
        let own = of("a", "bucket/ingress", 1);
        assert_eq!(found(vec![bucket(), own]).existing, Buckets::default(), "it has one of its own by now");
    }

    #[test]
    fn the_role_is_known_without_the_function() {
        let with = |name: &str, role: &str| Part { role: Some(role.into()), ..of("a", name, 1) };
        let (name, arn) = ("acme-cyber_vault-classifier-a", "arn:aws:iam::1:role/ci/cyber_vault-classifier-a");
        let buckets = || ["bucket/ingress", "bucket/vault"].map(|it| with(it, name));
        let found =
            |parts: Vec<Part>| stacks(&names(), DateTime::from_secs(9), (parts.into_iter(), None)).remove(0).role;
        assert_eq!(found(buckets().into()).as_deref(), Some(name));
        assert_eq!(found(buckets().into_iter().chain([with("function", arn)]).collect()).as_deref(), Some(arn));
        let theirs = with("function", "arn:aws:iam::1:role/theirs");
        assert_eq!(found(buckets().into_iter().chain([theirs]).collect()).as_deref(), Some(name));
        let other = with("bucket/analytics", "cyber_vault-classifier-a");
        assert_eq!(found(buckets().into_iter().chain([other]).collect()), None, "which one is it?");
        assert_eq!(found(vec![of("a", "bucket/vault", 1)]), None);
    }

    /// The third bucket may have been given another moment by a run that was killed.
    #[test]
    fn a_bucket_whose_tags_cannot_be_read_is_there_and_leaves_the_expiry_open() {
        let bucket = |name: &str| Part {
            bucket: Some((String::new(), Some("1970-01-01T00:01:00Z".into()))),
            ..of("a", name, 1)
        };
        let others = || [bucket("bucket/analytics"), bucket("bucket/ingress"), of("a", "function", 1)];
        let vault = |id: &str| unread(&format!("cv-vault-zone-{id}"), ("", Zone::Vault, id));
        let found = |parts: Vec<Part>| stacks(&names(), DateTime::from_secs(120), (parts.into_iter(), None));
        let without = found(others().into()).remove(0);
        assert!(without.stack.expired && without.unread.is_empty());
        let mut all = found([vault("a"), vault("b")].into_iter().chain(others()).collect());
        let known = all.remove(0);
        assert_eq!((known.stack.missing, known.stack.expires), (vec!["state-machine".to_owned()], None));
        assert!(!known.stack.expired && known.unread[0].contains("cv-vault-zone-a"), "{:?}", known.unread);
        assert!(all.is_empty(), "of the other one nobody knows a stack");
    }

    /// Anybody can give a bucket such a name; the tags say whose it is.
    #[test]
    fn a_name_alone_is_no_stack() {
        assert!(part(&[], "a").is_none());
        assert!(part(&[("cvault:stack", "prod"), ("cvault:id", "b")], "a").is_none());
    }

    #[test]
    fn a_stack_expires_where_all_of_its_buckets_say_so() {
        let (early, late) = ("1970-01-01T00:01:00Z", "1970-01-01T00:03:00Z");
        for (texts, expires, expired) in [
            (&[Some(early), Some(early)][..], Some(early), true),
            (&[Some(early), Some(late)], Some(late), false),
            (&[Some(early), None], None, false),
            (&[Some(early), Some("soon")], None, false),
        ] {
            let bucket = |text: Option<&str>| Part {
                bucket: Some(("acme-".into(), text.map(str::to_owned))),
                ..of("a", "bucket/vault", 1)
            };
            let parts = texts.iter().copied().map(bucket).chain([of("a", "function", 1)]);
            let found = stacks(&names(), DateTime::from_secs(120), (parts, None)).remove(0);
            assert_eq!((found.stack.expires.as_deref(), found.stack.expired), (expires, expired), "{texts:?}");
            assert_eq!(found.bucket_prefixes.into_iter().collect::<Vec<_>>(), ["acme-"]);
        }
        let without =
            stacks(&names(), DateTime::from_secs(120), ([of("a", "function", 1)].into_iter(), None)).remove(0);
        assert!(!without.stack.expired && without.stack.expires.is_none(), "no bucket says anything");
    }
}

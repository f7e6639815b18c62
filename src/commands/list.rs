//! `cvault list`: every stack of the account in the region, found by its names and tags.
//!
//! There is no list of stacks to read: what carries the tags of a stack belongs to one. Three kinds of resources are
//! looked at, so that one of them being gone hides nobody's stack. Of a stack that is found so, what costs no call a
//! stack is looked for, too: its other state machines, topic and rules. All of it, and how it is, is what `status` reads.

mod beside;
mod parts;
#[cfg(test)]
mod tests;

use super::Session;
use super::interruption::reading;
use crate::deploy::event::Event;
use crate::deploy::permission::Permission;
use crate::outcome::failure::{Exit, Failure};
use crate::outcome::row::{Row, Stack};
use crate::vault::expiry::moment;
use crate::vault::names::{Buckets, Names, Zone};
use crate::vault::steps;
use anyhow::{Result, bail};
use aws_sdk_s3::types::Bucket;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use parts::Part;
pub(super) use parts::permissions as parts_permissions;
use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

/// What a stack that is all there has of what it is found by.
fn all_parts() -> [String; 5] {
    let [analytics, ingress, vault] = [Zone::Analytics, Zone::Ingress, Zone::Vault].map(steps::bucket);
    [analytics, ingress, vault, steps::FUNCTION.into(), steps::STATE_MACHINE.into()]
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
    /// Why it cannot be known whether it expires: the tags of a bucket may not be read, and no other one says that it does not.
    pub(super) unread: Vec<String>,
}

/// Runs `list`.
///
/// # Errors
/// Something cannot be read.
pub async fn run(session: &Session) -> Result<Exit> {
    let looks = async { futures::try_join!(parts::all(session), beside::names(session)) };
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
    let (parts, _) = reading(&session.aws, "the stacks", Box::pin(parts::all(session))).await?;
    Ok(stacks(&session.names, SystemTime::now().into(), (parts.into_iter(), None)))
}

/// Whether the buckets of this session's stack still say that it has expired: somebody may have moved it meanwhile.
pub(super) async fn is_expired(session: &Session) -> Result<bool> {
    let parts = Zone::ALL
        .map(async |zone| parts::bucket(session, Bucket::builder().name(session.names.bucket(zone)).build()).await);
    let parts = reading(&session.aws, "the stack's expiry", futures::future::try_join_all(parts)).await?;
    if let Some(why) = parts.iter().flatten().find_map(|part| part.unread.as_ref()) {
        bail!(unread("tell whether it still expires", why));
    }
    let found = stacks(&session.names, SystemTime::now().into(), (parts.into_iter().flatten(), None));
    let Names { stack, id, .. } = &session.names;
    Ok(found.iter().any(|it| it.stack.stack == *stack && it.stack.id == *id && it.stack.expired))
}

/// Why something is not done whose expiry cannot be read.
pub(super) fn unread(what: impl Into<String>, why: &str) -> Failure {
    Failure::refused(what, why, "ask for s3:GetBucketTagging on its buckets")
}

/// What `list` reads.
#[must_use]
pub fn permissions(names: &Names) -> Vec<Permission> {
    parts::permissions(names).into_iter().chain([beside::permission()]).collect()
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
    let function = parts.iter().find(|part| part.name == steps::FUNCTION);
    let existing = function.map_or_else(|| existing_by_tags(parts), |part| part.existing.clone());
    let is_of_others = |wanted: &str| existing.named().any(|(zone, _)| wanted == steps::bucket(zone));
    let is_missing = |wanted: &String| !parts.iter().any(|part| part.name == *wanted) && !is_of_others(wanted);
    let mut missing: Vec<_> = all_parts().into_iter().filter(is_missing).collect();
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
    // Where one that can be read says no expiry, there is none.
    let mut readable = parts.iter().filter(|part| part.unread.is_none()).filter_map(|part| part.bucket.as_ref());
    let may_expire = readable.all(|(_, expires)| expires.is_some());
    let unread = parts.iter().filter(|_| may_expire).filter_map(|part| part.unread.clone()).collect();
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

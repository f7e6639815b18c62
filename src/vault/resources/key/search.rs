//! Finds the key: by its alias, and by its tags where the alias is gone.

use crate::aws::{Answer, Aws, Kind, Refusal};
use crate::vault::names::Names;
use anyhow::Result;
use aws_sdk_kms::types::KeyMetadata;
use futures::{StreamExt, TryStreamExt, stream};

/// How many `ListResourceTags` are in flight while looking for the key by its tags.
const TAG_READS: usize = 32;

/// The key that has the alias.
pub(super) async fn by_alias(aws: &Aws, names: &Names) -> Result<Option<KeyMetadata>> {
    let alias = names.key_alias();
    let found = aws.kms.describe_key().key_id(&alias).send().await;
    Ok(found.or_absent(format!("read key {alias}"))?.and_then(|found| found.key_metadata))
}

/// The keys with our tags, whatever their alias says. There is one, unless a run was killed before it
/// had named its key, and the next, or another at the same time, made one as well.
pub(super) async fn all_by_tags(aws: &Aws, names: &Names) -> Result<Vec<String>> {
    let pages = aws.kms.list_keys().into_paginator().items().send();
    let keys = pages.collect::<Result<Vec<_>, _>>().await.or_refused("list keys")?;
    stream::iter(keys.into_iter().filter_map(|key| key.key_id))
        .map(async |id| Ok::<_, anyhow::Error>(has_our_tags(aws, names, &id).await?.then_some(id)))
        .buffer_unordered(TAG_READS)
        .try_filter_map(|id| async { Ok(id) })
        .try_collect()
        .await
}

async fn has_our_tags(aws: &Aws, names: &Names, id: &str) -> Result<bool> {
    let what = format!("read the tags of key {id}");
    // Keys that AWS manages, and those of others, may not be read: they are not ours then.
    let theirs = |refusal: &Refusal| [Kind::Denied, Kind::Absent, Kind::Conflict].contains(&refusal.kind());
    let Some(tags) = aws.kms.list_resource_tags().key_id(id).send().await.or_none_if(theirs, what)? else {
        return Ok(false);
    };
    Ok(names.are_ours(tags.tags().iter().map(|tag| (tag.tag_key(), tag.tag_value()))))
}

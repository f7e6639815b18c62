//! Removes keys, which AWS does later: of this stack when it goes, and those that a killed run left.

use super::search::{all_by_tags, by_alias};
use crate::aws::{Answer, Aws, Kind, Refusal};
use crate::vault::names::Names;
use anyhow::Result;
use aws_sdk_kms::types::KeyMetadata;

/// How many seconds two keys of which one is a double were made apart, at most.
const DOUBLE_SECONDS: u64 = 3600;

/// Schedules the deletion of keys that are the stack's by their tags, and not by its alias: one that a
/// killed run had made so shortly before this one that no list showed it yet (truths K1, K2). Nothing is
/// encrypted with them, since whatever is comes after the alias. `window` is in days; gives how many.
///
/// # Errors
/// KMS refuses.
pub async fn remove_doubles(aws: &Aws, names: &Names, window: i32) -> Result<usize> {
    let (current, all) = futures::try_join!(by_alias(aws, names), all_by_tags(aws, names))?;
    let Some(current) = current else { return Ok(0) };
    let mut removed = 0;
    for id in all.into_iter().filter(|id| *id != current.key_id) {
        let found = aws.kms.describe_key().key_id(&id).send().await.or_refused(format!("read key {id}"))?;
        let Some(key) = found.key_metadata.filter(|key| key.enabled) else { continue };
        let made = |key: &KeyMetadata| key.creation_date.map_or(0, |date| date.secs());
        // An older one would have been found, and taken.
        if made(&key).abs_diff(made(&current)) < DOUBLE_SECONDS {
            schedule_deletion(aws, &id, window).await?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Schedules the deletion of a key, unless it is already.
pub(super) async fn schedule_deletion(aws: &Aws, id: &str, window: i32) -> Result<()> {
    let scheduled = aws.kms.schedule_key_deletion().key_id(id).pending_window_in_days(window).send().await;
    let gone = |refusal: &Refusal| refusal.kind() == Kind::Absent || is_in_another_state(refusal);
    scheduled.or_none_if(gone, format!("schedule the deletion of key {id}")).map(drop)
}

/// Its deletion is scheduled already, or is not scheduled any more.
pub(super) fn is_in_another_state(refusal: &Refusal) -> bool {
    refusal.is(&["KMSInvalidStateException"])
}

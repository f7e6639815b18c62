//! The key that encrypts everything: found by its alias, and by its tags where the alias is gone.
//!
//! A key has no name and `CreateKey` no token, so it is the one resource that could be made twice
//! (truths K1). Hence: tagged in the creating call, the call never repeated blindly, and the alias
//! decides when two runs made one each.

use super::removal::{is_in_another_state, schedule_deletion};
use super::search::{all_by_tags, by_alias};
use crate::aws::{Answer, Aws, Kind, PROPAGATION, REMOVAL, Refusal};
use crate::deploy::beside::{Parted, Tolerance};
use crate::deploy::permission::{Permission, Phase};
use crate::deploy::plan::Change;
use crate::deploy::policy::Policy;
use crate::deploy::resource::{Assigned, Observed, Resource};
use crate::outcome::failure::Failure;
use crate::vault::definitions::{Document, statement_names};
use crate::vault::names::Names;
use crate::vault::resources::macie::macie_session::Mark;
use crate::vault::steps;
use crate::vault::tags::tagged;
use anyhow::{Result, bail};
use aws_sdk_kms::primitives::DateTime;
use aws_sdk_kms::types::{KeyMetadata, KeyState};
use serde::Serialize;
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

/// How often, once a second, a key is looked for whose making was not answered: until lists show a
/// new key takes some seconds (truths K2).
const LOOKS_FOR_A_LOST_KEY: usize = 10;

/// How long a key's tags may still not count for a right once they have counted for another.
const AFTER_THE_ALIAS: Duration = Duration::from_secs(45);

/// A key has one policy, and AWS one name for it. It may be left out today; older regions and emulators ask
/// for it.
pub(super) const POLICY_NAME: &str = "default";

/// What others may be allowed by its policy: whoever it is to encrypt, and those of the account to decrypt what a service lets
/// them read.
const TOLERATED: &[&str] = &["kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*"];
const TOLERATED_THROUGH_SERVICES: &[&str] = &["kms:Decrypt"];

/// The key of a stack.
pub struct Key {
    names: Names,
    arn: Assigned,
    policy: Document,
    deletion_window_days: i32,
    mark: Mark,
    /// A key that waits for its deletion and will be brought back.
    sleeping: Assigned,
}

/// What is declared of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct State {
    alias_name: Option<String>,
    key_spec: String,
    #[serde(rename = "KeyState")]
    condition: String,
    key_rotation_enabled: bool,
    policy: Policy,
    tags: BTreeMap<String, String>,
}

impl Key {
    /// The key; `arn` becomes known once it is observed or made. `deletion_window_days` is how
    /// long AWS keeps it after `down`, 7 to 30. It carries the mark of who has enabled Macie.
    #[must_use]
    pub fn new(names: &Names, arn: Assigned, policy: Document, deletion_window_days: i32, mark: Mark) -> Self {
        Self { names: names.clone(), arn, policy, deletion_window_days, mark, sleeping: Assigned::default() }
    }

    /// The key with our tags: the usable one first, of several the oldest, so that all runs find the same.
    async fn by_tags(&self, aws: &Aws) -> Result<Option<KeyMetadata>> {
        let mut best = None;
        for id in all_by_tags(aws, &self.names).await? {
            let found = aws.kms.describe_key().key_id(&id).send().await.or_refused(format!("read key {id}"))?;
            let rank = |key: &KeyMetadata| {
                let usable = match key.key_state() {
                    Some(KeyState::Enabled) => 2,
                    Some(KeyState::PendingDeletion) => 0,
                    _ => 1,
                };
                let made = key.creation_date().map(DateTime::as_nanos);
                (usable, Reverse(made), Reverse(key.key_id.clone()))
            };
            best = best.into_iter().chain(found.key_metadata).max_by_key(rank);
        }
        Ok(best)
    }

    /// The stack's tags, and the mark.
    fn wanted_tags(&self) -> BTreeMap<String, String> {
        let mark = self.mark.wanted().map(|value| (Mark::TAG.to_owned(), value.to_owned()));
        self.names.all_tags().into_iter().chain(mark).collect()
    }

    /// Makes a key, or finds the one that an earlier call with a lost answer made.
    async fn create(&self, aws: &Aws) -> Result<KeyMetadata> {
        let what = format!("create key {}", self.names.key_alias());
        let mut attempts = 0;
        loop {
            attempts += 1;
            let sent = aws
                .kms_once
                .create_key()
                .description(format!("cvault stack {}", self.names.stack))
                .policy(self.policy.value().to_string())
                .set_tags(Some(tagged(self.wanted_tags())))
                .send()
                .await
                .or_refused(&what);
            let error = match sent {
                Ok(created) => match created.key_metadata {
                    Some(key) => return Ok(key),
                    None => bail!("{what}: the answer names no key"),
                },
                Err(error) => error,
            };
            let Some(refusal) = error.downcast_ref::<Refusal>().filter(|_| attempts < 8) else { return Err(error) };
            let looks = match refusal.kind() {
                // It was not begun.
                Kind::Throttled => 0,
                Kind::Unanswered => LOOKS_FOR_A_LOST_KEY,
                _ => return Err(error),
            };
            aws.pause("KMS to make the key", Duration::from_millis(200 << attempts)).await?;
            for _ in 0..looks {
                if let Some(key) = self.by_tags(aws).await? {
                    return Ok(key);
                }
                aws.pause("KMS to show whether it made the key", Duration::from_secs(1)).await?;
            }
        }
    }

    /// Brings a key back whose deletion was scheduled, or that was disabled: cancelling leaves it
    /// disabled (truths K9).
    async fn wake(&self, aws: &Aws, id: &str) -> Result<()> {
        let what = format!("bring back key {id}");
        let state = async || Ok(aws.kms.describe_key().key_id(id).send().await.or_refused(&what)?.key_metadata);
        // One that is only disabled has no deletion to cancel.
        if state().await?.is_some_and(|key| key.key_state == Some(KeyState::PendingDeletion)) {
            let cancelled = aws.kms.cancel_key_deletion().key_id(id).send().await;
            // Another run was faster.
            cancelled.or_none_if(is_in_another_state, &what)?;
        }
        aws.eventually("the key to leave its pending deletion", PROPAGATION, async || {
            aws.kms.enable_key().key_id(id).send().await.or_refused(&what)
        })
        .await?;
        let enabled = |key: &Option<KeyMetadata>| key.as_ref().is_some_and(|key| key.enabled);
        aws.until("the key to be enabled", PROPAGATION, state, enabled).await.map(drop)
    }

    /// False when the alias exists already, wherever it points.
    async fn create_alias(&self, aws: &Aws, id: &str) -> Result<bool> {
        let alias = self.names.key_alias();
        aws.eventually_if("the new key to be known", REMOVAL, fresh, async || {
            let created = aws.kms.create_alias().alias_name(&alias).target_key_id(id).send().await;
            Ok(created.or_exists(format!("create {alias}"))?.is_some())
        })
        .await
    }

    /// Gives the key its alias. When another run's key has it by now, that one is the stack's, and
    /// ours is scheduled for deletion.
    async fn name_it(&self, aws: &Aws, key: KeyMetadata, ours_alone: bool) -> Result<String> {
        let alias = self.names.key_alias();
        if self.create_alias(aws, &key.key_id).await? {
            return Ok(key.arn.unwrap_or_default());
        }
        // That somebody has it is known before who has it.
        let named = async || by_alias(aws, &self.names).await;
        let named = aws.until("the alias to be known", PROPAGATION, named, Option::is_some).await?;
        let Some(named) = named else { bail!("create {alias}: it exists and does not exist") };
        if named.key_id != key.key_id && ours_alone {
            let scheduled = aws.kms.schedule_key_deletion().key_id(&key.key_id).pending_window_in_days(7).send().await;
            scheduled.or_none_if(is_in_another_state, format!("remove key {}", key.key_id))?;
        }
        Ok(named.arn.unwrap_or_default())
    }

    /// `is_new`: KMS has only just heard of the key, and of its tags.
    async fn enable_rotation(&self, aws: &Aws, id: &str, is_new: bool) -> Result<()> {
        let passes = |refusal: &Refusal| if is_new { fresh(refusal) } else { refusal.passes() };
        // The alias was allowed by the same tags: what is denied much longer is a right that nobody has.
        let limit = if is_new { AFTER_THE_ALIAS } else { PROPAGATION };
        aws.eventually_if("the new key to be known", limit, passes, async || {
            let enabled = aws.kms.enable_key_rotation().key_id(id).send().await;
            enabled.or_refused(format!("enable rotation of key {id}"))
        })
        .await
        .map(drop)
    }

    async fn make(&self, aws: &Aws) -> Result<()> {
        let key = match self.sleeping.get() {
            None => self.create(aws).await?,
            Some(id) => {
                self.wake(aws, id).await?;
                let found = aws.kms.describe_key().key_id(id).send().await.or_refused(format!("read key {id}"))?;
                self.put_policy(aws, id, &self.joined_policy(aws, id).await?).await?;
                self.put_tags(aws, &self.change_of_tags(aws, id).await?, id).await?;
                let Some(key) = found.key_metadata else { bail!("read key {id}: the answer names no key") };
                key
            }
        };
        let id = key.key_id.clone();
        let ours_alone = self.sleeping.get().is_none();
        // Named first: of two runs at once the second one's key goes, and its rotation would be waited for in vain.
        let arn = self.name_it(aws, key, ours_alone).await?;
        if arn.ends_with(&id) {
            self.enable_rotation(aws, &id, ours_alone).await?;
        }
        self.arn.set(arn);
        Ok(())
    }

    /// The policy to be written: ours, and what others have added to the one that is there.
    async fn joined_policy(&self, aws: &Aws, id: &str) -> Result<Value> {
        let found = aws.kms.get_key_policy().key_id(id).policy_name(POLICY_NAME).send().await;
        let found = found.or_refused(format!("read the policy of key {id}"))?.policy.unwrap_or_default();
        Ok(parted(&found, &self.names.account).joined(&self.policy.value()))
    }

    async fn put_policy(&self, aws: &Aws, id: &str, policy: &Value) -> Result<()> {
        let put = aws.kms.put_key_policy().key_id(id).policy_name(POLICY_NAME);
        let put = put.policy(policy.to_string()).send().await;
        put.or_refused(format!("set the policy of key {id}")).map(drop)
    }

    async fn update(&self, aws: &Aws, change: &Change, id: &str) -> Result<()> {
        if change.touches("/KeySpec") {
            bail!(Failure::new(
                format!("change the key spec of {}", self.names.key_alias()),
                "a key's spec cannot be changed",
                "run `cvault down`, then `cvault up`; or give the alias to a symmetric key"
            ));
        }
        if change.touches("/KeyState") {
            self.wake(aws, id).await?;
        }
        if change.touches("/AliasName") {
            self.create_alias(aws, id).await?;
        }
        if change.touches("/KeyRotationEnabled") {
            self.enable_rotation(aws, id, false).await?;
        }
        if change.touches("/Policy") {
            self.put_policy(aws, id, &self.joined_policy(aws, id).await?).await?;
        }
        self.put_tags(aws, change, id).await
    }

    async fn put_tags(&self, aws: &Aws, change: &Change, id: &str) -> Result<()> {
        // One that was just brought back may still look as if it went (truths K8, K9).
        let waits = "the key to leave its pending deletion";
        if change.touches("/Tags") {
            aws.eventually_if(waits, PROPAGATION, fresh, async || {
                let tagged = aws.kms.tag_resource().key_id(id).set_tags(Some(tagged(self.wanted_tags()))).send().await;
                tagged.or_refused(format!("tag key {id}"))
            })
            .await?;
        }
        if let Some(keys) = change.tags_that_go() {
            aws.eventually_if(waits, PROPAGATION, fresh, async || {
                let untagged = aws.kms.untag_resource().key_id(id).set_tag_keys(Some(keys.clone())).send().await;
                untagged.or_refused(format!("untag key {id}"))
            })
            .await?;
        }
        Ok(())
    }

    /// The tags of a key, as far as they are the stack's; the mark is read from them.
    async fn tags(&self, aws: &Aws, id: &str) -> Result<BTreeMap<String, String>> {
        let tags =
            aws.kms.list_resource_tags().key_id(id).send().await.or_refused(format!("read the tags of key {id}"))?;
        let tags = self.names.seen_tags(tags.tags().iter().map(|tag| (tag.tag_key(), tag.tag_value())));
        self.mark.read(tags.get(Mark::TAG).map(String::as_str));
        Ok(tags)
    }

    /// What is to change of the tags of a key that was brought back: it has those of the run that made it.
    async fn change_of_tags(&self, aws: &Aws, id: &str) -> Result<Change> {
        let is = json!({"Tags": self.tags(aws, id).await?});
        Ok(Change::between(Some(&is), &json!({"Tags": self.wanted_tags()})))
    }
}

fn parted(policy: &str, account: &str) -> Parted {
    let (own_names, account) = (statement_names(), account.to_owned());
    let (actions, through_services) = (TOLERATED, TOLERATED_THROUGH_SERVICES);
    Parted::of(policy, &Tolerance { own_names, account, actions, from_outside: TOLERATED, through_services })
}

/// A new key is unknown for seconds, one just brought back looks pending or disabled (truths K2, K5). And
/// where rights are bound to the key's tags, as those of `cvault policy` are, KMS denies for up to five
/// minutes what the new tags allow (truths K8). The right to an alias hangs on its name and on no tag: what
/// is denied there stays so.
fn fresh(refusal: &Refusal) -> bool {
    let by_tag = refusal.says("no identity-based policy allows") && !refusal.says(":alias/");
    refusal.passes() || refusal.kind() == Kind::Denied && by_tag
}

impl Resource for Key {
    type State = State;
    const TYPE: &'static str = "AWS::KMS::Key";

    fn name(&self) -> String {
        steps::KEY.into()
    }

    fn id(&self) -> Option<String> {
        Some(self.names.key_alias())
    }

    fn arn(&self) -> Option<String> {
        self.arn.get().map(str::to_owned)
    }

    fn desired(&self) -> State {
        State {
            alias_name: Some(self.names.key_alias()),
            key_spec: "SYMMETRIC_DEFAULT".into(),
            condition: "Enabled".into(),
            key_rotation_enabled: true,
            policy: self.policy.value().into(),
            tags: self.wanted_tags(),
        }
    }

    async fn observe(&self, aws: &Aws) -> Result<Observed<State>> {
        let named = by_alias(aws, &self.names).await?;
        let has_alias = named.is_some();
        let found = if has_alias { named } else { self.by_tags(aws).await? };
        let Some(key) = found else { return Ok(Observed::absent()) };
        let id = key.key_id.as_str();
        let asleep = key.key_state() == Some(&KeyState::PendingDeletion);
        if asleep && !has_alias {
            self.sleeping.set(id);
            // Its mark, by which others decide what is to be done.
            self.tags(aws, id).await?;
            let date = key.deletion_date.map_or_else(|| "soon".to_owned(), |date| date.to_string());
            return Ok(Observed::absent().noted(format!("{id} is deleted at {date}; `cvault up` brings it back")));
        }
        self.arn.set(key.arn.as_deref().unwrap_or_default());
        let (rotation, policy, tags) = futures::join!(
            aws.kms.get_key_rotation_status().key_id(id).send(),
            aws.kms.get_key_policy().key_id(id).policy_name(POLICY_NAME).send(),
            self.tags(aws, id),
        );
        // A key that is pending deletion has no rotation to speak of. One that another run has just made
        // is known by its alias before it is known by its id: refused, and so looked at again (truths K2).
        let rotation = rotation.or_none_if(is_in_another_state, format!("read the rotation of key {id}"))?;
        let policy = policy.or_refused(format!("read the policy of key {id}"))?;
        let tags = tags?;
        let policy = parted(policy.policy().unwrap_or_default(), &self.names.account);
        let note = policy.note();
        let observed = Observed::present(State {
            alias_name: has_alias.then(|| self.names.key_alias()),
            key_spec: key.key_spec().map(ToString::to_string).unwrap_or_default(),
            condition: key.key_state().map(ToString::to_string).unwrap_or_default(),
            key_rotation_enabled: rotation.is_some_and(|rotation| rotation.key_rotation_enabled),
            policy: policy.compared,
            tags,
        });
        Ok(Observed { note, ..observed })
    }

    async fn apply(&self, aws: &Aws, change: &Change) -> Result<()> {
        match self.arn.get() {
            Some(arn) if !change.creates() => self.update(aws, change, arn).await,
            _ => self.make(aws).await,
        }
    }

    async fn delete(&self, aws: &Aws) -> Result<()> {
        // The alias first: it stays with a key that is pending deletion, and would find it (truths K7).
        let alias = self.names.key_alias();
        let (unnamed, ours) =
            futures::join!(aws.kms.delete_alias().alias_name(&alias).send(), all_by_tags(aws, &self.names));
        unnamed.or_gone(format!("delete {alias}"))?;
        for id in ours? {
            schedule_deletion(aws, &id, self.deletion_window_days).await?;
        }
        Ok(())
    }

    fn permissions(&self) -> Vec<Permission> {
        let Names { partition, region, account, .. } = &self.names;
        let any = || [self.names.all_keys_arn()];
        let alias = || [format!("arn:{partition}:kms:{region}:{account}:{}", self.names.key_alias())];
        // AWS assigns the key's ARN: ours is known by its tags, and found by looking at everyone's.
        let ours = |phase, actions| Permission::new(phase, actions, any()).of_what_is_tagged(self.names.tags());
        vec![
            Permission::new(Phase::Observe, &["kms:ListKeys"], ["*".into()]),
            // Reading is not bound to the tags: a key that has lost one must still be seen, and a new
            // one's tags count for its rights after up to five minutes only.
            Permission::new(
                Phase::Observe,
                &["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"],
                any(),
            ),
            Permission::new(Phase::Apply, &["kms:CreateKey"], ["*".into()]).with_our_tags(self.names.tags()),
            Permission::new(Phase::Apply, &["kms:TagResource"], any()).with_our_tags(self.names.tags()),
            ours(
                Phase::Apply,
                &[
                    "kms:CancelKeyDeletion",
                    "kms:CreateAlias",
                    "kms:EnableKey",
                    "kms:EnableKeyRotation",
                    "kms:PutKeyPolicy",
                    // The key of the one of two runs at once that was second.
                    "kms:ScheduleKeyDeletion",
                    "kms:UntagResource",
                ],
            ),
            Permission::new(Phase::Apply, &["kms:CreateAlias"], alias()),
            ours(Phase::Delete, &["kms:DeleteAlias", "kms:ScheduleKeyDeletion"]),
            Permission::new(Phase::Delete, &["kms:DeleteAlias"], alias()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_hangs_on_tags_is_waited_for() {
        let denied = |action: &str, resource: &str| {
            let message = format!(
                "User: arn:aws:iam::123456789012:user/x is not authorized to perform: {action} on resource: \
                 arn:aws:kms:eu-west-1:123456789012:{resource} because no identity-based policy allows the {action} action"
            );
            fresh(&Refusal { what: String::new(), code: "AccessDeniedException".into(), message, status: 400 })
        };
        assert!(denied("kms:CreateAlias", "key/1234") && denied("kms:EnableKeyRotation", "key/1234"));
        assert!(!denied("kms:CreateAlias", "alias/cyber-vault-626fa970"));
    }
}

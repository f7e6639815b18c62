//! A bucket of the vault: encrypted with the stack's key, versioned, closed to the public and to
//! plain HTTP. How it is made is in [`super::s3_creation`], how
//! it is emptied in [`super::s3_contents`].
//!
//! S3 refuses two configuration writes on one bucket at once (truths S4), so they go in a row;
//! buckets are independent of each other.

use crate::aws::{Answer, Aws, PROPAGATION, explained};
use crate::deploy::beside::{self, Parted, Tolerance};
use crate::deploy::permission::Permission;
use crate::deploy::plan::Change;
use crate::deploy::policy::Policy;
use crate::deploy::resource::{Assigned, Observed, Resource};
use crate::vault::definitions::{Document, statement_names};
use crate::vault::expiry::Expiry;
use crate::vault::names::{Names, Zone};
use crate::vault::resources::bucket::s3_contents::Contents;
use crate::vault::resources::bucket::s3_lifecycle::{Lifecycle, LifecycleRule};
use crate::vault::resources::bucket::s3_permissions::permissions;
use crate::vault::resources::bucket::s3_replication::{self as replication, Replication};
use crate::vault::resources::bucket::s3_settings::{self as settings, Encryption, ObjectLock, PublicAccessBlock};
use crate::vault::steps;
use crate::vault::tags::tagged;
use anyhow::Result;
use aws_sdk_s3::types::{
    BucketVersioningStatus, EventBridgeConfiguration, ObjectOwnership, Tag, Tagging, VersioningConfiguration,
};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// What senders of other accounts do in ingress.
const SENDING: &[&str] =
    &["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject", "s3:PutObjectTagging"];

/// What others of the account may be allowed in a bucket by its policy: to send to ingress, to read what is proven, and to look at
/// lists and settings.
fn tolerated(zone: Zone) -> &'static [&'static str] {
    match zone {
        Zone::Ingress => {
            &["s3:AbortMultipartUpload", "s3:GetBucket*", "s3:List*", "s3:PutObject", "s3:PutObjectTagging"]
        }
        Zone::Analytics => &["s3:GetBucket*", "s3:ListBucket*"],
        Zone::Vault => &["s3:GetBucket*", "s3:GetObject*", "s3:List*"],
    }
}

/// One bucket of a stack.
pub struct Bucket {
    names: Names,
    zone: Zone,
    key_arn: Assigned,
    policy: Document,
    closed: Document,
    options: Options,
}

/// What the configuration says of a bucket.
#[derive(Clone, Debug)]
pub struct Options {
    /// What S3 does to objects by their age.
    pub lifecycle: Lifecycle,
    /// The default retention of Object Lock, if any.
    pub object_lock: Option<ObjectLock>,
    /// Where S3 copies what is stored, if it does.
    pub replication: Option<Replication>,
    /// Whether S3 tells EventBridge what happens in the bucket; `None` leaves that to others.
    pub event_bridge: Option<bool>,
    /// Whether it is emptied before it is deleted. Without that S3 itself refuses to delete what
    /// landed after the guards had looked.
    pub delete_data: bool,
    /// When the stack expires, where that is wanted.
    pub expiry: Option<Expiry>,
}

/// What is declared of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct State {
    encryption: Option<Encryption>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_bridge_enabled: Option<bool>,
    lifecycle: BTreeMap<String, LifecycleRule>,
    object_lock: Option<ObjectLock>,
    object_ownership: Option<String>,
    policy: Option<Policy>,
    public_access_block: Option<PublicAccessBlock>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replication: Option<replication::State>,
    tags: BTreeMap<String, String>,
    versioning: Option<String>,
}

impl State {
    /// Whether nobody has set anything yet, we included.
    fn is_bare(&self) -> bool {
        self.tags.is_empty() && self.policy.is_none() && self.versioning.is_none() && self.lifecycle.is_empty()
    }
}

impl Bucket {
    /// The bucket of the zone, with its policy and the one that it has while it is emptied.
    #[must_use]
    pub fn new(names: &Names, zone: Zone, key_arn: &Assigned, policies: [Document; 2], options: Options) -> Self {
        let [policy, closed] = policies;
        Self { names: names.clone(), zone, key_arn: key_arn.clone(), policy, closed, options }
    }

    pub(super) fn bucket(&self) -> String {
        self.names.bucket(self.zone)
    }

    pub(super) fn owner(&self) -> &str {
        &self.names.account
    }

    pub(super) fn region(&self) -> &str {
        &self.names.region
    }

    pub(super) fn has_object_lock(&self) -> bool {
        self.options.object_lock.is_some()
    }

    /// The tags that it is made with.
    pub(super) fn all_tags(&self) -> Vec<Tag> {
        tagged(self.own_tags())
    }

    fn own_tags(&self) -> BTreeMap<String, String> {
        let mut tags = self.names.all_tags();
        tags.extend(Expiry::tags(self.options.expiry.as_ref(), &self.names));
        tags
    }

    /// What is declared, or was by an earlier run, among all tags.
    pub(super) fn seen(&self, tags: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut seen = self.names.seen_tags(tags.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        Expiry::seen(self.options.expiry.as_ref(), &mut seen);
        seen
    }

    /// One configuration write. A new bucket is unknown to some front ends for a while (truths S3),
    /// and a write may still be under way (truths S4).
    pub(super) async fn configure(&self, aws: &Aws, call: impl AsyncFn() -> Result<()>) -> Result<()> {
        aws.eventually("S3 to take the bucket's next setting", PROPAGATION, call).await
    }

    async fn put_versioning(&self, aws: &Aws) -> Result<()> {
        let enabled = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
        let put = aws.s3.put_bucket_versioning().bucket(self.bucket()).expected_bucket_owner(self.owner());
        let put = put.versioning_configuration(enabled).send().await;
        put.or_refused(format!("enable versioning of bucket {}", self.bucket())).map(drop)
    }

    /// What S3 copies elsewhere: of the vault alone.
    async fn replication(&self, reads: &settings::Reads<'_>) -> Result<replication::Parted> {
        if self.zone == Zone::Vault { reads.replication().await } else { Ok(replication::Parted::default()) }
    }

    /// The policy that is there, in what is compared and what others have added.
    fn parted(&self, policy: &str) -> Parted {
        let (own_names, account) = (statement_names(), self.names.account.clone());
        let (actions, from_outside) = (tolerated(self.zone), if self.zone == Zone::Ingress { SENDING } else { &[] });
        Parted::of(policy, &Tolerance { own_names, account, actions, from_outside, through_services: &[] })
    }

    async fn put_policy(&self, aws: &Aws, policy: &Value) -> Result<()> {
        let put = aws.s3.put_bucket_policy().bucket(self.bucket()).expected_bucket_owner(self.owner());
        let put = put.policy(policy.to_string()).send().await;
        put.or_refused(format!("set the policy of bucket {}", self.bucket())).map(drop)
    }

    /// The tags of an expiry.
    ///
    /// # Errors
    /// They cannot be read.
    pub async fn expiry(aws: &Aws, names: &Names, zone: Zone) -> Result<BTreeMap<String, String>> {
        Ok(parted_tags(aws, names, zone).await?.0)
    }

    /// Takes the tags of an expiry away, if there are any: what is kept is not to be collected later.
    ///
    /// # Errors
    /// They cannot be read or written.
    pub async fn forget_expiry(aws: &Aws, names: &Names, zone: Zone) -> Result<()> {
        let bucket = names.bucket(zone);
        // Another change of the bucket may be under way (truths S4), of its tags, too.
        aws.eventually("S3 to take the bucket's next setting", PROPAGATION, async || {
            let (gone, rest) = parted_tags(aws, names, zone).await?;
            if gone.is_empty() {
                return Ok(());
            }
            let tagging = Tagging::builder().set_tag_set(Some(tagged(rest))).build()?;
            let put = aws.s3.put_bucket_tagging().bucket(&bucket).expected_bucket_owner(&names.account);
            let put = put.tagging(tagging).send().await;
            put.or_refused(format!("take the expiry of bucket {bucket} away")).map(drop)
        })
        .await
    }

    /// The call replaces all tags, so others' are read and sent along (truths S15).
    pub(super) async fn put_tags(&self, aws: &Aws, gone: &[String]) -> Result<()> {
        let (bucket, what) = (self.bucket(), format!("tag bucket {}", self.bucket()));
        let read = aws.s3.get_bucket_tagging().bucket(&bucket).expected_bucket_owner(self.owner()).send().await;
        let read = read.or_absent(&what)?.map(|found| found.tag_set).unwrap_or_default();
        // AWS's own (`aws:…`) as well: S3 takes their absence for an attempt to remove them.
        let ours = self.own_tags();
        let others = read.into_iter().filter(|tag| !ours.contains_key(&tag.key) && !gone.contains(&tag.key));
        let tagging = Tagging::builder().set_tag_set(Some(others.chain(self.all_tags()).collect())).build()?;
        let put = aws.s3.put_bucket_tagging().bucket(&bucket).expected_bucket_owner(self.owner());
        put.tagging(tagging).send().await.or_refused(&what).map(drop)
    }

    /// The call replaces all notifications, so others' are read and sent along (truths S14).
    async fn put_event_bridge(&self, aws: &Aws, enabled: bool, is_new: bool) -> Result<()> {
        let (bucket, what) = (self.bucket(), format!("set the notifications of bucket {}", self.bucket()));
        let ours = aws_sdk_s3::types::NotificationConfiguration::builder();
        let mut merged =
            ours.set_event_bridge_configuration(enabled.then(|| EventBridgeConfiguration::builder().build()));
        // A new bucket has none.
        if !is_new {
            let read = aws.s3.get_bucket_notification_configuration().bucket(&bucket);
            let read = read.expected_bucket_owner(self.owner()).send().await.or_refused(&what)?;
            merged = merged
                .set_topic_configurations(read.topic_configurations)
                .set_queue_configurations(read.queue_configurations)
                .set_lambda_function_configurations(read.lambda_function_configurations);
        }
        let merged = merged.build();
        let put = aws.s3.put_bucket_notification_configuration().bucket(&bucket);
        let put = put.expected_bucket_owner(self.owner()).notification_configuration(merged).send().await;
        put.or_refused(&what).map(drop)
    }

    /// Its policy is replaced first: the vault's denies deletions, and what somebody sends to a bucket
    /// that is being emptied is better refused than deleted.
    async fn empty(&self, aws: &Aws) -> Result<()> {
        self.put_policy(aws, &self.closed.value()).await?;
        self.contents(aws).remove().await
    }

    async fn empty_and_delete(&self, aws: &Aws) -> Result<()> {
        if self.options.delete_data {
            self.empty(aws).await?;
        }
        let deleted = aws.s3.delete_bucket().bucket(self.bucket()).expected_bucket_owner(self.owner()).send().await;
        deleted.or_gone(format!("delete bucket {}", self.bucket()))
    }

    fn contents<'a>(&'a self, aws: &'a Aws) -> Contents<'a> {
        Contents::new(aws, self.bucket(), self.owner())
    }
}

/// The tags of a bucket: those of an expiry, and all others.
async fn parted_tags(
    aws: &Aws,
    names: &Names,
    zone: Zone,
) -> Result<(BTreeMap<String, String>, BTreeMap<String, String>)> {
    let (bucket, owner) = (names.bucket(zone), names.account.as_str());
    let tags = settings::Reads { s3: &aws.s3, bucket: &bucket, owner }.tags().await?;
    Ok(tags.into_iter().partition(|(key, _)| Expiry::is_tag(key)))
}

impl Resource for Bucket {
    type State = State;
    const TYPE: &'static str = "AWS::S3::Bucket";

    fn name(&self) -> String {
        steps::bucket(self.zone)
    }

    fn id(&self) -> Option<String> {
        Some(self.bucket())
    }

    fn arn(&self) -> Option<String> {
        Some(self.names.bucket_arn(self.zone))
    }

    fn desired(&self) -> State {
        State {
            encryption: Some(Encryption::with_key(self.key_arn.or_unknown())),
            event_bridge_enabled: self.options.event_bridge,
            lifecycle: self.options.lifecycle.rules(),
            object_lock: self.options.object_lock.clone(),
            object_ownership: Some(ObjectOwnership::BucketOwnerEnforced.to_string()),
            policy: Some(self.policy.value().into()),
            public_access_block: Some(PublicAccessBlock::ALL),
            replication: self.options.replication.as_ref().map(Replication::state),
            tags: self.own_tags(),
            versioning: Some(BucketVersioningStatus::Enabled.to_string()),
        }
    }

    async fn observe(&self, aws: &Aws) -> Result<Observed<State>> {
        let reads = settings::Reads { s3: &aws.s3, bucket: &self.bucket(), owner: self.owner() };
        // First whether it is there: of a bucket that is not, S3 says so to everybody, so that the other nine calls would say nothing
        // about what this identity may do, either.
        let (found, tags) = futures::join!(reads.find(), reads.tags());
        let tags = match found?.or_observed(&self.bucket(), tags)? {
            Ok(tags) => tags,
            Err(observed) => return Ok(observed),
        };
        let (encryption, event_bridge, lifecycle, object_lock, ownership, policy, public, replication, versioning) = futures::join!(
            reads.encryption(),
            reads.event_bridge(),
            reads.lifecycle(self.zone),
            reads.object_lock(),
            reads.ownership(),
            reads.policy_text(),
            reads.public_access_block(),
            self.replication(&reads),
            reads.versioning(),
        );
        let event_bridge = event_bridge?;
        let (lifecycle, rules_of_others) = lifecycle?;
        let policy = policy?.map(|policy| self.parted(&policy));
        let replication = replication?;
        let lifecycle_note = beside::note("lifecycle rules", &rules_of_others);
        let notes = [policy.as_ref().and_then(Parted::note), lifecycle_note, replication.note()];
        let state = State {
            encryption: encryption?,
            event_bridge_enabled: self.options.event_bridge.map(|_| event_bridge),
            lifecycle,
            object_lock: object_lock?,
            object_ownership: ownership?,
            policy: policy.map(|policy| policy.compared),
            public_access_block: public?,
            replication: replication.compared(self.options.replication.as_ref()),
            tags: self.seen(&tags),
            versioning: versioning?,
        };
        let begun = reads.is_begun(state.object_ownership.as_deref(), state.is_bare()).await?;
        let note = notes.into_iter().flatten().reduce(|all, note| format!("{all}; {note}"));
        Ok(Observed { note, ..Observed::present(state).begun(begun) })
    }

    async fn apply(&self, aws: &Aws, change: &Change) -> Result<()> {
        let bucket = self.bucket();
        let (writes, reads) = {
            let (s3, owner) = (&aws.s3, self.owner());
            (settings::Writes { s3, bucket: &bucket, owner }, settings::Reads { s3, bucket: &bucket, owner })
        };
        let is_new = change.creates() && self.create(aws).await?;
        // Closed first, then told about: a file must not land before it is safe. A new bucket is closed already,
        // and in some organizations nobody may touch that.
        if change.touches("/PublicAccessBlock") {
            self.configure(aws, async || {
                let is_closed = change.creates() && reads.public_access_block().await? == Some(PublicAccessBlock::ALL);
                if is_closed { Ok(()) } else { writes.public_access_block().await }
            })
            .await?;
        }
        if change.touches("/ObjectOwnership") && !change.creates() {
            self.configure(aws, async || writes.ownership().await).await?;
        }
        if change.touches("/Policy") {
            self.configure(aws, async || {
                // A new bucket has none.
                let found = if is_new { None } else { reads.policy_text().await? };
                let ours = self.policy.value();
                let policy = found.map_or_else(|| ours.clone(), |found| self.parted(&found).joined(&ours));
                self.put_policy(aws, &policy).await
            })
            .await?;
        }
        if change.touches("/Versioning") {
            self.configure(aws, async || self.put_versioning(aws).await).await?;
        }
        if change.touches("/Encryption") {
            self.configure(aws, async || writes.encryption(self.key_arn.or_unknown()).await).await?;
        }
        if change.touches("/Lifecycle") {
            self.configure(aws, async || {
                // A new bucket has none.
                let others = if is_new { vec![] } else { reads.harmless_rules(self.zone).await? };
                writes.lifecycle(&self.options.lifecycle, others).await
            })
            .await?;
        }
        let lock = self.options.object_lock.as_ref();
        if change.touches("/ObjectLock") && (lock.is_some() || !change.creates()) {
            self.configure(aws, async || writes.object_lock(lock).await).await?;
        }
        let declared = self.options.replication.as_ref();
        if change.touches("/Replication") && (declared.is_some() || !change.creates()) {
            self.configure(aws, async || {
                let found = self.replication(&reads).await?;
                writes.replication(found.joined(declared)?).await
            })
            .await?;
        }
        if change.touches("/Tags") && !change.creates() {
            let gone = change.tags_that_go().unwrap_or_default();
            self.configure(aws, async || self.put_tags(aws, &gone).await).await?;
        }
        if let Some(enabled) = self.options.event_bridge.filter(|_| change.touches("/EventBridgeEnabled")) {
            self.configure(aws, async || self.put_event_bridge(aws, enabled, is_new).await).await?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws) -> Result<()> {
        let bucket = self.bucket();
        let reads = settings::Reads { s3: &aws.s3, bucket: &bucket, owner: self.owner() };
        aws.eventually("S3 to see that the bucket is empty", PROPAGATION, async || {
            let error = match self.empty_and_delete(aws).await {
                Err(error) => error,
                deleted => return deleted,
            };
            match error.downcast_ref() {
                // Another run was faster, or this front end does not know a new bucket yet (truths S3).
                Some(refusal) if settings::is_without_bucket(refusal) && !reads.exists().await? => Ok(()),
                // It may seem full for a moment (truths S18), or something has landed since the guard looked.
                Some(refusal) if !self.options.delete_data && refusal.is(&["BucketNotEmpty"]) => {
                    // A `verify` that was killed may have had a file on its way.
                    let is_free = self.contents(aws).remove_canaries(self.zone).await?;
                    Err(if is_free { error } else { explained(&error).into() })
                }
                _ => Err(error),
            }
        })
        .await?;
        aws.until("S3 to remove the bucket", PROPAGATION, async || reads.exists().await, |exists| !exists)
            .await
            .map(drop)
    }

    fn permissions(&self) -> Vec<Permission> {
        let replicator = self.options.replication.as_ref().map(|it| it.role.as_str());
        permissions(&self.names.bucket_arn(self.zone), self.zone, replicator)
    }
}

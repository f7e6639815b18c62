//! A bucket's settings: what each is, how it is read and how it is written, in S3's own nouns.
//!
//! S3 says "not configured" with a code of its own for each setting (truths S7).

use crate::aws::{Answer, Kind, Refusal};
use crate::deploy::policy::Policy;
use crate::deploy::resource::Observed;
use crate::outcome::failure::Failure;
use anyhow::{Error, Result, bail};
use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::types::{
    BlockedEncryptionTypes, DefaultRetention, EncryptionType, LifecycleRule, MfaDeleteStatus, ObjectLockConfiguration,
    ObjectLockEnabled, ObjectLockRetentionMode, ObjectLockRule, ObjectOwnership, OwnershipControls,
    OwnershipControlsRule, PublicAccessBlockConfiguration, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// The default encryption of a bucket.
#[derive(Debug, PartialEq, Serialize)]
pub struct Encryption {
    #[serde(rename = "SSEAlgorithm")]
    pub(super) algorithm: String,
    #[serde(rename = "KMSMasterKeyID")]
    pub(super) key: Option<String>,
    #[serde(rename = "BucketKeyEnabled")]
    bucket_key: bool,
}

impl Encryption {
    /// SSE-KMS with the key, through a bucket key.
    #[must_use]
    pub fn with_key(key_arn: &str) -> Self {
        Self { algorithm: ServerSideEncryption::AwsKms.to_string(), key: Some(key_arn.into()), bucket_key: true }
    }
}

/// The four public-access blocks.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_excessive_bools, reason = "S3 has these four")]
pub struct PublicAccessBlock {
    block_public_acls: bool,
    block_public_policy: bool,
    ignore_public_acls: bool,
    restrict_public_buckets: bool,
}

impl PublicAccessBlock {
    /// All four on.
    pub const ALL: Self = Self {
        block_public_acls: true,
        block_public_policy: true,
        ignore_public_acls: true,
        restrict_public_buckets: true,
    };
}

/// The default retention of Object Lock.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ObjectLock {
    /// `GOVERNANCE` or `COMPLIANCE`.
    pub mode: String,
    /// For how many days.
    pub days: i32,
}

/// Reads of one bucket's settings.
pub struct Reads<'a> {
    /// The client.
    pub s3: &'a Client,
    /// The bucket's name.
    pub bucket: &'a str,
    /// The account that must own it: somebody else's bucket of that name is refused (truths S16).
    pub owner: &'a str,
}

/// A read whose setting may be missing. That the whole bucket is, is a refusal: a new bucket is known to
/// one front end and not yet to the next (truths S3), and tags that could not be read are not "no tags".
macro_rules! read {
    ($self:ident, $operation:ident, $what:literal) => {{
        let read = $self.s3.$operation().bucket($self.bucket).expected_bucket_owner($self.owner).send().await;
        read.or_none_if(is_unset, format!(concat!("read ", $what, " of bucket {}"), $self.bucket))
    }};
}

/// Whether a refusal says that a setting is missing (truths S7), and not its bucket.
pub(super) fn is_unset(refusal: &Refusal) -> bool {
    refusal.kind() == Kind::Absent && !is_without_bucket(refusal)
}

/// Whether a refusal says that the bucket is not there, or not known to whom was asked.
#[must_use]
pub fn is_without_bucket(refusal: &Refusal) -> bool {
    refusal.is(&["NoSuchBucket"])
}

/// What there is under a bucket's name.
#[derive(Debug)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// A bucket of this account and region.
    Ours,
    /// One that is not, as in "it …".
    Lost(String),
    /// One that this identity may not look at, or another account's: a HEAD has no words (truths S6).
    Denied,
}

impl Found {
    /// The tags where there is a bucket of this account and region, and what is observed where there is none. A read
    /// that was refused says which right is missing, unless it is that to the HEAD alone.
    ///
    /// # Errors
    /// This identity may not look.
    pub fn or_observed<S, T>(self, bucket: &str, tags: Result<T>) -> Result<Result<T, Observed<S>>> {
        match (self, tags) {
            (Self::Ours, tags) => tags.map(Ok),
            (Self::Nothing, _) => Ok(Err(Observed::absent())),
            (Self::Lost(why), _) => Ok(Err(Observed::lost(why))),
            (Self::Denied, Err(error)) if is_anothers(&error) => {
                Ok(Err(Observed::lost("it belongs to another account")))
            }
            (Self::Denied, Err(error)) if !error.downcast_ref().is_some_and(is_without_bucket) => Err(error),
            (Self::Denied, _) => bail!(Failure::refused(
                format!("look for bucket {bucket}"),
                "this identity may not look at it (HTTP 403)",
                "grant s3:ListBucket (`cvault policy` prints what is needed), then run the same command again",
            )),
        }
    }
}

/// Whether a read of a bucket was refused since the bucket is another account's: of one in this account S3 says
/// who may not do what, and which policy is missing.
#[must_use]
pub fn is_anothers(error: &Error) -> bool {
    error.downcast_ref::<Refusal>().is_some_and(|refusal| {
        let says_who = refusal.says("not authorized to perform");
        refusal.kind() == Kind::Denied && (!says_who || refusal.says("no resource-based policy allows"))
    })
}

/// Whether a refusal says that S3 does not know what it was sent. What came to one region this year comes to
/// others, and to other partitions, later, and each refuses in words of its own (truths S30).
#[must_use]
pub fn is_newer_than_s3(refusal: &Refusal) -> bool {
    refusal.is(&[
        "InvalidArgument",
        "InvalidRequest",
        "MalformedXML",
        "MethodNotAllowed",
        "NotImplemented",
        "UnsupportedArgument",
        "UnsupportedOperation",
    ])
}

impl Reads<'_> {
    /// What there is under the name.
    ///
    /// # Errors
    /// The call fails.
    pub async fn find(&self) -> Result<Found> {
        let head = self.s3.head_bucket().bucket(self.bucket).expected_bucket_owner(self.owner).send().await;
        let answer = head.as_ref().err().and_then(SdkError::raw_response);
        let region = answer.and_then(|answer| answer.headers().get("x-amz-bucket-region")).map(str::to_owned);
        match head.or_absent(format!("look for bucket {}", self.bucket)) {
            Ok(None) => Ok(Found::Nothing),
            Ok(Some(_)) => Ok(Found::Ours),
            Err(error) => match error.downcast_ref::<Refusal>().map(|refusal| refusal.status) {
                Some(301) => {
                    let region = region.map_or_else(String::new, |region| format!(", {region}"));
                    Ok(Found::Lost(format!("it is in another region{region}")))
                }
                Some(403) => Ok(Found::Denied),
                _ => Err(error),
            },
        }
    }

    /// Whether the bucket is there, for who has seen that it was.
    ///
    /// # Errors
    /// The call fails.
    pub async fn exists(&self) -> Result<bool> {
        let head = self.s3.head_bucket().bucket(self.bucket).expected_bucket_owner(self.owner).send().await;
        Ok(head.or_absent(format!("look for bucket {}", self.bucket))?.is_some())
    }

    /// The default encryption.
    ///
    /// # Errors
    /// The call fails.
    pub async fn encryption(&self) -> Result<Option<Encryption>> {
        let found = read!(self, get_bucket_encryption, "the encryption")?;
        let rule = found.and_then(|found| found.server_side_encryption_configuration?.rules.into_iter().next());
        Ok(rule.and_then(|rule| {
            let default = rule.apply_server_side_encryption_by_default?;
            Some(Encryption {
                algorithm: default.sse_algorithm.to_string(),
                key: default.kms_master_key_id,
                bucket_key: rule.bucket_key_enabled.unwrap_or_default(),
            })
        }))
    }

    /// Whether events go to EventBridge.
    ///
    /// # Errors
    /// The call fails.
    pub async fn event_bridge(&self) -> Result<bool> {
        let found = read!(self, get_bucket_notification_configuration, "the notifications")?;
        Ok(found.is_some_and(|found| found.event_bridge_configuration.is_some()))
    }

    /// The lifecycle rules as S3 has them.
    ///
    /// # Errors
    /// The call fails.
    pub(super) async fn lifecycle_rules(&self) -> Result<Vec<LifecycleRule>> {
        let found = read!(self, get_bucket_lifecycle_configuration, "the lifecycle")?;
        Ok(found.and_then(|found| found.rules).unwrap_or_default())
    }

    /// The default retention.
    ///
    /// # Errors
    /// The call fails.
    pub async fn object_lock(&self) -> Result<Option<ObjectLock>> {
        let found = read!(self, get_object_lock_configuration, "the object lock")?;
        let rule = found.and_then(|found| found.object_lock_configuration?.rule?.default_retention);
        Ok(rule.map(|retention| ObjectLock {
            mode: retention.mode.map(|mode| mode.to_string()).unwrap_or_default(),
            days: retention.days.or(retention.years.map(|years| years * 365)).unwrap_or_default(),
        }))
    }

    /// Whether versions can be locked, by default or one by one.
    ///
    /// # Errors
    /// The call fails.
    pub async fn has_object_lock(&self) -> Result<bool> {
        let found = read!(self, get_object_lock_configuration, "the object lock")?;
        Ok(found.is_some_and(|found| found.object_lock_configuration.is_some()))
    }

    /// Who owns what others put there.
    ///
    /// # Errors
    /// The call fails.
    pub async fn ownership(&self) -> Result<Option<String>> {
        let found = read!(self, get_bucket_ownership_controls, "the ownership")?;
        let rule = found.and_then(|found| found.ownership_controls?.rules.into_iter().next());
        Ok(rule.map(|rule| rule.object_ownership.to_string()))
    }

    /// The policy.
    ///
    /// # Errors
    /// The call fails.
    pub async fn policy(&self) -> Result<Option<Policy>> {
        Ok(self.policy_text().await?.map(|policy| Policy::parse(&policy)))
    }

    /// The policy as it stands there.
    ///
    /// # Errors
    /// The call fails.
    pub async fn policy_text(&self) -> Result<Option<String>> {
        Ok(read!(self, get_bucket_policy, "the policy")?.and_then(|found| found.policy))
    }

    /// The public-access blocks.
    ///
    /// # Errors
    /// The call fails.
    pub async fn public_access_block(&self) -> Result<Option<PublicAccessBlock>> {
        let found = read!(self, get_public_access_block, "the public-access block")?;
        Ok(found.and_then(|found| found.public_access_block_configuration).map(|block| PublicAccessBlock {
            block_public_acls: block.block_public_acls.unwrap_or_default(),
            block_public_policy: block.block_public_policy.unwrap_or_default(),
            ignore_public_acls: block.ignore_public_acls.unwrap_or_default(),
            restrict_public_buckets: block.restrict_public_buckets.unwrap_or_default(),
        }))
    }

    /// All tags.
    ///
    /// # Errors
    /// The call fails.
    pub async fn tags(&self) -> Result<BTreeMap<String, String>> {
        let found = read!(self, get_bucket_tagging, "the tags")?;
        let tags = found.map(|found| found.tag_set).unwrap_or_default();
        Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
    }

    /// `Enabled`, `Suspended`, or `None` when it never was.
    ///
    /// # Errors
    /// The call fails.
    pub async fn versioning(&self) -> Result<Option<String>> {
        Ok(self.versioning_and_mfa().await?.0)
    }

    /// The same, and whether a version is deleted by who has the root's device alone.
    ///
    /// # Errors
    /// The call fails.
    pub async fn versioning_and_mfa(&self) -> Result<(Option<String>, bool)> {
        let found = read!(self, get_bucket_versioning, "the versioning")?;
        let mfa = found.as_ref().is_some_and(|found| found.mfa_delete == Some(MfaDeleteStatus::Enabled));
        Ok((found.and_then(|found| found.status).map(|status| status.to_string()), mfa))
    }
}

/// Writes of one bucket's settings.
pub struct Writes<'a> {
    /// The client.
    pub s3: &'a Client,
    /// The bucket's name.
    pub bucket: &'a str,
    /// The account that must own it.
    pub owner: &'a str,
}

impl Writes<'_> {
    /// Turns all four public-access blocks on.
    ///
    /// # Errors
    /// The call fails.
    pub async fn public_access_block(&self) -> Result<()> {
        let all = PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .block_public_policy(true)
            .ignore_public_acls(true)
            .restrict_public_buckets(true)
            .build();
        let put = self.s3.put_public_access_block().bucket(self.bucket).expected_bucket_owner(self.owner);
        let put = put.public_access_block_configuration(all).send().await;
        put.or_refused(format!("close bucket {} to the public", self.bucket)).map(drop)
    }

    /// Makes the bucket's owner the owner of all that is put there.
    ///
    /// # Errors
    /// The call fails.
    pub async fn ownership(&self) -> Result<()> {
        let rule = OwnershipControlsRule::builder().object_ownership(ObjectOwnership::BucketOwnerEnforced).build()?;
        let put = self.s3.put_bucket_ownership_controls().bucket(self.bucket).expected_bucket_owner(self.owner);
        let put = put.ownership_controls(OwnershipControls::builder().rules(rule).build()?).send().await;
        put.or_refused(format!("set the ownership of bucket {}", self.bucket)).map(drop)
    }

    /// Encrypts by default with the key.
    ///
    /// # Errors
    /// The call fails.
    pub async fn encryption(&self, key_arn: &str) -> Result<()> {
        // New buckets refuse keys of the caller's own; a write without saying so may reset that
        // (truths S10). An S3 that does not know this cannot be told, and has nothing to reset (truths S30).
        let blocked = BlockedEncryptionTypes::builder().encryption_type(EncryptionType::SseC).build();
        match self.put_encryption(key_arn, Some(blocked)).await {
            Err(error) if error.downcast_ref().is_some_and(is_newer_than_s3) => {
                self.put_encryption(key_arn, None).await
            }
            put => put,
        }
    }

    async fn put_encryption(&self, key_arn: &str, blocked: Option<BlockedEncryptionTypes>) -> Result<()> {
        let default = ServerSideEncryptionByDefault::builder()
            .sse_algorithm(ServerSideEncryption::AwsKms)
            .kms_master_key_id(key_arn)
            .build()?;
        let rule = ServerSideEncryptionRule::builder()
            .apply_server_side_encryption_by_default(default)
            .bucket_key_enabled(true)
            .set_blocked_encryption_types(blocked)
            .build();
        let put = self.s3.put_bucket_encryption().bucket(self.bucket).expected_bucket_owner(self.owner);
        let configuration = ServerSideEncryptionConfiguration::builder().rules(rule).build()?;
        let put = put.server_side_encryption_configuration(configuration).send().await;
        put.or_refused(format!("encrypt bucket {}", self.bucket)).map(drop)
    }

    /// Sets the default retention, or removes it.
    ///
    /// # Errors
    /// The call fails.
    pub async fn object_lock(&self, lock: Option<&ObjectLock>) -> Result<()> {
        let rule = lock.map(|lock| {
            let retention = DefaultRetention::builder()
                .mode(ObjectLockRetentionMode::from(lock.mode.as_str()))
                .days(lock.days)
                .build();
            ObjectLockRule::builder().default_retention(retention).build()
        });
        let configuration =
            ObjectLockConfiguration::builder().object_lock_enabled(ObjectLockEnabled::Enabled).set_rule(rule).build();
        let put = self.s3.put_object_lock_configuration().bucket(self.bucket);
        let put = put.expected_bucket_owner(self.owner).object_lock_configuration(configuration).send().await;
        put.or_refused(format!("set the object lock of bucket {}", self.bucket)).map(drop)
    }
}

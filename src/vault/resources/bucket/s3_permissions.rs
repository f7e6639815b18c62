//! What a bucket of the vault needs of IAM.

use crate::deploy::permission::{Permission, Phase};
use crate::vault::names::Zone;

/// What reading a bucket's settings needs: IAM's names of the actions are not those of the calls.
pub(super) const READING: &[&str] = &[
    "s3:GetBucketNotification",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketOwnershipControls",
    "s3:GetBucketPolicy",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketTagging",
    "s3:GetBucketVersioning",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:ListBucket",
];
/// What making and setting it needs.
const WRITING: &[&str] = &[
    "s3:CreateBucket",
    "s3:PutBucketNotification",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketTagging",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:TagResource",
];

/// What the bucket of a zone needs, and with the role by which it is replicated.
pub(super) fn permissions(arn: &str, zone: Zone, replicator: Option<&str>) -> Vec<Permission> {
    let on = |phase, actions| Permission::new(phase, actions, [arn.to_owned()]);
    let objects = |actions| Permission::new(Phase::DeleteData, actions, [format!("{arn}/*")]);
    let mut permissions = vec![
        on(Phase::Observe, READING),
        on(Phase::Apply, WRITING),
        on(Phase::Delete, &["s3:DeleteBucket", "s3:ListBucketMultipartUploads", "s3:ListBucketVersions"]),
        on(Phase::DeleteData, &["s3:PutBucketPolicy"]),
        objects(&["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:DeleteObjectVersion"]),
        // To say until when a version is locked.
        objects(&["s3:GetObjectLegalHold", "s3:GetObjectRetention"]),
    ];
    match zone {
        // For `status`, which speaks of what nobody has judged.
        Zone::Ingress => permissions.push(on(Phase::Observe, &["s3:ListBucketVersions"])),
        // To see that nothing is held before another key is used.
        Zone::Analytics => permissions.push(on(Phase::Apply, &["s3:ListBucketVersions"])),
        // Also to remove a replication, or a retention, that is not declared any more.
        Zone::Vault => permissions.extend([
            on(Phase::Observe, &["s3:GetReplicationConfiguration"]),
            on(Phase::Apply, &["s3:PutBucketObjectLockConfiguration", "s3:PutReplicationConfiguration"]),
            // One that is kept does not expire.
            on(Phase::Delete, &["s3:PutBucketTagging"]),
        ]),
    }
    permissions.extend(replicator.map(|role| Permission::pass_role(role.to_owned(), "s3.amazonaws.com")));
    permissions
}

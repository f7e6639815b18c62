//! The actions that these policies may name, as the Service Authorization Reference has them. What
//! is misspelt in a policy is not refused by AWS: it just allows nothing.

use crate::simulator::wildcard;

/// What an action is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Bucket,
    Object,
    /// The one resource of its service that is here.
    Other,
    /// It has no resource: only `*` works.
    Nothing,
}

/// S3's actions on objects, and on buckets.
pub const OBJECT_ACTIONS: [&str; 37] = [
    "s3:AbortMultipartUpload",
    "s3:BypassGovernanceRetention",
    "s3:DeleteObject",
    "s3:DeleteObjectAnnotation",
    "s3:DeleteObjectTagging",
    "s3:DeleteObjectVersion",
    "s3:DeleteObjectVersionAnnotation",
    "s3:DeleteObjectVersionTagging",
    "s3:GetObject",
    "s3:GetObjectAcl",
    "s3:GetObjectAnnotation",
    "s3:GetObjectAttributes",
    "s3:GetObjectLegalHold",
    "s3:GetObjectRetention",
    "s3:GetObjectTagging",
    "s3:GetObjectVersion",
    "s3:GetObjectVersionAcl",
    "s3:GetObjectVersionForReplication",
    "s3:GetObjectVersionTagging",
    "s3:InitiateReplication",
    "s3:ListMultipartUploadParts",
    "s3:ObjectOwnerOverrideToBucketOwner",
    "s3:PutObject",
    "s3:PutObjectAcl",
    "s3:PutObjectAnnotation",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
    "s3:PutObjectTagging",
    "s3:PutObjectVersionAcl",
    "s3:PutObjectVersionAnnotation",
    "s3:PutObjectVersionTagging",
    "s3:ReplicateDelete",
    "s3:ReplicateObject",
    "s3:ReplicateObjectAnnotation",
    "s3:ReplicateTags",
    "s3:RestoreObject",
    "s3:UpdateObjectEncryption",
];
pub const BUCKET_ACTIONS: [&str; 14] = [
    "s3:CreateBucket",
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:GetBucketLocation",
    "s3:GetBucketPolicy",
    "s3:GetBucketVersioning",
    "s3:ListBucket",
    "s3:ListBucketMultipartUploads",
    "s3:ListBucketVersions",
    "s3:PutBucketNotification",
    "s3:PutBucketPolicy",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
];
pub const KMS_ACTIONS: [&str; 16] = [
    "kms:CancelKeyDeletion",
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:EnableKeyRotation",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:GetKeyPolicy",
    "kms:ListGrants",
    "kms:PutKeyPolicy",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion",
];
/// What a topic's policy may name (truths N4).
pub const TOPIC_ACTIONS: [&str; 8] = [
    "sns:AddPermission",
    "sns:DeleteTopic",
    "sns:GetTopicAttributes",
    "sns:ListSubscriptionsByTopic",
    "sns:Publish",
    "sns:RemovePermission",
    "sns:SetTopicAttributes",
    "sns:Subscribe",
];
/// What Step Functions needs to log: eight, without a resource. Its documentation has `PutLogEvents` too
/// (truths F4); but CloudWatch Logs itself delivers, by the policy that these let it have.
pub const LOG_DELIVERY: [&str; 8] = [
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
];
/// Macie's, of jobs and identifiers.
pub const MACIE_JOB_ACTIONS: [&str; 8] = [
    "macie2:CreateClassificationJob",
    "macie2:CreateCustomDataIdentifier",
    "macie2:DeleteCustomDataIdentifier",
    "macie2:DescribeClassificationJob",
    "macie2:GetCustomDataIdentifier",
    "macie2:TagResource",
    "macie2:UntagResource",
    "macie2:UpdateClassificationJob",
];
/// Those without a resource.
pub const MACIE_LISTS: [&str; 10] = [
    "macie2:ArchiveFindings",
    "macie2:DisableMacie",
    "macie2:EnableMacie",
    "macie2:GetClassificationExportConfiguration",
    "macie2:GetFindings",
    "macie2:GetMacieSession",
    "macie2:ListClassificationJobs",
    "macie2:ListCustomDataIdentifiers",
    "macie2:ListFindings",
    "macie2:PutClassificationExportConfiguration",
];
/// What Lambda needs of a function's role to connect it to a VPC, none of it with a resource.
pub const NETWORK_ACTIONS: [&str; 6] = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
];
/// Who waits is named by a token, so that there is no resource either.
const TASK_ANSWERS: [&str; 1] = ["states:SendTaskSuccess"];
const OTHERS: [&str; 19] = [
    "events:PutEvents",
    "iam:PassRole",
    "lambda:InvokeAsync",
    "lambda:InvokeFunction",
    "lambda:UpdateFunctionCode",
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:DeleteLogGroup",
    "logs:PutLogEvents",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:PurgeQueue",
    "sqs:ReceiveMessage",
    "sqs:SendMessage",
    "states:DescribeExecution",
    "states:StartExecution",
    "states:StopExecution",
    "sts:AssumeRole",
    "sts:TagSession",
];

/// Every action, once.
pub fn all() -> Vec<(&'static str, Level)> {
    let of = |actions: &'static [&'static str], level| actions.iter().map(move |action| (*action, level));
    of(&OBJECT_ACTIONS, Level::Object)
        .chain(of(&BUCKET_ACTIONS, Level::Bucket))
        .chain(of(&KMS_ACTIONS, Level::Other))
        .chain(of(&TOPIC_ACTIONS, Level::Other))
        .chain(of(&LOG_DELIVERY, Level::Nothing))
        .chain(of(&MACIE_JOB_ACTIONS, Level::Other))
        .chain(of(&MACIE_LISTS, Level::Nothing))
        .chain(of(&NETWORK_ACTIONS, Level::Nothing))
        .chain(of(&TASK_ANSWERS, Level::Nothing))
        .chain(of(&OTHERS, Level::Other))
        .collect()
}

/// What a policy's action means: itself, or all that its wildcard stands for.
pub fn matching(pattern: &str) -> Vec<(&'static str, Level)> {
    all().into_iter().filter(|(action, _)| wildcard(pattern, action)).collect()
}

/// What an action is about.
pub fn level(action: &str) -> Option<Level> {
    all().into_iter().find(|(known, _)| *known == action).map(|(_, level)| level)
}

//! AWS has answered, and refuses.

use super::shared::{CLOCK, NOT_ENABLED, ROLE, Row};

pub(super) const GRANT: &str =
    "grant the action to this identity (`cvault policy` prints what is needed), then run the same command again";
const TRUST_POLICY: &str =
    "the role's trust policy was changed or is blocked: run `cvault status` to see how, then `cvault up`";
const QUOTA: &str =
    "a quota of the account is reached: raise it in the Service Quotas console, then run the same command again";
const SIGN_IN_AGAIN: &str = "sign in again (`aws sso login`, or a new session); then run the same command again";
const NOT_SIGNED_UP: &str = "the account cannot use this service yet: finish its sign-up in the console, which may take a day, or enable \
    this region";
const UNSIGNED: &str = "the function's code signing configuration refuses what nobody has signed, and cvault's package is not \
    signed: let the configuration warn instead (`aws lambda update-code-signing-config --code-signing-config-arn ARN \
    --code-signing-policies UntrustedArtifactOnDeployment=Warn`), or name one that does in function.code_signing_config_arn; \
    layers that function.keep_layers keeps must be signed, too";
const THROTTLED: &str = "AWS was asked too often, by others too: run the same command again in a while";

/// Tried from top to bottom.
pub static ANSWERED: &[Row] = &[
    ("RequestTimeTooSkewed", &[], CLOCK),
    ("RequestExpired", &[], CLOCK),
    ("RequestInTheFuture", &[], CLOCK),
    ("", &["Signature expired"], CLOCK),
    ("", &["Signature not yet current"], CLOCK),
    ("", &["scoped to a valid region"], "the endpoint is another region's: check --region and AWS_ENDPOINT_URL"),
    (
        "AuthorizationHeaderMalformed",
        &[],
        "the bucket or endpoint is another region's: check --region and AWS_ENDPOINT_URL",
    ),
    (
        "SignatureDoesNotMatch",
        &[],
        "the secret key does not belong to the access key, or this machine's clock is wrong",
    ),
    ("InvalidSignature", &[], "the secret key does not belong to the access key, or this machine's clock is wrong"),
    ("ExpiredToken", &[], SIGN_IN_AGAIN),
    ("TokenRefreshRequired", &[], SIGN_IN_AGAIN),
    ("OptInRequired", &[], NOT_ENABLED),
    ("SubscriptionRequired", &[], NOT_SIGNED_UP),
    ("NotSignedUp", &[], NOT_SIGNED_UP),
    ("RegionDisabled", &[], NOT_ENABLED),
    (
        "IllegalLocationConstraint",
        &[],
        "the bucket's region is not the endpoint's, or not enabled: check --region and AWS_ENDPOINT_URL",
    ),
    ("InvalidLocationConstraint", &[], NOT_ENABLED),
    // Denied, by the type of the policy that does it: it says either "no … policy allows" or "explicit deny in a …".
    (
        "",
        &["service control policy"],
        "a service control policy of the organisation forbids it: ask who administers it",
    ),
    (
        "",
        &["resource control policy"],
        "a resource control policy of the organisation forbids it: ask who administers it",
    ),
    (
        "",
        &["permissions boundary"],
        "the permissions boundary of this identity does not allow it, whatever else is granted: ask who administers the account",
    ),
    (
        "",
        &["session policy"],
        "the policy of this session does not allow it: sign in without it, or with one that does (in GitHub Actions \
        inline-session-policy and managed-session-policies)",
    ),
    (
        "",
        &["VPC endpoint policy"],
        "the policy of the VPC endpoint that the call goes through does not allow it: ask who administers the network",
    ),
    ("", &["role trust policy"], ROLE),
    (
        "",
        &["resource-based policy"],
        "the resource's own policy forbids it, and granting does not help: run `cvault status` to see how it differs; if it is \
        as declared, choose another identity",
    ),
    (
        "",
        &["explicit deny in an identity-based policy"],
        "a policy of this identity denies it, and granting does not help: take the denial away, or choose another identity",
    ),
    ("", &["explicit deny"], "a policy denies it, and granting does not help: ask who administers the account"),
    (
        "",
        &["iam:PassRole"],
        "grant iam:PassRole on that role (`cvault policy` prints what is needed), then run the same command again",
    ),
    ("", &["cannot be assumed"], TRUST_POLICY),
    ("", &["authorized to assume"], TRUST_POLICY),
    (
        "",
        &["MultiFactorAuthentication"],
        "the code was wrong, or used before: wait for the next one; mfa_serial must be the ARN of this user's device",
    ),
    ("", &["sts:AssumeRole"], ROLE),
    (
        "",
        &["Log Destination"],
        "the orchestrator's role needs the log-delivery actions that definitions/policies/orchestrator.json lists; a boundary may take them away",
    ),
    (
        "",
        &["Logs Resource Policy size was exceeded"],
        "the region's resource policies of CloudWatch Logs are full (10 of them, 5,120 characters each), whatever the log \
        group's name: `aws logs describe-resource-policies` shows them; take entries of log groups that are gone out of \
        AWSLogDeliveryWrite20150319, or delete a policy that nobody needs",
    ),
    (
        "InvalidLoggingConfiguration",
        &[],
        "Step Functions cannot write to the log group: run `cvault status` to see how it differs, then `cvault up`",
    ),
    (
        "",
        &["KMS key does not exist or is not allowed"],
        "the key's policy must let CloudWatch Logs use it for this log group: run `cvault status` to see how it differs, then `cvault up`",
    ),
    (
        "",
        &["Macie is not enabled"],
        "Macie was disabled meanwhile: run the same command again, with --enable-macie if it is to be enabled",
    ),
    (
        "AccessDenied",
        &["Mfa Authentication"],
        "MFA delete is on for this bucket: its root user must turn it off (`aws s3api put-bucket-versioning --mfa …`); then run `cvault down` again",
    ),
    ("AccessDenied", &[], GRANT),
    ("AuthorizationError", &[], GRANT),
    ("NotAuthorized", &[], GRANT),
    (
        "BucketNotEmpty",
        &[],
        "something landed in it meanwhile: run `cvault down` again, with --delete-data to delete it too",
    ),
    ("BucketAlreadyExists", &[], "another account has a bucket of this name: choose another --stack or --id"),
    (
        "InvalidRequest",
        &["Destination bucket must"],
        "vault.replication.bucket has to be one that is there and keeps versions: make it, and switch that on (`aws s3api \
        put-bucket-versioning --bucket NAME --versioning-configuration Status=Enabled`); then run the same command again",
    ),
    (
        "InvalidRequest",
        &["same region as the destination"],
        "set vault.replication.kms_key to a key in the region of vault.replication.bucket",
    ),
    (
        "InvalidRequest",
        &["Object Lock enabled bucket"],
        "S3 replicates no bucket with Object Lock here without being asked: let AWS Support allow it, or take vault.replication away",
    ),
    (
        "InvalidRequest",
        &["configuration schema"],
        "rules of others on this bucket are of S3's first schema, beside which no other stands: let their owner give them a \
        Filter, a Priority and a DeleteMarkerReplication; then run the same command again",
    ),
    (
        "OperationAborted",
        &[],
        "AWS is still busy with this bucket's name; run the same command again in a while (after a deletion up to some hours)",
    ),
    (
        "QueueDeletedRecently",
        &[],
        "a queue's name is free again 60 seconds after its deletion; then run the same command again",
    ),
    (
        "StateMachineDeleting",
        &[],
        "the old state machine still has running executions; run the same command again when they have ended",
    ),
    ("Throttling", &[], THROTTLED),
    ("*Throttled", &[], THROTTLED),
    ("TooManyRequests", &[], THROTTLED),
    ("RequestLimitExceeded", &[], THROTTLED),
    ("SlowDown", &[], THROTTLED),
    ("CodeVerificationFailed", &[], UNSIGNED),
    ("InvalidCodeSignature", &[], UNSIGNED),
    ("", &["signature that the client is not configured to accept"], UNSIGNED),
    (
        "CodeSigningConfigNotFound",
        &[],
        "set function.code_signing_config_arn to one that `aws lambda list-code-signing-configs` shows, or leave it out",
    ),
    // Quotas, by the code of the service.
    (
        "TooManyBuckets",
        &[],
        "the account has as many buckets as it may (and the vault needs three): delete some, or raise \"General purpose \
        buckets\" in the Service Quotas console",
    ),
    (
        "TopicLimitExceeded",
        &[],
        "the account has as many topics in this region as it may: delete some, or raise the quota of SNS in the Service Quotas console",
    ),
    (
        "SubscriptionLimitExceeded",
        &[],
        "the topic has as many subscriptions as it may: remove some, or raise the quota of SNS in the Service Quotas console",
    ),
    (
        "",
        &["quota for RolesPerAccount"],
        "the account has as many roles as it may (and the vault needs four): delete some, or raise \"Roles per account\" in the Service Quotas console",
    ),
    (
        "",
        &["quota for ACLSizePerRole"],
        "the trust policy is too long for this account: raise \"Role trust policy length\" in the Service Quotas console",
    ),
    (
        "",
        &["Maximum policy size"],
        "the role's policies are too long together: remove inline policies that are not cvault's from the role",
    ),
    (
        "CodeStorageExceeded",
        &[],
        "the packages of all functions in this region take as much as they may: delete versions and functions that nobody needs, or raise \"Function and layer storage\" in the Service Quotas console",
    ),
    ("", &["'MemorySize'"], "new accounts get less memory for a function: raise it with AWS Support"),
    (
        "",
        &["UnreservedConcurrentExecution"],
        "the account has too few concurrent executions: raise \"Concurrent executions\" of Lambda in the Service Quotas console",
    ),
    (
        "StateMachineLimitExceeded",
        &[],
        "the region has as many state machines as it may: delete some, or raise \"Registered state machines\" in the Service Quotas console",
    ),
    (
        "ServiceQuotaExceeded",
        &[],
        "a quota is reached (of Macie's: remove custom data identifiers): raise it in the Service Quotas console, then run the same command again",
    ),
    ("*LimitExceeded", &[], QUOTA),
    ("OverLimit", &[], QUOTA),
];

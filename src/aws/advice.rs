//! What to do about what AWS refuses: its codes and words, and the advice for each.
//!
//! Rows are tried from top to bottom. Each stands for texts that AWS, or the SDK in its place, really
//! sends; `advice/tests.rs` has them.

use crate::outcome::failure::AGAIN;

/// A code (any, if empty; `*` before it stands for any beginning), parts of the message that must all be in
/// it, the advice.
pub(super) type Row = (&'static str, &'static [&'static str], &'static str);

const SIGN_IN: &str = "sign in with `aws sso login`, then run the same command again";
const GIVE_CREDENTIALS: &str = "give credentials: a profile (--profile or AWS_PROFILE; `aws configure sso` or `aws configure` makes one), or \
    AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role";
const CORRECT_PROFILE: &str =
    "correct the profile in ~/.aws/config; `aws configure list` shows what the AWS CLI makes of it";
const ENDPOINT: &str = "correct AWS_ENDPOINT_URL, as in http://127.0.0.1:4566, or unset it to reach AWS";
const CLOCK: &str =
    "this machine's clock is wrong: set it (`timedatectl set-ntp true`), then run the same command again";
const CERTIFICATE: &str = "the authority that signed the server's certificate is not known here: name its PEM file in \
    AWS_CA_BUNDLE; a company's proxy often has one of its own";
const SUBJECT: &str = "the role's trust policy does not let this run in: its `sub` must be that of this repository and \
    branch, and its `aud` sts.amazonaws.com (`cvault policy --oidc github --repo OWNER/NAME` prints one that does)";
const AUDIENCE: &str = "the token is for somebody else: ask for it with the audience sts.amazonaws.com, which the account's \
    OIDC provider must list";
const ROLE: &str = "the role's trust policy must let this identity assume it, and a policy of this identity must allow \
    sts:AssumeRole on it; where the trust policy wants MFA, add mfa_serial to the profile";
const GRANT: &str =
    "grant the action to this identity (`cvault policy` prints what is needed), then run the same command again";
const TRUST_POLICY: &str =
    "the role's trust policy was changed or is blocked: run `cvault status` to see how, then `cvault up`";
/// Nothing has answered.
pub(super) const NO_ANSWER: &str = "AWS did not answer in time: check the network; from behind a proxy set HTTPS_PROXY, in a subnet without internet make \
    endpoints for AWS's services";
const QUOTA: &str =
    "a quota of the account is reached: raise it in the Service Quotas console, then run the same command again";
const NOT_ENABLED: &str = "the account has not enabled this region: enable it (`aws account enable-region --region-name …`, \
    which takes minutes), or choose another --region";

/// Nobody has answered: no credentials, or no way to AWS.
pub(super) const UNANSWERED: &[Row] = &[
    ("", &["run was interrupted"], AGAIN),
    ("", &["no providers in chain"], GIVE_CREDENTIALS),
    ("", &["no credentials found in chain"], GIVE_CREDENTIALS),
    ("", &["IMDS"], GIVE_CREDENTIALS),
    ("", &["SSO token"], SIGN_IN),
    ("", &["sso/cache"], SIGN_IN),
    ("", &["Session token not found or invalid"], SIGN_IN),
    (
        "",
        &["ForbiddenException", "No access"],
        "this user has no such role there: correct sso_account_id and sso_role_name in ~/.aws/config, or ask who administers \
        IAM Identity Center",
    ),
    ("", &["sso-session"], CORRECT_PROFILE),
    ("", &["sso_account_id"], CORRECT_PROFILE),
    ("", &["invalid SSO config"], CORRECT_PROFILE),
    (
        "",
        &["login session"],
        "let the AWS CLI hand its session over: add a profile with `credential_process = aws configure export-credentials \
        --profile NAME --format process` to ~/.aws/config, and name it with --profile",
    ),
    ("", &["Login token"], "sign in with `aws login`, then run the same command again"),
    (
        "",
        &["external process"],
        "the profile's credential_process, or the AWS CLI for a session of `aws login`, must end well and print credentials as \
        JSON: run it by hand to see why not (`aws configure export-credentials`)",
    ),
    ("", &["AWS_ROLE_ARN"], "set AWS_ROLE_ARN beside AWS_WEB_IDENTITY_TOKEN_FILE"),
    ("", &["WebIdentityToken"], "AWS_WEB_IDENTITY_TOKEN_FILE must name a file with a token of OpenID Connect"),
    ("", &["Not authorized to perform sts:AssumeRoleWithWebIdentity"], SUBJECT),
    ("", &["Incorrect token audience"], AUDIENCE),
    (
        "",
        &["No OpenIDConnect provider found"],
        "the account has no provider for this issuer: create it in IAM (`aws iam create-open-id-connect-provider`), or check \
        that the role's account is the right one",
    ),
    (
        "",
        &["verification key"],
        "AWS could not read the issuer's keys: it must be reachable from the internet; try again",
    ),
    ("", &["InvalidIdentityToken"], AUDIENCE),
    ("", &["Token expired"], "the identity token has expired: ask for a new one, and run the command soon after"),
    ("", &["ExpiredToken"], "sign in again (`aws sso login`, or a new session); then run the same command again"),
    (
        "",
        &["MultiFactorAuthentication"],
        "the code was wrong, or used before: wait for the next one; mfa_serial must be the ARN of this user's device",
    ),
    ("", &["RegionDisabledException"], NOT_ENABLED),
    ("", &["sts:AssumeRole"], ROLE),
    ("", &["InvalidClientTokenId"], "the access key is unknown to AWS: check the profile or AWS_ACCESS_KEY_ID"),
    ("", &["Signature expired"], CLOCK),
    ("", &["Signature not yet current"], CLOCK),
    ("", &["was not defined"], CORRECT_PROFILE),
    ("", &["infinite loop"], CORRECT_PROFILE),
    ("", &["credential source"], CORRECT_PROFILE),
    ("", &["provider is not supported"], CORRECT_PROFILE),
    ("", &["did not contain credential information"], GIVE_CREDENTIALS),
    (
        "",
        &["environment variable not set"],
        "the profile takes its credentials from the environment: set AWS_ACCESS_KEY_ID \
        and AWS_SECRET_ACCESS_KEY",
    ),
    ("", &["credential provider was not enabled"], GIVE_CREDENTIALS),
    (
        "",
        &["loading credentials", "No such file"],
        "a file of the credentials is not there: check web_identity_token_file of the profile, or AWS_WEB_IDENTITY_TOKEN_FILE",
    ),
    (
        "",
        &["proxy authorization required"],
        "give the proxy's user and password: HTTPS_PROXY=http://user:password@host:port",
    ),
    ("", &["tunnel"], "the proxy does not connect to AWS: check HTTPS_PROXY, or name AWS's hosts in NO_PROXY"),
    ("", &["endpoint must contain scheme"], ENDPOINT),
    ("", &["endpoint is not a valid URI"], ENDPOINT),
    ("", &["UnknownIssuer"], CERTIFICATE),
    ("", &["CaUsedAsEndEntity"], CERTIFICATE),
    ("", &["certificate", "NotValidYet"], CLOCK),
    ("", &["certificate", "not valid yet"], CLOCK),
    ("", &["certificate", "expired"], "the server's certificate has expired, or this machine's clock is wrong"),
    (
        "",
        &["certificate", "not valid for"],
        "the endpoint is called by a name that its certificate does not have: correct AWS_ENDPOINT_URL",
    ),
    ("", &["invalid peer certificate"], CERTIFICATE),
    (
        "",
        &["InvalidContentType"],
        "the endpoint does not speak HTTPS: write http:// in AWS_ENDPOINT_URL or HTTPS_PROXY",
    ),
    (
        "",
        &["connection refused"],
        "nothing listens at the endpoint: check AWS_ENDPOINT_URL and HTTPS_PROXY, or unset them to reach AWS directly",
    ),
    (
        "",
        &["dns error", "fips"],
        "this service has no FIPS endpoint in this region: unset AWS_USE_FIPS_ENDPOINT, or choose another --region",
    ),
    (
        "",
        &["dns error", "api.aws"],
        "this service has no dual-stack endpoint in this region: unset AWS_USE_DUALSTACK_ENDPOINT",
    ),
    ("", &["dns error"], "check the region's name and the network; from behind a proxy set HTTPS_PROXY"),
    ("", &["unreachable"], "this machine has no way to AWS: check the network; from behind a proxy set HTTPS_PROXY"),
    ("", &["time"], NO_ANSWER),
    ("", &["credential"], "check the credentials: `aws sts get-caller-identity` must answer with the same profile"),
];

/// Why a chain of profiles cannot be used that begins with a session of `aws login`.
pub(super) const LOGIN_BEHIND_ANOTHER: &str =
    "the profile takes its credentials from one of `aws login`, and only the AWS CLI can follow such a chain";

/// The access key is not known to the very first call.
pub(super) const UNKNOWN_AT_ONCE: &str = "the access key is unknown to AWS: check the profile or AWS_ACCESS_KEY_ID; or the \
    account has not enabled this region";
/// It is known to STS, and not to another service.
pub(super) const UNKNOWN_LATER: &str = "STS knows the access key and this service does not: the account has not enabled this \
    region, or the session's token is not valid in it (take it from STS in this region, or in one that is always enabled); a \
    key made just now is known everywhere after a minute";
/// What an access key is called that is unknown.
pub(super) const UNKNOWN_KEY: &[&str] =
    &["InvalidClientTokenId", "UnrecognizedClient", "InvalidAccessKeyId", "InvalidToken"];

/// AWS has answered.
pub(super) const ANSWERED: &[Row] = &[
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
    ("ExpiredToken", &[], "sign in again (`aws sso login`, or a new session); then run the same command again"),
    ("TokenRefreshRequired", &[], "sign in again (`aws sso login`, or a new session); then run the same command again"),
    ("OptInRequired", &[], NOT_ENABLED),
    ("*OptInRequired", &[], NOT_ENABLED),
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
    ("", &["Not authorized to perform sts:AssumeRoleWithWebIdentity"], SUBJECT),
    ("", &["Incorrect token audience"], AUDIENCE),
    (
        "",
        &["iam:PassRole"],
        "grant iam:PassRole on the stack's roles (`cvault policy` prints what is needed), then run the same command again",
    ),
    ("", &["cannot be assumed"], TRUST_POLICY),
    ("", &["authorized to assume"], TRUST_POLICY),
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
    ("UnauthorizedOperation", &[], GRANT),
    (
        "BucketNotEmpty",
        &[],
        "something landed in it meanwhile: run `cvault down` again, with --delete-data to delete it too",
    ),
    ("BucketAlreadyExists", &[], "another account has a bucket of this name: choose another --stack or --id"),
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
    (
        "ConflictException",
        &["administrator"],
        "this account's Macie is managed by another account of the organisation: ask who administers it there",
    ),
    ("Throttling", &[], THROTTLED),
    ("Throttled", &[], THROTTLED),
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
        "a quota of Macie's is reached: remove custom data identifiers, or raise it in the Service Quotas console",
    ),
    ("*LimitExceeded", &[], QUOTA),
    ("*QuotaExceeded", &[], QUOTA),
    ("OverLimit", &[], QUOTA),
];

const UNSIGNED: &str = "the function's code signing configuration refuses what nobody has signed, and cvault's package is not \
    signed: let the configuration warn instead (`aws lambda update-code-signing-config --code-signing-config-arn ARN \
    --code-signing-policies UntrustedArtifactOnDeployment=Warn`), or name one that does in function.code_signing_config_arn; \
    layers that function.keep_layers keeps must be signed, too";
const THROTTLED: &str = "AWS was asked too often, by others too: run the same command again in a while";

/// The advice where there is nothing but the answer's status (truths S6).
pub(super) fn by_status(status: u16) -> &'static str {
    match status {
        400 => {
            "the credentials have most likely expired, or are another region's: sign in again (`aws sso login`, or a new \
            session); then run the same command again"
        }
        301 => "the bucket is in another region: choose another --stack or --id, or the region in which it is",
        401 | 403 => GRANT,
        407 => "give the proxy's user and password: HTTPS_PROXY=http://user:password@host:port",
        _ => AGAIN,
    }
}

#[cfg(test)]
mod tests;

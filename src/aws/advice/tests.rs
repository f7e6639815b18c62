//! Texts as AWS and the SDK send them, and a part of the advice that each must get.

use crate::aws::refusal::Refusal;
use crate::aws::{Kind, explained};

/// Code, status, text, and what the advice must say.
type Text = (&'static str, u16, &'static str, &'static str);

fn fix(what: &str, (code, status, message, _): &Text) -> String {
    let [what, code, message] = [what, *code, *message].map(str::to_owned);
    explained(&Refusal { what, code, message, status: *status }.into()).fix
}

fn all(texts: &[Text]) {
    for text in texts {
        let fix = fix("read topic x", text);
        assert!(fix.contains(text.3), "{}: {}\n{fix}", text.0, text.2);
    }
}

/// A denial of an action by a policy, in the words of IAM.
fn denied(by: &str) -> String {
    format!(
        "User: arn:aws:sts::123456789012:assumed-role/deployer/ci is not authorized to perform: sns:CreateTopic on resource: \
         arn:aws:sns:eu-west-1:123456789012:cyber_vault_notification-x {by}"
    )
}

#[test]
fn each_type_of_policy_has_its_own_advice() {
    let types = [
        ("service control policy", "organisation"),
        ("resource control policy", "organisation"),
        ("permissions boundary", "boundary of this identity"),
        ("session policy", "policy of this session"),
        ("VPC endpoint policy", "administers the network"),
        ("resource-based policy", "resource's own policy"),
        ("role trust policy", "trust policy must let"),
    ];
    for (kind, advice) in types {
        let implicit = match kind {
            "permissions boundary" => denied("because no permissions boundary allows the sns:CreateTopic action"),
            _ => denied(&format!("because no {kind} allows the sns:CreateTopic action")),
        };
        let article = if kind.starts_with(['a', 'e', 'i']) { "an" } else { "a" };
        let explicit = denied(&format!("with an explicit deny in {article} {kind}"));
        let with_arn = format!("{explicit}: arn:aws:organizations::987654321098:policy/o-qv5af4abcd/{kind}/p-2kgnabcd");
        for text in [implicit, explicit, with_arn] {
            for code in ["AccessDenied", "AccessDeniedException", "AuthorizationError"] {
                let refusal = Refusal { what: String::new(), code: code.into(), message: text.clone(), status: 403 };
                assert_eq!(refusal.kind(), Kind::Denied, "no wait helps: {text}");
                let fix = explained(&refusal.into()).fix;
                assert!(fix.contains(advice) && !fix.contains("grant the action"), "{text}: {fix}");
            }
        }
    }
    let of_identity = denied("because no identity-based policy allows the sns:CreateTopic action");
    let explicit = denied("with an explicit deny in an identity-based policy");
    for (text, advice) in [(of_identity, "grant the action"), (explicit, "granting does not help")] {
        let refusal = Refusal { what: String::new(), code: "AccessDenied".into(), message: text, status: 403 };
        assert!(explained(&refusal.into()).fix.contains(advice), "{advice}");
    }
}

#[test]
fn without_macie_is_a_way_out_of_every_denial_of_macies() {
    for by in [
        "with an explicit deny in a service control policy",
        "because no service control policy allows the macie2:GetMacieSession action",
        "because no identity-based policy allows the macie2:GetMacieSession action",
        "because no permissions boundary allows the macie2:GetMacieSession action",
    ] {
        let text = format!("User: arn:aws:iam::1:user/x is not authorized to perform: macie2:GetMacieSession {by}");
        let refusal = Refusal { what: String::new(), code: "AccessDeniedException".into(), message: text, status: 403 };
        assert!(explained(&refusal.into()).fix.contains("--macie off"), "{by}");
    }
}

#[test]
fn quotas() {
    all(&[
        ("TooManyBuckets", 400, "You have attempted to create more buckets than allowed", "General purpose"),
        ("TopicLimitExceeded", 403, "Topic limit exceeded", "quota of SNS"),
        ("TopicLimitExceededException", 403, "Topic limit exceeded", "quota of SNS"),
        ("SubscriptionLimitExceeded", 403, "Subscription limit exceeded", "quota of SNS"),
        ("LimitExceeded", 409, "Cannot exceed quota for RolesPerAccount: 1000", "Roles per account"),
        ("LimitExceeded", 409, "Cannot exceed quota for ACLSizePerRole: 2048", "Role trust policy length"),
        ("LimitExceeded", 409, "Maximum policy size of 10240 bytes exceeded for role cyber_vault-x", "inline policies"),
        ("LimitExceededException", 400, "Resource limit exceeded.", "Service Quotas"),
        ("LimitExceededException", 400, "The requested resource exceeds the maximum number allowed.", "Service Quotas"),
        ("CodeStorageExceededException", 400, "Code storage limit exceeded.", "Function and layer storage"),
        (
            "InvalidParameterValueException",
            400,
            "'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to 3008",
            "AWS Support",
        ),
        (
            "InvalidParameterValueException",
            400,
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its \
             minimum value of [10].",
            "Concurrent executions",
        ),
        ("StateMachineLimitExceeded", 400, "State Machine Limit Exceeded", "Registered state machines"),
        ("ServiceQuotaExceededException", 402, "", "Macie"),
        ("OverLimit", 403, "", "Service Quotas"),
        (
            "InvalidLoggingConfiguration",
            400,
            "Invalid Logging Configuration: The CloudWatch Logs Resource Policy size was exceeded. We suggest prefixing your \
             CloudWatch log group name with /aws/vendedlogs/states/.",
            "describe-resource-policies",
        ),
        // No quota: AWS is asked too often.
        ("ThrottlingException", 400, "Rate exceeded", "too often"),
        ("Throttling", 400, "Rate exceeded", "too often"),
        ("TooManyRequestsException", 429, "Rate exceeded", "too often"),
        ("RequestLimitExceeded", 503, "Request limit exceeded.", "too often"),
        ("SlowDown", 503, "Please reduce your request rate.", "too often"),
    ]);
}

#[test]
fn a_wrong_clock() {
    all(&[
        (
            "RequestTimeTooSkewed",
            403,
            "The difference between the request time and the current time is too large.",
            "clock",
        ),
        (
            "SignatureDoesNotMatch",
            403,
            "Signature expired: 20151221T200419Z is now earlier than 20151221T201450Z (20151221T201950Z - 5 min.)",
            "set it",
        ),
        (
            "InvalidSignatureException",
            400,
            "Signature not yet current: 20201002T065532Z is still later than 20201002T062118Z (20201002T061618Z + 5 min.)",
            "set it",
        ),
        ("RequestExpired", 400, "Request has expired.", "set it"),
        ("RequestInTheFuture", 400, "", "set it"),
        // It may be the clock, too.
        (
            "SignatureDoesNotMatch",
            403,
            "The request signature we calculated does not match the signature you provided.",
            "secret key",
        ),
        ("InvalidSignatureException", 400, "The request signature we calculated does not match", "secret key"),
        ("", 0, "invalid peer certificate: certificate not valid yet: verification time 1 (UNIX)", "clock"),
        ("", 0, "invalid peer certificate: NotValidYet", "clock"),
    ]);
}

#[test]
fn keys_and_regions_that_are_not_known() {
    let invalid = "The security token included in the request is invalid.";
    let texts = [
        ("InvalidClientTokenId", 403, invalid, ""),
        ("UnrecognizedClientException", 400, "The security token included in the request is invalid", ""),
        ("InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records.", ""),
        ("InvalidToken", 400, "The provided token is malformed or otherwise invalid.", ""),
    ];
    for text in texts {
        let [first, later] = ["ask who we are on AWS", "read topic x"].map(|what| fix(what, &text));
        assert!(first.contains("check the profile") && first.contains("not enabled this region"), "{first}");
        assert!(later.starts_with("STS knows the access key") && !later.contains("check the profile"), "{later}");
    }
    all(&[
        ("OptInRequired", 403, "The AWS Access Key Id needs a subscription for the service", "enable-region"),
        (
            "RegionDisabledException",
            403,
            "STS is not activated in this region for account: 123456789012.",
            "enable-region",
        ),
        (
            "SignatureDoesNotMatch",
            403,
            "Credential should be scoped to a valid region, not 'eu-west-1'.",
            "another region's",
        ),
        (
            "AuthorizationHeaderMalformed",
            400,
            "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'",
            "another region's",
        ),
        (
            "IllegalLocationConstraintException",
            400,
            "The me-south-1 location constraint is incompatible for the region specific endpoint this request was sent to.",
            "region",
        ),
    ]);
}

#[test]
fn sessions_and_identity_tokens() {
    all(&[
        ("ExpiredToken", 403, "The security token included in the request is expired", "aws sso login"),
        ("ExpiredTokenException", 400, "The security token included in the request is expired", "aws sso login"),
        ("", 400, "", "sign in again"),
        ("", 403, "", "grant the action"),
        ("", 301, "", "another region"),
        ("", 407, "", "HTTPS_PROXY"),
        ("", 502, "<html>", "run the same command again"),
        (
            "",
            0,
            "an error occurred while loading an access token: failed to load the cached SSO token",
            "`aws sso login`",
        ),
        ("", 0, "the SSO token has expired and cannot be refreshed", "`aws sso login`"),
        ("", 0, "missing field `accessToken` in cached SSO token file", "`aws sso login`"),
        (
            "",
            0,
            "failed to read `/home/x/.aws/sso/cache/3947.json`: No such file or directory (os error 2)",
            "`aws sso login`",
        ),
        ("", 0, "UnauthorizedException: Session token not found or invalid", "`aws sso login`"),
        ("", 0, "ForbiddenException: No access", "sso_role_name"),
        (
            "",
            0,
            "ProfileFile provider could not be built: This behavior requires following cargo feature(s) enabled: \
             credentials-login. In order to use an active login session, the `credentials-login` feature must be enabled.",
            "export-credentials",
        ),
        ("", 0, "sso-session named `nope` (referenced by profile `x`) was not found", "correct the profile"),
        ("", 0, "profile `x` has invalid SSO config: if `sso_region` is set", "correct the profile"),
        (
            "",
            0,
            "Error retrieving credentials: external process exited with code exit status: 3. Stderr: bad",
            "by hand",
        ),
        (
            "",
            0,
            "Error retrieving credentials from external process, could not parse response: invalid JSON in response",
            "by hand",
        ),
        ("", 0, "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity", "`sub`"),
        ("", 0, "InvalidIdentityToken: Incorrect token audience", "sts.amazonaws.com"),
        (
            "",
            0,
            "InvalidIdentityToken: No OpenIDConnect provider found in your account for \
             https://token.actions.githubusercontent.com",
            "create-open-id-connect-provider",
        ),
        (
            "",
            0,
            "InvalidIdentityToken: Couldn't retrieve verification key from your identity provider, please reference \
             AssumeRoleWithWebIdentity documentation for requirements",
            "reachable",
        ),
        (
            "",
            0,
            "ExpiredTokenException: Token expired: current date/time 1 must be before the expiration date/time 0",
            "new one",
        ),
        ("", 0, "an error occurred while loading credentials: No such file or directory (os error 2)", "web_identity"),
        (
            "",
            0,
            "AccessDenied: User: arn:aws:iam::1:user/x is not authorized to perform: sts:AssumeRole on resource: \
             arn:aws:iam::2:role/y",
            "trust policy must let",
        ),
        (
            "",
            0,
            "AccessDenied: MultiFactorAuthentication failed with invalid MFA one time pass code.",
            "wait for the next one",
        ),
        ("", 0, "RegionDisabledException: STS is not activated in this region for account:1", "enable-region"),
    ]);
}

#[test]
fn no_credentials() {
    all(&[
        (
            "",
            0,
            "the credential provider was not enabled: no credentials found in chain. Attempted:\n  Environment: the credential \
             provider was not enabled: environment variable not set\n  WebIdentityToken: the credential provider was not \
             enabled: $AWS_WEB_IDENTITY_TOKEN_FILE was not set\n  Ec2InstanceMetadata: IMDS disabled",
            "--profile",
        ),
        ("", 0, "no providers in chain provided credentials", "AWS_ACCESS_KEY_ID"),
        (
            "",
            0,
            "an error occurred while loading credentials: failed to load IMDS session token: request forbidden: IMDS is \
             disabled or the caller has insufficient permissions.",
            "AWS_ACCESS_KEY_ID",
        ),
        ("", 0, "the credential provider was not enabled", "AWS_ACCESS_KEY_ID"),
        (
            "",
            0,
            "the credential provider was not enabled: profile `gone` was not defined: could not find source profile gone",
            "correct the profile",
        ),
        ("", 0, "the credential provider was not enabled: environment variable not set", "from the environment"),
        (
            "",
            0,
            "profile formed an infinite loop. first we loaded [\"a\"], then attempted to reload a",
            "correct the profile",
        ),
        ("", 0, "invalid credential source in `half`: profile missing aws_secret_access_key", "correct the profile"),
        ("", 0, "profile referenced `Nowhere` provider but that provider is not supported", "correct the profile"),
        ("", 0, "profile `x` did not contain credential information", "AWS_ACCESS_KEY_ID"),
    ]);
}

#[test]
fn no_way_to_aws() {
    all(&[
        ("", 0, "client error (Connect): invalid peer certificate: UnknownIssuer", "AWS_CA_BUNDLE"),
        (
            "",
            0,
            "invalid peer certificate: certificate not valid for name \"localhost\"; it is only valid for x",
            "name",
        ),
        ("", 0, "invalid peer certificate: certificate expired: verification time 1 (UNIX)", "has expired"),
        ("", 0, "received corrupt message of type InvalidContentType", "http://"),
        ("", 0, "failed to apply endpoint `127.0.0.1:4566`: endpoint must contain scheme", "http://127.0.0.1:4566"),
        ("", 0, "failed to apply endpoint `http://`: endpoint is not a valid URI: empty string", "AWS_ENDPOINT_URL"),
        ("", 0, "tcp connect error: Connection refused (os error 111)", "nothing listens"),
        ("", 0, "dns error: failed to lookup address information: Name or service not known", "region's name"),
        ("", 0, "tcp connect error: Network is unreachable (os error 101)", "HTTPS_PROXY"),
        ("", 0, "tunnel error: proxy authorization required", "user and password"),
        ("", 0, "tunnel error: unsuccessful", "NO_PROXY"),
        ("", 0, "HTTP connect error: connection timed out after 5 s", "in time"),
        ("", 0, "operation attempt timeout (single attempt) occurred after 60s", "in time"),
    ]);
}

#[test]
fn a_package_that_nobody_has_signed() {
    let text = "Lambda cannot deploy the function. The function or layer might be signed using a signature that the client is \
                not configured to accept. Check the provided signature for cyber_vault-626fa970.";
    let damaged = "The code signature failed the integrity check. If the integrity check fails, then Lambda blocks deployment, \
                   even if the code signing policy is set to WARN.";
    all(&[
        ("CodeVerificationFailedException", 400, text, "UntrustedArtifactOnDeployment=Warn"),
        ("InvalidParameterValueException", 400, text, "UntrustedArtifactOnDeployment=Warn"),
        ("InvalidCodeSignatureException", 400, damaged, "not signed"),
        (
            "CodeSigningConfigNotFoundException",
            404,
            "The code signing configuration cannot be found.",
            "list-code-signing-configs",
        ),
    ]);
}

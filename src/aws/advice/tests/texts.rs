//! What AWS really says, and what the SDK says in its place: each text with where it is from.

/// Code, status, text, and a part of the advice that it must get.
pub(super) type Text = (&'static str, u16, &'static str, &'static str);

/// Of a call that was not answered: what STS and the portal have said to the SDK, and what it says itself.
pub(super) const UNANSWERED: &[(&str, &[Text])] = &[
    ("src/aws/gate.rs", &[("", 0, "user error: the run was interrupted", "run the same command again")]),
    (
        "aws-config 1.13: meta/mod.rs",
        &[(
            "",
            0,
            "the credential provider was not enabled: no credentials found in chain. Attempted:\n  Environment: the credential \
             provider was not enabled: environment variable not set\n  Profile: the credential provider was not enabled\n  \
             WebIdentityToken: the credential provider was not enabled: $AWS_WEB_IDENTITY_TOKEN_FILE was not set\n  \
             EcsContainer: the credential provider was not enabled: ECS provider not configured\n  Ec2InstanceMetadata: the \
             credential provider was not enabled: IMDS disabled by AWS_EC2_METADATA_DISABLED env var set to `true`",
            "--profile",
        )],
    ),
    (
        "aws-config 1.13: web_identity_token.rs",
        &[
            (
                "",
                0,
                "the credential provider was not enabled: no credentials found in chain. Attempted:\n  Environment: the \
                 credential provider was not enabled: environment variable not set\n  WebIdentityToken: the credential provider \
                 was not enabled: AWS_ROLE_ARN environment variable must be set",
                "set AWS_ROLE_ARN beside",
            ),
            ("", 0, "unexpected credentials error: WebIdentityToken was not valid UTF-8", "OpenID Connect"),
            (
                "",
                0,
                "an error occurred while loading credentials: no such file or directory",
                "web_identity_token_file",
            ),
        ],
    ),
    (
        "aws-config 1.13: profile/credentials.rs and profile/credentials/",
        &[
            (
                "",
                0,
                "the credential provider was not enabled: no credentials found in chain. Attempted:\n  Environment: the \
                 credential provider was not enabled: environment variable not set\n  Profile: the credential provider was not \
                 enabled: profile `gone` was not defined: could not find source profile gone referenced from the root profile\n  \
                 WebIdentityToken: the credential provider was not enabled: $AWS_WEB_IDENTITY_TOKEN_FILE was not set",
                "correct the profile",
            ),
            (
                "",
                0,
                "the credential provider was not enabled: selected profile will resolve an access token instead of credentials \
                 since it doesn't have `sso_account_id` and `sso_role_name` set. Specify both `sso_account_id` and \
                 `sso_role_name` to let this profile resolve credentials.",
                "correct the profile",
            ),
            (
                "",
                0,
                "the credentials provider was not properly configured: ProfileFile provider could not be built: This behavior \
                 requires following cargo feature(s) enabled: credentials-login. In order to use an active login session, the \
                 `credentials-login` feature must be enabled.",
                "export-credentials",
            ),
            (
                "",
                0,
                "the credentials provider was not properly configured: ProfileFile provider could not be built: sso-session \
                 named `nope` (referenced by profile `x`) was not found",
                "correct the profile",
            ),
            (
                "",
                0,
                "the credentials provider was not properly configured: ProfileFile provider could not be built: profile `x` has \
                 invalid SSO config: `sso_region` can only be specified in the [sso-session] config when a session name is given",
                "correct the profile",
            ),
            (
                "",
                0,
                "the credentials provider was not properly configured: ProfileFile provider could not be built: profile formed \
                 an infinite loop. first we loaded [\"a\"], then attempted to reload a",
                "correct the profile",
            ),
            (
                "",
                0,
                "the credentials provider was not properly configured: ProfileFile provider could not be built: invalid \
                 credential source in `half`: profile missing aws_secret_access_key",
                "correct the profile",
            ),
            (
                "",
                0,
                "the credentials provider was not properly configured: ProfileFile provider could not be built: profile \
                 referenced `Nowhere` provider but that provider is not supported",
                "correct the profile",
            ),
            (
                "",
                0,
                "the credential provider was not enabled: environment variable not set",
                "takes its credentials from the environment",
            ),
            ("", 0, "the credential provider was not enabled", "AWS_ACCESS_KEY_ID"),
        ],
    ),
    (
        "aws-config 1.13: imds/",
        &[
            (
                "",
                0,
                "an error occurred while loading credentials: the credential provider was not enabled: IMDS disabled by \
                 AWS_EC2_METADATA_DISABLED env var set to `true`",
                "unset AWS_EC2_METADATA_DISABLED",
            ),
            (
                "",
                0,
                "an error occurred while loading credentials: failed to load IMDS session token: request forbidden: IMDS is \
                 disabled or the caller has insufficient permissions.",
                "AWS_ACCESS_KEY_ID",
            ),
        ],
    ),
    (
        "aws-config 1.13: http_credential_provider.rs and ecs.rs",
        &[
            (
                "",
                0,
                "an error occurred while loading credentials: Non-success status from HTTP credential provider: StatusCode(403)",
                "the task's role",
            ),
            (
                "",
                0,
                "the credentials provider was not properly configured: invalid full URI for ECS provider (URI did not refer to \
                 an allowed IP address): http://example.com/",
                "AWS_CONTAINER_CREDENTIALS_*_URI",
            ),
            (
                "",
                0,
                "the credentials provider was not properly configured: the auth token could not be used as an HTTP header \
                 value. failed to parse header value",
                "authorization token",
            ),
        ],
    ),
    (
        "aws-config 1.13: sso/",
        &[
            (
                "",
                0,
                "an error occurred while loading an access token: failed to load the cached SSO token",
                "`aws sso login`",
            ),
            ("", 0, "the SSO token has expired and cannot be refreshed", "`aws sso login`"),
            ("", 0, "missing field `accessToken` in cached SSO token file", "`aws sso login`"),
            ("", 0, "failed to read `/home/x/.aws/sso/cache/3947.json`: no such file or directory", "`aws sso login`"),
            ("", 0, "unexpected credentials error: SSO did not return credentials", "get-caller-identity"),
        ],
    ),
    (
        "the portal of IAM Identity Center: aws-sdk-sso 1.119, GetRoleCredentials",
        &[
            ("", 0, "UnauthorizedException: Session token not found or invalid", "`aws sso login`"),
            ("", 0, "ForbiddenException: No access", "sso_role_name"),
        ],
    ),
    (
        "aws-config 1.13: credential_process.rs, with what sh and dash say",
        &[
            (
                "",
                0,
                "an error occurred while loading credentials: Error retrieving credentials: external process exited with code \
                 exit status: 127. Stderr: sh: 1: aws: not found\n",
                "install the AWS CLI",
            ),
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
        ],
    ),
    (
        "STS, AssumeRoleWithWebIdentity: aws-actions/configure-aws-credentials issues 357 and 762, amazon-eks-irsa-cfn 18, \
         repost.aws/knowledge-center/iam-sts-invalididentitytoken",
        &[
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
                "InvalidIdentityToken: OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
                "thumbprint",
            ),
            (
                "",
                0,
                "ExpiredTokenException: Token expired: current date/time 1 must be before the expiration date/time 0",
                "new one",
            ),
        ],
    ),
    (
        "the model of STS, InvalidIdentityTokenException",
        &[(
            "",
            0,
            "InvalidIdentityToken: The web identity token that was passed could not be validated by Amazon Web Services. Get a \
             new identity token from the identity provider and then retry the request.",
            "ask for a new one",
        )],
    ),
    (
        "STS, AssumeRole, as the Common Errors of its reference and IAM's guide have them",
        &[
            (
                "",
                0,
                "AccessDenied: User: arn:aws:iam::1:user/x is not authorized to perform: sts:AssumeRole on resource: \
                 arn:aws:iam::2:role/y",
                "trust policy must let",
            ),
            ("", 0, "ExpiredToken: The security token included in the request is expired", "sign in again"),
            ("", 0, "InvalidClientTokenId: The security token included in the request is invalid.", "unknown to AWS"),
            (
                "",
                0,
                "SignatureDoesNotMatch: Signature expired: 20151221T200419Z is now earlier than 20151221T201450Z \
                 (20151221T201950Z - 5 min.)",
                "set it",
            ),
            (
                "",
                0,
                "SignatureDoesNotMatch: Signature not yet current: 20201002T065532Z is still later than 20201002T062118Z \
                 (20201002T061618Z + 5 min.)",
                "set it",
            ),
            ("", 0, "RegionDisabledException: STS is not activated in this region for account:1", "enable-region"),
        ],
    ),
    (
        "rustls 0.23 and webpki 0.103: error.rs; rigelminer/rigel issue 130, rust-lang/rustup issue 4233",
        &[
            ("", 0, "aws.test cannot be reached: invalid peer certificate: UnknownIssuer", "AWS_CA_BUNDLE"),
            (
                "",
                0,
                "aws.test cannot be reached: invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))",
                "signed by that authority",
            ),
            (
                "",
                0,
                "aws.test cannot be reached: invalid peer certificate: Other(OtherError(NameConstraintViolation))",
                "cannot be used",
            ),
            (
                "",
                0,
                "aws.test cannot be reached: invalid peer certificate: certificate not valid for name \"localhost\"; certificate \
                 is only valid for DnsName(\"x\")",
                "name",
            ),
            (
                "",
                0,
                "aws.test cannot be reached: invalid peer certificate: certificate expired: verification time 3 (UNIX), but \
                 certificate is not valid after 1 (2 seconds ago)",
                "has expired",
            ),
            (
                "",
                0,
                "aws.test cannot be reached: invalid peer certificate: certificate not valid yet: verification time 1 (UNIX), but \
                 certificate is not valid before 3 (2 seconds in future)",
                "clock",
            ),
            ("", 0, "aws.test cannot be reached: received corrupt message of type InvalidContentType", "http://"),
        ],
    ),
    (
        "aws-smithy-runtime and http 1: the endpoint",
        &[
            ("", 0, "failed to apply endpoint `127.0.0.1:4566`: endpoint must contain scheme", "http://127.0.0.1:4566"),
            (
                "",
                0,
                "failed to apply endpoint `http://`: endpoint is not a valid URI: empty string",
                "AWS_ENDPOINT_URL",
            ),
        ],
    ),
    (
        "hyper-util 0.1.21: client/legacy/connect/, with what Linux and glibc say",
        &[
            ("", 0, "127.0.0.1:9 cannot be reached: connection refused", "HTTP_PROXY for http://"),
            (
                "",
                0,
                "sts-fips.eu-central-1.amazonaws.com cannot be reached: dns error: failed to lookup address information: Name or \
                 service not known",
                "AWS_USE_FIPS_ENDPOINT",
            ),
            (
                "",
                0,
                "macie2.eu-central-1.api.aws cannot be reached: dns error: failed to lookup address information: Name or service \
                 not known",
                "AWS_USE_DUALSTACK_ENDPOINT",
            ),
            (
                "",
                0,
                "sts.eu-west-1.amazonaws.com cannot be reached: dns error: failed to lookup address information: Temporary \
                 failure in name resolution",
                "region's name",
            ),
            ("", 0, "sts.eu-west-1.amazonaws.com cannot be reached: network is unreachable", "HTTPS_PROXY"),
            ("", 0, "aws.test cannot be reached: tunnel error: proxy authorization required", "user and password"),
            ("", 0, "aws.test cannot be reached: tunnel error: unsuccessful", "NO_PROXY"),
        ],
    ),
    (
        "aws-smithy-runtime and aws-smithy-http-client: timeouts",
        &[
            ("", 0, "sts.eu-west-1.amazonaws.com cannot be reached: HTTP connect timeout occurred after 5s", "in time"),
            ("", 0, "operation attempt timeout (single attempt) occurred after 60s", "in time"),
        ],
    ),
];

/// Of a call that was answered.
pub(super) const ANSWERED: &[(&str, &[Text])] = &[
    (
        "IAM's guide: Troubleshoot access denied error messages",
        &[
            (
                "AccessDenied",
                403,
                "User: arn:aws:iam::777788889999:user/JohnDoe is not authorized to perform: codecommit:ListRepositories because \
                 no service control policy allows the codecommit:ListRespositories action",
                "organisation",
            ),
            (
                "AccessDenied",
                403,
                "User: arn:aws:iam::123456789012:user/John is not authorized to perform: s3:PutObject on resource: \
                 arn:aws:s3:::x because no resource control policy allows the s3:PutObject action",
                "organisation",
            ),
            (
                "AccessDeniedException",
                403,
                "User: arn:aws:iam::777788889999:user/MaryMajor is not authorized to perform: macie2:GetMacieSession because no \
                 permissions boundary allows the macie2:GetMacieSession action",
                "--macie off",
            ),
            (
                "AccessDenied",
                403,
                "User: arn:aws:iam::123456789012:user/x is not authorized to perform: sns:CreateTopic because no session policy \
                 allows the sns:CreateTopic action",
                "policy of this session",
            ),
            (
                "AccessDenied",
                403,
                "User: arn:aws:iam::123456789012:user/John is not authorized to perform: codedeploy:ListDeployments on resource: \
                 arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:* because no VPC endpoint policy allows the \
                 codedeploy:ListDeployments action",
                "administers the network",
            ),
            (
                "AccessDenied",
                403,
                "User: arn:aws:iam::777788889999:user/JohnDoe is not authorized to perform: sts:AssumeRole because no role trust \
                 policy allows the sts:AssumeRole action",
                "trust policy must let",
            ),
            (
                "AccessDenied",
                403,
                "User: arn:aws:iam::123456789012:user/x is not authorized to perform: s3:ListBucket on resource: \
                 \"arn:aws:s3:::x\" with an explicit deny in a resource-based policy",
                "resource's own policy",
            ),
            (
                "AccessDenied",
                403,
                "User: arn:aws:iam::777788889999:user/JohnDoe is not authorized to perform: codecommit:ListRepositories on \
                 resource: * with an explicit deny in an identity-based policy",
                "granting does not help",
            ),
            (
                "AccessDenied",
                403,
                "User: arn:aws:iam::777788889999:user/JohnDoe is not authorized to perform: codecommit:ListRepositories because \
                 no identity-based policy allows the codecommit:ListRepositories action",
                "grant the action",
            ),
            (
                "AccessDenied",
                403,
                "User: arn:aws:iam::123456789012:user/x is not authorized to perform: iam:PassRole on resource: \
                 arn:aws:iam::123456789012:role/cyber_vault-x because no identity-based policy allows the iam:PassRole action",
                "grant iam:PassRole",
            ),
        ],
    ),
    (
        "cloud-custodian issue 4736",
        &[(
            "AccessDeniedException",
            403,
            "User: arn:aws:iam::1111111111:user/USERNAME is not authorized to perform: lambda:GetFunction on resource: \
             arn:aws:lambda:us-east-1:11111111111:function:x with an explicit deny",
            "administers the account",
        )],
    ),
    (
        "the Common Errors of AWS's references, and SNS's own AuthorizationError",
        &[
            ("NotAuthorized", 400, "You do not have permission to perform this action.", "grant the action"),
            (
                "AuthorizationError",
                403,
                "User: arn:aws:iam::123456789012:user/x is not authorized to perform: SNS:CreateTopic on resource: \
                 arn:aws:sns:eu-west-1:123456789012:x because no identity-based policy allows the SNS:CreateTopic action",
                "grant the action",
            ),
            ("RequestExpired", 400, "Request has expired.", "set it"),
            ("OptInRequired", 403, "The AWS Access Key Id needs a subscription for the service", "enable-region"),
        ],
    ),
    (
        "STS, AssumeRole with a code: aws-vault issue 676",
        &[
            (
                "AccessDenied",
                403,
                "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid \
                 and associated with this user.",
                "wait for the next one",
            ),
            (
                "AccessDenied",
                403,
                "User: arn:aws:iam::1:user/x is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::2:role/y",
                "trust policy must let",
            ),
            (
                "RegionDisabledException",
                403,
                "STS is not activated in this region for account: 123456789012.",
                "enable-region",
            ),
        ],
    ),
    (
        "fargatecli issue 38, webiny-js issue 1517",
        &[
            (
                "SubscriptionRequiredException",
                400,
                "The AWS Access Key Id needs a subscription for the service",
                "finish its sign-up",
            ),
            (
                "NotSignedUp",
                403,
                "Your account is not signed up for the S3 service. You must sign up before you can use S3.",
                "finish its sign-up",
            ),
        ],
    ),
    (
        "IAM's guide: Troubleshoot signed requests",
        &[
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
            (
                "SignatureDoesNotMatch",
                403,
                "Credential should be scoped to a valid region, not 'eu-west-1'.",
                "another region's",
            ),
            (
                "SignatureDoesNotMatch",
                403,
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key \
                 and signing method. Consult the service documentation for details.",
                "secret key",
            ),
            (
                "InvalidSignatureException",
                400,
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key \
                 and signing method. Consult the service documentation for details.",
                "secret key",
            ),
            ("RequestInTheFuture", 400, "", "set it"),
        ],
    ),
    (
        "S3's reference: Error responses",
        &[
            (
                "RequestTimeTooSkewed",
                403,
                "The difference between the request time and the server's time is too large.",
                "clock",
            ),
            ("ExpiredToken", 400, "The provided token has expired.", "aws sso login"),
            ("TokenRefreshRequired", 400, "The provided token must be refreshed.", "sign in again"),
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
            ("InvalidLocationConstraint", 400, "The specified location-constraint is not valid", "enable-region"),
            ("BucketNotEmpty", 409, "The bucket you tried to delete is not empty", "--delete-data"),
            (
                "BucketAlreadyExists",
                409,
                "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please \
                 select a different name and try again.",
                "another account has",
            ),
            (
                "OperationAborted",
                409,
                "A conflicting conditional operation is currently in progress against this resource. Please try again.",
                "still busy",
            ),
            ("SlowDown", 503, "Please reduce your request rate.", "too often"),
            ("TooManyBuckets", 400, "You have attempted to create more buckets than allowed", "General purpose"),
            ("AccessDenied", 403, "Mfa Authentication must be used for this request", "MFA delete"),
            ("", 400, "", "sign in again"),
            ("", 403, "", "grant the action"),
            ("", 301, "", "another region"),
        ],
    ),
    (
        "S3, of a replication: issues of terraform-provider-aws, simpleinfra and aws-controllers-k8s; of regions the emulator",
        &[
            ("InvalidRequest", 400, "Destination bucket must have versioning enabled.", "put-bucket-versioning"),
            ("InvalidRequest", 400, "Destination bucket must exist.", "make it"),
            (
                "InvalidRequest",
                400,
                "KMS key must be in the same region as the destination bucket.",
                "vault.replication.kms_key",
            ),
            (
                "InvalidRequest",
                400,
                "Replication configuration cannot be applied to an Object Lock enabled bucket",
                "AWS Support",
            ),
            (
                "InvalidRequest",
                400,
                "DeleteMarkerReplication cannot be used for this version of Cross Region Replication configuration schema. Please refer \
                 to S3 Developer Guide for more information.",
                "a Priority",
            ),
        ],
    ),
    ("proxies", &[("", 407, "", "HTTPS_PROXY"), ("", 502, "<html>", "run the same command again")]),
    (
        "Lambda: src/aws/truths.md L2; its reference; issues on concurrency and memory",
        &[
            (
                "InvalidParameterValueException",
                400,
                "The role defined for the function cannot be assumed by Lambda.",
                "trust policy was changed",
            ),
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
            ("TooManyRequestsException", 429, "Rate exceeded", "too often"),
            (
                "CodeVerificationFailedException",
                400,
                "Lambda cannot deploy the function. The function or layer might be signed using a signature that the client is \
                 not configured to accept. Check the provided signature for cyber_vault-626fa970.",
                "UntrustedArtifactOnDeployment=Warn",
            ),
            (
                "InvalidParameterValueException",
                400,
                "Lambda cannot deploy the function. The function or layer might be signed using a signature that the client is \
                 not configured to accept. Check the provided signature for cyber_vault-626fa970.",
                "UntrustedArtifactOnDeployment=Warn",
            ),
            (
                "InvalidCodeSignatureException",
                400,
                "The code signature failed the integrity check. If the integrity check fails, then Lambda blocks deployment, even \
                 if the code signing policy is set to WARN.",
                "not signed",
            ),
            (
                "CodeSigningConfigNotFoundException",
                404,
                "The code signing configuration cannot be found.",
                "list-code-signing-configs",
            ),
        ],
    ),
    (
        "Step Functions: src/aws/truths.md F2, F3 and F5; terraform-provider-aws issue 17682, metaflow 1284; its reference",
        &[
            (
                "AccessDeniedException",
                400,
                "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the \
                 provided role.",
                "trust policy was changed",
            ),
            (
                "AccessDeniedException",
                400,
                "The state machine IAM Role is not authorized to access the Log Destination",
                "log-delivery actions",
            ),
            (
                "InvalidLoggingConfiguration",
                400,
                "Invalid Logging Configuration: The CloudWatch Logs Resource Policy size was exceeded. We suggest prefixing your \
                 CloudWatch log group name with /aws/vendedlogs/states/.",
                "describe-resource-policies",
            ),
            (
                "InvalidLoggingConfiguration",
                400,
                "Invalid Logging Configuration: Log Group ARN must be provided with '*' qualifier.",
                "cannot write to the log group",
            ),
            (
                "StateMachineDeleting",
                400,
                "State Machine is being deleted: 'arn:aws:states:eu-west-1:1:stateMachine:x'",
                "still has running executions",
            ),
            ("StateMachineLimitExceeded", 400, "State Machine Limit Exceeded", "Registered state machines"),
        ],
    ),
    (
        "CloudWatch Logs: terraform-provider-aws issue 29282; its reference",
        &[
            (
                "AccessDeniedException",
                400,
                "The specified KMS key does not exist or is not allowed to be used with Arn \
                 'arn:aws:logs:eu-west-2:1234567890:log-group:vpc-flow-logs'",
                "must let CloudWatch Logs use it",
            ),
            ("LimitExceededException", 400, "Resource limit exceeded.", "Service Quotas"),
            ("ThrottlingException", 400, "Rate exceeded", "too often"),
        ],
    ),
    (
        "IAM: its reference and its guide",
        &[
            ("LimitExceeded", 409, "Cannot exceed quota for RolesPerAccount: 1000", "Roles per account"),
            ("LimitExceeded", 409, "Cannot exceed quota for ACLSizePerRole: 2048", "Role trust policy length"),
            (
                "LimitExceeded",
                409,
                "Maximum policy size of 10240 bytes exceeded for role cyber_vault-x",
                "inline policies",
            ),
            ("Throttling", 400, "Rate exceeded", "too often"),
            ("RequestLimitExceeded", 503, "Request limit exceeded.", "too often"),
        ],
    ),
    (
        "Macie: src/aws/truths.md M1; its model",
        &[
            ("AccessDeniedException", 403, "Macie is not enabled.", "--enable-macie"),
            ("ServiceQuotaExceededException", 402, "", "of Macie's"),
        ],
    ),
    (
        "SNS and SQS: their models and references",
        &[
            ("TopicLimitExceeded", 403, "Topic limit exceeded", "quota of SNS"),
            ("SubscriptionLimitExceeded", 403, "Subscription limit exceeded", "quota of SNS"),
            ("Throttled", 429, "Rate exceeded", "too often"),
            ("RequestThrottled", 403, "Request is throttled.", "too often"),
            (
                "AWS.SimpleQueueService.QueueDeletedRecently",
                400,
                "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
                "60 seconds after",
            ),
            ("OverLimit", 403, "", "Service Quotas"),
        ],
    ),
];

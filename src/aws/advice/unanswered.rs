//! Nobody has answered: no credentials, or no way to AWS. Here the texts are the SDK's own, but for what STS says to it.

use super::shared::{CLOCK, NOT_ENABLED, ROLE, Row};
use crate::outcome::failure::AGAIN;

const SIGN_IN: &str = "sign in with `aws sso login`, then run the same command again";
const GIVE_CREDENTIALS: &str = "give credentials: a profile (--profile or AWS_PROFILE; `aws configure sso` or `aws configure` makes one), or \
    AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role";
const CORRECT_PROFILE: &str =
    "correct the profile in ~/.aws/config; `aws configure list` shows what the AWS CLI makes of it";
const ENDPOINT: &str = "correct AWS_ENDPOINT_URL, as in http://127.0.0.1:4566, or unset it to reach AWS";
const CERTIFICATE: &str = "the authority that signed the server's certificate is not known here: name its PEM file in \
    AWS_CA_BUNDLE; a company's proxy often has one of its own";
const SUBJECT: &str = "the role's trust policy does not let this run in: its `sub` must be that of this repository and \
    branch, and its `aud` sts.amazonaws.com (`cvault policy --oidc github --repo OWNER/NAME` prints one that does)";
const AUDIENCE: &str = "the token is for somebody else: ask for it with the audience sts.amazonaws.com, which the account's \
    OIDC provider must list";
const CONTAINER: &str = "check the task's role, AWS_CONTAINER_CREDENTIALS_*_URI and the authorization token";
const UNREADABLE: &str =
    "the server's certificate cannot be used: ask who runs the endpoint or the proxy for a better one";
pub const NO_ANSWER: &str = "AWS did not answer in time: check the network; from behind a proxy set HTTPS_PROXY, in a subnet without internet make \
    endpoints for AWS's services";

/// Tried from top to bottom.
pub static UNANSWERED: &[Row] = &[
    ("", &["run was interrupted"], AGAIN),
    // The chain goes on after these, and tells of all that it tried.
    ("", &["AWS_ROLE_ARN environment variable must be set"], "set AWS_ROLE_ARN beside AWS_WEB_IDENTITY_TOKEN_FILE"),
    ("", &["was not defined"], CORRECT_PROFILE),
    ("", &["sso_account_id"], CORRECT_PROFILE),
    ("", &["no credentials found in chain"], GIVE_CREDENTIALS),
    ("", &["IMDS disabled by AWS_EC2_METADATA_DISABLED"], "unset AWS_EC2_METADATA_DISABLED, or choose another profile"),
    ("", &["IMDS"], GIVE_CREDENTIALS),
    ("", &["HTTP credential provider"], CONTAINER),
    ("", &["URI for ECS provider"], CONTAINER),
    ("", &["auth token could not be used"], CONTAINER),
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
    (
        "",
        &["login session"],
        "let the AWS CLI hand its session over: add a profile with `credential_process = aws configure export-credentials \
        --profile NAME --format process` to ~/.aws/config, and name it with --profile",
    ),
    (
        "",
        &["external process", "aws:", "not found"],
        "install the AWS CLI, or correct PATH: a session of aws login is handed over by it (aws configure export-credentials)",
    ),
    (
        "",
        &["external process"],
        "the profile's credential_process, or the AWS CLI for a session of `aws login`, must end well and print credentials as \
        JSON: run it by hand to see why not (`aws configure export-credentials`)",
    ),
    (
        "",
        &["WebIdentityToken was not valid"],
        "AWS_WEB_IDENTITY_TOKEN_FILE must name a file with a token of OpenID Connect",
    ),
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
    (
        "",
        &["configured thumbprint"],
        "the account's OIDC provider trusts another certificate of the issuer: give it today's thumbprint \
        (`aws iam update-open-id-connect-provider-thumbprint`)",
    ),
    (
        "",
        &["InvalidIdentityToken"],
        "AWS does not take the identity token: ask for a new one at the issuer that the account's OIDC provider names",
    ),
    ("", &["Token expired"], "the identity token has expired: ask for a new one, and run the command soon after"),
    ("", &["ExpiredToken"], "sign in again (`aws sso login`, or a new session); then run the same command again"),
    ("", &["RegionDisabledException"], NOT_ENABLED),
    ("", &["sts:AssumeRole"], ROLE),
    ("", &["InvalidClientTokenId"], "the access key is unknown to AWS: check the profile or AWS_ACCESS_KEY_ID"),
    ("", &["Signature expired"], CLOCK),
    ("", &["Signature not yet current"], CLOCK),
    ("", &["infinite loop"], CORRECT_PROFILE),
    ("", &["credential source"], CORRECT_PROFILE),
    ("", &["provider is not supported"], CORRECT_PROFILE),
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
    (
        "",
        &["CaUsedAsEndEntity"],
        "the server shows an authority's own certificate, which no client takes: give it one that is signed by that authority",
    ),
    ("", &["certificate", "not valid yet"], CLOCK),
    ("", &["certificate", "expired"], "the server's certificate has expired, or this machine's clock is wrong"),
    (
        "",
        &["certificate", "not valid for"],
        "the endpoint is called by a name that its certificate does not have: correct AWS_ENDPOINT_URL",
    ),
    ("", &["invalid peer certificate"], UNREADABLE),
    (
        "",
        &["InvalidContentType"],
        "the endpoint does not speak HTTPS: write http:// in AWS_ENDPOINT_URL or HTTPS_PROXY",
    ),
    (
        "",
        &["connection refused"],
        "nothing listens there: check AWS_ENDPOINT_URL and HTTPS_PROXY (HTTP_PROXY for http://), or unset them to reach AWS directly",
    ),
    (
        "",
        &["dns error", "fips"],
        "either this service has no FIPS endpoint in this region (unset AWS_USE_FIPS_ENDPOINT, or choose another --region), or \
        names cannot be looked up here: check DNS",
    ),
    (
        "",
        &["dns error", "api.aws"],
        "either this service has no dual-stack endpoint in this region (unset AWS_USE_DUALSTACK_ENDPOINT), or names cannot be \
        looked up here: check DNS",
    ),
    ("", &["dns error"], "check the region's name and the network; from behind a proxy set HTTPS_PROXY"),
    ("", &["unreachable"], "this machine has no way to AWS: check the network; from behind a proxy set HTTPS_PROXY"),
    ("", &["time"], NO_ANSWER),
    ("", &["credential"], "check the credentials: `aws sts get-caller-identity` must answer with the same profile"),
];

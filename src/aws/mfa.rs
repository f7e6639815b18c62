//! Profiles whose role wants the code of an MFA device: the SDK does not ask for it, so that AWS would refuse.

use super::refusal::Answer;
use crate::outcome::failure::Failure;
use anyhow::Result;
use aws_config::SdkConfig;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::profile::{Profile, ProfileFileCredentialsProvider};
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use std::time::SystemTime;

/// Whether a profile's role is assumed with a code.
pub(super) fn wants(profile: &Profile) -> bool {
    profile.get("mfa_serial").is_some() && profile.get("role_arn").is_some()
}

/// The credentials of the profile's role, once `ask` has the code; `config` is how to reach STS. They last as long as the session, an hour unless
/// `duration_seconds` says otherwise.
pub(super) async fn credentials(
    name: &str,
    profile: &Profile,
    provider: &ProviderConfig,
    config: &SdkConfig,
    ask: impl AsyncFnOnce(&str) -> Result<String>,
) -> Result<Credentials> {
    let what = format!("use profile {name}");
    let role = profile.get("role_arn").unwrap_or_default();
    let serial = profile.get("mfa_serial").unwrap_or_default();
    let source = source(name, profile, provider)
        .ok_or_else(|| Failure::usage(&what, "it does not say who assumes its role", "give it a source_profile"))?;
    let mut builder = aws_sdk_sts::config::Builder::from(config);
    builder.set_credentials_provider(Some(source));
    let code = ask(&format!("MFA code for {serial}: ")).await?;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let session = profile.get("role_session_name").map_or_else(|| format!("cvault-{now}"), str::to_owned);
    let assumed = aws_sdk_sts::Client::from_conf(builder.build())
        .assume_role()
        .role_arn(role)
        .role_session_name(session)
        .set_external_id(profile.get("external_id").map(str::to_owned))
        .set_duration_seconds(profile.get("duration_seconds").and_then(|seconds| seconds.parse().ok()))
        .serial_number(serial)
        .token_code(code.trim())
        .send()
        .await
        .or_refused(format!("assume role {role}"))?;
    let given = assumed.credentials.ok_or_else(|| Failure::new(&what, "AWS gave no credentials", "try again"))?;
    let expiry = SystemTime::try_from(given.expiration).ok();
    Ok(Credentials::new(given.access_key_id, given.secret_access_key, Some(given.session_token), expiry, "MFA"))
}

/// Who assumes the role.
fn source(name: &str, profile: &Profile, provider: &ProviderConfig) -> Option<SharedCredentialsProvider> {
    let own = |key: &str| profile.get(key).map(str::to_owned);
    Some(match profile.get("source_profile") {
        Some(source) if source == name => {
            let (id, secret) = (own("aws_access_key_id")?, own("aws_secret_access_key")?);
            SharedCredentialsProvider::new(Credentials::new(id, secret, own("aws_session_token"), None, "profile"))
        }
        Some(source) => {
            let source = ProfileFileCredentialsProvider::builder().configure(provider).profile_name(source).build();
            SharedCredentialsProvider::new(source)
        }
        None if profile.get("credential_source") == Some("Environment") => {
            SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new())
        }
        None => return None,
    })
}

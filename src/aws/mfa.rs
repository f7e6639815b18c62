//! Profiles whose role, or that of a profile below, wants the code of an MFA device: the SDK does not ask for it, so that
//! AWS would refuse.

use super::refusal::Answer;
use crate::outcome::failure::Failure;
use anyhow::Result;
use aws_config::SdkConfig;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::profile::{Profile, ProfileFileCredentialsProvider, ProfileSet};
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use std::time::SystemTime;

/// The profiles from this one down to whoever assumes the first role.
fn chain<'a>(set: &'a ProfileSet, name: &str) -> Vec<&'a Profile> {
    let mut chain: Vec<&Profile> = vec![];
    let mut next = set.get_profile(name);
    while let Some(profile) = next {
        if chain.iter().any(|seen| seen.name() == profile.name()) {
            break;
        }
        chain.push(profile);
        let source = profile.get("role_arn").and_then(|_| profile.get("source_profile"));
        next = source.and_then(|source| set.get_profile(source));
    }
    chain
}

/// A profile whose role is assumed with a code, and those above it, whose roles follow from the top down.
#[derive(Debug)]
pub(super) struct Asking<'a> {
    profile: &'a Profile,
    above: Vec<&'a Profile>,
}

impl<'a> Asking<'a> {
    /// What asks for a code where this profile is used. A session of a role has no device, so that of several
    /// profiles it is the lowest, whose role a user assumes.
    pub(super) fn of(set: &'a ProfileSet, name: &str) -> Option<Self> {
        let mut above = chain(set, name);
        let wants = |profile: &&Profile| profile.get("mfa_serial").is_some() && profile.get("role_arn").is_some();
        let lowest = above.iter().rposition(wants)?;
        let profile = above[lowest];
        above.truncate(lowest);
        Some(Self { profile, above })
    }
}

/// The credentials of the profile at the top, once `ask` has the code; `config` is how to reach STS. They last as long as the session, an hour unless `duration_seconds` says otherwise.
pub(super) async fn credentials(
    Asking { profile, above }: Asking<'_>,
    provider: &ProviderConfig,
    config: &SdkConfig,
    ask: impl AsyncFnOnce(&str) -> Result<String>,
) -> Result<SharedCredentialsProvider> {
    let serial = profile.get("mfa_serial").unwrap_or_default();
    let source = source(profile, provider).ok_or_else(|| {
        let fix = "give it a source_profile";
        Failure::usage(format!("use profile {}", profile.name()), "it does not say who assumes its role", fix)
    })?;
    let code = ask(&format!("MFA code for {serial}: ")).await?;
    let mut session = assumed(profile, source, config, Some((serial, code.trim()))).await?;
    for profile in above.iter().rev() {
        session = assumed(profile, session, config, None).await?;
    }
    Ok(session)
}

/// The session of a profile's role.
async fn assumed(
    profile: &Profile,
    source: SharedCredentialsProvider,
    config: &SdkConfig,
    device: Option<(&str, &str)>,
) -> Result<SharedCredentialsProvider> {
    let role = profile.get("role_arn").unwrap_or_default();
    let mut builder = aws_sdk_sts::config::Builder::from(config);
    builder.set_credentials_provider(Some(source));
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let session = profile.get("role_session_name").map_or_else(|| format!("cvault-{now}"), str::to_owned);
    let assumed = aws_sdk_sts::Client::from_conf(builder.build())
        .assume_role()
        .role_arn(role)
        .role_session_name(session)
        .set_external_id(profile.get("external_id").map(str::to_owned))
        .set_duration_seconds(profile.get("duration_seconds").and_then(|seconds| seconds.parse().ok()))
        .set_serial_number(device.map(|(serial, _)| serial.to_owned()))
        .set_token_code(device.map(|(_, code)| code.to_owned()))
        .send()
        .await
        .or_refused(format!("assume role {role}"))?;
    let given = assumed.credentials.ok_or_else(|| {
        Failure::new(format!("use profile {}", profile.name()), "AWS gave no credentials", "try again")
    })?;
    let expiry = SystemTime::try_from(given.expiration).ok();
    let credentials =
        Credentials::new(given.access_key_id, given.secret_access_key, Some(given.session_token), expiry, "MFA");
    Ok(SharedCredentialsProvider::new(credentials))
}

/// Who assumes the role.
fn source(profile: &Profile, provider: &ProviderConfig) -> Option<SharedCredentialsProvider> {
    let own = |key: &str| profile.get(key).map(str::to_owned);
    Some(match profile.get("source_profile") {
        Some(source) if source == profile.name() => {
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

#[cfg(test)]
mod tests {
    use super::*;
    use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
    use aws_types::os_shim_internal::{Env, Fs};

    const CONFIG: &str = "[profile base]\naws_access_key_id = a\naws_secret_access_key = b\nmfa_serial = no-role\n\
        [profile middle]\nrole_arn = m\nsource_profile = base\nmfa_serial = device\n\
        [profile top]\nrole_arn = t\nsource_profile = middle\n\
        [profile both]\nrole_arn = t\nsource_profile = middle\nmfa_serial = other\n\
        [profile self]\nrole_arn = s\nsource_profile = self\nmfa_serial = device\n\
        [profile round]\nrole_arn = r\nsource_profile = about\n\
        [profile about]\nrole_arn = r\nsource_profile = round\n\
        [profile plain]\nrole_arn = p\nsource_profile = base\n";

    #[tokio::test]
    async fn the_code_is_asked_for_where_a_user_assumes_the_role() {
        let files = EnvConfigFiles::builder().with_contents(EnvConfigFileKind::Config, CONFIG).build();
        let set = aws_config::profile::load(&Fs::from_slice(&[]), &Env::from_slice(&[]), &files, None).await.unwrap();
        let asking = |name: &str| {
            let Asking { profile, above } = Asking::of(&set, name)?;
            Some(above.iter().chain([&profile]).map(|profile| profile.name()).collect::<Vec<_>>().join(" "))
        };
        for (name, expected) in [
            ("base", None),
            ("plain", None),
            ("round", None),
            ("gone", None),
            ("middle", Some("middle")),
            ("self", Some("self")),
            ("top", Some("top middle")),
            ("both", Some("both middle")),
        ] {
            assert_eq!(asking(name).as_deref(), expected, "{name}");
        }
    }
}

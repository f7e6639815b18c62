//! How the clients are configured: from the SDK's own chain, and from what the AWS CLI reads and the SDK does not.

use super::causes::causes;
use super::{mfa, reach, region};
use crate::outcome::failure::Failure;
use crate::outcome::invocation::quoted;
use anyhow::{Result, bail};
use aws_config::credential_process::CredentialProcessProvider;
use aws_config::profile::{self, Profile, ProfileFileCredentialsProvider, ProfileSet};
use aws_config::provider_config::ProviderConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_types::os_shim_internal::{Env, Fs};
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use std::path::PathBuf;
use std::time::Duration;

/// How often the SDK sends a call in all, unless somebody says otherwise; its default of 3 is too few for a burst of
/// control-plane calls (truths X5).
const ATTEMPTS: u32 = 8;

/// Reads the SDK's configuration; `region` wins over what the chain finds. The credentials of a `profile`
/// that the user names are that profile's and nobody else's: in the SDK's own chain the environment would
/// win, and another account would be worked on. Whoever is to be asked for the code of an MFA device, `ask` asks.
///
/// # Errors
/// There is no such profile or region, or the files of profiles cannot be read.
pub async fn sdk_config(
    region: Option<String>,
    named: Option<&str>,
    ask: impl AsyncFnOnce(&str) -> Result<String>,
) -> Result<SdkConfig> {
    let set = profiles(named).await?;
    let selected = named.map(str::to_owned).or_else(|| variable("AWS_PROFILE")).unwrap_or_else(|| "default".to_owned());
    let profile = set.get_profile(&selected);
    let setting = |name: &str, key: &str| variable(name).or_else(|| Some(profile?.get(key)?.to_owned()));

    let http_client = reach::client(setting("AWS_CA_BUNDLE", "ca_bundle").map(PathBuf::from).as_deref())?;
    let retries = retries(setting("AWS_MAX_ATTEMPTS", "max_attempts"), setting("AWS_RETRY_MODE", "retry_mode"))?;
    let from_chain = variable("AWS_REGION").or_else(|| setting("AWS_DEFAULT_REGION", "region"));
    let region = region.or(from_chain).map(Region::new);
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client.clone())
        .retry_config(retries.clone())
        .timeout_config(timeouts());
    if let Ok(name) = AppName::new(concat!("cvault-", env!("CARGO_PKG_VERSION"))) {
        loader = loader.app_name(name);
    }
    // One that is set and empty is none, and the chain would take it for one.
    if region.is_some() || std::env::var_os("AWS_REGION").is_some() {
        loader = loader.region(region.clone());
    }
    if named.is_some() {
        loader = loader.profile_name(&selected);
    }
    let config = without_blanks(loader.load().await);
    let is_local = config.endpoint_url().is_some() || variable("AWS_ENDPOINT_URL_STS").is_some();
    if let Some(region) = config.region().filter(|_| !is_local) {
        region::check(region.as_ref(), reach::is_behind_proxy()).await?;
    }
    let is_used = named.is_some() || variable("AWS_ACCESS_KEY_ID").is_none();
    let is_ours = |profile: &&Profile| named.is_some() || mfa::wants(profile) || is_login(profile);
    let Some(profile) = profile.filter(|_| is_used).filter(is_ours) else { return Ok(config) };
    let provider =
        ProviderConfig::default().with_http_client(http_client).with_retry_config(retries).with_region(region);
    // As the loader has read them, of this profile too.
    let provider = provider.with_use_fips(config.use_fips()).with_use_dual_stack(config.use_dual_stack());
    let credentials = if mfa::wants(profile) {
        SharedCredentialsProvider::new(mfa::credentials(&selected, profile, &provider, &config, ask).await?)
    } else if is_login(profile) {
        // The session is the AWS CLI's, which refreshes it and hands it over: to read it here takes two dozen crates.
        let export = format!("aws configure export-credentials --profile {} --format process", quoted(&selected));
        SharedCredentialsProvider::new(CredentialProcessProvider::new(export))
    } else {
        let own = ProfileFileCredentialsProvider::builder().configure(&provider).profile_name(selected).build();
        SharedCredentialsProvider::new(own)
    };
    Ok(config.into_builder().credentials_provider(credentials).build())
}

/// The configuration without endpoints that are set to nothing: the SDK would panic at one.
fn without_blanks(config: SdkConfig) -> SdkConfig {
    let mut builder = config.clone().into_builder();
    if config.endpoint_url().is_some_and(|url| url.trim().is_empty()) {
        builder.set_endpoint_url(None);
    }
    builder.service_config(NotBlank(config)).build()
}

/// What is configured for a service alone, but for what is set to nothing.
#[derive(Debug)]
struct NotBlank(SdkConfig);

impl LoadServiceConfig for NotBlank {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        self.0.service_config()?.load_config(key).filter(|value| !value.trim().is_empty())
    }
}

/// Whether a profile's credentials are a session of `aws login`.
fn is_login(profile: &Profile) -> bool {
    profile.get("login_session").is_some()
}

/// A variable that is set, and not to nothing.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// The profiles that there are, `wanted` among them.
async fn profiles(wanted: Option<&str>) -> Result<ProfileSet> {
    let read = profile::load(&Fs::real(), &Env::real(), &EnvConfigFiles::default(), None).await;
    // Whoever names none may need none; what the chain makes of the files it says itself.
    let Some(wanted) = wanted else { return Ok(read.unwrap_or_default()) };
    let what = format!("use profile {wanted}");
    let set = read.map_err(|error| {
        let why = Failure::usage(&what, causes(&error), "correct the file");
        anyhow::Error::from(why)
    })?;
    if set.get_profile(wanted).is_none() {
        let names: Vec<_> = set.profiles().collect();
        let known = if names.is_empty() { "there is none".into() } else { format!("there are: {}", names.join(", ")) };
        let meant = crate::outcome::nearest::nearest(wanted, names.iter().copied());
        let fix = match meant {
            Some(meant) => format!("did you mean {meant}?"),
            None => "name one of them, or add it to ~/.aws/config".to_owned(),
        };
        bail!(Failure::usage(what, format!("there is no such profile; {known}"), fix));
    }
    Ok(set)
}

/// The configuration for an emulator at `endpoint`. It reads neither variables nor profiles: a
/// demo must never reach somebody's account.
#[must_use]
pub fn local_config(endpoint: &str, region: &str) -> SdkConfig {
    let credentials = Credentials::new("test", "test", None, None, "emulator");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(reach::local())
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS).with_max_backoff(BACKOFF))
        .timeout_config(timeouts())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .region(Region::new(region.to_owned()))
        .endpoint_url(endpoint)
        .build()
}

const BACKOFF: Duration = Duration::from_secs(8);

/// How often, and in which mode, a call is tried again.
fn retries(attempts: Option<String>, mode: Option<String>) -> Result<RetryConfig, Failure> {
    let attempts = match attempts {
        None => ATTEMPTS,
        Some(text) => text.trim().parse().ok().filter(|attempts| *attempts > 0).ok_or_else(|| {
            Failure::usage(
                format!("try each call {text:?} times"),
                "it is no number above 0",
                "correct AWS_MAX_ATTEMPTS",
            )
        })?,
    };
    let retries = match mode.unwrap_or_default().trim().to_lowercase().as_str() {
        "adaptive" => RetryConfig::adaptive(),
        "" | "standard" | "legacy" => RetryConfig::standard(),
        other => {
            let why = "AWS's clients know no such mode";
            return Err(Failure::usage(
                format!("try again in mode {other:?}"),
                why,
                "set AWS_RETRY_MODE to standard or adaptive",
            ));
        }
    };
    Ok(retries.with_max_attempts(attempts).with_max_backoff(BACKOFF))
}

fn timeouts() -> TimeoutConfig {
    let attempt = Duration::from_mins(1);
    TimeoutConfig::builder().connect_timeout(Duration::from_secs(5)).operation_attempt_timeout(attempt).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_are_what_somebody_says() {
        let retries = |attempts: Option<&str>, mode: Option<&str>| {
            retries(attempts.map(str::to_owned), mode.map(str::to_owned))
                .map(|retries| (retries.max_attempts(), retries.mode()))
        };
        let [standard, adaptive] = [RetryConfig::standard().mode(), RetryConfig::adaptive().mode()];
        assert_eq!(retries(None, None), Ok((ATTEMPTS, standard)));
        assert_eq!(retries(Some("1"), Some("adaptive")), Ok((1, adaptive)));
        assert_eq!(retries(Some(" 3 "), Some("legacy")), Ok((3, standard)));
        for (attempts, mode) in [(Some("0"), None), (Some("many"), None), (None, Some("never"))] {
            assert!(retries(attempts, mode).is_err(), "{attempts:?} {mode:?}");
        }
    }
}

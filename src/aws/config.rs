//! How the clients are configured: from the SDK's own chain, and from what the AWS CLI reads and the SDK does not.

use super::causes::causes;
use super::mfa::{self, Asking};
use super::{proxy, reach, region};
use crate::outcome::failure::Failure;
use crate::outcome::invocation::quoted;
use crate::outcome::nearest::nearest;
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
    let from_variable = variable("AWS_PROFILE").filter(|_| named.is_none());
    let set = profiles(named, from_variable.as_deref()).await?;
    if named.is_none() {
        half_a_pair(variable)?;
    }
    proxy::check()?;
    let selected = named.map(str::to_owned).or(from_variable).unwrap_or_else(|| "default".to_owned());
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
        region::check(region.as_ref(), proxy::is_named()).await?;
    }
    let is_used = named.is_some() || variable("AWS_ACCESS_KEY_ID").is_none();
    let asking = Asking::of(&set, &selected);
    let is_ours = |profile: &&Profile| named.is_some() || asking.is_some() || is_login(profile);
    let Some(profile) = profile.filter(|_| is_used).filter(is_ours) else { return Ok(config) };
    let provider =
        ProviderConfig::default().with_http_client(http_client).with_retry_config(retries).with_region(region);
    // As the loader has read them, of this profile too.
    let provider = provider.with_use_fips(config.use_fips()).with_use_dual_stack(config.use_dual_stack());
    let credentials = if let Some(asking) = asking {
        mfa::credentials(asking, &provider, &config, ask).await?
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

/// The profiles that there are, the one among them that is `named`, or that `AWS_PROFILE` names.
async fn profiles(named: Option<&str>, from_variable: Option<&str>) -> Result<ProfileSet> {
    let read = profile::load(&Fs::real(), &Env::real(), &EnvConfigFiles::default(), None).await;
    let (wanted, what) = match (named, from_variable.filter(|name| *name != "default")) {
        (Some(""), _) => {
            bail!(Failure::usage(
                "use the profile \"\"",
                "no profile has this name",
                "name one, or leave --profile out"
            ))
        }
        (Some(name), _) => (name, format!("use profile {name}")),
        (None, Some(name)) => (name, format!("use profile {name}, which AWS_PROFILE names")),
        // Whoever names none may need none; what the chain makes of the files it says itself.
        (None, None) => return Ok(read.unwrap_or_default()),
    };
    let set = read.map_err(|error| {
        let why = Failure::usage(&what, causes(&error), "correct the file");
        anyhow::Error::from(why)
    })?;
    if set.get_profile(wanted).is_none() {
        let file = variable("AWS_CONFIG_FILE").unwrap_or_else(|| "~/.aws/config".to_owned());
        bail!(unknown(what, wanted, set.profiles().collect(), &file));
    }
    Ok(set)
}

/// There is no such profile among these.
fn unknown(what: String, wanted: &str, mut names: Vec<&str>, file: &str) -> Failure {
    let make = format!("make it: aws configure sso --profile {}", quoted(wanted));
    if names.is_empty() {
        return Failure::usage(what, format!("{file} has no profile at all"), make);
    }
    names.sort_unstable();
    let fix = match nearest(wanted, names.iter().copied()) {
        Some(meant) => format!("did you mean {meant}?"),
        None => format!("name one of them, or {make}"),
    };
    Failure::usage(what, format!("no profile has this name; there are: {}", names.join(", ")), fix)
}

/// Refuses one half of a key without the other: the SDK would go on to somebody else's credentials. A secret of a CI
/// system that there is not is empty.
fn half_a_pair(variable: impl Fn(&str) -> Option<String>) -> Result<(), Failure> {
    let id = variable("AWS_ACCESS_KEY_ID");
    // The SDK knows an old name of the secret, too.
    let secret = variable("AWS_SECRET_ACCESS_KEY").or_else(|| variable("SECRET_ACCESS_KEY").filter(|_| id.is_some()));
    let (set, missing) = match (id, secret) {
        (Some(_), None) => ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
        (None, Some(_)) => ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"),
        _ => return Ok(()),
    };
    let why = format!("{missing} is not set, or is empty");
    let fix = format!("set {missing} too (a secret that a CI system does not have is empty), or unset {set}");
    Err(Failure::usage(format!("use the key of {set}"), why, fix))
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
                "it is not a number above 0",
                "correct AWS_MAX_ATTEMPTS",
            )
        })?,
    };
    let retries = match mode.unwrap_or_default().trim().to_lowercase().as_str() {
        "adaptive" => RetryConfig::adaptive(),
        "" | "standard" | "legacy" => RetryConfig::standard(),
        other => {
            let why = "the AWS SDK has no such mode";
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
    fn a_profile_that_there_is_not_is_told_what_there_is() {
        let told = |names: &[&str]| unknown("use profile prd".into(), "prd", names.to_vec(), "/x/config").to_string();
        insta::assert_snapshot!([told(&[]), told(&["ops", "base"]), told(&["ops", "prod", "base"])].join("\n"), @"
        use profile prd
          why: /x/config has no profile at all
          fix: make it: aws configure sso --profile prd
        use profile prd
          why: no profile has this name; there are: base, ops
          fix: name one of them, or make it: aws configure sso --profile prd
        use profile prd
          why: no profile has this name; there are: base, ops, prod
          fix: did you mean prod?
        ");
    }

    #[test]
    fn half_a_pair_is_named() {
        let half = |set: &[&str]| half_a_pair(|name| set.contains(&name).then(|| "x".to_owned())).err();
        for (set, missing) in [
            (&["AWS_ACCESS_KEY_ID"] as &[_], Some("AWS_SECRET_ACCESS_KEY is not set")),
            (&["AWS_SECRET_ACCESS_KEY"], Some("AWS_ACCESS_KEY_ID is not set")),
            (&[], None),
            (&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"], None),
            (&["AWS_ACCESS_KEY_ID", "SECRET_ACCESS_KEY"], None),
            (&["SECRET_ACCESS_KEY"], None),
        ] {
            let told = half(set);
            assert_eq!(told.is_some(), missing.is_some(), "{set:?}");
            assert!(told.is_none_or(|told| told.why.starts_with(missing.unwrap())), "{set:?}");
        }
    }

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

//! The clients, and how they are configured.

use super::gate::Gate;
use super::refusal::Quotas;
use crate::outcome::failure::Failure;
use crate::outcome::interrupt::Interrupt;
use crate::outcome::progress::Progress;
use anyhow::{Result, bail};
use aws_config::profile::{self, ProfileFileCredentialsProvider, ProfileSet};
use aws_config::provider_config::ProviderConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::{Builder, tls};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_types::os_shim_internal::{Env, Fs};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// How often the SDK sends a call in all; its default of 3 is too few for a burst of control-plane
/// calls (truths X5).
const ATTEMPTS: u32 = 8;
/// How many calls of IAM are in flight at once.
const IAM_CALLS: usize = 4;

/// One client per service, and the way to say what is being waited for. Cheap to clone.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each field is the client of the service it is named after")]
pub struct Aws {
    pub eventbridge: aws_sdk_eventbridge::Client,
    pub iam: aws_sdk_iam::Client,
    pub kms: aws_sdk_kms::Client,
    /// KMS without retries, for the one call that must not be sent twice (truths K1).
    pub kms_once: aws_sdk_kms::Client,
    pub lambda: aws_sdk_lambda::Client,
    pub logs: aws_sdk_cloudwatchlogs::Client,
    pub macie: aws_sdk_macie2::Client,
    pub s3: aws_sdk_s3::Client,
    pub sfn: aws_sdk_sfn::Client,
    pub sns: aws_sdk_sns::Client,
    pub sqs: aws_sdk_sqs::Client,
    iam_places: Arc<Semaphore>,
    pub(super) resource: String,
    pub(super) progress: Arc<dyn Progress>,
    pub(super) interrupt: Interrupt,
}

/// Reads the SDK's configuration; `region` wins over what the chain finds. The credentials of a `profile`
/// that the user names are that profile's and nobody else's: in the SDK's own chain the environment would
/// win, and another account would be worked on.
///
/// # Errors
/// There is no such profile, or the files of profiles cannot be read.
pub async fn sdk_config(region: Option<String>, profile: Option<&str>) -> Result<SdkConfig> {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client())
        .retry_config(retries())
        .timeout_config(timeouts());
    if let Ok(name) = AppName::new(concat!("cvault-", env!("CARGO_PKG_VERSION"))) {
        loader = loader.app_name(name);
    }
    let region = region.map(Region::new);
    if let Some(profile) = profile {
        let set = profiles(profile).await?;
        let own = set.get_profile(profile).and_then(|profile| profile.get("region"));
        let region = region.clone().or_else(|| own.map(|region| Region::new(region.to_owned())));
        let provider = ProviderConfig::default().with_http_client(http_client()).with_region(region);
        let credentials = ProfileFileCredentialsProvider::builder().configure(&provider).profile_name(profile).build();
        loader = loader.profile_name(profile).credentials_provider(credentials);
    }
    if let Some(region) = region {
        loader = loader.region(region);
    }
    Ok(loader.load().await)
}

/// The profiles that there are, `wanted` among them.
async fn profiles(wanted: &str) -> Result<ProfileSet> {
    let what = format!("use profile {wanted}");
    let read = profile::load(&Fs::real(), &Env::real(), &EnvConfigFiles::default(), None).await;
    let set = read.map_err(|error| {
        let why = Failure::usage(&what, DisplayErrorContext(error).to_string(), "correct the file");
        anyhow::Error::from(why)
    })?;
    if set.get_profile(wanted).is_none() {
        let names: Vec<_> = set.profiles().collect();
        let known = if names.is_empty() { "there is none".into() } else { format!("there are: {}", names.join(", ")) };
        bail!(Failure::usage(
            what,
            format!("there is no such profile; {known}"),
            "name one of them, or add it to ~/.aws/config"
        ));
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
        .http_client(http_client())
        .retry_config(retries())
        .timeout_config(timeouts())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .region(Region::new(region.to_owned()))
        .endpoint_url(endpoint)
        .build()
}

fn http_client() -> SharedHttpClient {
    let tls = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    Builder::new().tls_provider(tls).build_https()
}

fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(ATTEMPTS).with_max_backoff(Duration::from_secs(8))
}

fn timeouts() -> TimeoutConfig {
    let attempt = Duration::from_mins(1);
    TimeoutConfig::builder().connect_timeout(Duration::from_secs(5)).operation_attempt_timeout(attempt).build()
}

impl Aws {
    /// Clients for every service that the stack uses; `progress` is told what is waited for.
    #[must_use]
    pub fn new(config: &SdkConfig, progress: impl Progress + 'static, interrupt: Interrupt) -> Self {
        let mut gated = config.clone().into_builder();
        gated.set_http_client(config.http_client().map(|client| Gate::before(client, &interrupt)));
        let config = &gated.build();
        // Buckets as host names need DNS for each bucket, which a local endpoint does not have.
        let elsewhere = config.endpoint_url().is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some();
        let s3 = aws_sdk_s3::config::Builder::from(config).force_path_style(elsewhere).build();
        let once = aws_sdk_kms::config::Builder::from(config).retry_config(RetryConfig::disabled()).build();
        let eventbridge = aws_sdk_eventbridge::config::Builder::from(config).retry_classifier(Quotas).build();
        let kms = aws_sdk_kms::config::Builder::from(config).retry_classifier(Quotas).build();
        let logs = aws_sdk_cloudwatchlogs::config::Builder::from(config).retry_classifier(Quotas).build();
        Self {
            eventbridge: aws_sdk_eventbridge::Client::from_conf(eventbridge),
            iam: aws_sdk_iam::Client::new(config),
            kms: aws_sdk_kms::Client::from_conf(kms),
            kms_once: aws_sdk_kms::Client::from_conf(once),
            lambda: aws_sdk_lambda::Client::new(config),
            logs: aws_sdk_cloudwatchlogs::Client::from_conf(logs),
            macie: aws_sdk_macie2::Client::new(config),
            s3: aws_sdk_s3::Client::from_conf(s3),
            sfn: aws_sdk_sfn::Client::new(config),
            sns: aws_sdk_sns::Client::new(config),
            sqs: aws_sdk_sqs::Client::new(config),
            iam_places: Arc::new(Semaphore::new(IAM_CALLS)),
            resource: String::new(),
            progress: Arc::new(progress),
            interrupt,
        }
    }

    /// The same clients, speaking for `resource`.
    #[must_use]
    pub fn speaking_for(&self, resource: &str) -> Self {
        Self { resource: resource.into(), ..self.clone() }
    }

    /// A call of IAM, once there is a place for it: IAM is one small control plane for the whole
    /// account, and takes no fan-out well (truths I11).
    pub async fn iam_call<T>(&self, call: impl Future<Output = T>) -> T {
        let _place = self.iam_places.acquire().await;
        call.await
    }
}

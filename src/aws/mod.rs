//! The way to AWS: clients, and who we are there.
//!
//! Region, credentials, endpoints and retries come from the SDK's own chain. What the SDK does not
//! retry although it passes by itself (a role that cannot be assumed yet, say) goes through
//! [`Aws::eventually`]; which refusals those are, says [`refusal`].

mod gate;
pub mod refusal;
pub mod truths;
pub mod waiting;

use crate::deploy::event::Events;
use crate::outcome::failure::Failure;
use crate::outcome::interrupt::Interrupt;
use anyhow::{Context, Result};
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::{Builder, tls};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use gate::Gate;
use refusal::Quotas;
pub use refusal::{Answer, Kind, Refusal};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
pub use waiting::{PROPAGATION, REMOVAL};

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
    resource: String,
    events: Events,
    interrupt: Interrupt,
}

/// Who is asking, as STS says.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The partition of the caller's ARN.
    pub partition: String,
    /// The account, 12 digits.
    pub account: String,
    /// The region of the configuration.
    pub region: String,
}

/// Reads the SDK's configuration; `region` and `profile` win over what the chain finds.
pub async fn sdk_config(region: Option<String>, profile: Option<&str>) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client())
        .retry_config(retries())
        .timeout_config(timeouts());
    if let Ok(name) = AppName::new(concat!("cvault-", env!("CARGO_PKG_VERSION"))) {
        loader = loader.app_name(name);
    }
    if let Some(region) = region {
        loader = loader.region(Region::new(region));
    }
    if let Some(profile) = profile {
        loader = loader.profile_name(profile);
    }
    loader.load().await
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

/// Asks STS who we are: one call that needs no permission, before anything else.
///
/// # Errors
/// No region, no credentials, expired credentials, or no way to reach AWS.
pub async fn caller(config: &SdkConfig) -> Result<Caller> {
    let region = config.region().ok_or_else(|| {
        Failure::usage(
            "choose the region",
            "no region is configured",
            "pass --region, or set AWS_REGION, or region in cvault.toml or in the AWS profile",
        )
    })?;
    let identity =
        aws_sdk_sts::Client::new(config).get_caller_identity().send().await.or_refused("ask who we are on AWS")?;
    let arn = identity.arn.unwrap_or_default();
    Ok(Caller {
        partition: arn.split(':').nth(1).filter(|part| !part.is_empty()).unwrap_or("aws").to_owned(),
        account: identity.account.context("STS named no account")?,
        region: region.to_string(),
    })
}

impl Aws {
    /// Clients for every service that the stack uses.
    #[must_use]
    pub fn new(config: &SdkConfig, events: Events, interrupt: Interrupt) -> Self {
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
            events,
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

/// Our two tags out of what AWS lists: others belong to others and are no difference.
pub fn our_tags<'a>(tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> std::collections::BTreeMap<String, String> {
    tags.into_iter()
        .filter(|(key, _)| key.starts_with("cvault:"))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

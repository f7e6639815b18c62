//! The way to AWS: clients, who we are there, refusals, and waiting until AWS agrees.
//!
//! Region, credentials, endpoints and retries come from the SDK's own chain. What the SDK does not
//! retry although it passes by itself (a role that cannot be assumed yet, say) goes through
//! [`Aws::eventually`], with the resource's file saying which refusals those are.

pub mod truths;

use crate::events::{Event, Events};
use crate::explain::{AGAIN, Failure};
use crate::interrupt::Interrupt;
use anyhow::{Context, Result, anyhow};
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::{Builder, tls};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::{display::DisplayErrorContext, metadata::ProvideErrorMetadata};
use std::fmt;
use std::future::Future;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// How often the SDK sends a call in all; its default of 3 is too few for a burst of control-plane
/// calls (truths X5).
const ATTEMPTS: u32 = 8;
/// How many calls of IAM are in flight at once.
const IAM_CALLS: usize = 4;
/// How long a new role, policy or key may take to be known everywhere (truths X1, X2).
pub const PROPAGATION: Duration = Duration::from_mins(2);
/// How long AWS may take to remove what it removes in the background (truths F8).
pub const REMOVAL: Duration = Duration::from_mins(5);

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
        // Buckets as host names need DNS for each bucket, which a local endpoint does not have.
        let elsewhere = config.endpoint_url().is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some();
        let s3 = aws_sdk_s3::config::Builder::from(config).force_path_style(elsewhere).build();
        let once = aws_sdk_kms::config::Builder::from(config).retry_config(RetryConfig::disabled()).build();
        Self {
            eventbridge: aws_sdk_eventbridge::Client::new(config),
            iam: aws_sdk_iam::Client::new(config),
            kms: aws_sdk_kms::Client::new(config),
            kms_once: aws_sdk_kms::Client::from_conf(once),
            lambda: aws_sdk_lambda::Client::new(config),
            logs: aws_sdk_cloudwatchlogs::Client::new(config),
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

    /// Calls until it succeeds, fails with something that `passes` does not accept, or `budget`
    /// is over. Dense at first, since most of these waits are short (truths X1).
    ///
    /// # Errors
    /// The last failure; an interruption ends the wait at once.
    pub async fn eventually<T>(
        &self,
        on: &str,
        budget: Duration,
        passes: impl Fn(&Refusal) -> bool,
        call: impl AsyncFn() -> Result<T>,
    ) -> Result<T> {
        let end = Instant::now() + budget;
        let mut pause = Duration::from_millis(250);
        let mut said = false;
        loop {
            let error = match call().await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            if !error.downcast_ref::<Refusal>().is_some_and(&passes) || Instant::now() + pause > end {
                return Err(error);
            }
            if !std::mem::replace(&mut said, true) {
                self.waiting(on);
            }
            self.pause(on, jittered(pause)).await?;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }

    /// Waits for a while.
    ///
    /// # Errors
    /// An interruption ends the wait at once.
    pub async fn pause(&self, on: &str, pause: Duration) -> Result<()> {
        let waited = self.interrupt.during(tokio::time::sleep(pause)).await;
        waited.ok_or_else(|| Failure::new(format!("wait for {on}"), "the run was interrupted", AGAIN).into())
    }

    /// Whether the run is to stop: for work of many calls, which looks between two.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.interrupt.cause().is_some()
    }

    /// Reads until `settled` says that it is as wanted.
    ///
    /// # Errors
    /// A failed read, or the end of `budget`.
    pub async fn until<T>(
        &self,
        on: &str,
        budget: Duration,
        read: impl AsyncFn() -> Result<T>,
        settled: impl Fn(&T) -> bool,
    ) -> Result<T> {
        let not_yet = |refusal: &Refusal| refusal.code == Refusal::NOT_YET;
        self.eventually(on, budget, not_yet, async || {
            let value = read().await?;
            if settled(&value) { Ok(value) } else { Err(Refusal::not_yet(on).into()) }
        })
        .await
    }

    /// A call of IAM, once there is a place for it: IAM is one small control plane for the whole
    /// account, and takes no fan-out well (truths I11).
    pub async fn iam_call<T>(&self, call: impl Future<Output = T>) -> T {
        let _place = self.iam_places.acquire().await;
        call.await
    }

    fn waiting(&self, on: &str) {
        self.events.send(Event::Waiting { name: self.resource.clone(), on: on.into() });
    }
}

/// Three to five quarters of a pause: two runs that met once are not to meet at each try.
fn jittered(pause: Duration) -> Duration {
    let random = RandomState::new().build_hasher().finish() % 1000;
    pause * 3 / 4 + pause / 2 * u32::try_from(random).unwrap_or_default() / 1000
}

/// AWS said no, or could not be asked.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What was asked, in the infinitive: "create topic x".
    pub what: String,
    /// AWS's error code, such as `AccessDeniedException`; empty when there was no answer.
    pub code: String,
    /// AWS's words.
    pub message: String,
    /// The HTTP status; 0 when there was no answer.
    pub status: u16,
}

impl Refusal {
    const NOT_YET: &str = "cvault.NotYet";

    fn not_yet(on: &str) -> Self {
        Self {
            what: format!("wait for {on}"),
            code: Self::NOT_YET.into(),
            message: "it took too long".into(),
            status: 0,
        }
    }

    /// True for any of the codes, with or without the suffix that only some protocols add
    /// (truths X7, X8).
    #[must_use]
    pub fn is(&self, codes: &[&str]) -> bool {
        let bare = |code: &str| {
            let code = code.rsplit(['.', '#']).next().unwrap_or(code);
            code.strip_suffix("Exception").unwrap_or(code).to_owned()
        };
        codes.iter().any(|code| bare(code) == bare(&self.code))
    }

    /// True when the message contains `text`, in any case.
    #[must_use]
    pub fn says(&self, text: &str) -> bool {
        self.message.to_lowercase().contains(&text.to_lowercase())
    }

    /// True when nobody knows whether the call took effect, or when AWS was only busy.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        self.status == 0 || self.status >= 500 || self.status == 429 || self.is(&["Throttling", "TooManyRequests"])
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.what)?;
        match (self.code.as_str(), self.status) {
            (Self::NOT_YET | "", 0) => f.write_str(&self.message),
            ("", status) => write!(f, "HTTP {status} {}", self.message),
            (code, _) => write!(f, "{code}: {}", self.message),
        }
    }
}

impl std::error::Error for Refusal {}

/// Turns an SDK answer into ours.
pub trait Answer<T> {
    /// Names what was asked.
    ///
    /// # Errors
    /// The refusal, if it is one.
    fn or_refused(self, what: impl fmt::Display) -> Result<T>;

    /// The same, with `None` where AWS says that the thing is not there: any of `codes`.
    ///
    /// # Errors
    /// Any other refusal.
    fn or_absent(self, codes: &[&str], what: impl fmt::Display) -> Result<Option<T>>;

    /// The same for refusals that take more than a code to tell.
    ///
    /// # Errors
    /// Any other refusal.
    fn or_none_if(self, accepted: impl Fn(&Refusal) -> bool, what: impl fmt::Display) -> Result<Option<T>>;

    /// The same, for a write that somebody else may have done already: any of `codes` is success.
    ///
    /// # Errors
    /// Any other refusal.
    fn or_done(self, codes: &[&str], what: impl fmt::Display) -> Result<()>;
}

impl<T, E> Answer<T> for Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    fn or_refused(self, what: impl fmt::Display) -> Result<T> {
        self.map_err(|error| anyhow!(refusal(&error, what.to_string())))
    }

    fn or_absent(self, codes: &[&str], what: impl fmt::Display) -> Result<Option<T>> {
        self.or_none_if(|refusal| refusal.is(codes), what)
    }

    fn or_none_if(self, accepted: impl Fn(&Refusal) -> bool, what: impl fmt::Display) -> Result<Option<T>> {
        match self.map_err(|error| refusal(&error, what.to_string())) {
            Ok(found) => Ok(Some(found)),
            Err(refusal) if accepted(&refusal) => Ok(None),
            Err(refusal) => Err(refusal.into()),
        }
    }

    fn or_done(self, codes: &[&str], what: impl fmt::Display) -> Result<()> {
        self.or_absent(codes, what).map(drop)
    }
}

fn refusal<E>(error: &SdkError<E, HttpResponse>, what: String) -> Refusal
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    // A HEAD answer has no body, hence no code: its status is all there is (truths S6).
    let code = error.code().unwrap_or(if status == 404 { "NotFound" } else { "" }).to_owned();
    let message = match error.message() {
        Some(message) => message.to_owned(),
        None if error.code().is_none() => causes(error),
        None => String::new(),
    };
    Refusal { what, code, message, status }
}

/// The chain of causes in one line: the SDK's own text says only "dispatch failure".
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut texts = vec![];
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if texts.last() != Some(&text) {
            texts.push(text);
        }
        next = error.source();
    }
    if texts.is_empty() { DisplayErrorContext(error).to_string() } else { texts.join(": ") }
}

/// Our two tags out of what AWS lists: others belong to others and are no difference.
pub fn our_tags<'a>(tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> std::collections::BTreeMap<String, String> {
    tags.into_iter()
        .filter(|(key, _)| key.starts_with("cvault:"))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_pauses_are_alike_and_none_is_far_off() {
        let pauses: Vec<_> = (0..100).map(|_| jittered(Duration::from_secs(2))).collect();
        let bounds = Duration::from_millis(1500)..Duration::from_millis(2500);
        assert!(pauses.iter().all(|pause| bounds.contains(pause)), "{pauses:?}");
        assert!(pauses.iter().any(|pause| *pause != pauses[0]));
    }
}

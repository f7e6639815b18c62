//! The clients: one for each service.

use super::gate::Gate;
use super::json::{Answers, Calls};
use super::refusal::Quotas;
use crate::outcome::interrupt::Interrupt;
use crate::outcome::progress::Progress;
use aws_config::{SdkConfig, retry::RetryConfig};
use std::future::Future;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// How many calls of IAM are in flight at once.
const IAM_CALLS: usize = 4;

/// One client per service, and the way to say what is being waited for. Cheap to clone.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each field is the client of the service it is named after")]
pub struct Aws {
    pub cloudwatch: aws_sdk_cloudwatch::Client,
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

impl Aws {
    /// Clients for every service that the stack uses; `progress` is told what is waited for.
    #[must_use]
    pub fn new(config: &SdkConfig, progress: impl Progress + 'static, interrupt: Interrupt) -> Self {
        let mut gated = config.clone().into_builder();
        gated.set_http_client(config.http_client().map(|client| Gate::before(client, &interrupt)));
        let config = &gated.build();
        // Buckets as host names need DNS for each bucket, which a local endpoint does not have.
        let elsewhere = config.endpoint_url().is_some() || super::config::variable("AWS_ENDPOINT_URL_S3").is_some();
        let s3 = aws_sdk_s3::config::Builder::from(config).force_path_style(elsewhere).build();
        let once = aws_sdk_kms::config::Builder::from(config).retry_config(RetryConfig::disabled()).build();
        let mut cloudwatch = aws_sdk_cloudwatch::config::Builder::from(config).interceptor(Calls);
        cloudwatch.set_http_client(config.http_client().map(Answers::of));
        let eventbridge = aws_sdk_eventbridge::config::Builder::from(config).retry_classifier(Quotas).build();
        let kms = aws_sdk_kms::config::Builder::from(config).retry_classifier(Quotas).build();
        let logs = aws_sdk_cloudwatchlogs::config::Builder::from(config).retry_classifier(Quotas).build();
        Self {
            cloudwatch: aws_sdk_cloudwatch::Client::from_conf(cloudwatch.build()),
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

    /// What stops new calls.
    #[must_use]
    pub fn interrupt(&self) -> &Interrupt {
        &self.interrupt
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

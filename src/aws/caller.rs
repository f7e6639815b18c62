//! Who we are on AWS, as STS says.

use super::refusal::Answer;
use crate::outcome::failure::Failure;
use anyhow::{Context, Result};
use aws_config::{SdkConfig, timeout::TimeoutConfig};
use aws_sdk_sts::config::Builder;
use std::time::Duration;

/// How long the first call may take, once and with all its repetitions: who has no way to AWS is to know soon.
const ATTEMPT: Duration = Duration::from_secs(20);
const BOUND: Duration = Duration::from_mins(1);
/// What the first call asks.
pub(super) const WHO: &str = "ask who we are on AWS";

/// Who is asking, as STS says.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The partition of the caller's ARN.
    pub partition: String,
    /// The account, 12 digits.
    pub account: String,
    /// The region of the configuration.
    pub region: String,
    /// The caller's ARN; of a role it is the session's.
    pub arn: String,
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
    let bound = TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT).operation_timeout(BOUND).build();
    let asked = aws_sdk_sts::Client::new(config).get_caller_identity().customize();
    let asked = asked.config_override(Builder::new().timeout_config(bound)).send().await;
    let identity = asked.or_refused(WHO)?;
    let arn = identity.arn.unwrap_or_default();
    Ok(Caller {
        partition: arn.split(':').nth(1).filter(|part| !part.is_empty()).unwrap_or("aws").to_owned(),
        account: identity.account.context("STS named no account")?,
        region: region.to_string(),
        arn,
    })
}

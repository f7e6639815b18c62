//! The Lambda function: reads its environment, answers calls, and nothing else.

#[cfg(not(panic = "unwind"))]
compile_error!("a panic in a reader becomes a verdict: it must not end the function");

use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{BehaviorVersion, Region};
use aws_smithy_http_client::{Builder, tls};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use classifier::audit::{self, Call};
use classifier::batch::{self, Executions};
use classifier::macie::Macie;
use classifier::messages::{Failure, FailureKind, Request, Result};
use classifier::notices::{self, Topic};
use classifier::objects::Objects;
use classifier::queue::Batch;
use classifier::steps::{Compiled, PATIENCE, Vault};
use classifier::sweep;
use classifier::take::{self, Outcome};
use futures::FutureExt;
use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use std::env;
use std::io::Write;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant, SystemTime};

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::result::Result<(), Error> {
    // The message of a panic may hold a piece of the file that was read: only where it happened is said.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let _ = writeln!(std::io::stderr(), "{}", serde_json::json!({"panic": place}));
    }));
    // One pool of connections and one configuration of TLS for all.
    let http = http();
    let vault = Vault {
        objects: Objects::new(s3(http.clone())?),
        macie: Macie::new(macie(http.clone())?),
        ingress: env::var("ingress_bucket")?,
        analytics: env::var("analytics_bucket")?,
        vault: env::var("vault_bucket")?,
        detectors: Compiled::default(),
        // Not set where cvault deploys: tests, whose state machines wait a hundredth of their time, say it.
        patience: env::var("patience_seconds").ok().and_then(|it| it.parse().ok()).unwrap_or(PATIENCE),
    };
    // Without it files are judged all the same, and their notices wait.
    let topic = Topic { client: sns(http.clone())?, arn: env::var("topic_arn").unwrap_or_default() };
    let executions = Executions::new(sfn(http)?);
    let (vault, topic, executions) = (&vault, &topic, &executions);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<serde_json::Value>| {
        let begun = Instant::now();
        // Lambda itself calls with what is in a queue, and knows no steps.
        let (step, answer) = if event.payload["Records"].is_array() {
            take_out(topic, executions, event.payload).await
        } else {
            let step = event.payload["Step"].as_str().unwrap_or_default().to_owned();
            let answer = if batch::Step::is(&step) {
                take_batch(vault, executions, event.payload).await
            } else {
                handle(vault, event.payload, event.context.deadline()).await
            };
            (step, answer)
        };
        log(&step, &answer, begun.elapsed());
        answer.map_err(|failure| Diagnostic {
            error_type: failure.kind.error_type().into(),
            error_message: failure.message,
        })
    }))
    .await
}

/// What is in a queue: notices, or files for Macie.
async fn take_out(
    topic: &Topic,
    executions: &Executions,
    payload: serde_json::Value,
) -> (String, Result<serde_json::Value>) {
    let wrong = |error: serde_json::Error| Failure::new(FailureKind::InvalidInput, error.to_string());
    let batch: Batch = match serde_json::from_value(payload) {
        Ok(batch) => batch,
        Err(error) => return ("TakeOut".into(), Err(wrong(error))),
    };
    let (step, left) = if batch::is_of_files(&batch) {
        ("GatherFiles", batch::gather(executions, &batch).await)
    } else {
        ("TellOfNotices", notices::tell(topic, &batch).await)
    };
    for failure in &left.failures {
        write(&serde_json::json!({"step": step, "failure": failure}));
    }
    (step.into(), serde_json::to_value(left).map_err(wrong))
}

async fn take_batch(vault: &Vault, executions: &Executions, payload: serde_json::Value) -> Result<serde_json::Value> {
    let wrong = |error: serde_json::Error| Failure::new(FailureKind::InvalidInput, error.to_string());
    let request: batch::Request = serde_json::from_value(payload).map_err(wrong)?;
    serde_json::to_value(Box::pin(vault.take_batch(executions, request)).await?).map_err(wrong)
}

async fn handle(vault: &Vault, payload: serde_json::Value, deadline: SystemTime) -> Result<serde_json::Value> {
    let wrong = |error: serde_json::Error| Failure::new(FailureKind::InvalidInput, error.to_string());
    let left = deadline.duration_since(SystemTime::now()).unwrap_or_default();
    let deadline = Some(tokio::time::Instant::now() + left);
    if payload["Step"] == sweep::STEP {
        let request: sweep::Request = serde_json::from_value(payload).map_err(wrong)?;
        let request = sweep::Request { deadline, ..request };
        let page = Box::pin(sweep::list(vault, request)).await?;
        let function = env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default();
        if let Some(line) = page.metric(&function) {
            write(&line);
        }
        return serde_json::to_value(page).map_err(wrong);
    }
    if payload["Step"] == take::STEP {
        let request: take::Request = serde_json::from_value(payload["Take"].clone()).map_err(wrong)?;
        let outcome = Box::pin(take::take(vault, &request)).await;
        let why = match &outcome {
            Ok(Outcome::Left(why)) => Some(why.clone()),
            Err(failure) => Some(failure.to_string()),
            Ok(_) => None,
        };
        if let Some(why) = why {
            // Who asks which ones were left finds them here: a state machine has no room for them.
            let take::Request { bucket, key, .. } = &request;
            write(&serde_json::json!({"step": take::STEP, "bucket": bucket, "key": key, "left": why}));
        }
        return serde_json::to_value(outcome?).map_err(wrong);
    }
    let request: Request = serde_json::from_value(payload).map_err(wrong)?;
    let request = Request { deadline, ..request };
    let (step, execution, given) = (request.step, request.execution.clone(), request.clone());
    let again = vault.judges_again(&request);
    // What a panic says is not handed on: it may hold a piece of the file.
    let panicked = |_| Err(Failure::new(FailureKind::Refused, "the function panicked: its log says where"));
    let answer = AssertUnwindSafe(vault.take(request)).catch_unwind().await.unwrap_or_else(panicked);
    let function = env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default();
    let call = Call { step, again, execution, function, at: SystemTime::now() };
    let line = match &answer {
        Ok(answer) => audit::line(&call, answer),
        Err(failure) => audit::standing(failure, &given).and_then(|answer| audit::line(&call, &answer)),
    };
    if let Some(line) = line {
        write(&line);
    }
    serde_json::to_value(answer?).map_err(wrong)
}

/// One line a call, as JSON: what was done, how it ended, how long it took. What is in the object
/// is in no log.
fn log(step: &str, answer: &Result<serde_json::Value>, took: Duration) {
    let (status, failure) = match answer {
        Ok(answer) => (answer["Verdict"]["Status"].clone(), None),
        Err(failure) => (serde_json::Value::Null, Some(failure.to_string())),
    };
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let line = serde_json::json!({"step": step, "status": status, "failure": failure, "milliseconds": milliseconds});
    write(&line);
}

fn write(line: &serde_json::Value) {
    // A log that cannot be written is no reason to fail a verdict.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Lambda puts region, credentials and endpoint into the environment: the SDK's whole chain of
/// other places to look would double the size of the package.
fn credentials() -> std::result::Result<Credentials, Error> {
    let (id, secret) = (env::var("AWS_ACCESS_KEY_ID")?, env::var("AWS_SECRET_ACCESS_KEY")?);
    Ok(Credentials::new(id, secret, env::var("AWS_SESSION_TOKEN").ok(), None, "Lambda"))
}

fn endpoint(variable: &str) -> Option<String> {
    env::var(variable).or_else(|_| env::var("AWS_ENDPOINT_URL")).ok()
}

fn http() -> SharedHttpClient {
    Builder::new().tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring)).build_https()
}

fn s3(http: SharedHttpClient) -> std::result::Result<Client, Error> {
    let endpoint = endpoint("AWS_ENDPOINT_URL_S3");
    let mut config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(env::var("AWS_REGION")?))
        .credentials_provider(credentials()?)
        .http_client(http)
        // Short retries here, long ones in the state machine.
        .retry_config(RetryConfig::standard().with_max_attempts(5))
        .timeout_config(TimeoutConfig::builder().connect_timeout(Duration::from_secs(3)).build())
        .force_path_style(endpoint.is_some());
    config.set_endpoint_url(endpoint);
    Ok(Client::from_conf(config.build()))
}

fn macie(http: SharedHttpClient) -> std::result::Result<aws_sdk_macie2::Client, Error> {
    let timeouts = TimeoutConfig::builder().connect_timeout(Duration::from_secs(3));
    let mut config = aws_sdk_macie2::Config::builder()
        .behavior_version(aws_sdk_macie2::config::BehaviorVersion::latest())
        .region(Region::new(env::var("AWS_REGION")?))
        .credentials_provider(credentials()?)
        .http_client(http)
        // The state machine retries: more tries here would only take from the one job in ten seconds.
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts.operation_timeout(Duration::from_mins(1)).build());
    config.set_endpoint_url(endpoint("AWS_ENDPOINT_URL_MACIE2"));
    Ok(aws_sdk_macie2::Client::from_conf(config.build()))
}

fn sns(http: SharedHttpClient) -> std::result::Result<aws_sdk_sns::Client, Error> {
    let timeouts = TimeoutConfig::builder().connect_timeout(Duration::from_secs(3));
    let mut config = aws_sdk_sns::Config::builder()
        .behavior_version(aws_sdk_sns::config::BehaviorVersion::latest())
        .region(Region::new(env::var("AWS_REGION")?))
        .credentials_provider(credentials()?)
        .http_client(http)
        .retry_config(RetryConfig::standard().with_max_attempts(5))
        .timeout_config(timeouts.operation_timeout(Duration::from_mins(1)).build());
    config.set_endpoint_url(endpoint("AWS_ENDPOINT_URL_SNS"));
    Ok(aws_sdk_sns::Client::from_conf(config.build()))
}

fn sfn(http: SharedHttpClient) -> std::result::Result<aws_sdk_sfn::Client, Error> {
    let timeouts = TimeoutConfig::builder().connect_timeout(Duration::from_secs(3));
    let mut config = aws_sdk_sfn::Config::builder()
        .behavior_version(aws_sdk_sfn::config::BehaviorVersion::latest())
        .region(Region::new(env::var("AWS_REGION")?))
        .credentials_provider(credentials()?)
        .http_client(http)
        .retry_config(RetryConfig::standard().with_max_attempts(5))
        .timeout_config(timeouts.operation_timeout(Duration::from_mins(1)).build());
    config.set_endpoint_url(endpoint("AWS_ENDPOINT_URL_SFN"));
    Ok(aws_sdk_sfn::Client::from_conf(config.build()))
}

//! Follows uploads to the end of their executions, and looks where each file is by then.

use super::upload::Upload;
use crate::aws::Answer;
use crate::commands::session::Session;
use crate::deploy::event::{Event, Judged};
use crate::outcome::failure::Failure;
use crate::vault::names::Zone;
use anyhow::{Context, Result, bail};
use aws_sdk_sfn::operation::describe_execution::DescribeExecutionOutput;
use aws_sdk_sfn::types::ExecutionStatus;
use futures::future::try_join_all;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};
use tokio::time::{Instant, sleep};

/// How often executions are looked at, and for how long.
const PAUSE: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_mins(2);

/// Executions that have ended, by their ARN.
type Ended = BTreeMap<String, Execution>;

/// What an execution was started with, and how it ended.
struct Execution {
    bucket: String,
    key: String,
    etag: String,
    verdict: Value,
    failure: Option<(String, String)>,
    stopped: SystemTime,
}

/// Waits until every upload was judged and, where it was stored, its analytics copy cleared.
///
/// # Errors
/// Step Functions cannot be asked, or an execution does not end in time.
pub async fn to_the_end(session: &Session, uploads: &[Upload]) -> Result<Vec<Judged>> {
    let (ingress, vault) = (session.names.bucket(Zone::Ingress), session.names.bucket(Zone::Vault));
    let deadline = Instant::now() + PATIENCE;
    let mut ended = Ended::new();
    let mut told = 0;
    loop {
        collect(session, &mut ended).await?;
        let of = |bucket: &str, key: &str| ended.values().find(|it| it.bucket == bucket && it.key == key);
        let settled = |upload: &&Upload| {
            of(&ingress, &upload.key).is_some_and(|it| it.verdict["Status"] != "VAULT_COPY")
                || of(&ingress, &upload.key).is_some() && of(&vault, &upload.key).is_some()
        };
        let count = uploads.iter().filter(settled).count();
        if count != told {
            told = count;
            let text = format!("{count} of {} files are through", uploads.len());
            session.events.send(Event::Progress { name: "pipeline".into(), text });
        }
        if count == uploads.len() {
            break;
        }
        if Instant::now() > deadline {
            let missing = uploads.iter().find(|upload| !settled(upload)).map_or("", |upload| upload.key.as_str());
            stuck(missing)?;
        }
        sleep(PAUSE).await;
    }
    let rows = uploads.iter().map(async |upload| {
        let execution = ended.values().find(|it| it.bucket == ingress && it.key == upload.key);
        judged(session, upload, execution.context("it was there above")?).await
    });
    try_join_all(rows).await
}

async fn collect(session: &Session, ended: &mut Ended) -> Result<()> {
    // The emulator lists those of an Express workflow, too: on AWS its log has them.
    let machines = [session.names.state_machine_arn(), session.names.express_arn()].map(async |machine| {
        let list = session.aws.sfn.list_executions().state_machine_arn(machine);
        list.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.or_refused("list the executions")
    });
    let executions = try_join_all(machines).await?;
    let news = executions
        .into_iter()
        .flatten()
        .filter(|it| it.status != ExecutionStatus::Running && !ended.contains_key(&it.execution_arn))
        .map(async |it| {
            let described = session.aws.sfn.describe_execution().execution_arn(&it.execution_arn).send().await;
            let described = described.or_refused(format!("read execution {}", it.name))?;
            Ok::<_, anyhow::Error>((it.execution_arn, execution(described)))
        });
    ended.extend(try_join_all(news).await?.into_iter().filter_map(|(arn, execution)| Some((arn, execution?))));
    Ok(())
}

/// `None` of one that has handed over to another.
fn execution(described: DescribeExecutionOutput) -> Option<Execution> {
    let json = |text: Option<String>| serde_json::from_str::<Value>(&text.unwrap_or_default()).unwrap_or_default();
    let (input, output) = (json(described.input), json(described.output));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let stopped = described.stop_date.and_then(|date| SystemTime::try_from(date).ok());
    let failed = described.status != ExecutionStatus::Succeeded;
    let handed_over = !failed && (output["HandedOver"].is_string() || output["Error"].is_string());
    (!handed_over).then(|| Execution {
        bucket: text(&input["detail"]["bucket"]["name"]),
        key: text(&input["detail"]["object"]["key"]),
        etag: text(&input["detail"]["object"]["etag"]),
        verdict: output["Classifier"]["Verdict"].clone(),
        failure: failed.then(|| (described.error.unwrap_or_default(), described.cause.unwrap_or_default())),
        stopped: stopped.unwrap_or_else(SystemTime::now),
    })
}

async fn judged(session: &Session, upload: &Upload, execution: &Execution) -> Result<Judged> {
    let (status, reasons) = if let Some((error, cause)) = &execution.failure {
        (error.clone(), vec![cause.clone()])
    } else {
        let reasons = execution.verdict["Reasons"].as_array().cloned().unwrap_or_default();
        let reasons = reasons.iter().filter_map(|reason| reason.as_str().map(str::to_owned)).collect();
        (execution.verdict["Status"].as_str().unwrap_or_default().to_owned(), reasons)
    };
    let took = execution.stopped.duration_since(upload.at).unwrap_or_default();
    let place = place(session, upload, execution).await?;
    Ok(Judged { file: upload.key.clone(), status, reasons, place, seconds: took.as_secs_f64() })
}

/// Where the file is: asked of S3, not taken from the verdict.
async fn place(session: &Session, upload: &Upload, execution: &Execution) -> Result<String> {
    let copy = execution.verdict["AnalyticsKey"].as_str().unwrap_or_default();
    let places = [
        (Zone::Ingress, upload.key.as_str(), Some(upload.version_id.as_str())),
        (Zone::Analytics, copy, None),
        (Zone::Vault, upload.key.as_str(), None),
    ];
    let looked = places.into_iter().filter(|(_, key, _)| !key.is_empty()).map(async |(zone, key, version)| {
        let bucket = session.names.bucket(zone);
        let head = session.aws.s3.head_object().bucket(&bucket).key(key);
        let head = head.set_version_id(version.filter(|it| !it.is_empty()).map(str::to_owned)).send().await;
        let there = head.or_absent(format!("look for {key:?} in {bucket}"))?;
        Ok::<_, anyhow::Error>(there.map(|_| format!("{zone}: s3://{bucket}/{key}")))
    });
    let found: Vec<_> = try_join_all(looked).await?.into_iter().flatten().collect();
    Ok(if found.is_empty() { format!("nowhere (entity tag {})", execution.etag) } else { found.join(" and ") })
}

/// The pipeline did not come to an end.
fn stuck(key: &str) -> Result<Judged> {
    bail!(Failure::new(
        format!("follow {key:?} through the vault"),
        "it did not come to an end within two minutes",
        "run `cvault demo --keep`, and look at its executions with the AWS CLI"
    ))
}

//! `cvault demo`: the whole thing on this machine. An embedded emulator, `up`, files through the
//! pipeline, where each ended and why, `down`.
//!
//! Nothing here is a shortcut: the files go through S3, EventBridge, Step Functions and the
//! function's own binary, and every answer is read from where AWS keeps it.

mod files;
mod follow;

use super::{Session, down, up};
use crate::aws;
use crate::cli;
use crate::deploy::event::{Event, Events, Judged};
use crate::emulator::Emulator;
use crate::outcome::failure::{Exit, Failure};
use crate::outcome::interrupt::Interrupt;
use crate::vault::names::Zone;
use crate::vault::settings::Settings;
use anyhow::{Context, Result, bail};
use aws_config::SdkConfig;
use aws_sdk_s3::primitives::ByteStream;
use files::{Content, File};
use futures::TryStreamExt;
use futures::stream::{self, StreamExt};
use std::time::SystemTime;

/// Where the demo happens, if nobody says otherwise.
const REGION: &str = "eu-west-1";
/// Who is told: the emulator sends no e-mail.
const ADDRESS: &str = "demo@example.com";
/// How many files are uploaded at once.
const UPLOADS: usize = 8;

/// Runs the demo.
///
/// # Errors
/// The emulator cannot be installed or started, or a file did not end where it should.
pub async fn run(settings: Settings, options: &cli::Demo, events: &Events, interrupt: &Interrupt) -> Result<Exit> {
    let files = files::files(&options.files)?;
    let mut settings = Settings { delete_data: true, expect_account: None, ..settings };
    if settings.emails.is_empty() {
        settings.emails.push(ADDRESS.into());
    }
    let region = settings.region.clone().unwrap_or_else(|| REGION.into());
    let progress = |text: &str| events.send(Event::Note { text: text.into() });
    let started = interrupt.during(Emulator::start(&region, progress)).await;
    let Some(mut emulator) = started.transpose()? else { return Ok(Exit::Interrupted) };
    let config = aws::local_config(emulator.endpoint(), &region);
    let work = Box::pin(pass(settings, &config, &files, options.keep, events, interrupt));
    let ended = tokio::select! {
        ended = work => ended,
        failure = emulator.died() => return Err(failure.into()),
    };
    match ended {
        Ok(exit) if options.keep && interrupt.cause().is_none() => {
            let environment = emulator.environment().to_vec();
            let kept = emulator.keep().await?;
            events.send(Event::Kept { environment, stop: kept.stop });
            Ok(exit)
        }
        ended => {
            emulator.stop().await?;
            ended
        }
    }
}

/// Up, the files, and down again; stops between them when interrupted, since with the emulator
/// everything goes.
async fn pass(
    settings: Settings,
    config: &SdkConfig,
    files: &[File],
    keep: bool,
    events: &Events,
    interrupt: &Interrupt,
) -> Result<Exit> {
    let session = Session::open(settings, config, events.clone(), interrupt.clone()).await?;
    let exit = up::run(&session, false).await?;
    if exit != Exit::Done {
        return Ok(exit);
    }
    let uploads: Vec<_> = interrupt.reading(upload(&session, files)).await?;
    let judged = interrupt.reading(follow::to_the_end(&session, &uploads)).await?;
    let surprise = surprise(files, &judged);
    events.send(Event::Judged { files: judged });
    if !keep {
        let exit = down::run(&session, false).await?;
        if exit != Exit::Done {
            return Ok(exit);
        }
    }
    surprise.map_or(Ok(Exit::Done), |failure| Err(failure.into()))
}

/// A file under way.
struct Upload {
    key: String,
    version_id: String,
    at: SystemTime,
}

async fn upload(session: &Session, files: &[File]) -> Result<Vec<Upload>> {
    let bucket = session.names.bucket(Zone::Ingress);
    let uploads = stream::iter(files).map(|file| {
        let bucket = bucket.clone();
        async move {
            let body = match &file.content {
                Content::Sample(bytes) => ByteStream::from_static(bytes),
                Content::Path(path) => {
                    ByteStream::from_path(path).await.with_context(|| format!("read {}", path.display()))?
                }
            };
            let at = SystemTime::now();
            let put = session.aws.s3.put_object().bucket(bucket).key(&file.key).body(body).send().await;
            let put = aws::Answer::or_refused(put, format!("upload {:?}", file.key))?;
            session.events.send(Event::Progress { name: file.key.clone(), text: "sent to ingress".into() });
            Ok(Upload { key: file.key.clone(), version_id: put.version_id.unwrap_or_default(), at })
        }
    });
    uploads.buffered(UPLOADS).try_collect().await
}

/// A sample that did not end as it should: then something is wrong with cvault or its emulator.
fn surprise(files: &[File], judged: &[Judged]) -> Option<Failure> {
    let wrong =
        files.iter().zip(judged).find(|(file, row)| file.expected.is_some_and(|expected| row.status != expected));
    wrong.map(|(file, row)| {
        Failure::new(
            format!("judge the sample {:?}", file.key),
            format!("it is {} instead of {}", row.status, file.expected.unwrap_or_default()),
            "this is a mistake in cvault or in its emulator: please report it with the lines above",
        )
    })
}

/// The pipeline did not come to an end.
fn stuck(key: &str) -> Result<Judged> {
    bail!(Failure::new(
        format!("follow {key:?} through the vault"),
        "it did not come to an end within two minutes",
        "run `cvault demo --keep`, and look at its executions with the AWS CLI"
    ))
}

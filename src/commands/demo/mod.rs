//! `cvault demo`: the whole thing on this machine. An embedded emulator, `up`, files through the
//! pipeline, where each ended and why, `down`.
//!
//! Nothing here is a shortcut: the files go through S3, EventBridge, Step Functions and the
//! function's own binary, and every answer is read from where AWS keeps it.

mod files;
mod follow;
mod upload;

use super::interruption::until_stopped;
use super::session::Session;
use super::{down, up};
use crate::aws;
use crate::deploy::event::{Event, Events, Judged};
use crate::emulator::Emulator;
use crate::outcome::failure::{Exit, Failure};
use crate::outcome::interrupt::Interrupt;
use crate::vault::names::Existing;
use crate::vault::settings::Settings;
use anyhow::Result;
use aws_config::SdkConfig;
use files::File;
use std::num::NonZero;
use std::path::PathBuf;

/// Where the demo happens, if nobody says otherwise.
const REGION: &str = "eu-west-1";
/// Who is told: the emulator sends no e-mail.
const ADDRESS: &str = "demo@example.com";

/// Runs the demo.
///
/// # Errors
/// The emulator cannot be installed or started, or a file did not end where it should.
pub async fn run(
    settings: Settings,
    paths: &[PathBuf],
    keep: bool,
    events: &Events,
    interrupt: &Interrupt,
) -> Result<Exit> {
    let files = files::files(paths)?;
    let mut settings = Settings { delete_data: true, expect_account: None, existing: Existing::default(), ..settings };
    if settings.emails.is_empty() {
        settings.emails.push(ADDRESS.into());
    }
    let region = settings.region.clone().unwrap_or_else(|| REGION.into());
    let progress = |text: &str| events.send(Event::Note { text: text.into() });
    // Each call of the function is a process here.
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let at_once = format!("CVAULT_CALLS_AT_ONCE={}", (2 * cores).max(4));
    let started = interrupt.during(Emulator::start_with(&region, &[&at_once], progress)).await;
    let Some(mut emulator) = started.transpose()? else { return Ok(Exit::Interrupted) };
    let config = aws::local_config(emulator.endpoint(), &region);
    let work = Box::pin(pass(settings, &config, &files, keep, events, interrupt));
    let ended = tokio::select! {
        ended = work => ended,
        failure = emulator.died() => return Err(failure.into()),
    };
    match ended {
        Ok(exit) if keep && interrupt.cause().is_none() => {
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
    let (session, macie) = Session::open(settings, config, events.clone(), interrupt.clone()).await?;
    let deployment = up::look(&session, &macie, up::Allowed::default()).await?;
    let exit = up::apply(&session, &macie, &deployment).await;
    if exit != Exit::Done {
        return Ok(exit);
    }
    let uploads = until_stopped(interrupt, upload::all(&session, files)).await?;
    let judged = until_stopped(interrupt, follow::to_the_end(&session, &uploads)).await?;
    let surprise = surprise(files, &judged);
    events.send(Event::Judged { files: judged });
    if !keep {
        let macie = session.look().await?;
        let removal = down::look(&session, &macie, false).await?;
        removal.guard(session.settings.delete_data)?;
        let exit = down::remove(&session, &macie, &removal).await;
        if exit != Exit::Done {
            return Ok(exit);
        }
    }
    surprise.map_or(Ok(Exit::Done), |failure| Err(failure.into()))
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

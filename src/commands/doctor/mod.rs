//! `cvault doctor`: what would stop `up`, or does stop the vault, each with what to do. It changes nothing.
//!
//! A check that cannot be made is no failure of the others: it says what it could not read, and the rest goes on.

mod account;
mod check;
pub mod permissions;
mod rights;
mod vault;

pub use rights::Asked;

use super::Session;
use super::interruption::reading;
use crate::deploy::Direction;
use crate::deploy::event::{Event, Events};
use crate::deploy::plan::StackState;
use crate::outcome::failure::Exit;
use crate::outcome::interrupt::Interrupt;
use crate::outcome::row::{Check, Health, Row};
use crate::vault::macie::Macie;
use crate::vault::settings::Settings;
use anyhow::{Error, Result};
use aws_config::SdkConfig;
use futures::FutureExt;
use futures::future::{LocalBoxFuture, join_all};

/// Runs `doctor`. That AWS cannot be asked at all is a finding as any other.
///
/// # Errors
/// It was stopped.
pub async fn run(
    settings: Settings,
    config: Result<SdkConfig>,
    asked: &Asked,
    (events, interrupt): (Events, Interrupt),
) -> Result<Exit> {
    let config = match config {
        Ok(config) => config,
        Err(error) => return unopened(&interrupt, &events, error, "configuration"),
    };
    match Session::without_macie(settings, &config, events.clone(), interrupt.clone()).await {
        Ok(session) => look(&session, asked).await,
        Err(error) => unopened(&interrupt, &events, error, "credentials"),
    }
}

/// The one finding where nothing else can be looked at.
fn unopened(interrupt: &Interrupt, events: &Events, error: Error, name: &str) -> Result<Exit> {
    if interrupt.cause().is_some() {
        return Err(error);
    }
    let (check, exit) = account::unopened(&error, name);
    events.send(Event::Row(Row::Check(check)));
    Ok(exit)
}

async fn look(session: &Session, asked: &Asked) -> Result<Exit> {
    let macie = match session.look().await {
        Err(error) if session.interrupt.cause().is_some() => return Err(error),
        macie => macie,
    };
    let unseen = Macie::unseen(&session.settings);
    let of_the_stack: Vec<LocalBoxFuture<'_, Vec<Check>>> = vec![
        vault::dead_letters(session).boxed_local(),
        vault::notices(session).boxed_local(),
        vault::macie_files(session).boxed_local(),
        vault::executions_and_ingress(session).boxed_local(),
    ];
    // What the stack should be follows from Macie.
    let plan = async {
        match &macie {
            Ok(macie) => Some(session.plan(Direction::Up, &[], macie).await.map(|(_, plan)| plan)),
            Err(_) => None,
        }
    };
    let judged = rights::judged(session, macie.as_ref().unwrap_or(&unseen), asked);
    let concurrency = account::concurrency(session);
    let looks = async { Ok(futures::join!(judged, plan, concurrency, join_all(of_the_stack))) };
    let (judged, plan, concurrency, looked) = reading(&session.aws, "the vault", Box::pin(looks)).await?;
    // Of a stack that is not there nothing can have failed, and nothing be left.
    let is_absent = matches!(&plan, Some(Ok(plan)) if plan.state == StackState::Absent);
    let looked = if is_absent { vec![] } else { looked.concat() };
    let is_there = matches!(&plan, Some(Ok(plan)) if !matches!(plan.state, StackState::Absent | StackState::Partial));
    let checks = [
        account::identity(session),
        account::macie(session, &macie),
        rights::rights(judged, asked, is_there),
        vault::resources(plan),
        concurrency,
        looked,
    ];
    let checks = checks.concat();
    let is_ill = checks.iter().any(|check| check.state == Health::Bad);
    for check in checks {
        session.events.send(Event::Row(Row::Check(check)));
    }
    Ok(if is_ill { Exit::Differs } else { Exit::Done })
}

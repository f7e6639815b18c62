//! `cvault doctor`: what would stop `up`, or does stop the vault, each with what to do. It changes nothing.
//!
//! A check that cannot be made is no failure of the others: it says what it could not read, and the rest goes on.

mod account;
mod check;
mod rights;
mod vault;

use super::Session;
use super::interruption::reading;
use crate::deploy::event::Event;
use crate::deploy::permission::{Permission, Phase};
use crate::outcome::failure::Exit;
use crate::outcome::row::{Check, Health, Row};
use crate::vault::macie::Macie;
use crate::vault::names::{Names, Zone};
use anyhow::Result;
use futures::FutureExt;
use futures::future::{LocalBoxFuture, join_all};

/// Runs `doctor`.
///
/// # Errors
/// It was stopped.
pub async fn run(session: &Session, macie: &Macie) -> Result<Exit> {
    let checks: Vec<LocalBoxFuture<'_, Vec<Check>>> = vec![
        rights::rights(session, macie).boxed_local(),
        account::concurrency(session).boxed_local(),
        vault::resources(session, macie).boxed_local(),
        vault::dead_letters(session).boxed_local(),
        vault::notices(session).boxed_local(),
        vault::macie_files(session).boxed_local(),
        vault::executions(session).boxed_local(),
        vault::left_in_ingress(session).boxed_local(),
    ];
    let looked = reading(&session.aws, "the vault", async { Ok(join_all(checks).await.concat()) }).await?;
    let checks = [account::identity(session), account::macie(session, macie), looked].concat();
    let is_ill = checks.iter().any(|check| check.state == Health::Bad);
    for check in checks {
        session.events.send(Event::Row(Row::Check(check)));
    }
    Ok(if is_ill { Exit::Differs } else { Exit::Done })
}

/// What `doctor` reads beside what `status` reads.
#[must_use]
pub fn permissions(names: &Names) -> Vec<Permission> {
    let phase = Phase::Doctor;
    let any = || ["*".to_owned()];
    let machine = [names.state_machine_arn()];
    vec![
        Permission::new(phase, &["iam:SimulatePrincipalPolicy", "lambda:GetAccountSettings"], any()),
        Permission::new(phase, &["states:ListExecutions"], machine),
        Permission::new(
            phase,
            &["sqs:GetQueueAttributes"],
            [names.dead_letters_arn(), names.notices_arn(), names.macie_queue_arn()],
        ),
        Permission::new(phase, &["s3:ListBucketVersions"], [names.bucket_arn(Zone::Ingress)]),
    ]
}

//! `cvault status`: every resource, and what differs.

use super::down::versions;
use super::interruption::reading;
use super::session::{Answer, Session};
use crate::deploy::Direction;
use crate::deploy::plan::StackState;
use crate::outcome::failure::Exit;
use crate::vault::macie::Macie;
use crate::vault::names::Zone;
use crate::vault::resources::bucket::s3_contents::Contents;
use crate::vault::steps;
use anyhow::Result;
use std::time::{Duration, SystemTime};

/// How long a file may be in ingress before `status` speaks of it. EventBridge tries for 24 hours to
/// start its execution.
const PATIENCE: Duration = Duration::from_hours(24);

/// Runs `status`.
///
/// # Errors
/// Something cannot be read.
pub async fn run(session: &Session, macie: &Macie) -> Result<Answer> {
    let (planned, left) = futures::join!(session.plan(Direction::Up, &[], macie), left_in_ingress(session));
    let (_, mut plan) = planned?;
    let ingress = plan.resources.iter_mut().find(|step| step.name == steps::bucket(Zone::Ingress));
    // What is in somebody else's bucket is none of the stack's.
    if let Some(ingress) = ingress.filter(|step| step.owner.is_none()) {
        ingress.note = ingress.note.take().or(left?);
    }
    let exit = match plan.state {
        StackState::InSync => Exit::Done,
        StackState::Drifted | StackState::Partial => Exit::Differs,
        StackState::Absent => Exit::Absent,
    };
    Ok(Answer { plan, exit })
}

/// What to know of files that nobody has judged: S3 reports each at least once, but has no bound for it
/// (truths D12), and what fails stays where it was.
async fn left_in_ingress(session: &Session) -> Result<Option<String>> {
    let contents = Contents::new(&session.aws, session.names.bucket(Zone::Ingress), &session.names.account);
    let left = Box::pin(contents.older_than((SystemTime::now() - PATIENCE).into()));
    let Some((count, oldest)) = reading(&session.interrupt, left).await? else { return Ok(None) };
    let (versions, have) = (versions(count), if count == 1 { "has" } else { "have" });
    Ok(Some(format!(
        "{versions} {have} been in it for more than a day, since {oldest}, and not been judged: upload them again"
    )))
}

//! `cvault status`: every resource, and what differs.

use super::{Answer, Session};
use crate::engine::Direction;
use crate::explain::Exit;
use crate::plan::StackState;
use anyhow::Result;

/// Runs `status`.
///
/// # Errors
/// Something cannot be read.
pub async fn run(session: &Session) -> Result<Answer> {
    let (_, plan, _) = session.plan(Direction::Up, &[]).await?;
    let exit = match plan.state {
        StackState::InSync => Exit::Done,
        StackState::Drifted | StackState::Partial => Exit::Differs,
        StackState::Absent => Exit::Absent,
    };
    Ok(Answer { plan, exit })
}

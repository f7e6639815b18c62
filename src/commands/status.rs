//! `cvault status`: every resource, what differs, and what waits.

use super::downgrade;
use super::interruption::reading;
use super::session::{Answer, Session};
use crate::deploy::Direction;
use crate::deploy::plan::{Plan, StackState, Waiting};
use crate::outcome::failure::Exit;
use crate::vault::macie::Macie;
use crate::vault::names::Zone;
use crate::vault::steps;
use crate::vault::waiting;
use anyhow::Result;

/// Runs `status`.
///
/// # Errors
/// Something cannot be read.
pub async fn run(session: &Session, macie: &Macie) -> Result<Answer> {
    let ignoring = session.settings.ingress.ignoring();
    let look = Box::pin(waiting::look(&session.aws, &session.names, &ignoring));
    let waiting = reading(&session.aws, "what waits", look);
    let (planned, waiting) = futures::join!(session.plan(Direction::Up, &[], macie), waiting);
    let (_, mut plan) = planned?;
    // What is in somebody else's bucket is none of the stack's.
    let waiting = if plan.is_ours(&steps::bucket(Zone::Ingress)) { waiting? } else { waiting.unwrap_or_default() };
    if let Some(version) = downgrade::made_by(&plan).filter(|version| version != env!("CARGO_PKG_VERSION")) {
        let note = format!("cvault {version} has made it, and this is cvault {}", env!("CARGO_PKG_VERSION"));
        plan.notes.push(note);
    }
    for (name, note) in notes(&waiting) {
        let step = plan.resources.iter_mut().find(|step| step.name == name && step.owner.is_none());
        if let Some(step) = step {
            step.note = Some(step.note.take().map_or(note.clone(), |own| format!("{own}; {note}")));
        }
    }
    let plan = with_waiting(plan, waiting);
    let exit = match plan.state {
        StackState::InSync => Exit::Done,
        StackState::Stuck | StackState::Drifted | StackState::Partial => Exit::Differs,
        StackState::Absent => Exit::Absent,
    };
    Ok(Answer { plan, exit })
}

/// Of a stack that is not there nothing waits.
fn with_waiting(plan: Plan, waiting: Waiting) -> Plan {
    if plan.state == StackState::Absent { plan } else { plan.with_waiting(waiting) }
}

/// What to say of it, by the resource where it is.
fn notes(waiting: &Waiting) -> Vec<(String, String)> {
    let Waiting { versions, ignored, oldest, stuck, running, failed, last_failed, .. } = waiting;
    let Waiting { dead_letters, notices: untold, macie_files, .. } = waiting;
    let plural = |count: u64, one: &str, more: &str| format!("{count} {}", if count == 1 { one } else { more });
    let mut notes = vec![];
    let (ingress, since) = (steps::bucket(Zone::Ingress), oldest.as_deref().unwrap_or_default());
    let wait = plural(*versions, "version waits", "versions wait");
    let objects = plural(*ignored, "version in it is", "versions in it are");
    let objects = (*ignored > 0).then(|| format!("{objects} ignored, or taken back by the sender"));
    let and_ignored = objects.as_ref().map(|objects| format!("; {objects}")).unwrap_or_default();
    if *stuck > 0 {
        let judged = plural(*running, "execution runs", "executions run");
        let why = format!("nobody judges {stuck} of them ({judged})");
        notes.push((ingress, format!("{wait} in it, the oldest since {since}: {why}{and_ignored}")));
    } else if *versions > 0 {
        notes.push((ingress, format!("{wait} in it to be judged, the oldest since {since}{and_ignored}")));
    } else if let Some(objects) = objects {
        notes.push((ingress, objects));
    }
    if *dead_letters > 0 {
        let events = plural(*dead_letters, "event", "events");
        notes.push((steps::DEAD_LETTERS.into(), format!("holds {events} that could not be delivered")));
    }
    if *untold > 0 {
        let them = plural(*untold, "notice", "notices");
        notes.push((steps::NOTICES.into(), format!("holds {them} that nobody has been told of yet")));
    }
    if *macie_files > 0 {
        let files = plural(*macie_files, "file", "files");
        notes.push((steps::MACIE_QUEUE.into(), format!("holds {files} for the next job of Macie's")));
    }
    if *failed > 0 {
        let executions = plural(*failed, "execution has", "executions have");
        let last = last_failed.as_deref().unwrap_or_default();
        notes.push((
            steps::STATE_MACHINE.into(),
            format!("{executions} failed, the last is {last}: its history says why"),
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_said_where_it_is() {
        assert_eq!(notes(&Waiting::default()), []);
        let oldest = Some("2026-11-28T09:00:00Z".to_owned());
        let waiting = Waiting { versions: 3, oldest: oldest.clone(), running: 3, ..Waiting::default() };
        assert!(!waiting.is_stuck());
        let of = |name: &str, note: &str| (name.to_owned(), note.to_owned());
        let note = "3 versions wait in it to be judged, the oldest since 2026-11-28T09:00:00Z";
        assert_eq!(notes(&waiting), [of("bucket/ingress", note)]);
        let both = Waiting { ignored: 2, ..waiting };
        let note = format!("{note}; 2 versions in it are ignored, or taken back by the sender");
        assert_eq!(notes(&both), [of("bucket/ingress", &note)]);
        let last_failed = Some("0a1b".to_owned());
        let waiting = Waiting {
            versions: 3,
            ignored: 1,
            stuck: 2,
            running: 1,
            oldest,
            failed: 1,
            last_failed,
            dead_letters: 2,
            notices: 1,
            macie_files: 1,
        };
        assert!(waiting.is_stuck());
        let note = "3 versions wait in it, the oldest since 2026-11-28T09:00:00Z: nobody judges 2 of them (1 execution runs); \
             1 version in it is ignored, or taken back by the sender";
        let expected = [
            of("bucket/ingress", note),
            of("dead-letters", "holds 2 events that could not be delivered"),
            of("notices", "holds 1 notice that nobody has been told of yet"),
            of("macie-queue", "holds 1 file for the next job of Macie's"),
            of("state-machine", "1 execution has failed, the last is 0a1b: its history says why"),
        ];
        assert_eq!(notes(&waiting), expected);
        let waiting = Waiting { ignored: 1, ..Waiting::default() };
        assert!(!waiting.is_stuck());
        assert_eq!(notes(&waiting), [of("bucket/ingress", "1 version in it is ignored, or taken back by the sender")]);
    }
}

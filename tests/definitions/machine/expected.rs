//! What the contract says of a walk, as a table of its own.

use super::world::{Outcome, Scripted};
use super::{FINAL, is_final, word};
use crate::asl::End;
use classifier::messages::{Status, Step};

/// What follows on a step's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    Step(Step),
    /// Macie is asked, and the answer decides.
    Ask,
    /// The version is deleted from ingress, and the e-mail is sent if the status needs one.
    Settle,
    /// Nothing more is to be done.
    Ends(&'static str),
    /// Nothing was copied: the object is left where it is, and somebody is told.
    Left,
    /// The default branch.
    Unexpected,
}

/// The table, with Macie or without.
pub fn next(step: Step, status: Status, macie: bool) -> Next {
    use Status as S;
    match (step, status) {
        (Step::CopyToAnalytics, S::Copied) => Next::Step(Step::InspectContent),
        (Step::InspectContent, S::Clean) if macie => Next::Ask,
        (Step::InspectContent, S::Clean) => Next::Step(Step::StoreInVault),
        (Step::InspectContent, S::IntegrityFail | S::HasFindings | S::NotAnalysed)
        | (Step::HoldForMacie, S::HasFindings | S::JobCancelled | S::NotAnalysed)
        // It may be there already, by another execution or by hand.
        | (Step::InspectContent | Step::HoldForMacie | Step::StoreInVault, S::VaultCopy) => Next::Settle,
        // By another execution, before this one or while it judged.
        (Step::CopyToAnalytics | Step::InspectContent | Step::HoldForMacie | Step::StoreInVault, S::AlreadySettled) => {
            Next::Ends("AlreadySettled")
        }
        (Step::CopyToAnalytics, S::NothingToJudge) => Next::Ends("NothingToJudge"),
        (Step::CopyToAnalytics, S::Gone | S::NotCopied) => Next::Left,
        (Step::ClearAnalytics, _) => Next::Ends("Cleared"),
        // It is the Parallel's, which goes on by itself.
        (Step::DeleteFromIngress, _) => Next::Ends("Settled"),
        _ => Next::Unexpected,
    }
}

/// Checks that the walk was one of the contract's: which steps ran, where it ended, what was published.
pub fn check(world: &Scripted, end: &End, first: Step, macie: bool) {
    let mut expected = first;
    let mut settled_with = None;
    let mut ended = None;
    for (step, outcome) in &world.steps {
        assert_eq!((&ended, *step), (&None, expected), "{world:?}");
        match outcome {
            Outcome::Answers(status) => match next(*step, *status, macie) {
                Next::Step(step) => expected = step,
                // What is not said to be clean, and whatever fails, holds the file.
                Next::Ask => {
                    let is_clean = world.asked.as_ref() == Some(&Outcome::Answers(Status::Clean));
                    assert!(world.asked.is_some(), "{world:?}");
                    expected = if is_clean { Step::StoreInVault } else { Step::HoldForMacie };
                }
                Next::Settle => {
                    assert!(is_final(*status));
                    settled_with = Some(*status);
                    expected = Step::DeleteFromIngress;
                }
                Next::Ends(state) => ended = Some((state, None)),
                Next::Left => ended = Some(("Left", Some(word(*status)))),
                Next::Unexpected => ended = Some(("Unexpected", Some("UnexpectedStatus".into()))),
            },
            Outcome::Fails(error) => ended = Some(("Failed", Some((*error).into()))),
            Outcome::Arrives => unreachable!("no publication"),
        }
    }
    match settled_with {
        Some(status) => settled(world, end, status),
        None => ended_early(world, end, ended.expect("the last step ended it")),
    }
}

/// Who was told of what, and whether it arrived: by the queue, or, where that takes nothing, by the topic itself.
fn told(world: &Scripted) -> Vec<(&str, bool)> {
    let mut published = world.published.iter().map(|(state, _, arrived)| (state.as_str(), *arrived)).peekable();
    let mut told = vec![];
    while let Some((state, arrived)) = published.next() {
        match state.strip_prefix("Queue") {
            None => told.push((state.strip_prefix("Notify").expect("a notice"), arrived)),
            Some(what) if arrived => told.push((what, true)),
            Some(what) => assert_eq!(published.peek().and_then(|next| next.0.strip_prefix("Notify")), Some(what)),
        }
    }
    told
}

/// Whether the function does not run: then nobody reads the queue. What has crashed on a file has run.
fn is_silent(error: &str) -> bool {
    let has_run = ["Lambda.Unknown", "Runtime.ExitError"].contains(&error);
    !has_run && ["Lambda.", "Runtime."].iter().any(|of| error.starts_with(of))
}

fn was_queued(world: &Scripted, what: &str) -> bool {
    world.published.iter().any(|(state, ..)| state.strip_prefix("Queue") == Some(what))
}

/// That nobody could be told. Of SNS's errors another execution tells (`definitions/rules/failures.json`); where SNS does not
/// even answer, at seven tries, the alarm on failed executions is what is left.
fn is_untold(error: &str) -> bool {
    error.starts_with("SNS.") || error == "States.Timeout"
}

/// Nothing was deleted, and whatever was not expected is told.
fn ended_early(world: &Scripted, end: &End, (state, error): (&str, Option<String>)) {
    assert_eq!(world.deletions, []);
    let judged: Vec<_> = world.events.iter().map(|(event, _)| event["status"].as_str()).collect();
    let expected: &[_] = if state == "Left" { &[error.as_deref()] } else { &[] };
    assert_eq!(judged, expected, "what is left where it is has a verdict too");
    let mails = told(world);
    match (&error, &mails[..]) {
        (None, []) => assert_eq!(*end, End::Succeeded(state.into())),
        (Some(error), [(mail, true)]) => {
            let End::Failed(at, failure) = end else { panic!("{end:?}") };
            assert_eq!((at.as_str(), &failure.error), (state, error));
            let clears = world.outcome_of(Step::ClearAnalytics).is_some();
            let expected = match state {
                "Left" => "Left",
                "Unexpected" => "Unexpected",
                _ if clears => "NotCleared",
                _ => "Failure",
            };
            assert_eq!(*mail, expected);
            assert_eq!(was_queued(world, mail), !is_silent(error), "{world:?}");
        }
        // Nobody can be told: the execution fails by the name of that, which a rule tells of.
        (Some(_), [(_, false)]) => {
            assert!(matches!(end, End::Failed(at, failure) if at == "Failed" && is_untold(&failure.error)), "{end:?}");
        }
        _ => panic!("{mails:?} on {error:?}"),
    }
}

/// The deletion was asked for with the status, and the e-mail that it needs was sent, whatever became
/// of the deletion.
fn settled(world: &Scripted, end: &End, status: Status) {
    let needs_mail = FINAL.contains(&(status, true));
    assert_eq!(world.deletions.iter().find(|asked| **asked != status), None);
    let told = told(world);
    let find = |name: &str| told.iter().find(|(what, _)| *what == name).map(|(_, arrived)| *arrived);
    let deleted = world.outcome_of(Step::DeleteFromIngress).expect("it was asked for");
    let (held, not_deleted) = (find("Held"), find("NotDeleted"));
    assert_eq!(held.is_some(), needs_mail);
    assert_eq!(not_deleted.is_some(), matches!(deleted, Outcome::Fails(_)), "that it is still in ingress is told");
    assert_eq!(told.len(), [held, not_deleted].iter().flatten().count(), "no other e-mail");
    let [(event, is_heard)] = &world.events[..] else { panic!("one event: {world:?}") };
    assert_eq!(event["status"], word(status));
    match (deleted, held) {
        (Outcome::Fails(error), _) => {
            let End::Failed(state, failure) = end else { panic!("{end:?}") };
            assert_eq!(state, "DeletionFailed");
            assert_eq!(was_queued(world, "NotDeleted"), !is_silent(error), "{world:?}");
            let is_told = not_deleted == Some(true);
            assert!(if is_told { failure.error == *error } else { is_untold(&failure.error) }, "{world:?} {end:?}");
        }
        (_, Some(false)) => assert!(matches!(end, End::Failed(at, _) if at == "NotificationFailed"), "{end:?}"),
        _ if !is_heard => assert!(matches!(end, End::Failed(at, _) if at == "PublicationFailed"), "{end:?}"),
        _ => assert_eq!(*end, End::Succeeded("Settled".into())),
    }
}

//! The Express workflow: its form, and every way through it. It stores what is small and clean, and hands everything
//! else over, whatever happens.

use super::events::{created, shapes, unknown};
use super::form::{calls_function, states, tasks};
use super::stack;
use super::world::{Oddities, Outcome, Scripted};
use crate::asl::{End, Interpreter, Machine, Retrier, Schedule, Trace};
use crate::stack::{EXPRESS_BELOW, Stack};
use classifier::messages::{Status, Step};
use cvault::vault::definitions::EXPRESS;
use cvault::vault::names::Zone;
use cvault::vault::settings::LONGEST_EXPRESS_WAIT;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// As Step Functions writes it: the name, then an id of its own.
const EXECUTION: &str = "arn:aws:states:eu-west-1:123456789012:express:CyberVaultOrquestratorExpress-x:0a1b:7c2d";
/// How long an Express workflow may take, in seconds (truths F18).
const LONGEST: f64 = 300.0;
/// The calls of a small file take a second, in seconds with much room.
const CALLS: f64 = 20.0;

pub fn express(stack: &Stack) -> Machine {
    serde_json::from_value(stack.filled(EXPRESS)).expect("it is of the language's supported part")
}

/// Every walk from the event; gives how many there were.
fn walks(stack: &Stack, event: &Value, trace: &mut Trace, each: impl Fn(&Scripted, &End)) -> usize {
    let (machine, mut choices, mut count) = (express(stack), Some(vec![]), 0);
    trace.started_with = Some(event.clone());
    while let Some(chosen) = choices {
        let mut world = Scripted::new(chosen, false, Oddities::default());
        let schedule = Schedule::ALL[0];
        let mut interpreter = Interpreter { world: &mut world, trace, execution: EXECUTION, schedule };
        let end = interpreter.run(&machine, event.clone());
        each(&world, &end);
        choices = world.next();
        count += 1;
    }
    count
}

/// What ended it without another execution.
fn ends_here(world: &Scripted) -> Option<&'static str> {
    let (last, outcome) = world.steps.last()?;
    let Outcome::Answers(status) = outcome else { return None };
    match (last, status) {
        (Step::DeleteFromIngress, _) => Some("Settled"),
        (Step::ClearAnalytics, _) => Some("Cleared"),
        (Step::CopyToAnalytics | Step::InspectContent, Status::AlreadySettled) => Some("AlreadySettled"),
        (Step::CopyToAnalytics, Status::NothingToJudge) => Some("NothingToJudge"),
        _ => None,
    }
}

/// Nothing is lost and nobody is told twice: it ends well here, or the other workflow begins with the same event under
/// the same name.
fn check(world: &Scripted, end: &End, event: &Value) {
    assert_eq!(world.published, [], "it tells nobody");
    assert!(world.events.iter().all(|(event, _)| event["status"] == "VAULT_COPY"));
    assert!(world.deletions.is_empty() || matches!(world.events[..], [(_, true)]), "published before: {world:?}");
    for status in &world.deletions {
        assert_eq!(*status, Status::VaultCopy);
        let is_there = |step: &Step| world.outcome_of(*step) == Some(&Outcome::Answers(Status::VaultCopy));
        assert!([Step::StoreInVault, Step::InspectContent].iter().any(is_there), "{world:?}");
    }
    let started = &world.handed_over;
    let Some(last) = ends_here(world) else {
        let [(parameters, arrived)] = &started[..] else { panic!("{world:?}") };
        assert_eq!(parameters["StateMachineArn"], stack().names.state_machine_arn());
        assert_eq!(parameters["Name"], "0a1b");
        let input: Value = serde_json::from_str(parameters["Input"].as_str().expect("a text")).expect("JSON");
        assert_eq!(input, *event);
        match end {
            End::Succeeded(state) => assert_eq!(state, "HandedOver", "{world:?}"),
            End::Failed(state, _) => assert!(state == "NotHandedOver" && !arrived, "{world:?}"),
        }
        return;
    };
    assert_eq!((started.len(), end), (0, &End::Succeeded(last.into())), "{world:?}");
}

#[test]
fn every_way_stores_or_hands_over() {
    let mut trace = Trace::default();
    for zone in [Zone::Ingress, Zone::Vault] {
        let event = created(&stack().names.bucket(zone), "data/a.csv");
        let count = walks(stack(), &event, &mut trace, |world, end| check(world, end, &event));
        assert!(count > 30, "{count}");
        for event in shapes(&stack().names.bucket(zone)) {
            let mut world = Scripted::new(vec![], false, Oddities::default());
            trace.started_with = Some(event.clone());
            let (trace, schedule) = (&mut trace, Schedule::ALL[0]);
            let mut interpreter = Interpreter { world: &mut world, trace, execution: EXECUTION, schedule };
            let end = interpreter.run(&express(stack()), event.clone());
            check(&world, &end, &event);
        }
    }
    let ignored = created(&stack().names.bucket(Zone::Ingress), "in/.ignored.csv");
    walks(stack(), &ignored, &mut trace, |world, end| {
        assert!(world.steps.is_empty() && world.handed_over.is_empty());
        assert_eq!(*end, End::Succeeded("Ignored".into()));
    });
    let machine = express(stack());
    let all: BTreeSet<_> = states(&machine).into_iter().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(trace.states, all, "every state is entered");
    let all = machine.states.iter().flat_map(|(name, state)| {
        state.successors().into_iter().map(|next| (name.clone(), next.to_owned())).collect::<Vec<_>>()
    });
    assert_eq!(trace.transitions, all.collect(), "every way is taken");
}

/// What is too large, of unknown size, or to be looked at by Macie goes on at once, and so does what nobody knows.
#[test]
fn what_is_not_for_here_is_handed_over_untouched() {
    let ingress = stack().names.bucket(Zone::Ingress);
    let of_size = |size: Value| {
        let mut event = created(&ingress, "a.csv");
        event["detail"]["object"]["size"] = size;
        event
    };
    let mut others = unknown(&ingress);
    others.extend([json!(EXPRESS_BELOW), json!(6_000_000_000_000_u64), json!("5"), json!(null)].map(of_size));
    let without = Stack::new("aws", "eu-west-1", "x").without_express();
    let all = others.iter().map(|event| (stack(), event.clone()));
    let small = [0, 5].map(|size| (&without, of_size(json!(size))));
    for (stack, event) in all.chain(small) {
        walks(stack, &event, &mut Trace::default(), |world, end| {
            assert!(world.steps.is_empty(), "{event}");
            check(world, end, &event);
        });
    }
    for event in [of_size(json!(0)), of_size(json!(EXPRESS_BELOW - 1))] {
        walks(stack(), &event, &mut Trace::default(), |world, _| assert!(!world.steps.is_empty(), "{event}"));
    }
}

/// The longest pause before a state is tried once more, in seconds.
pub fn longest_wait(retrier: &Retrier, tried: u32) -> f64 {
    let grown =
        f64::from(retrier.interval_seconds) * retrier.backoff_rate.powi(i32::try_from(tried).unwrap_or(i32::MAX));
    grown.min(f64::from(retrier.max_delay_seconds))
}

/// All that may be waited for on either way fits into the time that there is, with some for the calls: that it has to be
/// handed over in the end included.
#[test]
fn its_waits_fit_into_five_minutes() {
    let machine = express(stack());
    // What is left to its sender for longer is not for here.
    let (mut judging, mut clearing) = (f64::from(LONGEST_EXPRESS_WAIT), 0.0);
    for (name, task) in tasks(&machine) {
        assert!(task.timeout_seconds.is_some_and(|seconds| seconds <= 120), "{name}");
        assert!(task.retry.iter().all(|retrier| retrier.jitter_strategy == "FULL"));
        let waits = task.retry.iter().flat_map(|it| (0..it.max_attempts).map(|tried| longest_wait(it, tried)));
        let longest = waits.sum::<f64>();
        judging += if name == "ClearAnalytics" { 0.0 } else { longest };
        clearing += if ["ClearAnalytics", "HandOver"].contains(&name) { longest } else { 0.0 };
        if calls_function(task) {
            let [catcher] = &task.catch[..] else { panic!("{name}") };
            assert_eq!((&catcher.error_equals[..], catcher.next.as_str()), (&["States.ALL".into()][..], "HandOver"));
            assert_eq!(task.parameters["Payload"]["Step"], name);
        }
    }
    // Each pause is anything up to its length, so that nobody ever waits for the sum of them.
    assert!(judging.max(clearing) < LONGEST - CALLS, "{judging} {clearing}");
}

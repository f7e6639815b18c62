//! What can be said of the state machine without running it.

use super::{FINAL, STEPS, is_outdated, job_machine, machine, stack, status, step, word};
use crate::asl::{Catcher, Machine, State, Task, Test, check};
use crate::stack::Stack;
use classifier::audit;
use classifier::messages::{Status, Step};
use cvault::vault::definitions::STATE_MACHINE;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// What Lambda itself throws now and then (truths L15), and of a function that has been idle for weeks
/// or is just being made (truths L8, L3).
const TRANSIENT: [&str; 7] = [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ResourceNotReadyException",
    "Lambda.ResourceConflictException",
];
/// What Step Functions says of a function that ended or was ended without an answer.
const CRASHES: [&str; 3] = ["Lambda.Unknown", "Runtime.ExitError", "Sandbox.Timedout"];
/// Step Functions' bound for a definition, in bytes (truths F12).
const LARGEST: usize = 1 << 20;

/// How the steps answer for a clean file.
pub const STORED: [(Step, Status); 5] = [
    (Step::CopyToAnalytics, Status::Copied),
    (Step::InspectContent, Status::Clean),
    (Step::StoreInVault, Status::VaultCopy),
    (Step::DeleteFromIngress, Status::VaultCopy),
    (Step::ClearAnalytics, Status::Cleared),
];

/// The machine and, below it, the branches of its Parallel states.
pub fn machines(machine: &Machine) -> Vec<&Machine> {
    let branches = machine.states.values().flat_map(|state| match state {
        State::Parallel(parallel) => parallel.branches.iter().flat_map(machines).collect(),
        _ => vec![],
    });
    [machine].into_iter().chain(branches).collect()
}

pub fn states(machine: &Machine) -> Vec<(&str, &State)> {
    machines(machine)
        .into_iter()
        .flat_map(|machine| &machine.states)
        .map(|(name, state)| (name.as_str(), state))
        .collect()
}

pub fn tasks(machine: &Machine) -> Vec<(&str, &Task)> {
    let tasks = states(machine).into_iter().filter_map(|(name, state)| match state {
        State::Task(task) => Some((name, &**task)),
        _ => None,
    });
    tasks.collect()
}

pub fn calls_function(task: &Task) -> bool {
    task.resource.ends_with(":states:::lambda:invoke")
}

#[test]
fn every_target_exists_and_every_state_is_reached() {
    let (machine, job) = (machine(stack()), job_machine(stack()));
    for machine in [machines(&machine), machines(&job)].concat() {
        let (mut reached, mut waiting) = (BTreeSet::new(), vec![machine.start_at.as_str()]);
        while let Some(name) = waiting.pop() {
            assert!(machine.states.contains_key(name), "there is no state {name}");
            if reached.insert(name) {
                waiting.extend(machine.states[name].successors());
            }
        }
        let all: BTreeSet<_> = machine.states.keys().map(String::as_str).collect();
        assert_eq!(reached, all, "some states are not reached");
    }
}

/// After the last of them the function writes the verdict's line, though the version could not be deleted.
#[test]
fn the_function_knows_which_try_to_delete_is_the_last() {
    let machine = machine(stack());
    let all = tasks(&machine);
    for (_, task) in all.into_iter().filter(|(name, _)| step(name) == Some(Step::DeleteFromIngress)) {
        for (error, tries) in [("Denied", audit::DENIED_TRIES), ("Busy", audit::BUSY_TRIES)] {
            let retrier = task.retry.iter().find(|it| it.error_equals.iter().any(|it| it == error));
            assert_eq!(retrier.map(|it| it.max_attempts), Some(tries), "{error}");
        }
    }
}

/// Names of states are unique in the whole machine, at most 80 characters, and of a kind that can be logged.
#[test]
fn names_are_unique_and_can_be_logged() {
    let machine = machine(stack());
    let names: Vec<_> = states(&machine).into_iter().map(|(name, _)| name).collect();
    let unique: BTreeSet<_> = names.iter().collect();
    assert_eq!(unique.len(), names.len());
    assert!(names.iter().all(|name| name.len() <= 80 && name.bytes().all(|byte| byte.is_ascii_alphanumeric())));
}

#[test]
fn every_task_has_an_end_a_retry_and_a_catch_for_all() {
    let (machine, job) = (machine(stack()), job_machine(stack()));
    for (name, task) in [tasks(&machine), tasks(&job)].concat() {
        assert!(task.timeout_seconds.is_some_and(|seconds| seconds > 0), "{name} may take a year");
        assert!(task.next.is_some() != (task.end == Some(true)), "{name}: Next or End");
        assert!(!task.retry.is_empty(), "{name} has no Retry");
        assert!(matches!(&task.catch[..], [Catcher { error_equals, .. }] if error_equals == &["States.ALL"]), "{name}");
        for retrier in &task.retry {
            assert!((1..retrier.max_delay_seconds).contains(&retrier.interval_seconds), "{name}");
            assert!(retrier.backoff_rate > 1.0 && retrier.max_attempts > 0, "{name}");
            assert_eq!(retrier.jitter_strategy, "FULL", "{name}");
            let all = retrier.error_equals.iter().any(|error| error == "States.ALL");
            assert!(!all || retrier.error_equals.len() == 1, "{name}: States.ALL stands alone");
        }
    }
}

#[test]
fn every_pass_goes_on_or_ends() {
    for (name, state) in states(&machine(stack())) {
        let State::Pass(pass) = state else { continue };
        assert!(pass.next.is_some() != (pass.end == Some(true)), "{name}: Next or End");
    }
}

#[test]
fn functions_are_tried_again_for_what_passes_and_for_nothing_else() {
    let (machine, job) = (machine(stack()), job_machine(stack()));
    let all = [tasks(&machine), tasks(&job)].concat();
    for (name, task) in all.into_iter().filter(|(_, task)| calls_function(task)) {
        // Those that look for the event's version may come too early, and S3 may not show yet what was just stored.
        let looks = matches!(
            step(name),
            Some(Step::CopyToAnalytics | Step::StoreInVault | Step::DeleteFromIngress | Step::ClearAnalytics)
        );
        let macie = ["CheckFiles", "MakeMacieJob", "LookAtMacieJob"].contains(&name);
        let waits = step(name) == Some(Step::CopyToAnalytics);
        let own = [("NotThere", looks), ("Elsewhere", waits), ("MacieBusy", macie)];
        let own = own.into_iter().filter(|(_, has)| *has).map(|(error, _)| error);
        let expected: BTreeSet<_> = TRANSIENT.into_iter().chain(["Busy", "Denied"]).chain(CRASHES).chain(own).collect();
        let errors: BTreeSet<_> =
            task.retry.iter().flat_map(|retrier| &retrier.error_equals).map(String::as_str).collect();
        assert_eq!(errors, expected, "{name}");
        // An accident of Lambda's is over by then; a file that the function cannot take is not.
        let crash = task.retry.iter().find(|retrier| retrier.error_equals == CRASHES).expect("one for crashes");
        assert_eq!(crash.max_attempts, 2, "{name}");
        // A role's new policy takes up to a minute to reach the services (truths I12).
        let denied = task.retry.iter().find(|retrier| retrier.error_equals == ["Denied"]).expect("one for denials");
        assert_eq!((denied.interval_seconds, denied.max_attempts), (10, 4), "{name}");
    }
}

/// The same blocks stand in every state that needs them, so that a reader sees all of it there. They are one block: what
/// differs for a reason is named here.
#[test]
fn the_same_errors_are_tried_again_alike() {
    let (machine, job) = (machine(stack()), job_machine(stack()));
    let mut blocks = BTreeMap::new();
    for (name, task) in [tasks(&machine), tasks(&job)].concat() {
        for retrier in &task.retry {
            // A job may wait long until Macie takes it; who only asks has the next round.
            let kind = retrier.error_equals[0] == "MacieBusy" && name == "MakeMacieJob";
            let first = blocks.entry((&retrier.error_equals, kind)).or_insert((name, retrier));
            assert_eq!(first.1, retrier, "{} and {name}", first.0);
        }
    }
}

/// Each of them is a state of that name, and none else calls the function.
#[test]
fn every_step_of_the_function_is_called_by_the_state_of_its_name() {
    let machine = machine(stack());
    let called: Vec<_> = tasks(&machine).into_iter().filter(|(_, task)| calls_function(task)).collect();
    let today: Vec<_> = STEPS.into_iter().filter(|step| !is_outdated(*step)).collect();
    assert_eq!(called.len(), today.len());
    for known in today {
        assert!(called.iter().any(|(name, _)| step(name) == Some(known)), "nothing calls {known:?}");
    }
    for (name, task) in called {
        assert_eq!(task.parameters["Payload"]["Step"], name);
        assert_eq!(task.parameters["FunctionName"], stack().names.function_arn());
    }
}

fn compared<'a>(test: &'a Test, found: &mut Vec<(String, &'a str)>) {
    match test {
        Test::And(tests) | Test::Or(tests) => tests.iter().for_each(|test| compared(test, found)),
        Test::StringEquals(path, wanted) => found.push((path.to_string(), wanted)),
        Test::Not(test) => compared(test, found),
        Test::IsPresent(..) | Test::NumericLessThan(..) | Test::StringMatches(..) => {}
    }
}

#[test]
fn choices_compare_with_known_statuses_and_handle_all_final_ones() {
    let machine = machine(stack());
    let mut handled = BTreeSet::new();
    for (name, state) in states(&machine) {
        let State::Choice(choice) = state else { continue };
        let mut found = vec![];
        choice.choices.iter().for_each(|rule| compared(&rule.test, &mut found));
        for (path, text) in found {
            if path.ends_with(".Status") {
                assert!(status(text).is_some(), "{name}: the function knows no status {text}");
                if name == "WhatStatus" {
                    handled.insert(text);
                }
            }
        }
    }
    let all: Vec<_> = FINAL.iter().map(|(status, _)| word(*status)).collect();
    assert_eq!(handled, all.iter().map(String::as_str).collect());
}

/// What would be refused when the machine is created: paths and intrinsic functions that are none.
#[test]
fn every_template_can_be_parsed() {
    let machine = machine(stack());
    for (name, state) in states(&machine) {
        let templates = match state {
            State::Pass(pass) => pass.parameters.iter().collect(),
            State::Task(task) => [&task.parameters].into_iter().chain(&task.result_selector).collect(),
            State::Parallel(parallel) => parallel.result_selector.iter().collect(),
            _ => vec![],
        };
        for template in templates {
            assert_eq!(check(template), Ok(()), "{name}");
        }
    }
}

#[test]
fn it_is_of_this_stack_and_partition_and_fits() {
    for stack in Stack::all() {
        let document = stack.filled(STATE_MACHINE);
        assert!(document.to_string().len() <= LARGEST);
        for (name, task) in tasks(&machine(&stack)) {
            let service = match name {
                _ if calls_function(task) => "lambda:invoke",
                name if name.starts_with("Publish") => "events:putEvents",
                name if name.starts_with("Queue") => "sqs:sendMessage",
                "AskMacie" => "sqs:sendMessage.waitForTaskToken",
                _ => "sns:publish",
            };
            assert_eq!(task.resource, format!("arn:{}:states:::{service}", stack.names.partition), "{name}");
        }
        let notices = tasks(&machine(&stack)).into_iter().filter(|(name, _)| name.starts_with("Notify")).count();
        let topics = document.to_string().matches(&stack.names.topic_arn()).count();
        assert_eq!(topics, notices, "every notice is to our topic");
    }
}

/// A key is a sender's, and causes repeat keys and inputs: only the function shows them so that they pass for nothing else.
#[test]
fn what_is_said_of_failures_without_the_function_has_nothing_of_a_sender_s() {
    let machine = machine(stack());
    let by_itself = ["Failure", "NotDeleted", "NotCleared", "Unexpected", "Error", "End"];
    for what in by_itself {
        let name = format!("Notify{what}");
        let (_, task) = tasks(&machine).into_iter().find(|(of, _)| *of == name).expect("it is there");
        let said = task.parameters["Message.$"].as_str().expect("a text");
        assert!(!["key", "Object", "Cause", "cause", "input)", "$)"].iter().any(|of| said.contains(of)), "{said}");
    }
}

/// A field that is misspelt is ignored by emulators and refused here, as by AWS.
#[test]
fn a_misspelt_field_is_refused() {
    let mut document = stack().filled(STATE_MACHINE);
    document["States"]["CopyToAnalytics"]["TimeoutSecond"] = json!(1);
    assert!(serde_json::from_value::<Machine>(document).is_err());
}

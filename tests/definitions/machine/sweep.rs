//! The sweep: its form. What it does is shown against the emulator, which runs Distributed Map.

use super::stack;
use crate::stack::Stack;
use classifier::sweep::{ASKED_SWEEP_OF_ALL, Part, Request, STEP};
use classifier::take::Outcome;
use cvault::vault::definitions::{STATE_MACHINE, SWEEP};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Every state of a machine and of the maps in it.
fn states(machine: &Value) -> Vec<(String, Value)> {
    let own = machine["States"].as_object().expect("states").iter();
    own.flat_map(|(name, state)| {
        let inner = state.get("ItemProcessor").map(states).unwrap_or_default();
        [(name.clone(), state.clone())].into_iter().chain(inner)
    })
    .collect()
}

fn check_targets(machine: &Value) {
    let all = machine["States"].as_object().expect("states");
    let names: BTreeSet<_> = all.keys().cloned().collect();
    let mut reached = BTreeSet::from([machine["StartAt"].as_str().expect("a start").to_owned()]);
    for (name, state) in all {
        let branches = [&state["Catch"], &state["Choices"]].into_iter().filter_map(Value::as_array).flatten();
        let next = [&state["Next"], &state["Default"]].into_iter().chain(branches.map(|branch| &branch["Next"]));
        reached.extend(next.filter_map(Value::as_str).map(str::to_owned));
        let ends = ["Succeed", "Fail"].contains(&state["Type"].as_str().unwrap_or_default()) || state["End"] == true;
        assert!(ends != (state.get("Next").is_some() || state["Type"] == "Choice"), "{name}");
        if state["Type"] == "Map" {
            check_targets(&state["ItemProcessor"]);
        }
    }
    assert_eq!(reached, names);
}

#[test]
fn every_target_exists_and_every_state_is_reached() {
    check_targets(&stack().filled(SWEEP));
}

#[test]
fn every_task_has_an_end_a_retry_and_a_catch_for_all() {
    let mut names = BTreeSet::new();
    for (name, state) in states(&stack().filled(SWEEP)) {
        assert!(names.insert(name.clone()), "{name} is there twice");
        if state["Type"] == "Task" {
            assert!(state["TimeoutSeconds"].as_u64().is_some(), "{name} may take a year");
        }
        if ["Task", "Map"].contains(&state["Type"].as_str().unwrap_or_default()) {
            let last = state["Catch"].as_array().and_then(|catch| catch.last()).expect("a Catch");
            assert_eq!(last["ErrorEquals"], json!(["States.ALL"]), "{name}");
            assert!(state["Retry"].as_array().is_some_and(|retry| !retry.is_empty()), "{name}");
        }
    }
}

fn is_map(state: &Value) -> bool {
    state["Type"] == "Map"
}

/// A list of versions is tried again as the steps of the state machine are, above all under a burst, when the account's concurrency
/// is used up: a sweep that gives up before executions do leaves behind what it is there for. Any other call is tried again as
/// a notice is. What differs for a reason is named here.
#[test]
fn what_fails_is_tried_again_as_in_the_state_machine() {
    let [sweep, machine] = [SWEEP, STATE_MACHINE].map(|definition| stack().filled(definition));
    let retry = |name: &str| machine["States"][name]["Retry"].as_array().expect("a Retry").clone();
    let (of_steps, of_calls) = (retry("InspectContent"), retry("NotifyFailure"));
    for (name, state) in states(&sweep) {
        let Some(blocks) = state["Retry"].as_array() else { continue };
        if name == "ListUnjudged" {
            assert_eq!(blocks, &of_steps);
            continue;
        }
        let (last, before) = blocks.split_last().expect("a block");
        // An answer, and the same one each time.
        assert!(before.iter().all(|block| block["MaxAttempts"] == 0), "{name}: {before:?}");
        let mut expected = of_calls[0].clone();
        if is_map(&state) {
            // Once more is all of its items once more, each of which has had its own tries.
            expected["MaxAttempts"] = json!(2);
        }
        assert_eq!(last, &expected, "{name}");
    }
}

/// An item of a map is an Express execution, which ends after five minutes: whatever it still waits for then is lost
/// without the failure that says why.
#[test]
fn an_item_gives_up_before_its_execution_ends() {
    let sweep = stack().filled(SWEEP);
    for (name, map) in states(&sweep).into_iter().filter(|(_, state)| is_map(state)) {
        let waits = |block: &Value| -> u64 {
            let of = |member: &str| block[member].as_u64().expect("a number");
            let (first, longest) = (of("IntervalSeconds"), of("MaxDelaySeconds"));
            (0..of("MaxAttempts")).map(|attempt| (first << attempt).min(longest)).sum()
        };
        let tasks = states(&map["ItemProcessor"]).into_iter();
        let all: u64 =
            tasks.filter_map(|(_, state)| state["Retry"].as_array().cloned()).flatten().map(|it| waits(&it)).sum();
        assert!(all < 300, "{name} waits for {all} seconds");
    }
}

/// Each item of a map is an execution of its own, so that no history ends it, and one that fails stops no other.
#[test]
fn the_maps_are_distributed_and_tolerant() {
    let maps = states(&stack().filled(SWEEP)).into_iter().filter(|(_, state)| is_map(state));
    let maps: Vec<_> = maps.collect();
    assert_eq!(maps.len(), 3);
    for (name, map) in maps {
        assert_eq!(map["ItemProcessor"]["ProcessorConfig"]["Mode"], "DISTRIBUTED", "{name}");
        assert_eq!(map["ToleratedFailurePercentage"], 100, "{name}");
        // What became of a page is counted with the next one.
        let kept = if name == "Redeliver" { Value::Null } else { json!("$.Page.Sweep.Results") };
        assert_eq!(map["ResultPath"], kept, "{name}: a page's results are not carried on");
    }
}

/// A dead letter is deleted behind the start of its execution only.
#[test]
fn what_was_not_started_stays_in_the_queue() {
    let all = states(&stack().filled(SWEEP));
    let next = |state: &Value, name: &str| state["Next"] == name;
    let before: Vec<_> = all.iter().filter(|(_, state)| next(state, "TakeOut")).map(|(name, _)| name).collect();
    assert_eq!(before, ["StartWithEvent"]);
    let (_, start) = all.iter().find(|(name, _)| name == "StartWithEvent").expect("it is there");
    let caught: Vec<_> = start["Catch"].as_array().expect("a Catch").iter().filter(|it| next(it, "TakeOut")).collect();
    assert_eq!(caught.len(), 1);
    let errors = caught[0]["ErrorEquals"].as_array().expect("errors");
    assert!(errors.iter().all(|error| error.as_str().is_some_and(|error| error.contains("AlreadyExists"))));
}

/// What the definition completes the input with is what the function reads.
#[test]
fn the_function_reads_what_the_sweep_sends() {
    for stack in Stack::all() {
        let document = stack.filled(SWEEP);
        let sweep = &document["States"]["Defaults"]["Result"];
        let request: Request =
            serde_json::from_value(json!({"Sweep": sweep, "Execution": "e"})).expect("the function reads it");
        assert_eq!(request.sweep.bucket, stack.names.bucket(cvault::vault::names::Zone::Ingress));
        assert_eq!(request.sweep.ignore, crate::stack::IGNORED);
        assert_eq!(serde_json::to_value(&request.sweep).expect("an object"), *sweep, "and gives it back");
        let task = &document["States"]["ListUnjudged"]["Parameters"];
        assert_eq!(
            (&task["Payload"]["Step"], &task["FunctionName"]),
            (&json!(STEP), &json!(stack.names.function_arn()))
        );
    }
}

/// AWS's bound for the history of an execution, in events (truths F12).
const HISTORY: u64 = 25_000;

/// However many events could not be delivered, the rest of the history is for what waits: no execution of a sweep comes to
/// AWS's bound, where each of its states fails its first tries, as some do.
#[test]
fn a_sweep_has_room_for_what_waits_behind_any_number_of_dead_letters() {
    let sweep = stack().filled(SWEEP);
    let states = &sweep["States"];
    let events = |round: &[&str]| -> u64 {
        let of = |name: &&str| match states[*name]["Type"].as_str().expect("a type") {
            "Task" => 5,
            "Map" => 4,
            _ => 2,
        };
        round.iter().map(of).sum()
    };
    let letters = ["ReceiveDeadLetters", "HasDeadLetters", "Redeliver", "CountRound", "HasRoundsLeft"];
    let page = ["ListUnjudged", "HasItems", "Judge", "HasMore", "NextPage"];
    for round in [&letters, &page] {
        for (name, next) in round.iter().zip(round.iter().cycle().skip(1)) {
            let choices = states[*name]["Choices"].as_array().into_iter().flatten();
            let mut targets = choices.chain([&states[*name]]).map(|it| &it["Next"]);
            assert!(targets.any(|it| it == next), "{name} leads to {next}");
        }
    }
    let bound = |choice: &str| {
        let choices = states[choice]["Choices"].as_array().expect("choices").iter();
        let bounds = choices.filter(|it| it["Variable"] == "$.Pages").filter_map(|it| it["NumericLessThan"].as_u64());
        bounds.max().expect("a bound")
    };
    let (rounds, pages) = (bound("HasRoundsLeft"), bound("HasMore"));
    assert!(rounds * 2 <= pages && states["HasRoundsLeft"]["Default"] == "ListUnjudged");
    let counted = "States.MathAdd($.Pages, 1)";
    assert!(["CountRound", "NextPage"].iter().all(|name| states[*name]["Parameters"]["Pages.$"] == counted));
    let most = rounds * events(&letters) + (pages - rounds + 1) * events(&page);
    let without = (pages + 1) * events(&page);
    assert!(most.max(without) * 5 / 4 < HISTORY, "{most} {without}");
}

/// Whoever follows a sweep finds the execution that goes on from it: the function says what it is called, and one that is
/// there already is the one that a lost answer was about.
#[test]
fn a_sweep_goes_on_by_the_name_that_the_function_says() {
    let sweep = stack().filled(SWEEP);
    let states = &sweep["States"];
    assert_eq!(states["HasMore"]["Default"], "GoOnApart");
    let on = &states["GoOnApart"];
    assert_eq!(on["Parameters"]["Name.$"], "$.Page.Sweep.GoesOnAs");
    let page = serde_json::to_value(Part::of("arn:aws:states:r:1:execution:sweep:judge-all-1").next().name());
    assert!(page.expect("a name").as_str().is_some_and(|name| name.starts_with(ASKED_SWEEP_OF_ALL)));
    assert_eq!((&on["Next"], &on["Catch"][0]["Next"]), (&json!("Swept"), &json!("Swept")));
    let errors = on["Catch"][0]["ErrorEquals"].as_array().expect("errors");
    assert!(errors.iter().all(|error| error.as_str().is_some_and(|error| error.contains("AlreadyExists"))));
}

/// What was not started is counted, and so is whom somebody judges already; nothing else ends an item.
#[test]
fn each_item_says_what_became_of_it() {
    let sweep = stack().filled(SWEEP);
    let states = sweep["States"]["Judge"]["ItemProcessor"]["States"].as_object().expect("states");
    let ends = states.iter().filter(|(_, state)| state["End"] == true);
    let outcomes: Vec<Outcome> = ends
        .map(|(_, state)| {
            let mut said =
                if state["Result"].is_null() { state["Parameters"].clone() } else { state["Result"].clone() };
            if said["Left.$"] == "$.Failure.Error" {
                said = json!({"Left": "States.Timeout"});
            }
            serde_json::from_value(said).expect("the function reads it")
        })
        .collect();
    for outcome in [Outcome::Started, Outcome::There, Outcome::Left("States.Timeout".into())] {
        assert!(outcomes.contains(&outcome), "{outcomes:?}");
    }
    assert_eq!(outcomes.len(), 3);
}

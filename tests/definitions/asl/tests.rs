//! The interpreter against AWS's documented and recorded behaviour.

#![expect(clippy::needless_pass_by_value, reason = "documents are written where they are used")]

use super::*;
use serde_json::{Value, json};

/// Answers from a list, and counts.
struct Answers(Vec<Result<Value, Failure>>, usize);

impl World for Answers {
    fn call(&mut self, _: &str, _: &str, _: &Value) -> Result<Value, Failure> {
        self.1 += 1;
        if self.0.len() > 1 { self.0.remove(0) } else { self.0[0].clone() }
    }
}

fn run_all(states: Value, input: Value, answers: Vec<Result<Value, Failure>>, schedule: Schedule) -> (End, usize) {
    let machine: Machine = serde_json::from_value(json!({"StartAt": "A", "States": states})).unwrap();
    let mut world = Answers(answers, 0);
    let mut trace = Trace::default();
    let mut interpreter = Interpreter { world: &mut world, trace: &mut trace, execution: "arn:e", schedule };
    let end = interpreter.run(&machine, input);
    (end, world.1)
}

fn run(states: Value, input: Value) -> End {
    run_all(states, input, vec![Ok(json!({}))], Schedule::ALL[0]).0
}

/// The value that a template gives, or the name of the error.
fn rendered(template: Value, input: Value) -> Result<String, String> {
    let end = run(
        json!({"A": {"Type": "Pass", "Parameters": {"x.$": template}, "Next": "B"},
            "B": {"Type": "Fail", "ErrorPath": "$.x", "Cause": "."}}),
        input,
    );
    match end {
        End::Failed(state, failure) if state == "B" => Ok(failure.error),
        End::Failed(_, failure) => Err(failure.error),
        End::Succeeded(_) => unreachable!(),
    }
}

#[test]
fn a_path_that_is_not_there_ends_the_execution() {
    assert_eq!(rendered("$.a.b".into(), json!({"a": {"b": "c"}})), Ok("c".into()));
    assert_eq!(rendered("$[0].a".into(), json!([{"a": "c"}])), Ok("c".into()));
    assert_eq!(rendered("$$.Execution.Id".into(), Value::Null), Ok("arn:e".into()));
    for missing in ["$.a.c", "$.a.b.c", "$.b", "$[0]", "$$.Execution.Name"] {
        assert_eq!(rendered(missing.into(), json!({"a": {"b": "c"}})), Err("States.Runtime".into()), "{missing}");
    }
}

#[test]
fn formats() {
    let of = |text: &str| rendered(text.into(), json!({"a": "{}'\\", "n": null, "o": {"k": 1}}));
    assert_eq!(of("States.Format('x{}y{}', $.a, $.n)"), Ok("x{}'\\ynull".into()));
    assert_eq!(of("States.Format('a\nb, (c) {}', States.JsonToString($.o))"), Ok("a\nb, (c) {\"k\":1}".into()));
    assert_eq!(of(r"States.Format('it\'s \{\} \\ {}', $.n)"), Ok(r"it's {} \ null".into()));
    for wrong in
        ["States.Format('{}')", "States.Format('', $.a)", "States.Format('{}', $.o)", "States.Format('{', $.a)"]
    {
        assert_eq!(of(wrong), Err("States.IntrinsicFailure".into()), "{wrong}");
    }
    assert_eq!(of("States.Format('{}', $.missing)"), Err("States.Runtime".into()));
}

#[test]
fn what_is_refused_at_creation() {
    for wrong in [
        "States.Format('it's', $.a)",
        r"States.Format('line\nbreak', $.a)",
        r#"States.Format('\"{}\"', $.a)"#,
        "States.Format('{}', $.a",
        "States.Format('{}' $.a)",
        "States.UUID()",
        "States.JsonToString('a')",
        "$.a-b",
        "$..a",
        "a",
        "'a'",
    ] {
        assert!(check(&json!({"x.$": wrong})).is_err(), "{wrong}");
    }
    assert!(check(&json!({"x.$": 1})).is_err());
    assert!(check(&json!({"x": "not a path", "y.$": "$"})).is_ok());
}

#[test]
fn choices() {
    let is = |input| {
        let present = json!({"Variable": "$.a.b", "IsPresent": true});
        let equals = json!({"Variable": "$.a.b", "StringEquals": "c"});
        run(
            json!({"A": {"Type": "Choice", "Default": "No", "Choices": [{"And": [present, equals], "Next": "Yes"}]},
                "Yes": {"Type": "Succeed"}, "No": {"Type": "Succeed"}}),
            input,
        )
    };
    assert_eq!(is(json!({"a": {"b": "c"}})), End::Succeeded("Yes".into()));
    for other in
        [json!({}), json!({"a": null}), json!({"a": {"b": null}}), json!({"a": {"b": 1}}), json!("a"), json!([])]
    {
        assert_eq!(is(other), End::Succeeded("No".into()));
    }
    let unguarded = json!({"A": {"Type": "Choice", "Default": "B",
        "Choices": [{"Variable": "$.a", "StringEquals": "", "Next": "B"}]}, "B": {"Type": "Succeed"}});
    assert!(matches!(run(unguarded, json!({})), End::Failed(_, failure) if failure.error == "States.Runtime"));
}

#[test]
fn waits() {
    let of = |seconds: Value| {
        let states = json!({"A": {"Type": "Wait", "SecondsPath": "$.a", "Next": "B"}, "B": {"Type": "Succeed"}});
        run(states, json!({"a": seconds}))
    };
    for seconds in [0, 30, 99_999_999] {
        assert_eq!(of(json!(seconds)), End::Succeeded("B".into()));
    }
    for wrong in [json!(null), json!("30"), json!(-1), json!(1.5), json!(100_000_000)] {
        assert!(matches!(of(wrong), End::Failed(_, failure) if failure.error == "States.Runtime"));
    }
    let fixed = json!({"A": {"Type": "Wait", "Seconds": 2, "Next": "B"}, "B": {"Type": "Succeed"}});
    assert_eq!(run(fixed, json!({})), End::Succeeded("B".into()));
}

fn task(fields: Value) -> Value {
    let mut task = json!({"Type": "Task", "Resource": "r", "Parameters": {}, "Next": "B"});
    task.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    json!({"A": task, "B": {"Type": "Fail", "ErrorPath": "$.f.Error", "CausePath": "$.f.Cause"}})
}

/// A retrier with so many tries.
fn retry(name: &str, tries: u32) -> Value {
    json!([{"ErrorEquals": [name], "IntervalSeconds": 1, "BackoffRate": 2, "MaxDelaySeconds": 9,
        "MaxAttempts": tries, "JitterStrategy": "FULL"}])
}

#[test]
fn retries_and_catches() {
    let catch = json!([{"ErrorEquals": ["States.ALL"], "ResultPath": "$.f", "Next": "B"}]);
    let of = |retry: Value, error: &str| {
        let states = task(json!({"Retry": retry, "Catch": catch}));
        run_all(states, json!({}), vec![Err(Failure::new(error, ""))], Schedule::ALL[0])
    };
    let fails = |state: &str, error| End::Failed(state.into(), Failure::new(error, ""));
    assert_eq!(of(retry("E", 2), "E"), (fails("B", "E"), 3));
    assert_eq!(of(retry("E", 2), "F"), (fails("B", "F"), 1));
    assert_eq!(of(retry("States.ALL", 2), "States.Timeout"), (fails("B", "States.Timeout"), 3));
    assert_eq!(of(retry("States.TaskFailed", 2), "States.Timeout"), (fails("B", "States.Timeout"), 1));
    for terminal in ["States.Runtime", "States.DataLimitExceeded"] {
        assert_eq!(of(retry("States.ALL", 2), terminal), (fails("A", terminal), 1));
    }
}

#[test]
fn results() {
    let of = |fields| match run_all(
        task(fields),
        json!({"f": 1}),
        vec![Ok(json!({"Error": "e", "Cause": "c"}))],
        Schedule::ALL[0],
    )
    .0
    {
        End::Failed(_, failure) => failure.error,
        End::Succeeded(_) => unreachable!(),
    };
    assert_eq!(of(json!({"ResultPath": "$.f"})), "e");
    assert_eq!(of(json!({"ResultPath": null})), "States.Runtime", "$.f is still 1");
    assert_eq!(of(json!({})), "States.Runtime", "the result is the whole output");
    assert_eq!(of(json!({"ResultSelector": {"Error.$": "$.Cause", "Cause": "."}, "ResultPath": "$.f"})), "c");
    assert_eq!(of(json!({"ResultSelector": {"Error.$": "$.Nope"}, "ResultPath": "$.f"})), "States.Runtime");
    assert_eq!(of(json!({"ResultPath": "$.f.g"})), "States.ResultPathMatchFailure");
    let large =
        run_all(task(json!({"ResultPath": "$.f"})), json!({}), vec![Ok("x".repeat(262_144).into())], Schedule::ALL[0]);
    assert!(
        matches!(large.0, End::Failed(state, failure) if state == "A" && failure.error == "States.DataLimitExceeded")
    );
}

#[test]
fn parallel_branches() {
    let branch = |error: &str| {
        json!({"StartAt": "X", "States": {"X": {"Type": "Task", "Resource": error, "Parameters": {}, "Next": "Y"},
        "Y": {"Type": "Fail", "Error": error, "Cause": "c"}}})
    };
    let good =
        json!({"StartAt": "X", "States": {"X": {"Type": "Task", "Resource": "r", "Parameters": {}, "End": true}}});
    let of = |branches: [&Value; 2], schedule| {
        let states = json!({"A": {"Type": "Parallel", "Branches": branches, "ResultPath": "$.r", "Next": "C",
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.f", "Next": "B"}]},
            "B": {"Type": "Fail", "ErrorPath": "$.f.Error", "CausePath": "$.f.Cause"}, "C": {"Type": "Succeed"}});
        run_all(states, json!({}), vec![Ok(json!({}))], schedule)
    };
    let fails = |error| End::Failed("B".into(), Failure::new(error, "c"));
    let [forward, forward_stops, reversed, reversed_stops] = Schedule::ALL;
    assert_eq!(of([&good, &good], reversed), (End::Succeeded("C".into()), 2));
    assert_eq!(of([&branch("E"), &good], forward), (fails("E"), 2));
    assert_eq!(of([&branch("E"), &good], forward_stops), (fails("E"), 1));
    assert_eq!(of([&branch("E"), &branch("F")], reversed), (fails("F"), 2));
    assert_eq!(of([&branch("E"), &branch("F")], reversed_stops), (fails("F"), 1));
}

#[test]
fn fields_that_are_not_interpreted_are_refused() {
    for unknown in [json!({"OutputPath": "$"}), json!({"HeartbeatSeconds": 1}), json!({"TimeoutSecond": 1})] {
        let machine = json!({"StartAt": "A", "States": task(unknown)});
        assert!(serde_json::from_value::<Machine>(machine).is_err());
    }
}

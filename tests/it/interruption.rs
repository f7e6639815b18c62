//! Ctrl-C, SIGTERM and GitHub's cancellation, at random moments: what is in flight
//! is finished, nothing new is begun, and the next run goes on. `CVAULT_WHOLE=1` makes twenty trials.
//! SIGKILL at each single call is the matrix's.

use crate::support::{Chance, Ended, Stack, Trial, trials};
use serde_json::{Value, json};
use std::process::{Child, Command};
use std::time::{Duration, Instant, SystemTime};

/// How many stacks are tried at once.
const AT_ONCE: usize = 4;
const UP: &[&str] = &["up", "--email", "ops@example.com", "--output", "json"];
const DOWN: &[&str] = &["down", "--delete-data", "--yes", "--output", "json"];

fn send(signal: &str, run: &Child) {
    let sent = Command::new("kill").args(["-s", signal, &run.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

fn now() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64()
}

/// The calls begun 7 s or more after a signal was sent: there is to be none.
fn late(stack: &Stack, sent: f64) -> Vec<String> {
    stack.proxy.calls(|call| call["t"].as_f64() >= Some(sent + 7.0))
}

/// Waits until the proxy has seen what it is asked for.
fn once(stack: &Stack, seen: impl Fn(&Value) -> bool) {
    let begun = Instant::now();
    while !seen(&stack.proxy.stats()) {
        assert!(begun.elapsed() < Duration::from_secs(30), "it does not come");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A run that has made its first call (`requests`), or its first write (`mutating`).
fn started(stack: &Stack, arguments: &[&str], call: &str) -> Child {
    let before = stack.proxy.stats()[call].clone();
    let run = stack.command(arguments).spawn().unwrap();
    once(stack, |stats| stats[call] != before);
    run
}

/// What the report says was made, or removed, is so.
fn is_true(stack: &Stack, lines: &[Value]) {
    let status = stack.status();
    let missing = |name: &Value| {
        let mut resources = status["resources"].as_array().unwrap().iter();
        resources.find(|it| it["name"] == *name).is_none_or(|resource| resource["state"] == "missing")
    };
    for line in lines.iter().filter(|line| line["type"] == "finished") {
        assert_eq!(missing(&line["name"]), line["action"] == "delete", "{line} {status:#}");
    }
}

/// Interrupts a run. Gives whether that was in time.
fn interrupted(stack: &Stack, arguments: &[&str], chance: &mut Chance) -> bool {
    let run = started(stack, arguments, "requests");
    chance.pause(4500);
    let (signal, code) = [("INT", 130), ("TERM", 143)][usize::from(chance.below(2) == 1)];
    send(signal, &run);
    let sent = now();
    let ended = Ended::from(run.wait_with_output().unwrap());
    assert_eq!(late(stack, sent), Vec::<String>::new(), "{ended:#?}");
    let lines = ended.lines();
    let ends = |kind: &str| lines.iter().filter(|line| line["type"] == kind).count();
    assert_eq!(ends("started"), ends("finished") + ends("failed"), "what was begun was finished: {ended:#?}");
    stack.proxy.configure(&json!({"latency_ms": 0}));
    is_true(stack, &lines);
    if ended.code == 0 {
        return false;
    }
    assert_eq!(ended.code, code, "{ended:#?}");
    let summary = lines.last().unwrap();
    assert_eq!((&summary["type"], &summary["exit_code"]), (&json!("summary"), &json!(code)));
    true
}

/// What an undisturbed run would have left: a stack, or none; and one key.
fn as_if_nothing_had_happened(stack: &Stack, arguments: &[&str]) {
    // What a killed run had sent still takes effect.
    once(stack, |stats| stats["in_flight"] == 0);
    stack.proxy.configure(&json!({"latency_ms": 0}));
    stack.run(arguments).expect(0);
    let up = arguments == UP;
    stack.run(&["status"]).expect(if up { 0 } else { 3 });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let keys: Vec<_> = runtime.block_on(stack.keys()).into_iter().map(|(_, state)| state).collect();
    if up {
        assert_eq!(keys, ["Enabled"]);
    } else {
        assert_eq!(runtime.block_on(stack.leftovers()), Vec::<String>::new());
        // Interrupted before it was made, there is none.
        assert!(keys.iter().all(|state| state == "PendingDeletion") && keys.len() <= 1, "{keys:?}");
    }
}

fn signalled(trial: &Trial) -> usize {
    let stack = Stack::apart(&["--seed", &trial.seed.to_string(), "--jitter", "0.9"]);
    let mut chance = trial.chance();
    let mut struck = 0;
    for arguments in [UP, DOWN] {
        stack.proxy.configure(&json!({"latency_ms": 80}));
        struck += usize::from(interrupted(&stack, arguments, &mut chance));
        as_if_nothing_had_happened(&stack, arguments);
    }
    struck
}

#[tokio::test]
async fn a_signal_lets_what_is_in_flight_end() {
    let struck = trials([2, 20], AT_ONCE, signalled).await;
    println!("signals: {} runs, {} interrupted before their end", struck.len() * 2, struck.iter().sum::<usize>());
}

/// A bucket takes eight calls, one after the other; here each takes longer than a second.
#[test]
fn no_call_begins_seven_seconds_after_a_signal() {
    let stack = Stack::behind(&["--truths", "none", "--latency-ms", "1300"]);
    let run = stack.command(UP).spawn().unwrap();
    once(&stack, |stats| stats["calls"]["s3"]["CreateBucket"].as_u64() > Some(0));
    send("INT", &run);
    let sent = now();
    let ended = Ended::from(run.wait_with_output().unwrap()).expect(130);
    assert_eq!(late(&stack, sent), Vec::<String>::new(), "{ended:#?}");
    assert!(ended.stdout.contains("the run was interrupted"), "it was in the midst of the buckets: {ended:#?}");
    as_if_nothing_had_happened(&stack, UP);
}

/// As GitHub cancels a job: SIGINT, 7.5 s later SIGTERM, 2.5 s later SIGKILL. Gives the last that was needed.
fn cancelled(stack: &Stack, arguments: &[&str], chance: &mut Chance) -> &'static str {
    stack.proxy.configure(&json!({"latency_ms": 100}));
    let mut run = started(stack, arguments, "mutating");
    stack.proxy.configure(&json!({"latency_ms": 1000 + chance.below(6000)}));
    chance.pause(5000);
    let mut needed = "none";
    for (signal, seconds) in [("INT", 7.5), ("TERM", 2.5), ("KILL", 60.0)] {
        if run.try_wait().unwrap().is_some() {
            break;
        }
        send(signal, &run);
        needed = signal;
        let begun = Instant::now();
        while begun.elapsed().as_secs_f64() < seconds && run.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    needed
}

fn cancelled_by_github(trial: &Trial) -> [&'static str; 2] {
    let stack = Stack::apart(&["--seed", &trial.seed.to_string(), "--jitter", "0.9"]);
    let mut chance = trial.chance();
    [UP, DOWN].map(|arguments| {
        let needed = cancelled(&stack, arguments, &mut chance);
        as_if_nothing_had_happened(&stack, arguments);
        needed
    })
}

/// Once it writes, answers are so slow, one to seven seconds, that SIGINT alone is not enough for each run.
#[tokio::test]
async fn as_github_cancels() {
    let needed = trials([2, 20], 2 * AT_ONCE, cancelled_by_github).await.into_flattened();
    let [none, int, term, kill] =
        ["none", "INT", "TERM", "KILL"].map(|signal| needed.iter().filter(|it| **it == signal).count());
    let runs = needed.len();
    println!(
        "GitHub's cancellation: {runs} runs, {none} done before it, {int} ended by SIGINT, {term} by SIGTERM, {kill} by SIGKILL"
    );
}

#[test]
fn a_second_signal_leaves_at_once() {
    for (first, second, code) in [("INT", "INT", 130), ("INT", "TERM", 143), ("TERM", "INT", 130)] {
        let stack = Stack::behind(&["--truths", "none"]);
        stack.proxy.configure(&json!({"op_latency": {"kms:CreateKey": 120_000}}));
        let run = stack.command(UP).spawn().unwrap();
        once(&stack, |stats| stats["calls"]["kms"]["CreateKey"] == 1);
        send(first, &run);
        // Two at the same moment could be taken in either order.
        std::thread::sleep(Duration::from_millis(500));
        send(second, &run);
        Ended::from(run.wait_with_output().unwrap()).expect(code);
        let answered = stack.proxy.calls(|call| call["op"] == "CreateKey" && call["status"] == 200);
        assert_eq!(answered, Vec::<String>::new(), "it has not waited for what is in flight");
    }
}

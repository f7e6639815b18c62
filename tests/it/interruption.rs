//! Law 3: killed at any moment, the next run ends as if nothing had happened; and Ctrl-C.

use crate::support::Stack;
use serde_json::json;
use std::time::{Duration, Instant};

/// The calls of an `up` from nothing: reads first, then the writes that matter here.
const CALLS: std::ops::Range<u64> = 55..120;

#[tokio::test]
async fn killed_while_going_up() {
    for n in CALLS.step_by(7) {
        let stack = Stack::new();
        if !stack.killed(&["up", "--email", "ops@example.com"], &json!({"die_after": n})) {
            assert!(n > 100, "it has only {n} calls");
            continue;
        }
        stack.up();
        stack.run(&["status"]).expect(0);
        assert_eq!(stack.keys().await.len(), 1, "no second key after a kill at call {n}");
    }
}

/// The most dangerous moment: the key exists, and nothing knows of it but its own tags.
#[tokio::test]
async fn killed_right_after_the_key_was_made() {
    let stack = Stack::new();
    let faults = json!({"faults": [{"service": "kms", "op": "CreateKey", "nth": [1], "die": true}]});
    assert!(stack.killed(&["up", "--email", "ops@example.com"], &faults));
    stack.up();
    assert_eq!(stack.keys().await.len(), 1);
}

#[tokio::test]
async fn killed_while_going_down() {
    let stack = Stack::new();
    stack.up();
    let mut n = 60;
    while stack.killed(&["down", "--yes"], &json!({"die_after": n})) {
        n += 3;
    }
    stack.run(&["down"]).expect(0);
    assert_eq!(stack.leftovers().await, Vec::<String>::new());
    assert_eq!(stack.keys().await.len(), 1);
}

#[tokio::test]
async fn a_signal_lets_what_is_in_flight_end() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let stack = Stack::behind(&["--truths", "none", "--latency-ms", "150"]);
        let run = stack.command(&["up", "--email", "ops@example.com", "--output", "json"]).spawn().unwrap();
        let begun = Instant::now();
        while stack.proxy.writes().is_empty() {
            assert!(begun.elapsed() < Duration::from_secs(30));
            std::thread::sleep(Duration::from_millis(20));
        }
        let killed = std::process::Command::new("kill").args([signal, &run.id().to_string()]).status().unwrap();
        assert!(killed.success());
        let ended = crate::support::Ended::from(run.wait_with_output().unwrap()).expect(code);
        let lines = ended.lines();
        let summary = lines.last().unwrap();
        assert_eq!((&summary["type"], &summary["exit_code"]), (&json!("summary"), &json!(code)));
        assert!(summary["not_begun"].as_u64() > Some(0), "{summary}");
        let ends = |kind: &str| lines.iter().filter(|line| line["type"] == kind).count();
        assert_eq!(ends("started"), ends("finished"), "what was begun was finished");
        stack.proxy.configure(&json!({"latency_ms": 0}));
        stack.up();
        stack.run(&["status"]).expect(0);
    }
}

#[tokio::test]
async fn the_time_can_be_limited() {
    let stack = Stack::behind(&["--truths", "none", "--latency-ms", "200"]);
    let ended = stack.run(&["up", "--email", "ops@example.com", "--timeout", "1s"]).expect(1);
    assert!(ended.stderr.contains("the time is over"), "{}", ended.stderr);
}

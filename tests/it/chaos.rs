//! Law 4 under a storm: every truth is on, and each call, whatever it is, may be throttled, refused,
//! reset, delayed, or lose its answer. `CVAULT_WHOLE=1` makes it twenty seeds.

use crate::support::{Stack, Trial, trials};
use serde_json::{Value, json};

/// How many stacks live at once.
const AT_ONCE: usize = 4;

/// What a life met.
struct Storm {
    calls: u64,
    faults: u64,
    refusals: u64,
}

fn sum(counts: &Value) -> u64 {
    counts.as_object().unwrap().values().filter_map(Value::as_u64).sum()
}

/// Up, looked at in a calm, and down.
fn life(chaos: f64, trial: &Trial) -> Storm {
    let stack = Stack::apart(&["--chaos", &chaos.to_string(), "--seed", &trial.seed.to_string()]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let keys = || runtime.block_on(stack.keys()).into_iter().map(|(_, state)| state).collect::<Vec<_>>();
    stack.up();
    stack.proxy.configure(&json!({"chaos": 0}));
    stack.run(&["status"]).expect(0);
    assert_eq!(keys(), ["Enabled"]);
    stack.proxy.configure(&json!({"chaos": chaos}));
    stack.run(&["down"]).expect(0);
    stack.proxy.configure(&json!({"chaos": 0}));
    stack.run(&["status"]).expect(3);
    assert_eq!(runtime.block_on(stack.leftovers()), Vec::<String>::new());
    assert_eq!(keys(), ["PendingDeletion"]);
    let stats = stack.proxy.stats();
    Storm { calls: stats["requests"].as_u64().unwrap(), faults: sum(&stats["faults"]), refusals: sum(&stats["truths"]) }
}

async fn storm(chaos: f64) {
    let lives = trials([1, 20], AT_ONCE, move |trial| life(chaos, trial)).await;
    let sum = |of: fn(&Storm) -> u64| lives.iter().map(of).sum::<u64>();
    let (calls, faults, refusals) = (sum(|it| it.calls), sum(|it| it.faults), sum(|it| it.refusals));
    let lives = lives.len();
    println!("chaos {chaos}: {lives} lives, {calls} calls, {faults} of them faulty, {refusals} met a truth");
    assert!(faults > 0);
}

#[tokio::test]
async fn a_tenth_of_all_calls_fails() {
    storm(0.1).await;
}

#[tokio::test]
async fn a_third_of_all_calls_fails() {
    storm(0.3).await;
}

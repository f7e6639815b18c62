//! Laws 3 and 4, call by call: killed before and after each, and each failing once in every way.
//!
//! All of them take long, so that a share is tried, spread over the whole; `CVAULT_WHOLE=1 cargo test --test it` tries
//! them all, and so it does with whatever else is tried in part.

use crate::support::{Ended, Stack, Trial, step, trials};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// How many stacks are tried at once.
const AT_ONCE: usize = 4;
const UP: &[&str] = &["up", "--email", "ops@example.com"];
const DOWN: &[&str] = &["down", "--delete-data", "--yes"];

const NO_TRUTHS: &[&str] = &["--truths", "none"];
const EVERY_TRUTH: &[&str] = &["--truths", "all"];

/// A moment of a run: the nth call of an operation.
#[derive(Clone, Debug)]
pub struct Moment {
    service: String,
    operation: String,
    nth: usize,
    /// Before it takes effect, else after.
    before: bool,
}

impl Moment {
    /// Which call it is, and whether it is before it takes effect.
    pub fn kind(&self) -> (String, String, bool) {
        (self.service.clone(), self.operation.clone(), self.before)
    }

    /// Whether it is the moment before a call that writes.
    pub fn is_of_a_write(&self) -> bool {
        self.before
    }

    /// What the proxy is told, to refuse that call.
    pub fn refusal(&self) -> Value {
        let refused = json!({"code": "AccessDenied", "message": "not you", "status": 403});
        let mut rule = json!({"service": self.service, "op": self.operation, "nth": [self.nth]});
        rule.as_object_mut().unwrap().extend(refused.as_object().unwrap().clone());
        json!({"faults": [rule]})
    }

    /// What the proxy is told, to kill the run then.
    pub fn rule(&self) -> Value {
        let die = if self.before { json!("before") } else { json!(true) };
        json!({"faults": [{"service": self.service, "op": self.operation, "nth": [self.nth], "die": die}]})
    }
}

/// The moments of an undisturbed run: before and after each call that writes and, since nothing
/// happens between the two, after each that reads.
pub fn moments(stack: &Stack, arguments: &[&str]) -> Vec<Moment> {
    stack.proxy.forget();
    stack.run(arguments).expect(0);
    let mut counts = BTreeMap::<_, usize>::new();
    let mut moments = vec![];
    for call in stack.proxy.log() {
        let text = |name: &str| call[name].as_str().unwrap().to_owned();
        let (service, operation) = (text("service"), text("op"));
        let nth = counts.entry((service.clone(), operation.clone())).or_default();
        *nth += 1;
        let moment = Moment { service, operation, nth: *nth, before: false };
        if call["mutating"] == true {
            moments.push(Moment { before: true, ..moment.clone() });
        }
        moments.push(moment);
    }
    moments
}

/// A moment on the way up, and one on the way down, where there are as many.
pub type Moments = (Option<Moment>, Option<Moment>);

/// The moments of a whole life, each on the way up with one on the way down.
pub fn lives(stack: &Stack) -> Vec<Moments> {
    let (ups, downs) = (moments(stack, UP), moments(stack, DOWN));
    println!("{} moments of up and {} of down", ups.len(), downs.len());
    (0..ups.len().max(downs.len())).map(|n| (ups.get(n).cloned(), downs.get(n).cloned())).collect()
}

/// A stack's life with a kill on the way up and one on the way down. Gives how many struck.
pub fn life(stack: &Stack, (up, down): &Moments) -> usize {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let keys = || runtime.block_on(stack.keys()).into_iter().map(|(_, state)| state).collect::<Vec<_>>();
    let mut struck = 0;
    if let Some(moment) = up {
        struck += usize::from(stack.killed(UP, &moment.rule()));
        stack.run(UP).expect(0);
        stack.run(&["status"]).expect(0);
        // A key that the killed run had asked for just then may come after the next run has looked.
        let (live, doubles): (Vec<_>, Vec<_>) = keys().into_iter().partition(|state| state == "Enabled");
        assert_eq!(live.len(), 1, "after a kill at {moment:?}");
        assert!(doubles.len() <= 1 && doubles.iter().all(|state| state == "PendingDeletion"), "{doubles:?}");
    } else {
        stack.run(UP).expect(0);
    }
    if let Some(moment) = down {
        struck += usize::from(stack.killed(DOWN, &moment.rule()));
    }
    stack.run(DOWN).expect(0);
    assert_eq!(runtime.block_on(stack.leftovers()), Vec::<String>::new(), "after a kill at {down:?}");
    assert!(keys().iter().all(|state| state == "PendingDeletion"), "after a kill at {down:?}");
    struck
}

/// How many kills these are.
pub fn wanted(lives: &[Moments]) -> usize {
    lives.iter().map(|(up, down)| usize::from(up.is_some()) + usize::from(down.is_some())).sum()
}

/// How many kills struck, and how many were wanted: of so many lives, spread over the whole.
async fn kills(options: &'static [&'static str], some: u64) -> (usize, usize) {
    let lives = Arc::new(OnceLock::new());
    let kills = trials([some, 300], AT_ONCE, move |trial| {
        let lives = lives.get_or_init(|| self::lives(&Stack::apart(options).whole()));
        let Some(moments) = share(trial, lives) else { return (0, 0) };
        (life(&Stack::apart(options).whole(), moments), wanted(std::slice::from_ref(moments)))
    });
    let (struck, wanted) = kills.await.into_iter().fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    println!("{struck} kills of {wanted}");
    (struck, wanted)
}

/// Law 3.
#[tokio::test]
async fn killed_at_every_call() {
    let (struck, wanted) = kills(NO_TRUTHS, 8).await;
    // Calls that only a poll makes may be fewer in another run.
    assert!(struck * 100 >= wanted * 95, "{struck} of {wanted} struck");
}

/// Law 3, as AWS really is.
#[tokio::test]
async fn killed_at_a_call_with_every_truth() {
    let (struck, wanted) = kills(EVERY_TRUTH, 3).await;
    // What waits for AWS asks more or less often in each run.
    assert!(struck * 100 >= wanted * 80, "{struck} of {wanted} struck");
}

/// The trial's own part of the whole: each once, in steps so large that few are spread over all.
pub fn share<'a, T>(trial: &Trial, whole: &'a [T]) -> Option<&'a T> {
    let length = u64::try_from(whole.len()).unwrap();
    // A prime larger than any length, so that none is left out.
    let at = trial.seed * 997 % length;
    (trial.seed <= length).then(|| &whole[usize::try_from(at).unwrap()])
}

/// A run in which each call fails once in this way, and which succeeds all the same.
pub fn faulty_run(stack: &Stack, fault: &Value, arguments: &[&str]) -> Ended {
    let mut rule = json!({"first": true});
    rule.as_object_mut().unwrap().extend(fault.as_object().unwrap().clone());
    stack.proxy.forget();
    stack.proxy.configure(&json!({"faults": [rule]}));
    let ended = stack.run(arguments);
    stack.proxy.forget();
    stack.proxy.configure(&json!({"faults": []}));
    ended.expect(0)
}

/// A stack's life in which each call fails once in this way.
pub fn faulty_life(stack: &Stack, fault: &Value) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    faulty_run(stack, fault, UP);
    stack.run(&["status"]).expect(0);
    let live = runtime.block_on(stack.keys()).into_iter().filter(|(_, state)| state == "Enabled").count();
    assert_eq!(live, 1, "{fault}");
    faulty_run(stack, fault, DOWN);
    assert_eq!(runtime.block_on(stack.leftovers()), Vec::<String>::new(), "{fault}");
}

/// The answer is lost, the connection reset, the service fails or throttles, or fails after the fact: three of these,
/// and all as a whole.
pub fn faults() -> Vec<Value> {
    let all = [
        json!({"after": true}),
        json!({"drop": true}),
        json!({"status": 500}),
        json!({"status": 503}),
        json!({"throttle": true}),
        json!({"after": true, "status": 500}),
    ];
    all.into_iter().step_by(step(2)).collect()
}

/// Law 4, with every truth on: in one run, each call fails once in the same way.
#[tokio::test]
async fn each_call_fails_once() {
    let begin = |fault| tokio::task::spawn_blocking(move || faulty_life(&Stack::apart(EVERY_TRUTH).whole(), &fault));
    for life in faults().into_iter().map(begin).collect::<Vec<_>>() {
        life.await.unwrap();
    }
}

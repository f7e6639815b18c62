//! Laws 3 and 4, call by call: killed before and after each, and each failing once in every way.

use crate::support::{Macie, Stack};
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How many stacks are tried at once.
const AT_ONCE: usize = 4;
const UP: &[&str] = &["up", "--email", "ops@example.com"];
const DOWN: &[&str] = &["down", "--delete-data", "--yes"];

/// A stack in an account of its own: among everybody's keys its own would take long to find.
fn stack() -> Stack {
    Stack::with(&Macie::new())
}

/// A moment of a run: the nth call of an operation.
#[derive(Clone, Debug)]
struct Moment {
    service: String,
    operation: String,
    nth: usize,
    /// Before it takes effect, else after.
    before: bool,
}

impl Moment {
    fn rule(&self) -> Value {
        let die = if self.before { json!("before") } else { json!(true) };
        json!({"faults": [{"service": self.service, "op": self.operation, "nth": [self.nth], "die": die}]})
    }
}

/// The moments of an undisturbed run: before and after each call that writes and, since nothing
/// happens between the two, after each that reads.
fn moments(stack: &Stack, arguments: &[&str]) -> Vec<Moment> {
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

/// A stack's life with a kill on the way up and one on the way down. Gives how many struck.
fn life(up: Option<&Moment>, down: Option<&Moment>) -> usize {
    let stack = stack();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let keys = || runtime.block_on(stack.keys()).into_iter().map(|(_, state)| state).collect::<Vec<_>>();
    let mut struck = 0;
    if let Some(moment) = up {
        struck += usize::from(stack.killed(UP, &moment.rule()));
        stack.run(UP).expect(0);
        stack.run(&["status"]).expect(0);
        assert_eq!(keys(), ["Enabled"], "after a kill at {moment:?}");
    } else {
        stack.run(UP).expect(0);
    }
    if let Some(moment) = down {
        struck += usize::from(stack.killed(DOWN, &moment.rule()));
    }
    stack.run(DOWN).expect(0);
    assert_eq!(runtime.block_on(stack.leftovers()), Vec::<String>::new(), "after a kill at {down:?}");
    assert_eq!(keys(), ["PendingDeletion"], "after a kill at {down:?}");
    struck
}

/// Law 3.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_every_call() {
    let (ups, downs) = tokio::task::spawn_blocking(|| {
        let stack = stack();
        (moments(&stack, UP), moments(&stack, DOWN))
    })
    .await
    .unwrap();
    let (wanted, longer) = (ups.len() + downs.len(), ups.len().max(downs.len()));
    let mut pairs = (0..longer).map(|n| (ups.get(n).cloned(), downs.get(n).cloned()));
    let lives = stream::iter(&mut pairs)
        .map(|(up, down)| tokio::task::spawn_blocking(move || life(up.as_ref(), down.as_ref())));
    let struck: usize = lives.buffer_unordered(AT_ONCE).map(Result::unwrap).fold(0, async |a, b| a + b).await;
    // Calls that only a poll makes may be fewer in another run.
    assert!(struck * 100 >= wanted * 95, "{struck} of {wanted} struck: {} up, {} down", ups.len(), downs.len());
}

/// A stack's life in which each call fails once in this way.
fn faulty_life(fault: &Value) {
    let mut rule = json!({"first": true});
    rule.as_object_mut().unwrap().extend(fault.as_object().unwrap().clone());
    let stack = stack();
    let faulty = |on: bool| {
        stack.proxy.forget();
        stack.proxy.configure(&json!({"faults": if on { vec![rule.clone()] } else { vec![] }}));
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    faulty(true);
    stack.run(UP).expect(0);
    faulty(false);
    stack.run(&["status"]).expect(0);
    let live = runtime.block_on(stack.keys()).into_iter().filter(|(_, state)| state == "Enabled").count();
    assert_eq!(live, 1, "{fault}");
    faulty(true);
    stack.run(DOWN).expect(0);
    faulty(false);
    assert_eq!(runtime.block_on(stack.leftovers()), Vec::<String>::new(), "{fault}");
}

/// Law 4: in one run, each call fails once in the same way.
#[tokio::test]
async fn each_call_fails_once() {
    let faults = [
        // The answer is lost, the connection reset, the service fails or throttles, or fails after the fact.
        json!({"after": true}),
        json!({"drop": true}),
        json!({"status": 500}),
        json!({"status": 503}),
        json!({"throttle": true}),
        json!({"after": true, "status": 500}),
    ];
    let lives = faults.map(|fault| tokio::task::spawn_blocking(move || faulty_life(&fault)));
    for life in lives {
        life.await.unwrap();
    }
}

//! Law 4 for what is decided, by one or by two: whatever call fails, nothing is lost, nothing is done twice, and it is told of
//! once. How a run that is killed is gone on with stands beside the tests of each.

use super::approvals::TwoEyes;
use super::{CARDS, holding, json, rows, run};
use crate::matrix::{self, Moment};
use crate::support::{Ear, Pipeline, step};
use cvault::vault::names::Zone;
use serde_json::{Value, json as value};
use std::time::{Duration, Instant};

const ACTIONS: [&str; 2] = ["release", "discard"];
const CLEAN: &[u8] = b"seq,city\n1,Kingsford\n";

/// What is decided, by whose turn: the turn, the command, the key.
type Deed<'a> = (usize, &'a str, &'a str);

/// A vault, who decides there one after the other, and more of their command lines.
struct Deciders<'a> {
    vault: &'a mut Pipeline,
    ear: Ear,
    turns: Vec<Option<[String; 2]>>,
    more: Vec<String>,
}

impl<'a> Deciders<'a> {
    async fn one(vault: &'a mut Pipeline) -> Self {
        Self { ear: Ear::open(vault).await, vault, turns: vec![None], more: vec![] }
    }

    async fn two(eyes: &'a mut TwoEyes) -> Self {
        let turns = [&eyes.ana, &eyes.bob].map(|person| Some(person.key.clone())).to_vec();
        let more = vec!["--config".to_owned(), eyes.config.to_str().unwrap().to_owned()];
        Self { ear: Ear::open(&eyes.vault).await, vault: &mut eyes.vault, turns, more }
    }

    /// A held version; one to be released comes to lie over another one that is stored.
    async fn hold(&self, action: &str, key: &str) {
        if action == "release" {
            self.vault.put(key, CLEAN).await;
            self.vault.executions(Zone::Vault, key, 1).await;
        }
        self.vault.put(key, CARDS).await;
        self.vault.executions(Zone::Ingress, key, if action == "release" { 2 } else { 1 }).await;
    }

    /// What one of them does.
    fn act<T>(&mut self, (turn, action, key): Deed<'_>, act: impl FnOnce(&Pipeline, &[&str]) -> T) -> T {
        let command = [action, key, "--reason", "ticket OPS-12: test data", "--yes"];
        let command: Vec<_> = command.into_iter().chain(self.more.iter().map(String::as_str)).collect();
        self.vault.stack.deployer.clone_from(&self.turns[turn]);
        let acted = act(self.vault, &command);
        self.vault.stack.deployer = None;
        acted
    }

    /// After a turn that succeeded in the end it is where it belongs, once, and told of so.
    async fn is_over(&self, (turn, action, key): Deed<'_>, of: &Value) {
        let is_last = turn + 1 == self.turns.len();
        let state = if is_last { "done" } else { "requested" };
        let stored = self.vault.objects(Zone::Vault).await.remove(key).unwrap_or_default();
        let expected = match (action, is_last) {
            ("release", true) => vec![CARDS, CLEAN],
            ("release", false) => vec![CLEAN],
            _ => vec![],
        };
        assert_eq!(stored, expected, "{action} {turn} {of}");
        let held = self.vault.objects(Zone::Analytics).await;
        assert_eq!(held.len(), usize::from(!is_last), "{action} {turn} {of}");
        let story = json(self.vault, &["show", key], 0);
        let said: Vec<_> = rows(&story, "decision").into_iter().map(|row| row["state"].clone()).collect();
        assert_eq!(said, [state], "{action} {turn} {of}");
        let mut heard = decided(&self.ear).await;
        // Where an answer is lost, or the line behind it, it is the same decision again.
        let same = |of: &Value| ["event", "place", "at"].map(|it| of[it].clone());
        heard.dedup_by(|one, other| same(&one["detail"]) == same(&other["detail"]));
        assert!(heard.len() == 1 && heard[0]["detail"]["key"] == key, "{action} {turn} {of}: {heard:#?}");
    }
}

/// The decisions that were told since somebody listened last.
async fn decided(ear: &Ear) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let heard: Vec<_> = ear.heard().await.into_iter().filter(|it| it["detail-type"] != "Object Judged").collect();
        if !heard.is_empty() {
            return heard;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "nobody is told of it");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Each call fails once, in each way: the run succeeds.
async fn each_call_fails_once(deciders: &mut Deciders<'_>) {
    let steps = step(2 * deciders.turns.len());
    for (number, fault) in matrix::faults().iter().step_by(steps).enumerate() {
        // One command each; as a whole both.
        for action in ACTIONS.into_iter().skip(number % step(2)).step_by(step(2)) {
            let key = format!("{action}-{number}.csv");
            deciders.hold(action, &key).await;
            for turn in 0..deciders.turns.len() {
                let of = (turn, action, key.as_str());
                deciders.act(of, |vault, command| matrix::faulty_run(&vault.stack, fault, command));
                deciders.is_over(of, fault).await;
            }
        }
    }
}

/// Each writing call is refused for good: the run says so, and the next one goes on.
async fn each_write_is_refused(deciders: &mut Deciders<'_>) {
    for action in ACTIONS {
        let key = format!("{action}-first.csv");
        deciders.hold(action, &key).await;
        let mut moments = vec![];
        for turn in 0..deciders.turns.len() {
            let of = (turn, action, key.as_str());
            let all = deciders.act(of, |vault, command| matrix::moments(&vault.stack, command));
            deciders.is_over(of, &Value::Null).await;
            moments.extend(all.into_iter().filter(Moment::is_of_a_write).map(|moment| (turn, moment)));
        }
        assert!(moments.len() >= 5, "{moments:?}");
        for (number, (turn, moment)) in moments.into_iter().enumerate().step_by(step(3 + deciders.turns.len())) {
            let key = format!("{action}-refused-{number}.csv");
            deciders.hold(action, &key).await;
            for turn in 0..turn {
                let of = (turn, action, key.as_str());
                deciders.act(of, |vault, command| run(vault, command, 0));
                deciders.is_over(of, &Value::Null).await;
            }
            let (of, refusal) = ((turn, action, key.as_str()), moment.refusal());
            let refused = deciders.act(of, |vault, command| {
                vault.stack.proxy.forget();
                vault.stack.proxy.configure(&refusal);
                let refused = run(vault, command, 1);
                vault.stack.proxy.configure(&value!({"faults": []}));
                refused
            });
            assert!(refused.stderr.contains("AccessDenied"), "{refusal}: {}", refused.stderr);
            for turn in turn..deciders.turns.len() {
                let of = (turn, action, key.as_str());
                deciders.act(of, |vault, command| run(vault, command, 0));
                deciders.is_over(of, &refusal).await;
            }
        }
    }
}

#[tokio::test]
async fn what_one_decides_is_done_whatever_fails() {
    let mut vault = holding(&[]).await;
    let mut deciders = Deciders::one(&mut vault).await;
    each_call_fails_once(&mut deciders).await;
    each_write_is_refused(&mut deciders).await;
    deciders.ear.close().await;
}

#[tokio::test]
async fn what_two_decide_is_done_whatever_fails() {
    let mut eyes = TwoEyes::start(&[]).await;
    let mut deciders = Deciders::two(&mut eyes).await;
    each_call_fails_once(&mut deciders).await;
    each_write_is_refused(&mut deciders).await;
    deciders.ear.close().await;
}

//! Executions of one version that overlap: call by call, in turn.

use super::*;
use crate::macie::Macie;
use crate::messages::{GivenRules, Step};
use crate::stand_in::buckets::{Buckets, Version};
use crate::steps::Compiled;
use contract::Rules;
use futures::future::join_all;
use serde_json::json;

const CLEAN: &[u8] = b"seq,city\n1,Kingsford\n";
const RAGGED: &[u8] = b"seq,city\n1,Kingsford,extra\n";
/// How many events come for one version.
const EVENTS: usize = 20;

struct Stack {
    buckets: Buckets,
    vault: Vault,
    version: String,
}

/// How an execution ended, and how many e-mails it has sent.
#[derive(Debug, PartialEq, Eq)]
struct End {
    status: Status,
    mails: usize,
}

impl Stack {
    /// One file in ingress; the vault has another version of its key.
    fn with(body: &[u8], tags: &[(&str, &str)]) -> Self {
        let buckets = Buckets::default();
        let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        buckets.put("va/a.csv", Version { body: CLEAN.into(), ..Version::default() });
        let version = buckets.put("in/a.csv", Version { body: body.into(), tags, ..Version::default() });
        let s3 = buckets.stand_in();
        let (objects, macie): (_, Macie) = (s3.objects(), s3.macie());
        let [ingress, analytics, stored] = ["in", "an", "va"].map(str::to_owned);
        let (detectors, patience) = (Compiled::default(), PATIENCE);
        let vault = Vault { objects, macie, ingress, analytics, vault: stored, detectors, patience };
        Self { buckets, vault, version }
    }

    fn request(&self, step: &str, execution: usize) -> Request {
        let object = json!({"key": "a.csv", "version-id": self.version, "sequencer": "0A"});
        let arn = format!("arn:aws:states:eu-west-1:1:execution:m:{execution}");
        let request = json!({"Step": step, "Bucket": "in", "Object": object, "Execution": arn});
        Request { rules: Some(GivenRules::Known(Rules::default())), ..serde_json::from_value(request).unwrap() }
    }

    /// A step, tried again as the state machine does.
    async fn take(&self, request: Request) -> Answer {
        for attempt in 0..10_000 {
            match self.vault.take(Request { attempt, ..request.clone() }).await {
                Ok(answer) => return answer,
                Err(failure) if [FailureKind::Elsewhere, FailureKind::Busy].contains(&failure.kind) => {
                    tokio::task::yield_now().await;
                }
                Err(failure) => panic!("{:?}: {failure}", request.step),
            }
        }
        panic!("nobody came to an end");
    }

    /// The state machine, from one state on.
    async fn run(&self, execution: usize) -> End {
        let copied = self.take(self.request("CopyToAnalytics", execution)).await;
        self.judge(execution, copied).await
    }

    async fn judge(&self, execution: usize, mut answer: Answer) -> End {
        let given = |step: &str, answer: &Answer| Request {
            source: answer.source.clone(),
            verdict: Some(answer.verdict.clone()),
            ..self.request(step, execution)
        };
        if answer.verdict.status == Status::Copied {
            answer = self.take(given("InspectContent", &answer)).await;
        }
        if answer.verdict.status == Status::Clean {
            answer = self.take(given("StoreInVault", &answer)).await;
            self.clear(execution).await;
        }
        let status = answer.verdict.status;
        if status != Status::AlreadySettled {
            self.take(given("DeleteFromIngress", &answer)).await;
        }
        End { status, mails: usize::from(answer.notice.is_some()) }
    }

    /// S3's events about what is in the vault.
    async fn clear(&self, execution: usize) {
        for (_, stored) in self.buckets.all("va/") {
            let object = json!({"key": "a.csv", "version-id": stored.id});
            let event = Request {
                object: serde_json::from_value(object).unwrap(),
                ..self.request("ClearAnalytics", execution)
            };
            assert_eq!(event.step, Step::ClearAnalytics);
            self.take(event).await;
        }
    }

    async fn all(&self, executions: std::ops::Range<usize>) -> Vec<End> {
        join_all(executions.map(|execution| self.run(execution))).await
    }

    fn count(&self, prefix: &str) -> usize {
        self.buckets.all(prefix).len()
    }
}

fn mails(ends: &[End]) -> usize {
    ends.iter().map(|end| end.mails).sum()
}

#[tokio::test]
async fn a_bad_file_is_told_of_once_however_often_its_event_comes() {
    let stack = Stack::with(RAGGED, &[]);
    let ends = stack.all(0..EVENTS).await;
    assert_eq!(mails(&ends), 1, "{ends:?}");
    assert_eq!(ends.iter().filter(|end| end.status == Status::IntegrityFail).count(), 1, "{ends:?}");
    assert_eq!(ends.iter().filter(|end| end.status == Status::AlreadySettled).count(), EVENTS - 1, "{ends:?}");
    assert_eq!((stack.count("in/"), stack.count("an/"), stack.count("va/")), (0, 1, 1));
    // One that comes when all is over.
    assert_eq!(stack.run(EVENTS).await, End { status: Status::AlreadySettled, mails: 0 });
}

#[tokio::test]
async fn a_good_file_is_stored_once_however_often_its_event_comes() {
    let stack = Stack::with(CLEAN, &[]);
    let ends = stack.all(0..EVENTS).await;
    assert!(ends.iter().all(|end| [Status::VaultCopy, Status::AlreadySettled].contains(&end.status)), "{ends:?}");
    assert_eq!((stack.count("in/"), stack.count("an/"), stack.count("va/")), (0, 0, 2), "one came to the other");
    assert_eq!(stack.run(EVENTS).await, End { status: Status::AlreadySettled, mails: 0 });
}

/// The one that copied is never heard of again: those who wait do nothing before its time is over, and then one of
/// them comes in its place.
#[tokio::test]
async fn a_judge_that_died_is_followed_by_one() {
    for (body, vaulted) in [(RAGGED, 1), (CLEAN, 2)] {
        let stack = Stack::with(body, &[]);
        stack.take(stack.request("CopyToAnalytics", 0)).await;
        let patience = |execution| patience(&stack.vault, &stack.request("CopyToAnalytics", execution));
        let of_all: Vec<_> = (1..EVENTS).map(patience).collect();
        assert!(of_all.iter().all(|seconds| (PATIENCE..2 * PATIENCE).contains(seconds)), "{of_all:?}");
        let first = of_all.into_iter().min().unwrap();
        stack.buckets.age(first - 5);
        for execution in 1..EVENTS {
            let waits = stack.vault.take(stack.request("CopyToAnalytics", execution)).await;
            assert_eq!(waits.unwrap_err().kind, FailureKind::Elsewhere);
        }
        stack.buckets.age(5);
        let ends = stack.all(1..EVENTS).await;
        assert_eq!(mails(&ends), 2 - vaulted, "{ends:?}");
        assert_eq!((stack.count("in/"), stack.count("va/")), (0, vaulted));
    }
}

/// It was not dead, and comes to its verdict after the other: there is one e-mail all the same.
#[tokio::test]
async fn a_judge_that_was_only_slow_says_nothing_twice() {
    let stack = Stack::with(RAGGED, &[]);
    let copied = stack.take(stack.request("CopyToAnalytics", 0)).await;
    stack.buckets.age(2 * PATIENCE);
    assert_eq!(stack.run(1).await, End { status: Status::IntegrityFail, mails: 1 });
    assert_eq!(stack.judge(0, copied).await, End { status: Status::AlreadySettled, mails: 0 });
}

/// A slow one and its follower store the same version: it is there once, though another lies over it by then.
#[tokio::test]
async fn what_lies_below_another_version_is_not_stored_again() {
    let stack = Stack::with(CLEAN, &[]);
    let mut clean = stack.take(stack.request("CopyToAnalytics", 0)).await;
    clean.verdict.status = Status::Clean;
    let store = |execution| {
        let request = stack.request("StoreInVault", execution);
        stack.take(Request { source: clean.source.clone(), verdict: Some(clean.verdict.clone()), ..request })
    };
    let first = store(0).await.source.unwrap();
    stack.buckets.put("va/a.csv", Version { body: CLEAN.into(), ..Version::default() });
    assert_eq!(store(1).await.source.unwrap(), first, "the same version");
    assert_eq!(stack.count("va/"), 3);
}

/// The sender takes the version away while it is judged, and the judge dies: it is judged to its end.
#[tokio::test]
async fn what_left_ingress_unjudged_is_judged() {
    for (body, mails, vaulted) in [(RAGGED, 1, 1), (CLEAN, 0, 2)] {
        let stack = Stack::with(body, &[]);
        stack.take(stack.request("CopyToAnalytics", 0)).await;
        stack.vault.objects.delete("in", "a.csv", &stack.version).await.unwrap();
        let waits = stack.vault.take(stack.request("CopyToAnalytics", 1)).await;
        assert_eq!(waits.unwrap_err().kind, FailureKind::Elsewhere);
        stack.buckets.age(2 * PATIENCE);
        let end = stack.run(1).await;
        assert_eq!((end.mails, stack.count("va/")), (mails, vaulted), "{end:?}");
    }
}

/// Tags of ours that a file brings along would say that it is settled.
#[tokio::test]
async fn forged_tags_do_not_come_to_analytics() {
    let stack = Stack::with(RAGGED, &[("cvault:status", "VAULT_COPY"), ("team", "sea")]);
    stack.take(stack.request("CopyToAnalytics", 0)).await;
    let tags = stack.buckets.all("an/").remove(0).1.tags;
    assert_eq!(tags, [("team".to_owned(), "sea".to_owned())]);
}

//! What goes wrong while files come: each fault lasts a moment, and all of them have struck before the last file is sent, or
//! strike after it.

use super::Life;
use super::files::Expected;
use crate::support::Chance;
use aws_sdk_sfn::types::ExecutionStatus;
use aws_sdk_sqs::types::QueueAttributeName;
use cvault::vault::names::Zone;
use serde_json::{Value, json};
use std::time::Duration;

/// A fault.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// S3 throttles, fails, resets, loses and breaks off its answers, and the function is killed.
    Storm,
    /// The topic refuses what the function publishes.
    Topic,
    /// Nobody hears of what comes.
    Rule,
    /// Nobody hears of what is stored.
    VaultRule,
    /// The function has no room for any call.
    Throttled,
    /// The queue of notices takes none.
    Queue,
    /// Executions begin again with events that others have had.
    Twice,
    /// Executions are stopped: of Express workflows AWS stops none, but they run out of time.
    Aborted,
    /// Events that could not be delivered.
    Undelivered,
    /// An object comes into the vault past everything, without what a copy says of itself.
    ByHand,
}

const OF_CALLS: &[Fault] = &[Fault::Storm, Fault::Topic];
const AROUND: &[Fault] = &[
    Fault::Rule,
    Fault::VaultRule,
    Fault::Throttled,
    Fault::Queue,
    Fault::Twice,
    Fault::Aborted,
    Fault::Undelivered,
    Fault::ByHand,
];
/// How many executions are begun again or stopped at once, at most.
const AT_ONCE: u64 = 6;
/// What the queue takes while it takes no notice: SQS's least.
const TOO_SMALL: &str = "1024";
/// What it takes else.
const LARGE: &str = "262144";

/// Faults, one after the other.
pub struct Faults<'a> {
    life: &'a Life,
    chance: Chance,
    kinds: &'static [Fault],
}

impl<'a> Faults<'a> {
    /// Of the function's own calls.
    pub fn of_calls(life: &'a Life, seed: u64) -> Self {
        Self { life, chance: Chance::of(seed + 1_000_000), kinds: OF_CALLS }
    }

    /// Of everything else.
    pub fn around(life: &'a Life, seed: u64) -> Self {
        Self { life, chance: Chance::of(seed + 2_000_000), kinds: AROUND }
    }

    /// All of them, in any order, until nothing is sent any more.
    pub async fn strike(mut self) {
        while !self.life.is_sent.get() {
            let mut left = self.kinds.to_vec();
            while !left.is_empty() {
                tokio::time::sleep(self.moment(200, 700)).await;
                let fault = left.remove(self.below(left.len()));
                self.one(fault).await;
            }
        }
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.chance.below(end as u64)).unwrap()
    }

    fn moment(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(least + self.chance.below(most - least))
    }

    async fn one(&mut self, fault: Fault) {
        let moment = self.moment(800, 3000);
        let lasts = tokio::time::sleep(moment);
        let (aws, names) = (&self.life.vault.stack.aws, &self.life.vault.stack.names);
        let what = match fault {
            Fault::Storm => {
                self.life.vault.stack.proxy.configure(&json!({"faults": storm()}));
                lasts.await;
                "S3 throttles, fails, and loses answers, for a while"
            }
            Fault::Topic => {
                let refuse = json!({"service": "sns", "op": "Publish", "status": 503});
                self.life.vault.stack.proxy.configure(&json!({"faults": [refuse]}));
                lasts.await;
                "the topic refuses for a while"
            }
            Fault::Rule => {
                aws.eventbridge.disable_rule().name(names.rule(Zone::Ingress)).send().await.unwrap();
                lasts.await;
                aws.eventbridge.enable_rule().name(names.rule(Zone::Ingress)).send().await.unwrap();
                "the rule is off for a while"
            }
            Fault::VaultRule => {
                aws.eventbridge.disable_rule().name(names.rule(Zone::Vault)).send().await.unwrap();
                lasts.await;
                aws.eventbridge.enable_rule().name(names.rule(Zone::Vault)).send().await.unwrap();
                "the vault's rule is off for a while"
            }
            Fault::Throttled => {
                let throttle = aws.lambda.put_function_concurrency().function_name(names.function());
                throttle.reserved_concurrent_executions(0).send().await.unwrap();
                lasts.await;
                aws.lambda.delete_function_concurrency().function_name(names.function()).send().await.unwrap();
                "the function has no room for a while"
            }
            Fault::Queue => {
                let queue = names.notices();
                self.life.set_queue(&queue, (QueueAttributeName::MaximumMessageSize, TOO_SMALL)).await;
                lasts.await;
                self.life.set_queue(&queue, (QueueAttributeName::MaximumMessageSize, LARGE)).await;
                "the queue of notices refuses for a while"
            }
            Fault::Twice => return self.twice().await,
            Fault::Aborted => return self.aborted().await,
            Fault::Undelivered => return self.undelivered().await,
            Fault::ByHand => return self.by_hand().await,
        };
        if self.kinds.len() == OF_CALLS.len() {
            self.life.vault.stack.proxy.configure(&json!({"faults": []}));
        }
        self.life.count(what, 1);
    }

    async fn twice(&mut self) {
        let names = &self.life.vault.stack.names;
        let mut all = self.life.executions(None).await;
        for _ in 0..=self.chance.below(AT_ONCE) {
            if all.is_empty() {
                return;
            }
            let arn = all.swap_remove(self.below(all.len()));
            let machine = if arn.contains("Express") { names.express_arn() } else { names.state_machine_arn() };
            let start = self.life.vault.stack.aws.sfn.start_execution().state_machine_arn(machine);
            start.input(self.life.input(&arn).await.to_string()).send().await.unwrap();
            self.life.count("events come twice", 1);
        }
    }

    /// Whatever runs at some moments; of Standard executions few do.
    async fn aborted(&mut self) {
        let stack = &self.life.vault.stack;
        let is_express = |arn: &str| arn.contains("Express");
        for _ in 0..20 {
            tokio::time::sleep(self.moment(20, 150)).await;
            let mut running = self.life.executions(Some(ExecutionStatus::Running)).await;
            if self.chance.below(4) > 0 {
                running.retain(|arn| !is_express(arn));
            }
            if running.is_empty() {
                continue;
            }
            let arn = running.swap_remove(self.below(running.len()));
            let stopped = stack.aws.sfn.stop_execution().execution_arn(&arn).send().await.is_ok();
            let what = if is_express(&arn) { "Express executions are ended" } else { "executions are aborted" };
            self.life.count(what, usize::from(stopped));
        }
    }

    async fn undelivered(&mut self) {
        let (sqs, names) = (&self.life.vault.stack.aws.sqs, &self.life.vault.stack.names);
        let url = sqs.get_queue_url().queue_name(names.dead_letters()).send().await.unwrap().queue_url.unwrap();
        for _ in 0..=self.chance.below(AT_ONCE / 2) {
            let count = self.life.sent.borrow().len();
            if count == 0 {
                return;
            }
            let sent = self.life.sent.borrow()[self.below(count)].clone();
            // The rule lets through what is no file in a part only.
            if sent.expected == Expected::Ignored {
                continue;
            }
            let event = json!({"source": "aws.s3", "detail": {"bucket": {"name": names.bucket(Zone::Ingress)},
                "object": {"key": sent.key, "size": sent.body.len(), "version-id": sent.version}}});
            sqs.send_message().queue_url(&url).message_body(event.to_string()).send().await.unwrap();
            self.life.count("events are among the dead letters", 1);
        }
    }

    /// As with a tool that drops what a copy says of itself: what is held as it is, and something else beside what is clean. Not
    /// with the bytes of what is stored: the emulator's events name no version, so that it would be taken for the other.
    async fn by_hand(&mut self) {
        let count = self.life.sent.borrow().len();
        if count == 0 {
            return;
        }
        let sent = self.life.sent.borrow()[self.below(count)].clone();
        let more: &[u8] = if sent.expected == Expected::Held { b"" } else { b"by hand\n" };
        let (stack, body) = (&self.life.vault.stack, [&sent.body[..], more].concat());
        let put = stack.aws.s3.put_object().bucket(stack.names.bucket(Zone::Vault)).key(&sent.key);
        let version = put.body(body.clone().into()).send().await.unwrap().version_id.unwrap();
        self.life.by_hand.borrow_mut().push((version, body));
        self.life.count("objects come into the vault by hand, without metadata", 1);
    }

    /// All faults have ended.
    pub fn calm(life: &Life) {
        life.vault.stack.proxy.configure(&json!({"faults": []}));
        let struck = life.vault.stack.proxy.stats()["faults"]["rule"].as_u64().unwrap_or_default();
        life.count("calls of the function have failed", usize::try_from(struck).unwrap());
    }
}

/// Each of the function's calls of S3 may meet one of these.
fn storm() -> Vec<Value> {
    [
        json!({"p": 0.01, "die": true, "caller": true}),
        json!({"p": 0.01, "die": "before", "caller": true}),
        json!({"p": 0.04, "after": true}),
        json!({"p": 0.04, "drop": true}),
        json!({"p": 0.05, "status": 503}),
        json!({"p": 0.05, "throttle": true}),
        json!({"p": 0.05, "op": "GetObject", "cut": true}),
    ]
    .map(|mut fault| {
        fault["service"] = "s3".into();
        fault
    })
    .into()
}

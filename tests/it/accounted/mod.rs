//! Law 9: every version that ever was in ingress is in exactly one place. Files of all kinds are sent, and while they come
//! everything fails that may fail: rules, deliveries, executions, the function, S3, the topic and the queue of notices. Then
//! all faults end, sweeps run until nothing moves any more, and each version is accounted for.
//!
//! It runs where `CVAULT_ACCOUNTED` says how many files, and alone: other tests would wait for an emulator that is busy with
//! it. `CVAULT_ACCOUNTED=100` takes a minute; `CVAULT_TRIALS=7..8` another seed. The seed says what is sent and which
//! faults come in which order; which call a fault strikes is up to the machine.

mod ends;
mod faults;
mod files;

use crate::support::{Configuration, Pipeline, Stack, Trial, trials};
use aws_sdk_sfn::types::ExecutionStatus;
use cvault::vault::names::Zone;
use ends::Ends;
use faults::Faults;
use files::{Sender, Sent};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Seconds in the emulator's hundredths: what is taken back or replaced within them is nobody's to judge.
const CONFIGURATION: &str =
    "emails = [\"ops@example.com\"]\n[ingress]\nsettle_seconds = 60\n[notify]\nwindow_seconds = 1\n";
/// Seconds after which a notice comes again that was not told of, instead of twenty minutes.
const NOTICE_COMES_AGAIN: &str = "10";
/// Seconds after which an execution is taken for dead: more than the emulator's usual ones, since here everything is slow.
const PATIENCE: &str = "10";
/// How many sweeps there are at most before nothing moves.
const SWEEPS: usize = 12;

/// A vault in which everything goes wrong.
struct Life {
    vault: Pipeline,
    configuration: Configuration,
    /// Everything that was uploaded, in order.
    sent: RefCell<Vec<Sent>>,
    /// What was put into the vault by hand: versions and bodies.
    by_hand: RefCell<Vec<(String, Vec<u8>)>>,
    /// Which faults have struck how often.
    struck: RefCell<BTreeMap<&'static str, usize>>,
    /// Whether all files are sent.
    is_sent: Cell<bool>,
}

impl Life {
    async fn begin() -> Self {
        let stack = Stack::behind(&["--truths", "s3-copy-conditions"]);
        let configuration = Configuration::of(&stack, CONFIGURATION);
        stack.run(&["up", "--config", configuration.path()]).expect(0);
        let vault = Pipeline::observed(stack).await;
        let proxy = vault.stack.proxy.endpoint();
        let variables =
            [("AWS_ENDPOINT_URL_S3", proxy.as_str()), ("AWS_ENDPOINT_URL_SNS", &proxy), ("patience_seconds", PATIENCE)];
        vault.set_variables(&variables).await;
        let life = Self {
            vault,
            configuration,
            sent: RefCell::default(),
            by_hand: RefCell::default(),
            struck: RefCell::default(),
            is_sent: Cell::new(false),
        };
        life.set_queue(aws_sdk_sqs::types::QueueAttributeName::VisibilityTimeout, NOTICE_COMES_AGAIN).await;
        life.vault.stack.proxy.forget();
        life
    }

    fn count(&self, what: &'static str, times: usize) {
        *self.struck.borrow_mut().entry(what).or_default() += times;
    }

    /// Changes an attribute of the queue of notices.
    async fn set_queue(&self, name: aws_sdk_sqs::types::QueueAttributeName, value: &str) {
        let (sqs, names) = (&self.vault.stack.aws.sqs, &self.vault.stack.names);
        let url = sqs.get_queue_url().queue_name(names.notices()).send().await.unwrap().queue_url.unwrap();
        sqs.set_queue_attributes().queue_url(url).attributes(name, value).send().await.unwrap();
    }

    /// The ARNs of the executions of both workflows, of one status or of all.
    async fn executions(&self, status: Option<ExecutionStatus>) -> Vec<String> {
        let (sfn, names) = (&self.vault.stack.aws.sfn, &self.vault.stack.names);
        let mut all = vec![];
        for machine in [names.express_arn(), names.state_machine_arn()] {
            let list = sfn.list_executions().state_machine_arn(machine).set_status_filter(status.clone());
            let list = list.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.unwrap();
            all.extend(list.into_iter().map(|execution| execution.execution_arn));
        }
        all
    }

    /// What an execution was started with.
    async fn input(&self, arn: &str) -> Value {
        let found = self.vault.stack.aws.sfn.describe_execution().execution_arn(arn).send().await.unwrap();
        serde_json::from_str(&found.input.unwrap_or_default()).unwrap_or_default()
    }

    /// The ids of the versions that are in a zone.
    async fn versions_in(&self, zone: Zone) -> BTreeSet<String> {
        self.vault.versions(zone).await.into_iter().filter_map(|version| version.version_id).collect()
    }

    /// The executions that could not clear a stored file's copy, which the e-mails have to be about: an Express one tells
    /// nobody, and the sweep goes on with what it leaves.
    async fn not_cleared(&self) -> Vec<String> {
        let mut failed = self.executions(Some(ExecutionStatus::Failed)).await;
        failed.extend(self.executions(Some(ExecutionStatus::Aborted)).await);
        failed.retain(|arn| !arn.contains("Express"));
        let mut not_cleared = vec![];
        for arn in failed {
            let input = self.input(&arn).await;
            if input["detail"]["bucket"]["name"] == self.vault.stack.names.bucket(Zone::Vault).as_str() {
                not_cleared.push(arn);
            }
        }
        not_cleared
    }

    /// Waits until nothing runs, and every notice was told of.
    async fn quiet(&self) {
        let (begun, mut calm) = (Instant::now(), 0);
        while calm < 3 {
            let (running, notices) =
                (self.executions(Some(ExecutionStatus::Running)).await.len(), self.vault.notices().await);
            calm = if running + notices == 0 { calm + 1 } else { 0 };
            assert!(begun.elapsed() < Duration::from_mins(10), "{running} executions run, {notices} notices wait");
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    /// Sweeps until nothing moves any more; says how often.
    async fn settle(&self) -> usize {
        let mut before = None;
        for sweeps in 0..SWEEPS {
            self.quiet().await;
            let left = (self.versions_in(Zone::Ingress).await, self.versions_in(Zone::Analytics).await);
            if before.as_ref() == Some(&left) {
                return sweeps;
            }
            before = Some(left);
            assert_eq!(self.vault.sweep(&json!({"Again": true})).await, ExecutionStatus::Succeeded);
        }
        panic!("after {SWEEPS} sweeps ingress or analytics still changes");
    }
}

/// How many actions of senders there are, if anybody wants them.
fn files() -> Option<u64> {
    std::env::var("CVAULT_ACCOUNTED").ok().map(|wanted| wanted.parse().expect("CVAULT_ACCOUNTED=1000"))
}

fn life(trial: &Trial) {
    let Some(files) = files() else {
        return println!("skipped: CVAULT_ACCOUNTED=100 cargo test --test it accounted -- --nocapture");
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    println!("CVAULT_TRIALS={}..{} CVAULT_ACCOUNTED={}", trial.seed, trial.seed + 1, files);
    runtime.block_on(async {
        let life = Life::begin().await;
        let mut sender = Sender::new(&life, trial.seed);
        let send = async {
            sender.send(files).await;
            life.is_sent.set(true);
        };
        // Two at a time: what is wrong with the function's own calls, and what is wrong around it.
        tokio::join!(send, Faults::of_calls(&life, trial.seed).strike(), Faults::around(&life, trial.seed).strike());
        Faults::calm(&life);
        life.quiet().await;
        life.vault.redeliver().await;
        let sweeps = life.settle().await;
        let not_cleared = life.not_cleared().await;
        let ends = Ends::of(&life, not_cleared).await;
        ends.print(&life, sweeps);
        ends.expect_all(&life);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn every_version_is_accounted_for() {
    trials([1, 1], 1, life).await;
}

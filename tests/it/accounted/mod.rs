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
mod pairs;
mod scanned;

use crate::support::{Configuration, Macie, Pipeline, Stack, Trial, trials};
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
/// What else each kind of life is configured with.
const PAIRS: &str = "[ingress]\nsettle_seconds = 60\npairs = [\".done\", \".sha256\"]\n[notify]\nwindow_seconds = 1\n";
const MACIE: &str = "[macie]\nmode = \"on\"\nmax_hours = 1\n";
/// Seconds after which a notice or a file for Macie comes again that was not taken, instead of twenty minutes: as those do,
/// they outlast a call of the function, which asks a topic that refuses for a quarter of a minute.
const COMES_AGAIN: &str = "30";
/// Seconds after which an execution is taken for dead: more than the emulator's usual ones, since here everything is slow.
const PATIENCE: &str = "10";
/// How many sweeps there are at most before nothing moves.
const SWEEPS: usize = 12;

/// What files there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Each is judged by itself.
    Single,
    /// Each is judged by what comes with it.
    Pairs,
    /// Macie looks at each that cvault itself finds clean.
    Scanned,
}

/// A vault in which everything goes wrong.
struct Life {
    kind: Kind,
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
    async fn begin(kind: Kind) -> Self {
        let truths = ["--truths", "s3-copy-conditions"];
        let (stack, written) = match kind {
            Kind::Single => (Stack::behind(&truths), CONFIGURATION.to_owned()),
            Kind::Pairs => (Stack::behind(&truths), format!("emails = [\"ops@example.com\"]\n{PAIRS}")),
            Kind::Scanned => {
                let macie = Macie::new();
                macie.enable();
                scanned::script(&macie);
                (Stack::with_behind(&macie, &truths), format!("{CONFIGURATION}{MACIE}"))
            }
        };
        let configuration = Configuration::of(&stack, &written);
        stack.run(&["up", "--config", configuration.path()]).expect(0);
        let vault = Pipeline::observed(stack).await;
        let proxy = vault.stack.proxy.endpoint();
        let variables =
            [("AWS_ENDPOINT_URL_S3", proxy.as_str()), ("AWS_ENDPOINT_URL_SNS", &proxy), ("patience_seconds", PATIENCE)];
        vault.set_variables(&variables).await;
        let life = Self {
            kind,
            vault,
            configuration,
            sent: RefCell::default(),
            by_hand: RefCell::default(),
            struck: RefCell::default(),
            is_sent: Cell::new(false),
        };
        let comes_again = (aws_sdk_sqs::types::QueueAttributeName::VisibilityTimeout, COMES_AGAIN);
        life.set_queue(&life.vault.stack.names.notices(), comes_again.clone()).await;
        if kind == Kind::Scanned {
            life.set_queue(&life.vault.stack.names.macie_queue(), comes_again).await;
        }
        life.vault.stack.proxy.forget();
        life
    }

    fn count(&self, what: &'static str, times: usize) {
        *self.struck.borrow_mut().entry(what).or_default() += times;
    }

    /// Changes an attribute of a queue.
    async fn set_queue(&self, queue: &str, (name, value): (aws_sdk_sqs::types::QueueAttributeName, &str)) {
        let sqs = &self.vault.stack.aws.sqs;
        let url = sqs.get_queue_url().queue_name(queue).send().await.unwrap().queue_url.unwrap();
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
        self.vault.describe(arn).await.input
    }

    /// The ids of the versions that are in a zone.
    async fn versions_in(&self, zone: Zone) -> BTreeSet<String> {
        self.vault.versions(zone).await.into_iter().filter_map(|version| version.version_id).collect()
    }

    /// The executions that could not clear a stored file's copy, which the e-mails have to be about: an Express one tells
    /// nobody, and the sweep goes on with what it leaves. With how each has ended.
    async fn not_cleared(&self) -> Vec<(String, String)> {
        let mut failed = self.executions(Some(ExecutionStatus::Failed)).await;
        failed.extend(self.executions(Some(ExecutionStatus::Aborted)).await);
        failed.retain(|arn| !arn.contains("Express"));
        let mut not_cleared = vec![];
        for arn in failed {
            let execution = self.vault.describe(&arn).await;
            if execution.input["detail"]["bucket"]["name"] == self.vault.stack.names.bucket(Zone::Vault).as_str() {
                not_cleared.push((arn, format!("{execution:?}")));
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

fn life(trial: &Trial, kind: Kind) {
    let Some(files) = files() else {
        return println!("skipped: CVAULT_ACCOUNTED=100 cargo test --test it accounted -- --nocapture");
    };
    // What is odd about each file alone has had its thousand.
    let files = if kind == Kind::Single { files } else { files / 4 };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    println!("CVAULT_TRIALS={}..{}: {files} actions, {kind:?}", trial.seed, trial.seed + 1);
    runtime.block_on(async {
        let life = Life::begin(kind).await;
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

/// One kind of life at a time: the others would wait for an emulator that is busy with it.
async fn live(kind: Kind) {
    static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _alone = ALONE.lock().await;
    trials([1, 1], 1, move |trial| life(trial, kind)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_version_is_accounted_for() {
    live(Kind::Single).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_file_and_its_companion_are_accounted_for() {
    live(Kind::Pairs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_file_that_macie_sees_is_accounted_for() {
    live(Kind::Scanned).await;
}

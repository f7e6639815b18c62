//! How fast the deployer is: requests, and round trips in a row, of each command; beside Terraform, with the same stack.
//!
//! `cargo test --test it speed -- --ignored --nocapture` prints the table and draws the timeline of one `up` in
//! `target/tmp/timeline.svg`, both without alarms and dashboard. The calls of both go through one proxy that adds 50 ms to each, to one emulator. Terraform
//! deploys `vault.tf` with the documents that cvault has deployed just before; what cvault finds different in it then is
//! printed, too. `TF_CLI_ARGS_init=-plugin-dir=FOLDER` names its provider where there is no network; without terraform its
//! columns are empty.

mod documents;
mod run;
mod start;
mod terraform;
mod timeline;

use crate::support::Stack;
use cvault::vault::names::Zone;
use futures::{StreamExt, stream};
use run::Run;
use serde_json::json;
use terraform::Terraform;

const UP: &[&str] = &["up", "--email", "ops@example.com"];
const STATUS: &[&str] = &["status"];
const DOWN: &[&str] = &["down", "--yes"];
const EMPTY: &[&str] = &["down", "--delete-data", "--yes"];
/// So many delete markers, beside [`VERSIONS`].
const MARKERS: usize = 19_000;
const VERSIONS: usize = 1_000;

/// What each command needs of AWS: a call more is a round trip of everybody's. How often one is repeated while it waits, and how
/// many are in a row, is not asserted, since it depends on how busy the machine is.
#[tokio::test]
async fn each_command_makes_few_requests() {
    // Among everybody's keys its own would take many to find.
    let stack = Stack::apart(&["--truths", "none"]).whole();
    let run = |arguments: &[&str]| {
        let run = Run::of(&stack, stack.command(arguments), 0);
        println!("{arguments:?}: {}", run.counted());
        run
    };
    let [up, nothing, status] = [UP, UP, STATUS].map(run);
    disable(&stack).await;
    let repaired = run(UP);
    let writes = repaired.calls.iter().filter(|call| call.writes).count();
    assert_eq!((writes, repaired.calls.len() - nothing.calls.len()), (1, 4), "a write, and a look at the rule");
    let [up, again, status, down] = [up, nothing, status, run(DOWN)].map(|run| run.different());
    println!("up {up}, again {again}, status {status}, down {down}");
    assert!(up <= MOST[0] && again <= MOST[1] && status <= MOST[2] && down <= MOST[3], "{MOST:?} at most");
}

/// The most different requests of `up`, of `up` once more, of `status` and of `down`.
const MOST: [usize; 4] = [172, 105, 112, 160];

/// A row of the table.
struct Row {
    what: &'static str,
    cvault: Run,
    terraform: Option<Run>,
}

/// The rule is switched off by hand, which is one property.
async fn disable(stack: &Stack) {
    stack.aws.eventbridge.disable_rule().name(stack.names.rule(Zone::Ingress)).send().await.unwrap();
}

/// Twenty thousand versions and delete markers in ingress, whose rule is off.
async fn fill(stack: &Stack) {
    let (s3, bucket) = (&stack.aws.s3, stack.names.bucket(Zone::Ingress));
    let put = async |n: usize| {
        let key = format!("{}", n % 100);
        s3.put_object().bucket(&bucket).key(key).body(b"x".to_vec().into()).send().await.unwrap();
    };
    stream::iter(0..VERSIONS).map(put).buffer_unordered(16).collect::<Vec<_>>().await;
    for first in (0..MARKERS).step_by(1000) {
        stack.mark_deleted(Zone::Ingress, (first..first + 1000).map(|n| format!("{n}"))).await;
    }
}

/// Lists and deletions of a thousand take longer than other calls.
fn with_latency(stack: &Stack, emptying: bool) {
    let slow = json!({"latency_ms": 20, "op_latency": {"s3:ListObjectVersions": 150, "s3:DeleteObjects": 600}});
    let even = json!({"latency_ms": 50, "op_latency": {}});
    stack.proxy.configure(if emptying { &slow } else { &even });
}

/// The life of the stack, by cvault and then by Terraform, which gets what the first has deployed.
async fn rows(stack: &Stack) -> Vec<Row> {
    // The emulator loads what it is asked for at the first time.
    stack.run(STATUS).expect(3);
    with_latency(stack, false);
    let cvault = |arguments: &[&str]| Run::of(stack, stack.command(arguments), 0);
    let up = cvault(UP);
    timeline::draw(&up.calls);
    let terraform = Terraform::prepared(stack, documents::deployed(stack).await);
    let terraform = |arguments: &[&str]| terraform.as_ref().map(|it| Run::of(stack, it.command(arguments), 0));
    let (look, again) = (cvault(STATUS), cvault(UP));
    disable(stack).await;
    let repaired = cvault(UP);
    let down = cvault(DOWN);
    stack.run(UP).expect(0);
    disable(stack).await;
    fill(stack).await;
    with_latency(stack, true);
    let emptied = cvault(EMPTY);
    with_latency(stack, false);
    let mut rows: Vec<_> = [
        ("`up` from nothing", up),
        ("`status`, `terraform plan`", look),
        ("`up` with nothing to do", again),
        ("one property repaired", repaired),
        ("`down`, empty", down),
        ("`down --delete-data`, 20,000 versions", emptied),
    ]
    .into_iter()
    .map(|(what, cvault)| Row { what, cvault, terraform: None })
    .collect();

    rows[0].terraform = terraform(terraform::APPLY);
    rows[1].terraform = terraform(&["plan"]);
    println!("\nwhat `cvault status` finds different in Terraform's stack: {:?}\n", stack.drifted());
    rows[2].terraform = terraform(terraform::APPLY);
    disable(stack).await;
    rows[3].terraform = terraform(terraform::APPLY);
    rows[4].terraform = terraform(terraform::DESTROY);
    if terraform(terraform::APPLY).is_some() {
        disable(stack).await;
        fill(stack).await;
        with_latency(stack, true);
        rows[5].terraform = terraform(terraform::DESTROY);
    }
    rows
}

#[tokio::test]
#[ignore = "a benchmark, for some minutes"]
async fn beside_terraform() {
    start::tell();
    let stack = Stack::new();
    let rows = rows(&stack).await;
    println!("| | cvault | requests, in a row | Terraform | requests, in a row | times as fast |");
    println!("|---|---|---|---|---|---|");
    for Row { what, cvault, terraform } in rows {
        let ratio = terraform.as_ref().map(|it| format!("{:.0} ×", it.seconds / cvault.seconds));
        let [times, counts] = cvault.cells();
        let [other_times, other_counts] = terraform.as_ref().map(Run::cells).unwrap_or_default();
        println!("| {what} | {times} | {counts} | {other_times} | {other_counts} | {} |", ratio.unwrap_or_default());
    }
}

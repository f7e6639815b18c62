//! On a real account, by hand: nothing here runs unless it is asked for.
//!
//! ```sh
//! export AWS_PROFILE=sandbox AWS_REGION=eu-west-1 CVAULT_EMAIL=you@example.com
//! cargo test --test aws -- --ignored --nocapture
//! ```
//!
//! An account of its own, or one for experiments: the identity needs what `cvault policy --delete-data` prints, and
//! `s3:*` on the three buckets, `states:ListExecutions`, `states:DescribeExecution` and `states:StartExecution` to look and to sweep. It takes about 15 minutes, of
//! which S3 takes 5 until it reports new objects. **Budget: 0.10 US dollars** (for less than an hour a key, of which a month costs
//! 1 dollar, nine alarms at 0.10 and three metrics of verdicts at 0.30 a month each; some hundred requests; seconds of the function; no
//! Macie: `--macie off`). An account that has its three free dashboards already pays for the stack's own as well, of which a month
//! costs 3 dollars. Its stack is `cvault-test`, with an id of its own; it is removed at the end, and also where a step fails. What then is left carries the tag
//! `cvault:stack=cvault-test`, and `cvault down --stack cvault-test --delete-data` removes it; the key is deleted
//! after 30 days, and costs nothing until then.
//!
//! It prints a line for each question of `src/aws/truths.md` that nobody could answer without AWS:
//!
//! | row | question | what is seen here |
//! |---|---|---|
//! | S30 | Does this region's S3 take tags in `CreateBucket`? | a bucket of the test's own |
//! | S13, K3 | Do settings flap after a write? | 20 looks of `status` right after `up` |
//! | S14 | How long until S3 reports new objects? | the first execution |
//! | D9 | Are keys in events as they are, or percent-encoded? | an execution's input |
//! | F2, X1 | How long do new roles take? | the seconds of each step |
//! | D16 | Do rules assume a role whose trust names source and account? | the first execution |
//! | E6 | Are the targets' retries read back as they were written? | `up` again writes nothing |
//! | L9, K8 | Does the function work with its key at once? | the verdicts |
//!
//! **Send back** all that it prints, with the region: accounts and ARNs are replaced by stars.

#![expect(clippy::disallowed_macros, reason = "it prints what it has seen")]

mod questions;
mod run;

use questions::Questions;
use run::{Run, until};
use serde_json::json;
use std::time::{Duration, Instant};

/// Keys as senders have them, and what is in the file.
const FILES: [(&str, &str, &str); 3] = [
    ("a b/ü+%25.txt", "Kingsford\nSaltmere\n", "VAULT_COPY"),
    ("a b/ü+%25.csv", "seq,credit_card\n0,4000004427083831\n", "HAS_FINDINGS"),
    ("plain.csv", "seq,city\n1,Kingsford\n", "VAULT_COPY"),
];

/// Long enough for S3's switch of 5 minutes, and for executions that are tried again.
const PATIENCE: Duration = Duration::from_mins(20);

#[tokio::test]
#[ignore = "asks a real account, and costs some cents"]
async fn a_life_on_a_real_account() {
    let run = Run::start().await;
    let questions = Questions::new(&run);
    questions.tags_in_the_creating_call().await;

    let begun = Instant::now();
    let up = run.cvault(&["up"]).expect(0);
    run.say("X1 F2", &format!("up took {} s; the slowest steps: {}", begun.elapsed().as_secs(), up.slowest()));
    questions.flapping();
    let again = run.cvault(&["up"]).expect(0);
    assert_eq!(again.wrote(), 0, "law 1: {}", again.stdout);
    run.say("E6", "a second up writes nothing");

    questions.events_are_reported(&FILES).await;
    run.sweep().await;
    // What is small and clean goes through the Express workflow, whose executions nobody can list.
    for (key, _, status) in FILES {
        if status == "VAULT_COPY" {
            assert_eq!(until(PATIENCE, async || run.status_in_vault(key).await).await, status, "{key}");
            continue;
        }
        let execution = until(PATIENCE, async || run.execution_of(key).await).await;
        assert_eq!(execution.verdict["Status"], json!(status), "{key}: {execution:?}");
        run.say("D9", &format!("the event has {:?} for the key {key:?}", execution.key));
    }
    // What is clean is in the vault and nowhere else, what is not is held.
    until(PATIENCE, async || run.keys("ingress").await.is_empty().then_some(())).await;
    assert_eq!(run.keys("vault").await, ["a b/ü+%25.txt", "plain.csv"]);
    let held = until(PATIENCE, async || Some(run.keys("analytics").await).filter(|keys| keys.len() == 1)).await;
    assert!(held[0].ends_with("/a b/ü+%25.csv"), "{held:?}");
    run.say("L9 K8", "all three verdicts are right");

    run.change_behind_its_back().await;
    let status = run.cvault(&["status"]).expect(2);
    assert!(status.stdout.contains("/Versioning") && status.stdout.contains("/MemorySize"), "{}", status.stdout);
    run.cvault(&["up"]).expect(0);
    run.cvault(&["status"]).expect(0);

    run.cvault(&["down"]).expect(4);
    run.cvault(&["down", "--delete-data", "--yes"]).expect(0);
    run.cvault(&["status"]).expect(3);
    assert_eq!(run.cvault(&["down"]).expect(0).wrote(), 0, "law 6");
}

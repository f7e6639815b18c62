//! `cvault verify`: it proves a vault that works, names the link of one that does not, and leaves nothing behind.

mod enforced;
mod faults;
mod hindered;

use crate::policy::unused;
use crate::support::{Ended, Pipeline, Stack};
use aws_sdk_sfn::types::ExecutionStatus;
use cvault::vault::names::Zone;
use futures::future::try_join_all;
use serde_json::{Value, json};
use std::process::Command;
use std::time::{Duration, Instant};

fn verify(stack: &Stack, code: i32) -> Vec<Value> {
    stack.run(&["verify", "--output", "json", "--timeout", "90s"]).expect(code).lines()
}

fn canaries(lines: &[Value]) -> Vec<&Value> {
    lines.iter().filter(|line| line["type"] == "canary").collect()
}

/// What a run may leave: files in the three buckets, queues, subscriptions.
pub async fn left(stack: &Stack) -> Vec<String> {
    let (aws, names) = (&stack.aws, &stack.names);
    let mut left = vec![];
    for zone in Zone::ALL {
        let listed = aws.s3.list_object_versions().bucket(names.bucket(zone)).send().await.unwrap();
        left.extend(listed.versions().iter().map(|it| format!("{zone}: {}", it.key().unwrap())));
        left.extend(listed.delete_markers().iter().map(|it| format!("{zone}: marker of {}", it.key().unwrap())));
    }
    let queues = aws.sqs.list_queues().queue_name_prefix(names.verify_queue("")).send().await.unwrap();
    left.extend(queues.queue_urls.unwrap_or_default());
    let subscribed = aws.sns.list_subscriptions_by_topic().topic_arn(names.topic_arn()).send().await.unwrap();
    let sqs = subscribed.subscriptions().iter().filter(|it| it.protocol() == Some("sqs"));
    left.extend(sqs.filter_map(|it| it.endpoint.clone()).filter(|to| to.contains("verify")));
    left
}

#[tokio::test]
async fn a_vault_that_works_is_proven_and_nothing_stays() {
    let vault = Pipeline::start().await;
    vault.stack.proxy.forget();
    let planned = vault.stack.run(&["verify", "--dry-run", "--output", "json"]).expect(2).lines();
    assert_eq!((canaries(&planned).len(), vault.stack.proxy.writes()), (3, vec![]));
    let lines = verify(&vault.stack, 0);
    let rows = canaries(&lines);
    let of: Vec<_> =
        rows.iter().map(|row| [&row["outcome"], &row["expected"], &row["status"], &row["state"]]).collect();
    let good = |outcome: &str, status: &str| [json!(outcome), json!(status), json!(status), json!("good")];
    let expected = [good("clean", "VAULT_COPY"), good("sensitive", "HAS_FINDINGS"), good("broken", "INTEGRITY_FAIL")];
    assert_eq!(of, expected.each_ref().map(<[Value; 4]>::each_ref), "{lines:#?}");
    assert!(rows.iter().all(|row| row["link"].is_null() && row["execution"].is_string()), "{rows:#?}");
    assert_eq!(left(&vault.stack).await, Vec::<String>::new());
    // Whoever is subscribed is told what it was.
    let told = vault.messages().await;
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told.iter().all(|it| it.subject.starts_with("cvault checks itself")), "{told:#?}");
    assert!(told.iter().all(|it| it.text.starts_with("Nobody has to do anything")), "{told:#?}");

    let unused = unused(&vault.stack, &["--for", "verify"]);
    let seldom = [
        // Of alarms, which this stack has none of.
        "cloudwatch:ListTagsForResource",
        // What `status` reads of a key without its alias, and of Macie where it is used.
        "kms:ListKeys",
        "macie2:GetClassificationExportConfiguration",
        "macie2:GetCustomDataIdentifier",
        "macie2:ListCustomDataIdentifiers",
        // Of ingress: what was not judged in time.
        "s3:DeleteObjectVersion",
    ];
    assert_eq!(unused, seldom.map(str::to_owned).into());
    let human = vault.stack.run(&["verify"]).expect(0).stdout;
    assert!(human.contains("stored in the vault byte for byte") && human.contains("and told of"), "{human}");
    assert!(human.lines().all(|line| line.chars().count() <= 100), "{human}");
}

/// Object Lock keeps the clean file in the vault, as it keeps all: that is said, and nothing else stays.
#[tokio::test]
async fn what_object_lock_keeps_is_said() {
    let vault = Pipeline::configured("[vault]\nobject_lock = { mode = \"GOVERNANCE\", days = 1 }\n").await;
    let denied = json!({"service": "s3", "op": "DeleteObject", "resource": vault.stack.names.bucket(Zone::Vault), "nth": "all",
        "code": "AccessDenied", "message": "Access Denied because object protected by object lock.", "status": 403});
    vault.stack.proxy.configure(&json!({"faults": [denied]}));
    for runs in 1..=2 {
        let lines = vault.run(&["verify", "--output", "json", "--timeout", "90s"]).expect(0).lines();
        assert!(canaries(&lines).iter().all(|row| row["state"] == "good"), "{lines:#?}");
        let says = |line: &Value| line["text"].as_str().is_some_and(|text| text.starts_with("Object Lock keeps"));
        assert!(lines.iter().any(says), "{lines:#?}");
        assert_eq!(left(&vault.stack).await, vec!["vault: .cvault/verify/clean.csv"; runs]);
    }
}

/// S3 reports nothing in the first minutes after its switch was turned: as if these had never been sent.
#[tokio::test]
async fn what_s3_has_not_reported_is_sent_again() {
    let vault = Pipeline::start().await;
    vault.stack.proxy.forget();
    let unheard = json!({"service": "s3", "op": "PutObject", "nth": [1, 2, 3], "status": 200,
        "headers": {"x-amz-version-id": "unheard", "ETag": "\"0\""}});
    vault.stack.proxy.configure(&json!({"faults": [unheard]}));
    let lines = verify(&vault.stack, 0);
    let rows = canaries(&lines);
    assert!(rows.iter().all(|row| row["state"] == "good" && row["version"] != "unheard"), "{rows:#?}");
    let puts = vault.stack.proxy.calls(|call| call["op"] == "PutObject");
    assert_eq!(puts.len(), 6, "each twice: {puts:?}");
    assert_eq!(left(&vault.stack).await, Vec::<String>::new());
}

/// Nobody's file passes for one of cvault's: only those may be deleted in the vault.
#[tokio::test]
async fn only_canaries_lie_where_the_vault_lets_go() {
    let vault = Pipeline::start().await;
    let clean = b"seq,city\n1,Kingsford\n";
    for key in [".cvault/verify/clean.csv", ".cvault/verify/mine.csv"] {
        vault.put(key, clean).await;
        let judged = vault.judged(key).await;
        assert_eq!(judged.verdict("Status"), "INTEGRITY_FAIL", "{key}");
        assert!(judged.output.to_string().contains("only the canaries"), "{}", judged.output);
    }
    assert_eq!(vault.objects_listed(Zone::Vault).await, 0);
    let told = vault.messages().await;
    assert!(told.iter().any(|it| it.subject.contains("mine.csv")), "{told:#?}");
}

/// Waits until nothing is in ingress or under way: the events of this emulator name no version, so an execution
/// for a file of the killed run would take the next one's.
async fn judged(stack: &Stack) {
    let (aws, names) = (&stack.aws, &stack.names);
    let is_busy = async || {
        let listed = aws.s3.list_object_versions().bucket(names.bucket(Zone::Ingress)).send().await.unwrap();
        let machines = [names.state_machine_arn(), names.express_arn()];
        let running = machines.map(|arn| {
            let list = aws.sfn.list_executions().state_machine_arn(arn).status_filter(ExecutionStatus::Running);
            list.send()
        });
        let running = try_join_all(running).await.unwrap();
        !listed.versions().is_empty() || running.iter().any(|it| !it.executions().is_empty())
    };
    let begun = Instant::now();
    while is_busy().await {
        assert!(begun.elapsed() < Duration::from_mins(1), "what the killed run has sent is not judged");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// What is being judged then goes on, so that nobody is told that nothing stays.
#[tokio::test]
async fn a_run_that_is_interrupted_says_what_may_stay() {
    let stack = Stack::new();
    stack.up();
    let run = stack.command(&["verify"]).spawn().unwrap();
    let begun = Instant::now();
    // The bucket's objects are the function's, too, and it sends none to ingress.
    while left(&stack).await.iter().filter(|it| it.starts_with("ingress: ")).count() < 3 {
        assert!(begun.elapsed() < Duration::from_secs(30), "it sends nothing");
    }
    let sent = Command::new("kill").args(["-s", "INT", &run.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let ended = Ended::from(run.wait_with_output().unwrap()).expect(130);
    assert!(ended.stderr.contains("3 files") && ended.stderr.contains("`cvault down"), "{ended:#?}");
    judged(&stack).await;
    verify(&stack, 0);
    assert_eq!(left(&stack).await, Vec::<String>::new());
}

/// Law 3: killed before or after any writing call, the next run, or `down`, takes away what is left.
#[tokio::test]
async fn a_run_that_is_killed_is_cleaned_up_by_the_next() {
    let stack = Stack::new();
    stack.up();
    let kill = |op: &str, time: u32| {
        assert!(stack.killed(&["verify"], &json!({"faults": [{"op": op, "match": time, "die": true}]})), "{op} {time}");
    };
    let once = ["CreateQueue", "Subscribe", "Unsubscribe", "DeleteQueue"].map(|op| (op, 1));
    let files = [("PutObject", 1), ("PutObject", 3), ("DeleteObject", 1), ("DeleteObject", 3)];
    for (op, time) in once.into_iter().chain(files) {
        kill(op, time);
        judged(&stack).await;
        verify(&stack, 0);
        assert_eq!(left(&stack).await, Vec::<String>::new(), "{op} {time}");
    }
    kill("PutObject", 3);
    assert_ne!(left(&stack).await, Vec::<String>::new());
    // They are no data of anybody's, and keep nothing.
    let down: Ended = stack.run(&["down"]).expect(0);
    assert!(!down.stderr.contains("error"), "{}", down.stderr);
    assert_eq!(stack.leftovers().await, Vec::<String>::new());
}

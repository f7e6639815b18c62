//! Law 5: two runs at once, and a person who changes the stack while one runs. Every truth is on, answers
//! come late and out of order, and `CVAULT_WHOLE=1` makes twenty trials of each.

use crate::support::{Chance, Ended, REGION, Stack, Trial, program, trials};
use aws_sdk_s3::types::{Event, NotificationConfiguration, PublicAccessBlockConfiguration, QueueConfiguration};
use cvault::vault::names::Zone;
use serde_json::{Value, json};
use std::process::{Child, Command};
use std::time::Duration;

/// How many stacks are tried at once.
const AT_ONCE: usize = 4;
const UP: &[&str] = &["up", "--email", "ops@example.com"];
/// Who loses waits for AWS to show what the other one has removed or made, for minutes if it may.
const IN_TIME: &[&str] = &["--timeout", "20s"];
const DOWN: &[&str] = &["down", "--delete-data", "--yes"];

fn stack(trial: &Trial) -> Stack {
    Stack::apart(&["--seed", &trial.seed.to_string(), "--latency-ms", "20", "--jitter", "0.9"])
}

/// Starts a run whose calls the proxy's log knows by this session.
fn start(stack: &Stack, session: &str, arguments: &[&str]) -> Child {
    let mut command: Command = stack.command(&[arguments, IN_TIME].concat());
    command.env("AWS_SESSION_TOKEN", session).spawn().unwrap()
}

fn ended(run: Child) -> Ended {
    Ended::from(run.wait_with_output().unwrap())
}

/// From the first to the last write of a session that took effect, by the proxy's clock.
fn writing(stack: &Stack, session: &str) -> Option<(f64, f64)> {
    let wrote = |call: &&serde_json::Value| {
        call["session"] == session && call["mutating"] == true && call["status"].as_u64() < Some(400)
    };
    let log = stack.proxy.log();
    let moments = log.iter().filter(wrote).map(|call| call["t"].as_f64().unwrap());
    moments
        .fold(None, |span, at| Some(span.map_or((at, at), |(first, last): (f64, f64)| (first.min(at), last.max(at)))))
}

fn keys(stack: &Stack) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(stack.keys()).into_iter().map(|(_, state)| state).collect()
}

fn live(stack: &Stack) -> usize {
    keys(stack).into_iter().filter(|state| state == "Enabled").count()
}

/// What is left of it once nobody disturbs: a whole stack, then none.
fn heals(stack: &Stack) {
    stack.run(UP).expect(0);
    stack.run(&["status"]).expect(0);
    assert_eq!(live(stack), 1);
    stack.run(DOWN).expect(0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(runtime.block_on(stack.leftovers()), Vec::<String>::new());
    assert_eq!(live(stack), 0);
}

/// Two at once, the second a while after the first, and how many keys there have been.
pub fn two_ups(stack: &Stack, mut chance: Chance) -> usize {
    let one = stack.command(UP).spawn().unwrap();
    chance.pause(2000);
    let other = stack.command(UP).spawn().unwrap();
    for run in [one, other] {
        ended(run).expect(0);
    }
    stack.run(&["status"]).expect(0);
    assert_eq!(live(stack), 1, "{:?}", keys(stack));
    keys(stack).len()
}

#[tokio::test]
async fn two_at_once_make_one_of_everything() {
    let keys = trials([2, 20], AT_ONCE, |trial| two_ups(&stack(trial), trial.chance())).await;
    let raced = keys.iter().filter(|keys| **keys > 1).count();
    println!("two at once: {} trials, in {raced} of them both made a key, and one key was removed again", keys.len());
}

/// From nothing, with `up` first, or from a damaged stack, with one or the other first.
fn up_and_down(trial: &Trial) -> (i32, i32) {
    let stack = stack(trial);
    let mut chance = trial.chance();
    let damaged = trial.seed.is_multiple_of(2);
    if damaged {
        stack.run(UP).expect(0);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        for _ in 0..5 {
            runtime.block_on(meddle(&stack, chance.below(MEDDLINGS)));
        }
    }
    let runs: [(&str, &[&str]); 2] = [("up", UP), ("down", DOWN)];
    let first = if damaged { usize::try_from(chance.below(2)).unwrap() } else { 0 };
    let one = start(&stack, runs[first].0, runs[first].1);
    chance.pause(if damaged { 1000 } else { 3000 });
    let other = start(&stack, runs[1 - first].0, runs[1 - first].1);
    let mut ends = [ended(one), ended(other)];
    ends.rotate_left(first);
    let codes = (ends[0].code, ends[1].code);
    assert!([0, 1].contains(&codes.0) && [0, 1].contains(&codes.1), "{ends:#?}");
    if codes == (0, 0) {
        // One after the other may both be right: then they were not at once.
        let spans = writing(&stack, "up").zip(writing(&stack, "down"));
        let overlap = spans.is_some_and(|(up, down)| up.0 <= down.1 && down.0 <= up.1);
        assert!(!overlap, "both claim success: {spans:?} {ends:#?}");
        let status = stack.run(&["status"]).code;
        assert!([0, 3].contains(&status), "neither a whole stack nor none: {status} {ends:#?}");
    }
    heals(&stack);
    codes
}

#[tokio::test]
async fn up_and_down_at_once_never_both_claim_success() {
    let ends = trials([2, 20], AT_ONCE, up_and_down).await;
    let count = |codes| ends.iter().filter(|ended| **ended == codes).count();
    let [up, down, neither, both] = [(0, 1), (1, 0), (1, 1), (0, 0)].map(count);
    println!(
        "up and down at once: {} trials, up alone succeeded in {up}, down alone in {down}, neither in {neither}, \
         one after the other in {both}",
        ends.len()
    );
}

/// Law 8: a bucket that this run has not found may be made by another one, and have something of somebody's since.
#[tokio::test]
async fn what_others_add_to_a_bucket_that_another_run_has_made_stays() {
    let stack = Stack::new();
    let (s3, ingress) = (&stack.aws.s3, stack.names.bucket(Zone::Ingress));
    stack.proxy.configure(&json!({"faults": [{"op": "CreateBucket", "resource": ingress, "hold": true}]}));
    let late = stack.command(UP).spawn().unwrap();
    while stack.proxy.held().is_empty() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // Past the proxy, where nothing is held.
    let mut other = program::command(&stack.emulator(), &[UP, &["--stack", &stack.names.stack]].concat());
    Ended::from(other.output().unwrap()).expect(0);
    let queue = format!("arn:aws:sqs:{REGION}:{}:{}", stack.names.account, stack.names.notices());
    let theirs = QueueConfiguration::builder().id("theirs").queue_arn(queue).events(Event::S3ObjectCreated);
    let found = s3.get_bucket_notification_configuration().bucket(&ingress).send().await.unwrap();
    let notified = NotificationConfiguration::builder()
        .set_event_bridge_configuration(found.event_bridge_configuration)
        .queue_configurations(theirs.build().unwrap());
    let put = s3.put_bucket_notification_configuration().bucket(&ingress);
    put.notification_configuration(notified.build()).send().await.unwrap();
    stack.proxy.configure(&json!({"faults": []}));
    ended(late).expect(0);
    let found = s3.get_bucket_notification_configuration().bucket(&ingress).send().await.unwrap();
    assert_eq!(found.queue_configurations().len(), 1, "{found:?}");
    assert!(found.event_bridge_configuration.is_some());
}

/// After a repair `up` looks at what it has repaired and at this rule: what `down` removes before it, nobody would miss.
#[tokio::test]
async fn down_removes_nothing_before_the_rule_of_ingress() {
    let stack = Stack::new().whole();
    stack.up();
    let denial = json!({"op": "RemoveTargets", "code": "AccessDenied", "message": "not you", "status": 403});
    stack.proxy.configure(&json!({"faults": [denial]}));
    let down = stack.run(&["down"]).expect(1);
    assert!(down.stderr.contains("rule/ingress"), "{}", down.stderr);
    stack.proxy.configure(&json!({"faults": []}));
    assert_eq!(stack.drifted(), Vec::<String>::new());
}

/// How many changes [`meddle`] knows.
const MEDDLINGS: u64 = 14;

/// A change as a person makes it at the console. What is not there just now is left alone.
async fn meddle(stack: &Stack, which: u64) {
    let (aws, names) = (&stack.aws, &stack.names);
    let [ingress, analytics, vault] = Zone::ALL.map(|zone| names.bucket(zone));
    match which {
        0 => {
            let open = PublicAccessBlockConfiguration::builder().block_public_acls(false).build();
            drop(aws.s3.put_public_access_block().bucket(ingress).public_access_block_configuration(open).send().await);
        }
        1 => drop(aws.s3.delete_bucket_lifecycle().bucket(analytics).send().await),
        2 => drop(aws.s3.delete_bucket_policy().bucket(vault).send().await),
        3 => drop(aws.s3.delete_bucket().bucket(vault).send().await),
        4 => drop(aws.lambda.delete_function().function_name(names.function()).send().await),
        5 => drop(aws.sfn.delete_state_machine().state_machine_arn(names.state_machine_arn()).send().await),
        6 => drop(aws.sns.delete_topic().topic_arn(names.topic_arn()).send().await),
        7 => drop(aws.logs.delete_log_group().log_group_name(names.classifier_log_group()).send().await),
        8 => drop(aws.kms.delete_alias().alias_name(names.key_alias()).send().await),
        9 => drop(aws.kms.disable_key().key_id(names.key_alias()).send().await),
        10 => {
            let rule = names.rule(Zone::Ingress);
            let _ = aws.eventbridge.remove_targets().rule(&rule).ids("state-machine").send().await;
            let _ = aws.eventbridge.delete_rule().name(rule).send().await;
        }
        11 => {
            let role = names.role("orchestrator");
            let _ = aws.iam.delete_role_policy().role_name(&role).policy_name("cvault").send().await;
            let _ = aws.iam.delete_role().role_name(role).send().await;
        }
        12 => drop(aws.iam.untag_role().role_name(names.role("trigger")).tag_keys("cvault:stack").send().await),
        _ => {
            if let Ok(queue) = aws.sqs.get_queue_url().queue_name(names.dead_letters()).send().await {
                let _ = aws.sqs.delete_queue().set_queue_url(queue.queue_url).send().await;
            }
        }
    }
}

/// While a stack is made, or repaired.
fn up_and_a_person(trial: &Trial) -> i32 {
    let stack = stack(trial);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut chance = trial.chance();
    if trial.seed.is_multiple_of(2) {
        stack.run(UP).expect(0);
        for _ in 0..5 {
            runtime.block_on(meddle(&stack, chance.below(MEDDLINGS)));
        }
    }
    let up = start(&stack, "up", UP);
    for _ in 0..chance.below(4) {
        chance.pause(2500);
        runtime.block_on(meddle(&stack, chance.below(MEDDLINGS)));
    }
    let ended = ended(up);
    assert!([0, 1].contains(&ended.code), "{ended:#?}");
    heals(&stack);
    ended.code
}

#[tokio::test]
async fn a_person_changes_it_meanwhile() {
    let ends = trials([2, 20], AT_ONCE, up_and_a_person).await;
    let (all, failed) = (ends.len(), ends.iter().filter(|code| **code != 0).count());
    println!(
        "up while a person changes up to three things: {all} trials, {failed} times up says so; the next up heals each"
    );
}

/// What a killed run's last call makes once `down` has looked is no deletion that AWS is slow to show: it is said at
/// once, whatever `down` may wait.
#[tokio::test]
async fn what_is_made_while_down_runs_is_named() {
    let stack = Stack::new();
    stack.up();
    let (logs, group) = (&stack.aws.logs, stack.names.sweep_log_group());
    logs.delete_log_group().log_group_name(&group).send().await.unwrap();
    stack.proxy.forget();
    stack.proxy.configure(&json!({"faults": [{"op": "DeleteTopic", "hold": true}]}));
    let down = stack.command(DOWN).spawn().unwrap();
    while stack.proxy.held().is_empty() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let create = logs.create_log_group().log_group_name(&group);
    let tags = stack.names.tags().map(|(key, value)| (key.to_owned(), value.to_owned()));
    create.set_tags(Some(tags.into())).send().await.unwrap();
    stack.proxy.configure(&json!({"faults": []}));
    let down = ended(down).expect(1);
    assert!(down.stdout.contains("made meanwhile, by another run"), "{}", down.stdout);
    let is_look = |call: &Value| call["op"] == "ListQueueTags" || call["op"] == "GetQueueAttributes";
    let of_one = |call: &Value| call["resource"].as_str().is_some_and(|queue| queue.contains("undelivered"));
    let looked = stack.proxy.calls(|call| is_look(call) && of_one(call));
    assert!(looked.len() <= 3, "it waits for nothing: {looked:?}");
    stack.run(DOWN).expect(0);
    assert_eq!(stack.leftovers().await, Vec::<String>::new());
}

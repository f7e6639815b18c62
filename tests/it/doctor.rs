//! `cvault doctor` and `list`: they find what is planted or there, and change nothing.

use crate::policy::unused;
use crate::support::Stack;
use aws_sdk_sfn::types::ExecutionStatus;
use cvault::vault::names::Zone;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// The checks, and the exit code.
fn doctor(stack: &Stack, code: i32) -> Vec<Value> {
    stack.proxy.forget();
    let mut checks = stack.run(&["doctor", "--output", "json"]).expect(code).lines();
    assert_eq!(stack.proxy.writes(), Vec::<String>::new());
    // A look that is slow says so before.
    checks.retain(|line| line["type"] != "reading" && line["type"] != "read");
    assert!(checks.iter().all(|check| check["type"] == "check" && check["message"].is_string()));
    checks
}

#[track_caller]
fn check<'a>(checks: &'a [Value], name: &str) -> &'a Value {
    let of_name = checks.iter().find(|check| check["name"] == name && check["state"] != "good");
    of_name
        .or_else(|| checks.iter().find(|check| check["name"] == name))
        .unwrap_or_else(|| panic!("{name}: {checks:#?}"))
}

#[tokio::test]
async fn before_the_first_up_and_after_it() {
    let stack = Stack::new();
    let checks = doctor(&stack, 0);
    assert!(check(&checks, "stack")["says"].as_str().unwrap().contains("there is none yet"), "{checks:#?}");
    for name in ["identity", "rights", "concurrency", "macie"] {
        assert!(check(&checks, name)["says"].is_string());
    }
    stack.up();
    let checks = doctor(&stack, 0);
    for name in ["stack", "dead-letters", "notices", "executions", "ingress"] {
        assert_eq!(check(&checks, name)["state"], "good", "{name}");
    }
    let unused = unused(&stack, &["--for", "doctor"]);
    for own in ["lambda:GetAccountSettings", "states:ListExecutions", "sqs:GetQueueAttributes", "s3:ListBucketVersions"]
    {
        assert!(!unused.contains(own), "{own}");
    }
    let human = stack.run(&["doctor"]).expect(0).stdout;
    assert!(human.lines().all(|line| line.chars().count() <= 100), "{human}");
}

#[tokio::test]
async fn what_is_wrong_is_named_with_what_to_do() {
    let stack = Stack::new();
    stack.up();
    let (aws, names) = (&stack.aws, &stack.names);
    aws.eventbridge.disable_rule().name(names.rule(Zone::Ingress)).send().await.unwrap();
    let queue = aws.sqs.get_queue_url().queue_name(names.dead_letters()).send().await.unwrap().queue_url.unwrap();
    aws.sqs.send_message().queue_url(queue).message_body("{}").send().await.unwrap();
    let start = aws.sfn.start_execution().state_machine_arn(names.state_machine_arn()).input("{}");
    let arn = start.send().await.unwrap().execution_arn;
    let begun = Instant::now();
    while aws.sfn.describe_execution().execution_arn(&arn).send().await.unwrap().status == ExecutionStatus::Running {
        assert!(begun.elapsed() < Duration::from_mins(1), "it does not end");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let checks = doctor(&stack, 2);
    for (name, part) in [("rule/ingress", "State"), ("dead-letters", "1 events"), ("executions", arn.as_str())] {
        let check = check(&checks, name);
        assert_eq!(check["state"], "bad", "{check}");
        assert!(check["says"].as_str().unwrap().contains(part) && check["fix"].is_string(), "{check}");
    }
    stack.up();
    assert_eq!(doctor(&stack, 2).iter().filter(|check| check["name"] == "rule/ingress").count(), 0);
}

/// Of a user with a policy of their own, IAM itself says what is missing.
#[tokio::test]
async fn rights_that_are_missing_are_named() {
    let mut stack = Stack::new();
    let name = format!("doctor-{}", stack.names.id);
    let iam = stack.aws.iam.clone();
    iam.create_user().user_name(&name).send().await.unwrap();
    let made = iam.create_access_key().user_name(&name).send().await.unwrap().access_key.unwrap();
    stack.deployer = Some([made.access_key_id, made.secret_access_key]);
    let put = |actions: &str| {
        let policy = format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": {actions}, "Resource": "*"}}]}}"#
        );
        iam.put_user_policy().user_name(&name).policy_name("own").policy_document(policy)
    };
    put(r#"["s3:*", "iam:Get*"]"#).send().await.unwrap();
    let checks = doctor(&stack, 2);
    let says = check(&checks, "rights")["says"].as_str().unwrap();
    for action in ["iam:CreateRole", "states:CreateStateMachine", "kms:CreateKey"] {
        assert!(says.contains(action), "{says}");
    }
    assert!(!says.contains("s3:"), "{says}");
    put(r#"["*"]"#).send().await.unwrap();
    assert_eq!(check(&doctor(&stack, 0), "rights")["state"], "good");
}

/// By tags and names, also where a part of one is gone.
#[tokio::test]
async fn stacks_are_found_by_what_is_left_of_them() {
    let stack = Stack::apart(&["--truths", "none"]);
    let list = || stack.run(&["list", "--output", "json"]).expect(0).lines();
    assert_eq!(list(), Vec::<Value>::new());
    stack.up();
    stack.proxy.forget();
    let found = list();
    assert_eq!(stack.proxy.writes(), Vec::<String>::new());
    assert_eq!(found.len(), 1, "{found:#?}");
    for (member, value) in [("stack", stack.names.stack.as_str()), ("id", &stack.names.id), ("state", "whole")] {
        assert_eq!(found[0][member], value);
    }
    assert!(found[0]["created"].is_string());
    assert_eq!(unused(&stack, &["--for", "list"]), BTreeSet::new());
    stack.aws.lambda.delete_function().function_name(stack.names.function()).send().await.unwrap();
    let found = list();
    assert_eq!((&found[0]["state"], &found[0]["missing"][0]), (&Value::from("partial"), &Value::from("function")));
    assert!(stack.run(&["list"]).expect(0).stdout.contains("missing: function"));
}

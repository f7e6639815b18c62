//! Faults that are planted in a vault, each of which `verify` has to name.

use super::{canaries, left, verify};
use crate::support::Stack;
use aws_sdk_lambda::types::Environment;
use aws_sdk_s3::types::NotificationConfiguration;
use cvault::vault::names::Zone;
use serde_json::{Value, json};

/// What is done to a vault.
#[derive(Clone, Copy, Debug)]
enum Fault {
    RuleDisabled(Zone),
    RuleGone(Zone),
    TargetGone(Zone),
    PatternEdited(Zone),
    NotificationsOff,
    NoConcurrency,
    FunctionGone,
    VariableEdited,
    StateMachineEdited,
    ExpressEdited,
    StateMachineGone,
    KeyDisabled,
    TopicGone,
}

async fn plant(stack: &Stack, fault: Fault) {
    let (aws, names) = (&stack.aws, &stack.names);
    let (function, machine) = (names.function(), names.state_machine_arn());
    match fault {
        Fault::RuleDisabled(zone) => {
            aws.eventbridge.disable_rule().name(names.rule(zone)).send().await.unwrap();
        }
        Fault::TargetGone(zone) => remove_targets(stack, &names.rule(zone)).await,
        Fault::RuleGone(zone) => {
            remove_targets(stack, &names.rule(zone)).await;
            aws.eventbridge.delete_rule().name(names.rule(zone)).send().await.unwrap();
        }
        Fault::PatternEdited(zone) => {
            let pattern = json!({"source": ["aws.s3"], "detail": {"bucket": {"name": ["elsewhere"]}}}).to_string();
            aws.eventbridge.put_rule().name(names.rule(zone)).event_pattern(pattern).send().await.unwrap();
        }
        Fault::NotificationsOff => {
            let put = aws.s3.put_bucket_notification_configuration().bucket(names.bucket(Zone::Ingress));
            put.notification_configuration(NotificationConfiguration::builder().build()).send().await.unwrap();
        }
        Fault::NoConcurrency => {
            let put = aws.lambda.put_function_concurrency().function_name(function);
            put.reserved_concurrent_executions(0).send().await.unwrap();
        }
        Fault::FunctionGone => {
            aws.lambda.delete_function().function_name(function).send().await.unwrap();
        }
        Fault::VariableEdited => {
            let environment = Environment::builder().variables("analytics_bucket", "elsewhere").build();
            let update = aws.lambda.update_function_configuration().function_name(function);
            update.environment(environment).send().await.unwrap();
        }
        Fault::StateMachineEdited | Fault::ExpressEdited => {
            let machine = if matches!(fault, Fault::ExpressEdited) { names.express_arn() } else { machine };
            let definition = json!({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}).to_string();
            aws.sfn.update_state_machine().state_machine_arn(machine).definition(definition).send().await.unwrap();
        }
        Fault::StateMachineGone => {
            aws.sfn.delete_state_machine().state_machine_arn(machine).send().await.unwrap();
        }
        Fault::KeyDisabled => {
            aws.kms.disable_key().key_id(stack.keys().await.remove(0).0).send().await.unwrap();
        }
        Fault::TopicGone => {
            aws.sns.delete_topic().topic_arn(names.topic_arn()).send().await.unwrap();
        }
    }
}

async fn remove_targets(stack: &Stack, rule: &str) {
    let listed = stack.aws.eventbridge.list_targets_by_rule().rule(rule).send().await.unwrap();
    let ids = listed.targets().iter().map(|target| target.id.clone()).collect();
    stack.aws.eventbridge.remove_targets().rule(rule).set_ids(Some(ids)).send().await.unwrap();
}

/// The links that the rows name: those that differ, and those at which a file was stopped.
fn named(lines: &[Value], member: &str) -> Vec<String> {
    let bad = lines.iter().filter(|line| line["state"] == "bad");
    bad.filter_map(|line| line[member].as_str().map(str::to_owned)).collect()
}

/// One after the other on one vault, which `up` repairs in between. `stops` are the files that do not come through.
async fn each_is_named(faults: &[(Fault, &str, &[&str])]) {
    let stack = Stack::new();
    stack.up();
    for (fault, link, stops) in faults {
        plant(&stack, *fault).await;
        let lines = verify(&stack, 1);
        assert!(named(&lines, "name").contains(&(*link).to_owned()), "{fault:?}: {lines:#?}");
        let stopped: Vec<_> = canaries(&lines).into_iter().filter(|row| row["state"] == "bad").collect();
        let outcomes: Vec<_> = stopped.iter().map(|row| row["outcome"].as_str().unwrap()).collect();
        assert_eq!(outcomes, *stops, "{fault:?}: {lines:#?}");
        for row in stopped {
            assert_eq!(row["link"], *link, "{fault:?}: {row:#}");
            assert!(row["fix"].as_str().unwrap().contains(link), "{fault:?}: {row:#}");
        }
        stack.up();
        if matches!(fault, Fault::NoConcurrency) {
            let whole = format!("--function-name {} --region ", stack.names.function());
            assert!(named(&lines, "fix").iter().all(|fix| fix.contains(&whole)), "{lines:#?}");
            let lift = stack.aws.lambda.delete_function_concurrency().function_name(stack.names.function());
            lift.send().await.unwrap();
        }
        assert_eq!(left(&stack).await, Vec::<String>::new(), "{fault:?}");
    }
    verify(&stack, 0);
}

const ALL: &[&str] = &["clean", "sensitive", "broken"];

#[tokio::test]
async fn what_keeps_files_from_being_judged_is_named() {
    let ingress = Zone::Ingress;
    each_is_named(&[
        (Fault::RuleDisabled(ingress), "rule/ingress", ALL),
        (Fault::TargetGone(ingress), "rule/ingress", ALL),
        (Fault::RuleGone(ingress), "rule/ingress", ALL),
        (Fault::PatternEdited(ingress), "rule/ingress", ALL),
        (Fault::NotificationsOff, "bucket/ingress", ALL),
        (Fault::StateMachineGone, "state-machine", &[]),
    ])
    .await;
}

#[tokio::test]
async fn what_keeps_clean_files_from_their_end_is_named() {
    let vault = Zone::Vault;
    each_is_named(&[
        (Fault::RuleDisabled(vault), "rule/vault", &["clean"]),
        (Fault::TargetGone(vault), "rule/vault", &["clean"]),
    ])
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_the_function_is_named() {
    each_is_named(&[
        (Fault::NoConcurrency, "function", ALL),
        (Fault::VariableEdited, "function", ALL),
        (Fault::FunctionGone, "function", ALL),
    ])
    .await;
}

#[tokio::test]
async fn what_keeps_files_from_their_ends_is_named() {
    each_is_named(&[
        // What is clean does not need it.
        (Fault::StateMachineEdited, "state-machine", &["sensitive", "broken"]),
        (Fault::ExpressEdited, "state-machine/express", ALL),
        (Fault::TopicGone, "topic", &[]),
    ])
    .await;
}

/// What changes no file's way on the emulator, which asks IAM nothing: it is named all the same.
#[tokio::test]
async fn what_was_edited_is_named_though_files_come_through() {
    let stack = Stack::new();
    stack.up();
    let (aws, names) = (&stack.aws, &stack.names);
    aws.s3.delete_bucket_policy().bucket(names.bucket(Zone::Vault)).send().await.unwrap();
    for role in ["classifier", "orchestrator", "trigger"] {
        let delete = aws.iam.delete_role_policy().role_name(names.role(role)).policy_name("cvault");
        delete.send().await.unwrap();
    }
    let handler = aws.lambda.update_function_configuration().function_name(names.function()).handler("other");
    handler.send().await.unwrap();
    let open = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
        "Action": "sns:Publish", "Resource": names.topic_arn()}]});
    let set = aws.sns.set_topic_attributes().topic_arn(names.topic_arn()).attribute_name("Policy");
    set.attribute_value(open.to_string()).send().await.unwrap();
    let subscribed = aws.sns.list_subscriptions_by_topic().topic_arn(names.topic_arn()).send().await.unwrap();
    for subscription in subscribed.subscriptions() {
        aws.sns.unsubscribe().subscription_arn(subscription.subscription_arn().unwrap()).send().await.unwrap();
    }
    let key = stack.keys().await.remove(0).0;
    let policy = aws.kms.get_key_policy().key_id(&key).policy_name("default").send().await.unwrap().policy.unwrap();
    let mut policy: Value = serde_json::from_str(&policy).unwrap();
    policy["Statement"].as_array_mut().unwrap().pop();
    let put = aws.kms.put_key_policy().key_id(&key).policy_name("default").policy(policy.to_string());
    put.send().await.unwrap();
    plant(&stack, Fault::KeyDisabled).await;
    let lines = verify(&stack, 1);
    let of_key = lines.iter().find(|line| line["name"] == "key").unwrap()["says"].to_string();
    assert!(of_key.contains("/KeyState") && of_key.contains("/Policy"), "{of_key}");
    let mut broken = named(&lines, "name");
    broken.sort();
    broken.dedup();
    let expected = [
        "bucket/vault",
        "function",
        "key",
        "role/classifier",
        "role/orchestrator",
        "role/trigger",
        "subscription/none",
        "topic",
    ];
    assert_eq!(broken, expected, "{lines:#?}");
    stack.up();
    verify(&stack, 0);
}

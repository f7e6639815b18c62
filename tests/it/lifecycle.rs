//! Laws 1 and 6: up, up again, status, down, down again.

use crate::support::{Ended, Stack, names};
use aws_sdk_kms::types::Tag;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

#[tokio::test]
async fn from_nothing_to_nothing() {
    let stack = Stack::apart(&["--truths", "all"]);
    stack.run(&["status"]).expect(3);

    stack.up();
    stack.proxy.forget();
    let again = stack.run(&["up", "--email", "ops@example.com"]).expect(0);
    assert!(again.stdout.contains("up already"), "{}", again.stdout);
    stack.run(&["up"]).expect(0);
    stack.run(&["status"]).expect(0);
    stack.run(&["up", "--dry-run"]).expect(0);
    assert_eq!(stack.proxy.writes(), Vec::<String>::new(), "law 1, counted by the proxy");

    stack.run(&["down"]).expect(0);
    assert_eq!(stack.leftovers().await, Vec::<String>::new());
    stack.run(&["status"]).expect(3);
    stack.proxy.forget();
    stack.run(&["down"]).expect(0);
    assert_eq!(stack.proxy.writes(), Vec::<String>::new(), "law 6: down twice is quiet");
}

#[tokio::test]
async fn the_key_comes_back_within_its_window() {
    let stack = Stack::apart(&["--truths", "all"]);
    stack.up();
    let before = stack.keys().await;
    stack.run(&["down"]).expect(0);
    assert_eq!(stack.keys().await, [(before[0].0.clone(), "PendingDeletion".to_owned())]);
    let status = stack.status();
    assert!(status["resources"][0]["note"].as_str().unwrap().contains("brings it back"), "{status:#}");
    stack.up();
    assert_eq!(stack.keys().await, before, "the same key, enabled");
    stack.run(&["status"]).expect(0);
}

/// It has the tags of the run that made it, and gets those of now.
#[tokio::test]
async fn a_key_that_comes_back_gets_the_tags_of_now() {
    let stack = Stack::new();
    let up = |tag: &str| stack.run(&["up", "--email", "ops@example.com", "--tag", tag]).expect(0);
    up("Owner=ops");
    let key = stack.keys().await.remove(0).0;
    let theirs = Tag::builder().tag_key("Theirs").tag_value("x").build().unwrap();
    stack.aws.kms.tag_resource().key_id(&key).tags(theirs).send().await.unwrap();
    stack.run(&["down"]).expect(0);
    // Somebody in KMS may still see its deletion (truths K8, K9).
    let fault = |operation: &str| {
        let message = "the key is pending deletion.";
        json!({"op": operation, "service": "kms", "match": 1, "code": "KMSInvalidStateException", "message": message})
    };
    let faults = ["TagResource", "TagResource", "UntagResource"].map(fault);
    stack.proxy.configure(&json!({"faults": faults}));
    up("Team=data");
    assert_eq!(stack.proxy.calls(|call| call["fault"] == "rule").len(), 3);
    stack.proxy.configure(&json!({"faults": []}));
    let tags = stack.aws.kms.list_resource_tags().key_id(&key).send().await.unwrap().tags.unwrap();
    let keys: Vec<_> = tags.iter().map(Tag::tag_key).collect();
    assert!(keys.contains(&"Team") && keys.contains(&"Theirs") && !keys.contains(&"Owner"), "{keys:?}");
    stack.run(&["status", "--tag", "Team=data"]).expect(0);
}

/// Every truth that the proxy knows: delays, refusals, rewritten answers.
#[tokio::test]
async fn as_aws_really_is() {
    let stack = Stack::behind(&["--truths", "all"]);
    // Counted, not timed: a slow machine must meet them too.
    let counted = ["role-propagation", "log-destination", "logs-kms", "kms-eventual", "s3-new-bucket-404"];
    let waits: serde_json::Map<_, _> = counted.map(|truth| (truth.to_owned(), json!("2x"))).into_iter().collect();
    stack.proxy.configure(&json!({"waits": waits}));
    stack.up();
    stack.run(&["status"]).expect(0);
    stack.run(&["up"]).expect(0);
    stack.run(&["down"]).expect(0);
    // At once again: names that are not free yet, a key that is pending deletion.
    stack.up();
    stack.run(&["status"]).expect(0);
    stack.run(&["down"]).expect(0);
    assert_eq!(stack.leftovers().await, Vec::<String>::new());
    let stats = stack.proxy.stats();
    let met = stats["truths"].as_object().unwrap();
    for truth in counted.into_iter().chain(["sns-pending", "sfn-delete-async", "events-put-targets-partial"]) {
        assert!(met.contains_key(truth), "{truth} was not met: {met:?}");
    }
    assert_eq!(names(&stats["violation_list"]), Vec::<&str>::new());
}

#[tokio::test]
async fn the_vault_can_be_kept() {
    let stack = Stack::new();
    stack.up();
    let vault = stack.names.bucket(cvault::vault::names::Zone::Vault);
    stack.aws.s3.put_object().bucket(&vault).key("k").body(b"x".to_vec().into()).send().await.unwrap();
    stack.run(&["down"]).expect(4);
    let planned = stack.run(&["down", "--keep-vault", "--dry-run"]).expect(2);
    assert!(planned.stdout.contains("--keep-vault`"), "a hint keeps it, too: {}", planned.stdout);
    let document = stack.run(&["down", "--keep-vault", "--dry-run", "--output", "json"]).expect(2).document();
    let states = document["resources"].as_array().unwrap().iter().map(|step| step["state"].clone());
    assert!(states.clone().all(|state| state != "drifted"), "nothing differs: {:?}", states.collect::<Vec<_>>());
    assert!(counted(&stack, &["down", "--keep-vault"]) > 10);
    let mut left = stack.leftovers().await;
    left.sort();
    assert_eq!(left, [stack.names.key_alias(), vault]);
    stack.run(&["status"]).expect(2);
    stack.up();
    stack.run(&["status"]).expect(0);
    counted(&stack, &["down", "--keep-vault"]);
    assert_eq!(counted(&stack, &["down", "--delete-data", "--yes"]), 2, "the key and the bucket that were kept");
}

/// Runs it: as many are deleted as it says, and none has no line.
fn counted(stack: &Stack, down: &[&str]) -> usize {
    let lines = stack.run(&[down, &["--output", "json"]].concat()).expect(0).lines();
    let finished = lines.iter().filter(|line| line["type"] == "finished").count();
    assert_eq!(lines.last().unwrap()["deleted"], finished, "{lines:#?}");
    finished
}

/// A subscription that nobody has declared goes with its topic, and is counted.
#[tokio::test]
async fn what_goes_with_something_else_is_counted() {
    let stack = Stack::new();
    stack.up();
    let queue = stack.aws.sqs.create_queue().queue_name(format!("by-hand-{}", stack.names.id)).send().await.unwrap();
    let arn = format!("arn:aws:sqs:{}:{}:by-hand-{}", stack.names.region, stack.names.account, stack.names.id);
    let subscribe = stack.aws.sns.subscribe().topic_arn(stack.names.topic_arn()).protocol("sqs").endpoint(arn);
    subscribe.send().await.unwrap();
    let before = stack.run(&["down", "--dry-run", "--output", "json"]).expect(2).document();
    let goes = before["resources"].as_array().unwrap().iter().filter(|step| step["action"] == "delete").count();
    assert_eq!(counted(&stack, &["down"]), goes);
    stack.aws.sqs.delete_queue().queue_url(queue.queue_url.unwrap()).send().await.unwrap();
}

/// A killed run had asked for a key, which comes after the next run has looked for one and made its own:
/// that one has the alias, the other is nobody's, and goes.
#[tokio::test]
async fn a_key_that_comes_late_is_removed() {
    let stack = Stack::apart(&["--truths", "none"]);
    stack.proxy.configure(&json!({"op_latency": {"kms:CreateAlias": 2000}}));
    let up = tokio::task::spawn_blocking({
        let mut up = stack.command(&["up", "--email", "ops@example.com"]);
        move || Ended::from(up.output().unwrap())
    });
    while stack.proxy.stats()["calls"]["kms"]["CreateKey"].is_null() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let tags = stack.names.tags().map(|(key, value)| Tag::builder().tag_key(key).tag_value(value).build().unwrap());
    let late = stack.aws.kms.create_key().set_tags(Some(tags.into())).send().await.unwrap().key_metadata.unwrap();
    let up = up.await.unwrap().expect(0);
    assert!(up.stdout.contains("nobody has used: 1 scheduled for deletion"), "{}", up.stdout);

    let keys = stack.keys().await;
    let states: BTreeMap<_, _> = keys.iter().map(|(id, state)| (id == late.key_id(), state.as_str())).collect();
    assert_eq!(states, BTreeMap::from([(true, "PendingDeletion"), (false, "Enabled")]));
    stack.run(&["status"]).expect(0);
    stack.proxy.configure(&json!({"op_latency": {}}));
}

/// AWS could not activate the function: nothing that is declared differs, and no file can be judged all the same.
#[tokio::test]
async fn a_function_that_could_not_be_activated_is_stuck() {
    let stack = Stack::new();
    stack.up();
    stack.proxy.configure(&json!({"truths": "lambda-failed"}));
    let status = stack.run(&["status", "--output", "json"]).expect(2).document();
    assert_eq!(status["state"], "stuck");
    let function = status["resources"].as_array().unwrap().iter().find(|it| it["name"] == "function").unwrap();
    let why = "AWS could not activate it: The function's subnet has no free IP address.";
    assert_eq!((&function["state"], &function["note"]), (&json!("pending"), &json!(why)));
    let up = stack.run(&["up"]).expect(0);
    assert!(up.stdout.contains(why), "{}", up.stdout);
    stack.proxy.configure(&json!({"truths": "none"}));
    stack.run(&["status"]).expect(0);
}

/// What others have attached to a role goes with it, and a role that an instance profile uses is not taken from it.
#[tokio::test]
async fn a_role_is_freed_before_it_is_removed() {
    let stack = Stack::new();
    stack.up();
    let (iam, names) = (&stack.aws.iam, &stack.names);
    let (role, profile) = (names.role("trigger"), format!("profile-{}", names.id));
    let nothing = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}"#;
    iam.put_role_policy().role_name(&role).policy_name("others").policy_document(nothing).send().await.unwrap();
    let managed = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    iam.attach_role_policy().role_name(&role).policy_arn(managed).send().await.unwrap();
    iam.create_instance_profile().instance_profile_name(&profile).send().await.unwrap();
    let add = iam.add_role_to_instance_profile().instance_profile_name(&profile).role_name(&role);
    add.send().await.unwrap();
    let refused = stack.run(&["down"]).expect(1);
    assert!(refused.stderr.contains(&format!("instance profile {profile} uses it")), "{}", refused.stderr);
    assert!(refused.stderr.contains("has lost its rights"), "{}", refused.stderr);
    let take = iam.remove_role_from_instance_profile().instance_profile_name(&profile).role_name(&role);
    take.send().await.unwrap();
    iam.delete_instance_profile().instance_profile_name(&profile).send().await.unwrap();
    stack.run(&["down"]).expect(0);
    assert_eq!(stack.leftovers().await, Vec::<String>::new());
}

/// What IAM refuses to delete a role with is looked for again, where that look has failed.
#[tokio::test]
async fn a_role_is_freed_although_a_look_at_it_fails() {
    let stack = Stack::new();
    stack.up();
    let role = stack.names.role("trigger");
    let managed = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    stack.aws.iam.attach_role_policy().role_name(&role).policy_arn(managed).send().await.unwrap();
    // The first look is that of the plan.
    let fails = json!({"op": "ListAttachedRolePolicies", "resource": role, "match": 2, "throttle": true});
    stack.proxy.configure(&json!({"faults": [fails]}));
    let down = stack.command(&["down"]).env("AWS_MAX_ATTEMPTS", "1").output().unwrap();
    Ended::from(down).expect(0);
    let looks = stack.proxy.calls(|call| call["op"] == "ListAttachedRolePolicies" && call["fault"] == "rule");
    assert_eq!(looks.len(), 1, "{looks:?}");
    assert_eq!(stack.leftovers().await, Vec::<String>::new());
}

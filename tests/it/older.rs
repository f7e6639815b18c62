//! An AWS that is older than what it is sent, as the regions of other partitions are for a while. S3 refuses
//! tags in the creating call, or takes no notice of them, and does not know how to block encryption (truths
//! S30); KMS wants what it can do without elsewhere.

use crate::support::{Stack, step};
use aws_sdk_s3::types::ObjectOwnership;
use cvault::vault::names::Zone;
use serde_json::json;

const UP: &[&str] = &["up", "--email", "ops@example.com"];
const DOWN: &[&str] = &["down"];
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:root"},"Action":"kms:*","Resource":"*"}]}"#;
const TAGS_UNKNOWN: &[&str] = &["--truths", "s3-create-tags-unknown,s3-blocked-encryption-unknown"];

fn met(stack: &Stack, truth: &str) -> u64 {
    stack.proxy.stats()["truths"][truth].as_u64().unwrap_or_default()
}

/// Up, nothing to do, in order, and nothing is left.
async fn lives(stack: &Stack) {
    stack.up();
    stack.run(&["status"]).expect(0);
    stack.proxy.forget();
    stack.up();
    assert_eq!(stack.proxy.writes(), Vec::<String>::new(), "law 1");
    stack.run(DOWN).expect(0);
    assert_eq!(stack.leftovers().await, Vec::<String>::new());
}

#[tokio::test]
async fn tags_and_blocks_that_it_does_not_know_are_left_out() {
    let stack = Stack::behind(TAGS_UNKNOWN);
    lives(&stack).await;
    stack.up();
    for truth in ["s3-create-tags-unknown", "s3-blocked-encryption-unknown"] {
        assert_eq!(met(&stack, truth), 3, "{truth}: once for each bucket");
    }
    let vault = stack.names.bucket(Zone::Vault);
    let ownership = stack.aws.s3.get_bucket_ownership_controls().bucket(&vault).send().await.unwrap();
    let rule = &ownership.ownership_controls().unwrap().rules()[0];
    assert_eq!(rule.object_ownership(), &ObjectOwnership::BucketOwnerEnforced, "the mark is gone");
}

#[tokio::test]
async fn tags_that_it_ignores_are_given_at_once() {
    let stack = Stack::behind(&["--truths", "s3-create-tags-ignored"]);
    lives(&stack).await;
    stack.up();
    assert_eq!(met(&stack, "s3-create-tags-ignored"), 3);
}

/// In other words, and where the identity's policy is older than tags in the creating call.
#[tokio::test]
async fn each_way_of_saying_so_is_understood() {
    let denied = "User: arn:aws:iam::000000000000:user/ci is not authorized to perform: s3:TagResource";
    let stack = Stack::new();
    let ways = [("MalformedXML", "", 400), ("NotImplemented", "", 501), ("AccessDenied", denied, 403)];
    for (code, message, status) in ways.into_iter().step_by(step(2)) {
        let vault = stack.names.bucket(Zone::Vault);
        let rule = json!({"op": "CreateBucket", "resource": vault, "match": 1, "code": code, "message": message, "status": status});
        stack.proxy.configure(&json!({"faults": [rule]}));
        stack.up();
        stack.run(&["status"]).expect(0);
        stack.run(DOWN).expect(0);
    }
    assert_eq!(stack.leftovers().await, Vec::<String>::new());
}

/// Some organizations deny every ownership but one.
#[tokio::test]
async fn the_mark_is_left_out_where_it_is_denied() {
    let stack = Stack::behind(TAGS_UNKNOWN);
    let vault = stack.names.bucket(Zone::Vault);
    let denied = |nth: u32| json!({"op": "CreateBucket", "resource": vault, "match": nth, "code": "AccessDenied", "message": "with an explicit deny in a service control policy", "status": 403});
    stack.proxy.configure(&json!({"faults": [denied(2)]}));
    stack.up();
    stack.run(&["status"]).expect(0);
    // The third, too: the second rule does not see the call that the first has refused.
    stack.proxy.configure(&json!({"faults": [denied(2), denied(2)]}));
    stack.run(DOWN).expect(0);
    stack.proxy.forget();
    let refused = stack.run(UP).expect(1);
    assert!(refused.stderr.contains("service control policy"), "{}", refused.stderr);
    stack.proxy.configure(&json!({"faults": []}));
    stack.up();
}

/// Law 3: between making and tagging. The bucket has no tags, and is the next run's all the same.
#[tokio::test]
async fn a_run_that_is_killed_before_it_can_tag_has_made_a_bucket_of_its_own() {
    let stack = Stack::behind(TAGS_UNKNOWN);
    let vault = stack.names.bucket(Zone::Vault);
    for moment in [
        json!({"op": "PutBucketTagging", "resource": vault, "die": "before"}),
        json!({"op": "GetBucketTagging", "resource": vault, "match": 2, "die": true}),
        json!({"op": "PutBucketTagging", "resource": vault, "die": true}),
    ] {
        let settings = json!({"faults": [moment]});
        for next in [UP, DOWN].into_iter().step_by(step(2)) {
            assert!(stack.killed(UP, &settings), "{moment}");
            stack.run(next).expect(0);
            stack.run(DOWN).expect(0);
            assert_eq!(stack.leftovers().await, Vec::<String>::new(), "{moment}");
        }
    }
}

/// What looks begun and is not: somebody uses it.
#[tokio::test]
async fn a_bucket_of_others_is_refused_whatever_its_ownership() {
    use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
    let stack = Stack::new();
    let vault = stack.names.bucket(Zone::Vault);
    let place = BucketLocationConstraint::from(crate::support::REGION);
    let configuration = CreateBucketConfiguration::builder().location_constraint(place).build();
    for (ownership, used) in
        [(ObjectOwnership::BucketOwnerPreferred, true), (ObjectOwnership::BucketOwnerEnforced, false)]
    {
        let create = stack.aws.s3.create_bucket().bucket(&vault).object_ownership(ownership);
        create.create_bucket_configuration(configuration.clone()).send().await.unwrap();
        if used {
            stack.aws.s3.put_object().bucket(&vault).key("k").body(b"x".to_vec().into()).send().await.unwrap();
        }
        stack.run(UP).expect(4);
        assert_eq!(stack.proxy.writes(), Vec::<String>::new());
        if used {
            stack.aws.s3.delete_object().bucket(&vault).key("k").send().await.unwrap();
        }
        stack.aws.s3.delete_bucket().bucket(&vault).send().await.unwrap();
    }
}

#[tokio::test]
async fn a_disabled_key_is_enabled_and_its_policy_is_asked_for_by_name() {
    let stack = Stack::behind(&["--truths", "kms-policy-name-required"]);
    stack.up();
    let (key, _) = stack.keys().await.remove(0);
    stack.aws.kms.disable_key().key_id(&key).send().await.unwrap();
    assert_eq!(stack.drifted(), ["key/KeyState"]);
    stack.proxy.forget();
    stack.up();
    let wakes = stack.proxy.calls(|call| call["service"] == "kms" && call["mutating"] == true);
    assert!(wakes.iter().all(|call| call.starts_with("kms:EnableKey")), "no deletion is cancelled: {wakes:?}");
    stack.run(&["status"]).expect(0);
    let other = stack.aws.kms.put_key_policy().key_id(&key).policy(POLICY).send().await;
    other.unwrap();
    stack.up();
    stack.run(&["status"]).expect(0);
}

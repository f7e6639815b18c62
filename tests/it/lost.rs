//! What AWS refuses of one part: the rest goes on, no run waits for what no time heals, and each refusal comes
//! with its advice.

use crate::support::Stack;
use cvault::vault::names::Zone;
use serde_json::json;

/// A bucket of that name belongs to somebody else: S3 answers each call like this.
fn anothers(bucket: &str) -> serde_json::Value {
    json!({"faults": [
        {"service": "s3", "op": "HeadBucket", "resource": bucket, "status": 403},
        {"service": "s3", "resource": bucket, "code": "AccessDenied", "message": "Access Denied", "status": 403},
    ]})
}

#[tokio::test]
async fn anothers_bucket_holds_nothing_hostage() {
    for zone in [Zone::Vault, Zone::Ingress] {
        let stack = Stack::new();
        stack.up();
        let bucket = stack.names.bucket(zone);
        stack.proxy.configure(&anothers(&bucket));
        let status = stack.run(&["status", "--output", "json"]).expect(2).document();
        for step in status["resources"].as_array().unwrap() {
            let lost = step["id"] == *bucket;
            assert_eq!(step["state"] != "ok" && step["state"] != "pending", lost, "{step}");
            assert!(!lost || step["note"].as_str().unwrap().contains("it belongs to another account"), "{step}");
        }
        let human = stack.run(&["status"]).expect(2);
        assert!(human.stdout.contains("another account") && !human.stdout.contains("--adopt"), "{human:?}");
        stack.proxy.forget();
        for arguments in [&["up"][..], &["up", "--adopt"], &["up", "--dry-run"]] {
            let refused = stack.run(arguments).expect(4);
            assert!(refused.stderr.contains("another account") && refused.stderr.contains(&bucket), "{refused:?}");
        }
        assert_eq!(stack.proxy.writes(), Vec::<String>::new());
        let down = stack.run(&["down"]).expect(0);
        assert!(down.stdout.contains(&format!("left alone, since it is not this stack's: {bucket}")), "{down:?}");
        assert!(!stack.proxy.writes().iter().any(|call| call.contains(&bucket)), "nothing is written to it");
        assert_eq!(stack.leftovers().await, [bucket.as_str()], "all the rest is gone");
        stack.run(&["down"]).expect(0);
    }
}

#[tokio::test]
async fn a_bucket_in_another_region_is_said_to_be_there() {
    let stack = Stack::new();
    let bucket = stack.names.bucket(Zone::Analytics);
    let elsewhere = json!({"service": "s3", "resource": bucket, "status": 301,
        "headers": {"x-amz-bucket-region": "eu-central-1"}});
    stack.proxy.configure(&json!({"faults": [elsewhere]}));
    let refused = stack.run(&["up", "--email", "ops@example.com"]).expect(4);
    assert!(refused.stderr.contains("another region, eu-central-1"), "{refused:?}");
    stack.run(&["status"]).expect(3);
    stack.run(&["down"]).expect(0);
}

/// One of this account that may not be read is no other account's.
#[tokio::test]
async fn a_missing_right_is_said_to_be_missing() {
    let stack = Stack::new();
    stack.up();
    let bucket = stack.names.bucket(Zone::Vault);
    let denied = "User: arn:aws:iam::000000000000:user/x is not authorized to perform: s3:GetBucketTagging on resource: \
        \"arn:aws:s3:::x\" because no identity-based policy allows the s3:GetBucketTagging action";
    stack.proxy.configure(&json!({"faults": [
        {"service": "s3", "op": "HeadBucket", "resource": bucket, "status": 403},
        {"service": "s3", "resource": bucket, "code": "AccessDenied", "message": denied, "status": 403},
    ]}));
    for command in ["status", "down"] {
        let ended = stack.run(&[command]).expect(1);
        assert!(ended.stderr.contains("s3:GetBucketTagging") && ended.stderr.contains("grant"), "{ended:?}");
    }
    // A HEAD has no words: a token that is over is a 400 and nothing else.
    stack
        .proxy
        .configure(&json!({"faults": [{"service": "s3", "op": "HeadBucket", "resource": bucket, "status": 400}]}));
    let ended = stack.run(&["status"]).expect(1);
    assert!(ended.stderr.contains("HTTP 400\n") && ended.stderr.contains("sign in again"), "{ended:?}");
}

/// No tag has to spread for it, so that nothing is gained by five minutes of trying.
#[tokio::test]
async fn a_missing_right_to_the_alias_is_not_waited_for() {
    let stack = Stack::new();
    let denied = "User: arn:aws:iam::000000000000:user/x is not authorized to perform: kms:CreateAlias on resource: \
        arn:aws:kms:eu-west-1:000000000000:alias/x because no identity-based policy allows the kms:CreateAlias action";
    stack.proxy.configure(&json!({"faults": [
        {"service": "kms", "op": "CreateAlias", "code": "AccessDeniedException", "message": denied, "status": 400},
    ]}));
    let ended = stack.run(&["up", "--email", "ops@example.com"]).expect(1);
    assert!(ended.stderr.contains("kms:CreateAlias") && ended.stderr.contains("grant the action"), "{ended:?}");
    assert_eq!(stack.proxy.calls(|call| call["op"] == "CreateAlias").len(), 1);
}

/// What takes the time is said: not the role's name while AWS is asked too often.
#[tokio::test]
async fn throttling_is_called_throttling() {
    let stack = Stack::new();
    // More often than the SDK itself tries.
    let busy: Vec<u32> = (1..=10).collect();
    let faults = json!({"faults": [{"service": "iam", "op": "CreateRole", "nth": busy, "throttle": true}]});
    stack.proxy.configure(&faults);
    let ended = stack.run(&["up", "--email", "ops@example.com", "-v"]).expect(0);
    assert!(!ended.stderr.contains("free the role's name"), "{ended:?}");
}

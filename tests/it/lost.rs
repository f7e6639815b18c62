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

/// What S3 refuses to those who look at what is held, and decide of it, has the advice that it has everywhere.
#[tokio::test]
async fn what_s3_refuses_of_what_is_held_has_its_advice() {
    let stack = Stack::new();
    stack.up();
    let scp = "User: arn:aws:iam::000000000000:user/ana is not authorized to perform: s3:ListBucketVersions with an explicit \
        deny in a service control policy";
    let denied = "User: arn:aws:iam::000000000000:user/ana is not authorized to perform: s3:ListBucketVersions because no \
        identity-based policy allows the s3:ListBucketVersions action";
    for (code, status, message, fix) in [
        ("AccessDenied", 403, scp, "organisation"),
        ("AccessDenied", 403, denied, "declared releasers"),
        ("ExpiredToken", 400, "The provided token has expired.", "sign in"),
        (
            "RequestTimeTooSkewed",
            403,
            "The difference between the request time and the current time is too large.",
            "clock",
        ),
    ] {
        stack
            .proxy
            .configure(&json!({"faults": [{"service": "s3", "op": "ListObjectVersions", "nth": "all", "code": code,
            "message": message, "status": status}]}));
        for command in [&["held"][..], &["show", "k"], &["release", "k", "--reason", "r", "--yes"]] {
            let refused = stack.run(command).expect(1).stderr;
            assert!(refused.contains(code) && refused.contains(fix), "{command:?} {code}: {refused}");
            assert!(!refused.contains("HTTP "), "{refused}");
            assert_eq!(refused.contains("declared releasers"), message == denied, "{refused}");
        }
    }
    stack.proxy.configure(&json!({"faults": []}));
    for command in [&["held"][..], &["show", "k"], &["discard", "k", "--reason", "r", "--yes"]] {
        let mut run = stack.command(command);
        let dead = run.env("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9").env("AWS_MAX_ATTEMPTS", "1").output().unwrap();
        let dead = crate::support::Ended::from(dead).expect(1).stderr;
        assert!(dead.contains("127.0.0.1") && dead.contains("cannot be reached"), "{dead}");
        assert!(!dead.contains("HTTP 0") && !dead.contains("dispatch failure"), "{dead}");
    }
}

//! `down` and the data: never without being asked, then all of it, whatever it is called and however
//! much it is. What cannot be deleted is told of, and keeps nothing else from going.

use crate::support::{Ended, REGION, Stack, step};
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{
    BucketLocationConstraint, CreateBucketConfiguration, ObjectLockLegalHold, ObjectLockLegalHoldStatus, ObjectLockMode,
};
use cvault::aws::Aws;
use cvault::vault::names::Zone;
use futures::{StreamExt, stream};
use serde_json::json;
use std::time::{Duration, SystemTime};

const DOWN: &[&str] = &["down", "--delete-data", "--yes"];
/// Keys that XML, HTTP or percent-encoding may trip over.
const ODD: [&str; 9] =
    ["plain", "a b+c%d", "%2F%2f", "ключ/\"x\"", "line\nbreak", "tab\t", "&<>'", "/lead//ing/", "\u{1f30a}\u{7f}"];

async fn put(aws: &Aws, bucket: &str, key: &str) -> String {
    let put = aws.s3.put_object().bucket(bucket).key(key).body(b"x".to_vec().into()).send().await;
    put.unwrap().version_id.unwrap()
}

async fn versions(stack: &Stack, zone: Zone) -> Vec<String> {
    let listed = stack.aws.s3.list_object_versions().bucket(stack.names.bucket(zone)).send().await.unwrap();
    listed.versions().iter().map(|version| version.key().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn data_is_never_removed_unasked() {
    let stack = Stack::new();
    stack.up();
    let bucket = stack.names.bucket(Zone::Analytics);
    for key in ODD {
        put(&stack.aws, &bucket, key).await;
        put(&stack.aws, &bucket, key).await;
        stack.aws.s3.delete_object().bucket(&bucket).key(key).send().await.unwrap();
    }
    stack.aws.s3.create_multipart_upload().bucket(&bucket).key("unfinished").send().await.unwrap();
    stack.proxy.forget();
    let refused = stack.run(&["down"]).expect(4);
    assert!(refused.stderr.contains("27 versions") && refused.stderr.contains("--delete-data"), "{}", refused.stderr);
    assert_eq!(stack.proxy.writes(), Vec::<String>::new());
    stack.run(&["down", "--dry-run"]).expect(2);
    assert_eq!(stack.proxy.writes(), Vec::<String>::new());
    stack.run(DOWN).expect(0);
    assert_eq!(stack.leftovers().await, Vec::<String>::new());
}

/// Thousands of versions and delete markers, twenty as a whole, unfinished uploads, odd keys; behind a proxy whose first
/// deletion leaves something, and in a vault whose policy denies every deletion until it is replaced.
#[tokio::test]
async fn thousands_of_versions() {
    let thousands = 20 / step(5);
    let stack = Stack::behind(&["--truths", "all"]);
    stack.up();
    let bucket = stack.names.bucket(Zone::Vault);
    let versions = 75 * thousands;
    let puts = stream::iter((0..versions).map(|n| format!("{}", n % 300)));
    let puts = puts.map(async |key: String| put(&stack.aws, &bucket, &key).await);
    assert_eq!(puts.buffer_unordered(16).count().await, versions);
    for key in ODD {
        put(&stack.aws, &bucket, key).await;
    }
    // Deleting without a version adds a marker, whether there was something or not.
    stack.aws.s3.delete_bucket_policy().bucket(&bucket).send().await.unwrap();
    for n in 1..thousands {
        stack.mark_deleted(Zone::Vault, (0..1000).map(|m| format!("{n}/{m}"))).await;
    }
    for n in 0..20 {
        stack.aws.s3.create_multipart_upload().bucket(&bucket).key(format!("{n} ü")).send().await.unwrap();
    }
    stack.up();
    let refused = stack.run(&["down"]).expect(4);
    assert!(refused.stderr.contains("1000 versions or more"), "{}", refused.stderr);
    stack.proxy.forget();
    stack.run(DOWN).expect(0);
    assert_eq!(stack.leftovers().await, Vec::<String>::new());
    let calls = stack.proxy.calls(|call| call["op"] == "DeleteObjects" && call["status"] == 200);
    assert!((thousands..=thousands * 3 / 2 + 2).contains(&calls.len()), "a thousand at a time: {}", calls.len());
}

/// What is locked stays, with its bucket and the key that it can be read with; `down` says until when, and
/// deletes all else in one pass.
#[tokio::test]
async fn what_is_locked_is_told_with_its_date() {
    let stack = Stack::new();
    let (s3, bucket) = (&stack.aws.s3, stack.names.bucket(Zone::Analytics));
    let region = CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::from(REGION));
    let create = s3.create_bucket().bucket(&bucket).create_bucket_configuration(region.build());
    create.object_lock_enabled_for_bucket(true).send().await.unwrap();
    stack.run(&["up", "--email", "ops@example.com", "--adopt"]).expect(0);
    let tomorrow = DateTime::from(SystemTime::now() + Duration::from_hours(24));
    for key in ["free", "locked", "held"] {
        put(&stack.aws, &bucket, key).await;
        let locked = s3.put_object().bucket(&bucket).key(key).body(b"y".to_vec().into());
        let locked = if key == "locked" {
            locked.object_lock_mode(ObjectLockMode::Governance).object_lock_retain_until_date(tomorrow)
        } else {
            locked.set_object_lock_legal_hold_status((key == "held").then_some(ObjectLockLegalHoldStatus::On))
        };
        locked.send().await.unwrap();
    }

    stack.proxy.forget();
    let kept = stack.run(DOWN).expect(1);
    assert!(kept.stderr.contains("Object Lock keeps 2 versions, the last under a legal hold"), "{}", kept.stderr);
    assert_eq!(stack.proxy.calls(|call| call["op"] == "DeleteObjects").len(), 1, "no pass more than needed");
    assert_eq!(versions(&stack, Zone::Analytics).await, ["held", "locked"]);
    assert_eq!(stack.leftovers().await.len(), 2, "bucket and key");
    assert_eq!(stack.keys().await[0].1, "Enabled");

    let off = ObjectLockLegalHold::builder().status(ObjectLockLegalHoldStatus::Off).build();
    s3.put_object_legal_hold().bucket(&bucket).key("held").legal_hold(off).send().await.unwrap();
    let kept = stack.run(DOWN).expect(1);
    let told = format!("Object Lock keeps 1 version, the last until {tomorrow}");
    assert!(kept.stderr.contains(&told[..told.len() - 10]), "{told}: {}", kept.stderr);

    let locked = s3.list_object_versions().bucket(&bucket).send().await.unwrap().versions()[0].clone();
    let delete = s3.delete_object().bucket(&bucket).key("locked").version_id(locked.version_id().unwrap());
    delete.bypass_governance_retention(true).send().await.unwrap();
    stack.run(DOWN).expect(0);
    assert_eq!(stack.leftovers().await, Vec::<String>::new());
}

/// Senders that do not know yet: what arrives while the bucket is emptied goes with it.
#[tokio::test]
async fn what_arrives_meanwhile_goes_too() {
    let stack = Stack::new();
    stack.up();
    let bucket = stack.names.bucket(Zone::Ingress);
    // An emulator's function that still runs makes its log group again, which a role's rights prevent on AWS.
    stack.aws.eventbridge.disable_rule().name(stack.names.rule(Zone::Ingress)).send().await.unwrap();
    put(&stack.aws, &bucket, "first").await;
    let down = tokio::task::spawn_blocking({
        let mut down = stack.command(DOWN);
        move || Ended::from(down.output().unwrap())
    });
    let mut arrived = 0;
    // The emulator does not look at the policy that would shut them out.
    while arrived < 100 && stack.aws.s3.put_object().bucket(&bucket).key(format!("{arrived}")).send().await.is_ok() {
        arrived += 1;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    down.await.unwrap().expect(0);
    assert_eq!(stack.leftovers().await, Vec::<String>::new());
}

/// Without `--delete-data`, what lands after the guard has looked stays, and is told of.
#[tokio::test]
async fn what_lands_after_the_guard_stays() {
    let stack = Stack::new();
    stack.up();
    stack.proxy.configure(&json!({"faults": [{"op": "DeleteStateMachine", "delay_ms": 3000}]}));
    stack.proxy.forget();
    let down = tokio::task::spawn_blocking({
        let mut down = stack.command(&["down"]);
        move || Ended::from(down.output().unwrap())
    });
    while stack.proxy.calls(|call| call["op"] == "DeleteRule").len() < 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    put(&stack.aws, &stack.names.bucket(Zone::Ingress), "late").await;
    let said = down.await.unwrap().expect(1).stderr;
    assert!(said.contains("something landed in it meanwhile") && said.contains("--delete-data"), "{said}");
    assert_eq!(versions(&stack, Zone::Ingress).await, ["late"]);
    stack.run(&["down"]).expect(4);
}

/// S3 may take an empty bucket for a full one, for a moment.
#[tokio::test]
async fn an_empty_bucket_that_seems_full_is_tried_again() {
    let stack = Stack::new();
    stack.up();
    stack
        .proxy
        .configure(&json!({"faults": [{"op": "DeleteBucket", "first": true, "code": "BucketNotEmpty", "status": 409,
            "message": "The bucket you tried to delete is not empty"}]}));
    stack.run(&["down"]).expect(0);
    assert_eq!(stack.leftovers().await, Vec::<String>::new());
}

/// Only the bucket's root user can turn it off: said at once.
#[tokio::test]
async fn mfa_delete_is_told() {
    let stack = Stack::new();
    stack.up();
    put(&stack.aws, &stack.names.bucket(Zone::Analytics), "k").await;
    let message = "Mfa Authentication must be used for this request";
    stack.proxy.configure(&json!({"faults":
        [{"op": "DeleteObjects", "code": "AccessDenied", "message": message, "status": 403}]}));
    let ended = stack.run(DOWN).expect(1);
    assert!(ended.stderr.contains("MFA delete is on"), "{}", ended.stderr);
}

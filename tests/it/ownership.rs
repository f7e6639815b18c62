//! Law 8: what is not ours is refused, and what others added stays.

use crate::support::{REGION, Stack, names};
use aws_sdk_s3::types::{self as s3_types, BucketLocationConstraint, CreateBucketConfiguration, Tag, Tagging};
use cvault::vault::names::Zone;
use serde_json::json;
use std::collections::BTreeSet;

async fn foreign_bucket(stack: &Stack) -> String {
    let bucket = stack.names.bucket(Zone::Vault);
    let place = BucketLocationConstraint::from(crate::support::REGION);
    let configuration = CreateBucketConfiguration::builder().location_constraint(place).build();
    let create = stack.aws.s3.create_bucket().bucket(&bucket).create_bucket_configuration(configuration);
    create.send().await.unwrap();
    let tag = Tag::builder().key("team").value("payments").build().unwrap();
    let tags = Tagging::builder().tag_set(tag).build().unwrap();
    stack.aws.s3.put_bucket_tagging().bucket(&bucket).tagging(tags).send().await.unwrap();
    bucket
}

#[tokio::test]
async fn a_resource_of_others_is_refused_before_anything_is_written() {
    let stack = Stack::new();
    let bucket = foreign_bucket(&stack).await;
    let refused = stack.run(&["up", "--email", "ops@example.com"]).expect(4);
    assert!(refused.stderr.contains(&bucket) && refused.stderr.contains("--adopt"), "{}", refused.stderr);
    assert_eq!(stack.proxy.writes(), Vec::<String>::new());
    assert_eq!(stack.leftovers().await, std::slice::from_ref(&bucket));

    stack.run(&["down"]).expect(0);
    assert_eq!(stack.leftovers().await, std::slice::from_ref(&bucket), "down leaves it alone");

    // One is named; what else is not ours is not taken over with it.
    let role = stack.names.role("trigger");
    let trust = r#"{"Version":"2012-10-17","Statement":[]}"#;
    stack.aws.iam.create_role().role_name(&role).assume_role_policy_document(trust).send().await.unwrap();
    let up = |more: &[&str]| stack.run(&[&["up", "--email", "ops@example.com"], more].concat());
    let both = up(&[]).expect(4).stderr;
    assert!(both.contains("and 1 more") && both.contains("or all with"), "{both}");
    let other = up(&["--adopt", "role/trigger", "--output", "json"]).expect(4);
    let hint = "--email ops@example.com --adopt role/trigger --adopt bucket/vault`";
    assert!((other.stdout + &other.stderr).contains(hint));
    let unknown = up(&["--adopt", "bucket/vualt"]).expect(64).stderr;
    assert!(unknown.contains("did you mean bucket/vault?"), "{unknown}");
    up(&["--adopt", ""]).expect(64);
    assert_eq!(stack.proxy.writes(), Vec::<String>::new());
    up(&["--adopt", "bucket/vault", "--adopt", "role/trigger"]).expect(0);
    stack.run(&["status"]).expect(0);
    let tags = stack.aws.s3.get_bucket_tagging().bucket(&bucket).send().await.unwrap();
    let team = tags.tag_set().iter().find(|tag| tag.key() == "team").map(Tag::value);
    assert_eq!(team, Some("payments"), "the other's tag stays");
}

/// The same of a bucket that this run has made.
#[tokio::test]
async fn a_new_bucket_that_not_everybody_knows_yet_is_waited_for() {
    let stack = Stack::new();
    let (op, bucket) = ("GetPublicAccessBlock", stack.names.bucket(Zone::Vault));
    // The first is asked for before it is made.
    let unknown = json!({"op": op, "resource": bucket, "match": 2, "code": "NoSuchBucket", "status": 404});
    stack.proxy.configure(&json!({"faults": [unknown]}));
    stack.run(&["up", "--email", "ops@example.com"]).expect(0);
    let asked = stack.proxy.log().iter().filter(|call| call["op"] == op && call["fault"] == "rule").count();
    assert_eq!(asked, 1, "it was refused once");
}

/// A bucket that another run has made just now is known to one front end and not to the next (truths S3).
#[tokio::test]
async fn a_bucket_that_not_everybody_knows_yet_is_nobody_elses() {
    let stack = Stack::new();
    stack.up();
    // Each operation is refused the first time; HeadBucket, which has no code, finds the bucket.
    let bucket = stack.names.bucket(Zone::Vault);
    let log = stack.proxy.log();
    let is_setting =
        |op: &&str| op.starts_with("GetBucket") || op.starts_with("GetPublic") || op.starts_with("GetObjectLock");
    let settings: BTreeSet<_> = log.iter().filter_map(|call| call["op"].as_str()).filter(is_setting).collect();
    assert!(settings.len() >= 8, "{settings:?}");
    for command in [&["status"][..], &["up", "--email", "ops@example.com"], &["down"]] {
        let unknown =
            |op: &&str| json!({"op": op, "resource": bucket, "match": 1, "code": "NoSuchBucket", "status": 404});
        stack.proxy.configure(&json!({"faults": settings.iter().map(unknown).collect::<Vec<_>>()}));
        stack.run(command).expect(0);
    }
    assert_eq!(stack.leftovers().await, Vec::<String>::new(), "down has not taken it for somebody else's");
}

#[tokio::test]
async fn a_role_of_others_is_refused_too() {
    let stack = Stack::new();
    let name = stack.names.role("trigger");
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    stack.aws.iam.create_role().role_name(&name).assume_role_policy_document(trust).send().await.unwrap();
    let refused = stack.run(&["up", "--email", "ops@example.com"]).expect(4);
    assert!(refused.stderr.contains("role/trigger"), "{}", refused.stderr);
    assert_eq!(stack.proxy.writes(), Vec::<String>::new());
    stack.aws.iam.delete_role().role_name(&name).send().await.unwrap();
}

#[tokio::test]
async fn what_others_added_stays() {
    others_add_and_it_stays(&Stack::new()).await;
}

/// An operator replicates the vault: that is no drift, `up` leaves it, and so does what repairs the bucket.
#[tokio::test]
async fn a_replication_stays() {
    let stack = Stack::new();
    stack.up();
    let (s3, vault) = (&stack.aws.s3, stack.names.bucket(Zone::Vault));
    let elsewhere = format!("replica-{}", stack.names.id);
    let region = CreateBucketConfiguration::builder().location_constraint(REGION.into()).build();
    s3.create_bucket().bucket(&elsewhere).create_bucket_configuration(region).send().await.unwrap();
    let versioned =
        s3_types::VersioningConfiguration::builder().status(s3_types::BucketVersioningStatus::Enabled).build();
    s3.put_bucket_versioning().bucket(&elsewhere).versioning_configuration(versioned).send().await.unwrap();
    let to = s3_types::Destination::builder().bucket(format!("arn:aws:s3:::{elsewhere}")).build().unwrap();
    let rule = s3_types::ReplicationRule::builder().id("theirs").priority(1).destination(to);
    let rule = rule.filter(s3_types::ReplicationRuleFilter::builder().prefix("").build());
    let off =
        s3_types::DeleteMarkerReplication::builder().status(s3_types::DeleteMarkerReplicationStatus::Disabled).build();
    let rule = rule.delete_marker_replication(off).status(s3_types::ReplicationRuleStatus::Enabled).build().unwrap();
    let replicator = format!("arn:aws:iam::{}:role/replicator", stack.names.account);
    let replication = s3_types::ReplicationConfiguration::builder().role(replicator).rules(rule).build().unwrap();
    s3.put_bucket_replication().bucket(&vault).replication_configuration(replication.clone()).send().await.unwrap();
    stack.run(&["status"]).expect(0);
    s3.delete_bucket_policy().bucket(&vault).send().await.unwrap();
    assert_eq!(stack.drifted(), ["bucket/vault/Policy"]);
    stack.up();
    let found = s3.get_bucket_replication().bucket(&vault).send().await.unwrap();
    assert_eq!(found.replication_configuration, Some(replication));
    stack.run(&["down"]).expect(0);
    s3.delete_bucket().bucket(&elsewhere).send().await.unwrap();
}

/// A target and a subscription, which neither a repair nor `down` trips over.
pub async fn others_add_and_it_stays(stack: &Stack) {
    stack.up();
    let (aws, names_) = (&stack.aws, &stack.names);
    let rule = names_.rule(Zone::Ingress);
    let queue = names_.dead_letters_arn();
    let target = aws_sdk_eventbridge::types::Target::builder().id("theirs").arn(&queue).build().unwrap();
    aws.eventbridge.put_targets().rule(&rule).targets(target).send().await.unwrap();
    aws.sns
        .subscribe()
        .topic_arn(names_.topic_arn())
        .protocol("email")
        .endpoint("theirs@example.com")
        .send()
        .await
        .unwrap();
    aws.eventbridge.disable_rule().name(&rule).send().await.unwrap();

    stack.up();
    let targets = aws.eventbridge.list_targets_by_rule().rule(&rule).send().await.unwrap();
    assert_eq!(targets.targets().len(), 2);
    let status = stack.status();
    assert!(names(&status["resources"]).contains(&"subscription/theirs@example.com"));
    stack.run(&["down"]).expect(0);
    assert_eq!(stack.leftovers().await, Vec::<String>::new());
}

//! Law 8: what is not ours is refused, and what others added stays.

use crate::support::{Stack, names};
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration, Tag, Tagging};
use cvault::names::Zone;
use futures::StreamExt;

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

    stack.run(&["up", "--email", "ops@example.com", "--adopt"]).expect(0);
    stack.run(&["status"]).expect(0);
    let tags = stack.aws.s3.get_bucket_tagging().bucket(&bucket).send().await.unwrap();
    let team = tags.tag_set().iter().find(|tag| tag.key() == "team").map(Tag::value);
    assert_eq!(team, Some("payments"), "the other's tag stays");
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
    let stack = Stack::new();
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

#[tokio::test]
async fn data_is_never_removed_unasked() {
    let stack = Stack::new();
    stack.up();
    let bucket = stack.names.bucket(Zone::Analytics);
    let s3 = &stack.aws.s3;
    for key in ["plain", "a b+c%d", "ключ/\"x\"", "line\nbreak", "tab\t"] {
        for body in ["1", "2"] {
            s3.put_object().bucket(&bucket).key(key).body(body.as_bytes().to_vec().into()).send().await.unwrap();
        }
        s3.delete_object().bucket(&bucket).key(key).send().await.unwrap();
    }
    s3.create_multipart_upload().bucket(&bucket).key("unfinished").send().await.unwrap();
    stack.proxy.forget();
    let refused = stack.run(&["down"]).expect(4);
    assert!(refused.stderr.contains("15 versions") && refused.stderr.contains("--delete-data"), "{}", refused.stderr);
    assert_eq!(stack.proxy.writes(), Vec::<String>::new());
    stack.run(&["down", "--dry-run"]).expect(2);
    assert_eq!(stack.proxy.writes(), Vec::<String>::new());
    stack.run(&["down", "--delete-data"]).expect(0);
    assert_eq!(stack.leftovers().await, Vec::<String>::new());
}

#[tokio::test]
async fn more_than_a_page_is_emptied() {
    let stack = Stack::behind(&["--truths", "all"]);
    stack.up();
    let bucket = stack.names.bucket(Zone::Analytics);
    let puts = (0..1100).map(|n| {
        let put = stack.aws.s3.put_object().bucket(&bucket).key(format!("{}", n % 300));
        put.body(b"x".to_vec().into()).send()
    });
    let done =
        futures::stream::iter(puts).buffer_unordered(16).filter(|put| std::future::ready(put.is_ok())).count().await;
    assert_eq!(done, 1100);
    stack.run(&["down", "--delete-data"]).expect(0);
    assert_eq!(stack.leftovers().await, Vec::<String>::new());
}

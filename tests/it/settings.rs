//! The vault bucket's settings are the deployers' where the configuration names them, whatever IAM grants
//! others. With the emulator that enforces policies.

use crate::enforced::{Person, code};
use crate::support::{Ended, Stack};
use aws_sdk_s3::Client;
use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, BucketVersioningStatus, ExpirationStatus, LifecycleExpiration, LifecycleRule,
    LifecycleRuleFilter, PublicAccessBlockConfiguration, VersioningConfiguration,
};
use cvault::vault::names::Zone;

const EVERYTHING: &str =
    r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;

/// Runs `cvault` as a person, with this configuration of the vault.
fn run(stack: &mut Stack, person: &Person, vault: &str, arguments: &[&str]) -> Ended {
    let config = std::env::temp_dir().join(format!("cvault-settings-{}.toml", stack.names.id));
    std::fs::write(&config, format!("emails = ['ops@example.com']\n[vault]\n{vault}\n")).unwrap();
    stack.deployer = Some(person.key.clone());
    let ended = stack.run(&[arguments, &["--config", config.to_str().unwrap()]].concat());
    std::fs::remove_file(&config).unwrap();
    ended
}

/// Each way to take away what is in the bucket, or what protects it.
async fn weaken(s3: &Client, bucket: &str) -> Vec<(&'static str, String)> {
    let rule = LifecycleRule::builder().id("all").status(ExpirationStatus::Enabled);
    let rule = rule.filter(LifecycleRuleFilter::builder().prefix("").build());
    let rule = rule.expiration(LifecycleExpiration::builder().days(1).build()).build().unwrap();
    let lifecycle = BucketLifecycleConfiguration::builder().rules(rule).build().unwrap();
    let lifecycle = s3.put_bucket_lifecycle_configuration().bucket(bucket).lifecycle_configuration(lifecycle);
    let suspended = VersioningConfiguration::builder().status(BucketVersioningStatus::Suspended).build();
    let versioning = s3.put_bucket_versioning().bucket(bucket).versioning_configuration(suspended);
    let open = PublicAccessBlockConfiguration::builder().block_public_policy(false).build();
    let public = s3.put_public_access_block().bucket(bucket).public_access_block_configuration(open);
    let nobody = r#"{"Version": "2012-10-17", "Statement": []}"#;
    vec![
        ("PutBucketLifecycleConfiguration", code(lifecycle.send().await)),
        ("PutBucketVersioning", code(versioning.send().await)),
        ("PutPublicAccessBlock", code(public.send().await)),
        ("PutBucketPolicy", code(s3.put_bucket_policy().bucket(bucket).policy(nobody).send().await)),
        ("DeleteBucketPolicy", code(s3.delete_bucket_policy().bucket(bucket).send().await)),
        ("DeleteBucket", code(s3.delete_bucket().bucket(bucket).send().await)),
    ]
}

#[tokio::test]
async fn only_deployers_change_the_vault_s_settings() {
    let mut stack = Stack::enforced();
    let [deployer, administrator] =
        [Person::new(&stack, "deploy", EVERYTHING).await, Person::new(&stack, "administrator", EVERYTHING).await];
    let bucket = stack.names.bucket(Zone::Vault);
    let deployers = format!(
        "deployers = ['arn:aws:iam::{}:user/deploy-{}', 'arn:aws:iam::*:role/deploy']",
        stack.names.account, stack.names.id
    );

    let refused = run(&mut stack, &administrator, &deployers, &["up"]).expect(4);
    assert!(refused.stderr.contains("lock itself out"), "{}", refused.stderr);
    run(&mut stack, &administrator, &deployers, &["up", "--dry-run"]).expect(4);
    assert_eq!(stack.proxy.writes(), Vec::<String>::new());
    run(&mut stack, &deployer, &deployers, &["up"]).expect(0);
    run(&mut stack, &deployer, &deployers, &["status"]).expect(0);

    let calls = weaken(&administrator.s3, &bucket).await;
    assert!(calls.iter().all(|(_, code)| code == "AccessDenied"), "{calls:?}");
    run(&mut stack, &administrator, &deployers, &["status"]).expect(0);
    let ingress = stack.names.bucket(Zone::Ingress);
    let calls = weaken(&administrator.s3, &ingress).await;
    assert!(calls.iter().all(|(_, code)| code.is_empty()), "the others are left to IAM: {calls:?}");

    // A setting that changes, deployers that change, and the way down are the deployer's.
    run(&mut stack, &deployer, &format!("{deployers}\n[buckets]\nnoncurrent_days = 7"), &["up"]).expect(0);
    run(&mut stack, &administrator, "", &["up"]).expect(1);
    run(&mut stack, &deployer, "", &["up"]).expect(0);
    run(&mut stack, &administrator, "", &["status"]).expect(0);
    let calls = weaken(&administrator.s3, &bucket).await;
    assert!(calls.iter().all(|(_, code)| code.is_empty()), "without deployers IAM decides: {calls:?}");
}

//! Rights that are missing, by the emulator that asks IAM: a file is stopped, and the link that stops it is named.
//!
//! That emulator takes a role's session for another than the role ([`name_sessions`]), so that the buckets' policies name
//! sessions here and differ from what was declared: `verify` says so each time, and ends with 1.

use super::{canaries, left, verify};
use crate::enforced::{name_sessions, up};
use crate::support::Stack;
use cvault::vault::names::Zone;
use serde_json::{Value, json};

/// What is done to a vault.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// The classifier's policy does not allow this.
    RoleWithout(&'static str),
    /// The vault takes nothing.
    VaultCloses,
    /// Nobody may tell anything.
    TopicCloses,
}

/// The policy of the classifier's role.
async fn role_policy(stack: &Stack) -> String {
    let get = stack.aws.iam.get_role_policy().role_name(stack.names.role("classifier")).policy_name("cvault");
    let text = get.send().await.unwrap().policy_document;
    percent_encoding::percent_decode_str(&text).decode_utf8().unwrap().into_owned()
}

async fn put_role_policy(stack: &Stack, policy: &str) {
    let put = stack.aws.iam.put_role_policy().role_name(stack.names.role("classifier")).policy_name("cvault");
    put.policy_document(policy).send().await.unwrap();
}

/// The policy without the statements that allow anything that begins so.
fn without(policy: &str, action: &str) -> String {
    let mut policy: Value = serde_json::from_str(policy).unwrap();
    let statements = policy["Statement"].as_array_mut().unwrap();
    let before = statements.len();
    statements.retain(|statement| !statement["Action"].to_string().contains(action));
    assert!(statements.len() < before, "{action}");
    policy.to_string()
}

/// A policy by which nobody may do these.
fn closed(actions: &str, resource: &str) -> String {
    let deny = json!({"Sid": "Closed", "Effect": "Deny", "Principal": "*", "Action": actions, "Resource": resource});
    json!({"Version": "2012-10-17", "Statement": [deny]}).to_string()
}

/// Plants it, and gives what takes it away again: the policy that was there.
async fn plant(stack: &Stack, fault: Fault) -> String {
    let (aws, names) = (&stack.aws, &stack.names);
    match fault {
        Fault::RoleWithout(action) => {
            let before = role_policy(stack).await;
            put_role_policy(stack, &without(&before, action)).await;
            before
        }
        Fault::VaultCloses => {
            let bucket = names.bucket(Zone::Vault);
            let before = aws.s3.get_bucket_policy().bucket(&bucket).send().await.unwrap().policy.unwrap();
            let policy = closed("s3:PutObject", &format!("{}/*", names.bucket_arn(Zone::Vault)));
            aws.s3.put_bucket_policy().bucket(bucket).policy(policy).send().await.unwrap();
            before
        }
        Fault::TopicCloses => {
            let found = aws.sns.get_topic_attributes().topic_arn(names.topic_arn()).send().await.unwrap();
            set_topic_policy(stack, &closed("sns:Publish", &names.topic_arn())).await;
            found.attributes.unwrap().remove("Policy").unwrap()
        }
    }
}

async fn take_away(stack: &Stack, fault: Fault, before: &str) {
    match fault {
        Fault::RoleWithout(_) => put_role_policy(stack, before).await,
        Fault::VaultCloses => {
            let put = stack.aws.s3.put_bucket_policy().bucket(stack.names.bucket(Zone::Vault)).policy(before);
            put.send().await.unwrap();
        }
        Fault::TopicCloses => set_topic_policy(stack, before).await,
    }
}

async fn set_topic_policy(stack: &Stack, policy: &str) {
    let set = stack.aws.sns.set_topic_attributes().topic_arn(stack.names.topic_arn()).attribute_name("Policy");
    set.attribute_value(policy).send().await.unwrap();
}

#[tokio::test]
async fn what_may_not_be_done_is_named() {
    let stack = Stack::enforced();
    up(&stack, "releaser");
    for zone in [Zone::Analytics, Zone::Vault] {
        name_sessions(&stack, zone).await;
    }
    stack.watch_function().await;
    let all = ["clean", "sensitive", "broken"].as_slice();
    let faults = [
        (Fault::RoleWithout("s3:PutObject"), "role/classifier", all),
        (Fault::RoleWithout("s3:DeleteObjectVersion"), "role/classifier", all),
        (Fault::VaultCloses, "bucket/vault", &["clean"]),
        (Fault::TopicCloses, "topic", &["sensitive", "broken"]),
    ];
    for (fault, link, stops) in faults {
        let before = plant(&stack, fault).await;
        let lines = verify(&stack, 1);
        let stopped: Vec<_> = canaries(&lines).into_iter().filter(|row| row["state"] == "bad").collect();
        let outcomes: Vec<_> = stopped.iter().map(|row| row["outcome"].as_str().unwrap()).collect();
        assert_eq!(outcomes, stops, "{fault:?}: {lines:#?}");
        assert!(stopped.iter().all(|row| row["link"] == link), "{fault:?}: {stopped:#?}");
        take_away(&stack, fault, &before).await;
        assert_eq!(left(&stack).await, Vec::<String>::new(), "{fault:?}");
    }
    let lines = verify(&stack, 1);
    assert!(canaries(&lines).iter().all(|row| row["state"] == "good"), "{lines:#?}");
    // What this configuration does not declare is there, and says so.
    let says = |line: &Value| line["says"].as_str().unwrap_or_default().to_owned();
    let checks: Vec<_> = lines.iter().filter(|line| line["type"] == "check").map(says).collect();
    assert!(checks.iter().any(|says| says == "is there, and not declared"), "{checks:#?}");
    assert!(checks.iter().all(|says| !says.ends_with(": ")), "{checks:#?}");
}

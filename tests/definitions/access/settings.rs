//! Who may change the vault bucket's settings, where the configuration names deployers: an object that nobody may
//! delete is gone all the same once a lifecycle expires it, and a policy that anybody replaces denies nothing.

use super::actions::{BUCKET_ACTIONS, OBJECT_ACTIONS};
use super::{administrator, identity, policy, role, root, service};
use crate::simulator::{Caller, Request};
use crate::stack::{ACCOUNT, OTHER_ACCOUNT, Stack};
use cvault::vault::definitions as definition;
use cvault::vault::names::Zone;

/// What takes objects, or what protects them, away from the bucket as a whole.
const WEAKENS: [&str; 14] = [
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:PutAccelerateConfiguration",
    "s3:PutBucketAcl",
    "s3:PutBucketNotification",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketTagging",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutReplicationConfiguration",
];

/// Whom the settings are left to: the deployers, and the account's root, so that nobody is locked out for good.
fn deployers(stack: &Stack) -> [Caller; 3] {
    [identity(stack, ACCOUNT, "role/deploy"), identity(stack, ACCOUNT, "role/ci/deploy-eu"), root(stack, ACCOUNT)]
}

fn others(stack: &Stack) -> Vec<Caller> {
    let near = ["role/deploy2", "role/team/deploy", "user/deploy", "role/analyst"];
    let near = near.map(|name| identity(stack, ACCOUNT, name)).into_iter().chain([identity(
        stack,
        OTHER_ACCOUNT,
        "role/deploy",
    )]);
    let roles = ["classifier", "orchestrator", "trigger"].map(|name| role(stack, name));
    let rest = [administrator(stack), root(stack, OTHER_ACCOUNT), service("s3.amazonaws.com"), Caller::Anonymous];
    near.chain(roles).chain(rest).collect()
}

fn denied(stack: &Stack, caller: &Caller, action: &str, resource: &str) -> bool {
    let settings = policy(stack, definition::BUCKET_VAULT_SETTINGS);
    settings.denies(&Request::new(caller.clone(), action, resource))
}

#[test]
fn only_deployers_and_the_root_change_the_settings() {
    for stack in Stack::all() {
        let bucket = stack.names.bucket_arn(Zone::Vault);
        let writes = BUCKET_ACTIONS.into_iter().filter(|action| !action.contains(":Get") && !action.contains(":List"));
        // And what S3 will be able to do one day.
        for action in writes.chain(WEAKENS).chain(["s3:PutBucketWhatever"]) {
            assert!(deployers(&stack).iter().all(|caller| !denied(&stack, caller, action, &bucket)), "{action}");
            for caller in others(&stack) {
                assert!(denied(&stack, &caller, action, &bucket), "{action} to {caller:?}");
            }
        }
    }
}

/// What only looks is left to IAM, and so are objects and the other buckets.
#[test]
fn nothing_else_is_denied() {
    for stack in Stack::all() {
        let bucket = stack.names.bucket_arn(Zone::Vault);
        let reads = BUCKET_ACTIONS.into_iter().filter(|action| action.contains(":Get") || action.contains(":List"));
        for caller in others(&stack) {
            for action in reads.clone() {
                assert!(!denied(&stack, &caller, action, &bucket), "{action} to {caller:?}");
            }
            for action in OBJECT_ACTIONS {
                assert!(!denied(&stack, &caller, action, &stack.object(Zone::Vault)), "{action} to {caller:?}");
            }
            let ingress = stack.names.bucket_arn(Zone::Ingress);
            assert!(WEAKENS.iter().all(|action| !denied(&stack, &caller, action, &ingress)));
        }
    }
}

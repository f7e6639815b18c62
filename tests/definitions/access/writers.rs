//! Who may put objects into ingress besides, and what the key lets them do.

use super::actions::{BUCKET_ACTIONS, OBJECT_ACTIONS};
use super::{administrator, identity, policy, root, service, through};
use crate::simulator::{Caller, Request};
use crate::stack::{ACCOUNT, OTHER_ACCOUNT, PARTNER, Stack};
use cvault::vault::definitions as definition;
use cvault::vault::names::Zone;

const PUTS: [&str; 4] =
    ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject", "s3:PutObjectTagging"];
const CONTEXT: &str = "kms:EncryptionContext:aws:s3:arn";

fn writers(stack: &Stack) -> [Caller; 2] {
    [identity(stack, PARTNER, "role/partner"), identity(stack, ACCOUNT, "role/batch-1")]
}

fn others(stack: &Stack) -> Vec<Caller> {
    let near = [
        identity(stack, PARTNER, "role/partner2"),
        identity(stack, PARTNER, "user/partner"),
        identity(stack, ACCOUNT, "role/partner"),
        identity(stack, OTHER_ACCOUNT, "role/batch-1"),
        root(stack, PARTNER),
    ];
    let rest = [administrator(stack), service("s3.amazonaws.com"), Caller::Anonymous];
    near.into_iter().chain(rest).collect()
}

/// With rights of their own, which another account has to give; and so has nobody else by this policy.
#[test]
fn writers_put_objects_into_ingress_and_do_nothing_else() {
    for stack in Stack::all() {
        let bucket = policy(&stack, definition::BUCKET_INGRESS_WRITERS);
        let delegates = |caller: &Caller, action: &str, resource: &str| {
            bucket.delegates(&Request::new(caller.clone(), action, resource))
        };
        let [ingress, vault] = [Zone::Ingress, Zone::Vault].map(|zone| stack.object(zone));
        for caller in writers(&stack) {
            for action in OBJECT_ACTIONS {
                assert_eq!(delegates(&caller, action, &ingress), PUTS.contains(&action), "{action} to {caller:?}");
                assert!(!delegates(&caller, action, &vault), "{action} to {caller:?}");
            }
            for action in BUCKET_ACTIONS {
                assert!(!delegates(&caller, action, &stack.names.bucket_arn(Zone::Ingress)), "{action} to {caller:?}");
            }
        }
        for caller in others(&stack) {
            assert!(PUTS.iter().all(|action| !delegates(&caller, action, &ingress)), "{caller:?}");
        }
    }
}

/// Only through S3, and only for what lies in ingress.
#[test]
fn writers_encrypt_what_they_put_there() {
    for stack in Stack::all() {
        let key = policy(&stack, definition::KEY_WRITERS);
        let [ingress, vault] = [Zone::Ingress, Zone::Vault].map(|zone| stack.names.bucket_arn(zone));
        let uses = |caller: &Caller, action: &str, via: &str, context: &str| {
            let request = through(&stack, caller.clone(), action, via).with(CONTEXT, context);
            key.delegates(&request)
        };
        for caller in writers(&stack) {
            for action in ["kms:Decrypt", "kms:GenerateDataKey"] {
                assert!(uses(&caller, action, "s3", &ingress), "{action} to {caller:?}");
                assert!(uses(&caller, action, "s3", &format!("{ingress}/a.csv")), "{action} to {caller:?}");
                assert!(!uses(&caller, action, "s3", &vault), "{action} to {caller:?}");
                assert!(!uses(&caller, action, "sns", &ingress), "{action} to {caller:?}");
            }
            for action in ["kms:Encrypt", "kms:CreateGrant", "kms:ScheduleKeyDeletion", "kms:PutKeyPolicy"] {
                assert!(!uses(&caller, action, "s3", &ingress), "{action} to {caller:?}");
            }
        }
        for caller in others(&stack) {
            assert!(!uses(&caller, "kms:GenerateDataKey", "s3", &ingress), "{caller:?}");
        }
    }
}

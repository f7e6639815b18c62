//! Who alone may read what is held, where the configuration says so.

use super::actions::{BUCKET_ACTIONS, OBJECT_ACTIONS};
use super::{administrator, identity, policy, role, root, service};
use crate::simulator::{Caller, Request};
use crate::stack::{ACCOUNT, OTHER_ACCOUNT, Stack};
use classifier::copies;
use cvault::vault::definitions as definition;
use cvault::vault::names::Zone;

/// What gives the bytes of an object.
const READS: [&str; 3] = ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectVersionForReplication"];

/// The classifier and Macie judge it, releasers copy it, and the readers look.
fn readers(stack: &Stack) -> [Caller; 4] {
    let macie = Caller::Aws(stack.names.macie_role_arn());
    [
        role(stack, "classifier"),
        macie,
        identity(stack, ACCOUNT, "role/analyst"),
        identity(stack, ACCOUNT, "role/auditor-eu"),
    ]
}

fn others(stack: &Stack) -> Vec<Caller> {
    let near = [
        identity(stack, ACCOUNT, "role/auditor"),
        identity(stack, ACCOUNT, "user/auditor-eu"),
        identity(stack, OTHER_ACCOUNT, "role/auditor-eu"),
        role(stack, "orchestrator"),
        root(stack, ACCOUNT),
    ];
    let rest = [administrator(stack), service("s3.amazonaws.com"), Caller::Anonymous];
    near.into_iter().chain(rest).collect()
}

#[test]
fn only_readers_read_what_is_held() {
    for stack in Stack::all() {
        let bucket = policy(&stack, definition::BUCKET_ANALYTICS_READERS);
        let denied = |caller: &Caller, action: &str, resource: &str| {
            bucket.denies(&Request::new(caller.clone(), action, resource))
        };
        let held = stack.object(Zone::Analytics);
        for action in OBJECT_ACTIONS {
            assert!(readers(&stack).iter().all(|caller| !denied(caller, action, &held)), "{action}");
            for caller in others(&stack) {
                assert_eq!(denied(&caller, action, &held), READS.contains(&action), "{action} to {caller:?}");
            }
        }
        // What `verify` has sent it reads itself; and lists and settings are left to IAM.
        let listed = stack.names.bucket_arn(Zone::Analytics);
        for caller in others(&stack) {
            for canary in &contract::canary::ALL {
                let copy = format!("{listed}/{}", copy_of(canary.key()));
                assert!(READS.iter().all(|action| !denied(&caller, action, &copy)), "{copy} to {caller:?}");
            }
            assert!(BUCKET_ACTIONS.iter().all(|action| !denied(&caller, action, &listed)), "{caller:?}");
        }
    }
}

fn copy_of(key: &str) -> String {
    copies::analytics_key(&copies::copy_id("b", key, "v"), key)
}

/// A sender chooses the key, so no key that only looks like one of `verify` may open what is held.
#[test]
fn what_only_looks_like_a_canary_is_closed() {
    let near = [
        "x/.cvault/verify/s.csv",
        "x/.cvault/verify/sensitive.csv",
        "0123456789abcdef01234567/.cvault/verify/sensitive.csv",
        ".cvault/verify/s.csv",
        ".cvault/verify/x/sensitive.csv",
        ".cvault/verify/sensitive.csv/x",
        ".cvault/verify/sensitive.csv.gz",
        ".cvault/verify/",
        "/.cvault/verify/sensitive.csv",
        ".cvault/Verify/sensitive.csv",
    ];
    // Nothing is stored there, and nothing is given away if it ever were.
    let elsewhere = [".cvault/verify/sensitive.csv", "0a1b/.cvault/verify/sensitive.csv"].map(str::to_owned);
    for stack in Stack::all() {
        let bucket = policy(&stack, definition::BUCKET_ANALYTICS_READERS);
        for key in near.map(copy_of).into_iter().chain(elsewhere.clone()) {
            let held = format!("{}/{key}", stack.names.bucket_arn(Zone::Analytics));
            for caller in others(&stack) {
                for action in READS {
                    assert!(
                        bucket.denies(&Request::new(caller.clone(), action, &held)),
                        "{action} on {held} to {caller:?}"
                    );
                }
            }
        }
    }
}

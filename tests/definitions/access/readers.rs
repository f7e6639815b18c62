//! Who alone may read what is held: without a word of the configuration nobody but who judges it.

use super::actions::{BUCKET_ACTIONS, OBJECT_ACTIONS};
use super::{administrator, identity, policy, role, root, service};
use crate::simulator::{Caller, Policy, Request};
use crate::stack::{ACCOUNT, OTHER_ACCOUNT, Stack};
use classifier::copies;
use cvault::vault::definitions as definition;
use cvault::vault::names::Zone;

/// What gives the bytes of an object.
pub const READS: [&str; 3] = ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectVersionForReplication"];

/// What is denied to everybody there.
const NOBODYS: [&str; 4] =
    ["s3:PutObjectAnnotation", "s3:PutObjectVersionAnnotation", "s3:ReplicateObjectAnnotation", "s3:ReplicateTags"];

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
        let bucket = policy(&stack, definition::BUCKET_ANALYTICS);
        let denied = |caller: &Caller, action: &str, resource: &str| {
            bucket.denies(&Request::new(caller.clone(), action, resource))
        };
        let held = stack.object(Zone::Analytics);
        for action in OBJECT_ACTIONS.into_iter().filter(|action| !NOBODYS.contains(action)) {
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

/// Where neither readers nor releasers are declared the list has who judges it alone.
#[test]
fn without_readers_only_those_who_judge_read() {
    let stack = Stack::new("aws", "eu-west-1", "x");
    let mut document = stack.filled(definition::BUCKET_ANALYTICS);
    let statements = document["Statement"].as_array_mut().unwrap();
    let reads = statements.iter_mut().find(|it| it["Sid"] == "DenyReadsByOthers").unwrap();
    reads["Condition"]["ArnNotLike"]["aws:PrincipalArn"].as_array_mut().unwrap().truncate(2);
    let (bucket, held) = (Policy::of(&document), stack.object(Zone::Analytics));
    let [classifier, macie, releaser, reader] = readers(&stack);
    for action in READS {
        let denied = |caller: &Caller| bucket.denies(&Request::new(caller.clone(), action, &held));
        assert!(!denied(&classifier) && !denied(&macie), "{action}");
        assert!([releaser.clone(), reader.clone()].iter().chain(&others(&stack)).all(denied), "{action}");
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
        let bucket = policy(&stack, definition::BUCKET_ANALYTICS);
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

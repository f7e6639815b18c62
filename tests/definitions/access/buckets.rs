//! What the buckets' policies deny, whatever the caller's own policies allow.

use super::actions::{BUCKET_ACTIONS, OBJECT_ACTIONS};
use super::readers::READS;
use super::{administrator, identity, policy, role, root, service};
use crate::simulator::{Caller, Policy, Request};
use crate::stack::{ACCOUNT, LEGAL_HOLDERS, OTHER_ACCOUNT, Stack};
use cvault::vault::definitions::{self as definition, Definition};
use cvault::vault::names::Zone;

const BUCKETS: [(Zone, Definition); 3] = [
    (Zone::Ingress, definition::BUCKET_INGRESS),
    (Zone::Analytics, definition::BUCKET_ANALYTICS),
    (Zone::Vault, definition::BUCKET_VAULT),
];
/// Everything that takes a version, or the sight of it, away.
const DELETES: [&str; 3] = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ReplicateDelete"];
/// Everything that makes an object, or changes what is said of it.
const WRITES: [&str; 19] = [
    "s3:BypassGovernanceRetention",
    "s3:DeleteObjectAnnotation",
    "s3:DeleteObjectTagging",
    "s3:DeleteObjectVersionAnnotation",
    "s3:DeleteObjectVersionTagging",
    "s3:ObjectOwnerOverrideToBucketOwner",
    "s3:PutObject",
    "s3:PutObjectAcl",
    "s3:PutObjectAnnotation",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
    "s3:PutObjectTagging",
    "s3:PutObjectVersionAcl",
    "s3:PutObjectVersionAnnotation",
    "s3:PutObjectVersionTagging",
    "s3:ReplicateObject",
    "s3:ReplicateObjectAnnotation",
    "s3:ReplicateTags",
    "s3:UpdateObjectEncryption",
];

/// Everything that puts something beside an object's bytes that no reader of files ever sees.
const ANNOTATES: [&str; 3] =
    ["s3:PutObjectAnnotation", "s3:PutObjectVersionAnnotation", "s3:ReplicateObjectAnnotation"];
/// What brings tags along from another bucket; S3 does not say which.
const REPLICATES_TAGS: &str = "s3:ReplicateTags";

/// The keys of the tags that a request sends.
const TAG_KEYS: &str = "s3:RequestObjectTagKeys";

/// All who might ask.
fn everybody(stack: &Stack) -> Vec<Caller> {
    vec![
        role(stack, "classifier"),
        role(stack, "orchestrator"),
        role(stack, "trigger"),
        administrator(stack),
        root(stack, ACCOUNT),
        root(stack, OTHER_ACCOUNT),
        service("s3.amazonaws.com"),
        Caller::Anonymous,
    ]
    .into_iter()
    .chain(releasers(stack))
    .collect()
}

/// One by name, one by wildcard.
fn releasers(stack: &Stack) -> [Caller; 2] {
    let of = |name| identity(stack, ACCOUNT, name);
    [of("role/analyst"), of("role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_release_0a1b")]
}

/// Who is near to being a releaser, and is none.
fn near_releasers(stack: &Stack) -> [Caller; 6] {
    let of = |account, name| identity(stack, account, name);
    [
        of(ACCOUNT, "role/analyst2"),
        of(ACCOUNT, "role/team/analyst"),
        of(ACCOUNT, "user/analyst"),
        of(OTHER_ACCOUNT, "role/analyst"),
        of(OTHER_ACCOUNT, "role/cyber_vault-classifier-x"),
        of(ACCOUNT, "role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_read_0a1b"),
    ]
}

fn denied(bucket: &Policy, caller: &Caller, action: &str, resource: &str) -> bool {
    bucket.denies(&Request::new(caller.clone(), action, resource))
}

#[test]
fn plain_http_is_denied_to_everybody() {
    for stack in Stack::all() {
        for (zone, definition) in BUCKETS {
            let bucket = policy(&stack, definition);
            let objects = OBJECT_ACTIONS.map(|action| (action, stack.object(zone)));
            let all = objects.into_iter().chain(BUCKET_ACTIONS.map(|action| (action, stack.names.bucket_arn(zone))));
            for (action, resource) in all {
                for caller in everybody(&stack) {
                    let request = Request::new(caller, action, &resource).with("aws:SecureTransport", "false");
                    assert!(bucket.denies(&request), "{request:?}");
                }
            }
        }
    }
}

/// The tags that say how an object was judged are the classifier's: in ingress nobody's, since a file
/// that comes with them claims what nobody has found.
#[test]
fn only_the_classifier_writes_result_tags() {
    for stack in Stack::all() {
        let ask = |zone, definition: Definition, caller: &Caller, action: &str, key: &str, value: &str| {
            let request = Request::new(caller.clone(), action, &stack.object(zone)).with(key, value);
            policy(&stack, definition).denies(&request)
        };
        let [ingress, analytics, _] = BUCKETS;
        for caller in everybody(&stack) {
            let is_classifier = format!("{caller:?}") == format!("{:?}", role(&stack, "classifier"));
            for action in ["s3:PutObject", "s3:PutObjectTagging", "s3:PutObjectVersionTagging"] {
                let writes = |(zone, definition), tag| ask(zone, definition, &caller, action, TAG_KEYS, tag);
                assert!(writes(ingress, "cvault:status"), "{action} to {caller:?}");
                assert!(!writes(ingress, "team"), "{action} to {caller:?}");
                assert_eq!(writes(analytics, "cvault:execution"), !is_classifier, "{action} to {caller:?}");
                assert!(!writes(analytics, "team"), "{action} to {caller:?}");
            }
            for action in OBJECT_ACTIONS.into_iter().filter(|action| action.ends_with("Tagging")) {
                let changes = ask(
                    analytics.0,
                    analytics.1,
                    &caller,
                    action,
                    "s3:ExistingObjectTag/cvault:status",
                    "HAS_FINDINGS",
                );
                assert_eq!(changes, !is_classifier && !action.contains(":Get"), "{action} to {caller:?}");
            }
        }
    }
}

/// An annotation would go to the vault without anybody having looked at it: nobody writes one where files are
/// judged, not even the classifier. Nor does anything bring tags there from elsewhere: of a replication S3 does not say which,
/// so that a condition on them would never hold.
#[test]
fn nobody_puts_anything_beside_the_bytes() {
    for stack in Stack::all() {
        let [ingress, analytics, _] = BUCKETS;
        for caller in everybody(&stack) {
            for (zone, definition) in [ingress, analytics] {
                let bucket = policy(&stack, definition);
                for action in ANNOTATES.into_iter().chain([REPLICATES_TAGS]) {
                    assert!(denied(&bucket, &caller, action, &stack.object(zone)), "{action} to {caller:?}");
                }
            }
        }
    }
}

/// Over TLS and without those tags ingress denies nothing else, and analytics only what [`super::readers`] is about;
/// nobody gets a right by any of the policies.
#[test]
fn nothing_else_is_denied_outside_the_vault() {
    for stack in Stack::all() {
        for (zone, definition) in BUCKETS {
            let bucket = policy(&stack, definition);
            for caller in everybody(&stack) {
                for action in OBJECT_ACTIONS {
                    let request = Request::new(caller.clone(), action, &stack.object(zone));
                    assert!(!bucket.admits(&request, false), "{request:?}");
                    let beside = ANNOTATES.contains(&action) || action == REPLICATES_TAGS;
                    let elsewhere = zone == Zone::Vault || zone == Zone::Analytics && READS.contains(&action);
                    assert!(elsewhere || bucket.denies(&request) == beside, "{request:?}");
                }
            }
        }
    }
}

#[test]
fn nobody_deletes_in_the_vault() {
    for stack in Stack::all() {
        let bucket = policy(&stack, definition::BUCKET_VAULT);
        for caller in everybody(&stack).iter().chain(&near_releasers(&stack)) {
            for action in DELETES {
                assert!(denied(&bucket, caller, action, &stack.object(Zone::Vault)), "{action} to {caller:?}");
            }
        }
    }
}

/// What `cvault verify` has stored may be taken away again, by version, by whoever has the right in the account; and
/// nothing that only looks like it, and by nothing else than that call.
#[test]
fn of_canaries_alone_the_vault_lets_go() {
    for stack in Stack::all() {
        let bucket = policy(&stack, definition::BUCKET_VAULT);
        let at = |key: &str| format!("{}/{key}", stack.names.bucket_arn(Zone::Vault));
        let deletes = |caller: &Caller, action: &str, key: &str| {
            bucket.admits(&Request::new(caller.clone(), action, &at(key)), true)
        };
        let canary = contract::canary::ALL[0].key();
        for caller in everybody(&stack).iter().chain(&near_releasers(&stack)) {
            assert!(deletes(caller, "s3:DeleteObjectVersion", canary), "{caller:?}");
            assert!(!bucket.admits(&Request::new(caller.clone(), "s3:DeleteObjectVersion", &at(canary)), false));
            for action in ["s3:DeleteObject", "s3:ReplicateDelete"] {
                assert!(!deletes(caller, action, canary), "{action} to {caller:?}");
            }
            for near in [
                "cvault/verify/a",
                ".cvault/verify",
                "a/.cvault/verify/a",
                "/.cvault/verify/a",
                ".cvault/a",
                ".CVAULT/verify/a",
                "a",
            ] {
                assert!(!deletes(caller, "s3:DeleteObjectVersion", near), "{near} to {caller:?}");
            }
        }
    }
}

/// While it is emptied: nothing gets in, everything gets out.
#[test]
fn a_closed_bucket_takes_nothing() {
    for stack in Stack::all() {
        let bucket = policy(&stack, definition::BUCKET_CLOSED);
        let object = stack.object(Zone::Ingress);
        for caller in everybody(&stack) {
            assert!(denied(&bucket, &caller, "s3:PutObject", &object), "{caller:?}");
            let plain = Request::new(caller, "s3:GetObject", &object).with("aws:SecureTransport", "false");
            assert!(bucket.denies(&plain));
        }
        let others =
            OBJECT_ACTIONS.into_iter().filter(|action| !["s3:PutObject", "s3:ReplicateObject"].contains(action));
        for action in others {
            assert!(!denied(&bucket, &administrator(&stack), action, &object), "{action}");
        }
        for action in BUCKET_ACTIONS {
            assert!(
                !denied(&bucket, &administrator(&stack), action, &stack.names.bucket_arn(Zone::Ingress)),
                "{action}"
            );
        }
    }
}

/// What S3 will be able to do one day, too: the statement names what it is not about.
#[test]
fn only_the_classifier_and_releasers_write_to_the_vault() {
    for stack in Stack::all() {
        let bucket = policy(&stack, definition::BUCKET_VAULT);
        let object = stack.object(Zone::Vault);
        let writers: Vec<_> = releasers(&stack).into_iter().chain([role(&stack, "classifier")]).collect();
        let is_writer = |caller: &Caller| writers.iter().any(|writer| format!("{writer:?}") == format!("{caller:?}"));
        for caller in everybody(&stack).iter().chain(&near_releasers(&stack)) {
            for action in WRITES.into_iter().chain(["s3:WhateverObject"]) {
                assert_eq!(denied(&bucket, caller, action, &object), !is_writer(caller), "{action} to {caller:?}");
            }
        }
    }
}

/// Whoever holds a version, or lets it go, writes and deletes nothing else.
#[test]
fn legal_holders_hold_and_do_nothing_else() {
    for stack in Stack::all() {
        let (bucket, object) = (policy(&stack, definition::BUCKET_VAULT), stack.object(Zone::Vault));
        let holders = LEGAL_HOLDERS.map(|name| identity(&stack, ACCOUNT, name));
        for holder in &holders {
            assert!(!denied(&bucket, holder, "s3:PutObjectLegalHold", &object));
            for action in WRITES.into_iter().filter(|action| *action != "s3:PutObjectLegalHold").chain(DELETES) {
                assert!(denied(&bucket, holder, action, &object), "{action}");
            }
        }
        let near = [identity(&stack, ACCOUNT, "role/counsel2"), identity(&stack, OTHER_ACCOUNT, "role/counsel")];
        assert!(near.iter().all(|caller| denied(&bucket, caller, "s3:PutObjectLegalHold", &object)));
    }
}

/// Whom S3 is by the role of a replication: it reads what is copied, by its rights of its own, and nothing else.
#[test]
fn a_replicator_reads_what_it_copies() {
    let reads = [
        "s3:GetObjectVersionForReplication",
        "s3:GetObjectVersionAcl",
        "s3:GetObjectVersionTagging",
        "s3:GetObjectRetention",
        "s3:GetObjectLegalHold",
    ];
    for stack in Stack::all() {
        let replicator = identity(&stack, ACCOUNT, "role/replicate-vault");
        let (bucket, object) = (stack.names.bucket_arn(Zone::Vault), stack.object(Zone::Vault));
        let policies =
            [definition::BUCKET_VAULT, definition::BUCKET_VAULT_SETTINGS, definition::BUCKET_VAULT_APPROVALS];
        let denied_by_any = |action: &str, resource: &str| {
            policies.iter().any(|definition| denied(&policy(&stack, *definition), &replicator, action, resource))
        };
        assert!(reads.iter().all(|action| !denied_by_any(action, &object)));
        assert!(
            ["s3:GetReplicationConfiguration", "s3:ListBucket"].iter().all(|action| !denied_by_any(action, &bucket))
        );
        assert!(WRITES.into_iter().chain(DELETES).all(|action| denied_by_any(action, &object)));
        assert!(denied_by_any("s3:PutReplicationConfiguration", &bucket));
        // The key is left to the account, and through it to the role's own policy.
        let decrypt = Request::new(replicator.clone(), "kms:Decrypt", &stack.key_arn);
        assert!(policy(&stack, definition::KEY).admits(&decrypt, true));
        assert!(!policy(&stack, definition::KEY).denies(&decrypt));
    }
}

/// What can be read stays readable, and the account can still manage the bucket: replace this policy,
/// for one, as `cvault down --delete-data` does.
#[test]
fn reading_and_managing_the_vault_is_left_to_iam() {
    for stack in Stack::all() {
        let bucket = policy(&stack, definition::BUCKET_VAULT);
        let reads = OBJECT_ACTIONS.into_iter().filter(|action| action.contains(":Get") || action.contains(":List"));
        for action in reads {
            assert!(!denied(&bucket, &administrator(&stack), action, &stack.object(Zone::Vault)), "{action}");
        }
        for action in BUCKET_ACTIONS {
            assert!(!denied(&bucket, &administrator(&stack), action, &stack.names.bucket_arn(Zone::Vault)), "{action}");
        }
    }
}

/// The copy from analytics to the vault, and the deletions, as the classifier asks for them.
#[test]
fn the_classifier_s_own_rights_get_through() {
    for stack in Stack::all() {
        let own = policy(&stack, definition::CLASSIFIER);
        let through = |zone, definition, action| {
            let request = Request::new(role(&stack, "classifier"), action, &stack.object(zone));
            policy(&stack, definition).admits(&request, own.allows(&request))
        };
        let [ingress, analytics, vault] = BUCKETS;
        for (zone, definition) in [ingress, analytics] {
            assert!(through(zone, definition, "s3:GetObjectVersion"));
            assert!(through(zone, definition, "s3:GetObjectVersionTagging"));
            assert!(through(zone, definition, "s3:DeleteObjectVersion"));
        }
        for (zone, definition) in [analytics, vault] {
            assert!(through(zone, definition, "s3:PutObject"));
            assert!(through(zone, definition, "s3:PutObjectTagging"));
            assert!(through(zone, definition, "s3:AbortMultipartUpload"));
        }
        assert!(through(analytics.0, analytics.1, "s3:PutObjectVersionTagging"));
        assert!(!through(vault.0, vault.1, "s3:DeleteObjectVersion"));
        assert!(!through(ingress.0, ingress.1, "s3:PutObject"));
    }
}

/// Without releasers the list has the classifier alone.
#[test]
fn without_releasers_only_the_classifier_writes() {
    let stack = Stack::new("aws", "eu-west-1", "x");
    let mut document = stack.filled(definition::BUCKET_VAULT);
    let names = &mut document["Statement"][3]["Condition"]["ArnNotLike"]["aws:PrincipalArn"];
    names.as_array_mut().expect("a list").truncate(1);
    let bucket = Policy::of(&document);
    let object = stack.object(Zone::Vault);
    assert!(!denied(&bucket, &role(&stack, "classifier"), "s3:PutObject", &object));
    assert!(releasers(&stack).iter().all(|releaser| denied(&bucket, releaser, "s3:PutObject", &object)));
}

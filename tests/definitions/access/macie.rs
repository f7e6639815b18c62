//! What comes with Macie: Macie's own role and the key, the classifier and Macie.

use super::actions::{BUCKET_ACTIONS, KMS_ACTIONS, Level, MACIE_JOB_ACTIONS, MACIE_LISTS, OBJECT_ACTIONS, level};
use super::{administrator, policy, role, root, service};
use crate::simulator::{Caller, Policy, Request};
use crate::stack::{ACCOUNT, OTHER_ACCOUNT, RESULTS, Stack};
use cvault::vault::definitions::{self as definition, Definition};
use cvault::vault::names::Zone;
use std::collections::BTreeSet;

const BUCKETS: [(Zone, Definition); 3] = [
    (Zone::Ingress, definition::BUCKET_INGRESS),
    (Zone::Analytics, definition::BUCKET_ANALYTICS),
    (Zone::Vault, definition::BUCKET_VAULT),
];
/// What the function calls, and nothing else: `lambda/src/macie.rs`.
const JOB_CALLS: [&str; 3] =
    ["macie2:CreateClassificationJob", "macie2:DescribeClassificationJob", "macie2:UpdateClassificationJob"];
const LIST_CALLS: [&str; 4] = [
    "macie2:GetClassificationExportConfiguration",
    "macie2:GetFindings",
    "macie2:ListClassificationJobs",
    "macie2:ListFindings",
];

/// A policy as it is in Macie mode: with the statements of the others behind its own.
fn joined(stack: &Stack, definitions: &[Definition]) -> Policy {
    let mut policies = definitions.iter().map(|definition| policy(stack, *definition));
    let first = policies.next().expect("one at least");
    policies.fold(first, |mut all, more| {
        all.statement.extend(more.statement);
        all
    })
}

fn classifier(stack: &Stack) -> Policy {
    let all = [definition::CLASSIFIER, definition::CLASSIFIER_MACIE, definition::CLASSIFIER_MACIE_RESULTS];
    joined(stack, &all)
}

/// The role by which Macie reads objects. Its own policy has no right of KMS (truths M2).
fn macie(stack: &Stack) -> Caller {
    Caller::Aws(stack.names.macie_role_arn())
}

fn key_use(stack: &Stack, caller: Caller, action: &str, account: &str) -> Request {
    Request::new(caller, action, &stack.key_arn).with("kms:CallerAccount", account)
}

#[test]
fn statements_keep_names_of_their_own_when_they_are_joined() {
    for stack in Stack::all() {
        let key = joined(&stack, &[definition::KEY, definition::KEY_MACIE]);
        for policy in [classifier(&stack), key] {
            let sids: BTreeSet<_> = policy.statement.iter().map(|statement| &statement.sid).collect();
            assert_eq!(sids.len(), policy.statement.len());
        }
        let characters = |definition| stack.filled(definition).to_string().len();
        let whole = characters(definition::CLASSIFIER) + characters(definition::CLASSIFIER_MACIE);
        assert!(
            whole + characters(definition::CLASSIFIER_MACIE_RESULTS) <= 10_240,
            "what a role's inline policies may take"
        );
    }
}

/// Without naming the role as principal: it need not exist when the policy is written.
#[test]
fn macie_decrypts_and_nobody_else_gains_a_right() {
    for stack in Stack::all() {
        let (without, with) =
            (policy(&stack, definition::KEY), joined(&stack, &[definition::KEY, definition::KEY_MACIE]));
        for action in KMS_ACTIONS {
            let request = key_use(&stack, macie(&stack), action, ACCOUNT);
            assert!(!without.admits(&request, false), "{action}: nothing without Macie mode");
            assert_eq!(with.admits(&request, false), action == "kms:Decrypt", "{action}");
            let theirs = Caller::Aws(stack.names.macie_role_arn().replace(ACCOUNT, OTHER_ACCOUNT));
            let others = [
                (theirs.clone(), OTHER_ACCOUNT),
                (theirs, ACCOUNT),
                (macie(&stack), OTHER_ACCOUNT),
                (Caller::Aws(stack.iam(ACCOUNT, "role/AWSServiceRoleForAmazonMacie")), ACCOUNT),
                (administrator(&stack), ACCOUNT),
                (role(&stack, "classifier"), ACCOUNT),
                (root(&stack, OTHER_ACCOUNT), OTHER_ACCOUNT),
                (service("macie.amazonaws.com"), ACCOUNT),
                (Caller::Anonymous, ACCOUNT),
            ];
            for (caller, account) in others {
                let request = key_use(&stack, caller, action, account);
                assert_eq!(with.admits(&request, false), without.admits(&request, false), "{request:?}");
                assert_eq!(with.admits(&request, true), without.admits(&request, true), "{request:?}");
            }
        }
    }
}

/// Over TLS, as AWS's own services come, nothing is denied that Macie reads by its own policy.
#[test]
fn no_bucket_shuts_macie_out() {
    let objects = ["s3:GetObject", "s3:GetObjectAcl", "s3:GetObjectTagging", "s3:GetObjectVersion"];
    let buckets = ["s3:GetBucketLocation", "s3:GetBucketPolicy", "s3:GetBucketVersioning", "s3:ListBucket"];
    for stack in Stack::all() {
        for (zone, definition) in BUCKETS {
            let bucket = policy(&stack, definition);
            let of_object = objects.map(|action| (action, stack.object(zone)));
            let of_bucket = buckets.map(|action| (action, stack.names.bucket_arn(zone)));
            for (action, resource) in of_object.into_iter().chain(of_bucket) {
                let request = Request::new(macie(&stack), action, &resource);
                assert!(bucket.admits(&request, true), "{request:?}");
            }
        }
    }
}

/// Allowed what the function calls, on jobs of this account and region, and denied the rest.
#[test]
fn the_classifier_s_calls_of_macie() {
    for stack in Stack::all() {
        let (own, caller) = (classifier(&stack), role(&stack, "classifier"));
        let without = policy(&stack, definition::CLASSIFIER);
        let allowed = |own: &Policy, resource: &str| -> BTreeSet<&str> {
            let allows = |action: &&str| own.allows(&Request::new(caller.clone(), action, resource));
            MACIE_JOB_ACTIONS.into_iter().chain(MACIE_LISTS).filter(allows).collect()
        };
        let jobs = format!("arn:{}:macie2:{}:{ACCOUNT}:classification-job/", stack.names.partition, stack.names.region);
        let job = format!("{jobs}3ce05dbb7ec5505def334104bf347ad2");
        assert_eq!(allowed(&own, &job), JOB_CALLS.into_iter().chain(LIST_CALLS).collect());
        assert_eq!(allowed(&own, "*"), LIST_CALLS.into());
        let identifier = stack.names.custom_identifier_arn("3293a69d");
        for other in
            [identifier, job.replace(ACCOUNT, OTHER_ACCOUNT), job.replace(&stack.names.region, "ap-southeast-9")]
        {
            assert_eq!(allowed(&own, &other), LIST_CALLS.into(), "{other}");
        }
        for resource in [&job, "*"] {
            assert_eq!(allowed(&without, resource), [].into(), "without Macie mode");
        }
    }
}

/// It takes files out of their queue, starts an execution for them, and answers theirs: these alone, and in Macie mode only.
#[test]
fn the_classifier_s_calls_for_batches() {
    for stack in Stack::all() {
        let (own, caller) = (classifier(&stack), role(&stack, "classifier"));
        let without = policy(&stack, definition::CLASSIFIER);
        let actions = [
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:PurgeQueue",
            "sqs:ReceiveMessage",
            "sqs:SendMessage",
            "states:DescribeExecution",
            "states:SendTaskFailure",
            "states:SendTaskHeartbeat",
            "states:StartExecution",
            "states:StopExecution",
        ];
        let allowed = |own: &Policy, resource: &str| -> BTreeSet<&str> {
            actions.into_iter().filter(|it| own.allows(&Request::new(caller.clone(), it, resource))).collect()
        };
        let names = &stack.names;
        let takes = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
        let each = [
            (names.macie_queue_arn(), &takes[..]),
            (names.macie_job_machine_arn(), &["states:StartExecution"]),
            (names.state_machine_arn(), &[]),
        ];
        for (resource, expected) in each {
            assert_eq!(allowed(&own, &resource), expected.iter().copied().collect(), "{resource}");
            assert_eq!(allowed(&without, &resource), [].into(), "{resource}: without Macie mode");
            assert_eq!(allowed(&own, &(resource + "2")), [].into());
        }
        for other in [names.express_arn(), names.sweep_arn(), names.dead_letters_arn()] {
            assert_eq!(allowed(&own, &other), [].into(), "{other}");
        }
        // IAM knows no resource of it: what is answered is whoever waits by the token.
        let answers = |of: &Policy| of.allows(&Request::new(caller.clone(), "states:SendTaskSuccess", "*"));
        assert!(answers(&own) && !answers(&without));
        // The orchestrator sends, and does no more.
        let own = joined(&stack, &[definition::ORCHESTRATOR, definition::ORCHESTRATOR_MACIE]);
        let caller = role(&stack, "orchestrator");
        let on = |resource: &str| -> BTreeSet<&str> {
            actions.into_iter().filter(|it| own.allows(&Request::new(caller.clone(), it, resource))).collect()
        };
        assert_eq!(on(&names.macie_queue_arn()), ["sqs:SendMessage"].into());
        assert_eq!(on(&names.macie_job_machine_arn()), [].into());
    }
}

/// `*` is right for what has no resource, as the Service Authorization Reference has it, and for that only.
#[test]
fn what_has_no_resource_is_all_that_is_allowed_on_any() {
    for action in LIST_CALLS {
        assert_eq!(level(action), Some(Level::Nothing), "{action}");
    }
    for action in JOB_CALLS {
        assert_eq!(level(action), Some(Level::Other), "{action}");
    }
}

/// Macie's exported results: this account's and region's, to read, with their key through S3.
#[test]
fn the_classifier_reads_exported_results() {
    for stack in Stack::all() {
        let (own, caller) = (classifier(&stack), role(&stack, "classifier"));
        let without = joined(&stack, &[definition::CLASSIFIER, definition::CLASSIFIER_MACIE]);
        let bucket = format!("arn:{}:s3:::{RESULTS}", stack.names.partition);
        let folder = format!("macie/AWSLogs/{ACCOUNT}/Macie/{}/", stack.names.region);
        let record = format!("{bucket}/{folder}3ce05dbb/0a1b.jsonl.gz");
        let on = |own: &Policy, resource: &str| -> BTreeSet<&str> {
            let allows = |action: &&str| own.allows(&Request::new(caller.clone(), action, resource));
            OBJECT_ACTIONS.into_iter().chain(BUCKET_ACTIONS).filter(allows).collect()
        };
        assert_eq!(on(&own, &record), ["s3:GetObject"].into());
        assert_eq!(on(&without, &record), [].into(), "where results are not exported");
        for other in [record.replace(ACCOUNT, OTHER_ACCOUNT), record.replace("macie/", ""), format!("{bucket}/other")] {
            assert_eq!(on(&own, &other), [].into(), "{other}");
        }
        let list = |prefix: &str| Request::new(caller.clone(), "s3:ListBucket", &bucket).with("s3:prefix", prefix);
        assert!(own.allows(&list(&format!("{folder}3ce05dbb/"))));
        assert!(!without.allows(&list(&format!("{folder}3ce05dbb/"))));
        assert!(!own.allows(&list("")) && !own.allows(&list("macie/AWSLogs/")));
        assert_eq!(on(&own, &bucket), [].into(), "no list of everything");
        let decrypt = Request::new(caller.clone(), "kms:Decrypt", &stack.results_key_arn());
        assert!(own.allows(&decrypt.clone().with("kms:ViaService", &stack.regional("s3"))));
        assert!(!own.allows(&decrypt), "directly");
        assert!(!own.allows(&decrypt.with("kms:ViaService", &stack.regional("sns"))));
        for action in KMS_ACTIONS.into_iter().filter(|action| *action != "kms:Decrypt") {
            let request = Request::new(caller.clone(), action, &stack.results_key_arn());
            assert!(!own.allows(&request.with("kms:ViaService", &stack.regional("s3"))), "{action}");
        }
    }
}

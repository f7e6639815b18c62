//! What the four roles may do, and who may be them.

use super::actions::{BUCKET_ACTIONS, KMS_ACTIONS, LOG_DELIVERY, OBJECT_ACTIONS, all};
use super::{ROLES, policy, role, service, through};
use crate::simulator::{Caller, Policy, Request};
use crate::stack::{ACCOUNT, OTHER_ACCOUNT, Stack};
use cvault::vault::definitions as definition;
use cvault::vault::names::{Buckets, Existing, Names, Zone};
use std::collections::BTreeSet;

/// What of these actions on the resource the role's own policy allows.
pub(super) fn allowed<'a>(own: &Policy, caller: &Caller, actions: &[&'a str], resource: &str) -> BTreeSet<&'a str> {
    let allows = |action: &&&str| own.allows(&Request::new(caller.clone(), action, resource));
    actions.iter().filter(allows).copied().collect()
}

/// `HeadObject` and `GetObject`, of the current version and of a given one. A missing object is told
/// from a denied one by the right to list.
const READS: [&str; 2] = ["s3:GetObject", "s3:GetObjectVersion"];
const LISTS: [&str; 2] = ["s3:ListBucket", "s3:ListBucketVersions"];
/// `CopyObject` takes the tags along: reading them of a version, or of what has none (truths D2).
const COPIED_FROM: [&str; 2] = ["s3:GetObjectTagging", "s3:GetObjectVersionTagging"];
/// In parts where it is large, which are aborted when one fails (truths D4).
const COPIED_TO: [&str; 3] = ["s3:PutObject", "s3:PutObjectTagging", "s3:AbortMultipartUpload"];
/// `PutObjectTagging` of a version: how it was judged.
const TAGS: [&str; 1] = ["s3:PutObjectVersionTagging"];
/// `DeleteObject` with a version, always: without one it would hide the object, not delete it.
const DELETES: [&str; 1] = ["s3:DeleteObjectVersion"];

/// Lambda connects the function to a VPC by its role; the function's own code may not.
#[test]
fn the_network_is_lambda_s_and_not_the_function_s() {
    for stack in Stack::all() {
        let own = policy(&stack, definition::CLASSIFIER_VPC);
        for action in crate::access::actions::NETWORK_ACTIONS {
            let role = Caller::Aws(stack.names.role_arn("classifier"));
            let request = || Request::new(role.clone(), action, "*");
            assert!(own.allows(&request()), "{action}");
            let from_code = request().with("lambda:SourceFunctionArn", &stack.names.function_arn());
            assert!(!own.allows(&from_code), "{action}");
        }
    }
}

#[test]
fn the_classifier_s_s3_calls() {
    for stack in Stack::all() {
        let own = policy(&stack, definition::CLASSIFIER);
        let caller = role(&stack, "classifier");
        for zone in Zone::ALL {
            let (bucket, object) = (stack.names.bucket_arn(zone), stack.object(zone));
            let expected: Vec<&[&str]> = match zone {
                Zone::Ingress => vec![&READS, &COPIED_FROM, &DELETES],
                Zone::Analytics => vec![&READS, &COPIED_FROM, &COPIED_TO, &TAGS, &DELETES],
                // From the vault to the vault: the newest version is stored once more, on top.
                Zone::Vault => vec![&READS, &COPIED_FROM, &COPIED_TO],
            };
            let expected: BTreeSet<_> = expected.concat().into_iter().collect();
            assert_eq!(allowed(&own, &caller, &OBJECT_ACTIONS, &object), expected, "objects in {zone}");
            assert_eq!(allowed(&own, &caller, &BUCKET_ACTIONS, &bucket), LISTS.into(), "{zone}");
            for near in [format!("{bucket}2/k"), format!("{bucket}-logs/k"), "arn:aws:s3:::other/k".into()] {
                assert_eq!(allowed(&own, &caller, &OBJECT_ACTIONS, &near), [].into(), "{near}");
            }
        }
    }
}

/// A bucket's name is free again when the bucket is gone: whoever takes it then gets no copy.
#[test]
fn the_classifier_works_in_its_own_account_only() {
    for stack in Stack::all() {
        let own = policy(&stack, definition::CLASSIFIER);
        for zone in Zone::ALL {
            for action in OBJECT_ACTIONS {
                let request = Request::new(role(&stack, "classifier"), action, &stack.object(zone));
                let request = request.with("aws:ResourceAccount", OTHER_ACCOUNT);
                assert!(!own.allows(&request), "{action} in {zone}");
            }
        }
    }
}

/// Nothing that is not S3's, the key's, the log's, or a notice's.
#[test]
fn the_classifier_s_other_calls() {
    for stack in Stack::all() {
        let own = policy(&stack, definition::CLASSIFIER);
        let caller = role(&stack, "classifier");
        uses_key_through(&stack, &own, &caller, &["s3", "sns"]);
        let group = stack.names.log_group_arn(&stack.names.classifier_log_group());
        let stream = format!("{group}:log-stream:2026/01/01/[$LATEST]0a1b");
        let actions: Vec<_> = all().into_iter().map(|(action, _)| action).collect();
        assert_eq!(allowed(&own, &caller, &actions, &stream), ["logs:CreateLogStream", "logs:PutLogEvents"].into());
        let takes = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
        assert_eq!(allowed(&own, &caller, &actions, &stack.names.notices_arn()), takes.into());
        assert_eq!(allowed(&own, &caller, &actions, &stack.names.topic_arn()), ["sns:Publish"].into());
        let others = [
            stack.names.log_group_arn(&stack.names.orchestrator_log_group()) + ":log-stream:a",
            format!("{group}-2:log-stream:a"),
            stack.names.function_arn(),
            stack.names.topic_arn() + "2",
            stack.names.notices_arn() + "2",
            stack.names.state_machine_arn(),
            stack.names.role_arn("classifier"),
            stack.names.dead_letters_arn(),
        ];
        for other in others {
            assert_eq!(allowed(&own, &caller, &actions, &other), [].into(), "{other}");
        }
    }
}

/// Encryption and decryption of what goes through these services, with this key: nothing directly, with
/// no other key, through no other service or region.
fn uses_key_through(stack: &Stack, own: &Policy, caller: &Caller, services: &[&str]) {
    let key = policy(stack, definition::KEY);
    assert_eq!(allowed(own, caller, &KMS_ACTIONS, &stack.key_arn), [].into(), "directly");
    for via in services {
        let used: BTreeSet<_> = KMS_ACTIONS
            .into_iter()
            .filter(|action| {
                let request = through(stack, caller.clone(), action, via);
                key.admits(&request, own.allows(&request))
            })
            .collect();
        assert_eq!(used, ["kms:Decrypt", "kms:GenerateDataKey"].into(), "{via}");
        let request = through(stack, caller.clone(), "kms:Decrypt", via);
        for other in ["s3", "sns", "sqs", "logs", "lambda", "secretsmanager"] {
            let allows = own.allows(&request.clone().with("kms:ViaService", &stack.regional(other)));
            assert_eq!(allows, services.contains(&other), "{other}");
        }
        let elsewhere = format!("{via}.ap-southeast-9.{}", stack.names.url_suffix());
        assert!(!own.allows(&request.clone().with("kms:ViaService", &elsewhere)));
        assert!(!own.allows(&Request { resource: stack.key_arn.clone() + "0", ..request }));
    }
}

#[test]
fn the_key_of_an_existing_topic_may_be_used_through_sns_alone() {
    let names = Names::new("aws", ACCOUNT, "eu-west-1", "cyber-vault", Some("x"));
    let stack =
        Stack::of(Names { existing: Existing { topic: Some("ops-alerts".into()), ..Existing::default() }, ..names });
    let own = policy(&stack, definition::ORCHESTRATOR);
    let caller = role(&stack, "orchestrator");
    let publishes = |topic: &str| {
        own.allows(&Request::new(caller.clone(), "sns:Publish", &format!("arn:aws:sns:eu-west-1:{ACCOUNT}:{topic}")))
    };
    assert!(publishes("ops-alerts") && !publishes("cyber_vault_notification-x"));
    let uses = |account: &str, region: &str, via: &str| {
        let key = format!("arn:aws:kms:{region}:{account}:key/0");
        own.allows(&Request::new(caller.clone(), "kms:GenerateDataKey", &key).with("kms:ViaService", via))
    };
    for account in [ACCOUNT, OTHER_ACCOUNT] {
        assert!(uses(account, "eu-west-1", "sns.eu-west-1.amazonaws.com"));
        assert!(!uses(account, "eu-west-1", "s3.eu-west-1.amazonaws.com"));
        assert!(!uses(account, "eu-west-2", "sns.eu-west-2.amazonaws.com"));
    }
}

/// What is called as the stack would call its own is somebody else's then.
#[test]
fn existing_buckets_are_the_classifier_s_and_what_the_stack_would_make_is_not() {
    let names = Names::new("aws", ACCOUNT, "eu-west-1", "cyber-vault", Some("x"));
    let own = [Zone::Ingress, Zone::Analytics].map(|zone| names.own_bucket_arn(zone));
    let buckets = Buckets { ingress: Some("landing".into()), analytics: Some("held".into()), vault: None };
    let stack = Stack::of(Names { existing: Existing { buckets, ..Existing::default() }, ..names });
    let (policy_of_it, caller) = (policy(&stack, definition::CLASSIFIER), role(&stack, "classifier"));
    let of = |bucket: &str| allowed(&policy_of_it, &caller, &OBJECT_ACTIONS, &format!("{bucket}/k"));
    assert_eq!(of("arn:aws:s3:::landing"), [&READS[..], &COPIED_FROM, &DELETES].concat().into_iter().collect());
    let all = [&READS[..], &COPIED_FROM, &COPIED_TO, &TAGS, &DELETES].concat();
    assert_eq!(of("arn:aws:s3:::held"), all.into_iter().collect());
    for bucket in own.iter().map(String::as_str).chain(["arn:aws:s3:::landing2", "arn:aws:s3:::other"]) {
        assert_eq!(of(bucket), [].into(), "{bucket}");
    }
    assert_eq!(stack.filled(definition::RULE_INGRESS)["detail"]["bucket"]["name"], serde_json::json!(["landing"]));
    for definition in definition::ALL {
        let text = stack.filled(*definition).to_string();
        assert!(!text.contains("cv-ingress-zone") && !text.contains("cv-analytics-zone"), "{}", definition.path);
    }
}

#[test]
fn the_orchestrator_s_calls() {
    for stack in Stack::all() {
        let own = policy(&stack, definition::ORCHESTRATOR);
        let caller = role(&stack, "orchestrator");
        uses_key_through(&stack, &own, &caller, &["sns"]);
        let actions: Vec<_> = all().into_iter().map(|(action, _)| action).collect();
        // Log delivery has no resource, and so is allowed on any.
        let on = |resource: &str| &allowed(&own, &caller, &actions, resource) - &LOG_DELIVERY.into();
        assert_eq!(allowed(&own, &caller, &actions, "*"), LOG_DELIVERY.into());
        assert_eq!(on(&stack.names.function_arn()), ["lambda:InvokeFunction"].into());
        let bus = stack.names.event_bus_arn();
        let event = |source: &str, what: &str| {
            let request = Request::new(caller.clone(), "events:PutEvents", &bus);
            own.allows(&request.with("events:source", source).with("events:detail-type", what))
        };
        assert!(event("cvault", "Object Judged"));
        assert!(!event("cvault", "Object Released") && !event("aws.s3", "Object Judged"), "nobody else's words");
        assert_eq!(on(&stack.names.topic_arn()), ["sns:Publish"].into());
        assert_eq!(on(&stack.names.notices_arn()), ["sqs:SendMessage"].into());
        assert_eq!(on(&stack.names.state_machine_arn()), ["states:StartExecution"].into(), "what is handed over");
        let others = [
            stack.names.function_arn() + "2",
            stack.names.topic_arn() + "2",
            stack.names.state_machine_arn() + "2",
            stack.names.express_arn(),
            stack.names.dead_letters_arn(),
            stack.object(Zone::Vault),
            stack.names.bucket_arn(Zone::Ingress),
        ];
        for other in others {
            assert_eq!(on(&other), [].into(), "{other}");
        }
    }
}

#[test]
fn the_trigger_s_calls() {
    for stack in Stack::all() {
        let own = policy(&stack, definition::TRIGGER);
        let caller = role(&stack, "trigger");
        let actions: Vec<_> = all().into_iter().map(|(action, _)| action).collect();
        let machine = stack.names.state_machine_arn();
        for machine in [&machine, &stack.names.express_arn(), &stack.names.sweep_arn()] {
            assert_eq!(allowed(&own, &caller, &actions, machine), ["states:StartExecution"].into());
        }
        for other in [machine + "2", stack.names.function_arn(), stack.object(Zone::Vault), stack.key_arn.clone()] {
            assert_eq!(allowed(&own, &caller, &actions, &other), [].into(), "{other}");
        }
    }
}

/// It starts and sees executions, and takes dead letters out; it reads no object and sends no message.
#[test]
fn the_sweeper_s_calls() {
    for stack in Stack::all() {
        let own = policy(&stack, definition::SWEEPER);
        let caller = role(&stack, "sweeper");
        let actions: Vec<_> = all().into_iter().map(|(action, _)| action).collect();
        let on = |resource: &str| &allowed(&own, &caller, &actions, resource) - &LOG_DELIVERY.into();
        assert_eq!(allowed(&own, &caller, &actions, "*"), LOG_DELIVERY.into());
        assert_eq!(on(&stack.names.function_arn()), ["lambda:InvokeFunction"].into());
        for machine in [stack.names.state_machine_arn(), stack.names.sweep_arn()] {
            assert_eq!(on(&machine), ["states:StartExecution"].into());
        }
        let execution = stack.names.executions_arn() + ":0a1b";
        assert_eq!(on(&execution), ["states:DescribeExecution"].into(), "it stops nobody's judgement");
        let own_executions = stack.names.sweep_executions_arn();
        for execution in [format!("{own_executions}:0a1b"), format!("{own_executions}/Judge:0a1b")] {
            assert_eq!(on(&execution), ["states:DescribeExecution", "states:StopExecution"].into());
        }
        let queue = stack.names.dead_letters_arn();
        assert_eq!(on(&queue), ["sqs:DeleteMessage", "sqs:ReceiveMessage"].into());
        let others = [
            stack.names.function_arn() + "2",
            stack.names.sweep_arn() + "2",
            format!("{own_executions}2:0a1b"),
            queue + "2",
            stack.names.topic_arn(),
            stack.object(Zone::Ingress),
            stack.names.bucket_arn(Zone::Ingress),
            stack.key_arn.clone(),
        ];
        for other in others {
            assert_eq!(on(&other), [].into(), "{other}");
        }
    }
}

/// A service that assumes a role, for a resource of an account.
fn assume(stack: &Stack, role: &str, name: &str, source: Option<(&str, &str)>) -> Request {
    let request = Request::new(service(name), "sts:AssumeRole", &stack.names.role_arn(role));
    match source {
        Some((arn, account)) => request.with("aws:SourceArn", arn).with("aws:SourceAccount", account),
        None => request,
    }
}

#[test]
fn each_role_is_for_its_service_and_resource_only() {
    for stack in Stack::all() {
        let [ingress, vault] = [Zone::Ingress, Zone::Vault].map(|zone| stack.names.rule_arn(zone));
        let (machine, express) = (stack.names.state_machine_arn(), stack.names.express_arn());
        let [failures, by_clock] = ["failures", "sweep"].map(|rule| stack.names.rule_arn(rule));
        // A map's children belong to a machine with its label.
        let (sweep, map) = (stack.names.sweep_arn(), stack.names.sweep_arn() + "/Judge");
        for (name, own_service, sources) in [
            ("orchestrator", "states.amazonaws.com", vec![&machine, &express]),
            ("sweeper", "states.amazonaws.com", vec![&sweep]),
            ("trigger", "events.amazonaws.com", vec![&ingress, &vault, &failures, &by_clock]),
        ] {
            let trust = trust(&stack, name);
            for source in sources {
                assert!(trust.trusts(&assume(&stack, name, own_service, Some((source, ACCOUNT)))));
                // A confused deputy: the service acts for somebody else's resource.
                let theirs = source.replace(ACCOUNT, OTHER_ACCOUNT);
                assert!(!trust.trusts(&assume(&stack, name, own_service, Some((&theirs, OTHER_ACCOUNT)))));
                assert!(!trust.trusts(&assume(&stack, name, own_service, Some((source, OTHER_ACCOUNT)))));
                assert!(!trust.trusts(&assume(&stack, name, own_service, Some((&format!("{source}2"), ACCOUNT)))));
                assert!(!trust.trusts(&assume(&stack, name, "lambda.amazonaws.com", Some((source, ACCOUNT)))));
            }
            assert!(!trust.trusts(&assume(&stack, name, own_service, None)), "for nobody");
            let for_map = assume(&stack, name, "states.amazonaws.com", Some((&map, ACCOUNT)));
            assert_eq!(trust.trusts(&for_map), name == "sweeper");
        }
    }
}

/// Lambda's check at creation fails with a condition in some cases (truths D16), so there is none.
#[test]
fn the_classifier_is_for_lambda() {
    for stack in Stack::all() {
        let trust = trust(&stack, "classifier");
        assert!(trust.trusts(&assume(&stack, "classifier", "lambda.amazonaws.com", None)));
        assert!(!trust.trusts(&assume(&stack, "classifier", "states.amazonaws.com", None)));
    }
}

/// No person and no other role may take one of them, whatever their own policies say.
#[test]
fn nobody_else_may_be_a_role() {
    for stack in Stack::all() {
        for (name, ..) in ROLES {
            for caller in
                [super::administrator(&stack), super::root(&stack, ACCOUNT), super::root(&stack, OTHER_ACCOUNT)]
            {
                let request = Request::new(caller, "sts:AssumeRole", &stack.names.role_arn(name));
                assert!(!trust(&stack, name).trusts(&request), "{name}");
            }
            let tag = Request { action: "sts:TagSession".into(), ..assume(&stack, name, "lambda.amazonaws.com", None) };
            assert!(!trust(&stack, name).trusts(&tag), "{name}");
        }
    }
}

fn trust(stack: &Stack, role: &str) -> Policy {
    let (_, trust, _) = ROLES.into_iter().find(|(name, ..)| *name == role).expect("one of the four");
    policy(stack, trust)
}

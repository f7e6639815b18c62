//! The policies of the key, the topic and the dead-letter queue.

use super::actions::{KMS_ACTIONS, TOPIC_ACTIONS};
use super::{administrator, policy, role, root, service, through};
use crate::simulator::{Caller, Request};
use crate::stack::{ACCOUNT, OTHER_ACCOUNT, Stack};
use cvault::vault::definitions as definition;
use std::collections::BTreeSet;

#[test]
fn the_account_administers_the_key_through_iam() {
    for stack in Stack::all() {
        let key = policy(&stack, definition::KEY);
        for action in KMS_ACTIONS {
            let by = |caller, own| key.admits(&Request::new(caller, action, &stack.key_arn), own);
            assert!(by(root(&stack, ACCOUNT), false), "the root cannot lock itself out");
            assert!(by(administrator(&stack), true));
            assert!(!by(administrator(&stack), false), "only with rights of one's own");
            assert!(!by(root(&stack, OTHER_ACCOUNT), true));
            assert!(!by(Caller::Anonymous, false));
        }
    }
}

/// The topic of this stack alone sends to the queues of `verify`.
#[test]
fn the_topic_sends_to_queues_of_verify() {
    for stack in Stack::all() {
        let queue = policy(&stack, definition::VERIFY_QUEUE);
        let arn = stack.names.verify_queues_arn().replace('*', "0a1b2c3d");
        let by = |who: &str, action, source: &str| {
            queue.admits(&Request::new(service(who), action, &arn).with("aws:SourceArn", source), false)
        };
        let topic = stack.names.topic_arn();
        assert!(by("sns.amazonaws.com", "sqs:SendMessage", &topic));
        assert!(!by("sns.amazonaws.com", "sqs:SendMessage", &format!("{topic}2")));
        assert!(!by("sns.amazonaws.com", "sqs:ReceiveMessage", &topic));
        assert!(!by("events.amazonaws.com", "sqs:SendMessage", &topic));
        let plain = Request::new(service("sns.amazonaws.com"), "sqs:SendMessage", &arn).with("aws:SourceArn", &topic);
        assert!(!queue.admits(&plain.with("aws:SecureTransport", "false"), false));
    }
}

/// CloudWatch Logs encrypts the three log groups, and those only (truths K15). They need not exist yet.
#[test]
fn logs_use_the_key_for_the_log_groups() {
    for stack in Stack::all() {
        let key = policy(&stack, definition::KEY);
        let used = |principal: &str, context: Option<&str>| -> BTreeSet<&str> {
            let admits = |action: &&str| {
                let request = Request::new(service(principal), action, &stack.key_arn);
                let key_of_context = "kms:EncryptionContext:aws:logs:arn";
                key.admits(&context.map_or(request.clone(), |arn| request.with(key_of_context, arn)), false)
            };
            KMS_ACTIONS.into_iter().filter(admits).collect()
        };
        let logs = stack.regional("logs");
        let groups =
            [stack.names.classifier_log_group(), stack.names.orchestrator_log_group(), stack.names.sweep_log_group()];
        for group in groups.map(|group| stack.names.log_group_arn(&group)) {
            let expected = [
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:Encrypt",
                "kms:GenerateDataKey",
                "kms:GenerateDataKeyWithoutPlaintext",
                "kms:ReEncryptFrom",
                "kms:ReEncryptTo",
            ];
            assert_eq!(used(&logs, Some(&group)), expected.into());
            for other in [format!("{group}2"), format!("{group}:*"), group.replace(ACCOUNT, OTHER_ACCOUNT)] {
                assert_eq!(used(&logs, Some(&other)), [].into(), "{other}");
            }
            for other in ["logs.ap-southeast-9.amazonaws.com", "events.amazonaws.com", "lambda.amazonaws.com"] {
                assert_eq!(used(other, Some(&group)), [].into(), "{other}");
            }
        }
        assert_eq!(used(&logs, None), [].into(), "without its context");
    }
}

/// Without both, an alarm is never heard of: nobody is told why (truths K14).
#[test]
fn alarms_tell_the_encrypted_topic_and_do_nothing_else() {
    for stack in Stack::all() {
        let (key, topic) = (policy(&stack, definition::KEY), policy(&stack, definition::TOPIC));
        let topic_arn = stack.names.topic_arn();
        let by = |name: &str, action: &str, source: &[(&str, &str)]| {
            let caller = service(&format!("{name}.amazonaws.com"));
            let (of, arn) = if action.starts_with("kms:") { (&key, &stack.key_arn) } else { (&topic, &topic_arn) };
            let request = source.iter().fold(Request::new(caller, action, arn), |it, (key, value)| it.with(key, value));
            of.admits(&request, false)
        };
        let alarm = stack.names.alarm_arn("unjudged");
        let all = || KMS_ACTIONS.into_iter().chain(TOPIC_ACTIONS);
        let granted = |name: &str, source: &[(&str, &str)]| -> Vec<_> {
            all().filter(|action| by(name, action, source)).collect()
        };
        let needed =
            ["kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "sns:Publish"].to_vec();
        assert_eq!(granted("cloudwatch", &of(&alarm)), needed);
        let nothing = Vec::<&str>::new();
        assert_eq!(granted("cloudwatch", &of(&format!("{alarm}2"))), nothing, "another stack's");
        assert_eq!(granted("cloudwatch", &of(&alarm.replace(ACCOUNT, OTHER_ACCOUNT))), nothing);
        let elsewhere = [("aws:SourceArn", alarm.as_str()), ("aws:SourceAccount", OTHER_ACCOUNT)];
        assert_eq!(granted("cloudwatch", &elsewhere), nothing);
        assert_eq!(granted("cloudwatch", &[]), nothing, "for no alarm");
        assert_eq!(granted("events", &of(&alarm)), nothing);
        let plain = Request::new(service("cloudwatch.amazonaws.com"), "sns:Publish", &stack.names.topic_arn());
        let plain = of(&alarm).into_iter().fold(plain, |it, (key, value)| it.with(key, value));
        assert!(!topic.admits(&plain.with("aws:SecureTransport", "false"), false));
    }
}

/// What CloudWatch says of the alarm that it acts for.
fn of(alarm: &str) -> [(&'static str, &str); 2] {
    [("aws:SourceArn", alarm), ("aws:SourceAccount", ACCOUNT)]
}

/// S3 tells EventBridge without the key (truths D14), and EventBridge's dead letters have SQS's own
/// encryption (truths K16): no service has the key but CloudWatch, for its logs and alarms.
#[test]
fn no_other_service_uses_the_key() {
    for stack in Stack::all() {
        let key = policy(&stack, definition::KEY);
        for name in ["s3", "events", "states", "lambda", "sns", "sqs", "cloudwatch"] {
            let caller = service(&format!("{name}.amazonaws.com"));
            for action in KMS_ACTIONS {
                assert!(!key.admits(&through(&stack, caller.clone(), action, name), false), "{name} {action}");
            }
        }
    }
}

#[test]
fn the_topic_is_the_account_s() {
    for stack in Stack::all() {
        let topic = policy(&stack, definition::TOPIC);
        let own = policy(&stack, definition::ORCHESTRATOR);
        for action in TOPIC_ACTIONS {
            let by = |caller: Caller, own| topic.admits(&Request::new(caller, action, &stack.names.topic_arn()), own);
            assert!(by(root(&stack, ACCOUNT), false), "{action}");
            assert!(by(administrator(&stack), true));
            assert!(!by(administrator(&stack), false));
            for nobody in [root(&stack, OTHER_ACCOUNT), service("events.amazonaws.com"), Caller::Anonymous] {
                assert!(!by(nobody, false), "{action}");
            }
        }
        let publish = Request::new(role(&stack, "orchestrator"), "sns:Publish", &stack.names.topic_arn());
        assert!(topic.admits(&publish, own.allows(&publish)));
        for caller in [role(&stack, "orchestrator"), administrator(&stack), root(&stack, ACCOUNT)] {
            let plain = Request { caller, ..publish.clone() }.with("aws:SecureTransport", "false");
            assert!(topic.denies(&plain));
        }
    }
}

#[test]
fn only_the_rules_of_events_send_dead_letters() {
    for stack in Stack::all() {
        let queue = policy(&stack, definition::DEAD_LETTERS);
        let arn = stack.names.dead_letters_arn();
        let send = |name: &str, source: &str| {
            Request::new(service(name), "sqs:SendMessage", &arn).with("aws:SourceArn", source)
        };
        let admits = |request: &Request| queue.admits(request, false);
        // What the clock starts is started by its next tick.
        assert!(!admits(&send("events.amazonaws.com", &stack.names.rule_arn("sweep"))));
        for rule in ["ingress", "vault", "failures"].map(|rule| stack.names.rule_arn(rule)) {
            let sends = send("events.amazonaws.com", &rule);
            assert!(admits(&sends));
            assert!(!admits(&send("sns.amazonaws.com", &rule)));
            assert!(!admits(&send("events.amazonaws.com", &format!("{rule}2"))));
            assert!(!admits(&send("events.amazonaws.com", &rule.replace(ACCOUNT, OTHER_ACCOUNT))));
            assert!(!admits(&Request { resource: arn.clone() + "2", ..sends.clone() }));
            assert!(!admits(&sends.clone().with("aws:SecureTransport", "false")));
            for action in ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:PurgeQueue"] {
                assert!(!admits(&Request { action: action.into(), ..sends.clone() }), "{action}");
            }
        }
        assert!(!admits(&Request::new(service("events.amazonaws.com"), "sqs:SendMessage", &arn)), "for no rule");
        assert!(!admits(&Request::new(Caller::Anonymous, "sqs:SendMessage", &arn)));
    }
}

/// A notice goes to everybody who is told: whoever else could send one would speak for the vault. A file for Macie is
/// answered: whoever else could send one would have others pay for jobs.
#[test]
fn only_the_state_machine_sends_notices_and_files_for_macie() {
    let queues = |stack: &Stack| {
        let names = &stack.names;
        [(definition::NOTICES, names.notices_arn()), (definition::MACIE_QUEUE, names.macie_queue_arn())]
    };
    for (stack, (definition, arn)) in Stack::all().iter().flat_map(|stack| queues(stack).map(|queue| (stack, queue))) {
        let queue = policy(stack, definition);
        let of = |name: &str, action: &str| Request::new(role(stack, name), action, &arn);
        assert!(queue.admits(&of("orchestrator", "sqs:SendMessage"), true));
        assert!(!queue.admits(&of("orchestrator", "sqs:SendMessage"), false), "by the role's own policy alone");
        for other in ["classifier", "sweeper", "trigger"] {
            assert!(!queue.admits(&of(other, "sqs:SendMessage"), true), "{other}");
        }
        assert!(!queue.admits(&Request::new(service("events.amazonaws.com"), "sqs:SendMessage", &arn), true));
        for action in ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"] {
            assert!(queue.admits(&of("classifier", action), true), "{action}");
            assert!(!queue.admits(&of("classifier", action).with("aws:SecureTransport", "false"), true), "{action}");
        }
    }
}

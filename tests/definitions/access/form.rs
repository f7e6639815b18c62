//! What can be said of the policies without asking for anything.

use super::actions::{Level, level, matching};
use super::policy;
use crate::simulator::{Effect, Principals, Texts};
use crate::stack::{ACCOUNT, PARTNER, RESULTS, SOURCE, Stack};
use cvault::vault::definitions::{self as definition, Definition};
use std::collections::BTreeSet;

/// Every policy, and how many characters without white space AWS takes of it.
const POLICIES: [(Definition, usize); 30] = [
    (definition::BUCKET_INGRESS, 20_480),
    (definition::BUCKET_INGRESS_WRITERS, 20_480),
    (definition::BUCKET_ANALYTICS, 20_480),
    (definition::BUCKET_ANALYTICS_APPROVALS, 20_480),
    (definition::BUCKET_VAULT, 20_480),
    (definition::BUCKET_VAULT_SETTINGS, 20_480),
    (definition::BUCKET_VAULT_APPROVALS, 20_480),
    (definition::BUCKET_CLOSED, 20_480),
    (definition::KEY, 32_768),
    (definition::KEY_MACIE, 32_768),
    (definition::KEY_WRITERS, 32_768),
    (definition::TOPIC, 30_720),
    (definition::DEAD_LETTERS, 8_192),
    (definition::NOTICES, 8_192),
    (definition::MACIE_QUEUE, 8_192),
    (definition::VERIFY_QUEUE, 8_192),
    (definition::CLASSIFIER_TRUST, 2_048),
    (definition::ORCHESTRATOR_TRUST, 2_048),
    (definition::TRIGGER_TRUST, 2_048),
    (definition::SWEEPER_TRUST, 2_048),
    (definition::CLASSIFIER, 10_240),
    (definition::CLASSIFIER_MACIE, 10_240),
    (definition::CLASSIFIER_MACIE_RESULTS, 10_240),
    (definition::CLASSIFIER_SOURCES, 10_240),
    (definition::CLASSIFIER_KEYS, 10_240),
    (definition::CLASSIFIER_VPC, 10_240),
    (definition::ORCHESTRATOR, 10_240),
    (definition::ORCHESTRATOR_MACIE, 10_240),
    (definition::TRIGGER, 10_240),
    (definition::SWEEPER, 10_240),
];

fn each(check: impl Fn(&Stack, Definition, usize)) {
    for stack in Stack::all() {
        for (definition, limit) in POLICIES {
            check(&stack, definition, limit);
        }
    }
}

#[test]
fn every_policy_is_tested() {
    let tested: BTreeSet<_> = POLICIES.iter().map(|(definition, _)| definition.path).collect();
    let all = definition::ALL.iter().map(|definition| definition.path);
    assert_eq!(tested, all.filter(|path| path.starts_with("policies/")).collect());
}

#[test]
fn they_fit() {
    each(|stack, definition, limit| {
        let text = stack.filled(definition).to_string();
        let characters = text.chars().filter(|c| !c.is_whitespace()).count();
        assert!(characters <= limit, "{}: {characters}", definition.path);
    });
}

/// What names a variable or a statement twice, or with what IAM does not take, is refused or ignored.
#[test]
fn statements_have_names_of_their_own() {
    each(|stack, definition, _| {
        let policy = policy(stack, definition);
        assert_eq!(policy.version, "2012-10-17", "{}: the older version knows no variables", definition.path);
        let sids: BTreeSet<_> = policy.statement.iter().map(|statement| &statement.sid).collect();
        assert_eq!(sids.len(), policy.statement.len(), "{}", definition.path);
        assert!(sids.iter().all(|sid| sid.chars().all(|c| c.is_ascii_alphanumeric())), "{}", definition.path);
    });
}

/// AWS looks up every principal when a policy is written, and refuses roles that are new or gone; one
/// that is made again is another one (truths X3, I6). So no policy names a role: only services, the
/// account, or everybody, whom only denials are for; but for Macie's role, which a condition names
/// (truths M2).
#[test]
fn no_policy_names_a_role_as_principal() {
    each(|stack, definition, _| {
        let of_identity = [
            definition::CLASSIFIER,
            definition::CLASSIFIER_MACIE,
            definition::CLASSIFIER_MACIE_RESULTS,
            definition::CLASSIFIER_SOURCES,
            definition::CLASSIFIER_KEYS,
            definition::CLASSIFIER_VPC,
            definition::ORCHESTRATOR,
            definition::ORCHESTRATOR_MACIE,
            definition::TRIGGER,
            definition::SWEEPER,
        ];
        let has_principals = !of_identity.iter().any(|identity| identity.path == definition.path);
        for statement in policy(stack, definition).statement {
            assert_eq!(statement.principal.is_some(), has_principals, "{}", definition.path);
            match statement.principal {
                None => {}
                Some(Principals::Everybody(_)) => assert_eq!(statement.effect, Effect::Deny, "{}", definition.path),
                Some(Principals::Named(kinds)) if definition.path == definition::KEY_MACIE.path => {
                    assert!(kinds.len() == 1 && kinds["AWS"].iter().eq(["*"]));
                    let conditions = &statement.condition;
                    assert!(conditions["ArnEquals"]["aws:PrincipalArn"].iter().eq([stack.names.macie_role_arn()]));
                    assert!(conditions["StringEquals"]["kms:CallerAccount"].iter().eq([crate::stack::ACCOUNT]));
                }
                Some(Principals::Named(kinds)) => {
                    for (kind, names) in kinds {
                        let roots =
                            |accounts: &[&str]| -> Vec<_> { accounts.iter().map(|it| stack.iam(it, "root")).collect() };
                        let known: Vec<_> = match kind.as_str() {
                            "AWS" if definition.path.ends_with("-writers.json") => roots(&[ACCOUNT, PARTNER]),
                            "AWS" => roots(&[ACCOUNT]),
                            "Service" => services(stack),
                            _ => vec![],
                        };
                        assert!(names.iter().all(|name| known.contains(&name.to_owned())), "{}", definition.path);
                    }
                }
            }
        }
    });
}

/// Those of China keep the global form, but for CloudWatch Logs.
fn services(stack: &Stack) -> Vec<String> {
    let global = ["cloudwatch", "events", "lambda", "sns", "states"].map(|name| format!("{name}.amazonaws.com"));
    global.into_iter().chain([stack.regional("logs")]).collect()
}

#[test]
fn every_action_exists() {
    each(|stack, definition, _| {
        for statement in policy(stack, definition).statement {
            for action in statement.actions().chain(statement.exceptions()) {
                assert!(!matching(action).is_empty(), "{}: {action} is no action", definition.path);
            }
        }
    });
}

/// `*` stands in a key's policy, where it means that key, and for what has no resource.
#[test]
fn everything_is_about_one_resource() {
    each(|stack, definition, _| {
        for statement in policy(stack, definition).statement {
            let resources: Vec<_> = statement.resource.iter().flat_map(Texts::iter).collect();
            if resources.contains(&"*") {
                let without_resource = statement.actions().all(|action| level(action) == Some(Level::Nothing));
                let keys = [definition::KEY.path, definition::KEY_MACIE.path, definition::KEY_WRITERS.path];
                let of_key = keys.contains(&definition.path);
                assert!(of_key || without_resource, "{}", statement.sid);
                assert_eq!(resources.len(), 1);
            }
            for resource in resources.into_iter().filter(|resource| *resource != "*") {
                assert!(resource.starts_with(&format!("arn:{}:", stack.names.partition)), "{resource}");
                let ours = resource.contains(&stack.names.id) || resource == stack.key_arn;
                // Macie assigns the ids of its jobs; the results are where the account wants them.
                let jobs = resource.ends_with(&format!("{}:classification-job/*", crate::stack::ACCOUNT));
                let results = resource.contains(RESULTS) || resource == stack.results_key_arn();
                // All events of an account go to one bus; which ones may be put there is a condition.
                let bus = resource == stack.names.event_bus_arn();
                // What is taken in, and its keys, are what the configuration names.
                let named = resource.contains(SOURCE) || resource == format!("{}5", stack.key_arn);
                let of_others = match definition.path {
                    path if path == definition::CLASSIFIER_MACIE_RESULTS.path => results,
                    path if path == definition::CLASSIFIER_SOURCES.path || path == definition::CLASSIFIER_KEYS.path => {
                        named
                    }
                    _ => false,
                };
                assert!(ours || jobs || bus || of_others, "{}: {resource}", definition.path);
            }
        }
    });
}

/// An action on objects with a bucket's ARN allows nothing, and the other way round.
#[test]
fn s3_actions_and_resources_fit_each_other() {
    each(|stack, definition, _| {
        for statement in policy(stack, definition).statement {
            for action in statement.actions().filter(|action| action.starts_with("s3:")) {
                for (_, level) in matching(action) {
                    let resources = statement.resource.iter().chain(&statement.not_resource).flat_map(Texts::iter);
                    let fits = resources.clone().filter(|resource| resource.contains('/') == (level == Level::Object));
                    assert!(fits.clone().count() > 0, "{}: {action} has no resource", statement.sid);
                    let whole = action == "s3:*" || fits.count() == resources.count();
                    assert!(whole, "{}: {action} is not about all of its resources", statement.sid);
                }
            }
        }
    });
}

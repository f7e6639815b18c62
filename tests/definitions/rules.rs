//! Which events start the state machine.

use super::stack::Stack;
use contract::ignored::{Ignoring, USUAL};
use cvault::vault::definitions::{RULE_FAILURES, RULE_INGRESS, RULE_VAULT};
use cvault::vault::names::Zone;
use serde_json::{Value, json};

/// EventBridge's bound for a pattern, in characters (truths E11).
const LARGEST: usize = 2_048;

/// EventBridge's matching, as far as it is in use: every member of the pattern is in the event, and
/// its value is one of those listed, or begins as one of them says; of `$or` one pattern is enough.
pub fn matches(pattern: &Value, event: &Value) -> bool {
    pattern.as_object().expect("a pattern is an object").iter().all(|(name, wanted)| match (wanted, event.get(name)) {
        (Value::Array(patterns), _) if name == "$or" => patterns.iter().any(|pattern| matches(pattern, event)),
        (_, None) => false,
        (Value::Array(values), Some(found)) => {
            let fits = |value: &Value| match value {
                Value::String(_) => value == found,
                Value::Object(test) => {
                    if let Some(suffixes) = test.get("anything-but").and_then(|it| it["suffix"].as_array()) {
                        let ends = |suffix: &Value| {
                            found.as_str().is_some_and(|it| it.ends_with(suffix.as_str().unwrap_or_default()))
                        };
                        return !suffixes.iter().any(ends);
                    }
                    assert_eq!(test.keys().collect::<Vec<_>>(), ["prefix"], "only prefixes are supported here");
                    let prefix = test["prefix"].as_str().expect("a text");
                    found.as_str().is_some_and(|found| found.starts_with(prefix))
                }
                _ => panic!("only texts are supported here: {wanted}"),
            };
            assert!(!values.is_empty(), "nothing would match");
            values.iter().any(fits)
        }
        (nested, Some(found)) => found.is_object() && matches(nested, found),
    })
}

/// S3's event of this type, in a bucket.
fn event(stack: &Stack, bucket: &str, detail_type: &str) -> Value {
    let mut detail = json!({
        "version": "0", "bucket": {"name": bucket}, "request-id": "N4N7", "requester": "123456789012",
        "object": {"key": "a.csv", "size": 5, "etag": "b194", "version-id": "IYV3", "sequencer": "0061"}
    });
    let more = match detail_type {
        "Object Created" => json!({"reason": "PutObject", "source-ip-address": "1.2.3.4"}),
        "Object Deleted" => json!({"reason": "DeleteObject", "deletion-type": "Delete Marker Created"}),
        _ => json!({}),
    };
    detail.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    json!({"version": "0", "id": "17793124", "detail-type": detail_type, "source": "aws.s3",
        "account": stack.names.account, "time": "2026-01-01T00:00:00Z", "region": stack.names.region,
        "resources": [format!("arn:{}:s3:::{bucket}", stack.names.partition)], "detail": detail})
}

/// The zones whose rule matches.
fn matching(stack: &Stack, event: &Value) -> Vec<Zone> {
    let rules = [(Zone::Ingress, RULE_INGRESS), (Zone::Vault, RULE_VAULT)];
    let matching = rules.into_iter().filter(|(_, definition)| matches(&stack.filled(*definition), event));
    matching.map(|(zone, _)| zone).collect()
}

#[test]
fn the_matcher() {
    let pattern = json!({"a": ["x", "y"], "b": {"c": ["z"]}});
    assert!(matches(&pattern, &json!({"a": "y", "b": {"c": "z", "d": 1}, "e": 1})));
    for other in
        [json!({"a": "y"}), json!({"a": "w", "b": {"c": "z"}}), json!({"a": "x", "b": "z"}), json!({"a": "x", "b": {}})]
    {
        assert!(!matches(&pattern, &other), "{other}");
    }
}

#[test]
fn a_new_object_starts_it_through_the_rule_of_its_bucket() {
    for stack in Stack::all() {
        for (zone, rules) in
            [(Zone::Ingress, vec![Zone::Ingress]), (Zone::Analytics, vec![]), (Zone::Vault, vec![Zone::Vault])]
        {
            let mut created = event(&stack, &stack.names.bucket(zone), "Object Created");
            assert_eq!(matching(&stack, &created), rules);
            for reason in ["CopyObject", "CompleteMultipartUpload", "POST Object"] {
                created["detail"]["reason"] = reason.into();
                assert_eq!(matching(&stack, &created), rules, "{reason}");
            }
            // All but bucket and key may be missing (truths D10).
            created["detail"] = json!({"bucket": {"name": stack.names.bucket(zone)}, "object": {"key": "a"}});
            assert_eq!(matching(&stack, &created), rules);
        }
    }
}

/// What is no file costs nothing where the rule can say so; the vault has none of it.
#[test]
fn what_is_ignored_starts_nothing() {
    for stack in Stack::all() {
        for (zone, starts) in [(Zone::Ingress, vec![]), (Zone::Vault, vec![Zone::Vault])] {
            let mut created = event(&stack, &stack.names.bucket(zone), "Object Created");
            created["detail"]["object"]["key"] = "in/a.csv.ignored".into();
            assert_eq!(matching(&stack, &created), starts);
            created["detail"]["object"]["key"] = ".cvault/verify/a.ignored".into();
            assert_eq!(matching(&stack, &created), [zone], "the files of verify go their way");
        }
    }
}

/// A deletion or a tag that started it would go round in circles (truths D11).
#[test]
fn nothing_else_starts_it() {
    for stack in Stack::all() {
        for zone in Zone::ALL {
            let bucket = stack.names.bucket(zone);
            for other in [
                "Object Deleted",
                "Object Tags Added",
                "Object Tags Deleted",
                "Object ACL Updated",
                "Object Restore Completed",
                "Object Storage Class Changed",
                "Object Access Tier Changed",
                "object created",
            ] {
                assert_eq!(matching(&stack, &event(&stack, &bucket, other)), [], "{other}");
            }
            for near in [format!("{bucket}2"), bucket.to_uppercase(), bucket[1..].to_owned(), String::new()] {
                assert_eq!(matching(&stack, &event(&stack, &near, "Object Created")), [], "{near}");
            }
            let mut forged = event(&stack, &bucket, "Object Created");
            forged["source"] = "my.app".into();
            assert_eq!(matching(&stack, &forged), [], "EventBridge lets nobody else be aws.s3");
        }
        assert_eq!(matching(&stack, &json!({"source": "aws.s3", "detail-type": "Object Created"})), []);
    }
}

/// An execution that told somebody by itself is told of once: what a Catch has seen ends under the same error.
#[test]
fn executions_that_told_nobody_are_told_of() {
    for stack in Stack::all() {
        let pattern = stack.filled(RULE_FAILURES);
        let of = |machine: &str, status: &str, error: Value| {
            let detail = json!({"stateMachineArn": machine, "status": status, "error": error});
            json!({"source": "aws.states", "detail-type": "Step Functions Execution Status Change", "detail": detail})
        };
        let (judges, sweeps) = (stack.names.state_machine_arn(), stack.names.sweep_arn());
        for (status, error) in [
            ("ABORTED", Value::Null),
            ("TIMED_OUT", Value::Null),
            ("FAILED", "States.DataLimitExceeded".into()),
            ("FAILED", "States.Runtime".into()),
            ("FAILED", "SNS.InvalidParameterException".into()),
        ] {
            assert!(matches(&pattern, &of(&judges, status, error)), "{status}");
        }
        assert!(matches(&pattern, &of(&sweeps, "FAILED", "Denied".into())), "a sweep tells nobody by itself");
        for error in ["Denied", "NOT_COPIED", "States.Timeout", "States.TaskFailed", "NotTold", "UnknownEvent"] {
            assert!(!matches(&pattern, &of(&judges, "FAILED", error.into())), "{error}");
        }
        for (machine, status) in [(&judges, "RUNNING"), (&judges, "SUCCEEDED"), (&sweeps, "SUCCEEDED")] {
            assert!(!matches(&pattern, &of(machine, status, Value::Null)));
        }
        assert!(!matches(&pattern, &of(&format!("{judges}2"), "ABORTED", Value::Null)), "another one's");
    }
}

#[test]
fn they_fit() {
    for stack in Stack::all() {
        for definition in [RULE_INGRESS, RULE_VAULT, RULE_FAILURES] {
            assert!(stack.filled(definition).to_string().len() <= LARGEST);
        }
    }
    // What is no file unless somebody says otherwise, and as many names as anybody may list.
    let usual = USUAL.map(str::to_owned).to_vec();
    let many = (0..1000).map(|number| format!("*.unfinished-{number}")).collect::<Vec<_>>();
    for (patterns, is_whole) in [(usual.clone(), true), ([usual, many].concat(), false)] {
        for stack in Stack::all() {
            let ignoring = Ignoring { patterns: patterns.clone(), ..Ignoring::default() };
            let pattern = stack.ignoring(&ignoring).filled(RULE_INGRESS).to_string();
            assert!(pattern.len() <= LARGEST, "{}", pattern.len());
            assert!(!is_whole || pattern.len() <= LARGEST / 2, "there is room for names of others: {}", pattern.len());
        }
    }
}

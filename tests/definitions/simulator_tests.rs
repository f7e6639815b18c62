//! The simulator against IAM's documented rules.

#![expect(clippy::needless_pass_by_value, reason = "documents are written where they are used")]

use super::simulator::{Caller, Policy, Request, wildcard};
use serde_json::{Value, json};

const ROLE: &str = "arn:aws:iam::111111111111:role/a";
const ROOT: &str = "arn:aws:iam::111111111111:root";

fn policy(statements: Value) -> Policy {
    Policy::of(&json!({"Version": "2012-10-17", "Statement": statements}))
}

fn statement(changes: Value) -> Value {
    let mut statement =
        json!({"Sid": "A", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"});
    statement.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    statement
}

fn get(caller: &str) -> Request {
    Request::new(Caller::Aws(caller.into()), "s3:GetObject", "arn:aws:s3:::b/k")
}

#[test]
fn wildcards() {
    for (pattern, text) in
        [("*", ""), ("a*c", "ac"), ("a*c", "abcbc"), ("a?c", "aéc"), ("a*b*c", "axbxbc"), ("é*", "é")]
    {
        assert!(wildcard(pattern, text), "{pattern} {text}");
    }
    for (pattern, text) in [("", "a"), ("a", "A"), ("a?c", "ac"), ("a*c", "abcd"), ("abc*", "ab"), ("*a*", "b")] {
        assert!(!wildcard(pattern, text), "{pattern} {text}");
    }
}

#[test]
fn actions_ignore_case_and_resources_do_not() {
    assert!(policy(json!([statement(json!({"Action": "S3:getobject"}))])).allows(&get(ROLE)));
    assert!(policy(json!([statement(json!({"Action": ["s3:Put*", "s3:Get*"]}))])).allows(&get(ROLE)));
    assert!(!policy(json!([statement(json!({"Resource": "arn:aws:s3:::B/*"}))])).allows(&get(ROLE)));
    assert!(!policy(json!([statement(json!({"Resource": "arn:aws:s3:::b"}))])).allows(&get(ROLE)));
}

#[test]
fn a_denial_wins() {
    let both = [statement(json!({})), statement(json!({"Effect": "Deny", "Action": "*"}))];
    assert!(!policy(json!(both)).allows(&get(ROLE)));
    let deny = policy(json!([statement(json!({"Effect": "Deny", "Principal": "*"}))]));
    for caller in [ROLE, ROOT] {
        assert!(!deny.admits(&get(caller), true));
    }
    let anonymous = Request { caller: Caller::Anonymous, ..get(ROLE) };
    assert!(deny.denies(&anonymous));
}

#[test]
fn principals() {
    let of = |principal: Value| policy(json!([statement(json!({"Principal": principal}))]));
    let admits = |principal: Value, own| of(principal).admits(&get(ROLE), own);
    assert!(admits(json!({"AWS": ROLE}), false), "named: by itself");
    assert!(admits(json!({"AWS": "*"}), false));
    assert!(!admits(json!({"AWS": ROOT}), false), "the account: not by itself");
    assert!(admits(json!({"AWS": ROOT}), true));
    assert!(
        admits(json!({"AWS": ["arn:aws:iam::222222222222:root"]}), true),
        "in one account the own policy is enough"
    );
    assert!(!admits(json!({"Service": "s3.amazonaws.com"}), false));
    assert!(of(json!({"AWS": ROOT})).admits(&get(ROOT), false), "the root itself is named");
}

/// Without the key's policy IAM's policies are nothing.
#[test]
fn kms_asks_the_key_s_policy() {
    let request = Request::new(Caller::Aws(ROLE.into()), "kms:Decrypt", "key");
    let key = |principal: &str| {
        policy(
            json!([{"Sid": "A", "Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:*", "Resource": "*"}]),
        )
    };
    assert!(key(ROOT).admits(&request, true));
    assert!(key("111111111111").admits(&request, true), "the account's id is its root");
    assert!(!key(ROOT).admits(&request, false));
    assert!(!key("arn:aws:iam::222222222222:root").admits(&request, true));
}

/// The values that satisfy a condition, of: absent, `x`, `y`.
fn satisfying(operator: &str, values: Value) -> Vec<&'static str> {
    let mut operators = serde_json::Map::new();
    operators.insert(operator.into(), json!({"aws:Key": values}));
    let policy = policy(json!([statement(json!({"Condition": operators}))]));
    let with = |value: &str| if value == "absent" { get(ROLE) } else { get(ROLE).with("aws:key", value) };
    ["absent", "x", "y"].into_iter().filter(|value| policy.allows(&with(value))).collect()
}

#[test]
fn conditions() {
    assert_eq!(satisfying("StringEquals", json!("x")), ["x"]);
    assert_eq!(satisfying("StringEquals", json!(["x", "y"])), ["x", "y"]);
    assert_eq!(satisfying("StringEquals", json!("*")), [""; 0]);
    assert_eq!(satisfying("StringLike", json!("?")), ["x", "y"]);
    assert_eq!(satisfying("StringEqualsIfExists", json!("x")), ["absent", "x"]);
    assert_eq!(satisfying("StringNotEquals", json!("x")), ["absent", "y"]);
    assert_eq!(satisfying("StringNotEquals", json!(["x", "y"])), ["absent"], "none of them");
    assert_eq!(satisfying("StringNotLike", json!("*")), ["absent"]);
    assert_eq!(satisfying("Null", json!("true")), ["absent"]);
    assert_eq!(satisfying("Null", json!("false")), ["x", "y"]);
}

#[test]
fn arns_are_compared_part_by_part() {
    let of = |operator: &str, values: Value, arn: &str| {
        let mut operators = serde_json::Map::new();
        operators.insert(operator.into(), json!({"aws:PrincipalArn": values}));
        policy(json!([statement(json!({"Condition": operators}))])).allows(&get(arn))
    };
    let path = "arn:aws:iam::111111111111:role/p/q/a";
    for operator in ["ArnEquals", "ArnLike"] {
        assert!(of(operator, json!(["x", "arn:aws:iam::*:role/p/*"]), path));
        assert!(!of(operator, json!("arn:aws:iam:*"), path));
        assert!(!of(operator, json!("*"), path));
    }
    for operator in ["ArnNotEquals", "ArnNotLike"] {
        assert!(!of(operator, json!(["arn:aws:iam::111111111111:role/b", "arn:aws:iam::*:role/p/*"]), path));
        assert!(of(operator, json!(["arn:aws:iam::111111111111:role/b"]), path));
    }
}

/// One that the other engine is known to take otherwise.
#[test]
#[should_panic(expected = "the engines differ")]
fn a_policy_that_the_engines_take_differently_is_told() {
    let condition = json!({"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::*:role/a"}});
    let document = json!({"Version": "2012-10-17", "Statement": [statement(json!({"Condition": condition}))]});
    assert!(Policy::of(&document).allows(&get(ROLE)), "IAM takes a wildcard there");
    Policy::seconded(&document).allows(&get(ROLE));
}

#[test]
fn of_no_value_there_is_any() {
    let policy = Policy::of(
        &json!({"Version": "2012-10-17", "Statement": [{"Sid": "A", "Effect": "Allow", "Action": "s3:PutObject",
        "Resource": "*", "Condition": {"ForAnyValue:StringLike": {"s3:RequestObjectTagKeys": "cvault:*"}}}]}),
    );
    let request = Request::new(Caller::Anonymous, "s3:PutObject", "r");
    assert!(!policy.allows(&request));
    assert!(policy.allows(&request.clone().with("s3:RequestObjectTagKeys", "cvault:status")));
    assert!(!policy.allows(&request.with("s3:RequestObjectTagKeys", "team")));
}

/// All operators must be satisfied, and all keys of each.
#[test]
fn conditions_are_all_needed() {
    let both = json!({"StringEquals": {"a": "1", "b": "2"}, "Bool": {"aws:SecureTransport": "true"}});
    let policy = policy(json!([statement(json!({"Condition": both}))]));
    assert!(policy.allows(&get(ROLE).with("a", "1").with("b", "2")));
    assert!(!policy.allows(&get(ROLE).with("a", "1")));
    assert!(!policy.allows(&get(ROLE).with("a", "1").with("b", "2").with("aws:SecureTransport", "false")));
}

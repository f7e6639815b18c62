//! Whether a policy denies somebody what is to be done, as far as that is seen before it is tried.
//!
//! Of a condition on what is known beforehand (who asks, that it is over TLS, that no encryption is asked for) it is
//! told whether it holds. Of any other, a network or a time, it cannot be.

use super::policy::{Policy, is_like, texts};
use serde_json::Value;
use std::collections::BTreeMap;

/// What stands for the key of any object.
const ANY_KEY: &str = "cvault-any-key";

/// Somebody and what is to be done.
#[derive(Clone, Debug)]
pub struct Deeds {
    /// The role's ARN.
    pub role: String,
    /// Actions, each with its resource; behind a `*` at its end is any object.
    pub needed: Vec<(String, String)>,
}

/// What a statement denies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Denial {
    /// What it denies whatever else holds.
    pub certain: Vec<String>,
    /// What it may deny: that depends on what is not seen here.
    pub possible: Vec<String>,
}

impl Deeds {
    /// What the statements of a policy deny of it, by the statements' names.
    #[must_use]
    pub fn denied_by(&self, policy: &Policy) -> BTreeMap<String, Denial> {
        let denials = policy.statements().map(|(sid, statement)| (sid.to_owned(), self.denied(statement)));
        denials.filter(|(_, denial)| *denial != Denial::default()).collect()
    }

    fn denied(&self, statement: &Value) -> Denial {
        let mut denial = Denial::default();
        let (by_name, by_condition) = (self.is_meant(statement), self.conditions_hold(statement));
        if statement["Effect"] != "Deny" {
            return denial;
        }
        for (action, resource) in &self.needed {
            let all = [by_name, by_condition, Some(of_action(statement, action)), of_resource(statement, resource)];
            let list = match and(all) {
                Some(false) => continue,
                Some(true) => &mut denial.certain,
                None => &mut denial.possible,
            };
            if !list.contains(action) {
                list.push(action.clone());
            }
        }
        denial
    }

    fn account(&self) -> &str {
        self.role.split(':').nth(4).unwrap_or_default()
    }

    fn is_meant(&self, statement: &Value) -> Option<bool> {
        let is_ours = |name: &str| name == "*" || name == self.account() || name == self.role;
        let names = |member: &str| texts(&statement[member]["AWS"]).any(is_ours);
        if statement["NotPrincipal"].is_null() {
            return Some(names("Principal"));
        }
        // Who is left out is the session, whose name is not known.
        if names("NotPrincipal") { None } else { Some(true) }
    }

    fn conditions_hold(&self, statement: &Value) -> Option<bool> {
        let operators = statement["Condition"].as_object().into_iter().flatten();
        let keys = operators.flat_map(|(operator, keys)| {
            let keys = keys.as_object().into_iter().flatten();
            keys.map(move |(key, values)| (operator.as_str(), key.as_str(), values))
        });
        and(keys.map(|(operator, key, values)| self.holds(operator, key, values)))
    }

    /// Whether a condition holds; `None` where that is not known.
    fn holds(&self, operator: &str, key: &str, values: &Value) -> Option<bool> {
        let is = match key {
            "aws:principalarn" => Some(self.role.as_str()),
            "aws:principalaccount" | "aws:resourceaccount" => Some(self.account()),
            "aws:securetransport" => Some("true"),
            // The bucket's default decides.
            "s3:x-amz-server-side-encryption"
            | "s3:x-amz-server-side-encryption-aws-kms-key-id"
            | "s3:x-amz-server-side-encryption-customer-algorithm" => None,
            _ => return None,
        };
        let (operator, if_exists) = match operator.strip_suffix("IfExists") {
            Some(operator) => (operator, true),
            None => (operator, false),
        };
        if texts(values).any(|value| value.contains("${")) {
            return None;
        }
        let any = |is_one: &dyn Fn(&str, &str) -> bool| is.map(|is| texts(values).any(|value| is_one(value, is)));
        let equal = |value: &str, is: &str| value == is;
        let (found, negated) = match operator {
            "Null" => return Some(texts(values).any(|value| (value == "true") == is.is_none())),
            "StringEquals" | "Bool" => (any(&equal), false),
            "StringLike" | "ArnEquals" | "ArnLike" => (any(&is_like), false),
            "StringNotEquals" => (any(&equal), true),
            "StringNotLike" | "ArnNotEquals" | "ArnNotLike" => (any(&is_like), true),
            _ => return None,
        };
        Some(found.map_or(negated || if_exists, |found| found != negated))
    }
}

/// Whether all hold: one that does not decides, whatever is not known of the others.
fn and(all: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = Some(true);
    for one in all {
        match one {
            Some(false) => return Some(false),
            Some(true) => {}
            None => known = None,
        }
    }
    known
}

fn of_action(statement: &Value, action: &str) -> bool {
    let is_one = |pattern: &str| is_like(&pattern.to_lowercase(), &action.to_lowercase());
    among(statement, ["Action", "NotAction"], is_one)
}

fn of_resource(statement: &Value, resource: &str) -> Option<bool> {
    let Some(any) = resource.strip_suffix('*') else {
        return Some(among(statement, ["Resource", "NotResource"], |pattern| is_like(pattern, resource)));
    };
    let whole = format!("{any}{ANY_KEY}");
    if among(statement, ["Resource", "NotResource"], |pattern| is_like(pattern, &whole)) {
        return Some(true);
    }
    // Some objects, by their names.
    let is_some = |pattern: &str| {
        let plain = pattern.split(['*', '?']).next().unwrap_or_default();
        plain.starts_with(any) || any.starts_with(plain)
    };
    if texts(&statement["Resource"]).any(is_some) { None } else { Some(false) }
}

fn among(statement: &Value, [of, but]: [&str; 2], is_one: impl Fn(&str) -> bool) -> bool {
    match statement.get(but) {
        Some(others) => !texts(others).any(is_one),
        None => texts(&statement[of]).any(is_one),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ROLE: &str = "arn:aws:iam::123456789012:role/cyber_vault-classifier-x";

    /// What of putting any object, and of listing the bucket, a statement denies.
    fn denied(change: &Value) -> (Vec<String>, Vec<String>) {
        let mut statement = json!({"Sid": "S", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
            "Resource": ["arn:aws:s3:::held", "arn:aws:s3:::held/*"]});
        for (name, value) in change.as_object().unwrap() {
            statement[name] = value.clone();
        }
        let needed = [("s3:PutObject", "arn:aws:s3:::held/*"), ("s3:ListBucket", "arn:aws:s3:::held")];
        let needed = needed.map(|(action, resource)| (action.to_owned(), resource.to_owned())).into();
        let deeds = Deeds { role: ROLE.into(), needed };
        let denial = deeds.denied_by(&json!({"Statement": [statement]}).into()).remove("S").unwrap_or_default();
        (denial.certain, denial.possible)
    }

    fn on(operator: &str, key: &str, value: &str) -> Value {
        json!({"Condition": {operator: {key: value}}})
    }

    #[test]
    fn what_is_denied_whatever_else_holds() {
        for change in [
            json!({}),
            json!({"Principal": {"AWS": "123456789012"}}),
            json!({"Principal": {"AWS": ROLE}}),
            on("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::123456789012:role/lab-*"),
            on("StringNotEqualsIfExists", "AWS:principalarn", "arn:aws:iam::123456789012:role/lab"),
            on("StringEquals", "aws:PrincipalAccount", "123456789012"),
            on("Bool", "aws:SecureTransport", "true"),
            on("StringNotEquals", "s3:x-amz-server-side-encryption", "aws:kms"),
            on("Null", "s3:x-amz-server-side-encryption-aws-kms-key-id", "true"),
        ] {
            assert_eq!(denied(&change), (vec!["s3:PutObject".into(), "s3:ListBucket".into()], vec![]), "{change}");
        }
        let writes = json!({"Action": "s3:Put*", "Resource": "*"});
        assert_eq!(denied(&writes), (vec!["s3:PutObject".into()], vec![]));
        assert_eq!(denied(&json!({"Action": null, "NotAction": ["s3:List*"]})).0, ["s3:PutObject"]);
    }

    #[test]
    fn what_is_not_denied() {
        for change in [
            json!({"Effect": "Allow"}),
            json!({"Principal": {"AWS": "999999999999"}}),
            json!({"Principal": {"Service": "logs.amazonaws.com"}}),
            json!({"Action": ["s3:DeleteBucket", "s3:GetObject"]}),
            json!({"Resource": ["arn:aws:s3:::held2", "arn:aws:s3:::held2/*"]}),
            on("Bool", "aws:SecureTransport", "false"),
            on("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/cyber_vault-*"),
            on("ArnLike", "aws:PrincipalArn", "arn:aws:iam::123456789012:role/lab-*"),
            on("Null", "s3:x-amz-server-side-encryption", "false"),
            on("StringEquals", "s3:x-amz-server-side-encryption", "AES256"),
            on("StringNotEqualsIfExists", "aws:PrincipalAccount", "123456789012"),
            // One that does not hold decides.
            json!({"Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-0a"}, "Bool": {"aws:SecureTransport": "false"}}}),
        ] {
            assert_eq!(denied(&change), (vec![], vec![]), "{change}");
        }
    }

    #[test]
    fn what_cannot_be_told() {
        for change in [
            on("StringNotEquals", "aws:SourceVpce", "vpce-0a"),
            on("NumericLessThan", "s3:TlsVersion", "1.2"),
            on("StringNotLike", "aws:PrincipalArn", "arn:aws:iam::${aws:PrincipalAccount}:role/x"),
            on("ForAnyValue:StringLike", "aws:PrincipalArn", "*"),
            json!({"Principal": null, "NotPrincipal": {"AWS": ROLE}}),
        ] {
            assert_eq!(denied(&change), (vec![], vec!["s3:PutObject".into(), "s3:ListBucket".into()]), "{change}");
        }
        let folder = json!({"Resource": "arn:aws:s3:::held/private/*"});
        assert_eq!(denied(&folder), (vec![], vec!["s3:PutObject".into()]));
        assert_eq!(denied(&json!({"Principal": null, "NotPrincipal": {"AWS": "999999999999"}})).1, [""; 0]);
    }
}

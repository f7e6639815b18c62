//! Policies as values that can be compared: AWS gives back what it was sent in another order and
//! shape (truths I14).

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

/// A policy in one canonical form: statements by `Sid`, one-item lists as lists, sets sorted.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy(Value);

/// Policies are compared only; what AWS is sent is the document as it is written.
impl Serialize for Policy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl From<Value> for Policy {
    fn from(policy: Value) -> Self {
        Self(canonical(policy))
    }
}

impl Policy {
    /// The policy in a text from AWS; what is no JSON stays the text that it is, and differs.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        serde_json::from_str::<Value>(text).map_or_else(|_| Self(text.into()), Self::from)
    }

    /// The statements in their canonical form, by their `Sid` or number.
    pub fn statements(&self) -> impl Iterator<Item = (&str, &Value)> {
        let statements = self.0["Statement"].as_object().into_iter().flatten();
        statements.map(|(sid, statement)| (sid.as_str(), statement))
    }

    /// Whether a statement allows an action to a principal of this kind, as far as their names go: what conditions say
    /// is AWS's to tell. An account stands for its root.
    #[must_use]
    pub fn names(&self, kind: &str, principals: &[String], action: &str) -> bool {
        let is_one = |name: &str| principals.iter().any(|one| one == name) || kind == "AWS" && name == "*";
        let is_action = |pattern: &str| is_like(&pattern.to_lowercase(), &action.to_lowercase());
        let allows = |statement: &Value| {
            statement["Effect"] == "Allow"
                && texts(&statement["Action"]).any(is_action)
                && texts(&statement["Principal"][kind]).any(is_one)
        };
        self.statements().any(|(_, statement)| allows(statement))
    }
}

/// The texts of a list in a statement's canonical form.
pub fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// As IAM matches names: `*` stands for any text, `?` for any character.
#[must_use]
pub fn is_like(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('*') => {
            text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| is_like(rest.as_str(), &text[at..]))
        }
        Some(wanted) => {
            let mut others = text.chars();
            others.next().is_some_and(|is| wanted == '?' || is == wanted) && is_like(rest.as_str(), others.as_str())
        }
    }
}

fn canonical(policy: Value) -> Value {
    let Value::Object(mut policy) = policy else { return policy };
    // Made up by CloudFormation and by SNS's default policy; it means nothing (truths K19).
    policy.remove("Id");
    if let Some(statements) = policy.remove("Statement") {
        let mut by_sid = Map::new();
        for (number, statement) in listed(statements).into_iter().enumerate() {
            let (sid, statement) = canonical_statement(statement);
            let sid = sid.filter(|sid| !by_sid.contains_key(sid)).unwrap_or_else(|| format!("#{}", number + 1));
            by_sid.insert(sid, statement);
        }
        policy.insert("Statement".into(), by_sid.into());
    }
    policy.into()
}

fn canonical_statement(statement: Value) -> (Option<String>, Value) {
    let Value::Object(statement) = statement else { return (None, statement) };
    let mut sid = None;
    let mut members = Map::new();
    for (name, value) in statement {
        let value = match name.as_str() {
            "Sid" => {
                // S3 numbers statements that have no Sid.
                sid = value.as_str().filter(|sid| sid.parse::<u32>().is_err()).map(str::to_owned);
                continue;
            }
            "Action" | "NotAction" => sorted(listed(value).into_iter().map(|action| lower_service(&action)).collect()),
            "Resource" | "NotResource" => sorted(listed(value)),
            "Principal" | "NotPrincipal" => canonical_principal(value),
            "Condition" => canonical_condition(value),
            _ => value,
        };
        members.insert(name, value);
    }
    (sid, members.into())
}

fn canonical_principal(principal: Value) -> Value {
    let Value::Object(principal) = principal else { return json!({"AWS": listed(principal)}) };
    let by_kind = principal.into_iter().map(|(kind, names)| {
        let names = listed(names).into_iter().map(|name| account_of_root(&name).map_or(name, Value::String));
        (kind, sorted(names.collect()))
    });
    by_kind.collect::<Map<_, _>>().into()
}

/// An account id and its root's ARN are the same principal.
fn account_of_root(name: &Value) -> Option<String> {
    let parts: Vec<_> = name.as_str()?.split(':').collect();
    match parts[..] {
        ["arn", _, "iam", "", account, "root"] => Some(account.to_owned()),
        _ => None,
    }
}

fn canonical_condition(condition: Value) -> Value {
    let Value::Object(condition) = condition else { return condition };
    let by_operator = condition.into_iter().map(|(operator, keys)| {
        let Value::Object(keys) = keys else { return (operator, keys) };
        let keys = keys.into_iter().map(|(key, values)| {
            let texts = listed(values).into_iter().map(|value| match value {
                Value::String(text) => Value::String(text),
                other => Value::String(other.to_string()),
            });
            (key.to_lowercase(), sorted(texts.collect()))
        });
        (operator, Value::Object(keys.collect()))
    });
    by_operator.collect::<Map<_, _>>().into()
}

fn listed(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        one => vec![one],
    }
}

fn sorted(mut items: Vec<Value>) -> Value {
    items.sort_by_key(ToString::to_string);
    items.dedup();
    items.into()
}

fn lower_service(action: &Value) -> Value {
    match action.as_str().and_then(|action| action.split_once(':')) {
        Some((service, name)) => format!("{}:{name}", service.to_lowercase()).into(),
        None => action.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(statement: &Value) -> Policy {
        json!({"Version": "2012-10-17", "Statement": statement}).into()
    }

    /// What AWS was seen to give back for what it was sent.
    #[test]
    fn other_shapes_of_the_same() {
        let sent = policy(&json!([
            {"Sid": "A", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
             "Action": ["sns:Publish"], "Resource": ["b", "a"],
             "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
            {"Sid": "B", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "x"}
        ]));
        let read = Policy::parse(
            r#"{"Id": "made-up", "Statement": [
            {"Resource": "x", "Action": ["S3:*"], "Principal": {"AWS": "*"}, "Effect": "Deny", "Sid": "B"},
            {"Condition": {"Bool": {"AWS:SecureTransport": [false]}}, "Resource": ["a", "b"],
             "Action": "SNS:Publish", "Principal": {"AWS": ["123456789012"]}, "Effect": "Allow", "Sid": "A"}
            ], "Version": "2012-10-17"}"#,
        );
        assert_eq!(sent, read);
    }

    #[test]
    fn what_means_something_else_differs() {
        let one = |change: &dyn Fn(&mut Value)| {
            let mut statement = json!({"Sid": "A", "Effect": "Allow", "Principal": {"AWS": "123456789012"},
                "Action": "s3:GetObject", "Resource": "a", "Condition": {"Bool": {"k": "true"}}});
            change(&mut statement);
            policy(&json!([statement]))
        };
        let same = one(&|_| {});
        for change in [
            &(|s: &mut Value| s["Effect"] = "Deny".into()) as &dyn Fn(&mut Value),
            &|s| s["Principal"] = "*".into(),
            &|s| s["Principal"] = json!({"AWS": "AROAEXAMPLE"}),
            &|s| s["Action"] = "s3:getobject".into(),
            &|s| s["Resource"] = json!(["a", "b"]),
            &|s| s["Condition"] = json!({"Bool": {"k": "false"}}),
            &|s| s["Condition"] = json!({"BoolIfExists": {"k": "true"}}),
        ] {
            assert_ne!(same, one(change));
        }
    }

    #[test]
    fn an_added_statement_differs_with_or_without_a_sid() {
        let ours = json!({"Sid": "A", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "x"});
        let added = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "x"});
        assert_ne!(policy(&json!([ours])), policy(&json!([ours, added])));
        assert_ne!(policy(&json!([ours])), policy(&json!([ours, ours])));
    }

    #[test]
    fn who_is_allowed_is_seen_by_name() {
        let policy = policy(&json!([
            {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"},
            {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Describe*", "Resource": "*"},
            {"Effect": "Allow", "Principal": {"Service": "logs.eu-west-1.amazonaws.com"},
             "Action": ["kms:*crypt*", "kms:generatedatakey"], "Resource": "*"},
            {"Effect": "Deny", "Principal": {"AWS": "999999999999"}, "Action": "kms:*", "Resource": "*"}
        ]));
        let names = |kind: &str, who: &str, action: &str| policy.names(kind, &[who.to_owned()], action);
        assert!(names("AWS", "123456789012", "kms:Decrypt") && names("AWS", "999999999999", "kms:DescribeKey"));
        assert!(!names("AWS", "999999999999", "kms:Decrypt"), "denied to, not allowed");
        let logs = "logs.eu-west-1.amazonaws.com";
        assert!(names("Service", logs, "kms:Encrypt") && names("Service", logs, "kms:GenerateDataKey"));
        assert!(
            !names("Service", logs, "kms:DescribeKey")
                && !names("Service", "logs.eu-west-2.amazonaws.com", "kms:Encrypt")
        );
    }

    #[test]
    fn no_json_is_kept_as_text() {
        assert_eq!(Policy::parse("nonsense"), Policy("nonsense".into()));
    }
}

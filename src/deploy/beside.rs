//! What others have added to what is ours: a statement of a policy may stand beside ours where it lets nothing out. It is
//! shown, and sent along whenever the policy is written, since every such write replaces the whole.

use crate::deploy::identity::is_account;
use crate::deploy::plan::{Plan, Step};
use crate::deploy::policy::{Policy, is_like, texts};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What a note says of what is left as it is.
const STAY: &str = "of others stay";

/// What a statement of somebody else's may allow on a kind of resource.
#[derive(Clone, Debug)]
pub struct Tolerance {
    /// What statements of ours are called, those too that the configuration does not want: none of these is another's.
    pub own_names: BTreeSet<String>,
    /// The stack's account.
    pub account: String,
    /// These actions, in IAM's names, to whoever is of that account; a `*` at the end is any rest.
    pub actions: &'static [&'static str],
    /// And these to other accounts, too: by none of them does anything get out.
    pub from_outside: &'static [&'static str],
    /// And these, but through an AWS service alone (`kms:ViaService`).
    pub through_services: &'static [&'static str],
}

/// A policy as AWS has it, in what is compared with ours and what is not.
#[derive(Debug)]
pub struct Parted {
    /// Everything that is ours, that does harm, or that could.
    pub compared: Policy,
    /// What others have added and does none, as it stands there.
    others: Vec<Value>,
    names: Vec<String>,
}

impl Parted {
    /// Parts a policy's text.
    #[must_use]
    pub fn of(text: &str, tolerance: &Tolerance) -> Self {
        let Ok(Value::Object(mut found)) = serde_json::from_str::<Value>(text) else {
            return Self { compared: Policy::parse(text), others: vec![], names: vec![] };
        };
        let statements = match found.remove("Statement") {
            Some(Value::Array(statements)) => statements,
            one => one.into_iter().collect(),
        };
        let mut names = vec![];
        let (others, rest): (Vec<_>, Vec<_>) = statements.into_iter().partition(|statement| {
            let name = harmless(statement, tolerance);
            names.extend(name.clone());
            name.is_some()
        });
        found.insert("Statement".into(), rest.into());
        Self { compared: Value::from(found).into(), others, names }
    }

    /// Our document with what others have added.
    #[must_use]
    pub fn joined(&self, ours: &Value) -> Value {
        let mut joined = ours.clone();
        if let Some(statements) = joined["Statement"].as_array_mut() {
            statements.extend(self.others.iter().cloned());
        }
        joined
    }

    /// What is to be said of it, where there is something.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        note("statements", &self.names)
    }
}

/// What is to be said of what others have added and is left.
#[must_use]
pub fn note(what: &str, names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| format!("{what} {STAY}: {}", names.join(", ")))
}

/// Whether it is what this note says.
#[must_use]
pub fn is_said_by(note: &str) -> bool {
    note.contains(STAY)
}

/// What a run says of all of it.
#[must_use]
pub fn notes(plan: &Plan) -> Vec<String> {
    let said = |step: &Step| Some(format!("{}: {}", step.name, step.note.as_ref().filter(|note| is_said_by(note))?));
    plan.resources.iter().filter_map(said).collect()
}

/// The name of a statement that others have added and that does no harm. What denies may stop who judges; what is allowed
/// to everybody, or to all but some, is nobody's to add; and whom AWS does not find any more it takes in no policy.
fn harmless(statement: &Value, tolerance: &Tolerance) -> Option<String> {
    let sid = statement["Sid"].as_str();
    let alone = Policy::from(json!({"Statement": [statement]}));
    let (_, canonical) = alone.statements().next()?;
    let known = ["Effect", "Principal", "Action", "Resource", "Condition"];
    let is_ours = sid.is_some_and(|sid| tolerance.own_names.contains(sid));
    let is_plain = canonical.as_object().is_some_and(|members| members.keys().all(|name| known.contains(&&**name)));
    let actions: Vec<_> = texts(&canonical["Action"]).map(str::to_lowercase).collect();
    let through_services = is_through_services(canonical);
    let among = |all: &[&str], action: &String| all.iter().any(|one| is_like(&one.to_lowercase(), action));
    let may_be_outside = actions.iter().all(|action| among(tolerance.from_outside, action));
    let is_within = |action: &String| {
        among(tolerance.actions, action)
            || may_be_outside
            || through_services && among(tolerance.through_services, action)
    };
    let who = Who {
        account: &tolerance.account,
        may_be_outside,
        is_source_ours: is_source_of(canonical, &tolerance.account),
    };
    let is_harmless = !is_ours
        && is_plain
        && canonical["Effect"] == "Allow"
        && who.is_somebody(&canonical["Principal"])
        && !actions.is_empty()
        && actions.iter().all(is_within);
    is_harmless.then(|| sid.filter(|sid| !sid.is_empty()).unwrap_or("one without a name").to_owned())
}

/// To whom a statement may be.
struct Who<'a> {
    account: &'a str,
    may_be_outside: bool,
    /// A service acts for whoever asks it: for another account's resources, too, unless a condition says whose.
    is_source_ours: bool,
}

impl Who<'_> {
    /// Whether it names accounts, users, roles and services that it may be, each by name.
    fn is_somebody(&self, principal: &Value) -> bool {
        let Some(kinds) = principal.as_object() else { return false };
        let is_named = |kind: &str, name: &str| match kind {
            "AWS" => account_of(name).is_some_and(|account| self.may_be_outside || account == self.account),
            "Service" => self.is_source_ours && name.contains('.') && !name.contains(['*', '?']),
            _ => false,
        };
        let all_are = |(kind, names): (&String, &Value)| {
            texts(names).next().is_some() && texts(names).all(|name| is_named(kind, name))
        };
        !kinds.is_empty() && kinds.iter().all(all_are)
    }
}

/// The account of a principal, or of a source, that is named without a wildcard in it.
fn account_of(name: &str) -> Option<&str> {
    if is_account(name) {
        return Some(name);
    }
    let account = name.strip_prefix("arn:")?.split(':').nth(3)?;
    (is_account(account) && !name.contains(['*', '?'])).then_some(account)
}

/// Whether a condition that does not hold where it says nothing wants the request to be for a resource of this account.
fn is_source_of(statement: &Value, account: &str) -> bool {
    let condition = &statement["Condition"];
    let all =
        |values: &Value, is_ours: &dyn Fn(&str) -> bool| texts(values).next().is_some() && texts(values).all(is_ours);
    let is_arn_of = |arn: &str| arn.split(':').nth(4) == Some(account);
    all(&condition["StringEquals"]["aws:sourceaccount"], &|it| it == account)
        || ["ArnEquals", "ArnLike", "StringEquals"]
            .iter()
            .any(|operator| all(&condition[operator]["aws:sourcearn"], &is_arn_of))
}

/// Whether it is for calls alone that an AWS service makes for the caller: the operators that do not hold where the key
/// is not there.
fn is_through_services(statement: &Value) -> bool {
    ["StringEquals", "StringLike"].iter().any(|operator| {
        let services = &statement["Condition"][operator]["kms:viaservice"];
        texts(services).next().is_some() && texts(services).all(is_service)
    })
}

/// Whether it is the name that a service has in a region.
fn is_service(name: &str) -> bool {
    let is_of_aws = [".amazonaws.com", ".amazonaws.com.cn"].iter().any(|end| name.ends_with(end));
    is_of_aws && !name.contains(['*', '?'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tolerance() -> Tolerance {
        let own_names = ["Ours", "OursUnderOtherSettings"].map(str::to_owned).into();
        let account = "123456789012".into();
        let actions = &["s3:PutObject", "s3:List*"];
        Tolerance { own_names, account, actions, from_outside: &["s3:PutObject"], through_services: &["kms:Decrypt"] }
    }

    fn ours() -> Value {
        json!({"Version": "2012-10-17", "Statement": [
            {"Sid": "Ours", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "b",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]})
    }

    fn statement() -> Value {
        json!({"Sid": "Theirs", "Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "s3:PutObject",
            "Resource": "b/*"})
    }

    fn parted(statements: &[&Value]) -> Parted {
        let mut found = ours();
        found["Statement"].as_array_mut().unwrap().extend(statements.iter().map(|it| (*it).clone()));
        Parted::of(&found.to_string(), &tolerance())
    }

    fn changed(change: impl Fn(&mut Value)) -> Value {
        let mut changed = statement();
        change(&mut changed);
        changed
    }

    #[test]
    fn what_does_no_harm_is_left_named_and_sent_along() {
        let unnamed = changed(|it| drop(it.as_object_mut().unwrap().remove("Sid")));
        for harmless in [
            statement(),
            unnamed.clone(),
            changed(|it| it["Action"] = json!(["S3:putobject", "s3:ListBucket*", "s3:List*"])),
            changed(|it| {
                it["Principal"] = json!({"AWS": ["arn:aws:iam::210987654321:role/a"], "Service": "x.amazonaws.com"});
                it["Condition"] = json!({"ArnLike": {"aws:SourceArn": "arn:aws:x:eu-west-1:123456789012:*"}});
            }),
            changed(|it| {
                it["Principal"] = json!({"AWS": "arn:aws:iam::123456789012:role/a"});
                it["Action"] = "s3:ListBucket".into();
            }),
            changed(|it| it["Condition"] = json!({"StringEquals": {"aws:SourceAccount": "123456789012"}})),
            changed(|it| {
                it["Action"] = "kms:Decrypt".into();
                it["Condition"] = json!({"StringEquals": {"KMS:ViaService": "s3.eu-west-1.amazonaws.com"}});
            }),
        ] {
            let parted = parted(&[&harmless]);
            assert_eq!(parted.compared, ours().into(), "{harmless}");
            let joined = parted.joined(&ours());
            assert_eq!(joined["Statement"].as_array().unwrap()[1..], [harmless]);
            assert!(parted.note().is_some());
        }
        let both = parted(&[&statement(), &unnamed]);
        assert_eq!(both.note().as_deref(), Some("statements of others stay: Theirs, one without a name"));
        assert_eq!((parted(&[]).note(), parted(&[]).joined(&ours())), (None, ours()));
    }

    #[test]
    fn what_could_do_harm_differs() {
        for harmful in [
            changed(|it| it["Effect"] = "Deny".into()),
            changed(|it| it["Sid"] = "OursUnderOtherSettings".into()),
            changed(|it| it["Principal"] = "*".into()),
            changed(|it| it["Principal"] = json!({"AWS": "*"})),
            changed(|it| it["Principal"] = json!({"AWS": ["123456789012", "*"]})),
            changed(|it| it["Principal"] = json!({"AWS": "AROAEXAMPLE"})),
            changed(|it| {
                it["Principal"] = json!({"AWS": ["123456789012", "210987654321"]});
                it["Action"] = "s3:ListBucket".into();
            }),
            changed(|it| it["Principal"] = json!({"Service": "x.amazonaws.com"})),
            changed(|it| {
                it["Principal"] = json!({"Service": "x.amazonaws.com"});
                it["Condition"] = json!({"StringEqualsIfExists": {"aws:SourceAccount": "123456789012"}});
            }),
            changed(|it| {
                it["Principal"] = json!({"Service": "x.amazonaws.com"});
                it["Condition"] = json!({"ArnLike": {"aws:SourceArn": "arn:aws:x:eu-west-1:*:*"}});
            }),
            changed(|it| it["Principal"] = json!({"Federated": "cognito-identity.amazonaws.com"})),
            changed(|it| it["Principal"] = json!({"AWS": []})),
            changed(|it| it["Principal"] = Value::Null),
            changed(|it| {
                it["NotPrincipal"] = it["Principal"].take();
                it.as_object_mut().unwrap().remove("Principal");
            }),
            changed(|it| it["NotResource"] = "b/x".into()),
            changed(|it| {
                it["NotAction"] = it["Action"].take();
                it.as_object_mut().unwrap().remove("Action");
            }),
            changed(|it| it["Action"] = json!([])),
            changed(|it| it["Action"] = "*".into()),
            changed(|it| it["Action"] = "s3:*".into()),
            changed(|it| it["Action"] = "s3:PutObject*".into()),
            changed(|it| it["Action"] = json!(["s3:PutObject", "s3:DeleteObject"])),
            changed(|it| it["Action"] = "kms:Decrypt".into()),
            changed(|it| {
                it["Action"] = "kms:Decrypt".into();
                it["Condition"] = json!({"StringEqualsIfExists": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}});
            }),
            changed(|it| {
                it["Action"] = "kms:Decrypt".into();
                it["Condition"] = json!({"StringLike": {"kms:ViaService": "*"}});
            }),
            changed(|it| {
                it["Action"] = "kms:Decrypt".into();
                it["Condition"] = json!({"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}});
            }),
            changed(|it| {
                it["Principal"] = json!({"AWS": "210987654321"});
                it["Action"] = "kms:Decrypt".into();
                it["Condition"] = json!({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}});
            }),
        ] {
            let parted = parted(&[&harmful]);
            assert_ne!(parted.compared, ours().into(), "{harmful}");
            assert_eq!((parted.note(), parted.joined(&ours())), (None, ours()), "{harmful}");
        }
    }

    #[test]
    fn ours_is_compared_whatever_stands_beside() {
        let found = json!({"Version": "2012-10-17", "Statement": statement()}).to_string();
        let parted = Parted::of(&found, &tolerance());
        assert_ne!(parted.compared, ours().into());
        assert_eq!(parted.joined(&ours())["Statement"].as_array().unwrap().len(), 2);
        assert_eq!(Parted::of("nonsense", &tolerance()).compared, Policy::parse("nonsense"));
    }
}

//! What the identity that runs cvault needs of IAM: each resource says it beside the calls that need
//! it, and this module makes one policy of that. `cvault policy` prints it.

use crate::deploy::identity::Tags;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// When a permission is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// To look at the stack: for `up`, `down` and `status`.
    Observe,
    /// To create and repair: for `up`.
    Apply,
    /// To remove: for `down`.
    Delete,
    /// To empty buckets: for `down --delete-data`.
    DeleteData,
    /// For `held`.
    Held,
    /// For `show`.
    Show,
    /// For `release`.
    Release,
    /// For `discard`.
    Discard,
    /// For `judge`.
    Judge,
    /// For `report`.
    Report,
    /// For `list`.
    List,
    /// For `gc`.
    Gc,
    /// For `doctor`, beside [`Self::Observe`].
    Doctor,
    /// For `verify`, beside [`Self::Observe`].
    Verify,
}

/// Actions on resources.
#[derive(Clone, Debug)]
pub struct Permission {
    /// When they are needed.
    pub phase: Phase,
    /// In IAM's names, which are not always the calls'.
    pub actions: &'static [&'static str],
    /// ARNs; `*` only for what has no resource.
    pub resources: Vec<String>,
    /// Under which condition: operator, key and value.
    pub conditions: Vec<(&'static str, String, String)>,
}

impl Permission {
    /// Actions that are needed in a phase.
    #[must_use]
    pub fn new<const N: usize>(phase: Phase, actions: &'static [&'static str], resources: [String; N]) -> Self {
        Self { phase, actions, resources: resources.into(), conditions: vec![] }
    }

    /// Only where `key` equals `value`, or is like it where it has a `*`.
    #[must_use]
    pub fn when(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        let value = value.into();
        let operator = if value.contains('*') { "StringLike" } else { "StringEquals" };
        self.conditions.push((operator, key.into(), value));
        self
    }

    /// Only on what carries the stack's tags.
    #[must_use]
    pub fn of_what_is_tagged(self, tags: Tags<'_>) -> Self {
        self.when_tagged("aws:ResourceTag", tags)
    }

    /// Only with the stack's tags in the request.
    #[must_use]
    pub fn with_our_tags(self, tags: Tags<'_>) -> Self {
        self.when_tagged("aws:RequestTag", tags)
    }

    fn when_tagged(self, kind: &str, tags: Tags<'_>) -> Self {
        tags.into_iter().fold(self, |it, (key, value)| it.when(format!("{kind}/{key}"), value))
    }

    /// Handing a role to a service, which is allowed for that role and service alone.
    #[must_use]
    pub fn pass_role(role_arn: String, service: &str) -> Self {
        Self::new(Phase::Apply, &["iam:PassRole"], [role_arn]).when("iam:PassedToService", service)
    }
}

type Conditions = Vec<(&'static str, String, String)>;
type OfResource<'a> = BTreeMap<(String, Conditions), BTreeSet<&'a str>>;
type Statements<'a> = BTreeMap<(BTreeSet<&'a str>, Conditions), Vec<String>>;

/// The policy for these phases: a statement for all resources of which the same may be done under the
/// same conditions.
#[must_use]
pub fn policy(permissions: &[Permission], phases: &[Phase]) -> Value {
    let mut of_resource = OfResource::new();
    for permission in permissions.iter().filter(|permission| phases.contains(&permission.phase)) {
        for resource in &permission.resources {
            let actions = of_resource.entry((resource.clone(), permission.conditions.clone())).or_default();
            actions.extend(permission.actions);
        }
    }
    let mut statements = Statements::new();
    for ((resource, conditions), actions) in without_what_is_allowed_wider(&of_resource) {
        statements.entry((actions, conditions)).or_default().push(resource);
    }
    let statements = joined(statements).into_iter().map(|((actions, conditions), resources)| {
        let mut statement = json!({"Effect": "Allow", "Action": actions, "Resource": resources});
        if !conditions.is_empty() {
            statement["Condition"] = condition(conditions);
        }
        statement
    });
    json!({"Version": "2012-10-17", "Statement": statements.collect::<Vec<_>>()})
}

/// How many characters a managed policy has room for; IAM counts no blanks between words.
pub const LARGEST: usize = 6_144;

/// The policy in as few as fit into a managed policy each, in the order of its statements.
#[must_use]
pub fn parts(policy: &Value) -> Vec<Value> {
    let of = |statements: &[Value]| json!({"Version": "2012-10-17", "Statement": statements});
    let mut parts: Vec<Vec<Value>> = vec![vec![]];
    for statement in policy["Statement"].as_array().into_iter().flatten() {
        let fits = |part: &Vec<Value>| {
            of(&[part.as_slice(), std::slice::from_ref(statement)].concat()).to_string().len() <= LARGEST
        };
        match parts.iter_mut().find(|part| part.is_empty() || fits(part)) {
            Some(part) => part.push(statement.clone()),
            None => parts.push(vec![statement.clone()]),
        }
    }
    parts.iter().map(|part| of(part)).collect()
}

/// What may be done in a whole bucket need not be said of a folder in it.
fn without_what_is_allowed_wider<'a>(of_resource: &OfResource<'a>) -> OfResource<'a> {
    let narrow = |resource: &str, conditions: &Conditions, action: &str| {
        let is_wider = |wide: &str| {
            wide != resource
                && wide.strip_suffix('*').is_some_and(|start| start.ends_with('/') && resource.starts_with(start))
        };
        of_resource.iter().any(|((wide, of), actions)| is_wider(wide) && of == conditions && actions.contains(action))
    };
    let rest = of_resource.iter().map(|((resource, conditions), actions)| {
        let actions = actions.iter().copied().filter(|action| !narrow(resource, conditions, action));
        ((resource.clone(), conditions.clone()), actions.collect::<BTreeSet<_>>())
    });
    rest.filter(|(_, actions)| !actions.is_empty()).collect()
}

/// Statements of different services under the same conditions as one, since a managed policy has room
/// for 6,144 characters: an action means nothing on another service's resource.
fn joined(statements: Statements<'_>) -> Statements<'_> {
    let mut joined = Statements::new();
    for ((mut actions, conditions), mut resources) in statements {
        let services = |actions: &BTreeSet<&str>| -> BTreeSet<_> {
            actions.iter().filter_map(|action| Some(action.split_once(':')?.0.to_owned())).collect()
        };
        let own = services(&actions);
        // What is about everything would be about all of the other's.
        let fits = |(others, of): &(BTreeSet<&str>, Conditions), all: &[String]| {
            !conditions.is_empty()
                && *of == conditions
                && own.is_disjoint(&services(others))
                && !all.contains(&"*".into())
        };
        let other = joined.iter().find(|(of, all)| fits(of, all)).map(|(of, _)| of.clone());
        if let Some((of, all)) =
            other.filter(|_| !resources.contains(&"*".into())).and_then(|of| joined.remove_entry(&of))
        {
            actions.extend(of.0);
            resources.splice(0..0, all);
        }
        joined.insert((actions, conditions), resources);
    }
    joined
}

fn condition(conditions: Vec<(&'static str, String, String)>) -> Value {
    let mut operators = Map::new();
    for (operator, key, value) in conditions {
        let keys = operators.entry(operator).or_insert_with(|| json!({}));
        keys[key] = value.into();
    }
    operators.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_policy_is_parted_and_nothing_is_lost() {
        let statement = |number: usize| json!({"Effect": "Allow", "Action": ["s:A"], "Resource": ["x".repeat(number)]});
        let policy = |sizes: &[usize]| json!({"Version": "2012-10-17", "Statement": sizes.iter().copied().map(statement).collect::<Vec<_>>()});
        assert_eq!(parts(&policy(&[1, 2])), [policy(&[1, 2])]);
        assert_eq!(parts(&policy(&[5000, 3000, 900, 2000])), [policy(&[5000, 900]), policy(&[3000, 2000])]);
        assert!(parts(&policy(&[5000, 3000, 900])).iter().all(|part| part.to_string().len() <= LARGEST));
    }

    #[test]
    fn what_is_allowed_wider_is_not_said_again() {
        let of = |resource: &str| Permission::new(Phase::Apply, &["s:Delete"], [resource.to_owned()]);
        let resources = |permissions: &[Permission]| policy(permissions, &[Phase::Apply])["Statement"].clone();
        let both = resources(&[of("b/*"), of("b/folder/*"), of("b/folder/*").when("k", "v"), of("bb/*")]);
        assert_eq!(both.as_array().unwrap().len(), 2, "{both:#}");
        assert_eq!(both[0]["Resource"], json!(["b/*", "bb/*"]));
        assert_eq!(both[1]["Resource"], json!(["b/folder/*"]), "under a condition it is not wider");
    }

    #[test]
    fn what_may_be_done_alike_is_one_statement() {
        let of = |phase, actions, resource: &str| Permission::new(phase, actions, [resource.to_owned()]);
        let permissions = [
            of(Phase::Observe, &["s:Get"], "a"),
            of(Phase::Observe, &["s:Get"], "b"),
            of(Phase::Apply, &["s:Put"], "a"),
            of(Phase::Apply, &["s:Put"], "b"),
            of(Phase::Apply, &["s:Put"], "c").when("k", "v"),
            of(Phase::Apply, &["t:Put"], "d").when("k", "v"),
            of(Phase::Apply, &["u:Put"], "*").when("k", "v"),
            of(Phase::Delete, &["s:Delete"], "a"),
        ];
        assert_eq!(
            policy(&permissions, &[Phase::Observe, Phase::Apply]),
            json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": ["s:Get", "s:Put"], "Resource": ["a", "b"]},
                {"Effect": "Allow", "Action": ["s:Put", "t:Put"], "Resource": ["c", "d"],
                    "Condition": {"StringEquals": {"k": "v"}}},
                {"Effect": "Allow", "Action": ["u:Put"], "Resource": ["*"], "Condition": {"StringEquals": {"k": "v"}}},
            ]})
        );
        assert_eq!(
            policy(&permissions, &[Phase::Delete]),
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s:Delete"], "Resource": ["a"]}]})
        );
    }
}

//! The plan: what is, what should be, and what is to be done. One value for `up`, `down`,
//! `status`, `--dry-run` and every report.

use crate::deploy::identity::Identity;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The version of the documents that cvault prints.
pub const SCHEMA: &str = "cvault/1";

/// The whole stack in one document, as `status` and `--dry-run` print it.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The stack's name.
    pub stack: String,
    /// The suffix of every name.
    pub id: String,
    /// The account, 12 digits.
    pub account: String,
    /// The region.
    pub region: String,
    /// The stack as a whole.
    pub state: StackState,
    /// What other jobs want to know, by the names that they know it under.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<&'static str, String>,
    /// Every resource, in the order in which `up` may make them.
    pub resources: Vec<Step>,
    /// What holds for the stack as a whole and a reader should know.
    pub notes: Vec<String>,
    /// What waits to be judged; only `status` looks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
}

/// What waits to be judged, counted over all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// How many versions are in ingress that are files.
    pub versions: u64,
    /// How many are there that are none, as the configuration says.
    pub ignored: u64,
    /// Since when the oldest of them is.
    pub oldest: Option<String>,
    /// How many of them have been there for some minutes and no execution can be judging them.
    pub stuck: u64,
    /// How many executions run.
    pub running: u64,
    /// How many have failed, were aborted or ran out of time since the last sweep, or within a day.
    pub failed: u64,
    /// The last of these.
    pub last_failed: Option<String>,
    /// How many events could not be delivered.
    pub dead_letters: u64,
    /// How many notices are in their queue: what is held, and nobody was told of yet.
    pub notices: u64,
    /// How many files wait for a job of Macie's.
    pub macie_files: u64,
}

impl Waiting {
    /// Whether something waits that nobody works on.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        self.stuck > 0 || self.failed > 0 || self.dead_letters > 0
    }
}

/// The stack as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StackState {
    /// Everything is there and as declared.
    InSync,
    /// Everything is there and as declared, and something waits that nobody works on, or can work on.
    Stuck,
    /// Everything is there, something differs.
    Drifted,
    /// Something is missing.
    Partial,
    /// Nothing is there.
    Absent,
}

/// One resource of the plan.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// The logical name, such as `bucket/vault`.
    pub name: String,
    /// AWS's name for its kind, such as `AWS::S3::Bucket`.
    pub r#type: &'static str,
    /// AWS's name for this one; `None` where AWS assigns it and has not yet.
    pub id: Option<String>,
    /// Its ARN, likewise.
    pub arn: Option<String>,
    /// What it is.
    pub state: State,
    /// What is to be done.
    pub action: Action,
    /// What differs, property by property.
    pub differences: Vec<Difference>,
    /// What a reader should know although nothing differs.
    pub note: Option<String>,
    /// Whose it is, where it exists and is not this stack's.
    #[serde(skip)]
    pub owner: Option<String>,
    /// What the stack has to do with it.
    #[serde(skip)]
    pub standing: Standing,
    /// Whether it does not work although it is as declared.
    #[serde(skip)]
    pub halted: bool,
    /// What was observed, for the walk.
    #[serde(skip)]
    pub observed: Option<Value>,
}

/// What a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As declared.
    Ok,
    /// There, but different.
    Drifted,
    /// Not there.
    Missing,
    /// As declared, but not in effect yet.
    Pending,
}

/// What the stack has to do with a resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// It is the stack's own.
    #[default]
    Wanted,
    /// It is the account's, and stays when the stack goes.
    Shared,
    /// It is the stack's own and not declared any more: `up` removes it, too.
    Outdated,
}

/// What is to be done with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Nothing.
    Keep,
    /// Make it.
    Create,
    /// Set what differs.
    Update,
    /// Remove it.
    Delete,
}

/// One property that differs; `path` is a JSON pointer in AWS's own attribute names.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Where, such as `/Encryption/KMSMasterKeyID`.
    pub path: String,
    /// What AWS says.
    pub is: Value,
    /// What the stack says.
    pub should: Value,
}

/// What a resource is asked to do.
#[derive(Clone, Debug)]
pub struct Change {
    /// Create, update or keep.
    pub action: Action,
    /// What differs.
    pub differences: Vec<Difference>,
    /// What was observed, for what an update must preserve.
    pub observed: Option<Value>,
}

impl Change {
    /// The change from what is to what should be.
    #[must_use]
    pub fn between(is: Option<&Value>, should: &Value) -> Self {
        let mut differences = vec![];
        let action = match is {
            None => Action::Create,
            Some(is) => {
                diff("", is, should, &mut differences);
                if differences.is_empty() { Action::Keep } else { Action::Update }
            }
        };
        Self { action, differences, observed: is.cloned() }
    }

    /// Nothing is to change.
    #[must_use]
    pub fn none() -> Self {
        Self { action: Action::Keep, differences: vec![], observed: None }
    }

    /// True when the resource is not there.
    #[must_use]
    pub fn creates(&self) -> bool {
        self.action == Action::Create
    }

    /// True when creating, or when anything at or under `path` differs.
    #[must_use]
    pub fn touches(&self, path: &str) -> bool {
        self.creates()
            || self.differences.iter().any(|difference| {
                difference.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
    }

    /// The keys of the tags that are there and not wanted any more, if there are any.
    #[must_use]
    pub fn tags_that_go(&self) -> Option<Vec<String>> {
        let gone = self.differences.iter().filter(|difference| difference.should.is_null() && !self.creates());
        let keys = gone.filter_map(|difference| difference.path.strip_prefix("/Tags/"));
        let keys: Vec<_> = keys.map(|key| key.replace("~1", "/").replace("~0", "~")).collect();
        (!keys.is_empty()).then_some(keys)
    }
}

/// Collects what differs. Objects are compared member by member, everything else as a whole: an
/// array's order and length have a meaning of their own.
pub fn diff(path: &str, is: &Value, should: &Value, found: &mut Vec<Difference>) {
    match (is, should) {
        (Value::Object(is), Value::Object(should)) => {
            for key in is.keys().chain(should.keys()).collect::<BTreeSet<_>>() {
                let member = |object: &serde_json::Map<String, Value>| object.get(key).cloned().unwrap_or(Value::Null);
                let escaped = key.replace('~', "~0").replace('/', "~1");
                diff(&format!("{path}/{escaped}"), &member(is), &member(should), found);
            }
        }
        _ if is == should => {}
        _ => found.push(Difference { path: path.into(), is: is.clone(), should: should.clone() }),
    }
}

impl Plan {
    /// The plan for the steps; the stack's state follows from theirs.
    #[must_use]
    pub fn new(identity: &Identity, resources: Vec<Step>) -> Self {
        Self {
            schema: SCHEMA,
            stack: identity.stack.clone(),
            id: identity.id.clone(),
            account: identity.account.clone(),
            region: identity.region.clone(),
            state: StackState::of(&resources),
            outputs: BTreeMap::new(),
            resources,
            notes: vec![],
            waiting: None,
        }
    }

    /// The same with what waits.
    #[must_use]
    pub fn with_waiting(mut self, waiting: Waiting) -> Self {
        if self.state == StackState::InSync && waiting.is_stuck() {
            self.state = StackState::Stuck;
        }
        self.waiting = Some(waiting);
        self
    }

    /// True when something is to be done.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.resources.iter().any(|step| step.action != Action::Keep)
    }

    /// How many steps have this action.
    #[must_use]
    pub fn count(&self, action: Action) -> usize {
        self.resources.iter().filter(|step| step.action == action).count()
    }

    /// The step of this logical name.
    #[must_use]
    pub fn step(&self, name: &str) -> Option<&Step> {
        self.resources.iter().find(|step| step.name == name)
    }

    /// Whether what has this logical name is not somebody else's.
    #[must_use]
    pub fn is_ours(&self, name: &str) -> bool {
        self.step(name).is_none_or(|step| step.owner.is_none())
    }
}

impl Step {
    /// Whether it is there and is left.
    #[must_use]
    pub fn stays(&self) -> bool {
        self.observed.is_some() && self.action != Action::Delete
    }
}

impl StackState {
    fn of(steps: &[Step]) -> Self {
        let missing = |step: &&Step| step.state == State::Missing || step.owner.is_some();
        let mut own = steps.iter().filter(|step| step.standing != Standing::Shared);
        match steps.iter().filter(missing).count() {
            0 if steps.iter().all(|step| matches!(step.state, State::Ok | State::Pending)) => {
                if steps.iter().any(|step| step.halted) { Self::Stuck } else { Self::InSync }
            }
            0 => Self::Drifted,
            _ if own.all(|step| missing(&step)) => Self::Absent,
            _ => Self::Partial,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn paths(is: &Value, should: &Value) -> Vec<String> {
        let mut found = vec![];
        diff("", is, should, &mut found);
        found.into_iter().map(|difference| difference.path).collect()
    }

    #[test]
    fn differences_are_named_by_pointer() {
        let is = json!({"A": {"B": 1, "C": [1, 2]}, "gone/x": 1});
        let should = json!({"A": {"B": 2, "C": [2, 1]}, "new": null});
        assert_eq!(paths(&is, &should), ["/A/B", "/A/C", "/gone~1x"]);
    }

    #[test]
    fn touches_a_path_and_what_is_under_it_only() {
        let change = Change::between(Some(&json!({"Policy": {"a": 1}})), &json!({"Policy": {"a": 2}}));
        assert_eq!(change.action, Action::Update);
        assert!(change.touches("/Policy") && change.touches("/Policy/a"));
        assert!(!change.touches("/Pol") && !change.touches("/Policy/b"));
        assert!(Change::between(None, &json!({})).touches("/anything"));
    }

    #[test]
    fn tags_that_are_not_wanted_go() {
        let should = json!({"Tags": {"cvault:id": "x", "a": "1"}, "B": null});
        let gone = |is: Value| Change::between(Some(&is), &should).tags_that_go();
        assert_eq!(gone(json!({"Tags": {"cvault:id": "x", "a/~": "1", "a": "2"}, "B": 1})), Some(vec!["a/~".into()]));
        assert_eq!(gone(json!({"Tags": {"cvault:id": "x"}})), None);
        assert_eq!(Change::between(None, &should).tags_that_go(), None);
    }

    fn json_value() -> impl Strategy<Value = Value> {
        let leaf =
            prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), any::<i8>().prop_map(Value::from)];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[a-c/~]", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn equal_values_do_not_differ(value in json_value()) {
            prop_assert!(paths(&value, &value).is_empty());
        }

        #[test]
        fn every_difference_points_at_its_values(is in json_value(), should in json_value()) {
            let mut found = vec![];
            diff("", &is, &should, &mut found);
            for difference in found {
                prop_assert_ne!(&difference.is, &difference.should);
                prop_assert_eq!(is.pointer(&difference.path).unwrap_or(&Value::Null), &difference.is);
                prop_assert_eq!(should.pointer(&difference.path).unwrap_or(&Value::Null), &difference.should);
            }
        }
    }
}

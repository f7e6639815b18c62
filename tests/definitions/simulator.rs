//! Which requests IAM allows: the evaluation of one account's policies, as far as they are in use.
//!
//! An explicit denial wins. Without one, a request within the account is allowed by the caller's own
//! policies or by the resource's policy, if that names the caller; that it names the account's root
//! lets the caller's own policies decide. KMS asks its key's policy in any case, and a role's trust
//! policy decides alone.
//!
//! Of the variables of policies `${aws:PrincipalArn}` alone is in use, in conditions.
//!
//! Whether a statement is about a request is judged twice: here, and by an engine that others have
//! written ([`Policy::seconded`]).

use iam_rs::{Arn, Context, ContextValue, Decision, IAMPolicy, IAMRequest, PolicyEvaluator, Principal, PrincipalId};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The account of everything that is asked for, unless a request says otherwise.
const OWN_ACCOUNT: &str = "123456789012";

/// A policy of any kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Policy {
    pub version: String,
    pub statement: Vec<Statement>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Statement {
    pub sid: String,
    pub effect: Effect,
    pub principal: Option<Principals>,
    pub action: Option<Texts>,
    pub not_action: Option<Texts>,
    pub resource: Option<Texts>,
    pub not_resource: Option<Texts>,
    #[serde(default)]
    pub condition: BTreeMap<String, BTreeMap<String, Texts>>,
    #[serde(skip)]
    engine: Option<Engine>,
}

/// The other engine, about one statement.
#[derive(Clone, Debug)]
enum Engine {
    Ready(Box<PolicyEvaluator>),
    /// It fills no variables of conditions: the statement, to be filled for each request.
    ToBeFilled(Value),
}

/// The one variable.
const VARIABLE: &str = "${aws:PrincipalArn}";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Effect {
    Allow,
    Deny,
}

/// `"*"`, or names by kind: `AWS`, `Service`.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Principals {
    Everybody(String),
    Named(BTreeMap<String, Texts>),
}

/// One text or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Texts {
    One(String),
    Many(Vec<String>),
}

impl Texts {
    pub fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
        .iter()
        .map(String::as_str)
    }
}

/// Who asks.
#[derive(Clone, Debug)]
pub enum Caller {
    /// A user, a role or an account's root, by its ARN.
    Aws(String),
    /// An AWS service for itself.
    Service(String),
    /// Nobody who is known.
    Anonymous,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Request {
    pub caller: Caller,
    pub action: String,
    pub resource: String,
    /// The condition keys that the request has, in lower case.
    pub context: BTreeMap<String, String>,
}

impl Request {
    /// A request over TLS for something of the stack's own account.
    pub fn new(caller: Caller, action: &str, resource: &str) -> Self {
        let mut context = BTreeMap::from([
            ("aws:securetransport".to_owned(), "true".to_owned()),
            ("aws:resourceaccount".to_owned(), OWN_ACCOUNT.to_owned()),
        ]);
        if let Caller::Aws(arn) = &caller {
            context.insert("aws:principalarn".into(), arn.clone());
        }
        Self { caller, action: action.into(), resource: resource.into(), context }
    }

    /// With another condition key.
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.context.insert(key.to_lowercase(), value.into());
        self
    }

    fn of_engine(&self) -> IAMRequest {
        // Who asks is not asked here; nor is there an ARN of what has no resource.
        let anybody = Principal::Aws(PrincipalId::String(format!("arn:aws:iam::{OWN_ACCOUNT}:root")));
        let resource = Arn::parse(&self.resource).or_else(|_| Arn::parse("arn:aws:none:::none")).expect("it is one");
        let value =
            |text: &String| text.parse().map_or_else(|_| ContextValue::String(text.clone()), ContextValue::Boolean);
        let context = self.context.iter().map(|(key, text)| (key.clone(), value(text))).collect();
        IAMRequest::new_with_context(anybody, &self.action, resource, Context::with_data(context))
    }
}

impl Engine {
    fn of(statement: &Value) -> Self {
        if statement.to_string().contains(VARIABLE) {
            return Self::ToBeFilled(statement.clone());
        }
        Self::Ready(evaluator(statement).into())
    }

    fn is_about(&self, request: &Request) -> bool {
        let filled = match self {
            Self::Ready(engine) => return applies(engine, request),
            Self::ToBeFilled(statement) => filled(&statement.to_string(), &request.context),
        };
        applies(&evaluator(&serde_json::from_str(&filled).expect("no ARN breaks it")), request)
    }
}

fn applies(engine: &PolicyEvaluator, request: &Request) -> bool {
    engine.evaluate(&request.of_engine()).expect("the engine understands it").decision != Decision::NotApplicable
}

/// A text, its variable filled: with what nothing is equal to where the request has none.
fn filled(text: &str, context: &BTreeMap<String, String>) -> String {
    text.replace(VARIABLE, context.get("aws:principalarn").map_or("nobody", String::as_str))
}

/// The other engine, about one statement. Principals are left to us.
fn evaluator(statement: &Value) -> PolicyEvaluator {
    let mut statement = statement.clone();
    let members = statement.as_object_mut().expect("a statement");
    members.remove("Principal");
    if !members.contains_key("NotResource") {
        members.entry("Resource").or_insert_with(|| "*".into());
    }
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    PolicyEvaluator::with_policies(vec![IAMPolicy::from_json(&policy).expect("the engine reads it")])
}

impl Policy {
    /// The policy of a document.
    pub fn of(document: &Value) -> Self {
        serde_json::from_value(document.clone()).unwrap_or_else(|error| panic!("{error}: {document}"))
    }

    /// The same policy, of which each statement is judged by the other engine too: it has to be of the
    /// same opinion about every request. It takes `ArnEquals` without wildcards, and a wildcard in an ARN
    /// over colons too; policies for which that matters it cannot second.
    pub fn seconded(document: &Value) -> Self {
        let mut policy = Self::of(document);
        let statements = document["Statement"].as_array().expect("a list of statements");
        for (statement, document) in policy.statement.iter_mut().zip(statements) {
            statement.engine = Some(Engine::of(document));
        }
        policy
    }

    fn applies(&self, effect: Effect, request: &Request, principal: impl Fn(&Statement) -> bool) -> bool {
        self.statement
            .iter()
            .any(|statement| statement.effect == effect && principal(statement) && statement.is_about(request))
    }

    /// Whether the caller's own policy allows it.
    pub fn allows(&self, request: &Request) -> bool {
        self.applies(Effect::Allow, request, |_| true) && !self.applies(Effect::Deny, request, |_| true)
    }

    /// Whether a trust policy, which stands alone, lets the caller in.
    pub fn trusts(&self, request: &Request) -> bool {
        let named = |statement: &Statement| statement.names(&request.caller);
        self.applies(Effect::Allow, request, named) && !self.denies(request)
    }

    /// Whether a resource's policy denies it outright.
    pub fn denies(&self, request: &Request) -> bool {
        self.applies(Effect::Deny, request, |statement| {
            statement.names(&request.caller) || statement.names_account_of(&request.caller)
        })
    }

    /// Whether a resource's policy leaves it to the caller's account: what somebody of another account needs besides.
    pub fn delegates(&self, request: &Request) -> bool {
        let named =
            |statement: &Statement| statement.names(&request.caller) || statement.names_account_of(&request.caller);
        self.applies(Effect::Allow, request, named) && !self.denies(request)
    }

    /// Whether it is allowed by the resource's policy, with what the caller's own policies say.
    pub fn admits(&self, request: &Request, own: bool) -> bool {
        if self.denies(request) {
            return false;
        }
        let named = self.applies(Effect::Allow, request, |statement| statement.names(&request.caller));
        let delegates = self.applies(Effect::Allow, request, |statement| statement.names_account_of(&request.caller));
        // KMS trusts its key's policy alone; the others let the account's own policies decide.
        named || own && (delegates || !request.action.starts_with("kms:"))
    }
}

impl Statement {
    /// The actions that it is about.
    pub fn actions(&self) -> impl Iterator<Item = &str> {
        self.action.iter().flat_map(Texts::iter)
    }

    /// The actions that it is about all but.
    pub fn exceptions(&self) -> impl Iterator<Item = &str> {
        self.not_action.iter().flat_map(Texts::iter)
    }

    /// Whether action, resource and conditions are those of the request.
    fn is_about(&self, request: &Request) -> bool {
        let action = request.action.to_lowercase();
        let among = |actions: &Texts| actions.iter().any(|pattern| wildcard(&pattern.to_lowercase(), &action));
        let is_about = self.action.as_ref().is_none_or(among)
            && !self.not_action.as_ref().is_some_and(among)
            && self.resource.as_ref().is_none_or(|all| all.iter().any(|one| wildcard(one, &request.resource)))
            && !self.not_resource.as_ref().is_some_and(|all| all.iter().any(|one| wildcard(one, &request.resource)))
            && self.condition.iter().all(|(operator, keys)| {
                keys.iter().all(|(key, values)| satisfied(operator, key, values, &request.context))
            });
        if let Some(engine) = &self.engine {
            assert_eq!(is_about, engine.is_about(request), "{}: the engines differ: {request:?}", self.sid);
        }
        is_about
    }

    /// Whether it is about this caller, by name or as everybody.
    fn names(&self, caller: &Caller) -> bool {
        match (&self.principal, caller) {
            (Some(Principals::Everybody(everybody)), _) => everybody == "*",
            (Some(Principals::Named(names)), Caller::Aws(arn)) => {
                names.get("AWS").is_some_and(|names| names.iter().any(|name| name == "*" || name == arn))
            }
            (Some(Principals::Named(names)), Caller::Service(service)) => {
                names.get("Service").is_some_and(|names| names.iter().any(|name| name == service))
            }
            _ => false,
        }
    }

    fn names_account_of(&self, caller: &Caller) -> bool {
        let (Some(Principals::Named(names)), Caller::Aws(arn)) = (&self.principal, caller) else { return false };
        let parts: Vec<_> = arn.splitn(6, ':').collect();
        let root = format!("{}:root", parts[..5].join(":"));
        names.get("AWS").is_some_and(|names| names.iter().any(|name| name == root || name == parts[4]))
    }
}

/// One key of one operator. Several values are alternatives; of a negated operator none may match.
/// A key that the request has not satisfies negated operators and `…IfExists`, and no others.
fn satisfied(operator: &str, key: &str, values: &Texts, context: &BTreeMap<String, String>) -> bool {
    // With one value, which is all that a request has here, it is the plain operator, but for a key
    // that is not there: of no value there is any.
    let operator = match (operator.strip_prefix("ForAnyValue:"), context.contains_key(&key.to_lowercase())) {
        (Some(_), false) => return false,
        (Some(plain), true) => plain,
        (None, _) => operator,
    };
    let (operator, if_exists) = operator.strip_suffix("IfExists").map_or((operator, false), |plain| (plain, true));
    let found = context.get(&key.to_lowercase());
    if operator == "Null" {
        return values.iter().any(|value| value == found.is_none().to_string());
    }
    let negated = ["StringNotEquals", "StringNotLike", "ArnNotEquals", "ArnNotLike"].contains(&operator);
    let Some(found) = found else { return negated || if_exists };
    let matches = |value: &str| match operator {
        "StringEquals" | "StringNotEquals" => filled(value, context) == *found,
        "StringLike" | "StringNotLike" => wildcard(value, found),
        // The two are the same in IAM.
        "ArnEquals" | "ArnLike" | "ArnNotEquals" | "ArnNotLike" => arn_like(value, found),
        "Bool" => value.eq_ignore_ascii_case(found),
        other => panic!("the operator {other} is not known here"),
    };
    values.iter().any(matches) != negated
}

/// Each of the six parts of an ARN for itself, so that a wildcard does not go over a colon.
fn arn_like(pattern: &str, arn: &str) -> bool {
    let (pattern, arn): (Vec<_>, Vec<_>) = (pattern.splitn(6, ':').collect(), arn.splitn(6, ':').collect());
    pattern.len() == 6 && arn.len() == 6 && pattern.iter().zip(arn).all(|(pattern, part)| wildcard(pattern, part))
}

/// `*` is any text, `?` any one character. No variable is in use here.
pub fn wildcard(pattern: &str, text: &str) -> bool {
    assert!(!pattern.contains("${"), "a policy variable: {pattern}");
    let Some((head, tail)) = pattern.split_once('*') else { return same(pattern, text) };
    let Some((at, _)) = text.char_indices().chain([(text.len(), ' ')]).nth(head.chars().count()) else { return false };
    let (start, rest) = text.split_at(at);
    let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
    same(head, start) && ends.into_iter().any(|at| wildcard(tail, &rest[at..]))
}

fn same(pattern: &str, text: &str) -> bool {
    pattern.chars().count() == text.chars().count()
        && pattern.chars().zip(text.chars()).all(|(pattern, character)| pattern == '?' || pattern == character)
}

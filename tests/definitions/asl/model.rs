//! The language as types. A field that is not here is refused: it would mean something that the
//! interpreter does not do.

use super::paths::Path;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::BTreeMap;

/// A state machine, or a branch of a `Parallel` state.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Machine {
    #[serde(rename = "Comment")]
    _comment: Option<String>,
    pub start_at: String,
    pub states: BTreeMap<String, State>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "Type")]
pub enum State {
    Choice(Choice),
    Pass(Pass),
    Task(Box<Task>),
    Parallel(Parallel),
    Wait(Wait),
    Succeed(#[expect(dead_code, reason = "its fields are checked, and mean nothing")] Succeed),
    Fail(Fail),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Choice {
    #[serde(rename = "Comment")]
    _comment: Option<String>,
    pub choices: Vec<Rule>,
    pub default: String,
}

/// One way out of a `Choice`.
#[derive(Debug, Deserialize)]
#[serde(try_from = "RawTest")]
pub struct Rule {
    pub test: Test,
    pub next: String,
}

#[derive(Debug)]
pub enum Test {
    And(Vec<Test>),
    Or(Vec<Test>),
    Not(Box<Test>),
    IsPresent(Path, bool),
    StringEquals(Path, String),
    NumericLessThan(Path, f64),
    /// A star is anything.
    StringMatches(Path, String),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RawTest {
    and: Option<Vec<RawTest>>,
    or: Option<Vec<RawTest>>,
    not: Option<Box<RawTest>>,
    variable: Option<Path>,
    is_present: Option<bool>,
    string_equals: Option<String>,
    numeric_less_than: Option<f64>,
    string_matches: Option<String>,
    next: Option<String>,
}

impl TryFrom<RawTest> for Test {
    type Error = String;

    fn try_from(raw: RawTest) -> Result<Self, String> {
        if raw.next.is_some() {
            return Err("Next inside And".into());
        }
        if let RawTest { not: Some(test), and: None, or: None, variable: None, .. } = raw {
            return Ok(Self::Not(Box::new((*test).try_into()?)));
        }
        let all = |tests: Vec<RawTest>| tests.into_iter().map(Self::try_from).collect::<Result<Vec<_>, _>>();
        let RawTest { and, or, variable, is_present, string_equals, numeric_less_than, string_matches, .. } = raw;
        match (and, or, variable, is_present, string_equals, numeric_less_than, string_matches) {
            (Some(tests), None, None, None, None, None, None) => all(tests).map(Self::And),
            (None, Some(tests), None, None, None, None, None) => all(tests).map(Self::Or),
            (None, None, Some(path), Some(is), None, None, None) => Ok(Self::IsPresent(path, is)),
            (None, None, Some(path), None, Some(text), None, None) => Ok(Self::StringEquals(path, text)),
            (None, None, Some(path), None, None, Some(number), None) => Ok(Self::NumericLessThan(path, number)),
            (None, None, Some(path), None, None, None, Some(text)) => Ok(Self::StringMatches(path, text)),
            other => Err(format!("not one comparison: {other:?}")),
        }
    }
}

impl TryFrom<RawTest> for Rule {
    type Error = String;

    fn try_from(mut raw: RawTest) -> Result<Self, String> {
        let next = raw.next.take().ok_or("a choice without Next")?;
        Ok(Self { test: raw.try_into()?, next })
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Pass {
    #[serde(rename = "Comment")]
    _comment: Option<String>,
    #[serde(default)]
    pub input_path: Path,
    pub parameters: Option<Value>,
    pub result: Option<Value>,
    #[serde(default, deserialize_with = "null_or_path")]
    pub result_path: ResultPath,
    pub next: Option<String>,
    pub end: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Task {
    #[serde(rename = "Comment")]
    _comment: Option<String>,
    pub resource: String,
    pub parameters: Value,
    pub result_selector: Option<Value>,
    #[serde(default, deserialize_with = "null_or_path")]
    pub result_path: ResultPath,
    pub timeout_seconds: Option<u32>,
    #[serde(default)]
    pub retry: Vec<Retrier>,
    #[serde(default)]
    pub catch: Vec<Catcher>,
    pub next: Option<String>,
    pub end: Option<bool>,
}

/// Waits for as long as it says, or its input.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Wait {
    #[serde(rename = "Comment")]
    _comment: Option<String>,
    pub seconds: Option<u64>,
    pub seconds_path: Option<Path>,
    pub next: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Parallel {
    #[serde(rename = "Comment")]
    _comment: Option<String>,
    pub branches: Vec<Machine>,
    pub result_selector: Option<Value>,
    #[serde(default, deserialize_with = "null_or_path")]
    pub result_path: ResultPath,
    #[serde(default)]
    pub catch: Vec<Catcher>,
    pub next: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Succeed {
    #[serde(rename = "Comment")]
    _comment: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Fail {
    #[serde(rename = "Comment")]
    _comment: Option<String>,
    pub error: Option<String>,
    pub cause: Option<String>,
    pub error_path: Option<Path>,
    pub cause_path: Option<Path>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Retrier {
    pub error_equals: Vec<String>,
    pub interval_seconds: u32,
    pub backoff_rate: f64,
    pub max_delay_seconds: u32,
    pub max_attempts: u32,
    pub jitter_strategy: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Catcher {
    pub error_equals: Vec<String>,
    #[serde(default, deserialize_with = "null_or_path")]
    pub result_path: ResultPath,
    pub next: String,
}

/// Where a result goes.
#[derive(Debug)]
pub enum ResultPath {
    At(Path),
    Discarded,
}

impl Default for ResultPath {
    fn default() -> Self {
        Self::At(Path::default())
    }
}

/// `null` is another thing than nothing at all.
fn null_or_path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ResultPath, D::Error> {
    Option::<Path>::deserialize(deserializer).map(|path| path.map_or(ResultPath::Discarded, ResultPath::At))
}

impl State {
    /// Every state that may come next.
    pub fn successors(&self) -> Vec<&str> {
        match self {
            Self::Choice(choice) => {
                choice.choices.iter().map(|rule| &rule.next).chain([&choice.default]).map(String::as_str).collect()
            }
            Self::Pass(pass) => pass.next.iter().map(String::as_str).collect(),
            Self::Task(task) => after(task.next.as_deref(), &task.catch),
            Self::Wait(wait) => vec![&wait.next],
            Self::Parallel(parallel) => after(Some(&parallel.next), &parallel.catch),
            Self::Succeed(_) | Self::Fail(_) => vec![],
        }
    }
}

fn after<'a>(next: Option<&'a str>, catch: &'a [Catcher]) -> Vec<&'a str> {
    next.into_iter().chain(catch.iter().map(|catcher| catcher.next.as_str())).collect()
}

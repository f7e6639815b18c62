//! Paths, as far as they are in use: `$.a.b`, `$[0].a`, `$$.Execution.Id`.

use super::failure::Failure;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::fmt;

/// A path into a state's data, or into the context object.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "String")]
pub struct Path {
    of_context: bool,
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
enum Step {
    Member(String),
    Item(usize),
}

/// What paths are looked up in.
#[derive(Clone, Copy)]
pub struct Data<'a> {
    pub value: &'a Value,
    pub context: &'a Value,
}

impl TryFrom<String> for Path {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("no path that is supported here: {text}");
        let rest = text.strip_prefix('$').ok_or_else(wrong)?;
        let (of_context, mut rest) = rest.strip_prefix('$').map_or((false, rest), |rest| (true, rest));
        let mut steps = vec![];
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('[') {
                let (index, after) = after.split_once(']').ok_or_else(wrong)?;
                steps.push(Step::Item(index.parse().map_err(|_| wrong())?));
                rest = after;
            } else {
                let after = rest.strip_prefix('.').ok_or_else(wrong)?;
                let end = after.find(['.', '[']).unwrap_or(after.len());
                let (name, after) = after.split_at(end);
                // Anything else would have to be written as ['…'], which is not in use.
                if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                    return Err(wrong());
                }
                steps.push(Step::Member(name.into()));
                rest = after;
            }
        }
        Ok(Self { of_context, steps })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.of_context { "$$" } else { "$" })?;
        self.steps.iter().try_for_each(|step| match step {
            Step::Member(name) => write!(f, ".{name}"),
            Step::Item(index) => write!(f, "[{index}]"),
        })
    }
}

impl Path {
    /// What is there, if anything is.
    pub fn find<'a>(&self, data: Data<'a>) -> Option<&'a Value> {
        let start = if self.of_context { data.context } else { data.value };
        self.steps.iter().try_fold(start, |value, step| match step {
            Step::Member(name) => value.as_object()?.get(name),
            Step::Item(index) => value.as_array()?.get(*index),
        })
    }

    /// What is there; that nothing is ends the execution.
    pub fn get<'a>(&self, data: Data<'a>) -> Result<&'a Value, Failure> {
        self.find(data).ok_or_else(|| Failure::runtime(format!("the path {self} could not be found in {}", data.value)))
    }

    /// `into` with `value` at this path, whose missing objects are made.
    pub fn put(&self, mut into: Value, value: Value) -> Result<Value, Failure> {
        let mut place = &mut into;
        for step in &self.steps {
            let Step::Member(name) = step else { return Err(self.mismatch()) };
            let members = place.as_object_mut().ok_or_else(|| self.mismatch())?;
            place = members.entry(name).or_insert_with(|| Value::Object(Map::new()));
        }
        *place = value;
        Ok(into)
    }

    fn mismatch(&self) -> Failure {
        Failure::new("States.ResultPathMatchFailure", format!("{self} does not fit the state's input"))
    }
}

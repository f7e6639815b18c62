//! Runs a state machine against a world that answers its Tasks.

use super::failure::{Failure, is_terminal};
use super::model::{Catcher, Fail, Machine, Parallel, Pass, ResultPath, Retrier, State, Task, Test};
use super::paths::{Data, Path};
use super::templates::render;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// AWS's bound for a state's input, output and result, in bytes (truths F12).
const LARGEST: usize = 262_144;
/// The longest that a Wait may last, in seconds.
const LONGEST: u64 = 99_999_999;

/// What the Tasks call.
pub trait World {
    /// A Task begins: the calls that follow are its first try and its others.
    fn begin(&mut self, _state: &str) {}

    /// One call of a Task.
    fn call(&mut self, state: &str, resource: &str, parameters: &Value) -> Result<Value, Failure>;
}

/// How an execution ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// In this state.
    Succeeded(String),
    /// In this state, with this failure.
    Failed(String, Failure),
}

/// Which of the interleavings of parallel branches.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// The last branch runs first.
    pub reversed: bool,
    /// A branch that fails stops those after it before they begin, else after they end.
    pub stops: bool,
}

impl Schedule {
    pub const ALL: [Self; 4] = [
        Self { reversed: false, stops: false },
        Self { reversed: false, stops: true },
        Self { reversed: true, stops: false },
        Self { reversed: true, stops: true },
    ];
}

/// Which ways were taken.
#[derive(Debug, Default)]
pub struct Trace {
    /// Whether to measure what is handed on, and the most that was, in bytes.
    pub measures: bool,
    pub largest: usize,
    pub states: BTreeSet<String>,
    pub transitions: BTreeSet<(String, String)>,
    /// How many states were entered, which is what a Standard workflow costs by.
    pub entered: usize,
    /// Whether to count what is logged; what Step Functions logs of it, in bytes, without what is around each event; and
    /// how many events that is.
    pub counts: bool,
    pub logged: usize,
    pub events: usize,
    /// What the execution was started with, for machines that ask for it.
    pub started_with: Option<Value>,
}

impl Trace {
    fn log(&mut self, value: &Value) {
        if self.counts {
            self.events += 1;
            self.logged += value.to_string().len();
        }
    }
}

/// One execution.
pub struct Interpreter<'a, W> {
    pub world: &'a mut W,
    pub trace: &'a mut Trace,
    pub execution: &'a str,
    pub schedule: Schedule,
}

enum Step {
    To(String, Value),
    Done(Value),
}

impl<W: World> Interpreter<'_, W> {
    /// Runs the machine from its start.
    pub fn run(&mut self, machine: &Machine, input: Value) -> End {
        self.run_from(machine, &machine.start_at, input)
    }

    /// Runs the machine from one of its states.
    pub fn run_from(&mut self, machine: &Machine, start: &str, input: Value) -> End {
        match self.walk(machine, start, input) {
            Ok((state, _)) => End::Succeeded(state),
            Err((state, failure)) => End::Failed(state, failure),
        }
    }

    fn walk(&mut self, machine: &Machine, start: &str, input: Value) -> Result<(String, Value), (String, Failure)> {
        let (mut name, mut value) = (start.to_owned(), input);
        loop {
            self.trace.states.insert(name.clone());
            self.trace.entered += 1;
            self.trace.log(&value);
            let state = machine
                .states
                .get(&name)
                .ok_or_else(|| (name.clone(), Failure::runtime(format!("there is no state {name}"))))?;
            match self.step(&name, state, value).map_err(|failure| (name.clone(), failure))? {
                Step::Done(output) => {
                    self.trace.log(&output);
                    self.measure(&output);
                    return Ok((name, output));
                }
                Step::To(next, output) => {
                    self.trace.log(&output);
                    self.measure(&output);
                    self.trace.transitions.insert((name, next.clone()));
                    (name, value) = (next, output);
                }
            }
        }
    }

    fn step(&mut self, name: &str, state: &State, input: Value) -> Result<Step, Failure> {
        let context = self.context(name, 0);
        let data = Data { value: &input, context: &context };
        match state {
            State::Choice(choice) => {
                for rule in &choice.choices {
                    if holds(&rule.test, data)? {
                        return Ok(Step::To(rule.next.clone(), input));
                    }
                }
                Ok(Step::To(choice.default.clone(), input))
            }
            State::Pass(pass) => Ok(onward(pass.next.as_ref(), bounded(passed(pass, data)?)?)),
            State::Wait(wait) => {
                let seconds = match (wait.seconds, &wait.seconds_path) {
                    (Some(seconds), None) => seconds.into(),
                    (None, Some(path)) => path.get(data)?.clone(),
                    _ => return Err(Failure::runtime("a Wait says how long in one way".to_owned())),
                };
                match seconds.as_u64() {
                    Some(0..=LONGEST) => Ok(Step::To(wait.next.clone(), input)),
                    _ => Err(Failure::runtime(format!("{seconds} seconds cannot be waited"))),
                }
            }
            State::Task(task) => match self.task(name, task, &input) {
                Ok(result) => {
                    let output = bounded(placed(&task.result_path, input, result)?)?;
                    Ok(onward(task.next.as_ref(), output))
                }
                Err(failure) => caught(&task.catch, input, failure),
            },
            State::Parallel(parallel) => match self.parallel(parallel, data) {
                Ok(result) => {
                    Ok(Step::To(parallel.next.clone(), bounded(placed(&parallel.result_path, input, result)?)?))
                }
                Err(failure) => caught(&parallel.catch, input, failure),
            },
            State::Succeed(_) => Ok(Step::Done(input)),
            State::Fail(fail) => Err(failed(fail, data)?),
        }
    }

    fn measure(&mut self, output: &Value) {
        if self.trace.measures {
            self.trace.largest = self.trace.largest.max(output.to_string().len());
        }
    }

    fn context(&self, state: &str, retries: u32) -> Value {
        let mut execution = json!({"Id": self.execution});
        if let Some(input) = &self.trace.started_with {
            execution["Name"] = self.execution.split(':').nth(7).into();
            execution["Input"] = input.clone();
        }
        let entered = "2026-01-01T00:00:00.000Z";
        json!({"Execution": execution, "State": {"Name": state, "RetryCount": retries, "EnteredTime": entered}})
    }

    fn task(&mut self, name: &str, task: &Task, input: &Value) -> Result<Value, Failure> {
        self.world.begin(name);
        let mut tries = vec![0; task.retry.len()];
        let (context, result) = loop {
            let mut context = self.context(name, tries.iter().sum());
            if task.resource.ends_with(".waitForTaskToken") {
                context["Task"] = json!({"Token": "t".repeat(1024)});
            }
            let parameters = bounded(render(&task.parameters, Data { value: input, context: &context })?)?;
            self.trace.log(&parameters);
            match self.world.call(name, &task.resource, &parameters) {
                Ok(result) => {
                    self.trace.log(&result);
                    break (context, bounded(result)?);
                }
                Err(failure) if again(&task.retry, &mut tries, &failure) => {}
                Err(failure) => return Err(failure),
            }
        };
        selected(task.result_selector.as_ref(), result, &context)
    }

    /// The first branch that fails is the Parallel's failure, and the others are stopped, wherever
    /// they are: before their first state or after their last are the two ends of that.
    fn parallel(&mut self, parallel: &Parallel, data: Data<'_>) -> Result<Value, Failure> {
        let mut order: Vec<_> = (0..parallel.branches.len()).collect();
        if self.schedule.reversed {
            order.reverse();
        }
        let (mut outputs, mut first) = (vec![Value::Null; order.len()], None);
        for index in order {
            let branch = &parallel.branches[index];
            match self.walk(branch, &branch.start_at, data.value.clone()) {
                Ok((_, output)) => outputs[index] = output,
                Err((_, failure)) => {
                    // What nothing catches ends the whole execution, and so whatever runs.
                    let stops = self.schedule.stops || is_terminal(&failure);
                    first.get_or_insert(failure);
                    if stops {
                        break;
                    }
                }
            }
        }
        match first {
            Some(failure) => Err(failure),
            None => selected(parallel.result_selector.as_ref(), bounded(outputs.into())?, data.context),
        }
    }
}

fn onward(next: Option<&String>, output: Value) -> Step {
    next.map_or(Step::Done(output.clone()), |next| Step::To(next.clone(), output))
}

/// What a `Pass` state makes of its input.
fn passed(pass: &Pass, data: Data<'_>) -> Result<Value, Failure> {
    let input = pass.input_path.get(data)?;
    let result = match (&pass.result, &pass.parameters) {
        (Some(result), None) => result.clone(),
        (None, Some(parameters)) => render(parameters, Data { value: input, context: data.context })?,
        (None, None) => input.clone(),
        (Some(_), Some(_)) => return Err(Failure::runtime("both a result and parameters".into())),
    };
    placed(&pass.result_path, data.value.clone(), result)
}

/// A comparison with what is not there ends the execution, as it does in AWS.
fn holds(test: &Test, data: Data<'_>) -> Result<bool, Failure> {
    match test {
        Test::And(tests) => {
            for test in tests {
                if !holds(test, data)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Test::Not(test) => Ok(!holds(test, data)?),
        Test::Or(tests) => {
            for test in tests {
                if holds(test, data)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Test::StringMatches(path, pattern) => {
            let value = path.get(data)?;
            Ok(value.as_str().is_some_and(|value| is_like(pattern, value)))
        }
        Test::IsPresent(path, is) => Ok(path.find(data).is_some() == *is),
        Test::StringEquals(path, wanted) => Ok(path.get(data)?.as_str() == Some(wanted)),
        Test::NumericLessThan(path, bound) => Ok(path.get(data)?.as_f64().is_some_and(|number| number < *bound)),
    }
}

/// Whether a text is as a pattern says, in which a star is anything; said another way than the program does.
fn is_like(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, rest)) => text.strip_prefix(head).is_some_and(|text| {
            text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| is_like(rest, &text[at..]))
        }),
    }
}

fn again(retriers: &[Retrier], tries: &mut [u32], failure: &Failure) -> bool {
    let Some(at) = retriers.iter().position(|retrier| failure.matches(&retrier.error_equals)) else { return false };
    tries[at] += 1;
    tries[at] <= retriers[at].max_attempts
}

fn caught(catchers: &[Catcher], input: Value, failure: Failure) -> Result<Step, Failure> {
    let Some(catcher) = catchers.iter().find(|catcher| failure.matches(&catcher.error_equals)) else {
        return Err(failure);
    };
    let output = json!({"Error": failure.error, "Cause": failure.cause});
    Ok(Step::To(catcher.next.clone(), bounded(placed(&catcher.result_path, input, output)?)?))
}

fn failed(fail: &Fail, data: Data<'_>) -> Result<Failure, Failure> {
    let text = |literal: &Option<String>, path: &Option<Path>| match (literal, path) {
        (Some(text), None) => Ok(text.clone()),
        (None, Some(path)) => {
            let value = path.get(data)?;
            value.as_str().map(str::to_owned).ok_or_else(|| Failure::runtime(format!("{path} is no text: {value}")))
        }
        _ => Err(Failure::runtime("neither or both of a text and a path".into())),
    };
    Ok(Failure { error: text(&fail.error, &fail.error_path)?, cause: text(&fail.cause, &fail.cause_path)? })
}

fn selected(selector: Option<&Value>, result: Value, context: &Value) -> Result<Value, Failure> {
    match selector {
        Some(selector) => render(selector, Data { value: &result, context }),
        None => Ok(result),
    }
}

fn placed(path: &ResultPath, input: Value, result: Value) -> Result<Value, Failure> {
    match path {
        ResultPath::Discarded => Ok(input),
        ResultPath::At(path) => path.put(input, result),
    }
}

fn bounded(value: Value) -> Result<Value, Failure> {
    if value.to_string().len() <= LARGEST {
        return Ok(value);
    }
    Err(Failure::new("States.DataLimitExceeded", "more than 262144 bytes"))
}

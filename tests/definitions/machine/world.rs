//! A world in which everything happens that can: each call of a Task has several outcomes, and a
//! walk is one choice of them. Counting through the choices gives every walk.

use super::{is_final, stack, status};
use crate::asl::{Failure, World};
use classifier::batch::File;
use classifier::messages::{Analysis, Answer, Measures, Request, Seen, Source, Status, Step, Verdict};
use classifier::notice::notice;
use inspect::{Extent, Format};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How a Task's call goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Answers(Status),
    /// A publication that arrives.
    Arrives,
    Fails(&'static str),
}

/// What the function's types allow, though it does not answer so.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one oddity, and any may go with any")]
pub struct Oddities {
    pub without_source: bool,
    pub without_notice: bool,
    pub with_job: bool,
    pub without_analysis: bool,
}

/// Failures that come again with every try: of the function, of Lambda, of Step Functions.
const FAILURES: [&str; 18] = [
    "Busy",
    "NotThere",
    "Elsewhere",
    "MacieBusy",
    "MacieOff",
    "MacieQuota",
    "Denied",
    "Missing",
    "CopyMismatch",
    "Archived",
    "InvalidInput",
    "Refused",
    "Lambda.ServiceException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "States.Timeout",
    "States.TaskFailed",
    "States.Permissions",
];
const START_FAILURES: [&str; 2] = ["Sfn.ExecutionAlreadyExistsException", "Sfn.StateMachineDeletingException"];
const EVENT_FAILURES: [&str; 1] = ["EventBridge.FailedEntry"];
const PUBLICATION_FAILURES: [&str; 2] = ["SNS.AuthorizationErrorException", "States.Timeout"];
const QUEUE_FAILURES: [&str; 1] = ["SQS.QueueDoesNotExistException"];
/// What a batch answers, and what becomes of one that is lost.
const ANSWERS: [Status; 5] =
    [Status::Clean, Status::HasFindings, Status::JobCancelled, Status::NotAnalysed, Status::Gone];
const ASKING_FAILURES: [&str; 2] = ["SQS.QueueDoesNotExistException", "States.Timeout"];

/// One walk's world.
#[derive(Debug, Default)]
pub struct Scripted {
    /// Which outcome each decision has.
    choices: Vec<usize>,
    /// What the steps answer, where nothing is to be chosen.
    wanted: Vec<(Step, Status)>,
    /// How many each had to choose from.
    widths: Vec<usize>,
    /// Every try fails once with what passes, before it goes as chosen.
    pub stumbles: bool,
    /// What follows on a verdict goes one good and one bad way only.
    pub settles_briefly: bool,
    pub oddities: Oddities,
    outcomes: BTreeMap<String, (Outcome, u32)>,
    /// A step has begun, and is not among the steps yet.
    begins: bool,
    /// What Macie was said to say, if it was asked.
    pub asked: Option<Outcome>,
    /// The function's steps in their order, each with its outcome.
    pub steps: Vec<(Step, Outcome)>,
    /// What was published or queued for it: the state, the parameters, and whether it arrived.
    pub published: Vec<(String, Value, bool)>,
    /// The events that were put, and whether they arrived.
    pub events: Vec<(Value, bool)>,
    /// The status with which a deletion from ingress was asked for.
    pub deletions: Vec<Status>,
    /// The executions that were started, and whether they were.
    pub handed_over: Vec<(Value, bool)>,
}

impl Scripted {
    /// Chooses these answers of the function's steps.
    pub fn follows(&mut self, statuses: &[(Step, Status)]) {
        self.wanted = statuses.to_vec();
    }

    /// The walk with these choices; where they end, the first outcome is chosen.
    pub fn new(choices: Vec<usize>, stumbles: bool, oddities: Oddities) -> Self {
        Self { choices, stumbles, oddities, ..Self::default() }
    }

    /// The choices of the next walk, as one counts up.
    pub fn next(&self) -> Option<Vec<usize>> {
        let mut choices: Vec<_> = (0..self.widths.len()).map(|at| self.choice(at)).collect();
        while let Some(last) = choices.pop() {
            if last + 1 < self.widths[choices.len()] {
                choices.push(last + 1);
                return Some(choices);
            }
        }
        None
    }

    /// How a step went, if it was taken.
    pub fn outcome_of(&self, step: Step) -> Option<&Outcome> {
        self.steps.iter().find(|(taken, _)| *taken == step).map(|(_, outcome)| outcome)
    }

    fn choice(&self, at: usize) -> usize {
        self.choices.get(at).copied().unwrap_or_default()
    }

    /// How the calls of this state go: the same at every try.
    fn outcome(&mut self, state: &str, possible: &[Outcome]) -> (Outcome, u32) {
        if !self.outcomes.contains_key(state) {
            let chosen = self.choice(self.widths.len());
            self.widths.push(possible.len());
            self.outcomes.insert(state.into(), (possible[chosen].clone(), 0));
        }
        let outcome = self.outcomes.get_mut(state).expect("it was put there");
        outcome.1 += 1;
        outcome.clone()
    }

    fn invoke(&mut self, state: &str, parameters: &Value) -> Result<Value, Failure> {
        assert_eq!(parameters["FunctionName"], stack().names.function_arn());
        let request: Request = serde_json::from_value(parameters["Payload"].clone()).expect("the function can read it");
        assert_eq!(request.rules.is_some(), request.step == Step::InspectContent, "whoever judges knows the rules");
        if request.step == Step::DeleteFromIngress {
            let asked = parameters["Payload"]["Verdict"]["Status"].as_str().and_then(status).expect("a known status");
            assert!(is_final(asked), "DeleteFromIngress was called with {asked:?}");
            self.deletions.push(asked);
        }
        if let Some((_, status)) = self.wanted.iter().find(|(step, _)| *step == request.step) {
            return Ok(invoked(&self.answer(&request, *status)));
        }
        let answers = super::STATUSES.into_iter().map(Outcome::Answers);
        // What follows on an event that nobody hears goes one way of each kind, too: it does not depend on it.
        let unheard = self.events.iter().any(|(_, arrived)| !arrived);
        let briefly = (self.settles_briefly || unheard) && request.step == Step::DeleteFromIngress;
        let of_each = if briefly { 1 } else { usize::MAX };
        let failures = FAILURES.into_iter().map(Outcome::Fails);
        let possible: Vec<_> = answers.take(of_each).chain(failures.take(of_each)).collect();
        let (outcome, tries) = self.outcome(state, &possible);
        if tries == 1 && self.stumbles {
            return Err(Failure::new("Lambda.TooManyRequestsException", "Rate Exceeded."));
        }
        if std::mem::take(&mut self.begins) {
            self.steps.push((request.step, outcome.clone()));
        }
        match outcome {
            Outcome::Answers(status) => Ok(invoked(&self.answer(&request, status))),
            Outcome::Fails(error) => Err(failure(error)),
            Outcome::Arrives => unreachable!("no publication"),
        }
    }

    /// What the function answers, with the e-mail that it writes.
    fn answer(&self, request: &Request, status: Status) -> Answer {
        let source = request.source.clone().unwrap_or_else(|| Source {
            bucket: request.bucket.clone(),
            key: request.object.key.clone(),
            version_id: request.object.version_id.clone().unwrap_or_else(|| "null".into()),
            size: 5,
            // As much as a small file's state has.
            seen: Some(Seen {
                measures: Measures {
                    size: 5,
                    checksums: [("CRC64NVME".into(), "AAAAAAAAAAA=".into())].into(),
                    are_withheld: false,
                },
                untagged: true,
                copy_etag: Some(format!("\"{}\"", "e".repeat(32))),
            }),
            ..Source::default()
        });
        let verdict = Verdict {
            status,
            job_id: self.oddities.with_job.then(|| "3ce05dbb7ec5505def334104bf347ad2".into()),
            analytics_bucket: "cv-analytics-zone-x".into(),
            analytics_key: format!("{}/{}", source.copy_id(), source.key),
            analytics_version_id: "v2".into(),
            reasons: vec!["csv: row 3 has 2 fields, expected 3 (byte 40)".into()],
        };
        let notice = notice(&source, &verdict, &request.execution).filter(|_| !self.oddities.without_notice);
        let analysis = Analysis {
            format: Format::Csv,
            extent: Extent::default(),
            job_made: None,
            waited: 0,
            findings_awaited: false,
        };
        Answer {
            source: Some(source).filter(|_| !self.oddities.without_source),
            verdict,
            notice,
            analysis: Some(analysis).filter(|_| !self.oddities.without_analysis),
            wait_seconds: None,
        }
    }

    /// The message is in the queue, and a batch answers it, or nobody does.
    fn ask(&mut self, state: &str, parameters: &Value) -> Result<Value, Failure> {
        assert_eq!(parameters["QueueUrl"], stack().names.macie_queue_url());
        let body = &parameters["MessageBody"];
        assert_eq!(body["StateMachine"], stack().names.macie_job_machine_arn());
        let file = serde_json::from_value::<File>(body["File"].clone());
        let is_odd = self.oddities.without_source || self.oddities.without_analysis;
        assert_eq!(file.is_err(), is_odd, "the function can read it: {file:?}");
        let answers = ANSWERS.into_iter().map(Outcome::Answers);
        let possible: Vec<_> = answers.chain(ASKING_FAILURES.into_iter().map(Outcome::Fails)).collect();
        let (outcome, tries) = self.outcome(state, &possible);
        if tries == 1 && self.stumbles {
            return Err(Failure::new("SQS.SdkClientException", "Rate exceeded"));
        }
        self.asked = Some(outcome.clone());
        match outcome {
            Outcome::Answers(status) => {
                let mut verdict = body["File"]["Verdict"].clone();
                verdict["Status"] = serde_json::to_value(status).expect("a status is a word");
                Ok(verdict)
            }
            Outcome::Fails(error) => Err(failure(error)),
            Outcome::Arrives => unreachable!("no publication"),
        }
    }

    fn hand_over(&mut self, state: &str, parameters: &Value) -> Result<Value, Failure> {
        let failures = START_FAILURES.into_iter().map(Outcome::Fails);
        let possible: Vec<_> = [Outcome::Arrives].into_iter().chain(failures).collect();
        let (outcome, tries) = self.outcome(state, &possible);
        if tries == 1 {
            self.handed_over.push((parameters.clone(), outcome == Outcome::Arrives));
        }
        match outcome {
            Outcome::Fails(error) => Err(failure(error)),
            _ => Ok(json!({"ExecutionArn": "arn", "StartDate": "2026-01-01T00:00:00.000Z"})),
        }
    }

    /// One event, of a verdict that this walk has come to.
    fn put_event(&mut self, state: &str, parameters: &Value) -> Result<Value, Failure> {
        let [entry] = &parameters["Entries"].as_array().expect("a list")[..] else { panic!("{parameters}") };
        assert_eq!((&entry["Source"], &entry["DetailType"]), (&"cvault".into(), &"Object Judged".into()));
        let failures = EVENT_FAILURES.into_iter().map(Outcome::Fails);
        let possible: Vec<_> = [Outcome::Arrives].into_iter().chain(failures).collect();
        let (outcome, tries) = self.outcome(state, &possible);
        if tries == 1 {
            self.events.push((entry["Detail"].clone(), outcome == Outcome::Arrives));
        }
        match outcome {
            Outcome::Fails(error) => Err(failure(error)),
            _ => Ok(json!({"Entries": [{"EventId": "0a1b"}], "FailedEntryCount": 0})),
        }
    }

    fn publish(&mut self, state: &str, parameters: &Value, failures: &[&'static str]) -> Result<Value, Failure> {
        let failures = failures.iter().copied().map(Outcome::Fails);
        let possible: Vec<_> = [Outcome::Arrives].into_iter().chain(failures).collect();
        let (outcome, tries) = self.outcome(state, &possible);
        if tries == 1 && self.stumbles {
            return Err(Failure::new("States.TaskFailed", "Rate exceeded"));
        }
        if tries == 1 + u32::from(self.stumbles) {
            self.published.push((state.into(), parameters.clone(), outcome == Outcome::Arrives));
        }
        match outcome {
            Outcome::Fails(error) => Err(failure(error)),
            _ => Ok(json!({"MessageId": "0a1b", "SdkHttpMetadata": {"HttpStatusCode": 200},
                "SdkResponseMetadata": {"RequestId": "0a1b"}})),
        }
    }
}

impl World for Scripted {
    fn begin(&mut self, state: &str) {
        self.outcomes.remove(state);
        self.begins = true;
    }

    fn call(&mut self, state: &str, resource: &str, parameters: &Value) -> Result<Value, Failure> {
        match resource {
            "arn:aws:states:::lambda:invoke" => self.invoke(state, parameters),
            "arn:aws:states:::events:putEvents" => self.put_event(state, parameters),
            "arn:aws:states:::sns:publish" => self.publish(state, parameters, &PUBLICATION_FAILURES),
            "arn:aws:states:::sqs:sendMessage" => self.publish(state, parameters, &QUEUE_FAILURES),
            "arn:aws:states:::sqs:sendMessage.waitForTaskToken" => self.ask(state, parameters),
            "arn:aws:states:::aws-sdk:sfn:startExecution" => self.hand_over(state, parameters),
            other => panic!("{state} calls {other}"),
        }
    }
}

/// The result of `lambda:invoke`: the function's answer is its `Payload`.
fn invoked(answer: &Answer) -> Value {
    json!({"ExecutedVersion": "$LATEST", "Payload": answer, "StatusCode": 200,
        "SdkHttpMetadata": {"HttpStatusCode": 200}, "SdkResponseMetadata": {"RequestId": "0a1b"}})
}

/// A time-out has no cause; the function's failures have theirs as JSON.
fn failure(error: &str) -> Failure {
    match error {
        "States.Timeout" => Failure::new(error, ""),
        _ => Failure::new(error, json!({"errorMessage": "{} it's", "errorType": error}).to_string()),
    }
}

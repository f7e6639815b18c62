//! Files that wait for Macie, many at once: Macie takes one job in ten seconds, so that a job is made for a batch.
//!
//! An execution that wants to know what Macie says of its file puts a message into a queue and sleeps, with a token by
//! which Step Functions wakes it. Lambda gathers the messages for a while and calls [`gather`], which starts an execution
//! of another state machine for them. That one makes the job, waits for it, and answers each token (`steps::job`).
//!
//! Everything may come twice. The execution is named by its messages, so that the same batch starts none twice. Where
//! they come again in other company a second job is made, which costs money and no more: a token is answered once.
//! Whom nobody answers, since a batch was lost, wakes by its own time-out and is held.

use crate::copies::hex;
use crate::messages::{Analysis, Caught, Failure, FailureKind, MacieRules, Result, Source, Verdict};
use crate::queue::{Batch, Left, Record};
use crate::reasons;
use crate::refusal::failure;
use aws_sdk_sfn::Client;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The most files of one job: their tokens have up to 2 KB each.
pub const FILES: usize = 100;
/// The most bytes of an input: Step Functions takes 262,144 (truths F12), and states add to it.
const BYTES: usize = 200_000;
/// How many bytes of a digest an execution's name has.
const NAME: usize = 16;
/// How many calls of Step Functions are in flight.
const CALLS: usize = 8;

/// A file that waits, as the state machine queues it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct File {
    /// By which its execution is answered.
    pub token: String,
    /// The version that is judged.
    pub source: Source,
    /// The verdict so far.
    pub verdict: Verdict,
    /// What is known of the content.
    pub analysis: Analysis,
}

/// A message of the queue.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Queued {
    state_machine: String,
    file: File,
}

/// The job of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Job {
    /// Macie's id.
    pub id: String,
    /// When it was made.
    pub made: Option<String>,
    /// How long the execution has waited for it, in seconds, as its own states count.
    pub waited: u64,
    /// It was complete and had found nothing, and what might still come was waited for.
    pub findings_awaited: bool,
}

/// Where a batch is: the state of its execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct State {
    /// The files that have no answer yet.
    pub files: Vec<File>,
    /// The job, once there is one.
    #[serde(default)]
    pub job: Option<Job>,
    /// Whether there is something to wait for.
    #[serde(default)]
    pub status: Progress,
    /// How long to wait before the next look, in seconds.
    #[serde(default)]
    pub wait_seconds: Option<u64>,
    /// What a step has failed with.
    #[serde(default, skip_serializing)]
    pub failure: Option<Caught>,
}

/// How far a batch is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Progress {
    /// Not all of its files have an answer.
    #[default]
    Analysing,
    /// Each file has its answer.
    Answered,
}

/// One call of the function by a batch's execution.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Request {
    /// What to do.
    pub step: Step,
    /// The execution's ARN.
    pub execution: String,
    /// Where it is.
    pub batch: State,
    /// How Macie is to analyse.
    pub macie_rules: MacieRules,
    /// The stack's key, which Macie may use.
    pub key_arn: Option<String>,
}

/// The steps of a batch's execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Step {
    /// Answers what Macie cannot analyse.
    CheckFiles,
    /// Makes the job.
    MakeMacieJob,
    /// Looks whether it has ended, and answers by what it has found.
    LookAtMacieJob,
    /// Answers that nothing is proven.
    GiveUp,
}

impl Step {
    /// Whether it is one of these.
    #[must_use]
    pub fn is(name: &str) -> bool {
        serde_json::from_value::<Self>(name.into()).is_ok()
    }
}

/// Whether the messages are of files for Macie, and not notices.
#[must_use]
pub fn is_of_files(batch: &Batch) -> bool {
    batch.records.iter().any(|record| record.read::<Value>().is_ok_and(|body| body.get("File").is_some()))
}

/// Step Functions, as far as the function has to do with it.
#[derive(Clone, Debug)]
pub struct Executions {
    client: Client,
}

/// Starts an execution for the files of a batch, or several where one has no room for all.
pub async fn gather(executions: &Executions, batch: &Batch) -> Left {
    let (mut left, mut queued) = (Left::default(), vec![]);
    for record in &batch.records {
        match record.read::<Queued>() {
            Ok(one) => queued.push((record, one)),
            Err(why) => left.keeps([record.message_id.as_str()], format!("a message names no file: {why}")),
        }
    }
    // In the same order, in whichever they come.
    queued.sort_by(|one, other| one.0.message_id.cmp(&other.0.message_id));
    for group in groups(queued) {
        let ids: Vec<_> = group.iter().map(|(record, _)| record.message_id.as_str()).collect();
        let Some(machine) = group.first().map(|(_, queued)| queued.state_machine.clone()) else { continue };
        let files = group.iter().map(|(_, queued)| queued.file.clone()).collect();
        if let Err(failure) = executions.start(&machine, &hex(&ids, NAME), files).await {
            left.keeps(ids, failure.to_string());
        }
    }
    left
}

/// As many together as fit.
fn groups(queued: Vec<(&Record, Queued)>) -> Vec<Vec<(&Record, Queued)>> {
    let (mut groups, mut room) = (vec![], 0);
    for one in queued {
        let bytes = serde_json::to_string(&one.1.file).map_or(0, |json| json.len() + 1);
        match groups.last_mut() {
            Some(group) if bytes <= room && Vec::len(group) < FILES => group.push(one),
            _ => {
                groups.push(vec![one]);
                room = BYTES;
            }
        }
        room = room.saturating_sub(bytes);
    }
    groups
}

impl Executions {
    /// Those that the client reaches.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// Starts an execution, unless there is or was one of this name.
    ///
    /// # Errors
    /// Step Functions does not answer or refuses.
    async fn start(&self, machine: &str, name: &str, files: Vec<File>) -> Result<()> {
        let input = json!({"Files": files}).to_string();
        let start = self.client.start_execution().state_machine_arn(machine).name(name).input(input);
        match start.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("ExecutionAlreadyExists") => Ok(()),
            Err(error) => Err(failure("start an execution for a batch of files", &error, FailureKind::Busy)),
        }
    }

    /// Hands the files of an execution on to two others, each with a half: Macie may take them apart.
    ///
    /// # Errors
    /// Step Functions does not answer or refuses.
    pub async fn halve(&self, execution: &str, files: &[File]) -> Result<()> {
        let wrong = || Failure::new(FailureKind::InvalidInput, "Execution is no ARN");
        let (machine, own) = execution.rsplit_once(':').ok_or_else(wrong)?;
        let machine = machine.replace(":execution:", ":stateMachine:");
        let (first, second) = files.split_at(files.len() / 2);
        for (half, files) in [("first", first), ("second", second)] {
            self.start(&machine, &hex(&[own, half], NAME), files.to_vec()).await?;
        }
        Ok(())
    }

    /// Answers each file's execution with its verdict. One that does not wait any more is nobody's mistake.
    ///
    /// # Errors
    /// Step Functions does not answer or refuses; the others are answered all the same.
    pub async fn answer(&self, answers: Vec<(String, Verdict)>) -> Result<()> {
        let each = stream::iter(answers).map(|(token, verdict)| async move { self.answer_one(&token, verdict).await });
        let ended: Vec<_> = each.buffer_unordered(CALLS).collect().await;
        ended.into_iter().collect()
    }

    async fn answer_one(&self, token: &str, verdict: Verdict) -> Result<()> {
        let verdict = Verdict { reasons: reasons::bounded(verdict.reasons), ..verdict };
        let output = serde_json::to_string(&verdict);
        let output = output.map_err(|error| Failure::new(FailureKind::InvalidInput, error.to_string()))?;
        match self.client.send_task_success().task_token(token).output(output).send().await {
            Ok(_) => Ok(()),
            Err(error) if matches!(error.code(), Some("TaskDoesNotExist" | "TaskTimedOut" | "InvalidToken")) => Ok(()),
            Err(error) => Err(failure("answer an execution", &error, FailureKind::Busy)),
        }
    }
}

#[cfg(test)]
mod tests;

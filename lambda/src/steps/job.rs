//! With Macie: one job for many files, by an execution of its own. What answers a file's execution is its verdict so far,
//! with what Macie says of it; one step after the other, until each file has its answer.
//!
//! 1. What Macie cannot analyse is answered at once, before a job is paid for.
//! 2. The job is made. Where Macie refuses so many folders at once, or something that one of them has, two other
//!    executions go on with a half each: nobody is held for what is wrong with another one's file.
//! 3. It is looked at until it has ended. Then what it has found is read once, and each file is judged as a job of its own
//!    would have judged it.
//!
//! A step may be repeated at any moment: what it finds is the same, and who has an answer gets no other one.

use super::Vault;
use super::create_job::{About, job, unproven};
use super::describe_job::{Asked, Progress as JobProgress, progress};
use super::macie::{COVERED, Current, age, current, is_over, now, place, shown};
use super::read_findings::{Evidence, GRACE, Judgement, NO_RECORD, evidence};
use crate::batch::{Executions, File, Job, Progress, Request, State, Step};
use crate::macie::Scope;
use crate::macie::records::Owner;
use crate::messages::{Failure, FailureKind, MacieRules, Result, Status, Verdict};
use futures::{StreamExt, TryStreamExt, stream};

/// How many files are looked at at once.
const LOOKS: usize = 8;

/// How long to wait before the next look at a job of this age, in seconds: a quarter of that, so that a batch asks a
/// few times only for each of its files.
#[must_use]
pub fn batch_wait_seconds(age: u64) -> u64 {
    (age / 4).clamp(30, 3600)
}

/// What becomes of a file of a batch.
enum Outcome {
    /// Whoever waits by this token gets this verdict.
    Answer(String, Verdict),
    /// It waits for its job or for a record of it.
    Waits(File),
    /// The same, and that nothing was found is not believed yet.
    AskAgain(File),
}

impl Vault {
    /// Takes a step of a batch.
    ///
    /// # Errors
    /// A failure with a stable name; the files without an answer wait for the next try.
    pub async fn take_batch(&self, executions: &Executions, request: Request) -> Result<State> {
        match request.step {
            Step::CheckFiles => check_files(self, executions, request).await,
            Step::MakeMacieJob => make_macie_job(self, executions, request).await,
            Step::LookAtMacieJob => look_at_macie_job(self, executions, request).await,
            Step::GiveUp => give_up(self, executions, request).await,
        }
    }
}

async fn check_files(vault: &Vault, executions: &Executions, request: Request) -> Result<State> {
    let key = request.key_arn.as_deref();
    let outcomes = each(request.batch.files, async |file| checked(vault, file, key).await).await?;
    answered(executions, outcomes, None).await
}

async fn checked(vault: &Vault, file: File, our_key: Option<&str>) -> Result<Outcome> {
    if file.verdict.status != Status::Clean {
        return Err(Failure::new(FailureKind::InvalidInput, "only what is clean so far is for Macie"));
    }
    let copy = match current(vault, &file.source, &file.verdict).await? {
        Current::Copy(copy) => copy,
        Current::Covered => return Ok(unanalysed(file, None, COVERED)),
        Current::Gone => return Ok(gone(file)),
    };
    let about = About { source: &file.source, verdict: &file.verdict, analysis: &file.analysis, copy: &copy };
    if let Some(why) = unproven(vault, about, our_key).await? {
        return Ok(unanalysed(file, None, &why));
    }
    let verdict = Verdict { analytics_version_id: copy.version_id, ..file.verdict };
    Ok(Outcome::Waits(File { verdict, ..file }))
}

async fn make_macie_job(vault: &Vault, executions: &Executions, request: Request) -> Result<State> {
    let Request { execution, batch, macie_rules, .. } = request;
    if batch.files.is_empty() {
        return Ok(state(vec![], None, 0));
    }
    let (_, account) = place(&execution)?;
    let (name, folders) = (name(&execution), folders(&batch.files));
    let prefixes: Vec<_> = folders.iter().map(String::as_str).collect();
    let scope = Scope { name: &name, account, bucket: &vault.analytics, prefixes: &prefixes };
    match job(vault, scope, &macie_rules).await {
        Ok(made) => {
            let made =
                Job { id: made.id, made: shown(made.at.unwrap_or_else(now)), waited: 0, findings_awaited: false };
            Ok(state(batch.files, Some(made), batch_wait_seconds(0)))
        }
        Err(refused) if refused.kind == FailureKind::Refused && batch.files.len() > 1 => {
            executions.halve(&execution, &batch.files).await?;
            Ok(state(vec![], None, 0))
        }
        Err(failure) => Err(failure),
    }
}

async fn look_at_macie_job(vault: &Vault, executions: &Executions, request: Request) -> Result<State> {
    let Request { execution, batch, macie_rules, .. } = request;
    let State { files, job: Some(job), .. } = batch else {
        return Err(Failure::new(FailureKind::InvalidInput, "Job is needed for this step"));
    };
    let (region, account) = place(&execution)?;
    let (name, folders) = (name(&execution), folders(&files));
    let prefixes: Vec<_> = folders.iter().map(String::as_str).collect();
    let scope = Scope { name: &name, account, bucket: &vault.analytics, prefixes: &prefixes };
    let age = age(job.made.as_deref(), job.waited);
    let asked = Asked { job_id: &job.id, age, scope, rules: &macie_rules };
    let outcomes = match progress(vault, asked).await? {
        JobProgress::Analysing => files.into_iter().map(Outcome::Waits).collect(),
        JobProgress::Over(status, why) => {
            files.into_iter().map(|file| answer(file, status, Some(&job), vec![why.clone()])).collect()
        }
        JobProgress::Analysed => {
            let evidence = &evidence(vault, Owner { account, region, job_id: &job.id }).await?;
            let is_last = is_over(&macie_rules, age);
            each(files, async |file| judged(vault, file, evidence, (&job, &macie_rules, is_last)).await).await?
        }
    };
    answered(executions, outcomes, Some((job, age))).await
}

/// Judges a file by what its job has found.
async fn judged(
    vault: &Vault,
    file: File,
    evidence: &Evidence,
    (job, rules, is_last): (&Job, &MacieRules, bool),
) -> Result<Outcome> {
    let copy = match current(vault, &file.source, &file.verdict).await? {
        Current::Copy(copy) if copy.version_id == file.verdict.analytics_version_id => copy,
        Current::Copy(_) | Current::Covered => return Ok(unanalysed(file, Some(job), COVERED)),
        Current::Gone => return Ok(gone(file)),
    };
    let proof = evidence.of(&file.verdict, &copy, rules.block_at(&file.source.key));
    Ok(match proof.judge(job.findings_awaited) {
        Judgement::Clean(notes) => answer(file, Status::Clean, Some(job), notes),
        Judgement::Blocked(reasons) => answer(file, Status::HasFindings, Some(job), reasons),
        Judgement::Unproven(why) => unanalysed(file, Some(job), &why),
        Judgement::AskAgain => Outcome::AskAgain(file),
        Judgement::NoRecord if is_last => unanalysed(file, Some(job), NO_RECORD),
        Judgement::NoRecord => Outcome::Waits(file),
    })
}

/// What nobody can wait for any more. The job, which nobody reads, is not paid for any longer than it has to be.
async fn give_up(vault: &Vault, executions: &Executions, request: Request) -> Result<State> {
    let State { files, job, failure, .. } = request.batch;
    if let Some(job) = &job {
        // Whether it can be cancelled or not, its files get their answer.
        let _ = vault.macie.cancel(&job.id).await;
    }
    let why = failure.map_or_else(|| "no reason is known".to_owned(), |failure| failure.said());
    let why = format!("Macie could not be asked to the end: {why}");
    let answers = files.into_iter().map(|file| unanalysed(file, job.as_ref(), &why));
    answered(executions, answers.collect(), None).await
}

/// Answers who can be answered. The others wait as long as a job of this age is to be waited for.
async fn answered(executions: &Executions, outcomes: Vec<Outcome>, job: Option<(Job, u64)>) -> Result<State> {
    let (mut answers, mut files, mut ask_again) = (vec![], vec![], false);
    for outcome in outcomes {
        match outcome {
            Outcome::Answer(token, verdict) => answers.push((token, verdict)),
            Outcome::Waits(file) => files.push(file),
            Outcome::AskAgain(file) => {
                ask_again = true;
                files.push(file);
            }
        }
    }
    executions.answer(answers).await?;
    let Some((job, age)) = job else { return Ok(state(files, None, 0)) };
    let wait = if ask_again { GRACE } else { batch_wait_seconds(age) };
    Ok(state(files, Some(Job { findings_awaited: job.findings_awaited || ask_again, ..job }), wait))
}

/// The state with what is waited for next already counted.
fn state(files: Vec<File>, job: Option<Job>, wait: u64) -> State {
    let status = if files.is_empty() { Progress::Answered } else { Progress::Analysing };
    let job = job.map(|job| Job { waited: job.waited + wait, ..job });
    State { files, job, status, wait_seconds: Some(wait), failure: None }
}

/// Looks at each file.
async fn each(files: Vec<File>, look: impl AsyncFn(File) -> Result<Outcome>) -> Result<Vec<Outcome>> {
    stream::iter(files).map(|file| look(file)).buffered(LOOKS).try_collect().await
}

/// The folders of the files, each once: a file may be in a batch twice.
fn folders(files: &[File]) -> Vec<String> {
    let mut folders: Vec<_> = files.iter().map(|file| format!("{}/", file.source.copy_id())).collect();
    folders.sort_unstable();
    folders.dedup();
    folders
}

/// What the job is called, and its token: a step that is repeated meets the job that there is.
fn name(execution: &str) -> String {
    format!("cvault-{}", execution.rsplit(':').next().unwrap_or_default())
}

fn answer(file: File, status: Status, job: Option<&Job>, reasons: Vec<String>) -> Outcome {
    let reasons = reasons.into_iter().chain(file.verdict.reasons).collect();
    let verdict = Verdict { status, job_id: job.map(|job| job.id.clone()), reasons, ..file.verdict };
    Outcome::Answer(file.token, verdict)
}

fn unanalysed(file: File, job: Option<&Job>, why: &str) -> Outcome {
    answer(file, Status::NotAnalysed, job, vec![why.into()])
}

/// Its execution looks whether it is in the vault.
fn gone(file: File) -> Outcome {
    answer(file, Status::Gone, None, vec![])
}

#[cfg(test)]
mod tests;

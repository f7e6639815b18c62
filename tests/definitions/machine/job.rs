//! The state machine that has Macie analyse many files at once: every way through it, and what a file of a batch costs.
//! `cargo test --test definitions cost -- --nocapture` prints the README's numbers.

#![expect(clippy::disallowed_macros, reason = "the numbers are for whoever runs it with --nocapture")]

use super::events::created;
use super::form::tasks;
use super::world::{Oddities, Scripted};
use super::{EXECUTION, job_machine, machine, macie_stack, stack};
use crate::asl::{End, Failure, Interpreter, Machine, Schedule, State, Trace, World};
use classifier::batch::{FILES, Job, Progress, Request, State as Batch, Step};
use classifier::messages::{Status, Step as FileStep};
use classifier::steps::batch_wait_seconds;
use cvault::vault::names::Zone;
use serde_json::{Value, json};
use std::collections::VecDeque;

const JOB: &str = "arn:aws:states:eu-west-1:123456789012:execution:CyberVaultMacieJob-x:0a1b";
/// Macie takes one job in ten seconds.
const JOBS_AN_HOUR: f64 = 360.0;

/// Files as they are queued, each with a token as long as tokens may be.
fn input(files: usize) -> Value {
    let extent = json!({"Levels": 0, "Members": 0, "Largest": 0, "Expanded": 0, "Unnamed": 0, "Depth": 0});
    let file = json!({
        "Token": "t".repeat(1024),
        "Source": {"Bucket": "in", "Key": "a.csv", "VersionId": "v", "Size": 5, "Sha256": null, "StoredVersionId": null},
        "Verdict": {"Status": "CLEAN", "JobId": null, "AnalyticsBucket": "an", "AnalyticsKey": "0/a.csv",
            "AnalyticsVersionId": "w", "Reasons": []},
        "Analysis": {"Format": "csv", "Extent": extent, "JobMade": null, "Waited": 0, "FindingsAwaited": false},
    });
    json!({"Files": vec![file; files]})
}

/// Answers one step after the other, and keeps what was asked.
#[derive(Default)]
struct Answers {
    fails: Option<Step>,
    /// Whether giving up fails, too.
    all_fails: bool,
    looks: VecDeque<Progress>,
    asked: Vec<Request>,
}

impl World for Answers {
    fn call(&mut self, state: &str, resource: &str, parameters: &Value) -> Result<Value, Failure> {
        assert_eq!(resource, "arn:aws:states:::lambda:invoke");
        let request: Request = serde_json::from_value(parameters["Payload"].clone()).expect("the function can read it");
        assert_eq!((parameters["Payload"]["Step"].as_str(), &request.execution[..]), (Some(state), JOB));
        let (step, batch) = (request.step, request.batch.clone());
        self.asked.push(request);
        if self.fails == Some(step) || self.all_fails && step == Step::GiveUp {
            return Err(Failure::new(
                "MacieQuota",
                json!({"errorMessage": "no", "errorType": "MacieQuota"}).to_string(),
            ));
        }
        let status = match step {
            Step::LookAtMacieJob => self.looks.pop_front().expect("a look that was planned"),
            Step::GiveUp => Progress::Answered,
            Step::CheckFiles | Step::MakeMacieJob => Progress::Analysing,
        };
        let made = Job { id: "j".into(), made: None, waited: 0, findings_awaited: false };
        let job = (step != Step::CheckFiles).then(|| batch.job.unwrap_or(made));
        let answer = Batch { files: batch.files, job, status, wait_seconds: Some(30), failure: None };
        Ok(json!({"Payload": answer}))
    }
}

fn run(world: &mut Answers, files: usize, trace: &mut Trace) -> End {
    let (execution, schedule) = (JOB, Schedule::ALL[0]);
    let mut interpreter = Interpreter { world, trace, execution, schedule };
    interpreter.run(&job_machine(macie_stack()), input(files))
}

/// Whatever fails, the files get their answer; where that fails too, each wakes by itself.
#[test]
fn every_way_answers_or_says_that_it_could_not() {
    let mut trace = Trace::default();
    let looks = || VecDeque::from([Progress::Analysing, Progress::Answered]);
    let mut well = Answers { looks: looks(), ..Answers::default() };
    assert_eq!(run(&mut well, 2, &mut trace), End::Succeeded("Answered".into()));
    for fails in [Step::CheckFiles, Step::MakeMacieJob, Step::LookAtMacieJob] {
        for all_fails in [false, true] {
            let mut world = Answers { fails: Some(fails), all_fails, looks: looks(), ..Answers::default() };
            let end = run(&mut world, 2, &mut trace);
            let End::Failed(state, failure) = end else { panic!("{end:?}") };
            let given_up = world.asked.last().expect("some");
            assert_eq!((given_up.step, given_up.batch.files.len()), (Step::GiveUp, 2));
            assert_eq!(given_up.batch.failure.as_ref().expect("it is said").said(), "MacieQuota: no");
            assert_eq!(
                given_up.batch.job.is_some(),
                fails == Step::LookAtMacieJob,
                "what has to be cancelled is known"
            );
            let expected = if all_fails { ("NotAnswered", "NotAnswered") } else { ("GaveUp", "MacieQuota") };
            assert_eq!((state.as_str(), failure.error.as_str()), expected);
        }
    }
    let machine = job_machine(macie_stack());
    assert_eq!(trace.states, machine.states.keys().cloned().collect(), "every state is entered");
    let all = machine.states.iter().flat_map(|(name, state)| {
        state.successors().into_iter().map(|next| (name.clone(), next.to_owned())).collect::<Vec<_>>()
    });
    assert_eq!(trace.transitions, all.collect(), "every way is taken");
}

/// An execution has no more than 25,000 events: for a month of waiting for Macie and its records, after the longest
/// possible queue for a job, with three calls more in each round than it needs.
#[test]
fn the_history_has_room_for_the_longest_wait() {
    const WAIT: u64 = 2;
    const CHOICE: u64 = 2;
    const CALL: u64 = 3;
    const TASK: u64 = CALL + 2;
    let machine = job_machine(macie_stack());
    let tries = |name: &str| match &machine.states[name] {
        State::Task(task) => task.retry.iter().map(|retrier| u64::from(retrier.max_attempts)).sum::<u64>(),
        _ => 0,
    };
    let (mut seconds, mut rounds) = (0, 0);
    while seconds < 720 * 3600 {
        seconds += batch_wait_seconds(seconds);
        rounds += 1;
    }
    let round = WAIT + TASK + CHOICE + 3 * CALL;
    let tries = tries("CheckFiles") + tries("MakeMacieJob");
    let events = 2 * TASK + tries * CALL + rounds * round;
    assert!(rounds > 700 && events < 24_800, "{events} events in {rounds} rounds");
}

/// A file's own execution waits longer than its batch, which says more of why.
#[test]
fn a_file_waits_longer_than_its_batch() {
    let machine = machine(macie_stack());
    let (_, task) = tasks(&machine).into_iter().find(|(name, _)| *name == "AskMacie").expect("it is there");
    let rules = &macie_stack().filled(cvault::vault::definitions::MACIE_JOB)["States"]["LookAtMacieJob"];
    let hours = rules["Parameters"]["Payload"]["MacieRules"]["MaxHours"].as_u64().expect("a number");
    assert_eq!(u64::from(task.timeout_seconds.expect("a bound")), hours * 3600 + 3600);
}

/// The states that a clean file enters.
fn entered(machine: &Machine) -> usize {
    let mut world = Scripted::new(vec![], false, Oddities::default());
    let clean = [
        (FileStep::CopyToAnalytics, Status::Copied),
        (FileStep::InspectContent, Status::Clean),
        (FileStep::StoreInVault, Status::VaultCopy),
        (FileStep::DeleteFromIngress, Status::VaultCopy),
    ];
    world.follows(&clean);
    let (mut trace, schedule) = (Trace::default(), Schedule::ALL[0]);
    let event = created(&stack().names.bucket(Zone::Ingress), "a.csv");
    let mut interpreter = Interpreter { world: &mut world, trace: &mut trace, execution: EXECUTION, schedule };
    assert_eq!(interpreter.run(machine, event), End::Succeeded("Settled".into()));
    trace.entered
}

/// The transitions of a batch whose job takes so many seconds, the one of its start too.
fn transitions(seconds: u64) -> usize {
    let (mut age, mut looks) = (0, VecDeque::new());
    while age < seconds {
        age += batch_wait_seconds(age);
        looks.push_back(Progress::Analysing);
    }
    // At the first look after its end it has found nothing yet, which is believed at the next.
    looks.push_back(Progress::Answered);
    let mut trace = Trace { measures: true, ..Trace::default() };
    run(&mut Answers { looks, ..Answers::default() }, FILES, &mut trace);
    assert!(trace.largest <= 262_144, "{}", trace.largest);
    trace.entered + 1
}

/// Issue 11: at most three transitions of asking a file, for 1,000 files.
#[test]
fn cost_of_asking_macie_for_a_thousand_files() {
    let files = 1_000.0;
    let batches = files / f64::from(u32::try_from(FILES).expect("some"));
    // Those that find Macie busy come again after 150 seconds on average, and one in ten seconds gets its job.
    let tries = batches * batches / 30.0;
    let own = entered(&machine(macie_stack())) - entered(&machine(stack()));
    let own = f64::from(u32::try_from(own).expect("few"));
    println!("a job takes | transitions of asking a file, of {files} files in {batches} jobs | of one alone");
    for minutes in [10, 30, 60, 180] {
        let job = f64::from(u32::try_from(transitions(minutes * 60)).expect("few"));
        let each = own + (batches * job + tries) / files;
        println!("{minutes} minutes | {each:.2} | {:.0}", own + job);
        assert!(each <= 3.0, "{each}");
    }
    let an_hour = JOBS_AN_HOUR * files / batches;
    println!("{an_hour} files an hour");
    assert!(an_hour >= 10_000.0);
}

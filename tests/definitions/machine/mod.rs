//! The state machine: its form, and every way through it.

mod burst;
mod cost;
mod events;
mod expected;
mod express;
mod form;
mod ignored;
mod job;
mod judging;
mod sizes;
mod sweep;
mod walks;
mod world;

use super::asl::Machine;
use super::stack::Stack;
use classifier::messages::{Status, Step};
use cvault::vault::definitions::{MACIE_JOB, STATE_MACHINE};
use serde_json::Value;
use std::sync::LazyLock;

/// The ARN of the execution that is walked.
const EXECUTION: &str = "arn:aws:states:eu-west-1:123456789012:execution:CyberVaultOrquestrator-x:0a1b";

/// The stack whose state machine is walked.
fn stack() -> &'static Stack {
    static STACK: LazyLock<Stack> = LazyLock::new(|| Stack::new("aws", "eu-west-1", "x"));
    &STACK
}

/// The same with Macie.
fn macie_stack() -> &'static Stack {
    static STACK: LazyLock<Stack> = LazyLock::new(|| Stack::new("aws", "eu-west-1", "x").with_macie());
    &STACK
}

fn machine(stack: &Stack) -> Machine {
    serde_json::from_value(stack.filled(STATE_MACHINE)).expect("it is of the language's supported part")
}

/// The one that has Macie analyse many files at once.
fn job_machine(stack: &Stack) -> Machine {
    serde_json::from_value(stack.filled(MACIE_JOB)).expect("it is of the language's supported part")
}

/// Every step of the function.
const STEPS: [Step; 9] = [
    Step::CopyToAnalytics,
    Step::InspectContent,
    Step::CreateMacieJob,
    Step::DescribeMacieJob,
    Step::ReadMacieFindings,
    Step::HoldForMacie,
    Step::StoreInVault,
    Step::DeleteFromIngress,
    Step::ClearAnalytics,
];

/// Those that only executions of an earlier release call.
fn is_outdated(step: Step) -> bool {
    matches!(step, Step::CreateMacieJob | Step::DescribeMacieJob | Step::ReadMacieFindings)
}

/// A new step must come into [`STEPS`]: this does not compile without it.
const fn index_of_step(step: Step) -> usize {
    match step {
        Step::CopyToAnalytics => 0,
        Step::InspectContent => 1,
        Step::CreateMacieJob => 2,
        Step::DescribeMacieJob => 3,
        Step::ReadMacieFindings => 4,
        Step::HoldForMacie => 5,
        Step::StoreInVault => 6,
        Step::DeleteFromIngress => 7,
        Step::ClearAnalytics => 8,
    }
}

/// Every status that the function may answer.
const STATUSES: [Status; 14] = [
    Status::Copied,
    Status::Clean,
    Status::Analysing,
    Status::Analysed,
    Status::VaultCopy,
    Status::IntegrityFail,
    Status::HasFindings,
    Status::JobCancelled,
    Status::NotAnalysed,
    Status::AlreadySettled,
    Status::Gone,
    Status::NotCopied,
    Status::Cleared,
    Status::NothingToJudge,
];

/// The same for [`STATUSES`].
const fn index_of_status(status: Status) -> usize {
    match status {
        Status::Copied => 0,
        Status::Clean => 1,
        Status::Analysing => 2,
        Status::Analysed => 3,
        Status::VaultCopy => 4,
        Status::IntegrityFail => 5,
        Status::HasFindings => 6,
        Status::JobCancelled => 7,
        Status::NotAnalysed => 8,
        Status::AlreadySettled => 9,
        Status::Gone => 10,
        Status::NotCopied => 11,
        Status::Cleared => 12,
        Status::NothingToJudge => 13,
    }
}

/// The contract's final statuses, and whether each needs an e-mail.
const FINAL: [(Status, bool); 5] = [
    (Status::VaultCopy, false),
    (Status::IntegrityFail, true),
    (Status::HasFindings, true),
    (Status::JobCancelled, true),
    (Status::NotAnalysed, true),
];

fn is_final(status: Status) -> bool {
    FINAL.iter().any(|(of_contract, _)| *of_contract == status)
}

/// The contract's word for a status.
fn word(status: Status) -> String {
    let word = serde_json::to_value(status).expect("a status is a word");
    word.as_str().map(str::to_owned).expect("a status is a word")
}

fn status(word: &str) -> Option<Status> {
    serde_json::from_value(Value::from(word)).ok()
}

fn step(name: &str) -> Option<Step> {
    serde_json::from_value(Value::from(name)).ok()
}

#[test]
fn the_lists_are_whole() {
    assert!(STEPS.iter().enumerate().all(|(index, step)| index_of_step(*step) == index));
    assert!(STATUSES.iter().enumerate().all(|(index, status)| index_of_status(*status) == index));
}

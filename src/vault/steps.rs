//! What the resources are called in plans, events and reports.

use super::names::Zone;

/// The key.
pub const KEY: &str = "key";
/// Macie, which the account has.
pub const MACIE: &str = "macie";
/// The topic.
pub const TOPIC: &str = "topic";
/// The topic of its own that a stack had before it used another.
pub const OWN_TOPIC: &str = "topic/own";
/// The dashboard.
pub const DASHBOARD: &str = "dashboard";
/// The dead-letter queue.
pub const DEAD_LETTERS: &str = "dead-letters";
/// The queue of notices.
pub const NOTICES: &str = "notices";
/// What has the function called with them.
pub const NOTICES_MAPPING: &str = "notices/event-source-mapping";
/// The queue of files that wait for Macie.
pub const MACIE_QUEUE: &str = "macie-queue";
/// What has the function called with them.
pub const MACIE_MAPPING: &str = "macie-queue/event-source-mapping";
/// The function.
pub const FUNCTION: &str = "function";
/// The state machine.
pub const STATE_MACHINE: &str = "state-machine";
/// The state machine for small files.
pub const EXPRESS: &str = "state-machine/express";
/// The state machine for a job of Macie's.
pub const MACIE_JOB: &str = "state-machine/macie-job";
/// The state machine that sweeps.
pub const SWEEP: &str = "state-machine/sweep";
/// What stands for the addresses where there is none.
pub const NOBODY: &str = "none";

/// What the name of a bucket's step begins with.
pub const BUCKET: &str = "bucket/";

/// The bucket of a zone.
#[must_use]
pub fn bucket(zone: Zone) -> String {
    format!("{BUCKET}{zone}")
}

/// The rule of a zone, or for something else.
#[must_use]
pub fn rule(what: impl std::fmt::Display) -> String {
    format!("rule/{what}")
}

/// A role.
#[must_use]
pub fn role(name: &str) -> String {
    format!("role/{name}")
}

/// The log group of a role.
#[must_use]
pub fn log_group(role: &str) -> String {
    format!("log-group/{role}")
}

/// The subscription of an address.
#[must_use]
pub fn subscription(address: &str) -> String {
    format!("subscription/{address}")
}

/// The alarm of this name.
#[must_use]
pub fn alarm(name: &str) -> String {
    format!("alarm/{name}")
}

/// A custom identifier in Macie.
#[must_use]
pub fn custom_identifier(name: &str) -> String {
    format!("custom-identifier/{name}")
}

//! Failures for people: what failed, why, and what to do; and what the process ends with.

use serde::Serialize;
use std::fmt;

/// What failed, why, and how to fix it; printed as
/// `error: create function x` / `  why: …` / `  fix: …`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// What failed, in the infinitive: "create function cyber_vault-626fa970".
    pub what: String,
    /// Why: the cause, in AWS's words where it is AWS's.
    pub why: String,
    /// What to do.
    pub fix: String,
    /// What the process ends with because of it.
    #[serde(skip)]
    pub exit: Exit,
}

/// How the process ends; the numbers are the contract's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Exit {
    /// Done, or nothing to change.
    Done = 0,
    /// Failed; finished work is kept.
    #[default]
    Failed = 1,
    /// `status`, `--dry-run`: something differs or is missing.
    Differs = 2,
    /// `status`: no such stack.
    Absent = 3,
    /// Refused by a guard, before any writing call.
    Refused = 4,
    /// Wrong usage or configuration.
    Usage = 64,
    /// SIGINT.
    Interrupted = 130,
    /// SIGTERM.
    Terminated = 143,
}

impl Failure {
    /// A failure of the work itself.
    pub fn new(what: impl Into<String>, why: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { what: what.into(), why: why.into(), fix: fix.into(), exit: Exit::Failed }
    }

    /// Wrong usage or configuration.
    pub fn usage(what: impl Into<String>, why: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, ..Self::new(what, why, fix) }
    }

    /// Refused by a guard.
    pub fn refused(what: impl Into<String>, why: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { exit: Exit::Refused, ..Self::new(what, why, fix) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  why: {}\n  fix: {}", self.what, self.why, self.fix)
    }
}

impl std::error::Error for Failure {}

/// What to do where nothing better is known.
pub const AGAIN: &str = "run the same command again; finished work is kept";

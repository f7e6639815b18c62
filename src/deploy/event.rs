//! What happens, as values: the interface between the work and the reports.
//!
//! The first event of a walk is the plan, the last one the summary. Each carries its facts in
//! fields; the sentences are the reports' business.

use crate::deploy::plan::{Action, Plan};
use crate::outcome::failure::Failure;
use crate::outcome::progress::Progress;
use crate::outcome::row::Row;
use serde::Serialize;
use std::collections::BTreeMap;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Something happened.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The walk's plan, before anything was changed.
    Planned {
        /// `up` or `down`.
        command: Command,
        /// What is to be done.
        plan: Plan,
    },
    /// Work on a resource began.
    Started {
        /// The resource.
        name: String,
        /// What is being done.
        action: Action,
    },
    /// A resource's work waits for AWS.
    Waiting {
        /// The resource.
        name: String,
        /// What for, as in "waiting for …".
        on: String,
    },
    /// To look at a resource takes long.
    Reading {
        /// The resource.
        name: String,
    },
    /// It was looked at, or that was given up.
    Read {
        /// The resource.
        name: String,
    },
    /// A part of a longer step is done.
    Progress {
        /// The resource.
        name: String,
        /// What was done, as a sentence without its full stop.
        text: String,
    },
    /// Work on a resource ended well.
    Finished {
        /// The resource.
        name: String,
        /// What was done.
        action: Action,
        /// How long it took.
        seconds: f64,
    },
    /// Work on a resource failed.
    Failed {
        /// The resource.
        name: String,
        /// What was tried.
        action: Action,
        /// What, why, and how to fix it.
        error: Failure,
    },
    /// Work on a resource was not begun, since what it needs failed.
    Blocked {
        /// The resource.
        name: String,
        /// What it needs.
        by: String,
    },
    /// Work on a resource was not begun, since the run was interrupted.
    Skipped {
        /// The resource.
        name: String,
    },
    /// Something to know that belongs to no resource.
    Note {
        /// A sentence.
        text: String,
    },
    /// A row of the answer, which is printed as itself.
    #[serde(skip)]
    Row(Row),
    /// Where each file of the demo ended.
    Judged {
        /// The files.
        files: Vec<Judged>,
    },
    /// The demo's emulator runs on.
    Kept {
        /// What a client exports to reach it.
        environment: Vec<(&'static str, String)>,
        /// The command that stops it.
        stop: String,
    },
    /// The end of the run.
    Summary(Summary),
}

/// How a run ended.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// `up` or `down`.
    pub command: Command,
    /// The stack's name.
    pub stack: String,
    /// The suffix of every name.
    pub id: String,
    /// The account, 12 digits.
    pub account: String,
    /// The region.
    pub region: String,
    /// The exit code.
    pub exit_code: u8,
    /// How many resources were made.
    pub created: usize,
    /// How many were changed.
    pub updated: usize,
    /// How many were removed.
    pub deleted: usize,
    /// How many were as wanted already.
    pub unchanged: usize,
    /// How many failed.
    pub failed: usize,
    /// How many were not begun.
    pub not_begun: usize,
    /// How long it took.
    pub seconds: f64,
    /// There was no such stack at all.
    #[serde(skip)]
    pub absent: bool,
    /// What other jobs want to know, by the names that they know it under.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<&'static str, String>,
    /// What the user has to do or know next.
    pub notes: Vec<String>,
}

/// Where a file of the demo ended, and why.
#[derive(Clone, Debug, Serialize)]
pub struct Judged {
    /// Its key.
    pub file: String,
    /// The verdict, such as `VAULT_COPY`.
    pub status: String,
    /// The verdict's reasons.
    pub reasons: Vec<String>,
    /// Where it is, such as `vault: s3://…`.
    pub place: String,
    /// How long it took.
    pub seconds: f64,
}

/// What a person is asked before something is removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What is about to be done, in the infinitive.
    pub what: String,
    /// What that means, a line each.
    pub facts: Vec<String>,
    /// What has to be typed to go on; without it yes or no will do.
    pub typed: Option<Typed>,
}

/// What a person types, so as not to go on by habit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// What it is, such as `the stack's name`.
    pub what: &'static str,
    /// The text.
    pub text: String,
}

/// The command whose events these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// `cvault up`.
    Up,
    /// `cvault down`.
    Down,
}

/// Where events go. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Events(UnboundedSender<Event>);

impl Events {
    /// Both ends.
    #[must_use]
    pub fn channel() -> (Self, UnboundedReceiver<Event>) {
        let (sender, receiver) = unbounded_channel();
        (Self(sender), receiver)
    }

    /// Sends one; when nobody listens any more it is lost, which harms nothing.
    pub fn send(&self, event: Event) {
        let _ = self.0.send(event);
    }
}

impl Progress for Events {
    fn waits(&self, resource: &str, on: &str) {
        self.send(Event::Waiting { name: resource.into(), on: on.into() });
    }

    fn reads(&self, resource: &str) {
        self.send(Event::Reading { name: resource.into() });
    }

    fn has_read(&self, resource: &str) {
        self.send(Event::Read { name: resource.into() });
    }
}

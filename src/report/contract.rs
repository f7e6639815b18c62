//! What a report is told, and what decides how it tells it on.

use crate::deploy::event::{self, Event};
use crate::deploy::plan::Plan;
use crate::outcome::failure::Failure;
use crate::outcome::invocation::Invocation;
use clap::ValueEnum;
use serde_json::Value;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// How often to call [`Report::tick`]: a spinner that stands still for longer looks like a hang.
pub const TICK: Duration = Duration::from_millis(100);

/// The verdict that puts a file into the vault.
pub(super) const VAULTED: &str = "VAULT_COPY";

/// What the user chose of the output.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `--output`
    pub output: Output,
    /// `--color`
    pub color: Color,
    /// How many `-v`; -1 for `-q`.
    pub verbosity: i8,
    /// `--dotenv`
    pub dotenv: Option<PathBuf>,
    /// What the commands that are named to run next have to repeat.
    pub invocation: Invocation,
}

/// For whom to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// People.
    #[default]
    Human,
    /// Programs.
    Json,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On terminals that have them; `NO_COLOR` and `CLICOLOR_FORCE` decide otherwise.
    #[default]
    Auto,
    /// Even into files.
    Always,
    /// Not at all.
    Never,
}

/// What is run, as far as its output depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// `up`, `down`: a stream of events, the answer is how it ended.
    Walk(event::Command),
    /// `status`: the answer is the plan, as what is.
    Status,
    /// `--dry-run`: the answer is the plan, as what would be done.
    DryRun(event::Command),
    /// `demo`: two walks, the answer is where each file ended.
    Demo,
    /// `held` and what follows from it: rows, each as soon as it is known.
    Rows,
    /// `policy`: the answer is a document of IAM.
    Policy,
}

/// Somebody who is told what happens. All methods but those that concern it may stay empty.
pub trait Report {
    /// Something happened.
    fn event(&mut self, _event: &Event) {}

    /// Time passed: this much since the run began. Call it every [`TICK`].
    fn tick(&mut self, _elapsed: Duration) {}

    /// The answer of `status` and `--dry-run`.
    fn answer(&mut self, _plan: &Plan) {}

    /// The answer of `policy`.
    fn policy(&mut self, _policy: &Value) {}

    /// The command failed, and no event has said so already.
    fn failure(&mut self, _failure: &Failure) {}

    /// There is no more to come. Fails if the answer could not be written; that its reader left
    /// early, as `head` does, is none of our business.
    ///
    /// # Errors
    ///
    /// The first error of writing to standard output, a broken pipe excepted.
    fn end(&mut self) -> io::Result<()> {
        Ok(())
    }
}

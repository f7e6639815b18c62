//! Everything that cvault prints. Events, plans and failures come in as values; each report makes
//! of them what its readers need: people at a terminal (`terminal`), people reading a log
//! (`lines`), both at the end (`answer`), programs (`json`), GitHub Actions (`github`).
//!
//! Standard output carries the answer only, everything else goes to standard error. Reports write to
//! any `impl Write` and have no clock, so that tests can read every byte of them.

mod answer;
mod differences;
mod github;
mod json;
mod lines;
mod out;
mod progress;
#[cfg(test)]
mod sample;
mod table;
mod terminal;
mod text;

use crate::deploy::event::{self, Event};
use crate::deploy::plan::Plan;
use crate::outcome::failure::Failure;
use anstream::{AutoStream, ColorChoice, stream::RawStream};
use clap::ValueEnum;
use console::Term;
use out::Out;
use serde_json::Value;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;
use table::Layout;

/// How often to call [`Report::tick`]: a spinner that stands still for longer looks like a hang.
pub const TICK: Duration = Duration::from_millis(100);

/// Where there is no terminal to ask, such as in a log.
const LOG_WIDTH: usize = 100;

/// The verdict that puts a file into the vault.
const VAULTED: &str = "VAULT_COPY";

/// What the user chose of the output.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// `--output`
    pub output: Output,
    /// `--color`
    pub color: Color,
    /// How many `-v`; -1 for `-q`.
    pub verbosity: i8,
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

/// Tells several reports, in this order.
struct All(Vec<Box<dyn Report>>);

impl Report for All {
    fn event(&mut self, event: &Event) {
        self.0.iter_mut().for_each(|report| report.event(event));
    }

    fn tick(&mut self, elapsed: Duration) {
        self.0.iter_mut().for_each(|report| report.tick(elapsed));
    }

    fn answer(&mut self, plan: &Plan) {
        self.0.iter_mut().for_each(|report| report.answer(plan));
    }

    fn policy(&mut self, policy: &Value) {
        self.0.iter_mut().for_each(|report| report.policy(policy));
    }

    fn failure(&mut self, failure: &Failure) {
        self.0.iter_mut().for_each(|report| report.failure(failure));
    }

    fn end(&mut self) -> io::Result<()> {
        self.0.iter_mut().map(|report| report.end()).fold(Ok(()), io::Result::and)
    }
}

/// The reports that suit the options, the streams and the environment. Progress comes first: a
/// terminal must have cleared its live lines before the answer follows.
#[must_use]
pub fn reporter(options: &Options, run: Run) -> Box<dyn Report> {
    let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let glyphs = if speaks_utf8(var) { &text::UNICODE } else { &text::ASCII };
    let stderr = || AutoStream::new(io::stderr(), color(options.color, &io::stderr()));
    let stdout = AutoStream::new(io::stdout(), color(options.color, &io::stdout()));
    let json = options.output == Output::Json;
    let streams = matches!(run, Run::Walk(_) | Run::Demo);

    let mut reports: Vec<Box<dyn Report>> = vec![];
    if !(json && streams) {
        let dumb = var("TERM").is_none_or(|term| term == "dumb");
        // With `-v` the log of the SDK is on the same terminal and would tear live lines apart.
        if io::stderr().is_terminal() && !dumb && options.verbosity == 0 {
            let colored = stderr().current_choice() != ColorChoice::Never;
            reports.push(Box::new(terminal::Terminal::new(Term::buffered_stderr(), glyphs, run, colored)));
        } else {
            reports.push(Box::new(lines::Lines::new(stderr(), run, options.verbosity)));
        }
    }
    if json {
        reports.push(Box::new(json::Json::new(stdout, run)));
    } else {
        let width = Term::stdout().size_checked().map_or(LOG_WIDTH, |(_, columns)| columns.into());
        let layout = Layout { width, glyphs, verbose: options.verbosity > 0 };
        reports.push(Box::new(answer::Answer::new(stdout, run, layout)));
    }
    if var("GITHUB_ACTIONS").is_some_and(|value| value == "true") {
        let summary = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty());
        reports.push(Box::new(github::GitHub::new(io::stderr(), summary.map(Into::into), run)));
    }
    Box::new(All(reports))
}

/// Asks a person whether to go on; where nobody sits at a terminal nobody is asked.
///
/// # Errors
/// The answer is no.
pub fn confirm(what: &str) -> Result<(), Failure> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Ok(());
    }
    let mut answer = String::new();
    // An answer that cannot be read is none.
    let asked = write!(io::stderr(), "{what}? [y/N] ").and_then(|()| io::stdin().read_line(&mut answer));
    match asked {
        Ok(_) if ["y", "yes"].contains(&answer.trim().to_lowercase().as_str()) => Ok(()),
        _ => Err(Failure::refused(what, "it was not confirmed", "answer y, or pass --yes")),
    }
}

fn color(wanted: Color, stream: &impl RawStream) -> ColorChoice {
    match wanted {
        Color::Auto => AutoStream::choice(stream),
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    }
}

/// The C library's rule: the first of the three that is set decides.
fn speaks_utf8(var: impl Fn(&str) -> Option<String>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(var).unwrap_or_default().to_ascii_lowercase();
    locale.ends_with("utf-8") || locale.ends_with("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_locale_that_is_set_decides() {
        let with = |set: &[(&str, &str)]| {
            speaks_utf8(|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
        };
        assert!(with(&[("LANG", "de_DE.UTF-8")]) && with(&[("LC_CTYPE", "C.utf8")]));
        assert!(!with(&[]) && !with(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]));
    }
}

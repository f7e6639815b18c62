//! Which reports suit the options, the streams and the environment.

use super::contract::{Color, Options, Output, Report, Run};
use super::layout::{Layout, wrapped};
use super::out::Out;
use super::{answer, github, hints, json, lines, outputs, terminal, text, usage};
use crate::deploy::event::Event;
use crate::deploy::plan::Plan;
use crate::outcome::failure::Failure;
use crate::outcome::invocation::Invocation;
use anstream::{AutoStream, ColorChoice, stream::RawStream};
use console::{Term, strip_ansi_codes};
use serde_json::Value;
use std::io::{self, IsTerminal};
use std::time::Duration;

/// Where there is no terminal to ask, such as in a log.
const LOG_WIDTH: usize = 100;

/// Tells several reports, in this order.
struct All {
    reports: Vec<Box<dyn Report>>,
    /// Which of them writes the answer.
    answer: usize,
    color: Color,
}

impl Report for All {
    fn event(&mut self, event: &Event) {
        self.reports.iter_mut().for_each(|report| report.event(event));
    }

    fn tick(&mut self, elapsed: Duration) {
        self.reports.iter_mut().for_each(|report| report.tick(elapsed));
    }

    fn answer(&mut self, plan: &Plan) {
        self.reports.iter_mut().for_each(|report| report.answer(plan));
    }

    fn policy(&mut self, policy: &Value) {
        self.reports.iter_mut().for_each(|report| report.policy(policy));
    }

    fn failure(&mut self, failure: &Failure) {
        self.reports.iter_mut().for_each(|report| report.failure(failure));
    }

    fn end(&mut self) -> io::Result<()> {
        let (answer, color) = (self.answer, self.color);
        let ends = self.reports.iter_mut().enumerate().map(|(at, report)| {
            let ended = report.end();
            if let (Err(error), true) = (&ended, at == answer) {
                // Where not even that can be read, the exit code says it.
                Out::new(errors(color)).line(text::failure(&unwritten(error)));
            }
            ended
        });
        ends.fold(Ok(()), io::Result::and)
    }
}

/// The reports that suit the options, the streams and the environment. Progress comes first: a
/// terminal must have cleared its live lines before the answer follows.
#[must_use]
pub fn reporter(options: &Options, run: Run) -> Box<dyn Report> {
    let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let glyphs = if speaks_utf8(var) { &text::UNICODE } else { &text::ASCII };
    let stderr = || errors(options.color);
    let stdout = AutoStream::new(io::stdout(), color(options.color, &io::stdout()));
    let json = options.output == Output::Json;
    let streams = matches!(run, Run::Walk(_) | Run::Demo | Run::Rows);

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
    let answer = reports.len();
    if json {
        reports.push(Box::new(json::Json::new(stdout, run)));
    } else {
        let terminal = Term::stdout().size_checked();
        let width = terminal.map_or(LOG_WIDTH, |(_, columns)| columns.into());
        let verbose = options.verbosity > 0;
        let layout = Layout { width, glyphs, breaks: terminal.is_some() && !verbose, verbose };
        reports.push(Box::new(answer::Answer::new(stdout, run, layout, options.invocation.clone())));
    }
    let github = std::env::var_os("GITHUB_OUTPUT").filter(|path| is_github() && !path.is_empty());
    if run != Run::Demo {
        reports.push(Box::new(outputs::Outputs::new(github.map(Into::into), options.dotenv.clone())));
    }
    if is_github() {
        reports.push(Box::new(on_github(run, &options.invocation)));
    }
    let all = All { reports, answer, color: options.color };
    Box::new(hints::Hints::new(Box::new(all), options.invocation.clone()))
}

fn errors(wanted: Color) -> AutoStream<io::Stderr> {
    AutoStream::new(io::stderr(), color(wanted, &io::stderr()))
}

/// The answer did not arrive: on a full disk, say.
fn unwritten(error: &io::Error) -> Failure {
    let fix = "make room where standard output goes, then run the same command again; what was done is done";
    Failure::new("write the answer", error.to_string(), fix)
}

/// Says that a command line is wrong; on GitHub it is annotated, too, and a program that asked for JSON of such a `run` gets
/// it. The text may have colours.
pub fn wrong_usage(text: &str, json: Option<Run>) {
    let lines = match Term::stderr().size_checked().filter(|_| io::stderr().is_terminal()) {
        Some((_, columns)) => laid_out(text, columns.into()),
        None => text.trim_end().to_owned(),
    };
    // Nobody may be there to read it; the exit code says it, too.
    Out::new(errors(Color::Auto)).line(lines);
    let text = strip_ansi_codes(text);
    if let Some(run) = json {
        let mut program = json::Json::new(AutoStream::never(io::stdout()), run);
        program.failure(&usage::failure(&text));
        // The exit code says already that it went wrong.
        let _ = program.end();
    }
    if is_github() {
        let mut github = on_github(Run::Rows, &Invocation::default());
        github.wrong_usage(&text);
        // The exit code says already that it went wrong.
        let _ = github.end();
    }
}

/// The text with no line wider than that.
fn laid_out(text: &str, width: usize) -> String {
    text.trim_end().lines().flat_map(|line| wrapped(line, width)).collect::<Vec<_>>().join("\n")
}

fn is_github() -> bool {
    std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true")
}

fn on_github(run: Run, invocation: &Invocation) -> github::GitHub<io::Stderr> {
    let summary = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty());
    github::GitHub::new(io::stderr(), summary.map(Into::into), run, invocation.clone())
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
    fn a_wrong_command_line_is_as_narrow_as_the_terminal() {
        let line = ["cvault", "held", "--status", "FOO"].map(Into::into);
        let error = crate::cli::Cli::read(line).unwrap_err().render();
        assert!(error.to_string().lines().any(|line| line.len() > 80), "clap wraps by now: {error}");
        for text in [error.to_string(), error.ansi().to_string()] {
            let told = strip_ansi_codes(&laid_out(&text, 80)).into_owned();
            assert!(told.lines().all(|line| line.len() <= 80), "{told}");
            assert_eq!(
                told.split_whitespace().collect::<Vec<_>>(),
                error.to_string().split_whitespace().collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn the_first_locale_that_is_set_decides() {
        let with = |set: &[(&str, &str)]| {
            speaks_utf8(|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
        };
        assert!(with(&[("LANG", "de_DE.UTF-8")]) && with(&[("LC_CTYPE", "C.utf8")]));
        assert!(!with(&[]) && !with(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]));
    }
}

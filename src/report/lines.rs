//! Progress where there is no terminal, as in the log of a pipeline: a line for each step that
//! ended, and now and then one for each that takes long, so that nobody takes it for a hang.

use super::contract::{Report, Run};
use super::out::Out;
use super::progress::Progress;
use super::text::{ending, failure, words};
use crate::deploy::event::Event;
use crate::outcome::failure::Failure;
use std::io::Write;
use std::time::Duration;

/// Prints what happens, line by line.
pub struct Lines<W> {
    out: Out<W>,
    run: Run,
    verbosity: i8,
    progress: Progress,
}

impl<W: Write> Lines<W> {
    /// Prints to there: below a verbosity of 0 failures only, above it also what begins.
    pub fn new(to: W, run: Run, verbosity: i8) -> Self {
        Self { out: Out::new(to), run, verbosity, progress: Progress::default() }
    }
}

impl<W: Write> Report for Lines<W> {
    fn event(&mut self, event: &Event) {
        self.progress.see(event);
        match event {
            Event::Failed { error, .. } if self.verbosity < 0 => self.out.line(failure(error)),
            _ if self.verbosity < 0 => {}
            Event::Started { name, action } if self.verbosity > 0 => {
                self.out.line(format!("begun    {}  {}", super::text::printable(name), words(*action)[1]));
            }
            Event::Summary(summary) => {
                self.out.lines(self.progress.not_begun());
                if self.run == Run::Demo {
                    self.out.line(ending(summary));
                }
            }
            _ => self.out.lines(Progress::line(event, None)),
        }
    }

    fn tick(&mut self, elapsed: Duration) {
        self.progress.now = elapsed;
        if self.verbosity >= 0 {
            self.out.lines(self.progress.overdue());
        }
    }

    fn failure(&mut self, error: &Failure) {
        self.out.line(failure(error));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::event::Command;
    use crate::report::sample;
    use anstream::AutoStream;
    use insta::assert_snapshot;

    /// The log of a run in which 7 seconds pass after each event.
    fn log(run: Run, verbosity: i8, events: &[Event]) -> String {
        let mut lines = Lines::new(AutoStream::never(vec![]), run, verbosity);
        for (event, passed) in events.iter().zip(1..) {
            lines.event(event);
            lines.tick(Duration::from_secs(7 * passed));
        }
        String::from_utf8(lines.out.to.into_inner()).unwrap()
    }

    #[test]
    fn a_good_run() {
        assert_snapshot!(log(Run::Walk(Command::Up), 0, &sample::good_run()), @"
        up cyber-vault (626fa970) in 123456789012/eu-west-1: 2 to create, 1 to update
        waiting  bucket/vault  still updating (14s)
        waiting  function  still waiting for role/classifier to be assumable by Lambda (7.0s)
        waiting  bucket/vault  still updating (28s)
        updated  bucket/vault  2.1s
        waiting  function  still waiting for role/classifier to be assumable by Lambda (21s)
        created  function  12s
        created  rule/vault  0.4s
        note: Macie is off
        ");
    }

    #[test]
    fn a_failing_run() {
        assert_snapshot!(log(Run::Walk(Command::Up), 0, &sample::failing_run()), @"
        up cyber-vault (626fa970) in 123456789012/eu-west-1: 2 to create, 1 to update
        waiting  bucket/vault  still updating (14s)
        failed   function
        error: create function cyber_vault-626fa970
          why: AccessDenied: not authorized to perform: iam:PassRole
               on role | <b>
          fix: grant iam:PassRole, then run the same command again
        blocked  rule/vault  needs function
        waiting  bucket/vault  still updating (28s)
        updated  bucket/vault  2.1s
        ");
    }

    #[test]
    fn an_interrupted_run() {
        assert_snapshot!(log(Run::Demo, 0, &sample::interrupted_run()), @"
        up cyber-vault (626fa970) in 123456789012/eu-west-1: 2 to create, 1 to update
        note: interrupted: finishing what is in flight
        waiting  bucket/vault  still updating (14s)
        waiting  bucket/vault  still updating (28s)
        updated  bucket/vault  2.1s
        not begun: function, rule/vault
        up of cyber-vault was interrupted: 1 updated, 3 unchanged, 2 not begun (1m 02s)
        ");
    }

    #[test]
    fn verbose_says_what_begins() {
        assert!(log(Run::Walk(Command::Up), 1, &sample::good_run()).contains("begun    function  creating\n"));
    }

    #[test]
    fn quiet_leaves_failures_only() {
        assert_eq!(log(Run::Walk(Command::Up), -1, &sample::good_run()), "");
        assert!(log(Run::Walk(Command::Up), -1, &sample::failing_run()).starts_with("error: create function"));
    }
}

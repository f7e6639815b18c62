//! Progress on a terminal: steps that ended scroll by, those under way stay at the bottom with
//! what they wait for, then how many are done.
//!
//! The live lines are one indicatif bar whose message they are; it is redrawn at each event and
//! tick, and gone before the answer is printed.

use super::contract::{Report, Run};
use super::layout::wrapped;
use super::progress::{Progress, Task};
use super::text::{FAINT, Glyphs, STRONG, ending, failure, painted, printable, time, words};
use crate::deploy::event::Event;
use crate::outcome::failure::Failure;
use anstream::adapter::strip_str;
use console::truncate_str;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};
use std::time::Duration;

/// More live lines than this would push away what has just scrolled by.
const MOST_TASKS: usize = 12;

/// Draws what happens.
pub struct Terminal<T> {
    term: T,
    bar: ProgressBar,
    glyphs: &'static Glyphs,
    run: Run,
    colored: bool,
    progress: Progress,
    ticks: usize,
}

impl<T: TermLike + Clone + 'static> Terminal<T> {
    /// Draws there.
    pub fn new(term: T, glyphs: &'static Glyphs, run: Run, colored: bool) -> Self {
        let target = ProgressDrawTarget::term_like(Box::new(term.clone()));
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{msg}") {
            bar.set_style(style);
        }
        Self { term, bar, glyphs, run, colored, progress: Progress::default(), ticks: 0 }
    }

    fn scroll(&self, text: &str) {
        self.bar.suspend(|| {
            let width = usize::from(self.term.width());
            for line in text.lines().flat_map(|line| wrapped(line, width)) {
                // A terminal that is gone cannot be told so.
                let _ = self.term.write_line(&self.dressed(&line));
            }
            let _ = self.term.flush();
        });
    }

    fn dressed(&self, text: &str) -> String {
        if self.colored { text.to_owned() } else { strip_str(text).to_string() }
    }

    fn draw(&self) {
        let (done, all) = self.progress.count();
        if self.bar.is_finished() || (all == 0 && self.progress.tasks.is_empty()) {
            return;
        }
        let most = usize::from(self.term.height()).saturating_sub(3).clamp(1, MOST_TASKS);
        let mut lines: Vec<_> = self.progress.tasks.iter().take(most).map(|task| self.live(task)).collect();
        if let Some(more @ 1..) = self.progress.tasks.len().checked_sub(most) {
            lines.push(format!("  and {more} more"));
        }
        let elapsed = painted(FAINT, time(self.progress.now.as_secs_f64()));
        lines.push(format!("  {}  {elapsed}", painted(STRONG, format!("{done}/{all}"))));
        let width = usize::from(self.term.width()).saturating_sub(1);
        let cut = lines.iter().map(|line| truncate_str(&self.dressed(line), width, self.glyphs.ellipsis).into_owned());
        self.bar.set_message(cut.collect::<Vec<_>>().join("\n"));
    }

    fn live(&self, task: &Task) -> String {
        let frame = self.glyphs.spinner[self.ticks % self.glyphs.spinner.len()];
        let seconds = painted(FAINT, time(self.progress.now.saturating_sub(task.began).as_secs_f64()));
        let says = task.says.as_ref().map(|(says, _)| format!("  {}", painted(FAINT, says))).unwrap_or_default();
        format!("{frame} {} {}  {seconds}{says}", words(task.action)[1], printable(&task.name))
    }

    fn end_of_walk(&mut self) {
        self.bar.finish_and_clear();
        if let Some(line) = self.progress.not_begun() {
            self.scroll(&line);
        }
    }
}

impl<T: TermLike + Clone + 'static> Report for Terminal<T> {
    fn event(&mut self, event: &Event) {
        self.progress.see(event);
        match event {
            Event::Progress { name, .. } if self.progress.runs(name) => {}
            // The answer follows on the same terminal.
            Event::Row(_) | Event::Judged { .. } | Event::Kept { .. } => {
                self.end_of_walk();
                return;
            }
            Event::Summary(summary) => {
                self.end_of_walk();
                if self.run == Run::Demo {
                    self.scroll(&ending(summary));
                }
                return;
            }
            _ => {
                if let Event::Planned { .. } = event {
                    self.bar.reset();
                }
                if let Some(line) = Progress::line(event, Some(self.glyphs)) {
                    self.scroll(&line);
                }
            }
        }
        self.draw();
    }

    fn tick(&mut self, elapsed: Duration) {
        self.progress.now = elapsed;
        self.ticks += 1;
        self.draw();
    }

    fn failure(&mut self, error: &Failure) {
        self.bar.finish_and_clear();
        self.scroll(&failure(error));
    }

    fn end(&mut self) -> std::io::Result<()> {
        self.bar.finish_and_clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::event::Command;
    use crate::report::sample;
    use crate::report::text::{ASCII, UNICODE};
    use indicatif::InMemoryTerm;
    use insta::assert_snapshot;

    /// The screen after these events, with 3 seconds between them.
    fn screen(glyphs: &'static Glyphs, columns: u16, events: &[Event]) -> String {
        let term = InMemoryTerm::new(24, columns);
        let mut terminal = Terminal::new(term.clone(), glyphs, Run::Walk(Command::Up), false);
        for (event, passed) in events.iter().zip(1..) {
            terminal.event(event);
            terminal.tick(Duration::from_secs(3 * passed));
        }
        term.contents()
    }

    #[test]
    fn in_the_middle_of_a_run() {
        assert_snapshot!(screen(&UNICODE, 80, &sample::good_run()[..6]), @"
        up cyber-vault (626fa970) in 123456789012/eu-west-1: 2 to create, 1 to update
        ✔ updated  bucket/vault  2.1s
        ⠦ creating function  12s  waiting for role/classifier to be assumable by Lambda
          1/3  18s
        ");
    }

    #[test]
    fn a_narrow_terminal_without_unicode() {
        assert_snapshot!(screen(&ASCII, 40, &sample::good_run()[..6]), @"
        up cyber-vault (626fa970) in
          123456789012/eu-west-1: 2 to create, 1
          to update
        * updated  bucket/vault  2.1s
        - creating function  12s  waiting fo...
          1/3  18s
        ");
    }

    #[test]
    fn nothing_live_is_left_after_the_end() {
        assert_snapshot!(screen(&UNICODE, 80, &sample::failing_run()), @"
        up cyber-vault (626fa970) in 123456789012/eu-west-1: 2 to create, 1 to update
        ✘ failed   function
        error: create function cyber_vault-626fa970
          why: AccessDenied: not authorized to perform: iam:PassRole
               on role | <b>
          fix: grant iam:PassRole, then run the same command again
        - blocked  rule/vault  needs function
        ✔ updated  bucket/vault  2.1s
        ");
        assert_snapshot!(screen(&UNICODE, 80, &sample::interrupted_run()), @"
        up cyber-vault (626fa970) in 123456789012/eu-west-1: 2 to create, 1 to update
        note: interrupted: finishing what is in flight
        ✔ updated  bucket/vault  2.1s
        not begun: function, rule/vault
        ");
    }
}

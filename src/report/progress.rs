//! The state of a run as its events tell it: what is under way, since when, and how much is done.
//!
//! It has no clock: the time is what the last tick said, so that every report can be tested to the
//! letter. [`Progress::line`] is what an event leaves behind, on a terminal and in a log alike.

use super::text::{BAD, CHANGED, FAINT, GOOD, Glyphs, STRONG, command, counts, failure, note, painted};
use super::text::{place, printable, time, words};
use crate::deploy::event::Event;
use crate::deploy::plan::{Action, Plan};
use anstyle::Style;
use std::collections::BTreeMap;
use std::time::Duration;

/// The first word about a step that takes long, then after twice as long, but at least once a
/// minute: a log that stays silent looks like a hang.
const PATIENCE: Duration = Duration::from_secs(10);
const LONGEST_SILENCE: Duration = Duration::from_mins(1);
/// The same for a look, which is told of only where it takes long.
const LOOK: Duration = Duration::from_secs(1);
/// How many looks that take long are told of one by one.
const TOGETHER: usize = 3;

/// A step under way.
#[derive(Debug)]
pub struct Task {
    /// The resource.
    pub name: String,
    /// What is being done.
    pub action: Action,
    /// When it began.
    pub began: Duration,
    /// What it says of itself, such as "waiting for …", and since when.
    pub says: Option<(String, Duration)>,
    spoke: Duration,
    silence: Duration,
}

/// A run so far.
#[derive(Debug, Default)]
pub struct Progress {
    /// What is under way, longest first.
    pub tasks: Vec<Task>,
    /// The steps that were not begun because of an interruption.
    pub skipped: Vec<String>,
    /// The time since the run began, as of the last tick.
    pub now: Duration,
    steps: BTreeMap<String, bool>,
}

impl Progress {
    /// Takes note of an event.
    pub fn see(&mut self, event: &Event) {
        match event {
            Event::Planned { plan, .. } => {
                let changing = plan.resources.iter().filter(|step| step.action != Action::Keep);
                self.steps = changing.map(|step| (step.name.clone(), false)).collect();
                self.tasks.clear();
                self.skipped.clear();
            }
            Event::Started { name, action } => self.begin(name, *action, PATIENCE),
            Event::Reading { name } => self.begin(name, Action::Keep, LOOK),
            Event::Read { name } => self.tasks.retain(|task| task.name != *name),
            Event::Waiting { name, on } => {
                self.says(name, format!("waiting for {}", printable(on)));
            }
            Event::Progress { name, text } => self.says(name, printable(text)),
            Event::Finished { name, .. } | Event::Failed { name, .. } => {
                self.tasks.retain(|task| task.name != *name);
                self.steps.entry(name.clone()).and_modify(|done| *done = true);
            }
            Event::Skipped { name } => self.skipped.push(name.clone()),
            Event::Blocked { .. } | Event::Note { .. } | Event::Row(_) | Event::Judged { .. } | Event::Kept { .. } => {}
            Event::Summary(_) => self.tasks.clear(),
        }
    }

    fn begin(&mut self, name: &str, action: Action, silence: Duration) {
        if action != Action::Keep {
            self.steps.entry(name.to_owned()).or_default();
        }
        let (began, spoke) = (self.now, self.now);
        self.tasks.push(Task { name: name.to_owned(), action, began, says: None, spoke, silence });
    }

    fn says(&mut self, name: &str, text: String) {
        let now = self.now;
        if let Some(task) = self.task(name) {
            task.says = Some((text, now));
        }
    }

    fn task(&mut self, name: &str) -> Option<&mut Task> {
        self.tasks.iter_mut().find(|task| task.name == name)
    }

    /// True when that step is under way.
    pub fn runs(&self, name: &str) -> bool {
        self.tasks.iter().any(|task| task.name == name)
    }

    /// How many steps have ended, and how many there are.
    pub fn count(&self) -> (usize, usize) {
        (self.steps.values().filter(|done| **done).count(), self.steps.len())
    }

    /// What was not begun because of an interruption, in one line.
    pub fn not_begun(&self) -> Option<String> {
        let names: Vec<_> = self.skipped.iter().map(|name| printable(name)).collect();
        (!names.is_empty()).then(|| format!("not begun: {}", names.join(", ")))
    }

    /// A line for each step that has been silent for long. Where many looks take long they are one line: nobody answers.
    pub fn overdue(&mut self) -> Vec<String> {
        let now = self.now;
        let is_due = |task: &Task| now.saturating_sub(task.spoke) >= task.silence;
        let is_look = |task: &Task| task.action == Action::Keep && task.says.is_none();
        let looks: Vec<_> = self.tasks.iter().filter(|task| is_look(task)).map(|task| printable(&task.name)).collect();
        let are_one = looks.len() > TOGETHER;
        let mut together = None;
        let remind = |task: &mut Task| {
            task.silence = now.saturating_sub(task.began).min(LONGEST_SILENCE);
            task.spoke = now;
            let (says, since) = match &task.says {
                Some((says, since)) => (says.clone(), *since),
                None => (words(task.action)[1].to_owned(), task.began),
            };
            format!("still {says} ({})", time(now.saturating_sub(since).as_secs_f64()))
        };
        let mut lines = vec![];
        for task in self.tasks.iter_mut().filter(|task| is_due(task)) {
            let is_one_of_many = are_one && is_look(task);
            let reminder = remind(task);
            if is_one_of_many {
                together.get_or_insert(reminder);
            } else {
                lines.push(format!("waiting  {}  {reminder}", printable(&task.name)));
            }
        }
        lines.extend(together.map(|reminder| {
            let (count, some) = (looks.len(), looks[..TOGETHER].join(", "));
            format!("waiting  {count} resources  {reminder}: {some}, …")
        }));
        lines
    }

    /// What an event leaves behind, with a mark before it where there are `marks`. Work that
    /// began and resources that stay as they are leave nothing.
    pub fn line(event: &Event, marks: Option<&Glyphs>) -> Option<String> {
        let said = |style: Style, mark: fn(&Glyphs) -> &'static str, word: &str, name: &str, rest: &str| {
            let mark = marks.map(|glyphs| format!("{} ", painted(style, mark(glyphs)))).unwrap_or_default();
            let gap = if rest.is_empty() { "" } else { "  " };
            Some(format!("{mark}{}  {}{gap}{rest}", painted(style, format!("{word:<7}")), printable(name)))
        };
        match event {
            Event::Finished { action: Action::Keep, .. }
            | Event::Started { .. }
            | Event::Waiting { .. }
            | Event::Reading { .. }
            | Event::Read { .. }
            | Event::Skipped { .. }
            | Event::Row(_)
            | Event::Judged { .. }
            | Event::Kept { .. }
            | Event::Summary(_) => None,
            Event::Planned { command, plan } => Some(announced(*command, plan)),
            Event::Finished { name, action, seconds } => {
                said(GOOD, |glyphs| glyphs.done, words(*action)[2], name, &painted(FAINT, time(*seconds)))
            }
            Event::Failed { name, error, .. } => {
                said(BAD, |glyphs| glyphs.failed, "failed", name, "").map(|line| format!("{line}\n{}", failure(error)))
            }
            Event::Blocked { name, by } => {
                said(CHANGED, |glyphs| glyphs.not_begun, "blocked", name, &format!("needs {}", printable(by)))
            }
            Event::Progress { name, text } => said(FAINT, |glyphs| glyphs.other, "step", name, &printable(text)),
            Event::Note { text } => Some(note(text)),
        }
    }
}

/// The first line of a run.
fn announced(run: crate::deploy::event::Command, plan: &Plan) -> String {
    let counts = counts(&[
        (plan.count(Action::Create), "to create"),
        (plan.count(Action::Update), "to update"),
        (plan.count(Action::Delete), "to delete"),
    ]);
    let counts = if counts.is_empty() { "nothing to change".to_owned() } else { counts };
    let place = place(&plan.stack, &plan.id, &plan.account, &plan.region);
    format!("{} {place}: {counts}", painted(STRONG, command(run)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn counts_what_changes_only() {
        let mut progress = Progress::default();
        for event in sample::good_run() {
            progress.see(&event);
        }
        assert_eq!(progress.count(), (3, 3));
        assert!(progress.tasks.is_empty());
    }

    #[test]
    fn a_long_step_speaks_ever_more_rarely_but_each_minute() {
        let mut progress = Progress::default();
        progress.see(&sample::started("function", Action::Create));
        let mut spoke = vec![];
        for second in 0..=220 {
            progress.now = Duration::from_secs(second);
            if !progress.overdue().is_empty() {
                spoke.push(second);
            }
        }
        assert_eq!(spoke, [10, 20, 40, 80, 140, 200]);
    }

    /// Nobody answers: that is one thing to say, and not one for each resource.
    #[test]
    fn many_looks_that_take_long_are_one_line() {
        let mut progress = Progress::default();
        for name in ["key", "topic", "role/trigger", "bucket/vault"] {
            progress.see(&Event::Reading { name: name.into() });
        }
        progress.now = Duration::from_secs(4);
        assert_eq!(progress.overdue(), ["waiting  4 resources  still checking (4.0s): key, topic, role/trigger, …"]);
        assert_eq!(progress.overdue(), Vec::<String>::new());
        progress.see(&Event::Read { name: "key".into() });
        progress.now = Duration::from_mins(1);
        assert_eq!(progress.overdue().len(), 3, "a few are told of one by one");
    }
}

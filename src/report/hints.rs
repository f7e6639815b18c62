//! Completes the commands that texts name, for all reports: see [`Invocation`].

use super::contract::Report;
use crate::deploy::event::Event;
use crate::deploy::plan::Plan;
use crate::outcome::failure::Failure;
use crate::outcome::invocation::Invocation;
use crate::outcome::row::{Canary, Check, Expired, Row};
use serde_json::Value;
use std::io;
use std::time::Duration;

/// Hands on what happens, its hints completed.
pub struct Hints {
    inner: Box<dyn Report>,
    /// What the run was called with.
    whole: Invocation,
    /// The same for the stack that it is about just now.
    invocation: Invocation,
}

impl Hints {
    /// Hands on to `inner`.
    pub fn new(inner: Box<dyn Report>, invocation: Invocation) -> Self {
        Self { inner, whole: invocation.clone(), invocation }
    }

    fn plan(&self, plan: &mut Plan) {
        let notes = plan.notes.iter_mut();
        let remarks = plan.resources.iter_mut().flat_map(|step| step.note.iter_mut());
        for text in notes.chain(remarks) {
            *text = self.invocation.complete(text);
        }
    }

    // Not of the name of a report's method, which would be called instead.
    fn completed(&self, failure: &mut Failure) {
        for text in [&mut failure.why, &mut failure.fix] {
            *text = self.invocation.complete(text);
        }
    }
}

/// Completes what was seen and what to do about it.
fn both(invocation: &Invocation, says: &mut String, fix: &mut Option<String>) {
    for text in [Some(says), fix.as_mut()].into_iter().flatten() {
        *text = invocation.complete(text);
    }
}

impl Report for Hints {
    fn event(&mut self, event: &Event) {
        let mut event = event.clone();
        match &mut event {
            Event::Planned { plan, .. } => {
                self.invocation = self.whole.of_stack(&plan.stack, &plan.id);
                self.plan(plan);
            }
            Event::Failed { error, .. } => self.completed(error),
            Event::Row(Row::Check(Check { says, fix, .. }) | Row::Canary(Canary { says, fix, .. })) => {
                both(&self.invocation, says, fix);
            }
            Event::Row(Row::Failed(failed)) => self.completed(&mut failed.error),
            Event::Row(Row::Expired(Expired { stack, id, says, fix, .. })) => {
                both(&self.whole.of_stack(stack, id), says, fix);
            }
            Event::Note { text } => *text = self.invocation.complete(text),
            Event::Summary(summary) => {
                summary.notes.iter_mut().for_each(|note| *note = self.invocation.complete(note));
            }
            _ => {}
        }
        self.inner.event(&event);
    }

    fn tick(&mut self, elapsed: Duration) {
        self.inner.tick(elapsed);
    }

    fn answer(&mut self, plan: &Plan) {
        let mut plan = plan.clone();
        self.plan(&mut plan);
        self.inner.answer(&plan);
    }

    fn policy(&mut self, policy: &Value) {
        self.inner.policy(policy);
    }

    fn failure(&mut self, failure: &Failure) {
        let mut failure = failure.clone();
        self.completed(&mut failure);
        self.inner.failure(&failure);
    }

    fn end(&mut self) -> io::Result<()> {
        self.inner.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use std::cell::Cell;
    use std::rc::Rc;

    /// Counts what it is told.
    struct Counts(Rc<Cell<(usize, usize)>>);

    impl Report for Counts {
        fn event(&mut self, _: &Event) {
            self.0.set((self.0.get().0 + 1, self.0.get().1));
        }

        fn failure(&mut self, _: &Failure) {
            self.0.set((self.0.get().0, self.0.get().1 + 1));
        }
    }

    /// A failure of a step is an event, and the failure of a run is none.
    #[test]
    fn a_failure_is_told_once() {
        let counts = Rc::new(Cell::default());
        let mut hints = Hints::new(Box::new(Counts(Rc::clone(&counts))), Invocation::default());
        sample::play(&mut hints, &sample::failing_run());
        assert_eq!(counts.get(), (sample::failing_run().len(), 0));
        hints.failure(&sample::failure());
        assert_eq!(counts.get().1, 1);
    }
}

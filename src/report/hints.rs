//! Completes the commands that texts name, for all reports: see [`Invocation`].

use super::contract::Report;
use crate::deploy::event::Event;
use crate::deploy::plan::Plan;
use crate::outcome::failure::Failure;
use crate::outcome::invocation::Invocation;
use serde_json::Value;
use std::io;
use std::time::Duration;

/// Hands on what happens, its hints completed.
pub struct Hints {
    pub inner: Box<dyn Report>,
    pub invocation: Invocation,
}

impl Hints {
    fn plan(&self, plan: &mut Plan) {
        let notes = plan.notes.iter_mut();
        let remarks = plan.resources.iter_mut().flat_map(|step| step.note.iter_mut());
        for text in notes.chain(remarks) {
            *text = self.invocation.complete(text);
        }
    }

    fn failure(&self, failure: &mut Failure) {
        for text in [&mut failure.why, &mut failure.fix] {
            *text = self.invocation.complete(text);
        }
    }
}

impl Report for Hints {
    fn event(&mut self, event: &Event) {
        let mut event = event.clone();
        match &mut event {
            Event::Planned { plan, .. } => self.plan(plan),
            Event::Failed { error, .. } => self.failure(error),
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
        Self::failure(self, &mut failure);
        self.inner.failure(&failure);
    }

    fn end(&mut self) -> io::Result<()> {
        self.inner.end()
    }
}

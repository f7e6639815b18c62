//! Members of containers: texts of their own, and part of where something is.

use super::{Scanner, Segment};

impl Scanner {
    /// Starts a member: a text of its own.
    pub(crate) fn enter(&mut self, member: &str) {
        self.restart();
        self.members.push(member.to_owned());
    }

    /// Ends the innermost member.
    pub(crate) fn leave(&mut self) {
        self.restart();
        self.members.pop();
    }

    /// Scans what is left of a text, and forgets it.
    pub(super) fn restart(&mut self) {
        self.scan(self.window.len());
        self.end_encoded();
        self.encoded.restart();
        self.window.clear();
        self.done = 0;
        self.segments.clear();
        self.cells = 0;
        self.segments.push(Segment::first());
        self.echo = false;
        self.current = 0;
        self.claimed = 0;
        self.ends.fill(0);
        self.position = super::Position::default();
        self.header = super::Header::default();
        self.sought = super::Sought::default();
        self.customs.fill_with(super::custom::State::default);
    }

    /// A place with the members that it is in.
    pub(super) fn located(&self, place: &str) -> String {
        match self.members.as_slice() {
            [] => place.to_owned(),
            members => {
                let names: Vec<&str> = members.iter().rev().map(String::as_str).collect();
                format!("{}: {place}", names.join(" in "))
            }
        }
    }
}

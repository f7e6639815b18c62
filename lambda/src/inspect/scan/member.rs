//! Members of containers: texts of their own, and part of where something is.

use super::{Place, Scanner, Segment};

impl Scanner {
    /// Starts a member: a text of its own.
    pub(in crate::inspect) fn enter(&mut self, member: &str) {
        self.restart();
        self.members.push(member.to_owned());
    }

    /// Ends the innermost member.
    pub(in crate::inspect) fn leave(&mut self) {
        self.restart();
        self.members.pop();
    }

    /// Scans what is left of a text, and forgets it.
    fn restart(&mut self) {
        self.scan(self.window.len());
        self.window.clear();
        self.done = 0;
        self.segments.clear();
        self.segments.push(Segment { start: 0, names: 0, place: Place::Text });
        self.position = super::Position::default();
        self.header = super::Header::default();
        for tally in &mut self.tallies {
            tally.end = 0;
        }
    }

    /// Counts a value at a place in the member that is read.
    pub(super) fn count(&mut self, bit: usize, place: &str) {
        let located = (self.tallies[bit].locations.len() < self.locations).then(|| self.located(place));
        self.tallies[bit].count += 1;
        self.tallies[bit].locations.extend(located);
    }

    /// A place with the members that it is in.
    fn located(&self, place: &str) -> String {
        match self.members.as_slice() {
            [] => place.to_owned(),
            members => {
                let names: Vec<&str> = members.iter().rev().map(String::as_str).collect();
                format!("{}: {place}", names.join(" in "))
            }
        }
    }
}

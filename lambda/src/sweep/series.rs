//! Sweeps that go on from each other: an execution has room for so many pages, and whatever is left begins another one.
//!
//! Its name follows from that of the first one and from how many there were before it. So a list of executions says which of
//! them are one sweep and whether one went on, and whoever follows a sweep meets no other.

use crate::copies;

/// How the names of the sweeps begin that `judge` starts: those of the clock's are EventBridge's.
pub const ASKED_SWEEP: &str = "judge-";
/// The same of one that judges all that waits in ingress, as the clock's do.
pub const ASKED_SWEEP_OF_ALL: &str = "judge-all-";
/// What is behind that in the name of one that goes on.
const REST: &str = "rest-";

/// Which part of which sweep an execution is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// How its name begins: as that of the first one.
    kind: &'static str,
    /// What the first one is known by.
    id: String,
    /// How many were before it.
    number: u32,
}

impl Part {
    /// That of an execution's ARN.
    #[must_use]
    pub fn of(execution: &str) -> Self {
        let name = execution.rsplit(':').next().unwrap_or(execution);
        let kinds = [ASKED_SWEEP_OF_ALL, ASKED_SWEEP, ""];
        let kind = kinds.into_iter().find(|kind| name.starts_with(kind)).unwrap_or_default();
        let rest = name[kind.len()..].strip_prefix(REST).and_then(|rest| rest.split_once('-'));
        match rest.and_then(|(id, number)| Some((id, number.parse().ok()?))) {
            Some((id, number)) => Self { kind, id: id.into(), number },
            None => Self { kind, id: copies::judge(execution), number: 0 },
        }
    }

    /// The one that goes on from it.
    #[must_use]
    pub fn next(&self) -> Self {
        Self { number: self.number + 1, ..self.clone() }
    }

    /// The one that it goes on from; `None` for the first.
    #[must_use]
    pub fn before(&self) -> Option<Self> {
        Some(Self { number: self.number.checked_sub(1)?, ..self.clone() })
    }

    /// The name of one that goes on.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}{REST}{}-{}", self.kind, self.id, self.number)
    }

    /// Whether it is the first.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.number == 0
    }

    /// What the names of the executions end in that an asked one of these sweeps has started: `executions` is what their
    /// ARNs have before their names.
    #[must_use]
    pub fn mark(&self, executions: &str) -> String {
        if self.is_first() { self.id.clone() } else { copies::judge(&format!("{executions}:{}", self.name())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:states:eu-west-1:1:execution:sweep";

    #[test]
    fn each_goes_on_under_a_name_of_its_own() {
        for (first, begins) in [
            ("judge-all-1764370800000", "judge-all-rest-"),
            ("judge-1764370800000", "judge-rest-"),
            ("0a1b2c3d-4e5f-6a7b-8c9d-0e1f2a3b4c5d_6a7b8c9d-0e1f-2a3b-4c5d-6e7f8a9b0c1d", "rest-"),
            ("by-hand", "rest-"),
        ] {
            let first = Part::of(&format!("{ARN}:{first}"));
            let second = first.next();
            let name = second.name();
            assert!(first.is_first() && !second.is_first());
            assert!(name.starts_with(begins) && name.ends_with("-1") && name.len() <= 80, "{name}");
            let read = Part::of(&format!("{ARN}:{name}"));
            assert_eq!((&read, read.before()), (&second, Some(first.clone())));
            assert!(read.next().name().ends_with("-2") && first.before().is_none());
            // By which the executions are known that they have started.
            assert_eq!(second.mark(ARN), copies::judge(&format!("{ARN}:{name}")));
            assert_ne!(first.mark(ARN), second.mark(ARN));
        }
    }

    /// As an earlier release has named what goes on.
    #[test]
    fn a_name_of_another_kind_is_the_first_of_its_own() {
        for name in ["judge-0a1b2c3d-4e5f-6a7b-8c9d-0e1f2a3b4c5d", "judge-rest-of-it", "rest-0a1b"] {
            assert!(Part::of(&format!("{ARN}:{name}")).is_first(), "{name}");
        }
    }
}

//! The last sweep of all that waits, as a list of the sweep's executions says it.

use aws_sdk_sfn::primitives::DateTime;
use aws_sdk_sfn::types::{ExecutionListItem, ExecutionStatus};
use classifier::sweep::{ASKED_SWEEP, ASKED_SWEEP_OF_ALL, Part};

/// What is known of the sweeps that have begun, the newest first. One with more pages than an execution has room for is
/// several executions, and has come to its end where the last of them has.
#[derive(Debug, Default)]
pub(super) struct Sweeps {
    /// Those that went on, as far as the one that goes on from them was seen.
    went_on: Vec<Part>,
    /// Those that came to their end, and whose first execution is still to be seen.
    ended: Vec<Part>,
    /// When the one began that was the last to come to its end.
    last: Option<DateTime>,
}

impl Sweeps {
    /// The next older execution.
    pub(super) fn see(&mut self, sweep: &ExecutionListItem) {
        if self.last.is_some() || !is_of_all(&sweep.name) {
            return;
        }
        let part = Part::of(&sweep.execution_arn);
        let is_end = sweep.status == ExecutionStatus::Succeeded && !self.went_on.contains(&part);
        if is_end || self.ended.contains(&part) {
            match part.before() {
                Some(before) => self.ended.push(before),
                None => self.last = Some(sweep.start_date),
            }
        }
        self.went_on.extend(part.before());
    }

    /// When the last one began that came to its end; `None` where none is known.
    pub(super) fn last(&self) -> Option<DateTime> {
        self.last
    }
}

/// Whether a sweep of this name looks at all that waits in ingress: what somebody has asked for may be a part of it.
fn is_of_all(sweep: &str) -> bool {
    !sweep.starts_with(ASKED_SWEEP) || sweep.starts_with(ASKED_SWEEP_OF_ALL)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ExecutionStatus::{Failed, Running, Succeeded};

    const ARN: &str = "arn:aws:states:eu-west-1:1:execution:sweep";

    fn rest(first: &str, number: u32) -> String {
        (0..number).fold(Part::of(&format!("{ARN}:{first}")), |part, _| part.next()).name()
    }

    /// When the last sweep began, of these, the newest first.
    fn last(sweeps: &[(&str, ExecutionStatus)]) -> Option<i64> {
        let mut known = Sweeps::default();
        for (age, (name, status)) in sweeps.iter().enumerate() {
            let listed = ExecutionListItem::builder().name(*name).execution_arn(format!("{ARN}:{name}"));
            let listed = listed.state_machine_arn("arn:m").status(status.clone());
            let begun = DateTime::from_secs(100 - i64::try_from(age).unwrap());
            known.see(&listed.start_date(begun).build().unwrap());
        }
        known.last().map(|begun| begun.secs())
    }

    #[test]
    fn a_sweep_of_a_part_is_not_the_last_one() {
        for name in ["0a1b2c3d", "judge-all-1764370800000", "by-hand"] {
            assert_eq!(last(&[(name, Succeeded)]), Some(100), "{name}");
        }
        assert_eq!(last(&[("judge-1764370800000", Succeeded)]), None);
        let part = rest("judge-1764370800000", 1);
        assert_eq!(last(&[(&part, Succeeded), ("judge-1764370800000", Succeeded)]), None);
        assert_eq!(last(&[("a", Running), ("b", Failed), ("c", Succeeded)]), Some(98));
    }

    /// It began with the first of them, and has come to its end with the last.
    #[test]
    fn a_sweep_that_went_on_is_one() {
        for first in ["0a1b2c3d", "judge-all-1764370800000"] {
            let (second, third) = (rest(first, 1), rest(first, 2));
            let all = |status| [(third.as_str(), status), (&second, Succeeded), (first, Succeeded), ("z", Succeeded)];
            assert_eq!(last(&all(Succeeded)), Some(98), "{first}");
            assert_eq!(last(&all(Running)), Some(97), "{first}: the one before");
            assert_eq!(last(&all(Failed)), Some(97), "{first}: the one before");
            // One of the clock's in between.
            let between = [(third.as_str(), Running), ("y", Succeeded), (&second, Succeeded), (first, Succeeded)];
            assert_eq!(last(&between), Some(99), "{first}");
        }
    }
}

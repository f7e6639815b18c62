//! What is held now adds up to: by verdict, by age, and by reason.

use super::tallied::{Tallies, kinds};
use crate::commands::clock::DAY;
use crate::commands::held::Found;
use crate::outcome::period::{Holding, Tally};
use crate::outcome::row::Held;
use crate::vault::expiry::moment;

/// Up to how many days something is how old.
const AGES: [(i64, &str); 3] = [(1, "less than a day"), (7, "1 to 7 days"), (30, "7 to 30 days")];
const OLDEST: &str = "more than 30 days";
/// What stands for the reason of what the log does not know, or not yet.
const UNKNOWN: &str = "not in the log";

/// The sums of what is held.
#[derive(Debug, Default)]
pub(super) struct HeldSums {
    statuses: Tallies,
    reasons: Tallies,
    ages: Tallies,
    unjudged: u64,
}

impl HeldSums {
    /// Adds a version, whose age counts up to a moment in seconds since 1970.
    pub(super) fn add(&mut self, found: &Found, moment_of: i64) {
        let held = match found {
            Found::Held(held) => held,
            Found::Unjudged => {
                self.unjudged += 1;
                return;
            }
        };
        let Held { status, reasons, since, size, .. } = &**held;
        let days = moment(since).map_or(0, |since| (moment_of - since.secs()) / DAY);
        let age = AGES.iter().find(|(up_to, _)| days < *up_to).map_or(OLDEST, |(_, name)| name);
        self.statuses.add(status.as_deref().unwrap_or("UNKNOWN"), 1, *size);
        self.ages.add(age, 1, *size);
        match reasons {
            Some(reasons) => {
                for kind in kinds(reasons.iter().map(String::as_str)) {
                    self.reasons.add(&kind, 1, *size);
                }
            }
            None => self.reasons.add(UNKNOWN, 1, *size),
        }
    }

    pub(super) fn holding(self) -> Holding {
        let (statuses, reasons, mut ages) = (self.statuses.sorted(), self.reasons.sorted(), self.ages.sorted());
        ages.sort_by_key(|tally| AGES.iter().position(|(_, name)| tally.name == *name).unwrap_or(AGES.len()));
        let all = Tally {
            name: "held".into(),
            count: statuses.iter().map(|tally| tally.count).sum(),
            bytes: statuses.iter().map(|tally| tally.bytes).sum(),
        };
        Holding { all, statuses, reasons, ages, unjudged: self.unjudged }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(reasons: Option<&[&str]>, since: &str) -> Found {
        let reasons = reasons.map(|all| all.iter().map(|it| (*it).to_owned()).collect());
        let status = Some("INTEGRITY_FAIL".into());
        Found::Held(Box::new(Held { reasons, since: since.into(), size: 10, status, ..Held::default() }))
    }

    #[test]
    fn what_is_held_is_counted_by_each_of_its_reasons() {
        let mut sums = HeldSums::default();
        let now = moment("2026-11-29T00:00:00Z").unwrap().secs();
        for (reasons, since) in [
            (
                Some(&["csv: row 3 has 2 fields, expected 3 (byte 40)", "IBAN found 2 times: row 4"][..]),
                "2026-11-28T12:00:00Z",
            ),
            (Some(&["csv: row 7 has 9 fields, expected 3 (byte 90)"]), "2026-11-20T12:00:00Z"),
            (None, "2026-01-01T00:00:00Z"),
        ] {
            sums.add(&held(reasons, since), now);
        }
        sums.add(&Found::Unjudged, now);
        let holding = sums.holding();
        assert_eq!((holding.all.count, holding.all.bytes, holding.unjudged), (3, 30, 1));
        let named = |tallies: &[Tally]| tallies.iter().map(|it| (it.name.clone(), it.count)).collect::<Vec<_>>();
        let reasons = named(&holding.reasons);
        assert_eq!(reasons[0], ("csv: row N has N fields, expected N".into(), 2));
        assert!(reasons.contains(&("IBAN".into(), 1)) && reasons.contains(&(UNKNOWN.into(), 1)), "{reasons:?}");
        let ages = named(&holding.ages);
        assert_eq!(ages.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), [AGES[0].1, AGES[2].1, OLDEST]);
    }
}

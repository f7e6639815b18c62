//! What `cvault judge` is asked for, in the sweep's words and in a person's.

use crate::commands::held::Selection;
use crate::vault::names::{Names, Zone};
use classifier::sweep::{ASKED, HELD};
use serde_json::{Value, json};

/// What is to be judged, and how.
#[derive(Clone, Debug, Default)]
pub struct Judge {
    /// Which of the held versions; of what waits in ingress its prefix and its age.
    pub selection: Selection,
    /// Where it is.
    pub from: From,
    /// How far to go.
    pub how: How,
}

/// Where what is to be judged is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum From {
    /// Held in analytics.
    #[default]
    Held,
    /// In ingress.
    Ingress,
    /// In another bucket.
    Bucket {
        /// Its name.
        bucket: String,
        /// What is to stand before its keys.
        into: String,
    },
}

/// How far to go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum How {
    /// To its end.
    #[default]
    Follow,
    /// Until it has begun.
    Detach,
    /// What runs is stopped, and nothing begun.
    Stop,
    /// What would be stopped is said.
    WouldStop,
    /// What would be judged is counted.
    DryRun,
}

/// What is said where nothing is meant: a prefix or a verdict may be mistyped.
pub(super) fn looked_at(names: &Names, Judge { selection, from, .. }: &Judge) -> String {
    let place = match from {
        From::Held => format!("with a verdict is held in {}", names.bucket(Zone::Analytics)),
        From::Ingress => format!("waits in {}", names.bucket(Zone::Ingress)),
        From::Bucket { bucket, .. } => format!("is current in {bucket}"),
    };
    let Selection { prefix, statuses, older_than, .. } = selection;
    let prefix = prefix.iter().map(|prefix| format!("--prefix {prefix}"));
    let statuses = statuses.iter().map(|status| format!("--status {status}"));
    let age = older_than.iter().map(|age| format!("--older-than {}s", age.as_secs()));
    let narrowed: Vec<_> = prefix.chain(statuses).chain(age).collect();
    let by = if narrowed.is_empty() { String::new() } else { format!(" by {}", narrowed.join(", ")) };
    format!("nothing {place}{by}")
}

/// How the names of the executions begin that the sweep starts.
pub(super) fn kind(judge: &Judge) -> &'static str {
    if judge.from == From::Ingress { ASKED } else { HELD }
}

/// What the sweep is started with; the rest is the definition's.
pub(super) fn input(names: &Names, judge: &Judge) -> Value {
    let (bucket, into) = match &judge.from {
        From::Held => (names.bucket(Zone::Analytics), ""),
        From::Ingress => (names.bucket(Zone::Ingress), ""),
        From::Bucket { bucket, into } => (bucket.clone(), into.as_str()),
    };
    let Selection { prefix, statuses, older_than, .. } = &judge.selection;
    json!({
        "Bucket": bucket,
        "Prefix": prefix.clone().unwrap_or_default(),
        "Statuses": statuses,
        "OlderThanSeconds": older_than.map_or(0, |age| age.as_secs()),
        "Again": true,
        "Into": into,
        "DeadLetters": is_of_all(judge),
        "Leftovers": false,
    })
}

/// Whether it is all that waits, events that could not be delivered among it: nobody has looked at what those are about.
pub(super) fn is_of_all(Judge { selection, from, .. }: &Judge) -> bool {
    *from == From::Ingress && selection.prefix.is_none() && selection.older_than.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn where_nothing_is_meant_it_is_said_what_was_looked_at() {
        let names = Names::new("aws", "123456789012", "eu-west-1", "cyber-vault", Some("x"));
        assert_eq!(looked_at(&names, &Judge::default()), "nothing with a verdict is held in cv-analytics-zone-x");
        let selection =
            Selection { statuses: vec!["UNKNOWN".into()], prefix: Some("typo/".into()), ..Selection::default() };
        let ingress = Judge { from: From::Ingress, selection, ..Judge::default() };
        assert_eq!(
            looked_at(&names, &ingress),
            "nothing waits in cv-ingress-zone-x by --prefix typo/, --status UNKNOWN"
        );
        let selection = Selection { older_than: Some(Duration::from_mins(1)), ..Selection::default() };
        let from = From::Bucket { bucket: "old-data".into(), into: String::new() };
        let other = looked_at(&names, &Judge { selection, from, ..Judge::default() });
        assert_eq!(other, "nothing is current in old-data by --older-than 60s");
    }

    #[test]
    fn the_sweep_is_told_what_is_meant() {
        let names = Names::new("aws", "123456789012", "eu-west-1", "cyber-vault", Some("626fa970"));
        let selection = Selection {
            prefix: Some("in/".into()),
            statuses: vec!["HAS_FINDINGS".into()],
            older_than: Some(Duration::from_hours(1)),
            ..Selection::default()
        };
        let held = input(&names, &Judge { selection, ..Judge::default() });
        let expected = json!({"Bucket": "cv-analytics-zone-626fa970", "Prefix": "in/", "Statuses": ["HAS_FINDINGS"],
            "OlderThanSeconds": 3600, "Again": true, "Into": "", "DeadLetters": false, "Leftovers": false});
        assert_eq!(held, expected);
        let waiting = input(&names, &Judge { from: From::Ingress, ..Judge::default() });
        assert_eq!((&waiting["Bucket"], &waiting["DeadLetters"]), (&json!("cv-ingress-zone-626fa970"), &json!(true)));
        let of_prefix = Selection { prefix: Some("in/".into()), ..Selection::default() };
        let of_prefix = input(&names, &Judge { from: From::Ingress, selection: of_prefix, ..Judge::default() });
        assert_eq!(of_prefix["DeadLetters"], false, "they may be about any file");
        let from = From::Bucket { bucket: "old-data".into(), into: "old/".into() };
        let taken = input(&names, &Judge { from, ..Judge::default() });
        assert_eq!((&taken["Bucket"], &taken["Into"]), (&json!("old-data"), &json!("old/")));
        assert_eq!(taken["DeadLetters"], false);
    }
}

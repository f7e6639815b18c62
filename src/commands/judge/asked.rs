//! What `cvault judge` is asked for, in the sweep's words and in a person's.

use crate::commands::held::Selection;
use crate::vault::names::{Names, Zone};
use classifier::sweep::{ASKED, HELD};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

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
    format!("nothing {place}{}", narrowed(selection))
}

/// By which options not all of it is meant.
fn narrowed(Selection { prefix, statuses, older_than, .. }: &Selection) -> String {
    let prefix = prefix.iter().map(|prefix| format!("--prefix {prefix}"));
    let statuses = statuses.iter().map(|status| format!("--status {status}"));
    let age = older_than.iter().map(|age| format!("--older-than {}s", age.as_secs()));
    let narrowed: Vec<_> = prefix.chain(statuses).chain(age).collect();
    if narrowed.is_empty() { String::new() } else { format!(" by {}", narrowed.join(", ")) }
}

/// What another sweep judges, in words, if it is not what this one is to judge: both as they were started. What goes on
/// behind its first thousand pages has what the definition completes, too.
pub(super) fn other(runs: &Value, wanted: &Value) -> Option<String> {
    let place = |input: &Value| ["Bucket", "Into"].map(|name| input[name].as_str().unwrap_or_default().to_owned());
    let (is, selected) = (place(runs), selected(runs));
    if is == place(wanted) && selected == self::selected(wanted) {
        return None;
    }
    let [bucket, into] = is;
    let into = if into.is_empty() { into } else { format!(" into {into}") };
    Some(format!("what is in {bucket}{into}{}", narrowed(&selected)))
}

/// The selection that a sweep was started with.
fn selected(input: &Value) -> Selection {
    let statuses = input["Statuses"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let statuses: BTreeSet<_> = statuses.map(str::to_owned).collect();
    Selection {
        prefix: input["Prefix"].as_str().filter(|prefix| !prefix.is_empty()).map(str::to_owned),
        statuses: statuses.into_iter().collect(),
        older_than: input["OlderThanSeconds"].as_u64().filter(|age| *age > 0).map(Duration::from_secs),
        ..Selection::default()
    }
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

    /// Somebody else's counts, and its end, would be told as one's own.
    #[test]
    fn another_sweep_is_told_by_all_that_it_was_started_with() {
        let names = Names::new("aws", "123456789012", "eu-west-1", "cyber-vault", Some("x"));
        let of = |selection: Selection, from: From| input(&names, &Judge { selection, from, ..Judge::default() });
        let held = |selection: Selection| of(selection, From::Held);
        let narrow = || Selection {
            prefix: Some("a/".into()),
            statuses: vec!["NOT_ANALYSED".into(), "HAS_FINDINGS".into()],
            older_than: Some(Duration::from_mins(1)),
            ..Selection::default()
        };
        let mut going_on = held(narrow());
        (going_on["Pages"], going_on["Statuses"]) = (json!(3), json!(["HAS_FINDINGS", "NOT_ANALYSED"]));
        assert_eq!(other(&going_on, &held(narrow())), None);
        assert_eq!(other(&json!({"Bucket": "cv-analytics-zone-x"}), &held(Selection::default())), None);
        let runs = "what is in cv-analytics-zone-x by --prefix a/, --status HAS_FINDINGS, --status NOT_ANALYSED, --older-than 60s";
        for wanted in [
            Selection::default(),
            Selection { prefix: Some("b/".into()), ..narrow() },
            Selection { statuses: vec![], ..narrow() },
            Selection { older_than: None, ..narrow() },
        ] {
            assert_eq!(other(&held(narrow()), &held(wanted)).as_deref(), Some(runs));
        }
        let waiting = of(narrow(), From::Ingress);
        assert!(other(&waiting, &held(narrow())).unwrap().starts_with("what is in cv-ingress-zone-x by "));
        let bucket = |into: &str| of(Selection::default(), From::Bucket { bucket: "old".into(), into: into.into() });
        assert_eq!(other(&bucket("a/"), &bucket("")).as_deref(), Some("what is in old into a/"));
    }

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

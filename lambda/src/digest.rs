//! The e-mail that stands for many: what was held or left or could not be handled, a line for each file, and none left out.

use crate::messages::{About, Judged, Queued, Status};
use crate::notice::{self, escaped, is_left, of_failure, shown, undone, wrong};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The most bytes of lines and folders in one message: SNS takes 262,144 with all attributes (truths N11), and hands it to
/// queues and endpoints as JSON, in which signs are escaped once more.
const LARGEST: usize = 100 << 10;

/// One message to the topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// At most 100 printable ASCII characters.
    pub subject: String,
    /// The text.
    pub text: String,
    /// For the filters of subscriptions.
    pub attributes: BTreeMap<&'static str, Attribute>,
    /// Which of the given it tells of, by their place.
    pub of: Vec<usize>,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// One text.
    One(String),
    /// Several: a filter matches where it matches one of them.
    Any(BTreeSet<String>),
}

/// The message about one file: its own notice.
#[must_use]
pub fn alone(queued: &Queued, at: usize) -> Message {
    let notice = match &queued.about {
        About::Judged(judged) => judged.notice.clone(),
        About::Unhandled(unhandled) => of_failure(unhandled),
    };
    Message {
        subject: notice.subject,
        text: notice.message,
        attributes: notice::attributes(queued).map(|(name, value)| (name, Attribute::One(value))).into(),
        of: vec![at],
    }
}

/// The messages about many, all judged or none of them: one, or as many as SNS makes of it.
#[must_use]
pub fn digest(all: &[(usize, &Queued)]) -> Vec<Message> {
    let mut sorted = all.to_vec();
    sorted.sort_by(|(_, a), (_, b)| (place(a), a.status(), a.key()).cmp(&(place(b), b.status(), b.key())));
    let parts = parts(&sorted);
    let many = parts.len();
    let message = |(number, part): (usize, Vec<(usize, &Queued)>)| {
        let of_many = if many > 1 { format!(" Part {} of {many}.", number + 1) } else { String::new() };
        Message {
            subject: subject(&part),
            text: text(&part, &of_many),
            attributes: attributes(&part),
            of: part.iter().map(|(at, _)| *at).collect(),
        }
    };
    parts.into_iter().enumerate().map(message).collect()
}

/// As much as fits into a message each.
fn parts<'a>(all: &[(usize, &'a Queued)]) -> Vec<Vec<(usize, &'a Queued)>> {
    let (mut parts, mut room) = (vec![], 0);
    for (at, queued) in all {
        let attributes: usize = notice::attributes(queued).iter().map(|(_, value)| json(value).len() + 1).sum();
        let size = line(queued).len() + attributes;
        if parts.is_empty() || size > room {
            parts.push(vec![]);
            room = LARGEST;
        }
        room = room.saturating_sub(size);
        if let Some(part) = parts.last_mut() {
            part.push((*at, *queued));
        }
    }
    parts
}

/// A text as it stands in the list of an attribute.
fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl Attribute {
    /// SNS's type of it, and its value.
    #[must_use]
    pub fn written(&self) -> (&'static str, String) {
        match self {
            Self::One(value) => ("String", value.clone()),
            Self::Any(values) => {
                let all: Vec<_> = values.iter().map(|value| json(value)).collect();
                ("String.Array", format!("[{}]", all.join(",")))
            }
        }
    }
}

fn attributes(part: &[(usize, &Queued)]) -> BTreeMap<&'static str, Attribute> {
    let mut all = BTreeMap::<_, BTreeSet<_>>::new();
    for (name, value) in part.iter().flat_map(|(_, queued)| notice::attributes(queued)) {
        all.entry(name).or_default().insert(value);
    }
    all.into_iter().map(|(name, values)| (name, Attribute::Any(values))).collect()
}

/// Where files stand: what weighs most comes first, and last what could not be handled.
fn place(queued: &Queued) -> usize {
    const ORDER: [Status; 5] =
        [Status::HasFindings, Status::IntegrityFail, Status::NotAnalysed, Status::JobCancelled, Status::NotCopied];
    match &queued.about {
        About::Judged(judged) => ORDER.iter().position(|of| *of == judged.verdict.status).unwrap_or(ORDER.len()),
        About::Unhandled(_) => ORDER.len() + 1,
    }
}

/// So many files.
fn files(count: usize) -> String {
    if count == 1 { "1 file".into() } else { format!("{count} files") }
}

/// Whether they are files that could not be handled.
fn are_unhandled(part: &[(usize, &Queued)]) -> bool {
    part.iter().any(|(_, queued)| matches!(queued.about, About::Unhandled(_)))
}

fn subject(part: &[(usize, &Queued)]) -> String {
    if are_unhandled(part) {
        return format!("cvault could not handle {}: each is named, with why", files(part.len()));
    }
    let is_left = |queued: &Queued| matches!(&queued.about, About::Judged(judged) if is_left(judged.verdict.status));
    let left = part.iter().filter(|(_, queued)| is_left(queued)).count();
    match (part.len() - left, left) {
        (held, 0) => format!("cvault held {}: each is named, with what is wrong", files(held)),
        (0, left) => format!("cvault did not store {}: each is named, with why", files(left)),
        (held, left) => format!("cvault held {}, and did not store {left} more: each is named", files(held)),
    }
}

fn text(part: &[(usize, &Queued)], of_many: &str) -> String {
    let are_unhandled = are_unhandled(part);
    let what = match part.len() {
        count if are_unhandled => format!("{} could not be handled to the end.", files(count)),
        1 => "1 file was not stored in the vault.".into(),
        count => format!("{} were not stored in the vault.", files(count)),
    };
    let mut text = format!("{what}{of_many} Many came at once, so they are told of together.\n");
    for of_status in part.chunk_by(|(_, a), (_, b)| a.status() == b.status()) {
        let first = of_status[0].1;
        let (one, several) = match &first.about {
            About::Judged(judged) => {
                wrong(judged.verdict.status).unwrap_or(("has another status", "have another status"))
            }
            About::Unhandled(unhandled) => undone(unhandled.kind),
        };
        let words = if of_status.len() == 1 { one } else { several };
        // Into a text: cannot fail.
        let _ = writeln!(text, "\n{} {words} ({}):", of_status.len(), first.status());
        for (_, queued) in of_status {
            text += &line(queued);
        }
    }
    text + if are_unhandled { OF_FAILURES } else { OF_JUDGED }
}

const OF_JUDGED: &str = "\nWhat is held is in the analytics bucket, what could not be copied is where it was: nothing else was deleted.\n\n\
     What to do next: `cvault held` lists what is held, and `cvault show KEY` tells the story of one file. \
     `cvault release` stores a file after all, `cvault discard` deletes it. \
     What could not be copied, or was gone, is to be uploaded again.\n";
const OF_FAILURES: &str = "\nOf what could not be handled nothing was deleted that was not proven to be elsewhere.\n\n\
     What to do next: read why and mend it. What is still in ingress is judged again by the next sweep; for the rest, start the \
     state machine again with the input of the execution.\n";

/// One file, and the first thing that speaks against it, or what failed.
fn line(queued: &Queued) -> String {
    let key = shown(queued.key());
    match &queued.about {
        About::Judged(judged) => format!("  {key}{}\n", about(judged)),
        About::Unhandled(unhandled) => {
            let (error, why) = (escaped(&unhandled.caught.error), notice::why(unhandled));
            format!("  {key}: {error}: {why} ({})\n", unhandled.execution)
        }
    }
}

fn about(judged: &Judged) -> String {
    let version = escaped(judged.source.as_ref().map_or("unknown", |source| &source.version_id));
    let reasons = &judged.verdict.reasons;
    let more = match reasons.len().saturating_sub(1) {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    let reason = reasons.first().map(|reason| format!(": {}{more}", escaped(reason))).unwrap_or_default();
    format!(", version {version}{reason}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::{Caught, NO_RULE, Notice, Source, Undone, Unhandled, Verdict};

    fn queued(key: &str, status: Status) -> Queued {
        let source = Source { key: key.into(), version_id: "v".into(), ..Source::default() };
        let verdict = Verdict {
            status,
            job_id: None,
            analytics_bucket: "held".into(),
            analytics_key: "0/k".into(),
            analytics_version_id: "w".into(),
            reasons: vec!["csv: row 3".into(), "csv: row 4".into()],
        };
        let prefix = key.rsplit_once('/').map_or("/".into(), |(folder, _)| format!("{folder}/"));
        let rule = NO_RULE.into();
        let notice = Notice { subject: format!("of {key}"), message: format!("about {key}"), prefix, rule };
        let judged = Judged { bucket: "in".into(), source: Some(source), verdict, notice };
        Queued { each_up_to: 1, apart: None, about: About::Judged(Box::new(judged)) }
    }

    fn failed(key: &str, kind: Undone, cause: &str) -> Queued {
        let caught = Caught { error: "Denied".into(), cause: cause.into() };
        let (key, bucket, execution) = (key.into(), "in".into(), "arn:x".into());
        let unhandled = Unhandled { kind, key, bucket, caught, execution, status: None };
        Queued { each_up_to: 1, apart: None, about: About::Unhandled(unhandled) }
    }

    #[test]
    fn what_could_not_be_handled_is_named_with_why() {
        let all = [
            failed("b.csv", Undone::Failed, r#"{"errorMessage": "copy s3://x: 403"}"#),
            failed("c/d.csv", Undone::NotCleared, "no"),
            failed("a.csv", Undone::Failed, "no"),
        ];
        let [message] = &of(&all)[..] else { panic!() };
        assert_eq!(message.subject, "cvault could not handle 3 files: each is named, with why");
        assert!(message.text.starts_with("3 files could not be handled to the end. Many"), "{}", message.text);
        let lines: Vec<_> =
            message.text.lines().filter(|line| line.starts_with("  \"") || line.ends_with("):")).collect();
        assert_eq!(
            lines,
            [
                "2 could not be handled (FAILED):",
                "  \"a.csv\": Denied: no (arn:x)",
                "  \"b.csv\": Denied: copy s3:\\/\\/x: 403 (arn:x)",
                "1 is in the vault, and its copy is still in analytics (NOT_CLEARED):",
                "  \"c/d.csv\": Denied: no (arn:x)",
            ]
        );
        assert!(!message.text.contains("What is held is in"), "{}", message.text);
        let any = |values: &[&str]| Attribute::Any(values.iter().map(|value| (*value).to_owned()).collect());
        assert_eq!(message.attributes["status"], any(&["FAILED", "NOT_CLEARED"]));
        assert_eq!(
            (&message.attributes["prefix"], &message.attributes["rule"]),
            (&any(&["/", "c/"]), &any(&["unknown"]))
        );
    }

    fn of(all: &[Queued]) -> Vec<Message> {
        digest(&all.iter().enumerate().collect::<Vec<_>>())
    }

    #[test]
    fn it_names_every_file_once_by_what_is_wrong() {
        let all = [
            queued("b/2.csv", Status::IntegrityFail),
            queued("a/1.csv", Status::HasFindings),
            queued("b/1.csv", Status::IntegrityFail),
            queued("c/1.csv", Status::Gone),
        ];
        let [message] = &of(&all)[..] else { panic!() };
        assert_eq!(message.subject, "cvault held 3 files, and did not store 1 more: each is named");
        assert_eq!(message.of, [1, 2, 0, 3]);
        let lines: Vec<_> =
            message.text.lines().filter(|line| line.starts_with("  \"") || line.ends_with("):")).collect();
        assert_eq!(
            lines,
            [
                "1 holds sensitive data (HAS_FINDINGS):",
                "  \"a/1.csv\", version v: csv: row 3 (and 1 more)",
                "2 are not intact (INTEGRITY_FAIL):",
                "  \"b/1.csv\", version v: csv: row 3 (and 1 more)",
                "  \"b/2.csv\", version v: csv: row 3 (and 1 more)",
                "1 is gone from ingress, and found nowhere (GONE):",
                "  \"c/1.csv\", version v: csv: row 3 (and 1 more)",
            ]
        );
        let any = |values: &[&str]| Attribute::Any(values.iter().map(|value| (*value).to_owned()).collect());
        assert_eq!(message.attributes["status"], any(&["GONE", "HAS_FINDINGS", "INTEGRITY_FAIL"]));
        assert_eq!(message.attributes["prefix"], any(&["a/", "b/", "c/"]));
        assert_eq!(message.attributes["bucket"], any(&["in"]));
        assert_eq!(message.attributes["rule"], any(&["none", "unknown"]), "what was gone is judged by none");
    }

    /// Long keys, each in a folder of its own, whose every character is an escape, or becomes one in JSON.
    #[test]
    fn what_does_not_fit_is_told_in_parts_and_none_is_left_out() {
        let key = |n: usize| {
            format!("{}{n}/x", if n.is_multiple_of(2) { "\u{e0041}".repeat(250) } else { "\"".repeat(1000) })
        };
        let held = (0..1000).map(|n| queued(&key(n), Status::NotAnalysed));
        let cause = "\u{1}".repeat(10_000);
        let unhandled: Vec<_> = (0..100).map(|n| failed(&key(n), Undone::Failed, &cause)).collect();
        for all in [held.collect(), unhandled] {
            fits_in_parts(&all);
        }
    }

    fn fits_in_parts(all: &[Queued]) {
        let messages = of(all);
        assert!(messages.len() > 1);
        let mut told: Vec<_> = messages.iter().flat_map(|message| message.of.clone()).collect();
        told.sort_unstable();
        assert_eq!(told, (0..all.len()).collect::<Vec<_>>());
        for (number, message) in messages.iter().enumerate() {
            let attributes: usize = message.attributes.values().map(|value| value.written().1.len()).sum();
            let size = message.text.len() + attributes;
            // With room for what SNS's own JSON makes of it.
            assert!(size < 200_000 && json(&message.text).len() + attributes * 2 < 400_000, "{size}");
            assert!(message.text.contains(&format!("Part {} of {}.", number + 1, messages.len())));
        }
    }

    #[test]
    fn a_key_cannot_forge_a_line() {
        let forged = queued("a\n  \"b.csv\", version v: all is well\n", Status::HasFindings);
        let [message] = &of(&[forged.clone(), queued("c", Status::HasFindings)])[..] else { panic!() };
        assert_eq!(message.text.lines().filter(|line| line.starts_with("  \"")).count(), 2);
        assert!(!message.text.contains("  \"b.csv\""), "{}", message.text);
    }

    #[test]
    fn one_alone_is_its_own_notice() {
        let message = alone(&queued("a/1.csv", Status::HasFindings), 7);
        assert_eq!((message.subject.as_str(), message.text.as_str()), ("of a/1.csv", "about a/1.csv"));
        assert_eq!(message.attributes["status"], Attribute::One("HAS_FINDINGS".into()));
        assert_eq!(message.of, [7]);
    }
}

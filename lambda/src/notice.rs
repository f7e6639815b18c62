//! The e-mail about a file that did not reach the vault: plain words first, then the verdict as JSON. And the one about a
//! file that could not be handled.
//!
//! A sender chooses keys, and what is inside of a file chooses parts of reasons. None of it can pass for words of
//! ours: a key stands in quotes, on one line, and what turns, hides or breaks text, or would become a link, is
//! shown as an escape.

mod failure;
mod links;

use crate::messages::{About, NO_RULE, Notice, Queued, Source, Status, UNKNOWN_RULE, Verdict};
use contract::canary;
use contract::text::is_hidden;
pub use failure::of_failure;
pub(crate) use failure::{undone, why};

const HELD: &str = "It was not stored in the vault; a copy is held for investigation.";
const LEFT: &str = "It was not stored in the vault; nothing was copied and nothing was deleted.";
const UNKNOWN: &str = "It is not in the vault under its own version, and nothing shows whether it was judged.";
const OWN_CHECK: &str = "Nobody has to do anything: `cvault verify` has sent this file itself, to prove that this vault works and that \
     its e-mails arrive, and takes it away again.";
/// SNS takes no longer subject (truths N11).
const LONGEST_SUBJECT: usize = 100;

/// The e-mail for a verdict that holds the object or leaves it where it is; `None` for one that does
/// neither.
#[must_use]
pub fn notice(source: &Source, verdict: &Verdict, execution: &str) -> Option<Notice> {
    let (what, _) = wrong(verdict.status)?;
    let next = match verdict.status {
        Status::IntegrityFail => "ask its sender for a whole file in the format that its name claims, and upload that",
        Status::HasFindings => {
            "look at the copy, as one of `[held] readers`; if it may be stored, run `cvault release` as a releaser; if not, run `cvault discard`"
        }
        Status::JobCancelled => {
            "upload it again, for a new Macie job, once it is clear who has cancelled this one and why; or look at the \
             copy, as one of `[held] readers`, and if it may be stored, run `cvault release` as a releaser"
        }
        Status::NotAnalysed => {
            "mend what the reason says and upload it again; or look at the copy, as one of `[held] readers`, and if it may \
             be stored, run `cvault release` as a releaser"
        }
        Status::NotCopied => "mend what the reason says, or restore the object, and upload it again",
        _ => "ask `cvault show` whether it was judged, and how; if it was not, and was to be stored, upload it again",
    };
    let name = source.key.rsplit('/').find(|part| !part.is_empty()).unwrap_or(&source.key);
    let reasons = verdict.reasons.iter().fold(String::new(), |all, reason| all + "  - " + &escaped(reason) + "\n");
    let left = is_left(verdict.status);
    let (done, place) = match verdict.status {
        // There is no place to name.
        Status::Gone => (UNKNOWN, String::new()),
        _ if left => (LEFT, left_at(source)),
        _ => (HELD, held_at(verdict)),
    };
    let job = verdict.job_id.as_ref().map(|job_id| format!("Macie job: {job_id}\n")).unwrap_or_default();
    let message = format!(
        "A file {what}. {done}\n\n\
         File:      {}\n\
         Version:   {}\n\
         Verdict:   {}\n\
         {job}Reasons:\n{reasons}{place}\
         Execution: {execution}\n\n\
         What to do next: {next}.\n\n{}\n",
        shown(&source.key),
        escaped(&source.version_id),
        verdict.status,
        json(verdict),
    );
    let did = match verdict.status {
        Status::Gone => "did not find",
        _ if left => "left",
        _ => "held",
    };
    let (subject, message) = if is_own_check(source, verdict) {
        let message = message.replace(&format!("What to do next: {next}."), OWN_CHECK);
        (subject("cvault checks itself: nothing is to be done"), format!("{OWN_CHECK}\n\n{message}"))
    } else {
        (subject(&format!("cvault {did} {}: it {what}", shown(name))), message)
    };
    Some(Notice { subject, message, prefix: prefix(&source.key), rule: rule(source, verdict.status) })
}

/// What subscriptions can filter a queued notice by: never empty, and nothing that SNS refuses.
#[must_use]
pub fn attributes(queued: &Queued) -> [(&'static str, String); 4] {
    let (prefix, rule) = match &queued.about {
        // What an earlier release has queued says of no rule.
        About::Judged(judged) => (
            judged.notice.prefix.clone(),
            judged.source.as_ref().map_or(NO_RULE.into(), |source| rule(source, judged.verdict.status)),
        ),
        About::Unhandled(unhandled) => {
            let Notice { prefix, rule, .. } = of_failure(unhandled);
            (prefix, rule)
        }
    };
    [("status", queued.status()), ("bucket", queued.bucket().into()), ("prefix", prefix), ("rule", rule)]
}

/// What is wrong with one file and with several, where somebody is told.
pub(crate) fn wrong(status: Status) -> Option<(&'static str, &'static str)> {
    match status {
        Status::IntegrityFail => Some(("is not intact", "are not intact")),
        Status::HasFindings => Some(("holds sensitive data", "hold sensitive data")),
        Status::JobCancelled => Some(("was not analysed to the end", "were not analysed to the end")),
        Status::NotAnalysed => Some(("could not be analysed as a whole", "could not be analysed as a whole")),
        Status::NotCopied => Some(("could not be copied", "could not be copied")),
        Status::Gone => Some(("is gone from ingress, and found nowhere", "are gone from ingress, and found nowhere")),
        Status::Copied
        | Status::Clean
        | Status::Analysing
        | Status::Analysed
        | Status::VaultCopy
        | Status::AlreadySettled
        | Status::NothingToJudge
        | Status::Cleared => None,
    }
}

/// Whether the file was left where it was, and no copy of it is held.
pub(crate) fn is_left(status: Status) -> bool {
    matches!(status, Status::NotCopied | Status::Gone)
}

/// Whether it is a canary that got the verdict that it has to get, or was taken away before it got one.
#[must_use]
pub fn is_own_check(source: &Source, verdict: &Verdict) -> bool {
    canary::of(&source.key).is_some_and(|canary| match verdict.status {
        Status::Gone => true,
        status => status == canary.status && source.size == canary.body.len() as u64,
    })
}

/// The prefix whose rules the file was judged by; what was left is judged by none.
fn rule(source: &Source, status: Status) -> String {
    let none = if is_left(status) { UNKNOWN_RULE } else { NO_RULE };
    source.rule.as_deref().map_or(none.into(), plain)
}

/// What the configuration says, as it says it, so that a filter compares what was written there: but for controls and what
/// is no character, which queues behind SNS do not take in an attribute.
fn plain(text: &str) -> String {
    shown_as(text, |c| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'))
}

/// The folder that a key is in, with its slash, and a slash for none.
fn prefix(key: &str) -> String {
    let folder = key.rfind('/').map_or("", |at| &key[..=at]);
    // No mail shows it, so that nothing of it becomes a link.
    if folder.is_empty() { "/".into() } else { shown_as(folder, is_hidden) }
}

fn held_at(verdict: &Verdict) -> String {
    let Verdict { analytics_bucket, analytics_key, analytics_version_id, .. } = verdict;
    format!("Held at:   {}\nVersion:   {analytics_version_id}\n", place(analytics_bucket, analytics_key))
}

fn left_at(source: &Source) -> String {
    format!("Left at:   {}\n", place(&source.bucket, &source.key))
}

/// Where an object is; of a bucket and a key of somebody's, so in quotes.
fn place(bucket: &str, key: &str) -> String {
    format!("\"s3://{bucket}/{}\"", quotable(key))
}

/// A key as what it is.
pub(crate) fn shown(key: &str) -> String {
    format!("\"{}\"", quotable(key))
}

fn quotable(key: &str) -> String {
    escaped(&key.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Text on one line that reads as it is written: what is no letter to be seen is an escape, and a backslash stands before
/// what has a reader of mails make a link of it ([`links`]).
pub(crate) fn escaped(text: &str) -> String {
    links::defused(&shown_as(text, is_hidden), |c| format!("\\{c}"))
}

/// A text in which some signs are escapes.
fn shown_as(text: &str, is_escaped: impl Fn(char) -> bool) -> String {
    text.chars().map(|c| if is_escaped(c) { c.escape_default().to_string() } else { c.into() }).collect()
}

/// The verdict, in which the same is escaped as JSON has it.
fn json(verdict: &Verdict) -> String {
    let json = serde_json::to_string_pretty(verdict).unwrap_or_default();
    let mut shown = String::with_capacity(json.len());
    for c in json.chars() {
        if c != '\n' && is_hidden(c) {
            shown.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            shown.push(c);
        }
    }
    // All of these are inside of strings, in which JSON knows an escape of a slash alone.
    links::defused(&shown, |c| if c == '/' { "\\/".into() } else { format!("\\u{:04x}", u32::from(c)) })
}

/// Printable ASCII, without line breaks, short enough, and beginning with a letter.
fn subject(text: &str) -> String {
    let ascii: String = text.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect();
    if ascii.len() <= LONGEST_SUBJECT {
        return ascii;
    }
    // The name is cut, not what is wrong with it.
    let (head, tail) = ascii.rsplit_once(": ").unwrap_or((&ascii, ""));
    let room = LONGEST_SUBJECT.saturating_sub(tail.len() + 5);
    format!("{}...: {tail}", &head[..room.min(head.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(key: &str) -> Source {
        Source { bucket: "in".into(), key: key.into(), version_id: "v".into(), size: 1, ..Source::default() }
    }

    /// Whoever gets the e-mail is not to be frightened; and no file of others passes for a canary with another end.
    #[test]
    fn cvault_s_own_check_says_so() {
        let of = |key: &str, size: usize, status| {
            let source = Source { size: size as u64, ..source(key) };
            notice(&source, &verdict(status), "arn").unwrap()
        };
        let canary = canary::of(".cvault/verify/sensitive.csv").unwrap();
        let told = of(canary.key(), canary.body.len(), Status::HasFindings);
        assert_eq!(told.subject, "cvault checks itself: nothing is to be done");
        assert!(told.message.starts_with("Nobody has to do anything: `cvault verify`"), "{}", told.message);
        assert!(told.message.contains("Version:   v") && !told.message.contains("What to do next"), "{}", told.message);
        assert_eq!(told.prefix, canary::FOLDER);
        for other in [
            of("sensitive.csv", canary.body.len(), Status::HasFindings),
            of(canary.key(), 1, Status::HasFindings),
            of(canary.key(), canary.body.len(), Status::IntegrityFail),
            of(".cvault/verify/other.csv", canary.body.len(), Status::HasFindings),
        ] {
            assert!(other.subject.starts_with("cvault held") && !other.message.contains("Nobody has"), "{other:?}");
        }
    }

    fn verdict(status: Status) -> Verdict {
        Verdict {
            status,
            job_id: None,
            analytics_bucket: "held".into(),
            analytics_key: "0/k".into(),
            analytics_version_id: "w".into(),
            reasons: vec!["csv: row 3 has 2 fields, expected 3 (byte 40)".into()],
        }
    }

    #[test]
    fn it_says_what_why_where_and_what_next() {
        let notice = notice(&source("a/b.csv"), &verdict(Status::IntegrityFail), "arn:x").unwrap();
        assert_eq!(notice.subject, "cvault held \"b.csv\": it is not intact");
        for part in ["a/b.csv", "row 3 has 2 fields", "s3://held/0/k", "arn:x", "What to do next", "INTEGRITY_FAIL"] {
            assert!(notice.message.contains(part), "{part} in {}", notice.message);
        }
    }

    #[test]
    fn what_is_left_is_said_to_be_where_it_was() {
        let verdict = Verdict { analytics_bucket: String::new(), ..verdict(Status::NotCopied) };
        let notice = notice(&source("a/b.csv"), &verdict, "arn:x").unwrap();
        assert_eq!(notice.subject, "cvault left \"b.csv\": it could not be copied");
        for part in ["nothing was deleted", "Left at:   \"s3://in/a/b.csv\""] {
            assert!(notice.message.contains(part), "{part} in {}", notice.message);
        }
        assert!(!notice.message.contains("Held at"), "{}", notice.message);
    }

    #[test]
    fn without_a_proof_it_names_the_job_and_a_way_on() {
        for (status, part) in [(Status::JobCancelled, "for a new Macie job"), (Status::NotAnalysed, "upload it again")]
        {
            let held = Verdict { job_id: Some("3ce05dbb".into()), ..verdict(status) };
            let message = notice(&source("a.csv"), &held, "arn:x").unwrap().message;
            assert!(message.contains("Macie job: 3ce05dbb\n") && message.contains(part), "{message}");
            assert!(!notice(&source("a.csv"), &verdict(status), "arn:x").unwrap().message.contains("Macie job: "));
        }
    }

    #[test]
    fn only_what_is_held_or_left_has_one() {
        for status in [Status::VaultCopy, Status::Copied, Status::Clean, Status::AlreadySettled, Status::Cleared] {
            assert_eq!(notice(&source("k"), &verdict(status), "arn:x"), None);
        }
    }

    #[test]
    fn any_key_gives_a_subject_that_sns_takes() {
        for key in ["a\nb.csv", "é\u{1f600}.csv", &"x".repeat(1024), "", "/", &"é/".repeat(300)] {
            let subject = notice(&source(key), &verdict(Status::HasFindings), "arn:x").unwrap().subject;
            assert!(subject.len() <= LONGEST_SUBJECT, "{subject}");
            assert!(subject.chars().all(|c| c.is_ascii_graphic() || c == ' '), "{subject}");
            assert!(subject.ends_with("it holds sensitive data"), "{subject}");
        }
    }

    /// A key that tries to be a part of the message: a line of its own, a turned one, a link, a sentence.
    #[test]
    fn a_key_cannot_forge_the_text() {
        let forged = "a\".csv\n\nExecution: none\u{2028}\u{202e}vsc.\u{2066}\u{200b}\u{e0041} https://evil.example WWW.evil.example desk@evil.example evil.example/x";
        let held = Verdict {
            analytics_key: format!("0/{forged}"),
            reasons: vec![format!("json: /{forged} is no number")],
            ..verdict(Status::IntegrityFail)
        };
        let notice = notice(&source(forged), &held, "arn:x").unwrap();
        let lines: Vec<_> = notice.message.lines().filter(|line| line.starts_with("Execution")).collect();
        assert_eq!(lines, ["Execution: arn:x"]);
        assert!(notice.message.chars().all(|c| c == '\n' || !is_hidden(c)), "{}", notice.message);
        for text in [&notice.message, &notice.subject] {
            for link in ["https://", "www.", "WWW.", "desk@", "evil.example/x"] {
                assert!(!text.contains(link), "{link} in {text}");
            }
        }
        let file = notice.message.lines().find(|line| line.starts_with("File:")).unwrap();
        assert!(
            file.starts_with("File:      \"a\\\".csv\\n\\nExecution: none\\u{2028}") && file.ends_with('"'),
            "{file}"
        );
        // A program reads what is meant.
        let json = notice.message.split_once("\n{").unwrap().1;
        let read: Verdict = serde_json::from_str(&format!("{{{json}")).unwrap();
        assert_eq!(read, held);
    }

    /// By which somebody is told of the files of one sender only.
    #[test]
    fn the_rule_is_the_prefix_that_held_and_none_without_one() {
        let by = |rule: Option<&str>| {
            let source = Source { rule: rule.map(Into::into), ..source("a/b.csv") };
            notice(&source, &verdict(Status::IntegrityFail), "arn:x").unwrap().rule
        };
        assert_eq!((by(None), by(Some("a/")), by(Some("a\n"))), ("none".into(), "a/".into(), "a\\n".into()));
        // A filter is written as the configuration is.
        for plain in ["www.acme.com/", "s3://acme/", "a b+%/\"ü\"/", "שלום/", "zero\u{200b}width/"] {
            assert_eq!(by(Some(plain)), plain);
        }
        assert_eq!(by(Some("a\u{ffff}")), "a\\u{ffff}", "SNS takes no such sign");
    }

    #[test]
    fn the_prefix_is_the_folder_and_never_empty() {
        for (key, expected) in [("a/b/c.csv", "a/b/"), ("c.csv", "/"), ("", "/"), ("/c", "/"), ("a\n/c", "a\\n/")] {
            assert_eq!(prefix(key), expected);
        }
    }
}

//! The e-mail about a file that did not reach the vault: plain words first, then the verdict as JSON.

use crate::messages::{Notice, Source, Status, Verdict};

const HELD: &str = "It was not stored in the vault; a copy is held for investigation.";
const LEFT: &str = "It was not stored in the vault; nothing was copied and nothing was deleted.";
/// SNS takes no longer subject (truths N11).
const LONGEST_SUBJECT: usize = 100;

/// The e-mail for a verdict that holds the object or leaves it where it is; `None` for one that does
/// neither.
#[must_use]
pub fn notice(source: &Source, verdict: &Verdict, execution: &str) -> Option<Notice> {
    let (what, next) = match verdict.status {
        Status::IntegrityFail => {
            ("is not intact", "ask its sender for a whole file in the format that its name claims, and upload that")
        }
        Status::HasFindings => (
            "holds sensitive data",
            "look at the copy; if it may be stored, copy it to the vault bucket as a releaser; if not, delete it",
        ),
        Status::JobCancelled => (
            "was not analysed to the end",
            "upload it again, for a new Macie job, once it is clear who has cancelled this one and why; or look at the \
             copy yourself, and if it may be stored, copy it to the vault bucket as a releaser",
        ),
        Status::NotAnalysed => (
            "could not be analysed as a whole",
            "mend what the reason says and upload it again; or look at the copy yourself, and if it may be stored, copy \
             it to the vault bucket as a releaser",
        ),
        Status::NotCopied => {
            ("could not be copied", "mend what the reason says, or restore the object, and upload it again")
        }
        Status::Gone => ("was gone before it was judged", "if it was to be stored, upload it again"),
        _ => return None,
    };
    let name = source.key.rsplit('/').find(|part| !part.is_empty()).unwrap_or(&source.key);
    let reasons: String = verdict.reasons.iter().flat_map(|reason| ["  - ", reason, "\n"]).collect();
    let left = matches!(verdict.status, Status::NotCopied | Status::Gone);
    let (done, place) = if left { (LEFT, left_at(source)) } else { (HELD, held_at(verdict)) };
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
        source.version_id,
        verdict.status,
        serde_json::to_string_pretty(verdict).unwrap_or_default(),
    );
    let did = if left { "left" } else { "held" };
    Some(Notice { subject: subject(&format!("cvault {did} {name}: it {what}")), message })
}

fn held_at(verdict: &Verdict) -> String {
    let Verdict { analytics_bucket, analytics_key, analytics_version_id, .. } = verdict;
    format!("Held at:   s3://{analytics_bucket}/{}\nVersion:   {analytics_version_id}\n", shown(analytics_key))
}

fn left_at(source: &Source) -> String {
    format!("Left at:   s3://{}/{}\n", source.bucket, shown(&source.key))
}

/// A key on one line: line breaks and other control characters as escapes.
fn shown(key: &str) -> String {
    key.chars().map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() }).collect()
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
        assert_eq!(notice.subject, "cvault held b.csv: it is not intact");
        for part in ["a/b.csv", "row 3 has 2 fields", "s3://held/0/k", "arn:x", "What to do next", "INTEGRITY_FAIL"] {
            assert!(notice.message.contains(part), "{part} in {}", notice.message);
        }
    }

    #[test]
    fn what_is_left_is_said_to_be_where_it_was() {
        let verdict = Verdict { analytics_bucket: String::new(), ..verdict(Status::NotCopied) };
        let notice = notice(&source("a/b.csv"), &verdict, "arn:x").unwrap();
        assert_eq!(notice.subject, "cvault left b.csv: it could not be copied");
        for part in ["nothing was deleted", "Left at:   s3://in/a/b.csv"] {
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
}

//! The e-mail about a held file: plain words first, then the verdict as JSON.

use crate::messages::{Notice, Source, Status, Verdict};

/// SNS takes no longer subject (truths N11).
const LONGEST_SUBJECT: usize = 100;

/// The e-mail for a verdict that holds the object; `None` for one that does not.
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
        Status::JobCancelled => ("was not analysed to the end", "upload it again"),
        Status::NotAnalysed => (
            "could not be analysed as a whole",
            "look at the copy yourself; if it may be stored, copy it to the vault bucket as a releaser",
        ),
        _ => return None,
    };
    let name = source.key.rsplit('/').find(|part| !part.is_empty()).unwrap_or(&source.key);
    let reasons: String = verdict.reasons.iter().flat_map(|reason| ["  - ", reason, "\n"]).collect();
    let message = format!(
        "A file {what}. It was not stored in the vault; a copy is held for investigation.\n\n\
         File:      {}\n\
         Version:   {}\n\
         Verdict:   {}\n\
         Reasons:\n{reasons}\
         Held at:   s3://{}/{}\n\
         Version:   {}\n\
         Execution: {execution}\n\n\
         What to do next: {next}.\n\n{}\n",
        shown(&source.key),
        source.version_id,
        status_text(verdict.status),
        verdict.analytics_bucket,
        shown(&verdict.analytics_key),
        verdict.analytics_version_id,
        serde_json::to_string_pretty(verdict).unwrap_or_default(),
    );
    Some(Notice { subject: subject(&format!("cvault held {name}: it {what}")), message })
}

/// The word of the contract.
fn status_text(status: Status) -> String {
    serde_json::to_value(status).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
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
        Source { bucket: "in".into(), key: key.into(), version_id: "v".into(), size: 1, sha256: None }
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
    fn only_what_is_held_has_one() {
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

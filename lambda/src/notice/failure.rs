//! The e-mail about a file that an execution could not handle to the end.

use super::{escaped, place, prefix, shown};
use crate::copies;
use crate::messages::{Notice, UNKNOWN_RULE, Undone, Unhandled};
use crate::reasons;

/// What is said of one kind of failure.
struct Words {
    subject: &'static str,
    what: &'static str,
    next: &'static str,
}

/// The e-mail for a file that could not be handled to the end.
#[must_use]
pub fn of_failure(unhandled: &Unhandled) -> Notice {
    let Words { subject, what, next } = words(unhandled.kind);
    let Unhandled { key, bucket, caught, execution, status, .. } = unhandled;
    let verdict = status.map(|status| format!("Verdict:     {status}\n")).unwrap_or_default();
    let message = format!(
        "{what}\n\n\
         File:        {}\n\
         Place:       {}\n\
         {verdict}What failed: {}\n\
         Why:         {}\n\
         Execution:   {execution}\n\n\
         What to do next: {next}.\n",
        shown(key),
        place(bucket, key),
        escaped(&caught.error),
        why(unhandled),
    );
    let folder = prefix(copies::own_key(key));
    Notice { subject: subject.into(), message, prefix: folder, rule: UNKNOWN_RULE.into() }
}

/// What is wrong with one file and with several.
pub(crate) fn undone(kind: Undone) -> (&'static str, &'static str) {
    match kind {
        Undone::Failed => ("could not be handled", "could not be handled"),
        Undone::NotDeleted => ("was judged, and is still in ingress", "were judged, and are still in ingress"),
        Undone::NotCleared => (
            "is in the vault, and its copy is still in analytics",
            "are in the vault, and their copies are still in analytics",
        ),
        Undone::Unexpected => ("was not judged", "were not judged"),
    }
}

/// What the failure says, on one line.
pub(crate) fn why(unhandled: &Unhandled) -> String {
    match unhandled.caught.why() {
        nothing if nothing.trim().is_empty() => "it did not say".into(),
        why => escaped(&reasons::message(why)),
    }
}

fn words(kind: Undone) -> Words {
    match kind {
        Undone::Failed => Words {
            subject: "cvault: a file could not be handled",
            what: "A file could not be handled. Nothing was deleted: every copy is where it was.",
            next: "read why and mend it, then start the state machine again with the input of this execution, or upload \
                   the file again",
        },
        Undone::NotDeleted => Words {
            subject: "cvault: a judged file is still in ingress",
            what: "A file was judged and copied, but could not be deleted from ingress. No copy is lost.",
            next: "read why and mend it: the sweep tries again, `cvault status` counts it, and nobody is told of it again",
        },
        Undone::NotCleared => Words {
            subject: "cvault: the copy of a stored file is still in analytics",
            what: "A file is safe in the vault, but the copy that it was made from could not be cleared from analytics. \
                   Nothing is lost.",
            next: "read why and mend it, then start the state machine again with the input of this execution",
        },
        Undone::Unexpected => Words {
            subject: "cvault: a file was not judged",
            what: "A file was not judged: its status is not one that decides. Nothing was deleted.",
            next: "look at the execution, then upload the file again",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::Caught;

    fn unhandled(kind: Undone, key: &str, cause: &str) -> Unhandled {
        let caught = Caught { error: "Denied".into(), cause: cause.into() };
        let (key, bucket) = (key.into(), "in".into());
        Unhandled { kind, key, bucket, caught, execution: "arn:x".into(), status: None }
    }

    #[test]
    fn it_says_what_failed_why_where_and_what_next() {
        let cause = r#"{"errorType": "Denied", "errorMessage": "copy s3://in/a/b.csv: 403"}"#;
        for kind in [Undone::Failed, Undone::NotDeleted, Undone::NotCleared, Undone::Unexpected] {
            let notice = of_failure(&unhandled(kind, "a/b.csv", cause));
            assert!(notice.subject.len() <= 100 && notice.subject.starts_with("cvault: "), "{}", notice.subject);
            for part in ["\"a/b.csv\"", "\"s3://in/a/b.csv\"", "Denied", "copy s3", "403", "arn:x", "What to do next"] {
                assert!(notice.message.contains(part), "{part} in {}", notice.message);
            }
            assert_eq!((notice.prefix.as_str(), notice.rule.as_str()), ("a/", "unknown"));
        }
        let silent = of_failure(&unhandled(Undone::Failed, "a", "")).message;
        assert!(silent.contains("Why:         it did not say\n"), "{silent}");
    }

    /// Neither by its key nor by what somebody says who repeats it.
    #[test]
    fn a_key_cannot_forge_it() {
        let forged = "a\".csv\n\nExecution:   none\u{2028}\u{202e}vsc.\u{2066} https://evil.example www.evil.example";
        for cause in [forged.to_owned(), serde_json::json!({"errorMessage": forged}).to_string()] {
            let message = of_failure(&unhandled(Undone::Failed, forged, &cause)).message;
            let lines: Vec<_> = message.lines().filter(|line| line.starts_with("Execution")).collect();
            assert_eq!(lines, ["Execution:   arn:x"]);
            assert!(message.chars().all(|c| c == '\n' || !contract::text::is_hidden(c)), "{message}");
            assert!(!message.contains("https://") && !message.contains("www."), "{message}");
        }
        let long = of_failure(&unhandled(Undone::Failed, &"\u{1}".repeat(1024), &"\u{1f600}".repeat(32_768)));
        assert!(long.message.len() < 64 << 10, "{}", long.message.len());
    }
}

//! What waits in the queue of notices.

use super::{Notice, Source, Status, Verdict};
use crate::copies;
use contract::PrefixNotices;
use contract::prefix::longest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A notice in its queue, with all that it takes to tell of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Queued {
    /// Up to how many at once are told of each by itself.
    pub each_up_to: usize,
    /// The prefix below which many are one e-mail although they are not elsewhere: it has an e-mail of its own.
    pub apart: Option<String>,
    /// What somebody has to know.
    pub about: About,
}

/// What a notice is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A version that is held, or was left where it was.
    Judged(Box<Judged>),
    /// A file that an execution could not handle to the end.
    Unhandled(Unhandled),
}

/// A version with a verdict that somebody has to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The bucket of the event.
    pub bucket: String,
    /// The version that was judged, where it is known.
    pub source: Option<Source>,
    /// The verdict.
    pub verdict: Verdict,
    /// The e-mail about this one alone.
    pub notice: Notice,
}

/// A file that an execution could not handle to the end, as the state machine knows it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Unhandled {
    /// What could not be done.
    pub kind: Undone,
    /// The key of the event.
    pub key: String,
    /// The bucket of the event.
    pub bucket: String,
    /// What failed.
    #[serde(flatten)]
    pub caught: Caught,
    /// The execution's ARN.
    pub execution: String,
    /// The verdict that was come to, where one was.
    #[serde(default)]
    pub status: Option<Status>,
}

/// What an execution could not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Undone {
    /// Delete a judged version from ingress.
    NotDeleted,
    /// Clear the copy of what is in the vault.
    NotCleared,
    /// Go on with a status that nobody planned for.
    Unexpected,
    /// Anything else: also what only a later release knows.
    #[serde(other)]
    Failed,
}

/// A failure as a `Catch` has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Caught {
    /// Its name.
    pub error: String,
    /// What it says.
    #[serde(default)]
    pub cause: String,
}

impl Caught {
    /// What a person reads.
    #[must_use]
    pub fn said(&self) -> String {
        format!("{}: {}", self.error, self.why())
    }

    /// What it says. A failure of the function's comes as JSON.
    #[must_use]
    pub fn why(&self) -> String {
        let json = serde_json::from_str::<Value>(&self.cause).ok();
        let message = json.as_ref().and_then(|json| json["errorMessage"].as_str());
        message.unwrap_or(&self.cause).to_owned()
    }
}

impl std::fmt::Display for Undone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NotDeleted => "NOT_DELETED",
            Self::NotCleared => "NOT_CLEARED",
            Self::Unexpected => "UNEXPECTED",
            Self::Failed => "FAILED",
        })
    }
}

impl Queued {
    /// The status that subscriptions can filter by.
    #[must_use]
    pub fn status(&self) -> String {
        match &self.about {
            About::Judged(judged) => judged.verdict.status.to_string(),
            About::Unhandled(unhandled) => unhandled.kind.to_string(),
        }
    }

    /// The bucket of the event.
    #[must_use]
    pub fn bucket(&self) -> &str {
        match &self.about {
            About::Judged(judged) => &judged.bucket,
            About::Unhandled(unhandled) => &unhandled.bucket,
        }
    }

    /// The key of the file.
    #[must_use]
    pub fn key(&self) -> &str {
        match &self.about {
            About::Judged(judged) => judged.source.as_ref().map_or("unknown", |source| &source.key),
            About::Unhandled(unhandled) => &unhandled.key,
        }
    }

    /// The key that the file had in ingress.
    fn own_key(&self) -> &str {
        match &self.about {
            About::Judged(_) => self.key(),
            About::Unhandled(unhandled) => copies::own_key(&unhandled.key),
        }
    }
}

/// As the state machine writes it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Written {
    each_up_to: usize,
    #[serde(default)]
    prefixes: Vec<PrefixNotices>,
    bucket: Option<String>,
    source: Option<Source>,
    verdict: Option<Verdict>,
    notice: Option<Notice>,
    failure: Option<Unhandled>,
}

impl TryFrom<Written> for Queued {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written { each_up_to, prefixes, bucket, source, verdict, notice, failure } = written;
        let about = match (failure, bucket, verdict, notice) {
            (Some(failure), ..) => About::Unhandled(failure),
            (None, Some(bucket), Some(verdict), Some(notice)) => {
                About::Judged(Box::new(Judged { bucket, source, verdict, notice }))
            }
            _ => return Err("neither a Failure, nor a Bucket, a Verdict and a Notice".into()),
        };
        let queued = Self { each_up_to, apart: None, about };
        let own = longest(&prefixes, |own| &own.prefix, queued.own_key());
        Ok(match own {
            Some(own) => {
                let each_up_to = usize::try_from(own.each_up_to).unwrap_or(usize::MAX);
                let apart = (each_up_to == 0).then(|| own.prefix.clone());
                Self { each_up_to, apart, ..queued }
            }
            None => queued,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// What a definition of the release before has queued, and what one of the next may queue.
    #[test]
    fn notices_of_other_releases_are_understood() {
        let verdict = json!({"Status": "HAS_FINDINGS", "JobId": null, "AnalyticsBucket": "an", "AnalyticsKey": "0/k",
            "AnalyticsVersionId": "w", "Reasons": []});
        let before = json!({"EachUpTo": 3, "Bucket": "in", "Source": null, "Verdict": verdict,
            "Notice": {"Subject": "s", "Message": "m", "Prefix": "/"}});
        let before: Queued = serde_json::from_value(before).unwrap();
        assert_eq!((before.status(), before.key()), ("HAS_FINDINGS".into(), "unknown"));
        let About::Judged(judged) = before.about else { panic!() };
        assert_eq!(judged.notice.rule, "none");
        let next = json!({"EachUpTo": 3, "Tomorrow": 1, "Failure": {"Kind": "NOT_KNOWN_YET", "Key": "k", "Bucket": "in",
            "Error": "E", "Cause": "c", "Execution": "arn", "Tomorrow": 1}});
        let next: Queued = serde_json::from_value(next).unwrap();
        assert_eq!((next.status(), next.key(), next.bucket()), ("FAILED".into(), "k", "in"));
        let without = json!({"EachUpTo": 3, "Bucket": "in", "Verdict": verdict});
        assert!(serde_json::from_value::<Queued>(without).is_err());
    }

    /// What could not be handled is below a prefix by its key, also where it is a copy in analytics.
    #[test]
    fn the_longest_prefix_says_how_many_are_a_burst() {
        let prefixes = json!([{"Prefix": "a/", "EachUpTo": 0}, {"Prefix": "a/b/", "EachUpTo": 7}]);
        let copy = format!("{}/a/x.csv", copies::copy_id("in", "a/x.csv", "v"));
        for (key, each_up_to, apart) in [
            ("a/x.csv", 0, Some("a/")),
            (copy.as_str(), 0, Some("a/")),
            ("a/b/x.csv", 7, None),
            ("c/a/x.csv", 3, None),
            (contract::canary::ALL[0].key(), 3, None),
        ] {
            let failure = json!({"Kind": "FAILED", "Key": key, "Bucket": "in", "Error": "E", "Execution": "arn"});
            let written = json!({"EachUpTo": 3, "Prefixes": prefixes, "Failure": failure});
            let queued: Queued = serde_json::from_value(written).unwrap();
            assert_eq!((queued.each_up_to, queued.apart.as_deref()), (each_up_to, apart), "{key}");
        }
    }

    #[test]
    fn a_failure_of_the_function_says_its_message() {
        let of = |cause: &str| Caught { error: "MacieQuota".into(), cause: cause.into() }.said();
        assert_eq!(of(r#"{"errorType": "MacieQuota", "errorMessage": "no more jobs"}"#), "MacieQuota: no more jobs");
        assert_eq!((of("Rate exceeded"), of("")), ("MacieQuota: Rate exceeded".into(), "MacieQuota: ".into()));
    }
}

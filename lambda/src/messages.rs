//! What the state machine sends and what it gets back: the same two shapes for every step.

mod given;
mod queued;

pub use contract::{EventObject, Format, IngressRules, MacieRules, Rules, Status};
pub use given::GivenRules;
use inspect::Extent;
pub use queued::{About, Caught, Judged, Queued, Undone, Unhandled};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::time::Instant;

/// One call of the function.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Request {
    /// What to do.
    pub step: Step,
    /// The bucket of the event.
    pub bucket: String,
    /// The object of the event, as S3 wrote it.
    pub object: EventObject,
    /// The execution's ARN.
    pub execution: String,
    /// When Lambda ends the call, if it does.
    #[serde(skip)]
    pub deadline: Option<Instant>,
    /// How often Step Functions has tried this step before.
    #[serde(default)]
    pub attempt: u32,
    /// The version that is judged, once it is known.
    pub source: Option<Source>,
    /// The verdict so far.
    pub verdict: Option<Verdict>,
    /// The rules of ingress, for `CopyToAnalytics` and `StoreInVault`; none from an earlier release's definition.
    #[serde(default)]
    pub ingress: IngressRules,
    /// The rules to judge by, for `InspectContent`.
    pub rules: Option<GivenRules>,
    /// What is known of the content, once it was inspected.
    pub analysis: Option<Analysis>,
    /// How Macie is to analyse, for its steps.
    pub macie_rules: Option<MacieRules>,
    /// The stack's key, which Macie may use.
    pub key_arn: Option<String>,
}

/// The steps of the state machine that are the function's. Three of them are of earlier releases, whose executions may
/// last for a month: [`Step::CreateMacieJob`], [`Step::DescribeMacieJob`] and [`Step::ReadMacieFindings`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "each is a module of `steps`")]
pub enum Step {
    CopyToAnalytics,
    InspectContent,
    CreateMacieJob,
    DescribeMacieJob,
    ReadMacieFindings,
    HoldForMacie,
    StoreInVault,
    DeleteFromIngress,
    ClearAnalytics,
}

/// What the function answers; every member is always there, since a state machine fails on a path
/// that is not.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Answer {
    /// The version that is judged.
    pub source: Option<Source>,
    /// The verdict so far.
    pub verdict: Verdict,
    /// The e-mail, if the verdict needs one.
    pub notice: Option<Notice>,
    /// What is known of the content, once it was inspected.
    pub analysis: Option<Analysis>,
    /// How long to wait before the next look, while Macie analyses.
    pub wait_seconds: Option<u64>,
}

/// What is known of the content: whether Macie can analyse it follows from that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Analysis {
    /// The format that it was judged by.
    pub format: Format,
    /// What was met inside.
    pub extent: Extent,
    /// When Macie's job was made.
    pub job_made: Option<String>,
    /// How long the execution has waited for the job, in seconds, as its own states count.
    #[serde(default)]
    pub waited: u64,
    /// The job was complete and had found nothing, and what might still come was waited for.
    pub findings_awaited: bool,
}

/// One version of an object, and what was measured of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
pub struct Source {
    /// Its bucket.
    pub bucket: String,
    /// Its key.
    pub key: String,
    /// Its version, `null` for one from before versioning.
    pub version_id: String,
    /// Bytes.
    pub size: u64,
    /// When it was uploaded, in seconds since 1970.
    #[serde(default)]
    pub uploaded_at: i64,
    /// The format that it was judged by; `None` before, and for what has none that is known.
    #[serde(default)]
    pub format: Option<Format>,
    /// The SHA-256 of what was inspected, in base64; `None` before.
    pub sha256: Option<String>,
    /// The version of its copy in the vault; `None` before.
    pub stored_version_id: Option<String>,
    /// The prefix whose rules it was judged by, instead of those that hold for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What came with it, where something has to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub companions: Vec<Companion>,
    /// Whether the version in the vault is not a copy of it, but has the same bytes.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unchanged: bool,
    /// What this execution has seen itself, where it made the copy; `None` where each step has to look, as in an
    /// execution that began with an earlier release.
    #[serde(default)]
    pub seen: Option<Seen>,
}

/// The companion of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Companion {
    /// What its key has behind that of its file.
    pub end: String,
    /// Its version.
    pub version_id: String,
    /// Whether nothing is lost with it: it is empty, or is the digest.
    pub is_spent: bool,
    /// The digest that the file has to have, as hexadecimal digits: empty where it should say one and does not.
    pub digest: Option<String>,
    /// When it came, in seconds since 1970.
    #[serde(default)]
    pub came: i64,
    /// Whether it was there before its file.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_before: bool,
    /// Whether it was there for another version of its file, so that it says nothing of this one.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_of_another: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_false(value: &bool) -> bool {
    !value
}

/// What one step has seen, so that the next ones need not look again: a version never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Seen {
    /// The version in ingress.
    pub measures: Measures,
    /// Whether the copy was made without tags, since the version has none but such as claim to be ours.
    pub untagged: bool,
    /// The entity tag of the copy, once it was read to its end and found like the version; `None` before, and where
    /// S3 does not take over by itself all that the copy has.
    pub copy_etag: Option<String>,
}

/// What S3 says of the bytes of a version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Measures {
    /// How many they are.
    pub size: u64,
    /// Checksums of the whole object, by algorithm.
    pub checksums: BTreeMap<String, String>,
    /// S3 does not let the checksums be read: they prove nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub are_withheld: bool,
}

impl Source {
    /// What identifies the version wherever it is copied to.
    #[must_use]
    pub fn copy_id(&self) -> String {
        crate::copies::copy_id(&self.bucket, &self.key, &self.version_id)
    }
}

/// The verdict, as the contract writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Verdict {
    /// Where the object stands.
    pub status: Status,
    /// The Macie job, if there was one.
    pub job_id: Option<String>,
    /// The bucket of the copy that is judged.
    pub analytics_bucket: String,
    /// Its key.
    pub analytics_key: String,
    /// Its version.
    pub analytics_version_id: String,
    /// What speaks against the object; never a value out of it.
    pub reasons: Vec<String>,
}

/// What an e-mail says of the rule where no prefix has rules of its own.
pub const NO_RULE: &str = "none";
/// What it says where nothing was judged by a rule, or nobody knows by which.
pub const UNKNOWN_RULE: &str = "unknown";

fn no_rule() -> String {
    NO_RULE.into()
}

/// An e-mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Notice {
    /// At most 100 printable ASCII characters (truths N11).
    pub subject: String,
    /// Plain words first, then the verdict as JSON.
    pub message: String,
    /// The folder of the file, for filters of subscriptions: never empty, and nothing that SNS refuses.
    pub prefix: String,
    /// The prefix whose rules it was judged by, for the same: [`NO_RULE`] where those held that hold for all.
    #[serde(default = "no_rule")]
    pub rule: String,
}

/// A failure that the state machine can name in `Retry` and `Catch`.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Stable.
    pub kind: FailureKind,
    /// What was asked, and what went wrong; never a value out of the object.
    pub message: String,
    /// What S3 has answered, for whoever explains it to people.
    pub cause: Option<Arc<Cause>>,
    /// Whether it changes nothing of the verdict, which stands: the version could not be deleted from ingress.
    pub is_after_verdict: bool,
}

impl PartialEq for Failure {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, &self.message) == (other.kind, &other.message)
    }
}

/// What S3 has answered, or why nobody has.
#[derive(Debug)]
pub struct Cause {
    /// What was asked, in the infinitive.
    pub what: String,
    /// HTTP's status; 0 without an answer.
    pub status: u16,
    /// S3's code, where there is one.
    pub code: Option<String>,
    /// Its words, where there are any.
    pub message: Option<String>,
    /// The SDK's error, with its own causes.
    pub error: Box<dyn std::error::Error + Send + Sync>,
}

/// The failures' stable names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// AWS was busy or did not answer: worth another try.
    Busy,
    /// S3 does not show the version yet: worth another try.
    NotThere,
    /// Another execution judges the version: worth a look later.
    Elsewhere,
    /// Macie takes a job every ten seconds only: worth many other tries.
    MacieBusy,
    /// Macie is not enabled.
    MacieOff,
    /// A quota of Macie is used up.
    MacieQuota,
    /// The role may not.
    Denied,
    /// What should be there is not.
    Missing,
    /// A copy is not what it was copied from.
    CopyMismatch,
    /// A newer version of the key is archived: it could not be put on top again.
    Archived,
    /// The input is not what the state machine sends.
    InvalidInput,
    /// AWS refused for another reason.
    Refused,
}

impl FailureKind {
    /// The `errorType` that Step Functions sees.
    #[must_use]
    pub fn error_type(self) -> &'static str {
        match self {
            Self::Busy => "Busy",
            Self::NotThere => "NotThere",
            Self::Elsewhere => "Elsewhere",
            Self::MacieBusy => "MacieBusy",
            Self::MacieOff => "MacieOff",
            Self::MacieQuota => "MacieQuota",
            Self::Denied => "Denied",
            Self::Missing => "Missing",
            Self::CopyMismatch => "CopyMismatch",
            Self::Archived => "Archived",
            Self::InvalidInput => "InvalidInput",
            Self::Refused => "Refused",
        }
    }
}

impl Failure {
    /// A failure with its stable name.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: crate::reasons::message(message.into()), cause: None, is_after_verdict: false }
    }

    /// The same, where the verdict stands.
    #[must_use]
    pub fn after_verdict(self) -> Self {
        Self { is_after_verdict: true, ..self }
    }

    /// The same, with what S3 has answered.
    #[must_use]
    pub fn because(self, cause: Cause) -> Self {
        Self { cause: Some(Arc::new(cause)), ..self }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.kind.error_type(), self.message)
    }
}

impl std::error::Error for Failure {}

/// What every step returns.
pub type Result<T> = std::result::Result<T, Failure>;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The definition of the next release may say more, and that of the one before said less: an execution lasts up to 30
    /// days with Macie, and goes on by the definition that it began with.
    #[test]
    fn a_request_of_another_release_is_understood() {
        let (source, verdict) = (
            json!({"Bucket": "b", "Key": "k", "VersionId": "v", "Size": 1, "Sha256": null, "StoredVersionId": null}),
            json!({"Status": "COPIED", "JobId": null, "AnalyticsBucket": "b", "AnalyticsKey": "k",
                "AnalyticsVersionId": "v", "Reasons": []}),
        );
        let first = json!({"Step": "StoreInVault", "Bucket": "b", "Object": {"key": "k"}, "Execution": "e",
            "Source": source, "Verdict": verdict});
        let before: Request = serde_json::from_value(first.clone()).unwrap();
        assert_eq!((before.ingress, before.attempt), (IngressRules::default(), 0));
        assert!(before.source.is_some_and(|source| source.companions.is_empty() && !source.unchanged));
        let mut next = first;
        for place in ["", "/Object", "/Source", "/Verdict"] {
            next.pointer_mut(place).unwrap()["Tomorrow"] = json!({"is": "new"});
        }
        next["Ingress"] = json!({"SettleSeconds": 3, "Tomorrow": 1});
        next["Rules"] = serde_json::to_value(Rules::default()).unwrap();
        let known: Request = serde_json::from_value(next.clone()).unwrap();
        assert!(matches!(known.rules, Some(GivenRules::Known(rules)) if rules == Rules::default()));
        // It may be a stricter one: who judges has to know that it does not know it.
        for place in
            ["/Rules", "/Rules/Prefixes/0", "/Rules/CustomIdentifiers/0", "/Rules/CustomIdentifiers/0/SeverityLevels/0"]
        {
            let mut next = next.clone();
            next["Rules"]["Prefixes"] = json!([{"Prefix": "a/"}]);
            let levels = json!([{"OccurrencesThreshold": 1, "Severity": "high"}]);
            next["Rules"]["CustomIdentifiers"] = json!([{"Name": "n", "Regex": "r", "SeverityLevels": levels}]);
            next.pointer_mut(place).unwrap()["Tomorrow"] = json!({"is": "new"});
            let next: Request = serde_json::from_value(next).unwrap();
            assert_eq!(next.ingress.settle_seconds, 3);
            let Some(GivenRules::Unknown(why)) = next.rules else { panic!("{place}") };
            assert!(why.contains("Tomorrow"), "{why}");
        }
    }

    /// Every path of the state machine's `ResultSelector` exists in every answer.
    #[test]
    fn an_answer_has_every_member() {
        let verdict = Verdict {
            status: Status::IntegrityFail,
            job_id: None,
            analytics_bucket: "b".into(),
            analytics_key: "k".into(),
            analytics_version_id: "v".into(),
            reasons: vec![],
        };
        let answer = Answer { source: None, verdict, notice: None, analysis: None, wait_seconds: None };
        assert_eq!(
            serde_json::to_value(answer).unwrap(),
            json!({"Source": null, "Notice": null, "Analysis": null, "WaitSeconds": null, "Verdict": {"Status": "INTEGRITY_FAIL", "JobId": null,
                "AnalyticsBucket": "b", "AnalyticsKey": "k", "AnalyticsVersionId": "v", "Reasons": []}})
        );
    }
}

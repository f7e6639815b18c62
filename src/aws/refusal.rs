//! What AWS refuses, and what that means: one table from its codes and words to a [`Kind`].
//!
//! Services spell the same thing in many ways, and one spelling may mean two things; what a caller
//! does depends on the kind alone. [`super::waiting`] tries again what passes by itself.

use super::causes::{causes, said};
use anyhow::{Result, anyhow};
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::fmt;

/// What a refusal means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The thing is not there, or not known yet to whom was asked.
    Absent,
    /// It is there already, and ours to be glad of.
    Exists,
    /// What is needed was made just now, and has not spread.
    Propagating,
    /// Another change of it is under way.
    Conflict,
    /// AWS was asked too often.
    Throttled,
    /// Nobody knows whether it took effect: no answer, or a failure of AWS's own.
    Unanswered,
    /// We may not.
    Denied,
    /// It stays so whatever we do: a quota, a wrong value, what is not known here.
    Terminal,
}

/// Tried from top to bottom: a code without its suffix "Exception" (any, if empty), a part of the
/// message (any, if empty), what they mean. A code decides alone unless a row above it knows its words.
const KINDS: &[(&str, &str, Kind)] = &[
    // Denials that no wait will lift (truths X10).
    ("", "explicit deny", Kind::Denied),
    ("", "iam:PassRole", Kind::Denied),
    // A role, its policy or a key that has not spread (truths X1, L2, L5, F2, F3, E5, G2, N3).
    ("InvalidParameterValue", "cannot be assumed by Lambda", Kind::Propagating),
    ("InvalidParameterValue", "does not have permissions to call", Kind::Propagating),
    ("InvalidParameterValue", "invalid for CreateGrant", Kind::Propagating),
    // A queue, or what was set of it, that not everybody knows yet (truths Q3, L17).
    ("InvalidParameterValue", "NonExistentQueue", Kind::Propagating),
    ("InvalidParameterValue", "is less than Function timeout", Kind::Propagating),
    ("AccessDenied", "authorized to assume the provided role", Kind::Propagating),
    ("AccessDenied", "not authorized to access the Log Destination", Kind::Propagating),
    ("Validation", "cannot be assumed by principal", Kind::Propagating),
    // A bucket whose versioning was switched on just now (truths S32).
    ("InvalidRequest", "Versioning must be 'Enabled' on the bucket", Kind::Propagating),
    ("", "KMS key does not exist or is not allowed", Kind::Propagating),
    ("StaleTag", "", Kind::Propagating),
    // Macie is being enabled; the code is that of a denial (truths M1, M4).
    ("AccessDenied", "Macie is not enabled", Kind::Propagating),
    ("AccessDenied", "", Kind::Denied),
    ("AuthorizationError", "", Kind::Denied),
    ("ExpiredToken", "", Kind::Denied),
    // The same code as of a change under way (truths L1, M3).
    ("ResourceConflict", "already exist", Kind::Exists),
    ("Conflict", "already", Kind::Exists),
    ("Conflict", "administrator", Kind::Denied),
    ("AlreadyExists", "", Kind::Exists),
    ("BucketAlreadyOwnedByYou", "", Kind::Exists),
    ("EntityAlreadyExists", "", Kind::Exists),
    ("ExecutionAlreadyExists", "", Kind::Exists),
    ("InvalidInput", "has been taken", Kind::Exists),
    ("QueueAlreadyExists", "", Kind::Exists),
    ("QueueNameExists", "", Kind::Exists),
    ("ResourceAlreadyExists", "", Kind::Exists),
    ("StateMachineAlreadyExists", "", Kind::Exists),
    ("DashboardNotFoundError", "", Kind::Absent),
    ("ExecutionDoesNotExist", "", Kind::Absent),
    ("NonExistentQueue", "", Kind::Absent),
    ("NoSuchBucket", "", Kind::Absent),
    ("NoSuchBucketPolicy", "", Kind::Absent),
    ("NoSuchEntity", "", Kind::Absent),
    ("NoSuchKey", "", Kind::Absent),
    ("NoSuchLifecycleConfiguration", "", Kind::Absent),
    ("NoSuchPublicAccessBlockConfiguration", "", Kind::Absent),
    ("NoSuchTagSet", "", Kind::Absent),
    ("NoSuchUpload", "", Kind::Absent),
    ("NoSuchVersion", "", Kind::Absent),
    ("NotFound", "", Kind::Absent),
    ("ObjectLockConfigurationNotFoundError", "", Kind::Absent),
    ("OwnershipControlsNotFoundError", "", Kind::Absent),
    ("QueueDoesNotExist", "", Kind::Absent),
    ("ReplicationConfigurationNotFoundError", "", Kind::Absent),
    ("ResourceNotFound", "", Kind::Absent),
    ("ServerSideEncryptionConfigurationNotFoundError", "", Kind::Absent),
    ("StateMachineDoesNotExist", "", Kind::Absent),
    ("", "since it has targets", Kind::Conflict),
    ("BucketNotEmpty", "", Kind::Conflict),
    ("ConcurrentAccess", "", Kind::Conflict),
    ("ConcurrentModification", "", Kind::Conflict),
    ("Conflict", "", Kind::Conflict),
    ("DeleteConflict", "", Kind::Conflict),
    // A key that is being brought back (truths K5, K8, K9).
    ("Disabled", "", Kind::Conflict),
    ("KMSInvalidState", "", Kind::Conflict),
    ("EntityTemporarilyUnmodifiable", "", Kind::Conflict),
    ("OperationAborted", "", Kind::Conflict),
    ("QueueDeletedRecently", "", Kind::Conflict),
    ("ResourceConflict", "", Kind::Conflict),
    // An event source mapping that is being changed (truths L17).
    ("ResourceInUse", "", Kind::Conflict),
    ("StateMachineDeleting", "", Kind::Conflict),
    ("RequestLimitExceeded", "", Kind::Throttled),
    ("SlowDown", "", Kind::Throttled),
    ("Throttled", "", Kind::Throttled),
    ("Throttling", "", Kind::Throttled),
    ("TooManyRequests", "", Kind::Throttled),
    // Inside a 200 (truths E3).
    ("Internal", "", Kind::Unanswered),
    ("InternalFailure", "", Kind::Unanswered),
];

/// AWS said no, or could not be asked.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What was asked, in the infinitive: "create topic x".
    pub what: String,
    /// AWS's error code, such as `AccessDeniedException`; empty when there was no answer.
    pub code: String,
    /// AWS's words.
    pub message: String,
    /// The HTTP status; 0 when there was no answer.
    pub status: u16,
}

impl Refusal {
    const NOT_YET: &str = "cvault.NotYet";

    /// One of several in the answer of a call that itself succeeded (truths E3, S19).
    #[must_use]
    pub fn inside(what: impl Into<String>, code: Option<&str>, message: Option<&str>) -> Self {
        let (code, message) = (code.unwrap_or("FailedEntry").into(), message.unwrap_or_default().into());
        Self { what: what.into(), code, message, status: 200 }
    }

    /// What was answered with this status, 0 for nothing, and these words, as far as there are any; `error` is the SDK's own.
    #[must_use]
    pub fn told(
        what: impl Into<String>,
        status: u16,
        (code, message): (Option<&str>, Option<&str>),
        error: &(dyn std::error::Error + 'static),
    ) -> Self {
        let message = match message {
            Some(message) => message.to_owned(),
            None if code.is_none() && status == 0 => causes(error),
            None => String::new(),
        };
        // A HEAD answer has no body, hence no code: its status is all there is (truths S6).
        let code = code.unwrap_or(if status == 404 { "NotFound" } else { "" });
        Self { what: what.into(), code: code.into(), message, status }
    }

    /// What was read is not as it is waited for.
    pub(super) fn not_yet(on: &str) -> Self {
        let message = "AWS does not show it".into();
        Self { what: format!("wait for {on}"), code: Self::NOT_YET.into(), message, status: 0 }
    }

    /// What it means.
    #[must_use]
    pub fn kind(&self) -> Kind {
        let row = |(code, text, _): &&(&str, &str, Kind)| {
            (code.is_empty() || self.is(&[code])) && (text.is_empty() || self.says(text))
        };
        match (KINDS.iter().find(row), self.status) {
            (Some((.., kind)), _) => *kind,
            (None, 0) if self.code == Self::NOT_YET => Kind::Propagating,
            // Not even asked.
            (None, 0) if ["credential", "endpoint is not", "endpoint must"].iter().any(|text| self.says(text)) => {
                Kind::Denied
            }
            (None, 0 | 500 | 502..=504) => Kind::Unanswered,
            (None, 403) => Kind::Denied,
            (None, 429) => Kind::Throttled,
            (None, _) => Kind::Terminal,
        }
    }

    /// True for what is worth another try. That something is not there is so, too, where it must be:
    /// the run has made or seen it, and not everybody in AWS knows yet (truths X2).
    #[must_use]
    pub fn passes(&self) -> bool {
        match self.kind() {
            Kind::Absent | Kind::Propagating | Kind::Conflict | Kind::Throttled | Kind::Unanswered => true,
            Kind::Exists | Kind::Denied | Kind::Terminal => false,
        }
    }

    /// True for any of the codes, with or without the suffix that only some protocols add
    /// (truths X7, X8).
    #[must_use]
    pub fn is(&self, codes: &[&str]) -> bool {
        codes.iter().any(|code| bare(code) == bare(&self.code))
    }

    /// True for a code with this end, the suffix left out.
    pub(super) fn ends(&self, end: &str) -> bool {
        bare(&self.code).ends_with(end)
    }

    /// True when the message contains `text`, in any case.
    #[must_use]
    pub fn says(&self, text: &str) -> bool {
        self.message.to_lowercase().contains(&text.to_lowercase())
    }
}

/// A code without the namespace before it and the suffix behind it.
fn bare(code: &str) -> &str {
    let code = code.rsplit(['.', '#']).next().unwrap_or(code);
    code.strip_suffix("Exception").unwrap_or(code)
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.what)?;
        match (self.code.as_str(), self.status) {
            (Self::NOT_YET | "", 0) => f.write_str(&self.message),
            ("", status) => write!(f, "HTTP {status} {}", self.message),
            (code, _) => write!(f, "{code}: {}", self.message),
        }
    }
}

impl std::error::Error for Refusal {}

/// Turns an SDK answer into ours.
pub trait Answer<T> {
    /// Names what was asked.
    ///
    /// # Errors
    /// The refusal, if it is one.
    fn or_refused(self, what: impl fmt::Display) -> Result<T>;

    /// The same, with `None` where the refusal is one that is `accepted`.
    ///
    /// # Errors
    /// Any other refusal.
    fn or_none_if(self, accepted: impl Fn(&Refusal) -> bool, what: impl fmt::Display) -> Result<Option<T>>;

    /// The same, with `None` where AWS says that the thing is not there.
    ///
    /// # Errors
    /// Any other refusal.
    fn or_absent(self, what: impl fmt::Display) -> Result<Option<T>>;

    /// The same for a deletion, of which it is success that the thing is not there.
    ///
    /// # Errors
    /// Any other refusal.
    fn or_gone(self, what: impl fmt::Display) -> Result<()>;

    /// The same for a creation, with `None` where the thing exists: by an earlier call whose answer was
    /// lost, or by another run.
    ///
    /// # Errors
    /// Any other refusal.
    fn or_exists(self, what: impl fmt::Display) -> Result<Option<T>>;
}

impl<T, E> Answer<T> for Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    fn or_refused(self, what: impl fmt::Display) -> Result<T> {
        self.map_err(|error| anyhow!(refusal(&error, what.to_string())))
    }

    fn or_none_if(self, accepted: impl Fn(&Refusal) -> bool, what: impl fmt::Display) -> Result<Option<T>> {
        match self.map_err(|error| refusal(&error, what.to_string())) {
            Ok(found) => Ok(Some(found)),
            Err(refusal) if accepted(&refusal) => Ok(None),
            Err(refusal) => Err(refusal.into()),
        }
    }

    fn or_absent(self, what: impl fmt::Display) -> Result<Option<T>> {
        self.or_none_if(|refusal| refusal.kind() == Kind::Absent, what)
    }

    fn or_gone(self, what: impl fmt::Display) -> Result<()> {
        self.or_absent(what).map(drop)
    }

    fn or_exists(self, what: impl fmt::Display) -> Result<Option<T>> {
        self.or_none_if(|refusal| refusal.kind() == Kind::Exists, what)
    }
}

fn refusal<E>(error: &SdkError<E, HttpResponse>, what: String) -> Refusal
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    // Without a code it is no answer of AWS's, or one to a HEAD; one of success that cannot be read has its reason.
    let page = error.raw_response().filter(|_| error.code().is_none());
    let page = page.map(|page| if page.status().is_success() { causes(error) } else { said(page) });
    Refusal::told(what, status, (error.code(), error.message().or(page.as_deref())), error)
}

/// Keeps the SDK from trying a hard quota again: KMS, EventBridge and CloudWatch Logs report it by a
/// code that the SDK takes for throttling (truths X5).
#[derive(Debug)]
pub(super) struct Quotas;

impl Quotas {
    const CODE: &str = "LimitExceededException";
}

impl ClassifyRetry for Quotas {
    fn classify_retry(&self, call: &InterceptorContext) -> RetryAction {
        let Some(response) = call.response().filter(|response| response.status().is_client_error()) else {
            return RetryAction::NoActionIndicated;
        };
        // The error's type differs from call to call; its code is in the header, or in the body as
        // `"__type":"…LimitExceededException"`.
        let header = response.headers().get("x-amzn-errortype").unwrap_or_default();
        let body = response.body().bytes().map(String::from_utf8_lossy).unwrap_or_default();
        let is_code = |word: &str| word == Self::CODE;
        let words = |text: &str| text.split(|c: char| !c.is_ascii_alphanumeric()).any(is_code);
        if words(header) || words(&body) { RetryAction::RetryForbidden } else { RetryAction::NoActionIndicated }
    }

    fn name(&self) -> &'static str {
        "hard quotas"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(code: &str, message: &str, status: u16) -> Kind {
        Refusal { what: String::new(), code: code.into(), message: message.into(), status }.kind()
    }

    /// It was done, and nobody knows what was answered.
    #[test]
    fn an_answer_that_cannot_be_read_says_why() {
        let answer = HttpResponse::new(200.try_into().unwrap(), "<ListBuck".into());
        let error = SdkError::<aws_sdk_s3::operation::list_buckets::ListBucketsError, _>::response_error(
            "the document ends too early",
            answer,
        );
        let refused = refusal(&error, "list the account's buckets".into());
        let failure = crate::aws::explained(&refused.into());
        assert_eq!(failure.why, "the answer (HTTP 200) could not be read: the document ends too early");
    }

    #[test]
    fn every_row_is_reachable() {
        for (row, (code, text, is)) in KINDS.iter().enumerate() {
            assert!(!(code.is_empty() && text.is_empty()));
            assert_eq!(kind(code, text, 400), *is, "row {row} is hidden by one above");
        }
    }

    #[test]
    fn all_spellings_of_a_code_are_one() {
        for code in ["NoSuchEntity", "NoSuchEntityException", "com.amazonaws.iam#NoSuchEntityException"] {
            assert_eq!(kind(code, "", 404), Kind::Absent, "{code}");
        }
        for code in ["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"] {
            assert_eq!(kind(code, "", 400), Kind::Absent, "{code}");
        }
    }

    #[test]
    fn one_code_may_mean_two_things() {
        let exists = "Function already exist: cyber_vault-626fa970";
        assert_eq!(kind("ResourceConflictException", exists, 409), Kind::Exists);
        assert_eq!(kind("ResourceConflictException", "An update is in progress", 409), Kind::Conflict);
        assert_eq!(kind("AccessDeniedException", "Macie is not enabled.", 403), Kind::Propagating);
        assert_eq!(kind("AccessDeniedException", "not authorized to perform: macie2:ListFindings", 403), Kind::Denied);
    }

    #[test]
    fn what_no_wait_helps_is_not_waited_for() {
        let denied = "User is not authorized to perform: iam:PassRole because no identity-based policy allows it";
        let by_policy = "not authorized to assume the provided role with an explicit deny in a service control policy";
        for (code, message, status) in [
            ("AccessDeniedException", denied, 403),
            ("AccessDeniedException", by_policy, 403),
            ("LimitExceededException", "The quota of rules is reached", 400),
            ("MalformedPolicyDocument", "Syntax errors in policy.", 400),
            ("BucketAlreadyExists", "", 409),
            ("ExpiredToken", "The security token included in the request is expired", 403),
            ("", "dispatch failure: other: no credentials found in chain", 0),
            ("", "unhandled error: <html>", 200),
        ] {
            let refusal = Refusal { what: String::new(), code: code.into(), message: message.into(), status };
            assert!(!refusal.passes(), "{refusal}");
        }
    }

    #[test]
    fn without_a_code_the_status_decides() {
        assert_eq!(kind("", "", 403), Kind::Denied);
        assert_eq!(kind("", "", 429), Kind::Throttled);
        assert_eq!(kind("", "dispatch failure: timeout", 0), Kind::Unanswered);
        assert_eq!([500, 502, 503, 504].map(|status| kind("", "", status)), [Kind::Unanswered; 4]);
        assert_eq!(kind("", "", 501), Kind::Terminal);
    }
}

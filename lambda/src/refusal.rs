//! What AWS has said to a call that it refused, or why nobody has answered.

use crate::messages::{Failure, FailureKind};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// HTTP's status, 0 without an answer; AWS's code, if there is one; and its words, or the SDK's.
pub fn said<E>(error: &SdkError<E, HttpResponse>) -> (u16, &str, String)
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    let words = error.message().map_or_else(|| error.to_string(), str::to_owned);
    (status, error.code().unwrap_or_default(), words)
}

/// A failure with its stable name: what was to be done, and what AWS has said. Of a call too many it is this kind.
pub fn failure<E>(what: &str, error: &SdkError<E, HttpResponse>, too_many: FailureKind) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let (status, code, message) = said(error);
    let is_too_many = status == 429
        || code.contains("Throttl")
        || matches!(code, "TooManyRequestsException" | "ExecutionLimitExceeded");
    let kind = match status {
        _ if is_too_many => too_many,
        0 | 500.. => FailureKind::Busy,
        401 | 403 => FailureKind::Denied,
        402 => FailureKind::MacieQuota,
        _ if code.contains("AccessDenied") => FailureKind::Denied,
        _ => FailureKind::Refused,
    };
    Failure::new(kind, format!("{what}: HTTP {status} {code} {message}"))
}

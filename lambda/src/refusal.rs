//! What AWS has said to a call that it refused, or why nobody has answered.

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

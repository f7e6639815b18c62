//! What to do about what AWS refuses: its codes and words, and the advice for each.
//!
//! Rows are tried from top to bottom. Each stands for texts that AWS, or the SDK in its place, really
//! sends; `advice/tests/texts.rs` has them, and where they are from.

mod answered;
mod shared;
mod unanswered;

use crate::outcome::failure::AGAIN;
use answered::GRANT;

pub(super) use answered::ANSWERED;
pub(super) use shared::Row;
pub(super) use unanswered::{NO_ANSWER, UNANSWERED};

/// The access key is not known to the very first call.
pub(super) const UNKNOWN_AT_ONCE: &str = "the access key is unknown to AWS: check the profile or AWS_ACCESS_KEY_ID; or the \
    account has not enabled this region";
/// It is known to STS, and not to another service.
pub(super) const UNKNOWN_LATER: &str = "STS knows the access key and this service does not: the account has not enabled this \
    region, or the session's token is not valid in it (take it from STS in this region, or in one that is always enabled); a \
    key made just now is known everywhere after a minute";
/// What an access key is called that is unknown.
pub(super) const UNKNOWN_KEY: &[&str] =
    &["InvalidClientTokenId", "UnrecognizedClient", "InvalidAccessKeyId", "InvalidToken"];

/// The advice where there is nothing but the answer's status (truths S6).
pub(super) fn by_status(status: u16) -> &'static str {
    match status {
        400 => {
            "the credentials have most likely expired, or are another region's: sign in again (`aws sso login`, or a new \
            session); then run the same command again"
        }
        301 => "the bucket is in another region: choose another --stack or --id, or the region in which it is",
        401 | 403 => GRANT,
        407 => "give the proxy's user and password: HTTPS_PROXY=http://user:password@host:port",
        _ => AGAIN,
    }
}

#[cfg(test)]
mod tests;

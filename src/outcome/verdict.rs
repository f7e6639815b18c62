//! A verdict as the function's log has it: how a version was judged, whatever has become of it since.

use super::place::Place;
use serde::Serialize;

/// How a version was judged, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The key that it was uploaded under.
    pub key: String,
    /// The version that it was uploaded as; `None` where there was none any more.
    pub version: Option<String>,
    /// The verdict, such as `HAS_FINDINGS`.
    pub status: String,
    /// Why, in the verdict's words.
    pub reasons: Vec<String>,
    /// What format it has; `None` where none is known.
    pub format: Option<String>,
    /// Bytes.
    pub size: u64,
    /// When it was judged, as RFC 3339 writes it.
    pub at: String,
    /// Whether it was held, and judged again.
    pub again: bool,
    /// The copy in analytics that was judged; its bucket, key and version are empty where there was none.
    pub place: Place,
    /// The version in the vault, where it was stored.
    pub vault_version: Option<String>,
    /// The ARN of the execution that judged it.
    pub execution: String,
}

//! Rules that hold for the keys that begin with a prefix, instead of those that hold for all.

use crate::canary;
use crate::encoding::Encoding;
use crate::format::Format;
use crate::severity::Severity;
use serde::{Deserialize, Serialize};

/// How many prefixes may have rules of their own.
pub const MOST_PREFIXES: usize = 100;

/// What a prefix has of its own; what it leaves out is as for all keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
#[expect(missing_docs, reason = "each is a member of `Rules`")]
pub struct PrefixRules {
    /// What the keys begin with.
    pub prefix: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_formats: Option<Vec<Format>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encodings: Option<Vec<Encoding>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_expanded_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_levels: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_ratio: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_at: Option<Severity>,
}

/// From which severity on findings hold what begins with a prefix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PrefixSeverity {
    /// What the keys begin with.
    pub prefix: String,
    /// The severity.
    pub block_at: Severity,
}

/// Up to how many notices at once are told of each by itself, of what begins with a prefix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PrefixNotices {
    /// What the keys begin with.
    pub prefix: String,
    /// How many; 0: two are one e-mail.
    pub each_up_to: u32,
}

/// The longest of the prefixes that a key begins with. The files of `cvault verify` have none: their verdicts are
/// known beforehand, whatever holds elsewhere.
pub fn longest<'a, T>(all: &'a [T], prefix: impl Fn(&T) -> &str, key: &str) -> Option<&'a T> {
    if canary::is_reserved(key) {
        return None;
    }
    all.iter().filter(|one| key.starts_with(prefix(one))).max_by_key(|one| prefix(one).len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_holds_and_none_for_canaries() {
        let all = ["a/", "a/b/", ".", "a/b"];
        let of = |key: &str| longest(&all, |one| one, key).copied();
        assert_eq!(of("a/b/c.csv"), Some("a/b/"));
        assert_eq!(of("a/bc.csv"), Some("a/b"));
        assert_eq!(of("a/c.csv"), Some("a/"));
        assert_eq!(of("b/a/c.csv"), None);
        assert_eq!(of(".x"), Some("."));
        assert_eq!(of(canary::ALL[0].key()), None);
    }
}

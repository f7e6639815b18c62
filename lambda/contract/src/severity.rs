//! How bad a finding is: by what it is and how often, as Amazon Macie documents it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The severity of a finding, as Macie assigns it; written in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it all")]
pub enum Severity {
    Low,
    Medium,
    High,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        })
    }
}

/// From how many occurrences on findings of an identifier have a severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SeverityLevel {
    /// The least number of occurrences.
    pub occurrences_threshold: u64,
    /// The severity from there on, up to the next level.
    pub severity: Severity,
}

/// The severity of so many occurrences; fewer than the lowest level asks for are no finding.
#[must_use]
pub fn of(count: u64, levels: &[SeverityLevel]) -> Option<Severity> {
    let reached = levels.iter().rev().find(|level| count > 0 && count >= level.occurrences_threshold);
    reached.map(|level| level.severity)
}

/// The level from so many occurrences on.
#[must_use]
pub const fn from(occurrences_threshold: u64, severity: Severity) -> SeverityLevel {
    SeverityLevel { occurrences_threshold, severity }
}

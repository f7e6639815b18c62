//! Where an object stands: the word that verdicts, tags and e-mails have for it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Where an object stands: the contract's final statuses, and those on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// On the way: the copy in analytics is proven.
    Copied,
    /// On the way: intact, nothing sensitive found.
    Clean,
    /// On the way: Macie has not finished.
    Analysing,
    /// On the way: Macie has finished, and its findings can be read.
    Analysed,
    /// In the vault.
    VaultCopy,
    /// Held: not intact, or not a format that is accepted.
    IntegrityFail,
    /// Held: sensitive data.
    HasFindings,
    /// Held: the Macie job was cancelled.
    JobCancelled,
    /// Held: no proof that the whole of it was analysed.
    NotAnalysed,
    /// Nothing to do: another execution has judged this version.
    AlreadySettled,
    /// Nothing to do: its sender has taken it back or replaced it, or what belongs to it has not come yet.
    NothingToJudge,
    /// Gone from ingress, and found nowhere.
    Gone,
    /// Left where it is: no copy of it can be made.
    NotCopied,
    /// The vault's object has no copy in analytics any more.
    Cleared,
}

impl fmt::Display for Status {
    /// Writes the word of the contract, such as `VAULT_COPY`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_contract() {
        for status in [Status::VaultCopy, Status::IntegrityFail, Status::NotAnalysed] {
            assert_eq!(serde_json::to_value(status).unwrap(), status.to_string());
        }
        assert_eq!(Status::JobCancelled.to_string(), "JOB_CANCELLED");
    }
}

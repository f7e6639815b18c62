//! How the function is to use Amazon Macie, as the state machine's definition tells it.

use crate::prefix::{PrefixSeverity, longest};
use crate::severity::Severity;
use serde::{Deserialize, Serialize};

/// How Macie is to analyse, in the terms of its API.
///
/// `Id` is the id of a custom data identifier. Macie assigns it, so the deployer knows it only after `up`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct MacieRules<Id = String> {
    /// Which managed data identifiers are used.
    pub managed_data_identifier_selector: String,
    /// Those that the selector includes or excludes.
    #[serde(default)]
    pub managed_data_identifier_ids: Vec<String>,
    /// The custom data identifiers, by the ids that Macie has given them.
    #[serde(default = "Vec::new")]
    pub custom_data_identifier_ids: Vec<Id>,
    /// How long Macie may take, in hours.
    pub max_hours: u32,
    /// From which severity on findings hold an object.
    pub block_at: Severity,
    /// From which severity on instead, for the keys that begin with a prefix.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub prefixes: Vec<PrefixSeverity>,
}

impl<Id> MacieRules<Id> {
    /// From which severity on findings hold an object of this key.
    #[must_use]
    pub fn block_at(&self, key: &str) -> Severity {
        longest(&self.prefixes, |own| &own.prefix, key).map_or(self.block_at, |own| own.block_at)
    }
}

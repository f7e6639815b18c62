//! The rules that a request has, which may be those of another release.

use contract::Rules;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The rules as a definition has them. One of a later release may have some that this function does not know, and that
/// may be stricter: an execution goes on by the definition that it began with, also when `up --downgrade` has brought back
/// an earlier function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GivenRules {
    /// All of them are known.
    Known(Rules),
    /// Why they are not.
    Unknown(String),
}

impl<'de> Deserialize<'de> for GivenRules {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Value::deserialize(deserializer)?;
        Ok(Rules::deserialize(written).map_or_else(|why| Self::Unknown(why.to_string()), Self::Known))
    }
}

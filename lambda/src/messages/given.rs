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
    /// They have something that this function does not know, as those of a later release do: what that is.
    Unknown(String),
    /// They cannot be read at all, as where something is missing: why.
    Unreadable(String),
}

impl<'de> Deserialize<'de> for GivenRules {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Value::deserialize(deserializer)?;
        Ok(Rules::deserialize(written).map_or_else(|why| Self::without(why.to_string()), Self::Known))
    }
}

impl GivenRules {
    /// What is to be said where they are not known, by what serde says of it.
    fn without(why: String) -> Self {
        if ["unknown field ", "unknown variant "].iter().any(|begins| why.starts_with(begins)) {
            Self::Unknown(why)
        } else {
            Self::Unreadable(why)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_known_is_told_from_what_cannot_be_read() {
        let with = |place: &str, value: Value| {
            let mut rules = serde_json::to_value(Rules::default()).unwrap();
            rules[place] = value;
            serde_json::from_value::<GivenRules>(rules).unwrap()
        };
        let is_unknown = |given| matches!(given, GivenRules::Unknown(_));
        assert!(is_unknown(with("Tomorrow", json!(1))) && is_unknown(with("BlockAt", json!("tomorrow"))));
        assert!(is_unknown(with("AcceptedFormats", json!(["tomorrow"]))));
        for (place, value) in
            [("MaxBytes", json!("many")), ("MaxBytes", Value::Null), ("CustomIdentifiers", json!([{}]))]
        {
            assert!(matches!(with(place, value.clone()), GivenRules::Unreadable(_)), "{place} {value}");
        }
        let other: GivenRules = serde_json::from_value(json!("rules")).unwrap();
        assert!(matches!(other, GivenRules::Unreadable(_)));
    }
}

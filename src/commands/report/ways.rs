//! Which way a clean file goes, as the deployed Express workflow says it. The settings alone do not: where Macie is used,
//! or senders have long to think, nothing goes by it.

use crate::aws::Answer;
use crate::commands::Session;
use anyhow::Result;
use serde_json::Value;

/// What the first state of the workflow compares.
const SIZE: &str = "$.detail.object.size";

/// Below which size, in bytes, a clean file is stored by the Express workflow; 0 where none is, or there is no such workflow.
///
/// # Errors
/// It cannot be read.
pub(super) async fn express_below(session: &Session) -> Result<u64> {
    let (sfn, names) = (&session.aws.sfn, &session.names);
    let described = sfn.describe_state_machine().state_machine_arn(names.express_arn()).send().await;
    let described = described.or_absent(format!("look at state machine {}", names.express()))?;
    let definition = described.and_then(|it| serde_json::from_str(it.definition()).ok());
    Ok(definition.as_ref().and_then(bound).unwrap_or_default())
}

/// The bound of the size anywhere in a definition.
fn bound(definition: &Value) -> Option<u64> {
    match definition {
        Value::Object(members) if members.get("Variable").is_some_and(|it| it == SIZE) => {
            members.get("NumericLessThan").and_then(Value::as_u64)
        }
        Value::Object(members) => members.values().find_map(bound),
        Value::Array(all) => all.iter().find_map(bound),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `up` deploys has exactly one such bound.
    #[test]
    fn the_bound_is_where_the_definition_has_it() {
        let text = include_str!("../../../definitions/express.json");
        assert_eq!(text.matches("\"NumericLessThan\": \"${ExpressBelow}\"").count(), 1);
        let filled = text.replace("\"${ExpressBelow}\"", "33554433").replace("\"${SettleSeconds}\"", "2");
        let filled: Value = serde_json::from_str(&filled).unwrap();
        assert_eq!(bound(&filled), Some(33_554_433));
        assert_eq!(bound(&serde_json::json!({"States": {}})), None);
    }
}

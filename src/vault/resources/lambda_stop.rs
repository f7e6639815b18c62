//! A function that judges nothing although it is as declared: somebody has stopped it, or AWS could not activate it.

use crate::deploy::plan::Step;

/// Why it judges nothing, where somebody has stopped it.
pub const STOPPED: &str = "its reserved concurrency is 0";

/// What is to be done about it: a whole command, where there is one.
#[must_use]
pub fn to_resume(step: &Step) -> String {
    let is_stopped = step.note.as_deref().is_some_and(|note| note.contains(STOPPED));
    let (Some(id), true) = (&step.id, is_stopped) else {
        return "`cvault status` shows it; no file is judged meanwhile".into();
    };
    let region = step.arn.as_deref().and_then(|arn| arn.split(':').nth(3));
    let region = region.map(|region| format!(" --region {region}")).unwrap_or_default();
    format!(
        "if nobody wants it stopped any more, `aws lambda delete-function-concurrency --function-name {id}{region}` \
         lifts that"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::plan::{Action, Standing, State};

    fn step(note: &str) -> Step {
        Step {
            name: "function".into(),
            r#type: "AWS::Lambda::Function",
            id: Some("cyber_vault-x".into()),
            arn: Some("arn:aws:lambda:eu-west-1:123456789012:function:cyber_vault-x".into()),
            state: State::Ok,
            action: Action::Keep,
            differences: vec![],
            note: Some(note.into()),
            owner: None,
            standing: Standing::Wanted,
            halted: true,
            observed: None,
        }
    }

    /// Without its name and region the command fails, or lifts another function's stop.
    #[test]
    fn the_command_is_whole() {
        let command = "`aws lambda delete-function-concurrency --function-name cyber_vault-x --region eu-west-1`";
        let fix = to_resume(&step(&format!("{STOPPED}, and no file is judged")));
        assert!(fix.contains(command), "{fix}");
        assert!(!to_resume(&step("AWS could not activate it")).contains("concurrency"), "that lifts nothing");
    }
}

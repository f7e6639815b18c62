//! What is there already, made by somebody else, and is used by the name or the ARN that the configuration gives:
//! what is looked at before anything is made that would use it.

use crate::deploy::plan::{Plan, Standing, State, Step};
use crate::outcome::failure::Failure;
use crate::vault::names::Names;
use crate::vault::settings::Settings;
use crate::vault::steps;
use anyhow::{Result, bail};

/// The steps of what is there already and is used.
pub fn steps(plan: &Plan) -> impl Iterator<Item = &Step> {
    let is_existing = |step: &&Step| step.name == steps::TOPIC && step.standing == Standing::Shared;
    plan.resources.iter().filter(is_existing)
}

/// Refuses a plan that would use what is not there.
///
/// # Errors
/// It is not: nothing was changed.
pub fn guard_plan(plan: &Plan) -> Result<()> {
    let Some(step) = steps(plan).find(|step| step.state == State::Missing) else { return Ok(()) };
    bail!(Failure::refused(
        format!("use the existing {} {}", step.name, step.id.as_deref().unwrap_or_default()),
        format!("it is not there, in account {}, {}, and not cvault's to make", plan.account, plan.region),
        format!("make it, or take existing.{} away: then the vault gets one of its own", step.name)
    ))
}

/// What `down` says of what stays.
#[must_use]
pub fn notes(plan: &Plan) -> Vec<String> {
    let stays = steps(plan).filter(|step| step.state != State::Missing);
    let note = |step: &Step| {
        let (name, id) = (&step.name, step.id.as_deref().unwrap_or_default());
        let more = if step.name == steps::TOPIC { ", with its subscriptions" } else { "" };
        format!("left as it is, since it was there before the stack: {name} {id}{more}")
    };
    stays.map(note).collect()
}

/// Refuses what is somewhere else, before anything is made that would use it.
///
/// # Errors
/// It is in another partition, region or account than the stack.
pub fn guard(names: &Names, settings: &Settings) -> Result<()> {
    if names.existing.topic.as_ref() == Some(&names.own_topic()) {
        bail!(Failure::usage(
            format!("use the existing topic {}", names.own_topic()),
            "it is the one that the stack makes for itself",
            "leave existing.topic out"
        ));
    }
    let Some(arn) = &settings.function.code_signing_config_arn else { return Ok(()) };
    let Names { partition, region, account, .. } = names;
    if arn.starts_with(&format!("arn:{partition}:lambda:{region}:{account}:")) {
        return Ok(());
    }
    bail!(Failure::usage(
        format!("use the code signing configuration {arn}"),
        format!("the function is in account {account}, {region}: Lambda takes one from there only"),
        "set function.code_signing_config_arn to one of this account and region, or leave it out"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::names::Existing;

    #[test]
    fn the_stack_s_own_topic_is_none_that_exists() {
        let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("x"));
        let passes = |topic: &str| {
            let names = Names { existing: Existing { topic: Some(topic.into()) }, ..names.clone() };
            guard(&names, &Settings::default()).is_ok()
        };
        assert!(passes("ops-alerts") && passes("cyber_vault_notification-y"));
        assert!(!passes("cyber_vault_notification-x"));
    }

    #[test]
    fn only_of_this_account_and_region() {
        let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("x"));
        let passes = |place: &str| {
            let mut settings = Settings::default();
            let arn = format!("arn:{place}:code-signing-config:csc-0a1b2c3d4e5f60718");
            settings.function.code_signing_config_arn = Some(arn);
            guard(&names, &settings).is_ok()
        };
        assert!(guard(&names, &Settings::default()).is_ok());
        assert!(passes("aws:lambda:eu-west-1:123456789012"));
        for elsewhere in [
            "aws-cn:lambda:eu-west-1:123456789012",
            "aws:lambda:eu-west-2:123456789012",
            "aws:lambda:eu-west-1:999999999999",
        ] {
            assert!(!passes(elsewhere), "{elsewhere}");
        }
    }
}

//! What is there already, made by somebody else, and is used by the name or the ARN that the configuration gives:
//! what is looked at before anything is made that would use it.

use crate::deploy::plan::{Difference, Plan, Standing, State, Step};
use crate::outcome::failure::Failure;
use crate::vault::names::Names;
use crate::vault::settings::Settings;
use crate::vault::steps;
use anyhow::{Result, bail};

/// The steps of what is there already and is used.
pub fn steps(plan: &Plan) -> impl Iterator<Item = &Step> {
    let kinds = [steps::TOPIC, steps::KEY];
    let is_existing = move |step: &&Step| kinds.contains(&&*step.name) && step.standing == Standing::Shared;
    plan.resources.iter().filter(is_existing)
}

/// Refuses a plan that would use what is not there, or is not as it has to be.
///
/// # Errors
/// It is not: nothing was changed.
pub fn guard_plan(plan: &Plan) -> Result<()> {
    guard_own_key(plan)?;
    let what = |step: &Step| format!("use the existing {} {}", step.name, step.id.as_deref().unwrap_or_default());
    if let Some(step) = steps(plan).find(|step| step.state == State::Missing) {
        bail!(Failure::refused(
            what(step),
            format!("it is not there, in account {}, {}, and not cvault's to make", plan.account, plan.region),
            format!("make it, or take existing.{} away: then the vault gets one of its own", step.name)
        ));
    }
    let differs = steps(plan).find_map(|step| Some((step, step.differences.first()?)));
    let Some((step, Difference { path, is, should })) = differs else { return Ok(()) };
    let fix = "let its owner change that (\"What is there already\" in the README says how), or name another";
    let why = match path.strip_prefix("/PolicyAllows/") {
        Some(user) => format!("its policy does not let {} use it", user.replace("~1", "/")),
        None => format!("its {} is {is}, and {should} is needed", path.trim_start_matches('/')),
    };
    bail!(Failure::refused(what(step), why, fix))
}

/// Refuses to leave a key of the stack's own behind: what it has encrypted can be read with it alone.
///
/// # Errors
/// The stack has one, and is to use another: nothing was changed.
pub fn guard_own_key(plan: &Plan) -> Result<()> {
    let key = steps(plan).find(|step| step.name == steps::KEY);
    let own = key.and_then(|step| step.observed.as_ref()?.get("OwnKey")?.as_str());
    let Some(own) = own else { return Ok(()) };
    bail!(Failure::refused(
        "use another key than the stack's own",
        format!("{own} has encrypted what the stack holds"),
        "take existing.key away; an existing key is for a stack that is made with it, after `cvault down`"
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
    if names.existing.key.is_some() && settings.enable_macie {
        bail!(Failure::usage(
            "enable Macie with an existing key",
            "cvault notes on its own key that it has enabled Macie, and tags no key of others",
            "enable it by `aws macie2 enable-macie`, then run the same command without --enable-macie"
        ));
    }
    let here = |arn: &str| arn.starts_with(&format!("arn:{}:kms:{}:", names.partition, names.region));
    match names.existing.key.as_deref() {
        Some(alias) if alias == names.key_alias() => bail!(Failure::usage(
            format!("use the existing key {alias}"),
            "it is the one that the stack makes for itself",
            "leave existing.key out"
        )),
        Some(arn) if arn.starts_with("arn:") && !here(arn) => bail!(Failure::usage(
            format!("use the existing key {arn}"),
            format!("the stack is in {}, and S3 takes no key of another region", names.region),
            "name a key of this region, of whichever account"
        )),
        _ => {}
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
    fn a_key_is_of_the_stack_s_region_and_of_any_account() {
        let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("x"));
        let passes = |key: &str| {
            let existing = Existing { key: Some(key.into()), ..Existing::default() };
            guard(&Names { existing, ..names.clone() }, &Settings::default()).is_ok()
        };
        assert!(passes("alias/data") && passes("arn:aws:kms:eu-west-1:999999999999:key/0a1b"));
        let existing = Existing { key: Some("alias/data".into()), ..Existing::default() };
        let enabling = Settings { enable_macie: true, ..Settings::default() };
        assert!(guard(&Names { existing, ..names.clone() }, &enabling).is_err() && guard(&names, &enabling).is_ok());
        for elsewhere in
            ["alias/cyber-vault-x", "arn:aws:kms:us-east-1:123456789012:key/0a1b", "arn:aws-cn:kms:eu-west-1:1:key/0"]
        {
            assert!(!passes(elsewhere), "{elsewhere}");
        }
    }

    #[test]
    fn the_stack_s_own_topic_is_none_that_exists() {
        let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("x"));
        let passes = |topic: &str| {
            let names =
                Names { existing: Existing { topic: Some(topic.into()), ..Existing::default() }, ..names.clone() };
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

//! What is there already, made by somebody else, and is used by the name or the ARN that the configuration gives:
//! what is looked at before anything is made that would use it.

use crate::aws::{Answer, Aws, Kind, Refusal};
use crate::deploy::plan::{Difference, Plan, Standing, State, Step};
use crate::outcome::failure::Failure;
use crate::vault::demand::{self, Demand};
use crate::vault::existing_buckets;
use crate::vault::names::{Existing, Names, Zone};
use crate::vault::policies::{ENCRYPTING, classifier_on};
use crate::vault::resources::bucket::s3_contents::{Contents, is_canary};
use crate::vault::settings::Settings;
use crate::vault::steps;
use anyhow::{Result, bail};
use aws_sdk_kms::types::KeyState;
use classifier::objects::Listed;
use contract::ignored::Ignoring;

/// The steps of what is there already and is used, each with its key in the configuration.
fn steps(plan: &Plan) -> impl Iterator<Item = (&Step, String)> {
    plan.resources.iter().filter(|step| step.standing == Standing::Shared).filter_map(|step| {
        let key = match step.name.as_str() {
            steps::TOPIC | steps::KEY => step.name.clone(),
            name => match (name.strip_prefix(&steps::log_group("")), name.strip_prefix(steps::BUCKET)) {
                (Some(role), _) => format!("log_groups.{role}"),
                (_, zone) => format!("buckets.{}", zone?),
            },
        };
        Some((step, format!("existing.{key}")))
    })
}

/// Refuses a plan that would use what is not there, or is not as it has to be: all of it at once.
///
/// # Errors
/// It is not: nothing was changed.
pub fn guard_plan(plan: &Plan) -> Result<()> {
    let wrong = steps(plan).filter_map(|(step, key)| own(step, &key).or_else(|| demand(plan, step, &key)));
    demand::refused(&wrong.collect::<Vec<_>>())
}

/// What is wrong with something that is to be used.
fn demand(plan: &Plan, step: &Step, key: &str) -> Option<Demand> {
    if step.state == State::Missing {
        let why = format!("it is not there, in account {}, {}, and not cvault's to make", plan.account, plan.region);
        let fix = match used_keys(plan).next() {
            Some(used) if step.name == steps::KEY => format!("make it, or name the key that the stack uses: {used}"),
            _ => format!("make it, or take {key} away: then the vault gets one of its own"),
        };
        return Some(Demand::of(step, why, fix));
    }
    if let Some(owner) = &step.owner {
        return Some(Demand::of(step, owner, "name one of this account and region"));
    }
    if step.differences.is_empty() {
        return None;
    }
    if step.name.starts_with(steps::BUCKET) {
        let (why, fix) = existing_buckets::demand(plan, step);
        return Some(Demand::of(step, why, fix));
    }
    let fix = "let its owner change that (\"What is there already\" in the README says how), or name another";
    Some(Demand::of(step, all_that_differs(&step.differences), fix))
}

fn all_that_differs(differences: &[Difference]) -> String {
    let user = |it: &Difference| Some(it.path.strip_prefix("/PolicyAllows/")?.replace("~1", "/"));
    let (users, others): (Vec<_>, Vec<_>) = differences.iter().partition(|it| user(it).is_some());
    let other = |Difference { path, is, should }: &Difference| {
        format!("its {} is {is}, and {should} is needed", path.trim_start_matches('/'))
    };
    let mut all: Vec<_> = others.into_iter().map(other).collect();
    let users: Vec<_> = users.into_iter().filter_map(user).collect();
    if !users.is_empty() {
        all.push(format!("its policy does not let {} use it", users.join(" and ")));
    }
    all.join("; ")
}

/// Refuses to leave behind what the stack has of its own: a key has encrypted what it holds, and a log group tells
/// what it has done.
///
/// # Errors
/// The stack has some, and is to use others: nothing was changed.
pub fn guard_own(plan: &Plan) -> Result<()> {
    demand::refused(&steps(plan).filter_map(|(step, key)| own(step, &key)).collect::<Vec<_>>())
}

/// What is wrong where the stack has one of its own.
fn own(step: &Step, key: &str) -> Option<Demand> {
    let own = step.observed.as_ref()?.get("Own")?.as_str()?;
    let holds = match step.name.as_str() {
        steps::KEY => "has encrypted what the stack holds",
        name if name.starts_with(steps::BUCKET) => "is where files have landed, or are held",
        _ => "has what it has logged",
    };
    let fix = format!("take {key} away; it is for a stack that is made with it, after `cvault down`");
    let what = format!("use another {} than the stack's own", step.name);
    Some(Demand { what, ..Demand::of(step, format!("{own} is there and {holds}"), fix) })
}

/// The keys that the stack uses until now: the classifier's role names them, and lets go of one last. What else somebody has written
/// there is no key.
fn used_keys(plan: &Plan) -> impl Iterator<Item = &str> {
    let is_key = |text: &&str| {
        let mut parts = text.split(':').skip(2);
        parts.next() == Some("kms")
            && parts.next() == Some(&plan.region)
            && parts.nth(1).is_some_and(|id| id.starts_with("key/") && !id.contains('*'))
    };
    classifier_on(plan, ENCRYPTING).filter(is_key)
}

/// The key that the stack is about to use no more, if there is one: it was another one, or a run was killed that had begun to use
/// another one.
fn left_key(plan: &Plan) -> Option<&str> {
    let key = plan.step(steps::KEY)?.arn.as_deref();
    used_keys(plan).find(|used| key != Some(used))
}

/// Whether all that is in a bucket by now was encrypted with the plan's key: a run was killed that had set the bucket's default, and
/// until then nothing was in it. The classifier, whose role was still the old one, could copy nothing from there.
fn has_changed_over(plan: &Plan, (zone, bucket): (Zone, &Step)) -> bool {
    let encrypting = bucket.observed.as_ref().and_then(|is| is.pointer("/Encryption/KMSMasterKeyID")?.as_str());
    let key = plan.step(steps::KEY).and_then(|key| key.arn.as_deref());
    zone == Zone::Ingress && key.is_some() && key == encrypting
}

/// Refuses to leave a key that has encrypted what waits or is held: the classifier would have no right to it any more. What the
/// vault holds it need not read.
///
/// # Errors
/// Something waits or is held; or that cannot be read.
pub async fn guard_key(aws: &Aws, names: &Names, plan: &Plan, ignoring: &Ignoring) -> Result<()> {
    let Some(used) = left_key(plan) else { return Ok(()) };
    if !may_decrypt(aws, used).await? {
        return Ok(());
    }
    let is_own = |step: &&Step| step.standing == Standing::Wanted && step.observed.is_some() && step.owner.is_none();
    // Whoever has a key of its own by now cannot go back: that was made by a run that was killed.
    let has_own = plan.step(steps::KEY).is_some_and(|key| is_own(&key));
    let again = if has_own { "" } else { "name it in existing.key again; or " };
    let fix = format!(
        "{again}wait until no file is in ingress, release or discard what is held, and run the same command again"
    );
    // Buckets of others have a default encryption of their own, which is looked at.
    for zone in [Zone::Ingress, Zone::Analytics] {
        let Some(step) = plan.step(&steps::bucket(zone)).filter(is_own) else { continue };
        // As `status` counts what waits: what its sender has taken back, or nobody judges, waits for nothing.
        let is_nobodys = |it: &Listed| zone == Zone::Ingress && it.is_ignored(ignoring);
        let is_file = |it: &Listed| !(is_canary(zone, &it.key) || is_nobodys(it));
        let contents = Contents::new(aws, names.bucket(zone), &names.account);
        if has_changed_over(plan, (zone, step)) || !contents.hold_any(is_file).await? {
            continue;
        }
        let holds = if zone == Zone::Ingress { "files wait in it" } else { "files are held in it" };
        bail!(Failure::refused(
            format!("leave key {used} for another one"),
            format!(
                "it has encrypted what {} holds, {holds}, and the classifier could not read them any more",
                step.name
            ),
            fix
        ));
    }
    Ok(())
}

/// Whether what a key has encrypted can still be decrypted, as far as it can be told: a key of another account may be there, and a
/// key of the stack's own that is about to be deleted is brought back.
async fn may_decrypt(aws: &Aws, key: &str) -> Result<bool> {
    let read = aws.kms.describe_key().key_id(key).send().await.or_refused(format!("read key {key}"));
    let error = match read {
        Ok(found) => return Ok(found.key_metadata.is_some_and(|it| it.key_state != Some(KeyState::PendingDeletion))),
        Err(error) => error,
    };
    match error.downcast_ref::<Refusal>().map(Refusal::kind) {
        Some(Kind::Absent) => Ok(false),
        Some(Kind::Denied) => Ok(true),
        _ => Err(error),
    }
}

/// What `down` says of what stays.
#[must_use]
pub fn notes(plan: &Plan) -> Vec<String> {
    let stays = steps(plan).filter(|(step, _)| step.state != State::Missing);
    let note = |(step, _): (&Step, String)| {
        let (name, id) = (&step.name, step.id.as_deref().unwrap_or_default());
        let more = match &step.note {
            _ if step.name == steps::TOPIC => ", with its subscriptions".to_owned(),
            Some(note) if step.name.starts_with(steps::BUCKET) => format!(": {note}"),
            _ => String::new(),
        };
        format!("left as it is, since it was there before the stack: {name} {id}{more}")
    };
    stays.map(note).collect()
}

/// Refuses what is somewhere else or the stack's own, before anything is made that would use it.
///
/// # Errors
/// AWS, or cvault, cannot use it.
pub fn guard(names: &Names, settings: &Settings) -> Result<()> {
    own_names(names)?;
    key(names, settings)?;
    code_signing(names, settings)
}

/// What is called as the stack calls its own belongs to it, or can be taken over.
fn own_names(names: &Names) -> Result<()> {
    let Existing { topic, key, log_groups, buckets } = &names.existing;
    let one = |key: &str, name: Option<&str>, own: String| (format!("existing.{key}"), name == Some(&*own), own);
    let mut all =
        vec![one("topic", topic.as_deref(), names.own_topic()), one("key", key.as_deref(), names.key_alias())];
    all.extend(
        log_groups
            .named()
            .map(|(role, name)| one(&format!("log_groups.{role}"), Some(name), names.own_log_group(role))),
    );
    // The vault's own besides, since that is none to land in.
    all.extend(buckets.named().map(|(zone, name)| {
        let own = [zone, Zone::Vault].map(|zone| names.own_bucket(zone)).into_iter().find(|own| own == name);
        one(&format!("buckets.{zone}"), Some(name), own.unwrap_or_default())
    }));
    let Some((key, _, own)) = all.into_iter().find(|(_, is_own, _)| *is_own) else { return Ok(()) };
    bail!(Failure::usage(
        format!("use {own} as one that is there already"),
        "the stack calls its own so",
        format!("leave {key} out; `cvault up --adopt` takes over what somebody else has made under this name")
    ))
}

fn key(names: &Names, settings: &Settings) -> Result<()> {
    let Some(key) = &names.existing.key else { return Ok(()) };
    if settings.enable_macie {
        bail!(Failure::usage(
            "enable Macie with an existing key",
            "cvault notes on its own key that it has enabled Macie, and tags no key of others",
            "enable it by `aws macie2 enable-macie`, then run the same command without --enable-macie"
        ));
    }
    let here = format!("arn:{}:kms:{}:", names.partition, names.region);
    if key.starts_with("arn:") && !key.starts_with(&here) {
        bail!(Failure::usage(
            format!("use the existing key {key}"),
            format!("the stack is in {}, and S3 takes no key of another region", names.region),
            "name a key of this region, of whichever account"
        ));
    }
    Ok(())
}

fn code_signing(names: &Names, settings: &Settings) -> Result<()> {
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
    use crate::vault::names::LogGroups;

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
    fn what_the_stack_calls_its_own_is_none_that_exists() {
        let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("x"));
        let passes = |existing: Existing| guard(&Names { existing, ..names.clone() }, &Settings::default()).is_ok();
        let topic = |name: &str| Existing { topic: Some(name.into()), ..Existing::default() };
        assert!(passes(topic("ops-alerts")) && passes(topic("cyber_vault_notification-y")));
        assert!(!passes(topic("cyber_vault_notification-x")));
        let sweep = |name: &str| Existing {
            log_groups: LogGroups { sweep: Some(name.into()), ..LogGroups::default() },
            ..Existing::default()
        };
        assert!(passes(sweep("/corp/vault")) && passes(sweep("/aws/lambda/cyber_vault-x")));
        assert!(!passes(sweep("/aws/vendedlogs/states/CyberVaultSweep-x")));
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

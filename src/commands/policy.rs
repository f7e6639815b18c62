//! `cvault policy`: what the identity that runs cvault needs, and who may be it.

use super::doctor::permissions as doctor;
use super::interruption::until_stopped;
use super::session::who;
use super::trust::Trusted;
use super::{gc, held, judge, list, report, rights};
use crate::aws::region::partition_of;
use crate::aws::{Aws, Caller};
use crate::deploy::event::Events;
use crate::deploy::permission::{self, Phase};
use crate::outcome::failure::Failure;
use crate::outcome::interrupt::Interrupt;
use crate::vault::macie::Macie;
use crate::vault::names::Names;
use crate::vault::settings::Settings;
use anyhow::{Result, bail};
use aws_config::SdkConfig;
use serde_json::Value;

/// What an identity is to be able to do.
#[derive(Debug)]
pub struct Deeds {
    /// When its permissions are needed.
    pub phases: Vec<Phase>,
    /// Whether the stack has its key: then no right to make or to tag keys belongs to it.
    pub existing_key: bool,
}

/// What is to be printed.
#[derive(Debug)]
pub struct Request {
    /// What the identity is to be able to do.
    pub deeds: Deeds,
    /// Which part of it, where it is too large for one managed policy.
    pub part: Option<usize>,
    /// Whose runs may be the identity; then the trust policy is printed instead.
    pub trusted: Option<Trusted>,
}

impl Request {
    /// What a reader of the policy should know.
    #[must_use]
    pub fn caution(&self, settings: &Settings) -> Option<&'static str> {
        let existing = self.deeds.existing_key || settings.existing.key.is_some();
        (self.trusted.is_none() && !existing && self.deeds.phases.contains(&Phase::Apply)).then_some(
            "kms:TagResource is allowed on every key of account and region, since AWS demands that to create one with \
             tags: deny it on the keys of others, or use --existing-key once the stack has its key",
        )
    }

    /// How wide the trust is.
    #[must_use]
    pub fn width(&self) -> Option<String> {
        self.trusted.as_ref().and_then(Trusted::width)
    }

    /// What is to be done with a policy that no managed policy has room for.
    #[must_use]
    pub fn size(&self, policy: &Value) -> Option<String> {
        let (size, parts) = (policy.to_string().len(), permission::parts(policy).len());
        (self.part.is_none() && parts > 1).then(|| {
            format!(
                "it has {size} characters, and a managed policy has room for {}. It fits an inline policy of a role; otherwise this makes {parts} \
                 managed policies and attaches them:\n{}",
                permission::LARGEST,
                attaching(parts)
            )
        })
    }

    /// The part that is wanted.
    fn parted(&self, policy: Value) -> Result<Value> {
        let Some(part) = self.part else { return Ok(policy) };
        let mut parts = permission::parts(&policy);
        if !(1..=parts.len()).contains(&part) {
            bail!(Failure::usage(
                format!("print part {part} of the policy"),
                format!(
                    "it has {}",
                    if parts.len() == 1 { "one part".into() } else { format!("{} parts", parts.len()) }
                ),
                format!("--part 1 to {}", parts.len())
            ));
        }
        Ok(parts.swap_remove(part - 1))
    }
}

/// The command that makes so many managed policies and attaches them to a role. What stands between the backticks gets the
/// options of this run, as every command that is named, and is a shell's own.
fn attaching(parts: usize) -> String {
    let numbers: Vec<_> = (1..=parts).map(|part| part.to_string()).collect();
    format!(
        "for n in {}; do aws iam attach-role-policy --role-name ROLE --policy-arn \"$(aws iam create-policy --policy-name cvault-$n \
         --policy-document \"`cvault policy --part $n`\" --query Policy.Arn --output text)\"; done",
        numbers.join(" ")
    )
}

/// What a new key needs, and nothing else: AWS offers nothing narrower than all keys of account and region.
const MAKES_KEYS: [&str; 2] = ["kms:CreateKey", "kms:TagResource"];

/// The policy's document, or the trust policy's. AWS is asked only who we are, and not even that where
/// account and region are given.
///
/// # Errors
/// Who we are cannot be found out, or the repository is none.
pub async fn run(
    settings: &Settings,
    request: &Request,
    config: &SdkConfig,
    (events, interrupt): (&Events, &Interrupt),
) -> Result<Value> {
    let given = settings.expect_account.as_ref().zip(config.region());
    let Caller { partition, account, region, .. } = if let Some((account, region)) = given {
        let region = region.to_string();
        Caller { partition: partition_of(&region).into(), account: account.clone(), region, arn: String::new() }
    } else {
        let aws = Aws::new(config, events.clone(), interrupt.clone());
        until_stopped(interrupt, who(&aws, config)).await?
    };
    let names = settings.names(&partition, &account, &region);
    if let Some(trusted) = &request.trusted {
        return trusted.document(&names);
    }
    request.parted(needed(settings, &names, &Macie::unseen(settings), &request.deeds)?)
}

/// What these deeds need of IAM, as a policy's document.
///
/// # Errors
/// A document of `definitions/` is wrong: a mistake of ours.
pub(super) fn needed(settings: &Settings, names: &Names, macie: &Macie, deeds: &Deeds) -> Result<Value> {
    let later = [
        held::permissions::permissions(names, settings),
        judge::permissions(names, settings),
        report::permissions(names),
        doctor::permissions(names),
        list::permissions(names),
    ];
    let later = later.concat();
    let delete_data = deeds.phases.contains(&Phase::DeleteData);
    let collecting = gc::permissions(settings, names, delete_data)?;
    let mut needed = [rights::of_the_stack(settings, names, macie)?, later, collecting].concat();
    if deeds.existing_key {
        needed.retain(|permission| !permission.actions.iter().any(|action| MAKES_KEYS.contains(action)));
    }
    Ok(permission::policy(&needed, &deeds.phases))
}

//! How the stack uses Amazon Macie: what is wanted, and what there is in the region. Looked at
//! before anything else, since policies and the state machine follow from it.

use crate::aws::{Answer, Aws, Refusal, explained};
use crate::deploy::permission::{Permission, Phase};
use crate::deploy::plan::Plan;
use crate::deploy::resource::Assigned;
use crate::outcome::failure::Failure;
use crate::vault::definitions::Results;
use crate::vault::names::Names;
use crate::vault::resources::macie::macie_identifier::{self, Listed};
use crate::vault::resources::macie::macie_session::{self, Mark, Status, is_elsewhere, is_unreachable};
use crate::vault::settings::{MacieMode as Mode, MacieSettings, Settings};
use crate::vault::steps;
use anyhow::{Error, Result};
use contract::{MacieRules, PrefixRules, PrefixSeverity, Rules};
use serde_json::Value;

/// What is wanted of Macie, and what there is.
#[derive(Clone, Debug)]
pub struct Macie {
    mode: Mode,
    /// Whether `up` may enable it.
    may_enable: bool,
    /// Whether it is enabled.
    pub status: Status,
    /// Where the account exports discovery results, if it does.
    pub results: Option<Results>,
    /// What it has of this stack's custom data identifiers.
    pub identifiers: Vec<Listed>,
}

/// How the function is to use Macie: the settings, with the ids of custom identifiers, which are
/// Macie's, so that they are known after `up` only.
#[must_use]
pub fn rules(settings: &MacieSettings, rules: &Rules, custom_ids: Vec<Assigned>) -> MacieRules<Assigned> {
    let severity =
        |own: &PrefixRules| PrefixSeverity { prefix: own.prefix.clone(), block_at: rules.of(&own.prefix).block_at };
    MacieRules {
        managed_data_identifier_selector: settings.managed_identifiers.macie().into(),
        managed_data_identifier_ids: settings.managed_identifier_ids.clone(),
        custom_data_identifier_ids: custom_ids,
        max_hours: settings.max_hours,
        block_at: rules.block_at,
        prefixes: rules.prefixes.iter().map(severity).collect(),
    }
}

impl Macie {
    /// What is to be reckoned with where nobody has looked.
    #[must_use]
    pub fn unseen(settings: &Settings) -> Self {
        let mode = settings.macie.mode;
        Self { mode, may_enable: mode == Mode::On, status: Status::Enabled, results: None, identifiers: vec![] }
    }

    /// What looking at it, removing what is outdated, and enabling it needs of IAM.
    #[must_use]
    pub fn permissions(&self, names: &Names) -> Vec<Permission> {
        let any = || ["*".to_owned()];
        let identifiers = || [names.custom_identifier_arn("*")];
        let remove = |phase| {
            Permission::new(phase, &["macie2:DeleteCustomDataIdentifier"], identifiers())
                .of_what_is_tagged(names.tags())
        };
        let mut needed = vec![
            Permission::new(Phase::Observe, &["macie2:GetMacieSession", "macie2:ListCustomDataIdentifiers"], any()),
            Permission::new(Phase::Observe, &["macie2:GetCustomDataIdentifier"], identifiers()),
            remove(Phase::Apply),
            remove(Phase::Delete),
            Permission::new(Phase::Delete, &["macie2:ListClassificationJobs"], any()),
            Permission::new(Phase::Delete, &["macie2:UpdateClassificationJob"], [names.macie_job_arn("*")]),
        ];
        if self.is_used() {
            let export = &["macie2:GetClassificationExportConfiguration"];
            needed.push(Permission::new(Phase::Observe, export, any()));
        }
        if self.may_enable {
            let enable =
                &["macie2:EnableMacie", "macie2:UpdateAutomatedDiscoveryConfiguration", "macie2:UpdateMacieSession"];
            let create = Permission::new(Phase::Apply, &["iam:CreateServiceLinkedRole"], [names.macie_role_arn()]);
            needed.extend([
                Permission::new(Phase::Apply, enable, any()),
                Permission::new(Phase::Apply, &["iam:GetRole"], [names.macie_role_arn()]),
                create.when("iam:AWSServiceName", "macie.amazonaws.com"),
            ]);
        }
        needed
    }

    /// Looks at the region's Macie; where it is enabled, and only there, more closely.
    ///
    /// # Errors
    /// It cannot be told whether Macie is enabled: files must not go without it unnoticed.
    pub async fn look(aws: &Aws, settings: &Settings) -> Result<Self> {
        let (mode, may_enable) = (settings.macie.mode, settings.enable_macie);
        let status = macie_session::status(aws).await?;
        let (results, identifiers) = match status {
            Status::Enabled => {
                let (results, identifiers) = futures::join!(results(aws), macie_identifier::list(aws));
                (results?, identifiers?)
            }
            _ => (None, vec![]),
        };
        Ok(Self { mode, may_enable, status, results, identifiers })
    }

    /// What was seen; where nobody could be reached, the region has no Macie. But if the stack uses it, it was there before:
    /// an outage must not take it out of the pipeline.
    ///
    /// # Errors
    /// As [`Self::look`].
    pub async fn or_not_offered(looked: Result<Self>, aws: &Aws, settings: &Settings, names: &Names) -> Result<Self> {
        match looked {
            Err(error) if error.downcast_ref().is_some_and(is_unreachable) && !was_used(aws, names).await => {
                Ok(Self::not_offered(settings))
            }
            looked => looked,
        }
    }

    /// The same for who does not want Macie, and needs no permission to ask for it: it is asked only where the
    /// stack that is there uses it, for what it has of the stack and is to go.
    ///
    /// # Errors
    /// As [`Self::left`].
    pub async fn look_back(aws: &Aws, settings: &Settings, names: &Names) -> Result<Self> {
        if was_used(aws, names).await { Self::left(aws, settings).await } else { Ok(Self::not_offered(settings)) }
    }

    /// What it has of a stack that does not use it any more.
    ///
    /// # Errors
    /// It cannot be told: what nobody sees would stay for ever.
    pub async fn left(aws: &Aws, settings: &Settings) -> Result<Self> {
        let look = async {
            let status = macie_session::status(aws).await?;
            let identifiers = match status {
                Status::Enabled => macie_identifier::list(aws).await?,
                _ => vec![],
            };
            Ok(Self { status, identifiers, ..Self::not_offered(settings) })
        };
        look.await.map_err(unseen)
    }

    fn not_offered(settings: &Settings) -> Self {
        let (mode, may_enable) = (settings.macie.mode, settings.enable_macie);
        Self { mode, may_enable, status: Status::NotOffered, results: None, identifiers: vec![] }
    }

    /// Whether it was not asked, and a run that was killed before it had removed all that Macie has of the stack is seen by the plan: it
    /// removes the queue last.
    #[must_use]
    pub fn may_have_left(&self, plan: &Plan) -> bool {
        self.mode == Mode::Off && self.status == Status::NotOffered && plan.step(steps::MACIE_QUEUE).is_some()
    }

    /// Whether the stack uses it, or is to use it.
    #[must_use]
    pub fn is_used(&self) -> bool {
        match self.mode {
            Mode::On => true,
            Mode::Auto => self.status == Status::Enabled,
            Mode::Off => false,
        }
    }

    /// Whether `up` is to enable it, and how the key tells that it was cvault.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark::new(self.is_used() && self.may_enable && self.status == Status::Off, self.status)
    }

    /// Whether the stack does not use it, and nothing of the stack was seen there.
    #[must_use]
    pub fn is_apart(&self) -> bool {
        !self.is_used() && self.identifiers.is_empty()
    }

    /// Whether Macie's service-linked role may be missing.
    #[must_use]
    pub fn is_to_be_enabled(&self) -> bool {
        self.is_used() && self.status != Status::Enabled
    }

    /// Refuses to go on where Macie is wanted, and neither enabled nor to be enabled.
    ///
    /// # Errors
    /// The refusal.
    pub fn guard(&self, names: &Names) -> Result<(), Failure> {
        let region = &names.region;
        let (why, fix) = match self.status {
            _ if !self.is_to_be_enabled() => return Ok(()),
            Status::NotOffered => (
                format!("there is no Macie in {region}"),
                "choose another region, or --macie auto or off: the built-in detectors alone judge then",
            ),
            _ if self.may_enable => return Ok(()),
            Status::Paused => (
                format!("it is suspended in {region}"),
                "pass --enable-macie to resume it, which costs money, or choose --macie auto or off",
            ),
            _ => (
                format!("it is not enabled in {region}"),
                "pass --enable-macie to enable it, which costs money, or choose --macie auto or off",
            ),
        };
        Err(Failure::refused("use Amazon Macie", why, fix))
    }

    /// Whether Macie is used, and why not, in words.
    #[must_use]
    pub fn used_now(&self, names: &Names) -> Option<String> {
        let region = &names.region;
        let alone = "the built-in detectors alone judge";
        Some(match (self.mode, self.status) {
            (Mode::Off, _) => return None,
            (Mode::On, Status::Off | Status::Paused) if self.may_enable => {
                format!("Amazon Macie is enabled in {region} by `cvault up`, and analyses each clean file then")
            }
            (Mode::On, Status::Off | Status::Paused | Status::NotOffered) => {
                format!("Amazon Macie is wanted and not enabled in {region}: see `cvault up --enable-macie`")
            }
            (_, Status::Enabled) => format!("Amazon Macie, enabled in {region}, analyses each clean file too"),
            (Mode::Auto, Status::Off) => format!("Amazon Macie is not enabled in {region}: {alone}"),
            (Mode::Auto, Status::Paused) => format!("Amazon Macie is suspended in {region}: {alone}"),
            (Mode::Auto, Status::NotOffered) => format!("there is no Amazon Macie in {region}: {alone}"),
        })
    }

    /// The same, and whether it was so when the stack was made.
    #[must_use]
    pub fn notes(&self, names: &Names, plan: &Plan) -> Vec<String> {
        let since = match used_before(plan) {
            Some(before) if before == self.is_used() => None,
            Some(false) => Some("it was not used so far: `cvault up` puts it to use".to_owned()),
            Some(true) => {
                Some("it was used so far: `cvault up` goes on without it, until then files are held".to_owned())
            }
            None => None,
        };
        self.used_now(names).into_iter().chain(since).collect()
    }

    /// What becomes of Macie when the stack goes, in words.
    #[must_use]
    pub fn farewell(&self, names: &Names, plan: &Plan) -> Option<String> {
        let region = &names.region;
        let ours =
            plan.step(steps::KEY).and_then(|step| step.observed.as_ref()?.pointer("/Tags/cvault:macie")).is_some();
        if self.status == Status::Off || self.status == Status::NotOffered || !(ours || self.is_used()) {
            return None;
        }
        let stays = format!("Amazon Macie stays enabled in {region}, and costs money: cvault never disables it");
        Some(if ours {
            format!(
                "{stays}, though it has enabled it. `aws macie2 disable-macie --region {region}` does, and deletes \
                 all findings, jobs and settings of Macie in this account and region"
            )
        } else {
            format!("{stays}, since it was not cvault that enabled it")
        })
    }
}

/// Whether the stack's state machine uses Macie. Where it cannot be read, the plan says so.
async fn was_used(aws: &Aws, names: &Names) -> bool {
    let read = aws.sfn.describe_state_machine().state_machine_arn(names.state_machine_arn()).send().await;
    let definition = read.ok().and_then(|found| serde_json::from_str(&found.definition).ok());
    definition.as_ref().and_then(uses_macie) == Some(true)
}

/// Whether a state machine's definition uses Macie.
fn uses_macie(definition: &Value) -> Option<bool> {
    let states = definition.get("States")?;
    Some(states.pointer("/ReceiveObject/Parameters/Macie").and_then(Value::as_str) == Some("on"))
}

/// Whether the state machine that is there uses Macie; `None` when there is none.
fn used_before(plan: &Plan) -> Option<bool> {
    uses_macie(plan.step(steps::STATE_MACHINE)?.observed.as_ref()?.get("definition")?)
}

/// Macie refuses to say what it has of a stack, and that nobody wants it helps nothing.
fn unseen(error: Error) -> Error {
    if error.downcast_ref::<Refusal>().is_none() {
        return error;
    }
    let fix = "let Macie answer (`cvault policy` says which rights that needs), then run the same command again";
    Failure::new("look for what Macie has of the stack, which has used it", explained(&error).why, fix).into()
}

async fn results(aws: &Aws) -> Result<Option<Results>> {
    let asked = aws.macie.get_classification_export_configuration().send().await;
    let asked = asked.or_none_if(is_elsewhere, "ask where Macie exports its results")?;
    let place = asked.and_then(|asked| asked.configuration?.s3_destination);
    Ok(place.and_then(|place| {
        let prefix = place.key_prefix.as_deref().unwrap_or_default().trim_matches('/');
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Some(Results { bucket: place.bucket_name?, prefix, key_arn: place.kms_key_arn? })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::failure::Exit;

    const STATUSES: [Status; 4] = [Status::Enabled, Status::Paused, Status::Off, Status::NotOffered];

    fn names() -> Names {
        Names::new("aws", "123456789012", "eu-west-1", "s", Some("x"))
    }

    fn macie(mode: Mode, may_enable: bool, status: Status) -> Macie {
        Macie { mode, may_enable, status, results: None, identifiers: vec![] }
    }

    #[test]
    fn auto_follows_the_region_and_off_does_not_care() {
        for status in STATUSES {
            assert_eq!(macie(Mode::Auto, false, status).is_used(), status == Status::Enabled);
            assert!(!macie(Mode::Off, false, status).is_used());
            for mode in [Mode::Auto, Mode::Off] {
                assert_eq!(macie(mode, false, status).guard(&names()), Ok(()));
                assert_eq!(macie(mode, false, status).mark().wanted(), None);
            }
        }
    }

    #[test]
    fn on_is_refused_unless_it_is_or_may_be_enabled() {
        for status in STATUSES {
            let refused =
                |may_enable| macie(Mode::On, may_enable, status).guard(&names()).map_err(|failure| failure.exit);
            let expected = |passes| if passes { Ok(()) } else { Err(Exit::Refused) };
            assert_eq!(refused(false), expected(status == Status::Enabled), "{status:?}");
            assert_eq!(refused(true), expected(status != Status::NotOffered), "{status:?}");
            let mark = macie(Mode::On, true, status).mark();
            assert_eq!(mark.wanted().is_some(), status == Status::Off, "{status:?}: resumed is not enabled");
        }
    }

    #[test]
    fn what_is_not_used_is_said() {
        let plan = Plan::new(&names().identity(), vec![]);
        let notes = |mode, status| macie(mode, false, status).notes(&names(), &plan).concat();
        assert_eq!(notes(Mode::Off, Status::Enabled), "");
        for status in STATUSES {
            let says = notes(Mode::Auto, status).contains("the built-in detectors alone judge");
            assert_eq!(says, status != Status::Enabled, "{status:?}");
        }
        assert!(notes(Mode::On, Status::Off).contains("--enable-macie"));
    }
}

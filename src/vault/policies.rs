//! The policies that have more statements where the configuration asks for what they allow or deny; and what the
//! classifier's says, as it is there.

use crate::deploy::plan::Plan;
use crate::deploy::policy::texts;
use crate::vault::definitions::{self as definition, Definition, Document, Values};
use crate::vault::macie::Macie;
use crate::vault::resources::iam_role::POLICY_NAME;
use crate::vault::settings::Settings;
use crate::vault::steps;
use anyhow::Result;

/// By which statement the classifier deletes what it has copied.
pub const CLEARING: &str = "ClearByVersion";
/// By which it uses the key of what it reads and writes.
pub const ENCRYPTING: &str = "KeyThroughS3";

/// What a statement of the classifier's role, as it was observed, is about; nothing where the role is not there.
pub fn classifier_on<'a>(plan: &'a Plan, statement: &'a str) -> impl Iterator<Item = &'a str> {
    let role = plan.step(&steps::role("classifier")).and_then(|step| step.observed.as_ref());
    let policy = role.map(|role| &role["Policies"][POLICY_NAME]["Statement"]);
    policy.into_iter().flat_map(move |policy| texts(&policy[statement]["Resource"]))
}

/// The policies, each as it is configured.
pub struct Policies {
    /// Of the key.
    pub key: Document,
    /// Of the classifier's role.
    pub classifier: Document,
    /// Of the orchestrator's role.
    pub orchestrator: Document,
    /// Of the bucket ingress.
    pub ingress: Document,
    /// Of the bucket analytics.
    pub analytics: Document,
    /// Of the bucket vault.
    pub vault: Document,
}

impl Policies {
    /// The policies of a stack, filled with its values.
    ///
    /// # Errors
    /// A document of `definitions/` is wrong: a mistake of ours, which a test finds.
    pub fn new(settings: &Settings, macie: &Macie, values: &Values) -> Result<Self> {
        let joined = |of: Definition, more: &[(Definition, bool)]| {
            let wanted = more.iter().filter(|(_, is_wanted)| *is_wanted);
            wanted
                .map(|(more, _)| more.with(values))
                .try_fold(of.with(values)?, |policy, more| Ok::<_, anyhow::Error>(policy.with_statements_of(&more?)))
        };
        let with_macie = macie.is_used();
        let with_results = with_macie && macie.results.is_some();
        let in_vpc = !settings.function.subnet_ids.is_empty();
        let has_writers = !settings.ingress.writers.is_empty();
        let has_four_eyes = settings.vault.has_four_eyes();
        let has_deployers = !settings.vault.deployers.is_empty();
        Ok(Self {
            key: joined(
                definition::KEY,
                &[(definition::KEY_MACIE, with_macie), (definition::KEY_WRITERS, has_writers)],
            )?,
            classifier: joined(
                definition::CLASSIFIER,
                &[
                    (definition::CLASSIFIER_MACIE, with_macie),
                    (definition::CLASSIFIER_MACIE_RESULTS, with_results),
                    (definition::CLASSIFIER_SOURCES, !settings.ingress.sources.is_empty()),
                    (definition::CLASSIFIER_KEYS, !settings.ingress.kms_keys.is_empty()),
                    (definition::CLASSIFIER_VPC, in_vpc),
                ],
            )?,
            orchestrator: joined(definition::ORCHESTRATOR, &[(definition::ORCHESTRATOR_MACIE, with_macie)])?,
            ingress: joined(definition::BUCKET_INGRESS, &[(definition::BUCKET_INGRESS_WRITERS, has_writers)])?,
            analytics: joined(
                definition::BUCKET_ANALYTICS,
                &[(definition::BUCKET_ANALYTICS_APPROVALS, has_four_eyes)],
            )?,
            vault: joined(
                definition::BUCKET_VAULT,
                &[
                    (definition::BUCKET_VAULT_SETTINGS, has_deployers),
                    (definition::BUCKET_VAULT_APPROVALS, has_four_eyes),
                ],
            )?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::policy::Policy;

    #[test]
    fn what_is_looked_for_in_the_role_is_what_it_is_given() {
        let of = |values: &str| serde_json::from_str::<serde_json::Value>(values).unwrap();
        let policy = Policy::from(of(include_str!("../../definitions/policies/classifier.json")));
        let on = |sid: &str| policy.statements().find(|(name, _)| *name == sid).map(|(_, it)| it["Resource"].clone());
        assert_eq!(on(CLEARING), Some(of(r#"["${AnalyticsBucketArn}/*", "${IngressBucketArn}/*"]"#)));
        assert_eq!(on(ENCRYPTING), Some(of(r#"["${KeyArn}"]"#)));
    }
}

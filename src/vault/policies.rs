//! The policies that have more statements where the configuration asks for what they allow or deny.

use crate::vault::definitions::{self as definition, Definition, Document, Values};
use crate::vault::macie::Macie;
use crate::vault::settings::Settings;
use anyhow::Result;

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

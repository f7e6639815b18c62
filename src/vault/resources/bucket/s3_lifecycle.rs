//! What S3 does to objects by their age: the rule of the vault, and which rules of others may stand beside it.

use super::s3_settings::{Reads, Writes};
use crate::aws::Answer;
use crate::vault::names::Zone;
use anyhow::Result;
use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration,
    LifecycleRule as Rule, LifecycleRuleFilter, NoncurrentVersionExpiration, Transition as Move,
    TransitionStorageClass,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// The name of our rule.
const NAME: &str = "cvault";
/// After how many days an unfinished upload is aborted.
const ABORT_DAYS: i32 = 7;

/// What is declared of a bucket.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lifecycle {
    /// After how many days a version that is not current any more expires, if it does.
    pub noncurrent_days: Option<i32>,
    /// After how many days an object expires, if it does: then its version is not current any more.
    pub expire_days: Option<i32>,
    /// When an object moves to another storage class, if it does.
    pub transition: Option<Transition>,
}

/// A move to another storage class.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Transition {
    /// How many days after the object was made.
    pub days: i32,
    /// To which one, in S3's words.
    pub storage_class: String,
}

/// A lifecycle rule, as far as it can delete or move something.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct LifecycleRule {
    status: String,
    prefix: String,
    abort_incomplete_multipart_upload_days: Option<i32>,
    noncurrent_version_expiration_days: Option<i32>,
    expired_object_delete_marker: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration_days: Option<i32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    transitions: Vec<Transition>,
    #[serde(skip_serializing_if = "Option::is_none")]
    others: Option<String>,
}

impl Lifecycle {
    /// The rules that are to be there, by their names.
    #[must_use]
    pub fn rules(&self) -> BTreeMap<String, LifecycleRule> {
        let rule = LifecycleRule {
            status: ExpirationStatus::Enabled.to_string(),
            prefix: String::new(),
            abort_incomplete_multipart_upload_days: Some(ABORT_DAYS),
            noncurrent_version_expiration_days: self.noncurrent_days,
            // S3 takes one of the two, and removes such markers by itself where objects expire.
            expired_object_delete_marker: self.expire_days.is_none(),
            expiration_days: self.expire_days,
            transitions: self.transition.iter().cloned().collect(),
            others: None,
        };
        BTreeMap::from([(NAME.into(), rule)])
    }

    fn rule(&self) -> Result<Rule> {
        let expiration = match self.expire_days {
            Some(days) => LifecycleExpiration::builder().days(days),
            None => LifecycleExpiration::builder().expired_object_delete_marker(true),
        };
        let noncurrent = |days| NoncurrentVersionExpiration::builder().noncurrent_days(days).build();
        let abort = AbortIncompleteMultipartUpload::builder().days_after_initiation(ABORT_DAYS).build();
        let moves = self.transition.iter().map(|Transition { days, storage_class }| {
            let class = TransitionStorageClass::from(storage_class.as_str());
            Move::builder().days(*days).storage_class(class).build()
        });
        let moves: Vec<_> = moves.collect();
        Ok(Rule::builder()
            .id(NAME)
            .status(ExpirationStatus::Enabled)
            .filter(LifecycleRuleFilter::builder().prefix("").build())
            .abort_incomplete_multipart_upload(abort)
            .set_noncurrent_version_expiration(self.noncurrent_days.map(noncurrent))
            .set_transitions((!moves.is_empty()).then_some(moves))
            .expiration(expiration.build())
            .build()?)
    }
}

/// Whether a rule of somebody else's may stand beside ours: it deletes nothing, and archives nothing that has to be
/// read at once.
fn is_harmless(rule: &Rule, zone: Zone) -> bool {
    let expires = rule.expiration.as_ref().is_some_and(|it| it.days.is_some() || it.date.is_some());
    let archives = |class: Option<&TransitionStorageClass>| {
        matches!(class, Some(TransitionStorageClass::Glacier | TransitionStorageClass::DeepArchive))
    };
    let moves = rule.transitions().iter().any(|it| archives(it.storage_class()));
    let moves = moves || rule.noncurrent_version_transitions().iter().any(|it| archives(it.storage_class()));
    rule.id() != Some(NAME)
        && !expires
        && rule.noncurrent_version_expiration().is_none()
        && (zone == Zone::Vault || !moves)
}

impl Reads<'_> {
    /// The lifecycle rules by name, and the names of those of others that do no harm and are none of these.
    ///
    /// # Errors
    /// The call fails.
    pub async fn lifecycle(&self, zone: Zone) -> Result<(BTreeMap<String, LifecycleRule>, Vec<String>)> {
        let rules = self.lifecycle_rules().await?;
        let (others, rules): (Vec<_>, Vec<_>) = rules.into_iter().partition(|rule| is_harmless(rule, zone));
        let name = |rule: &Rule| rule.id.clone().unwrap_or_default();
        let others = others.iter().map(name).collect();
        Ok((rules.into_iter().map(|rule| (name(&rule), rule.into())).collect(), others))
    }

    /// The names of the rules in force that delete or archive what the vault still needs.
    ///
    /// # Errors
    /// The call fails.
    pub async fn harmful_rules(&self, zone: Zone) -> Result<Vec<String>> {
        let in_force = |rule: &Rule| rule.status == ExpirationStatus::Enabled && !is_harmless(rule, zone);
        let rules = self.lifecycle_rules().await?.into_iter().filter(in_force);
        Ok(rules.map(|rule| rule.id.unwrap_or_default()).collect())
    }

    /// The rules of others that do no harm.
    ///
    /// # Errors
    /// The call fails.
    pub async fn harmless_rules(&self, zone: Zone) -> Result<Vec<Rule>> {
        Ok(self.lifecycle_rules().await?.into_iter().filter(|rule| is_harmless(rule, zone)).collect())
    }
}

impl Writes<'_> {
    /// Sets the lifecycle, with the rules of others that stay: S3 replaces all of them (truths S13).
    ///
    /// # Errors
    /// The call fails.
    pub async fn lifecycle(&self, lifecycle: &Lifecycle, others: Vec<Rule>) -> Result<()> {
        let Self { s3, bucket, owner } = *self;
        let rules = others.into_iter().chain([lifecycle.rule()?]).collect();
        let configuration = BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build()?;
        let put = s3.put_bucket_lifecycle_configuration().bucket(bucket).expected_bucket_owner(owner);
        let put = put.lifecycle_configuration(configuration).send().await;
        put.or_refused(format!("set the lifecycle of bucket {bucket}")).map(drop)
    }
}

impl From<Rule> for LifecycleRule {
    fn from(rule: Rule) -> Self {
        #[expect(deprecated, reason = "old rules, and some emulators, still have the prefix there")]
        let prefix = rule.filter.as_ref().and_then(|filter| filter.prefix.clone()).or(rule.prefix);
        let expiration = rule.expiration.unwrap_or_else(|| LifecycleExpiration::builder().build());
        let filter = rule.filter.filter(|filter| {
            let sizes = filter.object_size_greater_than.or(filter.object_size_less_than);
            filter.tag.is_some() || filter.and.is_some() || sizes.is_some()
        });
        let moves = rule.transitions.unwrap_or_default();
        let (by_age, dated): (Vec<_>, Vec<_>) = moves.into_iter().partition(|it| it.date.is_none());
        let others = [
            filter.map(|filter| format!("{filter:?}")),
            expiration.date.map(|date| format!("expires at {date}")),
            (!dated.is_empty()).then(|| format!("{dated:?}")),
            rule.noncurrent_version_transitions.filter(|moves| !moves.is_empty()).map(|moves| format!("{moves:?}")),
            rule.noncurrent_version_expiration
                .as_ref()
                .and_then(|expiration| expiration.newer_noncurrent_versions)
                .map(|count| format!("keeps {count} newer versions")),
        ];
        let others: Vec<_> = others.into_iter().flatten().collect();
        let transition = |it: Move| Transition {
            days: it.days.unwrap_or_default(),
            storage_class: it.storage_class.map(|class| class.to_string()).unwrap_or_default(),
        };
        Self {
            status: rule.status.to_string(),
            prefix: prefix.unwrap_or_default(),
            abort_incomplete_multipart_upload_days: rule
                .abort_incomplete_multipart_upload
                .and_then(|abort| abort.days_after_initiation),
            noncurrent_version_expiration_days: rule
                .noncurrent_version_expiration
                .and_then(|expiration| expiration.noncurrent_days),
            expired_object_delete_marker: expiration.expired_object_delete_marker.unwrap_or_default(),
            expiration_days: expiration.days,
            transitions: by_age.into_iter().map(transition).collect(),
            others: (!others.is_empty()).then(|| others.join("; ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared() -> Lifecycle {
        let transition = Some(Transition { days: 30, storage_class: "GLACIER_IR".into() });
        Lifecycle { noncurrent_days: Some(90), expire_days: Some(365), transition }
    }

    #[test]
    fn what_is_written_is_what_is_declared() {
        for lifecycle in [Lifecycle::default(), declared()] {
            let written = LifecycleRule::from(lifecycle.rule().unwrap());
            assert_eq!(lifecycle.rules(), BTreeMap::from([(NAME.to_owned(), written)]));
        }
    }

    #[test]
    fn a_rule_of_others_that_deletes_or_archives_what_is_read_is_none_to_keep() {
        let rule = || Rule::builder().id("theirs").status(ExpirationStatus::Enabled);
        let moved = |class| rule().transitions(Move::builder().days(1).storage_class(class).build()).build().unwrap();
        let cooler = moved(TransitionStorageClass::StandardIa);
        let archive = moved(TransitionStorageClass::DeepArchive);
        let expiry = LifecycleExpiration::builder().days(400).build();
        let expiring = rule().expiration(expiry).build().unwrap();
        let forgetting = NoncurrentVersionExpiration::builder().noncurrent_days(1).build();
        let forgetting = rule().noncurrent_version_expiration(forgetting).build().unwrap();
        for zone in Zone::ALL {
            assert!(is_harmless(&cooler, zone), "{zone}");
            assert_eq!(is_harmless(&archive, zone), zone == Zone::Vault, "{zone}");
            assert!(!is_harmless(&expiring, zone) && !is_harmless(&forgetting, zone), "{zone}");
            assert!(!is_harmless(&declared().rule().unwrap(), zone), "ours is no other's");
        }
    }
}

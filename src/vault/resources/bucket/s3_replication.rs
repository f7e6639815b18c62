//! Where S3 copies what is stored: the rule of the vault, and those of others, which stay beside it.
//!
//! S3 keeps all rules of a bucket together, under one role for all of them (truths S32).

use super::s3_settings::{Reads, Writes, is_unset};
use crate::aws::Answer;
use crate::deploy::beside;
use crate::outcome::failure::Failure;
use anyhow::{Result, bail};
use aws_sdk_s3::types::{
    AccessControlTranslation, DeleteMarkerReplication, DeleteMarkerReplicationStatus, Destination,
    EncryptionConfiguration, ExistingObjectReplicationStatus, OwnerOverride, ReplicaModificationsStatus,
    ReplicationConfiguration, ReplicationRule as Rule, ReplicationRuleFilter, ReplicationRuleStatus,
    SourceSelectionCriteria, SseKmsEncryptedObjects, SseKmsEncryptedObjectsStatus, StorageClass,
};
use serde::Serialize;

/// The name of our rule.
const NAME: &str = "cvault";
/// How many rules S3 takes.
const MOST_RULES: i32 = 1000;

/// What is declared of a bucket.
#[derive(Clone, Debug, PartialEq)]
pub struct Replication {
    /// The ARN of the role that S3 assumes.
    pub role: String,
    /// The ARN of the bucket that takes the copies.
    pub bucket: String,
    /// The account of that bucket, where it is to own the copies.
    pub account: Option<String>,
    /// The ARN of the key that encrypts the copies.
    pub kms_key: String,
    /// The storage class of the copies, in S3's words; without one that of the object.
    pub storage_class: Option<String>,
}

/// What is compared: the role of all rules, and ours.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct State {
    role: String,
    rule: Option<ReplicationRule>,
    /// The role of the rules of others, where what is declared would take it from them.
    #[serde(skip_serializing_if = "Option::is_none")]
    role_of_others: Option<String>,
}

/// Our rule. Metrics and a time limit, which somebody may have added to it, are left as they are.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ReplicationRule {
    status: String,
    prefix: String,
    bucket: String,
    account: Option<String>,
    owner: Option<String>,
    #[serde(rename = "ReplicaKmsKeyID")]
    replica_kms_key_id: Option<String>,
    storage_class: Option<String>,
    sse_kms_encrypted_objects: Option<String>,
    delete_marker_replication: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    others: Option<String>,
}

impl Replication {
    /// What is to be there.
    #[must_use]
    pub fn state(&self) -> State {
        let rule = ReplicationRule {
            status: ReplicationRuleStatus::Enabled.to_string(),
            prefix: String::new(),
            bucket: self.bucket.clone(),
            account: self.account.clone(),
            owner: self.account.as_ref().map(|_| OwnerOverride::Destination.to_string()),
            replica_kms_key_id: Some(self.kms_key.clone()),
            storage_class: self.storage_class.clone(),
            sse_kms_encrypted_objects: Some(SseKmsEncryptedObjectsStatus::Enabled.to_string()),
            delete_marker_replication: Some(DeleteMarkerReplicationStatus::Disabled.to_string()),
            others: None,
        };
        State { role: self.role.clone(), rule: Some(rule), role_of_others: None }
    }

    /// Our rule, with what others have added to the one that is there.
    fn rule(&self, found: Option<&Rule>, priority: i32) -> Result<Rule> {
        let added = found.and_then(|rule| rule.destination.as_ref());
        let owner = |_: &String| AccessControlTranslation::builder().owner(OwnerOverride::Destination).build();
        let destination = Destination::builder()
            .bucket(&self.bucket)
            .set_account(self.account.clone())
            .set_access_control_translation(self.account.as_ref().map(owner).transpose()?)
            .encryption_configuration(EncryptionConfiguration::builder().replica_kms_key_id(&self.kms_key).build())
            .set_storage_class(self.storage_class.as_deref().map(StorageClass::from))
            .set_replication_time(added.and_then(|it| it.replication_time.clone()))
            .set_metrics(added.and_then(|it| it.metrics.clone()))
            .build()?;
        // All objects of the vault are encrypted with a key of KMS, and S3 passes such by unless it is told not to.
        let encrypted = SseKmsEncryptedObjects::builder().status(SseKmsEncryptedObjectsStatus::Enabled).build()?;
        let none = DeleteMarkerReplication::builder().status(DeleteMarkerReplicationStatus::Disabled).build();
        Ok(Rule::builder()
            .id(NAME)
            .priority(priority)
            .status(ReplicationRuleStatus::Enabled)
            .filter(ReplicationRuleFilter::builder().prefix("").build())
            .source_selection_criteria(SourceSelectionCriteria::builder().sse_kms_encrypted_objects(encrypted).build())
            // A copy that loses what the vault hides would be none.
            .delete_marker_replication(none)
            .destination(destination)
            .build()?)
    }
}

/// The replication that is there, in our rule and those of others.
#[derive(Debug, Default)]
pub struct Parted {
    role: String,
    own: Option<Rule>,
    others: Vec<Rule>,
}

impl From<ReplicationConfiguration> for Parted {
    fn from(found: ReplicationConfiguration) -> Self {
        let (own, others): (Vec<_>, Vec<_>) = found.rules.into_iter().partition(|rule| rule.id() == Some(NAME));
        Self { role: found.role, own: own.into_iter().next(), others }
    }
}

impl Parted {
    /// What is to be compared: rules of others alone are nothing, as long as what is declared has room beside them.
    #[must_use]
    pub fn compared(&self, declared: Option<&Replication>) -> Option<State> {
        let has_no_room = declared.is_some_and(|it| self.has_no_room_for(it));
        (self.own.is_some() || has_no_room).then(|| State {
            role: self.role.clone(),
            rule: self.own.clone().map(Into::into),
            role_of_others: has_no_room.then(|| self.role.clone()),
        })
    }

    /// What is to be said of the rules of others, where there are some.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        let names: Vec<_> = self.others.iter().map(|rule| rule.id.clone().unwrap_or_default()).collect();
        beside::note("replication rules", &names)
    }

    /// Whether the rules of others have another role, which what is declared would take from them.
    fn has_no_room_for(&self, declared: &Replication) -> bool {
        !self.others.is_empty() && self.role != declared.role
    }

    /// What is to be there, with the rules of others; `None` for nothing at all.
    ///
    /// # Errors
    /// The rules of others have another role.
    pub fn joined(self, declared: Option<&Replication>) -> Result<Option<ReplicationConfiguration>> {
        if let Some(declared) = declared.filter(|it| self.has_no_room_for(it)) {
            bail!(another_role(&self.role, &declared.role));
        }
        let ours = declared.map(|it| it.rule(self.own.as_ref(), self.priority())).transpose()?;
        let role = declared.map_or(self.role, |it| it.role.clone());
        let rules: Vec<_> = self.others.into_iter().chain(ours).collect();
        if rules.is_empty() {
            return Ok(None);
        }
        Ok(Some(ReplicationConfiguration::builder().role(role).set_rules(Some(rules)).build()?))
    }

    /// A number that no other rule has, as S3 wants it: the one that ours has, or the least.
    fn priority(&self) -> i32 {
        let is_free = |number: &i32| self.others.iter().all(|rule| rule.priority != Some(*number));
        let own = self.own.as_ref().and_then(|rule| rule.priority).filter(is_free);
        own.or_else(|| (1..=MOST_RULES).find(is_free)).unwrap_or(1)
    }
}

/// Why a replication cannot be added to that of others.
#[must_use]
pub fn another_role(theirs: &str, ours: &str) -> Failure {
    Failure::refused(
        "replicate the vault beside what others have added",
        format!("their rules have the role {theirs}, and S3 has one for all rules of a bucket"),
        format!("set vault.replication.role to that one; or give theirs {ours}, or remove them"),
    )
}

impl Reads<'_> {
    /// The replication.
    ///
    /// # Errors
    /// The call fails.
    pub async fn replication(&self) -> Result<Parted> {
        let read = self.s3.get_bucket_replication().bucket(self.bucket).expected_bucket_owner(self.owner).send().await;
        let found = read.or_none_if(is_unset, format!("read the replication of bucket {}", self.bucket))?;
        Ok(found.and_then(|found| found.replication_configuration).map(Parted::from).unwrap_or_default())
    }
}

impl Writes<'_> {
    /// Sets the replication, or removes it: S3 replaces all of its rules.
    ///
    /// # Errors
    /// The call fails.
    pub async fn replication(&self, whole: Option<ReplicationConfiguration>) -> Result<()> {
        let Self { s3, bucket, owner } = *self;
        let Some(whole) = whole else {
            let deleted = s3.delete_bucket_replication().bucket(bucket).expected_bucket_owner(owner).send().await;
            return deleted.or_refused(format!("remove the replication of bucket {bucket}")).map(drop);
        };
        let put = s3.put_bucket_replication().bucket(bucket).expected_bucket_owner(owner);
        let put = put.replication_configuration(whole).send().await;
        put.or_refused(format!("set the replication of bucket {bucket}")).map(drop)
    }
}

impl From<Rule> for ReplicationRule {
    fn from(rule: Rule) -> Self {
        #[expect(deprecated, reason = "rules of S3's first schema have the prefix there")]
        let prefix = rule.filter.as_ref().and_then(|filter| filter.prefix.clone()).or(rule.prefix);
        let filter = rule.filter.filter(|filter| filter.tag.is_some() || filter.and.is_some());
        let existing =
            rule.existing_object_replication.filter(|it| it.status != ExistingObjectReplicationStatus::Disabled);
        let selected = rule.source_selection_criteria;
        let modifications = selected.as_ref().and_then(|it| it.replica_modifications.clone());
        let modifications = modifications.filter(|it| it.status != ReplicaModificationsStatus::Disabled);
        let others = [
            filter.map(|it| format!("{it:?}")),
            existing.map(|it| format!("{it:?}")),
            modifications.map(|it| format!("{it:?}")),
        ];
        let others: Vec<_> = others.into_iter().flatten().collect();
        let to = rule.destination;
        let of = |get: fn(&Destination) -> Option<String>| to.as_ref().and_then(get);
        Self {
            status: rule.status.to_string(),
            prefix: prefix.unwrap_or_default(),
            bucket: of(|to| Some(to.bucket.clone())).unwrap_or_default(),
            account: of(|to| to.account.clone()),
            owner: of(|to| Some(to.access_control_translation.as_ref()?.owner.to_string())),
            replica_kms_key_id: of(|to| to.encryption_configuration.as_ref()?.replica_kms_key_id.clone()),
            storage_class: of(|to| Some(to.storage_class.as_ref()?.to_string())),
            sse_kms_encrypted_objects: selected.and_then(|it| Some(it.sse_kms_encrypted_objects?.status.to_string())),
            delete_marker_replication: rule.delete_marker_replication.and_then(|it| Some(it.status?.to_string())),
            others: (!others.is_empty()).then(|| others.join("; ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_s3::types::{ExistingObjectReplication, Metrics, MetricsStatus, Tag};

    fn declared() -> Replication {
        Replication {
            role: "arn:aws:iam::123456789012:role/replicate".into(),
            bucket: "arn:aws:s3:::copy".into(),
            account: Some("210987654321".into()),
            kms_key: "arn:aws:kms:eu-central-1:210987654321:key/0a1b".into(),
            storage_class: Some("GLACIER_IR".into()),
        }
    }

    fn theirs(id: &str, priority: i32) -> Rule {
        Rule::builder().id(id).priority(priority).status(ReplicationRuleStatus::Enabled).build().unwrap()
    }

    fn there(role: &str, rules: Vec<Rule>) -> Parted {
        ReplicationConfiguration::builder().role(role).set_rules(Some(rules)).build().unwrap().into()
    }

    #[test]
    fn what_is_written_is_what_is_declared() {
        let least = Replication { account: None, storage_class: None, ..declared() };
        for declared in [declared(), least] {
            let written = Parted::from(Parted::default().joined(Some(&declared)).unwrap().unwrap());
            assert_eq!(written.compared(Some(&declared)), Some(declared.state()));
            assert_eq!(written.note(), None);
        }
    }

    /// Each member of the rule, and the role: changed by hand, it is a difference.
    #[test]
    fn what_is_changed_in_our_rule_is_seen() {
        let declared = declared();
        let rule = || declared.rule(None, 1).unwrap();
        let but = |change: &dyn Fn(&mut Rule)| {
            let mut rule = rule();
            change(&mut rule);
            rule
        };
        let to = |change: &dyn Fn(&mut Destination)| but(&|rule| change(rule.destination.as_mut().unwrap()));
        let tag = Tag::builder().key("a").value("b").build().unwrap();
        let narrow = ReplicationRuleFilter::builder().prefix("").tag(tag).build();
        let below = ReplicationRuleFilter::builder().prefix("a").build();
        let markers = DeleteMarkerReplication::builder().status(DeleteMarkerReplicationStatus::Enabled).build();
        let existing = ExistingObjectReplication::builder().status(ExistingObjectReplicationStatus::Enabled);
        let existing = existing.build().unwrap();
        let changed = [
            but(&|it| it.status = ReplicationRuleStatus::Disabled),
            but(&|it| it.filter = Some(below.clone())),
            but(&|it| it.filter = Some(narrow.clone())),
            but(&|it| it.source_selection_criteria = None),
            but(&|it| it.delete_marker_replication = Some(markers.clone())),
            but(&|it| it.existing_object_replication = Some(existing.clone())),
            to(&|it| it.bucket = "arn:aws:s3:::other".into()),
            to(&|it| it.account = None),
            to(&|it| it.access_control_translation = None),
            to(&|it| it.encryption_configuration = None),
            to(&|it| it.storage_class = None),
        ];
        let should = Some(declared.state());
        for rule in changed {
            assert_ne!(there(&declared.role, vec![rule.clone()]).compared(Some(&declared)), should, "{rule:?}");
        }
        assert_ne!(there("arn:aws:iam::123456789012:role/other", vec![rule()]).compared(Some(&declared)), should);
    }

    #[test]
    fn rules_of_others_stay_and_ours_gets_a_number_of_its_own() {
        let (declared, role) = (declared(), declared().role);
        let found = || there(&role, vec![theirs("a", 1), theirs("b", 2)]);
        assert_eq!((found().compared(None), found().compared(Some(&declared))), (None, None));
        assert!(found().note().unwrap().ends_with("a, b"));
        let joined = Parted::from(found().joined(Some(&declared)).unwrap().unwrap());
        assert_eq!(joined.others, found().others);
        assert_eq!(joined.own.as_ref().unwrap().priority, Some(3));
        assert_eq!(joined.compared(Some(&declared)), Some(declared.state()));
        // Not declared any more: it differs, goes, and theirs are left under the role that they had.
        assert!(joined.compared(None).is_some());
        let left = Parted::from(joined.joined(None).unwrap().unwrap());
        assert_eq!((left.role, left.own, left.others), (role.clone(), None, found().others));
        assert_eq!(there(&role, vec![declared.rule(None, 7).unwrap()]).joined(None).unwrap(), None);
        let taken = there(&role, vec![theirs("a", 7), declared.rule(None, 7).unwrap()]);
        assert_eq!((taken.priority(), there(&role, vec![declared.rule(None, 7).unwrap()]).priority()), (1, 7));
    }

    #[test]
    fn rules_of_others_keep_their_role() {
        let declared = declared();
        let found = || there("arn:aws:iam::123456789012:role/theirs", vec![theirs("a", 1)]);
        assert!(found().compared(None).is_none() && found().compared(Some(&declared)).unwrap().rule.is_none());
        let refused = found().joined(Some(&declared)).unwrap_err().to_string();
        assert!(refused.contains("role/theirs"), "{refused}");
        assert_eq!(found().joined(None).unwrap().unwrap().role, "arn:aws:iam::123456789012:role/theirs");
        // Where ours is among them, too; and alone it is ours to say.
        let ours = || declared.rule(None, 2).unwrap();
        let both = || there("arn:aws:iam::123456789012:role/other", vec![theirs("a", 1), ours()]);
        assert!(both().joined(Some(&declared)).is_err());
        assert_ne!(both().compared(Some(&declared)), Some(declared.state()));
        let alone = there("arn:aws:iam::123456789012:role/other", vec![ours()]);
        assert_eq!(alone.joined(Some(&declared)).unwrap().unwrap().role, declared.role);
    }

    #[test]
    fn metrics_that_others_switch_on_stay() {
        let declared = declared();
        let mut rule = declared.rule(None, 1).unwrap();
        let metrics = Metrics::builder().status(MetricsStatus::Enabled).build().unwrap();
        rule.destination.as_mut().unwrap().metrics = Some(metrics.clone());
        let found = there(&declared.role, vec![rule]);
        assert_eq!(found.compared(Some(&declared)), Some(declared.state()));
        let written = found.joined(Some(&declared)).unwrap().unwrap();
        assert_eq!(written.rules[0].destination.as_ref().unwrap().metrics, Some(metrics));
    }
}

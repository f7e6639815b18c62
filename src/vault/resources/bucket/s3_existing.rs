//! A bucket that was there before the stack, and is used as it is: its settings, its policy, its tags and what else is
//! in it are its owner's.
//!
//! What the pipeline and its promises need of it is looked at, and refused where it is not so. The versions have to be
//! kept (each is judged by its id), nothing may delete or lock them before they are judged, S3 has to tell
//! EventBridge of them, and the classifier has to be able to read, write and delete them: the default encryption is
//! S3's own or by the key of the configuration, and no statement of its policy denies the classifier what its role
//! allows. What protects held files cannot be given up either: nobody else owns an object, the public is
//! kept out, and the policy has each statement that a bucket of the stack's own would have; others may stand beside.
//! Where a statement denies something under a condition that nobody can see beforehand, and where a
//! lifecycle deletes what is held, that is a note: whoever owns the bucket decides.

use super::s3_bucket::Bucket;
use super::s3_permissions::READING;
use super::s3_settings::{ObjectLock, PublicAccessBlock, Reads, is_anothers, is_without_bucket};
use crate::aws::Aws;
use crate::deploy::denial::{Deeds, Denial};
use crate::deploy::permission::{Permission, Phase};
use crate::deploy::plan::{Change, Standing};
use crate::deploy::policy::{Policy, texts};
use crate::deploy::resource::{Assigned, Observed, Resource};
use crate::vault::definitions::Document;
use crate::vault::names::{Names, Zone};
use crate::vault::steps;
use anyhow::{Result, bail};
use aws_sdk_s3::types::{BucketVersioningStatus, ObjectOwnership, ServerSideEncryption};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The bucket that the configuration names for a zone.
pub struct ExistingBucket {
    names: Names,
    zone: Zone,
    key_arn: Assigned,
    /// What a bucket of the stack's own would have.
    policy: Document,
    /// What the classifier's role allows.
    classifier: Document,
    /// Whether Macie reads what is in it.
    read_by_macie: bool,
    /// The key of the default encryption, once it is observed.
    encrypted_with: Assigned,
}

/// What is needed of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct State {
    encryption: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_bridge_enabled: Option<bool>,
    /// The rules that delete or archive what waits.
    lifecycle: Vec<String>,
    mfa_delete: bool,
    /// A default retention would keep what is to be deleted once its copy is proven.
    object_lock: Option<ObjectLock>,
    object_ownership: Option<String>,
    /// One of the stack's own, which has what has landed or is held until now.
    #[serde(skip_serializing_if = "Option::is_none")]
    own: Option<String>,
    /// The statements that are to be there, by our names of them.
    policy: BTreeMap<String, Value>,
    /// What statements deny to the classifier.
    policy_denies: BTreeMap<String, Vec<String>>,
    /// What they deny to Macie, where it reads.
    policy_denies_macie: BTreeMap<String, Vec<String>>,
    public_access_block: Option<PublicAccessBlock>,
    /// The stack that has made it: two would judge, and clear, the same files.
    #[serde(skip_serializing_if = "Option::is_none")]
    stack: Option<String>,
    versioning: Option<String>,
}

impl ExistingBucket {
    /// The bucket of the zone; `policy` is what one of the stack's own would have, `classifier` what is done with it.
    #[must_use]
    pub fn new(names: &Names, zone: Zone, key_arn: &Assigned, policy: Document, classifier: Document) -> Self {
        let (names, key_arn, encrypted_with) = (names.clone(), key_arn.clone(), Assigned::default());
        Self { names, zone, key_arn, policy, classifier, read_by_macie: false, encrypted_with }
    }

    /// The same, of which Macie reads what is held, if it does.
    #[must_use]
    pub fn read_by_macie(self, reads: bool) -> Self {
        Self { read_by_macie: reads && self.zone == Zone::Analytics, ..self }
    }

    fn bucket(&self) -> String {
        self.names.bucket(self.zone)
    }

    /// What the classifier does with it, by its role.
    fn deeds(&self) -> Deeds {
        let arn = self.names.bucket_arn(self.zone);
        let resources = [arn.clone(), format!("{arn}/*")];
        let mut needed = vec![];
        for (_, statement) in Policy::from(self.classifier.value()).statements() {
            for resource in resources.iter().filter(|it| texts(&statement["Resource"]).any(|text| text == **it)) {
                needed.extend(texts(&statement["Action"]).map(|action| (action.to_owned(), resource.clone())));
            }
        }
        Deeds { role: self.names.role_arn("classifier"), needed }
    }

    /// What Macie does with it, by the role that its service has in the account.
    fn deeds_of_macie(&self) -> Deeds {
        let arn = self.names.bucket_arn(self.zone);
        let reads = [("s3:ListBucket", arn.clone()), ("s3:GetObject", format!("{arn}/*"))];
        let needed = reads.into_iter().filter(|_| self.read_by_macie).map(|(action, on)| (action.to_owned(), on));
        Deeds { role: self.names.macie_role_arn(), needed: needed.collect() }
    }

    /// Those of our statements that stand in its policy, whatever they are called there.
    fn found_of_ours(&self, policy: &Policy) -> BTreeMap<String, Value> {
        let is_there = |wanted: &Value| policy.statements().any(|(_, statement)| statement == wanted);
        self.statements().into_iter().filter(|(_, statement)| is_there(statement)).collect()
    }

    fn statements(&self) -> BTreeMap<String, Value> {
        let ours = Policy::from(self.policy.value());
        ours.statements().map(|(sid, statement)| (sid.to_owned(), statement.clone())).collect()
    }

    /// Whether the key of the default encryption, by whichever name, is the one of the configuration.
    fn is_key(&self, key: &str) -> bool {
        let Some(named) = &self.names.existing.key else { return false };
        let id = |key: &str| key.rsplit(":key/").next().unwrap_or_default().to_owned();
        let is_named = key == named || key.ends_with(&format!(":{named}"));
        is_named || self.key_arn.get().is_some_and(|arn| id(arn) == id(key))
    }

    async fn own(&self, aws: &Aws) -> Result<Option<String>> {
        let name = self.names.own_bucket(self.zone);
        let reads = Reads { s3: &aws.s3, bucket: &name, owner: &self.names.account };
        let tags = match reads.tags().await {
            // Somebody else may have taken its name, which nobody wants.
            Err(error) if is_anothers(&error) || error.downcast_ref().is_some_and(is_without_bucket) => {
                return Ok(None);
            }
            tags => tags?,
        };
        let is_ours = self.names.are_ours(tags.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        Ok(is_ours.then_some(name))
    }

    fn note(&self, denials: &[String], rules: &[String]) -> Option<String> {
        let mut notes = vec![];
        if !denials.is_empty() {
            let (denials, one) = (denials.join(", "), "under conditions that cvault cannot evaluate beforehand");
            notes.push(format!("its policy may deny the classifier something, {one}: {denials}"));
        }
        if self.zone == Zone::Analytics && !rules.is_empty() {
            notes.push(format!("its lifecycle deletes or archives what is held: {}", rules.join(", ")));
        }
        (!notes.is_empty()).then(|| notes.join("; "))
    }
}

impl Resource for ExistingBucket {
    type State = State;
    const TYPE: &'static str = Bucket::TYPE;

    fn name(&self) -> String {
        steps::bucket(self.zone)
    }

    fn id(&self) -> Option<String> {
        Some(self.bucket())
    }

    fn arn(&self) -> Option<String> {
        Some(self.names.bucket_arn(self.zone))
    }

    fn standing(&self) -> Standing {
        Standing::Shared
    }

    fn desired(&self) -> State {
        let encryption = match self.encrypted_with.get() {
            // The key is looked at meanwhile: its ARN is known by now.
            Some(encryption) if encryption.rsplit(' ').next().is_some_and(|key| self.is_key(key)) => encryption,
            _ => ServerSideEncryption::Aes256.as_str(),
        };
        State {
            encryption: encryption.to_owned(),
            event_bridge_enabled: (self.zone == Zone::Ingress).then_some(true),
            lifecycle: vec![],
            mfa_delete: false,
            object_lock: None,
            object_ownership: Some(ObjectOwnership::BucketOwnerEnforced.to_string()),
            own: None,
            policy: self.statements(),
            policy_denies: BTreeMap::new(),
            policy_denies_macie: BTreeMap::new(),
            public_access_block: Some(PublicAccessBlock::ALL),
            stack: None,
            versioning: Some(BucketVersioningStatus::Enabled.to_string()),
        }
    }

    async fn observe(&self, aws: &Aws) -> Result<Observed<State>> {
        let reads = Reads { s3: &aws.s3, bucket: &self.bucket(), owner: &self.names.account };
        let (found, encryption, event_bridge, rules, object_lock, ownership, policy, public, tags, versioning) = futures::join!(
            reads.find(),
            reads.encryption(),
            reads.event_bridge(),
            reads.harmful_rules(self.zone),
            reads.object_lock(),
            reads.ownership(),
            reads.policy(),
            reads.public_access_block(),
            reads.tags(),
            reads.versioning_and_mfa(),
        );
        let tags = match found?.or_observed(&self.bucket(), tags)? {
            Ok(tags) => tags,
            Err(observed) if observed.lost.is_none() => {
                return Ok(observed.noted("not there, and not cvault's to make"));
            }
            Err(observed) => return Ok(observed),
        };
        // None is S3's own, with which S3 encrypts whatever else is not asked for.
        let encryption = encryption?.map_or_else(
            || ServerSideEncryption::Aes256.to_string(),
            |it| [Some(it.algorithm), it.key].into_iter().flatten().collect::<Vec<_>>().join(" "),
        );
        self.encrypted_with.set(&encryption);
        let policy = policy?.unwrap_or_else(|| Policy::from(json!({})));
        let (possible, policy_denies) = told_apart(self.deeds().denied_by(&policy));
        let (_, policy_denies_macie) = told_apart(self.deeds_of_macie().denied_by(&policy));
        let rules = rules?;
        let note = self.note(&possible, &rules);
        let (versioning, mfa_delete) = versioning?;
        let event_bridge = event_bridge?;
        let observed = Observed::present(State {
            encryption,
            event_bridge_enabled: (self.zone == Zone::Ingress).then_some(event_bridge),
            lifecycle: if self.zone == Zone::Ingress { rules } else { vec![] },
            mfa_delete,
            object_lock: object_lock?,
            object_ownership: ownership?,
            own: self.own(aws).await?,
            policy: self.found_of_ours(&policy),
            policy_denies,
            policy_denies_macie,
            public_access_block: public?,
            stack: tags.get("cvault:stack").cloned(),
            versioning,
        });
        Ok(Observed { note, ..observed })
    }

    async fn apply(&self, _: &Aws, _: &Change) -> Result<()> {
        // Before a plan is carried out it is refused where something differs: it was changed meanwhile.
        bail!("use bucket {}: it is gone, or not as it was any more", self.bucket())
    }

    async fn delete(&self, _: &Aws) -> Result<()> {
        // Never reached: what is shared stays.
        Ok(())
    }

    fn permissions(&self) -> Vec<Permission> {
        let arn = self.names.bucket_arn(self.zone);
        let listing = &["s3:ListBucketVersions"];
        vec![
            Permission::new(Phase::Observe, READING, [arn.clone()]),
            Permission::new(Phase::Observe, listing, [arn]),
            // The stack's own is looked for, too.
            Permission::new(Phase::Observe, &["s3:GetBucketTagging"], [self.names.own_bucket_arn(self.zone)]),
        ]
    }
}

/// The statements that may deny something, and what each denies for certain.
fn told_apart(denials: BTreeMap<String, Denial>) -> (Vec<String>, BTreeMap<String, Vec<String>>) {
    let may = denials.iter().filter(|(_, denial)| !denial.possible.is_empty()).map(|(sid, _)| sid.clone()).collect();
    let certain = denials.into_iter().map(|(sid, denial)| (sid, denial.certain));
    (may, certain.filter(|(_, actions)| !actions.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::definitions::{self as definition, Values};
    use crate::vault::names::{Buckets, Existing};
    use contract::Rules;

    const KEY: &str = "arn:aws:kms:eu-west-1:123456789012:key/0a1b";

    fn bucket(zone: Zone, policy: definition::Definition, key: Option<&str>) -> ExistingBucket {
        let buckets = Buckets { ingress: Some("landing".into()), analytics: Some("held".into()), vault: None };
        let existing = Existing { buckets, key: key.map(str::to_owned), ..Existing::default() };
        let names = Names { existing, ..Names::new("aws", "123456789012", "eu-west-1", "s", Some("x")) };
        let key_arn = Assigned::default();
        key_arn.set(KEY);
        let values = Values::new(&names, &key_arn, &[], &Rules::default());
        let [policy, classifier] = [policy, definition::CLASSIFIER].map(|it| it.with(&values).unwrap());
        ExistingBucket::new(&names, zone, &key_arn, policy, classifier)
    }

    #[test]
    fn our_own_statements_deny_the_classifier_nothing() {
        for (zone, policy, deeds) in
            [(Zone::Ingress, definition::BUCKET_INGRESS, 7), (Zone::Analytics, definition::BUCKET_ANALYTICS, 11)]
        {
            let it = bucket(zone, policy, None);
            let (own, needed) = (Policy::from(it.policy.value()), it.deeds().needed);
            assert_eq!(needed.len(), deeds, "{needed:?}");
            assert!(it.deeds().denied_by(&own).is_empty(), "{zone}");
            assert_eq!(it.found_of_ours(&own), it.statements());
            assert!(it.found_of_ours(&Policy::from(json!({}))).is_empty());
        }
    }

    #[test]
    fn what_macie_may_not_read_is_seen_where_it_reads() {
        let policy = Policy::from(json!({"Statement": [{"Sid": "Lab", "Effect": "Deny", "Principal": "*",
            "Action": "s3:GetObject", "Resource": "arn:aws:s3:::held/*",
            "Condition": {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/cyber_vault-*"}}}]}));
        let of = |reads| {
            let it = bucket(Zone::Analytics, definition::BUCKET_ANALYTICS, None).read_by_macie(reads);
            assert!(it.deeds().denied_by(&policy).is_empty(), "the classifier is left out of it");
            told_apart(it.deeds_of_macie().denied_by(&policy)).1.into_keys().collect::<Vec<_>>()
        };
        assert_eq!((of(true), of(false)), (vec!["Lab".to_owned()], vec![]));
        let own = bucket(Zone::Analytics, definition::BUCKET_ANALYTICS, None).read_by_macie(true);
        assert!(own.deeds_of_macie().denied_by(&Policy::from(own.policy.value())).is_empty());
    }

    #[test]
    fn it_is_encrypted_by_s3_or_by_the_key_of_the_configuration() {
        let wants = |key: Option<&str>, is: &str| {
            let it = bucket(Zone::Ingress, definition::BUCKET_INGRESS, key);
            it.encrypted_with.set(is);
            it.desired().encryption == is
        };
        for is in ["AES256", &format!("aws:kms {KEY}"), "aws:kms 0a1b", "aws:kms alias/lab"] {
            assert!(wants(Some("alias/lab"), is), "{is}");
        }
        assert!(wants(Some("alias/lab"), "aws:kms arn:aws:kms:eu-west-1:123456789012:alias/lab"));
        assert!(wants(None, "AES256") && wants(Some(KEY), "aws:kms 0a1b"));
        for is in ["aws:kms", "aws:kms alias/aws/s3", "aws:kms arn:aws:kms:eu-west-1:123456789012:key/other"] {
            assert!(!wants(Some("alias/lab"), is) && !wants(None, is), "{is}");
        }
        assert!(!wants(None, &format!("aws:kms {KEY}")), "the stack's own is no bucket's of others");
    }
}

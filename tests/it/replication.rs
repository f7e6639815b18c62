//! `[vault.replication]`: what is stored is copied to a bucket elsewhere, `status` and `up` look after the rule, and what
//! others have added stays beside it.

use crate::support::{Ended, REGION, Stack};
use aws_sdk_s3::types::{
    BucketVersioningStatus, CreateBucketConfiguration, DeleteMarkerReplication, DeleteMarkerReplicationStatus,
    Destination, ReplicationConfiguration, ReplicationRule, ReplicationRuleFilter, ReplicationRuleStatus, StorageClass,
    VersioningConfiguration,
};
use cvault::vault::names::Zone;
use serde_json::Value;
use std::path::PathBuf;

/// What the role is called that S3 assumes.
pub const ROLE: &str = "replicate-vault";

/// A stack whose vault is replicated, and the bucket that takes the copies.
struct Replicated {
    stack: Stack,
    bucket: String,
    file: PathBuf,
}

impl Replicated {
    /// Declared, with a bucket that is there; nothing is made yet.
    async fn new(options: &[&str]) -> Self {
        let stack = Stack::behind(options);
        let bucket = format!("copy-{}", stack.names.id);
        let file = std::env::temp_dir().join(format!("cvault-replication-{}.toml", stack.names.id));
        std::fs::write(&file, declaration(&stack, &bucket)).unwrap();
        let it = Self { stack, bucket, file };
        it.make(&it.bucket).await;
        it
    }

    async fn make(&self, bucket: &str) {
        let (s3, region) = (&self.stack.aws.s3, REGION.into());
        let place = CreateBucketConfiguration::builder().location_constraint(region).build();
        s3.create_bucket().bucket(bucket).create_bucket_configuration(place).send().await.unwrap();
        let on = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
        s3.put_bucket_versioning().bucket(bucket).versioning_configuration(on).send().await.unwrap();
    }

    /// Runs `cvault` with the declaration.
    fn run(&self, arguments: &[&str]) -> Ended {
        self.stack.run(&[arguments, &["--config", self.file.to_str().unwrap()]].concat())
    }

    /// What differs of the vault's bucket, and what is said of it.
    fn seen(&self, arguments: &[&str]) -> (Vec<String>, String) {
        let status = self.stack.run(&[&["status", "--output", "json"], arguments].concat()).document();
        let all = status["resources"].as_array().unwrap();
        let vault = all.iter().find(|it| it["name"] == "bucket/vault").unwrap();
        let paths = vault["differences"].as_array().unwrap().iter().map(|it| text(&it["path"])).collect();
        (paths, text(&vault["note"]))
    }

    /// The same with the declaration.
    fn declared(&self) -> (Vec<String>, String) {
        self.seen(&["--config", self.file.to_str().unwrap()])
    }

    async fn found(&self) -> Option<ReplicationConfiguration> {
        let read = self.stack.aws.s3.get_bucket_replication().bucket(self.stack.names.bucket(Zone::Vault)).send();
        read.await.ok().and_then(|found| found.replication_configuration)
    }

    async fn put(&self, role: &str, rules: Vec<ReplicationRule>) {
        let whole = ReplicationConfiguration::builder().role(role).set_rules(Some(rules)).build().unwrap();
        let put = self.stack.aws.s3.put_bucket_replication().bucket(self.stack.names.bucket(Zone::Vault));
        put.replication_configuration(whole).send().await.unwrap();
    }

    fn role(&self, name: &str) -> String {
        format!("arn:aws:iam::{}:role/{name}", self.stack.names.account)
    }

    /// Somebody's own rule, to a bucket of theirs.
    fn theirs(&self, priority: i32) -> ReplicationRule {
        let off = DeleteMarkerReplication::builder().status(DeleteMarkerReplicationStatus::Disabled).build();
        let rule = ReplicationRule::builder().id("theirs").priority(priority).status(ReplicationRuleStatus::Enabled);
        let rule = rule.filter(ReplicationRuleFilter::builder().prefix("in/").build()).delete_marker_replication(off);
        let to = Destination::builder().bucket(format!("arn:aws:s3:::theirs-{}", self.stack.names.id));
        rule.destination(to.build().unwrap()).build().unwrap()
    }

    /// Removes what is left beside the stack.
    async fn gone(self) {
        std::fs::remove_file(&self.file).unwrap();
        let s3 = &self.stack.aws.s3;
        for bucket in [&self.bucket, &format!("theirs-{}", self.stack.names.id)] {
            let Ok(versions) = s3.list_object_versions().bucket(bucket).send().await else { continue };
            for version in versions.versions() {
                let delete = s3.delete_object().bucket(bucket).key(version.key().unwrap());
                delete.set_version_id(version.version_id.clone()).send().await.unwrap();
            }
            s3.delete_bucket().bucket(bucket).send().await.unwrap();
        }
    }
}

/// The configuration that copies the vault to this bucket.
pub fn declaration(stack: &Stack, bucket: &str) -> String {
    let account = &stack.names.account;
    format!(
        "emails = ['ops@example.com']\n[vault.replication]\nbucket = 'arn:aws:s3:::{bucket}'\n\
         role = 'arn:aws:iam::{account}:role/{ROLE}'\n\
         kms_key = 'arn:aws:kms:{REGION}:{account}:key/0a1b2c3d-0000-4000-8000-0123456789ab'\n\
         storage_class = 'GLACIER_IR'\n"
    )
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn ids(found: Option<&ReplicationConfiguration>) -> Vec<&str> {
    let mut ids: Vec<_> = found.iter().flat_map(|found| found.rules()).filter_map(ReplicationRule::id).collect();
    ids.sort_unstable();
    ids
}

/// Made with the bucket, in the moment in which S3 does not take it yet; looked after; and what is hidden in the vault
/// stays in the copy.
#[tokio::test]
async fn what_is_stored_is_copied_and_the_rule_is_looked_after() {
    let it = Replicated::new(&["--truths", "all"]).await;
    it.run(&["up"]).expect(0);
    assert_eq!(it.declared(), (vec![], String::new()));
    let found = it.found().await.unwrap();
    let [rule] = found.rules() else { panic!("{found:?}") };
    assert_eq!((found.role(), rule.id()), (&*it.role(ROLE), Some("cvault")));
    it.stack.proxy.forget();
    it.run(&["up"]).expect(0);
    assert_eq!(it.stack.proxy.writes(), Vec::<String>::new());

    let (s3, vault) = (&it.stack.aws.s3, it.stack.names.bucket(Zone::Vault));
    s3.put_object().bucket(&vault).key("a.csv").body(b"a".to_vec().into()).send().await.unwrap();
    s3.delete_object().bucket(&vault).key("a.csv").send().await.unwrap();
    let copy = s3.head_object().bucket(&it.bucket).key("a.csv").send().await.unwrap();
    assert_eq!(copy.storage_class().map(StorageClass::as_str), Some("GLACIER_IR"));
    let versions = s3.list_object_versions().bucket(&vault).send().await.unwrap();
    for (key, version) in versions
        .versions()
        .iter()
        .map(|it| (it.key(), it.version_id()))
        .chain(versions.delete_markers().iter().map(|it| (it.key(), it.version_id())))
    {
        s3.delete_object().bucket(&vault).key(key.unwrap()).version_id(version.unwrap()).send().await.unwrap();
    }
    s3.head_object().bucket(&it.bucket).key("a.csv").send().await.unwrap();

    let mut paused = rule.clone();
    paused.status = ReplicationRuleStatus::Disabled;
    it.put(&it.role("another"), vec![paused]).await;
    assert_eq!(it.declared().0, ["/Replication/Role", "/Replication/Rule/Status"]);
    it.stack.proxy.forget();
    it.run(&["up"]).expect(0);
    let writes = it.stack.proxy.writes();
    assert!(writes.len() == 1 && writes[0].starts_with("s3:PutBucketReplication "), "{writes:?}");
    assert_eq!(it.found().await, Some(found));
    s3.delete_bucket_replication().bucket(&vault).send().await.unwrap();
    assert_eq!(it.declared().0, ["/Replication"]);
    it.run(&["up"]).expect(0);
    it.run(&["down"]).expect(0);
    it.gone().await;
}

/// Whoever has a rule of their own on the bucket keeps it, whatever becomes of ours.
#[tokio::test]
async fn rules_of_others_stay() {
    let it = Replicated::new(&["--truths", "none"]).await;
    let theirs = format!("theirs-{}", it.stack.names.id);
    it.make(&theirs).await;
    it.stack.up();
    it.put(&it.role(ROLE), vec![it.theirs(1)]).await;
    assert_eq!(it.seen(&[]), (vec![], "replication rules of others stay: theirs".to_owned()));
    it.run(&["up"]).expect(0);
    assert_eq!(it.declared(), (vec![], "replication rules of others stay: theirs".to_owned()));
    let both = it.found().await.unwrap();
    assert_eq!(ids(Some(&both)), ["cvault", "theirs"]);
    assert!(both.rules().contains(&it.theirs(1)));

    let mut moved = both.rules().to_vec();
    moved.retain(|rule| rule.id() == Some("theirs"));
    let mut ours = both.rules().iter().find(|rule| rule.id() == Some("cvault")).unwrap().clone();
    ours.destination = Some(Destination::builder().bucket(format!("arn:aws:s3:::{theirs}")).build().unwrap());
    ours.source_selection_criteria = None;
    moved.push(ours);
    it.put(&it.role(ROLE), moved).await;
    let (paths, _) = it.declared();
    assert!(paths.contains(&"/Replication/Rule/Bucket".to_owned()), "{paths:?}");
    it.run(&["up"]).expect(0);
    assert_eq!(it.found().await.as_ref(), Some(&both));

    // Where ours is among them, too, their role is theirs.
    it.put(&it.role("another"), both.rules().to_vec()).await;
    it.stack.proxy.forget();
    let refused = it.run(&["up"]).expect(4).stderr;
    assert!(refused.contains(&it.role("another")), "{refused}");
    assert_eq!(it.stack.proxy.writes(), Vec::<String>::new());
    it.put(&it.role(ROLE), both.rules().to_vec()).await;

    // Not declared any more: ours goes, theirs stays with the role that it has.
    assert_eq!(it.seen(&[]).0, ["/Replication"]);
    it.stack.up();
    let left = it.found().await.unwrap();
    assert_eq!((left.role(), left.rules()), (&*it.role(ROLE), &[it.theirs(1)][..]));
    assert_eq!(it.seen(&[]).0, Vec::<String>::new());
    it.stack.run(&["down"]).expect(0);
    it.gone().await;
}

/// S3 has one role for all rules of a bucket: that of others is not taken from them.
#[tokio::test]
async fn what_cannot_stand_there_is_refused_before_anything_is_written() {
    let it = Replicated::new(&["--truths", "all"]).await;
    it.make(&format!("theirs-{}", it.stack.names.id)).await;
    it.stack.up();
    it.put(&it.role("theirs"), vec![it.theirs(1)]).await;
    it.stack.proxy.forget();
    let refused = it.run(&["up"]).expect(4).stderr;
    assert!(refused.contains(&it.role("theirs")) && refused.contains("vault.replication.role"), "{refused}");
    it.run(&["up", "--dry-run"]).expect(4);
    assert_eq!(it.declared().0, ["/Replication/Role", "/Replication/RoleOfOthers", "/Replication/Rule"]);
    // One of the stack's own, and a role of another account.
    let (names, text) = (&it.stack.names, declaration(&it.stack, &it.bucket));
    let own = declaration(&it.stack, &names.bucket(Zone::Ingress));
    let foreign = text.replace(&it.role(ROLE), &format!("arn:aws:iam::210987654321:role/{ROLE}"));
    for (text, told) in [(own, "a bucket of this stack"), (foreign, "a role of that account")] {
        std::fs::write(&it.file, text).unwrap();
        let refused = it.run(&["up"]).expect(64).stderr;
        assert!(refused.contains(told), "{refused}");
    }
    assert_eq!(it.stack.proxy.writes(), Vec::<String>::new());
    assert_eq!(ids(it.found().await.as_ref()), ["theirs"]);

    // What S3 refuses is told with what to do.
    it.stack.aws.s3.delete_bucket_replication().bucket(names.bucket(Zone::Vault)).send().await.unwrap();
    std::fs::write(&it.file, declaration(&it.stack, &format!("nowhere-{}", names.id))).unwrap();
    let refused = it.run(&["up"]).expect(1).stderr;
    assert!(refused.contains("Destination bucket must exist") && refused.contains("keeps versions"), "{refused}");
    std::fs::write(&it.file, text).unwrap();
    it.run(&["up"]).expect(0);
    it.run(&["down"]).expect(0);
    it.gone().await;
}

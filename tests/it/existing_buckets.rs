//! The lab's own case: key, topic and the buckets ingress and analytics were there before the vault, and are used.

use crate::support::{Ended, Pipeline, REGION, Stack};
use aws_sdk_s3::types as s3;
use cvault::vault::names::{Buckets, Existing, Zone};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A configuration of one test.
struct File(PathBuf);

impl File {
    fn run(&self, stack: &Stack, arguments: &[&str]) -> Ended {
        stack.run(&[arguments, &["--config", self.0.to_str().unwrap()]].concat())
    }

    /// What differs of a bucket, by its path, with what should be there.
    fn differences(&self, stack: &Stack, zone: Zone) -> BTreeMap<String, Value> {
        let status = self.run(stack, &["status", "--output", "json"]).document();
        let name = format!("bucket/{zone}");
        let step = status["resources"].as_array().unwrap().iter().find(|step| step["name"] == *name).unwrap();
        let differences = step["differences"].as_array().unwrap().iter();
        differences.map(|it| (it["path"].as_str().unwrap().to_owned(), it["should"].clone())).collect()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Somebody's bucket.
struct Theirs<'a>(&'a Stack, String);

impl Theirs<'_> {
    async fn make(&self) {
        let place = s3::BucketLocationConstraint::from(REGION);
        let place = s3::CreateBucketConfiguration::builder().location_constraint(place).build();
        let create = self.0.aws.s3.create_bucket().bucket(&self.1).create_bucket_configuration(place);
        create.object_ownership(s3::ObjectOwnership::BucketOwnerPreferred).send().await.unwrap();
        let closed = s3::PublicAccessBlockConfiguration::builder().block_public_acls(true).build();
        let put = self.0.aws.s3.put_public_access_block().bucket(&self.1);
        put.public_access_block_configuration(closed).send().await.unwrap();
    }

    async fn put_policy(&self, statements: &[Value]) {
        let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        self.0.aws.s3.put_bucket_policy().bucket(&self.1).policy(policy).send().await.unwrap();
    }

    async fn encrypt(&self, algorithm: s3::ServerSideEncryption, key: Option<&str>) {
        let default = s3::ServerSideEncryptionByDefault::builder().sse_algorithm(algorithm);
        let default = default.set_kms_master_key_id(key.map(str::to_owned)).build().unwrap();
        let rule = s3::ServerSideEncryptionRule::builder().apply_server_side_encryption_by_default(default).build();
        let rules = s3::ServerSideEncryptionConfiguration::builder().rules(rule).build().unwrap();
        let put = self.0.aws.s3.put_bucket_encryption().bucket(&self.1);
        put.server_side_encryption_configuration(rules).send().await.unwrap();
    }

    async fn set_versioning(&self, status: s3::BucketVersioningStatus) {
        let versioning = s3::VersioningConfiguration::builder().status(status).build();
        let put = self.0.aws.s3.put_bucket_versioning().bucket(&self.1);
        put.versioning_configuration(versioning).send().await.unwrap();
    }

    async fn tell_event_bridge(&self) {
        let told = s3::NotificationConfiguration::builder()
            .event_bridge_configuration(s3::EventBridgeConfiguration::builder().build());
        let put = self.0.aws.s3.put_bucket_notification_configuration().bucket(&self.1);
        put.notification_configuration(told.build()).send().await.unwrap();
    }

    async fn expire(&self) {
        let expiration = s3::LifecycleExpiration::builder().days(1).build();
        let rule = s3::LifecycleRule::builder().id("tidy").status(s3::ExpirationStatus::Enabled);
        let rule = rule.filter(s3::LifecycleRuleFilter::builder().prefix("").build()).expiration(expiration);
        let rules = s3::BucketLifecycleConfiguration::builder().rules(rule.build().unwrap()).build().unwrap();
        let put = self.0.aws.s3.put_bucket_lifecycle_configuration().bucket(&self.1);
        put.lifecycle_configuration(rules).send().await.unwrap();
    }

    async fn tag(&self, stack: &str) {
        let tag = |key: &str, value: &str| s3::Tag::builder().key(key).value(value).build().unwrap();
        let tags = s3::Tagging::builder().tag_set(tag("team", "lab")).tag_set(tag("cvault:stack", stack));
        self.0.aws.s3.put_bucket_tagging().bucket(&self.1).tagging(tags.build().unwrap()).send().await.unwrap();
    }

    /// What its owner is asked to do.
    async fn repair(&self, statements: &[Value]) {
        let s3 = &self.0.aws.s3;
        self.set_versioning(s3::BucketVersioningStatus::Enabled).await;
        self.tell_event_bridge().await;
        let closed = s3::PublicAccessBlockConfiguration::builder().block_public_acls(true).block_public_policy(true);
        let closed = closed.ignore_public_acls(true).restrict_public_buckets(true).build();
        let put = s3.put_public_access_block().bucket(&self.1);
        put.public_access_block_configuration(closed).send().await.unwrap();
        let rule = s3::OwnershipControlsRule::builder().object_ownership(s3::ObjectOwnership::BucketOwnerEnforced);
        let controls = s3::OwnershipControls::builder().rules(rule.build().unwrap()).build().unwrap();
        s3.put_bucket_ownership_controls().bucket(&self.1).ownership_controls(controls).send().await.unwrap();
        s3.delete_bucket_lifecycle().bucket(&self.1).send().await.unwrap();
        s3.delete_bucket_tagging().bucket(&self.1).send().await.unwrap();
        self.put_policy(statements).await;
    }

    /// All that is set, to be compared.
    async fn settings(&self) -> String {
        let (s3, it) = (&self.0.aws.s3, &self.1);
        let policy = s3.get_bucket_policy().bucket(it).send().await.unwrap().policy;
        let encryption = s3.get_bucket_encryption().bucket(it).send().await.unwrap();
        let encryption = encryption.server_side_encryption_configuration;
        let notified = s3.get_bucket_notification_configuration().bucket(it).send().await.unwrap();
        let versioning = s3.get_bucket_versioning().bucket(it).send().await.unwrap().status;
        let ownership = s3.get_bucket_ownership_controls().bucket(it).send().await.unwrap().ownership_controls;
        let public = s3.get_public_access_block().bucket(it).send().await.unwrap().public_access_block_configuration;
        let tags = s3.get_bucket_tagging().bucket(it).send().await.map(|found| found.tag_set).unwrap_or_default();
        let lifecycle = s3.get_bucket_lifecycle_configuration().bucket(it).send().await.is_ok();
        let notified = notified.event_bridge_configuration;
        format!("{policy:?}{encryption:?}{notified:?}{versioning:?}{ownership:?}{public:?}{tags:?}{lifecycle}")
    }
}

/// The statements that a bucket's owner is to add, as `status` has them, with a name each.
fn wanted(differences: &BTreeMap<String, Value>) -> Vec<Value> {
    let named = differences.iter().filter_map(|(path, should)| Some((path.strip_prefix("/Policy/")?, should)));
    let named = named.map(|(name, statement)| {
        let mut statement = statement.clone();
        statement["Sid"] = json!(format!("Lab{name}"));
        statement
    });
    named.collect()
}

#[tokio::test]
async fn the_lab_s_key_topic_and_buckets_are_used_as_they_are() {
    let mut stack = Stack::new();
    let id = stack.names.id.clone();
    let file = File(std::env::temp_dir().join(format!("cvault-lab-{id}.toml")));
    let [landing, held] = ["landing", "held"].map(|name| format!("{name}-{id}"));
    let (topic, alias) = (format!("lab-{id}"), format!("alias/lab-{id}"));
    let key_and_topic = format!("topic = '{topic}'\nkey = '{alias}'\n");
    let text = format!("[existing]\n{key_and_topic}buckets = {{ ingress = '{landing}', analytics = '{held}' }}\n");
    std::fs::write(&file.0, &text).unwrap();
    let own = [Zone::Ingress, Zone::Analytics].map(|zone| stack.names.own_bucket(zone));
    let buckets = Buckets { ingress: Some(landing.clone()), analytics: Some(held.clone()), vault: None };
    stack.names.existing =
        Existing { topic: Some(topic.clone()), key: Some(alias.clone()), buckets, ..Existing::default() };
    let account = stack.names.account.clone();

    let root = json!({"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{account}:root")},
        "Action": "kms:*", "Resource": "*"});
    let logs = json!({"Effect": "Allow", "Principal": {"Service": format!("logs.{REGION}.amazonaws.com")},
        "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:GenerateDataKey*"], "Resource": "*"});
    let policy = json!({"Version": "2012-10-17", "Statement": [root, logs]}).to_string();
    let kms = &stack.aws.kms;
    let key = kms.create_key().policy(policy).send().await.unwrap().key_metadata.unwrap();
    kms.create_alias().alias_name(&alias).target_key_id(&key.key_id).send().await.unwrap();
    let other = kms.create_key().send().await.unwrap().key_metadata.unwrap().arn.unwrap();
    let sns = &stack.aws.sns;
    let arn = sns.create_topic().name(&topic).send().await.unwrap().topic_arn.unwrap();
    sns.subscribe().topic_arn(&arn).protocol("email").endpoint("lab@example.com").send().await.unwrap();

    let missing = file.run(&stack, &["up"]).expect(4).stderr;
    for (name, zone) in [(&landing, Zone::Ingress), (&held, Zone::Analytics)] {
        assert!(missing.contains(name) && missing.contains(&format!("take existing.buckets.{zone} away")), "{missing}");
    }
    let [ingress, analytics] = [&landing, &held].map(|name| Theirs(&stack, name.clone()));
    ingress.make().await;
    analytics.make().await;

    // All that is wrong is said at once, with what to do.
    let deny = |bucket: &str| {
        json!({"Sid": "LabOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:Delete*",
            "Resource": format!("arn:aws:s3:::{bucket}/*"),
            "Condition": {"StringNotLike": {"aws:PrincipalArn": format!("arn:aws:iam::{account}:role/lab-*")}}})
    };
    for bucket in [&ingress, &analytics] {
        bucket.put_policy(&[deny(&bucket.1)]).await;
        bucket.encrypt(s3::ServerSideEncryption::AwsKms, Some(&other)).await;
        bucket.expire().await;
        bucket.tag("another").await;
    }
    let refused = file.run(&stack, &["up"]).expect(4).stderr;
    for part in [
        "keeps no versions",
        "does not tell EventBridge",
        "not closed to the public",
        "somebody else may own",
        &other,
        "SSE-KMS with the key that existing.key names",
        "nobody has judged yet: tidy",
        "lacks the statements DenyPlainHttp, DenyRe",
        "denies the classifier what it does there: LabOnly",
        "bucket of stack another",
    ] {
        assert!(refused.contains(part), "{part}: {refused}");
        // EventBridge, and what deletes unjudged files, are about ingress alone.
        let is_of_both = !["EventBridge", "nobody has judged"].iter().any(|it| part.contains(it));
        assert!(!is_of_both || refused.matches(part).count() >= 2, "{part}: {refused}");
    }
    let of_ingress = file.differences(&stack, Zone::Ingress);
    let of_analytics = file.differences(&stack, Zone::Analytics);
    let tops = |differences: &BTreeMap<String, Value>| {
        let tops = differences.keys().map(|path| path.split('/').nth(1).unwrap().to_owned());
        tops.collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" ")
    };
    let both = "ObjectOwnership Policy PolicyDenies PublicAccessBlock Stack Versioning";
    assert_eq!(tops(&of_ingress), format!("Encryption EventBridgeEnabled Lifecycle {both}"));
    assert_eq!(tops(&of_analytics), format!("Encryption {both}"), "its lifecycle is its owner's");
    let statements = [wanted(&of_ingress), wanted(&of_analytics)];
    assert_eq!(statements.each_ref().map(Vec::len), [3, 5]);
    for (bucket, statements) in [&ingress, &analytics].into_iter().zip(&statements) {
        bucket.repair(statements).await;
    }
    ingress.encrypt(s3::ServerSideEncryption::Aes256, None).await;
    let denied = file.run(&stack, &["up"]).expect(4).stderr;
    assert!(denied.contains(&held) && !denied.contains("versions") && denied.contains(&other), "{denied}");
    analytics.encrypt(s3::ServerSideEncryption::AwsKms, Some(&key.key_id)).await;

    // What is in them would be taken for files of the vault.
    let put =
        |bucket: &str, key: &str| stack.aws.s3.put_object().bucket(bucket).key(key).body(b"a\n1\n".to_vec().into());
    put(&landing, "old.csv").send().await.unwrap();
    put(&held, "notes.txt").send().await.unwrap();
    let full = file.run(&stack, &["up"]).expect(4).stderr;
    assert_eq!(full.matches("holds objects already").count(), 2, "both at once: {full}");
    assert!(full.contains("--adopt bucket/ingress`") && full.contains("--adopt bucket/analytics`"), "{full}");
    let full = file.run(&stack, &["up", "--adopt", "bucket/ingress"]).expect(4).stderr;
    assert!(full.contains("--adopt bucket/analytics`"), "{full}");
    // Nor is one of the stack's own left behind.
    let tag = |key: &str, value: &str| s3::Tag::builder().key(key).value(value).build().unwrap();
    let mine = Theirs(&stack, own[0].clone());
    mine.make().await;
    let tags = stack.names.tags().map(|(key, value)| tag(key, value)).to_vec();
    let tags = s3::Tagging::builder().set_tag_set(Some(tags)).build().unwrap();
    stack.aws.s3.put_bucket_tagging().bucket(&own[0]).tagging(tags).send().await.unwrap();
    for command in ["up", "down"] {
        let refused = file.run(&stack, &[command]).expect(4).stderr;
        assert!(refused.contains("take existing.buckets.ingress away"), "{refused}");
    }
    stack.aws.s3.delete_bucket().bucket(&own[0]).send().await.unwrap();
    assert_eq!(stack.proxy.writes(), Vec::<String>::new(), "nothing was changed");
    let before = [ingress.settings().await, analytics.settings().await];

    file.run(&stack, &["up", "--adopt"]).expect(0);
    stack.proxy.forget();
    file.run(&stack, &["up"]).expect(0);
    assert_eq!(stack.proxy.writes(), Vec::<String>::new(), "law 1");
    let status = file.run(&stack, &["status", "--output", "json"]).document();
    assert_eq!(status["outputs"]["ingress_bucket"], landing);
    let listed = stack.run(&["list"]).expect(0).stdout;
    assert!(!listed.lines().any(|line| line.contains(&id) && line.contains("partial")), "{listed}");
    for options in [&["--delete-data"][..], &["--for", "verify"]] {
        let printed = file.run(&stack, &[&["policy", "--expect-account", &account], options].concat()).expect(0);
        may_not_change(&printed, &[&landing, &held]);
    }

    // Files go their ways.
    let pipeline = Pipeline::observed(stack).await;
    pipeline.put("good.csv", b"seq,city\n1,Kingsford\n").await;
    pipeline.put("bad.csv", b"seq,city\n1,Kingsford,extra\n").await;
    assert_eq!(pipeline.judged("good.csv").await.verdict("Status"), "VAULT_COPY");
    let bad = pipeline.judged("bad.csv").await;
    assert_eq!(bad.verdict("AnalyticsBucket"), held);
    pipeline.executions(Zone::Vault, "good.csv", 1).await;
    assert_eq!(pipeline.objects(Zone::Vault).await.into_keys().collect::<Vec<_>>(), ["good.csv"]);
    assert_eq!(pipeline.objects(Zone::Ingress).await.into_keys().collect::<Vec<_>>(), ["old.csv"]);
    let stack = &pipeline.stack;
    assert!(file.run(stack, &["held"]).expect(0).stdout.contains("bad.csv"));

    // `down` says what stays, and nothing of it is touched.
    let down = file.run(stack, &["down", "--delete-data", "--yes"]).expect(0).stdout;
    assert!(down.contains("the held copies in it stay") && down.contains("nobody judges them"), "{down}");
    file.run(stack, &["status"]).expect(3);
    let mut left = pipeline.objects(Zone::Analytics).await.into_keys().collect::<Vec<_>>();
    left.sort();
    assert_eq!(left, [bad.verdict("AnalyticsKey"), "notes.txt"]);
    assert_eq!(pipeline.objects(Zone::Ingress).await.into_keys().collect::<Vec<_>>(), ["old.csv"]);
    let [ingress, analytics] = [&landing, &held].map(|name| Theirs(stack, name.clone()));
    assert_eq!(before, [ingress.settings().await, analytics.settings().await], "law 8");
    let left = stack.leftovers().await;
    assert!(!left.iter().any(|name| own.contains(name) || name.contains("cv-")), "{left:?}");
}

/// What lands there could not be deleted once its copy is proven; and a bucket of another region is none to use.
#[tokio::test]
async fn a_bucket_that_locks_what_lands_is_refused() {
    let stack = Stack::new();
    let name = format!("locked-{}", stack.names.id);
    let file = File(std::env::temp_dir().join(format!("cvault-locked-{}.toml", stack.names.id)));
    let text = format!("emails = ['ops@example.com']\n[existing]\nbuckets = {{ ingress = '{name}' }}\n");
    std::fs::write(&file.0, text).unwrap();
    let s3 = &stack.aws.s3;
    let place = s3::CreateBucketConfiguration::builder().location_constraint(REGION.into()).build();
    let create = s3.create_bucket().bucket(&name).create_bucket_configuration(place);
    create.object_lock_enabled_for_bucket(true).send().await.unwrap();
    let retention = s3::DefaultRetention::builder().mode(s3::ObjectLockRetentionMode::Governance).days(1).build();
    let lock = s3::ObjectLockConfiguration::builder().object_lock_enabled(s3::ObjectLockEnabled::Enabled);
    let lock = lock.rule(s3::ObjectLockRule::builder().default_retention(retention).build()).build();
    s3.put_object_lock_configuration().bucket(&name).object_lock_configuration(lock).send().await.unwrap();
    let refused = file.run(&stack, &["up"]).expect(4).stderr;
    for part in ["Object Lock keeps what is to be deleted", "take the default retention away"] {
        assert!(refused.contains(part), "{part}: {refused}");
    }
    let elsewhere = json!({"service": "s3", "op": "HeadBucket", "resource": name, "status": 301});
    stack.proxy.configure(&json!({"faults": [elsewhere]}));
    let refused = file.run(&stack, &["up"]).expect(4).stderr;
    stack.proxy.configure(&json!({"faults": []}));
    assert!(
        refused.contains("in another region") && refused.contains("name one of this account and region"),
        "{refused}"
    );
    assert_eq!(stack.proxy.writes(), Vec::<String>::new(), "nothing was changed");
    s3.delete_bucket().bucket(&name).send().await.unwrap();
}

/// Law 8: of a stack only the vault was kept; the bucket that it is to use now is new to it.
#[tokio::test]
async fn a_full_bucket_is_not_taken_into_use_because_something_of_the_stack_is_there() {
    let stack = Stack::new();
    let name = format!("shared-{}", stack.names.id);
    let file = File(std::env::temp_dir().join(format!("cvault-shared-{}.toml", stack.names.id)));
    let text = format!("emails = ['ops@example.com']\n[existing]\nbuckets = {{ ingress = '{name}' }}\n");
    std::fs::write(&file.0, text).unwrap();
    stack.up();
    stack.run(&["down", "--keep-vault"]).expect(0);
    let theirs = Theirs(&stack, name.clone());
    theirs.make().await;
    theirs.repair(&wanted(&file.differences(&stack, Zone::Ingress))).await;
    theirs.encrypt(s3::ServerSideEncryption::Aes256, None).await;
    let put = |key: &str| stack.aws.s3.put_object().bucket(&name).key(key).body(b"a\n1\n".to_vec().into());
    put("theirs.csv").send().await.unwrap();
    stack.proxy.forget();
    let refused = file.run(&stack, &["up"]).expect(4).stderr;
    assert!(refused.contains("holds objects already") && refused.contains("--adopt bucket/ingress`"), "{refused}");
    assert_eq!(stack.proxy.writes(), Vec::<String>::new(), "nothing was changed");
    stack.aws.s3.delete_object().bucket(&name).key("theirs.csv").send().await.unwrap();
    let versions = stack.aws.s3.list_object_versions().bucket(&name).send().await.unwrap();
    let markers = versions.delete_markers().iter().map(|it| (it.key.clone(), it.version_id.clone()));
    for (key, id) in versions.versions().iter().map(|it| (it.key.clone(), it.version_id.clone())).chain(markers) {
        stack.aws.s3.delete_object().bucket(&name).set_key(key).set_version_id(id).send().await.unwrap();
    }
    file.run(&stack, &["up"]).expect(0);
    // Once it is used, what lands there keeps no `up`, though the function is gone.
    put("new.csv").send().await.unwrap();
    stack.aws.lambda.delete_function().function_name(stack.names.function()).send().await.unwrap();
    file.run(&stack, &["up"]).expect(0);
    file.run(&stack, &["down", "--delete-data", "--yes"]).expect(0);
}

/// The policy leaves these buckets to their owners: what it allows beyond reading is about the files of `verify`.
#[track_caller]
fn may_not_change(printed: &Ended, buckets: &[&str]) {
    let document: Value = serde_json::from_str(&printed.stdout).unwrap();
    let mut reads = 0;
    for statement in document["Statement"].as_array().unwrap() {
        let texts = |member: &str| match &statement[member] {
            Value::Array(all) => all.iter().map(|it| it.as_str().unwrap().to_owned()).collect(),
            one => vec![one.as_str().unwrap().to_owned()],
        };
        let is_theirs =
            |arn: &String| buckets.iter().any(|bucket| arn.contains(bucket)) && !arn.contains("/.cvault/verify/");
        if texts("Resource").iter().any(is_theirs) {
            reads += 1;
            let writes: Vec<_> = texts("Action")
                .into_iter()
                .filter(|it| !it.starts_with("s3:Get") && !it.starts_with("s3:List"))
                .collect();
            assert_eq!(writes, [""; 0], "{statement}");
        }
    }
    assert!(reads > 0, "{document}");
}

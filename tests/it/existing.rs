//! What is there already, made by somebody else, and is used: it stays as it is, whatever comes.

use crate::policy::unused;
use crate::simulator::{Caller, Policy, Request};
use crate::support::{Ended, Stack};
use cvault::vault::names::Zone;
use serde_json::{Value, json};
use std::path::PathBuf;

/// A configuration of one test.
struct Configured {
    stack: Stack,
    file: PathBuf,
}

impl Configured {
    fn new(stack: Stack) -> Self {
        let file = std::env::temp_dir().join(format!("cvault-existing-{}.toml", stack.names.id));
        Self { stack, file }
    }

    fn write(&self, text: &str) {
        std::fs::write(&self.file, text).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        self.stack.run(&[arguments, &["--config", self.file.to_str().unwrap()]].concat())
    }

    /// What `status` says of a resource.
    fn step(&self, name: &str) -> Option<Value> {
        let status = self.run(&["status", "--output", "json"]).document();
        status["resources"].as_array().unwrap().iter().find(|step| step["name"] == name).cloned()
    }

    /// Runs `up` a second time, which writes nothing.
    fn up_again(&self) {
        self.stack.proxy.forget();
        self.run(&["up"]).expect(0);
        assert_eq!(self.stack.proxy.writes(), Vec::<String>::new(), "law 1");
        self.run(&["status"]).expect(0);
    }
}

impl Drop for Configured {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

#[tokio::test]
async fn a_topic_of_others_is_used_as_it_is() {
    let mut it = Configured::new(Stack::new());
    let sns = it.stack.aws.sns.clone();
    // The stack had one of its own, and changes over to one that is not there yet.
    it.write("emails = ['ops@example.com']\n");
    it.run(&["up"]).expect(0);
    let (own, name) = (it.stack.names.topic_arn(), format!("ops-{}", it.stack.names.id));
    let existing = format!("[existing]\ntopic = '{name}'\n");
    it.write(&existing);
    it.stack.names.existing.topic = Some(name.clone());
    it.stack.proxy.forget();
    let refused = it.run(&["up"]).expect(4).stderr;
    assert!(
        refused.contains(&name) && refused.contains("not there") && refused.contains("existing.topic"),
        "{refused}"
    );
    assert_eq!(it.step("topic").unwrap()["state"], "missing");

    let tag = aws_sdk_sns::types::Tag::builder().key("team").value("ops").build().unwrap();
    let theirs = sns.create_topic().name(&name).tags(tag).send().await.unwrap().topic_arn.unwrap();
    it.write(&format!("[existing]\ntopic = '{}'\n", own.rsplit(':').next().unwrap()));
    assert!(it.run(&["up"]).expect(64).stderr.contains("calls its own so"));
    it.write(&existing);
    assert!(it.run(&["up"]).expect(64).stderr.contains("nobody would be told"));
    assert_eq!(it.stack.proxy.writes(), Vec::<String>::new(), "nothing was changed");
    sns.subscribe().topic_arn(&theirs).protocol("email").endpoint("theirs@example.com").send().await.unwrap();
    let before = sns.get_topic_attributes().topic_arn(&theirs).send().await.unwrap().attributes;

    // Whoever is subscribed is told, and the stack's own goes.
    it.run(&["up"]).expect(0);
    it.up_again();
    assert!(sns.get_topic_attributes().topic_arn(&own).send().await.is_err(), "its own is not needed any more");
    it.write(&format!("emails = ['ops@example.com']\n{existing}"));
    let told = it.run(&["up"]).expect(0).stdout;
    assert!(told.contains("theirs@example.com") && !told.contains("prune"), "{told}");
    it.up_again();
    let machine = it.stack.aws.sfn.describe_state_machine().state_machine_arn(it.stack.names.state_machine_arn());
    let definition = machine.send().await.unwrap().definition;
    assert!(definition.contains(&theirs) && !definition.contains(&own));
    assert_eq!(it.step("topic").unwrap()["arn"], *theirs);
    let left = unused(&it.stack, &["--config", it.file.to_str().unwrap()]);
    let left: Vec<_> = left.iter().filter(|action| action.starts_with("sns:")).collect();
    let rest = ["sns:DeleteTopic", "sns:ListTagsForResource", "sns:Subscribe", "sns:Unsubscribe"];
    assert_eq!(left, rest, "for a topic of its own, and for subscriptions");
    let policy = it.run(&["policy", "--expect-account", &it.stack.names.account]).expect(0).document();
    let deletes = |statement: &&Value| statement["Action"].as_array().unwrap().contains(&"sns:DeleteTopic".into());
    let deletes = policy["Statement"].as_array().unwrap().iter().filter(deletes);
    assert_eq!(deletes.map(|statement| &statement["Resource"]).collect::<Vec<_>>(), [&json!([own])]);

    let down = it.run(&["down"]).expect(0).stdout;
    assert!(down.contains("was there before the stack") && down.contains(&name), "{down}");
    it.run(&["status"]).expect(3);
    it.run(&["down"]).expect(0);
    let after = sns.get_topic_attributes().topic_arn(&theirs).send().await.unwrap().attributes;
    let of = |attributes: &Option<std::collections::HashMap<String, String>>, key: &str| {
        attributes.as_ref().and_then(|all| all.get(key).cloned())
    };
    for key in ["Policy", "KmsMasterKeyId", "DisplayName"] {
        assert_eq!(of(&before, key), of(&after, key), "law 8");
    }
    let tags = sns.list_tags_for_resource().resource_arn(&theirs).send().await.unwrap().tags.unwrap_or_default();
    assert!(tags.len() == 1 && tags[0].key() == "team", "{tags:?}");
    let subscribed = sns.list_subscriptions_by_topic().topic_arn(&theirs).send().await.unwrap().subscriptions;
    assert_eq!(subscribed.unwrap_or_default().len(), 2);
    sns.delete_topic().topic_arn(&theirs).send().await.unwrap();
    assert_eq!(it.stack.leftovers().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_key_of_others_is_used_if_its_policy_lets_it() {
    let it = Configured::new(Stack::new());
    let (kms, names) = (&it.stack.aws.kms, &it.stack.names);
    let (account, alias) = (&names.account, format!("alias/data-{}", names.id));
    let group = format!("/aws/vendedlogs/states/held-{}", names.id);
    let root = json!({"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{account}:root")},
        "Action": "kms:*", "Resource": "*"});
    let logs = json!({"Effect": "Allow", "Principal": {"Service": format!("logs.{}.amazonaws.com", names.region)},
        "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:GenerateDataKey*"], "Resource": "*"});
    let alarms = json!({"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*"});
    let policy = |statements: &[&Value]| json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let tag = aws_sdk_kms::types::Tag::builder().tag_key("team").tag_value("data").build().unwrap();
    it.write(&format!("emails = ['ops@example.com']\n[existing]\nkey = '{alias}'\n"));
    assert!(it.run(&["up"]).expect(4).stderr.contains("it is not there"));
    let made = kms.create_key().policy(policy(&[&root])).tags(tag).send().await.unwrap().key_metadata.unwrap();
    let (id, key_arn) = (made.key_id, made.arn.unwrap());
    kms.create_alias().alias_name(&alias).target_key_id(&id).send().await.unwrap();
    let refused = it.run(&["up"]).expect(4).stderr;
    let users = format!("cloudwatch.amazonaws.com and logs.{}.amazonaws.com", names.region);
    assert!(refused.contains(&format!("does not let {users} use it")), "{refused}");
    assert_eq!(it.step("key").unwrap()["state"], "drifted");
    let allowing = policy(&[&root, &logs]);
    kms.put_key_policy().key_id(&id).policy_name("default").policy(&allowing).send().await.unwrap();
    assert!(it.run(&["up"]).expect(4).stderr.contains("does not let cloudwatch.amazonaws.com use it"));
    let allowing = policy(&[&root, &logs, &alarms]);
    it.write(&format!("{}log_groups = {{ sweep = '{group}' }}\n", std::fs::read_to_string(&it.file).unwrap()));
    kms.put_key_policy().key_id(&id).policy_name("default").policy(&allowing).send().await.unwrap();

    // What a key of the stack's own has encrypted is not left without it, whichever way.
    let own = kms.create_key().send().await.unwrap().key_metadata.unwrap().key_id;
    kms.create_alias().alias_name(names.key_alias()).target_key_id(&own).send().await.unwrap();
    for command in ["up", "down"] {
        assert!(it.run(&[command]).expect(4).stderr.contains("has encrypted what the stack holds"), "{command}");
    }
    kms.delete_alias().alias_name(names.key_alias()).send().await.unwrap();
    // Nor is what it has logged.
    let missing = it.run(&["up"]).expect(4).stderr;
    assert!(missing.contains(&group) && missing.contains("take existing.log_groups.sweep away"), "{missing}");
    let logs = &it.stack.aws.logs;
    logs.create_log_group().log_group_name(&group).send().await.unwrap();
    let (own, tags) = (names.own_log_group("sweep"), names.tags().map(|(key, value)| (key.into(), value.into())));
    logs.create_log_group().log_group_name(&own).set_tags(Some(tags.into())).send().await.unwrap();
    for command in ["up", "down"] {
        assert!(it.run(&[command]).expect(4).stderr.contains("has what it has logged"), "{command}");
    }
    logs.delete_log_group().log_group_name(&own).send().await.unwrap();
    assert_eq!(it.stack.proxy.writes(), Vec::<String>::new());

    it.run(&["up"]).expect(0);
    it.up_again();
    let bucket = it.stack.aws.s3.get_bucket_encryption().bucket(names.bucket(Zone::Vault)).send().await.unwrap();
    let encryption = bucket.server_side_encryption_configuration.unwrap().rules.remove(0);
    let encryption = encryption.apply_server_side_encryption_by_default.unwrap();
    assert_eq!(encryption.kms_master_key_id.as_deref(), Some(&*key_arn));
    let topic = it.stack.aws.sns.get_topic_attributes().topic_arn(names.topic_arn()).send().await.unwrap();
    assert_eq!(topic.attributes.unwrap()["KmsMasterKeyId"], key_arn);
    let sweep = it.stack.aws.sfn.describe_state_machine().state_machine_arn(names.sweep_arn()).send().await.unwrap();
    let written = sweep.logging_configuration.unwrap().destinations.unwrap().remove(0).cloud_watch_logs_log_group;
    assert!(written.unwrap().log_group_arn.unwrap().contains(&group));
    kms.disable_key().key_id(&id).send().await.unwrap();
    assert!(it.run(&["status"]).expect(2).stdout.contains("/KeyState"));
    assert!(it.run(&["up"]).expect(4).stderr.contains("KeyState is \"Disabled\", and \"Enabled\" is needed"));
    kms.enable_key().key_id(&id).send().await.unwrap();

    let printed = it.run(&["policy", "--expect-account", account]).expect(0);
    assert!(!printed.stderr.contains("kms:TagResource"), "no caution: {}", printed.stderr);
    let text = printed.document().to_string();
    for action in ["kms:CreateKey", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:CreateAlias"]
    {
        assert!(!text.contains(action), "{action}");
    }
    let may = |command: &str, action: &str, alias: &str| {
        let mut policy = it.run(&["policy", "--for", command, "--expect-account", account]).expect(0).document();
        for (number, statement) in policy["Statement"].as_array_mut().unwrap().iter_mut().enumerate() {
            statement["Sid"] = json!(format!("S{number}"));
        }
        let caller = Caller::Aws(format!("arn:aws:iam::{account}:role/deployer"));
        let request = Request::new(caller, action, &key_arn).with("kms:ResourceAliases", alias);
        let via = format!("s3.{}.amazonaws.com", names.region);
        Policy::seconded(&policy).allows(&request.with("kms:ViaService", &via))
    };
    for (command, action) in
        [("status", "kms:GetKeyPolicy"), ("verify", "kms:GenerateDataKey"), ("show", "kms:Decrypt")]
    {
        assert!(may(command, action, &alias) && !may(command, action, "alias/other"), "{command}");
    }

    it.run(&["down"]).expect(0);
    it.run(&["status"]).expect(3);
    let key = kms.describe_key().key_id(&alias).send().await.unwrap().key_metadata.unwrap();
    assert_eq!(key.key_state, Some(aws_sdk_kms::types::KeyState::Enabled), "law 8");
    let read = kms.get_key_policy().key_id(&id).policy_name("default").send().await.unwrap().policy.unwrap();
    assert_eq!(read, allowing);
    let tags = kms.list_resource_tags().key_id(&id).send().await.unwrap().tags.unwrap();
    assert!(tags.len() == 1 && tags[0].tag_key() == "team", "{tags:?}");
    assert_eq!(it.stack.keys().await, [], "none was made");
    let groups = logs.describe_log_groups().log_group_name_prefix(&group).send().await.unwrap().log_groups.unwrap();
    assert_eq!((groups[0].kms_key_id(), groups[0].retention_in_days()), (None, None));
    assert_eq!(it.stack.leftovers().await, [group, alias]);
}

/// Two keys that a stack may use, and what its configuration says beside the one.
async fn with_two_keys() -> (Configured, String, [(String, String); 2]) {
    let it = Configured::new(Stack::new());
    let (kms, names) = (&it.stack.aws.kms, &it.stack.names);
    let root = json!({"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{}:root", names.account)},
        "Action": "kms:*", "Resource": "*"});
    let services = json!({"Effect": "Allow", "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:GenerateDataKey*"], "Resource": "*",
        "Principal": {"Service": [format!("logs.{}.amazonaws.com", names.region), "cloudwatch.amazonaws.com".to_owned()]}});
    let policy = json!({"Version": "2012-10-17", "Statement": [root, services]}).to_string();
    let mut keys = vec![];
    for alias in ["first", "second"].map(|name| format!("alias/{name}-{}", names.id)) {
        let key = kms.create_key().policy(&policy).send().await.unwrap().key_metadata.unwrap();
        kms.create_alias().alias_name(&alias).target_key_id(&key.key_id).send().await.unwrap();
        keys.push((alias, key.arn.unwrap()));
    }
    // The emulator cannot give a log group another key.
    let groups = ["classifier", "orchestrator", "sweep"].map(|role| format!("/aws/vendedlogs/{role}-{}", names.id));
    for group in &groups {
        it.stack.aws.logs.create_log_group().log_group_name(group).send().await.unwrap();
    }
    let [classifier, orchestrator, sweep] = &groups;
    let groups = format!("classifier = '{classifier}', orchestrator = '{orchestrator}', sweep = '{sweep}'");
    let existing = format!("emails = ['ops@example.com']\n[existing]\nlog_groups = {{ {groups} }}\n");
    (it, existing, keys.try_into().unwrap())
}

/// What one key has encrypted is not left without it: the classifier has a right to one key alone.
#[tokio::test]
async fn a_key_is_not_left_while_files_wait_or_are_held() {
    let (it, existing, [(first, first_arn), (second, second_arn)]) = with_two_keys().await;
    let (s3, names) = (&it.stack.aws.s3, &it.stack.names);
    let name = |key: &str| it.write(&format!("{existing}key = '{key}'\n"));
    name(&first);
    it.run(&["up"]).expect(0);
    let held = names.bucket(Zone::Analytics);
    let put = s3.put_object().bucket(&held).key("k").body(b"x".to_vec().into());
    let version = put.send().await.unwrap().version_id;

    it.stack.proxy.forget();
    name(&second);
    for command in [&["up"][..], &["up", "--dry-run"]] {
        let refused = it.run(command).expect(4).stderr;
        assert!(refused.contains(&first_arn) && refused.contains("bucket/analytics holds"), "{refused}");
    }
    it.write(&existing);
    assert!(it.run(&["up"]).expect(4).stderr.contains(&first_arn), "nor for one of its own");
    name(&format!("alias/gone-{}", names.id));
    let missing = it.run(&["up"]).expect(4).stderr;
    assert!(missing.contains(&first_arn) && !missing.contains("take existing.key away"), "{missing}");
    // Another name of the same key is no other key.
    name(&first_arn);
    it.run(&["up"]).expect(0);
    assert_eq!(it.stack.proxy.writes(), Vec::<String>::new(), "nothing was changed");

    s3.delete_object().bucket(&held).key("k").set_version_id(version).send().await.unwrap();
    name(&second);
    it.run(&["up"]).expect(0);
    it.up_again();
    let encryption = s3.get_bucket_encryption().bucket(&held).send().await.unwrap();
    let rule = encryption.server_side_encryption_configuration.unwrap().rules.remove(0);
    let key = rule.apply_server_side_encryption_by_default.unwrap().kms_master_key_id;
    assert_eq!(key.as_ref(), Some(&second_arn));
}

/// Laws 3 and 9: the classifier's role lets go of a key last, so that the next run knows which one is left. What came meanwhile is
/// encrypted with that.
#[tokio::test]
async fn a_key_is_not_left_by_a_run_that_was_killed() {
    let (it, existing, [(first, first_arn), (second, _)]) = with_two_keys().await;
    let (s3, names) = (&it.stack.aws.s3, &it.stack.names);
    let [ingress, held] = [Zone::Ingress, Zone::Analytics].map(|zone| names.bucket(zone));
    let put = async |bucket: &str| {
        let put = s3.put_object().bucket(bucket).key("k").body(b"x".to_vec().into()).send();
        put.await.unwrap().version_id.unwrap()
    };
    let killed = |service: &str, operation: &str| {
        let dies = json!({"faults": [{"service": service, "op": operation, "nth": [1], "die": true}]});
        assert!(it.stack.killed(&["up", "--config", it.file.to_str().unwrap()], &dies), "{operation}");
    };
    let refused = |zone: Zone| {
        it.stack.proxy.forget();
        let refused = it.run(&["up"]).expect(4).stderr;
        assert!(refused.contains(&first_arn) && refused.contains(&format!("bucket/{zone} holds")), "{refused}");
        assert_eq!(it.stack.proxy.writes(), Vec::<String>::new(), "nothing was changed");
        refused
    };
    let name = |key: &str| it.write(&format!("{existing}key = '{key}'\n"));
    name(&first);
    it.run(&["up"]).expect(0);
    // From one to the other.
    name(&second);
    killed("s3", "PutBucketEncryption");
    let version = put(&held).await;
    assert!(refused(Zone::Analytics).contains("name it in existing.key again"));
    s3.delete_object().bucket(&held).key("k").version_id(version).send().await.unwrap();
    name(&first);
    it.run(&["up"]).expect(0);
    // To one of its own.
    it.stack.aws.eventbridge.disable_rule().name(names.rule(Zone::Ingress)).send().await.unwrap();
    it.write(&existing);
    killed("kms", "CreateAlias");
    for (zone, bucket) in [(Zone::Ingress, &ingress), (Zone::Analytics, &held)] {
        let version = put(bucket).await;
        assert!(!refused(zone).contains("existing.key again"), "there is no way back");
        s3.delete_object().bucket(bucket).key("k").version_id(version).send().await.unwrap();
    }
    // Nobody waits for what a sender has taken back at once, nor for what only a marker is left of.
    put(&ingress).await;
    for bucket in [&ingress, &held] {
        s3.delete_object().bucket(bucket).key("k").send().await.unwrap();
    }
    it.run(&["up"]).expect(0);
    it.up_again();
}

/// What came since its bucket has another key was not encrypted with the one that is left: it waits for the role.
#[tokio::test]
async fn what_came_under_the_new_key_hinders_no_change_to_it() {
    let (it, existing, [(first, _), (second, second_arn)]) = with_two_keys().await;
    let (s3, names) = (&it.stack.aws.s3, &it.stack.names);
    it.write(&format!("{existing}key = '{first}'\n"));
    it.run(&["up"]).expect(0);
    it.write(&format!("{existing}key = '{second}'\n"));
    let up = ["up", "--config", it.file.to_str().unwrap()];
    let dies =
        json!({"faults": [{"op": "PutRolePolicy", "resource": names.role("classifier"), "match": 1, "die": "before"}]});
    assert!(it.stack.killed(&up, &dies));
    for zone in Zone::ALL {
        let encryption = s3.get_bucket_encryption().bucket(names.bucket(zone)).send().await.unwrap();
        let rule = encryption.server_side_encryption_configuration.unwrap().rules.remove(0);
        let key = rule.apply_server_side_encryption_by_default.unwrap().kms_master_key_id;
        assert_eq!(key.as_ref(), Some(&second_arn), "{zone}: the role is last");
    }
    it.stack.aws.eventbridge.disable_rule().name(names.rule(Zone::Ingress)).send().await.unwrap();
    s3.put_object().bucket(names.bucket(Zone::Ingress)).key("k").body(b"x".to_vec().into()).send().await.unwrap();
    it.run(&["up"]).expect(0);
}

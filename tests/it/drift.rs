//! Law 2: whatever is changed behind its back is named by `status` and restored by `up`, and only it.

use crate::support::Stack;
use aws_sdk_cloudwatch::types::{ComparisonOperator, Dimension};
use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, BucketVersioningStatus, DeleteMarkerReplication, DeleteMarkerReplicationStatus,
    Destination, ExpirationStatus, LifecycleExpiration, LifecycleRule, LifecycleRuleFilter, NotificationConfiguration,
    ObjectOwnership, OwnershipControls, OwnershipControlsRule, PublicAccessBlockConfiguration,
    ReplicationConfiguration, ReplicationRule, ReplicationRuleFilter, ReplicationRuleStatus, ServerSideEncryption,
    ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule, Transition,
    TransitionStorageClass, VersioningConfiguration,
};
use cvault::vault::names::Zone;
use serde_json::json;

/// A zip without members.
const EMPTY_ZIP: &[u8] = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// Changes properties of every resource, and returns what `status` has to name.
pub async fn change_everything(stack: &Stack) -> Vec<&'static str> {
    change_key_and_roles(stack).await;
    change_buckets(stack).await;
    replicate(stack).await;
    change_messaging(stack).await;
    change_alarms(stack).await;
    change_compute(stack).await;
    vec![
        "key/KeyRotationEnabled",
        "key/Policy/Statement/AlarmsOfThisStack",
        "key/Policy/Statement/LogsOfThisStack",
        "role/classifier/Policies/cvault/Statement/ClearByVersion",
        "role/orchestrator/ManagedPolicyArns",
        "role/orchestrator/Policies/more",
        "role/sweeper/Policies/cvault/Statement/StartJudgingAndItself",
        "role/trigger/AssumeRolePolicyDocument/Statement/TheseRules",
        "bucket/ingress/Encryption/BucketKeyEnabled",
        "bucket/ingress/EventBridgeEnabled",
        "bucket/ingress/PublicAccessBlock",
        "bucket/analytics/Lifecycle/expire",
        "bucket/analytics/ObjectOwnership",
        "bucket/analytics/Versioning",
        "bucket/vault/ObjectOwnership",
        "bucket/vault/Policy",
        "bucket/vault/Replication",
        "topic/KmsMasterKeyId",
        "topic/Policy/Statement/AlarmsOfThisStack",
        "topic/Policy/Statement/DenyPlainHttp",
        "subscription/none is missing",
        "dead-letters/MessageRetentionPeriod",
        "dead-letters/Policy/Statement/#1",
        "notices/VisibilityTimeout",
        "alarm/executions-failed/Threshold",
        "alarm/executions-aborted/Tags/cvault:id",
        "alarm/executions-timed-out/AlarmAction",
        "alarm/dead-letters/Dimensions/QueueName",
        "alarm/notices/Dimensions/QueueName",
        "alarm/unjudged/TreatMissingData",
        "alarm/sweeps/TreatMissingData",
        "alarm/errors is missing",
        "alarm/throttles/ActionsEnabled",
        "dashboard/DashboardBody/start",
        "log-group/classifier/retentionInDays",
        "log-group/orchestrator/retentionInDays",
        "log-group/sweep/retentionInDays",
        "function/Environment/vault_bucket",
        "function/Layers",
        "function/MemorySize",
        "function/ResourcePolicy",
        "notices/event-source-mapping/Enabled",
        "notices/event-source-mapping/MaximumBatchingWindowInSeconds",
        "state-machine/level",
        "state-machine/definition/States/Failed",
        "state-machine/express/definition",
        "state-machine/sweep/roleArn",
        "rule/failures is missing",
        "rule/ingress/State",
        "rule/vault/EventPattern",
        "rule/vault/Target/RoleArn",
        "rule/sweep/ScheduleExpression",
        "rule/sweep/State",
        "rule/sweep/Target/Input",
    ]
}

async fn change_key_and_roles(stack: &Stack) {
    let (aws, names) = (&stack.aws, &stack.names);
    let key = stack.keys().await.remove(0).0;
    aws.kms.disable_key_rotation().key_id(&key).send().await.unwrap();
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Sid": "AccountAdministersThroughIam", "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "kms:*", "Resource": "*"}]});
    aws.kms.put_key_policy().policy_name("default").key_id(&key).policy(policy.to_string()).send().await.unwrap();
    let allow = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
        .to_string();
    let put = aws.iam.put_role_policy().role_name(names.role("classifier")).policy_name("cvault");
    put.policy_document(&allow).send().await.unwrap();
    let put = aws.iam.put_role_policy().role_name(names.role("sweeper")).policy_name("cvault");
    put.policy_document(&allow).send().await.unwrap();
    let put = aws.iam.put_role_policy().role_name(names.role("orchestrator")).policy_name("more");
    put.policy_document(&allow).send().await.unwrap();
    let administrator = "arn:aws:iam::aws:policy/AdministratorAccess";
    let attach = aws.iam.attach_role_policy().role_name(names.role("orchestrator")).policy_arn(administrator);
    attach.send().await.unwrap();
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Sid": "TheseRules", "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
    let update = aws.iam.update_assume_role_policy().role_name(names.role("trigger"));
    update.policy_document(trust.to_string()).send().await.unwrap();
}

async fn change_buckets(stack: &Stack) {
    let (s3, names) = (&stack.aws.s3, &stack.names);
    let [ingress, analytics, vault] = Zone::ALL.map(|zone| names.bucket(zone));
    let default = ServerSideEncryptionByDefault::builder().sse_algorithm(ServerSideEncryption::Aes256).build().unwrap();
    let rule = ServerSideEncryptionRule::builder().apply_server_side_encryption_by_default(default).build();
    let encryption = ServerSideEncryptionConfiguration::builder().rules(rule).build().unwrap();
    let put = s3.put_bucket_encryption().bucket(&ingress).server_side_encryption_configuration(encryption);
    put.send().await.unwrap();
    let none = NotificationConfiguration::builder().build();
    let put = s3.put_bucket_notification_configuration().bucket(&ingress).notification_configuration(none);
    put.send().await.unwrap();
    let open = PublicAccessBlockConfiguration::builder().block_public_acls(false).build();
    s3.put_public_access_block().bucket(&ingress).public_access_block_configuration(open).send().await.unwrap();

    let rule = LifecycleRule::builder()
        .id("expire")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("").build())
        .expiration(LifecycleExpiration::builder().days(1).build())
        .build();
    let lifecycle = BucketLifecycleConfiguration::builder().rules(rule.unwrap()).build().unwrap();
    let put = s3.put_bucket_lifecycle_configuration().bucket(&analytics).lifecycle_configuration(lifecycle);
    put.send().await.unwrap();
    let suspended = VersioningConfiguration::builder().status(BucketVersioningStatus::Suspended).build();
    s3.put_bucket_versioning().bucket(&analytics).versioning_configuration(suspended).send().await.unwrap();
    let rule = OwnershipControlsRule::builder().object_ownership(ObjectOwnership::BucketOwnerPreferred).build();
    let ownership = OwnershipControls::builder().rules(rule.unwrap()).build().unwrap();
    for bucket in [&analytics, &vault] {
        let put = s3.put_bucket_ownership_controls().bucket(bucket).ownership_controls(ownership.clone());
        put.send().await.unwrap();
    }
    s3.delete_bucket_policy().bucket(&vault).send().await.unwrap();
}

/// By a rule that is called as ours, and that nobody has declared.
async fn replicate(stack: &Stack) {
    let off = DeleteMarkerReplication::builder().status(DeleteMarkerReplicationStatus::Disabled).build();
    let to = Destination::builder().bucket("arn:aws:s3:::elsewhere").build().unwrap();
    let rule = ReplicationRule::builder().id("cvault").priority(1).status(ReplicationRuleStatus::Enabled);
    let rule = rule.filter(ReplicationRuleFilter::builder().prefix("").build()).delete_marker_replication(off);
    let replicator = format!("arn:aws:iam::{}:role/replicator", stack.names.account);
    let whole = ReplicationConfiguration::builder().role(replicator).rules(rule.destination(to).build().unwrap());
    let put = stack.aws.s3.put_bucket_replication().bucket(stack.names.bucket(Zone::Vault));
    put.replication_configuration(whole.build().unwrap()).send().await.unwrap();
}

async fn change_messaging(stack: &Stack) {
    let (aws, names) = (&stack.aws, &stack.names);
    let topic = names.topic_arn();
    let subscribed = aws.sns.list_subscriptions_by_topic().topic_arn(&topic).send().await.unwrap();
    for subscription in subscribed.subscriptions() {
        aws.sns.unsubscribe().subscription_arn(subscription.subscription_arn().unwrap()).send().await.unwrap();
    }
    let open = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
        "Action": "sns:Publish", "Resource": topic}]});
    for (name, value) in [("KmsMasterKeyId", "alias/aws/sns".to_owned()), ("Policy", open.to_string())] {
        let set = aws.sns.set_topic_attributes().topic_arn(&topic).attribute_name(name).attribute_value(value);
        set.send().await.unwrap();
    }
    let url = aws.sqs.get_queue_url().queue_name(names.dead_letters()).send().await.unwrap().queue_url.unwrap();
    let open = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
        "Action": "sqs:*", "Resource": names.dead_letters_arn()}]});
    let set = aws.sqs.set_queue_attributes().queue_url(url);
    let set = set.attributes("MessageRetentionPeriod".into(), "60").attributes("Policy".into(), open.to_string());
    set.send().await.unwrap();
    let url = aws.sqs.get_queue_url().queue_name(names.notices()).send().await.unwrap().queue_url.unwrap();
    let set = aws.sqs.set_queue_attributes().queue_url(url).attributes("VisibilityTimeout".into(), "30");
    set.send().await.unwrap();
    for group in [names.classifier_log_group(), names.sweep_log_group()] {
        aws.logs.put_retention_policy().log_group_name(group).retention_in_days(1).send().await.unwrap();
    }
    // Its key cannot be changed here: the emulator knows no AssociateKmsKey.
    let delete = aws.logs.delete_retention_policy().log_group_name(names.orchestrator_log_group());
    delete.send().await.unwrap();
}

async fn change_alarms(stack: &Stack) {
    let (cloudwatch, names) = (&stack.aws.cloudwatch, &stack.names);
    let put = |what: &str| {
        let put = cloudwatch.put_metric_alarm().alarm_name(names.alarm(what)).namespace("AWS/SQS").metric_name("Other");
        put.comparison_operator(ComparisonOperator::LessThanThreshold).evaluation_periods(1).threshold(2.5)
    };
    for what in ["executions-failed", "executions-timed-out"] {
        put(what).alarm_actions(format!("{}2", names.topic_arn())).send().await.unwrap();
    }
    let elsewhere = Dimension::builder().name("QueueName").value("elsewhere").build();
    for what in ["dead-letters", "notices"] {
        put(what).dimensions(elsewhere.clone()).send().await.unwrap();
    }
    put("unjudged").treat_missing_data("breaching").send().await.unwrap();
    put("sweeps").treat_missing_data("notBreaching").send().await.unwrap();
    cloudwatch.disable_alarm_actions().alarm_names(names.alarm("throttles")).send().await.unwrap();
    cloudwatch.delete_alarms().alarm_names(names.alarm("errors")).send().await.unwrap();
    let name = names.dashboard();
    let dashboard = cloudwatch.get_dashboard().dashboard_name(&name).send().await.unwrap().dashboard_body.unwrap();
    let dashboard = dashboard.replace("-P1D", "-P30D");
    cloudwatch.put_dashboard().dashboard_name(name).dashboard_body(dashboard).send().await.unwrap();
    let untag = cloudwatch.untag_resource().resource_arn(names.alarm_arn("executions-aborted"));
    untag.tag_keys("cvault:id").send().await.unwrap();
}

async fn change_compute(stack: &Stack) {
    let (aws, names) = (&stack.aws, &stack.names);
    let environment = aws_sdk_lambda::types::Environment::builder().variables("vault_bucket", "elsewhere").build();
    let update = aws.lambda.update_function_configuration().function_name(names.function());
    let layer = aws.lambda.publish_layer_version().layer_name(names.function());
    let content = aws_sdk_lambda::types::LayerVersionContentInput::builder().zip_file(EMPTY_ZIP.to_vec().into());
    let layer = layer.content(content.build()).send().await.unwrap();
    let update = update.layers(layer.layer_version_arn.unwrap());
    update.environment(environment).memory_size(128).send().await.unwrap();
    // A function keeps a version that is deleted.
    aws.lambda.delete_layer_version().layer_name(names.function()).version_number(1).send().await.unwrap();
    let allow = aws.lambda.add_permission().function_name(names.function()).statement_id("everybody");
    allow.action("lambda:InvokeFunction").principal("*").send().await.unwrap();
    let mapping = aws.lambda.list_event_source_mappings().event_source_arn(names.notices_arn()).send().await.unwrap();
    let update = aws.lambda.update_event_source_mapping().uuid(mapping.event_source_mappings()[0].uuid().unwrap());
    update.enabled(false).maximum_batching_window_in_seconds(300).send().await.unwrap();
    let off = aws_sdk_sfn::types::LoggingConfiguration::builder().level("OFF".into()).build();
    let definition = json!({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}});
    let update = aws.sfn.update_state_machine().state_machine_arn(names.state_machine_arn());
    update.definition(definition.to_string()).logging_configuration(off).send().await.unwrap();
    let update = aws.sfn.update_state_machine().state_machine_arn(names.sweep_arn());
    update.role_arn(names.role_arn("orchestrator")).send().await.unwrap();
    let update = aws.sfn.update_state_machine().state_machine_arn(names.express_arn());
    update.definition(definition.to_string()).send().await.unwrap();
    change_rules(stack).await;
}

async fn change_rules(stack: &Stack) {
    let (aws, names) = (&stack.aws, &stack.names);
    let failures = names.rule("failures");
    aws.eventbridge.remove_targets().rule(&failures).ids("state-machine").send().await.unwrap();
    aws.eventbridge.delete_rule().name(&failures).send().await.unwrap();
    let put = aws.eventbridge.put_rule().name(names.rule("sweep")).schedule_expression("rate(1 day)");
    put.state(aws_sdk_eventbridge::types::RuleState::Disabled).send().await.unwrap();
    let target = aws_sdk_eventbridge::types::Target::builder().id("state-machine").arn(names.sweep_arn());
    let target = target.role_arn(names.role_arn("trigger")).input("{\"Bucket\": \"elsewhere\"}").build().unwrap();
    aws.eventbridge.put_targets().rule(names.rule("sweep")).targets(target).send().await.unwrap();
    aws.eventbridge.disable_rule().name(names.rule(Zone::Ingress)).send().await.unwrap();
    let pattern = json!({"source": ["aws.ec2"]}).to_string();
    aws.eventbridge.put_rule().name(names.rule(Zone::Vault)).event_pattern(pattern).send().await.unwrap();
    let target = aws_sdk_eventbridge::types::Target::builder().id("state-machine").arn(names.state_machine_arn());
    let target = target.role_arn(names.role_arn("orchestrator")).build().unwrap();
    aws.eventbridge.put_targets().rule(names.rule(Zone::Vault)).targets(target).send().await.unwrap();
}

#[tokio::test]
async fn every_resource_is_looked_after() {
    let stack = Stack::behind(&["--truths", "all"]).whole();
    stack.up();
    let changed = change_everything(&stack).await;
    every_change_is_named_and_mended(&stack, &changed);
}

/// What these changes did is named, every resource is among them, and `up` mends all of it.
pub fn every_change_is_named_and_mended(stack: &Stack, changed: &[&str]) {
    stack.run(&["status"]).expect(2);
    let found = stack.drifted();
    for path in changed {
        assert!(found.iter().any(|found| found.starts_with(path)), "{path} is not among {found:#?}");
    }
    let status = stack.status();
    let touched = |name: &str| changed.iter().any(|path| path.starts_with(name));
    for resource in status["resources"].as_array().unwrap() {
        let name = resource["name"].as_str().unwrap();
        assert!(touched(name), "{name} was not changed by this test");
        assert_ne!(resource["action"], "keep", "{name}");
    }

    stack.up();
    assert_eq!(stack.drifted(), Vec::<String>::new());
    stack.run(&["status"]).expect(0);
}

#[tokio::test]
async fn only_what_differs_is_written() {
    let stack = Stack::behind(&["--truths", "all"]);
    stack.up();
    let put = stack.aws.logs.put_retention_policy().log_group_name(stack.names.classifier_log_group());
    put.retention_in_days(1).send().await.unwrap();
    let disable = stack.aws.eventbridge.disable_rule().name(stack.names.rule(Zone::Ingress));
    disable.send().await.unwrap();
    stack.proxy.forget();
    stack.up();
    let writes: Vec<_> =
        stack.proxy.writes().into_iter().map(|call| call.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(writes, ["logs:PutRetentionPolicy", "events:PutRule"]);
}

#[tokio::test]
async fn what_is_deleted_comes_back() {
    let stack = Stack::behind(&["--truths", "all"]);
    stack.up();
    let (aws, names) = (&stack.aws, &stack.names);
    aws.lambda.delete_function().function_name(names.function()).send().await.unwrap();
    aws.sfn.delete_state_machine().state_machine_arn(names.state_machine_arn()).send().await.unwrap();
    aws.s3.delete_bucket().bucket(names.bucket(Zone::Analytics)).send().await.unwrap();
    aws.sns.delete_topic().topic_arn(names.topic_arn()).send().await.unwrap();
    aws.kms.delete_alias().alias_name(names.key_alias()).send().await.unwrap();
    let mut found = stack.drifted();
    found.sort();
    let expected = [
        "bucket/analytics is missing",
        "function is missing",
        "key/AliasName",
        "state-machine is missing",
        "subscription/none is missing",
        "topic is missing",
    ];
    assert_eq!(found, expected);
    stack.up();
    stack.run(&["status"]).expect(0);
    assert_eq!(stack.keys().await.len(), 1);
}

/// Under its old name a new role is another one, and Lambda cannot use it for the old function.
#[tokio::test]
async fn the_function_is_made_again_with_its_role() {
    let stack = Stack::behind(&["--truths", "all"]);
    stack.up();
    let (iam, role) = (&stack.aws.iam, stack.names.role("classifier"));
    iam.delete_role_policy().role_name(&role).policy_name("cvault").send().await.unwrap();
    iam.delete_role().role_name(&role).send().await.unwrap();
    assert_eq!(stack.drifted(), ["role/classifier is missing", "function/Tags/cvault:role"]);
    stack.proxy.forget();
    stack.up();
    assert!(stack.proxy.log().iter().any(|call| call["op"] == "CreateFunction"));
    stack.run(&["status"]).expect(0);
}

#[tokio::test]
async fn a_disabled_or_dying_key_is_woken() {
    let stack = Stack::behind(&["--truths", "all"]);
    stack.up();
    let key = stack.keys().await.remove(0).0;
    stack.aws.kms.disable_key().key_id(&key).send().await.unwrap();
    assert_eq!(stack.drifted(), ["key/KeyState"]);
    stack.up();
    stack.run(&["status"]).expect(0);
    stack.aws.kms.schedule_key_deletion().key_id(&key).pending_window_in_days(7).send().await.unwrap();
    assert!(stack.drifted().contains(&"key/KeyState".to_owned()));
    stack.up();
    stack.run(&["status"]).expect(0);
    assert_eq!(stack.keys().await, [(key, "Enabled".to_owned())]);
}

/// What becomes of objects by their age is declared, and a rule of somebody else's that does no harm stays.
#[tokio::test]
async fn ages_are_declared_and_harmless_rules_stay() {
    let stack = Stack::new();
    let s3 = &stack.aws.s3;
    let file = std::env::temp_dir().join(format!("cvault-ages-{}.toml", stack.names.id));
    let text = "[held]\nexpire_days = 400\n[vault]\nexpire_days = 3650\n\
                transition = { days = 30, storage_class = \"GLACIER_IR\" }\n";
    std::fs::write(&file, text).unwrap();
    let options = ["--config", file.to_str().unwrap()];
    let up = [&["up", "--email", "ops@example.com"][..], &options].concat();
    stack.run(&up).expect(0);
    let rules = async |zone| {
        let read = s3.get_bucket_lifecycle_configuration().bucket(stack.names.bucket(zone)).send().await;
        read.unwrap().rules.unwrap()
    };
    let expire = |rules: &[LifecycleRule]| rules.iter().find_map(|rule| rule.expiration()?.days());
    let [ingress, analytics, vault] =
        [rules(Zone::Ingress).await, rules(Zone::Analytics).await, rules(Zone::Vault).await];
    assert_eq!([expire(&ingress), expire(&analytics), expire(&vault)], [None, Some(400), Some(3650)]);
    assert_eq!(vault[0].transitions()[0].days(), Some(30));

    let theirs = LifecycleRule::builder().id("theirs").status(ExpirationStatus::Enabled);
    let moved = Transition::builder().days(40).storage_class(TransitionStorageClass::StandardIa).build();
    let theirs = theirs.filter(LifecycleRuleFilter::builder().prefix("in/").build()).transitions(moved);
    let all = analytics.into_iter().chain([theirs.build().unwrap()]).collect();
    let all = BucketLifecycleConfiguration::builder().set_rules(Some(all)).build().unwrap();
    let put = s3.put_bucket_lifecycle_configuration().bucket(stack.names.bucket(Zone::Analytics));
    put.lifecycle_configuration(all).send().await.unwrap();
    stack.run(&[&["status"][..], &options].concat()).expect(0);
    // Without the file nothing expires, and theirs is left.
    stack.run(&["status"]).expect(2);
    stack.up();
    let analytics = rules(Zone::Analytics).await;
    let mut names: Vec<_> = analytics.iter().filter_map(|rule| rule.id()).collect();
    names.sort_unstable();
    assert_eq!((names, expire(&analytics)), (vec!["cvault", "theirs"], None));
    stack.run(&["status"]).expect(0);
    std::fs::remove_file(file).unwrap();
}

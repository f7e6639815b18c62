//! What the classifier's role may do is what the function does: every call that it makes of S3 and of
//! Macie is recorded, and evaluated against the role's policy, the buckets' policies and the key's, as
//! they are after `up`. A call that they do not allow fails the test, and so does a right that no call
//! needs.
//!
//! The other two roles are used by services. What they do is in the definitions that AWS has been
//! given: the state machine's tasks and the rules' targets.

use crate::macie::Scanned;
use crate::simulator::{Caller, Policy, Request};
use crate::support::{Pipeline, Stack};
use classifier::objects::{Copying, Marks, Objects, Place};
use cvault::names::{Names, Zone};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const CLEAN: &[u8] = b"seq,city\n1,Kingsford\n2,Saltmere\n";
const RAGGED: &[u8] = b"seq,city\n1,Kingsford,extra\n";
const CARDS: &[u8] = b"seq,credit_card\n0,4000004427083831\n";
/// What Macie finds and cvault itself does not look for.
const PROVIDERS: &[u8] = b"seq,npi\n1,1234567893\n2,1245319599\n";

/// Rights that no recorded call needs, by statement and action, and why they are there.
const NOT_SEEN: [(&str, &str); 4] = [
    // Of objects that are not there S3 says so to those only who may list: all others are denied.
    ("FindVersions", "s3:ListBucket"),
    // S3's documentation asks for it beside the one of a version, and sources are always versions (truths D2).
    ("CopyTags", "s3:GetObjectTagging"),
    // Lambda writes what the function prints, with the function's role.
    ("Log", "logs:CreateLogStream"),
    ("Log", "logs:PutLogEvents"),
];

/// What Step Functions calls by its role to have executions logged.
const LOG_DELIVERY: [&str; 8] = [
    "CreateLogDelivery",
    "DeleteLogDelivery",
    "DescribeLogGroups",
    "DescribeResourcePolicies",
    "GetLogDelivery",
    "ListLogDeliveries",
    "PutResourcePolicy",
    "UpdateLogDelivery",
];

/// A right that is needed: an action on a resource, under conditions that are keys and values.
type Needed = (String, String, Vec<(&'static str, String)>);

/// The policies of a stack that is up.
struct Policies {
    caller: Caller,
    own: Value,
    /// Those of the buckets, the topic and the key.
    of_resources: Vec<(String, Policy)>,
    key_arn: String,
}

impl Policies {
    async fn of(stack: &Stack, role: &str) -> Self {
        let (aws, names) = (&stack.aws, &stack.names);
        let own = aws.iam.get_role_policy().role_name(names.role(role)).policy_name("cvault").send().await.unwrap();
        let listed = aws.iam.list_role_policies().role_name(names.role(role)).send().await.unwrap();
        assert_eq!(listed.policy_names(), ["cvault"]);
        let mut found = vec![];
        for zone in Zone::ALL {
            let policy = aws.s3.get_bucket_policy().bucket(names.bucket(zone)).send().await.unwrap().policy.unwrap();
            found.push((names.bucket_arn(zone), policy));
        }
        let topic = aws.sns.get_topic_attributes().topic_arn(names.topic_arn()).send().await.unwrap();
        found.push((names.topic_arn(), topic.attributes.unwrap().remove("Policy").unwrap()));
        let key_id = stack.keys().await.remove(0).0;
        let key_arn = format!("arn:aws:kms:{}:{}:key/{key_id}", names.region, names.account);
        let key = aws.kms.get_key_policy().key_id(&key_id).send().await.unwrap().policy.unwrap();
        found.push((key_arn.clone(), key));
        let parsed = |(arn, policy): (String, String)| (arn, Policy::seconded(&serde_json::from_str(&policy).unwrap()));
        Self {
            caller: Caller::Aws(names.role_arn(role)),
            own: serde_json::from_str(&decoded(&own.policy_document)).unwrap(),
            of_resources: found.into_iter().map(parsed).collect(),
            key_arn,
        }
    }

    fn request(&self, (action, resource, context): &Needed) -> Request {
        let account = self.own_account();
        let request = Request::new(self.caller.clone(), action, resource).with("aws:ResourceAccount", account);
        context.iter().fold(request, |request, (key, value)| request.with(key, value))
    }

    fn own_account(&self) -> &str {
        let Caller::Aws(arn) = &self.caller else { panic!("a role has an ARN") };
        arn.split(':').nth(4).unwrap()
    }

    /// Whether it is allowed, with what the resource's own policy says.
    fn allow(&self, needed: &Needed) -> bool {
        let request = self.request(needed);
        let own = Policy::seconded(&self.own).allows(&request);
        let (_, resource, _) = needed;
        let is_of = |arn: &str| resource == arn || resource.starts_with(&format!("{arn}/"));
        let policy = self.of_resources.iter().find(|(arn, _)| is_of(arn));
        policy.map_or(own, |(_, policy)| policy.admits(&request, own))
    }

    /// Fails unless all of these are allowed; gives the rights that none of them needs: statement, action
    /// and resource.
    #[track_caller]
    fn unused(&self, needed: &BTreeSet<Needed>) -> BTreeSet<(String, String, String)> {
        let denied: Vec<_> = needed.iter().filter(|one| !self.allow(one)).collect();
        assert!(denied.is_empty(), "not allowed: {denied:#?}");
        let list = |value: &Value| match value {
            Value::Array(all) => all.iter().map(|one| one.as_str().unwrap().to_owned()).collect(),
            one => vec![one.as_str().unwrap().to_owned()],
        };
        let mut unused = BTreeSet::new();
        for statement in self.own["Statement"].as_array().unwrap() {
            for action in list(&statement["Action"]) {
                for resource in list(&statement["Resource"]) {
                    let mut one = statement.clone();
                    (one["Action"], one["Resource"]) = (json!(action), json!(resource));
                    let one = Policy::seconded(&json!({"Version": "2012-10-17", "Statement": [one]}));
                    if !needed.iter().any(|needed| one.allows(&self.request(needed))) {
                        unused.insert((statement["Sid"].as_str().unwrap().into(), action.clone(), resource));
                    }
                }
            }
        }
        unused
    }
}

/// IAM gives policies back as they are in an address.
fn decoded(document: &str) -> String {
    percent_encoding::percent_decode_str(document).decode_utf8().unwrap().into_owned()
}

/// What a recorded call of S3 needs: of S3, and of the keys that S3 uses for it. Objects of the results' bucket
/// have a key of their own.
fn of_s3(call: &Value, names: &Names, key: &str, results_key: &str) -> Vec<Needed> {
    let text = |name: &str| call[name].as_str().unwrap_or_default();
    let arn = |resource: &str| format!("arn:aws:s3:::{resource}");
    let (target, source) = (arn(text("resource")), arn(text("source")));
    let on = |action: &str, resource: &str| (format!("s3:{action}"), resource.to_owned(), vec![]);
    let version = |versioned: &str, action: &str, field: &str| {
        if call[field].is_null() { action.to_owned() } else { versioned.to_owned() }
    };
    let uses = |action: &str, object: &str| {
        let ours = Zone::ALL.iter().any(|zone| object.starts_with(&format!("{}/", names.bucket_arn(*zone))));
        let via = vec![("kms:ViaService", format!("s3.{}.amazonaws.com", names.region))];
        (format!("kms:{action}"), if ours { key } else { results_key }.to_owned(), via)
    };
    let read = |object: &str, field: &str| {
        vec![on(&version("GetObjectVersion", "GetObject", field), object), uses("Decrypt", object)]
    };
    // In parts, S3 reads back what it has encrypted.
    let write = || vec![on("PutObject", &target), uses("GenerateDataKey", &target), uses("Decrypt", &target)];
    let tags = |action: &str, context: &[(&'static str, &str)]| {
        let keys = call["tag_keys"].as_array().into_iter().flatten().map(|key| key.as_str().unwrap());
        let with = |key: &str| {
            [("s3:RequestObjectTagKeys", key)]
                .iter()
                .chain(context)
                .map(|(key, value)| (*key, (*value).to_owned()))
                .collect()
        };
        keys.map(|key| (format!("s3:{action}"), target.clone(), with(key))).collect::<Vec<Needed>>()
    };
    let list =
        |action: &str| vec![(format!("s3:{action}"), target.clone(), vec![("s3:prefix", text("prefix").to_owned())])];
    match text("op") {
        "HeadObject" | "GetObject" => read(&target, "version"),
        "GetObjectTagging" => vec![on(&version("GetObjectVersionTagging", "GetObjectTagging", "version"), &target)],
        "PutObjectTagging" => {
            let action = version("PutObjectVersionTagging", "PutObjectTagging", "version");
            // By an earlier try, perhaps.
            tags(&action, &[("s3:ExistingObjectTag/cvault:status", "HAS_FINDINGS")])
        }
        "DeleteObject" => vec![on(&version("DeleteObjectVersion", "DeleteObject", "version"), &target)],
        "CopyObject" => {
            let copied = [
                on(&version("GetObjectVersionTagging", "GetObjectTagging", "source_version"), &source),
                on("PutObjectTagging", &target),
            ];
            let copied = if call["copies_tags"] == true { copied.to_vec() } else { vec![] };
            [read(&source, "source_version"), write(), copied, tags("PutObjectTagging", &[])].concat()
        }
        "CreateMultipartUpload" => [write(), tags("PutObjectTagging", &[])].concat(),
        "UploadPartCopy" => [read(&source, "source_version"), write()].concat(),
        "CompleteMultipartUpload" => write(),
        "AbortMultipartUpload" => vec![on("AbortMultipartUpload", &target)],
        "ListObjectVersions" => list("ListBucketVersions"),
        "ListObjectsV2" => list("ListBucket"),
        other => panic!("{other} is no call of the function's: {call}"),
    }
}

/// Jobs have ARNs; everything else that the function asks Macie has none.
fn of_macie(operation: &str, names: &Names) -> Needed {
    let job = format!("arn:aws:macie2:{}:{}:classification-job/3ce05dbb", names.region, names.account);
    let of_job = ["CreateClassificationJob", "DescribeClassificationJob", "UpdateClassificationJob"];
    (format!("macie2:{operation}"), if of_job.contains(&operation) { job } else { "*".into() }, vec![])
}

/// Everything that can become of a file, and what only happens on the way to it.
async fn every_way(scanned: &Scanned) {
    let (vault, macie) = (&scanned.vault, &scanned.macie);
    let bucket = vault.stack.names.bucket(Zone::Ingress);
    let event = |object: Value| json!({"detail": {"bucket": {"name": bucket}, "object": object}});
    macie.script(&json!({"key": "/same.csv", "status": "RUNNING", "times": 1}));
    let first = vault.put("same.csv", CLEAN).await;
    scanned.job_of("same.csv", &first).await;
    let newer = vault.put("same.csv", b"seq,city\n3,Saltmere\n").await;
    assert_eq!(vault.judged("same.csv").await.verdict("Status"), "VAULT_COPY");
    // Judged later than the newer one, which is then stored once more, on top.
    macie.release("/same.csv");
    let zip = include_bytes!("../../src/commands/demo/samples/tides.zip");
    for (key, body, status) in [
        ("tides.zip", &zip[..], "VAULT_COPY"),
        ("cards.csv", CARDS, "HAS_FINDINGS"),
        ("providers.csv", PROVIDERS, "HAS_FINDINGS"),
        ("ragged.csv", RAGGED, "INTEGRITY_FAIL"),
    ] {
        vault.put(key, body).await;
        assert_eq!(vault.judged(key).await.verdict("Status"), status, "{key}");
    }
    vault.executions(Zone::Ingress, "same.csv", 2).await;
    let duplicate = vault.start_execution(&event(json!({"key": "same.csv", "version-id": newer}))).await;
    assert_eq!(duplicate.verdict("Status"), "ALREADY_SETTLED");
    let gone = vault.start_execution(&event(json!({"key": "never.csv", "etag": "e"}))).await;
    assert_eq!(gone.error.as_deref(), Some("GONE"));
    release_by_hand(vault).await;
    scanned.grant_no_time().await;
    macie.script(&json!({"key": "/stuck.csv", "status": "RUNNING"}));
    vault.put("stuck.csv", CLEAN).await;
    assert_eq!(vault.judged("stuck.csv").await.verdict("Status"), "NOT_ANALYSED");
}

async fn release_by_hand(vault: &Pipeline) {
    let held = vault.judged("cards.csv").await;
    let source = format!("{}/{}", held.verdict("AnalyticsBucket"), held.verdict("AnalyticsKey"));
    let copy = vault.stack.aws.s3.copy_object().bucket(vault.stack.names.bucket(Zone::Vault)).key("cards.csv");
    copy.copy_source(source).send().await.unwrap();
    vault.executions(Zone::Vault, "cards.csv", 1).await;
}

/// The function's own code for objects of more than 5 GiB, with parts that fit into a test: once
/// whole, once given up.
async fn copies_in_parts(stack: &Stack) {
    const PART: u64 = 5 << 20;
    let through_proxy = stack.aws.s3.config().to_builder().endpoint_url(stack.proxy.endpoint()).build();
    let copying = Copying { whole: PART, part: PART, parts: 100, at_once: 2 };
    let objects = Objects::with(aws_sdk_s3::Client::from_conf(through_proxy), copying);
    let body = vec![b'x'; usize::try_from(PART).unwrap() + 7];
    for (from, to) in [(Zone::Ingress, Zone::Analytics), (Zone::Analytics, Zone::Vault), (Zone::Vault, Zone::Vault)] {
        let (from, to) = (stack.names.bucket(from), stack.names.bucket(to));
        let put = stack.aws.s3.put_object().bucket(&from).key("large.bin").body(body.clone().into());
        let version = put.tagging("team=sea").send().await.unwrap().version_id.unwrap();
        let source = Place { bucket: &from, key: "large.bin", version_id: Some(&version) };
        let target = Place { bucket: &to, key: "copy.bin", version_id: None };
        let head = objects.head(source).await.unwrap().unwrap();
        assert!(objects.copy(source, &head, target, Marks::default()).await.unwrap().is_some());
        let tags = Some(vec![]);
        stack.aws.s3.delete_object().bucket(&from).key("large.bin").version_id(&version).send().await.unwrap();
        let late = objects.copy(source, &head, target, Marks { metadata: &[], tags }).await;
        assert!(late.unwrap().is_none(), "its source is gone");
    }
}

#[tokio::test]
async fn the_classifier_has_the_rights_that_it_uses() {
    let scanned = Scanned::exporting().await;
    let (stack, macie) = (&scanned.vault.stack, &scanned.macie);
    let before = macie.operations().len();
    stack.watch_function().await;
    every_way(&scanned).await;
    copies_in_parts(stack).await;

    let policies = Policies::of(stack, "classifier").await;
    let results_key =
        format!("arn:aws:kms:{}:{}:key/00000000-0000-4000-8000-000000000000", stack.names.region, stack.names.account);
    let calls = stack.proxy.log();
    assert!(calls.iter().all(|call| call["status"] != 403), "{calls:#?}");
    let of_s3 = calls.iter().flat_map(|call| of_s3(call, &stack.names, &policies.key_arn, &results_key));
    let asked = macie.operations().split_off(before);
    let needed = of_s3.chain(asked.iter().map(|call| of_macie(call, &stack.names))).collect();
    let unused = policies.unused(&needed);
    let unused: BTreeSet<_> = unused.iter().map(|(sid, action, _)| (sid.as_str(), action.as_str())).collect();
    assert_eq!(unused, NOT_SEEN.into());
}

/// Every task of a definition, in branches too: what it is for, and its parameters.
fn tasks(states: &Value) -> Vec<(&str, &Value)> {
    let of_state = |state: &Value| state["Type"] == "Task";
    let states = states.as_object().unwrap().values();
    let own =
        states.clone().filter(|state| of_state(state)).map(|it| (it["Resource"].as_str().unwrap(), &it["Parameters"]));
    let branches = states.filter_map(|state| state["Branches"].as_array()).flatten();
    own.chain(branches.flat_map(|branch| tasks(&branch["States"]))).collect()
}

#[tokio::test]
async fn the_orchestrator_and_the_trigger_have_the_rights_that_they_use() {
    let stack = Stack::new();
    stack.up();
    let (aws, names) = (&stack.aws, &stack.names);
    let policies = Policies::of(&stack, "orchestrator").await;
    let machine = aws.sfn.describe_state_machine().state_machine_arn(names.state_machine_arn()).send().await.unwrap();
    assert_eq!(machine.role_arn, names.role_arn("orchestrator"));
    let definition: Value = serde_json::from_str(&machine.definition).unwrap();
    let via = || vec![("kms:ViaService", format!("sns.{}.amazonaws.com", names.region))];
    let mut needed = BTreeSet::new();
    for (resource, parameters) in tasks(&definition["States"]) {
        let text = |name: &str| parameters[name].as_str().unwrap().to_owned();
        match resource {
            "arn:aws:states:::lambda:invoke" => {
                needed.insert(("lambda:InvokeFunction".into(), text("FunctionName"), vec![]));
            }
            "arn:aws:states:::sns:publish" => {
                needed.insert(("sns:Publish".into(), text("TopicArn"), vec![]));
                let uses = ["Decrypt", "GenerateDataKey"];
                needed.extend(uses.map(|action| (format!("kms:{action}"), policies.key_arn.clone(), via())));
            }
            other => panic!("what does {other} need?"),
        }
    }
    let logging = machine.logging_configuration.unwrap();
    assert_eq!((logging.level().unwrap().as_str(), logging.destinations().len()), ("ALL", 1));
    needed.extend(LOG_DELIVERY.map(|action| (format!("logs:{action}"), "*".to_owned(), vec![])));
    assert_eq!(policies.unused(&needed), BTreeSet::new());

    let policies = Policies::of(&stack, "trigger").await;
    let mut needed = BTreeSet::new();
    for zone in [Zone::Ingress, Zone::Vault] {
        let listed = aws.eventbridge.list_targets_by_rule().rule(names.rule(zone)).send().await.unwrap();
        for target in listed.targets() {
            assert_eq!(target.role_arn(), Some(names.role_arn("trigger").as_str()));
            assert_eq!(target.arn, names.state_machine_arn(), "the target is a state machine");
            needed.insert(("states:StartExecution".into(), target.arn.clone(), vec![]));
        }
    }
    assert_eq!(policies.unused(&needed), BTreeSet::new());
}

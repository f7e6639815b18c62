//! `cvault policy --for held`, `show`, `release`, `discard`, `judge`, `report`: each allows what the command calls, and nothing else.

use super::approvals::TwoEyes;
use super::{CARDS, RAGGED, holding, run};
use crate::judge::old_bucket;
use crate::rights::s3::Call;
use crate::simulator::{Caller, Policy, Request};
use crate::support::Pipeline;
use cvault::vault::names::Zone;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Rights that no call on the emulator needs, and why they are there.
const NOT_SEEN: [(&str, &str); 7] = [
    // Of what Step Functions does not know, and of more than 300 versions, the log is read.
    ("held", "logs:FilterLogEvents"),
    // Of objects that are not there S3 says so to those only who may list.
    ("release", "s3:ListBucket"),
    // What has more than 5 GiB goes in parts, and what fails of it is aborted.
    ("release", "s3:AbortMultipartUpload"),
    // Only with --stop, while one runs.
    ("judge", "states:StopExecution"),
    // What was decided before is read where nothing is held any more.
    ("discard", "logs:FilterLogEvents"),
    // What is in the vault, with another version over it, is found among the others; of what is not there S3 says so to
    // those only who may list.
    ("discard", "s3:GetObjectVersion"),
    ("discard", "s3:ListBucket"),
];

/// An action, what it is on, and the keys of its conditions.
type Need = (String, String, Vec<(&'static str, String)>);

/// What a recorded call needs.
fn needs(vault: &Pipeline, call: &Value) -> Vec<Need> {
    let names = &vault.stack.names;
    let arn = |service: &str, rest: &str| format!("arn:aws:{service}:{}:{}:{rest}", names.region, names.account);
    let group = names.log_group_arn(&names.classifier_log_group());
    let (service, operation) = (call["service"].as_str().unwrap(), call["op"].as_str().unwrap());
    let one = |resource: String, context: Vec<(&'static str, String)>| {
        vec![(format!("{service}:{operation}"), resource, context)]
    };
    match service {
        "sts" => vec![],
        "s3" => Call { facts: call, names, key: &arn("kms", "key/0"), results_key: "" }.needs(),
        "states" if operation == "StartExecution" => one(names.sweep_arn(), vec![]),
        "states" => one(call["resource"].as_str().unwrap().into(), vec![]),
        "sqs" => one(names.dead_letters_arn(), vec![]),
        "lambda" => one("*".into(), vec![]),
        "iam" => one(names.role_arn("classifier"), vec![]),
        "events" => one(names.event_bus_arn(), vec![("events:source", "cvault".into())]),
        "logs" if operation == "FilterLogEvents" => one(group, vec![]),
        "logs" => one(format!("{group}:log-stream:cvault-audit/2026-11-28"), vec![]),
        _ => panic!("{call} is no call of these commands"),
    }
}

/// The actions of the policy that no recorded call has needed. What it does not allow fails.
fn unused(vault: &Pipeline, command: &str, more: &[&str]) -> BTreeSet<String> {
    let policy = ["policy", "--expect-account", &vault.stack.names.account, "--for", command];
    let mut printed = vault.stack.run(&[&policy[..], more].concat()).expect(0).document();
    let mut actions = BTreeSet::new();
    for (at, statement) in printed["Statement"].as_array_mut().unwrap().iter_mut().enumerate() {
        statement["Sid"] = json!(format!("S{at}"));
        actions.extend(statement["Action"].as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()));
    }
    let policy = Policy::seconded(&printed);
    for call in &vault.stack.proxy.log() {
        for (action, resource, context) in needs(vault, call) {
            let caller = Caller::Aws(format!("arn:aws:iam::{}:role/analyst", vault.stack.names.account));
            let mut request = Request::new(caller, &action, &resource);
            for (key, value) in vault.stack.names.tags() {
                request = request.with(&format!("aws:ResourceTag/{key}"), value);
            }
            let request = context.iter().fold(request, |request, (key, value)| request.with(key, value));
            assert!(policy.allows(&request), "{command}: {action} on {resource} is not allowed: {printed:#}");
            actions.remove(&action);
        }
    }
    actions
}

#[tokio::test]
async fn each_command_may_do_what_it_does_and_no_more() {
    let vault = holding(&[("a.csv", CARDS), ("b.csv", RAGGED)]).await;
    let why = ["--reason", "r", "--yes"];
    for (command, arguments) in [
        ("held", vec!["held"]),
        ("report", vec!["report"]),
        ("judge", vec!["judge", "--yes"]),
        ("release", [&["release", "a.csv"], &why[..]].concat()),
        ("discard", [&["discard", "b.csv"], &why[..]].concat()),
        ("show", vec!["show", "a.csv"]),
    ] {
        vault.stack.proxy.forget();
        run(&vault, &arguments, 0);
        if command == "release" {
            run(&vault, &arguments, 0);
        }
        let expected = NOT_SEEN.into_iter().filter(|(of, _)| *of == command).map(|(_, action)| action.to_owned());
        assert_eq!(unused(&vault, command, &[]), expected.collect(), "{command}");
    }
    assert_eq!(vault.objects(Zone::Analytics).await.len(), 0);
}

/// Where two have to want it: what the first calls, and what the second.
#[tokio::test]
async fn both_of_two_may_do_what_they_do_and_no_more() {
    let eyes = TwoEyes::start(&[("a.csv", CARDS), ("b.csv", RAGGED)]).await;
    let given = ["--config", eyes.config.to_str().unwrap()];
    for (command, key) in [("release", "a.csv"), ("discard", "b.csv")] {
        let arguments = [command, key, "--reason", "r", "--yes"];
        eyes.vault.stack.proxy.forget();
        for person in [&eyes.ana, &eyes.bob, &eyes.bob] {
            eyes.by(person, &arguments, 0);
        }
        // The settings say it, so that the policy is not asked.
        let expected = NOT_SEEN.into_iter().filter(|(of, action)| *of == command && !action.starts_with("logs:"));
        let expected = expected.map(|(_, action)| action).chain(["s3:GetBucketPolicy"]).map(str::to_owned);
        assert_eq!(unused(&eyes.vault, command, &given), expected.collect(), "{command}");
    }
    let policy = ["policy", "--expect-account", &eyes.vault.stack.names.account, "--for", "release"];
    assert!(!eyes.vault.stack.run(&policy).expect(0).stdout.contains("PutObjectVersionTagging"), "where one decides");
}

/// What `judge --bucket` calls besides, for the buckets that the configuration names.
#[tokio::test]
async fn another_bucket_may_be_listed_and_no_other() {
    let vault = Pipeline::start().await;
    let old = old_bucket(&vault.stack, &[("a.csv", CARDS)]).await;
    let config = std::env::temp_dir().join(format!("cvault-rights-bucket-{}.toml", vault.stack.names.id));
    std::fs::write(&config, format!("[notify]\nwindow_seconds = 1\n[ingress]\nsources = [{old:?}]\n")).unwrap();
    let given = ["--config", config.to_str().unwrap()];
    run(&vault, &[&["up"], &given[..]].concat(), 0);
    vault.stack.proxy.forget();
    run(&vault, &[&["judge", "--bucket", &old, "--yes"], &given[..]].concat(), 0);
    // What is held is not asked for its tags.
    let expected = ["s3:GetObjectVersionTagging", "states:StopExecution"];
    assert_eq!(unused(&vault, "judge", &given), expected.map(str::to_owned).into());
    let policy = ["policy", "--expect-account", &vault.stack.names.account, "--for", "judge"];
    assert!(!vault.stack.run(&policy).expect(0).stdout.contains(&old));
    std::fs::remove_file(config).unwrap();
}

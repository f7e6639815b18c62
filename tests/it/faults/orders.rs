//! Events that come twice, late or in another order, and executions that a person stops.

use super::{CARDS, CLEAN, Case, Ends, cases, proxied, put, rule, until_held, with};
use crate::support::Pipeline;
use aws_sdk_sfn::types::ExecutionStatus;
use classifier::copies;
use cvault::vault::names::Zone;
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// How many executions are started by hand at once.
const AT_ONCE: usize = 8;

/// Each file's execution, or the one that clears its copy, is held at a call of its own.
async fn held(vault: &Pipeline) -> Vec<Case> {
    let cases = cases(vault, &[CLEAN, CARDS], |_, _| vec![json!({"hold": true})]).await;
    put(vault, &cases).await;
    until_held(vault, cases.len()).await;
    cases
}

fn release(vault: &Pipeline) {
    vault.stack.proxy.configure(&json!({"faults": []}));
}

/// The events come again, and the executions for them end.
async fn again(vault: &Pipeline, inputs: &[Value]) {
    let started = stream::iter(inputs).map(|input| vault.start_execution(input)).buffer_unordered(AT_ONCE);
    for execution in started.collect::<Vec<_>>().await {
        assert_eq!(execution.status, ExecutionStatus::Succeeded, "{execution:#?}");
    }
}

fn is_about(vault: &Pipeline, zone: Zone, input: &Value) -> bool {
    input["detail"]["bucket"]["name"] == vault.stack.names.bucket(zone)
}

/// While one execution is at a call, whichever, a second one for the same event goes all the way.
#[tokio::test]
async fn each_call_is_overtaken_by_a_duplicate() {
    let vault = proxied().await;
    let cases = held(&vault).await;
    let inputs: Vec<_> = vault.running().await.into_iter().map(|(_, input)| input).collect();
    let files = inputs.iter().filter(|input| is_about(&vault, Zone::Ingress, input)).count();
    again(&vault, &inputs).await;
    // Those for the events of what the second ones have stored end as well.
    let begun = Instant::now();
    while vault.running().await.len() > cases.len() {
        assert!(begun.elapsed() < Duration::from_mins(1), "more is held than one call of each file");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    release(&vault);
    let ends = Ends::after(&vault, 2 + cases.len() + files).await;
    ends.expect_well(&cases, 1..=2);
    println!("overtaken at {} calls", cases.len());
}

/// A person stops the execution at a call, whichever, that has its effect later; the event comes again.
#[tokio::test]
async fn each_call_is_aborted_and_its_event_repeated() {
    let vault = proxied().await;
    let cases = held(&vault).await;
    let running = vault.running().await;
    for (arn, _) in &running {
        // One that no rule holds may have ended meanwhile, and its event comes again all the same.
        let _ = vault.stack.aws.sfn.stop_execution().execution_arn(arn).send().await;
    }
    // Each stop is told of by an execution of its own.
    let is_of_a_file = |input: &Value| is_about(&vault, Zone::Ingress, input) || is_about(&vault, Zone::Vault, input);
    assert_eq!(vault.running().await.iter().filter(|(_, input)| is_of_a_file(input)).count(), 0);
    release(&vault);
    let inputs: Vec<_> = running.into_iter().map(|(_, input)| input).collect();
    again(&vault, &inputs).await;
    let mut ends = Ends::after(&vault, 2 + cases.len()).await;
    let (stops, of_files) = ends.messages.into_iter().partition::<Vec<_>, _>(|it| it.text.contains("ABORTED"));
    assert!((1..=inputs.len()).contains(&stops.len()), "{} of {} stops are told of", stops.len(), inputs.len());
    ends.messages = of_files;
    ends.expect_well(&cases, 1..=2);
    println!("aborted at {} calls", cases.len());
}

/// S3 has stored the file, the answer is lost, and S3's event has the copy cleared before the next try,
/// which finds nothing to store any more: the file is in the vault, and leaves ingress.
#[tokio::test]
async fn the_copy_is_cleared_before_the_call_that_stored_it_is_repeated() {
    let vault = proxied().await;
    let lost = rule(&vault, "lost.csv", ("CopyObject", Zone::Vault), &json!({"after": true, "match": 1}));
    let later = rule(&vault, "lost.csv", ("CopyObject", Zone::Vault), &json!({"hold": true}));
    vault.stack.proxy.configure(&json!({"faults": [lost, later]}));
    vault.put("lost.csv", CLEAN.body).await;
    vault.executions(Zone::Vault, "lost.csv", 1).await;
    until_held(&vault, 1).await;
    release(&vault);
    assert_eq!(vault.judged("lost.csv").await.verdict("Status"), "VAULT_COPY");
    let ends = Ends::after(&vault, 1).await;
    assert!(ends.is_well("lost.csv", &CLEAN, 0..=0), "{:?}", ends.places("lost.csv", CLEAN.body));
}

/// A person stores the file by hand before it is read, and S3's event has the copy cleared: it leaves ingress.
#[tokio::test]
async fn a_file_that_is_stored_by_hand_before_it_is_judged() {
    let vault = proxied().await;
    let reading = rule(&vault, "hand.csv", ("GetObject", Zone::Analytics), &json!({"hold": true}));
    vault.stack.proxy.configure(&json!({"faults": [reading]}));
    let version = vault.put("hand.csv", CLEAN.body).await;
    until_held(&vault, 1).await;
    let id = copies::copy_id(&vault.stack.names.bucket(Zone::Ingress), "hand.csv", &version);
    let source = format!("{}/{id}/hand.csv", vault.stack.names.bucket(Zone::Analytics));
    let copy = vault.stack.aws.s3.copy_object().bucket(vault.stack.names.bucket(Zone::Vault)).key("hand.csv");
    copy.copy_source(source).send().await.unwrap();
    vault.executions(Zone::Vault, "hand.csv", 1).await;
    release(&vault);
    assert_eq!(vault.judged("hand.csv").await.verdict("Status"), "VAULT_COPY");
    let ends = Ends::after(&vault, 1).await;
    assert!(ends.is_well("hand.csv", &CLEAN, 0..=0), "{:?}", ends.places("hand.csv", CLEAN.body));
}

/// An event of the vault that comes before the file does, and names it, clears nothing.
#[tokio::test]
async fn an_event_of_the_vault_that_comes_too_early() {
    let vault = proxied().await;
    let storing = rule(&vault, "early.csv", ("CopyObject", Zone::Vault), &json!({"hold": true}));
    vault.stack.proxy.configure(&json!({"faults": [storing]}));
    vault.put("early.csv", CLEAN.body).await;
    until_held(&vault, 1).await;
    let bucket = vault.stack.names.bucket(Zone::Vault);
    let object = json!({"key": "early.csv"});
    for version in [json!({}), json!({"version-id": "not yet"})] {
        let event = json!({"detail": {"bucket": {"name": bucket}, "object": with(object.clone(), &version)}});
        let execution = vault.start_execution(&event).await;
        assert_eq!((execution.verdict("Status"), execution.verdict("AnalyticsKey")), ("CLEARED", ""));
    }
    release(&vault);
    let ends = Ends::after(&vault, 1).await;
    assert!(ends.is_well("early.csv", &CLEAN, 0..=0), "{:?}", ends.places("early.csv", CLEAN.body));
}

/// The older version's event comes after the newer version went all the way, whether or not the answer is
/// lost that it was stored, which makes a second version of it. Later every event comes again, the last first.
#[tokio::test]
async fn an_old_event_after_a_newer_version() {
    let vault = proxied().await;
    let (older, newer) = (b"seq,city\n1,Kingsford\n".to_vec(), b"seq,city\n1,Saltmere\n".to_vec());
    let keys = ["plain.csv", "lost.csv"];
    let late = |key| rule(&vault, key, ("HeadObject", Zone::Ingress), &json!({"hold": true, "match": 1}));
    vault.stack.proxy.configure(&json!({"faults": keys.map(late)}));
    for key in keys {
        vault.put(key, &older).await;
    }
    until_held(&vault, keys.len()).await;
    for key in keys {
        vault.put(key, &newer).await;
        vault.judged(key).await;
    }
    let lost = rule(&vault, "lost.csv", ("CopyObject", Zone::Vault), &json!({"after": true, "match": 1}));
    vault.stack.proxy.configure(&json!({"faults": [lost]}));
    let first = Ends::after(&vault, 2 * keys.len()).await;
    let [ingress, analytics, mut stored] = first.zones.clone();
    assert_eq!((ingress.len(), analytics.len()), (0, 0));
    for key in keys {
        let versions = stored.get_mut(key).unwrap();
        assert_eq!(versions[0], newer, "{key}: the newer one is current");
        versions.sort();
        versions.dedup();
        assert_eq!(*versions, [older.clone(), newer.clone()], "{key}: both are there");
    }

    let mut inputs: Vec<_> = first.executions.iter().map(|execution| execution.input.clone()).collect();
    inputs.reverse();
    for input in inputs {
        again(&vault, &[input]).await;
    }
    let second = Ends::after(&vault, 4 * keys.len()).await;
    assert_eq!((second.zones, second.messages.len()), (first.zones, 0), "nothing has changed");
}

/// Versions of one key, with every kind of fault at any call: each is judged, none is lost, and the newest
/// good one is current; what fails for good is told, and is where it should be once it was started again.
#[tokio::test]
async fn overlapping_uploads_of_one_key_among_faults() {
    const VERSIONS: usize = 40;
    let body = |number: usize| match number % 4 {
        3 => format!("seq,credit_card\n{number},4000004427083831\n").into_bytes(),
        _ => format!("seq,city\n{number},Kingsford\n").into_bytes(),
    };
    let vault = proxied().await;
    let faults = [
        json!({"p": 0.01, "die": true, "caller": true}),
        json!({"p": 0.01, "die": "before", "caller": true}),
        json!({"p": 0.03, "after": true}),
        json!({"p": 0.02, "drop": true}),
        json!({"p": 0.03, "throttle": true}),
    ];
    vault.stack.proxy.forget();
    vault.stack.proxy.configure(&json!({"faults": faults.map(|fault| with(fault, &json!({"service": "s3"})))}));
    for number in 0..VERSIONS {
        vault.put("same.csv", &body(number)).await;
    }
    let ends = Ends::after(&vault, VERSIONS).await;
    let struck = vault.stack.proxy.stats()["faults"]["rule"].as_u64().unwrap();
    release(&vault);
    let failed: Vec<_> = ends.executions.iter().filter(|it| it.status == ExecutionStatus::Failed).collect();
    let (alarms, held) = (failed.len(), VERSIONS / 4);
    assert!((held..=held + 2 * alarms).contains(&ends.messages.len()), "{alarms}: {:#?}", ends.messages);
    for execution in &failed {
        again(&vault, std::slice::from_ref(&execution.input)).await;
    }
    let ends = Ends::after(&vault, VERSIONS).await;
    let [ingress, analytics, mut stored] = ends.zones;
    assert_eq!(ingress.len(), 0);
    let all =
        |wanted: fn(usize) -> bool| (0..VERSIONS).filter(|number| wanted(*number)).map(body).collect::<BTreeSet<_>>();
    assert_eq!(analytics.into_values().flatten().collect::<BTreeSet<_>>(), all(|number| number % 4 == 3));
    let stored = stored.remove("same.csv").unwrap();
    assert_eq!(stored[0], body(VERSIONS - 2), "the newest good one is current");
    assert_eq!(stored.into_iter().collect::<BTreeSet<_>>(), all(|number| number % 4 != 3));
    println!("{VERSIONS} versions of one key, {struck} faults, {alarms} executions failed and were repeated");
}

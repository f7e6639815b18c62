//! The cheaper way: what is small and clean goes through the Express workflow alone, whatever else comes goes on in
//! the Standard one, as one judge.

use crate::support::{Pipeline, Stack};
use aws_sdk_sfn::types::ExecutionStatus;
use cvault::vault::names::Zone;
use serde_json::Value;
use std::collections::BTreeMap;

const CLEAN: &[u8] = b"seq,city\n1,Kingsford\n2,Saltmere\n";
const RAGGED: &[u8] = b"seq,city\n1,Kingsford,extra\n";

/// The executions of the Standard workflow: their names, and what they were started with.
async fn standard(vault: &Pipeline) -> BTreeMap<String, Value> {
    let (sfn, names) = (&vault.stack.aws.sfn, &vault.stack.names);
    let list = sfn.list_executions().state_machine_arn(names.state_machine_arn()).send().await.unwrap();
    let mut found = BTreeMap::new();
    for execution in list.executions {
        let described = sfn.describe_execution().execution_arn(&execution.execution_arn).send().await.unwrap();
        found.insert(execution.name, serde_json::from_str(&described.input.unwrap()).unwrap());
    }
    found
}

#[tokio::test]
async fn what_is_clean_costs_no_standard_execution_and_few_calls() {
    let vault = Pipeline::start().await;
    vault.stack.watch_function().await;
    vault.set_patience(900).await;
    vault.put("a.csv", CLEAN).await;
    assert_eq!(vault.judged("a.csv").await.verdict("Status"), "VAULT_COPY");
    vault.executions(Zone::Vault, "a.csv", 1).await;
    assert_eq!(standard(&vault).await, BTreeMap::new());
    let mut calls = BTreeMap::<_, usize>::new();
    for call in vault.stack.proxy.log() {
        *calls.entry(call["op"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    // The price of copies and lists is another than that of the rest: the definitions' test of the cost knows both.
    let writes: usize = ["CopyObject", "ListObjectVersions"].iter().filter_map(|name| calls.get(*name)).sum();
    let deletions = calls.get("DeleteObject").copied().unwrap_or_default();
    let reads = calls.values().sum::<usize>() - writes - deletions;
    println!("{calls:?}");
    assert!(writes <= 3 && deletions == 2 && reads <= 7, "{calls:?}");
}

#[tokio::test]
async fn what_is_held_or_fails_goes_on_as_the_same_judge() {
    let vault = Pipeline::start().await;
    vault.put("bad.csv", RAGGED).await;
    assert_eq!(vault.judged("bad.csv").await.verdict("Status"), "INTEGRITY_FAIL");
    assert_eq!(vault.messages().await.len(), 1, "told once");
    let started = standard(&vault).await;
    let (name, input) = started.iter().next().unwrap();
    assert_eq!((started.len(), &input["detail"]["object"]["key"]), (1, &"bad.csv".into()));
    let (s3, names) = (&vault.stack.aws.s3, &vault.stack.names);
    let objects = vault.objects(Zone::Analytics).await;
    let copy = objects.keys().next().unwrap();
    let head = s3.head_object().bucket(names.bucket(Zone::Analytics)).key(copy).send().await.unwrap();
    assert_eq!(objects[copy].len(), 1, "one copy");
    assert_eq!(head.metadata().unwrap()["cvault-execution"], *name);

    vault.set_variables(&[("analytics_bucket", "no-such-bucket-of-ours")]).await;
    vault.put("b.csv", CLEAN).await;
    assert_eq!(vault.judged("b.csv").await.status, ExecutionStatus::Failed);
    assert_eq!(vault.messages().await.len(), 1, "the failure, too");
    assert_eq!(vault.objects(Zone::Ingress).await.len(), 1);
}

/// Nothing is smaller than nothing: every file takes the Standard workflow.
#[tokio::test]
async fn it_can_be_turned_off() {
    let file = std::env::temp_dir().join(format!("cvault-express-{}.toml", std::process::id()));
    std::fs::write(&file, "[express]\nmax_bytes = 0\n").unwrap();
    let stack = Stack::new();
    stack.run(&["up", "--email", "ops@example.com", "--config", file.to_str().unwrap()]).expect(0);
    std::fs::remove_file(file).unwrap();
    let vault = Pipeline::observed(stack).await;
    vault.put("a.csv", CLEAN).await;
    assert_eq!(vault.judged("a.csv").await.verdict("Status"), "VAULT_COPY");
    assert_eq!(standard(&vault).await.len(), 1);
}

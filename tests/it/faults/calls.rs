//! Every call fails once in every way, or is the last before the function is killed.

use super::{CARDS, CLEAN, Ends, Kind, Moment, RAGGED, cases, proxied, put};
use serde_json::{Value, json};

/// What S3 may say in the body of an answer that began well (truths D5).
const ERROR: &str = "<Error><Code>InternalError</Code><Message>Please try again.</Message></Error>";

/// Every way in which a call can go wrong and be survived. Held files differ in nothing but what is read.
fn faults(kind: &Kind, moment: &Moment) -> Vec<Value> {
    if kind.name == RAGGED.name && moment.operation != "GetObject" {
        return vec![];
    }
    let mut faults = vec![
        json!({"die": true, "caller": true}),
        // The answer is lost, the connection reset, S3 fails or throttles.
        json!({"after": true}),
        json!({"drop": true}),
        json!({"status": 500}),
        json!({"throttle": true}),
    ];
    if moment.writes {
        // Killed before it takes effect, told of a failure after.
        faults.push(json!({"die": "before", "caller": true}));
        faults.push(json!({"after": true, "status": 500}));
    }
    if ["CopyObject", "GetObject", "GetObjectTagging", "ListObjectVersions"].contains(&moment.operation.as_str()) {
        faults.push(json!({"cut": true}));
    }
    if moment.operation == "CopyObject" {
        faults.push(json!({"status": 200, "body": ERROR}));
        faults.push(json!({"after": true, "status": 200, "body": ERROR}));
    }
    faults
}

#[tokio::test]
async fn each_call_fails_in_every_way() {
    let vault = proxied().await;
    let kinds = [CLEAN, RAGGED, CARDS];
    let cases = cases(&vault, &kinds, faults).await;
    put(&vault, &cases).await;
    let ends = Ends::after(&vault, cases.len() + kinds.len()).await;
    ends.expect_well(&cases, 1..=1);
    let struck = vault.stack.proxy.stats()["faults"]["rule"].as_u64();
    assert_eq!(struck, Some(cases.len() as u64), "every fault has struck");
    println!("{} faults survived", cases.len());
}

/// S3 throttles three calls of ten.
#[tokio::test]
async fn throttled_all_the_time() {
    let vault = proxied().await;
    let cases = cases(&vault, &[CLEAN, CARDS], |_, _| vec![json!({})]).await;
    vault.stack.proxy.forget();
    vault.stack.proxy.configure(&json!({"faults": [{"service": "s3", "p": 0.3, "throttle": true}]}));
    for case in &cases {
        vault.put(&case.key, case.kind.body).await;
    }
    let ends = Ends::after(&vault, cases.len() + 2).await;
    ends.expect_well(&cases, 1..=1);
    let struck = vault.stack.proxy.stats()["faults"]["rule"].as_u64().unwrap();
    assert!(struck > 20, "{struck}");
    println!("{} files, {struck} calls throttled", cases.len());
}

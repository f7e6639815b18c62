//! The rules of `cvault.toml` on their way: through the state machine's definition to the function.

use crate::support::{Pipeline, Stack};
use serde_json::json;

const CONFIGURATION: &str = r#"
emails = ["ops@example.com"]
[integrity]
accepted_formats = ["csv", "gzip"]
max_bytes = 400
[sensitive]
block_at = "high"
[[sensitive.custom_identifiers]]
name = "Badge"
regex = '\bHB-\d{4}\b'
severity_levels = [{ occurrences_threshold = 1, severity = "low" }, { occurrences_threshold = 2, severity = "high" }]
"#;

#[tokio::test]
async fn files_are_judged_by_them() {
    let stack = Stack::new();
    let file = std::env::temp_dir().join(format!("cvault-rules-{}.toml", stack.names.id));
    std::fs::write(&file, CONFIGURATION).unwrap();
    let config = file.to_str().unwrap().to_owned();
    stack.run(&["up", "--config", &config]).expect(0);
    stack.run(&["status", "--config", &config]).expect(0);

    // A changed rule is drift, and named.
    std::fs::write(&file, CONFIGURATION.replace("max_bytes = 400", "max_bytes = 500")).unwrap();
    let status = stack.run(&["status", "--config", &config, "--output", "json"]).expect(2).document();
    let machine = status["resources"].as_array().unwrap().iter().find(|it| it["name"] == "state-machine").unwrap();
    let path = "/definition/States/InspectContent/Parameters/Payload/Rules/MaxBytes";
    assert_eq!(machine["differences"], json!([{"path": path, "is": 400, "should": 500}]));
    stack.run(&["up", "--config", &config]).expect(0);
    std::fs::remove_file(file).unwrap();

    let vault = Pipeline::observed(stack).await;
    let long = "a,b\n".to_owned() + &"1,2\n".repeat(200);
    for (key, body, status, reason) in [
        ("one.csv", "id\nHB-1234\n", "VAULT_COPY", "Badge found 1 time"),
        ("two.csv", "id\nHB-1234\nHB-1235\n", "HAS_FINDINGS", "Badge found 2 times"),
        ("a.json", "{}", "INTEGRITY_FAIL", "unsupported: json is not among the accepted formats (csv, gzip)"),
        ("long.csv", &long, "NOT_ANALYSED", "the file has 804 bytes, more than the 500 that are inspected"),
    ] {
        vault.put(key, body.as_bytes()).await;
        let execution = vault.judged(key).await;
        assert_eq!(execution.verdict("Status"), status, "{execution:#?}");
        let reasons = execution.output["Classifier"]["Verdict"]["Reasons"].to_string();
        assert!(reasons.contains(reason), "{key}: {reasons}");
    }
}

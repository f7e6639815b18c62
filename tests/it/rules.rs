//! The rules of `cvault.toml` on their way: through the state machine's definition to the function.

use crate::support::{Pipeline, Stack};
use cvault::vault::names::Zone;
use serde_json::json;

const CONFIGURATION: &str = r#"
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
    let whole = format!("emails = [\"ops@example.com\"]\n{CONFIGURATION}");
    std::fs::write(&file, &whole).unwrap();
    let config = file.to_str().unwrap().to_owned();
    stack.run(&["up", "--config", &config]).expect(0);
    stack.run(&["status", "--config", &config]).expect(0);

    // A changed rule is drift, and named.
    std::fs::write(&file, whole.replace("max_bytes = 400", "max_bytes = 500")).unwrap();
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

/// A prefix has rules of its own, and names that are no files there.
#[tokio::test]
async fn a_prefix_has_its_own() {
    let own = "[[ingress.prefix]]\nprefix = \"acme/\"\naccepted_formats = [\"json\"]\nblock_at = \"low\"\nignore = [\"*.bak\"]\n";
    let vault = Pipeline::configured(&format!("{CONFIGURATION}{own}")).await;
    for (key, body, status) in [
        ("one.csv", "id\nHB-1234\n", "VAULT_COPY"),
        ("acme/one.csv", "id\n1\n", "INTEGRITY_FAIL"),
        ("acme/one.json", "{\"id\": \"HB-1234\"}", "HAS_FINDINGS"),
        ("acme/two.json", "{\"id\": 1}", "VAULT_COPY"),
        ("acme.json", "{}", "INTEGRITY_FAIL"),
    ] {
        vault.put(key, body.as_bytes()).await;
        assert_eq!(vault.judged(key).await.verdict("Status"), status, "{key}");
    }
    vault.put("acme/old.bak", b"x").await;
    let ignored = vault.executions(Zone::Ingress, "acme/old.bak", 1).await;
    assert_eq!(ignored[0].verdict("Status"), "", "{ignored:#?}");
    assert_eq!(vault.objects(Zone::Ingress).await.into_keys().collect::<Vec<_>>(), ["acme/old.bak"]);
}

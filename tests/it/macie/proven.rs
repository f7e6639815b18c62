//! `verify` where Macie is asked: it proves what has no proof, too.

use super::Scanned;
use crate::verify::left;
use serde_json::{Value, json};

/// Macie reads nothing that is nested so deep, and says nothing of it: so it is held, and costs no job.
#[tokio::test]
async fn that_nothing_passes_without_macie_s_proof_is_proven() {
    let scanned = Scanned::start().await;
    let stack = &scanned.vault.stack;
    let lines = stack.run(&["verify", "--macie", "on", "--output", "json", "--timeout", "4m"]).expect(0).lines();
    let rows: Vec<&Value> = lines.iter().filter(|line| line["type"] == "canary").collect();
    let of: Vec<_> = rows.iter().map(|row| [&row["outcome"], &row["status"], &row["state"]]).collect();
    let good = |outcome: &str, status: &str| [json!(outcome), json!(status), json!("good")];
    let expected = [
        good("clean", "VAULT_COPY"),
        good("sensitive", "HAS_FINDINGS"),
        good("broken", "INTEGRITY_FAIL"),
        good("unproven", "NOT_ANALYSED"),
    ];
    assert_eq!(of, expected.each_ref().map(<[Value; 3]>::each_ref), "{lines:#?}");
    let jobs = |row: &Value| scanned.jobs_of(row["key"].as_str().unwrap(), row["version"].as_str().unwrap()).len();
    assert_eq!(rows.iter().map(|row| jobs(row)).collect::<Vec<_>>(), [1, 0, 0, 0]);
    assert_eq!(left(stack).await, Vec::<String>::new());
}

//! The account exports no discovery results: that there is no finding is believed at the second look, and
//! only of what Macie's documentation covers.

use super::{CLEAN, PROVIDERS, Scanned, reasons};
use cvault::vault::names::Zone;
use serde_json::json;

#[tokio::test]
async fn without_records_a_second_look_and_the_documentation_prove() {
    let scanned = Scanned::start().await;
    let (vault, macie) = (&scanned.vault, &scanned.macie);
    macie.script(&json!({"key": "/late.csv", "findings_after": 1}));
    let clean = vault.put("clean.csv", CLEAN).await;
    let late = vault.put("late.csv", PROVIDERS).await;
    vault.put("no extension", CLEAN).await;

    let doubtful = vault.judged("no extension").await;
    assert_eq!(doubtful.verdict("Status"), "NOT_ANALYSED", "{doubtful:#?}");
    assert!(reasons(&doubtful).contains("this account exports none"), "{doubtful:#?}");
    assert!(doubtful.output["Classifier"]["Verdict"]["JobId"].is_null(), "what proves nothing costs nothing");
    let found = vault.judged("late.csv").await;
    assert_eq!(found.verdict("Status"), "HAS_FINDINGS", "found later than the job was complete: {found:#?}");
    let stored = vault.judged("clean.csv").await;
    assert_eq!(stored.verdict("Status"), "VAULT_COPY", "{stored:#?}");

    // They came together, or one after the other.
    assert!((1..=2).contains(&macie.jobs().len()), "{:#?}", macie.jobs());
    assert_eq!((scanned.jobs_of("clean.csv", &clean).len(), scanned.jobs_of("late.csv", &late).len()), (1, 1));
    vault.executions(Zone::Vault, "clean.csv", 1).await;
    assert_eq!(vault.objects(Zone::Analytics).await.len(), 2);
    assert_eq!(vault.messages().await.len(), 2);
}

//! Two executions about one version, and two versions of one key: each version has one job and one verdict.

use super::{CLEAN, PROVIDERS, Scanned};
use aws_sdk_sfn::types::ExecutionStatus;
use cvault::vault::names::Zone;
use serde_json::json;

/// Whoever waits for the first longer than its patience asks for itself: that costs a second job, and no second version.
#[tokio::test]
async fn duplicates_of_an_event_store_one_version() {
    let scanned = Scanned::exporting().await;
    let (vault, macie) = (&scanned.vault, &scanned.macie);
    macie.script(&json!({"key": "/same.csv", "status": "RUNNING"}));
    let version = vault.put("same.csv", CLEAN).await;
    scanned.job_of("same.csv", &version).await;
    let bucket = vault.stack.names.bucket(Zone::Ingress);
    let event = json!({"detail": {"bucket": {"name": bucket}, "object": {"key": "same.csv", "version-id": version}}});
    let release = async {
        // The duplicate has a job of its own; both are held until then.
        while macie.jobs().len() < 2 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        macie.release("/same.csv");
    };
    let (duplicate, ()) = tokio::join!(vault.start_execution(&event), release);
    let both = vault.executions(Zone::Ingress, "same.csv", 2).await;
    assert!(both.iter().all(|it| it.status == ExecutionStatus::Succeeded), "{both:#?}");
    let statuses = both.iter().map(|it| it.verdict("Status")).collect::<Vec<_>>();
    assert!(statuses.contains(&"VAULT_COPY"), "{both:#?}");
    assert!(statuses.iter().all(|status| ["VAULT_COPY", "ALREADY_SETTLED"].contains(status)), "{both:#?}");
    assert!(["VAULT_COPY", "ALREADY_SETTLED"].contains(&duplicate.verdict("Status")));
    assert_eq!(macie.jobs().len(), 2);
    vault.executions(Zone::Vault, "same.csv", 1).await;
    assert_eq!(vault.objects(Zone::Vault).await["same.csv"][0], CLEAN);
    assert!(vault.objects(Zone::Ingress).await.is_empty());
    assert!(vault.messages().await.is_empty());
}

#[tokio::test]
async fn a_version_uploaded_during_the_scan_is_judged_for_itself() {
    let scanned = Scanned::exporting().await;
    let (vault, macie) = (&scanned.vault, &scanned.macie);
    macie.script(&json!({"key": "/same.csv", "status": "RUNNING", "times": 1}));
    let first = vault.put("same.csv", CLEAN).await;
    scanned.job_of("same.csv", &first).await;
    let second = vault.put("same.csv", PROVIDERS).await;
    let held = vault.judged("same.csv").await;
    assert_eq!(held.verdict("Status"), "HAS_FINDINGS", "the second is not hindered by the first: {held:#?}");
    macie.release("/same.csv");
    let both = vault.executions(Zone::Ingress, "same.csv", 2).await;
    let stored = both.iter().find(|it| it.verdict("Status") == "VAULT_COPY");
    let stored = stored.unwrap_or_else(|| panic!("{both:#?}"));
    assert_eq!(stored.input["detail"]["object"]["version-id"].as_str().unwrap_or(&first), first);
    for version in [&first, &second] {
        assert_eq!(scanned.jobs_of("same.csv", version).len(), 1);
    }
    vault.executions(Zone::Vault, "same.csv", 1).await;
    assert_eq!(vault.objects(Zone::Vault).await["same.csv"], [CLEAN.to_vec()]);
    assert_eq!(vault.objects(Zone::Analytics).await[held.verdict("AnalyticsKey")], [PROVIDERS.to_vec()]);
    assert!(vault.objects(Zone::Ingress).await.is_empty());
}

//! An upgrade in flight: an execution that began when each file had a job of its own may last for a month, and goes on by the
//! definition that it began with.

use super::{CLEAN, PROVIDERS, Scanned};
use cvault::vault::names::Zone;
use serde_json::{Value, json};

/// The states of the release before, with fewer tries.
const BEFORE: &str = include_str!("before.json");
/// How Macie is to analyse where nothing is configured.
const RULES: &str = r#"{"ManagedDataIdentifierSelector": "ALL", "MaxHours": 24, "BlockAt": "medium"}"#;

impl Scanned {
    /// Gives the state machine the definition of the release before.
    async fn downgrade(&self) {
        self.change(self.vault.stack.names.state_machine_arn(), |states| {
            let function = states["StoreInVault"]["Parameters"]["FunctionName"].clone();
            let text = BEFORE.replace("${Partition}", "aws").replace("\"${FunctionArn}\"", &function.to_string());
            let text = text.replace("\"${MacieRules}\"", RULES);
            let text = text.replace("\"${KeyArn}\"", "null");
            let before: Value = serde_json::from_str(&text).unwrap();
            let states = states.as_object_mut().unwrap();
            for name in ["AskMacie", "Unanswered", "HoldForMacie", "IsHeld"] {
                states.remove(name).unwrap();
            }
            states.extend(before.as_object().unwrap().clone());
            states["UsesMacie"]["Default"] = "CreateMacieJob".into();
        })
        .await;
    }
}

#[tokio::test]
async fn what_began_with_a_job_of_its_own_ends_well() {
    let scanned = Scanned::exporting().await;
    let (vault, macie) = (&scanned.vault, &scanned.macie);
    scanned.downgrade().await;
    macie.script(&json!({"key": "/held.csv", "status": "RUNNING", "times": 1}));
    let held = vault.put("held.csv", CLEAN).await;
    scanned.job_of("held.csv", &held).await;
    vault.put("found.csv", PROVIDERS).await;
    assert_eq!(vault.judged("found.csv").await.verdict("Status"), "HAS_FINDINGS");
    // The definition changes below it.
    vault.stack.run(&["up", "--email", "ops@example.com", "--macie", "on"]).expect(0);
    vault.put("new.csv", CLEAN).await;
    assert_eq!(vault.judged("new.csv").await.verdict("Status"), "VAULT_COPY");
    macie.release("/held.csv");
    assert_eq!(vault.judged("held.csv").await.verdict("Status"), "VAULT_COPY");
    let names: Vec<_> = macie.jobs().iter().map(|job| job["name"].as_str().unwrap().len()).collect();
    assert_eq!(
        names.iter().filter(|length| **length == "cvault-".len() + 24).count(),
        2,
        "one for each of the first two"
    );
    vault.executions(Zone::Vault, "held.csv", 1).await;
}

//! `up`, `status` and `down` in an account with Macie: asked, used, left as it was.

use super::{CLEAN, PROVIDERS};
use crate::support::{Macie, Pipeline, Stack};
use cvault::vault::names::Zone;
use serde_json::{Value, json};

const CONFIGURATION: &str = r#"
emails = ["ops@example.com"]

[macie]
mode = "on"

[[sensitive.custom_identifiers]]
name = "staff number"
regex = 'ID-[0-9]{6}'
keywords = ["staff"]
"#;

fn identifiers(macie: &Macie) -> Vec<Value> {
    let listed = macie.call("ListCustomDataIdentifiers", &json!({}));
    listed["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn from_up_to_down() {
    let macie = Macie::new();
    let stack = Stack::with(&macie);
    let file = std::env::temp_dir().join(format!("cvault-{}.toml", stack.names.stack));
    std::fs::write(&file, CONFIGURATION).unwrap();
    let config = ["--config", file.to_str().unwrap()];
    let run = |stack: &Stack, command: &str| stack.run(&[&[command], &config[..]].concat());

    let refused = run(&stack, "up").expect(4);
    assert!(refused.stderr.contains("Macie"), "{refused:?}");
    assert_eq!((macie.writes(), stack.proxy.writes()), (vec![], vec![]), "before anything was changed");

    macie.enable();
    run(&stack, "up").expect(0);
    run(&stack, "status").expect(0);
    let writes = macie.writes();
    stack.proxy.forget();
    run(&stack, "up").expect(0);
    assert_eq!((macie.writes(), stack.proxy.writes()), (writes, vec![]), "the second changes nothing");
    let made = identifiers(&macie);
    assert_eq!(made.len(), 1, "{made:#?}");

    let vault = Pipeline::observed(stack).await;
    vault.put("providers.csv", PROVIDERS).await;
    assert_eq!(vault.judged("providers.csv").await.verdict("Status"), "HAS_FINDINGS");
    assert_eq!(macie.jobs()[0]["customDataIdentifierIds"], json!([made[0]["id"]]));

    vault.stack.run(&["down", "--delete-data", "--yes"]).expect(0);
    assert_eq!(identifiers(&macie), Vec::<Value>::new(), "what up has made is gone");
    assert_eq!(macie.call("GetMacieSession", &json!({}))["status"], "ENABLED", "what it has not made stays");
    std::fs::remove_file(file).unwrap();
}

/// Without a word about Macie it is used where it is on, and no longer where it is off.
#[tokio::test]
async fn switched_off_behind_our_back_is_drift() {
    let macie = Macie::new();
    macie.enable();
    let stack = Stack::with(&macie);
    stack.up();
    stack.run(&["status"]).expect(0);
    macie.call("DisableMacie", &json!({}));
    stack.run(&["status"]).expect(2);
    stack.up();
    stack.run(&["status"]).expect(0);
    let vault = Pipeline::observed(stack).await;
    vault.put("clean.csv", CLEAN).await;
    let stored = vault.judged("clean.csv").await;
    assert_eq!(stored.verdict("Status"), "VAULT_COPY", "{stored:#?}");
    assert!(stored.output["Classifier"]["Verdict"]["JobId"].is_null());
    assert!(macie.answers("CreateClassificationJob").is_empty());
    vault.executions(Zone::Vault, "clean.csv", 1).await;
}

//! Every status that Macie has a part in, told by what it has done: objects where they belong, the
//! message of each, and never the value that was found.

use super::{CLEAN, PROVIDERS, Scanned, reasons};
use crate::report;
use aws_sdk_sfn::types::ExecutionStatus;
use cvault::vault::names::Zone;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A file, what Macie does with it, and what must come of it.
struct Case {
    key: &'static str,
    body: &'static [u8],
    script: Value,
    status: &'static str,
    reason: &'static str,
}

fn case(key: &'static str, body: &'static [u8], script: Value, status: &'static str, reason: &'static str) -> Case {
    Case { key, body, script, status, reason }
}

/// The third page of findings is the first about this version.
fn later_pages() -> Value {
    json!({"findings": [{"key": "another.csv"}, {"versionId": "another"}, {"type": "ADDRESS"}]})
}

fn cases() -> Vec<Case> {
    let none = || json!({});
    vec![
        case("clean.csv", CLEAN, none(), "VAULT_COPY", ""),
        case("a.csv", CLEAN, none(), "VAULT_COPY", ""),
        // Whose key begins like the one before: one job must not see both.
        case("a.csv.txt", PROVIDERS, none(), "HAS_FINDINGS", "Macie: USA_NATIONAL_PROVIDER_IDENTIFIER found 2 times"),
        // Findings name the key as it is.
        case("Ünï cödé/a+b%2F 'q'.csv", PROVIDERS, none(), "HAS_FINDINGS", "row 2, column 2"),
        // Documented or not by its name: its record says that Macie has analysed it.
        case("no extension", CLEAN, none(), "VAULT_COPY", ""),
        case("pages.csv", CLEAN, later_pages(), "HAS_FINDINGS", "Macie: ADDRESS found 1 time"),
        case("strangers.csv", CLEAN, json!({"findings": [{"key": "another.csv"}]}), "VAULT_COPY", ""),
        case("low.csv", CLEAN, json!({"findings": [{"severity": "LOW"}]}), "VAULT_COPY", ""),
        // A version that Macie does not name may be this one.
        case("unnamed.csv", CLEAN, json!({"findings": [{"versionId": ""}]}), "HAS_FINDINGS", "Macie: ADDRESS"),
        case("cancelled.csv", CLEAN, json!({"status": "CANCELLED"}), "JOB_CANCELLED", "was cancelled"),
        case("error.csv", CLEAN, json!({"run_error": true}), "NOT_ANALYSED", "errors of access"),
        case(
            "skipped.csv",
            CLEAN,
            json!({"results": "SKIPPED"}),
            "NOT_ANALYSED",
            "skipped the file: PERMISSION_DENIED",
        ),
        case("part.csv", CLEAN, json!({"results": "PARTIAL"}), "NOT_ANALYSED", "only a part of the file"),
        case("late.csv", CLEAN, json!({"results_after": 2}), "VAULT_COPY", ""),
        case("slow.csv", CLEAN, json!({"job_seconds": 3}), "VAULT_COPY", ""),
        case("paused.csv", CLEAN, json!({"status": "PAUSED"}), "VAULT_COPY", ""),
        case("stopped.csv", CLEAN, json!({"status": "USER_PAUSED"}), "VAULT_COPY", ""),
        // No job for what is held without Macie: each costs money.
        case("ragged.csv", b"seq,city\n1,a,b\n", none(), "INTEGRITY_FAIL", "row 2 has 3 fields"),
        case("cards.csv", b"seq,credit_card\n0,4000004427083831\n", none(), "HAS_FINDINGS", "CREDIT_CARD_NUMBER"),
    ]
}

/// Whether it is about the whole job.
fn is_of_job(script: &Value) -> bool {
    ["status", "run_error", "job_seconds"].iter().any(|name| script.get(name).is_some())
}

#[tokio::test]
async fn every_status_with_macie_on() {
    let scanned = Scanned::exporting().await;
    let (vault, macie, cases) = (&scanned.vault, &scanned.macie, cases());
    macie.settings(&json!({"page": 1}));
    for case in &cases {
        if let Value::Object(rule) = &case.script {
            // A part of a key is enough for a rule; the folder's slash makes it the whole name.
            let whom = json!({"key": format!("/{}", case.key)});
            let rule = rule.iter().chain(whom.as_object().unwrap()).map(|(name, value)| (name.clone(), value.clone()));
            macie.script(&Value::Object(rule.collect()));
        }
    }
    // What becomes of a job becomes of all of its files: those have one of their own, the others share some.
    let (alone, together): (Vec<_>, Vec<_>) = cases.iter().partition(|case| is_of_job(&case.script));
    let mut versions = vec![];
    for case in &alone {
        let version = vault.put(case.key, case.body).await;
        scanned.job_of(case.key, &version).await;
        versions.push(version);
    }
    for case in &together {
        versions.push(vault.put(case.key, case.body).await);
    }
    for (case, version) in alone.into_iter().chain(together).zip(&versions) {
        if matches!(case.script["status"].as_str(), Some("PAUSED" | "USER_PAUSED")) {
            macie.release(&format!("/{}", case.key));
        }
        let execution = vault.judged(case.key).await;
        let of_what = format!("{}: {execution:#?}", case.key);
        assert_eq!(
            (&execution.status, execution.verdict("Status")),
            (&ExecutionStatus::Succeeded, case.status),
            "{of_what}"
        );
        assert!(reasons(&execution).contains(case.reason), "{of_what}");
        let jobs = scanned.jobs_of(case.key, version);
        let job_id = &execution.output["Classifier"]["Verdict"]["JobId"];
        match jobs.as_slice() {
            [] => assert!(job_id.is_null() && ["ragged.csv", "cards.csv"].contains(&case.key), "{of_what}"),
            [job] => assert_eq!(job["jobId"], *job_id, "{of_what}"),
            _ => panic!("{} jobs for {}", jobs.len(), case.key),
        }
    }
    where_each_ended(&scanned, &cases).await;

    // With Macie nothing goes by the Express workflow, whatever the settings of whoever reports.
    report::lines(&scanned.vault, cases.len()).await;
    let period = scanned.vault.stack.run(&["report", "--since", "1h", "--output", "json"]).expect(0).lines().remove(0);
    assert_eq!((&period["cost"]["express"], &period["cost"]["standard"]), (&json!(0), &json!(cases.len())));
}

async fn where_each_ended(scanned: &Scanned, cases: &[Case]) {
    let vault = &scanned.vault;
    let (good, held): (Vec<_>, Vec<_>) = cases.iter().partition(|case| case.status == "VAULT_COPY");
    for case in &good {
        vault.executions(Zone::Vault, case.key, 1).await;
    }
    let stored = vault.objects(Zone::Vault).await;
    assert_eq!(stored.keys().map(String::as_str).collect::<BTreeSet<_>>(), good.iter().map(|case| case.key).collect());
    assert!(good.iter().all(|case| stored[case.key] == [case.body.to_vec()]));
    assert!(vault.objects(Zone::Ingress).await.is_empty());
    let kept = vault.objects(Zone::Analytics).await;
    assert_eq!(kept.len(), held.len(), "{:?}", kept.keys());
    let messages = vault.messages().await;
    assert_eq!(messages.len(), held.len(), "{messages:#?}");
    for case in held {
        let of_file = |text: &str| text.contains(&format!("{}\"\n", case.key)) && text.contains(case.status);
        let message = messages.iter().find(|message| of_file(&message.text));
        let message = message.unwrap_or_else(|| panic!("no message about {}: {messages:#?}", case.key));
        assert!(message.text.contains(case.reason), "{message:#?}");
    }
    let said = format!("{messages:?}");
    assert!(!said.contains("1234567893") && !said.contains("4000004427083831"), "the value itself is nowhere");
}

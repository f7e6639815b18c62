//! Macie fails, throttles, loses answers, is switched off: nothing is lost, and nothing vaulted unproven.

use super::{CLEAN, Scanned, reasons};
use aws_sdk_sfn::types::ExecutionStatus;
use cvault::vault::names::Zone;
use serde_json::{Value, json};

/// Each of the calls fails, loses its answer, is throttled: all of that passes, and makes no second job.
#[tokio::test]
async fn what_passes_by_itself_is_tried_again() {
    let scanned = Scanned::exporting().await;
    let (vault, macie) = (&scanned.vault, &scanned.macie);
    for operation in [
        "CreateClassificationJob",
        "DescribeClassificationJob",
        "ListClassificationJobs",
        "ListFindings",
        "GetClassificationExportConfiguration",
    ] {
        macie.script(&json!({"operation": operation, "lost": true, "times": 1}));
        macie.script(&json!({"operation": operation, "error": "InternalServerException", "times": 1}));
        macie.script(&json!({"operation": operation, "error": "ThrottlingException", "times": 2}));
    }
    let version = vault.put("clean.csv", CLEAN).await;
    let execution = vault.judged("clean.csv").await;
    assert_eq!(execution.verdict("Status"), "VAULT_COPY", "{execution:#?}");
    assert_eq!(scanned.jobs_of("clean.csv", &version).len(), 1);
    assert_eq!(scanned.macie.jobs().len(), 1);
    let answers = macie.answers("CreateClassificationJob");
    assert!(answers.contains(&Value::Null), "an answer was lost: {answers:?}");
    assert!(macie.answers("ListFindings").contains(&json!(429)));
}

/// Macie takes one job in ten seconds; here, one call in four.
#[tokio::test]
async fn a_burst_queues_up() {
    const FILES: usize = 12;
    let scanned = Scanned::exporting().await;
    let throttled = json!({"operation": "CreateClassificationJob", "error": "ThrottlingException", "times": FILES});
    scanned.macie.script(&throttled);
    let files: Vec<_> = (0..FILES).map(|number| (format!("{number:02}.csv"), CLEAN)).collect();
    scanned.put_together(&files).await;
    for (key, _) in &files {
        let execution = scanned.vault.judged(key).await;
        assert_eq!(execution.verdict("Status"), "VAULT_COPY", "{execution:#?}");
    }
    let throttled = scanned.macie.answers("CreateClassificationJob").iter().filter(|status| **status == 429).count();
    assert_eq!(throttled, FILES);
    assert!(scanned.vault.messages().await.is_empty());
}

/// Stuck in any state past the hours that the rules grant: cancelled, and held.
#[tokio::test]
async fn a_job_that_does_not_end_is_given_up() {
    let scanned = Scanned::exporting().await;
    scanned.grant_no_time().await;
    for status in ["RUNNING", "PAUSED", "USER_PAUSED"] {
        let key = format!("{status}.csv");
        scanned.macie.script(&json!({"key": key, "status": status}));
        let version = scanned.vault.put(&key, CLEAN).await;
        let execution = scanned.vault.judged(&key).await;
        assert_eq!(execution.verdict("Status"), "NOT_ANALYSED", "{execution:#?}");
        assert!(reasons(&execution).contains(&format!("was still {status}")), "{execution:#?}");
        assert_eq!(scanned.jobs_of(&key, &version)[0]["jobStatus"], "CANCELLED");
    }
    assert_eq!(scanned.vault.objects(Zone::Analytics).await.len(), 3);
    assert_eq!(scanned.vault.messages().await.len(), 3);
}

/// What does not pass: nothing is proven of the files, which are held, and somebody is told why.
#[tokio::test]
async fn what_does_not_pass_holds_the_files() {
    let scanned = Scanned::exporting().await;
    let (vault, macie) = (&scanned.vault, &scanned.macie);
    macie
        .script(&json!({"operation": "CreateClassificationJob", "key": "denied.csv", "error": "AccessDeniedException",
        "message": "User is not authorized to perform: macie2:CreateClassificationJob"}));
    macie.script(
        &json!({"operation": "CreateClassificationJob", "key": "quota.csv", "error": "ServiceQuotaExceededException",
        "message": "You have reached the quota"}),
    );
    macie.script(&json!({"key": "off.csv", "status": "RUNNING"}));
    // One after the other: each in a batch of its own.
    vault.put("denied.csv", CLEAN).await;
    let denied = vault.judged("denied.csv").await;
    vault.put("quota.csv", CLEAN).await;
    let quota = vault.judged("quota.csv").await;
    let version = vault.put("off.csv", CLEAN).await;
    scanned.job_of("off.csv", &version).await;
    macie.call("DisableMacie", &json!({}));
    let off = vault.judged("off.csv").await;
    let messages = vault.messages().await;
    assert_eq!(messages.len(), 3, "{messages:#?}");
    for (key, execution, why) in [
        ("denied.csv", denied, "not authorized"),
        ("quota.csv", quota, "reached the quota"),
        ("off.csv", off, "switched off"),
    ] {
        assert_eq!(execution.status, ExecutionStatus::Succeeded, "{execution:#?}");
        assert_eq!(execution.verdict("Status"), "NOT_ANALYSED", "{execution:#?}");
        assert!(reasons(&execution).contains(why), "{execution:#?}");
        assert_eq!(vault.objects(Zone::Analytics).await[execution.verdict("AnalyticsKey")], [CLEAN.to_vec()]);
        let message = messages.iter().find(|message| message.text.contains(key)).unwrap();
        assert!(message.text.contains(why), "{message:#?}");
    }
    assert!(vault.objects(Zone::Vault).await.is_empty() && vault.objects(Zone::Ingress).await.is_empty());
}

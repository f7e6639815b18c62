//! Many files by few jobs, whatever becomes of the job, of a file, or of the batch.

use super::{CLEAN, PROVIDERS, Scanned, reasons};
use aws_sdk_sfn::types::ExecutionStatus;
use cvault::vault::names::Zone;
use serde_json::json;
use std::time::Duration;

/// The emulator takes ten messages at once; AWS a hundred.
const AT_ONCE: usize = 10;

#[tokio::test]
async fn many_files_share_few_jobs_and_each_gets_its_own_verdict() {
    const FILES: usize = 20;
    let scanned = Scanned::exporting().await;
    let (vault, macie) = (&scanned.vault, &scanned.macie);
    macie.script(&json!({"key": "/07.csv", "results": "SKIPPED"}));
    let body = |number: usize| if number.is_multiple_of(5) { PROVIDERS } else { CLEAN };
    let files: Vec<_> = (0..FILES).map(|number| (format!("{number:02}.csv"), body(number))).collect();
    let versions = scanned.put_together(&files).await;
    let mut stored = vec![];
    for (number, (key, _)) in files.iter().enumerate() {
        let execution = vault.judged(key).await;
        let expected = match number {
            7 => "NOT_ANALYSED",
            number if number % 5 == 0 => "HAS_FINDINGS",
            _ => "VAULT_COPY",
        };
        assert_eq!(execution.verdict("Status"), expected, "{key}: {execution:#?}");
        let [job] = &scanned.jobs_of(key, &versions[number])[..] else { panic!("{key} has not one job") };
        assert_eq!(execution.output["Classifier"]["Verdict"]["JobId"], job["jobId"]);
        stored.extend((expected == "VAULT_COPY").then(|| key.clone()));
    }
    let asked = macie.answers("CreateClassificationJob").len();
    assert!(asked <= FILES / AT_ONCE + 2, "{asked} jobs");
    for key in &stored {
        vault.executions(Zone::Vault, key, 1).await;
    }
    assert_eq!(vault.objects(Zone::Vault).await.into_keys().collect::<Vec<_>>(), stored);
    assert_eq!(vault.objects(Zone::Analytics).await.len(), FILES - stored.len());
    assert!(vault.objects(Zone::Ingress).await.is_empty());
}

/// Somebody cancels the job, or it is gone since Macie was off for a moment: so it ends for all of its files, and soon.
#[tokio::test]
async fn what_becomes_of_a_job_becomes_of_its_files() {
    let scanned = Scanned::exporting().await;
    let (vault, macie) = (&scanned.vault, &scanned.macie);
    macie.script(&json!({"status": "RUNNING"}));
    for (round, why) in [("cancelled", "was cancelled"), ("gone", "is gone")] {
        let files: Vec<_> = (0..3).map(|number| (format!("{round}-{number}.csv"), CLEAN)).collect();
        let versions = scanned.put_together(&files).await;
        let job = scanned.job_of(&files[0].0, &versions[0]).await;
        if round == "gone" {
            macie.call("DisableMacie", &json!({}));
            macie.enable();
        } else {
            let cancel = json!({"jobId": job["jobId"], "jobStatus": "CANCELLED"});
            macie.call("UpdateClassificationJob", &cancel);
        }
        for (key, _) in &files {
            let execution = vault.judged(key).await;
            assert_eq!(execution.verdict("Status"), "JOB_CANCELLED", "{execution:#?}");
            assert!(reasons(&execution).contains(why), "{execution:#?}");
        }
    }
    assert_eq!(vault.messages().await.len(), 6, "each is told of once");
    assert_eq!(vault.objects(Zone::Analytics).await.len(), 6);
}

/// The copy of one of them goes while Macie looks at them: the others do not suffer.
#[tokio::test]
async fn a_file_that_goes_meanwhile_hinders_no_other() {
    let scanned = Scanned::exporting().await;
    let (vault, macie) = (&scanned.vault, &scanned.macie);
    macie.script(&json!({"status": "RUNNING", "times": 1}));
    let files = [("a.csv".to_owned(), CLEAN), ("b.csv".to_owned(), PROVIDERS), ("c.csv".to_owned(), CLEAN)];
    let versions = scanned.put_together(&files).await;
    scanned.job_of("a.csv", &versions[0]).await;
    let (bucket, ingress) = (vault.stack.names.bucket(Zone::Analytics), vault.stack.names.bucket(Zone::Ingress));
    let key = format!("{}/a.csv", classifier::copies::copy_id(&ingress, "a.csv", &versions[0]));
    let listed = vault.stack.aws.s3.list_object_versions().bucket(&bucket).prefix(&key).send().await.unwrap();
    let version = listed.versions()[0].version_id().unwrap();
    vault.stack.aws.s3.delete_object().bucket(&bucket).key(&key).version_id(version).send().await.unwrap();
    macie.release("/b.csv");
    let gone = vault.judged("a.csv").await;
    assert_eq!(gone.status, ExecutionStatus::Failed, "{gone:#?}");
    assert_eq!(vault.judged("b.csv").await.verdict("Status"), "HAS_FINDINGS");
    assert_eq!(vault.judged("c.csv").await.verdict("Status"), "VAULT_COPY");
    assert_eq!(vault.objects(Zone::Ingress).await.into_keys().collect::<Vec<_>>(), ["a.csv"], "it is not lost");
}

/// Nobody takes the files out of their queue, or their batch is stopped: each execution wakes by itself, and holds.
#[tokio::test]
async fn a_batch_that_is_lost_holds_its_files() {
    let scanned = Scanned::exporting().await;
    let (vault, names) = (&scanned.vault, &scanned.vault.stack.names);
    // The emulator does not scale this time.
    scanned.change(names.state_machine_arn(), |states| states["AskMacie"]["TimeoutSeconds"] = json!(4)).await;
    scanned.gathers(false).await;
    vault.put("untaken.csv", CLEAN).await;
    let untaken = vault.judged("untaken.csv").await;
    scanned.macie.script(&json!({"status": "RUNNING"}));
    let versions = scanned.put_together(&[("stopped.csv".to_owned(), CLEAN)]).await;
    scanned.job_of("stopped.csv", &versions[0]).await;
    let list = vault.stack.aws.sfn.list_executions().state_machine_arn(names.macie_job_machine_arn());
    for execution in list.send().await.unwrap().executions() {
        let _ = vault.stack.aws.sfn.stop_execution().execution_arn(execution.execution_arn()).send().await;
    }
    for execution in [untaken, vault.judged("stopped.csv").await] {
        assert_eq!(execution.verdict("Status"), "NOT_ANALYSED", "{execution:#?}");
        assert!(reasons(&execution).contains("nobody gave its answer in time"), "{execution:#?}");
    }
    assert_eq!(vault.messages().await.len(), 2);
    assert!(vault.objects(Zone::Ingress).await.is_empty());
}

/// The function finds no room when it is called with the files: they stay in their queue, and are taken again.
#[tokio::test]
async fn what_is_not_gathered_comes_again() {
    let scanned = Scanned::exporting().await;
    let (vault, names, aws) = (&scanned.vault, &scanned.vault.stack.names, &scanned.vault.stack.aws);
    let url = aws.sqs.get_queue_url().queue_name(names.macie_queue()).send().await.unwrap().queue_url.unwrap();
    let soon = aws.sqs.set_queue_attributes().queue_url(&url);
    soon.attributes(aws_sdk_sqs::types::QueueAttributeName::VisibilityTimeout, "1").send().await.unwrap();
    // Who may start nothing gathers nothing.
    let machine =
        aws.sfn.describe_state_machine().state_machine_arn(names.macie_job_machine_arn()).send().await.unwrap();
    aws.sfn.delete_state_machine().state_machine_arn(names.macie_job_machine_arn()).send().await.unwrap();
    vault.put("a.csv", CLEAN).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(scanned.macie.jobs().is_empty());
    let create = aws.sfn.create_state_machine().name(names.macie_job()).definition(machine.definition);
    create.role_arn(machine.role_arn).send().await.unwrap();
    let stored = vault.judged("a.csv").await;
    assert_eq!(stored.verdict("Status"), "VAULT_COPY", "{stored:#?}");
    assert_eq!(scanned.macie.jobs().len(), 1);
    vault.executions(Zone::Vault, "a.csv", 1).await;
}

/// What still runs is stopped, and Macie's job is not paid for any more.
#[tokio::test]
async fn down_stops_the_batches_and_cancels_their_jobs() {
    let scanned = Scanned::exporting().await;
    scanned.macie.script(&json!({"status": "RUNNING"}));
    let versions = scanned.put_together(&[("a.csv".to_owned(), CLEAN), ("b.csv".to_owned(), CLEAN)]).await;
    scanned.job_of("a.csv", &versions[0]).await;
    scanned.vault.stack.run(&["down", "--delete-data", "--yes"]).expect(0);
    let jobs = scanned.macie.jobs();
    assert!(jobs.iter().all(|job| job["jobStatus"] == "CANCELLED"), "{jobs:#?}");
}

/// Law 3: killed before it has ended, the next run need not know of Macie to have none of its jobs go on.
#[tokio::test]
async fn no_job_goes_on_after_a_run_that_was_killed() {
    let scanned = Scanned::exporting().await;
    scanned.macie.script(&json!({"status": "RUNNING"}));
    let versions = scanned.put_together(&[("a.csv".to_owned(), CLEAN)]).await;
    scanned.job_of("a.csv", &versions[0]).await;
    let stack = &scanned.vault.stack;
    let dies = json!({"faults": [{"op": "DeleteBucket", "nth": [1], "die": "before"}]});
    assert!(stack.killed(&["down", "--delete-data", "--yes"], &dies));
    stack.run(&["down", "--delete-data", "--yes", "--macie", "off"]).expect(0);
    let jobs = scanned.macie.jobs();
    assert!(!jobs.is_empty() && jobs.iter().all(|job| job["jobStatus"] == "CANCELLED"), "{jobs:#?}");
}

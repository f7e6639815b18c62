//! Everything with Macie on: the stand-in of `tests/macie` in its place.

mod batches;
mod before;
mod deployment;
mod duplicates;
mod failures;
mod proven;
mod stand_in;
mod statuses;
mod unexported;

use crate::support::{Execution, Macie, Pipeline, REGION, Stack};
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Clean for all.
const CLEAN: &[u8] = b"seq,city\n1,Kingsford\n2,Saltmere\n";
/// Two providers' identifiers, which Macie looks for and cvault itself does not.
const PROVIDERS: &[u8] = b"seq,npi\n1,1234567893\n2,1245319599\n";

/// A vault that judges with Macie, in an account of its own.
pub struct Scanned {
    /// The account's Macie.
    pub macie: Macie,
    /// The vault.
    pub vault: Pipeline,
}

impl Scanned {
    /// The account exports no discovery results.
    async fn start() -> Self {
        let macie = Macie::new();
        macie.enable();
        let stack = Stack::with(&macie);
        stack.run(&["up", "--email", "ops@example.com", "--macie", "on"]).expect(0);
        Self { vault: Pipeline::observed(stack).await, macie }
    }

    /// It exports them, since before the vault was there.
    pub async fn exporting() -> Self {
        let macie = Macie::new();
        macie.enable();
        let stack = Stack::with(&macie);
        let bucket = format!("results-{}", macie.account);
        let region = BucketLocationConstraint::from(REGION);
        let place = CreateBucketConfiguration::builder().location_constraint(region).build();
        let create = stack.aws.s3.create_bucket().bucket(&bucket).create_bucket_configuration(place);
        create.send().await.unwrap();
        let key = format!("arn:aws:kms:{REGION}:{}:key/00000000-0000-4000-8000-000000000000", macie.account);
        let destination = json!({"s3Destination": {"bucketName": bucket, "keyPrefix": "macie/", "kmsKeyArn": key}});
        macie.call("PutClassificationExportConfiguration", &json!({"configuration": destination}));
        stack.run(&["up", "--email", "ops@example.com", "--macie", "on"]).expect(0);
        Self { vault: Pipeline::observed(stack).await, macie }
    }

    /// The jobs that see the copy of a version of ingress.
    fn jobs_of(&self, key: &str, version: &str) -> Vec<Value> {
        let ingress = self.vault.stack.names.bucket(cvault::vault::names::Zone::Ingress);
        let folder = format!("{}/", classifier::copies::copy_id(&ingress, key, version));
        let scope = "/s3JobDefinition/scoping/includes/and/0/simpleScopeTerm/values";
        let sees =
            |job: &Value| job.pointer(scope).and_then(Value::as_array).is_some_and(|all| all.contains(&json!(folder)));
        self.macie.jobs().into_iter().filter(sees).collect()
    }

    /// Waits until there is a job that sees it.
    pub async fn job_of(&self, key: &str, version: &str) -> Value {
        let begun = Instant::now();
        loop {
            if let Some(job) = self.jobs_of(key, version).pop() {
                return job;
            }
            assert!(begun.elapsed() < Duration::from_mins(2), "no job for {key}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Jobs that have not ended are given up at once. An hour is the least that a configuration can
    /// grant; the definition of a running vault can be changed.
    pub async fn grant_no_time(&self) {
        self.change(self.vault.stack.names.macie_job_machine_arn(), |states| {
            let hours = &mut states["LookAtMacieJob"]["Parameters"]["Payload"]["MacieRules"]["MaxHours"];
            assert!(hours.is_number(), "{hours}");
            *hours = json!(0);
        })
        .await;
    }

    /// Changes the states of a state machine, for the executions to come.
    async fn change(&self, arn: String, change: impl FnOnce(&mut Value)) {
        let sfn = &self.vault.stack.aws.sfn;
        let machine = sfn.describe_state_machine().state_machine_arn(&arn).send().await.unwrap();
        let mut definition: Value = serde_json::from_str(&machine.definition).unwrap();
        change(&mut definition["States"]);
        let update = sfn.update_state_machine().state_machine_arn(&arn).definition(definition.to_string());
        update.send().await.unwrap();
    }

    /// Whether Lambda takes files for Macie out of their queue.
    async fn gathers(&self, enabled: bool) {
        let (lambda, queue) = (&self.vault.stack.aws.lambda, self.vault.stack.names.macie_queue_arn());
        let found = lambda.list_event_source_mappings().event_source_arn(queue).send().await.unwrap();
        let id = found.event_source_mappings()[0].uuid().unwrap();
        lambda.update_event_source_mapping().uuid(id).enabled(enabled).send().await.unwrap();
    }

    /// Uploads these, and lets them be gathered once all of them wait. Gives their versions.
    async fn put_together(&self, files: &[(String, &[u8])]) -> Vec<String> {
        self.gathers(false).await;
        let mut versions = vec![];
        for (key, body) in files {
            versions.push(self.vault.put(key, body).await);
        }
        let begun = Instant::now();
        while self.vault.messages_in(&self.vault.stack.names.macie_queue()).await.iter().sum::<usize>() < files.len() {
            assert!(begun.elapsed() < Duration::from_mins(2), "not all of them come to ask");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.gathers(true).await;
        versions
    }
}

/// The verdict's reasons in one text.
fn reasons(execution: &Execution) -> String {
    execution.output["Classifier"]["Verdict"]["Reasons"].to_string()
}

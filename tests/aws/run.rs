//! One stack on the account that the SDK's own chain finds, and its removal.

use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use cvault::aws::{self, Aws};
use cvault::deploy::event::Events;
use cvault::outcome::interrupt::Interrupt;
use cvault::vault::names::{Names, Zone};
use serde_json::Value;
use std::process::Command;
use std::time::{Duration, Instant};

const STACK: &str = "cvault-test";

pub struct Run {
    pub aws: Aws,
    pub names: Names,
}

/// How a command ended.
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    stderr: String,
}

/// What an execution made of a file.
#[derive(Debug)]
pub struct Execution {
    /// The key as its event has it.
    pub key: String,
    pub verdict: Value,
}

impl Run {
    pub async fn start() -> Self {
        assert!(std::env::var_os("CVAULT_EMAIL").is_some(), "CVAULT_EMAIL: who is asked to confirm a subscription");
        let no_code = async |prompt: &str| anyhow::bail!("nobody is asked: {prompt}");
        let profile = std::env::var("AWS_PROFILE").ok();
        let config = aws::sdk_config(None, profile.as_deref(), no_code).await.unwrap();
        let caller = aws::caller(&config).await.unwrap();
        let names = Names::new(&caller.partition, &caller.account, &caller.region, STACK, None);
        let (_, interrupt) = Interrupt::switch();
        Self { aws: Aws::new(&config, Events::channel().0, interrupt), names }
    }

    pub fn cvault(&self, arguments: &[&str]) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cvault"));
        command.args(arguments).args(["--stack", STACK, "--macie", "off", "--output", "json"]);
        command.args(["--region", &self.names.region]).current_dir(std::env::temp_dir());
        let output = command.output().unwrap();
        let [stdout, stderr] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        Ended { code: output.status.code().unwrap_or(-1), stdout, stderr }
    }

    /// An answer, which may be shown to anybody.
    pub fn say(&self, rows: &str, answer: &str) {
        println!("{} {rows}: {}", self.names.region, answer.replace(&self.names.account, "*"));
    }

    pub async fn put(&self, key: &str, content: &str) {
        let put = self.aws.s3.put_object().bucket(self.names.bucket(Zone::Ingress)).key(key);
        put.body(content.as_bytes().to_vec().into()).send().await.unwrap();
    }

    /// The keys of a bucket, in order.
    pub async fn keys(&self, zone: &str) -> Vec<String> {
        let zone = Zone::ALL.into_iter().find(|known| known.to_string() == zone).unwrap();
        let listed = self.aws.s3.list_objects_v2().bucket(self.names.bucket(zone)).send().await.unwrap();
        listed.contents.into_iter().flatten().filter_map(|object| object.key).collect()
    }

    /// What the vault's object of a key was judged, if it is there.
    pub async fn status_in_vault(&self, key: &str) -> Option<String> {
        let tags =
            self.aws.s3.get_object_tagging().bucket(self.names.bucket(Zone::Vault)).key(key).send().await.ok()?;
        tags.tag_set.into_iter().find(|tag| tag.key == "cvault:status").map(|tag| tag.value)
    }

    /// Has everything judged that is in ingress: what came before S3 reported anything waits for the clock else.
    pub async fn sweep(&self) {
        let sweep = self.aws.sfn.start_execution().state_machine_arn(self.names.sweep_arn());
        sweep.input(r#"{"Prefix": "", "OlderThanSeconds": 0, "Again": true}"#).send().await.unwrap();
    }

    /// A finished execution for an object of ingress.
    pub async fn execution_of(&self, key: &str) -> Option<Execution> {
        let machine = self.names.state_machine_arn();
        let listed = self.aws.sfn.list_executions().state_machine_arn(machine).send().await.unwrap();
        for execution in listed.executions {
            let described = self.aws.sfn.describe_execution().execution_arn(execution.execution_arn);
            let described = described.send().await.unwrap();
            let [input, output] = [described.input, described.output]
                .map(|text| serde_json::from_str::<Value>(text.as_deref().unwrap_or_default()).unwrap_or_default());
            let detail = &input["detail"];
            let is = detail["object"]["key"].as_str().unwrap_or_default();
            let decoded = percent_encoding::percent_decode_str(is).decode_utf8_lossy().into_owned();
            let of_ingress = detail["bucket"]["name"] == self.names.bucket(Zone::Ingress).as_str();
            let verdict = found(&output, "Verdict").cloned();
            if let (true, true, Some(verdict)) = (of_ingress, is == key || decoded == key, verdict) {
                return Some(Execution { key: is.to_owned(), verdict });
            }
        }
        None
    }

    /// Two settings that `status` has to name.
    pub async fn change_behind_its_back(&self) {
        let suspended = VersioningConfiguration::builder().status(BucketVersioningStatus::Suspended).build();
        let put = self.aws.s3.put_bucket_versioning().bucket(self.names.bucket(Zone::Analytics));
        put.versioning_configuration(suspended).send().await.unwrap();
        let update = self.aws.lambda.update_function_configuration().function_name(self.names.function());
        update.memory_size(512).send().await.unwrap();
    }
}

/// The first member of this name, however deep.
fn found<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Object(members) => members.get(name).or_else(|| members.values().find_map(|member| found(member, name))),
        Value::Array(items) => items.iter().find_map(|item| found(item, name)),
        _ => None,
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let removed = self.cvault(&["down", "--delete-data", "--yes"]);
        if !std::thread::panicking() {
            removed.expect(0);
        }
    }
}

impl Ended {
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "\n{}\n{}", self.stdout, self.stderr);
        self
    }

    fn events(&self) -> impl Iterator<Item = Value> + '_ {
        self.stdout.lines().filter_map(|line| serde_json::from_str(line).ok())
    }

    /// How much was created, updated and deleted.
    pub fn wrote(&self) -> u64 {
        let summary = self.events().last().unwrap_or_default();
        ["created", "updated", "deleted"].iter().map(|name| summary[*name].as_u64().unwrap_or(u64::MAX)).sum()
    }

    /// The steps that took longest, with their seconds.
    pub fn slowest(&self) -> String {
        let took = |event: Value| Some((event["seconds"].as_f64()?, event["name"].as_str()?.to_owned()));
        let mut steps: Vec<_> = self.events().filter_map(took).collect();
        steps.sort_by(|one, other| other.0.total_cmp(&one.0));
        steps.iter().take(5).map(|(seconds, name)| format!("{name} {seconds:.0}")).collect::<Vec<_>>().join(", ")
    }
}

/// Looks every ten seconds until there is something.
pub async fn until<T>(patience: Duration, look: impl AsyncFn() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < patience, "nothing came in {} s", patience.as_secs());
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
}

//! A stack of a test's own: a name nobody else has, the clients to look at it, and its removal.

use super::program::{self, Ended};
use super::{Macie, Proxy, REGION, emulator, macie, proxy};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_lambda::types::Environment;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use cvault::aws::{self, Aws};
use cvault::deploy::event::Events;
use cvault::outcome::interrupt::Interrupt;
use cvault::vault::names::{Names, Zone};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The account of all stacks that need none of their own.
const ACCOUNT: &str = "000000000000";

/// One stack.
pub struct Stack {
    /// Its names.
    pub names: Names,
    /// Clients that go past the proxy.
    pub aws: Aws,
    /// The proxy that `cvault` goes through.
    pub proxy: Proxy,
    /// The port of its emulator.
    emulator: u16,
    /// Whether the account's Macie is the stand-in's.
    stand_in: bool,
    /// Whose access key and secret `cvault` has; of the account's root without.
    pub deployer: Option<[String; 2]>,
    /// Where `cvault` finds the files of profiles, instead of keys in the environment.
    pub home: Option<PathBuf>,
    /// Whether `cvault` runs where no file of its own is.
    is_whole: bool,
}

impl Stack {
    /// A stack behind a proxy that only counts.
    pub fn new() -> Self {
        Self::behind(&["--truths", "none"])
    }

    /// A stack behind a proxy with these options.
    pub fn behind(options: &[&str]) -> Self {
        Self::on(emulator::port(), ACCOUNT, options)
    }

    /// The same in an account of its own: among everybody's keys its own would take long to find.
    pub fn apart(options: &[&str]) -> Self {
        Self::on(emulator::port(), &proxy::account(), options)
    }

    /// Another stack in the account of this one.
    pub fn beside(&self) -> Self {
        Self::on(self.emulator, &self.names.account, &["--truths", "none"])
    }

    /// A stack in the account of this Macie.
    pub fn with(macie: &Macie) -> Self {
        Self::with_behind(macie, &["--truths", "none"])
    }

    /// The same behind a proxy with these options.
    pub fn with_behind(macie: &Macie, options: &[&str]) -> Self {
        let emulator = emulator::port_with_macie();
        Self::build(emulator, Proxy::before(emulator, options), &macie.account, true)
    }

    /// A stack in the emulator that enforces IAM. It speaks no TLS: what comes through the proxy, it
    /// takes for having come over it. [`Self::aws`] is the account's root, whom nothing is denied to.
    pub fn enforced() -> Self {
        let proxy = Proxy::before(emulator::enforcing_port(), &["--truths", "none"]);
        proxy.configure(&json!({"forwarded_proto": "https"}));
        Self::build(emulator::enforcing_port(), proxy, ACCOUNT, false)
    }

    /// A stack of this account in another emulator, behind a proxy with these options.
    pub fn on(emulator: u16, account: &str, options: &[&str]) -> Self {
        Self::build(emulator, Proxy::before(emulator, options), account, false)
    }

    fn build(emulator: u16, proxy: Proxy, account: &str, stand_in: bool) -> Self {
        let stack = format!("test-{}", proxy::unique());
        let mut config = aws::local_config(&emulator::at(emulator), REGION).into_builder();
        if account != ACCOUNT {
            let credentials = Credentials::new(account, "test", None, None, "test");
            config = config.credentials_provider(SharedCredentialsProvider::new(credentials));
        }
        let (_, interrupt) = Interrupt::switch();
        let aws = Aws::new(&config.build(), Events::channel().0, interrupt);
        Self {
            names: Names::new("aws", account, REGION, &stack, None),
            aws,
            proxy,
            emulator,
            stand_in,
            deployer: None,
            home: None,
            is_whole: false,
        }
    }

    /// Where its emulator is, past the proxy.
    pub fn emulator(&self) -> String {
        emulator::at(self.emulator)
    }

    /// The same as it is by default, with alarms and dashboard.
    pub fn whole(mut self) -> Self {
        self.is_whole = true;
        self
    }

    /// Puts a delete marker upon each of up to a thousand keys of a bucket, whether there was something or not: a deletion
    /// without a version does.
    pub async fn mark_deleted(&self, zone: Zone, keys: impl Iterator<Item = String>) {
        let keys = keys.map(|key| ObjectIdentifier::builder().key(key).build().unwrap()).collect();
        let delete = Delete::builder().set_objects(Some(keys)).quiet(true).build().unwrap();
        self.aws.s3.delete_objects().bucket(self.names.bucket(zone)).delete(delete).send().await.unwrap();
    }

    /// The command line for this stack.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program::command(&self.proxy.endpoint(), arguments);
        command.args(["--stack", &self.names.stack]);
        if self.names.account != ACCOUNT {
            command.env("AWS_ACCESS_KEY_ID", &self.names.account);
        }
        if self.stand_in {
            command.env("AWS_ENDPOINT_URL_MACIE2", macie::endpoint());
        }
        if let Some(home) = &self.home {
            command.env("HOME", home);
        }
        if self.is_whole {
            command.current_dir(std::env::temp_dir());
        }
        if let Some([key, secret]) = &self.deployer {
            command.env("AWS_ACCESS_KEY_ID", key).env("AWS_SECRET_ACCESS_KEY", secret);
        }
        command
    }

    /// Runs `cvault` with this stack.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        self.command(arguments).output().unwrap().into()
    }

    /// Runs a command under settings of the proxy by which it is killed at some moment; false when it
    /// ended before that came.
    pub fn killed(&self, arguments: &[&str], settings: &Value) -> bool {
        self.proxy.forget();
        self.proxy.configure(settings);
        let status = self.known_to_the_proxy(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        self.proxy.configure(&json!({"die_after": 0, "faults": []}));
        // What it has sent takes effect first: a next run within that moment is a case of its own.
        self.proxy.quiet();
        status.code().is_none()
    }

    /// The command line, whose process the proxy knows before its first call: on a busy machine that comes sooner than
    /// whoever has started it goes on.
    fn known_to_the_proxy(&self, arguments: &[&str]) -> Command {
        let run = self.command(arguments);
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", "echo $$ > \"$0\" && exec \"$@\""]).arg(self.proxy.pid_file());
        shell.arg(run.get_program()).args(run.get_args()).env_clear().stdin(Stdio::null());
        shell.envs(run.get_envs().filter_map(|(name, value)| Some((name, value?))));
        if let Some(directory) = run.get_current_dir() {
            shell.current_dir(directory);
        }
        shell
    }

    /// Creates it.
    #[track_caller]
    pub fn up(&self) -> Ended {
        self.run(&["up", "--email", "ops@example.com"]).expect(0)
    }

    /// Sends the function's calls of S3 through the proxy too, which forgets what it has seen so far.
    pub async fn watch_function(&self) {
        self.watch_function_of(&["S3"]).await;
    }

    /// The same for the function's calls of these services.
    pub async fn watch_function_of(&self, services: &[&str]) {
        let (lambda, function) = (&self.aws.lambda, self.names.function());
        let found = lambda.get_function_configuration().function_name(&function).send().await.unwrap();
        let mut variables = found.environment.and_then(|environment| environment.variables).unwrap();
        variables.extend(services.iter().map(|it| (format!("AWS_ENDPOINT_URL_{it}"), self.proxy.endpoint())));
        let environment = Environment::builder().set_variables(Some(variables)).build();
        let update = lambda.update_function_configuration().function_name(function).environment(environment);
        update.send().await.unwrap();
        self.proxy.forget();
    }

    /// `status` as a document.
    #[track_caller]
    pub fn status(&self) -> Value {
        self.run(&["status", "--output", "json"]).document()
    }

    /// What differs, as `resource/path`, whatever the values.
    #[track_caller]
    pub fn drifted(&self) -> Vec<String> {
        let status = self.status();
        let mut paths = vec![];
        for resource in status["resources"].as_array().unwrap() {
            let name = resource["name"].as_str().unwrap();
            if resource["state"] == "missing" {
                paths.push(format!("{name} is missing"));
            }
            for difference in resource["differences"].as_array().unwrap() {
                if resource["state"] == "drifted" {
                    paths.push(format!("{name}{}", difference["path"].as_str().unwrap()));
                }
            }
        }
        paths
    }

    /// A document with what differs from run to run replaced.
    pub fn redacted(&self, text: &str) -> String {
        let sha256 = cvault::vault::package::CLASSIFIER.sha256;
        let text = without_uuids(text).replace(&self.names.id, "[id]").replace(&self.names.stack, "[stack]");
        text.replace(sha256, "[sha256]").replace(cvault::vault::package::CLASSIFIER.architecture, "[architecture]")
    }

    /// Everything in the emulator that has this stack's id in its name.
    pub async fn leftovers(&self) -> Vec<String> {
        let mut found = vec![];
        let buckets = self.aws.s3.list_buckets().send().await.unwrap();
        found.extend(buckets.buckets().iter().filter_map(|it| it.name.clone()));
        let roles = self.aws.iam.list_roles().into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        found.extend(roles.unwrap().into_iter().map(|it| it.role_name));
        let functions = self.aws.lambda.list_functions().into_paginator().items().send();
        let functions = functions.collect::<Result<Vec<_>, _>>().await.unwrap();
        found.extend(functions.into_iter().filter_map(|it| it.function_name));
        let mappings = self.aws.lambda.list_event_source_mappings().into_paginator().items().send();
        let mappings = mappings.collect::<Result<Vec<_>, _>>().await.unwrap();
        found.extend(mappings.into_iter().filter_map(|it| it.event_source_arn));
        let machines = self.aws.sfn.list_state_machines().into_paginator().items().send();
        let machines = machines.collect::<Result<Vec<_>, _>>().await.unwrap();
        found.extend(machines.into_iter().map(|it| it.name));
        let topics = self.aws.sns.list_topics().into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        found.extend(topics.unwrap().into_iter().filter_map(|it| it.topic_arn));
        let queues = self.aws.sqs.list_queues().into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        found.extend(queues.unwrap());
        let armed = self.aws.eventbridge.list_rules().send().await.unwrap();
        found.extend(armed.rules().iter().filter_map(|it| it.name.clone()));
        let groups = self.aws.logs.describe_log_groups().into_paginator().items().send();
        let groups = groups.collect::<Result<Vec<_>, _>>().await.unwrap();
        found.extend(groups.into_iter().filter_map(|it| it.log_group_name));
        let alarms = self.aws.cloudwatch.describe_alarms().into_paginator().send();
        let alarms = alarms.collect::<Result<Vec<_>, _>>().await.unwrap();
        let alarms = alarms.into_iter().flat_map(|page| page.metric_alarms.unwrap_or_default());
        found.extend(alarms.filter_map(|it| it.alarm_name));
        let dashboard = self.aws.cloudwatch.get_dashboard().dashboard_name(self.names.dashboard()).send().await;
        found.extend(dashboard.ok().and_then(|it| it.dashboard_name));
        let aliases = self.aws.kms.list_aliases().into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        found.extend(aliases.unwrap().into_iter().filter_map(|it| it.alias_name));
        found.into_iter().filter(|name| name.contains(&self.names.id)).collect()
    }

    /// The keys with this stack's tags, with their states.
    pub async fn keys(&self) -> Vec<(String, String)> {
        let mut found = vec![];
        let keys = self.aws.kms.list_keys().into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        for id in keys.unwrap().into_iter().filter_map(|key| key.key_id) {
            let tags = self.aws.kms.list_resource_tags().key_id(&id).send().await.unwrap();
            if tags.tags().iter().any(|tag| tag.tag_value() == self.names.id) {
                let key = self.aws.kms.describe_key().key_id(&id).send().await.unwrap();
                let state = key.key_metadata().and_then(|key| key.key_state()).unwrap().to_string();
                found.push((id, state));
            }
        }
        found
    }
}

/// The text with every UUID replaced: key ids and subscriptions.
fn without_uuids(text: &str) -> String {
    let is_uuid = |text: &str| {
        let dashes = [8, 13, 18, 23];
        text.char_indices().all(|(at, c)| if dashes.contains(&at) { c == '-' } else { c.is_ascii_hexdigit() })
    };
    let mut redacted = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match rest.get(..36) {
            Some(word) if is_uuid(word) => {
                redacted.push_str("[uuid]");
                36
            }
            _ => {
                redacted.push(c);
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    redacted
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.proxy.configure(&json!({"truths": "none", "faults": [], "chaos": 0, "die_after": 0, "latency_ms": 0}));
        let removed = self.run(&["down", "--delete-data", "--yes"]);
        if !std::thread::panicking() {
            removed.expect(0);
        }
    }
}

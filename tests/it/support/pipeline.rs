//! A stack that is up, with an observer behind its topic: files in, executions, objects and
//! messages out.

use super::{Configuration, Ended, Stack};
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::ObjectVersion;
use aws_sdk_sfn::types::{ExecutionListItem, ExecutionStatus};
use aws_sdk_sqs::types::QueueAttributeName;
use cvault::vault::names::Zone;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// A running vault.
pub struct Pipeline {
    /// Its stack.
    pub stack: Stack,
    queue: String,
    configuration: Option<Configuration>,
}

/// An execution that has ended.
#[derive(Clone, Debug)]
pub struct Execution {
    /// What it was started with.
    pub input: Value,
    /// `SUCCEEDED`, `FAILED`, ….
    pub status: ExecutionStatus,
    /// What it ended with.
    pub output: Value,
    /// Why it failed.
    pub error: Option<String>,
}

/// A message as a subscriber of the topic gets it.
#[derive(Clone, Debug)]
pub struct Message {
    /// The e-mail's subject.
    pub subject: String,
    /// The e-mail's text.
    pub text: String,
    /// What subscriptions filter by.
    pub attributes: Value,
}

impl Execution {
    /// A member of the verdict.
    pub fn verdict(&self, name: &str) -> &str {
        self.output["Classifier"]["Verdict"][name].as_str().unwrap_or_default()
    }

    /// Whether another one has gone on with it.
    pub fn has_handed_over(&self) -> bool {
        let said = |name: &str| self.output[name].is_string();
        self.status == ExecutionStatus::Succeeded && (said("HandedOver") || said("Error"))
    }
}

impl Pipeline {
    /// Creates the stack and its observer.
    pub async fn start() -> Self {
        let stack = Stack::new();
        stack.up();
        Self::observed(stack).await
    }

    /// The same with what a configuration file says beside the address.
    pub async fn configured(text: &str) -> Self {
        let stack = Stack::new();
        let configuration = Configuration::of(&stack, &format!("emails = [\"ops@example.com\"]\n{text}"));
        stack.run(&["up", "--config", configuration.path()]).expect(0);
        Self { configuration: Some(configuration), ..Self::observed(stack).await }
    }

    /// Runs the program with the same configuration.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        let config = self.configuration.iter().flat_map(|it| ["--config", it.path()]);
        self.stack.run(&arguments.iter().copied().chain(config).collect::<Vec<_>>())
    }

    /// Runs a sweep to its end; of versions of any age, unless the input says otherwise.
    pub async fn sweep(&self, input: &Value) -> ExecutionStatus {
        let mut whole = json!({"OlderThanSeconds": 0});
        whole.as_object_mut().unwrap().extend(input.as_object().unwrap().clone());
        let start = self.stack.aws.sfn.start_execution().state_machine_arn(self.stack.names.sweep_arn());
        let arn = start.input(whole.to_string()).send().await.unwrap().execution_arn;
        self.ended(&arn).await
    }

    /// How an execution that does not fail has ended.
    async fn ended(&self, arn: &str) -> ExecutionStatus {
        let begun = Instant::now();
        loop {
            let found = self.stack.aws.sfn.describe_execution().execution_arn(arn).send().await.unwrap();
            if found.status != ExecutionStatus::Running {
                assert_eq!(found.error, None, "{:?}", found.cause);
                return found.status;
            }
            assert!(begun.elapsed() < Duration::from_mins(2), "it does not end");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Has a sweep deliver the dead letters. The emulator's answer to `ReceiveMessage` has another shape than AWS's as a
    /// task's result, so they are asked for here, and the rest is the sweep's own.
    pub async fn redeliver(&self) {
        let (aws, names) = (&self.stack.aws, &self.stack.names);
        let url = aws.sqs.get_queue_url().queue_name(names.dead_letters()).send().await.unwrap().queue_url.unwrap();
        let deployed = aws.sfn.describe_state_machine().state_machine_arn(names.sweep_arn()).send().await.unwrap();
        let mut part: Value = serde_json::from_str(&deployed.definition).unwrap();
        part["StartAt"] = "Redeliver".into();
        part["States"]["Redeliver"]["Next"] = "Swept".into();
        let create = aws.sfn.create_state_machine().name(format!("redeliver-{}", names.id)).role_arn(deployed.role_arn);
        let machine = create.definition(part.to_string()).send().await.unwrap().state_machine_arn;
        loop {
            let receive = aws.sqs.receive_message().queue_url(&url).max_number_of_messages(10).visibility_timeout(60);
            let received = receive.send().await.unwrap().messages.unwrap_or_default();
            if received.is_empty() {
                break;
            }
            let messages = received.into_iter().map(|message| {
                json!({"MessageId": message.message_id, "Body": message.body, "ReceiptHandle": message.receipt_handle})
            });
            let input = json!({"Received": {"Messages": messages.collect::<Vec<_>>()}});
            let start = aws.sfn.start_execution().state_machine_arn(&machine).input(input.to_string());
            self.ended(&start.send().await.unwrap().execution_arn).await;
        }
        aws.sfn.delete_state_machine().state_machine_arn(machine).send().await.unwrap();
    }

    /// Watches a stack that is up.
    pub async fn observed(stack: Stack) -> Self {
        let name = format!("observer-{}", stack.names.id);
        let queue = stack.aws.sqs.create_queue().queue_name(&name).send().await.unwrap().queue_url.unwrap();
        let arn = format!("arn:aws:sqs:{}:{}:{name}", stack.names.region, stack.names.account);
        let subscribe = stack.aws.sns.subscribe().topic_arn(stack.names.topic_arn()).protocol("sqs").endpoint(arn);
        subscribe.send().await.unwrap();
        Self { stack, queue, configuration: None }
    }

    /// Gives the function these variables in addition to its own, or instead of them.
    pub async fn set_variables(&self, variables: &[(&str, &str)]) {
        let (lambda, name) = (&self.stack.aws.lambda, self.stack.names.function());
        let found = lambda.get_function_configuration().function_name(&name).send().await.unwrap();
        let mut all = found.environment.unwrap().variables.unwrap();
        all.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let environment = aws_sdk_lambda::types::Environment::builder().set_variables(Some(all)).build();
        lambda.update_function_configuration().function_name(&name).environment(environment).send().await.unwrap();
    }

    /// Says how old a version may be, in seconds, until the function looks whether another execution has judged it. In
    /// tests it is three seconds: on a busy machine an execution may begin later than that.
    pub async fn set_patience(&self, seconds: u32) {
        self.set_variables(&[("patience_seconds", &seconds.to_string())]).await;
    }

    /// Uploads a file to ingress, and returns its version.
    pub async fn put(&self, key: &str, body: &[u8]) -> String {
        let put = self.stack.aws.s3.put_object().bucket(self.stack.names.bucket(Zone::Ingress)).key(key);
        put.body(body.to_vec().into()).send().await.unwrap().version_id.unwrap()
    }

    /// The same for a key that nobody else holds.
    pub async fn put_owned(&self, key: String, body: &[u8]) -> String {
        self.put(&key, body).await
    }

    /// Starts the state machine by hand.
    pub async fn start_execution(&self, input: &Value) -> Execution {
        let start = self.stack.aws.sfn.start_execution().state_machine_arn(self.stack.names.state_machine_arn());
        let arn = start.input(input.to_string()).send().await.unwrap().execution_arn;
        let begun = Instant::now();
        loop {
            let execution = self.describe(&arn).await;
            if execution.status != ExecutionStatus::Running {
                return execution;
            }
            assert!(begun.elapsed() < Duration::from_mins(1), "it does not end");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What is known of an execution.
    pub async fn describe(&self, arn: &str) -> Execution {
        let found = self.stack.aws.sfn.describe_execution().execution_arn(arn).send().await.unwrap();
        let json = |text: Option<String>| serde_json::from_str(&text.unwrap_or_default()).unwrap_or_default();
        Execution { input: json(found.input), status: found.status, output: json(found.output), error: found.error }
    }

    /// Those of both workflows: of an Express workflow AWS lists none, and this emulator does.
    async fn all_executions(&self) -> Vec<ExecutionListItem> {
        let mut all = vec![];
        for machine in [self.stack.names.express_arn(), self.stack.names.state_machine_arn()] {
            let list = self.stack.aws.sfn.list_executions().state_machine_arn(machine).into_paginator().items().send();
            all.extend(list.collect::<Result<Vec<_>, _>>().await.unwrap());
        }
        all
    }

    /// The ended executions for an object of a zone, once there are `count` of them.
    pub async fn executions(&self, zone: Zone, key: &str, count: usize) -> Vec<Execution> {
        let bucket = self.stack.names.bucket(zone);
        let begun = Instant::now();
        loop {
            let all = self.all_executions().await;
            let mut found = vec![];
            for ended in all.iter().filter(|it| it.status != ExecutionStatus::Running) {
                let execution = self.describe(&ended.execution_arn).await;
                let detail = &execution.input["detail"];
                let is = detail["bucket"]["name"] == bucket.as_str() && detail["object"]["key"] == key;
                if is && !execution.has_handed_over() {
                    found.push(execution);
                }
            }
            if found.len() >= count {
                return found;
            }
            assert!(begun.elapsed() < Duration::from_mins(3), "{zone} {key:?}: {found:#?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Every execution, once `count` for objects of ingress have ended and none runs any more.
    pub async fn settled(&self, count: usize) -> Vec<Execution> {
        let bucket = self.stack.names.bucket(Zone::Ingress);
        let begun = Instant::now();
        loop {
            let all = self.all_executions().await;
            if all.len() >= count && all.iter().all(|it| it.status != ExecutionStatus::Running) {
                let mut executions = vec![];
                for ended in &all {
                    executions.push(self.describe(&ended.execution_arn).await);
                }
                executions.retain(|execution| !execution.has_handed_over());
                if executions.iter().filter(|it| it.input["detail"]["bucket"]["name"] == bucket).count() >= count {
                    return executions;
                }
            }
            assert!(begun.elapsed() < Duration::from_mins(5), "{} executions", all.len());
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// The executions that have not ended: their ARNs and what they were started with.
    pub async fn running(&self) -> Vec<(String, Value)> {
        let mut running = vec![];
        for it in self.all_executions().await.into_iter().filter(|it| it.status == ExecutionStatus::Running) {
            let input = self.describe(&it.execution_arn).await.input;
            running.push((it.execution_arn, input));
        }
        running
    }

    /// The one execution for an upload.
    pub async fn judged(&self, key: &str) -> Execution {
        self.executions(Zone::Ingress, key, 1).await.remove(0)
    }

    /// Every version in a zone, by key: the bodies, newest first.
    pub async fn objects(&self, zone: Zone) -> BTreeMap<String, Vec<Vec<u8>>> {
        let (s3, bucket) = (&self.stack.aws.s3, self.stack.names.bucket(zone));
        let listed = s3.list_object_versions().bucket(&bucket).send().await.unwrap();
        assert_eq!(listed.is_truncated(), Some(false));
        let mut objects = BTreeMap::<_, Vec<_>>::new();
        for version in listed.versions() {
            let key = version.key().unwrap();
            let get = s3.get_object().bucket(&bucket).key(key).version_id(version.version_id().unwrap());
            let got = get.send().await;
            // It may go between being listed and being read.
            if got.as_ref().is_err_and(|error| error.code() == Some("NoSuchVersion")) {
                continue;
            }
            let body = got.unwrap().body.collect().await.unwrap().to_vec();
            objects.entry(key.to_owned()).or_default().push(body);
        }
        objects
    }

    /// What S3 lists of every version of a zone, however many there are.
    pub async fn versions(&self, zone: Zone) -> Vec<ObjectVersion> {
        let (mut all, mut key, mut version) = (vec![], None, None);
        loop {
            let list = self.stack.aws.s3.list_object_versions().bucket(self.stack.names.bucket(zone));
            let page = list.set_key_marker(key).set_version_id_marker(version).send().await.unwrap();
            all.extend(page.versions.unwrap_or_default());
            (key, version) = (page.next_key_marker, page.next_version_id_marker);
            if key.is_none() {
                return all;
            }
        }
    }

    /// How many versions a zone has.
    pub async fn objects_listed(&self, zone: Zone) -> usize {
        let list = self.stack.aws.s3.list_object_versions().bucket(self.stack.names.bucket(zone));
        list.send().await.unwrap().versions().len()
    }

    /// How many notices are in their queue, those that are just being told of too.
    pub async fn notices(&self) -> usize {
        self.messages_in(&self.stack.names.notices()).await.iter().sum()
    }

    /// How many messages wait in a queue of the stack, and how many somebody has taken.
    pub async fn messages_in(&self, queue: &str) -> [usize; 2] {
        let sqs = &self.stack.aws.sqs;
        let queue = sqs.get_queue_url().queue_name(queue).send().await.unwrap().queue_url.unwrap();
        let counts = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        ];
        let found = sqs.get_queue_attributes().queue_url(queue).set_attribute_names(Some(counts.to_vec()));
        let found = found.send().await.unwrap().attributes.unwrap();
        counts.each_ref().map(|count| found[count].parse().unwrap())
    }

    /// The messages so far, which are not there twice, once every notice has been told of.
    pub async fn messages(&self) -> Vec<Message> {
        let begun = Instant::now();
        while self.notices().await > 0 {
            assert!(begun.elapsed() < Duration::from_mins(1), "nobody tells of the notices");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.messages_so_far().await
    }

    /// The messages so far, whoever still waits to be told of.
    pub async fn messages_so_far(&self) -> Vec<Message> {
        let mut messages = vec![];
        loop {
            let receive = self.stack.aws.sqs.receive_message().queue_url(&self.queue).max_number_of_messages(10);
            let received = receive.send().await.unwrap();
            if received.messages().is_empty() {
                return messages;
            }
            for message in received.messages() {
                let body: Value = serde_json::from_str(message.body().unwrap()).unwrap();
                let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
                let delete = self.stack.aws.sqs.delete_message().queue_url(&self.queue);
                delete.receipt_handle(message.receipt_handle().unwrap()).send().await.unwrap();
                // The emulator counts the throttles of all functions together, so that each stack's alarm may be set off.
                if text("Subject").starts_with("ALARM: \"cyber_vault_throttles-") {
                    continue;
                }
                messages.push(Message {
                    subject: text("Subject"),
                    text: text("Message"),
                    attributes: body["MessageAttributes"].clone(),
                });
            }
        }
    }
}

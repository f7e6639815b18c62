//! Whoever listens to the events of cvault's that a vault puts on the default bus.

use super::{Pipeline, schema};
use aws_sdk_eventbridge::types::Target;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// A queue that gets them.
pub struct Ear {
    eventbridge: aws_sdk_eventbridge::Client,
    sqs: aws_sdk_sqs::Client,
    name: String,
    queue: String,
}

impl Ear {
    pub async fn open(vault: &Pipeline) -> Self {
        let (aws, names) = (&vault.stack.aws, &vault.stack.names);
        let name = format!("audit-{}", names.id);
        let queue = aws.sqs.create_queue().queue_name(&name).send().await.unwrap().queue_url.unwrap();
        let pattern = json!({"source": ["cvault"], "detail": {"id": [names.id]}}).to_string();
        aws.eventbridge.put_rule().name(&name).event_pattern(pattern).send().await.unwrap();
        let arn = format!("arn:aws:sqs:{}:{}:{name}", names.region, names.account);
        let target = Target::builder().id("queue").arn(arn).build().unwrap();
        aws.eventbridge.put_targets().rule(&name).targets(target).send().await.unwrap();
        Self { eventbridge: aws.eventbridge.clone(), sqs: aws.sqs.clone(), name, queue }
    }

    /// So many events, once they have come.
    pub async fn heard_all(&self, count: usize) -> Vec<Value> {
        let (begun, mut heard) = (Instant::now(), vec![]);
        while heard.len() < count {
            assert!(begun.elapsed() < Duration::from_mins(1), "{heard:#?}");
            heard.extend(self.heard().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        heard
    }

    /// What has come since it was asked last.
    pub async fn heard(&self) -> Vec<Value> {
        let sqs = &self.sqs;
        let mut heard = vec![];
        loop {
            let received =
                sqs.receive_message().queue_url(&self.queue).max_number_of_messages(10).send().await.unwrap();
            if received.messages().is_empty() {
                return heard;
            }
            for message in received.messages() {
                let event: Value = serde_json::from_str(message.body().unwrap()).unwrap();
                schema::check_event(&event["detail"]);
                heard.push(event);
                let delete = sqs.delete_message().queue_url(&self.queue);
                delete.receipt_handle(message.receipt_handle().unwrap()).send().await.unwrap();
            }
        }
    }

    pub async fn close(self) {
        self.eventbridge.remove_targets().rule(&self.name).ids("queue").send().await.unwrap();
        self.eventbridge.delete_rule().name(&self.name).send().await.unwrap();
        self.sqs.delete_queue().queue_url(&self.queue).send().await.unwrap();
    }
}

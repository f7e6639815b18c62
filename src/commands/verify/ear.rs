//! A queue behind the topic, for as long as a run takes: what it hears, subscribers are told.

use super::super::Session;
use crate::aws::{Answer, PROPAGATION};
use crate::deploy::resource::Assigned;
use crate::outcome::failure::Failure;
use crate::vault::definitions::{self as definition, Values};
use crate::vault::names::hash_of;
use crate::vault::tags::tagged;
use anyhow::{Context, Result};
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message, QueueAttributeName as Attribute};
use std::collections::{BTreeSet, HashMap};
use std::time::{SystemTime, UNIX_EPOCH};

/// The longest that messages are kept, should nobody take the queue away.
const RETENTION: &str = "3600";
/// After how long a message comes again that nobody has taken away: an answer may be lost with what it brings, and the run
/// waits for nothing else.
const AGAIN: &str = "10";

/// The queue of one run.
pub(super) struct Ear<'a> {
    session: &'a Session,
    url: String,
    /// The versions that were told of.
    heard: BTreeSet<String>,
}

impl<'a> Ear<'a> {
    /// Makes the queue and subscribes it.
    pub(super) async fn open(session: &'a Session) -> Result<Self> {
        let names = &session.names;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        // A queue's name is free again only 60 seconds after its deletion (truths Q2).
        let name = names.verify_queue(&hash_of(&format!("{}/{}", now.as_nanos(), std::process::id()), 8));
        let values = Values::new(names, &Assigned::default(), &[], &session.settings.rules());
        let policy = definition::VERIFY_QUEUE.with(&values)?.value().to_string();
        let attributes = HashMap::from([
            (Attribute::MessageRetentionPeriod, RETENTION.into()),
            (Attribute::VisibilityTimeout, AGAIN.into()),
            (Attribute::SqsManagedSseEnabled, "true".into()),
            (Attribute::Policy, policy),
        ]);
        let create = session.aws.sqs.create_queue().queue_name(&name).set_attributes(Some(attributes));
        let made =
            create.set_tags(Some(tagged(names.all_tags()))).send().await.or_refused(format!("create queue {name}"))?;
        let url = made.queue_url.context("SQS gave no address")?;
        let arn = names.verify_queues_arn().replace(&names.verify_queue("*"), &name);
        let on = "the new queue to be known";
        let subscribe = async || {
            let subscribe = session.aws.sns.subscribe().topic_arn(names.topic_arn()).protocol("sqs").endpoint(&arn);
            subscribe.send().await.or_refused(format!("subscribe queue {name}"))
        };
        session.aws.eventually(on, PROPAGATION, subscribe).await?;
        Ok(Self { session, url, heard: BTreeSet::new() })
    }

    /// Takes what has come, and keeps which of these versions it tells of.
    pub(super) async fn listen(&mut self, versions: &[&str]) -> Result<()> {
        loop {
            let receive = self.session.aws.sqs.receive_message().queue_url(&self.url).max_number_of_messages(10);
            let received = receive.send().await.or_absent("listen to the topic")?;
            let Some(received) = received else { return Err(taken_over().into()) };
            let bodies: Vec<_> = received.messages().iter().filter_map(|message| message.body()).collect();
            let told = versions.iter().filter(|version| bodies.iter().any(|body| body.contains(**version)));
            self.heard.extend(told.map(|version| (*version).to_owned()));
            self.forget(received.messages()).await?;
            if received.messages().len() < 10 || self.session.aws.is_interrupted() {
                return Ok(());
            }
        }
    }

    /// Takes messages away that were listened to, so that others come.
    async fn forget(&self, messages: &[Message]) -> Result<()> {
        let entry = |(number, message): (usize, &Message)| {
            let entry = DeleteMessageBatchRequestEntry::builder().id(number.to_string());
            entry.set_receipt_handle(message.receipt_handle.clone()).build()
        };
        let entries = messages.iter().enumerate().map(entry).collect::<std::result::Result<Vec<_>, _>>()?;
        if entries.is_empty() {
            return Ok(());
        }
        // What stays all the same comes again, and says nothing new.
        let delete = self.session.aws.sqs.delete_message_batch().queue_url(&self.url).set_entries(Some(entries));
        delete.send().await.or_refused("take messages out of the queue").map(drop)
    }

    /// Whether this version was told of.
    pub(super) fn has_heard(&self, version: &str) -> bool {
        self.heard.contains(version)
    }
}

fn taken_over() -> Failure {
    Failure::new(
        "listen to the topic",
        "the queue is gone: another `cvault verify` of this stack, or a `cvault down`, has taken it away",
        "run one at a time",
    )
}

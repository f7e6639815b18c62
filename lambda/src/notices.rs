//! Notices from their queue: each as an e-mail of its own, up to so many at once, and above that as one.
//!
//! Lambda takes them from the queue in batches, and leaves there what this function does not name as told: it comes
//! again. So a notice may be told twice, and never not at all.

use crate::digest::{Attribute, Message, alone, digest};
use crate::messages::{About, Queued};
use crate::notice::is_own_check;
use crate::queue::{Batch, Left, Record};
use aws_sdk_sns::Client;
use aws_sdk_sns::types::MessageAttributeValue;
use futures::{StreamExt, stream};
use std::cell::Cell;
use std::collections::BTreeMap;

/// How many publications are in flight.
const CALLS: usize = 8;
/// How many files of `cvault verify` are told of each by itself: a sender may name one like them.
const CANARIES: usize = 50;

/// Who is told.
#[derive(Clone, Debug)]
pub struct Topic {
    /// SNS.
    pub client: Client,
    /// The topic's ARN.
    pub arn: String,
}

/// Tells of a batch.
pub async fn tell(topic: &Topic, batch: &Batch) -> Left {
    let (mut left, mut queued) = (Left::default(), vec![]);
    for record in &batch.records {
        match read(record) {
            Ok(notice) => queued.push((record.message_id.as_str(), notice)),
            Err(why) => left.keeps([record.message_id.as_str()], why),
        }
    }
    let messages = messages(&queued.iter().map(|(_, queued)| queued).collect::<Vec<_>>());
    for (message, failure) in publish_all(topic, messages).await {
        // No file is to wait for what is wrong with another one's. Where nobody answers, asking for each takes too long.
        let each: Vec<_> = message.of.iter().map(|at| alone(&queued[*at].1, *at)).collect();
        let apart = failure.is_of_the_message && each.len() > 1;
        let failed = if apart { publish_all(topic, each).await } else { vec![(message, failure)] };
        for (message, failure) in failed {
            left.keeps(message.of.iter().map(|at| queued[*at].0), failure.why);
        }
    }
    left
}

/// Why something could not be published.
struct Unpublished {
    why: String,
    /// SNS takes no such message, and may take another one.
    is_of_the_message: bool,
}

/// Those that could not be published, and why. Where SNS does not answer, each takes a minute: were the others tried, too, the
/// function would not come to say what it has told, and that would be told again each time.
async fn publish_all(topic: &Topic, messages: Vec<Message>) -> Vec<(Message, Unpublished)> {
    let unanswered = &Cell::new(0);
    let publish = |message: Message| async move {
        if unanswered.get() >= CALLS {
            let why = format!("{} does not answer: it was not tried any more", topic.arn);
            return Some((message, Unpublished { why, is_of_the_message: false }));
        }
        let failure = publish(topic, &message).await.err()?;
        unanswered.update(|count| count + usize::from(!failure.is_of_the_message));
        Some((message, failure))
    };
    stream::iter(messages).map(publish).buffer_unordered(CALLS).filter_map(async |failed| failed).collect().await
}

fn read(record: &Record) -> Result<Queued, String> {
    record.read().map_err(|why| format!("a message of the queue is not a notice: {why}"))
}

/// What is to be published. The files of `cvault verify` are told of each by itself: it waits for each.
fn messages(all: &[&Queued]) -> Vec<Message> {
    let is_own = |queued: &Queued| match &queued.about {
        About::Judged(judged) => judged.source.as_ref().is_some_and(|source| is_own_check(source, &judged.verdict)),
        About::Unhandled(_) => false,
    };
    let (mut canaries, mut others): (Vec<_>, Vec<_>) =
        all.iter().copied().enumerate().partition(|(_, queued)| is_own(queued));
    if canaries.len() > CANARIES {
        others.append(&mut canaries);
    }
    let each = |of: &[(usize, &Queued)]| of.iter().map(|(at, queued)| alone(queued, *at)).collect::<Vec<_>>();
    let told = |of: &[(usize, &Queued)]| {
        // Of two definitions, while one is being replaced by the other, the one that tells less often.
        let each_up_to = of.iter().map(|(_, queued)| queued.each_up_to).min().unwrap_or_default();
        if of.len() <= each_up_to.max(1) { each(of) } else { digest(of) }
    };
    // What is held is not told of together with what could not be handled: something else is to be done.
    let mut together = BTreeMap::<_, Vec<_>>::new();
    for (at, queued) in others {
        let is_unhandled = matches!(queued.about, About::Unhandled(_));
        let are_one = queued.each_up_to == 0;
        together.entry((is_unhandled, are_one, queued.apart.as_deref())).or_default().push((at, queued));
    }
    together.values().fold(each(&canaries), |all, of| [all, told(of)].concat())
}

async fn publish(topic: &Topic, message: &Message) -> Result<(), Unpublished> {
    let attribute = |value: &Attribute| {
        let (kind, value) = value.written();
        MessageAttributeValue::builder().data_type(kind).string_value(value).build()
    };
    let publish = topic.client.publish().topic_arn(&topic.arn).subject(&message.subject).message(&message.text);
    let publish = message.attributes.iter().try_fold(publish, |publish, (name, value)| {
        Ok::<_, aws_sdk_sns::error::BuildError>(publish.message_attributes(*name, attribute(value)?))
    });
    let unwritten =
        |error: aws_sdk_sns::error::BuildError| Unpublished { why: error.to_string(), is_of_the_message: true };
    let published = publish.map_err(unwritten)?.send().await;
    published.map(drop).map_err(|error| {
        let is_of_the_message = error.raw_response().is_some_and(|answer| answer.status().as_u16() == 400);
        let why = format!("publish to {}: {}", topic.arn, aws_sdk_sns::error::DisplayErrorContext(&error));
        Unpublished { why, is_of_the_message }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stand_in::{Reply, StandIn};
    use serde_json::{Value, json};

    fn record(n: usize, key: &str, each_up_to: usize) -> Value {
        let body = json!({
            "EachUpTo": each_up_to, "Bucket": "in",
            "Source": {"Bucket": "in", "Key": key, "VersionId": "v", "Size": 9, "Sha256": null, "StoredVersionId": null},
            "Verdict": {"Status": "HAS_FINDINGS", "JobId": null, "AnalyticsBucket": "held", "AnalyticsKey": "0/k",
                "AnalyticsVersionId": "w", "Reasons": ["csv: row 3"]},
            "Notice": {"Subject": format!("cvault held {key}"), "Message": "why", "Prefix": "/"},
        });
        json!({"messageId": format!("m{n}"), "body": body.to_string(), "eventSource": "aws:sqs"})
    }

    fn batch(records: &[Value]) -> Batch {
        serde_json::from_value(json!({"Records": records})).unwrap()
    }

    fn published() -> Reply {
        Reply::Bytes(
            b"<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>".into(),
        )
    }

    fn topic(sns: &StandIn) -> Topic {
        Topic { client: sns.sns(), arn: "arn:aws:sns:eu-west-1:123456789012:t".into() }
    }

    /// The parameter of each call.
    fn asked(sns: &StandIn, parameter: &str) -> Vec<String> {
        let of = |text: String| {
            let found = text.split('&').find_map(|one| one.strip_prefix(&format!("{parameter}=")).map(str::to_owned));
            percent_encoding::percent_decode_str(&found.unwrap_or_default()).decode_utf8_lossy().into_owned()
        };
        let mut asked: Vec<_> = sns.calls().into_iter().map(|call| of(call.text)).collect();
        asked.sort();
        asked
    }

    #[tokio::test]
    async fn up_to_the_limit_each_is_told_of_by_itself_and_above_it_all_in_one() {
        let sns = StandIn::new(|_| published());
        let of = |many: usize, each_up_to| {
            batch(&(0..many).map(|n| record(n, &format!("{n}.csv"), each_up_to)).collect::<Vec<_>>())
        };
        let left = tell(&topic(&sns), &of(3, 3)).await;
        assert_eq!(left, Left::default());
        assert_eq!(asked(&sns, "Subject"), ["cvault held 0.csv", "cvault held 1.csv", "cvault held 2.csv"]);
        let sns = StandIn::new(|_| published());
        assert_eq!(tell(&topic(&sns), &of(4, 3)).await, Left::default());
        assert_eq!(asked(&sns, "Subject"), ["cvault held 4 files: each is named, with what is wrong"]);
        // In any order.
        let mut values: Vec<_> = (1..=4)
            .flat_map(|entry| asked(&sns, &format!("MessageAttributes.entry.{entry}.Value.StringValue")))
            .collect();
        values.sort();
        assert_eq!(values, ["[\"/\"]", "[\"HAS_FINDINGS\"]", "[\"in\"]", "[\"none\"]"]);
        assert_eq!(asked(&sns, "MessageAttributes.entry.1.Value.DataType"), ["String.Array"]);
        let sns = StandIn::new(|_| published());
        assert_eq!(tell(&topic(&sns), &of(1, 0)).await, Left::default());
        assert_eq!(asked(&sns, "Subject"), ["cvault held 0.csv"], "one is no burst");
    }

    /// The files of one sender in an e-mail of their own, and those of the others as ever.
    #[tokio::test]
    async fn a_prefix_has_digests_of_its_own() {
        let of = |n: usize, key: &str, each_up_to: usize, prefixes: &Value| {
            let mut record = record(n, key, each_up_to);
            let mut body: Value = serde_json::from_str(record["body"].as_str().unwrap()).unwrap();
            body["Prefixes"] = prefixes.clone();
            record["body"] = body.to_string().into();
            record
        };
        let keys = ["a/0", "a/1", "b/0", "b/1", "c/0", "c/1"];
        let told = async |each_up_to: usize, prefixes: Value| {
            let sns = StandIn::new(|_| published());
            let records: Vec<_> = (0..).zip(keys).map(|(n, key)| of(n, key, each_up_to, &prefixes)).collect();
            assert_eq!(tell(&topic(&sns), &batch(&records)).await, Left::default());
            asked(&sns, "Subject")
        };
        let digest = "cvault held 2 files: each is named, with what is wrong";
        let own = told(2, json!([{"Prefix": "a/", "EachUpTo": 0}, {"Prefix": "b/", "EachUpTo": 0}])).await;
        assert_eq!(own, [digest, digest, "cvault held c/0", "cvault held c/1"]);
        // And where the others are together, those of one sender each by itself.
        let own = told(0, json!([{"Prefix": "a/", "EachUpTo": 2}])).await;
        assert_eq!(
            own,
            ["cvault held 4 files: each is named, with what is wrong", "cvault held a/0", "cvault held a/1"]
        );
    }

    /// Ten thousand failures are no ten thousand e-mails.
    #[tokio::test]
    async fn failures_are_told_of_as_verdicts_are() {
        let failed = |n: usize| {
            let failure = json!({"Kind": "FAILED", "Key": format!("a/{n}.csv"), "Bucket": "in", "Error": "Denied",
                "Cause": "{\"errorMessage\": \"no\"}", "Execution": "arn:x"});
            let body = json!({"EachUpTo": 2, "Failure": failure}).to_string();
            json!({"messageId": format!("f{n}"), "body": body, "eventSource": "aws:sqs"})
        };
        let sns = StandIn::new(|_| published());
        assert_eq!(tell(&topic(&sns), &batch(&[failed(0), record(1, "k", 2)])).await, Left::default());
        assert_eq!(asked(&sns, "Subject"), ["cvault held k", "cvault: a file could not be handled"]);
        let sns = StandIn::new(|_| published());
        assert_eq!(tell(&topic(&sns), &batch(&(0..100).map(failed).collect::<Vec<_>>())).await, Left::default());
        assert_eq!(asked(&sns, "Subject"), ["cvault could not handle 100 files: each is named, with why"]);
        let both: Vec<_> = (0..9).map(failed).chain((0..9).map(|n| record(n, "k", 2))).collect();
        let sns = StandIn::new(|_| published());
        assert_eq!(tell(&topic(&sns), &batch(&both)).await, Left::default());
        assert_eq!(
            asked(&sns, "Subject"),
            [
                "cvault could not handle 9 files: each is named, with why",
                "cvault held 9 files: each is named, with what is wrong"
            ]
        );
    }

    #[tokio::test]
    async fn what_was_not_told_stays_in_the_queue() {
        let sns = StandIn::new(|call| if call.text.contains("1.csv") { Reply::Lost } else { published() });
        let mut records: Vec<_> = (0..3).map(|n| record(n, &format!("{n}.csv"), 9)).collect();
        records.push(json!({"messageId": "m3", "body": "{}", "eventSource": "aws:sqs"}));
        records.push(json!({"messageId": "m4", "body": records[0]["body"], "eventSource": "aws:s3"}));
        let left = tell(&topic(&sns), &batch(&records)).await;
        let mut ids: Vec<_> = left.batch_item_failures.iter().map(|left| left.item_identifier.as_str()).collect();
        ids.sort_unstable();
        assert_eq!((ids, left.failures.len()), (vec!["m1", "m3", "m4"], 3));
        let answer = serde_json::to_value(Left { failures: vec![], ..left }).unwrap();
        assert_eq!(answer["batchItemFailures"][0]["itemIdentifier"], "m3");
        // What no digest can be made of is told of each by itself.
        let sns = StandIn::new(|call| if call.text.contains("files") { Reply::Status(400) } else { published() });
        let left = tell(&topic(&sns), &batch(&[0, 1, 2].map(|n| record(n, &format!("{n}.csv"), 0)))).await;
        assert_eq!((left, sns.calls().len()), (Left::default(), 4));
        // Where nobody answers, nobody is asked for each.
        let sns = StandIn::new(|_| Reply::Status(503));
        let left = tell(&topic(&sns), &batch(&[0, 1, 2].map(|n| record(n, "k", 0)))).await;
        assert_eq!((left.batch_item_failures.len(), sns.calls().len()), (3, 1));
        // What is lost stays, all of it.
        let sns = StandIn::new(|_| Reply::Lost);
        let left = tell(&topic(&sns), &batch(&[0, 1, 2].map(|n| record(n, "k", 0)))).await;
        assert_eq!(left.batch_item_failures.len(), 3);
    }

    /// What was told is said in time, so that it is not told again whenever SNS answers one and not another.
    #[tokio::test]
    async fn who_does_not_answer_is_not_asked_for_all() {
        let sns = StandIn::new(|call| if call.text.contains("%200.csv&") { published() } else { Reply::Lost });
        let records: Vec<_> = (0..100).map(|n| record(n, &format!("{n}.csv"), 100)).collect();
        let left = tell(&topic(&sns), &batch(&records)).await;
        assert_eq!((left.batch_item_failures.len(), left.failures.len()), (99, 99));
        assert!(!left.batch_item_failures.iter().any(|left| left.item_identifier == "m0"));
        assert!(sns.calls().len() < 3 * CALLS, "{}", sns.calls().len());
        // What is wrong with one message is none of the others'.
        let sns = StandIn::new(|call| if call.text.contains("9.csv") { Reply::Status(400) } else { published() });
        let left = tell(&topic(&sns), &batch(&records)).await;
        assert_eq!((left.batch_item_failures.len(), sns.calls().len()), (10, 100));
    }

    /// `cvault verify` waits for the notice of each of its files; a sender that names his alike is none.
    #[tokio::test]
    async fn the_files_of_verify_are_told_of_each_by_itself() {
        let canary = contract::canary::of(".cvault/verify/sensitive.csv").unwrap();
        let own = |n| {
            let mut record = record(n, canary.key(), 0);
            let mut body: Value = serde_json::from_str(record["body"].as_str().unwrap()).unwrap();
            body["Source"]["Size"] = canary.body.len().into();
            record["body"] = body.to_string().into();
            record
        };
        let sns = StandIn::new(|_| published());
        tell(&topic(&sns), &batch(&[own(0), own(1), record(2, canary.key(), 0), record(3, "k", 0)])).await;
        let name = format!("cvault held {}", canary.key());
        assert_eq!(
            asked(&sns, "Subject"),
            [name.as_str(), name.as_str(), "cvault held 2 files: each is named, with what is wrong"]
        );
        let sns = StandIn::new(|_| published());
        tell(&topic(&sns), &batch(&(0..=CANARIES).map(own).collect::<Vec<_>>())).await;
        assert_eq!(asked(&sns, "Subject"), ["cvault held 51 files: each is named, with what is wrong"]);
    }
}

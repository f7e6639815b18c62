//! Many held files where the account's quotas are small, in token buckets: what SNS and S3 throttle is told of all the same, and
//! each once.

use super::AT_ONCE;
use crate::support::{Configuration, Pipeline, Stack};
use cvault::vault::names::Zone;
use futures::{StreamExt, stream};
use serde_json::json;

/// How many files come at once.
const FILES: usize = 30;
const CARDS: &[u8] = b"seq,credit_card\n0,4000004427083831\n";

#[tokio::test]
async fn what_is_throttled_is_told_of_and_once() {
    let stack = Stack::behind(&["--truths", "throttle"]);
    let settings = "emails = [\"ops@example.com\"]\n[notify]\nwindow_seconds = 1\neach_up_to = 100\n";
    let config = Configuration::of(&stack, settings);
    stack.run(&["up", "--config", config.path()]).expect(0);
    let vault = Pipeline::observed(stack).await;
    vault.stack.watch_function_of(&["S3", "SNS"]).await;
    // A second, and at once.
    vault.stack.proxy.configure(&json!({"rates": {"sns:Publish": [4, 4], "s3:PutObjectTagging": [4, 4]}}));
    let puts = stream::iter(0..FILES).map(async |number| vault.put_owned(format!("in/{number:02}.csv"), CARDS).await);
    puts.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
    vault.settled(FILES).await;
    let messages = vault.messages().await;

    let throttled =
        |service: &str| vault.stack.proxy.calls(|call| call["truth"] == "throttle" && call["service"] == service).len();
    println!("{FILES} files, {} calls of S3 and {} of SNS throttled", throttled("s3"), throttled("sns"));
    assert!(throttled("s3") > 0 && throttled("sns") > 0, "the buckets were large enough");
    assert_eq!(vault.versions(Zone::Analytics).await.len(), FILES);
    for number in 0..FILES {
        let name = format!("\"in/{number:02}.csv\"");
        let told = messages.iter().filter(|message| message.text.contains(&name)).count();
        assert_eq!(told, 1, "{name}: {messages:#?}");
    }
}

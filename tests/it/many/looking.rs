//! `cvault held` and `report` over many held objects and verdicts: all are counted, in no more requests than there have to be.

use super::{AT_ONCE, MOST, wanted, watched};
use crate::report;
use crate::support::Pipeline;
use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use cvault::vault::names::Zone;
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// How many there are, unless somebody wants more: so many that S3 gives them in pages.
const OBJECTS: usize = 1_600;
/// How many versions S3 gives in a page.
const PAGE: usize = 1_000;
/// In how many parts a bucket is listed.
const PARTS: usize = 16;
/// Of how many verdicts there are lines at most: of a group with more than 10,000 lines the emulator shows not all.
const VERDICTS: usize = 5_000;
/// How many lines of the audit are written in a call.
const LINES: usize = 500;
const CARDS: &[u8] = b"seq,credit_card\n0,4000004427083831\n";

/// The folder of a copy: half of them in one part of the list, and the others in all others.
fn folder(number: usize) -> String {
    let part = if number.is_multiple_of(2) { 0 } else { number / 2 % PARTS };
    format!("{part:x}{number:023x}")
}

/// Copies as they would be held, without anything that has judged them.
async fn hold(vault: &Pipeline, objects: usize) {
    let (s3, bucket) = (&vault.stack.aws.s3, vault.stack.names.bucket(Zone::Analytics));
    let puts = stream::iter(0..objects).map(async |number| {
        let put = s3.put_object().bucket(&bucket).key(format!("{}/in/{number:06}.csv", folder(number)));
        put.body(b"x".to_vec().into()).tagging("cvault%3Astatus=HAS_FINDINGS").send().await.unwrap();
    });
    puts.buffer_unordered(AT_ONCE).collect::<()>().await;
}

/// Lines of the audit like this one, each about another version.
async fn record(vault: &Pipeline, line: &Value, count: usize) {
    let (logs, group) = (&vault.stack.aws.logs, vault.stack.names.classifier_log_group());
    logs.create_log_stream().log_group_name(&group).log_stream_name("many").send().await.unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let events: Vec<_> = (0..count)
        .map(|number| {
            let mut line = line.clone();
            line["version"] = json!(format!("v{number}"));
            let event = InputLogEvent::builder().message(line.to_string());
            event.timestamp(i64::try_from(now).unwrap()).build().unwrap()
        })
        .collect();
    for events in events.chunks(LINES) {
        let put = logs.put_log_events().log_group_name(&group).log_stream_name("many");
        put.set_log_events(Some(events.to_vec())).send().await.unwrap();
    }
}

#[tokio::test]
async fn what_is_held_is_counted_in_the_same_memory() {
    let objects = wanted().unwrap_or(OBJECTS);
    let vault = Pipeline::start().await;
    vault.put("in/cards.csv", CARDS).await;
    let line = report::lines(&vault, 1).await.remove(0);
    hold(&vault, objects - 1).await;
    let verdicts = objects.min(VERDICTS);
    record(&vault, &line, verdicts - 1).await;
    // Half of them in one part of the list.
    let pages = (objects / 2 + objects / 2 / PARTS) / PAGE + (objects / 2 / PARTS / PAGE + 1) * PARTS + 2;

    vault.stack.proxy.forget();
    let begun = Instant::now();
    let (rows, most) = watched(&vault.stack, &["held", "--no-reasons"]);
    let seconds = begun.elapsed().as_secs_f64();
    let (mut held, mut total) = (0, Value::Null);
    for row in rows {
        match row["type"].as_str() {
            Some("held") => held += 1,
            _ => total = row,
        }
    }
    let requests = vault.stack.proxy.stats()["requests"].as_u64().unwrap();
    println!("held: {objects} in {seconds:.1} s, {requests} requests, {most} kB of memory at most");
    assert_eq!((held, &total["count"]), (objects, &json!(objects)));
    // Beside a call for the tags of each and one for each page, who we are.
    assert!(requests <= (objects + pages + 2) as u64, "{requests}, of {pages} pages");
    assert!(most < MOST, "{most} kB");

    vault.stack.proxy.forget();
    let begun = Instant::now();
    let (mut rows, most) = watched(&vault.stack, &["report", "--since", "12h"]);
    let seconds = begun.elapsed().as_secs_f64();
    let period = rows.next().unwrap();
    let requests = vault.stack.proxy.stats()["requests"].as_u64().unwrap();
    println!("report: {objects} in {seconds:.1} s, {requests} requests, {most} kB of memory at most");
    assert_eq!(period["judged"]["count"], verdicts, "{period:#}");
    let statuses = period["held"]["statuses"].as_array().unwrap();
    assert_eq!((statuses.len(), &statuses[0]["count"]), (1, &json!(objects)));
    assert!(most < MOST, "{most} kB");
}

//! `cvault held` and `report` over many held objects and verdicts: all are counted, in no more requests than there have to be.

use super::{AT_ONCE, MOST, wanted, watched};
use crate::report;
use crate::support::Pipeline;
use cvault::vault::names::Zone;
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use std::time::Instant;

/// How many there are, unless somebody wants more: so many that S3 gives them in pages.
const OBJECTS: usize = 1_040;
/// How many versions S3 gives in a page.
const PAGE: usize = 1_000;
/// In how many parts a bucket is listed.
const PARTS: usize = 16;
/// Of how many verdicts there are lines at most: of a group with more than 10,000 lines the emulator shows not all.
const VERDICTS: usize = 5_000;
/// Of how many versions Step Functions is asked before the log is, in whole lots of 32.
const ASKED: usize = 320;
/// Up to how many are listed with their reasons: the emulator's log has those of few, and each of the others is asked for.
const REASONED: usize = 20_000;
const CARDS: &[u8] = b"seq,credit_card\n0,4000004427083831\n";

/// The folder of a copy: half of them in one part of the list, and the others in all others.
fn folder(number: usize) -> String {
    let part = if number.is_multiple_of(2) { 0 } else { number / 2 % PARTS };
    format!("{part:x}{number:023x}")
}

/// Copies as they would be held, whose executions Step Functions does not know any more. Their versions.
async fn hold(vault: &Pipeline, objects: usize) -> Vec<String> {
    let (s3, bucket) = (&vault.stack.aws.s3, vault.stack.names.bucket(Zone::Analytics));
    let puts = stream::iter(0..objects).map(async |number| {
        let put = s3.put_object().bucket(&bucket).key(format!("{}/in/{number:06}.csv", folder(number)));
        let tags = format!("cvault%3Astatus=HAS_FINDINGS&cvault%3Aexecution={}", execution(vault, number));
        put.body(b"x".to_vec().into()).tagging(tags).send().await.unwrap().version_id.unwrap()
    });
    puts.buffered(AT_ONCE).collect().await
}

fn execution(vault: &Pipeline, number: usize) -> String {
    vault.stack.names.state_machine_arn().replace(":stateMachine:", ":execution:") + &format!(":many-{number}")
}

/// Lines of the audit like this one, each about another of these versions.
async fn record(vault: &Pipeline, line: &Value, versions: &[String]) {
    let lines: Vec<_> = (0..)
        .zip(versions)
        .map(|(number, version)| {
            let mut line = line.clone();
            line["version"] = json!(format!("v{number}"));
            line["execution"] = json!(execution(vault, number));
            line["place"]["version"] = json!(version);
            line
        })
        .collect();
    report::write(vault, "many", &lines).await;
}

#[tokio::test]
async fn what_is_held_is_counted_in_the_same_memory() {
    let objects = wanted().unwrap_or(OBJECTS);
    let vault = Pipeline::start().await;
    vault.put("in/cards.csv", CARDS).await;
    let line = report::lines(&vault, 1).await.remove(0);
    let versions = hold(&vault, objects - 1).await;
    let verdicts = objects.min(VERDICTS);
    record(&vault, &line, &versions[..verdicts - 1]).await;
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

    if objects <= REASONED {
        with_reasons(&vault, (objects, verdicts, pages));
    }

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
    let reasons = period["held"]["reasons"].as_array().unwrap();
    let cards = reasons.iter().find(|reason| reason["name"] == "CREDIT_CARD_NUMBER").unwrap();
    assert_eq!((&cards["count"], &cards["bytes"]), (&json!(verdicts), &json!(CARDS.len() + verdicts - 1)));
    let of_all: u64 = reasons.iter().map(|reason| reason["count"].as_u64().unwrap()).sum();
    assert_eq!(of_all, objects as u64, "what the log does not say is counted, too: {reasons:?}");
    assert!(most < MOST, "{most} kB");
}

/// Of the first ones Step Functions is asked, of all others the log, in some pages.
fn with_reasons(vault: &Pipeline, (objects, verdicts, pages): (usize, usize, usize)) {
    vault.stack.proxy.forget();
    let begun = Instant::now();
    let (rows, most) = watched(&vault.stack, &["held"]);
    let seconds = begun.elapsed().as_secs_f64();
    let rows: Vec<_> = rows.filter(|row| row["type"] == "held").collect();
    let calls = vault.stack.proxy.log();
    let of = |name: &str| calls.iter().filter(|call| call["op"] == name).count();
    let (asked, read) = (of("DescribeExecution"), of("FilterLogEvents"));
    let requests = vault.stack.proxy.stats()["requests"].as_u64().unwrap();
    println!(
        "held: {objects} with reasons in {seconds:.1} s, {requests} requests, {asked} of them for executions and {read} for the log, {most} kB of memory at most"
    );
    assert_eq!((rows.len(), rows.iter().filter(|row| !row["reasons"].is_null()).count()), (objects, verdicts));
    assert!(rows.iter().filter(|row| !row["reasons"].is_null()).all(|row| row["version"].is_string()));
    // What the log does not have, executions might.
    assert!(asked <= ASKED + objects - verdicts && read <= 16, "{asked}, {read}");
    assert!(requests <= (objects + pages + asked + read + 2) as u64, "{requests}");
    assert!(most < MOST, "{most} kB");
}

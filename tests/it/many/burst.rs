//! Many files at once on an account with room for few calls of the function: all are judged, and nobody is told of throttling.

use super::{AT_ONCE, wanted};
use crate::support::{Configuration, Pipeline, Stack};
use cvault::vault::names::Zone;
use futures::{StreamExt, stream};
use std::time::{Duration, Instant};

/// How many files come at once, unless somebody wants more.
const FILES: usize = 40;
/// How many calls of the function there is room for.
const ROOM: usize = 2;
/// Nothing has moved for so long: what waits is not tried any more.
const STUCK: Duration = Duration::from_mins(3);

#[tokio::test]
async fn all_of_a_burst_is_judged_by_few_calls_at_a_time() {
    let files = wanted().unwrap_or(FILES);
    let room = std::env::var("CVAULT_ROOM").map_or(ROOM, |room| room.parse().expect("CVAULT_ROOM=10"));
    let stack = Stack::new();
    let config = Configuration::of(
        &stack,
        &format!("emails = [\"ops@example.com\"]\n[function]\nreserved_concurrency = {room}\n"),
    );
    stack.run(&["up", "--config", config.path()]).expect(0);
    let vault = Pipeline::observed(stack).await;
    let begun = Instant::now();
    let puts = stream::iter(0..files).map(async |number| {
        vault.put_owned(format!("{number:05}.csv"), format!("seq,city\n{number},Kingsford\n").as_bytes()).await;
    });
    puts.buffer_unordered(AT_ONCE).collect::<()>().await;

    let (mut moved, mut waits) = (Instant::now(), files);
    while waits > 0 {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let left = vault.versions(Zone::Ingress).await.len();
        if left < waits {
            (moved, waits) = (Instant::now(), left);
        }
        assert!(moved.elapsed() < STUCK, "{left} files are left in ingress");
    }
    // What is stored is cleared from analytics, too.
    while !vault.running().await.is_empty() {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let standard = vault.stack.aws.sfn.list_executions().state_machine_arn(vault.stack.names.state_machine_arn());
    let standard = standard.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.unwrap();
    println!(
        "{files} files, room for {room} calls: {} s, {} executions found no room at first",
        begun.elapsed().as_secs(),
        standard.len()
    );
    assert!(!standard.is_empty(), "there was room for all");
    assert_eq!(vault.versions(Zone::Vault).await.len(), files, "each once");
    assert_eq!(vault.messages().await.len(), 0, "nobody is told of throttling");
}

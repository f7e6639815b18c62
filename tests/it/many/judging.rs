//! `cvault judge --bucket` over many objects: all of them end.

use super::{AT_ONCE, MOST, wanted, watched};
use crate::judge::old_bucket;
use crate::support::{Configuration, Pipeline, Stack};
use cvault::vault::names::Zone;
use futures::{StreamExt, stream};
use serde_json::json;
use std::time::Instant;

/// How many there are, unless somebody wants more.
const OBJECTS: usize = 24;
/// Every so manieth holds a card number.
const HELD: usize = 12;
/// What may run of the function: a quarter of it copies at once.
const SETTINGS: &str =
    "emails = [\"ops@example.com\"]\n[notify]\nwindow_seconds = 1\n[function]\nreserved_concurrency = 400\n";

fn body(number: usize) -> String {
    match number % HELD {
        0 => format!("seq,credit_card\n{number},4000004427083831\n"),
        _ => format!("seq,city\n{number},Kingsford\n"),
    }
}

#[tokio::test]
async fn a_bucket_of_many_objects_is_judged_in_the_same_memory() {
    let objects = wanted().unwrap_or(OBJECTS);
    let stack = Stack::new();
    let old = old_bucket(&stack, &[]).await;
    let config = Configuration::of(&stack, &format!("{SETTINGS}[ingress]\nsources = [{old:?}]\n"));
    stack.run(&["up", "--config", config.path()]).expect(0);
    let vault = Pipeline::observed(stack).await;
    let put = async |number: usize| {
        let put = vault.stack.aws.s3.put_object().bucket(&old).key(format!("{:03}/{number:05}.csv", number % 100));
        put.body(body(number).into_bytes().into()).send().await.unwrap();
    };
    stream::iter(0..objects).map(put).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;

    let begun = Instant::now();
    let bounded = ["judge", "--yes", "--timeout", "3h"];
    let (rows, most) = watched(&vault.stack, &[&bounded, &["--bucket", &old, "--config", config.path()][..]].concat());
    let row = rows.filter(|row| row["type"] == "judging").last().unwrap();
    let seconds = begun.elapsed().as_secs();
    println!("{objects} objects in {seconds} s, {most} kB of memory at most: {}", row["taken"]);
    // What a list names twice, or whose answer was lost, had come there earlier.
    assert_eq!((&row["state"], &row["taken"]["taken"]), (&json!("done"), &json!(objects)), "{row}");
    assert_eq!(row["taken"]["left"], json!({}), "{row}");
    let held = objects.div_ceil(HELD);
    let messages = vault.messages().await;
    let told = (0..objects).step_by(HELD).filter(|number| {
        let name = format!("/{number:05}.csv\"");
        messages.iter().any(|message| message.text.contains(&name))
    });
    assert_eq!(told.count(), held, "who is held is told of");
    let places = [Zone::Ingress, Zone::Vault, Zone::Analytics];
    let mut counts = [0; 3];
    for (count, zone) in counts.iter_mut().zip(places) {
        *count = vault.versions(zone).await.len();
    }
    println!("{counts:?} in {places:?}, {} messages", messages.len());
    assert_eq!(counts, [0, objects - held, held]);
    assert!(most < MOST, "{most} kB");
}

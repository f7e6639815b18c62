//! `cvault judge --bucket` over many objects: all of them end, and the program's memory does not grow with them.
//!
//! `CVAULT_OBJECTS=20000 CVAULT_CALLS_AT_ONCE=16` makes it as many: the emulator names a throttle otherwise than AWS, so that calls
//! have to wait in it, as many as it can run.

use crate::judge::old_bucket;
use crate::support::{Configuration, Pipeline, Stack};
use cvault::vault::names::Zone;
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use std::io::Read;
use std::time::{Duration, Instant};

/// How many there are, unless somebody wants more.
const OBJECTS: usize = 40;
/// How many are put there at once.
const AT_ONCE: usize = 16;
/// Every so manieth holds a card number.
const HELD: usize = 20;
/// What the program may take for any number of objects, in kB.
const MOST: u64 = 128 << 10;
/// What may run of the function: a quarter of it copies at once, and what finds no room the emulator does not try again as AWS does.
const SETTINGS: &str =
    "emails = [\"ops@example.com\"]\n[notify]\nwindow_seconds = 1\n[function]\nreserved_concurrency = 400\n";

fn body(number: usize) -> String {
    match number % HELD {
        0 => format!("seq,credit_card\n{number},4000004427083831\n"),
        _ => format!("seq,city\n{number},Kingsford\n"),
    }
}

/// The most memory that a process has had so far, in kB.
fn memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// Runs it to its end: the row, and the most memory that it has had.
fn judging(stack: &Stack, arguments: &[&str]) -> (Value, u64) {
    let arguments = [&["judge", "--output", "json", "--yes", "--timeout", "60m"], arguments].concat();
    let mut run = stack.command(&arguments).spawn().unwrap();
    let mut most = 0;
    let status = loop {
        most = most.max(memory(run.id()).unwrap_or_default());
        if let Some(status) = run.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    let (mut said, mut told) = (String::new(), String::new());
    run.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    run.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert!(status.success(), "{said}\n{told}");
    let mut rows = said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    (rows.rfind(|row| row["type"] == "judging").unwrap(), most)
}

#[tokio::test]
async fn a_bucket_of_many_objects_is_judged_in_the_same_memory() {
    let objects =
        std::env::var("CVAULT_OBJECTS").map_or(OBJECTS, |wanted| wanted.parse().expect("CVAULT_OBJECTS=20000"));
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
    let (row, most) = judging(&vault.stack, &["--bucket", &old, "--config", config.path()]);
    let seconds = begun.elapsed().as_secs();
    assert_eq!(
        (&row["state"], &row["taken"]),
        (&json!("done"), &json!({"taken": objects, "there": 0, "left": {}})),
        "{row}"
    );
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
    println!(
        "{objects} objects in {seconds} s: {counts:?} in {places:?}, {} messages; {most} kB of memory at most",
        messages.len()
    );
    assert_eq!(counts, [0, objects - held, held]);
    assert!(most < MOST, "{most} kB");
}

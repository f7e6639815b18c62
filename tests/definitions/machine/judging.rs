//! What `cvault judge --bucket` needs for ten million objects, on paper: executions, requests, hours and dollars, by the
//! definition of the sweep and AWS's quotas. `cargo test --test definitions ten_million -- --nocapture` prints the README's table.

#![expect(clippy::disallowed_macros, reason = "the table is for whoever runs it with --nocapture")]

use super::stack;
use classifier::sweep::Item;
use classifier::take;
use cvault::commands::report::prices;
use cvault::vault::definitions::SWEEP;

const OBJECTS: f64 = 1e7;
/// The most bytes of items in a page: `LARGEST` of `lambda/src/sweep.rs`.
const PAGE: f64 = 102_400.0;
/// The states of each page, without those of its objects.
const STATES: [&str; 5] = ["ListUnjudged", "HasItems", "Take", "HasMore", "NextPage"];
/// What a page takes beside its objects, in seconds: a call of the function, and the start and end of a Map Run. Nobody has
/// measured the latter: AWS promises nothing.
const AROUND: f64 = 3.0;
/// How long one object's copy takes, and how many are made at once: a quarter of Lambda's first quota of 1,000, and at most 200.
const TAKE: f64 = 0.3;
const AT_ONCE: f64 = 200.0;
/// How long the calls for one file take, in seconds, and what is left of the 1,000 for them.
const JUDGE: f64 = 0.86;
const LEFT: f64 = 800.0;
/// Targets that EventBridge calls a second in the region that calls fewest: one for the file, one for its copy in the vault.
const INVOCATIONS: f64 = 1_100.0 / 2.0;
/// What the function asks of S3 to take one object: `it_takes_few_calls` of `lambda/src/take.rs` counts it.
const WRITES: f64 = 4.0;
const READS: f64 = 3.0;
/// The list prices of `cost.rs`.
const TRANSITION: f64 = 0.025 / 1000.0;
const TAKEN: f64 = WRITES * 0.005 / 1e3 + READS * 0.000_4 / 1e3 + 0.2 / 1e6 + TAKE * 0.000_016_666_7 + 1.0 / 1e6;
const EXPRESS_SECONDS: f64 = TAKE * 0.0625 * 0.000_016_67;

/// How many objects fit into a page, with keys of 64 bytes.
fn page() -> f64 {
    let request = take::Request {
        bucket: "acme-old-data".into(),
        key: "k".repeat(64),
        version_id: "v".repeat(32),
        into: String::new(),
    };
    let (name, input) = (String::new(), String::new());
    let item = Item { name, input, judge: None, take: Some(request), is_unjudged: false };
    let bytes = u32::try_from(serde_json::to_string(&item).expect("JSON").len()).expect("some hundreds");
    PAGE / f64::from(bytes)
}

#[test]
fn ten_million_objects_are_judged_in_two_days_at_most() {
    let sweep = stack().filled(SWEEP);
    assert!(STATES.iter().all(|state| sweep["States"][state].is_object()), "the sweep has other states");
    let pages = (OBJECTS / page()).ceil();
    let hours = |seconds: f64| seconds / 3600.0;
    let taking = hours(pages * (AROUND + page() * TAKE / AT_ONCE));
    let judging = hours(OBJECTS * JUDGE / LEFT);
    let events = hours(OBJECTS / INVOCATIONS);
    let transitions = pages * 5.0;
    let (took, judged) = (OBJECTS * (TAKEN + EXPRESS_SECONDS), OBJECTS * prices::EXPRESS_USD);
    println!(
        "{pages:.0} pages of {:.0} objects, {:.0} executions of the sweep, one after the other",
        page(),
        (pages / 1000.0).ceil()
    );
    println!("{OBJECTS:.0} Express executions that copy, {:.0} that judge and clear", 2.0 * OBJECTS);
    println!("{:.0} calls of the function, {transitions:.0} transitions", 6.0 * OBJECTS + pages);
    println!("{:.0} copies and lists, {:.0} reads of S3", (WRITES + 3.0) * OBJECTS, (READS + 7.0) * OBJECTS);
    println!("hours: {taking:.0} to copy, {judging:.0} to judge, {events:.0} by EventBridge's pace where it is least");
    println!("dollars: {took:.0} to copy, {judged:.0} to judge, {:.0} for transitions", transitions * TRANSITION);
    assert!(taking.max(judging).max(events) < 48.0 && took + judged < 1_500.0);
}

//! What a thousand clean small files cost, by AWS's list prices: the states, the calls and the logs of their way are
//! counted in the definitions. `cargo test --test definitions cost -- --nocapture` prints the README's table.

#![expect(clippy::disallowed_macros, reason = "the table is for whoever runs it with --nocapture")]

use super::events::created;
use super::form::STORED;
use super::world::{Oddities, Scripted};
use super::{EXECUTION, machine, stack};
use crate::asl::{Interpreter, Machine, Schedule, Trace};
use cvault::commands::report::prices;
use cvault::vault::alarms;
use cvault::vault::definitions::EXPRESS;
use cvault::vault::names::Zone;
use cvault::vault::settings::Settings;

/// AWS's list prices in us-east-1, in US dollars, on 28 November 2026.
const STANDARD_TRANSITION: f64 = 0.025 / 1000.0;
const EXPRESS_REQUEST: f64 = 1.0 / 1e6;
const EXPRESS_GB_SECOND: f64 = 0.000_016_67;
const FUNCTION_REQUEST: f64 = 0.20 / 1e6;
const FUNCTION_GB_SECOND: f64 = 0.000_016_666_7;
const S3_WRITE: f64 = 0.005 / 1000.0;
const S3_READ: f64 = 0.000_4 / 1000.0;
const VENDED_LOG_GB: f64 = 0.50;
const EVENT: f64 = 1.0 / 1e6;
/// The function's line about a verdict, in bytes.
const AUDIT_LINE: usize = 1_000;
/// For a metric that an alarm watches, a month.
const ALARM: f64 = 0.10;

/// What the function asks of S3 for a clean file, deletions apart, which are free: copies and lists, and the rest.
/// `tests/it/express.rs` counts them.
const S3_WRITES: f64 = 3.0;
const S3_READS: f64 = 7.0;
/// How long its five calls take in all, in seconds, at 1 GB: measured on AWS by others; here they are shorter.
const FUNCTION_SECONDS: f64 = 0.86;
const CALLS: f64 = 5.0;
/// An Express workflow is charged for its time in steps of 64 MB.
const EXPRESS_GB: f64 = 0.0625;
/// What is around each event in a log, in bytes: its ids, times, type, and the names of the state and execution.
const AROUND_EVENT: usize = 420;

/// Walks a clean file's two ways, to the vault and out of analytics.
fn clean(machine: &Machine) -> Trace {
    let mut trace = Trace { counts: true, ..Trace::default() };
    for zone in [Zone::Ingress, Zone::Vault] {
        let mut world = Scripted::new(vec![], false, Oddities::default());
        world.follows(&STORED);
        let event = created(&stack().names.bucket(zone), "2026/11/28/a.csv");
        trace.started_with = Some(event.clone());
        let mut interpreter =
            Interpreter { world: &mut world, trace: &mut trace, execution: EXECUTION, schedule: Schedule::ALL[0] };
        interpreter.run(machine, event);
    }
    trace
}

fn thousand(orchestration: f64, trace: &Trace) -> f64 {
    let function = CALLS * FUNCTION_REQUEST + FUNCTION_SECONDS * FUNCTION_GB_SECOND;
    let bytes = u32::try_from(trace.logged + trace.events * AROUND_EVENT + AUDIT_LINE).expect("some kilobytes");
    let logs = f64::from(bytes) / 1e9 * VENDED_LOG_GB;
    let s3 = S3_WRITES * S3_WRITE + S3_READS * S3_READ;
    let sum = orchestration + function + logs + s3 + EVENT;
    println!(
        "orchestration {:.3} + function {:.3} + S3 {:.3} + logs {:.3} + event {:.3} = {:.3} USD for 1,000 files ({bytes} bytes logged a file)",
        orchestration * 1e3,
        function * 1e3,
        s3 * 1e3,
        logs * 1e3,
        EVENT * 1e3,
        sum * 1e3
    );
    sum * 1e3
}

#[test]
fn a_thousand_clean_small_files_cost_ten_cents_at_most() {
    let express: Machine = serde_json::from_value(stack().filled(EXPRESS)).expect("a machine");
    let (standard, express) = (clean(&machine(stack())), clean(&express));
    // Each of the two executions has one transition more, its start's.
    let transitions = u32::try_from(standard.entered).expect("some");
    println!("Standard: {transitions} transitions of 2 executions");
    let standard = thousand(f64::from(transitions) * STANDARD_TRANSITION, &standard);
    println!("Express: {} states of 2 executions", express.entered);
    // It is left to its sender on the clock of the execution.
    let settled = Settings::default().ingress.settle_seconds;
    let seconds = EXPRESS_GB * EXPRESS_GB_SECOND * (FUNCTION_SECONDS + 0.4 + f64::from(settled));
    let express = thousand(2.0 * EXPRESS_REQUEST + seconds, &express);
    assert!(express <= 0.10 && standard > 5.0 * express, "{express} {standard}");
    // What `cvault report` calculates with.
    for (computed, said) in [(express, prices::EXPRESS_USD), (standard, prices::STANDARD_USD)] {
        assert!((computed / 1e3 / said - 1.0).abs() < 0.01, "{computed} for a thousand, not {said} for one");
    }
    println!("| files a day | USD a month, small and clean | USD a month, over `express.max_bytes` |");
    println!("|---|---|---|");
    for files in [1_000, 10_000, 100_000, 1_000_000, 10_000_000] {
        let month = f64::from(files) * 30.0 / 1000.0;
        println!("| {files} | {:.2} | {:.2} |", month * express, month * standard);
    }
}

/// What AWS grants by itself in the regions where it grants least, a second: starts of Express workflows, targets that
/// EventBridge calls, events that can be put on a bus; requests of S3 below one prefix; calls of the function at a time.
/// Its pages on quotas said so in November 2026.
const EXPRESS_STARTS: f64 = 6_000.0;
const TARGETS: f64 = 750.0;
const PUT_EVENTS: f64 = 600.0;
const PREFIX_WRITES: f64 = 3_500.0;
const PREFIX_READS: f64 = 5_500.0;
const FUNCTION_ROOM: f64 = 1_000.0;
/// A million files an hour, and some.
const WANTED: f64 = 300.0;

#[test]
fn the_quotas_let_a_million_files_an_hour_through() {
    // Two executions a file, each an event's; deletions are writes here; and all of it below one prefix.
    let (executions, deletions) = (2.0, 2.0);
    let rates = [
        ("starts", EXPRESS_STARTS / executions),
        ("targets", TARGETS / executions),
        ("events put", PUT_EVENTS),
        ("writes", PREFIX_WRITES / (S3_WRITES + deletions)),
        ("reads", PREFIX_READS / S3_READS),
        ("calls of the function", FUNCTION_ROOM / FUNCTION_SECONDS),
    ];
    for (what, files) in rates {
        println!("{what}: {files:.0} files a second");
        assert!(files >= WANTED, "{what}");
    }
}

#[test]
fn the_alarms_cost_no_more_than_the_key() {
    for is_macie_used in [false, true] {
        let alarms = alarms::arns(&stack().names, &Settings::default(), is_macie_used);
        let month = f64::from(u32::try_from(alarms.len()).expect("some")) * ALARM;
        println!("{} alarms, Macie used: {is_macie_used}: {month:.2} USD a month", alarms.len());
        assert!(month <= 1.0, "{month}");
    }
}

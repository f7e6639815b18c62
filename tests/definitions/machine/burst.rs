//! Ten thousand files at once, for an account that has room for few calls of the function: a simulation by the
//! definition's own numbers. `cargo test --test definitions burst -- --nocapture` prints its table.

#![expect(clippy::disallowed_macros, reason = "the table is for whoever runs it with --nocapture")]

use super::form::{calls_function, tasks};
use super::{machine, stack};
use crate::asl::Retrier;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// What Step Functions says where all room is taken.
const THROTTLED: &str = "Lambda.TooManyRequestsException";
const FILES: u32 = 10_000;
/// How fast they come, and begin: `StartExecution` is 800 at once and then 150 a second in most regions (truths F13).
const AT_ONCE: u32 = 800;
const STARTS: u32 = 150;
/// The calls for one file, and how long one takes, in milliseconds: as measured, with some room.
const CALLS: u32 = 5;
const SHORTEST: u64 = 100;
const LONGEST: u64 = 280;

/// How a burst went.
#[derive(Debug)]
struct Drained {
    judged: u32,
    gave_up: u32,
    seconds: u64,
    /// How often a call found no room.
    tries: u32,
    /// The most that one call was tried.
    most: u32,
}

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    /// Below the bound, by splitmix64.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }
}

/// The pause before a try, in milliseconds: with full jitter anything up to what it has grown to.
fn pause(retrier: &Retrier, tried: u32, dice: &mut Dice) -> u64 {
    let doublings = i32::try_from(tried - 1).unwrap_or(i32::MAX);
    let grown = f64::from(retrier.interval_seconds) * retrier.backoff_rate.powi(doublings);
    let most = Duration::from_secs_f64(grown.min(f64::from(retrier.max_delay_seconds)));
    dice.below(u64::try_from(most.as_millis()).expect("some minutes") + 1)
}

/// Runs the burst with so many calls at a time.
fn burst(retrier: &Retrier, room: usize) -> Drained {
    let mut dice = Dice(1);
    let mut drained = Drained { judged: 0, gave_up: 0, seconds: 0, tries: 0, most: 0 };
    // When, which file, which call, how often it was tried.
    let mut due: BinaryHeap<Reverse<(u64, u32, u32, u32)>> = BinaryHeap::new();
    for file in 0..FILES {
        due.push(Reverse((u64::from(file.saturating_sub(AT_ONCE)) * 1000 / u64::from(STARTS), file, 0, 0)));
    }
    let mut running: BinaryHeap<Reverse<u64>> = BinaryHeap::new();
    while let Some(Reverse((now, file, call, tried))) = due.pop() {
        while running.peek().is_some_and(|Reverse(end)| *end <= now) {
            running.pop();
        }
        if running.len() < room {
            let end = now + SHORTEST + dice.below(LONGEST - SHORTEST);
            running.push(Reverse(end));
            drained.seconds = drained.seconds.max(end / 1000);
            if call + 1 < CALLS {
                due.push(Reverse((end, file, call + 1, 0)));
            } else {
                drained.judged += 1;
            }
        } else if tried < retrier.max_attempts {
            (drained.tries, drained.most) = (drained.tries + 1, drained.most.max(tried + 1));
            due.push(Reverse((now + pause(retrier, tried + 1, &mut dice), file, call, tried + 1)));
        } else {
            drained.gave_up += 1;
        }
    }
    drained
}

/// How every call of the function is tried again where there is no room for it.
fn retriers() -> Vec<Retrier> {
    let machine = machine(stack());
    let all = tasks(&machine).into_iter().filter(|(_, task)| calls_function(task)).map(|(name, task)| {
        let found = task.retry.iter().find(|it| it.error_equals == [THROTTLED]);
        found.cloned().unwrap_or_else(|| panic!("{name} has no retrier of its own for {THROTTLED}"))
    });
    all.collect()
}

#[test]
fn ten_thousand_files_at_once_are_judged_with_room_for_ten_calls() {
    let retrier = retriers().remove(0);
    assert!(retriers().iter().all(|it| *it == retrier));
    println!("room for calls | judged | gave up | seconds | tries a file | most tries of a call");
    for room in [10, 50, 100, 400] {
        let drained = burst(&retrier, room);
        let Drained { judged, gave_up, seconds, tries, most } = drained;
        println!("{room} | {judged} | {gave_up} | {seconds} | {:.1} | {most}", f64::from(tries) / f64::from(FILES));
        assert_eq!((judged, gave_up), (FILES, 0));
        assert!(most * 4 < retrier.max_attempts, "a burst four times as long is no matter");
    }
}

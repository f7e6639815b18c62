//! Ten thousand files at once, for an account that has room for few calls of the function: a simulation of both workflows
//! by the definitions' own numbers. `cargo test --test definitions burst -- --nocapture` prints its table.

#![expect(clippy::disallowed_macros, reason = "the table is for whoever runs it with --nocapture")]

use super::express::{express, longest_wait};
use super::form::{calls_function, tasks};
use super::{machine, stack};
use crate::asl::{Machine, Retrier};
use cvault::vault::settings::Settings;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// What Step Functions says where all room is taken.
const THROTTLED: &str = "Lambda.TooManyRequestsException";
const FILES: u64 = 10_000;
/// More than can be handed over in the five minutes of an Express execution.
const TOO_MANY: u64 = 20_000;
/// All times are in microseconds, so that hardly two are the same.
const SECOND: u64 = 1_000_000;
/// They come in ten seconds.
const WITHIN: u64 = 10 * SECOND;
/// `StartExecution` of a Standard workflow: 800 at once and then 150 a second in most regions (truths F-quota), shared by
/// files that are handed over and what was stored, whose copy is to be cleared. In a millionth of a start.
const AT_ONCE: u64 = 800 * SECOND;
const STARTS: u64 = 150;
/// The calls to judge one file.
const CALLS: u32 = 4;
/// The call after which S3 says that it is in the vault.
const STORES: u32 = 3;
/// How long one takes: as measured, with some room.
const SHORTEST: u64 = SECOND / 10;
const LONGEST: u64 = SECOND * 28 / 100;
/// How long S3's event is on its way.
const EVENT: u64 = SECOND / 2;

/// What waits for its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Wants {
    /// So many calls of it were made.
    Call(Way, u32),
    /// Another execution that goes on with it.
    Start(Way),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// Judged by the Express workflow, or by the other one.
    Express,
    Standard,
    /// Cleared from analytics by the one or by the other.
    Clear,
    ClearByStandard,
}

/// When it is due, what it wants, how often it was tried, when its execution began, and a number that tells two apart.
type Due = Reverse<(u64, u64, Wants, u32, u64)>;

/// How a burst went.
#[derive(Debug, Default, PartialEq, Eq)]
struct Drained {
    judged_by_express: u64,
    judged: u64,
    cleared: u64,
    /// Failed, without anybody who goes on.
    not_handed_over: u64,
    gave_up: u64,
    seconds: u64,
    /// How long the longest Express execution took, in seconds.
    express_seconds: u64,
    /// The most that a call of the Standard workflow was tried.
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

/// The starts that there is room for.
struct Bucket {
    left: u64,
    filled: u64,
}

impl Bucket {
    fn takes(&mut self, now: u64) -> bool {
        self.left = AT_ONCE.min(self.left + (now - self.filled) * STARTS);
        self.filled = now;
        let takes = self.left >= SECOND;
        self.left -= if takes { SECOND } else { 0 };
        takes
    }
}

/// How the definitions try again: the steps of each way, and what is handed over.
struct Retriers {
    express: Retrier,
    clear: Retrier,
    standard: Retrier,
    hand_over: Retrier,
}

/// One burst on its way.
struct Burst<'a> {
    retriers: &'a Retriers,
    room: usize,
    dice: Dice,
    due: BinaryHeap<Due>,
    running: BinaryHeap<Reverse<u64>>,
    starts: Bucket,
    number: u64,
    drained: Drained,
}

impl Burst<'_> {
    fn later(&mut self, at: u64, wants: Wants, tried: u32, began: u64) {
        self.number += 1;
        self.due.push(Reverse((at, self.number, wants, tried, began)));
    }

    /// Tries again after a pause: with full jitter anything up to what it has grown to. `false` where it was tried enough.
    fn again(&mut self, retrier: &Retrier, now: u64, wants: Wants, tried: u32, began: u64) -> bool {
        let most = Duration::from_secs_f64(longest_wait(retrier, tried));
        let pause = self.dice.below(u64::try_from(most.as_micros()).expect("some minutes") + 1);
        let again = tried < retrier.max_attempts;
        if again {
            self.later(now + pause, wants, tried + 1, began);
        }
        again
    }

    fn call(&mut self, now: u64, way: Way, made: u32, tried: u32, began: u64) {
        while self.running.peek().is_some_and(|Reverse(end)| *end <= now) {
            self.running.pop();
        }
        let wants = Wants::Call(way, made);
        if self.running.len() < self.room {
            let end = now + SHORTEST + self.dice.below(LONGEST - SHORTEST);
            self.running.push(Reverse(end));
            self.drained.seconds = self.drained.seconds.max(end / SECOND);
            return self.called(end, way, made + 1, began);
        }
        let retriers = self.retriers;
        match way {
            Way::Express if !self.again(&retriers.express, now, wants, tried, began) => self.start(now, way, 0, began),
            Way::Clear if !self.again(&retriers.clear, now, wants, tried, began) => self.start(now, way, 0, began),
            Way::Express | Way::Clear => {}
            Way::Standard | Way::ClearByStandard => {
                self.drained.most = self.drained.most.max(tried + 1);
                self.drained.gave_up += u64::from(!self.again(&retriers.standard, now, wants, tried, began));
            }
        }
    }

    fn called(&mut self, end: u64, way: Way, made: u32, began: u64) {
        match way {
            Way::Clear | Way::ClearByStandard => self.drained.cleared += 1,
            Way::Express | Way::Standard => {
                if made == STORES {
                    self.later(end + EVENT, Wants::Call(Way::Clear, 0), 0, end + EVENT);
                }
                if made < CALLS {
                    return self.later(end, Wants::Call(way, made), 0, began);
                }
                self.drained.judged += 1;
                self.drained.judged_by_express += u64::from(way == Way::Express);
            }
        }
        self.ended(end, way, began);
    }

    fn start(&mut self, now: u64, way: Way, tried: u32, began: u64) {
        if self.starts.takes(now) {
            let goes_on = if way == Way::Express { Way::Standard } else { Way::ClearByStandard };
            let settles = if way == Way::Express { settle() } else { 0 };
            self.later(now + settles, Wants::Call(goes_on, 0), 0, now);
            return self.ended(now, way, began);
        }
        let retriers = self.retriers;
        if !self.again(&retriers.hand_over, now, Wants::Start(way), tried, began) {
            self.drained.not_handed_over += 1;
            self.ended(now, way, began);
        }
    }

    fn ended(&mut self, now: u64, way: Way, began: u64) {
        if matches!(way, Way::Express | Way::Clear) {
            self.drained.express_seconds = self.drained.express_seconds.max((now - began).div_ceil(SECOND));
        }
    }
}

/// How long an object is left to its sender.
fn settle() -> u64 {
    u64::from(Settings::default().ingress.settle_seconds) * SECOND
}

/// Runs the burst of so many files, with so many calls at a time.
fn burst(retriers: &Retriers, files: u64, room: usize, seed: u64) -> Drained {
    let mut burst = Burst {
        retriers,
        room,
        dice: Dice(seed),
        due: BinaryHeap::new(),
        running: BinaryHeap::new(),
        starts: Bucket { left: AT_ONCE, filled: 0 },
        number: 0,
        drained: Drained::default(),
    };
    for file in 0..files {
        let comes = file * WITHIN / files;
        burst.later(comes + settle(), Wants::Call(Way::Express, 0), 0, comes);
    }
    while let Some(Reverse((now, _, wants, tried, began))) = burst.due.pop() {
        match wants {
            Wants::Call(way, made) => burst.call(now, way, made, tried, began),
            Wants::Start(way) => burst.start(now, way, tried, began),
        }
    }
    burst.drained
}

/// How a state is tried again after an error.
fn retrier(machine: &Machine, state: &str, error: &str) -> Retrier {
    let (_, task) = tasks(machine).into_iter().find(|(name, _)| *name == state).expect("a task");
    let found = task.retry.iter().find(|it| it.error_equals.iter().any(|one| one == error));
    found.cloned().unwrap_or_else(|| panic!("{state} has no retrier for {error}"))
}

/// All steps on a way are tried alike.
fn retriers() -> Retriers {
    let (machine, express) = (machine(stack()), express(stack()));
    let calls = |machine: &Machine| -> Vec<String> {
        let calls = tasks(machine).into_iter().filter(|(_, task)| calls_function(task));
        calls.map(|(name, _)| name.to_owned()).collect()
    };
    let standard = retrier(&machine, "CopyToAnalytics", THROTTLED);
    assert!(calls(&machine).iter().all(|name| retrier(&machine, name, THROTTLED) == standard));
    let judges = retrier(&express, "CopyToAnalytics", THROTTLED);
    let of_judges = |name: &&String| *name != "ClearAnalytics";
    assert!(calls(&express).iter().filter(of_judges).all(|name| retrier(&express, name, THROTTLED) == judges));
    Retriers {
        express: judges,
        clear: retrier(&express, "ClearAnalytics", THROTTLED),
        standard,
        hand_over: retrier(&express, "HandOver", "States.ALL"),
    }
}

#[test]
fn ten_thousand_files_at_once_are_judged_with_room_for_ten_calls() {
    let retriers = retriers();
    println!(
        "room for calls | judged | by Express alone | not handed over | seconds | longest Express execution | most tries of a call"
    );
    for room in [10, 50, 100, 400] {
        for seed in 1..=3 {
            let drained = burst(&retriers, FILES, room, seed);
            let Drained { judged, judged_by_express, not_handed_over, seconds, express_seconds, most, .. } = drained;
            println!(
                "{room} | {judged} | {judged_by_express} | {not_handed_over} | {seconds} | {express_seconds} | {most}"
            );
            // Who hands over behind the vault is counted twice here, which makes it no easier.
            assert!(judged == FILES && drained.cleared >= FILES, "{drained:?}");
            assert_eq!((not_handed_over, drained.gave_up), (0, 0), "nobody waits for the sweep");
            assert!(express_seconds < 150, "half of the time that there is");
            assert!(most * 4 < retriers.standard.max_attempts, "a burst four times as long is no matter");
        }
    }
}

/// What is left to the sweep is some, and all others are judged.
#[test]
fn of_twice_as_many_a_tenth_is_left_to_the_sweep() {
    let drained = burst(&retriers(), TOO_MANY, 10, 1);
    println!("{drained:?}");
    assert!((1..TOO_MANY / 7).contains(&drained.not_handed_over));
    assert!(drained.judged >= TOO_MANY - drained.not_handed_over && drained.gave_up == 0);
}

/// What the simulation is for: it sees that a hand-over gives up too soon.
#[test]
fn a_hand_over_without_patience_is_seen() {
    let mut retriers = retriers();
    retriers.hand_over = Retrier { interval_seconds: 2, max_delay_seconds: 20, max_attempts: 5, ..retriers.hand_over };
    assert!(burst(&retriers, FILES, 10, 1).not_handed_over > 1000);
}

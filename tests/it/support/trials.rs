//! Trials of chance: many seeds, each of which says what it was when it fails.

use futures::{StreamExt, stream};
use std::ops::Range;

/// A trial, known by its seed.
pub struct Trial {
    /// What its chance, and that of its proxy, begins with.
    pub seed: u64,
}

/// Random numbers, the same for the same seed: `SplitMix64`.
pub struct Chance(u64);

/// Whether what takes long is gone through as a whole, which takes an hour and more: `CVAULT_WHOLE=1`.
fn is_whole() -> bool {
    std::env::var("CVAULT_WHOLE").is_ok_and(|whole| whole == "1")
}

/// One of a number of cases by default, and each where all are gone through: the step from one to the next.
pub fn step(cases: usize) -> usize {
    if is_whole() { 1 } else { cases }
}

/// The seeds of a test: as many as the first number, as a whole as many as the second; with `CVAULT_TRIALS=20`
/// twenty, with `CVAULT_TRIALS=7..8` the seventh alone.
fn seeds([some, all]: [u64; 2]) -> Range<u64> {
    let count = if is_whole() { all } else { some };
    let Ok(wanted) = std::env::var("CVAULT_TRIALS") else { return 1..count + 1 };
    let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("CVAULT_TRIALS={wanted}: 20, or 7..8"));
    match wanted.split_once("..") {
        Some((first, end)) => number(first)..number(end),
        None => 1..number(&wanted) + 1,
    }
}

/// Runs a trial for each seed, some at once, and returns what each gave. `counts` is how many there are by default, and
/// as a whole.
pub async fn trials<T: Send + 'static>(
    counts: [u64; 2],
    at_once: usize,
    trial: impl Fn(&Trial) -> T + Clone + Send + 'static,
) -> Vec<T> {
    let runs = stream::iter(seeds(counts)).map(|seed| {
        let trial = trial.clone();
        tokio::task::spawn_blocking(move || trial(&Trial { seed }))
    });
    runs.buffer_unordered(at_once).map(Result::unwrap).collect().await
}

impl Trial {
    /// The chance of this trial.
    pub fn chance(&self) -> Chance {
        Chance(self.seed)
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("it was CVAULT_TRIALS={}..{} that failed", self.seed, self.seed + 1);
        }
    }
}

impl Chance {
    /// Those of this seed.
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number below this one.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % end
    }

    /// Sleeps for less than this many milliseconds.
    pub fn pause(&mut self, milliseconds: u64) {
        std::thread::sleep(std::time::Duration::from_millis(self.below(milliseconds)));
    }
}

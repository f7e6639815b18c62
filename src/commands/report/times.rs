//! How long things took, in the same memory for a thousand and for ten million of them.

use crate::outcome::period::{Span, Times};

/// The bounds of the spans that a person reads, in seconds.
const BOUNDS: [u64; 10] = [1, 2, 5, 10, 30, 60, 300, 900, 3_600, 86_400];
/// How much each bucket reaches further than the one before: quantiles are as exact as that.
const STEP: f64 = 1.05;
/// Buckets up to some years.
const BUCKETS: usize = 420;

/// A histogram whose buckets grow with what they hold.
#[derive(Clone, Debug)]
pub(super) struct Histogram {
    buckets: Vec<u64>,
    spans: [u64; BOUNDS.len() + 1],
    worst: u64,
    count: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { buckets: vec![0; BUCKETS], spans: [0; BOUNDS.len() + 1], worst: 0, count: 0 }
    }
}

impl Histogram {
    pub(super) fn add(&mut self, seconds: u64) {
        self.buckets[bucket_of(seconds)] += 1;
        let span = BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len());
        self.spans[span] += 1;
        self.worst = self.worst.max(seconds);
        self.count += 1;
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.buckets.iter_mut().zip(&other.buckets).for_each(|(all, more)| *all += more);
        self.spans.iter_mut().zip(&other.spans).for_each(|(all, more)| *all += more);
        self.worst = self.worst.max(other.worst);
        self.count += other.count;
    }

    /// `None` where nothing was added.
    pub(super) fn times(&self) -> Option<Times> {
        let bounds = BOUNDS.into_iter().map(Some).chain([None]);
        let spread = bounds.zip(self.spans).map(|(up_to, count)| Span { up_to, count }).collect();
        let of = |hundredths| self.quantile(hundredths);
        (self.count > 0).then(|| Times { median: of(50), p95: of(95), worst: self.worst, spread })
    }

    /// What so many hundredths took no longer than.
    fn quantile(&self, hundredths: u64) -> u64 {
        let wanted = (self.count * hundredths).div_ceil(100).max(1);
        let mut below = 0;
        let bucket = self.buckets.iter().position(|count| {
            below += count;
            below >= wanted
        });
        // The last one has no bound.
        bucket.filter(|bucket| *bucket < BUCKETS - 1).map_or(self.worst, reach).min(self.worst)
    }
}

/// The first bucket that reaches so far.
fn bucket_of(seconds: u64) -> usize {
    #[expect(clippy::cast_precision_loss, reason = "a bucket too low is left again")]
    let near = ((seconds as f64 + 1.0).ln() / STEP.ln()).floor();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not below 0, and below 1000")]
    let near = near as usize;
    (near.saturating_sub(1)..BUCKETS - 1).find(|at| seconds <= reach(*at)).unwrap_or(BUCKETS - 1)
}

/// The longest time of a bucket.
fn reach(bucket: usize) -> u64 {
    let exponent = i32::try_from(bucket).unwrap_or(i32::MAX);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some years of seconds at most")]
    let seconds = STEP.powi(exponent).floor() as u64;
    // The small ones are whole seconds, and each has a bucket.
    seconds - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(seconds: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::default();
        seconds.into_iter().for_each(|it| histogram.add(it));
        histogram
    }

    /// What is said to be so exact is: for every quantile of numbers that are spread over many sizes.
    #[test]
    fn quantiles_are_right_to_a_twentieth() {
        for step in [1, 7, 311, 86_400] {
            let mut all: Vec<u64> = (0..1000).map(|at| at * step % 40_000_000).collect();
            let histogram = of(all.iter().copied());
            all.sort_unstable();
            for (hundredths, at) in [(50, 499), (95, 949), (100, 999)] {
                let (is, should) = (histogram.quantile(hundredths), all[at]);
                assert!(is >= should && is <= should + should / 20 + 1, "{hundredths} of {step}: {is}, not {should}");
            }
        }
    }

    #[test]
    fn the_worst_is_exact_and_nothing_has_no_times() {
        assert_eq!(of([]).times(), None);
        let times = of([3, 100_000, 2]).times().unwrap();
        assert_eq!((times.median, times.worst), (3, 100_000));
        assert_eq!(times.spread.iter().map(|span| span.count).sum::<u64>(), 3);
        assert_eq!(times.spread.last().unwrap(), &Span { up_to: None, count: 1 });
        assert_eq!(of([0]).times().unwrap().p95, 0);
        assert_eq!(of([u64::MAX]).times().unwrap().p95, u64::MAX);
    }

    #[test]
    fn two_are_as_one() {
        let (mut some, more, all) = (of(0..50), of(50..100), of(0..100));
        some.merge(&more);
        assert_eq!(some.times(), all.times());
    }
}

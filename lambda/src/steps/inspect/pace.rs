//! How fast a file is read, and that it will not be done in time: known early, since each second of the function costs.

use futures::future::{Either, select};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// How long before the end of its time the function says that it did not come to an end.
pub(super) const MARGIN: Duration = Duration::from_secs(20);
/// For how long nothing is concluded, and how often it is looked at then.
const PATIENCE: Duration = Duration::from_mins(3);
const LOOK: Duration = Duration::from_secs(5);
/// How many times as long as there is time the rest has to need: a file may go faster further on.
const DOUBT: u32 = 4;

/// How far a file has been read from its beginning.
#[derive(Debug, Default)]
pub(super) struct Pace {
    size: u64,
    read: AtomicU64,
    /// It is read in parts from anywhere, so that how far it is says nothing.
    is_in_parts: AtomicBool,
}

impl Pace {
    /// That of a file of this many bytes, of which nothing has been read.
    pub(super) fn of(size: u64) -> Self {
        Self { size, ..Self::default() }
    }

    /// So many bytes more were taken.
    pub(super) fn add(&self, bytes: usize) {
        self.read.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// A part of it was asked for.
    pub(super) fn jump(&self) {
        self.is_in_parts.store(true, Ordering::Relaxed);
    }

    /// Whether, read like this for so long, it will not be done in the time that is left.
    fn is_hopeless(&self, elapsed: Duration, left: Duration) -> bool {
        let read = self.read.load(Ordering::Relaxed);
        if elapsed < PATIENCE || self.is_in_parts.load(Ordering::Relaxed) {
            return false;
        }
        let rest = self.size.saturating_sub(read);
        // elapsed / read * rest > left * DOUBT, in whole numbers.
        elapsed.as_millis() * u128::from(rest) > left.as_millis() * u128::from(DOUBT) * u128::from(read)
    }

    /// Ends at this moment, or before as soon as there is no hope.
    async fn over(&self, deadline: Instant) {
        let begun = Instant::now();
        loop {
            let now = Instant::now();
            let left = deadline.saturating_duration_since(now);
            if left.is_zero() || self.is_hopeless(now - begun, left) {
                return;
            }
            sleep_until((now + LOOK).min(deadline)).await;
        }
    }

    /// What comes in time; `None` when the function has to answer before, or will have to.
    pub(super) async fn in_time<T>(&self, deadline: Option<Instant>, work: impl Future<Output = T>) -> Option<T> {
        let Some(deadline) = deadline.and_then(|deadline| deadline.checked_sub(MARGIN)) else {
            return Some(work.await);
        };
        match select(pin!(work), pin!(self.over(deadline))).await {
            Either::Left((done, _)) => Some(done),
            Either::Right(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;

    const MINUTE: Duration = Duration::from_mins(1);

    #[tokio::test]
    async fn what_does_not_come_in_time_is_not_waited_for() {
        let (soon, pace) = (Instant::now() + MARGIN, Pace::of(1));
        assert_eq!(pace.in_time(Some(soon), pending::<()>()).await, None);
        assert_eq!(pace.in_time(Some(soon + MARGIN), async { 1 }).await, Some(1));
        assert_eq!(pace.in_time(None, async { 1 }).await, Some(1));
    }

    /// A twentieth in three minutes: 57 more are needed, which is too much where there are 12.
    #[test]
    fn it_is_hopeless_where_the_rest_needs_four_times_the_time_that_is_left() {
        let pace = Pace::of(1000);
        assert!(pace.is_hopeless(PATIENCE, 12 * MINUTE), "nothing in three minutes");
        pace.add(50);
        assert!(pace.is_hopeless(PATIENCE, 12 * MINUTE));
        assert!(!pace.is_hopeless(PATIENCE, 15 * MINUTE), "it may get faster");
        assert!(!pace.is_hopeless(PATIENCE / 2, MINUTE), "it has only begun");
        pace.add(950);
        assert!(!pace.is_hopeless(PATIENCE, Duration::ZERO), "it is done");
    }

    #[test]
    fn what_is_read_in_parts_has_no_pace() {
        let pace = Pace::of(1000);
        pace.jump();
        assert!(!pace.is_hopeless(14 * MINUTE, MINUTE));
    }

    /// The clock is the runtime's, and stands still but for what is waited for.
    #[tokio::test(start_paused = true)]
    async fn a_file_without_hope_is_given_up_early() {
        let (begun, pace) = (Instant::now(), Pace::of(1000));
        pace.add(10);
        assert_eq!(pace.in_time(Some(begun + 15 * MINUTE), pending::<()>()).await, None);
        assert_eq!(begun.elapsed(), PATIENCE);
        let (begun, pace) = (Instant::now(), Pace::of(1000));
        pace.add(990);
        assert_eq!(pace.in_time(Some(begun + 15 * MINUTE), pending::<()>()).await, None);
        // The rest of a hundredth needs some seconds, and did not come.
        assert!(begun.elapsed() > 14 * MINUTE);
    }
}

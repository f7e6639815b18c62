//! Waiting until AWS agrees: the one place that tries again what the SDK does not.
//!
//! The SDK retries what throttles or fails some times; here is what passes by itself
//! in seconds or minutes: a role that cannot be assumed yet, another change under way (truths X1).

use super::advice::NO_ANSWER;
use super::clients::Aws;
use super::explained::explained;
use super::refusal::{Kind, Refusal};
use crate::outcome::failure::{AGAIN, Failure};
use anyhow::Result;
use std::future::Future;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::pin::pin;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How long a new role, policy or key may take to be known everywhere (truths X1, X2).
pub const PROPAGATION: Duration = Duration::from_mins(2);
/// How long AWS may take to remove what it removes in the background (truths F8).
pub const REMOVAL: Duration = Duration::from_mins(5);

/// How long a read may take until it is told of.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long it may take with all that is tried again.
const LONGEST_READ: Duration = Duration::from_mins(3);

impl Aws {
    /// Calls until it succeeds, fails with what does not pass by itself ([`Refusal::passes`]), or
    /// `budget` is over. Dense at first, since most of these waits are short (truths X1).
    ///
    /// # Errors
    /// The last failure, with how long it was tried; an interruption ends the wait at once.
    pub async fn eventually<T>(&self, on: &str, budget: Duration, call: impl AsyncFn() -> Result<T>) -> Result<T> {
        self.eventually_if(on, budget, Refusal::passes, call).await
    }

    /// The same, where it takes more than the refusal to tell whether it passes.
    ///
    /// # Errors
    /// As [`Self::eventually`].
    pub async fn eventually_if<T>(
        &self,
        on: &str,
        budget: Duration,
        passes: impl Fn(&Refusal) -> bool,
        call: impl AsyncFn() -> Result<T>,
    ) -> Result<T> {
        // The budget begins with the first refusal: before it, a call may have emptied a bucket for hours.
        let mut refused = None;
        let mut pause = Duration::from_millis(250);
        let mut said = "";
        loop {
            let error = match call().await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let refusal = error.downcast_ref::<Refusal>().filter(|refusal| passes(refusal));
            let Some(waited) = refusal.map(|refusal| waited_for(refusal.kind(), on)) else { return Err(error) };
            let refused = *refused.get_or_insert_with(Instant::now);
            if refused.elapsed() + pause > budget {
                // A failure, which nobody tries again; how long it took tells a mistake from a race.
                let failure = explained(&error);
                let why = format!("{} (tried for {} s)", failure.why, refused.elapsed().as_secs());
                return Err(Failure { why, ..failure }.into());
            }
            if std::mem::replace(&mut said, waited) != waited {
                self.progress.waits(&self.resource, waited);
            }
            self.pause(on, jittered(pause)).await?;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }

    /// A read: it is told of where it takes long, and ends where nothing answers at all.
    ///
    /// # Errors
    /// The read's own, or that there was no answer.
    pub async fn reading<T>(&self, read: impl Future<Output = Result<T>>) -> Result<T> {
        self.telling(self.answered(read)).await
    }

    /// A read of any length, such as a list of many pages: it is told of where it takes long.
    ///
    /// # Errors
    /// The read's own.
    pub async fn telling<T>(&self, read: impl Future<Output = Result<T>>) -> Result<T> {
        let mut read = pin!(read);
        if let Ok(read) = timeout(PATIENCE, &mut read).await {
            return read;
        }
        self.progress.reads(&self.resource);
        let read = read.await;
        self.progress.has_read(&self.resource);
        read
    }

    /// One question: it ends where nothing answers at all.
    ///
    /// # Errors
    /// The read's own, or that there was no answer.
    pub async fn answered<T>(&self, read: impl Future<Output = Result<T>>) -> Result<T> {
        timeout(LONGEST_READ, read).await.unwrap_or_else(|_| {
            let why = format!("AWS has not answered for {} s", LONGEST_READ.as_secs());
            Err(Failure::new(format!("read {}", self.resource), why, NO_ANSWER).into())
        })
    }

    /// Reads until `settled` says that it is as wanted.
    ///
    /// # Errors
    /// A failed read, or the end of `budget`.
    pub async fn until<T>(
        &self,
        on: &str,
        budget: Duration,
        read: impl AsyncFn() -> Result<T>,
        settled: impl Fn(&T) -> bool,
    ) -> Result<T> {
        self.eventually(on, budget, async || {
            let value = read().await?;
            if settled(&value) { Ok(value) } else { Err(Refusal::not_yet(on).into()) }
        })
        .await
    }

    /// Waits for a while.
    ///
    /// # Errors
    /// An interruption ends the wait at once.
    pub async fn pause(&self, on: &str, pause: Duration) -> Result<()> {
        let waited = self.interrupt.during(tokio::time::sleep(pause)).await;
        waited.ok_or_else(|| Failure::new(format!("wait for {on}"), "the run was interrupted", AGAIN).into())
    }

    /// Whether the run is to stop: for work of many calls, which looks between two.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.interrupt.cause().is_some()
    }
}

/// What is waited for after a refusal of this kind: `on`, unless it is something else that takes the time.
fn waited_for(kind: Kind, on: &str) -> &str {
    match kind {
        Kind::Throttled => "AWS to take more calls: it is asked too often",
        Kind::Unanswered => "AWS to answer",
        Kind::Denied => "AWS to let this identity do it: new tags count for its rights after up to 5 minutes",
        Kind::Absent | Kind::Exists | Kind::Propagating | Kind::Conflict | Kind::Terminal => on,
    }
}

/// Three to five quarters of a pause: two runs that met once are not to meet at each try.
fn jittered(pause: Duration) -> Duration {
    let random = RandomState::new().build_hasher().finish() % 1000;
    pause * 3 / 4 + pause / 2 * u32::try_from(random).unwrap_or_default() / 1000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::local_config;
    use crate::outcome::interrupt::Interrupt;
    use crate::outcome::progress::Progress;
    use std::sync::{Arc, Mutex};

    #[test]
    fn what_is_waited_for_is_what_takes_the_time() {
        let on = "IAM to free the role's name";
        assert_eq!(waited_for(Kind::Conflict, on), on);
        for other in [Kind::Throttled, Kind::Unanswered, Kind::Denied] {
            assert!(waited_for(other, on).starts_with("AWS to"));
        }
    }

    /// Writes down what it is told.
    #[derive(Clone, Debug, Default)]
    struct Told(Arc<Mutex<Vec<String>>>);

    impl Progress for Told {
        fn waits(&self, resource: &str, on: &str) {
            self.0.lock().unwrap().push(format!("{resource} waits for {on}"));
        }

        fn reads(&self, resource: &str) {
            self.0.lock().unwrap().push(format!("{resource} is read"));
        }

        fn has_read(&self, resource: &str) {
            self.0.lock().unwrap().push(format!("{resource} was read"));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_that_nobody_answers_is_told_of_and_ends() {
        let (told, (_switch, interrupt)) = (Told::default(), Interrupt::switch());
        let config = local_config("http://127.0.0.1:9", "eu-west-1");
        let aws = Aws::new(&config, told.clone(), interrupt).speaking_for("bucket/vault");
        let begun = Instant::now();
        let ended = aws.reading(std::future::pending::<Result<()>>()).await.unwrap_err();
        let Failure { what, why, .. } = ended.downcast().unwrap();
        assert_eq!((what.as_str(), why.as_str()), ("read bucket/vault", "AWS has not answered for 180 s"));
        assert_eq!(begun.elapsed(), LONGEST_READ);
        assert_eq!(*told.0.lock().unwrap(), ["bucket/vault is read", "bucket/vault was read"]);
    }

    #[test]
    fn no_two_pauses_are_alike_and_none_is_far_off() {
        let pauses: Vec<_> = (0..100).map(|_| jittered(Duration::from_secs(2))).collect();
        let bounds = Duration::from_millis(1500)..Duration::from_millis(2500);
        assert!(pauses.iter().all(|pause| bounds.contains(pause)), "{pauses:?}");
        assert!(pauses.iter().any(|pause| *pause != pauses[0]));
    }
}

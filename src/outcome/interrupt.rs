//! Ctrl-C and SIGTERM: no new work is started, what is in flight is finished.

use std::future::Future;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// Why the work stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// SIGINT, exit code 130.
    Interrupt,
    /// SIGTERM, exit code 143.
    Terminate,
    /// `--timeout` is over, exit code 1.
    Timeout,
}

/// Tells everybody who asks whether to stop. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Interrupt(watch::Receiver<Option<Stop>>);

/// What stops the work.
#[derive(Debug)]
pub struct Switch(watch::Sender<Option<Stop>>);

#[derive(Clone, Copy, Debug)]
struct Stop {
    cause: Cause,
    at: Instant,
}

impl Switch {
    /// Why it is stopped, if so.
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        self.0.borrow().map(|stop| stop.cause)
    }

    /// Asks everybody to stop.
    pub fn stop(&self, cause: Cause) {
        self.0.send_replace(Some(Stop { cause, at: Instant::now() }));
    }
}

impl Interrupt {
    /// A switch, and what it switches.
    #[must_use]
    pub fn switch() -> (Switch, Self) {
        let (sender, receiver) = watch::channel(None);
        (Switch(sender), Self(receiver))
    }

    /// Why to stop, if so.
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        self.0.borrow().map(|stop| stop.cause)
    }

    /// For how long it has been stopped, if so.
    #[must_use]
    pub fn stopped_for(&self) -> Option<Duration> {
        self.0.borrow().map(|stop| stop.at.elapsed())
    }

    /// Returns once there is a cause to stop; never without one.
    pub async fn stopped(&self) -> Cause {
        let mut receiver = self.0.clone();
        let stop = receiver.wait_for(Option::is_some).await.map(|stop| *stop);
        match stop.ok().flatten() {
            Some(stop) => stop.cause,
            // Without a sender there is nobody to stop us.
            None => std::future::pending().await,
        }
    }

    /// The future's output, or `None` when stopped meanwhile. For waits only: dropping a call half
    /// way would leave it unknown whether it took effect.
    pub async fn during<F: Future>(&self, wait: F) -> Option<F::Output> {
        tokio::select! {
            output = wait => Some(output),
            _ = self.stopped() => None,
        }
    }
}

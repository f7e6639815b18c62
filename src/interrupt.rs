//! Ctrl-C and SIGTERM: no new work is started, what is in flight is finished.

use std::future::Future;
use tokio::sync::watch;

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
pub struct Interrupt(watch::Receiver<Option<Cause>>);

impl Interrupt {
    /// A switch, and what it switches.
    #[must_use]
    pub fn switch() -> (watch::Sender<Option<Cause>>, Self) {
        let (sender, receiver) = watch::channel(None);
        (sender, Self(receiver))
    }

    /// Why to stop, if so.
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        *self.0.borrow()
    }

    /// Returns once there is a cause to stop; never without one.
    pub async fn stopped(&self) -> Cause {
        let mut receiver = self.0.clone();
        let cause = receiver.wait_for(Option::is_some).await.map(|cause| *cause);
        match cause.ok().flatten() {
            Some(cause) => cause,
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

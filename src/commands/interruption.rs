//! What a command says and ends with when it is interrupted.

use crate::aws::Aws;
use crate::outcome::failure::{Exit, Failure};
use crate::outcome::interrupt::{Cause, Interrupt};
use anyhow::Result;
use std::future::Future;

/// What the process ends with: a signal decides, whatever the work has come to.
#[must_use]
pub fn exit_or(interrupt: &Interrupt, otherwise: Exit) -> Exit {
    match interrupt.cause() {
        Some(Cause::Interrupt) => Exit::Interrupted,
        Some(Cause::Terminate) => Exit::Terminated,
        Some(Cause::Timeout) | None => otherwise,
    }
}

/// Reads until stopped, and says so where it takes long: `what` is read.
///
/// # Errors
/// As [`until_stopped`].
pub(super) async fn reading<T>(aws: &Aws, what: &str, read: impl Future<Output = Result<T>>) -> Result<T> {
    until_stopped(aws.interrupt(), aws.speaking_for(what).telling(read)).await
}

/// Reads until stopped: then the reads are dropped, which harms nothing.
///
/// # Errors
/// The read's own, or that it was stopped.
pub(super) async fn until_stopped<T>(interrupt: &Interrupt, read: impl Future<Output = Result<T>>) -> Result<T> {
    match interrupt.during(read).await {
        Some(read) => read,
        None => Err(Failure::new(
            "look at the stack",
            "the run was stopped before it had looked at everything",
            "nothing was changed: run the same command again",
        )
        .into()),
    }
}

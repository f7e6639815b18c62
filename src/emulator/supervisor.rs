//! The supervisor process between cvault and what it starts: `supervisor.py`.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::process::{Child, ChildStdin, Command};
use tokio::time::timeout;

/// More than the supervisor allows itself: twice three seconds for the processes, then the directory.
const STOP_LIMIT: Duration = Duration::from_secs(15);

/// Starts `supervisor.py`. Closing the second half of the result ends it and all that it started.
pub(super) fn supervise(python: &Path, task: &str, arguments: &[&OsStr]) -> io::Result<(Child, ChildStdin)> {
    const VARIABLE: &str = "CVAULT_SUPERVISOR";
    let mut supervisor = Command::new(python)
        // The program travels in a variable: no file to leave behind, and one readable line in ps.
        .args(["-I", "-c", &format!("import os; exec(os.environ.pop('{VARIABLE}'))"), task])
        .args(arguments)
        .env(VARIABLE, include_str!("supervisor.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()?;
    let lifeline = supervisor.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
    Ok((supervisor, lifeline))
}

/// Closes the lifeline and waits for what the supervisor says at the end.
pub(super) async fn finish(supervisor: Child, lifeline: ChildStdin) -> io::Result<Output> {
    drop(lifeline);
    timeout(STOP_LIMIT, supervisor.wait_with_output()).await.unwrap_or_else(|_| {
        let seconds = STOP_LIMIT.as_secs();
        Err(io::Error::other(format!("it did not end within {seconds} seconds")))
    })
}

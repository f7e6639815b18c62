//! The AWS emulator that comes with cvault: `cvault demo` and the tests run against it.
//!
//! It is ministack, a Python package, in an environment of its own (module `python`). A supervisor process
//! (`supervisor.py`) stands between it and cvault and reads from a pipe that only cvault can write to. However
//! cvault comes to its end, SIGKILL included, that pipe closes; the supervisor then ends the emulator with
//! every function it started, and removes their directory. The supervisor has a process group of its own, so
//! Ctrl-C on the terminal does not reach it and cvault can still tidy up against a running emulator.

mod python;
mod supervisor;
#[cfg(test)]
mod tests;

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::outcome::failure::Failure;
use anyhow::Result;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdin};
use tokio::time::{sleep, timeout};

use python::Setup;
use supervisor::{finish, supervise};

const START_LIMIT: Duration = Duration::from_mins(1);
/// A running emulator. Dropping it ends it too, in the background.
#[derive(Debug)]
pub struct Emulator {
    supervisor: Child,
    /// The emulator lives until this is closed.
    lifeline: ChildStdin,
    endpoint: String,
    region: String,
    directory: PathBuf,
}

/// An emulator that outlives this process.
#[derive(Debug)]
pub struct Kept {
    /// The process to send SIGTERM to; it ends everything and removes the directory.
    pub supervisor: u32,
    /// Everything the emulator keeps, with its log in the file `log`.
    pub directory: PathBuf,
    /// The shell command that ends it.
    pub stop: String,
}

impl Emulator {
    /// Starts an emulator for one region and waits until it answers. The first start installs it.
    ///
    /// `progress` is told what takes time. Dropping the future leaves nothing behind.
    ///
    /// # Errors
    ///
    /// A [`Failure`]: without a usable Python, when the installation fails, or when the emulator does not answer
    /// within a minute.
    pub async fn start(region: &str, progress: impl Fn(&str)) -> Result<Self> {
        Self::start_with(region, &[], progress).await
    }

    /// The same with further settings of ministack, for example `AUTH=true`; `CVAULT_CALLS_AT_ONCE` bounds the calls of
    /// functions that state machines make at a time.
    ///
    /// # Errors
    ///
    /// As [`Emulator::start`].
    pub async fn start_with(region: &str, settings: &[&str], progress: impl Fn(&str)) -> Result<Self> {
        let python = python::environment(&Setup::from_process()?, &progress).await?;
        progress("starting the AWS emulator");
        Ok(Self::serve(&python, region, settings).await?)
    }

    async fn serve(python: &Path, region: &str, settings: &[&str]) -> Result<Self, Failure> {
        let temporary = std::env::temp_dir();
        let mut arguments = vec![temporary.as_os_str(), region.as_ref()];
        arguments.extend(settings.iter().map(OsStr::new));
        let failure = |why| failed_to_start(python, why);
        let (mut supervisor, lifeline) =
            supervise(python, "serve", &arguments).map_err(|error| failure(error.to_string()))?;
        let begun = timeout(START_LIMIT, begin(&mut supervisor)).await;
        let why = match begun {
            Ok(Ok((port, directory))) => {
                return Ok(Self {
                    supervisor,
                    lifeline,
                    endpoint: format!("http://127.0.0.1:{port}"),
                    region: region.to_owned(),
                    directory,
                });
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {} seconds", START_LIMIT.as_secs()),
        };
        let said = match finish(supervisor, lifeline).await {
            Ok(output) => last_lines(&output.stderr),
            Err(error) => format!("; {error}"),
        };
        Err(failure(format!("{why}{said}")))
    }

    /// `http://127.0.0.1:PORT`, for every service.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The emulator's private directory; its log is the file `log` in it.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The variables with which any AWS client talks to this emulator.
    ///
    /// Stronger ones must not be set beside them: `AWS_ENDPOINT_URL_*`, `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`.
    #[must_use]
    pub fn environment(&self) -> [(&'static str, String); 5] {
        [
            ("AWS_ENDPOINT_URL", self.endpoint.clone()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("AWS_REGION", self.region.clone()),
            ("AWS_DEFAULT_REGION", self.region.clone()),
        ]
    }

    /// Waits until the emulator ends although nobody stopped it, and says what its log ends with.
    ///
    /// Meant for `select!` beside the work that needs it; dropping the future loses nothing.
    pub async fn died(&mut self) -> Failure {
        let waited = self.supervisor.wait().await;
        let mut said = Vec::new();
        if let (Ok(_), Some(stderr)) = (waited, &mut self.supervisor.stderr) {
            // What cannot be read is only missing from the message.
            let _ = stderr.read_to_end(&mut said).await;
        }
        died(&said)
    }

    /// Ends the emulator and every function it started, and waits until their directory is gone.
    ///
    /// # Errors
    ///
    /// A [`Failure`] if the emulator had died before, with the end of its log, or if it could not be ended.
    pub async fn stop(self) -> Result<()> {
        let pid = self.supervisor.id();
        let failure = |why: String| {
            let remove = format!("rm -r {}", self.directory.display());
            Failure::new("stop the emulator", why, pid.map_or(remove.clone(), |pid| format!("kill {pid}; {remove}")))
        };
        let output = finish(self.supervisor, self.lifeline).await.map_err(|error| failure(error.to_string()))?;
        if !output.status.success() {
            return Err(died(&output.stderr).into());
        }
        if self.directory.exists() {
            return Err(failure("its directory could not be removed".to_owned()).into());
        }
        Ok(())
    }

    /// Lets the emulator run on after this process has ended.
    ///
    /// # Errors
    ///
    /// A [`Failure`] if the emulator has died.
    pub async fn keep(mut self) -> Result<Kept> {
        // A line that small is written in one piece, and read before the end of file that follows it.
        let told = self.lifeline.write_all(b"keep\n").await;
        match (told, self.supervisor.id()) {
            (Ok(()), Some(supervisor)) => {
                Ok(Kept { supervisor, directory: self.directory, stop: format!("kill {supervisor}") })
            }
            _ => Err(self.died().await.into()),
        }
    }
}

/// Waits until the emulator answers. The error says that it never will.
async fn begin(supervisor: &mut Child) -> io::Result<(u16, PathBuf)> {
    let ended = || io::Error::other("it ended at once");
    let mut stdout = BufReader::new(supervisor.stdout.take().ok_or_else(ended)?);
    let mut line = String::new();
    stdout.read_line(&mut line).await?;
    let (port, directory) = line.trim_end().split_once(' ').ok_or_else(ended)?;
    let port = port.parse().map_err(io::Error::other)?;
    let mut rest = String::new();
    tokio::select! {
        () = answer(port) => Ok((port, directory.into())),
        // Nothing more comes on standard output but its end, when the supervisor ends.
        _ = stdout.read_line(&mut rest) => Err(ended()),
    }
}

/// Asks until the emulator says that it is well.
async fn answer(port: u16) {
    loop {
        match health(port).await {
            Ok(status) if status.starts_with("HTTP/1.1 200") => return,
            _ => sleep(Duration::from_millis(25)).await,
        }
    }
}

async fn health(port: u16) -> io::Result<String> {
    // The socket listens before the server runs: the connection waits until it is accepted.
    let mut connection = TcpStream::connect(("127.0.0.1", port)).await?;
    let request = "GET /_ministack/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    connection.write_all(request.as_bytes()).await?;
    let mut status = String::new();
    BufReader::new(connection).read_line(&mut status).await?;
    Ok(status)
}

fn failed_to_start(python: &Path, why: String) -> Failure {
    let environment = python.ancestors().nth(2).unwrap_or(python).display();
    let fix = format!("try again; if it stays so, have it installed anew: rm -r {environment}");
    Failure::new("start the emulator", why, fix)
}

fn died(said: &[u8]) -> Failure {
    Failure::new("run the emulator", format!("it ended by itself{}", last_lines(said)), "run the command again")
}

/// The end of a log as the continuation of a sentence.
fn last_lines(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    if lines.is_empty() {
        return String::new();
    }
    format!("; its log ends\n       {}", lines.join("\n       "))
}

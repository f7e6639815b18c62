//! The `cvault` program as a user runs it: arguments in, exit code and texts out.
//!
//! `CVAULT_PROGRAM` names another one to test than cargo has just built, such as an installed one.

use super::{REGION, schema};
use serde_json::Value;
use std::process::{Command, Output, Stdio};

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; -1 for a signal.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// A command line against an endpoint. Nothing of this machine's configuration reaches it.
pub fn command(endpoint: &str, arguments: &[&str]) -> Command {
    let program = std::env::var_os("CVAULT_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_cvault").into());
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", "/nonexistent")
        .env("LANG", "C.UTF-8")
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_REGION", REGION)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        // Whoever runs the tests may sit at a terminal, and is not to be asked.
        .env("CVAULT_YES", "1")
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support/quiet"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

impl Ended {
    /// The one JSON document on standard output.
    pub fn document(&self) -> Value {
        let document: Value = serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        // Policies are IAM's.
        if document.get("Version").is_none() {
            schema::check_output(&document);
        }
        document
    }

    /// The lines of `--output json` on standard output, each as the schema has it.
    pub fn lines(&self) -> Vec<Value> {
        let line = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}: {self:?}"));
        let lines: Vec<_> = self.stdout.lines().map(line).collect();
        lines.iter().for_each(schema::check_output);
        lines
    }

    /// What it told beside its answer, without the lines that only a busy machine has: of what takes long.
    pub fn told(&self) -> String {
        let lines = self.stderr.lines().filter(|line| !line.starts_with("waiting  "));
        lines.fold(String::new(), |told, line| told + line + "\n")
    }

    /// Fails the test unless the exit code is this one.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "\n{}\n{}", self.stdout, self.stderr);
        self
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

//! The strict proxy (`tests/strict_aws`) before the emulator: it counts, and behaves as AWS does
//! where it is told to.

use super::loopback::{ask, python};
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// A proxy of one test.
pub struct Proxy {
    child: Child,
    port: u16,
    directory: PathBuf,
}

impl Proxy {
    /// Starts one before the emulator at this port, with the given options, such as `--truths none`.
    pub fn before(emulator: u16, options: &[&str]) -> Self {
        let directory = std::env::temp_dir().join(format!("cvault-proxy-{}", unique()));
        std::fs::create_dir(&directory).unwrap();
        let port_file = directory.join("port");
        let mut program = python("strict_aws/strict_aws.py");
        if let Some(folder) = std::env::var_os("CVAULT_REQUESTS") {
            let name = directory.file_name().unwrap().to_str().unwrap();
            program.arg("--record").arg(PathBuf::from(folder).join(format!("{name}.jsonl")));
        }
        let child = program
            .args(["--upstream", &emulator.to_string(), "--lifeline", "--log"])
            .arg(directory.join("calls.jsonl"))
            .arg("--port-file")
            .arg(&port_file)
            .arg("--die-pid-file")
            .arg(directory.join("pid"))
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("python3 starts");
        let begun = Instant::now();
        let port = loop {
            if let Some(port) = std::fs::read_to_string(&port_file).ok().and_then(|text| text.parse().ok()) {
                break port;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "the proxy has not started");
            std::thread::sleep(Duration::from_millis(20));
        };
        Self { child, port, directory }
    }

    /// `http://127.0.0.1:PORT`
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Where the process to kill writes its id, for `--die-after`.
    pub fn pid_file(&self) -> PathBuf {
        self.directory.join("pid")
    }

    /// Everything counted so far.
    pub fn stats(&self) -> Value {
        self.ask("GET", "stats", "")
    }

    /// The calls that wait, since a rule holds them.
    pub fn held(&self) -> Vec<String> {
        serde_json::from_value(self.stats()["held"].take()).unwrap()
    }

    /// Waits until every call has had its answer.
    pub fn quiet(&self) {
        let begun = Instant::now();
        while self.stats()["in_flight"] != 0 {
            assert!(begun.elapsed() < Duration::from_mins(1), "calls are still in flight");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Changes settings.
    pub fn configure(&self, settings: &Value) {
        self.ask("POST", "config", &settings.to_string());
    }

    /// Plays who confirms the subscription of this endpoint.
    pub fn confirm(&self, endpoint: &str) {
        self.ask("POST", &format!("confirm?endpoint={endpoint}"), "");
    }

    /// Forgets counts and logs so far.
    pub fn forget(&self) {
        self.ask("POST", "reset", "");
        std::fs::write(self.directory.join("calls.jsonl"), "").unwrap();
    }

    /// The writing calls since [`Self::forget`], as `service:Operation resource`.
    pub fn writes(&self) -> Vec<String> {
        self.calls(|call| call["mutating"] == true)
    }

    /// Every call since [`Self::forget`].
    pub fn log(&self) -> Vec<Value> {
        let log = std::fs::read_to_string(self.directory.join("calls.jsonl")).unwrap();
        log.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The calls since [`Self::forget`] that `wanted` picks.
    pub fn calls(&self, wanted: impl Fn(&Value) -> bool) -> Vec<String> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        self.log()
            .iter()
            .filter(|call| wanted(call))
            .map(|call| format!("{}:{} {}", text(&call["service"]), text(&call["op"]), text(&call["resource"])))
            .collect()
    }

    fn ask(&self, method: &str, what: &str, body: &str) -> Value {
        ask(self.port, method, &format!("/__strict__/{what}"), body)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// Different in each test of each test program at the same time.
pub fn unique() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// An account that nobody else has: an access key of twelve digits is the account, to the emulator too.
pub fn account() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNT: AtomicU32 = AtomicU32::new(0);
    // Not the process's id alone: twelve digits, and never the account of all other tests.
    format!("4{:07}{:04}", std::process::id() % 10_000_000, COUNT.fetch_add(1, Ordering::Relaxed))
}

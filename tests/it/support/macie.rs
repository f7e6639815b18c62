//! Macie: the stand-in of `tests/macie`, one for the whole test program, since no emulator has it.
//!
//! Its address reaches both of its clients. The program gets it as `AWS_ENDPOINT_URL_MACIE2` on its
//! command line. The function's variables are the product's own and stay so; but the emulator runs
//! it as a child with the emulator's whole environment, so the variable is set there ([`emulator`]).
//!
//! Tests do not meet there: each has an account of its own, with a Macie of its own. An access key
//! of twelve digits is the account, to the emulator as to the stand-in, and the emulator gives such
//! a key to the function. In all other accounts Macie is not enabled, and nobody asks.
//!
//! Waiting is what most of a scan is. The emulator shortens the waits of the state machine
//! (`SFN_WAIT_SCALE`); a job here takes a tenth of a second where AWS takes minutes.

use super::loopback::{ask, python};
use super::{emulator, proxy};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::OnceLock;

/// The Macie of one account.
#[derive(Clone, Debug)]
pub struct Macie {
    /// The account, twelve digits.
    pub account: String,
}

/// The port of the stand-in, which ends with this program: its standard input is a pipe from here.
pub fn port() -> u16 {
    static STAND_IN: OnceLock<(u16, Child)> = OnceLock::new();
    let start = || {
        let mut stand_in = python("macie/stand_in.py");
        if let Some(folder) = std::env::var_os("CVAULT_REQUESTS") {
            let name = format!("cvault-macie-{}.jsonl", std::process::id());
            stand_in.arg("--record").arg(Path::new(&folder).join(name));
        }
        let mut child = stand_in.arg("--lifeline").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut port = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
        (port.trim().parse().expect("the stand-in says its port"), child)
    };
    STAND_IN.get_or_init(start).0
}

/// `http://127.0.0.1:PORT`
pub fn endpoint() -> String {
    format!("http://127.0.0.1:{}", port())
}

/// Tells the stand-in where the objects are.
pub fn read_from(emulator: &str) {
    ask(port(), "POST", "/__macie__/emulator", &json!({"endpoint": emulator}).to_string());
}

impl Macie {
    /// An account that nobody else has, where Macie is not enabled.
    pub fn new() -> Self {
        // Enabling makes a role, and jobs read objects: the emulator has to be there.
        emulator::port_with_macie();
        let macie = Self { account: proxy::account() };
        // No queue at the door, as long as a test does not want one.
        macie.settings(&json!({"create_rate": 1000, "create_burst": 1000}));
        macie
    }

    /// Performs an operation as if somebody else in the account had.
    #[track_caller]
    pub fn call(&self, operation: &str, parameters: &Value) -> Value {
        self.control("POST", "call", &json!({"operation": operation, "params": parameters}))
    }

    /// Somebody has enabled it.
    #[track_caller]
    pub fn enable(&self) {
        self.call("EnableMacie", &json!({}));
    }

    /// Changes settings: `SETTINGS` in `account.py`.
    #[track_caller]
    pub fn settings(&self, settings: &Value) {
        self.control("POST", "settings", settings);
    }

    /// Adds a rule about jobs or calls to come: `script.py`.
    #[track_caller]
    pub fn script(&self, rule: &Value) {
        self.control("POST", "script", rule);
    }

    /// Lets the jobs about objects whose key has this part go on, which a rule holds.
    #[track_caller]
    pub fn release(&self, key: &str) {
        let released = self.control("POST", "release", &json!({"key": key}));
        assert_ne!(released["released"], 0, "no job is held about {key}");
    }

    /// Every job so far.
    #[track_caller]
    pub fn jobs(&self) -> Vec<Value> {
        self.control("GET", "jobs", &Value::Null)["jobs"].as_array().unwrap().clone()
    }

    /// How the calls of an operation were answered: 200, 429, …; null for a lost answer.
    #[track_caller]
    pub fn answers(&self, operation: &str) -> Vec<Value> {
        let calls = self.control("GET", "calls", &Value::Null);
        let calls = calls["calls"].as_array().unwrap().iter().filter(|call| call["operation"] == operation);
        calls.map(|call| call["status"].clone()).collect()
    }

    /// The changing calls so far.
    #[track_caller]
    pub fn writes(&self) -> Vec<String> {
        let calls = self.control("GET", "calls", &Value::Null);
        let named =
            calls["calls"].as_array().unwrap().iter().map(|call| call["operation"].as_str().unwrap().to_owned());
        named
            .filter(|name| !["Get", "List", "Describe", "Batch", "Test"].iter().any(|read| name.starts_with(read)))
            .collect()
    }

    /// Every operation that was called, in order.
    #[track_caller]
    pub fn operations(&self) -> Vec<String> {
        let calls = self.control("GET", "calls", &Value::Null);
        let operation = |call: &Value| call["operation"].as_str().unwrap().to_owned();
        calls["calls"].as_array().unwrap().iter().map(operation).collect()
    }

    #[track_caller]
    fn control(&self, method: &str, what: &str, body: &Value) -> Value {
        ask(port(), method, &format!("/__macie__/{}/{what}", self.account), &body.to_string())
    }
}

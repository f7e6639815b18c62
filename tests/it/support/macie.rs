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
//!
//! [`emulator`]: super::emulator

use super::loopback::{ask, python};
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::OnceLock;

/// The port of the stand-in, which ends with this program: its standard input is a pipe from here.
pub fn port() -> u16 {
    static STAND_IN: OnceLock<(u16, Child)> = OnceLock::new();
    let start = || {
        let mut stand_in = python("macie/stand_in.py");
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

//! One emulator for the whole test program, started by the first test that needs it, and a second
//! one that asks IAM about every call. They end with the program, however that ends.
//!
//! Waits and retries of the state machines take a hundredth of their time there, and so does the time after
//! which an execution is taken for dead; the functions find Macie at the stand-in: they inherit the emulator's
//! environment.

use super::{REGION, macie};
use cvault::emulator::Emulator;
use std::sync::OnceLock;
use std::sync::mpsc;

/// A hundredth of the time, and less for the one who waits longest of all.
const SCALED: &[&str] = &["SFN_WAIT_SCALE=0.01", "patience_seconds=3"];

/// The emulator's port.
pub fn port() -> u16 {
    static PORT: OnceLock<u16> = OnceLock::new();
    *PORT.get_or_init(|| {
        let macie = format!("AWS_ENDPOINT_URL_MACIE2={}", macie::endpoint());
        let port = start([SCALED, &[macie.as_str()]].concat().into_iter().map(str::to_owned).collect());
        macie::read_from(&at(port));
        port
    })
}

/// The port of the one that enforces IAM: policies of users, roles, buckets, topics and keys.
pub fn enforcing_port() -> u16 {
    static PORT: OnceLock<u16> = OnceLock::new();
    *PORT.get_or_init(|| start([SCALED, &["AUTH=true"]].concat().into_iter().map(str::to_owned).collect()))
}

/// `http://127.0.0.1:PORT`
pub fn endpoint() -> String {
    at(port())
}

/// The address of a port of this machine.
pub fn at(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

fn start(settings: Vec<String>) -> u16 {
    let (sender, receiver) = mpsc::channel();
    // A thread of its own: a test's runtime ends with its test.
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let settings: Vec<_> = settings.iter().map(String::as_str).collect();
            let emulator = Emulator::start_with(REGION, &settings, |_| {}).await.unwrap();
            sender.send(emulator.endpoint().rsplit(':').next().unwrap().parse().unwrap()).unwrap();
            std::future::pending::<()>().await;
        });
    });
    receiver.recv().expect("the emulator has started")
}

//! The emulators of the whole test program, each started by the first test that needs it: one before whose door Macie's stand-in
//! is, another one, since an emulator answers on one core and a machine has more, and one that asks IAM about every call. They end
//! with the program, however that ends.
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

/// The port of the emulator of this test, which is the same for all of its stacks: half of the tests have the one, half the other.
pub fn port() -> u16 {
    let thread = std::thread::current();
    let letters = thread.name().unwrap_or_default().bytes().map(usize::from).sum::<usize>();
    if letters.is_multiple_of(2) { port_with_macie() } else { port_without_macie() }
}

fn port_without_macie() -> u16 {
    static PORT: OnceLock<u16> = OnceLock::new();
    *PORT.get_or_init(|| start(SCALED.iter().copied().map(str::to_owned).collect()))
}

/// The port of the one whose functions find Macie.
pub fn port_with_macie() -> u16 {
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

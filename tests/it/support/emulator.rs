//! One emulator for the whole test program, started by the first test that needs it. It ends with
//! the program, however that ends.
//!
//! Waits and retries of the state machines take a hundredth of their time there, and the functions
//! find Macie at the stand-in: they inherit the emulator's environment.

use super::{REGION, macie};
use cvault::emulator::Emulator;
use std::sync::OnceLock;
use std::sync::mpsc;

/// The emulator's port.
pub fn port() -> u16 {
    static PORT: OnceLock<u16> = OnceLock::new();
    *PORT.get_or_init(|| {
        let (sender, receiver) = mpsc::channel();
        // A thread of its own: a test's runtime ends with its test.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let stand_in = format!("AWS_ENDPOINT_URL_MACIE2={}", macie::endpoint());
                let settings = ["SFN_WAIT_SCALE=0.01", &stand_in];
                let emulator = Emulator::start_with(REGION, &settings, |_| {}).await.unwrap();
                macie::read_from(emulator.endpoint());
                let port = emulator.endpoint().rsplit(':').next().unwrap().parse().unwrap();
                sender.send(port).unwrap();
                std::future::pending::<()>().await;
            });
        });
        receiver.recv().expect("the emulator has started")
    })
}

/// `http://127.0.0.1:PORT`
pub fn endpoint() -> String {
    format!("http://127.0.0.1:{}", port())
}

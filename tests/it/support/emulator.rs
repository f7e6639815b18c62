//! One emulator for the whole test program, started by the first test that needs it. It ends with
//! the program, however that ends.

use super::REGION;
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
                let emulator = Emulator::start(REGION, |_| {}).await.unwrap();
                let port = emulator.endpoint().rsplit(':').next().unwrap().parse().unwrap();
                sender.send(port).unwrap();
                std::future::pending::<()>().await;
            });
        });
        receiver.recv().expect("the emulator has started")
    })
}

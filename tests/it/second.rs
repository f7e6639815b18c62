//! A second emulator, by others: moto, with its own mistakes corrected (`tests/second`). What deploys has to come through
//! there, too, so that no law hangs on one emulator's habits. `CVAULT_MOTO` names a Python that has moto; without one these
//! tests say so and are left out (`.ci/run` installs it).

use crate::support::{Ended, command};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

struct Moto {
    server: Child,
    endpoint: String,
}

impl Moto {
    fn start() -> Option<Self> {
        let Some(python) = std::env::var_os("CVAULT_MOTO") else {
            println!("left out: CVAULT_MOTO names no Python with moto");
            return None;
        };
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/second/moto_fixed.py");
        let mut server = Command::new(python);
        server.args(["-B", program, &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
        let moto = Self { server: server.spawn().unwrap(), endpoint: format!("http://127.0.0.1:{port}") };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < Duration::from_mins(2), "moto has not started");
            std::thread::sleep(Duration::from_millis(100));
        }
        Some(moto)
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        command(&self.endpoint, arguments).output().unwrap().into()
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

const UP: &[&str] = &["up", "--email", "ops@example.com", "--output", "json"];

/// How much a run has written, by its own words.
fn wrote(ended: &Ended) -> u64 {
    let summary = ended.lines().pop().unwrap();
    ["created", "updated", "deleted"].iter().map(|name| summary[*name].as_u64().unwrap()).sum()
}

#[test]
fn the_laws_of_the_deployer_hold_on_a_second_emulator() {
    let Some(moto) = Moto::start() else { return };
    moto.run(&["status"]).expect(3);
    moto.run(UP).expect(0);
    assert_eq!(wrote(&moto.run(UP).expect(0)), 0, "law 1");
    moto.run(&["status"]).expect(0);
    // Its buckets take no notice of tags in the creating call (truths S30).
    moto.run(&["down", "--output", "json"]).expect(0);
    assert_eq!(wrote(&moto.run(&["down", "--output", "json"]).expect(0)), 0, "law 6");
    moto.run(&["status"]).expect(3);
    let again = moto.run(UP).expect(0);
    assert!(wrote(&again) > 0, "with the same key: {}", again.stdout);
    moto.run(&["status"]).expect(0);
}

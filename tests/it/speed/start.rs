//! How long the program takes to start: until it has said its version, and until its first request is there.

use crate::support::program::command;
use std::io::Read;
use std::net::TcpListener;
use std::process::Stdio;
use std::time::Instant;

/// How often each is measured.
const TIMES: usize = 21;

/// The median of how long something takes, in milliseconds.
fn median(take: impl Fn()) -> f64 {
    let mut all: Vec<_> = (0..TIMES)
        .map(|_| {
            let begun = Instant::now();
            take();
            begun.elapsed()
        })
        .collect();
    all.sort();
    1000.0 * all[TIMES / 2].as_secs_f64()
}

/// Prints both.
pub fn tell() {
    let version = median(|| {
        let run = command("http://127.0.0.1:1", &["--version"]).stdout(Stdio::null()).status().unwrap();
        assert!(run.success());
    });
    let first = median(|| {
        // One of its own for each: a run may leave connections behind.
        let asked = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", asked.local_addr().unwrap());
        let mut run = command(&endpoint, &["status"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let (mut connection, _) = asked.accept().unwrap();
        connection.read_exact(&mut [0; 4]).unwrap();
        run.kill().unwrap();
        run.wait().unwrap();
    });
    println!("`--version` took {version:.1} ms, and the first request of `status` came after {first:.1} ms");
}

//! Many objects: what lists them ends, and the program's memory does not grow with them.
//!
//! `CVAULT_OBJECTS=20000 CVAULT_CALLS_AT_ONCE=16` makes it as many: each call of the function is a process of this machine, so that
//! calls have to wait in the emulator, as many as it can run.

mod burst;
mod judging;
mod looking;
mod quotas;
mod removing;

use crate::support::Stack;
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader, Seek};
use std::time::Duration;

/// How many are put there at once.
const AT_ONCE: usize = 16;
/// What the program may take for any number of objects, in kB.
const MOST: u64 = 128 << 10;

/// How many objects somebody wants.
fn wanted() -> Option<usize> {
    std::env::var("CVAULT_OBJECTS").ok().map(|wanted| wanted.parse().expect("CVAULT_OBJECTS=20000"))
}

/// The most memory that a process has had so far, in kB.
pub fn memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// What a command that runs to its end has printed, and the most memory that it has had.
fn watched(stack: &Stack, arguments: &[&str]) -> (impl Iterator<Item = Value> + use<>, u64) {
    let path = std::env::temp_dir().join(format!("cvault-many-{}-{}", arguments[0], stack.names.id));
    let mut printed = File::options().read(true).write(true).create(true).truncate(true).open(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    let mut command = stack.command(&[arguments, &["--output", "json"]].concat());
    let mut run = command.stdout(printed.try_clone().unwrap()).spawn().unwrap();
    let mut most = 0;
    let status = loop {
        most = most.max(memory(run.id()).unwrap_or_default());
        if let Some(status) = run.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    let told = std::io::read_to_string(run.stderr.take().unwrap()).unwrap();
    assert!(status.success(), "{arguments:?}: {told}");
    printed.rewind().unwrap();
    (BufReader::new(printed).lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()), most)
}

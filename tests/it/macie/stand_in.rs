//! The stand-in keeps to what is known of Macie: its own tests, with objects in the emulator.

use crate::support::emulator;
use std::process::Command;

#[test]
fn the_stand_in_holds_what_it_promises() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/macie");
    let python = std::env::var("CVAULT_PYTHON").unwrap_or_else(|_| "python3".into());
    let mut tests = Command::new(python);
    tests.args(["-B", "-m", "unittest", "test_stand_in"]).current_dir(directory);
    let ended = tests.env("AWS_ENDPOINT_URL", emulator::at(emulator::port_with_macie())).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{said}");
    assert!(said.contains("\nOK"), "it has run some: {said}");
}

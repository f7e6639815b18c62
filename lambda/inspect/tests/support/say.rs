//! What a test says although it passes.

use std::io::Write;

/// Says it, whatever the harness does with what tests print.
pub fn say(line: &str) {
    std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}

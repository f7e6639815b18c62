//! The one question that cvault asks.

use crate::outcome::failure::Failure;
use std::io::{self, IsTerminal, Write};

/// Asks a person whether to go on; where nobody sits at a terminal nobody is asked.
///
/// # Errors
/// The answer is no.
pub fn confirm(what: &str) -> Result<(), Failure> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Ok(());
    }
    let mut answer = String::new();
    // An answer that cannot be read is none.
    let asked = write!(io::stderr(), "{what}? [y/N] ").and_then(|()| io::stdin().read_line(&mut answer));
    match asked {
        Ok(_) if ["y", "yes"].contains(&answer.trim().to_lowercase().as_str()) => Ok(()),
        _ => Err(Failure::refused(what, "it was not confirmed", "answer y, or pass --yes")),
    }
}

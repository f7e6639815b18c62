//! A command line that cannot be read as a whole: for whom it is all the same.

use crate::deploy::event;
use crate::report::{self, Run};
use std::ffi::OsString;

/// Reports a command line that is wrong, also to a program that has asked for JSON.
pub fn wrong_usage(line: &[OsString], text: &str) {
    let variable = std::env::var("CVAULT_OUTPUT").ok();
    report::wrong_usage(text, wants_json(line, variable.as_deref()).then(|| likely(line)));
}

/// Whether JSON is asked for by a line that cannot be read as a whole, or else by the variable.
fn wants_json(line: &[OsString], variable: Option<&str>) -> bool {
    let words: Vec<_> = line.iter().map(|word| word.to_string_lossy()).collect();
    let said = words.iter().enumerate().find_map(|(at, word)| match word.strip_prefix("--output")? {
        "" => words.get(at + 1).map(AsRef::as_ref),
        rest => rest.strip_prefix('='),
    });
    said.or(variable).is_some_and(|form| form.trim().eq_ignore_ascii_case("json"))
}

/// What such a line would most likely run.
fn likely(line: &[OsString]) -> Run {
    let is_dry = line.iter().any(|word| word == "--dry-run");
    let walk = |command| if is_dry { Run::DryRun(command) } else { Run::Walk(command) };
    let run = line.iter().find_map(|word| match word.to_str()? {
        "up" => Some(walk(event::Command::Up)),
        "down" => Some(walk(event::Command::Down)),
        "status" => Some(Run::Status),
        "policy" => Some(Run::Policy),
        "demo" => Some(Run::Demo),
        _ => None,
    });
    run.unwrap_or(Run::Rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_cannot_be_read_still_says_for_whom_it_is() {
        let line = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        let wants = |text: &str, variable: Option<&str>| wants_json(&line(text), variable);
        for text in ["cvault held --output json --bogus", "cvault held --bogus --output=JSON"] {
            assert!(wants(text, None) && wants(text, Some("human")), "{text}");
        }
        assert!(wants("cvault held --bogus", Some("json")));
        for text in ["cvault held --bogus", "cvault held --output", "cvault held --output human json"] {
            assert!(!wants(text, None), "{text}");
        }
        assert!(!wants("cvault held --output human --bogus", Some("json")));
        let of = |text| likely(&line(text));
        assert_eq!(of("cvault up --bogus"), Run::Walk(event::Command::Up));
        assert_eq!(of("cvault --dry-run down --bogus"), Run::DryRun(event::Command::Down));
        assert_eq!([of("cvault status -x"), of("cvault helt")], [Run::Status, Run::Rows]);
    }
}

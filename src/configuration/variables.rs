//! The variables `CVAULT_*`: which there are, and what their values may look like.

use super::mistake::Mistake;
use crate::cli::Cli;
use crate::outcome::nearest::nearest;

/// Those that are no option: what answers questions, the log, the demo's Python, and what builds and tests use.
const OTHERS: &[&str] = &[
    "CVAULT_ACCOUNTED",
    "CVAULT_BOOTSTRAP",
    "CVAULT_BROWSER",
    "CVAULT_CACHE_DIR",
    "CVAULT_CALLS_AT_ONCE",
    "CVAULT_FILLED",
    "CVAULT_LOG",
    "CVAULT_MOTO",
    "CVAULT_OBJECTS",
    "CVAULT_PROGRAM",
    "CVAULT_PYTHON",
    "CVAULT_READERS",
    "CVAULT_REQUESTS",
    "CVAULT_ROOM",
    "CVAULT_SUPERVISOR",
    "CVAULT_TRIALS",
    "CVAULT_WHOLE",
    YES,
];
pub(super) const YES: &str = "CVAULT_YES";
const PREFIX: &str = "CVAULT_";

/// The variables of these names that cvault does not know. An empty one is none.
pub(super) fn unknown(set: impl IntoIterator<Item = (String, String)>) -> Vec<Mistake> {
    let options = Cli::variables();
    let known: Vec<_> = options.iter().map(String::as_str).chain(OTHERS.iter().copied()).collect();
    let set = set.into_iter().filter(|(name, value)| name.starts_with(PREFIX) && !value.trim().is_empty());
    let mut unknown: Vec<_> = set.map(|(name, _)| name).filter(|name| !known.contains(&name.as_str())).collect();
    unknown.sort();
    let mistake = |name: String| {
        let option = name[PREFIX.len()..].to_lowercase().replace('_', "-");
        // Their common beginning makes none of them like another.
        let ends = known.iter().map(|known| &known[PREFIX.len()..]);
        let fix = match nearest(&name[PREFIX.len()..], ends) {
            _ if Cli::has_option(&option) => format!("pass --{option} instead: no variable stands for it"),
            Some(meant) => format!("did you mean {PREFIX}{meant}?"),
            None => "take it away: `cvault --help` names those that there are".to_owned(),
        };
        Mistake::new(format!("use the variable {name}"), "cvault does not know it", fix)
    };
    unknown.into_iter().map(mistake).collect()
}

/// What a variable that is yes or no says; `None` where it is neither.
pub(super) fn is_yes(value: &str) -> Option<bool> {
    match value.trim().to_lowercase().as_str() {
        "1" | "true" | "yes" | "y" | "on" => Some(true),
        "" | "0" | "false" | "no" | "n" | "off" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixes(set: &[(&str, &str)]) -> Vec<String> {
        let set = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        unknown(set).into_iter().map(|mistake| format!("{}: {}", mistake.what, mistake.fix)).collect()
    }

    #[test]
    fn what_nobody_knows_is_said_with_what_was_meant() {
        assert_eq!(
            fixes(&[
                ("CVAULT_STAK", "x"),
                ("CVAULT_EMAILS", "x"),
                ("CVAULT_DRY_RUN", "1"),
                ("CVAULT_QUIET", "1"),
                ("CVAULT_ADOPT", "1"),
                ("CVAULT_COLOURS_OF_ALL", "1")
            ]),
            [
                "use the variable CVAULT_ADOPT: pass --adopt instead: no variable stands for it",
                "use the variable CVAULT_COLOURS_OF_ALL: take it away: `cvault --help` names those that there are",
                "use the variable CVAULT_DRY_RUN: pass --dry-run instead: no variable stands for it",
                "use the variable CVAULT_EMAILS: did you mean CVAULT_EMAIL?",
                "use the variable CVAULT_QUIET: pass --quiet instead: no variable stands for it",
                "use the variable CVAULT_STAK: did you mean CVAULT_STACK?",
            ]
        );
        let known = ["CVAULT_STACK", "CVAULT_EMAIL", "CVAULT_TIMEOUT", "CVAULT_MACIE", "CVAULT_CONFIG"];
        for name in known.iter().chain(OTHERS) {
            assert!(fixes(&[(name, "x")]).is_empty(), "{name}");
        }
        assert!(fixes(&[("CVAULT_STAK", " "), ("CLOUD_STAK", "x")]).is_empty(), "unset, and not ours");
    }

    #[test]
    fn yes_and_no() {
        for yes in ["1", "true", "Yes", "on", " 1\n"] {
            assert_eq!(is_yes(yes), Some(true), "{yes}");
        }
        for no in ["", " ", "0", "FALSE", "no", "off"] {
            assert_eq!(is_yes(no), Some(false), "{no}");
        }
        assert_eq!(is_yes("perhaps"), None);
    }
}

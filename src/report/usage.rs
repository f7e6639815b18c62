//! A command line that is wrong, as a failure: for programs, which read no text of clap's.

use crate::outcome::failure::Failure;

/// What clap says, without its colours, as a failure: its first paragraph is why, its tip, if there is one, what to do.
pub fn failure(text: &str) -> Failure {
    let mut paragraphs = text.split("\n\n").map(one_line);
    let first = paragraphs.next().unwrap_or_default();
    let why = match first.strip_prefix("error: ") {
        Some(why) => why.to_owned(),
        // It is the help then.
        None => "no command is given".into(),
    };
    let tip = text.lines().find_map(|line| line.trim().strip_prefix("tip: "));
    let help = "`cvault --help` names every command and option";
    let fix = tip.map_or_else(|| help.to_owned(), |tip| format!("{tip}; {help}"));
    Failure::usage("understand the command line", why, fix)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use crate::outcome::failure::Exit;

    #[test]
    fn what_clap_says_is_why() {
        let of = |line: &[&str]| {
            let line = [&["cvault"], line].concat().into_iter().map(Into::into);
            failure(&Cli::read(line).unwrap_err().render().to_string())
        };
        let unknown = of(&["status", "--outptu", "json"]);
        assert_eq!(unknown.why, "unexpected argument '--outptu' found");
        assert!(unknown.fix.contains("--output") && unknown.fix.contains("`cvault --help`"), "{unknown}");
        assert_eq!(unknown.exit, Exit::Usage);
        let value = of(&["held", "--older-than", "soon"]);
        assert!(value.why.contains("soon") && !value.why.contains("Usage"), "{value}");
        assert!(of(&["show"]).why.contains("<KEY>"), "{}", of(&["show"]));
        assert_eq!(of(&[]).why, "no command is given");
    }
}

//! What every report is made of: the words, the characters beyond ASCII, colours, and text that is
//! safe to print. Nothing here writes.
//!
//! Text from AWS passes through [`printable`] before it reaches a terminal: a tag or a file name
//! may hold escape sequences.

use crate::deploy::event::{Command, Summary};
use crate::deploy::plan::Action;
use crate::outcome::failure::Failure;
use anstyle::{AnsiColor, Style};
use console::{AnsiCodeIterator, measure_text_width, strip_ansi_codes, truncate_str};
use contract::text::is_hidden;
use std::fmt::Display;

/// Done, and as it should be.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// Differs, waits or is to be changed.
pub const CHANGED: Style = AnsiColor::Yellow.on_default();
/// Failed, missing or to be removed.
pub const BAD: Style = AnsiColor::Red.on_default();
/// A sentence to read first.
pub const STRONG: Style = Style::new().bold();
/// What may be overlooked.
pub const FAINT: Style = Style::new().dimmed();

/// The characters that not every terminal has.
#[derive(Debug, PartialEq, Eq)]
pub struct Glyphs {
    /// Before a step that is done.
    pub done: &'static str,
    /// Before a step that failed.
    pub failed: &'static str,
    /// Before a step that was not begun.
    pub not_begun: &'static str,
    /// Before everything else that scrolls by.
    pub other: &'static str,
    /// Between what is and what should be.
    pub arrow: &'static str,
    /// Where text was left out.
    pub ellipsis: &'static str,
    /// The frames of a spinner.
    pub spinner: &'static [&'static str],
}

/// For UTF-8 locales.
pub const UNICODE: Glyphs = Glyphs {
    done: "✔",
    failed: "✘",
    not_begun: "-",
    other: "·",
    arrow: "→",
    ellipsis: "…",
    spinner: &["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
};

/// For all others.
pub const ASCII: Glyphs = Glyphs {
    done: "*",
    failed: "x",
    not_begun: "-",
    other: " ",
    arrow: "->",
    ellipsis: "...",
    spinner: &["|", "/", "-", "\\"],
};

/// The text in a style; the stream that it is written to takes the style away where there are no
/// colours.
pub fn painted(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// The text with its control characters and changes of direction escaped.
pub fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) { safe.extend(character.escape_default()) } else { safe.push(character) }
    }
    safe
}

/// The text with a blank in whatever a runner of pipelines takes for a command: `::` behind a line's first blanks, and
/// what [`begins_command`] anywhere. Styles count for nothing: whoever writes the text may take them away.
pub fn obeyed_by_nobody(text: &str) -> String {
    let plain = strip_ansi_codes(text);
    let (mut rest, mut is_start) = (plain.as_ref(), true);
    let mut safe = String::with_capacity(text.len());
    for (part, is_style) in AnsiCodeIterator::new(text) {
        if is_style {
            safe.push_str(part);
            continue;
        }
        for c in part.chars() {
            safe.push(c);
            if is_start && rest.starts_with("::") || begins_command(rest) {
                safe.push(' ');
            }
            is_start = matches!(c, '\n' | '\r') || is_start && c.is_whitespace();
            rest = &rest[c.len_utf8()..];
        }
    }
    safe
}

/// Whether a text begins with what a runner obeys anywhere in a line: `##[` of GitHub Actions, `##vso[` of Azure
/// Pipelines, `##teamcity[`.
pub fn begins_command(text: &str) -> bool {
    let name = text.strip_prefix("##").map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()));
    name.is_some_and(|rest| rest.starts_with('['))
}

/// Text of several lines, all but the first behind an indent.
pub fn indented(text: &str, indent: usize) -> String {
    let lines: Vec<_> = text.trim_end().lines().map(printable).collect();
    lines.join(&format!("\n{:indent$}", ""))
}

/// The text, cut in the middle if it is wider than that: names and ARNs differ at both ends.
pub fn shortened(text: &str, width: usize, glyphs: &Glyphs) -> String {
    if measure_text_width(text) <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(measure_text_width(glyphs.ellipsis));
    let backwards: String = text.chars().rev().collect();
    let tail: String = truncate_str(&backwards, room / 2, "").chars().rev().collect();
    format!("{}{}{tail}", truncate_str(text, room.div_ceil(2), ""), glyphs.ellipsis)
}

/// The text as the beginning of a sentence.
pub fn capitalized(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

/// `34 bytes`, `1.2 MB`.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if count < 1000 {
        return format!("{count} {}", if count == 1 { "byte" } else { "bytes" });
    }
    let (mut whole, mut unit) = (count, 0);
    while whole >= 1_000_000 && unit + 1 < UNITS.len() {
        whole /= 1000;
        unit += 1;
    }
    format!("{}.{} {}", whole / 1000, whole % 1000 / 100, UNITS[unit])
}

/// `2.1s`, `42s`, `1m 02s`, `2h 05m`.
pub fn time(seconds: f64) -> String {
    if seconds < 9.95 {
        return format!("{:.1}s", seconds.max(0.0));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and is positive here")]
    let whole = seconds.round() as u64;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}m {seconds:02}s"),
        (hours, minutes, _) => format!("{hours}h {minutes:02}m"),
    }
}

/// The three lines of a failure.
pub fn failure(failure: &Failure) -> String {
    let Failure { what, why, fix, .. } = failure;
    let [what, why, fix] = [what, why, fix].map(|text| indented(text, 7));
    let error = painted(BAD.bold(), "error:");
    format!("{error} {what}\n  {} {why}\n  {} {fix}", painted(STRONG, "why:"), painted(STRONG, "fix:"))
}

/// A note, in full.
pub fn note(text: &str) -> String {
    format!("{} {}", painted(CHANGED, "note:"), indented(text, 6))
}

/// `create`, `creating`, `created`.
pub fn words(action: Action) -> [&'static str; 3] {
    match action {
        Action::Keep => ["keep", "checking", "kept"],
        Action::Create => ["create", "creating", "created"],
        Action::Update => ["update", "updating", "updated"],
        Action::Delete => ["delete", "deleting", "deleted"],
    }
}

/// `up` or `down`.
pub fn command(command: Command) -> &'static str {
    match command {
        Command::Up => "up",
        Command::Down => "down",
    }
}

/// The counts that are not zero, as in `2 created, 1 failed`.
pub fn counts(counts: &[(usize, &str)]) -> String {
    let said: Vec<_> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    said.join(", ")
}

/// How a run ended, and where: what people are told.
pub fn told(summary: &Summary) -> Vec<String> {
    let Summary { stack, id, account, region, .. } = summary;
    let place = place(stack, id, account, region);
    let is_idle = summary.exit_code == 0 && summary.deleted == 0;
    if summary.command == Command::Down && summary.absent && is_idle {
        return vec![format!("there is no stack {place}: nothing to remove")];
    }
    vec![ending(summary), place]
}

/// How a run ended, in one sentence.
pub fn ending(summary: &Summary) -> String {
    let Summary { stack, created, updated, deleted, unchanged, failed, not_begun, .. } = summary;
    let command = command(summary.command);
    let nothing = created + updated + deleted + failed + not_begun == 0;
    let start = match summary.exit_code {
        0 if nothing => format!("{stack} was {command} already"),
        0 => format!("{stack} is {command}"),
        4 => format!("{command} of {stack} was refused"),
        130 | 143 => format!("{command} of {stack} was interrupted"),
        _ => format!("{command} of {stack} failed"),
    };
    let counts = counts(&[
        (*created, "created"),
        (*updated, "updated"),
        (*deleted, "deleted"),
        (*unchanged, "unchanged"),
        (*failed, "failed"),
        (*not_begun, "not begun"),
    ]);
    let colon = if counts.is_empty() { "" } else { ": " };
    format!("{start}{colon}{counts} ({})", time(summary.seconds))
}

/// The stack, and where it is.
pub fn place(stack: &str, id: &str, account: &str, region: &str) -> String {
    format!("{} ({id}) in {account}/{region}", printable(stack))
}

/// The command to run next, as it is said: its options are added before it is printed.
pub fn invocation(run: Command) -> String {
    format!("`cvault {}`", command(run))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::event::Event;
    use crate::report::sample;

    #[test]
    fn escapes_are_shown_and_not_obeyed() {
        assert_eq!(printable("a\u{1b}[2Jb\r\n\u{9b}\u{202e}é日"), "a\\u{1b}[2Jb\\r\\n\\u{9b}\\u{202e}é日");
    }

    #[test]
    fn what_a_runner_obeys_is_broken() {
        for (text, safe) in [
            ("##[error]x", "# #[error]x"),
            ("in ###[set-env name=A]b", "in ## #[set-env name=A]b"),
            ("##vso[task.setvariable]", "# #vso[task.setvariable]"),
            ("a\n \u{a0}::stop-commands::t", "a\n \u{a0}: :stop-commands::t"),
            ("\u{1b}[1m::error::x\u{1b}[0m", "\u{1b}[1m: :error::x\u{1b}[0m"),
            ("\u{1b}[2m#\u{1b}[0m#[error]", "\u{1b}[2m# \u{1b}[0m#[error]"),
            (":\u{1b}[0m:error::", ": \u{1b}[0m:error::"),
        ] {
            assert_eq!(obeyed_by_nobody(text), safe);
        }
        for text in ["arn:aws:s3:::b", "a ::b", "## [x]", "#[x] ##", "é##é["] {
            assert_eq!(obeyed_by_nobody(text), text);
        }
    }

    #[test]
    fn both_ends_stay() {
        assert_eq!(shortened("arn:aws:kms:eu-west-1:123456789012:key/0a1b", 20, &UNICODE), "arn:aws:km…:key/0a1b");
        assert_eq!(shortened("日本語日本語", 8, &UNICODE), "日本…語");
        assert_eq!(shortened("short", 5, &ASCII), "short");
        assert_eq!(shortened("too narrow", 1, &ASCII), "...");
    }

    #[test]
    fn a_stack_that_there_is_not_was_not_down() {
        let Event::Summary(mut summary) = sample::summary(0, [0, 0, 33, 0, 0]) else { panic!() };
        (summary.command, summary.absent) = (Command::Down, true);
        let nothing = "there is no stack cyber-vault (626fa970) in 123456789012/eu-west-1: nothing to remove";
        assert_eq!(told(&summary), [nothing]);
        // For programs the sentence stays.
        assert_eq!(ending(&summary), "cyber-vault was down already: 33 unchanged (1m 02s)");
        summary.absent = false;
        let place = "cyber-vault (626fa970) in 123456789012/eu-west-1";
        assert_eq!(told(&summary), [ending(&summary).as_str(), place]);
        (summary.absent, summary.exit_code) = (true, 130);
        assert_eq!(told(&summary).len(), 2);
    }

    #[test]
    fn times() {
        assert_eq!([0.04, 9.94, 9.96, 62.0, 7500.0].map(time), ["0.0s", "9.9s", "10s", "1m 02s", "2h 05m"]);
        assert_eq!(time(f64::NAN), "0s");
    }

    #[test]
    fn a_failure_of_several_lines_keeps_its_indent() {
        let text = failure(&Failure::new("create x", "first\n ::second\u{7}", "do y"));
        insta::assert_snapshot!(anstream::adapter::strip_str(&text), @r"
        error: create x
          why: first
                ::second\u{7}
          fix: do y
        ");
    }
}

//! What is wrong with what the user wants, and where it stands.

use crate::outcome::failure::Failure;
use std::fmt;
use std::ops::Range;

/// Something that cannot be.
#[derive(Clone, Debug)]
pub(super) struct Mistake {
    /// What was asked for, in the infinitive: `use logs.retention_days = 31`.
    pub what: String,
    /// Why it cannot be.
    pub why: String,
    /// What would do.
    pub fix: String,
    /// The key of the file that it is about, such as `logs.retention_days`.
    pub key: Option<String>,
    /// Where the file has it.
    pub place: Option<Place>,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    file: String,
    line: usize,
    column: usize,
    /// The line, with what it is about underlined.
    shown: String,
}

impl Mistake {
    /// A mistake of no place.
    pub fn new(what: impl Into<String>, why: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { what: what.into(), why: why.into(), fix: fix.into(), key: None, place: None }
    }

    /// A value of this key that cannot be.
    pub fn of(key: &str, value: impl fmt::Display, why: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { key: Some(key.to_owned()), ..Self::new(format!("use {key} = {value}"), why, fix) }
    }
}

impl Place {
    /// The place of these bytes of a file's text.
    pub fn of(file: &str, text: &str, span: &Range<usize>) -> Self {
        let start = (0..=span.start.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        let begin = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let (line, column) = (text[..start].matches('\n').count() + 1, text[begin..start].chars().count() + 1);
        let under = text.get(start..span.end.clamp(start, end)).unwrap_or_default().chars().count().max(1);
        let number = line.to_string();
        let gap = " ".repeat(number.len());
        let shown = format!(
            "{number} | {}\n{gap} | {}{}",
            text[begin..end].trim_end().replace('\t', " "),
            " ".repeat(column - 1),
            "^".repeat(under)
        );
        Self { file: file.to_owned(), line, column, shown }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// All mistakes as one failure, if there is any: who corrects one is not to be told of the next by the next run.
pub(super) fn failure(mistakes: &[Mistake], fix_of_several: &str) -> Result<(), Failure> {
    match mistakes {
        [] => Ok(()),
        [Mistake { what, why, fix, place: None, .. }] => Err(Failure::usage(what, why, fix)),
        [Mistake { what, why, fix, place: Some(place), .. }] => {
            let why = format!("line {}, column {}: {why}\n{}", place.line, place.column, place.shown);
            Err(Failure::usage(format!("{what} ({place})"), why, fix))
        }
        several => {
            let told = several.iter().map(|Mistake { what, why, fix, place, .. }| match place {
                Some(place) => format!("{place}: {what}: {why}; {fix}\n{}", place.shown),
                None => format!("{what}: {why}; {fix}"),
            });
            let why = told.collect::<Vec<_>>().join("\n");
            let what = format!("use what is configured: {} mistakes", several.len());
            Err(Failure::usage(what, why, fix_of_several))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_shown_as_an_editor_counts() {
        let text = "a = 1\n\"ä\" = wrong\n";
        let at = text.find("wrong").unwrap();
        let place = Place::of("c.toml", text, &(at..at + 5));
        assert_eq!(place.to_string(), "c.toml:2:7");
        assert_eq!(place.shown, "2 | \"ä\" = wrong\n  |       ^^^^^");
        for span in [0..0, text.len()..text.len() + 9, 7..8, 0..text.len()] {
            assert!(!Place::of("c.toml", text, &span).shown.is_empty(), "{span:?}");
        }
    }

    #[test]
    fn several_are_told_at_once() {
        let one = Mistake::of("logs.retention_days", 31, "CloudWatch Logs does not take it", "30");
        assert_eq!(failure(std::slice::from_ref(&one), "").unwrap_err().what, "use logs.retention_days = 31");
        let other = Mistake { place: Some(Place::of("c.toml", "x = 1", &(0..1))), ..Mistake::new("use x", "no", "y") };
        let both = failure(&[one, other], "correct them").unwrap_err();
        assert_eq!((both.what.as_str(), both.fix.as_str()), ("use what is configured: 2 mistakes", "correct them"));
        assert_eq!(
            both.why,
            "use logs.retention_days = 31: CloudWatch Logs does not take it; 30\nc.toml:1:1: use x: no; y\n1 | x = 1\n  | ^"
        );
    }
}

//! Custom data identifiers, in the terms of Amazon Macie and under its rules.
//!
//! The same definition serves the scanner here and, where Macie is on, Macie itself.
//! Expressions are run by the `regex` crate in linear time. `^` and `$` stand for the
//! ends of a line, a cell or a field: Macie's ends of a file among them.

use std::fmt;
use std::time::{Duration, Instant};

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use super::backtracking::is_catastrophic;
use super::severity::{Severity, SeverityLevel, from};

/// The longest keyword, in characters: Macie allows no longer ones.
pub const LONGEST_KEYWORD: usize = 90;

/// How far a keyword may be from the end of its text, in characters.
pub const FARTHEST: usize = 300;

/// How much memory a compiled expression and its cache may take, in bytes.
const SIZE: usize = 1 << 20;

/// How long an expression may take for the samples, far more than any that is fit for files.
const TIME: Duration = Duration::from_millis(500);

/// How much of each sample there is, in bytes.
const SAMPLE: usize = 16 << 10;

/// A custom data identifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CustomIdentifier {
    /// What findings are named after.
    pub name: String,
    /// The text to look for, in Macie's dialect: no groups that capture, no looking around.
    pub regex: String,
    /// One of these has to precede the text, or to be in the name of its field. None: no keyword is needed.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// How many characters may lie between the end of a keyword and the end of the text.
    #[serde(default = "default_distance")]
    pub maximum_match_distance: usize,
    /// Texts that contain one of these are left alone; case matters.
    #[serde(default)]
    pub ignore_words: Vec<String>,
    /// The severity by the number of occurrences, rising; none: medium from one on.
    #[serde(default)]
    pub severity_levels: Vec<SeverityLevel>,
}

/// What Macie takes where nothing is said, in characters.
#[must_use]
pub fn default_distance() -> usize {
    50
}

/// What is wrong with a custom identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomError {
    /// The name of the identifier.
    pub name: String,
    /// What is wrong, for people.
    pub what: String,
}

impl fmt::Display for CustomError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "custom identifier {:?}: {}", self.name, self.what)
    }
}

impl std::error::Error for CustomError {}

/// Refuses two identifiers of one name.
///
/// # Errors
///
/// The second one.
pub fn check_names(customs: &[CustomIdentifier]) -> Result<(), CustomError> {
    for (number, custom) in customs.iter().enumerate() {
        if customs[..number].iter().any(|other| other.name == custom.name) {
            return Err(custom.error("there are two of this name"));
        }
    }
    Ok(())
}

impl CustomIdentifier {
    fn error(&self, what: impl Into<String>) -> CustomError {
        CustomError { name: self.name.clone(), what: what.into() }
    }

    /// Checks the definition, and tries its expression out.
    ///
    /// # Errors
    ///
    /// One of Macie's rules is broken, or the expression is not valid or takes too long.
    pub fn check(&self) -> Result<(), CustomError> {
        let regex = self.compile()?;
        let parsed = regex_syntax::parse(&self.regex).map_err(|error| self.error(last_line(&error.to_string())))?;
        if is_catastrophic(&parsed) {
            return Err(self.error("regex: catastrophic, since it can match one text in very many ways; write no repetition inside of another, and branches that exclude each other"));
        }
        self.try_out(&regex)
    }

    /// Compiles the expression of a definition that keeps the rules.
    ///
    /// # Errors
    ///
    /// One of Macie's rules is broken, or the expression is not valid.
    pub fn compile(&self) -> Result<Regex, CustomError> {
        self.check_lengths()?;
        self.check_levels()?;
        let refuse = |what: &str| Err(self.error(what));
        // In Macie's dialect recursion; the crate would take it for a flag, and anchors for the window's ends.
        if ["\\A", "\\z", "\\Z", "(?R"].iter().any(|element| self.regex.contains(element)) {
            return refuse("regex: \\A, \\z, \\Z (use ^ and $) and recursion are not supported");
        }
        let builder = RegexBuilder::new(&self.regex).multi_line(true).size_limit(SIZE).dfa_size_limit(SIZE).build();
        let regex = builder.map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => self.error("regex: too large; shorten its bounded repetitions"),
            error => self.error(format!("regex: {}", last_line(&error.to_string()))),
        })?;
        if regex.captures_len() > 1 {
            return refuse("regex: groups that capture are not supported; write (?:…)");
        }
        if regex.is_match("") {
            return refuse("regex: it matches the empty text");
        }
        Ok(regex)
    }

    fn check_lengths(&self) -> Result<(), CustomError> {
        let within = |what: &str, text: &str, least: usize, most: usize| match text.chars().count() {
            count if (least..=most).contains(&count) => Ok(()),
            count => Err(self.error(format!("{what}: {count} characters, allowed are {least} to {most}"))),
        };
        within("name", &self.name, 1, 128)?;
        within("regex", &self.regex, 1, 512)?;
        self.keywords.iter().try_for_each(|keyword| within("keywords", keyword, 3, LONGEST_KEYWORD))?;
        self.ignore_words.iter().try_for_each(|word| within("ignore_words", word, 4, 90))?;
        if self.keywords.iter().any(|keyword| !keyword.contains(char::is_alphanumeric)) {
            return Err(self.error("keywords: one has neither letters nor digits"));
        }
        if self.keywords.len() > 50 || self.ignore_words.len() > 10 {
            return Err(self.error("at most 50 keywords and 10 ignore_words are allowed"));
        }
        if !(1..=FARTHEST).contains(&self.maximum_match_distance) {
            let distance = self.maximum_match_distance;
            return Err(self.error(format!("maximum_match_distance: {distance}, allowed are 1 to {FARTHEST}")));
        }
        Ok(())
    }

    fn check_levels(&self) -> Result<(), CustomError> {
        let rising = |pair: &[SeverityLevel]| {
            pair[0].occurrences_threshold < pair[1].occurrences_threshold && pair[0].severity < pair[1].severity
        };
        if !self.severity_levels.windows(2).all(rising) {
            return Err(self.error("severity_levels: thresholds and severities have to rise"));
        }
        if self.severity_levels.iter().any(|level| level.occurrences_threshold == 0) {
            return Err(self.error("severity_levels: the lowest threshold is 1"));
        }
        Ok(())
    }

    /// Runs the expression over samples, as Macie does: one that takes long here would stop the vault.
    fn try_out(&self, regex: &Regex) -> Result<(), CustomError> {
        let start = Instant::now();
        for sample in ["0", "a", "A", " ", "-", "a1", "Ab ", "12-", "a@b.c ", "name,4000 12\n", "aaaaaaaaaaaaaaab"] {
            let text = sample.repeat(SAMPLE / sample.len());
            for found in regex.find_iter(&text) {
                if found.is_empty() {
                    return Err(self.error("regex: it matches the empty text"));
                }
                if start.elapsed() > TIME {
                    return Err(self.error("regex: it takes too long; bound its repetitions"));
                }
            }
        }
        Ok(())
    }

    /// The keywords, without what stands before their first letter or digit: there they are looked for.
    #[must_use]
    pub fn keywords(&self) -> Vec<&str> {
        let words = self.keywords.iter().map(|word| word.trim_start_matches(|c: char| !c.is_alphanumeric()));
        words.collect()
    }

    /// The severity by the number of occurrences.
    #[must_use]
    pub fn levels(&self) -> Vec<SeverityLevel> {
        if self.severity_levels.is_empty() { vec![from(1, Severity::Medium)] } else { self.severity_levels.clone() }
    }
}

/// The last line of an error of the `regex` crate says what is wrong, those before show where.
fn last_line(error: &str) -> &str {
    error.lines().last().unwrap_or(error).trim_start_matches("error: ")
}

//! The rules of the classifier: what is accepted, up to which size, and what counts as sensitive.

use crate::custom::{self, CustomError, CustomIdentifier};
use crate::encoding::Encoding;
use crate::format::Format;
use crate::prefix::{MOST_PREFIXES, PrefixRules, longest};
use crate::severity::Severity;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// Archives in archives are judged one inside the other, so that each level takes from the stack.
const MOST_LEVELS: u64 = 32;

/// The rules of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Rules {
    /// The formats that are accepted, in archives too; `None`: all that are known.
    pub accepted_formats: Option<Vec<Format>>,
    /// The encodings that texts may have beside UTF-8 and marked UTF-16, in the order in which they are tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub encodings: Vec<Encoding>,
    /// The largest object that is inspected, in bytes.
    pub max_bytes: u64,
    /// What may be in all archives of an object together, in bytes.
    pub max_expanded_bytes: u64,
    /// How many archives may lie in each other.
    pub max_levels: usize,
    /// How many bytes a compressed byte may become.
    pub max_ratio: u64,
    /// From which severity on findings hold an object.
    pub block_at: Severity,
    /// What is looked for beside the managed identifiers.
    pub custom_identifiers: Vec<CustomIdentifier>,
    /// What holds instead for the keys that begin with a prefix; of several that fit, the longest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prefixes: Vec<PrefixRules>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            accepted_formats: None,
            encodings: vec![],
            max_bytes: 10_000_000_000,
            max_expanded_bytes: 10_000_000_000,
            max_levels: 10,
            max_ratio: 100,
            block_at: Severity::Medium,
            custom_identifiers: vec![],
            prefixes: vec![],
        }
    }
}

/// A rule that cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleError {
    /// The rule, as `cvault.toml` writes it: `integrity.max_bytes = 0`.
    pub rule: String,
    /// Why it cannot be.
    pub why: String,
    /// What would do.
    pub fix: String,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.rule, self.why, self.fix)
    }
}

impl std::error::Error for RuleError {}

impl From<CustomError> for RuleError {
    fn from(error: CustomError) -> Self {
        let rule = format!("custom identifier {:?}", error.name);
        Self { rule, why: error.what, fix: "correct it under [[sensitive.custom_identifiers]]".into() }
    }
}

impl Rules {
    /// Checks all but the custom identifiers for themselves: those are checked as they are compiled.
    ///
    /// # Errors
    ///
    /// The first rule that cannot be.
    pub fn check(&self) -> Result<(), RuleError> {
        self.check_values()?;
        custom::check_names(&self.custom_identifiers)?;
        check_prefixes(&self.prefixes)?;
        self.prefixes.iter().try_for_each(|own| {
            self.with(own).check_values().map_err(|error| {
                let (_, rule) = error.rule.split_once('.').unwrap_or(("", &error.rule));
                RuleError { rule: format!("{rule} for ingress.prefix {:?}", own.prefix), ..error }
            })
        })
    }

    /// What holds for a key.
    #[must_use]
    pub fn of(&self, key: &str) -> Cow<'_, Self> {
        let own = longest(&self.prefixes, |own| &own.prefix, key);
        own.map_or(Cow::Borrowed(self), |own| Cow::Owned(self.with(own)))
    }

    /// The prefix whose rules hold for a key, if one has rules of its own.
    #[must_use]
    pub fn prefix(&self, key: &str) -> Option<&str> {
        longest(&self.prefixes, |own| &own.prefix, key).map(|own| own.prefix.as_str())
    }

    fn with(&self, own: &PrefixRules) -> Self {
        let own = own.clone();
        Self {
            accepted_formats: own.accepted_formats.or_else(|| self.accepted_formats.clone()),
            encodings: own.encodings.unwrap_or_else(|| self.encodings.clone()),
            max_bytes: own.max_bytes.unwrap_or(self.max_bytes),
            max_expanded_bytes: own.max_expanded_bytes.unwrap_or(self.max_expanded_bytes),
            max_levels: own.max_levels.unwrap_or(self.max_levels),
            max_ratio: own.max_ratio.unwrap_or(self.max_ratio),
            block_at: own.block_at.unwrap_or(self.block_at),
            custom_identifiers: self.custom_identifiers.clone(),
            prefixes: vec![],
        }
    }

    fn check_values(&self) -> Result<(), RuleError> {
        if let Some(formats) = &self.accepted_formats {
            check_formats(formats)?;
        }
        check_encodings(&self.encodings)?;
        let counts = [
            ("max_bytes", self.max_bytes, u64::MAX),
            ("max_expanded_bytes", self.max_expanded_bytes, u64::MAX),
            ("max_levels", self.max_levels as u64, MOST_LEVELS),
            ("max_ratio", self.max_ratio, u64::MAX),
        ];
        for (key, count, most) in counts {
            if !(1..=most).contains(&count) {
                let fix = if most == u64::MAX { "1 or more".into() } else { format!("1 to {most}") };
                let why = if count == 0 { "nothing would be accepted" } else { "that is more than is sensible" };
                return Err(RuleError { rule: format!("integrity.{key} = {count}"), why: why.into(), fix });
            }
        }
        Ok(())
    }
}

fn check_prefixes(prefixes: &[PrefixRules]) -> Result<(), RuleError> {
    let wrong = |rule: String, why: &str, fix: &str| Err(RuleError { rule, why: why.into(), fix: fix.into() });
    if prefixes.len() > MOST_PREFIXES {
        let rule = format!("ingress.prefix = {} prefixes", prefixes.len());
        return wrong(rule, "each call of the function carries all of them", &format!("{MOST_PREFIXES} or fewer"));
    }
    for (number, PrefixRules { prefix, .. }) in prefixes.iter().enumerate() {
        let rule = format!("ingress.prefix = {prefix:?}");
        if prefix.is_empty() {
            return wrong(
                rule,
                "every key begins so",
                "set what holds for all files under [integrity] and [sensitive]",
            );
        }
        if prefixes[..number].iter().any(|other| other.prefix == *prefix) {
            return wrong(rule, "it is there twice", "name each prefix once");
        }
    }
    Ok(())
}

fn check_formats(formats: &[Format]) -> Result<(), RuleError> {
    let rule = |written: String| format!("integrity.accepted_formats = [{written}]");
    if formats.is_empty() {
        let fix = "name the formats, or leave the key out to accept all that are known".into();
        return Err(RuleError { rule: rule(String::new()), why: "no file would be accepted".into(), fix });
    }
    for (number, format) in formats.iter().enumerate() {
        if formats[..number].contains(format) {
            let rule = rule(format!("…, \"{format}\""));
            return Err(RuleError { rule, why: "it is there twice".into(), fix: "name each format once".into() });
        }
    }
    Ok(())
}

fn check_encodings(encodings: &[Encoding]) -> Result<(), RuleError> {
    for (number, encoding) in encodings.iter().enumerate() {
        if encodings[..number].contains(encoding) {
            let rule = format!("integrity.encodings = […, \"{encoding}\"]");
            return Err(RuleError { rule, why: "it is there twice".into(), fix: "name each encoding once".into() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;

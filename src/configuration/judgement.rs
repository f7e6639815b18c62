//! How files are judged: `[integrity]` and `[sensitive]` are the function's [`Rules`] in the words of
//! `cvault.toml`, and what cannot be is refused.

use crate::outcome::failure::Failure;
use crate::vault::settings::{MacieMode, MacieSettings, Selector};
use anyhow::{Result, bail};
use contract::custom::default_distance;
use contract::{CustomIdentifier, Encoding, Format, Rules, Severity, SeverityLevel};
use serde::Deserialize;

/// Macie takes no more in one job.
const MOST_MACIE_IDENTIFIERS: usize = 30;
/// What the rules may take in the definition, in bytes: Step Functions carries 262,144 from state to
/// state, and the rest is for the object's key and the reasons of its verdict.
const MOST_RULES: usize = 128 << 10;
/// A job of Macie's expires after 30 days (truths M7).
const MOST_HOURS: u32 = 720;

/// `[integrity]`: see the members of [`Rules`].
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IntegritySettings {
    pub accepted_formats: Option<Vec<Format>>,
    pub encodings: Vec<Encoding>,
    pub max_bytes: u64,
    pub max_expanded_bytes: u64,
    pub max_levels: usize,
    pub max_ratio: u64,
}

/// `[sensitive]`: see the members of [`Rules`].
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SensitiveSettings {
    pub block_at: Severity,
    pub custom_identifiers: Vec<CustomSettings>,
}

/// `[[sensitive.custom_identifiers]]`: see the members of [`CustomIdentifier`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomSettings {
    pub name: String,
    pub regex: String,
    #[serde(default)]
    pub keywords: Vec<String>,
    #[serde(default = "default_distance")]
    pub maximum_match_distance: usize,
    #[serde(default)]
    pub ignore_words: Vec<String>,
    #[serde(default)]
    pub severity_levels: Vec<LevelSettings>,
}

/// One of `severity_levels`: see the members of [`SeverityLevel`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelSettings {
    pub occurrences_threshold: u64,
    pub severity: Severity,
}

impl Default for IntegritySettings {
    fn default() -> Self {
        let Rules { accepted_formats, encodings, max_bytes, max_expanded_bytes, max_levels, max_ratio, .. } =
            Rules::default();
        Self { accepted_formats, encodings, max_bytes, max_expanded_bytes, max_levels, max_ratio }
    }
}

impl Default for SensitiveSettings {
    fn default() -> Self {
        Self { block_at: Rules::default().block_at, custom_identifiers: vec![] }
    }
}

impl From<CustomSettings> for CustomIdentifier {
    fn from(settings: CustomSettings) -> Self {
        let CustomSettings { name, regex, keywords, maximum_match_distance, ignore_words, severity_levels } = settings;
        let level = |level: LevelSettings| SeverityLevel {
            occurrences_threshold: level.occurrences_threshold,
            severity: level.severity,
        };
        let severity_levels = severity_levels.into_iter().map(level).collect();
        Self { name, regex, keywords, maximum_match_distance, ignore_words, severity_levels }
    }
}

/// The rules of these two sections.
pub(super) fn rules(integrity: IntegritySettings, sensitive: SensitiveSettings) -> Rules {
    let IntegritySettings { accepted_formats, encodings, max_bytes, max_expanded_bytes, max_levels, max_ratio } =
        integrity;
    Rules {
        accepted_formats,
        encodings,
        max_bytes,
        max_expanded_bytes,
        max_levels,
        max_ratio,
        block_at: sensitive.block_at,
        custom_identifiers: sensitive.custom_identifiers.into_iter().map(CustomIdentifier::from).collect(),
    }
}

/// Refuses rules that the function, Step Functions or Macie would not take.
pub(super) fn check(rules: &Rules, macie: &MacieSettings) -> Result<()> {
    let wrong = |rule: String, why: String, fix: String| Failure::usage(format!("use {rule}"), why, fix);
    rules.check().map_err(|error| wrong(error.rule, error.why, error.fix))?;
    for custom in &rules.custom_identifiers {
        custom.check().map_err(|error| {
            let error = contract::RuleError::from(error);
            wrong(error.rule, error.why, error.fix)
        })?;
    }
    let bytes = serde_json::to_string(rules)?.len();
    if bytes > MOST_RULES {
        bail!(wrong(
            format!("{} custom identifiers", rules.custom_identifiers.len()),
            format!("they take {bytes} bytes, more than the {MOST_RULES} that each execution can carry"),
            "shorten their expressions and keywords, or use fewer".into()
        ));
    }
    check_macie(macie, rules.custom_identifiers.len())
}

fn check_macie(macie: &MacieSettings, customs: usize) -> Result<()> {
    let wrong =
        |what: String, why: &str, fix: &str| Failure::usage(format!("use {what}"), why.to_owned(), fix.to_owned());
    if !(1..=MOST_HOURS).contains(&macie.max_hours) {
        let what = format!("macie.max_hours = {}", macie.max_hours);
        bail!(wrong(what, "a job of Macie's expires after 30 days", "1 to 720"));
    }
    if macie.mode != MacieMode::Off && customs > MOST_MACIE_IDENTIFIERS {
        let what = format!("{customs} custom identifiers");
        bail!(wrong(what, "a job of Macie's takes 30 at most", "use fewer, or set macie.mode = \"off\""));
    }
    let ids = &macie.managed_identifier_ids;
    let picks = matches!(macie.managed_identifiers, Selector::Include | Selector::Exclude);
    if picks == ids.is_empty() {
        let why =
            if picks { "it says of no identifier what to do" } else { "only include and exclude name identifiers" };
        let fix = "give managed_identifier_ids with managed_identifiers = \"include\" or \"exclude\" only";
        bail!(wrong("macie.managed_identifier_ids".into(), why, fix));
    }
    let is_id =
        |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    if let Some(id) = ids.iter().find(|id| !is_id(id)) {
        let what = format!("the managed identifier {id:?}");
        bail!(wrong(what, "Macie has none of that form", "an id as Macie writes it, such as CREDIT_CARD_NUMBER"));
    }
    if macie.mode != MacieMode::Off && macie.managed_identifiers == Selector::None && customs == 0 {
        let fix = "choose \"all\" or \"recommended\", or declare [[sensitive.custom_identifiers]]";
        bail!(wrong("macie.managed_identifiers = \"none\"".into(), "Macie would look for nothing", fix));
    }
    Ok(())
}

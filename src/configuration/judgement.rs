//! How files are judged: `[integrity]` and `[sensitive]` are the function's [`Rules`] in the words of
//! `cvault.toml`, and what cannot be is refused.

use super::mistake::Mistake;
use crate::vault::settings::{self, MacieMode, MacieSettings, NotifyMode, Selector};
use contract::custom::default_distance;
use contract::{CustomIdentifier, Encoding, Format, PrefixRules, RuleError, Rules, Severity, SeverityLevel};
use serde::de::{self, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

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
    #[serde(deserialize_with = "size")]
    pub max_bytes: u64,
    #[serde(deserialize_with = "size")]
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

/// One of `[[ingress.prefix]]`: see the members of [`PrefixRules`] and of [`settings::PrefixSettings`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PrefixSettings {
    prefix: String,
    #[serde(default)]
    ignore: Vec<String>,
    accepted_formats: Option<Vec<Format>>,
    encodings: Option<Vec<Encoding>>,
    #[serde(default, deserialize_with = "some_size")]
    max_bytes: Option<u64>,
    #[serde(default, deserialize_with = "some_size")]
    max_expanded_bytes: Option<u64>,
    max_levels: Option<usize>,
    max_ratio: Option<u64>,
    block_at: Option<Severity>,
    #[serde(default, deserialize_with = "some_mode")]
    notify: Option<NotifyMode>,
}

/// `[[ingress.prefix]]`.
pub(super) fn prefixes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<settings::PrefixSettings>, D::Error> {
    let of = |own: PrefixSettings| {
        let PrefixSettings { prefix, ignore, accepted_formats, encodings, max_bytes, max_expanded_bytes, .. } = own;
        let (max_levels, max_ratio, block_at, notify) = (own.max_levels, own.max_ratio, own.block_at, own.notify);
        let sizes = PrefixRules { prefix, max_bytes, max_expanded_bytes, ..PrefixRules::default() };
        let rules = PrefixRules { accepted_formats, encodings, max_levels, max_ratio, block_at, ..sizes };
        settings::PrefixSettings { rules, ignore, notify }
    };
    Ok(Vec::<PrefixSettings>::deserialize(deserializer)?.into_iter().map(of).collect())
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
        prefixes: vec![],
    }
}

fn some_size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    size(deserializer).map(Some)
}

fn some_mode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NotifyMode>, D::Error> {
    super::notify::NotifyMode::deserialize(deserializer).map(Some)
}

/// A number of bytes, or one with a unit: `10000000000` or `"10GB"`.
pub(super) fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    struct Size;
    impl Visitor<'_> for Size {
        type Value = u64;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a size: a number of bytes, or one with a unit, such as \"10GB\" or \"512 MiB\"")
        }

        fn visit_i64<E: de::Error>(self, bytes: i64) -> Result<u64, E> {
            u64::try_from(bytes).map_err(|_| E::invalid_value(Unexpected::Signed(bytes), &self))
        }

        fn visit_u64<E: de::Error>(self, bytes: u64) -> Result<u64, E> {
            Ok(bytes)
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<u64, E> {
            bytes(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
        }
    }
    deserializer.deserialize_any(Size)
}

/// `10GB` is ten times a thousand thousand thousand, `10GiB` 1,024 of each.
fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.trim().to_ascii_lowercase();
    let (base, power) = match unit.strip_suffix("ib") {
        Some(prefix) => (1024_u64, prefix),
        None => (1000, unit.strip_suffix('b').unwrap_or(&unit)),
    };
    let power = ["", "k", "m", "g", "t"].iter().position(|prefix| *prefix == power)?;
    let factor = base.checked_pow(u32::try_from(power).ok()?)?;
    number.replace('_', "").parse::<u64>().ok()?.checked_mul(factor)
}

/// Rules that the function or Step Functions would not take.
pub(super) fn rules_mistakes(rules: &Rules) -> Vec<Mistake> {
    let mistake = |error: RuleError, key: Option<String>| {
        let key = key.or_else(|| error.rule.split(" = ").next().map(str::to_owned));
        Mistake { key, ..Mistake::new(format!("use {}", error.rule), error.why, error.fix) }
    };
    let of = |name: &str| Some(format!("sensitive.custom_identifiers.{name}"));
    let mut mistakes: Vec<_> = rules.check().err().map(|error| mistake(error, None)).into_iter().collect();
    for custom in &rules.custom_identifiers {
        mistakes.extend(custom.check().err().map(|error| mistake(error.into(), of(&custom.name))));
    }
    let bytes = serde_json::to_string(rules).map_or(usize::MAX, |rules| rules.len());
    if bytes > MOST_RULES {
        mistakes.push(Mistake {
            key: Some("sensitive.custom_identifiers".into()),
            ..Mistake::new(
                format!("use {} custom identifiers", rules.custom_identifiers.len()),
                format!("they take {bytes} bytes, more than the {MOST_RULES} that each execution can carry"),
                "shorten their expressions and keywords, or use fewer",
            )
        });
    }
    mistakes
}

/// Settings of Macie's that it would not take.
pub(super) fn macie_mistakes(macie: &MacieSettings, customs: usize) -> Vec<Mistake> {
    let wrong = |key: &str, what: String, why: &str, fix: &str| Mistake {
        key: Some(key.to_owned()),
        ..Mistake::new(format!("use {what}"), why, fix)
    };
    let mut mistakes = vec![];
    if !(1..=MOST_HOURS).contains(&macie.max_hours) {
        let why = "a job of Macie's expires after 30 days";
        mistakes.push(Mistake::of("macie.max_hours", macie.max_hours, why, "1 to 720"));
    }
    if macie.mode != MacieMode::Off && customs > MOST_MACIE_IDENTIFIERS {
        let (what, why) = (format!("{customs} custom identifiers"), "a job of Macie's takes 30 at most");
        mistakes.push(wrong("sensitive.custom_identifiers", what, why, "use fewer, or set macie.mode = \"off\""));
    }
    let ids = &macie.managed_identifier_ids;
    let picks = matches!(macie.managed_identifiers, Selector::Include | Selector::Exclude);
    if picks == ids.is_empty() {
        let why =
            if picks { "it says of no identifier what to do" } else { "only include and exclude name identifiers" };
        let fix = "give managed_identifier_ids with managed_identifiers = \"include\" or \"exclude\" only";
        let key = if picks { "macie.managed_identifiers" } else { "macie.managed_identifier_ids" };
        mistakes.push(wrong(key, "macie.managed_identifier_ids".into(), why, fix));
    }
    let is_id =
        |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    for id in ids.iter().filter(|id| !is_id(id)) {
        let (what, why) = (format!("the managed identifier {id:?}"), "Macie has none of that form");
        let fix = "an id as Macie writes it, such as CREDIT_CARD_NUMBER";
        mistakes.push(wrong("macie.managed_identifier_ids", what, why, fix));
    }
    if macie.mode != MacieMode::Off && macie.managed_identifiers == Selector::None && customs == 0 {
        let fix = "choose \"all\" or \"recommended\", or declare [[sensitive.custom_identifiers]]";
        let key = "macie.managed_identifiers";
        mistakes.push(wrong(key, format!("{key} = \"none\""), "Macie would look for nothing", fix));
    }
    mistakes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        for (text, expected) in [
            ("10GB", Some(10_000_000_000)),
            ("10 GiB", Some(10 << 30)),
            (" 512mb ", Some(512_000_000)),
            ("1_000", Some(1000)),
            ("7B", Some(7)),
            ("3k", Some(3000)),
            ("10 apples", None),
            ("-1", None),
            ("", None),
            ("99999999999TB", None),
            ("1.5GB", None),
        ] {
            assert_eq!(bytes(text), expected, "{text}");
        }
    }
}

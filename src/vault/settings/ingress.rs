//! What lands in ingress, and how it is judged: at once, later, or by the clock.

use super::notify::NotifyMode;
use contract::ignored::{Ignoring, PrefixIgnored};
use contract::{IngressRules, PrefixRules, Unchanged};

/// What lands in ingress.
#[derive(Clone, Debug)]
pub struct IngressSettings {
    /// What is no file: see [`contract::ignored`].
    pub ignore: Vec<String>,
    /// How long an object is left to its sender before it is judged, in seconds.
    pub settle_seconds: u32,
    /// What the key of a companion has behind that of its file, which is judged once one of them is there.
    pub pairs: Vec<String>,
    /// What becomes of the bytes that the vault has already.
    pub unchanged: Unchanged,
    /// What is otherwise for the keys that begin with a prefix.
    pub prefixes: Vec<PrefixSettings>,
    /// ARNs of roles and users, of other accounts too, that may put objects there; `*` and `?` match in their names.
    pub writers: Vec<String>,
    /// Other buckets of the account whose objects `judge --bucket` may take in.
    pub sources: Vec<String>,
    /// ARNs of keys under which files come, or are in the other buckets, beside the stack's own.
    pub kms_keys: Vec<String>,
}

impl IngressSettings {
    /// What nobody judges.
    #[must_use]
    pub fn ignoring(&self) -> Ignoring {
        Ignoring { patterns: self.ignore.clone(), rules: self.rules() }
    }

    /// The part of it that the function has to know.
    #[must_use]
    pub fn rules(&self) -> IngressRules {
        let Self { settle_seconds, pairs, unchanged, .. } = self;
        let (settle_seconds, pairs, unchanged) = (*settle_seconds, pairs.clone(), *unchanged);
        IngressRules { settle_seconds, pairs, unchanged, ignored_below: self.ignored_below() }
    }

    /// What is no file below prefixes: those with patterns, and those within one that has some.
    fn ignored_below(&self) -> Vec<PrefixIgnored> {
        let has_some = |of: &&PrefixSettings| {
            let is_around = |other: &PrefixSettings| of.rules.prefix.starts_with(&other.rules.prefix);
            self.prefixes.iter().any(|other| !other.ignore.is_empty() && is_around(other))
        };
        let below =
            |own: &PrefixSettings| PrefixIgnored { prefix: own.rules.prefix.clone(), ignore: own.ignore.clone() };
        self.prefixes.iter().filter(has_some).map(below).collect()
    }
}

impl Default for IngressSettings {
    fn default() -> Self {
        let ignore = contract::ignored::USUAL.map(str::to_owned).into();
        Self {
            ignore,
            settle_seconds: 2,
            pairs: vec![],
            unchanged: Unchanged::default(),
            prefixes: vec![],
            writers: vec![],
            sources: vec![],
            kms_keys: vec![],
        }
    }
}

/// What is otherwise for the keys that begin with a prefix.
#[derive(Clone, Debug)]
pub struct PrefixSettings {
    /// By what they are judged.
    pub rules: PrefixRules,
    /// What is no file there, beside what is none anywhere.
    pub ignore: Vec<String>,
    /// Whether many files become one e-mail there; `None`: as elsewhere.
    pub notify: Option<NotifyMode>,
}

/// Which files the Express workflow judges.
#[derive(Clone, Debug)]
pub struct ExpressSettings {
    /// Those of at most so many bytes; none with 0.
    pub max_bytes: u64,
}

impl ExpressSettings {
    /// What a file has to be smaller than.
    #[must_use]
    pub fn below(&self) -> u64 {
        if self.max_bytes == 0 { 0 } else { self.max_bytes + 1 }
    }
}

impl Default for ExpressSettings {
    fn default() -> Self {
        Self { max_bytes: 32 << 20 }
    }
}

/// How often what waits is looked for.
#[derive(Clone, Debug)]
pub struct SweepSettings {
    /// Whether it is, by the clock.
    pub enabled: bool,
    /// Every so many minutes.
    pub interval_minutes: u32,
}

impl SweepSettings {
    /// As EventBridge writes the interval.
    #[must_use]
    pub fn rate(&self) -> String {
        match self.interval_minutes {
            1 => "rate(1 minute)".into(),
            minutes => format!("rate({minutes} minutes)"),
        }
    }
}

impl Default for SweepSettings {
    fn default() -> Self {
        Self { enabled: true, interval_minutes: 60 }
    }
}

//! The options of what looks at held versions and decides about them.

use super::time::age;
use crate::commands::held::{Deciding, Selection};
use crate::outcome::row::Settling;
use clap::{Args, ValueEnum};
use std::time::Duration;

/// Options of `held`.
#[derive(Debug, Args)]
pub struct Held {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would print it")]
    pub selection: Select,
    /// Only what is held for a reason with this text in it
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Do not look why each is held: one call less a version, which Step Functions counts
    #[arg(long, conflicts_with = "reason")]
    pub no_reasons: bool,
}

/// Options of `show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The object's key in ingress or the vault
    #[arg(value_name = "KEY")]
    pub key: String,
}

/// Options of `release` and `discard`.
#[derive(Debug, Args)]
pub struct Decide {
    /// The object's key, as it was uploaded
    #[arg(value_name = "KEY")]
    pub key: Option<String>,
    /// Which of its held versions, as it was uploaded or as it is held
    #[arg(long, value_name = "VERSION", requires = "key")]
    pub version_id: Option<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would print it")]
    pub selection: Select,
    /// Only what is held for a reason with this text in it
    #[arg(long, value_name = "TEXT")]
    pub with_reason: Option<String>,
    /// Everything that is held and selected, also where nothing selects, or of a key every version
    #[arg(long)]
    pub all: bool,
    /// Why: recorded with who and when, in the vault's tags and in the audit log
    #[arg(long, value_name = "WHY")]
    pub reason: String,
    /// Where two have to want it (vault.approvals): take the request back, one's own or another's
    #[arg(long)]
    pub withdraw: bool,
    /// Say what would be done and change nothing; exit code 2 if something would be
    #[arg(long)]
    pub dry_run: bool,
}

/// Which held versions are meant.
#[derive(Clone, Debug, Default, Args)]
pub struct Select {
    /// Only what has this verdict; repeatable
    #[arg(long = "status", value_name = "VERDICT")]
    pub statuses: Vec<Verdict>,
    /// Only keys that begin so
    #[arg(long, value_name = "PREFIX")]
    pub prefix: Option<String>,
    /// Only what has been held for longer than this, such as 12h or 30d
    #[arg(long, value_parser = age, value_name = "TIME")]
    pub older_than: Option<Duration>,
}

/// A verdict that holds a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the contract's own words")]
pub enum Verdict {
    IntegrityFail,
    HasFindings,
    JobCancelled,
    NotAnalysed,
    /// Its own tags leave no room to say it
    Unknown,
}

impl From<&Select> for Selection {
    fn from(select: &Select) -> Self {
        let name = |verdict: &Verdict| verdict.to_possible_value().map(|value| value.get_name().to_owned());
        Self {
            statuses: select.statuses.iter().filter_map(name).collect(),
            prefix: select.prefix.clone(),
            older_than: select.older_than,
            ..Self::default()
        }
    }
}

impl From<&Held> for Selection {
    fn from(options: &Held) -> Self {
        let with_reasons = !options.no_reasons;
        Self { reason: options.reason.clone(), with_reasons, ..(&options.selection).into() }
    }
}

impl Decide {
    /// What is to be decided.
    #[must_use]
    pub fn deciding(&self, action: Settling) -> Deciding {
        let selection = Selection {
            key: self.key.clone(),
            version: self.version_id.clone(),
            reason: self.with_reason.clone(),
            // The key of a version stands whole in its execution only.
            with_reasons: true,
            ..(&self.selection).into()
        };
        let Self { all, withdraw, dry_run, .. } = *self;
        Deciding { action, selection, reason: self.reason.clone(), all, withdraw, dry_run }
    }
}

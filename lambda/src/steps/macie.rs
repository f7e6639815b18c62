//! What the steps with Macie share: which job belongs to which version, how long to wait, and which version Macie
//! sees.

use super::{Vault, answer};
use crate::copies;
use crate::macie::Scope;
use crate::messages::{Analysis, Answer, Failure, FailureKind, MacieRules, Request, Result, Source, Status, Verdict};
use crate::objects::{Head, Place};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use std::time::SystemTime;

/// How long to wait before the next look at a job of this age, in seconds: an eighth of that, so that even
/// 30 days fit into the 25,000 events of an execution's history.
#[must_use]
pub fn wait_seconds(age: u64) -> u64 {
    (age / 8).clamp(30, 3600)
}

/// One execution's dealings with Macie.
pub(super) struct Task<'a> {
    pub(super) rules: &'a MacieRules,
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    pub(super) name: String,
    pub(super) prefix: String,
}

impl<'a> Task<'a> {
    pub(super) fn of(request: &'a Request, source: &Source) -> Result<Self> {
        let wrong = |why: &str| Failure::new(FailureKind::InvalidInput, why);
        let rules = request.macie_rules.as_ref().ok_or_else(|| wrong("MacieRules are needed for this step"))?;
        let (region, account) = place(&request.execution)?;
        let id = source.copy_id();
        // The name is the token too: a retry, or a duplicate event, meets the job that there is.
        Ok(Self { rules, account, region, name: format!("cvault-{id}"), prefix: format!("{id}/") })
    }

    /// What the job sees.
    pub(super) fn scope<'b>(&'b self, vault: &'b Vault, prefixes: &'b [&'b str]) -> Scope<'b> {
        Scope { name: &self.name, account: self.account, bucket: &vault.analytics, prefixes }
    }
}

/// The region and the account of an execution.
pub(super) fn place(execution: &str) -> Result<(&str, &str)> {
    let mut arn = execution.split(':').skip(3);
    match (arn.next(), arn.next()) {
        (Some(region), Some(account)) => Ok((region, account)),
        _ => Err(Failure::new(FailureKind::InvalidInput, "Execution is no ARN")),
    }
}

/// A time as it is handed on.
pub(super) fn shown(time: DateTime) -> Option<String> {
    time.fmt(Format::DateTime).ok()
}

/// How old the job is, in seconds: by the clock, or by what the execution has waited, whichever is more. Where
/// waits are scaled, in tests, the second is what it would be.
pub(super) fn age(made: Option<&str>, waited: u64) -> u64 {
    let made = made.and_then(|made| DateTime::from_str(made, Format::DateTime).ok());
    let by_clock = made.map_or(0, |made| u64::try_from(now().secs().saturating_sub(made.secs())).unwrap_or_default());
    by_clock.max(waited)
}

/// The same of the job of one file.
pub(super) fn age_of(analysis: &Analysis) -> u64 {
    age(analysis.job_made.as_deref(), analysis.waited)
}

/// Whether a job of this age, in seconds, has taken too long. What it has taken to get a job does not count.
pub(super) fn is_over(rules: &MacieRules, age: u64) -> bool {
    age >= u64::from(rules.max_hours) * 3600
}

pub(super) fn now() -> DateTime {
    SystemTime::now().into()
}

/// What lies at the copy's key: Macie analyses the latest version there.
pub(super) enum Current {
    /// The judged copy.
    Copy(Box<Head>),
    /// Something else lies over it.
    Covered,
    /// The copy is gone.
    Gone,
}

/// Looks at what Macie sees. A second copy of the same version, which a duplicate event has made at the
/// same moment, has the same bytes and will do.
///
/// The latest version is looked at first: a copy that another execution has settled in between is gone then, and not covered.
pub(super) async fn current(vault: &Vault, source: &Source, verdict: &Verdict) -> Result<Current> {
    let place = Place { bucket: &vault.analytics, key: &verdict.analytics_key, version_id: None };
    let latest = vault.objects.head(place).await?;
    let is_judged = |latest: &Head| latest.version_id == verdict.analytics_version_id;
    let other = match latest {
        Some(latest) if is_judged(&latest) => return Ok(Current::Copy(latest.into())),
        other => other,
    };
    let judged = Place { version_id: Some(&verdict.analytics_version_id), ..place };
    let Some(judged) = vault.objects.head(judged).await? else { return Ok(Current::Gone) };
    let id = source.copy_id();
    Ok(match other {
        Some(other) if other.metadata(copies::COPY) == Some(&id) && judged.prove(&other, &place).is_ok() => {
            Current::Copy(other.into())
        }
        _ => Current::Covered,
    })
}

/// What the inspection has found out.
pub(super) fn analysis(request: &Request) -> Result<&Analysis> {
    let missing = || Failure::new(FailureKind::InvalidInput, "Analysis is needed for this step");
    request.analysis.as_ref().ok_or_else(missing)
}

/// The verdict that lacks a proof, with what else is known.
pub(super) fn not_analysed(request: &Request, source: Source, verdict: Verdict, why: impl Into<String>) -> Answer {
    let mut reasons = vec![why.into()];
    reasons.extend(verdict.reasons);
    answer(request, source, Verdict { status: Status::NotAnalysed, reasons, ..verdict })
}

/// Why nothing is proven of what lies under something else.
pub(super) const COVERED: &str =
    "another object was put over the copy, and Macie analyses the latest version only: upload the file again";

/// The verdict for it.
pub(super) fn covered(request: &Request, source: Source, verdict: Verdict) -> Answer {
    not_analysed(request, source, verdict, COVERED)
}

/// The answer while Macie analyses.
pub(super) fn analysing(request: &Request, source: Source, verdict: Verdict, wait: u64) -> Answer {
    let verdict = Verdict { status: Status::Analysing, ..verdict };
    let answer = answer(request, source, verdict);
    let waited = |analysis: Analysis| Analysis { waited: analysis.waited + wait, ..analysis };
    Answer { wait_seconds: Some(wait), analysis: answer.analysis.map(waited), ..answer }
}

#[cfg(test)]
mod tests;

//! With Macie: reads what the job has found, and whether it has analysed the whole object.
//!
//! A finding speaks against the object. That there is none proves nothing by itself: Macie makes none
//! for what it skips. Where the account exports discovery results, this object's record must say
//! `COMPLETE`. Where it does not, the proof is that Macie's documentation covers the object, which was
//! judged before the job was made, and that the job ended without an error.
//!
//! Macie publishes findings while the job runs, yet nothing says that they are all listed at the moment
//! at which it ends. So that there is none counts from [`GRACE`] seconds on; a record is whole by itself.

use super::macie::{Current, Task, analysing, analysis, covered, current, not_analysed, parse, seconds_between};
use super::{Vault, answer, given};
use crate::inspect::Severity;
use crate::macie::records::{self, Owner, Records};
use crate::macie::report::Report;
use crate::messages::{Answer, Failure, FailureKind, Request, Result, Status, Verdict};

/// How long after the end of a job findings may still come, in seconds.
const GRACE: u64 = 60;
/// How many reasons a verdict names.
const REASONS: usize = 20;

/// Reads findings and records, and judges.
pub(super) async fn read_macie_findings(vault: &Vault, request: &Request) -> Result<Answer> {
    let (source, verdict) = given(request)?;
    let task = Task::of(request, &source)?;
    let Some(job_id) = verdict.job_id.clone() else {
        return Err(Failure::new(FailureKind::InvalidInput, "JobId is needed for this step"));
    };
    let copy = match current(vault, &source, &verdict).await? {
        Current::Copy(copy) if copy.version_id == verdict.analytics_version_id => copy,
        Current::Copy(_) | Current::Covered => return Ok(covered(request, source, verdict)),
        Current::Gone => return vault.copy_is_gone(request, source, verdict).await,
    };
    let place = (verdict.analytics_bucket.as_str(), verdict.analytics_key.as_str());
    let version = verdict.analytics_version_id.as_str();
    let mut findings = vault.macie.findings(&job_id).await?;
    findings.retain(|finding| finding.may_be_of(place.0, place.1, version));
    let records = match vault.macie.destination().await? {
        None => None,
        Some(destination) => {
            let owner = Owner { account: task.account, region: task.region, job_id: &job_id };
            match records::read(&vault.objects, &destination, owner).await? {
                Records::Unreadable(why) => Some(Err(why)),
                Records::Read(mut records) => {
                    records.retain(|record| record.is_of(place.0, place.1, version, &copy.etag));
                    Some(Ok(records))
                }
            }
        }
    };
    let proof = Proof { findings, records, block_at: task.rules.block_at };
    let since = analysis(request)?.complete_since.as_deref().and_then(parse);
    let since = since.map_or(0, |since| seconds_between(since, task.now));
    Ok(match proof.judge(since >= GRACE) {
        Judgement::Clean(notes) => ended(request, source, verdict, Status::Clean, notes),
        Judgement::Blocked(reasons) => ended(request, source, verdict, Status::HasFindings, reasons),
        Judgement::Unproven(why) => not_analysed(request, source, verdict, why),
        Judgement::Later(why) if task.is_over(None) => not_analysed(request, source, verdict, why),
        Judgement::Later(_) => {
            analysing(request, source, verdict, task.wait().min(GRACE.saturating_sub(since).max(30)))
        }
    })
}

fn ended(
    request: &Request,
    source: crate::messages::Source,
    verdict: Verdict,
    status: Status,
    found: Vec<String>,
) -> Answer {
    let reasons = found.into_iter().chain(verdict.reasons).take(REASONS).collect();
    answer(request, source, Verdict { status, reasons, ..verdict })
}

/// All that Macie says of the object.
#[derive(Debug)]
struct Proof {
    findings: Vec<Report>,
    /// The exported records; `None` where the account exports none.
    records: Option<std::result::Result<Vec<Report>, String>>,
    block_at: Severity,
}

#[derive(Debug, PartialEq, Eq)]
enum Judgement {
    /// Analysed as a whole, with what was found below the threshold.
    Clean(Vec<String>),
    /// What was found.
    Blocked(Vec<String>),
    /// Why it is no proof.
    Unproven(String),
    /// What may still come.
    Later(String),
}

impl Proof {
    fn judge(&self, settled: bool) -> Judgement {
        let no_records = Vec::new();
        let records = match &self.records {
            Some(Ok(records)) => records,
            _ => &no_records,
        };
        let reports = || self.findings.iter().chain(records);
        let mut found = vec![];
        for text in reports().flat_map(|report| &report.detections).map(ToString::to_string) {
            if !found.contains(&text) {
                found.push(text);
            }
        }
        let partial = reports().find(|report| !report.is_complete()).map(incomplete);
        if reports().any(|report| report.blocks(self.block_at)) {
            return Judgement::Blocked(found.into_iter().chain(partial).collect());
        }
        if let Some(why) = partial {
            return Judgement::Unproven(why);
        }
        match &self.records {
            Some(Err(why)) => Judgement::Unproven(why.clone()),
            Some(Ok(records)) if records.iter().all(|record| record.member) => {
                Judgement::Later("Macie has exported no record that it analysed this version".into())
            }
            None if !settled => Judgement::Later("Macie's findings may not all be there yet".into()),
            _ => Judgement::Clean(found),
        }
    }
}

/// Macie's own reason, in its words and in plain ones.
fn incomplete(report: &Report) -> String {
    let what = match report.code.as_str() {
        "PARTIAL" => "analysed only a part of the file",
        "SKIPPED" => "skipped the file",
        _ => "does not say that it analysed the whole file",
    };
    match &report.reason {
        Some(reason) => format!("Macie {what}: {}", reason.escape_debug()),
        None => format!("Macie {what}"),
    }
}

#[cfg(test)]
mod tests;

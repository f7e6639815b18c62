//! With Macie: reads what the job has found, and whether it has analysed the whole object.
//!
//! A finding speaks against the object. That there is none proves nothing by itself: Macie makes none
//! for what it skips. Where the account exports discovery results, this object's record must say
//! `COMPLETE`. Where it does not, the proof is that Macie's documentation covers the object, which was
//! judged before the job was made, and that the job ended without an error.
//!
//! Macie publishes findings while the job runs, yet nothing says that they are all listed at the moment
//! at which it ends. So that there is none is believed when it is still so after [`GRACE`] seconds; a record
//! is whole by itself.

use super::macie::{Current, Task, age_of, analysing, analysis, covered, current, is_over, not_analysed, wait_seconds};
use super::{Vault, answer, given};
use crate::macie::records::{self, Owner, Records};
use crate::macie::report::Report;
use crate::messages::{Analysis, Answer, Failure, FailureKind, Request, Result, Source, Status, Verdict};
use crate::objects::Head;
use inspect::Severity;

/// How long after the end of a job findings may still come, in seconds.
pub(super) const GRACE: u64 = 60;

/// Reads findings and records of the job of one file, and judges. An execution of an earlier release calls it; those of
/// today share a job (`job`).
pub(super) async fn read_macie_findings(vault: &Vault, request: &Request) -> Result<Answer> {
    let (source, verdict) = given(request)?;
    let task = Task::of(request, &source)?;
    let analysis = analysis(request)?;
    let age = age_of(analysis);
    let Some(job_id) = &verdict.job_id else {
        return Err(Failure::new(FailureKind::InvalidInput, "JobId is needed for this step"));
    };
    let copy = match current(vault, &source, &verdict).await? {
        Current::Copy(copy) if copy.version_id == verdict.analytics_version_id => copy,
        Current::Copy(_) | Current::Covered => return Ok(covered(request, source, verdict)),
        Current::Gone => return vault.copy_is_gone(request, source, verdict).await,
    };
    let owner = Owner { account: task.account, region: task.region, job_id };
    let proof = evidence(vault, owner).await?.of(&verdict, &copy, task.rules.block_at(&source.key));
    Ok(match proof.judge(analysis.findings_awaited) {
        Judgement::Clean(notes) => ended(request, source, verdict, Status::Clean, notes),
        Judgement::Blocked(reasons) => ended(request, source, verdict, Status::HasFindings, reasons),
        Judgement::Unproven(why) => not_analysed(request, source, verdict, why),
        Judgement::AskAgain => {
            let analysis = Some(Analysis { findings_awaited: true, ..analysis.clone() });
            Answer { analysis, ..analysing(request, source, verdict, GRACE) }
        }
        Judgement::NoRecord if is_over(task.rules, age) => not_analysed(request, source, verdict, NO_RECORD),
        Judgement::NoRecord => analysing(request, source, verdict, wait_seconds(age)),
    })
}

/// Why nothing is proven of what no record tells of.
pub(super) const NO_RECORD: &str = "Macie has exported no record that it analysed this version";

fn ended(request: &Request, source: Source, verdict: Verdict, status: Status, found: Vec<String>) -> Answer {
    let reasons = found.into_iter().chain(verdict.reasons).collect();
    answer(request, source, Verdict { status, reasons, ..verdict })
}

/// All that Macie says of what a job has seen.
pub(super) struct Evidence {
    findings: Vec<Report>,
    /// The exported records; `None` where the account exports none.
    records: Option<Records>,
}

/// Reads it.
pub(super) async fn evidence(vault: &Vault, owner: Owner<'_>) -> Result<Evidence> {
    let findings = vault.macie.findings(owner.job_id).await?;
    let records = match vault.macie.destination().await? {
        Some(destination) => Some(records::read(&vault.objects, &destination, owner).await?),
        None => None,
    };
    Ok(Evidence { findings, records })
}

impl Evidence {
    /// What of it is about the judged copy.
    pub(super) fn of(&self, verdict: &Verdict, copy: &Head, block_at: Severity) -> Proof {
        let Verdict { analytics_bucket: bucket, analytics_key: key, analytics_version_id: version, .. } = verdict;
        let findings = self.findings.iter().filter(|finding| finding.may_be_of(bucket, key, version));
        let of_it = |records: &Vec<Report>| -> Vec<Report> {
            records.iter().filter(|record| record.is_of(bucket, key, version, &copy.etag)).cloned().collect()
        };
        let records = self.records.as_ref().map(|records| records.as_ref().map(of_it).map_err(Clone::clone));
        Proof { findings: findings.cloned().collect(), records, block_at }
    }
}

/// All that Macie says of the object.
#[derive(Debug)]
pub(super) struct Proof {
    findings: Vec<Report>,
    /// The exported records; `None` where the account exports none.
    records: Option<Records>,
    block_at: Severity,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    /// Analysed as a whole, with what was found below the threshold.
    Clean(Vec<String>),
    /// What was found.
    Blocked(Vec<String>),
    /// Why it is no proof.
    Unproven(String),
    /// Nothing was found, and something may still come.
    AskAgain,
    /// The record that would prove it is not there yet.
    NoRecord,
}

impl Proof {
    pub(super) fn judge(&self, awaited: bool) -> Judgement {
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
            Some(Ok(records)) if records.iter().all(|record| record.member) => Judgement::NoRecord,
            None if !awaited => Judgement::AskAgain,
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

//! Amazon Macie: jobs, findings, and where it exports its results. Nothing else talks to Macie.
//!
//! | module | what it has |
//! |---|---|
//! | [`coverage`] | whether Macie can analyse an object |
//! | [`report`] | what Macie reports of an object: a finding, or an exported record |
//! | [`records`] | the exported records |

pub mod coverage;
pub mod records;
pub mod report;

use crate::messages::{Failure, FailureKind, MacieRules, Result};
use crate::refusal::{failure, said};
use aws_sdk_macie2::Client;
use aws_sdk_macie2::operation::create_classification_job::CreateClassificationJobOutput;
use aws_sdk_macie2::operation::describe_classification_job::DescribeClassificationJobOutput;
use aws_sdk_macie2::types::{
    CriterionAdditionalProperties, FindingCriteria, JobComparator, JobScopeTerm, JobScopingBlock, JobStatus,
    JobSummary, JobType, ListJobsFilterCriteria, ListJobsFilterKey, ListJobsFilterTerm, ManagedDataIdentifierSelector,
    S3BucketDefinitionForJob, S3Destination, S3JobDefinition, ScopeFilterKey, Scoping, SimpleScopeTerm,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::DateTime;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use report::Report;
use std::collections::BTreeSet;

/// How many findings one call describes; a page of a listing has as many.
const FINDINGS: i32 = 50;
/// The largest page of jobs.
const JOBS: i32 = 200;

/// The account's Macie in this region.
#[derive(Clone, Debug)]
pub struct Macie {
    client: Client,
}

/// A job to make: it sees what lies below some prefixes of one bucket.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// What the job is called; its token too.
    pub name: &'a str,
    /// The account that owns the bucket.
    pub account: &'a str,
    /// The bucket.
    pub bucket: &'a str,
    /// The folders, with their slashes.
    pub prefixes: &'a [&'a str],
}

/// A job that there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its id.
    pub id: String,
    /// When it was made; `None` just now.
    pub at: Option<DateTime>,
}

impl Macie {
    /// The Macie that the client reaches.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// The job of this name, on whichever page of the list it is; of several the one that says most:
    /// one that was not cancelled, the newest.
    ///
    /// # Errors
    /// Macie does not answer or refuses.
    pub async fn find(&self, name: &str) -> Result<Option<Made>> {
        let named = ListJobsFilterTerm::builder()
            .key(ListJobsFilterKey::Name)
            .comparator(JobComparator::Eq)
            .values(name)
            .build();
        let filter = ListJobsFilterCriteria::builder().includes(named).build();
        let list = self.client.list_classification_jobs().filter_criteria(filter).max_results(JOBS);
        let (mut found, mut token) = (None::<JobSummary>, None);
        loop {
            let page = list.clone().set_next_token(token).send().await;
            let page = page.map_err(|error| failed("list Macie's jobs", &error))?;
            let jobs = page.items.unwrap_or_default().into_iter();
            let jobs = jobs.filter(|job| job.name() == Some(name) && job.job_id().is_some());
            found = found.into_iter().chain(jobs).max_by_key(|job| {
                (job.job_status() != Some(&JobStatus::Cancelled), job.created_at().map(DateTime::as_nanos))
            });
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(found.and_then(|job| Some(Made { id: job.job_id?, at: job.created_at })));
            }
        }
    }

    /// Makes a job. `None` when its token is taken by a job with other settings.
    ///
    /// # Errors
    /// Macie does not answer or refuses: [`FailureKind::MacieBusy`] for one job too many in ten seconds.
    pub async fn create(&self, scope: Scope<'_>, rules: &MacieRules) -> Result<Option<Made>> {
        let ids = |ids: &[String]| Some(ids.to_vec()).filter(|ids| !ids.is_empty());
        let created = self
            .client
            .create_classification_job()
            .client_token(scope.name)
            .name(scope.name)
            .job_type(JobType::OneTime)
            .s3_job_definition(definition(scope))
            .managed_data_identifier_selector(ManagedDataIdentifierSelector::from(
                rules.managed_data_identifier_selector.as_str(),
            ))
            .set_managed_data_identifier_ids(ids(&rules.managed_data_identifier_ids))
            .set_custom_data_identifier_ids(ids(&rules.custom_data_identifier_ids))
            .send()
            .await;
        match created {
            Ok(CreateClassificationJobOutput { job_id: Some(id), .. }) => Ok(Some(Made { id, at: None })),
            Ok(_) => Err(Failure::new(FailureKind::Refused, "make a Macie job: the answer names none")),
            Err(error) if error.code() == Some("ConflictException") => Ok(None),
            Err(error) => Err(failed("make a Macie job", &error)),
        }
    }

    /// Looks at a job; `None` when there is none of this id.
    ///
    /// # Errors
    /// Macie does not answer or refuses.
    pub async fn describe(&self, job_id: &str) -> Result<Option<DescribeClassificationJobOutput>> {
        match self.client.describe_classification_job().job_id(job_id).send().await {
            Ok(job) => Ok(Some(job)),
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(failed(&format!("look at Macie's job {job_id}"), &error)),
        }
    }

    /// Cancels a job; `false` when it is finished by now (truths M7).
    ///
    /// # Errors
    /// Macie does not answer or refuses.
    pub async fn cancel(&self, job_id: &str) -> Result<bool> {
        let cancel = self.client.update_classification_job().job_id(job_id).job_status(JobStatus::Cancelled);
        match cancel.send().await {
            Ok(_) => Ok(true),
            Err(error) if matches!(error.code(), Some("ValidationException" | "ConflictException")) => Ok(false),
            Err(error) => Err(failed(&format!("cancel Macie's job {job_id}"), &error)),
        }
    }

    /// All that a job has found, the suppressed findings too: suppression is for people's eyes.
    ///
    /// # Errors
    /// Macie does not answer or refuses, or describes less than it lists.
    pub async fn findings(&self, job_id: &str) -> Result<Vec<Report>> {
        let of_job = CriterionAdditionalProperties::builder().eq(job_id).build();
        let criteria = FindingCriteria::builder().criterion("classificationDetails.jobId", of_job).build();
        let list = self.client.list_findings().finding_criteria(criteria).max_results(FINDINGS);
        let (mut reports, mut token) = (vec![], None);
        loop {
            let page = list.clone().set_next_token(token).send().await;
            let page = page.map_err(|error| failed(&format!("list the findings of Macie's job {job_id}"), &error))?;
            for ids in page.finding_ids().chunks(FINDINGS.unsigned_abs() as usize) {
                reports.extend(self.describe_findings(ids).await?);
            }
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(reports);
            }
        }
    }

    async fn describe_findings(&self, ids: &[String]) -> Result<Vec<Report>> {
        let described = self.client.get_findings().set_finding_ids(Some(ids.to_vec())).send().await;
        let described = described.map_err(|error| failed("read Macie's findings", &error))?;
        let findings = described.findings();
        if ids.iter().any(|id| findings.iter().all(|finding| finding.id() != Some(id))) {
            let message = format!("read Macie's findings: {} of {}", findings.len(), ids.len());
            return Err(Failure::new(FailureKind::Busy, message));
        }
        Ok(findings.iter().map(Report::from).collect())
    }

    /// Where the account exports the records of what was analysed; `None` where it does not.
    ///
    /// # Errors
    /// Macie does not answer or refuses.
    pub async fn destination(&self) -> Result<Option<S3Destination>> {
        let answer = self.client.get_classification_export_configuration().send().await;
        let answer = answer.map_err(|error| failed("ask where Macie exports its results", &error))?;
        let destination = answer.configuration.and_then(|configuration| configuration.s3_destination);
        Ok(destination.filter(|destination| destination.bucket_name().is_some_and(|name| !name.is_empty())))
    }
}

/// What the job sees: some folders of one bucket, each of which is one version's own (truths M6). Of several values Macie
/// wants any one.
fn definition(scope: Scope<'_>) -> S3JobDefinition {
    let bucket = S3BucketDefinitionForJob::builder().account_id(scope.account).buckets(scope.bucket).build();
    let below = SimpleScopeTerm::builder()
        .key(ScopeFilterKey::ObjectKey)
        .comparator(JobComparator::StartsWith)
        .set_values(Some(scope.prefixes.iter().map(ToString::to_string).collect()))
        .build();
    let below = JobScopingBlock::builder().and(JobScopeTerm::builder().simple_scope_term(below).build()).build();
    let scoping = Scoping::builder().includes(below).build();
    S3JobDefinition::builder().bucket_definitions(bucket).scoping(scoping).build()
}

/// Whether a job sees all that was asked for: its name says so, but anybody may give a name. That it sees more does no
/// harm: of a batch, some files may have their answer.
#[must_use]
pub fn is_of(job: &DescribeClassificationJobOutput, scope: Scope<'_>) -> bool {
    let sees = |found: &S3JobDefinition| {
        let narrowed = found.scoping().and_then(Scoping::excludes).is_some_and(|block| !block.and().is_empty());
        let same_bucket = found.bucket_definitions == definition(scope).bucket_definitions;
        same_bucket && !narrowed && sees_prefixes(found, scope.prefixes)
    };
    let sampled = job.sampling_percentage().is_some_and(|percentage| percentage != 100);
    job.name().is_none_or(|name| name == scope.name) && job.s3_job_definition().is_none_or(sees) && !sampled
}

/// Whether what a job includes is what lies below these, and nothing makes it less.
fn sees_prefixes(found: &S3JobDefinition, prefixes: &[&str]) -> bool {
    let includes = found.scoping().and_then(Scoping::includes);
    let [term] = includes.map(JobScopingBlock::and).unwrap_or_default() else { return false };
    let Some(term) = term.simple_scope_term() else { return false };
    let is_prefix =
        term.key() == Some(&ScopeFilterKey::ObjectKey) && term.comparator() == Some(&JobComparator::StartsWith);
    is_prefix && prefixes.iter().all(|prefix| term.values().iter().any(|value| value == prefix))
}

/// Whether a job looks for what the rules say: they may have changed since somebody made it.
#[must_use]
pub fn is_by(job: &DescribeClassificationJobOutput, rules: &MacieRules) -> bool {
    let same = |found: Option<&[String]>, wanted: &[String]| {
        let sorted = |ids: &[String]| ids.iter().cloned().collect::<BTreeSet<_>>();
        sorted(found.unwrap_or_default()) == sorted(wanted)
    };
    let selector = job.managed_data_identifier_selector().map_or("RECOMMENDED", ManagedDataIdentifierSelector::as_str);
    selector == rules.managed_data_identifier_selector
        && same(job.managed_data_identifier_ids.as_deref(), &rules.managed_data_identifier_ids)
        && same(job.custom_data_identifier_ids.as_deref(), &rules.custom_data_identifier_ids)
}

/// A failure with its stable name.
fn failed<E>(what: &str, error: &SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    // The code is that of a missing permission (truths M1).
    if said(error).2.contains("Macie is not enabled") {
        let message = format!("{what}: Macie was switched off in this account and region. Run `cvault up`.");
        return Failure::new(FailureKind::MacieOff, message);
    }
    failure(what, error, FailureKind::MacieBusy)
}

#[cfg(test)]
mod tests;

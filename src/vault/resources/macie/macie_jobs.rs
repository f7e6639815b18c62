//! The classification jobs that the function has made: what of them still runs when the stack is
//! removed. A job cannot be deleted, only cancelled (truths M7).

use crate::aws::{Answer, Aws, Refusal};
use crate::vault::names::{Names, Zone};
use crate::vault::resources::macie::macie_session::is_elsewhere;
use anyhow::Result;
use aws_sdk_macie2::types::{
    JobComparator, JobStatus, JobSummary, ListJobsFilterCriteria, ListJobsFilterKey, ListJobsFilterTerm,
};

/// What the function's names of jobs begin with.
const PREFIX: &str = "cvault-";
/// The states of a job that can be cancelled.
const ALIVE: [JobStatus; 4] = [JobStatus::Running, JobStatus::Idle, JobStatus::Paused, JobStatus::UserPaused];

/// Cancels the stack's jobs that have not ended, and returns how many.
///
/// # Errors
/// Macie refuses.
pub async fn cancel(aws: &Aws, names: &Names) -> Result<usize> {
    let alive = alive(aws, names).await?;
    for job in &alive {
        let update = aws.macie.update_classification_job().job_id(job).job_status(JobStatus::Cancelled);
        // It has ended meanwhile.
        let ended = |refusal: &Refusal| refusal.is(&["Validation", "Conflict", "ResourceNotFound"]);
        update.send().await.or_none_if(ended, format!("cancel Macie's job {job}"))?;
    }
    Ok(alive.len())
}

async fn alive(aws: &Aws, names: &Names) -> Result<Vec<String>> {
    let states = ListJobsFilterTerm::builder()
        .key(ListJobsFilterKey::JobStatus)
        .comparator(JobComparator::Eq)
        .set_values(Some(ALIVE.map(|status| status.to_string()).into()))
        .build();
    let filter = ListJobsFilterCriteria::builder().includes(states).build();
    let pages = aws.macie.list_classification_jobs().filter_criteria(filter).into_paginator().items().send();
    let jobs = pages.collect::<Result<Vec<_>, _>>().await.or_none_if(is_elsewhere, "list Macie's jobs")?;
    let analytics = names.bucket(Zone::Analytics);
    let ours = jobs
        .into_iter()
        .flatten()
        .filter(|job| is_of(job, &analytics) && job.job_status.as_ref().is_some_and(|status| ALIVE.contains(status)));
    Ok(ours.filter_map(|job| job.job_id).collect())
}

/// Ours by name, and by what it looks at: the stack's analytics bucket and nothing else.
fn is_of(job: &JobSummary, analytics: &str) -> bool {
    let [definition] = job.bucket_definitions() else { return false };
    job.name().is_some_and(|name| name.starts_with(PREFIX)) && definition.buckets() == [analytics]
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_macie2::types::S3BucketDefinitionForJob;

    #[test]
    fn ours_looks_at_the_analytics_bucket_alone() {
        let job = |name: &str, buckets: &[&[&str]]| {
            let definitions = buckets.iter().map(|buckets| {
                let buckets = buckets.iter().map(ToString::to_string).collect();
                S3BucketDefinitionForJob::builder().account_id("123456789012").set_buckets(Some(buckets)).build()
            });
            let job = JobSummary::builder().name(name).set_bucket_definitions(Some(definitions.collect())).build();
            is_of(&job, "cv-analytics-zone-x")
        };
        assert!(job("cvault-0a1b", &[&["cv-analytics-zone-x"]]));
        assert!(!job("weekly", &[&["cv-analytics-zone-x"]]));
        assert!(!job("cvault-0a1b", &[&["cv-analytics-zone-y"]]));
        assert!(!job("cvault-0a1b", &[&["cv-analytics-zone-x", "other"]]));
        assert!(!job("cvault-0a1b", &[&["cv-analytics-zone-x"], &["other"]]));
        assert!(!job("cvault-0a1b", &[]));
    }
}

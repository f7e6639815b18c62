//! The discovery results that Macie exports: one record for each object that it has analysed, or
//! tried to. They are the only place where Macie says so.

use super::report::Report;
use crate::messages::{FailureKind, Result};
use crate::objects::{Objects, Place};
use aws_sdk_macie2::types::S3Destination;
use inspect::gunzip;

/// How much of a file of records is read, packed and unpacked, in bytes.
const LARGEST: usize = 16 << 20;
const LARGEST_UNPACKED: usize = 64 << 20;
/// How many files one object's job may have.
const FILES: usize = 1000;

/// Whose job it is.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'a> {
    /// The account.
    pub account: &'a str,
    /// The region.
    pub region: &'a str,
    /// The job.
    pub job_id: &'a str,
}

/// The records that are there by now, or why they cannot be read.
pub type Records = std::result::Result<Vec<Report>, String>;

/// Reads the records of a job: `[prefix/]AWSLogs/<account>/Macie/<region>/<job>/…/<id>.jsonl.gz`.
///
/// # Errors
/// S3 does not answer.
pub async fn read(objects: &Objects, destination: &S3Destination, owner: Owner<'_>) -> Result<Records> {
    let bucket = destination.bucket_name().unwrap_or_default();
    match read_all(objects, bucket, &folder(destination.key_prefix(), owner)).await {
        Err(failure) if failure.kind == FailureKind::Busy => Err(failure),
        Err(failure) => {
            let needed =
                "; the classifier's role needs s3:ListBucket and s3:GetObject there, and kms:Decrypt with its key";
            let needed = if failure.kind == FailureKind::Denied { needed } else { "" };
            let why = format!("Macie's results in s3://{bucket} cannot be read: {}{needed}", failure.message);
            Ok(Err(why))
        }
        Ok(records) => Ok(records),
    }
}

fn folder(prefix: Option<&str>, owner: Owner<'_>) -> String {
    let prefix = prefix.map(|prefix| prefix.trim_matches('/')).filter(|prefix| !prefix.is_empty());
    let prefix = prefix.map(|prefix| format!("{prefix}/")).unwrap_or_default();
    format!("{prefix}AWSLogs/{}/Macie/{}/{}/", owner.account, owner.region, owner.job_id)
}

async fn read_all(objects: &Objects, bucket: &str, folder: &str) -> Result<Records> {
    let mut keys = objects.keys(bucket, folder).await?;
    keys.retain(|key| key.ends_with(".jsonl.gz"));
    let unreadable = |what: String| Ok(Err(format!("Macie's results below s3://{bucket}/{folder}: {what}")));
    if keys.len() > FILES {
        return unreadable(format!("{} files, more than {FILES}", keys.len()));
    }
    let mut reports = vec![];
    for key in &keys {
        let place = Place { bucket, key, version_id: None };
        let Some(packed) = objects.read(place, LARGEST).await? else { continue };
        let Some(lines) = gunzip(&packed, LARGEST_UNPACKED) else {
            return unreadable(format!("{} is no gzip file, or too large", key.escape_debug()));
        };
        let Some(read) = parsed(&lines) else {
            return unreadable(format!("{} is no JSON Lines", key.escape_debug()));
        };
        reports.extend(read);
    }
    Ok(Ok(reports))
}

/// One record a line.
fn parsed(lines: &[u8]) -> Option<Vec<Report>> {
    let records = serde_json::Deserializer::from_slice(lines).into_iter::<serde_json::Value>();
    records.map(|record| record.ok().as_ref().map(Report::from)).collect()
}

#[cfg(test)]
mod tests;

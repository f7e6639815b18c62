//! Step 2: reads the copy once, for integrity and for sensitive data.
//!
//! S3's chunks go through a short channel to a thread that parses them, so that memory does not
//! grow with the object and the network does not wait for the parser.

use super::{Vault, answer, given};
use crate::messages::{Analysis, Answer, Failure, FailureKind, Request, Result, Source, Status, Verdict};
use crate::objects::{Objects, Place};
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_types::base64;
use contract::Rules;
use inspect::{CustomIdentifier, Detectors, Inspection, Limits, Ranges, Severity, inspect_object};
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

/// How many chunks may wait for the parser.
const CHUNKS_AHEAD: usize = 8;
/// How long before the end of its time the function says that it did not come to an end.
const MARGIN: Duration = Duration::from_secs(20);
/// How many reasons a verdict names; the counts are whole.
const REASONS: usize = 20;

const TOO_SLOW: &str = "the file could not be read to its end in the time that the function has";

/// Judges the copy in analytics.
pub(super) async fn inspect_content(vault: &Vault, request: &Request) -> Result<Answer> {
    let (source, verdict) = given(request)?;
    let rules = rules(request)?;
    if let Some(reason) = too_large(&source, rules) {
        let verdict = Verdict { status: Status::NotAnalysed, reasons: vec![reason], ..verdict };
        return Ok(answer(request, source, verdict));
    }
    let detectors = vault.detectors.of(&rules.custom_identifiers)?;
    let place = vault.analytics_copy(&verdict);
    let Some(object) = vault.objects.get(place).await? else {
        return vault.copy_is_gone(request, source, verdict).await;
    };
    let reading = read(vault, &source, object.body, &place, (detectors, limits(rules)));
    let Some(inspection) = in_time(request.deadline, reading).await else {
        let verdict = Verdict { status: Status::NotAnalysed, reasons: vec![TOO_SLOW.into()], ..verdict };
        return Ok(answer(request, source, verdict));
    };
    let inspection = inspection?;
    if inspection.bytes != source.size {
        let message = format!("{place}: read {} bytes of {}", inspection.bytes, source.size);
        return Err(Failure::new(FailureKind::Busy, message));
    }
    let (status, reasons) = judged(&inspection, rules.block_at);
    let source = Source { sha256: Some(base64::encode(inspection.sha256)), ..source };
    let analysis = inspection.format.map(|format| Analysis {
        format,
        extent: inspection.extent,
        job_made: None,
        findings_awaited: false,
    });
    Ok(Answer { analysis, ..answer(request, source, Verdict { status, reasons, ..verdict }) })
}

/// The rules of the request. The deployer has checked them; somebody may have changed them since.
fn rules(request: &Request) -> Result<&Rules> {
    let wrong = |why: String| Failure::new(FailureKind::InvalidInput, why);
    let rules = request.rules.as_ref().ok_or_else(|| wrong("Rules are needed for this step".into()))?;
    rules.check().map_err(|error| wrong(format!("Rules: {error}")))?;
    Ok(rules)
}

/// What comes in time; `None` when the function has to answer before.
async fn in_time<T>(deadline: Option<Instant>, work: impl Future<Output = T>) -> Option<T> {
    match deadline.and_then(|deadline| deadline.checked_sub(MARGIN)) {
        Some(deadline) => timeout_at(deadline, work).await.ok(),
        None => Some(work.await),
    }
}

/// Why the object is not even read.
fn too_large(source: &Source, rules: &Rules) -> Option<String> {
    let limit = rules.max_bytes;
    (source.size > limit)
        .then(|| format!("the file has {} bytes, more than the {limit} that are inspected", source.size))
}

fn limits(rules: &Rules) -> Limits {
    Limits {
        accepted: rules.accepted_formats.clone(),
        expanded: rules.max_expanded_bytes,
        levels: rules.max_levels,
        ratio: rules.max_ratio,
        ..Limits::default()
    }
}

/// The detectors of the last call, which are kept while the custom identifiers are the same.
#[derive(Clone, Debug, Default)]
pub struct Compiled(Arc<Mutex<Option<Last>>>);

#[derive(Debug)]
struct Last {
    customs: Vec<CustomIdentifier>,
    detectors: Detectors,
}

impl Compiled {
    fn of(&self, customs: &[CustomIdentifier]) -> Result<Detectors> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = last.as_ref().filter(|last| last.customs == customs) {
            return Ok(last.detectors.clone());
        }
        let detectors =
            Detectors::new(customs).map_err(|error| Failure::new(FailureKind::InvalidInput, error.to_string()))?;
        *last = Some(Last { customs: customs.to_vec(), detectors: detectors.clone() });
        Ok(detectors)
    }
}

/// The whole body through the inspection.
async fn read(
    vault: &Vault,
    source: &Source,
    mut body: ByteStream,
    place: &Place<'_>,
    (detectors, limits): (Detectors, Limits),
) -> Result<Inspection> {
    let (sender, receiver) = mpsc::channel(CHUNKS_AHEAD);
    let name = source.key.clone();
    let parts = Parts {
        objects: vault.objects.clone(),
        bucket: place.bucket.to_owned(),
        key: place.key.to_owned(),
        version_id: place.version_id.map(str::to_owned),
        size: source.size,
        runtime: Handle::current(),
    };
    let parser = tokio::task::spawn_blocking(move || {
        let chunks = Chunks { receiver, rest: None };
        inspect_object(&detectors, &name, chunks, &parts, &limits)
    });
    let failed = |error: &dyn std::fmt::Display| Failure::new(FailureKind::Busy, format!("read {place}: {error}"));
    while let Some(chunk) = body.next().await {
        let broken = chunk.as_ref().err().map(|error| failed(error));
        // A parser that does not take more has ended, and says below why.
        if sender.send(chunk.map_err(io::Error::other)).await.is_err() {
            break;
        }
        if let Some(broken) = broken {
            return Err(broken);
        }
    }
    drop(sender);
    match parser.await {
        Ok(Ok(inspection)) => Ok(inspection),
        Ok(Err(error)) => Err(failed(&error)),
        Err(error) => Err(Failure::new(FailureKind::Refused, format!("inspect {place}: {error}"))),
    }
}

fn judged(inspection: &Inspection, block_at: Severity) -> (Status, Vec<String>) {
    if let Some(broken) = &inspection.broken {
        return (Status::IntegrityFail, vec![broken.text.clone()]);
    }
    let status = if inspection.blocked(block_at) { Status::HasFindings } else { Status::Clean };
    let reasons = inspection.findings.iter().take(REASONS).map(ToString::to_string);
    (status, reasons.collect())
}

/// Parts of the same version, for formats whose index is at the end: fetched from the parser's
/// thread, while the body waits.
struct Parts {
    objects: Objects,
    bucket: String,
    key: String,
    version_id: Option<String>,
    size: u64,
    runtime: Handle,
}

impl Ranges for Parts {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let place = Place { bucket: &self.bucket, key: &self.key, version_id: self.version_id.as_deref() };
        let part = self.runtime.block_on(self.objects.get_range(place, offset, length));
        part.map_err(io::Error::other)?.ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// The chunks of a body as something to read from, on the parser's thread.
struct Chunks<B> {
    receiver: mpsc::Receiver<io::Result<B>>,
    rest: Option<io::Cursor<B>>,
}

impl<B: AsRef<[u8]>> Read for Chunks<B> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(rest) = &mut self.rest {
                let count = rest.read(buffer)?;
                if count > 0 || buffer.is_empty() {
                    return Ok(count);
                }
            }
            match self.receiver.blocking_recv() {
                None => return Ok(0),
                Some(chunk) => self.rest = Some(io::Cursor::new(chunk?)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_does_not_come_in_time_is_not_waited_for() {
        let soon = Instant::now() + MARGIN;
        assert_eq!(in_time(Some(soon), std::future::pending::<()>()).await, None);
        assert_eq!(in_time(Some(soon + MARGIN), async { 1 }).await, Some(1));
        assert_eq!(in_time(None, async { 1 }).await, Some(1));
    }
    use serde_json::json;

    fn request(rules: Option<Rules>) -> Request {
        let request = json!({"Step": "InspectContent", "Bucket": "b", "Object": {"key": "k"}, "Execution": "e"});
        Request { rules, ..serde_json::from_value(request).unwrap() }
    }

    #[test]
    fn rules_must_be_there_and_must_be_possible() {
        assert_eq!(rules(&request(None)).unwrap_err().kind, FailureKind::InvalidInput);
        let impossible = Rules { max_ratio: 0, ..Rules::default() };
        assert_eq!(rules(&request(Some(impossible))).unwrap_err().kind, FailureKind::InvalidInput);
        assert_eq!(rules(&request(Some(Rules::default()))), Ok(&Rules::default()));
    }

    #[test]
    fn size_and_limit_are_named() {
        let source =
            |size| Source { bucket: "b".into(), key: "k".into(), version_id: "v".into(), size, ..Source::default() };
        let rules = Rules { max_bytes: 10, ..Rules::default() };
        assert_eq!(too_large(&source(10), &rules), None);
        let reason = too_large(&source(11), &rules).unwrap();
        assert_eq!(reason, "the file has 11 bytes, more than the 10 that are inspected");
    }

    #[test]
    fn detectors_are_compiled_anew_when_the_identifiers_change_only() {
        let custom = |regex: &str| serde_json::from_value::<CustomIdentifier>(json!({"Name": "Badge", "Regex": regex}));
        let (one, other) = (custom("HB-\\d{4}").unwrap(), custom("HC-\\d{4}").unwrap());
        let compiled = Compiled::default();
        let detectors = compiled.of(std::slice::from_ref(&one)).unwrap();
        assert!(compiled.of(std::slice::from_ref(&one)).unwrap().is(&detectors));
        assert!(!compiled.of(&[other]).unwrap().is(&detectors));
        assert!(!compiled.of(&[one]).unwrap().is(&detectors), "only the last are kept");
        assert_eq!(compiled.of(&[custom("a(").unwrap()]).unwrap_err().kind, FailureKind::InvalidInput);
    }
}

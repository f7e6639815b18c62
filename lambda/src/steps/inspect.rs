//! Step 2: reads the copy once, for integrity and for sensitive data.
//!
//! S3's chunks go through a short channel to a thread that parses them, so that memory does not
//! grow with the object and the network does not wait for the parser.

use super::{Vault, answer, given};
use crate::inspect::{Detectors, Inspection, Limits, Ranges, Severity, inspect_object};
use crate::messages::{Analysis, Answer, Failure, FailureKind, Request, Result, Source, Status, Verdict};
use crate::objects::{Objects, Place};
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_types::base64;
use std::io::{self, Read};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

/// How many chunks may wait for the parser.
const CHUNKS_AHEAD: usize = 8;
/// From which severity on findings hold a file.
const BLOCK_AT: Severity = Severity::Medium;
/// How many reasons a verdict names; the counts are whole.
const REASONS: usize = 20;

/// Judges the copy in analytics.
pub(super) async fn inspect_content(vault: &Vault, request: &Request) -> Result<Answer> {
    let (source, verdict) = given(request)?;
    let place = Place {
        bucket: &vault.analytics,
        key: &verdict.analytics_key,
        version_id: Some(&verdict.analytics_version_id),
    };
    let Some(object) = vault.objects.get(place).await? else {
        return vault.copy_is_gone(request, source, verdict).await;
    };
    let inspection = read(vault, &source, object.body, &place).await?;
    if inspection.bytes != source.size {
        let message = format!("{place}: read {} bytes of {}", inspection.bytes, source.size);
        return Err(Failure::new(FailureKind::Busy, message));
    }
    let (status, reasons) = judged(&inspection);
    let source = Source { sha256: Some(base64::encode(inspection.sha256)), ..source };
    let analysis = inspection.format.map(|format| Analysis { format, extent: inspection.extent, complete_since: None });
    Ok(Answer { analysis, ..answer(request, source, Verdict { status, reasons, ..verdict }) })
}

/// The whole body through the inspection.
async fn read(vault: &Vault, source: &Source, mut body: ByteStream, place: &Place<'_>) -> Result<Inspection> {
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
        inspect_object(&Detectors::default(), &name, chunks, &parts, &Limits::default())
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

fn judged(inspection: &Inspection) -> (Status, Vec<String>) {
    if let Some(broken) = &inspection.broken {
        return (Status::IntegrityFail, vec![broken.text.clone()]);
    }
    let status = if inspection.blocked(BLOCK_AT) { Status::HasFindings } else { Status::Clean };
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

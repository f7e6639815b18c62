//! Step 2: reads the copy once, for integrity and for sensitive data.
//!
//! S3's chunks go through a short channel to a thread that parses them, so that memory does not
//! grow with the object and the network does not wait for the parser. What is large comes in parts ([`ahead`]).

mod ahead;
mod encoding;
mod pace;
mod reader;

use super::pair::Digests;
use super::{Vault, answer, given};
use crate::copies;
use crate::messages::{
    Analysis, Answer, Failure, FailureKind, GivenRules, Measures, Request, Result, Seen, Source, Status, Verdict,
};
use crate::objects::{Place, broken_off};
use ahead::READING;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_smithy_types::base64;
use contract::{Rules, canary};
use futures::TryStreamExt;
use inspect::{CustomIdentifier, Detectors, Inspection, Limits, Severity, inspect_object};
use pace::Pace;
use reader::{Chunks, Parts, Waiting};
use sha2::{Digest, Sha256};
use std::io::{self, Read};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// How many chunks may wait for the parser.
const CHUNKS_AHEAD: usize = 8;

const TOO_SLOW: &str = "the file would not be read to its end in the time that the function has: send it in pieces, or give the function \
                        more memory, with which its processor grows (`[function] memory_mb`)";
const UNKNOWN_RULES: &str = "it is to be judged by rules that this function does not know, such as those of a later release, and that may \
                             be stricter; run `cvault up`, then have it judged again";
const UNREADABLE_RULES: &str = "the rules by which it is to be judged cannot be read, as where somebody has changed the state machine; run \
                                `cvault up`, then have it judged again";
const PANICKED: &str = "the reader of its format failed on it, which is a fault of cvault's: please report it";

/// Judges the copy in analytics.
pub(super) async fn inspect_content(vault: &Vault, request: &Request) -> Result<Answer> {
    let (source, verdict) = given(request)?;
    let rules = match rules(request)? {
        GivenRules::Known(rules) => rules,
        GivenRules::Unknown(why) => {
            let reason = format!("{UNKNOWN_RULES}: {why}");
            return Ok(unread(request, source, verdict, (Status::NotAnalysed, reason)));
        }
        GivenRules::Unreadable(why) => {
            let reason = format!("{UNREADABLE_RULES}: {why}");
            return Ok(unread(request, source, verdict, (Status::NotAnalysed, reason)));
        }
    };
    let source = Source { rule: rules.prefix(&source.key).map(Into::into), ..source };
    let rules = &*rules.of(&source.key);
    if let Some(reason) = too_large(&source, rules) {
        return Ok(unread(request, source, verdict, (Status::NotAnalysed, reason)));
    }
    let detectors = vault.detectors.of(&rules.custom_identifiers)?;
    let place = vault.analytics_copy(&verdict);
    let Some(object) = vault.objects.get(place).await? else {
        return vault.copy_is_gone(request, source, verdict).await;
    };
    let source = Source { seen: seen(&source, &object, &place)?, ..source };
    let waiting = Waiting::new();
    let limits = Limits { stop: waiting.stop(), ..limits(rules) };
    let parse = move |name: &str, source: &mut dyn Read, parts: &Parts| {
        inspect_object(&detectors, name, source, parts, &limits)
    };
    let encoding = object.content_encoding.clone().unwrap_or_default();
    let mut digests = Digests::of(&source.companions);
    let speed = Arc::new(Pace::of(source.size));
    let reading = read(vault, &source, object, &place, (waiting, &speed, &mut digests), parse);
    let inspection = match inspected(speed.in_time(request.deadline, reading).await)? {
        Ok(inspection) => inspection,
        Err((status, reason)) => return Ok(unread(request, source, verdict, (status, reason.into()))),
    };
    if inspection.bytes != source.size {
        let message = format!("{place}: read {} bytes of {}", inspection.bytes, source.size);
        return Err(Failure::new(FailureKind::Busy, message));
    }
    let (status, mut reasons) = match foreign(&source.key, &inspection) {
        Some(reason) => (Status::IntegrityFail, vec![reason]),
        None => with_digests(judged(&inspection, rules.block_at), digests),
    };
    if status == Status::IntegrityFail {
        reasons.extend(encoding::unread(&encoding));
    }
    let source = Source { sha256: Some(base64::encode(inspection.sha256)), format: inspection.format, ..source };
    let analysis = inspection.format.map(|format| Analysis {
        waited: 0,
        format,
        extent: inspection.extent,
        job_made: None,
        findings_awaited: false,
    });
    Ok(Answer { analysis, ..answer(request, source, Verdict { status, reasons, ..verdict }) })
}

/// The answer about a file that was not read to its end.
fn unread(request: &Request, source: Source, verdict: Verdict, (status, reason): (Status, String)) -> Answer {
    answer(request, source, Verdict { status, reasons: vec![reason], ..verdict })
}

/// What was seen of the version proves the copy, at which nobody has looked since it was made.
fn seen(source: &Source, object: &GetObjectOutput, place: &Place<'_>) -> Result<Option<Seen>> {
    let Some(seen) = source.seen.clone() else { return Ok(None) };
    seen.measures.prove(&Measures::from(object), place)?;
    let mark = object.metadata.as_ref().and_then(|metadata| metadata.get(copies::COPY));
    let is_marked = mark.is_some_and(|mark| *mark == source.copy_id());
    // S3 takes over all but this by itself.
    let is_whole = object.website_redirect_location.is_none();
    Ok(Some(Seen { copy_etag: object.e_tag.clone().filter(|_| is_marked && is_whole), ..seen }))
}

/// The rules of the request. The deployer has checked them; somebody may have changed them since.
fn rules(request: &Request) -> Result<&GivenRules> {
    let wrong = |why: String| Failure::new(FailureKind::InvalidInput, why);
    let rules = request.rules.as_ref().ok_or_else(|| wrong("Rules are needed for this step".into()))?;
    if let GivenRules::Known(rules) = rules {
        rules.check().map_err(|error| wrong(format!("Rules: {error}")))?;
    }
    Ok(rules)
}

/// The inspection, or the verdict on a file without one: on nothing, which did not come in time, and on a reading without
/// an inspection, in which a reader panicked.
fn inspected(
    read: Option<Result<Option<Inspection>>>,
) -> Result<std::result::Result<Inspection, (Status, &'static str)>> {
    Ok(match read.transpose()? {
        Some(Some(inspection)) => Ok(inspection),
        Some(None) => Err((Status::NotAnalysed, PANICKED)),
        None => Err((Status::NotAnalysed, TOO_SLOW)),
    })
}

/// Why the object is not even read.
fn too_large(source: &Source, rules: &Rules) -> Option<String> {
    let limit = rules.max_bytes;
    (source.size > limit)
        .then(|| format!("the file has {} bytes, more than the {limit} that are inspected", source.size))
}

/// Why a file may not lie where canaries of cvault's lie: of those alone the vault lets go.
fn foreign(key: &str, inspection: &Inspection) -> Option<String> {
    let is_ours = |canary: &canary::Canary| Sha256::digest(canary.body)[..] == inspection.sha256[..];
    let is_foreign = canary::is_reserved(key) && !canary::of(key).is_some_and(is_ours);
    is_foreign.then(|| format!("only the canaries of `cvault verify` may be in {}", canary::FOLDER))
}

fn limits(rules: &Rules) -> Limits {
    Limits {
        accepted: rules.accepted_formats.clone(),
        expanded: rules.max_expanded_bytes,
        levels: rules.max_levels,
        ratio: rules.max_ratio,
        encodings: rules.encodings.clone(),
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

/// The whole body through the parser. `None` when that panicked: it is no accident, since it reads the same bytes
/// at every try.
async fn read(
    vault: &Vault,
    source: &Source,
    object: GetObjectOutput,
    place: &Place<'_>,
    (waiting, speed, digests): (Waiting, &Arc<Pace>, &mut Digests),
    parse: impl FnOnce(&str, &mut dyn Read, &Parts) -> io::Result<Inspection> + Send + 'static,
) -> Result<Option<Inspection>> {
    let encoding = object.content_encoding.clone().unwrap_or_default();
    let mut chunks = pin!(READING.chunks(&vault.objects, *place, source.size, object));
    let mut next = chunks.try_next().await?;
    let name = encoding::name(&source.key, &encoding, next.as_deref().unwrap_or_default());

    let (sender, receiver) = mpsc::channel(CHUNKS_AHEAD);
    // Dropped before the channel: who reads is told why nothing comes any more.
    let waiting = waiting;
    let parts = Parts::of(&vault.objects, place, (source.size, speed), waiting.stop());
    let mut taken = Chunks::new(receiver, waiting.stop());
    let parser = tokio::task::spawn_blocking(move || parse(&name, &mut taken, &parts));
    while let Some(chunk) = next {
        digests.update(&chunk);
        let length = chunk.len();
        // A parser that does not take more has ended, and says below why.
        if sender.send(Ok(chunk)).await.is_err() {
            break;
        }
        speed.add(length);
        next = match chunks.try_next().await {
            Ok(next) => next,
            Err(failure) => {
                let _ = sender.send(Err(io::Error::other(failure.message.clone()))).await;
                return Err(failure);
            }
        };
    }
    drop(sender);
    match parser.await {
        Ok(Ok(inspection)) => Ok(Some(inspection)),
        Ok(Err(error)) => Err(broken_off(*place, &error)),
        Err(error) if error.is_panic() => Ok(None),
        Err(error) => Err(broken_off(*place, &error)),
    }
}

fn judged(inspection: &Inspection, block_at: Severity) -> (Status, Vec<String>) {
    if let Some(broken) = &inspection.broken {
        return (Status::IntegrityFail, vec![broken.text.clone()]);
    }
    let status = if inspection.blocked(block_at) { Status::HasFindings } else { Status::Clean };
    let reasons = inspection.findings.iter().map(ToString::to_string);
    (status, reasons.collect())
}

/// What is broken was not read to its end, so that its digests say nothing.
fn with_digests((status, mut reasons): (Status, Vec<String>), digests: Digests) -> (Status, Vec<String>) {
    match digests.mismatch() {
        Some(mismatch) if status != Status::IntegrityFail => {
            reasons.insert(0, mismatch);
            (Status::IntegrityFail, reasons)
        }
        _ => (status, reasons),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stand_in::buckets::{Buckets, Version};
    use pace::MARGIN;
    use std::sync::mpsc::channel;
    use std::time::Duration;
    use tokio::time::Instant;

    /// A file in analytics, and how the parser is given it.
    async fn read_by(
        deadline: Option<Instant>,
        parse: impl FnOnce(&str, &mut dyn Read, &Parts) -> io::Result<Inspection> + Send + 'static,
    ) -> Option<Result<Option<Inspection>>> {
        let buckets = Buckets::default();
        let version = buckets.put("an/a.csv", Version { body: b"a,b\n1,2\n".into(), ..Version::default() });
        let s3 = buckets.stand_in();
        let [ingress, analytics, stored] = ["in", "an", "va"].map(str::to_owned);
        let (objects, macie, detectors) = (s3.objects(), s3.macie(), Compiled::default());
        let vault = Vault { objects, macie, ingress, analytics, vault: stored, detectors, patience: 0 };
        let place = Place { bucket: "an", key: "a.csv", version_id: Some(&version) };
        let object = vault.objects.get(place).await.unwrap().unwrap();
        let source = Source { key: "a.csv".into(), size: 8, ..Source::default() };
        let (speed, mut digests) = (Arc::new(Pace::of(source.size)), Digests::of(&[]));
        let reading = read(&vault, &source, object, &place, (Waiting::new(), &speed, &mut digests), parse);
        speed.in_time(deadline, reading).await
    }

    /// The message of the panic, which may hold a piece of the file, is nowhere.
    #[tokio::test]
    async fn a_reader_that_panics_gives_no_inspection_and_does_no_harm() {
        let read = read_by(None, |_, _, _| panic!("on a value")).await;
        assert_eq!(inspected(read).unwrap(), Err((Status::NotAnalysed, PANICKED)));
        assert!(!PANICKED.contains("value"));
    }

    /// Nothing that it could read from gives it anything any more, and what ends is not taken for the file's end.
    #[tokio::test]
    async fn a_parser_that_nobody_waits_for_ends_at_its_next_read() {
        let (is_over, waits) = channel();
        let (tells, hears) = channel();
        let parse = move |_: &str, source: &mut dyn Read, parts: &Parts| {
            // Busy with something until the call is over.
            waits.recv().unwrap();
            tells.send((source.read(&mut [0; 8]).is_err(), inspect::Ranges::read_at(parts, 0, 1).is_err())).unwrap();
            Err(io::ErrorKind::Other.into())
        };
        let read = read_by(Some(Instant::now() + MARGIN + Duration::from_millis(200)), parse).await;
        assert_eq!(inspected(read).unwrap(), Err((Status::NotAnalysed, TOO_SLOW)));
        is_over.send(()).unwrap();
        assert_eq!(hears.recv().unwrap(), (true, true));
    }

    use serde_json::json;

    /// Every canary gets its verdict, and nothing else is stored under their names.
    #[tokio::test]
    async fn only_canaries_may_be_where_canaries_are() {
        let detectors = Detectors::new(&[]).unwrap();
        let (s3, waiting) = (Buckets::default().stand_in(), Waiting::new());
        let inspected = |name: &str, body: &[u8]| {
            let place = Place { bucket: "an", key: name, version_id: None };
            let parts = Parts::of(&s3.objects(), &place, (body.len() as u64, &Arc::default()), waiting.stop());
            inspect_object(&detectors, name, &mut &*body, &parts, &Limits::default()).unwrap()
        };
        for canary in &canary::ALL {
            let inspection = inspected(canary.key(), canary.body);
            assert_eq!(foreign(canary.key(), &inspection), None);
            // With the highest threshold, too.
            let (status, reasons) = judged(&inspection, Severity::High);
            // What it is without Macie.
            let is_clean = matches!(canary.status, Status::VaultCopy | Status::NotAnalysed);
            let expected = if is_clean { Status::Clean } else { canary.status };
            assert_eq!(status, expected, "{}: {reasons:?}", canary.key());
            let is_unproven = canary.status == Status::NotAnalysed;
            assert_eq!(inspection.extent.depth > 256, is_unproven, "what Macie does not read: {}", canary.key());
        }
        let (clean, other) = (&canary::ALL[0], b"seq,harbour\n1,Kingsford\n");
        let reason = foreign(clean.key(), &inspected(clean.key(), other)).unwrap();
        assert!(reason.contains(".cvault/verify/"), "{reason}");
        assert!(foreign(".cvault/verify/a.csv", &inspected("a.csv", clean.body)).is_some());
        assert_eq!(foreign("verify/a.csv", &inspected("a.csv", other)), None);
    }

    fn request(rules: Option<Rules>) -> Request {
        let request = json!({"Step": "InspectContent", "Bucket": "b", "Object": {"key": "k"}, "Execution": "e"});
        Request { rules: rules.map(GivenRules::Known), ..serde_json::from_value(request).unwrap() }
    }

    #[test]
    fn rules_must_be_there_and_must_be_possible() {
        assert_eq!(rules(&request(None)).unwrap_err().kind, FailureKind::InvalidInput);
        let impossible = Rules { max_ratio: 0, ..Rules::default() };
        assert_eq!(rules(&request(Some(impossible))).unwrap_err().kind, FailureKind::InvalidInput);
        assert_eq!(rules(&request(Some(Rules::default()))), Ok(&GivenRules::Known(Rules::default())));
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

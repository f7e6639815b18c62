//! What is handed on from state to state fits, whatever a file makes the function say.

use super::events::created;
use super::walks::check_mail;
use super::{EXECUTION, machine, macie_stack, stack};
use crate::asl::{End, Failure, Interpreter, Schedule, Trace, World};
use classifier::messages::{Analysis, Answer, Companion, Measures, Request, Seen, Source, Status, Step, Verdict};
use classifier::notice::notice;
use classifier::reasons::{bounded, message};
use cvault::vault::names::Zone;
use inspect::{Extent, Format};
use serde_json::{Value, json};

/// Half of what Step Functions takes (truths F12).
const LARGEST: usize = 131_072;
/// As much of a cause as Step Functions hands on.
const CAUSE: usize = 32_768;

/// Answers with as much as the function ever does.
struct Worst<'a> {
    /// The verdict that holds the file, and the step that comes to it.
    ends: (Step, Status),
    key: &'a str,
    /// Whether the deletion and the publications fail, with as much as there can be to say of it.
    fails: bool,
    mails: Vec<Value>,
}

impl Worst<'_> {
    fn status(&self, step: Step) -> Status {
        match step {
            _ if step == self.ends.0 => self.ends.1,
            Step::CopyToAnalytics => Status::Copied,
            Step::InspectContent => Status::Clean,
            _ => self.ends.1,
        }
    }

    fn answer(&self, request: &Request) -> Answer {
        let longest = || "v".repeat(1024);
        let companion = Companion {
            end: "\\".repeat(20),
            version_id: longest(),
            is_spent: true,
            digest: Some("d".repeat(128)),
            came: i64::MAX,
            is_before: true,
            is_of_another: true,
        };
        let source = Source {
            bucket: request.bucket.clone(),
            key: self.key.into(),
            version_id: longest(),
            size: u64::MAX,
            uploaded_at: i64::MIN,
            format: Some(Format::Parquet),
            sha256: Some("s".repeat(44)),
            stored_version_id: Some(longest()),
            rule: Some("r".repeat(1024)),
            companions: vec![companion; 5],
            unchanged: true,
            seen: Some(Seen {
                measures: Measures {
                    size: u64::MAX,
                    // Each algorithm that S3 has, as long as the longest.
                    checksums: (0..10).map(|number| (format!("XXHASH12{number}"), "c".repeat(88))).collect(),
                    are_withheld: true,
                },
                untagged: false,
                copy_etag: Some("e".repeat(64)),
            }),
        };
        let verdict = self.verdict(self.status(request.step));
        let analysis = Analysis {
            waited: u64::MAX,
            format: Format::Parquet,
            extent: Extent::default(),
            job_made: Some("2026-01-01T00:00:00.000Z".into()),
            findings_awaited: true,
        };
        let notice = notice(&source, &verdict, &request.execution);
        Answer { source: Some(source), verdict, notice, analysis: Some(analysis), wait_seconds: Some(30) }
    }
}

impl Worst<'_> {
    fn verdict(&self, status: Status) -> Verdict {
        Verdict {
            status,
            job_id: Some("j".repeat(32)),
            analytics_bucket: "b".repeat(63),
            analytics_key: self.key.into(),
            analytics_version_id: "v".repeat(1024),
            // What is in the way to a field is up to the file.
            reasons: bounded((0..200).map(|_| "/\u{1}\"\\\u{202e}".repeat(2000)).collect()),
        }
    }
}

impl World for Worst<'_> {
    fn call(&mut self, _: &str, resource: &str, parameters: &Value) -> Result<Value, Failure> {
        let failure = || Failure::new("Refused", "c".repeat(CAUSE));
        if resource.ends_with("events:putEvents") {
            // What one call may carry, in bytes.
            assert!(parameters.to_string().len() <= 1 << 18);
            return if self.fails { Err(failure()) } else { Ok(json!({"FailedEntryCount": 0})) };
        }
        if resource.ends_with("sns:publish") || resource.ends_with("sqs:sendMessage") {
            self.mails.push(parameters.clone());
            return if self.fails { Err(failure()) } else { Ok(json!({"MessageId": "0a1b"})) };
        }
        if resource.ends_with("sqs:sendMessage.waitForTaskToken") {
            assert!(parameters.to_string().len() <= 1 << 18);
            return Ok(json!(self.verdict(self.ends.1)));
        }
        let request: Request = serde_json::from_value(parameters["Payload"].clone()).expect("the function can read it");
        if self.fails && request.step == Step::DeleteFromIngress {
            return Err(failure());
        }
        Ok(json!({"Payload": self.answer(&request)}))
    }
}

/// Walks to the verdict, and gives the most that was handed on.
fn walk(ends: (Step, Status), key: &str, fails: bool) -> usize {
    let stack = if ends.0 == Step::HoldForMacie { macie_stack() } else { stack() };
    let event = created(&stack.names.bucket(Zone::Ingress), key);
    let mut trace = Trace { measures: true, ..Trace::default() };
    let mut world = Worst { ends, key, fails, mails: vec![] };
    let schedule = Schedule::ALL[0];
    let mut interpreter = Interpreter { world: &mut world, trace: &mut trace, execution: EXECUTION, schedule };
    let end = interpreter.run(&machine(stack), event.clone());
    assert_eq!(matches!(end, End::Failed(..)), fails, "{end:?}");
    world.mails.iter().for_each(|mail| check_mail(mail, &event));
    trace.largest
}

#[test]
fn the_worst_verdict_fits_at_every_step() {
    let long = ["k".repeat(1024), "\u{1}".repeat(1024), "\"".repeat(1024), "/".repeat(1024), "é".repeat(512)];
    for key in &long {
        for ends in [
            (Step::InspectContent, Status::IntegrityFail),
            (Step::InspectContent, Status::HasFindings),
            (Step::HoldForMacie, Status::JobCancelled),
            (Step::HoldForMacie, Status::NotAnalysed),
        ] {
            let largest = walk(ends, key, false);
            assert!(largest <= LARGEST, "{largest} bytes, {ends:?}");
            // Both of what failed is in it then.
            let largest = walk(ends, key, true);
            assert!(largest <= LARGEST + 2 * CAUSE, "{largest} bytes when all fails, {ends:?}");
        }
    }
}

/// What the function says of a failure leaves room for the rest in its e-mail.
#[test]
fn a_failure_s_message_is_short() {
    assert!(message("\u{1f600}".repeat(100_000)).len() <= 4096);
}

use super::*;
use crate::macie::report::Detection;

fn report(severity: Option<Severity>, code: &str, reason: Option<&str>, identifiers: &[&str]) -> Report {
    let detection = |name: &&str| Detection { identifier: (*name).into(), count: 1, locations: vec![] };
    Report {
        bucket: Some("b".into()),
        key: Some("k".into()),
        version_id: Some("v".into()),
        etag: None,
        member: false,
        severity,
        code: code.into(),
        reason: reason.map(str::to_owned),
        detections: identifiers.iter().map(detection).collect(),
    }
}

fn found(severity: Severity) -> Report {
    report(Some(severity), "COMPLETE", None, &["ADDRESS"])
}

fn clean() -> Report {
    report(None, "COMPLETE", None, &[])
}

fn judge(findings: Vec<Report>, records: Option<Records>, settled: bool) -> Judgement {
    Proof { findings, records, block_at: Severity::Medium }.judge(settled)
}

#[test]
fn without_exported_records_silence_counts_after_a_while() {
    assert_eq!(judge(vec![], None, false), Judgement::AskAgain);
    assert_eq!(judge(vec![], None, true), Judgement::Clean(vec![]));
}

#[test]
fn findings_hold_from_the_threshold_on() {
    let text = "Macie: ADDRESS found 1 time".to_owned();
    for settled in [false, true] {
        for severity in [Severity::Medium, Severity::High] {
            assert_eq!(judge(vec![found(severity)], None, settled), Judgement::Blocked(vec![text.clone()]));
        }
    }
    assert_eq!(judge(vec![found(Severity::Low)], None, true), Judgement::Clean(vec![text.clone()]));
    assert_eq!(judge(vec![found(Severity::Low)], None, false), Judgement::AskAgain, "more may come");
    assert_eq!(judge(vec![found(Severity::Low), found(Severity::High)], None, false), Judgement::Blocked(vec![text]));
}

/// A finding says that only a part was analysed: what it found counts all the same.
#[test]
fn a_finding_of_a_part_is_no_proof_of_the_rest() {
    let partial = |severity| report(Some(severity), "PARTIAL", Some("ARCHIVE_CONTAINS_UNPROCESSED_FILES"), &["NAME"]);
    let why = "Macie analysed only a part of the file: ARCHIVE_CONTAINS_UNPROCESSED_FILES".to_owned();
    assert_eq!(judge(vec![partial(Severity::Low)], None, true), Judgement::Unproven(why.clone()));
    let text = "Macie: NAME found 1 time".to_owned();
    assert_eq!(judge(vec![partial(Severity::High)], None, true), Judgement::Blocked(vec![text, why]));
    let odd = report(Some(Severity::Low), "unknown", None, &["NAME"]);
    assert!(matches!(judge(vec![odd], None, true), Judgement::Unproven(_)));
}

#[test]
fn an_exported_record_must_be_there_and_complete() {
    for settled in [false, true] {
        let judge = |findings, records| judge(findings, Some(records), settled);
        assert_eq!(judge(vec![], Ok(vec![clean()])), Judgement::Clean(vec![]));
        assert_eq!(judge(vec![], Ok(vec![])), Judgement::NoRecord);
        let member = Report { member: true, ..clean() };
        assert_eq!(judge(vec![], Ok(vec![member.clone()])), Judgement::NoRecord, "of the archive there is none");
        assert_eq!(judge(vec![], Ok(vec![member, clean()])), Judgement::Clean(vec![]));
        let skipped = report(None, "SKIPPED", Some("UNSUPPORTED_FILE_TYPE_EXCEPTION"), &[]);
        let why = "Macie skipped the file: UNSUPPORTED_FILE_TYPE_EXCEPTION".to_owned();
        assert_eq!(judge(vec![], Ok(vec![skipped.clone()])), Judgement::Unproven(why.clone()));
        let inside = Report { member: true, ..skipped };
        assert_eq!(judge(vec![], Ok(vec![clean(), inside])), Judgement::Unproven(why));
        assert_eq!(judge(vec![], Err("denied".into())), Judgement::Unproven("denied".into()));
    }
}

/// The record has it, the list of findings not yet.
#[test]
fn what_a_record_has_found_counts() {
    let text = "Macie: ADDRESS found 1 time".to_owned();
    let records = || Some(Ok(vec![found(Severity::High)]));
    assert_eq!(judge(vec![], records(), true), Judgement::Blocked(vec![text.clone()]));
    assert_eq!(judge(vec![found(Severity::High)], records(), true), Judgement::Blocked(vec![text]), "said once");
    assert!(matches!(judge(vec![found(Severity::High)], Some(Err("denied".into())), true), Judgement::Blocked(_)));
}

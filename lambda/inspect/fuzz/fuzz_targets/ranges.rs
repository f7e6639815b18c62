//! An object of which the end is fetched first, and a member of an archive.

#![no_main]

#[path = "../../tests/archives/tar.rs"]
mod tar;

use inspect::{Detectors, Inspection, Limits, inspect, inspect_object};
use inspect_fuzz::{Object, Pieces, assert_same, is_bound, limits, split};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((name, length, bytes)) = split(input) else { return };
    let (detectors, limits) = (Detectors::default(), limits());
    let whole = inspect(name, bytes, &limits).expect("the source does not fail");
    let object = Object(bytes, u64::MAX);
    let answer = inspect_object(&detectors, name, Pieces(bytes, length), &object, &limits);
    assert_same(&whole, &answer.expect("no range fails"));

    // A range that cannot be had is an error or was not needed; it never makes another verdict.
    let failing = Object(bytes, length as u64);
    if let Ok(answer) = inspect_object(&detectors, name, bytes, &failing, &limits) {
        assert_same(&whole, &answer);
    }

    // A member of an archive is judged as if it were alone.
    let wrapped = tar::tar(&[(name, bytes)]);
    let one_more = Limits { levels: limits.levels + 1, ..limits };
    let member = inspect("a.tar", &wrapped[..], &one_more).expect("the source does not fail");
    let bounded = [&whole, &member].iter().any(|answer| is_bound(answer));
    if !bounded {
        let kind = |answer: &Inspection| answer.broken.as_ref().map(|reason| reason.kind);
        assert_eq!(kind(&whole), kind(&member), "{:?} and {:?}", whole.broken, member.broken);
        assert_eq!(counts(&whole.findings), counts(&member.findings));
    }
});

fn counts(findings: &[inspect::Finding]) -> Vec<(&str, u64)> {
    findings.iter().map(|finding| (finding.identifier.as_str(), finding.count)).collect()
}

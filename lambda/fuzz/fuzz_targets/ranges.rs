//! An object of which the end is fetched first, and a member of an archive.

#![no_main]

use classifier::inspect::{Detectors, Inspection, Limits, inspect, inspect_object};
use classifier_fuzz::{Object, Pieces, assert_same, is_bound, limits, split};
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
    let wrapped = tar(name, bytes);
    let one_more = Limits { levels: limits.levels + 1, ..limits };
    let member = inspect("a.tar", &wrapped[..], &one_more).expect("the source does not fail");
    let bounded = [&whole, &member].iter().any(|answer| is_bound(answer));
    if !bounded {
        let kind = |answer: &Inspection| answer.broken.as_ref().map(|reason| reason.kind);
        assert_eq!(kind(&whole), kind(&member), "{:?} and {:?}", whole.broken, member.broken);
        assert_eq!(counts(&whole.findings), counts(&member.findings));
    }
});

fn counts(findings: &[classifier::inspect::Finding]) -> Vec<(&str, u64)> {
    findings.iter().map(|finding| (finding.identifier.as_str(), finding.count)).collect()
}

/// A tar of one file.
fn tar(name: &str, data: &[u8]) -> Vec<u8> {
    let mut header = [0; 512];
    let mut put = |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    put(100, "0000644\x000000000\x000000000\0");
    put(124, &format!("{:011o}\x0000000000000\0        0", data.len()));
    put(257, "ustar\x0000");
    let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut all = [&header[..], data].concat();
    all.resize(all.len().next_multiple_of(512) + 1024, 0);
    all
}

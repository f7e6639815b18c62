//! A file of any name and content.

#![no_main]

use inspect::inspect;
use inspect_fuzz::window::By;
use inspect_fuzz::{Pieces, assert_same, limits, split, watched};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((name, length, bytes)) = split(input) else { return };
    let whole = watched(bytes.len(), By::Stream, || inspect(name, bytes, &limits())).expect("the source does not fail");
    let pieces = inspect(name, Pieces(bytes, length), &limits()).expect("the source does not fail");
    assert_same(&whole, &pieces);
    assert_eq!(whole.bytes, bytes.len() as u64);
    assert!(whole.broken.is_none() || whole.findings.is_empty());
    assert!(whole.findings.iter().all(|finding| finding.count > 0 && !finding.locations.is_empty()));
});

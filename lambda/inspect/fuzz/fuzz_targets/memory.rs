//! What a file takes of memory, by the bounds of the function.

#![no_main]

use inspect::{Detectors, Limits, inspect, inspect_object};
use inspect_fuzz::window::By;
use inspect_fuzz::{Object, split, watched};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((name, _, bytes)) = split(input) else { return };
    let (detectors, limits) = (Detectors::default(), Limits::default());
    let object = Object(bytes, u64::MAX);
    let stream = || inspect(name, bytes, &limits);
    let ranges = || inspect_object(&detectors, name, bytes, &object, &limits);
    watched(bytes.len(), By::Stream, stream).expect("the source does not fail");
    watched(bytes.len(), By::Ranges, ranges).expect("no range fails");
});

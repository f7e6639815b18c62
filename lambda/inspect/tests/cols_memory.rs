//! How much memory files take that are made to take much: one test, since memory is counted for the process.

#[path = "archives/avro.rs"]
mod avro;
#[path = "archives/parquet.rs"]
#[expect(dead_code, reason = "one of its places is needed")]
mod parquet;

#[expect(dead_code, reason = "nothing is read from a folder")]
mod support;

use inspect::{Detectors, Limits, inspect_object};
use parquet::{Parquet, Struct};
use peak_alloc::PeakAlloc;
use support::Object;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What an inspection may take, in bytes.
const MOST: usize = 64 << 20;

/// Demands that an inspection takes no more than is allowed beyond what there was before it.
fn assert_small(name: &str, bytes: &[u8]) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let limits = Limits::default();
    let answer = inspect_object(&Detectors::default(), name, bytes, &Object(bytes), &limits).unwrap();
    let peak = MEMORY.peak_usage() - before;
    assert!(peak < MOST, "{name}: {} bytes took {} KiB, {:?}", bytes.len(), peak >> 10, answer.broken);
}

/// Truths in the header of a page, two to a byte.
fn truths(count: usize) -> Vec<u8> {
    let header = Struct::new().int(1, 5, 0).int(2, 5, 0).int(3, 5, 0).end();
    let truths = std::iter::repeat_n([0x01, 0x00], count).flatten();
    Parquet::of("a", 1, header[..header.len() - 1].iter().copied().chain(truths).chain([0]).collect()).file()
}

#[test]
fn memory_does_not_grow_with_the_file() {
    assert_small("a.parquet", &truths(20_000_000));
    // Objects take a hundred times what they are written with.
    let schema = |count: usize| format!("{{\"type\":\"null\",\"x\":[{}0]}}", "{\"\":0},".repeat(count));
    for count in [47_000, 500_000] {
        assert_small("a.avro", &avro::avro(&schema(count), &[], b""));
    }
    for columns in [2 << 20, 10 << 20] {
        assert_small("a.csv", "card,".repeat(columns).as_bytes());
        let names = (0..columns / 2).map(|number| format!("card {number},")).collect::<Vec<_>>().concat();
        assert_small("a.csv", names.as_bytes());
    }
}
